"""Which stage a game has: an entry for each class of games."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from leaderbored.games.cleared import Cleared
from leaderbored.games.curved import Curved
from leaderbored.games.gathered import Gathered
from leaderbored.games.markov import Markov
from leaderbored.solvers.markov.bent import Bent
from leaderbored.solvers.markov.gathering import Gathering
from leaderbored.solvers.markov.reply import Plain
from leaderbored.solvers.markov.selling import Selling
from leaderbored.solvers.markov.stage import Stage

STAGES: dict[type, Callable[[Any], Stage]] = {
    Markov: Plain,
    Curved: Bent,
    Cleared: Selling,
    Gathered: Gathering,
}


def stage_of(game: Markov) -> Stage:
    """The stage of a game: that of the nearest of its classes.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, mechanisms={"fungibility": {"loss": 0.1}})
    >>> type(stage_of(race.markov())).__name__
    'Bent'
    """
    return next(STAGES[kind] for kind in type(game).__mro__ if kind in STAGES)(game)

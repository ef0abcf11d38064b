"""The system of equations of a race."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leaderbored.games.markov import Markov
from leaderbored.solvers.markov.leasing import Leasing
from leaderbored.solvers.markov.meeting import Customers, Meeting
from leaderbored.solvers.markov.system import System

if TYPE_CHECKING:
    from leaderbored.race import Race


def meeting(race: Race) -> Meeting | None:
    """The stage in which the players of a race meet; None where they do not.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=5,
    ...                mechanisms={"spillover": {"share": 0.5}})
    >>> type(meeting(race)).__name__
    'Customers'
    """
    lease = race.mechanisms.lease
    if lease is not None and not lease.neutral:
        return Leasing(race.markov(), lease.friction)
    return Customers(race) if race.mechanisms.coupled else None


def system_of(game: Race | Markov) -> System:
    """The system of a race or of another game, with the stage in which its players meet.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=5)
    >>> type(system_of(race).stage).__name__
    'Plain'
    """
    if isinstance(game, Markov):
        return System(game)
    stage = meeting(game)
    return System(game.markov()) if stage is None else System(stage.game, stage=stage)

"""Compute that persuades, at an equilibrium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leaderbored.games.curved import Curved
from leaderbored.games.markov import Array
from leaderbored.solvers.solution import game_of

if TYPE_CHECKING:
    from leaderbored.solvers import Solution


def persuasion(solution: Solution, equilibrium: int = 0) -> Array:
    """Shares of compute that persuade at an equilibrium.

    Parameters
    ----------
    solution : Solution
        Of a race with hype.
    equilibrium : int, default 0

    Returns
    -------
    (N, S) array

    Raises
    ------
    ValueError
        If the race has no hype, or no such equilibrium.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(1.8),
    ...                lb.Technology(1), discount=0.2, rungs=1,
    ...                mechanisms={"hype": {"effectiveness": 2.0}})
    >>> persuasion(lb.solve(race))[:, 0].tolist()  # all are sold out
    [0.0, 0.0]
    """
    race = game_of(solution, "persuasion")
    if not 0 <= equilibrium < len(solution.equilibria):
        raise ValueError(f"persuasion: {solution.status.message}")
    found = solution.equilibria[equilibrium]
    assert isinstance(found.game, Curved)
    count = len(race.labs)
    return np.asarray((found.game.persuades(found.build) / found.game.capacity)[:count])

"""Players of a continuous game who may change places, and what that makes of strategies."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.continuous.program import Program

MOST = 5  # players of whom every order is made


def interchangeable(program: Program) -> bool:
    """Whether players of one strategy each may change places, as some points show.

    Parameters
    ----------
    program : Program
        Each of its players has one strategy.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> def game(second): return lb.Continuous([Player("A", {"x": [0, 1]}, "x * (1 - sum(x))"),
    ...                                         Player("B", {"x": [0, 1]}, second)])
    >>> [interchangeable(Program(game(f"x * ({a} - sum(x))"))) for a in (1, 2)]
    [True, False]
    """
    ends = np.array([program.lower[: program.n], program.upper[: program.n]]).T
    if (ends != ends[0]).any():
        return False
    x = ends[0, 0] + np.random.default_rng(0).random((program.n, 32)) * np.ptp(ends[0])
    first = program.payoff(0, x[:1].T, x)
    size = float(np.ptp(first[np.isfinite(first)])) if np.isfinite(first).any() else 0.0
    for places in permutations(range(program.n)):
        moved, g = x[[*places]], places.index(0)
        there = program.payoff(g, moved[g][:, None], moved)
        if not np.allclose(there, first, rtol=0, atol=1e-9 * size, equal_nan=True):
            return False
    return True


def images(program: Program, points: Iterable[Array]) -> list[Array]:
    """Points (n,), and those that few players who may change places make of them.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> program = Program(lb.Continuous([Player("A", {"x": [0, 1]}, "x", count=2)]))
    >>> [point.tolist() for point in images(program, [np.array([0.0, 1.0]), np.ones(2)])]
    [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    kept = [*points]
    single = program.n == len(program.own) <= MOST and bool((program.count == 1).all())
    if not (kept and single and np.isfinite(program.upper[: program.n]).all()):
        return kept
    if not (np.isfinite(program.lower[: program.n]).all() and interchangeable(program)):
        return kept
    orders = [[*order] for order in permutations(range(program.n))]
    every = {tuple(point[order]): point[order] for point in kept for order in orders}
    return [*every.values()]

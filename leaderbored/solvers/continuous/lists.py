"""Strategies that are whole numbers or listed: each combination, and what is real besides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.continuous.program import Program

STARTS = 8  # of real strategies, for each combination
ROUNDING = 1e-9  # of payoffs: less is no better choice


def combinations(program: Program) -> Iterator[Array]:
    """(n,) every combination of listed values, nan where strategies are real.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"n": [1, 2, 4]}, "n"), Player("B", {"x": [0, 1]}, "x")])
    >>> [x.tolist() for x in combinations(Program(game))]
    [[1.0, nan], [2.0, nan], [4.0, nan]]
    """
    nothing = np.array([np.nan])
    for values in product(*(nothing if own is None else own for own in program.listed)):
        yield np.array(values)


@contextmanager
def pinned(program: Program, chosen: Array) -> Iterator[None]:
    """While it lasts, listed strategies are bound to what is chosen.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> program = Program(lb.Continuous([Player("A", {"n": [1, 2, 4]}, "n")]))
    >>> with pinned(program, np.array([2.0])):
    ...     program.lower.tolist(), program.upper.tolist()
    ([2.0], [2.0])
    """
    before, fixed = (program.lower.copy(), program.upper.copy()), np.flatnonzero(~np.isnan(chosen))
    program.lower[fixed] = program.upper[fixed] = chosen[fixed]
    try:
        yield
    finally:
        program.lower, program.upper = before


def solved_each(
    program: Program, solve: Callable[[], Array], late: Callable[[], bool]
) -> Iterator[Array]:
    """(B, m) what ``solve`` finds with each combination, without what a listed value improves on.

    Parameters
    ----------
    program : Program
    solve : callable
        Solutions (B, m) of the program as it is bound.
    late : callable
        Whether to stop.
    """
    for chosen in combinations(program):
        if late():
            return
        with pinned(program, chosen):
            if np.isnan(chosen).any():
                found = solve()
            else:
                found = np.append(chosen, np.zeros(program.m - program.n))[None]
        yield np.array([z for z in found if _kept(program, z[: program.n])]).reshape(-1, program.m)


def _kept(program: Program, x: Array) -> bool:
    """Whether no player gains by another of its listed values, all else as it is."""
    for g, mine in enumerate(program.own):
        own = np.where(np.isnan(choices := program.choices(g)), x[mine], choices)
        paid, here = program.payoff(g, own, x), program.payoff(g, x[None, mine], x)[0]
        met = (program.slack(g, own, x) >= 0).all(axis=1)
        if (met & (paid > here + ROUNDING * max(abs(here), 1e-9))).any():
            return False
    return True

"""What is said of shares in a race of two labs, whatever found them: regret and verdict.

Both are those of sweeps: :mod:`.judge` and :mod:`.reading`, which share nothing with what finds
shares.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from leaderbored.solvers.kernels import rows
from leaderbored.solvers.kernels.batch import SAME, TOLERANCE
from leaderbored.solvers.kernels.jit import ready
from leaderbored.solvers.kernels.judge import regret
from leaderbored.solvers.kernels.reading import KINDS, NUMBERS, read
from leaderbored.solvers.kernels.tables import efforts, flows, tables

Array = Any


class Verdict(NamedTuple):
    """What is said of shares.

    Attributes
    ----------
    regret : float
        The larger of the two labs'.
    apart : float
        How far values are from those found here, relative to the largest, beyond rounding.
    kind : str
        Of the verdict, as in :data:`.reading.KINDS`.
    """

    regret: float
    apart: float
    kind: str

    @property
    def holds(self) -> bool:
        """Whether the shares are an equilibrium of these values."""
        return self.regret <= TOLERANCE and self.apart <= SAME and self.kind != ""


def judged(row: Array, rungs: int, value: Array, build: Array) -> Verdict:
    """Judge shares by the numbers of a race.

    Parameters
    ----------
    row : (C,) array
        Numbers of the race, see :func:`leaderbored.solvers.kernels.rows.row_of`.
    rungs : int
        G, the longest lead.
    value, build : (2, S) arrays
        By lab and lead of the first lab from -G to G; money, and shares.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.solvers.kernels.rows import by_state, row_of
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> found, line = lb.solve(race).equilibria[0], by_state(2).argsort()
    >>> judged(row_of(race), 2, found.value[:, line], found.build[:, line]).kind
    'run'
    >>> judged(row_of(race), 2, found.value[:, line], 0 * found.build).holds
    False
    """
    told = np.empty(len(NUMBERS))
    most, apart, kind = _kernel()(row, rungs, np.array(build), np.array(value), told)
    return Verdict(most, apart, KINDS[kind])


@cache
def _kernel() -> Callable[..., tuple[float, float, int]]:
    flat, square = np.ones(rows.NUMBERS), np.ones((2, 3))
    return ready(_judge, flat, 1, square, square, np.empty(len(NUMBERS)))


def _judge(
    row: Array, rungs: int, build: Array, value: Array, told: Array
) -> tuple[float, float, int]:
    """Regret, distance of values, and kind."""
    game, shape = tables(row, rungs), build.shape
    effort, hazard, earned = np.empty(shape), np.empty(shape), np.empty(shape)
    efforts(game, build, effort)
    flows(game, build, effort, hazard, earned)
    most, apart = regret(row, rungs, build, value)
    return most, apart, read(game, row, build, hazard, earned, told)

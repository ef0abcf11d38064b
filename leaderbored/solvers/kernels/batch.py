"""Solving many races of two labs: the kernel, on as many threads as there are processors.

Every point is solved by itself, from the same start whatever was solved before, so that neither the
order of points nor the number of threads makes a difference to the answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.solvers.kernels.iteration import settled
from leaderbored.solvers.kernels.jit import kept
from leaderbored.solvers.kernels.judge import regret
from leaderbored.solvers.kernels.linear import evaluate
from leaderbored.solvers.kernels.newton import ARRIVED
from leaderbored.solvers.kernels.precise import settle
from leaderbored.solvers.kernels.tables import flows, held, power

Array = Any
TOLERANCE = 1e-9  # largest regret that counts as an equilibrium
SAME = 1e-9  # distance of values from those found by the judge, beyond which one is wrong
PORTION = 256  # points that a thread takes at a time
SOLVED, UNSOLVED, IMPRECISE = 0, 1, 2


class Solved(NamedTuple):
    """Answers at P points.

    Attributes
    ----------
    status : (P,) int array
        SOLVED, or why the point is left to the single solver: UNSOLVED, IMPRECISE.
    regret : (P,) array
    value, build : (P, 2, S) arrays
        By lab and lead of the first lab from -G to G; not set where there is no answer.
    """

    status: NDArray[np.int8]
    regret: NDArray[np.float64]
    value: NDArray[np.float64]
    build: NDArray[np.float64]


@kept
def _solve(
    rows: Array, rungs: int, status: Array, regrets: Array, values: Array, builds: Array
) -> None:
    """Solve the races of some rows, and leave the answers in the arrays."""
    for p in range(rows.shape[0]):
        numbers = rows[p]
        status[p], regrets[p] = UNSOLVED, np.nan
        ended, game, build = settled(numbers, rungs)
        if ended != ARRIVED or not held(game):
            continue
        theta, shape = game.returns, build.shape
        effort, value = np.empty(shape), values[p]
        for i in range(2):
            for k in range(shape[1]):
                effort[i, k] = power(build[i, k], theta)
        hazard, earned = np.empty(shape), np.empty(shape)
        flows(game, build, effort, hazard, earned)
        value[:] = evaluate(game, hazard, earned)
        if settle(game, build, effort, value) != ARRIVED:
            continue
        builds[p] = build
        regrets[p], apart = regret(numbers, rungs, build, value)
        status[p] = SOLVED if regrets[p] <= TOLERANCE and apart <= SAME else IMPRECISE


def solve_rows(rows: Array, rungs: int, threads: int | None = None) -> Solved:
    """Solve races of two labs.

    Parameters
    ----------
    rows : (P, C) array
        Numbers of each race, see :func:`leaderbored.solvers.kernels.rows.row_of`.
    rungs : int
        G, of all of them.
    threads : int, optional
        By default one on each processor that the process may use.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.solvers.kernels.rows import row_of
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> found = solve_rows(np.array([row_of(race)]), 2)
    >>> found.build[0, 0].round(6).tolist(), bool(found.regret[0] < 1e-12)
    ([0.856956, 0.67727, 0.4, 0.12273, 0.0], True)
    """
    count, size = len(rows), 2 * rungs + 1
    found = Solved(
        np.empty(count, dtype=np.int8),
        np.empty(count),
        np.empty((count, 2, size)),
        np.empty((count, 2, size)),
    )
    portions(
        count, threads, lambda part: _solve(rows[part], rungs, *(array[part] for array in found))
    )
    return found


def portions(count: int, threads: int | None, work: Callable[[slice], None]) -> None:
    """Let threads do portions of a work."""
    parts = [slice(k, k + PORTION) for k in range(0, count, PORTION)]
    threads = min(threads or _processors(), len(parts))
    if threads <= 1:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, parts):
            pass


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""Solving many races of two labs: the kernel, on as many threads as there are processors.

Every point is solved by itself, from the same start whatever was solved before, so that neither the
order of points nor the number of threads makes a difference to the answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.solvers.kernels.iteration import ROUNDS, iterate, settled
from leaderbored.solvers.kernels.jit import is_kept, ready
from leaderbored.solvers.kernels.judge import regret
from leaderbored.solvers.kernels.linear import evaluate
from leaderbored.solvers.kernels.newton import ARRIVED
from leaderbored.solvers.kernels.precise import settle
from leaderbored.solvers.kernels.reading import NUMBERS, read
from leaderbored.solvers.kernels.tables import efforts, flows, held, tables

Array = Any
TOLERANCE = 1e-9  # largest regret that counts as an equilibrium
SAME = 1e-9  # distance of values from those found by the judge, beyond which one is wrong
PORTION = 256  # points that a thread takes at a time
SOLVED, UNSOLVED, IMPRECISE = 0, 1, 2


class Solved(NamedTuple):
    """Answers at P points; nan where there is none.

    Attributes
    ----------
    status : (P,) int array
        SOLVED, or why the point is left to the single solver: UNSOLVED, IMPRECISE.
    regret : (P,) array
    kind : (P,) int array
        Place of the verdict in :data:`.reading.KINDS`.
    numbers : (P, K) array
        By the names in :data:`.reading.NUMBERS`.
    tie : (P, 2) array
        Values of the labs at the tie.
    value, build : (P, 2, S) arrays
        By lab and lead of the first lab from -G to G; empty if they were not asked for.
    """

    status: NDArray[np.int8]
    regret: NDArray[np.float64]
    kind: NDArray[np.int8]
    numbers: NDArray[np.float64]
    tie: NDArray[np.float64]
    value: NDArray[np.float64]
    build: NDArray[np.float64]


def _solve(
    rows: Array,
    rungs: int,
    starts: Array,
    status: Array,
    regrets: Array,
    kinds: Array,
    told: Array,
    ties: Array,
    values: Array,
    builds: Array,
) -> None:
    """Solve the races of some rows, from given shares if any, and leave the answers in arrays."""
    for p in range(rows.shape[0]):
        status[p], regrets[p], kinds[p] = UNSOLVED, np.nan, 0
        if len(starts) > 0:
            game, build = tables(rows[p], rungs), starts[p].copy()
            for i in range(2):
                for k in range(build.shape[1]):
                    build[i, k] = min(max(build[i, k], game.lab[i].lower), game.lab[i].upper)
            ended = iterate(game, build, ROUNDS)
        else:
            ended, game, build = settled(rows[p], rungs)
        if ended != ARRIVED or not held(game):
            continue
        shape = build.shape
        effort, hazard, earned = np.empty(shape), np.empty(shape), np.empty(shape)
        efforts(game, build, effort)
        flows(game, build, effort, hazard, earned)
        value = evaluate(game, hazard, earned)
        if settle(game, build, effort, value) != ARRIVED:
            continue
        regrets[p], apart = regret(rows[p], rungs, build, value)
        if not (regrets[p] <= TOLERANCE and apart <= SAME):
            status[p] = IMPRECISE
            continue
        flows(game, build, effort, hazard, earned)
        kinds[p] = read(game, rows[p], build, hazard, earned, told[p])
        status[p] = SOLVED
        for i in range(2):
            ties[p, i] = value[i, rungs]
            if len(values) > 0:
                for k in range(shape[1]):
                    values[p, i, k], builds[p, i, k] = value[i, k], build[i, k]


def solve_rows(
    rows: Array,
    rungs: int,
    threads: int | None = None,
    *,
    profiles: bool = True,
    starts: Array | None = None,
) -> Solved:
    """Solve races of two labs.

    Parameters
    ----------
    rows : (P, C) array
        Numbers of each race, see :func:`leaderbored.solvers.kernels.rows.row_of`.
    rungs : int
        G, of all of them.
    threads : int, optional
        By default one on each processor that the process may use.
    profiles : bool, default True
        Whether to keep the values and shares in all states.
    starts : (P, 2, S) array, optional
        Shares from which each is sought, by lab and lead of the first lab, and from nowhere else:
        of several equilibria one near them, or none. By default idle compute builds at first, and
        other starts follow where that leads nowhere.

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
    count, kept = len(rows), len(rows) if profiles else 0
    shape = (kept, 2, 2 * rungs + 1)
    found = Solved(
        np.empty(count, dtype=np.int8),
        np.empty(count),
        np.empty(count, dtype=np.int8),
        np.full((count, len(NUMBERS)), np.nan),
        np.full((count, 2), np.nan),
        np.full(shape, np.nan),
        np.full(shape, np.nan),
    )
    rows, kernel = np.ascontiguousarray(rows, dtype=float), _kernel()
    begun = np.empty((0, *shape[1:])) if starts is None else np.ascontiguousarray(starts, float)

    def work(part: slice) -> None:
        kernel(rows[part], rungs, begun[part], *(array[part] for array in found))

    portions(count, threads, work)
    return found


@cache
def _kernel() -> Callable[..., None]:
    """The kernel, compiled before threads ask for it."""
    flat, square, cube = np.empty(0), np.empty((0, 0)), np.empty((0, 0, 0))
    small = np.empty(0, dtype=np.int8)
    return ready(_solve, square, 1, cube, small, flat, small, square, square, cube, cube)


def is_ready() -> bool:
    """Whether the kernel need not be compiled first."""
    return is_kept(_solve)


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

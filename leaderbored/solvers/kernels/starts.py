"""Newton's method from many policies in one race of two labs.

The steps and the rules are those of :class:`leaderbored.solvers.markov.batch.Batch`, which is the
twin: policies first answer each other for a few rounds, and what they arrive at is for the single
solver to polish and to confirm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.kernels import path
from leaderbored.solvers.kernels.iteration import valued
from leaderbored.solvers.kernels.jit import also, cache_folder, compiled, is_kept, ready
from leaderbored.solvers.kernels.newton import largest, newton_step
from leaderbored.solvers.kernels.rows import SET
from leaderbored.solvers.kernels.stage import replies
from leaderbored.solvers.kernels.tables import HERE, MET, OWN, Tables, effects, efforts

Array = Any
RUNAWAY_STEP = 1e6  # size of a step, relative to the values, of a policy that is given up
TOGETHER = 16  # policies between two looks at the clock


def arrivals(
    game: Tables,
    shares: Array,
    rounds: Sequence[int],
    weights: Sequence[float],
    steps: int,
    tolerance: float,
) -> tuple[Array, Array, Array]:
    """Where Newton's method leads to from shares (B, 2, S) on the line of leads.

    Parameters
    ----------
    game : Tables
    shares : (B, 2, S) array
    rounds : sequence of R int
        It sets out after so many rounds of best replies, each in turn; rising.
    weights : sequence of float
        Of the gain in the choice of pieces; policies take turns.
    steps : int
        Largest number of steps.
    tolerance : float
        Size of a step, relative to the largest value, at which a policy has arrived.

    Returns
    -------
    arrived : (B, R) bool array
    value, build : (B, R, 2, S) arrays
        Where it did.
    """
    shape = (len(shares), len(rounds), *shares.shape[1:])
    value, build = np.empty(shape), np.empty(shape)
    arrived, cleared = np.zeros(shape[:2], dtype=np.bool_), game.conduct != SET
    game, kernel = game if cleared else game._replace(met=None), _kernel(cleared)
    turns, counts = np.resize(weights, len(shares)), np.array(rounds, dtype=np.int64)
    shares = np.ascontiguousarray(shares, dtype=float)
    for first in range(0, len(shares), TOGETHER):
        checkpoint()
        part = slice(first, first + TOGETHER)
        out = (arrived[part], value[part], build[part])
        kernel(game, shares[part], counts, turns[part], steps, tolerance, *out)
    return arrived, value, build


def is_ready(cleared: bool) -> bool:
    """Whether the kernel need not be compiled first; that of markets that clear is another."""
    return is_kept(_arrive_cleared if cleared else _arrive)


@cache
def is_worthwhile() -> bool:
    """Whether machine code can be kept: compiling it for one process takes longer than it saves."""
    return cache_folder() is not None


@cache
def _kernel(cleared: bool) -> Callable[..., None]:
    """The kernel, compiled; meanwhile that of paths is, which are followed next."""
    path.begin_compiling(cleared)
    here, met = np.zeros((2, 3), HERE), np.zeros((2, 0), MET) if cleared else None
    game = Tables(1, 1.0, 0.5, 0.0, 0, np.zeros(2, OWN), here, met)
    flat, counts = np.empty(0), np.zeros(1, dtype=np.int64)
    shares, ends = np.empty((0, 2, 3)), np.empty((0, 1, 2, 3))
    entry, where = _arrive_cleared if cleared else _arrive, np.empty((0, 1), np.bool_)
    return ready(entry, game, shares, counts, flat, 1, 1.0, where, ends, ends)


def _arrive(
    game: Tables,
    shares: Array,
    rounds: Array,
    weights: Array,
    steps: int,
    tolerance: float,
    arrived: Array,
    values: Array,
    builds: Array,
) -> None:
    """Set out from each policy after each number of rounds, and leave the ends in the arrays."""
    shape = (2, shares.shape[2])
    effort, won = np.empty(shape), np.empty(shape)
    for b in range(shares.shape[0]):
        build, done = shares[b].copy(), 0
        efforts(game, build, effort)
        for r in range(len(rounds)):
            while done < rounds[r]:
                answer(game, build, effort)
                done += 1
            share, value = build.copy(), valued(game, build, effort)
            for i in range(2):
                for k in range(shape[1]):
                    won[i, k] = effort[i, k]
            arrived[b, r] = _descend(game, value, share, won, weights[b], steps, tolerance)
            for i in range(2):
                for k in range(shape[1]):
                    values[b, r, i, k], builds[b, r, i, k] = value[i, k], share[i, k]


_arrive_cleared = also(_arrive, "_arrive_cleared")


@compiled
def answer(game: Tables, build: Array, effort: Array) -> None:
    """Replace shares and their efforts by best replies to them."""
    value = valued(game, build, effort)
    felt, gains = np.empty((2, *build.shape)), np.empty(build.shape)
    effects(game, value, felt)
    for k in range(build.shape[1]):
        gains[0, k], gains[1, k] = felt[0, 0, k], felt[1, 1, k]
    replies(game, gains, largest(value), build, effort)


@compiled
def _descend(
    game: Tables,
    value: Array,
    build: Array,
    effort: Array,
    weight: float,
    steps: int,
    tolerance: float,
) -> bool:
    for _ in range(steps):
        scale, moved, shift, pivots, _ = newton_step(game, value, build, effort, weight)
        size = max(moved / (scale if scale > 0 else 1.0), shift)
        if not size < RUNAWAY_STEP or pivots == 0:
            return False
        if size <= tolerance:
            return True
    return False

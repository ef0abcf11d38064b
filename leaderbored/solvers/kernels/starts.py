"""Newton's method from many policies in one race of two labs.

The steps and the rules are those of :class:`leaderbored.solvers.markov.batch.Batch`, which is the
twin: policies first answer each other for a few rounds, and what they arrive at is for the single
solver to polish and to confirm. One that comes to be worth what an earlier one is worth that has
arrived goes no further, as Newton's method would lead it there.
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
ENDS = 8  # first ones that later policies are compared with
NEW, LOST = -1, -2  # ends that are none of these
CLOSE = 1e-6  # distance in values, relative to the largest, from which Newton's method leads there


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
    shares, ends = np.ascontiguousarray(shares, dtype=float), np.full(ENDS, -1)
    for first in range(0, len(shares), TOGETHER):
        checkpoint()
        some = first, min(first + TOGETHER, len(shares))
        kernel(game, shares, some, counts, turns, steps, tolerance, arrived, value, build, ends)
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
    shares, out = np.empty((0, 2, 3)), np.empty((0, 1, 2, 3))
    entry, where = _arrive_cleared if cleared else _arrive, np.empty((0, 1), np.bool_)
    return ready(entry, game, shares, (0, 0), counts, flat, 1, 1.0, where, out, out, counts)


def _arrive(
    game: Tables,
    shares: Array,
    some: tuple[int, int],
    rounds: Array,
    weights: Array,
    steps: int,
    tolerance: float,
    arrived: Array,
    values: Array,
    builds: Array,
    ends: Array,
) -> None:
    """Set out from some policies after each number of rounds, and leave the ends in the arrays.

    ``ends`` are the places of the first that are apart, in ``values`` without its first division;
    -1 for none.
    """
    shape = (2, shares.shape[2])
    effort, won = np.empty(shape), np.empty(shape)
    known, reached = values.reshape((-1, *shape)), builds.reshape((-1, *shape))
    for b in range(some[0], some[1]):
        build, done, place = shares[b].copy(), 0, b * len(rounds)
        efforts(game, build, effort)
        value = valued(game, build, effort)
        end = _known(known, ends, value)
        for r in range(len(rounds)):
            while end < 0 and done < rounds[r]:
                answer(game, value, build, effort)
                value = valued(game, build, effort)
                end, done = _known(known, ends, value), done + 1
            share, there = build.copy(), value.copy()
            last = end
            if end < 0:
                _copy(effort, won)
                last = _descend(game, there, share, won, weights[b], steps, tolerance, known, ends)
            arrived[b, r] = last != LOST
            if last >= 0:
                _copy(known[last], there)
                _copy(reached[last], share)
            _copy(there, known[place + r])
            _copy(share, reached[place + r])
            if last == NEW:
                _note(ends, place + r)


_arrive_cleared = also(_arrive, "_arrive_cleared")


@compiled
def answer(game: Tables, value: Array, build: Array, effort: Array) -> None:
    """Replace shares of such values, and their efforts, by best replies to them."""
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
    known: Array,
    ends: Array,
) -> int:
    """The place of the known end that it leads to; NEW or LOST if it leads to none."""
    for _ in range(steps):
        scale, moved, shift, pivots, _ = newton_step(game, value, build, effort, weight)
        size = max(moved / (scale if scale > 0 else 1.0), shift)
        if not size < RUNAWAY_STEP or pivots == 0:
            return LOST
        end = _known(known, ends, value)
        if end >= 0:
            return end
        if size <= tolerance:
            return NEW
    return LOST


@compiled
def _known(known: Array, ends: Array, value: Array) -> int:
    """The place of an end of such values; NEW if there is none."""
    for place in ends:
        if place < 0:
            break
        if _alike(known[place], value):
            return int(place)
    return NEW


@compiled
def _alike(one: Array, other: Array) -> bool:
    """Whether values (2, S) are the same but for a small part of the largest."""
    reach = CLOSE * largest(one)
    for i in range(2):
        for k in range(one.shape[1]):
            if not abs(one[i, k] - other[i, k]) <= reach:
                return False
    return True


@compiled
def _note(ends: Array, place: int) -> None:
    """Keep the place of an end, while there is room."""
    for e in range(len(ends)):
        if ends[e] < 0:
            ends[e] = place
            break


@compiled
def _copy(one: Array, other: Array) -> None:
    """Write an array (2, S) into another."""
    for i in range(2):
        for k in range(one.shape[1]):
            other[i, k] = one[i, k]

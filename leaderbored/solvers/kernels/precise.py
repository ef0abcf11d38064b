r"""Gains too small for one double, on the line of leads, and what the labs do about them.

What :mod:`leaderbored.solvers.markov.precise` does and why stands there; it is the twin. Values are
sums of two doubles, kept in two arrays, and refined until their equations hold to thirty digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.linear import evaluate
from leaderbored.solvers.kernels.newton import ARRIVED, DOUBTFUL, largest
from leaderbored.solvers.kernels.rows import SET
from leaderbored.solvers.kernels.stage import replies
from leaderbored.solvers.kernels.tables import Tables, effects, flows, power

Array = Any
Double = tuple[float, float]
SMALL = 1e-9  # gains below this share of the largest value are looked at again
FINER = 1e-14  # rounding of sums of two doubles, over that of one
REFINEMENTS, ROUNDS = 6, 60
SAME = 1e-9  # relative change of hazards at which replies have settled
PINNED = 1e-6  # of the gain at the ends of a level, to which the shares hold it
MOVED = 1e-9  # of the largest value: more than small gains can move
SPLIT = 134217729.0  # 2**27 + 1


@compiled
def settle(game: Tables, build: Array, effort: Array, value: Array) -> int:
    """Reply to the true signs and sizes of small gains; shares and values are left there."""
    shape, scale = build.shape, largest(value)
    felt, gains = np.empty((2, *shape)), np.empty(shape)
    effects(game, value, felt)
    small, several = np.zeros(shape, dtype=np.bool_), False
    for i in range(2):
        for k in range(shape[1]):
            gains[i, k] = felt[i, i, k]
            small[i, k] = game.at[i, k].movable and abs(gains[i, k]) <= SMALL * scale
            several = several or small[i, k]
    if not several or not scale > 0:
        return ARRIVED
    if not _unpinned(game, build, small):
        return ARRIVED
    tried, won = build.copy(), effort.copy()
    reply, answer = np.empty(shape), np.empty(shape)
    high = value
    for _ in range(ROUNDS):
        high, low = worth(game, tried, won)
        for i in range(2):
            for k in range(shape[1]):
                gains[i, k] = gain(game, high[i], low[i], i, k)
        replies(game, gains, FINER * scale, reply, answer)
        still = True
        for i in range(2):
            for k in range(shape[1]):
                if small[i, k]:
                    before = game.at[i, k].scale * won[i, k] + game.at[i, k].base
                    after = game.at[i, k].scale * answer[i, k] + game.at[i, k].base
                    tried[i, k], won[i, k] = reply[i, k], answer[i, k]
                    still = still and abs(after - before) <= SAME * max(after, before)
        if still:
            break
    else:
        return DOUBTFUL
    for i in range(2):
        for k in range(shape[1]):
            if not abs(high[i, k] - value[i, k]) <= MOVED * scale:
                return DOUBTFUL
    for i in range(2):
        for k in range(shape[1]):
            build[i, k], effort[i, k], value[i, k] = tried[i, k], won[i, k], high[i, k]
    return ARRIVED


@compiled
def _unpinned(game: Tables, build: Array, small: Array) -> bool:
    """Leave out of the small gains those that shares between their ends hold at zero; any left?"""
    shape, between = build.shape, np.zeros(build.shape, dtype=np.bool_)
    levels = left = False
    for i in range(2):
        for k in range(shape[1]):
            between[i, k] = (
                small[i, k] and build[i, k] > game.lab[i].lower and build[i, k] < game.at[i, k].idle
            )
            levels = levels or between[i, k]
            left = left or (small[i, k] and not between[i, k])
    if not levels:
        return left
    sizes = np.empty((3, *shape))
    for way in range(3):
        share, won = build.copy(), np.empty(shape)
        for i in range(2):
            for k in range(shape[1]):
                if between[i, k] and way > 0:
                    share[i, k] = game.lab[i].lower if way == 1 else game.at[i, k].idle
                won[i, k] = power(share[i, k], game.returns)
        high, low = worth(game, share, won)
        for i in range(2):
            for k in range(shape[1]):
                sizes[way, i, k] = abs(gain(game, high[i], low[i], i, k))
    left = False
    for i in range(2):
        for k in range(shape[1]):
            most = max(sizes[1, i, k], sizes[2, i, k])
            if between[i, k] and sizes[0, i, k] <= PINNED * most:
                small[i, k] = False
            left = left or small[i, k]
    return left


@compiled
def worth(game: Tables, build: Array, effort: Array) -> tuple[Array, Array]:
    """Values of shares that are played for ever, the larger and the smaller parts."""
    shape, last = build.shape, np.inf
    hazard, earned, rest = np.empty(shape), np.empty(shape), np.empty(shape)
    flows(game, build, effort, hazard, earned)
    for i in range(2):
        compute = game.lab[i].compute
        for k in range(shape[1]):
            if game.conduct != SET:
                rest[i, k] = 0.0
                continue
            full = game.at[i, k].price * compute
            met = build[i, k] <= game.at[i, k].idle
            if met and game.at[i, k].demand <= (1 - game.lab[i].lower) * compute:
                earned[i, k], rest[i, k] = game.at[i, k].price * game.at[i, k].demand, 0.0
            else:
                earned[i, k], rest[i, k] = two_sum(full, -full * build[i, k])
    high, low, left = np.zeros(shape), np.zeros(shape), earned.copy()
    for _ in range(REFINEMENTS):
        more = evaluate(game, hazard, left)
        for i in range(2):
            for k in range(shape[1]):
                high[i, k], low[i, k] = add(high[i, k], low[i, k], more[i, k], 0.0)
        _residual(game, hazard, earned, rest, high, low, left)
        size = largest(left)
        if not size < last / 10:
            break
        last = size
    return high, low


@compiled
def _residual(
    game: Tables, hazard: Array, earned: Array, rest: Array, high: Array, low: Array, left: Array
) -> None:
    """What is missing in each equation, rounded to one double."""
    rungs, last = game.rungs, 2 * game.rungs
    for i in range(2):
        for k in range(last + 1):
            h, r = high[i, k], low[i, k]
            a, b = times(-game.discount, h, r)
            a, b = add(earned[i, k], rest[i, k], a, b)
            for j in range(2):
                step, top = (k + 1, rungs + 1) if j == 0 else (k - 1, rungs - 1)
                if game.at[j, k].climb > 0:
                    c, d = add(high[i, step], low[i, step], -h, -r)
                    c, d = times(hazard[j, k] * game.at[j, k].climb, c, d)
                    a, b = add(a, b, c, d)
                if game.at[j, k].leap > 0:
                    c, d = add(high[i, top], low[i, top], -h, -r)
                    c, d = times(hazard[j, k] * game.at[j, k].leap, c, d)
                    a, b = add(a, b, c, d)
            left[i, k] = a + b


@compiled
def gain(game: Tables, high: Array, low: Array, i: int, k: int) -> float:
    """What a success of its own adds at place k to the value of lab i."""
    step, top = (k + 1, game.rungs + 1) if i == 0 else (k - 1, game.rungs - 1)
    a, b = 0.0, 0.0
    if game.at[i, k].climb > 0:
        a, b = add(high[step], low[step], -high[k], -low[k])
        a, b = times(game.at[i, k].climb, a, b)
    if game.at[i, k].leap > 0:
        c, d = add(high[top], low[top], -high[k], -low[k])
        c, d = times(game.at[i, k].leap, c, d)
        a, b = add(a, b, c, d)
    return a + b


@compiled
def two_sum(a: float, b: float) -> Double:
    """Sum without error."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@compiled
def add(a: float, b: float, c: float, d: float) -> Double:
    """The sum of two doubles and of two others."""
    s, error = two_sum(a, c)
    t, rest = two_sum(b, d)
    error += t
    high = s + error
    error -= high - s
    error += rest
    total = high + error
    return total, error - (total - high)


@compiled
def times(factor: float, a: float, b: float) -> Double:
    """The product of a double and of two."""
    p = factor * a
    wide = SPLIT * factor
    big = wide - (wide - factor)
    small = factor - big
    wide = SPLIT * a
    upper = wide - (wide - a)
    lower = a - upper
    error = ((big * upper - p) + big * lower + small * upper) + small * lower
    error += factor * b
    total = p + error
    return total, error - (total - p)

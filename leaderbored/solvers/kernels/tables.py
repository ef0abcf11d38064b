r"""Numbers of a race of two labs, and the arrays they make on the line of signed leads.

States are the leads x = -G, ..., G of the first lab, at places k = x + G: a success of the first
lab leads one place up, one of the second one place down, and a laggard's, with the chance
:math:`\chi`, over the tie to a lead of one. The twin of this module is
:meth:`leaderbored.race.Race.markov`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.rows import (
    BRAND,
    COMPUTE,
    DISCOUNT,
    DRAFTING,
    FLYWHEEL,
    HANDICAP,
    LAB,
    LEAPFROG,
    LOWER,
    NUMBERS,
    OWN,
    PREMIUM,
    PRICE,
    PRODUCTIVITY,
    RETURNS,
    SCARCITY,
    SWITCHING,
    TALENT,
    UPPER,
)

QUICKEST = 1e6  # hazards over the discount rate, beyond which values lose six digits
FARTHEST = 1e100  # numbers and their inverses
FLATTEST = 1e-3  # returns

Array = Any  # typed by numba; (2, S) float arrays if nothing else is said


class Tables(NamedTuple):
    """A race on the line; arrays (2, S) by lab and place."""

    rungs: int
    discount: float
    returns: float
    leapfrog: float
    compute: Array  # (2,)
    scale: Array
    base: Array
    price: Array
    demand: Array
    lower: Array  # (2,)
    upper: Array  # (2,)
    idle: Array
    least: Array  # (2,) efforts of the bounds, and (2, S) of idle compute
    free: Array
    most: Array  # (2,)
    movable: Array
    climb: Array  # chances that a success leads to the next place, and over the tie
    leap: Array


@compiled
def power(base: float, exponent: float) -> float:
    """A power; roots and squares, the usual ones, at no cost."""
    if exponent == 0.5:
        return float(np.sqrt(base))
    if exponent == 2.0:
        return base * base
    return float(base**exponent)


@compiled
def tables(numbers: Array, rungs: int) -> Tables:
    """The tables of a race with so many rungs, or of the same with fewer."""
    size, ladder = 2 * rungs + 1, numbers.shape[0] > NUMBERS
    theta = numbers[RETURNS]
    shape = (2, size)
    scale, base, price = np.empty(shape), np.empty(shape), np.empty(shape)
    demand, idle, free = np.empty(shape), np.empty(shape), np.empty(shape)
    climb, leap = np.empty(shape), np.empty(shape)
    movable = np.empty(shape, dtype=np.bool_)
    compute, lower, upper, least, most = (
        np.empty(2),
        np.empty(2),
        np.empty(2),
        np.empty(2),
        np.empty(2),
    )
    total = numbers[LAB + COMPUTE] + numbers[LAB + OWN + COMPUTE]
    for i in range(2):
        mine, other = LAB + i * OWN, LAB + (1 - i) * OWN
        compute[i] = numbers[mine + COMPUTE]
        lower[i], upper[i] = numbers[mine + LOWER], numbers[mine + UPPER]
        least[i], most[i] = power(lower[i], theta), power(upper[i], theta)
        hazard = numbers[PRODUCTIVITY] * numbers[mine + TALENT] * compute[i] ** theta
        for k in range(size):
            ahead = k - rungs if i == 0 else rungs - k
            behind, lead = max(-ahead, 0), max(ahead, 0)
            scale[i, k] = hazard * np.exp(numbers[FLYWHEEL] * lead)
            scale[i, k] *= np.exp(-numbers[HANDICAP] * behind)
            base[i, k] = numbers[DRAFTING] * behind
            if ladder:
                price[i, k] = numbers[NUMBERS + lead]
                demand[i, k] = np.inf
            else:
                weight = numbers[mine + BRAND] * np.exp(-numbers[SWITCHING] * behind)
                rival = numbers[other + BRAND] * np.exp(-numbers[SWITCHING] * lead)
                demand[i, k] = numbers[SCARCITY] * total * weight / (weight + rival)
                price[i, k] = numbers[PRICE] * np.exp(-numbers[PREMIUM] * behind)
            unsold = 1 - min(demand[i, k] / compute[i], 1.0)
            idle[i, k] = min(max(unsold, lower[i]), upper[i])
            free[i, k] = power(idle[i, k], theta)
            movable[i, k] = scale[i, k] > 0 and upper[i] > lower[i] and ahead < rungs
            leap[i, k] = numbers[LEAPFROG] if ahead < 0 else 0.0
            climb[i, k] = 0.0 if ahead >= rungs else 1 - leap[i, k]
    return Tables(
        rungs,
        numbers[DISCOUNT],
        theta,
        numbers[LEAPFROG],
        compute,
        scale,
        base,
        price,
        demand,
        lower,
        upper,
        idle,
        least,
        free,
        most,
        movable,
        climb,
        leap,
    )


@compiled
def held(game: Tables) -> bool:
    """Whether doubles hold the values of the game, and both labs ever earn anything."""
    fastest = most = 0.0
    fits = within(game.discount)
    for i in range(2):
        quick = rich = dear = 0.0
        for k in range(game.scale.shape[1]):
            quick = max(quick, game.scale[i, k] * game.most[i] + game.base[i, k])
            sold = min(game.compute[i], game.demand[i, k])
            rich, dear = max(rich, game.price[i, k] * sold), max(dear, game.price[i, k])
        fits = fits and within(quick) and within(rich) and dear > 0
        fastest, most = max(fastest, quick), max(most, rich)
    return fits and fastest <= QUICKEST * game.discount and game.returns >= FLATTEST


@compiled
def within(size: float) -> bool:
    """Whether products of a few numbers of a size are doubles."""
    return size == 0 or (size >= 1 / FARTHEST and size <= FARTHEST)


@compiled
def flows(game: Tables, build: Array, effort: Array, hazard: Array, earned: Array) -> None:
    """Hazards and payoffs of shares and their efforts, left in the last two arrays."""
    scale, base, price, demand = game.scale, game.base, game.price, game.demand
    for i in range(2):
        compute = game.compute[i]
        for k in range(build.shape[1]):
            hazard[i, k] = scale[i, k] * effort[i, k] + base[i, k]
            earned[i, k] = price[i, k] * min((1 - build[i, k]) * compute, demand[i, k])


@compiled
def effects(game: Tables, value: Array, out: Array) -> None:
    """What a success of lab j adds at place k to the value of lab i, left in ``out[i, j, k]``."""
    rungs, last, climb, leap = game.rungs, 2 * game.rungs, game.climb, game.leap
    for i in range(2):
        for k in range(last + 1):
            here = value[i, k]
            above, below = value[i, min(k + 1, last)] - here, value[i, max(k - 1, 0)] - here
            out[i, 0, k] = climb[0, k] * above + leap[0, k] * (value[i, rungs + 1] - here)
            out[i, 1, k] = climb[1, k] * below + leap[1, k] * (value[i, rungs - 1] - here)


@compiled
def efforts(game: Tables, build: Array, effort: Array) -> None:
    """Efforts of shares, left in the last array."""
    for i in range(2):
        for k in range(build.shape[1]):
            effort[i, k] = power(build[i, k], game.returns)

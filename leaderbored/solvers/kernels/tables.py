r"""Numbers of a race of two labs, and the arrays they make on the line of signed leads.

States are the leads x = -G, ..., G of the first lab, at places k = x + G: a success of the first
lab leads one place up, one of the second one place down, and a laggard's, with the chance
:math:`\chi`, over the tie to a lead of one. The twin of this module is
:meth:`leaderbored.race.Race.markov`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from leaderbored.solvers.kernels.clearing import clear, margin, unserved, wanted
from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.rows import (
    BRAND,
    COMPUTE,
    CONDUCT,
    DISCOUNT,
    DRAFTING,
    FLYWHEEL,
    HANDICAP,
    LAB,
    LEAPFROG,
    LOWER,
    NUMBERS,
    OPENNESS,
    PREMIUM,
    PRICE,
    PRODUCTIVITY,
    QUANTITY,
    RETURNS,
    SCARCITY,
    SET,
    SWITCHING,
    TALENT,
    UPPER,
    WORTH,
)
from leaderbored.solvers.kernels.rows import OWN as NEXT

QUICKEST = 1e6  # hazards over the discount rate, beyond which values lose six digits
FARTHEST = 1e100  # numbers and their inverses
FLATTEST = 1e-3  # returns

Array = Any  # typed by numba; (2, S) float arrays if nothing else is said


OWN = np.dtype([(name, float) for name in ("compute", "lower", "upper", "least", "most")])
"""A lab: compute, bounds, and their efforts."""

HERE = np.dtype(
    [
        *((name, float) for name in ("scale", "base", "price", "demand", "idle", "free")),
        *((name, float) for name in ("climb", "leap", "worth", "wanted", "most")),
        ("movable", bool),
    ],
    align=True,
)
"""A lab at a place: idle compute and its effort, chances that a success leads to the next place and
over the tie, and whether there is a choice. Where prices clear the market ``price`` is money per
unit of taste and ``demand`` all customers; what is sold is worth x, and most sales are Y times
those unserved, of which ``wanted`` is the logarithm."""

MET = np.dtype(
    [
        *((name, float) for name in ("log", "unserved", "build", "sold", "margin", "follows")),
        *((name, float) for name in ("push", "eager", "stake")),
        ("free", bool),
    ],
    align=True,
)
"""A lab at a place where the stage game was solved last: the logarithm of sales over the unserved,
these, its share, what it sells, what one more unit would be worth to it, the parts by which sales
follow the unserved and fall as its push c rises, that push, its stake, and whether that moves its
share."""


class Tables(NamedTuple):
    """A race on the line; a few arrays of records, as every array of its own takes compiling."""

    rungs: int
    discount: float
    returns: float
    leapfrog: float
    conduct: int
    lab: Array  # (2,) records of OWN
    at: Array  # (2, S) records of HERE
    met: Any  # (2, S) records of MET where prices clear the market, else (2, 0) or None


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
    size, conduct = 2 * rungs + 1, int(numbers[CONDUCT])
    theta, lab, at = numbers[RETURNS], np.empty(2, dtype=OWN), np.empty((2, size), dtype=HERE)
    for i in range(2):
        mine, own = LAB + i * NEXT, lab[i]
        compute, lower, upper = (
            numbers[mine + COMPUTE],
            numbers[mine + LOWER],
            numbers[mine + UPPER],
        )
        own.compute, own.lower, own.upper = compute, lower, upper
        own.least, own.most = power(lower, theta), power(upper, theta)
        hazard = numbers[PRODUCTIVITY] * numbers[mine + TALENT] * compute**theta
        for k in range(size):
            here = at[i, k]
            ahead = k - rungs if i == 0 else rungs - k
            behind, lead = max(-ahead, 0), max(ahead, 0)
            here.scale = hazard * np.exp(numbers[FLYWHEEL] * lead)
            here.scale *= np.exp(-numbers[HANDICAP] * behind)
            here.base = numbers[DRAFTING] * behind
            _offer(numbers, i, lead, behind, here)
            here.idle = min(max(1 - min(here.demand / compute, 1.0), lower), upper)
            here.free = power(here.idle, theta)
            here.movable = here.scale > 0 and upper > lower and ahead < rungs
            here.leap = numbers[LEAPFROG] if ahead < 0 else 0.0
            here.climb = 0.0 if ahead >= rungs else 1 - here.leap
    met = np.zeros((2, size if conduct != SET else 0), dtype=MET)
    game = Tables(rungs, numbers[DISCOUNT], theta, numbers[LEAPFROG], conduct, lab, at, met)
    for k in range(met.shape[1]):
        left = without(game, k, lab[0].lower, lab[1].lower)
        for i in range(2):
            at[i, k].idle = unsold(at[i, k], lab[i], left)
            at[i, k].free = power(at[i, k].idle, theta)
            met[i, k].unserved, met[i, k].log = left, np.inf
    return game


@compiled
def _offer(numbers: Array, i: int, lead: int, behind: int, here: Array) -> None:
    """Price, demand, and worth of what a lab sells so many rungs ahead or behind, left there."""
    mine, other = LAB + i * NEXT, LAB + (1 - i) * NEXT
    total = numbers[mine + COMPUTE] + numbers[other + COMPUTE]
    here.price, here.demand = numbers[PRICE], numbers[SCARCITY] * total
    here.worth = here.wanted = here.most = 0.0
    if numbers.shape[0] > NUMBERS:
        here.price, here.demand = numbers[NUMBERS + lead], np.inf
    elif numbers[CONDUCT] == SET:
        weight = numbers[mine + BRAND] * np.exp(-numbers[SWITCHING] * behind)
        rival = numbers[other + BRAND] * np.exp(-numbers[SWITCHING] * lead)
        here.demand *= weight / (weight + rival)
        here.price *= np.exp(-numbers[PREMIUM] * behind)
    else:
        rise = (1 - numbers[OPENNESS]) * max(lead, behind) - behind
        here.worth = numbers[WORTH] + np.log(numbers[mine + BRAND]) + numbers[SWITCHING] * rise
        here.wanted = wanted(here.worth, 1.0 if numbers[CONDUCT] == QUANTITY else 0.0)
        here.most = np.exp(here.wanted)


@compiled
def without(game: Tables, k: int, first: float, second: float) -> float:
    """Customers unserved at a place where prices clear the market and labs build such shares."""
    one, other = game.at[0, k], game.at[1, k]
    room, space = (1 - first) * game.lab[0].compute, (1 - second) * game.lab[1].compute
    return unserved(one.demand, room, one.most, space, other.most)


@compiled
def unsold(here: Array, own: Array, left: float) -> float:
    """Share of compute that is left over where so many customers are unserved, within bounds."""
    idle = 1 - min(here.most * left / own.compute, 1.0)
    return float(min(max(idle, own.lower), own.upper))


@compiled
def sales(conduct: int, here: Array, own: Array, share: float, left: float) -> tuple[float, float]:
    """What a lab sells where so many are unserved, and earns by it."""
    tilt, room = 1.0 if conduct == QUANTITY else 0.0, (1 - share) * own.compute
    sold, bare = here.most * left, 0.0
    if room < sold:
        sold = room
        if not room > 0:
            return 0.0, 0.0
        bare = margin(here.worth, tilt, room / left)
        bare = clear(here.worth, tilt, here.demand / left + own.compute / room, bare)
    return sold, here.price * (bare + tilt * (1 + sold / left)) * sold


@compiled
def held(game: Tables) -> bool:
    """Whether doubles hold the values of the game, and both labs ever earn anything."""
    fastest = most = 0.0
    fits = within(game.discount)
    for i in range(2):
        quick = rich = dear = 0.0
        for k in range(game.at.shape[1]):
            quick = max(quick, game.at[i, k].scale * game.lab[i].most + game.at[i, k].base)
            sold = min(game.lab[i].compute, game.at[i, k].demand)
            rich, dear = max(rich, game.at[i, k].price * sold), max(dear, game.at[i, k].price)
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
    for k in range(build.shape[1]):
        left = 0.0
        if game.conduct != SET:
            left = without(game, k, build[0, k], build[1, k])
        for i in range(2):
            here = game.at[i, k]
            hazard[i, k] = here.scale * effort[i, k] + here.base
            earned[i, k] = brings(game.conduct, here, game.lab[i], build[i, k], left)


@compiled
def brings(conduct: int, here: Array, own: Array, share: float, left: float) -> float:
    """Payoff of a share, where so many customers are unserved if prices clear the market."""
    if conduct == SET:
        return float(here.price * min((1 - share) * own.compute, here.demand))
    return sales(conduct, here, own, share, left)[1]


@compiled
def effects(game: Tables, value: Array, out: Array) -> None:
    """What a success of lab j adds at place k to the value of lab i, left in ``out[i, j, k]``."""
    rungs, last = game.rungs, 2 * game.rungs
    for i in range(2):
        for k in range(last + 1):
            here = value[i, k]
            above, below = value[i, min(k + 1, last)] - here, value[i, max(k - 1, 0)] - here
            over, under = value[i, rungs + 1] - here, value[i, rungs - 1] - here
            out[i, 0, k] = game.at[0, k].climb * above + game.at[0, k].leap * over
            out[i, 1, k] = game.at[1, k].climb * below + game.at[1, k].leap * under


@compiled
def efforts(game: Tables, build: Array, effort: Array) -> None:
    """Efforts of shares, left in the last array."""
    for i in range(2):
        for k in range(build.shape[1]):
            effort[i, k] = power(build[i, k], game.returns)

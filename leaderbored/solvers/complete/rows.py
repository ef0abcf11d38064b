"""Rows of numbers of two labs at every lead, in doubles rounded outwards from balls."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from flint import arb, ctx

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.complete import lab, seller
from leaderbored.solvers.markov.enclosed_seller import free
from leaderbored.solvers.numerics.krawczyk import UnprovedError

BITS = 128


def rows(game: Markov, place: Array) -> Array | None:
    """(2, S, FIELDS) numbers of each lab at each lead; None if a lab earns nothing from compute."""
    table = np.empty((2, len(place), lab.FIELDS))
    with ctx.workprec(BITS):
        for i in range(2):
            for k, s in enumerate(place):
                row = _row(game, i, int(s))
                if row is None:
                    return None
                table[i, k] = row
    ends = ((0, len(place) - 1), (1, 0))
    for i, k in ends:  # where success changes nothing
        table[i, k, lab.SCALE] = table[i, k, lab.BASE] = 0.0
    return table if np.isfinite(table).all() else None


def _row(game: Markov, i: int, s: int) -> list[float] | None:
    if isinstance(game, Cleared):
        return _selling(game, i, s)
    theta = arb(game.returns)
    low, high = arb(float(game.lower[i, s])), arb(float(game.upper[i, s]))
    scale, base = float(game.scale[i, s]), float(game.base[i, s])
    price, capacity = arb(float(game.price[i, s])), arb(float(game.capacity[i, s]))
    demand, cost = float(game.demand[i, s]), price * capacity
    movable = bool(game.movable[i, s])
    if not cost > 0 or not scale >= 0 or not base >= 0:
        return None
    idle = low
    if demand < float(game.capacity[i, s]):
        idle = (1 - arb(demand) / capacity).max(low).min(high)

    def earned(share: Any) -> Any:
        sold = cost * (1 - share)
        return sold if demand == math.inf else sold.min(price * arb(demand))

    e_low, e_idle, e_high = power(low, theta), power(idle, theta), power(high, theta)
    if low == idle:  # the same numbers: no room in between
        e_idle = e_low
    spare = movable and bool(idle > low)
    if movable and not spare and not (idle - low).is_zero():
        return None  # which it is balls cannot tell
    s_ball = arb(scale)
    if movable:
        worth, dear = theta * s_ball / cost, cost / (theta * s_ball)
        first, last = dear * power(idle, 1 - theta), dear * power(high, 1 - theta)
    else:
        worth, dear, first, last = arb(1), arb(1), arb(0), arb(0)
    steep, share = theta / (1 - theta), 1 / (1 - theta)
    smooth = game.returns >= 0.5
    flat = (2 * theta - 1) / (1 - theta) if smooth else (1 - 2 * theta) / theta
    balls = (
        earned(low),
        cost,
        e_low,
        e_idle,
        e_high,
        first,
        last,
        worth,
        dear,
        steep,
        share,
        flat,
        earned(high),
        (1 - theta) / theta,
        theta,
    )
    row = [end for ball in balls for end in ends_of(ball)]
    return [*row, scale, base, float(movable), float(spare), float(smooth), 0.0, 0.0]


def bounded(game: Markov) -> bool:
    """Whether shares have bounds other than zero and one where prices clear.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = lb.Lab("A", 1, build=(0.1, 1)), lb.Lab("B", 1)
    >>> race = lb.Race(labs, lb.ClearingMarket(1.5), lb.Technology(1), discount=1.0, rungs=1)
    >>> bounded(race.markov())
    True
    """
    if not isinstance(game, Cleared):
        return False
    return bool(game.lower.any() or (game.upper[game.movable] != 1).any())


def _selling(game: Cleared, i: int, s: int) -> list[float] | None:
    """A row of :mod:`.seller`; None if nothing can be sold, or next to nothing."""
    theta, customers = arb(game.returns), float(game.demand[0, s])
    scale, base = float(game.scale[i, s]), float(game.base[i, s])
    price, worth = float(game.price[i, s]), float(game.worth[i, s])
    capacity, movable = float(game.capacity[i, s]), bool(game.movable[i, s])
    if not (price > 0 and capacity > 0 and scale >= 0 and base >= 0):
        return None
    try:
        most = [
            free(arb(float(of)) - 1, float(y))
            for of, y in zip(game.worth[:, s], game.most[:, s], strict=True)
        ]
    except UnprovedError:
        return None
    own, other = most[i], most[1 - i]
    toll = 1 - theta
    kappa = arb(capacity) / (theta * arb(scale)) if movable else arb(1)
    one, smooth = arb(1), game.returns >= 0.5
    p, q, r = (1 / toll, theta / toll, one) if smooth else (1 / theta, one, toll / theta)
    less = (theta / toll, (2 * theta - 1) / toll, arb(0))
    if not smooth:
        less = (toll / theta, arb(0), (1 - 2 * theta) / theta)
    roots = (toll, toll / theta, one) if smooth else (theta, one, theta / toll)
    balls = (own, own / (1 + own), kappa, p, q, r, *less, *roots)
    row = [end for ball in balls for end in ends_of(ball)]
    left = ends_of(arb(customers) / (1 + other))[0]
    row += [price, worth, capacity, customers, game.returns, left]
    sure = arb(capacity) < own * (arb(customers) - sum(map(arb, game.capacity[:, s]), arb(0)))
    return [*row, scale, base, float(movable), float(not sure), float(smooth), 0.0, 1.0]


def most_earned(game: Markov, table: Array) -> Array:
    """(2, S) bounds on what each lab can earn at once, whatever the other does."""
    if not isinstance(game, Cleared):
        bound: Array = table[:, :, lab.EARNED + 1]
        return bound
    most = np.empty(table.shape[:2])
    with ctx.workprec(BITS):
        for (i, k), _ in np.ndenumerate(most):
            row = table[i, k]
            customers, capacity = arb(row[seller.CUSTOMERS]), arb(row[seller.CAPACITY])
            price, worth = arb(row[seller.PRICE]), arb(row[seller.WORTH])
            freely = price * arb(row[seller.MOST + 1]) * customers
            if capacity < customers * arb(row[seller.PART]):  # all of it is sold
                freely = price * capacity * (worth - (capacity / (customers - capacity)).log())
            most[i, k] = ends_of(freely)[1]
    return most


def power(ball: Any, exponent: Any) -> Any:
    """Power of a ball that is not negative."""
    return ball**exponent if ball > 0 else arb(0).union(ball.upper() ** exponent)


def ends_of(ball: Any) -> tuple[float, float]:
    """Doubles below and above a ball; the number itself where it is one."""
    if ball.is_exact() and arb(float(ball)) == ball:
        return float(ball), float(ball)
    low, high = float(ball.lower()), float(ball.upper())
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)


def rising(table: Array, game: Markov, place: Array) -> Array:
    r"""The same rows without replies to gains that cannot be: pieces NEG, and LEVEL, taken out.

    Let the most that a lab can earn at once, R, never fall with its own lead p. Then neither does
    its value V. For let p be the lowest with V(p + 1) < V(p). There it builds least, and V(p - 1)
    is not above V(p), so that :math:`\rho V(p) \le R(p)`. Let V(q) be the least of those beyond p:
    both its neighbours are not below it, so that :math:`\rho V(q) \ge R(q)`, which it earns if it
    builds least. But then :math:`R(q) \le \rho V(q) < \rho V(p) \le R(p)`.

    If V(p + 1) = V(p), in the same way :math:`R(p + 1) \le \rho V(p + 1) = \rho V(p) \le R(p)`. So
    R does not rise there, and the lab earns no more at p + 1 than R: V(p + 2) = V(p + 1), if it can
    succeed at all, and so on. Hence V(p + 1) > V(p) if R rises at p, or at a lead beyond.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.solvers.complete.line import leads
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1)
    >>> game = race.markov()
    >>> place = leads(game)
    >>> rising(rows(game, place), game, place)[:, :, lab.RISING].tolist()
    [[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]
    """
    if isinstance(game, Cleared):  # what a lab earns hangs on the other
        return table
    table = table.copy()
    for i, own in enumerate((table[0], table[1, ::-1])):  # from its lowest lead to its highest
        order = place if i == 0 else place[::-1]
        numbers = (game.price, game.capacity, game.demand, game.lower)
        earns = np.stack([of[i, order] for of in numbers])
        same = (earns[:, 1:] == earns[:, :-1]).all(axis=0)
        least, most = own[:, lab.EARNED], own[:, lab.EARNED + 1]
        more = least[1:] > most[:-1]
        if not (same | (least[1:] >= most[:-1])).all():
            continue
        own[:-1, lab.RISING] = 1.0
        builds = (own[:, lab.LOW] > 0) | ((own[:, lab.FREE] > 0) & (own[:, lab.HIGH] > 0))
        succeeds = (own[:, lab.BASE] > 0) | ((own[:, lab.SCALE] > 0) & builds)
        above = False
        for p in reversed(range(len(more))):
            above = bool(more[p] or (succeeds[p + 1] and above))
            if above:
                own[p, lab.SPARE] = 0.0
    return table

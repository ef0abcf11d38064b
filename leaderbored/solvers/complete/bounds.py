r"""Bounds on values that hold in every equilibrium, by the equations at one lead after another.

A lab's value t at a lead solves an equation whose left side,

.. math:: \rho t - P - h d - h' (V' - t),

rises with t, and falls with the lab's own values at the leads beside. So where it is above zero at
t for all that the others may do within bounds, the value is below t. No fixed point is needed for
this to hold: every step alone is valid.
"""

from __future__ import annotations

from typing import Any

from leaderbored.solvers.complete import lab, pooled, seller
from leaderbored.solvers.complete.intervals import (
    Interval,
    down,
    hull,
    meet,
    minus,
    plus,
    scaled,
    times,
    up,
)
from leaderbored.solvers.kernels.jit import compiled

Array = Any
NOBODY = (0.0, 0.0)  # no customers: prices are set


@compiled
def replies(p: Array, d: Interval, left: Interval) -> tuple[Interval, Interval]:
    """Payoffs with what success adds, and hazards, of all pieces that gains may lie on.

    ``left`` are the customers that the other leaves, which matter where prices clear. Where gains
    are never negative they are raised to zero: a value t above the one ahead is then put to the
    test as if it were as high, which in :func:`left_side` allows more, never less.
    """
    if p[lab.SELLS] != 0.0:
        return sold_replies(p, d, left)
    if p[lab.RISING] != 0.0:
        d = max(d[0], 0.0), max(d[1], 0.0)
    worth, hazard, none = (0.0, 0.0), (0.0, 0.0), True
    base = (p[lab.BASE], p[lab.BASE])
    for q in range(lab.PIECES):
        if not lab.has(p, q):
            continue
        on = meet(d, lab.gains(p, q))
        if on[0] > on[1]:
            continue
        w = plus(lab.worth(p, q, on), scaled(p[lab.BASE], on))
        h = plus(scaled(p[lab.SCALE], lab.effort(p, q, on)), base)
        worth, hazard = (w, h) if none else (hull(worth, w), hull(hazard, h))
        none = False
    return worth, hazard


@compiled
def sold_replies(p: Array, d: Interval, left: Interval) -> tuple[Interval, Interval]:
    """The same where prices clear: what is best rises in the gain and in the customers left."""
    free = p[lab.FREE] != 0.0
    on = (max(d[0], 0.0), max(d[1], 0.0)) if free else (0.0, 0.0)
    _, v, _ = seller.reply(p, seller.INNER, on, (0.0, 1.0), left, True)
    if v[0] > v[1]:
        v = 0.0, 1.0
    low, high = seller.best(p, on, v, left)
    worth = plus((low[0], high[1]), scaled(p[lab.BASE], d))
    if not free:
        return worth, (p[lab.BASE], p[lab.BASE])
    return worth, seller.hazard(p, (v[0] if d[0] > 0.0 else 0.0, v[1]))


@compiled
def leaves(p: Array, d: Interval) -> Interval:
    """Customers that a lab does not serve, by its gains: the more it builds, the more."""
    if p[lab.SELLS] == 0.0:
        return 0.0, 0.0
    free = p[lab.FREE] != 0.0
    low, high = max(d[0], 0.0), max(d[1], 0.0)
    least = seller.least_effort(p, low, p[seller.CUSTOMERS], 0.0) if free else 0.0
    largest = seller.largest_effort(p, high, p[seller.LEFT], 1.0) if free else 0.0
    whole = p[seller.CAPACITY], p[seller.CAPACITY]
    most = minus(whole, seller.unsold(p, (least, least)))[1]
    most = min(most, up(p[seller.PART + 1] * p[seller.CUSTOMERS]))
    fewest = minus(whole, seller.unsold(p, (largest, largest)))[0]
    fewest = max(min(fewest, down(p[seller.PART] * p[seller.LEFT])), 0.0)
    return down(p[seller.CUSTOMERS] - most), up(p[seller.CUSTOMERS] - fewest)


@compiled
def quickest(p: Array) -> float:
    """The largest hazard, which decides how far a bound is moved at once."""
    effort = 1.0 if p[lab.SELLS] != 0.0 else p[lab.HIGH + 1]
    return float(p[lab.BASE] + p[lab.SCALE] * effort)


@compiled
def left_side(
    rho: float,
    p: Array,
    t: float,
    ahead: float,
    behind: float,
    hazard: Interval,
    left: Interval,
    side: int,
) -> float:
    """The left side at t at its lowest (side 1) or highest (side -1), given the values beside."""
    worth, _ = replies(p, minus((ahead, ahead), (t, t)), left)
    lost = times(hazard, minus((behind, behind), (t, t)))
    result = minus(minus(scaled(rho, (t, t)), worth), lost)
    return result[0] if side > 0 else result[1]


@compiled
def ordered(table: Array, low: Array, high: Array, i: int, k: int) -> bool:
    """Where a lab's value is not below that at its lead before, cut both; whether any is left."""
    before = k - 1 if i == 0 else k + 1
    if 0 <= before < low.shape[1] and table[i, before, lab.RISING] != 0.0:
        low[i, k] = max(low[i, k], low[i, before])
        high[i, before] = min(high[i, before], high[i, k])
        return bool(low[i, k] <= high[i, k] and low[i, before] <= high[i, before])
    return True


def tighten(rho: float, table: Array, low: Array, high: Array, rounds: int, least: float) -> bool:
    """Move bounds (2, S) on values towards each other, in place; whether anything is left."""
    size = low.shape[1]
    for _ in range(rounds):
        moved = 0.0
        for turn in range(2 * size):
            k = turn if turn < size else 2 * size - 1 - turn
            for i in range(2):
                if not ordered(table, low, high, i, k):
                    return False
                forth = min(k + 1, size - 1) if i == 0 else max(k - 1, 0)
                back = max(k - 1, 0) if i == 0 else min(k + 1, size - 1)
                o, p = 1 - i, table[i, k]
                stake = minus((low[o, back], high[o, back]), (low[o, k], high[o, k]))
                own = minus((low[i, forth], high[i, forth]), (low[i, k], high[i, k]))
                _, hazard = replies(table[o, k], stake, leaves(p, own))
                left = leaves(table[o, k], stake)
                fastest = rho + quickest(p) + hazard[1]
                t = high[i, k]
                r = left_side(rho, p, t, high[i, forth], high[i, back], hazard, left, 1)
                if r > 0:
                    t -= r / fastest * (1 - 1e-9)
                    if left_side(rho, p, t, high[i, forth], high[i, back], hazard, left, 1) > 0:
                        moved = max(moved, high[i, k] - t)
                        high[i, k] = t
                t = low[i, k]
                r = left_side(rho, p, t, low[i, forth], low[i, back], hazard, left, -1)
                if r < 0:
                    t -= r / fastest * (1 - 1e-9)
                    if left_side(rho, p, t, low[i, forth], low[i, back], hazard, left, -1) < 0:
                        moved = max(moved, t - low[i, k])
                        low[i, k] = t
                if low[i, k] > high[i, k]:
                    return False
        if not moved > least:
            break
    return True


WEIGHTS = (0.25, 0.5, 1.0, 2.0, 4.0)  # powers of two, so that products with them are exact


@compiled
def shared_left_side(
    rho: float, pa: Array, pb: Array, weight: float, t: float, forth: float, back: float
) -> float:
    """The left side, at its lowest, of who decides for both and weighs B so much."""
    if pa[lab.SELLS] != 0.0:
        db = up(up(back - t) / weight)
        most = pooled.most_of_both(pa, pb, weight, up(forth - t), db)
        return down(down(rho * t) - most)
    worth_a, _ = replies(pa, minus((forth, forth), (t, t)), NOBODY)
    worth_b, _ = replies(pb, scaled(1 / weight, minus((back, back), (t, t))), NOBODY)
    return minus(minus(scaled(rho, (t, t)), worth_a), scaled(weight, worth_b))[0]


def together(
    rho: float, table: Array, weight: float, most: Array, rounds: int, least: float
) -> None:
    """Move bounds (S,) on A + weight B down, in place, to what one who decides for both can reach.

    Whatever the labs do, A + weight B solves the equation of their hazards with A's payoff and the
    weight times B's. The best payoffs and hazards for both make the left side least: where even
    that is above zero, at all that the values beside may be, A + weight B is below. Where
    prices clear the best is that of both together, of :mod:`.pooled`.
    """
    size = len(most)
    for _ in range(rounds):
        moved = 0.0
        for turn in range(2 * size):
            k = turn if turn < size else 2 * size - 1 - turn
            pa, pb = table[0, k], table[1, k]
            fastest = rho + quickest(pa) + quickest(pb)
            forth, back = most[min(k + 1, size - 1)], most[max(k - 1, 0)]
            r = shared_left_side(rho, pa, pb, weight, most[k], forth, back)
            if r > 0:
                t = most[k] - r / fastest * (1 - 1e-9)
                if shared_left_side(rho, pa, pb, weight, t, forth, back) > 0:
                    moved = max(moved, most[k] - t)
                    most[k] = t
        if not moved > least:
            break


@compiled
def within(a: Array, b: Array, most: Array) -> bool:
    """Cut A and B, (2,) each, to where A + weight B is at most ``most`` for all weights."""
    for k in range(len(WEIGHTS)):
        weight = WEIGHTS[k]
        a[1] = min(a[1], up(most[k] - weight * b[0]))
        b[1] = min(b[1], up(up(most[k] - a[0]) / weight))
    return bool(a[0] <= a[1] and b[0] <= b[1])

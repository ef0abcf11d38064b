r"""The most that two labs can earn together where prices clear, if one decides for both.

With sales :math:`S_A, S_B` and :math:`S_0` customers who go without, lab i earns
:math:`\mu_i (x_i - \ln (S_i / S_0)) S_i`, which is concave in both sales together, and so is what
success adds, :math:`s d b^\theta` at a gain d that is not negative. So is the sum, with B's part
weighed, in the shares that do not sell: it lies below its tangent plane at whatever shares, and the
roots in doubles that are taken for them need not be exact.
"""

from __future__ import annotations

import math
from typing import Any

from leaderbored.solvers.complete import lab, seller
from leaderbored.solvers.complete.intervals import (
    Interval,
    minus,
    over,
    plus,
    power,
    scaled,
    times,
    up,
)
from leaderbored.solvers.kernels.jit import compiled

Array = Any

ROUNDS = 30  # of the best share of one lab, and of the other
STEPS = 60  # of Newton's method, and halvings
SAME = 1e-12  # relative size of a last step


@compiled
def share_for_both(
    p: Array, d: float, rival: Array, rivals: float, weight: float, near: float
) -> float:
    """The share that does not sell that is best for both, in doubles, of a rival's sales.

    ``d`` is at least zero, the rival's part is weighed. Nothing rests on it.
    """
    capacity, theta = p[seller.CAPACITY], p[seller.THETA]
    left = p[seller.CUSTOMERS] - rivals
    low, high, share = 0.0, 1.0, near
    for turn in range(STEPS):
        if turn == 0 and d == 0.0:
            share = 0.0
        sold = capacity * (1.0 - share)
        if not sold < left:
            low, share = share, 0.5 * (share + high)
            continue
        if not (sold > 0.0 and (share > 0.0 or d == 0.0)):
            share = 0.5 * (low + high)
            continue
        ratio = sold / (left - sold)
        steep = d / p[seller.KAPPA] * share ** (theta - 1.0) if d > 0.0 else 0.0
        lost = weight * rival[seller.PRICE] * rivals / (left - sold)
        selling = p[seller.PRICE] * (p[seller.WORTH] - math.log(ratio) - 1.0 - ratio)
        excess = selling - lost - steep
        if excess >= 0.0 and share == 0.0:
            return 0.0
        if excess > 0.0:
            high = share
        else:
            low = share
        slope = p[seller.PRICE] * (1.0 + ratio) ** 2 / sold + lost / (left - sold)
        slope *= capacity
        if d > 0.0:
            slope += (1.0 - theta) * steep / share
        after = share - excess / slope
        if not low < after < high:
            after = 0.5 * (low + high)
        if abs(after - share) <= SAME * share:
            return float(after)
        share = after
    return float(share)


@compiled
def tangent(
    p: Array, d: float, share: float, weight: float, sold: Interval, without: Interval
) -> tuple[float, Interval, Interval]:
    """Of a lab whose part is weighed: the part at most, its slopes in the own share and the other.

    The latter is for a unit that the other sells less.
    """
    ratio = over(sold, without)
    earned = times(seller.charge(p, ratio), sold)
    own = seller.margin(p, ratio)
    slope = -own[1], -own[0]
    if d > 0.0:
        theta = p[seller.THETA], p[seller.THETA]
        effort = power((share, share), theta)
        toll = times(lab.at(p, seller.KAPPA), power((share, share), minus((1.0, 1.0), theta)))
        earned = plus(earned, scaled(p[lab.SCALE], scaled(d, effort)))
        slope = plus(slope, over((d, d), toll)) if toll[0] > 0.0 else (-math.inf, math.inf)
    by_other = scaled(weight, scaled(p[seller.PRICE], ratio))
    return scaled(weight, earned)[1], scaled(weight, slope), by_other


@compiled
def most_of_both(pa: Array, pb: Array, weight: float, da: float, db: float) -> float:
    """A's payoff with what success adds, and the weight times B's, at most.

    Gains are at most ``da`` and ``db``, each in the units of that lab's payoff.
    """
    sure = up(up(pa[lab.BASE] * da) + up(up(pb[lab.BASE] * db) * weight))
    da = max(da, 0.0) if pa[lab.FREE] != 0.0 and pa[lab.SCALE] > 0.0 else 0.0
    db = max(db, 0.0) if pb[lab.FREE] != 0.0 and pb[lab.SCALE] > 0.0 else 0.0
    a, b = 0.5, 0.5
    for _ in range(ROUNDS):
        before_a, before_b = a, b
        a = share_for_both(pa, da, pb, pb[seller.CAPACITY] * (1.0 - b), weight, a)
        b = share_for_both(pb, db, pa, pa[seller.CAPACITY] * (1.0 - a), 1.0 / weight, b)
        if abs(a - before_a) + abs(b - before_b) < SAME:
            break
    whole_a, whole_b = pa[seller.CAPACITY], pb[seller.CAPACITY]
    sold_a = minus((whole_a, whole_a), scaled(whole_a, (a, a)))
    sold_b = minus((whole_b, whole_b), scaled(whole_b, (b, b)))
    customers = pa[seller.CUSTOMERS], pa[seller.CUSTOMERS]
    without = minus(minus(customers, sold_a), sold_b)
    if not (sold_a[0] > 0.0 and sold_b[0] > 0.0 and without[0] > 0.0):
        return math.inf
    top_a, own_a, on_b = tangent(pa, da, a, 1.0, sold_a, without)
    top_b, own_b, on_a = tangent(pb, db, b, weight, sold_b, without)
    total = up(top_a + top_b)
    slopes = scaled(whole_a, plus(own_a, on_a)), scaled(whole_b, plus(own_b, on_b))
    for slope, share in ((slopes[0], a), (slopes[1], b)):
        rise = max(up(slope[1] * up(1.0 - share)), up(-slope[0] * share), 0.0)
        total = up(total + rise)
    return float(up(total + sure))

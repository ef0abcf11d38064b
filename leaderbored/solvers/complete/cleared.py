r"""The equations of a step where prices clear: each lab's payoff hangs on what the other sells.

With the labs' sales :math:`S_A, S_B` of :math:`M` customers and :math:`S_0 = M - S_A - S_B` who go
without, the equations of :mod:`.cells` are, in z = (A, B, v_A, v_B) with the efforts of
:mod:`.seller`,

.. math:: \rho A = R_A(S_A, S_0) + h_A (A_1 - A) + h_B (A' - A), \quad
          A_1 - A = \kappa_A v_A^r m_A(S_A, S_0),

and twins for B, on INNER; on the other pieces v or the gain is given. Sales are explicit in the
efforts: all that does not build, or :math:`Y S_0`, with
:math:`S_0 = (M - \sum_{sold\ out} S) / (1 + \sum_{others} Y)`.
"""

from __future__ import annotations

import math
from typing import Any

from leaderbored.solvers.complete import lab, seller
from leaderbored.solvers.complete.cells import MATRIX, closed, differences, opened
from leaderbored.solvers.complete.intervals import (
    Interval,
    down,
    empty,
    mean_power,
    meet,
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

TURNS = 3  # how often replies are bounded by each other, at most
MOVED = 0.7  # of the width of what is left to a lab, above which they are not bounded again


@compiled
def replies(
    pa: Array,
    pb: Array,
    qa: int,
    qb: int,
    da: Interval,
    db: Interval,
    va: Interval,
    vb: Interval,
    roots: bool,
) -> tuple[Interval, Interval, Interval, Interval, Interval, Interval]:
    """Gains, efforts, and the customers that each lab is left, within bounds.

    Without ``roots`` they are less narrow, as in :func:`.seller.reply`.
    One of the gains or efforts is empty if there are no such replies.
    """
    customers = pa[seller.CUSTOMERS], pa[seller.CUSTOMERS]
    left_a = over(customers, plus((1.0, 1.0), lab.at(pb, seller.MOST)))[0], customers[1]
    left_b = over(customers, plus((1.0, 1.0), lab.at(pa, seller.MOST)))[0], customers[1]
    for _ in range(TURNS):
        da, va, sold = seller.reply(pa, qa, da, va, left_a, roots)
        if empty(da) or empty(va) or empty(sold):
            return (1.0, -1.0), db, va, vb, left_a, left_b
        left_b = meet(left_b, minus(customers, sold))
        db, vb, sold = seller.reply(pb, qb, db, vb, left_b, roots)
        if empty(db) or empty(vb) or empty(sold):
            return da, (1.0, -1.0), va, vb, left_a, left_b
        before = left_a[1] - left_a[0]
        left_a = meet(left_a, minus(customers, sold))
        if not (roots and left_a[1] - left_a[0] < MOVED * before):
            break
    return da, db, va, vb, left_a, left_b


@compiled
def gains_earning(
    p: Array, piece: int, d: Interval, v: Interval, left: Interval, low: Interval, w: Interval
) -> Interval:
    r"""Gains d within bounds whose payoff W, with what success adds, is within bounds w.

    With an effort within v, of the hazard h, W is what it earns of the least gain
    :math:`d_0`, at most the high end of ``low``, and :math:`h (d - d_0)`; and W is not below what
    any other effort earns.
    """
    if not (math.isfinite(d[0]) and math.isfinite(d[1])):
        return d
    h = seller.hazard(p, v)
    least, most = d
    if h[1] > 0.0:
        least = max(least, down(d[0] + down(down(w[0] - low[1]) / h[1])))
    h = seller.hazard(p, (v[1], v[1]))
    if piece == seller.INNER and h[0] > 0.0:
        revenue, _ = seller.selling(p, v[1], left[0])
        room = up(w[1] - revenue[0])
        most = min(most, up(room / h[0]) if room > 0.0 else 0.0)
    return least, most


@compiled
def efforts_needed(p: Array, v: Interval, w: Interval, q: Interval) -> Interval:
    """Efforts within bounds of a hazard h with h q = w; nothing is cut if q may be zero."""
    if not p[lab.SCALE] > 0.0 or (q[0] <= 0.0 <= q[1]):
        return v
    h = over(w, q) if q[0] > 0.0 else over((-w[1], -w[0]), (-q[1], -q[0]))
    speed = over(minus(h, (p[lab.BASE], p[lab.BASE])), (p[lab.SCALE], p[lab.SCALE]))
    if speed[1] < 0.0:
        return 1.0, -1.0
    return meet(v, power(speed, lab.at(p, seller.SPEED_ROOT)))


@compiled
def consistent(
    rho: float,
    z: Array,
    cell: Array,
    back: Array,
    gaps: Array,
    pa: Array,
    pb: Array,
    qa: int,
    qb: int,
    roots: bool,
) -> bool:
    """Cut z, x' and ``gaps`` down to what each equation alone leaves; whether anything is left.

    ``gaps`` (4, 2) bounds y - x and x' - x. Without ``roots`` less is cut, in less time.
    """
    some, a, b, far_a, far_b, da, lost_b, lost_a, db = opened(
        z, cell, back, gaps, seller.gains(pa, qa), seller.gains(pb, qb)
    )
    if not some:
        return False
    va, vb = (z[2, 0], z[2, 1]), (z[3, 0], z[3, 1])
    da, db, va, vb, left_a, left_b = replies(pa, pb, qa, qb, da, db, va, vb, roots)
    if empty(da) or empty(db) or empty(va) or empty(vb):
        return False
    low, high = seller.earned(pb, qb, db, vb, left_b)
    earned_b = low[0], high[1]
    ha, hb = seller.hazard(pa, va), seller.hazard(pb, vb)
    wanted = meet(minus(scaled(rho, b), times(ha, lost_b)), earned_b)
    if empty(wanted):
        return False
    db = gains_earning(pb, qb, db, vb, left_b, low, wanted)
    if empty(db):
        return False
    lost_b = lab.needed(minus(scaled(rho, b), wanted), ha, lost_b)
    if empty(lost_b):
        return False
    va = efforts_needed(pa, va, minus(scaled(rho, b), wanted), lost_b)
    low, high = seller.earned(pa, qa, da, va, left_a)
    earned_a = low[0], high[1]
    wanted = meet(minus(scaled(rho, a), times(hb, lost_a)), earned_a)
    if empty(va) or empty(wanted):
        return False
    da = gains_earning(pa, qa, da, va, left_a, low, wanted)
    if empty(da):
        return False
    lost_a = lab.needed(minus(scaled(rho, a), wanted), hb, lost_a)
    if empty(lost_a):
        return False
    vb = efforts_needed(pb, vb, minus(scaled(rho, a), wanted), lost_a)
    if empty(vb):
        return False
    return closed(z, back, gaps, a, b, va, vb, far_a, far_b, da, lost_b, lost_a, db)


@compiled
def market(
    pa: Array, pb: Array, qa: int, qb: int, va: Interval, vb: Interval
) -> tuple[Interval, Interval, Interval]:
    """What A and B sell at efforts, and how many go without; the last may not be above zero."""
    without = pa[seller.CUSTOMERS], pa[seller.CUSTOMERS]
    whole = 1.0, 1.0
    out_a, out_b = qa in (seller.OUT, seller.INNER), qb in (seller.OUT, seller.INNER)
    sold_a = minus((pa[seller.CAPACITY], pa[seller.CAPACITY]), seller.unsold(pa, va))
    sold_b = minus((pb[seller.CAPACITY], pb[seller.CAPACITY]), seller.unsold(pb, vb))
    if out_a:
        without = minus(without, sold_a)
    else:
        whole = plus(whole, lab.at(pa, seller.MOST))
    if out_b:
        without = minus(without, sold_b)
    else:
        whole = plus(whole, lab.at(pb, seller.MOST))
    without = over(without, whole)
    if not out_a:
        sold_a = times(lab.at(pa, seller.MOST), without)
    if not out_b:
        sold_b = times(lab.at(pb, seller.MOST), without)
    return sold_a, sold_b, without


@compiled
def power_slope(v0: float, v: Interval, k: Interval, less: Interval) -> Interval:
    """Slopes of a power k of the effort from v0 to all of v; ``less`` is k - 1."""
    return times(k, mean_power((v0, v0), v, less))


@compiled
def builds_slope(p: Array, piece: int, v0: float, v: Interval) -> Interval:
    """Slopes of the compute that builds, in place of selling, in the effort."""
    if piece != seller.INNER:
        return 0.0, 0.0
    slope = power_slope(v0, v, lab.at(p, seller.POWER), lab.at(p, seller.POWER_LESS))
    return scaled(p[seller.CAPACITY], slope)


@compiled
def lab_slopes(
    p: Array,
    piece: int,
    other: Array,
    other_piece: int,
    v0: float,
    v: Interval,
    builds: Interval,
    others: Interval,
    sold: Interval,
    without: Interval,
    without0: Interval,
    sold0: Interval,
) -> tuple[Interval, Interval, Interval, Interval, Interval, Interval]:
    """Of a lab: revenue at the centre, its slopes in both efforts, then the same of its gain.

    ``builds`` and ``others`` are slopes of what either lab does not sell. The gain is what the
    effort answers, on INNER.
    """
    ratio, ratio0 = over(sold, without), over(sold0, without0)
    if piece in (seller.SLACK, seller.LEVEL):
        ratio = ratio0 = lab.at(p, seller.MOST)
    mu = p[seller.PRICE]
    revenue = times(seller.charge(p, ratio0), sold0)
    by_other = times(scaled(mu, ratio), others)
    zero = 0.0, 0.0
    if piece != seller.INNER:
        return revenue, zero, by_other, zero, zero, zero
    # Where the other's sales are Y S_0, S_0 = (M - S) / w with w = 1 + Y.
    w, over_w = (1.0, 1.0), ratio
    if other_piece in (seller.SLACK, seller.LEVEL):
        w = plus(w, lab.at(other, seller.MOST))
        over_w = over(ratio, w)
    one = 1.0, 1.0
    worth, worth0 = seller.margin(p, ratio), seller.margin(p, ratio0)
    more = plus(worth, scaled(mu, minus(ratio, over_w)))  # of revenue in sales
    own = times(more, builds)
    own = -own[1], -own[0]
    steep = times(scaled(mu, plus(one, ratio)), plus(one, over_w))
    by_own = times(over(steep, sold), builds)  # of m in the own effort
    by_rival = times(over(scaled(mu, plus(one, ratio)), times(w, without)), others)
    kappa, toll = lab.at(p, seller.KAPPA), lab.at(p, seller.TOLL)
    at = power((v0, v0), toll)
    gain = times(times(kappa, at), worth0)
    rising = power_slope(v0, v, toll, lab.at(p, seller.TOLL_LESS))
    gain_own = times(kappa, plus(times(rising, worth), times(at, by_own)))
    gain_other = times(times(kappa, at), by_rival)
    return revenue, own, by_other, gain, gain_own, gain_other


@compiled
def equations(
    rho: float,
    pa: Array,
    pb: Array,
    qa: int,
    qb: int,
    z: Array,
    z0: Array,
    cell: Array,
    back0: Array,
    gaps: Array,
    f: Array,
    j: Array,
    jp: Array,
) -> bool:
    """F at the centre, and its slopes in z and x' from there; whether there are any.

    ``back0`` (2, 2) holds x' at the centre, ``gaps`` (4, 2) all of y - x and x' - x.
    """
    va, vb = (z[2, 0], z[2, 1]), (z[3, 0], z[3, 1])
    va0, vb0 = (z0[2], z0[2]), (z0[3], z0[3])
    sold_a, sold_b, without = market(pa, pb, qa, qb, va, vb)
    sold_a0, sold_b0, without0 = market(pa, pb, qa, qb, va0, vb0)
    if not (without[0] > 0.0 and sold_a[0] > 0.0 and sold_b[0] > 0.0):
        return False
    a0, b0 = (z0[0], z0[0]), (z0[1], z0[1])
    da0, lost_b0, lost_a0, db0 = differences(cell, z0, back0)
    da, lost_b = (gaps[0, 0], gaps[0, 1]), (gaps[1, 0], gaps[1, 1])
    lost_a, db = (gaps[2, 0], gaps[2, 1]), (gaps[3, 0], gaps[3, 1])
    ha, hb = seller.hazard(pa, va0), seller.hazard(pb, vb0)
    faster_a = power_slope(z0[2], va, lab.at(pa, seller.SPEED), lab.at(pa, seller.SPEED_LESS))
    faster_b = power_slope(z0[3], vb, lab.at(pb, seller.SPEED), lab.at(pb, seller.SPEED_LESS))
    faster_a, faster_b = scaled(pa[lab.SCALE], faster_a), scaled(pb[lab.SCALE], faster_b)
    builds_a, builds_b = builds_slope(pa, qa, z0[2], va), builds_slope(pb, qb, z0[3], vb)
    ra, ra_a, ra_b, ga, ga_a, ga_b = lab_slopes(
        pa, qa, pb, qb, z0[2], va, builds_a, builds_b, sold_a, without, without0, sold_a0
    )
    rb, rb_b, rb_a, gb, gb_b, gb_a = lab_slopes(
        pb, qb, pa, qa, z0[3], vb, builds_b, builds_a, sold_b, without, without0, sold_b0
    )
    f[0, 0], f[0, 1] = minus(scaled(rho, a0), plus(ra, plus(times(ha, da0), times(hb, lost_a0))))
    f[1, 0], f[1, 1] = minus(scaled(rho, b0), plus(rb, plus(times(hb, db0), times(ha, lost_b0))))

    aa, ab = cell[MATRIX], cell[MATRIX + 1]
    ba, bb = cell[MATRIX + 2], cell[MATRIX + 3]
    less_a, less_b = minus((aa, aa), (1.0, 1.0)), minus((bb, bb), (1.0, 1.0))
    discount = rho, rho
    j[:] = 0.0
    jp[:] = 0.0
    j[0, 0, 0], j[0, 0, 1] = plus(minus(discount, times(ha, less_a)), hb)
    j[0, 1, 0], j[0, 1, 1] = scaled(-ab, ha)
    step = plus(ra_a, times(faster_a, da))
    j[0, 2, 0], j[0, 2, 1] = -step[1], -step[0]
    step = plus(ra_b, times(faster_b, lost_a))
    j[0, 3, 0], j[0, 3, 1] = -step[1], -step[0]
    jp[0, 0, 0], jp[0, 0, 1] = -hb[1], -hb[0]
    j[1, 0, 0], j[1, 0, 1] = scaled(-ba, ha)
    j[1, 1, 0], j[1, 1, 1] = plus(minus(discount, times(ha, less_b)), hb)
    step = plus(rb_a, times(faster_a, lost_b))
    j[1, 2, 0], j[1, 2, 1] = -step[1], -step[0]
    step = plus(rb_b, times(faster_b, db))
    j[1, 3, 0], j[1, 3, 1] = -step[1], -step[0]
    jp[1, 1, 0], jp[1, 1, 1] = -hb[1], -hb[0]
    if qa in (seller.INNER, seller.LEVEL):
        f[2, 0], f[2, 1] = minus(da0, ga)
        j[2, 0, 0], j[2, 0, 1] = less_a
        j[2, 1, 0] = j[2, 1, 1] = ab
        j[2, 2, 0], j[2, 2, 1] = -ga_a[1], -ga_a[0]
        j[2, 3, 0], j[2, 3, 1] = -ga_b[1], -ga_b[0]
    else:
        f[2, 0] = f[2, 1] = z0[2]
        j[2, 2, 0] = j[2, 2, 1] = 1.0
    if qb in (seller.INNER, seller.LEVEL):
        f[3, 0], f[3, 1] = minus(db0, gb)
        j[3, 1, 0] = j[3, 1, 1] = -1.0
        jp[3, 1, 0] = jp[3, 1, 1] = 1.0
        j[3, 2, 0], j[3, 2, 1] = -gb_a[1], -gb_a[0]
        j[3, 3, 0], j[3, 3, 1] = -gb_b[1], -gb_b[0]
    else:
        f[3, 0] = f[3, 1] = z0[3]
        j[3, 3, 0] = j[3, 3, 1] = 1.0
    return True

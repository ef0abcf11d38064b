r"""What one lab does at one lead where prices clear, given the customers that the other leaves it.

The lab sells S of its compute K, and a share b builds. With F the customers whom the other does not
serve, it sells to :math:`y = S / (F - S)` for each who goes without, and

.. math:: R = \mu (x - \ln y) S, \qquad m = \mu (x - \ln y - 1 - y)

are what it earns and what one more unit is worth (:mod:`leaderbored.games.cleared`). Of a gain d
from success its reply lies on one of four *pieces*, each smooth, with Y where m = 0:

=======  ==============================================  ======================================
OUT      it builds nothing and sells all, S = K          :math:`d \le 0`
SLACK    it builds nothing, and :math:`S = Y (F - S)`    :math:`d \le 0`
LEVEL    idle compute builds in part, S as before        :math:`d = 0`
INNER    no compute is idle, :math:`S = (1 - b) K`       :math:`d = \kappa\, b^{1-\theta}\, m`
=======  ==============================================  ======================================

where :math:`\kappa = K / (\theta s)` and s is the scale of its hazard. In place of the share stands
its *effort* v, with :math:`b = v^p`, the hazard :math:`s v^q` and :math:`b^{1-\theta} = v^r`: of p,
q and r none is below one, so that all of these are smooth in v (:math:`v = b^\theta` up to
:math:`\theta = 1/2`, and :math:`v = b^{1-\theta}` from there on).

On INNER, d rises in v and in F. What a lab can earn with what success adds, at a gain d that is not
negative, is the maximum over b of a function that is concave in b: whatever share it is evaluated
at it is not below that, nor above the tangent there. So roots in doubles need not be exact.

Numbers of a lab at a lead stand in a row of ``lab.FIELDS`` doubles, intervals in two of them.
"""

from __future__ import annotations

import math
from typing import Any

from leaderbored.solvers.complete import lab
from leaderbored.solvers.complete.intervals import (
    Interval,
    down,
    empty,
    logarithm,
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

OUT, LEVEL, SLACK, INNER = lab.NEG, lab.LEVEL, lab.IDLE, lab.INNER
# Of a row: intervals Y, Y / (1 + Y), kappa, p, q, r, p - 1, q - 1, r - 1, 1 / p, 1 / q, 1 / r; then
# mu, x, K, customers, theta, and the least that the other leaves of these, in doubles. Places from
# lab.SCALE on are those of all labs.
(
    MOST,
    PART,
    KAPPA,
    POWER,
    SPEED,
    TOLL,
    POWER_LESS,
    SPEED_LESS,
    TOLL_LESS,
    POWER_ROOT,
    SPEED_ROOT,
    TOLL_ROOT,
) = range(0, 24, 2)
PRICE, WORTH, CAPACITY, CUSTOMERS, THETA, LEFT = range(24, 30)
ASIDE = (1e-13, 1e-10, 1e-6, 1e-2)  # of a root in doubles: where signs are read
STEPS = 60  # of Newton's method, and halvings
SAME = 1e-14  # relative size of a last step


@compiled
def has(p: Array, piece: int) -> bool:
    """Whether the lab has such a piece."""
    if piece == OUT:
        return True
    if piece == INNER:
        return bool(p[lab.FREE] != 0.0)
    if piece == SLACK:
        return bool(p[lab.SPARE] != 0.0)
    return bool(piece == LEVEL and p[lab.SPARE] != 0.0 and p[lab.FREE] != 0.0)


@compiled
def gains(p: Array, piece: int) -> Interval:
    """Gains to which a reply on the piece is best."""
    if p[lab.FREE] == 0.0:
        return -math.inf, math.inf
    if piece == LEVEL:
        return 0.0, 0.0
    return (0.0, math.inf) if piece == INNER else (-math.inf, 0.0)


@compiled
def efforts(piece: int) -> Interval:
    """Efforts on a piece."""
    return (0.0, 1.0) if piece in (LEVEL, INNER) else (0.0, 0.0)


@compiled
def hazard(p: Array, v: Interval) -> Interval:
    """Hazards of efforts."""
    speed = scaled(p[lab.SCALE], power(v, lab.at(p, SPEED)))
    return plus((max(speed[0], 0.0), speed[1]), (p[lab.BASE], p[lab.BASE]))


@compiled
def unsold(p: Array, v: Interval) -> Interval:
    """Compute that builds at efforts."""
    builds = scaled(p[CAPACITY], power(v, lab.at(p, POWER)))
    return max(builds[0], 0.0), builds[1]


@compiled
def margin(p: Array, ratio: Interval) -> Interval:
    """Worth m of one more unit where y are sold to each who goes without, y above zero."""
    rest = minus(minus((p[WORTH], p[WORTH]), plus((1.0, 1.0), ratio)), logs(ratio))
    return scaled(p[PRICE], rest)


@compiled
def logs(ratio: Interval) -> Interval:
    """Logarithms of an interval above zero."""
    return logarithm(ratio[0])[0], logarithm(ratio[1])[1]


@compiled
def charge(p: Array, ratio: Interval) -> Interval:
    """Prices."""
    return scaled(p[PRICE], minus((p[WORTH], p[WORTH]), logs(ratio)))


@compiled
def answered(p: Array, v: float, left: float) -> Interval:
    """The gain that an effort answers on INNER, of so many customers left; at least minus infinity.

    It is an enclosure for every effort between zero and one at which the lab sells less than all of
    the customers, and elsewhere bounded by nothing.
    """
    sold = minus((p[CAPACITY], p[CAPACITY]), unsold(p, (v, v)))
    without = minus((left, left), sold)
    if not (sold[0] > 0.0 and without[0] > 0.0):
        return -math.inf, math.inf
    worth = margin(p, over(sold, without))
    return times(times(lab.at(p, KAPPA), power((v, v), lab.at(p, TOLL))), worth)


@compiled
def least_share(p: Array, left: float) -> float:
    """Share, in doubles, below which some of what is left would not be sold."""
    return float(max(1.0 - p[PART] * left / p[CAPACITY], 0.0))


@compiled
def root(p: Array, d: float, left: float, near: float) -> float:
    """The effort on INNER that answers a gain, in doubles, first looked for near another.

    Nothing rests on it.
    """
    mu, x, k, theta = p[PRICE], p[WORTH], p[CAPACITY], p[THETA]
    start = least_share(p, left)
    if d > 0.0:
        cost, low, high = d / p[KAPPA], start, 1.0
        share = 0.5 * (low + high)
        if low == 0.0:
            ratio = k / (left - k) if left > k else math.inf
            first = mu * (x - math.log(ratio) - 1.0 - ratio) if ratio < math.inf else 0.0
            if first > 0.0:
                high = min((cost / first) ** (1.0 / (1.0 - theta)), 1.0)
                share = 0.999 * high
        if 0.0 < near < 1.0:
            guess = near ** p[POWER]
            share = guess if low < guess < high else share
        for _ in range(STEPS):
            sold = (1.0 - share) * k
            ratio = sold / (left - sold) if left > sold else math.inf
            if not ratio < math.inf:
                low = share
                share = 0.5 * (low + high)
                continue
            if not ratio > 0.0:
                high = share
                share = 0.5 * (low + high)
                continue
            steep = cost * share ** (theta - 1.0)
            excess = mu * (x - math.log(ratio) - 1.0 - ratio) - steep
            if excess > 0.0:
                high = share
            else:
                low = share
            slope = mu * k / sold * (1.0 + ratio) ** 2 + (1.0 - theta) * steep / share
            after = share - excess / slope
            if not low < after < high:
                after = 0.5 * (low + high)
            if abs(after - share) <= SAME * share:
                share = after
                break
            share = after
        start = share
    return float(start ** p[POWER_ROOT])


@compiled
def least_effort(p: Array, d: float, left: float, near: float) -> float:
    """An effort not above those that answer gains not below d, of no more customers left.

    It is ``near`` if there is none above that.
    """
    if d > 0.0 and not answered(p, near, left)[0] >= d:
        found = root(p, d, left, near)
        for k in range(len(ASIDE)):
            v = found * (1.0 - ASIDE[k])
            if v > near and answered(p, v, left)[1] <= d:
                return float(v)
    return near


@compiled
def largest_effort(p: Array, d: float, left: float, near: float) -> float:
    """An effort not below those that answer gains not above d, of no fewer customers left.

    There the lab sells less than all of these customers, and what answers a gain below rises from
    there on. It is ``near`` if there is none below that.
    """
    if near < 1.0 and answered(p, near, left)[1] <= d:
        return near
    found = root(p, d, left, near)
    for k in range(len(ASIDE)):
        v = found * (1.0 + ASIDE[k]) + 1e-300
        if v < near and answered(p, v, left)[0] >= d:
            return v
    return near


@compiled
def revenue(p: Array, sold: Interval, left: Interval) -> Interval:
    """What a lab earns from sales above zero, and fewer than the customers left."""
    return times(charge(p, over(sold, minus(left, sold))), sold)


@compiled
def selling(p: Array, v: float, left: float) -> tuple[Interval, Interval]:
    """Revenue at an effort, and m; unknown where the lab sells nothing, or to all."""
    sold = minus((p[CAPACITY], p[CAPACITY]), unsold(p, (v, v)))
    without = minus((left, left), sold)
    if not (sold[0] > 0.0 and without[0] > 0.0):
        return (0.0, math.inf), (-math.inf, math.inf)
    ratio = over(sold, without)
    found = times(charge(p, ratio), sold)
    return (max(found[0], 0.0), found[1]), margin(p, ratio)


@compiled
def best(p: Array, d: Interval, v: Interval, left: Interval) -> tuple[Interval, Interval]:
    """Bounds of the most that a lab can earn, of the least and of the greatest of gains d >= 0.

    That is its revenue and what success adds at its effort, which lies within v.
    """
    at = min(0.5 * (v[0] + v[1]), 1.0)
    fewer, _ = selling(p, at, left[0])
    more, worth = selling(p, at, left[1])
    speed = scaled(p[lab.SCALE], power((at, at), lab.at(p, SPEED)))
    speed = max(speed[0], 0.0), speed[1]
    # f(b) <= f(b0) + f'(b0) (b - b0), with f' = K (d / (kappa b0^(1 - theta)) - m)
    toll = times(lab.at(p, KAPPA), power((at, at), lab.at(p, TOLL)))
    builds = power((at, at), lab.at(p, POWER))
    low, high = power((v[0], v[0]), lab.at(p, POWER)), power((v[1], v[1]), lab.at(p, POWER))
    above, below = up(high[1] - builds[0]), up(builds[1] - low[0])
    found_low, found_high = (0.0, math.inf), (0.0, math.inf)
    for k in range(2):
        adds = scaled(d[k], speed)
        tilt = -worth[1], -worth[0]
        if d[k] > 0.0:
            tilt = minus(over((d[k], d[k]), toll), worth) if toll[0] > 0.0 else (0.0, math.inf)
        tilt = scaled(p[CAPACITY], tilt)
        rise = max(up(tilt[1] * above), up(-tilt[0] * below), 0.0)
        bound = max(down(fewer[0] + adds[0]), 0.0), up(up(more[1] + adds[1]) + rise)
        if k == 0:
            found_low = bound
        else:
            found_high = bound
    return found_low, found_high


@compiled
def earned(
    p: Array, piece: int, d: Interval, v: Interval, left: Interval
) -> tuple[Interval, Interval]:
    """Payoffs with what success adds, of the least gain and of the greatest, on a piece.

    They rise in the gain, and in the customers left: so all of gains and customers within bounds
    lie between the low end of the first and the high end of the second.
    """
    if piece == INNER:
        low, high = best(p, d, v, left)
    elif piece == OUT:
        whole = p[CAPACITY], p[CAPACITY]
        low = high = 0.0, math.inf
        if left[1] > p[CAPACITY]:
            top = revenue(p, whole, (left[1], left[1]))[1]
            bottom = 0.0
            if left[0] > p[CAPACITY] and minus((left[0], left[0]), whole)[0] > 0.0:
                bottom = max(revenue(p, whole, (left[0], left[0]))[0], 0.0)
            low = high = bottom, top
    else:
        low = high = scaled(p[PRICE], times(lab.at(p, MOST), left))
    base = p[lab.BASE]
    if base == 0.0:
        return low, high
    return plus(low, scaled(base, (d[0], d[0]))), plus(high, scaled(base, (d[1], d[1])))


@compiled
def reply(
    p: Array, piece: int, d: Interval, v: Interval, left: Interval, roots: bool
) -> tuple[Interval, Interval, Interval]:
    """Gains, efforts and sales within bounds on a piece; one of them is empty if there are none.

    Without ``roots`` efforts are not cut down to those that answer the gains, which takes most of
    the time.
    """
    whole = p[CAPACITY]
    most = times(lab.at(p, PART), left)
    none = 1.0, -1.0
    if piece == OUT:
        return (d, v, (whole, whole)) if most[1] >= whole else (none, v, (whole, whole))
    if piece == SLACK:
        return (d, v, most) if most[0] <= whole else (none, v, most)
    idle = over(minus((whole, whole), most), (whole, whole))  # share of what is not sold
    if piece == LEVEL:
        if idle[1] < 0.0:
            return none, v, most
        return d, (v[0], min(v[1], power(idle, lab.at(p, POWER_ROOT))[1])), most
    if idle[0] > 0.0:
        v = max(v[0], power((idle[0], idle[0]), lab.at(p, POWER_ROOT))[0]), v[1]
    if roots:
        v = least_effort(p, d[0], left[1], v[0]), largest_effort(p, d[1], left[0], v[1])
    if empty(v):
        return d, v, most
    low, high = answered(p, v[0], left[0])[0], answered(p, v[1], left[1])[1]
    d = meet(d, (low, high))
    sold = minus((whole, whole), unsold(p, v))
    return d, v, meet(sold, (0.0, most[1]))

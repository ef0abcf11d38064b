r"""What one lab does at one lead: hazards, payoffs and their slopes over intervals of gains.

The lab earns :math:`P(b)` with the share b, which is constant up to what idle compute builds and
falls at the rate c beyond, and succeeds at the hazard :math:`k + s e`, :math:`e = b^\theta`. Of a
gain d its reply lies on one of six *pieces*, on each of which everything is smooth:

=======  ===============================================  =========================
FIXED    it has no choice                                 any d
NEG      the least share                                  :math:`d \le 0`
LEVEL    any share up to the idle one                     :math:`d = 0`
IDLE     the idle share                                   :math:`0 \le d \le d_1`
INNER    :math:`b = (\theta s d / c)^{1/(1-\theta)}`      :math:`d_1 \le d \le d_2`
UPPER    the largest share                                :math:`d \ge d_2`
=======  ===============================================  =========================

Numbers of a lab at a lead stand in a row of ``FIELDS`` doubles, intervals in two of them.
"""

from __future__ import annotations

import math
from typing import Any

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

FIXED, NEG, LEVEL, IDLE, INNER, UPPER = range(6)
PIECES = 6
# Of a row: intervals P(least), c, effort of the least, idle and largest share, d1, d2, theta s/c,
# c / (theta s), theta / (1 - theta), 1 / (1 - theta), and one over the former; P(largest);
# (1 - theta) / theta; theta; then s, k, whether it has a choice, whether idle compute is there,
# whether theta is at least a half, whether its gains are never negative, and whether it sells where
# prices clear: then the numbers before s are those of :mod:`.seller`.
(
    EARNED,
    COST,
    LOW,
    IDLED,
    HIGH,
    FIRST,
    LAST,
    WORTH,
    DEAR,
    STEEP,
    SHARE,
    FLAT,
    LEAST,
    RATIO,
    THETA,
) = range(0, 30, 2)
SCALE, BASE, FREE, SPARE, SMOOTH, RISING, SELLS = range(30, 37)
FIELDS = 37


@compiled
def at(p: Array, k: int) -> Interval:
    """The interval at a place of a row."""
    return p[k], p[k + 1]


@compiled
def has(p: Array, piece: int) -> bool:
    """Whether the lab has such a piece."""
    if p[FREE] == 0.0:
        return piece == FIXED
    if piece == FIXED:
        return False
    if piece == IDLE:
        return bool(
            p[FIRST + 1] > 0.0
        )  # otherwise none but a gain of zero, which is among the others
    if piece == NEG:
        return bool(p[RISING] == 0.0)
    return piece != LEVEL or bool(p[SPARE] != 0.0)


@compiled
def gains(p: Array, piece: int) -> Interval:
    """Gains to which a reply on the piece is best."""
    if piece == FIXED:
        return -math.inf, math.inf
    if piece == NEG:
        return -math.inf, 0.0
    if piece == LEVEL:
        return 0.0, 0.0
    if piece == IDLE:
        return 0.0, p[FIRST + 1]
    if piece == INNER:
        return p[FIRST], p[LAST + 1]
    return p[LAST], math.inf


@compiled
def efforts(p: Array, piece: int) -> Interval:
    """Efforts on a piece."""
    if piece <= NEG:
        return p[LOW], p[LOW + 1]
    if piece == LEVEL:
        return p[LOW], p[IDLED + 1]
    if piece == IDLE:
        return p[IDLED], p[IDLED + 1]
    if piece == INNER:
        return p[IDLED], p[HIGH + 1]
    return p[HIGH], p[HIGH + 1]


@compiled
def inner_effort(p: Array, d: Interval) -> Interval:
    """Efforts of the inner piece for gains, prolonged beyond its ends."""
    return power(times(at(p, WORTH), (max(d[0], 0.0), max(d[1], 0.0))), at(p, STEEP))


@compiled
def effort(p: Array, piece: int, d: Interval) -> Interval:
    """Efforts of the piece for gains."""
    if piece == INNER:
        return inner_effort(p, d)
    return efforts(p, piece)


@compiled
def worth(p: Array, piece: int, d: Interval) -> Interval:
    """Payoff with what success adds, P + s e d, on the piece, prolonged beyond its ends."""
    if piece == LEVEL:
        return at(p, EARNED)
    if piece == INNER:  # c + c b (1 - theta) / theta
        share = power(times(at(p, WORTH), (max(d[0], 0.0), max(d[1], 0.0))), at(p, SHARE))
        one = plus((1.0, 1.0), times(at(p, RATIO), share))
        return times(at(p, COST), one)
    earned = at(p, LEAST) if piece == UPPER else at(p, EARNED)
    return plus(earned, times(scaled(p[SCALE], efforts(p, piece)), d))


@compiled
def gains_worth(p: Array, piece: int, w: Interval) -> Interval:
    """Gains at which the payoff of :func:`worth` is within bounds, on the piece; none if empty."""
    if piece == LEVEL:
        return (0.0, 0.0) if max(w[0], p[EARNED]) <= min(w[1], p[EARNED + 1]) else (1.0, -1.0)
    if piece == INNER:
        share = over(minus(w, at(p, COST)), times(at(p, COST), at(p, RATIO)))
        if share[1] < 0.0:
            return 1.0, -1.0
        d = gain(p, power(share, at(p, THETA)))
        return (d[0] if share[0] > 0.0 else 0.0), d[1]
    earned = at(p, LEAST) if piece == UPPER else at(p, EARNED)
    hazard = scaled(p[SCALE], efforts(p, piece))
    return needed(minus(w, earned), hazard, gains(p, piece))


@compiled
def hazard(p: Array, e: Interval) -> Interval:
    """Hazards of efforts."""
    return plus(scaled(p[SCALE], e), (p[BASE], p[BASE]))


@compiled
def answering(
    p: Array, piece: int, e: Interval, d: Interval, w: Interval, q: Interval
) -> tuple[Interval, Interval]:
    """Efforts and gains, within bounds, of a hazard h with h q = w; nothing is cut if q may be 0.

    A gain is cut where the inner piece is answered by the efforts left.
    """
    if not p[SCALE] > 0 or (q[0] <= 0 <= q[1]):
        return e, d
    h = over(w, q) if q[0] > 0 else over((-w[1], -w[0]), (-q[1], -q[0]))
    e = meet(e, over(minus(h, (p[BASE], p[BASE])), (p[SCALE], p[SCALE])))
    if piece == INNER and not empty(e):
        answered = gain(p, e)
        d = meet(d, (answered[0] if e[0] > 0 else 0.0, answered[1]))
    return e, d


@compiled
def needed(w: Interval, h: Interval, room: Interval) -> Interval:
    """All q within bounds for which h q = w is possible; h is not below zero."""
    low, high = room
    if h[0] > 0:
        q = over(w, h)
        return max(low, q[0]), min(high, q[1])
    if w[0] > 0:
        if not h[1] > 0:
            return 1.0, 0.0
        low = max(low, down(w[0] / h[1]))
    elif w[1] < 0:
        if not h[1] > 0:
            return 1.0, 0.0
        high = min(high, up(w[1] / h[1]))
    return low, high


@compiled
def slope(p: Array, piece: int, start: Interval, end: Interval) -> Interval:
    """Slopes of the payoff of :func:`worth` between two gains: means of s e."""
    if piece == LEVEL:
        return 0.0, 0.0
    if piece != INNER:
        return scaled(p[SCALE], efforts(p, piece))
    return scaled(p[SCALE], mean_power(relative(p, start), relative(p, end), at(p, STEEP)))


@compiled
def relative(p: Array, d: Interval) -> Interval:
    """Gains times theta s / c."""
    return times(at(p, WORTH), d)


@compiled
def effort_slope(p: Array, start: Interval, end: Interval) -> Interval:
    """Slopes of the effort of the inner piece between gains, for theta of at least a half."""
    mean = mean_power(relative(p, start), relative(p, end), at(p, FLAT))
    return times(times(at(p, STEEP), at(p, WORTH)), mean)


@compiled
def gain(p: Array, e: Interval) -> Interval:
    """Gains that the efforts of the inner piece answer."""
    return times(at(p, DEAR), power(e, at(p, RATIO)))


@compiled
def gain_slope(p: Array, start: Interval, end: Interval) -> Interval:
    """Slopes of the gain between efforts of the inner piece, for theta of at most a half."""
    return times(times(at(p, DEAR), at(p, RATIO)), mean_power(start, end, at(p, FLAT)))

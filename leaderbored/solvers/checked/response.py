r"""Hazards, payoffs and their slopes over gains, in whole numbers, by the rows of :mod:`.reply`.

What a lab earns and success adds, W(d), is convex in the gain d, and its slope is the hazard h(d);
so is each case of it prolonged beyond its range. Hence slopes of W between two gains rise with
both. Those of h rise where theta is at least a half, as h is then convex over gains at which more
and more is built, and fall where it is less.
"""

from __future__ import annotations

from typing import Any

from leaderbored.solvers.checked.fixed import (
    END,
    Fixed,
    empty,
    exact,
    hull,
    logarithm,
    logarithms,
    meet,
    minus,
    negative,
    over,
    plus,
    power,
    raised,
    times,
)
from leaderbored.solvers.checked.reply import (
    BASE,
    CONVEX,
    COST,
    DEAR,
    EARNED,
    HAZARD,
    INNER,
    KIND,
    LEVEL,
    MORE,
    RATIO,
    ROOT,
    SCALE,
    SHARE,
    STEEP,
    STILL,
    WORTH,
)
from leaderbored.solvers.kernels.jit import compiled

Array = Any

NARROW = 1 << 26  # units, below which slopes are not taken from differences: tuning


@compiled
def at(p: Array, k: int) -> Fixed:
    """The interval at a place of a row."""
    return p[k], p[k + 1]


@compiled
def inner(p: Array, d: int, t: Array) -> tuple[Fixed, Fixed]:
    """Share at which a little more earns as much as it costs, and what it builds."""
    none = 0, 0
    if d <= 0:
        return none, none
    x = times(at(p, WORTH), exact(d))
    if x[0] <= 0:
        log = exact(logarithm(max(x[1], 1), t)[1])
        share, built = raised(log, at(p, SHARE), t), raised(log, at(p, STEEP), t)
        return (0, share[1]), (0, built[1])
    logs = logarithms(x, t)
    return raised(logs, at(p, SHARE), t), raised(logs, at(p, STEEP), t)


@compiled
def answer(p: Array, d: int, t: Array) -> tuple[Fixed, Fixed]:
    """W and the hazard at a gain, prolonged beyond the range of the case."""
    if p[KIND] == STILL:
        return plus(at(p, EARNED), times(at(p, HAZARD), exact(d))), at(p, HAZARD)
    if p[KIND] == LEVEL:
        return at(p, EARNED), at(p, HAZARD)
    share, built = inner(p, d, t)
    earned = plus(at(p, COST), times(at(p, MORE), share))
    return (
        plus(earned, times(at(p, BASE), exact(d))),
        plus(at(p, BASE), times(at(p, SCALE), built)),
    )


@compiled
def answers(p: Array, d: Fixed, t: Array) -> tuple[Fixed, Fixed]:
    """The same over an interval of gains: both rise with them."""
    low, slow = answer(p, d[0], t)
    if d[0] == d[1] or p[KIND] == LEVEL:
        return low, slow
    high, fast = answer(p, d[1], t)
    return (low[0], high[1]), (slow[0], fast[1])


@compiled
def difference(low: Fixed, high: Fixed, by: int) -> Fixed:
    """What high less low is to a distance, of either sign, that is not small."""
    if by > 0:
        return over(minus(high, low), exact(by))
    return over(minus(low, high), exact(-by))


@compiled
def steepness(p: Array, d: int, h: Fixed) -> Fixed:
    """The slope of the hazard h of the inner case at a gain above zero."""
    slope = over(times(at(p, STEEP), minus(h, at(p, BASE))), exact(d))
    return max(slope[0], 0), slope[1]


@compiled
def chords(
    p: Array, a: int, wa: Fixed, ha: Fixed, b: int, wb: Fixed, hb: Fixed
) -> tuple[Fixed, Fixed]:
    """Slopes of W and of the hazard of the inner case between two gains and what is there."""
    first, by_w = (0, END), hull(ha, hb)
    least, most = min(a, b), max(a, b)
    if p[CONVEX] != 0:
        first = (
            steepness(p, least, ha if a < b else hb)[0] if least > 0 else 0,
            steepness(p, most, hb if a < b else ha)[1] if most > 0 else 0,
        )
    elif least > 0:
        first = (
            steepness(p, most, hb if a < b else ha)[0],
            steepness(p, least, ha if a < b else hb)[1],
        )
    if most - least >= NARROW:
        by_w = meet(by_w, difference(wa, wb, b - a))
        first = meet(first, difference(ha, hb, b - a))
    return by_w, first


@compiled
def around(p: Array, d0: Fixed, d: Fixed, t: Array) -> tuple[Fixed, Fixed, Fixed, bool, Fixed]:
    """W and the hazard at d0, and slopes of both from there to d; whether the hazard has such.

    Where it has none, it counts as some number between its ends.
    """
    none = 0, 0
    if p[KIND] == LEVEL:
        return at(p, EARNED), at(p, HAZARD), none, False, none
    w0, h0 = answers(p, d0, t)
    if p[KIND] == STILL:
        return w0, h0, h0, True, none
    wa, ha = answer(p, d0[0], t)
    wb, hb = answer(p, d[0], t)
    low_w, low_h = chords(p, d0[0], wa, ha, d[0], wb, hb)
    if d0[0] != d0[1]:
        wa, ha = answer(p, d0[1], t)
    if d[0] != d[1]:
        wb, hb = answer(p, d[1], t)
    high_w, high_h = chords(p, d0[1], wa, ha, d[1], wb, hb)
    slope = low_w[0], high_w[1]
    if p[CONVEX] != 0:
        return w0, h0, slope, high_h[1] < END, (low_h[0], high_h[1])
    smooth = d0[0] > 0 and low_h[1] < END
    return w0, h0, slope, smooth, (high_h[0], low_h[1])


@compiled
def needed(w: Fixed, h: Fixed, room: Fixed) -> Fixed:
    """All q within bounds for which h q = w is possible; h is not below zero."""
    if h[0] > 0:
        return meet(room, over(w, h))
    if h[1] <= 0:
        return room if w[0] <= 0 <= w[1] else (1, 0)
    if w[0] > 0:
        return meet(room, (over(exact(w[0]), exact(h[1]))[0], END))
    if w[1] < 0:
        return meet(room, (-END, over(exact(w[1]), exact(h[1]))[1]))
    return room


@compiled
def driven(w: Fixed, q: Fixed, h: Fixed) -> Fixed:
    """All h within bounds for which h q = w is possible."""
    if q[0] > 0:
        return meet(h, over(w, q))
    if q[1] < 0:
        return meet(h, over(negative(w), negative(q)))
    return h


@compiled
def earning(p: Array, w: Fixed, room: Fixed, t: Array) -> Fixed:
    """Gains within bounds at which W may be within bounds."""
    if p[KIND] == LEVEL:
        return room if not empty(meet(w, at(p, EARNED))) else (1, 0)
    if p[KIND] == STILL:
        return needed(minus(w, at(p, EARNED)), at(p, HAZARD), room)
    if p[MORE] <= 0:
        return room
    share = over(minus(minus(w, times(at(p, BASE), room)), at(p, COST)), at(p, MORE))
    if share[1] < 0:
        return 1, 0
    if share[1] >= END:
        return room
    return meet(room, times(at(p, DEAR), power((max(share[0], 0), share[1]), at(p, ROOT), t)))


@compiled
def succeeding(p: Array, h: Fixed, room: Fixed, t: Array) -> Fixed:
    """Gains within bounds to which hazards within bounds may be the answer."""
    if p[KIND] != INNER or p[SCALE] <= 0:
        return room
    built = over(minus(h, at(p, BASE)), at(p, SCALE))
    if built[1] < 0:
        return 1, 0
    if built[1] >= END:
        return room
    return meet(room, times(at(p, DEAR), power((max(built[0], 0), built[1]), at(p, RATIO), t)))

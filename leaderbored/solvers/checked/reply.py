r"""What a lab does at a lead, in whole numbers: the best reply of :mod:`.stage` for the sweeps.

Values are in units of a power of two that is not below what a lab can be worth, and time in such
units that all rates together are at most one; so values, rates and flows lie between zero and one.
A lab at a lead has one row of numbers, or where its hazard jumps at a gain of zero three: one for
gains below, one where it is indifferent, one for gains above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, ctx

from leaderbored.solvers.checked.fixed import (
    END,
    ONE,
    PRECISION,
    Fixed,
    ends,
    exact,
    exponential,
    hull,
    logarithm,
    meet,
    minus,
    plus,
    power,
    times,
)
from leaderbored.solvers.checked.rising import least_signs
from leaderbored.solvers.checked.stage import Ball, Lab
from leaderbored.solvers.checked.stage import power as ball_power
from leaderbored.solvers.kernels.jit import compiled

Array = Any

# Of a row: the sign of gains, 2 for any; whether it is indifferent; whether it has a choice; then
# intervals: the least, idle and largest share, what these build, scale, base, price times capacity,
# the most it can sell, theta s / c, theta / (1 - theta), 1 / (1 - theta), the factor and the
# exponent of its slope.
SIGN, LEVEL, FREE = 0, 1, 2
(
    LOW,
    IDLE,
    HIGH,
    BUILT_LOW,
    BUILT_IDLE,
    BUILT_HIGH,
    SCALE,
    BASE,
    COST,
    SOLD,
    WORTH,
    STEEP,
    SHARE,
    FACTOR,
    EXPONENT,
) = range(3, 33, 2)
FIELDS = 33
CASES = 3
ANY = 2


@dataclass(frozen=True)
class Rows:
    """A race of two labs in whole numbers.

    Attributes
    ----------
    rows : (2, S, 3, FIELDS) array
    cases : (2, S) array
        How many rows a lab has at a lead.
    discount : interval
    fastest : (2, S) array
        The most that rates add up to where a lab's equation is tightened.
    unit : ball
        Of values; money.
    """

    rows: Array
    cases: Array
    discount: Fixed
    unit: Ball


def rows_of(labs: list[list[Lab]], discount: Ball) -> Rows | None:
    """The labs (2, S) in whole numbers; None if these are too large or too small.

    Examples
    --------
    >>> numbers = {"lower": 0, "upper": 1, "scale": 2, "base": 0, "price": 1, "capacity": 4,
    ...            "demand": None}
    >>> rows_of([[Lab.of(numbers, 0.5)]] * 2, arb(1)).cases
    array([[1],
           [1]])
    """
    before, ctx.prec = ctx.prec, PRECISION
    try:
        every = [lab for row in labs for lab in row]
        most = [(lab.base + lab.scale * ball_power(lab.high, lab.theta)).upper() for lab in every]
        rate = _two(discount + 2 * max(most, key=float))
        unit = _two(max((lab.worth(arb(0)) / discount).upper() for lab in every))
        rows = np.zeros((2, len(labs[0]), CASES, FIELDS), dtype=np.int64)
        cases = np.zeros(rows.shape[:2], dtype=np.int64)
        for i, row in enumerate(labs):
            signs = least_signs(row) if i == 0 else least_signs(row[::-1])[::-1]
            for k, lab in enumerate(row):
                for sign, one, level in lab.cases(signs[k]):
                    numbers = _row(one, rate, unit)
                    if numbers is None:
                        return None
                    rows[i, k, cases[i, k], SIGN] = ANY if sign is None else sign
                    rows[i, k, cases[i, k], LEVEL] = level
                    rows[i, k, cases[i, k], FREE:] = numbers
                    cases[i, k] += 1
        return Rows(rows, cases, ends(discount / rate), unit)
    finally:
        ctx.prec = before


def _two(ball: Ball) -> Ball:
    """A power of two that is not below a ball."""
    power_, most = arb(1), ball.upper()
    while power_ < most:
        power_ *= 2
    while power_ / 2 >= most:
        power_ /= 2
    return power_


def _row(lab: Lab, rate: Ball, unit: Ball) -> list[int] | None:
    cost = lab.price * lab.capacity / (rate * unit)
    sold = cost if lab.demand is None else (lab.price * lab.demand / (rate * unit)).min(cost)
    scale, theta = lab.scale / rate, lab.theta
    worth = factor = arb(0)
    if lab.free:
        if not (cost > 0 and lab.high <= 1):
            return None
        worth, factor = theta * scale / cost, (theta * scale) ** 2 / ((1 - theta) * cost)
    numbers = [int(lab.free)]
    for ball in (
        lab.low,
        lab.idle,
        lab.high,
        *(ball_power(share, theta) for share in (lab.low, lab.idle, lab.high)),
        scale,
        lab.base / rate,
        cost,
        sold,
        worth,
        theta / (1 - theta),
        1 / (1 - theta),
        factor,
        2 * theta - 1,
    ):
        low, high = ends(ball)
        if high >= END:
            return None
        numbers += [low, high]
    return numbers


@compiled
def at(p: Array, k: int) -> Fixed:
    """The interval at a place of a row."""
    return p[k], p[k + 1]


@compiled
def inner(p: Array, d: int, t: Array) -> tuple[Fixed, Fixed]:
    """Share at which a little more earns as much as it costs, and what it builds; d above zero.

    Both count as one where they are larger: shares are not.
    """
    x = times(at(p, WORTH), exact(d))
    least = 0, 0
    if x[0] > 0:
        least = logarithm(min(x[0], ONE), t)
    most = logarithm(max(x[1], 1), t) if x[1] < ONE else (0, 0)
    share, built = (0, ONE), (0, ONE)
    if x[0] > 0:
        share = exponential(min(times(at(p, SHARE), least)[0], 0), t)[0], ONE
        built = exponential(min(times(at(p, STEEP), least)[0], 0), t)[0], ONE
    if x[1] < ONE:
        share = share[0], exponential(min(times(at(p, SHARE), most)[1], 0), t)[1]
        built = built[0], exponential(min(times(at(p, STEEP), most)[1], 0), t)[1]
    return share, built


@compiled
def between(a: Fixed, low: Fixed, high: Fixed) -> Fixed:
    """What of a lies between two bounds, or these where it is beyond."""
    x, y = max(a[0], low[0]), max(a[1], low[1])
    return min(x, high[0]), min(y, high[1])


@compiled
def best(p: Array, d: int, most: bool, t: Array) -> tuple[Fixed, Fixed]:
    """Least or largest best share at a gain, and what it builds."""
    if p[FREE] == 0 or d < 0 or (d == 0 and not most):
        return at(p, LOW), at(p, BUILT_LOW)
    if d == 0:
        return at(p, IDLE), at(p, BUILT_IDLE)
    share, built = inner(p, d, t)
    share = between(share, at(p, IDLE), at(p, HIGH))
    return share, between(built, at(p, BUILT_IDLE), at(p, BUILT_HIGH))


@compiled
def worth_at(p: Array, d: int, t: Array) -> Fixed:
    """What a lab earns and success adds, at a gain."""
    share, built = best(p, d, False, t)
    sold = times(minus((ONE, ONE), share), at(p, COST))
    most = at(p, SOLD)
    sold = min(sold[0], most[0]), min(sold[1], most[1])
    return plus(sold, times(plus(at(p, BASE), times(at(p, SCALE), built)), exact(d)))


@compiled
def worth(p: Array, d: Fixed, t: Array) -> Fixed:
    """The same over an interval of gains: it rises with them."""
    low = worth_at(p, d[0], t)
    return low if d[0] == d[1] else (low[0], worth_at(p, d[1], t)[1])


@compiled
def hazard(p: Array, d: Fixed, t: Array) -> Fixed:
    """Best hazards over an interval of gains, base included."""
    least, most = best(p, d[0], False, t)[1], best(p, d[1], True, t)[1]
    return plus(at(p, BASE), times(at(p, SCALE), (least[0], most[1])))


@compiled
def level(p: Array) -> Fixed:
    """Hazards of a lab that is indifferent among what idle compute builds."""
    built = p[BUILT_LOW], p[BUILT_HIGH + 1]
    return plus(at(p, BASE), times(at(p, SCALE), built))


@compiled
def steepness(p: Array, d: Fixed, t: Array) -> tuple[bool, Fixed]:
    """Whether the best hazard has slopes all over an interval of gains, and which.

    It jumps nowhere: a lab that has a choice builds at least what is idle, in such a row.
    """
    none = 0, 0
    if p[FREE] == 0 or d[1] < 0:
        return True, none
    from_zero = d[0] <= 0
    first, last = (0, 0), (0, 0)
    if not from_zero:
        first = inner(p, d[0], t)[0]
    if d[1] > 0:
        last = inner(p, d[1], t)[0]
    if last[1] < p[IDLE] or first[0] > p[HIGH + 1]:
        return True, none
    idle, high = at(p, IDLE), at(p, HIGH)
    shares = between(first, idle, high)[0], between(last, idle, high)[1]
    exponent = at(p, EXPONENT)
    if exponent[0] < 0 and not shares[0] > 0:
        return False, none
    factor = (ONE, ONE) if exponent == (0, 0) else power(shares, exponent, t)
    slope = times(at(p, FACTOR), factor)
    inside = not from_zero and first[0] > idle[1] and last[1] < high[0]
    return True, slope if inside else hull(slope, none)


@compiled
def side(a: Fixed, sign: int) -> Fixed:
    """What of an interval is not above zero, zero, or not below it; empty if nothing."""
    if sign == ANY:
        return a
    if sign == 0:
        return meet(a, (0, 0))
    return meet(a, (-END, 0)) if sign < 0 else meet(a, (0, END))

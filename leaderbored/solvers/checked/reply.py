r"""What a lab does at a lead, in whole numbers: rows of the best reply of :mod:`.stage`.

Values are in units of a power of two that is not below what a lab can be worth, and time in such
units that all rates together are at most one; so values, rates and flows lie between zero and one.
A lab at a lead has a row of numbers for every case its reply may be in: a share that is fixed over
a range of gains, a gain of zero at which its hazard jumps, and gains over which it builds more and
more, :math:`b = (\theta s d / c)^{1 / (1 - \theta)}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, ctx

from leaderbored.solvers.checked.fixed import END, ONE, PRECISION, Fixed, ends
from leaderbored.solvers.checked.rising import least_signs
from leaderbored.solvers.checked.stage import Ball, Lab
from leaderbored.solvers.checked.stage import power as ball_power

Array = Any

# Of a row: its kind; whether theta is at least a half; whether no gain of the lab is below zero at
# this lead; then intervals: the range of gains, what is earned at a gain of zero, hazards, what
# they are without building, scale, price times capacity c, c (1 - theta) / theta, theta s / c,
# theta / (1 - theta), 1 / (1 - theta), 1 - theta, (1 - theta) / theta, c / (theta s).
KIND, CONVEX, RISES = 0, 1, 2
(
    RANGE,
    EARNED,
    HAZARD,
    BASE,
    SCALE,
    COST,
    MORE,
    WORTH,
    STEEP,
    SHARE,
    ROOT,
    RATIO,
    DEAR,
) = range(3, 29, 2)
FIELDS = 29
STILL, LEVEL, INNER = 0, 1, 2  # kinds
CASES = 5


@dataclass(frozen=True)
class Rows:
    """A race of two labs in whole numbers.

    Attributes
    ----------
    rows : (2, S, CASES, FIELDS) array
    cases : (2, S) array
        How many rows a lab has at a lead.
    discount : interval
    rate, unit : ball
        Of rates, 1/year; of values, money.
    """

    rows: Array
    cases: Array
    discount: Fixed
    rate: Ball
    unit: Ball


def rows_of(labs: list[list[Lab]], discount: Ball) -> Rows | None:
    """The labs (2, S) in whole numbers; None if these are too large or too small.

    Examples
    --------
    >>> numbers = {"lower": 0, "upper": 1, "scale": 2, "base": 0, "price": 1, "capacity": 4,
    ...            "demand": None}
    >>> rows_of([[Lab.of(numbers, 0.5)]] * 2, arb(1)).cases
    array([[2],
           [2]])
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
                for numbers in _cases(lab, signs[k], (rate, unit)):
                    if numbers is None:
                        return None
                    rows[i, k, cases[i, k]] = numbers
                    cases[i, k] += 1
        return Rows(rows, cases, ends(discount / rate), rate, unit)
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


def _cases(lab: Lab, least: int, units: tuple[Ball, Ball]) -> Iterator[list[int] | None]:
    """A row for each case of a lab whose gains have no sign below ``least``.

    Of idle compute nothing is used below a gain of zero, any part at zero, and all of it above.
    """
    lowest = -END if least < 0 else 0
    if not lab.free:
        yield _row(lab, (STILL, least), (lowest, END), (lab.low, lab.low), units)
        return
    cost = lab.price * lab.capacity / units[1]
    if not (cost > 0 and lab.high <= 1):
        yield None
        return
    first, last = (
        ends(cost / (lab.theta * lab.scale) * ball_power(share, 1 - lab.theta))
        for share in (lab.idle, lab.high)
    )
    if lab.idle <= lab.low:
        if lowest < 0 or first[1] > 0:
            yield _row(lab, (STILL, least), (lowest, first[1]), (lab.low, lab.low), units)
    else:
        if least < 0:
            yield _row(lab, (STILL, least), (-END, 0), (lab.low, lab.low), units)
        if least < 1:
            yield _row(lab, (LEVEL, least), (0, 0), (lab.low, lab.idle), units)
        yield _row(lab, (STILL, least), (0, first[1]), (lab.idle, lab.idle), units)
    if first[0] < ONE:
        yield _row(lab, (INNER, least), (max(first[0], 0), last[1]), (lab.idle,) * 2, units)
    if last[0] < ONE:
        yield _row(lab, (STILL, least), (last[0], END), (lab.high, lab.high), units)


def _row(
    lab: Lab,
    kind: tuple[int, int],
    gains: Fixed,
    shares: tuple[Ball, Ball],
    units: tuple[Ball, Ball],
) -> list[int] | None:
    """A kind and the least sign of gains, their range, and the shares that are best there."""
    rate, unit = units
    cost, scale, theta = lab.price * lab.capacity / (rate * unit), lab.scale / rate, lab.theta
    base = lab.base / rate
    low, high = (base + scale * ball_power(share, theta) for share in shares)
    worth = theta * scale / cost if kind[0] == INNER else arb(1)
    numbers = [kind[0], int(theta >= arb(0.5)), int(kind[1] >= 0), *gains]
    for ball in (
        lab.earned(shares[1]) / (rate * unit),
        low.union(high),
        base,
        scale,
        cost,
        cost * (1 - theta) / theta,
        worth,
        theta / (1 - theta),
        1 / (1 - theta),
        1 - theta,
        (1 - theta) / theta,
        1 / worth,
    ):
        numbers += ends(ball)
    return None if max(numbers[5:-1]) >= END else numbers

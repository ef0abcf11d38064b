r"""Intervals of whole numbers, for compiled kernels: arithmetic without floating point.

A number x stands as the integer :math:`2^{44} x`, an interval as a pair of them, low and high. Sums
are exact; products and powers are rounded down at the low end and up at the high one. What is not
within :math:`\pm 2^{55}` counts as infinite. Processors agree on whole numbers to the last digit,
so that what checks on one machine does on another.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from flint import arb, ctx

from leaderbored.solvers.kernels.jit import compiled

Array = Any
Fixed = tuple[int, int]

BITS = 44
ONE = 1 << BITS
END = 1 << 55
LARGE = 1 << 53  # a product of twice as much counts as infinite
HALF = 28  # bits of the lower half of a factor
MASK = (1 << HALF) - 1
SHIFT = 2 * HALF - BITS
INDEX = 10  # bits that choose a column of the table
COLUMNS = 1 << INDEX
REST = (1 << (BITS - INDEX)) - 1
INVERSE, LOG, POWER = 0, 1, 2  # rows of the table
CLOSE = 34  # bits of numbers that are close to each other
PRECISION = 128  # of the balls from which whole numbers are made


@cache
def table() -> Array:
    """One over x = 1 + k / 2^10, log2 x and 2^(x - 1), rounded down: (3, 2^10 + 1).

    In the last column stand log 2, its inverse and a third.

    Examples
    --------
    >>> int(table()[LOG, 0]), round(int(table()[POWER, 512]) / ONE, 10)
    (0, 1.4142135624)
    """
    made = np.empty((3, COLUMNS + 1), dtype=np.int64)
    before, ctx.prec = ctx.prec, PRECISION
    try:
        two = arb(2)
        for k in range(COLUMNS):
            x = 1 + arb(k) / COLUMNS
            made[:, k] = [ends(y)[0] for y in (1 / x, x.log() / two.log(), two ** (x - 1))]
        made[:, COLUMNS] = [ends(y)[0] for y in (two.log(), 1 / two.log(), arb(1) / 3)]
    finally:
        ctx.prec = before
    return made


def ends(ball: Any) -> Fixed:
    """Whole numbers on both sides of a ball of python-flint.

    Examples
    --------
    >>> ends(arb(1) / 4), ends(arb(1) / 3)[1] - ends(arb(1) / 3)[0], ends(arb(2) ** 80)[1] == END
    ((4398046511104, 4398046511104), 1, True)
    """
    wide = ball * ONE
    if not (wide.is_finite() and abs(wide) < END):
        return (0 if wide >= 0 else -END), END
    return int(wide.lower().floor().unique_fmpz()), int(wide.upper().ceil().unique_fmpz())


@compiled
def exact(x: int) -> Fixed:
    """The interval of one number."""
    return x, x


@compiled
def plus(a: Fixed, b: Fixed) -> Fixed:
    """A + b."""
    low, high = a[0] + b[0], a[1] + b[1]
    if a[0] <= -END or b[0] <= -END or low < -END:
        low = -END
    if a[1] >= END or b[1] >= END or high > END:
        high = END
    return low, high


@compiled
def negative(a: Fixed) -> Fixed:
    """The negative of a."""
    return -a[1], -a[0]


@compiled
def minus(a: Fixed, b: Fixed) -> Fixed:
    """A - b."""
    return plus(a, (-b[1], -b[0]))


@compiled
def product(a: int, b: int) -> int:
    """A product of numbers within the ends, rounded down by less than two units.

    Where it is not surely below 2^54 in size it is an end; then it is beyond ``LARGE``.
    """
    a1, b1 = a >> HALF, b >> HALF
    a0, b0 = a & MASK, b & MASK
    top = a1 * b1
    if abs(top) >= LARGE >> (SHIFT - 1):
        return END if top > 0 else -END
    return (top << SHIFT) + ((a1 * b0 + a0 * b1) >> (HALF - SHIFT)) + ((a0 * b0) >> BITS)


@compiled
def times(a: Fixed, b: Fixed) -> Fixed:
    """The product of a and b."""
    if (a[0] == 0 and a[1] == 0) or (b[0] == 0 and b[1] == 0):
        return 0, 0
    if a[0] <= -END or b[0] <= -END or a[1] >= END or b[1] >= END:
        return -END, END
    p, q, r, s = product(a[0], b[0]), product(a[0], b[1]), product(a[1], b[0]), product(a[1], b[1])
    return min(p, q, r, s, LARGE), max(min(max(p, q, r, s) + 2, END), -LARGE)


@compiled
def scaled(k: int, a: Fixed) -> Fixed:
    """An interval times a number."""
    if k == ONE:
        return a
    if k == 0 or (a[0] == 0 and a[1] == 0):
        return 0, 0
    if a[0] <= -END or a[1] >= END or abs(k) >= END:
        return -END, END
    p, q = product(k, a[0]), product(k, a[1])
    return min(p, q, LARGE), max(min(max(p, q) + 2, END), -LARGE)


@compiled
def hull(a: Fixed, b: Fixed) -> Fixed:
    """The least interval that holds both."""
    return min(a[0], b[0]), max(a[1], b[1])


@compiled
def meet(a: Fixed, b: Fixed) -> Fixed:
    """What is in both; empty, with its high end below its low one, if nothing is."""
    return max(a[0], b[0]), min(a[1], b[1])


@compiled
def empty(a: Fixed) -> bool:
    """Whether there is nothing in an interval."""
    return a[0] > a[1]


@compiled
def middle(a: Fixed) -> int:
    """A number in the middle."""
    return a[0] + ((a[1] - a[0]) >> 1)


@compiled
def radius(a: Fixed) -> int:
    """How far at most an interval is from its middle."""
    return a[1] - middle(a)


@compiled
def size(a: Fixed) -> int:
    """The largest absolute value."""
    return max(abs(a[0]), abs(a[1]))


@compiled
def quotient(a: int, b: int) -> int:
    """A over b, which is above zero, rounded down; an end where it is not below 2^10 or so."""
    whole = a // b
    rest, bits = a - whole * b, BITS
    if whole >= 1 << 10 or whole < -(1 << 10):
        return END if whole > 0 else -END
    room = 16 if b < 1 << 46 else 7
    while bits > 0:
        by = min(room, bits)
        rest <<= by
        digit = rest // b
        whole = (whole << by) + digit
        rest -= digit * b
        bits -= by
    return whole


@compiled
def over(a: Fixed, b: Fixed) -> Fixed:
    """All quotients of a by b, which is above zero."""
    if b[0] <= 0:
        return -END, END
    low = -END if a[0] <= -END else quotient(a[0], b[1] if a[0] >= 0 else b[0])
    if a[0] >= 0 and b[1] >= END:
        low = 0
    if a[1] >= END:
        return min(low, LARGE), END
    high = quotient(a[1], b[0] if a[1] >= 0 else b[1]) + 1
    if a[1] < 0 and b[1] >= END:
        high = 0
    return min(low, LARGE), max(high, -LARGE)


@compiled
def grown(a: Fixed, b: Fixed) -> Fixed:
    """The product of numbers that are not below zero, and below two."""
    return product(a[0], b[0]), product(a[1], b[1]) + 2


@compiled
def logarithm(x: int, t: Array) -> Fixed:
    """Logarithm to the base 2 of a number above zero.

    With x = 2^k c (1 + r), c in the table and r below 2^-10, log(1 + r) lies between r - r^2 / 2 +
    r^3 / 3 - r^4 / 4 and the same without its last term.
    """
    k, m = 0, x
    while m >= 2 * ONE:  # only its leading digits are looked at: x itself is shifted below
        m >>= 1
        k += 1
    while m < ONE >> 12:
        m <<= 12
        k -= 12
    while m < ONE:
        m <<= 1
        k -= 1
    # After a shift down m is low by less than a unit.
    j, rest = (m >> (BITS - INDEX)) & (COLUMNS - 1), m & REST
    more = rest + 1 if k > 0 else rest
    r = grown((rest, more), (t[INVERSE, j], t[INVERSE, j] + 1))
    square = grown(r, r)
    cube, fourth = grown(square, r), grown(square, square)
    part = grown(cube, (t[POWER, COLUMNS], t[POWER, COLUMNS] + 1))
    low = r[0] - ((square[1] + 1) >> 1) + part[0] - (fourth[1] >> 2) - 1
    high = r[1] - (square[0] >> 1) + part[1]
    part = grown((max(low, 0), high), (t[LOG, COLUMNS], t[LOG, COLUMNS] + 1))
    whole = k * ONE + t[LOG, j]
    return whole + part[0], whole + 1 + part[1]


@compiled
def exponential(y: int, t: Array) -> Fixed:
    """2^y: of 2^u, u below 2^-10, the series ends with its cube; what is left is below u^4/20."""
    i, j, rest = y >> BITS, (y >> (BITS - INDEX)) & (COLUMNS - 1), y & REST
    if i >= 55 - BITS:
        return LARGE, END
    if i < -60:
        return 0, 1
    u = grown((rest, rest), (t[INVERSE, COLUMNS], t[INVERSE, COLUMNS] + 1))
    square = grown(u, u)
    cube, fourth = grown(square, u), grown(square, square)
    third = t[POWER, COLUMNS], t[POWER, COLUMNS] + 1
    sixth = grown((cube[0] >> 1, (cube[1] + 1) >> 1), third)
    low = ONE + u[0] + (square[0] >> 1) + sixth[0]
    high = ONE + u[1] + ((square[1] + 1) >> 1) + sixth[1] + (fourth[1] >> 4) + 1
    low, high = grown((low, high), (t[POWER, j], t[POWER, j] + 1))
    if i >= 0:
        return low << i, high << i
    return low >> -i, -((-high) >> -i)


@compiled
def raised(log: Fixed, exponent: Fixed, t: Array) -> Fixed:
    """Powers of numbers between logarithms; where these are close 2^(y + d) < 2^y (1 + d)."""
    to = times(log, exponent)
    low, high = exponential(to[0], t)
    apart = to[1] - to[0]
    if apart >= 1 << CLOSE:
        high = exponential(to[1], t)[1]
    elif high < END:
        high = min(high + product(high, apart) + 2, END)
    return low, high


@compiled
def logarithms(x: Fixed, t: Array) -> Fixed:
    """Logarithms of numbers above zero; close to x log(x + d) < log(x) + 3 d / 2 x."""
    low, high = logarithm(x[0], t)
    apart = x[1] - x[0]
    if x[0] < ONE >> 20 or apart > x[0] >> 12:
        return low, logarithm(x[1], t)[1]
    if apart > 0:
        high += 2 * (quotient(apart, x[0]) + 1)
    return low, high


@compiled
def power(x: Fixed, exponent: Fixed, t: Array) -> Fixed:
    """Powers of what is at least zero, cut off below; of zero with exponents above zero alone."""
    if x[0] > 0:
        return raised(logarithms(x, t), exponent, t)
    if x[1] > 0:
        log = logarithm(x[1], t)
        return 0, raised((log[1], log[1]), exponent, t)[1]
    return 0, 0

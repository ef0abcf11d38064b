r"""Intervals of doubles, rounded outwards, for compiled kernels.

An interval is a pair (low, high) of doubles. Every operation is done by the processor, to the
nearest double, and its result then moved outwards by at least one unit in the last place: the exact
result r of one operation and the double x it rounds to differ by at most half a unit, so that
:math:`x - 2^{-52}|x|`, itself rounded, is not above the double before x, which is not above r. The
least of doubles is added where results may lie below the normal range.

What is assumed of floating point is therefore IEEE 754: addition, subtraction, multiplication,
division of doubles to the nearest, in whatever order, contracted or not. Nothing is assumed of the
library's power function: logarithm and exponential are summed here, and their errors are bounded in
their comments.
"""

from __future__ import annotations

import math

from leaderbored.solvers.kernels.jit import compiled

Interval = tuple[float, float]

ULP = 2.0**-52
LEAST = 1e-300
LOG2 = math.log(2.0)
LOG2_HIGH = 6.93147180369123816490e-01  # its last 21 bits are zero: exact times |k| < 2**20
LOG2_LOW = 1.90821492927058770002e-10
ERROR = 2.0**-50  # eight units of rounding of 2**-53 each
HALF_SQUARED = math.sqrt(0.5)
LARGEST = 690.0  # exponent beyond which nothing is said but that a number is large, or small


@compiled
def down(x: float) -> float:
    """A double not above any number that rounds to this one."""
    return x - (abs(x) * ULP + LEAST)


@compiled
def up(x: float) -> float:
    """A double not below any number that rounds to this one."""
    return x + (abs(x) * ULP + LEAST)


@compiled
def plus(a: Interval, b: Interval) -> Interval:
    """A + b."""
    return down(a[0] + b[0]), up(a[1] + b[1])


@compiled
def minus(a: Interval, b: Interval) -> Interval:
    """A - b."""
    return down(a[0] - b[1]), up(a[1] - b[0])


@compiled
def times(a: Interval, b: Interval) -> Interval:
    """The product of a and b."""
    p, q, r, s = a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]
    return down(min(p, q, r, s)), up(max(p, q, r, s))


@compiled
def scaled(k: float, a: Interval) -> Interval:
    """An interval times a double."""
    p, q = k * a[0], k * a[1]
    return down(min(p, q)), up(max(p, q))


@compiled
def over(a: Interval, b: Interval) -> Interval:
    """A / b, where b lies above zero."""
    low = a[0] / b[1] if a[0] >= 0 else a[0] / b[0]
    high = a[1] / b[0] if a[1] >= 0 else a[1] / b[1]
    return down(low), up(high)


@compiled
def hull(a: Interval, b: Interval) -> Interval:
    """The least interval that holds both."""
    return min(a[0], b[0]), max(a[1], b[1])


@compiled
def meet(a: Interval, b: Interval) -> Interval:
    """What is in both; its high end lies below its low one if nothing is."""
    return max(a[0], b[0]), min(a[1], b[1])


@compiled
def empty(a: Interval) -> bool:
    """Whether there is nothing in an interval."""
    return a[0] > a[1]


@compiled
def logarithm(x: float) -> Interval:
    """Natural logarithm of a double above zero.

    With x = 2^k m, m between the roots of 1/2 and 2, s = (m - 1) / (m + 1): log m = 2 artanh s.
    m - 1 is exact, s is off by at most 2.1 units of 2^-53, relatively; the series, of which what is
    left out is below 2^-60, is less than 1% of s; so log m is off by at most 6 units, relatively.
    k log 2 is off by 2.1 units, and their sum by one more: together less than eight units of the
    result and, unless k = 0, four more, as log m is at most 0.35.
    """
    m, k = math.frexp(x)
    if m < HALF_SQUARED:
        m, k = 2.0 * m, k - 1
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    tail = 1 / 19 + z * (1 / 21 + z * (1 / 23 + z * (1 / 25)))
    tail = 1 / 11 + z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * tail)))
    tail = z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * tail))))
    result = k * LOG2 + (2.0 * s + 2.0 * s * tail)
    error = ERROR * (abs(result) + (0.5 if k != 0 else 0.0))
    return down(result - error), up(result + error)


@compiled
def exponential(t: float) -> Interval:
    """exp(t).

    With t = k log 2 + r: r is off by at most 1.2 units of 2^-53, absolutely, |r| is below 0.35,
    Taylor's series to the 13th power leaves out less than 2^-57, Horner's rule errs by at most 3
    units, relatively, and the power of two is exact: together less than eight units.
    """
    if t < -LARGEST:
        return 0.0, 1e-299
    if t > LARGEST:
        return 1e299, math.inf
    k = math.floor(t / LOG2 + 0.5)
    r = (t - k * LOG2_HIGH) - k * LOG2_LOW
    tail = 1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600 + r * (1 / 6227020800)))
    tail = 1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * tail))
    tail = 1 / 24 + r * (1 / 120 + r * (1 / 720 + r * tail))
    tail = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * tail)))
    result = math.ldexp(tail, int(k))
    return down(result * (1 - ERROR)), up(result * (1 + ERROR))


@compiled
def power(x: Interval, exponent: Interval) -> Interval:
    """Powers of an interval, cut off below zero, with exponents that are not below zero.

    An exponent of one or two needs no logarithm.
    """
    low, high = max(x[0], 0.0), max(x[1], 0.0)
    if exponent[0] == exponent[1]:
        if exponent[0] == 0.0:
            return 1.0, 1.0
        if exponent[0] == 1.0:
            return low, high
        if exponent[0] == 2.0:
            return max(down(low * low), 0.0), up(high * high)
    least = greatest = 0.0
    if low > 0:
        along = logarithm(low)[0]
        exponent_low = exponent[1] if along < 0 else exponent[0]
        least = max(exponential(down(along * exponent_low))[0], 0.0)
    if high > 0:
        along = logarithm(high)[1]
        exponent_high = exponent[0] if along < 0 else exponent[1]
        greatest = exponential(up(along * exponent_high))[1]
    return least, greatest


@compiled
def mean_power(one: Interval, other: Interval, exponent: Interval) -> Interval:
    """Means of a power, zero below zero, between a point of one interval and one of another.

    They rise in both points. The mean of a convex function lies between what it is in the middle
    and the mean of what it is at both ends, that of a concave one the other way round (Hermite and
    Hadamard). Of exponents on both sides of one, and where the function has a kink at zero, the
    mean is said to lie between the ends.
    """
    least, most = min(one[0], other[0]), max(one[1], other[1])
    if exponent[0] >= 1.0:
        low = power(middle_of(one[0], other[0]), exponent)[0]
        a, b = power((one[1], one[1]), exponent)[1], power((other[1], other[1]), exponent)[1]
        return low, up(0.5 * up(a + b))
    if exponent[1] <= 1.0 and least >= 0.0:
        a, b = power((one[0], one[0]), exponent)[0], power((other[0], other[0]), exponent)[0]
        high = power(middle_of(one[1], other[1]), exponent)[1]
        return max(down(0.5 * down(a + b)), 0.0), high
    low, high = power((least, most), exponent)
    return (low, high) if least >= 0.0 else (0.0, high)


@compiled
def middle_of(a: float, b: float) -> Interval:
    """The mean of two doubles."""
    return down(0.5 * down(a + b)), up(0.5 * up(a + b))

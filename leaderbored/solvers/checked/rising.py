r"""Where a lab loses nothing by a success: read off its revenue, for the sweeps of a check.

Let R be the most that a lab can earn at once, and let it never fall as its lead grows. Suppose its
value V falls somewhere, first from a lead p to the next. At p a success is a loss, so it builds
least; one of the rival is none of its gains, as V is not higher one lead lower: so
:math:`\rho V(p) \le R(p)`. Of all leads beyond p let q be the one where V is least. There neither
success does harm, so that building least earns :math:`\rho V(q) \ge R(q)`. But V(q) is below V(p),
and R(q) is not below R(p). So V never falls.

Nor does it stand still from p to the next where R rises. For then both arguments apply, at p and at
the next lead: :math:`R(p + 1) \le \rho V(p + 1) = \rho V(p) \le R(p)`. Where R rises further on,
the same shows that R is as high at p + 1, and that nothing is gained there by a success which the
lab can have: V stands still at p + 1 as well, and so on until R rises.
"""

from __future__ import annotations

from itertools import pairwise

from flint import arb

from leaderbored.solvers.checked.stage import Ball, Lab, power


def least_signs(row: list[Lab]) -> list[int]:
    """Of a lab, from its lowest lead on: 1 where it gains by a success, 0 where it loses nothing.

    Minus one where neither is known.

    Examples
    --------
    >>> numbers = {"lower": 0, "upper": 1, "scale": 1, "base": 0, "capacity": 1, "demand": 0.5}
    >>> def labs(*prices): return [Lab.of({**numbers, "price": p}, 0.5) for p in prices]
    >>> least_signs(labs(1, 1, 2, 2)), least_signs(labs(1, 2, 1))
    ([1, 1, 0, -1], [-1, -1, -1])
    """
    signs = [-1] * len(row)
    if not all(_not_less(a, b) for a, b in pairwise(row)):
        return signs
    gains = False
    for p in reversed(range(len(row) - 1)):
        higher = bool(_revenue(row[p + 1]) > _revenue(row[p]))
        gains = higher or (gains and _succeeds(row[p + 1]))
        signs[p] = int(gains)
    return signs


def _revenue(lab: Lab) -> Ball:
    """The most it can earn at once."""
    return lab.worth(arb(0))


def _not_less(lab: Lab, other: Lab) -> bool:
    """Whether another earns no less for certain; balls of equal revenues need not tell."""
    if _revenue(lab) <= _revenue(other):
        return True
    if (lab.demand is None) != (other.demand is None):
        return False
    same = lab.demand is None or lab.demand == other.demand
    return bool(
        same
        and lab.price == other.price
        and lab.capacity == other.capacity
        and lab.low == other.low
    )


def _succeeds(lab: Lab) -> bool:
    """Whether it succeeds at some rate if it will."""
    builds = power(lab.low, lab.theta) > 0 or (lab.free and lab.high > 0)
    return bool(lab.base > 0 or (lab.scale > 0 and builds))

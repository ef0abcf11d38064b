"""Bounds that hold whatever is rounded: of balls and of matrices, in doubles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from leaderbored.games.markov import Array

PERRON = 50  # steps towards the Perron vector: the best shape of a box
NARROW = 0.05  # shortest side of a box, over its longest: the proof says little along a shorter one
UNIT, TINY = 2.0**-52, 1e-300  # twice what a rounding is at most, and more than any underflow

Entries: TypeAlias = dict[tuple[int, int], Any]  # of a matrix, in balls


def excess(inverse: Array, jacobian: Entries) -> Array:
    """Bounds (n, n) on the sizes in I - C J, C in doubles and J in balls.

    The product is that of doubles, and its roundings are bounded by that of the sizes, in whatever
    order the terms are summed (Rump, Acta Numerica 19, 2010, section 2).

    Examples
    --------
    >>> from flint import arb
    >>> bounds = excess(np.array([[0.5]]), {(0, 0): arb(2, 0.5)})
    >>> 0.25 <= float(bounds[0, 0]) < 0.2500001
    True
    """
    count, sizes = len(inverse), np.abs(inverse)
    middle, error = np.zeros((count, count)), np.zeros((count, count))
    for place, ball in jacobian.items():
        middle[place] = float(ball)
        error[place] = up(abs(ball - middle[place]))
    left = np.abs(np.eye(count) - inverse @ middle)
    rounding = (count + 4) * UNIT * (sizes @ np.abs(middle))
    return above(left + rounding + sizes @ error, count + 4)


def product(inverse: Array, balls: Sequence[Any]) -> tuple[Array, Array]:
    """C times a vector of n balls in doubles, and bounds (n,) on its sizes, whatever is rounded.

    Examples
    --------
    >>> from flint import arb
    >>> found, bounds = product(np.array([[0.5]]), [arb(2, 0.5)])
    >>> float(found[0]), 1.25 <= float(bounds[0]) < 1.2500001
    (1.0, True)
    """
    count, sizes = len(inverse), np.abs(inverse)
    middle = np.array([float(ball) for ball in balls])
    error = np.array([up(abs(ball - m)) for ball, m in zip(balls, middle.tolist(), strict=True)])
    found = inverse @ middle
    rounding = (count + 4) * UNIT * (sizes @ np.abs(middle))
    return found, above(np.abs(found) + rounding + sizes @ error, count + 4)


def perron(growth: Array) -> Array:
    """Sides of a box, at most one, in which the matrix is closest to shrinking every side."""
    shape = np.ones(len(growth))
    for _ in range(PERRON):
        following = growth @ shape
        if (following < 0.9 * shape).all():
            break
        shape = np.maximum(following / following.max(), NARROW)
    return shape


def above(bounds: Array, roundings: int) -> Array:
    """Bounds that hold after so many roundings of sums and products without a minus sign."""
    return np.asarray(bounds * (1 + (roundings + 2) * UNIT) + TINY)


def up(ball: Any) -> float:
    """A float that is not below the ball."""
    return math.nextafter(float(ball.upper()), math.inf)

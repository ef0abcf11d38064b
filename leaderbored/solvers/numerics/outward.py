"""Bounds that hold whatever is rounded: of balls and of matrices, in doubles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp

from leaderbored.games.markov import Array

PERRON = 50  # steps towards the Perron vector: the best shape of a box
NARROW = 0.05  # shortest side of a box, over its longest: the proof says little along a shorter one
SPARSE = 200  # rows of a matrix from which only what is not zero is held
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
    shape = (count, count)
    middles = [float(ball) for ball in jacobian.values()]
    errors = [up(abs(b - m)) for b, m in zip(jacobian.values(), middles, strict=True)]
    middle, error = (matrix(jacobian, part, shape) for part in (middles, errors))
    left = np.abs(np.eye(count) - inverse @ middle)
    rounding = (count + 4) * UNIT * (sizes @ abs(middle))
    return above(left + rounding + sizes @ error, count + 4)


def matrix(places: Iterable[tuple[int, int]], numbers: Sequence[float], shape: Any) -> Any:
    """Numbers at their places, as an array; a sparse one from :data:`SPARSE` rows on.

    Examples
    --------
    >>> matrix([(0, 1)], [3.0], (2, 2)).tolist()
    [[0.0, 3.0], [0.0, 0.0]]
    """
    rows, columns = np.array([*places], dtype=int).reshape(-1, 2).T
    if shape[0] < SPARSE:
        found = np.zeros(shape)
        found[rows, columns] = numbers
        return found
    return sp.csr_array((numbers, (rows, columns)), shape=shape)


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

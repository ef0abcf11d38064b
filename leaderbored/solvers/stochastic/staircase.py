r"""Tents over the numbers of a range, and the staircase on which their kinks lie.

At a number of the grid the slope of a value in f is every one between those on its two sides. One
multiplier :math:`\lambda` for each player and formula says how many numbers f has passed: :math:`j`
between two of them, and :math:`j \le \lambda \le j + 1` at the one that is j above the lowest.
This relation is a staircase, which is met where :math:`\lambda = \Psi(\lambda + f)`, with
:math:`\Psi` the projection on it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from leaderbored.games.markov import Array

ROUNDED = 1e-12  # distance from a corner of the staircase that rounding may have made


class Taylor(NamedTuple):
    """Values (J, S) of functions, slopes (J, V, S), and bends (J, O, V, S) in own choices first."""

    value: Array
    slope: Array
    bend: Array


def tents(y: Array, n: int, passed: Array | None) -> Taylor:
    """The n tents (n, S) of a formula, less the lowest number, and their derivatives.

    Derivatives are in the formula and in the multiplier that says how many numbers it has passed.

    Examples
    --------
    >>> tents(np.array([0.25, 2.0]), 3, None).value.tolist()
    [[0.75, 0.0], [0.25, 0.0], [0.0, 1.0]]
    """
    numbers, y = np.arange(n)[:, None], np.clip(y, -n, 2 * n)
    part = (y > numbers).astype(float)
    inside = np.zeros(part.shape)
    if passed is not None:
        part = np.clip(passed - numbers, 0.0, 1.0)
        corner = (passed == np.rint(passed)) | (passed < 0) | (passed > n)
        nearest = np.where(corner, _number(passed + y, n), np.floor(passed))
        inside = (nearest == numbers).astype(float)

    def second_differences(above: Array) -> Array:
        steps = above[:-1] - above[1:]
        nothing = np.zeros_like(above[:1])
        return np.asarray(np.vstack([nothing, steps]) - np.vstack([steps, nothing]))

    value = second_differences(part * (y - numbers))
    value[0] += 1.0
    slope = np.stack([second_differences(part), second_differences(inside * (y - numbers))], axis=1)
    bend = np.zeros((n, 2, 2, len(y)))
    bend[:, 0, 1] = bend[:, 1, 0] = second_differences(inside)
    return Taylor(value, slope, bend)


def projected(u: Array, n: int) -> tuple[Array, Array]:
    """The multiplier on the staircase at which it and the formula add up to u, and its slope.

    Examples
    --------
    >>> u = np.array([-1.0, 0.25, 1.5, 2.5])  # below, at the lowest, next to it, at the next
    >>> [part.tolist() for part in projected(u, 3)]
    [[0.0, 0.25, 1.0, 1.5], [0.0, 1.0, 0.0, 1.0]]
    """
    number = _number(u, n)
    over = u - 2 * number
    turns = (over > ROUNDED) & (over < 1 - ROUNDED)
    return number + np.clip(over, 0.0, 1.0), turns.astype(float)


def _number(u: Array, n: int) -> Array:
    """The last number of the staircase that is not beyond its point at u."""
    return np.asarray(np.clip(np.floor(u / 2), 0, n - 1))

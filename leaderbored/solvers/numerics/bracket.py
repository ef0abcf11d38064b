"""Bisection and golden sections of many brackets at once, for solvers.

scipy's ``optimize.elementwise.find_root`` looks at a third of the points, but each of its rounds
costs twenty times as much: for the some hundred brackets of a game it takes seven times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint

Mask = NDArray[np.bool_]

GOLDEN = (5**0.5 - 1) / 2


class Bracket(NamedTuple):
    """What bisection found, problem by problem.

    Attributes
    ----------
    x : array
        The middle of the last bracket.
    width : array
        Its width.
    low, high : arrays of bool
        Whether the bracket shrank onto its lower, or its upper end: nothing changed within it.
    """

    x: Array
    width: Array
    low: Mask
    high: Mask


def bisect(
    below: Callable[[Array], Mask], left: Array, right: Array, halvings: int = 64
) -> Bracket:
    """Where a condition ceases to hold, by bisection.

    Parameters
    ----------
    below : callable
        Of points, whether each lies below what is sought; it need not be continuous.
    left, right : arrays of one shape
        Ends of the brackets.
    halvings : int, optional

    Returns
    -------
    Bracket

    Examples
    --------
    >>> found = bisect(lambda x: x**2 < [2.0, 9.0], np.zeros(2), np.full(2, 2.0))
    >>> found.x.round(9).tolist(), found.low.tolist(), found.high.tolist()
    ([1.414213562, 2.0], [False, False], [False, True])
    """
    first, last = left, right
    for _ in range(halvings):
        checkpoint()
        middle = (left + right) / 2
        up = below(middle)
        left, right = np.where(up, middle, left), np.where(up, right, middle)
    return Bracket((left + right) / 2, right - left, left == first, right == last)


def golden(
    payoff: Callable[[Array], Array], low: Array, high: Array, sections: int = 45
) -> tuple[Array, Array]:
    """Highest points between two others, by golden sections (Kiefer 1953), and what they pay.

    Parameters
    ----------
    payoff : callable
        From points to what each pays; it rises and then falls in every bracket.
    low, high : arrays of one shape
        Ends of the brackets.
    sections : int, optional

    Returns
    -------
    point, paid : arrays
        The best of all points that were looked at.

    Examples
    --------
    >>> point, paid = golden(lambda x: -((x - [1.0, 7.0]) ** 2), np.zeros(2), np.full(2, 3.0))
    >>> point.round(6).tolist(), paid.round(6).tolist()
    ([1.0, 3.0], [-0.0, -16.0])
    """
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    first, second = payoff(left), payoff(right)
    point, paid = np.where(first > second, left, right), np.maximum(first, second)
    for _ in range(sections):
        checkpoint()
        falls = first > second
        low, high = np.where(falls, low, left), np.where(falls, right, high)
        width = GOLDEN * (high - low)
        fresh = np.where(falls, high - width, low + width)
        found = payoff(fresh)
        left, right = np.where(falls, fresh, right), np.where(falls, left, fresh)
        first, second = np.where(falls, found, second), np.where(falls, first, found)
        point, paid = np.where(found > paid, fresh, point), np.maximum(found, paid)
    return point, paid

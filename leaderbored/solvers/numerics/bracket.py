"""Bisection of many brackets at once, each with a status of its own.

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

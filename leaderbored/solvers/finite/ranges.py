"""Bounds of multilinear functions of laws that lie in boxes: one opponent after the other.

Averaged over an opponent's law a payoff is linear in it, so that it has its extremes over a box cut
with the simplex at a corner, or where its dual has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from leaderbored.games.markov import Array

Side = tuple[Array, Array]


def range_of(tensor: Array, sides: Sequence[Side], keep: int | None = None) -> Side:
    """Bounds of tensors, contracted with laws in boxes.

    Parameters
    ----------
    tensor : (1 or B, ..., n_1, ..., n_K) array
    sides : sequence of K pairs of (B, n_k) arrays
        Lower and upper bounds of the laws.
    keep : int, optional
        Number of an axis that is not contracted.

    Returns
    -------
    least, most : (B, ...) arrays

    Examples
    --------
    >>> low, high = np.array([[0.0, 0.0]]), np.array([[0.5, 1.0]])
    >>> [bound.tolist() for bound in range_of(np.array([[[3.0, 1.0]]]), [(low, high)])]
    [[[1.0]], [[2.0]]]
    """
    least = most = tensor
    extra = tensor.ndim - len(sides)
    count = len(sides[0][0]) if sides else 1
    for axis in reversed(range(len(sides))):
        if axis != keep:
            last = np.moveaxis(least, extra + axis, -1)
            first = last if most is least else np.moveaxis(most, extra + axis, -1)
            bounds = _of_two if last.shape[-1] == 2 else _of_many
            least, most = bounds(last, first, *sides[axis])
    if len(least) == 1 and count != 1:
        least, most = (np.broadcast_to(x, (count, *x.shape[1:])) for x in (least, most))
    return least, most


def point_values(tensor: Array, laws: Sequence[Array]) -> Array:
    """(B, ...) a tensor (..., n_1, ..., n_K) averaged over (B, n_k) laws.

    Examples
    --------
    >>> point_values(np.array([[3.0, 1.0]]), [np.array([[0.5, 0.5]])]).tolist()
    [[2.0]]
    """
    found = tensor[None]
    for law in reversed(laws):
        found = (found * law.reshape(len(law), *[1] * (found.ndim - 2), -1)).sum(axis=-1)
    return found


def _of_two(least: Array, most: Array, low: Array, high: Array) -> Side:
    """The least and the most of c x over laws x = (p, 1 - p) between bounds: at an end of p."""
    shape = (len(low),) + (1,) * (least.ndim - 2)
    ends = np.maximum(low[:, 0], 1 - high[:, 1]), np.minimum(high[:, 0], 1 - low[:, 1])
    start, stop = (end.reshape(shape) for end in ends)
    rise = least[..., 0] - least[..., 1]
    values = rise * start, rise * stop
    bottom = np.minimum(*values) + least[..., 1]
    if most is not least:
        rise = most[..., 0] - most[..., 1]
        values = rise * start, rise * stop
    return bottom, np.maximum(*values) + most[..., 1]


def _of_many(least: Array, most: Array, low: Array, high: Array) -> Side:
    """The same of laws over any number of strategies."""
    return _smallest(least, low, high), -_smallest(-most, low, high)


def _smallest(coefficients: Array, low: Array, high: Array) -> Array:
    r"""The least of c x over laws x between bounds l and h, by its dual.

    Of every :math:`\lambda` that least is no less than
    :math:`\lambda + \sum_a \min\{(c_a - \lambda) l_a, (c_a - \lambda) h_a\}`, which is highest at
    one of the c.
    """
    shape = (len(low),) + (1,) * (coefficients.ndim - 2)
    sides = [(a.reshape(shape), b.reshape(shape)) for a, b in zip(low.T, high.T, strict=True)]
    each = [coefficients[..., a] for a in range(len(sides))]
    found = list[Array]()
    for price in each:
        gains = [(c - price, *side) for c, side in zip(each, sides, strict=True) if c is not price]
        found.append(reduce(np.add, (np.minimum(d * a, d * b) for d, a, b in gains), price))
    return reduce(np.maximum, found)

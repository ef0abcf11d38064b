"""Bounds of multilinear functions of laws that lie in boxes: one opponent after the other.

Averaged over an opponent's law a payoff is linear in it, so that it has its extremes over a box cut
with the simplex where a greedy choice puts all that is free.
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
            least, most = _smallest(last, *sides[axis]), -_smallest(-first, *sides[axis])
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


def _smallest(coefficients: Array, low: Array, high: Array) -> Array:
    """The least of c x over laws x between bounds: what is free goes to the cheapest first."""
    count = low.shape[1]
    shape = (len(low),) + (1,) * (coefficients.ndim - 2)
    floor = [low[:, a].reshape(shape) for a in range(count)]
    room = [(high[:, a] - low[:, a]).reshape(shape) for a in range(count)]
    each = [coefficients[..., a] for a in range(count)]
    free = 1 - low.sum(axis=1).reshape(shape)
    value: Array = reduce(np.add, (c * x for c, x in zip(each, floor, strict=True)))
    if count == 1:
        return value
    if count == 2:  # by far the most common, and twice as fast so
        cheap = each[0] <= each[1]
        first = np.minimum(free, np.where(cheap, room[0], room[1]))
        second = np.minimum(free - first, np.where(cheap, room[1], room[0]))
        value += np.minimum(each[0], each[1]) * first + np.maximum(each[0], each[1]) * second
        return value
    order = np.argsort(coefficients, axis=-1)
    wide = np.broadcast_shapes(coefficients.shape, (*shape, count))
    rooms = np.stack([np.broadcast_to(r, wide[:-1]) for r in room], axis=-1)
    rooms = np.take_along_axis(rooms, np.broadcast_to(order, wide), axis=-1)
    dear = np.sort(coefficients, axis=-1)
    for a in range(count):
        given = np.minimum(free, rooms[..., a])
        value = value + dear[..., a] * given
        free = free - given
    return value

"""Boxes of a cover: bounds (6, 2) on both labs' values at the tie and on either side of it."""

from __future__ import annotations

from math import ceil, log2
from typing import Any

import numpy as np

Array = Any

LEAST, FIRST, MOST = 1, 16, 128  # squares along an axis, of which a file may ask for no more
COARSE = 14  # bits that are left out of numbers in a file


def flipped(box: Array) -> Array:
    """The same with the labs exchanged, and every lead turned round."""
    return np.ascontiguousarray(box[::-1, ::-1])


def rounded(part: Array) -> Array:
    """Bounds outwards to numbers that are short in a file."""
    low, high = part[..., 0] >> COARSE, -(-part[..., 1] >> COARSE)
    return np.stack([low << COARSE, high << COARSE], axis=-1)


def halves(rows: Array) -> list[Array]:
    """Rows in two parts: at the widest gap in one of the numbers, or else in halves."""
    widest, axis, at = 0, -1, 0
    for k in range(rows.shape[1]):
        order = np.argsort(rows[:, k, 0], kind="stable")
        gaps = rows[order[1:], k, 0] - np.maximum.accumulate(rows[order, k, 1])[:-1]
        if gaps.max() > widest:
            widest, axis, at = int(gaps.max()), k, int(gaps.argmax()) + 1
    if axis >= 0:
        order = np.argsort(rows[:, axis, 0], kind="stable")
    else:
        middles = (rows[..., 0] + rows[..., 1]) // 2
        axis, at = int(np.argmax(np.ptp(middles, axis=0))), len(rows) // 2
        order = np.argsort(middles[:, axis], kind="stable")
    return [rows[order[:at]], rows[order[at:]]]


def enough(squares: float) -> int:
    """The next power of two."""
    return min(max(LEAST, 1 << ceil(log2(max(squares, 1.0)))), MOST)


def cut(part: Array) -> list[Array]:
    """Bounds in halves across the longest side."""
    side = int(np.argmax(part[:, 1] - part[:, 0]))
    made = [part.copy(), part.copy()]
    middle = int(part[side].sum()) // 2 >> COARSE << COARSE
    made[0][side, 1] = made[1][side, 0] = middle
    return made


def hull_of(rows: Array) -> Array:
    """Bounds (6, 2) that hold all rows."""
    return np.stack([rows[..., 0].min(axis=0), rows[..., 1].max(axis=0)], axis=-1)


def shared(row: Array, parts: list[Array], held: list[list[Array]]) -> bool:
    """Put what of a row is in the parts with what they hold; whether nothing is left over."""
    waiting = [row]
    while waiting:
        left = waiting.pop()
        spot = next((k for k, part in enumerate(parts) if _meets(left, part)), None)
        if spot is None:
            return False
        for side in range(6):
            for piece in _outside(left[side], parts[spot][side]):
                rest = left.copy()
                rest[side] = piece
                waiting.append(rest)
            left = left.copy()
            left[side, 0] = max(left[side, 0], parts[spot][side, 0])
            left[side, 1] = min(left[side, 1], parts[spot][side, 1])
        held[spot].append(left)
    return True


def within(inner: Array, outer: Array) -> Array:
    """Of bounds (..., 6, 2), which lie within others."""
    inside = (outer[..., 0] <= inner[..., 0]) & (inner[..., 1] <= outer[..., 1])
    return np.asarray(inside.all(axis=-1))


def _meets(row: Array, part: Array) -> bool:
    """Whether two bounds have more in common than a face, unless a side is as narrow as that."""
    low, high = np.maximum(row[:, 0], part[:, 0]), np.minimum(row[:, 1], part[:, 1])
    return bool((low <= high).all() and ((low < high) | (row[:, 0] == row[:, 1])).all())


def _outside(row: Array, part: Array) -> list[Array]:
    """What of an interval lies beyond another, below and above."""
    made = []
    if row[0] < part[0]:
        made.append(np.array([row[0], part[0]]))
    if row[1] > part[1]:
        made.append(np.array([part[1], row[1]]))
    return made

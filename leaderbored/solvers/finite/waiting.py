"""Boxes of mixed profiles that wait to be looked at: which come next, and how they are cut."""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array, States

BATCH = 1024  # boxes that are worked on at once
EACH = (8, 256)  # of them with the same supports, at least and at most
CUT = 0.4937  # a zero on a cut cannot be proved, and simple fractions are common zeros
WIDE = 10  # no side is cut that is so many times narrower than the widest
Boxes = tuple[Array, Array, States]
"""Lower and upper bounds (B, M), and the numbers of the supports that they belong to (B,)."""


def popped(pending: list[Boxes]) -> Boxes:
    """The last boxes, as many as are worked on at once, and not too many of the same supports.

    So a continuum is soon cut down to boxes that nothing decides, and given up.

    Parameters
    ----------
    pending : list of Boxes
        One at least; they are taken from it.

    Examples
    --------
    >>> pending = [(np.zeros((2000, 3)), np.ones((2000, 3)), np.arange(2000) // 1000)]
    >>> len(popped(pending)[2]), len(pending[0][2])
    (512, 1488)
    """
    taken, count = list[Boxes](), 0
    while pending and count < BATCH:
        taken.insert(0, pending.pop())
        count += len(taken[0][2])
    low, high, which = (np.concatenate(arrays) for arrays in zip(*taken, strict=True))
    order = np.lexsort((-np.arange(count), which))  # by supports, the last one first
    first = np.searchsorted(which[order], which[order])
    most = np.clip(BATCH // max(1, len(np.unique(which))), *EACH)
    kept = np.sort(order[np.arange(count) - first < most])[-BATCH:]
    rest = np.setdiff1d(np.arange(count), kept)
    if len(rest):
        pending.append((low[rest], high[rest], which[rest]))
    return low[kept], high[kept], which[kept]


def halves(boxes: Boxes, smear: Array) -> Boxes:
    """Each box cut in two, off the middle, across the side that blurs the equations most.

    Parameters
    ----------
    boxes : Boxes
    smear : (B, M) array
        How much each side blurs them.

    Examples
    --------
    >>> boxes = np.zeros((1, 2)), np.ones((1, 2)), np.zeros(1, dtype=int)
    >>> halves(boxes, np.array([[0.0, 1.0]]))[1].tolist()
    [[1.0, 0.4937], [1.0, 1.0]]
    """
    low, high, which = boxes
    widths = high - low
    blur = np.where(widths > widths.max(axis=1, keepdims=True) / WIDE, smear, -1.0)
    side = blur.argmax(axis=1) if len(low) else np.zeros(0, dtype=int)
    each = np.arange(len(low))
    cut = low[each, side] + CUT * widths[each, side]
    left, right = high.copy(), low.copy()
    left[each, side], right[each, side] = cut, cut
    twice = np.concatenate([which, which])
    return np.concatenate([low, right]), np.concatenate([left, high]), twice

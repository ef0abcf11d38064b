"""Order that depends on no last digit: numbers that differ by rounding count as equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

ROUNDING = 1e-9  # of the largest number in its place, within which numbers are equal

T = TypeVar("T")


def ordered(
    items: Iterable[T], key: Callable[[T], Iterable[float]], rounding: float = ROUNDING
) -> list[T]:
    """Sort by vectors of numbers; what is equal but for rounding keeps its order.

    Parameters
    ----------
    items : iterable
    key : callable
        Of an item, its numbers, compared one after the other; as many for each.
    rounding : float, optional
        Numbers are equal if no gap wider than this, of the largest in their place, lies between
        them.

    Examples
    --------
    >>> ordered([(2.0, "c"), (1 / 3, "b"), (1 - 2 / 3, "a")], lambda pair: [pair[0]])[0][1]
    'b'
    """
    items = list(items)
    if len(items) < 2:
        return items
    ranks = [
        _ranks(np.array(column, dtype=float), rounding)
        for column in zip(*map(key, items), strict=True)
    ]
    return [items[k] for k in np.lexsort(ranks[::-1])] if ranks else items


def _ranks(numbers: np.ndarray, rounding: float) -> np.ndarray:
    """Ranks, equal for numbers that differ by rounding; what is no number comes last."""
    known = np.where(np.isnan(numbers), np.inf, numbers)
    finite = np.abs(known[np.isfinite(known)])
    apart = rounding * finite.max(initial=0.0)
    order = np.argsort(known, kind="stable")
    rises = known[order][1:] > known[order][:-1] + apart
    ranks = np.empty(len(numbers), dtype=int)
    ranks[order] = np.concatenate([[0], np.cumsum(rises)])
    return ranks

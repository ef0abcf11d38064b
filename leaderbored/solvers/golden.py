"""Highest points found by looking: golden-section search, for certificates. No derivative.

Golden sections (Kiefer, Proceedings of the American Mathematical Society 4, 1953) find the highest
point between two others where what rises then falls. A grid in front tells where to look.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leaderbored.games.markov import Array

GOLDEN = (5**0.5 - 1) / 2
SECTIONS = 50  # that narrow an interval to 4e-11 of its length
ROUNDING = 4e-16  # of a payoff, by which a new point must be better than the one held

Payoff = Callable[[Array], Array]


def golden(
    payoff: Payoff, low: Array, high: Array, sections: int = SECTIONS
) -> tuple[Array, Array]:
    """Highest points between two others, in as many intervals at once as the arrays have entries.

    Parameters
    ----------
    payoff : callable
        Of points (...), what they pay (...).
    low, high : (...) arrays
    sections : int, optional

    Returns
    -------
    point, paid : (...) arrays
        The best of all points looked at, the ends included, and what it pays.

    Examples
    --------
    >>> peak, paid = golden(lambda x: -((x - 1) ** 2), np.array([0.0, 2.0]), np.array([3.0, 3.0]))
    >>> peak.round(6).tolist(), paid.round(6).tolist()
    ([1.0, 2.0], [-0.0, -1.0])
    """
    best, most = low, payoff(low)

    def look(at: Array) -> Array:
        nonlocal best, most
        paid = payoff(at)
        best, most = np.where(paid > most, at, best), np.maximum(paid, most)
        return paid

    look(high)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    first, second = look(left), look(right)
    for _ in range(sections):
        rises = first < second
        low, high = np.where(rises, left, low), np.where(rises, high, right)
        width = GOLDEN * (high - low)
        new = np.where(rises, low + width, high - width)
        found = look(new)
        left, right = np.where(rises, right, new), np.where(rises, new, left)
        first, second = np.where(rises, second, found), np.where(rises, found, first)
    return best, most


def highest(payoff: Payoff, knots: Array, held: Array, grid: int) -> Array:
    """Highest points of payoffs that are smooth between knots.

    Parameters
    ----------
    payoff : callable
        Of points (..., S), what they pay (..., S).
    knots : (K, S) array
        Rising; the first and last are the ends.
    held : (S,) array
        Returned where nothing pays more.
    grid : int
        Points between two knots, round the highest of which golden section searches.

    Returns
    -------
    (S,) array

    Examples
    --------
    >>> def payoff(x):
    ...     return np.where(x < 1, x, 2 - (x - 2) ** 2)
    >>> highest(payoff, np.array([[0.0], [1.0], [3.0]]), np.zeros(1), 9).round(6).tolist()
    [2.0]
    """
    low, high = knots[:-1], knots[1:]
    part = np.linspace(0, 1, grid).reshape(-1, 1, 1)
    points = low + part * (high - low)  # (grid, K - 1, S)
    peak = payoff(points).argmax(axis=0)[None]
    left, right = (
        np.take_along_axis(points, np.clip(peak + step, 0, grid - 1), axis=0)[0] for step in (-1, 1)
    )
    inner = golden(payoff, left, right)[0]
    several = np.concatenate([held[None], knots, inner])
    paid = payoff(several)
    with np.errstate(invalid="ignore"):
        better = paid > paid[0] + ROUNDING * np.abs(paid[0])
    best = np.where(better.any(axis=0), paid.argmax(axis=0), 0)[None]
    return np.asarray(np.take_along_axis(several, best, axis=0)[0])

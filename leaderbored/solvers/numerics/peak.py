"""Highest points found by looking, for certificates: no derivative, and nobody's reply.

Of some points between two others the highest is taken, and its neighbours are the next two. That
finds the highest point of all where what rises then falls; a grid in front tells where to look.
Few intervals get many points a call, and many intervals one, by golden sections (Kiefer,
Proceedings of the American Mathematical Society 4, 1953), which need the fewest in all.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log

import numpy as np

from leaderbored.games.markov import Array

WIDTH = 1e-11  # to which an interval is narrowed, over its length
CLOSE = 1e-5  # the same, of what is looked at beside a guess: payoffs there differ by more digits
POINTS = (3, 24)  # between two others, at least and at most
GOLDEN = (5**0.5 - 1) / 2
TOGETHER = 6_000  # points of all intervals that are looked at in a call, if they are that few
ROUNDING = 4e-16  # of a payoff, by which a new point must be better than the one held
BESIDE = {1e-5: ROUNDING, 1e-7: 5 * ROUNDING, 1e-9: 5 * ROUNDING, 1e-11: 5 * ROUNDING}
"""Distances from a guess, over the length of its interval, and what may be rounding there."""

Payoff = Callable[[Array], Array]


def peak(payoff: Payoff, low: Array, high: Array, near: Array | None = None) -> Array:
    """Highest points strictly between two others, in as many intervals as arrays have entries.

    Parameters
    ----------
    payoff : callable
        Of points (P, ...), what they pay (P, ...).
    low, high : (...) arrays
    near : (...) array, optional
        Guesses within, which save time where they are right: what is lower on both sides of one,
        close to it, has its highest point there.

    Returns
    -------
    (...) array

    Examples
    --------
    >>> low, high = np.array([0.0, 2.0]), np.array([3.0, 3.0])
    >>> peak(lambda x: -((x - 1) ** 2), low, high).round(6).tolist()
    [1.0, 2.0]
    """
    count = int(np.clip(TOGETHER // max(low.size, 1), *POINTS))
    if count * low.size > TOGETHER:
        if near is not None and _stand(payoff, low, high, near):
            return near
        first, last = (low, high) if near is None else _closer(payoff, low, high, near)
        widest = float(((last - first) / np.where(high > low, high - low, 1.0)).max(initial=WIDTH))
        return _by_sections(payoff, first, last, WIDTH / widest)
    part = np.linspace(0, 1, count + 2)[1:-1]
    parts = part.reshape(-1, *[1] * low.ndim)
    for _ in range(ceil(log(WIDTH) / log(2 / (count + 1)))):
        top = payoff(low + parts * (high - low)).argmax(axis=0)
        best = low + part[top] * (high - low)
        step = (high - low) / (count + 1)
        low, high = np.maximum(best - step, low), np.minimum(best + step, high)
    return np.asarray(best)


def _stand(payoff: Payoff, low: Array, high: Array, near: Array) -> bool:
    """Whether guesses are as high as what is beside them, close by and ever closer.

    What is concave is higher between two of these distances by no more than what may be rounding
    times their ratio.
    """
    here = payoff(near[None])[0]
    for part, rounding in BESIDE.items():
        sides = [np.clip(near + side * part * (high - low), low, high) for side in (-1, 1)]
        if not (payoff(np.array(sides)) <= here + rounding * np.abs(here)).all():
            return False
    return True


def _closer(payoff: Payoff, low: Array, high: Array, near: Array) -> tuple[Array, Array]:
    """Ends about guesses between which the highest points are, or on that side the ends given."""
    left, right = (np.clip(near + side * CLOSE * (high - low), low, high) for side in (-1, 1))
    before, here, after = payoff(np.array([left, near, right]))
    return np.where(before <= here, left, low), np.where(after <= here, right, high)


def _by_sections(payoff: Payoff, low: Array, high: Array, reach: float = WIDTH) -> Array:
    """The same, one point more at a time, down to such a part of the intervals."""
    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    left, right = payoff(np.array([a, b]))
    for _ in range(ceil(log(reach) / log(GOLDEN))):
        up = right > left
        low, high = np.where(up, a, low), np.where(up, high, b)
        width = GOLDEN * (high - low)
        new = np.where(up, low + width, high - width)
        paid = payoff(new[None])[0]
        a, b = np.where(up, b, new), np.where(up, new, a)
        left, right = np.where(up, right, paid), np.where(up, paid, left)
    return np.where(right > left, b, a)


def _first_highest(payoff: Payoff, points: list[Array]) -> Array:
    """The highest of some points, the first of those that are as high."""
    if points[0].size <= TOGETHER:
        every = np.array(points)
        first = payoff(every).argmax(axis=0)[None]
        return np.asarray(np.take_along_axis(every, first, axis=0)[0])
    top = points[0]
    most = payoff(top[None])[0]
    for point in points[1:]:
        paid = payoff(point[None])[0]
        top, most = np.where(paid > most, point, top), np.maximum(paid, most)
    return top


def highest(payoff: Payoff, knots: Array, held: Array, grid: int) -> Array:
    """Highest points of payoffs that are smooth between knots.

    Parameters
    ----------
    payoff : callable
        Of points (P, ..., S), what they pay.
    knots : (K, S) array
        Rising; the first and last are the ends.
    held : (S,) array
        Returned where nothing pays more.
    grid : int
        Points between two knots, round the highest of which it is narrowed down.

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
    step = (high - low) / (grid - 1)
    top = _first_highest(payoff, [low + k * step for k in range(grid)])
    low, high = np.maximum(top - step, low), np.minimum(top + step, high)
    inner = peak(payoff, low, high, np.clip(held, low, high))
    several = np.concatenate([held[None], knots, inner])
    paid = payoff(several)
    with np.errstate(invalid="ignore"):
        better = paid > paid[0] + ROUNDING * np.abs(paid[0])
    best = np.where(better.any(axis=0), paid.argmax(axis=0), 0)[None]
    return np.asarray(np.take_along_axis(several, best, axis=0)[0])

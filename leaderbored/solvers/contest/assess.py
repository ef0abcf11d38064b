"""Certificates of contests: best deviations of one lab, and the slope of best replies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race.contest import Lap

MANY = 200  # labs up to which deviations are searched on a grid, and the radius is computed


def best_gains(lap: Lap, build: Array) -> Array:
    """What each lab could gain by its best deviation, found by looking, not by formula.

    Parameters
    ----------
    lap : Lap
    build : (N,) array
        B, in units of compute.

    Returns
    -------
    (N,) array
        Money. Beyond 200 labs, where payoffs are concave, an upper bound from their slopes.

    Examples
    --------
    >>> from leaderbored.race import Contest
    >>> best_gains(Contest.of([1.0, 1.0], prize=2.0), np.array([0.5, 0.25])).round(4).tolist()
    [0.0025, 0.0833]
    """
    if len(lap) > MANY and lap.decisiveness <= 1:
        y = lap.impact(build)
        return _slope_gains(lap, build, y.sum() - y)
    rivals = np.where(np.eye(len(lap), dtype=bool), 0.0, build)
    largest = rivals.max(axis=1)  # in units of it, for only ratios count
    unit = np.where(largest > 0, largest, 1.0)
    others = lap.impact(rivals / unit[:, None]).sum(axis=1)

    def payoff(b: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            odds = 1 / (1 + others / lap.impact(b / unit))
        odds = np.where(others == 0, np.where(b > 0, 1.0, 1 / len(lap)), odds)
        return lap.revenue(b) + lap.prize * odds

    span = np.union1d(np.geomspace(1e-12, 1, 700), np.linspace(0, 1, 700))[:, None]
    grid = np.vstack([lap.lo + span * (lap.hi - lap.lo), np.clip(lap.kink, lap.lo, lap.hi)])
    grid.sort(axis=0)
    values = payoff(grid)
    peak, labs = values.argmax(axis=0), np.arange(len(lap))
    left = grid[np.maximum(peak - 1, 0), labs]
    right = grid[np.minimum(peak + 1, len(grid) - 1), labs]
    best = np.maximum(values.max(axis=0), _golden(payoff, left, right))
    gains: Array = np.maximum(best - payoff(build), 0.0)
    return gains


def _golden(payoff: Callable[[Array], Array], left: Array, right: Array) -> Array:
    """Highest payoffs between left and right, by golden-section search."""
    golden = (5**0.5 - 1) / 2
    best = np.maximum(payoff(left), payoff(right))
    for _ in range(60):
        width = golden * (right - left)
        low, high = right - width, left + width
        first, second = payoff(low), payoff(high)
        best = np.maximum(best, np.maximum(first, second))
        better = first > second
        left, right = np.where(better, left, low), np.where(better, high, right)
    return best


def _slope_gains(lap: Lap, build: Array, others: Array) -> Array:
    """Gains along the tangents, which lie above concave payoffs."""
    y, r = lap.impact(build), lap.decisiveness
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.where(build > 0, y / build, lap.head_start if r == 1 else 0.0)
        benefit = lap.prize * r * power * others / (y + others) ** 2
    up = benefit - np.where(build >= lap.kink, lap.dear, lap.cheap)
    down = benefit - np.where(build > lap.kink, lap.dear, lap.cheap)
    gains: Array = np.maximum(up * (lap.hi - build), down * (lap.lo - build))
    return np.maximum(gains, 0.0)


def best_reply_radius(lap: Lap, build: Array) -> float | None:
    """Spectral radius of the best-reply map at an equilibrium; None beyond 200 labs.

    Parameters
    ----------
    lap : Lap
    build : (N,) array
        B, in units of compute.

    Examples
    --------
    >>> from leaderbored.race import Contest
    >>> lap = Contest.of([1.0, 1.0, 1.0], prize=1.0)
    >>> round(best_reply_radius(lap, np.full(3, 2 / 9)), 6)
    0.5
    """
    if len(lap) > MANY:
        return None
    share, r = lap.chances(build) if build.any() else build, lap.decisiveness
    inner = (build > lap.lo) & (build < lap.hi) & (build != lap.kink) & (share < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = share / (1 - share) * (1 - 2 * share) / (1 - 2 * share - 1 / r)
    reply = np.where(inner, slope, 0.0)[:, None] * (1 - np.eye(len(lap)))
    return float(np.abs(np.linalg.eigvals(reply)).max())

"""Share functions where decisiveness is at most one: the aggregate is one root."""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race.contest import Lap
from leaderbored.solvers.budget import Budget, Progress, StoppedError


def lap_equilibrium(
    lap: Lap, *, budget: Budget | None = None, progress: Progress | None = None
) -> tuple[Array, float]:
    """The equilibrium of a contest whose decisiveness is at most one.

    Parameters
    ----------
    lap : Lap
        N labs; a million take seconds.
    budget, progress : optional
        As of :func:`leaderbored.solve`.

    Returns
    -------
    build : (N,) array
        B, in units of compute; nan if there is no equilibrium.
    aggregate : float
        X, the sum of t B^r.

    Raises
    ------
    ValueError
        If the decisiveness exceeds one.
    StoppedError
        If the budget ran out.

    Examples
    --------
    >>> from leaderbored.race import Contest
    >>> build, aggregate = lap_equilibrium(Contest.of(np.ones(4), prize=1.0))
    >>> build.round(4).tolist(), round(aggregate, 4)
    ([0.1875, 0.1875, 0.1875, 0.1875], 0.75)
    """
    if lap.decisiveness > 1:
        raise ValueError("share functions fall for decisiveness up to 1 only")
    budget = budget or Budget(None)
    free = (lap.cheap == 0) & (lap.kink > 0)
    if np.count_nonzero(lap.hi) == 1 and not ((lap.hi > 0) & (free | (lap.lo > 0))).any():
        return np.full(len(lap), np.nan), 0.0  # the less it builds the better, but for nothing
    high = float(np.log(lap.impact(most(lap)).sum()))
    low, x, reach = -np.inf, high, 1.0
    for k in range(300):
        if budget.spent():
            raise StoppedError
        total, slope = _total(lap, x)
        if progress is not None:
            progress("share functions", k, min(1.0, abs(total - 1)))
        low, high = (x, high) if total >= 1 else (low, x)
        step = -total * np.log(total) / slope if total > 0 and slope < 0 else 0.0
        if abs(step) < 4e-16 * max(1.0, abs(x)) and (slope < 0 or high == low):
            break
        if low == -np.inf:  # from the right: at least as far as Newton, and ever further
            x, reach = x + min(step, -reach), 2 * reach
            if reach > 1e4:
                return np.full(len(lap), np.nan), 0.0
        else:
            x = x + step if step and low < x + step < high else (low + high) / 2
            if high - low < 4e-16 * max(1.0, abs(high)):
                break
    return _supply(lap, x), float(np.exp(x))


def most(lap: Lap) -> Array:
    """B beyond which the prize cannot repay even the likeliest gain, V r / (4 B) a unit."""
    most = np.maximum(lap.kink, lap.prize * lap.decisiveness / (4 * lap.dear))
    return np.clip(most, lap.lo, lap.hi)


def log_a(lap: Lap, cost: Array, x: float | Array) -> Array:
    """Logarithm of a, at the aggregate e^x."""
    with np.errstate(divide="ignore"):  # building with idle compute costs nothing
        found: Array = np.log(cost / (lap.prize * lap.decisiveness))
    return found + (x - np.log(lap.head_start)) / lap.decisiveness


def _interior(log_a: Array, r: float) -> Array:
    """The root s of a s^q = 1 - s for r <= 1, by Newton in ln s, where the problem is convex."""
    if r == 1:
        return np.maximum(0.0, -np.expm1(np.minimum(log_a, 0.0)))
    q = 1 / r - 1
    z = -np.maximum(log_a, 0.0) / q
    for _ in range(60):
        f = np.logaddexp(log_a + q * z, z)
        step = f / (q + (1 - q) * np.exp(z - f))
        z = np.minimum(z - step, 0.0)
        if np.max(np.abs(step)) < 1e-14 * (1 + np.max(np.abs(z))):
            break
    return np.exp(z)


def _total(lap: Lap, x: float) -> tuple[float, float]:
    """Sum of the shares at the aggregate e^x, and its slope in x."""
    r, scale = lap.decisiveness, np.exp(-x)
    share = inner = _interior(log_a(lap, lap.dear, x), r)
    if (lap.kink > lap.lo).any():
        free = _interior(log_a(lap, lap.cheap, x), r)
        corner = scale * lap.impact(np.maximum(lap.kink, 0.0))
        share = np.minimum(free, np.maximum(corner, share))
        inner = np.where(share == free, free, inner)
    share = np.clip(share, scale * lap.impact(lap.lo), scale * lap.impact(lap.hi))
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = share * (1 - share) / ((1 - r) * (1 - share) + r * share)
    slope = -np.where((share == inner) & (share > 0), bend, share)
    return float(share.sum()), float(slope.sum())


def _supply(lap: Lap, x: float) -> Array:
    """(N,) B at the aggregate e^x."""
    r = lap.decisiveness

    def build(cost: Array) -> Array:
        share = _interior(log_a(lap, cost, x), r)
        base: Array = share * np.exp(x) / lap.head_start
        return base if r == 1 else base ** (1 / r)

    supply = build(lap.dear)
    if (lap.kink > lap.lo).any():
        supply = np.minimum(build(lap.cheap), np.maximum(lap.kink, supply))
    return np.clip(supply, lap.lo, lap.hi)

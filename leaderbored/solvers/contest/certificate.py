"""Certificates of contests: the best deviation of one lab, found by looking, not by formula.

Of many labs at a decisiveness up to one, where payoffs are concave, five points next to what a lab
does bound what any deviation brings; it is looked for where that bound is too wide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.race.contest import ContestArrays
from leaderbored.solvers.numerics.peak import peak

MANY = 200  # labs up to which deviations are searched on a fine grid
WIDTHS = (3e-6, 3e-8, 2e-4, 1e-2)  # between points, of what builds; narrow at zero, wide where flat
SURE = 1e-11  # of a payoff, a bound that will do
FINE, COARSE = 700, 60  # points of it, spaced evenly and once more crowded at the lower end


def regret(contest: ContestArrays, build: Array) -> Array:
    """What each lab could gain by its best deviation, relative to its payoff.

    Parameters
    ----------
    contest : ContestArrays
    build : (N,) array
        B, in units of compute.

    Returns
    -------
    (N,) array
        In money where the payoff is zero.

    Examples
    --------
    >>> from leaderbored.race import Contest
    >>> regret(Contest.of([1.0, 1.0], prize=2.0), np.array([0.5, 0.25])).round(4).tolist()
    [0.0013, 0.0588]
    """
    pays = np.abs(contest.payoffs(build))
    return np.asarray(gains(contest, build) / np.where(pays > 0, pays, 1.0))


def gains(contest: ContestArrays, build: Array) -> Array:
    """(N,) the same in money.

    Examples
    --------
    >>> from leaderbored.race import Contest
    >>> gains(Contest.of([1.0, 1.0], prize=2.0), np.array([0.5, 0.25])).round(4).tolist()
    [0.0025, 0.0833]
    """
    unit, others = _rivals(contest, build)
    found, rest = np.zeros(len(contest)), np.arange(len(contest))
    if len(contest) > MANY and contest.decisiveness <= 1 and (others > 0).all():
        enough = SURE * np.abs(contest.payoffs(build))
        for width in WIDTHS:
            payoff = _payoffs(_some(contest, rest), unit[rest], others[rest])
            found[rest] = _bounded(_some(contest, rest), build[rest], payoff, width)
            rest = rest[~(found[rest] <= enough[rest])]
    if len(rest):
        some = _some(contest, rest)
        payoff = _payoffs(some, unit[rest], others[rest], len(contest))
        few = FINE if len(contest) <= MANY else COARSE
        found[rest] = _looked(some, build[rest], payoff, few)
    return found


def _some(contest: ContestArrays, who: NDArray[np.int_]) -> ContestArrays:
    """The arrays of some labs."""
    arrays = {
        part.name: getattr(contest, part.name)
        for part in fields(contest)
        if np.ndim(getattr(contest, part.name))
    }
    return replace(contest, **{name: array[who] for name, array in arrays.items()})


def _payoffs(
    contest: ContestArrays, unit: Array, others: Array, count: int | None = None
) -> Callable[[Array], Array]:
    """What labs get of (..., N) compute that builds, at the impact of their rivals."""

    def payoff(b: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            odds = 1 / (1 + others / contest.impact(b / unit))
        if not others.all():
            alone = np.where(b > 0, 1.0, 1 / (count or len(contest)))
            odds = np.where(others == 0, alone, odds)
        return contest.revenue(b) + contest.prize * odds

    return payoff


def _bounded(
    contest: ContestArrays, build: Array, payoff: Callable[[Array], Array], width: float
) -> Array:
    """(N,) bounds on gains from deviations where payoffs are concave; infinite if there is none.

    Between two of five points next to each other a concave payoff is below the lines through the
    next two on either side; and beyond them it falls if it falls between the last two.
    """
    low, high = contest.lo, contest.hi
    step = np.minimum(width * np.where(build > 0, build, high), (high - low) / 4)
    first = np.clip(build - 2 * step, low, high - 4 * step)
    values = [payoff(first + k * step) for k in range(5)]
    most = np.maximum.reduce(values)
    for k in range(4):
        lines = [2 * values[k] - values[k - 1]] if k else []
        lines += [2 * values[k + 1] - values[k + 2]] if k < 3 else []
        most = np.maximum(most, np.minimum.reduce(lines))
    falls = (values[0] <= values[1]) | (first <= low)
    falls &= (values[4] <= values[3]) | (first + 4 * step >= high)
    return np.where(falls, np.maximum(most - payoff(build), 0.0), np.inf)


def _looked(
    contest: ContestArrays, build: Array, payoff: Callable[[Array], Array], few: int
) -> Array:
    """(N,) gains from the best deviations on a grid, and between its points."""
    span = np.union1d(np.geomspace(1e-12, 1, few), np.linspace(0, 1, few))[:, None]
    grid = np.vstack(
        [
            contest.lo + span * (contest.hi - contest.lo),
            np.clip(contest.kink, contest.lo, contest.hi),
        ]
    )
    grid.sort(axis=0)
    values = payoff(grid)
    top, labs = values.argmax(axis=0), np.arange(len(contest))
    left = grid[np.maximum(top - 1, 0), labs]
    right = grid[np.minimum(top + 1, len(grid) - 1), labs]
    best = np.maximum(values.max(axis=0), payoff(peak(payoff, left, right)))
    found: Array = np.maximum(best - payoff(build), 0.0)
    return found


def _rivals(contest: ContestArrays, build: Array) -> tuple[Array, Array]:
    """(N,) units of compute, for only ratios count, and the impact of each lab's rivals in them."""
    if len(contest) > MANY:  # as decisive as they may be then, no difference of impacts is rounding
        unit = np.full(len(contest), build.max() or 1.0)
        impact = contest.impact(build / unit)
        return unit, np.maximum(impact.sum() - impact, 0.0)
    rivals = np.where(np.eye(len(contest), dtype=bool), 0.0, build)
    largest = rivals.max(axis=1)
    unit = np.where(largest > 0, largest, 1.0)
    return unit, contest.impact(rivals / unit[:, None]).sum(axis=1)

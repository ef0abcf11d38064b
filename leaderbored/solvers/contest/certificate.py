"""Certificates of contests: the best deviation of one lab, found by looking, not by formula."""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race.contest import ContestArrays
from leaderbored.solvers.numerics.peak import peak

MANY = 200  # labs up to which deviations are searched on a fine grid
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

    def payoff(b: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            odds = 1 / (1 + others / contest.impact(b / unit))
        odds = np.where(others == 0, np.where(b > 0, 1.0, 1 / len(contest)), odds)
        return contest.revenue(b) + contest.prize * odds

    few = FINE if len(contest) <= MANY else COARSE
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

"""Stability of contests: the slope of best replies at an equilibrium."""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race.contest import ContestArrays

MANY = 200  # labs up to which the radius is computed


def best_reply_radius(contest: ContestArrays, build: Array) -> float | None:
    """Spectral radius of the best-reply map at an equilibrium; None beyond 200 labs.

    Parameters
    ----------
    contest : ContestArrays
    build : (N,) array
        B, in units of compute.

    Examples
    --------
    >>> from leaderbored.race import Contest
    >>> contest = Contest.of([1.0, 1.0, 1.0], prize=1.0)
    >>> round(best_reply_radius(contest, np.full(3, 2 / 9)), 6)
    0.5
    """
    if len(contest) > MANY:
        return None
    share, r = contest.chances(build) if build.any() else build, contest.decisiveness
    inner = (build > contest.lo) & (build < contest.hi) & (build != contest.kink)
    inner &= (share > 0) & (share < 1)
    with np.errstate(divide="ignore", invalid="ignore"):  # r - 1 first: shares may be 1e-17
        slope = r * share * (1 - 2 * share) / ((1 - share) * (r - 1 - 2 * r * share))
    reply = np.where(inner, slope, 0.0)[:, None] * (1 - np.eye(len(contest)))
    return float(np.abs(np.linalg.eigvals(reply)).max())

"""Share functions where decisiveness is at most one: the aggregate is one root."""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race.contest import ContestArrays
from leaderbored.solvers.budget import Budget, Progress, StoppedError


def aggregate_equilibrium(
    contest: ContestArrays, *, budget: Budget | None = None, progress: Progress | None = None
) -> tuple[Array, float]:
    """The equilibrium of a contest whose decisiveness is at most one.

    Parameters
    ----------
    contest : ContestArrays
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
    >>> build, aggregate = aggregate_equilibrium(Contest.of(np.ones(4), prize=1.0))
    >>> build.round(4).tolist(), round(aggregate, 4)
    ([0.1875, 0.1875, 0.1875, 0.1875], 0.75)
    """
    if contest.decisiveness > 1:
        raise ValueError("share functions fall for decisiveness up to 1 only")
    budget = budget or Budget(None)
    free = (contest.cheap == 0) & (contest.kink > 0)
    if (
        np.count_nonzero(contest.hi) == 1
        and not ((contest.hi > 0) & (free | (contest.lo > 0))).any()
    ):
        return np.full(len(contest), np.nan), 0.0  # the less it builds the better, but for nothing
    high = float(np.log(contest.impact(most(contest)).sum()))
    low, x, reach = -np.inf, high, 1.0
    for k in range(300):
        if budget.spent():
            raise StoppedError
        total, log, slope = _total(contest, x)
        if progress is not None:
            progress("share functions", k, min(1.0, abs(total - 1)))
        low, high = (x, high) if log >= 0 else (low, x)
        step = -total * log / slope if total > 0 and slope < 0 else 0.0
        if abs(step) < 4e-16 * max(1.0, abs(x)) and (slope < 0 or high == low):
            break
        if low == -np.inf:  # from the right: at least as far as Newton, and ever further
            x, reach = x + min(step, -reach), 2 * reach
            if reach > 1e4:
                return np.full(len(contest), np.nan), 0.0
        else:
            x = x + step if step and low < x + step < high else (low + high) / 2
            if high - low < 4e-16 * max(1.0, abs(high)):
                break
    return _supply(contest, x), float(np.exp(x))


def most(contest: ContestArrays) -> Array:
    """B beyond which the prize cannot repay even the likeliest gain, V r / (4 B) a unit."""
    most = np.maximum(contest.kink, contest.prize * contest.decisiveness / (4 * contest.dear))
    return np.clip(most, contest.lo, contest.hi)


def log_a(contest: ContestArrays, cost: Array, x: float | Array) -> Array:
    """Logarithm of a, at the aggregate e^x."""
    with np.errstate(divide="ignore"):  # building with idle compute costs nothing
        found: Array = np.log(cost / (contest.prize * contest.decisiveness))
    return found + (x - np.log(contest.head_start)) / contest.decisiveness


def interior(log_a: Array, r: float) -> tuple[Array, Array]:
    """The root s of a s^q = 1 - s for r <= 1, by Newton in ln s, where the problem is convex.

    Beside s stands 1 - s: next to one, only that says how much is left for the others.
    """
    if r == 1:
        rest = np.exp(np.minimum(log_a, 0.0))
        return np.maximum(0.0, -np.expm1(np.minimum(log_a, 0.0))), rest
    q = 1 / r - 1
    z = -np.maximum(log_a, 0.0) / q
    for _ in range(60):
        f = np.logaddexp(log_a + q * z, z)
        step = f / (q + (1 - q) * np.exp(z - f))
        z = np.minimum(z - step, 0.0)
        # Each lab by itself: with r next to one z is 0 for some and -1e15 for others.
        if (np.abs(step) < 1e-14 * (1 + np.abs(z))).all():
            break
    return np.exp(z), np.exp(log_a + q * z)


def _total(contest: ContestArrays, x: float) -> tuple[float, float, float]:
    """Sum of the shares at the aggregate e^x, its logarithm, and its slope in x.

    The largest share may be one to rounding while others are tiny. The logarithm next to zero
    is therefore that of what they take less what it leaves.
    """
    r = contest.decisiveness
    share, rest = inner, _ = interior(log_a(contest, contest.dear, x), r)
    if (contest.kink > contest.lo).any():
        free, left = interior(log_a(contest, contest.cheap, x), r)
        corner, beside = _fixed(contest, np.maximum(contest.kink, 0.0), x)
        share = np.minimum(free, np.maximum(corner, share))
        rest = np.maximum(left, np.minimum(beside, rest))
        inner = np.where(share == free, free, inner)
    (least, most_rest), (largest, least_rest) = (
        _fixed(contest, bound, x) for bound in (contest.lo, contest.hi)
    )
    share, rest = np.clip(share, least, largest), np.clip(rest, least_rest, most_rest)
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = share * rest / ((1 - r) * rest + r * share)
    slope = -np.where((share == inner) & (share > 0), bend, share)
    first = np.argmax(share)
    others = np.where(np.arange(len(share)) == first, 0.0, share).sum()
    total, excess = share[first] + others, others - rest[first]
    with np.errstate(divide="ignore"):
        log = np.log1p(excess) if total > 0.5 else np.log(total)
    return float(total), float(log), float(slope.sum())


def _fixed(contest: ContestArrays, build: Array, x: float) -> tuple[Array, Array]:
    """(N,) shares of given builds at the aggregate e^x, and one less them."""
    log = contest.log_impact(build) - x
    return np.exp(log), -np.expm1(log)


def _supply(contest: ContestArrays, x: float) -> Array:
    """(N,) B at the aggregate e^x."""
    r = contest.decisiveness

    def build(cost: Array) -> Array:
        share, _ = interior(log_a(contest, cost, x), r)
        base: Array = share * np.exp(x) / contest.head_start
        return base if r == 1 else base ** (1 / r)

    supply = build(contest.dear)
    if (contest.kink > contest.lo).any():
        supply = np.minimum(build(contest.cheap), np.maximum(contest.kink, supply))
    return np.clip(supply, contest.lo, contest.hi)

"""Decisiveness above one: which labs stay out, sit at a kink, or build on which root."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logsumexp

from leaderbored.games.markov import Array
from leaderbored.race.contest import ContestArrays
from leaderbored.solvers.budget import Budget, Progress, StoppedError, checkpoint
from leaderbored.solvers.contest.shares import log_a, most
from leaderbored.solvers.hunt import Pool
from leaderbored.solvers.numerics.bracket import bisect

if TYPE_CHECKING:
    from leaderbored.solvers.contest import ContestMethod

NODES, MOST_NODES = 1200, 30_000  # of the grid in the logarithm of the aggregate
SPACING = 0.2  # of its nodes, at most, for the search to be called complete
DECADES = 11.0  # of the impact of compute, below the largest aggregate, that the grid spans
HALVINGS = 52  # of a cell of the grid: to rounding
Mask = NDArray[np.bool_]
Numbers = NDArray[np.intp]


def _roots(log_a: Array, r: float) -> tuple[Array, Array]:
    """Both roots s of a s^q = 1 - s for r > 1; the fold where there is none."""
    w = 1 - 1 / r
    peak = w / (1 + w)
    none = log_a > np.log1p(-peak) + w * np.log(peak)
    log_a = np.where(none, -1.0, np.maximum(log_a, -1e6))
    upper = np.clip(-np.expm1(log_a), peak, 1 - 1e-16)
    lower = np.minimum(log_a / w, np.log(peak))  # its logarithm: the root may be tiny
    for _ in range(40):
        f = np.log1p(-upper) + w * np.log(upper) - log_a
        fall = w / upper - 1 / (1 - upper)
        upper = np.clip(upper - f / np.minimum(fall, -1e-9), peak, 1 - 1e-16)
        s = np.exp(lower)
        g = np.log1p(-s) + w * lower - log_a
        lower = np.minimum(lower - g / np.maximum(w - s / (1 - s), 1e-9), np.log(peak))
    return np.where(none, peak, upper), np.where(none, peak, np.exp(lower))


def _replies(contest: ContestArrays, x: Array) -> Array:
    """(7, N, G) shares at G aggregates e^x of what can be a best reply.

    They are: the least compute, the kink, the most, and the two roots at either cost.
    """
    fixed = np.exp(contest.log_impact(_fixed(contest))[:, :, None] - x)
    roots = [
        _roots(_log_a_grid(contest, cost, x), contest.decisiveness)
        for cost in (contest.cheap, contest.dear)
    ]
    return np.concatenate([fixed, np.stack([root for pair in roots for root in pair])])


def _fixed(contest: ContestArrays) -> Array:
    """(3, N) the least, the kink and the most."""
    return np.stack([contest.lo, np.maximum(contest.kink, 0.0), contest.hi])


def _log_a_grid(contest: ContestArrays, cost: Array, x: Array) -> Array:
    return log_a(contest, cost, 0.0)[:, None] + x / contest.decisiveness


def _built(contest: ContestArrays, share: Array, x: Array) -> Array:
    """(..., N, G) B of shares at aggregates e^x."""
    log = np.log(share) + x - np.log(contest.head_start)[:, None]
    b: Array = np.exp(log / contest.decisiveness)
    return b


def _plausible(contest: ContestArrays, share: Array, x: Array) -> Mask:
    """(7, N, G) whether a reply is in its range and no deviation in a coarse sample beats it."""
    with np.errstate(all="ignore"):
        build = _built(contest, share, x)
        build[:3] = _fixed(contest)[..., None]  # also where its share is next to nothing
        lo, hi, kink = contest.lo[:, None], contest.hi[:, None], contest.kink[:, None]
        good = (share <= 1 + 1e-9) & (build >= lo * (1 - 1e-9)) & (build <= hi * (1 + 1e-9))
        good[:3] &= _allowed(contest)
        good[3:5] &= (build[3:5] <= kink) & (contest.cheap[:, None] > 0)
        good[5:7] &= build[5:7] >= kink
        others = x + np.log1p(-np.minimum(share, 1.0))
        good &= _content(contest, build, share, others)
    return good


def _allowed(contest: ContestArrays) -> Mask:
    """(3, N, 1) whether the least, the kink and the most can be best replies at all."""
    inside = (contest.kink > contest.lo) & (contest.kink < contest.hi)
    paid = (contest.kink <= contest.lo) | (contest.cheap > 0)  # what costs nothing is used
    return np.stack([paid, inside, contest.hi > contest.lo])[..., None]


def _content(contest: ContestArrays, build: Array, share: Array, others: Array) -> Mask:
    """(..., N, G) whether no deviation in a coarse sample beats a build.

    Others add up to e^others, of which and its own the build has a share.
    """
    own = contest.prize * share + _revenue(contest, build)
    span = np.append(np.geomspace(1e-9, 1, 40), np.linspace(0, 1, 9))[:, None]
    deviations = np.vstack([contest.lo + span * (most(contest) - contest.lo), contest.hi])
    good = np.ones(own.shape, dtype=bool)
    for b in np.where(deviations > 0, deviations, contest.hi):
        checkpoint()
        y = contest.log_impact(b)[:, None]
        gain = contest.prize * expit(y - others) + _revenue(contest, b[:, None]) - own
        good &= (gain <= 1e-9 * contest.prize) | (y == -np.inf)
    return good


def _cells(contest: ContestArrays, share: Array, x: Array) -> Mask:
    """(7, N, G - 1) between which nodes a reply is plausible.

    Where a fixed reply has nearly all of the aggregate, others change by orders of magnitude
    between two nodes: there it is looked at by what others do.
    """
    good = _plausible(contest, share, x)
    cells = good[..., 1:] | good[..., :-1]
    build = _fixed(contest)[..., None]
    with np.errstate(all="ignore"):
        y = contest.log_impact(build[..., 0])[..., None]
        others = y + np.linspace(-60.0, 3.0, 200)
        at = np.logaddexp(y, others)
        content = _allowed(contest) & _content(
            contest, np.broadcast_to(build, at.shape), np.exp(y - at), others
        )
    spot = np.searchsorted(x, at) - 1
    content &= np.isfinite(at) & (spot >= 0) & (spot < len(x) - 1)
    reply, lab, _ = np.nonzero(content)
    cells[reply, lab, spot[content]] = True
    return cells


def _revenue(contest: ContestArrays, build: Array) -> Array:
    return np.swapaxes(contest.revenue(np.swapaxes(build, -1, -2)), -1, -2)


def branches(
    contest: ContestArrays, method: ContestMethod, budget: Budget, progress: Progress | None
) -> tuple[list[Array], str]:
    """Every build at which a combination of replies adds up; and what was not searched, if any."""
    top = float(logsumexp(contest.log_impact(most(contest)))) + 0.01
    wide = DECADES * np.log(10) * contest.decisiveness
    x = np.linspace(top - wide, top, int(np.clip(wide / SPACING, NODES, MOST_NODES)))
    share = _replies(contest, x)
    cells, missed = _cells(contest, share, x), ""
    if wide > MOST_NODES * SPACING:
        missed = f"at r = {contest.decisiveness:g} the grid of aggregates is coarse"
    if len(contest) <= method.few:
        picks, spots, complete = _combinations(share, cells, method.combinations, budget)
        words = f"of combinations only {method.combinations:,} were searched"
        missed = missed if complete else words
    else:
        cost = np.log(contest.dear) - np.log(contest.head_start) / contest.decisiveness
        picks, spots = _cheapest(share, cells, np.argsort(cost, kind="stable"))
        missed = "only combinations in which the cheapest build were searched"
    if progress is not None:
        progress("branches", len(picks), 0.0)
    builds = _refined(contest, x, picks, spots) if len(picks) else np.empty((0, len(contest)))
    return _distinct(contest, builds, method.same), missed


def _combinations(
    share: Array, cells: Mask, most: int, budget: Budget
) -> tuple[Numbers, Numbers, bool]:
    """Combinations of replies, and the cells of the grid in which their shares cross one."""
    labs, complete = share.shape[1], True
    start: tuple[tuple[int, ...], Array, Mask] = ((), 0 * share[0, 0], np.ones_like(cells[0, 0]))
    front = [start]
    for i in range(labs):
        if budget.spent():
            raise StoppedError
        grown = []
        for picks, total, mask in front:
            for k in np.flatnonzero(cells[:, i].any(axis=-1)).tolist():
                both, more = mask & cells[k, i], total + share[k, i]
                # shares only add: a partial sum above one is lost
                if (both & (np.fmin(more[1:], more[:-1]) <= 1 + 1e-9)).any():
                    grown.append(((*picks, k), more, both))
        complete &= len(grown) <= most
        front = grown[:most]
    found = [
        (picks, spot)
        for picks, total, mask in front
        for spot in np.flatnonzero(mask & ((total[1:] - 1) * (total[:-1] - 1) <= 0))
    ]
    chosen = np.array([picks for picks, _ in found], dtype=np.intp).reshape(-1, labs)
    return chosen, np.array([spot for _, spot in found], dtype=np.intp), complete


def _cheapest(share: Array, cells: Mask, order: Numbers) -> tuple[Numbers, Numbers]:
    """As :func:`_combinations`, where the m cheapest labs build, for every m."""
    value = np.where(cells[1:], share[1:, :, :-1], -1.0)
    pick = np.argmax(value, axis=0) + 1
    able: Mask = np.logical_or.reduce(cells[1:])
    labs, spots = np.ogrid[: share.shape[1], : cells.shape[-1]]
    ends = [share[pick, labs, spots], share[pick, labs, spots + 1]]
    found = []
    for m in range(len(order) + 1):
        inside, outside = order[:m], order[m:]
        mask = np.all(able[inside], axis=0) & np.all(cells[0, outside], axis=0)
        low = ends[0][inside].sum(axis=0) + share[0, outside, :-1].sum(axis=0) - 1
        high = ends[1][inside].sum(axis=0) + share[0, outside, 1:].sum(axis=0) - 1
        for spot in np.flatnonzero(mask & (low * high <= 0)):
            picks = np.zeros(len(order), dtype=np.intp)
            picks[inside] = pick[inside, spot]
            found.append((picks, spot))
    all_picks = np.array([picks for picks, _ in found], dtype=np.intp).reshape(-1, len(order))
    return all_picks, np.array([spot for _, spot in found], dtype=np.intp)


def _refined(contest: ContestArrays, grid: Array, picks: Numbers, spots: Numbers) -> Array:
    """(C, N) builds where the shares of each combination add up to one, by bisection."""
    left, right = grid[spots], grid[spots + 1]
    labs, columns = np.arange(len(contest))[:, None], np.arange(len(picks))[None]

    def shares(x: Array) -> Array:
        chosen: Array = _replies(contest, x)[picks.T, labs, columns]
        return chosen

    rising = shares(left).sum(axis=0) < 1
    x = bisect(lambda x: (shares(x).sum(axis=0) > 1) != rising, left, right, HALVINGS).x
    build = _built(contest, shares(x), x)
    for k, exact in enumerate((contest.lo, contest.kink, contest.hi)):
        build = np.where(k == picks.T, exact[:, None], build)
    kept: Array = np.clip(build, contest.lo[:, None], contest.hi[:, None]).T
    return kept


def _distinct(contest: ContestArrays, builds: Array, same: float) -> list[Array]:
    """Builds by falling aggregate, each once."""
    builds = builds[np.isfinite(builds).all(axis=1)]
    builds = builds[np.argsort(-logsumexp(contest.log_impact(builds), axis=1), kind="stable")]
    pool: Pool[Array] = Pool(same)
    return [build for build in builds if pool.add("share functions", build)]

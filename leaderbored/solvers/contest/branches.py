"""Decisiveness above one: which labs stay out, sit at a kink, or build on which root."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.race.contest import Lap
from leaderbored.solvers.budget import Budget, Progress, StoppedError
from leaderbored.solvers.contest.shares import log_a, most

FEW = 12  # labs whose every combination of choices is searched
COMBINATIONS = 20_000
NODES = 1200  # of the grid in the logarithm of the aggregate
DECADES = 11.0
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


def _replies(lap: Lap, x: Array) -> Array:
    """(7, N, G) shares at G aggregates e^x of what can be a best reply.

    They are: the least compute, the kink, the most, and the two roots at either cost.
    """
    column = np.maximum(lap.impact(np.stack([lap.lo, np.maximum(lap.kink, 0.0), lap.hi])), 0.0)
    fixed = column[:, :, None] * np.exp(-x)
    roots = [_roots(_log_a_grid(lap, cost, x), lap.decisiveness) for cost in (lap.cheap, lap.dear)]
    return np.concatenate([fixed, np.stack([root for pair in roots for root in pair])])


def _log_a_grid(lap: Lap, cost: Array, x: Array) -> Array:
    return log_a(lap, cost, 0.0)[:, None] + x / lap.decisiveness


def _built(lap: Lap, share: Array, x: Array) -> Array:
    """(..., N, G) B of shares at aggregates e^x."""
    b: Array = (share * np.exp(x) / lap.head_start[:, None]) ** (1 / lap.decisiveness)
    return b


def _plausible(lap: Lap, share: Array, x: Array) -> Mask:
    """(7, N, G) whether a reply is in its range and no deviation in a coarse sample beats it."""
    with np.errstate(invalid="ignore"):
        build = _built(lap, share, x)
        lo, hi, kink = lap.lo[:, None], lap.hi[:, None], lap.kink[:, None]
        good = (share <= 1 + 1e-9) & (build >= lo * (1 - 1e-9)) & (build <= hi * (1 + 1e-9))
        good[1] &= (kink > lo) & (kink < hi)
        good[2] &= hi > lo
        good[3:5] &= build[3:5] <= kink
        good[5:7] &= build[5:7] >= kink
        others = np.maximum(np.exp(x) * (1 - share), 0.0)
        own = lap.prize * share + _revenue(lap, build)
        span = np.append(np.geomspace(1e-9, 1, 40), np.linspace(0, 1, 9))[:, None]
        deviations = np.vstack([lap.lo + span * (most(lap) - lap.lo), lap.hi])
        for b in np.where(deviations > 0, deviations, lap.hi):
            y = lap.impact(b)[:, None]
            gain = lap.prize * y / (y + others) + _revenue(lap, b[:, None]) - own
            good &= (gain <= 1e-9 * lap.prize) | (y == 0)
    return good


def _revenue(lap: Lap, build: Array) -> Array:
    return np.swapaxes(lap.revenue(np.swapaxes(build, -1, -2)), -1, -2)


def branches(lap: Lap, budget: Budget, progress: Progress | None) -> tuple[list[Array], bool]:
    """Every build at which a combination of replies adds up; and whether all were searched."""
    top = float(np.log(lap.impact(most(lap)).sum())) + 0.01
    x = np.linspace(top - DECADES * np.log(10) * lap.decisiveness, top, NODES)
    share = _replies(lap, x)
    good = _plausible(lap, share, x)
    cells = good[..., 1:] | good[..., :-1]
    if len(lap) <= FEW:
        picks, spots, complete = _combinations(share, cells, budget)
    else:
        cost = np.log(lap.dear) - np.log(lap.head_start) / lap.decisiveness
        picks, spots = _cheapest(share, cells, np.argsort(cost, kind="stable"))
        complete = False
    if progress is not None:
        progress("branches", len(picks), 0.0)
    builds = _refined(lap, x, picks, spots) if len(picks) else np.empty((0, len(lap)))
    return _distinct(lap, builds), complete


def _combinations(share: Array, cells: Mask, budget: Budget) -> tuple[Numbers, Numbers, bool]:
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
        complete &= len(grown) <= COMBINATIONS
        front = grown[:COMBINATIONS]
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


def _refined(lap: Lap, grid: Array, picks: Numbers, spots: Numbers) -> Array:
    """(C, N) builds where the shares of each combination add up to one, by bisection."""
    left, right = grid[spots], grid[spots + 1]
    labs, columns = np.arange(len(lap))[:, None], np.arange(len(picks))[None]

    def shares(x: Array) -> Array:
        chosen: Array = _replies(lap, x)[picks.T, labs, columns]
        return chosen

    rising = shares(left).sum(axis=0) < 1
    for _ in range(52):
        middle = (left + right) / 2
        above = (shares(middle).sum(axis=0) > 1) != rising
        left, right = np.where(above, middle, left), np.where(above, right, middle)
    x = (left + right) / 2
    build = _built(lap, shares(x), x)
    for k, exact in enumerate((lap.lo, lap.kink, lap.hi)):
        build = np.where(k == picks.T, exact[:, None], build)
    kept: Array = np.clip(build, lap.lo[:, None], lap.hi[:, None]).T
    return kept


def _distinct(lap: Lap, builds: Array) -> list[Array]:
    """Builds by falling aggregate, each once."""
    builds = builds[np.isfinite(builds).all(axis=1)]
    builds = builds[np.argsort(-lap.impact(builds).sum(axis=1), kind="stable")]
    kept = np.empty_like(builds)
    count = 0
    for build in builds:
        gaps = np.abs(kept[:count] - build).max(axis=1)
        if not (gaps <= 1e-7 * build.max()).any():
            kept[count] = build
            count += 1
    return list(kept[:count])

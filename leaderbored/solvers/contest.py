r"""Pure equilibria of contests, by share functions.

A lab is asked not for its best reply to the others, but for the share :math:`s` of the aggregate
:math:`X = \sum_j t_j B_j^r` that it supplies when its choice is a best reply. At the marginal
cost :math:`c` of building,

.. math:: V r\, s (1 - s) = c\, B, \qquad t B^r = s X
          \quad\Longrightarrow\quad a\, s^q = 1 - s, \quad
          a = \frac{c}{V r} \Bigl(\frac{X}{t}\Bigr)^{1/r}, \quad q = \frac1r - 1,

and an equilibrium is an aggregate at which the shares add up to one (Szidarovszky and Okuguchi
1997; Cornes and Hartley 2005). For :math:`r \le 1` every share falls in the aggregate: one root.
For :math:`r > 1` a lab may also stay out, and which labs do is searched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.race.contest import Contest, Lap
from leaderbored.solvers.budget import Budget, Progress, StoppedError
from leaderbored.solvers.solution import Census, Found, StaticEquilibrium, Status

FEW = 12  # labs whose every combination of choices is searched
MANY = 200  # labs up to which deviations are searched on a grid, and the radius is computed
COMBINATIONS = 20_000
NODES = 1200  # of the grid in the logarithm of the aggregate
DECADES = 11.0
Mask = NDArray[np.bool_]
Numbers = NDArray[np.intp]


@dataclass(frozen=True)
class ContestMethod:
    """How to solve a contest.

    Parameters
    ----------
    tolerance : float
        Largest regret of an equilibrium, relative to a lab's payoff.

    Examples
    --------
    >>> ContestMethod().tolerance
    1e-10
    """

    tolerance: float = 1e-10


def equilibria(
    game: Contest | Lap,
    method: ContestMethod | None = None,
    *,
    all: bool | None = None,
    start: Sequence[Array] | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
) -> Found[StaticEquilibrium]:
    """Pure equilibria of a contest.

    Parameters
    ----------
    game : Contest or Lap
    method : ContestMethod, optional
    all : bool, optional
        Whether to return every equilibrium that is found (the default) or one.
    start : None
        Not used: nothing is iterated from a start.
    budget, progress : optional
        As of :func:`leaderbored.solve`.

    Returns
    -------
    Found
        Equilibria by falling aggregate. Each was checked against every deviation of one lab.

    Examples
    --------
    >>> found = equilibria(Contest.of([1.0] * 3, price=[1.0, 1.5, 2.0], prize=1.0))
    >>> [round(81 * float(b[0])) for b in found.equilibria[0].strategies.values()]
    [20, 12, 4]
    """
    lap = game.lap if isinstance(game, Contest) else game
    names = [lab.name for lab in game.labs] if isinstance(game, Contest) else lap.names
    method, budget = method or ContestMethod(), budget or Budget(None)
    try:
        builds, census = _search(lap, budget, progress)
    except StoppedError:
        stopped = Status("stopped", "the budget ran out", "give more time")
        return Found([], stopped, Census("partial", "stopped", {}, None))
    points = []
    for build in builds:
        points.append(_certified(lap, names, build))
        if budget.spent() and len(points) < len(builds):
            census = Census("partial", "stopped", census.engines, None)
            break
    good = [point for point in points if point.regret <= method.tolerance]
    if all is False and len(good) > 1:
        good, census = good[:1], Census("partial", "one was asked for", census.engines, None)
    return Found(good, _status(lap, len(good), len(points)), census)


def _status(lap: Lap, good: int, tried: int) -> Status:
    if good:
        return Status("converged", f"equilibria found: {good}")
    if lap.decisiveness > 1:
        return Status(
            "not converged",
            f"no pure equilibrium was found among {tried} candidates",
            "discretise the contest and solve for mixed equilibria; or lower the decisiveness",
        )
    return Status(
        "not converged",
        "no pure equilibrium: only one lab can build, and the smallest amount would win"
        if tried == 0
        else "the equilibrium is less precise than the tolerance",
        "let a second lab build" if tried == 0 else "raise the tolerance",
    )


def _search(lap: Lap, budget: Budget, progress: Progress | None) -> tuple[list[Array], Census]:
    if not lap.hi.any():
        nobody = Census("proved", "no lab can build", {"share functions": 1}, None)
        return [np.zeros(len(lap))], nobody
    if lap.decisiveness <= 1:
        build, _ = lap_equilibrium(lap, budget=budget, progress=progress)
        found = [build] if np.isfinite(build).all() else []
        return found, _unique(lap, build)
    if len(lap) > MANY:
        return [], Census("partial", f"more than {MANY} labs at r > 1: not tried", {}, None)
    builds, complete = _branches(lap, budget, progress)
    message = (
        "every combination of corners, kinks and interior replies was searched on a grid"
        if complete
        else "only some combinations of idle and building labs were searched: the cheapest build"
    )
    engines = {"share functions": len(builds)}
    return builds, Census("searched" if complete else "partial", message, engines, None)


def _unique(lap: Lap, build: Array) -> Census:
    engines = {"share functions": int(np.isfinite(build).all())}
    alone = np.flatnonzero(build)
    if len(alone) == 1 and build[alone[0]] > lap.lo[alone[0]]:
        return Census("partial", "one lab builds, for free: it may build less", engines, None)
    message = "with r <= 1 payoffs are concave and shares fall in the aggregate: one root"
    return Census("proved", message, engines, None)


# r <= 1: one root


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
    high = float(np.log(lap.impact(_most(lap)).sum()))
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


def _most(lap: Lap) -> Array:
    """B beyond which the prize cannot repay even the likeliest gain, V r / (4 B) a unit."""
    most = np.maximum(lap.kink, lap.prize * lap.decisiveness / (4 * lap.dear))
    return np.clip(most, lap.lo, lap.hi)


def _log_a(lap: Lap, cost: Array, x: float | Array) -> Array:
    """Logarithm of a, at the aggregate e^x."""
    with np.errstate(divide="ignore"):  # building with idle compute costs nothing
        log_a: Array = np.log(cost / (lap.prize * lap.decisiveness))
    return log_a + (x - np.log(lap.head_start)) / lap.decisiveness


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
    share = inner = _interior(_log_a(lap, lap.dear, x), r)
    if (lap.kink > lap.lo).any():
        free = _interior(_log_a(lap, lap.cheap, x), r)
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
        share = _interior(_log_a(lap, cost, x), r)
        base: Array = share * np.exp(x) / lap.head_start
        return base if r == 1 else base ** (1 / r)

    supply = build(lap.dear)
    if (lap.kink > lap.lo).any():
        supply = np.minimum(build(lap.cheap), np.maximum(lap.kink, supply))
    return np.clip(supply, lap.lo, lap.hi)


# r > 1: corners, kinks and two roots


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
    return _log_a(lap, cost, 0.0)[:, None] + x / lap.decisiveness


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
        deviations = np.vstack([lap.lo + span * (_most(lap) - lap.lo), lap.hi])
        for b in np.where(deviations > 0, deviations, lap.hi):
            y = lap.impact(b)[:, None]
            gain = lap.prize * y / (y + others) + _revenue(lap, b[:, None]) - own
            good &= (gain <= 1e-9 * lap.prize) | (y == 0)
    return good


def _revenue(lap: Lap, build: Array) -> Array:
    return np.swapaxes(lap.revenue(np.swapaxes(build, -1, -2)), -1, -2)


def _branches(lap: Lap, budget: Budget, progress: Progress | None) -> tuple[list[Array], bool]:
    """Every build at which a combination of replies adds up; and whether all were searched."""
    top = float(np.log(lap.impact(_most(lap)).sum())) + 0.01
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


# What an answer is worth


def _certified(lap: Lap, names: Sequence[str], build: Array) -> StaticEquilibrium:
    payoffs = lap.payoffs(build)
    gain = best_gains(lap, build) / np.maximum(np.abs(payoffs), 1e-300)
    radius = best_reply_radius(lap, build)
    return StaticEquilibrium(
        strategies=dict(zip(names, build[:, None], strict=True)),
        payoffs=payoffs,
        regret=float(gain.max()),
        stable=None if radius is None else radius < 1,
        method="share functions",
        radius=radius,
    )


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
    >>> best_gains(Contest.of([1.0, 1.0], prize=2.0), np.array([0.5, 0.25])).round(4).tolist()
    [0.0025, 0.0833]
    """
    y = lap.impact(build)
    others = y.sum() - y
    if len(lap) > MANY and lap.decisiveness <= 1:
        return _slope_gains(lap, build, others)

    def payoff(b: Array) -> Array:
        own = lap.impact(b)
        none = own + others == 0
        odds = np.where(none, 1 / len(lap), own / np.where(none, 1.0, own + others))
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
    >>> lap = Contest.of([1.0, 1.0, 1.0], prize=1.0)
    >>> round(best_reply_radius(lap, np.full(3, 2 / 9)), 6)
    0.5
    """
    if len(lap) > MANY:
        return None
    y, r = lap.impact(build), lap.decisiveness
    share = y / y.sum() if y.any() else y
    inner = (build > lap.lo) & (build < lap.hi) & (build != lap.kink) & (share < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = share / (1 - share) * (1 - 2 * share) / (1 - 2 * share - 1 / r)
    reply = np.where(inner, slope, 0.0)[:, None] * (1 - np.eye(len(lap)))
    return float(np.abs(np.linalg.eigvals(reply)).max())

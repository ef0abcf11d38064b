r"""Certificates of continuous games: the best deviation in the whole strategy set, not near by.

First-order conditions hold at a player's worst replies too. Here each player's payoff is searched
over everything it may do against what the others do: on a grid with golden sections where it has
one strategy, from many points by sequential quadratic programming where it has several. Nothing
of it is shared with the solver but the payoffs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.stats import qmc

from leaderbored.games.markov import Array
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.numerics.linear import regular_sign

FARTHEST = 1e100
FINE = 4001
ROUGH = 41
PEAKS = 6  # of the grid that are refined
FAR = 1e6  # where a strategy without bound is searched, relative to where it stands
SAMPLES, DESCENTS = 12, 8  # two to the power of so many points; so many of them refined
FEASIBLE = 1e-13
MET = 1e-10  # of a total
ROUNDED = 1e-11  # relative change of a strategy that counts as rounding
STEP, LITTLE = 1e-5, 1e-3  # of deviations that prices must stop, and what of their size may be left
GOLDEN = (5**0.5 - 1) / 2
SECTIONS = 45
NOTHING = 1e-3  # share of other sizes below which a payoff is next to nothing
NEAR = 1e-7  # of a scaled F that is zero at a bound

Valued = Callable[[Array], Array]


def best_reply(program: Program, g: int, x: Array) -> tuple[Array, float]:
    """A player's best reply, and its payoff.

    Parameters
    ----------
    program : Program
    g : int
        Group of the player.
    x : (n,) array
        What is played.

    Returns
    -------
    reply : (s,) array
    payoff : float
        Infinite where payoffs grow without bound.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> reply, payoff = best_reply(Program(game), 0, np.array([0.0, 1.0]))
    >>> reply.round(6).tolist(), round(payoff, 6)
    ([4.0], 16.0)
    """
    floor = _floor(program, x)

    def value(own: Array) -> Array:
        own = np.atleast_2d(own)
        payoff = program.payoff(g, own, x)
        met = ~np.isnan(payoff) & (program.slack(g, own, x) >= floor).all(axis=1)
        return np.where(met, payoff, -np.inf)

    mine = program.own[g]
    here, low, high = x[mine], program.lower[mine], program.upper[mine]
    if program.total(g) is not None:
        return _in_simplex(program, g, value, here)
    if len(mine) == 1:
        return _on_line(value, here, float(low[0]), float(high[0]))
    return _in_box(program, g, x, value, here)


def _floor(program: Program, x: Array) -> Array:
    """(K,) slack of each shared constraint that a deviation must keep: none, or what there is."""
    return np.asarray(np.minimum(program.slacks(x), 0.0) - FEASIBLE)


def _violated(program: Program, x: Array) -> bool:
    """Whether a total or a shared constraint is not met, beyond what rounding does."""
    for g, mine in enumerate(program.own):
        total = program.total(g)
        if total is not None and not abs(x[mine].sum() - total) <= MET * (
            1 + np.abs(x[mine]).sum()
        ):
            return True
    if not program.code.shared:
        return False
    unit = np.zeros(program.code.shared)
    for g, mine in enumerate(program.own):
        for k in range(len(mine)):
            moved = np.tile(x[mine], (2, 1))
            moved[0, k] += ROUNDED * (1 + abs(moved[0, k]))
            moved[1, k] -= ROUNDED * (1 + abs(moved[1, k]))
            with np.errstate(invalid="ignore"):
                unit += np.ptp(program.slack(g, moved, x), axis=0)
    return not bool((program.slacks(x) >= -np.maximum(unit, FEASIBLE)).all())


def supported(program: Program, z: Array) -> bool:
    """Whether the prices of shared constraints that a point holds support its strategies.

    Each player's payoff plus what all constraints leave it, at these prices, must not rise as it
    moves a little; and a price must be zero where its constraint is not met with equality.

    Parameters
    ----------
    program : Program
    z : (m,) array

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player(n, {"x": [0, 1]}, "x - x**2/2") for n in "AB"],
    ...                      constraints=["A.x + B.x <= 1.5"])
    >>> supported(Program(game), np.array([0.75, 0.75, 0.25]))
    True
    >>> supported(Program(game), np.array([1.0, 0.5, 0.25]))
    False
    """
    shared = program.code.shared
    if not shared:
        return True
    x, price = z[: program.n], z[-shared:]
    if _violated(program, x) or (price < 0).any():
        return False
    for g, mine in enumerate(program.own):
        own = x[mine]
        moved = _little(program, g, own)
        worth = program.payoff(g, np.vstack([own, moved]), x)
        value = program.slack(g, np.vstack([own, moved]), x) * price
        if not (np.isfinite(worth[0]) and np.isfinite(value).all()):
            return False
        gain, rise = worth[1:] - worth[0], value[1:] - value[0]
        size = np.abs(gain) + np.abs(rise).sum(axis=1)
        rounding = ROUNDED * (abs(worth[0]) + np.abs(value[0]).sum())
        if (gain + rise.sum(axis=1) > LITTLE * size + rounding).any():
            return False
        slack = value[0]  # price times what is left
        if (slack > LITTLE * (size.max(initial=0.0) + rounding)).any():
            return False
    return True


def _little(program: Program, g: int, own: Array) -> Array:
    """Small deviations of a player within its bounds, and its total if it has one."""
    step = STEP * (1 + np.abs(own))
    moves = np.vstack([np.diag(step), -np.diag(step)])
    if program.total(g) is not None:
        n = len(own)
        pairs = [(a, b) for a in range(n) for b in range(n) if a != b]
        moves = np.zeros((len(pairs), n))
        for row, (a, b) in enumerate(pairs):
            moves[row, a], moves[row, b] = STEP, -STEP
    low, high = program.lower[program.own[g]], program.upper[program.own[g]]
    moved = own + moves
    kept: Array = moved[((moved >= low) & (moved <= high)).all(axis=1)]
    return kept


def _ends(here: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Finite bounds for the search."""
    far = np.minimum(FAR * (1 + np.abs(here)), FARTHEST)
    low = np.where(np.isfinite(low), low, here - far)
    return low, np.where(np.isfinite(high), high, here + far)


def _on_line(value: Valued, here: Array, low: float, high: float) -> tuple[Array, float]:
    left, right = (float(end[0]) for end in _ends(here, np.array([low]), np.array([high])))
    span, at = right - left, float(here[0])
    near = np.geomspace(1e-12, 1, 400) * span
    grid = np.concatenate(
        [np.linspace(left, right, FINE), left + near, right - near, at + near, at - near, here]
    )
    grid = np.unique(np.clip(grid, left, right))
    values = value(grid[:, None])
    inner = np.r_[-np.inf, values, -np.inf]
    peaks = np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] >= inner[2:]))
    peaks = peaks[np.argsort(-values[peaks], kind="stable")[:PEAKS]]
    a, b = grid[np.maximum(peaks - 1, 0)], grid[np.minimum(peaks + 1, len(grid) - 1)]
    best, most = float(grid[values.argmax()]), float(values.max())
    for _ in range(SECTIONS):
        width = GOLDEN * (b - a)
        first, second = b - width, a + width
        low_side, high_side = value(first[:, None]), value(second[:, None])
        for points, found in ((first, low_side), (second, high_side)):
            if found.max() > most:
                best, most = float(points[found.argmax()]), float(found.max())
        better = low_side > high_side
        a, b = np.where(better, a, first), np.where(better, second, b)
    return np.array([best]), most


def _in_box(program: Program, g: int, x: Array, value: Valued, here: Array) -> tuple[Array, float]:
    mine = program.own[g]
    low, high = _ends(here, program.lower[mine], program.upper[mine])
    points = low + qmc.Sobol(len(mine), seed=0).random_base2(SAMPLES) * (high - low)
    around = here + 0.1 * (1 + np.abs(here)) * (qmc.Sobol(len(mine), seed=1).random_base2(8) - 0.5)
    points = np.vstack([here, points, np.clip(around, low, high)])
    rules = []
    if program.code.shared:
        rules = [{"type": "ineq", "fun": lambda own: program.slack(g, own[None], x)[0]}]
    return _refined(value, points, (low, high), rules)


def _in_simplex(program: Program, g: int, value: Valued, here: Array) -> tuple[Array, float]:
    mine = program.own[g]
    low, high = _ends(here, program.lower[mine], program.upper[mine])
    total = program.total(g) or 0.0
    parts = -np.log(1 - qmc.Sobol(len(mine), seed=0).random_base2(SAMPLES))
    parts = np.vstack([parts, np.eye(len(mine))])
    points = low + (total - low.sum()) * parts / parts.sum(axis=1, keepdims=True)
    points = points[((points >= low) & (points <= high)).all(axis=1)]
    rules = [{"type": "eq", "fun": lambda own: own.sum() - total}]

    def feasible(own: Array) -> Array:
        free = own - low
        return np.asarray(low + free * (total - low.sum()) / (free.sum() or 1.0))

    met = abs(here.sum() - total) <= MET * (1 + np.abs(here).sum())
    first = here if met else _spread_out(total, low, high)
    return _refined(value, np.vstack([first, points]), (low, high), rules, feasible)


def _spread_out(total: float, low: Array, high: Array) -> Array:
    """Strategies between bounds that add up to a total, each as far up as the others."""
    room = high - low
    return np.asarray(low + room * (total - low.sum()) / (room.sum() or 1.0))


def _refined(
    value: Valued,
    points: Array,
    ends: tuple[Array, Array],
    rules: list[dict[str, Any]],
    feasible: Valued = np.asarray,
) -> tuple[Array, float]:
    low, high = ends
    bounds = list(zip(low, high, strict=True))
    values = value(points)
    best, most = points[values.argmax()], float(values.max())
    if not np.isfinite(most):
        return best, most
    unit = max(abs(most), 1e-300)

    def loss(own: Array) -> float:
        found = float(value(own)[0])
        return -found / unit if np.isfinite(found) else 1e6

    for k in np.argsort(-values, kind="stable")[:DESCENTS]:
        done = minimize(
            loss,
            points[k],
            method="SLSQP",
            bounds=bounds,
            constraints=rules,
            options={"ftol": 1e-15, "maxiter": 200},
        )
        own = feasible(np.clip(done.x, low, high))
        found = float(value(own)[0])
        if found > most and ((own >= low) & (own <= high)).all():
            best, most = own, found
    return best, most


def regrets(program: Program, x: Array) -> Array:
    """(G,) gain of a player of each group from its best deviation, relative to payoffs.

    Parameters
    ----------
    program : Program
    x : (n,) array

    Returns
    -------
    (G,) array
        Relative to its own payoff, or where that is next to nothing to a thousandth of the
        largest payoff and of what its own deviations move.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> regrets(Program(game), np.array([3.0, 3.0])).round(12).tolist()
    [0.0, 0.0]
    """
    payoffs = program.payoffs(x)
    if not np.isfinite(payoffs).all() or _violated(program, x):
        return np.full(len(payoffs), np.inf)
    best = np.array([best_reply(program, g, x)[1] for g in range(len(payoffs))])
    gain = np.maximum(best - payoffs, 0.0)
    return np.asarray(gain / _units(program, x, payoffs))


def _units(program: Program, x: Array, payoffs: Array) -> Array:
    """(G,) what gains are relative to."""
    largest = np.abs(payoffs).max()
    few = [_few(program, g, x)[1] for g in range(len(payoffs))]
    moved = np.array([np.ptp(found) if len(found) else 0.0 for found in few])
    unit = np.maximum(np.abs(payoffs), NOTHING * np.maximum(largest, moved))
    return np.where(unit > 0, unit, 1.0)


def _few(program: Program, g: int, x: Array) -> tuple[Array, Array]:
    """A few deviations of a player, and what they pay."""
    mine = program.own[g]
    low, high = program.lower[mine], program.upper[mine]
    reach = 1 + np.abs(x[mine])
    low = np.where(np.isfinite(low), low, x[mine] - reach)
    high = np.where(np.isfinite(high), high, x[mine] + reach)
    own = np.vstack([x[mine], low + np.linspace(0, 1, ROUGH)[:, None] * (high - low)])
    payoff = program.payoff(g, own, x)
    met = np.isfinite(payoff) & (program.slack(g, own, x) >= _floor(program, x)).all(axis=1)
    return own[met], payoff[met]


def tempted(program: Program, x: Array, tolerance: float) -> bool:
    """Whether a player gains from one of a few deviations: a cheap refusal of false points."""
    payoffs = program.payoffs(x)
    units = _units(program, x, payoffs)
    for g, mine in enumerate(program.own):
        if len(mine) == 1 and (_few(program, g, x)[1] - payoffs[g] > tolerance * units[g]).any():
            return True
    return False


def index(program: Program, z: Array) -> int:
    """1 or -1 where a solution is regular, 0 where it is not: the sign of a determinant.

    Unknowns at a bound do not count. Over all points that meet the first-order conditions of a game
    on a bounded set, false ones included, the indices add up to one.
    """
    sides = _sides(program, z)
    if sides is None:
        return 0
    return regular_sign(sides[0], NEAR)


def _sides(program: Program, z: Array) -> tuple[Array, Array] | None:
    """The derivative of F in the free unknowns, and which they are.

    None if one is at a bound and free at once, or a derivative is not defined.
    """
    f = program.residual(z[None])[0]
    own, rest = (part[0] for part in program.jacobian(z[None]))
    at_bound = (z <= program.lower) | (z >= program.upper)
    with np.errstate(invalid="ignore"):
        jacobian = own + rest
    part = jacobian[np.ix_(~at_bound, ~at_bound)]
    if not np.isfinite(part).all():
        return None
    size = np.nanmax(np.abs(np.where(np.isfinite(jacobian), jacobian, 0.0)), axis=1)
    slack = np.abs(f) < NEAR * np.where(size > 0, size, 1.0)
    if (at_bound & (program.lower < program.upper) & slack).any():
        return None
    return part, ~at_bound


def radius(program: Program, z: Array) -> float | None:
    """Spectral radius of the best-reply map; None where replies have a corner or no derivative.

    Copies of a player are moved together and against each other.
    """
    sides = _sides(program, z)
    if sides is None:
        return None
    _, free = sides
    own, rest = (part[0] for part in program.jacobian(z[None]))
    shared = slice(program.m - program.code.shared, program.m)
    n, size = program.n, 0.0
    replies = np.zeros((n, n))
    for g, mine in enumerate(program.own):
        block, copies = _block(program, free, g), int(program.count[g])
        moved = np.isin(block, mine)
        if not moved.any():
            continue
        by_self, by_others = own.copy(), rest[:, :n].copy()
        by_self[:, n:] += rest[:, n:]
        met = (own + rest)[shared, :n]  # a shared constraint is every player's own
        by_self[shared, mine], by_others[shared] = met[:, mine] / copies, met
        by_others[shared, mine] *= 1 - 1 / copies
        try:
            answer = -np.linalg.solve(by_self[np.ix_(block, block)], by_others[block])[moved]
        except np.linalg.LinAlgError:
            return None
        replies[block[moved]] = answer
        if copies > 1:
            among = np.linalg.eigvals(answer[:, block[moved]]) / (copies - 1)
            size = max(size, float(np.abs(among).max()))
    return max(size, float(np.abs(np.linalg.eigvals(replies)).max()))


def _block(program: Program, free: Array, g: int) -> Array:
    """Unknowns that move when a player of group g replies."""
    n, member = program.n, program.code
    kinks = [n + k for k, owner in enumerate(member.kink_owner) if owner == g]
    having = [h for h, group in enumerate(program.groups) if group.player.total is not None]
    level = [n + member.kinks + having.index(g)] if g in having else []
    price = [*range(program.m - member.shared, program.m)]
    every = np.array([*program.own[g], *kinks, *level, *price], dtype=int)
    return np.asarray(every[free[every]])

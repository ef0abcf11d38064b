r"""Certificates of continuous games: the best deviation in the whole strategy set, not near by.

First-order conditions hold at a player's worst replies too. Here each player's payoff is searched
over everything it may do against what the others do: on a grid and ever narrower ones where it has
one strategy; where it has several, from many points by looking around, in all coordinates and some
directions drawn at random, at steps that grow where that helps and shrink where it does not
(Kolda, Lewis and Torczon, SIAM Review 45, 2003). Neither replies nor derivatives are the solver's.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.numerics.halton import halton
from leaderbored.solvers.numerics.peak import peak

FARTHEST = 1e100
FINE_POINTS = 4001
ROUGH_POINTS = 41
REFINED_PEAKS = 6  # of the grid that are refined
UNBOUNDED_REACH = 1e6  # where a strategy without bound is searched, relative to where it stands
SAMPLES, CLIMBS = 4096, 8  # points; so many of them refined
MOST_LOOKS = 300  # around, at most, for each
LEAST_STEP_UP = 1e-14  # of a payoff: less is no step up
DIRECTIONS_DRAWN = 8  # directions a look
SHORTEST_STEP = 1e-12  # step, over the size of the strategies
FEASIBLE_SLACK = 1e-13
TOTAL_SLACK = 1e-10  # of a total
ROUNDED_CHANGE = 1e-11  # relative change of a strategy that counts as rounding
STEP, LITTLE = 1e-5, 1e-3  # of deviations that prices must stop, and what of their size may be left
NEGLIGIBLE_PAYOFF = 1e-3  # share of other sizes below which a payoff is next to nothing

Valued = Callable[[Array], Array]


def regret(program: Program, x: Array) -> Array:
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
    >>> regret(Program(game), np.array([3.0, 3.0])).round(12).tolist()
    [0.0, 0.0]
    """
    gained = gain(program, x)
    if not np.isfinite(gained).all():
        return np.full(len(gained), np.inf)
    return np.asarray(gained / _units(program, x, program.payoffs(x)))


def gain(program: Program, x: Array) -> Array:
    """(G,) gain of a player of each group from its best deviation, in units of payoff.

    Infinite where something is not defined, or a constraint not met.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> gain(Program(game), np.array([3.0, 4.0])).round(9).tolist()
    [0.25, 1.0]
    """
    payoffs = program.payoffs(x)
    if not np.isfinite(payoffs).all() or _violated(program, x):
        return np.full(len(payoffs), np.inf)
    best = np.array([_best(program, g, x) for g in range(len(payoffs))])
    return np.maximum(best - payoffs, 0.0)


def _best(program: Program, g: int, x: Array) -> float:
    """The most that a player of a group gets against what the others play."""
    floor = _floor(program, g, x)

    def value(own: Array) -> Array:
        own = program.onto(g, own, x)
        payoff = program.payoff(g, own, x)
        met = ~np.isnan(payoff) & (program.slack(g, own, x) >= floor).all(axis=1)
        return np.where(met, payoff, -np.inf)

    return max(_best_of(program, g, value, (x[program.own[g]], c)) for c in program.choices(g))


def _best_of(program: Program, g: int, value: Valued, at: tuple[Array, Array]) -> float:
    """The most with listed strategies as chosen; nan stands for real ones. ``at``: here, choice."""
    here, chosen = at
    free = np.flatnonzero(np.isnan(chosen))
    if not len(free):
        return float(value(chosen[None])[0])

    def held(own: Array) -> Array:
        return value(np.where(np.isnan(chosen), own, chosen))

    if len(free) > 1 or program.total(g) is not None:
        return climbed_best(program, g, held, here[None])[0]
    (k,) = free.tolist()
    low, high = _ends(program, g, here)
    line = _fine(float(here[k]), float(low[k]), float(high[k]))
    return line_best(lambda own: held(np.tile(own, (1, len(here)))), line)


def _ends(program: Program, g: int, here: Array) -> tuple[Array, Array]:
    """Finite bounds for a search from strategies (s,)."""
    mine, far = program.own[g], np.minimum(UNBOUNDED_REACH * (1 + np.abs(here)), FARTHEST)
    low, high = program.lower[mine], program.upper[mine]
    return (
        np.where(np.isfinite(low), low, here - far),
        np.where(np.isfinite(high), high, here + far),
    )


def climbed_best(
    program: Program, g: int, value: Valued, known: Array, most: int = SAMPLES
) -> tuple[float, int]:
    """The most that several strategies bring, from many points by looking around.

    Parameters
    ----------
    program : Program
    g : int
        Group of the player.
    value : callable
        Of strategies (B, s), what each brings.
    known : (k, s) array
        Strategies from which to look around besides.
    most : int
        Points spread over all strategies, at most.

    Returns
    -------
    best : float
    count : int
        How many points were spread.
    """
    mine, here, total = program.own[g], known[0], program.total(g)
    low, high = _ends(program, g, here)
    unit = np.eye(len(mine))
    spread = halton(min(SAMPLES, max(16, most)), len(mine), seed=0)
    if total is None:
        around = 0.1 * (1 + np.abs(here)) * (halton(256, len(mine), seed=1) - 0.5)
        points = np.vstack([known, low + spread * (high - low), np.clip(here + around, low, high)])
        moves = np.vstack([unit, -unit])
    else:
        parts = np.vstack([-np.log(1 - spread), unit, high - low])
        points = low + (total - low.sum()) * parts / parts.sum(axis=1, keepdims=True)
        points = np.vstack([known, points[((points >= low) & (points <= high)).all(axis=1)]])
        swaps = [unit[a] - unit[b] for a, b in permutations(range(len(mine)), 2)]
        moves = np.array(swaps or [unit[0] - unit[0]])
    return _climbed(value, points, low, high, moves), len(points)


def _fine(here: float, left: float, right: float) -> Array:
    """Points across a range, and ever closer to its ends and to one point."""
    near = np.geomspace(1e-12, 1, 400) * (right - left)
    grid = [
        np.linspace(left, right, FINE_POINTS),
        left + near,
        right - near,
        here + near,
        here - near,
    ]
    return np.unique(np.clip(np.r_[*grid, here], left, right))


def line_best(value: Valued, points: Array, peaks: int = REFINED_PEAKS) -> float:
    """The most that one strategy brings, on a grid (K,) and ever narrower ones around its peaks.

    Examples
    --------
    >>> round(line_best(lambda own: -((own[:, 0] - 0.3) ** 2), np.linspace(0, 1, 5)), 12)
    -0.0
    """
    values = value(points[:, None])
    inner = np.r_[-np.inf, values, -np.inf]
    tops = np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] >= inner[2:]))
    tops = tops[np.argsort(-values[tops], kind="stable")[:peaks]]

    def paid(at: Array) -> Array:
        return value(at.reshape(-1, 1)).reshape(at.shape)

    below, above = points[np.maximum(tops - 1, 0)], points[np.minimum(tops + 1, len(points) - 1)]
    return float(max(values.max(), paid(peak(paid, below, above)).max()))


def _climbed(value: Valued, points: Array, low: Array, high: Array, moves: Array) -> float:
    """The highest payoff found by looking around the best of some points, and where one stands.

    ``moves`` (m, s) are directions that keep what must be kept; so do their mixtures.
    """
    values, random, most = value(points), np.random.default_rng(0), -np.inf
    for k in [0, *np.argsort(-values, kind="stable")[:CLIMBS]]:
        checkpoint()
        at, reached, step = points[k], float(values[k]), 0.1 * float((high - low).max())
        for _ in range(MOST_LOOKS):
            drawn = random.normal(size=(DIRECTIONS_DRAWN, len(moves))) @ moves
            drawn = drawn / np.maximum(np.abs(drawn).max(axis=1, keepdims=True), 1e-300)
            tried = _within(at, step * np.vstack([moves, drawn]), low, high)
            found = value(tried)
            best = int(found.argmax())
            better = found[best] > reached + LEAST_STEP_UP * abs(reached)
            step *= 2 if better else 0.5
            if better:
                at, reached = tried[best], float(found[best])
            if step < SHORTEST_STEP * (1 + float(np.abs(at).max())):
                break
        most = max(most, reached)
    return most


def _within(at: Array, ways: Array, low: Array, high: Array) -> Array:
    """(m, s) points at the ends of some ways (m, s) from here, or where bounds cut them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(ways > 0, (high - at) / ways, (low - at) / ways)
    part = np.where(ways == 0, 1.0, room).min(axis=1, keepdims=True)
    return np.asarray(np.clip(at + np.minimum(part, 1) * ways, low, high))


def _units(program: Program, x: Array, payoffs: Array) -> Array:
    """(G,) what gains are relative to."""
    largest = np.abs(payoffs).max()
    few = [_few(program, g, x)[1] for g in range(len(payoffs))]
    moved = np.array([np.ptp(found) if len(found) else 0.0 for found in few])
    unit = np.maximum(np.abs(payoffs), NEGLIGIBLE_PAYOFF * np.maximum(largest, moved))
    return np.where(unit > 0, unit, 1.0)


def _few(program: Program, g: int, x: Array) -> tuple[Array, Array]:
    """A few deviations of a player, and what they pay."""
    mine = program.own[g]
    low, high = program.lower[mine], program.upper[mine]
    reach = 1 + np.abs(x[mine])
    low = np.where(np.isfinite(low), low, x[mine] - reach)
    high = np.where(np.isfinite(high), high, x[mine] + reach)
    own = np.vstack([x[mine], low + np.linspace(0, 1, ROUGH_POINTS)[:, None] * (high - low)])
    own = program.snapped(own, g)
    payoff = program.payoff(g, own, x)
    met = np.isfinite(payoff) & (program.slack(g, own, x) >= _floor(program, g, x)).all(axis=1)
    return own[met], payoff[met]


def tempted(program: Program, x: Array, tolerance: float) -> bool:
    """Whether a player gains from one of a few deviations: a cheap refusal of false points."""
    payoffs = program.payoffs(x)
    units = _units(program, x, payoffs)
    for g, mine in enumerate(program.own):
        if len(mine) == 1 and (_few(program, g, x)[1] - payoffs[g] > tolerance * units[g]).any():
            return True
    return False


def _floor(program: Program, g: int, x: Array) -> Array:
    """(K,) slack of each constraint that a deviation must keep: none, or what there is."""
    here = program.slack(g, x[None, program.own[g]], x)[0]
    return np.asarray(np.minimum(here, 0.0) - FEASIBLE_SLACK * (1 + np.abs(x).max(initial=0.0)))


def _violated(program: Program, x: Array) -> bool:
    """Whether a total or a shared constraint is not met, beyond what rounding does."""
    for g, mine in enumerate(program.own):
        total = program.total(g)
        if total is not None and not abs(x[mine].sum() - total) <= TOTAL_SLACK * (
            1 + np.abs(x[mine]).sum()
        ):
            return True
    for g, mine in enumerate(program.own):
        here = program.slack(g, x[None, mine], x)[0]
        unit = np.zeros(len(here))
        for j in range(program.n) if len(here) else ():
            unit += _moved(program, g, j, x)
        if not (here >= -np.maximum(unit, FEASIBLE_SLACK)).all():
            return True
    return False


def _moved(program: Program, g: int, j: int, x: Array) -> Array:
    """(K,) what rounding strategy j does to a player's constraints, whoever decides it."""
    found = []
    for sign in (1, -1):
        moved = x.copy()
        moved[j] += sign * ROUNDED_CHANGE * (1 + abs(moved[j]))
        with np.errstate(invalid="ignore"):
            found.append(program.slack(g, moved[None, program.own[g]], moved)[0])
    return np.asarray(np.ptp(np.array(found), axis=0))


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
    if _violated(program, x) or (price < program.lower[-shared:]).any():
        return False
    for g, mine in enumerate(program.own):
        own = x[mine]
        moved = _little(program, g, own)
        worth = program.payoff(g, np.vstack([own, moved]), x)
        value = program.gaps(g, np.vstack([own, moved]), x)[:, :shared] * price
        if not (np.isfinite(worth[0]) and np.isfinite(value).all()):
            return False
        gain, rise = worth[1:] - worth[0], value[1:] - value[0]
        size = np.abs(gain) + np.abs(rise).sum(axis=1)
        rounding = ROUNDED_CHANGE * (abs(worth[0]) + np.abs(value[0]).sum())
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

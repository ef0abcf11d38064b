"""Best replies in continuous games: where Newton's method finds nothing, and to move by.

One strategy is searched on a grid with golden sections, several from many points by sequential
quadratic programming.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.late import late
from leaderbored.solvers.continuous.method import ContinuousMethod
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.numerics.bracket import golden
from leaderbored.solvers.numerics.halton import halton

optimize = late("scipy.optimize")

FARTHEST = 1e100
FINE_POINTS = 4001
REFINED_PEAKS = 6  # of the grid that are refined
UNBOUNDED_REACH = 1e6  # where a strategy without bound is searched, relative to where it stands
SAMPLES, DESCENTS = 4096, 8  # points; so many of them refined
FEASIBLE_SLACK = 1e-13
ALMOST = 1e-9  # by how much a constraint may be missed that counts as met, but for rounding
TOTAL_SLACK = 1e-10  # of a total
GOLDEN_SECTIONS = 45

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
    reply, payoff = _best(program, g, x, _floor(program, g, x, broken=False))
    if payoff == -np.inf and program.bound:  # nothing meets all constraints as they stand
        return _best(program, g, x, _floor(program, g, x, broken=True))
    return reply, payoff


def settle(
    program: Program,
    x: Array,
    method: ContinuousMethod,
    late: Callable[[], bool],
    watch: Callable[[float, int], None],
) -> Array | None:
    """Where best replies in turn settle; None if they go in circles, without end, or too long.

    Parameters
    ----------
    program : Program
    x : (n,) array
        Where they begin.
    method : ContinuousMethod
        Its ``rounds`` and ``same``.
    late : callable
        Says when to stop.
    watch : callable
        Called with how far strategies moved, and the round.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Continuous([lb.Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> seen = []
    >>> program, method = Program(game), ContinuousMethod()
    >>> end = settle(program, np.zeros(2), method, lambda: False, lambda moved, k: seen.append(k))
    >>> end.round(6).tolist(), len(seen) > 5
    ([3.0, 3.0], True)
    """
    here, seen = x.copy(), set[bytes]()
    for k in range(method.rounds):
        before, known = here.copy(), np.round(here, 9).tobytes()
        if known in seen:
            return None
        seen.add(known)
        for g, mine in enumerate(program.own):
            if late():
                return None
            here[mine], _ = best_reply(program, g, here)
        moved = float(np.abs(here - before).max())
        if not moved < FARTHEST:
            return None
        watch(min(1.0, moved), k)
        if moved <= method.same * (1e-3 + float(np.abs(here).max())):
            return here
    return None


def _best(program: Program, g: int, x: Array, floor: Array) -> tuple[Array, float]:
    """The same among what leaves each constraint so much slack."""

    def value(own: Array) -> Array:
        own = program.onto(g, np.atleast_2d(own), x)
        payoff = program.payoff(g, own, x)
        met = ~np.isnan(payoff) & (program.slack(g, own, x) >= floor).all(axis=1)
        return np.where(met, payoff, -np.inf)

    if program.discrete:
        tried = [_chosen(program, g, value, (x, c)) for c in program.choices(g)]
        return max(tried, key=lambda one: one[1])
    mine = program.own[g]
    here, low, high = x[mine], program.lower[mine], program.upper[mine]
    if program.total(g) is not None:
        reply, most = _in_simplex(program, g, value, here)
    elif len(mine) == 1:
        reply, most = _on_line(value, here, float(low[0]), float(high[0]))
    else:
        reply, most = _in_box(program, g, x, value, here)
    return program.onto(g, reply[None], x)[0], most


def _chosen(
    program: Program, g: int, value: Valued, at: tuple[Array, Array]
) -> tuple[Array, float]:
    """The best reply to x with listed strategies as chosen, nan for real ones: x, choice."""
    x, chosen = at
    here, free = x[program.own[g]], np.isnan(chosen)
    if not free.any():
        return chosen, float(value(chosen)[0])

    def held(own: Array) -> Array:
        return value(np.where(free, np.atleast_2d(own), chosen))

    if free.sum() > 1:
        reply, most = _in_box(program, g, x, held, here)
    else:
        mine = program.own[g][free]
        ends = float(program.lower[mine][0]), float(program.upper[mine][0])
        reply, most = _on_line(lambda own: held(np.tile(own, (1, len(here)))), here[free], *ends)
    return program.onto(g, np.where(free, reply, chosen)[None], x)[0], most


def _floor(program: Program, g: int, x: Array, *, broken: bool) -> Array:
    """(K,) slack of each constraint that a deviation must keep: none, or if broken what there is.

    None is as much as rounding leaves of what is met now.
    """
    here = program.slack(g, x[None, program.own[g]], x)[0]
    size = FEASIBLE_SLACK * (1 + np.abs(x).max(initial=0.0))
    least = (
        here if broken else np.where(here >= -ALMOST * (1 + np.abs(x).max(initial=0.0)), here, 0.0)
    )
    return np.asarray(np.minimum(least, 0.0) - size)


def _ends(here: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Finite bounds for the search."""
    far = np.minimum(UNBOUNDED_REACH * (1 + np.abs(here)), FARTHEST)
    low = np.where(np.isfinite(low), low, here - far)
    return low, np.where(np.isfinite(high), high, here + far)


def _on_line(value: Valued, here: Array, low: float, high: float) -> tuple[Array, float]:
    left, right = (float(end[0]) for end in _ends(here, np.array([low]), np.array([high])))
    span, at = right - left, float(here[0])
    near = np.geomspace(1e-12, 1, 400) * span
    grid = np.concatenate(
        [
            np.linspace(left, right, FINE_POINTS),
            left + near,
            right - near,
            at + near,
            at - near,
            here,
        ]
    )
    grid = np.unique(np.clip(grid, left, right))
    values = value(grid[:, None])
    inner = np.r_[-np.inf, values, -np.inf]
    peaks = np.flatnonzero((inner[1:-1] >= inner[:-2]) & (inner[1:-1] >= inner[2:]))
    peaks = peaks[np.argsort(-values[peaks], kind="stable")[:REFINED_PEAKS]]
    a, b = grid[np.maximum(peaks - 1, 0)], grid[np.minimum(peaks + 1, len(grid) - 1)]
    best, most = float(grid[values.argmax()]), float(values.max())
    points, paid = golden(lambda own: value(own[:, None]), a, b, GOLDEN_SECTIONS)
    if paid.max() > most:
        best, most = float(points[paid.argmax()]), float(paid.max())
    return np.array([best]), most


def _in_box(program: Program, g: int, x: Array, value: Valued, here: Array) -> tuple[Array, float]:
    mine = program.own[g]
    low, high = _ends(here, program.lower[mine], program.upper[mine])
    points = low + halton(SAMPLES, len(mine), seed=0) * (high - low)
    around = here + 0.1 * (1 + np.abs(here)) * (halton(256, len(mine), seed=1) - 0.5)
    points = np.vstack([here, points, np.clip(around, low, high)])
    rules = []
    if program.slack(g, here[None], x).size:
        rules = [{"type": "ineq", "fun": lambda own: program.slack(g, own[None], x)[0]}]
    return _refined(value, points, (low, high), rules)


def _in_simplex(program: Program, g: int, value: Valued, here: Array) -> tuple[Array, float]:
    mine = program.own[g]
    low, high = _ends(here, program.lower[mine], program.upper[mine])
    total = program.total(g) or 0.0
    parts = -np.log(1 - halton(SAMPLES, len(mine), seed=0))
    parts = np.vstack([parts, np.eye(len(mine))])
    points = low + (total - low.sum()) * parts / parts.sum(axis=1, keepdims=True)
    points = points[((points >= low) & (points <= high)).all(axis=1)]
    rules = [{"type": "eq", "fun": lambda own: own.sum() - total}]

    def feasible(own: Array) -> Array:
        free = own - low
        return np.asarray(low + free * (total - low.sum()) / (free.sum() or 1.0))

    met = abs(here.sum() - total) <= TOTAL_SLACK * (1 + np.abs(here).sum())
    first = here if met else spread_out(total, low, high)
    return _refined(value, np.vstack([first, points]), (low, high), rules, feasible)


def spread_out(total: float, low: Array, high: Array) -> Array:
    """Strategies (s,) between bounds that add up to a total, each as far up as the others.

    Examples
    --------
    >>> spread_out(1.0, np.zeros(3), np.array([0.5, 0.5, 1.0])).tolist()
    [0.25, 0.25, 0.5]
    """
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
        done = optimize.minimize(
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

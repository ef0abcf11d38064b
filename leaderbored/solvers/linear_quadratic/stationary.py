"""Equilibria in stationary feedback of games of several states: a search from many starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
from scipy.linalg import block_diag, solve_continuous_are, solve_discrete_are

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget, Progress, checkpoint
from leaderbored.solvers.hunt import Candidate, Pool
from leaderbored.solvers.linear_quadratic.core import Core
from leaderbored.solvers.linear_quadratic.newton import jacobian, newton

ITERATIONS = 400
SINGULAR = 1e-9  # relative
DEFLATED = 4  # every so many starts, Newton's method is pushed away from what is known
PATIENCE = 3  # times the starts that lead to nothing new, where something was found only once
MOST_TIMES = 20  # the starts in a row: all of them
FLAT = 1e6  # condition of directions that are told apart
WORK = 2e9  # of all Newton steps, in multiplications


@dataclass
class Tally:
    """What a search went through: starts, how many were fruitless at last, solutions on the way.

    ``once`` are equilibria to which one start alone has led: where there are some, there may well
    be others to which none has (Good 1953).

    Examples
    --------
    >>> str(Tally(120, 100, 7))
    '120 starts, the last 100 of which led to nothing new; 7 solutions of the equations on the way'
    """

    starts: int = 0
    fruitless: int = 0
    solutions: int = 0
    once: int = 0

    def __str__(self) -> str:
        ended = f", the last {self.fruitless:,} of which led to nothing new"
        solutions = f"{self.solutions:,} solution{'s' * (self.solutions != 1)} of the equations"
        return f"{self.starts:,} starts{ended if self.fruitless else ''}; {solutions} on the way"


def search(
    core: Core,
    *,
    starts: int,
    seed: int,
    same: float,
    first: Sequence[Array],
    budget: Budget,
    progress: Progress | None,
    tally: Tally,
) -> Iterator[tuple[Array, str]]:
    """Values of equilibria that keep costs finite, each once, with what found it.

    The number of random ``starts``, their ``seed`` and the distance of values that are the
    ``same`` are those of the method; ``first`` are (N, d, d) values to start from. What was
    searched is counted in ``tally``.
    """
    seen: Pool[Array] = Pool(same)  # solutions of the equations, equilibria or not
    good: list[Candidate[Array]] = []
    d = len(core.drift)
    most = max(4, int(WORK / (20 * (core.players * d * (d + 1) / 2) ** 3)))
    fruitless = 0
    for number, (start, engine) in enumerate(_trials(core, seed, first)):
        enough = fruitless >= starts * (PATIENCE if tally.once else 1)
        if budget.spent() or enough or number >= min(most, MOST_TIMES * starts):
            return
        if progress is not None:
            progress("search", number, 1.0)
        near = iterate(core, start) if engine == "Lyapunov iterations" else start
        fruitless += engine in ("Newton", "deflated Newton")
        tally.starts, tally.fruitless = number + 1, fruitless
        if near is None:
            continue
        values = newton(core, near, [*seen] if engine == "deflated Newton" else ())
        new = values is not None and seen.add(engine, values)
        tally.once = sum(sum(found.engines.values()) == 1 for found in good)
        if values is None or not new:
            continue
        tally.solutions = len(seen)
        if admissible(core, values):
            tally.fruitless = fruitless = 0
            good.append(seen.candidates[-1])
            yield values, engine


def admissible(core: Core, values: Array) -> bool:
    """Whether costs are finite, and each player's first-order condition is a minimum."""
    return core.margin(core.gains(values)) > 0 and core.convex(values)


def isolated(core: Core, values: Array) -> bool:
    """Whether no other solution of the equations is next to this one, to first order."""
    matrix = jacobian(core, values, *np.triu_indices(len(core.drift)))
    singular = np.linalg.svd(matrix, compute_uv=False)
    return bool(singular[-1] > SINGULAR * singular[0])


def iterate(core: Core, values: Array) -> Array | None:
    """Evaluate the gains, improve them, and again: Lyapunov iterations (Li and Gajic 1995).

    Returns None where costs cease to be finite; otherwise where it has come to.
    """
    for _ in range(ITERATIONS):
        checkpoint()
        try:
            gains = core.gains(values)
            if core.margin(gains) <= 0:
                return None
            new = core.evaluate(gains)
        except (np.linalg.LinAlgError, ValueError):
            return None
        if np.abs(new - values).max() <= 1e-10 * np.abs(new).max():
            return new
        values = new
    return values


def lift(core: Core, values: Array) -> Array | None:
    """Add linear and constant terms to (N, n, n) quadratic values, if the core has a place."""
    n = values.shape[1]
    if n == len(core.drift):
        return values
    padded = np.zeros((core.players, n + 1, n + 1))
    padded[:, :n, :n] = values
    free = np.zeros((n + 1, n + 1), dtype=bool)
    free[:, n] = free[n] = True
    return newton(core, padded, free=free)


def _trials(core: Core, seed: int, first: Sequence[Array]) -> Iterator[tuple[Array, str]]:
    """Values to start from, without end, and the engine to start there."""
    yield from ((values, "start") for values in first)
    for weight in (1.0, 1e-3, 1e3):
        gains = _team(core, weight)
        if gains is not None:
            yield core.evaluate(gains), "Lyapunov iterations"
    scale, team, axes = _scale(core), _team(core, 1.0), _axes(core)
    d, rng = len(core.drift), np.random.default_rng(seed)
    for round in count():
        engine = "Newton" if round % DEFLATED else "deflated Newton"
        noise = rng.standard_normal((core.players, d, d)) / np.sqrt(d)
        size = scale * 10 ** rng.uniform(-2, 1, core.players)
        yield size[:, None, None] * (noise @ np.swapaxes(noise, 1, 2)), engine
        if team is None:
            continue
        for along in (None, axes):
            gains = _elsewhere(core, team, rng, along)
            if gains is not None:
                yield core.evaluate(gains), "Newton"


def _axes(core: Core) -> Array:
    """(d, d) directions in which the state moves by itself, as columns; any if these are none."""
    _, axes = np.linalg.eig(core.drift)
    axes = np.where(np.imag(axes) < 0, np.imag(axes), np.real(axes))  # of a pair both parts
    return axes if np.linalg.cond(axes) < FLAT else np.eye(len(axes))


def _elsewhere(
    core: Core, team: Array, rng: np.random.Generator, axes: Array | None
) -> Array | None:
    """Other gains under which costs are finite: the burden, of each axis, shared; and noise."""
    laws = rng.dirichlet(np.full(core.players, 0.5), 1 if axes is None else len(axes))
    share = laws.T[core.owner] * core.players
    axes = np.eye(team.shape[1]) if axes is None else axes
    gains, back = team @ axes, np.linalg.inv(axes)
    noise = rng.standard_normal(gains.shape) * np.abs(gains).max()
    for _ in range(8):
        moved: Array = (share * gains) @ back + noise
        if core.margin(moved) > 0:
            return moved
        noise, share = noise / 2, (1 + share) / 2
    return None


def _scale(core: Core) -> Array:
    """(N,) how large values may be expected to be."""
    speed = np.linalg.norm(core.drift, 2)
    costs = np.linalg.norm(core.state, 2, axis=(1, 2))
    power = np.zeros(core.players)
    for i, own in enumerate(core.own):
        b, r = core.inputs[:, own], core.weights[i][np.ix_(own, own)]
        power[i] = np.linalg.norm(b @ np.linalg.solve(r, b.T), 2)
    weak = np.where(power > 0, power, 1.0)
    if core.continuous:
        return np.asarray((speed + np.sqrt((power * costs).sum())) / weak)
    return np.asarray(costs + (1 + speed**2) / weak)


def _team(core: Core, weight: float) -> Array | None:
    """Gains that bring the state to rest, at a cost weighed against the controls."""
    control = block_diag(*(core.weights[i][np.ix_(own, own)] for i, own in enumerate(core.own)))
    solve = solve_continuous_are if core.continuous else solve_discrete_are
    size = weight * (np.abs(core.state).max() or 1.0)
    try:
        joint = solve(core.drift, core.inputs, size * np.eye(len(core.drift)), control)
        reach = core.inputs.T @ joint
        if core.continuous:
            gains = np.linalg.solve(control, reach)
        else:
            gains = np.linalg.solve(control + reach @ core.inputs, reach @ core.drift)
        return gains if core.margin(gains) > 0 else None
    except (np.linalg.LinAlgError, ValueError):
        return None

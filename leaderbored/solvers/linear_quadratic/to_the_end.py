"""What a player could gain in a game that ends: by the Hamiltonian system, or period by period."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.late import late
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.linear_quadratic.alone import LITTLE, Problem, problem, relative

integrate = late("scipy.integrate")

MOST_PIECES = 400  # of time, each short enough for the Hamiltonian system
RTOL = 1e-10


def gain_to_the_end(
    game: LinearQuadratic, gains: Callable[[float], list[Array]], information: str
) -> float:
    """Largest gain of one player in a game that ends, over all states and times.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> game = LinearQuadratic(0.0, [Controller("1", 1.0, 1.0, 1.0)], horizon=1.0)
    >>> best = gain_to_the_end(game, lambda t: [np.array([[np.tanh(1 - t), 0.0]])], "feedback")
    >>> never = gain_to_the_end(game, lambda t: [np.array([[0.0, 0.0]])], "feedback")
    >>> best < 1e-9, round(never, 4)  # 1 - tanh(1)
    (True, 0.2384)
    """
    return max(
        _player_to_the_end(game, player, gains, information) for player in range(len(game.players))
    )


def _player_to_the_end(
    game: LinearQuadratic, player: int, gains: Callable[[float], list[Array]], information: str
) -> float:
    own, n = game.players[player], game.states
    final = np.zeros((n + 1, n + 1))
    final[:n, :n] = own.final_cost
    final[:n, n] = final[n, :n] = own.final_linear
    last = final if information == "feedback" else np.pad(final, (0, n + 1))

    def task(time: float) -> Problem:
        return problem(game, player, gains(time), information)

    if game.continuous and (worst := _if_stiff(game, task, final, last)) is not None:
        return worst
    before, after = final, last
    worst = 0.0
    for start, stop in _pieces(game, task):
        checkpoint()
        if game.continuous:
            before, after = _piece(task, stop, start, before, after)
        else:
            before, after = _period(task(start), *(_shaken(game, part) for part in (before, after)))
        if not np.isfinite(after).all():
            return np.inf
        worst = max(worst, relative(before, after))
    return worst


def _pieces(game: LinearQuadratic, task: Callable[[float], Problem]) -> list[tuple[float, float]]:
    """Spans of time from the last to the first, each short enough for the Hamiltonian system."""
    assert game.horizon is not None
    if not game.continuous:
        return [(float(t), t + 1.0) for t in reversed(range(int(game.horizon)))]
    count = int(np.clip(_speed(game, task), 4, MOST_PIECES))
    ends = np.linspace(0.0, game.horizon, count + 1).tolist()
    return list(pairwise(ends))[::-1]


def _speed(game: LinearQuadratic, task: Callable[[float], Problem]) -> float:
    """How many times the state turns over until the end."""
    assert game.horizon is not None
    return game.horizon * max(float(np.linalg.norm(task(t).loop, 2)) for t in (0.0, game.horizon))


def _if_stiff(
    game: LinearQuadratic, task: Callable[[float], Problem], final: Array, last: Array
) -> float | None:
    """The gain over all times by the Riccati equation, with noise or where the other takes long."""
    if _speed(game, task) <= MOST_PIECES and not game.noise.any():
        return None
    n, d = len(final), len(last)

    def slope(time: float, flat: Array) -> Array:
        checkpoint()
        now = task(time)
        cost, best = flat[: n * n].reshape(n, n), flat[n * n :].reshape(d, d)
        half, free = now.loop.T @ cost, now.drift.T @ best
        right = now.control.T @ best + now.mixed.T
        rise = now.state + free + free.T - right.T @ np.linalg.solve(now.weight, right)
        fall = now.paid + half + half.T
        return -np.concatenate(
            [(fall + _noise(game, cost)).ravel(), (rise + _noise(game, best)).ravel()]
        )

    assert game.horizon is not None
    began = np.concatenate([final.ravel(), last.ravel()])
    size = max(1e-300, float(np.abs(began).max()), float(np.abs(task(0.0).state).max()))
    with np.errstate(all="ignore"):
        solved = integrate.solve_ivp(
            slope, (game.horizon, 0.0), began, method="LSODA", rtol=RTOL, atol=RTOL * 0.01 * size
        )
    if not solved.success or not np.isfinite(solved.y).all():
        return np.inf
    pairs = [(flat[: n * n].reshape(n, n), flat[n * n :].reshape(d, d)) for flat in solved.y.T]
    most = float(np.abs(solved.y[: n * n]).max())
    return max(relative(*pair, LITTLE * most) for pair in pairs)


def _noise(game: LinearQuadratic, cost: Array) -> Array:
    """What noise adds to a cost per unit of time, or period: a cost of the constant 1."""
    n, added = game.states, np.zeros_like(cost)
    added[n, n] = np.trace(game.noise.T @ cost[:n, :n] @ game.noise)
    return added


def _shaken(game: LinearQuadratic, cost: Array) -> Array:
    """A cost at the end of a period, before noise has moved the state."""
    return cost + _noise(game, cost)


def _period(task: Problem, before: Array, after: Array) -> tuple[Array, Array]:
    """Costs one period earlier: on trial, and at best."""
    reach = task.control.T @ after
    right = reach @ task.drift + task.mixed.T
    curvature = task.weight + reach @ task.control
    if np.linalg.eigvalsh((curvature + curvature.T) / 2)[0] <= 0:  # it could gain without bound
        return before, np.full_like(after, -np.inf)
    best = np.linalg.solve(curvature, right)
    earlier = task.state + task.drift.T @ after @ task.drift - right.T @ best
    return task.paid + task.loop.T @ before @ task.loop, earlier


def _piece(
    task: Callable[[float], Problem], stop: float, start: float, before: Array, after: Array
) -> tuple[Array, Array]:
    """The same over a span of time: a linear equation, and the Hamiltonian system."""
    n, d = len(before), len(after)

    def slope(time: float, flat: Array) -> Array:
        checkpoint()
        now = task(time)
        cost, (x, y) = flat[: n * n].reshape(n, n), flat[n * n :].reshape(2, d, d)
        to_control = np.linalg.solve(now.weight, now.mixed.T @ x + now.control.T @ y)
        half = now.loop.T @ cost
        return np.concatenate(
            [
                -(now.paid + half + half.T).ravel(),
                (now.drift @ x - now.control @ to_control).ravel(),
                -(now.state @ x - now.mixed @ to_control + now.drift.T @ y).ravel(),
            ]
        )

    began = np.concatenate([before.ravel(), np.eye(d).ravel(), after.ravel()])
    size = max(1e-300, *(float(np.abs(part).max()) for part in (before, after, task(stop).state)))
    with np.errstate(all="ignore"):
        solved = integrate.solve_ivp(
            slope, (stop, start), began, method="DOP853", rtol=RTOL, atol=RTOL * 0.01 * size
        )
    if not solved.success:
        return before, np.full_like(after, np.inf)
    flat = solved.y[:, -1]
    x, y = flat[n * n :].reshape(2, d, d)
    best = np.linalg.solve(x.T, y.T)
    return flat[: n * n].reshape(n, n), (best + best.T) / 2

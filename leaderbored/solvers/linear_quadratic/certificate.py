r"""What a player could gain against the others' gains: one player's control problem, solved anew.

The problem is set up from the game, not from the solver's matrices. In feedback the others'
controls :math:`-F_j z` belong to the movement of the state :math:`z = (x, 1)`; in open loop they
are plans, driven by a copy of the state that the player cannot move. Its optimum is found by an
algebraic Riccati equation without end (scipy's, by an extended pencil), and by the Hamiltonian
system or one-player recursion where the game ends.

Without end a player may use any controls, also such as let the state grow, as long as what it pays
comes to something. What of the state its costs do not depend on it does not care for; and of the
rest the solution of the Riccati equation under which the state settles is the least cost exactly
if it is the limit of the costs of ever longer games (Willems 1971).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import (
    block_diag,
    solve_continuous_are,
    solve_continuous_lyapunov,
    solve_discrete_are,
    solve_discrete_lyapunov,
)

from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.linear_quadratic.observed import observed

IMPROVEMENTS = 60
MOST_PIECES = 400  # of time, each short enough for the Hamiltonian system
CLOSE = 1e-11  # to one
LITTLE = 1e-3  # of the largest cost of any player: what gains are at least compared with
RTOL = 1e-10


@dataclass(frozen=True, eq=False)
class Problem:
    """One player's: z' = A z + B u, cost z'Q z + 2 z'S u + u'R u; and the controls on trial.

    Attributes
    ----------
    drift, control, state, weight, mixed : arrays
        A, B, Q, R and S, with the copy of the state in open loop.
    loop, paid : arrays
        How the state moves if the player does as on trial, and what that costs it.
    """

    drift: Array
    control: Array
    state: Array
    weight: Array
    mixed: Array
    loop: Array
    paid: Array


def problem(game: LinearQuadratic, player: int, gains: list[Array], information: str) -> Problem:
    """What a player faces if the others use u_j = -F_j (x, 1), with (m_j, n + 1) gains.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> game = LinearQuadratic(3.0, [Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> problem(game, 0, [np.array([[2.0, 0.0]])] * 2, "feedback").drift[0].tolist()
    [1.0, 0.0]
    """
    own = game.players[player]
    n = game.states + 1
    drift = np.zeros((n, n))
    drift[:-1, :-1], drift[:-1, -1] = game.drift, game.constant
    if not game.continuous:
        drift[-1, -1] = 1.0
    pushed, state = np.zeros((n, n)), np.zeros((n, n))
    state[:-1, :-1] = own.state_cost
    state[:-1, -1] = state[-1, :-1] = own.state_linear
    state[-1, -1] = own.fixed_cost
    caused = np.zeros((n, n))
    for other, f in zip(game.players, gains, strict=True):
        if other is not own:
            pushed[:-1] -= other.control @ f
            if other.name in own.rival_costs:
                caused += f.T @ own.rival_costs[other.name] @ f
    control = np.vstack([own.control, np.zeros((1, own.control.shape[1]))])
    weight, trial = own.control_cost, gains[player]
    mixed = np.vstack([own.mixed_cost, own.control_linear])
    path, cross = drift + pushed - control @ trial, mixed @ trial
    paid = state + caused - cross - cross.T + trial.T @ weight @ trial
    if information == "feedback":
        drift, state = drift + pushed, state + caused
    else:
        zeros = np.zeros((n, n))
        drift = np.block([[drift, pushed], [zeros, path]])
        state = np.block([[state, zeros], [zeros, caused]])
        control, mixed = np.vstack([control, 0 * control]), np.vstack([mixed, 0 * mixed])
    drift, control, path = _discounted(game, drift, control, path)
    return Problem(drift, control, state, weight, mixed, path, paid)


def _discounted(
    game: LinearQuadratic, drift: Array, control: Array, path: Array
) -> tuple[Array, Array, Array]:
    if game.continuous:
        half = (game.discount or 0.0) / 2
        return drift - half * np.eye(len(drift)), control, path - half * np.eye(len(path))
    root = np.sqrt(1.0 if game.discount is None else game.discount)
    return root * drift, root * control, root * path


def gain_for_ever(game: LinearQuadratic, gains: list[Array], information: str) -> float:
    """Largest gain of one player, over all states, relative to its largest cost.

    States are compared at the same length of (x, 1), and of x where nothing is constant. It is
    infinite where the gains leave some cost infinite, or some player gains without bound. Of a
    player that pays next to nothing it is relative to a thousandth of what others pay.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> game = LinearQuadratic(3.0, [Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> k = 2 + 12**0.5 / 3 - 1
    >>> round(gain_for_ever(game, [np.array([[k, 0.0]])] * 2, "feedback"), 9)
    0.0
    """
    pairs = []
    for player in range(len(game.players)):
        checkpoint()
        task = _trimmed(game, problem(game, player, gains, information), information)
        before = _paid(game, task, information)
        after = None if before is None else _least(game, task, before, information)
        if before is None or after is None:
            return np.inf
        pairs.append((before, after))
    return _largest(pairs)


def _largest(pairs: list[tuple[Array, Array]]) -> float:
    """The largest relative gain of the players, from what each pays and could pay."""
    most = max(float(np.linalg.norm(before, 2)) for before, _ in pairs)
    return max(_relative(before, after, LITTLE * most) for before, after in pairs)


def _paid(game: LinearQuadratic, task: Problem, information: str) -> Array | None:
    """What the controls on trial cost; None if that is infinite."""
    if not game.affine or information == "open-loop":
        return _cost(game, task.loop, task.paid)
    none = np.zeros((len(task.loop), 0))
    kept = replace(task, drift=task.loop, state=task.paid, control=none, mixed=none)
    return _foreseen(game, kept, lambda part: _cost(game, part.drift, part.state))


def _foreseen(
    game: LinearQuadratic, task: Problem, solve: Callable[[Problem], Array | None]
) -> Array | None:
    """Solve a problem without the states on which its costs depend in a linear way alone.

    What such states w will cost is known: a form 2 p'w, by which they and controls change. With
    it taken away they cost nothing. None if it is infinite.
    """
    n = len(task.drift) - 1
    rows = np.vstack([task.state[:n, :n], task.mixed[:n].T])
    basis = observed(rows, task.drift[:n, :n])
    if basis.shape[1] == n:
        return solve(task)
    known = _present(game, task, basis)
    if known is None:
        return None
    turned, moved = known @ task.drift, known @ task.control
    if game.continuous:
        state, mixed = task.state + turned + turned.T, task.mixed + moved
    else:
        state = task.state + task.drift.T @ turned - known
        mixed = task.mixed + task.drift.T @ moved
    kept = block_diag(basis, 1.0)
    part = replace(
        task,
        drift=kept.T @ task.drift @ kept,
        control=kept.T @ task.control,
        state=kept.T @ state @ kept,
        mixed=kept.T @ mixed,
    )
    found = solve(part)
    return None if found is None else np.asarray(known + kept @ found @ kept.T)


def _present(game: LinearQuadratic, task: Problem, basis: Array) -> Array | None:
    """The form 2 p'w of what states outside a basis cost from now on; None if it is infinite."""
    n = len(basis)
    rest = np.linalg.svd(basis)[0][:, basis.shape[1] :]
    rest = rest @ observed(task.state[n:, :n] @ rest, rest.T @ task.drift[:n, :n] @ rest)
    known = np.zeros_like(task.drift)
    if rest.shape[1] == 0:
        return known
    drift, edge, one = rest.T @ task.drift[:n, :n] @ rest, np.eye(rest.shape[1]), task.drift[n, n]
    growth = np.linalg.eigvals(drift)
    if game.continuous:
        finite, matrix = growth.real.max() + one < 0, -drift - one * edge
    else:
        finite, matrix = np.abs(growth).max() * one < 1, edge - one * drift
    if not finite:
        return None
    known[:n, n] = rest @ np.linalg.solve(matrix.T, rest.T @ task.state[:n, n])
    return known + known.T


def _least(game: LinearQuadratic, task: Problem, before: Array, information: str) -> Array | None:
    """The least cost; None if it was not found."""
    if not game.affine or information == "open-loop":
        return _reached(game, task, before)
    whole = len(task.drift)

    def solve(part: Problem) -> Array | None:
        return _reached(game, part, before if len(part.drift) == whole else None)

    return _foreseen(game, task, solve)


def _reached(game: LinearQuadratic, task: Problem, before: Array | None) -> Array | None:
    """The least cost, in what of the state the player's costs depend on; None if not found."""
    basis = observed(np.vstack([task.state, task.mixed.T]), task.drift)
    if basis.shape[1] == 0:
        return np.zeros_like(task.drift)
    if basis.shape[1] < len(task.drift):
        part = Problem(
            basis.T @ task.drift @ basis,
            basis.T @ task.control,
            basis.T @ task.state @ basis,
            task.weight,
            basis.T @ task.mixed,
            task.loop,
            task.paid,
        )
        found = _optimum(game, part, None)
        return None if found is None else np.asarray(basis @ found @ basis.T)
    return _optimum(game, task, before)


def _limit(game: LinearQuadratic, task: Problem, value: Array) -> bool:
    """Whether the costs of ever longer games, that end without a cost, come to this.

    With G the closed loop and W the Gramian of what controls do to it, after a time t they are
    P - E'P (I - W_t P)^{-1} E with E = exp(G t), so that no root of W P may come up to one.
    """
    weight, right = task.weight, task.control.T @ value + task.mixed.T
    if not game.continuous:
        weight = weight + task.control.T @ value @ task.control
        right = task.control.T @ value @ task.drift + task.mixed.T
    loop = task.drift - task.control @ np.linalg.solve(weight, right)
    pushed = task.control @ np.linalg.solve(weight, task.control.T)
    if game.continuous:
        gramian = solve_continuous_lyapunov(loop, -pushed)
    else:
        gramian = solve_discrete_lyapunov(loop, pushed)
    return bool(np.linalg.eigvals(gramian @ value).real.max() < 1 - CLOSE)


def _trimmed(game: LinearQuadratic, task: Problem, information: str) -> Problem:
    """Without the constant 1, which need not be discounted where nothing is constant."""
    if game.affine:
        return task
    n = game.states
    kept = np.arange(n) if information == "feedback" else np.r_[:n, n + 1 : 2 * n + 1]
    square = np.ix_(kept, kept)
    return Problem(
        task.drift[square],
        task.control[kept],
        task.state[square],
        task.weight,
        task.mixed[kept],
        task.loop[:n, :n],
        task.paid[:n, :n],
    )


def _cost(game: LinearQuadratic, loop: Array, paid: Array) -> Array | None:
    """What a closed loop costs for ever; None if that is infinite."""
    eigenvalues = np.linalg.eigvals(loop)
    if game.continuous:
        finite = eigenvalues.real.max() < 0
        return np.asarray(solve_continuous_lyapunov(loop.T, -paid)) if finite else None
    finite = np.abs(eigenvalues).max() < 1
    return np.asarray(solve_discrete_lyapunov(loop.T, paid)) if finite else None


def _optimum(game: LinearQuadratic, task: Problem, before: Array | None) -> Array | None:
    """The least cost; None if it was not found, or there is none."""
    solve = solve_continuous_are if game.continuous else solve_discrete_are
    try:
        found = np.asarray(solve(task.drift, task.control, task.state, task.weight, s=task.mixed))
        return found if _limit(game, task, found) else None
    except (np.linalg.LinAlgError, ValueError):
        if before is None:
            return None
        alone = len(task.drift) == len(before)  # else what is on trial is a plan, to be kept to
        return _improved(game, task, before) if alone else None


def _improved(game: LinearQuadratic, task: Problem, value: Array) -> Array:
    """Policy improvement from the controls on trial (Kleinman 1968), as far as it gets."""
    for _ in range(IMPROVEMENTS):
        reach = task.control.T @ value
        weight, right = task.weight, reach + task.mixed.T
        if not game.continuous:
            weight = weight + reach @ task.control
            right = reach @ task.drift + task.mixed.T
        better = np.linalg.solve(weight, right)
        cross = task.mixed @ better
        paid = task.state - cross - cross.T + better.T @ task.weight @ better
        new = _cost(game, task.drift - task.control @ better, paid)
        if new is None or np.abs(new - value).max() <= 1e-13 * np.abs(value).max():
            break
        value = new
    return value


def _relative(before: Array, after: Array, least: float = 0.0) -> float:
    if len(after) > len(before):
        after = _folded(after)
    # an optimum that seems to cost more counts too: it was not found
    gain, size = float(np.linalg.norm(before - after, 2)), float(np.linalg.norm(before, 2))
    if gain == 0:
        return 0.0
    size = max(size, least)
    return gain / size if size else np.inf


def _folded(matrix: Array) -> Array:
    """As a form of the state alone: the copy starts where the state does."""
    n = len(matrix) // 2
    folded: Array = matrix[:n, :n] + matrix[:n, n:] + matrix[n:, :n] + matrix[n:, n:]
    return folded


def gain_to_the_end(
    game: LinearQuadratic, gains: Callable[[float], list[Array]], information: str
) -> float:
    """As :func:`gain_for_ever`, of a game that ends, with gains by time; over all times too.

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
            before, after = _period(task(start), before, after)
        if not np.isfinite(after).all():
            return np.inf
        worst = max(worst, _relative(before, after))
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
    """The gain over all times by the Riccati equation, where the Hamiltonian system takes long."""
    if _speed(game, task) <= MOST_PIECES:
        return None
    n, d = len(final), len(last)

    def slope(time: float, flat: Array) -> Array:
        checkpoint()
        now = task(time)
        cost, best = flat[: n * n].reshape(n, n), flat[n * n :].reshape(d, d)
        half, free = now.loop.T @ cost, now.drift.T @ best
        right = now.control.T @ best + now.mixed.T
        rise = now.state + free + free.T - right.T @ np.linalg.solve(now.weight, right)
        return -np.concatenate([(now.paid + half + half.T).ravel(), rise.ravel()])

    assert game.horizon is not None
    began = np.concatenate([final.ravel(), last.ravel()])
    size = max(1e-300, float(np.abs(began).max()), float(np.abs(task(0.0).state).max()))
    with np.errstate(all="ignore"):
        solved = solve_ivp(
            slope, (game.horizon, 0.0), began, method="LSODA", rtol=RTOL, atol=RTOL * 0.01 * size
        )
    if not solved.success or not np.isfinite(solved.y).all():
        return np.inf
    pairs = [(flat[: n * n].reshape(n, n), flat[n * n :].reshape(d, d)) for flat in solved.y.T]
    most = float(np.abs(solved.y[: n * n]).max())
    return max(_relative(*pair, LITTLE * most) for pair in pairs)


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
        solved = solve_ivp(
            slope, (stop, start), began, method="DOP853", rtol=RTOL, atol=RTOL * 0.01 * size
        )
    if not solved.success:
        return before, np.full_like(after, np.inf)
    flat = solved.y[:, -1]
    x, y = flat[n * n :].reshape(2, d, d)
    best = np.linalg.solve(x.T, y.T)
    return flat[: n * n].reshape(n, n), (best + best.T) / 2

r"""What a player could gain against the others' gains: one player's control problem, solved anew.

The problem is set up from the game, not from the solver's matrices. Its optimum is found by an
algebraic Riccati equation without end (scipy's, by an extended pencil), and by the Hamiltonian
system or one-player recursion where the game ends.

Without end a player may use any controls, also such as let the state grow, as long as what it pays
comes to something. What of the state its costs do not depend on it does not care for; and of the
rest the solution of the Riccati equation under which the state settles is the least cost exactly
if it is the limit of the costs of ever longer games (Willems 1971).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
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
from leaderbored.solvers.linear_quadratic.alone import Problem, largest, problem
from leaderbored.solvers.linear_quadratic.observed import observed
from leaderbored.solvers.linear_quadratic.to_the_end import gain_to_the_end

IMPROVEMENTS = 60
CLOSE = 1e-11  # to one


def regret(
    game: LinearQuadratic,
    gains: list[Array] | Callable[[float], list[Array]],
    information: str,
) -> float:
    """Largest gain of one player, over all states, relative to its largest cost.

    Parameters
    ----------
    game : LinearQuadratic
    gains : list of (m, n + 1) arrays, or callable
        F_i of each player, who uses u_i = -F_i (x, 1); of a game that ends, by time, and over all
        times the largest gain counts.
    information : "feedback" or "open-loop"

    Returns
    -------
    float
        Infinite where some cost is, or some player gains without bound.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> game = LinearQuadratic(3.0, [Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> k = 2 + 12**0.5 / 3 - 1
    >>> round(regret(game, [np.array([[k, 0.0]])] * 2, "feedback"), 9)
    0.0
    """
    if callable(gains):
        return gain_to_the_end(game, gains, information)
    return gain_for_ever(game, gains, information)


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
        pairs.append((_shaken(game, before), _shaken(game, after)))
    return largest(pairs)


def _shaken(game: LinearQuadratic, cost: Array) -> Array:
    """What noise adds to a cost for ever: the same from every state on."""
    if not game.noise.any():
        return cost
    n, cost = game.states, cost.copy()
    rate = float(np.trace(game.noise.T @ cost[:n, :n] @ game.noise))
    patience = game.discount or 0.0
    cost[n, n] += rate / patience if game.continuous else rate * patience / (1 - patience)
    return cost


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

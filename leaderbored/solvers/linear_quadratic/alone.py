r"""One player's control problem against the others' gains, set up from the game.

It is not built from the solver's matrices. In feedback the others' controls :math:`-F_j z` belong
to the movement of the state :math:`z = (x, 1)`; in open loop they are plans, driven by a copy of
the state that the player cannot move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Array

LITTLE = 1e-3  # of the largest cost of any player: what gains are at least compared with


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
    caused, met_by = np.zeros((n, n)), np.zeros((n, n))
    for other, f in zip(game.players, gains, strict=True):
        if other is not own:
            pushed[:-1] -= other.control @ f
            if other.name in own.rival_costs:
                caused += f.T @ own.rival_costs[other.name] @ f
            if other.name in own.rival_mixed:
                met_by[:-1] -= own.rival_mixed[other.name] @ f
            if other.name in own.rival_linear:
                met_by[-1] -= own.rival_linear[other.name] @ f
    control = np.vstack([own.control, np.zeros((1, own.control.shape[1]))])
    weight, trial = own.control_cost, gains[player]
    mixed, met = np.vstack([own.mixed_cost, own.control_linear]), np.zeros((n, control.shape[1]))
    for j, k, cost in game.products(player):
        if j == player:
            met -= (cost @ gains[k]).T
        else:
            half = gains[j].T @ cost @ gains[k]
            caused += half + half.T
    path, cross = drift + pushed - control @ trial, (mixed + met) @ trial - met_by
    paid = state + caused - cross - cross.T + trial.T @ weight @ trial
    if information == "feedback":
        drift, state, mixed = drift + pushed, state + caused + met_by + met_by.T, mixed + met
    else:
        zeros = np.zeros((n, n))
        drift = np.block([[drift, pushed], [zeros, path]])
        state = np.block([[state, met_by], [met_by.T, caused]])
        control, mixed = np.vstack([control, 0 * control]), np.vstack([mixed, met])
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


def largest(pairs: list[tuple[Array, Array]]) -> float:
    """The largest relative gain of the players, from what each pays and could pay.

    Examples
    --------
    >>> largest([(np.eye(1), 0.5 * np.eye(1)), (np.eye(1), np.eye(1))])
    0.5
    """
    most = max(float(np.linalg.norm(before, 2)) for before, _ in pairs)
    return max(relative(before, after, LITTLE * most) for before, after in pairs)


def relative(before: Array, after: Array, least: float = 0.0) -> float:
    """What a player could save of a cost, as forms of the state, relative to it or to the least.

    Examples
    --------
    >>> relative(np.eye(1), 0.5 * np.eye(1)), relative(np.eye(1), 0.5 * np.eye(1), least=2.0)
    (0.5, 0.25)
    """
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

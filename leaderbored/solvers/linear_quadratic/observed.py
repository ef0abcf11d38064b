r"""Which states anybody's costs depend on: the others are left out of a game that never ends.

A state that no cost depends on, now or later, is what control theory calls unobservable by the
costs (Kalman 1960). Whether it settles matters to nobody: a game, or one player's problem, is
solved in what is observed, and controls do not answer to the rest.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Array

NOTHING = 1e-14  # of the largest entry: what is rounding
SAME = 1e-10  # distance of a unit vector from a space in which it lies


def observed(costs: Array, drift: Array) -> Array:
    """(n, k) orthonormal basis of what rows of costs (., n) see of a state that moves by itself.

    Examples
    --------
    >>> drift = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 2.0]])
    >>> observed(np.array([[1.0, 0.0, 0.0]]), drift).T.tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    basis: list[Array] = []
    waiting = [row for row in costs if np.abs(row).max(initial=0) > NOTHING * np.abs(costs).max()]
    while waiting and len(basis) < len(drift):
        row = waiting.pop(0)
        row = row / np.abs(row).max()  # first, as squares may underflow
        row = row / np.linalg.norm(row)
        for _ in range(2):  # once more, for precision
            for known in basis:
                row = row - (known @ row) * known
        length = float(np.linalg.norm(row))
        if length > SAME:
            basis.append(row / length)
            moved = basis[-1] @ drift
            if np.abs(moved).max() > NOTHING * np.abs(drift).max():
                waiting.append(moved)
    if len(basis) == len(drift):
        return np.eye(len(drift))
    return np.array(basis).reshape(-1, len(drift)).T


def seen(game: LinearQuadratic, *, linear: bool = True) -> tuple[LinearQuadratic, Array]:
    """A game without end, in what of the state somebody's costs depend on; and (n, k) how.

    Costs that are linear in the state count unless ``linear`` is false. A state that is always zero
    stands for none.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> free = [Controller(name, control=1.0, control_cost=1.0) for name in "AB"]
    >>> smaller, basis = seen(LinearQuadratic(1.0, free))
    >>> smaller.drift.tolist(), basis.tolist()
    ([[-1.0]], [[0.0]])
    """
    rows = [part for p in game.players for part in (p.state_cost, p.mixed_cost.T)]
    rows += [part.T for p in game.players for part in p.rival_mixed.values()]
    if linear:
        rows += [p.state_linear[None] for p in game.players]
    basis = observed(np.vstack(rows), game.drift)
    if basis.shape[1] == game.states:
        return game, basis
    if basis.shape[1] == 0:
        basis = np.zeros((game.states, 1))
    nobody = not basis.any()
    # in discrete time a state that is always zero is at rest too
    drift = (
        np.array([[-1.0 if game.continuous else 0.0]]) if nobody else basis.T @ game.drift @ basis
    )
    players = tuple(
        replace(
            p,
            control=basis.T @ p.control,
            state_cost=basis.T @ p.state_cost @ basis,
            state_linear=basis.T @ p.state_linear,
            mixed_cost=basis.T @ p.mixed_cost,
            rival_mixed={name: basis.T @ part for name, part in p.rival_mixed.items()},
            final_cost=None,
            final_linear=None,
        )
        for p in game.players
    )
    initial = None if game.initial is None else basis.T @ game.initial
    constant, noise = basis.T @ game.constant, basis.T @ game.noise
    smaller = replace(
        game, drift=drift, players=players, constant=constant, noise=noise, initial=initial
    )
    return smaller, basis

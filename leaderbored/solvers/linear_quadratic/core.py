r"""The equations of a linear-quadratic game, without discounting and without constants.

Discounting at the rate :math:`\rho` is the same as replacing :math:`A` by
:math:`A - \tfrac{\rho}{2} I`; by the factor :math:`\beta` in discrete time, :math:`A` and
:math:`B` by :math:`\sqrt\beta A` and :math:`\sqrt\beta B`. Constants become quadratic in the state
:math:`(x, 1)`. What is left are matrices :math:`P_i`, one for each player, with

.. math:: R_i F_i = S_i' + B_i' P_i X, \qquad
          0 = Q_i + F'W_i F - S_i F - F'S_i' + \mathcal{L}(P_i),

where :math:`u = -F z`, :math:`W_i` weighs everybody's controls, with :math:`R_i` the rows of the
player's own, and with the closed loop :math:`G = A - B F`: in continuous time :math:`X = I` and
:math:`\mathcal{L}(P) = G'P + P G`, in discrete time :math:`X = G` and
:math:`\mathcal{L}(P) = G'P G - P` (Engwerda 2005, chapters 3 and 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag, solve_continuous_lyapunov, solve_discrete_lyapunov

from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Array


@dataclass(frozen=True, eq=False)
class Core:
    """A game of d states, N players and M controls in all, as stacked matrices.

    Attributes
    ----------
    continuous : bool
    drift : (d, d) array
        A, with the discounting in it.
    inputs : (d, M) array
        B, of all players side by side.
    owner : (M,) array of int
        Whose control it is.
    state, final : (N, d, d) arrays
        Q, and its counterpart at the horizon.
    mixed : (N, d, M) array
        S, what controls cost with the state, and by themselves.
    weights : (N, M, M) array
        W.
    noise : (d, k) array
        What moves the state by chance; it counts for the constant 1 alone, which is the last state.
    """

    continuous: bool
    drift: Array
    inputs: Array
    owner: NDArray[np.intp]
    state: Array
    final: Array
    mixed: Array
    weights: Array
    noise: Array

    @classmethod
    def of(cls, game: LinearQuadratic, *, affine: bool, discounted: bool = True) -> Core:
        """The core of a game; with the constant 1 as its last state if ``affine``.

        Without ``discounted`` the state moves as in the game, and nothing is rounded.

        Examples
        --------
        >>> from leaderbored import Controller
        >>> game = LinearQuadratic(0.1, [Controller("1", 1.0, 1.0, 1.0)], discount=0.2)
        >>> Core.of(game, affine=True).drift.round(4).tolist()
        [[0.0, 0.0], [0.0, -0.1]]
        """
        d = game.states + affine
        drift = _bordered(game.drift, game.constant, 0.0 if game.continuous else 1.0)
        controls = [player.control for player in game.players]
        inputs = np.vstack([np.hstack(controls), np.zeros(sum(b.shape[1] for b in controls))])
        root = 1.0
        if not discounted:
            pass
        elif game.continuous:
            drift = drift - (game.discount or 0.0) / 2 * np.eye(len(drift))
        else:
            root = float(1.0 if game.discount is None else game.discount) ** 0.5
            drift, inputs = root * drift, root * inputs
        state = [_costs(p.state_cost, p.state_linear, p.fixed_cost) for p in game.players]
        final = [_costs(p.final_cost, p.final_linear, 0.0) for p in game.players]
        owner = np.repeat(np.arange(len(controls)), [b.shape[1] for b in controls])
        mixed = np.zeros((len(controls), len(drift), len(owner)))
        for i, j in product(range(len(controls)), repeat=2):
            mixed[i][:, owner == j] = linear_in(game, i, j)
        weights = np.array([_weights(game, i) for i in range(len(controls))])
        return cls(
            game.continuous,
            drift[:d, :d],
            inputs[:d],
            owner,
            np.array(state)[:, :d, :d],
            np.array(final)[:, :d, :d],
            mixed[:, :d],
            weights,
            root * np.vstack([game.noise, 0 * game.noise[:1]])[:d] * affine,
        )

    @property
    def players(self) -> int:
        """Number N of players."""
        return len(self.state)

    @cached_property
    def own(self) -> NDArray[np.bool_]:
        """(N, M) whether a control is a player's own."""
        own: NDArray[np.bool_] = self.owner[None] == np.arange(self.players)[:, None]
        return own

    def _effect(self, values: Array) -> Array:
        """(M, M) matrix of the first-order conditions for F."""
        effect = self.weights[self.owner, np.arange(len(self.owner))]
        if not self.continuous:
            for i, own in enumerate(self.own):
                effect[own] += self.inputs[:, own].T @ values[i] @ self.inputs
        return effect

    def gains(self, values: Array) -> Array:
        """(M, d) F at which each player's first-order condition holds, given (N, d, d) values.

        Raises
        ------
        numpy.linalg.LinAlgError
            If there is none, or more than one.
        """
        right = np.zeros((len(self.owner), len(self.drift)))
        for i, own in enumerate(self.own):
            moved: Array = values[i] if self.continuous else values[i] @ self.drift
            right[own] = self.mixed[i][:, own].T + self.inputs[:, own].T @ moved
        return np.asarray(np.linalg.solve(self._effect(values), right), dtype=float)

    def convex(self, values: Array) -> bool:
        """Whether what each player minimises over its controls is convex."""
        if self.continuous:
            return True
        effect = self._effect(values)
        blocks = [effect[np.ix_(own, own)] for own in self.own]
        return all(np.linalg.eigvalsh((b + b.T) / 2)[0] > 0 for b in blocks)

    def loop(self, gains: Array) -> Array:
        """(d, d) closed loop G."""
        return self.drift - self.inputs @ gains

    def margin(self, gains: Array) -> float:
        """How far costs are from being infinite: positive where they are finite."""
        eigenvalues = np.linalg.eigvals(self.loop(gains))
        edge = -eigenvalues.real.max() if self.continuous else 1 - np.abs(eigenvalues).max()
        return float(edge)

    def running(self, gains: Array) -> Array:
        """(N, d, d) cost per unit of time, or period, of everybody using the gains."""
        cross = self.mixed @ gains
        paid: Array = gains.T @ self.weights @ gains
        return self.state + paid - cross - np.swapaxes(cross, 1, 2)

    def flow(self, values: Array, loop: Array) -> Array:
        """(..., d, d) L of values under a closed loop."""
        if self.continuous:
            half = values @ loop
            moved: Array = half + np.swapaxes(half, -1, -2)
        else:
            moved = loop.T @ values @ loop - values
        return moved + self.shaken(values) if self.noise.any() else moved

    def shaken(self, values: Array) -> Array:
        """(..., d, d) what noise makes of values: a cost of the constant 1, the last state."""
        cost = np.zeros_like(values)
        cost[..., -1, -1] = np.einsum("ik,...ij,jk->...", self.noise, values, self.noise)
        return cost

    def evaluate(self, gains: Array) -> Array:
        """(N, d, d) what each player pays for ever, of gains that keep costs finite."""
        loop, costs = self.loop(gains), self.running(gains)
        values = self._summed(loop, costs)
        if self.noise.any():
            values = values + self._summed(loop, self.shaken(values))
        even: Array = (values + np.swapaxes(values, 1, 2)) / 2
        return even

    def _summed(self, loop: Array, costs: Array) -> Array:
        """(N, d, d) costs of all times under a closed loop, without noise."""
        if self.continuous:
            return np.array([solve_continuous_lyapunov(loop.T, -cost) for cost in costs])
        return np.array([solve_discrete_lyapunov(loop.T, cost) for cost in costs])

    def residual(self, values: Array) -> Array:
        """(N, d, d) error of values in the equations."""
        gains = self.gains(values)
        return self.running(gains) + self.flow(values, self.loop(gains))

    def relative_residual(self, values: Array) -> float:
        """Largest error in the equations, relative to the largest of their terms."""
        gains = self.gains(values)
        loop, costs = self.loop(gains), self.running(gains)
        flows = self.flow(values, loop)
        size = np.abs(costs).max() + np.abs(flows).max()
        size += np.abs(values).max() * (np.abs(loop).max() if self.continuous else 1.0)
        return float(np.abs(costs + flows).max() / size) if size else 0.0


def _bordered(matrix: Array, edge: Array, corner: float) -> Array:
    last = np.append(np.zeros(len(edge)), corner)
    return np.vstack([np.hstack([matrix, edge[:, None]]), last])


def _costs(quadratic: Array, linear: Array, fixed: float) -> Array:
    return np.vstack([np.hstack([quadratic, linear[:, None]]), np.append(linear, fixed)])


def linear_in(game: LinearQuadratic, i: int, j: int) -> Array:
    """(n + 1, m_j) S and r: what u_j costs player i in proportion to (x, 1).

    Examples
    --------
    >>> from leaderbored import Controller
    >>> players = [Controller("A", 1.0, 1.0, rival_mixed={"B": 0.5}), Controller("B", 1.0, 1.0)]
    >>> linear_in(LinearQuadratic(-1.0, players), 0, 1).tolist()
    [[0.5], [0.0]]
    """
    own, other = game.players[i], game.players[j]
    if i == j:
        return np.vstack([own.mixed_cost, own.control_linear])
    none = np.zeros(other.control.shape)
    mixed = own.rival_mixed.get(other.name, none)
    return np.vstack([mixed, own.rival_linear.get(other.name, none[0])])


def _weights(game: LinearQuadratic, i: int) -> Array:
    own = game.players[i]
    parts = []
    for j, other in enumerate(game.players):
        zeros = np.zeros((other.control.shape[1],) * 2)
        parts.append(own.control_cost if i == j else own.rival_costs.get(other.name, zeros))
    weights = np.asarray(block_diag(*parts), dtype=float)
    ends = np.cumsum([0, *(len(part) for part in parts)])
    for j, k, cost in game.products(i):
        rows, columns = slice(*ends[j : j + 2]), slice(*ends[k : k + 2])
        weights[rows, columns] += cost
        weights[columns, rows] += cost.T
    return weights

r"""Newton's method on the equilibrium conditions, kinks and levels included.

Unknowns are the values V and, on the levels of :mod:`leaderbored.solvers.reply`, the efforts
e = b^theta. With the active pieces fixed the conditions are smooth:

.. math::
    F_i &= \Big(\rho + \sum_j h_j\Big) V_i - \sum_j h_j P_j V_i - R_i = 0, \\
    G_{(j,s)} &= (P_j V_j - V_j)(s) - target_{(j,s)} = 0 \quad\text{on levels}.

A player's own share drops out of its own equation by the envelope theorem; the others' shares
move with their gains at the slope of the active piece. Each step re-selects the pieces
(semismooth Newton: Qi and Sun, Mathematical Programming 58, 1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from leaderbored.games.markov import Array
from leaderbored.solvers.reply import Pieces, active_pieces
from leaderbored.solvers.system import DENSE, FACTORISE, System, shortest, solve_linear

CLOSE = 1e-7  # relative size of a step below which rounding may be what is left
PATIENCE = 10  # steps that bring nothing before the nearest point is taken
INEXACT = 1e-6  # of the Krylov solves for a step; the next step mends what is left


@dataclass(frozen=True)
class Newton:
    """Settings of the Newton polish.

    Parameters
    ----------
    tolerance : float
        Accepted size of the last step relative to the largest value.
    steps : int
        Largest number of steps.
    levels : int
        In large games, the most levels at which a step is tried: each costs a linear solve.
    weights : tuple of float
        Weights of the gain in the choice of pieces, tried in turn; see :func:`active_pieces`.
    """

    tolerance: float = 1e-12
    steps: int = 40
    levels: int = 60
    weights: tuple[float, ...] = (100.0, 1.0)

    def polish(self, system: System, value: Array, build: Array) -> tuple[Array, Array] | None:
        """Solve the equilibrium conditions from a nearby point.

        Parameters
        ----------
        system : System
        value, build : (N, S) arrays
            The point to start from.

        Returns
        -------
        (value, build) or None
            None where the steps do not die out. Where gains are lost in rounding but hazards
            still hang on them (small theta, far states) the nearest point is returned, for the
            certificate to judge.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(1), discount=0.5, rungs=2).markov()
        >>> system = System(game)
        >>> value, build = Newton().polish(system, system.evaluate(game.idle), game.idle)
        >>> build[:, 0].round(6).tolist()
        [0.4, 0.4]
        """
        tries = (self._descend(system, value, build, weight) for weight in self.weights)
        return next((point for point in tries if point is not None), None)

    def _descend(
        self, system: System, value: Array, build: Array, weight: float
    ) -> tuple[Array, Array] | None:
        game = system.game
        best, stalls, nearest = np.inf, 0, None
        for k in range(self.steps):
            scale = float(np.abs(value).max())
            pieces = active_pieces(game, system.gain(value), build, scale, weight)
            if pieces.level.sum() + value.size > FACTORISE and pieces.level.sum() > self.levels:
                return None
            step, shift = newton_step(system, value, pieces, schur=self.levels)
            if not np.all(np.isfinite(step)):
                return None
            value = value + step
            effort = np.clip(pieces.build**game.returns + shift, 0, 1)
            build = np.where(
                pieces.level,
                np.clip(effort ** (1 / game.returns), game.lower, game.upper),
                pieces.build,
            )
            size = float(np.abs(step).max() / max(scale, 1e-300))
            if size <= self.tolerance and float(np.abs(shift).max()) <= 1e-10:
                return value, build
            stalls += size > 0.5 * best
            if size < best:
                best, nearest = size, (value, build)
            if stalls and k >= 4 and best > CLOSE:
                return None
            if stalls == PATIENCE:
                break
        return nearest if best <= CLOSE else None


def newton_step(
    system: System, value: Array, pieces: Pieces, schur: int = 60
) -> tuple[Array, Array]:
    """Newton's step in the values and, on levels, in the efforts; both (N, S).

    In large games up to ``schur`` levels are eliminated by their Schur complement.
    """
    game, (players, size) = system.game, value.shape
    hazard, payoff = game.hazard(pieces.build), game.payoff(pieces.build)
    effect = system.effect(value)
    residual = game.discount * value - payoff - np.einsum("js,ijs->is", hazard, effect)
    player, state = np.nonzero(pieces.level)
    gap = pieces.target[player, state] - effect[player, player, state]
    smooth = jacobian(system, effect, pieces, hazard)
    wings, pins = _levels(system, effect, pieces)
    large = players > 3 and smooth.shape[0] > DENSE
    if not large or len(gap) > schur:
        full = sp.block_array([[smooth, wings], [pins, None]], format="csr")
        rhs = np.concatenate([-residual.ravel(), gap])
        both = shortest(full, rhs) if len(gap) else solve_linear(smooth, rhs, direct=True)
        step, shifts = both[: players * size], both[players * size :]
    else:  # Krylov on the smooth part, the few levels by their Schur complement
        rhs = np.column_stack([-residual.ravel(), wings.toarray()])
        parts = solve_linear(smooth, rhs, direct=False, relative=INEXACT)
        shifts = np.linalg.lstsq(pins @ parts[:, 1:], pins @ parts[:, 0] - gap)[0]
        step = parts[:, 0] - parts[:, 1:] @ shifts
    shift = np.zeros((players, size))
    shift[player, state] = shifts
    return step.reshape(players, size), shift


def jacobian(system: System, effect: Array, pieces: Pieces, hazard: Array) -> sp.csr_array:
    """Sparse (N S, N S) derivative of F in V, the shares moving along their pieces.

    Parameters
    ----------
    system : System
    effect : (N, N, S) array
        As returned by :meth:`System.effect`.
    pieces : Pieces
    hazard : (N, S) array
        At ``pieces.build``.
    """
    players = range(system.players)
    evaluation = system.matrix(hazard)
    blocks = [
        [
            evaluation
            if i == j
            else -(sp.diags_array(effect[i, j] * pieces.slope[j]) @ system.moves[j])
            for j in players
        ]
        for i in players
    ]
    matrix = sp.block_array(blocks, format="csr")
    matrix.eliminate_zeros()
    return matrix


def _levels(system: System, effect: Array, pieces: Pieces) -> tuple[sp.csr_array, sp.csr_array]:
    """Derivative of F in the L efforts on levels, and of G in V: sparse (NS, L) and (L, NS)."""
    game = system.game
    player, state = np.nonzero(pieces.level)
    cost = np.where(pieces.target > 0, game.price * game.capacity, 0.0)[player, state]
    columns = [
        np.where(player == i, cost, 0.0) - game.scale[player, state] * effect[i, player, state]
        for i in range(system.players)
    ]
    rows = [i * system.size + state for i in range(system.players)]
    count = np.tile(np.arange(len(player)), system.players)
    shape = (system.players * system.size, len(player))
    wings = sp.csr_array((np.concatenate(columns), (np.concatenate(rows), count)), shape=shape)
    pins = sp.block_diag(system.moves, format="csr")[player * system.size + state]
    return wings, pins

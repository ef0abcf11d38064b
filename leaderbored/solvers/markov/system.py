r"""The equations of a Markov game as linear algebra.

With the shares fixed every player's value solves one and the same linear system

.. math:: \Big[\rho + \sum_j h_j - \sum_j \mathrm{diag}(h_j) P_j\Big] V_i = R_i ,

so one factorisation, or one preconditioned Krylov operator, serves all players. The matrix is a
strictly diagonally dominant M-matrix. Its graph has one dimension less than there are labs: up
to two dimensions a sparse factorisation is cheapest; beyond, fill-in explodes while BiCGSTAB
with the diagonal as preconditioner (van der Vorst, SIAM J. Sci. Stat. Comput. 13, 1992) takes
some fifty products whatever the size.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.reply import best_reply
from leaderbored.solvers.numerics.linear import solve_linear

SMALL = 150  # states up to which products with dense arrays beat sparse ones
DIRECT_STATES = 1_000


class _Pattern(NamedTuple):
    """Where each chance of a jump goes in the matrix of rates."""

    row: NDArray[np.int_]
    player: NDArray[np.int_]
    chance: Array
    cell: NDArray[np.int_]
    columns: NDArray[np.int_]
    starts: NDArray[np.int_]


class System:
    """The linear maps of a game, assembled once and filled with hazards many times.

    Parameters
    ----------
    game : Markov
        N players, S states.
    noise : float, default 0
        Noise tau of the replies; money/year. Zero for best replies.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([2.0]),
    ...                lb.Technology(3), discount=0.1, rungs=2).markov()
    >>> System(game).evaluate(np.zeros((2, 5)))[0, 0].round(9).item()  # selling for ever: 2 / rho
    20.0
    """

    def __init__(self, game: Markov, noise: float = 0.0) -> None:
        self.game, self.noise = game, noise
        self.players, self.size = game.scale.shape

    def along(self, game: Markov, noise: float = 0.0) -> System:
        """The system of a game nearby; what hangs on the jumps alone is shared if they are."""
        system = System(game, noise)
        if game.jump is self.game.jump:
            for part in ("moves", "dense_moves", "_pattern"):
                system.__dict__[part] = getattr(self, part)
        return system

    @cached_property
    def _pattern(self) -> _Pattern:
        rows, columns, players, chances = [], [], [], []
        for player, jump in enumerate(self.game.jump):
            entries = jump.tocoo()
            rows.append(entries.row)
            columns.append(entries.col)
            players.append(np.full(entries.nnz, player))
            chances.append(entries.data)
        row = np.concatenate(rows)
        keys = row.astype(np.int64) * self.size + np.concatenate(columns)
        cells, cell = np.unique(keys, return_inverse=True)
        starts = np.searchsorted(cells, np.arange(self.size + 1) * self.size)
        return _Pattern(
            row, np.concatenate(players), np.concatenate(chances), cell, cells % self.size, starts
        )

    @cached_property
    def moves(self) -> tuple[sp.csr_array, ...]:
        """N sparse (S, S) maps V -> P_j V - V."""
        identity = sp.eye_array(self.size, format="csr")
        return tuple((jump - identity).tocsr() for jump in self.game.jump)

    @cached_property
    def dense_moves(self) -> Array:
        """(N, S, S) the same as one dense array."""
        return np.array([move.toarray() for move in self.moves])

    def transitions(self, hazard: Array) -> sp.csr_array:
        """Sparse (S, S) rates sum_j diag(h_j) P_j, self-loops on the diagonal; 1/year."""
        jumps = self._pattern
        rates = jumps.chance * hazard[jumps.player, jumps.row]
        data = np.bincount(jumps.cell, weights=rates, minlength=len(jumps.columns))
        shape = (self.size, self.size)
        return sp.csr_array((data, jumps.columns, jumps.starts), shape=shape)

    def matrix(self, hazard: Array) -> sp.csr_array:
        """Sparse (S, S) matrix that maps every player's value to its flow payoff."""
        exit_rates = self.game.discount + hazard.sum(axis=0)
        return (sp.diags_array(exit_rates) - self.transitions(hazard)).tocsr()

    def dense_matrix(self, hazard: Array) -> Array:
        """The same as a dense array."""
        rates = np.einsum("js,jst->st", hazard, self.dense_moves)
        return np.asarray(np.diag(np.full(self.size, self.game.discount)) - rates)

    def evaluate(self, build: Array) -> Array:
        """(N, S) values when the players build the shares ``build`` (N, S) for ever."""
        checkpoint()
        if self.size <= SMALL:
            matrix = self.dense_matrix(self.game.hazard(build))
            return np.asarray(np.linalg.solve(matrix, self.game.payoff(build).T).T)
        matrix = self.matrix(self.game.hazard(build))
        direct = self.players <= 3 or self.size <= DIRECT_STATES
        return solve_linear(matrix, self.game.payoff(build).T, direct=direct).T

    def gain(self, value: Array) -> Array:
        """(N, S) each player's gain P_i V_i - V_i from a success of its own."""
        if self.size <= SMALL:
            return np.asarray((self.dense_moves @ value[:, :, None])[:, :, 0])
        return np.array([move @ v for move, v in zip(self.moves, value, strict=True)])

    def reply(self, value: Array, scale: float) -> Array:
        """(N, S) best replies when values are as given, the largest of them ``scale``."""
        return self.answer(value, self.gain(value), scale)

    def answer(self, value: Array, gain: Array, scale: float) -> Array:
        """(N, S) best replies to values, and to gains right to within rounding of ``scale``."""
        return best_reply(self.game, gain, scale)

    def effect(self, value: Array) -> Array:
        """(N, N, S) array E with E[i, j] = P_j V_i - V_i, what a success of j does to i."""
        if self.size <= SMALL:
            return np.ascontiguousarray((self.dense_moves @ value.T).transpose(2, 0, 1))
        return np.array([move @ value.T for move in self.moves]).transpose(2, 0, 1)

r"""The equations of a Markov game as linear algebra.

With the shares fixed every player's value solves one and the same linear system

.. math:: \Big[\rho + \sum_j h_j - \sum_j \mathrm{diag}(h_j) P_j\Big] V_i = R_i ,

with :math:`P_j V_i` in the money of now where a success makes money grow. So one factorisation, or
one preconditioned Krylov operator, serves all players. The matrix is an M-matrix, and strictly
diagonally dominant where no money grows. Its graph has one dimension less than there are labs: on
a line, and among a few thousand states in a plane, a sparse factorisation is cheapest; beyond,
fill-in explodes while BiCGSTAB (van der Vorst, SIAM J. Sci. Stat. Comput. 13, 1992) takes some
dozen sweeps whatever the size, see :mod:`leaderbored.solvers.kernels.krylov`.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.stage import ZERO, Pieces, Stage
from leaderbored.solvers.markov.stages import stage_of
from leaderbored.solvers.numerics.linear import DENSE, RELATIVE, solve_linear

SMALL = 150  # states up to which products with dense arrays beat sparse ones
DIRECT_STATES = 1_000
FLAT = 4_000  # states of three labs beyond which Krylov iteration is quicker than sparse factors
ASIDE = 1e-9  # of a discount rate at which money grows exactly as fast


class _Pattern(NamedTuple):
    """Where each chance of a jump goes in the matrix of rates."""

    row: NDArray[np.int32]
    player: NDArray[np.int32]
    chance: Array
    cell: NDArray[np.int32]
    columns: NDArray[np.int32]
    starts: NDArray[np.int32]


class System:
    """The linear maps of a game, assembled once and filled with hazards many times.

    Parameters
    ----------
    game : Markov
        N players, S states.
    noise : float, default 0
        Noise tau of the replies; money/year. Zero for best replies.
    stage : Stage, optional
        By default that of the game's class.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([2.0]),
    ...                lb.Technology(3), discount=0.1, rungs=2).markov()
    >>> System(game).evaluate(np.zeros((2, 5)))[0, 0].round(9).item()  # selling for ever: 2 / rho
    20.0
    """

    def __init__(self, game: Markov, noise: float = 0.0, stage: Stage | None = None) -> None:
        self.game, self.noise, self.stage = game, noise, stage or stage_of(game)
        self.players, self.size = game.scale.shape
        self.earners = np.flatnonzero(game.price.any(axis=1))  # the others' values are all zero
        self.unknowns = len(self.earners) * self.size
        self.by_factors = game.planar and (self.size <= FLAT or game.linear)

    @property
    def iterative(self) -> bool:
        """Whether steps of Newton's method are found by Krylov iteration."""
        return not self.by_factors and self.unknowns > DENSE

    def at(self, build: Array) -> System:
        """The system that each player faces alone when the others build so."""
        stage = self.stage.at(build)
        return self if stage is self.stage else self.along(stage.game)

    def along(self, game: Markov, noise: float = 0.0, stage: Stage | None = None) -> System:
        """The system of a game nearby; what depends on the jumps alone is shared if they are."""
        system = System(game, noise, stage)
        if game.jump is self.game.jump and np.array_equal(game.growth, self.game.growth):
            dense = ("dense_moves",) if self.unknowns <= DENSE else ()  # beyond, gigabytes
            for part in ("moves", "_pattern", "_worth", *dense):
                system.__dict__[part] = getattr(self, part)
        return system

    @cached_property
    def _pattern(self) -> _Pattern:
        rows, columns, players, chances = [], [], [], []
        for player, jump in enumerate(self.game.jump):
            entries = jump.tocoo()
            rows.append(entries.row)
            columns.append(entries.col)
            players.append(np.full(entries.nnz, player, dtype=np.int32))
            chances.append(entries.data)
        row = np.concatenate(rows)
        keys = row.astype(np.int64) * self.size + np.concatenate(columns)
        cells, cell = np.unique(keys, return_inverse=True)
        starts = np.searchsorted(cells, np.arange(self.size + 1) * self.size)
        return _Pattern(
            row=row,
            player=np.concatenate(players),
            chance=np.concatenate(chances),
            cell=cell.astype(np.int32),
            columns=(cells % self.size).astype(np.int32),
            starts=starts.astype(np.int32),
        )

    @cached_property
    def _worth(self) -> _Pattern:
        """The same with chances that are worth what money grows by."""
        if not self.game.grows:
            return self._pattern
        worth = np.concatenate([after.data for after in self.game.worth_after])
        return self._pattern._replace(chance=worth)

    @cached_property
    def moves(self) -> tuple[sp.csr_array, ...]:
        """N sparse (S, S) maps V -> P_j V - V."""
        identity = sp.eye_array(self.size, format="csr")
        return tuple((after - identity).tocsr() for after in self.game.worth_after)

    @cached_property
    def dense_moves(self) -> Array:
        """(N, S, S) the same as one dense array."""
        return np.array([move.toarray() for move in self.moves])

    def transitions(self, hazard: Array) -> sp.csr_array:
        """Sparse (S, S) rates sum_j diag(h_j) P_j, self-loops on the diagonal; 1/year."""
        return self._rates(self._pattern, hazard)

    def _rates(self, jumps: _Pattern, hazard: Array) -> sp.csr_array:
        rates = jumps.chance * hazard[jumps.player, jumps.row]
        data = np.bincount(jumps.cell, weights=rates, minlength=len(jumps.columns))
        shape = (self.size, self.size)
        return sp.csr_array((data, jumps.columns, jumps.starts), shape=shape)

    def matrix(self, hazard: Array) -> sp.csr_array:
        """Sparse (S, S) matrix that maps every player's value to its flow payoff."""
        exit_rates = self.game.discount + hazard.sum(axis=0)
        return (sp.diags_array(exit_rates) - self._rates(self._worth, hazard)).tocsr()

    def dense_matrix(self, hazard: Array) -> Array:
        """The same as a dense array."""
        rates = np.einsum("js,jst->st", hazard, self.dense_moves)
        return np.asarray(np.diag(np.full(self.size, self.game.discount)) - rates)

    def evaluate(
        self,
        build: Array,
        earned: Array | None = None,
        *,
        guess: Array | None = None,
        relative: float = RELATIVE,
    ) -> Array:
        """(N, S) values when the players build the shares ``build`` (N, S) for ever.

        What they earn (N, S), money/year, is what the game pays for the shares unless it is given.
        In large games values are found from a guess, right to within ``relative`` of the largest.
        """
        checkpoint()
        earned = self.game.payoff(build) if earned is None else earned
        small, hazard = self.size <= SMALL, self.game.hazard(build)
        matrix = self.dense_matrix(hazard) if small else self.matrix(hazard)
        try:
            return self._valued(matrix, earned, guess, relative)
        except (np.linalg.LinAlgError, RuntimeError):  # singular: money grows just as fast
            if not self.game.grows:
                raise
        aside = ASIDE * self.game.discount * sp.eye_array(self.size)
        return self._valued(matrix - (aside.toarray() if small else aside), earned)

    def _valued(
        self,
        matrix: Any,
        earned: Array,
        guess: Array | None = None,
        relative: float = RELATIVE,
    ) -> Array:
        if self.size <= SMALL:
            return np.asarray(np.linalg.solve(matrix, earned.T).T)
        direct = self.by_factors or self.size <= DIRECT_STATES
        near = None if guess is None else guess.T
        return solve_linear(matrix, earned.T, direct=direct, relative=relative, guess=near).T

    def lasts(self, build: Array) -> bool:
        """Whether values of shares are finite; see :mod:`leaderbored.solvers.markov.control`."""
        matrix, ones = self.matrix(self.game.hazard(build)), np.ones(self.size)
        direct = self.by_factors or self.size <= DIRECT_STATES
        try:
            return bool((solve_linear(matrix, ones, direct=direct) > 0).all())
        except (np.linalg.LinAlgError, RuntimeError):  # singular
            return False

    def linearised(self, value: Array, pieces: Pieces) -> tuple[Any, Array] | None:
        """Derivative of the conditions and these, where they are not those of N players."""
        return None

    def smooth(self, value: Array, pieces: Pieces) -> tuple[Any, Any, Any, Array] | None:
        """The same in parts, as of :func:`.newton.newton_step`: smooth, wings, pins, and these."""
        if (apart := self.linearised(value, pieces)) is None:
            return None
        matrix, error = apart
        return (
            spla.aslinearoperator(matrix[: self.unknowns, : self.unknowns]),
            matrix[: self.unknowns, self.unknowns :],
            matrix[self.unknowns :, : self.unknowns],
            error,
        )

    def gain(self, value: Array) -> Array:
        """(N, S) each player's gain P_i V_i - V_i from a success of its own."""
        if self.size <= SMALL:
            return np.asarray((self.dense_moves @ value[:, :, None])[:, :, 0])
        return np.array([move @ v for move, v in zip(self.moves, value, strict=True)])

    def stakes(self, value: Array, gain: Array | None = None) -> Array:
        """(N, S) what a success is worth to each player, in units of what revenue is worth to it.

        That is the gain, given or that of the values, unless revenue buys compute.
        """
        gain = self.gain(value) if gain is None else gain
        if self.game.speed is None:
            return gain
        return self.priced(gain, self.bought(value), float(np.abs(value).max()))

    def staked(self, effect: Array, scale: float | Array) -> Array:
        """(..., N, S) the same from effects (..., N, N, S), values being of a scale."""
        own = np.arange(self.players)
        gain = effect[..., own, own, :]
        if self.game.speed is None:
            return gain
        lab = own[: len(self.game.speed)]
        return self.priced(gain, effect[..., lab, lab - len(lab), :], scale)

    def bought(self, value: Array) -> Array:
        """(L, S) what a purchase adds to the value of its buyer."""
        count = 0 if self.game.speed is None else len(self.game.speed)
        return np.array([self.moves[i - count] @ value[i] for i in range(count)])

    def priced(self, gain: Array, bought: Array, scale: float | Array) -> Array:
        """(..., N, S) stakes of gains where purchases add ``bought`` (..., L, S) to values."""
        worth = self.worth(gain, bought)
        clear = np.where(np.abs(gain) > ZERO * scale, gain, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            stakes = clear / worth
        if (worth > 0).all():
            return stakes
        game = self.game  # to whom revenue does harm, one end or the other is best
        earned = game.payoff(game.upper) - game.payoff(game.lower)
        won = game.scale * (game.effort(game.upper) - game.effort(game.lower))
        return np.where(
            worth > 0, stakes, np.where(worth * earned + clear * won >= 0, np.inf, -np.inf)
        )

    def worth(self, like: Array, bought: Array) -> Array:
        """(..., N, S) worth of a unit of revenue: one, and what it buys."""
        worth = np.ones_like(like)
        if self.game.speed is not None:
            worth[..., : len(self.game.speed), :] += self.game.speed * bought
        return worth

    def beside(self, stakes: Array, pieces: Pieces) -> Array:
        """(..., L, S) purchases that come with a unit of hazard more of success."""
        assert self.game.speed is not None
        count = len(self.game.speed)
        moves = (pieces.slope > 0) | pieces.level
        forgone = np.where(moves, pieces.marginal - stakes, 0.0)[..., :count, :]
        return np.asarray(self.game.speed * forgone)

    def felt(self, effect: Array, stakes: Array, pieces: Pieces) -> Array:
        """(..., N, N, S) the effects of a unit of hazard with the purchases that come with it."""
        if self.game.speed is None:
            return effect
        count, felt = len(self.game.speed), effect.copy()
        felt[..., :count, :] += (
            self.beside(stakes, pieces)[..., None, :, :] * effect[..., -count:, :]
        )
        return felt

    def steps(self, value: Array, stakes: Array, pieces: Pieces) -> tuple[sp.csr_array, ...]:
        """N sparse (S, S) derivatives of each player's stakes in its own values."""
        if self.game.speed is None:
            return self.moves
        beside, count = self.beside(stakes, pieces), len(self.game.speed)
        worth, found = self.worth(value, self.bought(value)), list(self.moves)
        for i in range(count):
            both = self.moves[i] + sp.diags_array(beside[i]) @ self.moves[i - count]
            found[i] = (sp.diags_array(1 / worth[i]) @ both).tocsr()
        return tuple(found)

    def dense_steps(self, value: Array, stakes: Array, pieces: Pieces) -> Array:
        """(N, S, S) the same as one dense array."""
        if self.game.speed is None:
            return self.dense_moves
        return np.array([step.toarray() for step in self.steps(value, stakes, pieces)])

    def reply(self, value: Array, scale: float, near: Array | None = None) -> Array:
        """(N, S) best replies when values are as given, the largest of them ``scale``."""
        return self.stage.reply(self.stakes(value), scale, near)

    def answer(self, value: Array, gain: Array, scale: float) -> Array:
        """(N, S) best replies to values, and to gains right to within rounding of ``scale``."""
        return self.stage.reply(self.stakes(value, gain), scale)

    def effect(self, value: Array) -> Array:
        """(N, N, S) array E with E[i, j] = P_j V_i - V_i, what a success of j does to i."""
        if self.size <= SMALL:
            return np.ascontiguousarray((self.dense_moves @ value.T).transpose(2, 0, 1))
        return np.array([move @ value.T for move in self.moves]).transpose(2, 0, 1)

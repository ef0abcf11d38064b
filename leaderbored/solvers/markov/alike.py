"""Races with alike labs, solved in roles: see :mod:`leaderbored.race.alike`.

One table of shares serves all labs, so that a player's rivals move with its own replies at other
roles. Values, replies, Newton's method and its fallbacks are those of all races otherwise: the
system below only knows where the others' hazards stand.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from typing_extensions import override

from leaderbored.games.markov import Array, Markov
from leaderbored.race.alike import Alike
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.stage import Pieces, Stage
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import RELATIVE, solve_linear

DIRECT = 1_000  # roles up to which sparse factors are quick


class Roles(System):
    """The equations of a race in X roles; values and shares are (1, X).

    Parameters
    ----------
    alike : Alike
    game : Markov, optional
        A game nearby, with the same moves; by default that of ``alike``.
    noise, stage : optional
        As of :class:`System`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab(name, 1) for name in "AB"], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> system = Roles(Alike(race))
    >>> value = system.evaluate(system.game.idle)[0]
    >>> whole = System(race.markov())
    >>> bool(np.allclose(Alike(race).lifted(value), whole.evaluate(whole.game.idle)))
    True
    """

    def __init__(
        self,
        alike: Alike,
        game: Markov | None = None,
        noise: float = 0.0,
        stage: Stage | None = None,
    ) -> None:
        super().__init__(game or alike.game, noise, stage)
        self.alike = alike
        self.by_factors = self.size <= DIRECT

    @override
    def along(self, game: Markov, noise: float = 0.0, stage: Stage | None = None) -> Roles:
        return Roles(self.alike, game, noise, stage)

    @override
    def matrix(self, hazard: Array) -> sp.csr_array:
        rate, moves = hazard[0], self.alike.moves
        leaving = self.game.discount + moves.beside @ rate
        rivals = sp.csr_array(
            (moves.weight * rate[moves.other], (moves.role, moves.after)), shape=moves.beside.shape
        )
        own = sp.diags_array(rate) @ self.moves[0]
        return (sp.diags_array(leaving) - rivals - own).tocsr()

    @override
    def evaluate(
        self,
        build: Array,
        earned: Array | None = None,
        *,
        guess: Array | None = None,
        relative: float = RELATIVE,
    ) -> Array:
        checkpoint()
        earned = self.game.payoff(build) if earned is None else earned
        near, direct = None if guess is None else guess.T, self.by_factors
        matrix = self.matrix(self.game.hazard(build))
        return solve_linear(matrix, earned.T, direct=direct, relative=relative, guess=near).T

    @cached_property
    def _mean(self) -> sp.csr_array:
        """(E, X) weights that add up the values after each way another may succeed."""
        moves = self.alike.moves
        entry = np.arange(len(moves.role))
        return sp.csr_array((moves.weight, (entry, moves.after)), shape=(len(entry), self.size))

    def rivals(self, value: Array) -> sp.csr_array:
        """(X, X) what a unit of hazard of the labs in one role does to a lab in another."""
        moves = self.alike.moves
        gained = self._mean @ value[0]
        found = sp.csr_array((gained, (moves.role, moves.other)), shape=moves.beside.shape)
        return (found - sp.diags_array(value[0]) @ moves.beside).tocsr()

    def linearised(self, value: Array, pieces: Pieces) -> tuple[Any, Array]:
        """Derivative of the conditions and the conditions, as of :func:`.newton.linearise`."""
        game, stakes = self.game, self.stakes(value)
        matrix, rivals = self.matrix(game.hazard(pieces.build)), self.rivals(value)
        error = matrix @ value[0] - game.payoff(pieces.build)[0]
        if pieces.together:  # labs meet, and a lab's own stake moves the others' sales
            own = sp.diags_array(self.gain(value)[0]) @ pieces.together.cross
            push = rivals @ pieces.together.cross + own + pieces.together.spill
        else:
            push = rivals @ sp.diags_array(pieces.slope[0])
            push = push + sp.diags_array(np.asarray(pieces.marginal * pieces.slope)[0])
        smooth = matrix - push @ self.moves[0]
        level = np.flatnonzero(pieces.level[0])
        if not len(level):
            return smooth.tocsr(), error
        scale, target = game.scale[0, level], pieces.target[0, level]
        cost = sp.csr_array(
            (scale * (target - stakes[0, level]), (level, np.arange(len(level)))),
            shape=(self.size, len(level)),
        )
        wings = cost - rivals[:, level] @ sp.diags_array(scale)
        bend = np.broadcast_to(pieces.bend, pieces.level.shape)[0, level]
        both = [[smooth, wings], [self.moves[0][level], sp.diags_array(-bend)]]
        gap = (stakes - pieces.target)[0, level]
        return sp.block_array(both, format="csr"), np.concatenate([error, gap])

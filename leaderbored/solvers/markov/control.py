r"""One player's control problem, the others held to their shares, and its best deviation.

Where money grows with successes, values may be infinite. At given shares they are finite iff the
flow of one for ever is: iff the solution x of

.. math:: \Big[\rho + \sum_j h_j - \sum_j \mathrm{diag}(h_j) P_j\Big] x = 1

is positive, P_j weighing by the growth of money, for then the matrix is a nonsingular M-matrix
(Berman and Plemmons, Nonnegative Matrices in the Mathematical Sciences, 1994, ch. 6). And a value
:math:`v \ge 0` that solves the Hamilton-Jacobi-Bellman equation bounds that of every deviation:
along any of them :math:`e^{-\rho t} \Gamma^{n_t} v` plus what was earned does not rise on average.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.linear import factorise, solve_linear
from leaderbored.solvers.numerics.peak import highest

EPSILON = 1e-16  # of values, that doubles do not hold
GRID_POINTS = 9  # points between two kinks, round the best of which it is narrowed down
IMPROVEMENT_ROUNDS = 100
VALUE_ROUNDING = 2e-15  # of the largest value: what its differences are known to
DIRECT_STATES = 1_200  # states up to which they are for more
REFINEMENTS = 4
REFINED = 1e-9  # residual left by each, at least
NEARER = 0.5  # of what was left before: where more is left, it is rounding
DENSE = 120  # states up to which a full matrix is

Matrix: TypeAlias = Any  # dense for few states, else sparse


@dataclass(frozen=True, eq=False)
class Control:
    """One player's control problem on S states, the others held to their shares.

    Attributes
    ----------
    earn, succeed : callable
        Revenue and hazard at shares (..., S).
    knots : (K, S) array
        Rising shares between which both are smooth: the first and last are the bounds.
    lands : (S, S) matrix
        Law of the state after a success; a row that adds up to less ends the game with the rest.
    prize, most : float
        What a success pays at once, on average and at most.
    others : (S, S) matrix
        Rates at which the others and chance move the state.
    exits : (S,) array
        Discount rate and all these rates together, those of ends included.
    speed : (S,) array
        Rate per unit of revenue at which it moves the state.
    bought : (S, S) matrix or None
        Where that leads; None where revenue moves nothing.
    growing : bool
        Whether money grows with some success, so that values may be infinite.
    planar : bool
        Whether states lie on a line or in a plane, so that factors of the matrix are sparse.
    """

    earn: Callable[[Array], Array]
    succeed: Callable[[Array], Array]
    knots: Array
    lands: Matrix
    prize: float
    most: float
    others: Matrix
    exits: Array
    speed: Array
    bought: Matrix | None
    growing: bool
    planar: bool

    def value(self, share: Array, guess: Array | None = None) -> Array:
        """(S,) value of shares; infinite where money grows too fast for it.

        A guess (S,) saves time where states are many; no digit of it is taken on trust.
        """
        if self.growing and np.isinf(self.horizon(share)):
            return np.full(share.shape[-1], np.inf)
        return self._solve(share, self.earn(share) + self.succeed(share) * self.prize, guess)

    def horizon(self, share: Array) -> float:
        """Longest discounted time, weighed by money, in any state; infinite as values may be."""
        with np.errstate(all="ignore"):
            try:
                time = self._solve(share, np.ones(share.shape[-1]))
            except (np.linalg.LinAlgError, RuntimeError):  # singular
                return float("inf")
        return float(time.max()) if (time > 0).all() else float("inf")

    def _solve(
        self, share: Array, flow: Array, guess: Array | None = None, blur: float = 0.0
    ) -> Array:
        """(S,) value of a flow (S,) while the state moves as it does at shares.

        Flows need not be told apart that differ by less than ``blur``.
        """
        hazard = self.succeed(share)
        exits, rates = self.exits + hazard, self.others + rated(hazard, self.lands)
        if self.bought is not None:
            buying = self.speed * self.earn(share)
            exits, rates = exits + buying, rates + rated(buying, self.bought)
        return solve_rates(exits, rates, flow, self.planar, guess, blur=blur)

    def reply(self, share: Array, value: Array) -> tuple[Array, Array]:
        """(S,) best shares where values are as given, and what they gain a year on those held.

        Those held are kept where no others gain more than values are rounded.
        """
        gain = self.lands @ value + self.prize - value
        worth = np.ones_like(value)
        if self.bought is not None:
            worth = 1 + self.speed * (self.bought @ value - value)

        def stage(b: Array) -> Array:
            checkpoint()
            found = worth * self.earn(b) + self.succeed(b) * gain
            return np.where(np.isnan(found), -np.inf, found)

        found = highest(stage, self.knots, share, GRID_POINTS)
        faster = self.succeed(found) - self.succeed(share)
        gained = worth * (self.earn(found) - self.earn(share)) + faster * gain
        gained = gained - VALUE_ROUNDING * np.abs(faster) * (np.abs(value).max() + self.prize)
        better = gained > 0
        return np.where(better, found, share), np.where(better, gained, 0.0)

    def regret(self, share: Array, held: Array) -> float:
        """What the best deviation gains on shares of a value (S,), relative to the largest.

        A better policy is worth what it gains a year on the last one, for as long as it is played:
        so gains are known to more digits than values are (Kakade and Langford, ICML 2002).
        """
        best = held
        if self.growing and np.isinf(self.horizon(share)):
            return float("inf")
        for _ in range(IMPROVEMENT_ROUNDS):
            share, gained = self.reply(share, best)
            if self.growing and gained.any() and np.isinf(self.horizon(share)):
                break
            slowest = float((self.exits - self.others @ np.ones_like(best)).min())
            blur = EPSILON * float(np.abs(best).max()) * max(slowest, 0.0)
            more = self._solve(share, gained, blur=blur) if gained.any() else gained
            best = best + more
            scale = max(float(np.abs(best).max()), self.most)
            if not np.isfinite(scale):
                break
            if float(more.max()) <= 1e-13 * scale:
                return float((best - held).max()) / (scale or 1.0)
        return float("inf")


def rated(rate: Array, law: Matrix) -> Matrix:
    """Rates of moving, of events at a rate (S,) that lead where a law says."""
    return sp.diags_array(rate) @ law if sp.issparse(law) else rate[:, None] * law


def solve_rates(
    exits: Array,
    rates: Matrix,
    flow: Array,
    planar: bool,
    guess: Array | None = None,
    *,
    blur: float = 0.0,
) -> Array:
    """(S,) value of a flow where states are left at some rates, to the last digits."""
    if len(flow) <= DENSE:
        return np.asarray(np.linalg.solve(np.diag(exits) - rates, flow))
    matrix = sp.csr_array(sp.diags_array(exits) - rates)
    if planar or len(flow) <= DIRECT_STATES:
        return np.asarray(factorise(matrix).solve(flow))
    value, least = np.zeros_like(flow), max(1e-15 * float(np.abs(flow).max()), blur)
    if guess is not None and np.isfinite(guess).all():
        value = guess
    last = np.inf
    for _ in range(REFINEMENTS):
        left = flow - matrix @ value
        size = float(np.abs(left).max())
        if size <= least or not size < NEARER * last:
            break
        relative = max(REFINED, least / (3 * size))
        value, last = value + solve_linear(matrix, left, direct=False, relative=relative), size
    return value

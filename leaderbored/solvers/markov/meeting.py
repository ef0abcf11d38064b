r"""Stages in which the players of a state meet, on a market for customers or for compute.

Given the stakes, the players of a state play a game once, in which what one earns depends on what
the others do. With efforts e and the replies :math:`r_i(x_i, e)` of each player alone its
equilibrium is the root of :math:`r(x, e) = e`, found for all states at once by replies to replies,
and where these do not die out by Newton's method,

.. math:: \delta = (I - D)^{-1} (r - e), \qquad D = \partial r / \partial e .

A reply depends on the player's own effort, too, where rivals do something about that and the
player takes what they do as given: under hype they persuade with less if it is short. How the
equilibrium moves with the stakes is found by differences, of equilibria and not of replies, so that
who stands on a kink that the others move is taken along; only steps depend on them, the conditions
are exact.

Of several equilibria of a state's game the one next to the shares at hand is taken. Best replies,
here, are those of all players of a state at once, after which values are reckoned anew.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.stage import Pieces, Stage, Together
from leaderbored.solvers.markov.stages import stage_of

if TYPE_CHECKING:
    from leaderbored.race import Race

NEWTON_ROUNDS = 40  # of Newton's method in the states' games
PLAIN_ROUNDS = 3  # rounds of plain replies before
FAST = 10  # by this factor a round must lessen the distance for another one of plain replies
ROUNDING_DISTANCE = 1e-10  # distance from which on one that does not shrink is rounding
SETTLED_DISTANCE = 1e-14  # distance of efforts from replies, of their range
DERIVATIVES_KEPT = 5  # rounds after which derivatives are taken anew
EFFORT_STEP = 1e-6  # in efforts, for differences
STAKE_STEP = 1e-7  # relative, in stakes
LEAST_STAKE_STEP = 1e-13  # of the largest value, added to it


class Meeting(ABC):
    """A stage of all players of a state; see :class:`.stage.Stage`."""

    game: Markov
    rented: ClassVar[bool] = False
    steepens: ClassVar[bool] = False
    obstacle: ClassVar[str] = "replies to the others' play have no closed form to enclose"

    def enclosed(self, pieces: Pieces) -> Any:
        """Never: see what is in the way."""
        raise TypeError(self.obstacle)

    noise: float = 0.0

    @abstractmethod
    def alone(self, stakes: Array, build: Array, price: Array, scale: float) -> Array:
        """(N, S) best shares of each player when the others build the shares given."""

    @abstractmethod
    def earned(self, build: Array, price: Array) -> Array:
        """(N, S) flow payoffs of the shares."""

    def price(self, stakes: Array, scale: float) -> Array:
        """(S,) what clears the market when all reply to their stakes; 0 where nothing does."""
        return np.zeros(stakes.shape[1])

    @abstractmethod
    def at(self, build: Array) -> Stage:
        """See :meth:`.stage.Stage.at`."""

    def reply(self, stakes: Array, scale: float | Array = 0.0, near: Array | None = None) -> Array:
        """The equilibrium of each state's game that is next to idle compute."""
        scale = float(scale)
        return self.settled(stakes, self.game.idle, self.price(stakes, scale), scale)[0]

    def pieces(
        self,
        stakes: Array,
        build: Array,
        scale: float | Array,
        weight: float | Array = 1.0,
        steep: bool = False,
    ) -> Pieces:
        """The equilibrium of each state's game next to ``build``, and all slopes."""
        scale = float(scale)
        price = self.price(stakes, scale)
        share, sign = self.settled(stakes, build, price, scale)
        moved, dearer = self._by_stakes(stakes, share, price, scale)
        cross = self.game.scale[:, None] * moved
        own = np.arange(len(cross))
        return Pieces(
            share,
            np.maximum(cross[own, own], 0.0),
            np.zeros(stakes.shape, dtype=bool),
            np.zeros_like(stakes),
            together=Together(
                self.earned(share, price), cross, self._spill(share, price, moved, dearer), sign
            ),
        )

    def kinks(
        self, stakes: Array, pieces: Pieces, scale: float = 0.0
    ) -> tuple[NDArray[np.bool_], Array]:
        """Kinks are not looked for: derivatives are those of one side."""
        return np.zeros(stakes.shape, dtype=bool), pieces.slope

    def prolonged(self, pieces: Pieces, here: Stage, stakes: Array) -> Pieces:
        """The equilibrium of this game next to that one."""
        return self.pieces(stakes, pieces.build, 0.0)

    def noisy(self, stakes: Array, noise: float) -> Pieces:
        """The equilibrium of noisy replies next to the middle, and all slopes."""
        noisy = copy(self)
        noisy.noise = noise
        return noisy.pieces(stakes, (self.game.lower + self.game.upper) / 2, 0.0)

    def finely(self, build: Array) -> tuple[Array, Array]:
        """Payoffs at the shares, as :meth:`at` has them."""
        return self.at(build).finely(build)

    # --- the game of each state

    def settled(
        self,
        stakes: Array,
        build: Array,
        price: Array,
        scale: float,
        inverse: Array | None = None,
    ) -> tuple[Array, int]:
        """Its equilibrium next to shares, and the sign of the determinant of I - D.

        Where replies to replies die out by themselves, that is 1. The ``inverse`` of I - D may be
        known from next to it.
        """
        game, share = self.game, np.clip(build, self.game.lower, self.game.upper)
        sign, late = 1, 0
        nearest, best, last = share, np.inf, np.inf
        for k in range(NEWTON_ROUNDS):
            checkpoint()
            effort = game.effort(share)
            reply = self.alone(stakes, share, price, scale)
            miss = game.effort(reply) - effort
            size = float(np.abs(miss).max())
            late = 0 if size < best else late + 1
            if size < best:
                best, nearest = size, reply
            if size <= SETTLED_DISTANCE or (best <= ROUNDING_DISTANCE and late > 2):
                break
            if inverse is None and (k < PLAIN_ROUNDS or size < last / FAST):
                share, last = reply, size
                continue
            if inverse is None or (k > 0 and k % DERIVATIVES_KEPT == 0):
                inverse, sign = self._inverse(stakes, share, price, scale)
            share = game.share(effort + np.einsum("kjs,js->ks", inverse, miss))
        return nearest, sign

    def _inverse(
        self, stakes: Array, share: Array, price: Array, scale: float
    ) -> tuple[Array, int]:
        mutual = self._mutual(stakes, share, price, scale)
        one = np.eye(len(mutual))[:, :, None]
        matrix = (one - mutual).transpose(2, 0, 1)
        sign = int(np.prod(np.sign(np.linalg.det(matrix))))
        if sign == 0:
            return one + np.zeros_like(mutual), 0
        return np.asarray(np.linalg.inv(matrix).transpose(1, 2, 0)), sign

    def _mutual(self, stakes: Array, share: Array, price: Array, scale: float) -> Array:
        """(N, N, S) D, replies of each in the efforts of each, in all states at once."""
        game, effort = self.game, self.game.effort(share)
        here = game.effort(self.alone(stakes, share, price, scale))
        found = np.zeros((len(here), *here.shape))
        step = np.where(effort + EFFORT_STEP <= game.effort(game.upper), EFFORT_STEP, -EFFORT_STEP)
        for j in range(len(here)):
            beside = effort.copy()
            beside[j] += step[j]
            moved = game.share(beside)
            there = game.effort(self.alone(stakes, moved, price, scale))
            far = game.effort(moved)[j] - effort[j]
            with np.errstate(divide="ignore", invalid="ignore"):
                found[:, j] = np.where(far != 0, (there - here) / far, 0.0)
        return found

    def _by_stakes(
        self, stakes: Array, share: Array, price: Array, scale: float
    ) -> tuple[Array, Array]:
        """Equilibria, in efforts (N, N, S), and prices (N, S), in the stakes of each."""
        game, here = self.game, self.game.effort(share)
        found, dearer = np.zeros((len(here), *here.shape)), np.zeros_like(here)
        inverse = self._inverse(stakes, share, price, scale)[0]
        step = STAKE_STEP * np.abs(stakes) + LEAST_STAKE_STEP * scale + 1e-300
        for j in range(len(here)):
            beside = stakes.copy()
            beside[j] += step[j]
            there = self.price(beside, scale)
            direct = game.effort(self.alone(beside, share, there, scale)) - here
            start = game.share(here + np.einsum("kjs,js->ks", inverse, direct))
            reply = game.effort(self.settled(beside, start, there, scale, inverse)[0])
            found[:, j], dearer[j] = (reply - here) / step[j], (there - price) / step[j]
        return found, dearer

    def _spill(self, share: Array, price: Array, moved: Array, dearer: Array) -> Array:
        """(N, N, S) payoffs in the stakes of each, by which efforts and prices move so."""
        game, effort = self.game, self.game.effort(share)
        here, found = self.earned(share, price), np.zeros_like(moved)
        for j in range(len(moved)):
            size = np.maximum(np.abs(moved[:, j]).max(axis=0), np.abs(dearer[j]))
            step = EFFORT_STEP / np.where(size > 0, size, np.inf)
            there = self.earned(game.share(effort + step * moved[:, j]), price + step * dearer[j])
            found[:, j] = (there - here) / np.where(step > 0, step, np.inf)
        return found


class Customers(Meeting):
    """Demand that depends on the rivals' play, as under spillover and hype.

    Parameters
    ----------
    race : Race

    Attributes
    ----------
    before : Markov
        The game without the first mechanism by which demand depends on the rivals' play.
    """

    def __init__(self, race: Race) -> None:
        steps, on = list(race.steps()), race.mechanisms.on
        first = min(on.index(name) for name in race.mechanisms.coupling)
        self.race, self.game, self.before = race, steps[-1][1], steps[first][1]
        self._rest = [race.mechanisms.given[name] for name in on[first:]]
        self._known: tuple[bytes, Stage] | None = None

    def at(self, build: Array) -> Stage:
        """The stage with the demand that there is then."""
        key = build.tobytes()
        if self._known is None or self._known[0] != key:
            game = self.before
            for mechanism in self._rest:
                game = mechanism.apply(game, self.race, build)
            self._known = key, stage_of(game)
        return self._known[1]

    def alone(self, stakes: Array, build: Array, price: Array, scale: float) -> Array:
        """The replies at that demand."""
        if self.noise > 0:
            return self.at(build).noisy(stakes, self.noise).build
        return self.at(build).reply(stakes, scale, build)

    def earned(self, build: Array, price: Array) -> Array:
        """The payoffs at that demand."""
        return self.at(build).game.payoff(build)

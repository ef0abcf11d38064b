r"""The stage of :class:`leaderbored.games.curved.Curved`: replies by bracketing between kinks.

Mechanisms bend what compute trains and what it sells, so the first-order condition
:math:`R'(b) + x h'(b) = 0` has no closed root. Between two kinks both functions are smooth and, but
for demand of an elasticity up to one, R is concave in the effort: the root is found by Newton's
method within a bracket, to all digits however small a share it is, and of roots and kinks the best
is the reply. On the piece on which it lies, its slope is

.. math:: \frac{dh}{dx} = \frac{h'^2}{-(R'' + x h'')} .

Where R is convex a reply may jump; the slope is that of the side on which it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.curved import Curved, Slopes
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.logit import smooth
from leaderbored.solvers.markov.stage import ZERO, Pieces, Stage, idle_level

ROUNDING = 1e-14  # relative, of a stage's payoff
STEPS = 80  # Newton's, and halvings of the bits of a double, until only one is left
SAME = 4e-16  # relative size of a last step
KINK = 1e-9  # relative distance of a share from a kink, and of a marginal payoff from zero, there
NOTHING = 1e-10  # effort below which a share that can move counts as none
TINY = 1e-60  # share at which hazards show the power with which they start
STEEP = 1e-9  # of the largest value: a stake that moves an infinitely steep reply all the way


@dataclass(frozen=True, eq=False)
class Bent:
    """See :class:`.stage.Stage`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1,
    ...                mechanisms={"fungibility": {"loss": 0.2, "home": 0.5}})
    >>> stage = Bent(race.markov())
    >>> stage.reply(np.full((2, 3), 0.5))[0].round(4).tolist()  # home, or more where it is idle
    [0.5, 0.5, 0.6773]
    """

    game: Curved
    rented: ClassVar[bool] = False
    steepens: ClassVar[bool] = True

    @property
    def obstacle(self) -> str:
        """Why replies are not enclosed: of demand and of what revenue buys they are not yet."""
        if self.game.elasticity is not None or self.game.persuasion > 0:
            return "replies where demand depends on what is sold are not enclosed"
        bought = "where revenue buys compute, what it moves is not enclosed"
        return bought if self.game.speed is not None else ""

    def enclosed(self, pieces: Pieces) -> Any:
        """By the signs of the marginal payoff; see :class:`.bent_enclosure.BentReplies`."""
        from leaderbored.solvers.markov.bent_enclosure import BentReplies  # for proofs alone

        return BentReplies(self.game, pieces)

    def at(self, build: Array) -> Stage:
        """Itself."""
        return self

    def reply(self, stakes: Array, scale: float | Array = 0.0, near: Array | None = None) -> Array:
        """Of several best shares the smallest, but idle compute builds if it is as good.

        Shares that are ``near`` are where it begins to look, which takes fewer steps.
        """
        return self._best(np.where(np.abs(stakes) > ZERO * scale, stakes, 0.0), near)[0]

    def pieces(
        self,
        stakes: Array,
        build: Array,
        scale: float | Array,
        weight: float | Array = 1.0,
        steep: bool = False,
    ) -> Pieces:
        """Idle compute may be on a level; all else moves with a slope, unless ``steep``."""
        game = self.game
        stakes = np.where(np.abs(stakes) > ZERO * scale, stakes, 0.0)
        if steep and game.returns < 1:
            return self._steep(stakes, build, scale, weight)
        reply, slope = self._best(stakes)
        nothing = np.zeros_like(stakes)
        if game.elasticity is not None or game.persuasion > 0:  # building is never free
            return Pieces(reply, slope, np.zeros(stakes.shape, dtype=bool), nothing)
        with np.errstate(divide="ignore", invalid="ignore"):
            level, point, middle, _ = idle_level(game, stakes, game.effort(build), scale, weight)
        reply = np.where(game.movable & (point >= middle), np.maximum(reply, game.idle), reply)
        return Pieces(np.where(level, build, reply), np.where(level, 0, slope), level, nothing)

    def _steep(
        self, stakes: Array, build: Array, scale: float | Array, weight: float | Array
    ) -> Pieces:
        """All shares between kinks count as levels, as of :func:`.reply.steep_pieces`."""
        game, effort = self.game, self.game.effort(build)
        low, high = game.effort(game.lower), game.effort(game.upper)
        dear = game.price * game.capacity / game.returns
        step = weight * (high - low) / np.where(dear > 0, dear, np.where(scale, scale, 1.0))
        point = effort + step * game.scale * stakes
        share = game.lower + np.zeros_like(stakes)
        level = np.zeros(stakes.shape, dtype=bool)
        target, bend = np.zeros_like(stakes), np.zeros_like(stakes)
        for left, right in pairwise(game.knots):
            beside = (left + right) / 2
            first, last = np.maximum(game.effort(left), NOTHING), game.effort(right)
            least, most = (self._cost(game.share(e), beside)[0] for e in (first, last))
            start, end = first + step * game.scale * least, last + step * game.scale * most
            inside = game.movable & (left < right) & (point > start + ZERO) & (point < end - ZERO)
            here = game.share(np.clip(effort, first, np.maximum(first, last)))
            cost, turn = self._cost(here, beside)
            share = np.where(inside, here, np.where(point >= end, right, share))
            target, bend = np.where(inside, cost, target), np.where(inside, turn, bend)
            level |= inside
        share = np.where(game.movable, share, game.idle)
        return Pieces(share, np.zeros_like(stakes), level, target, bend=bend)

    def _cost(self, build: Array, beside: Array) -> tuple[Array, Array]:
        """The stake at which shares are the best, and its derivative in the effort."""
        slope = self.game.slopes(build, beside)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            stake = -slope.payoff / slope.hazard
            turn = slope.payoff * slope.hazard_bend - slope.payoff_bend * slope.hazard
            return np.nan_to_num(stake), np.nan_to_num(self.game.scale * turn / slope.hazard**3)

    def kinks(
        self, stakes: Array, pieces: Pieces, scale: float = 0.0
    ) -> tuple[NDArray[np.bool_], Array]:
        """A reply stands on a kink if the marginal payoff vanishes there from one side."""
        game, build = self.game, pieces.build
        steep, kink = pieces.slope.copy(), np.zeros(stakes.shape, dtype=bool)
        for low, high in pairwise(game.knots):
            slope = game.slopes(build, (low + high) / 2)
            for knot in (low, high):
                with np.errstate(invalid="ignore"):
                    left = slope.payoff + stakes * slope.hazard
                    size = np.abs(slope.payoff) + np.abs(stakes * slope.hazard)
                    here = (np.abs(build - knot) <= KINK * knot) & (low < high)
                    here &= game.movable & (stakes > 0) & (np.abs(left) <= KINK * size)
                steep = np.where(here, np.maximum(steep, _steepness(slope, stakes)), steep)
                kink |= here
        if scale > 0 and game.returns <= 0.5:
            zero, steepest = self._nothing(stakes, scale)
            steep, kink = np.where(zero, steepest, steep), kink | zero
        return kink & ~pieces.level, steep

    def _nothing(self, stakes: Array, scale: float) -> tuple[NDArray[np.bool_], Array]:
        """Where a stake of zero meets compute that is never idle, and the slope for that."""
        game = self.game
        slope = game.slopes(game.lower, (game.knots[0] + game.knots[1]) / 2)
        cost, tiny = -slope.payoff, np.full_like(game.scale, TINY)
        zero = (np.abs(stakes) <= ZERO * scale) & game.movable & (game.idle == 0) & (cost > 0)
        if game.returns < 0.5:
            return zero, game.scale * game.effort(game.upper) / (STEEP * scale)
        start = game.scale * game.effort(tiny) / TINY**game.returns  # h = start b^(1/2)
        return zero, start**2 / (2 * np.where(zero, cost, 1.0))

    def prolonged(self, pieces: Pieces, here: Stage, stakes: Array) -> Pieces:
        """Kinks go with each other; in between, Newton's step from the reply in the other game."""
        build, inside = pieces.build, pieces.slope > 0
        assert isinstance(here, Bent)
        for a, b in zip(self.game.knots, here.game.knots, strict=True):
            build = np.where(~inside & (pieces.build == b), a, build)
        slope = self.game.slopes(pieces.build, pieces.build)
        with np.errstate(invalid="ignore", divide="ignore"):
            left = slope.payoff + stakes * slope.hazard
            step = -left / (slope.payoff_bend + stakes * slope.hazard_bend)
            part = np.nan_to_num(np.clip(step / build, -1, 1))  # small shares stay positive
        return replace(pieces, build=np.where(inside, build * np.exp(part), build))

    def noisy(self, stakes: Array, noise: float) -> Pieces:
        """See :func:`.logit.smooth`."""
        game = self.game

        def forgone(effort: Array) -> Array:
            build = game.share(effort)
            return game.scale * self._cost(build, build)[0]

        def bend(effort: Array) -> Array:
            build = game.share(effort)
            return game.scale * self._cost(build, build)[1]

        return smooth(game, stakes, noise, forgone, bend)

    def finely(self, build: Array) -> tuple[Array, Array]:
        """Payoffs as they are."""
        return self.game.payoff(build), np.zeros_like(build)

    # --- the best share

    def _best(self, stakes: Array, near: Array | None = None) -> tuple[Array, Array]:
        """Best shares, and the slopes of their hazards."""
        game = self.game
        best, most = game.lower + np.zeros_like(stakes), self._payoff(game.lower, stakes)
        slope = np.zeros_like(stakes)
        concave = game.elasticity is None or game.elasticity > 1
        for low, high in pairwise(game.knots):
            share, inside, steep = self._root(low, high, stakes, near if concave else None)
            for found, free in ((share, inside), (high, np.zeros_like(inside))):
                value = self._payoff(found, stakes)
                better = value > most
                if concave:  # what rises from the last kink on is better, by however little
                    better |= free & (best == low)
                best, most = np.where(better, found, best), np.maximum(value, most)
                slope = np.where(better, np.where(free, steep, 0.0), slope)
        endless = np.isinf(stakes)
        best = np.where(endless, np.where(stakes > 0, game.upper, game.lower), best)
        free = (stakes == 0) & (game.scale > 0) & (best < game.idle)
        with np.errstate(invalid="ignore"):
            free &= self._payoff(game.idle, stakes) >= most - ROUNDING * np.abs(most)
        return np.where(free, game.idle, best), np.where(free | endless, 0.0, slope)

    def _payoff(self, build: Array, stakes: Array) -> Array:
        game = self.game
        with np.errstate(invalid="ignore"):
            value = game.payoff(build) + stakes * (game.scale * game.effort(build))
        return np.where(np.isnan(value), -np.inf, value)

    def _root(
        self, low: Array, high: Array, stakes: Array, near: Array | None
    ) -> tuple[Array, NDArray[np.bool_], Array]:
        """Where the stage stops rising between two kinks, whether there, and the slope of h."""
        beside, game = (low + high) / 2, self.game
        inside = (
            (low < high) & np.isfinite(stakes) & (_marginal(game.slopes(low, beside), stakes) > 0)
        )
        inside &= ~(_marginal(game.slopes(high, beside), stakes) > 0)
        a, b = low + np.zeros_like(stakes), high + np.zeros_like(stakes)
        if not inside.any():
            return a, inside, np.zeros_like(a)
        checkpoint()
        share = np.where(inside, _middle(a, b), a)
        if near is not None:
            share = np.where(inside & (near > a) & (near < b), near, share)
        for _ in range(STEPS):
            slope = game.slopes(share, beside)
            up = _marginal(slope, stakes) > 0
            a, b = np.where(up, share, a), np.where(up, b, share)
            ahead = _newton(share, slope, stakes)
            same = np.abs(ahead - share) <= SAME * share
            ahead = np.where((ahead > a) & (ahead < b) | same, ahead, _middle(a, b))
            done = ~inside | same | (ahead <= a) | (ahead >= b)
            share = np.where(done, share, ahead)
            if done.all():
                break
        inside &= (share > low) & (share < high)
        return share, inside, _steepness(game.slopes(share, beside), stakes)


def _marginal(slope: Slopes, stakes: Array) -> Array:
    """R' + x h', also where h' is infinite and x zero."""
    with np.errstate(invalid="ignore"):
        return np.asarray(slope.payoff + np.where(stakes == 0, 0.0, stakes * slope.hazard))


def _newton(share: Array, slope: Slopes, stakes: Array) -> Array:
    """Newton's step on ln(x h') = ln(-R') in ln b, which is straight where h is a power of b."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        apart = np.log(-stakes * slope.hazard / slope.payoff)
        bend = share * (slope.hazard_bend / slope.hazard - slope.payoff_bend / slope.payoff)
        return np.nan_to_num(share * np.exp(-apart / bend), nan=-1.0, posinf=-1.0)


def _middle(a: Array, b: Array) -> Array:
    """The double halfway between two that are not negative, counting doubles."""
    first, last = (np.ascontiguousarray(x, dtype=float).view(np.int64) for x in (a, b))
    return np.asarray((first + (last - first) // 2).view(float))


def _steepness(slope: Slopes, stakes: Array) -> Array:
    """Slope dh / dx where the first-order condition holds; 0 where the stage is not concave."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        bend = slope.payoff_bend + stakes * slope.hazard_bend
        steep = slope.hazard**2 / -bend
        return np.where((bend < 0) & np.isfinite(steep), steep, 0.0)

r"""Best replies of one player in one state, and the pieces they are made of.

Given the gain :math:`\Delta` from a success, the player maximises over the share b

.. math:: price \min\{(1-b)\,capacity, demand\} + scale\, b^{\theta} \Delta .

Up to ``idle`` building is free; beyond, it costs ``c = price * capacity`` per unit of share. As
the gain rises the reply climbs through at most five pieces:

=========  ==========================================================================
lower      Delta < 0
(level 0)  Delta = 0: any share between lower and idle is a best reply
idle       0 < theta scale idle^(theta-1) Delta < c: build with what cannot be sold
inner      theta scale b^(theta-1) Delta = c; for theta = 1 a level: any share is one
upper      theta scale upper^(theta-1) Delta > c
=========  ==========================================================================

On a *level* the gain is pinned and the share is free: what the others do pins it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.markov.logit import noisy_reply
from leaderbored.solvers.markov.stage import ZERO, Pieces, Stage, idle_level

STEEP_GAIN = 1e-9  # of the largest value: a gain that moves an infinitely steep reply all the way
KINK_DISTANCE = 1e-9  # relative distance of a share from a corner at which both its sides count
NO_EFFORT = 1e-10  # effort below which a share that can move counts as none


def best_reply(game: Markov, gain: Array, value_scale: float | Array = 0.0) -> Array:
    """The best reply to each gain; to one of zero, the limit of those to vanishing gains above.

    So idle compute builds unless a success does harm: of the best replies to a gain of zero that
    is the largest, and of those to a gain lost in rounding the one that is likely right.

    Parameters
    ----------
    game : Markov
    gain : (..., N, S) array
        Delta, what a success is worth.
    value_scale : float or (..., 1, 1) array, default 0
        Largest value in the game; gains within rounding of it count as zero.

    Returns
    -------
    (..., N, S) array of shares

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1).markov()
    >>> best_reply(game, np.full((2, 3), 0.5))[0].round(4).tolist()  # tied, ahead, behind
    [0.5625, 0.0, 0.6773]
    """
    theta, zero = game.returns, ZERO * value_scale
    positive = gain > zero
    if theta == 1:
        worth = game.scale * gain > game.price * game.capacity * (1 + ZERO)
        reply = np.where(worth, game.upper, game.idle)
    else:
        reply = np.clip(inner(game, np.where(positive, gain, 0.0)), game.idle, game.upper)
    harmless = gain >= -zero
    return np.where(harmless & game.movable, reply, game.lower)


def inner(game: Markov, gain: Array) -> Array:
    """Root b of theta scale b^(theta-1) gain = price capacity, bounds aside.

    Infinite where building is free.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1).markov()
    >>> inner(game, np.full((2, 3), 0.5))[0].round(4).tolist()
    [0.5625, 0.5625, 0.5625]
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        ratio = game.returns * game.scale * gain / (game.price * game.capacity)
        root = ratio ** (1 / (1 - game.returns))
        return np.where(np.isnan(root), 0.0, root)


def steep_pieces(
    game: Markov,
    gain: Array,
    build: Array,
    value_scale: float | Array,
    weight: float | Array = 1.0,
) -> Pieces:
    """As :func:`active_pieces`, for theta near one, where replies are all but jumps.

    There the gain says next to nothing about the share, but the share says all about the gain. So
    shares between idle and upper count as levels too, at which the gain is pinned to what the next
    unit of effort costs; that target moves with the effort, slowly.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, 0.9), discount=0.1, rungs=1).markov()
    >>> pieces = steep_pieces(game, np.full((2, 3), 0.34), np.full((2, 3), 0.7), 10.0)
    >>> bool(pieces.level[0, 0]), pieces.target[0, 0].round(4).item()
    (True, 0.3574)
    """
    theta = game.returns
    gain = np.where(np.abs(gain) > ZERO * value_scale, gain, 0.0)
    dear = game.price * game.capacity / theta
    low, middle, high = game.lower**theta, game.idle**theta, game.upper**theta
    effort = build**theta
    step = weight * (high - low) / np.where(dear > 0, dear, np.where(value_scale, value_scale, 1.0))
    point = effort + step * game.scale * gain

    def cost(e: Array) -> Array:
        return np.asarray(dear * e ** (1 / theta - 1))

    least = np.maximum(middle, NO_EFFORT)
    first, last = middle + step * cost(least), high + step * cost(high)
    free = game.movable & (point > low + ZERO) & (point < middle - ZERO)
    inside = game.movable & (dear > 0) & (point > first + ZERO) & (point < last - ZERO)
    effort = np.where(inside, np.clip(effort, least, high), effort)
    kink = (point >= middle) & (point <= first)
    corner = np.where(kink, game.idle, np.where(point > middle, game.upper, game.lower))
    corner = np.where(game.movable, corner, game.lower)
    target = np.where(inside, cost(effort) / np.where(inside, game.scale, 1.0), 0.0)
    return Pieces(
        build=np.where(free | inside, effort ** (1 / theta), corner),
        slope=np.zeros_like(gain),
        level=free | inside,
        target=target,
        bend=(1 / theta - 1) * target / np.where(inside, effort, 1.0),
    )


def active_pieces(
    game: Markov,
    gain: Array,
    build: Array,
    value_scale: float | Array,
    weight: float | Array = 1.0,
) -> Pieces:
    """Pick the piece for each player and state, given a gain and the share so far.

    Gains and shares (..., N, S) may be those of many policies, with scales and weights
    (..., 1, 1).

    Levels are found by the natural map of the complementarity problem, see
    :func:`.stage.idle_level`. Far from a solution a large ``weight`` of the gain takes fewer
    corners for levels.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1).markov()
    >>> bool(active_pieces(game, np.zeros((2, 3)), game.idle / 2, 10.0).level[0, 0])
    True
    """
    theta = game.returns
    gain = np.where(np.abs(gain) > ZERO * value_scale, gain, 0.0)
    cost = game.price * game.capacity
    with np.errstate(divide="ignore", invalid="ignore"):
        level, point, middle, step = idle_level(game, gain, game.effort(build), value_scale, weight)
    movable = game.movable
    target = np.zeros_like(gain)
    reply = best_reply(game, gain, value_scale)
    if theta == 1:
        high, jump = game.upper, step * cost
        upper_level = movable & (cost > 0) & (point > middle + jump + ZERO)
        upper_level &= point < high + jump - ZERO
        kink = (point >= middle) & (point <= middle + jump)
        target = np.where(upper_level, cost / np.where(game.scale > 0, game.scale, 1), target)
        level |= upper_level
        reply = np.where(kink, game.idle, np.where(point > middle, game.upper, game.lower))
        reply = np.where(movable, reply, game.lower)
        slope = np.zeros_like(gain)
    else:
        reply = np.where(movable & (point >= middle), np.maximum(reply, game.idle), reply)
        inside = (reply > game.idle) & (reply < game.upper) & (gain > 0)
        hazard = game.scale * reply**theta
        slope = np.where(inside, theta / (1 - theta) * hazard / np.where(inside, gain, 1), 0)
    return Pieces(np.where(level, build, reply), slope, level, target)


def kinks(
    game: Markov, gain: Array, pieces: Pieces, value_scale: float = 0.0
) -> tuple[NDArray[np.bool_], Array]:
    """Where (N, S) a reply stands on a kink, and the slope of the hazard on its steeper side.

    Of gains of zero, those are where theta is at most a half; they are not looked at if
    ``value_scale`` is 0.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(3.0),
    ...                lb.Technology(3, 0.4), discount=0.1, rungs=1).markov()
    >>> pieces = active_pieces(game, np.zeros((2, 3)), game.lower, 10.0)
    >>> kink, steep = kinks(game, np.zeros((2, 3)), pieces, 10.0)
    >>> int(kink.sum()), bool(steep[kink].min() > 1e6)
    (4, True)
    """
    if game.returns == 1:
        return np.zeros(gain.shape, dtype=bool), np.zeros(gain.shape)
    positive = np.where(gain > 0, gain, 0.0)
    free = inner(game, positive)
    near = [np.abs(free - bound) <= KINK_DISTANCE * bound for bound in (game.idle, game.upper)]
    kink = (near[0] | near[1]) & game.movable & (positive > 0) & (game.idle < game.upper)
    hazard = game.scale * pieces.build**game.returns
    steep = game.returns / (1 - game.returns) * hazard / np.where(kink, positive, 1.0)
    if value_scale > 0 and game.returns <= 0.5:
        cost = game.price * game.capacity
        zero = (np.abs(gain) <= ZERO * value_scale) & game.movable & (game.idle == 0) & (cost > 0)
        wide = game.scale * game.upper**game.returns / (STEEP_GAIN * value_scale)
        linear = game.scale**2 / (2 * np.where(zero, cost, 1.0))
        steep = np.where(zero, wide if game.returns < 0.5 else linear, steep)
        kink |= zero
    return kink, steep


@dataclass(frozen=True, eq=False)
class Plain:
    """The stage of the plain race, in closed form; see :class:`.stage.Stage`."""

    game: Markov
    obstacle: ClassVar[str] = ""
    rented: ClassVar[bool] = False
    steepens: ClassVar[bool] = True

    def enclosed(self, pieces: Pieces) -> Any:
        """In closed form; see :class:`.enclosure.Replies`."""
        from leaderbored.solvers.markov.enclosure import Replies  # for proofs alone

        return Replies(self.game, pieces)

    def at(self, build: Array) -> Stage:
        """Itself."""
        return self

    def reply(self, stakes: Array, scale: float | Array = 0.0, near: Array | None = None) -> Array:
        """See :func:`best_reply`."""
        return best_reply(self.game, stakes, scale)

    def pieces(
        self,
        stakes: Array,
        build: Array,
        scale: float | Array,
        weight: float | Array = 1.0,
        steep: bool = False,
    ) -> Pieces:
        """See :func:`active_pieces` and, for replies that all but jump, :func:`steep_pieces`."""
        choose = steep_pieces if steep and self.game.returns < 1 else active_pieces
        return choose(self.game, stakes, build, scale, weight)

    def kinks(
        self, stakes: Array, pieces: Pieces, scale: float = 0.0
    ) -> tuple[NDArray[np.bool_], Array]:
        """See :func:`kinks`."""
        return kinks(self.game, stakes, pieces, scale)

    def prolonged(self, pieces: Pieces, here: Stage, stakes: Array) -> Pieces:
        """Corners go with their bounds; in between is the root of the first-order condition."""
        there, beside = self.game, here.game
        corner = np.where(pieces.build == beside.idle, there.idle, there.lower)
        corner = np.where(pieces.build == beside.upper, there.upper, corner)
        if there.returns == 1:
            return replace(pieces, build=corner)
        inside = pieces.slope > 0
        reply = inner(there, np.where(inside, stakes, 0.0))
        return replace(pieces, build=np.where(inside, reply, corner))

    def noisy(self, stakes: Array, noise: float) -> Pieces:
        """See :func:`.logit.noisy_reply`."""
        return noisy_reply(self.game, stakes, noise)

    def finely(self, build: Array) -> tuple[Array, Array]:
        """Payoffs as sums of two doubles; exactly the demand where it is met."""
        game = self.game
        full = game.price * game.capacity
        high, low = two_sum(full, -full * build)
        met = (build <= game.idle) & (game.demand <= (1 - game.lower) * game.capacity)
        served = game.price * np.where(met, game.demand, 0.0)
        return np.where(met, served, high), np.where(met, 0.0, low)


def two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """Sum without error (Knuth).

    Examples
    --------
    >>> [part.item() for part in two_sum(np.float64(1.0), np.float64(1e-20))]
    [1.0, 1e-20]
    """
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)

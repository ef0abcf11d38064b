r"""Stages: what the players of one state face, given what their successes are worth.

A player of a compiled race picks one share. It earns :math:`R_i` and succeeds at the hazard
:math:`h_i`, so all it need know of the rest of the game is its *stake* :math:`x_i`: what a success
is worth to it, in units of what revenue is worth to it. It maximises

.. math:: R_i(b) + x_i\, h_i(b) .

Mostly revenue is worth itself and the stake is the gain :math:`\Delta_i`. Where revenue buys
compute a unit of it is worth :math:`w_i = 1 + speed_i \Delta'_i`, with :math:`\Delta'_i` what the
purchase adds to the value, and :math:`x_i = \Delta_i / w_i`.

By the envelope theorem the player's own reply moves none of its own value; the others feel it by
the slope :math:`dh_i / dx_i`. So values, stakes, hazards and values again make a circle in which a
stage is asked for one thing alone: the reply to the stakes, with its slope. Everything else in this
package, from policy iteration to the index, knows stages by :class:`Stage` only. A new kind of
stage is one file, with an entry in :mod:`leaderbored.solvers.markov.stages`.

Where the players of a state meet on a market, what one earns depends on what the others do there,
and the reply to the stakes is an equilibrium of the stage game; its slopes are those of all hazards
and payoffs in all stakes (:class:`Together`).

Shares are counted in *efforts* e(b), in which hazards are linear, :math:`h = scale\, e + base`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov

ZERO = 1e-14  # gains below this share of the largest value are rounding
ENUMERATED_KINKS = 4  # kinks of which every combination of sides is tried


class Together(NamedTuple):
    """What a stage adds in which the players of a state meet; arrays (N, S) and (N, N, S).

    Attributes
    ----------
    earned : (N, S) array
        Flow payoffs.
    cross : (N, N, S) array
        Entry [k, l]: by how much the hazard of k moves with the stake of l.
    spill : (N, N, S) array
        Entry [i, l]: by how much the payoff of i moves then, by all that moves.
    sign : int
        1 or -1: sign of the determinant of replies to each other, less what they reply to; 0
        where it is singular.
    """

    earned: Array
    cross: Array
    spill: Array
    sign: int


@dataclass(frozen=True)
class Pieces:
    """The reply near a point: shares, slope of the hazard in the stake, and the levels.

    Attributes
    ----------
    build : (N, S) array
        Shares on the active piece; on a level the share given is kept.
    slope : (N, S) array
        d hazard / d stake on the active piece, 0 on corners and kinks.
    level : (N, S) bool array
        Where the stake is pinned to ``target`` and the share is free.
    target : (N, S) array
        The stake at which the player is indifferent.
    marginal : (N, S) array or 0
        Payoff from one more unit of hazard; zero at a best reply that can move.
    bend : (N, S) array or 0
        d target / d effort on levels whose target moves with the effort.
    together : Together, optional
        Where the stage is one of all players of a state, and ``build`` its equilibrium.
    """

    build: Array
    slope: Array
    level: NDArray[np.bool_]
    target: Array
    marginal: Array | float = 0.0
    bend: Array | float = 0.0
    together: Together | None = None


class Stage(Protocol):
    """The stage of one game: bounds and kinks, payoffs and hazards, and replies with slopes.

    Stakes and shares (..., N, S) may be those of many policies at once, with scales and weights
    (..., 1, 1).
    """

    rented: ClassVar[bool]  # whether compute is rented, so that play has a rent in every state
    steepens: ClassVar[bool]  # whether all shares that can move can be taken for unknowns

    @property
    def obstacle(self) -> str:
        """Why replies are not enclosed; empty where they are."""

    def enclosed(self, pieces: Pieces) -> Any:
        """Replies in ball arithmetic, :class:`.enclosure.Replies`, where nothing is in the way."""

    @property
    def game(self) -> Markov:
        """Bounds ``lower`` and ``upper``, ``idle``, ``payoff`` and ``hazard``, ``effort``."""

    def at(self, build: Array) -> Stage:
        """The stage of each player alone when the others build so; itself where they do not meet.

        Raises
        ------
        ValueError
            Where shares alone do not say what is earned, as under a lease.
        """

    def reply(self, stakes: Array, scale: float | Array = 0.0, near: Array | None = None) -> Array:
        """Best shares; to a stake of zero the limit of those to vanishing stakes above.

        ``scale`` is the largest value in the game; stakes within rounding of it count as zero.
        Where replies are found step by step, from shares ``near`` it takes fewer of them.
        """

    def pieces(
        self,
        stakes: Array,
        build: Array,
        scale: float | Array,
        weight: float | Array = 1.0,
        steep: bool = False,
    ) -> Pieces:
        """The active pieces near the shares ``build``.

        A large ``weight`` of the stakes takes fewer corners for levels; ``steep`` takes all
        shares that can move for unknowns, where the stage knows how.
        """

    def kinks(
        self, stakes: Array, pieces: Pieces, scale: float = 0.0
    ) -> tuple[NDArray[np.bool_], Array]:
        """Where a reply stands on a kink, and the slope of the hazard on its steeper side.

        Stakes of zero are not looked at if ``scale`` is 0.
        """

    def prolonged(self, pieces: Pieces, here: Stage, stakes: Array) -> Pieces:
        """The pieces active in the game of ``here``, which is next to this one, in this one.

        Whatever kink lies in between; ``stakes`` are those in this game.
        """

    def noisy(self, stakes: Array, noise: float) -> Pieces:
        """Replies smoothed by entropy; see :mod:`leaderbored.solvers.markov.logit`."""

    def finely(self, build: Array) -> tuple[Array, Array]:
        """(N, S) flow payoffs as unevaluated sums of two doubles, to which small shares count."""


def sides(stage: Stage, stakes: Array, pieces: Pieces, scale: float = 0.0) -> Iterator[Pieces]:
    """The pieces with the slopes on either side of every kink on which a reply stands.

    A stake of zero is such a kink where building is never free; if theta is below a half the
    reply is infinitely steep there, for which a very large slope stands.

    Parameters
    ----------
    stage : Stage
    stakes : (N, S) array
    pieces : Pieces
    scale : float, default 0
        Largest value in the game; stakes within rounding of it are zero. If it is 0, zero stakes
        are not looked at.

    Yields
    ------
    Pieces
        Of up to four kinks every combination of sides; of more, all flat and all steep.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.solvers.markov.stages import stage_of
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1).markov()
    >>> stakes = np.where(game.idle > 0, game.idle**0.5 / 1.5, 0.1)  # all on the kink
    >>> stage = stage_of(game)
    >>> pieces = stage.pieces(stakes, game.idle, 1.0)
    >>> sorted(int((side.slope > 0).sum()) for side in sides(stage, stakes, pieces))[-1]
    4
    """
    kink, steep = stage.kinks(stakes, pieces, scale)
    places = np.argwhere(kink)
    several: Iterator[tuple[bool, ...]] = product((False, True), repeat=len(places))
    if len(places) > ENUMERATED_KINKS:
        several = iter([(False,) * len(places), (True,) * len(places)])
    for choice in several:
        slope = pieces.slope.copy()
        for (player, state), up in zip(places, choice, strict=True):
            slope[player, state] = steep[player, state] if up else 0.0
        yield replace(pieces, slope=slope)


def idle_level(
    game: Markov, stakes: Array, effort: Array, scale: float | Array, weight: float | Array
) -> tuple[NDArray[np.bool_], Array, Array, Array]:
    """Where idle compute is on the level of a stake of zero, by the natural map; (..., N, S).

    The effort plus a multiple of scale times stake is projected on the graph of replies
    (primal-dual active sets: Hintermueller, Ito and Kunisch, SIAM J. Optim. 13, 2002).

    Returns
    -------
    level, point, middle, step : arrays
        The level, the point that is projected, the effort of idle compute, and the multiple.
    """
    cost = game.price * game.capacity
    low, middle, high = game.efforts
    step = weight * (high - low) / np.where(cost > 0, cost, np.where(scale, scale, 1.0))
    point = effort + step * game.scale * stakes
    level = game.movable & (point > low + ZERO) & (point < middle - ZERO)
    return level, point, middle, step

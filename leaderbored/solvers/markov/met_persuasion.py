r"""Idle compute that persuades, in ball arithmetic; see :mod:`.met`.

What is met in a state are the units :math:`y_i` with which each lab persuades that is not sold out.
With :math:`k_i` units not trained with, and customers :math:`D_i(y)` as
:mod:`leaderbored.race.mechanisms.hype` has them,

.. math:: G_i = k_i - y_i - D_i(y) = 0 .

A unit more to sell brings :math:`q' = D' / (1 + D')` units sold, with
:math:`D' = \partial D_i / \partial y_i`. Given y that is the cost of a share, so that the reply has
a closed form. What a lab earns is written as

.. math:: price_i\, \big( k_i - y_i - G_i / (1 + D') \big),

which is the same where G is zero, and moves with its own share by that very cost wherever it is
not: so a best share moves nothing in the equation of its own player.

Given all shares there is one such y. With attractions :math:`z_i = w_i (1 + e y_i)`, their sum Z
and T customers, :math:`z_i = \max\{w_i,\ (k_i + 1 / e) / (1 / (e w_i) + T / Z)\}`. So :math:`z_i /
Z` falls in Z, and only at one Z these add up to one. A point at which all conditions hold is
therefore an equilibrium of the race, whose labs persuade by the least solution.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from leaderbored.games.curved import Curved
from leaderbored.games.markov import Markov
from leaderbored.solvers.markov.met import Meeting, Met, Numbers
from leaderbored.solvers.markov.newton import pieces_at
from leaderbored.solvers.markov.on_pieces import Reply, head, idle_share, reply_on
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.solution import Equilibrium

BEGINS = "it may change within the box whether {} persuades"


class _Customers(NamedTuple):
    """Customers of a lab in a state, given the units with which all persuade."""

    unasked: Any  # who come if it does not persuade
    customers: Any
    slope: Any  # of these in its units


class Persuading(Meeting):
    """See :class:`.met.Meeting`.

    Parameters
    ----------
    claim : Equilibrium
    before : Markov
        The game in which nobody persuades.
    """

    game: Curved

    def __init__(self, claim: Equilibrium, before: Markov) -> None:
        assert isinstance(claim.game, Curved)
        game = self.game = claim.game
        own = before.demand[: before.states.shape[1]]
        labs, states = own.shape
        if not own.min() > 0:
            raise UnprovedError("a lab without customers is not enclosed beside hype")
        self.own = [[arb(x) for x in row] for row in own.T.tolist()]
        self.effect, self.theta = arb(game.persuasion), arb(game.returns)
        self.unit = float(game.capacity[:labs, :states].max())
        self.kinds = self._kinds(claim)
        tables = (game.scale, game.capacity, game.lower, game.upper, game.price)
        self.numbers = [
            [[arb(float(table[i, s])) for table in tables] for s in range(len(game.states))]
            for i in range(len(game.players))
        ]
        units = game.persuades(claim.build)
        self.on: list[list[int]] = [[] for _ in game.states]
        for s, i in np.argwhere(units[:labs, :states].T > 0).tolist():
            if self.kinds[i][s] not in ("idle", "inner"):
                self.on[s].append(i)
        self.unknowns = [units[on, s].tolist() for s, on in enumerate(self.on)]

    def _kinds(self, claim: Equilibrium) -> list[list[str]]:
        game = self.game
        pieces = pieces_at(System(game), claim.value, claim.build)
        found = np.where((pieces.build >= game.idle) & (game.idle > game.lower), "idle", "low")
        found = np.where(pieces.build >= game.upper, "high", found)
        inside = np.where(pieces.build < game.idle, "spare", "inner")
        found = np.where(pieces.slope > 0, inside, found)
        kinds: list[list[str]] = np.where(game.movable, found, "stays").tolist()
        return kinds

    def at(self, s: int, stakes: Sequence[Any], met: Sequence[Any]) -> Met:
        """See :meth:`.met.Meeting.at`."""
        units = dict(zip(self.on[s], met, strict=True))
        market = self._market(s, units)
        replies, earned, missed = list[Reply](), [], []
        for i, gain in enumerate(stakes):
            scale, capacity, low, high, price = self.numbers[i][s]
            kind, where = self.kinds[i][s], self.where(i, s)
            idle, sold = low, arb(0)
            if i < len(market):
                idle = idle_share(market[i].unasked, capacity, low, high, where)
                sold = market[i].slope / (1 + market[i].slope)
            here, dear = Numbers(scale, low, high, idle), price * capacity
            reply = reply_on(kind, gain, here, (dear * sold, dear), theta=self.theta, where=where)
            left = (1 - reply.share) * capacity
            full, rises = idle is high, idle is not low
            persuades = full if kind == "high" else rises and kind in ("low", "spare", "stays")
            if persuades != (i in units) or (persuades and not head(units[i]) > 0):
                raise UnprovedError(BEGINS.format(where))
            if persuades:
                missed.append(left - units[i] - market[i].customers)
                left = left - units[i] - missed[-1] * (1 - sold)
            replies.append(reply)
            earned.append(price * left)
        return Met(replies, earned, missed)

    def _market(self, s: int, units: dict[int, Any]) -> list[_Customers]:
        """What each lab sees of its customers; nothing where the race is over."""
        if s >= len(self.own):
            return []
        own, total = self.own[s], sum(self.own[s], arb(0))
        pulls = [w * (1 + self.effect * units.get(i, arb(0))) for i, w in enumerate(own)]
        seen = list[_Customers]()
        for i, (w, pull) in enumerate(zip(own, pulls, strict=True)):
            others = sum(pulls[:i] + pulls[i + 1 :], arb(0))
            every = pull + others
            slope = total * self.effect * w * others / (every * every)
            seen.append(_Customers(total * w / (w + others), total * pull / every, slope))
        return seen

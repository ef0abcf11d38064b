r"""Customers whom rivals turn away, in ball arithmetic; see :mod:`.met`.

What is met in a state are the customers :math:`D_j'` of each lab to which others may come, and

.. math:: D_j' - D_j - \mathrm{arrivals}_j(b_{-j}) = 0 .

A lab that builds with idle compute alone turns nobody away, whoever comes: it sells just what it
is asked for. Elsewhere it is certain over a box whether it does, or there is no proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from leaderbored.games.markov import Markov
from leaderbored.race.mechanisms.inertia import perceived
from leaderbored.race.mechanisms.spillover import FEWEST
from leaderbored.solvers.markov.content import have_all
from leaderbored.solvers.markov.met import INDIFFERENT, Meeting, Met, Numbers
from leaderbored.solvers.markov.newton import pieces_at
from leaderbored.solvers.markov.on_pieces import Reply, head, idle_share, nothing, reply_on
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.krawczyk import UnprovedError

if TYPE_CHECKING:
    from leaderbored.solvers.solution import Equilibrium

TURNS = "it may change within the box who turns customers away in state {}"


class TurnedAway(Meeting):
    """See :class:`.met.Meeting`.

    Parameters
    ----------
    claim : Equilibrium
    before : Markov
        The game without spillover.
    share : float
        Of customers turned away who look further.
    """

    def __init__(self, claim: Equilibrium, before: Markov, share: float) -> None:
        game = self.game = claim.game
        self.looking, self.labs = arb(share), before.states.shape[1]
        self.boards = perceived(before).tolist()
        self.own = before.demand
        if not before.demand[: self.labs].min() > FEWEST:
            raise UnprovedError("a lab without customers is not enclosed beside spillover")
        system = System(game)
        pieces = pieces_at(system, claim.value, claim.build)
        self.unit = float(before.demand[: self.labs].max())
        players, size = game.scale.shape
        self.kinds = [["stays"] * size for _ in range(players)]
        ever = have_all(game) & have_all(before)  # also if nobody is turned away by others
        for i, s in np.argwhere(game.movable & ~ever[:, None]).tolist():
            if pieces.level[i, s]:
                raise UnprovedError(INDIFFERENT.format(self.where(i, s)))
            if pieces.slope[i, s] > 0:
                self.kinds[i][s] = "inner"
            elif pieces.build[i, s] >= game.upper[i, s]:
                self.kinds[i][s] = "high"
            else:
                above = pieces.build[i, s] >= game.idle[i, s] > game.lower[i, s]
                self.kinds[i][s] = "idle" if above else "low"
        self.theta = arb(game.returns)
        tables = (game.scale, game.capacity, game.lower, game.upper, game.price, game.demand)
        self.numbers = [
            [[arb(float(table[i, s])) for table in tables] for s in range(size)]
            for i in range(players)
        ]
        fewer = before.demand.shape[1]
        moved = game.demand[:, :fewer] != before.demand
        self.moved = [
            np.flatnonzero(moved[:, s]).tolist() if s < fewer else [] for s in range(size)
        ]
        self.unknowns = [game.demand[on, s].tolist() for s, on in enumerate(self.moved)]

    def at(self, s: int, stakes: Sequence[Any], met: Sequence[Any]) -> Met:
        """See :meth:`.met.Meeting.at`."""
        asked = dict(zip(self.moved[s], met, strict=True))
        replies, earned, rooms = list[Reply](), [], []
        for i, gain in enumerate(stakes):
            scale, capacity, low, high, price, demand = self.numbers[i][s]
            demand, kind, where = asked.get(i, demand), self.kinds[i][s], self.where(i, s)
            idle = idle_share(demand, capacity, low, high, where)
            here = Numbers(scale, low, high, idle)
            costs = arb(0), price * capacity
            reply = reply_on(kind, gain, here, costs, theta=self.theta, where=where)
            share = reply.share
            left = (1 - share) * capacity
            below = share is low and idle is not low
            short = below or (share is idle and idle is not low)
            exact = share is idle and idle is not low and idle is not high
            replies.append(reply)
            earned.append(price * (demand if short else left))
            rooms.append(None if exact else left)
        if s >= len(self.boards):
            return Met(replies, earned, [])
        came = self._arriving(s, rooms)
        if not all(nothing(more) for i, more in enumerate(came) if i not in asked):
            raise UnprovedError(TURNS.format(self.boards[s]))
        missed = [asked[i] - arb(float(self.own[i, s])) - came[i] for i in self.moved[s]]
        return Met(replies, earned, missed)

    def _arriving(self, s: int, rooms: list[Any]) -> list[Any]:
        """Customers that others turn away, at each lab; of a room None no customer is left."""
        board = self.boards[s]
        own = [arb(float(self.own[i, s])) for i in range(self.labs)]
        came, from_above = [arb(0)] * self.labs, arb(0)
        for rung in sorted(set(board)):
            here = [i for i in range(self.labs) if board[i] == rung]
            total = sum((own[i] for i in here), arb(0))
            looking = {
                i: arb(0) if rooms[i] is None else self.looking * _above(own[i] - rooms[i], board)
                for i in here
            }
            for i in here:
                peers = (looking[k] / (total - own[k]) for k in here if k != i)
                came[i] = own[i] / total * from_above + own[i] * sum(peers, arb(0))
            left = arb(0) if len(here) > 1 else looking[here[0]]
            for i in here:
                if rooms[i] is not None:
                    spare = _above(rooms[i] - own[i], board)
                    left = left + _above(came[i] - spare, board)
            from_above = left
        return came


def _above(term: Any, board: list[int]) -> Any:
    """The part above zero, if it is certain which that is."""
    if nothing(term) or head(term) > 0:
        return term
    if head(term) < 0:
        return arb(0)
    raise UnprovedError(TURNS.format(board))

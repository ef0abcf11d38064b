r"""Replies on a market that clears, in ball arithmetic: what all do whose stakes lie in a box.

At given customers unserved, :math:`S_0`, sales rise in :math:`S_0` and fall in one's own stake
(:mod:`.enclosed_seller`), and :math:`S_0` rises in all stakes. So over a box it lies between what
it is at two ends: there :math:`S_0 + \sum_i S_i - M`, which rises in :math:`S_0`, changes its sign
at it. Roots in doubles are taken a little to both sides, as in :mod:`.bent_enclosure`, and the
signs there are found in balls: nothing rests on the doubles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from leaderbored.games.cleared import Cleared, Sales
from leaderbored.games.markov import Array
from leaderbored.solvers.markov.enclosed_seller import ASIDE, Seller, bound, free, sale_over
from leaderbored.solvers.markov.enclosure import Replies, Reply, between, power
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.numerics.krawczyk import UnprovedError

UNBOUNDED = "how the reply of {} moves has no bound within the box"
LEVEL = "{} is indifferent, which is not enclosed on a market that clears"


class End(NamedTuple):
    """Customers unserved in a state, and what each player sells: doubles."""

    unserved: float
    sold: list[float]


def _by_state(unserved: Array, sold: Array) -> list[End]:
    return [End(*end) for end in zip(unserved[0].tolist(), sold.T.tolist(), strict=True)]


class SellingReplies(Replies):
    """See :class:`.enclosure.Replies`.

    Parameters
    ----------
    game : Cleared
    pieces : Pieces
    meet : callable
        From stakes (2, N, S), and a guess, to sales (2, N, S) in doubles: nothing rests on it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.5),
    ...                lb.Technology(1), discount=0.2, rungs=2)
    >>> proof = lb.certify(lb.solve(race).equilibria[0])
    >>> proof.holds, proof.radius < 1e-9
    (True, True)
    """

    game: Cleared

    def __init__(
        self, game: Cleared, pieces: Pieces, meet: Callable[[Array, Sales | None], Sales]
    ) -> None:
        self.game, self.pieces, self.theta, self.meet = game, pieces, arb(game.returns), meet
        self.near: Sales | None = None  # what was sold last
        self.fragile = None
        players, size = game.scale.shape
        self.customers = [arb(float(game.demand[0, s])) for s in range(size)]
        self.sellers = [[self._seller(i, s) for s in range(size)] for i in range(players)]

    def _seller(self, i: int, s: int) -> Seller:
        game = self.game
        capacity, price, worth, scale, base, low, high = (
            arb(float(table[i, s]))
            for table in (
                game.capacity,
                game.price,
                game.worth,
                game.scale,
                game.base,
                game.lower,
                game.upper,
            )
        )
        most = arb(0)
        if price > 0:
            most = worth.exp() if game.taking else free(worth - 1, float(game.most[i, s]))
        return Seller(
            f"{game.players[i]} in state {game.states[s].tolist()}",
            capacity,
            price,
            worth,
            scale,
            base,
            low,
            high,
            self.theta,
            0 if game.taking else 1,
            bool(game.movable[i, s]),
            most,
        )

    def everywhere(
        self, stakes: list[list[Any]], efforts: dict[tuple[int, int], Any]
    ) -> list[list[Reply]]:
        """Replies of all players in all states, with what each stake does to all."""
        for i, s in efforts:
            raise UnprovedError(LEVEL.format(self.sellers[i][s].where))
        size, (low, high) = len(self.customers), self._ends(stakes)

        def at(s: int) -> list[Reply]:
            return self._state(s, [row[s] for row in stakes], low[s], high[s])

        columns = self.looked_at(at, range(size))
        return [[columns[s][i] for s in range(size)] for i in range(len(stakes))]

    def _ends(self, stakes: list[list[Any]]) -> tuple[list[End], list[End]]:
        """What all sell in every state at the least and at the largest stakes, in doubles."""
        ends = [
            [[float(end(stake)) for stake in row] for row in stakes]
            for end in (arb.lower, arb.upper)
        ]
        met = self.near = self.meet(np.array(ends), self.near)
        low, high = zip(met.unserved, met.sold, strict=True)
        return _by_state(*low), _by_state(*high)

    def _state(self, s: int, stakes: list[Any], low: End, high: End) -> list[Reply]:
        sellers = [row[s] for row in self.sellers]
        unserved = self._unserved(s, sellers, stakes, low, high)
        sales = [
            sale_over(seller, x, unserved, near)
            for seller, x, near in zip(sellers, stakes, low.sold, strict=True)
        ]
        whole = 1 + sum((sale.follows for sale in sales), arb(0))
        crowd = [-sale.pull / whole for sale in sales]  # S_0 in the stake of each
        replies = []
        for k, (seller, sale) in enumerate(zip(sellers, sales, strict=True)):
            cross = [sale.slower * more for more in crowd]
            moved = [sale.follows * more for more in crowd]  # sales of k in the stake of each
            cross[k], moved[k] = cross[k] + sale.faster, moved[k] + sale.pull
            spill = [
                sale.dear * mine + sale.spread * more
                for mine, more in zip(moved, crowd, strict=True)
            ]
            hazard = seller.scale * power(sale.share, self.theta) + seller.base
            if not all(ball.is_finite() for ball in (hazard, sale.revenue, *cross, *spill)):
                raise UnprovedError(UNBOUNDED.format(seller.where))
            replies.append(
                Reply(
                    sale.share,
                    hazard,
                    cross[k],
                    sale.kink,
                    sale.revenue,
                    tuple(cross),
                    tuple(spill),
                )
            )
        return replies

    def _unserved(
        self, s: int, sellers: list[Seller], stakes: list[Any], low: End, high: End
    ) -> Any:
        """A ball that holds the customers unserved."""
        customers = self.customers[s]
        whole = customers / (1 + sum((seller.most for seller in sellers), arb(0)))
        least = whole.max(customers - sum((seller.room for seller in sellers), arb(0)))
        most = customers
        for aside in ASIDE:
            here = arb(low.unserved) * (1 - aside)
            sold = (
                bound(seller, here, x.lower(), near, largest=True)
                for seller, x, near in zip(sellers, stakes, low.sold, strict=True)
            )
            if here > 0 and here + sum(sold, arb(0)) < customers:
                least = least.max(here)
                break
        for aside in ASIDE:
            here = arb(high.unserved) * (1 + aside)
            sold = (
                bound(seller, here, x.upper(), near, largest=False)
                for seller, x, near in zip(sellers, stakes, high.sold, strict=True)
            )
            if here + sum(sold, arb(0)) > customers:
                most = most.min(here)
                break
        return between(least, most)

    def push(self, effect: Callable[[int], Any], replies: list[Reply], i: int, j: int) -> Any:
        """All that a unit of j's stake does to what i earns and wins, by way of all sales."""
        felt = (effect(k) * reply.cross[j] for k, reply in enumerate(replies))
        return sum(felt, replies[i].spill[j])

    def earned(self, i: int, s: int, reply: Reply) -> Any:
        """Flow payoff of a reply."""
        return reply.earns

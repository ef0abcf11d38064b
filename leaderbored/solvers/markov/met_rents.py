r"""Rents that clear a market for compute, in ball arithmetic; see :mod:`.met`.

At stakes above zero the excess of what is offered at a rent over what is wanted never falls in the
rent, and it rises where anybody's share moves with it. So one of four things holds in a state:

- at a rent of zero more is offered than is wanted, and at every other one as well: it is zero;
- nothing is offered and nothing wanted at a rent, and then at all that clear: no share and no
  payoff depends on which it is;
- the rent is where somebody ceases to serve its own customers, or to rent: a price, or a price less
  the friction. A little below less is offered than is wanted and a little above more;
- the excess is zero at a rent between two such, which is met and unknown.

Which of them it is, is certain over a box, or there is no proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from flint import arb

from leaderbored.games.markov import Array
from leaderbored.solvers.markov.leasing import Leasing
from leaderbored.solvers.markov.met import Meeting, Met, Numbers
from leaderbored.solvers.markov.on_pieces import Reply, head, idle_share, nothing, reply_on
from leaderbored.solvers.numerics.krawczyk import UnprovedError

if TYPE_CHECKING:
    from leaderbored.solvers.solution import Equilibrium

SAME = 1e-9  # relative distance of a rent from one at which somebody changes sides: it is that one
SIDES = "labs may change sides of the market for compute within the box in state {}"
EXCESS = "the rent may jump within the box in state {}"


class _Trader(NamedTuple):
    """A lab at a rent: its numbers, and on which side of the market for compute that puts it."""

    numbers: Numbers
    capacity: Any
    customers: Any
    serves: int  # sign of its price less the rent: below zero it rents out all that does not build
    rents: int  # sign of its price less what a tenant pays: above zero it serves all customers
    margin: Any  # what a customer who is served by a rented unit leaves it
    own: Any  # worth of a unit of its own with a customer left
    flat: bool  # whether that is the rent, so that idle compute makes no kink


class Renting(Meeting):
    """See :class:`.met.Meeting`.

    Parameters
    ----------
    claim : Equilibrium
    leasing : Leasing
    rent : (S,) array
        Of the equilibrium.
    """

    def __init__(self, claim: Equilibrium, leasing: Leasing, rent: Array) -> None:
        game = self.game = claim.game
        self.build = claim.build
        self.leasing, self.friction, self.theta = leasing, arb(leasing.friction), arb(game.returns)
        players, size = game.scale.shape
        self.on = leasing.units > 0
        tables = (game.scale, game.capacity, game.lower, game.upper, game.price, game.demand)
        self.numbers = [
            [[arb(float(table[i, s])) for table in tables] for s in range(size)]
            for i in range(players)
        ]
        self.unit = float(game.price.max())
        gain = np.array([law @ v - v for law, v in zip(game.jump, claim.value, strict=True)])
        self.push = game.returns * game.scale * np.maximum(gain, 0) / game.capacity
        pairs = [self._rent(s, float(r)) for s, r in enumerate(rent)]
        self.fixed, self.unknowns = map(list, zip(*pairs, strict=True))
        rents = np.array([met[0] if met else float(fixed) for fixed, met in pairs])
        self.kinds = self._kinds(gain, np.where(self.on, rents, 0.0))

    def _rent(self, s: int, rent: float) -> tuple[Any, list[float]]:
        """The rent if it is pinned, or if nobody trades one of those that clear; else unknown."""
        on = np.flatnonzero(self.on[:, s]).tolist()
        if not on:
            return arb(0), []
        least, most = zip(*(self._content(i, s) for i in on), strict=True)
        if min(most) > max(least) + SAME * self.unit:  # whatever is told, it is one of these
            return arb((max(least) + min(*most, self.unit)) / 2), []
        for i in on:
            price = self.numbers[i][s][4]
            for edge in (price, price - self.friction):
                if edge > 0 and abs(edge - rent) < SAME * self.unit:
                    return edge, []
        return (None, [rent]) if rent > 0 else (arb(0), [])

    def _content(self, i: int, s: int) -> tuple[float, float]:
        """Rents between which a lab neither rents nor rents out."""
        game, friction = self.game, self.leasing.friction
        price, idle = float(game.price[i, s]), float(game.idle[i, s])
        if self.build[i, s] >= 1:  # nothing is left to rent out, whatever it is worth
            return max(price - friction, 0.0), np.inf
        if idle <= game.lower[i, s]:  # it is sold out, whatever it does
            return max(price - friction, 0.0), price
        if idle >= game.upper[i, s] or not self.push[i, s] > 0:  # it has more than it can use
            return 0.0, 0.0
        last = min(price, float(self.push[i, s] * idle ** (game.returns - 1)))
        return max(last - friction, 0.0), last

    def _kinds(self, gain: Array, rent: Array) -> list[list[str]]:
        """The piece of every reply; nothing rests on it but whether there is a proof."""
        game, power, worth = self.game, 1 / (1 - self.game.returns), self.leasing.worth(rent)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            spare = np.where(rent > 0, (self.push / rent) ** power, np.inf)
            busy = np.nan_to_num((self.push / worth) ** power, nan=0.0, posinf=np.inf)
        found = np.where(spare < game.idle, "spare", np.where(busy > game.idle, "inner", "idle"))
        found = np.where(self.on & (worth == rent), "inner", found)
        found = np.where(self.build >= game.upper, "high", found)
        found = np.where((self.build <= game.lower) | (gain < 0), "low", found)
        kinds: list[list[str]] = np.where(game.movable, found, "stays").tolist()
        return kinds

    def at(self, s: int, stakes: Sequence[Any], met: Sequence[Any]) -> Met:
        """See :meth:`.met.Meeting.at`."""
        pinned = self.fixed[s]
        rent = met[0] if pinned is None else pinned
        replies, earned, before, after = list[Reply](), [], [], []
        for i, gain in enumerate(stakes):
            kind, one, where = self.kinds[i][s], self._trader(i, s, rent), self.where(i, s)
            paid = rent if self.on[i, s] else arb(0)
            costs = paid * one.capacity, one.own * one.capacity
            reply = reply_on(kind, gain, one.numbers, costs, theta=self.theta, where=where)
            left = (1 - reply.share) * one.capacity
            spare = self._spare(one, reply.share, left, s)
            served = one.customers if nothing(spare) or head(spare) > 0 else left
            replies.append(reply)
            earned.append(one.margin * one.customers + paid * left + (one.own - paid) * served)
            if self.on[i, s]:
                before.append(self._offers(s, one, left, spare, after=False))
                after.append(self._offers(s, one, left, spare, after=True))
        below, above = sum(before, arb(0)), sum(after, arb(0))
        if pinned is None:
            return Met(replies, earned, [below])
        if nothing(pinned):
            certain = head(above) > 0 or not any(head(more) < 0 for more in after)
        else:
            certain = all(map(nothing, [*before, *after])) or head(below) < 0 < head(above)
        if not certain:
            raise UnprovedError(EXCESS.format(self.game.states[s].tolist()))
        return Met(replies, earned, [])

    def _trader(self, i: int, s: int, rent: Any) -> _Trader:
        scale, capacity, low, high, price, customers = self.numbers[i][s]
        serves, rents, margin, own = 1, -1, arb(0), price
        if self.on[i, s]:
            dearer = rent + self.friction
            serves, rents = self._sign(price - rent, s), self._sign(price - dearer, s)
            margin = price - dearer if rents > 0 else arb(0)
            own = rent if serves <= 0 else dearer if rents > 0 else price
        flat = bool(self.on[i, s]) and (serves <= 0 or nothing(self.friction))
        idle = low if flat else idle_share(customers, capacity, low, high, self.where(i, s))
        numbers = Numbers(scale, low, high, idle)
        return _Trader(numbers, capacity, customers, serves, rents, margin, own, flat)

    def _spare(self, one: _Trader, share: Any, left: Any, s: int) -> Any:
        """What is left when all customers are served; below zero what is short."""
        here = one.numbers
        if share is here.idle and here.idle is not here.low and here.idle is not here.high:
            return arb(0)
        spare = left - one.customers
        if not one.flat:
            self._sign(spare, s)  # it is certain
        return spare

    def _sign(self, term: Any, s: int) -> int:
        """The sign of a term, zero only where there is nothing at all."""
        if nothing(term):
            return 0
        if head(term) > 0 or head(term) < 0:
            return 1 if head(term) > 0 else -1
        raise UnprovedError(SIDES.format(self.game.states[s].tolist()))

    def _offers(self, s: int, one: _Trader, left: Any, spare: Any, *, after: bool) -> Any:
        """What a lab offers, or wants below zero, a little below the rent or a little above it.

        That makes a difference only for whom it makes none to serve, or to rent, at the rent.
        """
        if one.serves < 0 or (one.serves == 0 and after):
            return left
        if one.rents > 0 or (one.rents == 0 and not after):
            return spare
        return spare if self._sign(spare, s) > 0 else arb(0)

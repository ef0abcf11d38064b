r"""A Markov game whose players sell on one market that clears, state by state.

Of M customers, who want one unit each, those whom player i serves have the utility
:math:`\mu x_i - p_i + \mu\,\epsilon`, with x the *worth* of what it sells and noise of the extreme
value; who go without have the noise alone. With :math:`S_i` units sold and
:math:`S_0 = M - \sum_j S_j` customers unserved, all are sold at the prices (Berry, RAND Journal of
Economics 25, 1994, inverts shares so)

.. math:: p_i = \mu (x_i - \ln y_i), \qquad y_i = S_i / S_0 .

A player sells what it likes, up to the compute :math:`(1 - b_i) K_i` that does not build. One more
unit is worth to it

.. math:: m_i = \mu (x_i - \ln y_i - 1 - y_i) \quad\text{where it sets quantities,}\qquad
          m_i = p_i \quad\text{where it takes prices as given,}

which falls in its own sales. So at given shares it sells all it can or, if less, the multiple
:math:`Y(x_i)` of the unserved at which m is zero,

.. math:: S_i = \min\{(1 - b_i) K_i,\; Y(x_i)\, S_0\}, \qquad
          \ln Y + Y = x - 1 \quad\text{or}\quad \ln Y = x,

whatever the others do, and one :math:`S_0` makes these add up. As in all these games hazards hang
on the share alone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from leaderbored.games.markov import Array, Markov
from leaderbored.games.omega import omega

ROUNDING = 1e-14  # of worths and of all customers
LEFT = 2.0**-53  # of compute, which a share of one may leave by rounding


class Sales(NamedTuple):
    """What is sold on a market that cleared.

    Attributes
    ----------
    sold : (..., N, S) array
        Units of each player.
    unserved : (..., N, S) or (..., 1, S) array
        Customers who go without.
    margin : (..., N, S) array
        Worth m of one more unit to its seller.
    """

    sold: Array
    unserved: Array
    margin: Array


class Markets(NamedTuple):
    """Where the sellers of M markets stand in tables (N, S), read row by row.

    Attributes
    ----------
    first, sellers : (M,) int arrays
        The first seller of each, and how many there are.
    stride : int
        From one of them to the next.
    alike : (N, S) array
        How many sellers each stands for.
    """

    first: NDArray[np.int64]
    sellers: NDArray[np.int64]
    stride: int
    alike: Array

    @classmethod
    def single(cls, like: Array) -> Self:
        """Markets of one seller each, one for each entry of a table."""
        return cls(np.arange(like.size), np.ones(like.size, dtype=np.int64), 1, np.ones(like.shape))


@dataclass(frozen=True, eq=False, kw_only=True)
class Cleared(Markov):
    """Arrays of a Markov game whose players sell on a market that clears.

    ``price`` is the money mu per unit of taste, and ``demand`` the customers M. Players whose price
    is zero do not sell.

    Attributes
    ----------
    worth : (N, S) array
        x, worth of what a player sells over going without, in units of taste.
    taking : bool, default False
        Whether players take prices as given; otherwise they set quantities.
    apart : bool, default False
        Whether the others' sales are given: ``demand`` are then the customers whom they leave, and
        each player clears a market of its own.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.2),
    ...                lb.Technology(1), discount=0.2, rungs=1)
    >>> game = race.markov()
    >>> sales = game.sales(np.full((2, 3), 0.2))
    >>> sales.sold[:, 1].round(4).tolist(), sales.unserved[0, 1].round(4).item()
    ([0.8, 0.8], 0.8)
    """

    worth: Array
    taking: bool = False
    apart: bool = False
    TABLES: ClassVar[tuple[str, ...]] = (*Markov.TABLES, "worth")

    @property
    @override
    def paid(self) -> dict[str, float]:
        """A market of one seller on which the price is mu at one unit, or 2 mu at half of one."""
        return {"worth": 1.0, "demand": 2.0} if self.taking else {"worth": 2.0, "demand": 1.0}

    @cached_property
    def most(self) -> Array:
        """(N, S) Y(x), sales over unserved customers at which one more unit is worth nothing."""
        with np.errstate(over="ignore", under="ignore"):
            free = np.exp(self.worth) if self.taking else omega(self.worth - 1)
        return np.where(self.price > 0, free, 0.0)

    @cached_property
    def customers(self) -> Array:
        """(N, S) or (1, S) customers of each market."""
        return self.demand if self.apart else self.demand[:1]

    @property
    def most_sellers(self) -> int:
        """The most players, or roles of players, on a market."""
        return len(self.players)

    @property
    def markets(self) -> Markets:
        """Where the sellers of each market stand in tables (N, S)."""
        players, size = self.scale.shape
        if self.apart:
            return Markets.single(self.scale)
        ones = np.ones(self.scale.shape)
        return Markets(np.arange(size), np.full(size, players), size, ones)

    def total(self, each: Array) -> Array:
        """Sums over the players of each market."""
        return each if self.apart else each.sum(axis=-2, keepdims=True)

    def margin(self, ratio: Array) -> Array:
        """(..., N, S) worth m of one more unit where y = ``ratio`` are sold to each unserved."""
        with np.errstate(divide="ignore"):
            taste = self.worth - np.log(ratio)
        return np.asarray(self.price * (taste if self.taking else taste - 1 - ratio))

    def sales(self, build: Array) -> Sales:
        """Who sells what when the players build the shares ``build`` (..., N, S).

        Sold-out players are told apart from the scarcest on: the more of them, the more are
        unserved, and none who was sold out is so no more.
        """
        room = np.where(self.price > 0, (1 - build) * self.capacity, 0.0)
        out = np.zeros(room.shape, dtype=bool)
        for _ in range(self.most_sellers + 1):
            rest = self.customers - self.total(np.where(out, room, 0.0))
            unserved = rest / (1 + self.total(np.where(out, 0.0, self.most)))
            more = out | (room < self.most * unserved)
            if (more == out).all():
                break
            out = more
        sold = np.where(out, room, self.most * unserved)
        with np.errstate(divide="ignore", invalid="ignore"):
            margin = np.where(out & (room > 0), self.margin(sold / unserved), 0.0)
        return Sales(sold, unserved, self.clear(margin, sold, unserved))

    def clear(self, margin: Array, sold: Array, unserved: Array) -> Array:
        """Worths of units that are not negative; given prices within rounding of zero are zero.

        For where compute is idle nothing but rounding would have a value then.
        """
        if not self.taking:
            return np.maximum(margin, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):  # who sells nothing has no price
            known = 1 + np.abs(self.worth) + self.customers / unserved + self.capacity / sold
            return np.where(margin > ROUNDING * self.price * known, margin, 0.0)

    def prices(self, sales: Sales) -> Array:
        """(..., N, S) prices at which all that is sold finds a customer."""
        markup = 0.0 if self.taking else self.price * (1 + sales.sold / sales.unserved)
        return np.asarray(sales.margin + markup)

    def faced(self, sales: Sales) -> Array:
        """(..., N, S) prices that players take: who sells nothing, that of a first unit.

        It has no bound; the one is that of what a share of one may leave by rounding.
        """
        first = self.margin(np.maximum(sales.sold, LEFT * self.capacity) / sales.unserved)
        nothing = (sales.sold <= ROUNDING * self.capacity) & (self.price > 0)
        return np.where(nothing, np.maximum(first, 0.0), self.prices(sales))

    @override
    def payoff(self, build: Array) -> Array:
        """(N, S) flow payoffs, money/year, when the players build so and sell what is best."""
        sales = self.sales(build)
        return np.where(sales.sold > 0, self.prices(sales) * sales.sold, 0.0)

    @cached_property
    def idle(self) -> Array:
        """(N, S) largest share that builds without giving up a sale when nobody builds more."""
        return self.unsold(self.sales(self.lower).unserved)

    @override
    def spare(self, build: Array) -> Array:
        """(..., N, S) the same when the players build the shares ``build``."""
        return self.unsold(self.sales(build).unserved)

    def unsold(self, unserved: Array) -> Array:
        """(..., N, S) share of compute that is left over where so many customers are unserved."""
        with np.errstate(over="ignore"):
            left = 1 - np.minimum(self.most * unserved / self.capacity, 1.0)
        return np.asarray(np.clip(left, self.lower, self.upper))

    def alone(self, build: Array) -> Markov:
        """The game that each player faces when the others hold to these shares, and their sales."""
        if self.apart:
            return self
        sales = self.sales(build)
        if self.taking:
            ample = np.full_like(self.demand, np.inf)
            plain: dict[str, Any] = {part.name: getattr(self, part.name) for part in fields(Markov)}
            return Markov(**{**plain, "price": self.faced(sales), "demand": ample})
        left = np.where(self.price > 0, sales.unserved + sales.sold, 1.0)
        return replace(self, demand=left, apart=True)

    @override
    def only(self, i: int) -> Self:
        """Player i alone; the others' sales must be given."""
        return super().only(i)

r"""What one player sells on a market that clears, in ball arithmetic.

Sales of who builds are, at given customers unserved :math:`S_0` and a stake x, where

.. math:: G(S) = m(S / S_0) - \frac{\theta\, scale\, x}{K} \Big(1 - \frac{S}{K}\Big)^{\theta - 1}

changes its sign, which falls in S. With b the share and
:math:`n = b\,|m_S| + m (1 - \theta) / K`, sales that can move do so by
:math:`- \kappa\, b^{\theta} / n` with the own stake, :math:`\kappa = \theta\, scale / K`, and by
:math:`(S / S_0)\, b\, |m_S| / n` with :math:`S_0`. Slopes of corners, where sales are all of what
does not build or a multiple of :math:`S_0`, are joined to these where a box holds both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import arb

from leaderbored.solvers.markov.enclosure import NOTHING, between, power
from leaderbored.solvers.numerics.krawczyk import UnprovedError

ASIDE = tuple(10.0**-k for k in (15, 13, 11, 9, 6, 3))  # of a root in doubles: where signs are read
STEPS = 80  # of Newton's method, and halvings
SAME = 4e-16  # relative size of a last step
STEEP = "the reply of {} may be infinitely steep within the box"


@dataclass(frozen=True, eq=False)
class Seller:
    """One player in one state: its numbers in balls."""

    where: str
    capacity: Any
    price: Any
    worth: Any
    scale: Any
    base: Any
    low: Any
    high: Any
    theta: Any
    tilt: int  # 1 of who sets quantities, 0 of who takes prices
    moves: bool
    most: Any  # Y, sales over the unserved at which one more unit is worth nothing

    @cached_property
    def halts(self) -> bool:
        """Whether the least share may be the best although a success is worth something."""
        return bool(self.low > 0) or bool(self.theta == 1)

    @cached_property
    def room(self) -> Any:
        """What is left to sell by who builds the least."""
        return (1 - self.low) * self.capacity

    @cached_property
    def rest(self) -> Any:
        """What is left to sell by who builds the most."""
        return (1 - self.high) * self.capacity

    @cached_property
    def push(self) -> Any:
        """Kappa, worth of a unit that builds for each unit of stake where all builds."""
        return self.theta * self.scale / self.capacity

    def margin(self, ratio: Any) -> Any:
        """Worth of one more unit where so many are sold to each unserved."""
        return self.price * (self.worth - ratio.log() - self.tilt * (1 + ratio))

    def excess(self, sold: Any, unserved: Any, stake: Any) -> Any:
        """G: what one more unit sold is worth over what one that builds is."""
        builds = 1 - sold / self.capacity
        steep = arb(1) if self.theta == 1 else builds ** (self.theta - 1)
        return self.margin(sold / unserved) - self.push * stake * steep

    @cached_property
    def doubles(self) -> tuple[float, ...]:
        """K, mu, worth, kappa, theta, Y and what is left to sell by who builds the most."""
        balls = (self.capacity, self.price, self.worth, self.push, self.theta, self.most, self.rest)
        return tuple(float(ball.mid()) for ball in balls)

    def root(self, unserved: float, stake: float, near: float) -> float:
        """Where G changes its sign, in doubles: by Newton's method in the logarithm from near it.

        It is kept within a bracket; nothing rests on it.
        """
        k, mu, x, push, theta, most, rest = self.doubles
        tilt, cost, b = self.tilt, push * stake, min(k, most * unserved)
        a = rest if rest > 0 else b * 1e-300
        sold = near
        for _ in range(STEPS):
            if not a < sold < b:
                sold = math.sqrt(a) * math.sqrt(b) if b > 4 * a else (a + b) / 2
            builds, ratio = 1 - sold / k, sold / unserved
            if not (ratio > 0 and builds > 0):
                break
            steep = cost * builds ** (theta - 1)
            over = mu * (x - math.log(ratio) - tilt * (1 + ratio)) - steep
            a, b = (sold, b) if over > 0 else (a, sold)
            slope = mu * (1 + tilt * ratio) + (1 - theta) * steep * sold / (k * builds)
            step = over / slope
            if abs(step) <= SAME:
                return sold
            sold = sold * math.exp(step) if abs(step) < 1 else math.nan
        return (a + b) / 2

    def _tries(self, unserved: Any, stake: Any, near: float) -> Iterator[tuple[float, float]]:
        """Where sales may be in doubles, and how far beside to look: first where they are said."""
        if near > 0:
            yield near, ASIDE[0]
        root = self.root(float(unserved.mid()), float(stake.mid()), near)
        for aside in ASIDE:
            yield root, aside

    def least(self, unserved: Any, stake: Any, near: float) -> Any:
        """Sales that are not above those at an S_0, and a stake above zero."""
        floor = self.rest.min(self.most * unserved)
        for root, aside in self._tries(unserved, stake, near):
            sold = arb(root) * (1 - aside)
            if sold >= self.room:
                sold = self.room * (1 - arb(aside))
            if sold > 0 and sold < self.capacity and self.excess(sold, unserved, stake) > 0:
                return floor.max(sold.min(self.room))
        return floor

    def largest(self, unserved: Any, stake: Any, near: float) -> Any:
        """Sales that are not below those at an S_0, and a stake above zero."""
        ceiling = self.room.min(self.most * unserved)
        for root, aside in self._tries(unserved, stake, near):
            sold = arb(root) * (1 + aside)
            if not sold < self.capacity:
                break
            if sold > 0 and self.excess(sold, unserved, stake) < 0:
                return ceiling.min(sold.max(self.rest))
        return ceiling


@dataclass(frozen=True, eq=False)
class Sale:
    """Enclosures of what one player does: sales and share, slopes in the stake and in S_0."""

    sold: Any
    share: Any
    revenue: Any
    dear: Any  # price less money per unit of taste: what a unit more brings, S_0 given
    spread: Any  # what a customer more unserved brings, sales given
    pull: Any  # sales in the stake, S_0 given
    follows: Any  # sales in S_0
    faster: Any  # the hazard in the stake, S_0 given
    slower: Any  # the hazard in S_0
    kink: bool


def free(taste: Any, near: float) -> Any:
    """Y of ln Y + Y = taste, next to a root in doubles."""
    for aside in ASIDE:
        low, high = arb(near) * (1 - aside), arb(near) * (1 + aside)
        if low > 0 and low.log() + low < taste and high.log() + high > taste:
            return between(low, high)
    raise UnprovedError("sales span more orders of magnitude than are enclosed")


def bound(seller: Seller, unserved: Any, stake: Any, near: float, *, largest: bool) -> Any:
    """A bound of sales at an S_0 and a stake, in doubles near it."""
    if not seller.price > 0:
        return arb(0)
    if not (seller.moves and stake > 0):
        return seller.room.min(seller.most * unserved)
    found = seller.largest if largest else seller.least
    return found(unserved, stake, near)


def sale_over(seller: Seller, stake: Any, unserved: Any, near: float) -> Sale:
    """What a player does over balls of stakes and of customers unserved; it sells near so much.

    Raises
    ------
    UnprovedError
        If the reply may jump within them.
    """
    zero = arb(0)
    if not seller.price > 0:  # nothing is forgone: all or nothing
        if seller.moves and not (stake > 0 or stake < 0):
            raise UnprovedError(NOTHING.format(seller.where))
        share = seller.high if seller.moves and stake > 0 else seller.low
        return Sale(zero, share, zero, zero, zero, zero, zero, zero, zero, False)
    first, last = unserved.lower(), unserved.upper()
    sold = between(
        bound(seller, first, stake.upper(), near, largest=False),
        bound(seller, last, stake.lower(), near, largest=True),
    )
    ratio = sold / unserved
    if not seller.moves or stake < 0:
        return _corner(seller, sold, seller.low, seller.room, unserved)
    if not stake > 0 and not seller.room < seller.most * first:
        raise UnprovedError(NOTHING.format(seller.where))
    if seller.most * last < seller.rest or (
        stake > 0 and seller.excess(seller.rest, last, stake.lower()) < 0
    ):
        return _corner(seller, sold, seller.high, seller.rest, unserved)
    if seller.halts and seller.excess(seller.room, first, stake.upper()) > 0:
        return _corner(seller, sold, seller.low, seller.room, unserved)
    return _moving(seller, sold, ratio, stake)


def _corner(seller: Seller, sold: Any, share: Any, room: Any, unserved: Any) -> Sale:
    """At one share: all that is left is sold, or what is worth selling, or it is not known."""
    zero, most, ratio = arb(0), seller.most * unserved, sold / unserved
    slack, out = bool(most < room), bool(most > room)
    price = seller.price * (seller.worth - ratio.log()) if sold > 0 else zero
    if not sold > 0 and not room == 0:
        raise UnprovedError("what is sold may be nothing within the box")
    follows = ratio if slack else zero if out else between(zero, ratio.upper())
    return Sale(
        sold,
        share,
        price * sold,
        price - seller.price if sold > 0 else zero,
        seller.price * ratio,
        zero,
        follows,
        zero,
        zero,
        not (slack or out),
    )


def _moving(seller: Seller, sold: Any, ratio: Any, stake: Any) -> Sale:
    """Where the stake moves the share, or may."""
    theta, zero = seller.theta, arb(0)
    if not sold > 0:
        raise UnprovedError("what is sold may be nothing within the box")
    margin = seller.margin(ratio)
    if not margin > 0:
        raise UnprovedError(f"a unit more of {seller.where} may be worth nothing within the box")
    builds = 1 - sold / seller.capacity
    share = between(builds.lower().max(seller.low), builds.upper().max(seller.low))
    share = share.min(seller.high)
    at_least, at_most = bool(sold < seller.room), bool(sold > seller.rest)
    known = bool(stake > 0) and at_most and (at_least or not seller.halts)
    if known and theta < 1:
        closed = power(seller.push * stake / margin, 1 / (1 - theta))
        share = _both(share, closed)
    if not share > 0 and theta < 0.5:
        raise UnprovedError(STEEP.format(seller.where))
    slope = seller.price * (1 + seller.tilt * ratio) / sold  # of m in sales, S_0 given
    needed = share * slope + margin * (1 - theta) / seller.capacity
    pull = -seller.push * power(share, theta) / needed
    follows = ratio * share * slope / needed
    bent = power(share, 2 * theta - 1) if theta > 0.5 else share ** (2 * theta - 1)
    faster = seller.push**2 * (arb(1) if theta == 0.5 else bent) / needed
    slower = -seller.push * power(share, theta) * ratio * slope / needed
    if not known:
        pull, slower = between(pull.lower(), zero), between(slower.lower(), zero)
        faster = between(zero, faster.upper())
        follows = between(zero, ratio.upper())
    price = seller.price * (seller.worth - ratio.log())
    return Sale(
        sold,
        share,
        price * sold,
        price - seller.price,
        seller.price * ratio,
        pull,
        follows,
        faster,
        slower,
        not known,
    )


def _both(a: Any, b: Any) -> Any:
    """A ball within which both lie; the first where rounding leaves nothing in common."""
    try:
        return a.intersection(b)
    except ValueError:
        return a

"""The market of a race, written out: customers, and what labs earn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from leaderbored.games.expression import read
from leaderbored.race.written_out import clearing
from leaderbored.race.written_out.board import Array, Board

if TYPE_CHECKING:
    from leaderbored.race.ladder import RevenueLadder
    from leaderbored.race.market import ClearingMarket

PERSUADING = 10_000  # rounds of replies in persuasion
STILL = 1e-15  # of the largest compute: a change of persuasion that is rounding


@dataclass(frozen=True, eq=False)
class Met:
    """What labs meet when all play as given: none of it moves with a lab's own share.

    Attributes
    ----------
    customers : (N, S) array
        Who ask a lab first, and those who come because others turned them away.
    attraction : (N, S) array
        Of the other labs, those included who persuade.
    rent : (S,) array
        What a landlord gets for a unit of compute; 0 without a market for it.
    price, most : (N, S) arrays
        Prices that clear, and units that labs would sell if they had enough and know that prices
        fall; 0 on other markets. There ``customers`` are those whom the others leave.
    """

    customers: Array
    attraction: Array
    rent: Array
    price: Array
    most: Array


class Market(Board):
    """What labs earn in every state of a race."""

    _known: tuple[bytes, Array] | None = None  # what was sold last, and of which units

    def keeps(self, share: Array) -> Array:
        """v, compute that can sell, as a share."""
        bent = self.on.fungibility
        if bent is None:
            return 1 - share
        away = np.maximum(bent.home - share, 0)
        return np.asarray(np.minimum(1 - share, 1 - bent.home) + (1 - bent.loss) * away)

    # --- market

    @cached_property
    def _market(self) -> tuple[Array, Array]:
        """(N, S) prices, and customers who ask a lab first."""
        market, d = self.race.market, self.seen
        if market.kind == "scarce":
            pull = self._pull
            total = market.scarcity * sum(lab.compute for lab in self.labs)
            return market.price * np.exp(-market.premium * d), total * pull / pull.sum(axis=0)
        if market.kind == "clearing":
            total = market.scarcity * sum(lab.compute for lab in self.labs)
            return np.full_like(d, market.price), np.full_like(d, total)
        ladder = revenues(market, self.rungs)
        runner_up = np.sort(d, axis=0)[1].astype(int)
        price = np.where(d == 0, ladder[runner_up], ladder[0])
        return price, np.full_like(price, np.inf)

    @property
    def _pull(self) -> Array:
        """(N, S) attraction w e^(-beta d) of labs that do not persuade, on a scarce market."""
        market: Any = self.race.market
        brand = np.array([[lab.brand] for lab in self.labs])
        return np.asarray(brand * np.exp(-market.switching * self.seen))

    def open(self, i: int) -> bool:
        """Whether lab i's users run its model themselves."""
        weights = self.on.open_weights
        return weights is not None and self.labs[i].name in weights.labs

    def met(self, play: Array, rent: Array | None = None) -> Met:
        """What labs meet when all build the shares ``play`` (N, S), at a rent (S,)."""
        customers = self._market[1]
        if self.on.spillover and self.on.spillover.share > 0:
            customers = customers + self._arrivals(play, self.on.spillover.share)
        attraction = np.zeros_like(customers)
        if self._persuasive > 0:
            persuading = self._pull * (1 + self._persuasive * self.persuasion(play))
            attraction = persuading.sum(axis=0) - persuading
        rent = np.zeros(self.size) if rent is None else rent
        price = most = np.zeros_like(customers)
        if self._clears:
            sold = self.sold(play)
            customers = sold[:-1] + sold[-1]
            price = clearing.prices(self._cleared, self._worth, sold, self.owned)
            most = clearing.dearest(self._worth, customers)
        return Met(customers, attraction, rent, price, most)

    def earns(self, i: int, share: Array, met: Met) -> Array:
        """(..., S) revenue of lab i, money/year, at the shares ``share`` (..., S)."""
        price, customers = self._market[0][i], met.customers[i]
        if self.open(i):
            served = np.where(np.isfinite(customers), customers, self.owned[i])
            assert self.on.open_weights is not None
            return np.asarray(self.on.open_weights.fraction * price * served + 0 * share)
        units = self.keeps(share) * self.owned[i]
        if self._clears:
            return self._clearing(i, units, met)
        if self._elasticity is not None:
            return self._elastic(price, customers, units)
        if self._persuasive > 0:
            sold = units - self._persuades(i, units, met.attraction[i])
            return np.asarray(price * sold)
        if self.on.lease:
            return self._renting(price, customers, units, met.rent)
        return np.asarray(price * np.minimum(units, customers))

    def bends(self, i: int, met: Met) -> list[Array]:
        """(S,) shares at which what lab i earns or achieves has a kink."""
        bent, bends = self.on.fungibility, []
        home, loss = (bent.home, bent.loss) if bent else (0.0, 0.0)
        if loss > 0:
            bends.append(np.full(self.size, home))
        if self._clears and self._cleared.conduct == "quantity":
            bends.append(1 - met.most[i] / self.owned[i])
        if self._elasticity is None and not self._clears and not self.open(i):
            kept = np.minimum(met.customers[i] / self.owned[i], 1.0)  # v at which all are served
            beyond = home - (kept - (1 - home)) / (1 - loss)
            bends.append(np.where(kept <= 1 - home, 1 - kept, beyond))
        return bends

    # --- a market that clears

    @property
    def _clears(self) -> bool:
        return self.race.market.kind == "clearing"

    @cached_property
    def _worth(self) -> Array:
        """(N, S) worth of what labs sell, as customers perceive it."""
        return clearing.worths(self._cleared, self.seen, np.array([lab.brand for lab in self.labs]))

    @property
    def _cleared(self) -> ClearingMarket:
        assert self.race.market.kind == "clearing"
        return self.race.market

    def sold(self, play: Array) -> Array:
        """(N + 1, S) units that labs sell when all build ``play``, and customers unserved."""
        units = np.array([self.keeps(play[i]) * self.owned[i] for i in range(self.count)])
        key = units.tobytes()
        if self._known is None or self._known[0] != key:
            customers = float(self._market[1][0, 0])
            self._known = key, clearing.sold(self._cleared, self._worth, units, customers)
        return self._known[1]

    def blurred(self, play: Array) -> float:
        """What rounding may make of revenue: of prices, where next to all customers are served."""
        if not self._clears:
            return 0.0
        sold = self.sold(play)
        lost = clearing.ROUNDING * sold.sum(axis=0) / sold[-1]
        return float((self._cleared.price * lost * sold[:-1]).max())

    def _clearing(self, i: int, units: Array, met: Met) -> Array:
        """Revenue of lab i, which sells as many of its units as it likes."""
        if self._cleared.conduct == "price-taking":
            return np.asarray(met.price[i] * units)
        sales = np.minimum(units, met.most[i])
        return clearing.revenue(self._cleared, self._worth[i], sales, met.customers[i])

    # --- mechanisms of the market

    @property
    def _elasticity(self) -> float | None:
        return self.on.accumulate.elasticity if self.on.accumulate else None

    def _elastic(self, price: Array, customers: Array, units: Array) -> Array:
        """Revenue where a buyer is found for all that is offered, at a price that falls with it."""
        assert self._elasticity is not None
        average = float(np.mean([lab.compute for lab in self.labs]))
        wanted = np.where(np.isfinite(customers), customers, average)
        with np.errstate(divide="ignore"):
            power = 1 / self._elasticity
            return np.asarray(price * wanted**power * units ** (1 - power))

    def _renting(self, price: Array, customers: Array, units: Array, rent: Array) -> Array:
        """Revenue of a lab that may rent compute and rent it out."""
        assert self.on.lease is not None
        cost = rent + self.on.lease.friction
        own = np.minimum(np.maximum(price, rent), cost)  # worth of an own unit with a customer left
        served = np.minimum(units, customers)
        margin = np.maximum(price - cost, 0)
        return np.asarray(margin * customers + rent * units + (own - rent) * served)

    def uncleared(self, play: Array, rent: Array | None) -> float:
        """By how much a market for compute fails to clear at a rent (S,), over all compute.

        Labs that gain from trade must find others who gain or do not mind: at a rent a little
        lower or higher who does not mind trades, or does not.
        """
        lease = self.on.lease
        if lease is None:
            return 0.0
        price, customers = self._market
        units = np.array([self.keeps(play[i]) * self.owned[i] for i in range(self.count)])
        rent = np.zeros(self.size) if rent is None else rent
        near = 1e-9 * float(price.max())

        def offered(at: Array) -> Array:
            spare = np.maximum(units - customers, 0)
            return np.asarray(np.where(at > 0, np.where(price < at, units, spare), 0.0).sum(axis=0))

        def wanted(at: Array) -> Array:
            short = np.maximum(customers - units, 0)
            return np.asarray(np.where(price > at + lease.friction, short, 0.0).sum(axis=0))

        too_much = offered(rent - near) - wanted(rent - near)
        too_little = wanted(rent + near) - offered(rent + near)
        excess = float(np.maximum(too_much, too_little).max())
        return max(excess, 0.0) / float(self.owned[:, 0].sum())

    @property
    def _persuasive(self) -> float:
        """How much a unit of compute that persuades adds to attraction, in units of its own."""
        if self.on.hype is None:
            return 0.0
        return float(self.on.hype.effectiveness / np.mean([lab.compute for lab in self.labs]))

    def _persuades(self, i: int, units: Array, others: Array) -> Array:
        """Units y that persuade, of those not training: the root of units - y = T a(1+ey)/(...).

        With the lab's own attraction a and the others' A it is that of
        e a y^2 + (a + A + e a (T - k)) y = k (a + A) - T a, or 0 if that is negative.
        """
        e, a, market = self._persuasive, self._pull[i], self.race.market
        assert market.kind == "scarce"
        total = market.scarcity * sum(lab.compute for lab in self.labs)
        spare = np.maximum(units * (a + others) - total * a, 0.0)
        linear = a + others + e * a * (total - units)
        root = np.sqrt(linear**2 + 4 * e * a * spare)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(linear > 0, 2 * spare / (linear + root), (root - linear) / (2 * e * a))
        return np.where(spare > 0, found, 0.0)

    def persuasion(self, play: Array) -> Array:
        """(N, S) units that persuade when labs build ``play``: the least replies to each other."""
        pull, spent = self._pull, np.zeros_like(play)
        units = [self.keeps(play[i]) * self.owned[i] for i in range(self.count)]
        for _ in range(PERSUADING):
            persuading = pull * (1 + self._persuasive * spent)
            others = persuading.sum(axis=0) - persuading
            after = np.array([self._persuades(i, units[i], others[i]) for i in range(self.count)])
            moved, spent = float(np.abs(after - spent).max()), after
            if moved <= STILL * float(self.owned.max()):
                break
        return spent

    def _arrivals(self, play: Array, share: float) -> Array:
        """(N, S) customers whom other labs turn away when all build ``play``, from the top down.

        On a rung they go to the labs in proportion to their own demand, which there is in
        proportion to their brands.
        """
        asks, brand = self._market[1], [lab.brand for lab in self.labs]
        labs, nobody = range(self.count), np.zeros(self.size)
        room = [
            np.full(self.size, np.inf) if self.open(i) else self.keeps(play[i]) * self.owned[i]
            for i in labs
        ]
        turned_away = [share * np.maximum(asks[i] - room[i], 0) for i in labs]
        come, above = np.zeros_like(asks), nobody
        for rung in range(self.rungs + 1):
            here = [self.seen[i] == rung for i in labs]
            weight = [np.where(here[i], brand[i], 0.0) for i in labs]
            total = sum(weight, nobody)
            below = np.where(total > 0, 0.0, above)  # an empty rung passes them on
            for i in labs:
                found = above * _part(weight[i], total)
                for j in labs:
                    if j != i:  # a peer's; they do not return to where they were turned away
                        away = np.where(here[j], turned_away[j], 0.0)
                        found = found + away * _part(weight[i], total - weight[j])
                come[i] = np.where(here[i], found, come[i])
                alone = total == weight[i]
                lost = np.maximum(come[i] - np.maximum(room[i] - asks[i], 0), 0)
                lost = lost + np.where(alone, turned_away[i], 0.0)
                below = below + np.where(here[i], lost, 0.0)
            above = below
        return come


def _part(weight: Array, total: Array) -> Array:
    """The share of a lab in a total of weights; 0 of nothing."""
    return np.where(total > 0, weight / np.where(total > 0, total, 1.0), 0.0)


def revenues(market: RevenueLadder, rungs: int) -> Array:
    """(G + 1,) revenue per unit sold at leads of 0, 1, ..., G.

    A formula is worked out lead by lead, by mpmath.

    Examples
    --------
    >>> import leaderbored as lb
    >>> ladder = lb.RevenueLadder("gamma**g if g < 2 else 3", parameters={"gamma": 1.5})
    >>> revenues(ladder, 3).tolist()
    [1.0, 1.5, 3.0, 3.0]
    """
    table = market.revenue
    if isinstance(table, str):
        said = repr((table, market.parameters, market.let, market.random))
        found = np.array(_worked_out(_Formula(said, market), rungs))
    else:
        found = np.array([table[min(g, len(table) - 1)] for g in range(rungs + 1)])
    if market.laggard is not None:
        found[0] = market.laggard
    return found


@dataclass(frozen=True)
class _Formula:
    """A ladder that is a formula; two that say the same are one."""

    said: str
    market: RevenueLadder = field(compare=False)


@lru_cache(maxsize=128)
def _worked_out(formula: _Formula, rungs: int) -> list[float]:
    import sympy

    from leaderbored.games.functions import in_mpmath  # brings sympy

    names, values = formula.market.meaning()
    read_as = read(str(formula.market.revenue), names)
    lead = sympy.Symbol("lead", real=True)
    known = {symbol: sympy.Float(v) for symbol, v in values.items() if np.ndim(v) == 0}
    tables = {grid.symbol: _entries(v) for grid, v in values.items() if np.ndim(v)}
    written = read_as.subs({names["g"]: lead, **known})
    value = sympy.lambdify([lead, *tables], written, [in_mpmath(), "mpmath"])
    found = []
    for g in range(rungs + 1):
        try:
            found.append(float(value(g, *tables.values())))
        except (ZeroDivisionError, ValueError, TypeError):  # it has no value at this lead
            found.append(float("nan"))
    return found


def _entries(table: Array) -> Callable[..., Any]:
    """What is looked up in a table: nothing outside."""

    def entry(_: Any, *places: Any) -> Any:
        at = tuple(int(place) for place in places)
        spots = zip(at, places, table.shape, strict=True)
        inside = all(k == place and 0 <= k < size for k, place, size in spots)
        return float(table[at]) if inside else float("nan")

    return entry

r"""What any policy could gain on a plan, at most: a bound by duality, apart from what solves.

If a function W of the states satisfies, for all that can be chosen,

.. math:: u(s, b, S) + \sum_j h_j(s, b_j) [W(s_j') + A_j - W(s)] - \rho W(s) \le \epsilon ,

no policy is worth more than :math:`W + \epsilon / \rho` anywhere; where money grows by a factor of
:math:`\Gamma` with each advance, which weighs :math:`W(s_j')` after one, no more than :math:`W +
\epsilon / (\rho - (\Gamma - 1) A)`, A the most advances a year. Here W is the value of the plan, by
a linear solve of its own, on a game that is read from the record of the race a second time
(:mod:`leaderbored.race.written_out`). The largest left-hand side of a state is bounded from above
without a search: what is built with and what is sold meet in :math:`S_i \le (1 - b_i) K_i` alone,
so at any prices :math:`c_i \ge 0` of compute it is at most

.. math:: \sup_S \Big[ u(S) - \sum_i c_i S_i \Big]
          + \sum_i \sup_{b_i} \big[ h_i(b_i) D_i + c_i (1 - b_i) K_i \big] ,

whose parts are known in closed form (weak duality). The first is: of labs and customers on a market
that clears :math:`\mu M \ln (1 + \sum_i e^{x_i - c_i / \mu})`, the surplus that customers would
have at these prices; of labs alone :math:`\mu M Y`, the profit of a monopolist with these costs,
:math:`Y e^Y = \sum_i e^{x_i - 1 - c_i / \mu}`; on other markets :math:`\sum_i (p_i - c_i)^+ D_i`.
Any prices will do; those used here are what one more unit would bring at the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import scipy.sparse as sp
from scipy.special import logsumexp, wrightomega

from leaderbored.games.markov import Array
from leaderbored.race.written_out import WrittenOut
from leaderbored.race.written_out.roles import Tagged
from leaderbored.solvers.numerics.linear import factorise, solve_linear

if TYPE_CHECKING:
    from leaderbored.race import Race

Compute: TypeAlias = Callable[[Array], Array]

EXACT = 1e-9  # by how much shares and sales may pass what there is, relative to it
SLACK = 1e-14  # over the discount rate in mean times between events: rounding of values
PLANAR = 3  # labs up to which sparse factors are quick
DIRECT = 1_200  # states up to which they are for more


@dataclass(frozen=True, eq=False)
class Policy:
    """What a plan does in every state, and what it aims at.

    Attributes
    ----------
    build, sold : (N, S) arrays
        Shares, and units sold.
    unserved : (S,) array
        Customers who go without on a market that clears; elsewhere of no meaning.
    aim : {"welfare", "profits"}
    advance : float
        What each frontier advance is worth to others, for ever; money/year.
    """

    build: Array
    sold: Array
    unserved: Array
    aim: Literal["welfare", "profits"]
    advance: float = 0.0


@dataclass(frozen=True, eq=False)
class Bound:
    """What a plan is worth, and what any policy could gain on it.

    Attributes
    ----------
    value : (S,) array
        Of the plan, by the record of the race; money.
    gain : (S,) array
        Bounds of what one state's choice could add a year.
    regret : float
        Bound of what any policy could gain from any state on, relative to the largest value
        (absolute where that is zero); infinite where the plan uses more than there is.
    rounding : float
        What rounding may make of that.
    """

    value: Array
    gain: Array
    regret: float
    rounding: float


def regret(race: Race, policy: Policy) -> float:
    """Bound of what any policy could gain; see :class:`Bound`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0]),
    ...                lb.Technology(1), discount=0.1, rungs=1)
    >>> nobody, half, none = np.zeros((2, 3)), np.full((2, 3), 0.5), np.zeros(3)
    >>> regret(race, Policy(nobody, 1 - nobody, none, "profits"))
    0.0
    >>> round(regret(race, Policy(half, 1 - half, none, "profits")), 9)  # as much as it is worth
    1.0
    """
    return bound(race, policy).regret


def bound(race: Race, policy: Policy, alike: bool = False) -> Bound:
    """What a plan is worth, and what any policy could gain on it.

    If it does not tell alike labs apart, its states are leaderboards on which these stand in order:
    to exchange them changes neither what can be chosen nor what it brings, so that a function of
    these that bounds what any policy is worth on them does so on all.
    """
    with np.errstate(all="ignore"):
        return _bound(Tagged(race) if alike else WrittenOut(race), policy)


def _bound(written: WrittenOut, policy: Policy) -> Bound:
    race = written.race
    market = _MARKETS[race.market.kind](written, policy)
    labs = range(written.count)
    hazard = np.array([written.succeeds(i, policy.build[i]) for i in labs])
    awards, laws = zip(*(_success(written, i, policy) for i in labs), strict=True)
    given, chances, events = _nature(written, policy)
    flow = market.flow + given + sum(hazard[i] * awards[i] for i in labs)
    rates = sum((sp.diags_array(hazard[i]) @ laws[i] for i in labs), chances)
    exits = events + race.discount + hazard.sum(axis=0)
    value = _solve(sp.csr_array(sp.diags_array(exits) - rates), flow, written.count)
    gains = np.array([awards[i] + laws[i] @ value - value for i in labs])
    highest = given + chances @ value - events * value
    highest = highest + market.highest(
        _last(written, policy, gains), partial(_compute, written, gains), policy
    )
    gain = np.maximum(highest - race.discount * value, 0.0)
    scale = float(np.abs(value).max()) or 1.0
    horizon = race.discount - (race.growth - 1) * _advances(written)
    found = float(gain.max()) / horizon / scale if horizon > 0 else float("inf")
    rounding = SLACK * float(exits.max()) / horizon
    return Bound(value, gain, found if _feasible(written, policy) else float("inf"), rounding)


def _solve(matrix: sp.csr_array, flow: Array, labs: int) -> Array:
    if labs <= PLANAR or len(flow) <= DIRECT:
        return np.asarray(factorise(matrix).solve(flow))
    return solve_linear(matrix, flow, direct=False)


def _success(written: WrittenOut, i: int, policy: Policy) -> tuple[Array, sp.csr_array]:
    """What a success of lab i is worth at once, and where it leads."""
    race, size = written.race, written.size
    rows = np.arange(size)
    (to_top, above), (one_up, closer) = written.lands(i)
    law = sp.csr_array((to_top, (rows, above)), shape=(size, size))
    law = law + sp.csr_array((one_up, (rows, closer)), shape=(size, size))
    award = policy.advance * to_top
    if policy.aim == "welfare":
        height, rung = _outside(written)
        award = award + rung * (to_top * (1 + height[above]) + one_up * height[closer] - height)
    return award / race.discount, law


def _advances(written: WrittenOut) -> float:
    """Most advances of the frontier a year that all labs together can make."""
    made = np.zeros(written.size)
    for i, lab in enumerate(written.labs):
        (to_top, _), _ = written.lands(i)
        made += to_top / written.race.growth * written.succeeds(i, lab.build[1] + 0 * made)
    return float(made.max())


def _outside(written: WrittenOut) -> tuple[Array, float]:
    """(S,) height of the outside option over the frontier, and worth of a rung of it a year."""
    market: Any = written.race.market
    customers = market.scarcity * sum(lab.compute for lab in written.labs)
    height = -(1 - market.openness) * np.sort(written.behind, axis=0)[1]
    return height, market.price * market.switching * customers


def _nature(written: WrittenOut, policy: Policy) -> tuple[Array, sp.csr_array, float]:
    """What comes of what nobody decides, money/year; rates of it (S, S), and their sum."""
    size, rows, total = written.size, np.arange(written.size), 0.0
    flow, rates = np.zeros(size), sp.csr_array((size, size))
    for rate, place in written.by_nature():
        rates = rates + sp.csr_array((np.full(size, rate), (rows, place)), shape=(size, size))
        total += rate
        if policy.aim == "welfare":
            height, rung = _outside(written)
            flow = flow + rate * rung * (height[place] - height) / written.race.discount
    return flow, rates, total


def _powers(written: WrittenOut, i: int) -> tuple[Array, Array]:
    """(S,) hazard of lab i that costs nothing, and what all of its compute adds."""
    ones = np.ones(written.size)
    free = written.succeeds(i, 0 * ones)
    return free, written.succeeds(i, ones) - free


def _last(written: WrittenOut, policy: Policy, gains: Array) -> Array:
    """(N, S) what the last unit that builds brings; 0 where nothing builds."""
    theta = written.race.technology.returns
    speed = np.array([_powers(written, i)[1] for i in range(written.count)])
    with np.errstate(divide="ignore", invalid="ignore"):
        brings = theta * speed * gains * policy.build ** (theta - 1) / written.owned
    return np.where(policy.build > 0, np.maximum(brings, 0.0), 0.0)


def _compute(written: WrittenOut, gains: Array, cost: Array) -> Array:
    """(N, S) most that each lab's compute can bring at prices of it, built with or sold."""
    theta, found = written.race.technology.returns, []
    for i in range(written.count):
        low, high = written.labs[i].build
        free, speed = _powers(written, i)
        speed, price = speed * gains[i], cost[i] * written.owned[i]
        most = np.maximum(*(speed * b**theta + price * (1 - b) for b in (low, high)))
        if theta < 1:
            with np.errstate(divide="ignore", invalid="ignore"):
                inner = (theta * np.maximum(speed, 0.0) / price) ** (1 / (1 - theta))
            b = np.clip(np.nan_to_num(inner, nan=low, posinf=high), low, high)
            most = np.maximum(most, speed * b**theta + price * (1 - b))
        found.append(most + free * gains[i])
    return np.array(found)


def _feasible(written: WrittenOut, policy: Policy) -> bool:
    """Whether shares keep their bounds, and no more is sold than there is."""
    low, high = np.array([lab.build for lab in written.labs]).T[:, :, None]
    room = (1 - policy.build) * written.owned
    within = (policy.build >= low - EXACT) & (policy.build <= high + EXACT)
    within &= (policy.sold >= 0) & (policy.sold <= room + EXACT * written.owned)
    customers = written.met(policy.build * 0).customers
    if written.race.market.kind == "clearing":
        total = written.race.market.scarcity * sum(lab.compute for lab in written.labs)
        left = total - policy.sold.sum(axis=0) - policy.unserved
        return bool(within.all() and (np.abs(left) <= EXACT * total).all())
    return bool((within & (policy.sold <= customers * (1 + EXACT))).all())


class _Clearing:
    """Sales on a market that clears: what they bring, and the most at prices of compute."""

    def __init__(self, written: WrittenOut, policy: Policy) -> None:
        market: Any = written.race.market
        self.mu = market.price
        self.customers = market.scarcity * sum(lab.compute for lab in written.labs)
        brand = np.array([[lab.brand] for lab in written.labs])
        secret = (1 - market.openness) * np.sort(written.seen, axis=0)[1]
        self.x = market.worth + np.log(brand) + market.switching * (secret - written.seen)
        sold, unserved, self.count = policy.sold, policy.unserved, policy.aim == "welfare"
        with np.errstate(divide="ignore", invalid="ignore"):
            taste = np.where(sold > 0, self.x - np.log(sold / unserved), 0.0)
        self.flow = self.mu * (sold * taste).sum(axis=0)
        self.low, self.high = np.array([lab.build for lab in written.labs]).T[:, :, None]
        self.last = self.mu * taste
        self.spare = sold < (1 - EXACT) * (1 - policy.build) * written.owned
        if self.count:
            part = sold.sum(axis=0) / self.customers
            few = -np.log1p(-np.minimum(part, 0.5))
            served = np.where(part < 0.5, few, np.log(self.customers / unserved))
            self.flow = self.flow + self.mu * self.customers * served
        else:
            self.last = self.last - self.mu * self.customers / unserved

    def highest(self, last: Array, compute: Compute, policy: Policy) -> Array:
        """(S,) bound at what the last unit brings that is sold, or if none is, that builds.

        Or at nothing wherever some is left over, or at what the last unit brings that builds
        wherever some builds and some is sold: at the lowest of these three bounds.
        """
        sells = policy.sold > 0
        sold = np.where(sells, np.maximum(self.last, 0.0), last)
        between = sells & (last > 0) & (policy.build > self.low) & (policy.build < self.high)
        costs = (sold, np.where(self.spare, 0.0, sold), np.where(between, last, sold))
        each = [self.most(cost) + compute(cost).sum(axis=0) for cost in costs]
        return np.asarray(np.fmin.reduce(each))

    def most(self, cost: Array) -> Array:
        """(S,) most that sales can bring over what they cost."""
        taste = self.x - cost / self.mu
        if self.count:
            every = np.logaddexp(0.0, logsumexp(taste, axis=0))
            return np.asarray(self.mu * self.customers * every)
        return np.asarray(self.mu * self.customers * wrightomega(logsumexp(taste - 1, axis=0)))


class _Set:
    """Sales at set prices to customers who are given."""

    def __init__(self, written: WrittenOut, policy: Policy) -> None:
        met, nobody = written.met(np.zeros_like(policy.build)), np.zeros(written.size)
        self.asked, sold = met.customers, np.minimum(met.customers, written.owned)
        full = np.array([written.earns(i, nobody, met) for i in range(written.count)])
        self.price = full / np.where(sold > 0, sold, np.inf)
        self.flow = (self.price * policy.sold).sum(axis=0)

    def highest(self, last: Array, compute: Compute, policy: Policy) -> Array:
        """(S,) bound at the best of three prices for each lab.

        None, that of a sale, and what the last unit that builds brings, if that is between.
        """
        found = np.full(policy.build.shape, np.inf)
        for cost in (0 * self.price, self.price, np.minimum(last, self.price)):
            over = self.price - cost
            found = np.fmin(found, over * np.where(over > 0, self.asked, 0.0) + compute(cost))
        return np.asarray(found.sum(axis=0))


_MARKETS: dict[str, Callable[[WrittenOut, Policy], Any]] = {
    "clearing": _Clearing,
    "scarce": _Set,
    "ladder": _Set,
}

r"""What a race is worth: to its labs, to their customers, and how much it costs to contest it.

*Labs.* Their joint profit is their joint revenue: compute is there, and what builds could have
sold. Building is the cost of the contest, and is paid in sales forgone. The share of what the labs
would earn at the same leaderboards if nobody built more than it must is the *dissipation* of rents,
outlays over the rent that is contested (Tullock, Efficient rent seeking, in Buchanan, Tollison and
Tullock, eds., Toward a theory of the rent-seeking society, 1980; Posner, Journal of Political
Economy 83, 1975). Where labs set quantities and prices clear it may be negative: building keeps
prices up.

*Customers.* On a market that clears M customers who choose by logit gain

.. math:: \mu M \ln (1 + \sum_i e^{x_i - p_i / \mu}) = \mu M \ln (M / S_0)

a year over going without, :math:`S_0` of them unserved (Small and Rosen, Econometrica 49, 1981).
And what they would have without is getting better: each rung by which the outside option rises is
worth :math:`\mu\beta M` a year for ever, see :mod:`leaderbored.solvers.planner.task`. In the long
run it rises as fast as the frontier.

That is not defined on other markets. On a :class:`leaderbored.ScarceMarket` prices are set and
demand is turned away: what those would have paid who are served, or are not, stands nowhere. On a
:class:`leaderbored.RevenueLadder` nobody says who buys. What is defined there is how fast the
frontier moves, how many are served, and profits; ``present.advances`` tells from which worth of an
advance on one equilibrium is better than another. Nor is surplus defined where customers perceive
late what they buy, where a success ends the race, or where money grows with the frontier: profits
are then in the money of the frontier at the time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import RefusedError
from leaderbored.race import Race
from leaderbored.solvers import Equilibrium, Solution
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.planner import Choice, advances, discounted, rises, rung
from leaderbored.solvers.planner.joint import accounts
from leaderbored.solvers.solution import game_of
from leaderbored.verdicts.law import Law
from leaderbored.verdicts.profile import law_of, on_board

UNDEFINED = {
    "scarce": "prices are set, and the model does not say what customers would have paid",
    "ladder": "revenue is given, and the model does not say who buys",
    "inertia": "customers perceive late what they buy",
    "growth": "money grows with the frontier, and what a rung is worth depends on those before it",
    "jackpot": "the model does not say what customers have when the race is over",
}
MOVED = ("lease", "hype", "spillover")  # which make revenue depend on what the others do
ROUNDING = 1e-13  # of a share of rents, or of profits beside surplus, that is none
UNCOUNTED = ("lease", "hype", "open_weights", "accumulate")  # units sold are not compute kept


@dataclass(frozen=True, eq=False)
class Present:
    """Present values from each of S states on; the first is the tie. Money, but for ``advances``.

    Attributes
    ----------
    profits : (S,) array
        Of all labs.
    surplus : (S,) array
        Of customers over going without now: with what the outside option gains. Nan where that is
        not defined.
    progress : (S,) array
        The part of ``surplus`` by which the outside option gains.
    advances : (S,) array
        Frontier advances, discounted: of one a year for ever, one over the discount rate.
    """

    profits: Array
    surplus: Array
    progress: Array
    advances: Array

    @property
    def total(self) -> Array:
        """(S,) of labs and customers together; nan where that is not defined."""
        return self.profits + self.surplus


@dataclass(frozen=True, eq=False)
class Welfare:
    """What a race is worth by the year, in the long run from a tie; what is undefined is None.

    Attributes
    ----------
    profits : float
        Of all labs together, money/year.
    surplus : float or None
        Of customers over going without, money/year.
    advances : float
        Of the frontier, 1/year.
    progress : float or None
        By how much customers are better off each year than the year before, as the outside
        option follows the frontier; money/year, each year.
    served : float or None
        Share of customers who buy.
    dissipation : float or None
        Share of what the labs would earn at the same leaderboards, if none built more than it
        must, that building costs them.
    present : Present
        Present values, from each state on.
    undefined : str
        Why customers' surplus is not defined; empty if it is.
    """

    profits: float
    surplus: float | None
    advances: float
    progress: float | None
    served: float | None
    dissipation: float | None
    present: Present
    undefined: str = ""

    @property
    def total(self) -> float | None:
        """Profits and surplus together, money/year."""
        return None if self.surplus is None else self.profits + self.surplus


@unthreaded
def welfare(solution: Solution, equilibrium: int = 0) -> Welfare:
    """Compute profits, customers' surplus and progress at an equilibrium.

    Parameters
    ----------
    solution : Solution
        Of a race.
    equilibrium : int, default 0

    Returns
    -------
    Welfare

    Raises
    ------
    TypeError
        If the game is not a race.
    ValueError
        If there is no such equilibrium.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.2, switching=0.5),
    ...                lb.Technology(1, handicap=0.1), discount=0.2, rungs=6)
    >>> found = welfare(lb.solve(race))
    >>> round(found.profits, 3), round(found.surplus, 3), round(found.advances, 4)
    (5.153, 2.58, 0.3279)
    >>> worth = found.present
    >>> bool(worth.total[0] == worth.profits[0] + worth.surplus[0])
    True
    """
    race: Race = game_of(solution, "welfare")
    if not 0 <= equilibrium < len(solution.equilibria):
        raise RefusedError(f"welfare: {solution.status.message}; {solution.status.advice}")
    found = solution.equilibria[equilibrium]
    game, hazard, ongoing = found.game, found.game.hazard(found.build), len(law_of(found).weight)
    profits = found.value[: len(race.labs)].sum(axis=0)
    choice = sold_at(found)
    present = present_values(race, game, hazard, choice, profits)
    cut = Present(*(part[:ongoing] for part in vars(present).values()))
    return by_the_year(race, on_board(found).game, law_of(found), choice, cut)


def sold_at(found: Equilibrium) -> Choice:
    """What is sold and earned at an equilibrium."""
    game, build = found.game, found.build
    if isinstance(game, Cleared):
        return accounts(game, build, game.sales(build))
    labs = game.states.shape[1]
    earned = game.payoff(build)[:labs]
    if found.rent is not None:  # what tenants pay landlords, and lose on the way, is in values
        hazard = game.hazard(build)
        earned = (System(game).matrix(hazard) @ found.value.T).T[:labs]
    with np.errstate(divide="ignore", invalid="ignore"):
        sold = np.where(game.price[:labs] > 0, earned / game.price[:labs], np.nan)
    nothing = np.zeros(len(game.states))
    return Choice(build, sold, nothing, earned, nothing)


def undefined(race: Race) -> str:
    """Why customers' surplus is not defined; empty if it is.

    Examples
    --------
    >>> import leaderbored as lb
    >>> undefined(lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0]),
    ...                   lb.Technology(1), discount=0.2))
    'revenue is given, and the model does not say who buys'
    """
    asked = (race.market.kind, *race.mechanisms.on, *(["growth"] if race.growth != 1 else []))
    return next((UNDEFINED[name] for name in asked if name in UNDEFINED), "")


def present_values(
    race: Race, game: Markov, hazard: Array, choice: Choice, profits: Array | None = None
) -> Present:
    """Present values of what is chosen in every state; those of profits may be known.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0]),
    ...                lb.Technology(2, leapfrog=1), discount=0.5, rungs=1)
    >>> found = lb.solve(race).equilibria[0]
    >>> half = np.full((2, 3), 0.25)
    >>> choice = Choice(half, half, half[0], 0.75 + 0 * half, half[0])
    >>> worth = present_values(race, found.game, found.game.hazard(half), choice)
    >>> worth.profits.round(9).tolist(), worth.advances.round(9).tolist()
    ([3.0, 3.0, 3.0], [4.0, 4.0, 4.0])
    """
    made = (hazard * advances(race, game)).sum(axis=0)
    counted = System(replace(game, growth=np.ones_like(game.growth)))  # advances are no money
    if undefined(race):
        ahead, nothing = discounted(counted, hazard, made), np.full(len(made), np.nan)
        if profits is None:
            profits = discounted(System(game), hazard, choice.earned.sum(axis=0))
        return Present(profits, nothing, nothing, ahead)
    risen = rung(race) / race.discount * (hazard * rises(race, game)).sum(axis=0)
    flows = np.array([made, choice.earned.sum(axis=0), choice.served, risen])
    ahead, earned, served, progress = discounted(counted, hazard, flows.T).T
    return Present(earned if profits is None else profits, served + progress, progress, ahead)


def by_the_year(race: Race, game: Markov, law: Law, choice: Choice, present: Present) -> Welfare:
    """Long-run means of what is chosen, on the states in which the race goes on.

    Parameters
    ----------
    race : Race
    game : Markov
        Compiled, without states in which the race is over.
    law : Law
        Of these states.
    choice : Choice
        In these states, and maybe more.
    present : Present
    """
    labs, size = len(race.labs), len(law.weight)
    hazard = game.hazard(choice.build[:, :size])
    advance = float(law.weight @ (hazard * advances(race, game)).sum(axis=0))
    profits = law.mean(choice.earned[:labs, :size].sum(axis=0))
    why = undefined(race)
    surplus = None if why else law.mean(choice.served[:size])
    if surplus is not None and abs(profits) <= ROUNDING * surplus:  # at a price of nil
        profits = 0.0
    return Welfare(
        profits=profits,
        surplus=surplus,
        advances=advance,
        progress=None if why else rung(race) * advance,
        served=_served(race, game, law, choice),
        dissipation=_dissipation(race, game, law, profits),
        present=present,
        undefined=why,
    )


def _served(race: Race, game: Markov, law: Law, choice: Choice) -> float | None:
    """Share of customers who buy; None where sales or customers are not counted."""
    market, size = race.market, len(law.weight)
    if market.kind == "ladder" or any(name in race.mechanisms.on for name in UNCOUNTED):
        return None
    customers = market.scarcity * float(race.compute.sum())
    found = law.mean(choice.sold[: len(race.labs), :size].sum(axis=0))
    return found / customers if customers > 0 and np.isfinite(found) else None


def _dissipation(race: Race, game: Markov, law: Law, profits: float) -> float | None:
    if any(name in race.mechanisms.on for name in MOVED):
        return None
    most = law.mean(game.payoff(game.lower)[: len(race.labs)].sum(axis=0))
    if most <= 0:
        return None
    lost = 1 - profits / most
    return lost if abs(lost) > ROUNDING else 0.0

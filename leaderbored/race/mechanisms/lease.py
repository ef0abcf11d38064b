r"""Lease: labs rent compute to each other at a price that clears the market.

In every state a rent :math:`\varrho` is what a landlord gets for a unit of compute; the tenant
pays :math:`\varrho + \tau`, the friction :math:`\tau` being lost on the way. Labs take the rent as
given. A lab with the price p and the demand D that does not build with :math:`x = (1 - b) K` earns

.. math:: R = (p - \varrho - \tau)^+ D + \varrho x + (m - \varrho) \min\{x, D\}, \qquad
          m = \min\{\max(p, \varrho),\, \varrho + \tau\} .

A unit of its own is worth m to it while it has customers left, else :math:`\varrho`. So a laggard
that is sold out gives up :math:`\max(p_2, p_1 - \tau)` where the leader could use more than there
is (result R4 of :mod:`leaderbored.theory`), and one with idle compute the rent instead of nothing.
With much friction nobody rents and the race is the plain one; with none all labs give up the same,
and what is left of the headwind is gone.

Supply to the market rises with the rent, for landlords then build less, and demand falls: the rent
that clears is found by bisection in every state (:mod:`leaderbored.solvers.markov.leasing`). Where
it leaves a side indifferent, the long side is rationed in proportion.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic.dataclasses import dataclass

from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.ladder import RevenueLadder
from leaderbored.race.market import ClearingMarket
from leaderbored.race.mechanisms.mechanism import CLEARED, LIMITLESS, Mechanism, open_labs

if TYPE_CHECKING:
    from leaderbored.race.race import Race


@dataclass(frozen=True, config=CONFIG)
class Lease(Mechanism):
    """A market on which labs rent compute to each other.

    Parameters
    ----------
    friction : float
        tau >= 0, lost on the way from landlord to tenant; money per unit of compute and year. From
        the highest price on, the plain race.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, and by the race, where demand has no limit,
        the hazard is linear, or open labs or spillover are on too.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9, premium=0.5),
    ...                lb.Technology(1), discount=0.2, rungs=3,
    ...                mechanisms={"lease": {"friction": 0.1}})
    >>> lb.solve(race).equilibria[0].regret < 1e-9
    True
    """

    friction: Annotated[
        float, quantity("money", "tau, loss per unit of compute that is rented", ge=0), NUMBER
    ]
    coupled: ClassVar[bool] = True
    adds: ClassVar[str] = "labs rent compute to each other, at a rent that clears in every state"
    plain_at: ClassVar[str] = "`friction` at least the highest price"

    def obstacles(self, race: Race) -> Iterator[tuple[str, str]]:
        """Why it does not fit the rest of the race."""
        if isinstance(race.market, RevenueLadder):
            yield "", LIMITLESS
        if isinstance(race.market, ClearingMarket):
            both = "a rent that clears is not known beside prices that do"
            yield "", f"{both}; {CLEARED}"
        if race.technology.returns == 1:
            rent = "a linear hazard leaves replies to the rent open"
            yield "", f"{rent}; expected technology.returns < 1"
        if open_labs(race):
            yield "", "an open lab has no use for its compute to price; expected no open labs"
        if "spillover" in race.mechanisms.on:
            yield "", "customers would go to whoever rents; expected no spillover"

"""Who rents compute to whom at an equilibrium, and at what price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.shown import Shown
from leaderbored.solvers.markov.leasing import Leasing
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.solution import Equilibrium, game_of

if TYPE_CHECKING:
    from leaderbored.solvers import Solution


@dataclass(frozen=True, eq=False)
class LeaseMarket(Shown):
    """Who rents to whom, and at what price.

    Attributes
    ----------
    rent : (S,) array
        What a landlord gets, money per unit of compute and year; 0 where compute is idle.
    rented : (N, N, S) array
        Entry [i, j, s]: compute that lab i rents to lab j in state s.
    equilibrium : Equilibrium
        At which it clears.
    friction : float
        tau, what a tenant pays on top; money per unit of compute and year.
    """

    rent: Array
    rented: Array
    equilibrium: Equilibrium
    friction: float

    @property
    def labs(self) -> tuple[str, ...]:
        """Names of the N labs."""
        return self.equilibrium.game.players[: len(self.rented)]


def lease_market(solution: Solution, equilibrium: int = 0) -> LeaseMarket:
    """The market for compute at an equilibrium.

    Parameters
    ----------
    solution : Solution
        Of a race with a lease.
    equilibrium : int, default 0

    Returns
    -------
    LeaseMarket

    Raises
    ------
    ValueError
        If the race has no lease, or no such equilibrium.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9, premium=0.5),
    ...                lb.Technology(1), discount=0.2, rungs=1,
    ...                mechanisms={"lease": {"friction": 0.1}})
    >>> market = lease_market(lb.solve(race))
    >>> bool(market.rented[1, 0, 1] > 0), bool(market.rented[0, 1, 1] > 0)  # A leads, B rents out
    (True, False)
    """
    race = game_of(solution, "lease_market")
    if getattr(race, "mechanisms", None) is None or race.mechanisms.lease is None:
        raise ValueError("lease_market: expected the solution of a race with a lease")
    if not 0 <= equilibrium < len(solution.equilibria):
        raise ValueError(f"lease_market: {solution.status.message}")
    found = solution.equilibria[equilibrium]
    labs = len(race.labs)
    market = Leasing(found.game, race.mechanisms.lease.friction)
    stakes = System(found.game).stakes(found.value)
    rent = market.price(stakes, float(np.abs(found.value).max()))
    near = 1e-9 * float(found.game.price.max())
    # Who gains from trade trades; who is indifferent makes up the difference, in proportion.
    least_offered, most_wanted = (side[:labs] for side in market.sides(found.build, rent - near))
    most_offered, least_wanted = (side[:labs] for side in market.sides(found.build, rent + near))
    least_offered = np.where(rent > near, least_offered, 0.0)
    traded = np.maximum(least_offered.sum(axis=0), least_wanted.sum(axis=0))
    offered = _filled(least_offered, most_offered, traded)
    wanted = _filled(least_wanted, most_wanted, traded)
    per_pair = np.divide(1, traded, out=np.zeros_like(traded), where=traded > 0)
    rented = offered[:, None] * wanted[None] * per_pair
    return LeaseMarket(rent, rented, found, race.mechanisms.lease.friction)


def _filled(least: Array, most: Array, total: Array) -> Array:
    """(N, S) quantities between least and most that add up to the total, or come nearest."""
    room = most - least
    missing = np.maximum(total - least.sum(axis=0), 0)
    spread = room.sum(axis=0)
    part = np.divide(missing, spread, out=np.zeros_like(total), where=spread > 0)
    return np.asarray(least + np.minimum(part, 1) * room)

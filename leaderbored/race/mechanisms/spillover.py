r"""Spillover: customers whom a lab turns away go to the next best lab that has room.

Lab i turns away :math:`U_i = \max\{D_i - (1 - b_i) K_i, 0\}`, the share :math:`v(b_i)` in place of
:math:`1 - b_i` where compute is not fungible. A share :math:`\omega` of them looks further: first
among labs on the same rung, then down the leaderboard. On each rung they ask the labs in proportion
to their own demand. Whoever is turned away again goes on down, and is lost below the last rung.
Lab j thus faces

.. math:: D_j' = D_j + \text{arrivals}_j(b_{-j}),

in which its own share does not appear: arrivals come from above and from its peers. So with
:math:`b_{-j}` given the game is of the plain kind, and is compiled at a play of the rivals.

With two labs and a leader that sells all, a laggard is idle iff
:math:`2 \psi w_2 + \omega \max\{2 \psi w_1 - 1, 0\} < 1`, :math:`w_1, w_2` the demand shares:
spillover closes the window of scarcity in which laggards build for nothing (result R3 of
:mod:`leaderbored.theory`) from above, at :math:`\psi = (1 + \omega) / (2 (w_2 + \omega w_1))`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from leaderbored.games.markov import Array, Markov, States
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.ladder import RevenueLadder
from leaderbored.race.market import ClearingMarket
from leaderbored.race.mechanisms.inertia import perceived
from leaderbored.race.mechanisms.mechanism import CLEARED, LIMITLESS, Mechanism

if TYPE_CHECKING:
    from leaderbored.race.race import Race

FEWEST = 1e-200  # customers of a lab that has none, so that others' find it


@dataclass(frozen=True, config=CONFIG)
class Spillover(Mechanism):
    """Unserved customers ask the next best lab.

    Parameters
    ----------
    share : float
        omega in [0, 1], share of those turned away who look further; 0 is the plain race.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, and by the race, if demand has no limit.

    Notes
    -----
    Rationing is in proportion (Beckmann 1965), not efficient as in Kreps and Scheinkman (1983),
    Bell Journal of Economics 14. Prices do not answer to it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=1,
    ...                mechanisms={"spillover": {"share": 1.0}})
    >>> race.markov().demand[:, 1].round(4).tolist()  # of 1.6, A can serve 1.0
    [1.1697, 0.6]
    """

    share: Annotated[
        float,
        quantity("1", "omega, share of customers turned away who ask the next lab", ge=0, le=1),
        NUMBER,
    ]
    coupled: ClassVar[bool] = True
    adds: ClassVar[str] = "customers turned away go to peers on the rung, then down the leaderboard"
    plain_at: ClassVar[str] = "`share = 0`"

    @property
    def neutral(self) -> bool:
        """Whether nobody looks further."""
        return self.share == 0

    def obstacles(self, race: Race) -> Iterator[tuple[str, str]]:
        """Why it does not fit the rest of the race."""
        if isinstance(race.market, RevenueLadder):
            yield "", LIMITLESS
        if isinstance(race.market, ClearingMarket):
            yield "", f"at prices that clear nobody is turned away who would pay them; {CLEARED}"

    def apply(self, game: Markov, race: Race, play: Array | None = None) -> Markov:
        """Add the customers that arrive at each lab when rivals build the shares ``play``."""
        count, size = game.states.shape[1], len(game.states)
        share = game.lower if play is None else play[: len(game.players), :size]
        demand = game.demand.copy()
        room = (game.sells(share) * game.capacity)[:count]
        demand[:count] += arrivals(perceived(game), demand[:count], room, self.share)
        return replace(game, demand=demand)


def arrivals(states: States, demand: Array, room: Array, share: float) -> Array:
    """Customers that others turn away, at each lab.

    Parameters
    ----------
    states : (S, N) int array
        Rungs behind the frontier.
    demand, room : (N, S) arrays
        Customers of its own, and how many each lab is willing to serve; units of compute.
    share : float
        omega, share of those turned away by their own lab who look further.

    Returns
    -------
    (N, S) array

    Examples
    --------
    >>> arrivals(np.array([[0, 1, 2]]), np.array([[3.0], [1.0], [0.5]]),
    ...          np.array([[1.0], [2.0], [2.0]]), 1.0)[:, 0].tolist()
    [0.0, 2.0, 1.0]
    """
    behind, found = states.T, np.zeros_like(demand)
    unserved = np.maximum(demand - room, 0)
    from_above = np.zeros(len(states))
    for rung in range(int(states.max()) + 1):
        here = behind == rung
        weight = np.where(here, np.maximum(demand, FEWEST), 0)
        total = weight.sum(axis=0)
        looking = share * np.where(here, unserved, 0)
        others = total - weight
        with np.errstate(divide="ignore", invalid="ignore"):
            from_peers = np.nan_to_num(looking / others, posinf=0.0)
            part = np.nan_to_num(weight / total)
        # Peers share what one of them turns away; it does not come back to where it came from.
        arriving = part * from_above + weight * (from_peers.sum(axis=0) - from_peers)
        found = np.where(here, arriving, found)
        turned_away = np.maximum(arriving - np.maximum(room - demand, 0), 0)
        alone = np.where(others > 0, 0, looking).sum(axis=0)
        left = np.where(here, turned_away, 0).sum(axis=0) + alone
        from_above = np.where(here.any(axis=0), left, from_above)
    return found

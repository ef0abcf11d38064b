r"""Jackpot: a success may end the race, for a prize.

Every success of a lab is with probability :math:`\epsilon` the last: its lab gets the prize Z, the
others nothing, and nobody earns any more. With the rate of discount :math:`\rho`

.. math:: \rho V_i = \max_b R_i + \sum_j h_j \big[ \epsilon Z\, 1\{i = j\}
          + (1 - \epsilon) P_j V_i - V_i \big].

The game gets one absorbing state for each winner, in which the winner is paid
:math:`\rho Z` for ever, which is worth Z. With a linear hazard the leader keeps selling iff
:math:`\lambda [\epsilon (Z - V_1) + (1 - \epsilon)(V_2 - V_1)] \le r_1` (result R19 of
:mod:`leaderbored.theory`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import scipy.sparse as sp
from pydantic.dataclasses import dataclass

from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.mechanisms.mechanism import Mechanism

if TYPE_CHECKING:
    from leaderbored.race.race import Race


@dataclass(frozen=True, config=CONFIG)
class Jackpot(Mechanism):
    """A success ends the race with a small probability, and its lab takes the prize.

    Parameters
    ----------
    chance : float
        epsilon in [0, 1), probability that a success is the last; 0 is the plain race.
    prize : float, default 0
        Z >= 0, what the winner gets at once; money. The others get nothing.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range.

    Notes
    -----
    After Reinganum (1983), American Economic Review 73: there the first success ends the race.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9),
    ...                lb.Technology(1), discount=0.2, rungs=5,
    ...                mechanisms={"jackpot": {"chance": 0.02, "prize": 50}})
    >>> solution = lb.solve(race)
    >>> lb.verdict(solution).kind, solution.equilibria[0].regret < 1e-9
    ('run', True)
    """

    chance: Annotated[
        float,
        quantity("1", "epsilon, probability that a success ends the race", ge=0, lt=1),
        NUMBER,
    ]
    prize: Annotated[float, quantity("money", "Z, prize of the last success", ge=0), NUMBER] = 0.0
    adds: ClassVar[str] = (
        "an end of the race, at which the winner gets the prize and the others nothing"
    )
    plain_at: ClassVar[str] = "`chance = 0`"

    @property
    def neutral(self) -> bool:
        """Whether no success ends the race."""
        return self.chance == 0

    def apply(self, game: Markov, race: Race, play: Array | None = None) -> Markov:
        """Add a state for each winner, in which the race is over; its coordinates are -1."""
        count, size = game.states.shape[1], len(game.states)
        players = len(game.players)
        to_end = (np.full(size, self.chance), (np.arange(size), np.zeros(size, dtype=int)))
        over = sp.hstack([sp.csr_array((count, size)), sp.eye_array(count)])
        jump = []
        for i, law in enumerate(game.jump):
            ends = sp.csr_array((size, count))
            if i < count:
                column = sp.csr_array(to_end, shape=(size, 1))
                before, after = (sp.csr_array((size, n)) for n in (i, count - i - 1))
                ends = sp.hstack([before, column, after])
            going = (1 - self.chance if i < count else 1.0) * law
            jump.append(sp.csr_array(sp.vstack([sp.hstack([going, ends]), over])))
        nothing, one = np.zeros((players, count)), np.ones((players, count))
        paid = game.discount * self.prize * np.eye(players, count)
        whole = game.sells(nothing)  # of compute, in money
        after_it = {
            "lower": nothing,
            "upper": nothing,
            "scale": nothing,
            "base": nothing,
            "price": paid,
            "capacity": one / whole,
            **{name: value * one for name, value in game.paid.items()},
        }
        tables: dict[str, Any] = {
            name: np.hstack([getattr(game, name), after_it.get(name, one)]) for name in game.TABLES
        }
        states = np.vstack([game.states, np.full((count, count), -1)])
        return replace(game, states=states, jump=tuple(jump), **tables)

r"""Inertia: customers notice with a lag who is ahead, and revenue lags behind capability.

Demand and price follow the leaderboard :math:`d'` that customers perceive, hazards the true one
:math:`d`. At the rate :math:`1 / \nu` everybody looks, and the perceived leaderboard becomes the
true one; so it is on average :math:`\nu` years old,

.. math:: \rho V_i(d, d') = \max_b R_i(d', b) + \sum_j h_j(d)\,(P_j V_i - V_i)
          + \tfrac{1}{\nu} \big(V_i(d, d) - V_i(d, d')\big).

The game has one state for each pair of leaderboards, S squared of them, and one more player, who
notices and has no choice. A success moves the true leaderboard alone. With :math:`\nu \to 0` the
perceived one is always true, and the race is the plain one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import scipy.sparse as sp
from pydantic.dataclasses import dataclass

from leaderbored.games.markov import Array, Markov, States
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.board import count_states
from leaderbored.race.mechanisms.mechanism import Mechanism

if TYPE_CHECKING:
    from leaderbored.race.race import Race

MOST = 40_000  # states
NOTICE = "(notice)"
SEEN = ("price", "capacity", "demand", "worth")


@dataclass(frozen=True, config=CONFIG)
class Inertia(Mechanism):
    """Customers who notice with a lag who is ahead.

    Parameters
    ----------
    lag : float
        nu >= 0, mean age of what customers know of the leaderboard; years. 0 is the plain race.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, and by the race, if pairs of its leaderboards
        are more than 40,000.

    Notes
    -----
    Attention that comes at a rate is that of Calvo (1983), Journal of Monetary Economics 12, and of
    Mankiw and Reis (2002), Quarterly Journal of Economics 117.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9),
    ...                lb.Technology(1), discount=0.2, rungs=1,
    ...                mechanisms={"inertia": {"lag": 0.5}})
    >>> game = race.markov()
    >>> game.players, game.states[:4].tolist()
    (('A', 'B', '(notice)'), [[0, 0], [0, 0], [0, 0], [0, 1]])
    >>> perceived(game)[:4].tolist()
    [[0, 0], [0, 1], [1, 0], [0, 0]]
    """

    lag: Annotated[
        float, quantity("years", "nu, mean lag with which customers notice who leads", ge=0), NUMBER
    ]
    adds: ClassVar[str] = (
        "demand and price follow a perceived leaderboard, which becomes the true one at the rate "
        "`1 / lag`"
    )
    plain_at: ClassVar[str] = "`lag = 0`"

    @property
    def neutral(self) -> bool:
        """Whether customers notice at once."""
        return self.lag == 0

    @property
    def plain(self) -> bool:
        """It adds states alone."""
        return True

    def obstacles(self, race: Race) -> Iterator[tuple[str, str]]:
        """Why it does not fit the rest of the race."""
        boards = count_states(len(race.labs), race.rungs)
        if boards**2 > MOST:
            pairs = (
                f"{boards:,} leaderboards make {boards**2:,} pairs of a true and a perceived one"
            )
            yield "lag", f"{pairs}, more than {MOST:,}; lower rungs"

    def board(self, states: States, compute: Array) -> tuple[States, Array]:
        """Each leaderboard, once for every one that customers perceive."""
        return np.repeat(states, len(states), axis=0), np.repeat(compute, len(states), axis=1)

    def apply(self, game: Markov, race: Race, play: Array | None = None) -> Markov:
        """The game on pairs of a true and a perceived leaderboard, the latter moving fastest."""
        size = len(game.states)
        tables: dict[str, Any] = {
            name: np.tile(table, size) if name in SEEN else np.repeat(table, size, axis=1)
            for name, table in ((name, getattr(game, name)) for name in game.TABLES)
        }
        still = sp.eye_array(size)
        pairs = replace(
            game,
            states=np.repeat(game.states, size, axis=0),
            jump=tuple(sp.csr_array(sp.kron(law, still)) for law in game.jump),
            **tables,
        )
        every = np.arange(size * size)
        noticed = every // size * (size + 1)
        look = sp.csr_array((np.ones(len(every)), (every, noticed)), shape=(len(every),) * 2)
        return pairs.joined(NOTICE, 1 / self.lag, look)


def perceived(game: Markov) -> States:
    """(S, N) leaderboard that customers perceive in each state; without inertia the true one.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9),
    ...                lb.Technology(1), discount=0.2, rungs=1).markov()
    >>> perceived(game).tolist()
    [[0, 0], [0, 1], [1, 0]]
    """
    if NOTICE not in game.players:
        return game.states
    boards = round(len(game.states) ** 0.5)
    return np.tile(game.states[::boards], (boards, 1))

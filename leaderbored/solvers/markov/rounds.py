r"""Best replies, round by round, of all players at once.

A *play* is what is played for ever in every state: shares (N, S), and under a market for compute
with the rent of each state in one row more, (N + 1, S). In a round everybody sees what the play is
worth and replies to that; the market then clears at these replies, so that rents follow values as
shares do. Its rest points are the equilibria.

Shares alone do not say what compute is rented for. A play that begins with shares has the rents at
which the market would open: those that clear it when labs value the shares as if nothing were
rented yet.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.markov.system import System


class Rounds:
    """Best replies of all players of a game at once.

    Parameters
    ----------
    system : System
        N players, S states.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.solvers.markov.compiled import system_of
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9, premium=0.5),
    ...                lb.Technology(1), discount=0.2, rungs=1,
    ...                mechanisms={"lease": {"friction": 0.1}})
    >>> found = lb.solve(race).equilibria[0]
    >>> rounds, rest = Rounds(system_of(race)), np.vstack([found.build, found.rent])
    >>> bool(rounds.apart(rest, rounds.reply(rest, rounds.value(rest))) < 1e-9)
    True
    """

    def __init__(self, system: System) -> None:
        self.system, self.players = system, system.players
        self.stage: Any = system.stage
        self.rented: bool = self.stage.rented
        self.dearest = float(system.game.price.max()) or 1.0

    @property
    def shape(self) -> tuple[int, int]:
        """Of a play."""
        return self.players + self.rented, self.system.size

    def first(self, start: Array) -> Array:
        """The play that begins with shares (N, S); a play as it is."""
        if start.shape == self.shape:
            return start
        value = self.system.evaluate(start)
        return self._with_rents(start, value) if self.rented else start

    def _with_rents(self, build: Array, value: Array) -> Array:
        scale = float(np.abs(value).max())
        return np.vstack([build, self.stage.price(self.system.stakes(value), scale)])

    def shares(self, play: Array) -> Array:
        """(N, S) the shares of a play."""
        return play[: self.players]

    def value(self, play: Array) -> Array:
        """(N, S) what a play is worth to every player."""
        build = self.shares(play)
        if self.rented:
            return self.system.evaluate(build, self.stage.earned(build, play[-1]))
        return self.system.at(build).evaluate(build)

    def reply(self, play: Array, value: Array) -> Array:
        """The play with which all reply to values, those of the play as it is."""
        build, scale = self.shares(play), float(np.abs(value).max())
        if not self.rented:
            return self.system.at(build).reply(value, scale)
        return self._cleared(build, self.system.stakes(value), scale)

    def one_step(self, play: Array) -> Array:
        """The play with which all reply if the next success, whosever it is, is the last.

        After it incomes stay for ever what they are where nobody builds more than it must.
        """
        build = self.shares(play)
        system = self.system if self.rented else self.system.at(build)
        game, hazard = system.game, system.game.hazard(build)
        earned, frozen = self._earned(system, build, play), self._earned(system, game.lower, play)
        frozen = frozen / game.discount
        worths = [worth @ frozen.T for worth in game.worth_after]
        after = np.array(worths).transpose(2, 0, 1)  # (i, j, S)
        rate = game.discount + hazard.sum(axis=0)
        here = (earned + np.einsum("js,ijs->is", hazard, after)) / rate
        scale = float(frozen.max())
        stakes = system.staked(after - here[:, None], scale)
        if not self.rented:
            return system.stage.reply(stakes, scale)
        return self._cleared(build, stakes, scale)

    def _earned(self, system: System, build: Array, play: Array) -> Array:
        """(N, S) payoffs of shares at the rents of a play."""
        if self.rented:
            return np.asarray(self.stage.earned(build, play[-1]))
        return system.game.payoff(build)

    def _cleared(self, build: Array, stakes: Array, scale: float) -> Array:
        """Replies to stakes, at the rents that clear them."""
        rent = self.stage.price(stakes, scale)
        return np.vstack([self.stage.alone(stakes, build, rent, scale), rent])

    def apart(self, a: Array, b: Array) -> float:
        """Largest distance of shares, and of rents over the highest price."""
        distance = np.abs(a - b)
        distance[self.players :] /= self.dearest
        return float(distance.max())

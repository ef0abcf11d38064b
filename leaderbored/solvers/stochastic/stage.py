r"""What solvers know of the stage game of a Markov game, in all states at once.

In state s player i faces :math:`U_i = \pi_i(s, x) + \sum_c q_c(s, x)\, \Delta_{ic}`: its payoff,
and for each outcome c the hazard or chance that it comes times what it is worth. The pieces
:math:`\pi_i, q_1, q_2, \dots` and their first and second derivatives in what players decide are
all that solvers need. A list of actions is a probability for each, and the pieces are expectations.
They are derived from formulas (:mod:`.derived`), put together of parts where real actions steer the
state (:mod:`.steered`), or, where all players pick from lists, made up of tables (:mod:`.tabled`).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, States
from leaderbored.games.stochastic import MarkovGame, MarkovSymbols
from leaderbored.games.stochastic.limits import over_actions
from leaderbored.solvers.budget import checkpoint

Ints = NDArray[np.int_]
STATES_AT_ONCE = 20_000  # states that formulas are worked out for in a call

BLOCK = 20_000  # states, times outcomes, in which best actions are sought together


class Places(NamedTuple):
    """What the entries of derivatives are. Variables are choices, then multipliers of kinks.

    Attributes
    ----------
    first : (entries, 3) array
        (agent, piece, variable); piece 0 is the payoff.
    second : (entries, 4) array
        (agent, piece, own choice, variable).
    gaps : (entries, 2) array
        (multiplier, variable).
    jumps : bool
        Whether ``floor`` is taken of what is decided.
    """

    first: Ints
    second: Ints
    gaps: Ints
    jumps: bool = False


@dataclass(frozen=True, eq=False)
class Stage:
    """What the stage games of a Markov game are made of.

    Attributes
    ----------
    game : MarkovGame
        N agents, S states.
    owner : (K,) int array
        Whose the multipliers of kinks are.
    destination : (C, S) int array
        Where each outcome leads.
    numbers : (P,) array
        Values of parameters, and entries of tables.
    symbols : MarkovSymbols
    """

    game: MarkovGame
    owner: Ints
    destination: NDArray[np.int64]
    numbers: Array
    symbols: MarkovSymbols

    @cached_property
    def choices(self) -> list[tuple[int, str]]:
        """The agent and the name of each of the X variables that are decided."""
        return [(i, name) for i, a in enumerate(self.game.agents) for name in a.player.choices]

    @property
    def outcomes(self) -> int:
        """Number C of outcomes."""
        return len(self.destination)

    def limits(self, i: int) -> tuple[Array, Array, NDArray[np.bool_]]:
        """What agent i may decide: as of the game, at the stage's numbers."""
        return self.game.limits(self.game.agents[i], self.symbols.at(self.numbers))

    @property
    def ends(self) -> tuple[Array, Array]:
        """(K,) lowest and highest multipliers of kinks."""
        return np.zeros(len(self.owner)), np.ones(len(self.owner))

    def halfway(self, x: Array, at: States | None = None) -> Array:
        """(K, S) multipliers of kinks to start from at choices (X, S)."""
        return np.full((len(self.owner), x.shape[1]), 0.5)

    def reals(self, i: int) -> list[int]:
        """Numbers of the choices that are real actions of agent i."""
        return self.owned[i][: len(self.game.agents[i].player.action)]

    def listed(self, i: int) -> list[int]:
        """Numbers of the choices that are probabilities of actions of agent i."""
        return self.owned[i][len(self.game.agents[i].player.action) :]

    @cached_property
    def owned(self) -> list[list[int]]:
        """Numbers of the choices of each agent."""
        owners = [i for i, _ in self.choices]
        return [
            [k for k, owner in enumerate(owners) if owner == i]
            for i in range(len(self.game.agents))
        ]

    def tried(self, i: int, x: Array, rows: Ints, own: Array, here: States | None = None) -> Array:
        """(1 + C, P, B) pieces of agent i where P choices (P, k, B) take the place of some rows.

        In B states ``here``, or in all.
        """
        here = np.arange(x.shape[1]) if here is None else here
        x, size, found = x[:, here], len(here), []
        together = max(1, STATES_AT_ONCE // size)
        for some in (own[k : k + together] for k in range(0, len(own), together)):
            checkpoint()
            chosen = np.tile(x, (1, len(some)))
            chosen[rows] = np.moveaxis(some, 1, 0).reshape(len(rows), -1)
            pieces = self.values(chosen, at=np.tile(here, len(some)))[i]
            found.append(pieces.reshape(-1, len(some), size))
        return np.concatenate(found, axis=1)

    @property
    @abstractmethod
    def places(self) -> Places:
        """What the entries of derivatives are."""

    @abstractmethod
    def at(self, numbers: Array) -> Stage:
        """The same stage at other values of parameters and tables."""

    @abstractmethod
    def finals(self) -> Array:
        """(N, S) what each agent gets where the game ends."""

    @abstractmethod
    def values(
        self, x: Array, weight: Array | None = None, at: States | None = None
    ) -> list[Array]:
        """For each agent (1 + C, S) values of the pieces at choices (X, S).

        ``weight`` (K, S) are multipliers of kinks; without, formulas are taken as they are. Here
        and below ``at`` (B,) has the numbers of other states than all S in order.
        """

    @abstractmethod
    def first(self, x: Array, weight: Array, at: States | None = None) -> Array:
        """(entries, S) derivatives of pieces, in the order of ``places.first``."""

    @abstractmethod
    def second(self, x: Array, weight: Array, at: States | None = None) -> Array:
        """(entries, S) second derivatives, in the order of ``places.second``."""

    @abstractmethod
    def gaps(self, x: Array, weight: Array, at: States | None = None) -> tuple[Array, Array]:
        """(K, S) F of the multipliers, and their derivatives at ``places.gaps``."""


def sizes_of(stage: Stage, i: int) -> Array | None:
    """(k, S) sizes of the private shocks of agent i to each action; None if it has none."""
    agent = stage.game.agents[i]
    if agent.player.shocks == "0":
        return None
    symbols = stage.symbols.at(stage.numbers)
    return np.array([*over_actions(stage.game, agent, symbols, agent.player.shocks)])

"""Who plays a Markov game and what can happen, one by one, and the symbols of its formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from leaderbored.games.expression import ExpressionError
from leaderbored.games.markov import Array
from leaderbored.games.parameters import named, split, symbolic
from leaderbored.games.scopes import theirs
from leaderbored.games.stochastic.players import Event, MarkovPlayer
from leaderbored.games.traced import meaning

if TYPE_CHECKING:
    from leaderbored.games.stochastic.game import MarkovGame


@dataclass(frozen=True)
class Agent:
    """One player by itself: its name, which of its likes it is, and its record."""

    name: str
    copy: int
    player: MarkovPlayer

    def __hash__(self) -> int:
        return hash(self.name)


@dataclass(frozen=True, eq=False)
class Happening:
    """An event, and the agent whose it is, if any; one by itself, whatever another is like."""

    agent: Agent | None
    event: Event


@dataclass(frozen=True)
class MarkovSymbols:
    """Symbols of states and choices by (agent or None, name), and other names by agent.

    Attributes
    ----------
    states, choices : dict of (agent or None, str) to symbol
    parameters : dict of dict of str to object
        What each agent calls by name besides these, and for None the game.
    given : dict of symbol or Grid to number or array
        The values of parameters and tables, in order.
    acts : dict of (agent, str) to expression
        What formulas call what is decided: real actions, and what stands for lists.
    """

    states: Mapping[tuple[str | None, str], Any]
    choices: Mapping[tuple[str, str], Any]
    parameters: Mapping[str | None, Mapping[str, Any]]
    given: Mapping[Any, Any]
    acts: Mapping[tuple[str, str], Any]

    @classmethod
    def of(cls, game: MarkovGame) -> MarkovSymbols:
        """Symbols for everything in a game, by number: names must not decide how sympy sorts."""
        from sympy import Add, Rational, Symbol

        given: dict[Any, Any] = {}
        chosen = (Symbol(f"choice_{k}", real=True) for k in count())

        def made(known: Mapping[str, Any]) -> dict[str, Any]:
            start = len(given)
            numbers = (Symbol(f"number_{start + k}", real=True) for k in count())
            return symbolic(known, given, lambda _: next(numbers))

        common = {**game.constants, **made({**named(game), **game.tables})}
        parameters: dict[str | None, dict[str, Any]] = {None: common}
        choices: dict[tuple[str, str], Any] = {}
        acts: dict[tuple[str, str], Any] = {}
        for agent in game.agents:
            special = made(named(agent.player, game.written_at(agent.player)))
            parameters[agent.name] = {**common, **special}
            for name in agent.player.choices:
                choices[agent.name, name] = next(chosen)
            acts |= {(agent.name, name): choices[agent.name, name] for name in agent.player.action}
            listed = agent.player.listed
            for name, values in listed.numbers.items() if listed else ():
                each = zip(values, agent.player.options, strict=True)
                terms = [
                    Rational(v.numerator, v.denominator) * choices[agent.name, k] for v, k in each
                ]
                acts[agent.name, name] = Add(*terms)
        states = {axis: Symbol(f"state_{k}", real=True) for k, axis in enumerate(game.axes)}
        return cls(states, choices, parameters, given, acts)

    @cached_property
    def theirs(self) -> dict[str, Any]:
        """What agents call each other's parameters and definitions: ``B.cost``."""
        given = ((who, known) for who, known in self.parameters.items() if who is not None)
        called = ((who, known) for who, known in given if who.isidentifier() or who.isdecimal())
        parts = (theirs(who, known, self.parameters[None]) for who, known in called)
        return {name: meant for part in parts for name, meant in part.items()}

    def called(self, choice: Any) -> str:
        """What a choice is called, by its symbol."""
        who, name = next(key for key, symbol in self.choices.items() if symbol == choice)
        return f"{who}.{name}"

    @cached_property
    def decided(self) -> frozenset[Any]:
        """Symbols of all choices."""
        return frozenset(self.choices.values())

    @property
    def numbers(self) -> list[Any]:
        """Symbols of all parameters, and grids of all tables."""
        return list(self.given)

    def given_to(self, choices: int = 0) -> list[Any]:
        """What compiled formulas are given: states, numbers, and the first so many choices."""
        return [*self.states.values(), *self.given, *[*self.choices.values()][:choices]]

    @property
    def values(self) -> Array:
        """Values of all parameters and entries of all tables, in the order of ``numbers``."""
        parts = [np.ravel(value) for value in self.given.values()]
        return np.concatenate(parts).astype(float) if parts else np.zeros(0)

    def arguments(self, values: Array) -> list[Any]:
        """Such values as compiled functions take them: numbers and arrays."""
        return split(values, [np.shape(value) for value in self.given.values()])

    @cached_property
    def told(self) -> list[Any]:
        """The values of parameters and tables, as compiled functions take them."""
        return self.arguments(self.values)

    def at(self, values: Array) -> MarkovSymbols:
        """The same symbols at other values of parameters and tables."""
        return replace(self, given=dict(zip(self.given, self.arguments(values), strict=True)))


def formulas(game: MarkovGame, function: Any) -> list[str]:
    """See :meth:`leaderbored.MarkovGame.formulas`."""
    symbols = game.symbols

    def has(agent: Agent) -> bool:
        player = agent.player
        own = (
            player.payoff,
            player.end,
            player.allowed,
            player.turn,
            player.shocks,
            *(f for e in player.events for f in e.functions),
        )
        return any(function is one for one in own)

    having: list[Agent | None] = [agent for agent in game.agents if has(agent)]
    common = (game.ends, *(f for event in game.events for f in event.functions))
    if any(function is one for one in common):  # events of the game move all players' states
        having += [None, *game.agents]
    found = []
    for agent in having:
        try:
            found.append(str(meaning(function, *game.meaning(agent, symbols))))
        except ExpressionError:  # not of those who have other states
            found.append("")
    return found

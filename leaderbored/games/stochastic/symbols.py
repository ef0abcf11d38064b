"""Who plays a Markov game and what can happen, one by one, and the symbols of its formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from leaderbored.games.stochastic.players import Event, MarkovPlayer

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


@dataclass(frozen=True)
class Happening:
    """An event, and the agent whose it is, if any."""

    agent: Agent | None
    event: Event

    def __hash__(self) -> int:
        return hash((self.agent, self.event.name))


@dataclass(frozen=True)
class MarkovSymbols:
    """Symbols of states and choices by (agent or None, name), and of parameters by agent."""

    states: Mapping[tuple[str | None, str], Any]
    choices: Mapping[tuple[str, str], Any]
    parameters: Mapping[str | None, Mapping[str, Any]]

    @classmethod
    def of(cls, game: MarkovGame) -> MarkovSymbols:
        """Symbols for everything in a game, by number: names must not decide how sympy sorts."""
        from sympy import Symbol

        numbers = (Symbol(f"number_{k}", real=True) for k in count())
        chosen = (Symbol(f"choice_{k}", real=True) for k in count())
        common = {name: next(numbers) for name in game.parameters}
        parameters: dict[str | None, dict[str, Any]] = {None: common}
        choices = {}
        for agent in game.agents:
            special = {name: next(numbers) for name in agent.player.parameters}
            parameters[agent.name] = {**common, **special}
            for name in agent.player.choices:
                choices[agent.name, name] = next(chosen)
        states = {axis: Symbol(f"state_{k}", real=True) for k, axis in enumerate(game.axes)}
        return cls(states, choices, parameters)

    def called(self, choice: Any) -> str:
        """What a choice is called, by its symbol."""
        who, name = next(key for key, symbol in self.choices.items() if symbol == choice)
        return f"{who}.{name}"

    @property
    def numbers(self) -> list[Any]:
        """Symbols of all parameters."""
        every = [symbol for names in self.parameters.values() for symbol in names.values()]
        return list(dict.fromkeys(every))

    @staticmethod
    def values(game: MarkovGame) -> list[float]:
        """Values of all parameters, in the order of their symbols."""
        special = [value for agent in game.agents for value in agent.player.parameters.values()]
        return [*game.parameters.values(), *special]

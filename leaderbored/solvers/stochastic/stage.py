r"""The stage game of a Markov game, derived by sympy and compiled to numpy for all states.

In state s player i faces :math:`U_i = \pi_i(s, x) + \sum_c q_c(s, x)\, \Delta_{ic}`: its payoff,
and for each outcome c the hazard or chance that it comes times what it is worth. The pieces
:math:`\pi_i, q_1, q_2, \dots` and their first and second derivatives in what players decide are
all that solvers need. A list of actions is a probability for each, and the pieces are expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from leaderbored.games.expression import modules, read
from leaderbored.games.markov import Array, States
from leaderbored.games.markov_game import Agent, MarkovGame, MarkovSymbols
from leaderbored.solvers.kinks import Kinks, derivatives

Function = Callable[..., list[Any]]


@dataclass(frozen=True, eq=False)
class Stage:
    """What the stage games of a Markov game are made of.

    Attributes
    ----------
    game : MarkovGame
        N agents, S states.
    choices : list of (int, str)
        The agent and the name of each of the X variables that are decided.
    owner : (K,) int array
        Whose the multipliers of kinks are.
    destination : (C, S) int array
        Where each outcome leads.
    """

    game: MarkovGame
    choices: list[tuple[int, str]]
    owner: NDArray[np.int_]
    destination: NDArray[np.int64]
    code: _Code

    @classmethod
    def of(cls, game: MarkovGame) -> Stage:
        """Derive and compile the stage of a game.

        Examples
        --------
        >>> from leaderbored.games.markov_game import Event, MarkovPlayer
        >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
        ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
        >>> stage = Stage.of(MarkovGame([lab], discount=0.1, states={"d": (0, 1)}))
        >>> stage.values(np.array([[0.25, 1.0]]))[0].tolist()
        [[0.75, 0.0], [0.5, 1.0]]
        """
        choices = [
            (i, name) for i, agent in enumerate(game.agents) for name in agent.player.choices
        ]
        code = _compiled(_Text.of(game))
        return cls(game, choices, np.array(code.owner, dtype=int), _destinations(game), code)

    @property
    def outcomes(self) -> int:
        """Number C of outcomes."""
        return len(self.destination)

    def values(
        self, x: Array, weight: Array | None = None, at: States | None = None
    ) -> list[Array]:
        """For each agent (1 + C, S) values of the pieces at choices (X, S).

        ``weight`` (K, S) are multipliers of kinks; without, formulas are taken as they are. Here
        and below ``at`` (B,) has the numbers of other states than all S in order.
        """
        function = self.code.plain if weight is None else self.code.smooth
        found = self._called(function, x, weight, at)
        return list(found.reshape(len(self.game.agents), 1 + self.outcomes, -1))

    def first(self, x: Array, weight: Array, at: States | None = None) -> Array:
        """(entries, S) derivatives of pieces, in the order of ``code.first_places``."""
        return self._called(self.code.first, x, weight, at)

    def second(self, x: Array, weight: Array, at: States | None = None) -> Array:
        """(entries, S) second derivatives, in the order of ``code.second_places``."""
        return self._called(self.code.second, x, weight, at)

    def gaps(self, x: Array, weight: Array, at: States | None = None) -> tuple[Array, Array]:
        """(K, S) F of the multipliers, and their derivatives at ``code.gap_places``."""
        slopes = self._called(self.code.gap_slopes, x, weight, at)
        return self._called(self.code.gaps, x, weight, at), slopes

    def _called(
        self, function: Function, x: Array, weight: Array | None, at: States | None
    ) -> Array:
        grid = self.game.grid if at is None else self.game.grid[at]
        given = [*grid.T.astype(float), *MarkovSymbols.values(self.game), *x]
        with np.errstate(all="ignore"):
            found = function(*given, *([] if weight is None else weight))
        out = np.empty((len(found), len(grid)))
        for row, value in zip(out, found, strict=True):
            row[:] = value
        return out


@dataclass(frozen=True)
class _Code:
    """Compiled functions; places say what their results are.

    ``first_places``: (agent, piece, variable); ``second_places``: (agent, piece, own choice,
    variable); ``gap_places``: (multiplier, variable). Variables are choices, then multipliers.
    """

    plain: Function
    smooth: Function
    first: Function
    first_places: NDArray[np.int_]
    second: Function
    second_places: NDArray[np.int_]
    gaps: Function
    gap_slopes: Function
    gap_places: NDArray[np.int_]
    owner: list[int]


@dataclass(frozen=True)
class _Text:
    """What a game's formulas are made of; games that differ in numbers alone share it."""

    key: tuple[Any, ...]
    tables: tuple[int, ...]
    game: MarkovGame

    @classmethod
    def of(cls, game: MarkovGame) -> _Text:
        agents = tuple(
            (agent.name, agent.player.payoff, agent.player.choices, bool(agent.player.actions),
             tuple(agent.player.parameters))
            for agent in game.agents
        )  # fmt: skip
        events = tuple(
            (happening.agent and happening.agent.name, happening.event.hazard,
             happening.event.chance, happening.event.group)
            for happening in game.happenings
        )  # fmt: skip
        key = (agents, events, game.time, tuple(game.axes), tuple(game.parameters))
        return cls(key, tuple(id(table) for table in game.tables.values()), game)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Text) and (self.key, self.tables) == (other.key, other.tables)

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=32)
def _compiled(text: _Text) -> _Code:
    game = text.game
    symbols = MarkovSymbols.of(game)
    given = [*symbols.states.values(), *symbols.numbers, *symbols.choices.values()]
    owned = {axis: i for i, agent in enumerate(game.agents)
             for axis in ((agent.name, name) for name in agent.player.choices)}  # fmt: skip
    weights = _weights(game, symbols)
    kinks = Kinks(set(symbols.choices.values()))
    plain, smooth = [], []
    for i, agent in enumerate(game.agents):
        payoff = read(agent.player.payoff, *game.meaning(agent, symbols))
        pieces = [_mixed(game, symbols, piece) for piece in (payoff, *weights)]
        plain += pieces
        smooth += kinks.smooth_all(pieces, i)
    unknowns = [*symbols.choices.values(), *kinks.symbols]
    every = [*given, *kinks.symbols]
    count = 1 + len(weights)
    first = [(row // count, row % count, column, slope)
             for row, column, slope in derivatives(smooth, unknowns)]  # fmt: skip
    choices = list(owned.values())
    mine = [(i, c, k, slope) for i, c, k, slope in first if k < len(choices) and choices[k] == i]
    second = [
        (*mine[row][:3], column, slope)
        for row, column, slope in derivatives([slope for *_, slope in mine], unknowns)
    ]
    gaps = derivatives(kinks.gaps, unknowns)

    def build(parts: Sequence[sympy.Expr], names: Sequence[sympy.Symbol]) -> Function:
        known = modules(game.tables)
        function: Function = sympy.lambdify(list(names), list(parts), modules=known, cse=True)
        return function

    def places(rows: Sequence[tuple[Any, ...]], width: int) -> NDArray[np.int_]:
        return np.array([row[:-1] for row in rows], dtype=int).reshape(-1, width)

    return _Code(
        plain=build(plain, given),
        smooth=build(smooth, every),
        first=build([row[-1] for row in first], every),
        first_places=places(first, 3),
        second=build([row[-1] for row in second], every),
        second_places=places(second, 4),
        gaps=build(kinks.gaps, every),
        gap_slopes=build([row[-1] for row in gaps], every),
        gap_places=places(gaps, 2),
        owner=kinks.owner,
    )


def _weights(game: MarkovGame, symbols: MarkovSymbols) -> list[sympy.Expr]:
    """Hazards of events; in discrete time chances of combinations of them."""
    rates = []
    for happening in game.happenings:
        text = happening.event.hazard or happening.event.chance or "0"
        rates.append(read(text, *game.meaning(happening.agent, symbols)))
    if game.time == "continuous":
        return rates
    found = []
    for outcome in _outcomes(game):
        chance = sympy.Integer(1)
        for group, chosen in zip(game.groups, outcome, strict=True):
            none = 1 - sympy.Add(*(rates[k] for k in group))
            chance *= none if chosen is None else rates[chosen]
        found.append(chance)
    return found


def _outcomes(game: MarkovGame) -> list[tuple[int | None, ...]]:
    """What can happen in one period of discrete time: an event of each group, or none."""
    return list(product(*((None, *group) for group in game.groups)))


def _destinations(game: MarkovGame) -> NDArray[np.int64]:
    grid = game.grid.astype(float)
    if game.time == "continuous":
        moved = [game.place(game.move(happening, grid)) for happening in game.happenings]
        return np.array(moved, dtype=np.int64).reshape(-1, game.size)
    found = []
    for outcome in _outcomes(game):
        points = grid
        for k in sorted(k for k in outcome if k is not None):
            points = game.move(game.happenings[k], points)
        found.append(game.place(points))
    return np.array(found, dtype=np.int64)


def _mixed(game: MarkovGame, symbols: MarkovSymbols, piece: sympy.Expr) -> sympy.Expr:
    """The expectation of a piece over the actions of those who pick from lists."""
    for agent in game.agents:
        own = _probabilities(agent, symbols)
        if not own or not piece.free_symbols & set(own):
            continue
        pure = [
            piece.xreplace({other: sympy.Integer(int(other == chosen)) for other in own})
            for chosen in own
        ]
        piece = sympy.Add(*(chance * value for chance, value in zip(own, pure, strict=True)))
    return piece


def _probabilities(agent: Agent, symbols: MarkovSymbols) -> list[sympy.Symbol]:
    return [symbols.choices[agent.name, name] for name in agent.player.actions]

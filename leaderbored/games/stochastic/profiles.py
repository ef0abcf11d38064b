"""Games whose players all pick from lists, as tables: one column for each profile of actions.

What a profile pays and where it leads is worked out from the formulas by number. Outcomes that
lead to the same state are one, so that there are as many as there are states to reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.games.stochastic.branches import moved
from leaderbored.games.stochastic.readings import Reading
from leaderbored.games.stochastic.symbols import Happening, MarkovSymbols

if TYPE_CHECKING:
    from leaderbored.games.stochastic.game import MarkovGame

MOST_PROFILES = 4_096
MOST_CELLS = 3_000_000  # states times profiles times players
MOST_CHANCES = 30_000_000  # outcomes times states times profiles
ROUNDED = 1e-14  # chance that nothing of a group happens, which may be rounding
HELD = 2_000_000  # outcomes of states and profiles that are held before they are added up
WHOLE = 1e-9  # distance from a whole number that is none

Bools = NDArray[np.bool_]


class TooManyError(Exception):
    """Raised where tables would be too large."""


class Tables(NamedTuple):
    """What every profile leads to in every state.

    Attributes
    ----------
    payoffs : (N, S, P) array
        Per period, or flows.
    chances : (C, S, P) array
        Of outcomes: probabilities, or in continuous time rates.
    destination : (C, S) array of int
        The state that each outcome leads to.
    """

    payoffs: Array
    chances: Array
    destination: NDArray[np.int64]


class Way(NamedTuple):
    """One way in which an event comes out: its chance (S, P) and the states (S, P) it sets."""

    happening: int
    chance: Array
    sets: tuple[tuple[int, Array], ...]


@dataclass(frozen=True, eq=False)
class Profiles:
    """The profiles of actions of a game of lists.

    Parameters
    ----------
    game : MarkovGame
        Of N players and S states; nobody has real actions.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> a = MarkovPlayer("A", "go * (1 + s)", actions=("go", "stay"),
    ...                  events=[Event({"s": "s + go"}, chance="0.5")])
    >>> game = MarkovGame([a], discount=0.9, time="discrete", states={"s": (0, 1)})
    >>> found = Profiles(game).tables()
    >>> found.payoffs.tolist(), found.destination.tolist()
    ([[[1.0, 0.0], [2.0, 0.0]]], [[0, 1], [1, 1]])
    >>> found.chances[:, 0].tolist()  # from the first state, stay or go to the second
    [[0.5, 1.0], [0.5, 0.0]]
    """

    game: MarkovGame

    @property
    def shape(self) -> tuple[int, ...]:
        """How many actions each player has; one more, none, where it is not always to move."""
        return tuple(
            len(agent.player.options) + (agent.player.turn != "1") for agent in self.game.agents
        )

    @property
    def few(self) -> bool:
        """Whether all players pick from lists, and there are not too many profiles for tables."""
        profiles, agents = prod(self.shape), len(self.game.agents)
        lists = not any(agent.player.action for agent in self.game.agents)
        return (
            lists and profiles <= MOST_PROFILES and self.game.size * profiles * agents <= MOST_CELLS
        )

    @cached_property
    def picks(self) -> Array:
        """(X, P) what each profile picks: one for the action taken by each player, else zero."""
        columns = []
        for places in product(*map(range, self.shape)):
            rows = [
                np.arange(len(agent.player.options)) == k
                for agent, k in zip(self.game.agents, places, strict=True)
            ]
            columns.append(np.concatenate(rows))
        return np.array(columns, dtype=float).T

    @cached_property
    def may(self) -> Bools:
        """(S, P) which profiles may be played."""
        return self.possible(self.game.symbols)

    def possible(self, symbols: MarkovSymbols) -> Bools:
        """(S, P) which profiles may be played, at the numbers of the symbols given."""
        limits, each = [self.game.limits(agent, symbols) for agent in self.game.agents], []
        for agent, (_, high, idle) in zip(self.game.agents, limits, strict=True):
            may = (high > 0) & ~idle
            if agent.player.turn != "1":
                may = np.vstack([may, idle])
            each.append(may)
        found = np.ones((self.game.size, 1), dtype=bool)
        for may in each:
            found = (found[:, :, None] & may.T[:, None, :]).reshape(self.game.size, -1)
        return found & ~self.game.ended[:, None]

    def values(self, formula: Reading, symbols: MarkovSymbols | None = None) -> Array:
        """(S, P) values of a formula, at the numbers of the symbols given."""
        symbols = symbols or self.game.symbols
        function = formula.function(symbols.given_to(len(symbols.choices)))
        numbers, states = symbols.told, self.game.grid.T.astype(float)
        picks, shape = self.picks, (self.game.size, self.picks.shape[1])
        if formula.names & symbols.decided:
            states, picks = states[:, :, None], picks[:, None, :]
            found = function(*states, *numbers, *picks)
            return np.broadcast_to(np.asarray(found, dtype=float), shape)
        found = function(*states, *numbers, *picks[:, 0])
        column = np.broadcast_to(np.asarray(found, dtype=float), shape[:1])
        return np.broadcast_to(column[:, None], shape)

    def read(self, text: Any, happening: Happening | None, agent: Any = None) -> Reading:
        """What a formula means to whoever's it is."""
        return self.game.readings.of(text, agent if happening is None else happening.agent)

    def tables(self, symbols: MarkovSymbols | None = None) -> Tables:
        """What every profile leads to, at the numbers of the symbols given.

        Raises
        ------
        TooManyError
            If the tables would be too large.
        """
        game, symbols = self.game, symbols or self.game.symbols
        may = self.possible(symbols)
        payoffs = [
            np.where(may, self.values(self.read(a.player.payoff, None, a), symbols), 0.0)
            for a in game.agents
        ]
        return Tables(np.array(payoffs), *self._joined(self._outcomes(symbols, may), may))

    # --- what may happen

    def _outcomes(self, symbols: MarkovSymbols, may: Bools) -> Iterator[tuple[Array, list[Way]]]:
        """The chance (S, P) of all that may happen together, and the ways of the events of it."""
        game = self.game
        ways = [self._ways(k, symbols, may) for k in range(len(game.happenings))]
        if game.time == "continuous":
            for way in (way for of_event in ways for way in of_event):
                yield way.chance, [way]
            return
        groups = [[way for k in group for way in ways[k]] for group in game.groups]
        none = [1.0 - sum((way.chance for way in group), np.zeros(may.shape)) for group in groups]
        none = [np.where(np.abs(rest) < ROUNDED, 0.0, rest) for rest in none]

        def together(g: int, chance: Array, happened: list[Way]) -> Iterator[Any]:
            if not chance.any():
                return
            if g == len(groups):
                yield chance, happened
                return
            yield from together(g + 1, chance * none[g], happened)
            for way in groups[g]:
                yield from together(g + 1, chance * way.chance, [*happened, way])

        yield from together(0, may.astype(float), [])

    def _ways(self, number: int, symbols: MarkovSymbols, may: Bools) -> list[Way]:
        """How an event may come out: to either number next to where actions lead."""
        game = self.game
        happening, columns = game.happenings[number], list(game.axes)
        event = happening.event
        chance = self.values(self.read(event.hazard or event.chance or "0", happening), symbols)
        chance = np.where(may, chance, 0.0)
        each: list[list[tuple[int, Array, Array]]] = []
        for name, text in event.next.items():
            for agent in game.movers(happening, name):
                owner = agent.name if agent and (None, name) not in game.axes else None
                if (owner, name) not in game.steered[happening]:
                    continue
                low, high = game.axes[owner, name]
                target = self.values(self.read(text, None, agent), symbols)
                target = np.where(may, np.clip(target, low, high), low)
                nearest = np.rint(target)
                target = np.where(np.abs(target - nearest) < WHOLE, nearest, target)
                below, column = np.floor(target), columns.index((owner, name))
                above = [(column, below + 1, target - below)] if (target > below).any() else []
                each.append([(column, below, 1 - (target - below)), *above])
        found = []
        for sides in product(*each):
            share = prod((weight for *_, weight in sides), start=np.ones(may.shape))
            sets = tuple((column, to) for column, to, _ in sides)
            found.append(Way(number, chance * share, sets))
        return found

    def _reached(self, happened: Sequence[Way]) -> NDArray[np.int64]:
        """(S, P) or (S, 1) the states that events lead to together, the earlier one first."""
        game, size = self.game, self.game.size
        points = [column[:, None] for column in game.grid.T.astype(float)]
        for way in sorted(happened, key=lambda way: way.happening):
            table, wide = _together(points, size)
            there = moved(game, game.happenings[way.happening], table)
            points = [column.reshape(wide) for column in there.T]
            for column, to in way.sets:
                points[column] = to
        table, wide = _together(points, size)
        return game.place(table).reshape(wide)

    def _joined(
        self, outcomes: Iterator[tuple[Array, list[Way]]], may: Bools
    ) -> tuple[Array, NDArray[np.int64]]:
        """Chances (C, S, P), and destinations (C, S): outcomes that lead to one state are one."""
        size, profiles = may.shape
        total = sp.csr_array((size * profiles, size))
        rows, columns, weights = list[NDArray[np.int64]](), list[NDArray[np.int64]](), list[Array]()
        held = 0

        def added() -> Any:
            parts = (np.concatenate(part) for part in (weights, rows, columns))
            some, row, column = parts
            return total + sp.csr_array((some, (row, column)), shape=total.shape)

        for chance, happened in outcomes:
            there = np.broadcast_to(self._reached(happened), may.shape)
            row = np.flatnonzero(chance)
            rows.append(row)
            columns.append(there.ravel()[row])
            weights.append(chance.ravel()[row])
            held += len(row)
            if held > HELD:
                total, rows, columns, weights, held = added(), [], [], [], 0
        total = (added() if rows else total).tocoo()
        return _by_state(total, size, profiles, self.game.time == "continuous")


def _together(points: Sequence[Array], size: int) -> tuple[Array, tuple[int, ...]]:
    """Columns (S, P) or (S, 1) of states as the columns of one table, and their common shape."""
    wide = np.broadcast_shapes((size, 1), *(column.shape for column in points))
    flat = [np.broadcast_to(column, wide).ravel() for column in points]
    return (np.stack(flat, axis=1) if flat else np.zeros((size, 0))), wide


def _by_state(
    total: Any, size: int, profiles: int, continuous: bool
) -> tuple[Array, NDArray[np.int64]]:
    """The states that each state leads to, in order, and how likely each is by profile."""
    state, there = total.row // profiles, total.col.astype(np.int64)
    kept = (total.data != 0) & ~(continuous & (state == there))
    state, there, profile = state[kept], there[kept], (total.row % profiles)[kept]
    pairs, which = np.unique(state * size + there, return_inverse=True)
    first = np.searchsorted(pairs // size, np.arange(size))
    place = np.arange(len(pairs)) - first[pairs // size] if len(pairs) else np.zeros(0, dtype=int)
    count = int(place.max(initial=-1)) + 1
    if count * size * profiles > MOST_CHANCES:
        raise TooManyError(f"{count:,} outcomes in {size:,} states of {profiles:,} profiles")
    destination = np.tile(np.arange(size), (count, 1))
    destination[place, pairs // size] = pairs % size
    chances = np.zeros((count, size, profiles))
    chances[place[which], state, profile] = total.data[kept]
    return chances, destination

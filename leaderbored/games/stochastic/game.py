r"""Markov games of one's own: states, actions, payoffs, and events that move the state.

A state is a point on a grid of named integer ranges. In every state each player picks real actions
in intervals, or one action of a list (mixing if it likes), or both. In continuous time payoffs are
flows and events come at hazards; in discrete time payoffs are per period and events come with
chances, independent of each other unless they share a group, of which one at most happens. An event
moves the state, which stops at the ends of its ranges. All formulas know parameters, states,
and actions: bare the player's own and what only one player has, ``rival.x`` another's, and totals
``sum(...)`` and ``others(...)`` of any term over players. In Python a formula may also be a
function of a mapping from such names, as for arrays: ``lambda at: np.exp(at["gap"]) - at["b"]``.

Players that differ in nothing are declared once, with a ``count``, and play alike: what they do
depends on their own and the others' states alone, not on their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from math import prod
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games import traced
from leaderbored.games.checks import beyond
from leaderbored.games.expression import ExpressionError, Share
from leaderbored.games.markov import Array, States
from leaderbored.games.parameters import UNSAID, Definitions, Parameters, Randoms, named
from leaderbored.games.record import CONFIG, WORKED_OUT, Title, mistakes
from leaderbored.games.scopes import of_kind
from leaderbored.games.source import Source
from leaderbored.games.stochastic.branches import (
    Branch,
    Displacing,
    Motion,
    branches_of,
    displacing,
    steered,
)
from leaderbored.games.stochastic.limits import Tried, limits, trials
from leaderbored.games.stochastic.mistakes import mistakes_in
from leaderbored.games.stochastic.players import (
    MAX_PLAYERS,
    Event,
    Formula,
    MarkovPlayer,
    Range,
    Table,
    spelled,
)
from leaderbored.games.stochastic.profiles import Profiles
from leaderbored.games.stochastic.readings import Reading, Readings
from leaderbored.games.stochastic.symbols import Agent, Happening, MarkovSymbols, formulas
from leaderbored.games.words import constants


@dataclass(frozen=True, config=CONFIG)
class MarkovGame:
    """A stochastic game on a grid of states.

    Parameters
    ----------
    players : sequence of MarkovPlayer
    discount : float
        Rate per year in continuous time; factor per period in discrete time, below one, or one if
        the game surely ends.
    states : dict of str to (lowest, highest), optional
        Ranges that are no player's own.
    events : sequence of Event, optional
        That are no player's own.
    time : "continuous" or "discrete"
    ends : str, optional
        The game ends in states where this is not zero, as ``"a == 0 or b == 0"``.
    parameters : dict of str to float, str or lists of float, optional
        Values of names: numbers, formulas of other parameters, or tables.
    let : dict of str to str, optional
        Names for formulas, read wherever they are used.
    random : dict of str to Random, optional
        Random numbers over which formulas take expectations.
    tables : dict of str to nested lists, optional
        Numbers that formulas look up by states: ``profit[w - 1, v]``, counted from 0.
    name : str, optional
    source : Source, optional

    Raises
    ------
    pydantic.ValidationError
        Naming every formula that cannot be read, and whatever does not fit together.

    Examples
    --------
    >>> lab = MarkovPlayer("lab", "1 - b + (others(d) > d)", {"b": (0, 1)}, states={"d": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")], count=2)
    >>> game = MarkovGame([lab], discount=0.1, events=[Event({"d": "0"}, hazard="0.1")])
    >>> game.size, [agent.name for agent in game.agents]
    (4, ['lab 1', 'lab 2'])
    """

    players: Annotated[
        tuple[MarkovPlayer, ...], Field(min_length=1, max_length=MAX_PLAYERS, description="players")
    ]
    discount: Annotated[float, WORKED_OUT, Field(gt=0, description="rate, or factor per period")]
    states: Annotated[dict[str, Range], Field(description="ranges of the game")] = Field(
        default_factory=dict
    )
    events: Annotated[tuple[Event, ...], Field(description="events of the game")] = ()
    time: Literal["continuous", "discrete"] = "continuous"
    ends: Annotated[Formula | None, Field(description="not zero where the game ends")] = None
    parameters: Annotated[Parameters, Field(description="values of names in formulas")] = Field(
        default_factory=dict
    )
    tables: Annotated[dict[str, Table], Field(description="numbers looked up by states")] = Field(
        default_factory=dict
    )
    name: Title = ""
    kind: Literal["markov"] = "markov"
    source: Source | None = None
    let: Definitions = Field(default_factory=dict)
    random: Randoms = Field(default_factory=dict)
    PLAIN: ClassVar[dict[str, Any]] = UNSAID

    @model_validator(mode="after")
    def _fits(self) -> MarkovGame:
        if found := mistakes_in(self):
            raise mistakes(found)
        return self

    @cached_property
    def agents(self) -> tuple[Agent, ...]:
        """Every player by itself."""
        return tuple(
            Agent(player.name if player.count == 1 else f"{player.name} {k + 1}", k, player)
            for player in self.players
            for k in range(player.count)
        )

    @cached_property
    def axes(self) -> dict[tuple[str | None, str], tuple[int, int]]:
        """Ranges in order, by (agent or None, name)."""
        axes: dict[tuple[str | None, str], tuple[int, int]] = {
            (None, name): ends for name, ends in self.states.items()
        }
        for agent in self.agents:
            axes |= {(agent.name, name): ends for name, ends in agent.player.states.items()}
        return axes

    @property
    def size(self) -> int:
        """Number of states S."""
        return prod(high - low + 1 for low, high in self.axes.values())

    @cached_property
    def grid(self) -> States:
        """(S, D) states in lexicographic order, one column for each range."""
        if not self.axes:
            return np.zeros((1, 0), dtype=np.int64)
        ranges = [np.arange(low, high + 1) for low, high in self.axes.values()]
        mesh = np.meshgrid(*ranges, indexing="ij")
        return np.stack([axis.ravel() for axis in mesh], axis=1)

    @cached_property
    def constants(self) -> dict[str, float]:
        """Constants, and the number N of players, that nothing in the game is called like."""
        taken = {*named(self), *self.tables, *self.states}
        for player in self.players:
            taken |= {*named(player), *player.states, *player.words}
        return constants(taken, len(self.agents))

    @cached_property
    def symbols(self) -> MarkovSymbols:
        """Symbols of its formulas."""
        return MarkovSymbols.of(self)

    @cached_property
    def readings(self) -> Readings:
        """What its formulas come to."""
        return Readings(self)

    @cached_property
    def profiles(self) -> Profiles:
        """Its profiles of actions, if all pick from lists."""
        return Profiles(self)

    def written_at(self, player: MarkovPlayer) -> str:
        """Where a player stands in a file, with a dot at the end."""
        return f"players[{next(k for k, p in enumerate(self.players) if p is player)}]."

    def given(self, player: MarkovPlayer | None) -> dict[str, Any]:
        """What a player calls by name besides states and choices, or the game."""
        own = named(player, self.written_at(player)) if player else {}
        return {**self.constants, **named(self), **self.tables, **own}

    @property
    def labels(self) -> list[str]:
        """Names of the ranges."""
        return [name if who is None else f"{who}.{name}" for who, name in self.axes]

    def meaning(
        self, own: Agent | None, symbols: MarkovSymbols
    ) -> tuple[dict[str, Any], list[Share]]:
        """What names stand for in an agent's formulas, and in totals over agents.

        Parameters
        ----------
        own : Agent or None
            None in the game's own formulas.
        symbols : MarkovSymbols

        Returns
        -------
        names : dict of str to expression
        totals : list of Share
        """
        special = symbols.parameters
        names: dict[str, Any] = {**symbols.theirs, **special[own.name if own else None]}
        holders: dict[str, list[str | None]] = {}
        every = [*symbols.states.items(), *symbols.acts.items()]
        for (who, name), _ in every:
            holders.setdefault(name, []).append(who)
        for (who, name), meant in every:
            if who is not None and (who.isidentifier() or who.isdecimal()):
                names[f"{who}.{name}"] = meant
            if who is None or len(holders[name]) == 1 or (own is not None and who == own.name):
                names[name] = meant
        totals = []
        several = {name for name, having in holders.items() if None not in having}
        common = {name: meant for name, meant in names.items() if name not in several}
        for agent in self.agents:
            bare = {name: meant for (who, name), meant in every if who == agent.name}
            kind = of_kind(agent.player, special[agent.name], special[None], bare)
            shared = {**common, **special[agent.name], **bare, **kind}
            mine = own is not None and agent.name == own.name
            totals.append(Share(shared, own=mine, whose=agent.name))
        return names, totals

    @cached_property
    def happenings(self) -> tuple[Happening, ...]:
        """Every event with its agent."""
        owned = [Happening(agent, event) for agent in self.agents for event in agent.player.events]
        return (*owned, *(Happening(None, event) for event in self.events))

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Numbers of happenings of which one at most happens; in discrete time."""
        named: dict[str, list[int]] = {}
        for k, happening in enumerate(self.happenings):
            whose = happening.agent.name if happening.agent else ""
            group = happening.event.group.replace("{name}", whose)
            named.setdefault(group or f" {k}", []).append(k)
        return tuple(map(tuple, named.values()))

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """Every way in which an event may come out, in the order of events."""
        every = range(len(self.happenings))
        return tuple(branch for k in every for branch in branches_of(self, k, self.symbols))

    @cached_property
    def motions(self) -> tuple[Motion, ...]:
        """How real actions move states, if nobody picks from a list; else empty."""
        if any(agent.player.options for agent in self.agents):
            return ()
        return tuple(
            Motion(k, axis, formula)
            for k, happening in enumerate(self.happenings)
            for axis, formula in steered(self, happening, self.symbols)
        )

    @cached_property
    def steered(self) -> dict[Happening, set[tuple[str | None, str]]]:
        """Of each event the states that it changes by formulas that name actions."""
        each = {one: steered(self, one, self.symbols) for one in self.happenings}
        return {one: {axis for axis, _ in found} for one, found in each.items()}

    @cached_property
    def displacing(self) -> dict[Happening, Displacing]:
        """Of each event the columns that it changes whatever is decided, and what they become."""
        return {happening: displacing(self, happening) for happening in self.happenings}

    # --- where it leads

    @cached_property
    def ended(self) -> NDArray[np.bool_]:
        """(S,) where the game ends."""
        if self.ends is None:
            return np.zeros(self.size, dtype=bool)
        return np.asarray(self.over_states(self.ends, None) != 0)

    def over_states(self, text: traced.Formula, own: Agent | None) -> Array:
        """(S,) values of a formula of states and parameters.

        Raises
        ------
        ExpressionError
            If it cannot be read, or names an action.
        """
        return self.of_states(text, own)(self.grid.astype(float))

    def of_states(self, text: traced.Formula, own: Agent | None) -> Callable[[Array], Array]:
        """A formula of states and parameters as a function of states (S, D); see above."""
        reading = self.readings.of(text, own)
        if reading.names & self.symbols.decided:  # unless it is taken away again
            reading = Reading.of(self.readings.exact(text, own))
        if taken := reading.names & self.symbols.decided:
            named = ", ".join(sorted(map(self.symbols.called, taken)))
            raise ExpressionError(spelled(text), 0, f"expected states alone, without {named}")
        return partial(self.evaluate, reading, self.symbols)

    def evaluate(
        self,
        formula: Reading | Any,
        symbols: MarkovSymbols,
        moved: Array | None = None,
        choices: Sequence[Array] = (),
    ) -> Array:
        """(S,) values of an expression of states, parameters, and choices (X, S)."""
        points = self.grid if moved is None else moved
        reading = formula if isinstance(formula, Reading) else Reading.of(formula)
        function = reading.function(symbols.given_to(len(choices)))
        values = function(*points.T.astype(float), *symbols.told, *choices)
        return np.broadcast_to(np.asarray(values, dtype=float), (len(points),))

    def movers(self, happening: Happening, name: str) -> list[Agent | None]:
        """Whose state of a name an event changes; None for the game's."""
        if (None, name) in self.axes:
            return [happening.agent]
        every = self.agents if happening.agent is None else (happening.agent,)
        return [agent for agent in every if (agent.name, name) in self.axes]

    def beyond(
        self, text: traced.Formula, own: Agent | None, s: int, choices: Sequence[Array] = ()
    ) -> str:
        """Which table a formula looks up outside of it in state s; empty if none."""
        names, _ = self.readings.scope(own)

        def value(place: Any) -> float:
            return float(self.evaluate(place, self.symbols, None, choices)[s])

        return beyond(self.readings.exact(text, own), names, value)

    def place(self, points: Array) -> NDArray[np.int64]:
        """(S,) numbers of the states at points, which stop at the ends of the ranges."""
        index = np.zeros(len(points), dtype=np.int64)
        for column, (low, high) in zip(points.T, self.axes.values(), strict=True):
            step = np.clip(np.rint(column), low, high).astype(np.int64) - low
            index = index * (high - low + 1) + step
        return index

    def formulas(self, function: Any) -> list[str]:
        """The formulas of a function that stands in this game, for each agent that has it.

        Examples
        --------
        >>> def payoff(at): return 2 * at["b"]
        >>> MarkovGame([MarkovPlayer("A", payoff, {"b": (0, 1)})], discount=0.1).formulas(payoff)
        ['2*choice_0']
        """
        return formulas(self, function)

    def spot(self, s: int) -> dict[str, int]:
        """A state by the names of its ranges.

        Examples
        --------
        >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)})
        >>> MarkovGame([lab], discount=0.1, states={"d": (0, 2)}).spot(1)
        {'d': 1}
        """
        return dict(zip(self.labels, self.grid[s].tolist(), strict=True))

    def limits(
        self, agent: Agent, symbols: MarkovSymbols | None = None
    ) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Lowest and highest (k, S) values of what an agent decides; (S,) where it decides nothing.

        Of probabilities the highest is one, or zero where an action is not allowed.

        Examples
        --------
        >>> lab = MarkovPlayer("lab", "p", actions={"p": [0, 1]}, allowed="p <= d")
        >>> game = MarkovGame([lab], discount=0.1, states={"d": (0, 1)})
        >>> game.limits(game.agents[0])[1].tolist()
        [[1.0, 1.0], [0.0, 1.0]]
        """
        return limits(self, agent, symbols)

    @cached_property
    def tried(self) -> Tried:
        """Where its formulas are tried."""
        return Tried(self)

    def trials(self) -> Iterator[list[Array]]:
        """Choices at which formulas are tried: in between, all low, and all high."""
        return trials(self)

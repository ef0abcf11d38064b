r"""Markov games of one's own: states, actions, payoffs, and events that move the state.

A state is a point on a grid of named integer ranges. In every state each player picks a real
action in an interval, or one of a list (mixing if it likes). In continuous time payoffs are flows
and events come at hazards; in discrete time payoffs are per period and events come with chances,
independent of each other unless they share a group, of which one at most happens. An event moves
the state, which stops at the ends of its ranges. All formulas know the parameters, the states, and
actions: bare the player's own and what only one player has, ``rival.x`` another's, and totals
``sum(...)`` and ``others(...)`` of any term over players. In Python a formula may also be a
function of a mapping from such names, as for arrays: ``lambda at: np.exp(at["gap"]) - at["b"]``.

Players that differ in nothing are declared once, with a ``count``, and play alike: what they do
depends on their own and the others' states alone, not on their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass as plain
from functools import cached_property
from itertools import count
from math import prod
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games import traced
from leaderbored.games.continuous import Bound, Parameters, reserved, value_of
from leaderbored.games.expression import ExpressionError, Grid, Share, compile_function
from leaderbored.games.markov import Array, States
from leaderbored.games.record import CONFIG, NUMBER, PRINTED, Title, mistakes
from leaderbored.games.source import Source
from leaderbored.games.traced import meaning

MAX_STATES = 200_000
MAX_LENGTH = 1_000  # of a formula
MAX_OUTCOMES = 256  # of one period: combinations of events
MAX_PLAYERS = 12
MAX_ACTIONS = 40
MAX_ENTRIES = 1_000_000  # of a table
MOST_MISTAKES = 20
TOLERANCE = 1e-9


def _table(raw: Any) -> Any:
    try:
        table = np.array(raw, dtype=float)
    except (TypeError, ValueError):
        raise ValueError("expected nested lists of numbers, all of one length") from None
    if table.ndim == 0 or not 0 < table.size <= MAX_ENTRIES or not np.isfinite(table).all():
        raise ValueError(f"expected 1 to {MAX_ENTRIES:,} finite numbers")
    table.setflags(write=False)
    return table


Table = Annotated[
    Any,
    BeforeValidator(_table),
    PlainSerializer(lambda table: table.tolist()),
    WithJsonSchema({"type": "array", "items": {}}),
]


def _formula(raw: Any) -> Any:
    if callable(raw) or (isinstance(raw, str) and 1 <= len(raw) <= MAX_LENGTH):
        return raw
    raise ValueError(f"expected a formula of at most {MAX_LENGTH:,} characters")


def _spelled(raw: Any) -> str:
    return raw if isinstance(raw, str) else getattr(raw, "__qualname__", repr(raw))


Formula = Annotated[
    traced.Formula,
    BeforeValidator(_formula),
    PlainSerializer(_spelled),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}),
]
Range = Annotated[tuple[int, int], Field(description="lowest and highest value")]
Mistake = tuple[str, Any, str]  # place, value, what was expected


@dataclass(frozen=True, config=CONFIG)
class Event:
    """Something that happens and moves the state.

    Parameters
    ----------
    next : dict of str to str
        The states that change, and formulas for what they change to. A range of each player is
        changed for the player whose event it is, or for all in an event of the game.
    hazard : str, optional
        In continuous time: how often it happens, 1/year.
    chance : str, optional
        In discrete time: the probability that it happens in a period.
    group : str, optional
        Of events that share one, one at most happens in a period.
    name : str, optional

    Examples
    --------
    >>> Event({"gap": "gap + 1"}, hazard="3 * sqrt(b)").next
    {'gap': 'gap + 1'}
    """

    next: Annotated[
        dict[str, Formula], Field(min_length=1, description="states that change, and to what")
    ]
    hazard: Annotated[Formula | None, Field(description="continuous time: 1/year")] = None
    chance: Annotated[Formula | None, Field(description="discrete time: a probability")] = None
    group: Annotated[str, Field(description="events of which one at most happens"), PRINTED] = ""
    name: Annotated[str, Field(max_length=80, description="what happens"), PRINTED] = ""

    @property
    def functions(self) -> list[traced.Formula]:
        """Those of its formulas that are functions in Python."""
        formulas = (*self.next.values(), self.hazard, self.chance)
        return [formula for formula in formulas if callable(formula)]


@dataclass(frozen=True, config=CONFIG)
class MarkovPlayer:
    """One player of a Markov game, or several that differ in nothing.

    Parameters
    ----------
    name : str
        How tables and figures call it, and formulas if it is one word.
    payoff : str
        What it earns: a flow in continuous time, per period in discrete time.
    action : dict of str to (low, high), optional
        Its real action and its bounds: numbers or formulas of parameters, or infinite.
    actions : sequence of str, optional
        Or the names of its actions. In formulas a name counts 1 if that action is taken, else 0.
    states : dict of str to (lowest, highest), optional
        Ranges of its own.
    events : sequence of Event, optional
        Of its own.
    discount : float, optional
        Its own rate or factor, instead of the game's.
    end : str, default "0"
        What it gets, once and for all, in states at which the game ends.
    count : int, default 1
        How many such players there are.
    parameters : dict of str to float, optional

    Examples
    --------
    >>> MarkovPlayer("A", "1 - b", {"b": (0, 1)}).action
    {'b': (0.0, 1.0)}
    """

    name: Annotated[
        str, Field(min_length=1, max_length=40, description="name of the player"), PRINTED
    ]
    payoff: Annotated[Formula, Field(description="flow, or per period")]
    action: Annotated[
        dict[str, tuple[Bound, Bound]], Field(max_length=1, description="real action and bounds")
    ] = Field(default_factory=dict)
    actions: Annotated[
        tuple[Annotated[str, PRINTED], ...],
        Field(max_length=MAX_ACTIONS, description="names of its actions"),
    ] = ()
    states: Annotated[dict[str, Range], Field(description="ranges of its own")] = Field(
        default_factory=dict
    )
    events: Annotated[tuple[Event, ...], Field(description="events of its own")] = ()
    discount: Annotated[float, NUMBER, Field(gt=0, description="instead of the game's")] | None = (
        None
    )
    end: Annotated[Formula, Field(description="payoff where the game ends")] = "0"
    count: Annotated[int, Field(ge=1, le=MAX_PLAYERS, description="number of such players")] = 1
    parameters: Annotated[Parameters, Field(description="values of names in its formulas")] = Field(
        default_factory=dict
    )

    @property
    def choices(self) -> tuple[str, ...]:
        """Names of what it decides: its action, or the probabilities of its actions."""
        return (*self.action, *self.actions)


@dataclass(frozen=True, config=CONFIG)
class MarkovGame:
    """A stochastic game on a grid of states.

    Parameters
    ----------
    players : sequence of MarkovPlayer
    discount : float
        Rate per year in continuous time; factor per period, below one, in discrete time.
    states : dict of str to (lowest, highest), optional
        Ranges that are no player's own.
    events : sequence of Event, optional
        That are no player's own.
    time : "continuous" or "discrete"
    ends : str, optional
        The game ends in states where this is not zero, as ``"a == 0 or b == 0"``.
    parameters : dict of str to float, optional
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
    discount: Annotated[float, NUMBER, Field(gt=0, description="rate, or factor per period")]
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

    @model_validator(mode="after")
    def _fits(self) -> MarkovGame:
        stages: tuple[tuple[Callable[[], Iterator[Mistake]], ...], ...] = (
            (self._names, self._sizes, self._formulas),
            (self._moves, self._ends),
            (self._numbers,),
        )
        for checks in stages:
            if found := [mistake for check in checks for mistake in check()]:
                raise mistakes(found[:MOST_MISTAKES])
        return self

    # --- what is there

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
        names: dict[str, Any] = dict(special[own.name if own else None])
        names |= {name: Grid(name, table.ndim) for name, table in self.tables.items()}
        holders: dict[str, list[str | None]] = {}
        for who, name in (*symbols.states, *symbols.choices):
            holders.setdefault(name, []).append(who)
        for (who, name), meant in (*symbols.states.items(), *symbols.choices.items()):
            if who is not None and who.isidentifier():
                names[f"{who}.{name}"] = meant
            if who is None or len(holders[name]) == 1 or (own is not None and who == own.name):
                names[name] = meant
        totals = []
        for agent in self.agents:
            bare = {
                name: meant
                for (who, name), meant in (*symbols.states.items(), *symbols.choices.items())
                if who == agent.name
            }
            shared = {**names, **special[agent.name], **bare}
            totals.append(Share(shared, own=own is not None and agent.name == own.name))
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
            named.setdefault(happening.event.group or f" {k}", []).append(k)
        return tuple(map(tuple, named.values()))

    # --- where it leads

    @cached_property
    def ended(self) -> NDArray[np.bool_]:
        """(S,) where the game ends."""
        if self.ends is None:
            return np.zeros(self.size, dtype=bool)
        return np.asarray(self.over_states(self.ends, None) != 0)

    def over_states(
        self, text: traced.Formula, own: Agent | None, moved: Array | None = None
    ) -> Array:
        """(S,) values of a formula of states and parameters, at the grid or at states given.

        Raises
        ------
        ExpressionError
            If it cannot be read, or names an action.
        """
        symbols = MarkovSymbols.of(self)
        names, totals = self.meaning(own, symbols)
        expression = meaning(text, names, totals)
        if taken := expression.free_symbols & set(symbols.choices.values()):
            named = ", ".join(sorted(map(symbols.called, taken)))
            raise ExpressionError(_spelled(text), 0, f"expected states alone, without {named}")
        return self.evaluate(expression, symbols, moved)

    def evaluate(
        self,
        expression: Any,
        symbols: MarkovSymbols,
        moved: Array | None = None,
        choices: Sequence[Array] = (),
    ) -> Array:
        """(S,) values of an expression of states, parameters, and choices (X, S)."""
        points = self.grid if moved is None else moved
        given = [*symbols.states.values(), *symbols.numbers]
        given += list(symbols.choices.values())[: len(choices)]
        function = compile_function(expression, given, self.tables)
        values = function(*points.T.astype(float), *symbols.values(self), *choices)
        return np.broadcast_to(np.asarray(values, dtype=float), (len(points),))

    def move(self, happening: Happening, points: Array) -> Array:
        """(S, D) where an event leads from given states, before they stop at their ends."""
        moved = np.array(points, dtype=float)
        columns = {axis: k for k, axis in enumerate(self.axes)}
        for name, text in happening.event.next.items():
            if (None, name) in columns:
                moved[:, columns[None, name]] = self.over_states(text, happening.agent, points)
                continue
            every = self.agents if happening.agent is None else (happening.agent,)
            for agent in every:
                if (agent.name, name) in columns:
                    moved[:, columns[agent.name, name]] = self.over_states(text, agent, points)
        return moved

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
        symbols = MarkovSymbols.of(self)

        def has(agent: Agent) -> bool:
            player = agent.player
            own = (player.payoff, player.end, *(f for e in player.events for f in e.functions))
            return any(function is one for one in own)

        having: list[Agent | None] = [agent for agent in self.agents if has(agent)]
        common = (self.ends, *(f for event in self.events for f in event.functions))
        if any(function is one for one in common):  # events of the game move all players' states
            having += [None, *self.agents]
        found = []
        for agent in having:
            try:
                found.append(str(meaning(function, *self.meaning(agent, symbols))))
            except ExpressionError:  # not of those who have other states
                found.append("")
        return found

    # --- mistakes

    def _names(self) -> Iterator[Mistake]:
        names = [player.name for player in self.players]
        if len(set(names)) != len(names):
            yield "players", names, "expected different names"
        taken = {*self.parameters, *self.states, *self.tables}
        places: list[tuple[str, Any]] = [
            ("parameters", self.parameters),
            ("states", self.states),
            ("tables", self.tables),
        ]
        for k, player in enumerate(self.players):
            here = f"players[{k}]"
            own = [*player.parameters, *player.states, *player.choices]
            for name in sorted({name for name in own if own.count(name) > 1 or name in taken}):
                yield f"{here}.{name}", name, "is used twice"
            places += [
                (f"{here}.parameters", player.parameters),
                (f"{here}.states", player.states),
                (f"{here}.action", player.action),
                (f"{here}.actions", player.actions),
            ]
            if bool(player.action) == bool(player.actions):
                yield here, player.name, "expected an action, or a list of actions"
        for place, keys in places:
            for name in keys:
                if reserved(name):
                    yield f"{place}.{name}", name, "expected a name such as x or gap"
        for name in sorted(set(self.parameters) & set(self.states)):
            yield f"states.{name}", name, "is a parameter too"
        for name in sorted(set(self.tables) & {*self.parameters, *self.states}):
            yield f"tables.{name}", name, "is a parameter or a state too"

    def _sizes(self) -> Iterator[Mistake]:
        for place, ranges in (
            ("states", self.states),
            *((f"players[{k}].states", player.states) for k, player in enumerate(self.players)),
        ):
            for name, (low, high) in ranges.items():
                if low > high:
                    yield f"{place}.{name}", (low, high), "expected low <= high"
        if self.size > MAX_STATES:
            yield "states", f"{self.size:,} states", f"expected at most {MAX_STATES:,}"
        if len(self.agents) > MAX_PLAYERS:
            yield "players", len(self.agents), f"expected at most {MAX_PLAYERS} players"
        if self.time == "discrete":
            every = [("discount", self.discount)]
            every += [
                (f"players[{k}].discount", p.discount or 0) for k, p in enumerate(self.players)
            ]
            for place, factor in every:
                if factor >= 1:
                    yield place, factor, "expected a factor below 1 in discrete time"
            outcomes = prod(len(group) + 1 for group in self.groups)
            if outcomes > MAX_OUTCOMES:
                yield "events", f"{outcomes:,} combinations", f"expected at most {MAX_OUTCOMES}"

    def _formulas(self) -> Iterator[Mistake]:
        symbols = MarkovSymbols.of(self)
        first = {agent.player.name: agent for agent in reversed(self.agents)}
        for k, player in enumerate(self.players):
            here, scope = f"players[{k}]", self.meaning(first[player.name], symbols)
            yield from _unread(f"{here}.payoff", player.payoff, scope)
            yield from _unread(f"{here}.end", player.end, scope)
            given = {**self.parameters, **player.parameters}
            for name, ends in player.action.items():
                try:
                    low, high = (value_of(end, given) for end in ends)
                    if not low < high:
                        yield f"{here}.action.{name}", ends, "expected low < high"
                except ValueError as error:
                    yield f"{here}.action.{name}", ends, str(error)
            for e, event in enumerate(player.events):
                known = {*player.states, *self.states}
                yield from self._event(f"{here}.events[{e}]", event, scope, known)
        everyone = {name for _, name in self.axes}
        scope = self.meaning(None, symbols)
        for e, event in enumerate(self.events):
            yield from self._event(f"events[{e}]", event, scope, everyone)
        if self.ends is not None:
            yield from _unread("ends", self.ends, scope)

    def _event(
        self, here: str, event: Event, scope: tuple[dict[str, Any], list[Share]], known: set[str]
    ) -> Iterator[Mistake]:
        wanted, other = ("hazard", "chance") if self.time == "continuous" else ("chance", "hazard")
        text = getattr(event, wanted)
        if text is None or getattr(event, other) is not None:
            yield f"{here}.{wanted}", text, f"expected in {self.time} time, and no {other}"
        else:
            yield from _unread(f"{here}.{wanted}", text, scope)
        for name, formula in event.next.items():
            if name not in known:
                yield f"{here}.next.{name}", formula, f"no such state; known: {', '.join(known)}"
            elif here.startswith("events") and name not in self.states:
                continue  # read with each player's own names below
            else:
                yield from _unread(f"{here}.next.{name}", formula, scope)

    def _moves(self) -> Iterator[Mistake]:
        """Formulas of states alone that name actions or lead between the points of the grid."""
        for happening in self.happenings:
            place = (
                "events" if happening.agent is None else f"players.{happening.agent.name}.events"
            )
            place = f"{place}.{happening.event.name or 'next'}"
            try:
                moved = self.move(happening, self.grid.astype(float))
            except ExpressionError as error:
                yield place, happening.event.next, str(error)
                continue
            wrong = ~(np.abs(moved - np.rint(moved)) < TOLERANCE).all(axis=1)
            if wrong.any():
                s = int(np.flatnonzero(wrong)[0])
                expected = f"expected whole numbers, as at {self.spot(s)}"
                yield place, moved[s].tolist(), expected

    def _ends(self) -> Iterator[Mistake]:
        """Where the game ends, and what players get there."""
        whole = np.ones(self.size, dtype=bool)
        if self.ends is not None:
            found = [*self._unknown("ends", self.ends, None, whole)]
            yield from found
            if found:
                return
        for agent in self.agents:
            if agent.copy == 0:
                place = f"players.{agent.name}.end"
                yield from self._unknown(place, agent.player.end, agent, self.ended)

    def _unknown(
        self, place: str, text: traced.Formula, own: Agent | None, where: NDArray[np.bool_]
    ) -> Iterator[Mistake]:
        """A formula of states alone that is none, or has no value in some of the states."""
        try:
            found = self.over_states(text, own)
        except ExpressionError as error:
            yield place, text, str(error)
            return
        if (bad := where & ~np.isfinite(found)).any():
            s = int(np.flatnonzero(bad)[0])
            yield place, text, f"expected a finite number, found {found[s]} at {self.spot(s)}"

    def spot(self, s: int) -> dict[str, int]:
        """A state by the names of its ranges.

        Examples
        --------
        >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)})
        >>> MarkovGame([lab], discount=0.1, states={"d": (0, 2)}).spot(1)
        {'d': 1}
        """
        return dict(zip(self.labels, self.grid[s].tolist(), strict=True))

    def _numbers(self) -> Iterator[Mistake]:
        """Payoffs that are no numbers, hazards below zero, chances that are none."""
        symbols, trials = MarkovSymbols.of(self), [*self.trials()]

        def values(text: traced.Formula, own: Agent | None) -> Array:
            expression = meaning(text, *self.meaning(own, symbols))
            found = [self.evaluate(expression, symbols, None, choices) for choices in trials]
            return np.where(self.ended, 0.0, np.array(found))

        def blame(bad: NDArray[np.bool_], found: Array) -> tuple[float, str]:
            trial, s = np.argwhere(bad)[0].tolist()
            taken = [float(choice[s]) for choice in trials[trial]]
            acts = dict(zip(map(symbols.called, symbols.choices.values()), taken, strict=True))
            return float(found[trial, s]), f"as at {self.spot(s)} with {acts}"

        for agent in self.agents:
            if agent.copy == 0:
                found = values(agent.player.payoff, agent)
                if (bad := ~np.isfinite(found)).any():
                    number, where = blame(bad, found)
                    place = f"players.{agent.name}.payoff"
                    yield place, number, f"expected a finite number, {where}"
        totals: dict[str, Array] = {}
        for k, happening in enumerate(self.happenings):
            event = happening.event
            found = values(event.hazard or event.chance or "0", happening.agent)
            group = event.group or f" {k}"
            totals[group] = totals.get(group, 0.0) + found
            bad = ~(np.isfinite(found) & (found >= -TOLERANCE))
            if self.time == "discrete":
                bad |= totals[group] > 1 + TOLERANCE
            if bad.any():
                owner = f"players.{happening.agent.name}.events" if happening.agent else "events"
                number, where = blame(bad, found)
                wanted = (
                    "not negative"
                    if self.time == "continuous"
                    else "a probability, in all of its group"
                )
                yield f"{owner}.{event.name or 'rate'}", number, f"expected {wanted}, {where}"

    def trials(self) -> Iterator[list[Array]]:
        """Choices at which formulas are tried: in between, all low, and all high."""
        for t in (0.5, 0.0, 1.0):
            choices = []
            for agent in self.agents:
                given = {**self.parameters, **agent.player.parameters}
                for ends in agent.player.action.values():
                    low, high = (value_of(end, given) for end in ends)
                    low = low if np.isfinite(low) else min(high, 0.0) - 1.0
                    high = high if np.isfinite(high) else low + 2.0
                    inner = low + (0.001 + 0.998 * t) * (high - low)
                    choices.append(np.full(self.size, inner))
                many = len(agent.player.actions)
                for k in range(many):
                    pure = float(k == 0) if t == 0 else float(k == many - 1)
                    choices.append(np.full(self.size, 1 / many if t == 0.5 else pure))
            yield choices


@plain(frozen=True)
class Agent:
    """One player by itself: its name, which of its likes it is, and its record."""

    name: str
    copy: int
    player: MarkovPlayer

    def __hash__(self) -> int:
        return hash(self.name)


@plain(frozen=True)
class Happening:
    """An event, and the agent whose it is, if any."""

    agent: Agent | None
    event: Event

    def __hash__(self) -> int:
        return hash((self.agent, self.event.name))


@plain(frozen=True)
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


def _unread(
    place: str, text: traced.Formula, scope: tuple[dict[str, Any], list[Share]]
) -> Iterator[Mistake]:
    try:
        meaning(text, *scope)
    except ExpressionError as error:
        yield place, text, str(error)

r"""Games whose strategies are real numbers, and whose payoffs are formulas.

Player :math:`i` picks :math:`x_i` in a box, or where its entries add up to a total, all at once,
and gets :math:`u_i(x_1, \dots, x_N)`. A formula knows by name

- the parameters of the game and of the player;
- the player's own strategies, ``q``;
- another player's, ``rival.q``, or bare where no other player has a strategy of that name;
- totals over all players that have what is named, ``sum(q)``, ``sum(lam * sqrt(q))``, and
  ``others(q)``, the same without the player itself.

Players that differ in nothing are declared once, with a ``count``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass as plain
from dataclasses import field as plain_field
from dataclasses import replace
from functools import cached_property
from keyword import iskeyword
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.compile import compile_function
from leaderbored.games.expression import (
    FUNCTIONS,
    TOTALS,
    ExpressionError,
    Share,
    read,
    read_relation,
)
from leaderbored.games.record import CONFIG, NUMBER, PRINTED, Title, mistakes
from leaderbored.games.source import Source

ALIKE = 12  # players up to which exchangeable ones are told apart
MOST_PLAYERS = 60  # told apart
MOST_STRATEGIES = 200
ROOM = 1e-12  # relative: bounds that are decimals may not add up to the last digit

Payoff = str | Callable[[dict[str, Any]], float]
Mistake = tuple[str, Any, str]  # place, value, what was expected


def _bound(value: Any) -> Any:
    """A bound: a number, or text in which parameters stand; infinity is text too."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("expected a number or a formula of parameters")
    if isinstance(value, str):
        return value.strip()
    try:
        value = float(value)
    except OverflowError:
        raise ValueError("expected a number within the range of floating point") from None
    if math.isnan(value):
        raise ValueError("expected a number, not nan")
    return float(value) if math.isfinite(value) else ("inf" if value > 0 else "-inf")


def _payoff(value: Any) -> Any:
    if not isinstance(value, str) and not callable(value):
        raise ValueError("expected a formula")
    return value


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else getattr(value, "__qualname__", repr(value))


Bound = Annotated[
    Any,
    BeforeValidator(_bound),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]
Parameters = dict[str, Annotated[float, NUMBER]]


@dataclass(frozen=True, config=CONFIG)
class Player:
    """One player of a continuous game, or several that differ in nothing.

    Parameters
    ----------
    name : str
        How tables and figures call it, and formulas if it is one word.
    strategies : dict of str to (low, high)
        Its real strategies and their bounds: numbers, formulas of parameters, or infinite.
    payoff : str or callable
        What it gets, in any unit: a formula, or in Python a function of a dictionary from the
        names of players to their strategies, a number each, or an array where there are several.
    total : float or str, optional
        What its strategies add up to; None: nothing in particular.
    count : int, default 1
        How many such players there are.
    parameters : dict of str to float, optional
        Values of names in its formulas, before those of the game.

    Examples
    --------
    >>> Player("A", {"q": [0, 1.5]}, "(10 - sum(q)) * q").strategies["q"]
    (0.0, 1.5)
    """

    name: Annotated[
        str, Field(min_length=1, max_length=40, description="name of the player"), PRINTED
    ]
    strategies: Annotated[
        dict[str, tuple[Bound, Bound]],
        Field(min_length=1, description="lowest and highest value of each strategy"),
    ]
    payoff: Annotated[
        Any,
        BeforeValidator(_payoff),
        PlainSerializer(_spelled),
        WithJsonSchema({"type": "string", "description": "what the player gets: a formula"}),
    ]
    total: Annotated[
        Bound | None, Field(description="what the strategies add up to; none: anything")
    ] = None
    count: Annotated[int, Field(ge=1, le=10**9, description="number of such players")] = 1
    parameters: Annotated[
        Parameters, Field(description="values of names in this player's formulas")
    ] = Field(default_factory=dict)


@dataclass(frozen=True, config=CONFIG)
class Continuous:
    """A game of real strategies, played once.

    Parameters
    ----------
    players : sequence of Player
        With different names.
    parameters : dict of str to float, optional
        Values of names in the formulas.
    constraints : sequence of str, optional
        What all players' strategies together must meet, as ``"A.q + B.q <= 15"``. Players bear
        the same price of such a constraint (variational equilibrium: Rosen 1965).
    name : str, optional
        Title for tables and figures.
    source : Source, optional
        Where the game was published.

    Raises
    ------
    pydantic.ValidationError
        Naming every formula that cannot be read, with a caret, and whatever does not fit.

    Examples
    --------
    >>> game = Continuous([Player(n, {"q": [0, 10]}, "(a - sum(q)) * q") for n in "AB"], {"a": 9})
    >>> [group.name for group in game.groups]
    ['A', 'B']
    """

    players: Annotated[tuple[Player, ...], Field(min_length=1, description="the players")]
    parameters: Annotated[Parameters, Field(description="values of names in the formulas")] = Field(
        default_factory=dict
    )
    constraints: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...],
        Field(description="what all strategies together must meet"),
    ] = ()
    name: Title = ""
    kind: Literal["continuous"] = "continuous"
    source: Source | None = None

    @model_validator(mode="after")
    def _fits(self) -> Continuous:
        if found := [*self._mistaken_names()] or [*self._mistaken_formulas()]:
            raise mistakes(found)
        return self

    def _mistaken_names(self) -> Iterator[Mistake]:
        names = [player.name for player in self.players]
        if len(set(names)) != len(names):
            yield "players", names, "expected different names"
        size = sum(len(player.strategies) for player in self.players)
        if len(self.players) > MOST_PLAYERS or size > MOST_STRATEGIES:
            most = f"{MOST_PLAYERS} players and {MOST_STRATEGIES} strategies"
            yield "players", size, f"expected at most {most}; declare like players once, with count"
        used: list[tuple[str, Iterable[str]]] = [("parameters", self.parameters)]
        for k, player in enumerate(self.players):
            used.append((f"players[{k}].parameters", player.parameters))
            used.append((f"players[{k}].strategies", player.strategies))
            both = set(player.strategies) & ({*player.parameters} | {*self.parameters})
            for name in sorted(both):
                yield f"players[{k}].strategies.{name}", name, "is a parameter too"
        for place, keys in used:
            for name in keys:
                if reserved(name):
                    yield f"{place}.{name}", name, "expected a name such as q or x1"

    def _mistaken_formulas(self) -> Iterator[Mistake]:
        symbols = Symbols.of(self, self.all_groups)
        for k, player in enumerate(self.players):
            here = f"players[{k}]"
            given = {**self.parameters, **player.parameters}
            yield from self._mistaken_bounds(player, here, given)
            group = self.all_groups[k]
            if callable(player.payoff):
                if any(other.count > 1 for other in self.players):
                    yield f"{here}.payoff", player.payoff, "expected a formula where count > 1"
                continue
            try:
                read(player.payoff, *self.scope(group, self.all_groups, symbols))
            except ExpressionError as error:
                yield f"{here}.payoff", player.payoff, str(error)
        for k, text in enumerate(self.constraints):
            try:
                read_relation(text, *self.scope(None, self.all_groups, symbols))
            except ExpressionError as error:
                yield f"constraints[{k}]", text, str(error)

    def _mistaken_bounds(
        self, player: Player, here: str, given: dict[str, float]
    ) -> Iterator[Mistake]:
        """Bounds that hold nothing between them, and a total that no strategies add up to."""
        least = most = 0.0
        for name, ends in player.strategies.items():
            low, high = (self._tried(end, given) for end in ends)
            for end, value in zip(ends, (low, high), strict=True):
                if isinstance(value, str):
                    yield f"{here}.strategies.{name}", end, value
            if isinstance(low, str) or isinstance(high, str):
                least, most = -math.inf, math.inf
            elif not low <= high or low == math.inf or high == -math.inf:
                yield f"{here}.strategies.{name}", ends, "expected low <= high"
            else:
                least, most = least + low, most + high
        if player.total is None:
            return
        total = self._tried(player.total, given)
        if isinstance(total, str):
            yield f"{here}.total", player.total, total
        elif not least - ROOM * abs(total) <= total <= most + ROOM * abs(total):
            expected = f"expected {least:.10g} to {most:.10g}, what the strategies can add up to"
            yield f"{here}.total", player.total, expected
        elif math.isinf(total):
            yield f"{here}.total", player.total, "expected a finite number"

    @staticmethod
    def _tried(bound: float | str, given: dict[str, float]) -> float | str:
        """The value of a bound, or what was expected instead."""
        try:
            return value_of(bound, given)
        except ValueError as error:
            return str(error)

    @cached_property
    def all_groups(self) -> tuple[Group, ...]:
        """The players as declared."""
        return tuple(Group(player.name, player, player.count) for player in self.players)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The players whose strategies are told apart: each copy, if there are few."""
        if sum(player.count for player in self.players) > ALIKE:
            return self.all_groups
        return tuple(
            replace(group, name=f"{group.name} {k + 1}", count=1) if group.count > 1 else group
            for group in self.all_groups
            for k in range(group.count)
        )

    def scope(
        self, own: Group | None, groups: Sequence[Group], symbols: Symbols
    ) -> tuple[dict[str, Any], list[Share]]:
        """What names stand for in a player's formulas, or in a constraint, and in totals.

        Parameters
        ----------
        own : Group or None
            The player; None in a constraint.
        groups : sequence of Group
            All players.
        symbols : Symbols

        Returns
        -------
        names : dict of str to expression
        totals : list of Share
        """
        holders: dict[str, list[Group]] = {}
        for group in groups:
            for name in group.player.strategies:
                holders.setdefault(name, []).append(group)
        given = symbols.parameters
        names: dict[str, Any] = dict(given[own.name] if own else given[None])
        for name, having in holders.items():
            for group in having:
                mine = own is not None and group.name == own.name
                meant = (symbols.own if mine else symbols.played)[group.name, name]
                if group.count == 1:
                    names[f"{group.name}.{name}"] = meant
                if mine or (len(having) == group.count == 1):
                    names[name] = meant
        totals = []
        for group in groups:
            mine = own is not None and group.name == own.name
            parts = [(symbols.played, group.count - mine, False), (symbols.own, int(mine), True)]
            for table, count, is_own in parts:
                if count:
                    bare = {name: table[group.name, name] for name in group.player.strategies}
                    totals.append(Share({**names, **given[group.name], **bare}, count, is_own))
        return names, totals


@plain(frozen=True)
class Group:
    """Players that are told apart from others, not from each other."""

    name: str
    player: Player = plain_field(hash=False)
    count: int


@plain(frozen=True)
class Symbols:
    """Expressions for (group, strategy) as its player decides and as it is played; parameters.

    ``parameters`` has a dictionary of names for each group, and for None those of the game.
    """

    own: Mapping[tuple[str, str], Any]
    played: Mapping[tuple[str, str], Any]
    parameters: Mapping[str | None, Mapping[str, Any]]

    @classmethod
    def of(cls, game: Continuous, groups: Sequence[Group]) -> Symbols:
        """New symbols for everything."""
        from sympy import Dummy

        common = {name: Dummy(name, real=True) for name in game.parameters}
        parameters: dict[str | None, dict[str, Any]] = {None: common}
        own, played = {}, {}
        for group in groups:
            special = {name: Dummy(name, real=True) for name in group.player.parameters}
            parameters[group.name] = {**common, **special}
            for name in group.player.strategies:
                own[group.name, name] = Dummy(f"own_{name}", real=True)
                played[group.name, name] = Dummy(name, real=True)
        return cls(own, played, parameters)


def reserved(name: str) -> bool:
    """Whether a name cannot stand in formulas.

    Examples
    --------
    >>> reserved("q1"), reserved("max"), reserved("1q")
    (False, True, True)
    """
    return not name.isidentifier() or iskeyword(name) or name in (*FUNCTIONS, *TOTALS)


def value_of(bound: float | str, given: dict[str, float]) -> float:
    """The value of a bound at given parameters.

    Parameters
    ----------
    bound : float or str
        A number, a formula of parameters, ``"inf"`` or ``"-inf"``.
    given : dict of str to float

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the formula cannot be read or has no value.

    Examples
    --------
    >>> value_of("k / 2", {"k": 3.0}), value_of("inf", {})
    (1.5, inf)
    """
    if not isinstance(bound, str):
        return float(bound)
    if bound in ("inf", "+inf", "-inf"):
        return float(bound)
    value = float(compile_function(read(bound, [*given]), given)(*given.values()))
    if math.isnan(value):
        raise ValueError("has no value at these parameters")
    return value

r"""Games whose strategies are real numbers, and whose payoffs are formulas.

Player :math:`i` picks :math:`x_i` in a box, or where its entries add up to a total, all at once,
and gets :math:`u_i(x_1, \dots, x_N)`. A formula knows by name

- the parameters of the game and of the player;
- the player's own strategies, ``q``;
- another player's, ``rival.q``, or bare where no other player has a strategy of that name;
- totals over all players that have what is named, ``sum(q)``, ``sum(lam * sqrt(q))``, and
  ``others(q)``, the same without the player itself;
- definitions (``let``), and expectations over random numbers, ``E[theta](...)``.

Players that differ in nothing are declared once, with a ``count``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.checks import (
    mistaken_definitions,
    mistaken_names,
    mistaken_values,
    once,
    unread,
)
from leaderbored.games.expression import ExpressionError, Share, read, read_relation
from leaderbored.games.parameters import (
    UNSAID,
    Bound,
    Definitions,
    Parameters,
    Randoms,
    as_formula,
    named,
    value_of,
)
from leaderbored.games.record import CONFIG, PRINTED, Title, mistakes
from leaderbored.games.scopes import Group, Symbols, constants_of, scope
from leaderbored.games.source import Source
from leaderbored.games.words import reserved

ALIKE = 12  # players up to which exchangeable ones are told apart
MOST_PLAYERS = 60  # told apart
MOST_STRATEGIES = 200
ROOM = 1e-12  # relative: bounds that are decimals may not add up to the last digit

Payoff = str | Callable[[dict[str, Any]], float]
Mistake = tuple[str, Any, str]  # place, value, what was expected
LISTED = re.compile(r"(.+)\[(?:0|[1-9]\d{0,3})\]")  # a strategy with a number: q[0]


def _payoff(value: Any) -> Any:
    return value if callable(value) else as_formula(value)


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else getattr(value, "__qualname__", repr(value))


@dataclass(frozen=True, config=CONFIG)
class Player:
    """One player of a continuous game, or several that differ in nothing.

    Parameters
    ----------
    name : str
        How tables and figures call it, and formulas if it is one word.
    strategies : dict of str to (low, high)
        Its real strategies and their bounds: numbers, formulas of parameters, or infinite; or
        formulas of what others play, and of its own other strategies.
    payoff : str or callable
        What it gets, in any unit: a formula, or in Python a function of a dictionary from the
        names of players to their strategies, a number each, or an array where there are several.
    total : float or str, optional
        What its strategies add up to; None: nothing in particular.
    constraints : sequence of str, optional
        What its strategies must meet, given what the others do, as ``"x + y <= B.x"`` or
        ``"x == 2 * y"``. They bind this player alone.
    count : int, default 1
        How many such players there are.
    parameters : dict of str to float, str or lists of float, optional
        Values of names in its formulas, before those of the game.
    let : dict of str to str, optional
        Names for formulas that its formulas use.
    random : dict of str to Random, optional
        Random numbers over which its formulas take expectations.

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
    constraints: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...],
        Field(description="what the player's strategies must meet, given the others'"),
    ] = ()
    count: Annotated[int, Field(ge=1, le=10**9, description="number of such players")] = 1
    parameters: Annotated[
        Parameters, Field(description="values of names in this player's formulas")
    ] = Field(default_factory=dict)
    let: Definitions = Field(default_factory=dict)
    random: Randoms = Field(default_factory=dict)
    PLAIN: ClassVar[dict[str, Any]] = {**UNSAID, "constraints": ()}


@dataclass(frozen=True, config=CONFIG)
class Continuous:
    """A game of real strategies, played once.

    Parameters
    ----------
    players : sequence of Player
        With different names.
    parameters : dict of str to float, str or lists of float, optional
        Values of names in the formulas: numbers, formulas of other parameters, or tables.
    let : dict of str to str, optional
        Names for formulas, read wherever they are used.
    random : dict of str to Random, optional
        Random numbers over which formulas take expectations.
    constraints : sequence of str, optional
        What all players' strategies together must meet, as ``"A.q + B.q <= 15"``, or with
        ``==``. Players bear
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
    let: Definitions = Field(default_factory=dict)
    random: Randoms = Field(default_factory=dict)
    PLAIN: ClassVar[dict[str, Any]] = UNSAID

    @model_validator(mode="after")
    def _fits(self) -> Continuous:
        if found := [*self._mistaken_names()] or once(self._mistaken_formulas()):
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
        yield from mistaken_names(self)
        for k, player in enumerate(self.players):
            here = f"players[{k}]"
            yield from mistaken_names(player, f"{here}.")
            for name in player.strategies:
                listed = LISTED.fullmatch(name)
                base = listed[1] if listed else name
                if reserved(base):
                    yield f"{here}.strategies.{name}", name, "expected a name such as q or x1"
                elif base in named(player) or base in named(self):
                    yield f"{here}.strategies.{name}", name, "is a parameter too"
                elif listed and base in player.strategies:
                    yield f"{here}.strategies.{name}", name, f"{base} is a strategy too"

    def _mistaken_formulas(self) -> Iterator[Mistake]:
        symbols = Symbols.of(self, self.all_groups)
        decided = {*symbols.own.values(), *symbols.played.values()}
        scopes = [self._scope(group, symbols) for group in self.all_groups]
        yield from mistaken_values(self, self.given(None))
        yield from mistaken_definitions(self, scopes, decided=decided)
        for k, player in enumerate(self.players):
            here, given = f"players[{k}]", self.given(player)
            yield from mistaken_values(player, given, f"{here}.")
            yield from mistaken_definitions(player, [scopes[k]], f"{here}.", decided)
            yield from self._mistaken_bounds(player, here, scopes[k], decided)
            for j, text in enumerate(player.constraints):
                at = f"{here}.constraints[{j}]"
                yield from unread(at, text, read_relation, scopes[k], decided)
            if callable(player.payoff):
                if any(other.count > 1 for other in self.players):
                    yield f"{here}.payoff", player.payoff, "expected a formula where count > 1"
                continue
            yield from unread(f"{here}.payoff", player.payoff, read, scopes[k], decided)
        for k, text in enumerate(self.constraints):
            known = self._scope(None, symbols)
            yield from unread(f"constraints[{k}]", text, read_relation, known, decided)

    def _mistaken_bounds(
        self,
        player: Player,
        here: str,
        scope: tuple[dict[str, Any], list[Share]],
        decided: set[Any],
    ) -> Iterator[Mistake]:
        """Bounds that hold nothing between them, and a total that no strategies add up to."""
        least = most = 0.0
        given = self.given(player)
        for name, ends in player.strategies.items():
            low, high = (self._tried(end, given) for end in ends)
            if isinstance(low, str) and _moves(ends[0], scope, decided):
                low = -math.inf
            if isinstance(high, str) and _moves(ends[1], scope, decided):
                high = math.inf
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
    def _tried(bound: float | str, given: Mapping[str, Any]) -> float | str:
        """The value of a bound, or what was expected instead."""
        try:
            return value_of(bound, given)
        except ValueError as error:
            return str(error)

    def bounds(self, player: Player) -> list[tuple[float, float]]:
        """Lowest and highest value of each strategy; infinite where what is played sets it.

        Examples
        --------
        >>> players = [Player("A", {"x": [0, "2 - y"]}, "x"), Player("B", {"y": [0, 1]}, "y")]
        >>> Continuous(players).bounds(players[0])
        [(0.0, inf)]
        """
        given, found = self.given(player), list[tuple[float, float]]()
        for ends in player.strategies.values():
            low, high = (self._tried(end, given) for end in ends)
            found.append(
                (
                    -math.inf if isinstance(low, str) else low,
                    math.inf if isinstance(high, str) else high,
                )
            )
        return found

    def own_constraints(self, player: Player) -> list[str]:
        """What binds a player alone: bounds that what is played sets, and its constraints.

        Examples
        --------
        >>> players = [Player("A", {"x": [0, "2 - y"]}, "x"), Player("B", {"y": [0, 1]}, "y")]
        >>> Continuous(players).own_constraints(players[0])
        ['x <= (2 - y)']
        """
        given, found = self.given(player), list[str]()
        for name, ends in player.strategies.items():
            for end, sign in zip(ends, (">=", "<="), strict=True):
                if isinstance(self._tried(end, given), str):
                    found.append(f"{name} {sign} ({end})")
        return [*found, *player.constraints]

    # --- who plays, and what names mean

    @cached_property
    def constants(self) -> dict[str, float]:
        """Constants, and the number N of players, that nothing in the game is called like."""
        return constants_of(self)

    def written_at(self, player: Player) -> str:
        """Where a player stands in a file, with a dot at the end."""
        return f"players[{next(k for k, p in enumerate(self.players) if p is player)}]."

    def given(self, player: Player | None) -> dict[str, Any]:
        """What a player calls by name besides strategies, or the game: numbers, lists, formulas.

        Examples
        --------
        >>> game = Continuous([Player("A", {"q": [0, 1]}, "q", parameters={"c": 2})], {"a": 9})
        >>> game.given(game.players[0])
        {'pi': 3.141592653589793, 'e': 2.718281828459045, 'N': 1, 'a': 9.0, 'c': 2.0}
        """
        own = named(player, self.written_at(player)) if player else {}
        return {**self.constants, **named(self), **own}

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
        return scope(own, groups, symbols)

    def _scope(self, own: Group | None, symbols: Symbols) -> tuple[dict[str, Any], list[Share]]:
        return scope(own, self.all_groups, symbols)


def _moves(end: Any, scope: tuple[dict[str, Any], list[Share]], decided: set[Any]) -> bool:
    """Whether a bound is a formula of what is played."""
    try:
        return bool(read(end, *scope).free_symbols & decided)
    except ExpressionError:
        return False

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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games import strategies as declared
from leaderbored.games.checks import (
    mistaken_definitions,
    mistaken_names,
    mistaken_values,
    once,
    unread,
)
from leaderbored.games.expression import Share, read, read_relation
from leaderbored.games.parameters import (
    UNSAID,
    Bound,
    Definitions,
    Parameters,
    Randoms,
    as_formula,
    named,
)
from leaderbored.games.record import CONFIG, PRINTED, Title, mistakes
from leaderbored.games.scopes import MANY, Group, Symbols, constants_of, scope
from leaderbored.games.source import Source
from leaderbored.games.strategies import MOST_VALUES
from leaderbored.games.words import reserved

ALIKE = 12  # players up to which exchangeable ones are told apart
MOST_PLAYERS = 60  # told apart
MOST_STRATEGIES = 200
MOST_COMBINATIONS = 20_000  # of listed values of all players

Payoff = str | Callable[[dict[str, Any]], float]
Mistake = tuple[str, Any, str]  # place, value, what was expected
LISTED = re.compile(r"(.+)\[(?:0|[1-9]\d{0,3})\]")  # a strategy with a number: q[0]


def _payoff(value: Any) -> Any:
    return value if callable(value) else as_formula(value)


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else getattr(value, "__qualname__", repr(value))


@dataclass(frozen=True, config=CONFIG)
class Player:
    """One player of a continuous game, or several identical ones.

    Parameters
    ----------
    name : str
        How tables and figures call it, and formulas if it is one word.
    strategies : dict of str to (low, high)
        Its real strategies and their bounds: numbers, formulas of parameters, or infinite; or
        formulas of what others play, and of its own other strategies. A list of three or more
        numbers has all the values that the strategy may take.
    payoff : str or callable
        What it gets, in any unit: a formula, or in Python a function of a dictionary from the
        names of players to their strategies, a number each, or an array where there are several.
    total : float or str, optional
        What its strategies add up to; None: nothing in particular.
    constraints : sequence of str, optional
        What its strategies must meet, given what the others do, as ``"x + y <= B.x"`` or
        ``"x == 2 * y"``. They bind this player alone.
    integer : sequence of str, optional
        Names of strategies that are whole numbers between their bounds.
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
        dict[
            str,
            Annotated[tuple[Bound, ...], Field(min_length=2, max_length=MOST_VALUES)],
        ],
        Field(
            min_length=1,
            description="lowest and highest value of each strategy, or three and more values",
        ),
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
    integer: Annotated[
        tuple[str, ...], Field(description="strategies that are whole numbers between their bounds")
    ] = ()
    count: Annotated[int, Field(ge=1, le=10**9, description="number of such players")] = 1
    parameters: Annotated[
        Parameters, Field(description="values of names in this player's formulas")
    ] = Field(default_factory=dict)
    let: Definitions = Field(default_factory=dict)
    random: Randoms = Field(default_factory=dict)
    PLAIN: ClassVar[dict[str, Any]] = {**UNSAID, "constraints": (), "integer": ()}


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
        if found := once([*self._mistaken_names(), *self._mistaken_formulas()]):
            raise mistakes(found)
        lists = [own for group in self.groups for own in self.values(group.player) if own]
        if math.prod(map(len, lists)) > MOST_COMBINATIONS:
            expected = f"expected at most {MOST_COMBINATIONS:,} combinations of listed strategies"
            raise mistakes([("players", math.prod(map(len, lists)), expected)])
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
        symbols = Symbols.of(self, self.all_groups, MANY)
        decided = symbols.decided
        scopes = [self._scope(group, symbols) for group in self.all_groups]
        yield from mistaken_values(self, self.given(None))
        yield from mistaken_definitions(self, scopes, decided=decided)
        for k, player in enumerate(self.players):
            here, given = f"players[{k}]", self.given(player)
            yield from mistaken_values(player, given, f"{here}.")
            yield from mistaken_definitions(player, [scopes[k]], f"{here}.", decided)
            yield from declared.mistaken(player, here, given, scopes[k], decided)
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

    def bounds(self, player: Player) -> list[tuple[float, float]]:
        """Lowest and highest value of each strategy; infinite where what is played sets it.

        Examples
        --------
        >>> players = [Player("A", {"x": [0, "2 - y"]}, "x"), Player("B", {"y": [0, 1]}, "y")]
        >>> Continuous(players).bounds(players[0])
        [(0.0, inf)]
        """
        return declared.bounds(player, self.given(player))

    def values(self, player: Player) -> list[tuple[float, ...] | None]:
        """All values of each strategy that is listed or a whole number; None of the others.

        Examples
        --------
        >>> player = Player("A", {"n": [0, 2.5], "p": [4, 1, 2], "q": [0, 1]}, "n", integer=["n"])
        >>> Continuous([player]).values(player)
        [(0.0, 1.0, 2.0), (1.0, 2.0, 4.0), None]
        """
        return declared.values(player, self.given(player))

    def own_constraints(self, player: Player) -> list[str]:
        """What binds a player alone: bounds that what is played sets, and its constraints.

        Examples
        --------
        >>> players = [Player("A", {"x": [0, "2 - y"]}, "x"), Player("B", {"y": [0, 1]}, "y")]
        >>> Continuous(players).own_constraints(players[0])
        ['x <= (2 - y)']
        """
        return declared.own_constraints(player, self.given(player))

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

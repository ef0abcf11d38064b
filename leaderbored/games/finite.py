r"""Games of finitely many strategies whose payoffs are formulas.

As :class:`leaderbored.games.normal_form.NormalForm`, but the tables are worked out: from what each
player picks, ``q``, what others pick, ``B.q``, totals such as ``sum(q)``, and parameters. Or each
entry of the tables is a formula of parameters. See :mod:`leaderbored.games.choices` for how
strategies are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, reduce
from itertools import islice
from math import prod
from operator import getitem
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.cells import MAX_DEPTH, MOST_MISTAKES, apart, leaves, ragged, shape_of
from leaderbored.games.checks import Mistake, ill_formed, mistaken_names, once
from leaderbored.games.choices import Choices
from leaderbored.games.grids import Chooser, Tabulated, doubles
from leaderbored.games.normal_form import NormalForm, Players
from leaderbored.games.parameters import UNSAID, Definitions, Parameters, as_formula, named
from leaderbored.games.randomness import Random
from leaderbored.games.record import CONFIG, Title, mistakes
from leaderbored.games.source import Source

MOST = 2_000_000  # payoffs of all players


def plain(raw: Any) -> Any:
    """Lists and dictionaries, of what is printed alike.

    Examples
    --------
    >>> plain({"q": (0, 1)})
    {'q': [0, 1]}
    """
    if isinstance(raw, np.ndarray):
        raw = raw.tolist()
    if isinstance(raw, Mapping):
        return {str(name): plain(value) for name, value in raw.items()}
    return [plain(value) for value in raw] if isinstance(raw, list | tuple | range) else raw


def formulas(raw: Any) -> Any:
    """A formula for all, one for each in order, or by name.

    Examples
    --------
    >>> formulas(["q", 0])
    ('q', '0')
    """
    if isinstance(raw, Mapping):
        return {str(who): as_formula(text) for who, text in raw.items()}
    if isinstance(raw, list | tuple):
        return tuple(as_formula(text) for text in raw)
    return as_formula(raw)


def tables_or_formulas(raw: Any) -> Any:
    """The same, or a table for each player whose entries are formulas of parameters.

    Examples
    --------
    >>> tables_or_formulas([["a, -a", "0, 0"]])
    ((('a', '0'),), (('-a', '0'),))
    """
    raw = plain(raw)
    if not isinstance(raw, list) or not any(isinstance(part, list) for part in raw):
        return formulas(raw)
    raw = apart(raw)
    if uneven := [*islice(ragged(raw, shape_of(raw), "payoffs"), MOST_MISTAKES)]:
        raise mistakes(uneven)

    def read(part: Any) -> Any:
        return tuple(map(read, part)) if isinstance(part, list) else as_formula(part)

    return read(raw)


def spelled(payoffs: Any) -> list[tuple[str, str]]:
    """Where each formula stands in a game's payoffs, and what it is.

    Examples
    --------
    >>> spelled(("q", "-q")), spelled({"A": "q"})
    ([('payoffs[0]', 'q'), ('payoffs[1]', '-q')], [('payoffs.A', 'q')])
    """
    if isinstance(payoffs, dict):
        return [(f"payoffs.{who}", text) for who, text in payoffs.items()]
    return [*leaves(payoffs, "payoffs", MAX_DEPTH)]


def payoff_of(payoffs: Any, players: Sequence[str], k: int) -> tuple[str, Any]:
    """Where the payoff of player k stands in a game's payoffs, and what it is.

    Examples
    --------
    >>> payoff_of("q", ["A", "B"], 1), payoff_of({"A": "q", "B": "-q"}, ["A", "B"], 1)
    (('payoffs', 'q'), ('payoffs.B', '-q'))
    """
    if isinstance(payoffs, str):
        return "payoffs", payoffs
    if isinstance(payoffs, tuple):
        return f"payoffs[{k}]", payoffs[k]
    return f"payoffs.{players[k]}", payoffs[players[k]]


_TEXT = {"type": "string"}
PAYOFFS = {
    "anyOf": [
        _TEXT,
        {"type": "array", "items": _TEXT},
        {"type": "object", "additionalProperties": _TEXT},
    ],
    "description": "what each player gets: a formula for all, one for each in order, or by name",
}
TABLES = {
    "anyOf": [*PAYOFFS["anyOf"], {"type": "array", "items": {"type": "array"}}],
    "description": f"{PAYOFFS['description']}; or tables whose entries are formulas of parameters",
}
STRATEGIES = {
    "anyOf": [{"type": "array"}, {"type": "object"}],
    "description": "of all players alike, or a list for each: numbers, names, numbers by name "
    "such as { q = [0, 1] }, ranges, or { 'x + y' = 5 } for all ways to split",
}


@dataclass(frozen=True, config=CONFIG)
class FiniteGame:
    """A game of finitely many strategies, with formulas for payoffs.

    Parameters
    ----------
    players : sequence of str, or int
        N names, or N.
    strategies : dict, list or sequence of N of these
        Of all players alike, or of each: numbers, names, numbers by name, ranges or splits.
        A list is of each player if it has lists or dictionaries in it.
    payoffs : str, sequence of N str, dict of str to str, or (N, m_1, ..., m_N) nested lists of str
        A formula for all players, one for each, or by their names; or tables as those of
        :class:`NormalForm` whose entries are formulas of parameters.
    parameters : dict of str to float, str or lists of float, optional
        Values of names in the formulas.
    let : dict of str to str, optional
        Names for formulas, read wherever they are used.
    random : dict of str to Random, optional
        Random numbers over which formulas take expectations.
    name : str, optional
        Title for tables and figures.
    source : Source, optional
        Where the game was published.

    Raises
    ------
    pydantic.ValidationError
        Naming every formula that cannot be read, every payoff that is no number, and whatever
        does not fit.

    Examples
    --------
    >>> game = FiniteGame(["A", "B"], {"q": [0, 1, 2, 3]}, "(a - sum(q)) * q", {"a": 6})
    >>> game.table.payoffs[0].astype(int).tolist()[2]
    [8, 6, 4, 2]
    >>> roads = FiniteGame(["A", "B", "C"], ["left", "right"],
    ...                    "-sum(left)**2 if left == 1 else -sum(right)**2")
    >>> roads.table.shape, int(roads.table.payoffs[0][0, 0, 0])
    ((2, 2, 2), -9)
    >>> cells = [["x, -x", "0, 0"], ["0, 0", "1, -1"]]
    >>> pennies = FiniteGame(["R", "C"], ["H", "T"], cells, {"x": 3})
    >>> pennies.table.payoffs[0].astype(int).tolist()
    [[3, 0], [0, 1]]
    """

    players: Annotated[Players, Field(min_length=1)]
    strategies: Annotated[
        Any, BeforeValidator(plain), PlainSerializer(plain), WithJsonSchema(STRATEGIES)
    ]
    payoffs: Annotated[
        Any, BeforeValidator(tables_or_formulas), PlainSerializer(plain), WithJsonSchema(TABLES)
    ]
    parameters: Annotated[Parameters, Field(description="values of names in the formulas")] = Field(
        default_factory=dict
    )
    let: Definitions = Field(default_factory=dict)
    random: Annotated[
        dict[str, Random], Field(description="random numbers, for expectations E[name](...)")
    ] = Field(default_factory=dict)
    name: Title = ""
    kind: Literal["finite", "normal-form"] = "finite"
    source: Source | None = None
    PLAIN: ClassVar[dict[str, Any]] = UNSAID

    @model_validator(mode="after")
    def _fits(self) -> FiniteGame:
        if wrong := once([*self._mistaken(), *self._unread()]) or once(self._infinite()):
            raise mistakes(wrong)
        return self

    def _unread(self) -> Iterator[Mistake]:
        """What is wrong with formulas; of names in them only where it is known what they mean."""
        if [*self._mistaken_strategies()] or [*self._mistaken_payoffs()]:
            for place, text in spelled(self.payoffs):
                yield from ill_formed(place, text)
            return
        for place, value, why in Tabulated(self.choosers, self).mistakes():
            yield re.sub(r"\.payoff(?=\[|$)", "", place), value, why

    def _mistaken(self) -> Iterator[Mistake]:
        """What is wrong beside formulas."""
        if len(set(self.players)) != len(self.players):
            yield "players", [*self.players], "expected different names"
        yield from mistaken_names(self)
        wrong = [*self._mistaken_strategies()]
        yield from wrong
        yield from self._mistaken_payoffs()
        if wrong:
            return
        found = shape_of(self.payoffs)  # of tables, in which strategies have no names
        for place, choices in zip(self._places, self._choices, strict=True):
            if len(found) > 1:
                break
            if both := [name for name in choices.numbers if name in named(self)]:
                yield place, both[0], "is a parameter too"
        sizes = [len(choices.names) for choices in self._choices]
        if (size := len(self.players) * prod(sizes)) > MOST:
            yield "strategies", f"{size:,} payoffs", f"expected at most {MOST:,}"
        if len(found) > 1 and found != (len(self.players), *sizes):
            wanted = " x ".join(map(str, sizes))
            given, cell = " x ".join(map(str, found)), ", ".join("1" * len(self.players))
            expected = f'expected {wanted} cells such as "{cell}", or a table for each player'
            yield "payoffs", given, expected

    def _mistaken_strategies(self) -> Iterator[Mistake]:
        if not self._alike and len(self._each) != len(self.players):
            count = len(self.players)
            expected = f"expected a list for each of {count} players, found {len(self._each)}"
            yield "strategies", self.strategies, expected
            return
        for place, raw in dict(zip(self._places, self._each, strict=True)).items():
            try:
                Choices.of(raw)
            except ValueError as error:
                yield place, raw, str(error)

    def _mistaken_payoffs(self) -> Iterator[Mistake]:
        count = len(self.players)
        if isinstance(self.payoffs, tuple) and len(self.payoffs) != count:
            expected = f"expected a formula for each of {count} players"
            if any(isinstance(row, tuple) for row in self.payoffs):
                expected = f'expected a table for each of {count} players, or cells such as "b, -b"'
            yield "payoffs", len(self.payoffs), expected
        if isinstance(self.payoffs, dict) and {*self.payoffs} != {*self.players}:
            names = ", ".join(self.players)
            yield "payoffs", ", ".join(self.payoffs), f"expected a formula for each of {names}"

    def _infinite(self) -> Iterator[Mistake]:
        for k, payoffs in enumerate(self._tables):
            bad = ~np.isfinite(doubles(payoffs))
            if bad.any():
                at = tuple(int(a) for a in np.argwhere(bad)[0])
                picks = zip(self.players, self._choices, at, strict=True)
                where = "; ".join(f"{who} picks {own.names[a]}" for who, own, a in picks)
                place, value = self._formula(k)
                if isinstance(value, tuple):
                    place += "".join(f"[{a}]" for a in at)
                    value = reduce(getitem, at, value)
                lacking = Tabulated(self.choosers, self).beyond(value, k, at)
                why = f"{lacking}, where" if lacking else "no finite number where"
                yield place, value, f"{why} {where}"

    # --- the parts

    @property
    def count(self) -> int:
        """Number of players."""
        return len(self.players)

    @property
    def _alike(self) -> bool:
        """Whether one list of strategies is of all players."""
        nested = isinstance(self.strategies, list) and any(
            isinstance(part, list | dict) for part in self.strategies
        )
        return not nested

    @property
    def _each(self) -> list[Any]:
        """Strategies as written, of each player."""
        return [self.strategies] * len(self.players) if self._alike else self.strategies

    @property
    def _places(self) -> list[str]:
        if self._alike:
            return ["strategies"] * len(self.players)
        return [f"strategies[{k}]" for k in range(len(self._each))]

    @cached_property
    def _choices(self) -> list[Choices]:
        return [Choices.of(raw) for raw in self._each]

    def _formula(self, k: int) -> tuple[str, str]:
        return payoff_of(self.payoffs, self.players, k)

    @property
    def choosers(self) -> list[Chooser]:
        """The players as :class:`leaderbored.games.grids.Tabulated` takes them."""
        found = []
        for k, who in enumerate(self.players):
            place, text = self._formula(k)
            found.append(Chooser(who, self._choices[k].numbers, text, place=f"{place}."))
        return found

    @cached_property
    def _tables(self) -> Any:
        return Tabulated(self.choosers, self).tables()

    @cached_property
    def table(self) -> NormalForm:
        """The game with its tables worked out: exact where formulas are rational."""
        names = tuple(choices.names for choices in self._choices)
        return NormalForm(self._tables, self.players, names, self.name, source=self.source)

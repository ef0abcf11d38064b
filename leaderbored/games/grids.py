"""Payoffs as formulas of finitely many strategies: a table for each player.

A strategy is one or several numbers by name: ``q`` of a firm that picks a quantity from a list,
``x`` and ``y`` of a colonel who sends troops to two fields, 1 for ``stay`` and 0 for ``go`` of who
stays. Formulas are as those of continuous games. Tables are exact where formulas are rational, so
that ties are ties; elsewhere they are of floating-point numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.cells import MAX_DEPTH, leaves
from leaderbored.games.checks import (
    Mistake,
    beyond,
    mistaken_definitions,
    mistaken_values,
    once,
    unread,
)
from leaderbored.games.compile import compile_exactly, compile_function
from leaderbored.games.expression import ExpressionError, read
from leaderbored.games.meanings import Share
from leaderbored.games.parameters import named, real, symbolic
from leaderbored.games.scopes import scope
from leaderbored.games.words import constants

Table = NDArray[Any]


@dataclass(frozen=True)
class Chooser:
    """A player who picks one of m strategies.

    Attributes
    ----------
    name : str
        How formulas of others call it, if it is one word.
    strategies : dict of str to sequence of m numbers
        What each strategy is, by the names that formulas know it by.
    payoff : str, or nested tuples of str
        A formula, or one of parameters for each combination of strategies.
    place : str
        Where it stands in a file, with a dot at the end: for messages.
    parameters, let, random : dict, optional
        As of :class:`leaderbored.games.continuous.Player`.
    """

    name: str
    strategies: Mapping[str, Sequence[float | Fraction]]
    payoff: Any
    place: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    let: Mapping[str, str] = field(default_factory=dict)
    random: Mapping[str, Any] = field(default_factory=dict)

    @property
    def player(self) -> Chooser:
        """Itself: whose strategies, parameters and definitions they are."""
        return self

    @property
    def count(self) -> int:
        """One."""
        return 1

    @property
    def size(self) -> int:
        """Number m of strategies."""
        return len(next(iter(self.strategies.values())))


class Tabulated:
    """The payoff tables of a game whose payoffs are formulas.

    Parameters
    ----------
    choosers : sequence of Chooser
    game : object
        With ``parameters``, ``let`` and ``random`` of the game.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> game = SimpleNamespace(parameters={"a": 3}, let={"P": "max(a - sum(q), 0)"}, random={})
    >>> firms = [Chooser(name, {"q": [0, 1, 2]}, "P * q") for name in "AB"]
    >>> Tabulated(firms, game).tables()[0].astype(int).tolist()
    [[0, 0, 0], [2, 1, 0], [2, 0, 0]]
    """

    sums = None  # totals are written out

    def __init__(self, choosers: Sequence[Chooser], game: Any) -> None:
        self.choosers, self.game = choosers, game
        self.values: dict[Any, Any] = {}
        self.parameters: dict[str | None, dict[str, Any]] = {None: self._made(named(game))}
        taken = {*named(game)}
        for chooser in choosers:
            taken |= {*named(chooser), *chooser.strategies}
        self.constants = constants(taken, len(choosers))
        self.parameters[None] |= self.constants
        self.own = {(c.name, s): real(s) for c in choosers for s in c.strategies}
        self.played = self.own
        for chooser in choosers:
            special = self._made(named(chooser, chooser.place))
            self.parameters[chooser.name] = {**self.parameters[None], **special}

    def _made(self, known: Mapping[str, Any]) -> dict[str, Any]:
        return symbolic(known, self.values, real)

    def mistakes(self) -> list[Mistake]:
        """What is wrong with parameters, definitions and payoffs: place, value, what was expected.

        Examples
        --------
        >>> from types import SimpleNamespace
        >>> game = SimpleNamespace(parameters={}, let={}, random={})
        >>> place, text, why = Tabulated([Chooser("A", {"q": [0]}, "qq", "A.")], game).mistakes()[0]
        >>> place, text, why.partition(";")[0].partition("?")[0]
        ('A.payoff', 'qq', "unknown name 'qq', did you mean 'q'")
        """
        return once(self._mistakes())

    def _mistakes(self) -> Iterator[Mistake]:
        scopes = [self._scope(chooser) for chooser in self.choosers]
        common = {**self.constants, **named(self.game)}
        yield from mistaken_values(self.game, common)
        yield from mistaken_definitions(self.game, scopes)
        for chooser, names in zip(self.choosers, scopes, strict=True):
            given = {**common, **named(chooser, chooser.place)}
            yield from mistaken_values(chooser, given, chooser.place)
            yield from mistaken_definitions(chooser, [names], chooser.place)
            cells = isinstance(chooser.payoff, tuple)
            known = (self.parameters[chooser.name], []) if cells else names
            for place, text in leaves(chooser.payoff, f"{chooser.place}payoff", MAX_DEPTH):
                yield from unread(place, text, read, known)

    def _scope(self, chooser: Chooser) -> Any:
        return scope(chooser, self.choosers, self)

    def tables(self, exact: bool = True) -> Table:
        """(N, m_1, ..., m_N) payoffs: fractions, if these are wanted, where all are rational.

        Raises
        ------
        ExpressionError
            If a formula cannot be read.
        """
        found = [self._table(chooser, exact) for chooser in self.choosers]
        exact = all(table.dtype == object for table in found)
        return np.stack(found if exact else [doubles(table) for table in found])

    def _table(self, chooser: Chooser, exact: bool) -> Table:
        if isinstance(chooser.payoff, str):
            return self._worked_out(chooser.payoff, self._scope(chooser), exact)
        cells = np.array(chooser.payoff, dtype=object)
        scope = self.parameters[chooser.name], list[Share]()
        known = {text: self._worked_out(text, scope).flat[0] for text in {*cells.flat}}
        exact = all(isinstance(value, int | Fraction) for value in known.values())
        values = [known[text] for text in cells.flat]
        return np.array(values, dtype=object if exact else float).reshape(cells.shape)

    def beyond(self, text: str, k: int, at: Sequence[int]) -> str:
        """Which table a formula of chooser k looks up outside of it at a profile; empty if none.

        Examples
        --------
        >>> from types import SimpleNamespace
        >>> game = SimpleNamespace(parameters={"c": [5, 6]}, let={}, random={})
        >>> Tabulated([Chooser("A", {"q": [0, 2]}, "c[q]")], game).beyond("c[q]", 0, [1])
        'c[2] is looked up: it has 2 places, counted from 0'
        """
        names, shares = self._scope(self.choosers[k])

        def value(place: Any) -> float:
            function = compile_function(place, [*self.own.values(), *self.values])
            shape = tuple(each.size for each in self.choosers)
            return float(np.broadcast_to(function(*self._points(exact=False)), shape)[tuple(at)])

        return beyond(read(text, names, shares), names, value)

    def _worked_out(self, text: str, scope: Any, exact: bool = True) -> Table:
        """(m_1, ..., m_N) values of a formula."""
        expression = read(text, *scope)
        symbols = [*self.own.values(), *self.values]
        shape = tuple(each.size for each in self.choosers)
        function = compile_exactly(expression, symbols) if exact else None
        found = None
        if function is not None:
            try:
                found = np.asarray(function(*self._points(exact=True)), dtype=object)
            except ZeroDivisionError:  # floating point knows infinity
                found = None
        if found is None:
            function = compile_function(expression, symbols)
            found = np.asarray(function(*self._points(exact=False)), dtype=float)
        return np.array(np.broadcast_to(found, shape))

    def _points(self, *, exact: bool) -> list[Any]:
        """Strategies along an axis for each player, and parameters."""
        points: list[Any] = []
        for i, chooser in enumerate(self.choosers):
            shape = [chooser.size if j == i else 1 for j in range(len(self.choosers))]
            points += [_array(own, exact).reshape(shape) for own in chooser.strategies.values()]
        given = self.values.values()
        return [*points, *(_array(v, exact) if np.ndim(v) else _number(v, exact) for v in given)]


def _number(value: Any, exact: bool) -> Any:
    if not exact:
        return _double(value)
    return value if isinstance(value, Fraction) else Fraction(repr(float(value)))


def doubles(table: Table) -> NDArray[np.float64]:
    """Numbers of any sort as doubles, infinite where they are beyond them.

    Examples
    --------
    >>> doubles(np.array([Fraction(1, 2), -Fraction(10) ** 400], dtype=object)).tolist()
    [0.5, -inf]
    """
    try:
        return np.asarray(table.astype(float))
    except OverflowError:
        return np.asarray(np.vectorize(_double, otypes=[float])(table))


def _double(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _array(values: Any, exact: bool) -> Table:
    flat = np.ravel(np.array(values, dtype=object))
    made: Table = np.empty(len(flat), dtype=object if exact else float)
    made[:] = [_number(value, exact) for value in flat.tolist()]
    return made.reshape(np.shape(values))


__all__ = ["Chooser", "ExpressionError", "Tabulated", "doubles"]

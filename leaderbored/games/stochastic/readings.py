"""Formulas as their game reads them; those that differ in numbers alone are read once.

A table of what may happen is often written out, as ``0.25 * (s == 3) * left`` for every state and
action. In such formulas names take the place of numbers, and what is then the same is read and
compiled once. Numbers stay where they are if what they do is not arithmetic alone: zero and one,
exponents, and whatever a floor is taken of, is compared otherwise than with a whole combination of
names, or is worked out from numbers exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from leaderbored.games.compile import compile_function
from leaderbored.games.expression import ExpressionError
from leaderbored.games.meanings import Grid, Share
from leaderbored.games.syntax import MAX_LENGTH, OWNER, WORD
from leaderbored.games.traced import Formula, meaning

if TYPE_CHECKING:
    from leaderbored.games.stochastic.game import MarkovGame
    from leaderbored.games.stochastic.symbols import Agent

NUMBER = "\ua669"  # a letter that begins names for numbers
_PARTS = re.compile(rf"({OWNER})|(\d+\.?\d*(?![\w.])|\.\d+(?![\w.]))|({WORD})|(\s+)|.", re.DOTALL)
LONGEST = 12  # digits of a number that a name stands for
Scope = tuple[dict[str, Any], Sequence[Share]]


@dataclass(frozen=True, eq=False)
class Pattern:
    """What formulas that differ in numbers alone come to.

    Attributes
    ----------
    expression : sympy.Expr
    numbers : tuple of symbols
        What stands for the numbers.
    places : tuple of (int, int)
        Which of them are looked up in a table, and how many places that has there.
    """

    expression: Any
    numbers: tuple[Any, ...] = ()
    places: tuple[tuple[int, int], ...] = ()

    @cached_property
    def names(self) -> frozenset[Any]:
        """All symbols in it."""
        return frozenset(self.expression.free_symbols)

    @cached_property
    def looked_up(self) -> frozenset[Any]:
        """Symbols that say where in a table to look."""
        from sympy.core.function import AppliedUndef

        found = (part.free_symbols for part in self.expression.atoms(AppliedUndef))
        return frozenset().union(*found)


@dataclass(frozen=True, eq=False)
class Reading:
    """What a formula comes to: a pattern, and its numbers."""

    pattern: Pattern
    numbers: tuple[float, ...] = ()

    @classmethod
    def of(cls, expression: Any) -> Reading:
        """Of an expression that is known."""
        return cls(Pattern(expression))

    @property
    def names(self) -> frozenset[Any]:
        """All symbols in it."""
        return self.pattern.names

    def function(self, given: Sequence[Any]) -> Callable[..., Any]:
        """What it comes to as a function of numpy arrays, one for each symbol that is given."""
        function = compile_function(self.pattern.expression, [*self.pattern.numbers, *given])
        return partial(function, *self.numbers)


class Readings:
    """What all formulas of a game come to, to whoever's they are.

    Parameters
    ----------
    game : MarkovGame

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> game = MarkovGame([MarkovPlayer("A", "b", {"b": (0, 1)})], discount=0.1)
    >>> two, three = (Readings(game).of(text, None) for text in ("2 * A.b", "3 * A.b"))
    >>> two.numbers, three.numbers, two.pattern.expression == three.pattern.expression
    ((2.0,), (3.0,), True)
    """

    def __init__(self, game: MarkovGame) -> None:
        self.game = game
        self._scopes: dict[Agent | None, Scope] = {}
        self._known: dict[tuple[Any, Agent | None], Reading] = {}
        self._exact: dict[tuple[Any, Agent | None], Any] = {}
        self._patterns: dict[tuple[str, Agent | None], Pattern | None] = {}
        self._changed: dict[Pattern, Pattern] = {}

    def scope(self, own: Agent | None) -> Scope:
        """What names mean in an agent's formulas, or in the game's."""
        if own not in self._scopes:
            self._scopes[own] = self.game.meaning(own, self.game.symbols)
        return self._scopes[own]

    def exact(self, text: Formula, own: Agent | None) -> Any:
        """The expression of a formula, all numbers in it.

        Raises
        ------
        ExpressionError
            If it cannot be read.
        """
        key = text, own
        if key not in self._exact:
            self._exact[key] = meaning(text, *self.scope(own))
        return self._exact[key]

    def of(self, text: Formula, own: Agent | None) -> Reading:
        """What a formula comes to.

        Raises
        ------
        ExpressionError
            If it cannot be read.
        """
        key = text, own
        if key not in self._known:
            found = self._alike(text, own) if isinstance(text, str) else None
            self._known[key] = found or Reading.of(self.exact(text, own))
        return self._known[key]

    def _alike(self, text: str, own: Agent | None) -> Reading | None:
        """The pattern of a formula with its numbers; None if it has to be read by itself."""
        bare, numbers = _without_numbers(text)
        if not numbers:
            return None
        key = bare, own
        if key not in self._patterns:
            self._patterns[key] = _pattern(bare, len(numbers), self.scope(own))
        pattern = self._patterns[key]
        if pattern is None:
            return None
        for k, size in pattern.places:
            if not (numbers[k].is_integer() and numbers[k] < size):
                return None
        return Reading(pattern, numbers)

    def changed(self, reading: Reading, change: Callable[[Any], Any]) -> Reading:
        """The same with another expression; patterns are changed once, all in one way."""
        before = reading.pattern
        if before not in self._changed:
            self._changed[before] = replace(before, expression=change(before.expression))
        return Reading(self._changed[before], reading.numbers)


def _without_numbers(text: str) -> tuple[str, tuple[float, ...]]:
    """A formula with names for its numbers, one for each number that differs, and these.

    Examples
    --------
    >>> _without_numbers("0.5 * x1**2 + 1 - 0.5")[1]
    (0.5,)
    """
    parts, numbers, before = list[str](), dict[float, str](), ""
    if len(text) > MAX_LENGTH or NUMBER in text:
        return text, ()
    for found in _PARTS.finditer(text):
        part, number = found[0], found[2]
        if number and before not in ("**", "^") and len(number) <= LONGEST:
            value = float(number)
            if value not in (0.0, 1.0):
                part = numbers.setdefault(value, f"{NUMBER}{len(numbers)}")
        parts.append(part)
        if not found[4]:
            before = "**" if part == before == "*" else part
    return "".join(parts), tuple(numbers)


def _pattern(text: str, count: int, scope: Scope) -> Pattern | None:
    """What a formula with names for numbers comes to; None if it may not have them."""
    import sympy

    numbers = tuple(sympy.Symbol(f"constant_{k}", real=True) for k in range(count))
    names, totals = scope
    more = {f"{NUMBER}{k}": symbol for k, symbol in enumerate(numbers)}
    shares = [replace(part, names={**part.names, **more}) for part in totals]
    try:
        expression = meaning(text, {**names, **more}, shares)
    except ExpressionError:
        return None
    if not _arithmetic(expression, {*numbers}):
        return None
    tables = {meant.code: meant for meant in names.values() if isinstance(meant, Grid)}
    places = [
        (numbers.index(place), size)
        for part in expression.atoms(sympy.core.function.AppliedUndef)
        for place, size in zip(part.args[1:], tables[part.func.__name__].shape, strict=True)
        if place in numbers
    ]
    return Pattern(expression, numbers, tuple(places))


def _arithmetic(expression: Any, numbers: set[Any]) -> bool:
    """Whether to put numbers for names afterwards is the same as to work with them exactly."""
    import sympy

    from leaderbored.games.functions import Floor  # brings sympy

    pair = sympy.functions.elementary.piecewise.ExprCondPair
    for part in sympy.preorder_traversal(expression):
        names: set[Any] = getattr(part, "free_symbols", set())
        if not names & numbers or part in numbers:
            continue
        if isinstance(part, sympy.core.relational.Relational):
            if not _told_apart(part, numbers):
                return False
        elif isinstance(part, Floor) or (part.is_Pow and part.exp.free_symbols & numbers):
            return False
        elif isinstance(part, sympy.core.function.AppliedUndef):
            if any(_alone(place, numbers) for place in part.args if place not in numbers):
                return False
        elif _alone(part, numbers):  # functions and sums of numbers are worked out exactly
            quotient = part.is_Mul or (part.is_Pow and part.exp == -1)
            if not quotient and not isinstance(part, pair):
                return False
    return True


def _alone(part: Any, numbers: set[Any]) -> bool:
    """Whether numbers are all that stands in a term."""
    names = part.free_symbols
    return bool(names & numbers) and not names - numbers


def _told_apart(part: Any, numbers: set[Any]) -> bool:
    """Whether one side of a comparison is a number, and the other whole without any."""
    for number, other in (part.args, part.args[::-1]):
        if number in numbers:
            content, _ = other.as_content_primitive()
            return not other.free_symbols & numbers and bool(content.is_Integer)
    return False

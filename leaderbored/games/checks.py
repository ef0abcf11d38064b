"""What is wrong with parameters, definitions and formulas: place, value, what was expected."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from leaderbored.games.expression import ExpressionError, read
from leaderbored.games.meanings import Grid, Law, Share
from leaderbored.games.parameters import value_of
from leaderbored.games.randomness import Random
from leaderbored.games.syntax import parse
from leaderbored.games.words import reserved, spelled

CERTAIN = 1e-9  # how far probabilities may be from adding up to one

Mistake = tuple[str, Any, str]  # place, value, what was expected
Names = tuple[dict[str, Any], Sequence[Share]]  # what names stand for, and in totals


def mistaken_names(record: Any, place: str = "", taken: Sequence[str] = ()) -> Iterator[Mistake]:
    """Names that cannot stand in formulas, or stand for two things; some are taken already."""
    groups = {"parameters": record.parameters, "let": record.let, "random": record.random}
    seen = dict.fromkeys(taken, "every formula")
    for group, names in groups.items():
        for name in names:
            if reserved(name):
                yield f"{place}{group}.{name}", name, "expected a name such as q or x1"
            elif other := seen.get(spelled(name)):
                yield f"{place}{group}.{name}", name, f"stands in {other} too"
            seen[spelled(name)] = group


def mistaken_values(record: Any, given: Mapping[str, Any], place: str = "") -> Iterator[Mistake]:
    """Parameters that are formulas without a value, and laws that are none."""
    numbers = {
        name: value
        for name, value in given.items()
        if not isinstance(value, Law) and ".let." not in f".{getattr(value, 'place', '')}"
    }
    for name, text in record.parameters.items():
        if isinstance(text, str):
            yield from _untold(f"{place}parameters.{name}", text, text, numbers)
    for name, random in record.random.items():
        here = f"{place}random.{name}"
        found = [*random.mistakes(here)]
        for at, text in random.texts:
            found += _untold(f"{here}.{at}", text, text, numbers)
        yield from found or _uncertain(here, random, numbers)


def _untold(place: str, shown: Any, text: Any, numbers: Mapping[str, Any]) -> Iterator[Mistake]:
    try:
        if not math.isfinite(value_of(text, numbers)):
            yield place, shown, "expected a finite number"
    except ExpressionError as error:
        yield from (told for told in _told(place, shown, error) if told[0] == place)
    except ValueError as error:
        yield place, shown, str(error)


def _uncertain(here: str, random: Random, numbers: Mapping[str, Any]) -> Iterator[Mistake]:
    """Probabilities that are none; and a spread or range below zero."""
    law = random.law(here)
    chances = [value_of(chance, numbers) for chance in law.chances]
    if min(chances) < 0 or abs(sum(chances) - 1) > CERTAIN:
        total = f"{sum(chances):.10g}"
        expected = f"expected numbers that are not negative and add up to 1, found {total}"
        yield f"{here}.probabilities", chances, expected
    for smaller, larger in random.ordered:
        low, high = (value_of(getattr(random, end, 0.0), numbers) for end in (smaller, larger))
        if not low < high:
            expected = f"expected more than {smaller if hasattr(random, smaller) else 0}"
            yield f"{here}.{larger}", high, expected


def mistaken_definitions(
    record: Any, scopes: Sequence[Names], place: str = "", decided: Collection[Any] = ()
) -> Iterator[Mistake]:
    """Definitions that nobody's formulas could use, inside an expectation or out of it."""
    for name, text in record.let.items():
        here, found = f"{place}let.{name}", list[list[Mistake]]()
        for names, totals in scopes:
            laws = {n: _sure(law) for n, law in names.items() if isinstance(law, Law)}
            shares = [
                Share({**part.names, **laws}, part.count, part.own, part.whose) for part in totals
            ]
            asked = f"E[{', '.join(laws)}]({name})" if laws else name
            found.append([*unread(here, asked, read, ({**names, **laws}, shares), decided)])
        if all(found):
            yield from ((at, text if what == asked else what, why) for at, what, why in found[0])


def _sure(law: Law) -> Law:
    """A law of the first value alone."""
    return Law(law.values[:1], (1.0,), law.place)


def unread(
    place: str,
    text: Any,
    reading: Callable[..., Any],
    names: Names,
    decided: Collection[Any] = (),
) -> Iterator[Mistake]:
    """What is wrong with a formula: at its own place, or at that of a definition in it.

    Parameters
    ----------
    place : str
    text : str or callable
    reading : callable
        What reads it: :func:`leaderbored.games.expression.read`, or one of its like.
    names : names and totals
        What names stand for.
    decided : collection of symbols, optional
        What places in tables must not depend on.
    """
    from sympy.core.function import AppliedUndef

    try:
        expression = reading(text, *names)
    except ExpressionError as error:
        yield from _told(place, text, error)
        return
    looked_up = (part for part in expression.atoms(AppliedUndef) if part.free_symbols & {*decided})
    if decided and next(looked_up, None) is not None:
        expected = "expected places in tables that do not depend on what is decided"
        yield place, text, expected


def _told(place: str, text: Any, error: ExpressionError) -> Iterator[Mistake]:
    """All that is wrong with a formula, and with each definition in it."""
    for within in dict.fromkeys(one.within for one in error.each):
        parts = [one for one in error.each if one.within == within]
        shown = parts[0].text if within else text
        yield within or place, shown, "\n".join(one.bare for one in parts)


def once(found: Iterable[Mistake]) -> list[Mistake]:
    """The first mistake at each place: what many players or formulas share is said once.

    Examples
    --------
    >>> once([("a", 1, "x"), ("a", 1, "y")])
    [('a', 1, 'x')]
    """
    first: dict[str, Mistake] = {}
    for mistake in found:
        first.setdefault(mistake[0], mistake)
    return [*first.values()]


def ill_formed(place: str, text: Any) -> Iterator[Mistake]:
    """What is wrong with a formula whatever its names mean.

    Examples
    --------
    >>> [place for place, *_ in ill_formed("payoffs[0]", "x +")], [*ill_formed("payoffs[1]", "x")]
    (['payoffs[0]'], [])
    """
    try:
        parse(str(text))
    except ExpressionError as error:
        yield place, text, error.bare


def beyond(expression: Any, names: Mapping[str, Any], value: Callable[[Any], float]) -> str:
    """Which table an expression looks up where it has no place; empty if none.

    Parameters
    ----------
    expression : sympy.Expr
    names : dict
        What names stand for.
    value : callable
        The value of an expression at the spot in question.

    Examples
    --------
    >>> from sympy import Symbol
    >>> names = {"c": Grid("0", (3,)), "g": Symbol("g")}
    >>> beyond(read("2 * c[g + 1]", names), names, lambda place: float(place.subs("g", 4)))
    'c[5] is looked up: it has 3 places, counted from 0'
    """
    from sympy.core.function import AppliedUndef

    tables = {meant.code: (name, meant) for name, meant in names.items() if isinstance(meant, Grid)}
    for entry in sorted(expression.atoms(AppliedUndef), key=str):
        name, table = tables[entry.func.__name__]
        at = [value(place) for place in entry.args[1:]]
        if not all(map(math.isfinite, at)) or not table.holds(*at):
            return f"{name}[{', '.join(f'{k:g}' for k in at)}] is looked up: it has {table.size}"
    return ""

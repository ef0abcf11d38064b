"""What formulas know by name besides what is decided: parameters, definitions, random numbers.

A parameter is a number, a list or table of numbers, or a formula of other parameters. A definition
(``let``) is a formula of whatever the formula that uses it knows, read there: a name in it means
what it means to that player. Of those of a game a player's own go before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from leaderbored.games.compile import compile_function
from leaderbored.games.expression import ExpressionError, read
from leaderbored.games.markov import Array
from leaderbored.games.meanings import Definition, Grid, Law, Share
from leaderbored.games.randomness import Random
from leaderbored.games.syntax import MAX_LENGTH
from leaderbored.games.words import reserved, spelled

MAX_ENTRIES = 1_000_000  # of a table
CERTAIN = 1e-9  # how far probabilities may be from adding up to one

Mistake = tuple[str, Any, str]  # place, value, what was expected
Names = tuple[dict[str, Any], Sequence[Share]]  # what names stand for, and in totals


def _listed(raw: Any) -> Any:
    """Nested lists as nested tuples."""
    return tuple(map(_listed, raw)) if isinstance(raw, list | tuple) else raw


def _parameter(raw: Any) -> Any:
    if isinstance(raw, str):
        return as_formula(raw)
    if isinstance(raw, np.ndarray):
        raw = raw.tolist()
    if isinstance(raw, bool):
        raise ValueError("expected a number, a formula of parameters, or a list of numbers")
    try:
        numbers = np.array(raw, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            "expected a number, a formula, or lists of one length of numbers"
        ) from None
    if not 0 < numbers.size <= MAX_ENTRIES or not np.isfinite(numbers).all():
        what = "finite numbers" if numbers.ndim else "a finite number"
        raise ValueError(f"expected {what}")
    return _listed(numbers.tolist())


def as_formula(raw: Any) -> Any:
    """A formula as text; a number is one.

    Raises
    ------
    ValueError
        If it is something else, or too long.

    Examples
    --------
    >>> as_formula(" 2 * q "), as_formula(0.1)
    ('2 * q', '0.1')
    """
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) < 1e100:
        return repr(raw)
    if not isinstance(raw, str) or not 1 <= len(raw.strip()) <= MAX_LENGTH:
        raise ValueError(f"expected a formula of at most {MAX_LENGTH:,} characters")
    return raw.strip()


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


Bound = Annotated[
    Any,
    BeforeValidator(_bound),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]
Parameter = Annotated[
    Any,
    BeforeValidator(_parameter),
    PlainSerializer(lambda value: value),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "array"}]}),
]
Parameters = dict[str, Parameter]
Definitions = Annotated[
    dict[
        str,
        Annotated[Any, BeforeValidator(as_formula), WithJsonSchema({"type": "string"})],
    ],
    Field(description="names for formulas, read wherever they are used"),
]
Randoms = Annotated[
    dict[str, Random], Field(description="random numbers, for expectations E[name](...)")
]


UNSAID: dict[str, Any] = {"let": {}, "random": {}}
"""What a game's fingerprint leaves out: games without definitions and random numbers."""


def named(record: Any, place: str = "") -> dict[str, Any]:
    """What a game or player calls by name: numbers, lists, definitions and laws.

    Parameters
    ----------
    record : Continuous, Player, MarkovGame, MarkovPlayer or RevenueLadder
        Whatever has ``parameters``, ``let`` and ``random``.
    place : str, optional
        Where it stands, with a dot at the end.

    Examples
    --------
    >>> import leaderbored as lb
    >>> named(lb.RevenueLadder("b", parameters={"a": 2, "b": "2 * a"}))
    {'a': 2.0, 'b': Definition(text='2 * a', place='parameters.b')}
    """
    known: dict[str, Any] = {
        name: Definition(value, f"{place}parameters.{name}") if isinstance(value, str) else value
        for name, value in record.parameters.items()
    }
    for name, text in record.let.items():
        known[name] = Definition(text, f"{place}let.{name}")
    for name, law in record.random.items():
        known[name] = law.law(f"{place}random.{name}")
    return known


def shape_of(record: Any) -> tuple[Any, ...]:
    """All of it but the numbers: records that share it have the same formulas.

    Examples
    --------
    >>> import leaderbored as lb
    >>> shape_of(lb.RevenueLadder("b", parameters={"a": 2, "b": "2 * a", "c": [1, 2]}))
    (('a', ()), ('b', '2 * a'), ('c', (2,)))
    """
    given = [
        (name, value if isinstance(value, str) else np.shape(value))
        for name, value in record.parameters.items()
    ]
    return (*given, *record.let.items(), *record.random.items())


def symbolic(
    known: Mapping[str, Any],
    number: Callable[[str], Any],
    table: Callable[[str, tuple[int, ...]], Grid],
) -> dict[str, Any]:
    """The same with symbols for numbers and grids for lists.

    Parameters
    ----------
    known : dict
        As of :func:`named`.
    number, table : callable
        Make a symbol, and a grid of a shape, for a name.
    """
    made: dict[str, Any] = {}
    for name, value in known.items():
        if isinstance(value, int | float):
            made[name] = number(name)
        elif isinstance(value, Definition | Law | Grid):
            made[name] = value
        else:
            made[name] = table(name, np.shape(value))
    return made


def value_of(bound: float | str, given: Mapping[str, Any]) -> float:
    """The value of a bound at given parameters.

    Parameters
    ----------
    bound : float or str
        A number, a formula of parameters, ``"inf"`` or ``"-inf"``.
    given : dict of str to float, tuple, array or Definition

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the formula cannot be read or has no value.

    Examples
    --------
    >>> value_of("k / 2", {"k": 3.0}), value_of("inf", {}), value_of("c[1]", {"c": (1.0, 4.0)})
    (1.5, inf, 4.0)
    """
    if not isinstance(bound, str):
        return float(bound)
    if bound in ("inf", "+inf", "-inf"):
        return float(bound)
    from sympy import Dummy

    numbers: list[Any] = []
    values: list[Any] = []

    def number(name: str) -> Any:
        numbers.append(Dummy(real=True))
        values.append(given[name])
        return numbers[-1]

    def table(name: str, shape: tuple[int, ...]) -> Grid:
        grid = Grid(str(len(numbers)), shape)
        numbers.append(grid)
        values.append(np.array(given[name], dtype=float))
        return grid

    names = symbolic(given, number, table)
    value = float(compile_function(read(bound, names), numbers)(*values))
    if math.isnan(value):
        raise ValueError("has no value at these parameters")
    return value


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
        if error.within in ("", place):
            yield place, shown, error.bare
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
    """Definitions that nobody's formulas could use."""
    for name, text in record.let.items():
        found = [[*unread(f"{place}let.{name}", name, read, scope, decided)] for scope in scopes]
        if all(found):
            yield from (
                (where, text if what == name else what, why) for where, what, why in found[0]
            )


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
        yield error.within or place, error.text if error.within else text, error.bare
        return
    looked_up = (part for part in expression.atoms(AppliedUndef) if part.free_symbols & {*decided})
    if decided and next(looked_up, None) is not None:
        expected = "expected places in tables that do not depend on what is decided"
        yield place, text, expected


def once(found: Iterable[Mistake]) -> list[Mistake]:
    """Each mistake once, though many formulas use the definition that holds it."""
    return list({(place, why): (place, what, why) for place, what, why in found}.values())


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


def split(values: Array, shapes: list[tuple[int, ...]]) -> list[Any]:
    """Numbers and arrays of some shapes out of a flat array; shape () is a number.

    Examples
    --------
    >>> split(np.array([1.0, 2.0, 3.0]), [(), (2,)])
    [np.float64(1.0), array([2., 3.])]
    """
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    parts = np.split(values, ends[:-1]) if shapes else []
    pairs = zip(parts, shapes, strict=True)
    return [part.reshape(shape) if shape else part[0] for part, shape in pairs]

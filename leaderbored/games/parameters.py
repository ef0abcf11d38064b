"""What formulas know by name besides what is decided: parameters, definitions, random numbers.

A parameter is a number, a list or table of numbers, or a formula of other parameters. A definition
(``let``) is a formula of whatever the formula that uses it knows, read there: a name in it means
what it means to that player. Of those of a game a player's own go before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from leaderbored.games.compile import compile_function
from leaderbored.games.expression import read
from leaderbored.games.markov import Array
from leaderbored.games.meanings import Definition, Grid, Law
from leaderbored.games.randomness import Random
from leaderbored.games.syntax import MAX_LENGTH

MAX_ENTRIES = 1_000_000  # of a table


def _listed(raw: Any) -> Any:
    """Nested lists as nested tuples."""
    return tuple(map(_listed, raw)) if isinstance(raw, list | tuple) else raw


def _has_truth(raw: Any) -> bool:
    """Whether true or false stands where numbers should."""
    return isinstance(raw, bool) or (isinstance(raw, list | tuple) and any(map(_has_truth, raw)))


def _parameter(raw: Any) -> Any:
    if isinstance(raw, str):
        return as_formula(raw)
    if isinstance(raw, np.ndarray):
        raw = raw.tolist()
    if _has_truth(raw):
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
    known: Mapping[str, Any], values: dict[Any, Any], symbol: Callable[[str], Any]
) -> dict[str, Any]:
    """The same with symbols for numbers and grids for lists.

    Parameters
    ----------
    known : dict
        As of :func:`named`.
    values : dict
        To which the values are added, numbers and arrays, by symbol or grid.
    symbol : callable
        Makes a symbol for the name of a number.

    Examples
    --------
    >>> from sympy import Symbol
    >>> values = {}
    >>> symbolic({"a": 2.0, "c": (1.0, 3.0)}, values, Symbol)
    {'a': a, 'c': Grid(name='1', shape=(2,))}
    >>> list(values.values())
    [2.0, array([1., 3.])]
    """
    made: dict[str, Any] = {}
    for name, value in known.items():
        if isinstance(value, Definition | Law | Grid):
            made[name] = value
            continue
        number = isinstance(value, int | float)
        made[name] = symbol(name) if number else Grid(str(len(values)), np.shape(value))
        values[made[name]] = value if number else np.asarray(value, dtype=float)
    return made


def real(name: str) -> Any:
    """A new real symbol.

    Examples
    --------
    >>> real("q").is_real
    True
    """
    from sympy import Dummy

    return Dummy(name, real=True)


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
    values: dict[Any, Any] = {}
    names = symbolic(given, values, real)
    value = float(compile_function(read(bound, names), values)(*values.values()))
    if math.isnan(value):
        raise ValueError("has no value at these parameters")
    return value


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

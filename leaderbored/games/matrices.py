"""Matrices and vectors of records: numbers and nested lists in files, and whose products are."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from leaderbored.games.markov import Array
from leaderbored.games.validation import short

MOST_STATES = 20
MOST_CONTROLS = 20  # of one player
LARGEST = 1e12  # entry of a matrix
SYMMETRY = 1e-12  # relative


def _entry(value: Any, place: str) -> float:
    wrong = isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number)
    if wrong or not isfinite(value) or abs(value) > LARGEST:
        where = f", found {short(value)} at {place}" if place else ""
        raise ValueError(f"expected numbers of at most {LARGEST:g}{where}")
    return float(value)


def _numbers(value: Any, depth: int) -> Array:
    """A number, a list or a list of lists as an array; never empty, never ragged."""
    if isinstance(value, np.ndarray):
        if value.size > MOST_STATES * MOST_CONTROLS:
            raise ValueError(f"expected at most {MOST_STATES} rows and columns")
        value = value.tolist()
    if not isinstance(value, list | tuple):
        return np.array(_entry(value, ""))
    if not 1 <= len(value) <= MOST_STATES:
        raise ValueError(f"expected 1 to {MOST_STATES} entries, found {len(value)}")
    if not isinstance(value[0], list | tuple):
        return np.array([_entry(part, f"[{k}]") for k, part in enumerate(value)])
    widths = {len(row) if isinstance(row, list | tuple) else 0 for row in value}
    if depth < 2 or len(widths) > 1 or not 1 <= max(widths) <= MOST_STATES:
        raise ValueError("expected a list of rows of the same length" if depth > 1 else "a list")
    return np.array(
        [[_entry(e, f"[{r}][{k}]") for k, e in enumerate(row)] for r, row in enumerate(value)]
    )


def _matrix(value: Any) -> Array | None:
    """Two-dimensional; a list is a column, a number has one row and column."""
    return None if value is None else _frozen(np.atleast_1d(_numbers(value, 2)), 2)


def _vector(value: Any) -> Array | None:
    return None if value is None else _frozen(np.atleast_1d(_numbers(value, 1)), 1)


def _frozen(array: Array, dimensions: int) -> Array:
    array = array.reshape(*array.shape, 1) if array.ndim < dimensions else array
    array.setflags(write=False)
    return array


def _plain(array: Array) -> Any:
    return array.tolist()


def _schema(depth: int) -> WithJsonSchema:
    """Of an array that files write as nested lists, or as a number."""
    entries = {"type": "number"} if depth == 1 else {"type": ["number", "array"]}
    return WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "array", "items": entries}]})


Matrix = Annotated[Any, BeforeValidator(_matrix), PlainSerializer(_plain), _schema(2)]
Vector = Annotated[Any, BeforeValidator(_vector), PlainSerializer(_plain), _schema(1)]


def wrong_shape(array: Array, shape: tuple[int, ...]) -> str:
    """What is wrong with the shape of an array; empty if nothing is.

    Examples
    --------
    >>> wrong_shape(np.zeros(2), (3,))
    'expected 3 numbers, found 2'
    """
    if array.shape == shape:
        return ""
    if len(shape) == 1:
        return f"expected {shape[0]} numbers, found {array.shape[0]}"
    found = " x ".join(map(str, array.shape))
    return f"expected a matrix of {shape[0]} x {shape[1]}, found {found}"


def asymmetric(array: Array) -> str:
    """What is said of a square matrix that is not symmetric; empty of one that is.

    Examples
    --------
    >>> asymmetric(np.eye(2)), asymmetric(np.array([[0.0, 1.0], [0.0, 0.0]]))
    ('', 'expected a symmetric matrix')
    """
    gap = np.abs(array - array.T)
    return "expected a symmetric matrix" if gap.max() > SYMMETRY * np.abs(array).max() else ""


def refuse(reason: str) -> None:
    """Raise a reason, if there is one.

    Raises
    ------
    ValueError
        With the reason.

    Examples
    --------
    >>> refuse("")
    """
    if reason:
        raise ValueError(reason)


def filled(array: Array | None, shape: tuple[int, ...]) -> Array:
    """The array, or zeros where there is none; of that shape.

    Raises
    ------
    ValueError
        If it has another shape.

    Examples
    --------
    >>> filled(None, (2,)).tolist()
    [0.0, 0.0]
    """
    if array is None:
        array = np.zeros(shape)
        array.setflags(write=False)
    refuse(wrong_shape(array, shape))
    return array


def pair_named(text: str, own: str, names: Sequence[str]) -> tuple[str, str] | None:
    """Whose controls a product is of: a player's own and another's, or those of two others.

    Examples
    --------
    >>> pair_named("B", "A", ["A", "B", "C"]), pair_named("B*C", "A", ["A", "B", "C"])
    (('A', 'B'), ('B', 'C'))
    >>> pair_named("A", "A", ["A", "B", "C"]) is None
    True
    """
    others = {name for name in names if name != own}
    if text in others:
        return own, text
    for k, letter in enumerate(text):
        first, second = text[:k].strip(), text[k + 1 :].strip()
        if letter == "*" and first != second and {first, second} <= others:
            return first, second
    return None

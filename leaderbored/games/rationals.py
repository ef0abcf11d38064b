"""Payoffs as the rational numbers that they print, and tables of them in whole numbers."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array

MAX_DIGITS = 100

Table = NDArray[Any]


def number_of(value: Any) -> Fraction:
    """A number as the rational number that it prints.

    Raises
    ------
    ValueError
        If it is none, or not finite.

    Examples
    --------
    >>> number_of(0.1), number_of("1/3")
    (Fraction(1, 10), Fraction(1, 3))
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, str):
        if len(value) > MAX_DIGITS or "e" in value.lower() or "_" in value:
            raise ValueError("expected a number such as 1.5 or 1/3")
        try:
            return Fraction(value.strip())
        except (ValueError, ZeroDivisionError):
            raise ValueError("expected a number such as 1.5 or 1/3") from None
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        raise ValueError("expected a number")
    if isinstance(value, int | np.integer):
        return Fraction(int(value))
    if not isfinite(value):
        raise ValueError("expected a finite number")
    return Fraction(repr(float(value)))


def scaled(table: Table) -> Array:
    """A table less its least entry, in units of its range; zero if it has none.

    Examples
    --------
    >>> scaled(np.array([[2.0, 6.0], [4.0, 2.0]])).tolist()
    [[0.0, 1.0], [0.5, 0.0]]
    """
    least = table.min()
    size = table.max() - least
    if table.dtype != object:
        scaled: Array = (table - least) / (size or 1.0)
        return (
            scaled if np.isfinite(size) else (table / 2 - least / 2) / (table.max() / 2 - least / 2)
        )
    return np.array([(value - least) / (size or 1) for value in table.ravel()]).reshape(table.shape)


def _ratio(value: Any) -> tuple[int, int]:
    """A number as the ratio of two whole numbers; of a short decimal fraction at full speed."""
    if type(value) is float and "e" not in (text := repr(value)):
        whole, _, broken = text.partition(".")
        return int(whole + broken), 10 ** len(broken)
    return number_of(value).as_integer_ratio()


def integers(table: Table) -> tuple[Table, int]:
    """A table times a whole number, as Python integers, and that number.

    Examples
    --------
    >>> values, scale = integers(np.array([0.5, -1.25, 3.0]))
    >>> values.tolist(), scale
    ([50, -125, 300], 100)
    """
    whole = table.dtype != object and np.array_equal(table, np.rint(table))
    if whole and np.abs(table).max() < 2**53:
        scale, values = 1, [int(value) for value in table.ravel().tolist()]
    else:
        exact = [_ratio(value) for value in table.ravel().tolist()]
        scale = lcm(*{below for _, below in exact})
        values = [above * (scale // below) for above, below in exact]
    made = np.empty(table.size, dtype=object)
    made[:] = values
    return made.reshape(table.shape), scale

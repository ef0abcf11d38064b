"""Fingerprints of games."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.sparse as sp


class UnknownError(ValueError):
    """Raised where it cannot be known what a game is, as of a function that is no formula."""


def digest(game: Any) -> str | None:
    """Fingerprint of a game: 16 hexadecimal digits that change when any number changes.

    Games that are equal have the same, however they were made, in every process and with every
    version of Python: it is of what a game's file says. A function on arrays counts as the
    formula it computes.

    Returns
    -------
    str or None
        None where a function stands in the game of which there is no formula: two that look
        alike may have other numbers in them.

    Examples
    --------
    >>> from leaderbored import Continuous, Lab, Player
    >>> digest(Lab("A", 1)) == digest(Lab("A", 1.0)) != digest(Lab("A", 2))
    True
    >>> digest(Continuous([Player("A", {"x": [0, 1]}, lambda chosen: chosen["A"])])) is None
    True
    """
    try:
        said = _said(game, getattr(game, "formulas", None))
    except UnknownError:
        return None
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _said(part: Any, formulas: Any = None) -> Any:
    """The same in lists, dictionaries, texts and whole numbers."""
    if isinstance(part, str | None | bool):
        return part
    if is_dataclass(part) and not isinstance(part, type):
        names = getattr(part, "on", [m.name for m in fields(part)])  # of mechanisms: that are on
        members = {name: getattr(part, name) for name in names}
        # what is switched off leaves no trace
        plain = getattr(part, "PLAIN", {})
        there = {name: m for name, m in members.items() if not _off(m, plain.get(name))}
        said = {name: _said(m, formulas) for name, m in there.items()}
        return {"type": type(part).__name__, **said}
    if isinstance(part, Mapping):
        return {str(key): _said(value, formulas) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_said(member, formulas) for member in part]
    if callable(part) and formulas is not None:
        return formulas(part)
    return _numbers(part)


def _off(member: Any, plain: Any) -> bool:
    """Whether a member says nothing: it is off, or as plain as can be throughout."""
    return bool(getattr(member, "off", False) or (plain is not None and np.all(member == plain)))


def _numbers(part: Any) -> Any:
    """A number, or an array, dense or sparse."""
    if sp.issparse(part):
        rows = sp.csr_array(part)
        rows.sum_duplicates()
        return [list(rows.shape), *map(_array, (rows.indptr, rows.indices, rows.data))]
    if isinstance(part, np.ndarray):
        return _array(part)
    if isinstance(part, int | float | Fraction | np.number):
        return _number(part)
    raise UnknownError(type(part).__name__)


def _array(array: np.ndarray[Any, Any]) -> Any:
    """The shape, and a digest of the numbers if these are all of floating point."""
    if array.dtype == object:
        return [list(array.shape), [_number(entry) for entry in array.ravel().tolist()]]
    if not np.issubdtype(array.dtype, np.number) and array.dtype != bool:
        raise UnknownError(str(array.dtype))
    numbers = np.ascontiguousarray(array, dtype="<f8") + 0.0  # no zero below zero
    return [list(array.shape), hashlib.sha256(numbers.tobytes()).hexdigest()]


def _number(number: Any) -> str:
    """A number as the least fraction that it is; what floating point prints is what it is."""
    if isinstance(number, float | np.floating):
        if not np.isfinite(number):
            return repr(float(number))
        number = Fraction(repr(float(number)))
    elif not isinstance(number, Fraction):
        number = Fraction(int(number))
    return f"{number.numerator}/{number.denominator}"

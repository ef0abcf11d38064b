"""The numbers of a method by name, as solutions and :func:`leaderbored.explain` print them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any


def settings(method: Any, place: str = "") -> dict[str, str]:
    """The fields of a method, and those of its parts by their place.

    Parameters
    ----------
    method : dataclass
        As of :func:`leaderbored.solve`.
    place : str, optional
        What stands before each name, as ``"select."``.

    Examples
    --------
    >>> import leaderbored as lb
    >>> found = settings(lb.Method(averaging=None))
    >>> found["tolerance"], found["search.same"], found["averaging"]
    ('1e-09', '1e-07', 'none')
    """
    return dict(_fields(method, place))


def _fields(method: Any, place: str) -> Iterator[tuple[str, str]]:
    for part in fields(method):
        value, here = getattr(method, part.name), f"{place}{part.name}"
        if is_dataclass(value):
            yield from _fields(value, f"{here}.")
        else:
            yield here, _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return "none" if value is None else str(value)

"""What the data of all kinds of games share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import scipy.sparse
from pydantic import TypeAdapter

from leaderbored.solvers import (
    Solution,
)


def heading(solution: Solution[Any], headline: str) -> dict[str, Any]:
    """What every report starts with: the game, the answer in a sentence, and how it came about."""
    methods = dict.fromkeys(equilibrium.method for equilibrium in solution.equilibria)
    return {
        "game": game_data(solution.game),
        "headline": headline,
        "digest": solution.digest,
        "method": ", ".join(methods) or None,
        "settings": solution.settings,
        "seconds": round(solution.seconds, 6),
        "status": asdict(solution.status),
        "complete": solution.complete,
        "search": asdict(solution.census),
    }


def game_data(game: Any) -> Any:
    """A game as its file says it; one that has no file by its arrays."""
    if hasattr(type(game), "__pydantic_validator__"):
        return TypeAdapter(type(game)).dump_python(game, mode="json")

    def listed(part: Any) -> Any:
        if hasattr(type(part), "__pydantic_validator__"):
            return game_data(part)
        if isinstance(part, tuple):
            return [listed(member) for member in part]
        if hasattr(part, "toarray"):
            part = part.toarray()
        part = part.tolist() if isinstance(part, np.ndarray) else part
        return no_infinities(part)

    kind = {"kind": game.kind} if hasattr(game, "kind") else {}
    return kind | {field.name: listed(getattr(game, field.name)) for field in fields(game)}


def no_infinities(part: Any) -> Any:
    """Lists of numbers, those that are not finite as None."""
    if isinstance(part, list):
        return [no_infinities(member) for member in part]
    return finite(part) if isinstance(part, float) else part


def finite(number: float) -> float | None:
    """The number, or None if it is not finite."""
    return number if abs(number) < float("inf") else None


def plain_fields(record: Any) -> Any:
    """A record as a dictionary of what can be written down; code and games' arrays are left out."""
    if is_dataclass(record) and not isinstance(record, type):
        pairs = ((field.name, getattr(record, field.name)) for field in fields(record))
        return {name: plain_fields(value) for name, value in pairs if not callable(value)}
    if isinstance(record, dict):
        return {key: plain_fields(value) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [plain_fields(one) for one in record]
    return record


@dataclass(frozen=True)
class Rows:
    """A list that may be longer than memory holds: it is made a part at a time.

    Parameters
    ----------
    make : callable
        Makes what is in it, one after the other, anew whenever it is asked for.

    Examples
    --------
    >>> plainly({"many": Rows(lambda: iter([1.0, 2.0]))})
    {'many': [1.0, 2.0]}
    """

    make: Callable[[], Iterator[Any]]

    def __iter__(self) -> Iterator[Any]:
        return self.make()


def written(data: Any, *, plain_letters: bool = False) -> Iterator[str]:
    """Data as the text of JSON, in pieces; numbers that are not finite are null.

    Examples
    --------
    >>> "".join(written({"a": Rows(lambda: iter([[1.0], [2.0]])), "b": "x"}))
    '{"a": [[1.0], [2.0]], "b": "x"}'
    """
    if isinstance(data, dict):
        mark = "{"
        for key, value in data.items():
            yield f"{mark}{json.dumps(str(key), ensure_ascii=plain_letters)}: "
            yield from written(value, plain_letters=plain_letters)
            mark = ", "
        yield "}" if data else "{}"
    elif isinstance(data, Rows):
        mark = "["
        for row in data:
            yield mark + json.dumps(plainly(row), ensure_ascii=plain_letters, allow_nan=False)
            mark = ", "
        yield "[]" if mark == "[" else "]"
    else:
        yield json.dumps(plainly(data), ensure_ascii=plain_letters, allow_nan=False)


def plainly(data: Any) -> Any:
    """Data as JSON has it: arrays as lists, numbers that are not finite as None, else as text.

    Examples
    --------
    >>> import numpy as np
    >>> plainly({"a": np.array([1.0, np.nan]), 2: (1j,)})
    {'a': [1.0, None], '2': ['1j']}
    """
    if isinstance(data, dict):
        return {str(key): plainly(value) for key, value in data.items()}
    if isinstance(data, list | tuple | Rows):
        return [plainly(value) for value in data]
    if isinstance(data, np.ndarray | np.generic) or scipy.sparse.issparse(data):
        return plainly(data.toarray() if scipy.sparse.issparse(data) else data.tolist())
    if isinstance(data, float):
        return finite(data)
    return data if isinstance(data, bool | str | int | None) else str(data)

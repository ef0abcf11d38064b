"""What stands in a file of proofs, read with nothing taken on trust."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from leaderbored.solvers.checked.cover import Node
from leaderbored.solvers.checked.fixed import END
from leaderbored.solvers.checked.parts import COARSE, MOST
from leaderbored.text import plain

FORMAT = "leaderbored proof 3"
TABLES = ("lower", "upper", "scale", "base", "price", "capacity", "demand")
KEYS = ("format", "race", "discount", "returns", "tables", "jumps", "equilibria", "complete")
COMPLETE = ("proved", "searched", "partial")
LONG = 40  # of what is shown
MANY = 10**20
Jump = list[list[tuple[int, float]]]  # of each state, where a success leads and with what chance


@dataclass(frozen=True)
class Claimed:
    """An equilibrium as a file has it; ``reason`` says why nothing is claimed of it.

    Attributes
    ----------
    value : N lists of S numbers
    alone, near : float
        Distances, in units of values; zero without a claim.
    """

    value: list[list[float]]
    alone: float = 0.0
    near: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class Proof:
    """A file of a proof.

    Attributes
    ----------
    race : dict
    discount, returns : float
    tables : dict of N lists of S numbers, None where demand has no limit
    jumps : N of Jump
    equilibria : list of Claimed
    complete : str
    cover : list of Node
        Empty without one.
    without : str
        Why there is no cover.
    """

    race: dict[str, Any]
    discount: float
    returns: float
    tables: dict[str, list[list[float | None]]]
    jumps: list[Jump]
    equilibria: list[Claimed]
    complete: str
    cover: list[Node]
    without: str


def read(proof: Any) -> Proof:
    """Read a proof, as the JSON of a file has it.

    Raises
    ------
    ValueError
        If it is none, with the place and what was expected there.

    Examples
    --------
    >>> read({"format": FORMAT})
    Traceback (most recent call last):
    ...
    ValueError: the file is damaged: there is no "race"
    """
    if not isinstance(proof, dict) or proof.get("format") != FORMAT:
        raise ValueError(f'expected a proof that leaderbored has written, format "{FORMAT}"')
    try:
        return _read(proof)
    except _DamagedError as damage:
        raise ValueError(f"the file is damaged: {damage}") from None


class _DamagedError(Exception):
    """Something else than was expected stands at a place."""


def _read(proof: dict[str, Any]) -> Proof:
    of = _keys(proof, "", KEYS, ("cover",))
    jumps_of = _list(of["jumps"], "jumps")
    players = len(jumps_of)
    if not players:
        raise _DamagedError("jumps: expected one list for every lab")
    states = len(_list(jumps_of[0], "jumps.1"))
    tables = _keys(of["tables"], "tables", TABLES)
    read_tables = {
        name: _table(tables[name], f"tables.{name}", players, states, name == "demand")
        for name in TABLES
    }
    jumps = [
        [_ways(way, f"jumps.{i}.{s}", states) for s, way in _numbered(rows, f"jumps.{i}", states)]
        for i, rows in _numbered(jumps_of, "jumps", players)
    ]
    equilibria = [
        _claimed(one, f"equilibria.{k}", players, states)
        for k, one in _numbered(of["equilibria"], "equilibria")
    ]
    if of["complete"] not in COMPLETE:
        raise _wrong("complete", of["complete"], f"one of {', '.join(COMPLETE)}")
    if not isinstance(of["race"], dict):
        raise _wrong("race", of["race"], "a race")
    cover, without = _cover(of.get("cover", {}))
    return Proof(
        of["race"],
        _number(of["discount"], "discount", lambda x: x > 0, "a number above 0"),
        _number(of["returns"], "returns", lambda x: 0 < x < 1, "a number between 0 and 1"),
        read_tables,
        jumps,
        equilibria,
        of["complete"],
        cover,
        without,
    )


def _claimed(one: Any, place: str, players: int, states: int) -> Claimed:
    of = _keys(one, place, ("value",), ("share", "alone", "near", "reason"))
    rows = _table(of["value"], f"{place}.value", players, states)
    value = [[x for x in row if x is not None] for row in rows]
    if "share" in of:
        _table(of["share"], f"{place}.share", players, states)
    if "reason" in of:
        if "alone" in of or "near" in of or not isinstance(of["reason"], str):
            raise _DamagedError(f"{place}: expected a reason in words, or what is claimed")
        return Claimed(value, reason=of["reason"])
    far = [
        _number(_keys(of, place, (name,), tuple(of))[name], f"{place}.{name}", _above, "above 0")
        for name in ("alone", "near")
    ]
    return Claimed(value, far[0], far[1])


def _above(x: float) -> bool:
    return x > 0


def _cover(cover: Any) -> tuple[list[Node], str]:
    of = _keys(cover, "cover", (), ("boxes", "reason"))
    if "boxes" not in of:
        reason = of.get("reason", "none is in the file")
        if not isinstance(reason, str):
            raise _wrong("cover.reason", reason, "words")
        return [], reason
    nodes = []
    for k, box in _numbered(of["boxes"], "cover.boxes"):
        numbers = _list(box, f"cover.boxes.{k}", 14)
        if any(type(x) is not int for x in numbers):
            raise _DamagedError(f"cover.boxes.{k}: expected 14 whole numbers")
        within, squares, *bounds = numbers
        if not (-1 if k == 1 else 0) <= within < k - 1 or not 0 <= squares <= MOST:
            raise _DamagedError(
                f"cover.boxes.{k}: expected an earlier box, and up to {MOST} squares"
            )
        if any(abs(x) > END >> COARSE for x in bounds):
            raise _DamagedError(f"cover.boxes.{k}: expected bounds below {END >> COARSE}")
        nodes.append(Node(within, squares, np.array(bounds, np.int64).reshape(6, 2) << COARSE))
    return nodes, "" if nodes else "none is in the file"


def written(nodes: list[Node]) -> list[list[int]]:
    """The boxes of a cover as lists of whole numbers.

    Examples
    --------
    >>> written([Node(-1, 4, np.array([[0, 1 << 44]] * 6))])[0][:4]
    [-1, 4, 0, 1073741824]
    """
    return [
        [node.within, node.squares, *(node.middle >> COARSE).ravel().tolist()] for node in nodes
    ]


def _ways(way: Any, place: str, states: int) -> list[tuple[int, float]]:
    made = []
    for k, pair in _numbered(way, place):
        to, chance = _list(pair, f"{place}.{k}", 2)
        if type(to) is not int or not 0 <= to < states:
            raise _wrong(f"{place}.{k}", to, f"a whole number below {states}")
        made.append((to, _number(chance, f"{place}.{k}", lambda p: 0 < p <= 1, "a chance")))
    return made


def _table(
    rows: Any, place: str, players: int, states: int, some: bool = False
) -> list[list[float | None]]:
    """Rows of numbers, of which some may be None."""
    return [
        [
            None if some and x is None else _number(x, f"{place}.{i}.{s}", lambda _: True, "")
            for s, x in _numbered(row, f"{place}.{i}", states)
        ]
        for i, row in _numbered(rows, place, players)
    ]


def _number(x: Any, place: str, fits: Callable[[float], bool], expected: str) -> float:
    expected = expected or "a number"
    if type(x) not in (int, float):
        raise _wrong(place, x, expected)
    try:
        number = float(x)
    except OverflowError:
        number = float("inf")
    if not isfinite(number) or not fits(number):
        raise _wrong(place, x, expected)
    return number


def _keys(
    of: Any, place: str, needed: tuple[str, ...], more: tuple[str, ...] = ()
) -> dict[str, Any]:
    at = f"{place}: " if place else ""
    if not isinstance(of, dict):
        raise _DamagedError(f"{at}expected keys and values")
    if lacking := [key for key in needed if key not in of]:
        raise _DamagedError(f'{at}there is no "{lacking[0]}"')
    if unknown := [key for key in of if key not in needed + more]:
        raise _DamagedError(f'{at}nothing is called "{_short(unknown[0])}"')
    return of


def _list(of: Any, place: str, length: int | None = None) -> list[Any]:
    if not isinstance(of, list) or length not in (None, len(of)):
        many = "a list" if length is None else f"a list of {length}"
        raise _DamagedError(f"{place}: expected {many}")
    return of


def _numbered(of: Any, place: str, length: int | None = None) -> list[tuple[int, Any]]:
    return list(enumerate(_list(of, place, length), 1))


def _wrong(place: str, given: Any, expected: str) -> _DamagedError:
    return _DamagedError(f"{place} = {_short(given)}: expected {expected}")


def _short(given: Any) -> str:
    """What was given, cut where it is long."""
    if isinstance(given, list | dict):
        return "a list" if isinstance(given, list) else "keys and values"
    if isinstance(given, int) and abs(given) > MANY:
        return "a number of many digits"
    text = plain(str(given))
    return text if len(text) <= LONG else f"{text[: LONG - 3]}..."

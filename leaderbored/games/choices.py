"""Lists of strategies as people write them, and what each is by name in formulas.

- numbers: ``[0, 1, 2]``; formulas call the one that is picked ``x``;
- numbers of one's own name: ``{ q = [0, 1, 2] }``, several at once where a strategy is several
  numbers, or a range: ``{ q = { from = 0, to = 2, step = 1 } }``;
- all ways to split so many units: ``{ "x + y + z" = 5 }``;
- names: ``["stay", "go"]``; each of them is 1 in formulas if it is picked, and 0 if not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from math import comb
from typing import Any

from leaderbored.games.rationals import number_of
from leaderbored.games.validation import short
from leaderbored.games.words import reserved

MOST = 10_000  # strategies of a player
BARE = "x"  # what a number is called that has no name of its own
LONGEST = 80  # characters of a name
RANGE = ("from", "to", "step")

Numbers = dict[str, tuple[Fraction, ...]]


@dataclass(frozen=True)
class Choices:
    """The strategies of a player.

    Attributes
    ----------
    names : tuple of str
        As tables show them.
    numbers : dict of str to tuple of Fraction
        What each is, by the names that formulas know.
    """

    names: tuple[str, ...]
    numbers: Numbers

    @classmethod
    def of(cls, raw: Any) -> Choices:
        """Read them.

        Raises
        ------
        ValueError
            Saying what was expected.

        Examples
        --------
        >>> Choices.of(["stay", "go"]).numbers["go"]
        (Fraction(0, 1), Fraction(1, 1))
        >>> Choices.of({"x + y": 2}).names
        ('2, 0', '1, 1', '0, 2')
        >>> Choices.of({"q": {"from": 0, "to": 1, "step": 0.5}}).names
        ('0', '0.5', '1')
        """
        if isinstance(raw, Mapping):
            numbers = _named(raw)
        elif not isinstance(raw, list | tuple) or not raw:
            raise ValueError("expected a list of numbers or names, or numbers by name: q = [0, 1]")
        elif all(_is_number(value) for value in raw):
            numbers = {BARE: _list(raw)}
        else:
            return cls(*_words(raw))
        columns = [*numbers.values()]
        if any(abs(value) > sys.float_info.max for column in columns for value in column):
            raise ValueError("expected numbers within the range of floating point")
        names = [", ".join(_text(v) for v in each) for each in zip(*columns, strict=True)]
        if len(set(names)) != len(names):
            raise ValueError("expected different strategies")
        return cls(fitting(names), numbers)


def _is_number(value: Any) -> bool:
    try:
        number_of(value)
    except ValueError:
        return False
    return True


def _text(value: Fraction) -> str:
    """A number as people write it."""
    whole = str(value)
    short, exact = f"{float(value):.12g}", repr(float(value))
    if Fraction(short) == value and "e" not in short:
        return short
    return exact if len(whole) > len(exact) and Fraction(exact) == value else whole


def fitting(names: Iterable[str]) -> tuple[str, ...]:
    """Names of at most 80 characters, longer ones cut and told apart by their place.

    Examples
    --------
    >>> fitting(["short", 90 * "x"])[1][-8:]
    'xxxx… #2'
    """
    cut = []
    for k, name in enumerate(names, start=1):
        mark = f"… #{k}"
        cut.append(name if len(name) <= LONGEST else name[: LONGEST - len(mark)] + mark)
    return tuple(cut)


def _list(raw: Any) -> tuple[Fraction, ...]:
    if isinstance(raw, Mapping):
        return _ranged(raw)
    if not isinstance(raw, list | tuple) or not raw:
        raise ValueError("expected a list of numbers, or a range from, to, step")
    if len(raw) > MOST:
        raise ValueError(f"expected at most {MOST:,} strategies, found {len(raw):,}")
    found = []
    for value in raw:
        if not _is_number(value):
            names = "; names stand in a list of their own" * isinstance(value, str)
            raise ValueError(f"{short(value)}: expected a number{names}")
        found.append(number_of(value))
    return tuple(found)


def _ranged(raw: Mapping[str, Any]) -> tuple[Fraction, ...]:
    """The numbers of a range, both ends in it."""
    if set(raw) - {*RANGE} or not {"from", "to"} <= set(raw):
        raise ValueError("expected a range: from, to and step")
    wrong = [name for name, value in raw.items() if not _is_number(value)]
    if wrong:
        raise ValueError(f"{wrong[0]}: expected a number")
    low, high = number_of(raw["from"]), number_of(raw["to"])
    step = number_of(raw.get("step", 1))
    if step <= 0 or high < low:
        raise ValueError("expected from <= to, and a step above 0")
    count = (high - low) // step + 1
    if count > MOST:
        raise ValueError(f"expected at most {MOST:,} strategies, found {count:,}")
    return tuple(low + k * step for k in range(int(count)))


def _named(raw: Mapping[str, Any]) -> Numbers:
    """Numbers by name, or all ways to split some units over names."""
    if not raw:
        raise ValueError("expected numbers by name: q = [0, 1]")
    if len(raw) == 1 and "+" in next(iter(raw)):
        return _split(*next(iter(raw.items())))
    if wrong := [name for name in raw if reserved(name)]:
        raise ValueError(f"{wrong[0]!r}: expected a name such as q or x1")
    numbers = {name: _list(values) for name, values in raw.items()}
    sizes = {name: len(values) for name, values in numbers.items()}
    if len(set(sizes.values())) > 1:
        said = ", ".join(f"{name} has {size}" for name, size in sizes.items())
        raise ValueError(f"expected as many numbers of each name: {said}")
    return numbers


def _split(text: str, units: Any) -> Numbers:
    names = [name.strip() for name in text.split("+")]
    if any(reserved(name) for name in names) or len(set(names)) != len(names):
        raise ValueError(f"{text!r}: expected different names, such as x + y + z")
    if isinstance(units, bool) or not isinstance(units, int) or units < 0:
        raise ValueError(f"{units!r}: expected a whole number of units to split")
    ways = comb(units + len(names) - 1, len(names) - 1)
    if ways > MOST:
        raise ValueError(f"expected at most {MOST:,} strategies, found {ways:,}")
    each = [*_splits(units, len(names))]
    return {name: tuple(Fraction(way[k]) for way in each) for k, name in enumerate(names)}


def _splits(units: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to split units into parts, most in the first part first."""
    places = range(units + parts - 1)
    found = []
    for bars in combinations(places, parts - 1):
        ends = (-1, *bars, units + parts - 1)
        found.append(tuple(b - a - 1 for a, b in pairwise(ends)))
    yield from sorted(found, reverse=True)


def _words(raw: Sequence[Any]) -> tuple[tuple[str, ...], Numbers]:
    """Names: each one is a number that says whether it is picked."""
    if any(not isinstance(value, str) or not value.strip() for value in raw):
        raise ValueError("expected all numbers, or all names")
    names = tuple(value.strip() for value in raw)
    if max(map(len, names)) > LONGEST:
        raise ValueError(f"expected names of at most {LONGEST} characters")
    if len(set(names)) != len(names) or len(names) > MOST:
        raise ValueError("expected different strategies")
    words = [name for name in names if not reserved(name)] or names[:1]  # if none, for the length
    return names, {name: tuple(Fraction(int(other == name)) for other in names) for name in words}

"""What is thought of a number that is not known: a range, a distribution, or draws of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.problems import Mistake
from leaderbored.games.validation import short, unknown

LAWS = {  # by name, what its numbers are
    "uniform": ("low", "high"),
    "log_uniform": ("low", "high"),
    "normal": ("mean", "standard deviation"),
    "triangular": ("low", "most likely", "high"),
    "draws": (),
}
OPTIONS = {"normal": ("low", "high"), "draws": ("table",)}
TAIL = 0.001  # of a normal distribution without bounds: what is beyond is not looked at
LIKE = (int, float, np.integer, np.floating)
LARGEST = 1e300
SMALLEST = 1e-12  # chance from which on a quantile is asked for


@dataclass(frozen=True)
class Spread:
    """The distribution of a number.

    Attributes
    ----------
    law : str
        One of uniform, log_uniform, normal, triangular, draws.
    numbers : tuple of float
        Ends; mean and standard deviation; low, most likely and high; or draws, each as likely.
    low, high : float
        Where a normal distribution is cut off.
    table : str
        Draws of several numbers under one such name are the columns of a table, whose rows are
        drawn.

    Examples
    --------
    >>> Spread.of({"uniform": [0.25, 0.75]}).at(np.array([0.0, 0.5])).tolist()
    [0.25, 0.5]
    >>> Spread.of((1, 3)) == Spread("uniform", (1.0, 3.0))
    True
    """

    law: str
    numbers: tuple[float, ...]
    low: float = -math.inf
    high: float = math.inf
    table: str = ""

    @classmethod
    def of(cls, given: Any) -> Spread:
        """Read one as game files write it; two numbers are the ends of a uniform one.

        Raises
        ------
        ValueError
            Saying what was expected.

        Examples
        --------
        >>> Spread.of({"normal": [0.1, 0.05], "low": 0})
        Spread(law='normal', numbers=(0.1, 0.05), low=0.0, high=inf, table='')
        >>> Spread.of({"gaussian": [0, 1]})
        Traceback (most recent call last):
        ValueError: unknown distribution; known: uniform, log_uniform, normal, triangular, draws
        """
        if isinstance(given, Spread):
            return given
        if not isinstance(given, Mapping | Sequence | np.ndarray) or isinstance(given, str):
            raise ValueError("expected a distribution, such as { uniform = [low, high] }")
        if not isinstance(given, Mapping):
            given = {"uniform": given}
        laws = [name for name in given if name in LAWS]
        options = OPTIONS.get(laws[0], ()) if laws else ()
        strange = [name for name in given if name not in (*LAWS, "low", "high", "table")]
        if strange or not laws:
            raise ValueError(unknown("distribution", str((strange or [""])[0]), list(LAWS)))
        if len(laws) > 1:
            raise ValueError(f"expected one distribution, not {' and '.join(laws)}")
        left = [name for name in given if name not in (*laws, *options)]
        if left:
            raise ValueError(f"{laws[0]} takes no {' and no '.join(left)}")
        return _checked(laws[0], given)

    def at(self, chance: Array) -> Array:
        """Quantiles, in the shape of the chances.

        Examples
        --------
        >>> Spread.of({"triangular": [0, 1, 4]}).at(np.array([0.25, 1.0])).tolist()
        [1.0, 4.0]
        >>> Spread.of({"draws": [2, 3, 5]}).at(np.array([0.1, 0.4, 0.9])).tolist()
        [2, 3, 5]
        """
        chance = np.asarray(chance, dtype=float)
        numbers = self.numbers
        if self.law == "draws":
            place = (chance * len(numbers)).astype(np.int64)
            return np.asarray(numbers)[np.minimum(place, len(numbers) - 1)]
        if self.law == "normal":
            from scipy.special import ndtri  # slow to import, and files that are read need it not

            under, up_to = (_below(end, numbers) for end in self.bounds)
            inside = np.clip(under + chance * (up_to - under), SMALLEST, 1 - SMALLEST)
            found: Array = np.clip(numbers[0] + numbers[1] * ndtri(inside), self.low, self.high)
            return found
        if self.law == "triangular":
            low, most, high = numbers
            below, above = (most - low) * (high - low), (high - most) * (high - low)
            rising = low + np.sqrt(chance * below)
            return np.where(
                chance * (high - low) < most - low, rising, high - np.sqrt((1 - chance) * above)
            )
        low, high = numbers
        if self.law == "log_uniform":
            found = np.exp(math.log(low) + chance * (math.log(high) - math.log(low)))
            return np.clip(found, low, high)
        return np.clip(low + chance * (high - low), low, high)

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and largest number."""
        if self.law == "normal":
            return self.low, self.high
        return float(min(self.numbers)), float(max(self.numbers))

    @property
    def ends(self) -> tuple[float, float]:
        """The same; of a normal distribution without bounds what all but a thousandth is within."""
        low, high = self.bounds
        far = self.at(np.array([TAIL, 1 - TAIL]))
        return (
            low if math.isfinite(low) else float(far[0]),
            high if math.isfinite(high) else float(far[1]),
        )

    @property
    def written(self) -> dict[str, Any]:
        """As game files write it.

        Examples
        --------
        >>> Spread.of((0, 1)).written
        {'uniform': [0.0, 1.0]}
        """
        found: dict[str, Any] = {self.law: list(self.numbers)}
        if math.isfinite(self.low):
            found["low"] = self.low
        if math.isfinite(self.high):
            found["high"] = self.high
        return found | ({"table": self.table} if self.table else {})

    def __str__(self) -> str:
        """In a few words.

        Examples
        --------
        >>> print(Spread.of({"normal": [0.1, 0.05], "low": 0}))
        normal, mean 0.1, standard deviation 0.05, low 0
        """
        name = self.law.replace("_", "-")
        if self.law == "draws":
            return f"{len(self.numbers):,} draws" + f" of the table {self.table}" * bool(self.table)
        parts = [f"{word} {n:.6g}" for word, n in zip(LAWS[self.law], self.numbers, strict=True)]
        for word, end in (("low", self.low), ("high", self.high)):
            parts += [f"{word} {end:.6g}"] if math.isfinite(end) else []
        return ", ".join([name, *parts])


def spreads_of(given: Mapping[str, Any]) -> tuple[dict[str, Spread], list[Mistake]]:
    """Distributions by the path of their number, and what is wrong with any.

    Examples
    --------
    >>> found, mistakes = spreads_of({"discount": (0.3, 0.1), "rungs": {"draws": [2, 3]}})
    >>> found["rungs"].numbers, mistakes[0].expected
    ((2, 3), 'expected low below high')
    """
    found: dict[str, Spread] = {}
    mistakes = []
    for path, entry in given.items():
        try:
            found[path] = Spread.of(entry)
        except ValueError as error:
            mistakes.append(Mistake(path, short(entry), str(error)))
    first: dict[str, tuple[str, int]] = {}
    for path, spread in found.items():
        if not spread.table:
            continue
        mine = len(spread.numbers)
        other, rows = first.setdefault(spread.table, (path, mine))
        if mine != rows:
            said = f"{mine:,} draws, expected {rows:,} as of {other} in the same table"
            mistakes.append(Mistake(path, "", said))
    return found, mistakes


def inputs_of(spreads: Mapping[str, Spread]) -> dict[str, int]:
    """Which independent chance each number depends on: those of one table on the same.

    Examples
    --------
    >>> one = Spread.of({"draws": [1, 2], "table": "fit"})
    >>> inputs_of({"a": one, "b": Spread.of((0, 1)), "c": one})
    {'a': 0, 'b': 1, 'c': 0}
    """
    places: dict[tuple[str, str], int] = {}
    return {
        path: places.setdefault(
            ("table", spread.table) if spread.table else ("", path), len(places)
        )
        for path, spread in spreads.items()
    }


def _below(end: float, numbers: Sequence[float]) -> float:
    """Chance that a normal number is below an end."""
    return 0.5 * math.erfc((numbers[0] - end) / numbers[1] / math.sqrt(2))


def _checked(law: str, given: Mapping[str, Any]) -> Spread:
    names = LAWS[law]
    numbers = _numbers(given[law], whole=law == "draws")
    if numbers is None or (names and len(numbers) != len(names)) or not numbers:
        most = f"numbers of at most {LARGEST:g}"
        said = f"{len(names)} {most}: {', '.join(names)}" if names else f"a list of {most}"
        raise ValueError(f"expected {said}")
    ends = _numbers([given.get("low", -math.inf), given.get("high", math.inf)], finite=False)
    table = given.get("table", "")
    if ends is None:
        raise ValueError("low, high: expected numbers")
    if not isinstance(table, str):
        raise ValueError("table: expected a name")
    if law == "normal":
        if not numbers[1] > 0:
            raise ValueError("expected a standard deviation above 0")
        if not ends[0] < ends[1]:
            raise ValueError("expected low below high")
        if _below(ends[1], numbers) - _below(ends[0], numbers) < TAIL:
            raise ValueError("less than a thousandth of it lies from low to high")
    elif law != "draws":
        if not numbers[0] < numbers[-1]:
            raise ValueError("expected low below high")
        if law == "triangular" and not numbers[0] <= numbers[1] <= numbers[2]:
            raise ValueError("expected the most likely number from low to high")
        if law == "log_uniform" and not numbers[0] > 0:
            raise ValueError("expected numbers above 0")
    return Spread(law, numbers, ends[0], ends[1], table)


def _numbers(given: Any, *, whole: bool = False, finite: bool = True) -> tuple[float, ...] | None:
    """Numbers as a tuple, as floats unless whole ones may stay; None if they are none."""
    if isinstance(given, np.ndarray):
        given = given.tolist()
    if isinstance(given, str | bytes) or not isinstance(given, Sequence):
        return None
    if any(isinstance(number, bool) or not isinstance(number, LIKE) for number in given):
        return None
    found = list[float]()
    for number in given:
        try:
            real = float(number)
        except OverflowError:
            return None
        if math.isnan(real) or (finite and not abs(real) <= LARGEST):
            return None
        found.append(int(real) if whole and real.is_integer() else real)
    if whole and not all(isinstance(number, int) for number in found):
        found = [float(number) for number in found]
    return tuple(found)

"""A search for equilibria: its candidates, each once, which engines found them, how it ended.

Every room of solvers keeps its candidates in a :class:`Pool`. Indices of all solutions of a game
add up to one; another sum proves that some are missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.late import late
from leaderbored.solvers.solution import Status
from leaderbored.text import at_most

special = late("scipy.special")

P = TypeVar("P")
CONFIDENCE = 0.95  # of the most that starts may have missed
JUMPS = "floor jumps, and no condition tells what is best at its jumps"
"""Why equilibria may be missing, where formulas take ``floor`` of what is decided."""


@dataclass(eq=False)
class Candidate(Generic[P]):
    """A point that may be an equilibrium.

    Attributes
    ----------
    point : object
    index : int
        1 or -1; 0 where it is not known, or the point not regular.
    engines : dict of str to int
        How often each engine found it, the first one first.
    starts : set of int
        The numbers of the starts that led to it, where they are told apart.
    """

    point: P
    index: int = 0
    engines: dict[str, int] = field(default_factory=dict)
    starts: set[int] = field(default_factory=set)

    @property
    def engine(self) -> str:
        """The engine that found it first."""
        return next(iter(self.engines), "")


class Pool(Generic[P]):
    """The candidates, each once.

    Parameters
    ----------
    tolerance : float
        Two points are one if their numbers differ by at most so much,
    floor : float
        relative to this plus the largest number of the one that is known.
    key : callable, optional
        The numbers of a point that tell it from others; the point itself if not given.

    Examples
    --------
    >>> pool = Pool(1e-6)
    >>> pool.add("Newton", np.array([1.0, 2.0])), pool.add("descent", np.array([1.0, 2.0 + 1e-9]))
    (True, False)
    >>> pool.candidates[0].engines, pool.engines, len(pool)
    ({'Newton': 1, 'descent': 1}, {'Newton': 1, 'descent': 1}, 1)
    """

    def __init__(
        self, tolerance: float, floor: float = 0.0, key: Callable[[P], Any] = np.asarray
    ) -> None:
        self.tolerance, self.floor, self.key = tolerance, floor, key
        self.candidates: list[Candidate[P]] = []
        self._numbers, self._sizes = np.zeros((0, 0)), np.zeros(0)

    def __len__(self) -> int:
        return len(self.candidates)

    def __iter__(self) -> Iterator[P]:
        return (candidate.point for candidate in self.candidates)

    def known(self, point: P) -> Candidate[P] | None:
        """The candidate that a point is, if it is there."""
        count, numbers = len(self), self._read(point)
        if not count:
            return None
        gaps = np.abs(self._numbers[:count] - numbers).max(axis=1, initial=0.0)
        same = gaps <= self.tolerance * (self.floor + self._sizes[:count])
        return self.candidates[int(same.argmax())] if same.any() else None

    def add(self, engine: str, point: P, index: Callable[[P], int] | None = None) -> bool:
        """Count a point that an engine found; whether it is new, and so has its index taken."""
        known = self.known(point)
        found = known or self.keep(point, index(point) if index else 0)
        found.engines[engine] = found.engines.get(engine, 0) + 1
        return known is None

    def _read(self, point: P) -> Array:
        return np.asarray(self.key(point), dtype=float).ravel()

    def keep(self, point: P, index: int = 0) -> Candidate[P]:
        """Keep a point that is sure to be new."""
        count, numbers = len(self), self._read(point)
        if count == len(self._numbers):
            room = np.zeros((2 * count + 4, len(numbers)))
            room[:count] = self._numbers if count else room[:0]
            self._numbers, self._sizes = room, np.resize(self._sizes, len(room))
        self._numbers[count], self._sizes[count] = numbers, np.abs(numbers).max(initial=0.0)
        self.candidates.append(Candidate(point, index))
        return self.candidates[-1]

    @property
    def engines(self) -> dict[str, int]:
        """How many candidates each engine found by itself."""
        return dict(Counter(name for one in self.candidates for name in one.engines))

    @property
    def total(self) -> int:
        """Sum of the indices."""
        return sum(candidate.index for candidate in self.candidates)

    @property
    def regular(self) -> bool:
        """Whether every index is known."""
        return all(candidate.index for candidate in self.candidates)


def missing(total: int, whose: str = "") -> str:
    """What a sum of indices says of others; nothing where it is one.

    Examples
    --------
    >>> missing(2)
    'indices of all solutions add up to 2 instead of 1: some are missing'
    >>> missing(2, "their")
    'their indices add up to 2 instead of 1: some are missing'
    """
    if total == 1:
        return ""
    indices = f"{whose} indices" if whose else "indices of all solutions"
    return f"{indices} add up to {total} instead of 1: some are missing"


def touching(indices: Sequence[int | None]) -> str:
    """Why equilibria may be missing, where not every solution is regular.

    Parameters
    ----------
    indices : sequence of int or None
        Of the solutions that are equilibria; 0 or None of one that is not regular.

    Examples
    --------
    >>> touching([1, 0])
    'a solution is degenerate: others may touch it, of which these may be samples'
    >>> touching([1, -1]).partition(":")[0]
    'a point that meets only the first-order conditions is degenerate'
    """
    if all(indices) and indices:
        point = "a point that meets only the first-order conditions is degenerate"
        return f"{point}: others may touch it, equilibria among them"
    return "a solution is degenerate: others may touch it, of which these may be samples"


def first_order(false: int) -> str:
    """What is said of solutions that are no equilibria; nothing if there are none.

    Examples
    --------
    >>> first_order(1), first_order(0)
    ('; 1 more meets only the first-order conditions', '')
    """
    verb = "meets" if false == 1 else "meet"
    return f"; {false} more {verb} only the first-order conditions" if false > 0 else ""


def sampled(hits: Sequence[set[int] | int], starts: int, what: str = "start") -> str:
    """How many solutions a search from many starts found, and how often each.

    Where some were met once alone, others may not have been met at all.

    Parameters
    ----------
    hits : sequence of sets of int, or of int
        The numbers, from 0 on, of the starts from which each was found, or how many these were;
        none of those that something else found.
    starts : int
        How many there were.
    what : str
        A start in one word.

    Examples
    --------
    >>> sampled([{0, 2, 4}, {1, 3}, {211}], 600)
    '600 starts led to 3, to 1 of them from one start alone, to the last new one at start 212'
    >>> sampled([300, 290, 0], 600, "policy")
    '600 policies led to 2, to the rarest from 290 policies'
    >>> sampled([{0, 1, 2}], 3)
    '3 of 3 starts led to the same one'
    """
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    met = [one if isinstance(one, int) else len(one) for one in hits if one]
    firsts = [min(one) for one in hits if one and not isinstance(one, int)]
    if len(met) < 2:
        return f"{sum(met):,} of {starts:,} {many} led to {'the same one' if met else 'any'}"
    alone = sum(count == 1 for count in met)
    rare = f"{alone} of them from one {what} alone" if alone else ""
    rare = rare or f"the rarest from {min(met):,} {many}"
    at = f", to the last new one at {what} {max(firsts) + 1:,}" if firsts else ""
    return f"{starts:,} {many} led to {len(met)}, to {rare}{at}"


def sampled_others(hits: Sequence[set[int]], starts: int, what: str = "start") -> str:
    """The same, and of how many others the most may lead to a new one; see :func:`most_others`.

    Solutions that are images of each other share one set, and count once. Those that something else
    found, and no start, are told: of others like these the bound says nothing.

    Examples
    --------
    >>> sampled_others([{0, 1}, {2}], 200, "policy").split("; ")[1]
    'at most 2.4% of other policies lead to a new one (95% confidence)'
    >>> sampled_others([{0, 1}, set()], 2).split(", but ")[1]
    'no start led to 1 of those found'
    """
    often = sampled(hits, starts, what)
    if starts <= 1:
        return often
    alone = len({id(one) for one in hits if len(one) == 1})
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    share = f"{at_most(100 * most_others(alone, starts), 2)}%"
    others = f"{often}; at most {share} of other {many} lead to a new one (95% confidence)"
    never = sum(not one for one in hits)
    return others + (f", but no {what} led to {never} of those found" if never else "")


def most_others(alone: int, starts: int) -> float:
    """The most of other starts that lead to a new solution, at a confidence of 95%.

    What some starts lead to and what others would have led to have one law, so that by the
    estimate of Good (Biometrika 40, 1953) about as large a share of others leads to what is new as
    of these led to what was met once alone. The bound is that of Clopper and Pearson (Biometrika
    26, 1934) on this share: with none met once alone three over the number of starts.

    Parameters
    ----------
    alone : int
        How many solutions were met from one start alone.
    starts : int

    Examples
    --------
    >>> round(most_others(0, 600), 5), round(most_others(1, 600), 5)
    (0.00498, 0.00788)
    """
    if alone >= starts:
        return 1.0
    return float(special.betaincinv(alone + 1, starts - alone, CONFIDENCE))


def converged(count: int) -> Status:
    """That so many equilibria were found."""
    return Status("converged", f"equilibria found: {count}")


def stopped(
    count: int, advice: str = "give more time, or ask for one equilibrium", shown: str = ""
) -> Status:
    """That there was no time to find more, and what is shown if it is no equilibrium as asked."""
    message = f"stopped before the search was over; {shown or f'{count} found so far'}"
    return Status("stopped", message, advice)

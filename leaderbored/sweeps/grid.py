"""The grid of a sweep: which numbers of a game move, over which values, and the game at a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from leaderbored.games.places import alter, unit_of
from leaderbored.games.problems import GameFileError, Mistake

MOST = 1_000_000  # points


@dataclass(frozen=True)
class Grid:
    """Values of some numbers of a game, in every combination.

    Attributes
    ----------
    game : object
        The game whose other numbers stay.
    over : dict of str to tuple of float
        Values by dotted path, in the order of the dimensions.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5)
    >>> grid = Grid.of(race, {"labs.B.compute": [1, 2], "market.scarcity": [0.5, 0.9]})
    >>> grid.shape, grid.at((2, 0.9)).labs[1].compute
    ((2, 2), 2.0)
    """

    game: Any
    over: dict[str, tuple[float, ...]]

    @classmethod
    def of(cls, game: Any, over: Mapping[str, Any]) -> Grid:
        """Check a grid.

        Raises
        ------
        GameFileError
            Listing every mistake: a path that leads nowhere, values that are no numbers or come
            twice; or, if there is a game at no point, what is wrong with the first.
        """
        values, mistakes = {}, list[Mistake]()
        for path, given in over.items():
            try:
                values[path] = _numbers(given)
            except ValueError as error:
                mistakes.append(Mistake(path, "", str(error)))
        if not over:
            mistakes.append(Mistake("over", "", "expected a path such as discount, with values"))
        grid = cls(game, values)
        if grid.size > MOST:
            expected = f"{grid.size:,} points, expected at most {MOST:,}"
            mistakes.append(Mistake("over", "", expected))
        elif values:
            mistakes += grid._at_large(set(over) - set(values))
        if mistakes:
            raise GameFileError("sweep", mistakes)
        return grid

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each number."""
        return tuple(map(len, self.over.values()))

    @property
    def size(self) -> int:
        """Number of points."""
        return int(np.prod(self.shape, dtype=np.int64))

    def points(self) -> list[tuple[float, ...]]:
        """The points, the last number moving fastest."""
        return list(product(*self.over.values()))

    def at(self, point: Sequence[float]) -> Any:
        """The game at a point.

        Raises
        ------
        GameFileError
            If there is none.
        """
        return alter(self.game, dict(zip(self.over, point, strict=True)))

    def unit(self, path: str) -> str:
        """Unit of a number; empty if it has none."""
        return unit_of(self.game, path)

    def _at_large(self, left_out: set[str]) -> Sequence[Mistake]:
        """What is wrong at the first point, if something is wrong at every one."""
        first: Sequence[Mistake] = ()
        for point in self.points():
            try:
                self.at(point)
            except GameFileError as error:
                first = first or error.mistakes
            else:
                return ()
        return () if left_out and _only_missing(first) else first


def _only_missing(mistakes: Sequence[Mistake]) -> bool:
    """Whether a number that a faulty entry should have given is all that is missing."""
    return all(mistake.expected == "missing" for mistake in mistakes)


def _numbers(given: Any) -> tuple[float, ...]:
    values = np.asarray(given)
    if values.ndim != 1 or not len(values) or values.dtype.kind not in "iuf":
        raise ValueError("expected a list of numbers")
    if not np.isfinite(values).all():
        raise ValueError("expected finite numbers")
    if len(np.unique(values)) < len(values):
        raise ValueError("expected no number twice")
    found: tuple[float, ...] = tuple(values.tolist())
    return found

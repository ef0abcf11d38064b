"""The points of a sweep: which numbers of a game move, over which values, and the game at each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.places import alter, unit_of
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.sweeps.designs import MOST, Drawn

DRAW = "draw"  # the dimension of points that are drawn
LOOKED = 2_000  # points at which a game is looked for


@dataclass(frozen=True)
class Grid:
    """Values of some numbers of a game, in every combination, or point by point.

    Attributes
    ----------
    game : object
        The game whose other numbers stay.
    over : dict of str to sequence of float
        Values by dotted path, in the order of the dimensions; of points that are drawn, one at
        each point.
    drawn : Drawn or None
        How they were drawn; None if every combination is meant.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5)
    >>> grid = Grid.of(race, {"labs.B.compute": [1, 2], "market.scarcity": [0.5, 0.9]})
    >>> grid.shape, grid.at((2, 0.9)).labs[1].compute
    ((2, 2), 2.0)
    >>> Grid.of(race, {"discount": (0.1, 0.5)}, draws=100, design="sobol").shape
    (100,)
    """

    game: Any
    over: dict[str, Sequence[float] | NDArray[Any]]
    drawn: Drawn | None = None

    @classmethod
    def of(
        cls,
        game: Any,
        over: Mapping[str, Any],
        *,
        draws: int | None = None,
        design: str = "saltelli",
        seed: int = 1,
    ) -> Grid:
        """Check the points of a sweep.

        Raises
        ------
        GameFileError
            Listing every mistake: a path that leads nowhere, values that are no numbers or come
            twice, a distribution that is none; or, if there is a game at no point, what is wrong
            with the first.
        """
        if draws is not None:
            drawn = Drawn.of(over, draws, design, seed)
            grid, left = cls(game, {**drawn.values()}, drawn), set[str]()
            mistakes = [*grid._at_large(left)]
        else:
            grid, mistakes = cls._crossed(game, over)
        if mistakes:
            raise GameFileError("sweep", mistakes)
        return grid

    @classmethod
    def _crossed(cls, game: Any, over: Mapping[str, Any]) -> tuple[Grid, list[Mistake]]:
        values, mistakes = dict[str, Any](), list[Mistake]()
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
        return grid, mistakes

    @property
    def dims(self) -> tuple[str, ...]:
        """Names of the dimensions of the answers."""
        return (DRAW,) if self.drawn else tuple(self.over)

    @property
    def shape(self) -> tuple[int, ...]:
        """Their lengths."""
        lengths = [len(values) for values in self.over.values()]
        return tuple(lengths[:1] if self.drawn else lengths)

    @property
    def size(self) -> int:
        """Number of points."""
        return int(np.prod(self.shape, dtype=np.int64))

    def points(self, which: NDArray[np.int64] | None = None) -> Iterator[tuple[float, ...]]:
        """The points, the last number moving fastest; or some of them, by their places.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.NormalForm([[[1, 0], [0, 1]]] * 2)
        >>> grid = Grid.of(game, {"payoffs.0.0.0": [1, 2], "payoffs.0.1.1": [3, 4]})
        >>> list(grid.points(np.array([1, 2])))
        [(1, 4), (2, 3)]
        """
        which = np.arange(self.size) if which is None else which
        columns = [np.asarray(values) for values in self.over.values()]
        there = (v[k].tolist() for v, k in zip(columns, self.places(which), strict=True))
        return zip(*there, strict=True)

    def places(self, points: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
        """Where the values of some points stand, for each number."""
        if self.drawn:
            return (points,) * len(self.over)
        return tuple(np.unravel_index(points, self.shape))

    @property
    def axis(self) -> str:
        """The dimension along which the points are cut into parts: the longest, or the first."""
        return self.dims[int(np.argmax(self.shape))]

    def cut(self, rows: slice) -> Grid:
        """A part of the points, along :attr:`axis`."""
        cut = set(self.over) if self.drawn else {self.axis}
        return replace(self, over={p: v[rows] if p in cut else v for p, v in self.over.items()})

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
        """What is wrong at the first point, if something is at every one that is looked at."""
        first: Sequence[Mistake] = ()
        places = np.unique(np.linspace(0, self.size - 1, min(self.size, LOOKED)).astype(np.int64))
        for point in self.points(places):
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

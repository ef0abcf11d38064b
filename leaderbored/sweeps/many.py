"""Sweeps of races of two labs by kernels: all points at once, and what is left for one by one.

Numbers of a race are read off its record once for every value of each axis, not at every point:
each axis moves places of its own in a row, and what no other moves is as in the race that is swept.
Where two axes move the same place, or one is not a number that kernels know, every point is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.games.places import alter, vary
from leaderbored.games.problems import GameFileError
from leaderbored.race import Race
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.kernels.rows import BOUNDS, NUMBERS, row_of, unfit
from leaderbored.sweeps.answers import Answers
from leaderbored.sweeps.grid import Grid

if TYPE_CHECKING:
    from leaderbored.solvers.kernels.batch import Solved

FEWEST = 500  # points from which on kernels are worth the seconds that compiling them takes
MANY = 50  # values of an axis that are not read off the race one by one, if that can be helped
TOGETHER = 20_000  # points that are solved before progress is told


class Lines(NamedTuple):
    """Numbers of a race along each axis of a grid, or at each draw.

    Attributes
    ----------
    base : (C,) array
        Of the race itself.
    columns : tuple of (M,) int arrays
        Which numbers each axis moves.
    values : tuple of (V, M) arrays
        What they are at each value of the axis.
    known : tuple of (V,) bool arrays
        Whether there is a race that kernels take, the other numbers being as in the race itself.
    """

    base: Array
    columns: tuple[NDArray[np.int64], ...]
    values: tuple[Array, ...]
    known: tuple[NDArray[np.bool_], ...]

    def rows(self, places: tuple[NDArray[np.int64], ...]) -> tuple[Array, NDArray[np.bool_]]:
        """Numbers (P, C) at points, by their places along each axis, and whether they are known."""
        rows = np.tile(self.base, (len(places[0]), 1))
        known = np.ones(len(rows), dtype=bool)
        for k, columns, values, there in zip(
            places, self.columns, self.values, self.known, strict=True
        ):
            rows[:, columns] = values[k]
            known &= there[k]
        for low, high in BOUNDS:
            known &= rows[:, low] <= rows[:, high]
        return rows, known


def lines(grid: Grid) -> Lines | None:
    """The numbers of a grid of races of two labs; None where kernels do not take it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=3)
    >>> made = lines(Grid.of(race, {"market.scarcity": [0.5, 0.9], "discount": [0.1, -1]}))
    >>> made.values[0].ravel().tolist(), made.known[1].tolist()
    ([0.5, 0.9], [True, False])
    >>> lines(Grid.of(race, {"rungs": [2, 3]})) is None
    True
    """
    race = grid.game
    if not isinstance(race, Race) or unfit(race) or "rungs" in grid.over:
        return None
    base = row_of(race)
    columns, values, known, moved = [], [], [], set[int]()
    for path, given in grid.over.items():
        axis = np.asarray(given)
        mine, there, exist = _kept(race, path, axis, base) or _read(race, path, axis, base)
        if moved & set(mine.tolist()):
            return None
        moved |= set(mine.tolist())
        columns.append(mine)
        values.append(there)
        known.append(exist)
    return Lines(base, tuple(columns), tuple(values), tuple(known))


Axis = tuple[NDArray[np.int64], Array, NDArray[np.bool_]]
"""Places of a row that an axis moves, what they are at its values, and where there is a race."""


def _read(race: Race, path: str, axis: Array, base: Array) -> Axis:
    """Read off the race at every value."""
    rows = list(_rows(race, path, axis))
    found = np.array([base if row is None else row for row in rows])
    mine = np.flatnonzero((found != base).any(axis=0))
    return mine, found[:, mine], np.array([row is not None for row in rows])


def _kept(race: Race, path: str, axis: Array, base: Array) -> Axis | None:
    """The same at once, where a row holds the number as it is; None if it does not.

    All fields of a race that a row holds as they are have ranges without gaps: what holds at the
    least, the middle and the greatest value holds between.
    """
    if len(axis) < MANY:
        return None
    few = np.sort(axis)[[0, len(axis) // 2, -1]]
    mine, values, known = _read(race, path, few, base)
    if not known.all() or len(mine) != 1 or mine[0] >= NUMBERS or (values[:, 0] != few).any():
        return None
    return mine, axis[:, None].astype(float), np.ones(len(axis), dtype=bool)


def _rows(race: Race, path: str, values: Array) -> Iterator[Array | None]:
    """Numbers of the race at each value of an axis; None where kernels do not take it."""
    try:
        at = vary(race, path)
    except GameFileError:  # what the race leaves out, or whole numbers

        def at(value: float) -> Race:
            return cast("Race", alter(race, {path: value}))

    for value in values.tolist():
        try:
            altered = at(value)
        except GameFileError:
            yield None
        else:
            yield None if unfit(altered) else row_of(altered)


def by_kernels(grid: Grid) -> bool:
    """Whether points of a grid go by kernels.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=3)
    >>> by_kernels(Grid.of(race, {"market.scarcity": (0.3, 1.2)}, draws=1_000))
    True
    """
    return grid.size >= FEWEST and lines(grid) is not None


def solve_many(
    answers: Answers, threads: int | None = None, progress: Progress | None = None
) -> NDArray[np.int64]:
    """Solve what kernels can, and return the places that are left."""
    grid, count = answers.grid, answers.grid.size
    made = lines(grid) if count >= FEWEST else None
    if made is None:
        return np.arange(count)
    from leaderbored.solvers.kernels.batch import SOLVED, is_ready, solve_rows

    if progress is not None and not is_ready():
        progress("compiling kernels, once on this machine", 0, 1.0)
    answers.call(tuple(lab.name for lab in grid.game.labs))
    left = []
    for first in range(0, count, TOGETHER):
        places = np.arange(first, min(first + TOGETHER, count))
        rows, known = made.rows(grid.places(places))
        found = solve_rows(rows[known], grid.game.rungs, threads, profiles=False)
        solved = found.status == SOLVED
        _fill(answers, places[known], found, solved)
        left += [places[~known], places[known][~solved]]
        if progress is not None:
            done = int(places[-1]) + 1
            progress("sweep", done - sum(map(len, left)), 1 - done / count)
    return np.sort(np.concatenate(left))


def _fill(
    answers: Answers, places: NDArray[np.int64], found: Solved, solved: NDArray[np.bool_]
) -> None:
    """Put what kernels found in its places."""
    from leaderbored.solvers.kernels.reading import KINDS, NUMBERS

    places = places[solved]
    kinds = np.array(KINDS)[found.kind[solved]]
    answers.say("status", places, np.full(len(places), "converged"))
    for name in ("verdict", "verdicts"):
        answers.say(name, places, kinds)
    answers.regret[places], answers.equilibria[places] = found.regret[solved], 1
    answers.value[places] = found.tie[solved]
    for k, name in enumerate(NUMBERS):
        answers.numbers[name][places] = found.numbers[solved, k]

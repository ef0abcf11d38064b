"""Equilibria on a map: sought at every point, and each followed to the points beside."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Progress, checkpoint
from leaderbored.sweeps.following import Places, Seek, Stop, seeker
from leaderbored.sweeps.grid import Grid

BETWEEN = 8  # places between two points of a column at which edges are looked for
MOST = 24  # equilibria of a point that are followed on
STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1))  # to the four points beside


class Map:
    """Equilibria found at the points of a grid.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> grid = Grid.of(race, {"market.scarcity": [0.5, 0.9], "discount": [0.1, 0.2]})
    >>> made = Map(grid, seeker(grid))
    >>> made.sow([])
    >>> made.spread()
    >>> [len(found) for found in made.found]
    [1, 1, 1, 1]
    """

    def __init__(self, grid: Grid, seek: Seek, progress: Progress | None = None) -> None:
        self.grid, self.seek, self.progress = grid, seek, progress
        self.found: list[list[Stop]] = [[] for _ in range(grid.size)]
        self.first: list[Stop | None] = [None] * grid.size
        self.new: list[tuple[int, Stop]] = []
        self.tried = 0

    def add(self, places: Places, stops: Sequence[Stop | None]) -> None:
        """Keep what is new."""
        for k, one in zip(places.tolist(), stops, strict=True):
            known = self.found[k]
            if one is None or len(known) >= MOST or not all(one.differs(o) for o in known):
                continue
            known.append(one)
            self.new.append((k, one))

    def sow(self, starts: Sequence[Array]) -> None:
        """Seek at every point as a sweep does, and from each start."""
        every = np.arange(self.grid.size)
        self.first = self.seek(every, None)
        self.add(every, self.first)
        for j, start in enumerate(starts):
            checkpoint()
            self.add(every, self.seek(every, np.broadcast_to(start, (len(every), *start.shape))))
            if self.progress is not None:
                self.progress("phase", len(every) * (j + 1), 1 - (j + 1) / (len(starts) + 2))
        self.tried = len(starts) + 1

    def spread(self) -> None:
        """Follow what is found to the points beside, and on as long as something is new."""
        while self.new:
            checkpoint()
            waiting, self.new = self.new, []
            targets, starts = list[int](), list[Array]()
            for k, one in waiting:
                for beside in self.beside(k):
                    targets.append(beside)
                    starts.append(one.build)
            places = np.array(targets, dtype=np.int64)
            self.add(places, self.seek(places, np.array(starts)))

    def beside(self, k: int) -> list[int]:
        """The points next to one."""
        i, j = divmod(k, self.grid.shape[1])
        around = ((i + di, j + dj) for di, dj in STEPS)
        inside = ((a, b) for a, b in around if a in range(self.grid.shape[0]))
        return [a * self.grid.shape[1] + b for a, b in inside if b in range(self.grid.shape[1])]


Spans = tuple[tuple[tuple[float, float], ...], ...]


def spans_of(made: Map, xs: Array, ys: Array, threads: int | None = None) -> Spans:
    """Stretches of each column with several equilibria: edges are looked for between points.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> grid = Grid.of(race, {"market.scarcity": [0.5, 0.9], "discount": [0.1, 0.2]})
    >>> made = Map(grid, seeker(grid))
    >>> spans_of(made, np.array([0.5, 0.9]), np.array([0.1, 0.2]))
    ((), ())
    """
    fine = np.unique(np.concatenate([np.linspace(a, b, BETWEEN + 2) for a, b in pairwise(ys)]))
    fine = fine if len(fine) == (len(ys) - 1) * (BETWEEN + 1) + 1 else ys
    step = BETWEEN + 1 if len(fine) > len(ys) else 1
    across, along = list(made.grid.over)
    grid = Grid(made.grid.game, {across: tuple(xs.tolist()), along: tuple(fine.tolist())})
    dense = Map(grid, seeker(grid, threads))
    width = len(fine)
    for k, known in enumerate(made.found):
        i, j = divmod(k, len(ys))
        dense.found[i * width + j * step] = list(known)
    if step > 1:
        pairs = [
            (i, j)
            for i, j in product(range(len(xs)), range(len(ys) - 1))
            if _changes(made.found[i * len(ys) + j], made.found[i * len(ys) + j + 1])
        ]
        for up in (True, False):
            _through(dense, pairs, width, step, up)
    several = np.array([len(known) > 1 for known in dense.found]).reshape(len(xs), width)
    if step > 1:  # where nothing changes from point to point it is as at both
        for i, j in product(range(len(xs)), range(len(ys) - 1)):
            inside = slice(j * step + 1, (j + 1) * step)
            if several[i, j * step] and several[i, (j + 1) * step]:
                several[i, inside] = True
    return tuple(tuple(_stretches(column, fine)) for column in several)


def _changes(here: list[Stop], there: list[Stop]) -> bool:
    """Whether other equilibria are found at two points beside each other."""
    kinds = [sorted(one.kind for one in known) for known in (here, there)]
    return kinds[0] != kinds[1]


def _through(dense: Map, pairs: list[tuple[int, int]], width: int, step: int, up: bool) -> None:
    """Follow what is known at one point of each pair through the places between them."""
    here = [(i * width + (j + (not up)) * step) for i, j in pairs]
    front = [(k, one) for k in here for one in dense.found[k]]
    for _ in range(step - 1):
        if not front:
            return
        checkpoint()
        places = np.array([k + (1 if up else -1) for k, _ in front], dtype=np.int64)
        stops = dense.seek(places, np.array([one.build for _, one in front]))
        dense.add(places, stops)
        front = [(k, one) for k, one in zip(places.tolist(), stops, strict=True) if one is not None]


def _stretches(column: NDArray[np.bool_], fine: Array) -> list[tuple[float, float]]:
    """Where a column is true, to half a place."""
    edge = np.concatenate([fine[:1], (fine[1:] + fine[:-1]) / 2, fine[-1:]])
    turns = np.flatnonzero(np.diff(np.concatenate([[False], column, [False]]).astype(int)))
    return [(float(edge[a]), float(edge[b])) for a, b in zip(turns[::2], turns[1::2], strict=True)]

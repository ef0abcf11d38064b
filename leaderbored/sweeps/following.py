"""Equilibria of a race at points of a grid, sought from given shares: by kernels or one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.games.problems import GameFileError
from leaderbored.race import Race
from leaderbored.solvers import Method, regret, solve
from leaderbored.solvers.kernels.rows import by_state
from leaderbored.sweeps.grid import Grid
from leaderbored.sweeps.many import lines
from leaderbored.verdicts.reading import kind_at

Places = NDArray[np.int64]
TOLERANCE = 1e-9  # largest regret of what counts
APART = 1e-6  # relative distance of values from which two equilibria are two


@dataclass(frozen=True)
class Stop:
    """An equilibrium at a point of a grid.

    Attributes
    ----------
    build : (N, S) array
        Shares.
    tie : (N,) array
        Values of the labs at the tie.
    kind : str
        The verdict, empty if there is none.
    regret : float
    """

    build: Array
    tie: Array
    kind: str
    regret: float

    def differs(self, other: Stop) -> bool:
        """Whether it is another equilibrium, by the values at the tie."""
        far = np.abs(self.tie - other.tie) > APART * np.maximum(np.abs(self.tie), np.abs(other.tie))
        return bool(far.any())


Seek = Callable[[Places, Array | None], list[Stop | None]]
"""From points of a grid and shares (P, N, S) to start from, to what is found there."""


def seeker(grid: Grid, threads: int | None = None) -> Seek:
    """What seeks equilibria at points of a grid of races.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=3)
    >>> grid = Grid.of(race, {"market.scarcity": [0.5, 0.9], "discount": [0.1, 0.2]})
    >>> [found.kind for found in seeker(grid)(np.arange(4), None)]
    ['run', 'run', 'run', 'run']
    """
    made = lines(grid)
    if made is None:
        return _one_by_one(grid)
    alone, order = _one_by_one(grid), by_state(grid.game.rungs)

    def seek(places: Places, starts: Array | None) -> list[Stop | None]:
        from leaderbored.solvers.kernels.batch import SOLVED, solve_rows
        from leaderbored.solvers.kernels.reading import KINDS

        rows, known = made.rows(grid.places(places))
        begun = None if starts is None else on_line(starts[known], order)
        got = solve_rows(rows[known], grid.game.rungs, threads, starts=begun)
        found = list[Stop | None]([None] * len(places))
        for j, k in enumerate(np.flatnonzero(known).tolist()):
            if got.status[j] == SOLVED:
                build = got.build[j][:, order]
                kind, gap = KINDS[int(got.kind[j])], float(got.regret[j])
                found[k] = Stop(build, got.tie[j].copy(), kind, gap)
        if starts is None:  # of what kernels are not sure of the single solver knows one
            left = np.array([k for k, one in enumerate(found) if one is None], dtype=np.int64)
            for k, one in zip(left.tolist(), alone(places[left], None), strict=True):
                found[k] = one
        return found

    return seek


def on_line(builds: Array, order: NDArray[np.int64]) -> Array:
    """Shares (P, 2, S) by the lead of the first lab from -G to G, from those by state."""
    found = np.empty_like(builds)
    found[:, :, order] = builds
    return found


def _one_by_one(grid: Grid) -> Seek:
    def seek(places: Places, starts: Array | None) -> list[Stop | None]:
        return [
            _near(grid, point, None if starts is None else starts[j])
            for j, point in enumerate(grid.points(places))
        ]

    return seek


def _near(grid: Grid, point: tuple[float, ...], start: Array | None) -> Stop | None:
    """An equilibrium that the single solver finds."""
    try:
        race: Race = grid.at(point)
        found = solve(race, Method(certify=False, alike=False), start=start).equilibria
    except (GameFileError, ValueError):  # no such game, or its states are others
        return None
    for one in found:
        left = float(regret(one.game, one.build).max())
        if left <= TOLERANCE:
            labs = len(race.labs)
            kind = kind_at(race, one.game, one.build) or ""
            return Stop(one.build, one.value[:labs, 0].copy(), kind, left)
    return None

"""Answers to variants of one race: by kernels where they take them, else one by one in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from leaderbored.race import Race
from leaderbored.solvers import solve
from leaderbored.solvers.budget import Budget, Limit, Progress, StoppedError
from leaderbored.solvers.kernels.rows import row_of, unfit
from leaderbored.sweeps.point import Point, summary


class Way(Protocol):
    """A number of a race that is moved."""

    place: str

    def at(self, value: float) -> Race | None:
        """The race with this value; None if there is none."""


class Variants:
    """What is found of variants of a race while there is time; each is solved once."""

    def __init__(self, race: Race, budget: Budget, progress: Progress | None) -> None:
        self.kernels = not unfit(race)
        self.rungs, self.budget, self.progress = race.rungs, budget, progress
        self.count, self.late = 0, False
        self.known = dict[tuple[str, float], Point]()

    def at(self, asked: Sequence[tuple[Way, float]]) -> list[Point | None]:
        """The answer with each number moved; None where there is no such race, or no time."""
        new = [(way, value) for way, value in asked if (way.place, value) not in self.known]
        for (way, value), point in zip(new, self.solved([w.at(x) for w, x in new]), strict=True):
            if point is not None:
                self.known[way.place, value] = point
        return [self.known.get((way.place, value)) for way, value in asked]

    def base(self, race: Race) -> Point:
        """The answer to the race as it is, for which there is all the time that it takes."""
        [point] = self._rows([race]) if self.kernels else [None]
        point = point or self._one(race, None)
        if point is None:  # who asked has other limits
            raise StoppedError
        return point

    def solved(self, races: Sequence[Race | None]) -> list[Point | None]:
        """The answers to races, by kernels first; None where there was none, or no time."""
        there = [k for k, race in enumerate(races) if race is not None]
        found: list[Point | None] = [None] * len(races)
        left = there
        if self.kernels and there and not self._over():
            left = []
            for k, point in zip(there, self._rows([races[k] for k in there]), strict=True):
                found[k] = point
                left += [k] if point is None else []
        for k in left:
            if self._over():
                break
            found[k] = self._one(races[k], self.budget.spent)
        return found

    def _over(self) -> bool:
        self.late = self.late or self.budget.spent()
        return self.late

    def _one(self, race: Any, limit: Limit | None) -> Point | None:
        from leaderbored.solvers.markov import UNPROVED

        self.count += 1
        if self.progress is not None:
            self.progress("what the verdict depends on", self.count, 1.0)
        try:
            found = solve(race, UNPROVED, limit=limit)
            if found.status.code != "stopped":
                return summary(found)
        except StoppedError:
            pass
        self.late = True
        return None

    def _rows(self, races: Sequence[Any]) -> list[Point | None]:
        from leaderbored.solvers.kernels.batch import SOLVED, solve_rows
        from leaderbored.solvers.kernels.reading import KINDS
        from leaderbored.solvers.kernels.reading import NUMBERS as TOLD

        self.count += len(races)
        rows = np.array([row_of(race) for race in races])
        found = solve_rows(rows, self.rungs, profiles=False)
        blank = Point("converged", regret=0.0, equilibria=1)
        return [
            replace(
                blank,
                verdict=KINDS[found.kind[k]],
                regret=float(found.regret[k]),
                numbers=dict(zip(TOLD, found.numbers[k].tolist(), strict=True)),
            )
            if found.status[k] == SOLVED
            else None
            for k in range(len(races))
        ]

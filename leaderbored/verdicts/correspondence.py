r"""The equilibrium correspondence: all equilibria as one number of the game moves.

Equilibria found at a few values of the parameter seed curves, which pseudo-arclength continuation
follows through folds, and from branch points along what crosses there. A curve is cut at its folds
and branch points into branches, each the graph of an equilibrium over a stretch of the parameter.
Besanko, Doraszelski, Kryukov and Satterthwaite (Econometrica 78, 2010) brought the method to
dynamic oligopoly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter

import numpy as np

from leaderbored.games.gamefile import GameFileError, Problem, vary
from leaderbored.games.markov import Array, Markov
from leaderbored.race import Race
from leaderbored.solvers import Census, Equilibrium, Method, Status, digest
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.markov.assess import assess
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.continuation import Curve, Event, Station
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.system import DENSE, System
from leaderbored.verdicts.law import stationary
from leaderbored.verdicts.pace import Kind, pace_ratio, shape

SAME = 1e-6  # distance of two values, relative to the largest, at which curves are one
SMOOTH = 0.02  # longest step, so that a figure looks smooth
CROSSING = 1e-5  # of the range, within which two curves report the same crossing
PLACES = 25  # values of the parameter at which the indices are added up
SLICES = (0.0, 0.5, 1.0)  # of the range of the parameter, where all equilibria are looked for


@dataclass(frozen=True, eq=False)
class Waypoint:
    """An equilibrium at one value of the parameter, with its verdict (None if not a race)."""

    parameter: float
    equilibrium: Equilibrium
    verdict: Kind | None


@dataclass(frozen=True, eq=False)
class Branch:
    """An equilibrium over a stretch of the parameter, between folds and branch points.

    Attributes
    ----------
    points : tuple of Waypoint
        In order along the curve; the parameter rises or falls throughout.
    index : int
        1 or -1, of every equilibrium on it.
    """

    points: tuple[Waypoint, ...]
    index: int

    @property
    def span(self) -> tuple[float, float]:
        """Least and largest parameter."""
        ends = self.points[0].parameter, self.points[-1].parameter
        return min(ends), max(ends)


@dataclass(frozen=True, eq=False)
class Correspondence:
    """The answer to :func:`leaderbored.trace`.

    Attributes
    ----------
    game : Race
        As given.
    along : str
        The parameter.
    start, stop : float
        Its range.
    branches : tuple of Branch
    folds, branch_points : tuple of Waypoint
        Where curves turn back in the parameter, and where they cross.
    census : Census
        Whether these are all equilibria along the way.
    status : Status
    digest : str
        Fingerprint of the game.
    seconds : float
    """

    game: Race
    along: str
    start: float
    stop: float
    branches: tuple[Branch, ...]
    folds: tuple[Waypoint, ...]
    branch_points: tuple[Waypoint, ...]
    census: Census
    status: Status
    digest: str
    seconds: float

    def counts(self) -> list[tuple[float, float, int]]:
        """Stretches of the parameter, each with its number of equilibria.

        Examples
        --------
        >>> import leaderbored as lb
        >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(1), discount=0.5, rungs=2)
        >>> lb.trace(race, "discount", 0.2, 0.5).counts()
        [(0.2, 0.5, 1)]
        """
        low, high = sorted((self.start, self.stop))
        ends = sorted({low, high, *(p.parameter for p in (*self.folds, *self.branch_points))})
        found: list[tuple[float, float, int]] = []
        for a, b in pairwise(ends):
            middle = (a + b) / 2
            count = sum(x <= middle <= y for x, y in (branch.span for branch in self.branches))
            if found and found[-1][2] == count:
                found[-1] = (found[-1][0], b, count)
            else:
                found.append((a, b, count))
        return found


def trace(
    game: Race,
    along: str,
    start: float,
    stop: float,
    method: Method | None = None,
    *,
    progress: Progress | None = None,
) -> Correspondence:
    """Follow all equilibria while one number of the game moves.

    Parameters
    ----------
    game : Race
        With at most 700 values (labs times states).
    along : str
        Path of the number: ``"technology.handicap"``, ``"discount"``, ``"labs.A.compute"``.
    start, stop : float
        Its range; the game must exist at both ends.
    method : Method, optional
        Engines and tolerances; ``method.search.continuation`` sets the steps.
    progress : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    Correspondence

    Raises
    ------
    GameFileError
        If there is no such number, the game does not exist at an end, the range is empty, or
        the game is too large.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1, 1.8]),
    ...                lb.Technology(1, 0.8, leapfrog=1), discount=0.1, rungs=2)
    >>> found = lb.trace(race, "technology.returns", 0.4, 0.8)
    >>> [count for _, _, count in found.counts()], round(found.branch_points[0].parameter, 5)
    ([1, 3], 0.68755)
    """
    began = perf_counter()
    method = method or Method()
    family = _Family(game, along, start, stop)
    tracer = _Tracer(family, method, progress)
    tracer.run()
    branches = tuple(tracer.branches())
    status = Status("converged", f"{len(branches)} branches were followed")
    if not branches:
        status = Status("not converged", "no equilibrium was found", "change the range")
    return Correspondence(
        game=game,
        along=along,
        start=start,
        stop=stop,
        branches=branches,
        folds=tuple(tracer.events("fold")),
        branch_points=tuple(tracer.events("branch point")),
        census=tracer.census(branches),
        status=status,
        digest=digest(game),
        seconds=perf_counter() - began,
    )


def kind_at(race: Race, game: Markov, build: Array) -> Kind | None:
    """Kind of the verdict on a race in which the labs build the shares ``build`` (N, S)."""
    hazard = game.hazard(build)
    return shape(pace_ratio(race, hazard, stationary(System(game).transitions(hazard)))).kind


class _Family:
    """The systems along the parameter; u = 0 at its start and 1 at its stop."""

    def __init__(self, game: Race, along: str, start: float, stop: float) -> None:
        self.at, self.start, self.stop = vary(game, along), start, stop
        if not (np.isfinite(start) and np.isfinite(stop) and start != stop):
            problem = Problem(along, f"{start:g} to {stop:g}", "expected two different numbers")
            raise GameFileError("range", [problem])
        first, last = self.at(start), self.at(stop)
        self.base = System(first.markov())
        size = self.base.players * self.base.size
        if size > DENSE:
            problem = Problem(
                "rungs", str(game.rungs), f"{size:,} values; expected at most {DENSE}"
            )
            raise GameFileError("game", [problem])
        self.still = _same_jumps(first.markov(), last.markov())

    def parameter(self, u: float) -> float:
        return self.start if u == 0 else self.stop if u == 1 else (
            self.start + u * (self.stop - self.start)
        )  # fmt: skip

    def race(self, u: float) -> Race:
        race: Race = self.at(self.parameter(u))
        return race

    def __call__(self, u: float) -> System:
        game = self.race(u).markov()
        if self.still:
            return self.base.along(replace(game, jump=self.base.game.jump))
        return System(game)


class _Tracer:
    """The curves found so far; a curve is followed once."""

    def __init__(self, family: _Family, method: Method, progress: Progress | None) -> None:
        self.family, self.method, self.progress = family, method, progress
        steps = method.search.continuation
        self.steps = replace(steps, largest=min(steps.largest, SMOOTH))
        self.curves: list[Curve] = []

    def run(self) -> None:
        for u in SLICES:
            system = self.family(u)

            def verify(build: Array, game: Markov = system.game) -> float:
                return float(regret(game, build).max())

            tolerance = self.method.tolerance
            for found in self.method.search.run(system, verify, tolerance, self.progress):
                if not self._known(u, found.value):
                    self._follow(Station(u, found.value, found.build, found.index))
        k = 0
        while k < len(self.curves):  # curves that leave from branch points join the list
            for crossing in self.curves[k].stations:
                if crossing.event == "branch point":
                    self._leave(crossing)
            k += 1

    def _follow(self, seed: Station) -> None:
        """Both ways from a seed, joined."""
        place, halves = (seed.value, seed.build, seed.u), []
        for towards in (-1, 1):
            if seed.u == (towards + 1) / 2:  # it stands at the border
                halves.append(Curve((seed,), "border"))
                continue
            halves.append(self.steps.follow(self.family, *place, towards))
            self._tell()
            if halves[-1].end == "loop":
                self.curves.append(halves[-1])
                return
        back, forth = halves
        ends = {back.end, forth.end}
        worst = next(e for e in ("stuck", "long", "border") if e in ends)
        self.curves.append(Curve((*back.stations[::-1], *forth.stations[1:]), worst))

    def _leave(self, crossing: Station) -> None:
        for curve in self.steps.leave(self.family, crossing):
            middle = curve.stations[len(curve.stations) // 2]
            if len(curve.stations) > 1 and not self._known(middle.u, middle.value):
                self.curves.append(curve)
                self._tell()

    def _known(self, u: float, value: Array) -> bool:
        scale = float(np.abs(value).max()) or 1.0
        newton = self.method.search.newton
        return any(
            float(np.abs(known - value).max()) <= SAME * scale
            for curve in self.curves
            for known, _ in curve.at(u, self.family, newton)
        )

    def _tell(self) -> None:
        if self.progress:
            self.progress("tracing branches", len(self.curves), 0.3)

    # --- what was found

    def branches(self) -> Iterator[Branch]:
        """The curves, cut at their events."""
        for curve in self.curves:
            stations: list[Station] = []
            for station in curve.stations:
                stations.append(station)
                if station.event is not None or station is curve.stations[-1]:
                    if len(stations) > 1:
                        index = int(np.sign(sum(station.index for station in stations)))
                        yield Branch(tuple(map(self._waypoint, stations)), index)
                    stations = [replace(station, event=None, index=0)]

    def events(self, event: Event) -> Iterator[Waypoint]:
        """Every fold, or every branch point, once; where curves cross both pass a branch point."""
        seen: list[Station] = []
        for station in (station for curve in self.curves for station in curve.stations):
            if station.event == event and not any(_near(station, other) for other in seen):
                seen.append(station)
                yield self._waypoint(station)

    def _waypoint(self, station: Station) -> Waypoint:
        system, race = self.family(station.u), self.family.race(station.u)
        point = Point(station.value, station.build, 0)
        equilibrium = assess(system, point, "continuation", proved=False)
        if self.progress:
            self.progress("verdicts along the branches", len(self.curves), 0.1)
        return Waypoint(
            self.family.parameter(station.u),
            replace(equilibrium, index=station.index),
            kind_at(race, system.game, station.build),
        )

    def census(self, branches: tuple[Branch, ...]) -> Census:
        """Whether the indices of the branches add up to one all along."""
        ends: dict[str, int] = {}
        for curve in self.curves:
            ends[curve.end] = ends.get(curve.end, 0) + 1
        engines = {f"curves ending in: {end}": count for end, count in ends.items()}
        for u in np.linspace(0.013, 0.987, PLACES):
            here = self.family.parameter(u)
            total = sum(b.index for b in branches if b.span[0] <= here <= b.span[1])
            if total != 1:
                where = f"around {here:.4g} the indices add up to {total} instead of 1"
                return Census("partial", f"{where}: some equilibria are missing", engines, total)
        if ends.get("stuck", 0) + ends.get("long", 0):
            message = "a curve could not be followed to its end"
            return Census("partial", message, engines, 1)
        how = "looked for at the start, the middle and the stop; the indices add up to 1 all along"
        return Census("searched", f"{how}; closed curves in between may be missed", engines, 1)


def _near(a: Station, b: Station) -> bool:
    scale = float(np.abs(a.value).max()) or 1.0
    return abs(a.u - b.u) < CROSSING and float(np.abs(a.value - b.value).max()) < SAME**0.5 * scale


def _same_jumps(a: Markov, b: Markov) -> bool:
    return all(abs(x - y).sum() == 0 for x, y in zip(a.jump, b.jump, strict=True))

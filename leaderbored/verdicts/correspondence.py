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
from typing import Any, Protocol

import numpy as np

from leaderbored.games.gamefile import GameFileError, Problem
from leaderbored.games.markov import Array
from leaderbored.games.markov_game import MarkovGame
from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers import Census, Equilibrium, MarkovEquilibrium, Method, Status, digest
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.markov.continuation import Curve, Event
from leaderbored.solvers.stochastic import MarkovMethod
from leaderbored.verdicts.pace import Kind

SAME = 1e-6  # distance of two values, relative to the largest, at which curves are one
CROSSING = 1e-5  # of the range, within which two curves report the same crossing
PLACES = 25  # values of the parameter at which the indices are added up
SLICES = (0.0, 0.5, 1.0)  # of the range of the parameter, where all equilibria are looked for


@dataclass(frozen=True, eq=False)
class Waypoint:
    """An equilibrium at one value of the parameter, with its verdict (None if not a race)."""

    parameter: float
    equilibrium: Equilibrium | MarkovEquilibrium
    verdict: Kind | None

    @property
    def value(self) -> Array:
        """(N,) values in the first state: of a race, where all are tied."""
        return self.equilibrium.value[:, 0]

    @property
    def choice(self) -> Array:
        """(X,) what is done there: shares that build, real actions, or probabilities."""
        if isinstance(self.equilibrium, Equilibrium):
            return self.equilibrium.build[:, 0]
        return np.concatenate([np.atleast_1d(x[0]) for x in self.equilibrium.policy.values()])


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
class Correspondence(Shown):
    """The answer to :func:`leaderbored.trace`.

    Attributes
    ----------
    game : Race or MarkovGame
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
    digest : str or None
        Fingerprint of the game.
    seconds : float
    """

    game: Race | MarkovGame
    along: str
    start: float
    stop: float
    branches: tuple[Branch, ...]
    folds: tuple[Waypoint, ...]
    branch_points: tuple[Waypoint, ...]
    census: Census
    status: Status
    digest: str | None
    seconds: float

    def counts(self) -> list[tuple[float, float, int]]:
        """Stretches of the parameter, each with its number of equilibria.

        Examples
        --------
        >>> import leaderbored as lb
        >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(1), discount=0.5, rungs=1)
        >>> few = lb.Method(search=lb.Search(starts=1))
        >>> lb.trace(race, "discount", 0.3, 0.5, few).counts()
        [(0.3, 0.5, 1)]
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


Stop = Any  # a point of a curve: u from 0 to 1, value (N, S), index, and event or None


class Line(Protocol):
    """A game along one of its numbers, and how its equilibria are found and followed."""

    alike: bool  # whether only equilibria are found in which players of one kind do alike

    def parameter(self, u: float) -> float:
        """The number at u."""

    def seeds(self, u: float) -> Iterator[Stop]:
        """Stops at u to start from."""

    def follow(self, seed: Stop, towards: int) -> Curve:
        """The curve from a stop, with u rising (1) or falling (-1) at first."""

    def leave(self, crossing: Stop) -> Iterator[Curve]:
        """The curve that crosses at a branch point, both ways."""

    def passes(self, curve: Curve, u: float) -> Iterator[Array]:
        """Values wherever a curve passes u."""

    def waypoint(self, stop: Stop) -> Waypoint:
        """A stop with its certificate."""


def trace(
    game: Race | MarkovGame,
    along: str,
    start: float,
    stop: float,
    method: Method | MarkovMethod | None = None,
    *,
    progress: Progress | None = None,
) -> Correspondence:
    """Follow all equilibria while one number of the game moves.

    Parameters
    ----------
    game : Race or MarkovGame
        A race of at most 700 values (labs times states).
    along : str
        Path of the number: ``"technology.handicap"``, ``"labs.A.compute"``; ``"discount"``,
        ``"parameters.delta"`` of a Markov game.
    start, stop : float
        Its range; the game must exist at both ends.
    method : Method or MarkovMethod, optional
        Engines and tolerances; of a race ``method.search.continuation`` sets the steps.
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
    if not (np.isfinite(start) and np.isfinite(stop) and start != stop):
        problem = Problem(along, f"{start:g} to {stop:g}", "expected two different numbers")
        raise GameFileError("range", [problem])
    tracer = _Tracer(_line(game, along, (start, stop), method, progress), progress)
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


def _line(
    game: Any, along: str, span: tuple[float, float], method: Any, progress: Progress | None
) -> Line:
    if isinstance(game, MarkovGame):
        from leaderbored.verdicts.markov_line import MarkovLine

        return MarkovLine(game, along, span, method or MarkovMethod(), progress)
    from leaderbored.verdicts.race_line import RaceLine

    return RaceLine(game, along, span, method or Method(), progress)


class _Tracer:
    """The curves found so far; a curve is followed once."""

    def __init__(self, line: Line, progress: Progress | None) -> None:
        self.line, self.progress = line, progress
        self.curves: list[Curve] = []

    def run(self) -> None:
        for u in SLICES:
            for seed in self.line.seeds(u):
                if not self._known(seed):
                    self._follow(seed)
        k = 0
        while k < len(self.curves):  # curves that leave from branch points join the list
            for crossing in self.curves[k].stations:
                if crossing.event == "branch point":
                    self._leave(crossing)
            k += 1

    def _follow(self, seed: Stop) -> None:
        """Both ways from a seed, joined."""
        halves: list[Curve] = []
        for towards in (-1, 1):
            at_border = seed.u == (towards + 1) / 2
            curve = Curve((seed,), "border") if at_border else self.line.follow(seed, towards)
            halves.append(curve)
            if self.progress:
                self.progress("tracing branches", len(self.curves), 0.3)
            if halves[-1].end == "loop":
                self.curves.append(halves[-1])
                return
        back, forth = halves
        ends = {back.end, forth.end}
        worst = next(e for e in ("stuck", "long", "border") if e in ends)
        self.curves.append(Curve((*back.stations[::-1], *forth.stations[1:]), worst))

    def _leave(self, crossing: Stop) -> None:
        for curve in self.line.leave(crossing):
            middle = curve.stations[len(curve.stations) // 2]
            if len(curve.stations) > 1 and not self._known(middle):
                self.curves.append(curve)

    def _known(self, stop: Stop) -> bool:
        scale = self._scale()
        return any(
            float(np.abs(known - stop.value).max()) <= SAME * scale
            for curve in self.curves
            for known in self.line.passes(curve, stop.u)
        )

    def _scale(self) -> float:
        """The largest value on any curve."""
        stops = (stop for curve in self.curves for stop in curve.stations)
        return max((float(np.abs(stop.value).max()) for stop in stops), default=0.0) or 1.0

    # --- what was found

    def branches(self) -> Iterator[Branch]:
        """The curves, cut at their events."""
        for curve in self.curves:
            stations: list[Stop] = []
            for station in curve.stations:
                stations.append(station)
                if station.event is not None or station is curve.stations[-1]:
                    if len(stations) > 1:
                        index = int(np.sign(sum(station.index for station in stations)))
                        yield Branch(tuple(map(self._waypoint, stations)), index)
                    stations = [replace(station, event=None, index=0)]

    def events(self, event: Event) -> Iterator[Waypoint]:
        """Every fold, or every branch point, once; where curves cross both pass a branch point."""
        seen: list[Stop] = []
        scale = self._scale()
        for station in (station for curve in self.curves for station in curve.stations):
            if station.event == event and not any(_near(station, other, scale) for other in seen):
                seen.append(station)
                yield self._waypoint(station)

    def _waypoint(self, stop: Stop) -> Waypoint:
        if self.progress:
            self.progress("verdicts along the branches", len(self.curves), 0.1)
        return self.line.waypoint(stop)

    def census(self, branches: tuple[Branch, ...]) -> Census:
        """Whether the indices of the branches add up to one all along."""
        ends: dict[str, int] = {}
        for curve in self.curves:
            ends[curve.end] = ends.get(curve.end, 0) + 1
        engines = {f"curves ending in: {end}": count for end, count in ends.items()}
        for u in np.linspace(0.013, 0.987, PLACES):
            here = self.line.parameter(u)
            total = sum(b.index for b in branches if b.span[0] <= here <= b.span[1])
            if total != 1:
                where = f"around {here:.4g} the indices add up to {total} instead of 1"
                return Census("partial", f"{where}: some equilibria are missing", engines, total)
        if ends.get("stuck", 0) + ends.get("long", 0):
            message = "a curve could not be followed to its end"
            return Census("partial", message, engines, 1)
        how = "looked for at the start, the middle and the stop; the indices add up to 1 all along"
        if self.line.alike:
            message = f"{how}; only equilibria in which players of one kind do alike"
            return Census("partial", message, engines, 1)
        return Census("searched", f"{how}; closed curves in between may be missed", engines, 1)


def _near(a: Stop, b: Stop, scale: float) -> bool:
    apart = float(np.abs(a.value - b.value).max())
    return bool(abs(a.u - b.u) < CROSSING and apart < SAME**0.5 * scale)

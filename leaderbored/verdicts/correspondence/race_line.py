"""A race along one of its numbers: the engines of its Markov game, and the verdict at each stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.games.places import vary
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.race import Race
from leaderbored.solvers import Equilibrium, Method, solve
from leaderbored.solvers.budget import Progress, checkpoint
from leaderbored.solvers.kernels.rows import row_of, unfit
from leaderbored.solvers.markov.along import along_numbers
from leaderbored.solvers.markov.assess import Judged, assess
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.clearing import assessed, clear
from leaderbored.solvers.markov.compiled import meets, system_of
from leaderbored.solvers.markov.continuation import Equilibria
from leaderbored.solvers.markov.machine import is_worth
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.precise import settle
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.markov.turning import TurnProof, certify_turn
from leaderbored.solvers.numerics.curve import Curve, CurvePoint
from leaderbored.solvers.numerics.linear import DENSE
from leaderbored.solvers.numerics.path import EXACT
from leaderbored.verdicts.correspondence.records import Counted, Waypoint, apart
from leaderbored.verdicts.reading import kind_at

if TYPE_CHECKING:
    from leaderbored.solvers.kernels.judged import Verdict
    from leaderbored.verdicts.pace import Kind

FEW = 300  # steps on the way to where values are infinite
SMOOTH = 0.02  # longest step, so that a figure looks smooth


class RaceLine:
    """The systems along the parameter; u = 0 at its start and 1 at its stop."""

    alike = False

    def __init__(
        self,
        game: Race,
        along: str,
        span: tuple[float, float],
        method: Method,
        progress: Progress | None,
    ) -> None:
        self.at, self.span = vary(game, along), span
        self._race: Callable[[float], Race] = lru_cache(8)(lambda u: self.at(self.parameter(u)))
        self.method, self.progress = method, progress
        steps = method.search.continuation
        self.steps = replace(steps, largest=min(steps.largest, SMOOTH), fold=EXACT)
        first, last = map(self.at, span)
        if first.mechanisms.on != last.mechanisms.on:
            mistake = Mistake(
                along, "", "switches a mechanism off; expected to stay away from that"
            )
            raise GameFileError("parameter", [mistake])
        self.base = system_of(first)
        size = self.base.unknowns
        if size > DENSE:
            mistake = Mistake(
                "rungs", str(game.rungs), f"{size:,} values; expected at most {DENSE}"
            )
            raise GameFileError("game", [mistake])
        self.still = _same_jumps(first.markov(), last.markov())
        self.search = method.search
        worth = is_worth(self.base, self.search.batch.machine)  # loading machine code
        self.family = Equilibria(self.system, along_numbers(self.race) if worth else None)
        games = (self.system(u).game for u in (0.0, 0.5, 1.0))
        self.unbounded = any(one.decay <= 0 for one in games)
        if self.unbounded:
            self.steps = replace(self.steps, steps=min(self.steps.steps, FEW))

    def parameter(self, u: float) -> float:
        """The number at u."""
        start, stop = self.span
        return {0.0: start, 1.0: stop}.get(u, start + u * (stop - start))

    def race(self, u: float) -> Race:
        """The race at u."""
        return self._race(u)

    def system(self, u: float) -> System:
        """The system of the race at u."""
        race = self.race(u)
        if meets(race) or not self.still:
            return system_of(race)
        return self.base.along(replace(race.markov(), jump=self.base.game.jump))

    def seeds(self, u: float) -> Iterator[CurvePoint]:
        """Every equilibrium at u that is found."""
        race, system = self.race(u), self.system(u)
        if meets(race):
            for one in clear(race, self.method, None, self._told, all=True).equilibria:
                yield self.family.point(u, one.value, one.build, one.index or 0)
            return

        def verify(build: Array) -> float:
            return float(regret(system.game, build).max())

        for found in self.search.run(system, verify, self.method.tolerance, self.progress).found:
            yield self.family.point(u, found.point.value, found.point.build, found.index)

    def _told(self, phase: str, round: int, left: float) -> None:
        checkpoint()
        if self.progress:
            self.progress(phase, round, left)

    def follow(self, seed: CurvePoint, towards: int) -> Curve:
        """The curve from a point, one way."""
        if self.progress:
            self.progress(self.family.phase("tracing branches"), 0, 0.3)
        return self._finite(self.steps.follow(self.family, seed, towards))

    def leave(self, crossing: CurvePoint, known: Callable[[CurvePoint], bool]) -> Iterator[Curve]:
        """The curve that crosses at a branch point, both ways; none whose start is known."""
        return map(self._finite, self.steps.leave(self.family, crossing, known))

    def _finite(self, curve: Curve) -> Curve:
        """The curve up to where money grows too fast for finite values."""
        if not self.unbounded:
            return curve
        for k, point in enumerate(curve.points):
            system = self.system(point.u)
            if system.game.decay <= 0 and not system.lasts(self.family.profile(point).build):
                return Curve(curve.points[: max(k, 1)], "stuck")
        return curve

    def passes(self, curve: Curve, u: float) -> Iterator[Array]:
        """Values wherever a curve passes u."""
        found = self.family.passes(curve, u, self.method.search.newton)
        return (profile.value for profile in found)

    def coordinates(self, point: CurvePoint) -> Array:
        """The values, which replies follow from."""
        value: Array = self.family.value(point.z)
        return value

    def apart(self, a: Array, b: Array) -> float:
        """The largest difference of values, relative to the largest value."""
        return apart(a, b)

    def turn(self, fold: Waypoint) -> TurnProof:
        """Of a race of two labs without mechanisms."""
        race, one = self.at(fold.parameter), fold.equilibrium
        assert isinstance(one, Equilibrium)
        if reason := unfit(race):
            return TurnProof(False, None, f"turns are proved of plain races of two labs: {reason}")
        rows = (row_of(race), row_of(self.at(self.span[0])))
        if np.array_equal(*rows):
            rows = (rows[0], row_of(self.at(self.span[1])))
        return certify_turn(race.markov(), rows, fold.parameter, one.value, one.build)

    def counted(self, u: float) -> Counted | None:
        """How many equilibria there are at u, where a proof was asked for."""
        if self.method.search.transfer.steps <= 0:
            return None
        found = solve(self.race(u), self.method, all=True)
        checkpoint()  # what a search has found by the end of its time is no count
        census = found.census
        return Counted(self.parameter(u), len(found.equilibria), census.complete, census.message)

    def waypoint(self, point: CurvePoint) -> Waypoint:
        """The equilibrium at a point, with its certificate and verdict."""
        system, race = self.family.at(point.u), self.race(point.u)
        profile = self.family.profile(point)
        found = Point(profile.value, profile.build, 0)
        verdict = self._verdict(race, system, found)
        if meets(race):
            equilibrium = assessed(race, system, found, "continuation", True, proved=False)
        else:
            equilibrium = assess(
                system,
                found,
                "continuation",
                proved=False,
                returning=self.method.stability,
                index=point.index,
                judged=Judged(verdict.regret, max(verdict.apart, 0.0)) if verdict else None,
            )
        if verdict:
            kind = cast("Kind | None", verdict.kind)
        else:
            kind = kind_at(race, equilibrium.game, equilibrium.build, system)
        return Waypoint(self.parameter(point.u), replace(equilibrium, index=point.index), kind)

    def _verdict(self, race: Race, system: System, point: Point) -> Verdict | None:
        """What machine code says of a point, where it is loaded and is sure of it."""
        if (along := self.family.along) is None:
            return None
        from leaderbored.solvers.kernels.judged import judged  # brings numba

        point, line = settle(system, point), along.order.argsort()
        found = judged(row_of(race), race.rungs, point.value[:, line], point.build[:, line])
        return found if found.holds else None


def _same_jumps(a: Markov, b: Markov) -> bool:
    return all(abs(x - y).sum() == 0 for x, y in zip(a.jump, b.jump, strict=True))

"""A Markov game of one's own along one of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from leaderbored.games.markov import Array
from leaderbored.games.places import vary
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.stochastic import MarkovGame
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.markov.turning import TurnProof
from leaderbored.solvers.numerics.curve import Curve, CurvePoint
from leaderbored.solvers.numerics.path import Path
from leaderbored.solvers.numerics.sparse import Moving
from leaderbored.solvers.stochastic import MarkovMethod, Search
from leaderbored.solvers.stochastic import problem as markov
from leaderbored.solvers.stochastic.directional import backwards
from leaderbored.solvers.stochastic.newton import newton
from leaderbored.verdicts.correspondence.records import Waypoint, apart

PATH = Path(step=0.005, largest=0.04)
LARGE = 1_000  # unknowns from which equilibria are looked for from few starts,
FEW = 3  # so many


class MarkovLine:
    """The problems along the parameter; u = 0 at its start and 1 at its stop.

    The number may change payoffs, chances, discounts and bounds, but neither where events lead nor
    where the game ends.
    """

    def __init__(
        self,
        game: MarkovGame,
        along: str,
        span: tuple[float, float],
        method: MarkovMethod,
        progress: Progress | None,
    ) -> None:
        self.span, self.method, self.progress = span, method, progress
        at = vary(game, along)
        self.ends = markov.Problem(at(span[0])), markov.Problem(at(span[1]))
        self.unbounded = False
        self.alike = len(self.ends[0].leads) < len(self.ends[0].game.agents)
        self.family = Moving(self.problem)
        first, last = (end.stage for end in self.ends)
        moved = (first.destination != last.destination).any()
        if moved or (self.ends[0].game.ended != self.ends[1].game.ended).any():
            expected = "expected a number that leaves alone where events lead and the game ends"
            raise GameFileError("parameter", [Mistake(along, "", expected)])

    def parameter(self, u: float) -> float:
        """The number at u."""
        start, stop = self.span
        return {0.0: start, 1.0: stop}.get(u, start + u * (stop - start))

    def problem(self, u: float) -> markov.Problem:
        """The problem at u."""
        first, last = self.ends
        discount = first.discount + u * (last.discount - first.discount)
        numbers = first.stage.numbers + u * (last.stage.numbers - first.stage.numbers)
        return first.shifted(discount, numbers)

    def seeds(self, u: float) -> Iterator[CurvePoint]:
        """Every equilibrium at u that is found."""
        problem = self.problem(u)
        few = min(self.method.starts, FEW if problem.size > LARGE else self.method.starts)
        search = Search(problem, replace(self.method, starts=few), progress=self.progress)
        order = None if search.tied else backwards(problem)
        if order is None or not search.directional(order).equilibria:
            search.every()
        for z in search.pool:
            if search.certified(z, "").regret <= self.method.tolerance:
                yield CurvePoint(u, z, 0)

    def follow(self, seed: CurvePoint, towards: int) -> Curve:
        """The curve from a point, one way."""
        curve = PATH.follow(self.family, seed.z, seed.u, towards)
        return curve if curve.points else replace(curve, points=(seed,))

    def leave(self, crossing: CurvePoint, known: Callable[[CurvePoint], bool]) -> Iterator[Curve]:
        """The curve that crosses at a branch point, both ways; none whose start is known."""
        return PATH.leave(self.family, crossing, known)

    def passes(self, curve: Curve, u: float) -> Iterator[Array]:
        """All unknowns wherever a curve passes u."""
        problem = self.problem(u)
        for near in curve.passes(u):
            z = newton(problem, near, 20)
            if z is not None:
                yield z

    def coordinates(self, point: CurvePoint) -> Array:
        """All unknowns: the same values may belong to different choices."""
        return point.z

    def apart(self, a: Array, b: Array) -> float:
        """The larger of the relative differences of values and of choices."""
        blocks = (self.ends[0].slot[kind] for kind in ("value", "choice"))
        return max(apart(a[block], b[block]) for block in blocks)

    def turn(self, fold: Waypoint) -> TurnProof:
        """None is proved."""
        return TurnProof(False, None, "turns are proved of plain races of two labs alone")

    def counted(self, u: float) -> None:
        """Lists of these are not proved."""

    def waypoint(self, point: CurvePoint) -> Waypoint:
        """The equilibrium at a point, with its certificate."""
        search = Search(self.problem(point.u), self.method)
        found = search.certified(point.z, "continuation", point.index)
        return Waypoint(self.parameter(point.u), found, None)

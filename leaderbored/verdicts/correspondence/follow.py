r"""The equilibrium correspondence: all equilibria as one number of the game moves.

Equilibria found at a few values of the parameter seed curves, which pseudo-arclength continuation
follows through folds, and from branch points along what crosses there. A curve is cut at its folds
and branch points into branches, each the graph of an equilibrium over a stretch of the parameter.
Between two events the indices of all equilibria add up to one; where those on the branches do not,
equilibria are looked for there too, and followed both ways.
Besanko, Doraszelski, Kryukov and Satterthwaite (Econometrica 78, 2010) brought the method to
dynamic oligopoly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from time import perf_counter

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.stochastic import MarkovGame
from leaderbored.kinds import fitting, offering
from leaderbored.race import Race
from leaderbored.solvers import Census, Method, Status, digest
from leaderbored.solvers.budget import (
    LATE,
    Budget,
    Limit,
    Progress,
    StoppedError,
    checkpoint,
    spared,
    unhurried,
)
from leaderbored.solvers.markov import BEYOND, beyond
from leaderbored.solvers.markov.answer import UNBOUNDED
from leaderbored.solvers.markov.turning import TurnProof
from leaderbored.solvers.numerics.curve import Curve, CurvePoint, End, Event
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.reductions import chain
from leaderbored.solvers.settings import settings
from leaderbored.solvers.stochastic import MarkovMethod
from leaderbored.verdicts.correspondence.records import (
    NARROW,
    Branch,
    Correspondence,
    Counted,
    Line,
    Waypoint,
)

SAME = 1e-6  # distance of two values, relative to the largest, at which curves are one
CROSSING = 1e-5  # of the range, within which two curves report the same crossing
WORST: tuple[End, ...] = ("stopped", "stuck", "long", "border")  # of the ends of two halves
AGAIN = 12  # stretches in which equilibria are looked for once more
THIN = 8  # points of a branch that are shown when time is up
BESIDE = 1e-4  # of the range, and of values, within which a point is not shown beside another
SLICES = (0.0, 0.5, 1.0)  # of the range of the parameter, where all equilibria are looked for


@unthreaded
def trace(
    game: Race | MarkovGame,
    along: str,
    start: float,
    stop: float,
    method: Method | MarkovMethod | None = None,
    *,
    limit: Limit | None = None,
    progress: Progress | None = None,
) -> Correspondence:
    """Follow all equilibria as one number of the game changes.

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
    limit : float or callable, optional
        Seconds after which to stop, or a function that says True when to stop; what was followed
        so far is returned, with status "stopped".
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
    kind, method = offering(game, "trace"), fitting(game, method)
    if not (np.isfinite(start) and np.isfinite(stop) and start != stop):
        mistake = Mistake(along, f"{start:g} to {stop:g}", "expected two different numbers")
        raise GameFileError("range", [mistake])
    game = chain(game, "line").game
    line: Line = kind.get("line")(game, along, (start, stop), method, progress)
    tracer = _Tracer(line, progress)
    with Budget(limit).running(), np.errstate(all="ignore"):
        tracer.run()
        branches, folds, branch_points = tracer.shown()
        counted = tuple(tracer.counted())
    many = "1 branch" if len(branches) == 1 else f"{len(branches)} branches"
    verb = "was" if len(branches) == 1 else "were"
    status = tracer.failed or Status("converged", f"{many} {verb} followed")
    if tracer.stopped:
        smaller = "lower rungs" if kind.answers("verdict") else "make the range shorter"
        status = Status(
            "stopped", f"tracing was stopped after {many}", f"raise the limit, or {smaller}"
        )
    elif tracer.uncounted:
        message = f"{many} {verb} followed, but equilibria were not counted in every stretch"
        status = Status("stopped", message, "raise the limit, or make the range shorter")
    elif not branches and status.ok:
        status = Status("not converged", "no equilibrium was found", "change the range")
    return Correspondence(
        game=game,
        along=along,
        start=start,
        stop=stop,
        branches=branches,
        folds=folds,
        branch_points=branch_points,
        census=tracer.census(),
        status=status,
        digest=digest(game),
        seconds=perf_counter() - began,
        settings=settings(method),
        counted=counted,
    )


@dataclass(frozen=True, eq=False)
class _Piece:
    """The points of a branch, and their index."""

    points: tuple[CurvePoint, ...]
    index: int

    @property
    def curve(self) -> Curve:
        return Curve(self.points, "border")

    def covers(self, u: float) -> bool:
        ends = float(self.points[0].u), float(self.points[-1].u)
        return min(ends) <= u <= max(ends)


class _Tracer:
    """The curves found so far; a curve is followed once."""

    def __init__(self, line: Line, progress: Progress | None) -> None:
        self.line, self.progress = line, progress
        self.pieces: list[_Piece] = []
        self.ends: dict[End, int] = {}  # of the curves followed
        self.crossings: list[CurvePoint] = []  # branch points
        self.waypoints: dict[CurvePoint, Waypoint] = {}
        self.looked: list[float] = []  # where equilibria were looked for
        self.stopped = False
        self.uncounted = False  # whether there was no time to count in every stretch
        self.failed: Status | None = None  # where numbers are too large or too small to go on

    def run(self) -> None:
        """Follow all there is, or what there is time for."""
        try:
            for u in SLICES:
                self._look(u)
            while (place := self._unbalanced()) is not None:
                self._look(place)
        except StoppedError:
            self.stopped = True
        except BEYOND as error:
            self.failed = beyond(error)

    def _look(self, u: float) -> None:
        """Follow what is found at u and not known, and what leaves it."""
        self.looked.append(u)
        for seed in self.line.seeds(u):
            if not self._known(seed):
                self._follow(seed)
        checkpoint()

    def _unbalanced(self) -> float | None:
        """The middle of a stretch whose indices do not add up to one, if none was looked at."""
        if len(self.looked) >= len(SLICES) + AGAIN:
            return None
        for low, high, total in self.stretches():
            if total != 1 and not any(low < u < high for u in self.looked[len(SLICES) :]):
                return (low + high) / 2
        return None

    def _follow(self, seed: CurvePoint) -> None:
        """Both ways from a seed, joined."""
        halves: list[Curve] = []
        for towards in (-1, 1):
            at_border = seed.u == (towards + 1) / 2
            curve = Curve((seed,), "border") if at_border else self.line.follow(seed, towards)
            halves.append(curve)
            if self.progress:
                self.progress("tracing branches", len(self.pieces), 0.3)
            if halves[-1].end == "loop":
                self._add(halves[-1])
                return
        back, forth = halves
        ends = {back.end, forth.end}
        worst = next(e for e in WORST if e in ends)
        self._add(Curve((*back.points[::-1], *forth.points[1:]), worst))

    def _add(self, curve: Curve) -> None:
        """Keep what is new of a curve, and follow what leaves it at its branch points."""
        known = len(self.pieces)
        for piece in _cut(curve):  # one by one: a loop may end along its own beginning
            if not self._overlaps(piece):
                self.pieces.append(piece)
        if len(self.pieces) == known:
            return
        self.ends[curve.end] = self.ends.get(curve.end, 0) + 1
        checkpoint()
        for point in curve.points:
            if point.event == "branch point" and not any(
                self._near(point, other) for other in self.crossings
            ):
                self.crossings.append(point)
                for arm in self.line.leave(point, self._known):
                    self._add(arm)

    def _overlaps(self, piece: _Piece) -> bool:
        """Whether a branch is known, or passes no parameter."""
        u = (piece.points[0].u + piece.points[-1].u) / 2
        point = next(self.line.passes(piece.curve, u), None)
        return point is None or self._passed(u, point)

    def _known(self, point: CurvePoint) -> bool:
        return self._passed(point.u, self.line.coordinates(point))

    def _passed(self, u: float, point: Array) -> bool:
        """Whether a branch passes u at this point."""
        return any(
            self.line.apart(known, point) <= SAME
            for piece in self.pieces
            if piece.covers(u)
            for known in self.line.passes(piece.curve, u)
        )

    def _near(self, a: CurvePoint, b: CurvePoint) -> bool:
        """Whether two points are one, but for how well each was found."""
        coordinates = self.line.coordinates
        apart = self.line.apart(coordinates(a), coordinates(b))
        return bool(abs(a.u - b.u) < CROSSING) and apart < SAME**0.5

    # --- what was found

    def stretches(self) -> list[tuple[float, float, int]]:
        """Stretches of u between the ends of pieces, each with the sum of its indices."""
        pieces = self.pieces
        ends = {0.0, 1.0, *(piece.points[k].u for piece in pieces for k in (0, -1))}
        return [
            (low, high, sum(piece.index for piece in pieces if piece.covers((low + high) / 2)))
            for low, high in pairwise(sorted(ends))
            if high - low > NARROW
        ]

    def counted(self) -> Iterator[Counted]:
        """How many equilibria there are in the middle of every stretch, as far as there is time."""
        if self.stopped or self.failed:
            return
        try:
            for low, high, _ in self.stretches():
                found = self.line.counted((low + high) / 2)
                if found is not None:
                    yield found
        except StoppedError:
            self.uncounted = True

    def shown(self) -> tuple[tuple[Branch, ...], tuple[Waypoint, ...], tuple[Waypoint, ...]]:
        """Branches, folds and branch points with their certificates; fewer when time is up."""
        if not self.stopped:
            try:
                return self._shown()
            except StoppedError:
                self.stopped = True
            except BEYOND as error:
                self.failed = beyond(error)
                return (), (), ()
        with unhurried():
            return self._shown()

    def _shown(self) -> tuple[tuple[Branch, ...], tuple[Waypoint, ...], tuple[Waypoint, ...]]:
        branches = []
        for piece in self.pieces:
            points = tuple(self._apart(piece.points))
            if self.stopped and len(points) > THIN:
                points = tuple(points[k] for k in np.linspace(0, len(points) - 1, THIN).astype(int))
            branches.append(Branch(tuple(map(self._waypoint, points)), piece.index))
        return tuple(branches), tuple(self.events("fold")), tuple(self.events("branch point"))

    def _apart(self, points: Sequence[CurvePoint]) -> Iterator[CurvePoint]:
        """The ends of a piece, and the points between that are not beside one that is shown."""
        last, coordinates = points[0], self.line.coordinates
        yield last
        for point in points[1:-1]:
            near = abs(point.u - last.u) < BESIDE
            if not near or self.line.apart(coordinates(last), coordinates(point)) >= BESIDE:
                last = point
                yield point
        yield points[-1]

    def events(self, event: Event) -> Iterator[Waypoint]:
        """Every fold, or every branch point, once; where curves cross both pass a branch point."""
        seen: list[CurvePoint] = []
        for point in (each for piece in self.pieces for each in piece.points):
            if point.event == event and not any(self._near(point, other) for other in seen):
                seen.append(point)
                found = self._waypoint(point)
                if event == "fold":
                    late = TurnProof(False, None, LATE)
                    found = replace(found, turn=spared(partial(self.line.turn, found), late))
                yield found

    def _waypoint(self, point: CurvePoint) -> Waypoint:
        checkpoint()
        if self.progress:
            self.progress("verdicts along the branches", len(self.pieces), 0.1)
        if point not in self.waypoints:  # the end of a branch is the start of another
            self.waypoints[point] = self.line.waypoint(point)
        return self.waypoints[point]

    def census(self) -> Census:
        """Where the indices of the branches add up to one, and where not."""
        engines = {f"curves ending in: {end}": count for end, count in self.ends.items()}
        stretches = self.stretches()
        wrong = [(low, high, total) for low, high, total in stretches if total != 1]
        if self.stopped or self.failed:
            message = "tracing was stopped before its end: branches may be missing"
            return Census("partial", message, engines, None)
        if self.line.unbounded:
            return Census("partial", f"{UNBOUNDED} ({self._looked()})", engines, None)
        if wrong:
            return Census("partial", self._wrong(wrong, len(stretches)), engines, wrong[0][2])
        if self.ends.keys() - {"border", "loop"}:
            message = "a curve could not be followed to its end"
            return Census("partial", message, engines, 1)
        many = len(stretches)
        where = "from end to end" if many == 1 else f"in each of {many} stretches between events"
        how = f"{self._looked()}; the indices add up to 1 {where}"
        if self.line.alike:
            message = f"{how}; only equilibria in which players of one kind do alike"
            return Census("partial", message, engines, 1)
        missed = "closed curves, and pairs whose indices cancel, may be missed in between"
        return Census("searched", f"{how}; {missed}", engines, 1)

    def _looked(self) -> str:
        more = [f"{self.line.parameter(u):.6g}" for u in self.looked[len(SLICES) :]]
        also = f", and where they were missed, at {', '.join(more)}" if more else ""
        return f"looked for at the start, the middle and the stop{also}"

    def _wrong(self, wrong: list[tuple[float, float, int]], many: int) -> str:
        where = []
        for low, high, total in wrong:
            ends = sorted(map(self.line.parameter, (low, high)))
            where.append(f"to {total} between {ends[0]:.6g} and {ends[1]:.6g}")
        rest = f"; to 1 in the other {many - len(wrong)} stretches" if many > len(wrong) else ""
        missing = "some equilibria are missing there"
        return f"the indices add up {', '.join(where)}{rest}: {missing} ({self._looked()})"


def _cut(curve: Curve) -> Iterator[_Piece]:
    """A curve between its events."""
    points: list[CurvePoint] = []
    for point in curve.points:
        points.append(point)
        if point.event is not None or point is curve.points[-1]:
            if len(points) > 1:
                yield _Piece(tuple(points), int(np.sign(sum(point.index for point in points[1:]))))
            points = [point]

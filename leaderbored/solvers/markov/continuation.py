r"""Pseudo-arclength continuation: follow an equilibrium while a parameter moves.

A family of games u -> game, 0 <= u <= 1, has a curve of equilibria (V(s), u(s)), parametrised by
its length s so that it can turn back. Each step predicts along the tangent and corrects within
the plane normal to it (Keller 1977; Allgower and Georg, Introduction to Numerical Continuation
Methods, 2003). The conditions are piecewise smooth: the corrector re-selects the active pieces.

Orientation decides where a step leads when the curve turns. With A = dF/dV on the active pieces,

.. math:: \operatorname{sign}(du/ds) \cdot \operatorname{sign} \det A \quad\text{is constant},

also across kinks, and changes at branch points alone (Eaves and Scarf, Mathematics of Operations
Research 1, 1976). The index of an equilibrium is that sign, times -1 for every level; over all
equilibria of a game it adds up to one, as the degree of the map does not change on the way to the
game of impatient players, whose equilibrium is unique.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import pairwise
from typing import Literal

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import StoppedError, checkpoint
from leaderbored.solvers.markov.newton import Newton, linearise, pieces_at, residual
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.markov.symmetry import Relabelling, asymmetry, relabellings
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import Matrix, sign

Family = Callable[[float], System]
Event = Literal["fold", "branch point"]
End = Literal["border", "loop", "stuck", "long", "stopped"]

DIFFERENCE = 1e-7  # of the range of u, for the derivative in u
SHARP = 0.9  # cosine between tangents below which a long step is not trusted
VERTICAL = 1e-9  # rise of u per length below which it is none
LEAP = 0.25  # largest change of an effort in one step: more, and the curve may have been lost
UNEVEN = 0.2  # of a rise in u that the tangents at both ends do not explain: folds may hide
FINE = 1e-3  # length of a step that may be uneven
REACHES = (0.003, 0.01, 0.001, 0.03, 3e-4, 1e-4, 1e-5, 1e-6)  # of first steps onto another curve
ALIKE, APART = 1e-11, 1e-8  # of the largest value: alike to rounding, and not alike
JOINT = 1e-8  # length of a step from where players differ to where they are alike
SOMEWHERE = (0.381966, 0.723607)  # in u, where players that are alike throughout are alike
KINK = 1e-4  # length of a step short enough for any turn: a kink lies within


@dataclass(frozen=True, eq=False)
class Station:
    """A point on a curve of equilibria.

    Attributes
    ----------
    u : float
        Parameter, from 0 to 1.
    value, build : (N, S) arrays
    index : int
        1 or -1; 0 where the linearisation is singular.
    event : str or None
        What happens here: the curve folds back in u, or another curve crosses.
    """

    u: float
    value: Array
    build: Array
    index: int
    event: Event | None = None


@dataclass(frozen=True, eq=False)
class Curve:
    """Stations in order along the curve, events among them, and why it ended.

    Ends are ``border`` (u reached 0 or 1), ``loop`` (back at the start), ``stuck`` (no further
    point was found), ``long`` (out of steps) and ``stopped`` (out of time).
    """

    stations: tuple[Station, ...]
    end: End

    def at(self, u: float, family: Family, newton: Newton) -> Iterator[tuple[Array, Array]]:
        """Value and build wherever the curve passes the parameter u."""
        for a, b in pairwise(self.stations):
            if (a.u - u) * (b.u - u) <= 0 and a.u != b.u:
                t = (u - a.u) / (b.u - a.u)
                value = a.value + t * (b.value - a.value)
                build = a.build + t * (b.build - a.build)
                point = newton.polish(family(u), value, build)
                if point is not None:
                    yield point


@dataclass(frozen=True)
class Continuation:
    """Settings of pseudo-arclength continuation.

    Parameters
    ----------
    step, smallest, largest : float
        First, shortest and longest step. Length one is the whole range of the parameter, or a
        change of all values by the largest flow payoff for ever.
    steps : int
        Largest number of steps, those given up included.
    newton : Newton
        Corrects the end points at the borders.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from dataclasses import replace
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> start = lb.solve(race).equilibria[0]
    >>> game = race.markov()
    >>> family = lambda u: System(replace(game, discount=0.5 + u))
    >>> curve = Continuation().follow(family, start.value, start.build, 0.0, 1)
    >>> curve.end, curve.stations[-1].u, curve.stations[-1].index
    ('border', 1.0, 1)
    """

    step: float = 0.01
    smallest: float = 1e-9
    largest: float = 0.04
    steps: int = 1_500
    newton: Newton = field(default_factory=Newton)

    def follow(self, family: Family, value: Array, build: Array, u: float, towards: int) -> Curve:
        """Follow the curve through an equilibrium of the game at u.

        Parameters
        ----------
        family : callable
            From u in [0, 1] to the :class:`System` of the game there; all of one shape.
        value, build : (N, S) arrays
            An equilibrium at u.
        u : float
        towards : int
            1 to set out with u rising, -1 falling.

        Returns
        -------
        Curve
        """
        return _Walk(self, family, value, build, u).run(towards)

    def leave(self, family: Family, crossing: Station) -> Iterator[Curve]:
        """Follow the curve that crosses at a branch point, both ways."""
        walk = _Walk(self, family, crossing.value, crossing.build, crossing.u)
        for direction in walk.across():
            away = _Walk(self, family, crossing.value, crossing.build, crossing.u)
            if away.step_off(direction):
                arm = away.run(0)
                yield replace(arm, stations=(crossing, *arm.stations))


@dataclass
class _Here:
    """The walker's place: a point, its linearisation, and the direction of travel."""

    u: float
    value: Array
    effort: Array
    pieces: Pieces
    rank: Array
    matrix: Matrix
    slope: Array
    index: int
    tangent: Array


def _within(family: Family, u: float) -> System:
    """The member at u, or at the nearer end.

    Raises
    ------
    numpy.linalg.LinAlgError
        Of a step without end.
    """
    if np.isnan(u):
        raise np.linalg.LinAlgError("a step without end")
    return family(min(max(u, 0.0), 1.0))


class _Walk:
    def __init__(
        self, settings: Continuation, family: Family, value: Array, build: Array, u: float
    ) -> None:
        self.settings = settings
        self.family = lru_cache(maxsize=8)(partial(_within, family))
        game = self.family(u).game
        self.shape, self.earners = value.shape, self.family(u).earners
        self.money = float(np.max(game.payoff(game.lower), initial=0.0)) or 1.0
        self.swaps = self._swaps()
        self.here = self._place(u, value, build, None)
        self.tilted = bool(self._tilt(self.here))

    # --- geometry: a point is (V, e, u) in one vector; only levels move in e by themselves

    def _weights(self, u: float) -> Array:
        """Metric of the vector (V, e, u): annual values relative to the largest payoff."""
        count = int(np.prod(self.shape))
        annual = float(np.square(self.family(u).game.discount / self.money)) / count
        return np.concatenate((np.full(count, annual), np.full(count, 1 / count), [1.0]))

    def _unit(self, direction: Array, u: float) -> Array:
        return np.asarray(direction / np.sqrt(direction @ (self._weights(u) * direction)))

    def _columns(self, pieces: Pieces) -> Array:
        """Places of the unknowns of the linearisation in the vector (V, e, u)."""
        count = int(np.prod(self.shape))
        values = np.arange(count).reshape(self.shape)[self.earners].ravel()
        return np.concatenate((values, count + np.flatnonzero(pieces.level), [2 * count]))

    def _linear(self, u: float, value: Array, effort: Array) -> tuple[Pieces, Matrix, Array]:
        """The active pieces, the linearisation on them, and the error there."""
        system = self.family(u)
        pieces = pieces_at(system, value, self._build(system, effort))
        return pieces, *linearise(system, value, pieces)

    def _build(self, system: System, effort: Array) -> Array:
        return system.game.share(effort)

    def _prolonged(self, u: float, pieces: Pieces, beside: System, value: Array) -> Pieces:
        """The pieces active at u, in the game beside it, whatever kink lies in between."""
        return beside.stage.prolonged(pieces, self.family(u).stage, beside.stakes(value))

    def _effort(self, u: float, build: Array) -> Array:
        return self.family(u).game.effort(build)

    def _slope(self, u: float, value: Array, effort: Array, pieces: Pieces, error: Array) -> Array:
        """Derivative of the conditions in u, the set of levels kept."""
        delta = DIFFERENCE if u < 0.5 else -DIFFERENCE
        beside = self.family(u + delta)
        build = self._build(beside, effort)
        moved = pieces_at(beside, value, build)
        if beside.noise == 0:
            moved = self._prolonged(u, pieces, beside, value)
        moved = replace(moved, build=np.where(pieces.level, build, moved.build), level=pieces.level)
        return np.asarray((residual(beside, value, moved) - error) / delta)

    def _place(self, u: float, value: Array, build: Array, towards: Array | None) -> _Here:
        """A corrected point with its tangent, at an acute angle to ``towards``."""
        effort = self._effort(u, build)
        pieces, matrix, error = self._linear(u, value, effort)
        slope = self._slope(u, value, effort, pieces, error)
        effort = np.where(pieces.level, effort, self._effort(u, pieces.build))
        index = sign(matrix) * (-1) ** int(pieces.level.sum())
        if towards is None:
            towards = np.zeros(2 * value.size + 1)
            towards[-1] = 1.0
        tangent = self._tangent(u, pieces, matrix, slope, towards)
        index = index if abs(tangent[-1]) > VERTICAL else 0
        rank = _rank(self.family(u), pieces)
        return _Here(u, value, effort, pieces, rank, matrix, slope, index, tangent)

    def _tangent(
        self, u: float, pieces: Pieces, matrix: Matrix, slope: Array, towards: Array
    ) -> Array:
        columns = self._columns(pieces)
        row = (self._weights(u) * towards)[columns]
        rhs = np.zeros(len(columns))
        rhs[-1] = 1.0
        try:
            short = _solve(_border(matrix, slope, row), rhs)
        except (np.linalg.LinAlgError, RuntimeError):
            short = _null(matrix, slope)[-1]
        tangent = np.zeros(len(towards))
        tangent[columns] = short
        tangent = self._unit(tangent, u)
        return tangent if tangent @ (self._weights(u) * towards) >= 0 else -tangent

    def _correct(self, point: Array, tangent: Array) -> _Here | None:
        """Newton within the plane through ``point`` normal to ``tangent``."""
        count = int(np.prod(self.shape))
        x, last, slope = point.copy(), np.inf, None
        weights = self._weights(point[-1])
        for k in range(10):
            checkpoint()
            value, effort = x[:count].reshape(self.shape), x[count:-1].reshape(self.shape)
            pieces, matrix, error = self._linear(x[-1], value, effort)
            if slope is None or len(slope) != len(error):
                slope = self._slope(x[-1], value, effort, pieces, error)
            columns = self._columns(pieces)
            row = weights * tangent
            rhs = -np.r_[error, row @ (x - point)]
            try:
                step = _solve(_border(matrix, slope, row[columns]), rhs)
            except (np.linalg.LinAlgError, RuntimeError):
                return None
            if not np.all(np.isfinite(step)):
                return None
            replies = self._effort(x[-1], pieces.build)
            x[count:-1] = np.where(pieces.level, effort, replies).ravel()
            x[columns] += step
            size = float(np.sqrt(step @ (weights[columns] * step)))
            if size < 1e-12 or (k > 2 and size < 1e-10 and size > 0.5 * last):
                value, effort = x[:count].reshape(self.shape), x[count:-1].reshape(self.shape)
                build = self._build(self.family(x[-1]), effort)
                return self._place(float(x[-1]), value, build, tangent)
            if k > 1 and size > last:
                return None
            last = size
        return None

    def _ahead(self, length: float, origin: _Here | None = None) -> _Here | None:
        origin = origin or self.here
        start = np.r_[origin.value.ravel(), origin.effort.ravel(), origin.u]
        return self._correct(start + length * origin.tangent, origin.tangent)

    # --- the walk

    def run(self, towards: int) -> Curve:
        """Walk until the border, the start, or the end of what can be done; 0 keeps the course."""
        stations: list[Station] = []
        try:
            end = self._run(towards, stations)
        except StoppedError:
            end = "stopped"
        return Curve(tuple(stations), end)

    def _run(self, towards: int, stations: list[Station]) -> End:
        settings, here = self.settings, self.here
        if towards and here.tangent[-1] * towards < 0:
            here.tangent = -here.tangent
        self.side, self.course = _side(here), here.index * _side(here)
        first = here
        length = settings.step
        stations.append(self._station(here))
        for k in range(settings.steps):
            checkpoint()
            there = self._step(length)
            if there is None and length > settings.smallest:
                length /= 3
                continue
            if there is None:
                there = self._border() or self._turn()
                if there is None:
                    return "stuck"
            stations += self._events(self.here, there, length)
            stations.append(self._station(there))
            self.here = there
            if there.u in (0.0, 1.0):
                return "border"
            if k > 3 and self._distance(there, first) < length and _parallel(there, first):
                return "loop"
            length = min((3.0 if length < FINE else 1.5) * length, settings.largest)
        return "long"

    def _step(self, length: float) -> _Here | None:
        """One step of about this length, or None if it cannot be trusted."""
        here = self.here
        u = here.u + length * here.tangent[-1]
        if not 0 <= u <= 1:
            return self._border(length)
        there = self._ahead(length)
        if there is None or not 0 <= there.u <= 1:
            return None
        return there if self._trusted(there, length) else None

    def _trusted(self, there: _Here, length: float) -> bool:
        """Whether the curve leads there in one step of this length, stepping over no event."""
        here = self.here
        if length > JOINT and self.tilted and self._tilt(there) is False:
            return False
        straight = _side(here) == _side(there) != 0
        if length > FINE and straight and here.index != there.index:
            return False
        angle = there.tangent @ (self._weights(there.u) * here.tangent)
        kinked = length <= KINK and _signature(there.pieces) != _signature(here.pieces)
        if angle < SHARP and not kinked:
            return False
        far = self._distance(there, here)
        rise, expected = there.u - here.u, far * (here.tangent[-1] + there.tangent[-1]) / 2
        if length > FINE and straight and abs(rise - expected) > UNEVEN * abs(rise):
            return False
        return far < 2 * length and not _leapt(here, there)

    def _swaps(self) -> list[Relabelling]:
        """Changes of places that leave the game as it is all along."""
        first, second = (relabellings(self.family(u).game) for u in SOMEWHERE)
        kept = {players.tobytes() for players, _ in second}
        return [swap for swap in first if swap[0].tobytes() in kept]

    def _tilt(self, here: _Here) -> bool | None:
        """Whether players that may change places do differently; None where it is hard to say."""
        scale = float(np.abs(here.value).max()) or 1.0
        tables = (here.value / scale, here.effort)
        apart = max((asymmetry(x, swap) for swap in self.swaps for x in tables), default=0.0)
        return True if apart > APART else False if apart < ALIKE else None

    def _border(self, length: float = 2e-9) -> _Here | None:
        """The last point, at u = 0 or 1, if it is no further than ``length`` ahead."""
        here, pace = self.here, self.here.tangent[-1]
        if pace == 0:
            return None
        u = 1.0 if pace > 0 else 0.0
        far = (u - here.u) / pace
        if far > length:
            return None
        count = here.value.size
        point = np.r_[here.value.ravel(), here.effort.ravel(), here.u] + far * here.tangent
        system = self.family(u)
        build = self._build(system, point[count:-1].reshape(self.shape))
        value = point[:count].reshape(self.shape)
        found = self.settings.newton.polish(system, value, build)
        if found is None:
            return None
        there = self._place(u, *found, here.tangent)
        if _leapt(here, there):
            return None
        return there if self._distance(there, here) < 2 * far + 1e-6 else None

    def _turn(self) -> _Here | None:
        """Round a kink at which the curve turns sharply: the next piece, by its orientation."""
        here = self.here
        count = here.value.size
        start = np.r_[here.value.ravel(), here.effort.ravel(), here.u]
        for reach in 10.0 ** np.arange(-8, -2):
            x = start + reach * here.tangent
            value, effort = x[:count].reshape(self.shape), x[count:-1].reshape(self.shape)
            pieces, matrix, error = self._linear(x[-1], value, effort)
            if _signature(pieces) == _signature(here.pieces):
                continue
            slope = self._slope(x[-1], value, effort, pieces, error)
            tangent = self._tangent(x[-1], pieces, matrix, slope, here.tangent)
            index = sign(matrix) * (-1) ** int(pieces.level.sum())
            if np.sign(tangent[-1]) * index != self.course:
                tangent = -tangent
            for way in (tangent, -tangent):  # where two kinks meet the rule may mislead
                there = self._correct(start + 10 * reach * way, way)
                if there is None or not 0 <= there.u <= 1:
                    continue
                if _signature(there.pieces) != _signature(here.pieces):
                    return there
        return None

    def _events(self, here: _Here, there: _Here, length: float) -> list[Station]:
        """The fold or the branch point between two points, located."""
        tilt, tilted = self._tilt(there), self.tilted
        self.tilted = tilted if tilt is None else tilt
        side, course = _side(there), there.index * _side(there)
        if tilted and tilt is False:  # it joins the curve on which players are alike
            self.side, self.course = side, course
            return [replace(self._station(here), event="branch point")]
        if side == 0:  # the curve rises straight up: shares move where all are indifferent
            return []
        kept, turned = self.course in (course, 0), side != self.side
        self.side, self.course = side, course
        if kept and not turned:
            return []
        event: Event = "fold" if kept else "branch point"
        return [replace(self._station(self._last(here, length)), event=event)]

    def _last(self, here: _Here, length: float) -> _Here:
        """The last point within ``length`` before an event, by bisection."""
        while length > 1e-14:
            checkpoint()
            length /= 2
            place = self._ahead(length, here)  # at a kink it may fail: no further than this
            if place is not None and _side(place) == _side(here) and place.index == here.index:
                here = place
        return here

    # --- branch points

    def across(self) -> list[Array]:
        """Directions of the curve that crosses here, both ways."""
        here = self.here
        first, second = _null(here.matrix, here.slope)[-2:]
        columns = self._columns(here.pieces)
        weights = self._weights(here.u)
        directions = []
        along = here.tangent[columns]
        for candidate in (first, second):
            w = weights[columns]
            across = candidate - along * (along @ (w * candidate)) / (along @ (w * along))
            full = np.zeros(len(weights))
            full[columns] = across
            directions.append((float(across @ (w * across)), full))
        widest = max(directions, key=lambda pair: pair[0])[1]
        widest = self._unit(widest, here.u)
        return [widest, -widest]

    def step_off(self, direction: Array) -> bool:
        """Step away from a branch point; whether a point of the other curve was found."""
        here = self.here
        start = np.r_[here.value.ravel(), here.effort.ravel(), here.u]
        for reach in REACHES:
            there = self._correct(start + reach * direction, direction)
            if there is not None and 0 <= there.u <= 1:
                self.here, self.tilted = there, bool(self._tilt(there))
                return True
        return False

    def _distance(self, a: _Here, b: _Here) -> float:
        gap = np.r_[(a.value - b.value).ravel(), np.zeros(a.value.size), a.u - b.u]
        return float(np.sqrt(gap @ (self._weights(a.u) * gap)))

    def _station(self, here: _Here) -> Station:
        build = self._build(self.family(here.u), here.effort)
        return Station(here.u, here.value, build, here.index)


def _side(here: _Here) -> int:
    return int(np.sign(here.tangent[-1])) if abs(here.tangent[-1]) > VERTICAL else 0


def _rank(system: System, pieces: Pieces) -> Array:
    """Place of each reply among the corners and levels it passes in order as its gain rises."""
    game = system.game
    low = np.where(game.idle > game.lower, 2.0 * (pieces.build >= game.idle), 2.0)
    high = 2.0 * ((pieces.build >= game.upper) & (game.upper > game.idle))
    inside = np.where(pieces.target > 0, 3.0, 1.0)
    rank = np.where(pieces.level, inside, low + high * (game.returns == 1))
    return np.where(game.movable, rank, 0.0) * (system.noise == 0)


def _leapt(before: _Here, after: _Here) -> bool:
    """Whether some reply went from one side of a level to the other without crossing it."""
    if (np.abs(after.rank - before.rank) > 1).any():
        return True
    return bool(np.abs(after.effort - before.effort).max() > LEAP)


def _parallel(a: _Here, b: _Here) -> bool:
    return bool(a.tangent @ b.tangent > 0)


def _signature(pieces: Pieces) -> bytes:
    return (pieces.slope > 0).tobytes() + pieces.level.tobytes()


def _border(matrix: Matrix, slope: Array, row: Array) -> Matrix:
    if sp.issparse(matrix):
        last = sp.csr_array(row[None])
        top = sp.hstack([matrix, sp.csr_array(slope[:, None])])
        return sp.csr_array(sp.vstack([top, last]))
    return np.vstack([np.column_stack([matrix, slope]), row])


def _solve(matrix: Matrix, rhs: Array) -> Array:
    if sp.issparse(matrix):
        return np.asarray(spla.splu(matrix.tocsc()).solve(rhs))
    return np.asarray(np.linalg.solve(matrix, rhs))


def _null(matrix: Matrix, slope: Array) -> Array:
    """Right singular vectors of [matrix, slope], least singular values last."""
    dense = matrix.toarray() if sp.issparse(matrix) else matrix
    return np.asarray(np.linalg.svd(np.column_stack([dense, slope]))[2])

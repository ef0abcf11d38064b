r"""Follow a solution of a large sparse complementarity problem while a parameter u moves.

The path (z(s), u(s)) is parametrised by its length, so that it may turn back in u (Keller 1977;
Allgower and Georg, Introduction to Numerical Continuation Methods, 2003). Each step predicts along
the tangent and corrects in the plane through the prediction; unknowns go to and from their bounds
as the natural map says. With A the derivative of F among the free unknowns,

.. math:: \operatorname{sign}(du/ds) \cdot \operatorname{sign} \det A

stays the same along the path, also where unknowns meet bounds, and changes at branch points alone
(Eaves and Scarf, Mathematics of Operations Research 1, 1976).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import StoppedError, checkpoint
from leaderbored.solvers.markov.continuation import End, Event
from leaderbored.solvers.numerics.linear import factored_sign
from leaderbored.solvers.stochastic.newton import Equations, Linear, linearise

DIFFERENCE = 1e-7  # of u, for the derivative in it
CORRECTIONS = 12
FAR = 10.0  # step of the corrector that leads nowhere
UPRIGHT = 1e-9  # rise of u per length below which it is none
ASTRAY = 0.2  # distance between prediction and correction, relative to the step, that is allowed
REACHES = (0.003, 0.01, 0.001, 0.03, 3e-4, 1e-4, 1e-5, 1e-6)  # of first steps onto another curve
EXACT = 1e-13  # of a length, at which an event is located


Family = Callable[[float], Equations]
Slope = Callable[[float, Array], Array]


@dataclass(frozen=True, eq=False)
class Place:
    """A point of the path.

    Attributes
    ----------
    u : float
    z : array
    index : int
        Sign of the determinant among free unknowns.
    tangent : array
        Of (z, u), in the direction of travel.
    free : array of bool
    event : str or None
        What happens here.
    """

    u: float
    z: Array
    index: int
    tangent: Array
    free: NDArray[np.bool_]
    event: Event | None = None

    @property
    def side(self) -> int:
        """Whether u rises (1), falls (-1), or neither."""
        return int(np.sign(self.tangent[-1])) if abs(self.tangent[-1]) > UPRIGHT else 0


@dataclass(frozen=True)
class Path:
    """Settings.

    Parameters
    ----------
    step, smallest, largest : float
        First, shortest and longest step, in the largest move of an unknown or of u.
    steps : int
        Largest number of steps, those given up included.
    precision : float
        Relative step of the corrector at which it is done; its steps shrink quadratically.

    Examples
    --------
    >>> class Cusp:
    ...     lower, upper = np.array([-9.0]), np.array([9.0])
    ...     def __init__(self, u): self.u = u
    ...     def residual(self, z): return z**3 - z - 2 * self.u + 1
    ...     def jacobian(self, z): return sp.csr_array(np.diag(3 * z**2 - 1))
    ...     def weights(self, z): return np.ones(1)
    >>> walk = Path().follow(Cusp, np.array([-1.3247179572447460]), 0.0, 1)
    >>> places = [*walk]
    >>> [(round(place.u, 9), place.index) for place in places if place.event]
    [(0.69245009, 1), (0.30754991, -1)]
    >>> places[-1].u, places[-1].z.round(9).tolist()
    (1.0, [1.324717957])
    """

    step: float = 0.01
    smallest: float = 1e-9
    largest: float = 0.1
    steps: int = 2_000
    precision: float = 1e-11

    def follow(
        self, family: Family, z: Array, u: float, towards: int, slope: Slope | None = None
    ) -> Iterator[Place]:
        """Follow the path through a solution at u; 1 sets out with u rising, -1 falling.

        With ``slope`` for the derivative of F in u at (u, z), which differences give otherwise.

        Yields
        ------
        Place
            In order, events among them. The last one is at u = 0 or 1, unless the path was lost,
            came back to its start, or was too long.
        """
        yield from _Walk(self, family, slope).begin(z, u, towards)

    def trail(
        self, family: Family, z: Array, u: float, towards: int
    ) -> tuple[tuple[Place, ...], End]:
        """The whole path, and why it ended."""
        walk, places = _Walk(self, family, None), list[Place]()
        try:
            for place in walk.begin(z, u, towards):
                places.append(place)
        except StoppedError:
            return tuple(places), "stopped"
        return tuple(places), walk.end

    def across(self, family: Family, crossing: Place) -> Iterator[Place]:
        """Places on the curve that crosses at a branch point, one on each side."""
        walk = _Walk(self, family, None)
        here = linearise(family(crossing.u), crossing.z)
        free, slope = np.flatnonzero(here.free), walk.steep(crossing, here.f)
        unit = 1 / here.scale[free]
        whole = np.column_stack([here.jacobian[free][:, free].toarray(), slope[free]])
        kernel = np.linalg.svd(unit[:, None] * whole)[2][-2:]
        columns = np.append(free, len(slope))
        weights = np.append(family(crossing.u).weights(crossing.z), 1.0)
        along = crossing.tangent
        best = np.zeros(len(weights))
        for vector in kernel:
            way = np.zeros(len(weights))
            way[columns] = vector
            way -= along * float(weights @ (along * way)) / float(weights @ along**2)
            if weights @ way**2 > weights @ best**2:
                best = way
        best /= float((np.sqrt(weights) * np.abs(best)).max())
        for direction in (best, -best):
            for reach in REACHES:
                point = np.append(crossing.z, crossing.u) + reach * direction
                place = walk.correct(point[:-1], float(point[-1]), direction)
                if place is not None and 0 <= place.u <= 1:
                    yield place
                    break


class _Walk:
    def __init__(self, settings: Path, family: Family, slope: Slope | None) -> None:
        self.settings, self.family, self.slope = settings, family, slope
        self.end: End = "stuck"

    def begin(self, z: Array, u: float, towards: int) -> Iterator[Place]:
        first = self.correct(z, u, None)
        if first is not None:
            way = -1 if first.tangent[-1] * towards < 0 else 1
            yield from self.run(replace(first, tangent=way * first.tangent))

    def run(self, here: Place) -> Iterator[Place]:
        settings, length = self.settings, self.settings.step
        first, side, course = here, here.side, here.side * here.index
        yield here
        for k in range(settings.steps):
            checkpoint()
            there, astray = self._step(here, length)
            if there is None:
                if length > settings.smallest:
                    length /= 4
                    continue
                there = self._turn(here, course)
                if there is None:
                    return
            now = there.side * there.index
            if there.side and there.side != side:
                event: Event = "fold" if now == course else "branch point"
                yield replace(self._last(here, length), event=event)
            elif now and now != course:
                yield replace(self._last(here, length), event="branch point")
            if there.side:
                side, course = there.side, now
            yield there
            here = there
            if there.u in (0.0, 1.0):
                self.end = "border"
                return
            if k > 3 and self.apart(here, first) < length and here.tangent @ first.tangent > 0:
                self.end = "loop"
                return
            grown = length * float(np.clip(np.sqrt(ASTRAY / 2 / max(astray, 1e-6)), 0.5, 2.0))
            length = min(max(grown, settings.smallest), settings.largest)
        self.end = "long"

    def _step(self, here: Place, length: float) -> tuple[Place | None, float]:
        """One step, cut short at a border of u, and how far the correction went for its length."""
        u = here.u + length * here.tangent[-1]
        if not 0 < u < 1 and here.tangent[-1]:
            edge = float(u >= 1)
            length = max((edge - here.u) / here.tangent[-1], 0.0)
            there = self.correct(here.z + length * here.tangent[:-1], edge, here.tangent, True)
        else:
            there = self.correct(here.z + length * here.tangent[:-1], u, here.tangent)
        if there is None or not 0 <= there.u <= 1:
            return None, np.inf
        predicted = replace(here, z=here.z + length * here.tangent[:-1], u=u)
        astray = self.apart(predicted, there) / max(length, 1e-300)
        if 0 < u < 1 and (astray > ASTRAY or self._cosine(here, there) < 0.5):
            return None, np.inf
        return (there, astray) if astray < 1 or length < 1e-6 else (None, np.inf)

    def correct(
        self, z: Array, u: float, tangent: Array | None, still: bool = False
    ) -> Place | None:
        """Newton's method in the plane normal to the tangent, or at a given u."""
        point = np.append(z, u)
        anchor = point
        for _ in range(CORRECTIONS):
            checkpoint()
            equations = self.family(float(point[-1]))
            here = linearise(equations, point[:-1])
            if not np.isfinite(here.error):
                return None
            weights = np.append(equations.weights(point[:-1]), 1.0)
            row = weights * tangent if tangent is not None and not still else _upright(len(weights))
            border = _Border.of(here, self._slope(point, here.f), row)
            if border is None:
                return None
            with np.errstate(invalid="ignore", over="ignore"):
                step = np.append(np.where(here.free, 0.0, here.goal - point[:-1]), 0.0)
                moved = np.flatnonzero(step[:-1])  # slopes in those that rest may be infinite
                rhs = -here.f - here.jacobian[:, moved] @ step[moved]
            if not np.isfinite(rhs).all():
                return None
            step += border.solve(rhs, -float(row @ (point + step - anchor)))
            point = point + step
            size = float((np.sqrt(weights) * np.abs(step)).max())
            if size < self.settings.precision:
                return _placed(point, border, weights, here.free, tangent)
            if not size < FAR:
                return None
        return None

    def _slope(self, point: Array, f: Array) -> Array:
        """Derivative of F in u."""
        u = float(point[-1])
        if self.slope is not None:
            return self.slope(u, point[:-1])
        delta = DIFFERENCE if u < 0.5 else -DIFFERENCE
        with np.errstate(invalid="ignore"):  # among unknowns that are held slopes may be infinite
            return np.asarray((self.family(u + delta).residual(point[:-1]) - f) / delta)

    def steep(self, place: Place, f: Array) -> Array:
        """Derivative of F in u at a place."""
        return self._slope(np.append(place.z, place.u), f)

    def apart(self, a: Place, b: Place) -> float:
        weights = np.append(self.family(a.u).weights(a.z), 1.0)
        return float(np.sqrt(weights * np.append(a.z - b.z, a.u - b.u) ** 2).max())

    def _cosine(self, a: Place, b: Place) -> float:
        weights = np.append(self.family(b.u).weights(b.z), 1.0)
        sizes = [float(np.sqrt(weights @ place.tangent**2)) for place in (a, b)]
        return float(weights @ (a.tangent * b.tangent)) / (sizes[0] * sizes[1])

    def _turn(self, here: Place, course: int) -> Place | None:
        """Round a kink at which the path turns sharply: the next piece, by its orientation."""
        start = np.append(here.z, here.u)
        for reach in 10.0 ** np.arange(-8, -2):
            ahead = self._linear(start + reach * here.tangent, here.tangent)
            if ahead is None or (ahead.free == here.free).all():
                continue
            way = ahead.tangent if ahead.side * ahead.index == course else -ahead.tangent
            for tangent in (way, -way):  # where two kinks meet the rule may mislead
                point = start + 10 * reach * tangent
                there = self.correct(point[:-1], float(point[-1]), tangent)
                if there and 0 <= there.u <= 1 and (there.free != here.free).any():
                    return there
        return None

    def _linear(self, point: Array, towards: Array) -> Place | None:
        """What the path would be like at a point that need not be on it."""
        equations = self.family(float(point[-1]))
        here = linearise(equations, point[:-1])
        weights = np.append(equations.weights(point[:-1]), 1.0)
        border = _Border.of(here, self._slope(point, here.f), weights * towards)
        return None if border is None else _placed(point, border, weights, here.free, towards)

    def _last(self, here: Place, length: float) -> Place:
        """The last point before an event within a length: regula falsi on the rise of u."""
        low, high, left, right = 0.0, length, here.tangent[-1], None
        start, last, target = here, here, here.index
        for k in range(80):
            checkpoint()
            secant = low + (high - low) * left / (left - right) if right is not None else None
            usable = secant is not None and low < secant < high and k % 3 != 2
            middle = secant if usable and secant is not None else (low + high) / 2
            there, _ = self._step(start, middle)
            if there is not None and there.side == start.side and there.index == target:
                low, left, last = middle, there.tangent[-1], there
            else:
                high, right = middle, there.tangent[-1] if there is not None else None
                right = right if right is not None and right * left < 0 else None
            if high - low < EXACT * max(length, 1e-3) or abs(left) < UPRIGHT:
                break
        return last


def _upright(size: int) -> Array:
    """The row that holds u."""
    row = np.zeros(size)
    row[-1] = 1.0
    return row


@dataclass(frozen=True, eq=False)
class _Border:
    """The linear system [A, F_u; row] of free unknowns and u."""

    factors: spla.SuperLU
    places: NDArray[np.int_]
    unit: Array
    size: int

    @classmethod
    def of(cls, here: Linear, slope: Array, row: Array) -> _Border | None:
        places, entries = np.flatnonzero(here.free), here.jacobian.tocoo()
        unit, size = 1 / here.scale[places], len(places)
        place = np.cumsum(here.free) - 1
        inner = here.free[entries.row] & here.free[entries.col]
        rows, columns = place[entries.row[inner]], place[entries.col[inner]]
        every, edge = np.arange(size), np.full(size, size)
        values = [unit[rows] * entries.data[inner], unit * slope[places], row[places], row[-1:]]
        rows = np.concatenate([rows, every, edge, [size]])
        columns = np.concatenate([columns, edge, every, [size]])
        data = np.concatenate(values)
        if not np.isfinite(data).all():
            return None
        matrix = sp.csc_array((data, (rows, columns)), shape=(size + 1, size + 1))
        try:
            return cls(spla.splu(matrix), places, unit, len(row))
        except RuntimeError:  # exactly singular
            return None

    def solve(self, rhs: Array, last: float) -> Array:
        """The solution; unknowns that are held do not move."""
        whole = np.zeros(self.size)
        found = self.factors.solve(np.append(self.unit * rhs[self.places], last))
        whole[self.places], whole[-1] = found[:-1], found[-1]
        return whole


def _placed(
    point: Array, border: _Border, weights: Array, free: NDArray[np.bool_], towards: Array | None
) -> Place | None:
    """The place at a point; by Cramer's rule du times the determinant of the border is det A."""
    tangent = border.solve(np.zeros(len(point) - 1), 1.0)
    index = int(np.sign(tangent[-1])) * factored_sign(border.factors)
    length = float((np.sqrt(weights) * np.abs(tangent)).max())
    if not np.isfinite(length) or length == 0:
        return None
    if towards is not None and float(weights @ (tangent * towards)) < 0:
        length = -length
    return Place(float(point[-1]), point[:-1], index, tangent / length, free)

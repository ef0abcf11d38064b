r"""Follow a solution of equations that are smooth on pieces while a parameter u moves.

The path (z(s), u(s)) is parametrised by its length, so that it may turn back in u (Keller 1977;
Allgower and Georg, Introduction to Numerical Continuation Methods, 2003). Each step predicts along
the tangent and corrects in the plane through the prediction, selecting the active piece afresh.
With A the derivative in z on the active piece,

.. math:: \operatorname{sign}(du/ds) \cdot \operatorname{sign} \det A \quad\text{is constant},

also across kinks, and changes at branch points alone (Eaves and Scarf, Mathematics of Operations
Research 1, 1976): that decides where a step leads when the curve turns, and tells folds from branch
points. This is theorem. That a step stays on the same curve, and passes no two folds at once, is
not: :meth:`_Walk._trusted` and the lengths of steps are tuning, and what they let through is a
missed branch, never a wrong point, as every point solves the equations to the precision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import StoppedError, checkpoint
from leaderbored.solvers.numerics.border import kernel
from leaderbored.solvers.numerics.corrector import Corrector
from leaderbored.solvers.numerics.curve import UPRIGHT, Curve, CurvePoint, End, Event, Family

# Lengths are relative to the weights of the family; all of these are tuning.
FINE = 1e-3  # length of a step short enough for anything but a kink
KINK = 1e-4  # length of a step short enough for any turn: a kink lies within
JOINT = 1e-8  # length of a step onto the curve that keeps a symmetry
SLACK = 2.0  # steps that come out longer than this many times their length are not trusted
REACHES = (0.003, 0.01, 0.001, 0.03, 3e-4, 1e-4, 1e-5, 1e-6)  # of first steps onto another curve
CRAWL, PATIENCE = 1e-6, 60  # accepted steps that short, so many in a row, lead nowhere
EXACT = 1e-14  # length within which a branch point is located


@dataclass(frozen=True)
class Path:
    """How to follow a path.

    Parameters
    ----------
    step, smallest, largest : float
        First, shortest and longest step.
    steps : int
        Largest number of steps, those given up included.
    precision : float
        Step of the corrector at which it is done; its steps shrink quadratically.
    order : float
        Norm in which lengths are measured: infinity for the largest move of an unknown, or 2.
    sharp : float
        Cosine between tangents below which a long step is not trusted,
    astray : float
        distance between prediction and correction, relative to the step, above which,
    uneven : float
        and share of the rise in u which the tangents at both ends may leave unexplained: folds
        may hide there.
    growth : float
        Largest factor from one step to the next.
    fold : float
        Length within which a fold is located.

    Examples
    --------
    >>> from leaderbored.solvers.numerics.curve import Local
    >>> class Cusp(Family):  # z^3 - z = 2 u - 1
    ...     def near(self, u, z, slope=None):
    ...         matrix, slope, error = np.diag(3 * z**2 - 1), np.array([-2.0]), z**3 - z - 2 * u + 1
    ...         return Local(matrix, error, slope, np.array([0]), z, np.ones(2), b"")
    >>> curve = Path().follow(Cusp(), np.array([-1.3247179572447460]), 0.0, 1)
    >>> [(round(point.u, 9), point.event) for point in curve.points if point.event]
    [(0.69245009, 'fold'), (0.30754991, 'fold')]
    >>> curve.end, curve.points[-1].u, curve.points[-1].z.round(9).tolist()
    ('border', 1.0, [1.324717957])
    """

    step: float = 0.01
    smallest: float = 1e-9
    largest: float = 0.1
    steps: int = 2_000
    precision: float = 1e-11
    order: float = np.inf
    sharp: float = 0.5
    astray: float = 0.2
    uneven: float = np.inf
    growth: float = 2.0
    fold: float = EXACT

    def follow(self, family: Family, z: Array, u: float, towards: int) -> Curve:
        """Follow the path through a solution at u; 1 sets out with u rising, -1 falling."""
        walk = _Walk(self, family)
        return walk.whole(walk.begin(z, u, towards))

    def points(self, family: Family, z: Array, u: float, towards: int) -> Iterator[CurvePoint]:
        """The same, point by point."""
        return _Walk(self, family).begin(z, u, towards)

    def leave(
        self,
        family: Family,
        crossing: CurvePoint,
        known: Callable[[CurvePoint], bool] | None = None,
    ) -> Iterator[Curve]:
        """Follow the curve that crosses at a branch point, both ways; none whose start is known."""
        for first in _Walk(self, family).across(crossing):
            if known is None or not known(first):
                away = _Walk(self, family)
                curve = away.whole(away.run(first))
                yield replace(curve, points=(crossing, *curve.points))


class _Walk:
    def __init__(self, settings: Path, family: Family) -> None:
        self.settings, self.family = settings, family
        self.corrector = Corrector(family, settings.precision, settings.order)
        self.correct = self.corrector.at
        self.end: End = "stuck"

    def whole(self, points: Iterator[CurvePoint]) -> Curve:
        """The curve of these points, as far as there is time."""
        kept: list[CurvePoint] = []
        try:
            kept.extend(points)  # those before a stop stay
        except StoppedError:
            self.end = "stopped"
        return Curve(tuple(kept), self.end)

    def begin(self, z: Array, u: float, towards: int) -> Iterator[CurvePoint]:
        first = self.correct(np.append(z, u), None) or self.corrector.seen(np.append(z, u), None)
        if first is not None:
            way = -1 if first.tangent[-1] * towards < 0 else 1
            yield from self.run(replace(first, tangent=way * first.tangent))

    def run(self, here: CurvePoint) -> Iterator[CurvePoint]:
        """Walk until the border, the start, or the end of what can be done."""
        settings, length, crawled = self.settings, self.settings.step, 0
        first, self.side, self.course = here, here.side, here.side * here.index
        self.tilted = bool(here.tilted)
        yield here
        for k in range(settings.steps):
            checkpoint()
            there, astray = self._step(here, length)
            if there is None:
                if length > settings.smallest:
                    length /= 3
                    continue
                # No step is short enough: the tangent itself jumps, as at a sharp kink.
                there = self._turn(here)
                if there is None:
                    return
            event = self._event(there)
            if event:
                joins = self.tilted != bool(there.tilted) and there.tilted is not None
                near = settings.fold if event == "fold" else EXACT
                yield replace(here if joins else self._last(here, length, near), event=event)
            self.tilted = self.tilted if there.tilted is None else there.tilted
            if there.side:
                self.side, self.course = there.side, there.side * there.index
            yield there
            here = there
            crawled = crawled + 1 if length < CRAWL else 0
            if there.u in (0.0, 1.0) or crawled > PATIENCE:
                self.end = "border" if crawled <= PATIENCE else "stuck"
                return
            # Near the start again and heading the same way: after a few steps, to have left it.
            if k > 3 and self._apart(here, first) < length and here.tangent @ first.tangent > 0:
                self.end = "loop"
                return
            # What the corrector moves grows with the square of the length: aim at half of what is
            # allowed. After a kink or a border steps are tiny, and may grow faster.
            most = 3.0 if length < FINE else settings.growth
            grown = length * float(np.clip(np.sqrt(settings.astray / 2 / astray), 0.5, most))
            length = min(max(grown, settings.smallest), settings.largest)
        self.end = "long"

    # --- steps

    def _step(self, here: CurvePoint, length: float) -> tuple[CurvePoint | None, float]:
        """One step that can be trusted, cut short at a border of u; and how far it was corrected.

        That is relative to the length.
        """
        point = _point(here)
        ahead = point + length * here.tangent
        if not 0 < ahead[-1] < 1 and here.tangent[-1]:  # u is held at the border it would cross
            edge = float(ahead[-1] >= 1)
            length = max((edge - here.u) / here.tangent[-1], 0.0)
            ahead = point + length * here.tangent
            ahead[-1] = edge
            there = self.correct(ahead, here.tangent, still=True)
            return (there, 1.0) if there and self._near(here, there, length) else (None, 1.0)
        there = self.correct(ahead, here.tangent)
        if there is None or not self._trusted(here, there, length):
            return None, 1.0
        missed = self.corrector.size(_point(there) - ahead, here.weights)
        return there, max(missed / length, 1e-6)

    def _near(self, here: CurvePoint, there: CurvePoint, length: float) -> bool:
        """Whether a step came out about as long as it was to be, and went over no piece."""
        close = self._apart(here, there) < SLACK * length + 1e-6
        return close and not self.family.leapt(here, there)

    def _trusted(self, here: CurvePoint, there: CurvePoint, length: float) -> bool:
        """Whether the curve leads there in one step of this length, stepping over no event.

        Tuning: each test refuses steps that were seen to land on another curve, or to jump a pair
        of folds. Refused steps are made shorter, down to lengths at which no test applies.
        """
        if not 0 <= there.u <= 1 or (length > JOINT and self.tilted and there.tilted is False):
            return False
        if length > FINE and not self._explained(here, there):  # shorter ones hide no two events
            return False
        # A curve that turns by more than the cosine in one step needs shorter ones, unless the step
        # is as short as may be and crosses from one smooth piece to another: there it has a corner.
        kinked = length <= KINK and there.piece != here.piece
        if self._cosine(here, there) < self.settings.sharp and not kinked:
            return False
        missed = self.corrector.size(
            _point(there) - _point(here) - length * here.tangent, here.weights
        )
        close = self._apart(here, there) < SLACK * length
        return (
            close and missed <= self.settings.astray * length and not self.family.leapt(here, there)
        )

    def _explained(self, here: CurvePoint, there: CurvePoint) -> bool:
        """Whether a step that turns nowhere keeps the index, and rises as its tangents say."""
        if here.side != there.side or here.side == 0:
            return True
        rise, far = there.u - here.u, self._apart(here, there)
        expected = far * (here.tangent[-1] + there.tangent[-1]) / 2
        even = abs(rise - expected) <= self.settings.uneven * abs(rise)
        return here.index == there.index and even

    def _turn(self, here: CurvePoint) -> CurvePoint | None:
        """Round a kink at which the path turns sharply: the next piece, by its orientation."""
        start = _point(here)
        # Look ahead, ever further, for another piece. Which way along its tangent the path goes on
        # is theorem: side times index is what it was.
        for reach in 10.0 ** np.arange(-8, -2):
            ahead = self.corrector.seen(start + reach * here.tangent, here.tangent)
            if ahead is None or ahead.piece == here.piece:
                continue
            way = ahead.tangent if ahead.side * ahead.index == self.course else -ahead.tangent
            for tangent in (way, -way):  # where two kinks meet the rule may mislead
                there = self.correct(start + 10 * reach * tangent, tangent)
                if there and 0 <= there.u <= 1 and there.piece != here.piece:
                    return there
        return None

    # --- events

    def _event(self, there: CurvePoint) -> Event | None:
        """What happens on the step to a point."""
        if self.tilted and there.tilted is False:  # it joins the curve that keeps the symmetry
            return "branch point"
        if there.side == 0:  # the curve rises straight up
            return None
        # The theorem at the head: the product changes at branch points alone. Where it is kept and
        # the side is not, the index changed too, and the path folded back.
        kept = self.course in (there.side * there.index, 0)
        if not kept:
            return "branch point"
        return "fold" if there.side != self.side else None

    def _last(self, here: CurvePoint, length: float, near: float) -> CurvePoint:
        """The last point before an event within a length: regula falsi on the rise of u."""
        low, high, left, right = 0.0, length, here.tangent[-1], None
        last, start = here, _point(here)
        for k in range(80):
            checkpoint()
            secant = low + (high - low) * left / (left - right) if right is not None else None
            # Every third step halves the interval, which shrinks even where secants do not help.
            usable = secant is not None and low < secant < high and k % 3 != 2
            middle = secant if usable and secant is not None else (low + high) / 2
            guess = _point(last) + (middle - low) * last.tangent
            there = self.correct(start + middle * here.tangent, here.tangent, guess=guess)
            if there is not None and there.side == here.side and there.index == here.index:
                low, left, last = middle, there.tangent[-1], there
            else:  # at a kink it may fail: no further than this
                high, right = middle, there.tangent[-1] if there is not None else None
                right = right if right is not None and right * left < 0 else None
            if high - low < near or abs(left) < UPRIGHT:
                break
        return last

    def across(self, crossing: CurvePoint) -> Iterator[CurvePoint]:
        """Points on the curve that crosses at a branch point, one on each side."""
        here = self.family.near(crossing.u, crossing.z)
        if here is None:
            return
        weights, along = here.weights, crossing.tangent
        columns, best = np.append(here.columns, len(weights) - 1), np.zeros(len(weights))
        # At a simple branch point the kernel has two directions (Keller 1977): that of the path,
        # and what is left of the other once that of the path is taken out.
        for vector in kernel(here)[-2:]:
            way = np.zeros(len(weights))
            way[columns] = vector
            way -= along * float(weights @ (along * way)) / float(weights @ along**2)
            if weights @ way**2 > weights @ best**2:
                best = way
        best /= self.corrector.size(best, weights)
        for direction in (best, -best):
            for reach in REACHES:  # tuning: far enough not to fall back, near enough to converge
                there = self.correct(_point(crossing) + reach * direction, direction)
                if there is not None and 0 <= there.u <= 1:
                    yield there
                    break

    # --- lengths

    def _apart(self, a: CurvePoint, b: CurvePoint) -> float:
        return self.corrector.size(_point(a) - _point(b), a.weights)

    @staticmethod
    def _cosine(a: CurvePoint, b: CurvePoint) -> float:
        sizes = [float(np.sqrt(b.weights @ point.tangent**2)) for point in (a, b)]
        return float(b.weights @ (a.tangent * b.tangent)) / (sizes[0] * sizes[1])


def _point(at: CurvePoint) -> Array:
    """(z, u) in one vector."""
    return np.append(at.z, at.u)

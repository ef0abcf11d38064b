"""How points are brought onto a path: Newton's method in a plane, and what the path is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.border import Border, kernel, upright
from leaderbored.solvers.numerics.curve import UPRIGHT, Corrected, CurvePoint, Family

CORRECTIONS = 12  # most steps of Newton's method, which needs three or four
FAR = 10.0  # step that leads nowhere


@dataclass(frozen=True)
class Corrector:
    """Newton's method in the plane through a point, for the points of one family.

    Parameters
    ----------
    family : Family
    precision : float
        Step at which it is done; steps shrink quadratically.
    order : float
        Norm in which lengths are measured: infinity for the largest move of an unknown, or 2.

    Examples
    --------
    >>> from leaderbored.solvers.numerics.curve import Local
    >>> class Circle(Family):  # z^2 + u^2 = 1
    ...     def near(self, u, z, slope=None):
    ...         matrix, slope, error = np.diag(2 * z), np.array([2 * u]), z**2 + u**2 - 1
    ...         return Local(matrix, error, slope, np.array([0]), z, np.ones(2), b"")
    >>> found = Corrector(Circle(), 1e-12, 2).at(np.array([0.9, 0.6]), np.array([-0.6, 0.8]))
    >>> round(found.u, 6), found.index
    (0.550919, 1)
    """

    family: Family
    precision: float
    order: float

    def at(
        self,
        ahead: Array,
        tangent: Array | None,
        still: bool = False,
        guess: Array | None = None,
    ) -> CurvePoint | None:
        """The point of the path in the plane through a point across a tangent, or at its u."""
        across, guess = None if still else tangent, ahead if guess is None else guess
        checkpoint()
        if self.family.quick:
            found = self.family.corrected(ahead, across, guess, self.precision, self.order)
        else:
            found = self._newton(ahead, across, guess)
        return None if found is None else self._placed(found, tangent)

    def seen(self, point: Array, towards: Array | None) -> CurvePoint | None:
        """What the path would be like at a point that need not be on it."""
        here = self.family.near(float(point[-1]), point[:-1])
        if here is None:
            return None
        towards = upright(len(point)) if towards is None else towards
        border = Border.of(here, here.weights * towards)
        if border is not None:
            found = Corrected.of(here, point, border.solve(None, 1.0), border.sign)
            return self._placed(found, towards)
        tangent = np.zeros(len(point))
        tangent[np.append(here.columns, len(point) - 1)] = kernel(here)[-1]
        return self._placed(Corrected.of(here, point, tangent, 0), towards)

    def size(self, move: Array, weights: Array) -> float:
        """The length of a move."""
        return float(np.linalg.norm(np.sqrt(weights) * move, self.order))

    def _newton(self, ahead: Array, tangent: Array | None, point: Array) -> Corrected | None:
        last, slope = np.inf, None
        for k in range(CORRECTIONS):
            checkpoint()
            here, old = self.family.near(float(point[-1]), point[:-1], slope), slope is not None
            if here is None:
                return None
            slope = here.slope if self.family.dear else None
            row = upright(len(point)) if tangent is None else here.weights * tangent
            border = Border.of(here, row)
            if border is None:
                return None
            step = np.append(here.rest - point[:-1], 0.0)
            step += border.solve(-here.error, -float(row @ (point + step - ahead)))
            point = point + step
            size = self.size(step, here.weights)
            # Done, or as close as rounding lets it come: a small step that no longer shrinks.
            rounding = k > 2 and last / 2 < size < 100 * self.precision
            if size < self.precision or rounding:
                if not old:
                    return Corrected.of(here, point, border.solve(None, 1.0), border.sign)
                slope, last = None, np.inf  # looked at afresh: at a kink the piece may be another
            elif not size < FAR or (k > 1 and size > last):  # it does not converge
                return None
            else:
                last = size
        return None

    def _placed(self, found: Corrected, towards: Array | None) -> CurvePoint | None:
        """The point there; by Cramer's rule du times the border's determinant is det A."""
        tangent, weights = found.tangent, found.weights
        length = self.size(tangent, weights)
        if not np.isfinite(length) or length == 0:
            return None
        steep = abs(tangent[-1]) <= UPRIGHT * length
        # The border has the tangent solve for (0, 1): du is det A over the border's determinant, so
        # the sign of det A costs no factorisation of its own.
        index = 0 if steep else int(np.sign(tangent[-1])) * found.sign * found.orientation
        if towards is not None and float(weights @ (tangent * towards)) < 0:
            length = -length
        u, z = float(found.point[-1]), found.point[:-1]
        return CurvePoint(
            u,
            z,
            index,
            tangent=tangent / length,
            weights=weights,
            piece=found.piece,
            rank=found.rank,
            tilted=self.family.tilted(u, z),
        )

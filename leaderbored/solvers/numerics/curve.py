"""What a path is made of: equations near a point, the family they come from, points and curves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

from leaderbored.games.markov import Array, States
from leaderbored.solvers.numerics.linear import Matrix

Event = Literal["fold", "branch point"]
End = Literal["border", "loop", "stuck", "long", "stopped"]

UPRIGHT = 1e-9  # rise of u per length below which it is none


def _nothing() -> Array:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class Local:
    """Equations near a point (z, u), n unknowns, on the smooth piece that is active there.

    Attributes
    ----------
    matrix : (k, k) array, dense or sparse
        Derivative in the k unknowns that are free on the piece.
    error : (k,) array
        What the equations miss once all others are where the piece puts them.
    slope : (k,) array
        Derivative in u.
    columns : (k,) int array
        Places of the free unknowns in z.
    rest : (n,) array
        z with the others where the piece puts them.
    weights : (n + 1,) array
        Squares of the lengths of unit moves in z and u.
    piece : bytes
        The same for points on one piece.
    orientation : int
        What turns the sign of the determinant into the index.
    rank : array
        Where unknowns stand among their pieces, for :meth:`Family.leapt`.
    """

    matrix: Matrix
    error: Array
    slope: Array
    columns: States
    rest: Array
    weights: Array
    piece: bytes
    orientation: int = 1
    rank: Array = field(default_factory=_nothing)


@dataclass(frozen=True, eq=False)
class Corrected:
    """A point (z, u), and how the curve goes on from there.

    Attributes
    ----------
    point, tangent : (n + 1,) arrays
        The tangent as long as it comes.
    sign : int
        Of the determinant of the system that the tangent solves for (0, 1).
    weights, piece, orientation, rank : as of :class:`Local`
    """

    point: Array
    tangent: Array
    sign: int
    weights: Array
    piece: bytes
    orientation: int
    rank: Array

    @classmethod
    def of(cls, here: Local, point: Array, tangent: Array, sign: int) -> Corrected:
        """A point at which the equations are these."""
        return cls(point, tangent, sign, here.weights, here.piece, here.orientation, here.rank)


@dataclass(frozen=True, eq=False)
class CurvePoint:
    """A point of a curve.

    Attributes
    ----------
    u : float
        Parameter, from 0 to 1.
    z : (n,) array
    index : int
        1 or -1; 0 where the derivative is singular, or the curve rises straight up.
    event : str or None
        What happens here: the curve folds back in u, or another curve crosses.
    tangent : (n + 1,) array
        Of (z, u), in the direction of travel.
    weights, piece, rank : as of :class:`Local`
    tilted : bool or None
        As :meth:`Family.tilted` says.
    """

    u: float
    z: Array
    index: int
    event: Event | None = None
    tangent: Array = field(default_factory=_nothing)
    weights: Array = field(default_factory=_nothing)
    piece: bytes = b""
    rank: Array = field(default_factory=_nothing)
    tilted: bool | None = False

    @property
    def side(self) -> int:
        """Whether u rises (1), falls (-1), or neither."""
        return int(np.sign(self.tangent[-1])) if abs(self.tangent[-1]) > UPRIGHT else 0


@dataclass(frozen=True, eq=False)
class Curve:
    """Points in order along a curve, events among them, and why it ended.

    Ends are ``border`` (u reached 0 or 1), ``loop`` (back at the start), ``stuck`` (no further
    point was found), ``long`` (out of steps) and ``stopped`` (out of time).
    """

    points: tuple[CurvePoint, ...]
    end: End

    def passes(self, u: float) -> Iterator[Array]:
        """Z between two points, wherever the curve passes u.

        Examples
        --------
        >>> numbers = ((0.0, 1.0), (0.5, 2.0), (0.2, 3.0))
        >>> points = [CurvePoint(u, np.array([z]), 1) for u, z in numbers]
        >>> [round(float(z[0]), 9) for z in Curve(tuple(points), "stuck").passes(0.25)]
        [1.5, 2.833333333]
        """
        for a, b in pairwise(self.points):
            if (a.u - u) * (b.u - u) <= 0 and a.u != b.u:
                yield a.z + (u - a.u) / (b.u - a.u) * (b.z - a.z)


class Family:
    """Equations in z for each u from 0 to 1, smooth on pieces.

    Attributes
    ----------
    dear : bool
        Whether the derivative in u costs about as much as all the rest: then that of a point
        nearby will do while a point is corrected.
    quick : bool
        Whether it has a corrector of its own.
    """

    dear = False
    quick = False

    def corrected(
        self, ahead: Array, tangent: Array | None, guess: Array, precision: float, order: float
    ) -> Corrected | None:
        """What Newton's method finds from a guess in the plane through a point, or at its u.

        The plane is across a tangent, where one is given; None where it does not converge to the
        precision, lengths being measured in a norm of some order.
        """
        raise NotImplementedError

    def near(self, u: float, z: Array, slope: Array | None = None) -> Local | None:
        """The equations near a point; None where they are not defined.

        A derivative in u may be given, to be taken if it fits.
        """
        raise NotImplementedError

    def leapt(self, before: CurvePoint, after: CurvePoint) -> bool:
        """Whether a step went over pieces that lie in between."""
        return False

    def tilted(self, u: float, z: Array) -> bool | None:
        """Whether z breaks a symmetry of the family; None where that is hard to say."""
        return False

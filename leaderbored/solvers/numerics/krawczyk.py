r"""Krawczyk's test: that equations have one zero in a box, and only one.

Around a point x take the box X of all points within r, an enclosure J of the derivatives of F over
X, and an approximate inverse C of J. If

.. math:: |C F(x)| + |I - C J|\, r < r

in every component, r a vector of sides, X contains one zero, and only one (Krawczyk, Computing 4,
1969; Rump, Acta Numerica 19, 2010). Balls of python-flint's ``arb`` (Johansson, IEEE Transactions
on Computers 66, 2017) carry every rounding error. The inequality is theorem, whatever C and r may
be: with a bad C, or a bad box, it fails and nothing is claimed. The rest is tuning: a few steps of
Newton's method with C, in balls, bring x close to the zero; sides follow the Perron vector of
:math:`|I - C J|`, for which the test is easiest; and sizes fall from large ones, of which the first
that passes says the most about how far there is no other zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from flint import arb

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.linear import factorise
from leaderbored.solvers.numerics.outward import (
    Entries,
    above,
    excess,
    matrix,
    perron,
    product,
    up,
)

NEAR = 1e-6  # relative distance from the true zero beyond which what is claimed is wrong
SINGULAR = 1e14  # condition number in doubles of a Jacobian whose inverse is worth nothing
CORRECTIONS = 4  # steps of Newton's method with C: each gains about as many digits as C holds
EXACT = 1e-20  # of a correction, relative: small beside every box
NOTHING_LEFT = 1e-13  # of one that does not shrink: what is left is how wide errors are
RADII = tuple(10.0**-k for k in range(2, 13))  # of boxes, relative; the first will do
HOPELESS = 100.0  # what must shrink grows so many times: a tenth of the box is too large, too
FOLD = "the Jacobian is singular nearby: a fold or a branch point is near"


class UnprovedError(Exception):
    """Why a test cannot succeed on a box."""


@dataclass(frozen=True)
class Alone:
    """A zero that is alone.

    Attributes
    ----------
    centre : list of n balls
        Exact numbers near the zero.
    weights : (n,) list of float
        Units of distances.
    moved : float
        How far the centre is from where the test started.
    reach : float
        How far the zero is from the centre at most.
    unique : float
        How far from the centre there is no other at least.
    """

    centre: list[Any]
    weights: Sequence[float]
    moved: float
    reach: float
    unique: float

    @property
    def box(self) -> list[Any]:
        """Balls that hold the zero."""
        reach = max(self.reach, 1e-30)
        return [arb(a, reach * w) for a, w in zip(self.centre, self.weights, strict=True)]


def only_zero(
    inverse: Any,
    start: Sequence[float],
    weights: Sequence[float],
    errors: Callable[[list[Any]], list[Any]],
    slopes: Callable[[list[Any], float], Entries],
) -> Alone:
    """Prove that equations have a zero near a point, and no other one about it.

    Parameters
    ----------
    inverse : (n, n) array
        An approximate inverse of the derivatives.
    start : (n,) sequence of float
    weights : (n,) sequence of float
        Units in which distances are told.
    errors : callable
        F at n exact balls.
    slopes : callable
        An enclosure of the derivatives over a box of n balls, of a radius in units of the weights.

    Returns
    -------
    Alone

    Raises
    ------
    UnprovedError
        If it is not proved; the message says why.

    Examples
    --------
    >>> root = only_zero(np.array([[0.35]]), [1.4142], [1.0], lambda x: [x[0] ** 2 - 2],
    ...                  lambda x, _: {(0, 0): 2 * x[0]})
    >>> bool(root.box[0].contains(arb(2).sqrt())), root.reach < 1e-12, root.unique
    (True, True, 0.01)
    """
    centre, moves = _centred(inverse, start, weights, errors)
    pairs = zip(centre, start, weights, strict=True)
    moved = max((up(abs(a - b) / w) for a, b, w in pairs), default=0.0)
    sides, reason, radii = np.array(weights), FOLD, iter(RADII)
    for radius in radii:
        checkpoint()
        box = [arb(a, radius * w) for a, w in zip(centre, weights, strict=True)]
        try:
            jacobian = slopes(box, radius)
        except UnprovedError as why:
            reason = str(why)
            continue
        # In units of the weights, so that a side is a relative distance.
        growth = above(excess(inverse, jacobian) * sides / sides[:, None], 2)
        shape = perron(growth)
        shrink = arb(float(above(growth @ shape / shape, len(centre) + 1).max()))
        residual = arb(float(above(moves / sides / shape, 2).max()))
        # Krawczyk's inequality, sides in proportion to the shape: this is the theorem.
        if shrink < 1 and residual + shrink * radius < radius:
            reach, unique = up(residual / (1 - shrink)), radius * float(shape.min())
            return Alone(centre, weights, moved, reach, unique)
        reason = FOLD
        if shrink > HOPELESS:
            next(radii, None)
    raise UnprovedError(reason)


def approximate_inverse(slopes: Entries, count: int) -> Array | None:
    """The inverse (n, n) in doubles of the middle of a matrix of balls; None if next to singular.

    Examples
    --------
    >>> approximate_inverse({(0, 0): arb(2), (1, 1): arb(4)}, 2).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    >>> approximate_inverse({(0, 0): arb(2)}, 2) is None
    True
    """
    numbers = [float(ball.mid()) for ball in slopes.values()]
    if not np.isfinite(numbers).all():
        return None
    middle = matrix(slopes, numbers, (count, count))
    return inverse_of(middle)


def inverse_of(matrix: Any) -> Array | None:
    """The inverse (n, n) in doubles of an array or a sparse array; None if it is next to singular.

    Examples
    --------
    >>> inverse_of(sp.csr_array(np.array([[2.0, 0.0], [0.0, 4.0]]))).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    sparse, count = sp.issparse(matrix), matrix.shape[0]
    try:
        found = factorise(matrix).solve(np.eye(count)) if sparse else np.linalg.inv(matrix)
    except (RuntimeError, np.linalg.LinAlgError):  # a pivot is zero
        return None
    numbers = matrix.data if sparse else matrix
    condition = float(np.linalg.norm(numbers) * np.linalg.norm(found)) / count
    return np.asarray(found, float) if condition < SINGULAR else None


def _centred(
    inverse: Array,
    start: Sequence[float],
    weights: Sequence[float],
    errors: Callable[[list[Any]], list[Any]],
) -> tuple[list[Any], Array]:
    """A point next to the zero, and how large Newton's next step is there, in every unknown."""
    x, last, sides = [arb(number) for number in start], float("inf"), np.array(weights)
    for _ in range(CORRECTIONS):
        checkpoint()
        shift, moves = product(inverse, errors(x))
        size = float((moves / sides).max(initial=0.0))
        if size < EXACT or last / 2 < size < NOTHING_LEFT:
            return x, moves
        if not size <= max(last, NEAR):
            raise UnprovedError(FOLD)
        x, last = [(a - c).mid() for a, c in zip(x, shift.tolist(), strict=True)], size
    return x, product(inverse, errors(x))[1]

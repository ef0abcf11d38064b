r"""Semismooth Newton's method on complementarity problems, with deflation, and the index.

Sought is z within a box at which each :math:`F_k` is zero, or not negative where :math:`z_k` is at
its lower bound, or not positive at the upper one. Each unknown is at a bound or free, as its
natural map :math:`z - F(z)` says when projected on the box; the free ones take a Newton step, the
others go to their bounds (Qi and Sun, Mathematical Programming 58, 1993). F is scaled by its own
derivative, so that units do not matter. If the whole step does not do, the best of several shorter
ones is taken. Solutions that are known can be kept away from (deflation: Farrell, Birkisson and
Funke, SIAM J. Sci. Comput. 37, 2015).

A dense problem takes many points at once (:class:`Batch`); a large one takes one, see
:mod:`leaderbored.solvers.numerics.sparse`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.numerics.linear import (
    solve_each,
)

Mask = NDArray[np.bool_]

LENGTHS = 0.5 ** np.arange(8.0)
BEND = 1e-14  # of the largest entry of a row, where a free unknown has no derivative
LONGEST = 1e3  # of a step, relative to the size of a point
SETTLED = 1e-12  # relative step at which rounding is what is left
ONTO = 1e-10  # relative distance from a bound that rounding may have made
WORST = 1e-7  # scaled residual of a point that counts as solved
BETTER = 0.9  # of the error: less than that counts as progress
DENSE = 400  # unknowns up to which the smallest singular value is found, not only a pivot


class Dense(Protocol):
    """A problem in m unknowns, for batches of points."""

    lower: Array
    upper: Array

    def residual(self, z: Array) -> Array:
        """(B, m) F at points (B, m)."""

    def derivative(self, z: Array) -> Array:
        """(B, m, m) its derivative."""


class Steps(NamedTuple):
    """At B points: Newton steps, units of F, relative errors, and points on their bounds.

    Steps that are no numbers lead nowhere.
    """

    step: Array
    scale: Array
    error: Array
    settling: Array


class Problems(Protocol):
    """What :class:`Newton` needs of a problem."""

    lower: Array
    upper: Array

    def residual(self, z: Array) -> Array:
        """(B, m) F at points (B, m)."""

    def steps(self, z: Array) -> Steps:
        """Newton's steps."""


@dataclass(frozen=True)
class Newton:
    """Settings of Newton's method.

    Parameters
    ----------
    steps : int
        Largest number of steps.
    patience : int, optional
        Steps without progress, of all points, after which it ends; no limit if not given.
    enough : float
        Error of points at the end that count as solutions though steps have not died out.
    whole : bool
        Whether whole steps are taken, better or not.

    Examples
    --------
    >>> class Cournot:
    ...     lower, upper = np.zeros(2), np.full(2, 9.0)
    ...     def residual(self, z): return z + z.sum(axis=1, keepdims=True) - 9
    ...     def derivative(self, z): return np.tile([[2.0, 1.0], [1.0, 2.0]], (len(z), 1, 1))
    >>> Newton().run(Batch(Cournot()), np.array([[0.0, 9.0], [1.0, 1.0]])).round(6).tolist()
    [[3.0, 3.0], [3.0, 3.0]]
    """

    steps: int = 60
    patience: int | None = None
    enough: float = 0.0
    whole: bool = False

    def run(
        self,
        problem: Problems,
        starts: Array,
        avoid: Array | None = None,
        *,
        told: slice | NDArray[np.int_] = slice(None),
        spent: Callable[[], bool] | None = None,
        watch: Callable[[int, float], None] | None = None,
    ) -> Array:
        """Solutions reached from the starts.

        Parameters
        ----------
        problem : Problems
            In m unknowns.
        starts : (B, m) array
        avoid : (K, m) array, optional
            Solutions to keep away from.
        told : slice or int array, optional
            Unknowns by which these are told apart.
        spent : callable, optional
            Says when to stop.
        watch : callable, optional
            Called with (round, least error).

        Returns
        -------
        (C, m) array
            With C <= B: starts that lead nowhere have no row.
        """
        z, done = np.clip(starts, problem.lower, problem.upper), list[Array]()
        best, idle = np.inf, 0
        for k in range(self.steps):
            if spent is not None and spent():
                break
            here = problem.steps(z)
            least = float(here.error.min(initial=np.inf))
            if watch is not None:
                watch(k, min(1.0, least))
            size = np.abs(here.step).max(axis=1, initial=0.0) / size_of(z)
            settled = (size < SETTLED) & (here.error < WORST)
            done += [*onto(problem, here.settling[settled])]
            idle = 0 if least < BETTER * best else idle + 1
            best = min(best, least)
            alive = np.flatnonzero(~settled & np.isfinite(size))
            tired = self.patience is not None and idle > self.patience
            if not len(alive) or tired or k == self.steps - 1:
                done += [*z[alive][here.error[alive] < self.enough]]
                break
            z, step = z[alive], here.step[alive]
            if avoid is not None and len(avoid):
                gaps = z[:, None, told] - avoid[:, told]
                step = step * deflation(gaps, step[:, told])[:, None]
            if self.whole:
                z = np.clip(z + step, problem.lower, problem.upper)
            else:
                z = _along(problem, z, step, here.scale[alive], here.error[alive])
        return np.array(done).reshape(-1, starts.shape[1])


def size_of(z: Array) -> Array:
    """(...) what moves from points (..., m) are relative to.

    Examples
    --------
    >>> size_of(np.array([[3.0, -4.0], [0.0, 0.0]])).tolist()
    [5.0, 1.0]
    """
    with np.errstate(all="ignore"):
        return np.asarray(1 + np.abs(z).max(axis=-1, initial=0.0))


def onto(problem: Problems | Dense, z: Array) -> Array:
    """Points with what is next to a bound put on it."""
    for bound in (problem.lower, problem.upper):
        at = np.where(np.isfinite(bound), bound, np.nan)
        z = np.where(np.abs(z - at) <= ONTO * (1 + np.abs(at)), at, z)
    return z


def _along(problem: Problems, z: Array, step: Array, scale: Array, error: Array) -> Array:
    """Whole steps where these do; else the best of some points along them, better or not."""
    points, far = _tried(problem, z, step, scale, LENGTHS[:1])
    short = np.flatnonzero(~(far[0] < BETTER * error))
    if len(short):
        others, errors = _tried(problem, z[short], step[short], scale[short], LENGTHS[1:])
        errors = np.vstack([far[:, short], errors])
        best = np.argmin(np.where(np.isfinite(errors), errors, np.inf), axis=0)
        every = np.concatenate([points[:, short], others])
        points[0, short] = every[best, np.arange(len(short))]
    found: Array = points[0]
    return found


def _tried(
    problem: Problems, z: Array, step: Array, scale: Array, lengths: Array
) -> tuple[Array, Array]:
    """(L, B, m) points along steps, and their (L, B) errors."""
    points = np.clip(z + lengths[:, None, None] * step, problem.lower, problem.upper)
    flat = points.reshape(-1, z.shape[1])
    with np.errstate(all="ignore"):
        moved = flat - problem.residual(flat) / np.tile(scale, (len(lengths), 1))
        goal = np.clip(moved, problem.lower, problem.upper)
        errors = np.abs(goal - flat).max(axis=1, initial=0.0) / size_of(flat)
    return points, errors.reshape(len(lengths), -1)


def deflation(gaps: Array, moves: Array, sizes: Array | float = 1.0, most: float = 10.0) -> Array:
    """Factors on Newton steps, when F is multiplied by the product of 1 + size / distance^2.

    Parameters
    ----------
    gaps : (..., K, n) array
        From K solutions that are known.
    moves : (..., n) array
        The steps.
    sizes : (K,) array or float
        Squares of the distances within which a solution repels.
    most : float
        Largest factor, either way.

    Examples
    --------
    >>> deflation(np.array([[0.5]]), np.array([-0.5])).round(6).item()  # away from it
    -1.666667
    """
    square = np.maximum((gaps**2).sum(axis=-1), 1e-300)
    along = (gaps * moves[..., None, :]).sum(axis=-1)
    rise = (-2 * along * sizes / (square * (square + sizes))).sum(axis=-1)
    left = np.where(np.abs(1 - rise) > 1e-3, 1 - rise, 1e-3)
    return np.clip(1 / left, -most, most)


def units(own: Array, widest: Array) -> Array:
    """(..., m) sizes of a unit of each F: its own derivative, or its largest where it has none.

    Examples
    --------
    >>> units(np.array([-2.0, 0.0]), np.array([3.0, 5.0])).tolist()
    [2.0, 5.0]
    """
    own = np.abs(own)
    scale = np.where(own > 1e-9 * widest, own, widest)
    return np.where((scale > 0) & np.isfinite(scale), scale, 1.0)


def shortened(step: Array, z: Array) -> Array:
    """Steps (..., m) from points, no longer than a thousand times their size.

    Examples
    --------
    >>> shortened(np.array([[1e9, 1.0]]), np.zeros((1, 2))).tolist()
    [[1000.0, 1e-06]]
    """
    with np.errstate(all="ignore"):  # far out
        longest = LONGEST * size_of(z)
        size = np.maximum(np.abs(step).max(axis=-1, initial=0.0), 1e-300)
        return np.asarray(step * np.minimum(1.0, longest / size)[..., None])


class Batch:
    """A dense problem as :class:`Newton` takes it.

    Parameters
    ----------
    problem : Dense
    uphill : bool
        Whether the sign of what F rises by with its own unknown is ignored. Where F is less the
        slope of a payoff that bends up, steps lead up the slope then, and not to where it is least.
    """

    def __init__(self, problem: Dense, uphill: bool = False) -> None:
        self.problem, self.lower, self.upper = problem, problem.lower, problem.upper
        self.residual, self.uphill = problem.residual, uphill

    def steps(self, z: Array) -> Steps:
        """Newton's steps; from where a formula has no finite value, steps towards the middle."""
        f, jacobian, eye = self.residual(z), self.problem.derivative(z), np.eye(z.shape[1])
        with np.errstate(all="ignore"):
            own = np.diagonal(jacobian, axis1=1, axis2=2)
            if self.uphill:
                jacobian = jacobian + (np.abs(own) - own)[:, :, None] * eye
            scale = units(own, np.abs(jacobian).max(axis=2))
            target = z - f / scale
            free = (target > self.lower) & (target < self.upper)
            goal = np.clip(target, self.lower, self.upper)
            matrix = np.where(free[:, :, None], jacobian / scale[:, :, None], eye)
            matrix += BEND * (eye * free[:, :, None]) * np.abs(matrix).max(axis=2)[:, :, None]
            rhs = np.where(free, -f / scale, goal - z)
        bad = ~(np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(rhs).all(axis=1))
        matrix[bad], rhs[bad] = eye, self._inwards(z[bad])
        step = shortened(solve_each(matrix, rhs), z)
        with np.errstate(all="ignore"):
            error = np.where(bad, np.inf, np.abs(goal - z).max(axis=1) / size_of(z))
        return Steps(step, scale, error, np.where(free, z, goal))

    def _inwards(self, z: Array) -> Array:
        low = np.where(np.isfinite(self.lower), self.lower, -1.0)
        high = np.where(np.isfinite(self.upper), self.upper, low + 2.0)
        return np.asarray(0.1 * ((low + high) / 2 - z))


def solved(problem: Dense, z: Array) -> Array:
    """(C, m) those of points (B, m) that are solutions already, put on their bounds exactly.

    Examples
    --------
    >>> class Most:
    ...     lower, upper = np.zeros(1), np.ones(1)
    ...     def residual(self, z): return np.full_like(z, -2.0)
    ...     def derivative(self, z): return np.zeros((len(z), 1, 1))
    >>> solved(Most(), np.array([[0.5], [1 - 1e-12]])).tolist()
    [[1.0]]
    """
    if not len(z):
        return z
    here = Batch(problem).steps(z)
    return onto(problem, here.settling[here.error < WORST])

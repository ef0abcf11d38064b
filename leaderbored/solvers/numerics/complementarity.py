r"""Semismooth Newton's method on complementarity problems, with deflation, and the index.

Sought is z within a box at which each :math:`F_k` is zero, or not negative where :math:`z_k` is at
its lower bound, or not positive at the upper one. Each unknown is at a bound or free, as its
natural map :math:`z - F(z)` says when projected on the box; the free ones take a Newton step, the
others go to their bounds (Qi and Sun, Mathematical Programming 58, 1993). F is scaled by its own
derivative, so that units do not matter. If the whole step does not do, the best of several shorter
ones is taken. Solutions that are known can be kept away from (deflation: Farrell, Birkisson and
Funke, SIAM J. Sci. Comput. 37, 2015).

A :class:`Dense` problem takes many points at once; a :class:`Sparse` one is large and takes one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from typing_extensions import override

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.curve import Family, Local
from leaderbored.solvers.numerics.linear import (
    factorise,
    sign,
    solve_each,
    solve_sparse,
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
DIFFERENCE = 1e-7  # of u, for the derivative in it


class Dense(Protocol):
    """A problem in m unknowns, for batches of points."""

    lower: Array
    upper: Array

    def residual(self, z: Array) -> Array:
        """(B, m) F at points (B, m)."""

    def derivative(self, z: Array) -> Array:
        """(B, m, m) its derivative."""


class Sparse(Protocol):
    """A large problem, with a measure of distance between points."""

    lower: Array
    upper: Array

    def residual(self, z: Array) -> Array:
        """(m,) F at a point (m,)."""

    def jacobian(self, z: Array) -> sp.csr_array:
        """Its derivative."""

    def weights(self, z: Array) -> Array:
        """Squares of the lengths of unit moves of each unknown."""


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
            size = np.abs(here.step).max(axis=1, initial=0.0) / _size(z)
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
            z = _along(problem, z, step, here.scale[alive], here.error[alive])
        return np.array(done).reshape(-1, starts.shape[1])


def _size(z: Array) -> Array:
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
        errors = np.abs(goal - flat).max(axis=1, initial=0.0) / _size(flat)
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


def _units(own: Array, widest: Array) -> Array:
    """Size of a unit of each F: its own derivative, or its largest where it has none."""
    own = np.abs(own)
    scale = np.where(own > 1e-9 * widest, own, widest)
    return np.where((scale > 0) & np.isfinite(scale), scale, 1.0)


def _shortened(step: Array, z: Array) -> Array:
    with np.errstate(all="ignore"):  # far out
        longest = LONGEST * _size(z)
        size = np.maximum(np.abs(step).max(axis=-1, initial=0.0), 1e-300)
        return np.asarray(step * np.minimum(1.0, longest / size)[..., None])


# --- many points at once


class Batch:
    """A dense problem as :class:`Newton` takes it."""

    def __init__(self, problem: Dense) -> None:
        self.problem, self.lower, self.upper = problem, problem.lower, problem.upper
        self.residual = problem.residual

    def steps(self, z: Array) -> Steps:
        """Newton's steps; from where a formula has no finite value, steps towards the middle."""
        f, jacobian, eye = self.residual(z), self.problem.derivative(z), np.eye(z.shape[1])
        with np.errstate(all="ignore"):
            own = np.diagonal(jacobian, axis1=1, axis2=2)
            scale = _units(own, np.abs(jacobian).max(axis=2))
            target = z - f / scale
            free = (target > self.lower) & (target < self.upper)
            goal = np.clip(target, self.lower, self.upper)
            matrix = np.where(free[:, :, None], jacobian / scale[:, :, None], eye)
            matrix += BEND * (eye * free[:, :, None]) * np.abs(matrix).max(axis=2)[:, :, None]
            rhs = np.where(free, -f / scale, goal - z)
        bad = ~(np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(rhs).all(axis=1))
        matrix[bad], rhs[bad] = eye, self._inwards(z[bad])
        step = _shortened(solve_each(matrix, rhs), z)
        with np.errstate(all="ignore"):
            error = np.where(bad, np.inf, np.abs(goal - z).max(axis=1) / _size(z))
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


# --- one large one


@dataclass(frozen=True)
class Linear:
    """F at a point with its derivative, which unknowns are free, and how far it is from zero."""

    f: Array
    jacobian: sp.csr_array
    scale: Array
    free: Mask
    goal: Array
    error: float

    def part(self, rows: NDArray[np.int_]) -> Linear:
        """The same in some of the unknowns, the others fixed."""
        return Linear(
            self.f[rows],
            self.jacobian[rows][:, rows],
            self.scale[rows],
            self.free[rows],
            self.goal[rows],
            self.error,
        )

    def step(self, z: Array) -> Array | None:
        """Newton's step; None if there is none."""
        free = np.flatnonzero(self.free)
        step = np.where(self.free, 0.0, self.goal - z)
        if not len(free):
            return step
        rows = sp.diags_array(1 / self.scale[free]) @ self.jacobian[free]
        matrix = (rows[:, free] + BEND * sp.eye_array(len(free))).tocsc()
        moved = np.flatnonzero(step)  # slopes in those that rest at a bound may be infinite
        rhs = -self.f[free] / self.scale[free] - rows[:, moved] @ step[moved]
        if not (np.isfinite(matrix.data).all() and np.isfinite(rhs).all()):
            return None
        found = solve_sparse(matrix, rhs)
        if found is None:
            return None
        step[free] = found
        return _shortened(step, z)


def linearise(problem: Sparse, z: Array) -> Linear:
    """A large problem near a point.

    Examples
    --------
    >>> class Most:
    ...     lower, upper = np.zeros(2), np.ones(2)
    ...     def residual(self, z): return np.array([z[0] - 0.5, -1.0])
    ...     def jacobian(self, z): return sp.csr_array(np.diag([1.0, 0.0]))
    >>> linearise(Most(), np.array([0.0, 1.0])).free.tolist()
    [True, False]
    """
    f, jacobian = problem.residual(z), problem.jacobian(z)
    scale = _units(jacobian.diagonal(), _widest(jacobian))
    with np.errstate(all="ignore"):
        target = z - f / scale
        free = (target > problem.lower) & (target < problem.upper)
        goal = np.clip(target, problem.lower, problem.upper)
        error = float(np.abs(goal - z).max(initial=0.0) / _size(z))
    return Linear(f, jacobian, scale, free, goal, error if np.isfinite(error) else np.inf)


def _widest(matrix: sp.csr_array) -> Array:
    """The largest entry of each row, without its sign."""
    widest = np.zeros(matrix.shape[0])
    some = np.diff(matrix.indptr) > 0
    if some.any():
        widest[some] = np.maximum.reduceat(np.abs(matrix.data), matrix.indptr[:-1][some])
    return widest


class Single:
    """A large problem as :class:`Newton` takes it: one point at a time."""

    def __init__(self, problem: Sparse) -> None:
        self.problem, self.lower, self.upper = problem, problem.lower, problem.upper

    def residual(self, z: Array) -> Array:
        """(B, m) F."""
        checkpoint()
        return np.array([self.problem.residual(point) for point in z])

    def steps(self, z: Array) -> Steps:
        """Newton's step from the only point."""
        checkpoint()
        here = linearise(self.problem, z[0])
        step = here.step(z[0]) if np.isfinite(here.error) else None
        step = np.full_like(z[0], np.nan) if step is None else step
        settling = np.where(here.free, z[0] + step, here.goal)
        return Steps(step[None], here.scale[None], np.array([here.error]), settling[None])


class Moving(Family):
    """A large problem that moves with u, as a path follower takes it.

    Parameters
    ----------
    at : callable
        From u to the problem there.
    slope : callable, optional
        Derivative of F in u, of (u, z); found by differences if not given.
    """

    def __init__(
        self,
        at: Callable[[float], Sparse],
        slope: Callable[[float, Array], Array] | None = None,
    ) -> None:
        self.at, self.slope = lru_cache(maxsize=8)(at), slope

    @override
    def near(self, u: float, z: Array, slope: Array | None = None) -> Local | None:
        """The equations in the free unknowns."""
        problem = self.at(u)
        here = linearise(problem, z)
        if not np.isfinite(here.error):
            return None
        free, unit = np.flatnonzero(here.free), 1 / here.scale[here.free]
        moves = np.where(here.free, 0.0, here.goal - z)
        moved = np.flatnonzero(moves)  # slopes in those that rest may be infinite
        with np.errstate(invalid="ignore", over="ignore"):
            error = (here.f + here.jacobian[:, moved] @ moves[moved])[free]
        return Local(
            _free(here, unit),
            unit * error,
            unit * self._slope(u, z, here.f)[free],
            free,
            z + moves,
            np.append(problem.weights(z), 1.0),
            here.free.tobytes(),
        )

    def _slope(self, u: float, z: Array, f: Array) -> Array:
        """Derivative of F in u."""
        if self.slope is not None:
            return self.slope(u, z)
        delta = DIFFERENCE if u < 0.5 else -DIFFERENCE
        with np.errstate(invalid="ignore"):  # among unknowns that are held slopes may be infinite
            return np.asarray((self.at(u + delta).residual(z) - f) / delta)


def _free(here: Linear, unit: Array) -> sp.coo_array:
    """The derivative among the free unknowns, scaled."""
    entries, place = here.jacobian.tocoo(), np.cumsum(here.free) - 1
    inner = here.free[entries.row] & here.free[entries.col]
    rows, columns = place[entries.row[inner]], place[entries.col[inner]]
    size = len(unit)
    return sp.coo_array((unit[rows] * entries.data[inner], (rows, columns)), shape=(size, size))


# --- index


def regular_sign(part: Array | sp.sparray, singular: float) -> int:
    """Sign of the determinant of the derivative among k free unknowns; 0 where it is singular.

    Parameters
    ----------
    part : (k, k) array, dense or sparse
    singular : float
        Least singular value (beyond 400 unknowns, least pivot), rows scaled to one, of a derivative
        that is regular.

    Examples
    --------
    >>> regular_sign(np.array([[0.0, 2.0], [1.0, 0.0]]), 1e-7), regular_sign(np.ones((2, 2)), 1e-7)
    (-1, 0)
    """
    if not part.shape[0]:
        return 1
    rows = sp.csr_array(part)
    widest = _widest(rows)
    if not np.isfinite(rows.data).all() or (widest == 0).any():
        return 0
    rows = sp.diags_array(1 / widest) @ rows
    if len(widest) <= DENSE:
        dense = rows.toarray()
        return sign(dense) if np.linalg.svd(dense, compute_uv=False)[-1] > singular else 0
    try:
        factors = factorise(rows)
    except RuntimeError:  # exactly singular
        return 0
    return factors.sign() if np.abs(factors.pivots()).min() > singular else 0

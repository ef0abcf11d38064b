"""Large sparse complementarity problems, one point at a time, also while a parameter moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from typing_extensions import override

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.complementarity import (
    BEND,
    Mask,
    Steps,
    shortened,
    size_of,
    units,
)
from leaderbored.solvers.numerics.curve import Family, Local
from leaderbored.solvers.numerics.linear import solve_sparse, widest

DIFFERENCE = 1e-7  # of u, for the derivative in it


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
        return shortened(step, z)


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
    most = widest(jacobian)
    scale = units(jacobian.diagonal(), most)
    with np.errstate(all="ignore"):
        target = z - f / np.where(
            (most == 0) & (f != 0), 0.0, scale
        )  # nothing moves it: onto a bound
        free = (target > problem.lower) & (target < problem.upper)
        goal = np.clip(target, problem.lower, problem.upper)
        error = float(np.abs(goal - z).max(initial=0.0) / size_of(z))
    return Linear(f, jacobian, scale, free, goal, error if np.isfinite(error) else np.inf)


class Single:
    """A large problem as :class:`Newton` takes it: one point at a time."""

    def __init__(self, problem: Sparse) -> None:
        self.problem, self.lower, self.upper = problem, problem.lower, problem.upper

    def residual(self, z: Array) -> Array:
        """(B, m) F."""
        return np.array([self._residual(point) for point in z])

    def _residual(self, point: Array) -> Array:
        checkpoint()
        return self.problem.residual(point)

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

r"""Newton's method on a large sparse complementarity problem, and the path from impatience.

As for continuous games, each unknown is at a bound or free, as its natural map says, and the free
ones take a Newton step (semismooth Newton: Qi and Sun, Mathematical Programming 58, 1993). Where
that fails, values and choices take turns (policy iteration), and where that fails too, the game is
solved for players that only look at today and followed as they grow patient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.linear import solve_sparse
from leaderbored.solvers.stochastic.problem import Problem

LENGTHS = 0.5 ** np.arange(8.0)
SETTLED = 1e-13  # relative step at which rounding is what is left
SOLVED = 1e-8  # scaled residual of a point that counts as solved
BEND = 1e-14  # on the diagonal of a free unknown, relative to its row
LONGEST = 1e3

Watch = Callable[[str, int, float], None]


class Equations(Protocol):
    """A complementarity problem with a measure of distance between points."""

    lower: Array
    upper: Array

    def residual(self, z: Array) -> Array:
        """F."""

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
    free: NDArray[np.bool_]
    goal: Array
    error: float


def linearise(problem: Equations, z: Array) -> Linear:
    """The problem near a point.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> problem = Problem(MarkovGame([lab], discount=0.1, states={"d": (0, 1)}))
    >>> linearise(problem, np.array([9.0, 10.0, 0.25, 0.0])).free.tolist()
    [True, True, True, False]
    """
    f, jacobian = problem.residual(z), problem.jacobian(z)
    own = np.abs(jacobian.diagonal())
    widest = _widest(jacobian)
    scale = np.where(own > 1e-9 * widest, own, widest)
    scale = np.where((scale > 0) & np.isfinite(scale), scale, 1.0)
    with np.errstate(all="ignore"):
        target = z - f / scale
    free = (target > problem.lower) & (target < problem.upper)
    goal = np.clip(target, problem.lower, problem.upper)
    return Linear(f, jacobian, scale, free, goal, _distance(goal, z))


def _widest(matrix: sp.csr_array) -> Array:
    """The largest entry of each row, without its sign."""
    widest = np.zeros(matrix.shape[0])
    some = np.diff(matrix.indptr) > 0
    if some.any():
        widest[some] = np.maximum.reduceat(np.abs(matrix.data), matrix.indptr[:-1][some])
    return widest


def _distance(goal: Array, z: Array) -> float:
    """Largest move to the goal, relative to the size of the unknowns."""
    gap = float(np.abs(goal - z).max(initial=0.0))
    return gap / (1 + float(np.abs(z).max(initial=0.0))) if np.isfinite(gap) else np.inf


def newton(
    problem: Problem,
    z: Array,
    steps: int = 40,
    avoid: list[Array] | None = None,
    watch: Watch | None = None,
) -> Array | None:
    """Solve the problem from a point.

    Parameters
    ----------
    problem : Problem
    z : (size,) array
    steps : int
        Largest number of steps.
    avoid : list of (size,) arrays, optional
        Solutions to keep away from (deflation).
    watch : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    (size,) array or None
        None where the steps do not die out.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b + d", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> problem = Problem(MarkovGame([lab], discount=0.5, states={"d": (0, 1)}))
    >>> z = newton(problem, problem.point(np.full((1, 2), 0.5)))
    >>> value = z[problem.slot["value"]][0]
    >>> bool(np.isclose(0.5 * value[0], 1 + (value[1] - value[0]) ** 2 / 4))  # the maximum over b
    True
    """
    z = np.clip(z, problem.lower, problem.upper)
    rounds_since = 0
    best = np.inf
    for k in range(steps):
        checkpoint()
        here = linearise(problem, z)
        if watch:
            watch("Newton's method", k, min(1.0, here.error))
        if not np.isfinite(here.error):
            return None
        step = _step(here, z)
        if step is None:
            return None
        size = float(np.abs(step).max(initial=0.0)) / (1 + float(np.abs(z).max(initial=0.0)))
        if size < SETTLED or (here.error < SETTLED and size < SOLVED):
            return np.where(here.free, z + step, here.goal)
        if avoid:
            step = _deflated(z, step, avoid, problem)
        z = _along(problem, z, step, here)
        rounds_since = 0 if here.error < 0.9 * best else rounds_since + 1
        best = min(best, here.error)
        if rounds_since > 12:
            break
    last = linearise(problem, z)
    return z if last.error < 1e-11 else None


def _step(here: Linear, z: Array) -> Array | None:
    free = np.flatnonzero(here.free)
    held = ~here.free
    step = np.where(held, here.goal - z, 0.0)
    if not len(free):
        return step
    rows = sp.diags_array(1 / here.scale[free]) @ here.jacobian[free]
    matrix = (rows[:, free] + BEND * sp.eye_array(len(free))).tocsc()
    moved = np.flatnonzero(step)  # slopes in those that rest at a bound may be infinite
    rhs = -here.f[free] / here.scale[free] - rows[:, moved] @ step[moved]
    if not (np.isfinite(matrix.data).all() and np.isfinite(rhs).all()):
        return None
    found = solve_sparse(matrix, rhs)
    if found is None:
        return None
    step[free] = found
    longest = LONGEST * (1 + float(np.abs(z).max()))
    return step * min(1.0, longest / max(float(np.abs(step).max()), 1e-300))


def _along(problem: Problem, z: Array, step: Array, here: Linear) -> Array:
    """The best of some points along a step, whether or not it is better than here."""
    best, least = z, np.inf
    for length in LENGTHS:
        checkpoint()
        point = np.clip(z + length * step, problem.lower, problem.upper)
        with np.errstate(all="ignore"):
            target = point - problem.residual(point) / here.scale
        error = _distance(np.clip(target, problem.lower, problem.upper), point)
        if error < least:
            best, least = point, error
        if error < 0.9 * here.error:
            break
    return best


def _deflated(z: Array, step: Array, avoid: list[Array], problem: Problem) -> Array:
    """A step of Newton's method on F times the product of 1 + 1 / distance^2 of choices."""
    rows = np.unique(problem.slot["choice"])
    along = 0.0
    for known in avoid:
        gap = z[rows] - known[rows]
        square = max(float(gap @ gap), 1e-300)
        along += -2 * float(gap @ step[rows]) / (square * (square + 1))
    factor = 1 / (1 - along if abs(1 - along) > 1e-3 else 1e-3)
    return step * float(np.clip(factor, -10, 10))


def take_turns(
    problem: Problem, z: Array, rounds: int = 60, watch: Watch | None = None
) -> Array | None:
    """Policy iteration: choices take a Newton step against values, values follow choices.

    Returns
    -------
    (size,) array or None
        A solution, from where Newton's method takes over now and then.
    """
    stage = np.setdiff1d(np.arange(problem.size), problem.slot["value"])
    omega, last = 1.0, np.inf
    for k in range(rounds):
        checkpoint()
        here = linearise(problem, z)
        moves = Linear(
            here.f[stage],
            here.jacobian[stage][:, stage],
            here.scale[stage],
            here.free[stage],
            here.goal[stage],
            0.0,
        )
        step = _step(moves, z[stage])
        if step is None or not np.isfinite(here.error):
            return None
        distance = float(np.abs(step).max(initial=0.0))
        omega = max(omega / 2, 0.05) if distance > 0.95 * last else min(1.0, 1.2 * omega)
        last = distance
        z = z.copy()
        z[stage] = np.clip(z[stage] + omega * step, problem.lower[stage], problem.upper[stage])
        values = problem.evaluate(z[problem.slot["choice"]])
        z[problem.slot["value"]] = values
        if watch:
            watch("policy iteration", k, min(1.0, distance))
        if distance < 1e-2 or k % 10 == 9:
            found = newton(problem, z, 12)
            if found is not None:
                return found
    return None


def from_impatience(problem: Problem, x: Array, watch: Watch | None = None) -> Array | None:
    """The game solved with little patience, and followed as patience grows; None if it folds."""
    here, step, z = -6.0, 1.0, None
    while True:
        there = min(0.0, here + step) if z is not None else here
        patience = 10.0**there if problem.continuous else 1 - (1 - 10.0**-6) * (-there / 6)
        rates = problem.discount / patience if problem.continuous else problem.discount * patience
        beside = problem.shifted(rates) if there < 0 else problem
        start = beside.point(x) if z is None else z
        found = newton(beside, start, 30)
        if found is None:
            found = take_turns(beside, start, 30)
        if watch:
            watch("path from impatience", 0, -there / 6)
        if found is None:
            step /= 2
            if step < 1e-3 or z is None:
                return None
            continue
        if there == 0:
            return found
        here, z, step = there, found, 1.5 * step

r"""Newton's method on a complementarity problem, from many points at once.

Each unknown is at a bound or free, as its natural map :math:`z - F(z)` says when projected on the
box; the free ones take a Newton step, the others go to their bounds (semismooth Newton with
active sets: Qi and Sun, Mathematical Programming 58, 1993). F is scaled by its own derivative, so
that units of money or quantity do not matter. Of several lengths of the step the best is taken.
Solutions that are known can be kept away from (deflation: Farrell, Birkisson and Funke, SIAM J.
Sci. Comput. 37, 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.continuous.program import Program

LENGTHS = 0.5 ** np.arange(8.0)
BEND = 1e-14  # of the largest entry of a row, where a free unknown has no derivative
LONGEST = 1e3  # of a step, relative to the size of a point
SETTLED = 1e-12  # relative step at which rounding is what is left
ONTO = 1e-10  # relative distance from a bound that rounding may have made
WORST = 1e-7  # scaled residual of a point that counts as solved


@dataclass(frozen=True)
class Newton:
    """Settings of the batch of Newton iterations.

    Parameters
    ----------
    steps : int
        Largest number of steps.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> Newton().run(Program(game), np.array([[0.0, 9.0], [1.0, 1.0]])).round(6).tolist()
    [[3.0, 3.0], [3.0, 3.0]]
    """

    steps: int = 60

    def run(
        self,
        program: Program,
        starts: Array,
        avoid: Array | None = None,
        budget: Budget | None = None,
    ) -> Array:
        """Solutions reached from the starts.

        Parameters
        ----------
        program : Program
            With m unknowns, n of them strategies.
        starts : (B, m) array
        avoid : (K, n) array, optional
            Strategies of solutions to keep away from.
        budget : Budget, optional
            When to stop.

        Returns
        -------
        (C, m) array
            With C <= B: starts that lead nowhere have no row.
        """
        z = np.clip(starts, program.lower, program.upper)
        done = []
        for _ in range(self.steps):
            if budget is not None and budget.spent():
                break
            here = _linearised(program, z)
            size = np.abs(here.step).max(axis=1) / (1 + np.abs(z).max(axis=1))
            settled = (size < SETTLED) & (here.error < WORST)
            done += [*_onto(program, here.settling[settled])]
            alive = np.flatnonzero(~settled)
            if not len(alive):
                break
            z, step = z[alive], here.step[alive]
            if avoid is not None and len(avoid):
                step = _deflated(z[:, : program.n], step, avoid)
            z = _along(program, z, step, here.scale[alive], here.error[alive])
        return np.array(done).reshape(-1, program.m)


def solved(program: Program, z: Array) -> Array:
    """(C, m) those of points (B, m) that are solutions already, put on their bounds exactly.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"q": [0, 1]}, "2 * q")])
    >>> solved(Program(game), np.array([[0.5], [1 - 1e-12]])).tolist()
    [[1.0]]
    """
    if not len(z):
        return z
    here = _linearised(program, z)
    return _onto(program, here.settling[here.error < WORST * (1 + np.abs(z).max(axis=1))])


def _onto(program: Program, z: Array) -> Array:
    """Points with what is next to a bound put on it."""
    for bound in (program.lower, program.upper):
        at = np.where(np.isfinite(bound), bound, np.nan)
        z = np.where(np.abs(z - at) <= ONTO * (1 + np.abs(at)), at, z)
    return z


class _Linear(NamedTuple):
    """At B points: Newton steps, size of F, error of the scaled natural map, points on bounds."""

    step: Array
    scale: Array
    error: Array
    settling: Array


def _linearised(program: Program, z: Array) -> _Linear:
    f = program.residual(z)
    own, rest = program.jacobian(z)
    jacobian, eye = own + rest, np.eye(program.m)
    with np.errstate(all="ignore"):
        scale = _scale(jacobian)
        target = z - f / scale
        free = (target > program.lower) & (target < program.upper)
        goal = np.clip(target, program.lower, program.upper)
        matrix = np.where(free[:, :, None], jacobian / scale[:, :, None], eye)
        matrix += BEND * (eye * free[:, :, None]) * np.abs(matrix).max(axis=2)[:, :, None]
        rhs = np.where(free, -f / scale, goal - z)
    bad = ~(np.isfinite(matrix).all(axis=(1, 2)) & np.isfinite(rhs).all(axis=1))
    matrix[bad], rhs[bad] = eye, _inwards(program, z[bad])
    step = _solved(matrix, rhs)
    with np.errstate(all="ignore"):  # far out
        longest = LONGEST * (1 + np.abs(z).max(axis=1))
        step *= np.minimum(1.0, longest / np.maximum(np.abs(step).max(axis=1), 1e-300))[:, None]
        error = np.where(bad, np.inf, np.abs(goal - z).max(axis=1))
    return _Linear(step, scale, error, np.where(free, z, goal))


def _along(program: Program, z: Array, step: Array, scale: Array, error: Array) -> Array:
    """The best of some points along the steps, whether or not it is better than here."""
    points = np.clip(z + LENGTHS[:, None, None] * step, program.lower, program.upper)
    flat = points.reshape(-1, program.m)
    with np.errstate(all="ignore"):
        moved = flat - program.residual(flat) / np.tile(scale, (len(LENGTHS), 1))
        goal = np.clip(moved, program.lower, program.upper)
        errors = np.abs(goal - flat).max(axis=1).reshape(len(LENGTHS), -1)
    best = np.argmin(np.where(np.isfinite(errors), errors, np.inf), axis=0)
    best = np.where(errors[0] < 0.9 * error, 0, best)
    found: Array = points[best, np.arange(len(z))]
    return found


def _scale(jacobian: Array) -> Array:
    """(B, m) size of a unit of F: its own derivative, or its largest where it has none."""
    own = np.abs(np.diagonal(jacobian, axis1=1, axis2=2))
    widest = np.abs(jacobian).max(axis=2)
    scale = np.where(own > 1e-9 * widest, own, widest)
    return np.where(scale > 0, scale, 1.0)


def _inwards(program: Program, z: Array) -> Array:
    """Steps from where a formula has no finite value towards the middle."""
    low = np.where(np.isfinite(program.lower), program.lower, -1.0)
    high = np.where(np.isfinite(program.upper), program.upper, low + 2.0)
    return np.asarray(0.1 * ((low + high) / 2 - z))


def _solved(matrix: Array, rhs: Array) -> Array:
    try:
        return np.asarray(np.linalg.solve(matrix, rhs[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        return np.array(
            [np.linalg.lstsq(a, b, rcond=1e-12)[0] for a, b in zip(matrix, rhs, strict=True)]
        )


def _deflated(x: Array, step: Array, avoid: Array) -> Array:
    """Steps of Newton's method on F times the product of 1 + 1 / distance^2."""
    gap = x[:, None, :] - avoid[None]
    square = np.maximum((gap**2).sum(axis=2), 1e-300)
    pull = (-2 * gap / (square * (square + 1))[:, :, None]).sum(axis=1)
    along = (pull * step[:, : x.shape[1]]).sum(axis=1)
    factor = 1 / np.where(np.abs(1 - along) > 1e-3, 1 - along, 1e-3)
    return np.asarray(step * np.clip(factor, -10, 10)[:, None])

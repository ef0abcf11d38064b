r"""Descent on a merit function of a complementarity problem, from many points at once.

:mod:`leaderbored.solvers.numerics.complementarity` guesses which unknowns are at a bound, and may
go in circles where prices of shared constraints are among them. Here each unknown :math:`z_k` with
its :math:`F_k` becomes an equation: with :math:`\varphi(a, b) = a + b - \sqrt{a^2 + b^2}`, which is
zero just if neither is negative and one is zero,

.. math:: \Phi_k = \varphi(z_k - l_k, F_k), \qquad -\varphi(u_k - z_k, -F_k), \qquad
          \varphi(z_k - l_k, -\varphi(u_k - z_k, -F_k)), \qquad F_k

as it has a lower bound, an upper one, both, or none (Fischer, Optimization 24, 1992; Billups 1995).
:math:`|\Phi|^2` has a derivative, so that damped steps (Levenberg and Marquardt, projected on the
box: Kanzow, Yamashita and Fukushima, J. Comput. Appl. Math. 172, 2004) can be made to go down, and
where F is monotone all that they can end at is a solution.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.numerics.complementarity import Dense
from leaderbored.solvers.numerics.linear import solve_each

STEPS = 150
DAMPING, LEAST, MOST = 1e-2, 1e-16, 1e10
EASIER, HARDER = 0.1, 6.0
SOLVED = 1e-12  # largest scaled entry of Phi


def descend(problem: Dense, starts: Array, spent: Callable[[], bool]) -> Array:
    """Points of least |Phi| that the starts lead to.

    Parameters
    ----------
    problem : Dense
        In m unknowns.
    starts : (B, m) array
    spent : callable
        Says when to stop where it is.

    Returns
    -------
    (B, m) array
        Whether they are solutions is not looked at.

    Examples
    --------
    >>> class Shared:  # x - x^2 / 2 for each of two, who share 1.5
    ...     lower, upper = np.zeros(3), np.array([1, 1, np.inf])
    ...     def residual(self, z): return z @ self.derivative(z[:1])[0].T + [-1, -1, 1.5]
    ...     def derivative(self, z):
    ...         return np.tile([[1.0, 0, 1], [0, 1, 1], [-1, -1, 0]], (len(z), 1, 1))
    >>> descend(Shared(), np.zeros((1, 3)), lambda: False).round(6).tolist()
    [[0.75, 0.75, 0.25]]
    """
    z = np.clip(starts, problem.lower, problem.upper)
    damping, eye = np.full(len(z), DAMPING), np.eye(starts.shape[1])
    for _ in range(STEPS):
        phi, slope, scale = _equations(problem, z)
        open_ = (np.abs(phi).max(axis=1) > SOLVED) & (damping < MOST)
        if spent() or not open_.any():
            break
        at = z[open_]
        phi, slope, scale = phi[open_], slope[open_], scale[open_]
        turned = slope.swapaxes(1, 2)
        pull = (turned @ phi[:, :, None])[:, :, 0]
        square = turned @ slope
        size = np.maximum(np.trace(square, axis1=1, axis2=2) / len(eye), 1e-300)
        weight = np.minimum(np.square(phi).sum(axis=1), 1.0) * damping[open_] * size
        step = solve_each(square + np.maximum(weight, LEAST * size)[:, None, None] * eye, pull)
        trial = np.clip(at - step, problem.lower, problem.upper)
        value = np.square(_phi(problem, trial, scale)).sum(axis=1)
        better = value < np.square(phi).sum(axis=1)  # not where it is nan
        z[open_] = np.where(better[:, None], trial, at)
        damping[open_] *= np.where(better, EASIER, HARDER)
        damping = np.maximum(damping, LEAST)
    return z


def _phi(problem: Dense, z: Array, scale: Array) -> Array:
    """(B, m) Phi, with F in units of ``scale``."""
    phi, _, _ = _fischer(problem, z, problem.residual(z) / scale)
    return phi


def _equations(problem: Dense, z: Array) -> tuple[Array, Array, Array]:
    """(B, m) Phi, (B, m, m) its derivative, and (B, m) units of F; where undefined, nothing."""
    with np.errstate(all="ignore"):
        jacobian = problem.derivative(z)
        widest = np.abs(jacobian).max(axis=2)
        scale = np.where(widest > 0, widest, 1.0)
        f = problem.residual(z) / scale
        phi, by_z, by_f = _fischer(problem, z, f)
        slope = by_f[:, :, None] * jacobian / scale[:, :, None] + by_z[:, :, None] * np.eye(
            z.shape[1]
        )
    bad = ~np.isfinite(np.concatenate([slope, phi[:, None]], axis=1)).all(axis=(1, 2))
    phi[bad], slope[bad], scale[bad] = 0.0, 0.0, 1.0
    return phi, slope, scale


def _fischer(problem: Dense, z: Array, f: Array) -> tuple[Array, Array, Array]:
    """Phi, and its derivatives by z and by F, entry by entry."""
    low, high = np.isfinite(problem.lower), np.isfinite(problem.upper)
    below = np.where(low, z - np.where(low, problem.lower, 0.0), np.inf)
    above = np.where(high, np.where(high, problem.upper, 0.0) - z, np.inf)
    phi, by_z, by_f = f, np.zeros_like(f), np.ones_like(f)
    inner, one, two = _pair(np.where(high, above, 0.0), -f)
    phi = np.where(high, -inner, phi)
    by_z, by_f = np.where(high, one, by_z), np.where(high, two, by_f)
    outer, one, two = _pair(np.where(low, below, 0.0), phi)
    by_z = np.where(low, one + two * by_z, by_z)
    by_f = np.where(low, two * by_f, by_f)
    return np.where(low, outer, phi), by_z, by_f


def _pair(a: Array, b: Array) -> tuple[Array, Array, Array]:
    """Phi of two numbers, without cancellation, and its two derivatives."""
    size = np.hypot(a, b)
    with np.errstate(all="ignore"):
        sum_ = a + b
        value = np.where(sum_ > 0, 2 * a * b / (sum_ + size), sum_ - size)
        one = np.where(size > 0, 1 - a / size, 1 - 0.5**0.5)
        two = np.where(size > 0, 1 - b / size, 1 - 0.5**0.5)
    return value, one, two

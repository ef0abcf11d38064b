"""Large sparse systems by Krylov iteration, refined until what is left is small enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint

GOAL, ROUGH = 1e-11, 1e-8  # of the residual, at which an iteration is refined by another
COLUMNS = 8  # right-hand sides that are iterated on at once
TINY = 1e-300
EMPTY = 1e-12  # of the largest entry of a row, a diagonal on which no sweep can stand

Matrix: TypeAlias = Any  # a sparse array or a linear operator


def iterate(
    matrix: sp.sparray, rhs: Array, relative: float, guess: Array | None = None
) -> tuple[Array, float]:
    """Solve a system with an M-matrix, or one like it, for several right-hand sides.

    Parameters
    ----------
    matrix : sparse (n, n) array
    rhs : (n, m) array
    relative : float
        Residual, relative to the right-hand side, at which the iteration may stop.
    guess : (n, m) array, optional
        Where it starts; by default at zero.

    Returns
    -------
    (n, m) array, and the largest relative residual

    Examples
    --------
    >>> found, left = iterate(sp.csr_array([[2.0, -1.0], [0.0, 4.0]]), np.ones((2, 1)), 1e-12)
    >>> found.ravel().round(9).tolist(), left <= 1e-12
    ([0.625, 0.25], True)
    """
    rows = _sorted_rows(matrix)
    solvers = (*[_by_sweeps(rows)] * 3, *_by_each(rows, _scaled(rows)))
    return _refined(rows, rhs, relative, guess, solvers)


def swept(matrix: sp.sparray, rhs: Array, relative: float) -> tuple[Array, float, int]:
    """Solve a system by sweeps over its unknowns, in an order in which neighbours stand together.

    Parameters
    ----------
    matrix : sparse (n, n) array
    rhs : (n,) array
    relative : float
        Residual, relative to the right-hand side, at which the iteration may stop.

    Returns
    -------
    (n,) array, the relative residual, and how far apart in that order neighbours stand
        The residual is infinite where there is nothing on the diagonal.

    Examples
    --------
    >>> swept(sp.csr_array([[2.0, -1.0], [0.0, 4.0]]), np.ones(2), 1e-12)[0].round(9).tolist()
    [0.625, 0.25]
    """
    rows = sp.csr_array(matrix)
    order = sp.csgraph.reverse_cuthill_mckee(rows, symmetric_mode=False)
    rows = _sorted_rows(rows[order][:, order])
    apart = np.abs(rows.indices - np.repeat(np.arange(len(rhs)), np.diff(rows.indptr)))
    reach = int(apart.max(initial=0))
    diagonal, largest = np.abs(rows.diagonal()), np.abs(rows).max(axis=1).toarray().ravel()
    if not (diagonal > EMPTY * largest).all():
        return rhs, np.inf, reach
    solvers = [_by_sweeps(rows)] * 3
    found, left = _refined(rows, rhs[order][:, None], relative, None, solvers)
    solution = np.empty_like(rhs)
    solution[order] = found[:, 0]
    return solution, left, reach


def solve_near(
    product: spla.LinearOperator, rhs: Array, like: sp.sparray, relative: float
) -> tuple[Array, float]:
    """Solve a system of several blocks whose matrix has something like ``like`` in each of them.

    Parameters
    ----------
    product : linear operator (m n, m n)
    rhs : (m n, k) array
    like : sparse (n, n) array
        An M-matrix.
    relative : float
        Residual, relative to the right-hand side, at which the iteration may stop.

    Returns
    -------
    (m n, k) array, and the largest relative residual

    Examples
    --------
    >>> matrix = sp.csr_array([[2.0, 0.3], [0.3, 4.0]])
    >>> like = sp.csr_array([[3.0]])
    >>> found, _ = solve_near(spla.aslinearoperator(matrix), np.ones((2, 1)), like, 1e-12)
    >>> (matrix @ found).ravel().round(9).tolist()
    [1.0, 1.0]
    """
    from leaderbored.solvers.kernels.krylov import sweep  # brings numba

    swept = sweep(_sorted_rows(like))

    def precondition(x: Array) -> Array:
        checkpoint()
        return swept(x.reshape(-1, like.shape[0]).T).T.ravel()

    return _refined(product, rhs, relative, None, _by_each(product, precondition))


def _sorted_rows(matrix: sp.sparray) -> sp.csr_array:
    """The matrix by rows, columns in order."""
    rows = sp.csr_array(matrix)
    rows.sum_duplicates()
    return rows


Solver: TypeAlias = Callable[[Array, float], Array]  # of right-hand sides (n, m), and how well


def _refined(
    matrix: Matrix,
    rhs: Array,
    relative: float,
    guess: Array | None,
    solvers: Sequence[Solver],
) -> tuple[Array, float]:
    """Krylov iteration with refinement; solutions (n, m), and the largest relative residual.

    Right-hand sides are scaled to one, for scipy tests for breakdown in absolute terms.
    """
    size = np.maximum(np.abs(rhs).max(axis=0), TINY)
    solution, remains = np.zeros_like(rhs), rhs
    if guess is not None and np.isfinite(guess).all():
        solution, remains = guess.copy(), rhs - matrix @ guess
    for solver in solvers:
        checkpoint()
        left = np.abs(remains).max(axis=0)
        open_ = np.flatnonzero(~(left <= relative * size))
        if not len(open_):
            break
        goal = float((relative * size[open_] / left[open_]).min()) / 3
        step = solver(remains[:, open_] / left[open_], goal)
        trial = solution[:, open_] + left[open_] * step
        after = rhs[:, open_] - matrix @ trial
        nearer = np.abs(after).max(axis=0) < left[open_]
        remains = remains.copy()
        solution[:, open_[nearer]], remains[:, open_[nearer]] = trial[:, nearer], after[:, nearer]
    return solution, float((np.abs(remains).max(axis=0) / size).max())


def _by_sweeps(matrix: sp.csr_array) -> Solver:
    """A few columns at a time, see :mod:`leaderbored.solvers.kernels.krylov`."""
    from leaderbored.solvers.kernels.krylov import bicgstab  # brings numba

    def solve(rhs: Array, goal: float) -> Array:
        parts = [rhs[:, first : first + COLUMNS] for first in range(0, rhs.shape[1], COLUMNS)]
        return np.column_stack([bicgstab(matrix, part, max(GOAL, goal))[0] for part in parts])

    return solve


def _by_each(
    product: Matrix, precondition: Callable[[Array], Array]
) -> tuple[Solver, Solver, Solver, Solver]:
    """One column after the other, twice by BiCGSTAB and twice by GMRES, where that stalls."""
    by = spla.LinearOperator(product.shape, precondition, dtype=float)

    def quick(rhs: Array, goal: float) -> Array:
        found = [
            spla.bicgstab(product, b, rtol=max(ROUGH, goal), maxiter=500, M=by)[0] for b in rhs.T
        ]
        return np.column_stack(found)

    def sure(rhs: Array, goal: float) -> Array:
        rough = max(ROUGH, goal)
        found = [spla.gmres(product, b, rtol=rough, restart=60, maxiter=10, M=by)[0] for b in rhs.T]
        return np.column_stack(found)

    return quick, quick, sure, sure


def _scaled(matrix: sp.csr_array) -> Callable[[Array], Array]:
    """The diagonal as preconditioner."""
    scale = 1 / matrix.diagonal()

    def precondition(x: Array) -> Array:
        checkpoint()
        return np.asarray(scale * x.ravel())

    return precondition

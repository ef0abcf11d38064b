r"""BiCGSTAB with a sweep there and back as preconditioner, for many right-hand sides at once.

A sparse matrix is :math:`A = L + D + U`, parts below, on and above the diagonal. In place of
:math:`A x = b` the system of :math:`(D + L)^{-1} A\, (D + U)^{-1}` is solved, which is that with
the preconditioner :math:`(D + L) D^{-1} (D + U)`: unknowns are relaxed one after the other, there
and back. As :math:`A = (D + L) + (D + U) - D`, with :math:`y = (D + U)^{-1} x`

.. math:: (D + L)^{-1} A\, (D + U)^{-1} x = y + (D + L)^{-1} (x - D y) ,

so that both sweeps together cost no more than a product with A (Eisenstat, SIAM J. Sci. Stat.
Comput. 2, 1981). On a race most successes lead to leaderboards that come before in the order, so
that a sweep carries values along them, and a dozen rounds do whatever the size.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.kernels.jit import compiled, is_kept, ready

Cells = NDArray[np.uint32]  # without a sign, or every index would be asked for it

BROKEN = 1e-60  # products of vectors of length one below which the iteration has broken down


def bicgstab(
    matrix: sp.csr_array, rhs: Array, relative: float, most: int = 100
) -> tuple[Array, int]:
    """Solve roughly from zero; the solution, and the rounds it took.

    Parameters
    ----------
    matrix : sparse (n, n) array
        Indices sorted, nothing zero on the diagonal.
    rhs : (n, m) array
    relative : float
        Length of the residual, after a sweep and relative to the right-hand side's, at which to
        stop.
    most : int
        Largest number of rounds.

    Examples
    --------
    >>> matrix = sp.csr_array([[2.0, -1.0], [-1.0, 4.0]])
    >>> solution, _ = bicgstab(matrix, np.array([[1.0], [3.0]]), 1e-12)
    >>> solution.ravel().round(9).tolist()
    [1.0, 1.0]
    """
    found = np.zeros(rhs.shape)
    rounds = _kernel()(*_parts(matrix), np.ascontiguousarray(rhs), found, relative, most)
    return found, int(rounds)


def sweep(matrix: sp.csr_array) -> Callable[[Array], Array]:
    """The preconditioner of a matrix (n, n): a map of (n, m) arrays, there and back.

    Examples
    --------
    >>> sweep(sp.csr_array([[2.0, 0.0], [-1.0, 4.0]]))(np.array([[1.0], [3.0]])).ravel().tolist()
    [0.5, 0.875]
    """
    parts, kernel = _parts(matrix), _sweeper()

    def swept(x: Array) -> Array:
        found = np.empty(x.shape)
        kernel(*parts, np.ascontiguousarray(x), found)
        return found

    return swept


def is_ready() -> bool:
    """Whether the kernel's machine code is kept, so that nothing is to be waited for."""
    return is_kept(_bicgstab)


@cache
def _kernel() -> Any:
    whole, some = np.ones((1, 1)), np.array([0, 1], dtype=np.uint32)
    return ready(_bicgstab, some, some[:1], np.ones(1), some[:1], whole, np.zeros((1, 1)), 0.5, 1)


@cache
def _sweeper() -> Any:
    some = np.array([0, 1], dtype=np.uint32)
    return ready(_sweep, some, some[:1], np.ones(1), some[:1], np.ones((1, 1)), np.zeros((1, 1)))


def _parts(matrix: sp.csr_array) -> tuple[Any, ...]:
    """Where rows start, columns, entries, and the places of the diagonal among these."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    starts, columns = matrix.indptr.astype(np.uint32), matrix.indices.astype(np.uint32)
    return starts, columns, matrix.data, np.flatnonzero(columns == row).astype(np.uint32)


def _bicgstab(
    starts: Cells,
    columns: Cells,
    entries: Array,
    places: Cells,
    rhs: Array,
    found: Array,
    relative: float,
    most: int,
) -> int:
    size, many = rhs.shape
    left, product, twice = np.empty_like(rhs), np.empty_like(rhs), np.empty_like(rhs)
    swept, way = np.empty_like(rhs), np.empty_like(rhs)
    _there(starts, columns, entries, places, rhs, left)
    shadow, way[:] = left.copy(), left
    first, steps = _products(left, left), np.zeros(many)
    goal, last, moved = relative**2 * first, first.copy(), first.copy()
    going = first > 0
    total = np.zeros_like(rhs)
    rounds = 0
    while rounds < most:
        rounds += 1
        _both(starts, columns, entries, places, way, swept, product)
        along = _products(shadow, product)
        for c in range(many):
            going[c] = going[c] and abs(along[c]) > BROKEN * first[c]
            steps[c] = last[c] / along[c] if going[c] else 0.0
        for i in range(size):
            for c in range(many):
                left[i, c] -= steps[c] * product[i, c]
        _both(starts, columns, entries, places, left, swept, twice)
        mixed, length = _products(twice, left), _products(twice, twice)
        for c in range(many):
            moved[c] = mixed[c] / length[c] if going[c] and length[c] > 0 else 0.0
        for i in range(size):
            for c in range(many):
                total[i, c] += steps[c] * way[i, c] + moved[c] * left[i, c]
                left[i, c] -= moved[c] * twice[i, c]
        remains, fresh = _products(left, left), _products(shadow, left)
        busy = False
        for c in range(many):
            going[c] = going[c] and remains[c] > goal[c] and moved[c] != 0
            going[c] = going[c] and abs(fresh[c]) > BROKEN * first[c]
            mixed[c] = fresh[c] / last[c] * steps[c] / moved[c] if going[c] else 0.0
            last[c] = fresh[c]
            busy = busy or going[c]
        if not busy:
            break
        for i in range(size):
            for c in range(many):
                way[i, c] = left[i, c] + mixed[c] * (way[i, c] - moved[c] * product[i, c])
    _back(starts, columns, entries, places, total, found)
    return rounds


def _sweep(
    starts: Cells, columns: Cells, entries: Array, places: Cells, x: Array, found: Array
) -> None:
    size, many = x.shape
    there = np.empty_like(x)
    _there(starts, columns, entries, places, x, there)
    for i in range(size):
        for c in range(many):
            there[i, c] *= entries[places[i]]
    _back(starts, columns, entries, places, there, found)


@compiled
def _products(a: Array, b: Array) -> Array:
    """(m,) products of columns."""
    size, many = a.shape
    found = np.zeros(many)
    for i in range(size):
        for c in range(many):
            found[c] += a[i, c] * b[i, c]
    return found


@compiled
def _there(
    starts: Cells, columns: Cells, entries: Array, places: Cells, x: Array, found: Array
) -> None:
    """(D + L)^-1 x, the unknowns one after the other."""
    size, many = x.shape
    for i in range(size):
        inverse = 1 / entries[places[i]]
        for c in range(many):
            known = x[i, c]
            for k in range(starts[i], places[i]):
                known -= entries[k] * found[columns[k], c]
            found[i, c] = known * inverse


@compiled
def _back(
    starts: Cells, columns: Cells, entries: Array, places: Cells, x: Array, found: Array
) -> None:
    """(D + U)^-1 x, the last unknown first."""
    size, many = x.shape
    for i in range(size - 1, -1, -1):
        inverse = 1 / entries[places[i]]
        for c in range(many):
            known = x[i, c]
            for k in range(places[i] + 1, starts[i + 1]):
                known -= entries[k] * found[columns[k], c]
            found[i, c] = known * inverse


@compiled
def _both(
    starts: Cells,
    columns: Cells,
    entries: Array,
    places: Cells,
    x: Array,
    swept: Array,
    found: Array,
) -> None:
    """The product with the preconditioned matrix; see the head of this module."""
    size, many = x.shape
    _back(starts, columns, entries, places, x, swept)
    for i in range(size):  # and what is not swept yet is added once all is
        inverse = 1 / entries[places[i]]
        for c in range(many):
            known = x[i, c]
            for k in range(starts[i], places[i]):
                known -= entries[k] * found[columns[k], c]
            found[i, c] = known * inverse - swept[i, c]
    for i in range(size):
        for c in range(many):
            found[i, c] += swept[i, c]

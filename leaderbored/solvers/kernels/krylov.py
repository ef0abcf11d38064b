r"""BiCGSTAB with a sweep there and back as preconditioner, for many right-hand sides at once.

A sparse matrix is :math:`A = L + D + U`, parts below, on and above the diagonal. In place of
:math:`A x = b` the system of :math:`(D + L)^{-1} A\, (D + U)^{-1}` is solved, which is that with
the preconditioner :math:`(D + L) D^{-1} (D + U)`: unknowns are relaxed one after the other, there
and back. As :math:`A = (D + L) + (D + U) - D`, with :math:`y = (D + U)^{-1} x`

.. math:: (D + L)^{-1} A\, (D + U)^{-1} x = y + (D + L)^{-1} (x - D y) ,

so that both sweeps together cost no more than a product with A (Eisenstat, SIAM J. Sci. Stat.
Comput. 2, 1981). On a race most successes lead to leaderboards that come before in the order, so
that a sweep carries values along them, and a dozen rounds do whatever the size. Kernels keep the m
right-hand sides of n numbers as the rows of (m, n) arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.kernels.jit import compiled, is_kept, ready

Cells = NDArray[np.uint32]  # without a sign, or every index would be asked for it
BROKEN = 1e-60  # products of vectors of length one below which the iteration has broken down


class Rows(NamedTuple):
    """A sparse matrix (n, n) by rows.

    Attributes
    ----------
    starts, diagonal, after : (n + 1,), (n,), (n,) arrays
        Where the entries of each row start, its entry on the diagonal is, and those beyond start.
    columns, entries : arrays
    """

    starts: Cells
    diagonal: Cells
    after: Cells
    columns: Cells
    entries: Array


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
    columns = np.ascontiguousarray(rhs.T)
    room, numbers = np.empty((7, *columns.shape)), np.empty((3, len(columns)))
    rounds = _kernel()(_rows(matrix), columns, room, numbers, relative, most)
    return room[0].T, int(rounds)


def sweep(matrix: sp.csr_array) -> Callable[[Array], Array]:
    """The preconditioner of a matrix (n, n): a map of (n, m) arrays, there and back.

    Examples
    --------
    >>> sweep(sp.csr_array([[2.0, 0.0], [-1.0, 4.0]]))(np.array([[1.0], [3.0]])).ravel().tolist()
    [0.5, 0.875]
    """
    rows, kernel = _rows(matrix), _sweeper()

    def swept(x: Array) -> Array:
        columns = np.ascontiguousarray(x.T)
        there, found = np.empty((2, *columns.shape))
        kernel(rows, columns, there, found)
        return np.asarray(found.T)

    return swept


def is_ready() -> bool:
    """Whether the kernel's machine code is kept, so that nothing is to be waited for."""
    return is_kept(_bicgstab)


@cache
def _kernel() -> Any:
    one, room, numbers = np.ones((1, 1)), np.ones((7, 1, 1)), np.ones((3, 1))
    return ready(_bicgstab, _rows(sp.csr_array(one)), one, room, numbers, 0.5, 1)


@cache
def _sweeper() -> Any:
    one = np.ones((1, 1))
    return ready(_sweep, _rows(sp.csr_array(one)), one, one.copy(), one.copy())


def _rows(matrix: sp.csr_array) -> Rows:
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    starts, columns = matrix.indptr.astype(np.uint32), matrix.indices.astype(np.uint32)
    diagonal = np.flatnonzero(columns == row).astype(np.uint32)
    return Rows(starts, diagonal, diagonal + np.uint32(1), columns, matrix.data)


def _bicgstab(
    matrix: Rows, rhs: Array, room: Array, numbers: Array, relative: float, most: int
) -> int:
    """Iterate in room (7, m, n), of which the first part becomes the solutions; the rounds.

    There is room for numbers (3, m) too: what a kernel allocates by itself makes numba import all
    that it knows of arrays when the kernel is loaded.
    """
    many, size = rhs.shape
    found, left, shadow, way, product, twice, swept = room
    first, last, step = numbers
    _relax(matrix, False, rhs, left)
    for c in range(many):
        first[c] = 0.0
        for i in range(size):
            shadow[c, i] = way[c, i] = left[c, i]
            found[c, i] = 0.0
            first[c] += left[c, i] * left[c, i]
        last[c] = first[c]
    rounds, busy = 0, True
    while busy and rounds < most:
        rounds, busy = rounds + 1, False
        _product(matrix, way, swept, product)
        for c in range(many):
            step[c] = _along(shadow[c], product[c], left[c], last[c], first[c])
        _product(matrix, left, swept, twice)
        for c in range(many):
            each = found[c], left[c], shadow[c], way[c], product[c], twice[c]
            last[c] = _turned(each, step[c], last[c], first[c], relative)
            busy = busy or last[c] != 0
    _relax(matrix, True, found, swept)
    for c in range(many):
        for i in range(size):
            found[c, i] = swept[c, i]
    return rounds


@compiled
def _along(shadow: Array, product: Array, left: Array, last: float, first: float) -> float:
    """Take a step off what is left (n,); how long it is, and 0 where that breaks down."""
    along = 0.0
    for i in range(len(left)):
        along += shadow[i] * product[i]
    if last == 0 or not abs(along) > BROKEN * first:
        return 0.0
    step = last / along
    for i in range(len(left)):
        left[i] -= step * product[i]
    return float(step)


@compiled
def _turned(
    each: tuple[Array, ...], step: float, last: float, first: float, relative: float
) -> float:
    """Take a second step, and turn to the next way; what it goes by then, and 0 at the end."""
    if step == 0:
        return 0.0
    found, left, shadow, way, product, twice = each
    mixed = length = 0.0
    for i in range(len(left)):
        mixed += twice[i] * left[i]
        length += twice[i] * twice[i]
    moved = mixed / length if length > 0 else 0.0
    remains = fresh = 0.0
    for i in range(len(left)):
        found[i] += step * way[i] + moved * left[i]
        left[i] -= moved * twice[i]
        remains += left[i] * left[i]
        fresh += shadow[i] * left[i]
    if moved == 0 or not (remains > relative**2 * first and abs(fresh) > BROKEN * first):
        return 0.0
    turn = fresh / last * step / moved
    for i in range(len(left)):
        way[i] = left[i] + turn * (way[i] - moved * product[i])
    return float(fresh)


def _sweep(matrix: Rows, x: Array, there: Array, found: Array) -> None:
    many, size = x.shape
    _relax(matrix, False, x, there)
    for c in range(many):
        for i in range(size):
            there[c, i] *= matrix.entries[matrix.diagonal[i]]
    _relax(matrix, True, there, found)


@compiled
def _product(matrix: Rows, x: Array, swept: Array, found: Array) -> None:
    """The product with the preconditioned matrix; see the head of this module."""
    many, size = x.shape
    _relax(matrix, True, x, swept)
    for c in range(many):
        for i in range(size):
            found[c, i] = x[c, i] - matrix.entries[matrix.diagonal[i]] * swept[c, i]
    _relax(matrix, False, found, found)
    for c in range(many):
        for i in range(size):
            found[c, i] += swept[c, i]


@compiled
def _relax(matrix: Rows, back: bool, x: Array, found: Array) -> None:
    """(D + L)^-1 x, or back (D + U)^-1 x: unknowns one after the other, four rows at once."""
    starts, diagonal, after, columns, entries = matrix
    many, size = x.shape
    for c in range(0, many - 3, 4):
        for n in range(size):
            i = size - 1 - n if back else n
            first, last = (after[i], starts[i + 1]) if back else (starts[i], diagonal[i])
            p, q, r, s = x[c, i], x[c + 1, i], x[c + 2, i], x[c + 3, i]
            for k in range(first, last):
                entry, j = entries[k], columns[k]
                p -= entry * found[c, j]
                q -= entry * found[c + 1, j]
                r -= entry * found[c + 2, j]
                s -= entry * found[c + 3, j]
            inverse = 1 / entries[diagonal[i]]
            found[c, i], found[c + 1, i] = p * inverse, q * inverse
            found[c + 2, i], found[c + 3, i] = r * inverse, s * inverse
    for c in range(many - many % 4, many):
        for n in range(size):
            i = size - 1 - n if back else n
            first, last = (after[i], starts[i + 1]) if back else (starts[i], diagonal[i])
            p = x[c, i]
            for k in range(first, last):
                p -= entries[k] * found[c, columns[k]]
            found[c, i] = p / entries[diagonal[i]]

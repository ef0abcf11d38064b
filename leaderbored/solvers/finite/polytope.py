r"""All vertices of a best-response polytope, by pivoting over the graph of its bases.

The polytope is :math:`\{x \ge 0,\; C x \le 1\}` with a positive matrix C of k rows and d columns
(von Stengel, Handbook of Game Theory 3, 2002, section 2). With slacks :math:`s = 1 - C x` a basis
names the k variables that may be positive; the other d, the cobasis, are zero. The dictionary T of
a basis writes the basic variables by the others.

Ties, which mean a degenerate vertex, are broken as if the right-hand sides were
:math:`1 + \varepsilon, 1 + \varepsilon^2, \dots` (Charnes 1952): the perturbed polytope is simple,
its graph is connected, and each vertex of the polytope is the limit of one of its vertices. So a
search along the edges misses none.

The search runs in floating-point numbers, for many bases at once. Each dictionary is checked
against C: from the residual R of the equations that it solves,

.. math:: |T - \hat T| \le \|B^{-1}\| \max |R|, \qquad
   \|B^{-1}\| \le \|\hat B^{-1}\| / (1 - \|R\|),

with the rounding of R itself bounded. Where the choice of a pivot is not certain by these bounds,
as at each tie, the dictionary is worked out again in whole numbers. So every choice is exact, and
the list is proved to be complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

import numpy as np
from flint import fmpz_mat
from numpy.typing import NDArray

from leaderbored.games.markov import Array, States
from leaderbored.games.rationals import Table
from leaderbored.solvers.budget import Budget

Keys = NDArray[np.uint64]
MOST = 64  # variables: the cobasis is kept as one 64-bit word
CHUNK = 1024  # bases that are pivoted at once; more would not stay in the cache
MOST_BYTES = 2_000_000_000  # of dictionaries that wait: beyond, the search is given up
SLOWER = 20  # times as long a basis takes in whole numbers
CLOSE = 1e-9  # ratios nearer than this, relatively, are compared exactly
ROUNDING = 2.0**-52


@dataclass(frozen=True, eq=False)
class Vertices:
    """Bases of the perturbed polytope, and the vertices where they lie.

    Attributes
    ----------
    bases : (V,) uint64 array
        The cobasis of each basis: bit j for variable j; x comes first, then the slacks.
    tight : (V,) uint64 array
        All variables that are zero at its vertex; equal to the cobasis where not degenerate.
    points : (V, d) array
        x, up to a common factor.
    complete : bool
        Whether these are all.
    """

    bases: Keys
    tight: Keys
    points: Array
    complete: bool


@dataclass(frozen=True, eq=False)
class _Frontier:
    """F dictionaries: T (F, k, d + 1) with the right-hand side last, and what is basic."""

    table: Array
    basis: States
    cobasis: States


def vertices(matrix: Table, budget: Budget, most: float = np.inf) -> Vertices:
    """All vertices of the polytope of nonnegative x with C x <= 1.

    Parameters
    ----------
    matrix : (k, d) array of int
        C, positive Python integers; k + d at most 64.
    budget : Budget
        When to stop; what was found until then is returned, not ``complete``.
    most : float
        How many bases are looked at, those in whole numbers counted :data:`SLOWER` times: then it
        stops too.

    Returns
    -------
    Vertices

    Raises
    ------
    ValueError
        If k + d is more than 64.

    Examples
    --------
    >>> found = vertices(np.array([[1, 2], [2, 1]], dtype=object), Budget(None))
    >>> sorted((found.points / 2).round(3).tolist())
    [[0.0, 0.0], [0.0, 0.5], [0.333, 0.333], [0.5, 0.0]]
    """
    rows, columns = matrix.shape
    if rows + columns > MOST:
        raise ValueError(f"{rows} + {columns} strategies are more than {MOST}")
    scaled = (matrix / int(matrix.max())).astype(float)
    start = _Frontier(
        np.hstack([scaled, np.ones((rows, 1))])[None],
        np.arange(columns, columns + rows)[None],
        np.arange(columns)[None],
    )
    with np.errstate(all="ignore"):  # what overflows is not certain, and worked out again
        return _explore(start, scaled, matrix, budget, most)


def _explore(
    start: _Frontier, scaled: Array, matrix: Table, budget: Budget, most: float
) -> Vertices:
    """Search the graph of bases from a start on, many bases at a time."""
    seen = _keys(start.cobasis)
    pending, found, complete = [start], list[tuple[Keys, Keys, Array]](), True
    while pending:
        held = sum(front.table.nbytes for front in pending)
        if found and (budget.spent() or held > MOST_BYTES or most < 0):
            complete = False
            break
        front = pending.pop()
        leaving, unclear = _leaving(front, scaled)
        zero = np.zeros(front.basis.shape, dtype=bool)
        most -= len(front.basis) + SLOWER * len(unclear)
        if len(unclear):
            leaving[unclear], zero[unclear] = _exactly(front, unclear, matrix)
        found.append(_points(front, zero))
        fresh, first = np.unique(_neighbours(front, leaving), return_index=True)
        unseen = ~np.isin(fresh, seen, assume_unique=True)
        first, seen = first[unseen], np.union1d(seen, fresh[unseen])
        parts = np.split(first, range(CHUNK, len(first), CHUNK))
        pending += [_pivot(front, leaving, part) for part in parts if len(part)]
    bases, tight, points = map(np.concatenate, zip(*found, strict=True))
    return Vertices(bases, tight, points, complete)


def _keys(names: States) -> Keys:
    """One word for each set of variables."""
    keys: Keys = np.bitwise_or.reduce(np.uint64(1) << names.astype(np.uint64), axis=-1)
    return keys


def _points(front: _Frontier, zero: NDArray[np.bool_]) -> tuple[Keys, Keys, Array]:
    """Cobasis, all variables that are zero, and x."""
    bases = _keys(front.cobasis)
    also = np.where(zero, np.uint64(1) << front.basis.astype(np.uint64), np.uint64(0))
    size = front.cobasis.shape[1]
    every = np.zeros((len(bases), size + zero.shape[1]))
    np.put_along_axis(every, front.basis, np.where(zero, 0, front.table[:, :, -1]), axis=1)
    return bases, bases | np.bitwise_or.reduce(also, axis=1), every[:, :size]


def _neighbours(front: _Frontier, leaving: States) -> Keys:
    """The cobasis after each of the d pivots of each basis, as one long array."""
    bit = np.uint64(1)
    entering = bit << front.cobasis.astype(np.uint64)
    left = bit << np.take_along_axis(front.basis, leaving, axis=1).astype(np.uint64)
    keys: Keys = ((_keys(front.cobasis)[:, None] ^ entering) | left).ravel()
    return keys


def _pivot(front: _Frontier, leaving: States, moves: States) -> _Frontier:
    """The dictionaries after some moves, numbered as in :func:`_neighbours`."""
    which, entering = np.divmod(moves, front.cobasis.shape[1])
    row = leaving[which, entering]
    each = np.arange(len(moves))
    table = front.table[which]
    pivot = table[each, row, entering][:, None]
    pivot_row, pivot_column = table[each, row] / pivot, table[each, :, entering].copy()
    table -= pivot_column[:, :, None] * pivot_row[:, None, :]
    table[each, :, entering] = -pivot_column / pivot
    table[each, row] = pivot_row
    table[each, row, entering] = 1 / pivot[:, 0]
    basis, cobasis = front.basis[which], front.cobasis[which]
    enters = cobasis[each, entering].copy()
    cobasis[each, entering] = basis[each, row]
    basis[each, row] = enters
    return _Frontier(table, basis, cobasis)


def _leaving(front: _Frontier, matrix: Array) -> tuple[States, States]:
    """(F, d) row that leaves for each column that enters, and for which bases that is uncertain."""
    body, right = front.table[:, :, :-1], front.table[:, :, -1:]
    magnitude = np.abs(front.table)
    error = _error(front, matrix, magnitude)
    ratio = np.where(body > 0, right / body, np.inf)
    leaving: States = ratio.argmin(axis=1)
    chosen = np.take_along_axis(body, leaving[:, None, :], axis=1)  # (F, 1, d)
    least = np.take_along_axis(right[:, :, 0], leaving, axis=1)[:, None, :]
    margin = right * chosen
    margin -= least * body
    np.put_along_axis(margin, leaving[:, None, :], np.inf, axis=1)
    slack = 2 * error * (4 * magnitude.max(axis=(1, 2)) + error)
    sure = (chosen.min(axis=(1, 2)) > error) & (right.min(axis=(1, 2)) > error)
    return leaving, np.flatnonzero(~(sure & (margin.min(axis=(1, 2)) > slack)))


def _error(front: _Frontier, matrix: Array, magnitude: Array) -> Array:
    """(F,) bound on the error of the entries of each dictionary."""
    rows, _ = matrix.shape
    full = np.hstack([matrix, np.eye(rows), np.ones((rows, 1))]).T
    basic = full[front.basis].swapaxes(1, 2)
    end = np.full((len(front.basis), 1), len(full) - 1)
    residual = basic @ front.table
    residual -= full[np.hstack([front.cobasis, end])].swapaxes(1, 2)
    np.abs(residual, out=residual)
    rounding = (rows + 4) * ROUNDING * (rows + 1) * (1 + magnitude.max(axis=(1, 2)))
    largest = residual.max(axis=(1, 2)) + rounding
    off = largest * front.table.shape[2]
    norm = (1 + magnitude.sum(axis=2).max(axis=1)) / np.maximum(1 - off, 0.5)
    error: Array = np.where(off < 0.5, norm * largest * (1 + 1e-9), np.inf)
    return error


def _exactly(front: _Frontier, which: States, matrix: Table) -> tuple[States, NDArray[np.bool_]]:
    """The rows that leave, and which basic variables are zero; corrects the right-hand sides."""
    rows, columns = matrix.shape
    full = np.hstack([matrix, np.eye(rows, dtype=int).astype(object), np.ones((rows, 1), object)])
    basis, cobasis = front.basis[which], front.cobasis[which]
    table = np.empty((len(which), rows, columns + 1), dtype=object)
    denominator = []
    for number, (basic, other) in enumerate(zip(basis.tolist(), cobasis.tolist(), strict=True)):
        system, right_side = full[:, basic].tolist(), full[:, [*other, -1]].tolist()
        solved: Any = fmpz_mat(system).solve(fmpz_mat(right_side))
        whole, divisor = solved.numer_denom()
        table[number] = whole.tolist()
        denominator.append(int(divisor))
    body, right = table[:, :, :-1], table[:, :, -1:]
    near = _nearly_smallest(body, right)
    leaving: States = near.argmax(axis=1)
    for number, column in np.argwhere(near.sum(axis=1) > 1).tolist():
        candidates = np.flatnonzero(near[number, :, column]).tolist()
        names = basis[number].tolist(), cobasis[number].tolist()
        leaving[number, column] = _smallest(
            table[number], denominator[number], column, candidates, names
        )
    scale = int(matrix.max())  # the floats of x are in this unit
    for number, row, divisor in zip(which.tolist(), right[:, :, 0], denominator, strict=True):
        names = front.basis[number].tolist()
        front.table[number, :, -1] = [
            _quotient(int(value) * (scale if name < columns else 1), divisor)
            for value, name in zip(row, names, strict=True)
        ]
    return leaving, (right[:, :, 0] == 0).astype(bool)


def _quotient(numerator: int, denominator: int) -> float:
    try:
        return numerator / denominator
    except OverflowError:
        return np.inf


def _nearly_smallest(body: Table, right: Table) -> NDArray[np.bool_]:
    """Where the ratio is so near to the smallest that only whole numbers can tell."""
    positive: NDArray[np.bool_] = (body > 0).astype(bool)
    try:
        ratio = np.where(positive, right.astype(float) / body.astype(float), np.inf)
    except OverflowError:  # beyond floating point
        return positive
    near: NDArray[np.bool_] = ratio <= ratio.min(axis=1, keepdims=True) * (1 + CLOSE)
    return positive & (near | np.isnan(ratio).any(axis=1, keepdims=True))


def _smallest(
    table: Table,
    denominator: int,
    column: int,
    rows: list[int],
    names: tuple[list[int], list[int]],
) -> int:
    """The row of the lexicographically smallest ratio."""
    basis, cobasis = names
    where = {name: place for place, name in enumerate(cobasis)}

    def entries(row: int) -> Iterator[int]:
        """The row's right-hand side: the constant, then by the powers of epsilon."""
        yield table[row, -1]
        for slack in range(len(cobasis), len(cobasis) + len(basis)):
            if slack in where:
                yield table[row, where[slack]]
            else:
                yield denominator if basis[row] == slack else 0

    def compare(one: int, other: int) -> int:
        for a, b in zip(entries(one), entries(other), strict=True):
            difference = a * table[other, column] - b * table[one, column]
            if difference:
                return 1 if difference > 0 else -1
        return 0

    return min(rows, key=cmp_to_key(compare))

r"""Linear systems on the line of leads: bands, and the two columns to which leapfrogs lead.

A success moves the state to a neighbour, except that a laggard may land one rung ahead of the old
leader, at x = 1 or x = -1. So matrices are bands B and some full columns, :math:`B + U E^T` with
:math:`E` columns of the identity, and are solved by way of

.. math:: x = y - Z (I + E^T Z)^{-1} E^T y, \qquad B y = r, \quad B Z = U

(Sherman and Morrison; Woodbury). Bands are eliminated with the largest pivot of each column
(Golub and Van Loan, Matrix Computations, section 4.3). The twin is :func:`numpy.linalg.solve`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.tables import Tables

Array = Any


@compiled
def evaluate(game: Tables, hazard: Array, flow: Array) -> Array:
    """(2, S) values of flows (2, S) under hazards; the matrix is dominated by its diagonal."""
    size, middle = hazard.shape[1], game.rungs
    chi = game.leapfrog
    count = 4 if chi > 0 else 2
    pivot, high, rhs = np.empty(size), np.empty(size), np.zeros((size, count))
    for k in range(size):
        up, down = hazard[0, k], hazard[1, k]
        if k == size - 1:
            up = 0.0
        if k == 0:
            down = 0.0
        diagonal = game.discount + up + down
        rhs[k, 0], rhs[k, 1] = flow[0, k], flow[1, k]
        if chi > 0 and k < middle:
            rhs[k, 2] = -up * chi
            up *= 1 - chi
        if chi > 0 and k > middle:
            rhs[k, 3] = -down * chi
            down *= 1 - chi
        if k > 0:
            factor = -down / pivot[k - 1]
            diagonal -= factor * high[k - 1]
            for c in range(count):
                rhs[k, c] -= factor * rhs[k - 1, c]
        high[k], pivot[k] = -up, diagonal
    for k in range(size - 1, -1, -1):
        for c in range(count):
            left = rhs[k, c]
            if k < size - 1:
                left -= high[k] * rhs[k + 1, c]
            rhs[k, c] = left / pivot[k]
    value = np.empty((2, size))
    if chi == 0:
        for k in range(size):
            value[0, k], value[1, k] = rhs[k, 0], rhs[k, 1]
        return value
    a, b = 1 + rhs[middle + 1, 2], rhs[middle + 1, 3]
    c_, d = rhs[middle - 1, 2], 1 + rhs[middle - 1, 3]
    det = a * d - b * c_
    for i in range(2):
        top, bottom = rhs[middle + 1, i], rhs[middle - 1, i]
        first, second = (d * top - b * bottom) / det, (a * bottom - c_ * top) / det
        for k in range(size):
            value[i, k] = rhs[k, i] - rhs[k, 2] * first - rhs[k, 3] * second
    return value


@compiled
def solve_band(band: Array, width: int, rhs: Array) -> float:
    """Solve a band system as :func:`eliminated` does; what is returned are the pivots alone."""
    return eliminated(band, width, rhs)[0]


@compiled
def eliminated(band: Array, width: int, rhs: Array) -> tuple[float, int]:
    """Solve a band system for all columns of ``rhs`` in place.

    Row r of ``band`` (n, 2 width + 1) holds the entries at columns r - width, ..., r + width.
    What is returned is the least pivot over the largest; zero where there was none, and nothing
    is solved; and the sign of the determinant.
    """
    count, columns = band.shape[0], rhs.shape[1]
    wide = 2 * width + 1
    least, most, sign = np.inf, 0.0, 1
    for r in range(min(width, count)):  # rows near the top begin at the first column, too
        shift = width - r
        for c in range(wide - shift):
            band[r, c] = band[r, c + shift]
        for c in range(wide - shift, wide):
            band[r, c] = 0.0
    for k in range(count):
        last = min(k + width, count - 1)
        best, pivot = k, abs(band[k, 0])
        for r in range(k + 1, last + 1):
            if abs(band[r, 0]) > pivot:
                best, pivot = r, abs(band[r, 0])
        if not pivot > 0 or not np.isfinite(pivot):
            return 0.0, 0
        least, most = min(least, pivot), max(most, pivot)
        sign *= (1 if best == k else -1) * (1 if band[best, 0] > 0 else -1)
        if best != k:
            for c in range(wide):
                band[k, c], band[best, c] = band[best, c], band[k, c]
            for c in range(columns):
                rhs[k, c], rhs[best, c] = rhs[best, c], rhs[k, c]
        inverse = 1 / band[k, 0]
        for r in range(k + 1, last + 1):
            factor = band[r, 0] * inverse
            if factor != 0.0:
                for c in range(1, wide):
                    band[r, c - 1] = band[r, c] - factor * band[k, c]
                for c in range(columns):
                    rhs[r, c] -= factor * rhs[k, c]
            else:
                for c in range(1, wide):
                    band[r, c - 1] = band[r, c]
            band[r, wide - 1] = 0.0
    for k in range(count - 1, -1, -1):
        reach = min(wide - 1, count - 1 - k)
        inverse = 1 / band[k, 0]
        for c in range(columns):
            left = rhs[k, c]
            for j in range(1, reach + 1):
                left -= band[k, j] * rhs[k + j, c]
            rhs[k, c] = left * inverse
    return least / most, sign


@compiled
def solve_bordered(band: Array, width: int, rhs: Array, places: Array) -> float:
    """The same with full columns: ``rhs`` (n, 1 + C) holds them after the right-hand side.

    The solution is left in the first column of ``rhs``; ``places`` (C,) says which unknowns the
    columns belong to.
    """
    pivots, count = solve_band(band, width, rhs), len(places)
    if pivots == 0 or count == 0:
        return pivots
    small = np.empty((count, count + 1))
    for r in range(count):
        for c in range(count):
            small[r, c] = rhs[places[r], 1 + c] + (1.0 if r == c else 0.0)
        small[r, count] = rhs[places[r], 0]
    for k in range(count):
        best = k
        for r in range(k + 1, count):
            if abs(small[r, k]) > abs(small[best, k]):
                best = r
        if not abs(small[best, k]) > 0:
            return 0.0
        for c in range(count + 1):
            small[k, c], small[best, c] = small[best, c], small[k, c]
        for r in range(count):
            if r != k:
                factor = small[r, k] / small[k, k]
                for c in range(k, count + 1):
                    small[r, c] -= factor * small[k, c]
    for r in range(rhs.shape[0]):
        for k in range(count):
            rhs[r, 0] -= rhs[r, 1 + k] * small[k, count] / small[k, k]
    return pivots

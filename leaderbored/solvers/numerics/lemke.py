r"""Affine variational inequalities on a box, by Lemke's complementary pivoting.

Sought is x with :math:`0 \le x \le top` at which each entry of :math:`q + M x` is zero, or not
negative where x is zero, or not positive where x is at its top. On a box there always is one, and
Lemke's path leads to it whatever the matrix (Cottle, Pang and Stone, The Linear Complementarity
Problem, 1992, sections 2.2 and 4.4), rounding and ratios that tie aside.
"""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array

SMALLEST = 1e-11  # a pivot that may be rounding
TIED = 1e-12  # relative difference of ratios that may be rounding


def within_box(matrix: Array, q: Array, top: Array, steps: int = 2_000) -> Array | None:
    """A solution of the variational inequality; None if the path breaks off or takes too long.

    Parameters
    ----------
    matrix : (n, n) array
    q, top : (n,) arrays
    steps : int
        Largest number of pivots.

    Examples
    --------
    >>> within_box(np.array([[2.0]]), np.array([-1.0]), np.ones(1)).tolist()  # 2 x = 1
    [0.5]
    >>> within_box(np.array([[-2.0]]), np.array([-1.0]), np.ones(1)).tolist()  # up to the top
    [1.0]
    """
    n = len(q)
    unit = 1 / np.maximum(np.abs(matrix).max(axis=1, initial=0.0), 1e-300)
    whole = np.block([[unit[:, None] * matrix, np.eye(n)], [-np.eye(n), np.zeros((n, n))]])
    found = _lemke(whole, np.concatenate([unit * q, top]), steps)
    return None if found is None else np.clip(found[:n], 0.0, top)


def _lemke(matrix: Array, q: Array, steps: int) -> Array | None:
    """Find z >= 0 with w = q + M z >= 0 and z w = 0; the first half has the artificial unknown.

    In the rows of the tops, where q is not negative, it would open a ray.
    """
    n = len(q)
    if q.min(initial=0.0) >= 0:
        return np.zeros(n)
    cover = np.repeat([[1.0], [0.0]], n // 2, axis=0)
    table = np.hstack([np.eye(n), -matrix, -cover, q[:, None]])
    basis = np.arange(n)  # first all w, then some z, numbered from n; 2 n is the artificial one
    enter, row = 2 * n, int(q.argmin())
    for _ in range(steps):
        table[row] /= table[row, enter]
        others = np.arange(n) != row
        table[others] -= np.outer(table[others, enter], table[row])
        left, basis[row] = int(basis[row]), enter
        if left == 2 * n:
            z = np.zeros(2 * n + 1)
            z[basis] = table[:, -1]
            return z[n : 2 * n]
        enter = left + n if left < n else left - n
        rise = table[:, enter]
        rising = rise > SMALLEST
        if not rising.any():
            return None
        ratio = np.where(rising, table[:, -1] / np.where(rising, rise, 1.0), np.inf)
        least = ratio.min()
        tied = np.flatnonzero(ratio <= least + TIED * (1 + abs(least)))
        last = tied[basis[tied] == 2 * n]
        row = int(last[0] if len(last) else tied[0])
    return None

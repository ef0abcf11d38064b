"""Linear systems with one more unknown, u, and one more row, as on a path."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

from leaderbored.games.markov import Array
from leaderbored.solvers.numerics.curve import Local
from leaderbored.solvers.numerics.linear import as_dense, factorise


def kernel(here: Local) -> Array:
    """Right singular vectors of [A, F_u], least singular values last."""
    whole = np.column_stack([as_dense(here.matrix), here.slope])
    return np.asarray(np.linalg.svd(whole)[2])


def upright(size: int) -> Array:
    """The row that holds u."""
    row = np.zeros(size)
    row[-1] = 1.0
    return row


class Border:
    """The linear system [A, F_u; row] of free unknowns and u, factored."""

    def __init__(self, here: Local, row: Array) -> None:
        self.size, self.columns = len(row), np.append(here.columns, len(row) - 1)
        last = row[self.columns]
        if sp.issparse(here.matrix):
            self.factors = factorise(_bordered(here, last))
            self.sign = self.factors.sign()
            self.back = self.factors.solve
            return
        whole = np.empty((len(last), len(last)))
        whole[:-1, :-1], whole[:-1, -1], whole[-1] = here.matrix, here.slope, last
        lower_upper, swaps, failed = lapack.dgetrf(whole)
        if failed:
            raise RuntimeError
        odd = int((swaps != np.arange(len(swaps))).sum()) % 2
        self.sign = int(np.prod(np.sign(np.diagonal(lower_upper)))) * (-1) ** odd
        self.back = lambda rhs: lapack.dgetrs(lower_upper, swaps, rhs)[0]

    @classmethod
    def of(cls, here: Local, row: Array) -> Border | None:
        """None where it is singular or not finite."""
        values = here.matrix.data if sp.issparse(here.matrix) else here.matrix
        if not all(np.isfinite(part).all() for part in (values, here.slope, here.error)):
            return None
        try:
            return cls(here, row)
        except RuntimeError:  # exactly singular
            return None

    def solve(self, rhs: Array | None, last: float) -> Array:
        """The solution; unknowns that are held do not move. No ``rhs`` stands for zeros."""
        whole = np.zeros(self.size)
        rhs = np.zeros(len(self.columns) - 1) if rhs is None else rhs
        whole[self.columns] = self.back(np.append(rhs, last))
        return whole


def _bordered(here: Local, last: Array) -> sp.csc_array:
    entries, size = here.matrix.tocoo(), len(last) - 1
    every, edge = np.arange(size), np.full(size, size)
    rows = np.concatenate([entries.row, every, edge, [size]])
    columns = np.concatenate([entries.col, edge, every, [size]])
    data = np.concatenate([entries.data, here.slope, last])
    return sp.csc_array((data, (rows, columns)), shape=(size + 1, size + 1))

"""Entries of the sparse derivative of a Markov game's conditions."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array

Index = NDArray[np.int64]


class Entries:
    """Collects entries of a sparse matrix.

    Examples
    --------
    >>> entries = Entries()
    >>> entries.add(np.array([0, 0]), np.array([1, 1]), np.array([2.0, 3.0]))
    >>> entries.matrix(2).toarray().tolist()
    [[0.0, 5.0], [0.0, 0.0]]
    """

    def __init__(self) -> None:
        self.rows: list[NDArray[np.int32]] = []
        self.columns: list[NDArray[np.int32]] = []
        self.values: list[Array] = []

    def add(self, rows: Index, columns: Index, values: Array) -> None:
        """More entries; those in one place add up."""
        some = values != 0
        self.rows.append(rows[some].astype(np.int32))
        self.columns.append(columns[some].astype(np.int32))
        self.values.append(values[some])

    def stretch(self, scale: Array) -> None:
        """Multiply the columns so far."""
        self.values = [v * scale[c] for v, c in zip(self.values, self.columns, strict=True)]

    def matrix(self, size: int) -> sp.csr_array:
        """The (size, size) matrix."""
        if not self.rows:
            return sp.csr_array((size, size))
        rows, columns = np.concatenate(self.rows), np.concatenate(self.columns)
        values = np.concatenate(self.values)
        return sp.csr_array((values, (rows, columns)), shape=(size, size))

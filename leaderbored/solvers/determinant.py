"""The sign of a determinant, of a dense or a sparse matrix."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray


def sign(matrix: NDArray[np.float64] | sp.sparray) -> int:
    """1, -1, or 0 where a matrix is singular.

    Examples
    --------
    >>> sign(np.array([[0.0, 1.0], [1.0, 0.0]])), sign(sp.csr_array([[0.0, 1.0], [1.0, 0.0]]))
    (-1, -1)
    """
    if isinstance(matrix, np.ndarray):
        return int(np.linalg.slogdet(matrix)[0])
    try:
        factors = spla.splu(matrix.tocsc())
    except RuntimeError:  # exactly singular
        return 0
    return factored_sign(factors)


def factored_sign(factors: spla.SuperLU) -> int:
    """The same, of a matrix that is factored.

    Examples
    --------
    >>> factored_sign(spla.splu(sp.csc_array([[0.0, 1.0], [1.0, 0.0]])))
    -1
    """
    swaps = _parity(factors.perm_r) * _parity(factors.perm_c)
    return int(swaps * np.prod(np.sign(factors.U.diagonal())))


def _parity(permutation: NDArray[np.int_]) -> int:
    seen, parity = np.zeros(len(permutation), dtype=bool), 1
    for start in range(len(permutation)):
        length, k = 0, start
        while not seen[k]:
            seen[k], k, length = True, permutation[k], length + 1
        parity *= -1 if length and length % 2 == 0 else 1
    return parity

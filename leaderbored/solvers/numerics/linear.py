"""Linear systems and signs of determinants, dense or sparse; what takes long heeds the budget."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any, TypeAlias, TypeVar

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray
from scipy.linalg import lapack, lstsq

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.apart import Worker, watched
from leaderbored.solvers.numerics.iterative import iterate, swept

DENSE = 700  # unknowns up to which LAPACK beats sparse factorisation
FACTORISE = 12_000  # unknowns beyond which fill-in makes factorisation hopeless
ORTHOGONAL = 1_000  # unknowns up to which an orthogonal factorisation is worth its seconds
SINGULAR = 1e-12  # inverse condition number from which on directions count as open
BEND = 1e-9  # of an empty diagonal, in larger systems
MOST_LOOSE = 5  # unknowns at bounds that they might as well leave: each set of them is freed
PIVOTS = 400  # unknowns up to which the least singular value is found, not only a pivot
RELATIVE = 2e-13  # of a linear solve's residual; rounding stands near 1e-14
SWEPT = 6_000  # unknowns beyond which a sparse system is swept before it is factorised
ROUGHLY = 1e-9  # relative residual of a system that counts as solved by sweeps
FILLED = 3e8  # entries of a band that are too many to factorise

Matrix: TypeAlias = Any  # a dense array or a sparse one
T = TypeVar("T")


def solve_linear(
    matrix: Matrix,
    rhs: Array,
    *,
    direct: bool,
    relative: float = RELATIVE,
    guess: Array | None = None,
) -> Array:
    """Solve ``matrix @ x = rhs`` for one or several right-hand sides.

    Parameters
    ----------
    matrix : (n, n) array, dense or sparse
    rhs : (n,) or (n, m) array
    direct : bool
        Factorise; otherwise iterate, and factorise only where the iteration stalls.
    relative : float
        Residual, relative to the right-hand side, at which the iteration may stop.
    guess : array of the shape of ``rhs``, optional
        Where the iteration starts; by default at zero.

    Returns
    -------
    array of the shape of ``rhs``

    Examples
    --------
    >>> solve_linear(sp.csr_array([[2.0, 0.0], [0.0, 4.0]]), np.ones(2), direct=True).tolist()
    [0.5, 0.25]
    """
    checkpoint()
    if len(rhs) <= DENSE:
        return np.asarray(np.linalg.solve(as_dense(matrix), rhs))
    if not direct:
        many = rhs.reshape(len(rhs), -1)
        near = None if guess is None else guess.reshape(many.shape)
        found, left = iterate(matrix, many, relative, near)
        if left <= 100 * relative or len(rhs) > FACTORISE:
            return found.reshape(rhs.shape)
    return np.asarray(factorise(matrix).solve(rhs))


class Factors:
    """Factors of a sparse matrix, which end in the thread that made them.

    SuperLU keeps account of its memory by thread: what another thread lets go is never freed.

    Examples
    --------
    >>> Factors([spla.splu(sp.csc_array([[2.0]]))]).solve(np.array([4.0])).tolist()
    [2.0]
    """

    def __init__(self, box: list[spla.SuperLU], home: Worker | None = None) -> None:
        self._box, self._home = box, home  # the one reference to the factors is in the box

    def solve(self, rhs: Array) -> Array:
        """The solution of ``matrix @ x = rhs``, or of several right-hand sides in columns."""
        return np.asarray(self._box[0].solve(rhs))

    def solve_turned(self, rhs: Array) -> Array:
        """The same of the transposed matrix."""
        return np.asarray(self._box[0].solve(rhs, "T"))

    def sign(self) -> int:
        """1, -1, or 0 where the matrix is singular."""
        swaps = _parity(self._box[0].perm_r) * _parity(self._box[0].perm_c)
        return int(swaps * np.prod(np.sign(self.pivots())))

    def pivots(self) -> Array:
        """(n,) what eliminated the unknowns: the product is the determinant, but for its sign."""
        return np.asarray(self._box[0].U.diagonal())

    def __del__(self) -> None:
        if self._home is not None:
            self._home.put(self._box.clear)


def factorise(matrix: sp.sparray, order: str = "COLAMD", pivoting: float = 1.0) -> Factors:
    """Factors of a sparse matrix; where that takes seconds, a budget that is spent ends the wait.

    The work goes on in a thread of its own then, for nothing, to its end or to that of the program.

    Parameters
    ----------
    matrix : sparse (n, n) array
    order : str, default "COLAMD"
        Of SuperLU's, in which the unknowns are eliminated; "NATURAL" is that in which they stand.
    pivoting : float, default 1
        A pivot is on the diagonal unless it is less than this part of the largest in its column.

    Raises
    ------
    RuntimeError
        If there is no pivot.

    Examples
    --------
    >>> factorise(sp.csr_array([[2.0, 0.0], [0.0, 4.0]])).solve(np.ones(2)).tolist()
    [0.5, 0.25]
    """
    columns = matrix.tocsc()
    box, home = watched(
        lambda: [spla.splu(columns, order, diag_pivot_thresh=pivoting)], matrix.shape[0]
    )
    return Factors(box, home)


def solve_sparse(matrix: sp.sparray, rhs: Array) -> Array | None:
    """The solution of a sparse system, by factors or, of large ones, by sweeps if these converge.

    None if it has none, or the factors of a system that is not solved by sweeps would fill.

    Examples
    --------
    >>> solve_sparse(sp.csc_array([[2.0]]), np.array([4.0])).tolist()
    [2.0]
    """
    if len(rhs) > SWEPT and rhs.ndim == 1:
        found, left, reach = swept(matrix, rhs, RELATIVE)
        if left <= ROUGHLY:
            return found
        if len(rhs) * reach > FILLED:
            return None
    try:
        found = factorise(matrix).solve(rhs)
    except RuntimeError:  # exactly singular
        return None
    return found if np.isfinite(found).all() else None


def solve_each(matrices: Array, rhs: Array) -> Array:
    """(B, n) solutions of systems (B, n, n) and (B, n); the shortest where one is singular.

    Examples
    --------
    >>> solve_each(np.array([[[2.0]], [[0.0]]]), np.array([[4.0], [1.0]])).tolist()
    [[2.0], [0.0]]
    """
    try:
        return np.asarray(np.linalg.solve(matrices, rhs[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        return np.array(
            [np.linalg.lstsq(a, b, rcond=SINGULAR)[0] for a, b in zip(matrices, rhs, strict=True)]
        )


def as_dense(matrix: Matrix) -> Array:
    """The matrix as a dense array."""
    return matrix.toarray() if sp.issparse(matrix) else np.asarray(matrix)


def shortest(matrix: Matrix, rhs: Array) -> Array:
    """Shortest solution of a system that may leave directions open, as indifference does.

    Large systems are bent a little on the empty part of the diagonal, factorised, and refined.

    Parameters
    ----------
    matrix : (n, n) array, dense or sparse
    rhs : (n,) array

    Returns
    -------
    (n,) array
        Not a number throughout if even so there is no pivot, or the matrix is not finite.

    Examples
    --------
    >>> shortest(sp.csr_array([[1.0, 1.0], [1.0, 1.0]]), np.array([2.0, 2.0])).round(9).tolist()
    [1.0, 1.0]
    """
    checkpoint()
    if len(rhs) <= ORTHOGONAL:
        dense = as_dense(matrix)
        return watched(lambda: _shortest(dense, rhs), len(rhs))[0]
    bent = matrix - sp.diags_array(np.where(matrix.diagonal() == 0, BEND, 0.0))
    try:
        factors = factorise(bent)
    except RuntimeError:  # exactly singular
        return np.full_like(rhs, np.nan)
    solution, left = np.zeros_like(rhs), rhs
    for _ in range(3):
        solution = solution + factors.solve(left)
        left = rhs - matrix @ solution
    return np.asarray(solution)


def _shortest(matrix: Array, rhs: Array) -> Array:
    """Shortest solution of a dense system; not a number if the matrix is not finite."""
    regular = _regular(matrix, rhs)
    if regular is not None:
        return regular
    if not np.isfinite(matrix).all():
        return np.full_like(rhs, np.nan)
    return np.asarray(lstsq(matrix, rhs, cond=SINGULAR, lapack_driver="gelsy")[0])


def _regular(matrix: Array, rhs: Array) -> Array | None:
    """Solution of a dense system that is far from singular, by LU; None if it is not."""
    if not np.isfinite(matrix).all():
        return None
    factors, pivots, failed = lapack.dgetrf(matrix)
    if failed:
        return None
    condition, _ = lapack.dgecon(factors, np.linalg.norm(matrix, 1))
    return np.asarray(lapack.dgetrs(factors, pivots, rhs)[0]) if condition > SINGULAR else None


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
        return factorise(matrix).sign()
    except RuntimeError:  # exactly singular
        return 0


def _parity(permutation: NDArray[np.int_]) -> int:
    seen, parity = np.zeros(len(permutation), dtype=bool), 1
    for start in range(len(permutation)):
        length, k = 0, start
        while not seen[k]:
            seen[k], k, length = True, permutation[k], length + 1
        parity *= -1 if length and length % 2 == 0 else 1
    return parity


def regular_sign(part: Array | sp.sparray, singular: float) -> int:
    """Sign of the determinant of the derivative among k free unknowns; 0 where it is singular.

    Parameters
    ----------
    part : (k, k) array, dense or sparse
    singular : float
        Least singular value (beyond 400 unknowns, least pivot), rows scaled to one, of a derivative
        that is regular.

    Examples
    --------
    >>> regular_sign(np.array([[0.0, 2.0], [1.0, 0.0]]), 1e-7), regular_sign(np.ones((2, 2)), 1e-7)
    (-1, 0)
    """
    if not part.shape[0]:
        return 1
    rows = sp.csr_array(part)
    sizes = widest(rows)
    if not np.isfinite(rows.data).all() or (sizes == 0).any():
        return 0
    rows = sp.diags_array(1 / sizes) @ rows
    if len(sizes) <= PIVOTS:
        dense = rows.toarray()
        return sign(dense) if np.linalg.svd(dense, compute_uv=False)[-1] > singular else 0
    try:
        factors = factorise(rows)
    except RuntimeError:  # exactly singular
        return 0
    return factors.sign() if np.abs(factors.pivots()).min() > singular else 0


def sign_whichever(
    jacobian: Array | sp.sparray,
    bound: NDArray[np.bool_],
    loose: NDArray[np.bool_],
    singular: float,
) -> int:
    """Index of a solution in a box; 0 where it is not known, as the solution may be degenerate.

    Something at its bound that might as well leave it is held there or free. If the determinant has
    one sign whichever of these are free, the conditions are one to one nearby, and that sign is the
    index (S. M. Robinson, Mathematics of Operations Research 17, 1992).

    Parameters
    ----------
    jacobian : (m, m) array, dense or sparse
        Derivative of the conditions.
    bound, loose : (m,) bool arrays
        What is at a bound, and what of it might as well leave it.
    singular : float
        As of :func:`regular_sign`.

    Examples
    --------
    >>> pair, both = np.array([[1.0, -0.5], [-0.5, 1.0]]), np.ones(2, dtype=bool)
    >>> sign_whichever(pair, both, both, 1e-7), sign_whichever(pair[::-1], both, both, 1e-7)
    (1, 0)
    """
    corners = np.flatnonzero(loose)
    if len(corners) > MOST_LOOSE:
        return 0
    signs = set[int]()
    for some in chain.from_iterable(combinations(corners, k) for k in range(len(corners) + 1)):
        checkpoint()
        free = np.union1d(np.flatnonzero(~bound), np.array(some, dtype=int))
        signs.add(regular_sign(jacobian[free][:, free], singular))
        if len(signs) > 1:
            return 0
    return signs.pop()


def widest(matrix: sp.csr_array) -> Array:
    """(n,) the largest entry of each row, without its sign.

    Examples
    --------
    >>> widest(sp.csr_array([[1.0, -2.0], [0.0, 0.0]])).tolist()
    [2.0, 0.0]
    """
    widest = np.zeros(matrix.shape[0])
    some = np.diff(matrix.indptr) > 0
    if some.any():
        widest[some] = np.maximum.reduceat(np.abs(matrix.data), matrix.indptr[:-1][some])
    return widest

r"""The equations of a Markov game as linear algebra.

With the shares fixed every player's value solves one and the same linear system

.. math:: \Big[\rho + \sum_j h_j - \sum_j \mathrm{diag}(h_j) P_j\Big] V_i = R_i ,

so one factorisation, or one preconditioned Krylov operator, serves all players. The matrix is a
strictly diagonally dominant M-matrix. Its graph has one dimension less than there are labs: up
to two dimensions a sparse factorisation is cheapest; beyond, fill-in explodes while BiCGSTAB
with the diagonal as preconditioner (van der Vorst, SIAM J. Sci. Stat. Comput. 13, 1992) takes
some fifty products whatever the size.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from threading import Thread
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray
from scipy.linalg import lapack, lstsq

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.reply import best_reply

T = TypeVar("T")

SMALL = 150  # states up to which products with dense arrays beat sparse ones
DENSE = 700  # unknowns up to which LAPACK beats sparse factorisation
DIRECT_STATES = 1_000
FACTORISE = 12_000  # unknowns beyond which fill-in makes factorisation hopeless
WATCHED = 1_000  # unknowns from which on a factorisation may take longer than a moment
WATCHER = "leaderbored factorisation"  # name of the thread
WAIT = 0.05  # seconds between looks at the budget meanwhile
ORTHOGONAL = 2_600  # unknowns up to which a full orthogonal factorisation is worth its seconds
SINGULAR = 1e-12  # inverse condition number from which on directions count as open
BEND = 1e-9  # of an empty diagonal, in larger systems
RELATIVE = 2e-13  # of a linear solve's residual; rounding stands near 1e-14


Matrix: TypeAlias = Any  # a dense array or a sparse one


class _Pattern(NamedTuple):
    """Where each chance of a jump goes in the matrix of rates."""

    row: NDArray[np.int_]
    player: NDArray[np.int_]
    chance: Array
    cell: NDArray[np.int_]
    columns: NDArray[np.int_]
    starts: NDArray[np.int_]


class System:
    """The linear maps of a game, assembled once and filled with hazards many times.

    Parameters
    ----------
    game : Markov
        N players, S states.
    noise : float, default 0
        Noise tau of the replies; money/year. Zero for best replies.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([2.0]),
    ...                lb.Technology(3), discount=0.1, rungs=2).markov()
    >>> System(game).evaluate(np.zeros((2, 5)))[0, 0].round(9).item()  # selling for ever: 2 / rho
    20.0
    """

    def __init__(self, game: Markov, noise: float = 0.0) -> None:
        self.game, self.noise = game, noise
        self.players, self.size = game.scale.shape

    def along(self, game: Markov, noise: float = 0.0) -> System:
        """The system of a game nearby; what hangs on the jumps alone is shared if they are."""
        system = System(game, noise)
        if game.jump is self.game.jump:
            for part in ("moves", "dense_moves", "_pattern"):
                system.__dict__[part] = getattr(self, part)
        return system

    @cached_property
    def _pattern(self) -> _Pattern:
        rows, columns, players, chances = [], [], [], []
        for player, jump in enumerate(self.game.jump):
            entries = jump.tocoo()
            rows.append(entries.row)
            columns.append(entries.col)
            players.append(np.full(entries.nnz, player))
            chances.append(entries.data)
        row = np.concatenate(rows)
        keys = row.astype(np.int64) * self.size + np.concatenate(columns)
        cells, cell = np.unique(keys, return_inverse=True)
        starts = np.searchsorted(cells, np.arange(self.size + 1) * self.size)
        return _Pattern(
            row, np.concatenate(players), np.concatenate(chances), cell, cells % self.size, starts
        )

    @cached_property
    def moves(self) -> tuple[sp.csr_array, ...]:
        """N sparse (S, S) maps V -> P_j V - V."""
        identity = sp.eye_array(self.size, format="csr")
        return tuple((jump - identity).tocsr() for jump in self.game.jump)

    @cached_property
    def dense_moves(self) -> Array:
        """(N, S, S) the same as one dense array."""
        return np.array([move.toarray() for move in self.moves])

    def transitions(self, hazard: Array) -> sp.csr_array:
        """Sparse (S, S) rates sum_j diag(h_j) P_j, self-loops on the diagonal; 1/year."""
        jumps = self._pattern
        rates = jumps.chance * hazard[jumps.player, jumps.row]
        data = np.bincount(jumps.cell, weights=rates, minlength=len(jumps.columns))
        shape = (self.size, self.size)
        return sp.csr_array((data, jumps.columns, jumps.starts), shape=shape)

    def matrix(self, hazard: Array) -> sp.csr_array:
        """Sparse (S, S) matrix that maps every player's value to its flow payoff."""
        exit_rates = self.game.discount + hazard.sum(axis=0)
        return (sp.diags_array(exit_rates) - self.transitions(hazard)).tocsr()

    def dense_matrix(self, hazard: Array) -> Array:
        """The same as a dense array."""
        rates = np.einsum("js,jst->st", hazard, self.dense_moves)
        return np.asarray(np.diag(np.full(self.size, self.game.discount)) - rates)

    def evaluate(self, build: Array) -> Array:
        """(N, S) values when the players build the shares ``build`` (N, S) for ever."""
        checkpoint()
        if self.size <= SMALL:
            matrix = self.dense_matrix(self.game.hazard(build))
            return np.asarray(np.linalg.solve(matrix, self.game.payoff(build).T).T)
        matrix = self.matrix(self.game.hazard(build))
        direct = self.players <= 3 or self.size <= DIRECT_STATES
        return solve_linear(matrix, self.game.payoff(build).T, direct=direct).T

    def gain(self, value: Array) -> Array:
        """(N, S) each player's gain P_i V_i - V_i from a success of its own."""
        if self.size <= SMALL:
            return np.asarray((self.dense_moves @ value[:, :, None])[:, :, 0])
        return np.array([move @ v for move, v in zip(self.moves, value, strict=True)])

    def reply(self, value: Array, scale: float) -> Array:
        """(N, S) best replies when values are as given, the largest of them ``scale``."""
        return self.answer(value, self.gain(value), scale)

    def answer(self, value: Array, gain: Array, scale: float) -> Array:
        """(N, S) best replies to values, and to gains right to within rounding of ``scale``."""
        return best_reply(self.game, gain, scale)

    def effect(self, value: Array) -> Array:
        """(N, N, S) array E with E[i, j] = P_j V_i - V_i, what a success of j does to i."""
        if self.size <= SMALL:
            return np.ascontiguousarray((self.dense_moves @ value.T).transpose(2, 0, 1))
        return np.array([move @ value.T for move in self.moves]).transpose(2, 0, 1)


def solve_linear(matrix: Matrix, rhs: Array, *, direct: bool, relative: float = RELATIVE) -> Array:
    """Solve ``matrix @ x = rhs`` for one or several right-hand sides.

    Parameters
    ----------
    matrix : (n, n) array, dense or sparse
    rhs : (n,) or (n, m) array
    direct : bool
        Factorise; otherwise iterate, and factorise only where the iteration stalls.
    relative : float
        Residual, relative to the right-hand side, at which the iteration may stop.

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
        found = [_iterate(matrix, column, relative) for column in rhs.reshape(len(rhs), -1).T]
        if max(left for _, left in found) <= 100 * relative or len(rhs) > FACTORISE:
            return np.array([solution for solution, _ in found]).T.reshape(rhs.shape)
    return np.asarray(factorise(matrix).solve(rhs))


def factorise(matrix: sp.sparray) -> spla.SuperLU:
    """Factors of a sparse matrix; where that takes seconds, a budget that is spent ends the wait.

    The work goes on in a thread of its own then, for nothing, to its end or to that of the program.

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
    return _watched(lambda: spla.splu(columns), matrix.shape[0])


def _watched(work: Callable[[], T], size: int) -> T:
    """What a routine that cannot be interrupted finds; of large systems in a thread of its own."""
    if size < WATCHED:
        return work()
    done: list[T] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(work())
        except (RuntimeError, MemoryError, np.linalg.LinAlgError) as error:
            failed.append(error)

    thread = Thread(target=run, name=WATCHER, daemon=True)
    thread.start()
    while not done and not failed:
        checkpoint()
        thread.join(WAIT)
    if failed:
        raise failed[0]
    return done[0]


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
        return _watched(lambda: _shortest(dense, rhs), len(rhs))
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


def _iterate(matrix: sp.csr_array, rhs: Array, relative: float) -> tuple[Array, float]:
    """Krylov iteration with refinement; the solution and its residual relative to ``rhs``.

    The right-hand side is scaled to one, for scipy tests for breakdown in absolute terms.
    """
    scale = 1 / matrix.diagonal()

    def precondition(x: Array) -> Array:
        checkpoint()
        return np.asarray(scale * x.ravel())

    preconditioner = spla.LinearOperator(matrix.shape, precondition)
    bicgstab = partial(spla.bicgstab, rtol=max(1e-8, relative / 10), maxiter=500)
    gmres = partial(spla.gmres, rtol=1e-8, restart=60, maxiter=10)
    size = left = float(np.abs(rhs).max())
    solution, residual = np.zeros_like(rhs), rhs
    for krylov in (bicgstab, bicgstab, gmres, gmres):
        checkpoint()
        if left <= relative * size:
            break
        step, _ = krylov(matrix, residual / left, M=preconditioner)
        trial = solution + left * step
        remains = rhs - matrix @ trial
        if float(np.abs(remains).max()) < left:
            solution, residual, left = trial, remains, float(np.abs(remains).max())
    return solution, left / max(size, 1e-300)

"""Matrices that show in balls that a linear system comes to rest, or that moving away costs.

They are computed in doubles; that they are positive definite, and obey their inequalities over a
whole ball of systems, is shown by :func:`leaderbored.solvers.numerics.balls.positive`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from flint import arb, arb_mat
from scipy.linalg import (
    solve_continuous_are,
    solve_continuous_lyapunov,
    solve_discrete_are,
    solve_discrete_lyapunov,
)

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.balls import positive

SLACK = [10.0**-k for k in range(2, 13, 2)]  # of what controls push: how strict inequalities are


def reached(loop: Any, pushed: Any, *, continuous: bool) -> Iterator[Any]:
    """Exact W > 0 with G W + W G' + S < 0, in discrete time G W G' - W + S < 0, if any is found.

    Examples
    --------
    >>> (inside, *_) = reached(balls(np.array([[-1.0]])), balls(np.array([[1.0]])), continuous=True)
    >>> round(float(inside[0, 0]), 3)  # S / 2, and a little more
    0.505
    >>> list(reached(balls(np.array([[1.0]])), balls(np.array([[1.0]])), continuous=True))
    []
    """
    g, s = middle(loop), middle(pushed)
    solve = solve_continuous_lyapunov if continuous else solve_discrete_lyapunov
    for slack in SLACK:
        checkpoint()
        right = s + slack * (np.linalg.norm(s, 2) or 1.0) * np.eye(len(g))
        try:
            inside = solve(g, -right if continuous else right)
        except (np.linalg.LinAlgError, ValueError):
            continue
        if not np.isfinite(inside).all():
            continue
        ball = balls((inside + inside.T) / 2)
        moved = loop * ball
        change = moved + moved.transpose() if continuous else moved * loop.transpose() - ball
        if positive(ball) and positive(-(change + pushed)):
            yield ball


def convex(a: Any, b: Any, costs: tuple[Array, Array, Array], *, continuous: bool) -> bool:
    """Whether costs x'Q x + 2 x'S u + u'R u exceed the change of some x'Z x with Z > 0.

    They are given as Q, S and R; the state moves as A x + B u.

    Examples
    --------
    >>> one, costs = np.ones((1, 1)), (np.ones((1, 1)), np.zeros((1, 1)), np.ones((1, 1)))
    >>> convex(balls(one), balls(one), costs, continuous=True)
    True
    >>> convex(balls(one), balls(one), (0 * one, *costs[1:]), continuous=True)
    False
    """
    q, s, r = map(balls, costs)
    for z in _storages(middle(a), middle(b), costs, continuous):
        ball = balls(z)
        half = a.transpose() * ball
        if continuous:
            state, mixed, weight = q - half - half.transpose(), s - ball * b, r
        else:
            state, mixed = q + ball - half * a, s - half * b
            weight = r - b.transpose() * ball * b
        if positive(ball) and positive(_blocks(state, mixed, weight)):
            return True
    return False


def _storages(
    a: Array, b: Array, costs: tuple[Array, Array, Array], continuous: bool
) -> Iterator[Array]:
    """Candidates for Z, in doubles: what the inverse of W is above the least cost."""
    q, s, r = costs
    solve = solve_continuous_are if continuous else solve_discrete_are
    lyapunov = solve_continuous_lyapunov if continuous else solve_discrete_lyapunov
    try:
        least = solve(a, b, q, r, s=s)
    except (np.linalg.LinAlgError, ValueError):
        return
    weight, right = r, b.T @ least + s.T
    if not continuous:
        weight, right = r + b.T @ least @ b, b.T @ least @ a + s.T
    loop = a - b @ np.linalg.solve(weight, right)
    pushed = b @ np.linalg.solve(weight, b.T)
    for slack in SLACK:
        more = pushed + slack * (np.linalg.norm(pushed, 2) or 1.0) * np.eye(len(a))
        inside = lyapunov(loop, -more if continuous else more)
        z = np.linalg.inv(inside) - least
        yield (z + z.T) / 2


# --- matrices of balls


def balls(matrix: Array) -> Any:
    """A matrix of doubles in exact balls.

    Examples
    --------
    >>> balls(np.eye(2))[0, 0].is_exact()
    True
    """
    rows, columns = matrix.shape
    return arb_mat(rows, columns, [arb(x) for x in matrix.ravel().tolist()])


def middle(matrix: Any) -> Array:
    """Doubles next to the middles of a matrix of balls.

    Examples
    --------
    >>> middle(balls(np.eye(2))).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    shape = matrix.nrows(), matrix.ncols()
    return np.array([float(x.mid()) for x in matrix.entries()]).reshape(shape)


def part(matrix: Any, rows: Sequence[int], columns: Sequence[int]) -> Any:
    """Some rows and columns of a matrix of balls.

    Examples
    --------
    >>> part(balls(np.eye(2)), [1], [0, 1]).tolist()
    [[0, 1.00000000000000]]
    """
    return arb_mat([[matrix[r, c] for c in columns] for r in rows])


def summed(first: Any, second: Any) -> Any:
    """The sum of products of the entries of two matrices of balls.

    Examples
    --------
    >>> summed(balls(np.eye(2)), balls(np.eye(2)))
    2.00000000000000
    """
    return sum((a * b for a, b in zip(first.entries(), second.entries(), strict=True)), arb(0))


def _blocks(state: Any, mixed: Any, weight: Any) -> Any:
    top = [[*row, *more] for row, more in zip(state.tolist(), mixed.tolist(), strict=True)]
    low = zip(mixed.transpose().tolist(), weight.tolist(), strict=True)
    return arb_mat(top + [[*row, *more] for row, more in low])

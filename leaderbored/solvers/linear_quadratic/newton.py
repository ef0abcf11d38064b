"""Newton's method on the coupled Riccati equations, pushed away from what is already known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.linear_quadratic.core import Core
from leaderbored.solvers.numerics.complementarity import deflation

Mask = NDArray[np.bool_]
ROUNDS = 40
PRECISION = 1e-13  # relative residual at which to stop
SHRINKING = 0.5
LONGEST = 4.0  # step, relative to the values
MOST = 1e3  # factor by which what is known stretches a step


def newton(
    core: Core,
    start: Array,
    known: Sequence[Array] = (),
    *,
    free: Mask | None = None,
    rounds: int = ROUNDS,
) -> Array | None:
    """Values at which the coupled Riccati equations hold, or None.

    Parameters
    ----------
    core : Core
    start : (N, d, d) array
        Symmetric.
    known : sequence of (N, d, d) arrays, optional
        Solutions not to be found again: the equations are divided by the distance from them
        (Farrell, Birkisson and Funke 2015).
    free : (d, d) array of bool, optional
        Entries of the values that may move, and equations that count; all by default.
    rounds : int, optional

    Returns
    -------
    (N, d, d) array or None

    Examples
    --------
    >>> from leaderbored import Controller, LinearQuadratic
    >>> player = dict(control=1.0, control_cost=1.0, state_cost=1.0)
    >>> game = LinearQuadratic(3.0, [Controller("1", **player), Controller("2", **player)])
    >>> core = Core.of(game, affine=False)
    >>> newton(core, np.array([[[2.0]], [[2.5]]])).round(6).ravel().tolist()
    [2.154701, 2.154701]
    """
    rows, columns = _pairs(len(start[0]), free)
    values, best, since = start, np.inf, 0
    for _ in range(rounds):
        checkpoint()
        try:
            error = core.relative_residual(values)
            if error < PRECISION or (error < 1e-9 and error >= best * SHRINKING and since > 3):
                return values
            since = 0 if error < best * SHRINKING else since + 1
            best = min(best, error)
            step = _step(core, values, rows, columns)
        except np.linalg.LinAlgError:
            return None
        values = values + _damped(step, values, known)
        if not np.isfinite(values).all() or np.abs(values).max() > 1e15:
            return None
    return None


def _pairs(d: int, free: Mask | None) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows, columns = np.triu_indices(d)
    if free is None:
        return rows, columns
    kept = free[rows, columns]
    return rows[kept], columns[kept]


def _step(core: Core, values: Array, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Array:
    """(N, d, d) Newton step."""
    residual = core.residual(values)[:, rows, columns].ravel()
    matrix = jacobian(core, values, rows, columns)
    try:
        solved = np.linalg.solve(matrix, -residual)
    except np.linalg.LinAlgError:
        solved = np.linalg.lstsq(matrix, -residual)[0]
    step = np.zeros_like(values)
    step[:, rows, columns] = step[:, columns, rows] = solved.reshape(core.players, -1)
    return step


def jacobian(core: Core, values: Array, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Array:
    """Derivative of the residual's entries by those of the values, both (N, entries) in a row.

    A player's own gains do not count in its own equation: they are its best.
    """
    gains = core.gains(values)
    loop = core.loop(gains)
    through = np.eye(len(loop)) if core.continuous else loop
    basis = np.zeros((len(rows), *loop.shape))
    basis[np.arange(len(rows)), rows, columns] = basis[np.arange(len(rows)), columns, rows] = 1.0
    direct = core.flow(basis, loop)
    reply = np.linalg.inv(core._effect(values))
    swayed = [
        core.weights[i] @ gains - core.mixed[i].T - core.inputs.T @ values[i] @ through
        for i in range(core.players)
    ]
    blocks = []
    for k, own in enumerate(core.own):
        checkpoint()
        changes = reply[:, own] @ (core.inputs[:, own].T @ basis @ through)
        column = []
        for i in range(core.players):
            half = np.swapaxes(changes, 1, 2) @ np.where(core.own[i][:, None], 0.0, swayed[i])
            change = half + np.swapaxes(half, 1, 2) + (direct if i == k else 0.0)
            column.append(change[:, rows, columns].T)
        blocks.append(np.vstack(column))
    return np.hstack(blocks)


def _damped(step: Array, values: Array, known: Sequence[Array]) -> Array:
    """The step, stretched or turned round by what is known."""
    if known:
        others = np.array(known).reshape(len(known), -1)
        sizes = (others**2).sum(axis=1)
        gaps = values.ravel() - others
        step = step * deflation(gaps, step.ravel(), np.where(sizes > 0, sizes, 1.0), MOST)
    longest, length = LONGEST * np.abs(values).max(), np.abs(step).max()
    return step * (longest / length) if 0 < longest < length else step

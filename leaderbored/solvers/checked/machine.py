"""The kernels of sweeps in whole numbers, compiled when they are first needed."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from leaderbored.solvers.checked import only, sweeps, tightening
from leaderbored.solvers.checked.cells import NUMBERS
from leaderbored.solvers.checked.fixed import table
from leaderbored.solvers.checked.reply import CASES, FIELDS
from leaderbored.solvers.kernels.jit import ready

Array = Any


@cache
def work() -> Any:
    """Arrays that a step writes to."""
    whole = np.int64
    return (
        np.zeros((2, 2), whole),
        np.zeros((2, 2, 2), whole),
        np.zeros((2, 2, 2), whole),
        np.zeros((2, 2), whole),
        np.zeros((2, 4), whole),
    )


def _empty() -> tuple[Array, Array, Array]:
    """Rows, cases and cells of nothing, for compiling."""
    rows = np.zeros((2, CASES, FIELDS), dtype=np.int64)
    return rows, np.zeros(2, dtype=np.int64), np.empty((0, NUMBERS), dtype=np.int64)


@cache
def advance() -> Any:
    """Cells at one lead from those above."""
    rows, cases, cells = _empty()
    bounds, count = np.zeros((2, 2), dtype=np.int64), np.zeros(1, dtype=np.int64)
    return ready(sweeps.advance, (0, 0), rows, cases, cells, bounds, 1, 1, work(), count, table())


@cache
def meeting() -> Any:
    """What fits at the tie."""
    rows, cases, cells = _empty()
    count = np.zeros(1, dtype=np.int64)
    return ready(sweeps.meeting, (0, 0), rows, cases, cells, cells, 1, work(), count, table())


@cache
def hull() -> Any:
    """Hulls over parts of cells."""
    return ready(sweeps.hull_of, _empty()[2], np.zeros((2, 2), dtype=np.int64))


@cache
def tighten() -> Any:
    """Bounds moved towards each other."""
    rows, cases, _ = _empty()
    values = np.zeros((2, 1, 2), dtype=np.int64)
    return ready(tightening.tighten, (0, 0), rows[:, None], cases[:, None], values, 0, 1, table())


@cache
def settled() -> Any:
    """Whether a box holds no equilibrium but a known one, and less of it."""
    rows, cases, _ = _empty()
    box, matrix = np.zeros((2, 1, 2), dtype=np.int64), np.zeros((2, 2), dtype=np.int64)
    numbers = rows[:, None], cases[:, None], box, box, matrix, 1, table()
    return ready(only.settled, (0, 0), *numbers)

"""Cells over a grid of values: where one lies, and which of them become one."""

from __future__ import annotations

import math
from typing import Any

from leaderbored.solvers.complete.cells import CENTRE, DEVIATION, IMAGE, MATRIX, PLACE, X, Y
from leaderbored.solvers.complete.intervals import down, minus, plus, scaled, up
from leaderbored.solvers.kernels.jit import compiled

Array = Any

ALLOWED = 0.05  # of a grid cell, what a deviation may always be
GROWN = 1.5  # factor by which it may grow where two cells become one
SEVERAL = 8  # cells over one of the grid, from which on the nearest become one, however different


@compiled
def edge(low: float, high: float, n: int, k: int) -> float:
    """Edge k of n cells between two bounds."""
    return high if k == n else low + (high - low) * (k / n)


@compiled
def first_cell(low: float, high: float, n: int, x: float) -> int:
    """A cell of the grid not beyond the one in which x lies."""
    if not x > low:
        return 0
    k = min(int((x - low) / (high - low) * n) if high > low else 0, n - 1)
    while k > 0 and edge(low, high, n, k) >= x:
        k -= 1
    return k


@compiled
def last_cell(low: float, high: float, n: int, x: float) -> int:
    """A cell of the grid not before the one in which x lies."""
    if not x < high:
        return n - 1
    k = max(int((x - low) / (high - low) * n) if high > low else 0, 0)
    while k < n - 1 and edge(low, high, n, k + 1) <= x:
        k += 1
    return k


@compiled
def deviations(one: Array, of: Array, i: int) -> float:
    """How far at most the affine bound of one cell lies outside the affine part of another."""
    total = 0.0
    shift = minus((one[IMAGE + i], one[IMAGE + i]), (of[IMAGE + i], of[IMAGE + i]))
    # y0 + M (x - x0) - y0' - M' (x - x0'), with x = m + dx
    for k in range(2):
        middle = 0.5 * (one[X + 2 * k] + one[X + 2 * k + 1])
        half = max(up(one[X + 2 * k + 1] - middle), up(middle - one[X + 2 * k]))
        mine, other = one[MATRIX + 2 * i + k], of[MATRIX + 2 * i + k]
        spot = middle, middle
        shift = plus(shift, scaled(mine, minus(spot, (one[CENTRE + k], one[CENTRE + k]))))
        shift = minus(shift, scaled(other, minus(spot, (of[CENTRE + k], of[CENTRE + k]))))
        apart = max(abs(down(mine - other)), abs(up(mine - other)))
        total = up(total + up(apart * half))
    return up(max(abs(shift[0]), abs(shift[1])) + up(total + one[DEVIATION + i]))


@compiled
def joined(one: Array, two: Array, new: Array) -> None:
    """A cell that holds two cells over one square."""
    new[PLACE] = one[PLACE]
    for k in range(8):
        low = k % 2 == 0
        new[k] = min(one[k], two[k]) if low else max(one[k], two[k])
    area = (one[X + 1] - one[X]) * (one[X + 3] - one[X + 2])
    other = (two[X + 1] - two[X]) * (two[X + 3] - two[X + 2])
    larger = one if area >= other else two
    for i in range(2):
        new[CENTRE + i] = larger[CENTRE + i]
        new[IMAGE + i] = larger[IMAGE + i]
        new[MATRIX + 2 * i] = larger[MATRIX + 2 * i]
        new[MATRIX + 2 * i + 1] = larger[MATRIX + 2 * i + 1]
        new[DEVIATION + i] = 0.0
    for i in range(2):
        new[DEVIATION + i] = max(deviations(one, new, i), deviations(two, new, i))
        middle = 0.5 * (new[Y + 2 * i] + new[Y + 2 * i + 1])
        half = max(up(new[Y + 2 * i + 1] - middle), up(middle - new[Y + 2 * i]))
        if half < new[DEVIATION + i]:
            new[IMAGE + i], new[DEVIATION + i] = middle, half
            new[MATRIX + 2 * i] = new[MATRIX + 2 * i + 1] = 0.0


@compiled
def apart(one: Array, two: Array, i: int) -> float:
    """How far the affine part of a cell is from that of a larger one, in the middle of the first.

    No less is the deviation of a cell that holds both, unless it is not larger than a box.
    """
    first = (one[X + 1] - one[X]) * (one[X + 3] - one[X + 2])
    other = (two[X + 1] - two[X]) * (two[X + 3] - two[X + 2])
    larger, smaller = (one, two) if first >= other else (two, one)
    gap = smaller[IMAGE + i] - larger[IMAGE + i]
    for k in range(2):
        middle = 0.5 * (smaller[X + 2 * k] + smaller[X + 2 * k + 1])
        gap += smaller[MATRIX + 2 * i + k] * (middle - smaller[CENTRE + k])
        gap -= larger[MATRIX + 2 * i + k] * (middle - larger[CENTRE + k])
    return float(abs(gap) + smaller[DEVIATION + i])


@compiled
def keep(
    new: Array,
    cells: Array,
    count: int,
    head: Array,
    following: Array,
    width: Array,
    trial: Array,
    best: Array,
) -> int:
    """Put a cell over its place of the grid, in one with a like one if there is; how many then."""
    nearest, found, length = math.inf, -1, 0
    close, closest = math.inf, -1
    place = int(new[PLACE])
    k = head[place]
    while k >= 0:
        length += 1
        worst, fits = 0.0, True
        for i in range(2):
            own = max(cells[k, DEVIATION + i], new[DEVIATION + i])
            grown = apart(cells[k], new, i)
            fits = fits and grown <= max(ALLOWED * width[i], GROWN * own)
            worst = max(worst, grown / width[i])
        if worst < close:
            close, closest = worst, k
        if fits:
            joined(cells[k], new, trial)
            worst = 0.0
            for i in range(2):
                own = max(cells[k, DEVIATION + i], new[DEVIATION + i])
                grown = trial[DEVIATION + i]
                fits = fits and grown <= max(ALLOWED * width[i], GROWN * own)
                worst = max(worst, grown / width[i])
            if fits and worst < nearest:
                nearest, found = worst, k
                best[:] = trial
        k = following[k]
    if found < 0 and length >= SEVERAL:
        found = closest
        joined(cells[found], new, best)
    if found >= 0:
        cells[found, :] = best
        return count
    cells[count, :] = new
    following[count] = head[place]
    head[place] = count
    return count + 1

"""Sweeps over the leads in whole numbers: cells down to the tie, what fits there, and hulls."""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.checked.cells import (
    ERROR,
    NUMBERS,
    PLACE,
    X,
    Y,
    apart,
    box,
    cell_of,
    joined,
    reached,
    trimmed,
)
from leaderbored.solvers.checked.cuts import KNOWN, A, B, begin, consistent, known
from leaderbored.solvers.checked.fixed import (
    END,
    Fixed,
    empty,
    meet,
    middle,
)
from leaderbored.solvers.checked.steps import met, stepped
from leaderbored.solvers.kernels.jit import compiled

Array = Any

# Tuning: it decides how long it takes, not what it is worth.
WAITING = 64  # parts of bounds at once: no more than edges and halves along both axes
DEPTH = 4  # how often a square is halved at most
ALIKE = 50  # of these make a square: what the error of a cell may always be
GROWN = 20  # of these make the error of a cell: what it may grow by where two become one
SEVERAL = 40  # cells over a square, from which on two become one, however different
FINE = 1 << 10


@compiled
def edge(low: int, high: int, n: int, k: int) -> int:
    """Edge k of n squares between two bounds."""
    return low + (high - low) * k // n


@compiled
def square(bounds: Array, n: int, line: int, column: int) -> tuple[Fixed, Fixed]:
    """A square of the grid between bounds (2, 2)."""
    a, b = bounds[0], bounds[1]
    return (
        (edge(a[0], a[1], n, line), edge(a[0], a[1], n, line + 1)),
        (edge(b[0], b[1], n, column), edge(b[0], b[1], n, column + 1)),
    )


@compiled
def keep(
    new: Array, cells: Array, count: int, head: Array, following: Array, wide: Array, two: Array
) -> int:
    """Put a cell over its square, in one with a like one if there is; how many cells then.

    Of ``two`` the first is for trials, the second for the best one.
    """
    smallest, found, length = END, -1, 0
    close, closest = END, -1
    k = head[new[PLACE]]
    while k >= 0:
        length += 1
        worst, fits = 0, True
        for i in range(2):
            own = max(cells[k, ERROR + i], new[ERROR + i])
            grown = apart(cells[k], new, i)
            fits = fits and grown <= max(wide[i] // ALIKE, own + own // GROWN)
            worst = max(worst, min(grown, 1 << 50) * FINE // wide[i])
        if worst < close:
            close, closest = worst, k
        if fits:
            joined(cells[k], new, two[0])
            worst = 0
            for i in range(2):
                own = max(cells[k, ERROR + i], new[ERROR + i])
                grown = two[0, ERROR + i]
                fits = fits and grown <= max(wide[i] // ALIKE, own + own // GROWN)
                worst = max(worst, min(grown, 1 << 50) * FINE // wide[i])
            if fits and worst < smallest:
                smallest, found = worst, k
                two[1] = two[0]
        k = following[k]
    if found < 0 and length >= SEVERAL:
        found = closest
        joined(cells[found], new, two[1])
    if found >= 0:
        cells[found] = two[1]
        return count
    cells[count] = new
    following[count] = head[new[PLACE]]
    head[new[PLACE]] = count
    return count + 1


@compiled
def doubled(cells: Array) -> Array:
    """The same cells, with room for as many more."""
    more = np.empty((2 * len(cells), cells.shape[1]), dtype=np.int64)
    more[: len(cells)] = cells
    return more


@compiled
def longer(following: Array) -> Array:
    """The same numbers, with room for as many more."""
    more = np.empty(2 * len(following), dtype=np.int64)
    more[: len(following)] = following
    return more


def advance(
    rho: Fixed,
    rows: Array,
    cases: Array,
    cells: Array,
    bounds: Array,
    n: int,
    most: int,
    work: Any,
    count_steps: Array,
    t: Array,
) -> tuple[Array, int]:
    """Cells at the lead below, over n by n squares between its bounds (2, 2), and how many.

    ``rows`` (2, CASES, FIELDS) and ``cases`` (2,) are of both labs at this lead. Minus one if all
    takes more than ``most`` steps.
    """
    wide, two = np.empty(2, dtype=np.int64), np.empty((2, NUMBERS), np.int64)
    for i in range(2):
        wide[i] = max((bounds[i, 1] - bounds[i, 0]) // n, 1)
    new_cells, following = np.empty((512, NUMBERS), np.int64), np.empty(512, dtype=np.int64)
    head, count = np.full(n * n, -1, dtype=np.int64), 0
    new, squares = np.empty(NUMBERS, np.int64), np.empty((2, 2), np.int64)
    # What is left to be looked at, x' within parts of the bounds.
    v, r = np.empty((WAITING, KNOWN, 2), np.int64), np.empty((WAITING, 2, 2), np.int64)
    halved, spread = np.empty(WAITING, np.int64), np.empty(WAITING, np.int64)
    for s in range(len(cells)):
        cell = cells[s]
        for ka in range(cases[0]):
            for kb in range(cases[1]):
                pa, pb, left = rows[0, ka], rows[1, kb], 1
                begin(cell, v[0])
                r[0] = bounds
                halved[0], spread[0] = 0, END
                while left > 0:
                    left -= 1
                    here, back = v[left], r[left]
                    count_steps[0] += 1
                    if not consistent(rho, pa, pb, cell, here, back, t):
                        continue
                    if several(bounds, n, back, squares):
                        parted(bounds, n, squares, v, r, halved, spread, left)
                        left += 2
                        continue
                    if not stepped(rho, pa, pb, cell, here, back, work, t):
                        continue
                    place = squares[0, 0] * n + squares[1, 0]
                    cell_of(here, back, work[4], place, new)
                    if not trimmed(new):
                        continue
                    vague = vagueness(new, wide)
                    if halved[left] < DEPTH and FINE // 4 < vague < spread[left] // 10 * 7:
                        spread[left] = vague
                        halves(v, r, halved, spread, left)
                        left += 2
                        continue
                    if count == len(new_cells):
                        new_cells, following = doubled(new_cells), longer(following)
                    count = keep(new, new_cells, count, head, following, wide, two)
        if count_steps[0] > most:
            return new_cells[:0], -1
    return new_cells[:count], count


@compiled
def several(bounds: Array, n: int, r: Array, squares: Array) -> bool:
    """Whether x' lies in more than one square, and between which: ``squares`` (2, 2)."""
    for i in range(2):
        low, high = bounds[i, 0], bounds[i, 1]
        k = min(max((r[i, 0] - low) * n // max(high - low, 1), 0), n - 1)
        while k > 0 and edge(low, high, n, k) > r[i, 0]:
            k -= 1
        while k < n - 1 and edge(low, high, n, k + 1) <= r[i, 0]:
            k += 1
        squares[i, 0] = k
        while k < n - 1 and edge(low, high, n, k + 1) < r[i, 1]:
            k += 1
        squares[i, 1] = k
    return bool(squares[0, 0] < squares[0, 1] or squares[1, 0] < squares[1, 1])


@compiled
def parted(
    bounds: Array,
    n: int,
    squares: Array,
    v: Array,
    r: Array,
    halved: Array,
    spread: Array,
    k: int,
) -> None:
    """Put in place of what waits at k, and after it, both sides of an edge of the grid."""
    i = int(squares[1, 1] - squares[1, 0] > squares[0, 1] - squares[0, 0])
    middle_edge = (squares[i, 0] + squares[i, 1] + 1) // 2
    divide(v, r, halved, spread, k, i, edge(bounds[i, 0], bounds[i, 1], n, middle_edge))


@compiled
def halves(v: Array, r: Array, halved: Array, spread: Array, k: int) -> None:
    """Put in place of what waits at k, and after it, its halves across the longer side."""
    i = int(r[k, 1, 1] - r[k, 1, 0] > r[k, 0, 1] - r[k, 0, 0])
    halved[k] += 1
    divide(v, r, halved, spread, k, i, middle((r[k, i, 0], r[k, i, 1])))


@compiled
def divide(v: Array, r: Array, halved: Array, spread: Array, k: int, i: int, at: int) -> None:
    """The same on both sides of a value."""
    v[k + 1] = v[k]
    r[k + 1] = r[k]
    halved[k + 1], spread[k + 1] = halved[k], spread[k]
    r[k, i, 1] = at
    r[k + 1, i, 0] = at


@compiled
def vagueness(cell: Array, wide: Array) -> int:
    """How little the affine bound of a cell says of y where that is wide, in parts of a square."""
    most = 0
    for i in range(2):
        if cell[Y + 2 * i + 1] - cell[Y + 2 * i] > wide[i] // 2:
            most = max(most, min(cell[ERROR + i], 1 << 50) * FINE // wide[i])
    return most


def meeting(
    rho: Fixed,
    rows: Array,
    cases: Array,
    right: Array,
    left: Array,
    n: int,
    work: Any,
    count_steps: Array,
    t: Array,
) -> Array:
    """What is possible at the tie: rows (6, 2) of x and of y on both sides, right first.

    ``left`` has the labs exchanged, and so its squares.
    """
    found, count = np.empty((256, 12), dtype=np.int64), 0
    head = np.full(n * n, -1, dtype=np.int64)
    following = np.empty(len(left), dtype=np.int64)
    turned = np.empty((len(left), NUMBERS), dtype=np.int64)
    v, r = np.empty((KNOWN, 2), np.int64), np.empty((2, 2), np.int64)
    for s in range(len(left)):
        exchange(left[s], turned[s])
        place = (left[s, PLACE] % n) * n + left[s, PLACE] // n
        following[s] = head[place]
        head[place] = s
    for s in range(len(right)):
        cell = right[s]
        k = head[cell[PLACE]]
        while k >= 0:
            other = turned[k]
            start = meet(box(cell, X), box(other, X)), meet(box(cell, X + 2), box(other, X + 2))
            k = following[k]
            if empty(start[0]) or empty(start[1]):
                continue
            for ka in range(cases[0]):
                for kb in range(cases[1]):
                    count_steps[0] += 1
                    begin(cell, v)
                    for i in range(2):
                        v[A + i, 0], v[A + i, 1] = start[i]
                        r[i, 0], r[i, 1] = box(other, Y + 2 * i)
                    if not met(rho, rows[0, ka], rows[1, kb], cell, other, v, r, work, t):
                        continue
                    if count == len(found):
                        found = doubled(found)
                    if row_of(cell, other, v, found[count]):
                        count += 1
    return found[:count]


@compiled
def row_of(cell: Array, other: Array, v: Array, row: Array) -> bool:
    """Write x and y on both sides; whether there are any."""
    x = known(v, A), known(v, B)
    for i in range(2):
        row[2 * i], row[2 * i + 1] = x[i]
        ya = meet(reached(cell, i, x[0], x[1]), box(cell, Y + 2 * i))
        yb = meet(reached(other, i, x[0], x[1]), box(other, Y + 2 * i))
        if empty(ya) or empty(yb):
            return False
        row[4 + 2 * i], row[5 + 2 * i] = ya
        row[8 + 2 * i], row[9 + 2 * i] = yb
    return True


@compiled
def exchange(cell: Array, new: Array) -> None:
    """A cell with the labs exchanged."""
    for k in range(4):
        new[X + k], new[Y + k] = cell[X + (k + 2) % 4], cell[Y + (k + 2) % 4]
    for i in range(2):
        for k in (8, 10, 16):  # centre, image, error
            new[k + i] = cell[k + 1 - i]
    for k in range(4):
        new[12 + k] = cell[15 - k]
    new[PLACE] = cell[PLACE]


def hull_of(cells: Array, x: Array) -> tuple[Array, int]:
    """Hull (2, 2) of y over what of the cells lies within x (2, 2), and how many do."""
    made, count = np.zeros((2, 2), dtype=np.int64), 0
    for s in range(len(cells)):
        cell = cells[s]
        a, b = meet(box(cell, X), (x[0, 0], x[0, 1])), meet(box(cell, X + 2), (x[1, 0], x[1, 1]))
        if empty(a) or empty(b):
            continue
        ya = meet(reached(cell, 0, a, b), box(cell, Y))
        yb = meet(reached(cell, 1, a, b), box(cell, Y + 2))
        if empty(ya) or empty(yb):
            continue
        for i in range(2):
            y = ya if i == 0 else yb
            made[i, 0] = y[0] if count == 0 else min(made[i, 0], y[0])
            made[i, 1] = y[1] if count == 0 else max(made[i, 1], y[1])
        count += 1
    return made, count

"""Cells of values at two leads in whole numbers: where one leads, and two that become one.

A cell holds x = (A(g), B(g)) and y = (A(g + 1), B(g + 1)), where y is within e of y_0 + M (x - c).
"""

from __future__ import annotations

from typing import Any

from leaderbored.solvers.checked.fixed import (
    END,
    ONE,
    Fixed,
    empty,
    exact,
    hull,
    meet,
    middle,
    minus,
    negative,
    over,
    plus,
    product,
    radius,
    scaled,
)
from leaderbored.solvers.kernels.jit import compiled

Array = Any

# Of a cell: X (2 x 2), Y (2 x 2), c (2), y_0 (2), M (2 x 2), e (2), and its square of the grid.
X, Y, CENTRE, IMAGE, MATRIX, ERROR, PLACE = 0, 4, 8, 10, 12, 16, 18
NUMBERS = 19


@compiled
def box(cell: Array, k: int) -> Fixed:
    """An interval of a cell."""
    return cell[k], cell[k + 1]


@compiled
def reached(cell: Array, i: int, a: Fixed, b: Fixed) -> Fixed:
    """Where y_i lies by the affine bound when x = (a, b)."""
    da, db = minus(a, exact(cell[CENTRE])), minus(b, exact(cell[CENTRE + 1]))
    moved = plus(scaled(cell[MATRIX + 2 * i], da), scaled(cell[MATRIX + 2 * i + 1], db))
    e = cell[ERROR + i]
    return plus(moved, (cell[IMAGE + i] - e, cell[IMAGE + i] + e))


@compiled
def ahead(cell: Array, i: int, a: Fixed, b: Fixed) -> Fixed:
    """Where y_i - x_i lies by the affine bound."""
    da, db = minus(a, exact(cell[CENTRE])), minus(b, exact(cell[CENTRE + 1]))
    first, second = cell[MATRIX + 2 * i], cell[MATRIX + 2 * i + 1]
    if i == 0:
        first -= ONE
    else:
        second -= ONE
    start, e = cell[IMAGE + i] - cell[CENTRE + i], cell[ERROR + i]
    return plus(plus(scaled(first, da), scaled(second, db)), (start - e, start + e))


@compiled
def cell_of(x: Array, r: Array, w: Array, place: int, new: Array) -> None:
    """The cell (x', x) of what is left of x, both (2, 2), with x as affine in x' in ``w``."""
    for i in range(2):
        new[X + 2 * i], new[X + 2 * i + 1] = r[i, 0], r[i, 1]
        new[Y + 2 * i], new[Y + 2 * i + 1] = x[i, 0], x[i, 1]
        new[CENTRE + i] = middle((r[i, 0], r[i, 1]))
        sloped = w[i, 3] < radius((x[i, 0], x[i, 1])) and max(abs(w[i, 1]), abs(w[i, 2])) < END >> 1
        new[IMAGE + i] = w[i, 0] if sloped else middle((x[i, 0], x[i, 1]))
        new[MATRIX + 2 * i] = w[i, 1] if sloped else 0
        new[MATRIX + 2 * i + 1] = w[i, 2] if sloped else 0
        new[ERROR + i] = w[i, 3] if sloped else radius((x[i, 0], x[i, 1]))
    new[PLACE] = place


@compiled
def wide(cell: Array) -> int:
    """How wide X is."""
    return int(cell[X + 1] - cell[X] + cell[X + 3] - cell[X + 2])


@compiled
def joined(one: Array, two: Array, new: Array) -> None:
    """A cell that holds two over one square."""
    new[PLACE] = one[PLACE]
    for k in range(0, 8, 2):
        new[k], new[k + 1] = hull(box(one, k), box(two, k))
    larger = one if wide(one) >= wide(two) else two
    new[CENTRE:ERROR] = larger[CENTRE:ERROR]
    for i in range(2):
        both = hull(beyond(one, i, larger), beyond(two, i, larger))
        new[IMAGE + i] += middle(both)
        new[ERROR + i] = radius(both)
        y = box(new, Y + 2 * i)
        if new[ERROR + i] > radius(y):
            new[MATRIX + 2 * i] = new[MATRIX + 2 * i + 1] = 0
            new[IMAGE + i], new[ERROR + i] = middle(y), radius(y)


@compiled
def beyond(one: Array, i: int, of: Array) -> Fixed:
    """What y_i of a cell is beyond the affine part of another."""
    e, start = one[ERROR + i], one[IMAGE + i] - of[IMAGE + i]
    rest = start - e, start + e
    for k in range(2):
        mine, other, spot = one[MATRIX + 2 * i + k], of[MATRIX + 2 * i + k], of[CENTRE + k]
        rest = plus(rest, scaled(mine - other, minus(box(one, X + 2 * k), exact(spot))))
        rest = plus(rest, scaled(mine, exact(spot - one[CENTRE + k])))
    return rest


@compiled
def apart(one: Array, two: Array, i: int) -> int:
    """About the error of a cell that holds two: half of what both affine bounds span at a point."""
    gap = one[IMAGE + i] - two[IMAGE + i]
    for k in range(2):
        far = two[CENTRE + k] - one[CENTRE + k]
        if max(abs(far), abs(one[MATRIX + 2 * i + k])) >= END:
            return END
        gap += product(one[MATRIX + 2 * i + k], far)
    return int(abs(gap) + one[ERROR + i] + two[ERROR + i]) >> 1


@compiled
def trimmed(cell: Array) -> bool:
    """Cut X down to what the affine bound may map into Y, and Y to its image; if any is left."""
    for i in range(2):
        for k in range(2):
            slope, o = cell[MATRIX + 2 * i + k], 1 - k
            if slope == 0:
                continue
            e, spot = cell[ERROR + i], cell[CENTRE + o]
            other = scaled(cell[MATRIX + 2 * i + o], minus(box(cell, X + 2 * o), exact(spot)))
            start = cell[IMAGE + i] - e, cell[IMAGE + i] + e
            rest = minus(minus(box(cell, Y + 2 * i), start), other)
            room = over(rest, exact(slope)) if slope > 0 else over(negative(rest), exact(-slope))
            x = meet(box(cell, X + 2 * k), plus(room, exact(cell[CENTRE + k])))
            cell[X + 2 * k], cell[X + 2 * k + 1] = x
            if empty(x):
                return False
    for i in range(2):
        y = meet(box(cell, Y + 2 * i), reached(cell, i, box(cell, X), box(cell, X + 2)))
        cell[Y + 2 * i], cell[Y + 2 * i + 1] = y
        if empty(y):
            return False
    return True

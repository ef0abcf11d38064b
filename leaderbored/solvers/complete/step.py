"""One step from a cell to the lead below, and one of two cells that meet at the tie."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from leaderbored.solvers.complete import lab
from leaderbored.solvers.complete.cells import (
    CENTRE,
    DEVIATION,
    IMAGE,
    MATRIX,
    UNKNOWNS,
    X,
    Y,
    affine,
    ahead,
    equations,
    inverse,
    shrink,
)
from leaderbored.solvers.complete.intervals import down, meet, minus, over, plus, scaled, up
from leaderbored.solvers.kernels.jit import compiled

Array = Any

ROUNDS = 4  # of Krawczyk's step at most
GAINED = 0.8  # of the width, above which another is not worth it


@compiled
def start_z(z: Array, cell: Array, pa: Array, pb: Array, qa: int, qb: int) -> None:
    """All unknowns of a cell."""
    for i in range(2):
        z[i, 0], z[i, 1] = cell[X + 2 * i], cell[X + 2 * i + 1]
    z[2, 0], z[2, 1] = lab.efforts(pa, qa)
    z[3, 0], z[3, 1] = lab.efforts(pb, qb)


@compiled
def consistent(z: Array, cell: Array, back: Array, pa: Array, pb: Array, qa: int, qb: int) -> bool:
    """Cut z, and x' down to gains and efforts of the pieces; whether anything is left."""
    ga, gb = lab.gains(pa, qa), lab.gains(pb, qb)
    a = meet((z[0, 0], z[0, 1]), minus((cell[Y], cell[Y + 1]), ga))
    b = meet((z[1, 0], z[1, 1]), minus((back[1, 0], back[1, 1]), gb))
    if a[0] > a[1] or b[0] > b[1]:
        return False
    r = meet((back[1, 0], back[1, 1]), plus(b, gb))
    if r[0] > r[1]:
        return False
    da = meet(ahead(cell, 0, a, b), ga)
    db = meet(minus(r, b), gb)
    if da[0] > da[1] or db[0] > db[1]:
        return False
    ea = meet((z[2, 0], z[2, 1]), lab.effort(pa, qa, da))
    eb = meet((z[3, 0], z[3, 1]), lab.effort(pb, qb, db))
    if qa == lab.LEVEL:
        ea = z[2, 0], z[2, 1]
    if qb == lab.LEVEL:
        eb = z[3, 0], z[3, 1]
    if ea[0] > ea[1] or eb[0] > eb[1]:
        return False
    z[0, 0], z[0, 1] = a
    z[1, 0], z[1, 1] = b
    z[2, 0], z[2, 1] = ea
    z[3, 0], z[3, 1] = eb
    back[1, 0], back[1, 1] = r
    return True


@compiled
def wide(z: Array, size: Array) -> float:
    """How wide z is, in units of what it was."""
    total = 0.0
    for i in range(UNKNOWNS):
        if size[i] > 0:
            total += (z[i, 1] - z[i, 0]) / size[i]
    return total


@compiled
def solve_step(
    rho: float,
    pa: Array,
    pb: Array,
    qa: int,
    qb: int,
    cell: Array,
    back: Array,
    z: Array,
    size: Array,
    w: Any,
) -> bool:
    """All of a cell from which x' can be reached on two pieces; whether there is any.

    Left in ``w`` is z as affine in x' around its centre.
    """
    f, j, jp, c, m, z0, back0, reach, centre, matrix, deviation, column = w
    start_z(z, cell, pa, pb, qa, qb)
    if not consistent(z, cell, back, pa, pb, qa, qb):
        return False
    for i in range(UNKNOWNS):
        size[i] = z[i, 1] - z[i, 0]
    before = wide(z, size)
    for turn in range(ROUNDS):
        for i in range(UNKNOWNS):
            z0[i] = 0.5 * (z[i, 0] + z[i, 1])
        for i in range(2):
            middle = 0.5 * (back[i, 0] + back[i, 1])
            back0[i, 0] = back0[i, 1] = middle
            reach[i] = max(up(back[i, 1] - middle), up(middle - back[i, 0]))
        if not equations(rho, pa, pb, qa, qb, z, z0, cell, back0, back, f, j, jp):
            return False
        if not inverse(j, c, m):
            for i in range(UNKNOWNS):
                deviation[i] = math.inf
            return True
        if not shrink(z, z0, f, j, jp, c, reach, centre, matrix, deviation, column):
            return False
        after = wide(z, size)
        if not after < GAINED * before:
            return True
        if turn < ROUNDS - 1:
            before = after
            if not consistent(z, cell, back, pa, pb, qa, qb):
                return False
    return True


@compiled
def image(z: Array, back: Array, w: Any, new: Array) -> bool:
    """Write the cell (x', x) of what :func:`solve_step` left; whether there is any."""
    centre, matrix, deviation, back0 = w[8], w[9], w[10], w[6]
    for i in range(2):
        new[X + 2 * i], new[X + 2 * i + 1] = back[i, 0], back[i, 1]
        new[Y + 2 * i], new[Y + 2 * i + 1] = z[i, 0], z[i, 1]
        new[CENTRE + i] = back0[i, 0]
        middle = 0.5 * (z[i, 0] + z[i, 1])
        half = max(up(z[i, 1] - middle), up(middle - z[i, 0]))
        if deviation[i] < half:
            new[IMAGE + i] = centre[i]
            new[MATRIX + 2 * i], new[MATRIX + 2 * i + 1] = matrix[i, 0], matrix[i, 1]
            new[DEVIATION + i] = deviation[i]
        else:
            new[IMAGE + i] = middle
            new[MATRIX + 2 * i] = new[MATRIX + 2 * i + 1] = 0.0
            new[DEVIATION + i] = half
    return trimmed(new)


@compiled
def trimmed(cell: Array) -> bool:
    """Cut X down to what the affine bound maps into Y, and Y to its image; whether any is left."""
    for _ in range(2):
        for i in range(2):
            for k in range(2):
                slope = cell[MATRIX + 2 * i + k]
                if slope == 0.0:
                    continue
                o = 1 - k
                rest = scaled(
                    cell[MATRIX + 2 * i + o],
                    minus(
                        (cell[X + 2 * o], cell[X + 2 * o + 1]),
                        (cell[CENTRE + o], cell[CENTRE + o]),
                    ),
                )
                e = cell[DEVIATION + i]
                start = down(cell[IMAGE + i] - e), up(cell[IMAGE + i] + e)
                target = minus(minus((cell[Y + 2 * i], cell[Y + 2 * i + 1]), start), rest)
                if slope > 0:
                    room = over(target, (slope, slope))
                else:
                    room = over((-target[1], -target[0]), (-slope, -slope))
                room = plus(room, (cell[CENTRE + k], cell[CENTRE + k]))
                cell[X + 2 * k] = max(cell[X + 2 * k], room[0])
                cell[X + 2 * k + 1] = min(cell[X + 2 * k + 1], room[1])
                if cell[X + 2 * k] > cell[X + 2 * k + 1]:
                    return False
    a, b = (cell[X], cell[X + 1]), (cell[X + 2], cell[X + 3])
    for i in range(2):
        there = affine(cell, i, a, b)
        cell[Y + 2 * i] = max(cell[Y + 2 * i], there[0])
        cell[Y + 2 * i + 1] = min(cell[Y + 2 * i + 1], there[1])
        if cell[Y + 2 * i] > cell[Y + 2 * i + 1]:
            return False
    return True


@compiled
def solve_tie(
    rho: float,
    pa: Array,
    pb: Array,
    qa: int,
    qb: int,
    cell: Array,
    other: Array,
    z: Array,
    size: Array,
    back: Array,
    w: Any,
) -> bool:
    """Shrink what is possible at the tie between two cells; whether there is any."""
    f, j, jp, c, m, z0, back0, reach, centre, matrix, deviation, column = w
    for i in range(UNKNOWNS):
        size[i] = z[i, 1] - z[i, 0]
    before = wide(z, size)
    for _ in range(2 * ROUNDS):
        a, b = (z[0, 0], z[0, 1]), (z[1, 0], z[1, 1])
        for i in range(2):
            r = meet(affine(other, i, a, b), (other[Y + 2 * i], other[Y + 2 * i + 1]))
            back[i, 0], back[i, 1] = r
            if r[0] > r[1]:
                return False
        if not consistent(z, cell, back, pa, pb, qa, qb):
            return False
        for i in range(UNKNOWNS):
            z0[i] = 0.5 * (z[i, 0] + z[i, 1])
        for i in range(2):
            r = affine(other, i, (z0[0], z0[0]), (z0[1], z0[1]))
            back0[i, 0], back0[i, 1] = r
            reach[i] = 0.0
        if not equations(rho, pa, pb, qa, qb, z, z0, cell, back0, back, f, j, jp):
            return False
        for i in range(UNKNOWNS):  # x' moves with x
            for k in range(2):
                by = plus(
                    scaled(other[MATRIX + k], (jp[i, 0, 0], jp[i, 0, 1])),
                    scaled(other[MATRIX + 2 + k], (jp[i, 1, 0], jp[i, 1, 1])),
                )
                total = plus((j[i, k, 0], j[i, k, 1]), by)
                j[i, k, 0], j[i, k, 1] = total
        if not inverse(j, c, m):
            return True
        if not shrink(z, z0, f, j, jp, c, reach, centre, matrix, deviation, column):
            return False
        after = wide(z, size)
        if not after < GAINED * before:
            return True
        before = after
    return True


def scratch() -> Any:
    """Arrays that the step writes to."""
    return (
        np.empty((4, 2)),
        np.empty((4, 4, 2)),
        np.empty((4, 2, 2)),
        np.empty((4, 4)),
        np.empty((4, 4)),
        np.empty(4),
        np.empty((2, 2)),
        np.empty(10),
        np.empty(4),
        np.empty((4, 2)),
        np.empty(4),
        np.empty((4, 2)),
    )

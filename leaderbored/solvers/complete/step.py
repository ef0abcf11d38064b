"""One step from a cell to the lead below, and one of two cells that meet at the tie."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from leaderbored.solvers.complete import cleared, lab, seller
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
    closed,
    equations,
    inverse,
    opened,
    shrink,
)
from leaderbored.solvers.complete.intervals import (
    down,
    empty,
    meet,
    minus,
    over,
    plus,
    scaled,
    times,
    up,
)
from leaderbored.solvers.kernels.jit import compiled

Array = Any

ROUNDS = 4  # of Krawczyk's step at most
GAINED = 0.8  # of the width, above which another is not worth it


@compiled
def start_z(z: Array, cell: Array, pa: Array, pb: Array, qa: int, qb: int) -> None:
    """All unknowns of a cell."""
    for i in range(2):
        z[i, 0], z[i, 1] = cell[X + 2 * i], cell[X + 2 * i + 1]
    if pa[lab.SELLS] != 0.0:
        z[2, 0], z[2, 1] = seller.efforts(qa)
        z[3, 0], z[3, 1] = seller.efforts(qb)
    else:
        z[2, 0], z[2, 1] = lab.efforts(pa, qa)
        z[3, 0], z[3, 1] = lab.efforts(pb, qb)


@compiled
def consistent(
    rho: float,
    z: Array,
    cell: Array,
    back: Array,
    gaps: Array,
    pa: Array,
    pb: Array,
    qa: int,
    qb: int,
    roots: bool,
) -> bool:
    """Cut z, x' and ``gaps`` down to what each equation alone leaves; whether anything is left.

    ``gaps`` (4, 2) bounds y - x and x' - x. ``roots`` matter where prices clear: without them less
    is cut there, in less time.
    """
    if pa[lab.SELLS] != 0.0:
        return cleared.consistent(rho, z, cell, back, gaps, pa, pb, qa, qb, roots)
    some, a, b, far_a, far_b, da, vb, ua, db = opened(
        z, cell, back, gaps, lab.gains(pa, qa), lab.gains(pb, qb)
    )
    if not some:
        return False
    ea, eb = (z[2, 0], z[2, 1]), (z[3, 0], z[3, 1])
    if qa != lab.LEVEL:
        ea = meet(ea, lab.effort(pa, qa, da))
    ha = lab.hazard(pa, ea)
    base = pb[lab.BASE], pb[lab.BASE]
    wanted = minus(minus(scaled(rho, b), times(ha, vb)), times(base, db))
    db = meet(db, lab.gains_worth(pb, qb, wanted))
    if empty(ea) or empty(db):
        return False
    if qb != lab.LEVEL:
        eb = meet(eb, lab.effort(pb, qb, db))
    hb = lab.hazard(pb, eb)
    wanted = minus(scaled(rho, a), plus(lab.worth(pa, qa, da), scaled(pa[lab.BASE], da)))
    ua = lab.needed(wanted, (max(hb[0], 0.0), hb[1]), ua)
    if empty(eb) or empty(ua):
        return False
    eb, db = lab.answering(pb, qb, eb, db, wanted, ua)
    if empty(eb) or empty(db):
        return False
    wanted = minus(scaled(rho, b), plus(lab.worth(pb, qb, db), scaled(pb[lab.BASE], db)))
    vb = lab.needed(wanted, (max(ha[0], 0.0), ha[1]), vb)
    if empty(vb):
        return False
    ea, da = lab.answering(pa, qa, ea, da, wanted, vb)
    if empty(ea) or empty(da):
        return False
    return closed(z, back, gaps, a, b, ea, eb, far_a, far_b, da, vb, ua, db)


@compiled
def system(
    rho: float,
    pa: Array,
    pb: Array,
    qa: int,
    qb: int,
    z: Array,
    z0: Array,
    cell: Array,
    back0: Array,
    gaps: Array,
    f: Array,
    j: Array,
    jp: Array,
) -> bool:
    """The equations of either kind of market at the centre, and their slopes; if there are any."""
    if pa[lab.SELLS] != 0.0:
        return cleared.equations(rho, pa, pb, qa, qb, z, z0, cell, back0, gaps, f, j, jp)
    equations(rho, pa, pb, qa, qb, z, z0, cell, back0, gaps, f, j, jp)
    return True


@compiled
def wide(z: Array, size: Array, deviation: Array) -> float:
    """How wide z is, or only for a given x', in units of what it was."""
    total = 0.0
    for i in range(UNKNOWNS):
        if size[i] > 0:
            total += min(z[i, 1] - z[i, 0], 2.0 * deviation[i]) / size[i]
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

    All unknowns lie within z. Left in ``w`` is z as affine in x' around its centre.
    """
    f, j, jp, c, m, z0, back0, reach, centre, matrix, deviation, column, gaps = w
    gaps[:, 0], gaps[:, 1] = -math.inf, math.inf
    if not consistent(rho, z, cell, back, gaps, pa, pb, qa, qb, True):
        return False
    for i in range(UNKNOWNS):
        size[i] = z[i, 1] - z[i, 0]
        deviation[i] = size[i]
    before = wide(z, size, deviation)
    for turn in range(ROUNDS):
        for i in range(UNKNOWNS):
            z0[i] = 0.5 * (z[i, 0] + z[i, 1])
        for i in range(2):
            middle = 0.5 * (back[i, 0] + back[i, 1])
            back0[i, 0] = back0[i, 1] = middle
            reach[i] = max(up(back[i, 1] - middle), up(middle - back[i, 0]))
        whole = system(rho, pa, pb, qa, qb, z, z0, cell, back0, gaps, f, j, jp)
        if not (whole and inverse(j, c, m)):
            for i in range(UNKNOWNS):
                deviation[i] = math.inf
            return True
        if not shrink(z, z0, f, j, jp, c, reach, centre, matrix, deviation, column):
            return False
        after = wide(z, size, deviation)
        if not after < GAINED * before:
            return True
        if turn < ROUNDS - 1:
            before = after
            moved(gaps, w)
            if not consistent(rho, z, cell, back, gaps, pa, pb, qa, qb, False):
                return False
    return True


@compiled
def moved(gaps: Array, w: Any) -> None:
    """Cut x' - x down to what x as affine in x' leaves."""
    reach, centre, matrix, deviation = w[7], w[8], w[9], w[10]
    for i in range(2):
        low, high = minus((w[6][i, 0], w[6][i, 0]), (centre[i], centre[i]))
        far = deviation[i]
        for k in range(2):
            own = 1.0 if i == k else 0.0
            size = max(abs(down(own - matrix[i, k])), abs(up(own - matrix[i, k])))
            far = up(far + up(size * reach[k]))
        gaps[2 + i, 0] = max(gaps[2 + i, 0], down(low - far))
        gaps[2 + i, 1] = min(gaps[2 + i, 1], up(high + far))


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
        if deviation[i] < 3.0 * half:
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
    f, j, jp, c, m, z0, back0, reach, centre, matrix, deviation, column, gaps = w
    for i in range(UNKNOWNS):
        size[i] = z[i, 1] - z[i, 0]
        deviation[i] = size[i]
    before = wide(z, size, deviation)
    gaps[:, 0], gaps[:, 1] = -math.inf, math.inf
    for turn in range(2 * ROUNDS):
        a, b = (z[0, 0], z[0, 1]), (z[1, 0], z[1, 1])
        for i in range(2):
            r = meet(affine(other, i, a, b), (other[Y + 2 * i], other[Y + 2 * i + 1]))
            back[i, 0], back[i, 1] = r
            if r[0] > r[1]:
                return False
            gaps[2 + i, 0], gaps[2 + i, 1] = meet(
                ahead(other, i, a, b), (gaps[2 + i, 0], gaps[2 + i, 1])
            )
        if not consistent(rho, z, cell, back, gaps, pa, pb, qa, qb, turn == 0):
            return False
        for i in range(UNKNOWNS):
            z0[i] = 0.5 * (z[i, 0] + z[i, 1])
        for i in range(2):
            r = affine(other, i, (z0[0], z0[0]), (z0[1], z0[1]))
            back0[i, 0], back0[i, 1] = r
            reach[i] = 0.0
        if not system(rho, pa, pb, qa, qb, z, z0, cell, back0, gaps, f, j, jp):
            return True
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
        after = wide(z, size, deviation)
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
        np.empty((4, 2)),
    )

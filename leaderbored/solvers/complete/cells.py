r"""Cells of the set of values that the game beyond a lead allows, and the equations between them.

A *cell* at a lead g holds values x = (A(g), B(g)) and y = (A(g + 1), B(g + 1)) of two labs:

.. math:: x \in X,\quad y \in Y,\quad y \in y_0 + M (x - x_0) + [-e, e].

At g the equations of Hamilton, Jacobi and Bellman tie x and y to x' = (A(g - 1), B(g - 1)):

.. math:: \rho A = P_A + h_A (A_1 - A) + h_B (A' - A), \quad
          \rho B = P_B + h_B (B' - B) + h_A (B_1 - B),

with replies on a *piece* for each lab, see :mod:`.lab`. With the efforts, z = (A, B, e_A, e_B),
these are four equations F(z, x') = 0 that are smooth, given M and a deviation from it. Hence, for
any matrix C,

.. math:: z \in z_0 - C F(z_0, x'_0) - C F_{x'} (x' - x'_0) + (I - C F_z)(z - z_0),

F_z and F_x' enclosing all slopes from the centre to where z, x', y may be, which vary half as much
as derivatives do (Krawczyk and Neumaier 1985): this shrinks z, or shows that there is none, and its
second term makes x an affine function of x' and a deviation: the cell at g - 1. Nothing is divided
by a hazard, so that hazards may be zero.
"""

from __future__ import annotations

from typing import Any

from leaderbored.solvers.complete import lab
from leaderbored.solvers.complete.intervals import (
    Interval,
    down,
    empty,
    meet,
    minus,
    plus,
    scaled,
    times,
    up,
)
from leaderbored.solvers.kernels.jit import compiled

Array = Any

# Of a cell: X (2 x 2), Y (2 x 2), x0 (2), y0 (2), M (2 x 2), e (2), and the square of the grid in
# which X lies.
X, Y, CENTRE, IMAGE, MATRIX, DEVIATION, PLACE = 0, 4, 8, 10, 12, 16, 18
NUMBERS = 19
UNKNOWNS = 4
SINGULAR = 1e-13  # pivot below which no matrix is used


@compiled
def row(matrix: Array, i: int, a: Interval, b: Interval) -> Interval:
    """Row i of a cell's matrix times a pair."""
    return plus(scaled(matrix[MATRIX + 2 * i], a), scaled(matrix[MATRIX + 2 * i + 1], b))


@compiled
def affine(cell: Array, i: int, a: Interval, b: Interval) -> Interval:
    """Where y_i lies when x = (a, b), by the affine bound."""
    x, y = cell[CENTRE], cell[CENTRE + 1]
    moved = row(cell, i, minus(a, (x, x)), minus(b, (y, y)))
    e = cell[DEVIATION + i]
    return plus(moved, (down(cell[IMAGE + i] - e), up(cell[IMAGE + i] + e)))


@compiled
def ahead(cell: Array, i: int, a: Interval, b: Interval) -> Interval:
    """Where y_i - x_i lies when x = (a, b): its affine bound, and Y - X."""
    x, y = cell[CENTRE], cell[CENTRE + 1]
    own = minus((cell[MATRIX + 3 * i], cell[MATRIX + 3 * i]), (1.0, 1.0))
    other = cell[MATRIX + 1 + i]
    da, db = minus(a, (x, x)), minus(b, (y, y))
    if i == 0:
        moved = plus(times(own, da), scaled(other, db))
    else:
        moved = plus(scaled(other, da), times(own, db))
    start = cell[IMAGE + i] - cell[CENTRE + i]
    e = cell[DEVIATION + i]
    bound = plus(moved, plus((down(start), up(start)), (-e, e)))
    mine = a if i == 0 else b
    return meet(bound, minus((cell[Y + 2 * i], cell[Y + 2 * i + 1]), mine))


@compiled
def opened(
    z: Array, cell: Array, back: Array, gaps: Array, ga: Interval, gb: Interval
) -> tuple[bool, Interval, Interval, Interval, Interval, Interval, Interval, Interval, Interval]:
    """Whether there is anything within z, x', ``gaps`` and gains of A and B, and what is.

    A, B, A', B', then A_1 - A, B_1 - B, A' - A and B' - B.
    """
    a = meet((z[0, 0], z[0, 1]), minus((cell[Y], cell[Y + 1]), ga))
    b = meet((z[1, 0], z[1, 1]), minus((back[1, 0], back[1, 1]), gb))
    if empty(a) or empty(b):
        return False, a, b, a, b, a, b, a, b
    far_a, far_b = (back[0, 0], back[0, 1]), meet((back[1, 0], back[1, 1]), plus(b, gb))
    if empty(far_b):
        return False, a, b, far_a, far_b, a, b, a, b
    da = meet(meet(ahead(cell, 0, a, b), (gaps[0, 0], gaps[0, 1])), ga)
    vb = meet(ahead(cell, 1, a, b), (gaps[1, 0], gaps[1, 1]))
    ua = meet(minus(far_a, a), (gaps[2, 0], gaps[2, 1]))
    db = meet(meet(minus(far_b, b), (gaps[3, 0], gaps[3, 1])), gb)
    some = not (empty(da) or empty(vb) or empty(ua) or empty(db))
    return some, a, b, far_a, far_b, da, vb, ua, db


@compiled
def closed(
    z: Array,
    back: Array,
    gaps: Array,
    a: Interval,
    b: Interval,
    ea: Interval,
    eb: Interval,
    far_a: Interval,
    far_b: Interval,
    da: Interval,
    vb: Interval,
    ua: Interval,
    db: Interval,
) -> bool:
    """Write what is left to z, x' and ``gaps``; whether anything is."""
    a, b = meet(a, minus(far_a, ua)), meet(b, minus(far_b, db))
    far_a, far_b = meet(far_a, plus(a, ua)), meet(far_b, plus(b, db))
    if empty(a) or empty(b) or empty(far_a) or empty(far_b):
        return False
    z[0, 0], z[0, 1] = a
    z[1, 0], z[1, 1] = b
    z[2, 0], z[2, 1] = ea
    z[3, 0], z[3, 1] = eb
    back[0, 0], back[0, 1] = far_a
    back[1, 0], back[1, 1] = far_b
    gaps[0, 0], gaps[0, 1] = da
    gaps[1, 0], gaps[1, 1] = vb
    gaps[2, 0], gaps[2, 1] = ua
    gaps[3, 0], gaps[3, 1] = db
    return True


@compiled
def differences(
    cell: Array, z0: Array, back0: Array
) -> tuple[Interval, Interval, Interval, Interval]:
    """A_1 - A, B_1 - B, A' - A and B' - B at the centre."""
    a, b = (z0[0], z0[0]), (z0[1], z0[1])
    ahead_a, ahead_b = minus(affine(cell, 0, a, b), a), minus(affine(cell, 1, a, b), b)
    behind_a = minus((back0[0, 0], back0[0, 1]), a)
    return ahead_a, ahead_b, behind_a, minus((back0[1, 0], back0[1, 1]), b)


@compiled
def _reply(
    p: Array, piece: int, e0: float, e: Interval, d0: Interval, d: Interval
) -> tuple[Interval, Interval, Interval]:
    """Equation of the reply: its value at the centre, and slopes in the gain and in the effort."""
    if piece == lab.LEVEL:
        return d0, (1.0, 1.0), (0.0, 0.0)
    if piece == lab.INNER:
        if p[lab.SMOOTH] != 0.0:
            slope = lab.effort_slope(p, d0, d)
            return minus((e0, e0), lab.inner_effort(p, d0)), (-slope[1], -slope[0]), (1.0, 1.0)
        slope = lab.gain_slope(p, (e0, e0), e)
        return minus(d0, lab.gain(p, (e0, e0))), (1.0, 1.0), (-slope[1], -slope[0])
    return minus((e0, e0), lab.efforts(p, piece)), (0.0, 0.0), (1.0, 1.0)


@compiled
def equations(
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
) -> None:
    """F at the centre, and its slopes in z and x' from there.

    ``back0`` (2, 2) holds x' at the centre, ``gaps`` (4, 2) all of y - x and x' - x. Of a product
    the slope in one factor is the other anywhere, that in the other the first at the centre.
    """
    a0, b0 = (z0[0], z0[0]), (z0[1], z0[1])
    da0, vb0, ua0, db0 = differences(cell, z0, back0)
    da, vb = (gaps[0, 0], gaps[0, 1]), (gaps[1, 0], gaps[1, 1])
    ua, db = (gaps[2, 0], gaps[2, 1]), (gaps[3, 0], gaps[3, 1])
    ea, eb = (z[2, 0], z[2, 1]), (z[3, 0], z[3, 1])
    base_a, base_b = (pa[lab.BASE], pa[lab.BASE]), (pb[lab.BASE], pb[lab.BASE])
    ha, hb = lab.hazard(pa, (z0[2], z0[2])), lab.hazard(pb, (z0[3], z0[3]))
    own_a = plus(lab.slope(pa, qa, da0, da), base_a)  # of P + h d in one's own gain
    own_b = plus(lab.slope(pb, qb, db0, db), base_b)

    gone = plus(plus(lab.worth(pa, qa, da0), scaled(pa[lab.BASE], da0)), times(hb, ua0))
    f[0, 0], f[0, 1] = minus(scaled(rho, a0), gone)
    gone = plus(plus(lab.worth(pb, qb, db0), scaled(pb[lab.BASE], db0)), times(ha, vb0))
    f[1, 0], f[1, 1] = minus(scaled(rho, b0), gone)
    ra, ra_gain, ra_effort = _reply(pa, qa, z0[2], ea, da0, da)
    rb, rb_gain, rb_effort = _reply(pb, qb, z0[3], eb, db0, db)
    f[2, 0], f[2, 1] = ra
    f[3, 0], f[3, 1] = rb

    aa, ab = cell[MATRIX], cell[MATRIX + 1]
    ba, bb = cell[MATRIX + 2], cell[MATRIX + 3]
    less_a, less_b = minus((aa, aa), (1.0, 1.0)), minus((bb, bb), (1.0, 1.0))
    discount = (rho, rho)
    j[:] = 0.0
    jp[:] = 0.0
    j[0, 0, 0], j[0, 0, 1] = plus(minus(discount, times(own_a, less_a)), hb)
    j[0, 1, 0], j[0, 1, 1] = scaled(-ab, own_a)
    step = scaled(pb[lab.SCALE], ua)
    j[0, 3, 0], j[0, 3, 1] = -step[1], -step[0]
    jp[0, 0, 0], jp[0, 0, 1] = -hb[1], -hb[0]
    j[1, 0, 0], j[1, 0, 1] = scaled(-ba, ha)
    j[1, 1, 0], j[1, 1, 1] = plus(minus(discount, times(ha, less_b)), own_b)
    step = scaled(pa[lab.SCALE], vb)
    j[1, 2, 0], j[1, 2, 1] = -step[1], -step[0]
    jp[1, 1, 0], jp[1, 1, 1] = -own_b[1], -own_b[0]
    j[2, 0, 0], j[2, 0, 1] = times(ra_gain, less_a)
    j[2, 1, 0], j[2, 1, 1] = scaled(ab, ra_gain)
    j[2, 2, 0], j[2, 2, 1] = ra_effort
    j[3, 1, 0], j[3, 1, 1] = -rb_gain[1], -rb_gain[0]
    j[3, 3, 0], j[3, 3, 1] = rb_effort
    jp[3, 1, 0], jp[3, 1, 1] = rb_gain


@compiled
def inverse(j: Array, c: Array, m: Array) -> bool:
    """Approximate inverse of the middle of an interval matrix, by Gauss and Jordan; if there is."""
    for i in range(UNKNOWNS):
        for k in range(UNKNOWNS):
            m[i, k] = 0.5 * (j[i, k, 0] + j[i, k, 1])
            c[i, k] = 1.0 if i == k else 0.0
    for i in range(UNKNOWNS):
        best = i
        for r in range(i + 1, UNKNOWNS):
            if abs(m[r, i]) > abs(m[best, i]):
                best = r
        if not abs(m[best, i]) > SINGULAR:
            return False
        for k in range(UNKNOWNS):
            m[i, k], m[best, k] = m[best, k], m[i, k]
            c[i, k], c[best, k] = c[best, k], c[i, k]
        pivot = 1.0 / m[i, i]
        for k in range(UNKNOWNS):
            m[i, k] *= pivot
            c[i, k] *= pivot
        for r in range(UNKNOWNS):
            factor = m[r, i]
            if r != i and factor != 0.0:
                for k in range(UNKNOWNS):
                    m[r, k] -= factor * m[i, k]
                    c[r, k] -= factor * c[i, k]
    return True


@compiled
def dot(c: Array, i: int, f: Array) -> Interval:
    """Row i of a matrix times a vector of intervals (4, 2)."""
    low = high = size = 0.0
    for k in range(UNKNOWNS):
        p, q = c[i, k] * f[k, 0], c[i, k] * f[k, 1]
        low += min(p, q)
        high += max(p, q)
        size += max(abs(p), abs(q))
    # Seven roundings, of at most half a unit of the size each, and as many in the size itself.
    error = size * SLACK + TINY
    return low - error, high + error


SLACK = 2.0**-48
TINY = 1e-290


@compiled
def shrink(
    z: Array,
    z0: Array,
    f: Array,
    j: Array,
    jp: Array,
    c: Array,
    reach: Array,
    centre: Array,
    matrix: Array,
    deviation: Array,
    column: Array,
) -> bool:
    """Krawczyk's step: z shrinks, and becomes affine in x'; whether anything is left.

    ``reach`` (2,) is how far x' is from its centre at most. Filled are for every unknown i
    ``centre`` (4,), ``matrix`` (4, 2) and ``deviation`` (4,), so that z_i lies within ``deviation``
    of ``centre`` + ``matrix`` (x' - x'_0).
    """
    for i in range(UNKNOWNS):
        at = dot(c, i, f)
        middle = 0.5 * (at[0] + at[1])
        centre[i] = z0[i] - middle
        spread = up(max(up(at[1] - middle), up(middle - at[0])))
        error = up(spread + (abs(centre[i]) + abs(middle)) * 4.5e-16)
        total = error
        for k in range(2):
            column[:, 0], column[:, 1] = jp[:, k, 0], jp[:, k, 1]
            by = dot(c, i, column)
            middle = 0.5 * (by[0] + by[1])
            matrix[i, k] = -middle
            width = up(max(up(by[1] - middle), up(middle - by[0])))
            error = up(error + up(width * reach[k]))
            total = up(total + up(max(abs(by[0]), abs(by[1])) * reach[k]))
        for k in range(UNKNOWNS):
            column[:, 0], column[:, 1] = j[:, k, 0], j[:, k, 1]
            by = dot(c, i, column)
            one = 1.0 if i == k else 0.0
            size = max(abs(down(by[0] - one)), abs(up(by[1] - one)))
            far = max(up(z[k, 1] - z0[k]), up(z0[k] - z[k, 0]))
            error = up(error + up(size * far))
            total = up(total + up(size * far))
        deviation[i] = error
        low, high = down(centre[i] - total), up(centre[i] + total)
        # z itself is left for the other rows, which are enclosures over all of it
        reach[2 + 2 * i], reach[3 + 2 * i] = low, high
    for i in range(UNKNOWNS):
        low, high = reach[2 + 2 * i], reach[3 + 2 * i]
        z[i, 0] = max(z[i, 0], low)
        z[i, 1] = min(z[i, 1], high)
        if z[i, 0] > z[i, 1]:
            return False
    return True

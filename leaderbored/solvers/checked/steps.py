r"""Cells of values in whole numbers, and one step to the lead below.

A cell holds x = (A(g), B(g)) and y = (A(g + 1), B(g + 1)), where y is within e of y_0 + M (x - c).
With x' = (A(g - 1), B(g - 1)) the conditions at g are two equations in x,

.. math:: \rho A - W_A(A_1 - A) - h_B(B' - B) (A' - A) = 0, \quad
          \rho B - W_B(B' - B) - h_A(A_1 - A) (B_1 - B) = 0 ,

whose solutions Krawczyk's step encloses as an affine function of x'. Where a best hazard is
vertical it counts as some number between its ends. Of a lab that is indifferent the gain is zero,
which stands for the other's equation: that holds for some hazard, and is only tested.
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
    plus,
    quotient,
    radius,
    scaled,
    size,
    times,
)
from leaderbored.solvers.checked.reply import (
    LEVEL,
    SIGN,
    hazard,
    level,
    side,
    steepness,
    worth,
)
from leaderbored.solvers.kernels.jit import compiled

Array = Any
Pair = tuple[Fixed, Fixed]

# Of a cell: X (2 x 2), Y (2 x 2), c (2), y_0 (2), M (2 x 2), e (2), and its square of the grid.
X, Y, CENTRE, IMAGE, MATRIX, ERROR, PLACE = 0, 4, 8, 10, 12, 16, 18
NUMBERS = 19
TURNS = 3  # of Krawczyk's step at most: tuning
UNIT = 1 << 20  # of the determinant, below which no inverse is tried: tuning


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
def conditions(
    rho: Fixed,
    pa: Array,
    pb: Array,
    cell: Array,
    x: Pair,
    c: tuple[int, int],
    r: Pair,
    r0: Pair,
    f: Array,
    j: Array,
    jp: Array,
    t: Array,
) -> bool:
    """F at the centre, its slopes in x and x' over all there is; whether there can be a zero."""
    level_a, level_b = pa[LEVEL] != 0, pb[LEVEL] != 0
    own = side(meet(ahead(cell, 0, x[0], x[1]), minus(box(cell, Y), x[0])), pa[SIGN])
    loss = meet(ahead(cell, 1, x[0], x[1]), minus(box(cell, Y + 2), x[1]))
    gain, lost = side(minus(r[1], x[1]), pb[SIGN]), minus(r[0], x[0])
    if empty(own) or empty(loss) or empty(gain):
        return False
    ha = level(pa) if level_a else hazard(pa, own, t)
    hb = level(pb) if level_b else hazard(pb, gain, t)
    rest = minus(minus(times(rho, x[0]), worth(pa, own, t)), times(hb, lost))
    if rest[0] > 0 or rest[1] < 0:
        return False
    rest = minus(minus(times(rho, x[1]), worth(pb, gain, t)), times(ha, loss))
    if rest[0] > 0 or rest[1] < 0:
        return False
    ca, cb = exact(c[0]), exact(c[1])
    own0, loss0 = ahead(cell, 0, ca, cb), ahead(cell, 1, ca, cb)
    gain0, lost0 = minus(r0[1], cb), minus(r0[0], ca)
    own, loss, gain, lost = hull(own, own0), hull(loss, loss0), hull(gain, gain0), hull(lost, lost0)
    wa, wb = hazard(pa, own, t), hazard(pb, gain, t)  # slopes of what gains are worth
    ha, hb = level(pa) if level_a else wa, level(pb) if level_b else wb
    smooth_a, sa = steepness(pa, own, t)
    smooth_b, sb = steepness(pb, gain, t)
    if level_a or not smooth_a:
        ha0, sa = ha, (0, 0)
    else:
        ha0 = hazard(pa, own0, t)
    if level_b or not smooth_b:
        hb0, sb = hb, (0, 0)
    else:
        hb0 = hazard(pb, gain0, t)
    aa, ab, ba, bb = cell[MATRIX], cell[MATRIX + 1], cell[MATRIX + 2], cell[MATRIX + 3]
    if level_b:  # the gain x'_B - x_B
        f[0, 0], f[0, 1] = gain0
        j[0, 0, :], j[0, 1, :] = 0, -ONE
        jp[0, 0, :], jp[0, 1, :] = 0, ONE
    else:
        f[0, 0], f[0, 1] = minus(minus(times(rho, ca), worth(pa, own0, t)), times(hb0, lost0))
        j[0, 0, 0], j[0, 0, 1] = plus(minus(rho, scaled(aa - ONE, wa)), hb)
        j[0, 1, 0], j[0, 1, 1] = minus(times(sb, lost), scaled(ab, wa))
        jp[0, 0, 0], jp[0, 0, 1] = negative(hb)
        jp[0, 1, 0], jp[0, 1, 1] = negative(times(sb, lost))
    if level_a:  # the gain y_A - x_A
        f[1, 0], f[1, 1] = own0
        j[1, 0, :], j[1, 1, :] = aa - ONE, ab
        jp[1, :, :] = 0
    else:
        f[1, 0], f[1, 1] = minus(minus(times(rho, cb), worth(pb, gain0, t)), times(ha0, loss0))
        push = times(sa, loss)
        j[1, 0, 0], j[1, 0, 1] = negative(plus(scaled(aa - ONE, push), scaled(ba, ha)))
        j[1, 1, 0], j[1, 1, 1] = minus(minus(plus(rho, wb), scaled(ab, push)), scaled(bb - ONE, ha))
        jp[1, 0, :] = 0
        jp[1, 1, 0], jp[1, 1, 1] = negative(wb)
    return True


@compiled
def inverse(j: Array, c: Array) -> bool:
    """About the inverse of the middle of a matrix, of which nothing is assumed; if there is one."""
    p, q = middle((j[0, 0, 0], j[0, 0, 1])), middle((j[0, 1, 0], j[0, 1, 1]))
    r, s = middle((j[1, 0, 0], j[1, 0, 1])), middle((j[1, 1, 0], j[1, 1, 1]))
    if max(abs(p), abs(q), abs(r), abs(s)) >= 1 << 50:
        return False
    whole = times(exact(p), exact(s))[0] - times(exact(q), exact(r))[0]
    if abs(whole) < UNIT or abs(whole) >= END:
        return False
    c[0, 0], c[0, 1] = quotient(s, whole), quotient(-q, whole)
    c[1, 0], c[1, 1] = quotient(-r, whole), quotient(p, whole)
    return bool(max(abs(c[0, 0]), abs(c[0, 1]), abs(c[1, 0]), abs(c[1, 1])) < END >> 1)


@compiled
def shrunk(
    f: Array,
    j: Array,
    jp: Array,
    c: Array,
    x: Pair,
    m: tuple[int, int],
    r: Pair,
    r0: Pair,
    w: Array,
) -> Pair:
    """Krawczyk's step: what is left of x, and in ``w`` (2, 4) x as affine in x'.

    In a row of ``w`` stand the image of r0, the two slopes in x' and the error.
    """
    found = (0, 0), (0, 0)
    da, db = minus(x[0], exact(m[0])), minus(x[1], exact(m[1]))
    for i in range(2):
        moved = plus(scaled(c[i, 0], (f[0, 0], f[0, 1])), scaled(c[i, 1], (f[1, 0], f[1, 1])))
        spot = minus(exact(m[i]), moved)
        for k in range(2):
            slope = plus(
                scaled(c[i, 0], (j[0, k, 0], j[0, k, 1])), scaled(c[i, 1], (j[1, k, 0], j[1, k, 1]))
            )
            left = minus(exact(ONE if i == k else 0), slope)
            spot = plus(spot, times(left, da if k == 0 else db))
        w[i, 0], whole = middle(spot), spot
        error = radius(spot)
        for k in range(2):
            back = plus(
                scaled(c[i, 0], (jp[0, k, 0], jp[0, k, 1])),
                scaled(c[i, 1], (jp[1, k, 0], jp[1, k, 1])),
            )
            far = minus(r[k], r0[k])
            slope_k = -middle(back)
            w[i, 1 + k] = slope_k
            rest = times(plus(back, exact(slope_k)), far)
            error = min(error + size(rest), END)
            whole = minus(whole, times(back, far))
        w[i, 3] = error
        inside = meet(x[i], whole)
        found = (inside, found[1]) if i == 0 else (found[0], inside)
    return found


@compiled
def flat_rows(x: Pair, w: Array) -> None:
    """X as a function of x' without a slope."""
    for i in range(2):
        w[i, 0], w[i, 1], w[i, 2], w[i, 3] = middle(x[i]), 0, 0, radius(x[i])


@compiled
def width(x: Pair) -> int:
    """How wide a pair is."""
    return (x[0][1] - x[0][0]) + (x[1][1] - x[1][0])


@compiled
def stepped(
    rho: Fixed, pa: Array, pb: Array, cell: Array, r: Pair, work: Any, t: Array
) -> tuple[bool, Pair]:
    """Whether x of a cell fits x' within r, and which; ``work[4]`` has it as affine in x'."""
    f, j, jp, c, w = work
    x = box(cell, X), box(cell, X + 2)
    r0 = exact(middle(r[0])), exact(middle(r[1]))
    for _ in range(TURNS):
        m = middle(x[0]), middle(x[1])
        if not conditions(rho, pa, pb, cell, x, m, r, r0, f, j, jp, t):
            return False, x
        if not inverse(j, c):
            flat_rows(x, w)
            return True, x
        before = width(x)
        x = shrunk(f, j, jp, c, x, m, r, r0, w)
        if empty(x[0]) or empty(x[1]):
            return False, x
        if not 10 * width(x) < 7 * before:
            break
    return True, x


@compiled
def met(
    rho: Fixed, pa: Array, pb: Array, cell: Array, other: Array, x: Pair, work: Any, t: Array
) -> tuple[bool, Pair]:
    """Whether two cells have x in common at the tie, and which; ``other`` has x' of it."""
    f, j, jp, c, w = work
    for _ in range(TURNS):
        ra = meet(reached(other, 0, x[0], x[1]), box(other, Y))
        rb = meet(reached(other, 1, x[0], x[1]), box(other, Y + 2))
        if empty(ra) or empty(rb):
            return False, x
        m = middle(x[0]), middle(x[1])
        ca, cb = exact(m[0]), exact(m[1])
        r0 = reached(other, 0, ca, cb), reached(other, 1, ca, cb)
        if not conditions(rho, pa, pb, cell, x, m, (ra, rb), r0, f, j, jp, t):
            return False, x
        for i in range(2):
            for k in range(2):
                by = plus(
                    scaled(other[MATRIX + k], (jp[i, 0, 0], jp[i, 0, 1])),
                    scaled(other[MATRIX + 2 + k], (jp[i, 1, 0], jp[i, 1, 1])),
                )
                j[i, k, 0], j[i, k, 1] = plus((j[i, k, 0], j[i, k, 1]), by)
        jp[:] = 0
        if not inverse(j, c):
            return True, x
        before = width(x)
        x = shrunk(f, j, jp, c, x, m, r0, r0, w)
        if empty(x[0]) or empty(x[1]):
            return False, x
        if not 10 * width(x) < 7 * before:
            break
    return True, x


@compiled
def cell_of(x: Pair, r: Pair, w: Array, place: int, new: Array) -> None:
    """The cell (x', x) of what is left of x."""
    for i in range(2):
        new[X + 2 * i], new[X + 2 * i + 1] = r[i]
        new[Y + 2 * i], new[Y + 2 * i + 1] = x[i]
        new[CENTRE + i] = middle(r[i])
        sloped = w[i, 3] < radius(x[i]) and max(abs(w[i, 1]), abs(w[i, 2])) < END >> 1
        new[IMAGE + i] = w[i, 0] if sloped else middle(x[i])
        new[MATRIX + 2 * i] = w[i, 1] if sloped else 0
        new[MATRIX + 2 * i + 1] = w[i, 2] if sloped else 0
        new[ERROR + i] = w[i, 3] if sloped else radius(x[i])
    new[PLACE] = place


@compiled
def joined(one: Array, two: Array, new: Array) -> None:
    """A cell that holds two over one square."""
    new[PLACE] = one[PLACE]
    for k in range(0, 8, 2):
        new[k], new[k + 1] = hull(box(one, k), box(two, k))
    for k in range(2):
        new[CENTRE + k] = middle(box(new, X + 2 * k))
    for k in range(4):
        new[MATRIX + k] = (one[MATRIX + k] + two[MATRIX + k]) >> 1
    for i in range(2):
        both = hull(beyond(one, i, new), beyond(two, i, new))
        new[IMAGE + i], new[ERROR + i] = middle(both), radius(both)
        y = box(new, Y + 2 * i)
        if new[ERROR + i] > radius(y):
            new[MATRIX + 2 * i] = new[MATRIX + 2 * i + 1] = 0
            new[IMAGE + i], new[ERROR + i] = middle(y), radius(y)


@compiled
def beyond(one: Array, i: int, new: Array) -> Fixed:
    """What y_i of a cell is beyond another's affine function."""
    e = one[ERROR + i]
    rest = one[IMAGE + i] - e, one[IMAGE + i] + e
    for k in range(2):
        mine, other, spot = one[MATRIX + 2 * i + k], new[MATRIX + 2 * i + k], new[CENTRE + k]
        rest = plus(rest, scaled(mine - other, minus(box(one, X + 2 * k), exact(spot))))
        rest = plus(rest, scaled(mine, exact(spot - one[CENTRE + k])))
    return rest

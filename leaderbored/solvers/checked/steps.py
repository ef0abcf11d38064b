r"""Cells of values in whole numbers, and one step to the lead below.

A cell holds x = (A(g), B(g)) and y = (A(g + 1), B(g + 1)), where y is within e of y_0 + M (x - c).
With x' = (A(g - 1), B(g - 1)) the conditions at g are two equations in x,

.. math:: \rho A - W_A(A_1 - A) - h_B(B' - B) (A' - A) = 0, \quad
          \rho B - W_B(B' - B) - h_A(A_1 - A) (B_1 - B) = 0 ,

for replies in one case of each lab. First :mod:`.cuts` leaves out what one of them forbids. Then
Krawczyk's step encloses what is left as an affine function of x', with slopes in place of
derivatives: of a product that in one factor is the other one anywhere, that in the other the first
one at the centre. Where a best hazard has no slope it counts as some number between its ends. Of a
lab that is indifferent the gain is zero, which stands for the other's equation: that holds for some
hazard, and is only used for cuts.
"""

from __future__ import annotations

from typing import Any

from leaderbored.solvers.checked.cells import (
    MATRIX,
    ahead,
    reached,
)
from leaderbored.solvers.checked.cuts import (
    GAIN,
    HA,
    HB,
    LOSS,
    LOST,
    OWN,
    A,
    consistent,
    known,
)
from leaderbored.solvers.checked.fixed import (
    END,
    ONE,
    Fixed,
    empty,
    exact,
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
from leaderbored.solvers.checked.reply import KIND, LEVEL
from leaderbored.solvers.checked.response import around
from leaderbored.solvers.kernels.jit import compiled

Array = Any
Pair = tuple[Fixed, Fixed]

TURNS = 4  # of Krawczyk's step at most: tuning
UNIT = 1 << 20  # of the determinant, below which no inverse is tried: tuning


@compiled
def conditions(
    rho: Fixed,
    pa: Array,
    pb: Array,
    cell: Array,
    v: Array,
    c: tuple[int, int],
    r0: Pair,
    f: Array,
    j: Array,
    jp: Array,
    t: Array,
) -> None:
    """F at the centre, and its slopes in x and x' from there to all that is left."""
    ca, cb = exact(c[0]), exact(c[1])
    own0, loss0 = ahead(cell, 0, ca, cb), ahead(cell, 1, ca, cb)
    gain0, lost0 = minus(r0[1], cb), minus(r0[0], ca)
    loss, lost = known(v, LOSS), known(v, LOST)
    wa0, ha0, wa, smooth_a, sa = around(pa, own0, known(v, OWN), t)
    wb0, hb0, wb, smooth_b, sb = around(pb, gain0, known(v, GAIN), t)
    if not smooth_a:
        ha0, sa = known(v, HA), (0, 0)
    if not smooth_b:
        hb0, sb = known(v, HB), (0, 0)
    aa, ab, ba, bb = cell[MATRIX], cell[MATRIX + 1], cell[MATRIX + 2], cell[MATRIX + 3]
    if pb[KIND] == LEVEL:  # the gain x'_B - x_B
        f[0, 0], f[0, 1] = gain0
        j[0, 0, :], j[0, 1, :] = 0, -ONE
        jp[0, 0, :], jp[0, 1, :] = 0, ONE
    else:
        push = times(sb, lost)
        f[0, 0], f[0, 1] = minus(minus(times(rho, ca), wa0), times(hb0, lost0))
        j[0, 0, 0], j[0, 0, 1] = plus(minus(rho, scaled(aa - ONE, wa)), hb0)
        j[0, 1, 0], j[0, 1, 1] = minus(push, scaled(ab, wa))
        jp[0, 0, 0], jp[0, 0, 1] = negative(hb0)
        jp[0, 1, 0], jp[0, 1, 1] = negative(push)
    if pa[KIND] == LEVEL:  # the gain y_A - x_A
        f[1, 0], f[1, 1] = own0
        j[1, 0, :], j[1, 1, :] = aa - ONE, ab
        jp[1, :, :] = 0
    else:
        push = times(sa, loss)
        f[1, 0], f[1, 1] = minus(minus(times(rho, cb), wb0), times(ha0, loss0))
        j[1, 0, 0], j[1, 0, 1] = negative(plus(scaled(aa - ONE, push), scaled(ba, ha0)))
        slope = minus(plus(rho, wb), scaled(ab, push))
        j[1, 1, 0], j[1, 1, 1] = minus(slope, scaled(bb - ONE, ha0))
        jp[1, 0, :] = 0
        jp[1, 1, 0], jp[1, 1, 1] = negative(wb)


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
    if whole < 0:
        whole, p, q, r, s = -whole, -p, -q, -r, -s
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
def flat_rows(v: Array, w: Array) -> None:
    """X as a function of x' without a slope."""
    for i in range(2):
        x = known(v, A + i)
        w[i, 0], w[i, 1], w[i, 2], w[i, 3] = middle(x), 0, 0, radius(x)


@compiled
def width(v: Array, w: Array) -> int:
    """How wide x is, or only for a given x'."""
    total = 0
    for i in range(2):
        total += min(v[A + i, 1] - v[A + i, 0], 2 * min(w[i, 3], END))
    return total


@compiled
def stepped(
    rho: Fixed, pa: Array, pb: Array, cell: Array, v: Array, r: Array, work: Any, t: Array
) -> bool:
    """Whether any x of a cell fits x' within r; ``work[4]`` has it as affine in x'.

    ``v`` and ``r`` are cut already, and are cut further.
    """
    f, j, jp, c, w = work
    flat_rows(v, w)
    before = width(v, w)
    for turn in range(TURNS):
        far = known(r, 0), known(r, 1)
        r0 = exact(middle(far[0])), exact(middle(far[1]))
        x = known(v, A), known(v, A + 1)
        m = middle(x[0]), middle(x[1])
        conditions(rho, pa, pb, cell, v, m, r0, f, j, jp, t)
        if not inverse(j, c):
            flat_rows(v, w)
            return True
        x = shrunk(f, j, jp, c, x, m, far, r0, w)
        if empty(x[0]) or empty(x[1]):
            return False
        for i in range(2):
            v[A + i, 0], v[A + i, 1] = x[i]
        after = width(v, w)
        if turn == TURNS - 1 or not 10 * after < 8 * before:
            return True
        before = after
        moved(v, r, r0, w)
        if not consistent(rho, pa, pb, cell, v, r, t):
            return False
    return True


@compiled
def moved(v: Array, r: Array, r0: Pair, w: Array) -> None:
    """Cut x' - x down to what x as affine in x' leaves."""
    for i in range(2):
        gap = minus(r0[i], exact(w[i, 0]))
        for k in range(2):
            own = ONE if i == k else 0
            gap = plus(gap, scaled(own - w[i, 1 + k], minus(known(r, k), r0[k])))
        gap = plus(gap, (-w[i, 3], w[i, 3]))
        place = LOST if i == 0 else GAIN
        v[place, 0], v[place, 1] = meet(known(v, place), gap)


@compiled
def met(
    rho: Fixed,
    pa: Array,
    pb: Array,
    cell: Array,
    other: Array,
    v: Array,
    r: Array,
    work: Any,
    t: Array,
) -> bool:
    """Whether two cells have x in common at the tie, left in ``v``; ``other`` has x' of it."""
    f, j, jp, c, w = work
    flat_rows(v, w)
    before = width(v, w)
    for _ in range(2 * TURNS):
        x = known(v, A), known(v, A + 1)
        for i in range(2):
            there = meet(reached(other, i, x[0], x[1]), known(r, i))
            r[i, 0], r[i, 1] = there
            place = LOST if i == 0 else GAIN
            v[place, 0], v[place, 1] = meet(known(v, place), ahead(other, i, x[0], x[1]))
            if empty(there) or empty(known(v, place)):
                return False
        if not consistent(rho, pa, pb, cell, v, r, t):
            return False
        x = known(v, A), known(v, A + 1)
        m = middle(x[0]), middle(x[1])
        ca, cb = exact(m[0]), exact(m[1])
        r0 = reached(other, 0, ca, cb), reached(other, 1, ca, cb)
        conditions(rho, pa, pb, cell, v, m, r0, f, j, jp, t)
        for i in range(2):
            for k in range(2):
                by = plus(
                    scaled(other[MATRIX + k], (jp[i, 0, 0], jp[i, 0, 1])),
                    scaled(other[MATRIX + 2 + k], (jp[i, 1, 0], jp[i, 1, 1])),
                )
                j[i, k, 0], j[i, k, 1] = plus((j[i, k, 0], j[i, k, 1]), by)
        jp[:] = 0
        if not inverse(j, c):
            return True
        x = shrunk(f, j, jp, c, x, m, r0, r0, w)
        if empty(x[0]) or empty(x[1]):
            return False
        for i in range(2):
            v[A + i, 0], v[A + i, 1] = x[i]
        after = width(v, w)
        if not 10 * after < 8 * before:
            break
        before = after
    return True

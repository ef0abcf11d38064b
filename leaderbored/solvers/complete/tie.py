"""Where the cells from both ends of the leads meet at the tie."""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.complete import lab, seller
from leaderbored.solvers.complete.cells import PLACE, X, Y, affine, ahead
from leaderbored.solvers.complete.intervals import Interval, empty, meet, minus, plus, scaled, times
from leaderbored.solvers.complete.step import solve_tie, start_z
from leaderbored.solvers.kernels.jit import compiled

Array = Any


@compiled
def apart(one: Array, two: Array) -> bool:
    """Whether two cells have no values in common."""
    for i in range(2):
        if max(one[X + 2 * i], two[X + 2 * i]) > min(one[X + 2 * i + 1], two[X + 2 * i + 1]):
            return True
    return False


@compiled
def terms(rho: float, p: Array, i: int, cell: Array, found: Array) -> None:
    """What a cell says of the equations of lab i, whose success leads into it, and of the other.

    Row q of ``found`` (PIECES, 4) bounds, for replies on piece q, what the other's successes must
    be worth to the lab, and what its own are worth to the other: hazards times changes of value.
    """
    a, b = (cell[X], cell[X + 1]), (cell[X + 2], cell[X + 3])
    value = a if i == 0 else b
    for q in range(lab.PIECES):
        if p[lab.SELLS] != 0.0:
            found[q, 0], found[q, 1], found[q, 2], found[q, 3] = sold_terms(
                rho, p, i, cell, q, value, ahead(cell, 1 - i, a, b)
            )
            continue
        d = meet(ahead(cell, i, a, b), lab.gains(p, q))
        if not lab.has(p, q) or empty(d):
            found[q, 0], found[q, 1] = 1.0, -1.0
            continue
        earned = plus(lab.worth(p, q, d), scaled(p[lab.BASE], d))
        found[q, 0], found[q, 1] = minus(scaled(rho, value), earned)
        hazard = lab.hazard(p, lab.effort(p, q, d))
        found[q, 2], found[q, 3] = times(hazard, ahead(cell, 1 - i, a, b))


@compiled
def sold_terms(
    rho: float, p: Array, i: int, cell: Array, q: int, value: Interval, lost: Interval
) -> tuple[float, float, float, float]:
    """A row of :func:`terms` where prices clear, whatever the other sells."""
    none = 1.0, -1.0, 0.0, 0.0
    d = ahead(cell, i, (cell[X], cell[X + 1]), (cell[X + 2], cell[X + 3]))
    d = meet(d, seller.gains(p, q))
    if not seller.has(p, q) or empty(d):
        return none
    left = p[seller.LEFT], p[seller.CUSTOMERS]
    d, v, _ = seller.reply(p, q, d, seller.efforts(q), left, True)
    if empty(d) or empty(v):
        return none
    low, high = seller.earned(p, q, d, v, left)
    wanted = minus(scaled(rho, value), (low[0], high[1]))
    worth = times(seller.hazard(p, v), lost)
    return wanted[0], wanted[1], worth[0], worth[1]


@compiled
def agree(one: Array, other: Array) -> bool:
    """Whether what either lab wants the other's successes to be worth may be what they are."""
    for this, that in ((one, other), (other, one)):
        if this[0] > this[1] or max(this[0], that[2]) > min(this[1], that[3]):
            return False
    return True


def meeting(
    rho: float,
    pa: Array,
    pb: Array,
    right: Array,
    left: Array,
    w: Any,
    work: Array,
    n: Array,
) -> Array:
    """What is possible at the tie: rows of a box of x, (2, 2) and y on both sides, (2, 2) each.

    The cells of the left hold (x, y) with y at the lead -1. The grid at the tie has n (2,) squares.
    """
    capacity, count = 256, 0
    found = np.empty((capacity, 12))
    z, size, back = np.empty((4, 2)), np.empty(4), np.empty((2, 2))
    head = np.full(n[0] * n[1], -1, dtype=np.int64)
    following = np.full(max(len(left), 1), -1, dtype=np.int64)
    said, heard = np.empty((lab.PIECES, 4)), np.empty((len(left), lab.PIECES, 4))
    for s in range(len(left)):
        spot = int(left[s, PLACE])
        spot = (spot % n[0]) * n[1] + spot // n[0]  # there the other lab comes first
        following[s] = head[spot]
        head[spot] = s
        terms(rho, pb, 1, left[s], heard[s])
    for s in range(len(right)):
        cell = right[s]
        terms(rho, pa, 0, cell, said)
        t = head[int(cell[PLACE])]
        while t >= 0:
            other, says = left[t], heard[t]
            t = following[t]
            if apart(cell, other):
                continue
            for qa in range(lab.PIECES):
                for qb in range(lab.PIECES):
                    if not agree(said[qa], says[qb]):
                        continue
                    work[0] += 1
                    start_z(z, cell, pa, pb, qa, qb)
                    for i in range(2):
                        z[i, 0] = max(z[i, 0], other[X + 2 * i])
                        z[i, 1] = min(z[i, 1], other[X + 2 * i + 1])
                    if not solve_tie(rho, pa, pb, qa, qb, cell, other, z, size, back, w):
                        continue
                    if count == capacity:
                        capacity *= 2
                        more = np.empty((capacity, 12))
                        more[:count] = found
                        found = more
                    a, b = (z[0, 0], z[0, 1]), (z[1, 0], z[1, 1])
                    for i in range(2):
                        found[count, 2 * i], found[count, 2 * i + 1] = z[i, 0], z[i, 1]
                        y = meet(affine(cell, i, a, b), (cell[Y + 2 * i], cell[Y + 2 * i + 1]))
                        found[count, 4 + 2 * i], found[count, 5 + 2 * i] = y
                        found[count, 8 + 2 * i] = back[i, 0]
                        found[count, 9 + 2 * i] = back[i, 1]
                    count += 1
    return found[:count]


def touching(found: Array) -> Array:
    """Numbers of the groups of rows that touch each other, directly or by others."""
    size = len(found)
    name, left = np.full(size, -1, dtype=np.int64), np.arange(size)
    stack = np.empty(size, dtype=np.int64)
    groups = 0
    while size > 0:
        start = left[size - 1]
        name[start], stack[0], waiting = groups, start, 1
        size -= 1
        while waiting > 0:
            waiting -= 1
            here, kept = stack[waiting], 0
            for r in range(size):
                other, touch = left[r], True
                for k in range(0, found.shape[1], 2):
                    if found[other, k] > found[here, k + 1] or found[here, k] > found[other, k + 1]:
                        touch = False
                        break
                if touch:
                    name[other], stack[waiting] = groups, other
                    waiting += 1
                else:
                    left[kept] = other
                    kept += 1
            size = kept
        groups += 1
    return name

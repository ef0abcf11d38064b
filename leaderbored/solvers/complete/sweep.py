"""From the cells at one lead to those at the next, and where both ends of the leads meet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from leaderbored.solvers.complete import lab
from leaderbored.solvers.complete.cells import NUMBERS, PLACE, X, Y, affine, ahead
from leaderbored.solvers.complete.grid import edge, first_cell, keep, last_cell
from leaderbored.solvers.complete.intervals import (
    Interval,
    down,
    meet,
    minus,
    over,
    plus,
    scaled,
    times,
    up,
)
from leaderbored.solvers.complete.step import image, solve_step, solve_tie, start_z
from leaderbored.solvers.kernels.jit import compiled

Array = Any


@compiled
def needed(w: Interval, h: Interval, room: Interval) -> Interval:
    """All q within bounds for which h q = w is possible; h is not below zero."""
    low, high = room
    if h[0] > 0:
        q = over(w, h)
        return max(low, q[0]), min(high, q[1])
    if w[0] > 0:
        if not h[1] > 0:
            return 1.0, 0.0
        low = max(low, down(w[0] / h[1]))
    elif w[1] < 0:
        if not h[1] > 0:
            return 1.0, 0.0
        high = min(high, up(w[1] / h[1]))
    return low, high


def advance(
    rho: float,
    pa: Array,
    pb: Array,
    cells: Array,
    low: Array,
    high: Array,
    width: Array,
    n: int,
    most: int,
    w: Any,
    work: Array,
) -> tuple[Array, int]:
    """Cells at the lead below, over a grid of n by n between bounds (2,) of its values.

    ``width`` (2,) is that of the squares of the grid of the cells given. ``work`` (1,) counts the
    steps; where they exceed ``most``, no cells are returned, and minus one.
    """
    capacity, count = 1024, 0
    new_cells = np.empty((capacity, NUMBERS))
    following = np.empty(capacity, dtype=np.int64)
    head = np.full(n * n, -1, dtype=np.int64)
    new, trial, best = np.empty(NUMBERS), np.empty(NUMBERS), np.empty(NUMBERS)
    z, size, back = np.empty((4, 2)), np.empty(4), np.empty((2, 2))
    for s in range(len(cells)):
        cell = cells[s]
        a, b = (cell[X], cell[X + 1]), (cell[X + 2], cell[X + 3])
        all_a, all_b = ahead(cell, 0, a, b), ahead(cell, 1, a, b)
        if all_a[0] > all_a[1] or all_b[0] > all_b[1]:
            continue
        for qa in range(lab.PIECES):
            if not lab.has(pa, qa):
                continue
            da = meet(all_a, lab.gains(pa, qa))
            if da[0] > da[1]:
                continue
            ha = scaled(pa[lab.SCALE], lab.effort(pa, qa, da))
            ha = plus(ha, (pa[lab.BASE], pa[lab.BASE]))
            gone = plus(lab.worth(pa, qa, da), scaled(pa[lab.BASE], da))
            wanted = minus(scaled(rho, a), gone)
            left = minus(scaled(rho, b), times(ha, all_b))
            for qb in range(lab.PIECES):
                if not lab.has(pb, qb):
                    continue
                reach_b = plus(b, lab.gains(pb, qb))
                if reach_b[0] > high[1] or reach_b[1] < low[1]:
                    continue
                first = first_cell(low[1], high[1], n, reach_b[0])
                last = last_cell(low[1], high[1], n, reach_b[1])
                for jb in range(first, last + 1):
                    grid = edge(low[1], high[1], n, jb), edge(low[1], high[1], n, jb + 1)
                    db = meet(minus(grid, b), lab.gains(pb, qb))
                    if db[0] > db[1]:
                        continue
                    earned = plus(lab.worth(pb, qb, db), scaled(pb[lab.BASE], db))
                    if earned[0] > left[1] or earned[1] < left[0]:
                        continue
                    hb = scaled(pb[lab.SCALE], lab.effort(pb, qb, db))
                    hb = plus(hb, (pb[lab.BASE], pb[lab.BASE]))
                    hb = max(hb[0], 0.0), hb[1]
                    room = minus((low[0], high[0]), a)
                    q = needed(wanted, hb, room)
                    if q[0] > q[1]:
                        continue
                    to = plus(a, q)
                    if to[0] > high[0] or to[1] < low[0]:
                        continue
                    begin = first_cell(low[0], high[0], n, to[0])
                    end = last_cell(low[0], high[0], n, to[1])
                    for ja in range(begin, end + 1):
                        work[0] += 1
                        back[0, 0] = edge(low[0], high[0], n, ja)
                        back[0, 1] = edge(low[0], high[0], n, ja + 1)
                        back[1, 0], back[1, 1] = grid
                        if not solve_step(rho, pa, pb, qa, qb, cell, back, z, size, w):
                            continue
                        if not image(z, back, w, new):
                            continue
                        new[PLACE] = ja * n + jb
                        if count == capacity:
                            capacity *= 2
                            more = np.empty((capacity, NUMBERS))
                            more[:count] = new_cells
                            new_cells = more
                            links = np.empty(capacity, dtype=np.int64)
                            links[:count] = following
                            following = links
                        count = keep(
                            new,
                            ja * n + jb,
                            new_cells,
                            count,
                            head,
                            following,
                            width,
                            trial,
                            best,
                        )
        if work[0] > most:
            return new_cells[:0], -1
    return new_cells[:count], count


@compiled
def apart(one: Array, two: Array) -> bool:
    """Whether two cells have no values in common."""
    for i in range(2):
        if max(one[X + 2 * i], two[X + 2 * i]) > min(one[X + 2 * i + 1], two[X + 2 * i + 1]):
            return True
    return False


def meeting(
    rho: float,
    pa: Array,
    pb: Array,
    right: Array,
    left: Array,
    w: Any,
    work: Array,
    n: int,
) -> Array:
    """What is possible at the tie: rows of a box of x, (2, 2) and y on both sides, (2, 2) each.

    The cells of the left hold (x, y) with y at the lead -1.
    """
    capacity, count = 256, 0
    found = np.empty((capacity, 12))
    z, size, back = np.empty((4, 2)), np.empty(4), np.empty((2, 2))
    head = np.full(n * n, -1, dtype=np.int64)
    following = np.full(max(len(left), 1), -1, dtype=np.int64)
    for s in range(len(left)):
        spot = int(left[s, PLACE])
        spot = (spot % n) * n + spot // n  # there the other lab comes first
        following[s] = head[spot]
        head[spot] = s
    for s in range(len(right)):
        cell = right[s]
        t = head[int(cell[PLACE])]
        while t >= 0:
            other = left[t]
            t = following[t]
            if apart(cell, other):
                continue
            for qa in range(lab.PIECES):
                for qb in range(lab.PIECES):
                    if not (lab.has(pa, qa) and lab.has(pb, qb)):
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


def cut(cells: Array, low: Array, high: Array) -> Array:
    """Hull (2, 2) of y over the cells whose x may lie within bounds (2,)."""
    box = np.empty((2, 2))
    box[:, 0], box[:, 1] = math.inf, -math.inf
    for s in range(len(cells)):
        cell = cells[s]
        a = meet((cell[X], cell[X + 1]), (low[0], high[0]))
        b = meet((cell[X + 2], cell[X + 3]), (low[1], high[1]))
        if a[0] > a[1] or b[0] > b[1]:
            continue
        for i in range(2):
            y = meet(affine(cell, i, a, b), (cell[Y + 2 * i], cell[Y + 2 * i + 1]))
            if y[0] <= y[1]:
                box[i, 0], box[i, 1] = min(box[i, 0], y[0]), max(box[i, 1], y[1])
    return box


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

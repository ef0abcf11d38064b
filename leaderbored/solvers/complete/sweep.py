"""From the cells at one lead to those at the next, and where both ends of the leads meet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from leaderbored.solvers.complete import lab
from leaderbored.solvers.complete.bounds import within
from leaderbored.solvers.complete.cells import DEVIATION, NUMBERS, PLACE, X, Y, affine, ahead
from leaderbored.solvers.complete.grid import edge, first_cell, keep, last_cell
from leaderbored.solvers.complete.intervals import (
    empty,
    meet,
    minus,
    plus,
    scaled,
    times,
)
from leaderbored.solvers.complete.step import image, solve_step, solve_tie, start_z
from leaderbored.solvers.kernels.jit import compiled

Array = Any

DEPTH = 4  # how often a square is halved at most
LESS = 0.7  # of what it was before, above which its deviation is not worth another halving
VAGUE = 0.25  # of a square's width, above which its deviation is too large


def advance(
    rho: float,
    pa: Array,
    pb: Array,
    cells: Array,
    low: Array,
    high: Array,
    joint: Array,
    width: Array,
    n: int,
    most: int,
    w: Any,
    work: Array,
) -> tuple[Array, int]:
    """Cells at the lead below, over a grid of n by n between bounds (2,) of its values.

    ``joint`` bounds A + weight B there. ``width`` (2,) is that of the squares of the grid of the
    cells given. ``work`` (1,) counts the steps; where they exceed ``most``, no cells are returned,
    and minus one.
    """
    count = 0
    new_cells, following = np.empty((1024, NUMBERS)), np.empty(1024, dtype=np.int64)
    head = np.full(n * n, -1, dtype=np.int64)
    new, trial, best = np.empty(NUMBERS), np.empty(NUMBERS), np.empty(NUMBERS)
    z, size, back = np.empty((4, 2)), np.empty(4), np.empty((2, 2))
    waiting = np.empty((n * n, 2), dtype=np.int64)
    parts = np.empty((DEPTH + 1, 6))
    for s in range(len(cells)):
        cell = cells[s]
        a, b = (cell[X], cell[X + 1]), (cell[X + 2], cell[X + 3])
        if empty(ahead(cell, 0, a, b)) or empty(ahead(cell, 1, a, b)):
            continue
        for pair in range(lab.PIECES * lab.PIECES):
            qa, qb = pair // lab.PIECES, pair % lab.PIECES
            if not (lab.has(pa, qa) and lab.has(pb, qb)):
                continue
            for k in range(reachable(rho, pa, pb, qa, qb, cell, low, high, n, waiting)):
                place = waiting[k, 0] * n + waiting[k, 1]
                for i in range(2):
                    parts[0, 2 * i] = edge(low[i], high[i], n, waiting[k, i])
                    parts[0, 2 * i + 1] = edge(low[i], high[i], n, waiting[k, i] + 1)
                parts[0, 4], parts[0, 5], left = 0.0, math.inf, 1
                while left > 0:
                    left -= 1
                    depth = parts[left, 4]
                    for i in range(2):
                        back[i, 0], back[i, 1] = parts[left, 2 * i], parts[left, 2 * i + 1]
                    if not within(back[0], back[1], joint):
                        continue
                    work[0] += 1
                    if not solve_step(rho, pa, pb, qa, qb, cell, back, z, size, w):
                        continue
                    if not image(z, back, w, new):
                        continue
                    spread = vagueness(new, width)
                    if depth < DEPTH and VAGUE < spread < LESS * parts[left, 5]:
                        half = 0.5 * (back[1, 0] + back[1, 1])
                        for side in range(2):
                            parts[left, 0], parts[left, 1] = back[0, 0], back[0, 1]
                            parts[left, 2 + side], parts[left, 3 - side] = back[1, side], half
                            parts[left, 4], parts[left, 5] = depth + 1.0, spread
                            left += 1
                        continue
                    new[PLACE] = place
                    if count == len(new_cells):
                        new_cells, following = doubled(new_cells), longer(following)
                    count = keep(new, place, new_cells, count, head, following, width, trial, best)
        if work[0] > most:
            return new_cells[:0], -1
    return new_cells[:count], count


@compiled
def vagueness(cell: Array, width: Array) -> float:
    """How little a cell's affine bound says of values that lie apart, in squares of the grid."""
    most = 0.0
    for i in range(2):
        if cell[Y + 2 * i + 1] - cell[Y + 2 * i] > 2.0 * VAGUE * width[i]:
            most = max(most, cell[DEVIATION + i] / width[i])
    return most


@compiled
def doubled(cells: Array) -> Array:
    """The same cells, with room for as many more."""
    more = np.empty((2 * len(cells), cells.shape[1]))
    more[: len(cells)] = cells
    return more


@compiled
def longer(following: Array) -> Array:
    """The same numbers, with room for as many more."""
    more = np.empty(2 * len(following), dtype=np.int64)
    more[: len(following)] = following
    return more


@compiled
def reachable(
    rho: float,
    pa: Array,
    pb: Array,
    qa: int,
    qb: int,
    cell: Array,
    low: Array,
    high: Array,
    n: int,
    found: Array,
) -> int:
    """Write the squares of the grid where x' may lie to ``found``; how many they are."""
    a, b = (cell[X], cell[X + 1]), (cell[X + 2], cell[X + 3])
    da = meet(ahead(cell, 0, a, b), lab.gains(pa, qa))
    reach_b = plus(b, lab.gains(pb, qb))
    if empty(da) or reach_b[0] > high[1] or reach_b[1] < low[1]:
        return 0
    ha = scaled(pa[lab.SCALE], lab.effort(pa, qa, da))
    ha = plus(ha, (pa[lab.BASE], pa[lab.BASE]))
    gone = plus(lab.worth(pa, qa, da), scaled(pa[lab.BASE], da))
    wanted = minus(scaled(rho, a), gone)
    left = minus(scaled(rho, b), times(ha, ahead(cell, 1, a, b)))
    count = 0
    first = first_cell(low[1], high[1], n, reach_b[0])
    last = last_cell(low[1], high[1], n, reach_b[1])
    for jb in range(first, last + 1):
        grid = edge(low[1], high[1], n, jb), edge(low[1], high[1], n, jb + 1)
        db = meet(minus(grid, b), lab.gains(pb, qb))
        if empty(db):
            continue
        earned = plus(lab.worth(pb, qb, db), scaled(pb[lab.BASE], db))
        if earned[0] > left[1] or earned[1] < left[0]:
            continue
        hb = scaled(pb[lab.SCALE], lab.effort(pb, qb, db))
        hb = plus(hb, (pb[lab.BASE], pb[lab.BASE]))
        q = lab.needed(wanted, (max(hb[0], 0.0), hb[1]), minus((low[0], high[0]), a))
        to = plus(a, q)
        if empty(q) or to[0] > high[0] or to[1] < low[0]:
            continue
        begin = first_cell(low[0], high[0], n, to[0])
        end = last_cell(low[0], high[0], n, to[1])
        for ja in range(begin, end + 1):
            found[count, 0], found[count, 1] = ja, jb
            count += 1
    return count


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
        d = meet(ahead(cell, i, a, b), lab.gains(p, q))
        if not lab.has(p, q) or empty(d):
            found[q, 0], found[q, 1] = 1.0, -1.0
            continue
        earned = plus(lab.worth(p, q, d), scaled(p[lab.BASE], d))
        found[q, 0], found[q, 1] = minus(scaled(rho, value), earned)
        hazard = lab.hazard(p, lab.effort(p, q, d))
        found[q, 2], found[q, 3] = times(hazard, ahead(cell, 1 - i, a, b))


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
    said, heard = np.empty((lab.PIECES, 4)), np.empty((len(left), lab.PIECES, 4))
    for s in range(len(left)):
        spot = int(left[s, PLACE])
        spot = (spot % n) * n + spot // n  # there the other lab comes first
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

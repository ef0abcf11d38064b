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
    n: Array,
    most: int,
    w: Any,
    work: Array,
) -> tuple[Array, int]:
    """Cells at the lead below, over a grid of n (2,) squares between bounds (2,) of its values.

    ``joint`` bounds A + weight B there. ``width`` (2,) is that of the squares of the grid of the
    cells given. ``work`` (1,) counts the steps; where they exceed ``most``, no cells are returned,
    and minus one.
    """
    count = 0
    kept, following = np.empty((1024, NUMBERS)), np.empty(1024, dtype=np.int64)
    head = np.full(n[0] * n[1], -1, dtype=np.int64)
    squares = np.empty((n[0] * n[1], 2), dtype=np.int64)
    made, trial, best = np.empty((2**DEPTH, NUMBERS)), np.empty(NUMBERS), np.empty(NUMBERS)
    room = np.empty((DEPTH + 1, 6)), np.empty((4, 2)), np.empty(4), np.empty((2, 2))
    for s in range(len(cells)):
        cell = cells[s]
        for qa in range(lab.PIECES):
            for qb in range(lab.PIECES):
                for k in range(reachable(rho, pa, pb, qa, qb, cell, low, high, n, squares)):
                    square(low, high, n, squares[k], room[0])
                    new = onto(rho, pa, pb, qa, qb, cell, joint, width, w, work, room, made)
                    while len(kept) < count + new:
                        kept, following = doubled(kept), longer(following)
                    place = squares[k, 0] * n[1] + squares[k, 1]
                    for m in range(new):
                        made[m, PLACE] = place
                        count = keep(made[m], kept, count, head, following, width, trial, best)
        if work[0] > most:
            return kept[:0], -1
    return kept[:count], count


@compiled
def square(low: Array, high: Array, n: Array, spot: Array, parts: Array) -> None:
    """Write a square of the grid, whole as yet, to the first row of ``parts``."""
    for i in range(2):
        parts[0, 2 * i] = edge(low[i], high[i], n[i], spot[i])
        parts[0, 2 * i + 1] = edge(low[i], high[i], n[i], spot[i] + 1)
    parts[0, 4], parts[0, 5] = 0.0, math.inf


@compiled
def onto(
    rho: float,
    pa: Array,
    pb: Array,
    qa: int,
    qb: int,
    cell: Array,
    joint: Array,
    width: Array,
    w: Any,
    work: Array,
    room: Any,
    made: Array,
) -> int:
    """Write the cells over x' in one square that lead into a cell; how many they are.

    The square is halved where a cell would say little. Rows of ``parts`` hold the bounds of a part,
    how often it was halved, and how little the cell over twice as much said.
    """
    parts, z, size, back = room
    left, count = 1, 0
    while left > 0:
        left -= 1
        depth, before = parts[left, 4], parts[left, 5]
        for i in range(2):
            back[i, 0], back[i, 1] = parts[left, 2 * i], parts[left, 2 * i + 1]
        if not within(back[0], back[1], joint):
            continue
        work[0] += 1
        found = solve_step(rho, pa, pb, qa, qb, cell, back, z, size, w)
        if not (found and image(z, back, w, made[count])):
            continue
        spread = vagueness(made[count], width)
        if not (depth < DEPTH and VAGUE < spread < LESS * before):
            count += 1
            continue
        half = 0.5 * (back[1, 0] + back[1, 1])
        for side in range(2):
            parts[left, 0], parts[left, 1] = back[0, 0], back[0, 1]
            parts[left, 2 + side], parts[left, 3 - side] = back[1, side], half
            parts[left, 4], parts[left, 5] = depth + 1.0, spread
            left += 1
    return count


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
    n: Array,
    found: Array,
) -> int:
    """Write the squares of the grid where x' may lie to ``found``; how many they are."""
    if not (lab.has(pa, qa) and lab.has(pb, qb)):
        return 0
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
    first = first_cell(low[1], high[1], n[1], reach_b[0])
    last = last_cell(low[1], high[1], n[1], reach_b[1])
    for jb in range(first, last + 1):
        grid = edge(low[1], high[1], n[1], jb), edge(low[1], high[1], n[1], jb + 1)
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
        begin = first_cell(low[0], high[0], n[0], to[0])
        end = last_cell(low[0], high[0], n[0], to[1])
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

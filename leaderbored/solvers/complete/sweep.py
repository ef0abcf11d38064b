"""From the cells at one lead to those at the next."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from leaderbored.solvers.complete import lab, seller
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
from leaderbored.solvers.complete.step import consistent, image, solve_step, start_z
from leaderbored.solvers.kernels.jit import compiled

Array = Any

DEPTH = 2  # how often a square is halved at most
LESS = 0.7  # of what it was before, above which its deviation is not worth another halving
VAGUE = 0.5  # of a square's width, above which its deviation is too large


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
    room = np.empty((DEPTH + 1, 6)), np.empty((4, 2)), np.empty(4), np.empty((2, 2)), w[12]
    rows = np.empty((n[1] + 1, 4, 2))
    for s in range(len(cells)):
        cell = cells[s]
        for qa in range(lab.PIECES):
            for qb in range(lab.PIECES):
                for k in range(
                    reachable(rho, pa, pb, qa, qb, cell, low, high, n, squares, room, rows)
                ):
                    square(low, high, n, squares[k], room[0])
                    begin = rows[squares[k, 1]]
                    new = onto(rho, pa, pb, qa, qb, cell, begin, joint, width, w, work, room, made)
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
    begin: Array,
    joint: Array,
    width: Array,
    w: Any,
    work: Array,
    room: Any,
    made: Array,
) -> int:
    """Write the cells over x' in one square that lead into a cell; how many they are.

    Unknowns lie within ``begin``. The square is halved where a cell would say little. Rows of
    ``parts`` hold the bounds of a part, how often it was halved, and how little the cell over twice
    as much said.
    """
    parts, z, size, back, _ = room
    left, count = 1, 0
    while left > 0:
        left -= 1
        depth, before = parts[left, 4], parts[left, 5]
        for i in range(2):
            back[i, 0], back[i, 1] = parts[left, 2 * i], parts[left, 2 * i + 1]
        if not within(back[0], back[1], joint):
            continue
        work[0] += 1
        z[:] = begin
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
    room: Any,
    rows: Array,
) -> int:
    """Write the squares of the grid where x' may lie to ``found``; how many they are.

    And to ``rows`` (n + 1, 4, 2) bounds on all unknowns in each row of the grid.
    """
    if pa[lab.SELLS] != 0.0:
        return sold_into(rho, pa, pb, qa, qb, cell, low, high, n, found, room, rows)
    if not (lab.has(pa, qa) and lab.has(pb, qb)):
        return 0
    start_z(rows[n[1]], cell, pa, pb, qa, qb)
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
        rows[jb] = rows[n[1]]
        for ja in range(begin, end + 1):
            found[count, 0], found[count, 1] = ja, jb
            count += 1
    return count


@compiled
def sold_into(
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
    room: Any,
    rows: Array,
) -> int:
    """The same where prices clear: row by row what the equations leave of the grid."""
    if not (seller.has(pa, qa) and seller.has(pb, qb)):
        return 0
    _, _, _, back, gaps = room
    count, all_rows = 0, rows[n[1]]
    for i in range(2):
        back[i, 0], back[i, 1] = low[i], high[i]
    start_z(all_rows, cell, pa, pb, qa, qb)
    gaps[:, 0], gaps[:, 1] = -math.inf, math.inf
    if not consistent(rho, all_rows, cell, back, gaps, pa, pb, qa, qb, True):
        return 0
    first = first_cell(low[1], high[1], n[1], back[1, 0])
    last = last_cell(low[1], high[1], n[1], back[1, 1])
    reach_low, reach_high = back[0, 0], back[0, 1]
    for jb in range(first, last + 1):
        back[0, 0], back[0, 1] = reach_low, reach_high
        back[1, 0], back[1, 1] = (
            edge(low[1], high[1], n[1], jb),
            edge(low[1], high[1], n[1], jb + 1),
        )
        rows[jb] = all_rows
        gaps[:, 0], gaps[:, 1] = -math.inf, math.inf
        if not consistent(rho, rows[jb], cell, back, gaps, pa, pb, qa, qb, True):
            continue
        begin = first_cell(low[0], high[0], n[0], back[0, 0])
        end = last_cell(low[0], high[0], n[0], back[0, 1])
        for ja in range(begin, end + 1):
            found[count, 0], found[count, 1] = ja, jb
            count += 1
    return count


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

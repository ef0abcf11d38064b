"""Sweeps over the leads in whole numbers: cells down to the tie, what fits there, and hulls."""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.checked.fixed import (
    Fixed,
    empty,
    exact,
    meet,
    minus,
    negative,
    plus,
    quotient,
    times,
)
from leaderbored.solvers.checked.reply import (
    BASE,
    BUILT_HIGH,
    LEVEL,
    SCALE,
    SIGN,
    at,
    hazard,
    level,
    side,
    worth,
)
from leaderbored.solvers.checked.steps import (
    ERROR,
    NUMBERS,
    PLACE,
    X,
    Y,
    ahead,
    box,
    cell_of,
    joined,
    met,
    reached,
    stepped,
)
from leaderbored.solvers.kernels.jit import compiled

Array = Any

# Tuning: it decides how long it takes, not what it is worth.
ALIKE = 20  # of these make a square: what the error of a cell may always be
SEVERAL = 8  # cells over a square, from which on two become one, however different
FINE = 1 << 10


@compiled
def edge(low: int, high: int, n: int, k: int) -> int:
    """Edge k of n squares between two bounds."""
    return low + (high - low) * k // n


@compiled
def square(bounds: Array, n: int, line: int, column: int) -> tuple[Fixed, Fixed]:
    """A square of the grid between bounds (2, 2)."""
    a, b = bounds[0], bounds[1]
    return (
        (edge(a[0], a[1], n, line), edge(a[0], a[1], n, line + 1)),
        (edge(b[0], b[1], n, column), edge(b[0], b[1], n, column + 1)),
    )


@compiled
def keep(
    new: Array, cells: Array, count: int, head: Array, following: Array, wide: Array, two: Array
) -> int:
    """Put a cell over its square, in one with a like one if there is; how many cells then.

    Of ``two`` the first is for trials, the second for the best one.
    """
    smallest, found, length = 1 << 62, -1, 0
    k = head[new[PLACE]]
    while k >= 0:
        length += 1
        k = following[k]
    k = head[new[PLACE]]
    while k >= 0:
        joined(cells[k], new, two[0])
        fits, worst = True, 0
        for i in range(2):
            grown = two[0, ERROR + i]
            own = max(cells[k, ERROR + i], new[ERROR + i])
            fits = fits and grown <= max(wide[i] // ALIKE, own + own // 10)
            worst = max(worst, min(grown, 1 << 52) * FINE // max(wide[i], 1))
        if worst < smallest and (fits or length >= SEVERAL):
            smallest, found = worst, k
            two[1] = two[0]
        k = following[k]
    if found >= 0:
        cells[found] = two[1]
        return count
    cells[count] = new
    following[count] = head[new[PLACE]]
    head[new[PLACE]] = count
    return count + 1


@compiled
def doubled(cells: Array) -> Array:
    """The same cells, with room for as many more."""
    more = np.empty((2 * len(cells), cells.shape[1]), dtype=np.int64)
    more[: len(cells)] = cells
    return more


@compiled
def longer(following: Array) -> Array:
    """The same numbers, with room for as many more."""
    more = np.empty(2 * len(following), dtype=np.int64)
    more[: len(following)] = following
    return more


@compiled
def touches(a: Fixed, b: Fixed) -> bool:
    """Whether two intervals have something in common."""
    return max(a[0], b[0]) <= min(a[1], b[1])


def advance(
    rho: Fixed,
    rows: Array,
    cases: Array,
    cells: Array,
    bounds: Array,
    n: int,
    most: int,
    work: Any,
    count_steps: Array,
    t: Array,
) -> tuple[Array, int]:
    """Cells at the lead below, over n by n squares between its bounds (2, 2), and how many.

    ``rows`` (2, 3, FIELDS) and ``cases`` (2,) are of both labs at this lead. Minus one if all takes
    more than ``most`` steps.
    """
    wide = np.empty(2, dtype=np.int64)
    for i in range(2):
        wide[i] = (bounds[i, 1] - bounds[i, 0]) // n
    new_cells, following = np.empty((512, NUMBERS), np.int64), np.empty(512, dtype=np.int64)
    head, count = np.full(n * n, -1, dtype=np.int64), 0
    new, two = np.empty(NUMBERS, np.int64), np.empty((2, NUMBERS), np.int64)
    for s in range(len(cells)):
        cell = cells[s]
        xa, xb = box(cell, X), box(cell, X + 2)
        gap = meet(ahead(cell, 0, xa, xb), minus(box(cell, Y), xa))
        loss = meet(ahead(cell, 1, xa, xb), minus(box(cell, Y + 2), xb))
        if empty(gap) or empty(loss):
            continue
        for ka in range(cases[0]):
            pa = rows[0, ka]
            own = side(gap, pa[SIGN])
            if empty(own):
                continue
            wanted = minus(times(rho, xa), worth(pa, own, t))
            ha = level(pa) if pa[LEVEL] != 0 else hazard(pa, own, t)
            rest = minus(times(rho, xb), times(ha, loss))
            for kb in range(cases[1]):
                pb = rows[1, kb]
                for column in range(n):
                    to = square(bounds, n, 0, column)[1]
                    gain = side(minus(to, xb), pb[SIGN])
                    if empty(gain) or not touches(worth(pb, gain, t), rest):
                        continue
                    hb = level(pb) if pb[LEVEL] != 0 else hazard(pb, gain, t)
                    for line in range(n):
                        r = square(bounds, n, line, column)
                        if not touches(times(hb, minus(r[0], xa)), wanted):
                            continue
                        count_steps[0] += 1
                        there, x = stepped(rho, pa, pb, cell, r, work, t)
                        if not there:
                            continue
                        cell_of(x, r, work[4], line * n + column, new)
                        if count == len(new_cells):
                            new_cells, following = doubled(new_cells), longer(following)
                        count = keep(new, new_cells, count, head, following, wide, two)
        if count_steps[0] > most:
            return new_cells[:0], -1
    return new_cells[:count], count


def meeting(
    rho: Fixed,
    rows: Array,
    cases: Array,
    right: Array,
    left: Array,
    n: int,
    work: Any,
    count_steps: Array,
    t: Array,
) -> Array:
    """What is possible at the tie: rows (6, 2) of x and of y on both sides, right first.

    ``left`` has the labs exchanged, and so its squares.
    """
    found, count = np.empty((256, 12), dtype=np.int64), 0
    head = np.full(n * n, -1, dtype=np.int64)
    following = np.empty(len(left), dtype=np.int64)
    turned = np.empty((len(left), NUMBERS), dtype=np.int64)
    for s in range(len(left)):
        exchange(left[s], turned[s])
        place = (left[s, PLACE] % n) * n + left[s, PLACE] // n
        following[s] = head[place]
        head[place] = s
    for s in range(len(right)):
        cell = right[s]
        k = head[cell[PLACE]]
        while k >= 0:
            other = turned[k]
            start = meet(box(cell, X), box(other, X)), meet(box(cell, X + 2), box(other, X + 2))
            k = following[k]
            if empty(start[0]) or empty(start[1]):
                continue
            for ka in range(cases[0]):
                for kb in range(cases[1]):
                    count_steps[0] += 1
                    there, x = met(rho, rows[0, ka], rows[1, kb], cell, other, start, work, t)
                    if not there:
                        continue
                    if count == len(found):
                        found = doubled(found)
                    if row_of(cell, other, x, found[count]):
                        count += 1
    return found[:count]


@compiled
def row_of(cell: Array, other: Array, x: tuple[Fixed, Fixed], row: Array) -> bool:
    """Write x and y on both sides; whether there are any."""
    for i in range(2):
        row[2 * i], row[2 * i + 1] = x[i]
        ya = meet(reached(cell, i, x[0], x[1]), box(cell, Y + 2 * i))
        yb = meet(reached(other, i, x[0], x[1]), box(other, Y + 2 * i))
        if empty(ya) or empty(yb):
            return False
        row[4 + 2 * i], row[5 + 2 * i] = ya
        row[8 + 2 * i], row[9 + 2 * i] = yb
    return True


@compiled
def exchange(cell: Array, new: Array) -> None:
    """A cell with the labs exchanged."""
    for k in range(4):
        new[X + k], new[Y + k] = cell[X + (k + 2) % 4], cell[Y + (k + 2) % 4]
    for i in range(2):
        for k in (8, 10, 16):  # centre, image, error
            new[k + i] = cell[k + 1 - i]
    for k in range(4):
        new[12 + k] = cell[15 - k]
    new[PLACE] = cell[PLACE]


def hull_of(cells: Array, x: Array) -> tuple[Array, int]:
    """Hull (2, 2) of y over what of the cells lies within x (2, 2), and how many do."""
    made, count = np.zeros((2, 2), dtype=np.int64), 0
    for s in range(len(cells)):
        cell = cells[s]
        a, b = meet(box(cell, X), (x[0, 0], x[0, 1])), meet(box(cell, X + 2), (x[1, 0], x[1, 1]))
        if empty(a) or empty(b):
            continue
        ya = meet(reached(cell, 0, a, b), box(cell, Y))
        yb = meet(reached(cell, 1, a, b), box(cell, Y + 2))
        if empty(ya) or empty(yb):
            continue
        for i in range(2):
            y = ya if i == 0 else yb
            made[i, 0] = y[0] if count == 0 else min(made[i, 0], y[0])
            made[i, 1] = y[1] if count == 0 else max(made[i, 1], y[1])
        count += 1
    return made, count


def tighten(
    rho: Fixed, rows: Array, cases: Array, values: Array, rounds: int, least: int, t: Array
) -> bool:
    """Move bounds (2, S, 2) on values towards each other, in place; whether anything is left.

    What is left of a lab's equation rises with its own value, and falls with those beside.
    """
    size = values.shape[1]
    for _ in range(rounds):
        moved = 0
        for turn in range(2 * size):
            k = turn if turn < size else 2 * size - 1 - turn
            for i in range(2):
                before = values[i, k, 1] - values[i, k, 0]
                narrow(rho, rows, cases, values, i, k, t)
                if values[i, k, 0] > values[i, k, 1]:
                    return False
                moved = max(moved, before - (values[i, k, 1] - values[i, k, 0]))
        if moved <= least:
            break
    return True


@compiled
def narrow(rho: Fixed, rows: Array, cases: Array, values: Array, i: int, k: int, t: Array) -> None:
    """Move the bounds on one value."""
    size, j = values.shape[1], 1 - i
    forth, back = (k + 1, k - 1) if i == 0 else (k - 1, k + 1)
    ends_here, stuck = not 0 <= forth < size, not 0 <= back < size
    fall = (0, 0)
    if rows[i, k, 0, SIGN] in (0, 1) and not ends_here:  # the value ahead is no less
        values[i, k, 1] = min(values[i, k, 1], values[i, forth, 1])
        values[i, forth, 0] = max(values[i, forth, 0], values[i, k, 0])
        if values[i, k, 0] > values[i, k, 1]:
            return
    if not stuck:
        stake = minus((values[j, back, 0], values[j, back, 1]), (values[j, k, 0], values[j, k, 1]))
        fall = replies(rows[j, k], cases[j, k], stake, t)
    p = rows[i, k, cases[i, k] - 1]
    fastest = rho[1] + fall[1] + p[BASE + 1] + times(at(p, SCALE), at(p, BUILT_HIGH))[1]
    for end in range(2):
        x = values[i, k, end]
        beside = exact(values[i, forth, end]) if not ends_here else exact(x)
        behind = exact(values[i, back, end]) if not stuck else exact(x)
        own, ahead_x = rows[i, k], minus(beside, exact(x))
        rest = left_side(rho, own, cases[i, k], x, ahead_x, minus(behind, exact(x)), fall, t)
        over = rest[0] if end == 1 else -rest[1]
        if over <= 0:
            continue
        move = quotient(over, max(fastest, 1 << 20))
        to = x - move if end == 1 else x + move
        there = exact(values[i, forth, end]) if not ends_here else exact(to)
        behind = exact(values[i, back, end]) if not stuck else exact(to)
        ahead_x = minus(there, exact(to))
        rest = left_side(rho, own, cases[i, k], to, ahead_x, minus(behind, exact(to)), fall, t)
        if (rest[0] > 0) if end == 1 else (rest[1] < 0):
            values[i, k, end] = to


@compiled
def left_side(
    rho: Fixed, rows: Array, cases: int, x: int, gain: Fixed, lost: Fixed, fall: Fixed, t: Array
) -> Fixed:
    """What is left of a lab's equation at a value."""
    rest = minus(times(rho, exact(x)), times(fall, lost))
    best = (0, 0)
    for c in range(cases):
        part = side(gain, rows[c, SIGN])
        if not empty(part):
            best = worth(rows[c], part, t)
    return plus(rest, negative(best))


@compiled
def replies(rows: Array, cases: int, stake: Fixed, t: Array) -> Fixed:
    """Hazards of a lab in all its cases."""
    low, high, some = 0, 0, False
    for c in range(cases):
        part = side(stake, rows[c, SIGN])
        if empty(part):
            continue
        h = level(rows[c]) if rows[c, LEVEL] != 0 else hazard(rows[c], part, t)
        low, high = (min(low, h[0]), max(high, h[1])) if some else h
        some = True
    return low, high

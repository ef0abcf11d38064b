r"""Whether a box of values holds no equilibrium but a known one nearby, in whole numbers.

For x and y in a box the conditions F of :mod:`.alone` differ by :math:`J (x - y)`, for a matrix J
between the least and the largest derivatives over the box; where a best hazard has a kink, its
slopes on both sides are among them. So, with any matrix C, of two zeros :math:`|x - y| \le |I - C
J|\,|x - y|`, and there is one at most if :math:`|I - C J|\, w < w` for some w above zero; and every
zero x is :math:`m - C F(m) + (I - C J)(x - m)`, with m in the middle, which leaves less of the box
(Krawczyk 1969). C and w are found by trial, and nothing is assumed of them. Gains that cannot be
below zero in an equilibrium are not so on the way from one to another, or to m, if they are not
there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from leaderbored.solvers.checked.fixed import (
    ONE,
    Fixed,
    empty,
    hull,
    meet,
    middle,
    minus,
    negative,
    over,
    plus,
    scaled,
    size,
    times,
)
from leaderbored.solvers.checked.reply import CONVEX, INNER, KIND, LEVEL, RANGE
from leaderbored.solvers.checked.response import answer, at, steepness
from leaderbored.solvers.checked.tightening import earns
from leaderbored.solvers.kernels.jit import compiled

Array = Any

TURNS = 30  # towards sides for which the test is easiest: tuning, as what follows
LONGEST, LEAST = 1 << 20, 1 << 8  # sides
COARSE = 16  # bits of the matrix that are left out for sums
FINEST = 24  # bits by which a matrix may be scaled down


@compiled
def sloped(rows: Array, cases: int, gain: Fixed, t: Array) -> tuple[Fixed, Fixed, bool]:
    """Best hazards over gains, and all slopes of theirs; whether there are any.

    There are none where a hazard jumps, or may be vertical.
    """
    hazard, slope, some = (0, 0), (0, 0), False
    for c in range(cases):
        p, part = rows[c], meet(gain, at(rows[c], RANGE))
        if empty(part):
            continue
        if p[KIND] == LEVEL:
            return hazard, slope, False
        _, slow = answer(p, part[0], t)
        _, fast = answer(p, part[1], t)
        h, steep = hull(slow, fast), (0, 0)
        if p[KIND] == INNER:
            if part[0] <= 0 and p[CONVEX] == 0:
                return hazard, slope, False
            first = steepness(p, part[0], slow) if part[0] > 0 else (0, 0)
            last = steepness(p, part[1], fast) if part[1] > 0 else (0, 0)
            steep = hull(first, last)
        hazard = hull(hazard, h) if some else h
        slope = hull(slope, steep) if some else steep
        some = True
    return hazard, slope, some


def settled(
    rho: Fixed, rows: Array, cases: Array, box: Array, spot: Array, c: Array, one: int, t: Array
) -> bool:
    """Whether no equilibrium lies in a box (2, S, 2) but one that lies in ``spot``, a like array.

    ``c`` (2 S, 2 S), about an inverse of the derivatives, is in units of one over ``one``. The box
    is narrowed, in place.
    """
    n = 2 * box.shape[1]
    rest, both = np.empty((n, n, 2), dtype=np.int64), np.empty_like(box)
    while True:
        inside, before = True, 0
        for i in range(2):
            for k in range(box.shape[1]):
                here, there = at(box[i, k], 0), at(spot[i, k], 0)
                both[i, k, 0], both[i, k, 1] = hull(here, there)
                inside = inside and here[0] <= there[0] and there[1] <= here[1]
                before = max(before, here[1] - here[0])
        bounded = derived(rho, rows, cases, both, c, one, rest, t)
        if bounded and contracts(rest, one):
            return True
        if not inside:
            bounded = derived(rho, rows, cases, box, c, one, rest, t)
        if not bounded:
            return False
        if not narrowed(rho, rows, cases, box, c, one, rest, t):
            return True
        after = (box[:, :, 1] - box[:, :, 0]).max()
        if not 10 * after < 8 * before:
            return False


@compiled
def derived(
    rho: Fixed, rows: Array, cases: Array, box: Array, c: Array, one: int, rest: Array, t: Array
) -> bool:
    """Write I - C J over a box to ``rest`` (2 S, 2 S, 2); whether all derivatives are bounded."""
    states = box.shape[1]
    hazards, slopes = np.empty((2, 2), dtype=np.int64), np.empty((2, 2), dtype=np.int64)
    rest[:] = 0
    for m in range(2 * states):
        rest[m, m] = one
    for k in range(states):
        for i in range(2):
            gain = effect(box, i, k, i)
            hazards[i], slopes[i], smooth = sloped(rows[i, k], cases[i, k], gain, t)
            if not smooth:
                return False
        both = plus(rho, plus(at(hazards[0], 0), at(hazards[1], 0)))
        for i in range(2):
            forth, back, j = k + 1 - 2 * i, k - 1 + 2 * i, 1 - i
            m = i * states + k
            take(rest, c, m, m, both)
            if 0 <= forth < states:
                take(rest, c, m, i * states + forth, negative(at(hazards[i], 0)))
            if 0 <= back < states:
                take(rest, c, m, i * states + back, negative(at(hazards[j], 0)))
                push = times(at(slopes[j], 0), effect(box, i, k, j))
                take(rest, c, m, j * states + k, push)
                take(rest, c, m, j * states + back, negative(push))
    return True


@compiled
def effect(box: Array, i: int, k: int, j: int) -> Fixed:
    """What a success of lab j adds to what i is worth; nothing where there is none."""
    to = k + 1 - 2 * j
    if not 0 <= to < box.shape[1]:
        return 0, 0
    return minus(at(box[i, to], 0), at(box[i, k], 0))


@compiled
def narrowed(
    rho: Fixed, rows: Array, cases: Array, box: Array, c: Array, one: int, rest: Array, t: Array
) -> bool:
    """Krawczyk's step on a box, in place; whether anything is left."""
    states = box.shape[1]
    n = 2 * states
    m, f, hazards = np.empty_like(box), np.empty((n, 2), np.int64), np.empty((2, 2), np.int64)
    for i in range(2):
        for k in range(states):
            m[i, k] = middle(at(box[i, k], 0))
    for k in range(states):
        for i in range(2):
            hazards[i], _, known = sloped(rows[i, k], cases[i, k], effect(m, i, k, i), t)
            if not known:
                return True
        for i in range(2):
            flow = earns(rows[i, k], cases[i, k], effect(m, i, k, i), t)
            flow = plus(flow, times(at(hazards[1 - i], 0), effect(m, i, k, 1 - i)))
            f[i * states + k] = minus(times(rho, at(m[i, k], 0)), flow)
    for r in range(n):
        moved = (0, 0)
        for q in range(n):
            spot, from_here = at(m[q // states, q % states], 0), at(box[q // states, q % states], 0)
            moved = minus(moved, scaled(c[r, q], at(f[q], 0)))
            moved = plus(moved, times(at(rest[r, q], 0), minus(from_here, spot)))
        i, k = r // states, r % states
        x = meet(at(box[i, k], 0), plus(over(moved, (one, one)), at(m[i, k], 0)))
        if empty(x):
            return False
        box[i, k] = x
    return True


@compiled
def take(rest: Array, c: Array, m: int, column: int, entry: Fixed) -> None:
    """Take the product of C with one entry of J, in row m, from I - C J."""
    for r in range(len(rest)):
        rest[r, column] = minus(at(rest[r, column], 0), scaled(c[r, m], entry))


@compiled
def contracts(rest: Array, one: int) -> bool:
    """Whether |rest| w < w for some w, where ``one`` stands for one."""
    n = len(rest)
    sizes = np.empty((n, n), dtype=np.int64)
    for r in range(n):
        for m in range(n):
            most = size(at(rest[r, m], 0))
            if most > 2 * ONE:
                return False
            sizes[r, m] = (most >> COARSE) + 1
    side = np.full(n, LONGEST)
    following = np.empty(n, dtype=np.int64)
    for _ in range(TURNS):
        done = True
        for r in range(n):
            following[r] = (sizes[r] * side).sum()
            done = done and following[r] < (one >> COARSE) * side[r]
        if done:
            return True
        part = max(following.max() // LONGEST, 1)
        for r in range(n):
            side[r] = max(following[r] // part, LEAST)
    return False


def in_whole_numbers(matrix: Any, order: list[int]) -> tuple[Array, int] | None:
    """The middle of a matrix of balls in units of a power of two above it, and what one is.

    None if its numbers are too large.

    Examples
    --------
    >>> from flint import arb_mat
    >>> made, one = in_whole_numbers(arb_mat(2, 2, [3, 0, 0, 1]), [1, 0])
    >>> (made / one).tolist(), one == 1 << 42
    ([[1.0, 0.0], [0.0, 3.0]], True)
    """
    entries = [[matrix[a, b].mid() for b in order] for a in order]
    most, bits = max((abs(x) for row in entries for x in row), key=float), 0
    while most >= arb(2) ** bits:
        bits += 1
    if bits > FINEST:
        return None
    one = ONE >> bits
    made = [[int((x * one).floor().unique_fmpz()) for x in row] for row in entries]
    return np.array(made, dtype=np.int64), one

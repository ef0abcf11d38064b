"""Bounds on values that hold in every equilibrium, in whole numbers, one lead after another."""

from __future__ import annotations

from typing import Any

from leaderbored.solvers.checked.fixed import (
    Fixed,
    empty,
    exact,
    hull,
    meet,
    minus,
    quotient,
    times,
)
from leaderbored.solvers.checked.reply import BASE, HAZARD, INNER, KIND, RANGE, RISES, SCALE
from leaderbored.solvers.checked.response import answers, at
from leaderbored.solvers.kernels.jit import compiled

Array = Any


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
    if rows[i, k, 0, RISES] != 0 and not ends_here:  # the value ahead is no less
        values[i, k, 1] = min(values[i, k, 1], values[i, forth, 1])
        values[i, forth, 0] = max(values[i, forth, 0], values[i, k, 0])
        if values[i, k, 0] > values[i, k, 1]:
            return
    if not stuck:
        stake = minus((values[j, back, 0], values[j, back, 1]), (values[j, k, 0], values[j, k, 1]))
        fall = replies(rows[j, k], cases[j, k], stake, t)
    fastest = rho[1] + fall[1]
    for c in range(cases[i, k]):
        fastest = max(fastest, rho[1] + fall[1] + most_hazard(rows[i, k, c]))
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
        move -= (move >> 20) + 4  # less than to where nothing is left, so that it can be shown
        if move <= 0:
            continue
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
    return minus(rest, earns(rows, cases, gain, t))


@compiled
def earns(rows: Array, cases: int, gain: Fixed, t: Array) -> Fixed:
    """What a lab earns and success adds in all its cases; nothing where gains are in none."""
    best, some = (0, 0), False
    for c in range(cases):
        part = meet(gain, at(rows[c], RANGE))
        if not empty(part):
            earned = answers(rows[c], part, t)[0]
            best = hull(best, earned) if some else earned
            some = True
    return best


@compiled
def most_hazard(p: Array) -> int:
    """The largest hazard of a case."""
    if p[KIND] != INNER:
        return int(p[HAZARD + 1])
    return int(p[BASE + 1] + p[SCALE + 1])


@compiled
def replies(rows: Array, cases: int, stake: Fixed, t: Array) -> Fixed:
    """Hazards of a lab in all its cases."""
    low, high, some = 0, 0, False
    for c in range(cases):
        part = meet(stake, at(rows[c], RANGE))
        if empty(part):
            continue
        h = answers(rows[c], part, t)[1]
        low, high = (min(low, h[0]), max(high, h[1])) if some else h
        some = True
    return low, high

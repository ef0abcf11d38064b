r"""The long run of the lead of two labs: closed classes, their chances, and the law in each.

The rules are those of :mod:`leaderbored.verdicts.law`, which says why and is the twin. Beyond a
lead of one a place is entered from its neighbours alone, so that places are struck out one by one
from both ends towards the tie, never with a subtraction (Grassmann, Taksar and Heyman, Operations
Research 33, 1985), and the law is folded back.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.kernels.jit import compiled

Array = Any
NEVER = 1e-9  # of the discount rate: moves at lower rates are none
LARGE = 1e100
PASSED = -1  # in place of a class: a place that play leaves for ever, or never comes to


@compiled
def reach(step: Array, leap: Array, start: int, seen: Array) -> None:
    """Mark (S,) what can be reached from a place by steps (2, S) and leaps (2, S)."""
    size, middle = seen.shape[0], seen.shape[0] // 2
    waiting = np.empty(size, dtype=np.int64)
    waiting[0], count, seen[start] = start, 1, True
    while count > 0:
        count -= 1
        k = waiting[count]
        for way in range(4):
            i = way % 2
            rate = step[i, k] if way < 2 else leap[i, k]
            if rate > 0:
                to = k + 1 - 2 * i if way < 2 else middle + 1 - 2 * i
                if not seen[to]:
                    seen[to] = True
                    waiting[count] = to
                    count += 1


@compiled
def returns(step: Array, leap: Array, target: int, seen: Array) -> None:
    """Mark (S,) the places from which a place can be reached."""
    size, middle = seen.shape[0], seen.shape[0] // 2
    seen[target], grows = True, True
    while grows:
        grows = False
        for r in range(2 * size):  # there and back, as most moves are to neighbours
            k = r if r < size else 2 * size - 1 - r
            if not seen[k]:
                found = (step[0, k] > 0 and seen[min(k + 1, size - 1)]) or (
                    step[1, k] > 0 and seen[max(k - 1, 0)]
                )
                found = found or (leap[0, k] > 0 and seen[middle + 1])
                if found or (leap[1, k] > 0 and seen[middle - 1]):
                    seen[k], grows = True, True


@compiled
def parts(step: Array, leap: Array, part: Array) -> tuple[int, int]:
    """The communicating classes that play from a tie can reach: first those that are closed.

    ``part`` (S,) gets the number of each place's class: 0, 1, ... of the closed ones, below
    ``PASSED`` of the others; ``PASSED`` where play never comes. How many there are of both.
    """
    size, middle = part.shape[0], part.shape[0] // 2
    seen = np.zeros(size, dtype=np.bool_)
    reach(step, leap, middle, seen)
    closed = passing = 0
    for k in range(size):
        part[k] = PASSED
    for start in range(size):
        if not seen[start] or part[start] != PASSED:
            continue
        there, back = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
        reach(step, leap, start, there)
        returns(step, leap, start, back)
        leaves = False
        for k in range(size):
            leaves = leaves or (there[k] and not back[k])
        name = PASSED - 1 - passing if leaves else closed
        passing, closed = (passing + 1, closed) if leaves else (passing, closed + 1)
        for k in range(size):
            if there[k] and back[k]:
                part[k] = name
    return closed, passing


@compiled
def within(step: Array, leap: Array, part: Array, name: int, again: float, law: Array) -> None:
    """The law (S,) in a class, left in the array; zero elsewhere.

    ``again`` is a rate at which play starts afresh at the tie, which is then in the class.
    """
    size, middle = part.shape[0], part.shape[0] // 2
    over, anew, exits = np.zeros(size), np.zeros(size), np.zeros(size)
    inner = np.full(size, -1, dtype=np.int64)  # the neighbour towards the tie, if in the class
    core = count = 0
    for k in range(size):
        law[k] = 0.0
        if part[k] == name:
            count += 1
            if k == middle or count == 1 or abs(k - middle) < abs(core - middle):
                core = k
    if count == 1:
        law[core] = 1.0
        return
    central = abs(core - middle) <= 1
    for k in range(size):
        if part[k] != name:
            continue
        i = 0 if k < middle else 1
        anew[k] = again
        over[k] = _to(leap[i, k], part, name, middle + 1 - 2 * i)
        beside = k + 1 - 2 * i
        if (abs(k - middle) > 1 if central else k != core) and part[beside] == name:
            inner[k] = beside
    for side in range(2):
        for r in range(middle, 0, -1):
            k = middle - r if side == 0 else middle + r
            if inner[k] >= 0:
                exits[k] = step[side, k] + over[k] + anew[k]
                share = step[1 - side, inner[k]] / exits[k]
                over[inner[k]] += share * over[k]
                anew[inner[k]] += share * anew[k]
    law[core] = 1.0
    if central:
        _core(step, over, anew, part, name, law)
    for side in range(2):
        for r in range(1, middle + 1):
            k = middle - r if side == 0 else middle + r
            if inner[k] >= 0:
                law[k] = law[inner[k]] * step[1 - side, inner[k]] / exits[k]
                if law[k] > LARGE:
                    for j in range(size):
                        law[j] /= LARGE
    total = 0.0
    for k in range(size):
        total += law[k]
    for k in range(size):
        law[k] /= total


@compiled
def _to(rate: float, part: Array, name: int, place: int) -> float:
    """A rate if it leads to a class; otherwise none."""
    return rate if part[place] == name else 0.0


@compiled
def _core(step: Array, over: Array, anew: Array, part: Array, name: int, law: Array) -> None:
    """The law at the tie and at leads of one, up to a factor, the rest being struck out."""
    middle = part.shape[0] // 2
    rates, places = np.zeros((3, 3)), np.empty(3, dtype=np.int64)
    count = 0
    for k in range(middle - 1, middle + 2):
        if part[k] == name:
            places[count] = k
            count += 1
    for a in range(count):
        for b in range(count):
            k, to = places[a], places[b]
            if k == to:
                continue
            if k == middle:
                rates[a, b] = step[0 if to > k else 1, k]
            elif to == middle:
                rates[a, b] = step[0 if k < middle else 1, k] + anew[k]
            else:
                rates[a, b] = over[k]
    exits = np.ones(3)
    for a in range(count - 1, 0, -1):
        exits[a] = 0.0
        for b in range(a):
            exits[a] += rates[a, b]
        for b in range(a):
            for c in range(a):
                rates[b, c] += rates[b, a] * rates[a, c] / exits[a]
    for a in range(count):
        law[places[a]] = 1.0 if a == 0 else 0.0
        for b in range(a):
            law[places[a]] += law[places[b]] * rates[b, a] / exits[a]


@compiled
def keep(step: Array, leap: Array, never: float, part: Array) -> int:
    """Close the sets that are left less often than a live move is made; how many classes then."""
    size, middle = part.shape[0], part.shape[0] // 2
    closed, passing = parts(step, leap, part)
    changed, law = False, np.empty(size)
    for p in range(passing):
        name, count = PASSED - 1 - p, 0
        for k in range(size):
            count += part[k] == name
        if count < 2:
            continue
        within(step, leap, part, name, 0.0, law)
        out = 0.0
        for k in range(size):
            if part[k] == name:
                for i in range(2):
                    beside = min(max(k + 1 - 2 * i, 0), size - 1)
                    out += law[k] * (step[i, k] - _to(step[i, k], part, name, beside))
                    top = middle + 1 - 2 * i
                    out += law[k] * (leap[i, k] - _to(leap[i, k], part, name, top))
        if out <= never:
            changed = True
            for k in range(size):
                if part[k] == name:
                    for i in range(2):
                        beside = min(max(k + 1 - 2 * i, 0), size - 1)
                        step[i, k] = _to(step[i, k], part, name, beside)
                        leap[i, k] = _to(leap[i, k], part, name, middle + 1 - 2 * i)
    if changed:
        closed, passing = parts(step, leap, part)
    return closed


@compiled
def chances(step: Array, leap: Array, part: Array, count: int) -> Array:
    """Chance of ending in each of the closed classes, from the tie."""
    size, middle = part.shape[0], part.shape[0] // 2
    chance = np.zeros(count)
    if part[middle] >= 0:
        chance[part[middle]] = 1.0
        return chance
    place = np.full(size, -1, dtype=np.int64)
    place[middle], passing = 0, 1
    for k in range(size):
        if part[k] < PASSED and k != middle:
            place[k] = passing
            passing += 1
    inside, out = np.zeros((passing, passing)), np.zeros((passing, count))
    for k in range(size):
        if place[k] < 0:
            continue
        for way in range(4):
            i = way % 2
            rate = step[i, k] if way < 2 else leap[i, k]
            if rate > 0:
                to = k + 1 - 2 * i if way < 2 else middle + 1 - 2 * i
                if place[to] >= 0:
                    inside[place[k], place[to]] += rate
                else:
                    out[place[k], part[to]] += rate
    for a in range(passing - 1, 0, -1):
        total = 0.0
        for b in range(a):
            total += inside[a, b]
        for c in range(count):
            total += out[a, c]
        for b in range(a):
            share = inside[b, a] / total
            if share > 0:
                for d in range(a):
                    inside[b, d] += share * inside[a, d]
                for c in range(count):
                    out[b, c] += share * out[a, c]
    total = 0.0
    for c in range(count):
        total += out[0, c]
    for c in range(count):
        chance[c] = out[0, c] / total
    return chance

r"""The verdict on a race of two labs, and the numbers that sweeps report.

The rules are those of :mod:`leaderbored.verdicts`, which says why and is the twin: the pace ratio
at each lead where play ends, the leads that vote, and what several ends say together.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.law import NEVER, chances, keep, within
from leaderbored.solvers.kernels.tables import Tables
from leaderbored.solvers.kernels.welfare import WORTHS, money

Array = Any
KINDS = (
    "",
    "run",
    "race",
    "neutral",
    "peloton",
    "breakaway",
    "mixed",
    "standstill",
    "escape",
    "depends on the start",
)
NONE, RUN, RACE, NEUTRAL, PELOTON, BREAKAWAY, MIXED, STANDSTILL, ESCAPE, DEPENDS = range(10)
NUMBERS = (
    "mean_lead",
    "lead_changes",
    "reign",
    "repeat_win",
    "asymptote",
    "escape",
    *WORTHS,
)
MEAN, CHANGES, REIGN, REPEAT, STALLS, ESCAPES = range(6)
EVEN = 1e-9  # |ln q| below which leader and chasers keep pace
SEEN = 1e-12  # share of time up to which a lead is off the path of play
CAPPED = 2  # leads below the cap that have no say if there are others
LEAST, MOST = 1e-300, 1e300  # of ratios of which no part is zero


@compiled
def read(
    game: Tables, numbers: Array, build: Array, hazard: Array, earned: Array, told: Array
) -> int:
    """Kind of the verdict at shares (2, S), their hazards and payoffs; numbers are in ``told``."""
    size, rungs = hazard.shape[1], game.rungs
    never = NEVER * game.discount
    step, leap, live = np.empty(hazard.shape), np.empty(hazard.shape), np.empty(hazard.shape)
    for i in range(2):
        for k in range(size):
            rate = hazard[i, k]
            live[i, k] = rate if rate > never else 0.0
            step[i, k] = rate * game.at[i, k].climb if rate * game.at[i, k].climb > never else 0.0
            leap[i, k] = rate * game.at[i, k].leap if rate * game.at[i, k].leap > never else 0.0
    part = np.empty(size, dtype=np.int64)
    count = keep(step, leap, never, part)
    chance = chances(step, leap, part, count)
    weight, law = np.zeros(size), np.empty(size)
    verdict, alike, moving, escapes, still = NONE, True, False, False, True
    place, places = np.nan, 0
    for c in range(count):
        within(step, leap, part, c, 0.0, law)
        for k in range(size):
            weight[k] += chance[c] * law[k]
        kind, moves, crossing, crossings = _end(game, live, step, leap, part, c, law, never)
        alike = alike and (c == 0 or kind == verdict)
        if c == 0 or (crossings > 0 and crossing != place):
            places += crossings
            place = crossing
        verdict, moving = kind, moving or moves
        escapes, still = escapes or kind == ESCAPE, still and kind == STANDSTILL
    if not alike or (count > 1 and verdict not in (STANDSTILL, ESCAPE)):
        verdict = DEPENDS
    for n in range(told.shape[0]):
        told[n] = np.nan
    if verdict in (PELOTON, STANDSTILL) and places == 1:
        told[STALLS] = place
    if verdict == BREAKAWAY:
        told[ESCAPES] = place
    mean = 0.0
    for k in range(size):
        mean += weight[k] * abs(k - rungs)
    if not escapes and not still:
        told[MEAN] = mean
    _advances(game, live, weight, never, moving, told)
    if count == 1 and told[CHANGES] > 0:
        told[REIGN] = 1 / told[CHANGES]
    money(game, numbers, build, hazard, earned, weight, told[ESCAPES + 1 :])
    return verdict


@compiled
def _end(
    game: Tables,
    live: Array,
    step: Array,
    leap: Array,
    part: Array,
    name: int,
    law: Array,
    never: float,
) -> tuple[int, bool, float, int]:
    """Kind of a closed class, whether anything moves, the first crossing, and how many."""
    size, rungs = part.shape[0], game.rungs
    least, most, count, side = size, 0, 0, 0
    one_sided = True
    for k in range(size):
        if part[k] == name:
            lead = abs(k - rungs)
            least, most, count = min(least, lead), max(most, lead), count + 1
            here = 0 if k == rungs else (1 if k > rungs else -1)
            one_sided = one_sided and here != 0 and (count == 1 or here == side)
            side = here
    static = count == 1
    moves = True
    if static:
        leader = 0 if side > 0 else 1
        moves = least == rungs and live[leader, rungs + side * rungs] > 0
    capped = least >= max(CAPPED, rungs - CAPPED) or static
    if one_sided and most == rungs and capped:
        return ESCAPE, moves, np.nan, 0
    if static:
        return STANDSTILL, moves, float(most) if most else np.nan, 1 if most else 0
    time = np.zeros(rungs + 1)
    for k in range(size):
        time[abs(k - rungs)] += law[k]
    unseen = False
    for g in range(1, rungs):
        unseen = unseen or time[g] <= SEEN
    if unseen and part[rungs] == name:
        spent = np.empty(size)
        within(step, leap, part, name, never, spent)
        for g in range(rungs + 1):
            time[g] = 0.0
        for k in range(size):
            time[abs(k - rungs)] += max(law[k], spent[k])
    kind, crossing, crossings = _shape(game, live, law, time)
    return kind, moves, crossing, crossings


@compiled
def _pace(game: Tables, live: Array, law: Array, g: int) -> float:
    """Pace ratio at a lead, with the law where it gives the lead any weight."""
    rungs = game.rungs
    seen = law[rungs + g] + (law[rungs - g] if g > 0 else 0.0) > SEEN
    total = found = 0.0
    ratios, weights = np.empty(2), np.empty(2)
    for i in range(2):
        k = rungs + g if i == 0 else rungs - g
        ratios[i] = _ratio(live[i, k], game.lab[i].compute, live[1 - i, k], game.lab[1 - i].compute)
        weights[i] = 0.0 if np.isnan(ratios[i]) else (law[k] if seen else 1.0)
        total += weights[i]
    if total == 0:
        return np.nan
    for i in range(2):
        if weights[i] > 0:
            found += weights[i] / total * ratios[i]
    return found


@compiled
def _ratio(first: float, owned: float, chase: float, rest: float) -> float:
    """(first / owned) / (chase / rest), whatever the size of the numbers; nan if nobody moves."""
    if first > 0 and chase > 0:
        plain = (first / owned) / (chase / rest)
        if plain > LEAST and plain < MOST:
            return plain
        log = np.log(first) - np.log(chase) + np.log(rest) - np.log(owned)
        return float(np.exp(min(max(log, np.log(LEAST)), np.log(MOST))))
    if first > 0:
        return np.inf
    return 0.0 if chase > 0 else np.nan


@compiled
def _shape(game: Tables, live: Array, law: Array, time: Array) -> tuple[int, float, int]:
    """Kind where leads come and go, the first crossing, and how many there are."""
    rungs, votes, before = game.rungs, False, False
    most = inner = 0.0
    for g in range(1, rungs):
        most, inner = max(most, time[g]), inner + time[g]
    least = SEEN if most > SEEN else SEEN * inner
    for g in range(1, rungs - CAPPED):
        before = before or time[g] > least
    last, last_sign, last_log = 0, 0, 0.0
    first_sign, turns, crossing = 0, 0, np.nan
    for g in range(1, rungs - CAPPED if before else rungs):
        if not time[g] > least:
            continue
        votes = True
        log = np.log(_pace(game, live, law, g))
        if np.isnan(log):
            log = -np.inf
        if abs(log) < EVEN:
            continue
        sign = 1 if log > 0 else -1
        if last_sign == 0:
            first_sign = sign
        elif sign != last_sign:
            turns += 1
            if turns == 1:
                crossing = _zero(last, last_log, g, log)
        last, last_sign, last_log = g, sign, log
    if not votes:
        return NONE, np.nan, 0
    if last_sign == 0:
        return NEUTRAL, np.nan, 0
    if turns > 1:
        return MIXED, crossing, turns
    if turns == 1:
        return PELOTON if first_sign > 0 else BREAKAWAY, crossing, 1
    return RACE if first_sign > 0 else RUN, np.nan, 0


@compiled
def _zero(left: int, x: float, right: int, y: float) -> float:
    """Lead at which ln q is zero between two leads at which its signs differ."""
    if right - left > 1 or x * y >= 0 or (np.isinf(x) and np.isinf(y)):
        return (left + right) / 2
    if np.isinf(x) or np.isinf(y):
        return float(right if np.isinf(x) else left)
    return left + abs(x) / (abs(x) + abs(y))


@compiled
def _advances(
    game: Tables, live: Array, weight: Array, never: float, moving: bool, told: Array
) -> None:
    """Lead changes, and the chance that the last winner wins again."""
    size, rungs = live.shape[1], game.rungs
    following = np.empty((2, size))  # chance that the next advance is each lab's
    for r in range(rungs + 1):
        for side in range(2):
            k = rungs - r if side == 0 else rungs + r
            total = live[0, k] + live[1, k]
            chaser = 0 if side == 0 else 1
            for i in range(2):
                chance = 0.0
                if total > 0 and r == 0:
                    chance = live[i, k] / total
                elif total > 0:
                    inward = k + 1 if side == 0 else k - 1
                    over = live[chaser, k] * game.leapfrog
                    lands = over if i == chaser else live[i, k]
                    chance = (lands + (live[chaser, k] - over) * following[i, inward]) / total
                following[i, k] = chance
    rate = repeats = changes = 0.0
    for i in range(2):
        for k in range(size):
            ahead = k - rungs if i == 0 else rungs - k
            made = weight[k] * live[i, k] * (1.0 if ahead >= 0 else game.leapfrog)
            top = min(max(ahead, 0) + 1, rungs)
            above = rungs + top if i == 0 else rungs - top
            rate += made
            repeats += made * following[i, above]
            changes += made * following[1 - i, above]
    if moving:
        told[CHANGES] = changes if changes > never else 0.0
        if rate > 0:
            told[REPEAT] = repeats / rate

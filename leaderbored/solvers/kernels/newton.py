r"""Newton's method on the equilibrium conditions of a race of two labs.

The steps and the rules by which it stops are those of :mod:`leaderbored.solvers.markov.newton`,
which is the twin. Unknowns are, place by place, both labs' values and the efforts on levels, so
that the matrix is a band and, with leapfrogging, four full columns.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.linear import solve_bordered
from leaderbored.solvers.kernels.stage import pieces
from leaderbored.solvers.kernels.tables import Tables, effects, flows, power

Array = Any
TOLERANCE = 1e-12  # of the last step, relative to the largest value
SHIFT = 1e-10  # of efforts in the last step
STEPS = 40
WEIGHTS = (100.0, 1.0)  # of the gain in the choice of pieces, in turn
BLURRED = 1e-10  # of pivots, below which values are not known to ten digits
CLOSE = 1e-7  # of a step from which rounding may be what is left
PATIENCE = 10
FAR = 1e-3  # of a step, from which one without a pivot leads nowhere
OPEN = 1e-10  # of the least pivot over the largest: below it, levels may leave directions open

ARRIVED, LEFT, DOUBTFUL = range(3)
"""How a descent ended: at an equilibrium, nowhere, or where the single solver knows more."""


@compiled
def polish(game: Tables, value: Array, build: Array, effort: Array) -> int:
    """Solve the equilibrium conditions from a nearby point; shares and efforts are left there."""
    values, shares, efforts = value.copy(), build.copy(), effort.copy()
    ended = _descend(game, values, shares, efforts, WEIGHTS[0])
    if ended == LEFT:
        values, shares, efforts = value.copy(), build.copy(), effort.copy()
        ended = _descend(game, values, shares, efforts, WEIGHTS[1])
    for i in range(2):
        for k in range(build.shape[1]):
            build[i, k], effort[i, k] = shares[i, k], efforts[i, k]
    return ended


@compiled
def _descend(game: Tables, value: Array, build: Array, effort: Array, weight: float) -> int:
    least, stalls = np.inf, 0
    for step in range(STEPS):
        scale, moved, shift, pivots, levels = newton_step(game, value, build, effort, weight)
        if not np.isfinite(moved) or (levels and pivots < OPEN):
            return DOUBTFUL if levels and (least <= FAR or game.returns == 1) else LEFT
        relative = moved / max(scale, 1e-300)
        if relative <= TOLERANCE and shift <= SHIFT:
            return ARRIVED if pivots >= BLURRED else DOUBTFUL
        if relative > 0.5 * least:
            stalls += 1
        least = min(least, relative)
        if stalls > 0 and step >= 4 and least > CLOSE:
            return LEFT
        if stalls >= PATIENCE and least <= CLOSE:
            break
    return DOUBTFUL if least <= CLOSE else LEFT


@compiled
def largest(values: Array) -> float:
    """The largest size in an array (2, S); not a number if one is none."""
    most = 0.0
    for i in range(2):
        for k in range(values.shape[1]):
            size = abs(values[i, k])
            if not size <= most:
                most = size
            if not np.isfinite(size):
                return np.nan
    return most


@compiled
def newton_step(
    game: Tables, value: Array, build: Array, effort: Array, weight: float
) -> tuple[float, float, float, float, int]:
    """Take Newton's step on the pieces that are active, for a weight of gains in their choice.

    Returned are the largest value before it, how far values and efforts moved, not finite if there
    is no step, what the pivots say of the matrix, and how many replies are on levels.
    """
    shape = value.shape
    felt, push, target = np.empty((2, *shape)), np.empty((2, *shape)), np.empty(shape)
    gains, level = np.empty(shape), np.empty(shape, dtype=np.bool_)
    effects(game, value, felt)
    scale = largest(value)
    for k in range(shape[1]):
        gains[0, k], gains[1, k] = felt[0, 0, k], felt[1, 1, k]
    levels = pieces(game, felt, gains, scale, weight, build, effort, push, level, target)
    moved, shift, pivots = _move(game, value, felt, build, effort, push, level, target, levels)
    return scale, moved, shift, pivots, levels


@compiled
def _move(
    game: Tables,
    value: Array,
    felt: Array,
    build: Array,
    effort: Array,
    push: Array,
    level: Array,
    target: Array,
    levels: int,
) -> tuple[float, float, float]:
    """Move values and efforts on levels; how far, not finite if there is no step; pivots."""
    size, rungs, full = value.shape[1], game.rungs, 4 if game.leapfrog > 0 else 0
    hazard, earned = np.empty(value.shape), np.empty(value.shape)
    flows(game, build, effort, hazard, earned)
    first, width, band, rhs = band_of(
        game, value, felt, hazard, earned, push, level, target, levels, 1 + full
    )
    places = np.empty(full, dtype=np.int64)
    if full:
        places[0], places[2] = first[rungs + 1], first[rungs - 1]
        places[1], places[3] = places[0] + 1, places[2] + 1
    pivots = solve_bordered(band, width, rhs, places)
    if pivots == 0:
        return np.nan, 0.0, pivots
    moved = shift = 0.0
    for k in range(size):
        at = first[k]
        for i in range(2):
            change = rhs[at + i, 0]
            if not np.isfinite(change):
                return np.nan, 0.0, pivots
            value[i, k] += change
            moved = max(moved, abs(change))
        at += 2
        for j in range(2):
            if levels and level[j, k]:
                change = rhs[at, 0]
                shift = max(shift, abs(change))
                won = min(max(effort[j, k] + change, 0.0), 1.0)
                share = power(won, 1 / game.returns)
                build[j, k] = min(max(share, game.lab[j].lower), game.lab[j].upper)
                effort[j, k] = power(build[j, k], game.returns)
                at += 1
    return moved, shift, pivots


@compiled
def band_of(
    game: Tables,
    value: Array,
    felt: Array,
    hazard: Array,
    earned: Array,
    push: Array,
    level: Array,
    target: Array,
    levels: int,
    columns: int,
) -> tuple[Array, int, Array, Array]:
    """The derivatives as a band, with so many columns behind it.

    Returned are where the unknowns of every place begin, the width of the band, the band, and the
    columns: what the equations miss with its sign turned, and what leapfrogs add.
    """
    size = value.shape[1]
    first = np.empty(size + 1, dtype=np.int64)
    first[0], width = 0, 1 + value.shape[0]  # a mere 3 is a type of its own, compiled anew
    for k in range(size):
        first[k + 1] = first[k] + 2
        if levels:
            first[k + 1] += level[0, k] + level[1, k]
            if k > 0:
                width = max(width, first[k + 1] - 1 - first[k - 1])
    band, rhs = np.zeros((first[size], 2 * width + 1)), np.zeros((first[size], columns))
    _values(game, value, felt, hazard, earned, push, first, band, rhs)
    if levels:
        _levels(game, felt, level, target, first, band, rhs)
    return first, width, band, rhs


@compiled
def _values(
    game: Tables,
    value: Array,
    felt: Array,
    hazard: Array,
    earned: Array,
    push: Array,
    first: Array,
    band: Array,
    rhs: Array,
) -> None:
    """Rows of the values: the derivatives of both labs' equations in both labs' values."""
    last, middle = 2 * game.rungs, band.shape[1] // 2
    for k in range(last + 1):
        ahead, behind = first[min(k + 1, last)], first[max(k - 1, 0)]
        up, down = hazard[0, k] * game.at[0, k].climb, hazard[1, k] * game.at[1, k].climb
        over, under = hazard[0, k] * game.at[0, k].leap, hazard[1, k] * game.at[1, k].leap
        for i in range(2):
            row = first[k] + i
            band[row, middle] += game.discount + up + down + over + under
            band[row, ahead + i - row + middle] -= up
            band[row, behind + i - row + middle] -= down
            flow = earned[i, k] + hazard[0, k] * felt[i, 0, k] + hazard[1, k] * felt[i, 1, k]
            rhs[row, 0] = flow - game.discount * value[i, k]
            if game.leapfrog > 0:
                rhs[row, 1 + i] -= over
                rhs[row, 3 + i] -= under
            for j in range(2):
                climbs = push[i, j, k] * game.at[j, k].climb
                leaps = push[i, j, k] * game.at[j, k].leap
                band[row, first[k] + j - row + middle] += climbs + leaps
                band[row, (ahead if j == 0 else behind) + j - row + middle] -= climbs
                if game.leapfrog > 0:
                    rhs[row, 1 + 3 * j] -= leaps


@compiled
def _levels(
    game: Tables, felt: Array, level: Array, target: Array, first: Array, band: Array, rhs: Array
) -> None:
    """Rows and columns of the efforts on levels."""
    last, middle = 2 * game.rungs, band.shape[1] // 2
    for k in range(last + 1):
        row = first[k] + 2
        for j in range(2):
            if not level[j, k]:
                continue
            unit = game.at[j, k].scale
            for i in range(2):
                bent = -unit * felt[i, j, k]
                if i == j:
                    bent += target[j, k] * unit
                band[first[k] + i, row - first[k] - i + middle] += bent
            beside = first[min(k + 1, last)] if j == 0 else first[max(k - 1, 0)]
            band[row, first[k] + j - row + middle] -= game.at[j, k].climb + game.at[j, k].leap
            band[row, beside + j - row + middle] += game.at[j, k].climb
            if game.leapfrog > 0:
                rhs[row, 1 + 3 * j] += game.at[j, k].leap
            rhs[row, 0] = target[j, k] - felt[j, j, k]
            row += 1

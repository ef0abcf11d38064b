"""Best replies on the line of leads, and the pieces they are made of.

The same rules as :mod:`leaderbored.solvers.markov.reply`, which says why and is the twin, one lab
and state at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.tables import Tables, power

Array = Any
ZERO = 1e-14  # gains below this share of the largest value are rounding


@compiled
def inner(theta: float, scale: float, gain: float, cost: float) -> float:
    """Root b of theta scale b^(theta-1) gain = cost, bounds aside; infinite where it is free."""
    root = power(theta * scale * gain / cost, 1 / (1 - theta))
    return 0.0 if np.isnan(root) else root


@compiled
def replies(game: Tables, gain: Array, scale: float, reply: Array, effort: Array) -> None:
    """Best shares to gains (2, S), and their efforts, left in the last two arrays."""
    theta, zero = game.returns, ZERO * scale
    for i in range(2):
        low, high, compute = game.lab[i].lower, game.lab[i].upper, game.lab[i].compute
        for k in range(gain.shape[1]):
            cost, idle = game.at[i, k].price * compute, game.at[i, k].idle
            share, won = low, game.lab[i].least
            if game.at[i, k].movable and gain[i, k] >= -zero:
                share, won = idle, game.at[i, k].free
                if theta == 1:
                    if game.at[i, k].scale * gain[i, k] > cost * (1 + ZERO):
                        share, won = high, game.lab[i].most
                elif gain[i, k] > zero:
                    share = inner(theta, game.at[i, k].scale, gain[i, k], cost)
                    if share >= high:
                        share, won = high, game.lab[i].most
                    elif share <= idle:
                        share = idle
                    else:
                        won = power(share, theta)
            reply[i, k], effort[i, k] = share, won


@compiled
def pieces(
    game: Tables,
    gains: Array,
    scale: float,
    weight: float,
    build: Array,
    effort: Array,
    slope: Array,
    level: Array,
    target: Array,
) -> int:
    """The active pieces near shares and their efforts, left in the arrays; how many levels."""
    theta, count = game.returns, 0
    for i in range(2):
        low, high, compute = game.lab[i].least, game.lab[i].most, game.lab[i].compute
        for k in range(gains.shape[1]):
            gain = gains[i, k] if abs(gains[i, k]) > ZERO * scale else 0.0
            cost, middle = game.at[i, k].price * compute, game.at[i, k].free
            unit = cost if cost > 0 else (scale if scale > 0 else 1.0)
            step = weight * (high - low) / unit
            point = effort[i, k] + step * game.at[i, k].scale * gain
            movable = game.at[i, k].movable
            here = movable and point > low + ZERO and point < middle - ZERO
            slope[i, k] = target[i, k] = 0.0
            share, won = game.lab[i].lower, low
            if theta == 1:
                beyond = step * cost
                if movable and cost > 0 and middle + beyond + ZERO < point < high + beyond - ZERO:
                    here = True
                    target[i, k] = cost / (game.at[i, k].scale if game.at[i, k].scale > 0 else 1.0)
                if movable and point > middle + beyond:
                    share, won = game.lab[i].upper, high
                elif movable and point >= middle:
                    share, won = game.at[i, k].idle, middle
            elif movable and (gain >= 0 or point >= middle):
                share, won = game.at[i, k].idle, middle
                if gain > 0:
                    free = inner(theta, game.at[i, k].scale, gain, cost)
                    if free >= game.lab[i].upper:
                        share, won = game.lab[i].upper, high
                    elif free > share:
                        share, won = free, power(free, theta)
                        if share < game.lab[i].upper:
                            slope[i, k] = theta / (1 - theta) * game.at[i, k].scale * won / gain
            level[i, k] = here
            if here:
                count += 1
            else:
                build[i, k], effort[i, k] = share, won
    return count

"""Races of two labs along one of their numbers: their tables, and how replies move with it.

Of replies that stand on pieces the derivative in the number keeps the pieces; where prices clear
the market all who sell there meet anew. The twin is
:class:`leaderbored.solvers.markov.continuation.Equilibria`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from leaderbored.solvers.kernels import selling
from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.reply import inner, pieces
from leaderbored.solvers.kernels.stage import pushed
from leaderbored.solvers.kernels.tables import (
    Tables,
    effects,
    efforts,
    flows,
    power,
    tables,
    unsold,
    without,
)

Array = Any
BESIDE = 1e-7  # of the range of u, for the derivative in u
SAME_SHARE = 1e-12  # of shares


class Line(NamedTuple):
    """A race along a number, u = 0 at its start and 1 at its end.

    Either all its numbers move evenly from ``first`` to ``last``, rows as of
    :mod:`leaderbored.solvers.kernels.rows`, or, if these are empty, hazards of efforts and the
    discount rate of ``game``, which is the race at ``own``, move by powers of factors.
    """

    first: Array
    last: Array
    game: Tables
    own: float
    quicker: float  # logarithm of the factor of hazards at 0
    sooner: float  # and of the discount rate


class Seen(NamedTuple):
    """What is found at a point, (2, 2, S) and (2, S): the tangent, slopes, levels and ranks.

    Where prices clear the market slopes are one where a stake moves the share, and else zero.
    """

    tangent: Array
    slope: Array
    level: Array
    rank: Array


@compiled
def at(line: Line, u: float) -> Tables:
    """The tables at u, or at the end of the line that u is beyond."""
    u = min(max(u, 0.0), 1.0)
    if len(line.first):
        return tables(line.first + u * (line.last - line.first), line.game.rungs)
    game, way = line.game, 1 - u / line.own
    faster, at = np.exp(line.quicker * way), game.at.copy()
    for i in range(2):
        for k in range(at.shape[1]):
            at[i, k].scale *= faster
    discount = game.discount * np.exp(line.sooner * way)
    return Tables(
        game.rungs, discount, game.returns, game.leapfrog, game.conduct, game.lab, at, game.met
    )


@compiled
def active(
    game: Tables,
    felt: Array,
    gains: Array,
    scale: float,
    build: Array,
    won: Array,
    push: Array,
    target: Array,
    seen: Seen,
    cleared: bool | None,
) -> int:
    """The active pieces near shares, left in the arrays; how many levels."""
    if cleared is None:
        count = pieces(game, gains, scale, 1.0, build, won, seen.slope, seen.level, target)
        pushed(felt, seen.slope, push)
        return int(count)
    count = selling.pieces(game, felt, gains, scale, 1.0, build, won, push, seen.level)
    for i in range(2):
        for k in range(build.shape[1]):
            target[i, k] = 0.0
            seen.slope[i, k] = 1.0 if game.met[i, k].free else 0.0
    return int(count)


@compiled
def moved_by_u(
    line: Line,
    game: Tables,
    value: Array,
    u: float,
    build: Array,
    won: Array,
    target: Array,
    first: Array,
    rhs: Array,
    column: int,
    seen: Seen,
    cleared: bool | None,
) -> None:
    """Derivative of all conditions in u, the pieces being what they are."""
    delta = BESIDE if u < 0.5 else -BESIDE
    there, shape = at(line, u + delta), value.shape
    felt, hazard, earned = np.empty((2, *shape)), np.empty(shape), np.empty(shape)
    share, effort = np.empty(shape), np.empty(shape)
    effects(there, value, felt)
    if cleared is not None:
        _met(there, felt, build, share, effort)
    for i in range(2):
        lab, beside = game.lab[i], there.lab[i]
        for k in range(shape[1]):
            gain, here, other = felt[i, i, k], game.at[i, k], there.at[i, k]
            cost = other.price * beside.compute
            if seen.level[i, k]:
                effort[i, k], share[i, k] = won[i, k], power(won[i, k], 1 / there.returns)
                pinned = cost / other.scale if target[i, k] > 0 else 0.0
                row = first[k] + 2 + (seen.level[0, k] if i else 0)
                rhs[row, column] = (gain - pinned + rhs[row, 0]) / delta
                continue
            if cleared is not None:
                continue
            if seen.slope[i, k] > 0:
                share[i, k] = inner(there.returns, other.scale, gain, cost)
            elif build[i, k] == lab.upper:
                share[i, k] = beside.upper
            elif build[i, k] == here.idle:
                share[i, k] = other.idle
            else:
                share[i, k] = beside.lower
            effort[i, k] = power(share[i, k], there.returns)
    flows(there, share, effort, hazard, earned)
    for k in range(shape[1]):
        for i in range(2):
            flow = earned[i, k] + hazard[0, k] * felt[i, 0, k] + hazard[1, k] * felt[i, 1, k]
            row = first[k] + i
            rhs[row, column] = (there.discount * value[i, k] - flow + rhs[row, 0]) / delta


@compiled
def _met(game: Tables, felt: Array, near: Array, share: Array, effort: Array) -> None:
    """Shares and efforts where prices clear the market, near those known."""
    shape = near.shape
    gains, push, level = np.empty(shape), np.empty(felt.shape), np.empty(shape, np.bool_)
    for i in range(2):
        for k in range(shape[1]):
            gains[i, k], share[i, k] = felt[i, i, k], near[i, k]
    efforts(game, share, effort)
    selling.pieces(game, felt, gains, 0.0, 1.0, share, effort, push, level)


@compiled
def ranks(game: Tables, build: Array, target: Array, seen: Seen, cleared: bool | None) -> None:
    """Place of each reply among the corners and levels it passes as its gain rises."""
    for i in range(2):
        lower, upper = game.lab[i].lower, game.lab[i].upper
        for k in range(build.shape[1]):
            idle, jumps = game.at[i, k].idle, game.returns == 1
            if cleared is not None:  # prices that clear leave no jump
                idle = unsold(
                    game.at[i, k], game.lab[i], without(game, k, build[0, k], build[1, k])
                )
                jumps = False
            rank = 2.0 if idle <= lower or build[i, k] >= idle - SAME_SHARE else 0.0
            if jumps and upper > idle and build[i, k] >= upper:
                rank += 2.0
            if seen.level[i, k]:
                rank = 3.0 if target[i, k] > 0 else 1.0
            seen.rank[i, k] = rank if game.at[i, k].movable else 0.0

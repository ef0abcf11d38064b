"""What labs do at given gains, on a market with set prices or on one that clears.

Twins are :class:`leaderbored.solvers.markov.reply.Plain` and :class:`.markov.selling.Selling`.
Tables without ``met`` are of set prices: nothing of the other market is compiled for them.
"""

from __future__ import annotations

from typing import Any

from leaderbored.solvers.kernels import reply as alone
from leaderbored.solvers.kernels import selling
from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.rows import SET
from leaderbored.solvers.kernels.tables import Tables

Array = Any


@compiled
def replies(game: Tables, gain: Array, scale: float, reply: Array, effort: Array) -> None:
    """Best shares to gains (2, S), and their efforts, left in the last two arrays."""
    _replies(game, game.met, gain, scale, reply, effort)


@compiled
def _replies(
    game: Tables, met: Array | None, gain: Array, scale: float, reply: Array, effort: Array
) -> None:
    if met is None or game.conduct == SET:
        alone.replies(game, gain, scale, reply, effort)
    else:
        selling.replies(game, gain, scale, reply, effort)


@compiled
def pieces(
    game: Tables,
    felt: Array,
    gains: Array,
    scale: float,
    weight: float,
    build: Array,
    effort: Array,
    push: Array,
    level: Array,
    target: Array,
) -> int:
    """The active pieces near shares and their efforts, left in the arrays; how many levels.

    ``push[i, j]`` (2, 2, S) is by how much the payoff and the prospects of lab i move with the gain
    of lab j; ``target`` is the gain at which a lab on a level is indifferent.
    """
    return int(
        _pieces(game, game.met, felt, gains, scale, weight, build, effort, push, level, target)
    )


@compiled
def _pieces(
    game: Tables,
    met: Array | None,
    felt: Array,
    gains: Array,
    scale: float,
    weight: float,
    build: Array,
    effort: Array,
    push: Array,
    level: Array,
    target: Array,
) -> int:
    if met is None or game.conduct == SET:
        count = alone.pieces(game, gains, scale, weight, build, effort, push[0], level, target)
        pushed(felt, push[0], push)
        return int(count)
    for i in range(2):
        for k in range(gains.shape[1]):
            target[i, k] = 0.0
    return int(selling.pieces(game, felt, gains, scale, weight, build, effort, push, level))


@compiled
def pushed(felt: Array, slope: Array, push: Array) -> None:
    """Push by slopes (2, S), which may stand in it: a best reply moves none of its own value."""
    for k in range(slope.shape[1]):
        first, second = slope[0, k], slope[1, k]
        push[0, 0, k] = push[1, 1, k] = 0.0
        push[0, 1, k], push[1, 0, k] = felt[0, 1, k] * second, felt[1, 0, k] * first

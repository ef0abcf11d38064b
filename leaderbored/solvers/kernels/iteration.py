"""Policy iteration, and Newton's method near its end, for races of two labs.

The same rounds as those of :mod:`leaderbored.solvers.markov.policy_iteration`, the twin, so that of
several equilibria the same one is found; in long races from a shorter one, as in
:mod:`leaderbored.solvers.markov.nested`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.linear import evaluate
from leaderbored.solvers.kernels.newton import ARRIVED, DOUBTFUL, LEFT, largest, polish
from leaderbored.solvers.kernels.stage import replies
from leaderbored.solvers.kernels.tables import Tables, effects, efforts, flows, power, tables

Array = Any
ROUNDS, FEWER, STEEP = 300, 60, 0.9  # rounds, and those where returns are above the last number
NEAR, DAMPING, OFTEN = 0.005, 0.05, 20
DENSE = 700  # values up to which there are other starts
SHORT = 20  # rungs up to which the first shares are those of idle compute


@compiled
def valued(game: Tables, build: Array, effort: Array) -> Array:
    """Values of shares that are played for ever."""
    hazard, earned = np.empty(build.shape), np.empty(build.shape)
    flows(game, build, effort, hazard, earned)
    return evaluate(game, hazard, earned)


@compiled
def iterate(game: Tables, build: Array, rounds: int) -> int:
    """Answer each other from given shares, which those of an equilibrium replace."""
    shape, theta = build.shape, game.returns
    felt, gains = np.empty((2, *shape)), np.empty(shape)
    reply, answer, effort = np.empty(shape), np.empty(shape), np.empty(shape)
    omega, last, near = 1.0, np.inf, NEAR
    efforts(game, build, effort)
    for r in range(1, rounds + 1):
        value = valued(game, build, effort)
        scale, distance = largest(value), 0.0
        if not np.isfinite(scale):
            return DOUBTFUL
        effects(game, value, felt)
        for k in range(shape[1]):
            gains[0, k], gains[1, k] = felt[0, 0, k], felt[1, 1, k]
        replies(game, gains, scale, reply, answer)
        for i in range(2):
            for k in range(shape[1]):
                distance = max(distance, abs(reply[i, k] - build[i, k]))
        if distance < near or r % OFTEN == 0:
            kept = theta == 1 or r % (2 * OFTEN) == 0 or r == 1
            first = build.copy() if kept else reply.copy()
            won = effort.copy() if kept else answer.copy()
            ended = polish(game, value, first, won)
            if ended != LEFT:
                for i in range(2):
                    for k in range(shape[1]):
                        build[i, k] = first[i, k]
                return ended
            near = min(near, distance / 4)
        omega = max(omega / 2, DAMPING) if distance > 0.95 * last else min(1.0, 1.2 * omega)
        last = distance
        for i in range(2):
            for k in range(shape[1]):
                build[i, k] += omega * (reply[i, k] - build[i, k])
                effort[i, k] = answer[i, k] if omega == 1 else power(build[i, k], theta)
    return LEFT


@compiled
def answered(game: Tables, build: Array) -> int:
    """The same from given shares and, where that leads nowhere, from other starts."""
    rounds = FEWER if game.returns > STEEP else ROUNDS
    ended = iterate(game, build, rounds)
    for start in range(3):
        if ended != LEFT or game.returns > STEEP or build.size > DENSE:
            break
        for i in range(2):
            low, high = game.lab[i].lower, game.lab[i].upper
            for k in range(build.shape[1]):
                near = abs(k - game.rungs) <= game.rungs // (3 - start if start < 2 else 1)
                build[i, k] = high if near else game.at[i, k].idle
                if start == 2:
                    build[i, k] = (low + high) / 2
        ended = iterate(game, build, rounds)
    return ended


@compiled
def idle(game: Tables) -> Array:
    """(2, S) the shares of idle compute."""
    shares = np.empty((2, 2 * game.rungs + 1))
    for i in range(2):
        for k in range(shares.shape[1]):
            shares[i, k] = game.at[i, k].idle
    return shares


@compiled
def settled(numbers: Array, rungs: int) -> tuple[int, Tables, Array]:
    """How policy iteration ended in a race, its tables, and the shares (2, S) it came to."""
    short = rungs
    while short > SHORT:
        short = max(short // 2, SHORT)
    game = tables(numbers, short)
    build = idle(game)
    ended = answered(game, build)
    while ended == ARRIVED and short < rungs:
        off, short = short, rungs
        while max(short // 2, SHORT) > off:
            short = max(short // 2, SHORT)
        game, shorter = tables(numbers, short), build
        build = np.empty((2, 2 * short + 1))
        for i in range(2):
            for k in range(build.shape[1]):
                near = min(max(k - short, -off), off) + off
                build[i, k] = min(max(shorter[i, near], game.lab[i].lower), game.lab[i].upper)
        ended = answered(game, build)
    return ended, game, build

"""Whether best replies lead back to an equilibrium of a race of two labs from beside it.

The rules are those of :func:`leaderbored.solvers.markov.stability.returns`, which is the twin.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.kernels.iteration import valued
from leaderbored.solvers.kernels.jit import also, compiled, ready
from leaderbored.solvers.kernels.newton import largest
from leaderbored.solvers.kernels.rows import SET
from leaderbored.solvers.kernels.starts import answer
from leaderbored.solvers.kernels.tables import HERE, MET, OWN, Tables, efforts

Array = Any


def returns(
    game: Tables,
    value: Array,
    shares: Array,
    rounds: int,
    ends: tuple[float, float, float],
) -> bool:
    """Whether they do from all of some shares.

    Parameters
    ----------
    game : Tables
    value : (2, S) array
        Of the equilibrium, on the line of leads.
    shares : (M, 2, S) array
        Where they set out.
    rounds : int
        The most from each.
    ends : three floats
        They have returned at the first part of the distance in values at which they set out, or at
        the second part of the largest value, and left at so many times that distance.
    """
    cleared = game.conduct != SET
    kernel = _kernel(cleared)
    game = game if cleared else game._replace(met=None)
    for share in shares:
        checkpoint()
        if not kernel(game, np.array(value), np.array(share), rounds, ends):
            return False
    return True


@cache
def _kernel(cleared: bool) -> Callable[..., bool]:
    here, met = np.zeros((2, 3), HERE), np.zeros((2, 0), MET) if cleared else None
    game = Tables(1, 1.0, 0.5, 0.0, 0, np.zeros(2, OWN), here, met)
    entry, flat = _return_cleared if cleared else _return, np.zeros((2, 3))
    return ready(entry, game, flat, flat, 0, (0.0, 0.0, 0.0))


def _return(
    game: Tables, value: Array, build: Array, rounds: int, ends: tuple[float, float, float]
) -> bool:
    """Whether best replies return from shares, which are replaced."""
    effort, scale = np.empty(build.shape), largest(value)
    efforts(game, build, effort)
    worth = valued(game, build, effort)
    first = _apart(value, worth, scale)
    near, far = max(ends[0] * first, ends[1]), ends[2] * first
    for _ in range(rounds):
        answer(game, worth, build, effort)
        worth = valued(game, build, effort)
        distance = _apart(value, worth, scale)
        if distance <= near:
            return True
        if distance > far:
            break
    return False


_return_cleared = also(_return, "_return_cleared")


@compiled
def _apart(one: Array, other: Array, scale: float) -> float:
    """The largest distance of values, relative to a scale."""
    most = 0.0
    for i in range(2):
        for k in range(one.shape[1]):
            most = max(most, abs(one[i, k] - other[i, k]))
    return most / (scale if scale > 0 else 1.0)

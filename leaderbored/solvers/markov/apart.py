"""Equilibria in which alike labs do alike, where these stand in order, and on all leaderboards."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from leaderbored.race.alike import Alike, Ordered
from leaderbored.race.board import count_states
from leaderbored.solvers.solution import Equilibrium


def ordered_play(alike: Alike, found: Equilibrium) -> Equilibrium:
    """An equilibrium in roles as one of all labs, on leaderboards on which alike labs are in order.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABC"], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> found = lb.solve(race, lb.Method(alike=True)).equilibria[0]
    >>> found.game.states.tolist(), found.build.shape
    ([[0, 0, 0], [0, 0, 1], [0, 0, 2], [0, 1, 1], [0, 1, 2], [0, 2, 2]], (3, 6))
    """
    build, value = (np.ascontiguousarray(t[0][alike.seats].T) for t in (found.build, found.value))
    return replace(found, game=alike.ordered, build=build, value=value)


@lru_cache(maxsize=4)
def told_apart(found: Equilibrium) -> Equilibrium:
    """The same on all leaderboards; what is known there already is returned as it is.

    Raises
    ------
    RefusedError
        If there are too many of them.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABC"], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> found = lb.solve(race, lb.Method(alike=True)).equilibria[0]
    >>> bool(np.allclose(told_apart(found).value, lb.solve(race).equilibria[0].value))
    True
    """
    if not isinstance(found.game, Ordered):
        return found
    alike = found.game.alike
    game, (at, seat) = alike.race.markov(), alike.roles.T
    build, value = (alike.lifted(table[seat, at]) for table in (found.build, found.value))
    return replace(found, game=game, build=build, value=value)


def values_told_apart(found: Equilibrium) -> int:
    """How many values there are then, one for each lab and leaderboard.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABC"], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> found = lb.solve(race, lb.Method(alike=True)).equilibria[0]
    >>> found.value.size, values_told_apart(found)
    (18, 57)
    """
    if not isinstance(found.game, Ordered):
        return found.value.size
    race = found.game.alike.race
    return len(race.labs) * count_states(len(race.labs), race.rungs)

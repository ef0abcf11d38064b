"""Markov games of one's own: one equilibrium, or every one that is found."""

from __future__ import annotations

from itertools import islice
from warnings import catch_warnings

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.stochastic import MarkovGame
from leaderbored.solvers.budget import Budget, Progress, StoppedError
from leaderbored.solvers.solution import Census, Found, MarkovEquilibrium, Status
from leaderbored.solvers.stochastic.directional import backwards
from leaderbored.solvers.stochastic.method import MarkovMethod
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.search import ADVICE, NOTHING, STOPPED, Search
from leaderbored.solvers.stochastic.selections import Small

TOLD_APART = 2  # players without private shocks up to which those of a count may differ


def equilibria(
    game: MarkovGame,
    method: MarkovMethod | None = None,
    *,
    all: bool | None = None,
    start: Array | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
) -> Found[MarkovEquilibrium]:
    """Markov-perfect equilibria of a Markov game of one's own.

    Parameters
    ----------
    game : MarkovGame
        N players, S states.
    method : MarkovMethod, optional
    all : bool, optional
        Whether to look for every equilibrium.
    start : (X, S) array, optional
        What the players do at first, the rows in the order of players and their actions.
    budget, progress : optional
        As of :func:`leaderbored.solve`.

    Returns
    -------
    Found
        By falling value of the first player in the first state.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b + d", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> found = equilibria(MarkovGame([lab], discount=0.5, states={"d": (0, 1)}))
    >>> [round(b, 6) for b in found.equilibria[0].policy["lab"].tolist()]
    [0.381966, 0.0]
    """
    # what overflows, or is singular, fails its certificate
    with np.errstate(all="ignore"), catch_warnings(action="ignore"):
        return _found(game, method or MarkovMethod(), all, start, budget=budget, progress=progress)


def _found(
    game: MarkovGame,
    method: MarkovMethod,
    all: bool | None,
    start: Array | None,
    *,
    budget: Budget | None,
    progress: Progress | None,
) -> Found[MarkovEquilibrium]:
    partial = Census("partial", "one equilibrium was asked for; there may be others", {}, None)
    search = None
    try:
        search = Search(Problem(game), method, budget, progress)
        if start is not None:
            start = search.checked(start)
        if not all:
            return search.answered(search.one(start), partial)
        if search.alone:
            return search.best()
        order, alike = backwards(search.problem), search
        shaken = any(agent.player.shocks != "0" for agent in game.agents)
        few = len(game.agents) <= TOLD_APART and not shaken
        if order is not None and (few or not search.tied):
            if search.tied:
                told_apart = Problem(game, search.problem.stage, apart=True)
                search = Search(told_apart, method, budget, progress)
            if Small.of(search.problem, order) is None:  # the recursion may take long
                search.first = _early(Search(search.problem, method, budget, progress))
            every = search.directional(order)
            if every.equilibria or every.status.code == "stopped":
                return every
        return alike.every()
    except StoppedError:
        if search:
            return search.stopped()
        census = Census("partial", STOPPED, {}, None)
        return Found([], Status("stopped", NOTHING, ADVICE), census)


def _early(search: Search) -> tuple[Array, MarkovEquilibrium] | None:
    """A solution that the first engine finds, to be shown if time runs out before all are."""
    start = next(search.starts(1))
    found = search.one(start, attempts=lambda x: islice(search.tried(x), 1))
    return (search.pool.candidates[-1].point, found[0]) if found else None


__all__ = ["MarkovMethod", "Search", "equilibria"]

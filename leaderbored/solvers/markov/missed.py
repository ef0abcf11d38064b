"""Prove that a list of equilibria is complete, or find what it has missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Progress, StoppedError
from leaderbored.solvers.complete import Outcome
from leaderbored.solvers.markov.pool import Kept, Searched
from leaderbored.solvers.markov.search import Search
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.solution import Census, Equilibrium

ENGINE = "what a proof left over"
STOPPED = "the time was up"


def settled(
    search: Search,
    system: System,
    pool: Kept,
    searched: Searched,
    listed: tuple[Sequence[Equilibrium], Census],
    *,
    progress: Progress | None = None,
) -> tuple[Searched, Census]:
    """The list with what the proof finds missing, or as it is with what the proof says of it.

    Parameters
    ----------
    search : Search
        Whose ``transfer`` says how far the proof may go.
    system : System
    pool : Kept
        An empty one.
    searched : Searched
        What was found.
    listed : equilibria and census
        What was found, each with its proof, and what the list is worth so far.
    progress : callable, optional

    Returns
    -------
    searched, census : tuple
        With more equilibria the list is to be proved anew.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1, rungs=4)
    >>> search = lb.solvers.markov.search.Search()
    >>> "not proved" in lb.solve(race, lb.Method(search=search), all=True).census.message
    False
    """
    equilibria, census = listed
    if search.transfer.steps <= 0 or census.complete == "proved" or not searched.found:
        return searched, census
    try:
        outcome = search.transfer.run(system.game, equilibria, progress)
    except StoppedError:
        outcome = Outcome(False, STOPPED)
    if outcome.proved:
        return searched, replace(census, complete="proved", message=outcome.message)
    more = added(search, system, pool, searched, outcome)
    if more is not None:
        return more, census
    message = f"{census.message}; not proved to be complete: {outcome.message}"
    return searched, replace(census, message=message)


def added(
    search: Search, system: System, pool: Kept, searched: Searched, outcome: Outcome
) -> Searched | None:
    """What was found and one more, if Newton's method finds it in the box that a proof has left."""
    if outcome.rest is None:
        return None
    for found in searched.found:
        pool.kept.keep(found.point, found.index).engines.update(found.engines)
    value = (outcome.rest[0] + outcome.rest[1]) / 2
    point = search.newton.polish(system, value, reply(system, value))
    if point is not None:
        pool.add(ENGINE, *point)
    if len(pool.found) == len(searched.found):
        return None
    pool.done += [*searched.done, f"Newton's method from {ENGINE}"]
    return pool.searched(stopped=False)


def reply(system: System, value: Array) -> Array:
    """Shares (N, S) that are best replies to values (N, S)."""
    return np.asarray(system.stage.reply(system.gain(value), float(np.abs(value).max())))

r"""Every equilibrium of a game whose state never comes back.

If no chain of events leads from a state through others back to it, the states can be put in order
and solved from the last one backwards: at each the values of all later states are known, and what
is left is a game in one state. It may have several equilibria, and each choice among them changes
the games before it; all combinations together are all equilibria (recursive lexicographical
search: Iskhakov, Rust and Schjerning, Review of Economic Studies 83, 2016).

That is theorem, if each state's game is solved in full: in closed form where one player decides or
two do between two actions each (:mod:`.selections`), else by Newton's method from many starts
(:mod:`.spot`). ``complete`` says so only where the indices of what was found add up to one in every
state, which is necessary, and of the latter not sufficient: two that cancel may be missing. Tuning
are the starts in a state, the distance at which two solutions are one, the digits at which two sets
of values are, and how many selections are kept.

Where what is done at a state does not change where it leads, its equilibria do not depend on later
values. States whose values matter to nobody's choice multiply the count and are not told apart, so
that a count may be astronomical.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice
from math import prod

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from leaderbored.games.markov import Array
from leaderbored.solvers.kernels.selections import DONE, FULL, HOLE
from leaderbored.solvers.stochastic.certificate import one_shot
from leaderbored.solvers.stochastic.counts import Selections
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.recursion import STORED, Recursion
from leaderbored.solvers.stochastic.selections import Small
from leaderbored.solvers.stochastic.slopes import ROUNDING


def backwards(problem: Problem) -> list[int] | None:
    """States from the last to the first; None if some chain of events leads back.

    Also where the game may stay in one state for ever, and what it pays then is not discounted.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                    events=[Event({"d": "d + 1"}, hazard="sqrt(b)")])
    >>> backwards(Problem(MarkovGame([lab], discount=0.1, states={"d": (0, 2)})))
    [2, 1, 0]
    """
    size = problem.states
    graph = sp.csr_array((size, size))
    for choices in problem.game.trials():
        moves, _ = problem.chain(np.array(choices))
        stays = (moves.diagonal() > 1 - ROUNDING) & ~problem.game.ended
        if stays.any() and not problem.continuous and problem.discount.max() == 1:
            return None
        graph = graph + (moves > ROUNDING)
    graph = (graph > 0).tolil()
    graph.setdiag(False)
    graph = graph.tocsr()
    graph.eliminate_zeros()
    count, _ = connected_components(graph, connection="strong")
    if count < size:
        return None
    waiting = np.diff(graph.indptr)
    into = graph.T.tocsr()
    ready = sorted(np.flatnonzero(waiting == 0).tolist(), reverse=True)
    order: list[int] = []
    while ready:
        s = ready.pop(0)
        order.append(s)
        for before in into.indices[into.indptr[s] : into.indptr[s + 1]]:
            waiting[before] -= 1
            if waiting[before] == 0:
                ready.append(int(before))
    return order


def select_all(
    problem: Problem,
    order: list[int],
    same: float,
    digits: int,
    spent: Callable[[], bool] | None = None,
) -> Selections:
    """Every equilibrium of a directional game.

    Parameters
    ----------
    problem : Problem
    order : list of int
        From :func:`backwards`.
    same, digits : float, int
        As of the method: what counts as one equilibrium of a state, and as one selection.
    spent : callable, optional
        Says when to stop; what is counted by then is too little, and not called complete.

    Returns
    -------
    Selections
    """
    spent = spent or (lambda: False)
    small = Small.of(problem, order)
    counted = None if small is None else _counted(small, spent)
    if counted:
        return counted
    found = Recursion(problem, order, same, digits, spent).run()
    tables = Small.tabled(problem, order)
    best = tables.best if tables and found.total is not None else None
    return replace(found, best=best)


def _counted(small: Small, spent: Callable[[], bool]) -> Selections | None:
    """Selections of a game whose stage games have closed forms; None if they are too many."""
    first = [*islice(chain.from_iterable(choices for choices, _ in small.listed()), STORED)]
    memory, plan = small.count(spent)
    if memory.at[FULL]:
        return None
    done = bool(memory.at[DONE])
    alike = prod(memory.found[plan.constant & ~plan.branch].tolist())  # times all that was counted
    players = len(memory.low) - 1
    return Selections(
        int(memory.total[0]) * alike,
        first,
        done and not memory.at[HOLE] and not memory.continuum.any(),
        int(memory.continuum.sum()),
        memory.lowest[:players],
        memory.highest[:players],
        int(memory.total[1]) * alike,
        np.stack([memory.lowest[-1], memory.highest[-1]]) if small.even else None,
        small.best if small.even else None,
    )


def each(
    problem: Problem, order: list[int], same: float, digits: int
) -> Iterator[tuple[Array, Array, float]]:
    """Every equilibrium of a directional game, one after the other: none is kept.

    Parameters
    ----------
    problem, order, same, digits
        As of :func:`select_all`.

    Yields
    ------
    (X, S) array
        Choices.
    (N, S) array
        Values.
    float
        Bound on what any agent gains by any other policy, relative to its largest value.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> a = MarkovPlayer("A", "2 * a * B.a + b * B.b", actions=("a", "b"))
    >>> b = MarkovPlayer("B", "2 * a * A.a + b * A.b", actions=("a", "b"))
    >>> problem = Problem(MarkovGame([a, b], discount=0.5))
    >>> [value.round(6).ravel().tolist() for _, value, _ in each(problem, [0], 1e-7, 10)]
    [[4.0, 4.0], [2.0, 2.0], [1.333333, 1.333333]]
    """
    small = Small.of(problem, order)
    recursion = Recursion(problem, order, same, digits, lambda: False)
    for choices, values in recursion.listed() if small is None else small.listed():
        regrets = one_shot(problem, values, choices)
        yield from zip(choices, values, regrets.tolist(), strict=True)

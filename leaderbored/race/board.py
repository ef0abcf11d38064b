r"""Leaderboards: the vectors :math:`d` of rungs behind the frontier, and where successes lead."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import scipy.sparse as sp

from leaderbored.games.markov import Array, States

SMALL = 3_000  # states of a race whose laws are kept


def count_states(labs: int, rungs: int) -> int:
    """Number of states of a race: vectors in {0..G}^N whose least entry is 0.

    Examples
    --------
    >>> count_states(labs=2, rungs=20), count_states(labs=5, rungs=4)
    (41, 2101)
    """
    return int((rungs + 1) ** labs - rungs**labs)


def what_fits(
    labs: int, rungs: int, most: int, size: Callable[[int, int], int] = count_states
) -> str:
    """How to change a race of too many states so that there are at most so many, in words.

    The size is a number of states, unless something else is counted, of labs and rungs.

    Examples
    --------
    >>> what_fits(labs=5, rungs=20, most=200_000)
    'lower rungs: 13 with 5 labs, or 4 labs with 20'
    >>> what_fits(labs=20, rungs=3, most=200_000)
    'lower the number of labs: 8 with 3 rungs'
    """

    def largest(fits: Callable[[int], int], high: int) -> int:
        return bisect(range(high + 1), most, key=fits) - 1

    fewer = largest(lambda count: size(count, rungs) if count else 0, labs)
    lower = largest(lambda count: size(labs, count) if count else 0, rungs)
    if lower < 1:
        return f"lower the number of labs: {fewer} with {rungs} rungs"
    also = f", or {fewer} labs with {rungs}" if fewer >= 2 else ""
    return f"lower rungs: {lower} with {labs} labs{also}"


def boards(labs: int, rungs: int) -> States:
    """(S, N) every leaderboard: rungs behind the frontier, in lexicographic order.

    Examples
    --------
    >>> boards(labs=2, rungs=1).tolist()
    [[0, 0], [0, 1], [1, 0]]
    """
    if labs == 1:
        return np.zeros((1, 1), dtype=np.int64)
    free = np.indices((rungs + 1,) * (labs - 1)).reshape(labs - 1, -1).T
    below = boards(labs - 1, rungs)
    ahead = np.column_stack([np.zeros(len(free), dtype=np.int64), free])
    first = np.repeat(np.arange(1, rungs + 1), len(below))
    return np.vstack([ahead, np.column_stack([first, np.tile(below, (rungs, 1))])])


def place(states: States, rungs: int) -> States:
    """(S,) position of each leaderboard in :func:`boards`.

    Examples
    --------
    >>> place(boards(labs=3, rungs=2), 2).tolist() == list(range(count_states(3, 2)))
    True
    """
    labs = states.shape[1]
    if labs == 1:
        return np.zeros(len(states), dtype=np.int64)
    first, rest = states[:, 0], states[:, 1:]
    free = rest @ (rungs + 1) ** np.arange(labs - 1, dtype=np.int64)[::-1]
    before = (rungs + 1) ** (labs - 1) + (first - 1) * count_states(labs - 1, rungs)
    return np.asarray(np.where(first == 0, free, before + place(rest, rungs)), dtype=np.int64)


def leads(states: States) -> tuple[States, States]:
    """Lead and leader in each state.

    Parameters
    ----------
    states : (S, N) int array
        Rungs behind the frontier.

    Returns
    -------
    lead : (S,) int array
        Rungs by which a sole leader is ahead of the runner-up, 0 when tied.
    leader : (S,) int array
        Index of the sole leader, -1 when tied.

    Examples
    --------
    >>> [part.tolist() for part in leads(np.array([[0, 0, 1], [2, 0, 1]]))]
    [[0, 1], [-1, 1]]
    """
    lead = np.sort(states, axis=1)[:, 1]
    return lead, np.where(lead > 0, states.argmin(axis=1), -1)


def signed_leads(states: States) -> Array:
    """(S, N) each lab's lead over its best rival, negative if behind; rungs.

    Examples
    --------
    >>> signed_leads(np.array([[0, 0, 1], [2, 0, 3]])).tolist()
    [[0.0, 0.0, -1.0], [-2.0, 2.0, -3.0]]
    """
    ordered = np.sort(states, axis=1)
    alone = (states == 0) & (ordered[:, [1]] > 0)
    return np.asarray(np.where(alone, ordered[:, [1]], 0) - states, dtype=float)


def landings(states: States, rungs: int, lab: int) -> tuple[States, States]:
    """Where lab's success leads: index of the state above the frontier, and of one rung up.

    Both are (S,) int arrays; on the frontier they are the same. Where leaderboards come in copies,
    side by side, in blocks or both, a success leads to the same copy.

    Examples
    --------
    >>> board = np.array([[0, 0], [0, 1], [0, 2], [1, 0], [2, 0]])
    >>> [part.tolist() for part in landings(board, 2, lab=0)]
    [[1, 2, 2, 1, 1], [1, 2, 2, 0, 3]]
    """
    copies = int((states != states[0]).any(axis=1).argmax())
    block = copies * count_states(states.shape[1], rungs)
    each = np.arange(len(states))
    ahead = np.minimum(states + 1, rungs)
    ahead[:, lab] = 0
    one_up = states.copy()
    one_up[:, lab] = np.maximum(states[:, lab] - 1, 0)
    to_frontier, to_next = (
        each // block * block + copies * place(board, rungs) + each % copies
        for board in (ahead, one_up)
    )
    return to_frontier, np.where(states[:, lab] == 0, to_frontier, to_next)


def jumps(states: States, rungs: int, leapfrog: float) -> tuple[sp.csr_array, ...]:
    """Law of the next state after each lab's success."""
    size = len(states)
    rows = np.tile(np.arange(size), 2)
    jumps = []
    for lab in range(states.shape[1]):
        above, one_up = landings(states, rungs, lab)
        chance = np.where(above == one_up, 1.0, leapfrog)
        law = sp.csr_array(
            (np.r_[chance, 1 - chance], (rows, np.r_[above, one_up])), shape=(size, size)
        )
        law.eliminate_zeros()
        jumps.append(law)
    return tuple(jumps)


def laws(labs: int, rungs: int, leapfrog: float) -> tuple[sp.csr_array, ...]:
    """The same of a race without mechanisms, for reading alone: those of small races are kept.

    Examples
    --------
    >>> [law.shape for law in laws(2, 1, 0.0)], laws(2, 1, 0.0) is laws(2, 1, 0.0)
    ([(3, 3), (3, 3)], True)
    """
    if count_states(labs, rungs) <= SMALL:
        return _kept(labs, rungs, leapfrog)
    return jumps(boards(labs, rungs), rungs, leapfrog)


@lru_cache(maxsize=64)
def _kept(labs: int, rungs: int, leapfrog: float) -> tuple[sp.csr_array, ...]:
    return jumps(boards(labs, rungs), rungs, leapfrog)

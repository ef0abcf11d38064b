r"""Selections of a game whose state never comes back, one after the other, in machine code.

In state s, of which later states' values are known, a profile p of actions is worth to player i

.. math:: V_i = \frac{\pi_{ip} + \sum_c w_{ipc} V_i(c)}{d_{ip}}

if it is played for as long as the state stays: d is one less the discounted chance that it does,
or in continuous time the discount and the hazard of leaving. Chances being multilinear, so are the
numerator and d in mixed actions. Where at most two players decide, each between two actions, what
makes one of them indifferent is a root of a quadratic in the other's mixture, or of a line where
the state surely moves on: with the pure ones, these are all equilibria of the state, in closed
form. Where one player decides it takes its best action, however many it has.

The walk goes through the states from the last to the first. At states whose values matter to what
others do it takes one equilibrium after the other; the numbers of those of all other states are
multiplied. The functions here are plain Python too, so that small games need not wait for numba.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.kernels.jit import is_kept, ready
from leaderbored.solvers.kernels.two_by_two import PAIRS, alone, numerators, rework, together

Ints = NDArray[np.int64]
LARGEST = 2**50  # selections that are counted here
PLACE, BACK, DONE, HOLE, FULL, KEPT = range(6)  # what ``Memory.at`` holds


class Stages(NamedTuple):
    """The stage games of S states, N players and R rows: one for each profile of each state.

    The last of N + 1 columns is the total of all players, which has sense if all discount alike.

    Attributes
    ----------
    first : (S + 1,) array
        Where the rows of a state begin. Of two movers there are four, the second's action first.
    movers : (S, 2) array
        Who decides, -1 for nobody.
    flow, leaving : (R, N + 1) arrays
        Payoffs, and d.
    link : (R + 1,) array
        Where what a row leads to begins.
    there, weight : (L,) and (L, N + 1) arrays
        The state reached, and its discounted chance or its hazard.
    """

    first: Ints
    movers: Ints
    flow: Array
    leaving: Array
    link: Ints
    there: Ints
    weight: Array


class Plan(NamedTuple):
    """In which order K = S states are gone through, and how.

    Attributes
    ----------
    order : (K,) array
        States, those reached before those that reach them.
    branch, constant, exact : (K,) arrays
        Whether one equilibrium is taken after the other; whether what is done never changes, so
        that their number is left out of the products; whether all that is reached branches.
    again : (K,) array
        Whether what is done there is solved for at most once, and what it is worth worked out anew:
        later states are worth something else than before, or between two values.
    last : (K + 1,) array
        The place of the branch before, -1 for none.
    """

    order: Ints
    branch: NDArray[np.bool_]
    constant: NDArray[np.bool_]
    exact: NDArray[np.bool_]
    again: NDArray[np.bool_]
    last: Ints


class Memory(NamedTuple):
    """Where a walk stands, and what it has found.

    Attributes
    ----------
    at : (6,) array
        See the constants above: the place, whether it goes back, whether it is done, whether some
        state had no equilibrium or indices that do not add up to one, whether a product has become
        too large, and how many selections are kept.
    found, taken, loose : (K,) arrays
        Numbers of equilibria, which is taken, and whether some of them may lie in a continuum.
    mix, worth : (K, M, 2) and (K, M, N + 1) arrays
        Of each: the chance of the first action of either mover, or the row of the only one; values.
    low, high : (N + 1, S) arrays
        Values under what is taken, which at states that do not branch are between two.
    product : (K + 1, 2) array
        How many selections are like what is taken so far; those without any continuum.
    total : (2,) array
        Selections so far, and those without any continuum.
    lowest, highest : (N + 1, S) arrays
        Over all of them.
    continuum : (S,) array
        Whether some stage game in a state had one.
    above, rough : (M, N + 1) arrays
        Numerators of the state that is being solved, and the sizes of all they add up.
    kept_mix, kept_worth : (B, S, 2) and (B, S, N + 1) arrays
        Selections one by one, if every state branches.
    """

    at: Ints
    found: Ints
    taken: Ints
    loose: NDArray[np.bool_]
    mix: Array
    worth: Array
    low: Array
    high: Array
    product: Ints
    total: Ints
    lowest: Array
    highest: Array
    continuum: NDArray[np.bool_]
    above: Array
    rough: Array
    kept_mix: Array
    kept_worth: Array


def memory(stages: Stages, kept: int) -> Memory:
    """An empty memory, with room for so many selections.

    Examples
    --------
    >>> memory(_nothing(), 0).lowest.tolist()
    [[inf], [inf]]
    """
    size, columns = len(stages.first) - 1, stages.flow.shape[1]
    most = max(PAIRS, int(np.diff(stages.first).max()))
    product = np.zeros((size + 1, 2), dtype=np.int64)
    product[0] = 1
    return Memory(
        np.zeros(6, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=bool),
        np.zeros((size, most, 2)),
        np.zeros((size, most, columns)),
        np.zeros((columns, size)),
        np.zeros((columns, size)),
        product,
        np.zeros(2, dtype=np.int64),
        np.full((columns, size), np.inf),
        np.full((columns, size), -np.inf),
        np.zeros(size, dtype=bool),
        np.zeros((most, columns)),
        np.zeros((most, columns)),
        np.zeros((kept, size, 2)),
        np.zeros((kept, size, columns)),
    )


def is_ready() -> bool:
    """Whether the kernel's machine code is kept, so that nothing is to be waited for."""
    return is_kept(walk)


@cache
def quick_walk() -> Any:
    """:func:`walk`, compiled."""
    stages = _nothing()
    none = np.zeros(1, dtype=np.int64)
    no = np.zeros(1, dtype=bool)
    plan = Plan(none, no, no, no, no, np.array([-1, -1]))
    return ready(walk, stages, plan, memory(stages, 1), 1)


def _nothing() -> Stages:
    some, one = np.array([0, 1]), np.ones((1, 2))
    return Stages(some, np.full((1, 2), -1), one, one, some * 0, some[:0], one[:0])


def walk(stages: Stages, plan: Plan, memory: Memory, steps: int) -> None:
    """Go on with a walk for so many stage games, or until what is kept has no room left.

    Examples
    --------
    >>> stages, no = _nothing(), np.zeros(1, dtype=bool)
    >>> plan, held = Plan(np.zeros(1, int), no, no, no, no, np.array([-1, -1])), memory(stages, 0)
    >>> walk(stages, plan, held, 10)
    >>> held.total.tolist(), int(held.at[DONE]), held.lowest.tolist()
    ([1, 1], 1, [[1.0], [1.0]])
    """
    at, found, taken, loose = memory.at, memory.found, memory.taken, memory.loose
    low, high, product, above, rough = (
        memory.low,
        memory.high,
        memory.product,
        memory.above,
        memory.rough,
    )
    flow, link, there, weight = stages.flow, stages.link, stages.there, stages.weight
    k, back, size = at[PLACE], at[BACK], len(plan.order)
    while steps > 0 and not (at[DONE] or at[FULL]):
        if back:
            k = plan.last[k]
            at[DONE] = k < 0
            if k < 0 or taken[k] + 1 >= found[k]:
                continue
            taken[k] += 1
        elif k == size:
            steps, back = steps - 1, 1
            at[FULL] = _add(memory.total, product[k]) > LARGEST
            if len(memory.kept_mix) and _keep(plan, memory) == len(memory.kept_mix):
                break
            continue
        s = plan.order[k]
        first, end, single = stages.first[s], stages.first[s + 1], stages.movers[s, 1] < 0
        leaving, mix, worth = stages.leaving[first:end], memory.mix[k], memory.worth[k]
        if not back:
            steps -= 1
            numerators(link, there, flow, weight, low, first, end, above, rough)
            if found[k] == 0 or plan.branch[k] or not plan.constant[k]:
                if single:
                    j, loose[k] = alone(above, rough, leaving, mix, worth, stages.movers[s, 0])
                else:
                    j, loose[k] = together(above, rough, leaving, mix, worth, stages.movers[s])
                taken[k], found[k] = 0, abs(j)
                memory.continuum[s] |= loose[k]
                at[HOLE] |= j <= 0
            if found[k] == 0:
                back = 1
                continue
        some = taken[k] if plan.branch[k] else 0, taken[k] + 1 if plan.branch[k] else found[k]
        if plan.again[k]:
            rework(above, leaving, mix, worth, single, found[k])
        _bound(worth, some, 1.0, low, s)
        if plan.again[k] and not plan.exact[k]:
            numerators(link, there, flow, weight, high, first, end, above, rough)
            rework(above, leaving, mix, worth, single, found[k])
        _bound(worth, some, -1.0, high, s)
        _widen(low, high, memory.lowest, memory.highest, s)
        times = 1 if plan.branch[k] or plan.constant[k] else found[k]
        product[k + 1, 0] = product[k, 0] * times
        product[k + 1, 1] = 0 if loose[k] else product[k, 1] * times
        k, back = k + 1, 0
        at[FULL] |= product[k, 0] > LARGEST
    at[PLACE], at[BACK] = k, back


@register_jitable
def _keep(plan: Plan, memory: Memory) -> int:
    """Keep one selection as it is; how many are kept."""
    b, mix, worth = memory.at[KEPT], memory.kept_mix, memory.kept_worth
    for k in range(len(plan.order)):
        s, j = plan.order[k], memory.taken[k]
        for m in range(2):
            mix[b, s, m] = memory.mix[k, j, m]
        for i in range(worth.shape[2]):
            worth[b, s, i] = memory.worth[k, j, i]
    memory.at[KEPT] = b + 1
    return int(memory.at[KEPT])


@register_jitable
def _bound(worth: Array, some: tuple[int, int], sign: float, bound: Array, s: int) -> None:
    """The least, or with the sign turned the greatest, value of some equilibria of a state."""
    for i in range(len(bound)):
        least = sign * worth[some[0], i]
        for j in range(some[0] + 1, some[1]):
            least = min(least, sign * worth[j, i])
        bound[i, s] = sign * least


@register_jitable
def _add(total: Ints, product: Ints) -> int:
    """Add to what was counted; how many there are now."""
    for m in range(len(total)):
        total[m] += product[m]
    return int(total[0])


@register_jitable
def _widen(low: Array, high: Array, lowest: Array, highest: Array, s: int) -> None:
    """Keep the extremes over all selections."""
    for i in range(len(low)):
        lowest[i, s] = min(lowest[i, s], low[i, s])
        highest[i, s] = max(highest[i, s], high[i, s])

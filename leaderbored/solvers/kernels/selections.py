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

Ints = NDArray[np.int64]
TIE = 1e-12  # of what is at stake: a gain that is none
ALIKE = 1e-9  # relative distance of values that are one
PAIRS = 8  # most equilibria of two players with two actions: four pure, two roots each
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
    last : (K + 1,) array
        The place of the branch before, -1 for none.
    """

    order: Ints
    branch: NDArray[np.bool_]
    constant: NDArray[np.bool_]
    exact: NDArray[np.bool_]
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
    plan = Plan(none, no, no, no, np.array([-1, -1]))
    return ready(walk, stages, plan, memory(stages, 1), 1)


def _nothing() -> Stages:
    some, one = np.array([0, 1]), np.ones((1, 2))
    return Stages(some, np.full((1, 2), -1), one, one, some * 0, some[:0], one[:0])


def walk(stages: Stages, plan: Plan, memory: Memory, steps: int) -> None:
    """Go on with a walk for so many stage games, or until what is kept has no room left.

    Examples
    --------
    >>> stages, no = _nothing(), np.zeros(1, dtype=bool)
    >>> plan, held = Plan(np.zeros(1, dtype=int), no, no, no, np.array([-1, -1])), memory(stages, 0)
    >>> walk(stages, plan, held, 10)
    >>> held.total.tolist(), held.at[DONE], held.lowest.tolist()
    ([1, 1], 1, [[1.0], [1.0]])
    """
    at, size = memory.at, len(plan.order)
    low, high, above, rough = memory.low, memory.high, memory.above, memory.rough
    product = memory.product
    k, back = at[PLACE], at[BACK]
    while steps > 0:
        if back:
            k = plan.last[k]
            if k < 0:
                at[DONE] = 1
                break
            if memory.taken[k] + 1 >= memory.found[k]:
                continue
            memory.taken[k] += 1
            back = 0
        elif k == size:
            steps -= 1
            back = 1
            memory.total[0] += product[k, 0]
            memory.total[1] += product[k, 1]
            if max(memory.total[0], product[k, 0]) > LARGEST:
                at[FULL] = 1
                break
            if len(memory.kept_mix):
                _keep(plan.order, memory.taken, memory.mix, memory.worth, memory.kept_mix[at[KEPT]], memory.kept_worth[at[KEPT]])
                at[KEPT] += 1
                if at[KEPT] == len(memory.kept_mix):
                    break
            continue
        else:
            steps -= 1
            s = plan.order[k]
            first, count = stages.first[s], stages.first[s + 1] - stages.first[s]
            _numerators(stages.link, stages.there, stages.flow, stages.weight, low, first, count, above, rough)
            leaving, mix, worth = stages.leaving[first : first + count], memory.mix[k], memory.worth[k]
            if not (plan.constant[k] and not plan.branch[k] and memory.found[k] > 0):
                memory.taken[k] = 0
                a, b = stages.movers[s]
                if b < 0:
                    found, loose = _alone(above, rough, leaving, mix, worth, max(a, 0))
                else:
                    found, loose = _together(above, rough, leaving, mix, worth, a, b)
                if found < 0:  # indices do not add up
                    at[HOLE] = 1
                    found = -found
                memory.found[k], memory.loose[k] = found, loose
                memory.continuum[s] |= loose
                if found == 0:
                    at[HOLE] = 1
                    back = 1
                    continue
            if not plan.branch[k]:
                alone = stages.movers[s, 1] < 0
                if plan.exact[k]:
                    _bounds(worth, memory.found[k], low, high, s)
                else:
                    _rework(above, leaving, mix, worth, alone, memory.found[k])
                    _bounds(worth, memory.found[k], low, high, s)
                    kept = low[:, s].copy()
                    _numerators(stages.link, stages.there, stages.flow, stages.weight, high, first, count, above, rough)
                    _rework(above, leaving, mix, worth, alone, memory.found[k])
                    _bounds(worth, memory.found[k], low, high, s)
                    low[:, s] = kept
                for i in range(len(low)):
                    memory.lowest[i, s] = min(memory.lowest[i, s], low[i, s])
                    memory.highest[i, s] = max(memory.highest[i, s], high[i, s])
                times = 1 if plan.constant[k] else memory.found[k]
                product[k + 1, 0] = product[k, 0] * times
                product[k + 1, 1] = 0 if memory.loose[k] else product[k, 1] * times
                k += 1
                if product[k, 0] > LARGEST:
                    at[FULL] = 1
                    break
                continue
        # one of the equilibria at a place
        s, j = plan.order[k], memory.taken[k]
        for i in range(len(low)):
            v = memory.worth[k, j, i]
            low[i, s] = v
            high[i, s] = v
            memory.lowest[i, s] = min(memory.lowest[i, s], v)
            memory.highest[i, s] = max(memory.highest[i, s], v)
        product[k + 1, 0] = product[k, 0]
        product[k + 1, 1] = 0 if memory.loose[k] else product[k, 1]
        k += 1
    at[PLACE], at[BACK] = k, back


@register_jitable
def _keep(order: Ints, taken: Ints, mix: Array, worth: Array, kept_mix: Array, kept: Array) -> None:
    """One selection, as it is."""
    for k in range(len(order)):
        s, j = order[k], taken[k]
        kept_mix[s, 0] = mix[k, j, 0]
        kept_mix[s, 1] = mix[k, j, 1]
        for i in range(kept.shape[1]):
            kept[s, i] = worth[k, j, i]


@register_jitable
def _numerators(
    link: Ints,
    there: Ints,
    flow: Array,
    weight: Array,
    value: Array,
    first: int,
    count: int,
    above: Array,
    rough: Array,
) -> None:
    """What each profile of a state is worth, but for how long it lasts, and the sizes of its terms."""
    for p in range(count):
        row = first + p
        for i in range(flow.shape[1]):
            total = flow[row, i]
            size = abs(total)
            for c in range(link[row], link[row + 1]):
                term = weight[c, i] * value[i, there[c]]
                total += term
                size += abs(term)
            above[p, i] = total
            rough[p, i] = size


@register_jitable
def _bounds(worth: Array, found: int, low: Array, high: Array, s: int) -> None:
    """The least and the greatest value of all equilibria of a state."""
    for i in range(len(low)):
        least, greatest = worth[0, i], worth[0, i]
        for j in range(1, found):
            least = min(least, worth[j, i])
            greatest = max(greatest, worth[j, i])
        low[i, s] = least
        high[i, s] = greatest


@register_jitable
def _rework(above: Array, leaving: Array, mix: Array, worth: Array, alone: bool, found: int) -> None:
    """Values of the same mixtures at other numerators."""
    for j in range(found):
        _value(above, leaving, mix[j, 0], mix[j, 1], alone, worth, j)


@register_jitable
def _value(
    above: Array, leaving: Array, x: float, y: float, alone: bool, worth: Array, j: int
) -> None:
    """What a state is worth to each player, of mixtures there."""
    for i in range(leaving.shape[1]):
        if alone:
            worth[j, i] = above[int(x), i] / leaving[int(x), i]
        else:
            total = x * (y * above[0, i] + (1 - y) * above[1, i])
            total += (1 - x) * (y * above[2, i] + (1 - y) * above[3, i])
            below = x * (y * leaving[0, i] + (1 - y) * leaving[1, i])
            below += (1 - x) * (y * leaving[2, i] + (1 - y) * leaving[3, i])
            worth[j, i] = total / below


@register_jitable
def _other(worth: Array, j: int) -> bool:
    """Whether the values of an equilibrium are none of those before."""
    for known in range(j):
        same = True
        for i in range(worth.shape[1]):
            a, b = worth[j, i], worth[known, i]
            same = same and abs(a - b) <= ALIKE * (abs(a) + abs(b))
        if same:
            return False
    return True


@register_jitable
def _alone(
    above: Array, rough: Array, leaving: Array, mix: Array, worth: Array, i: int
) -> tuple[int, bool]:
    """The best action of the only mover, and those that are as good."""
    best, size = -np.inf, 0.0
    for p in range(len(leaving)):
        best = max(best, above[p, i] / leaving[p, i])
        size = max(size, rough[p, i] / leaving[p, i])
    found, ties = 0, 0
    for p in range(len(leaving)):
        if above[p, i] / leaving[p, i] >= best - TIE * size:
            ties += 1
            mix[found, 0] = p
            _value(above, leaving, p, 0.0, True, worth, found)
            found += _other(worth, found)
    return found, ties > 1


@register_jitable
def _together(
    above: Array, rough: Array, leaving: Array, mix: Array, worth: Array, a: int, b: int
) -> tuple[int, bool]:
    """Every equilibrium of two movers with two actions each; less than zero, some are missing."""
    # what the first action gains on the second, against either action of the other
    a0, a1, tied_a0, tied_a1, root_a, second_a, way_a, back_a = _indifferent(above, rough, leaving, a, 2, 1)
    b0, b1, tied_b0, tied_b1, root_b, second_b, way_b, back_b = _indifferent(above, rough, leaving, b, 1, 2)
    # at a tie of one, is the other's action best anywhere?
    loose = tied_a0 and (b0 >= 0 or b1 >= 0 or way_b != 0)
    loose |= tied_a1 and (b0 <= 0 or b1 <= 0 or way_b != 0)
    loose |= tied_b0 and (a0 >= 0 or a1 >= 0 or way_a != 0)
    loose |= tied_b1 and (a0 <= 0 or a1 <= 0 or way_a != 0)
    loose |= way_a == 2 or way_b == 2  # two roots that are one
    found, total = 0, 0
    for p in range(8):
        if p < 4:
            gain_a, gain_b = (a1 if p % 2 else a0), (b1 if p >= 2 else b0)
            good = (gain_a <= 0 if p >= 2 else gain_a >= 0) and (gain_b <= 0 if p % 2 else gain_b >= 0)
            x, y, sign = 1.0 - (p >= 2), 1.0 - p % 2, 1
        else:
            of_a, of_b = (back_a if p % 2 else way_a), (back_b if p >= 6 else way_b)
            x, y = (second_b if p >= 6 else root_b), (second_a if p % 2 else root_a)
            good, sign = of_a != 0 and of_b != 0, -of_a * of_b
        if good:
            total += sign
            mix[found, 0], mix[found, 1] = x, y
            _value(above, leaving, x, y, False, worth, found)
            if not loose or _other(worth, found):
                found += 1
    return (found if loose or total == 1 else -found), loose


@register_jitable
def _indifferent(
    above: Array, rough: Array, leaving: Array, i: int, own: int, other: int
) -> tuple[float, float, bool, bool, float, float, int, int]:
    """Of a mover: what its first action gains on its second, and where it is indifferent.

    The gain against either action of the other, and whether that is nothing but rounding; the
    other's chances of its first action at which there is none, and how the gain changes there
    (1, -1, 0 for no root, 2 for a double one). ``own`` and ``other`` are steps between profiles.
    """
    n00, n01, n10, n11 = above[0, i], above[other, i], above[own, i], above[3, i]
    d00, d01, d10, d11 = leaving[0, i], leaving[other, i], leaving[own, i], leaving[3, i]
    one, zero = n00 * d10 - n10 * d00, n01 * d11 - n11 * d01
    tied_one = abs(one) <= TIE * (rough[0, i] * d10 + rough[own, i] * d00)
    tied_zero = abs(zero) <= TIE * (rough[other, i] * d11 + rough[3, i] * d01)
    one, zero = 0.0 if tied_one else one, 0.0 if tied_zero else zero
    bend = (n00 - n01) * (d10 - d11) - (n10 - n11) * (d00 - d01)
    root, second, way, back = _roots(zero, one - zero - bend, bend, one, tied_one, tied_zero)
    return one, zero, tied_one, tied_zero, root, second, way, back


@register_jitable
def _roots(
    zero: float, slope: float, bend: float, one: float, tied_one: bool, tied_zero: bool
) -> tuple[float, float, int, int]:
    """Roots of ``zero + slope y + bend y**2`` between 0 and 1, where it is ``one``; ways it goes."""
    if one * zero < 0:
        root = zero / (zero - one)
        if abs(bend) > TIE * (abs(one) + abs(zero)):
            deep = np.sqrt(slope * slope - 4 * bend * zero)
            q = -0.5 * (slope + (deep if slope >= 0 else -deep))
            root = q / bend
            if not 0 < root < 1:
                root = zero / q
        return root, 0.0, (1 if one > 0 else -1), 0
    if bend == 0 or (tied_one and tied_zero):
        return 0.0, 0.0, 0, 0
    if tied_one or tied_zero:  # one root is that end
        root = zero / bend if tied_one else -slope / bend
        if TIE < root < 1 - TIE:
            return root, 0.0, (1 if 2 * bend * root + slope > 0 else -1), 0
        return 0.0, 0.0, 0, 0
    deep, middle = slope * slope - 4 * bend * zero, -slope / (2 * bend)
    if not 0 < middle < 1 or deep < -TIE * slope * slope:
        return 0.0, 0.0, 0, 0
    if deep <= TIE * slope * slope:
        return middle, 0.0, 2, 0
    far = np.sqrt(deep) / (2 * abs(bend))
    way = -1 if zero > 0 else 1
    return middle - far, middle + far, way, -way

r"""Stage games of which every equilibrium has a closed form, in machine code.

With :math:`n` the numerators and :math:`d` what they are divided by, of each profile of actions, a
mixture is worth the mean of n over the mean of d (:mod:`.selections`). Where two players have two
actions each, a player is indifferent where a quadratic in the other's mixture is zero.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from leaderbored.games.markov import Array

Ints = NDArray[np.int64]
TIE = 1e-12  # of what is at stake: a gain that is none
ALIKE = 1e-9  # relative distance of values that are one
PAIRS = 16  # most equilibria of two players with two actions: pure, roots, and ends of continua


@register_jitable
def numerators(
    link: Ints,
    there: Ints,
    flow: Array,
    weight: Array,
    value: Array,
    first: int,
    end: int,
    above: Array,
    rough: Array,
) -> None:
    """What each profile is worth, but for how long it lasts, and the sizes of its terms."""
    for row in range(first, end):
        p = row - first
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
def rework(above: Array, leaving: Array, mix: Array, worth: Array, alone: bool, found: int) -> None:
    """Values of the same mixtures at other numerators."""
    for j in range(found):
        value(above, leaving, mix[j, 0], mix[j, 1], alone, worth, j)


@register_jitable
def value(
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
def alone(
    above: Array, rough: Array, leaving: Array, mix: Array, worth: Array, i: int
) -> tuple[int, bool]:
    """The best action of the only mover, and those that are as good."""
    i, best, size = max(i, 0), -np.inf, 0.0
    for p in range(len(leaving)):
        best = max(best, above[p, i] / leaving[p, i])
        size = max(size, rough[p, i] / leaving[p, i])
    found, ties = 0, 0
    for p in range(len(leaving)):
        if above[p, i] / leaving[p, i] >= best - TIE * size:
            ties += 1
            mix[found, 0] = p
            value(above, leaving, p, 0.0, True, worth, found)
            found += _other(worth, found)
    return found, ties > 1


@register_jitable
def together(
    above: Array, rough: Array, leaving: Array, mix: Array, worth: Array, who: Ints
) -> tuple[int, bool]:
    """Every equilibrium of two movers with two actions each; less than zero, some are missing."""
    # what the first action gains on the second, against either action of the other
    a0, a1, tied_a0, tied_a1, root_a, second_a, way_a, back_a = _indifferent(
        above, rough, leaving, who[0], 2, 1
    )
    b0, b1, tied_b0, tied_b1, root_b, second_b, way_b, back_b = _indifferent(
        above, rough, leaving, who[1], 1, 2
    )
    # at a tie of one, is the other's action best anywhere?
    loose = tied_a0 and (b0 >= 0 or b1 >= 0 or way_b != 0)
    loose |= tied_a1 and (b0 <= 0 or b1 <= 0 or way_b != 0)
    loose |= tied_b0 and (a0 >= 0 or a1 >= 0 or way_a != 0)
    loose |= tied_b1 and (a0 <= 0 or a1 <= 0 or way_a != 0)
    loose |= way_a == 2 or way_b == 2  # two roots that are one
    found, total = 0, 0
    for p in range(16 if loose else 8):
        if p >= 8:  # where a continuum of one ends, as the other becomes indifferent
            first, back = p % 2 == 0, p % 4 >= 2
            if p < 12:  # of b, at either action of a
                x, y = (1.0 if first else 0.0), (second_a if back else root_a)
                good = (tied_b0 if first else tied_b1) and (back_a if back else way_a) != 0
            else:
                x, y = (second_b if back else root_b), (1.0 if first else 0.0)
                good = (tied_a0 if first else tied_a1) and (back_b if back else way_b) != 0
            sign = 0
        elif p < 4:
            gain_a, gain_b = (a1 if p % 2 else a0), (b1 if p >= 2 else b0)
            good = (gain_a <= 0 if p >= 2 else gain_a >= 0) and (
                gain_b <= 0 if p % 2 else gain_b >= 0
            )
            x, y, sign = 1.0 - (p >= 2), 1.0 - p % 2, 1
        else:
            of_a, of_b = (back_a if p % 2 else way_a), (back_b if p >= 6 else way_b)
            x, y = (second_b if p >= 6 else root_b), (second_a if p % 2 else root_a)
            good, sign = of_a != 0 and of_b != 0, -of_a * of_b
        if good:
            total += sign
            mix[found, 0], mix[found, 1] = x, y
            value(above, leaving, x, y, False, worth, found)
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
    """Where ``zero + slope y + bend y**2``, which is ``one`` at the end, is none between 0 and 1.

    Two roots, and the ways that it goes there.
    """
    if one * zero < 0:
        root = zero / (zero - one)
        if abs(bend) > TIE * (abs(one) + abs(zero)):
            deep = np.sqrt(slope * slope - 4 * bend * zero)
            q = -0.5 * (slope + (deep if slope >= 0 else -deep))
            root = q / bend
            if not 0 < root < 1:
                root = zero / q
        return root, 0.0, (1 if one > 0 else -1), 0
    root, second, way, back = 0.0, 0.0, 0, 0
    if bend == 0 or (tied_one and tied_zero):
        return root, second, way, back
    deep, middle = slope * slope - 4 * bend * zero, -slope / (2 * bend)
    if tied_one or tied_zero:  # one root is that end
        other = zero / bend if tied_one else -slope / bend
        if TIE < other < 1 - TIE:
            root, way = other, (1 if 2 * bend * other + slope > 0 else -1)
    elif 0 < middle < 1 and abs(deep) <= TIE * slope * slope:
        root, way = middle, 2
    elif 0 < middle < 1 and deep > 0 and bend * zero > 0:
        far = np.sqrt(deep) / (2 * abs(bend))
        root, second, way = middle - far, middle + far, (-1 if zero > 0 else 1)
        back = -way
    return root, second, way, back

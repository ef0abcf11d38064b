r"""Regret of shares in a race of two labs: each lab's best deviation, the other held to its shares.

Nothing here is shared with what finds the shares: neither tables nor replies nor derivatives nor
linear solves. Each lab sees the race as a control problem of its own on its own lead y, up a rung
with its success and down one with the rival's, and looks for better shares among its bounds, its
bend and a grid, and round the best of these by golden sections (Kiefer, Proceedings of the American
Mathematical Society 4, 1953). Better shares are valued until there are none (Howard 1960). The twin
is :mod:`leaderbored.solvers.markov.certificate`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.kernels import rows as at
from leaderbored.solvers.kernels.jit import compiled

Array = Any
GRID = 17  # shares that are looked at, bounds included
NARROW = 60  # golden sections round the best of them
GOLDEN = 0.6180339887498949
BESIDE = 1e-4  # of a share, to both sides of which payoffs are compared
NEXT = 1e-3  # in place of a share of none
ROUNDS = 30
ROUNDING = 2e-15  # of the largest value: what its differences are known to
BLURRED = 1e-14  # of what a price is the rest of: below it, it is nothing
SMALL = 1e-6  # of the money per unit of taste, a price that is next to nil
SLACK = 1e-14  # over the discount rate in mean times between events


FACED = np.dtype(
    [
        *((name, float) for name in ("compute", "theta", "low", "high", "hazard", "free")),
        *((name, float) for name in ("price", "demand", "rival", "worth", "left")),
        ("bends", bool),
    ],
    align=True,
)
"""What one lab faces at its own lead y: its compute, returns and bounds, the hazard of a unit of
compute, that which costs nothing, price, demand, and the rival's hazard at its shares. Where labs
set quantities and prices clear the market revenue ``bends``: ``demand`` is what the lab would sell
at most, ``worth`` what that is worth, and ``left`` the customers whom the rival leaves."""


@compiled
def regret(numbers: Array, rungs: int, build: Array, value: Array) -> tuple[float, float]:
    """The largest regret at shares (2, S), and how far values (2, S) are from those found here.

    Both relative to the largest value; the latter beyond what rounding may make of it.
    """
    size = 2 * rungs + 1
    worst = apart = most = fastest = 0.0
    for i in range(2):
        mine, theirs = np.empty(size), np.empty(size)
        for k in range(size):
            place = k if i == 0 else size - 1 - k
            mine[k], theirs[k] = build[i, place], build[1 - i, place]
        here, quickest = _deviation(numbers, rungs, i, mine, theirs, value[i])
        worst = max(worst, here[0])
        apart, most = max(apart, here[1]), max(most, here[2])
        fastest = max(fastest, quickest)
        if not (np.isfinite(here[0]) and np.isfinite(here[1])):
            return np.inf, np.inf
    return worst, apart / (most if most > 0 else 1.0) - SLACK * fastest / numbers[at.DISCOUNT]


@compiled
def problem(
    numbers: Array, rungs: int, i: int, share: Array, theirs: Array
) -> tuple[Array, Array, float]:
    """What lab i faces while it and its rival build shares (S,), by its own lead y + G.

    Records (S,) of ``FACED``, the rival's hazard (S,) at its shares, and what rounding of prices
    may make of a value.
    """
    size, mine, other = 2 * rungs + 1, at.LAB + i * at.OWN, at.LAB + (1 - i) * at.OWN
    faced, rival = np.empty(size, dtype=FACED), np.empty(size)
    compute, theta, blur = numbers[mine + at.COMPUTE], numbers[at.RETURNS], 0.0
    rich = numbers[other + at.COMPUTE]
    for k in range(size):
        here = faced[k]
        here.compute, here.theta = compute, theta
        here.low, here.high = numbers[mine + at.LOWER], numbers[mine + at.UPPER]
        here.bends = numbers[at.CONDUCT] == at.QUANTITY
        ahead, behind = max(k - rungs, 0), max(rungs - k, 0)
        able = numbers[at.FLYWHEEL] * ahead - numbers[at.HANDICAP] * behind
        here.hazard = numbers[at.PRODUCTIVITY] * numbers[mine + at.TALENT] * np.exp(able)
        here.free = numbers[at.DRAFTING] * behind
        able = numbers[at.FLYWHEEL] * behind - numbers[at.HANDICAP] * ahead
        chase = numbers[at.PRODUCTIVITY] * numbers[other + at.TALENT] * np.exp(able)
        rival[k] = chase * (theirs[k] * rich) ** theta + numbers[at.DRAFTING] * ahead
        if numbers[at.CONDUCT] != at.SET:
            found = _sells(numbers, i, rungs, k, (1 - share[k]) * compute, (1 - theirs[k]) * rich)
            here.price, here.demand, here.worth, here.left = found
            if not here.bends:  # a price next to nil is not known to any digit, for any units
                sure = here.price > SMALL * numbers[at.PRICE]
                sold = (1 - share[k]) * compute if sure else compute
                blur = max(blur, ROUNDING * here.left * sold / numbers[at.DISCOUNT])
        elif len(numbers) > at.NUMBERS:
            here.price, here.demand = numbers[at.NUMBERS + ahead], np.inf
        else:
            lost = numbers[other + at.BRAND] / numbers[mine + at.BRAND]
            lost *= np.exp(numbers[at.SWITCHING] * (behind - ahead))
            here.price = numbers[at.PRICE] * np.exp(-numbers[at.PREMIUM] * behind)
            here.demand = numbers[at.SCARCITY] * (compute + rich) / (1 + lost)
    return faced, rival, blur


@compiled
def _sells(
    numbers: Array, i: int, rungs: int, k: int, units: float, theirs: float
) -> tuple[float, float, float, float]:
    """Price, most sales, worth, and customers left by the rival, where prices clear the market.

    The price is money per unit of taste where the lab knows that prices fall. Else it is that of
    the units that both can sell, and the last number is the sum of what it is the rest of.
    """
    mine, other = at.LAB + i * at.OWN, at.LAB + (1 - i) * at.OWN
    lead, closed = abs(k - rungs), 1 - numbers[at.OPENNESS]
    base = numbers[at.WORTH] + numbers[at.SWITCHING] * closed * lead
    worth = base + np.log(numbers[mine + at.BRAND]) - numbers[at.SWITCHING] * max(rungs - k, 0)
    rival = base + np.log(numbers[other + at.BRAND]) - numbers[at.SWITCHING] * max(k - rungs, 0)
    taking = numbers[at.CONDUCT] == at.TAKING
    own, second = _eager(worth, taking), _eager(rival, taking)
    customers = numbers[at.SCARCITY] * (numbers[mine + at.COMPUTE] + numbers[other + at.COMPUTE])
    early, late = min(units / own, theirs / second), max(units / own, theirs / second)
    without = customers / (1 + own + second)  # while both sell less than they could
    if without > early:
        first, rest = (units, second) if units / own < theirs / second else (theirs, own)
        without = (customers - first) / (1 + rest)
    if without > late:
        without = customers - units - theirs
    if not taking:
        left = customers - min(theirs, second * without)
        return numbers[at.PRICE], left * own / (1 + own), worth, left
    if units == 0 or not units < own * without:  # some is idle, as it is worth nothing
        return 0.0, np.inf, worth, 0.0
    taste = worth + np.log(without / units)
    parts = 1 + abs(worth) + customers / without + numbers[mine + at.COMPUTE] / units
    price = numbers[at.PRICE] * taste if taste > BLURRED * parts else 0.0
    return price, np.inf, worth, numbers[at.PRICE] * parts


@compiled
def _eager(worth: float, taking: bool) -> float:
    """Sales over the unserved at which one more brings nothing: y + ln y = worth - 1, or ln y."""
    if taking:
        return float(np.exp(worth))
    ratio = max(worth - 1, np.exp(min(worth - 1, 0.0)))
    for _ in range(NARROW):
        after = ratio * (worth - np.log(ratio)) / (1 + ratio)
        if abs(after - ratio) <= ROUNDING * ratio:
            break
        ratio = after
    return float(ratio)


@compiled
def _deviation(
    numbers: Array, rungs: int, i: int, share: Array, theirs: Array, value: Array
) -> tuple[tuple[float, float, float], float]:
    """Regret, distance from the values given, the largest value; and the fastest rate."""
    size, rho, chi = len(share), numbers[at.DISCOUNT], numbers[at.LEAPFROG]
    faced, rival, blur = problem(numbers, rungs, i, share, theirs)
    hazard, flow, gained = np.empty(size), np.empty(size), np.empty(size)
    fastest = apart = most = 0.0
    for k in range(size):
        hazard[k] = succeeds(faced[k], share[k])
        flow[k] = earns(faced[k], share[k])
        fastest = max(fastest, rho + hazard[k] + rival[k])
    best = worth(rho, chi, hazard, rival, flow)
    held = best.copy()
    for k in range(size):
        apart = max(apart, blur + abs(held[k] - value[k if i == 0 else size - 1 - k]))
        most = max(most, abs(held[k]))
    powers, play = np.empty(GRID), share.copy()
    for c in range(GRID):
        powers[c] = (grid(faced[0], c) * faced[0].compute) ** faced[0].theta
    for _ in range(ROUNDS):
        better = False
        for k in range(size):
            up = _gain(best, rungs, chi, k)
            found = look(faced[k], up, play[k], powers)
            quick = succeeds(faced[k], found) - hazard[k]
            more = earns(faced[k], found) - earns(faced[k], play[k]) + quick * up
            more -= ROUNDING * abs(quick) * most
            gained[k] = 0.0
            if more > 0:
                better, gained[k], play[k] = True, more, found
                hazard[k] = succeeds(faced[k], found)
        if not better:
            break
        gained = worth(rho, chi, hazard, rival, gained)
        largest = highest = 0.0
        for k in range(size):
            best[k] += gained[k]
            largest, highest = max(largest, gained[k]), max(highest, abs(best[k]))
        if not np.isfinite(highest):
            return (np.inf, apart, most), fastest
        if largest <= 1e-13 * highest:
            break
    else:
        return (np.inf, apart, most), fastest
    worst = scale = 0.0
    for k in range(size):
        worst, scale = max(worst, best[k] - held[k]), max(scale, abs(best[k]))
    return (worst / (scale if scale > 0 else 1.0), apart, most), fastest


@compiled
def _gain(value: Array, rungs: int, chi: float, k: int) -> float:
    """What a success adds to a value."""
    if k == len(value) - 1:
        return 0.0
    if k >= rungs:
        return float(value[k + 1] - value[k])
    return float((1 - chi) * value[k + 1] + chi * value[rungs + 1] - value[k])


@compiled
def succeeds(here: Array, share: float) -> float:
    """Hazard of a share."""
    return float(here.hazard * (share * here.compute) ** here.theta + here.free)


@compiled
def earns(here: Array, share: float) -> float:
    """Revenue of a share."""
    sold = min((1 - share) * here.compute, here.demand)
    if here.bends:
        if not sold > 0:
            return 0.0
        return float(here.price * sold * (here.worth + np.log(here.left / sold - 1)))
    return float(here.price * sold)


@compiled
def grid(here: Array, c: int) -> float:
    """A share of the grid."""
    return float(here.low + (here.high - here.low) * c / (GRID - 1))


@compiled
def _pays(here: Array, up: float, share: float) -> float:
    return earns(here, share) + succeeds(here, share) * up


@compiled
def look(here: Array, up: float, held: float, powers: Array) -> float:
    """The share that pays most, by looking; that held if none pays more."""
    if here.high == here.low:
        return held
    best, paid = held, _pays(here, up, held)
    for c in range(GRID):
        share = grid(here, c)
        pays = earns(here, share) + (here.hazard * powers[c] + here.free) * up
        if pays > paid + 4e-16 * abs(paid):
            best, paid = share, pays
    bend = min(max(1 - here.demand / here.compute, here.low), here.high)
    pays = _pays(here, up, bend)
    if pays > paid + 4e-16 * abs(paid):
        best, paid = bend, pays
    if up == 0:
        return best
    for side in (-1.0, 1.0):  # to the next grid point or the bend, whichever is nearer
        far = best + side * (here.high - here.low) / (GRID - 1)
        far = min(max(far, here.low), here.high)
        if (bend - best) * side > 0 and (far - bend) * side > 0:
            far = bend
        step = side * min(BESIDE * (best if best > 0 else NEXT), abs(far - best))
        if step != 0 and _pays(here, up, best + step) > paid:
            return _narrowed(here, up, best, far)
    step = min(BESIDE * best, best - here.low, here.high - best, abs(best - bend))
    if step > 0:  # what is left of a payoff that is as high on both sides is a parabola
        left, right = _pays(here, up, best - step), _pays(here, up, best + step)
        bent = left - 2 * paid + right
        if bent < 0:
            top = best + step * min(max((left - right) / (2 * bent), -1.0), 1.0)
            if _pays(here, up, top) > paid + 4e-16 * abs(paid):
                best = top
    return best


@compiled
def _narrowed(here: Array, up: float, one: float, other: float) -> float:
    """The share that pays most between two others, by golden sections."""
    low, high = min(one, other), max(one, other)
    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    first, second = _pays(here, up, a), _pays(here, up, b)
    for _ in range(NARROW):
        if first >= second:
            high, b, second = b, a, first
            a = high - GOLDEN * (high - low)
            first = _pays(here, up, a)
        else:
            low, a, first = a, b, second
            b = low + GOLDEN * (high - low)
            second = _pays(here, up, b)
    found = (low + high) / 2
    return one if _pays(here, up, one) >= _pays(here, up, found) else found


@compiled
def worth(rho: float, chi: float, up: Array, down: Array, flow: Array) -> Array:
    """Value of a flow where the lead rises and falls at rates, by striking out states from outside.

    From both ends inward each state's value is written as a + b V(next) + c V(1) + d V(-1), in
    which a laggard's leap to the other side of the tie is carried along; then three equations for
    the values at -1, 0 and 1 are left.
    """
    size = len(flow)
    middle = size // 2
    a, b, c = np.empty(size), np.empty(size), np.empty(size)  # next is towards the tie
    for side in range(2):
        for r in range(middle, 0, -1):
            k = middle - r if side == 0 else middle + r
            home, away = (up[k], down[k]) if side == 0 else (down[k], up[k])
            if r == middle:
                away = 0.0
            total = rho + home + away
            constant, over = flow[k], chi * home
            if r < middle:
                outer = k - 1 if side == 0 else k + 1
                constant += away * a[outer]
                over += away * c[outer]
                total -= away * b[outer]
            a[k], b[k], c[k] = constant / total, (1 - chi) * home / total, over / total
    lo, hi = middle - 1, middle + 1  # V(lo) = a + b V(0) + c V(hi), and the other way round
    det = 1 - c[lo] * c[hi]
    fixed_lo, tied_lo = (a[lo] + c[lo] * a[hi]) / det, (b[lo] + c[lo] * b[hi]) / det
    fixed_hi, tied_hi = (a[hi] + c[hi] * a[lo]) / det, (b[hi] + c[hi] * b[lo]) / det
    left = rho + up[middle] * (1 - tied_hi) + down[middle] * (1 - tied_lo)
    value = np.empty(size)
    value[middle] = (flow[middle] + up[middle] * fixed_hi + down[middle] * fixed_lo) / left
    value[lo], value[hi] = (
        fixed_lo + tied_lo * value[middle],
        fixed_hi + tied_hi * value[middle],
    )
    for r in range(2, middle + 1):
        k = middle - r
        value[k] = a[k] + b[k] * value[k + 1] + c[k] * value[hi]
        k = middle + r
        value[k] = a[k] + b[k] * value[k - 1] + c[k] * value[lo]
    return value

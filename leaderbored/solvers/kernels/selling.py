r"""The stage of a market that clears, at one lead: two labs, what they sell and what builds.

The stage and its slopes are those of :mod:`leaderbored.solvers.markov.selling`, which says why and
is the twin. Given the customers unserved, :math:`S_0`, the sales of a lab with a use for successes
are the root, in :math:`t = \ln (S / S_0)`, of

.. math:: S_0\, e^t + K \Big(\frac{c}{m(t)}\Big)^{1 / (1 - \theta)} = K, \qquad
          m(t) = \mu\, (x - t - 1 - e^t) ,

whose left side rises from below K to beyond; and one :math:`S_0` makes all sales add up. Both are
found by Newton's method within brackets, from where they were found last.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.kernels.clearing import clear, margin, wanted
from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.rows import QUANTITY
from leaderbored.solvers.kernels.tables import Tables, power, unsold

Array = Any
ZERO = 1e-14  # gains below this share of the largest value are rounding, and efforts of one
ROUNDS = 100  # of Newton's method, and halvings
FINE = 1e-8  # relative steps of Newton's method after which what moves does so evenly
TOGETHER = 6  # rounds of all at once, before one is inside the other
FAR = 0.1  # relative distance from a root from which logarithms lead there
SAME = 1e-15  # relative size of what is left


@compiled
def meet(game: Tables, k: int, first: float, second: float) -> None:
    """Solve the stage game at a place for pushes c of the labs; it is left in ``game.met``.

    A push is theta scale gain / K, or 0 of a lab that has no use for a success.
    """
    here, there, mine, theirs = game.at[0, k], game.at[1, k], game.lab[0], game.lab[1]
    one, other, theta = game.met[0, k], game.met[1, k], game.returns
    tilt, customers = 1.0 if game.conduct == QUANTITY else 0.0, here.demand
    room = (1 - mine.lower) * mine.compute + (1 - theirs.lower) * theirs.compute
    least = max(customers - room, customers / (1 + here.most + there.most))
    rise = one.sold * _foresee(one, theta, first) + other.sold * _foresee(other, theta, second)
    left = one.unserved
    left -= rise / (1 + (one.sold * one.follows + other.sold * other.follows) / left)
    left = min(max(left, least), customers)
    low, high, part = 0.9 * least, 1.1 * customers, 0.0
    for r in range(ROUNDS):
        within = FAR if r < TOGETHER else FINE
        off = sell(here, mine, one, theta, tilt, first, left, within)
        off = max(off, sell(there, theirs, other, theta, tilt, second, left, within))
        excess = left + one.sold + other.sold - customers
        part = excess / (left + one.sold * one.follows + other.sold * other.follows)
        sure = off * customers if off > FINE else 0.0
        if excess < -sure:
            low = left
        if excess > sure:
            high = left
        if off <= FINE and (abs(part) <= FINE or high - low <= SAME * high):
            break
        ahead = left * (1 - part)
        left = ahead if low < ahead < high else (low + high) / 2
    ease(here, mine, one, theta, tilt, -part)
    ease(there, theirs, other, theta, tilt, -part)


@compiled
def _foresee(met: Array, theta: float, push: float) -> float:
    """By which part sales will rise at another push and as many unserved; it is noted."""
    if theta == 1 or not met.free or not abs(push - met.push) <= FAR * met.push:
        return 0.0
    rise = met.eager * (1 - push / met.push)
    met.log += rise
    return float(rise)


@compiled
def ease(here: Array, own: Array, met: Array, theta: float, tilt: float, part: float) -> None:
    """Move what a lab sells and builds with customers unserved, by a very small part of these."""
    more = met.sold * met.follows * part
    if met.free:
        if theta < 1:
            met.margin *= 1 + (1 - theta) * more / (own.compute * met.build)
        met.build -= more / own.compute
    met.sold += more
    met.unserved *= 1 + part
    if not met.free:
        met.margin = 0.0
        if met.follows == 0 and met.sold > 0:
            rest = here.demand / met.unserved + own.compute / met.sold
            bare = margin(here.worth, tilt, met.sold / met.unserved)
            met.margin = here.price * clear(here.worth, tilt, rest, bare)


@compiled
def sell(
    here: Array,
    own: Array,
    met: Array,
    theta: float,
    tilt: float,
    push: float,
    left: float,
    within: float,
) -> float:
    """What a lab sells and builds with while so many customers are unserved; how sure that is."""
    compute, share, off = own.compute, own.lower, 0.0
    if push > 0:
        if theta == 1:
            met.log = wanted(here.worth - push / here.price, tilt)
            met.sold, met.margin, met.follows = left * np.exp(met.log), push, 1.0
            share = 1 - met.sold / compute
        else:
            share, off = _shared(here, own, met, theta, tilt, push, left, within)
    met.free = share > own.lower and share < own.upper
    met.build = min(max(share, own.lower), own.upper)
    met.unserved = left
    if not met.free:
        room = (1 - met.build) * compute
        met.sold, met.follows = here.most * left, 1.0
        if room < met.sold:
            met.sold, met.follows = room, 0.0
    return off


@compiled
def _shared(
    here: Array,
    own: Array,
    met: Array,
    theta: float,
    tilt: float,
    push: float,
    left: float,
    within: float,
) -> tuple[float, float]:
    """The share at which building is worth as much as selling, bounds aside; theta is below 1.

    Newton's method ends with a step that is relative to its precision at most ``within``, which is
    returned: the error is of the order of its square.
    """
    worth, unit, exponent, goal = here.worth, left / own.compute, 1 / (1 - theta), push / here.price
    low, high = -np.inf, here.wanted
    t = met.log + (met.follows - 1) * (left / met.unserved - 1)
    if not t < high:  # from where neither sales nor shares use up half of the compute
        t = min(np.log(0.5 / unit), high - 2 * goal)
    bare = share = sold = steep = stiff = step = off = blur = 0.0
    for _ in range(ROUNDS):
        sold = np.exp(t)
        bare, steep, sold = worth - t - tilt * (1 + sold), 1 + tilt * sold, sold * unit
        if not bare > 0:
            high, t = t, (low + t) / 2 if low > -np.inf else t - 1
            continue
        inverse, blur = 1 / bare, abs(worth) + abs(t) + steep
        share, stiff = power(goal * inverse, exponent), exponent * steep * inverse
        used = sold + share
        if used > 1:
            high = t
        else:
            low = t
        lost = used - 1 if abs(used - 1) < FAR else used * np.log(used)
        step = lost / (sold + share * stiff)
        off = abs(step) * max(1.0, stiff)
        if not high - low > SAME * max(abs(t), 1.0):  # no double is nearer
            step = off = 0.0
        if abs(used - 1) < FAR and abs(step) <= SAME * blur:
            off = 0.0
        if off <= within:
            break
        bend = step * steep * inverse  # of the logarithm of m: what follows it moves with that
        if abs(bend) > FAR and (bend < 0 or share > sold):
            step = np.expm1(bend) * bare / steep
        near = (low + high) / 2 if low > -np.inf else t - 1
        t = t - step if low < t - step < high else near
    met.log, met.push, sold = t - step, push, sold * (1 - step)
    share, bare, rest = share * (1 - stiff * step), bare + steep * step, 1 - sold
    if rest > 0 and exponent * blur * rest >= bare:  # better known by what is left
        share, bare = rest, goal / power(rest, 1 - theta)
    met.sold, met.margin = own.compute * sold, here.price * bare
    builds = exponent * share / bare * steep
    met.follows, met.eager = builds / (sold + builds), exponent * share / (sold + builds)
    return share, off


@compiled
def replies(game: Tables, gain: Array, scale: float, reply: Array, effort: Array) -> None:
    """Shares of the stage games at gains (2, S), and their efforts, left in the last two arrays."""
    least = _rounding(game, scale)
    for k in range(gain.shape[1]):
        meet(game, k, _push(game, 0, k, gain[0, k], least), _push(game, 1, k, gain[1, k], least))
        for i in range(2):
            here, met = game.at[i, k], game.met[i, k]
            share = met.build
            if here.movable and abs(gain[i, k]) <= least:
                share = max(share, unsold(here, game.lab[i], met.unserved))
            reply[i, k], effort[i, k] = share, power(share, game.returns)


@compiled
def _rounding(game: Tables, scale: float) -> float:
    """The largest gain that is rounding, of values or of prices that are nearly zero."""
    if game.conduct != QUANTITY:
        rich = max(game.lab[0].compute, game.lab[1].compute) * game.at[0, 0].price
        scale = max(scale, rich / game.discount)
    return ZERO * scale


@compiled
def _push(game: Tables, i: int, k: int, gain: float, least: float) -> float:
    """Worth of building with all compute, by the gain; see :func:`meet`."""
    here = game.at[i, k]
    if not (here.movable and gain > least):
        return 0.0
    return float(game.returns * here.scale * gain / game.lab[i].compute)


@compiled
def pieces(
    game: Tables,
    felt: Array,
    gains: Array,
    scale: float,
    weight: float,
    build: Array,
    effort: Array,
    pushes: Array,
    level: Array,
) -> int:
    """The active pieces near shares and their efforts, left in the arrays; how many levels.

    ``pushes[i, j]`` (2, 2, S) is by how much the payoff and the prospects of lab i move with the
    gain of lab j.
    """
    count, theta, least = 0, game.returns, _rounding(game, scale)
    alive, spare = np.zeros(2, dtype=np.bool_), np.empty(2, dtype=np.bool_)
    for i in range(2):
        for k in range(gains.shape[1]):
            alive[i] = alive[i] or abs(gains[i, k]) > least
    for k in range(gains.shape[1]):
        first, second = _push(game, 0, k, gains[0, k], least), _push(game, 1, k, gains[1, k], least)
        meet(game, k, first, second)
        again = False
        for i in range(2):
            here, own, met = game.at[i, k], game.lab[i], game.met[i, k]
            met.stake = gains[i, k] if abs(gains[i, k]) > least else 0.0
            step = weight * (own.most - own.least) / (here.price * own.compute)
            point = effort[i, k] + step * here.scale * met.stake
            middle = power(unsold(here, own, met.unserved), theta)
            here_level = here.movable and alive[i]
            level[i, k] = here_level and point > own.least + ZERO and point < middle - ZERO
            spare[i] = here.movable and middle > own.least and (point >= middle or not alive[i])
            again = again or (level[i, k] and met.stake > 0)
        if again:
            meet(game, k, 0.0 if level[0, k] else first, 0.0 if level[1, k] else second)
        for i in range(2):
            own, met = game.lab[i], game.met[i, k]
            share, idle = met.build, unsold(game.at[i, k], own, met.unserved)
            if level[i, k]:
                share, count = min(max(build[i, k], own.lower), idle), count + 1
            elif spare[i]:
                share = max(share, idle)
            if share != build[i, k]:
                build[i, k], effort[i, k] = share, power(share, theta)
    _slopes(game, felt, build, effort, pushes)
    return count


@compiled
def _slopes(game: Tables, felt: Array, build: Array, effort: Array, pushes: Array) -> None:
    """How payoffs and prospects move with gains, by way of all that moves at a place."""
    tilt = 1.0 if game.conduct == QUANTITY else 0.0
    pull, eased, moved, ratio = np.empty(2), np.empty(2), np.empty(2), np.empty(2)
    for k in range(build.shape[1]):
        total = 1.0
        for i in range(2):
            met, here, own = game.met[i, k], game.at[i, k], game.lab[i]
            ratio[i], share = met.sold / met.unserved, build[i, k]
            eased[i] = ratio[i] * met.follows
            total += eased[i]
            pull[i] = moved[i] = 0.0
            free = met.free and met.stake > 0
            inside = share > own.lower and share < own.upper and met.stake <= 0
            if free:
                flat = here.price * (1 + tilt * ratio[i])
                pull[i] = -met.sold / flat * met.margin * met.follows / met.stake
            if free or (inside and share == unsold(here, own, met.unserved)):
                moved[i] = -here.scale * game.returns * effort[i, k] / share / own.compute
        for j in range(2):
            crowd = -pull[j] / total
            pushes[0, j, k] = pushes[1, j, k] = 0.0
            for m in range(2):
                sold, met = eased[m] * crowd + (pull[j] if m == j else 0.0), game.met[m, k]
                for i in range(2):
                    pushes[i, j, k] += felt[i, m, k] * moved[m] * sold
                if met.sold > 0:
                    price = game.at[m, k].price
                    dearer = met.margin + price * (tilt * (1 + ratio[m]) - 1)
                    pushes[m, j, k] += dearer * sold + price * ratio[m] * crowd

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
COARSE, FINE = 1e-3, 1e-8  # relative steps of Newton's method after which what moves does so evenly
FAR = 0.1  # relative distance from a root from which logarithms lead there
SAME = 1e-15  # relative size of what is left


@compiled
def meet(game: Tables, k: int, first: float, second: float) -> None:
    """Solve the stage game at a place for pushes c of the labs; it is left in ``game.met``.

    A push is theta scale gain / K, or 0 of a lab that has no use for a success.
    """
    customers = game.at[0, k].demand
    most = room = 0.0
    for i in range(2):
        most += game.at[i, k].most
        room += (1 - game.lab[i].lower) * game.lab[i].compute
    least = max(customers - room, customers / (1 + most))
    left = min(max(game.met[0, k].unserved, least), customers)
    low, high, within = 0.9 * least, 1.1 * customers, COARSE
    one, other = game.met[0, k], game.met[1, k]
    for _ in range(ROUNDS):
        off = max(sell(game, 0, k, first, left, within), sell(game, 1, k, second, left, within))
        sure = COARSE * customers if off > FINE else 0.0
        excess = left + one.sold + other.sold - customers
        part = excess / (left + one.sold * one.follows + other.sold * other.follows)
        if excess < -sure:
            low = left
        if excess > sure:
            high = left
        if off <= FINE and (abs(part) <= FINE or high - low <= SAME * high):
            ease(game, 0, k, -part)
            ease(game, 1, k, -part)
            break
        within = FINE
        ahead = left * (1 - part)
        left = ahead if low < ahead < high else (low + high) / 2


@compiled
def ease(game: Tables, i: int, k: int, part: float) -> None:
    """Move what a lab sells and builds with customers unserved, by a very small part of these."""
    met, price = game.met[i, k], game.at[i, k].price
    more = met.sold * met.follows * part
    if not met.free and met.margin > 0:  # of who sells out, prices fall with fewer unserved
        tilt = 1.0 if game.conduct == QUANTITY else 0.0
        met.margin += price * (1 + tilt * met.sold / met.unserved) * part
    if met.free and game.returns < 1:
        met.margin *= 1 + (1 - game.returns) * more / (game.lab[i].compute * met.build)
    if met.free:
        met.build -= more / game.lab[i].compute
    met.sold += more
    met.unserved *= 1 + part


@compiled
def sell(game: Tables, i: int, k: int, push: float, left: float, within: float) -> float:
    """What a lab sells and builds with while so many customers are unserved; how sure that is."""
    here, own, met = game.at[i, k], game.lab[i], game.met[i, k]
    tilt, compute, off = 1.0 if game.conduct == QUANTITY else 0.0, own.compute, 0.0
    met.build, met.free = own.lower, False
    if push > 0:
        if game.returns == 1:
            met.log = wanted(here.worth - push / here.price, tilt)
            met.sold, met.margin, met.follows = left * np.exp(met.log), push, 1.0
            share = 1 - met.sold / compute
        else:
            share, off = _shared(game, i, k, push, left, within)
        met.free = share > own.lower and share < own.upper
        met.build = min(max(share, own.lower), own.upper)
    met.unserved = left
    if not met.free:
        room = (1 - met.build) * compute
        met.sold, met.margin, met.follows = here.most * left, 0.0, 1.0
        if room < met.sold:
            met.sold, met.follows = room, 0.0
            if room > 0:
                rest = here.demand / left + compute / room
                bare = margin(here.worth, tilt, room / left)
                met.margin = here.price * clear(here.worth, tilt, rest, bare)
    return off


@compiled
def _shared(
    game: Tables, i: int, k: int, push: float, left: float, within: float
) -> tuple[float, float]:
    """The share at which building is worth as much as selling, bounds aside; theta is below 1.

    Newton's method ends with a step that is relative to its precision at most ``within``, which is
    returned: the error is of the order of its square.
    """
    here, met, full = game.at[i, k], game.met[i, k], game.lab[i].compute / left
    tilt, exponent = 1.0 if game.conduct == QUANTITY else 0.0, 1 / (1 - game.returns)
    goal, low, high = push / here.price, -np.inf, here.wanted
    t = met.log + (met.follows - 1) * (left / met.unserved - 1)
    if not t < high:  # from where neither sales nor shares use up half of the compute
        t = min(np.log(full / 2), high - 2 * goal)
    ratio = bare = share = steep = step = off = 0.0
    for _ in range(ROUNDS):
        ratio = np.exp(t)
        bare, steep = here.worth - t - tilt * (1 + ratio), 1 + tilt * ratio
        if not bare > 0:
            high, t = t, (low + t) / 2 if low > -np.inf else t - 1
            continue
        share, sold = power(goal / bare, exponent), ratio / full
        used = sold + share
        if used > 1:
            high = t
        else:
            low = t
        lost = used - 1 if abs(used - 1) < FAR else used * np.log(used)
        step = lost / (sold + exponent * share * steep / bare)
        off = abs(step) * max(1.0, exponent * steep / bare)
        if not high - low > SAME * max(abs(t), 1.0):  # no double is nearer
            step = off = 0.0
        if off <= within:
            break
        bend = step * steep / bare  # of the logarithm of m: what follows it moves evenly with that
        if abs(bend) > FAR and (bend < 0 or share > sold):
            step = np.expm1(bend) * bare / steep
        near = (low + high) / 2 if low > -np.inf else t - 1
        t = t - step if low < t - step < high else near
    met.log, ratio = t - step, ratio * (1 - step)
    share, bare = share * (1 - exponent * steep * step / bare), bare + steep * step
    rest = 1 - ratio / full
    blur = abs(here.worth) + abs(t) + steep
    if rest > 0 and exponent * blur * rest >= bare:  # better known by what is left
        share, bare = rest, goal / power(rest, 1 - game.returns)
    met.sold, met.margin = left * ratio, here.price * bare
    builds = exponent * share * full / bare
    met.follows = builds / (ratio / (1 + tilt * ratio) + builds)
    return share, off


@compiled
def replies(game: Tables, gain: Array, scale: float, reply: Array, effort: Array) -> None:
    """Shares of the stage games at gains (2, S), and their efforts, left in the last two arrays."""
    for k in range(gain.shape[1]):
        meet(game, k, push(game, 0, k, gain, scale), push(game, 1, k, gain, scale))
        for i in range(2):
            share = game.met[i, k].build
            if game.at[i, k].movable and cleared(game, gain[i, k], scale) == 0:
                share = max(share, unsold(game, i, k, game.met[i, k].unserved))
            reply[i, k], effort[i, k] = share, power(share, game.returns)


@compiled
def cleared(game: Tables, gain: float, scale: float) -> float:
    """A gain that is not rounding, of values or of prices that are nearly zero."""
    if game.conduct != QUANTITY:
        rich = max(game.lab[0].compute, game.lab[1].compute) * game.at[0, 0].price
        scale = max(scale, rich / game.discount)
    return gain if abs(gain) > ZERO * scale else 0.0


@compiled
def push(game: Tables, i: int, k: int, gain: Array, scale: float) -> float:
    """Worth of building with all compute, by the gain; see :func:`meet`."""
    stake = max(cleared(game, gain[i, k], scale), 0.0) if game.at[i, k].movable else 0.0
    return float(game.returns * game.at[i, k].scale * stake / game.lab[i].compute)


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
    count, theta = 0, game.returns
    alive = np.zeros(2, dtype=np.bool_)
    for i in range(2):
        for k in range(gains.shape[1]):
            alive[i] = alive[i] or cleared(game, gains[i, k], scale) != 0
    stake, spare = np.empty(2), np.empty(2, dtype=np.bool_)
    for k in range(gains.shape[1]):
        meet(game, k, push(game, 0, k, gains, scale), push(game, 1, k, gains, scale))
        again = False
        for i in range(2):
            here, own = game.at[i, k], game.lab[i]
            stake[i] = cleared(game, gains[i, k], scale)
            step = weight * (own.most - own.least) / (here.price * own.compute)
            point = effort[i, k] + step * here.scale * stake[i]
            middle = power(unsold(game, i, k, game.met[i, k].unserved), theta)
            here_level = here.movable and alive[i]
            level[i, k] = here_level and point > own.least + ZERO and point < middle - ZERO
            spare[i] = here.movable and middle > own.least and (point >= middle or not alive[i])
            again = again or (level[i, k] and stake[i] > 0)
        if again:
            first = 0.0 if level[0, k] else push(game, 0, k, gains, scale)
            meet(game, k, first, 0.0 if level[1, k] else push(game, 1, k, gains, scale))
        for i in range(2):
            share, idle = game.met[i, k].build, unsold(game, i, k, game.met[i, k].unserved)
            if level[i, k]:
                share, count = min(max(build[i, k], game.lab[i].lower), idle), count + 1
            elif spare[i]:
                share = max(share, idle)
            if share != build[i, k]:
                build[i, k], effort[i, k] = share, power(share, theta)
        _slopes(game, k, felt, stake, build, effort, pushes)
    return count


@compiled
def _slopes(
    game: Tables,
    k: int,
    felt: Array,
    stake: Array,
    build: Array,
    effort: Array,
    pushes: Array,
) -> None:
    """How payoffs and prospects move with gains at a place, by way of all that moves there."""
    tilt, total = 1.0 if game.conduct == QUANTITY else 0.0, 1.0
    pull, eased, moved = np.zeros(2), np.empty(2), np.zeros(2)
    for i in range(2):
        met, here, own = game.met[i, k], game.at[i, k], game.lab[i]
        ratio, share = met.sold / met.unserved, build[i, k]
        eased[i] = ratio * met.follows
        total += eased[i]
        free = met.free and stake[i] > 0
        inside = share > own.lower and share < own.upper and stake[i] <= 0
        if free:
            flat = here.price * (1 + tilt * ratio)
            pull[i] = -met.sold / flat * met.margin * met.follows / stake[i]
        if free or (inside and share == unsold(game, i, k, met.unserved)):
            moved[i] = -here.scale * game.returns * effort[i, k] / share / own.compute
    for j in range(2):
        crowd = -pull[j] / total
        for i in range(2):
            pushes[i, j, k] = 0.0
        for m in range(2):
            sold = eased[m] * crowd + (pull[j] if m == j else 0.0)
            met, price = game.met[m, k], game.at[m, k].price
            ratio = met.sold / met.unserved
            for i in range(2):
                pushes[i, j, k] += felt[i, m, k] * moved[m] * sold
            if met.sold > 0:
                dearer = met.margin + price * (tilt * (1 + ratio) - 1)
                pushes[m, j, k] += dearer * sold + price * ratio * crowd

"""Rows of numbers of two labs at every lead, in doubles rounded outwards from balls."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from flint import arb, ctx

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.complete import lab

BITS = 128


def rows(game: Markov, place: Array) -> Array | None:
    """(2, S, FIELDS) numbers of each lab at each lead; None if a lab earns nothing from compute."""
    table = np.empty((2, len(place), lab.FIELDS))
    with ctx.workprec(BITS):
        for i in range(2):
            for k, s in enumerate(place):
                row = _row(game, i, int(s))
                if row is None:
                    return None
                table[i, k] = row
    ends = ((0, len(place) - 1), (1, 0))
    for i, k in ends:  # where success changes nothing
        table[i, k, lab.SCALE] = table[i, k, lab.BASE] = 0.0
    return table if np.isfinite(table).all() else None


def _row(game: Markov, i: int, s: int) -> list[float] | None:
    theta = arb(game.returns)
    low, high = arb(float(game.lower[i, s])), arb(float(game.upper[i, s]))
    scale, base = float(game.scale[i, s]), float(game.base[i, s])
    price, capacity = arb(float(game.price[i, s])), arb(float(game.capacity[i, s]))
    demand, cost = float(game.demand[i, s]), price * capacity
    movable = bool(game.movable[i, s])
    if not cost > 0 or not scale >= 0 or not base >= 0:
        return None
    idle = low
    if demand < float(game.capacity[i, s]):
        idle = (1 - arb(demand) / capacity).max(low).min(high)

    def earned(share: Any) -> Any:
        sold = cost * (1 - share)
        return sold if demand == math.inf else sold.min(price * arb(demand))

    e_low, e_idle, e_high = power(low, theta), power(idle, theta), power(high, theta)
    if low == idle:  # the same numbers: no room in between
        e_idle = e_low
    spare = movable and bool(idle > low)
    if movable and not spare and not (idle - low).is_zero():
        return None  # which it is balls cannot tell
    s_ball = arb(scale)
    if movable:
        worth, dear = theta * s_ball / cost, cost / (theta * s_ball)
        first, last = dear * power(idle, 1 - theta), dear * power(high, 1 - theta)
    else:
        worth, dear, first, last = arb(1), arb(1), arb(0), arb(0)
    steep, share = theta / (1 - theta), 1 / (1 - theta)
    smooth = game.returns >= 0.5
    flat = (2 * theta - 1) / (1 - theta) if smooth else (1 - 2 * theta) / theta
    balls = (
        earned(low),
        cost,
        e_low,
        e_idle,
        e_high,
        first,
        last,
        worth,
        dear,
        steep,
        share,
        flat,
        earned(high),
        (1 - theta) / theta,
        theta,
    )
    row = [end for ball in balls for end in ends_of(ball)]
    return [*row, scale, base, float(movable), float(spare), float(smooth), 0.0]


def power(ball: Any, exponent: Any) -> Any:
    """Power of a ball that is not negative."""
    return ball**exponent if ball > 0 else arb(0).union(ball.upper() ** exponent)


def ends_of(ball: Any) -> tuple[float, float]:
    """Doubles below and above a ball; the number itself where it is one."""
    if ball.is_exact() and arb(float(ball)) == ball:
        return float(ball), float(ball)
    low, high = float(ball.lower()), float(ball.upper())
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)


def rising(table: Array, game: Markov, place: Array) -> Array:
    r"""The same rows without replies to gains that cannot be: pieces NEG, and LEVEL, taken out.

    Let the most that a lab can earn at once, R, never fall with its own lead p. Then neither does
    its value V. For let p be the lowest with V(p + 1) < V(p). There it builds least, and V(p - 1)
    is not above V(p), so that :math:`\rho V(p) \le R(p)`. Let V(q) be the least of those beyond p:
    both its neighbours are not below it, so that :math:`\rho V(q) \ge R(q)`, which it earns if it
    builds least. But then :math:`R(q) \le \rho V(q) < \rho V(p) \le R(p)`.

    If V(p + 1) = V(p), in the same way :math:`R(p + 1) \le \rho V(p + 1) = \rho V(p) \le R(p)`. So
    R does not rise there, and the lab earns no more at p + 1 than R: V(p + 2) = V(p + 1), if it can
    succeed at all, and so on. Hence V(p + 1) > V(p) if R rises at p, or at a lead beyond.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.solvers.complete.line import leads
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1)
    >>> game = race.markov()
    >>> place = leads(game)
    >>> rising(rows(game, place), game, place)[:, :, lab.RISING].tolist()
    [[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]
    """
    table = table.copy()
    for i, own in enumerate((table[0], table[1, ::-1])):  # from its lowest lead to its highest
        order = place if i == 0 else place[::-1]
        numbers = (game.price, game.capacity, game.demand, game.lower)
        earns = np.stack([of[i, order] for of in numbers])
        same = (earns[:, 1:] == earns[:, :-1]).all(axis=0)
        least, most = own[:, lab.EARNED], own[:, lab.EARNED + 1]
        more = least[1:] > most[:-1]
        if not (same | (least[1:] >= most[:-1])).all():
            continue
        own[:-1, lab.RISING] = 1.0
        builds = (own[:, lab.LOW] > 0) | ((own[:, lab.FREE] > 0) & (own[:, lab.HIGH] > 0))
        succeeds = (own[:, lab.BASE] > 0) | ((own[:, lab.SCALE] > 0) & builds)
        above = False
        for p in reversed(range(len(more))):
            above = bool(more[p] or (succeeds[p + 1] and above))
            if above:
                own[p, lab.SPARE] = 0.0
    return table

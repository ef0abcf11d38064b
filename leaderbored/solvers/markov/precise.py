r"""Gains too small for one double, and what the players do about them.

Far from the tie a success is worth next to nothing, and the gain :math:`P_i V_i - V_i`, a
difference of values that agree in all digits, is rounding. Yet idle compute builds for any gain
above zero, however small, and where no success is worth a thing the state absorbs. So values of
given shares are computed once more as unevaluated sums of two doubles: the residual

.. math:: R_i - \rho V_i + \sum_j h_j \sum_t P_j(s, t)\, (V_i(t) - V_i(s))

by error-free transformations (Dekker, Numerische Mathematik 18, 1971), and where money grows by
the factor :math:`\Gamma_j(t)` with :math:`h_j P_j(s, t)\, (\Gamma_j(t) - 1)\, V_i(t)` on top; the
correction by the solver for doubles (iterative refinement: Higham, Accuracy and Stability of
Numerical Algorithms, 2002, ch. 12). Gains are then known to some thirty digits of the largest
value, and players whose gain is small reply to it afresh. What is below even that counts as a
vanishing positive gain.

A level, at which a player is indifferent, has a gain of zero too, but one that the shares hold
there: it would not stay small if they went to their ends. Those are left alone.

Replies to small gains may move the values of others, to whom it matters whether one far behind
builds. What was found is then an equilibrium by rounding alone: best replies of all lead from it to
the true one, if they lead anywhere.
"""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.reply import two_sum
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import DENSE, factorise, solve_linear

Double: TypeAlias = tuple[Array, Array]  # an unevaluated sum, the larger part first

SMALL_GAIN = 1e-9  # gains below this share of the largest value are looked at again
PAIR_ROUNDING = 1e-14  # rounding of sums of two doubles, over that of one
REFINEMENTS = 6
REPLY_ROUNDS = 60  # of replies to small gains
SETTLED_HAZARDS = 1e-9  # relative change of hazards at which they have settled
SETTLED_SHARES = 1e-13  # distance of shares from best replies at which all have settled
PINNED_GAIN = 1e-6  # of the gain at the ends of a level, to which the shares hold it
DISTINCT_HAZARDS = 0.1  # relative difference of hazards from efforts that are not the same
NEGLIGIBLE_HAZARD = 1e-6  # of the discount rate: hazards too small to matter
LARGEST_VALUE_MOVE = 1e-9  # of the largest value: small gains cannot move more, if all is well
SPLITTER = 134217729.0  # 2**27 + 1


def settle(system: System, point: Point) -> Point:
    """The same equilibrium with best replies to the true signs and sizes of small gains.

    Parameters
    ----------
    system : System
    point : Point
        An equilibrium up to the rounding of gains.

    Returns
    -------
    Point
        The one given, if no gain is small, or if replies to small gains would move its values and
        it holds (:func:`holds`) or those of all to each other do not settle.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.095), discount=0.1, rungs=96)
    >>> system = System(race.markov())
    >>> build = lb.solve(race).equilibria[0].build
    >>> asleep = np.where(system.game.states.max(axis=1) > 60, 0.0, build)
    >>> settled = settle(system, Point(system.evaluate(asleep), asleep, 0))
    >>> bool(np.abs(settled.build - build).max() < 1e-9)
    True
    """
    game, build, small = system.game, point.build, _small(system, point)
    between = small & (build > game.lower) & (build < game.idle)
    small &= ~between | ~pinned(system, build, between)
    if not small.any():
        return point
    scale = float(np.abs(point.value).max())
    hazard = game.hazard(build)
    for _ in range(REPLY_ROUNDS):
        checkpoint()
        value = evaluate(system, build)
        reply = system.answer(value[0], gains(system, value), PAIR_ROUNDING * scale)
        build = np.where(small, reply, build)
        before, hazard = hazard, game.hazard(build)
        if (np.abs(hazard - before) <= SETTLED_HAZARDS * np.maximum(hazard, before)).all():
            break
    if float(np.abs(value[0] - point.value).max()) <= LARGEST_VALUE_MOVE * scale:
        return Point(value[0], build, point.rounds)
    return point if holds(system, point) else _replied(system, point, build)


def _replied(system: System, point: Point, build: Array) -> Point:
    """Where best replies of all lead from shares (N, S), or the point where they do not settle."""
    for _ in range(REPLY_ROUNDS):
        checkpoint()
        value = evaluate(system, build)
        scale = float(np.abs(value[0]).max())
        reply = system.answer(value[0], gains(system, value), PAIR_ROUNDING * scale)
        if float(np.abs(reply - build).max()) <= SETTLED_SHARES:
            return Point(value[0], build, point.rounds)
        build = reply
    return point


def holds(system: System, point: Point) -> bool:
    """Whether what is played at small gains are best replies to their true sizes.

    A policy may be an equilibrium to within rounding where replies to gains near zero are steep,
    and no equilibrium in truth.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([2.0]),
    ...                lb.Technology(3, 0.2), discount=0.1, rungs=2).markov()
    >>> system, none = System(game), np.zeros((2, 5))
    >>> def check(build):  # a lead is worth nothing here, and nobody moves
    ...     return holds(system, Point(system.evaluate(build), build, 0))
    >>> check(none), check(none + 1e-12)  # of which the fifth root is not small
    (True, False)
    """
    game, small = system.game, _small(system, point)
    small &= (point.build <= game.lower) | (point.build >= game.idle)
    if not small.any():
        return True
    scale = float(np.abs(point.value).max())
    value = evaluate(system, point.build)
    reply = system.answer(value[0], gains(system, value), PAIR_ROUNDING * scale)
    played, best = ((game.hazard(b) - game.base)[small] for b in (point.build, reply))
    most = np.maximum(played, best)
    apart = np.abs(played - best)
    return not bool(
        ((apart > DISTINCT_HAZARDS * most) & (apart > NEGLIGIBLE_HAZARD * game.discount)).any()
    )


def _small(system: System, point: Point) -> NDArray[np.bool_]:
    """(N, S) where gains are small."""
    game, scale = system.game, float(np.abs(point.value).max())
    if not (scale > 0 and np.isfinite(scale)):
        return np.zeros(point.build.shape, dtype=bool)
    return np.asarray(game.movable & (np.abs(system.gain(point.value)) <= SMALL_GAIN * scale))


def gains_at(system: System, point: Point) -> tuple[Array, float]:
    """Gains (N, S) of a settled point, and the size of values whose rounding they are right to.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=3)
    >>> found, system = lb.solve(race).equilibria[0], System(race.markov())
    >>> gains_at(system, Point(found.value, found.build, 0))[1] < 30  # no small gains
    True
    """
    gain, scale = system.gain(point.value), float(np.abs(point.value).max())
    if (
        not (scale > 0 and np.isfinite(scale))
        or not (system.game.movable & (np.abs(gain) <= SMALL_GAIN * scale)).any()
    ):
        return gain, scale
    return gains(system, evaluate(system, point.build)), PAIR_ROUNDING * scale


def pinned(system: System, build: Array, between: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(N, S) of the shares ``between`` their ends, those that hold a gain at zero."""
    if not between.any():
        return between
    game = system.game
    here, low, high = (
        np.abs(gains(system, evaluate(system, np.where(between, share, build))))
        for share in (build, game.lower, game.idle)
    )
    return np.asarray(between & (here <= PINNED_GAIN * np.maximum(low, high)))


def evaluate(system: System, build: Array) -> Double:
    """(N, S) values of shares played for ever, each the sum of two doubles.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([2.0]),
    ...                lb.Technology(3), discount=0.1, rungs=2).markov()
    >>> high, low = evaluate(System(game), np.zeros((2, 5)))
    >>> high[0, 0].item(), bool(0 < abs(low[0, 0]) < 1e-14)  # 2 / rho, of the double next to 0.1
    (20.0, True)
    """
    game = system.game
    hazard, payoff = game.hazard(build), system.stage.finely(build)
    matrix = system.matrix(hazard)
    rows, rates = _padded(system, hazard)
    direct = system.by_factors or system.size <= 1_000
    if direct and system.size > DENSE:  # one factorisation serves all refinements
        solve = factorise(matrix).solve
    else:
        solve = partial(solve_linear, matrix, direct=direct)
    zero = np.zeros_like(hazard)
    high, low, left, last = zero, zero, payoff[0], np.inf
    for _ in range(REFINEMENTS):
        checkpoint()
        high, low = _sum((high, low), (solve(left.T).T, zero))
        flow = payoff
        if game.grows:
            flow = _sum(payoff, _grown(system, hazard, (high, low)))
        left = _residual(game.discount, flow, (high, low), rows, rates)
        size = float(np.abs(left).max())
        if not size < last / 10:
            break
        last = size
    return high, low


def gains(system: System, value: Double) -> Array:
    """(N, S) each player's gain from a success of its own, right to thirty digits of the value."""
    result = np.empty_like(value[0])
    for i, jump in enumerate(system.game.jump):
        columns, chances = _pad(jump.indptr, jump.indices, jump.data)
        mine = value[0][i], value[1][i]
        total: Double = (np.zeros(system.size), np.zeros(system.size))
        for column, chance in zip(columns, chances, strict=True):
            total = _sum(total, _scaled(chance, _difference(_at(mine, column), mine)))
            if system.game.grows:
                more = _scaled(system.game.growth[i, column] - 1, _at(mine, column))
                total = _sum(total, _scaled(chance, more))
        result[i] = total[0] + total[1]
    return result


def _grown(system: System, hazard: Array, value: Double) -> Double:
    """(N, S) what is added to each player's flow by successes that make money grow."""
    total: Double = (np.zeros_like(hazard), np.zeros_like(hazard))
    for j, jump in enumerate(system.game.jump):
        columns, chances = _pad(jump.indptr, jump.indices, jump.data)
        for column, chance in zip(columns, chances, strict=True):
            more = _scaled(system.game.growth[j, column] - 1, _at(value, column))
            total = _sum(total, _scaled(hazard[j], _scaled(chance, more)))
    return total


def _residual(
    discount: float, payoff: Double, value: Double, columns: NDArray[np.int_], rates: Array
) -> Array:
    """(N, S) what is missing in each player's equation, rounded to one double."""
    total = _sum(payoff, _scaled(-discount, value))
    for column, rate in zip(columns, rates, strict=True):
        total = _sum(total, _scaled(rate, _difference(_at(value, column), value)))
    return total[0] + total[1]


def _padded(system: System, hazard: Array) -> tuple[NDArray[np.int_], Array]:
    flow = system.transitions(hazard)
    return _pad(flow.indptr, flow.indices, flow.data)


def _pad(
    starts: NDArray[np.int_], columns: NDArray[np.int_], data: Array
) -> tuple[NDArray[np.int_], Array]:
    """(K, S) columns and entries of a sparse matrix of at most K a row, filled up with zeros."""
    count = np.diff(starts)
    slot = np.arange(int(count.max(initial=0)))[:, None]
    there = slot < count
    place = np.where(there, starts[:-1] + slot, 0)
    return np.where(there, columns[place], np.arange(len(count))), np.where(there, data[place], 0.0)


def _at(value: Double, column: NDArray[np.int_]) -> Double:
    return value[0][..., column], value[1][..., column]


def _sum(a: Double, b: Double) -> Double:
    s, error = two_sum(a[0], b[0])
    t, rest = two_sum(a[1], b[1])
    s, error = _quick(s, error + t)
    return _quick(s, error + rest)


def _quick(a: Array, b: Array) -> Double:
    """Sum without error, where a is the larger."""
    s = a + b
    return s, b - (s - a)


def _difference(a: Double, b: Double) -> Double:
    return _sum(a, (-b[0], -b[1]))


def _scaled(factor: Array | float, a: Double) -> Double:
    """The product with a double."""
    p = factor * a[0]
    big, small = _halves(factor)
    high, low = _halves(a[0])
    error = ((big * high - p) + big * low + small * high) + small * low
    return _quick(p, error + factor * a[1])


def _halves(a: Array | float) -> tuple[Array, Array]:
    """A double as the sum of two of half as many digits (Veltkamp)."""
    c = np.asarray(SPLITTER * a)
    high = c - (c - a)
    return high, np.asarray(a - high)

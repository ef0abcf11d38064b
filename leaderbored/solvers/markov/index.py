r"""The index of an equilibrium: a sign whose sum over all equilibria is one.

In the efforts e, in which hazards are linear, a lab that can move stands at a corner or
where its gain equals the cost of the next unit, :math:`\Delta_j(s) = c_j(e_j(s))`. With the values
eliminated, these conditions have the derivative

.. math:: M = \mathrm{diag}(c') - \frac{\partial \Delta}{\partial e} ,
   \qquad \frac{\partial \Delta_j(s)}{\partial e_k(t)}
   = \big[(P_j - I)\, A^{-1}\big]_{st}\, scale_k(t)\, (P_k V_j - V_j)(t) , \quad k \ne j,

A the matrix of values. Its slopes are finite where those of replies are not: at theta below a half
a reply to a gain of zero is infinitely steep, and c' is zero. The index is the sign of det M over
the efforts that are free. Efforts on a kink may be free or not; the conditions are coherently
oriented, and the sign is the index, if all principal minors of what M leaves on the kinks (its
Schur complement) are positive (Kojima and Shindo, Mathematics of Operations Research 11, 1986;
Cottle, Pang and Stone, The Linear Complementarity Problem, 1992, ch. 6). Otherwise it is not
defined by the first order.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from leaderbored.games.markov import Array
from leaderbored.solvers.markov.newton import linearise
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.precise import gains_at, settle
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import sign

MOST_TIED_KINKS = 8  # kinks that depend on each other up to which every minor is looked at
ROUNDED_GAIN = 1e-13  # of the largest value: derivatives of gains that are rounding
VANISHING_COST = 1e-9  # of the largest value, for a cost that rises from zero without a slope
SINGULAR_MINOR = 1e-13  # a minor, over the product of its rows' sizes, that counts as zero


def index(system: System, value: Array, build: Array) -> int:
    """Index of an equilibrium: 1, -1, or 0 where it is singular or depends on the side of a kink.

    Parameters
    ----------
    system : System
    value, build : (N, S) arrays

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> equilibrium = lb.solve(race).equilibria[0]
    >>> index(System(race.markov()), equilibrium.value, equilibrium.build)
    1
    """
    point = settle(system, Point(value, build, 0))
    gain, precise = gains_at(system, point)
    stakes = system.stakes(point.value, gain)
    return index_on(
        system, point, stakes, system.stage.pieces(stakes, point.build, precise), precise
    )


def index_on(system: System, point: Point, stakes: Array, pieces: Pieces, precise: float) -> int:
    """The same of a settled point, whose stakes and pieces are known.

    Parameters
    ----------
    system : System
    point : Point
    stakes : (N, S) array
    pieces : Pieces
        The active ones.
    precise : float
        How well the gains are known, see :func:`.precise.gains_at`.
    """
    game, scale = system.game, float(np.abs(point.value).max()) or 1.0
    kink, steep = system.stage.kinks(stakes, pieces, precise)
    if pieces.together:
        return 0 if kink.any() else _together(system, point.value, pieces)
    free = (pieces.level | (pieces.slope > 0)) & ~kink
    slope = np.where(kink, steep, pieces.slope)
    steepest = game.scale / (VANISHING_COST * scale)
    bend = np.where(slope > 0, game.scale / np.where(slope > 0, slope, 1.0), 0.0)
    bend = np.where(kink & (slope > steepest), VANISHING_COST * scale, bend)
    moving = free | kink
    matrix = np.diag(bend[moving]) - _stakes_by_efforts(
        system, point, stakes, replace(pieces, slope=slope), moving
    )
    matrix[np.abs(matrix) <= ROUNDED_GAIN * scale] = 0.0
    inner, outer = free[moving], kink[moving]
    way = _sign(matrix[np.ix_(inner, inner)])
    if way == 0 or not outer.any():
        return way
    wings = np.linalg.solve(matrix[np.ix_(inner, inner)], matrix[np.ix_(inner, outer)])
    left = matrix[np.ix_(outer, outer)] - matrix[np.ix_(outer, inner)] @ wings
    return way if _positive_minors(left, ROUNDED_GAIN * scale) else 0


def _together(system: System, value: Array, pieces: Pieces) -> int:
    """The index where players meet: the sign of the derivative of the conditions in the values.

    Efforts are not free one by one there; that of a state's game is positive, its equilibrium one.
    """
    assert pieces.together is not None
    matrix, _ = linearise(system, value, pieces)
    odd = int(pieces.level.sum()) % 2 == 1
    return sign(matrix) * pieces.together.sign * (-1 if odd else 1)


def _stakes_by_efforts(
    system: System, point: Point, stakes: Array, pieces: Pieces, moving: NDArray[np.bool_]
) -> Array:
    """(L, L) derivative of the stakes in the efforts of those that move, values following."""
    game, (player, state) = system.game, np.nonzero(moving)
    effect = system.felt(system.effect(point.value), stakes, pieces)
    steps = system.dense_steps(point.value, stakes, pieces)
    inverse = np.linalg.inv(system.dense_matrix(game.hazard(point.build)))
    reach = np.empty((len(player), len(player)))
    for j in range(system.players):
        rows = player == j
        reach[rows] = (steps[j][state[rows]] @ inverse)[:, state]
    push = game.scale[player, state] * effect[player[:, None], player, state]
    return np.where(player[:, None] == player, 0.0, reach * push)


def _sign(matrix: Array) -> int:
    return int(np.linalg.slogdet(matrix)[0]) if len(matrix) else 1


def _positive_minors(matrix: Array, nothing: float) -> bool:
    """Whether all principal minors are positive; False where that is too much to look at.

    Kinks that do not depend on each other both ways have minors of their own.

    Examples
    --------
    >>> _positive_minors(np.array([[1.0, -0.5], [-0.5, 1.0]]), 0.0)
    True
    >>> _positive_minors(np.array([[1.0, 2.0], [2.0, 1.0]]), 0.0)
    False
    """
    links = sp.csr_array(np.abs(matrix) > nothing)
    count, label = connected_components(links, connection="strong")
    for part in range(count):
        block = matrix[np.ix_(label == part, label == part)]
        if len(block) > MOST_TIED_KINKS:
            return False
        for size in range(1, len(block) + 1):
            for rows in combinations(range(len(block)), size):
                minor = block[np.ix_(rows, rows)]
                least = SINGULAR_MINOR * np.prod(np.abs(minor).sum(axis=1))
                if not np.linalg.det(minor) > least:
                    return False
    return True

"""Index and stability of solved Markov games, by the derivative of their conditions."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.linear import regular_sign, sign_whichever, solve_sparse
from leaderbored.solvers.numerics.sparse import linearise
from leaderbored.solvers.stochastic.problem import Problem

AT_BOUND = 1e-7
SIGNED_UNKNOWNS = 20_000  # unknowns up to which the sign of a determinant is trusted
SINGULAR_PIVOT = 1e-11


class Bounds(Protocol):
    """What is asked of a problem here."""

    lower: Array
    upper: Array


def index(problem: Problem, z: Array) -> int:
    """1 or -1 where a solution is regular, 0 where it is not or the problem is too large."""
    if problem.size > SIGNED_UNKNOWNS:
        return 0
    here = linearise(problem, z)
    at_bound = (z <= problem.lower) | (z >= problem.upper)
    loose = tied(problem, z, here.f / here.scale, here.jacobian)
    return sign_whichever(here.jacobian, at_bound, loose, SINGULAR_PIVOT)


def tied(problem: Bounds, z: Array, scaled: Array, jacobian: Any) -> NDArray[np.bool_]:
    """(size,) which unknowns are at a bound that they might as well leave, for other best replies.

    Not what nothing but itself moves, as effort that cannot succeed and costs its square: it stays
    where it is, and the sign of a determinant is the same whether it is held there or free.
    ``scaled`` is what the conditions miss at z, and ``jacobian`` their derivative.
    """
    lower, upper = problem.lower, problem.upper
    level = ((z <= lower) | (z >= upper)) & (lower != upper) & (np.abs(scaled) < AT_BOUND)
    own = jacobian.diagonal()
    unmoved = (own > 0) & (abs(jacobian).sum(axis=1) - np.abs(own) <= AT_BOUND * own)
    return np.asarray(level & ~unmoved)


def radius(problem: Problem, z: Array, most: int) -> float | None:
    """Spectral radius of the map from all policies to each agent's best policy.

    None if there are more than ``most`` choices of all agents in all states, or it is not defined,
    as where an agent has several best policies: such a point may lie in a continuum.
    """
    if problem.slot["choice"].size > most:
        return None
    here = linearise(problem, z)
    if tied(problem, z, here.f / here.scale, here.jacobian).any():
        return None
    apart = Untied(problem)
    z = apart.spread(z)
    x = apart.slot["choice"].ravel()
    if len(x) > most:
        return None
    at_bound = (z <= apart.lower) | (z >= apart.upper)
    jacobian = apart.jacobian(z)
    free = ~at_bound
    place = np.full(apart.size, -1)
    place[x] = np.arange(len(x))
    replies = np.zeros((len(x), len(x)))
    for i in range(len(apart.game.agents)):
        mine = apart.owned(i)
        block = mine[free[mine]]
        others = np.setdiff1d(x, mine)
        moved = np.isin(block, x)
        checkpoint()
        if not moved.any():
            continue
        matrix = jacobian[block][:, block].tocsc()
        if regular_sign(matrix, SINGULAR_PIVOT) == 0:
            return None
        if not len(others):
            continue
        rhs = -jacobian[block][:, others].toarray()
        answer = solve_sparse(matrix, rhs)
        if answer is None:
            return None
        replies[np.ix_(place[block[moved]], place[others])] = answer[moved]
    return float(np.abs(np.linalg.eigvals(replies)).max(initial=0.0))


class Untied(Problem):
    """The same problem with unknowns of their own for every agent."""

    def __init__(self, problem: Problem) -> None:
        self.tied = problem
        super().__init__(problem.game, problem.stage)
        self.discount = problem.discount

    def _slots(self) -> None:
        count = 0
        self.slot = {}
        for kind, rows in self.tied.slot.items():
            places = count + np.arange(rows.size).reshape(rows.shape)
            self.slot[kind], count = places.astype(np.int64), count + rows.size
        self.size, self.leads = count, list(range(len(self.game.agents)))
        self.level_of = self.tied.level_of
        self._bounds()

    def spread(self, z: Array) -> Array:
        """The unknowns of all agents from those that stand for them."""
        whole = np.zeros(self.size)
        for kind, rows in self.slot.items():
            whole[rows] = z[self.tied.slot[kind]]
        return whole

    def owned(self, i: int) -> NDArray[np.int64]:
        """Where an agent's unknowns are."""
        choices = self.stage.owned[i]
        kinks = np.flatnonzero(self.stage.owner == i)
        parts = [self.slot["value"][i], *self.slot["choice"][choices], *self.slot["kink"][kinks]]
        if i in self.level_of:
            parts.append(self.slot["level"][self.level_of.index(i)])
        return np.concatenate(parts)

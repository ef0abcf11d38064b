r"""Certificates of Markov games: what one agent gains from its best policy, however far.

Against the others' policies one agent faces a Markov decision problem, solved here by Howard's
policy iteration (Dynamic Programming and Markov Processes, 1960) with the best of its actions
in every state found on a grid and by golden sections. Nothing of it is shared with the solver but
the payoffs and chances themselves.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.linear import regular_sign, solve_sparse
from leaderbored.solvers.numerics.sparse import linearise
from leaderbored.solvers.stochastic.problem import Problem

GRID = 121
SECTIONS = 40
ROUNDS = 30
FAR = 1e3  # where an action without bound is searched, relative to where it stands
SAME = 1e-13  # of the range
GOLDEN = (5**0.5 - 1) / 2
MOST = 1_500  # choices of all agents in all states up to which the slope of replies is found
NEAR = 1e-7
SMALL = 20_000  # unknowns up to which the sign of a determinant is trusted
SINGULAR = 1e-11


def regrets(problem: Problem, x: Array) -> Array:
    """(N,) largest gain over states of each agent from its best policy, relative to its values.

    Parameters
    ----------
    problem : Problem
        Of N agents and S states.
    x : (X, S) array
        Choices.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> problem = Problem(MarkovGame([lab], discount=0.1, states={"d": (0, 1)}))
    >>> regrets(problem, np.zeros((1, 2))).round(6).tolist(), regrets(problem, np.ones((1, 2))) > 1
    ([0.0], array([ True]))
    """
    value = problem.evaluate(x)
    found = np.zeros(len(value))
    for i in problem.leads:
        best = _optimal(problem, i, x)
        size = max(float(np.abs(value[i]).max()), 1e-300)
        size = max(size, 1e-3 * float(np.abs(value).max()))
        found[i] = float(np.max(best - value[i], initial=0.0)) / size
    for i, agent in enumerate(problem.game.agents):
        if i not in problem.leads:
            found[i] = found[i - agent.copy]
    return found


def _optimal(problem: Problem, i: int, x: Array) -> Array:
    """(S,) values of agent i's best policy against the others."""
    mine = [k for k, (owner, _) in enumerate(problem.stage.choices) if owner == i]
    x = x.copy()
    value = problem.evaluate(x)[i]
    for _ in range(ROUNDS):
        x[mine] = best_reply(problem, i, x, value)
        after = problem.evaluate(x)[i]
        gain = float(np.max(after - value))
        value = np.maximum(after, value)
        if gain <= 1e-15 * float(np.abs(value).max()):
            break
    return np.asarray(value)


def away(problem: Problem, x: Array) -> float:
    """Largest distance of choices (X, S) from the best replies to them, relative to their size.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> problem = Problem(MarkovGame([MarkovPlayer("A", "-b", {"b": (0, 1)})], discount=0.1))
    >>> away(problem, np.array([[1.0]]))
    0.5
    """
    value, far = problem.evaluate(x), 0.0
    for i in problem.leads:
        mine = [k for k, (owner, _) in enumerate(problem.stage.choices) if owner == i]
        gap = np.abs(best_reply(problem, i, x, value[i]) - x[mine]) / (1 + np.abs(x[mine]))
        far = max(far, float(gap.max(initial=0.0)))
    return far


def best_reply(problem: Problem, i: int, x: Array, value: Array) -> Array:
    """(k, S) actions of agent i that are best where its values (S,) are given.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> problem = Problem(MarkovGame([lab], discount=0.1, states={"d": (0, 1)}))
    >>> best_reply(problem, 0, np.zeros((1, 2)), np.array([0.0, 1.0])).round(6).tolist()
    [[0.25, 0.0]]
    """
    mine = np.array([k for k, (owner, _) in enumerate(problem.stage.choices) if owner == i])
    whole = np.repeat(value[None], len(problem.game.agents), axis=0)
    worth = problem.worth(whole)[i]

    def payoff(own: Array) -> Array:
        checkpoint()
        chosen = x.copy()
        chosen[mine] = own
        pieces = problem.stage.values(chosen)[i]
        found = pieces[0] + (pieces[1:] * worth).sum(axis=0)
        return np.asarray(np.where(np.isnan(found), -np.inf, found))

    if problem.game.agents[i].player.actions:
        pure = np.array(
            [
                payoff(np.eye(len(mine))[a][:, None] * np.ones(problem.states))
                for a in range(len(mine))
            ]
        )
        keeps = payoff(x[mine]) >= pure.max(axis=0)
        best = np.eye(len(mine))[pure.argmax(axis=0)].T
        return np.asarray(np.where(keeps, x[mine], best))
    return _best_real(problem, mine, x, payoff)


def _best_real(
    problem: Problem, mine: NDArray[np.int_], x: Array, payoff: Callable[[Array], Array]
) -> Array:
    here = x[mine]
    low, high = (ends[mine] for ends in problem.choice_bounds)
    far = FAR * (1 + np.abs(here))
    low = np.where(np.isfinite(low), low, np.maximum(here - far, -far))
    high = np.where(np.isfinite(high), high, here + far)
    span = np.r_[np.linspace(0, 1, GRID), np.geomspace(1e-9, 0.1, 40)]
    span = np.unique(np.r_[span, 1 - span])
    near = np.geomspace(1e-7, 1, 15)
    points = [here, *(low + t * (high - low) for t in span)]
    points += [
        np.clip(here + sign * t * (1 + np.abs(here)), low, high) for t in near for sign in (-1, 1)
    ]
    grid = np.sort(np.stack(points), axis=0)  # (grid, 1, S)
    values = np.stack([payoff(row) for row in grid])
    peak = values.argmax(axis=0)
    states = np.arange(grid.shape[2])
    best, most = grid[peak, 0, states], values[peak, states]
    rows, apart = grid[:, 0], SAME * (high - low)[0]  # points that are equal but for rounding
    a = np.where(rows < best - apart, rows, -np.inf).max(axis=0)
    b = np.where(rows > best + apart, rows, np.inf).min(axis=0)
    a, b = np.where(np.isfinite(a), a, best), np.where(np.isfinite(b), b, best)
    for _ in range(SECTIONS):
        width = GOLDEN * (b - a)
        left, right = b - width, a + width
        first, second = payoff(left[None]), payoff(right[None])
        for at, found in ((left, first), (right, second)):
            best, most = np.where(found > most, at, best), np.maximum(found, most)
        a, b = np.where(first > second, a, left), np.where(first > second, right, b)
    keeps = payoff(here) >= most
    return np.where(keeps, here, best[None])


def index(problem: Problem, z: Array) -> int:
    """1 or -1 where a solution is regular, 0 where it is not or the problem is too large."""
    if problem.size > SMALL:
        return 0
    here = linearise(problem, z)
    at_bound = (z <= problem.lower) | (z >= problem.upper)
    fixed = problem.lower == problem.upper
    if (at_bound & ~fixed & (np.abs(here.f / here.scale) < NEAR)).any():
        return 0
    free = np.flatnonzero(~at_bound)
    return regular_sign(here.jacobian[free][:, free], SINGULAR)


def radius(problem: Problem, z: Array) -> float | None:
    """Spectral radius of the map from all policies to each agent's best policy.

    None if it is not defined, or the game is too large.
    """
    apart = Untied(problem)
    z = apart.spread(z)
    x = apart.slot["choice"].ravel()
    if len(x) > MOST:
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
        if not moved.any() or not len(others):
            continue
        matrix = jacobian[block][:, block].tocsc()
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
        choices = [k for k, (owner, _) in enumerate(self.stage.choices) if owner == i]
        kinks = np.flatnonzero(self.stage.owner == i)
        parts = [self.slot["value"][i], *self.slot["choice"][choices], *self.slot["kink"][kinks]]
        if i in self.level_of:
            parts.append(self.slot["level"][self.level_of.index(i)])
        return np.concatenate(parts)


def stationary(moves: sp.csr_array, continuous: bool) -> Array | None:
    """(S,) long-run shares of time from rates or chances; None if they hang on the start."""
    size = moves.shape[0]
    out = np.asarray(moves.sum(axis=1)).ravel()
    flow = (moves - sp.diags_array(out if continuous else np.ones(size))).T.tolil()
    flow[size - 1] = np.ones(size)
    rhs = np.zeros(size)
    rhs[-1] = 1.0
    found = solve_sparse(flow.tocsc(), rhs)
    if found is None or found.min() < -1e-9:
        return None
    found = np.maximum(found, 0.0)
    return np.asarray(found / found.sum())

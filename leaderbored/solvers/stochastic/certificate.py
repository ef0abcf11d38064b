r"""Certificates of Markov games: what one agent gains from its best policy, however far.

Against the others' policies one agent faces a Markov decision problem. It is set up here from the
formulas of payoffs and chances alone, and solved by Howard's policy iteration (Dynamic Programming
and Markov Processes, 1960), the best of its actions in every state being found on a grid and ever
narrower ones round the best of it. Neither values nor replies are the solver's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array, States
from leaderbored.solvers.numerics.linear import solve_sparse
from leaderbored.solvers.numerics.peak import peak
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.replies import BLOCK
from leaderbored.solvers.stochastic.shocks import choice
from leaderbored.solvers.stochastic.stage import size_of
from leaderbored.solvers.stochastic.tabled import Tabled

TOGETHER_POINTS = 1_000  # points of a grid of several real actions
SWEEPS = 40  # over several real actions, one after the other
SETTLED = 1e-9  # change of a real action at which it rests
EVEN, CROWDED = 121, 40  # points of the grid between the bounds, and at either end
NEAR_POINTS = 15  # points either side of where the action stands
UNBOUNDED_REACH = 1e3  # where an action without bound is searched, relative to where it stands
IMPROVEMENT_ROUNDS = 30
LEAST_SCALE = 1e-3  # of the largest value or payoff of any: what gains are at least compared with
LAWFUL = 1e-12  # by which probabilities may miss one
STAGE_ROUNDING = 1e-15  # of what a stage is worth, by which a new action must be better


def regret(problem: Problem, x: Array) -> Array:
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
    >>> regret(problem, np.zeros((1, 2))).round(6).tolist(), regret(problem, np.ones((1, 2))) > 1
    ([0.0], array([ True]))
    """
    agents = range(len(problem.game.agents))
    alone = {i: Alone(problem, i, x) for i in problem.leads}
    with np.errstate(all="ignore"):
        value = {i: one.value for i, one in alone.items()}
        most = max(float(np.abs(held).max()) for held in value.values())
        paid = float(_at_stake(problem, x).max(initial=0.0))
        least = LEAST_SCALE * max(most, paid)
        size = {i: max(float(np.abs(held).max()), least) for i, held in value.items()}
        found = {i: float((one.optimum() - one.value).max()) for i, one in alone.items()}
    regrets = {i: max(gain, 0.0) / max(size[i], 1e-300) for i, gain in found.items()}
    leads = (i if i in alone else i - problem.game.agents[i].copy for i in agents)
    return np.array([np.inf if np.isnan(regrets[i]) else regrets[i] for i in leads])


def _at_stake(problem: Problem, x: Array, at: States | None = None) -> Array:
    """(N, B) mean sizes of the payoffs of a period, which may cancel; nothing of real actions."""
    stage = problem.stage
    if not isinstance(stage, Tabled):
        return np.zeros((len(problem.game.agents), x.shape[1]))
    tables = stage.tables._replace(payoffs=np.abs(stage.tables.payoffs))
    return np.array([pieces[0] for pieces in replace(stage, tables=tables).values(x, at=at)])


def one_shot(problem: Problem, value: Array, x: Array) -> Array:
    """(B,) bounds on what any agent gains by any other policy, relative to its largest value.

    They are gains by another action of its list now alone, over the part of the future that is not
    discounted away: the distance from the optimum is at most the largest such gain over one less
    the factor, or over the rate. What each state is worth to each in B equilibria, ``value``
    (B, N, S), is taken as given, and that it is not what the choices ``x`` (B, X, S) make of it
    counts as a gain; infinite where the choices are no probabilities.

    Raises
    ------
    ValueError
        If some agent has real actions.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> player = MarkovPlayer("A", "2 * a", actions=("a", "b"))
    >>> problem = Problem(MarkovGame([player], discount=0.1))
    >>> one_shot(problem, np.array([[[20.0]]]), np.array([[[1.0], [0.0]]])).tolist()
    [0.0]
    """
    if any(agent.player.action for agent in problem.game.agents):
        raise ValueError("expected lists of actions alone")
    stage, (many, players, size) = problem.stage, value.shape
    at, played = np.tile(np.arange(size), many), np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)
    worst, most = np.zeros(many), np.abs(value).max(axis=(1, 2))
    paid = np.abs(_at_stake(problem, played, at)).reshape(players, many, size).max(axis=(0, 2))
    least = np.maximum(LEAST_SCALE * np.maximum(most, paid), 1e-300)
    for i in range(players):
        mine, rate = stage.listed(i), problem.discount[i]
        allowed = (problem.upper[problem.slot["choice"][mine]] > 0) & ~problem.idle[i]
        here = value[:, i] * (rate if problem.continuous else 1.0)
        ahead = value[:, i][:, stage.destination]  # (B, C, S)
        ahead = ahead - value[:, i][:, None] if problem.continuous else rate * ahead

        def pays(tried: Array, i: int = i, ahead: Array = ahead) -> Array:
            pieces = stage.values(tried, at=at)[i].reshape(-1, many, size)
            return np.asarray(pieces[0] + (pieces[1:] * np.moveaxis(ahead, 1, 0)).sum(axis=0))

        gains = np.where(problem.game.ended, 0.0, np.abs(pays(played) - here))
        for k in range(len(mine)):
            tried = played.copy()
            tried[mine] = np.eye(len(mine))[k][:, None]
            gains = np.maximum(gains, np.where(allowed[k], pays(tried) - here, 0.0))
        law, decides = x[:, mine], ~problem.idle[i]
        lawful = (law >= 0).all(axis=1) & (np.abs(law.sum(axis=1) - decides) <= LAWFUL)
        gains = np.where(lawful, gains, np.inf)
        patience = rate if problem.continuous else 1 - rate
        scale = np.maximum(np.abs(value[:, i]).max(axis=1), least)
        worst = np.maximum(worst, gains.max(axis=1) / patience / scale)
    return worst


def lead(problem: Problem, x: Array) -> float:
    """By how much what is done beats every other action of the lists, where only one agent decides.

    In the state in which that is least, relative to its largest value; zero if it mixes anywhere.
    Where it is above zero and nothing is gained by another policy, there is no other best policy.
    Private shocks make the best choice probabilities the only ones: then it is infinite.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> player = MarkovPlayer("A", "2 * a + c", actions=("a", "b", "c"))
    >>> problem = Problem(MarkovGame([player], discount=0.5))
    >>> lead(problem, np.array([[1.0], [0.0], [0.0]]))  # one less a year, of four
    0.25
    """
    stage, least = problem.stage, np.inf
    for i, agent in enumerate(problem.game.agents):
        if agent.player.shocks != "0":
            continue
        one, mine = Alone(problem, i, x), stage.listed(i)
        paid = one.now(np.eye(len(mine))[:, :, None] * np.ones(problem.states))
        allowed = problem.upper[problem.slot["choice"][mine]] > 0
        here = one.now(x[mine][None])[0]
        behind = np.where(allowed & (x[mine] == 0), here - paid, np.inf)
        mixed = (x[mine] > 0) & (x[mine] < 1)
        behind = np.where(mixed, 0.0, behind)[:, ~problem.idle[i]]
        size = max(float(np.abs(one.value).max()), 1e-300)
        least = min(least, float(behind.min(initial=np.inf)) / size)
    return least


@dataclass(frozen=True, eq=False)
class Alone:
    """The decision problem of one agent, the others' policies being given.

    Attributes
    ----------
    problem : Problem
    agent : int
    x : (X, S) array
        Choices of all.
    """

    problem: Problem
    agent: int
    x: Array

    @cached_property
    def own(self) -> NDArray[np.int_]:
        """Rows of the choices that are the agent's."""
        choices = self.problem.stage.choices
        return np.array([k for k, (owner, _) in enumerate(choices) if owner == self.agent])

    @cached_property
    def value(self) -> Array:
        """(S,) what the choices are worth to it."""
        pieces = self._pieces(self.x[self.own][None])[:, 0]
        end = self.problem.end[self.agent]
        return self._solve(pieces[1:], np.where(self.problem.game.ended, end, pieces[0]))

    def now(self, own: Array) -> Array:
        """(P, S) what actions (P, k, S) are worth, taken once and followed by the choices."""
        reached = self.value[self.problem.stage.destination]
        if self.problem.continuous:
            worth = reached - self.value
        else:
            worth = self.problem.discount[self.agent] * reached
        pieces = self._pieces(own)
        return np.asarray(pieces[0] + (pieces[1:] * worth[:, None]).sum(axis=0))

    def optimum(self) -> Array:
        """(S,) what its best policy is worth."""
        best, action = self.value, self.x[self.own]
        for _ in range(IMPROVEMENT_ROUNDS):
            action, gained, chances = self._better(action, best)
            if not gained.any():
                break
            more = self._solve(chances, gained)  # a better policy, for as long as it is played
            best = best + more
            if not float(more.max()) > 1e-15 * float(np.abs(best).max()):
                break
        return best

    def _pieces(self, own: Array, here: States | None = None) -> Array:
        """(1 + C, P, B) payoffs and chances at P actions (P, k, B) of the agent, in some states."""
        return self.problem.stage.tried(self.agent, self.x, self.own, own, here)

    def _solve(self, chances: Array, flow: Array) -> Array:
        """(S,) value of a flow (S,) where outcomes come at chances (C, S), or rates.

        Not a number where rates of too many orders leave no pivot.
        """
        problem, size = self.problem, self.problem.states
        rate, going = problem.discount[self.agent], ~problem.game.ended
        moves, here = sp.csr_array((size, size)), np.arange(size)
        rates = np.where(going, chances, 0.0)
        for chance, there in zip(rates, problem.stage.destination, strict=True):
            moves = moves + sp.csr_array((chance, (here, there)), shape=(size, size))
        if problem.continuous:
            leaving = np.where(going, rate + chances.sum(axis=0), 1.0)
        else:
            moves, leaving = rate * moves, np.ones(size)
        matrix = sp.csr_array(sp.diags_array(leaving) - moves)
        found = solve_sparse(matrix, flow)
        return np.full(size, np.nan) if found is None else found

    def _better(self, action: Array, value: Array) -> tuple[Array, Array, Array]:
        """Better actions (k, S), what they gain on those held, and the chances (C, S) at them."""
        size = self.problem.states
        many = max(1, BLOCK // (1 + self.problem.stage.outcomes))
        blocks = [np.arange(s, min(s + many, size)) for s in range(0, size, many)]
        parts = [self._better_at(here, action[:, here], value) for here in blocks]
        better, gained, chances = (
            np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)
        )
        return better, gained, chances

    def _better_at(self, here: States, action: Array, value: Array) -> tuple[Array, Array, Array]:
        """The same in B states ``here``, where actions (k, B) are held."""
        problem = self.problem
        reached = value[problem.stage.destination[:, here]]
        worth = problem.discount[self.agent] * reached
        if problem.continuous:
            worth = reached - value[here]

        def stage(own: Array) -> Array:
            pieces = self._pieces(own, here)
            found = pieces[0] + (pieces[1:] * worth[:, None]).sum(axis=0)
            return np.where(np.isnan(found), -np.inf, found)

        best = self._best(stage, action, here)
        pieces = self._pieces(np.stack([best, action]), here)
        new, old = pieces[:, 0], pieces[:, 1]
        gained = new[0] - old[0] + ((new[1:] - old[1:]) * worth).sum(axis=0)
        size = np.abs(new[0]) + (np.abs(new[1:]) * np.abs(worth)).sum(axis=0)
        better = (gained > STAGE_ROUNDING * size) & ~problem.idle[self.agent, here]
        chances = np.where(better, new[1:], old[1:])
        return np.where(better, best, action), np.where(better, gained, 0.0), chances

    def _best(self, stage: Callable[[Array], Array], action: Array, here: States) -> Array:
        """(k, B) best actions where ``stage`` says what actions (P, k, B) pay."""
        few = len(self.problem.stage.reals(self.agent))
        if size_of(self.problem.stage, self.agent) is not None:
            return self._best_with_shocks(stage, action, few, here)
        allowed = self._allowed(here)
        found, paid = [], []
        for option in [*range(len(allowed))] or [None]:
            own = action.copy()
            if option is not None:
                own[few:] = np.eye(len(allowed))[option][:, None]
            if few:
                own[:few] = self._highest_together(stage, own, few, here)
            found.append(own)
            pays = stage(own[None])[0]
            paid.append(pays if option is None else np.where(allowed[option], pays, -np.inf))
        top = np.array(paid).argmax(axis=0)
        best: Array = np.take_along_axis(np.array(found), top[None, None], axis=0)[0]
        return best

    def _allowed(self, here: States) -> NDArray[np.bool_]:
        """(k, B) which actions of the list may be taken."""
        listed = self.problem.stage.listed(self.agent)
        return np.asarray(self.problem.upper[self.problem.slot["choice"][listed][:, here]] > 0)

    def _best_with_shocks(
        self, stage: Callable[[Array], Array], action: Array, few: int, here: States
    ) -> Array:
        """The same of who decides real actions first, and then learns its private shocks."""
        size = size_of(self.problem.stage, self.agent)
        law, allowed = self.problem.game.agents[self.agent].player.shock_law, self._allowed(here)
        assert size is not None

        def odds(own: Array) -> Array:
            """(k, P, B) choices by probability at real actions (P, ., B)."""
            paid = []
            for option, may in enumerate(allowed):
                tried = own.copy()
                tried[:, few:] = np.eye(len(allowed))[option][:, None]
                paid.append(np.where(may, stage(tried), -np.inf))
            found = choice(
                law, np.array(paid).reshape(len(paid), -1) / np.tile(size[here], len(own))
            )
            return found.reshape(len(paid), *own.shape[::2])

        def mixed(own: Array) -> Array:
            """(P, B) what real actions pay with the best choices after them."""
            tried = own.copy()
            tried[:, few:] = np.moveaxis(odds(own), 0, 1)
            return stage(tried)

        best = action.copy()
        if few:
            best[:few] = self._highest_together(mixed, best, few, here)
        best[few:] = odds(best[None])[:, 0]
        return best

    def _highest_together(
        self, stage: Callable[[Array], Array], own: Array, few: int, here: States
    ) -> Array:
        """(few, B) best real actions: of several, on a grid first, then one after the other."""
        own = own.copy()
        low, high = self._bounds(self.own[:few], here)
        if few > 1:
            far = 10 * (1 + np.abs(own[:few]))
            low = np.where(np.isfinite(low), low, np.maximum(own[:few] - far, -far))
            high = np.where(np.isfinite(high), high, own[:few] + far)
            points = max(3, round(TOGETHER_POINTS ** (1 / few)))
            parts = np.array(list(product(np.linspace(0, 1, points), repeat=few)))
            grid = np.tile(own, (len(parts) + 1, 1, 1))
            grid[1:, :few] = low + parts[:, :, None] * (high - low)
            top = stage(grid).argmax(axis=0)
            own = np.take_along_axis(grid, top[None, None], axis=0)[0]
        for _ in range(1 if few == 1 else SWEEPS):
            before = own[:few].copy()
            for r in range(few):

                def of_one(points: Array, r: int = r) -> Array:
                    tried = np.tile(own, (len(points), 1, 1))
                    tried[:, r] = points
                    return stage(tried)

                own[r] = self._highest(of_one, own[r], self._bounds(self.own[r], here))
            if np.abs(own[:few] - before).max() <= SETTLED * (1 + np.abs(before).max()):
                break
        return own[:few]

    def _bounds(self, rows: Any, here: States) -> tuple[Array, Array]:
        """Lowest and highest choices of some rows, in the states ``here``."""
        places = self.problem.slot["choice"][rows][..., here]
        return self.problem.lower[places], self.problem.upper[places]

    @staticmethod
    def _highest(
        payoff: Callable[[Array], Array], held: Array, bounds: tuple[Array, Array]
    ) -> Array:
        """(B,) best values of a real action: on a grid, and between its points round the best."""
        low, high = bounds
        far = UNBOUNDED_REACH * (1 + np.abs(held))
        low = np.where(np.isfinite(low), low, np.maximum(held - far, -far))
        high = np.where(np.isfinite(high), high, held + far)
        part = np.r_[np.linspace(0, 1, EVEN), np.geomspace(1e-9, 0.1, CROWDED)]
        part = np.unique(np.r_[part, 1 - part])[:, None]
        near = np.geomspace(1e-7, 1, NEAR_POINTS)
        near = np.r_[-near, near][:, None] * (1 + np.abs(held))
        grid = np.vstack([low + part * (high - low), np.clip(held + near, low, high), held])
        grid.sort(axis=0)
        top = payoff(grid).argmax(axis=0)
        best = np.take_along_axis(grid, top[None], axis=0)[0]
        below = np.where(grid < best, grid, -np.inf).max(axis=0)
        above = np.where(grid > best, grid, np.inf).min(axis=0)
        below, above = np.maximum(below, low), np.minimum(above, high)
        inner = peak(payoff, below, above)
        better = payoff(np.stack([best, inner])).argmax(axis=0)
        return np.where(better == 1, inner, best)

"""The decision problem of one agent of a Markov game, the others' policies being given.

It is set up from the formulas of payoffs and chances alone and solved by Howard's policy iteration
(Dynamic Programming and Markov Processes, 1960), the best of its actions in every state being found
on a grid and ever narrower ones round the best of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from leaderbored.solvers.stochastic.shocks import choice
from leaderbored.solvers.stochastic.stage import BLOCK, sizes_of

TOGETHER_POINTS = 1_000  # points of a grid of several real actions
SWEEPS = 40  # over several real actions, one after the other
SETTLED = 1e-9  # change of a real action at which it rests
EVEN, CROWDED = 121, 40  # points of the grid between the bounds, and at either end
NEAR_POINTS = 15  # points either side of where the action stands
UNBOUNDED_REACH = 1e3  # where an action without bound is searched, relative to where it stands
IMPROVEMENT_ROUNDS = 30
PERIODS = 100  # over which what a game pays that goes on for ever is added up
STAGE_ROUNDING = 1e-15  # of what a stage is worth, by which a new action must be better


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

    def forever(self) -> Array:
        """(S,) what it gets at least by keeping the game going for ever without discounting.

        With actions of a list that cost it nothing in any period: minus infinity where it has none,
        or where it discounts and :meth:`optimum` knows of all policies.
        """
        problem, listed = self.problem, self.problem.stage.listed(self.agent)
        going, idle = ~problem.game.ended, problem.idle[self.agent]
        never = np.full(problem.states, -np.inf)
        shaken = problem.game.agents[self.agent].player.shocks != "0"
        if problem.continuous or problem.discount[self.agent] < 1 or shaken or not listed:
            return never
        own = np.tile(self.x[self.own], (len(listed), 1, 1))
        own[:, -len(listed) :] = np.eye(len(listed))[:, :, None]
        own = np.where(idle, self.x[self.own], own)
        paid, *chances = self._pieces(own)
        reached, chance = problem.stage.destination, np.array(chances).swapaxes(0, 1)
        may = (self._allowed(np.arange(problem.states)) | idle) & (paid >= 0)
        keeps, before = going, np.zeros_like(going)
        while (keeps != before).any():
            before = keeps
            within = may & ~((chance > 0) & ~keeps[reached]).any(axis=1)
            keeps = keeps & within.any(axis=0)
        if not keeps.any():
            return never
        total = np.zeros(problem.states)
        for _ in range(PERIODS):
            ahead = paid + (chance * total[reached]).sum(axis=1)
            total = np.where(keeps, np.where(within, ahead, -np.inf).max(axis=0), 0.0)
        return np.where(keeps, total, never)

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
        if self.problem.game.agents[self.agent].player.shocks != "0":
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
        sizes = sizes_of(self.problem.stage, self.agent)
        law, allowed = self.problem.game.agents[self.agent].player.shock_law, self._allowed(here)
        assert sizes is not None
        sizes = sizes[:, here]

        def odds(own: Array) -> Array:
            """(k, P, B) choices by probability at real actions (P, ., B)."""
            paid = []
            for option, may in enumerate(allowed):
                tried = own.copy()
                tried[:, few:] = np.eye(len(allowed))[option][:, None]
                paid.append(np.where(may, stage(tried), -np.inf))
            flat = np.array(paid).reshape(len(paid), -1)
            found = choice(law, flat, np.tile(sizes, len(own)))
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

"""Directional games whose stage games are solved in closed form: counted, bounded and listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import StoppedError, checkpoint
from leaderbored.solvers.kernels import selections as kernel
from leaderbored.solvers.kernels.selections import Memory, Plan, Stages
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.tabled import Tabled

PLAIN = 1_000  # stage games solved without compiling
AT_ONCE = 2_000_000  # stage games between two looks at the clock
MOST = 4_000_000_000  # stage games after which a count is given up
BATCH = 256  # selections that are handed on together


@dataclass(frozen=True, eq=False)
class Small:
    """A directional game of lists in whose states one player decides, or two between two actions.

    Attributes
    ----------
    problem : Problem
        Of N players and S states.
    backwards : list of int
        Its states from the last to the first.
    may : list of lists of (k,) arrays
        By state and player, which actions it may take: several of those that decide.
    """

    problem: Problem
    backwards: list[int]
    may: list[list[NDArray[np.intp]]]

    @classmethod
    def of(cls, problem: Problem, order: list[int]) -> Small | None:
        """The game, if it is of this kind.

        Examples
        --------
        >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
        >>> three = MarkovPlayer("A", "2 * a + c", actions=("a", "b", "c"))
        >>> one = Small.of(Problem(MarkovGame([three], discount=0.5)), [0])
        >>> one.best.tolist()
        [4.0]
        >>> other = MarkovPlayer("B", "A.b", actions=("a", "b", "c"))
        >>> Small.of(Problem(MarkovGame([three, other], discount=0.5)), [0]) is None
        True
        """
        made = cls.tabled(problem, order)
        for here in made.may if made else []:
            wide = sorted(len(actions) for actions in here)[::-1]
            if len(wide) > 1 and wide[1] > 1 and (wide[0] > 2 or sum(n > 1 for n in wide) > 2):
                return None
        return made

    @classmethod
    def tabled(cls, problem: Problem, order: list[int]) -> Small | None:
        """The same of any directional game of lists without private shocks, however many act.

        Its selections are not found in this way; but what is best for all together is.

        Examples
        --------
        >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
        >>> a = MarkovPlayer("A", "2 * a + B.c", actions=("a", "b", "c"))
        >>> b = MarkovPlayer("B", "A.b", actions=("a", "b", "c"))
        >>> Small.tabled(Problem(MarkovGame([a, b], discount=0.5)), [0]).best.tolist()
        [6.0]
        """
        stage, agents = problem.stage, problem.game.agents
        if not isinstance(stage, Tabled) or any(a.player.shocks != "0" for a in agents):
            return None
        if len(problem.leads) < len(agents):  # players of a count do alike
            return None
        limits, may = [stage.limits(i) for i in range(len(agents))], []
        for s in range(problem.states):
            here = []
            for i, (_, high, idle) in enumerate(limits):
                none = idle[s] or problem.game.ended[s]
                plain = np.array(
                    [stage.profiles.shape[i] - 1 if agents[i].player.turn != "1" else 0]
                )
                here.append(plain if none else np.flatnonzero(high[:, s] > 0))
            may.append(here)
        return cls(problem, order, may)

    def movers(self, s: int) -> list[int]:
        """Who decides anything in a state."""
        return [i for i, actions in enumerate(self.may[s]) if len(actions) > 1]

    @cached_property
    def even(self) -> bool:
        """Whether all players discount alike, so that totals have a sense."""
        return len({*self.problem.discount.tolist()}) == 1

    @cached_property
    def stages(self) -> Stages:
        """Its stage games, as the kernel has them."""
        problem, stage = self.problem, self.problem.stage
        assert isinstance(stage, Tabled)
        tables, rate = stage.tables, np.append(problem.discount, problem.discount[0])
        first, movers = [0], np.full((problem.states, max(2, len(problem.discount))), -1)
        flow, leaving, link, there, weight = [], [], [0], list[int](), []
        for s in range(problem.states):
            who = self.movers(s)
            movers[s, : len(who)] = who
            for p in self._profiles(s):
                paid = problem.end[:, s] if problem.game.ended[s] else tables.payoffs[:, s, p]
                chance = tables.chances[:, s, p] * (not problem.game.ended[s])
                to = tables.destination[:, s]
                away = np.flatnonzero((chance != 0) & (to != s))
                stays = chance[to == s].sum()
                flow.append(np.append(paid, paid.sum()))
                if problem.game.ended[s]:
                    leaving.append(np.ones(len(rate)))
                elif problem.continuous:
                    leaving.append(rate + chance[away].sum())
                else:
                    leaving.append(1.0 - rate * stays)
                there += to[away].tolist()
                unit = np.ones(len(rate)) if problem.continuous else rate
                weight += [chance[c] * unit for c in away]
                link.append(len(there))
            first.append(len(flow))
        return Stages(
            np.array(first),
            movers,
            np.array(flow),
            np.array(leaving),
            np.array(link),
            np.array(there, dtype=np.int64),
            np.array(weight).reshape(-1, len(rate)),
        )

    def _profiles(self, s: int) -> list[int]:
        """Columns of the tables for what may be done in a state."""
        assert isinstance(self.problem.stage, Tabled)
        shape = self.problem.stage.profiles.shape
        mesh = np.meshgrid(*self.may[s], indexing="ij")
        return np.ravel_multi_index(mesh, shape).ravel().tolist()

    @cached_property
    def steered(self) -> NDArray[np.bool_]:
        """(S,) whether what is done in a state changes where it leads."""
        stages, found = self.stages, np.zeros(self.problem.states, dtype=bool)
        for s in range(self.problem.states):
            rows = range(*stages.first[s : s + 2])
            parts = [slice(*stages.link[row : row + 2]) for row in rows]
            ways = {(stages.there[part].tobytes(), stages.weight[part].tobytes()) for part in parts}
            ways_out = {stages.leaving[row].tobytes() for row in rows}
            found[s] = len(ways) > 1 or len(ways_out) > 1
        return found

    def _reached(self, s: int) -> NDArray[np.int64]:
        stages = self.stages
        ends = stages.link[stages.first[[s, s + 1]]]
        return np.unique(stages.there[slice(*ends)])

    def plan(self, every: bool) -> Plan:
        """How to go through the states: one equilibrium after the other in all, or where needed."""
        size = self.problem.states
        branch = np.ones(size, dtype=bool)
        reached = [self._reached(s) for s in range(size)]
        if not every:
            branch[:] = False
            for s in reversed(self.backwards):  # values matter where choices, or what matters, lead
                if self.steered[s] or branch[s]:
                    branch[reached[s]] = True
        order = np.array(self._ordered(reached))
        last = np.full(size + 1, -1)
        for k, s in enumerate(order):
            last[k + 1] = k if branch[s] else last[k]
        exact = np.array([branch[reached[s]].all() for s in order])
        constant = ~self.steered[order]
        again = ~branch[order] & (constant | ~exact)
        return Plan(order, branch[order], constant, exact, again, last)

    def _ordered(self, reached: list[NDArray[np.int64]]) -> list[int]:
        """States after all that they lead to; those to which the most may lead last."""
        within = [0] * len(reached)  # as bits, all states to which each leads, and itself
        for s in self.backwards:
            within[s] = 1 << s
            for t in reached[s].tolist():
                within[s] |= within[t]
        size = [bits.bit_count() for bits in within]
        led = np.zeros(len(reached), dtype=bool)
        led[np.concatenate(reached)] = True
        order: list[int] = []
        done = 0
        for root in sorted(np.flatnonzero(~led).tolist(), key=lambda s: (size[s], s)):
            new = [s for s in self.backwards if within[root] & ~done & 1 << s]
            order += sorted(new, key=lambda s: (size[s], s))
            done |= within[root]
        return order

    @cached_property
    def best(self) -> Array:
        """(S,) the most that players who discount alike can get together from each state on."""
        stages, value = self.stages, np.zeros(self.problem.states)
        for s in self.backwards:
            found = []
            for row in range(*stages.first[s : s + 2]):
                part = slice(*stages.link[row : row + 2])
                ahead = stages.weight[part, -1] @ value[stages.there[part]]
                found.append((stages.flow[row, -1] + ahead) / stages.leaving[row, -1])
            value[s] = max(found)
        return value

    # --- walks

    def count(self, spent: Callable[[], bool]) -> tuple[Memory, Plan]:
        """Count all selections; ``memory.at`` says whether it came to the end."""
        plan, memory = self.plan(every=False), kernel.memory(self.stages, 0)
        solved = 0
        with suppress(StoppedError):  # what is counted by then is given
            for steps in self._paces():
                self._walk(plan, memory, steps)
                solved += steps
                if memory.at[kernel.DONE] or memory.at[kernel.FULL] or spent() or solved > MOST:
                    break
        return memory, plan

    def listed(self) -> Iterator[tuple[Array, Array]]:
        """Every selection, in batches: choices (B, X, S) and values (B, N, S)."""
        plan, memory = self.plan(every=True), kernel.memory(self.stages, BATCH)
        players = len(self.problem.game.agents)
        for steps in self._paces():
            self._walk(plan, memory, steps)
            count = int(memory.at[kernel.KEPT])
            if count == BATCH or memory.at[kernel.DONE]:
                yield (
                    self._choices(memory.kept_mix[:count]),
                    memory.kept_worth[:count, :, :players].transpose(0, 2, 1).copy(),
                )
                memory.at[kernel.KEPT] = 0
            if memory.at[kernel.DONE]:
                return

    @staticmethod
    def _paces() -> Iterator[int]:
        if not kernel.is_ready():
            yield PLAIN
        while True:
            checkpoint()
            yield AT_ONCE

    def _walk(self, plan: Plan, memory: Memory, steps: int) -> None:
        walk = kernel.walk if steps <= PLAIN else kernel.quick_walk()
        with np.errstate(all="ignore"):
            walk(self.stages, plan, memory, steps)

    def _choices(self, mix: Array) -> Array:
        """(B, X, S) probabilities of all actions."""
        stage = self.problem.stage
        found = np.zeros((len(mix), len(stage.choices), self.problem.states))
        for s in range(self.problem.states):
            if self.problem.game.ended[s]:
                continue
            who = self.movers(s)
            for i, actions in enumerate(self.may[s]):
                mine = np.array(stage.listed(i))
                if i not in who:
                    if not self.problem.idle[i, s]:
                        found[:, mine[actions[0]], s] = 1.0
                elif len(who) == 1:
                    taken = mine[actions[mix[:, s, 0].astype(int)]]
                    found[np.arange(len(mix)), taken, s] = 1.0
                else:
                    chance = mix[:, s, who.index(i)]
                    found[:, mine[actions[0]], s] = chance
                    found[:, mine[actions[1]], s] = 1 - chance
        return found

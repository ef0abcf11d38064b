"""The recursion through the states of a directional game, from the last one backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.stochastic.counts import Selections
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.spot import Spot

STORED = 1_000  # selections kept one by one


@dataclass
class Branch:
    """Values of the states solved so far, choices there, and how many selections share them.

    ``low`` and ``high`` are (N + 1, S): the least and the most that a state is worth to each and to
    all together in any of those, which differ where values matter to nobody's choice.
    """

    value: Array
    choice: Array
    count: int
    low: Array
    high: Array


class Recursion:
    """Every selection of the equilibria of the stage games, kept apart as far as it matters.

    Parameters
    ----------
    problem : Problem
        Of N players and S states.
    order : list of int
        Its states from the last to the first.
    same, digits : float, int
        What counts as one equilibrium of a state, and as one selection.
    spent : callable
        Says when to stop.
    """

    def __init__(
        self,
        problem: Problem,
        order: list[int],
        same: float,
        digits: int,
        spent: Callable[[], bool],
    ) -> None:
        self.problem, self.order, self.spent = problem, order, spent
        self.same, self.digits = same, digits
        self.steered = self._steered()
        self.known: dict[tuple[int, bytes], list[tuple[Array, Array]]] = {}
        self.complete, self.loose = True, set[int]()
        reached = self.problem.stage.destination
        self.ahead = [np.setdiff1d(reached[:, s], [s]) for s in range(problem.states)]
        self.even = len({*problem.discount.tolist()}) == 1
        shape = (len(problem.game.agents) + 1, problem.states)
        self.lowest, self.highest = np.full(shape, np.inf), np.full(shape, -np.inf)

    def run(self) -> Selections:
        """Count them, with the choices of the first and the range of what states are worth."""
        problem = self.problem
        players, states = len(problem.game.agents), problem.states
        ends = np.zeros((players + 1, states))
        fresh = Branch(
            np.zeros((players, states)),
            np.zeros((len(problem.stage.choices), states)),
            1,
            ends,
            ends,
        )
        branches = [fresh]
        needed, matters = self._needs()
        for k, s in enumerate(self.order):  # the recursion of the theorem, one stage game a state
            if self.spent():
                self.complete = False
                break
            grown: list[Branch] = []
            for branch in branches:
                if self.spent():
                    self.complete = False
                    return self._so_far(branches)
                for value, choice in self.at(s, branch.value):
                    grown.append(self._after(branch, s, value, choice))
            if not grown:
                self.complete = False
                return self._so_far([])
            # Counted are all; told apart only those that states still to be solved can tell apart.
            branches = grown if len(grown) <= STORED else self._merged(grown, needed[k], matters)
        return self._so_far(branches)

    def _after(self, branch: Branch, s: int, value: Array, choice: Array) -> Branch:
        """A branch with one state more."""
        after = Branch(
            branch.value.copy(),
            branch.choice.copy(),
            branch.count,
            branch.low.copy(),
            branch.high.copy(),
        )
        after.value[:, s], after.choice[:, s] = value, choice
        after.low[:, s], after.high[:, s] = self._ends(branch, s, value, choice)
        self.lowest[:, s] = np.minimum(self.lowest[:, s], after.low[:, s])
        self.highest[:, s] = np.maximum(self.highest[:, s], after.high[:, s])
        return after

    def _ends(self, branch: Branch, s: int, value: Array, choice: Array) -> tuple[Array, Array]:
        """What a state is worth at least and at most, as later ones are worth little or much."""
        there, exact = self.ahead[s], np.append(value, value.sum())
        if (branch.low[:, there] == branch.high[:, there]).all():
            return exact, exact
        found = []
        for end in (branch.low, branch.high):  # nobody's choice hangs on which it is
            each, total = end[:-1], end[:-1].copy()
            total[0] += end[-1] - each.sum(axis=0)  # what sums up to what all get together
            worth, sums = (
                Spot(self.problem, s, later).follow(choice[:, None])[:, 0]
                for later in (each, total)
            )
            found.append(np.append(worth, sums.sum()))
        return found[0], found[1]

    def listed(self) -> Iterator[tuple[Array, Array]]:
        """Every selection by itself: choices (1, X, S) and values (1, N, S)."""
        value = np.zeros((len(self.problem.game.agents), self.problem.states))
        choice = np.zeros((len(self.problem.stage.choices), self.problem.states))

        def deeper(k: int) -> Iterator[tuple[Array, Array]]:
            if k == len(self.order):
                yield choice[None].copy(), value[None].copy()
                return
            s = self.order[k]
            for reached, taken in self.at(s, value):
                checkpoint()
                value[:, s], choice[:, s] = reached, taken
                yield from deeper(k + 1)
            value[:, s] = 0.0

        yield from deeper(0)

    def _so_far(self, branches: list[Branch]) -> Selections:
        total = sum(branch.count for branch in branches)
        found = [branch.choice for branch in branches[:STORED]]
        low, high = self.lowest, self.highest
        together = np.stack([low[-1], high[-1]]) if self.even else None
        loose = len(self.loose)
        return Selections(total, found, self.complete, loose, low[:-1], high[:-1], total=together)

    def _needs(self) -> tuple[list[np.ndarray], np.ndarray]:
        """States that those still to be solved look at, by step; and whose values matter."""
        problem = self.problem
        reach = problem.stage.destination  # (C, S)
        matters = np.zeros(problem.states, dtype=bool)
        # Values of t matter if some state that is steered, or matters itself, may lead to t.
        for s in reversed(self.order):  # from the first: what later states mean to those before
            if self.steered[s] or matters[s]:
                matters[reach[:, s]] = True
        needed = []
        for k in range(len(self.order)):
            ahead = self.order[k + 1 :]
            seen = np.zeros(problem.states, dtype=bool)
            seen[np.unique(reach[:, ahead])] = True
            needed.append(seen)
        return needed, matters

    def _steered(self) -> np.ndarray:
        """(S,) whether what is done in a state changes where it leads."""
        places = self.problem.stage.places.first
        stage, tried = self.problem.stage, map(np.array, self.problem.game.trials())
        slopes = np.array(
            [stage.first(x, stage.halfway(x)) for x in tried]
        )  # in the middle a slope may vanish that does not elsewhere
        of_chance = places[:, 1] > 0  # column 0 is the payoff
        return np.asarray((slopes[:, of_chance] != 0).any(axis=(0, 1)))

    def at(self, s: int, value: Array) -> list[tuple[Array, Array]]:
        """Values and choices of every equilibrium in a state, later values given."""
        seen = value[:, self.ahead[s]].round(self.digits) + 0.0
        # Not steered: what later states are worth shifts all payoffs alike, and moves no choice.
        key = s, seen.tobytes() if self.steered[s] else b""
        if key not in self.known:
            spot = Spot(self.problem, s, value)
            found, total, isolated = spot.solve(self.same)
            self.complete &= total == 1 and isolated
            self.loose |= set() if isolated else {s}
            self.known[key] = found
        if self.steered[s]:
            return self.known[key]
        spot = Spot(self.problem, s, value)
        return [(spot.follow(choice[:, None])[:, 0], choice) for _, choice in self.known[key]]

    def _merged(
        self, branches: list[Branch], needed: np.ndarray, matters: np.ndarray
    ) -> list[Branch]:
        """One branch for all that look alike to the states still to be solved."""
        seen = needed & matters
        kept: dict[bytes, Branch] = {}
        for branch in branches:
            key = (branch.value[:, seen].round(self.digits) + 0.0).tobytes()
            if key in kept:
                alike = kept[key]
                alike.count += branch.count
                alike.low = np.minimum(alike.low, branch.low)
                alike.high = np.maximum(alike.high, branch.high)
            else:
                kept[key] = branch
        return list(kept.values())

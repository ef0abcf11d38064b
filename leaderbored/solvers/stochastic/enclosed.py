"""The stage of a Markov game in balls, state by state: of tables, or of formulas.

What has no value comes out as what is not finite: it need not matter, as a hazard that is steep
without end does not where the event changes nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb

from leaderbored.solvers.numerics.balls import Balls
from leaderbored.solvers.stochastic.derived import Derived
from leaderbored.solvers.stochastic.stage import Places, Stage
from leaderbored.solvers.stochastic.tabled import Tabled


def enclosed(stage: Stage) -> Enclosed:
    """A stage in balls.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> from leaderbored.solvers.stochastic.tabled import stage_of
    >>> game = MarkovGame([MarkovPlayer("A", "2 * a", actions=("a", "b"))], discount=0.1)
    >>> balls = enclosed(stage_of(game))
    >>> balls.pieces(0, [arb(1) / 4, arb(3) / 4], [])[0]
    [0.500000000000000]
    """
    if isinstance(stage, Derived):
        return _OfFormulas(stage)
    assert isinstance(stage, Tabled)
    return _OfTables(stage)


@dataclass(frozen=True, eq=False)
class Enclosed:
    """What :class:`.stage.Stage` has, at balls of choices x and multipliers of kinks in a state."""

    stage: Any

    @property
    def places(self) -> Places:
        """What the entries of derivatives are."""
        places: Places = self.stage.places
        return places

    @abstractmethod
    def pieces(self, s: int, x: list[Any], weight: list[Any]) -> list[list[Any]]:
        """Of each agent its payoff, and the hazard or chance of every outcome."""

    @abstractmethod
    def first(self, s: int, x: list[Any], weight: list[Any]) -> list[Any]:
        """Derivatives, in the order of ``places.first``."""

    @abstractmethod
    def second(self, s: int, x: list[Any], weight: list[Any]) -> list[Any]:
        """Second derivatives, in the order of ``places.second``."""

    def gaps(self, s: int, x: list[Any], weight: list[Any]) -> tuple[list[Any], list[Any]]:
        """F of the multipliers, and their derivatives at ``places.gaps``."""
        return [], []


class _OfFormulas(Enclosed):
    def _called(self, s: int, x: list[Any], weight: list[Any], *parts: str) -> list[list[Any]]:
        form, balls = self.stage.code.formulas, self._balls(s, x, weight)
        return [[balls.tried(row) for row in form.parts[part]] for part in parts]

    @cached_property
    def _latest(self) -> list[Any]:
        """The state and the unknowns asked for last, and what is known of parts of formulas."""
        return []

    def _balls(self, s: int, x: list[Any], weight: list[Any]) -> Balls:
        asked = [*x, *weight]
        state, before, found = self._latest or (-1, [], Balls({}))
        if state == s and all(a is b for a, b in zip(asked, before, strict=True)):
            return found
        form = self.stage.code.formulas
        known: dict[Any, Any] = dict(zip(form.numbers, self.stage.arguments, strict=True))
        known |= dict(zip(form.states, self.stage.game.grid[s].tolist(), strict=True))
        known |= dict(zip(form.choices, x, strict=True))
        known |= dict(zip(form.kinks, weight, strict=True))
        balls = Balls(known)
        for expression, symbol in form.fixed.items():
            balls.known[symbol] = balls(expression)
        self._latest[:] = [s, asked, balls]
        return balls

    def pieces(self, s: int, x: list[Any], weight: list[Any]) -> list[list[Any]]:
        """See the class above."""
        (rows,) = self._called(s, x, weight, "smooth")
        count = 1 + self.stage.outcomes
        return [rows[k : k + count] for k in range(0, len(rows), count)]

    def first(self, s: int, x: list[Any], weight: list[Any]) -> list[Any]:
        """See the class above."""
        return self._called(s, x, weight, "first")[0]

    def second(self, s: int, x: list[Any], weight: list[Any]) -> list[Any]:
        """See the class above."""
        return self._called(s, x, weight, "second")[0]

    def gaps(self, s: int, x: list[Any], weight: list[Any]) -> tuple[list[Any], list[Any]]:
        """See the class above."""
        found, slopes = self._called(s, x, weight, "gaps", "gap_slopes")
        return found, slopes


class _OfTables(Enclosed):
    """Expectations, where no player's odds need add up to one: each piece is a sum of products."""

    @cached_property
    def _tables(self) -> dict[int, Any]:
        return {}

    @cached_property
    def _idle(self) -> list[Any]:
        return [self.stage.limits(i)[2] for i in range(len(self.stage.game.agents))]

    @cached_property
    def places(self) -> Places:
        """Every piece may move with everything."""
        agents = len(self.stage.game.agents)
        owner = [i for i, _ in self.stage.choices]
        pieces = range(1 + self.stage.outcomes)
        first = [(i, c, k) for i in range(agents) for c in pieces for k in range(len(owner))]
        second = [
            (i, c, k, other)
            for i, c, k in first
            if owner[k] == i
            for other in range(len(owner))
            if owner[other] != i
        ]
        return Places(np.array(first), np.array(second), np.zeros((0, 2), dtype=int))

    def _mean(self, s: int, x: Sequence[Any], kept: tuple[int, ...] = ()) -> Any:
        """(N + C, ..) expectations over what agents do, but for some, whose actions are kept."""
        if s not in self._tables:
            numbers = self.stage.pieces[..., s]
            self._tables[s] = np.vectorize(lambda number: arb(float(number)), otypes=[object])(
                numbers
            )
        pieces, agents = self._tables[s], self.stage.game.agents
        for i in reversed(range(len(agents))):
            idle = len(agents[i].player.options) < pieces.shape[1 + i]
            law = [x[k] for k in self.stage.listed(i)]
            if idle:  # where it is not its turn it does nothing
                law.append(arb(int(self._idle[i][s])))
            if i in kept:
                continue
            pieces = np.tensordot(pieces, np.array(law, dtype=object), ([1 + i], [0]))
        return pieces

    def _row(self, i: int, c: int) -> int:
        return i if c == 0 else len(self.stage.game.agents) + c - 1

    def pieces(self, s: int, x: list[Any], weight: list[Any]) -> list[list[Any]]:
        """See the class above."""
        found, players = self._mean(s, x), len(self.stage.game.agents)
        return [[found[i], *found[players:]] for i in range(players)]

    def first(self, s: int, x: list[Any], weight: list[Any]) -> list[Any]:
        """See the class above."""
        slopes = [self._mean(s, x, (i,)) for i in range(len(self.stage.game.agents))]
        return [
            slopes[self.stage.actions[k][0]][self._row(i, c), self.stage.actions[k][1]]
            for i, c, k in self.places.first.tolist()
        ]

    def second(self, s: int, x: list[Any], weight: list[Any]) -> list[Any]:
        """See the class above."""
        bends: dict[tuple[int, int], Any] = {}
        found = []
        for i, c, k, other in self.places.second.tolist():
            (low, a), (high, b) = sorted((self.stage.actions[k], self.stage.actions[other]))
            if (low, high) not in bends:
                bends[low, high] = self._mean(s, x, (low, high))
            found.append(bends[low, high][self._row(i, c), a, b])
        return found

r"""Rules of motion: from what was played in one round to what is played in the next.

With :math:`\beta(x)` the best replies to a profile x,

==============  ===================================================================
best-response   :math:`x' = \beta(x)`, all at once (Cournot 1838)
sequential      one player after the other, each seeing those before it
random          the same in an order drawn anew every round
adjust          :math:`x' = x + \alpha\,(\beta(x) - x)`: habits change by and by
myopic          all at once, by players that look one step ahead
level-k         :math:`x' = \beta^k(x)`: each thinks k steps ahead of what it saw (Nagel 1995)
fictitious      replies to the average of all rounds so far (Brown 1951)
replicator      :math:`\dot x_a = x_a (u_a - \bar u)` (Taylor and Jonker 1978)
logit           :math:`\dot x = \operatorname{softmax}(u / \tau) - x` (Fudenberg and Levine 1998)
==============  ===================================================================

The last two are of finite games, in continuous time, payoffs in units of their range: a strategy
that earns the whole range more than the average grows e-fold in one round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy.special import softmax

from leaderbored.games.markov import Array
from leaderbored.late import late
from leaderbored.play.arena import Arena, Finite, Index
from leaderbored.solvers.budget import checkpoint

integrate = late("scipy.integrate")

Rule = Literal[
    "best-response",
    "sequential",
    "random",
    "adjust",
    "myopic",
    "level-k",
    "fictitious",
    "replicator",
    "logit",
]
RULES: tuple[Rule, ...] = get_args(Rule)
FLOWS = ("replicator", "logit")
ONE_BY_ONE = ("sequential", "random")
Step = Callable[[Array, int], Array]
PRECISE = {"rtol": 1e-9, "atol": 1e-11}
EXACT: dict[str, Any] = {"method": "DOP853", **PRECISE}
ABSENT = -1e4  # logarithm that stands for a strategy never played


@dataclass(frozen=True)
class Habits:
    """Numbers that rules know.

    Parameters
    ----------
    adjustment : float, default 0.2
        Of ``adjust``: fraction of the way to the best reply, above 0 and at most 1.
    level : int, default 2
        Of ``level-k``: steps of thinking, at least 1.
    noise : float, default 0.1
        Of ``logit``: tau, in units of the range of payoffs; positive.

    Examples
    --------
    >>> Habits(level=3).level
    3
    """

    adjustment: float = 0.2
    level: int = 2
    noise: float = 0.1

    def __post_init__(self) -> None:
        if not 0 < self.adjustment <= 1:
            raise ValueError(f"adjustment: {self.adjustment:g}, expected above 0 and at most 1")
        if self.level < 1:
            raise ValueError(f"level: {self.level}, expected 1 or more")
        if not self.noise > 0:
            raise ValueError(f"noise: {self.noise:g}, expected more than 0")


def check(arena: Arena, rule: str) -> None:
    """Refuse a rule that is unknown, or not one for such a game.

    Raises
    ------
    ValueError
        Saying what is known.
    """
    if rule not in RULES:
        raise ValueError(f"rule: {rule}, known: {', '.join(RULES)}")
    if rule in ONE_BY_ONE and arena.one_by_one:
        raise ValueError(f"rule: {rule} is not for this game: {arena.one_by_one}")
    if rule in FLOWS and not arena.finite:
        raise ValueError(f"rule: {rule} is for games in normal form")


def stepper(arena: Arena, rule: Rule, habits: Habits, random: np.random.Generator) -> Step:
    """The map from a profile and the number of its round to the profile of the next.

    Under ``fictitious`` profiles are averages of what was played.
    """
    together = np.arange(len(arena.own))

    def one_by_one(x: Array, order: Index) -> Array:
        x = x.copy()
        for i in order:
            x[arena.own[i]] = arena.reply(int(i), x)
        return x

    def deeply(x: Array) -> Array:
        for _ in range(habits.level):
            x = arena.replies(x)
        return x

    steps: dict[str, Step] = {
        "best-response": lambda x, _: arena.replies(x),
        "sequential": lambda x, _: one_by_one(x, together),
        "random": lambda x, _: one_by_one(x, random.permutation(together)),
        "adjust": lambda x, _: x + habits.adjustment * (arena.replies(x) - x),
        "myopic": lambda x, _: arena.replies(x, myopic=True),
        "level-k": lambda x, _: deeply(x),
        "fictitious": lambda x, lap: x + (arena.replies(x) - x) / (lap + 2),
    }
    return steps[rule]


class Flow:
    """A rule in continuous time: its velocity, in coordinates that rounding cannot freeze.

    The replicator is followed in logarithms, so that what has become rare can come back; what is
    absent stays absent.

    Parameters
    ----------
    arena : Finite
    rule : "replicator" or "logit"
    habits : Habits
    start : (n,) array
        A profile.
    """

    def __init__(self, arena: Finite, rule: Rule, habits: Habits, start: Array) -> None:
        self.arena, self.rule, self.habits = arena, rule, habits
        self.there = start > 0

    def inside(self, x: Array) -> Array:
        """Coordinates of a profile."""
        if self.rule == "logit":
            return x
        return np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), ABSENT)

    def outside(self, y: Array) -> Array:
        """The profile at coordinates."""
        x = np.maximum(y, 0.0) if self.rule == "logit" else np.empty_like(y)
        for mine in self.arena.own:
            x[mine] = x[mine] / x[mine].sum() if self.rule == "logit" else softmax(y[mine])
        return x

    def velocity(self, _: float, y: Array) -> Array:
        """Of the coordinates, per round."""
        checkpoint()
        x, out = self.outside(y), np.empty_like(y)
        for i, mine in enumerate(self.arena.own):
            pays = self.arena.rewards(i, x)
            if self.rule == "logit":
                with np.errstate(over="ignore"):  # far below the best: never
                    odds = (pays - pays.max()) / self.habits.noise
                out[mine] = softmax(odds) - y[mine]
            else:
                out[mine] = np.where(self.there[mine], pays - pays @ x[mine], 0.0)
        return out

    def speed(self, x: Array) -> float:
        """Largest velocity of a probability, per round."""
        change = self.velocity(0.0, self.inside(x))
        return float(np.abs(change if self.rule == "logit" else x * change).max())

    def path(self, start: Array, laps: int) -> Iterator[Array]:
        """Yield the profiles (n,) after 1, 2, ..., L rounds."""
        solver = integrate.DOP853(self.velocity, 0.0, self.inside(start), float(laps), **PRECISE)
        lap = 1
        while lap <= laps and solver.status == "running":
            solver.step()
            between = solver.dense_output()
            while lap <= min(laps, solver.t):
                yield self.outside(between(float(lap)))
                lap += 1

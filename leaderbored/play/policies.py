r"""Dynamic games in play: profiles are policies, one share or action for every state.

Each round the labs see what everybody's policy is worth, and reply to that, state by state:
Howard's policy iteration of 1960 with several players. Its rest points are the Markov-perfect
equilibria.

*Myopic* labs look one step ahead: to the next success, or in discrete time to the next period,
after which they take incomes to stay what they are for ever. Between here and there rivals may
succeed first, so that in continuous time one step is a patent race (Lee and Wilde, Quarterly
Journal of Economics 94, 1980).

Replies are those of the game that is solved: with the stage that mechanisms bend, and where demand
depends on the play, at the demand of the present profile, which no share of a lab itself moves.
Where labs rent compute to each other a profile has a rent in every state as well, and in each round
the market clears at the replies (:class:`leaderbored.solvers.markov.rounds.Rounds`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

import numpy as np
from typing_extensions import override

from leaderbored.games.markov import Array, Markov, States
from leaderbored.games.stochastic import MarkovGame
from leaderbored.play.arena import Arena
from leaderbored.play.places import leads_of, place
from leaderbored.race import Race
from leaderbored.solvers.markov.basin import random_shares
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.compiled import system_of
from leaderbored.solvers.markov.rounds import Rounds
from leaderbored.solvers.stochastic.certificate import regret as policy_regret
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.replies import best_reply as best_action
from leaderbored.text import percent

BY_ONE = "where compute is rented, a rent clears the replies of all labs at once"


class Policies(Arena):
    """A dynamic game: what is said of a start is said word by word, and may name a state.

    Attributes
    ----------
    state : int
        Of which payoffs are taken.
    """

    state = 0

    @override
    def read(self, words: Sequence[str], random: np.random.Generator, rule: str) -> Array:
        del rule
        x = self.first()
        for word in words:
            x = self.drawn(random) if word == "random" else self.word(word, x)
        return x

    def word(self, word: str, x: Array) -> Array:
        """(n,) the profile after one more word.

        Raises
        ------
        ValueError
            If it is none of this game's.
        """
        raise NotImplementedError


class Shares(Policies):
    """The race, or another game in which every player owns a hazard.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1)
    >>> arena = Shares(race)
    >>> arena.replies(arena.idle()).round(3).tolist()
    [0.4, 0.0, 0.677, 0.4, 0.677, 0.0]
    """

    def __init__(self, game: Race | Markov) -> None:
        self.game = game
        self.rounds = Rounds(system_of(game))
        self.markov = self.rounds.system.game
        self.one_by_one = BY_ONE if self.rounds.rented else ""
        self.players = self.markov.players
        count, states = self.markov.scale.shape
        self.own = list(np.arange(count * states).reshape(count, states))
        self.rents = np.arange(count * states, np.prod(self.rounds.shape), dtype=np.int64)
        rents = np.zeros((int(self.rounds.rented), states))
        self.lower = np.vstack([self.markov.lower, rents]).ravel()
        self.upper = np.vstack([self.markov.upper, rents + self.rounds.dearest]).ravel()
        places = [_place(state) for state in self.markov.states.tolist()]
        movers = (*self.players, "rent") if self.rounds.rented else self.players
        self.labels = tuple(f"{name} at {place}" for name in movers for place in places)
        self.state = 0

    @override
    def read(self, words: Sequence[str], random: np.random.Generator, rule: str) -> Array:
        return self.whole(super().read(words, random, rule))

    @override
    def given(self, parts: Sequence[Any]) -> Array:
        flat = [np.asarray(part, float).ravel() for part in parts]
        if self.rounds.rented and sum(map(len, flat)) == self.markov.scale.size:
            flat = [self.whole(np.clip(np.concatenate(flat), 0.0, 1.0))]
        return super().given(flat)

    def whole(self, shares: Array) -> Array:
        """(n,) the profile that begins with shares."""
        return self.rounds.first(shares.reshape(self.markov.scale.shape)).ravel()

    def play(self, x: Array) -> Array:
        """The shares of a profile, and rents where there are; see :class:`Rounds`."""
        return x.reshape(self.rounds.shape)

    @override
    def first(self) -> Array:
        return self.idle()

    @override
    def knows(self, word: str) -> bool:
        return leads_of(self.game, word)

    @override
    def word(self, word: str, x: Array) -> Array:
        if word in ("idle", "busy"):
            return self.idle() if word == "idle" else self.busy()
        if not isinstance(self.game, Race):
            raise ValueError(f"{word}: expected idle, busy or random")
        try:
            self.state = place(self.game, word, self.markov.states)
        except ValueError as error:
            raise ValueError(f"{word}: {error}; or idle, busy or random") from None
        return x

    def idle(self) -> Array:
        """(N S,) the policies that build with idle compute alone."""
        return self.markov.idle.ravel()

    def busy(self) -> Array:
        """(N S,) flat out until a lab is half the rungs behind, then with idle compute alone."""
        behind = self.markov.states.max(axis=1)
        near = behind <= max(1, int(behind.max()) // 2)
        return np.where(near, self.markov.upper, self.markov.idle).ravel()

    @override
    def drawn(self, random: np.random.Generator) -> Array:
        return random_shares(self.markov, random).ravel()

    def build(self, x: Array) -> Array:
        """(N, S) shares of a profile."""
        return self.rounds.shares(self.play(x))

    @override
    def reply(self, i: int, x: Array) -> Array:
        return self.replies(x)[self.own[i]]

    @override
    def myopic(self, i: int, x: Array) -> Array:
        return self.replies(x, myopic=True)[self.own[i]]

    @override
    def replies(self, x: Array, myopic: bool = False) -> Array:
        play = self.play(x)
        if myopic:
            return self.rounds.one_step(play).ravel()
        return self.rounds.reply(play, self.rounds.value(play)).ravel()

    @override
    def payoffs(self, x: Array) -> Array:
        return np.asarray(self.rounds.value(self.play(x))[:, self.state])

    @override
    def regret(self, x: Array) -> float:
        build, play = self.build(x), self.play(x)
        if self.rounds.rented:
            return float(regret(self.game, build, play[-1]).max())
        return float(regret(self.rounds.system.at(build).game, build).max())

    @override
    def name(self, x: Array) -> str:
        here = self.build(x)[:, self.state]
        deciding = self.players[: self.markov.states.shape[1]]  # others have no choice
        pairs = zip(deciding, here, strict=False)
        rent = [f"rent {x[row[self.state]]:.4g}" for row in (self.rents,) if len(row)]
        return ", ".join(
            [*(f"{name} builds {percent(float(share))}" for name, share in pairs), *rent]
        )


def _place(state: list[int]) -> str:
    return " ".join(map(str, state))


class Actions(Policies):
    """A Markov game of one's own.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b + d", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> arena = Actions(MarkovGame([lab], discount=0.5, states={"d": (0, 1)}))
    >>> arena.replies(np.array([0.0, 0.0])).round(6).tolist()
    [1.0, 0.0]
    """

    def __init__(self, game: MarkovGame) -> None:
        self.game = game
        self.problem = Problem(game, apart=True)  # out of equilibrium likes may differ
        self.players = tuple(agent.name for agent in game.agents)
        choices, states = self.problem.stage.choices, self.problem.states
        rows = np.arange(len(choices) * states).reshape(len(choices), states)
        self.rows = [
            np.array([k for k, (owner, _) in enumerate(choices) if owner == i], dtype=np.int64)
            for i in range(len(self.players))
        ]
        self.own = [rows[mine].ravel() for mine in self.rows]
        low, high = self.problem.choice_bounds
        for mine, agent in zip(self.rows, game.agents, strict=True):
            part = mine[len(agent.player.action) :]
            high[part] = np.minimum(high[part], 1.0)
        self.lower, self.upper = low.ravel(), high.ravel()
        places = [_place(state) for state in game.grid.tolist()]
        self.labels = tuple(
            f"{self.players[i]} {name} at {place}" for i, name in choices for place in places
        )
        self.state = int(np.argmin(game.ended))  # the first in which the game goes on

    def _listed(self) -> Iterator[tuple[int, list[int]]]:
        """Players who pick from a list, each with the rows of their probabilities."""
        for i, agent in enumerate(self.game.agents):
            if agent.player.options:
                yield i, self.problem.stage.listed(i)

    @override
    def given(self, parts: Sequence[Any]) -> Array:
        x = super().given(parts)
        for i, listed in self._listed():
            law = self.table(x)[listed]
            if np.abs(law - self.problem.lawful(i, law)).max() > 1e-9:
                expected = "probabilities of actions that are allowed, which add up to one"
                raise ValueError(f"start: of {self.players[i]} expected {expected}")
        return x

    @override
    def middle(self) -> Array:
        x = self.table(super().middle())
        for i, listed in self._listed():
            x[listed] = self.problem.lawful(i, np.ones((len(listed), self.problem.states)))
        return x.ravel()

    @override
    def drawn(self, random: np.random.Generator) -> Array:
        x = self.table(super().drawn(random))
        for i, listed in self._listed():
            law = random.dirichlet(np.ones(len(listed)), size=self.problem.states).T
            x[listed] = self.problem.lawful(i, law)
        return x.ravel()

    @override
    def word(self, word: str, x: Array) -> Array:
        if word in ("low", "high"):
            return self._end(word, x)
        self.state = self._state(word)
        return x

    def _end(self, word: str, x: Array) -> Array:
        """Real actions at their ends, where these are finite; of a list, its first or last."""
        ends = self.lower if word == "low" else self.upper
        x = self.table(np.where(np.isfinite(ends), ends, x))
        for i, listed in self._listed():
            step = 1 if word == "low" else -1
            may = self.problem.lawful(i, np.ones((len(listed), self.problem.states)))[::step] > 0
            x[listed[::step]] = may & (may.cumsum(axis=0) == 1)
        return x.ravel()

    @override
    def knows(self, word: str) -> bool:
        return bool(self._said(word))

    def _said(self, word: str) -> list[tuple[str, str]]:
        """Names and numbers of states in a word such as ``w=1 v=0``; none if it is no such word."""
        names = sorted(self.game.labels, key=len, reverse=True)  # "firm 1.w" goes before "w"
        pair = rf"({'|'.join(map(re.escape, names))})\s*=\s*(-?\d+)(?:\s+and\s+|\s+|$)"
        return re.findall(pair, word) if names and re.fullmatch(f"(?:{pair})+", word) else []

    def _state(self, word: str) -> int:
        """The first state that ``w=1 v=0`` or ``w = 1 and v = 0`` is true of, ended ones last."""
        labels, grid = self.game.labels, self.game.grid
        example = " ".join(f"{name}={low}" for name, low in zip(labels, grid[0], strict=True))
        said = self._said(word)
        if not said:
            state = f', or a state such as "{example}", or both with a comma between'
            raise ValueError(f"{word}: expected low, high or random{state if labels else ''}")
        rows = np.ones(self.game.size, dtype=bool)
        for name, value in dict(said).items():
            rows &= grid[:, labels.index(name)] == int(value)
        if not rows.any():
            raise ValueError(f"{word}: no such state; the first is {example}")
        goes_on = rows & ~self.game.ended
        return int((goes_on if goes_on.any() else rows).argmax())

    def table(self, x: Array) -> Array:
        """(X, S) choices of a profile."""
        return x.reshape(-1, self.problem.states)

    @override
    def reply(self, i: int, x: Array) -> Array:
        chosen = self.table(x)
        value = self.problem.evaluate(chosen)[i]
        return best_action(self.problem, i, chosen, value).ravel()

    @override
    def myopic(self, i: int, x: Array) -> Array:
        chosen, problem = self.table(x), _Last(self.problem)
        here = best_action(problem, i, chosen, np.zeros(problem.states))  # nothing at stake
        alone = chosen.copy()
        alone[self.rows[i]] = here
        rate = problem.discount[i]
        income = problem.stage.values(alone)[i][0]
        ever = income / rate if problem.continuous else income / (1 - rate)
        problem.after = np.where(self.game.ended, problem.end[i], ever)
        moves, payoffs = problem.chain(chosen)
        ahead = (payoffs[i] + moves @ problem.after) / (
            rate + np.asarray(moves.sum(axis=1)).ravel()
        )
        return best_action(problem, i, chosen, ahead).ravel()

    @override
    def payoffs(self, x: Array) -> Array:
        return np.asarray(self.problem.evaluate(self.table(x))[:, self.state])

    @override
    def regret(self, x: Array) -> float:
        return float(policy_regret(self.problem, self.table(x)).max())

    @override
    def name(self, x: Array) -> str:
        here = self.table(x)[:, self.state]
        names = [f"{self.players[i]} {name}" for i, name in self.problem.stage.choices]
        return ", ".join(f"{name} {number:.4g}" for name, number in zip(names, here, strict=True))


class _Last(Problem):
    """The same problem as if what happens next were the last that happens."""

    after: Array | None

    def __init__(self, problem: Problem) -> None:
        self.__dict__.update(copy(problem).__dict__)
        self.after = None

    @override
    def worth_to(self, i: int, value: Array, here: States) -> Array:
        destination = self.stage.destination[:, here]
        if self.after is None:
            return np.zeros(destination.shape)
        reached = self.after[destination]
        return np.asarray(reached - value[here] if self.continuous else self.discount[i] * reached)

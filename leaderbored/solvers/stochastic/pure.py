"""Equilibria of Markov games in pure policies, by comparing profiles of these.

Engines that start from random policies may miss an equilibrium that rests on what players expect of
each other, such as collusion of players who remember the last period. Where the profiles of pure
policies are few, each is looked at: the values that follow from it, and whether anybody gains by
another action now in some state. Where they are many, trigger strategies are: some actions in all
states that these keep, and others elsewhere, as after somebody has done something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.stochastic.newton import Watch
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.tabled import Tabled

MOST_PROFILES = 20_000
MOST_WORK = 1e9  # operations on matrices, about
BLOCK = 1_000_000  # entries of the matrices that are solved at once
GAIN = 1e-10  # relative to values, up to which a gain is rounding

Ints = NDArray[np.int64]


class Comparison:
    """Profiles of pure policies, and which of them are equilibria.

    None are compared unless all players pick from lists, without private shocks, and discount the
    future.

    Parameters
    ----------
    problem : Problem
        Of N agents and S states.

    Attributes
    ----------
    profiles : int
        How many are compared.
    every : bool
        Whether these are all.
    found : int
        How many are equilibria, among those that were compared by now.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> a = MarkovPlayer("A", "2 * a * B.a + b * B.b", actions=("a", "b"))
    >>> b = MarkovPlayer("B", "2 * a * A.a + b * A.b", actions=("a", "b"))
    >>> comparison = Comparison(Problem(MarkovGame([a, b], discount=0.5)))
    >>> [x.ravel().tolist() for x in comparison.equilibria()]
    [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]
    >>> comparison.said
    'all 4 profiles of pure policies were compared; '
    """

    def __init__(self, problem: Problem) -> None:
        self.problem, self.found, self.profiles = problem, 0, 0
        stage = problem.stage
        impatient = problem.continuous or problem.discount.max() < 1
        if not isinstance(stage, Tabled) or stage.noise or not impatient:
            return
        self._options = _options(problem)
        self.profiles = prod(len(one) for one in self._options)
        work = self.profiles * problem.states**3
        self.every = self.profiles <= MOST_PROFILES and work <= MOST_WORK
        if not self.every:
            self._triggers = _triggers(problem)
            self.profiles = len(self._triggers)

    @property
    def said(self) -> str:
        """What was compared; nothing if nothing was."""
        if not self.profiles:
            return ""
        kind = "all {:,} profiles of pure policies" if self.every else "{:,} trigger strategies"
        return f"{kind.format(self.profiles)} were compared; "

    def beyond(self, shown: int) -> str:
        """What is said of equilibria that are too many to be shown; nothing if they are not."""
        rest = f"of which {shown} at most are shown"
        return f"{self.found:,} equilibria in pure policies, {rest}" if self.found > shown else ""

    def equilibria(self, watch: Watch | None = None) -> Iterator[Array]:
        """Choices (X, S) at all those from which nobody gains by another action."""
        problem, size = self.problem, self.problem.states
        together = max(1, BLOCK // (size * (size + len(problem.stage.destination))))
        for first in range(0, self.profiles, together):
            if watch:
                watch("comparison", first, 1 - first / self.profiles)
            chosen = self._chosen(range(first, min(first + together, self.profiles)))
            for actions in _resting(problem, _of_all(problem, chosen)):
                self.found += 1
                yield _choices(problem, actions)

    def _chosen(self, which: range) -> Ints:
        """(P, leads * S) actions of those that are no copies in some of the profiles."""
        if not self.every:
            return self._triggers[which.start : which.stop]
        rest, columns = np.array(which), []
        for one in reversed(self._options):  # the digits of a profile's number, the last ones first
            rest, at = np.divmod(rest, len(one))
            columns.append(one[at])
        return np.stack(columns[::-1], axis=1)


def _options(problem: Problem) -> list[Ints]:
    """What each agent that is no copy may do in each state: one list after the other."""
    found = []
    for i in problem.leads:
        may = problem.upper[problem.slot["choice"][problem.stage.listed(i)]] > 0
        for s in range(problem.states):
            if problem.idle[i, s] or not len(may):
                found.append(np.array([_none(problem, i)]))
            else:
                found.append(np.flatnonzero(may[:, s]))
    return found


def _none(problem: Problem, i: int) -> int:
    """The action of an agent that decides nothing, which stands last if there is such an action."""
    player = problem.game.agents[i].player
    return 0 if player.turn == "1" else len(player.options)


def _triggers(problem: Problem) -> Ints:
    """(P, leads * S) one action of each in all states that all together keep, another elsewhere."""
    size, leads = problem.states, problem.leads
    none = np.zeros((0, len(leads) * size), dtype=np.int64)
    sizes = [max(1, len(problem.stage.listed(i))) for i in leads]
    turns = any(agent.player.turn != "1" for agent in problem.game.agents)
    if turns or prod(sizes) ** 2 * size**3 > MOST_WORK:
        return none
    every = np.array([*np.ndindex(*sizes)])
    always = np.repeat(every[:, :, None], size, axis=2)  # (J, leads, S)
    pieces = _pieces(problem, _of_all(problem, always.reshape(len(every), -1)))
    leaves = problem.stage.destination != np.arange(size)
    kept = (pieces[len(problem.game.agents) :] * leaves[:, None]).sum(axis=0) == 0
    allowed = np.ones(kept.shape, dtype=bool)
    for row, i in enumerate(leads):
        if mine := problem.stage.listed(i):
            may = problem.upper[problem.slot["choice"][mine]] > 0
            allowed &= may[every[:, row]] | problem.idle[i]
    some = np.flatnonzero(kept.any(axis=1) & ~kept.all(axis=1))
    pairs = [(a, b) for a in some for b in range(len(every)) if a != b]
    if not pairs:
        return none
    first, second = np.array(pairs).T
    fits = np.where(kept[first], allowed[first], allowed[second]).all(axis=1)
    first, second = first[fits], second[fits]
    chosen = np.where(kept[first][:, None], always[first], always[second])
    return np.asarray(chosen.reshape(len(chosen), len(leads) * size))  # of none, too


def _of_all(problem: Problem, chosen: Ints) -> Ints:
    """(P, N, S) actions of all agents, from those (P, leads * S) of the ones that are no copies."""
    led = chosen.reshape(len(chosen), len(problem.leads), problem.states)
    found = []
    for i, agent in enumerate(problem.game.agents):
        alone = i in problem.leads
        own = led[:, problem.leads.index(i if alone else i - agent.copy)]
        found.append(own if alone else own[:, problem.swapped(i)])
    return np.stack(found, axis=1)


def _pieces(problem: Problem, actions: Ints) -> Array:
    """(N + C, P, S) payoffs and chances where agents do as profiles (P, N, S) say."""
    assert isinstance(problem.stage, Tabled)
    at = np.arange(problem.states)
    return np.asarray(problem.stage.pieces[(slice(None), *np.moveaxis(actions, 1, 0), at)])


def _resting(problem: Problem, actions: Ints) -> Iterator[Ints]:
    """Those of profiles (P, N, S) from which nobody gains by another action now."""
    stage, live = problem.stage, ~problem.game.ended
    players, states = actions.shape[1], np.arange(problem.states)
    now = _pieces(problem, actions)
    moves = np.zeros((len(actions), problem.states, problem.states))
    for chance, there in zip(now[players:], stage.destination, strict=True):
        moves[:, states, there] += chance
    leaving = now[players:].sum(axis=0)
    rests = np.ones(len(actions), dtype=bool)
    for i in problem.leads:
        rate = problem.discount[i]
        matrix = -moves if problem.continuous else -rate * moves
        matrix[:, ~live] = 0.0
        unit = rate + leaving if problem.continuous else np.ones(leaving.shape)
        matrix[:, states, states] += np.where(live, unit, 1.0)
        paid = np.where(live, now[i], problem.end[i])
        value = np.linalg.solve(matrix, paid[..., None])[..., 0]
        worth = np.moveaxis(value[:, stage.destination], 1, 0)
        worth = worth - value if problem.continuous else rate * worth
        have = now[i] + (now[players:] * worth).sum(axis=0)
        scale = np.abs(value).max(axis=1, keepdims=True) * (rate if problem.continuous else 1.0)
        slack = GAIN * np.maximum(scale, np.abs(now[i]).max(axis=1, keepdims=True))
        may = problem.upper[problem.slot["choice"][stage.listed(i)]] > 0
        for k, allowed in enumerate(may):
            other = actions.copy()
            other[:, i] = k
            tried = _pieces(problem, other)
            gain = tried[i] + (tried[players:] * worth).sum(axis=0) - have
            rests &= ~((gain > slack) & allowed & ~problem.idle[i]).any(axis=1)
    yield from actions[rests]


def _choices(problem: Problem, actions: Ints) -> Array:
    """(X, S) probabilities of the actions (N, S) of all agents."""
    x = np.zeros(problem.slot["choice"].shape)
    for i, own in enumerate(actions):
        for k, row in enumerate(problem.stage.listed(i)):
            x[row] = (own == k) & ~problem.idle[i]
    return x

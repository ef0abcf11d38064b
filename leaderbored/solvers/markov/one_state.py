r"""The game of one state: what players may do there when values elsewhere are held.

Let two players of a state be free, and all else as in a policy. A player whose rivals succeed at
the hazards :math:`h_j` there is worth, with :math:`W_{ij}` its value where a success of j leads,

.. math:: \rho V_i = \max_b \{R_i(b) + h_i(b)\,(W_{ii} - V_i)\} + \sum_{j \ne i} h_j (W_{ij} - V_i),

which has one solution. So the best reply of either player is a function of what the other does, and
where the reply to the reply crosses what it answers there is an equilibrium of this game. Several
of them are a source of several equilibria of the whole: in each of many states labs may leave idle
compute unused, or not, if the other does so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.markov.symmetry import Relabelling
from leaderbored.solvers.markov.system import System

EFFORTS = 65  # of one player at which the other's reply, and the reply to it, are looked at
ROUNDS = 40  # of policy iteration in one state, at most: it squares what is missing
SETTLED = 1e-13  # change of values, relative to the largest, after which it ends
HALVINGS = 20  # of the distance between two efforts with a crossing between them
APART = 1e-4  # of the range of efforts: what is nearer to the policy is the policy


class Turn(NamedTuple):
    """A state, and what the players (N,) do there in another equilibrium of its game."""

    state: int
    shares: Array


def turns(system: System, value: Array, build: Array) -> list[Turn]:
    """What else is an equilibrium of the game of one state, of one state after the other.

    Two players are free at a time. There is nothing where players meet on a market or trade, money
    grows, revenue buys compute, or replies are noisy: replies are then not to hazards alone.

    Parameters
    ----------
    system : System
    value, build : (N, S) arrays
        Of an equilibrium.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1, rungs=6)
    >>> found = lb.solve(race, all=True).equilibria
    >>> system = System(race.markov())
    >>> [[turn.state for turn in turns(system, one.value, one.build)] for one in found]
    [[0]]
    """
    game, stage = system.game, system.stage
    if game.grows or game.speed is not None or system.noise > 0 or stage.rented:
        return []
    if stage.at(build) is not stage:
        return []
    free = np.flatnonzero((game.movable & (game.upper > game.lower)).any(axis=1))
    each = _OneState(system, value, build)
    return [turn for i, j in combinations(free.tolist(), 2) for turn in each.found(i, j)]


def image(turn: Turn, relabelling: Relabelling) -> Turn:
    """The turn when two players change places.

    Examples
    --------
    >>> swap = np.array([1, 0]), np.array([0, 2, 1])
    >>> image(Turn(1, np.array([0.5, 1.0])), swap)
    Turn(state=2, shares=array([1. , 0.5]))
    """
    players, states = relabelling
    return Turn(int(np.flatnonzero(states == turn.state)[0]), turn.shares[players])


class Turned:
    """Policies that are equilibria but for other play in one state or several.

    Parameters
    ----------
    system : System
    swaps : sequence of Relabelling
        Exchanges of players that leave the game as it is.
    random : numpy.random.Generator

    Attributes
    ----------
    every : list of (build, list of Turn)
        Of each equilibrium seen so far.
    count : int
        How many policies were made.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs, late = [lb.Lab("A", 1), lb.Lab("B", 1)], {"inertia": {"lag": 0.6}}
    >>> race = lb.Race(labs, lb.ScarceMarket(0.7), lb.Technology(6.7, 0.38, handicap=0.08),
    ...                discount=0.066, rungs=2, mechanisms=late)
    >>> [one] = lb.solve(race).equilibria
    >>> others = Turned(System(race.markov()), [], np.random.default_rng(1))
    >>> shares = others.single(one.value, one.build, 100)
    >>> [int((share != one.build).any(axis=0).sum()) for share in shares]  # one state at a tie
    [1]
    """

    def __init__(
        self, system: System, swaps: Sequence[Relabelling], random: np.random.Generator
    ) -> None:
        self.system, self.swaps, self.random = system, swaps, random
        self.every: list[tuple[Array, list[Turn]]] = []
        self.count = 0

    def single(self, value: Array, build: Array, most: int) -> Array:
        """(count, N, S) shares with one turn, or one and its image; random ones if too many."""
        found = turns(self.system, value, build)
        self.every.append((build, found))
        sets = [[turn] for turn in found]
        sets += [[turn, image(turn, swap)] for turn in found for swap in self.swaps]
        order = self.random.permutation(len(sets))[:most]
        return self._made([(build, sets[n]) for n in order])

    def several(self, count: int) -> Array:
        """(count, N, S) shares with two to four turns, some with their images."""
        able = [one for one in self.every if one[1]]
        return self._made(
            [self._mixed(*able[self._any(able)]) for _ in range(count if able else 0)]
        )

    def _mixed(self, build: Array, found: list[Turn]) -> tuple[Array, list[Turn]]:
        some = [found[self._any(found)] for _ in range(self.random.integers(2, 5))]
        pairs = product(some, self.swaps)
        return build, some + [image(*pair) for pair in pairs if self.random.random() < 0.5]

    def _any(self, of: Sequence[Any]) -> int:
        return int(self.random.integers(len(of)))

    def _made(self, sets: Sequence[tuple[Array, list[Turn]]]) -> Array:
        self.count += len(sets)
        shares = np.array([build for build, _ in sets])
        for share, (_, some) in zip(shares, sets, strict=True):
            for turn in some:
                share[:, turn.state] = turn.shares
        return shares


class _OneState:
    """The games of all states at once, each with values elsewhere held."""

    def __init__(self, system: System, value: Array, build: Array) -> None:
        self.system, self.game, self.value, self.build = system, system.game, value, build
        moves = system.dense_moves
        self.leaves = -np.diagonal(moves, axis1=1, axis2=2)  # chance to leave the state
        effect = (moves @ value.T).transpose(2, 0, 1)
        self.won = effect + self.leaves * value[:, None]  # W, where a success leaves, by chance
        self.scale = float(np.abs(value).max())
        self.low, self.high = self.game.effort(self.game.lower), self.game.effort(self.game.upper)

    def found(self, i: int, j: int) -> Iterator[Turn]:
        """Where two players are free."""
        low, high = self.low[i], self.high[i]
        effort = low + (high - low) * np.linspace(0, 1, EFFORTS)[:, None] ** 2
        above = self.again(effort, i, j)[0] > effort
        where, states = np.nonzero(above[:-1] != above[1:])
        count = np.bincount(states, minlength=self.system.size)
        several = count[states] > 1
        where, states = where[several], states[several]
        if not len(states):
            return
        rank = np.array([np.sum(states[:k] == s) for k, s in enumerate(states)])
        first, last = np.tile(low, (2, rank.max() + 1, 1))
        first[rank, states], last[rank, states] = effort[where, states], effort[where + 1, states]
        rising = np.zeros(first.shape, dtype=bool)
        rising[rank, states] = above[where, states]
        for _ in range(HALVINGS):
            middle = (first + last) / 2
            same = (self.again(middle, i, j)[0] > middle) == rising
            first, last = np.where(same, middle, first), np.where(same, last, middle)
        sides = self.again(first, i, j)[1], self.again(last, i, j)[1]
        play = self.between(*sides, last, i, j)
        here = self.game.effort(self.build)
        there = self.game.effort(play)
        for k, s in zip(rank.tolist(), states.tolist(), strict=True):
            gap = np.abs(there[k, :, s] - here[:, s])
            if (gap > APART * (self.high - self.low)[:, s]).any():
                yield Turn(s, play[k, :, s])

    def between(self, one: Array, other: Array, effort: Array, i: int, j: int) -> Array:
        """Shares (G, N, S) that i answers with efforts (G, S), where j may be indifferent.

        ``one`` and ``other`` hold what j does on either side of where its reply may jump.
        """
        play = other.copy()
        first, last = self.game.effort(one)[:, j], self.game.effort(other)[:, j]
        if not (np.abs(first - last) > APART * (self.high - self.low)[j]).any():
            return play
        above = self.game.effort(self.answered(one, i))[:, i] > effort
        for _ in range(HALVINGS):
            middle = (first + last) / 2
            efforts = self.game.effort(play)
            efforts[:, j] = middle
            play[:, j] = self.game.share(efforts)[:, j]
            same = (self.game.effort(self.answered(play, i))[:, i] > effort) == above
            first, last = np.where(same, middle, first), np.where(same, last, middle)
        return play

    def answered(self, play: Array, i: int) -> Array:
        """The same shares (G, N, S), but that i does what is best against them."""
        answer = play.copy()
        answer[:, i] = self.reply(i, play)
        return answer

    def again(self, effort: Array, i: int, j: int) -> tuple[Array, Array]:
        """Efforts (G, S) of i that answer the reply of j to efforts (G, S) of i, and all shares."""
        play = np.broadcast_to(self.build, (len(effort), *self.build.shape)).copy()
        efforts = self.game.effort(play)
        efforts[:, i] = effort
        play[:, i] = self.game.share(efforts)[:, i]
        play = self.answered(play, j)
        return self.game.effort(self.answered(play, i))[:, i], play

    def reply(self, i: int, play: Array) -> Array:
        """Best shares (G, S) of a player against what the others do (G, N, S)."""
        game, own = self.game, np.arange(self.system.players) == i
        hazard = game.hazard(play) * ~own[:, None]
        fixed = np.einsum("gjs,js->gs", hazard, self.won[i])
        rate = game.discount + np.einsum("gjs,js->gs", hazard, self.leaves)
        value = np.broadcast_to(self.value[i], fixed.shape)
        mine, stakes = play.copy(), np.zeros(play.shape)
        for _ in range(ROUNDS):
            stakes[:, i] = self.won[i, i] - self.leaves[i] * value
            mine[:, i] = self.system.stage.reply(stakes, self.scale)[:, i]
            chance = game.hazard(mine)[:, i]
            worth = game.payoff(mine)[:, i] + fixed + chance * self.won[i, i]
            before, value = value, worth / (rate + chance * self.leaves[i])
            if np.abs(value - before).max() <= SETTLED * self.scale:
                break
        return mine[:, i]

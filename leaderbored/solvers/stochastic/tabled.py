r"""The stage game of a Markov game of lists, from tables of what each profile of actions leads to.

With :math:`x` the probabilities of actions, and none of them where it is not a player's turn, all
pieces are expectations, :math:`\sum_p T_p \prod_i x_{i, p_i}`, and so are their derivatives.
Nothing is derived by symbols, so that a game is read as fast as its formulas are worked out.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, States
from leaderbored.games.stochastic import MarkovGame
from leaderbored.games.stochastic.limits import over_actions, over_states
from leaderbored.games.stochastic.profiles import Profiles, Tables, TooManyError
from leaderbored.solvers.stochastic.derived import Derived
from leaderbored.solvers.stochastic.shocks import Worth, worth
from leaderbored.solvers.stochastic.stage import Ints, Places, Stage
from leaderbored.solvers.stochastic.steered import Steered


def stage_of(game: MarkovGame) -> Stage:
    """The stage of a game: tables if all pick from lists, else formulas.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovPlayer
    >>> listed = MarkovPlayer("A", "2 * a", actions=("a", "b"))
    >>> real = MarkovPlayer("A", "2 * a", {"a": (0, 1)})
    >>> [type(stage_of(MarkovGame([player], discount=0.1))).__name__ for player in (listed, real)]
    ['Tabled', 'Derived']
    """
    if game.profiles.few:
        with suppress(TooManyError):
            return Tabled.of(game.profiles, game.symbols.values)
    return Steered.of(game) if game.motions else Derived.of(game)


class Noise(NamedTuple):
    """How large private shocks are (k, S), and which actions are allowed."""

    sizes: Array
    may: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Tabled(Stage):
    """A stage whose pieces are expectations of tables.

    Attributes
    ----------
    profiles : Profiles
    tables : Tables
        Of N players, C outcomes, S states, and P profiles.
    """

    profiles: Profiles
    tables: Tables

    @classmethod
    def of(cls, profiles: Profiles, numbers: Array) -> Tabled:
        """Work out the tables of a game, at values of its parameters and tables.

        Raises
        ------
        TooManyError
            If they would be too large.

        Examples
        --------
        >>> from leaderbored.games.stochastic import MarkovPlayer
        >>> game = MarkovGame([MarkovPlayer("A", "2 * a", actions=("a", "b"))], discount=0.1)
        >>> stage = Tabled.of(game.profiles, game.symbols.values)
        >>> stage.values(np.array([[0.25], [0.75]]))[0].tolist()
        [[0.5]]
        """
        symbols, none = profiles.game.symbols.at(numbers), np.zeros(0, dtype=int)
        tables = profiles.tables(symbols)
        return cls(profiles.game, none, tables.destination, numbers, symbols, profiles, tables)

    @cached_property
    def places(self) -> Places:
        """What the entries of derivatives are."""
        owner = np.array([i for i, _ in self.choices], dtype=int)
        moved = []
        for i, option in self.actions:
            pieces = np.moveaxis(self.pieces, 1 + i, 0)
            differs = pieces[option] != _picked(pieces, self._plain[i])
            moved.append(differs.reshape(len(differs), -1).any(axis=1))
        shocks = [agent.player.shocks != "0" for agent in self.game.agents]
        return _places(np.array(moved).T, len(self.game.agents), owner, shocks)

    def at(self, numbers: Array) -> Tabled:
        """The same stage at other values of parameters and tables."""
        return self.of(self.profiles, numbers)

    def finals(self) -> Array:
        """(N, S) what each agent gets where the game ends."""
        agents = self.game.agents
        return np.array([over_states(self.game, a, self.symbols, a.player.end) for a in agents])

    def values(
        self, x: Array, weight: Array | None = None, at: States | None = None
    ) -> list[Array]:
        """For each agent (1 + C, B) values of the pieces at choices (X, B)."""
        found = self._mean(x, at, ())
        players = len(self.game.agents)
        payoffs, chances = found[:players], found[players:]
        for i, shocks in self._shocks(x, at).items():
            payoffs[i] += shocks.value
        return [np.vstack([payoff, chances]) for payoff in payoffs]

    def first(self, x: Array, weight: Array, at: States | None = None) -> Array:
        """(entries, B) derivatives of pieces, in the order of ``places.first``."""
        players = len(self.game.agents)
        slopes = [self._mean(x, at, (i,)) for i in range(players)]
        entries = self.places.first
        out = np.empty((len(entries), x.shape[1]))
        shocks = self._shocks(x, at)
        for row, (i, c, k) in zip(out, entries.tolist(), strict=True):
            j, option = self.actions[k]
            row[:] = slopes[j][i if c == 0 else players + c - 1, option]
            if c == 0 and j == i and i in shocks:
                row[:] += shocks[i].slope[option]
        return out

    def second(self, x: Array, weight: Array, at: States | None = None) -> Array:
        """(entries, B) second derivatives, in the order of ``places.second``."""
        players = len(self.game.agents)
        entries = self.places.second
        out = np.zeros((len(entries), x.shape[1]))
        shocks = self._shocks(x, at)
        bends: dict[tuple[int, int], Array] = {}
        for row, (i, c, k, other) in zip(out, entries.tolist(), strict=True):
            if self.actions[k][0] == self.actions[other][0]:
                row[:] = shocks[i].bend[self.actions[k][1], self.actions[other][1]]
                continue
            (low, option), (high, another) = sorted((self.actions[k], self.actions[other]))
            if (low, high) not in bends:
                bends[low, high] = self._mean(x, at, (low, high))
            row[:] = bends[low, high][i if c == 0 else players + c - 1, option, another]
        return out

    def gaps(self, x: Array, weight: Array, at: States | None = None) -> tuple[Array, Array]:
        """Nothing: there are no kinks."""
        return np.zeros((0, x.shape[1])), np.zeros((0, x.shape[1]))

    # --- expectations

    @cached_property
    def actions(self) -> list[tuple[int, int]]:
        """The agent of each choice, and which of its actions it is."""
        return [
            (i, k) for i, a in enumerate(self.game.agents) for k in range(len(a.player.options))
        ]

    @cached_property
    def pieces(self) -> Array:
        """(N + C, n_1, .., n_N, S) payoffs and chances, by the action of each agent."""
        stacked = np.concatenate([self.tables.payoffs, self.tables.chances])
        by_action = stacked.reshape(*stacked.shape[:2], *self.profiles.shape)
        return np.ascontiguousarray(np.moveaxis(by_action, 1, -1))

    @cached_property
    def _plain(self) -> list[Ints]:
        """(S,) of each agent the action that others are held against: none, or the first allowed.

        Probabilities that do not add up to one are made up with it, so that what an agent does not
        move has no slope in what it does.
        """
        found = []
        for i, agent in enumerate(self.game.agents):
            count = len(agent.player.options)
            first = (self.limits(i)[1] > 0).argmax(axis=0)
            found.append(first if agent.player.turn == "1" else np.full(len(first), count))
        return found

    def _mean(self, x: Array, at: States | None, kept: tuple[int, ...]) -> Array:
        """(N + C, .., B) expectations over the actions of agents; derivatives in those of some."""
        pieces = self.pieces if at is None else self.pieces[..., at]
        for i in reversed(range(len(self.game.agents))):
            plain = self._plain[i] if at is None else self._plain[i][at]
            law, axis = x[self.listed(i)], 1 + i
            if i in kept:
                pieces = np.moveaxis(pieces, axis, 0)
                moved = pieces[: len(law)] - _picked(pieces, plain)
                pieces = np.moveaxis(moved, 0, axis)
                continue
            whole = np.zeros((pieces.shape[axis], pieces.shape[-1]))
            whole[: len(law)] = law
            whole[plain, np.arange(len(plain))] += 1 - law.sum(axis=0)
            options = np.moveaxis(pieces, axis, 0)
            pieces = options[0] * whole[0]
            for option, chance in zip(options[1:], whole[1:], strict=True):
                pieces += option * chance
        return np.asarray(pieces)

    @cached_property
    def noise(self) -> dict[int, Noise]:
        """The private shocks of each agent that has any."""
        found = {}
        for i, agent in enumerate(self.game.agents):
            if agent.player.shocks != "0":
                sizes = over_actions(self.game, agent, self.symbols, agent.player.shocks)
                _, high, idle = self.limits(i)
                found[i] = Noise(np.array([*sizes]), (high > 0) & ~idle)
        return found

    def _shocks(self, x: Array, at: States | None) -> dict[int, Worth]:
        """What private shocks are worth, to who has any."""
        found = {}
        for i, (sizes, may) in self.noise.items():
            law, own = self.game.agents[i].player.shock_law, x[self.listed(i)]
            here = slice(None) if at is None else at
            found[i] = worth(law, own, sizes[:, here], may[:, here])
        return found


def _picked(pieces: Array, which: Ints) -> Array:
    """(.., B) entries of pieces (k, .., B) of which each state picks one."""
    if len(which) and (which == which[0]).all():
        return np.asarray(pieces[which[0]])
    places = which.reshape((1,) * (pieces.ndim - 1) + (-1,))
    return np.asarray(np.take_along_axis(pieces, places, axis=0)[0])


def _places(moved: NDArray[np.bool_], players: int, owner: Ints, shocks: list[bool]) -> Places:
    """The entries of derivatives that are not zero whatever is done.

    ``moved`` (N + C, X) says which pieces each choice moves.
    """
    first, second = [], []
    for i in range(players):
        for c in range(1 + len(moved) - players):
            moving = moved[i if c == 0 else players + c - 1]
            noisy = (owner == i) & shocks[i] & (c == 0)
            first += [(i, c, k) for k in np.flatnonzero(moving | noisy).tolist()]
            for k in np.flatnonzero(owner == i).tolist():
                others = moving & moving[k] & (owner != i)
                others |= noisy & noisy[k]
                second += [(i, c, k, other) for other in np.flatnonzero(others).tolist()]
    return Places(
        np.array(first, dtype=int).reshape(-1, 3),
        np.array(second, dtype=int).reshape(-1, 4),
        np.zeros((0, 2), dtype=int),
    )

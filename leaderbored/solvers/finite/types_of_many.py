r"""Equilibria of three or more players with private information, type by type.

What an action of a type earns is linear in what all types of another player do together, so that
payoffs, and their derivatives, take a table by types and actions, not by what every type does. Two
searches, neither of which finds all:

- *best replies in turn*: each player's types move to what is best against the others, from many
  profiles, until nobody moves: an equilibrium in pure strategies;
- the *logit path* of :mod:`leaderbored.solvers.finite.quantal`, each type being a player. From even
  odds it keeps players who are alike alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from leaderbored.games.bayesian import Bayesian
from leaderbored.games.interim import interim, sides
from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import contracted
from leaderbored.solvers.budget import Budget, StoppedError, checkpoint
from leaderbored.solvers.finite.assess import slope
from leaderbored.solvers.finite.certificate import by_types
from leaderbored.solvers.finite.method import FiniteMethod
from leaderbored.solvers.finite.pure import pooled
from leaderbored.solvers.finite.quantal import Derivatives, followed

REPLIES, PATH = "best replies in turn", "logit path"
STARTS, ROUNDS = 64, 60
BETTER = 1e-12  # of what a type may get: less is no better reply

Sought = tuple[list[tuple[str, list[Array]]], str]  # what was found, by whom, and what was sought


class OfTypes:
    """Utilities of all types that occur; see :class:`leaderbored.solvers.finite.quantal.Utilities`.

    Parameters
    ----------
    game : Bayesian

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "(v - b) * (b >= others(b))")
    >>> OfTypes(game).derivatives([np.array([0.0, 1.0])] * 4)[0][1].tolist()
    [0.0, 0.5]
    """

    def __init__(self, game: Bayesian) -> None:
        self.game, self.players = game, range(len(game.players))
        self.shape = tuple(map(len, game.strategies))
        owner = [i for i, _ in game.who]
        self.first = [owner.index(i) for i in self.players] + [len(owner)]  # agents
        self.rows = np.cumsum([0, *self.shape])  # of each agent
        self.ends = [int(self.rows[a]) for a in self.first]  # of each player

    @cached_property
    def tables(self) -> Array:
        """(N, R_1, ..., R_N) payoffs in units of the range of what each type may get."""
        even = [np.full(size, 1 / size) for size in self.shape]
        units = np.array([span or 1.0 for _, span in interim(self.game, even)])
        made = []
        for i, table in enumerate(sides(self.game)):
            types = slice(self.first[i], self.first[i + 1])
            unit = np.repeat(units[types], self.shape[types])
            made.append(table / np.expand_dims(unit, [j for j in self.players if j != i]))
        return np.array(made)

    def together(self, laws: Sequence[Array]) -> list[Array]:
        """(R_i,) what all types of each player do, one after the other."""
        return [np.concatenate(laws[a:b]) for a, b in pairwise(self.first)]

    def rewards(self, i: int, laws: Sequence[Array]) -> list[Array]:
        """(m,) utility of each action, of each type of a player."""
        found = contracted(self.tables[i], i, self.together(laws))
        rows = self.rows[self.first[i] : self.first[i + 1] + 1] - self.ends[i]
        return [found[a:b] for a, b in pairwise(rows)]

    def derivatives(self, laws: Sequence[Array]) -> tuple[list[Array], list[Array]]:
        """Utilities of all types, and their derivatives by all probabilities."""
        every = self.together(laws)
        rewards, slopes = list[Array](), list[Array]()
        for i in self.players:
            rewards += self.rewards(i, laws)
            parts = [
                np.zeros((len(every[i]),) * 2) if i == j else slope(self.tables, every, (i, j))
                for j in self.players
            ]
            rows = self.rows[self.first[i] : self.first[i + 1] + 1] - self.ends[i]
            slopes += [np.hstack(parts)[a:b] for a, b in pairwise(rows)]
        return rewards, slopes

    def among(self, supports: Sequence[States]) -> Derivatives:
        """The same of games in which types have some of their actions only."""
        columns = np.concatenate([own + a for own, a in zip(supports, self.rows, strict=False)])

        def derivatives(laws: Sequence[Array]) -> tuple[list[Array], list[Array]]:
            whole = [np.zeros(size) for size in self.shape]
            for law, own, part in zip(whole, supports, laws, strict=True):
                law[own] = part
            rewards, slopes = self.derivatives(whole)
            return [r[own] for r, own in zip(rewards, supports, strict=True)], [
                s[np.ix_(own, columns)] for s, own in zip(slopes, supports, strict=True)
            ]

        return derivatives

    def regret(self, laws: Sequence[Array]) -> float:
        """The largest gain of a type, relative to what it may get."""
        return by_types(self.game, laws)[1]


def of_many(game: Bayesian, method: FiniteMethod, every: bool, budget: Budget) -> Sought:
    """Equilibria by best replies in turn and along the logit path.

    Parameters
    ----------
    game : Bayesian
    method : FiniteMethod
    every : bool
        Whether to go on after the first.
    budget : Budget

    Returns
    -------
    list of (str, list of arrays)
        What found each, and the law of each type.
    str
        What was sought.

    Examples
    --------
    >>> bids = Bayesian(["A", "B", "C"], {"v": [1, 2]}, {"b": [0, 1]}, "(v - b) * (b == max(b))")
    >>> found, sought = of_many(bids, FiniteMethod(), False, Budget(None))
    >>> found[0][0], [law.tolist() for law in found[0][1]][:2]
    ('best replies in turn', [[1.0, 0.0], [1.0, 0.0]])
    """
    utilities, pool, engines = OfTypes(game), pooled((), method.same), list[str]()
    tried = ended = 0
    try:
        for start in _starts(utilities):
            if (pool and not every) or budget.spent():
                break
            tried += 1
            laws = replied(utilities, start)
            ended += laws is not None
            if laws is not None and by_types(game, laws)[1] <= method.tolerance:
                engines += [REPLIES] * pool.add(REPLIES, laws)
        path = followed(utilities, budget=budget, paths=2) if every or not pool else None
        if path is not None and by_types(game, path)[1] <= method.tolerance:
            engines += [PATH] * pool.add(PATH, path)
    except StoppedError:
        pass
    sought = (
        f"best replies in turn came to rest from {ended} of {tried} profiles, and the logit path "
        "from even odds was followed"
    )
    return [*zip(engines, pool, strict=True)], sought


def _starts(utilities: OfTypes) -> Iterator[list[Array]]:
    """Profiles all over the place: all types alike, more the further up they are, and any."""
    most = max(utilities.shape)
    for k in range(min(most, STARTS // 4)):
        share = k / max(min(most, STARTS // 4) - 1, 1)
        yield [np.eye(size)[round(share * (size - 1))] for size in utilities.shape]
    random = np.random.default_rng(0)
    for _ in range(STARTS // 2):
        yield [np.eye(size)[random.integers(size)] for size in utilities.shape]


def replied(utilities: OfTypes, start: Sequence[Array]) -> list[Array] | None:
    """Where best replies in turn come to rest; None if they go round in circles.

    Examples
    --------
    >>> bids = Bayesian(["A", "B", "C"], {"v": [1, 2]}, {"b": [0, 1]}, "(v - b) * (b == max(b))")
    >>> start = [np.array([1.0, 0.0])] * 6
    >>> [int(law.argmax()) for law in replied(OfTypes(bids), start)]
    [0, 0, 0, 0, 0, 0]
    """
    laws, seen = [*start], set[tuple[int, ...]]()
    for _ in range(ROUNDS):
        before = tuple(int(law.argmax()) for law in laws)
        if before in seen:
            return None
        seen.add(before)
        for i in utilities.players:
            checkpoint()
            rewards = utilities.rewards(i, laws)
            for a, reward in enumerate(rewards, start=utilities.first[i]):
                if reward.max() > reward @ laws[a] + BETTER:
                    laws[a] = np.eye(len(reward))[reward.argmax()]
        if before == tuple(int(law.argmax()) for law in laws):
            return laws
    return None

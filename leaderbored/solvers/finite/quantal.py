r"""One equilibrium of a game of any number of players, along the logit correspondence.

With noise, a player whose strategies earn :math:`u_{ia}` plays them with probabilities
:math:`x_{ia} \propto e^{\lambda u_{ia}}`. From even odds at :math:`\lambda = 0` one path of such
quantal response equilibria leads to a Nash equilibrium as :math:`\lambda` grows (McKelvey and
Palfrey, Games and Economic Behavior 10, 1995). It is followed by arclength, so that it may turn
back, and in the logarithms of the probabilities, so that small ones keep their precision
(Turocy, Games and Economic Behavior 51, 2005).

Near its end the support is read off, and the equations

.. math:: u_{ia}(x) = v_i \;\text{on the support}, \qquad \sum_a x_{ia} = 1

are solved by Newton's method without any noise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import prod
from typing import Protocol

import numpy as np
from typing_extensions import override

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm, contracted
from leaderbored.solvers.budget import Budget, StoppedError
from leaderbored.solvers.finite.assess import slope as incentives
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.numerics.curve import Family, Local
from leaderbored.solvers.numerics.path import Path

MOST = 1e7  # of lambda
PATH = Path(step=0.005, largest=0.04, steps=4_000, precision=1e-7)
CUTS = (1e-2, 1e-1, 1e-3, 1e-5)  # probabilities below are off the support
MANY, LARGE = 4, 4_000_000  # players from which, and numbers up to which, all is averaged at once
TRACE = 1e-13  # of a probability
FLOOR = 1e-30  # stands for probabilities below: no payoff is moved by so little
BONUS = 0.3  # of the payoffs' range, for other paths


class Utilities(Protocol):
    """What strategies earn, in units of what they may earn, and what it is worth."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of strategies of each player."""

    def derivatives(self, laws: Sequence[Array]) -> tuple[list[Array], list[Array]]:
        """Utilities (m_i,) of all players, and their derivatives (m_i, M) by all probabilities."""

    def among(self, supports: Sequence[States]) -> Derivatives:
        """The same of games in which players have some of their strategies only."""

    def regret(self, laws: Sequence[Array]) -> float:
        """The largest gain of a player, worked out apart."""


Derivatives = Callable[[Sequence[Array]], tuple[list[Array], list[Array]]]


@dataclass(frozen=True)
class OfTables:
    """Those of a game in normal form; see :class:`Utilities`."""

    game: NormalForm

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of strategies of each player."""
        return self.game.shape

    def derivatives(self, laws: Sequence[Array]) -> tuple[list[Array], list[Array]]:
        """Utilities of all players, and their derivatives by all probabilities."""
        return derivatives(self.game.utility, laws)

    def among(self, supports: Sequence[States]) -> Derivatives:
        """The same of games in which players have some of their strategies only."""
        utility = self.game.utility[np.ix_(np.arange(len(supports)), *supports)]
        return lambda laws: derivatives(utility, laws)

    def regret(self, laws: Sequence[Array]) -> float:
        """The largest gain of a player."""
        return float(regret(self.game, laws).max())


class _Logit(Family):
    """Quantal response equilibria in the logarithms z of probabilities; lambda grows with u."""

    def __init__(self, utilities: Utilities, bonus: Sequence[Array]) -> None:
        self.utilities, self.bonus = utilities, bonus
        self.ends = np.cumsum([0, *utilities.shape])

    def laws(self, z: Array) -> list[Array]:
        return [np.exp(z[a:b]) for a, b in pairwise(self.ends)]

    @override
    def near(self, u: float, z: Array, slope: Array | None = None) -> Local | None:
        if z.max() > 1:
            return None
        sharp, laws, unit = sharpness(u), self.laws(z), 1 / (1 + sharpness(u))
        rewards, slopes = self.utilities.derivatives(laws)
        every = np.exp(z)
        size, error = int(self.ends[-1]), list[Array]()
        matrix, by_u = np.zeros((size, size)), np.zeros(size)
        for i, law in enumerate(laws):
            first, last = self.ends[i], self.ends[i + 1]
            rows, utility = slice(first + 1, last), rewards[i] + self.bonus[i]
            score = z[first:last] - sharp * utility
            error += [np.array([law.sum() - 1]), unit * (score[1:] - score[0])]
            matrix[rows] = -unit * sharp * (slopes[i][1:] - slopes[i][0]) * every
            matrix[first, first:last] = law
            matrix[rows, first] = -unit
            matrix[rows, first + 1 : last] = unit * np.eye(len(law) - 1)
            by_u[rows] = np.log1p(MOST) * (utility[0] - utility[1:])
        weights = np.append(np.exp(2 * np.minimum(z, 0.0)), 1.0)
        return Local(matrix, np.concatenate(error), by_u, np.arange(size), z, weights, b"")


def derivatives(utility: Array, laws: Sequence[Array]) -> tuple[list[Array], list[Array]]:
    """Utilities of all players, and their derivatives by all probabilities.

    Parameters
    ----------
    utility : (N, m_1, ..., m_N) array
    laws : sequence of N arrays

    Returns
    -------
    rewards : list of N arrays (m_i,)
    slopes : list of N arrays (m_i, M)
        By the probabilities of all players, one after the other; zero by a player's own.

    Examples
    --------
    >>> game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    >>> rewards, slopes = derivatives(game.utility, [np.ones(2) / 2] * 2)
    >>> rewards[0].round(9).tolist(), slopes[0][:, 2:].round(9).tolist()
    ([0.3, 0.6], [[0.6, 0.0], [1.0, 0.2]])
    """
    shape = utility.shape[1:]
    if len(laws) < MANY or prod(shape) * sum(shape) > LARGE:
        return _each(utility, laws)
    ends = np.cumsum([0, *shape])
    floor = [np.where(np.abs(law) < FLOOR, FLOOR, law) for law in laws]  # to divide by
    weights = np.ones(shape)
    for i, law in enumerate(floor):
        weights *= law.reshape([-1 if i == j else 1 for j in range(len(laws))])
    choices = _choices(shape)
    rewards, slopes = list[Array](), list[Array]()
    inverse = 1 / np.concatenate(floor)
    for i, table in enumerate(utility):
        own = choices[:, ends[i] : ends[i + 1]].T * (table * weights).ravel()
        rewards.append(own.sum(axis=1) / floor[i])
        slope = (own @ choices) / floor[i][:, None] * inverse
        slope[:, ends[i] : ends[i + 1]] = 0.0
        slopes.append(slope)
    return rewards, slopes


def _each(utility: Array, laws: Sequence[Array]) -> tuple[list[Array], list[Array]]:
    """The same, one pair of players after the other."""
    players = range(len(laws))
    nothing = [np.zeros((len(law), len(law))) for law in laws]
    return [contracted(table, i, laws) for i, table in enumerate(utility)], [
        np.hstack([nothing[i] if i == j else incentives(utility, laws, (i, j)) for j in players])
        for i in players
    ]


@lru_cache(maxsize=64)
def _choices(shape: tuple[int, ...]) -> Array:
    """(profiles, M) which strategies each profile has, as ones."""
    places = np.indices(shape).reshape(len(shape), -1)
    parts = [np.eye(size)[place] for size, place in zip(shape, places, strict=True)]
    choices: Array = np.hstack(parts)
    return choices


def sharpness(u: float) -> float:
    """Lambda at u, from none to ten million.

    Examples
    --------
    >>> sharpness(0.0), round(sharpness(1.0))
    (0.0, 10000000)
    """
    return float(np.expm1(u * np.log1p(MOST)))


def logit_path(
    game: NormalForm,
    *,
    start: Sequence[Array] | None = None,
    budget: Budget,
    paths: int = 6,
) -> list[Array] | None:
    """Follow the path from even odds to an equilibrium.

    Parameters
    ----------
    game : NormalForm
        Of N players.
    start : sequence of N arrays, optional
        Laws to favour: the path then starts near the best replies to them.
    budget : Budget
        When to give up.
    paths : int
        How many other paths to try, each with a random bonus on the payoffs that fades, where
        one ends nowhere.

    Returns
    -------
    list of N arrays, or None
        An equilibrium with a regret of at most 1e-12; None if none was reached.

    Examples
    --------
    >>> game = NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    >>> [law.round(9).tolist() for law in logit_path(game, budget=Budget(None))]
    [[0.5, 0.5], [0.5, 0.5]]
    """
    return followed(OfTables(game), start=start, budget=budget, paths=paths)


def followed(
    utilities: Utilities,
    *,
    start: Sequence[Array] | None = None,
    budget: Budget,
    paths: int = 6,
) -> list[Array] | None:
    """The same of whatever has utilities that are linear in each player's law.

    Examples
    --------
    >>> game = NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    >>> [law.round(9).tolist() for law in followed(OfTables(game), budget=Budget(None))]
    [[0.5, 0.5], [0.5, 0.5]]
    """
    random = np.random.default_rng(0)
    for attempt in range(paths + 1):
        bonus = [np.zeros(size) for size in utilities.shape]
        if start is not None and attempt == 0:
            bonus = [BONUS * np.asarray(law) for law in start]
        elif attempt:
            bonus = [BONUS * random.random(size) for size in utilities.shape]
        for laws in _along(_Logit(utilities, bonus), budget):
            if (found := _polished(utilities, laws)) is not None:
                return found
        if budget.spent():
            return None
    return None


def _along(system: _Logit, budget: Budget) -> Iterator[list[Array]]:
    """Points of the path, further and further out."""
    even = np.concatenate([np.full(size, -np.log(size)) for size in system.utilities.shape])
    due = 2.0
    with suppress(StoppedError):
        for point in PATH.points(system, even, 0.0, 1):
            if budget.spent():
                return
            if sharpness(point.u) > due:
                due *= 1.5
                yield system.laws(point.z)


def _polished(utilities: Utilities, laws: list[Array]) -> list[Array] | None:
    """The equilibrium on the supports of some laws, without noise."""
    for cut in CUTS:
        supports = [np.flatnonzero(law >= min(cut, law.max())) for law in laws]
        found = on_support(utilities, laws, supports)
        for each in [without_traces(found), found] if found is not None else []:
            if utilities.regret(each) <= 1e-12:
                return each
    return None


def without_traces(laws: Sequence[Array]) -> list[Array]:
    """The same without what is played with a probability that rounding may have made.

    Examples
    --------
    >>> [law.tolist() for law in without_traces([np.array([1e-16, 1.0])])]
    [[0.0, 1.0]]
    """
    kept = [np.where(law > TRACE, law, 0.0) for law in laws]
    return [law / law.sum() for law in kept]


def on_support(
    utilities: Utilities, laws: list[Array], supports: Sequence[States]
) -> list[Array] | None:
    """The profile at which each player is indifferent on its support, by Newton's method.

    Parameters
    ----------
    utilities : Utilities
    laws : list of N arrays
        Where to start.
    supports : sequence of N int arrays
        Strategies that may be played.

    Returns
    -------
    list of N arrays, or None
        Whether strategies off the support are better is not looked at.

    Examples
    --------
    >>> game = NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    >>> full = [np.array([0, 1])] * 2
    >>> laws = on_support(OfTables(game), [np.ones(2) / 2] * 2, full)
    >>> [law.round(4).tolist() for law in laws]
    [[0.6667, 0.3333], [0.3333, 0.6667]]
    """
    ends = np.cumsum([0, *map(len, supports)])
    among = utilities.among(supports)
    mixed = [law[own] / law[own].sum() for law, own in zip(laws, supports, strict=True)]
    for _ in range(20):
        residual, matrix = np.zeros(ends[-1]), np.zeros((ends[-1], ends[-1]))
        rewards, slopes = among(mixed)
        for i, (law, reward) in enumerate(zip(mixed, rewards, strict=True)):
            rows = slice(ends[i] + 1, ends[i + 1])
            residual[ends[i]], residual[rows] = law.sum() - 1, reward[1:] - reward[0]
            matrix[ends[i], ends[i] : ends[i + 1]] = 1
            matrix[rows] = slopes[i][1:] - slopes[i][0]
        change = np.linalg.lstsq(matrix, residual, rcond=None)[0]
        mixed = [law - change[a:b] for law, (a, b) in zip(mixed, pairwise(ends), strict=True)]
        if not np.isfinite(change).all() or np.abs(change).max() > 10:
            return None
        if np.abs(change).max() < 1e-15:
            break
    if any((law < -1e-13).any() for law in mixed):
        return None
    clean = [np.zeros(size) for size in utilities.shape]
    for law, part, own in zip(clean, mixed, supports, strict=True):
        law[own] = np.maximum(part, 0) / np.maximum(part, 0).sum()
    return clean

r"""Strategies that are never played, since a mixture of others is better against everything.

Strategy a of player i is strictly dominated if for some law y over its other strategies

.. math:: \sum_b y_b\, u_i(b, s) > u_i(a, s) \qquad \text{for all choices } s \text{ of the others.}

Otherwise it is a best reply to some law over the choices of all others together (Pearce,
Econometrica 52, 1984, lemma 3). What is dominated is left out, then what is dominated among the
rest, and so on; the order does not matter (Gilboa, Kalai and Zemel, Operations Research Letters 9,
1990). What remains is rationalizable: for two players as Bernheim (1984) and Pearce mean it, for
more with beliefs under which rivals' choices may be correlated.

A linear program finds y. It is then written in whole numbers, and the inequalities are checked in
these, so that nothing is left out by rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.rationals import Table
from leaderbored.late import late
from leaderbored.solvers.budget import StoppedError, checkpoint

optimize = late("scipy.optimize")

MOST = 100_000  # payoffs of one player up to which dominance by one strategy is looked for,
MOST_MIXED = 4_096  # and dominance by mixtures
MARGIN = 1e-9  # of the range of payoffs, below which a program decides nothing
DRAWN, SPREAD = 300, 2.5  # laws that are tried first, and how uneven they are
ROUND, FINE = 60, 2**40  # the weights of mixtures are multiples of one over these


@dataclass(frozen=True)
class Dominated:
    """A strategy that is left out, and why.

    Attributes
    ----------
    player, strategy : int
    round : int
        From 1 on: what is left out in a round is dominated among what remained before it.
    better : dict of int to Fraction
        The strategies that are mixed with these weights, which is better against everything
        that remained.
    """

    player: int
    strategy: int
    round: int
    better: dict[int, Fraction]


@dataclass(frozen=True, eq=False)
class Survivors:
    """What strict dominance leaves of a game.

    Attributes
    ----------
    kept : tuple of N int arrays
        The strategies of each player that are left.
    out : tuple of Dominated
        The others, in the order in which they were left out.
    mixed : bool
        Whether mixtures were tried too; of large games, or in no time, they are not.
    """

    kept: tuple[States, ...]
    out: tuple[Dominated, ...]
    mixed: bool


def survivors(game: NormalForm, *, most: int = MOST, most_mixed: int = MOST_MIXED) -> Survivors:
    """Leave out strictly dominated strategies until there are none.

    Parameters
    ----------
    game : NormalForm
        Of N players.
    most, most_mixed : int
        Payoffs of one player up to which dominance by one strategy, and by mixtures, is looked
        for.

    Returns
    -------
    Survivors

    Examples
    --------
    >>> game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    >>> [own.tolist() for own in survivors(game).kept]
    [[1], [1]]
    >>> middle = NormalForm([[[4, 0], [1, 1], [0, 4]], [[1, 0], [0, 0], [0, 1]]])
    >>> first = survivors(middle).out[0]
    >>> first.strategy, {other: str(weight) for other, weight in first.better.items()}
    (1, {0: '1/2', 2: '1/2'})
    """
    kept = [np.arange(size) for size in game.shape]
    out = list[Dominated]()
    mixed, number = game.profiles <= most_mixed, 0
    while game.profiles <= most:
        number += 1
        try:
            found = _one_round(game, kept, number, mixed)
        except StoppedError:  # what is out is out
            mixed = False
            break
        if not found:
            break
        out += found
        for i in range(len(kept)):
            gone = [one.strategy for one in found if one.player == i]
            kept[i] = np.setdiff1d(kept[i], gone)
    return Survivors(tuple(kept), tuple(out), mixed)


def _one_round(game: NormalForm, kept: list[States], number: int, mixed: bool) -> list[Dominated]:
    """All that is dominated among what is left; by mixtures, if by no strategy alone."""
    found = list[Dominated]()
    for way in (_by_one, _by_mixture) if mixed else (_by_one,):
        for i, own in enumerate(kept):
            if len(own) > 1:
                for a, weights in way(game, kept, i).items():
                    better = {int(own[b]): weight for b, weight in weights.items()}
                    found.append(Dominated(i, int(own[a]), number, better))
        if found:
            break
    return found


def rows(table: Table, kept: list[States], player: int) -> NDArray[Any]:
    """(m, K) a player's payoffs by its own strategies and by what the others do.

    Examples
    --------
    >>> rows(np.array([[3, 0], [5, 1]]), [np.arange(2), np.array([1])], 0).tolist()
    [[0], [1]]
    """
    left = table[np.ix_(*kept)]
    return np.moveaxis(left, player, 0).reshape(len(kept[player]), -1)


def _by_one(game: NormalForm, kept: list[States], i: int) -> dict[int, dict[int, Fraction]]:
    """Which strategies another one exceeds everywhere."""
    payoffs, found = rows(game.payoffs[i], kept, i), {}
    for a, row in enumerate(payoffs):
        better = (payoffs > row).astype(bool).all(axis=1)
        if better.any():
            found[a] = {int(better.argmax()): Fraction(1)}
    return found


def _by_mixture(game: NormalForm, kept: list[States], i: int) -> dict[int, dict[int, Fraction]]:
    """Which strategies a mixture exceeds everywhere."""
    if len(kept[i]) < 3:  # a mixture of one other is that one
        return {}
    utilities, found = rows(game.utility[i], kept, i), {}
    best = (utilities == utilities.max(axis=0)).any(axis=1)  # against some choice of the others
    best[(utilities @ _beliefs(utilities.shape[1])).argmax(axis=0)] = True  # or some law
    for a in np.flatnonzero(~best).tolist():
        checkpoint()
        margin, law, _ = mixture_against(utilities, a)
        if margin > MARGIN:
            weights = _exactly(rows(game.integers[i][0], kept, i), a, law)
            if weights:
                found[a] = weights
    return found


@lru_cache(maxsize=16)
def _beliefs(count: int) -> Array:
    """(K, ...) some laws: what is best against one of them needs no program."""
    drawn = np.random.default_rng(0).exponential(size=(count, DRAWN)) ** SPREAD
    laws: Array = drawn / drawn.sum(axis=0)
    return laws


def mixture_against(utilities: Array, a: int) -> tuple[float, Array, Array]:
    """The mixture of other rows that exceeds a row most where it does so least.

    Parameters
    ----------
    utilities : (m, K) array
    a : int
        Number of the row.

    Returns
    -------
    margin : float
        By how much, everywhere at least.
    law : (m,) array
        Weights, none on ``a``.
    belief : (K,) array
        A law over columns under which no row exceeds this one by more than the margin.

    Examples
    --------
    >>> margin, law, _ = mixture_against(np.array([[4.0, 0], [1, 1], [0, 4]]), 1)
    >>> round(margin, 9), law.round(9).tolist()
    (1.0, [0.5, 0.0, 0.5])
    """
    others = np.delete(np.arange(len(utilities)), a)
    gains = utilities[others] - utilities[a]
    count, columns = gains.shape
    solved = optimize.linprog(
        np.append(np.zeros(count), -1.0),
        A_ub=np.column_stack([-gains.T, np.ones(columns)]),
        b_ub=np.zeros(columns),
        A_eq=np.append(np.ones(count), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * count + [(None, None)],
        method="highs",
    )
    law = np.zeros(len(utilities))
    if solved.status != 0:
        return 0.0, law, np.full(columns, 1 / columns)
    law[others] = np.maximum(solved.x[:-1], 0)
    belief = np.maximum(-solved.ineqlin.marginals, 0)
    return float(-solved.fun), law / law.sum(), belief / (belief.sum() or 1.0)


def _exactly(payoffs: Table, a: int, law: Array) -> dict[int, Fraction]:
    """Weights in whole numbers under which the mixture is better for certain; empty if none are."""
    for fine in (ROUND, FINE):
        weights = np.array([int(weight) for weight in np.rint(law * fine)], dtype=object)
        total = int(weights.sum())
        if total and (weights @ payoffs > total * payoffs[a]).all():
            common = gcd(total, *weights.tolist())
            return {
                b: Fraction(int(weight) // common, total // common)
                for b, weight in enumerate(weights)
                if weight
            }
    return {}

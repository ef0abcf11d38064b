r"""Equilibria of many players of whom two mix, between two strategies each.

Where no equilibrium is pure, those with the smallest supports are looked at next (Porter, Nudelman
and Shoham, Games and Economic Behavior 63, 2008). Given what the others do, players i and j make
each other indifferent between a and a', and b and b', if

.. math:: q = \frac{d_{b'}}{d_{b'} - d_b} \in (0, 1), \qquad
          d_b = u_i(a, b, s) - u_i(a', b, s),

is the probability of b, and the like is that of a. All choices s of the others are looked at
together.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from math import comb

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.finite.pure import Profile, degenerate

FEWEST = 64  # profiles of a game below which paths are as quick
MOST_CHOICES = 4_000  # of two players and two strategies of each
CLOSE = 1e-12  # of a payoff's range: what a player may gain


def two_mixing(game: NormalForm, budget: Budget) -> Profile | None:
    """An equilibrium in which two players mix between two strategies each; None if none is found.

    Parameters
    ----------
    game : NormalForm
        Of N players.
    budget : Budget
        When to give up.

    Returns
    -------
    list of N arrays, or None
        None also of games of fewer than :data:`FEWEST` profiles, and where there are too many
        choices to look at.

    Examples
    --------
    >>> pennies = np.array([[1, 0], [0, 1]])
    >>> even = np.broadcast_to(pennies[:, :, None, None], (2, 2, 4, 4))
    >>> game = NormalForm([even, 1 - even, *np.indices(even.shape)[2:]])
    >>> [law.round(9).tolist() for law in two_mixing(game, Budget(None))[:2]]
    [[0.5, 0.5], [0.5, 0.5]]
    """
    choices = sum(comb(m, 2) * comb(n, 2) for m, n in combinations(game.shape, 2))
    if len(game.shape) < 3 or game.profiles < FEWEST or choices > MOST_CHOICES:
        return None
    for i, j in combinations(range(len(game.shape)), 2):
        tables = np.moveaxis(game.utility, (i + 1, j + 1), (1, 2))  # (N, m_i, m_j, the others)
        if budget.spent():
            return None
        own = (combinations(range(size), 2) for size in tables.shape[1:3])
        for rows, columns in product(*own):
            square = tables[:, rows][:, :, columns]
            for p, q, others in _indifferent(square, (i, j)):
                laws = degenerate(game, np.insert(others, [i, j - 1], 0).tolist())
                laws[i], laws[j] = _between(rows, p, laws[i]), _between(columns, q, laws[j])
                if regret(game, laws).max() <= CLOSE:
                    return laws
    return None


def _between(pair: tuple[int, int], weight: float, law: Array) -> Array:
    """The law that plays the first of two strategies with a weight, and the other else."""
    mixed = np.zeros_like(law)
    mixed[[*pair]] = weight, 1 - weight
    return mixed


def _indifferent(square: Array, pair: tuple[int, int]) -> Iterator[tuple[float, float, list[int]]]:
    """Weights that make two players indifferent, and what is best for the others then.

    ``square`` (N, 2, 2, the others) has the payoffs where the two play one of two strategies each.
    """
    i, j = pair
    with np.errstate(all="ignore"):
        first = square[i, 0] - square[i, 1]
        second = square[j, :, 0] - square[j, :, 1]
        q, p = first[1] / (first[1] - first[0]), second[1] / (second[1] - second[0])
    found = (q > 0) & (q < 1) & (p > 0) & (p < 1)
    p, q = np.where(found, p, 0.0), np.where(found, q, 0.0)
    rest = [k for k in range(len(square)) if k not in pair]

    def mean(u: Array) -> Array:
        first, second = (q * row[0] + (1 - q) * row[1] for row in u)
        return np.asarray(p * first + (1 - p) * second)

    for axis, k in enumerate(rest):
        here, table = mean(square[k]), square[k]
        for other in range(found.shape[axis]):
            if not found.any():
                return
            found &= here >= mean(table.take([other], axis=axis + 2)) - CLOSE
    for others in np.argwhere(found).tolist():
        yield float(p[tuple(others)]), float(q[tuple(others)]), others

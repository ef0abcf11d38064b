"""Equilibria in pure strategies, by looking at every profile; and profiles, each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.hunt import Pool

Profile = list[Array]


def pure_equilibria(game: NormalForm) -> list[tuple[int, ...]]:
    """All profiles of pure strategies in which each is a best reply to the others.

    Parameters
    ----------
    game : NormalForm
        Of N players.

    Returns
    -------
    list of tuples of N ints
        Numbers of strategies, in lexicographic order. Ties are exact.

    Examples
    --------
    >>> pure_equilibria(NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]]))
    [(0, 0), (1, 1)]
    """
    best = np.ones(game.shape, dtype=bool)
    for player, table in enumerate(game.payoffs):
        best &= (table == table.max(axis=player, keepdims=True)).astype(bool)
    return [tuple(profile) for profile in np.argwhere(best).tolist()]


def degenerate(game: NormalForm, pure: Sequence[int]) -> Profile:
    """The laws that put all weight on a pure profile.

    Examples
    --------
    >>> game = NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    >>> [law.tolist() for law in degenerate(game, (0, 1))]
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return [np.eye(size)[choice] for size, choice in zip(game.shape, pure, strict=True)]


def pooled(profiles: Iterable[Profile], same: float) -> Pool[Profile]:
    """Profiles that are known to differ, for others to be added that are not the ``same``.

    Examples
    --------
    >>> game = NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    >>> pool = pooled((degenerate(game, pure) for pure in pure_equilibria(game)), 1e-7)
    >>> pool.add("path", [np.array([1e-9, 1 - 1e-9])] * 2), len(pool)
    (False, 2)
    """
    pool: Pool[Profile] = Pool(same, 1.0, np.concatenate)
    for profile in profiles:
        pool.keep(profile)
    return pool

"""Equilibria in pure strategies, by looking at every profile."""

from __future__ import annotations

import numpy as np

from leaderbored.games.normal_form import NormalForm


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

"""Certificates of finite games: the best pure deviation against the others' laws.

Payoffs are read anew from the tables as given, exactly where these are exact, and averaged over
the others' laws player by player. Nothing is shared with the solvers but the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from leaderbored.games.bayesian import Bayesian
from leaderbored.games.interim import interim
from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm


def regret(game: NormalForm, mixed: Sequence[Array]) -> Array:
    """Gain of each player's best pure deviation, relative to the range of its payoffs.

    Parameters
    ----------
    game : NormalForm
    mixed : sequence of N arrays
        The law of each player.

    Returns
    -------
    (N,) array
        Zero at an equilibrium.

    Examples
    --------
    >>> game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    >>> regret(game, [np.array([1, 0]), np.array([1, 0])]).tolist()
    [0.4, 0.4]
    """
    laws = [np.asarray(law, dtype=float) for law in mixed]
    found = []
    for player, table in enumerate(_tables(_Given(game))):
        rewards = _averaged(table, player, laws)
        found.append(rewards.max() - rewards @ laws[player])
    return np.array(found)


def by_types(game: Bayesian, laws: Sequence[Array]) -> tuple[list[float], float]:
    """What each type that occurs gets, and the largest gain of one, relative to what it may get.

    Worked out from payoffs, summed over all that the others' types do.

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "(v - b) * (b >= others(b))")
    >>> by_types(game, [np.array([0.0, 1.0])] * 4)
    ([0.0, 1.0, 0.0, 1.0], 0.0)
    """
    payoffs, worst = list[float](), 0.0
    for (rewards, span), law in zip(interim(game, laws), laws, strict=True):
        payoffs.append(float(rewards @ law))
        worst = max(worst, float(rewards.max() - payoffs[-1]) / (span or 1.0))
    return payoffs, worst


def _averaged(table: Array, player: int, laws: Sequence[Array]) -> Array:
    """(m_i,) what each strategy of a player pays on average."""
    for other in reversed(range(len(laws))):
        if other > player:
            table = table @ laws[other]
        elif other < player:
            table = laws[other] @ table
    return table


class _Given:
    """A game, which is the same as itself alone."""

    def __init__(self, game: NormalForm) -> None:
        self.game = game

    def __hash__(self) -> int:
        return id(self.game)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Given) and other.game is self.game


@lru_cache(maxsize=4)
def _tables(given: _Given) -> list[Array]:
    """Each player's payoffs less the least, in units of their range."""
    found = []
    for table in given.game.payoffs:
        least, half = table.min(), 1 if table.dtype == object else 0.5  # whose range is a double
        span = half * table.max() - half * least
        found.append(np.array((half * table - half * least) / (span or 1), dtype=float))
    return found

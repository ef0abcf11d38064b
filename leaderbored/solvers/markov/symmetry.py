"""Players that may change places without changing the game."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov

Relabelling = tuple[NDArray[np.int_], NDArray[np.int_]]


def relabellings(game: Markov) -> list[Relabelling]:
    """Exchanges of two players that leave the game as it is.

    Returns
    -------
    list of (players, states)
        If ``build`` is an equilibrium, so is ``build[players][:, states]``.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1), lb.Lab("C", 2)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> [players.tolist() for players, _ in relabellings(race.markov())]
    [[1, 0, 2]]
    """
    count = len(game.players)
    if game.states.shape[1] != count:
        return []
    place = {state: k for k, state in enumerate(map(tuple, game.states.tolist()))}
    arrays = [getattr(game, name) for name in game.TABLES]
    kept = []
    for a, b in combinations(range(count), 2):
        players = np.arange(count)
        players[[a, b]] = b, a
        swapped = [place.get(state) for state in map(tuple, game.states[:, players].tolist())]
        if None in swapped:
            continue
        states = np.array(swapped)
        same = all(np.array_equal(x[players][:, states], x) for x in arrays)
        if same and all(
            abs(game.jump[players[i]][states][:, states] - game.jump[i]).sum() == 0
            for i in range(count)
        ):
            kept.append((players, states))
    return kept


def asymmetry(table: Array, relabelling: Relabelling) -> float:
    """How much a table (N, S) differs from its image.

    Examples
    --------
    >>> swap = np.array([1, 0]), np.array([0, 2, 1])
    >>> asymmetry(np.array([[1.0, 2.0, 3.0], [1.0, 3.0, 2.5]]), swap)
    0.5
    """
    players, states = relabelling
    return float(np.abs(table - table[players][:, states]).max())

"""Players that may change places without changing the game."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from leaderbored.games.markov import Array, Markov

Relabelling = tuple[NDArray[np.int_], NDArray[np.int_]]

DIGITS = 9  # of what is expected after a success, when states are compared


def relabellings(game: Markov) -> list[Relabelling]:
    """Exchanges of two players that leave the game as it is.

    What the revenue of a player buys changes places with it. Players that stand for events, such
    as customers who notice, stay where they are.

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
    >>> late = lb.Race(race.labs, race.market, race.technology, discount=0.5, rungs=1,
    ...                mechanisms={"inertia": {"lag": 1}})
    >>> [(players.tolist(), len(states)) for players, states in relabellings(late.markov())]
    [([1, 0, 2, 3], 49)]
    """
    arrays = [getattr(game, name) for name in game.TABLES]
    kept = []
    for a, b in combinations(range(min(len(game.players), game.states.shape[1])), 2):
        players = np.arange(len(game.players))
        for first, second in zip(game.owned(a), game.owned(b), strict=False):
            players[[first, second]] = second, first
        states = _matched(game, players)
        if states is None or not all(np.array_equal(x[players][:, states], x) for x in arrays):
            continue
        speed = game.speed
        if speed is not None and not np.array_equal(speed[players[: len(speed)]][:, states], speed):
            continue
        if all(
            abs(game.jump[player][states][:, states] - jump).sum() == 0
            for player, jump in zip(players, game.jump, strict=True)
        ):
            kept.append((players, states))
    return kept


def _matched(game: Markov, players: NDArray[np.int_]) -> NDArray[np.int_] | None:
    """Which state (S,) each is when players change places, if any; still to be verified.

    States are told apart by their coordinates and tables, and then by those that successes lead to,
    or from which they lead there (the refinement of partitions; Hopcroft, Theory of Machines and
    Computations, 1971).
    """
    random, size = np.random.default_rng(0), len(game.states)
    coordinates = np.arange(game.states.shape[1])
    within = players[players < len(coordinates)]
    coordinates[: len(within)] = within
    numbers = [game.states.T.astype(float), *(getattr(game, name) for name in game.TABLES)]
    orders = [coordinates, *(players for _ in game.TABLES)]
    here, there = np.zeros(size), np.zeros(size)
    for table, order in zip(numbers, orders, strict=True):
        for row, image in zip(table, table[order], strict=True):
            weight = random.uniform(1, 2)
            here += weight * np.where(np.isfinite(row), row, -1.0)
            there += weight * np.where(np.isfinite(image), image, -1.0)
    kind, count = np.zeros(2 * size, dtype=int), 0
    seen = np.concatenate([here, there])
    while True:
        kind = np.unique(seen, return_inverse=True)[1]
        if not np.array_equal(np.sort(kind[:size]), np.sort(kind[size:])):
            return None
        if (finer := int(kind.max()) + 1) in (count, size):
            break
        count, draw = finer, random.uniform(size=finer)
        seen = kind.astype(float)
        for player, law in zip(players, game.jump, strict=True):
            image, (mine, other) = game.jump[player], np.split(draw[kind], 2)
            for beside in ((law @ mine, image @ other), (law.T @ mine, image.T @ other)):
                seen += random.uniform(0.1, 0.2) * np.concatenate(beside).round(DIGITS)
    states = np.empty(size, dtype=int)
    states[kind[:size].argsort(kind="stable")] = kind[size:].argsort(kind="stable")
    return states


def alike_places(shape: tuple[int, int], swaps: Sequence[Relabelling]) -> NDArray[np.int_]:
    """(N, S) the first place whose share each has where exchangeable players do alike.

    Examples
    --------
    >>> swap = np.array([1, 0]), np.array([0, 2, 1])
    >>> shares = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    >>> shares.ravel()[alike_places(shares.shape, [swap])].tolist()
    [[0.1, 0.2, 0.3], [0.1, 0.3, 0.2]]
    """
    place = np.arange(shape[0] * shape[1]).reshape(shape)
    images = [place[players][:, states].ravel() for players, states in swaps]
    start = np.tile(place.ravel(), len(images))
    links = csr_matrix(
        (np.ones(len(start)), (start, np.concatenate([*images, start[:0]]))),
        shape=(place.size, place.size),
    )
    _, first, orbit = np.unique(
        connected_components(links, directed=False)[1], return_index=True, return_inverse=True
    )
    return np.asarray(first[orbit].reshape(shape))


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

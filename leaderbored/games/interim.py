"""What types of two players expect, by what the other's types do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from leaderbored.games.bayesian import Bayesian
from leaderbored.games.grids import doubles
from leaderbored.games.markov import Array


def of_first(game: Bayesian) -> int:
    """How many agents are the first player's.

    Examples
    --------
    >>> of_first(Bayesian(["A", "B"], [{"v": [1, 2]}, {"w": [0]}], {"b": [0, 1]}, "b"))
    2
    """
    return sum(i == 0 for i, _ in game.who)


def sides(game: Bayesian) -> tuple[Array, Array]:
    """What an action of a type gets by each action of each of the other's types.

    Parameters
    ----------
    game : Bayesian
        Of two players.

    Returns
    -------
    two (R, C) arrays
        Of each player, with a row for each action of each agent of the first and a column for
        those of the second's. The sum over what the other's types do is what is expected.

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "v + b")
    >>> sides(game)[0].tolist()[:2]
    [[0.5, 0.5, 0.5, 0.5], [1.0, 1.0, 1.0, 1.0]]
    """
    weights, tables = doubles(game.weights), doubles(game.tables)
    first, second = ([t for i, t in game.who if i == k] for k in (0, 1))
    weights = weights[np.ix_(first, second)]
    made = []
    for k in (0, 1):
        chances = weights / weights.sum(axis=1 - k, keepdims=True)
        part = tables[k][first][:, :, second] * chances[:, None, :, None]
        made.append(part.reshape(part.shape[0] * part.shape[1], -1))
    return made[0], made[1]


def interim(game: Bayesian, laws: Sequence[Array]) -> Iterator[tuple[Array, float]]:
    """What each action of each agent of two players gets, and the range of what it may get.

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "v + b")
    >>> [(rewards.tolist(), span) for rewards, span in interim(game, [np.ones(2) / 2] * 4)][0]
    ([1.0, 2.0], 1.0)
    """
    weights, tables = doubles(game.weights), doubles(game.tables)
    law = dict(zip(game.who, laws, strict=True))
    for i, own in game.who:
        chances: Array = np.asarray(weights.take(own, axis=i))
        rewards, span = np.zeros(tables.shape[2 + 2 * i]), 0.0
        for other in np.flatnonzero(chances).tolist():
            pair = (own, other) if i == 0 else (other, own)
            block = chances[other] / chances.sum() * tables[i][pair[0]][:, pair[1]]
            block = block if i == 0 else block.T
            rewards += block @ law[1 - i, other]
            span += float(np.ptp(block))
        yield rewards, span


def before_types(game: Bayesian, laws: Sequence[Array]) -> list[float]:
    """What each of two players expects before types are drawn.

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "v + b")
    >>> before_types(game, [np.array([0.0, 1.0])] * 4)
    [2.5, 2.5]
    """
    weights = doubles(game.weights)
    found = [0.0, 0.0]
    for (i, t), (rewards, _), law in zip(game.who, interim(game, laws), laws, strict=True):
        found[i] += float(weights.take(t, axis=i).sum() / weights.sum() * (rewards @ law))
    return found


def opposed(game: Bayesian) -> bool:
    """Whether payoffs of all add up to the same whatever happens.

    Examples
    --------
    >>> opposed(Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "b - mean(b)"))
    True
    """
    total = game.tables.sum(axis=0)
    return bool((total == total.ravel()[0]).all())

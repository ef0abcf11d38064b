"""What the types of a game of private information expect, by what the others' types do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from leaderbored.games.bayesian import Bayesian
from leaderbored.games.markov import Array
from leaderbored.games.normal_form import contracted


def of_first(game: Bayesian) -> int:
    """How many agents are the first player's.

    Examples
    --------
    >>> of_first(Bayesian(["A", "B"], [{"v": [1, 2]}, {"w": [0]}], {"b": [0, 1]}, "b"))
    2
    """
    return sum(i == 0 for i, _ in game.who)


def sides(game: Bayesian) -> list[Array]:
    """What an action of a type gets by each action of each of the others' types.

    Parameters
    ----------
    game : Bayesian
        Of N players.

    Returns
    -------
    N (R_1, ..., R_N) arrays
        Of each player, with a place along each axis for each action of each type that occurs. The
        sum over what the others' types do, of their probabilities' products, is what is expected.

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "v + b")
    >>> sides(game)[0].tolist()[:2]
    [[0.5, 0.5, 0.5, 0.5], [1.0, 1.0, 1.0, 1.0]]
    """
    weights, tables = game.numbers
    players = range(len(game.players))
    there = [[t for i, t in game.who if i == k] for k in players]
    weights = weights[np.ix_(*there)]
    apart = tuple(2 * k + 1 for k in players)  # axes of actions
    made = []
    for k in players:
        part = tables[k]
        for other in players:
            part = part.take(there[other], axis=2 * other)
        rest = tuple(other for other in players if other != k)
        chances = weights / weights.sum(axis=rest, keepdims=True)
        part = part * np.expand_dims(chances, apart)
        made.append(
            part.reshape([a * b for a, b in zip(part.shape[::2], part.shape[1::2], strict=True)])
        )
    return made


def interim(game: Bayesian, laws: Sequence[Array]) -> Iterator[tuple[Array, float]]:
    """What each action of each agent gets, and the range of what it may get.

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "v + b")
    >>> [(rewards.tolist(), span) for rewards, span in interim(game, [np.ones(2) / 2] * 4)][0]
    ([1.0, 2.0], 1.0)
    """
    weights, tables = game.numbers
    law = dict(zip(game.who, laws, strict=True))
    for i, own in game.who:
        chances: Array = np.asarray(weights.take(own, axis=i))
        rewards, span = np.zeros(tables.shape[2 + 2 * i]), 0.0
        for others in np.argwhere(chances).tolist():
            types = [*others[:i], own, *others[i:]]
            chance = chances[tuple(others)] / chances.sum()
            block = chance * tables[i][tuple(x for t in types for x in (t, slice(None)))]
            span += float(np.ptp(block))
            rewards += contracted(block, i, [law[j, t] for j, t in enumerate(types)])
        yield rewards, span


def before_types(game: Bayesian, laws: Sequence[Array]) -> list[float]:
    """What each player expects before types are drawn.

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "v + b")
    >>> before_types(game, [np.array([0.0, 1.0])] * 4)
    [2.5, 2.5]
    """
    weights, _ = game.numbers
    found = [0.0] * len(game.players)
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

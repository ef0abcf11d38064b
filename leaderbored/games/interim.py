"""What the types of a game of private information expect, by what the others' types do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from leaderbored.games.bayesian import Bayesian
from leaderbored.games.markov import Array

ROUNDING = 1e-14  # of the largest payoff


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
    law, players = dict(zip(game.who, laws, strict=True)), range(len(game.players))
    sizes = [*zip(tables.shape[1::2], tables.shape[2::2], strict=True)]
    whole = [  # (T, A) what each type does, nothing of one that never occurs
        np.array([law.get((j, t), np.zeros(actions)) for t in range(types)])
        for j, (types, actions) in enumerate(sizes)
    ]
    for i, own in game.who:
        chances: Array = np.asarray(weights.take(own, axis=i))
        at = [2 * j - (j > i) for j in players]  # axes of types, and of i's own action
        apart = tuple(at[j] + (j != i) for j in players)  # those of actions
        each = np.expand_dims(chances / chances.sum(), apart)
        with np.errstate(invalid="ignore"):
            block = np.where(each > 0, each * tables[i].take(own, axis=2 * i), 0.0)
        span = float((block.max(axis=apart) - block.min(axis=apart)).sum())
        for j in reversed([j for j in players if j != i]):
            block = np.tensordot(block, whole[j], axes=((at[j], at[j] + 1), (0, 1)))
        yield block, span


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
    """Whether payoffs of all add up to the same whatever happens, but for rounding of decimals.

    Examples
    --------
    >>> opposed(Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "b - mean(b)"))
    True
    """
    tables = game.tables
    total = tables.sum(axis=0)
    if tables.dtype == object:
        return bool((total == total.ravel()[0]).all())
    return bool(np.ptp(total) <= ROUNDING * np.abs(tables).max())

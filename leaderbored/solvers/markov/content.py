"""Labs that have nothing to win.

A lab that earns the most that it ever can by building the least, in every state, is worth that for
ever, whatever the others do: it can build the least for ever. Where it is sold out, building more
costs it sales, so in no equilibrium it does. Its gains are exactly zero, where replies may be
infinitely steep; no proof need know more of them than that it builds the least.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Markov


def contented(game: Markov) -> Markov:
    """The game in which labs that have nothing to win build the least.

    Its equilibria are those of the game. Numbers are compared as fractions, exactly.

    Parameters
    ----------
    game : Markov
        Others than plain ones are returned as they are.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0]),
    ...                lb.Technology(2, 0.3), discount=0.1, rungs=1)
    >>> game = race.markov()
    >>> int(game.movable.sum()), int(contented(game).movable.sum())
    (4, 0)
    """
    content = have_all(game)
    if not content.any():
        return game
    return replace(game, upper=np.where(content[:, None], game.lower, game.upper))


def have_all(game: Markov) -> NDArray[np.bool_]:
    """(N,) which labs have nothing to win.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0, 2.0]),
    ...                lb.Technology(2, 0.3), discount=0.1, rungs=1)
    >>> have_all(race.markov()).tolist()
    [False, False]
    """
    plain = type(game) is Markov and not game.grows and game.speed is None
    return np.array([plain and _has_all(game, i) for i in range(len(game.players))])


def _has_all(game: Markov, i: int) -> bool:
    """Whether a lab is sold out in all states, and earns as much in each, when it builds least."""
    most = None
    for s in range(len(game.states)):
        price, low, capacity = (
            Fraction(float(table[i, s])) for table in (game.price, game.lower, game.capacity)
        )
        units = (1 - low) * capacity
        sold_out = not game.demand[i, s] < np.inf or Fraction(float(game.demand[i, s])) >= units
        if not sold_out or price * units != (most or price * units) or price * units <= 0:
            return False
        most = price * units
    return True

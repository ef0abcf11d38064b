"""Which games are step-by-step races of two labs, and in what order their leads are."""

from __future__ import annotations

import numpy as np

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array, Markov


def leads(game: Markov) -> Array | None:
    """(S,) positions of leads -G..G among the states; None if this is no step-by-step race of two.

    Nor is one whose payoffs or hazards are other than those of :class:`.Markov` itself, or of
    :class:`.Cleared` where labs set quantities.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1)
    >>> leads(race.markov()).tolist()
    [2, 0, 1]
    """
    sells = type(game) is Cleared and not game.taking and not game.apart
    plain = (sells or type(game) is Markov) and game.speed is None and not game.grows
    if not plain or len(game.players) != 2 or not game.returns < 1:
        return None
    up, down = (jump.toarray() for jump in game.jump)
    size = len(game.states)
    if size < 3 or size % 2 == 0 or not (np.isin(up, (0, 1)).all() and np.isin(down, (0, 1)).all()):
        return None
    forth, back = up.argmax(axis=1), down.argmax(axis=1)
    bottom = np.flatnonzero(back == np.arange(size))
    order = [int(bottom[0])] if len(bottom) == 1 else []
    while order and len(order) < size and forth[order[-1]] not in order:
        order.append(int(forth[order[-1]]))
    if len(order) != size or forth[order[-1]] != order[-1]:
        return None
    place = np.array(order)
    if not (back[place[1:]] == place[:-1]).all():
        return None
    return place

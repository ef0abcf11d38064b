"""Games of tables on the line of leads, whatever race they were compiled from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Markov
from leaderbored.race.board import boards, laws
from leaderbored.solvers.kernels.rows import by_state

if TYPE_CHECKING:
    from leaderbored.solvers.kernels.tables import Tables

FLATTEST = 1e-3  # returns


def leapfrog_of(game: Markov) -> float | None:
    """The chance of a leapfrog in a game on the line of leads; None if the game is none.

    That is one of two labs on the leaderboards of a race, with compute and bounds that are the same
    on all of them, which is all that kernels know.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs, technology = [lb.Lab("A", 1), lb.Lab("B", 1)], lb.Technology(1, leapfrog=0.3)
    >>> game = lb.Race(labs, lb.ScarceMarket(0.6), technology, discount=0.5, rungs=2).markov()
    >>> leapfrog_of(game)
    0.3
    >>> leapfrog_of(game.joined("chance", 0.2, game.jump[0])) is None
    True
    """
    rungs = int(game.states.max(initial=0))
    plain = type(game) in (Markov, Cleared) and len(game.players) == 2 and game.speed is None
    if isinstance(game, Cleared) and game.apart:
        return None
    if not plain or game.grows or not 1 >= game.returns >= FLATTEST or rungs < 1:
        return None
    if not np.array_equal(game.states, boards(2, rungs)):
        return None
    fixed = [game.capacity, game.lower, game.upper]
    if isinstance(game, Cleared):
        fixed += [game.price, game.demand]
    if any((table != table[:, :1]).any() for table in fixed) or not game.price.any(axis=1).all():
        return None
    chance = float(game.jump[1][1, rungs + 1])
    same = (
        known is jump or abs(known - jump).sum() == 0
        for known, jump in zip(laws(2, rungs, chance), game.jump, strict=True)
    )
    return chance if all(same) else None


def tables_of(game: Markov, leapfrog: float) -> Tables:
    """The tables of a game on the line of leads, in the order of its places."""
    from leaderbored.solvers.kernels.rows import QUANTITY, SET, TAKING
    from leaderbored.solvers.kernels.tables import HERE, MET, OWN, Tables  # brings numba

    rungs = int(game.states.max())
    order, place = by_state(rungs), np.arange(-rungs, rungs + 1)
    ahead, at, lab = np.array([place, -place]), np.zeros(game.scale.shape, HERE), np.empty(2, OWN)
    for name in ("scale", "base", "price", "demand", "idle", "movable"):
        at[name][:, order] = getattr(game, name)
    at["free"] = game.effort(at["idle"])
    at["leap"] = np.where(ahead < 0, leapfrog, 0.0)
    at["climb"] = np.where(ahead >= rungs, 0.0, 1 - at["leap"])
    conduct, met = SET, np.zeros((2, 0), MET)
    if isinstance(game, Cleared):
        conduct, met = TAKING if game.taking else QUANTITY, np.zeros(game.scale.shape, MET)
        at["worth"][:, order], at["most"][:, order] = game.worth, game.most
        at["wanted"] = np.log(at["most"])
        met["unserved"], met["log"] = game.demand[0, 0], np.inf
    for name, table in (("compute", game.capacity), ("lower", game.lower), ("upper", game.upper)):
        lab[name] = table[:, 0]
    lab["least"], lab["most"] = game.effort(lab["lower"]), game.effort(lab["upper"])
    numbers = rungs, float(game.discount), float(game.returns), leapfrog, conduct
    return Tables(*numbers, lab, at, met)

"""One state of a market that clears, by brute force: labs reply to each other's sales in turn.

No first-order condition is used and none of the solvers: each lab looks for its best sales by a
search over its own revenue.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from leaderbored.games.markov import Array

ROUNDS = 1000
SETTLED = 1e-7  # relative to capacity; a search by values alone sees no more
STEP = 1e-4  # of sales, for a derivative


def revenue(worth: Array, sold: Array, customers: float) -> Array:
    """(N,) revenue of each lab, in units of mu, at prices that clear the market.

    Parameters
    ----------
    worth, sold : (N,) arrays
        x and S.
    customers : float
        M.

    Examples
    --------
    >>> revenue(np.array([2.0, 1.0]), np.array([1.0, 1.0]), 3.0).tolist()
    [2.0, 1.0]
    """
    unserved = customers - sold.sum()
    return np.asarray(sold * (worth - np.log(sold / unserved)))


def settle(worth: Array, room: Array, customers: float, start: Array | None = None) -> Array:
    """(N,) sales at which every lab's are its best against the others', up to its room.

    Raises
    ------
    ValueError
        If there are no customers, or the labs do not come to rest.

    Examples
    --------
    >>> settle(np.array([2.0, 2.0]), np.array([1.0, 1.0]), 0.6).round(6).tolist()  # Y = 1
    [0.2, 0.2]
    """
    if not customers > 0:
        raise ValueError(f"customers: {customers}, expected more than none")
    sold = np.minimum(room, customers / (2 * len(room))) if start is None else start.copy()
    for _ in range(ROUNDS):
        before = sold.copy()
        for i in range(len(sold)):
            sold[i] = _best(i, worth, room, customers, sold)
        if (np.abs(sold - before) <= SETTLED * room).all():
            return sold
    raise ValueError("replies of the labs do not come to rest")


def _best(i: int, worth: Array, room: Array, customers: float, sold: Array) -> float:
    others = float(sold.sum() - sold[i])
    most = min(float(room[i]), customers - others)

    def loss(own: float) -> float:
        return -own * float(worth[i] - np.log(own / (customers - others - own)))

    found = minimize_scalar(
        loss, bounds=(0.0, most), method="bounded", options={"xatol": 1e-13 * most}
    )
    edge = most * (1 - 1e-12)
    return most if most == room[i] < customers - others and loss(edge) <= found.fun else found.x


def marginal(worth: Array, sold: Array, customers: float) -> Array:
    """(N,) what one more unit would earn each lab, in units of mu, by differences.

    Examples
    --------
    >>> marginal(np.array([2.0, 3.0]), np.array([0.2, 0.2]), 0.6).round(6).tolist()[1]
    1.0
    """
    slopes = []
    for i in range(len(sold)):
        step = STEP * min(float(sold[i]), customers - float(sold.sum()))
        ends = []
        for k in (-2, -1, 1, 2):
            moved = sold.copy()
            moved[i] += k * step
            ends.append(float(revenue(worth, moved, customers)[i]))
        slopes.append((8 * (ends[2] - ends[1]) - (ends[3] - ends[0])) / (12 * step))
    return np.array(slopes)

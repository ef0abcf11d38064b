r"""Shares and sales that are best for all together in one state, given what successes are worth.

On a market that clears, with sales S and :math:`S_0` customers unserved, labs and customers gain
together

.. math:: \mu \Big[ \sum_i S_i x_i - \sum_i S_i \ln S_i - S_0 \ln S_0 + M \ln M \Big]

a year over nobody being served: of labs the sum of :math:`\mu S_i (x_i - \ln y_i)`, of customers
:math:`\mu M \ln (M / S_0)`. One more unit of lab i adds its price :math:`\mu (x_i - \ln y_i)`. So a
planner sells and builds as labs do that take prices as given, at stakes that are all labs'. Labs
alone gain :math:`\mu S_i (x_i - \ln y_i)` together, to which one more unit adds

.. math:: \mu \Big( x_i - \ln y_i - \frac{M}{S_0} \Big) :

they do as if they took prices, and all were worth :math:`M / S_0` less. Both sums are strictly
concave in sales. Elsewhere what one lab earns does not hang on the others, and each is asked alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from leaderbored.games.cleared import Cleared, Sales
from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.markov.reply import inner
from leaderbored.solvers.markov.selling import Root, meet
from leaderbored.solvers.markov.stage import ZERO

ROUNDS = 100  # of Newton's method, and halvings
SAME = 1e-15  # relative size of a last step


class Choice(NamedTuple):
    """What is done in every state, and what comes of it.

    Attributes
    ----------
    build : (N, S) array
        Shares.
    sold : (N, S) array
        Units that each sells; nan where what it sells has no measure.
    unserved : (S,) array
        Customers who go without on a market that clears, elsewhere 0.
    earned : (N, S) array
        Payoffs, money/year.
    served : (S,) array
        What customers gain over going without on a market that clears, money/year; elsewhere 0.
    """

    build: Array
    sold: Array
    unserved: Array
    earned: Array
    served: Array


def best(game: Markov, gain: Array, scale: float, customers: bool) -> Choice:
    """What is best where a success of each is worth ``gain`` (N, S) to all together.

    Parameters
    ----------
    game : Markov
    gain : (N, S) array
    scale : float
        Largest value; gains within rounding of it are none, and then compute builds that would
        otherwise be idle.
    customers : bool
        Whether customers count.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.2),
    ...                lb.Technology(1), discount=0.2, rungs=1)
    >>> both, labs = (best(race.markov(), np.full((2, 3), 0.5), 1.0, c) for c in (True, False))
    >>> both.sold[0, 0] > labs.sold[0, 0]  # labs sell less than what is best for all
    np.True_
    """
    gain = np.where(np.abs(gain) > ZERO * scale, gain, 0.0)
    return _cleared(game, gain, customers) if isinstance(game, Cleared) else _apart(game, gain)


def _apart(game: Markov, gain: Array) -> Choice:
    """Each lab alone: idle compute builds, and more while it is worth more than it sells for."""
    if game.returns == 1:
        dear = game.scale * gain > game.price * game.capacity
        build = np.where(dear, game.upper, game.idle)
    else:
        positive = np.where(game.scale > 0, np.maximum(gain, 0.0), 0.0)
        build = np.clip(inner(game, positive), game.idle, game.upper)
    build = np.where((gain > 0) | ((gain == 0) & game.movable), build, game.lower)
    sold = np.minimum((1 - build) * game.capacity, game.demand)
    nothing = np.zeros(len(game.states))
    return Choice(build, sold, nothing, game.payoff(build), nothing)


def _cleared(game: Cleared, gain: Array, customers: bool) -> Choice:
    push = game.returns * game.scale * np.maximum(gain, 0.0) / game.capacity
    root = _root(game, np.where(game.upper > game.lower, push, 0.0), customers)
    unsold = np.clip(1 - root.sales.sold / game.capacity, game.lower, game.upper)
    spare = (gain == 0) & game.movable
    return accounts(game, np.where(spare, unsold, root.build), root.sales)


def _root(game: Cleared, push: Array, customers: bool) -> Root:
    """Sales and shares; of labs alone by Newton's method in what they count less, M / S_0."""
    free = replace(game, taking=True)
    if customers:
        return meet(free, push)
    less, near = np.ones_like(game.customers), None
    low, high, last = less, np.full_like(less, np.inf), np.full_like(less, np.inf)
    for _ in range(ROUNDS):
        root = meet(replace(free, worth=game.worth - less), push, near)
        near, sales = root.sales, root.sales
        ahead = game.customers / sales.unserved
        left = ahead - less
        low, high = np.where(left >= 0, less, low), np.where(left <= 0, less, high)
        high = np.minimum(high, np.where(left >= 0, ahead, np.inf))
        if ((np.abs(left) <= SAME * less) | (high - low <= SAME * high)).all():
            break
        moved = game.total(sales.sold * root.follows)
        slope = moved / (sales.unserved + moved)  # of ln S_0 in what is counted less
        step = less + left / (1 + ahead * slope)
        fast = (step > low) & (step < high) & (np.abs(left) <= last / 2)
        less, last = np.where(fast, step, (low + high) / 2), np.abs(left)
    return root


def accounts(game: Cleared, build: Array, sales: Sales) -> Choice:
    """What labs earn and customers gain by some sales on a market that clears.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(2.0),
    ...                lb.Technology(1), discount=0.2, rungs=1).markov()
    >>> found = accounts(game, game.lower, game.sales(game.lower))
    >>> found.served[0].round(6).item()  # half of four are served: 4 ln 2
    2.772589
    """
    sold, unserved = sales.sold, sales.unserved[..., :1, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        price = game.price * (game.worth - np.log(sold / unserved))
        earned = np.where((sold > 0) & (game.price > 0), price * sold, 0.0)
    return Choice(build, sold, unserved[0], earned, game.price.max(axis=0) * _gained(game, sales))


def _gained(game: Cleared, sales: Sales) -> Array:
    """(S,) M ln (M / S_0), with all its digits also where next to nobody is served."""
    total, unserved = game.customers[0], sales.unserved[0]
    few = np.minimum(sales.sold.sum(axis=0) / total, 0.5)
    return np.asarray(total * np.where(few < 0.5, -np.log1p(-few), np.log(total / unserved)))


def held(game: Markov, build: Array, customers: bool) -> Choice:
    """What is best where the shares are given, and only sales are chosen."""
    return best(replace(game, lower=build, upper=build), np.zeros_like(build), 0.0, customers)

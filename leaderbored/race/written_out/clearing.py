"""A market that clears, written out: worths, who sells what, and what another sale would bring.

Nothing here is in closed form: what a lab would like to sell, and how many customers go without,
are found by halving.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leaderbored.race.market import ClearingMarket

Array = NDArray[np.float64]

HALVINGS = 120  # of a range of logarithms, until doubles next to each other are left
RANGE = 800.0  # of the logarithm of a double
ROUNDING = 1e-14  # of worths and of all customers
LEFT = 2.0**-53  # of compute, which a share of one may leave unbuilt by rounding
STEPS = 90  # of golden section
GOLDEN = (5**0.5 - 1) / 2


def worths(market: ClearingMarket, behind: Array, brand: Array) -> Array:
    """(N, S) worth of what each lab (N,) sells, where labs are (N, S) rungs behind.

    Examples
    --------
    >>> market = ClearingMarket(1.2, switching=0.5, openness=0.4)
    >>> worths(market, np.array([[0.0], [3.0]]), np.ones(2)).round(9).tolist()
    [[2.9], [1.4]]
    """
    second = np.sort(behind, axis=0)[1]
    outside = market.openness * second - second  # of the outside option, in rungs
    return np.asarray(market.worth + np.log(brand)[:, None] - market.switching * (behind + outside))


def wanted(market: ClearingMarket, worth: Array) -> Array:
    """(N, S) logarithm of sales over the unserved at which one more would bring nothing."""
    worth, place = np.unique(worth, return_inverse=True)  # there are few different ones
    low, high = np.full_like(worth, -RANGE), np.full_like(worth, RANGE)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        with np.errstate(over="ignore"):
            price = worth - middle
            lost = 0.0 if market.conduct == "price-taking" else 1 + np.exp(middle)
        more = price > lost
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.asarray(low[place])


def sold(market: ClearingMarket, worth: Array, units: Array, customers: float) -> Array:
    """(N + 1, S) units that each lab sells of those (N, S) it has, and customers unserved.

    Examples
    --------
    >>> market = ClearingMarket(2.0)
    >>> sold(market, np.array([[2.0], [2.0]]), np.ones((2, 1)), 4.0).round(6).tolist()
    [[1.0], [1.0], [2.0]]
    """
    most, room = wanted(market, worth), np.log(np.maximum(units, 1e-300))
    low = np.full(worth.shape[1], np.log(customers) - RANGE)
    high = np.full(worth.shape[1], np.log(customers))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if ((middle == low) | (middle == high)).all():
            break
        sales = np.exp(np.minimum(room, most + middle))
        much = np.exp(middle) + sales.sum(axis=0) > customers
        low, high = np.where(much, low, middle), np.where(much, middle, high)
    sales = np.minimum(units, np.exp(most + high))
    return np.asarray(np.vstack([sales, np.exp(high)]))


def prices(market: ClearingMarket, worth: Array, sold: Array, owned: Array) -> Array:
    """(N, S) prices at which sales (N + 1, S), those unserved last, find customers.

    Those within rounding of zero are zero. Who sells nothing could have a price without bound for
    the first unit; it faces that for what a share of one may leave by rounding.

    Examples
    --------
    >>> market = ClearingMarket(2.0, conduct="price-taking")
    >>> sold = np.array([[0.0], [1.0], [3.0]])
    >>> prices(market, np.array([[2.0], [2.0]]), sold, np.ones((2, 1))).round(1).tolist()
    [[39.8], [3.1]]
    """
    nothing = sold[:-1] <= ROUNDING * owned
    sales = np.maximum(sold[:-1], LEFT * owned)
    taste = worth - np.log(sales) + np.log(sold[-1])
    parts = sold.sum(axis=0) / sold[-1] + owned / sales  # of which sales are what is left
    low = np.where(nothing, 0.0, ROUNDING * (1 + np.abs(worth) + parts))
    taste = np.where(nothing, np.maximum(taste, 0.0), taste)
    return np.where(np.abs(taste) > low, market.price * taste, 0.0)


def revenue(market: ClearingMarket, worth: Array, units: Array, left: Array) -> Array:
    """(..., S) what selling some units brings at worths (S,) to customers (S,) left by others."""
    with np.errstate(divide="ignore", invalid="ignore"):
        price = market.price * (worth - np.log(units) + np.log(left - units))
    return np.where(units > 0, price * units, 0.0)


def dearest(worth: Array, left: Array) -> Array:
    """(N, S) units that bring the most, by golden section in their log odds."""
    worth, place = np.unique(worth, return_inverse=True)
    low, high = -np.abs(worth) - 10.0, np.abs(worth) + 10.0

    def brings(odds: Array) -> Array:
        part = 1 / (1 + np.exp(-odds))
        return np.asarray(part * (worth - odds))

    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    for _ in range(STEPS):
        better = brings(b) > brings(a)
        low, high = np.where(better, a, low), np.where(better, high, b)
        a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    return np.asarray(left / (1 + np.exp(-(low + high) / 2)[place]))

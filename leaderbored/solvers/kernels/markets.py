r"""Markets that clear, of any number of sellers each: what they sell and what builds, one by one.

The stage is that of :mod:`leaderbored.solvers.markov.selling`, which is the twin and says why; a
seller's part of it is that of :mod:`leaderbored.solvers.kernels.selling`. A market is solved where
its few numbers are at hand, and ends when it is done, so that many of them take a tenth of the time
that they take together, step by step.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.kernels.clearing import wanted
from leaderbored.solvers.kernels.jit import compiled, is_kept, ready
from leaderbored.solvers.kernels.rows import QUANTITY, TAKING
from leaderbored.solvers.kernels.selling import FAR, FINE, ROUNDS, SAME, ease, sell
from leaderbored.solvers.kernels.tables import HERE, MET, OWN, Tables

Array = Any
PART = 50_000  # markets that are solved between two looks at the budget
LEAST = 1e-290  # sales over the unserved whose logarithm has all digits


class Sellers(NamedTuple):
    """What sellers bring to their markets; (E,) arrays, one entry for each seller of each."""

    price: Array
    worth: Array
    most: Array
    capacity: Array
    lower: Array
    upper: Array
    customers: Array
    alike: Array
    push: Array
    sold: Array
    unserved: Array


class Met(NamedTuple):
    """What they sell, and build; (E,) arrays, as of :class:`.markov.selling.Root`."""

    build: Array
    sold: Array
    unserved: Array
    margin: Array
    follows: Array
    free: Array


def meet_each(
    sellers: Sellers, first: Array, count: Array, stride: int, returns: float, taking: bool
) -> Met:
    """Solve markets one after the other.

    Parameters
    ----------
    sellers : Sellers
        With how many are alike, what building with all is worth, and a guess of sales and of the
        customers unserved.
    first, count : (M,) int arrays
        The first entry of each market, and how many it has.
    stride : int
        From one entry of a market to the next.
    returns : float
        theta.
    taking : bool
        Whether prices are taken as given.

    Examples
    --------
    >>> one = np.ones(1)
    >>> alone = Sellers(one, 2 * one, one, one, 0 * one, one, 3 * one, one, 0 * one, one, one)
    >>> met = meet_each(alone, np.array([0]), np.array([1]), 1, 0.5, False)  # no use
    >>> met.sold.tolist(), met.unserved.tolist(), met.margin.round(4).tolist()
    ([1.0], [2.0], [1.1931])
    """
    sellers = Sellers(*(np.require(each, float, ("C", "W")) for each in sellers))  # one type
    found, market = _room(len(sellers.push)), _empty(int(count.max(initial=0)))
    for start in range(0, len(first), PART):
        checkpoint()
        some = slice(start, start + PART)
        _kernel()(sellers, found, market, first[some], count[some], stride, returns, taking)
    return found


def is_ready() -> bool:
    """Whether the kernel's machine code is kept, so that nothing is to be waited for."""
    return is_kept(_markets)


@cache
def _kernel() -> Any:
    none, nowhere = np.empty(0), np.empty(0, dtype=np.int64)
    sellers = Sellers(*[none] * len(Sellers._fields))
    return ready(_markets, sellers, _room(0), _empty(0), nowhere, nowhere, 1, 0.5, True)


def _room(size: int) -> Met:
    build, sold, unserved, margin, follows = np.empty((5, size))
    return Met(build, sold, unserved, margin, follows, np.empty(size, dtype=np.bool_))


def _empty(most: int) -> tuple[Array, Array, Array]:
    """Room for the numbers of a market of at most so many sellers; see :class:`.tables.Tables`."""
    return np.empty(most, dtype=OWN), np.empty((most, 1), dtype=HERE), np.empty((most, 1), MET)


def _markets(
    sellers: Sellers,
    found: Met,
    market: tuple[Array, Array, Array],
    first: Array,
    count: Array,
    stride: int,
    returns: float,
    taking: bool,
) -> None:
    """Solve every market; what is found is left in ``found``."""
    lab, at, met = market
    conduct = TAKING if taking else QUANTITY
    game = Tables(0, 0.0, returns, 0.0, conduct, lab, at, met)
    for k in range(len(first)):
        _fill(game, sellers, first[k], count[k], stride)
        _market(game, sellers, first[k], count[k], stride)
        for i in range(count[k]):
            e, done = first[k] + i * stride, met[i, 0]
            found.build[e], found.sold[e], found.unserved[e] = done.build, done.sold, done.unserved
            found.margin[e], found.follows[e], found.free[e] = done.margin, done.follows, done.free


@compiled
def _fill(game: Tables, sellers: Sellers, first: int, count: int, stride: int) -> None:
    """Put the numbers of a market where they are at hand."""
    tilt = _tilt(game)
    for i in range(count):
        e = first + i * stride
        own, here, met = game.lab[i], game.at[i, 0], game.met[i, 0]
        own.compute, own.lower, own.upper = sellers.capacity[e], sellers.lower[e], sellers.upper[e]
        here.price, here.worth, here.most = sellers.price[e], sellers.worth[e], sellers.most[e]
        here.demand = sellers.customers[first]
        here.wanted = np.log(here.most) if here.most > LEAST else wanted(here.worth, tilt)
        met.unserved, met.follows = sellers.unserved[e], 0.0
        met.log = np.log(sellers.sold[e] / sellers.unserved[e]) if sellers.sold[e] > 0 else np.inf


@compiled
def _market(game: Tables, sellers: Sellers, first: int, count: int, stride: int) -> None:
    """Solve one market, by Newton's method on the customers unserved within a bracket."""
    customers, most, room, part = game.at[0, 0].demand, 0.0, 0.0, 0.0
    for i in range(count):
        alike = sellers.alike[first + i * stride]
        most += alike * game.at[i, 0].most
        if game.at[i, 0].price > 0:
            room += alike * (1 - game.lab[i].lower) * game.lab[i].compute
    least = max(customers - room, customers / (1 + most))
    left = min(max(game.met[0, 0].unserved, least), customers)
    low, high, within = 0.9 * least, 1.1 * customers, FAR
    for _ in range(ROUNDS):
        off, excess, slope = 0.0, left - customers, left
        for i in range(count):
            e, met = first + i * stride, game.met[i, 0]
            off = max(off, _sold(game, i, sellers.push[e], left, within))
            excess += sellers.alike[e] * met.sold
            slope += sellers.alike[e] * met.sold * met.follows
        sure = off * customers if off > FINE else 0.0  # errors are of the order of its square
        if excess < -sure:
            low = left
        if excess > sure:
            high = left
        part = excess / slope
        if off <= FINE and (abs(part) <= FINE or high - low <= SAME * high):
            break
        within, ahead = max(within * within, FINE), left * (1 - part)
        left = ahead if low < ahead < high else (low + high) / 2
    for i in range(count):
        ease(game.at[i, 0], game.lab[i], game.met[i, 0], game.returns, _tilt(game), -part)


@compiled
def _tilt(game: Tables) -> float:
    return 1.0 if game.conduct == QUANTITY else 0.0


@compiled
def _sold(game: Tables, i: int, push: float, left: float, within: float) -> float:
    """What one sells and builds with; who does not sell builds with all, or the least."""
    here, own, met = game.at[i, 0], game.lab[i], game.met[i, 0]
    if here.price > 0:
        return sell(here, own, met, game.returns, _tilt(game), push, left, within)
    met.build, met.free = own.upper if push > 0 else own.lower, False
    met.sold, met.margin, met.follows, met.unserved = 0.0, 0.0, 1.0, left
    return 0.0

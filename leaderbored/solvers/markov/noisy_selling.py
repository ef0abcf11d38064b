r"""Noisy replies on a market that clears: the logit rule of :mod:`.logit` where players meet.

Sales are what is best at the shares, which alone are noisy. At a given number of customers
unserved, :math:`S_0`, a player's effort e is where

.. math:: scale\, \Delta - \frac{m\, K}{\theta}\, b^{1 - \theta}
          = \frac{\tau}{w} \ln \frac{y}{1 - y} ,

with m the worth of one more unit sold, which is zero where some would be idle. As b rises both m
and :math:`b^{1 - \theta}` rise, so that there is one such effort; as :math:`S_0` rises m rises, b
falls and sales rise, so that there is one :math:`S_0` at which :math:`S_0 + \sum_i S_i = M`. The
stage has this one equilibrium at any noise, as it has without; both roots are found by Newton's
method within brackets, in all states at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.stage import Pieces, Together

FARTHEST = 700.0  # log odds at which a share is at its bound to all digits
LONGEST = 20.0  # step of log odds
ROUNDS = 100  # of Newton's method, and halvings
ROUNDING = 1e-15  # relative size of a miss, or of customers too many or too few
SAME = 1e-13  # last step, of log odds and relative of the unserved


class _Market(NamedTuple):
    """One number of customers unserved: replies to it, and how they move; (N, S) arrays."""

    odds: Array
    build: Array
    sold: Array
    stiff: Array  # by which a unit of effort more lowers what the next one brings
    pulls: Array  # by which a customer more unserved lowers it
    releases: Array  # compute that a unit of effort more takes from sales
    slack: Array  # what is sold more with each customer unserved, where some is idle


def noisy_sales(game: Cleared, stakes: Array, noise: float) -> Pieces:
    """The equilibrium of every state's game with noisy shares, with all slopes.

    Parameters
    ----------
    game : Cleared
    stakes : (N, S) array
    noise : float
        tau > 0, money/year.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.5),
    ...                lb.Technology(1), discount=0.2, rungs=1).markov()
    >>> stakes = np.full((2, 3), 0.5)
    >>> noisy_sales(game, stakes, 1e9).build[0].round(4).tolist()  # the middle effort, 1/2
    [0.25, 0.0, 0.25]
    >>> from leaderbored.solvers.markov.selling import Selling
    >>> best = Selling(game).reply(stakes)
    >>> bool(abs(noisy_sales(game, stakes, 1e-6).build - best).max() < 1e-4)
    True
    """
    with np.errstate(all="ignore"):
        unserved, found = _cleared(game, stakes, noise)
        return _pieces(game, stakes, noise, unserved, found)


def _cleared(game: Cleared, stakes: Array, noise: float) -> tuple[Array, _Market]:
    """Customers unserved, and what all do."""
    customers = game.customers
    room = np.where(game.price > 0, (1 - game.lower) * game.capacity, 0.0)
    low = np.maximum(customers - game.total(room), customers / (1 + game.total(game.most)))
    high = customers + np.zeros_like(low)
    unserved, found = np.array((low + high) / 2), _reply(game, stakes, noise, (low + high) / 2)
    for _ in range(ROUNDS):
        checkpoint()
        excess = unserved + game.total(found.sold) - customers
        low, high = np.where(excess < 0, unserved, low), np.where(excess > 0, unserved, high)
        ahead = unserved - excess / (1 + game.total(_rises(found)))
        close = np.abs(ahead - unserved) <= SAME * unserved
        close |= (np.abs(excess) <= ROUNDING * customers) | (high - low <= SAME * unserved)
        inside = close | ((ahead > low) & (ahead < high))
        ahead = np.where(inside, ahead, (low + high) / 2)
        unserved = ahead
        found = _reply(game, stakes, noise, unserved, found.odds)
        if close.all():
            break
    return unserved, found


def _rises(found: _Market) -> Array:
    """By how much sales rise with the customers unserved."""
    return np.asarray(found.slack + found.releases * found.pulls / found.stiff)


def _reply(
    game: Cleared, stakes: Array, noise: float, unserved: Array, odds: Array | None = None
) -> _Market:
    """What all do while so many are unserved, from log odds that are a guess."""
    low, high = np.full(stakes.shape, -FARTHEST), np.full(stakes.shape, FARTHEST)
    odds = np.zeros(stakes.shape) if odds is None else odds
    width = _width(game)
    for _ in range(ROUNDS):
        found = _at(game, noise, unserved, odds)
        cost = _cost(game, unserved, found)
        miss = width * (game.scale * stakes - cost) - noise * odds
        low, high = np.where(miss > 0, odds, low), np.where(miss < 0, odds, high)
        spread = _spread(game, found.build)
        step = miss / (width**2 * spread * found.stiff)  # of the log odds: effort / spread
        step = np.clip(np.where(np.isfinite(found.stiff), step, np.nan), -LONGEST, LONGEST)
        close = np.abs(step) <= SAME * np.maximum(np.abs(odds), 1.0)
        size = width * (np.abs(game.scale * stakes) + cost) + noise * np.abs(odds)
        close |= (np.abs(miss) <= ROUNDING * size) & np.isfinite(size)
        ahead = odds + np.where(close, 0.0, step)
        inside = close | ((ahead > low) & (ahead < high))
        ahead = np.where(inside, ahead, (low + high) / 2)
        odds = ahead
        if (close | (high - low <= SAME) | ~game.movable).all():
            break
    return _at(game, noise, unserved, odds)


def _width(game: Cleared) -> Array:
    return np.where(game.movable, game.effort(game.upper) - game.effort(game.lower), 1.0)


def _spread(game: Cleared, build: Array) -> Array:
    """Y (1 - y), which is never quite zero."""
    width, effort = _width(game), game.effort(build)
    below = np.clip((effort - game.effort(game.lower)) / width, 1e-300, 1)
    above = np.clip((game.effort(game.upper) - effort) / width, 1e-300, 1)
    return np.asarray(below * above)


def _at(game: Cleared, noise: float, unserved: Array, odds: Array) -> _Market:
    """Shares of these log odds, and how what they bring moves."""
    theta = game.returns
    bottom, top = game.effort(game.lower), game.effort(game.upper)
    effort = np.clip(bottom + _width(game) / (1 + np.exp(-odds)), bottom, top)
    build = np.where(game.movable, game.share(effort), game.lower)
    room = np.where(game.price > 0, (1 - build) * game.capacity, 0.0)
    slack = game.most * unserved <= room
    sold = np.where(slack, game.most * unserved, room)
    ratio = sold / unserved
    margin = np.where(slack, 0.0, game.margin(ratio))
    flat = game.price * (1.0 if game.taking else 1 + ratio)  # of m in ln y
    takes = game.capacity * build ** (1 - theta) / theta  # compute that a unit of effort takes
    curve = margin * game.capacity * (1 / theta - 1) / theta * build ** (1 - 2 * theta)
    bend = np.where(slack, 0.0, takes**2 * flat / sold + (curve if theta < 1 else 0.0))
    stiff = bend + noise / (_width(game) ** 2 * _spread(game, build))
    return _Market(
        odds,
        build,
        sold,
        stiff,
        np.where(slack, 0.0, takes * flat / unserved),
        np.where(slack, 0.0, takes) * game.movable,
        np.where(slack, game.most, 0.0),
    )


def _cost(game: Cleared, unserved: Array, found: _Market) -> Array:
    """Revenue forgone by a unit of effort more."""
    margin = np.where(found.releases > 0, game.margin(found.sold / unserved), 0.0)
    return np.asarray(margin * found.releases)


def _pieces(game: Cleared, stakes: Array, noise: float, unserved: Array, found: _Market) -> Pieces:
    """The equilibrium with its slopes: those of a diagonal and a rank-one matrix."""
    players, still = len(game.players), ~game.movable
    own = np.where(still, 0.0, game.scale / found.stiff)  # effort in the stake, at given S_0
    eases = np.where(still, 0.0, -found.pulls / found.stiff)  # effort in S_0
    pull, rises = -found.releases * own, np.where(still, found.slack, _rises(found))
    one = np.eye(players)[:, :, None]
    both = one if game.apart else np.ones((players, players, 1))
    crowd = -(pull / (1 + game.total(rises)))[None] * both  # S_0 in the stake of each
    effort = one * own[None] + eases[:, None] * crowd
    sold = one * pull[None] + rises[:, None] * crowd
    ratio = found.sold / unserved
    price = game.price * np.where(found.sold > 0, game.worth - np.log(ratio), 0.0)
    earned = np.where(found.sold > 0, price * found.sold, 0.0)
    spill = (price - game.price)[:, None] * sold + (game.price * ratio)[:, None] * crowd
    cross = game.scale[:, None] * effort
    level, zero = np.zeros(stakes.shape, dtype=bool), np.zeros_like(stakes)
    slope = np.maximum(np.einsum("iis->is", cross), 0.0)
    return Pieces(found.build, slope, level, zero, together=Together(earned, cross, spill, 1))

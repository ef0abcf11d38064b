r"""The stage of :class:`leaderbored.games.cleared.Cleared`: all players of a state on one market.

With stakes :math:`x_i > 0` nothing is idle, and compute goes where its last unit is worth the most:

.. math:: m_i = c_i\, b_i^{\theta - 1}, \qquad c_i = \theta\, scale_i\, x_i / K_i .

At the worth m of a unit, what is sold, :math:`S_i = S_0\, Y(x_i - m / \mu)`, and what builds,
:math:`b_i = (c_i / m)^{1 / (1 - \theta)}`, are explicit and fall in m. So given the customers
unserved, :math:`S_0`, there is one m at which they use up the compute, within factors of two of
what either would bear alone; and as sales rise in :math:`S_0`, there is one :math:`S_0` at which
:math:`S_0 + \sum_i S_i = M`. Both are found by Newton's method within brackets, to all digits of
shares and sales however small, in all states at once. Whoever has no use for a success builds the
least and sells up to where one more unit is worth nothing.

The stage has this one equilibrium, and its slopes are those of a diagonal and a rank-one matrix:
stakes move sales at a given :math:`S_0`, these move :math:`S_0`, and that moves all sales.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.cleared import Cleared, Sales
from leaderbored.games.markov import Array
from leaderbored.games.omega import omega
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.noisy_selling import noisy_sales
from leaderbored.solvers.markov.reply import Plain
from leaderbored.solvers.markov.stage import ZERO, Pieces, Stage, Together

ROUNDS = 100  # of Newton's method, and halvings
ROUGH, COARSE, FINE = 2, 1e-3, 1e-9  # rounds in which worths are found roughly, and how finely
LAST = 1e-13  # relative size of what is left, after which one step is the last
SAME = 1e-15  # relative size of a last step, or of what is left
MANY = 8_000  # entries of tables from which on kernels meet, market by market


@dataclass(frozen=True, eq=False)
class Selling:
    """See :class:`.stage.Stage`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.5),
    ...                lb.Technology(1), discount=0.2, rungs=1)
    >>> stage = Selling(race.markov())
    >>> stage.reply(np.full((2, 3), 0.5))[0].round(4).tolist()  # tied, ahead, behind
    [0.1319, 0.0, 0.1648]
    """

    game: Cleared
    rented: ClassVar[bool] = False
    steepens: ClassVar[bool] = False
    obstacle: ClassVar[str] = ""

    def enclosed(self, pieces: Pieces) -> Any:
        """See :class:`.selling_enclosure.SellingReplies`."""
        from leaderbored.solvers.markov.selling_enclosure import SellingReplies  # for proofs alone

        return SellingReplies(self.game, pieces, self._sales)

    def _sales(self, stakes: Array, near: Sales | None) -> Sales:
        return meet(self.game, self._push(stakes), near).sales

    def at(self, build: Array) -> Stage:
        """The stage of each player alone, on the market that the others' sales leave it."""
        if self.game.apart:
            return self
        alone = self.game.alone(build)
        return Selling(alone) if isinstance(alone, Cleared) else Plain(alone)

    def reply(self, stakes: Array, scale: float | Array = 0.0, near: Array | None = None) -> Array:
        """The one equilibrium; who is indifferent builds with what would be idle."""
        stakes, guess = self._clear(stakes, scale), None
        if near is not None:
            guess = self.game.sales(np.clip(near, self.game.lower, self.game.upper))
        root = meet(self.game, self._push(stakes), guess)
        spare = np.maximum(root.build, self._idle(root))
        return np.where((stakes == 0) & self.game.movable, spare, root.build)

    def pieces(
        self,
        stakes: Array,
        build: Array,
        scale: float | Array,
        weight: float | Array = 1.0,
        steep: bool = False,
    ) -> Pieces:
        """The equilibrium, and all slopes; idle compute may be on a level, and sells as it does."""
        stakes = self._clear(stakes, scale)
        near = self.game.sales(np.clip(build, self.game.lower, self.game.upper))
        root = meet(self.game, self._push(stakes), near)
        level, spare = self._level(stakes, build, scale, weight, root)
        if (level & (stakes > 0)).any():
            root = meet(self.game, self._push(np.where(level, 0.0, stakes)), root.sales)
        idle = self._idle(root)
        share = np.where(spare & ~level, np.maximum(root.build, idle), root.build)
        share = np.where(level, np.clip(build, self.game.lower, idle), share)
        together = self._slopes(stakes, share, root)
        slope = np.maximum(self._own(together), 0.0)
        return Pieces(share, slope, level, np.zeros_like(share), together=together)

    def kinks(
        self, stakes: Array, pieces: Pieces, scale: float = 0.0
    ) -> tuple[NDArray[np.bool_], Array]:
        """Stakes of zero where building is never free and replies to them infinitely steep."""
        game = self.game
        zero = (np.abs(stakes) <= ZERO * scale) & game.movable & (pieces.build == 0)
        if not (scale > 0 and game.returns <= 0.5):
            zero = np.zeros_like(zero)
        return zero & ~pieces.level, pieces.slope

    def prolonged(self, pieces: Pieces, here: Stage, stakes: Array) -> Pieces:
        """The equilibrium of this game next to that one."""
        return self.pieces(stakes, pieces.build, 0.0)

    def noisy(self, stakes: Array, noise: float) -> Pieces:
        """See :func:`.noisy_selling.noisy_sales`."""
        return noisy_sales(self.game, stakes, noise)

    def finely(self, build: Array) -> tuple[Array, Array]:
        """Payoffs as they are."""
        return self.game.payoff(build), np.zeros_like(build)

    def _clear(self, stakes: Array, scale: float | Array) -> Array:
        """Stakes without those that are rounding, of values or of prices that are nearly zero."""
        game = self.game
        if game.taking:
            scale = np.maximum(scale, (game.price * game.capacity).max() / game.discount)
        return np.where(np.abs(stakes) > ZERO * scale, stakes, 0.0)

    def _push(self, stakes: Array) -> Array:
        game = self.game
        wanted = np.where(game.movable, np.maximum(stakes, 0.0), 0.0)
        return np.asarray(game.returns * game.scale * wanted / game.capacity)

    def _idle(self, root: Root) -> Array:
        """Largest shares at which as much is sold as if none were sold out."""
        return self.game.unsold(root.sales.unserved)

    def _level(
        self, stakes: Array, build: Array, scale: float | Array, weight: float | Array, root: Root
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Where idle compute is on a level, and where all of it builds.

        It does of those whom no success is ever worth a thing, as they earn nothing anywhere.
        """
        game, idle = self.game, self._idle(root)
        low, middle = game.effort(game.lower), game.effort(idle)
        cost = game.price * game.capacity
        step = weight * (game.effort(game.upper) - low) / np.where(cost > 0, cost, 1.0)
        point = game.effort(build) + step * game.scale * stakes
        alive = self._alive(stakes)
        level = game.movable & alive & (point > low + ZERO) & (point < middle - ZERO)
        return level, game.movable & (middle > low) & ((point >= middle) | ~alive)

    def _alive(self, stakes: Array) -> NDArray[np.bool_]:
        """Whose successes are ever worth a thing; (..., N, 1) or (..., N, S)."""
        return np.asarray((stakes != 0).any(axis=-1, keepdims=True))

    def _slopes(self, stakes: Array, share: Array, root: Root) -> Together:
        """How hazards and payoffs of all move with the stakes of each."""
        game, sales, push = self.game, root.sales, self._pushes(stakes, share, root)
        crowd = push.pull / (1 + game.total(push.ratio * root.follows))
        own = np.arange(len(game.players))
        unserved = -crowd[..., None, :, :]  # of all who meet
        if game.apart:
            unserved = unserved * np.eye(len(own))[:, :, None]
        sold = (push.ratio * root.follows)[..., None, :] * unserved
        sold[..., own, own, :] += push.pull
        cross = push.moved[..., None, :] * sold
        spill = np.multiply(sold, (push.price - game.price)[..., None, :], out=sold)
        spill += (game.price * push.ratio)[..., None, :] * unserved
        return Together(push.price * sales.sold, cross, spill, 1)

    def _own(self, together: Together) -> Array:
        """(N, S) how the hazard of each moves with its own stake."""
        own = np.arange(len(self.game.players))
        return np.asarray(together.cross[..., own, own, :])

    def _pushes(self, stakes: Array, share: Array, root: Root) -> Pushes:
        """What slopes are made of."""
        game, sales = self.game, root.sales
        ratio = sales.sold / sales.unserved
        free = root.free & (stakes > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            price = np.where(sales.sold > 0, game.prices(sales), 0.0)
            flat = np.where(game.price > 0, game.price, 1.0) * (1 if game.taking else 1 + ratio)
            pull = -sales.sold / flat * sales.margin * root.follows / stakes
            steep = game.scale * game.returns * share ** (game.returns - 1)
        moved = np.where(free | self._spare(stakes, share, root), -steep / game.capacity, 0.0)
        return Pushes(price, ratio, np.where(free, pull, 0.0), moved)

    def _spare(self, stakes: Array, share: Array, root: Root) -> NDArray[np.bool_]:
        """Where all that would be idle builds, and as much as that is."""
        game = self.game
        inside = (share > game.lower) & (share < game.upper) & (share == self._idle(root))
        return np.asarray(inside & (stakes <= 0))


class Root(NamedTuple):
    """The equilibrium of every state's game; (..., N, S) arrays.

    Attributes
    ----------
    build : array
        Shares; of who has no use for a success, the least.
    sales : Sales
    follows : array
        By how much sales over the unserved, y, times this, sales move with the unserved.
    free : bool array
        Where a stake moves the share.
    """

    build: Array
    sales: Sales
    follows: Array
    free: NDArray[np.bool_]


class Pushes(NamedTuple):
    """How stakes move sales, and these hazards; (..., N, S) arrays.

    Attributes
    ----------
    price, ratio : array
        Prices, and sales over the unserved.
    pull : array
        How sales move with their seller's stake, the unserved held.
    moved : array
        How hazards move with sales.
    """

    price: Array
    ratio: Array
    pull: Array
    moved: Array


class _Try(NamedTuple):
    """Customers unserved, a guess of the worths of units, where to look, and how finely."""

    unserved: Array
    margin: Array
    going: NDArray[np.bool_]
    tolerance: float


def meet(game: Cleared, push: Array, near: Sales | None = None) -> Root:
    """The equilibrium of every state's game at the worths ``push``, c, of building with all.

    Parameters
    ----------
    game : Cleared
    push : (..., N, S) array
        theta scale stake / K; 0 for those who have no use for a success.
    near : Sales, optional
        A guess.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.5),
    ...                lb.Technology(1), discount=0.2, rungs=1)
    >>> root = meet(race.markov(), np.full((2, 3), 0.5))
    >>> round(float(root.sales.unserved[0, 0] + root.sales.sold[:, 0].sum()), 12)
    3.0
    >>> root.build[:, 0].round(4).tolist()
    [0.2192, 0.2192]
    """
    if game.scale.size <= MANY or push.ndim > 2:
        return _met(game, push, near)
    from leaderbored.solvers.kernels.markets import Sellers, meet_each  # brings numba

    near, shape = near or game.sales(game.lower), push.shape
    names = ("price", "worth", "most", "capacity", "lower", "upper")
    places = game.markets
    given = (*(getattr(game, name) for name in names), game.customers, places.alike, push)
    guess = (near.sold, near.unserved)
    sellers = Sellers(*(np.broadcast_to(each, shape).ravel() for each in (*given, *guess)))
    found = meet_each(sellers, *places[:3], float(game.returns), game.taking)
    build, sold, unserved, margin, follows, free = (each.reshape(shape) for each in found)
    return Root(build, Sales(sold, unserved if game.apart else unserved[:1], margin), follows, free)


def _met(game: Cleared, push: Array, near: Sales | None) -> Root:
    """The same of states that are few."""
    customers = game.customers
    room = np.where(game.price > 0, (1 - game.lower) * game.capacity, 0.0)
    least = np.maximum(customers - game.total(room), customers / (1 + game.total(game.most)))
    unserved, margin = least + np.zeros_like(game.total(push)), push
    low, high = 0.9 * unserved, 1.1 * customers + np.zeros_like(unserved)
    if near is not None:
        unserved, margin = np.clip(near.unserved, unserved, customers), near.margin
    done, last = np.zeros((2, *unserved.shape), dtype=bool)
    for k in range(ROUNDS):
        checkpoint()
        roughly = k < ROUGH
        tried = _Try(unserved, margin, ~done, COARSE if roughly else FINE)
        root = _sold(game, push, tried)
        ratio = root.sales.sold / unserved
        excess = unserved + game.total(root.sales.sold) - customers
        slope = 1 + game.total(ratio * root.follows)
        sure = COARSE * customers if roughly else 0.0
        low, high = np.where(excess < -sure, unserved, low), np.where(excess > sure, unserved, high)
        ahead = unserved - excess / slope
        within = (ahead > low) & (ahead < high)
        if not roughly:
            done |= last | (np.abs(ahead - unserved) <= SAME * unserved)
            done |= (np.abs(excess) <= SAME * customers) | (high - low <= SAME * high)
            if done.all():
                break
            last = np.abs(excess) <= LAST * customers
        ahead = np.where(done, unserved, np.where(within, ahead, (low + high) / 2))
        flat = game.price * (1.0 if game.taking else 1 + ratio)
        margin = root.sales.margin + (1 - root.follows) * flat * (ahead / unserved - 1)
        unserved = ahead
    return root


def _sold(game: Cleared, push: Array, tried: _Try) -> Root:
    """What is sold and built with while so many customers are unserved."""
    pushed, sells_at, unserved = push > 0, game.price > 0, tried.unserved
    margin = _worth(game, push, tried)
    price = np.where(sells_at, game.price, 1.0)
    ratio = np.where(sells_at, _ratio(game.taking, game.worth, price, margin), 0.0)
    sold = unserved * ratio
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if game.returns == 1:
            build = 1 - sold / game.capacity
            follows = np.ones_like(build)
        else:
            build = (push / margin) ** (1 / (1 - game.returns))
            sells = sold / (price * (1.0 if game.taking else 1 + ratio))
            builds = game.capacity * build / ((1 - game.returns) * margin)
            follows = builds / (sells + builds)
        free = pushed & (build > game.lower) & (build < game.upper)
        build = np.where(pushed, np.clip(build, game.lower, game.upper), game.lower)
        room = np.where(game.price > 0, (1 - build) * game.capacity, 0.0)
        slack = game.most * unserved <= room
        corner = np.where(slack, game.most * unserved, room)
        pinched = game.margin(np.where(slack, 1.0, room / unserved))
        pinched = np.where(slack, 0.0, game.clear(pinched, room, unserved))
    sold = np.where(free, sold, corner)
    margin = np.where(free | (room == 0), margin, pinched)  # who sells nothing has no other
    follows = np.where(free, follows, slack)
    return Root(build, Sales(sold, unserved, margin), follows, free)


def _ratio(taking: bool, worth: Array, price: Array, margin: Array) -> Array:
    """Sales over the unserved at which one more unit is worth ``margin``."""
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        taste = worth - margin / price
        return np.asarray(np.exp(taste) if taking else omega(taste - 1))


def _worth(game: Cleared, push: Array, tried: _Try) -> Array:
    """The m at which sales and shares use up the compute, bounds aside, where there is a push.

    Up to a step of Newton's method after one of a relative size of the tolerance.
    """
    if game.returns == 1:
        return push
    where = tried.going & (push > 0)
    found = np.array(np.broadcast_to(tried.margin, push.shape))
    c, m, worth, price, full = (
        np.broadcast_to(table, push.shape)[where]
        for table in (push, found, game.worth, game.price, game.capacity / tried.unserved)
    )
    power, tilt = 1 / (1 - game.returns), 0.0 if game.taking else 1.0

    def alone(ratio: Array) -> Array:
        return np.asarray(price * (worth - np.log(ratio) - tilt * (1 + ratio)))

    low = np.maximum(alone(full), c)
    high = np.maximum(alone(full / 2), c * 2.0 ** (1 / power))
    m = np.clip(m, low, high)
    for _ in range(ROUNDS):
        ratio = _ratio(game.taking, worth, price, m)
        sold, build = ratio / full, (c / m) ** power
        used = sold + build
        slope = sold / (price * (1 + tilt * ratio)) + power * build / m
        over = used > 1
        low, high = np.where(over, m, low), np.where(over, high, m)
        ahead = m + used * np.log(used) / slope
        close = np.abs(ahead - m) <= tried.tolerance * m
        still = close | (np.abs(used - 1) <= SAME) | (high - low <= SAME * high)
        inside = close | ((ahead > low) & (ahead < high))
        m = np.where(inside, ahead, np.where(still, m, (low + high) / 2))
        if still.all():
            break
    found[where] = m
    return found

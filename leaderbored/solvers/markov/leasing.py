r"""The market for compute: a rent that clears in every state.

Given the stakes, labs' replies to any rent are known, and so is the rent that clears the market
(bisection: excess supply rises with the rent). So play and rents follow values, and the race is
solved as :mod:`leaderbored.solvers.markov.clearing` says.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.markov.meeting import Meeting
from leaderbored.solvers.markov.stage import ZERO, Pieces, Stage
from leaderbored.solvers.numerics.bracket import Mask, bisect

RENT_HALVINGS = 60  # of the interval of rents
LEAST_LOG_RENT = -700.0  # logarithm of a rent next to nothing


class Leasing(Meeting):
    """A race's game with the market for compute, as labs that take rents as given see it.

    Play is shares and a rent in every state; see :class:`.rounds.Rounds`.

    Parameters
    ----------
    game : Markov
    friction : float
        tau, what a tenant pays on top; money per unit of compute and year.
    """

    rented: ClassVar[bool] = True
    steepens: ClassVar[bool] = False

    def __init__(self, game: Markov, friction: float) -> None:
        self.game, self.friction = game, friction
        labs = game.states.shape[1]
        open_ = np.zeros(game.scale.shape, dtype=bool)
        open_[:labs] = (game.states >= 0).all(axis=1)
        self.units = np.where(open_, game.capacity, 0.0)  # that can change hands
        self.customers = np.where(open_, game.demand, 0.0)

    def worth(self, rent: Array) -> Array:
        """(N, S) value of a unit of own compute while there are customers."""
        price = self.game.price
        seller = np.minimum(np.maximum(price, rent), rent + self.friction)
        return np.where(self.units > 0, seller, price)

    def at(self, build: Array) -> Stage:
        """Rents are not known from shares.

        Raises
        ------
        ValueError
        """
        raise ValueError("shares do not say what compute is rented for")

    def noisy(self, stakes: Array, noise: float) -> Pieces:
        """Not known."""
        raise NotImplementedError("noisy replies on a market for compute")

    def earned(self, build: Array, price: Array) -> Array:
        """(N, S) flow payoffs at a rent in each state; money/year."""
        game, rent = self.game, np.where(self.units > 0, price, 0.0)
        sell = (1 - build) * game.capacity
        margin = np.where(self.units > 0, np.maximum(game.price - rent - self.friction, 0), 0)
        served = np.minimum(sell, game.demand)
        return np.asarray(
            margin * self.customers + rent * sell + (self.worth(rent) - rent) * served
        )

    def alone(self, stakes: Array, build: Array, price: Array, scale: float) -> Array:
        """(N, S) best replies at a rent in each state."""
        game, gain = self.game, stakes
        rent = np.where(self.units > 0, price, 0.0)
        worth = self.worth(rent)
        power = 1 / (1 - game.returns)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            push = game.returns * game.scale * np.maximum(gain, 0) / game.capacity
            idle = np.where(rent > 0, (push / rent) ** power, np.inf)
            busy = np.nan_to_num((push / worth) ** power, nan=0.0, posinf=np.inf)
        reply = np.where(idle <= game.idle, idle, np.maximum(busy, game.idle))
        moves = (gain >= -ZERO * scale) & game.movable  # idle compute builds for the least gain
        return np.asarray(np.where(moves, np.clip(reply, game.lower, game.upper), game.lower))

    def sides(self, build: Array, rent: Array) -> tuple[Array, Array]:
        """(N, S) compute that labs offer, and that they want to rent."""
        sell = (1 - build) * self.units
        price, spare = self.game.price, np.maximum(sell - self.customers, 0)
        offered = np.where(price < rent, sell, spare)
        short = np.maximum(self.customers - sell, 0)
        wanted = np.where(price > rent + self.friction, short, 0.0)
        return np.where(self.units > 0, offered, 0.0), np.where(self.units > 0, wanted, 0.0)

    def price(self, stakes: Array, scale: float) -> Array:
        """(S,) rents at which the market clears when labs reply to these stakes."""

        def scarce(rent: Array) -> Mask:
            reply = self.alone(stakes, self.game.lower, rent, scale)
            offered, wanted = self.sides(reply, rent)
            return np.asarray(offered.sum(axis=0) < wanted.sum(axis=0))

        low = np.full(stakes.shape[1], LEAST_LOG_RENT)
        high = np.full(stakes.shape[1], np.log(self.game.price[self.units > 0].max(initial=1e-300)))
        # In logarithms: where a success is worth next to nothing, so is the rent that clears.
        rent = np.exp(bisect(lambda log: scarce(np.exp(log)), low, high, RENT_HALVINGS).x)
        return np.where(scarce(np.zeros_like(rent)), rent, 0.0)

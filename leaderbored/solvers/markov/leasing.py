r"""Races with a market for compute: equilibria with a rent that clears in every state.

Given the gains from success, labs' replies to any rent are known, and so is the rent that clears
the market (bisection: excess supply rises with the rent). Each round values the present shares at
their rents, replies and clears anew, and moves part of the way. The
answer is judged by its regret at fixed rents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import Progress, checkpoint
from leaderbored.solvers.markov.certificate import certificate
from leaderbored.solvers.markov.clearing import BENT
from leaderbored.solvers.markov.stage import ZERO
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import solve_linear
from leaderbored.solvers.solution import Equilibrium, Status

if TYPE_CHECKING:
    from leaderbored.race import Race

ROUNDS = 2_000
SETTLED = 1e-11  # distance of shares from replies
HALVINGS = 60  # of the interval of rents
SLOWEST = 0.02


class Leasing:
    """A race's game with the market for compute, as labs that take rents as given see it."""

    def __init__(self, game: Markov, friction: float) -> None:
        self.game, self.system, self.friction = game, System(game), friction
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

    def payoff(self, build: Array, rent: Array) -> Array:
        """(N, S) flow payoffs at a rent in each state; money/year."""
        game, rent = self.game, np.where(self.units > 0, rent, 0.0)
        sell = (1 - build) * game.capacity
        margin = np.where(self.units > 0, np.maximum(game.price - rent - self.friction, 0), 0)
        served = np.minimum(sell, game.demand)
        return np.asarray(
            margin * self.customers + rent * sell + (self.worth(rent) - rent) * served
        )

    def reply(self, gain: Array, rent: Array, scale: float) -> Array:
        """(N, S) best replies at a rent in each state."""
        game = self.game
        rent = np.where(self.units > 0, rent, 0.0)
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

    def clear(self, gain: Array, scale: float) -> Array:
        """(S,) rents at which the market clears when labs reply to these gains."""
        low = np.zeros(gain.shape[1])
        high = np.full(gain.shape[1], float(self.game.price[self.units > 0].max(initial=0.0)))
        offered, wanted = self.sides(self.reply(gain, low, scale), low)
        free = offered.sum(axis=0) >= wanted.sum(axis=0)
        for _ in range(HALVINGS):
            checkpoint()
            rent = (low + high) / 2
            offered, wanted = self.sides(self.reply(gain, rent, scale), rent)
            plenty = offered.sum(axis=0) >= wanted.sum(axis=0)
            low, high = np.where(plenty, low, rent), np.where(plenty, rent, high)
        return np.asarray(np.where(free, 0.0, (low + high) / 2))

    def evaluate(self, build: Array, rent: Array) -> Array:
        """(N, S) values of shares at fixed rents."""
        matrix = self.system.matrix(self.game.hazard(build))
        direct = len(self.game.players) <= 3 or self.system.size <= 1_000
        return solve_linear(matrix, self.payoff(build, rent).T, direct=direct).T


def lease(
    race: Race, method: Any, start: Array | None, progress: Progress
) -> tuple[list[Equilibrium], Status | None]:
    """Solve a race with a market for compute.

    Parameters
    ----------
    race : Race
        With a lease.
    method : Method
        Of which the tolerance and whether to certify are used.
    start : array, optional
        (N, S) shares.
    progress : callable
        Called with (phase, round, distance).

    Returns
    -------
    equilibria : list of Equilibrium
        One, or none; its game has the tables without the market.
    status : Status or None
        Why there is none.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9),
    ...                lb.Technology(1), discount=0.2, rungs=2,
    ...                mechanisms={"lease": {"friction": 0.1}})
    >>> lb.solve(race).equilibria[0].method
    'leasing: damped replies with clearing rents'
    """
    assert race.mechanisms.lease is not None
    game = race.markov()
    market = Leasing(game, race.mechanisms.lease.friction)
    build = game.idle if start is None else start
    rent, omega, last = np.zeros(len(game.states)), 1.0, np.inf
    for k in range(1, ROUNDS + 1):
        value = market.evaluate(build, rent)
        gain, scale = market.system.gain(value), float(np.abs(value).max())
        cleared = market.clear(gain, scale)
        reply = market.reply(gain, cleared, scale)
        moved = max(float(np.abs(reply - build).max()), float(np.abs(cleared - rent).max()))
        progress("leasing", k, moved)
        if moved <= SETTLED:
            break
        omega = max(omega / 2, SLOWEST) if moved > last else min(1.0, 1.1 * omega)
        last, build = moved, build + omega * (reply - build)
        rent = rent + omega * (cleared - rent)
    judged = certificate(race, build, rent) if method.certify else None
    gained = float(judged.regret.max()) if judged else float("nan")
    if moved > 1e3 * SETTLED or gained > method.tolerance:
        return [], Status(
            "not converged",
            f"shares and rents still move by {moved:.1e} a round, with a regret of {gained:.0e}",
            "raise mechanisms.lease.friction or discount, or lower technology.returns",
        )
    flow = np.einsum("js,ijs->is", game.hazard(build), market.system.effect(value))
    error = np.abs(game.discount * value - market.payoff(build, rent) - flow).max()
    nan = float("nan")
    return [
        Equilibrium(
            game,
            build,
            value,
            gained,
            float(error) / (game.discount * scale or 1.0),
            nan,
            0,
            "leasing: damped replies with clearing rents",
            k,
            stability_note=BENT,
            mismatch=judged.mismatch(value, gained) if judged else None,
            rent=rent,
        )
    ], None

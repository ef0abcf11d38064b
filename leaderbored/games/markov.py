r"""A finite Markov game in continuous time in which every player owns a hazard.

In state :math:`s` player :math:`i` picks a share :math:`b_i \in [lower_i(s), upper_i(s)]`.
It earns the flow

.. math:: R_i(s, b_i) = price_i(s) \min\{(1 - b_i)\, capacity_i,\; demand_i(s)\}

and succeeds at the hazard

.. math:: h_i(s, b_i) = scale_i(s)\, b_i^{\theta} + base_i(s), \qquad 0 < \theta \le 1 .

A success of :math:`j` moves the state from :math:`s` to a state drawn from row :math:`s`
of :math:`P_j`. With discount rate :math:`\rho`, a Markov-perfect equilibrium is a table of
shares that solves, for every player and state, the Hamilton-Jacobi-Bellman equation

.. math:: \rho V_i = \max_{b_i} R_i(s, b_i) + \sum_j h_j(s, b_j)\, (P_j V_i - V_i)(s).

Where all money grows by the factor :math:`\Gamma` with some successes, values are relative to it,
and :math:`P_j V_i` stands for the average of :math:`\Gamma_j(t)\, V_i(t)` over the law of the next
state t.

Independent jumps keep the sum free of joint events, which is why the game is written in
continuous time (Doraszelski and Judd, Quantitative Economics 3, 2012).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.text import printed

Array = NDArray[np.float64]
States = NDArray[np.int64]

PLANAR = 3  # labs whose leaderboards lie in a plane, at most


@dataclass(frozen=True, eq=False)
class Markov:
    """Arrays of a Markov game with N players and S states.

    Attributes
    ----------
    players : tuple of str
        N names.
    states : (S, D) int array
        The coordinates of each state.
    discount : float
        Discount rate rho, 1/year.
    returns : float
        Exponent theta of the share in the hazard, in (0, 1].
    lower, upper : (N, S) arrays
        Bounds of each player's share.
    scale, base : (N, S) arrays
        Hazard at share one, and hazard that costs nothing; 1/year.
    price, capacity, demand : (N, S) arrays
        Revenue per unit sold, units that a share of one could sell, units that can be sold.
    jump : tuple of N sparse (S, S) arrays
        Row s of ``jump[j]`` is the law of the state after a success of player j in s.
    growth : (N, S) array, optional
        Factor by which all money grows when a success of the player leads to the state; above
        zero, one by default. Values are in the money of the state they are of.
    speed : (L, S) array, optional
        Rate per unit of revenue at which each of the first L players moves the state by the jump
        of the L last players, who have no choice of their own.

    Raises
    ------
    ValueError
        If an array has the wrong shape or a row of a jump is not a probability law.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race(labs=[lb.Lab("A", 1), lb.Lab("B", 1)], market=lb.ScarceMarket(0.6),
    ...                technology=lb.Technology(3), discount=0.1, rungs=2).markov()
    >>> game.states.tolist()
    [[0, 0], [0, 1], [0, 2], [1, 0], [2, 0]]
    """

    players: tuple[str, ...]
    states: States
    discount: float
    returns: float
    lower: Array
    upper: Array
    scale: Array
    base: Array
    price: Array
    capacity: Array
    demand: Array
    jump: tuple[sp.csr_array, ...]
    growth: Array = None  # type: ignore[assignment]  # a table of ones
    speed: Array | None = None
    TABLES: ClassVar[tuple[str, ...]] = (
        "lower",
        "upper",
        "scale",
        "base",
        "price",
        "capacity",
        "demand",
        "growth",
    )
    PLAIN: ClassVar[dict[str, float]] = {"growth": 1.0}  # of which fingerprints say nothing

    def __post_init__(self) -> None:
        for player in self.players:
            printed(player)
        shape = len(self.players), len(self.states)
        if self.growth is None:
            object.__setattr__(self, "growth", np.ones(shape))
        for name in self.TABLES:
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name}: shape {getattr(self, name).shape}, expected {shape}")
        ones = np.ones(shape[1])
        for player, jump in zip(self.players, self.jump, strict=True):
            if jump.shape != (shape[1], shape[1]) or abs(jump @ ones - 1).max() > 1e-12:
                raise ValueError(f"jump of {player}: expected {shape[1]} rows that sum to one")

    def beside(self, *, discount: float = 1.0, scale: float = 1.0) -> Self:
        """The game with its discount rate and the hazards of efforts times factors above zero.

        Nothing is checked again, and what does not hang on these two is shared.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(3), discount=0.1, rungs=1).markov()
        >>> game.beside(scale=2).scale[0].tolist(), game.beside(discount=5).discount
        ([6.0, 6.0, 6.0], 0.5)
        """
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.__dict__.pop("decay", None)
        made.__dict__.update(discount=self.discount * discount, scale=self.scale * scale)
        return made

    def joined(self, player: str, hazard: float, jump: sp.csr_array) -> Self:
        """The game with one more player, without capacity and choice, that succeeds at a hazard.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(3), discount=0.1, rungs=1).markov()
        >>> game.joined("chance", 0.2, sp.eye_array(3, format="csr")).hazard(np.zeros((3, 3)))[2]
        array([0.2, 0.2, 0.2])
        """
        row = {"lower": 0.0, "upper": 0.0, "scale": 0.0, "base": hazard, "price": 0.0}
        tables: dict[str, Any] = {
            name: np.vstack([getattr(self, name), np.full(len(self.states), row.get(name, 1.0))])
            for name in self.TABLES
        }
        players, jumps = (*self.players, player), (*self.jump, jump)
        return replace(self, players=players, jump=jumps, **tables)

    @cached_property
    def idle(self) -> Array:
        """(N, S) largest share that builds without giving up a sale, within the bounds."""
        with np.errstate(over="ignore"):
            unsold = 1 - np.minimum(self.demand / self.capacity, 1)
        idle: Array = np.clip(unsold, self.lower, self.upper)
        return idle

    def spare(self, build: Array) -> Array:
        """(N, S) the same when the others build the shares ``build``, where that matters."""
        return self.idle

    @cached_property
    def knots(self) -> list[Array]:
        """Rising (N, S) shares between which payoffs and hazards are smooth."""
        return [self.lower, self.idle, self.upper]

    @cached_property
    def movable(self) -> NDArray[np.bool_]:
        """(N, S) where the player has a choice and success changes the state."""
        stays = np.array([jump.diagonal() == 1 for jump in self.worth_after])
        movable: NDArray[np.bool_] = (self.scale > 0) & (self.upper > self.lower) & ~stays
        return movable

    @cached_property
    def grows(self) -> bool:
        """Whether some success makes money grow."""
        return bool((self.growth != 1).any())

    @cached_property
    def planar(self) -> bool:
        """Whether states lie in a plane, so that sparse factors fill little.

        Leaderboards of up to three labs do, unless each is a state several times over, as where
        customers notice late or compute accumulates.

        Examples
        --------
        >>> import leaderbored as lb
        >>> labs = [lb.Lab(name, 1) for name in "ABC"]
        >>> race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=1)
        >>> late = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=1,
        ...                mechanisms={"inertia": {"lag": 1}})
        >>> race.markov().planar, late.markov().planar
        (True, False)
        """
        boards = min(len(self.players), self.states.shape[1])
        once = not (self.states[1:] == self.states[0]).all(axis=1).any()
        return self.linear or (boards == PLANAR and once)

    @property
    def linear(self) -> bool:
        """Whether states lie on a line or next to it, as the leaderboards of two labs do."""
        return bool(min(len(self.players), self.states.shape[1]) < PLANAR)

    @cached_property
    def worth_after(self) -> tuple[sp.csr_array, ...]:
        """N sparse (S, S) maps from values to what they are worth after a success of each.

        That is on average over the law of the state then, and in the money of now.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(3), discount=0.1, rungs=1, growth=1.25).markov()
        >>> game.worth_after[0].sum(axis=1).tolist()  # at a tie, ahead, and behind
        [1.25, 1.25, 1.0]
        """
        if not self.grows:
            return self.jump
        return tuple(
            sp.csr_array((law.data * factor[law.indices], law.indices, law.indptr), law.shape)
            for law, factor in zip(self.jump, self.growth, strict=True)
        )

    def rise(self, build: Array) -> Array:
        """(S,) expected growth of money in each state when the players build so; 1/year."""
        factor = np.array([after.sum(axis=1) for after in self.worth_after])
        return np.asarray((self.hazard(build) * (factor - 1)).sum(axis=0))

    @cached_property
    def decay(self) -> float:
        """Discount rate less the fastest that money can grow; above zero all values are finite."""
        return self.discount - float(self.rise(self.upper).max()) if self.grows else self.discount

    def effort(self, build: Array) -> Array:
        """(N, S) efforts e of shares: hazards are scale e + base."""
        effort: Array = build**self.returns
        return effort

    @cached_property
    def efforts(self) -> tuple[Array, Array, Array]:
        """(N, S) efforts of the least share, of idle compute, and of the largest share."""
        return self.effort(self.lower), self.effort(self.idle), self.effort(self.upper)

    def share(self, effort: Array) -> Array:
        """(N, S) shares of efforts, within the bounds."""
        share: Array = np.clip(effort, 0, 1) ** (1 / self.returns)
        return np.clip(share, self.lower, self.upper)

    def hazard(self, build: Array) -> Array:
        """(N, S) hazards, 1/year, when the players build the shares ``build``."""
        hazard: Array = self.scale * self.effort(build) + self.base
        if self.speed is not None:
            count = len(self.speed)
            hazard[..., -count:, :] = self.speed * self.payoff(build)[..., :count, :]
        return hazard

    def owned(self, i: int) -> list[int]:
        """Player i, and the player that stands for what its revenue buys."""
        if self.speed is None or i >= len(self.speed):
            return [i]
        return [i, len(self.players) - len(self.speed) + i]

    def only(self, i: int) -> Self:
        """Player i alone, with what its revenue buys."""
        keep = self.owned(i)
        speed = None if self.speed is None or len(keep) == 1 else self.speed[[i]]
        tables: dict[str, Any] = {name: getattr(self, name)[keep] for name in self.TABLES}
        players, jump = ([part[j] for j in keep] for part in (self.players, self.jump))
        return replace(self, players=tuple(players), jump=tuple(jump), speed=speed, **tables)

    @property
    def paid(self) -> dict[str, float]:
        """Values of tables at which a player that sells a unit of compute earns its price."""
        return {}

    def sells(self, build: Array) -> Array:
        """(N, S) compute that sells, as shares of the players', when they build ``build``."""
        return np.asarray(1 - build)

    def payoff(self, build: Array) -> Array:
        """(N, S) flow payoffs, money/year, when the players build the shares ``build``."""
        payoff: Array = self.price * np.minimum((1 - build) * self.capacity, self.demand)
        return payoff

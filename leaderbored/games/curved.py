r"""A Markov game whose players' stages are curved: what building and selling take and bring.

As in :mod:`leaderbored.games.markov` player i picks a share b in every state, but

* *compute is not fungible*: of the units native to training, a share m, those that sell are worth
  1 - c each, and so are units native to selling that train,

  .. math:: u(b) = \min\{b, m\} + (1 - c)(b - m)^+, \qquad
            v(b) = \min\{1 - b, 1 - m\} + (1 - c)(m - b)^+ ;

* *compute needs researchers*: hazards are in proportion to a power of a CES aggregate of compute u
  and researchers q, both in units of the lab's compute (Arrow, Chenery, Minhas and Solow, Review of
  Economics and Statistics 43, 1961),

  .. math:: h(b) = scale\, \big[ w\, u^r + (1 - w)\, q^r \big]^{\theta / r} + base, \qquad
            r = 1 - 1 / \sigma ;

* *demand is elastic*: customers take :math:`D (price / x)^\epsilon` units at the price x, so that

  .. math:: R(b) = price\, D^{1 - \alpha} \big( v(b)\, capacity \big)^{\alpha}, \qquad
            \alpha = 1 - 1 / \epsilon ,

  and without elasticity :math:`price \min\{v(b)\, capacity, D\}` as before;
* *idle compute persuades*: y units of it make the player as attractive as :math:`1 + e y` times
  before, so that of T customers :math:`D(y) = T a (1 + e y) / (a (1 + e y) + A)` come, rivals'
  attraction A given. Of the units :math:`k = v(b)\, capacity` not trained with, it sells q = k up
  to D(0), and above it persuades with as many as leave none idle, :math:`q = k - y = D(y)`; more
  or fewer would lose sales.

What is worked out here are payoffs, hazards, their derivatives, and the kinks between which they
are smooth.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
from typing_extensions import override

from leaderbored.games.markov import Array, Markov


def curve(game: Markov, **given: Any) -> Curved:
    """The game with curved stages, or with other curves; ``given`` are fields of :class:`Curved`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(3),
    ...                discount=0.1, rungs=1).markov()
    >>> half = np.full((2, 3), 0.5)
    >>> bool((curve(game).hazard(half) == game.hazard(half)).all())  # as it was
    True
    """
    known = {part.name: getattr(game, part.name) for part in fields(game)}
    ones = np.ones_like(game.scale)
    return Curved(**{"research": ones, "rivals": ones, **known, **given})


def persuading(units: Array, demand: Array, rivals: Array, e: float) -> Array:
    """(N, S) units y that persuade of the units k not trained with; see the head of this module.

    Parameters
    ----------
    units, demand, rivals : (N, S) arrays
        k, D(0) and A.
    e : float
        Above 0.

    Examples
    --------
    >>> y = persuading(np.array([2.0, 0.5]), np.ones(2), np.ones(2), 1.0)  # 2 (1 + y) / (2 + y)
    >>> y.round(4).tolist()
    [0.7321, 0.0]
    """
    spare, total = units - demand, demand * (1 + rivals)
    middle = 1 + rivals - e * (spare + demand - total)
    root = np.sqrt(middle**2 + 4 * e * np.maximum(spare, 0) * (1 + rivals))
    with np.errstate(divide="ignore", invalid="ignore"):
        low = 2 * np.maximum(spare, 0) * (1 + rivals) / (middle + root)
    return np.asarray(np.where(middle > 0, low, (root - middle) / (2 * e)) * (spare > 0))


class Slopes(NamedTuple):
    """First and second derivatives of payoff and hazard in the share; (N, S) arrays."""

    payoff: Array
    payoff_bend: Array
    hazard: Array
    hazard_bend: Array


@dataclass(frozen=True, eq=False, kw_only=True)
class Curved(Markov):
    """Arrays of a Markov game with curved stages.

    Attributes
    ----------
    research : (N, S) array
        q > 0, researchers over the player's compute.
    weight : float
        w in (0, 1], weight of compute; 1: researchers do not matter.
    substitution : float
        sigma in (0, 1), elasticity of substitution between compute and researchers.
    home : float
        m in [0, 1], share of compute native to training.
    loss : float
        c in [0, 1), lost in the other use.
    elasticity : float or None
        epsilon > 0 of demand.
    persuasion : float
        e >= 0, by how much a unit of compute that persuades adds to a player's attraction; 1/unit.
    rivals : (N, S) array
        A, attraction of the others, of which the player's own without persuasion is the unit; with
        it ``demand`` is D(0).

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(3),
    ...                discount=0.1, rungs=1,
    ...                mechanisms={"fungibility": {"home": 0.5, "loss": 0.2}})
    >>> game = race.markov()
    >>> round(float(game.hazard(np.ones((2, 3)))[0, 0] / 3) ** 2, 12)  # half loses a fifth
    0.9
    """

    research: Array
    rivals: Array
    weight: float = 1.0
    substitution: float = 0.5
    home: float = 0.5
    loss: float = 0.0
    elasticity: float | None = None
    persuasion: float = 0.0
    TABLES: ClassVar[tuple[str, ...]] = (*Markov.TABLES, "research", "rivals")

    # --- primitives

    def trained(self, build: Array) -> Array:
        """u, compute that trains, as a share of the player's."""
        return np.asarray(build - self.loss * np.maximum(build - self.home, 0))

    @override
    def sells(self, build: Array) -> Array:
        """v, compute that sells, as a share of the player's."""
        return np.asarray(1 - build - self.loss * np.maximum(self.home - build, 0))

    def aggregate(self, trained: Array) -> Array:
        """The CES aggregate of compute and researchers, as a share of the player's compute."""
        if self.weight == 1:
            return trained
        return np.asarray(trained * self._mix(trained) ** (1 / self._power))

    @property
    def _power(self) -> float:
        return 1 - 1 / self.substitution

    def _mix(self, trained: Array) -> Array:
        """The weight w plus (1 - w) (q / u)^r, which tends to nothing as compute does."""
        ratio = (trained / self.research) ** -self._power
        return np.asarray(self.weight + (1 - self.weight) * ratio)

    @override
    def effort(self, build: Array) -> Array:
        """(N, S) efforts e of shares, a power of the aggregate: hazards are scale e + base."""
        return np.asarray(self.aggregate(self.trained(build)) ** self.returns)

    @override
    def share(self, effort: Array) -> Array:
        """(N, S) shares of efforts, within the bounds."""
        reach = np.clip(effort, self.effort(self.lower), self.effort(self.upper))
        total = reach ** (1 / self.returns)
        u = total
        if self.weight < 1:
            r = self._power
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                left = 1 - (1 - self.weight) * (total / self.research) ** -r
                u = total * (np.maximum(left, 0) / self.weight) ** (1 / r)
        beyond = self.home + (u - self.home) / (1 - self.loss)
        return np.clip(np.where(u <= self.home, u, beyond), self.lower, self.upper)

    @override
    def payoff(self, build: Array) -> Array:
        """(N, S) flow payoffs, money/year, when the players build the shares ``build``."""
        units = self.sells(build) * self.capacity
        if self.elasticity is None:
            units = units - self.persuades(build)
            return np.asarray(self.price * np.minimum(units, self.demand * self._drawn(build)))
        alpha = 1 - 1 / self.elasticity
        with np.errstate(divide="ignore"):
            return np.asarray(self.price * self.demand ** (1 - alpha) * units**alpha)

    def persuades(self, build: Array) -> Array:
        """(N, S) units of compute y that persuade: the root of k - y = D(y), 0 where k < D(0)."""
        if self.persuasion == 0:
            return np.zeros_like(build)
        units = self.sells(build) * self.capacity
        return persuading(units, self.demand, self.rivals, self.persuasion)

    def _drawn(self, build: Array) -> Array:
        """D(y) / D(0), by how much persuasion multiplies demand."""
        attraction = 1 + self.persuasion * self.persuades(build)
        return np.asarray(attraction * (1 + self.rivals) / (attraction + self.rivals))

    @cached_property
    def idle(self) -> Array:
        """(N, S) largest share that builds without giving up a sale, within the bounds."""
        if self.elasticity is not None:
            return self.lower
        with np.errstate(over="ignore"):
            left = np.minimum(self.demand / self.capacity, 1 - self.loss * self.home)
        short = (left - (1 - self.home)) / (1 - self.loss)
        share = np.where(left <= 1 - self.home, 1 - left, self.home - short)
        idle: Array = np.clip(share, self.lower, self.upper)
        return idle

    # --- the stage

    @cached_property
    def knots(self) -> list[Array]:
        """Rising (N, S) shares between which payoffs and hazards are smooth."""
        bends = [self.idle, np.clip(np.full_like(self.idle, self.home), self.lower, self.upper)]
        if self.loss == 0:
            bends = bends[:1]
        return [self.lower, *np.sort(bends, axis=0), self.upper]

    def slopes(self, build: Array, beside: Array) -> Slopes:
        """Derivatives at ``build`` on the smooth piece on which ``beside`` lies."""
        trains = 1 - self.loss * (beside > self.home)
        sells = -(1 - self.loss * (beside < self.home))
        units, moved = self.sells(build) * self.capacity, sells * self.capacity
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.elasticity is None:
                short = self.sells(beside) * self.capacity < self.demand
                first, second = self._persuaded(build)
                payoff = self.price * moved * np.where(short, 1.0, first)
                payoff_bend = self.price * moved**2 * np.where(short, 0.0, second)
            else:
                alpha = 1 - 1 / self.elasticity
                level = self.price * self.demand ** (1 - alpha) * alpha
                payoff = level * units ** (alpha - 1) * moved
                payoff_bend = level * (alpha - 1) * units ** (alpha - 2) * moved**2
            hazard, hazard_bend = self._hazard_slopes(self.trained(build))
        return Slopes(payoff, payoff_bend, hazard * trains, hazard_bend * trains**2)

    def _persuaded(self, build: Array) -> tuple[Array, Array]:
        """First and second derivative of sales q in the units k, where compute persuades."""
        if self.persuasion == 0:
            return np.zeros_like(build), np.zeros_like(build)
        e, others = self.persuasion, self.rivals
        pull = 1 + e * self.persuades(build) + others
        slope = self.demand * (1 + others) * e * others / pull**2
        return slope / (1 + slope), -2 * e * slope / pull / (1 + slope) ** 3

    def _hazard_slopes(self, u: Array) -> tuple[Array, Array]:
        """Derivatives of the hazard in the compute that trains."""
        first, second = np.ones_like(u), np.zeros_like(u)
        if self.weight < 1:
            r, mix = self._power, self._mix(u)
            first = self.weight * mix ** ((1 - r) / r)
            second = -first * (1 - r) * (mix - self.weight) / mix / u
        theta, total = self.returns, self.aggregate(u)
        steep = self.scale * theta * total ** (theta - 1)
        return steep * first, steep * ((theta - 1) * first**2 / total + second)

r"""What one lab does in one state, in balls: the checker's own reading of the best reply.

With the share b a lab earns :math:`P(b) = p \min\{(1 - b) K, D\}` and succeeds at the hazard
:math:`k + s b^\theta`. Of a gain d from success it is worth
:math:`W(d) = \max_b P(b) + (k + s b^\theta) d`, which is convex with the best hazard for its slope,
so that both rise with d: over a ball of gains they lie between what they are at its ends. No pieces
are told apart, and nothing is shared with what found the proof.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flint import arb

Ball = Any


@dataclass(frozen=True)
class Lab:
    """Numbers of a lab in a state, in balls.

    Attributes
    ----------
    theta, scale, base : ball
        Of its hazard; 1/year.
    low, idle, high : ball
        Least share, the one that uses what nobody buys, and the largest.
    price, capacity : ball
    demand : ball or None
        None where it has no limit.
    free : bool
        Whether it has a choice.

    Examples
    --------
    >>> lab = Lab.of({"lower": 0, "upper": 1, "scale": 2, "base": 0, "price": 1, "capacity": 4,
    ...               "demand": None}, 0.5)
    >>> lab.worth(arb(4)).overlaps(arb(8)), lab.hazard(arb(4)).overlaps(arb(2))
    (True, True)
    """

    theta: Ball
    scale: Ball
    base: Ball
    low: Ball
    idle: Ball
    high: Ball
    price: Ball
    capacity: Ball
    demand: Ball | None
    free: bool

    @classmethod
    def of(cls, numbers: dict[str, float | None], returns: float) -> Lab:
        """Read the numbers of a proof file; ``demand`` is None where it has no limit."""
        ball = {name: arb(x) for name, x in numbers.items() if x is not None}
        low, high, demand = ball["lower"], ball["upper"], ball.get("demand")
        idle = low
        if demand is not None:
            idle = (1 - demand / ball["capacity"]).max(low).min(high)
        return cls(
            arb(returns),
            ball["scale"],
            ball["base"],
            low,
            idle,
            high,
            ball["price"],
            ball["capacity"],
            demand,
            bool(high > low and ball["scale"] > 0),
        )

    def stuck(self) -> Lab:
        """The lab where its success changes nothing: it builds as little as earns most."""
        return replace(self, scale=arb(0), base=arb(0), free=False)

    def earned(self, share: Ball) -> Ball:
        """What a share sells for; money/year."""
        sold = (1 - share) * self.capacity
        return self.price * (sold if self.demand is None else sold.min(self.demand))

    def _inner(self, d: Ball) -> Ball:
        """Share at which a little more earns as much as it costs, of a gain above zero."""
        return power(
            self.theta * self.scale * d / (self.price * self.capacity), 1 / (1 - self.theta)
        )

    def _share(self, d: Ball, most: bool) -> Ball:
        """Least or largest best share at an exact gain."""
        if not self.free or d < 0 or (d == 0 and not most):
            return self.low
        return self._inner(d).max(self.idle).min(self.high) if d > 0 else self.idle

    def _at(self, d: Ball) -> Ball:
        share = self._share(d, False)
        return self.earned(share) + (self.base + self.scale * power(share, self.theta)) * d

    def worth(self, d: Ball) -> Ball:
        """W over a ball of gains; money/year."""
        return self._at(d) if d.is_exact() else self._at(d.lower()).union(self._at(d.upper()))

    def hazard(self, d: Ball) -> Ball:
        """Best hazards over a ball of gains, base included; 1/year."""
        least, most = self._share(d.lower(), False), self._share(d.upper(), True)
        shares = least.union(most)
        return self.base + self.scale * power(shares, self.theta)

    def steepness(self, d: Ball) -> Ball | None:
        """Slopes of the best hazard over a ball of gains; None where it jumps or is vertical."""
        if not self.free or d < 0:
            return arb(0)
        from_zero = not d > 0
        if from_zero and not self.idle <= self.low:
            return None
        first = arb(0) if from_zero else self._inner(d.lower())
        last = self._inner(d.upper()) if d.upper() > 0 else arb(0)
        if last < self.idle or first > self.high:
            return arb(0)
        shares = first.max(self.idle).min(self.high).union(last.max(self.idle).min(self.high))
        exponent = 2 * self.theta - 1
        if exponent < 0 and not shares > 0:
            return None
        factor = (self.theta * self.scale) ** 2 / ((1 - self.theta) * self.price * self.capacity)
        steep = factor * power(shares, exponent)
        inside = not from_zero and first > self.idle and last < self.high
        return steep if inside else steep.union(arb(0))


def power(base: Ball, exponent: Ball) -> Ball:
    """Power of what is not below zero, though its ball may be.

    Examples
    --------
    >>> power(arb(0, 4), arb(0.5)).contains(2), power(arb(0, 4), arb(0.5)).contains(0)
    (True, True)
    """
    if exponent == 0:
        return arb(1)
    if base > 0:
        return base**exponent
    top = base.upper()
    return arb(0).union(top**exponent) if top > 0 else arb(0)


def meet(a: Ball, b: Ball) -> Ball | None:
    """What two balls have in common; None if nothing.

    Examples
    --------
    >>> meet(arb(0, 1), arb(3, 1)) is None
    True
    """
    return a.intersection(b) if a.overlaps(b) else None


def side(ball: Ball | None, sign: int | None) -> Ball | None:
    """What of a ball is not above zero, zero, or not below it; None if nothing.

    Examples
    --------
    >>> side(arb(2, 1), -1) is None, side(arb(0, 1), 0)
    (True, 0)
    """
    if ball is None or sign is None:
        return ball
    if ball < 0:
        return ball if sign < 0 else None
    if ball > 0:
        return ball if sign > 0 else None
    return arb(0) if sign == 0 else ball.max(arb(0)) if sign > 0 else ball.min(arb(0))

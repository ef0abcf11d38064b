"""The races of the gallery, where none of one's own is given: few numbers, each for a reason.

Most are two equal labs with a hazard of the square root of compute, three successes a year of all
of it, and a discount of ten per cent, as in ``leaderbored new race``.
"""

from __future__ import annotations

from collections.abc import Sequence

from leaderbored.race import (
    ClearingMarket,
    Lab,
    Mechanisms,
    Race,
    RevenueLadder,
    ScarceMarket,
    Technology,
)
from leaderbored.race.mechanisms import Accumulate

PAIR = (Lab("A", 1.0), Lab("B", 1.0))


def duel(scarcity: float, handicap: float, *, rungs: int = 16, flywheel: float = 0.0) -> Race:
    """Two equal labs that climb step by step on a scarce market.

    Examples
    --------
    >>> duel(0.6, 0.1).technology.handicap
    0.1
    """
    technology = Technology(3.0, handicap=handicap, flywheel=flywheel)
    return Race(PAIR, ScarceMarket(scarcity), technology, 0.1, rungs)


SHAPES = {
    "run": duel(0.6, 0.05),
    "peloton": duel(0.7, 0.3),
    "breakaway": duel(0.35, 0.08),
    "race": duel(0.35, 0.2),
}
"""One race for each shape of the pace ratio."""


def ladder(revenue: Sequence[float] | str, *, rungs: int = 12) -> Race:
    """Two equal labs that leapfrog each other on a revenue ladder.

    Examples
    --------
    >>> ladder("1.3**g").rungs
    12
    """
    market = RevenueLadder(revenue if isinstance(revenue, str) else tuple(revenue))
    return Race(PAIR, market, Technology(1.0, leapfrog=1.0), 0.1, rungs)


LADDERS = {
    "log-concave": ladder("1 + 0.6*g"),
    "log-linear": ladder("1.35**g", rungs=40),
    "log-convex": ladder("exp(0.2*g + 0.01*g**2)"),
}
"""Revenue per unit of compute against the lead, bent three ways."""

FOUR = Race(
    tuple(Lab(f"{size:g} of 10", size) for size in (4.0, 3.0, 2.0, 1.0)),
    RevenueLadder((1.0, 30.0)),
    Technology(0.2, 1.0, leapfrog=1.0),
    discount=0.05,
    rungs=3,
)
"""Four labs whose laggards build flat out, of which the league-table law is exact."""

LEASING = Race(
    PAIR, ScarceMarket(0.8, premium=0.3), Technology(1.0, flywheel=0.15), discount=0.3, rungs=8
)
"""Two labs of which the leader is short of computers that the laggard has to spare."""

SECRETS = Race(PAIR, ClearingMarket(1.5), Technology(1.0), discount=0.2, rungs=16)
"""Two labs where prices clear the market, whom nothing but their own choice sets apart."""

RELIEF = Race(PAIR, ScarceMarket(1.0), Technology(3.0, flywheel=0.2), discount=0.2, rungs=6)
"""Two labs with a flywheel, which scarcity keeps from spinning."""

REINVESTING = Race(
    (Lab("A", 1.0, build=(0.0, 0.9)), Lab("B", 1.0, build=(0.0, 0.9))),
    RevenueLadder((0.0, 1.0)),
    Technology(9.0, 1.0, leapfrog=1.0),
    discount=0.2,
    rungs=2,
    mechanisms=Mechanisms(accumulate=Accumulate(rate=0.1, elasticity=2.0)),
)
"""Two labs that rotate fast and buy compute out of revenue."""

"""What the theory says about races in which money grows with the frontier: R27 and R28."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.late import late
from leaderbored.race import Race, RevenueLadder, ScarceMarket
from leaderbored.text import percent

optimize = late("scipy.optimize")

NEUTRAL = 1e-9  # relative distance of revenue from the neutral one
SHARES = 400  # between which roots are looked for


def where_money_grows(race: Race) -> tuple[str, str]:
    """The result that covers a race with growth and what it says; both empty if none does.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0]),
    ...                lb.Technology(1, leapfrog=1), discount=0.3, rungs=2, growth=1.16)
    >>> source, said = where_money_grows(race)
    >>> print(source, said)
    R27 all labs build 14.9% or 74.7% everywhere in equilibria, and none do alike beyond growth 1.17
    """
    technology = race.technology
    moved = technology.flywheel or technology.handicap or technology.drafting
    alike = len({(lab.compute, lab.talent, lab.brand, lab.build) for lab in race.labs}) == 1
    covered = race.mechanisms.off and alike and not moved and technology.leapfrog == 1
    if not covered or race.labs[0].build != (0.0, 1.0) or not technology.productivity > 0:
        return "", ""
    if _level(race):
        return "R27", _shared(race)
    if isinstance(race.market, RevenueLadder) and technology.returns < 1 and race.rungs >= 2:
        return "R28", _bent(race, race.market.ladder(race.rungs))
    return "", ""


def _hazard(race: Race) -> float:
    """Hazard of a lab that builds with all; 1/year."""
    technology, lab = race.technology, race.labs[0]
    return float(technology.productivity * lab.talent * lab.compute**technology.returns)


def _level(race: Race) -> bool:
    """Whether all labs are sold out at one price, whatever the leaderboard."""
    market = race.market
    if isinstance(market, RevenueLadder):
        ladder = market.ladder(race.rungs)
        return bool(ladder[0] > 0 and (ladder == ladder[0]).all())
    short = isinstance(market, ScarceMarket) and market.scarcity >= 1 and market.price > 0
    return short and market.switching == market.premium == 0  # type: ignore[union-attr]


def _shared(race: Race) -> str:
    """R27."""
    labs, theta, hazard = len(race.labs), race.technology.returns, _hazard(race)
    pace = race.discount / ((race.growth - 1) * hazard)
    if theta == 1:
        if pace < 1:
            return ""
        return "in an equilibrium nobody builds, at this growth and any below 1 + rho/lambda"
    most = 1 + race.discount / hazard * ((1 - theta) / (labs - theta)) ** (1 - theta)
    turn = (1 - theta) / (labs - theta)

    def left(b: float) -> float:
        return float((labs - theta) * b**theta + theta * b ** (theta - 1) - pace)

    if left(turn) >= 0:
        return f"in no equilibrium do all labs build alike everywhere, as beyond growth {most:.3g}"
    least = turn
    while left(least) < 0:
        least /= 2
    shares = [float(optimize.brentq(left, least, turn, xtol=1e-300, rtol=1e-12))]
    if left(1.0) > 0:
        shares.append(float(optimize.brentq(left, turn, 1.0)))
    build = " or ".join(f"{share:.3g}" if share < 1e-3 else percent(share) for share in shares)
    several = "equilibria" if len(shares) > 1 else "an equilibrium"
    return (
        f"all labs build {build} everywhere in {several}, and none do alike beyond growth "
        f"{most:.3g}"
    )


def neutral(race: Race, b: float) -> tuple[float, float]:
    """R28's factor gamma, and what is taken off as a part of the first revenue, at a share.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0, 2.0]),
    ...                lb.Technology(1, leapfrog=1), discount=0.3, rungs=2, growth=1.05)
    >>> [round(number, 5) for number in neutral(race, 0.3)]
    [1.6327, 0.10046]
    """
    theta, rivals = race.technology.returns, len(race.labs) - 1
    h = _hazard(race) * b**theta
    rest = race.discount + rivals * h
    ratio = (1 + rest / ((1 - b) * h * theta / b + h)) / race.growth
    faster = (race.growth - 1) * rivals * h
    return ratio, faster / (race.discount - faster)


def _bent(race: Race, ladder: Array) -> str:
    """R28."""
    if not (ladder[0] > 0 and (np.diff(ladder) >= 0).all() and ladder[1] > ladder[0]):
        return ""

    def first(b: float) -> float:
        ratio, drop = neutral(race, b)
        return ratio - drop - float(ladder[1] / ladder[0])

    shares = _roots(first, np.linspace(0, 1, SHARES + 2)[1:-1], race)
    found = []
    for b in shares:
        ratio, drop = neutral(race, b)
        wanted = ratio * ladder[1:-1] - drop * ladder[0]
        found.append(
            (float(np.abs(ladder[2:] / wanted - 1).max()), b, float(ladder[2] / wanted[0]))
        )
    if not found:
        return "no revenue with that of a lead of one is neutral in the lead"
    apart, b, second = min(found)
    if apart <= NEUTRAL:
        return f"but for the cap leads are neutral where all labs build {percent(b)}"
    return (
        "revenue that is neutral in the lead is log-convex where money grows; with that of a lead "
        f"of one as here, that of two would have to be {1 / second:.4g} times what it is"
    )


def _roots(function: Callable[[float], float], shares: Array, race: Race) -> list[float]:
    """Where a function is zero, between shares at which a laggard's value is finite."""
    finite = [float(b) for b in shares if 0 < neutral(race, float(b))[1] < np.inf]
    signs = [function(b) for b in finite]
    return [
        float(optimize.brentq(function, a, b, xtol=1e-15))
        for a, b, x, y in zip(finite, finite[1:], signs, signs[1:], strict=False)
        if x * y < 0 or x == 0
    ]

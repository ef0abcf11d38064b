"""Borders that results draw in single numbers of a race: how far away each is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from leaderbored.race import ClearingMarket, Race, ScarceMarket
from leaderbored.theory.conditions import self_limits
from leaderbored.theory.shortage import closing_from

WINDOW = (
    "a leader far ahead of all is sold out from here on",
    "a leader one rung ahead of all is sold out from here on",
    "all labs are sold out at a tie from here on",
)


@dataclass(frozen=True)
class Border:
    """A value of a number at which a result says that something changes.

    Attributes
    ----------
    result : str
        Such as R3.
    place : str
        Of the number, as ``--set`` names it; empty where the result compares no single number.
    what : str
        What changes there.
    at : float or None
        The value; None where there is no single number.
    distance : float
        How far the race is from it: the border less the number, or the distance in the result's
        own inequality, positive where it holds.
    """

    result: str
    place: str
    what: str
    at: float | None
    distance: float


def borders(race: Race) -> tuple[Border, ...]:
    """Every border that a closed form draws near a race; none where no result covers it.

    Parameters
    ----------
    race : Race

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6, switching=1),
    ...                lb.Technology(1), discount=0.5)
    >>> [(found.result, round(found.at, 3), round(found.distance, 3)) for found in borders(race)]
    [('R3', 0.5, -0.1), ('R3', 0.684, 0.084), ('R3', 1.0, 0.4)]
    """
    market = race.market
    found = list[Border]()
    if isinstance(market, ScarceMarket):
        found = _rationed(race, market)
    if isinstance(market, ClearingMarket) and (at := closing_from(race)) is not None:
        what = "leads of one close from here on, if labs are impatient enough"
        found = [Border("R24", "market.openness", what, at, at - market.openness)]
    theory = self_limits(race)
    if theory.result is not None and theory.distance is not None:
        what = f"{theory.verdict or 'no verdict'}, as {theory.inequality}"
        found.append(Border(theory.result, "", what, None, theory.distance))
    return tuple(found)


def window(race: Race, switching: float) -> tuple[float, float, float] | None:
    """Scarcities from which on a leader far ahead, one a rung ahead, and all at a tie sell out.

    Nobody building, on a market that rations (R3); None where labs differ or a mechanism is on.

    Parameters
    ----------
    race : Race
        On a scarce market.
    switching : float
        Customers' switching, instead of the race's own.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(1),
    ...                discount=0.5)
    >>> window(race, 0.0), window(race, math.log(2))
    ((1.0, 1.0, 1.0), (0.5, 0.75, 1.0))
    """
    if len({(lab.compute, lab.brand) for lab in race.labs}) > 1 or race.mechanisms.on:
        return None
    count = len(race.labs)
    one = (1 + (count - 1) * math.exp(-max(switching, 0.0))) / count
    return 1 / count if switching > 0 else 1.0, one, 1.0


def _rationed(race: Race, market: ScarceMarket) -> list[Border]:
    """Where labs that are equal are sold out (R3): the last place, and those that come before."""
    found = dict(zip(WINDOW, window(race, market.switching) or (), strict=False))
    return [
        Border("R3", "market.scarcity", what, at, at - market.scarcity)
        for what, at in found.items()
        if at < 1 or what == WINDOW[-1]
    ]

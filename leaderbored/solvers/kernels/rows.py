"""Races of two labs as rows of numbers, and which races the kernels take."""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array, States
from leaderbored.race import Race
from leaderbored.race.ladder import RevenueLadder
from leaderbored.race.market import ScarceMarket

# Places of a race's numbers in a row of floats; after them the ladder r_0, ..., r_G, if any.
DISCOUNT, PRODUCTIVITY, RETURNS, FLYWHEEL, HANDICAP, DRAFTING, LEAPFROG = range(7)
LAB = 7  # compute, talent, brand and bounds of the first lab, and from LAB + OWN on of the second
OWN = 5
COMPUTE, TALENT, BRAND, LOWER, UPPER = range(OWN)
MARKET = LAB + 2 * OWN
SCARCITY, SWITCHING, PREMIUM, PRICE, WORTH, OPENNESS, CONDUCT = range(MARKET, MARKET + 7)
NUMBERS = MARKET + 7
SET, QUANTITY, TAKING = range(3)  # conduct: prices are set, or clear the market
BOUNDS = tuple((lab + LOWER, lab + UPPER) for lab in (LAB, LAB + OWN))


def unfit(race: Race) -> str:
    """Why a race is left to the single solver; empty if the kernels take it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    >>> unfit(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5))
    ''
    >>> unfit(lb.Race([*labs, lb.Lab("C", 1)], lb.ScarceMarket(0.6), lb.Technology(1),
    ...               discount=0.5))
    'it has 3 labs'
    """
    if len(race.labs) != 2:
        return f"it has {len(race.labs)} labs"
    if race.growth != 1:
        return "its money grows"
    if race.mechanisms.on:
        return f"it has mechanisms: {', '.join(race.mechanisms.on)}"
    return ""


def row_of(race: Race) -> Array:
    """Numbers of a race, in the order of the places at the head of this module.

    Parameters
    ----------
    race : Race
        One that is not :func:`unfit`.

    Returns
    -------
    (C,) array
        A ladder stands at the end.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 2)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1)
    >>> row_of(race)[[0, 1, 2, 7, 12]].tolist()  # discount, productivity, returns, compute
    [0.1, 3.0, 0.5, 1.0, 2.0]
    """
    tech, market = race.technology, race.market
    numbers = [race.discount, tech.productivity, tech.returns, tech.flywheel, tech.handicap]
    numbers += [tech.drafting, tech.leapfrog]
    for lab in race.labs:
        numbers += [lab.compute, lab.talent, lab.brand, *lab.build]
    if isinstance(market, RevenueLadder):
        return np.array([*numbers, *[0.0] * (NUMBERS - MARKET), *market.ladder(race.rungs)])
    numbers += [market.scarcity, market.switching]
    if isinstance(market, ScarceMarket):
        return np.array([*numbers, market.premium, market.price, 0.0, 0.0, SET])
    conduct = TAKING if market.conduct == "price-taking" else QUANTITY
    return np.array([*numbers, 0.0, market.price, market.worth, market.openness, conduct])


def by_state(rungs: int) -> States:
    """(S,) the place on the line of leads -G, ..., G of each state of a race of two labs.

    Examples
    --------
    >>> by_state(2).tolist()
    [2, 3, 4, 1, 0]
    """
    return np.asarray(rungs + np.r_[0 : rungs + 1, -1 : -rungs - 1 : -1], dtype=np.int64)

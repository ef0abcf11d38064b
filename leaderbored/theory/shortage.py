"""What the theory says about races on markets where compute is short: R22 to R26, and R29."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array, Markov
from leaderbored.race import ClearingMarket, Race, ScarceMarket


def sold_out_from(most: Array, compute: Array) -> Array:
    """(N,) scarcities from which on each lab is sold out where prices clear, nobody building (R22).

    Parameters
    ----------
    most : (N,) array
        Y, sales over the unserved at which one more unit is worth nothing.
    compute : (N,) array
        K.

    Examples
    --------
    >>> sold_out_from(np.array([1.0, 1.0]), np.array([1.0, 1.0])).tolist()
    [1.5, 1.5]
    """
    with np.errstate(divide="ignore", over="ignore"):
        unserved = compute / most
    sold = np.minimum(compute, most * unserved[:, None])
    return np.asarray((unserved + sold.sum(axis=1)) / compute.sum())


def may_stand_still(race: Race, market: ScarceMarket) -> str:
    """Whether R23 covers a race on a market that rations; empty if not."""
    compute = np.array([lab.compute for lab in race.labs])
    brand = np.array([lab.brand for lab in race.labs])
    enough = compute / compute.sum() / (brand / brand.sum())  # customers of each, over all compute
    quiet = race.growth == 1 and not any(lab.build[0] > 0 for lab in race.labs)
    if not quiet or (market.scarcity < enough).any():
        return ""
    return (
        "in some equilibrium nobody builds at the tie, as all labs are sold out there at the set "
        "price, and in none has any lab more"
    )


def where_prices_clear(race: Race, market: ClearingMarket) -> str:
    """What R22 to R26 say about a race on a market that clears.

    Examples
    --------
    >>> import leaderbored as lb
    >>> market = lb.ClearingMarket(3, switching=0.5, openness=0.4)
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], market, lb.Technology(1), discount=0.2)
    >>> for part in where_prices_clear(race, market).split("; ")[1:]:
    ...     print(part)
    in no equilibrium does the tie stand still (R23b)
    leads of one close from openness 0.442 on if labs are impatient enough (R24)
    """
    game = replace(race, rungs=min(race.rungs, 2)).markov()
    assert isinstance(game, Cleared)
    compute = np.array([lab.compute for lab in race.labs])
    said = (
        _window(race, market, game, compute),
        _moves(race, market, game, compute),
        _border(race, market, game, compute),
        _asymptote(race, market, game, compute),
    )
    return "; ".join(part for part in said if part)


def _alike(race: Race) -> bool:
    return len({(lab.compute, lab.talent, lab.build, lab.brand) for lab in race.labs}) == 1


def _unserved(market: ClearingMarket, compute: Array) -> float:
    """Customers who go without where all labs sell all they have."""
    return float((market.scarcity - 1) * compute.sum())


def _lead_of(game: Markov, lead: int) -> int:
    """The state in which the first lab leads all others by so much."""
    behind = np.where(np.arange(len(game.players)) == 0, 0, lead)
    return int(np.flatnonzero((game.states == behind).all(axis=1))[0])


def _window(race: Race, market: ClearingMarket, game: Cleared, compute: Array) -> str:
    """R22 at a lead of one."""
    one = _lead_of(game, 1)
    edges = sold_out_from(game.most[:, one], compute)
    if not _alike(race):
        first, last = int(edges.argmin()), int(edges.argmax())
        return (
            f"with {race.labs[0].name} one rung ahead and nobody building, {race.labs[first].name} "
            f"is the first to be sold out, from scarcity {edges[first]:.3g} on, and "
            f"{race.labs[last].name} the last, from {edges[last]:.3g} on"
        )
    low, high = edges[0], edges[1]
    said = (
        f"with nobody building the leader is sold out at a lead of one from scarcity {low:.3g} on, "
        f"all from {high:.3g} on"
    )
    if market.scarcity <= high:
        alone = market.scarcity > low
        return f"{said}, so that here the leader alone is" if alone else said
    earns = game.margin(compute[:, None] / _unserved(market, compute))[:, one]
    return (
        f"{said}, and the headwind, what the leader's compute earns there over a laggard's, is "
        f"{earns[0] / earns[1]:.3g} here and falls in scarcity"
    )


def _moves(race: Race, market: ClearingMarket, game: Cleared, compute: Array) -> str:
    """R23b."""
    technology = race.technology
    needs = (
        len(race.labs) == 2,
        technology.leapfrog == 0,
        technology.returns < 1,
        technology.productivity > 0,
        market.switching > 0,
        market.openness < 1,
        all(lab.build[0] == 0 < lab.build[1] for lab in race.labs),
    )
    edges = sold_out_from(game.most[:, 0], compute)
    first = edges.max() if market.conduct == "price-taking" else edges.min()
    if not all(needs) or market.scarcity < first:
        return ""
    return "in no equilibrium does the tie stand still (R23b)"


def _border(race: Race, market: ClearingMarket, game: Cleared, compute: Array) -> str:
    """R24, at a lead of one."""
    sold = _famine(race, market, game, compute)
    if sold is None or not market.openness + race.technology.leapfrog > 0:
        return ""
    if race.technology.leapfrog == 1:
        return "leads of labs impatient enough close (R24)"
    border = _closes(market, game, compute)
    return f"leads of one close from openness {border:.3g} on if labs are impatient enough (R24)"


def _closes(market: ClearingMarket, game: Cleared, compute: Array) -> float:
    """The openness from which on a lead of one closes (R24)."""
    sold = compute / _unserved(market, compute)
    earns, slope = float(game.margin(sold[:, None])[0, 0]) / market.price, market.switching
    return float((earns + slope - np.hypot(earns, slope)) / (2 * slope))


def closing_from(race: Race) -> float | None:
    """The openness from which on leads of one close, if labs are impatient enough (R24).

    None where R24 does not cover the race, or it has no such border; its own openness plays no
    part in it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> market = lb.ClearingMarket(3, switching=0.5)
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], market, lb.Technology(1), discount=0.2)
    >>> round(closing_from(race), 3)
    0.442
    """
    market = race.market
    if not isinstance(market, ClearingMarket) or race.mechanisms.on:
        return None
    game = replace(race, rungs=min(race.rungs, 2)).markov()
    assert isinstance(game, Cleared)
    compute = np.array([lab.compute for lab in race.labs])
    if race.technology.leapfrog or _famine(race, market, game, compute) is None:
        return None
    return _closes(market, game, compute)


def _famine(race: Race, market: ClearingMarket, game: Cleared, compute: Array) -> Array | None:
    """(N,) sales to each unserved where R24 and R29 cover a lead of one; None if they do not."""
    technology, one = race.technology, _lead_of(game, 1)
    moved = technology.flywheel or technology.handicap or technology.drafting
    plain = _alike(race) and not moved and technology.leapfrog in (0, 1)
    works = technology.productivity > 0 and technology.returns < 1 and market.switching > 0
    works = works and race.growth == 1
    if not plain or not works or race.labs[0].build != (0.0, 1.0) or race.rungs < 2:
        return None
    unserved = _unserved(market, compute)
    if unserved <= 0:
        return None
    sold = compute / unserved
    near = np.unique([one, *(k for jump in game.jump for k in jump[[one]].indices)])
    return None if (game.most[:, near] <= sold[:, None]).any() else sold


def first_best(race: Race) -> str:
    """What R29 says of a planner on a market that clears, beside R24; empty if nothing.

    Examples
    --------
    >>> import leaderbored as lb
    >>> market = ClearingMarket(3, switching=0.5, openness=0.4)
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], market, lb.Technology(1), discount=0.2)
    >>> for part in first_best(race).split(", "):
    ...     print(part)
    Theory: R29
    if impatient enough a planner closes leads of one up to openness 0.556
    and labs from openness 0.442 on (R24).
    """
    market = race.market
    if not isinstance(market, ClearingMarket) or not race.mechanisms.off:
        return ""
    game = replace(race, rungs=min(race.rungs, 2)).markov()
    assert isinstance(game, Cleared)
    compute = np.array([lab.compute for lab in race.labs])
    sold = _famine(race, market, game, compute)
    if sold is None or race.technology.leapfrog == 1:
        return ""
    y, slope = float(sold[0]), market.switching
    price = float(game.worth[0, 0]) - np.log(y)
    root = price**2 - slope**2 * (1 + 2 * y)
    border = (price + slope - np.sqrt(root)) / (2 * slope) if root >= 0 else np.inf
    where = f"up to openness {border:.3g}" if border < 1 else "at any openness"
    return (
        f"Theory: R29, if impatient enough a planner closes leads of one {where}, and labs from "
        f"openness {_closes(market, game, compute):.3g} on (R24)."
    )


def _asymptote(race: Race, market: ClearingMarket, game: Cleared, compute: Array) -> str:
    """R26, for the first lab."""
    technology, lab = race.technology, race.labs[0]
    step = market.switching * (1 - market.openness)
    plain = technology.flywheel == technology.drafting == 0
    covered = technology.returns == 1 and race.growth == 1 and plain and step > 0
    if not covered or market.conduct != "quantity" or lab.build != (0.0, 1.0):
        return ""
    unserved = _unserved(market, compute)
    with np.errstate(over="ignore", under="ignore"):
        least = replace(game, worth=game.worth - market.openness * market.switching * race.rungs)
    if unserved <= 0 or (least.most[:, 0] * unserved < compute).any():
        return ""
    earns = float(game.margin(compute[:, None] / unserved)[0, 0]) / market.price
    pace = technology.productivity * lab.talent * lab.compute / race.discount
    lead = int(np.ceil(min(pace - earns / step, race.rungs)))
    if lead >= race.rungs:
        return ""
    if lead < 1:
        return f"while the others sell {lab.name} does too, at every lead (R26)"
    return f"while the others sell a lead of {lab.name} grows up to {lead} and is sold (R26)"

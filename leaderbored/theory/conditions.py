"""Which result covers a race, and what it says there, without solving it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race import ClearingMarket, Race, RevenueLadder, ScarceMarket
from leaderbored.theory.growing import where_money_grows
from leaderbored.theory.ladder import settle
from leaderbored.theory.shortage import may_stand_still, where_prices_clear
from leaderbored.verdicts.pace import Kind

ROUNDING = 1e-12
CORNER = 1 - 1e-9  # a share that is at its upper bound


@dataclass(frozen=True)
class SelfLimits:
    """What the theory says about a race.

    Attributes
    ----------
    result : str or None
        The result that covers the race, such as R6; None if none does.
    inequality : str
        Its condition for leads to limit themselves.
    value : float or None
        The side of the inequality that is compared, at these parameters.
    distance : float or None
        How far it is from the boundary; positive where the condition holds.
    verdict : str or None
        The verdict it implies, of the symmetric equilibrium; None if it implies none. A
        standstill needs no result.
    reason : str
        Why, or why not.
    """

    result: str | None
    inequality: str
    value: float | None
    distance: float | None
    verdict: Kind | None
    reason: str

    @property
    def sentence(self) -> str:
        """One line for a person.

        Examples
        --------
        >>> SelfLimits(None, "", None, None, None, "nobody knows").sentence
        'Theory: no verdict: nobody knows.'
        """
        if self.result is None and self.verdict is not None:
            return f"Theory: a {self.verdict}, as {self.reason}."
        if self.result is None or self.verdict is None:
            source = f". {self.result}: " if self.result else ": "
            return f"Theory: no verdict{source}{self.reason}."
        away = f"distance to the boundary {self.distance:.3g}"
        return f"Theory: {self.result} says {self.verdict}, as {self.inequality}; {away}."


def self_limits(race: Race) -> SelfLimits:
    """Whether leads limit themselves, by a closed form where one covers the race.

    Covered are equal labs that leapfrog on a revenue ladder: by R6 with diminishing returns, by R9
    and R10 with a linear hazard. On markets that ration or clear results say no verdict, but what
    shortage does, R22 to R26; where money grows, what is neutral then, R27 and R28.

    Parameters
    ----------
    race : Race

    Returns
    -------
    SelfLimits

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1, 1.5, 1.8]),
    ...                lb.Technology(1, leapfrog=1), discount=0.1, rungs=4)
    >>> found = self_limits(race)
    >>> found.result, found.verdict, round(found.distance, 3)
    ('R6', 'run', 0.0)
    """
    if found := _short(race):
        return found
    if reason := _uncovered(race):
        return SelfLimits(None, "", None, None, None, reason)
    assert isinstance(race.market, RevenueLadder)
    ladder = race.market.ladder(race.rungs)
    if race.technology.productivity == 0 or ladder[0] == ladder[-1]:
        return SelfLimits(None, "", None, None, "standstill", "building gains nothing")
    hazard = race.technology.productivity * race.labs[0].talent
    hazard *= race.labs[0].compute ** race.technology.returns
    compute = race.labs[0].compute
    if race.technology.returns < 1:
        return _log_concave(race, ladder, hazard / compute)
    return _linear(race, ladder, hazard / compute)


def _short(race: Race) -> SelfLimits | None:
    """What is said of shortage and growth; None where there is nothing to say."""
    market, source, reason = race.market, "", ""
    if not race.mechanisms.off:
        return None
    if isinstance(market, ScarceMarket):
        source, reason = "R23", may_stand_still(race, market)
    if isinstance(market, ClearingMarket) and market.switching > 0:
        source, reason = "R22", where_prices_clear(race, market)
    elif race.growth > 1:
        source, reason = where_money_grows(race)
    return SelfLimits(source, "", None, None, None, reason) if reason else None


def _uncovered(race: Race) -> str:
    """Why no result covers the race; empty if one does."""
    if not race.mechanisms.off:
        return f"no result covers a race with {', '.join(race.mechanisms.on)}"
    if not isinstance(race.market, RevenueLadder):
        return "no result covers revenue that depends on demand state by state"
    technology, first = race.technology, race.labs[0]
    alike = len({(lab.compute, lab.talent, lab.build) for lab in race.labs}) == 1
    moved = technology.flywheel or technology.handicap or technology.drafting
    ladder = race.market.ladder(race.rungs)
    rises = ladder[0] > 0 and (np.diff(ladder) >= 0).all()
    reasons = {
        "the ladder results need laggards that leapfrog (leapfrog = 1)": technology.leapfrog < 1,
        "no result covers hazards that depend on the lead": moved,
        "the ladder results need equal labs, free to build any share": not alike
        or first.build != (0.0, 1.0),
        "with a single rung no lead can grow": race.rungs < 2,
        "the ladder results need money that does not grow (growth = 1)": race.growth > 1,
        "the ladder results need positive revenue that does not fall in the lead": not rises,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _log_concave(race: Race, ladder: Array, hazard: float) -> SelfLimits:
    """R6, on the ladder with its top repeated, as the cap has it."""
    rule = "revenue is log-concave in the lead, r_{g+1}^2 >= r_g r_{g+2}"
    log = np.log(np.r_[ladder, ladder[-1]])
    slack = float((2 * log[1:-1] - log[:-2] - log[2:]).min())
    if slack < -ROUNDING:
        reason = "revenue is not log-concave throughout, and that is sufficient only"
        return SelfLimits("R6", rule, slack, slack, None, reason)
    slack = max(slack, 0.0)
    build, _, _ = settle(ladder, len(race.labs), race.discount, hazard, race.technology.returns)
    if build[0] >= CORNER:
        reason = (
            "laggards build with all they have, and shares cannot be distinguished at that bound"
        )
        return SelfLimits("R6", rule, slack, slack, None, reason)
    return SelfLimits("R6", rule, slack, slack, "run", "leaders build less the longer their lead")


def _linear(race: Race, ladder: Array, hazard: float) -> SelfLimits:
    """R9 and R10: the full chase, and where the leader stops to extend its lead."""
    rule = "laggards chase (r/f > T) and the leader stops extending (r_{g+1}/r_g < T)"
    threshold = len(race.labs) + race.discount / hazard
    steps = ladder[2:] / ladder[1:-1]
    worth = (ladder[1:] / threshold ** np.arange(len(ladder) - 1)).max()
    chase = float(worth / ladder[0])
    if chase <= threshold * (1 + ROUNDING):
        reason = "laggards are indifferent or sell: the linear hazard leaves several equilibria"
        return SelfLimits("R9", rule, chase, chase - threshold, None, reason)
    if (np.diff(steps) > ROUNDING).any():
        reason = "the steps of revenue do not fall, so the leader's plan has no closed form"
        return SelfLimits("R10", rule, None, None, None, reason)
    distance = min(chase - threshold, threshold - float(steps[-1]))
    if distance <= ROUNDING:
        reason = "the leader extends its lead up to the cap, at the pace of its chasers"
        return SelfLimits("R10", rule, float(steps[-1]), distance, None, reason)
    source = "R9" if steps[0] < threshold else "R10"
    reason = "laggards build flat out, and from some lead on the leader sells"
    return SelfLimits(source, rule, float(steps[-1]), distance, "run", reason)

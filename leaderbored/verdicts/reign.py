r"""How leads behave: how long, how large, how often they change hands, what they are worth.

A frontier advance makes the lab that made it the sole leader, so the incumbent (ties keep it) is
always the lab that advanced last. Lead changes are therefore advances by another lab than the
last one, and reigns are unbroken strings of advances by one lab.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from scipy.optimize import brentq

from leaderbored.games.markov import Array, Markov, States
from leaderbored.race import Race, landings, leads, signed_leads
from leaderbored.verdicts.law import Law

DENSE = 300  # states up to which the matrix exponential is worked out in full,
SQUARE = 2_600  # and up to which it is where its action would take more than
PRODUCTS = 500  # products with the generator


@dataclass(frozen=True)
class Statistics:
    """Long-run statistics of the lead. What is undefined is None.

    Attributes
    ----------
    mean_lead : float
        Mean of the lead, ties counting zero; rungs.
    lead_distribution : tuple of float
        Share of time at leads 0, 1, ..., G.
    advances_per_year : float
        Frontier advances; 1/year.
    lead_changes_per_year : float
        Advances by another lab than the incumbent; 1/year.
    mean_reign : float or None
        Time from becoming sole leader until another lab does; years.
    time_in_lead : dict of str to float
        Share of time each lab leads alone.
    repeat_win, repeat_win_neutral : float or None
        Chance that the lab of the last advance also makes the next one; and what that chance
        would be if the next winner were drawn by compute alone.
    half_life : float or None
        Time until the expected lead of the present leader over its best rival has halved, from
        the stationary law given the median positive lead; None if never, or if beyond 2600
        states it takes more than some 500 successes. Years.
    autocorrelation : float or None
        Correlation of leadership now and a year later, pooled over labs.
    median_lead : int or None
        Median of the lead while there is one; rungs.
    value_of_lead : float or None
        Value of the leader less mean value of the others at the median lead; money.
    value_by_lead : tuple of (float or None)
        The same at leads 1, ..., G.
    boredom : float or None
        1 - (V_lead - V_lag) / (V_lead + V_lag) at the median lead: 1 if rank is worth nothing.
    sold : float
        Share of all compute that sells; what is idle and builds for free counts as building.
    """

    mean_lead: float
    lead_distribution: tuple[float, ...]
    advances_per_year: float
    lead_changes_per_year: float
    mean_reign: float | None
    time_in_lead: dict[str, float]
    repeat_win: float | None
    repeat_win_neutral: float | None
    half_life: float | None
    autocorrelation: float | None
    median_lead: int | None
    value_of_lead: float | None
    value_by_lead: tuple[float | None, ...]
    boredom: float | None
    sold: float


def statistics(race: Race, markov: Markov, build: Array, value: Array, law: Law) -> Statistics:
    """Compute the statistics of a profile of shares.

    Parameters
    ----------
    race : Race
        N labs, G rungs.
    markov : Markov
        The race compiled, S states.
    build, value : (N, S) arrays
        Shares and values.
    law : Law
        Stationary law of the states under these shares.

    Returns
    -------
    Statistics

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1, 1.5, 2.25]),
    ...                lb.Technology(1, leapfrog=1), discount=0.1, rungs=2)
    >>> round(lb.verdict(lb.solve(race)).statistics.time_in_lead["A"], 9)
    0.5
    """
    states = markov.states
    lead, leader = leads(states)
    labs = len(race.labs)
    hazard, build, value = markov.hazard(build), build[:labs], value[:labs]
    distribution = np.bincount(lead, weights=law.weight, minlength=race.rungs + 1)
    in_lead = np.array([law.weight[leader == i].sum() for i in range(labs)])
    _, compute = race.board()
    share = compute / compute.sum(axis=0)
    advances, repeats, by_lab = advances_by(race, markov, hazard, law)
    changes = advances - repeats
    ahead = np.cumsum(distribution[1:])
    has_lead = bool(ahead[-1] > 0)
    median = int(np.argmax(ahead >= (0.5 - 1e-12) * ahead[-1])) + 1 if has_lead else None
    top, rest = _values_by_lead(states, value, law, race.rungs)
    worth = top - rest
    return Statistics(
        mean_lead=float(distribution @ np.arange(race.rungs + 1)),
        lead_distribution=tuple(distribution.tolist()),
        advances_per_year=advances,
        lead_changes_per_year=changes,
        mean_reign=1 / changes if changes > 0 else None,
        time_in_lead=dict(zip(markov.players[:labs], in_lead.tolist(), strict=True)),
        repeat_win=repeats / advances if advances > 0 else None,
        repeat_win_neutral=float((by_lab * share).sum(axis=0) @ law.weight) / advances
        if advances > 0
        else None,
        half_life=_half_life(states, law, median) if median else None,
        autocorrelation=_autocorrelation(leader, labs, law),
        median_lead=median,
        value_of_lead=_known(worth[median - 1]) if median else None,
        value_by_lead=tuple(map(_known, worth)),
        boredom=_boredom(top[median - 1], rest[median - 1]) if median else None,
        sold=float(law.weight @ ((1 - build) * share).sum(axis=0)),
    )


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def _boredom(top: float, rest: float) -> float | None:
    return float(1 - (top - rest) / (top + rest)) if top + rest > 0 else None


def advances_by(race: Race, markov: Markov, hazard: Array, law: Law) -> tuple[float, float, Array]:
    """Rates of frontier advances, of those by the last advancer, and (N, S) by lab and state."""
    states, size, labs = markov.states, hazard.shape[1], len(race.labs)
    total, nobodys = hazard.sum(axis=0), hazard[labs:]
    hazard = hazard[:labs]
    chance = np.where(states.T == 0, 1.0, race.technology.leapfrog)
    advance = hazard * chance
    catch_up = sp.csr_array((size, size))
    above = []
    for lab in range(labs):
        top, one_up = landings(states, race.rungs, lab)
        above.append(top)
        rate = hazard[lab] - advance[lab]
        catch_up += sp.csr_array((rate, (np.arange(size), one_up)), shape=(size, size))
    for rate, jump in zip(nobodys, markov.jump[labs:], strict=True):
        stays = rate * jump.diagonal()
        catch_up += sp.diags_array(rate) @ jump - sp.diags_array(stays)
        total = total - stays
    # Catching up lowers the sum of rungs behind, so in that order the system is triangular.
    order = np.argsort(states.sum(axis=1), kind="stable")
    exits, catch_up = np.where(total > 0, total, 1.0), catch_up.tocsr()
    catch_up.data /= np.repeat(exits, np.diff(catch_up.indptr))  # rates may be next to nothing
    matrix = (sp.eye_array(size) - catch_up).tocsr()[order][:, order]
    next_by = np.empty((size, labs))
    order_of = "NATURAL" if len(race.states()) == size else "MMD_AT_PLUS_A"  # compute moves too
    factors = spla.splu(matrix.tocsc(), permc_spec=order_of, diag_pivot_thresh=0.0)
    next_by[order] = factors.solve((advance / exits).T[order])
    repeats = sum(
        float(law.weight @ (advance[lab] * next_by[above[lab], lab])) for lab in range(labs)
    )
    return float((advance @ law.weight).sum()), repeats, advance


def _values_by_lead(states: States, value: Array, law: Law, rungs: int) -> tuple[Array, Array]:
    """Mean value of the leader, and of the others, at leads 1..G; nan where there is no weight."""
    lead, leader = leads(states)
    own = value[np.maximum(leader, 0), np.arange(len(states))]
    others = (value.sum(axis=0) - own) / (len(value) - 1)
    pick = [lead == g for g in range(1, rungs + 1)]
    return (
        np.array([law.mean(own, here) for here in pick]),
        np.array([law.mean(others, here) for here in pick]),
    )


def _move(law: Law, start: Array, years: float) -> Array:
    """Laws (S, M) after some years, from laws ``start`` (S, M)."""
    generator = law.generator.T * years
    stiff = float(-generator.diagonal().min()) > PRODUCTS
    if len(start) <= DENSE or (stiff and len(start) <= SQUARE):
        return np.asarray(sl.expm(generator.toarray()) @ start)
    trace = float(generator.diagonal().sum())
    return np.asarray(spla.expm_multiply(generator.tocsr(), start, traceA=trace))


def _half_life(states: States, law: Law, median: int) -> float | None:
    lead, leader = leads(states)
    weight = np.where(lead == median, law.weight, 0)
    start = (leader[:, None] == np.arange(states.shape[1])) * weight[:, None] / weight.sum()
    return halving(law, signed_leads(states), start, median)


def halving(law: Law, ahead: Array, start: Array, median: int) -> float | None:
    """Time until an expected lead has halved; years.

    Parameters
    ----------
    law : Law
        Of the motion of S states.
    ahead : (S, M) array
        Leads.
    start : (S, M) array
        Weights at the start, which add up to one; each column moves by itself.
    median : int
        The lead to be halved.

    Returns
    -------
    float or None
        None if never, or if the game is large and it takes more than some 500 successes.
    """

    def excess(laws: Array) -> float:
        return float((ahead * laws).sum()) - median / 2

    limit = -median / 2
    for members in law.classes:
        within = law.weight[members] / law.weight[members].sum()
        limit += float(start[members].sum(axis=0) @ (within @ ahead[members]))

    def never(now: float) -> bool:
        return limit > 0 and abs(now - limit) < 1e-9 * median

    fastest = float(law.rates.sum(axis=1).max())
    reached, years, step = start, 0.0, 0.5 / fastest
    while step * fastest <= PRODUCTS:
        later = _move(law, reached, step)
        if excess(later) <= 0:
            return years + _crossing(law, reached, step, excess)
        if never(excess(later)):
            return None
        reached, years, step = later, years + step, 2 * step
    if len(start) > SQUARE:
        return None
    # A slow lead: square the transition matrix until it is lost, then halve back to the day.
    powers = [sl.expm((law.generator.T * step).toarray())]
    for _ in range(60):
        later = powers[-1] @ reached
        if excess(later) <= 0:
            break
        if never(excess(later)):
            return None
        reached, years, step = later, years + step, 2 * step
        squared = powers[-1] @ powers[-1]
        powers.append(squared / squared.sum(axis=0))  # or rounding would double with each square
    else:
        return None
    for power in reversed(powers[:-1]):
        step /= 2
        later = power @ reached
        if excess(later) > 0:
            reached, years = later, years + step
    return years + _crossing(law, reached, step, excess)


def _crossing(law: Law, start: Array, years: float, excess: Callable[[Array], float]) -> float:
    """Time, at most ``years``, at which the excess of the moving laws is zero."""
    return float(brentq(lambda t: excess(_move(law, start, t)), 0, years, xtol=1e-13))


def _autocorrelation(leader: States, labs: int, law: Law) -> float | None:
    """Correlation of the indicators of leadership a year apart, pooled over labs."""
    leading = (leader[:, None] == np.arange(labs)).astype(float)
    share = law.weight @ leading
    spread = float((share * (1 - share)).sum())
    if spread < 1e-14:
        return None
    later = _move(law, law.weight[:, None] * leading, 1.0)
    return (float((leading * later).sum()) - float((share**2).sum())) / spread

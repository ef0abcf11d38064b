"""How leads behave: how long, how large, how often they change hands, what they are worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from leaderbored.games.markov import Array, States
from leaderbored.race import Race, leads
from leaderbored.solvers import Equilibrium
from leaderbored.solvers.budget import Budget, Progress, StoppedError
from leaderbored.verdicts.advances import succession
from leaderbored.verdicts.board import Followed, board_of, followed
from leaderbored.verdicts.ends import End
from leaderbored.verdicts.later import after, halving
from leaderbored.verdicts.law import Law, grouped
from leaderbored.verdicts.reading import Reading


@dataclass(frozen=True)
class Statistics:
    """Long-run statistics of the lead. What is undefined is None.

    Where play from a tie comes to a standstill its law sits where nobody moves, and only where
    that is, is told: ``lead_distribution``, ``time_in_lead`` and ``value_by_lead``. Where play may
    end in different ways they are weighted by the chance of each.

    Attributes
    ----------
    mean_lead : float or None
        Mean of the lead, ties counting zero; rungs. None where a leader may escape.
    lead_distribution : tuple of float
        Share of time at leads 0, 1, ..., G.
    advances_per_year : float or None
        Frontier advances; 1/year.
    lead_changes_per_year : float or None
        Advances by another lab than the incumbent; 1/year.
    mean_reign : float or None
        Time from becoming sole leader until another lab does; years. None where play may end with
        a leader for ever.
    time_in_lead : dict of str to float
        Share of time each lab leads alone.
    repeat_win, repeat_win_neutral : float or None
        Chance that the lab of the last advance also makes the next one; and what that chance
        would be if the next winner were drawn by compute alone.
    half_life : float or None
        Time until the expected lead of the present leader over its best rival has halved, from
        the stationary law given the median positive lead; None if never. Years.
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
    sold : float or None
        Share of all compute that sells; what is idle and builds for free counts as building.
    not_checked : tuple of str
        Statistics that are None because they would have taken too long.
    """

    mean_lead: float | None
    lead_distribution: tuple[float, ...]
    advances_per_year: float | None
    lead_changes_per_year: float | None
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
    sold: float | None
    not_checked: tuple[str, ...] = ()


def statistics(
    race: Race,
    board: Equilibrium,
    reading: Reading,
    budget: Budget | None = None,
    progress: Progress | None = None,
) -> Statistics:
    """Compute the statistics of a profile of shares.

    Parameters
    ----------
    race : Race
        N labs, G rungs.
    board : Equilibrium
        Where the race goes on, as of :func:`leaderbored.verdicts.profile.on_board`.
    reading : Reading
        Of its shares.
    budget : Budget, optional
        What the half-life and the autocorrelation may take in all.
    progress : callable, optional
        Called with (phase, round, distance) while the half-life is found.

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
    markov, law, ends, labs = board.game, reading.law, reading.ends, len(race.labs)
    here = board_of(race, markov)
    states, compute = here.states, here.owned
    lead, leader = leads(states)
    build, value = board.build[:labs], board.value[:labs]
    distribution = np.bincount(lead, weights=law.weight, minlength=race.rungs + 1)
    in_lead = here.pooled(np.array([law.weight[leader == i].sum() for i in range(labs)]))
    top, rest = _values_by_lead(states, value, law, race.rungs)
    still = Statistics(
        mean_lead=None,
        lead_distribution=tuple(distribution.tolist()),
        advances_per_year=None,
        lead_changes_per_year=None,
        mean_reign=None,
        time_in_lead=dict(zip(markov.players[:labs], in_lead.tolist(), strict=True)),
        repeat_win=None,
        repeat_win_neutral=None,
        half_life=None,
        autocorrelation=None,
        median_lead=None,
        value_of_lead=None,
        value_by_lead=tuple(map(_known, top - rest)),
        boredom=None,
        sold=None,
    )
    if not any(end.moves for end in ends):
        return still
    share = compute / compute.sum(axis=0)
    who = reading.succession or succession(race, markov, reading.hazard, law.never)
    made = who.under(law.weight)
    ahead = np.cumsum(distribution[1:])
    has_lead = bool(ahead[-1] > 0)
    median = int(np.argmax(ahead >= (0.5 - 1e-12) * ahead[-1])) + 1 if has_lead else None
    skipped: list[str] = []
    budget = budget or Budget()

    def timed(name: str, work: Callable[[], float | None]) -> float | None:
        try:
            with budget.running():
                return _known(work())
        except StoppedError:
            skipped.append(name)
            return None

    @cache
    def motion() -> Followed:
        return followed(markov, reading.hazard, law)

    def halved() -> float | None:
        return _half_life(motion(), median or 0, progress)

    neutral = float((who.by_lab * share).sum(axis=0) @ law.weight)
    return replace(
        still,
        mean_lead=float(distribution @ np.arange(race.rungs + 1)) if reading.bounded else None,
        advances_per_year=_known(made.rate),
        lead_changes_per_year=_known(made.changes),
        mean_reign=_mean_reign(ends, made.changes),
        repeat_win=_ratio(made.repeats, made.rate),
        repeat_win_neutral=_ratio(neutral, made.rate),
        half_life=timed("half_life", halved) if median else None,
        autocorrelation=timed("autocorrelation", lambda: _autocorrelation(motion())),
        median_lead=median,
        value_of_lead=_known(top[median - 1] - rest[median - 1]) if median else None,
        boredom=_boredom(top[median - 1], rest[median - 1]) if median else None,
        sold=float(law.weight @ ((1 - build) * share).sum(axis=0)),
        not_checked=tuple(skipped),
    )


def _known(number: float | None) -> float | None:
    return float(number) if number is not None and np.isfinite(number) else None


def _ratio(part: float, whole: float) -> float | None:
    return _known(part / whole) if 0 < whole < np.inf else None


def _boredom(top: float, rest: float) -> float | None:
    return _known(rest / (top / 2 + rest / 2)) if top / 2 + rest / 2 > 0 else None


def _mean_reign(ends: Sequence[End], changes: float) -> float | None:
    """One over the rate of lead changes, if leads change hands wherever play ends."""
    if any(end.held or not end.moves or not end.lead_changes_per_year for end in ends):
        return None
    return _ratio(1.0, changes)


def _values_by_lead(states: States, value: Array, law: Law, rungs: int) -> tuple[Array, Array]:
    """Mean value of the leader, and of the others, at leads 1..G; nan where there is no weight."""
    lead, leader = leads(states)
    labs = np.arange(len(value))[:, None]
    own = value[np.maximum(leader, 0), np.arange(len(states))]
    others = np.where(labs == leader, 0.0, value / (len(value) - 1)).sum(axis=0)
    means = (grouped(lead, law.weight, worth, rungs + 1)[1:] for worth in (own, others))
    return next(means), next(means)


def _half_life(labs: Followed, median: int, progress: Progress | None) -> float | None:
    start = np.where(labs.leading & (labs.ahead == median), labs.weight, 0.0)
    return halving(labs.law, labs.ahead, start / start.sum(), median, progress)


def _autocorrelation(labs: Followed) -> float | None:
    """Correlation of the indicators of leadership a year apart, pooled over labs."""
    spread = float((labs.weight * labs.leading * labs.rest).sum())
    if spread < np.finfo(float).tiny:
        return None
    # Centred without a subtraction: one may lead nearly always.
    centred = np.where(labs.leading, labs.rest, -labs.share)
    later = after(labs.law, labs.weight * centred, 1.0)
    return float(np.where(labs.leading, later, 0.0).sum()) / spread

"""What independent labs would show: each lab's own records, shuffled.

A gap between the first and the second reverts by its nature: whoever is behind has more to gain
from its next record. So every statistic is held against what it is where no lab answers another:
each lab keeps its first record, the sizes of its later improvements and the waits between them,
both in an order drawn at random. What is more extreme than that calls for an explanation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from leaderbored.evidence.boards import WEEK, Dates, table
from leaderbored.evidence.history import History, spread, two_sided
from leaderbored.evidence.scores import Scores
from leaderbored.evidence.statistics import FEWEST
from leaderbored.games.markov import Array

QUANTILES = (0.05, 0.5, 0.95)
KEYS = ("shuffled_05", "shuffled_50", "shuffled_95")
STATISTICS = ("lead changes", "mean lead", "half-life", "lead when lost")


@dataclass(frozen=True, eq=False)
class Null:
    """Statistics of a board beside what shuffled records show.

    Attributes
    ----------
    name : str
        Of the board.
    draws : int
    names : tuple of str
        Of the statistics: lead changes, mean lead, half-life of the lead in days, and lead when
        lost: the mean lead at the start of weeks in which it was lost over that of the others.
    observed : (K,) array
    shuffled : (3, K) array
        Quantiles of the draws at 5, 50 and 95%.
    p_values : (K,) array
        Two-sided: twice the smaller share of draws, the observed one included, that are at or
        beyond the observed.
    """

    name: str
    draws: int
    names: tuple[str, ...]
    observed: Array
    shuffled: Array
    p_values: Array


def null(scores: Scores, draws: int = 1000, seed: int = 0, margin: float = 0.0) -> Null:
    """Statistics of a board beside what shuffled records show.

    Parameters
    ----------
    scores : Scores
    draws : int, default 1000
    seed : int, default 0
    margin : float, default 0
        By more than which a challenger must be ahead to lead.

    Raises
    ------
    ValueError
        If there are fewer than one draw, or never two labs.

    Examples
    --------
    >>> days = np.arange("2020-01-01", "2025-12-01", 30, dtype="datetime64[D]")
    >>> lab = np.arange(len(days)) % 2  # they take turns, by leaps of many sizes
    >>> scores = Scores("mine", ("A", "B"), days, lab, np.arange(len(days)) ** 2.0)
    >>> found = null(scores, draws=99)
    >>> int(found.observed[0]), bool(found.p_values[0] < 0.05)
    (71, True)
    """
    if draws < 1:
        raise ValueError(f"draws: {draws}: expected 1 or more")
    kept, random = scores.records(), np.random.default_rng(seed)
    observed = np.array(_statistics(kept, margin))
    found = np.array([_statistics(shuffle(kept, random), margin) for _ in range(draws)])
    between = spread(found, QUANTILES, "nearest")  # numbers of changes stay whole
    return Null(scores.name, draws, STATISTICS, observed, between, two_sided(observed, found))


def shipped(name: str) -> Null | None:
    """What shuffled records show of a board that is shipped, worked out beforehand.

    Scores of single models are not shipped, so that only a user's own table can be shuffled anew.
    None where they were not to be had: ratings move for all labs at once, and there is no own
    record.

    Examples
    --------
    >>> found = shipped("eci")
    >>> dict(zip(found.names, found.p_values.round(2).tolist()))["lead changes"]
    0.27
    >>> shipped("arena") is None
    True
    """
    rows = [row for row in table("shuffled.csv") if row["board"] == name]
    if not rows:
        return None
    numbers = {key: np.array([float(row[key]) for row in rows]) for key in (*KEYS, "observed", "p")}
    return Null(
        name,
        int(rows[0]["draws"]),
        tuple(row["statistic"] for row in rows),
        numbers["observed"],
        np.array([numbers[key] for key in KEYS]),
        numbers["p"],
    )


def shuffle(records: Scores, random: np.random.Generator) -> Scores:
    """Records whose waits and improvements come in another order, each lab's among themselves.

    Examples
    --------
    >>> days = np.array(["2025-01-01", "2025-02-01", "2025-06-01"], dtype="datetime64[D]")
    >>> scores = Scores("mine", ("A",), days, np.zeros(3, dtype=int), np.array([1.0, 2.0, 5.0]))
    >>> shuffle(scores, np.random.default_rng(1)).score[-1]
    np.float64(5.0)
    """
    dates: Dates = records.dates.copy()
    score = records.score.copy()
    for i in np.unique(records.lab):
        own = np.flatnonzero(records.lab == i)
        waits, steps = np.diff(records.dates[own]), np.diff(records.score[own])
        dates[own[1:]] = dates[own[0]] + np.cumsum(random.permutation(waits))
        score[own[1:]] = score[own[0]] + np.cumsum(random.permutation(steps))
    order = np.argsort(dates, kind="stable")
    return replace(records, dates=dates[order], lab=records.lab[order], score=score[order])


def _statistics(records: Scores, margin: float) -> tuple[float, ...]:
    """Lead changes, mean lead, half-life, and the lead before losses over the lead otherwise."""
    history = History(records, margin)
    lead = history.lead
    return float(history.changes), float(lead.mean()), _half_life(lead), history.lead_when_lost


def _half_life(lead: Array) -> float:
    """Days, by an autoregression over weeks; infinite where nothing reverts."""
    if len(lead) < FEWEST:
        return np.nan
    before, after = lead[:-1] - lead[:-1].mean(), lead[1:] - lead[1:].mean()
    spread = float(before @ before)
    phi = float(before @ after) / spread if spread > 0 else np.nan
    if not phi < 1:
        return np.inf if phi >= 1 else np.nan
    return WEEK * float(np.log(0.5) / np.log(phi)) if phi > 0 else 0.0

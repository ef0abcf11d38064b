"""What statistics of a board look at: who leads when and by how much, week by week."""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.evidence.boards import WEEK, YEAR
from leaderbored.evidence.scores import Scores, leaders
from leaderbored.games.markov import Array


class History:
    """A board as its records make it, from the day on which there are two labs.

    Attributes
    ----------
    days : (T,) array of days
        On which anybody's best score rose.
    best : (T, N) array
        Best score of each lab then.
    who : (T,) array of int
        Who led then.
    lead, leader : (W,) arrays
        Lead and leader at the start of each week.
    years : float
        From the first day to the last on which the board was looked at; not a number if it is one.

    Raises
    ------
    ValueError
        If there are never two labs.

    Examples
    --------
    >>> days = np.array(["2025-01-01", "2025-01-01", "2025-01-20"], dtype="datetime64[D]")
    >>> lab, score = np.array([0, 1, 1]), np.array([1.0, 0.0, 3.0])
    >>> made = History(Scores("x", ("A", "B"), days, lab, score))
    >>> made.lead.tolist(), made.leader.tolist(), made.changes
    ([1.0, 1.0, 1.0], [0, 0, 0], 1)
    """

    def __init__(self, records: Scores, margin: float = 0.0) -> None:
        days, best = records.standing()
        enough = np.isfinite(best).sum(axis=1) > 1
        if not enough.any():
            raise ValueError(f"board: {records.name}: expected scores of two labs or more")
        self.records, self.days, self.best = records, days[enough], best[enough]
        self.who = leaders(self.best, margin)
        span = records.last - self.days[0]
        self.years = float(span / np.timedelta64(1, "D")) / YEAR or np.nan
        weeks = np.arange(self.days[0], records.last + 1, WEEK)
        row = np.searchsorted(self.days, weeks, side="right") - 1
        top = np.sort(self.best, axis=1)
        self.lead, self.leader = (top[:, -1] - top[:, -2])[row], self.who[row]

    @property
    def changes(self) -> int:
        """How often the lead changed hands."""
        return int((self.who[1:] != self.who[:-1]).sum())

    @property
    def lead_when_lost(self) -> float:
        """Mean lead at the start of weeks in which it was lost, over that of the others.

        Not a number where it cannot be told.
        """
        lost, before = self.leader[1:] != self.leader[:-1], self.lead[:-1]
        if not lost.any() or not before[~lost].sum() > 0:
            return np.nan
        return float(before[lost].mean() / before[~lost].mean())


def two_sided(observed: Array, drawn: Array) -> Array:
    """(K,) twice the smaller share of draws (R, K), the observed (K,) included, at or beyond it.

    Draws in which a statistic could not be told are left out; not a number where there are no
    others.

    Examples
    --------
    >>> two_sided(np.array([5.0]), np.arange(4.0)[:, None]).tolist()
    [0.4]
    """
    known = np.isfinite(drawn).sum(axis=0)
    below, above = (drawn <= observed).sum(axis=0), (drawn >= observed).sum(axis=0)
    p = np.minimum(1.0, 2 * (1 + np.minimum(below, above)) / (1 + known))
    return np.where(np.isfinite(observed) & (known > 0), p, np.nan)


def spread(drawn: Array, levels: tuple[float, ...], method: Any = "linear") -> Array:
    """(Q, K) quantiles of the draws (R, K) in which a statistic could be told; nan if in none.

    Examples
    --------
    >>> spread(np.array([[1.0, np.nan], [3.0, np.nan]]), (0.5,)).tolist()
    [[2.0, nan]]
    """
    known = [column[np.isfinite(column)] for column in drawn.T]
    nothing = [np.nan] * len(levels)
    return np.array([np.quantile(x, levels, method=method) if len(x) else nothing for x in known]).T

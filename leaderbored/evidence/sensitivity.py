"""Does what is said of the record depend on the board, the years, or on when a lead counts as lost?

Each row is one choice, all else as it is: the board, the first year that is used, and by how much a
challenger must be ahead to lead, in mean leads of the board. Three conclusions are told for each:
how often the lead changed hands and whether labs that do not answer one another would have done so
as often, and what a longer lead does to the hazard of losing it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from leaderbored.evidence.boards import Board, board, spells_of
from leaderbored.evidence.forecast import seen
from leaderbored.evidence.hazards import FEWEST, hazards
from leaderbored.evidence.null import null
from leaderbored.evidence.scores import Scores
from leaderbored.evidence.statistics import Interval, rate_of_change
from leaderbored.shown import Shown

YEARS = (None, 2024, 2025)
MARGINS = (0.0, 0.25, 0.5)  # of a mean lead
LEVEL = 0.05


@dataclass(frozen=True)
class Choice:
    """What is said of the record under one choice.

    Attributes
    ----------
    board : str
    since : int or None
        First year that is used; None for all.
    margin : float
        By how many mean leads a challenger must be ahead to lead.
    changes : int
    rate : Interval
        Lead changes a year.
    by_lead : Interval or None
        What a mean lead more multiplies the hazard of losing the lead by; None where too few were
        lost to tell.
    p_shuffled : float
        Of as many changes where no lab answers another; not a number where single scores are not
        known.
    """

    board: str
    since: int | None
    margin: float
    changes: int
    rate: Interval
    by_lead: Interval | None
    p_shuffled: float


@dataclass(frozen=True, eq=False)
class Sensitivity(Shown):
    """What is said of the record, choice by choice."""

    choices: tuple[Choice, ...]

    @property
    def headline(self) -> str:
        """One sentence: in how many rows each conclusion holds."""
        told = [each.by_lead for each in self.choices if each.by_lead is not None]
        falls = sum(each.high < 1 for each in told)
        known = [each.p_shuffled for each in self.choices if np.isfinite(each.p_shuffled)]
        more = sum(p < LEVEL for p in known)
        return (
            f"Longer leads are lost less often in {falls} of {len(told)} choices, at 90%; labs "
            "that do not answer one another are rejected by the number of changes in "
            f"{more or 'none'} of {len(known)}, at 5%."
        )


def sensitivity(draws: int = 400, seed: int = 0) -> Sensitivity:
    """What is said of the record under each choice of board, years and margin.

    Parameters
    ----------
    draws : int, default 400
        Of shuffled records, in each row.
    seed : int, default 0

    Examples
    --------
    >>> found = sensitivity(draws=20)
    >>> len(found.choices), found.choices[0].changes
    (10, 11)
    """
    rows = [(name, year, 0.0) for name in ("arena", "eci") for year in YEARS]
    rows += [(name, None, margin) for margin in MARGINS[1:] for name in ("arena", "eci")]
    return Sensitivity(tuple(_choice(*row, draws, seed) for row in rows))


def _choice(name: str, year: int | None, margin: float, draws: int, seed: int) -> Choice:
    whole = board(name)
    unit = margin * float(whole.lead_at(whole.weeks()).mean())
    day = whole.dates[0] if year is None else np.datetime64(f"{year}-01-01", "D")
    p_shuffled = np.nan
    if name == "eci":
        scores = since(seen(whole), day)
        made = scores.board(unit, whole.unit)
        p_shuffled = float(null(scores, draws, seed, unit).p_values[0])
    else:
        made = _cut(whole, day) if not margin else _with_margin(whole, unit)
    lost = sum(spell.ended for spell in made.spells)
    by_lead = hazards([made]).by_lead if lost >= FEWEST else None
    rate = rate_of_change(made.changes, made.years)
    return Choice(name, year, margin, made.changes, rate, by_lead, p_shuffled)


def since(scores: Scores, day: np.datetime64) -> Scores:
    """Scores from a day on, each lab standing at first where it stood then.

    Examples
    --------
    >>> days = np.array(["2025-01-01", "2025-02-01", "2025-06-01"], dtype="datetime64[D]")
    >>> made = Scores("x", ("A", "B"), days, np.array([0, 1, 0]), np.array([1.0, 2.0, 5.0]))
    >>> since(made, np.datetime64("2025-03-01")).dates.astype(str).tolist()
    ['2025-03-01', '2025-03-01', '2025-06-01']
    """
    dates = np.maximum(scores.dates, day)
    return replace(scores, dates=dates).records() if len(dates) else scores


def _cut(whole: Board, day: np.datetime64) -> Board:
    """A board from a day on."""
    kept = whole.dates >= day
    spells = tuple(
        replace(spell, start=max(spell.start, day)) for spell in whole.spells if spell.end > day
    )
    names = [tuple(np.array(who)[kept].tolist()) for who in (whole.leader, whole.runner_up)]
    return replace(
        whole,
        dates=whole.dates[kept],
        leader=names[0],
        runner_up=names[1],
        scores=whole.scores[kept],
        spells=spells,
    )


def _with_margin(whole: Board, margin: float) -> Board:
    """A board on which a challenger must be ahead by more than a margin to lead."""
    who, now = [], whole.leader[0]
    for first, lead in zip(whole.leader, whole.lead, strict=True):
        now = first if first != now and lead > margin else now
        who.append(now)
    return replace(whole, spells=spells_of(whole.dates, who, whole.spells[-1].end))

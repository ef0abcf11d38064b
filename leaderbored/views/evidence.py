"""The record of a board as a page, and as plain data."""

from __future__ import annotations

import math
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from leaderbored.evidence.account import Account
from leaderbored.evidence.boards import Board
from leaderbored.evidence.hazards import Hazards
from leaderbored.evidence.null import Null
from leaderbored.evidence.predictions import Predictions
from leaderbored.evidence.sensitivity import Sensitivity
from leaderbored.evidence.spending import Spending
from leaderbored.evidence.statistics import Interval, Survey
from leaderbored.text import percent
from leaderbored.views.numbers import number
from leaderbored.views.sheet import Cells, columns, listing, sheet


def account_page(found: Account) -> RenderableType:
    """The headline, the spells, the statistics, and independent labs beside them.

    Examples
    --------
    >>> from rich.console import Console
    >>> from leaderbored.evidence.account import account
    >>> Console(width=90).print(account_page(account("eci")))  # doctest: +ELLIPSIS
    <BLANKLINE>
    ...
    """
    parts: list[RenderableType] = [_spells(found.board), _statistics(found.survey)]
    if found.hazards:
        parts.append(_hazards(found.hazards))
    if found.null:
        parts.append(_null(found.null))
    return sheet(
        found.board.title, found.headline, *parts, Text(f"Source: {found.board.source}.", "dim")
    )


def _spells(board: Board) -> Cells:
    table = columns("who led", "from", "until", "days")
    for spell in board.spells:
        end = str(spell.end) if spell.ended else "still leads"
        table.add_row(spell.leader, str(spell.start), end, str(spell.days))
    return table


def _statistics(found: Survey) -> Cells:
    table = listing()
    unit = found.board.unit
    rows = [
        ("median spell", found.median, "days"),
        ("mean lead", found.mean_lead, f"{unit}, over time"),
        *((f"half-life, {name}", life, "days") for name, life in found.half_lives.items()),
    ]
    for name, interval, about in rows:
        table.add_row(name, number(interval.at), f"{_between(interval)} {about}")
    table.add_row("median lead", number(found.median_lead), unit)
    table.add_row("largest lead", number(found.largest), unit)
    return table


def _between(interval: Interval) -> str:
    if not math.isfinite(interval.low):
        return ""
    high = number(interval.high) if math.isfinite(interval.high) else "no end"
    return f"({number(interval.low)} to {high})"


def _hazards(found: Hazards) -> Cells:
    table = columns("hazard of a loss", "times", "90%", "p")
    lead, age = found.by_lead, found.by_age
    table.add_row("a mean lead more", number(lead.at), _between(lead), _p(found.p_value))
    table.add_row("twice the age", number(age.at), _between(age), "")
    return table


def _null(found: Null) -> Cells:
    table = columns("statistic", "observed", "shuffled\nrecords", "nine of\nten draws", "p")
    for k, name in enumerate(found.names):
        middle, between = _spread(found.shuffled[:, k])
        p_value = _p(float(found.p_values[k]))
        table.add_row(name, number(found.observed[k]), middle, between, p_value)
    return table


def _p(value: float) -> str:
    return "-" if not math.isfinite(value) else "< 0.001" if value < 1e-3 else f"{value:.2g}"


def account_report(found: Account) -> dict[str, Any]:
    """It as plain data.

    Examples
    --------
    >>> from leaderbored.evidence.account import account
    >>> account_report(account("eci"))["changes"]
    11
    """
    board, beside, hazard = found.board, found.null, found.hazards
    return {
        "board": board.name,
        "title": board.title,
        "unit": board.unit,
        "source": board.source,
        "headline": found.headline,
        "years": board.years,
        "changes": board.changes,
        "spells": [
            {"leader": s.leader, "start": str(s.start), "end": str(s.end), "ended": s.ended}
            for s in board.spells
        ],
        "changes_per_year": _data(found.survey.rate),
        "median_spell_days": _data(found.survey.median),
        "mean_lead": _data(found.survey.mean_lead),
        "median_lead": found.survey.median_lead,
        "largest_lead": found.survey.largest,
        "half_life_days": {name: _data(i) for name, i in found.survey.half_lives.items()},
        "hazard": hazard
        and {
            "weeks": hazard.weeks,
            "events": hazard.events,
            "by_mean_lead": _data(hazard.by_lead),
            "by_doubled_age": _data(hazard.by_age),
            "p_value": hazard.p_value,
            "errors": hazard.errors,
        },
        "shuffled": beside
        and {
            "draws": beside.draws,
            **{
                name: {
                    "observed": float(beside.observed[k]),
                    "quantiles": beside.shuffled[:, k].tolist(),
                    "p_value": float(beside.p_values[k]),
                }
                for k, name in enumerate(beside.names)
            },
        },
    }


def _data(interval: Interval) -> dict[str, float]:
    return {"at": interval.at, "low": interval.low, "high": interval.high}


def predictions_page(found: Predictions) -> RenderableType:
    """The headline, each statistic with what the race and independent labs show, and sentences.

    Examples
    --------
    >>> import numpy as np
    >>> from rich.console import Console
    >>> from leaderbored.evidence.predictions import Prediction
    >>> spread = np.array([1.0, 2.0, 3.0])
    >>> one = Prediction("lead changes", "Lead changes a year", 9.0, spread, spread, 0.01, 0.5)
    >>> with (console := Console(width=100)).capture() as shown:
    ...     console.print(predictions_page(Predictions("eci", "labs", 99, (one,))))
    >>> "speaks against the race" in " ".join(shown.get().split())
    True
    """
    heads = ("race", "nine of ten", "p", "shuffled", "nine of ten", "p")
    table = columns("statistic", "board", *heads)
    for each in found.every:
        table.add_row(
            each.name,
            number(each.observed),
            *_spread(each.race),
            _p(each.p_race),
            *_spread(each.shuffled),
            _p(each.p_shuffled),
        )
    about = (
        f"Of the race and of shuffled records: median of {found.draws} histories, and where nine "
        "of ten lie. P-values are two-sided and corrected for their number by Holm's method."
    )
    sentences = Text("\n".join([*(each.sentence for each in found.every), found.spending.sentence]))
    title = f"{found.board} and {found.race or 'a race'}"
    split = [_split(found.spending)] if found.spending.pairs else []
    return sheet(title, found.headline, table, sentences, *split, Text(about, style="dim"))


def _split(found: Spending) -> Cells:
    """Shares of compute that builds, of two labs in a year."""
    table = columns("ahead, behind", "year", "ahead", "behind", "race,\nahead", "behind")
    for pair in found.pairs:
        shares = [split.share for split in pair.observed]
        told = [
            percent(share, 2) if math.isfinite(share) else "-" for share in (*shares, *pair.race)
        ]
        table.add_row(f"{pair.ahead}, {pair.behind}", str(pair.year), *told)
    return table


def _spread(quantiles: Any) -> tuple[str, str]:
    if not all(math.isfinite(x) for x in quantiles):
        return "-", "-"
    low, middle, high = (number(float(x)) for x in quantiles)
    return middle, f"{low} to {high}"


def predictions_report(found: Predictions) -> dict[str, Any]:
    """It as plain data.

    Examples
    --------
    >>> predictions_report(Predictions("eci", "labs", 99, ()))["draws"]
    99
    """
    return {
        "board": found.board,
        "race": found.race,
        "draws": found.draws,
        "headline": found.headline,
        "predictions": [
            {
                "name": each.name,
                "about": each.about,
                "observed": each.observed,
                "race": each.race.tolist(),
                "shuffled": each.shuffled.tolist(),
                "p_race": each.p_race,
                "p_shuffled": each.p_shuffled,
                "sentence": each.sentence,
            }
            for each in found.every
        ],
        "spending": {
            "sentence": found.spending.sentence,
            "p_value": found.spending.p_value,
            "least_p_value": found.spending.least,
            "pairs": [
                {
                    "year": pair.year,
                    "ahead": pair.ahead,
                    "behind": pair.behind,
                    "build_ahead": pair.observed[0].share,
                    "build_behind": pair.observed[1].share,
                    "known": [split.status for split in pair.observed],
                    "race_ahead": pair.race[0],
                    "race_behind": pair.race[1],
                }
                for pair in found.spending.pairs
            ],
        },
    }


def sensitivity_page(found: Sensitivity) -> RenderableType:
    """The headline, and a row for each choice.

    Examples
    --------
    >>> sensitivity_page(Sensitivity(())) is not None
    True
    """
    heads = ("changes", "a year", "90%", "hazard,\ntimes", "90%", "p of\nchanges")
    table = columns("choice", *heads)
    for each in found.choices:
        lead = each.by_lead
        table.add_row(
            f"{each.board}, {each.since or 'all'}, {each.margin:g}",
            str(each.changes),
            number(each.rate.at),
            f"{each.rate.low:.2g} to {each.rate.high:.2g}",
            number(lead.at) if lead else "-",
            f"{lead.low:.2g} to {lead.high:.2g}" if lead else "-",
            _p(each.p_shuffled),
        )
    about = (
        "Choice: board, first year, and mean leads by which a challenger must be ahead to lead. "
        "Hazard: of losing the lead, with a mean lead more. P: of as many changes where no lab "
        "answers another."
    )
    return sheet("what depends on what", found.headline, table, Text(about, style="dim"))

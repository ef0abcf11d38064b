"""Numbers of the paper that are read off public leaderboards; sources in evidence/data."""

from __future__ import annotations

from typing import Any

from leaderbored.evidence.account import account
from leaderbored.evidence.boards import board
from leaderbored.evidence.family import Family
from leaderbored.evidence.fit import Fit, fit
from leaderbored.evidence.hazards import pooled
from leaderbored.evidence.spending import splits
from leaderbored.evidence.statistics import Interval

Group = dict[str, Any]

BOARDS = ("eci", "arena")
TITLES = {"eci": "Epoch index", "arena": "Arena, text"}


def record() -> Group:
    """Who led on two boards, how often the lead changed, and what shuffled records show."""
    rows = []
    for name in BOARDS:
        found = account(name)
        survey = found.survey
        rows.append(
            {
                "board": TITLES[name],
                "years": f"{found.board.years:.1f}",
                "changes": str(found.board.changes),
                "rate": _interval(survey.rate, 1),
                "spell": _interval(survey.median, 0),
                "lead": _interval(survey.mean_lead, 0 if name == "arena" else 1),
                "hazard": _interval(found.hazards.by_lead, 2) if found.hazards else "",
            }
        )
    beside, every, known = account("eci").null, pooled(), splits()
    assert beside is not None
    low, middle, high = beside.shuffled[:, 0]
    return {
        "rows": rows,
        "shuffled": f"{middle:.0f}",
        "between": f"{low:.0f} to {high:.0f}",
        "p": f"{beside.p_values[0]:.2f}",
        "draws": f"{beside.draws:,}",
        "hazard": _interval(every.by_lead, 2),
        "weeks": f"{every.weeks:,}",
        "events": str(every.events),
        "splits": [f"{100 * split.share:.0f}" for split in known.values()],
    }


def fits() -> Group:
    """Which races of a grid would have shown the records, and what they would have been."""
    rows = []
    for name in BOARDS:
        for family in (Family(), Family("clearing")):
            found = fit(board(name), family=family)
            rows.append(
                {
                    "board": TITLES[name],
                    "market": "set prices" if family.market == "scarce" else "prices that clear",
                    "p": f"{found.p_value:.2f}" if found.p_value >= 0.05 else "below .05",
                    "verdict": _likeliest(found),
                }
            )
    return {"rows": rows}


def _likeliest(found: Fit) -> str:
    kind, share = max(found.verdicts.items(), key=lambda item: item[1])
    return f"{kind}, {100 * share:.0f}%"


def _interval(found: Interval, digits: int) -> str:
    at, low, high = (f"{number:.{digits}f}" for number in (found.at, found.low, found.high))
    return f"{at} ({low} to {high})"

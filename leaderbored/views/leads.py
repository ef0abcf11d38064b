"""Leads, impulses and simulated leaderboards as pages in the terminal."""

from __future__ import annotations

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from leaderbored.motion.impulse import NOTHING, UNITS, Impulse, by
from leaderbored.motion.lead import LeadPath, duration
from leaderbored.motion.leaderboards import Leaderboards
from leaderbored.views.numbers import percent
from leaderbored.views.sheet import columns, sheet

ROWS = 7


def lead_page(path: LeadPath) -> RenderableType:
    """The headline, the expected lead with its band, and first passages."""
    course = columns("years", "expected\nrungs", "10%\nrungs", "90%\nrungs", "overtaken\nby then")
    for k in np.linspace(0, len(path.times) - 1, min(ROWS, len(path.times))).astype(int):
        course.add_row(
            f"{path.times[k]:.3g}",
            f"{path.mean[k]:.3g}",
            f"{path.low[k]:g}",
            f"{path.high[k]:g}",
            percent(float(path.overtaken.by[k])),
        )
    passages = columns("first time that", "mean", "median", "ever")
    for passage in (path.caught, path.overtaken, path.extended):
        if passage is not None:
            median = "-" if passage.median is None else duration(passage.median)
            passages.add_row(passage.event, duration(passage.mean), median, f"{passage.chance:.4g}")
    return sheet(path.name or "race", path.headline, course, passages)


def impulse_page(impulse: Impulse) -> RenderableType:
    """The headline, and each response at once, later and on average."""
    spots = [0, (len(impulse.times) - 1) // 3, len(impulse.times) - 1]
    heads = ["at once", *(f"after\n{impulse.times[k]:.2g} years" for k in spots[1:])]
    table = columns("of the lab", "before", *heads, "comes after\nyears", "unit")
    for name, course in impulse.response.items():
        lag = impulse.lag[name]
        table.add_row(
            name,
            f"{_plain(impulse.before[name]):.3g}",
            *(by(float(course[k])) for k in spots),
            "-" if lag is None else f"{lag:.2f}",
            UNITS[name],
        )
    about = "Comes after: on average over the response, in present value."
    return sheet(impulse.name or "race", impulse.headline, table, Text(about, style="dim"))


def _plain(number: float) -> float:
    return number if abs(number) > NOTHING else 0.0


def leaderboards_page(boards: Leaderboards) -> RenderableType:
    """The headline, and means with Monte-Carlo errors beside the exact numbers."""
    table = columns("over all paths", "mean", "standard\nerror", "exact", "errors\napart")
    for name, (mean, error, exact) in boards.estimates.items():
        known = exact is not None and error > 0
        table.add_row(
            name,
            f"{mean:.4g}",
            f"{error:.1g}",
            "-" if exact is None else f"{exact:.4g}",
            f"{round((mean - exact) / error, 1) + 0.0:+.1f}"
            if known and exact is not None
            else "-",
        )
    return sheet(boards.name or "race", boards.headline, table)

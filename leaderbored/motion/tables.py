"""Leads, impulses and simulated leaderboards as pages in the terminal."""

from __future__ import annotations

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leaderbored.motion.impulse import UNITS, Impulse
from leaderbored.motion.lead import LeadPath, duration
from leaderbored.motion.leaderboards import Leaderboards

ROWS = 7
ROUNDING = 1e-12


def _page(name: str, headline: str, *parts: RenderableType) -> RenderableType:
    lines: list[RenderableType] = [Text(name or "race", style="dim"), Text(headline, style="bold")]
    for part in parts:
        lines += [Text(), part]
    return Padding(Group(*lines), (1, 2))


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column(columns[0], no_wrap=True)
    for column in columns[1:]:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def lead_page(path: LeadPath) -> RenderableType:
    """The headline, the expected lead with its band, and first passages."""
    course = _table("years", "expected\nrungs", "10%\nrungs", "90%\nrungs", "overtaken\nby then")
    for k in np.linspace(0, len(path.times) - 1, min(ROWS, len(path.times))).astype(int):
        course.add_row(
            f"{path.times[k]:.3g}", f"{path.mean[k]:.3g}", f"{path.low[k]:g}",
            f"{path.high[k]:g}", f"{path.overtaken.by[k]:.1%}",
        )  # fmt: skip
    passages = _table("first time that", "mean", "median", "ever")
    for passage in (path.caught, path.overtaken, path.extended):
        if passage is not None:
            median = "-" if passage.median is None else duration(passage.median)
            passages.add_row(passage.event, duration(passage.mean), median, f"{passage.chance:.4g}")
    return _page(path.name, path.headline, course, passages)


def impulse_page(impulse: Impulse) -> RenderableType:
    """The headline, and each response at once, later and on average."""
    spots = [0, (len(impulse.times) - 1) // 3, len(impulse.times) - 1]
    heads = ["at once", *(f"after\n{impulse.times[k]:.2g} years" for k in spots[1:])]
    table = _table("of the lab", "before", *heads, "comes after\nyears", "unit")
    for name, course in impulse.response.items():
        lag = impulse.lag[name]
        table.add_row(
            name, f"{_plain(impulse.before[name]):.3g}", *(f"{course[k]:+.2g}" for k in spots),
            "-" if lag is None else f"{lag:.2f}", UNITS[name],
        )  # fmt: skip
    about = "Comes after: on average over the response, in present value."
    return _page(impulse.name, impulse.headline, table, Text(about, style="dim"))


def _plain(number: float) -> float:
    return number if abs(number) > ROUNDING else 0.0


def leaderboards_page(boards: Leaderboards) -> RenderableType:
    """The headline, and means with Monte-Carlo errors beside the exact numbers."""
    table = _table("over all paths", "mean", "standard\nerror", "exact", "errors\napart")
    for name, (mean, error, exact) in boards.estimates.items():
        known = exact is not None and error > 0
        table.add_row(
            name, f"{mean:.4g}", f"{error:.1g}", "-" if exact is None else f"{exact:.4g}",
            f"{(mean - exact) / error:+.1f}" if known and exact is not None else "-",
        )  # fmt: skip
    return _page(boards.name, boards.headline, table)

"""A fit as a page: what fits, what the record cannot tell, and which verdicts it allows."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from leaderbored.evidence.atlas import HISTORIES
from leaderbored.evidence.fit import COVERAGE, Fit
from leaderbored.text import percent
from leaderbored.views.numbers import number
from leaderbored.views.sheet import columns, sheet

MOMENTS = (
    "root of lead changes a year",
    "spread over mean, log",
    "again in four weeks",
    "lead when lost, log",
)


def fit_page(found: Fit) -> RenderableType:
    """The headline, numbers with their sets, moments beside those of the record, verdicts.

    Examples
    --------
    >>> import numpy as np
    >>> one = Fit("x", ("handicap",), ((0.0, 0.1),), (0.1,), ((0.1,),), 2.0, np.ones(4),
    ...           np.ones(4), 0.5, {"run": 1.0})
    >>> fit_page(one) is not None
    True
    """
    numbers = columns("number", "estimate", "in the set", "on the grid")
    for k, name in enumerate(found.names):
        kept, grid = found.sets[k], found.grid[k]
        inside = f"{number(kept[0])} to {number(kept[-1])}" if kept else "none"
        numbers.add_row(
            name, number(found.at[k]), inside, f"{number(grid[0])} to {number(grid[-1])}"
        )
    numbers.add_row("points of a rung", number(found.rung), "", "")
    moments = columns("moment", "record", "race")
    for name, ours, theirs in zip(MOMENTS, found.moments, found.fitted, strict=True):
        moments.add_row(name, number(float(ours)), number(float(theirs)))
    verdicts = columns("verdict", "share of\nestimates")
    for kind, share in found.verdicts.items():
        verdicts.add_row(kind, percent(share, 2))
    about = (
        f"{found.family.about} {_searched(found)}Sets cover {COVERAGE:.0%}. Shares of estimates: "
        f"of {HISTORIES} histories of the race that is estimated, each estimated again."
    )
    title = f"which races would have shown {found.board or 'this'}"
    return sheet(title, found.headline, numbers, moments, verdicts, Text(about, style="dim"))


def _searched(found: Fit) -> str:
    """How many races had several equilibria, and how many none."""
    said = ""
    if found.family.all:
        several = found.several
        races = "no race" if not several else "1 race" if several == 1 else f"{several} races"
        said += f"More than one was found in {races} of the grid. "
    if found.unsolved:
        said += f"Left out, as no equilibrium was found: {found.unsolved}. "
    return said

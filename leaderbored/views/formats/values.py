"""Tables of pages as CSV, for spreadsheets and programs."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import Any

from leaderbored.views.formats.blocks import Grid, blocks

THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?%?")
FACTS = ("what", "value", "unit")  # heads of a list of facts


def values(*pages: Any) -> str:
    """The tables of pages one below another, with an empty line between two of them.

    They have all rows, those, too, that a page has no room for.
    Numbers are those of the page, without commas between thousands; empty where there is none.
    Sentences are left out, unless a page has nothing else.

    Examples
    --------
    >>> from leaderbored.views.sheet import columns
    >>> table = columns("lab", "value")
    >>> table.add_row("A, B", "1,234")
    >>> table.add_row("C", "-")
    >>> print(values(table))
    lab,value
    "A, B",1234
    C,
    <BLANKLINE>
    """
    parts = [block for page in pages for block in blocks(page, whole=True)]
    grids = [part for part in parts if isinstance(part, Grid)]
    if not grids:
        said = [(part.text,) for part in parts if not isinstance(part, Grid)]
        grids = [Grid(("text",), tuple(said))]
    return "\n".join(map(_table, grids))


def _table(grid: Grid) -> str:
    out = StringIO()
    lines = csv.writer(out, lineterminator="\n")
    width = max(map(len, grid.rows), default=0)
    lines.writerow(grid.heads or [*FACTS[:width], *("",) * (width - len(FACTS))])
    for row in grid.rows:
        lines.writerow(map(_cell, row))
    return out.getvalue()


def _cell(text: str) -> str:
    text = text.strip()
    if text == "-":
        return ""
    return text.replace(",", "") if THOUSANDS.fullmatch(text) else text

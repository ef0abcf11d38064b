"""Pages as Markdown, with tables as GitHub and pandoc read them."""

from __future__ import annotations

import re
from typing import Any

from leaderbored.views.formats.blocks import Block, Grid, blocks

SPECIAL = re.compile(r"([\\`*_\[\]<>|$~])")
FIRST = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)]))")


def markdown(*pages: Any) -> str:
    r"""Pages as Markdown.

    Examples
    --------
    >>> from leaderbored.views.sheet import columns, sheet
    >>> table = columns("lab", "share")
    >>> table.add_row("A_1 | [x]", "3%")
    >>> print(markdown(sheet("game", "It is a run.", table)))
    game
    <BLANKLINE>
    **It is a run.**
    <BLANKLINE>
    | lab | share |
    | :-- | --: |
    | A\_1 \| \[x\] | 3% |
    <BLANKLINE>
    """
    return "\n\n".join(_written(block) for page in pages for block in blocks(page)) + "\n"


def escaped(text: str) -> str:
    r"""A text of which nothing is taken for a mark.

    Examples
    --------
    >>> print(escaped("a_b [c] <d>"))
    a\_b \[c\] \<d\>
    """
    return SPECIAL.sub(r"\\\1", text).replace("&", "&amp;")


def _written(block: Block) -> str:
    if isinstance(block, Grid):
        return _table(block)
    if block.tone == "as is":
        return "\n".join(f"    {line}" for line in block.text.splitlines())
    lines = [FIRST.sub(r"\1\\\2", escaped(line.strip())) for line in block.text.splitlines()]
    if block.tone == "headline":
        lines = [f"**{line}**" for line in lines if line]
    return "  \n".join(lines)


def _table(grid: Grid) -> str:
    heads = grid.heads or ("",) * len(grid.right)
    marks = ["--:" if right else ":--" for right in grid.right]
    rows = [map(escaped, heads), marks, *(map(escaped, row) for row in grid.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)

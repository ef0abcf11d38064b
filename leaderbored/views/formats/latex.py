r"""Pages as LaTeX, to be taken into a paper with ``\input``."""

from __future__ import annotations

from typing import Any

from leaderbored.text import in_tex
from leaderbored.views.formats.blocks import Block, Grid, blocks

HEAD = "% Tables need \\usepackage{booktabs}.\n"
LONG = 42  # characters of a cell, from which on its column has lines
MOST = 0.42  # of the line: such a column


def latex(*pages: Any) -> str:
    r"""Pages as LaTeX: sentences, and tables with the rules of booktabs.

    Examples
    --------
    >>> from leaderbored.views.sheet import columns
    >>> table = columns("lab", "share")
    >>> table.add_row("[A] & B", "3%")
    >>> print(latex(table))
    % Tables need \usepackage{booktabs}.
    <BLANKLINE>
    \noindent\begin{tabular}{@{}lr@{}}
    \toprule
    lab & share \\
    \midrule
    {[}A{]} \& B & 3\% \\
    \bottomrule
    \end{tabular}
    <BLANKLINE>
    """
    return "\n".join([HEAD, *(_written(block) for page in pages for block in blocks(page))])


def _written(block: Block) -> str:
    if isinstance(block, Grid):
        return _table(block)
    lines = "\\\\\n".join(in_tex(line.strip()) for line in block.text.splitlines() if line.strip())
    if block.tone == "headline":
        return f"\\noindent\\textbf{{{lines}}}\\par\n"
    return f"\\noindent {lines}\\par\n"


def _table(grid: Grid) -> str:
    rows = [grid.heads, *grid.rows] if grid.heads else [*grid.rows]
    width = max(map(len, rows), default=1)
    longest = [max((len(row[k]) for row in rows if k < len(row)), default=0) for k in range(width)]
    sides = [
        f"p{{{MOST}\\linewidth}}" if most > LONG else "r" if right else "l"
        for most, right in zip(longest, (*grid.right, *(False,) * width), strict=False)
    ]
    lines = [f"\\noindent\\begin{{tabular}}{{@{{}}{''.join(sides)}@{{}}}}", "\\toprule"]
    if grid.heads:
        lines += [_row(grid.heads), "\\midrule"]
    lines += [*map(_row, grid.rows), "\\bottomrule", "\\end{tabular}", ""]
    return "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return " & ".join(map(in_tex, cells)) + " \\\\"

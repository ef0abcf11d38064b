"""Pages in the formats that others read: HTML, Markdown, LaTeX and CSV."""

from leaderbored.views.formats.blocks import Block, Grid, Said, blocks
from leaderbored.views.formats.html import page as html
from leaderbored.views.formats.latex import latex
from leaderbored.views.formats.markdown import markdown
from leaderbored.views.formats.values import values

WRITERS = {"csv": values, "md": markdown, "tex": latex, "html": html}
"""By format: what writes pages in it."""

__all__ = ["WRITERS", "Block", "Grid", "Said", "blocks", "html", "latex", "markdown", "values"]

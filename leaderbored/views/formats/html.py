"""Pages as HTML: the same tables and sentences as in the terminal, with every text as it is.

Each part becomes the element that it is, so that a screen reader finds tables and heads, and a
narrow window can move them. What is in a text is data: it is escaped, whatever it holds.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

from leaderbored.views.formats.blocks import Block, Grid, blocks
from leaderbored.views.formats.style import STYLE

CLASSES = {"quiet": ' class="quiet"', "warning": ' class="warning"', "headline": ' class="said"'}


def escaped(text: object) -> str:
    """A text as HTML shows it, control characters left out.

    Examples
    --------
    >>> escaped('<script>"A" & B')
    '&lt;script&gt;&quot;A&quot; &amp; B'
    """
    told = "".join(c for c in str(text) if c in "\n\t" or (c.isprintable() or c == "\u00a0"))
    return html.escape(told, quote=True)


def page(*pages: Any) -> str:
    """Pages as one file of HTML, which asks nothing of any network.

    Examples
    --------
    >>> from rich.text import Text
    >>> made = page(Text("a < b"))
    >>> made.startswith("<!DOCTYPE html>"), "<p>a &lt; b</p>" in made
    (True, True)
    """
    sections = "\n".join(f"<section>\n{fragment(each)}\n</section>" for each in pages)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>leaderbored</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{sections}\n</main>\n</body>\n</html>\n"
    )


def fragment(page: Any, left: Iterable[str] = ()) -> str:
    """A page as a piece of HTML.

    Parameters
    ----------
    page : rich renderable
    left : iterable of str
        Texts that stand elsewhere and are left out.

    Examples
    --------
    >>> from rich.console import Group
    >>> from rich.text import Text
    >>> fragment(Group(Text("a < b"), Text(), Text("again")), ["again"])
    '<p>a &lt; b</p>'
    """
    return "\n".join(map(_element, blocks(page, left)))


def _element(block: Block) -> str:
    if isinstance(block, Grid):
        return grid(block.heads, block.rows, block.right)
    if block.tone == "as is":
        return f"<pre>{escaped(block.text)}</pre>"
    lines = "<br>\n".join(map(escaped, block.text.split("\n")))
    return f"<p{CLASSES.get(block.tone, '')}>{lines}</p>"


def grid(heads: Iterable[str], rows: Iterable[Iterable[str]], right: Iterable[bool] = ()) -> str:
    """A table of HTML, of plain text.

    Examples
    --------
    >>> grid(["a"], [["<1>"]]).count("&lt;1&gt;")
    1
    """
    heads, sides = list(heads), list(right)

    def cell(k: int, text: str, tag: str, more: str = "") -> str:
        side = ' class="n"' if k < len(sides) and sides[k] else ""
        return f"<{tag}{more}{side}>{escaped(text)}</{tag}>"

    top = "".join(cell(k, text, "th", ' scope="col"') for k, text in enumerate(heads))
    lines = []
    for row in rows:
        first, *rest = row
        lines.append(
            "<tr>"
            + cell(0, first, "th", ' scope="row"')
            + "".join(cell(k, text, "td") for k, text in enumerate(rest, 1))
            + "</tr>"
        )
    head = f"<thead><tr>{top}</tr></thead>" if heads else ""
    about = escaped(", ".join(filter(None, heads)) or "facts")
    frame = f'<div class="table" role="region" tabindex="0" aria-label="Table: {about}">'
    return f"{frame}<table>{head}<tbody>{''.join(lines)}</tbody></table></div>"

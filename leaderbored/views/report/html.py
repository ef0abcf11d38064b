"""Pages of the terminal as HTML: the same tables and sentences, with every text as it is.

A page is a tree of tables, texts and groups of them. Here each becomes the element that it is, so
that a screen reader finds tables and heads, a narrow window can move them, and no page needs to be
written twice. What is in a text is data: it is escaped, whatever it holds.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDTH = 100  # characters of what is neither table nor text


def escaped(text: object) -> str:
    """A text as HTML shows it, control characters left out.

    Examples
    --------
    >>> escaped('<script>"A" & B')
    '&lt;script&gt;&quot;A&quot; &amp; B'
    """
    told = "".join(c for c in str(text) if c in "\n\t" or (c.isprintable() or c == "\u00a0"))
    return html.escape(told, quote=True)


def fragment(page: Any, said: Iterable[str] = ()) -> str:
    """A page as a piece of HTML.

    Parameters
    ----------
    page : rich renderable
    said : iterable of str
        Texts that stand elsewhere and are left out.

    Examples
    --------
    >>> fragment(Group(Text("a < b"), Text(), Text("again")), ["again"])
    '<p>a &lt; b</p>'
    """
    left = {text.strip().lower() for text in said}
    return "\n".join(_pieces(page, left))


def _pieces(page: Any, left: set[str]) -> Iterator[str]:
    if isinstance(page, Padding):
        yield from _pieces(page.renderable, left)
    elif isinstance(page, Group):
        for part in page.renderables:
            yield from _pieces(part, left)
    elif isinstance(page, Table):
        yield table_of(page)
    elif isinstance(page, Text | str):
        plain = str(page)
        if plain.strip() and plain.strip().lower() not in left:
            lines = "<br>\n".join(map(escaped, plain.strip("\n").split("\n")))
            yield f"<p{_kind(page)}>{lines}</p>"
    else:
        yield f"<pre>{escaped(_printed(page))}</pre>"


def _kind(text: Any) -> str:
    style = str(getattr(text, "style", ""))
    return {"dim": ' class="quiet"', "yellow": ' class="warning"'}.get(style, "")


def table_of(table: Table) -> str:
    """A table of rich as a table of HTML, in a frame that can be moved sideways."""
    heads = [_words(column.header) for column in table.columns]
    rows = zip(*([*column.cells] for column in table.columns), strict=True)
    if table.show_header:
        body = [[_words(cell) for cell in row] for row in rows if row]
        if body and body[0] == heads:  # rich counts the heads as cells
            body = body[1:]
        return grid(heads, body, [column.justify == "right" for column in table.columns])
    body = [[_words(cell) for cell in row] for row in rows]
    return grid((), body, [column.justify == "right" for column in table.columns])


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


def _words(cell: Any) -> str:
    return " ".join(str(cell).split("\n")) if isinstance(cell, Text | str) else _printed(cell)


def _printed(page: Any) -> str:
    console = Console(file=StringIO(), width=WIDTH, record=True, highlight=False)
    console.print(page)
    return "\n".join(line.rstrip() for line in console.export_text().splitlines())

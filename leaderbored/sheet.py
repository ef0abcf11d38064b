"""What pages in the terminal are made of: sheets with a headline, and tables of plain text."""

from __future__ import annotations

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


class Cells(Table):
    """A table that prints text as it is: square brackets are no markup, :names: no pictures.

    Examples
    --------
    >>> from rich.console import Console
    >>> table = columns("[b]lab[/b]", "x[i]")
    >>> table.add_row("[/]", ":smile:")
    >>> console = Console(width=40)
    >>> with console.capture() as shown:
    ...     console.print(table)
    >>> all(text in shown.get() for text in ("[b]lab[/b]", "x[i]", "[/]", ":smile:"))
    True
    """

    def add_column(self, header: Any = "", footer: Any = "", **options: Any) -> None:
        """Add a column, as of rich."""
        super().add_column(_text(header), _text(footer), **options)

    def add_row(self, *cells: Any, **options: Any) -> None:
        """Add a row, as of rich."""
        super().add_row(*map(_text, cells), **options)


def _text(cell: Any) -> Any:
    return Text(cell) if isinstance(cell, str) else cell


def sheet(name: str, headline: str, *parts: RenderableType) -> RenderableType:
    """A page: what it is of, the answer in a sentence, and the rest.

    Examples
    --------
    >>> from rich.console import Console
    >>> console = Console(width=40)
    >>> with console.capture() as shown:
    ...     console.print(sheet("[game]", "It is a run."))
    >>> "[game]" in shown.get()
    True
    """
    lines: list[RenderableType] = [Text(name, style="dim"), Text(headline, style="bold")]
    for part in parts:
        lines += [Text(), part]
    return Padding(Group(*lines), (1, 2))


def columns(*names: str, gap: int = 1) -> Cells:
    """An empty table; the first column is text, the others are numbers.

    Examples
    --------
    >>> len(columns("name", "value").columns)
    2
    """
    table = blank(gap)
    table.add_column(names[0], no_wrap=True)
    for name in names[1:]:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def blank(gap: int = 2, **options: Any) -> Cells:
    """An empty table without columns, in the one look of all tables.

    Examples
    --------
    >>> blank().show_edge
    False
    """
    return Cells(box=SIMPLE_HEAD, padding=(0, gap, 0, 0), show_edge=False, **options)


def listing() -> Cells:
    """An empty table without heads, for a list of facts.

    Examples
    --------
    >>> listing().show_header
    False
    """
    return Cells(box=None, show_header=False, padding=(0, 2, 0, 0))

"""What a page consists of, one after the other: sentences and tables of plain text.

A page is a tree of tables, texts and groups of them, which the terminal prints. Other formats are
written from the same tree, so that no page needs to be written twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDTH = 100  # characters of what is neither table nor text
TONES = {"bold": "headline", "dim": "quiet", "yellow": "warning"}


@dataclass(frozen=True)
class Said:
    """Sentences.

    Attributes
    ----------
    text : str
    tone : str
        ``"headline"``, ``"quiet"``, ``"warning"``, ``"as is"`` of text whose lines and blanks
        stay, or nothing.
    """

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Grid:
    """A table of plain text.

    Attributes
    ----------
    heads : tuple of str
        Empty if it has none.
    rows : tuple of tuples of str
    right : tuple of bool
        Which columns stand on the right, as numbers do.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...] = ()


Block = Said | Grid


def blocks(page: Any, left: Iterable[str] = (), whole: bool = False) -> Iterator[Block]:
    """The sentences and tables of a page.

    Parameters
    ----------
    page : rich renderable, or a result that shows itself as one
    left : iterable of str
        Texts that stand elsewhere and are left out.
    whole : bool
        Whether tables have the rows, too, that a page has no room for.

    Examples
    --------
    >>> list(blocks(Group(Text("a < b"), Text(), Text("again")), ["again"]))
    [Said(text='a < b', tone='')]
    """
    yield from _parts(page, {text.strip().lower() for text in left}, whole)


def _parts(page: Any, left: set[str], whole: bool) -> Iterator[Block]:
    if isinstance(page, Padding):
        yield from _parts(page.renderable, left, whole)
    elif isinstance(page, Group):
        for part in page.renderables:
            yield from _parts(part, left, whole)
    elif isinstance(page, Table):
        every = getattr(page, "whole", None) if whole else None
        yield grid_of(every() if every else page)
    elif isinstance(page, Text | str):
        plain = str(page).strip("\n")
        if plain.strip() and plain.strip().lower() not in left:
            yield Said(plain, TONES.get(str(getattr(page, "style", "")), ""))
    elif hasattr(page, "__rich__"):
        yield from _parts(page.__rich__(), left, whole)
    else:
        yield Said(_printed(page), "as is")


def grid_of(table: Table) -> Grid:
    """A table of rich as rows of plain text.

    Examples
    --------
    >>> table = Table("a")
    >>> table.add_row("1")
    >>> grid_of(table).rows
    (('1',),)
    """
    heads = tuple(_words(column.header) for column in table.columns)
    rows = [
        tuple(map(_words, row))
        for row in zip(*([*column.cells] for column in table.columns), strict=True)
    ]
    if not table.show_header:
        heads = ()
    elif rows and rows[0] == heads:  # rich counts the heads as cells
        rows = rows[1:]
    return Grid(heads, tuple(rows), tuple(column.justify == "right" for column in table.columns))


def _words(cell: Any) -> str:
    return " ".join(str(cell).split("\n")) if isinstance(cell, Text | str) else _printed(cell)


def _printed(page: Any) -> str:
    console = Console(file=StringIO(), width=WIDTH, record=True, highlight=False)
    console.print(page)
    return "\n".join(line.rstrip() for line in console.export_text().splitlines())

"""What pages in the terminal are made of: sheets with a headline, and tables of plain text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from textwrap import wrap
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

ALL = "--json and --format csv have all"  # where a page leaves something out


class Cells(Table):
    """A table that prints text as it is: square brackets are no markup, :names: no pictures.

    Where it is too wide it is parted, and every part begins with its first ``keys`` columns, which
    tell rows apart. One that leaves rows out makes the ``whole`` table where that is asked for.

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

    keys = 1
    whole: Callable[[], Cells] | None = None

    def add_column(self, header: Any = "", footer: Any = "", **options: Any) -> None:
        """Add a column, as of rich; numbers, which stand on the right, stay on one line."""
        options.setdefault("no_wrap", options.get("justify") == "right")
        options.setdefault("overflow", "ellipsis" if options["no_wrap"] else "fold")
        super().add_column(_text(header), _text(footer), **options)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Print it whole: where it is too wide heads are folded, and then it is parted."""
        wide = options.max_width
        if not self.show_header or self._need(console, options) <= wide:
            yield from Table.__rich_console__(self._fitted(console, options), console, options)
            return
        folded = self._part(range(len(self.columns)))
        for column in folded.columns:
            width = max(_longest(column.cells), column.min_width or 0)
            column.header = Text(_folded(str(column.header), width))
        for number, part in enumerate(folded._parts(console, options)):
            if number:
                yield Text()
            yield from Table.__rich_console__(part._fitted(console, options), console, options)

    def _fitted(self, console: Console, options: ConsoleOptions) -> Cells:
        """The widest columns narrowed to fit, but not below their longest word, which rich cuts."""
        every = [self._measure_column(console, options, column) for column in self.columns]
        widths = [size.maximum for size in every]
        least = [
            size.maximum if column.no_wrap else size.minimum
            for column, size in zip(self.columns, every, strict=True)
        ]
        room = options.max_width - self._extra_width
        if sum(widths) <= room or sum(least) > room:
            return self
        while sum(widths) > room:
            widest = max(
                (k for k, width in enumerate(widths) if width > least[k]), key=widths.__getitem__
            )
            widths[widest] -= 1
        fitted = self._part(range(len(self.columns)))
        for k, column in enumerate(fitted.columns):
            if widths[k] < every[k].maximum:
                column.width = widths[k] - self._get_padding_width(k)
        return fitted

    def _need(self, console: Console, options: ConsoleOptions) -> int:
        """Cells across, below which something would be cut."""
        every = [self._measure_column(console, options, column) for column in self.columns]
        sizes = (
            size.maximum if column.no_wrap else size.minimum
            for column, size in zip(self.columns, every, strict=True)
        )
        return sum(sizes) + self._extra_width

    def _parts(self, console: Console, options: ConsoleOptions) -> Iterator[Cells]:
        """Tables of some columns each, as many as fit, each with those that tell rows apart."""
        count = len(self.columns)

        def fits(chosen: Sequence[int]) -> bool:
            return self._part(chosen)._need(console, options) <= options.max_width

        keys = [*range(self.keys)]
        if not all(fits([*keys, k]) for k in range(len(keys), count)):
            keys = [0]
        taken = [*keys]
        for k in range(len(keys), count):
            if len(taken) > len(keys) and not fits([*taken, k]):
                yield self._part(taken)
                taken = [*keys]
            taken.append(k)
        last = self._part(taken)
        if last._need(console, options) > options.max_width:  # a single column is too wide
            for column in last.columns:
                column.no_wrap, column.overflow = False, "fold"
        yield last

    def _part(self, chosen: Sequence[int]) -> Cells:
        """Some of the columns."""
        part = copy(self)
        part.columns = [replace(self.columns[k], _index=number) for number, k in enumerate(chosen)]
        return part

    def add_row(self, *cells: Any, **options: Any) -> None:
        """Add a row, as of rich."""
        super().add_row(*map(_text, cells), **options)


def _longest(cells: Iterable[Any]) -> int:
    """The widest of some texts."""
    return max((cell.cell_len for cell in cells if isinstance(cell, Text)), default=0)


def _folded(head: str, width: int) -> str:
    """A head in lines not much wider than the column below it; words stay whole.

    Examples
    --------
    >>> _folded("leader builds", 5).split()
    ['leader', 'builds']
    """
    width = max(width, *map(len, head.split()), 1)
    return "\n".join(part for line in head.split("\n") for part in wrap(line, width))


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


def first_rows(most: int, make: Callable[[int | None], Cells]) -> Cells:
    """A table that has its first rows on a page, and all of them where a program reads it.

    Parameters
    ----------
    most : int
    make : callable
        The table of at most so many rows; of all if it is given none.

    Examples
    --------
    >>> def letters(most):
    ...     table = columns("letter")
    ...     for letter in "abc"[:most]:
    ...         table.add_row(letter)
    ...     return table
    >>> table = first_rows(2, letters)
    >>> table.row_count, table.whole().row_count
    (2, 3)
    """
    table = make(most)
    table.whole = partial(make, None)
    return table


def and_more(count: int, most: int) -> list[RenderableType]:
    """That a table of ``most`` rows leaves out some of ``count``, where that is so.

    Examples
    --------
    >>> [str(line) for line in and_more(61, 60)], and_more(60, 60)
    (['and 1 more; --json and --format csv have all'], [])
    """
    said = f"and {count - most:,} more; {ALL}"
    return [Text(said, style="dim")] if count > most else []


def listing() -> Cells:
    """An empty table without heads, for a list of facts: what, how much, and in which unit.

    Examples
    --------
    >>> listing().show_header
    False
    """
    table = Cells(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim")
    return table


def pairs(rows: Iterable[tuple[str, str]]) -> Cells:
    """A table without heads of words and what is said of each.

    Examples
    --------
    >>> pairs([("figure", "there is none")]).row_count
    1
    """
    table = Cells(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(style="dim")
    for row in rows:
        table.add_row(*row)
    return table

"""The catalogue as pages: which games there are, and what was published beside what is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from leaderbored.games.catalogue import Entry
from leaderbored.text import at_most
from leaderbored.views.sheet import blank

WIDE = 30  # cells of a name on one line


def catalogue_page(entries: Sequence[Entry], *, full: bool = False) -> RenderableType:
    """The catalogue by kinds, a line a game; in full with authors and what solving reproduces.

    Examples
    --------
    >>> from rich.console import Console
    >>> from leaderbored.games.catalogue import entries
    >>> console = Console(width=120)
    >>> with console.capture() as shown:
    ...     console.print(catalogue_page(entries()))
    >>> "shapley-1964" in shown.get()
    True
    """
    parts: list[RenderableType] = []
    for kind in sorted({entry.kind for entry in entries}):
        parts.append(Text(kind, style="bold"))
        those = [entry for entry in entries if entry.kind == kind]
        longest = max(len(entry.name) for entry in those)
        for entry in those:
            line = f"  {entry.name:<{longest}}  {entry.title}"
            parts.append(Text(line, no_wrap=True, overflow="ellipsis"))
            if full and (source := entry.source):
                cited = f"{', '.join(source.families)} {source.year}: {source.reproduces}"
                parts.append(Padding(Text(cited, style="dim"), (0, 0, 0, 4)))
        parts.append(Text())
    more = (
        "leaderbored solve NAME solves one, copy NAME writes it to a file, --only NAME says more."
    )
    return Padding(Group(*parts, Text(more, style="dim")), (1, 2))


def checked_page(found: Sequence[Mapping[str, Any]]) -> RenderableType:
    """What was published of games beside what is computed.

    Of games of whose numbers none were published it says that their regret alone was checked, and
    of approximations within which bound it had to be.

    Examples
    --------
    >>> from rich.console import Console
    >>> number = {"what": "A plays", "published": 0.5, "computed": 0.5, "agrees": True}
    >>> game = {"name": "cournot-1838", "complete": "proved", "equilibria": 1, "regret": 0.0,
    ...         "most_regret": 1e-6, "seconds": 0.1, "numbers": [number], "agrees": True,
    ...         "status": "converged"}
    >>> console = Console(width=120)
    >>> with console.capture() as shown:
    ...     console.print(checked_page([game]))
    >>> "1 of 1 games agree" in shown.get()
    True
    """
    table = blank()
    table.add_column("game")
    for name in ("published", "computed", ""):
        table.add_column(name, justify="right")
    for game in found:
        good = ("yes" if game["numbers"] else "regret") if game["agrees"] else "NO"
        name = "\n".join(wrap(game["name"], WIDE))  # at its hyphens
        table.add_row(Text(name, style="bold"), "", game["complete"], good)
        regret = "no answer" if game["regret"] is None else at_most(game["regret"])
        bound = f"under {at_most(game['most_regret'])}" if game["status"] == "approximate" else ""
        table.add_row(Text("  regret", style="dim"), bound, regret, "")
        for number in game["numbers"]:
            there, here = (f"{number[key]:.9g}" for key in ("published", "computed"))
            good = "" if number["agrees"] else "NO"
            table.add_row(Text(f"  {number['what']}", style="dim"), there, here, good)
    last = Text("\n" + " ".join(_agreement(found)), style="bold")
    return Padding(Group(table, last), (1, 2))


def _agreement(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How many games agree with what, in sentences."""
    numbered = [game["agrees"] for game in found if game["numbers"]]
    others = [game for game in found if not game["numbers"]]
    if numbered or not others:
        yield f"{sum(numbered)} of {len(numbered)} games agree with what was published."
    exact = [game["agrees"] for game in others if game["status"] != "approximate"]
    if exact:
        yield (
            f"Of {len(exact)} files hold no published number: only the regret was checked, "
            f"and is small enough in {sum(exact)}."
        )
    near = [game["agrees"] for game in others if game["status"] == "approximate"]
    if near:
        yield (
            f"Of {len(near)} a grid was solved, an approximation: its regret is compared with a "
            f"bound that the file gives, and is below it in {sum(near)}."
        )

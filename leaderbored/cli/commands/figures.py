"""``leaderbored figures``: the gallery."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from leaderbored.cli.console import FAILED, NOT_CONVERGED, OK, Bar, Work, complain, say, say_page
from leaderbored.cli.options import in_time, together
from leaderbored.cli.output import LOOKS, Looks
from leaderbored.text import plain

if TYPE_CHECKING:
    from leaderbored.cli.gallery import Drawn


def figures(
    names: Annotated[list[str] | None, Parameter(help="Names of figures; by default all.")] = None,
    /,
    *,
    list: Annotated[bool, Parameter(help="List the figures and draw none.", negative="")] = False,
    out: Annotated[Path, Parameter(help="Folder for the files.", metavar="DIR")] = Path("figures"),
    format: Annotated[
        Literal["pdf", "svg", "png", "pgf"],
        Parameter(
            help="Format of the files; beside each stand its caption and the numbers that it draws."
        ),
    ] = "pdf",
    game: Annotated[
        Path | None,
        Parameter(
            help="Draw the figures of this race instead of the paper's: a game file, or a "
            "name from `leaderbored catalogue`.",
            metavar="FILE",
        ),
    ] = None,
    jobs: Annotated[
        int, Parameter(help="How many figures to draw at the same time; -1 for one on each core.")
    ] = -1,
    limit: Annotated[
        float | None,
        Parameter(
            help="Stop after this many seconds; figures that are finished by then are kept.",
            metavar="SECONDS",
        ),
    ] = None,
    looks: Looks = LOOKS,
) -> int:
    """Draw the figures of the gallery: those of the paper, or the same for a race of your own."""
    from leaderbored.cli import gallery as commands

    if list:
        return OK if say_page(commands.listing()) else FAILED
    entries, race = together(
        partial(in_time, limit),
        lambda: commands.wanted(names or (), format, out, game, jobs, also=looks.mistaken()),
    )
    made = commands.draw(entries, out, format, race, jobs, limit=limit, look=looks.look)
    with Work() as work:
        code = work.within(lambda: _told(made, len(entries)))
    if code is None:
        complain("interrupted; figures that were said to be drawn are kept")
    return work.finish(True) if code is None or work.signal else code


def _told(made: Iterator[Drawn], size: int) -> int:
    """Say what became of each figure as it is done; the exit code."""
    from leaderbored.cli.gallery import LATE

    said, failed, late = True, False, False
    bar = Bar()
    bar.show("figures", 0, 1.0)
    for count, drawn in enumerate(made, 1):
        bar.stop()
        if drawn.failure:
            complain(plain(f"{drawn.name}: {drawn.failure}"))
            failed |= drawn.broken
            late |= drawn.failure == LATE
        else:
            said &= say(f"{drawn.name:<14} {drawn.path}  ({drawn.seconds:.0f} s)")
        bar.show("figures", count, 1 - count / size)
    bar.stop()
    return FAILED if failed or not said else NOT_CONVERGED if late else OK

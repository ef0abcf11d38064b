"""``leaderbored report``: the answer as one page of HTML, to hand on."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.console import FAILED, OK, Work, complain, say
from leaderbored.cli.options import Changes, Limit, in_time, wrong

if TYPE_CHECKING:
    from leaderbored.views.report import Report

BOARDS = ("arena", "eci")


@dataclass(frozen=True)
class Subject:
    """What a report is asked of."""

    subjects: tuple[str, ...]
    changes: tuple[str, ...]
    one: bool
    depends: float
    limit: float | None
    out: Path

    @property
    def command(self) -> str:
        """The command that makes it again."""
        words = ["leaderbored", "report", *self.subjects]
        words += [word for change in self.changes for word in ("--set", change)]
        words += ["--one"] * self.one
        words += ["--depends", f"{self.depends:g}"] * (self.depends > 0)
        words += [] if self.limit is None else ["--limit", f"{self.limit:g}"]
        return shlex.join([*words, "-o", str(self.out)])


def report(
    subjects: Annotated[
        tuple[str, ...],
        Parameter(
            help="A game file or a name of the catalogue; two to five of them, to compare; the "
            "folder of a sweep; or arena, eci or both, for the record of these boards.",
            metavar="FILE",
        ),
    ],
    /,
    *,
    out: Annotated[
        Path, Parameter(name=["--out", "-o"], help="Where to write.", metavar="HTML")
    ] = Path("report.html"),
    set: Changes = None,
    one: Annotated[bool, Parameter(help="Find one equilibrium, quickly.", negative="")] = False,
    depends: Annotated[
        float,
        Parameter(
            help="Of a race: seconds for what the verdict depends on; left out by default.",
            metavar="SECONDS",
        ),
    ] = 0.0,
    limit: Limit = None,
) -> int:
    """Write the answer as one page that opens from disk: figures, tables, certificates, sources."""
    from leaderbored.files import write
    from leaderbored.views.report import document

    in_time(limit)
    _check(out, subjects, depends)
    asked = Subject(subjects, tuple(set or ()), one, depends, limit, out)
    with Work(limit) as work:
        made, status = _made(work, asked)
        try:
            write(out, document(made).encode())
            said = say(f"{made.headline}\n\nwritten: {out}")
        except OSError as error:
            complain(f"{out}: not written: {error.strerror or error}")
            said = False
    return work.finish(said, status) or (OK if said else FAILED)


def _made(work: Work, asked: Subject) -> tuple[Report, Any]:
    """The report, and how solving ended."""
    from leaderbored.cli import reports
    from leaderbored.cli.answers import Asked, solved_by
    from leaderbored.cli.commands.compare import scenarios
    from leaderbored.cli.commands.solve import soon
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import load
    from leaderbored.kinds import kind_of

    subjects, command = asked.subjects, asked.command
    if all(name in BOARDS for name in subjects):
        return reports.of_boards(work, subjects, command), None
    if len(subjects) == 1 and Path(subjects[0]).is_dir():
        return reports.of_sweep(work, Path(subjects[0]), command), None
    if len(subjects) > 1:
        import leaderbored as lb

        games = scenarios(subjects, [*asked.changes])
        found = lb.compare(games, limit=work.stop, progress=work.progress)
        worst = next((each for each in found.solutions if not each.status.ok), found.solutions[0])
        return reports.of_comparison(work, found, command), worst.status
    game = load(find(subjects[0]), asked.changes)
    every = not asked.one and (not kind_of(game).board or soon(game))
    solution = solved_by(work, Asked(game, all=every))
    made = reports.of_solved(work, subjects[0], solution, asked.depends, command)
    return made, solution.status


def _check(out: Path, subjects: tuple[str, ...], depends: float) -> None:
    """Find out before the work whether the page can be written, and what is asked is one thing."""
    if out.suffix.lower() not in (".html", ".htm"):
        raise wrong("report", "--out", out, "expected a name that ends in .html")
    if out.is_dir() or not out.absolute().parent.is_dir():
        reason = "is a folder" if out.is_dir() else f"there is no folder {out.parent}"
        raise wrong("report", "--out", out, reason)
    boards = [name for name in subjects if name in BOARDS]
    if boards and len(boards) < len(subjects):
        raise wrong("report", "FILE", boards[0], "expected boards alone, or no board")
    if not depends >= 0:
        raise wrong("report", "--depends", f"{depends:g}", "expected 0 or more")

"""``leaderbored report``: the answer as one page of HTML, to hand on."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import partial
from os.path import isdir
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.boards import needed
from leaderbored.cli.console import FAILED, OK, Work, complain, say
from leaderbored.cli.options import Changes, Limit, in_time, together, written_to, wrong

if TYPE_CHECKING:
    from leaderbored.views.report import Report


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
    def boards(self) -> list[str]:
        """Those that are boards."""
        from leaderbored.evidence.boards import SHIPPED

        return [name for name in self.subjects if name in SHIPPED]

    @property
    def swept(self) -> bool:
        """Whether it is the folder of a sweep."""
        return len(self.subjects) == 1 and isdir(self.subjects[0])

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
            help="A game file or a name from `leaderbored catalogue`; two to five of them, "
            "to compare; the folder of a sweep; or arena, eci or both, for the record "
            "of these leaderboards.",
            metavar="FILE",
        ),
    ],
    /,
    *,
    out: Annotated[
        Path, Parameter(name=["--out", "-o"], help="The file to write.", metavar="HTML")
    ] = Path("report.html"),
    set: Changes = None,
    one: Annotated[
        bool, Parameter(help="Stop at the first equilibrium, which is quicker.", negative="")
    ] = False,
    depends: Annotated[
        float,
        Parameter(
            help="For a race: seconds to spend on which numbers would change the verdict; "
            "left out by default.",
            metavar="SECONDS",
        ),
    ] = 0.0,
    limit: Limit = None,
) -> int:
    """Write the answer as one page that opens from disk: figures, tables, certificates, sources."""
    from leaderbored.files import write
    from leaderbored.views.report import document

    asked = Subject(subjects, tuple(set or ()), one, depends, limit, out)
    games = together(
        partial(in_time, limit),
        partial(written_to, "--out", out, (".html", ".htm")),
        partial(_check, asked),
        partial(_games, asked),
    )
    with Work(limit) as work:
        made, status = _made(work, asked, games)
        said = say(made.headline)
        try:
            write(out, document(made).encode())
            said = say(f"\nwritten: {out}") and said
        except OSError as error:
            complain(f"{out}: not written: {error.strerror or error}")
            said = False
    return work.finish(said, status) or (OK if said else FAILED)


def _games(asked: Subject) -> dict[str, Any]:
    """The games that are solved, each with a name."""
    from leaderbored.cli.commands.compare import scenarios
    from leaderbored.games.formats.gamefile import load

    if asked.boards or asked.swept:
        return {}
    if len(asked.subjects) > 1:
        return scenarios(asked.subjects, [*asked.changes])
    return {asked.subjects[0]: load(asked.subjects[0], asked.changes)}


def _made(work: Work, asked: Subject, games: dict[str, Any]) -> tuple[Report, Any]:
    """The report, and how solving ended."""
    from leaderbored.cli import reports
    from leaderbored.cli.answers import Asked, solved_by
    from leaderbored.cli.commands.compare import compared
    from leaderbored.cli.commands.solve import soon
    from leaderbored.kinds import kind_of

    subjects, command = asked.subjects, asked.command
    if asked.boards:
        return reports.of_boards(work, subjects, command), None
    if asked.swept:
        return reports.of_sweep(work, Path(subjects[0]), command), None
    if len(games) > 1:
        found = compared(work, games, all=False if asked.one else None)
        return reports.of_comparison(work, found, command), found.status
    game = games[subjects[0]]
    if asked.depends and not kind_of(game).board:
        raise wrong("report", "--depends", f"{asked.depends:g}", "expected with a race")
    every = not asked.one and (not kind_of(game).board or soon(game))
    solution = solved_by(work, Asked(game, all=every))
    made = reports.of_solved(work, subjects[0], solution, asked.depends, command)
    return made, solution.status


def _check(asked: Subject) -> None:
    """Insist on one thing that is asked, and on options that go with it."""
    from leaderbored.games.problems import GameFileError, Mistake

    found = needed() if asked.boards else []
    if asked.boards and len(asked.boards) < len(asked.subjects):
        found.append(Mistake("FILE", asked.boards[0], "expected boards alone, or no board"))
    if not asked.depends >= 0:
        found.append(Mistake("--depends", f"{asked.depends:g}", "expected 0 or more"))
    elif asked.depends and len(asked.subjects) > 1:
        found.append(Mistake("--depends", f"{asked.depends:g}", "expected with one race"))
    if asked.boards or asked.swept:  # nothing is solved
        given = {"--set": asked.changes, "--one": asked.one, "--depends": asked.depends}
        found += [Mistake(name, "", "expected with a game") for name in given if given[name]]
    if found:
        raise GameFileError("report", found)

"""``leaderbored compare``: scenarios side by side."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.answers import Asked, solved_by
from leaderbored.cli.console import Work
from leaderbored.cli.options import Changes, Limit, in_time, together
from leaderbored.cli.output import PRINTED, Output

if TYPE_CHECKING:
    from leaderbored.sweeps.compare import Comparison


def compare(
    files: Annotated[
        tuple[str, ...],
        Parameter(
            help="Two to five game files, or names from `leaderbored catalogue`. With --set "
            "one is enough: it is compared with itself before the changes.",
            metavar="FILE",
        ),
    ] = (),
    /,
    *,
    set: Changes = None,
    all: Annotated[
        bool, Parameter(help="Look for every equilibrium of races as well.", negative="")
    ] = False,
    limit: Limit = None,
    to: Output = PRINTED,
) -> int:
    """Compare scenarios: the answer to each, and what differs in the input and in the answer."""
    games = together(partial(in_time, limit), to.check, partial(scenarios, files, set or []))
    with Work(limit) as work:
        found = compared(work, games, all=True if all else None)
        said = to.say(found.data, found)
        work.draw(to, found.plot if found.solved else None)
    return work.finish(said, found.status)


def compared(work: Work, games: dict[str, Any], all: bool | None = None) -> Comparison:
    """Games side by side; those that there was no time for say so, and the others stand."""
    from leaderbored.sweeps.compare import of_solutions

    solutions = {name: solved_by(work, Asked(game, all=all)) for name, game in games.items()}
    return of_solutions(solutions)


def scenarios(files: tuple[str, ...], changes: list[str]) -> dict[str, Any]:
    """Games to compare, each with a name; every mistake in any of them at once.

    Raises
    ------
    GameFileError
    """
    from leaderbored.games.formats.gamefile import load
    from leaderbored.games.problems import GameFileError, Mistake
    from leaderbored.kinds import kind_of
    from leaderbored.sweeps.compare import FEWEST, MOST

    alone = len(files) == 1 and bool(changes)
    if not alone and not FEWEST <= len(files) <= MOST:
        expected = "expected two to five files, or one and --set"
        raise GameFileError(
            "compare", [Mistake("FILE", f"{len(files)} file{'s' * (len(files) != 1)}", expected)]
        )
    asked = [(files[0], []), (files[0], changes)] if alone else [(file, changes) for file in files]
    names = ["as given", changes[0] if len(changes) == 1 else "changed"] if alone else _names(files)
    games, mistakes = {}, list[Mistake]()
    for name, (file, own) in zip(names, asked, strict=True):
        try:
            games[name] = load(file, own)
        except GameFileError as error:
            mistakes += [
                Mistake(f"{file}: {each.place}", each.value, each.expected, each.line)
                for each in error.mistakes
            ]
    kinds = {name: kind_of(game).name for name, game in games.items()}
    if not mistakes and len(dict.fromkeys(kinds.values())) > 1:
        told = ", ".join(f"{name} is {kind}" for name, kind in kinds.items())
        mistakes.append(Mistake("FILE", told, "expected games of one kind"))
    if mistakes:  # with --set, those of the file are met twice
        raise GameFileError("compare", list(dict.fromkeys(mistakes)))
    return games


def _names(files: tuple[str, ...]) -> list[str]:
    """Names of scenarios: of their files, with numbers where they are the same."""
    short = [Path(file).stem or file for file in files]
    apart = len(dict.fromkeys(short)) == len(short) or len(dict.fromkeys(files)) == 1
    names = short if apart else list(files)
    return [name if names.count(name) == 1 else f"{name} ({k})" for k, name in enumerate(names, 1)]

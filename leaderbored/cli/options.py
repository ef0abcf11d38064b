"""What the commands take alike: their options, the checks of these, and the game to work on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.alarm import start

Changes = Annotated[
    list[str] | None,
    Parameter(
        help="Change a number of the game, e.g. --set technology.handicap=0.3; may be repeated.",
        negative="",
        metavar="PATH=VALUE",
    ),
]
Rungs = Annotated[
    int | None, Parameter(help="Longest lead that the model distinguishes, in rungs.", metavar="N")
]
Limit = Annotated[
    float | None,
    Parameter(
        help="Stop after this many seconds and show what was found by then.", metavar="SECONDS"
    ),
]


def wrong(command: str, place: str, value: object, expected: str) -> Exception:
    """One mistake in what a command was given, to raise.

    Examples
    --------
    >>> print(wrong("race", "--one", "", "expected without --all"))
    race: 1 mistake
      --one: expected without --all
    """
    from leaderbored.games.problems import GameFileError, Mistake

    return GameFileError(command, [Mistake(place, str(value), expected)])


def insist(command: str, *rows: tuple[Any, str, object, str]) -> None:
    """Refuse what a command was given; rows say whether it is wrong, its place, it, and why.

    Examples
    --------
    >>> insist("race", (True, "--one", "", "expected without --all"), (False, "--all", "", "no"))
    Traceback (most recent call last):
    leaderbored.games.problems.GameFileError: race: 1 mistake
      --one: expected without --all
    """
    from leaderbored.games.problems import GameFileError, Mistake

    if found := [Mistake(place, str(given), why) for bad, place, given, why in rows if bad]:
        raise GameFileError(command, found)


def together(*steps: Callable[[], Any]) -> Any:
    """Do steps none of which needs another, and return what the last of them makes.

    Raises
    ------
    GameFileError
        Telling all that is wrong with any of them.

    Examples
    --------
    >>> together(lambda: in_time(-1), lambda: insist("race", (True, "--one", "", "expected two")))
    Traceback (most recent call last):
    leaderbored.games.problems.GameFileError: race, --limit: 2 mistakes
      --limit = -1: expected 0 or more
      --one: expected two
    """
    from leaderbored.games.problems import GameFileError
    from leaderbored.solvers.budget import StoppedError

    wrong, made = list[GameFileError](), None
    for step in steps:
        try:
            made = step()
        except GameFileError as error:
            wrong.append(error)
        except StoppedError:
            if not wrong:
                raise
    if wrong:
        sources = dict.fromkeys(error.source for error in reversed(wrong))
        raise GameFileError(", ".join(sources), [each for one in wrong for each in one.mistakes])
    return made


def in_time(limit: float | None) -> None:
    """Let a limit run from now on, which is none or a number of seconds."""
    if limit is not None and not limit >= 0:
        raise wrong("--limit", "--limit", f"{limit:g}", "expected 0 or more")
    start(limit)


def written_to(option: str, file: Path, endings: tuple[str, ...], reason: str = "") -> None:
    """Find out before the work whether a file with one of these endings can be written.

    Raises
    ------
    GameFileError
        With the reason why it cannot, or with the one given where nothing else is wrong.

    Examples
    --------
    >>> written_to("--out", Path("no-such-folder/x.html"), (".html", ".htm"))
    Traceback (most recent call last):
    leaderbored.games.problems.GameFileError: --out: 1 mistake
      no-such-folder/x.html: there is no folder no-such-folder
    """
    try:
        if file.suffix.lower() not in endings:
            reason = f"expected a name that ends in {', '.join(endings[:-1])} or {endings[-1]}"
        elif not file.parent.is_dir():
            reason = f"there is no folder {file.parent}"
        elif file.is_dir():
            reason = "is a folder"
        elif not os.access(file if file.exists() else file.parent, os.W_OK):
            reason = "may not be written"
    except OSError as error:  # a name that is too long
        reason = error.strerror or "cannot be written"
    if reason:
        raise wrong(option, str(file), "", reason)


def opened(
    file: Path | None, changes: list[str] | None, rungs: int | None, verb: str = "verdict"
) -> Any:
    """The game of which a verb is asked, by default five labs, reduced to a kind that answers.

    Raises
    ------
    GameFileError
        Naming the kinds that are expected.
    """
    from leaderbored.games.formats.gamefile import five_labs, load
    from leaderbored.kinds import VERBS, kind_of, kinds_in_files
    from leaderbored.solvers.reductions import chain

    changes = [*(changes or []), *([f"rungs={rungs}"] if rungs is not None else [])]
    game = load(file or five_labs(), changes)
    if not kind_of(game).answers(verb):
        known = [f'"{word}"' for word, kind in kinds_in_files().items() if kind.answers(verb)]
        raise wrong(str(file), "kind", "", f"expected kind = {' or '.join(known)}")
    return chain(game, VERBS[verb].needs).game


def proving(steps: int) -> Any:
    """The method of a race that also tries to prove that the list of equilibria is complete."""
    from leaderbored.solvers import Method
    from leaderbored.solvers.complete import Transfer
    from leaderbored.solvers.markov.search import Search

    return Method(search=Search(transfer=Transfer(steps)))

"""``leaderbored convert``, ``catalogue``, ``copy``, ``new`` and ``schema``: game files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from leaderbored.cli.console import FAILED, OK, done
from leaderbored.cli.options import wrong
from leaderbored.cli.output import PAGES, Pages
from leaderbored.kinds.table import TABLE

*FIRST, LAST = sorted((kind.file for kind in TABLE if kind.file), key=lambda w: (w != "race", w))
KINDS = f"{', '.join(FIRST)} or {LAST}"


def convert(
    game: Annotated[str, Parameter(help="Game file, or a name from `leaderbored catalogue`.")],
    out: Annotated[
        Path,
        Parameter(help="The file to write: .toml, .nfg, .csv, .json, .xlsx; must not exist."),
    ],
    /,
) -> int:
    """Write a payoff table in another format, without rounding."""
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import dumps, load
    from leaderbored.kinds import kind_of
    from leaderbored.solvers.reductions import chain

    made = load(find(game))
    if kind_of(made).has("formats"):  # what becomes a table is written as one
        made = chain(made, "formats").game
    _write(out, dumps(made, out.suffix.lower()), "convert")
    return done(f"wrote {out}")


def catalogue(
    *,
    bibtex: Annotated[
        bool, Parameter(help="Print their citations in BibTeX.", negative="")
    ] = False,
    check: Annotated[
        bool,
        Parameter(
            help="Solve every game and compare the answer with what was published.",
            negative="",
        ),
    ] = False,
    only: Annotated[
        list[str] | None,
        Parameter(
            help="Only this game, in full; may be repeated.",
            metavar="NAME",
            negative="",
        ),
    ] = None,
    kind: Annotated[str | None, Parameter(help="Games of this kind alone, such as markov.")] = None,
    to: Pages = PAGES,
) -> int:
    """List the published games that can be solved by name."""
    from leaderbored.games.catalogue import entries, find

    to.check()
    found = entries()
    if kind is not None:
        _known(kind, "catalogue", place="--kind")
        found = [entry for entry in found if entry.kind == kind]
    if only:
        wanted = {find(name).stem for name in only}
        found = [entry for entry in found if entry.name in wanted]
    if check:
        from leaderbored.cli.commands.published import checked

        return checked(found, to)
    if bibtex:
        return done("\n\n".join(dict.fromkeys(e.source.bibtex for e in found if e.source)))
    from dataclasses import asdict

    from leaderbored.views.catalogue import catalogue_page

    page = catalogue_page(found, full=bool(only))
    said = to.say(lambda: {"games": [asdict(entry) for entry in found]}, page)
    return OK if said else FAILED


def copy(
    name: Annotated[str, Parameter(help="Name of a game from `leaderbored catalogue`.")],
    file: Annotated[
        Path | None, Parameter(help="The file to write, by default NAME.toml; must not exist.")
    ] = None,
    /,
) -> int:
    """Write a game of the catalogue to a file of your own, to change it."""
    from leaderbored.games.catalogue import entries, find

    path = find(name)
    if path.stem not in {entry.name for entry in entries()}:
        raise wrong("copy", "NAME", repr(name), "expected a name of the catalogue")
    file = file or Path(path.name)
    _write(file, path.read_text("utf-8"), "copy")
    return done(f"wrote {file}")


def new(
    kind: Annotated[str, Parameter(help=f"Kind of game: {KINDS}.")] = "race",
    file: Annotated[
        Path | None, Parameter(help="The file to write, by default KIND.toml; must not exist.")
    ] = None,
    /,
) -> int:
    """Write a commented game file to start from."""
    from leaderbored.games.formats.gamefile import starter

    if file is None and kind.endswith(".toml"):
        kind, file = "race", Path(kind)
    _known(kind, "new", "starter")
    file = file or Path(f"{kind}.toml")
    _write(file, starter(kind).read_text(encoding="utf-8"), "new")
    verb = "race" if kind == "race" else "solve"
    return done(f"wrote {file}; solve it with: leaderbored {verb} {file}")


def schema(
    kind: Annotated[str, Parameter(help=f"Kind of game: {KINDS}.")] = "race",
    /,
) -> int:
    """Print the JSON schema of game files, for editors."""
    from leaderbored.games.formats import gamefile

    _known(kind, "schema")
    return done(gamefile.schema(kind).removesuffix("\n"))


def _known(kind: str, command: str, part: str = "file", place: str = "KIND") -> None:
    """Insist on a word of game files, of a kind that fills a field in."""
    from leaderbored.games.validation import unknown
    from leaderbored.kinds import kinds_in_files

    known = [word for word, entry in kinds_in_files().items() if getattr(entry, part)]
    if kind not in known:
        raise wrong(command, place, repr(kind), unknown("kind", kind, known))


def _write(file: Path, text: str | bytes, command: str) -> None:
    """Write a new file; an existing one is never touched."""
    from leaderbored.files import write

    try:
        write(file, text.encode() if isinstance(text, str) else text, new=True)
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise wrong(command, str(file), "", reason) from None

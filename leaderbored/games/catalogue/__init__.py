"""Published games, one file each, solved by name."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.source import Source

HOME = Path(__file__).parent


@dataclass(frozen=True)
class Entry:
    """A game of the catalogue: its name, its file's kind and title, and where it was published."""

    name: str
    kind: str
    title: str
    source: Source | None


def entries() -> list[Entry]:
    """All games of the catalogue, by name.

    Examples
    --------
    >>> [entry.name for entry in entries() if entry.source and entry.source.year == 1964]
    ['shapley-1964']
    """
    found = []
    for path in sorted(HOME.glob("*.toml")):
        tree = tomllib.loads(path.read_text("utf-8"))
        source = TypeAdapter(Source).validate_python(tree["source"]) if "source" in tree else None
        found.append(Entry(path.stem, tree["kind"], tree["name"], source))
    return found


def find(name: str) -> Path:
    """The file of a game: a path if there is such a file, else a name of the catalogue.

    Raises
    ------
    GameFileError
        If there is neither; with the nearest names.

    Examples
    --------
    >>> find("shapley-1964").name
    'shapley-1964.toml'
    """
    known = {path.stem: path for path in HOME.glob("*.toml")}
    try:
        there = Path(name).is_file() or (name not in known and name and Path(name).exists())
    except (OSError, ValueError):  # no name of a file
        there = False
    if there:
        return Path(name)
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=3)
    guess = f"did you mean {' or '.join(close)}?" if close else "see: leaderbored catalogue"
    raise GameFileError(name, [Mistake("game", "", f"no such file, nor in the catalogue; {guess}")])

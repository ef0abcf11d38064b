"""A setting of the explorer: a game and what is changed in it, as an address, a file, a command.

The address of the page is the command that repeats it: the name of a game, and below it the same
changes that ``--set`` makes, ``?game=five-labs&market.scarcity=0.9``.
"""

from __future__ import annotations

import base64
import binascii
import json
import shlex
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError

from leaderbored.games.catalogue import entries, find
from leaderbored.games.formats import unknowns
from leaderbored.games.formats.gamefile import load, load_all, loads, loads_all, starter
from leaderbored.games.leaves import leaves
from leaderbored.games.places import tree_of
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.spreads import Spread
from leaderbored.games.validation import MAX_BYTES, mistakes_of
from leaderbored.race import Race

TWO, FIVE = "two-labs", "five-labs"
RUNGS = {2: 12, 3: 6, 4: 3, 5: 2}  # that are told apart if the labs become so many; else 2
MOST = 6  # labs
OPENED = "opened."  # before the text of a file that was opened in the browser
SAVED = "setting.toml"
GIVEN = "given"

Numbers = Mapping[str, str]


@dataclass(frozen=True)
class Setting:
    """A race, and where it comes from.

    Attributes
    ----------
    game : str
        Name of the game that is changed: of the catalogue, ``"two-labs"``, ``"given"`` for the file
        of the command line, or the packed text of one that was opened in the browser.
    start, race : Race
        That game, and what was made of it.
    source : str
        What a command calls the game.
    thought : dict of str to Spread
        What its file says of numbers that are not known, by their places.

    Examples
    --------
    >>> made = Setting.of({"game": "two-labs", "market.scarcity": "0.9"})
    >>> made.race.market.scarcity, made.address
    (0.9, 'game=two-labs&market.scarcity=0.9')
    >>> made.command
    'leaderbored new two-labs.toml && leaderbored race two-labs.toml --set market.scarcity=0.9'
    """

    game: str
    start: Race
    race: Race
    source: str
    thought: Mapping[str, Spread] = field(default_factory=dict)

    @classmethod
    def of(cls, asked: Numbers, given: str = "") -> Setting:
        """Read an address.

        Parameters
        ----------
        asked : dict of str to str
            ``game``, and changes by their places.
        given : str, optional
            The file of the command line.

        Raises
        ------
        GameFileError
            Listing every mistake.
        """
        changes = dict(asked)
        game = changes.pop("game", GIVEN if given else TWO)
        start, source, thought = _begun(game, given)
        said = [f"{path}={value}" for path, value in changes.items()]
        race = loads(text_of(start), said, source) if said else start
        return cls(game, start, _raced(race, source), source, thought)

    def put(self, race: Race) -> Setting:
        """The same with another race in it."""
        return replace(self, race=race)

    @property
    def changes(self) -> dict[str, str]:
        """What makes the race from the game, as ``--set`` takes it."""
        return dict(_apart(self.start, self.race))

    @property
    def address(self) -> str:
        """The query that holds the setting."""
        return urlencode({"game": self.game, **self.changes})

    @property
    def command(self) -> str:
        """The command that repeats it."""
        changes = self.changes
        if self.thought and any("." not in path for path in changes):
            changes = {"uncertainty": "{}", **changes}  # of numbers that may be gone
        words = ["leaderbored", "race", self.source]
        words += [word for path, text in changes.items() for word in ("--set", f"{path}={text}")]
        first = f"leaderbored new {self.source} && " if self.game == TWO else ""
        return first + shlex.join(words)

    @property
    def text(self) -> str:
        """Its game file, with what is thought of numbers that are there and were not changed."""
        changes = [f"{path}={text}" for path, text in self.changes.items()]
        unchanged = unknowns.unset(tree_of(self.race), self.thought, changes)
        return text_of(self.race, unknowns.fitting(self.race, unchanged))


def opened(text: str, name: str = "file") -> Setting:
    """The setting of a file that was opened in the browser.

    Raises
    ------
    GameFileError
        If it holds no race; listing every mistake.

    Examples
    --------
    >>> made = opened(starter("race").read_text())
    >>> Setting.of({"game": made.game}).race == made.race
    True
    """
    game, thought = loads_all(text, (), name)
    race = _raced(game, name)
    packed = base64.urlsafe_b64encode(zlib.compress(text_of(race, thought).encode(), 9)).decode()
    return Setting(f"{OPENED}{packed}", race, race, SAVED, thought)


def names() -> list[str]:
    """Games to begin with.

    Examples
    --------
    >>> names()[:2]
    ['two-labs', 'five-labs']
    """
    rest = [entry.name for entry in entries() if entry.kind == "race"]
    return [TWO, FIVE, *(name for name in rest if name != FIVE)]


def _begun(game: str, given: str) -> tuple[Race, str, dict[str, Spread]]:
    """The game of a name, what commands call it, and what is thought of its unknown numbers."""
    if game.startswith(OPENED):
        race, thought = loads_all(_unpacked(game.removeprefix(OPENED)), (), SAVED)
        return race, SAVED, thought
    if game == TWO:
        return _two(), f"{TWO}.toml", {}
    if game == GIVEN and given:
        race, thought = load_all(find(given))
        return _raced(race, given), given, thought
    if game not in names():
        expected = f"expected one of {', '.join(names())}"
        raise GameFileError("address", [Mistake("game", repr(game[:40]), expected)])
    race, thought = _named(game)
    return race, game, thought


@lru_cache
def _two() -> Race:
    race: Race = load(starter("race"))
    return race


@lru_cache
def _named(name: str) -> tuple[Race, dict[str, Spread]]:
    """A race of the catalogue, and what is thought of its unknown numbers."""
    return load_all(find(name))


def _unpacked(packed: str) -> str:
    try:
        raw = zlib.decompressobj().decompress(base64.urlsafe_b64decode(packed), MAX_BYTES)
        return raw.decode()
    except (binascii.Error, zlib.error, ValueError):
        mistake = Mistake("game", "", "expected an address as this page writes it, whole")
        raise GameFileError("address", [mistake]) from None


def _raced(game: Any, source: str) -> Race:
    if isinstance(game, Race):
        return game
    expected = "expected kind = 'race'; leaderbored report FILE makes a page of any other game"
    raise GameFileError(source, [Mistake("kind", "", expected)])


# --- other labs, another market


def changed(race: Race, what: str, to: str) -> Race:
    """A race with other labs, another kind of market, or with a lease of compute or without.

    Parameters
    ----------
    race : Race
    what : {"labs", "market", "lease"}
    to : str
        How many labs; the kind of market; "on" or "off".

    Raises
    ------
    GameFileError
        If there is no such race; listing every mistake.

    Examples
    --------
    >>> race = Setting.of({}).race
    >>> [lab.name for lab in changed(race, "labs", "3").labs]
    ['A', 'B', 'C']
    >>> changed(race, "market", "clearing").market.scarcity
    0.6
    """
    tree = tree_of(race)
    makes = {"labs": _labs, "market": _market, "lease": _lease}
    if what not in makes:
        raise GameFileError("change", [Mistake(what, to, f"expected one of {', '.join(makes)}")])
    makes[what](tree, to)
    adapter = TypeAdapter(Race)
    try:
        return adapter.validate_python(tree)
    except ValidationError as error:
        raise GameFileError(f"{what} = {to}", mistakes_of(error, adapter)) from None


def _labs(tree: dict[str, Any], to: str) -> None:
    """So many labs: the first ones stay, and the last is copied."""
    if not (to.isdigit() and 2 <= int(to) <= MOST):
        raise GameFileError("change", [Mistake("labs", to, f"expected 2 to {MOST}")])
    count, labs = int(to), tree["labs"]
    taken = {lab["name"] for lab in labs}
    free = (name for name in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if name not in taken)
    more = [{**labs[-1], "name": next(free)} for _ in range(count - len(labs))]
    if count != len(labs):
        tree.update(rungs=RUNGS.get(count, 2), name=f"{count} labs")
    tree["labs"] = [*labs[:count], *more]


def _market(tree: dict[str, Any], to: str) -> None:
    """Another kind of market, with the numbers that both have."""
    old = tree["market"]
    kept = {name: old[name] for name in ("scarcity", "switching", "price") if name in old}
    kept.setdefault("scarcity", 0.6)
    made: dict[str, dict[str, Any]] = {
        "scarce": kept,
        "clearing": {**kept, "worth": 2.0},
        "ladder": {"revenue": "gamma**g", "parameters": {"gamma": 1.6}},
    }
    if to not in made:
        raise GameFileError("change", [Mistake("market", to, f"expected {', '.join(made)}")])
    if to != old["kind"]:
        tree["market"] = {"kind": to, **made[to]}


def _lease(tree: dict[str, Any], to: str) -> None:
    mechanisms = tree.setdefault("mechanisms", {})
    if to == "on":
        mechanisms.setdefault("lease", {"friction": 0.2})
    else:
        mechanisms.pop("lease", None)


# --- as text


def text_of(race: Race, thought: Mapping[str, Spread] | None = None) -> str:
    """The game file of a race, and of what is thought of its unknown numbers.

    Examples
    --------
    >>> race = Setting.of({}).race
    >>> loads(text_of(race)) == race
    True
    """
    tree = tree_of(race)
    plain = {name: part for name, part in tree.items() if not isinstance(part, dict | list)}
    tables = {name: part for name, part in tree.items() if isinstance(part, dict)}
    mechanisms = tables.pop("mechanisms", {})
    tables |= {f"mechanisms.{name}": part for name, part in mechanisms.items()}
    lines = [*_lines(plain)]
    for name, part in tables.items():
        lines += ["", f"[{name}]", *_lines(part)]
    for lab in tree["labs"]:
        lines += ["", "[[labs]]", *_lines(lab)]
    if thought:
        written = {path: spread.written for path, spread in thought.items()}
        lines += ["", f"[{unknowns.TABLE}]", *_lines(written)]
    return "\n".join(lines) + "\n"


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    return (f"{_key(name)} = {_toml(part)}" for name, part in table.items() if part != {})


def _toml(part: Any) -> str:
    """A value in TOML, on one line."""
    if isinstance(part, dict):
        return f"{{{', '.join(_lines(part))}}}"
    if isinstance(part, list):
        return f"[{', '.join(map(_toml, part))}]"
    return json.dumps(part, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").isalnum() else json.dumps(name)


def _apart(start: Race, race: Race) -> Iterator[tuple[str, str]]:
    """Changes from one race to another: numbers by their places, or what has other parts whole."""
    before, after = leaves(start), leaves(race)
    tree = tree_of(race)
    for part in dict.fromkeys(_top(path) for path in (*before, *after)):
        mine = {path: value for path, value in after.items() if _top(path) == part}
        known = {path for path in before if _top(path) == part}
        if mine.keys() == known:
            pairs = ((path, value) for path, value in mine.items() if before[path] != value)
            yield from ((path, _toml(value)) for path, value in pairs)
        else:
            yield part, _toml(tree.get(part, {}))


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]

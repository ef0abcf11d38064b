"""Game files: text in, a validated game out, or every mistake at once.

The file's keys are the fields of the game's records, one to one, so the records are the only
definition of the format and the JSON schema for editors is derived from them.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leaderbored.games.catalogue import find
from leaderbored.games.cells import apart, shape_of
from leaderbored.games.formats import unknowns
from leaderbored.games.formats.hidden import hidden
from leaderbored.games.formats.lines import line_of, lines_of
from leaderbored.games.formats.overrides import override, write_lists
from leaderbored.games.places import COUNTED
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.spreads import Spread
from leaderbored.games.validation import MAX_BYTES, mistakes_of, short, unknown
from leaderbored.kinds import Kind, all_kinds, imported, kind_of, kinds_in_files, resource

BINARY = (".xlsx",)  # formats that are no text
RACE = {"labs", "market", "technology"}  # keys of a race, the kind of a file that names none
SHOWN = 100  # characters of a line that is no TOML
TOO_LONG = (  # what the reader of TOML would take minutes for, and what cannot be written again
    (
        re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){40}"""),
        "nested too deeply",
    ),
    (re.compile(r"\b0[xob]\w{1000}"), "a number is too long"),
)


def load(path: str | Path, overrides: Sequence[str] = ()) -> Any:
    """Read a game from a file: TOML, or a payoff table in .nfg, .csv, .json or .xlsx.

    Parameters
    ----------
    path : str or Path
        The file, whose suffix says what it is; or a name of the catalogue.
    overrides : sequence of str, optional
        Of a TOML file: changes such as ``"technology.handicap=0.3"``, ``"labs.0.compute=2"`` or
        ``"labs.OpenAI.compute=2"``, applied before validation.

    Returns
    -------
    Race
        Or another game, as the file's ``kind`` says.

    Raises
    ------
    GameFileError
        Listing every mistake: place, value, what was expected, known names.

    Examples
    --------
    >>> import leaderbored as lb
    >>> lb.load("five-labs", ["discount=0.2"]).discount
    0.2
    """
    return load_all(path, overrides)[0]


def spreads(path: str | Path, overrides: Sequence[str] = ()) -> dict[str, Spread]:
    """What a game file says of numbers that are not known: its table ``[uncertainty]``.

    A number that an override sets is known, and left out.

    Raises
    ------
    GameFileError
        As of :func:`load`, which reads this table, too.

    Examples
    --------
    >>> spreads(starter("race"))
    {}
    """
    return load_all(path, overrides)[1]


def load_all(path: str | Path, overrides: Sequence[str] = ()) -> tuple[Any, dict[str, Spread]]:
    """Both the game and what is thought of its unknown numbers.

    Examples
    --------
    >>> load_all(starter("race"))[1]
    {}
    """
    source, path = str(path), find(str(path))
    suffix = path.suffix.lower()
    reader = next((kind.formats[suffix][0] for kind in all_kinds() if suffix in kind.formats), "")
    if suffix == ".py":
        mistake = Mistake("file", "", "in Python, which is run only with --allow-python")
        raise GameFileError(source, [mistake])
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        reason = getattr(error, "strerror", None) or "cannot be read"
        raise GameFileError(source, [Mistake("file", "", reason)]) from None
    if len(raw) > MAX_BYTES:
        raise GameFileError(source, [Mistake("file", "", f"larger than {MAX_BYTES:,} bytes")])
    if not reader:
        return loads_all(raw, overrides, source)
    if overrides:
        mistake = Mistake(f"--set {overrides[0]}", "", "expected a game file in TOML, not a table")
        raise GameFileError(source, [mistake])
    content = raw if suffix in BINARY else _text(raw, source)
    return imported(reader)(content, source), {}


def dumps(game: Any, suffix: str) -> str | bytes:
    """A game in normal form in one of the formats of payoff tables.

    Parameters
    ----------
    game : NormalForm
    suffix : str
        ``.toml``, ``.nfg``, ``.csv``, ``.json``, or ``.xlsx``, which needs openpyxl.

    Returns
    -------
    str, or bytes for .xlsx

    Raises
    ------
    GameFileError
        If there is no such format, or the game is of another kind or has no such form.

    Examples
    --------
    >>> dumps(load(starter("normal-form")), ".csv").splitlines()[0]
    'leader,laggard,payoff leader,payoff laggard'
    """
    kind, mistakes = kind_of(game), []
    writers = _writers(*([kind] if kind.formats else all_kinds()))
    if suffix not in writers:
        mistakes.append(Mistake("format", repr(suffix), f"expected one of {', '.join(writers)}"))
    if not kind.formats:
        known = ", ".join(repr(each.file) for each in all_kinds() if each.formats)
        mistakes.append(Mistake("kind", repr(kind.name), f"expected a payoff table: {known}"))
    if mistakes:
        raise GameFileError("convert", mistakes)
    try:
        text: str | bytes = imported(writers[suffix])(game)
    except ValueError as error:
        raise GameFileError("convert", [Mistake("payoffs", "", str(error))]) from None
    return text


def _writers(*kinds: Kind) -> dict[str, str]:
    """What writes games of some kinds, by suffix."""
    pairs = (pair for kind in kinds for pair in kind.formats.items())
    return {suffix: writer for suffix, (_, writer) in pairs if writer}


def _text(raw: bytes, source: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GameFileError(source, [Mistake("file", "", f"not UTF-8 text: {error}")]) from None


def loads(text: str | bytes, overrides: Sequence[str] = (), source: str = "game") -> Any:
    """Read a game from TOML text; see :func:`load`.

    Examples
    --------
    >>> loads('kind = "rce"')
    Traceback (most recent call last):
    leaderbored.games.formats.gamefile.GameFileError: game: 1 mistake
      kind = 'rce': unknown kind, did you mean 'race'? known: race
    """
    return loads_all(text, overrides, source)[0]


def loads_all(
    text: str | bytes, overrides: Sequence[str] = (), source: str = "game"
) -> tuple[Any, dict[str, Spread]]:
    """Both the game and what is thought of its unknown numbers, from TOML text.

    Raises
    ------
    GameFileError
        Listing every mistake in either.

    Examples
    --------
    >>> loads_all(starter("race").read_text(encoding="utf-8"))[1]
    {}
    """
    try:
        text = _text(text, source) if isinstance(text, bytes) else text.removeprefix("\ufeff")
        for pattern, reason in TOO_LONG:
            if pattern.search(text):
                raise GameFileError(source, [Mistake("file", "", reason)])
        tree = tomllib.loads(text)
    except GameFileError:
        raise
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise GameFileError(source, [_untoml(text, str(error))]) from None
    except RecursionError:
        raise GameFileError(source, [Mistake("file", "", "nested too deeply")]) from None
    write_lists(tree, overrides, _read)
    mistakes = [mistake for change in overrides if (mistake := override(tree, change))]
    known = kinds_in_files()
    if "kind" not in tree and not RACE & {*tree}:
        guess = difflib.get_close_matches("kind", tree, n=1)
        said = "unknown name, did you mean 'kind'? it is" if guess else "missing; expected"
        place = guess[0] if guess else "kind"
        mistakes.append(Mistake(place, "", f"{said} one of {', '.join(known)}"))
        raise GameFileError(source, [*_numbered(mistakes, text, overrides)])
    kind = tree.get("kind", "race")
    if not isinstance(kind, str) or kind not in known:
        mistakes.append(Mistake("kind", short(kind), unknown("kind", str(kind), list(known))))
    if mistakes:
        raise GameFileError(source, [*_numbered(mistakes, text, overrides)])
    if found := _by_name(tree):
        raise GameFileError(source, [*_numbered(found, text, overrides)])
    adapter = adapter_of(_of_formulas(tree) or kind)
    thought, mistakes = unknowns.read(tree.pop(unknowns.TABLE, {}))
    try:
        game = adapter.validate_python(tree)
    except ValidationError as error:
        mistakes = [*mistakes_of(error, adapter), *hidden(tree, error, adapter), *mistakes]
    else:
        thought = unknowns.unset(tree, thought, overrides)
        mistakes += unknowns.mismatches(game, thought) if thought else []
    if mistakes:
        raise GameFileError(source, [*_numbered(mistakes, text, overrides)])
    return game, thought


def _read(tree: dict[str, Any]) -> Any:
    """The game of what a file says, as it stands.

    Raises
    ------
    ValueError
        If there is none.
    """
    kind = tree.get("kind", "race")
    if not isinstance(kind, str) or kind not in kinds_in_files():
        raise ValueError(f"no kind {kind!r}")
    said = {key: value for key, value in tree.items() if key != unknowns.TABLE}
    return adapter_of(_of_formulas(said) or kind).validate_python(said)


def _untoml(text: str | bytes, error: str) -> Mistake:
    """What is no TOML: the line as it stands, and what numbers begin and end with there."""
    found = re.search(r"at line (\d+)", error)
    number = int(found[1]) if found else 0
    lines = text.splitlines() if isinstance(text, str) else []
    written = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    hint = re.search(r"(?<![\w.\"'])[-+]?(\.\d+|\d+\.)(?![\w.])", written)
    advice = f"; write {_with_digits(hint[0])} for {hint[0]}" if hint else ""
    bare = re.search(r"(?<![\w.\"'])(?=\w*[^\W\x00-\x7f])\w+(?=\s*=)", written)  # before a sign
    if bare and ("key" in error or "statement" in error):
        advice = f'; write "{bare[0]}" in quotation marks where it is given a value'
    at = re.search(r"column (\d+)", error)
    if "key part" in error and at and number and written:
        rest = lines[number - 1][int(at[1]) - 1 :]
        if not rest.strip():
            advice = "; what stands in braces takes one line; over several write [[players]]"
        elif rest[0] == "}":
            advice = "; no comma stands before }"
    shown = f"\n  {written[:SHOWN]}" if written else ""
    return Mistake("file", "", f"not TOML: {error}{advice}{shown}", number)


def _with_digits(number: str) -> str:
    """A number with a digit on either side of its point, as TOML wants it."""
    sign = number[: number[0] in "+-"]
    whole, _, part = number[len(sign) :].partition(".")
    return f"{sign}{whole or 0}.{part or 0}"


def _by_name(tree: dict[str, Any]) -> list[Mistake]:
    """Put payoff tables that stand by players' names in the order of the players, if they fit."""
    given = tree.get("payoffs")
    tables = isinstance(given, dict) and all(isinstance(part, list) for part in given.values())
    if tree.get("kind") not in ("normal-form", "finite") or not given or not tables:
        return []
    players = tree.setdefault("players", [*given])
    if not isinstance(players, list):
        return []
    names = [str(who) for who in players]
    if {*names} != {*given}:
        expected = f"expected a table for each of {', '.join(names)}"
        return [Mistake("payoffs", ", ".join(given), expected)]
    tree["payoffs"] = [given[who] for who in names]
    return []


def _of_formulas(tree: dict[str, Any]) -> str:
    """The kind of a normal form whose payoffs are formulas; nothing of other games.

    Tables are of formulas if there are parameters; names that they may do without are added.
    """
    given = tree.get("payoffs")
    if tree.get("kind") not in ("normal-form", "finite"):
        return ""
    listed = isinstance(given, list) and all(isinstance(part, str) for part in given)
    if isinstance(given, str | dict) or listed:
        return "finite"
    if not isinstance(given, list) or not {"parameters", "let", "random"} & {*tree}:
        return "" if tree["kind"] == "normal-form" else "finite"
    try:
        count, *sizes = shape_of(apart(given))
    except ValueError:  # a cell has not a payoff of every player
        count, sizes = len(shape_of(given)), [*shape_of(given)]
    tree.setdefault("players", count)
    tree.setdefault("strategies", [[str(a + 1) for a in range(size)] for size in sizes])
    return "finite"


def _numbered(
    mistakes: Sequence[Mistake], text: str, overrides: Sequence[str]
) -> Iterator[Mistake]:
    """Mistakes with the line at which each stands, unless it was set from outside."""
    lines = lines_of(text)
    outside = {COUNTED.sub(r".\1", change.partition("=")[0].strip()) for change in overrides}
    for mistake in mistakes:
        place = COUNTED.sub(r".\1", mistake.place)
        above = any(f"{place}.".startswith(f"{other}.") for other in outside)
        below = any(other.startswith(f"{place}.") for other in outside)
        if above or (below and mistake.place not in lines):
            yield mistake
        else:
            yield replace(mistake, line=line_of(lines, mistake.place))


def schema(kind: str = "race") -> str:
    """JSON schema of a kind of game file, as text.

    Examples
    --------
    >>> "discount" in schema("race")
    True
    """
    tree = adapter_of(kind).json_schema()
    tree.setdefault("properties", {})[unknowns.TABLE] = unknowns.SCHEMA
    for record in (tree, *tree.get("$defs", {}).values()):
        record["description"] = record.get("description", "").partition("\n")[0]
    tree["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(tree, indent=2, ensure_ascii=False) + "\n"


def five_labs() -> Path:
    """Path of the shipped game file: five labs at the end of 2025.

    Examples
    --------
    >>> five_labs().name
    'five-labs.toml'
    """
    return Path(__file__).parent.parent / "catalogue" / "five-labs.toml"


def starter(kind: str) -> Path:
    """Path of the commented game file of a kind that ``leaderbored new`` writes.

    Examples
    --------
    >>> load(starter("normal-form")).players
    ('leader', 'laggard')
    """
    return resource(kinds_in_files()[kind].starter)


def adapter_of(kind: str) -> TypeAdapter[Any]:
    """What reads the record of a kind."""
    return TypeAdapter(kinds_in_files()[kind].get("record"))

"""Game files: text in, a validated game out, or every mistake at once.

The file's keys are the fields of the game's records, one to one, so the records are the only
definition of the format and the JSON schema for editors is derived from them.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leaderbored.games.problems import GameFileError, Problem
from leaderbored.text import plain

KINDS = {
    "race": "leaderbored.race:Race",
    "contest": "leaderbored.race.contest:Contest",
    "continuous": "leaderbored.games.continuous:Continuous",
    "markov": "leaderbored.games.markov_game:MarkovGame",
    "normal-form": "leaderbored.games.normal_form:NormalForm",
    "linear-quadratic": "leaderbored.games.linear_quadratic:LinearQuadratic",
}
FORMATS = {  # of payoff tables, by the file's suffix: reader and writer
    ".nfg": ("read_nfg", "write_nfg"),
    ".csv": ("read_csv", "write_csv"),
    ".json": ("read_json", "write_json"),
    ".toml": ("", "write_toml"),
}
TOO_LONG = (  # what the reader of TOML would take minutes for, and what cannot be written again
    (
        re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){40}"""),
        "nested too deeply",
    ),
    (re.compile(r"\b0[xob]\w{1000}"), "a number is too long"),
)
MAX_PROBLEMS = 50  # that are listed
COUNTED = re.compile(r"\[(\d+)\]")  # a place in a list, as messages write it
MAX_BYTES = 4_000_000  # two payoff tables of 500 x 500


def load(path: str | Path, overrides: Sequence[str] = ()) -> Any:
    """Read a game from a file: TOML, or a payoff table in .nfg, .csv or .json.

    Parameters
    ----------
    path : str or Path
        The file; its suffix says what it is.
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
        Listing every problem: place, value, what was expected, known names.

    Examples
    --------
    >>> load(five_labs(), ["discount=0.2"]).discount
    0.2
    """
    source, suffix = str(path), Path(path).suffix.lower()
    reader, _ = FORMATS.get(suffix, ("", ""))
    if suffix == ".py":
        problem = Problem("file", "", "in Python, which is run only with --allow-python")
        raise GameFileError(source, [problem])
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        reason = getattr(error, "strerror", None) or "cannot be read"
        raise GameFileError(source, [Problem("file", "", reason)]) from None
    if len(raw) > MAX_BYTES:
        raise GameFileError(source, [Problem("file", "", f"larger than {MAX_BYTES:,} bytes")])
    if not reader:
        return loads(raw, overrides, source)
    if overrides:
        problem = Problem(f"--set {overrides[0]}", "", "expected a game file in TOML, not a table")
        raise GameFileError(source, [problem])
    from leaderbored.games.formats import tables

    return getattr(tables, reader)(_text(raw, source), source)


def dumps(game: Any, suffix: str) -> str:
    """A game in normal form as text of one of the formats of payoff tables.

    Parameters
    ----------
    game : NormalForm
    suffix : str
        ``.toml``, ``.nfg``, ``.csv`` or ``.json``.

    Returns
    -------
    str

    Raises
    ------
    GameFileError
        If there is no such format, or the game is of another kind or has no such form.

    Examples
    --------
    >>> dumps(load(starter("normal-form")), ".csv").splitlines()[0]
    'leader,laggard,payoff leader,payoff laggard'
    """
    from leaderbored.games.formats import tables

    problems = []
    if suffix not in FORMATS:
        problems.append(Problem("format", repr(suffix), f"expected one of {', '.join(FORMATS)}"))
    if game.kind != "normal-form":
        problems.append(Problem("kind", repr(game.kind), "expected a payoff table: 'normal-form'"))
    if problems:
        raise GameFileError("convert", problems)
    try:
        text: str = getattr(tables, FORMATS[suffix][1])(game)
    except ValueError as error:
        raise GameFileError("convert", [Problem("payoffs", "", str(error))]) from None
    return text


def _text(raw: bytes, source: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GameFileError(source, [Problem("file", "", f"not UTF-8 text: {error}")]) from None


def loads(text: str | bytes, overrides: Sequence[str] = (), source: str = "game") -> Any:
    """Read a game from TOML text; see :func:`load`.

    Examples
    --------
    >>> loads('kind = "rce"')
    Traceback (most recent call last):
    leaderbored.games.formats.gamefile.GameFileError: game: 1 problem
      kind = 'rce': unknown kind, did you mean 'race'? known: race
    """
    try:
        text = _text(text, source) if isinstance(text, bytes) else text.removeprefix("\ufeff")
        for pattern, reason in TOO_LONG:
            if pattern.search(text):
                raise GameFileError(source, [Problem("file", "", reason)])
        tree = tomllib.loads(text)
    except GameFileError:
        raise
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise GameFileError(source, [Problem("file", "", f"not TOML: {error}")]) from None
    except RecursionError:
        raise GameFileError(source, [Problem("file", "", "nested too deeply")]) from None
    problems = [problem for change in overrides if (problem := _override(tree, change))]
    kind = tree.get("kind", "race")
    if not isinstance(kind, str) or kind not in KINDS:
        problems.append(Problem("kind", repr(kind), _unknown("kind", str(kind), list(KINDS))))
    if problems:
        raise GameFileError(source, problems)
    adapter = _adapter(kind)
    try:
        return adapter.validate_python(tree)
    except ValidationError as error:
        raise GameFileError(source, _problems(error, adapter)) from None


def schema(kind: str = "race") -> str:
    """JSON schema of a kind of game file, as text.

    Examples
    --------
    >>> "discount" in schema("race")
    True
    """
    tree = _adapter(kind).json_schema()
    for record in (tree, *tree["$defs"].values()):
        record["description"] = record["description"].partition("\n")[0]
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
    return Path(__file__).parent.parent / "starters" / f"{kind}.toml"


def _adapter(kind: str) -> TypeAdapter[Any]:
    home, name = KINDS[kind].split(":")
    return TypeAdapter(getattr(import_module(home), name))


def vary(game: Any, path: str) -> Callable[[float], Any]:
    """A game as a function of one of its numbers.

    Parameters
    ----------
    game : Race
        Or another game from this package's records.
    path : str
        As in overrides: ``"technology.handicap"``, ``"labs.A.compute"``.

    Returns
    -------
    callable
        From a number to the game with that number in place; raises ``GameFileError`` where the
        game does not exist.

    Raises
    ------
    GameFileError
        If there is no such place or no continuous quantity in it.

    Examples
    --------
    >>> vary(load(five_labs()), "technology.handicap")(0.3).technology.handicap
    0.3
    """
    adapter = TypeAdapter(type(game))
    tree = adapter.dump_python(game, mode="json")
    keys = steps(tree, path)
    spot, problem = _find(tree, keys, path, make=False)
    if problem is not None:
        raise GameFileError("parameter", [problem])
    present = spot[0][spot[1]]
    if type(present) is not float:
        expected = "expected a number that can change by a little"
        raise GameFileError("parameter", [Problem(path, _short(present), expected)])

    def at(number: float) -> Any:
        spot[0][spot[1]] = float(number)
        try:
            return adapter.validate_python(tree)
        except ValidationError as error:
            raise GameFileError("parameter", _problems(error, adapter)) from None

    return at


def _override(tree: dict[str, Any], change: str) -> Problem | None:
    """Apply one ``path=value`` to the tree in place."""
    path, equals, text = change.partition("=")
    keys = steps(tree, path.strip())
    if not equals or not all(keys):
        return Problem(f"--set {change}", "", "expected path=value, such as discount=0.2")
    try:
        value = tomllib.loads(f"value = {text.strip()}")["value"]
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        value = text.strip()
    spot, problem = _find(tree, keys, "--set " + ".".join(keys), make=True)
    if problem is None:
        spot[0][spot[1]] = value
    return problem


def steps(tree: dict[str, Any], path: str) -> list[str]:
    """The keys of a path; lists may be counted through as messages do.

    Examples
    --------
    >>> steps({"labs": [{"name": "A"}]}, "labs[0].compute")
    ['labs', '0', 'compute']
    """
    list_, bracket, rest = path.partition("[")
    if bracket and isinstance(tree.get(list_), list):
        path = list_ + COUNTED.sub(r".\1", bracket + rest)
    return path.split(".")


def _find(
    tree: dict[str, Any], keys: list[str], place: str, *, make: bool
) -> tuple[Any, Problem | None]:
    """The container and the key at the end of a path; what is not there is made, or a problem."""
    spot: Any = tree
    for depth, key in enumerate(keys):
        here = place.removesuffix("." + ".".join(keys[depth + 1 :]))
        if isinstance(spot, list):
            names = [item.get("name") if isinstance(item, dict) else None for item in spot]
            if key not in names and not (key.isdigit() and int(key) < len(spot)):
                known = [str(name) for name in names if name is not None]
                return None, Problem(here, "", _unknown("entry", key, known))
            step: Any = names.index(key) if key in names else int(key)
        elif not isinstance(spot, dict):
            return None, Problem(here, "", "there is nothing below this place")
        elif key not in spot and not make:
            return None, Problem(here, "", _unknown("name", key, list(spot)))
        else:
            step = key
        if depth == len(keys) - 1:
            return (spot, step), None
        spot = spot.setdefault(step, {}) if isinstance(spot, dict) else spot[step]
    return None, Problem(place, "", "expected a path such as discount")


def _problems(error: ValidationError, adapter: TypeAdapter[Any]) -> list[Problem]:
    """Translate pydantic's findings into places, values and known names."""
    tree = adapter.json_schema()
    every = error.errors(include_url=False)
    findings = [(*_locate(tree, f["loc"]), f) for f in every[:MAX_PROBLEMS]]
    places = [place for place, _, _ in findings]
    problems = []
    for where, known, finding in findings:
        place, value, message = (
            where,
            _short(finding["input"]),
            finding["msg"].removeprefix("Value error, "),
        )
        match finding["type"]:
            case "default_factory_not_called":  # echoes of another finding
                continue
            case "too_short" | "string_type" if any(p.startswith(place + "[") for p in places):
                continue
            case "unexpected_keyword_argument" | "extra_forbidden":
                message = _unknown("name", str(finding["loc"][-1]), known)
            case "missing" | "missing_argument":
                message, value = "missing", ""
            case "field_error":
                blame = finding["ctx"]
                place = f"{place}.{blame['field']}".removeprefix("game.")
                value = _short(blame["value"])
            case "mistakes":
                found = finding["ctx"]["found"]
                problems += [Problem(spot, _short(bad), why) for spot, bad, why in found]
                continue
            case "union_tag_invalid":
                place, value = f"{place}.kind", _short(finding["ctx"]["tag"])
                message = f"expected one of {finding['ctx']['expected_tags']}"
            case "union_tag_not_found":
                place, value, message = f"{place}.kind", "", "missing"
        message = message.replace("Input should be", "expected")
        problems.append(Problem(place, value, message[:1].lower() + message[1:]))
    if len(every) > MAX_PROBLEMS:
        problems.append(Problem("file", "", f"and {len(every) - MAX_PROBLEMS:,} more problems"))
    return problems


def _locate(tree: dict[str, Any], location: tuple[int | str, ...]) -> tuple[str, list[str]]:
    """Spell a location as the file does, and list the names known there."""
    node, place, known = tree, "", list[str]()
    for step in location:
        node = _resolve(tree, node)
        mapping = node.get("discriminator", {}).get("mapping", {})
        if step in mapping:  # the tag of a union is no key of the file
            node = {"$ref": mapping[step]}
            continue
        known = list(node.get("properties", {}))
        if isinstance(step, int):
            place += f"[{step}]"
            node = node.get("items", {})
        elif step in known or not node.get("anyOf"):
            place += f".{step}" if place else step
            node = node.get("properties", {}).get(step, {})
    return place or "game", known


def _resolve(tree: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    choices = [choice for choice in node.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:  # what may be left out
        node = choices[0]
    if "$ref" in node:
        resolved: dict[str, Any] = tree["$defs"][node["$ref"].rsplit("/", 1)[1]]
        return resolved
    return node


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    guess = f", did you mean {close[0]!r}?" if close else ";"
    return f"unknown {what}{guess} known: {plain(', '.join(known)) or 'none'}"


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # of more digits than Python writes, or nested deeply
        text = f"{type(value).__name__} too large to show"
    return text if len(text) <= 60 else text[:57] + "..."

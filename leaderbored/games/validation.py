"""What a record finds wrong in a file, place by place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leaderbored.games.problems import Mistake
from leaderbored.text import plain

MAX_BYTES = 4_000_000  # two payoff tables of 500 x 500
MAX_MISTAKES = 50  # that are listed
WORDS = {  # of papers, and what they are called here
    **{"A": "drift", "B": "control", "R": "control_cost", "Q": "state_cost"},
    **dict.fromkeys(("beta", "delta", "rho"), "discount"),
    **dict.fromkeys(("prob", "probability"), "chance"),
    **dict.fromkeys(("rate", "intensity"), "hazard"),
    **dict.fromkeys(("reward", "profit", "utility"), "payoff"),
    **{"terminal": "ends", "to": "next", "number": "count"},
}
RANGE = "lowest and highest value"  # what is said of a range of states


def mistakes_of(error: ValidationError, adapter: TypeAdapter[Any]) -> list[Mistake]:
    """Translate pydantic's findings into places, values and known names."""
    tree = adapter.json_schema()
    every = error.errors(include_url=False)
    findings = [(*locate(tree, f["loc"]), f) for f in every[:MAX_MISTAKES]]
    places = [place for place, *_ in findings]
    mistakes = []
    for where, known, schema, finding in findings:
        place, value, message = (
            where,
            short(finding["input"]),
            finding["msg"].removeprefix("Value error, "),
        )
        match finding["type"]:
            case "default_factory_not_called":  # echoes of another finding
                continue
            case "too_short" | "string_type" if any(p.startswith(place + "[") for p in places):
                continue
            case "unexpected_keyword_argument" | "extra_forbidden":
                message = unknown("name", str(finding["loc"][-1]), known)
            case "too_short" | "too_long" | "tuple_type":
                message = _entries(finding, schema)
            case "missing" | "missing_argument":
                message, value = "missing", ""
            case "field_error":
                blame = finding["ctx"]
                place = f"{place}.{blame['field']}".removeprefix("game.")
                value = short(blame["value"])
            case "mistakes":
                found = finding["ctx"]["found"]
                inside = "" if where == "game" else f"{where}."  # of a record in a record
                found = [
                    (s if s.startswith(where) else inside + s, bad, why) for s, bad, why in found
                ]
                mistakes += [
                    Mistake(spot, "" if bad is None else short(bad), why)
                    for spot, bad, why in found
                ]
                continue
            case "union_tag_invalid":
                place, value = f"{place}.kind", short(finding["ctx"]["tag"])
                message = f"expected one of {finding['ctx']['expected_tags']}"
            case "union_tag_not_found":
                place, value, message = f"{place}.kind", "", "missing"
        message = _as_in_files(message.replace("Input should be", "expected"))
        mistakes.append(Mistake(place, value, message[:1].lower() + message[1:]))
    if len(every) > MAX_MISTAKES:
        mistakes.append(Mistake("file", "", f"and {len(every) - MAX_MISTAKES:,} more mistakes"))
    return mistakes


def _entries(finding: Any, schema: dict[str, Any]) -> str:
    """How many entries a list has too many or too few."""
    if schema.get("description") == RANGE:
        return f"expected the {RANGE}, as in [0, 5]"
    match finding["type"]:
        case "too_short":
            least, found = finding["ctx"]["min_length"], finding["ctx"]["actual_length"]
            return f"expected at least {least} entries, found {found}"
        case "too_long":
            return f"expected at most {finding['ctx']['max_length']} entries"
    return str(finding["msg"])


def _as_in_files(message: str) -> str:
    """A message of pydantic with TOML's words for what Python calls otherwise."""
    message = re.sub(r"a (valid )?dictionary( or an? (instance|object) [^;]*)?", "a table", message)
    return re.sub(r"a valid (tuple|list)", "a list", message)


def locate(
    tree: dict[str, Any], location: tuple[int | str, ...]
) -> tuple[str, list[str], dict[str, Any]]:
    """Spell a location as the file does; the names known there, and the schema of what belongs."""
    node, place, known = tree, "", list[str]()
    for step in location:
        node = resolve(tree, node)
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
            rest = node.get("additionalProperties")  # names of the user's own
            other = rest if isinstance(rest, dict) else {}
            node = node.get("properties", {}).get(step, other)
    return place or "game", known, node


def resolve(tree: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """A node of a schema, what it refers to in its place."""
    choices = [choice for choice in node.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:  # what may be left out
        node = choices[0]
    if "$ref" in node:
        resolved: dict[str, Any] = tree["$defs"][node["$ref"].rsplit("/", 1)[1]]
        return resolved
    return node


def meant(name: str, known: Sequence[str]) -> str:
    """Which of the names that are known is meant by another one; empty if that is anybody's guess.

    Examples
    --------
    >>> [meant(name, ["payoff", "chance", "hazard"]) for name in ("pay_off", "prob", "x")]
    ['payoff', 'chance', '']
    """
    close = difflib.get_close_matches(name, known, n=1)
    return WORDS[name] if WORDS.get(name) in known else close[0] if close else ""


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """What is unknown, with what is known and may be meant."""
    close = meant(name, known)
    guess = f", did you mean {close!r}?" if close else ";"
    return f"unknown {what}{guess} known: {plain(', '.join(known)) or 'none'}"


def short(value: Any) -> str:
    """A value in one line, as game files write it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> short(lb.ScarceMarket(0.6)), short({"years": [1, True]})
    ('{ scarcity = 0.6 }', '{ years = [1, true] }')
    """
    try:
        text = _written(value)
    except (ValueError, RecursionError):  # of more digits than Python writes, or nested deeply
        text = f"{type(value).__name__} too large to show"
    return text if len(text) <= 60 else text[:57] + "..."


def _written(value: Any) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        value = {name: part for name, part, usual in _parts(value) if not _same(part, usual)}
    if isinstance(value, dict):
        pairs = ", ".join(f"{name} = {_written(part)}" for name, part in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _parts(record: Any) -> Iterator[tuple[str, Any, Any]]:
    """Name, value and default of each field of a record."""
    for field in fields(record):
        yield (
            field.name,
            getattr(record, field.name),
            getattr(field.default, "default", field.default),
        )


def _same(part: Any, usual: Any) -> bool:
    return part is None or part in ({}, ()) or (type(part) is type(usual) and bool(part == usual))

"""Payoff tables as .toml and .json."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from leaderbored.games.formats.assembly import check_size, validate
from leaderbored.games.formats.labels import Number, format_number, parse_number
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.rationals import MAX_DIGITS
from leaderbored.games.source import Published
from leaderbored.games.validation import short


def write_toml(game: NormalForm) -> str:
    """Write a game as a game file, for :func:`leaderbored.games.formats.gamefile.loads`.

    Parameters
    ----------
    game : NormalForm

    Returns
    -------
    str
        With one line for each row of a payoff matrix.

    Raises
    ------
    ValueError
        If a payoff is a fraction too long for game files.

    Examples
    --------
    >>> print(write_toml(NormalForm([[[1, "1/3"]], [[0, 0.5]]], strategies=[["a"], ["x", "y"]])))
    kind = "normal-form"
    players = ["1", "2"]
    strategies = [
      ["a"],
      ["x", "y"]
    ]
    payoffs = [
      [
        [1, "1/3"]
      ],
      [
        [0, 0.5]
      ]
    ]
    <BLANKLINE>
    """
    lines = [f"{key} = {_nested(value)}" for key, value in _fields(game).items()]
    if game.source is not None:
        lines += ["", "[source]"]
        lines += [f"{key} = {_cited(value, ' = ')}" for key, value in _citation(game).items()]
    return "\n".join(lines) + "\n"


def write_json(game: NormalForm) -> str:
    """Write a game as JSON, with the keys of a game file.

    Parameters
    ----------
    game : NormalForm

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a payoff is a fraction too long for game files.

    Examples
    --------
    >>> print(write_json(NormalForm([[1, "1/3"]])))
    {
      "kind": "normal-form",
      "players": ["1"],
      "strategies": [
        ["1", "2"]
      ],
      "payoffs": [
        [1, "1/3"]
      ]
    }
    <BLANKLINE>
    """
    items = [f'  "{key}": {_nested(value, "  ")}' for key, value in _fields(game).items()]
    if game.source is not None:
        cited = [f'    "{key}": {_cited(value, ": ")}' for key, value in _citation(game).items()]
        items.append('  "source": {\n' + ",\n".join(cited) + "\n  }")
    return "{\n" + ",\n".join(items) + "\n}\n"


def read_json(text: str, source: str = "game") -> NormalForm:
    """Read a game from JSON with the keys of a game file.

    Parameters
    ----------
    text : str
        One object; numbers are kept as they are printed.
    source : str, optional
        What errors call the text, such as the file's name.

    Returns
    -------
    NormalForm

    Raises
    ------
    GameFileError
        Listing every mistake, with its place among the keys.

    Examples
    --------
    >>> read_json('{"kind": "normal-form", "payoffs": [[1, "1/3"]]}').payoffs.tolist()
    [[Fraction(1, 1), Fraction(1, 3)]]
    """
    check_size(text, source)
    try:
        tree = json.loads(text.removeprefix("\ufeff"), parse_float=_exactly, object_pairs_hook=once)
    except RecursionError:
        raise GameFileError(source, [Mistake("file", "", "nested too deeply")]) from None
    except ValueError as error:
        raise GameFileError(source, [Mistake("file", "", f"not JSON: {error}")]) from None
    if not isinstance(tree, dict) or tree.get("kind") != "normal-form":
        kind = short(tree.get("kind")) if isinstance(tree, dict) else ""
        raise GameFileError(source, [Mistake("kind", kind, 'expected "normal-form"')])
    return validate(source, tree)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A dictionary of keys that are there once.

    Raises
    ------
    ValueError
        Naming those that are there again.

    Examples
    --------
    >>> once([("a", 1), ("b", 2)])
    {'a': 1, 'b': 2}
    """
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        again = dict.fromkeys(key for k, key in enumerate(keys) if key in keys[:k])
        raise ValueError(f"expected each key once, not {', '.join(map(short, again))} again")
    return dict(pairs)


def _exactly(text: str) -> Number:
    value = parse_number(text)
    if isinstance(value, str):
        raise ValueError(f"{value}, not {short(text)}")
    return value


def _fields(game: NormalForm) -> dict[str, Any]:
    """A game file's keys, payoffs as the text that stands for them there."""
    title = {"name": game.name} if game.name else {}
    return {
        "kind": game.kind,
        **title,
        "players": game.players,
        "strategies": game.strategies,
        "payoffs": _map(game.payoffs.tolist()),
    }


def _citation(game: NormalForm) -> dict[str, Any]:
    assert game.source is not None
    found = asdict(game.source)
    usual = asdict(Published())
    found["published"] = {k: v for k, v in found["published"].items() if v != usual[k]}
    return {key: value for key, value in found.items() if value}


def _cited(tree: Any, equals: str) -> str:
    """Words, numbers and tables on one line."""
    if isinstance(tree, dict):
        parts = (f"{_nested(key)}{equals}{_cited(part, equals)}" for key, part in tree.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(tree, list | tuple):
        return "[" + ", ".join(_cited(part, equals) for part in tree) + "]"
    return repr(tree) if isinstance(tree, float) else _nested(tree)


class _Literal(str):
    """Text that stands in a file as it is."""


def _map(tree: Any) -> Any:
    """Nested payoffs as literals: numbers, or fractions in quotes."""
    if isinstance(tree, list):
        return [_map(branch) for branch in tree]
    text = format_number(tree)
    if "/" not in text:
        return _Literal(text)
    if len(text) > MAX_DIGITS:
        raise ValueError(f"game files hold fractions of {MAX_DIGITS} characters, not {text}")
    return _Literal(f'"{text}"')


def _nested(tree: Any, indent: str = "") -> str:
    """TOML and JSON at once, the innermost lists on one line."""
    if isinstance(tree, _Literal | int):
        return str(tree)
    if isinstance(tree, str):  # JSON leaves one character bare that TOML does not allow
        return json.dumps(tree, ensure_ascii=False).replace("\x7f", "\\u007f")
    inner = indent + "  "
    parts = [_nested(branch, inner) for branch in tree]
    if not any(isinstance(branch, list | tuple) for branch in tree):
        return f"[{', '.join(parts)}]"
    return "[\n" + ",\n".join(inner + part for part in parts) + f"\n{indent}]"

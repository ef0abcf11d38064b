"""Payoff tables in the formats that others read: Gambit, CSV, TOML and JSON.

All of them hold payoffs exactly, and readers list every mistake in a text at once.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from io import StringIO
from itertools import islice, product
from math import prod
from typing import Any

from leaderbored.games.formats.gamefile import _short
from leaderbored.games.formats.nfg import (
    MAX_PLAYERS,
    MAX_PROBLEMS,
    Number,
    _assemble,
    _check_size,
    _name_problem,
    _report,
    _validate,
    format_number,
    parse_number,
    read_nfg,
    write_nfg,
)
from leaderbored.games.normal_form import MAX_DIGITS, NormalForm
from leaderbored.games.problems import GameFileError, Problem

__all__ = [
    "read_csv",
    "read_json",
    "read_nfg",
    "write_csv",
    "write_json",
    "write_nfg",
    "write_toml",
]

HEADER = 100_000  # characters in which the first line is looked for
DECLARED = re.compile("sep=([,;\t])")
PLAIN = re.compile(r"[\w./+-]+(?: [\w./+-]+)*")


def read_csv(text: str, source: str = "game") -> NormalForm:
    r"""Read a game from a table with one line for each profile.

    Parameters
    ----------
    text : str
        The first line has the players' names, then ``payoff <player>`` for each of them; other
        lines a strategy of each player, then the payoffs, in any order of profiles. Strategies
        are ordered as they first appear. Cells are parted by commas, or by semicolons or tabs
        where the first line has no comma; then decimals may be written with a comma.
    source : str, optional
        What errors call the text, such as the file's name.

    Returns
    -------
    NormalForm

    Raises
    ------
    GameFileError
        Listing every mistake that can be told apart, with its line.

    Examples
    --------
    >>> game = read_csv("Firm,payoff Firm\nenter,1/3\nstay out,0\n")
    >>> game.players, game.strategies
    (('Firm',), (('enter', 'stay out'),))
    >>> read_csv("Firm,payoff Firm\nenter,much\n")
    Traceback (most recent call last):
    leaderbored.games.formats.GameFileError: game: 1 problem
      line 2, payoff Firm = 'much': expected a number such as 1.5 or 1/3
    """
    _check_size(text, source)
    problems: list[Problem] = []
    rows = _rows(text.removeprefix("\ufeff"), problems)
    line, header = next(rows, (1, []))
    players = header[: len(header) // 2]
    if wrong := problems or _header_problems(header, players, f"line {line}"):
        raise _report(source, wrong)
    table: dict[tuple[str, ...], tuple[int, list[Number]]] = {}
    for line, row in rows:
        problems += _read_row(line, row, players, table)
        if len(problems) >= MAX_PROBLEMS:
            raise _report(source, problems)
    strategies = [list(dict.fromkeys(column)) for column in zip(*table, strict=True)]
    if not problems:
        problems += _missing(table, strategies, line)
    if problems:
        raise _report(source, problems)
    order = (profile[::-1] for profile in product(*reversed(strategies)))
    flat = [value for profile in order for value in table[profile][1]]
    shape = [len(names) for names in strategies]
    return _assemble(source, flat, shape, players=players, strategies=strategies)


def _rows(text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not empty, with their numbers, up to where the text is no table."""
    mark = _separator(text)
    reader = csv.reader(
        StringIO(text, newline=""), strict=True, skipinitialspace=mark != "\t", delimiter=mark
    )
    try:
        for row in reader:
            if any(row) and not (reader.line_num == 1 and DECLARED.fullmatch(mark.join(row))):
                yield reader.line_num, row
    except csv.Error as error:
        problems.append(Problem(f"line {reader.line_num}", "", f"not CSV: {error}"))


def _separator(text: str) -> str:
    """What parts the cells, by the first line that is not empty or says so: sep=;."""
    lines = (line for line in StringIO(text[:HEADER]) if line.strip())
    first = next(lines, "")
    if declared := DECLARED.fullmatch(first.strip()):
        return declared[1]
    bare = re.sub('"[^"]*"', "", first)
    return next((mark for mark in ",;\t" if mark in bare), ",")


def _header_problems(header: list[str], players: list[str], place: str) -> list[Problem]:
    if len(header) % 2 or not 1 <= len(players) <= MAX_PLAYERS:
        limit = f"of 1 to {MAX_PLAYERS} players, then payoff <player> for each of them"
        return [Problem(place, f"{len(header):,} columns", f"expected the names {limit}")]
    problems = []
    for i, (name, title) in enumerate(zip(players, header[len(players) :], strict=True)):
        if wrong := _name_problem(name, players[:i]):
            problems.append(Problem(place, _short(name), wrong))
        if title != f"payoff {name}":
            expected = f"expected {_short(f'payoff {name}')}"
            problems.append(Problem(place, _short(title), expected))
    return problems


def _read_row(
    line: int,
    row: list[str],
    players: list[str],
    table: dict[tuple[str, ...], tuple[int, list[Number]]],
) -> Iterator[Problem]:
    """Put a line into the table; its mistakes."""
    place, count = f"line {line}", len(players)
    if len(row) != 2 * count:
        yield Problem(place, f"{len(row):,} columns", f"expected {2 * count}")
        return
    profile, payoffs = tuple(row[:count]), list[Number]()
    for player, name in zip(players, profile, strict=True):
        if wrong := _name_problem(name):
            yield Problem(f"{place}, {player}", _short(name), wrong)
    for player, cell in zip(players, row[count:], strict=True):
        value = parse_number(cell.strip())
        if isinstance(value, str) and cell.count(",") == 1:  # a decimal, where semicolons part
            value = parse_number(cell.strip().replace(",", "."))
        if isinstance(value, str):
            yield Problem(f"{place}, payoff {player}", _short(cell), value)
        else:
            payoffs.append(value)
    before, _ = table.setdefault(profile, (line, payoffs))
    if before != line:
        yield Problem(place, _short(list(profile)), f"expected once, but is on line {before} too")


def _missing(table: Any, strategies: list[list[str]], line: int) -> Iterator[Problem]:
    """Profiles that have no line; the first few say enough."""
    if not table:
        yield Problem(f"line {line}", "", "expected a line for each profile below the header")
        return
    count = prod(map(len, strategies)) - len(table)
    absent = (profile for profile in product(*strategies) if profile not in table)
    for profile in islice(absent, 5):
        expected = f"expected a line for each profile; {count:,} missing"
        yield Problem(f"after line {line}", _short(list(profile)), expected)


def write_csv(game: NormalForm) -> str:
    """Write a game as a table with one line for each profile, payoffs exactly.

    The game's title and source have no place in such a table.

    Parameters
    ----------
    game : NormalForm

    Returns
    -------
    str

    Examples
    --------
    >>> print(write_csv(NormalForm([["1/3", 0.5]], ["Firm"], [["enter", "stay out"]])))
    Firm,payoff Firm
    enter,1/3
    stay out,0.5
    <BLANKLINE>
    """
    rows = [[*game.players, *(f"payoff {player}" for player in game.players)]]
    payoffs = game.payoffs.reshape(len(game.players), -1).T.tolist()
    for profile, row in zip(product(*game.strategies), payoffs, strict=True):
        rows.append([*profile, *map(format_number, row)])
    return "".join(",".join(map(_cell, row)) + "\n" for row in rows)


def _cell(text: str) -> str:
    return text if PLAIN.fullmatch(text) else '"' + text.replace('"', '""') + '"'


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
        lines += [f"{key} = {_nested(value)}" for key, value in _citation(game).items()]
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
        cited = [f'    "{key}": {_nested(value)}' for key, value in _citation(game).items()]
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
    _check_size(text, source)
    try:
        tree = json.loads(text.removeprefix("\ufeff"), parse_float=_exactly, object_pairs_hook=once)
    except RecursionError:
        raise GameFileError(source, [Problem("file", "", "nested too deeply")]) from None
    except ValueError as error:
        raise GameFileError(source, [Problem("file", "", f"not JSON: {error}")]) from None
    if not isinstance(tree, dict) or tree.get("kind") != "normal-form":
        kind = _short(tree.get("kind")) if isinstance(tree, dict) else ""
        raise GameFileError(source, [Problem("kind", kind, 'expected "normal-form"')])
    return _validate(source, tree)


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
        raise ValueError(f"expected each key once, not {', '.join(map(_short, again))} again")
    return dict(pairs)


def _exactly(text: str) -> Number:
    value = parse_number(text)
    if isinstance(value, str):
        raise ValueError(f"{value}, not {_short(text)}")
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
    return {key: value for key, value in asdict(game.source).items() if value}


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

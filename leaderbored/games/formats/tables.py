"""Payoff tables in the formats that others read: Gambit, CSV, TOML and JSON.

All of them hold payoffs exactly, and readers list every mistake in a text at once.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice, product
from math import prod
from typing import Any

from leaderbored.games.formats.assembly import MAX_PLAYERS, assemble, check_size, report
from leaderbored.games.formats.labels import Number, format_number, name_problem, parse_number
from leaderbored.games.formats.nfg import read_nfg, write_nfg
from leaderbored.games.formats.trees import (
    read_json,
    write_json,
    write_toml,
)
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.problems import Mistake
from leaderbored.games.validation import MAX_MISTAKES, short

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
    leaderbored.games.formats.GameFileError: game: 1 mistake
      line 2, payoff Firm = 'much': expected a number such as 1.5 or 1/3
    """
    check_size(text, source)
    mistakes: list[Mistake] = []
    return of_rows(_rows(text.removeprefix("\ufeff"), mistakes), mistakes, source)


def of_rows(
    rows: Iterator[tuple[int, list[str]]], mistakes: list[Mistake], source: str, word: str = "line"
) -> NormalForm:
    """The game of the rows of a table; see :func:`read_csv`.

    Parameters
    ----------
    rows : iterator of (int, list of str)
        Rows with their numbers, the names first.
    mistakes : list of Mistake
        Those that were found by reading the rows; more are added.
    source : str
    word : str
        What errors call a row.

    Examples
    --------
    >>> of_rows(iter([(1, ["A", "payoff A"]), (2, ["x", "3"])]), [], "game").payoffs.tolist()
    [[3.0]]
    """
    line, header = next(rows, (1, []))
    players = header[: len(header) // 2]
    if wrong := mistakes or _header_mistakes(header, players, f"{word} {line}"):
        raise report(source, wrong)
    table: dict[tuple[str, ...], tuple[int, list[Number]]] = {}
    for line, row in rows:
        mistakes += _read_row(line, row, players, table, word)
        if len(mistakes) >= MAX_MISTAKES:
            raise report(source, mistakes)
    strategies = [list(dict.fromkeys(column)) for column in zip(*table, strict=True)]
    if not mistakes:
        mistakes += _missing(table, strategies, line, word)
    if mistakes:
        raise report(source, mistakes)
    order = (profile[::-1] for profile in product(*reversed(strategies)))
    flat = [value for profile in order for value in table[profile][1]]
    shape = [len(names) for names in strategies]
    return assemble(source, flat, shape, players=players, strategies=strategies)


def _rows(text: str, mistakes: list[Mistake]) -> Iterator[tuple[int, list[str]]]:
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
        mistakes.append(Mistake(f"line {reader.line_num}", "", f"not CSV: {error}"))


def _separator(text: str) -> str:
    """What parts the cells, by the first line that is not empty or says so: sep=;."""
    lines = (line for line in StringIO(text[:HEADER]) if line.strip())
    first = next(lines, "")
    if declared := DECLARED.fullmatch(first.strip()):
        return declared[1]
    bare = re.sub('"[^"]*"', "", first)
    return next((mark for mark in ",;\t" if mark in bare), ",")


def _header_mistakes(header: list[str], players: list[str], place: str) -> list[Mistake]:
    if len(header) % 2 or not 1 <= len(players) <= MAX_PLAYERS:
        limit = f"of 1 to {MAX_PLAYERS} players, then payoff <player> for each of them"
        return [Mistake(place, f"{len(header):,} columns", f"expected the names {limit}")]
    mistakes = []
    for i, (name, title) in enumerate(zip(players, header[len(players) :], strict=True)):
        if wrong := name_problem(name, players[:i]):
            mistakes.append(Mistake(place, short(name), wrong))
        if title != f"payoff {name}":
            expected = f"expected {short(f'payoff {name}')}"
            mistakes.append(Mistake(place, short(title), expected))
    return mistakes


def _read_row(
    line: int,
    row: list[str],
    players: list[str],
    table: dict[tuple[str, ...], tuple[int, list[Number]]],
    word: str,
) -> Iterator[Mistake]:
    """Put a line into the table; its mistakes."""
    place, count = f"{word} {line}", len(players)
    if len(row) != 2 * count:
        yield Mistake(place, f"{len(row):,} columns", f"expected {2 * count}")
        return
    profile, payoffs = tuple(row[:count]), list[Number]()
    for player, name in zip(players, profile, strict=True):
        if wrong := name_problem(name):
            yield Mistake(f"{place}, {player}", short(name), wrong)
    for player, cell in zip(players, row[count:], strict=True):
        value = parse_number(cell.strip())
        if isinstance(value, str) and cell.count(",") == 1:  # a decimal, where semicolons part
            value = parse_number(cell.strip().replace(",", "."))
        if isinstance(value, str):
            yield Mistake(f"{place}, payoff {player}", short(cell), value)
        else:
            payoffs.append(value)
    before, _ = table.setdefault(profile, (line, payoffs))
    if before != line:
        yield Mistake(place, short(list(profile)), f"expected once, but is on {word} {before} too")


def _missing(table: Any, strategies: list[list[str]], line: int, word: str) -> Iterator[Mistake]:
    """Profiles that have no line; the first few say enough."""
    if not table:
        yield Mistake(f"{word} {line}", "", f"expected a {word} for each profile below the header")
        return
    count = prod(map(len, strategies)) - len(table)
    absent = (profile for profile in product(*strategies) if profile not in table)
    for profile in islice(absent, 5):
        expected = f"expected a {word} for each profile; {count:,} missing"
        yield Mistake(f"after {word} {line}", short(list(profile)), expected)


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
    return "".join(",".join(map(_cell, row)) + "\n" for row in rows_of(game))


def rows_of(game: NormalForm) -> Iterator[list[str]]:
    """The rows of the table of a game: names, then the strategies and payoffs of each profile.

    Examples
    --------
    >>> list(rows_of(NormalForm([[1]], ["A"], [["x"]])))
    [['A', 'payoff A'], ['x', '1']]
    """
    yield [*game.players, *(f"payoff {player}" for player in game.players)]
    payoffs = game.payoffs.reshape(len(game.players), -1).T.tolist()
    for profile, row in zip(product(*game.strategies), payoffs, strict=True):
        yield [*profile, *map(format_number, row)]


def _cell(text: str) -> str:
    return text if PLAIN.fullmatch(text) else '"' + text.replace('"', '""') + '"'

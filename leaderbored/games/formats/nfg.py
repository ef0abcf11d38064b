r"""Gambit's strategic games, ``.nfg``: text in, a game or every mistake at once out.

Both flavours: payoffs listed for each profile, or outcomes with payoffs and the number of an
outcome for each profile. Player 1's strategy varies fastest. What a file claims is held against
what it contains before anything of the claimed size is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import chain
from math import prod
from typing import NoReturn

from leaderbored.games.formats.assembly import MAX_PLAYERS, assemble, check_size, report
from leaderbored.games.formats.labels import (
    BREAK,
    Number,
    format_number,
    parse_number,
    told_apart,
)
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.problems import Mistake
from leaderbored.games.validation import MAX_BYTES, MAX_MISTAKES, short

MAX_TITLE = 120
STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
TOKEN = re.compile(rf'{STRING.pattern}?|[{{}}]|[^\s{{}},"]+', re.DOTALL)


class _Cursor:
    """A text's tokens, how many of them are read, and the mistakes in those."""

    def __init__(self, text: str, source: str) -> None:
        self.text, self.source, self.k = text, source, 0
        self.tokens: list[str] = TOKEN.findall(text)
        self.mistakes: list[Mistake] = []

    @cached_property
    def starts(self) -> list[int]:
        """Where tokens start; only mistakes need it."""
        return [match.start() for match in TOKEN.finditer(self.text)] + [len(self.text)]

    @property
    def peek(self) -> str:
        return self.tokens[self.k] if self.k < len(self.tokens) else ""

    def blame(self, k: int, expected: str) -> None:
        """Note a mistake at token ``k``, the end of the text if there is none."""
        before = self.text[: self.starts[k]]
        place = f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"
        value = short(self.tokens[k]) if k < len(self.tokens) else ""
        self.mistakes.append(Mistake(place, value, expected))
        if len(self.mistakes) >= MAX_MISTAKES:
            raise report(self.source, self.mistakes)

    def stop(self, expected: str) -> NoReturn:
        """Give up here: what follows cannot be told apart from this mistake."""
        self.blame(self.k, expected)
        raise report(self.source, self.mistakes)

    def take(self, token: str, expected: str) -> None:
        if self.peek != token:
            self.stop(expected)
        self.k += 1

    def string(self, expected: str) -> str:
        """Read a quoted string."""
        if not self.peek.startswith('"'):
            self.stop(expected)
        if not STRING.fullmatch(self.peek):
            self.stop('expected a closing "')
        self.k += 1
        return re.sub(r'\\(["\\])', r"\1", self.tokens[self.k - 1][1:-1])

    def block(self, item: Callable[[], None], what: str) -> None:
        """Read ``{ item item ... }``."""
        self.take("{", f"expected {{ before {what}")
        while self.peek != "}":
            if not self.peek:
                self.stop(f"expected }} after {what}")
            item()
        self.k += 1

    def names(self, what: str, most: int = MAX_BYTES) -> list[str]:
        """Read ``{ "name" "name" ... }``; Gambit's may be empty, repeated or long."""
        found: list[str] = []

        def item() -> None:
            if len(found) == most:
                self.stop(f"expected }} after at most {most} {what}")
            found.append(self.string(f"expected {what} in quotes, or }}"))

        self.block(item, what)
        if not found:
            self.blame(self.k - 1, f"expected {what}, at least one")
        return told_apart(found)

    def numbers(self, end: int) -> list[Number]:
        """Read the tokens up to one as numbers."""
        tokens = self.tokens[self.k : end]
        values = {token: parse_number(token) for token in set(tokens)}
        wrong = {token: value for token, value in values.items() if isinstance(value, str)}
        for k, token in enumerate(tokens if wrong else (), self.k):
            if token in wrong:
                self.blame(k, wrong[token])
        self.k = end
        return [0 if token in wrong else values[token] for token in tokens]  # type: ignore[misc]


def read_nfg(text: str, source: str = "game") -> NormalForm:
    r"""Read a game from the text of a Gambit ``.nfg`` file.

    Parameters
    ----------
    text : str
        Of either flavour, payoffs or outcomes; numbers, decimals and fractions are kept exactly.
    source : str, optional
        What errors call the text, such as the file's name.

    Returns
    -------
    NormalForm

    Raises
    ------
    GameFileError
        Listing every mistake that can be told apart, with line and column.

    Examples
    --------
    >>> game = read_nfg('NFG 1 R "Dilemma" { "Row" "Column" } { 2 2 }  3 3 5 0 0 5 1 1')
    >>> game.payoffs[0].tolist()
    [[3.0, 0.0], [5.0, 1.0]]
    >>> read_nfg('NFG 1 R "" { "Row" } { 2 }\n1 nan')
    Traceback (most recent call last):
    leaderbored.games.formats.GameFileError: game: 1 mistake
      line 2, column 3 = 'nan': expected a number such as 1.5 or 1/3
    """
    check_size(text, source)
    cursor = _Cursor(text.removeprefix("\ufeff"), source)
    title = _heading(cursor)
    players = cursor.names("names of players", MAX_PLAYERS)
    strategies = _strategies(cursor, len(players))
    if cursor.peek.startswith('"'):
        cursor.string("expected a comment")
    shape = [names if isinstance(names, int) else len(names) for names in strategies]
    flat = (_by_outcome if cursor.peek == "{" else _by_payoff)(cursor, shape)
    if cursor.mistakes:
        raise report(source, cursor.mistakes)
    numbered = [[str(a + 1) for a in range(size)] for size in shape]
    names = [numbered[i] if isinstance(own, int) else own for i, own in enumerate(strategies)]
    return assemble(source, flat, shape, players=players, strategies=names, name=title)


def _heading(cursor: _Cursor) -> str:
    """Read ``NFG 1 R "title"``."""
    cursor.take("NFG", "expected NFG, the first word of such files")
    for known, expected in ((["1"], "expected version 1"), (["R", "D"], "expected R or D")):
        if cursor.peek[:1] in ('"', "{", "}", ""):
            cursor.stop(expected)
        if cursor.peek not in known:
            cursor.blame(cursor.k, expected)
        cursor.k += 1
    return BREAK.sub(" ", cursor.string("expected a title in quotes"))[:MAX_TITLE]


def _strategies(cursor: _Cursor, players: int) -> list[int | list[str]]:
    """Read each player's strategies: how many there are, or their names."""
    found: list[int | list[str]] = []

    def item() -> None:
        token = cursor.peek
        if token == "{":
            found.append(cursor.names("names of strategies"))
            return
        size = int(token) if re.fullmatch("[0-9]{1,9}", token) else 0
        if not size:
            cursor.blame(cursor.k, "expected a number of strategies, 1 to 999999999")
        found.append(size)
        cursor.k += 1

    cursor.block(item, "strategies")
    if len(found) != players:
        cursor.blame(cursor.k - 1, f"expected strategies of {players} players, not {len(found):,}")
    return found


def _count(cursor: _Cursor, found: int, shape: list[int], each: int, what: str) -> None:
    """Hold the header's claim against the number of entries there are."""
    wanted = each * prod(shape)
    if cursor.mistakes or found == wanted:  # a mistaken header claims nothing
        return
    claim = f"{wanted:,}" if wanted < 10**12 else f"{wanted:.1e}"
    sizes = " x ".join(map(str, shape))
    cursor.blame(len(cursor.tokens), f"expected {claim} {what} for {sizes} profiles, not {found:,}")


def _by_payoff(cursor: _Cursor, shape: list[int]) -> list[Number]:
    """Read payoffs of all players for each profile."""
    end = len(cursor.tokens)
    _count(cursor, end - cursor.k, shape, len(shape), "payoffs")
    return cursor.numbers(end)


def _by_outcome(cursor: _Cursor, shape: list[int]) -> list[Number]:
    """Read outcomes, then the number of one for each profile; 0 is no outcome, all payoffs 0."""
    outcomes: list[list[Number]] = [[0] * len(shape)]

    def item() -> None:
        cursor.take("{", "expected { before an outcome, or }")
        cursor.string("expected an outcome's name in quotes")
        end = cursor.k
        while end < len(cursor.tokens) and cursor.tokens[end] not in ("{", "}"):
            end += 1
        values = cursor.numbers(end)
        if len(values) != len(shape):
            cursor.blame(end, f"expected {len(shape)} payoffs in this outcome, not {len(values):,}")
        outcomes.append(values)
        cursor.take("}", "expected } after an outcome")

    cursor.block(item, "outcomes")
    tokens = cursor.tokens[cursor.k :]
    _count(cursor, len(tokens), shape, 1, "numbers of outcomes")
    known = {str(k): outcome for k, outcome in enumerate(outcomes)}
    for k, token in enumerate(tokens, cursor.k):
        if token not in known:
            cursor.blame(k, f"expected the number of an outcome, 0 to {len(outcomes) - 1}")
    if len(tokens) * len(shape) > MAX_BYTES:  # few characters could ask for much memory
        cursor.stop(f"expected at most {MAX_BYTES:,} payoffs")
    return list(chain.from_iterable(known.get(token, []) for token in tokens))


def write_nfg(game: NormalForm, outcomes: bool = False) -> str:
    """Write a game as the text of a Gambit ``.nfg`` file, exactly.

    Parameters
    ----------
    game : NormalForm
        A game's source becomes the file's comment.
    outcomes : bool, optional
        Whether to write each combination of payoffs once, as an outcome.

    Returns
    -------
    str

    Examples
    --------
    >>> game = NormalForm([[[3, 0], [5, "1/3"]], [[3, 5], [0, 1]]], ["Row", "Column"])
    >>> print(write_nfg(game))
    NFG 1 R "" { "Row" "Column" }
    { { "1" "2" } { "1" "2" } }
    ""
    <BLANKLINE>
    3 3
    5 0
    0 5
    1/3 1
    <BLANKLINE>
    """
    by = game.source
    comment = f"{', '.join(by.authors)} ({by.year}), {by.title}" if by else ""
    head = [
        f"NFG 1 R {_quoted(game.name)} {_braces(map(_quoted, game.players))}",
        _braces(_braces(map(_quoted, names)) for names in game.strategies),
        _quoted(comment),
        "",
    ]
    rows = game.payoffs.transpose().reshape(-1, len(game.players)).tolist()
    lines = [[format_number(value) for value in row] for row in rows]
    body = _numbered(lines) if outcomes else [" ".join(line) for line in lines]
    return "\n".join(head + body) + "\n"


def _numbered(lines: list[list[str]]) -> list[str]:
    """The outcomes among profiles' payoffs, then each profile's outcome."""
    numbers = {("0",) * len(lines[0]): 0}
    indices = [numbers.setdefault(tuple(line), len(numbers)) for line in lines]
    listed = [f'{{ "" {", ".join(payoffs)} }}' for payoffs in list(numbers)[1:]]
    return ["{", *listed, "}", " ".join(map(str, indices))]


def _braces(items: Iterable[str]) -> str:
    return f"{{ {' '.join(items)} }}"


def _quoted(text: str) -> str:
    # Gambit takes a backslash for itself except before a quote, so few are doubled.
    return '"' + re.sub(r'"|\\(?=["\\]|\Z)', r"\\\g<0>", text) + '"'

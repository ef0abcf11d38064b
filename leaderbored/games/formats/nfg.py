r"""Gambit's strategic games, ``.nfg``: text in, a game or every mistake at once out.

Both flavours: payoffs listed for each profile, or outcomes with payoffs and the number of an
outcome for each profile. Player 1's strategy varies fastest. What a file claims is held against
what it contains before anything of the claimed size is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import chain
from math import prod
from typing import Any, NoReturn

import numpy as np
from pydantic import ValidationError

from leaderbored.games.formats import gamefile
from leaderbored.games.formats.gamefile import MAX_BYTES
from leaderbored.games.normal_form import MAX_DEPTH, NormalForm, _entry
from leaderbored.games.problems import GameFileError, Problem

Number = int | float | Fraction

MAX_PLAYERS = MAX_DEPTH - 1
MAX_PROBLEMS = 50
MAX_LENGTH = 4000  # of a number's text; Python itself refuses to convert more than 4300 digits
MAX_EXPONENT = 400  # beyond those of floating point, and small enough to write out
MAX_NAME, MAX_TITLE = 80, 120
NUMBER = re.compile(r"[+-]?(?:[0-9]+/[0-9]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
BREAK = re.compile(r"\s*[\t\r\n]\s*")
STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
TOKEN = re.compile(rf'{STRING.pattern}?|[{{}}]|[^\s{{}},"]+', re.DOTALL)


def parse_number(text: str) -> Number | str:
    """The number that a text prints, exactly, or what was expected instead.

    Examples
    --------
    >>> parse_number("2/6"), parse_number("1e-1"), parse_number("nan")
    (Fraction(1, 3), 0.1, 'expected a number such as 1.5 or 1/3')
    """
    if len(text) < 16 and text.isascii() and text.removeprefix("-").isdigit():  # most payoffs
        return int(text)
    if wrong := _misprint(text):
        return wrong
    try:
        exact = Fraction(text)
        double = float(exact)
    except ZeroDivisionError:
        return "expected a denominator other than 0"
    except OverflowError:
        return "expected a number within the range of floating point"
    if exact.denominator == 1:
        return exact.numerator if abs(exact) < 2**53 else exact
    return double if Fraction(repr(double)) == exact else exact


def _misprint(text: str) -> str:
    """What keeps a text from being a number that is safe to convert."""
    if len(text) > MAX_LENGTH:
        return f"expected a number of at most {MAX_LENGTH:,} characters"
    if not NUMBER.fullmatch(text):
        return "expected a number such as 1.5 or 1/3"
    exponent = text.lower().partition("e")[2].lstrip("+-0")
    if len(exponent) > 3 or int(exponent or 0) > MAX_EXPONENT:
        return f"expected an exponent of at most {MAX_EXPONENT}"
    return ""


def format_number(value: Any) -> str:
    """The shortest of a whole number, a decimal and a fraction that is exactly a payoff.

    Examples
    --------
    >>> format_number(3.0), format_number(Fraction(1, 4)), format_number(Fraction(1, 3))
    ('3', '0.25', '1/3')
    """
    if isinstance(value, float):  # most payoffs
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    exact = _entry(value)
    if exact.denominator == 1 and abs(exact) < 2**53:
        return str(exact.numerator)
    decimal = repr(float(exact))
    return decimal if Fraction(decimal) == exact else str(exact)


def _name_problem(name: str, taken: Iterable[str] = ()) -> str:
    """What is wrong with a name, or nothing."""
    if not 1 <= len(name) <= MAX_NAME:
        return f"expected a name of 1 to {MAX_NAME} characters"
    return "expected different names" if name in taken else ""


def told_apart(labels: Sequence[str]) -> list[str]:
    r"""Names that differ, of 1 to 80 characters, from labels that need not.

    An empty label becomes its number, a long one is cut, one that is taken gets a number.

    Examples
    --------
    >>> told_apart(["a", "", "a", "two\n words"])
    ['a', '2', 'a (2)', 'two words']
    """
    cleaned = [BREAK.sub(" ", label)[:MAX_NAME] for label in labels]
    taken, found, used = set(cleaned), list[str](), set[str]()
    counts: dict[str, int] = {}
    for k, label in enumerate(cleaned, 1):
        name = wanted = label or str(k)
        while name in used or (name in taken and name != label):
            counts[wanted] = counts.get(wanted, 1) + 1
            mark = f" ({counts[wanted]})"
            name = wanted[: MAX_NAME - len(mark)] + mark
        used.add(name)
        found.append(name)
    return found


def _report(source: str, problems: Sequence[Problem]) -> GameFileError:
    """The error that lists a file's problems, the first of them when there are many."""
    if len(problems) < MAX_PROBLEMS:
        return GameFileError(source, problems)
    last = Problem("file", "", f"perhaps more; reading stops after {MAX_PROBLEMS} problems")
    return GameFileError(source, [*problems[:MAX_PROBLEMS], last])


def _check_size(text: str, source: str) -> None:
    if len(text) > MAX_BYTES:
        raise GameFileError(source, [Problem("file", "", f"larger than {MAX_BYTES:,} bytes")])


def _assemble(
    source: str, flat: Sequence[Number], shape: Sequence[int], **names: Any
) -> NormalForm:
    """The game of payoffs listed profile by profile, player 1's strategy varying fastest."""
    exact = any(isinstance(value, Fraction) for value in flat)
    table = np.array(flat, dtype=object if exact else float)
    payoffs = table.reshape(*reversed(shape), len(shape)).transpose()
    return _validate(source, {"payoffs": payoffs, **names})


def _validate(source: str, fields: dict[str, Any]) -> NormalForm:
    """The game of these fields, its constructor's complaints translated."""
    adapter = gamefile._adapter("normal-form")
    try:
        game: NormalForm = adapter.validate_python(fields)
    except ValidationError as error:
        if error.error_count() < MAX_PROBLEMS:
            raise _report(source, gamefile._problems(error, adapter)) from None
        findings = error.errors(include_url=False, include_input=False)[:MAX_PROBLEMS]
        problems = [Problem(".".join(map(str, f["loc"])), "", f["msg"]) for f in findings]
        raise _report(source, problems) from None
    return game


class _Cursor:
    """A text's tokens, how many of them are read, and the mistakes in those."""

    def __init__(self, text: str, source: str) -> None:
        self.text, self.source, self.k = text, source, 0
        self.tokens: list[str] = TOKEN.findall(text)
        self.problems: list[Problem] = []

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
        value = gamefile._short(self.tokens[k]) if k < len(self.tokens) else ""
        self.problems.append(Problem(place, value, expected))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _report(self.source, self.problems)

    def stop(self, expected: str) -> NoReturn:
        """Give up here: what follows cannot be told apart from this mistake."""
        self.blame(self.k, expected)
        raise _report(self.source, self.problems)

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
    leaderbored.games.formats.GameFileError: game: 1 problem
      line 2, column 3 = 'nan': expected a number such as 1.5 or 1/3
    """
    _check_size(text, source)
    cursor = _Cursor(text.removeprefix("\ufeff"), source)
    title = _heading(cursor)
    players = cursor.names("names of players", MAX_PLAYERS)
    strategies = _strategies(cursor, len(players))
    if cursor.peek.startswith('"'):
        cursor.string("expected a comment")
    shape = [names if isinstance(names, int) else len(names) for names in strategies]
    flat = (_by_outcome if cursor.peek == "{" else _by_payoff)(cursor, shape)
    if cursor.problems:
        raise _report(source, cursor.problems)
    numbered = [[str(a + 1) for a in range(size)] for size in shape]
    names = [numbered[i] if isinstance(own, int) else own for i, own in enumerate(strategies)]
    return _assemble(source, flat, shape, players=players, strategies=names, name=title)


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
    if cursor.problems or found == wanted:  # a mistaken header claims nothing
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

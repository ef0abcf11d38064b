"""Text of a formula to a checked syntax tree, and back to the column of a mistake.

What people write in formulas and Python does not read is put into Python's words first: ``^`` and
raised digits as powers, the signs of printed mathematics, names that are words of Python, players
who are called by a number as in ``2.q``. Then the text is parsed, never run, and its size is
checked.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from leaderbored.games.words import hidden

MAX_LENGTH = 1000  # characters; longer formulas are written in parts
MAX_NODES = 400
MOST_TOLD = 10  # mistakes of one formula
MAX_DEPTH = 40  # of terms in terms; sums and products count once
VEIL = "\ua66e"  # a letter before names that Python would read as something else
SIGNS = {
    "^": "**",
    "\u2212": "-",  # a minus sign
    "\u00d7": "*",
    "\u00b7": "*",
    "\u22c5": "*",
    "\u00f7": "/",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "!=",
    "\u00b2": "**2",
    "\u00b3": "**3",
    "\n": " ",
    "\r": " ",
    "\t": " ",
}
_NUMBER = r"(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?"
WORD = r"(?![²³])[^\W\d](?:(?![²³])\w)*"
OWNER = r"\d+(?=\.(?![eE][+-]?\d)[^\W\d])"  # of a strategy: a player called by a number
_PART = re.compile(f"{OWNER}|{_NUMBER}|{WORD}|.", re.DOTALL)
_CHAINED = (ast.Add, ast.Sub, ast.Mult, ast.Div)
CHOICE = "write a if condition else b"
_HINTS = (
    (r"#", "a comment stands outside the formula"),
    (r"\\|\{|\}", "formulas are in Python's notation, not in LaTeX's"),
    (r"&&|&", "write and, not &"),
    (r"\|\||\|", "write or, not |"),
    (r"\?|\bthen\b", CHOICE),
    (r"(?<![<>=!:])=(?!=)", "write == to compare"),
    (r"%", "write per cent as a decimal, as 0.05, and a remainder as mod(a, b)"),
    (r"!(?!=)", "write not, or gamma(n + 1) for a factorial"),
    (
        r"\d\s*(?=[^\W\d])|\d\s+(?=[\d.])|[\w)\]]\s+(?=[\w(])|\)\s*(?=[\w(])",
        "write * between factors",
    ),
)


class ExpressionError(ValueError):
    """A formula that cannot be read; the message points at the place with a caret.

    Attributes
    ----------
    text, column, reason : str, int, str
    within : str
        Where the definition stands whose formula it is, if it is not the one that was to be read.
    bare : str
        The message without that.
    more : tuple of ExpressionError
        What else is wrong in the formula; the message goes on with it.
    """

    def __init__(
        self,
        text: str,
        column: int,
        reason: str,
        within: str = "",
        more: Sequence[ExpressionError] = (),
    ) -> None:
        start = max(min(column, len(text)) - 120, 0)  # of what is shown of a long text
        shown = re.sub(r"\s", " ", text[start : start + 160])
        self.bare = f"{reason}\n  {shown}\n  {' ' * min(column - start, len(shown))}^"
        said = f"in {within}: {self.bare}" if within else self.bare
        super().__init__("\n".join([said, *map(str, more)]))
        self.text, self.column, self.reason, self.within = text, column, reason, within
        self.more = tuple(more)

    def inside(self, place: str) -> ExpressionError:
        """The same mistake, in the formula of a definition."""
        more = [each.inside(place) for each in self.more]
        return ExpressionError(self.text, self.column, self.reason, self.within or place, more)

    @property
    def each(self) -> tuple[ExpressionError, ...]:
        """The mistakes one by one."""
        first = ExpressionError(self.text, self.column, self.reason, self.within)
        return (first, *self.more)

    @classmethod
    def of(cls, mistakes: Iterable[ExpressionError]) -> ExpressionError:
        """One that tells all of these, each place once, and what is known there once."""
        found: dict[tuple[str, str, int], ExpressionError] = {}
        for one in (one for mistake in mistakes for one in mistake.each):
            found.setdefault((one.within, one.text, one.column), one)
        told, apart = set[str](), list[ExpressionError]()
        for one in sorted(found.values(), key=lambda one: (one.within, one.text, one.column)):
            reason, _, known = one.reason.partition("; known: ")
            short = reason if known in told else one.reason
            apart.append(cls(one.text, one.column, short, one.within))
            told.add(known)
        first, *more = apart[:MOST_TOLD]
        return cls(first.text, first.column, first.reason, first.within, more)


@dataclass(frozen=True)
class Syntax:
    """A formula as written, and as a tree.

    Attributes
    ----------
    text : str
    tree : ast.expr
    columns : tuple of int
        Where in the text each byte that Python read comes from.
    """

    text: str
    tree: ast.expr
    columns: tuple[int, ...]

    def column(self, node: ast.AST) -> int:
        """Where a node stands in the text."""
        at: int = getattr(node, "col_offset", 0)
        return self.columns[min(at, len(self.columns) - 1)]


@lru_cache(maxsize=4096)
def parse(text: str) -> Syntax:
    """The syntax of a formula whose size is checked.

    Parameters
    ----------
    text : str

    Returns
    -------
    Syntax

    Raises
    ------
    ExpressionError
        If it is none, too long, or nested too deeply.

    Examples
    --------
    >>> ast.unparse(parse("a·x² − 1").tree)
    'a * x ** 2 - 1'
    >>> name_of(parse("lambda").tree), name_of(parse("2.q").tree)
    ('lambda', '2.q')
    """
    if len(text) > MAX_LENGTH:
        advice = "write parts of it as definitions, with let"
        raise ExpressionError(text, 0, f"a formula has at most {MAX_LENGTH} characters; {advice}")
    text = text.strip()
    read, columns = _translated(text)
    if "#" in text:
        raise ExpressionError(text, text.index("#"), _HINTS[0][1])
    try:
        tree = ast.parse(read, mode="eval")
    except SyntaxError as error:
        at = len(read[: max((error.offset or 1) - 1, 0)].encode())
        raise _refused(text, columns[min(at, len(columns) - 1)]) from None
    except (RecursionError, MemoryError):
        raise ExpressionError(text, 0, "not a formula: nested too deeply") from None
    except ValueError:  # a zero byte, or digits without end
        raise ExpressionError(text, 0, "not a formula") from None
    _sized(text, tree.body)
    return Syntax(text, tree.body, columns)


def name_of(node: ast.AST) -> str:
    """A name as the user writes it, with dots and fixed places; empty if it is none.

    Examples
    --------
    >>> [name_of(parse(text).tree) for text in ("rival.q", "q[0]", "q[k]", "2*q")]
    ['rival.q', 'q[0]', '', '']
    """
    match node:
        case ast.Name(id=word):
            return word.removeprefix(VEIL)
        case ast.Attribute(value=value, attr=word):
            owner = name_of(value)
            return f"{owner}.{word.removeprefix(VEIL)}" if owner else ""
        case ast.Subscript(value=value, slice=ast.Constant(value=int() as k)):
            owner = name_of(value)
            return f"{owner}[{k}]" if owner else ""
    return ""


def _translated(text: str) -> tuple[str, tuple[int, ...]]:
    """The text in Python's words, and where each of its bytes stood, and its end."""
    parts, columns, at, before = [], list[int](), 0, ""
    for found in _PART.finditer(text):
        part = found[0]
        owner = part.isdecimal() and re.match(OWNER, text[found.start() :])
        said = VEIL + part if owner or hidden(part) else SIGNS.get(part, part)
        if before[:1].isdigit() and part.isidentifier():
            said = f" {said}"  # 2q is no number
        parts.append(said)
        before = part
        columns += [at] * len(said.encode(errors="replace"))
        at += len(part)
    return "".join(parts), (*columns, at)


def _refused(text: str, column: int) -> ExpressionError:
    """That a text is no formula, with what is written instead where that can be guessed."""
    ifs = [found.start() for found in re.finditer(r"\bif\b", text)]
    if len(ifs) > len(re.findall(r"\belse\b", text)):
        return ExpressionError(text, ifs[-1], f"not a formula: {CHOICE}")
    for pattern, hint in _HINTS:
        if found := re.search(pattern, text):
            return ExpressionError(text, found.start(), f"not a formula: {hint}")
    return ExpressionError(text, column, "not a formula")


def _sized(text: str, tree: ast.expr) -> None:
    if sum(1 for _ in ast.walk(tree)) >= MAX_NODES:
        raise ExpressionError(text, 0, f"a formula has at most {MAX_NODES} terms")
    waiting: list[tuple[ast.AST, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ExpressionError(text, 0, "not a formula: nested too deeply")
        for part in ast.iter_child_nodes(node):
            chain = all(
                isinstance(n, ast.BinOp) and isinstance(n.op, _CHAINED) for n in (node, part)
            )
            waiting.append((part, depth if chain else depth + 1))

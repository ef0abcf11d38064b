"""The words of formulas: which functions, totals and constants there are, and which names.

A name is whatever Python takes for one, Greek letters and Python's own words (``lambda``) among
them. Names and functions are told apart by the bracket that follows, so a parameter may be called
``gamma`` or ``mean``; but where it is, ``gamma(...)`` is refused as a slip of ``gamma * (...)``.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable
from keyword import iskeyword
from unicodedata import normalize

PLAIN = ("exp", "log", "sqrt", "min", "max", "abs", "tanh")
MORE = (
    *("ln", "log1p", "sin", "cos", "erf", "Phi", "phi", "gamma"),
    *("floor", "ceil", "mod", "sign"),
)
LIKE_NAMES = (*MORE, "mean", "prod")
FUNCTIONS = (*PLAIN, *MORE)
SEVERAL = ("min", "max")  # of two or more terms, or of one over players
PAIRED = ("mod",)  # of two terms
TOTALS = ("sum", "others", "mean", "prod", "max", "min")
CONSTANTS = {"pi": math.pi, "e": math.e}
GRAMMAR = ("if", "else", "and", "or", "not", "True", "False", "None")
MOST_LISTED = 30


def spelled(name: str) -> str:
    """A name as Python reads it: of letters that look alike, one.

    Examples
    --------
    >>> spelled("µ") == spelled("μ")  # micro, and the Greek letter
    True
    """
    return normalize("NFKC", name)


def reserved(name: str) -> bool:
    """Whether a name cannot stand in formulas.

    Examples
    --------
    >>> [reserved(word) for word in ("q1", "η", "lambda", "max", "else", "1q", "a b")]
    [False, False, False, False, True, True, True]
    """
    return not name.isidentifier() or spelled(name) in GRAMMAR


def hidden(word: str) -> bool:
    """Whether Python takes for its own what here may be a name.

    Examples
    --------
    >>> hidden("lambda"), hidden("if"), hidden("q")
    (True, False, False)
    """
    return iskeyword(word) and word not in GRAMMAR


def constants(taken: Collection[str], players: int | None = None) -> dict[str, float]:
    """Numbers that have a name of their own, unless the game calls something so.

    Parameters
    ----------
    taken : collection of str
        All names of the game, of whomever.
    players : int, optional
        Their number, ``N``; None where there are none.

    Examples
    --------
    >>> constants(["e"], players=3)
    {'pi': 3.141592653589793, 'N': 3}
    """
    every = dict(CONSTANTS) if players is None else {**CONSTANTS, "N": players}
    return {name: value for name, value in every.items() if name not in taken}


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """That a word is not known, what may be meant, and what is known.

    Examples
    --------
    >>> unknown("name", "scarcty", ["scarcity", "price"])
    "unknown name 'scarcty', did you mean 'scarcity'? known: scarcity, price"
    >>> unknown("name", "x", ["A.x", "B.x"])
    "unknown name 'x', did you mean 'sum(x)', over players, or 'A.x'? known: A.x, B.x"
    """
    words = list(known)
    owned = [word for word in words if word.endswith(f".{name}")]
    close = owned or difflib.get_close_matches(name, words, n=1)
    listed = ", ".join(words[:MOST_LISTED]) or "none"
    if len(words) > MOST_LISTED:
        listed += f" and {len(words) - MOST_LISTED} more"
    guess = f", did you mean {close[0]!r}?" if close else ";"
    if len(owned) > 1:
        guess = f", did you mean 'sum({name})', over players, or {owned[0]!r}?"
    return f"unknown {what} {name!r}{guess} known: {listed}"

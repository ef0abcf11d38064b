"""Numbers and names as files of payoffs write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from leaderbored.games.rationals import number_of

Number = int | float | Fraction

MAX_NAME = 80  # characters
MAX_LENGTH = 4000  # of a number's text; Python itself refuses to convert more than 4300 digits
MAX_EXPONENT = 400  # beyond those of floating point, and small enough to write out
NUMBER = re.compile(r"[+-]?(?:[0-9]+/[0-9]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
BREAK = re.compile(r"\s*[\t\r\n]\s*")


def parse_number(text: str) -> Number | str:
    """The number that a text prints, exactly, or what was expected instead.

    Examples
    --------
    >>> parse_number("2/6"), parse_number("1e-1"), parse_number("nan")
    (Fraction(1, 3), 0.1, 'expected a number such as 1.5 or 1/3')
    """
    if len(text) < 16 and text.isascii() and text.removeprefix("-").isdigit():  # most payoffs
        return int(text)
    if wrong := misprint(text):
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


def misprint(text: str) -> str:
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
    exact = number_of(value)
    if exact.denominator == 1 and abs(exact) < 2**53:
        return str(exact.numerator)
    decimal = repr(float(exact))
    return decimal if Fraction(decimal) == exact else str(exact)


def name_problem(name: str, taken: Iterable[str] = ()) -> str:
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

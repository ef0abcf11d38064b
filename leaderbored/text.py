"""Text that people wrote, and the one place for each rule on it.

Names of labs, players, strategies and games are data. They may hold anything that can be read, and
nothing that acts: characters that move the cursor, turn the direction of writing or are no
characters at all are refused when a game is made. Each face then prints a name as it is:

* pages through :class:`leaderbored.views.sheet.Cells` and ``rich.text.Text``, which know no
  markup, and HTML through the export of rich, which escapes them;
* figures through :func:`leaderbored.figures.style.style`, which turns mathematical text off;
* messages, which also quote what was refused, through :func:`plain`;
* outputs that cannot show a character through :func:`spell`.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control, surrogate, separators of lines
DIRECTIONS = frozenset(
    [
        0x061C,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x2070),
        0xFEFF,
        0xFFF9,
        0xFFFA,
        0xFFFB,
    ]
)
"""Marks that turn the direction of writing, and others that are seen by what they do alone."""
SPELLED = {
    "→": "->",
    "←": "<-",
    "±": "+/-",
    "\u2013": "-",
    "—": "-",
    "…": "...",
    "·": "*",
    "\u00d7": "x",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "∞": "inf",
    "√": "sqrt",
    "∂": "d",
    "\u2018": "'",
    "\u2019": "'",
    "“": '"',
    "”": '"',
    "•": "*",
    "⋅": "*",
    "\u2212": "-",
}
TEX = {c: f"\\{c}" for c in "&%$#_{}"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "<": r"\(<\)",
    ">": r"\(>\)",
    "|": r"\(|\)",
    "[": "{[}",  # which would open an option after the end of a line
    "]": "{]}",
    "*": "{*}",
    '"': "''",
    "→": r"\(\to\)",
    "←": r"\(\leftarrow\)",
    "±": r"\(\pm\)",
    "\u2013": "--",
    "—": "---",
    "…": r"\dots{}",
    "·": r"\(\cdot\)",
    "⋅": r"\(\cdot\)",
    "\u00d7": r"\(\times\)",
    "≤": r"\(\le\)",
    "≥": r"\(\ge\)",
    "≠": r"\(\ne\)",
    "∞": r"\(\infty\)",
    "√": r"\(\surd\)",
    "∂": r"\(\partial\)",
    "\u2018": "`",
    "\u2019": "'",
    "“": "``",
    "”": "''",
    "•": r"\textbullet{}",
    "\u2212": r"\(-\)",
}
"""How LaTeX is told characters that it would act on, or that few of its fonts have."""
GREEK = re.compile("GREEK (SMALL|CAPITAL) LETTER (FINAL )?([A-Z]+)$")


def acts(character: str) -> bool:
    r"""Whether a character does something to the text around it, or is none at all.

    Examples
    --------
    >>> [acts(character) for character in "a[$é\x1b\n\u202e\ud800"]
    [False, False, False, False, True, True, True, True]
    """
    code = ord(character)
    none = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return none or code in DIRECTIONS or unicodedata.category(character) in CONTROLS


def printed(name: str) -> str:
    r"""A name, if it can be printed as it is.

    Raises
    ------
    ValueError
        Naming the first character that acts, and its place counted from one.

    Examples
    --------
    >>> printed("[b]x[/b] $\\foo{$")
    '[b]x[/b] $\\foo{$'
    >>> printed("A\x1b[31m")
    Traceback (most recent call last):
    ValueError: expected no control characters, found U+001B in place 2
    """
    for place, character in enumerate(name, 1):
        if acts(character):
            raise ValueError(
                f"expected no control characters, found U+{ord(character):04X} in place {place}"
            )
    return name


def plain(text: str) -> str:
    r"""Text of any origin for a message in one line: what acts is written as in Python.

    Examples
    --------
    >>> print(plain("A\x1b[31m\u202eB"))
    A\x1b[31m\u202eB
    """
    return "".join(ascii(c)[1:-1] if acts(c) else c for c in text)


def spell(text: str, encoding: str) -> str:
    """Text for an output that may not know all characters: others are spelled, or become "?".

    Examples
    --------
    >>> spell("Pokémon: ψ → 1/2 ± 1 猫", "ascii"), spell("ψ", "utf-8")
    ('Pokemon: psi -> 1/2 +/- 1 ?', 'ψ')
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_spelled(character, encoding) for character in text)
    return text


def _spelled(character: str, encoding: str) -> str:
    for known in (character, _in_words(character), unicodedata.normalize("NFKD", character)):
        if shown := known.encode(encoding, "ignore").decode(encoding):
            return shown
    return "" if unicodedata.combining(character) else "?"


def _in_words(character: str) -> str:
    letter = GREEK.match(unicodedata.name(character, ""))
    if letter is None:
        return SPELLED.get(character, "")
    return letter[3].lower() if letter[1] == "SMALL" else letter[3].capitalize()


def at_most(value: float, digits: int = 1, *, least: bool = False) -> str:
    """A positive bound in few digits: not below the number, or with ``least`` not above it.

    Examples
    --------
    >>> at_most(2.4e-16), at_most(2e-16), at_most(9.6e-9), at_most(0.0), at_most(float("nan"))
    ('3e-16', '2e-16', '1e-08', '0', 'nan')
    >>> at_most(2.6e-9, least=True), at_most(0.0121, 2), at_most(99.1, 2)
    ('2e-09', '0.013', '100')
    """
    if not 0 < value < float("inf"):
        return f"{value:g}"
    exact = Decimal(repr(float(value)))
    last = exact.adjusted() - digits + 1
    whole = exact.scaleb(-last).to_integral_value(ROUND_FLOOR if least else ROUND_CEILING)
    bound = float(whole.scaleb(last))
    return f"{bound:.0e}" if digits == 1 else f"{bound:g}"


def percent(share: float, digits: int = 3) -> str:
    """A share in a sentence, in few digits: what is not all never reads as all, nor some as none.

    Examples
    --------
    >>> percent(0.25), percent(0.9999), percent(1e-30), percent(1.0)
    ('25%', 'over 99.9%', 'under 0.1%', '100%')
    >>> percent(0.7141, 2), percent(0.9951, 2), percent(0.9951), percent(1.0, 2)
    ('71%', 'over 99%', '99.5%', '100%')
    """
    if 0 < share < 1e-3:
        return "under 0.1%"
    most = 1 - 10.0**-digits
    if most < share < 1:
        return f"over {100 * most:.{digits}g}%"
    return f"{100 * share:.0f}%" if share >= 1 else f"{100 * share:.{digits}g}%"


def in_tex(text: str) -> str:
    r"""A text as LaTeX prints it, letter by letter; control characters are left out.

    Examples
    --------
    >>> print(in_tex("R&D [50%] of $_1"))
    R\&D {[}50\%{]} of \$\_1
    >>> print(in_tex("ψ = 1"))
    \(\psi\) = 1
    """
    return "".join(map(_letter_in_tex, text))


def _letter_in_tex(character: str) -> str:
    if (told := TEX.get(character)) is not None:
        return told
    if found := GREEK.match(unicodedata.name(character, "")):
        name = found[3].lower().replace("lamda", "lambda")
        if name in LIKE and (found[1] == "CAPITAL" or name == "omicron"):
            return LIKE[name] if found[1] == "CAPITAL" else LIKE[name].lower()
        name = name if found[1] == "SMALL" else name.capitalize()
        return f"\\(\\{'var' if found[2] else ''}{name}\\)"
    return "" if unicodedata.category(character) == "Cc" and character != "\n" else character


LIKE = {
    "alpha": "A",
    "beta": "B",
    "epsilon": "E",
    "zeta": "Z",
    "eta": "H",
    "iota": "I",
    "kappa": "K",
    "mu": "M",
    "nu": "N",
    "omicron": "O",
    "rho": "P",
    "tau": "T",
    "chi": "X",
}
"""Greek capitals that look like Latin ones, for which LaTeX has no command."""

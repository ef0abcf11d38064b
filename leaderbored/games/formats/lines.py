"""On which line of a TOML file each of its places stands.

The text is known to be TOML: this walks over it once more, and understands no more than where keys
and entries of lists begin.
"""

from __future__ import annotations

import re
import tomllib

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_GAP = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_TEXT = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\n]+")


def lines_of(text: str) -> dict[str, int]:
    r"""The line of each place, spelled as messages spell it.

    Parameters
    ----------
    text : str
        A TOML file.

    Returns
    -------
    dict of str to int
        From 1; empty where the text is not understood.

    Examples
    --------
    >>> lines_of('discount = 0.1\n[[labs]]\nname = "A"\nbuild = [0,\n 1]')
    {'discount': 1, 'labs[0]': 2, 'labs[0].name': 3, 'labs[0].build': 4, 'labs[0].build[0]': 4, ...}
    """
    walker = _Walker(text)
    try:
        walker.walk()
    except (RecursionError, ValueError):
        return {}
    return walker.lines


def line_of(lines: dict[str, int], place: str) -> int:
    """The line of a place, or of what it would stand in; 0 if unknown.

    Examples
    --------
    >>> line_of({"labs[0]": 2}, "labs[0].compute"), line_of({}, "discount")
    (2, 0)
    """
    while place and place not in lines:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return lines.get(place, 0)


class _Walker:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lines: dict[str, int] = {}
        self.counts: dict[str, int] = {}  # entries so far of each list of tables
        self.line, self.upto = 1, 0

    def note(self, place: str) -> None:
        """Remember the line of a place, if it is not known."""
        self.line += self.text.count("\n", self.upto, self.at)
        self.upto = self.at
        self.lines.setdefault(place, self.line)

    def skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(self.at)
        self.at = found.end()
        return found[0]

    def next_is(self, mark: str) -> bool:
        """Whether a mark comes next, and go past it."""
        here = self.text.startswith(mark, self.at)
        self.at += len(mark) * here
        return here

    def walk(self) -> None:
        """The whole text."""
        table = ""
        self.skip(_SPACE)
        while self.at < len(self.text):
            if self.next_is("[["):
                table = self.header(several=True)
            elif self.next_is("["):
                table = self.header(several=False)
            else:
                self.pair(table)
            self.skip(_SPACE)

    def header(self, *, several: bool) -> str:
        start, keys = self.at, self.keys()
        end, self.at = self.at, start
        place = ""
        for k, key in enumerate(keys):
            place = f"{place}.{key}" if place else key
            if several and k == len(keys) - 1:
                self.counts[place] = self.counts.get(place, -1) + 1
            if place in self.counts:
                place = f"{place}[{self.counts[place]}]"
            self.note(place)
        self.at = end
        if not self.next_is("]]" if several else "]"):
            raise ValueError(self.at)
        return place

    def keys(self) -> list[str]:
        """A key with its dots."""
        found = []
        while True:
            self.skip(_GAP)
            raw = self.skip(_KEY)
            found.append(next(iter(tomllib.loads(f"{raw} = 0"))))
            self.skip(_GAP)
            if not self.next_is("."):
                return found

    def pair(self, place: str) -> None:
        """A key and its value."""
        start, keys = self.at, self.keys()
        end, self.at = self.at, start
        for key in keys:
            place = f"{place}.{key}" if place else key
            self.note(place)
        self.at = end
        if not self.next_is("="):
            raise ValueError(self.at)
        self.value(place)

    def value(self, place: str) -> None:
        """A value at a place, and all that is in it."""
        self.skip(_SPACE)
        if self.next_is("["):
            count = 0
            self.skip(_SPACE)
            while not self.next_is("]"):
                self.note(f"{place}[{count}]")
                self.value(f"{place}[{count}]")
                self.between()
                count += 1
        elif self.next_is("{"):
            self.skip(_SPACE)
            while not self.next_is("}"):
                self.pair(place)
                self.between()
        elif self.text[self.at : self.at + 1] in ("'", '"'):
            self.skip(_TEXT)
        else:
            self.skip(_PLAIN)

    def between(self) -> None:
        """What parts two values."""
        self.skip(_SPACE)
        self.next_is(",")
        self.skip(_SPACE)

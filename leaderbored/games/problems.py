"""Mistakes, all at once: each with its place, what stands there, and what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leaderbored.text import plain


@dataclass(frozen=True)
class Mistake:
    """One mistake: where, what was found there, and what was expected.

    Attributes
    ----------
    place, value, expected : str
    line : int
        Of the file, where it is known; else 0.
    """

    place: str
    value: str
    expected: str
    line: int = 0


class GameFileError(ValueError):
    """A game file that cannot be used, with all its mistakes, in the order of its lines.

    Examples
    --------
    >>> print(GameFileError("x.toml", (Mistake("discount", "-1", "expected more than 0"),)))
    x.toml: 1 mistake
      discount = -1: expected more than 0
    """

    def __init__(self, source: str, mistakes: Sequence[Mistake]) -> None:
        in_order = sorted(mistakes, key=lambda mistake: mistake.line or float("inf"))
        self.source, self.mistakes = source, tuple(in_order)
        lines = [f"{plain(source)}: {len(mistakes)} mistake{'s' * (len(mistakes) != 1)}"]
        for mistake in in_order:
            found = f" = {mistake.value}" if mistake.value else ""
            expected = "\n      ".join(map(plain, mistake.expected.split("\n")))
            line = f"line {mistake.line}, " if mistake.line else ""
            lines.append(f"  {line}{plain(mistake.place + found)}: {expected}")
        super().__init__("\n".join(lines))

    @property
    def problems(self) -> tuple[Mistake, ...]:
        """Former name of ``mistakes``."""
        return self.mistakes

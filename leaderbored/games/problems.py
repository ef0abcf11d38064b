"""Mistakes, all at once: each with its place, what stands there, and what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leaderbored.text import plain


@dataclass(frozen=True)
class Problem:
    """One mistake: where, what was found there, and what was expected."""

    place: str
    value: str
    expected: str


class GameFileError(ValueError):
    """A game file that cannot be used, with all its problems.

    Examples
    --------
    >>> print(GameFileError("x.toml", (Problem("discount", "-1", "expected more than 0"),)))
    x.toml: 1 problem
      discount = -1: expected more than 0
    """

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source, self.problems = source, tuple(problems)
        lines = [f"{plain(source)}: {len(problems)} problem{'s' * (len(problems) != 1)}"]
        for problem in problems:
            found = f" = {problem.value}" if problem.value else ""
            expected = "\n      ".join(map(plain, problem.expected.split("\n")))
            lines.append(f"  {plain(problem.place + found)}: {expected}")
        super().__init__("\n".join(lines))

"""Boards: who led from when to when, and by how much over the runner-up.

Two boards are shipped, as tables derived from public ones: the Arena's text leaderboard (its
Bradley-Terry ratings, from January 2024 on) and the Epoch Capabilities Index, on which a model
counts from its release with the score that it has today. ``data/sources.toml`` names source and
licence of every table. A board of one's own is a table of scores:
:mod:`leaderbored.evidence.scores`.
"""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array

DATA = Path(__file__).parent / "data"
YEAR = 365.25  # days
WEEK = 7  # days
SHIPPED = ("arena", "eci")

Dates = NDArray[np.datetime64]


@dataclass(frozen=True)
class Spell:
    """A spell at the top.

    Attributes
    ----------
    leader : str
        Who led.
    start, end : numpy.datetime64
        From when to when; days. The end of a spell that still lasts is when the board was last
        seen.
    ended : bool
        Whether it has ended.
    """

    leader: str
    start: np.datetime64
    end: np.datetime64
    ended: bool

    @property
    def days(self) -> int:
        """How long it lasted, so far."""
        return int((self.end - self.start) / np.timedelta64(1, "D"))


@dataclass(frozen=True, eq=False)
class Board:
    """Who led on a board, and by how much.

    Attributes
    ----------
    name, title, unit : str
        What it is called, in a command and in full, and what its scores are counted in.
    dates : (T,) array of days
        At which the lead is known; it is taken to last until the next.
    leader, runner_up : tuple of str
        Labs in the first and in the second place then.
    scores : (T, 2) array
        Of the first and of the second.
    spells : tuple of Spell
        Spells at the top, in order.
    source : str
        Where it comes from, and under which licence.
    measured : bool, default False
        Whether scores are measured anew at each date, as ratings are.
    """

    name: str
    title: str
    unit: str
    dates: Dates
    leader: tuple[str, ...]
    runner_up: tuple[str, ...]
    scores: Array
    spells: tuple[Spell, ...]
    source: str
    measured: bool = False

    @property
    def lead(self) -> Array:
        """(T,) score of the first over that of the second."""
        return np.round(self.scores[:, 0] - self.scores[:, 1], 9)

    @property
    def years(self) -> float:
        """From the first spell to the last day; years."""
        days = (self.spells[-1].end - self.spells[0].start) / np.timedelta64(1, "D")
        return float(days / YEAR)

    @property
    def changes(self) -> int:
        """How often the lead changed hands."""
        return len(self.spells) - 1

    @property
    def labs(self) -> tuple[str, ...]:
        """Who ever led, in the order in which they first did."""
        return tuple(dict.fromkeys(spell.leader for spell in self.spells))

    def lead_at(self, days: Dates) -> Array:
        """Lead on given days: the last that was known; nan before the first.

        Examples
        --------
        >>> board("eci").lead_at(np.array(["2023-04-01"], dtype="datetime64[D]")).tolist()
        [15.72]
        """
        row = np.searchsorted(self.dates, days, side="right") - 1
        return np.where(row >= 0, self.lead[np.maximum(row, 0)], np.nan)

    def weeks(self) -> Dates:
        """Days seven apart, from the first with a lead to the last."""
        return np.arange(self.dates[0], self.dates[-1] + 1, WEEK)


def boards() -> tuple[str, ...]:
    """Names of the boards that are shipped.

    Examples
    --------
    >>> boards()
    ('arena', 'eci')
    """
    return SHIPPED


@cache
def board(name: str) -> Board:
    """A board that is shipped.

    Parameters
    ----------
    name : {"arena", "eci"}

    Raises
    ------
    ValueError
        If no board is called so.

    Source: LMArena, text leaderboard; Epoch AI, Epoch Capabilities Index; both CC BY 4.0.

    Examples
    --------
    >>> arena = board("arena")
    >>> arena.changes, arena.labs
    (11, ('OpenAI', 'Anthropic', 'Google', 'xAI'))
    """
    if name not in SHIPPED:
        close = difflib.get_close_matches(name, SHIPPED, n=1)
        guess = f"; did you mean {close[0]}?" if close else ""
        raise ValueError(f"board: {name!r}: expected one of {', '.join(SHIPPED)}{guess}")
    about = sources()[f"lead_{name}.csv"]
    rows = table(f"lead_{name}.csv")
    return Board(
        name,
        about["title"],
        about["unit"],
        _days(row["date"] for row in rows),
        tuple(row["leader"] for row in rows),
        tuple(row["runner_up"] for row in rows),
        np.array([(float(row["top"]), float(row["second"])) for row in rows]),
        tuple(_spell(row) for row in table("lead_spells.csv") if row["board"] == name),
        f"{about['source']}, {about['licence']}",
        "measured" in about,
    )


@cache
def sources() -> dict[str, dict[str, str]]:
    """Source, licence and meaning of every table that is shipped, by file.

    Examples
    --------
    >>> sources()["lead_eci.csv"]["licence"]
    'CC BY 4.0'
    """
    return tomllib.loads((DATA / "sources.toml").read_text(encoding="utf-8"))


@cache
def table(name: str) -> Sequence[dict[str, str]]:
    """Rows of a table that is shipped.

    Examples
    --------
    >>> len(table("hazard_by_lead.csv"))
    5
    """
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def spells_of(
    dates: Dates, leader: Sequence[str], last: np.datetime64 | None = None
) -> tuple[Spell, ...]:
    """Spells at the top, of who leads at each date.

    Parameters
    ----------
    dates : (T,) array of days
    leader : sequence of str
    last : numpy.datetime64, optional
        When the board was last seen; the last date by default.

    Examples
    --------
    >>> days = np.array(["2025-01-01", "2025-02-01", "2025-03-01"], dtype="datetime64[D]")
    >>> [(spell.leader, spell.days, spell.ended) for spell in spells_of(days, ["A", "A", "B"])]
    [('A', 59, True), ('B', 0, False)]
    """
    first = [t for t in range(len(dates)) if t == 0 or leader[t] != leader[t - 1]]
    ends = [*(dates[t] for t in first[1:]), dates[-1] if last is None else last]
    return tuple(
        Spell(leader[t], dates[t], end, k + 1 < len(first))
        for k, (t, end) in enumerate(zip(first, ends, strict=True))
    )


def _spell(row: dict[str, str]) -> Spell:
    start, end = _days([row["start"], row["end"]])
    return Spell(row["leader"], start, end, row["censored"] == "False")


def _days(text: object) -> Dates:
    return np.array(list(text), dtype="datetime64[D]")  # type: ignore[call-overload]

"""A board of one's own: a table of dates, labs and scores, and the lead on it.

Each lab stands at the best score that it has reached. The leader is the lab that stands highest;
who comes to stand level does not lead, and a margin may be asked of a challenger.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leaderbored.evidence.boards import Board, Dates, spells_of
from leaderbored.games.markov import Array
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.text import plain

COLUMNS = ("date", "lab", "score")
SHOWN = 20  # mistakes that are listed
LARGEST = 1e100  # of scores: squares of them are added up


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of labs by date.

    Attributes
    ----------
    name : str
        What the board is called.
    labs : tuple of str
        Labs, in the order of the alphabet.
    dates : (R,) array of days
        Of each score, in order.
    lab : (R,) array of int
        Whose it is; its place in ``labs``.
    score : (R,) array
    until : day, optional
        On which the board was last looked at; by default that of the last score.

    Examples
    --------
    >>> days = np.array(["2025-01-01", "2025-03-01", "2025-06-01"], dtype="datetime64[D]")
    >>> scores = Scores("mine", ("A", "B"), days, np.array([0, 1, 0]), np.array([1.0, 1.5, 2.0]))
    >>> [spell.leader for spell in scores.board().spells]
    ['B', 'A']
    """

    name: str
    labs: tuple[str, ...]
    dates: Dates
    lab: NDArray[np.intp]
    score: Array
    until: np.datetime64 | None = None

    @property
    def last(self) -> np.datetime64:
        """The day up to which the board is known."""
        day: np.datetime64 = self.dates[-1] if self.until is None else self.until
        return day

    def renamed(self, names: Mapping[str, str]) -> Scores:
        """The same with other names of labs, as a race has them.

        Parameters
        ----------
        names : mapping of str to str
            New name by old; the others stay.
        """
        labs = tuple(names.get(lab, lab) for lab in self.labs)
        return replace(self, labs=labs)

    def records(self) -> Scores:
        """Only the scores that beat what their lab had reached."""
        best = np.full(len(self.labs), -math.inf)
        kept = np.zeros(len(self.score), dtype=bool)
        for row, (lab, score) in enumerate(zip(self.lab, self.score, strict=True)):
            kept[row] = score > best[lab]
            best[lab] = max(best[lab], score)
        dates, lab, score = self.dates[kept], self.lab[kept], self.score[kept]
        return Scores(self.name, self.labs, dates, lab, score, until=self.last)

    def standing(self) -> tuple[Dates, Array]:
        """Days on which anybody's best score rose, and the best of each lab then.

        Returns
        -------
        (T,) array of days, (T, N) array
            Minus infinity before a lab's first score.
        """
        days = np.unique(self.dates)
        best = np.full((len(days), len(self.labs)), -np.inf)
        np.maximum.at(best, (np.searchsorted(days, self.dates), self.lab), self.score)
        return days, np.maximum.accumulate(best, axis=0)

    def board(self, margin: float = 0.0, unit: str = "points") -> Board:
        """Who led, and by how much, from the day on which there are two labs.

        Parameters
        ----------
        margin : float, default 0
            By more than which a challenger must be ahead to lead.
        unit : str, default "points"
            What scores are counted in.

        Raises
        ------
        ValueError
            If there are never two labs.
        """
        days, best = self.standing()
        enough = np.isfinite(best).sum(axis=1) > 1
        if not enough.any():
            raise ValueError(f"board: {self.name}: expected scores of two labs or more")
        days, best = days[enough], best[enough]
        order = np.argsort(-best, axis=1, kind="stable")
        top = np.take_along_axis(best, order[:, :2], axis=1)
        leading = leaders(best, margin)
        return Board(
            self.name,
            self.name,
            unit,
            days,
            tuple(self.labs[i] for i in order[:, 0]),
            tuple(self.labs[i] for i in order[:, 1]),
            top,
            spells_of(days, [self.labs[i] for i in leading]),
            "a table of scores",
        )


def leaders(best: Array, margin: float = 0.0) -> NDArray[np.intp]:
    """(T,) who leads where labs stand at ``best`` (T, N).

    Who is passed by more than the margin leads no more.

    Examples
    --------
    >>> leaders(np.array([[1.0, 0.0], [1.0, 1.2], [1.0, 2.0]]), margin=0.5).tolist()
    [0, 0, 1]
    """
    found = np.empty(len(best), dtype=np.intp)
    now = int(best[0].argmax())
    for t, row in enumerate(best):
        if row.max() > row[now] + margin:
            now = int(row.argmax())
        found[t] = now
    return found


def read_scores(path: str | Path) -> Scores:
    r"""Read a board of one's own: a table with the columns date, lab and score.

    Parameters
    ----------
    path : str or Path
        A .csv in UTF-8 whose first line names the columns; further columns are ignored. Dates are
        written as 2025-11-18. Rows may come in any order.

    Raises
    ------
    GameFileError
        Listing every row that cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "mine.csv"
    >>> _ = path.write_text("date,lab,score\n2025-01-01,A,1\n2025-02-01,B,2\n")
    >>> read_scores(path).labs
    ('A', 'B')
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "expected a table in UTF-8"
        raise GameFileError(str(path), [Mistake("file", "", reason)]) from None
    found = [*_mistakes(rows)]
    if found:
        more = len(found) - SHOWN
        tail = [Mistake("file", "", f"and {more} mistakes more")] if more > 0 else []
        raise GameFileError(str(path), [*found[:SHOWN], *tail])
    labs = tuple(sorted({row["lab"].strip() for row in rows}))
    dates = np.array([row["date"].strip() for row in rows], dtype="datetime64[D]")
    lab = np.array([labs.index(row["lab"].strip()) for row in rows], dtype=np.intp)
    score = np.array([float(row["score"]) for row in rows])
    order = np.lexsort((lab, dates))
    return Scores(path.stem, labs, dates[order], lab[order], score[order])


def _mistakes(rows: list[dict[str, str]]) -> Iterator[Mistake]:
    """What cannot be read, by row; the first row below the names of columns is number 2."""
    if not rows:
        yield Mistake("file", "", "expected rows below the names of the columns date, lab, score")
        return
    missing = [name for name in COLUMNS if name not in rows[0]]
    if missing:
        named = ", ".join(str(name) for name in rows[0])
        yield Mistake("columns", named, f"expected also {', '.join(missing)}")
        return
    for number, row in enumerate(rows, 2):
        values = {name: (row[name] or "").strip() for name in COLUMNS}
        for name, expected in (("date", _day), ("lab", _name), ("score", _number)):
            wrong = expected(values[name])
            if wrong:
                yield Mistake(f"row {number}, {name}", repr(values[name]), wrong)
    if len({(row["lab"] or "").strip() for row in rows}) == 1:
        yield Mistake("lab", repr(rows[0]["lab"]), "expected two labs or more")


def _day(text: str) -> str:
    try:
        if len(text) == len("2025-11-18"):
            np.datetime64(text, "D").astype(int)
            return ""
    except ValueError:
        pass
    return "expected a day, as 2025-11-18"


def _name(text: str) -> str:
    if not text or plain(text) != text:
        return "expected a name without control characters"
    return ""


def _number(text: str) -> str:
    try:
        return "" if abs(float(text)) <= LARGEST else f"expected a number up to {LARGEST:g}"
    except ValueError:
        return "expected a number"

"""The account of a board: what its history says, and what independent labs would show."""

from __future__ import annotations

from dataclasses import dataclass

from leaderbored.evidence.boards import Board
from leaderbored.evidence.boards import board as shipped_board
from leaderbored.evidence.hazards import Hazards, hazards
from leaderbored.evidence.null import Null, null, shipped
from leaderbored.evidence.scores import Scores
from leaderbored.evidence.statistics import Survey, survey
from leaderbored.shown import Shown

UNLIKELY = 0.05


@dataclass(frozen=True, eq=False)
class Account(Shown):
    """What the history of a board says.

    Attributes
    ----------
    board : Board
    survey : Survey
        Lead changes, spells, leads and half-lives, each with its error.
    hazards : Hazards or None
        Of losing the lead, by its length and age; None where it was lost too seldom to tell.
    null : Null or None
        What shuffled records show; None where single scores are not known.
    """

    board: Board
    survey: Survey
    hazards: Hazards | None
    null: Null | None

    @property
    def headline(self) -> str:
        """It in two sentences."""
        if not self.board.years > 0:
            return "The board has scores of two labs on one day alone."
        return f"{_changes(self.survey)} {_independent(self.null)}"


def account(of: str | Scores, draws: int = 1000, seed: int = 0, margin: float = 0.0) -> Account:
    """The account of a board.

    Parameters
    ----------
    of : str or Scores
        Name of a board that is shipped, or a table of scores.
    draws : int, default 1000
        Of shuffled records; of a shipped board they are known beforehand.
    seed : int, default 0
    margin : float, default 0
        By more than which a challenger must be ahead to lead; of a table of scores.

    Raises
    ------
    ValueError
        If no board is called so, or there are never two labs on it.

    Examples
    --------
    >>> print(account("eci").headline)
    The lead changed hands 11 times in 3.6 years, 3.1 times a year (90%: 1.7 to 5.1). Labs that do
    not answer one another, each with its own records shuffled, would have changed it 6 times (1 to
    13 in nine of ten draws; p = 0.27), so that the number of changes by itself is no evidence that
    they do.
    """
    board = board_of(of, margin)
    beside = shipped(of) if isinstance(of, str) else null(of, draws, seed, margin)
    try:
        hazard = hazards([board])
    except ValueError:  # too few leads were lost
        hazard = None
    return Account(board, survey(board), hazard, beside)


def board_of(of: str | Scores, margin: float = 0.0) -> Board:
    """A board that is shipped, or that of a table of scores.

    Examples
    --------
    >>> board_of("arena").unit
    'Elo'
    """
    return shipped_board(of) if isinstance(of, str) else of.board(margin)


def _changes(found: Survey) -> str:
    board, rate = found.board, found.rate
    span = f"{board.years:.1f} years" if board.years >= 1 else f"{board.years * 12:.1f} months"
    if not board.changes:
        return f"{board.labs[0]} led throughout, for {span}."
    times = "once" if board.changes == 1 else f"{board.changes} times"
    return (
        f"The lead changed hands {times} in {span}, "
        f"{rate.at:.1f} times a year (90%: {rate.low:.1f} to {rate.high:.1f})."
    )


def _independent(beside: Null | None) -> str:
    if beside is None:
        return (
            "What labs that do not answer one another would have done cannot be told from ratings "
            "that move for all labs at once."
        )
    if not beside.observed[0] and beside.shuffled[2, 0] == 0:
        return "Nor would labs that do not answer one another have changed it."
    low, middle, high = beside.shuffled[:, 0]
    p = float(beside.p_values[0])
    if p >= UNLIKELY:
        end = "so that the number of changes by itself is no evidence that they do"
    else:
        end = f"which is {'more' if beside.observed[0] < middle else 'less'} often"
    return (
        "Labs that do not answer one another, each with its own records shuffled, would have "
        f"changed it {middle:.0f} times ({low:.0f} to {high:.0f} in nine of ten draws; "
        f"p = {p:.2g}), {end}."
    )

"""What commands take that put a race on a board."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.options import insist, wrong

if TYPE_CHECKING:
    from leaderbored.evidence.scores import Scores
    from leaderbored.games.problems import Mistake

FINEST = 1_000_000  # rungs between the lowest score on a board and the highest
Rung = Annotated[
    float | None,
    Parameter(
        help="How many points of the board's score are one rung; by default the mean "
        "lead on the board.",
        metavar="SCORE",
    ),
]
Names = Annotated[
    list[str] | None,
    Parameter(
        name="--as",
        help="The name in the race of a lab that the board calls otherwise, e.g. --as "
        "xAI=SpaceX-xAI; may be repeated.",
        negative="",
        metavar="BOARD=RACE",
    ),
]


def needed() -> list[Mistake]:
    """Libraries that the statistics of a board need and that are not installed.

    Examples
    --------
    >>> needed()
    []
    """
    from leaderbored.games.problems import Mistake

    return [
        Mistake(name, "", "not installed: pip install 'leaderbored[evidence]'")
        for name in ("lifelines", "statsmodels")
        if find_spec(name) is None
    ]


def race_of(file: str, changes: list[str] | None = None) -> Any:
    """A race, from a file or by its name in the catalogue.

    Raises
    ------
    GameFileError
        If it is none.
    """
    from leaderbored.games.formats.gamefile import load
    from leaderbored.kinds import kind_of

    race = load(file, changes or ())
    if kind_of(race).name != "race":
        raise wrong(file, "kind", kind_of(race).name, "expected a race")
    return race


def on_board(
    race: Any,
    board: str,
    rung: float | None,
    names: list[str] | None,
) -> tuple[Scores, float]:
    """Scores of a race's labs on a board, and points of a rung.

    Raises
    ------
    GameFileError
        Listing what is wrong with the names and the rung, or with the board.
    """
    import numpy as np

    from leaderbored.evidence.boards import board as shipped
    from leaderbored.evidence.forecast import only, seen
    from leaderbored.evidence.scores import read_scores

    called = renamed(names, rung)
    if board == "arena":
        raise wrong(
            "board",
            "--board",
            board,
            "expected eci or a table of scores: on the Arena ratings of all labs move at once, so "
            "that where the third stands is not known",
        )
    scores = seen(shipped("eci")) if board == "eci" else read_scores(Path(board))
    try:
        made = shipped("eci") if board == "eci" else scores.board()
        here = only(scores.renamed(called), [lab.name for lab in race.labs])
    except ValueError as error:
        raise wrong("board", "--board", board, str(error).removeprefix("board: ")) from None
    points = float(made.lead_at(made.weeks()).mean()) if rung is None else rung
    least = float(np.ptp(here.score)) / FINEST
    if not points > 0:
        raise wrong("board", "--rung", "", "expected, as the mean lead on this board is zero")
    if points < least:
        finer = f"expected {least:.3g} or more, so that labs are {FINEST:,} rungs apart at most"
        raise wrong("board", "--rung", f"{points:.3g}", finer)
    return here, points


def renamed(names: list[str] | None, rung: float | None) -> dict[str, str]:
    """Names of labs in the race by their names on the board, beside a rung that is one.

    Raises
    ------
    GameFileError
    """
    said = "expected BOARD=RACE, as xAI=SpaceX-xAI"
    insist(
        "board",
        *((not all(text.partition("=")), "--as", text, said) for text in names or ()),
        (
            rung is not None and not 0 < rung < float("inf"),
            "--rung",
            f"{rung or 0:g}",
            "expected a positive number",
        ),
    )
    return {text.partition("=")[0]: text.partition("=")[2] for text in names or ()}

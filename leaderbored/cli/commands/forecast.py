"""``leaderbored forecast``: who will lead, from where a board stands."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.console import NOT_CONVERGED, OK, Work, say_json, say_page
from leaderbored.cli.options import AsJson, Changes, Drawing, Limit, drawn_to, in_time


def forecast(
    game: Annotated[str, Parameter(help="File of a race, or a name of the catalogue.")],
    /,
    *,
    board: Annotated[
        str,
        Parameter(
            help="eci, which is shipped, or a table of scores: .csv with the columns date, lab and "
            "score.",
            metavar="BOARD",
        ),
    ] = "eci",
    rung: Annotated[
        float | None,
        Parameter(help="Points of a rung; the mean lead on the board by default.", metavar="SCORE"),
    ] = None,
    months: Annotated[
        list[float] | None,
        Parameter(
            help="How far ahead; 3, 12 and 36 by default.", consume_multiple=True, negative=""
        ),
    ] = None,
    name: Annotated[
        list[str] | None,
        Parameter(
            name="--as",
            help="Another name of a lab of the board, e.g. --as xAI=SpaceX-xAI; repeatable.",
            negative="",
            metavar="BOARD=RACE",
        ),
    ] = None,
    past: Annotated[bool, Parameter(help="Also score forecasts of the past.", negative="")] = False,
    set: Changes = None,
    limit: Limit = None,
    json: AsJson = False,
    figure: Drawing = None,
) -> int:
    """Who will lead in some months, from where labs stand on a board: the law of an equilibrium."""
    from leaderbored.evidence.backtest import backtest
    from leaderbored.evidence.forecast import MONTHS, leader_on, standing
    from leaderbored.evidence.forecast import forecast as foretold
    from leaderbored.figures.forecast import forecast_figure
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import load
    from leaderbored.solvers import solve
    from leaderbored.views.forecast import backtest_page, forecast_page, forecast_report

    in_time(limit)
    ahead = tuple(months or MONTHS)
    names = _names(name or (), ahead, rung)
    if figure:
        drawn_to(figure)
    race = load(find(game), set or ())
    scores, unit = _scores(board, rung)
    here = _here(race, scores.renamed(names), game, board)
    with Work(limit) as work:
        solution = work.within(lambda: solve(race, limit=work.stop, progress=work.progress))
        if solution is None or not solution.equilibria:
            work.notes.append("no equilibrium was found, and so nothing is forecast")
            return work.finish(True) or NOT_CONVERGED
        last = here.dates[-1]
        now, first = standing(here, last, unit), leader_on(here, last)
        found = foretold(solution, now, ahead, first if now[first] == 0 else None)
        fared = backtest(solution, here, unit, ahead) if past else None
        if json:
            said = say_json(forecast_report(found, fared))
        else:
            said = say_page(forecast_page(found))
            said = (fared is None or say_page(backtest_page(fared))) and said
        work.draw(figure, partial(forecast_figure, found, fared))
    return work.finish(said) or OK


def _names(given: list[str] | tuple[str, ...], months: Any, rung: float | None) -> dict[str, str]:
    """Names of labs on the board and in the race; all that is wrong at once."""
    from leaderbored.games.problems import GameFileError, Mistake

    found = [
        Mistake("--as", text, "expected BOARD=RACE, as xAI=SpaceX-xAI")
        for text in given
        if not all(text.partition("="))
    ]
    found += [
        Mistake("--months", f"{m:g}", "expected between 0 and 1200")
        for m in months
        if not 0 < m <= 1200
    ]
    if rung is not None and not 0 < rung < float("inf"):
        found.append(Mistake("--rung", f"{rung:g}", "expected a positive number"))
    if found:
        raise GameFileError("forecast", found)
    return {text.partition("=")[0]: text.partition("=")[2] for text in given}


def _scores(board: str, rung: float | None) -> tuple[Any, float]:
    """Scores on a board, and points of a rung."""
    from leaderbored.cli.options import wrong
    from leaderbored.evidence.boards import board as shipped
    from leaderbored.evidence.forecast import seen
    from leaderbored.evidence.scores import read_scores

    if board == "arena":
        raise wrong(
            "forecast",
            "--board",
            board,
            "expected eci or a table of scores: on the Arena ratings of all labs move at once, so "
            "that where the third stands is not known",
        )
    scores = seen(shipped("eci")) if board == "eci" else read_scores(Path(board))
    made = shipped("eci") if board == "eci" else scores.board()
    return scores, float(made.lead_at(made.weeks()).mean()) if rung is None else rung


def _here(race: Any, scores: Any, game: str, board: str) -> Any:
    """Scores of labs that are in the race."""
    from leaderbored.cli.options import wrong
    from leaderbored.evidence.forecast import only
    from leaderbored.kinds import kind_of

    if kind_of(race).name != "race":
        raise wrong(game, "kind", kind_of(race).name, "expected a race")
    try:
        return only(scores, [lab.name for lab in race.labs])
    except ValueError as error:
        raise wrong("forecast", "--board", board, str(error)) from None

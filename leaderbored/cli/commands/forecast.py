"""``leaderbored forecast``: who will lead, from where a board stands."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from cyclopts import Parameter

from leaderbored.cli.boards import Names, Rung, on_board, race_of, renamed
from leaderbored.cli.console import NOT_CONVERGED, OK, Work
from leaderbored.cli.options import Changes, Limit, in_time, insist, together
from leaderbored.cli.output import PRINTED, Output


def forecast(
    game: Annotated[
        str, Parameter(help="Game file of a race, or a name from `leaderbored catalogue`.")
    ],
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
    rung: Rung = None,
    months: Annotated[
        list[float] | None,
        Parameter(
            help="How many months ahead; 3, 12 and 36 by default.",
            consume_multiple=True,
            negative="",
        ),
    ] = None,
    name: Names = None,
    past: Annotated[
        bool,
        Parameter(
            help="Also score the forecasts that would have been made in the past.", negative=""
        ),
    ] = False,
    set: Changes = None,
    limit: Limit = None,
    to: Output = PRINTED,
) -> int:
    """Forecast who will lead a leaderboard in some months, if labs play an equilibrium."""
    from leaderbored.evidence.backtest import backtest
    from leaderbored.evidence.forecast import MONTHS, leader_on, standing
    from leaderbored.evidence.forecast import forecast as foretold
    from leaderbored.figures.forecast import forecast_figure
    from leaderbored.solvers import solve
    from leaderbored.views.forecast import backtest_page, forecast_page, forecast_report

    ahead = tuple(months or MONTHS)
    far = [(not 0 < m <= 1200, "--months", f"{m:g}", "expected between 0 and 1200") for m in ahead]
    race = together(
        partial(in_time, limit),
        to.check,
        partial(insist, "board", *far),
        partial(renamed, name, rung),
        partial(race_of, game, set),
    )
    here, unit = on_board(race, board, rung, name)
    with Work(limit) as work:
        solution = work.within(lambda: solve(race, limit=work.stop, progress=work.progress))
        if solution is None or not solution.equilibria:
            work.notes.append("no equilibrium was found, and so nothing is forecast")
            return work.finish(True) or NOT_CONVERGED
        last = here.last
        now, first = standing(here, last, unit), leader_on(here, last)
        leader = first if now[first] == 0 else None
        found = work.within(lambda: foretold(solution, now, ahead, leader))
        if found is None:
            work.notes.append("stopped: the time was up before anything was forecast")
            return work.finish(True) or NOT_CONVERGED
        fared = None
        if past:
            again = partial(backtest, solution, here, unit, ahead)
            fared = work.attempt("forecasts of the past", again)
        pages = [forecast_page(found), *([] if fared is None else [backtest_page(fared)])]
        said = to.say(partial(forecast_report, found, fared), *pages)
        work.draw(to, partial(forecast_figure, found, fared))
    return work.finish(said) or OK

"""``leaderbored planner``: what one who decides for all labs would do."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from leaderbored.cli.commands.solve import soon
from leaderbored.cli.console import NOT_CONVERGED, Work
from leaderbored.cli.options import Changes, Limit, Rungs, in_time, opened, together
from leaderbored.cli.output import PRINTED, Output


def planner(
    file: Annotated[
        Path | None,
        Parameter(
            help="Game file, or a name from `leaderbored catalogue`; by default the five "
            "labs of the end of 2025."
        ),
    ] = None,
    /,
    *,
    aim: Annotated[
        Literal["welfare", "profits"] | None,
        Parameter(
            help="What the planner maximises: the welfare of labs and customers together "
            "(the default on a market that clears), or the labs' profits alone, as a "
            "cartel would."
        ),
    ] = None,
    advance: Annotated[
        float,
        Parameter(
            help="The value of each advance of the frontier to third parties, in money a "
            "year for ever.",
            metavar="MONEY",
        ),
    ] = 0.0,
    all: Annotated[
        bool,
        Parameter(
            help="Compare with every equilibrium that is found. This is the default where it"
            " takes about a second, as for `race`.",
            negative="",
        ),
    ] = False,
    set: Changes = None,
    rungs: Rungs = None,
    limit: Limit = None,
    to: Output = PRINTED,
) -> int:
    """Say what a planner who decides for all labs would do, and what equilibria lose to that."""
    import leaderbored as lb
    from leaderbored.games.record import RefusedError

    game = together(partial(in_time, limit), to.check, partial(opened, file, set, rungs, "planner"))
    every = all or soon(game)
    with Work(limit) as work:
        try:
            best = work.within(lambda: lb.planner(game, aim, advance))
        except RefusedError as error:
            known = {"aim": aim, "advance": f"{advance:g}"}
            raise _refused(str(error), str(file or "the game"), known) from None
        found = best and work.attempt(
            "the equilibria",
            lambda: lb.planner(
                lb.solve(game, all=every, limit=work.stop, progress=work.progress), aim, advance
            ),
        )
    best = found or best
    if best is None:
        work.notes.append("stopped: the time was up before anything was found")
        return work.finish(True) or NOT_CONVERGED
    said = to.say(best.data, best)
    work.draw(to, best.plot)
    return work.finish(said, best.status)


def _refused(reasons: str, file: str, options: dict[str, str | None]) -> Exception:
    """What is wrong, each at its place: an option that was given, or the game.

    Examples
    --------
    >>> print(_refused("planner: aim: no such; expected 'profits'; advance: nan, expected a number",
    ...                "x.toml", {"aim": "welfare", "advance": "nan"}))
    planner: 2 mistakes
      --aim = welfare: no such; expected 'profits'
      --advance = nan: expected a number
    """
    from leaderbored.games.problems import GameFileError, Mistake

    found = []
    for reason in re.split(r"; (?=(?:aim|advance|discount): )", reasons.removeprefix("planner: ")):
        place, _, said = reason.partition(": ")
        if place in options:
            value = options[place] or ""
            found.append(Mistake(f"--{place}", value, said.removeprefix(f"{value}, ")))
        else:
            found.append(Mistake(file, "", reason))
    return GameFileError("planner", found)

"""``leaderbored trace``: equilibria while a number moves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from leaderbored.cli.console import NOT_CONVERGED, Work
from leaderbored.cli.options import Changes, Limit, Rungs, in_time, opened
from leaderbored.cli.output import PRINTED, Output


def trace(
    file: Annotated[
        Path | None,
        Parameter(
            help="Game file, or a name from `leaderbored catalogue`; by default the five "
            "labs of the end of 2025."
        ),
    ] = None,
    /,
    *,
    along: Annotated[
        str, Parameter(help="The number that changes, e.g. technology.handicap.", metavar="PATH")
    ],
    start: Annotated[float, Parameter(name="--from", help="Its first value.")],
    stop: Annotated[float, Parameter(name="--to", help="Its last value.")],
    set: Changes = None,
    rungs: Rungs = None,
    limit: Limit = None,
    to: Output = PRINTED,
) -> int:
    """Follow every equilibrium while one number of a race or of a Markov game changes."""
    import leaderbored as lb

    in_time(limit)
    to.check()
    game = opened(file, set, rungs, "trace")
    with Work(limit) as work:
        found = work.within(
            lambda: lb.trace(game, along, start, stop, limit=work.stop, progress=work.progress)
        )
    if found is None:
        work.notes.append("stopped: the time was up before anything was followed")
        return work.finish(True) or NOT_CONVERGED
    said = to.say(found.data, *([found] if found.branches else []))
    work.draw(to, found.plot if found.branches else None)
    return work.finish(said, found.status)

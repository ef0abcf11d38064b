"""``leaderbored trace``: equilibria while a number moves."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from leaderbored.cli.console import NOT_CONVERGED, Work
from leaderbored.cli.options import Changes, Limit, Rungs, in_time, opened, proving, together, wrong
from leaderbored.cli.output import PRINTED, Output

PROOF_STEPS = 10_000_000  # of a proof that a list is complete: up to a minute


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
    prove: Annotated[
        bool,
        Parameter(
            help="Try to prove how many equilibria there are in the middle of every stretch "
            "between events. Only for two labs that move step by step; may take a minute each.",
            negative="",
        ),
    ] = False,
    set: Changes = None,
    rungs: Rungs = None,
    limit: Limit = None,
    to: Output = PRINTED,
) -> int:
    """Follow every equilibrium while one number of a race or of a Markov game changes."""
    import leaderbored as lb

    game = together(partial(in_time, limit), to.check, partial(opened, file, set, rungs, "trace"))
    if prove and not isinstance(game, lb.Race):
        raise wrong("trace", "--prove", "", 'expected kind = "race"')
    method = proving(PROOF_STEPS) if prove else None
    ask = partial(lb.trace, game, along, start, stop, method)
    with Work(limit) as work:
        found = work.within(lambda: ask(limit=work.stop, progress=work.progress))
    if found is None:
        work.notes.append("stopped: the time was up before anything was followed")
        return work.finish(True) or NOT_CONVERGED
    said = to.say(found.data, *([found] if found.branches else []))
    work.draw(to, found.plot if found.branches else None)
    return work.finish(said, found.status)

"""``leaderbored explain``: how a game is solved, and of a race what its verdict depends on."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.answers import compile_for, depends_on
from leaderbored.cli.console import FAILED, OK, Work, complain
from leaderbored.cli.options import Changes, in_time, together, wrong
from leaderbored.cli.output import PRINTED, Output

SECONDS = 20.0
DRAWS = 2000  # of numbers that the file calls unknown


def explain(
    game: Annotated[str, Parameter(help="Game file, or a name from `leaderbored catalogue`.")],
    /,
    *,
    set: Changes = None,
    limit: Annotated[
        float,
        Parameter(
            help="For a race: seconds to spend on which numbers would change the verdict; 0 "
            "to leave that out.",
            metavar="SECONDS",
        ),
    ] = SECONDS,
    to: Output = PRINTED,
) -> int:
    """Say how a game is solved, and for a race which numbers would change the verdict."""
    import leaderbored as lb
    from leaderbored.games.formats.gamefile import load_all

    made, unknown = together(partial(in_time, limit), to.check, lambda: load_all(game, set or ()))
    race = isinstance(made, lb.Race) and limit > 0
    if to.figure and not race:
        raise wrong("explain", "--figure", to.figure, "expected with a race and a --limit above 0")
    how = lb.explain(made)
    if not race:
        return OK if to.say(how.data, how) else FAILED
    said = not to.watched or to.say(how.data, how)
    _announce(made, limit)
    compile_for(made)  # not of the time asked
    with Work(limit) as work:
        found = depends_on(work, made, limit)
        drawn = _drawn(work, made, unknown)
        told = {"depends_on": found, "uncertainty": drawn}
        known = {name: each for name, each in told.items() if each is not None}
        told_first = [] if to.watched else [how]
        said = (
            to.say(
                lambda: how.data() | {name: each.data() for name, each in known.items()},
                *told_first,
                *known.values(),
            )
            and said
        )
        work.draw(to, found.plot if found is not None and found.swings else None)
    return work.finish(said)


def _drawn(work: Work, race: Any, unknown: dict[str, Any]) -> Any:
    """In how many draws of the numbers that the file calls unknown it is what; None without any."""
    import leaderbored as lb
    from leaderbored.solvers.kernels.rows import unfit

    if not unknown:
        return None
    if reason := unfit(race):
        work.notes.append(
            f"[uncertainty]: shares of draws take long, as {reason}: leaderbored sweep --draws"
        )
        return None
    return work.attempt("shares of draws", lambda: lb.uncertainty(race, unknown, draws=DRAWS))


def _announce(race: Any, limit: float) -> None:
    """Say on stderr where solving the race once is expected to take longer than there is time."""
    from leaderbored.solvers.estimate import estimate

    expected = estimate(race)
    if expected is not None and expected.seconds > limit:
        complain(f"{expected}; once at least for what the verdict depends on")

"""``leaderbored dynamics``: players move round by round."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from cyclopts import Parameter

from leaderbored.cli.console import NOT_CONVERGED, OK, Work
from leaderbored.cli.options import Changes, Limit, in_time, together
from leaderbored.cli.output import PRINTED, Output


def dynamics(
    game: Annotated[str, Parameter(help="Game file, or a name from `leaderbored catalogue`.")],
    /,
    *,
    rule: Annotated[
        str,
        Parameter(
            help="How players move: best-response (all at once), sequential, random (one "
            "by one, in a random order), adjust, myopic, level-k, fictitious, replicator or "
            "logit."
        ),
    ] = "best-response",
    start: Annotated[
        str | None,
        Parameter(
            name="--from",
            help='Where it starts: random; of a race also idle, busy and "A ahead by 3", of a '
            'table "H, T", of a game of real strategies "1, 2.5", of a Markov game low, high and '
            'the state that is shown, "gap = 2".',
        ),
    ] = None,
    laps: Annotated[
        int,
        Parameter(
            name=["--rounds", "--laps"],
            help="Number of rounds; each player moves once in each.",
            metavar="N",
        ),
    ] = 40,
    seed: Annotated[int, Parameter(help="Seed of random starts and orders.", metavar="N")] = 1,
    adjustment: Annotated[
        float | None,
        Parameter(
            help="For the rule adjust: the share of the way to the best reply that is gone "
            "in a round."
        ),
    ] = None,
    level: Annotated[
        int | None, Parameter(help="For the rule level-k: the number of steps of reasoning.")
    ] = None,
    noise: Annotated[
        float | None,
        Parameter(
            help="For the rule logit: the size of the errors, in units of the range of payoffs."
        ),
    ] = None,
    set: Changes = None,
    limit: Limit = None,
    to: Output = PRINTED,
) -> int:
    """Let players learn in rounds: does play converge, cycle or wander, and does a lead close?"""
    from leaderbored.cli import motion as commands
    from leaderbored.games.formats.gamefile import load

    numbers = {"adjustment": adjustment, "level": level, "noise": noise}
    made = together(
        partial(in_time, limit),
        to.check,
        partial(commands.check, rule, laps, seed, numbers),
        lambda: commands.fitting(load(game, set or ()), rule),
    )
    with Work(limit) as work:
        motion = work.within(
            lambda: commands.move(
                made,
                rule,
                start,
                laps=laps,
                seed=seed,
                numbers=numbers,
                limit=work.stop,
                progress=work.progress,
            )
        )
    if motion is None:
        work.notes.append("stopped: the time was up before the first round")
        return work.finish(True) or NOT_CONVERGED
    said = to.say(motion.data, motion)
    work.draw(to, motion.plot)
    if motion.stopped:
        work.notes.append(f"stopped: the time was up after {motion.laps} rounds")
    return work.finish(said) or (NOT_CONVERGED if motion.stopped else OK)

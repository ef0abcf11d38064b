"""``leaderbored race`` and ``leaderbored solve``: one path, to every kind of game."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from leaderbored.cli.answers import Asked, answer
from leaderbored.cli.commands.check import provable, writable
from leaderbored.cli.concepts import Concept, Concepts, answer_concept
from leaderbored.cli.options import (
    Changes,
    Limit,
    Rungs,
    in_time,
    insist,
    opened,
    proving,
    together,
    wrong,
)
from leaderbored.cli.output import PRINTED, Output

PROOF_STEPS = 60_000_000  # of a proof that a list is complete: a minute or two
QUICK = 20  # rungs of two labs up to which all equilibria are looked for by default


def race(
    file: Annotated[
        Path | None,
        Parameter(
            help="Game file, or a name from `leaderbored catalogue`; by default the five "
            "labs of the end of 2025."
        ),
    ] = None,
    /,
    *,
    all: Annotated[
        bool,
        Parameter(
            help="Look for every equilibrium. This is the default where it takes about a "
            "second: for two labs with up to 20 rungs and no mechanisms.",
            negative="",
        ),
    ] = False,
    one: Annotated[bool, Parameter(help="Stop at the first equilibrium.", negative="")] = False,
    prove: Annotated[
        bool,
        Parameter(
            help="Look for every equilibrium, and try to prove that there are no others. "
            "Only for two labs that move step by step; may take two minutes.",
            negative="",
        ),
    ] = False,
    proof: Annotated[
        Path | None,
        Parameter(
            help="Write what is proved to this new file, for `leaderbored check`; with --prove, "
            "also that there are no others.",
            metavar="OUT.json",
        ),
    ] = None,
    select: Annotated[
        Literal["from history", "risk"] | None,
        Parameter(
            help="Which equilibrium to take: the one to which best replies lead if all labs "
            "start with idle compute, or the one that remains as random errors in the "
            "replies vanish."
        ),
    ] = None,
    set: Changes = None,
    rungs: Rungs = None,
    limit: Limit = None,
    to: Output = PRINTED,
) -> int:
    """Solve the build-or-sell race and say whether it is a race or a run."""
    game = together(
        partial(in_time, limit),
        to.check,
        partial(
            insist,
            "race",
            (all and select, "--select", select, "expected without --all"),
            (all and one, "--one", "", "expected without --all"),
            (prove and (one or select), "--prove", "", "expected without --one and --select"),
        ),
        partial(writable, proof),
        lambda: provable(opened(file, set, rungs), proof),
    )
    every = all or prove or (not (one or select) and soon(game))
    options = {"select": select} if select else {}
    method = proving(PROOF_STEPS) if prove else None
    return answer(Asked(game, method, every, options, limit=limit, to=to, proof=proof))


def solve(
    game: Annotated[str, Parameter(help="Game file, or a name from `leaderbored catalogue`.")],
    /,
    *,
    one: Annotated[
        bool, Parameter(help="Stop at the first equilibrium, which is quicker.", negative="")
    ] = False,
    limit: Limit = None,
    information: Annotated[
        Literal["feedback", "open-loop", "stackelberg"] | None,
        Parameter(
            help="For a linear-quadratic game, instead of what its file says: whether players "
            "observe the state (feedback), commit to plans (open-loop), or see at every stage "
            "what the first player does before they act (stackelberg)."
        ),
    ] = None,
    pure: Annotated[
        bool, Parameter(help="For a finite game: only equilibria in pure strategies.", negative="")
    ] = False,
    symmetric: Annotated[
        bool,
        Parameter(
            help="For a finite game: only equilibria in which all players use the same strategy.",
            negative="",
        ),
    ] = False,
    refine: Annotated[
        bool,
        Parameter(
            help="For a finite game: say which equilibria are perfect and which are proper, "
            "and of a continuum of equilibria show the most even one.",
            negative="",
        ),
    ] = False,
    concept: Annotated[
        Concept,
        Parameter(
            help="For a finite game: which solution concept. Besides Nash equilibria there "
            "are correlated and coarse correlated equilibria, the best mixed strategy "
            "to commit to, and the strategies that survive the elimination of dominated"
            " ones."
        ),
    ] = "nash",
    aim: Annotated[
        str | None,
        Parameter(
            help="For correlated equilibria: what to maximise. Welfare, the payoff of one "
            "player by name, or weights such as A=1,B=-2.",
            metavar="AIM",
        ),
    ] = None,
    leader: Annotated[
        str | None,
        Parameter(
            help="For commitment: the player who commits; the first by default.", metavar="PLAYER"
        ),
    ] = None,
    list: Annotated[
        Path | None,
        Parameter(
            help="For a Markov game whose state never returns to where it was: write every "
            "equilibrium to this new file, one line of JSON each.",
            metavar="OUT.jsonl",
        ),
    ] = None,
    set: Changes = None,
    to: Output = PRINTED,
    allow_python: Annotated[
        bool,
        Parameter(
            help="GAME is a Python file that you trust: run it, and solve the game that it "
            "names `game`.",
            negative="",
        ),
    ] = False,
) -> int:
    """Solve any game: every equilibrium that is found, each with its certificate."""
    from leaderbored.games.catalogue import find
    from leaderbored.kinds import kind_of

    finite = {"pure": pure, "symmetric": symmetric, "refine": refine}
    asked = Concepts(concept, aim, leader)
    chosen = {"--one": one, **{f"--{name}": on for name, on in finite.items()}}
    made = together(
        partial(in_time, limit),
        to.check,
        partial(asked.check, {**chosen, "--figure": to.figure}),
        lambda: _able(_read(find(game), set or [], allow_python), information, finite),
    )
    kind = kind_of(made)
    if list:
        from leaderbored.cli.commands.listing import listed_to

        return listed_to(made, list, limit)
    if asked.other:
        return answer_concept(made, asked, limit, to)
    method = _finite(made, finite)
    options: dict[str, Any] = {"information": information} if information else {}
    if kind.answers("exact") and not kind.limit("exact", made):
        options["exact"] = True
    return answer(Asked(made, method, all=not one, options=options, limit=limit, to=to))


def _read(path: Path, changes: Sequence[str], allow_python: bool) -> Any:
    """The game of a file, which may be one in Python that is trusted."""
    from leaderbored.games.formats.gamefile import load

    if not (allow_python and path.suffix == ".py"):
        return load(path, changes)
    if changes:
        raise wrong("solve", "--set", changes[0], "expected with a game file only")
    return _run(path)


def _able(game: Any, information: str | None, finite: dict[str, bool]) -> Any:
    """The game, if it is of a kind that goes with these options."""
    together(partial(_informed, game, information), partial(_finite, game, finite))
    return game


def _informed(game: Any, information: str | None) -> None:
    """Insist on a game whose players can know that."""
    from leaderbored.kinds import kind_of

    if information is None:
        return
    reason = "expected with a linear-quadratic game only"
    if kind_of(game).answers("information"):
        reason = game.meaningless(information)
    insist("solve", (reason, "--information", information, reason))


def soon(game: Any) -> bool:
    """Whether to look for every equilibrium takes about a second."""
    return len(game.labs) == 2 and game.rungs <= QUICK and not game.mechanisms.on


def _finite(game: Any, asked: dict[str, bool]) -> Any:
    """The method for a finite game of which only some equilibria are wanted, or more; or None."""
    from leaderbored.games.problems import GameFileError, Mistake
    from leaderbored.kinds import kind_of
    from leaderbored.solvers.finite import is_symmetric
    from leaderbored.solvers.reductions import chain

    on = [name for name, wanted in asked.items() if wanted]
    if not on:
        return None
    fits = kind_of(game).get("method")
    if not hasattr(fits, "pure"):
        expected = "expected with a game in normal form only"
        raise GameFileError("solve", [Mistake(f"--{name}", "", expected) for name in on])
    if reason := kind_of(game).limit("exact", game):
        raise GameFileError("solve", [Mistake(f"--{name}", "", reason) for name in on])
    if asked["symmetric"] and not is_symmetric(chain(game).game):
        expected = "expected a game that is the same for all its players"
        raise wrong("solve", "--symmetric", "", expected)
    return fits(**asked)


def _run(path: Path) -> Any:
    """The ``game`` that a file in Python makes."""
    import runpy

    from leaderbored.solvers.reductions import chain

    try:
        made = chain(runpy.run_path(str(path)).get("game"), "page").game
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}"
        raise wrong(str(path), "game", "", reason) from None
    return made

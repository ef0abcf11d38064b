"""``leaderbored race`` and ``leaderbored solve``: one path, to every kind of game."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from leaderbored.cli.answers import Asked, answer
from leaderbored.cli.concepts import Concept, Concepts, answer_concept, refuse
from leaderbored.cli.options import (
    AsJson,
    Changes,
    Drawing,
    Limit,
    Rungs,
    drawn_to,
    in_time,
    opened,
    wrong,
)

PROOF_STEPS = 60_000_000  # of a proof that a list is complete: a minute or two
QUICK = 20  # rungs of two labs up to which all equilibria are looked for by default


def race(
    file: Annotated[
        Path | None,
        Parameter(
            help="Game file, or a name of the catalogue; by default five labs at the end of 2025."
        ),
    ] = None,
    /,
    *,
    all: Annotated[
        bool,
        Parameter(
            help="Look for every equilibrium; so by default where that takes a second: "
            "of two labs with up to 20 rungs and no mechanisms.",
            negative="",
        ),
    ] = False,
    one: Annotated[bool, Parameter(help="Find one equilibrium.", negative="")] = False,
    prove: Annotated[
        bool,
        Parameter(
            help="Look for every equilibrium, and try to prove that there are no others: of two "
            "labs that move step by step; takes up to a minute or two.",
            negative="",
        ),
    ] = False,
    select: Annotated[
        Literal["from history", "risk"] | None,
        Parameter(
            help="Take the equilibrium that best-response dynamics leads to from idle "
            "compute, or the one that is left as noise in the replies dies out."
        ),
    ] = None,
    set: Changes = None,
    rungs: Rungs = None,
    limit: Limit = None,
    json: AsJson = False,
    figure: Drawing = None,
) -> int:
    """Solve the build-or-sell race and say whether it is a race or a run."""
    in_time(limit)
    if figure:
        drawn_to(figure)
    game = opened(file, set, rungs)
    if all and select:
        raise wrong("race", "--select", select, "expected without --all")
    if all and one:
        raise wrong("race", "--one", "", "expected without --all")
    if prove and (one or select):
        raise wrong("race", "--prove", "", "expected without --one and --select")
    every = all or prove or (not (one or select) and soon(game))
    options = {"select": select} if select else {}
    method = _proving() if prove else None
    return answer(
        Asked(game, method, all=every, options=options, limit=limit, json=json, figure=figure)
    )


def solve(
    game: Annotated[str, Parameter(help="Game file, or a name of the catalogue.")],
    /,
    *,
    one: Annotated[bool, Parameter(help="Find one equilibrium, quickly.", negative="")] = False,
    limit: Limit = None,
    information: Annotated[
        Literal["feedback", "open-loop"] | None,
        Parameter(
            help="Of a linear-quadratic game: whether players see the state, as by default, "
            "or commit to plans."
        ),
    ] = None,
    pure: Annotated[
        bool, Parameter(help="Of a finite game: only equilibria without mixing.", negative="")
    ] = False,
    symmetric: Annotated[
        bool,
        Parameter(help="Of a finite game: only equilibria in which all do the same.", negative=""),
    ] = False,
    refine: Annotated[
        bool,
        Parameter(
            help="Of a finite game: say which equilibria are perfect and proper, and the most "
            "even member of a continuum.",
            negative="",
        ),
    ] = False,
    concept: Annotated[
        Concept,
        Parameter(
            help="Of a finite game: what to find instead of Nash equilibria. A correlated or "
            "coarse correlated equilibrium, a mixed strategy to commit to, or what is left of all "
            "strategies without those that are dominated."
        ),
    ] = "nash",
    aim: Annotated[
        str | None,
        Parameter(
            help="Of correlated equilibria: what is to be greatest, welfare, a player, or "
            "weights such as A=1,B=-2.",
            metavar="AIM",
        ),
    ] = None,
    leader: Annotated[
        str | None, Parameter(help="Who commits; the first player by default.", metavar="PLAYER")
    ] = None,
    list: Annotated[
        Path | None,
        Parameter(
            help="Of a Markov game whose state never comes back: write every equilibrium to this "
            "new file, a line of JSON each.",
            metavar="OUT.jsonl",
        ),
    ] = None,
    set: Changes = None,
    json: AsJson = False,
    figure: Drawing = None,
    allow_python: Annotated[
        bool,
        Parameter(
            help="Run GAME, a file in Python that you trust, and solve what it calls game.",
            negative="",
        ),
    ] = False,
) -> int:
    """Solve any game: every equilibrium that is found, each with its certificate."""
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import load
    from leaderbored.kinds import kind_of

    in_time(limit)
    path = find(game)
    python = allow_python and path.suffix == ".py"
    if python and set:
        raise wrong("solve", "--set", set[0], "expected with a game file only")
    made = _run(path) if python else load(path, set or ())
    kind = kind_of(made)
    if list:
        from leaderbored.cli.commands.listing import listed_to

        return listed_to(made, list, limit)
    if information and not kind.answers("information"):
        raise wrong(
            "solve", "--information", information, "expected with a linear-quadratic game only"
        )
    if concept != "nash" or aim or leader:
        given = {
            "--one": one,
            "--pure": pure,
            "--symmetric": symmetric,
            "--refine": refine,
            "--figure": figure,
        }
        refuse(concept, {name: value for name, value in given.items() if value})
        return answer_concept(made, Concepts(concept, aim, leader), limit, json)
    method = _finite(made, {"pure": pure, "symmetric": symmetric, "refine": refine})
    options: dict[str, Any] = {"information": information} if information else {}
    if kind.answers("exact"):
        options["exact"] = True
    return answer(
        Asked(made, method, all=not one, options=options, limit=limit, json=json, figure=figure)
    )


def _proving() -> Any:
    """The method of a race that also tries to prove that the list of equilibria is complete."""
    from leaderbored.solvers import Method
    from leaderbored.solvers.complete import Transfer
    from leaderbored.solvers.markov.search import Search

    return Method(search=Search(transfer=Transfer(PROOF_STEPS)))


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

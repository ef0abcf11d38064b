"""``leaderbored dynamics``: players move round by round."""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.validation import unknown
from leaderbored.kinds import kind_of
from leaderbored.motion.motion import Motion, dynamics
from leaderbored.motion.rules import FLOWS, ONE_BY_ONE, RULES
from leaderbored.motion.start import arena_of, begin
from leaderbored.solvers.budget import Limit, Progress
from leaderbored.views.motion import motion_report

__all__ = ["motion_report", "move"]

MOST = 100_000  # rounds


def move(
    game: Any,
    rule: str,
    start: str | None,
    *,
    laps: int,
    seed: int,
    numbers: dict[str, Any],
    limit: Limit | None = None,
    progress: Progress | None = None,
) -> Motion:
    """The motion of a game, or every mistake at once.

    Raises
    ------
    GameFileError
        Listing what does not fit: rule, start, laps, seed, numbers of the rule.
    """
    check(rule, laps, seed, numbers)
    given = {name: number for name, number in numbers.items() if number is not None}
    _fits(fitting(game, rule), rule, start, seed)
    return dynamics(
        game,
        rule,  # type: ignore[arg-type]
        start,
        laps=laps,
        seed=seed,
        limit=limit,
        progress=progress,
        **given,
    )


def fitting(game: Any, rule: str) -> Any:
    """The game, if it is of a kind in which players may move by the rule.

    Raises
    ------
    GameFileError
    """
    kind = kind_of(game)
    if rule in FLOWS and not (kind.has("arena") and kind.get("arena").finite):
        expected = f"for games in normal form; this is a {kind.name} game"
        raise GameFileError("dynamics", [Mistake("--rule", rule, expected)])
    return game


def _fits(game: Any, rule: str, start: str | None, seed: int) -> None:
    """Insist on a game that moves, and on a start that it has."""
    try:
        arena = arena_of(game)
    except TypeError:
        kind = kind_of(game)
        mistake = Mistake("kind", repr(kind.name), kind.refusal("dynamics"))
        raise GameFileError("dynamics", [mistake]) from None
    except ValueError as error:
        said = str(error)
        place, _, reason = said.partition(": ") if ": " in said else ("game", "", said)
        raise GameFileError("dynamics", [Mistake(place, "", reason)]) from None
    if rule in ONE_BY_ONE and arena.one_by_one:
        raise GameFileError("dynamics", [Mistake("--rule", rule, arena.one_by_one)])
    try:
        begin(arena, start, np.random.default_rng(seed), rule)
    except ValueError as error:
        reason = str(error).removeprefix(f"{start}: ").removeprefix("start: ")
        raise GameFileError("dynamics", [Mistake("--from", repr(start), reason)]) from None


def check(rule: str, laps: int, seed: int, numbers: dict[str, Any]) -> None:
    """Insist on numbers that make sense, and go with the rule, whatever the game is.

    Raises
    ------
    GameFileError
    """
    found = []
    given = {name: number for name, number in numbers.items() if number is not None}
    if rule not in RULES:
        found.append(Mistake("--rule", rule, unknown("rule", rule, list(RULES))))
    if not 1 <= laps <= MOST:
        found.append(Mistake("--rounds", str(laps), f"expected 1 to {MOST:,}"))
    if seed < 0:
        found.append(Mistake("--seed", str(seed), "expected 0 or more"))
    owners = {"adjustment": "adjust", "level": "level-k", "noise": "logit"}
    for name, number in given.items():
        good = {"adjustment": 0 < number <= 1, "level": number >= 1, "noise": number > 0}[name]
        if owners[name] != rule:
            found.append(
                Mistake(f"--{name}", f"{number:g}", f"expected with --rule {owners[name]}")
            )
        elif not good:
            bounds = {
                "adjustment": "above 0 and at most 1",
                "level": "1 or more",
                "noise": "more than 0",
            }[name]
            found.append(Mistake(f"--{name}", f"{number:g}", f"expected {bounds}"))
    if found:
        raise GameFileError("dynamics", found)

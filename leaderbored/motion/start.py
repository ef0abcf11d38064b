"""Where motion starts, in words: ``idle``, ``busy``, ``random``, ``A ahead by 3``, ``H, T``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.record import RefusedError
from leaderbored.kinds import kind_of, offering
from leaderbored.play.arena import Arena
from leaderbored.solvers.reductions import chain


def begin(arena: Arena, start: Any, random: np.random.Generator, rule: str) -> Array:
    """The first profile; of a dynamic game, the state to look at is set in the arena.

    Raises
    ------
    ValueError
        If the start does not fit the game.
    """
    if start is None or isinstance(start, str):
        return arena.read(_split(start or "", arena.knows), random, rule)
    if isinstance(start, dict):
        start = [start.get(name, ()) for name in arena.players]
    return arena.given(start)


def _split(text: str, known: Callable[[str], bool]) -> list[str]:
    """The words between commas; a known one may hold commas itself.

    Examples
    --------
    >>> _split("idle, A, Inc. ahead by 2", lambda word: word.startswith("A, Inc."))
    ['idle', 'A, Inc. ahead by 2']
    """
    parts, words = text.split(","), list[str]()
    while parts:
        joined = [",".join(parts[:k]).strip() for k in range(1, len(parts) + 1)]
        count = next((k for k in range(len(parts), 1, -1) if known(joined[k - 1])), 1)
        words.append(joined[count - 1])
        del parts[:count]
    return [word for word in words if word]


def arena_of(game: Any) -> Arena:
    """The game as rules of motion see it.

    Raises
    ------
    TypeError
        If there are no dynamics of such a game.
    RefusedError
        If there are none of this very game.
    """
    offering(game, "dynamics")
    game = chain(game, "arena").game
    kind = kind_of(game)
    if reason := kind.limit("dynamics", game):
        raise RefusedError(reason)
    found: Arena = kind.get("arena")(game)
    return found

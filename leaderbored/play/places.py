"""States of a race in words: ``tied``, ``A ahead by 3``."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.race import Race

Index = NDArray[np.int64]
AHEAD = re.compile(r"(.+?)\s+ahead\s+by\s+(\d+)", re.IGNORECASE)


def place(game: Race, text: str, states: Index) -> int:
    """Index of a state of a race given in words, the others tied; 0 for ``tied``.

    Raises
    ------
    ValueError
        If there is no such state.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=2)
    >>> place(race, "A ahead by 2", race.states())
    2
    """
    if text.strip().lower() == "tied":
        return 0
    names = [lab.name for lab in game.labs]
    found = AHEAD.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'expected tied, or "{names[0]} ahead by 2"')
    who, lead = found[1], int(found[2])
    known = {name.strip().lower(): i for i, name in enumerate(names)}
    known |= {name.strip(): i for i, name in enumerate(names)}  # as it is written, first of all
    who = who if who in known else who.lower()
    if who not in known:
        raise ValueError(f"no lab {found[1]}; known: {', '.join(names)}")
    if not 0 <= lead <= game.rungs:
        raise ValueError(f"a lead of {lead}; expected 0 to {game.rungs}, the rungs of the race")
    behind = np.full(len(names), lead)
    behind[known[who]] = 0
    return noticed(np.flatnonzero((states == behind).all(axis=1)))


def leads_of(game: Any, word: str) -> bool:
    """Whether a word speaks of the lead of a lab of the race; of another game none does.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A, Inc.", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=2)
    >>> leads_of(race, "a, inc. ahead by 2"), leads_of(race, "idle")
    (True, False)
    """
    if not isinstance(game, Race):
        return False
    found = AHEAD.fullmatch(word)
    return found is not None and found[1].lower() in {lab.name.strip().lower() for lab in game.labs}


def noticed(copies: Index) -> int:
    """Of the states with one leaderboard the one in which customers perceive it; see inertia."""
    return int(copies[copies[0] // len(copies)] if len(copies) > 1 else copies[0])

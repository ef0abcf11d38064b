"""Where motion starts, in words: ``idle``, ``busy``, ``random``, ``A ahead by 3``, ``H, T``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.record import RefusedError
from leaderbored.kinds import offering
from leaderbored.play.arena import Arena, Finite, Index
from leaderbored.play.policies import Actions, Shares
from leaderbored.race import Race
from leaderbored.solvers.reductions import chain

AHEAD = re.compile(r"(.+?)\s+ahead\s+by\s+(\d+)", re.IGNORECASE)
EXPECTED = {
    Finite: "expected one strategy of each player, as in {example}; or random",
    Shares: 'idle, busy, or random, or a place such as "{example}", or both with a comma between',
    Actions: 'low, high or random, or a state such as "{example}", or both with a comma between',
}


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


def noticed(copies: Index) -> int:
    """Of the states with one leaderboard the one in which customers perceive it; see inertia."""
    return int(copies[copies[0] // len(copies)] if len(copies) > 1 else copies[0])


def begin(arena: Arena, start: Any, random: np.random.Generator, rule: str) -> Array:
    """The first profile; of a dynamic game, the state to look at is set in the arena.

    Raises
    ------
    ValueError
        If the start does not fit the game.
    """
    if start is None or isinstance(start, str):
        x = _worded(arena, start or "", random, rule)
    else:
        x = _given(arena, start)
    return x


def _worded(arena: Arena, text: str, random: np.random.Generator, rule: str) -> Array:
    words = _split(text, _known(arena))
    if isinstance(arena, Finite):
        return _strategies(arena, words, random, rule)
    x = arena.idle() if isinstance(arena, Shares) else arena.middle()
    if words == ["random"]:
        return arena.drawn(random)
    if isinstance(arena, Shares | Actions):
        for word in words:
            x = _dynamic(arena, word, x, random)
        return x
    if words:
        try:
            return _given(arena, [float(word) for word in words])
        except ValueError as error:
            reason = str(error).removeprefix("start: ")
            if reason.startswith("could not"):
                reason = "expected numbers"
            raise ValueError(f"start: {reason}; or random") from None
    return x


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


def _known(arena: Arena) -> Callable[[str], bool]:
    """Whether a word is one of the game's."""
    if isinstance(arena, Finite):
        strategies = {name for own in arena.game.strategies for name in own}
        return strategies.__contains__
    if isinstance(arena, Shares) and isinstance(arena.game, Race):
        names = {lab.name.strip().lower() for lab in arena.game.labs}
        return lambda word: (
            (found := AHEAD.fullmatch(word)) is not None and (found[1].lower() in names)
        )
    return lambda _: False


def _strategies(
    arena: Finite, words: Sequence[str], random: np.random.Generator, rule: str
) -> Array:
    if list(words) == ["random"] or (not words and rule in ("replicator", "logit")):
        return arena.drawn(random)
    if not words:
        return arena.middle()
    names = arena.game.strategies
    fits = len(words) == len(names)
    if not fits or any(word not in own for word, own in zip(words, names, strict=True)):
        example = ", ".join(own[0] for own in names)
        raise ValueError(f"{', '.join(words)}: " + EXPECTED[Finite].format(example=example))
    return arena.pure([own.index(word) for own, word in zip(names, words, strict=True)])


def _dynamic(arena: Shares | Actions, word: str, x: Array, random: np.random.Generator) -> Array:
    low, high = ("idle", "busy") if isinstance(arena, Shares) else ("low", "high")
    if word == "random":
        return arena.drawn(random)
    if word == low and isinstance(arena, Shares):
        return arena.idle()
    if word == high and isinstance(arena, Shares):
        return arena.busy()
    if word in (low, high):
        ends = arena.lower if word == low else arena.upper
        return np.where(np.isfinite(ends), ends, x)
    if isinstance(arena, Shares) and isinstance(arena.game, Race):
        try:
            arena.state = place(arena.game, word, arena.markov.states)
        except ValueError as error:
            raise ValueError(f"{word}: {error}; or idle, busy or random") from None
        return x
    if isinstance(arena, Actions):
        arena.state = _state(arena, word)
        return x
    raise ValueError(f"{word}: expected {low}, {high} or random")


def _state(arena: Actions, word: str) -> int:
    labels = arena.game.labels
    pairs = [part.partition("=") for part in word.split()]
    wanted = {name.strip(): value.strip() for name, _, value in pairs}
    example = " ".join(
        f"{name}={low}" for name, low in zip(labels, arena.game.grid[0], strict=True)
    )
    rows = np.ones(arena.game.size, dtype=bool)
    for name, value in wanted.items():
        if name not in labels or not re.fullmatch(r"-?\d+", value):
            raise ValueError(f"{word}: expected " + EXPECTED[Actions].format(example=example))
        rows &= arena.game.grid[:, labels.index(name)] == int(value)
    if not rows.any():
        raise ValueError(f"{word}: no such state; the first is {example}")
    return int(np.flatnonzero(rows)[0])


def _given(arena: Arena, start: Any) -> Array:
    """A profile from one array, or from one for each player."""
    if isinstance(start, dict):
        start = [start.get(name, ()) for name in arena.players]
    try:
        parts = [np.asarray(part, float).ravel() for part in start]
    except (TypeError, ValueError):
        raise ValueError("start: expected numbers") from None
    x = np.concatenate(parts) if parts else np.zeros(0)
    if len(x) != len(arena.lower):
        raise ValueError(f"start: {len(x)} numbers, expected {len(arena.lower)}")
    slack = 1e-12 * arena.span
    if not ((x >= arena.lower - slack) & (x <= arena.upper + slack)).all():
        raise ValueError("start: a number is out of its bounds")
    if isinstance(arena, Finite):
        for name, mine in zip(arena.players, arena.own, strict=True):
            if abs(x[mine].sum() - 1) > 1e-9:
                raise ValueError(f"start: the probabilities of player {name} do not add up to one")
    return np.clip(x, arena.lower, arena.upper)


def arena_of(game: Any) -> Arena:
    """The game as rules of motion see it.

    Raises
    ------
    TypeError
        If there are no dynamics of such a game.
    ValueError
        If it is a race with a lease: replies to a rent need one that clears, which is found with
        the equilibrium alone.
    """
    kind = offering(game, "dynamics")
    if reason := kind.limit("dynamics", game):
        raise RefusedError(reason)
    found: Arena = kind.get("arena")(chain(game, "arena").game)
    return found

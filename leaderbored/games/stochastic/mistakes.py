"""Mistakes in a Markov game, each with its place, its value, and what was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.games import traced
from leaderbored.games.continuous import reserved, value_of
from leaderbored.games.expression import ExpressionError, Share
from leaderbored.games.markov import Array
from leaderbored.games.stochastic.players import MAX_PLAYERS, Event
from leaderbored.games.stochastic.symbols import Agent, MarkovSymbols
from leaderbored.games.traced import meaning

if TYPE_CHECKING:
    from leaderbored.games.stochastic.game import MarkovGame

MAX_STATES = 200_000
MAX_OUTCOMES = 256  # of one period: combinations of events

MOST_MISTAKES = 20
TOLERANCE = 1e-9
Mistake = tuple[str, Any, str]  # place, value, what was expected


def mistakes_in(game: MarkovGame) -> list[Mistake]:
    """The first mistakes: of those that build on each other the earlier alone.

    Examples
    --------
    >>> import leaderbored as lb
    >>> lab = lb.MarkovPlayer("lab", "1 - b", {"b": (0, 1)})
    >>> mistakes_in(lb.MarkovGame([lab], discount=0.1))
    []
    """
    stages: tuple[tuple[Callable[[MarkovGame], Iterator[Mistake]], ...], ...] = (
        (_names, _sizes, _formulas),
        (_moves, _ends),
        (_numbers,),
    )
    for checks in stages:
        if found := [mistake for check in checks for mistake in check(game)]:
            return found[:MOST_MISTAKES]
    return []


def _names(game: MarkovGame) -> Iterator[Mistake]:
    names = [player.name for player in game.players]
    if len(set(names)) != len(names):
        yield "players", names, "expected different names"
    taken = {*game.parameters, *game.states, *game.tables}
    places: list[tuple[str, Any]] = [
        ("parameters", game.parameters),
        ("states", game.states),
        ("tables", game.tables),
    ]
    for k, player in enumerate(game.players):
        here = f"players[{k}]"
        own = [*player.parameters, *player.states, *player.choices]
        for name in sorted({name for name in own if own.count(name) > 1 or name in taken}):
            yield f"{here}.{name}", name, "is used twice"
        places += [
            (f"{here}.parameters", player.parameters),
            (f"{here}.states", player.states),
            (f"{here}.action", player.action),
            (f"{here}.actions", player.actions),
        ]
        if bool(player.action) == bool(player.actions):
            yield here, player.name, "expected an action, or a list of actions"
    for place, keys in places:
        for name in keys:
            if reserved(name):
                yield f"{place}.{name}", name, "expected a name such as x or gap"
    for name in sorted(set(game.parameters) & set(game.states)):
        yield f"states.{name}", name, "is a parameter too"
    for name in sorted(set(game.tables) & {*game.parameters, *game.states}):
        yield f"tables.{name}", name, "is a parameter or a state too"


def _sizes(game: MarkovGame) -> Iterator[Mistake]:
    for place, ranges in (
        ("states", game.states),
        *((f"players[{k}].states", player.states) for k, player in enumerate(game.players)),
    ):
        for name, (low, high) in ranges.items():
            if low > high:
                yield f"{place}.{name}", (low, high), "expected low <= high"
    if game.size > MAX_STATES:
        yield "states", f"{game.size:,} states", f"expected at most {MAX_STATES:,}"
    if len(game.agents) > MAX_PLAYERS:
        yield "players", len(game.agents), f"expected at most {MAX_PLAYERS} players"
    if game.time == "discrete":
        every = [("discount", game.discount)]
        every += [(f"players[{k}].discount", p.discount or 0) for k, p in enumerate(game.players)]
        for place, factor in every:
            if factor >= 1:
                yield place, factor, "expected a factor below 1 in discrete time"
        outcomes = prod(len(group) + 1 for group in game.groups)
        if outcomes > MAX_OUTCOMES:
            yield "events", f"{outcomes:,} combinations", f"expected at most {MAX_OUTCOMES}"


def _formulas(game: MarkovGame) -> Iterator[Mistake]:
    symbols = MarkovSymbols.of(game)
    first = {agent.player.name: agent for agent in reversed(game.agents)}
    for k, player in enumerate(game.players):
        here, scope = f"players[{k}]", game.meaning(first[player.name], symbols)
        yield from _unread(f"{here}.payoff", player.payoff, scope)
        yield from _unread(f"{here}.end", player.end, scope)
        given = {**game.parameters, **player.parameters}
        for name, ends in player.action.items():
            try:
                low, high = (value_of(end, given) for end in ends)
                if not low < high:
                    yield f"{here}.action.{name}", ends, "expected low < high"
            except ValueError as error:
                yield f"{here}.action.{name}", ends, str(error)
        for e, event in enumerate(player.events):
            known = {*player.states, *game.states}
            yield from _event(game, f"{here}.events[{e}]", event, scope, known)
    everyone = {name for _, name in game.axes}
    scope = game.meaning(None, symbols)
    for e, event in enumerate(game.events):
        yield from _event(game, f"events[{e}]", event, scope, everyone)
    if game.ends is not None:
        yield from _unread("ends", game.ends, scope)


def _event(
    game: MarkovGame,
    here: str,
    event: Event,
    scope: tuple[dict[str, Any], list[Share]],
    known: set[str],
) -> Iterator[Mistake]:
    wanted, other = ("hazard", "chance") if game.time == "continuous" else ("chance", "hazard")
    text = getattr(event, wanted)
    if text is None or getattr(event, other) is not None:
        yield f"{here}.{wanted}", text, f"expected in {game.time} time, and no {other}"
    else:
        yield from _unread(f"{here}.{wanted}", text, scope)
    for name, formula in event.next.items():
        if name not in known:
            yield f"{here}.next.{name}", formula, f"no such state; known: {', '.join(known)}"
        elif here.startswith("events") and name not in game.states:
            continue  # read with each player's own names below
        else:
            yield from _unread(f"{here}.next.{name}", formula, scope)


def _moves(game: MarkovGame) -> Iterator[Mistake]:
    """Formulas of states alone that name actions or lead between the points of the grid."""
    for happening in game.happenings:
        place = "events" if happening.agent is None else f"players.{happening.agent.name}.events"
        place = f"{place}.{happening.event.name or 'next'}"
        try:
            moved = game.move(happening, game.grid.astype(float))
        except ExpressionError as error:
            yield place, happening.event.next, str(error)
            continue
        wrong = ~(np.abs(moved - np.rint(moved)) < TOLERANCE).all(axis=1)
        if wrong.any():
            s = int(np.flatnonzero(wrong)[0])
            expected = f"expected whole numbers, as at {game.spot(s)}"
            yield place, moved[s].tolist(), expected


def _ends(game: MarkovGame) -> Iterator[Mistake]:
    """Where the game ends, and what players get there."""
    whole = np.ones(game.size, dtype=bool)
    if game.ends is not None:
        found = [*_unknown(game, "ends", game.ends, None, whole)]
        yield from found
        if found:
            return
    for agent in game.agents:
        if agent.copy == 0:
            place = f"players.{agent.name}.end"
            yield from _unknown(game, place, agent.player.end, agent, game.ended)


def _unknown(
    game: MarkovGame, place: str, text: traced.Formula, own: Agent | None, where: NDArray[np.bool_]
) -> Iterator[Mistake]:
    """A formula of states alone that is none, or has no value in some of the states."""
    try:
        found = game.over_states(text, own)
    except ExpressionError as error:
        yield place, text, str(error)
        return
    if (bad := where & ~np.isfinite(found)).any():
        s = int(np.flatnonzero(bad)[0])
        yield place, text, f"expected a finite number, found {found[s]} at {game.spot(s)}"


def _numbers(game: MarkovGame) -> Iterator[Mistake]:
    """Payoffs that are no numbers, hazards below zero, chances that are none."""
    symbols, trials = MarkovSymbols.of(game), [*game.trials()]

    def values(text: traced.Formula, own: Agent | None) -> Array:
        expression = meaning(text, *game.meaning(own, symbols))
        found = [game.evaluate(expression, symbols, None, choices) for choices in trials]
        return np.where(game.ended, 0.0, np.array(found))

    def blame(bad: NDArray[np.bool_], found: Array) -> tuple[float, str]:
        trial, s = np.argwhere(bad)[0].tolist()
        taken = [float(choice[s]) for choice in trials[trial]]
        acts = dict(zip(map(symbols.called, symbols.choices.values()), taken, strict=True))
        return float(found[trial, s]), f"as at {game.spot(s)} with {acts}"

    for agent in game.agents:
        if agent.copy == 0:
            found = values(agent.player.payoff, agent)
            if (bad := ~np.isfinite(found)).any():
                number, where = blame(bad, found)
                place = f"players.{agent.name}.payoff"
                yield place, number, f"expected a finite number, {where}"
    totals: dict[str, Array] = {}
    for k, happening in enumerate(game.happenings):
        event = happening.event
        found = values(event.hazard or event.chance or "0", happening.agent)
        group = event.group or f" {k}"
        totals[group] = totals.get(group, 0.0) + found
        bad = ~(np.isfinite(found) & (found >= -TOLERANCE))
        if game.time == "discrete":
            bad |= totals[group] > 1 + TOLERANCE
        if bad.any():
            owner = f"players.{happening.agent.name}.events" if happening.agent else "events"
            number, where = blame(bad, found)
            wanted = (
                "not negative"
                if game.time == "continuous"
                else "a probability, in all of its group"
            )
            yield f"{owner}.{event.name or 'rate'}", number, f"expected {wanted}, {where}"


def _unread(
    place: str, text: traced.Formula, scope: tuple[dict[str, Any], list[Share]]
) -> Iterator[Mistake]:
    try:
        meaning(text, *scope)
    except ExpressionError as error:
        yield place, text, str(error)

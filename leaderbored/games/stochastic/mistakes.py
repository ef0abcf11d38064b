"""Mistakes in a Markov game, each with its place, its value, and what was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.games import traced
from leaderbored.games.checks import (
    Mistake,
    mistaken_definitions,
    mistaken_names,
    mistaken_values,
    once,
    unread,
)
from leaderbored.games.expression import ExpressionError
from leaderbored.games.parameters import named, value_of
from leaderbored.games.stochastic.leading import (
    endless,
    first,
    limits,
    moves,
    outcomes,
    place_of,
    spot_of,
)
from leaderbored.games.stochastic.players import MAX_PLAYERS, Event, MarkovPlayer
from leaderbored.games.stochastic.symbols import Agent, Happening
from leaderbored.games.traced import meaning
from leaderbored.games.words import reserved, unknown

if TYPE_CHECKING:
    from leaderbored.games.stochastic.game import MarkovGame

Wrong = Callable[[str, Any], Iterator[Mistake]]  # what is wrong with a formula at a place

MAX_STATES = 200_000

MOST_MISTAKES = 20
TOLERANCE = 1e-9


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
        (_ends,),
        (limits,),
        (moves,),
        (outcomes,),
        (_numbers,),
        (endless,),
    )
    for checks in stages:
        if found := once(mistake for check in checks for mistake in check(game)):
            return found[:MOST_MISTAKES]
    return []


def _names(game: MarkovGame) -> Iterator[Mistake]:
    names = [player.name for player in game.players]
    if len(set(names)) != len(names):
        yield "players", names, "expected different names"
    yield from mistaken_names(game)
    common = {*named(game)}
    places: list[tuple[str, Any]] = [("states", game.states), ("tables", game.tables)]
    for k, player in enumerate(game.players):
        here = f"players[{k}]"
        yield from mistaken_names(player, f"{here}.")
        own = [*named(player), *player.states, *player.words]
        taken = {*game.states, *game.tables, *(common - {*named(player)})}
        groups = {
            "parameters": player.parameters,
            "states": player.states,
            "action": player.action,
            "actions": player.listed.numbers if player.listed else (),
        }
        for group, names_there in groups.items():
            for name in names_there:
                if own.count(name) > 1 or name in taken:
                    yield f"{here}.{group}.{name}", name, "is used twice"
        places += [
            (f"{here}.states", player.states),
            (f"{here}.action", player.action),
            (f"{here}.actions", player.actions if isinstance(player.actions, tuple) else ()),
        ]
        yield from _lists(game, here, player)
    for place, keys in places:
        for name in keys:
            if isinstance(name, str) and reserved(name):
                yield f"{place}.{name}", name, "expected a name such as x or gap"
    for name in sorted(common & {*game.states}):
        yield f"states.{name}", name, "is a parameter too"
    for name in sorted({*game.tables} & {*common, *game.states}):
        yield f"tables.{name}", name, "is a parameter or a state too"


def _lists(game: MarkovGame, here: str, player: MarkovPlayer) -> Iterator[Mistake]:
    """What goes with lists of actions alone."""
    if not player.action and not player.actions:
        yield here, player.name, "expected an action, or a list of actions"
    for key, plain in (("allowed", "1"), ("shocks", "0")):
        if not player.actions and getattr(player, key) != plain:
            yield f"{here}.{key}", getattr(player, key), "expected a list of actions with it"
    if player.shocks != "0" and game.time == "continuous":
        expected = "expected in discrete time"
        yield f"{here}.shocks", player.shocks, expected
    if player.shock_law != "extreme value" and player.shocks == "0":
        yield f"{here}.shock_law", player.shock_law, "expected the size of shocks with it"
    elif player.shock_law == "normal" and not game.profiles.few:
        expected = "expected lists of actions alone, not too many, or shocks of another law"
        yield f"{here}.shock_law", player.shock_law, expected


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
            if factor > 1 or (factor == 1 and game.ends is None):
                expected = (
                    "expected a factor below 1 in discrete time, or 1 if the game surely ends"
                )
                yield place, factor, expected


def _formulas(game: MarkovGame) -> Iterator[Mistake]:
    symbols = game.symbols
    leads = {agent.player.name: agent for agent in reversed(game.agents)}
    scopes = [game.readings.scope(leads[player.name]) for player in game.players]
    mine = game.readings.scope(None)
    real = {symbols.choices[agent.name, x] for agent in game.agents for x in agent.player.action}
    yield from mistaken_values(game, game.given(None))
    yield from mistaken_definitions(game, [*scopes, mine], decided=real)
    for k, player in enumerate(game.players):
        here, scope, given = f"players[{k}]", scopes[k], game.given(player)
        yield from mistaken_values(player, given, f"{here}.")
        yield from mistaken_definitions(player, [scope], f"{here}.", real)
        wrong = partial(_unread, game, leads[player.name], real)
        yield from wrong(f"{here}.payoff", player.payoff)
        yield from wrong(f"{here}.end", player.end)
        for name, ends in player.action.items():
            yield from _bounds(f"{here}.action.{name}", ends, given, wrong)
        for key in ("turn", "allowed", "shocks"):
            yield from wrong(f"{here}.{key}", getattr(player, key))
        known = {*player.states, *game.states}
        for e, event in enumerate(player.events):
            yield from _event(game, f"{here}.events[{e}]", event, known, wrong)
    everyone = {name for _, name in game.axes}
    wrong = partial(_unread, game, None, real)
    for e, event in enumerate(game.events):
        yield from _event(game, f"events[{e}]", event, everyone, wrong)
    if game.ends is not None:
        yield from wrong("ends", game.ends)


def _unread(
    game: MarkovGame, own: Agent | None, real: set[Any], place: str, text: traced.Formula
) -> Iterator[Mistake]:
    """What is wrong with a formula, if it cannot be read or looks up what is decided."""
    try:
        if not game.readings.of(text, own).pattern.looked_up & real:
            return
    except ExpressionError:
        pass
    yield from unread(place, text, meaning, game.readings.scope(own), real)


def _bounds(place: str, ends: Any, given: Any, wrong: Wrong) -> Iterator[Mistake]:
    """Bounds that cross, or cannot be read; those that states move are looked at later."""
    try:
        low, high = (value_of(end, given) for end in ends)
        if not low < high:
            yield place, ends, "expected low < high"
    except ValueError:
        for end in ends:
            if isinstance(end, str):
                yield from wrong(place, end)


def _event(
    game: MarkovGame, here: str, event: Event, known: set[str], wrong: Wrong
) -> Iterator[Mistake]:
    """What is wrong with an event; ``wrong`` says it of one of its formulas."""
    wanted, other = ("hazard", "chance") if game.time == "continuous" else ("chance", "hazard")
    text, instead = getattr(event, wanted), getattr(event, other)
    if instead is not None:
        yield f"{here}.{other}", instead, f"expected a {wanted} instead, as time is {game.time}"
    elif text is None:
        yield f"{here}.{wanted}", None, "missing"
    else:
        yield from wrong(f"{here}.{wanted}", text)
    for name, formula in event.next.items():
        if name not in known:
            yield f"{here}.next.{name}", formula, unknown("state", name, sorted(known))
        elif here.startswith("events") and name not in game.states:
            continue  # read with each player's own names below
        else:
            yield from wrong(f"{here}.next.{name}", formula)


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
            place = f"{game.written_at(agent.player)}end"
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
        expected = game.beyond(text, own, s) or f"expected a finite number, found {found[s]:g}"
        yield place, text, f"{expected}, as at {spot_of(game, s)}"


def _numbers(game: MarkovGame) -> Iterator[Mistake]:
    """Payoffs that are no numbers, hazards below zero, chances that are none."""
    for agent in game.agents:
        if agent.copy == 0:
            text = agent.player.payoff
            found = game.tried.values(text, agent)
            if (bad := game.tried.where & ~np.isfinite(found)).any():
                t, s = first(bad)
                wrong = game.beyond(text, agent, s, game.tried.choices(t))
                expected = wrong or f"expected a finite number, found {found[t, s]:g}"
                place = f"{game.written_at(agent.player)}payoff"
                yield place, text, f"{expected}, {_as_at(game, t, s)}"
    for group in game.groups:
        yield from _chances(game, [game.happenings[k] for k in group])


def _chances(game: MarkovGame, group: list[Happening]) -> Iterator[Mistake]:
    """Hazards below zero, and chances that are none, each or in all of their group."""
    discrete, tried = game.time == "discrete", game.tried
    wanted = "a probability" if discrete else "not negative"
    total, before = np.zeros(tried.where.shape), list[Happening]()
    for one in group:
        text = one.event.hazard or one.event.chance or "0"
        found = tried.values(text, one.agent)
        total = total + found
        alone = ~(np.isfinite(found) & (found >= -TOLERANCE))
        alone |= discrete & (found > 1 + TOLERANCE)
        many = discrete & (found > TOLERANCE) & ~(total <= 1 + TOLERANCE)
        if (bad := tried.where & (alone | many)).any():
            t, s = first(bad)
            wrong = game.beyond(text, one.agent, s, tried.choices(t))
            said = f"expected {wanted}, found {found[t, s]:g}"
            if not alone[t, s]:
                others = ", ".join(
                    place_of(game, other) for other in before if _likely(game, other, t, s)
                )
                said = (
                    f"expected a probability in all of its group, found {total[t, s]:g} "
                    f"together with {others}"
                )
            what = "hazard" if one.event.hazard else "chance"
            place = f"{place_of(game, one)}.{what}"
            yield place, text, f"{wrong or said}, {_as_at(game, t, s)}"
        before.append(one)


def _likely(game: MarkovGame, happening: Happening, t: int, s: int) -> bool:
    """Whether an event may happen in a state at some choices."""
    found = game.tried.values(happening.event.chance or "0", happening.agent)
    return bool(found[t, s] > TOLERANCE)


def _as_at(game: MarkovGame, t: int, s: int) -> str:
    """A state and what is done there, in words."""
    names = map(game.symbols.called, game.symbols.choices.values())
    taken = [float(choice[s]) for choice in game.tried.choices(t)]
    acts = ", ".join(f"{name} = {x:g}" for name, x in zip(names, taken, strict=True))
    return f"as at {spot_of(game, s)} with {acts}"

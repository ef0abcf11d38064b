"""Mistakes in where a Markov game leads, and within which limits players decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.checks import Mistake
from leaderbored.games.expression import ExpressionError
from leaderbored.games.markov import Array
from leaderbored.games.stochastic.branches import destination
from leaderbored.games.stochastic.limits import over_actions, over_states
from leaderbored.games.stochastic.lists import expected as expected_of
from leaderbored.games.stochastic.players import ONE_ACTION, MarkovPlayer
from leaderbored.games.stochastic.symbols import Agent, Happening, MarkovSymbols

if TYPE_CHECKING:
    from leaderbored.games.stochastic.game import MarkovGame

Bools = NDArray[np.bool_]
MAX_OUTCOMES = 10_000  # of one period: combinations of events
TOLERANCE = 1e-9


def outcomes(game: MarkovGame) -> Iterator[Mistake]:
    """Too many things that may happen in one period."""
    count = combinations(game)
    if count > MAX_OUTCOMES:
        yield "events", f"{count:,} combinations", f"expected at most {MAX_OUTCOMES:,}"


def combinations(game: MarkovGame) -> int:
    """How many things may happen in one period, or at a time, at most.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame
    >>> up, down = Event({"w": "w + 1"}, chance="x"), Event({"w": "w - 1"}, chance="0.5")
    >>> firm = MarkovPlayer("firm", "w - x", {"x": (0, 1)}, events=[up, down])
    >>> combinations(MarkovGame([firm], 0.9, states={"w": (0, 2)}, time="discrete"))
    4
    """
    ways = _ways(game)
    groups = game.groups if game.time == "discrete" else ()
    return max(prod(1 + sum(ways[k] for k in group) for group in groups), ways.total())


def _ways(game: MarkovGame) -> Counter[int]:
    """In how many ways each event may come out."""
    if game.motions:
        ways = Counter(dict.fromkeys(range(len(game.happenings)), 1))
        for motion in game.motions:
            low, high = game.axes[motion.axis]
            ways[motion.happening] *= high - low + 1
        return ways
    if not game.profiles.few:
        return Counter(branch.happening for branch in game.branches)
    return Counter({k: 2 ** len(game.steered[one]) for k, one in enumerate(game.happenings)})


def place_of(game: MarkovGame, happening: Happening) -> str:
    """Where an event stands in a file."""
    events = game.events if happening.agent is None else happening.agent.player.events
    number = next(e for e, event in enumerate(events) if event is happening.event)
    owner = "" if happening.agent is None else game.written_at(happening.agent.player)
    return f"{owner}events[{number}]"


def moves(game: MarkovGame) -> Iterator[Mistake]:
    """Formulas of states alone that lead between the points of the grid, or nowhere."""
    for happening in game.happenings:
        for name, text in happening.event.next.items():
            for agent in game.movers(happening, name):
                axis = (None if (None, name) in game.axes or agent is None else agent.name), name
                steered = axis in game.steered[happening]
                led = _led if steered else _moved
                for why in led(game, text, agent):
                    yield f"{place_of(game, happening)}.next.{name}", text, why


def _moved(game: MarkovGame, text: Any, agent: Agent | None) -> Iterator[str]:
    """Where a formula of states leads to no whole number."""
    moved = game.over_states(text, agent)
    wrong = ~(np.abs(moved - np.rint(moved)) < TOLERANCE)
    if wrong.any():
        s = int(np.flatnonzero(wrong)[0])
        beyond = game.beyond(text, agent, s)
        expected = beyond or f"expected whole numbers, found {moved[s]:g}"
        yield f"{expected}, as at {spot_of(game, s)}"


def _led(game: MarkovGame, text: Any, agent: Agent | None) -> Iterator[str]:
    """Where actions lead nowhere."""
    found = game.tried.values(text, agent)
    if (bad := ~np.isfinite(found) & game.tried.where).any():
        t, s = first(bad)
        expected = game.beyond(text, agent, s, game.tried.choices(t))
        expected = expected or f"expected a finite number, found {found[t, s]:g}"
        yield f"{expected}, as at {spot_of(game, s)}"


def first(bad: Bools) -> tuple[int, int]:
    """The first choices at which something is so in some state, and the first such state."""
    t, s = np.unravel_index(int(bad.argmax()), bad.shape)
    return int(t), int(s)


def spot_of(game: MarkovGame, s: int) -> str:
    """A state in words."""
    return ", ".join(f"{name} = {value}" for name, value in game.spot(s).items()) or "the one state"


def endless(game: MarkovGame) -> Iterator[Mistake]:
    """States from which a game that does not discount never ends, whatever is done."""
    factors = [player.discount or game.discount for player in game.players]
    if game.time == "continuous" or max(factors) < 1:
        return
    symbols, middle = game.symbols, next(game.trials())
    ends, before = game.ended.copy(), np.zeros(game.size, dtype=bool)
    ways = []
    for branch in game.branches:
        happening = game.happenings[branch.happening]
        chance = game.readings.exact(happening.event.chance or "0", happening.agent)
        often = expected_of(game, symbols, chance * branch.weight)
        likely = game.evaluate(often, symbols, None, middle) > TOLERANCE
        ways.append((likely, game.place(destination(game, [branch]))))
    while (ends != before).any():
        before = ends.copy()
        for likely, there in ways:
            ends |= likely & ends[there]
    if not ends.all():
        s = int(np.flatnonzero(~ends)[0])
        expected = f"expected below 1, as the game need not end from {spot_of(game, s)}"
        yield "discount", max(factors), expected


def limits(game: MarkovGame) -> Iterator[Mistake]:
    """Bounds that cross, states in which nothing is allowed, shocks of no size."""
    symbols = game.symbols
    for agent in (agent for agent in game.agents if agent.copy == 0):
        here, player = game.written_at(agent.player), agent.player
        try:
            low, high, idle = game.limits(agent, symbols)
            sizes = np.array([*over_actions(game, agent, symbols, player.shocks)])
        except (ExpressionError, ValueError) as error:
            yield f"{here}{_blamed(game, agent, symbols)}", player.name, str(error)
            continue
        for k, (name, ends) in enumerate(player.action.items()):
            wrong = ~(low[k] <= high[k]) & ~idle
            if wrong.any() or not (low[k] < high[k]).any():
                s = int(np.flatnonzero(wrong)[0]) if wrong.any() else 0
                where = f", as at {spot_of(game, s)}" if wrong.any() and game.labels else ""
                yield f"{here}action.{name}", ends, f"expected low < high{where}"
        none = high[len(player.action) :].sum(axis=0) == 0
        if player.actions and (none & ~idle).any():
            s = int(np.flatnonzero(none & ~idle)[0])
            expected = f"expected some action in every state, found none, as at {spot_of(game, s)}"
            yield f"{here}allowed", player.allowed, expected
        if player.shocks != "0" and player.actions:
            may = (high[len(player.action) :] > 0) & ~idle
            if expected := _unlike(game, player, sizes, may):
                yield f"{here}shocks", player.shocks, expected


def _unlike(game: MarkovGame, player: MarkovPlayer, sizes: Array, may: Bools) -> str:
    """What is expected of the sizes (k, S) of private shocks, if they are unlike it."""
    some = np.where(may, sizes, np.nan)
    wrong = (may & ~(np.isfinite(sizes) & (sizes >= 0))).any(axis=0)
    if wrong.any() or not np.nansum(some) > 0:
        expected = "expected a number above 0"
    elif player.shock_law in ONE_ACTION:
        wrong = (np.nan_to_num(some) > 0).sum(axis=0) > 1
        expected = "expected shocks to one action alone, as in 2 * enter, with such a law"
    else:
        low, high = np.nanmin(some, axis=0, initial=np.inf), np.nanmax(some, axis=0, initial=0)
        wrong = may.any(axis=0) & ~((low > 0) & (high - low <= TOLERANCE * high))
        expected = "expected a number above 0, the same for all actions, with such a law"
    if not wrong.any():
        return "" if np.nansum(some) > 0 else expected
    where = f", as at {spot_of(game, int(np.flatnonzero(wrong)[0]))}" if game.labels else ""
    return expected + where


def _blamed(game: MarkovGame, agent: Agent, symbols: MarkovSymbols) -> str:
    """The formula of an agent's limits that has no values by states alone."""
    player = agent.player
    places = [(f"action.{name}", end) for name, ends in player.action.items() for end in ends]
    for place, text in [*places, ("turn", player.turn)]:
        try:
            over_states(game, agent, symbols, text)
        except (ExpressionError, ValueError):
            return place
    try:
        game.limits(agent, symbols)
    except (ExpressionError, ValueError):
        return "allowed"
    return "shocks"

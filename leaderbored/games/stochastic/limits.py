"""Within which limits players decide, state by state, and choices at which formulas are tried."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.expression import ExpressionError
from leaderbored.games.markov import Array
from leaderbored.games.stochastic.lists import expected, probabilities
from leaderbored.games.stochastic.players import spelled
from leaderbored.games.stochastic.symbols import Agent, MarkovSymbols

if TYPE_CHECKING:
    from leaderbored.games.stochastic.game import MarkovGame

PLAIN = {"inf": np.inf, "+inf": np.inf, "-inf": -np.inf, "0": 0.0, "1": 1.0}


def limits(
    game: MarkovGame, agent: Agent, symbols: MarkovSymbols | None = None
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """See :meth:`leaderbored.MarkovGame.limits`."""
    symbols = symbols or game.symbols
    player = agent.player
    idle = game.ended | (over_states(game, agent, symbols, player.turn) == 0)
    ends = [
        [over_states(game, agent, symbols, end) for end in pair] for pair in player.action.values()
    ]
    allowed = over_actions(game, agent, symbols, player.allowed)
    ends += [[np.zeros(game.size), np.where(may != 0, 1.0, 0.0)] for may in allowed]
    low, high = np.array(ends).reshape(-1, 2, game.size).swapaxes(0, 1)
    return low, high, idle


def over_actions(
    game: MarkovGame, agent: Agent, symbols: MarkovSymbols, text: Any
) -> Iterator[Array]:
    """(S,) values of a formula of states and an agent's own actions, at each action of its list.

    Raises
    ------
    ExpressionError
        If it cannot be read, or names other choices.
    """
    own = probabilities(agent, symbols)
    if text in PLAIN:
        yield from [np.full(game.size, PLAIN[text])] * len(own)
        return
    expression = game.readings.exact(text, agent)
    _alone(text, expression, symbols, own)
    columns = [*symbols.choices.values()]
    places = [columns.index(symbol) for symbol in own]
    for place in places:
        picks = np.zeros(len(columns))
        picks[place] = 1.0
        yield np.asarray(game.evaluate(expression, symbols, None, [*picks]))


def _alone(text: Any, expression: Any, symbols: MarkovSymbols, own: Collection[Any] = ()) -> None:
    """Refuse a formula that names choices, but for an agent's own of a list."""
    if taken := expression.free_symbols & {*symbols.choices.values()} - {*own}:
        named = ", ".join(sorted(map(symbols.called, taken)))
        raise ExpressionError(spelled(text), 0, f"expected states alone, without {named}")


def over_states(
    game: MarkovGame,
    agent: Agent,
    symbols: MarkovSymbols,
    text: Any,
) -> Array:
    """(S,) values of a number, or of a formula of states.

    Raises
    ------
    ExpressionError
        If it cannot be read, or names other choices.
    """
    if not isinstance(text, str) and not callable(text):
        return np.full(game.size, float(text))
    if text in PLAIN:
        return np.full(game.size, PLAIN[text])
    expression = game.readings.exact(text, agent)
    _alone(text, expression, symbols)
    return np.asarray(game.evaluate(expression, symbols))


class Tried:
    """Choices at which formulas are tried: of a game of lists every profile, else a few.

    Attributes
    ----------
    where : (T, S) array of bool
        In which states they may be made.
    """

    def __init__(self, game: MarkovGame) -> None:
        self.game = game
        self._few = [] if game.profiles.few else [*game.trials()]
        live = np.broadcast_to(~game.ended, (len(self._few), game.size))
        self.where = game.profiles.may.T if game.profiles.few else live

    def values(self, text: Any, own: Agent | None) -> Array:
        """(T, S) values of a formula."""
        game = self.game
        reading = game.readings.of(text, own)
        if game.profiles.few:
            return game.profiles.values(reading).T
        mean = game.readings.changed(reading, lambda piece: expected(game, game.symbols, piece))
        found = [game.evaluate(mean, game.symbols, None, choices) for choices in self._few]
        return np.array(found)

    def choices(self, t: int) -> list[Array]:
        """(X, S) what is decided at the t-th of them."""
        if self._few:
            return self._few[t]
        return [np.full(self.game.size, pick) for pick in self.game.profiles.picks[:, t]]


def trials(game: MarkovGame) -> Iterator[list[Array]]:
    """See :meth:`leaderbored.MarkovGame.trials`."""
    every = [(agent, *limits(game, agent)) for agent in game.agents]
    for t in (0.5, 0.0, 1.0):
        choices = []
        for agent, lowest, highest, idle in every:
            reals = len(agent.player.action)
            law = _law(highest[reals:], t)
            ends = lowest[:reals], highest[:reals]
            low = np.where(np.isfinite(ends[0]), ends[0], np.minimum(ends[1], 0.0) - 1.0)
            high = np.where(np.isfinite(ends[1]), ends[1], low + 2.0)
            inner = low + (0.001 + 0.998 * t) * (high - low)
            free = ~idle | (agent.player.turn == "1")
            choices += [np.where(free, row, 0.0) for row in (*inner, *law)]
        yield choices


def _law(may: Array, t: float) -> Array:
    """(k, S) probabilities of actions that may be taken: all alike, the first, or the last."""
    if t == 0.5:
        return np.asarray(may / np.maximum(may.sum(axis=0), 1.0))
    order = may if t == 0 else may[::-1]
    first = (order > 0) & (np.cumsum(order > 0, axis=0) == 1)
    return np.asarray((first if t == 0 else first[::-1]).astype(float))

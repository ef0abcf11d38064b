"""Lists of actions: names, or numbers by name; expectations over them, and private shocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from leaderbored.games.choices import Choices
from leaderbored.text import printed

if TYPE_CHECKING:
    import sympy

    from leaderbored.games.stochastic.game import MarkovGame
    from leaderbored.games.stochastic.symbols import Agent, MarkovSymbols

MAX_ACTIONS = 100
LEAST = 1e-300  # what is added to a probability in its logarithm


def _read(raw: Any) -> Any:
    if isinstance(raw, list | tuple) and not raw:
        return ()
    if isinstance(raw, list | tuple) and all(isinstance(name, str) for name in raw):
        raw = tuple(printed(name) for name in raw)
    found = Choices.of(raw)
    if len(found.names) > MAX_ACTIONS:
        raise ValueError(f"expected at most {MAX_ACTIONS} actions, found {len(found.names):,}")
    return _plain(raw)


def _plain(raw: Any) -> Any:
    if isinstance(raw, Mapping):
        return {name: _plain(part) for name, part in raw.items()}
    return tuple(raw) if isinstance(raw, list | tuple) else raw


Actions = Annotated[
    Any,
    BeforeValidator(_read),
    PlainSerializer(lambda raw: raw),
    WithJsonSchema({"type": ["array", "object"]}),
]


def labels(listed: Choices, raw: Any) -> tuple[str, ...]:
    """What each action is called by itself: a name, or numbers with theirs.

    Examples
    --------
    >>> labels(Choices.of({"p": [0, 1]}), {"p": [0, 1]}), labels(Choices.of(["a", "b"]), ["a", "b"])
    (('p = 0', 'p = 1'), ('a', 'b'))
    """
    if not isinstance(raw, Mapping) and all(isinstance(name, str) for name in raw):
        return listed.names
    names, columns = [*listed.numbers], [*listed.numbers.values()]
    each = [text.split(", ") for text in listed.names]
    assert len(names) == len(columns)
    return tuple(
        ", ".join(f"{name} = {part}" for name, part in zip(names, parts, strict=True))
        for parts in each
    )


def probabilities(agent: Agent, symbols: MarkovSymbols) -> list[Any]:
    """Symbols of the probabilities of an agent's actions."""
    return [symbols.choices[agent.name, name] for name in agent.player.options]


def pure(agent: Agent, symbols: MarkovSymbols, option: int | None) -> dict[Any, Any]:
    """What probabilities are where an agent takes one of its actions, or none."""
    import sympy

    own = probabilities(agent, symbols)
    return {symbol: sympy.Integer(int(k == option)) for k, symbol in enumerate(own)}


def expected(game: MarkovGame, symbols: MarkovSymbols, piece: sympy.Expr) -> sympy.Expr:
    """The expectation of a piece over the actions of those who pick from lists.

    Who is not always to move may also take none of its actions.
    """
    import sympy

    for agent in game.agents:
        own = probabilities(agent, symbols)
        if not own or not piece.free_symbols & set(own):
            continue
        terms = [chance * piece.xreplace(pure(agent, symbols, k)) for k, chance in enumerate(own)]
        if agent.player.turn != "1":
            terms.append((1 - sympy.Add(*own)) * piece.xreplace(pure(agent, symbols, None)))
        piece = sympy.Add(*terms)
    return piece


def worth_of_shocks(game: MarkovGame, agent: Agent, symbols: MarkovSymbols) -> sympy.Expr:
    """What private shocks add to a payoff: what those of the actions that are taken are worth.

    On average, as a formula of the probabilities of choice. Of type I extreme value it is their
    size times the entropy of the choice.

    Raises
    ------
    ValueError
        If it has no such formula: of normal shocks.
    """
    import sympy

    law, least, terms = agent.player.shock_law, sympy.Float(LEAST), []
    size = game.readings.exact(agent.player.shocks, agent)
    for k, chance in enumerate(probabilities(agent, symbols)):
        if law == "normal":
            raise ValueError("normal shocks")
        part = 1 - chance if law == "uniform" else -sympy.log(chance + least)
        terms.append(size.xreplace(pure(agent, symbols, k)) * chance * part)
    return sympy.Add(*terms)

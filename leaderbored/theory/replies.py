"""A user's continuous game by algebra: conditions of best replies, closed forms if there are."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

import leaderbored as lb
from leaderbored.games.continuous import Continuous
from leaderbored.games.expression import read
from leaderbored.games.meanings import Grid
from leaderbored.games.parameters import value_of
from leaderbored.games.scopes import Symbols

SECONDS = 5.0  # that sympy may take to solve
UNKNOWNS, DEGREE = 3, 4  # beyond, solving is hopeless
NEAR = 1e-6  # relative, of a closed form to a numerical equilibrium


@dataclass(frozen=True)
class Condition:
    """What makes one strategy of one player a best reply.

    Attributes
    ----------
    strategy : sympy.Symbol
        Named player.strategy.
    first_order : sympy.Expr
        Marginal payoff: zero inside the bounds.
    second_order : sympy.Expr
        Its derivative in the same strategy: negative, or this is no maximum.
    low, high : float
        Bounds.
    """

    strategy: sp.Symbol
    first_order: sp.Expr
    second_order: sp.Expr
    low: float
    high: float

    @property
    def corners(self) -> tuple[str, ...]:
        """What must hold at a bound instead."""
        ends = (("low", self.low, "<= 0"), ("high", self.high, ">= 0"))
        return tuple(
            f"{self.strategy} = {end:g} if its marginal payoff there is {sign}"
            for _, end, sign in ends
            if abs(end) < float("inf")
        )


@dataclass(frozen=True)
class BestReply:
    """Conditions of equilibrium, closed forms, and the numerical answer.

    Attributes
    ----------
    conditions : tuple of Condition
    closed : tuple of dict of symbol to sympy.Expr
        Interior equilibria in closed form that the numerical solver confirms at the parameters.
    note : str
    solution : Solution
        The numerical answer.
    """

    conditions: tuple[Condition, ...]
    closed: tuple[dict[sp.Symbol, sp.Expr], ...]
    note: str
    solution: Any


class _TimeoutError(Exception):
    pass


def best_reply(game: Continuous) -> BestReply:
    """First-order, second-order and corner conditions; closed forms where algebra finds them.

    Systems that are linear, or polynomial in few unknowns, are solved by sympy within seconds;
    like players are taken to play alike if the full system is too hard.

    Parameters
    ----------
    game : Continuous
        With payoffs that are formulas, and players that are distinguished.

    Returns
    -------
    BestReply

    Raises
    ------
    ValueError
        If a payoff is a function of which no formula is known, or looks up a table, or strategies
        share a total or constraints, or there are too many players to tell apart.

    Examples
    --------
    >>> game = lb.Continuous([lb.Player(n, {"q": [0, 10]}, "(a - sum(q)) * q - c * q",
    ...                       parameters={"c": 1.0}) for n in "AB"], {"a": 10.0})
    >>> found = best_reply(game)
    >>> [str(symbol) for symbol in found.closed[0]], found.note[:17]
    (['A.q', 'B.q'], 'closed form found')
    """
    _readable(game)
    symbols = Symbols.of(game, game.groups)
    names = _names(game, symbols)
    conditions, alike = [], []
    for group in game.groups:
        payoff = read(group.player.payoff, *game.scope(group, game.groups, symbols))
        player = group.player
        if payoff.atoms(AppliedUndef):
            raise ValueError("best_reply: a payoff looks up a table; expected formulas")
        said = (player.strategies, player.parameters, player.let, player.random)
        alike.append((player.payoff, str(said)))
        given = game.given(group.player)
        for name, ends in group.player.strategies.items():
            own = symbols.own[group.name, name]
            slope, bend = sp.diff(payoff, own), sp.diff(payoff, own, 2)
            low, high = (value_of(end, given) for end in ends)
            conditions.append(
                Condition(
                    names[symbols.played[group.name, name]],
                    sp.simplify(slope.xreplace(names)),
                    sp.simplify(bend.xreplace(names)),
                    low,
                    high,
                )
            )
    numbers = _numbers(game, symbols, names)
    solution = lb.solve(game)
    candidates = _interior(conditions, len(set(alike)) == 1)
    closed = tuple(c for c in candidates if _confirmed(c, numbers, solution))
    if closed:
        note = "closed form found; the numerical solver confirms it at these parameters"
    else:
        note = "no closed form found; numeric answer follows"
    return BestReply(tuple(conditions), closed, note, solution)


def _readable(game: Continuous) -> None:
    if any(callable(player.payoff) for player in game.players):
        raise ValueError("best_reply: a payoff is a function; expected formulas")
    if game.constraints or any(player.total is not None for player in game.players):
        raise ValueError("best_reply: expected no totals and no shared constraints")
    if any(own for player in game.players for own in game.values(player)):
        raise ValueError("best_reply: expected strategies that are real numbers")
    if any(game.own_constraints(player) for player in game.players):
        raise ValueError("best_reply: expected no constraints, and bounds that nobody sets")
    if any(group.count > 1 for group in game.groups):
        raise ValueError("best_reply: too many like players; expected at most 12")


def _names(game: Continuous, symbols: Symbols) -> dict[Any, sp.Symbol]:
    """Readable symbols: player.strategy, and parameters, those of a player as player.name."""
    names: dict[Any, sp.Symbol] = {}
    for (group, name), meant in symbols.played.items():
        names[meant] = names[symbols.own[group, name]] = sp.Symbol(f"{group}.{name}", real=True)
    for meant, (owner, name) in symbols.numbers.items():
        if not isinstance(meant, Grid):
            text = name if owner is None else f"{owner}.{name}"
            names[meant] = sp.Symbol(text, positive=True)
    return names


def _numbers(
    game: Continuous, symbols: Symbols, names: dict[Any, sp.Symbol]
) -> dict[sp.Symbol, float]:
    values: dict[sp.Symbol, float] = {}
    pairs = zip(symbols.numbers.items(), symbols.values(game, game.groups), strict=True)
    for (meant, (_, name)), value in pairs:
        if not isinstance(meant, Grid):
            values[names[meant]] = float(value)
            values.setdefault(sp.Symbol(name, positive=True), float(value))
    return values


def _interior(conditions: Sequence[Condition], alike: bool) -> list[dict[sp.Symbol, sp.Expr]]:
    """Roots of all first-order conditions at once; of one for all, if players are alike."""
    unknowns = [condition.strategy for condition in conditions]
    tops = [sp.numer(sp.together(condition.first_order)) for condition in conditions]
    found = _roots(tops, unknowns)
    if not found and alike and len({u.name.rpartition(".")[2] for u in unknowns}) == 1:
        x = sp.Symbol("x", positive=True)
        same = sp.numer(sp.together(_of_anyone(conditions[0]).subs(dict.fromkeys(unknowns, x))))
        found = [dict.fromkeys(unknowns, root[x]) for root in _roots([same], [x])]
    return found


def _of_anyone(condition: Condition) -> sp.Expr:
    """The first-order condition with parameters that all players share, as like players do."""
    slope, whose = condition.first_order, condition.strategy.name.rpartition(".")[0]
    own = [s for s in slope.free_symbols if s.is_positive and s.name.startswith(f"{whose}.")]
    return slope.subs({s: sp.Symbol(s.name.rpartition(".")[2], positive=True) for s in own})


def _roots(tops: list[sp.Expr], unknowns: list[sp.Symbol]) -> list[dict[sp.Symbol, sp.Expr]]:
    if not all(top.is_polynomial(*unknowns) for top in tops):
        return []
    degree = max(sp.Poly(top, *unknowns).total_degree() for top in tops)
    if degree > 1 and (len(unknowns) > UNKNOWNS or degree > DEGREE):
        return []
    try:
        with _deadline(SECONDS):
            return list(sp.solve(tops, unknowns, dict=True))
    except (_TimeoutError, NotImplementedError):
        return []


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Give up after some seconds; where no alarm can be set, do not even try."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        raise _TimeoutError

    def ring(*_: object) -> None:
        raise _TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _confirmed(
    form: dict[sp.Symbol, sp.Expr], numbers: dict[sp.Symbol, float], solution: Any
) -> bool:
    """Whether a closed form is one of the equilibria that the solver found."""
    for equilibrium in solution.equilibria:
        near = []
        for symbol, expression in form.items():
            player, _, name = symbol.name.rpartition(".")
            value = sp.N(expression.subs(numbers))
            here = float(_played(solution.game, equilibrium, player, name))
            near.append(value.is_real and abs(float(value) - here) <= NEAR * max(abs(here), 1e-3))
        if near and all(near):
            return True
    return False


def _played(game: Continuous, equilibrium: Any, player: str, name: str) -> float:
    group = next(group for group in game.groups if group.name == player)
    place = list(group.player.strategies).index(name)
    return float(equilibrium.strategies[player][place])

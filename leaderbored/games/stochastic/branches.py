"""Where events lead: one way, or, if what is decided moves the state, ways with weights.

A formula of ``next`` that names actions may lead between two points of the grid; then the nearer of
them is reached with the larger chance, so that the mean is what the formula says, as if values were
linear in between. At the ends of its range the state stops. Such formulas take the states at the
start of the period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.stochastic.lists import pure
from leaderbored.games.stochastic.symbols import Happening, MarkovSymbols

if TYPE_CHECKING:
    from leaderbored.games.stochastic.game import MarkovGame

MAX_PROFILES = 4_096  # of actions of lists, to look where each leads
WHOLE = 1e-9  # distance from a whole number that is none
Axis = tuple[str | None, str]
Displacing = list[tuple[int, Callable[[Array], Array]]]


class Motion(NamedTuple):
    """How real actions move a state: the number of the event, the state, and the formula."""

    happening: int
    axis: Axis
    formula: Any


@dataclass(frozen=True)
class Branch:
    """One way in which an event may come out.

    Attributes
    ----------
    happening : int
        Number of the event among all.
    moves : tuple of (axis, relative, number)
        What the actions decide: a state moves to a number, or by it.
    weight : expression
        The share of the event's chance that leads there.
    """

    happening: int
    moves: tuple[tuple[Axis, bool, int], ...]
    weight: Any


def branches_of(game: MarkovGame, number: int, symbols: MarkovSymbols) -> list[Branch]:
    """The ways in which an event may come out; one if its formulas name no actions."""
    from sympy import Integer, Mul

    every = []
    for axis, formula in steered(game, game.happenings[number], symbols):
        ways = _listed(game, axis, formula, symbols) or _anywhere(game, axis, formula)
        every.append([(axis, *way) for way in ways])
    found = []
    for together in product(*every):
        moves = tuple((axis, relative, to) for axis, relative, to, _ in together)
        found.append(Branch(number, moves, Mul(Integer(1), *(weight for *_, weight in together))))
    return found


def steered(
    game: MarkovGame, happening: Happening, symbols: MarkovSymbols
) -> Iterator[tuple[Axis, Any]]:
    """The states that an event changes by formulas that name actions, with these."""
    for name, text in happening.event.next.items():
        for agent in game.movers(happening, name):
            if not game.readings.of(text, agent).names & symbols.decided:
                continue
            formula = game.readings.exact(text, agent)
            if formula.free_symbols & symbols.decided:
                owner = None if (None, name) in game.axes or agent is None else agent.name
                yield (owner, name), formula


def _anywhere(game: MarkovGame, axis: Axis, formula: Any) -> list[tuple[bool, int, Any]]:
    """Every number of a range, with its weight: what lies at most one from it, the nearer the more.

    Written with one kink at each number.
    """
    from sympy import Integer, Max

    low, high = game.axes[axis]
    above = {k: Max(Integer(0), formula - k) for k in range(low, high + 1)}
    found = []
    for k in range(low, high + 1):
        up = above[k - 1] - above[k] if k > low else Integer(1)
        down = above[k] - above[k + 1] if k < high else Integer(0)
        found.append((False, k, up - down))
    return found


def _listed(
    game: MarkovGame, axis: Axis, formula: Any, symbols: MarkovSymbols
) -> list[tuple[bool, int, Any]]:
    """Where lists of actions lead, in steps from where the state is if these are few; else none."""
    from sympy import Abs, Integer, Max, Min

    named, numbers = formula.free_symbols, set(symbols.numbers)
    owners = [
        a for a in game.agents if named & {symbols.choices[a.name, c] for c in a.player.choices}
    ]
    reals = {symbols.choices[a.name, name] for a in owners for name in a.player.action}
    profiles = 1
    for agent in owners:
        profiles *= len(agent.player.options) + 1
    if named & (reals | numbers) or profiles > MAX_PROFILES:
        return []  # a number that is changed later may lead elsewhere
    low, high = game.axes[axis]
    here = game.grid[:, list(game.axes).index(axis)]
    steps: set[int] = set()
    each = [[pure(a, symbols, k) for k in (None, *range(len(a.player.options)))] for a in owners]
    for profile in product(*each):
        known = {symbol: value for part in profile for symbol, value in part.items()}
        to = np.clip(game.evaluate(formula.xreplace(known), symbols), low, high)
        if not np.isfinite(to).all():
            return []
        to = np.where(np.abs(to - np.rint(to)) < WHOLE, np.rint(to), to)
        steps |= {*(np.floor(to) - here).astype(int).tolist()}
        steps |= {*(np.ceil(to) - here).astype(int).tolist()}
    if len(steps) > high - low:
        return []
    columns = list(symbols.states.items())
    state = next(symbol for which, symbol in columns if which == axis)
    stopped = Min(Max(formula, Integer(low)), Integer(high))
    return [
        (True, step, Max(Integer(0), 1 - Abs(stopped - state - step))) for step in sorted(steps)
    ]


def displacing(game: MarkovGame, happening: Happening) -> Displacing:
    """The columns of states that an event changes whatever is decided, and what they become."""
    found: Displacing = []
    columns = list(game.axes)
    for name, text in happening.event.next.items():
        for agent in game.movers(happening, name):
            owner = agent.name if agent and (None, name) not in game.axes else None
            if (owner, name) not in game.steered[happening]:
                found.append((columns.index((owner, name)), game.of_states(text, agent)))
    return found


def moved(game: MarkovGame, happening: Happening, points: Array) -> Array:
    """(S, D) where an event leads from given states, before they stop at their ends.

    States that it changes by formulas that name actions stay as they are.
    """
    found = np.array(points, dtype=float)
    for column, function in game.displacing[happening]:
        found[:, column] = function(np.asarray(points, dtype=float))
    return found


def destination(game: MarkovGame, branches: list[Branch], start: Array | None = None) -> Array:
    """(S, D) points to which branches of several events lead together, the earlier event first.

    From ``start``, to which events before them have led, or from the states.
    """
    grid = game.grid.astype(float)
    points, columns = grid if start is None else start, list(game.axes)
    for branch in sorted(branches, key=lambda branch: branch.happening):
        points = moved(game, game.happenings[branch.happening], points)
        for axis, relative, number in branch.moves:
            k = columns.index(axis)
            points[:, k] = grid[:, k] + number if relative else number
    return points

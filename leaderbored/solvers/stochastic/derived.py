r"""The stage game of a Markov game, derived by sympy and compiled to numpy for all states.

In state s player i faces :math:`U_i = \pi_i(s, x) + \sum_c q_c(s, x)\, \Delta_{ic}`: its payoff,
and for each outcome c the hazard or chance that it comes times what it is worth. The pieces
:math:`\pi_i, q_1, q_2, \dots` and their first and second derivatives in what players decide are
all that solvers need. A list of actions is a probability for each, and the pieces are expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.compile import compile_rows
from leaderbored.games.markov import Array, States
from leaderbored.games.parameters import shape_of
from leaderbored.games.stochastic import MarkovGame
from leaderbored.games.stochastic.lists import expected, worth_of_shocks
from leaderbored.late import late
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.kinks import Kinks, derivatives, steps
from leaderbored.solvers.stochastic.stage import Places, Stage
from leaderbored.solvers.stochastic.together import Step, chances, rates, together

if TYPE_CHECKING:
    import sympy
else:
    sympy = late("sympy")

Function = Callable[..., list[Any]]


@dataclass(frozen=True, eq=False)
class Derived(Stage):
    """A stage whose pieces and their derivatives are formulas, derived and compiled."""

    code: _Code

    @classmethod
    def of(cls, game: MarkovGame, apart: bool = False) -> Derived:
        """Derive and compile the stage of a game.

        If ``apart``, the pieces after the payoff are hazards or chances of events, and after these
        the formulas by which real actions move states, in place of outcomes.

        Examples
        --------
        >>> from leaderbored.games.stochastic import Event, MarkovPlayer
        >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
        ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
        >>> stage = Derived.of(MarkovGame([lab], discount=0.1, states={"d": (0, 1)}))
        >>> stage.values(np.array([[0.25, 1.0]]))[0].tolist()
        [[0.75, 0.0], [0.5, 1.0]]
        """
        happens = None if apart else together(game)
        code = _compiled(_Text.of(game, happens and happens.steps))
        owner, symbols = np.array(code.owner, dtype=int), game.symbols
        there = np.zeros((len(code.kept), game.size), dtype=np.int64)
        if happens:
            there = happens.destination[code.kept]
        return cls(game, owner, there, symbols.values, symbols, code)

    @property
    def places(self) -> Places:
        """What the entries of derivatives are."""
        return self.code.places

    def at(self, numbers: Array) -> Derived:
        """The same stage at other values of parameters and tables."""
        return replace(self, numbers=numbers)

    def finals(self) -> Array:
        """(N, S) what each agent gets where the game ends."""
        nothing = np.zeros((len(self.choices), self.game.size))
        return self._called(self.code.final, nothing, None, None)

    def values(
        self, x: Array, weight: Array | None = None, at: States | None = None
    ) -> list[Array]:
        """For each agent (1 + C, S) values of the pieces at choices (X, S).

        ``weight`` (K, S) are multipliers of kinks; without, formulas are taken as they are. Here
        and below ``at`` (B,) has the numbers of other states than all S in order.
        """
        function = self.code.plain if weight is None else self.code.smooth
        found = self._called(function, x, weight, at)
        return list(found.reshape(len(self.game.agents), 1 + self.outcomes, -1))

    def first(self, x: Array, weight: Array, at: States | None = None) -> Array:
        """(entries, S) derivatives of pieces, in the order of ``places.first``."""
        return self._called(self.code.first, x, weight, at)

    def second(self, x: Array, weight: Array, at: States | None = None) -> Array:
        """(entries, S) second derivatives, in the order of ``places.second``."""
        return self._called(self.code.second, x, weight, at)

    def gaps(self, x: Array, weight: Array, at: States | None = None) -> tuple[Array, Array]:
        """(K, S) F of the multipliers, and their derivatives at ``places.gaps``."""
        slopes = self._called(self.code.gap_slopes, x, weight, at)
        return self._called(self.code.gaps, x, weight, at), slopes

    def _called(
        self, function: Function, x: Array, weight: Array | None, at: States | None
    ) -> Array:
        points = self._points if at is None else self._points[:, at]
        with np.errstate(all="ignore"):
            found = function(*points, *self.arguments, *x, *([] if weight is None else weight))
        return _rows(found, points.shape[1])

    @cached_property
    def arguments(self) -> list[Any]:
        """Values of parameters and tables, in the order of their symbols."""
        return self.symbols.arguments(self.numbers)

    @cached_property
    def _points(self) -> Array:
        """(D + F, S) states, and what formulas make of them whatever is chosen."""
        states = self.game.grid.T.astype(float)
        with np.errstate(all="ignore"):
            found = self.code.fixed(*states, *self.arguments)
        return np.concatenate([states, _rows(found, self.game.size)])


def _rows(found: Sequence[Any], size: int) -> Array:
    out = np.empty((len(found), size))
    for row, value in zip(out, found, strict=True):
        row[:] = value
    return out


class Formulas(NamedTuple):
    """The expressions that are compiled, by what they are, and the symbols they are made of.

    ``fixed`` is what the symbols stand for that are no states, numbers, choices or multipliers.
    """

    parts: dict[str, list[sympy.Basic]]
    fixed: dict[sympy.Expr, sympy.Symbol]
    states: list[sympy.Symbol]
    numbers: list[Any]
    choices: list[sympy.Symbol]
    kinks: list[sympy.Symbol]


@dataclass(frozen=True)
class _Code:
    """Compiled functions; places say what their results are.

    ``fixed`` is of states and parameters alone, and its results are given to the others;
    ``kept``: outcomes that can come about.

    """

    fixed: Function
    final: Function
    plain: Function
    smooth: Function
    first: Function
    second: Function
    gaps: Function
    gap_slopes: Function
    owner: list[int]
    kept: list[int]
    places: Places
    formulas: Formulas


@dataclass(frozen=True)
class _Text:
    """What a game's formulas are made of; games that differ in numbers alone share it."""

    key: tuple[Any, ...]
    game: MarkovGame
    steps: tuple[Step, ...] | None

    @classmethod
    def of(cls, game: MarkovGame, steps: tuple[Step, ...] | None) -> _Text:
        """Of a game, and how outcomes are put together, or None if their parts are apart."""
        agents = tuple(
            (
                agent.name,
                agent.player.payoff,
                agent.player.end,
                agent.player.choices,
                agent.player.listed and tuple(agent.player.listed.numbers.items()),
                agent.player.turn,
                (agent.player.shocks, agent.player.shock_law),
                shape_of(agent.player),
            )
            for agent in game.agents
        )
        events = tuple(
            (
                happening.agent and happening.agent.name,
                happening.event.hazard,
                happening.event.chance,
                happening.event.group,
            )
            for happening in game.happenings
        )
        tables = tuple((name, table.shape) for name, table in game.tables.items())
        ways: tuple[Any, ...] = tuple(game.motions)
        if steps is not None:
            ways = tuple(
                (branch.happening, branch.moves, branch.weight) for branch in game.branches
            )
        axes = tuple(game.axes)
        key = (agents, events, game.time, axes, shape_of(game), tables, ways, steps)
        return cls(key, game, steps)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Text) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=32)
def _compiled(text: _Text) -> _Code:
    game = text.game
    symbols = game.symbols
    owned = {
        axis: i
        for i, agent in enumerate(game.agents)
        for axis in ((agent.name, name) for name in agent.player.choices)
    }
    if text.steps is None:
        weights = [*rates(game), *(motion.formula for motion in game.motions)]
        kept = [*range(len(weights))]
    else:
        weights = [expected(game, symbols, weight) for weight in chances(game, text.steps)]
        kept = [c for c, weight in enumerate(weights) if weight != 0]
        weights = [weights[c] for c in kept]
    kinks = Kinks(set(symbols.choices.values()))
    final, plain, smooth = [], [], []
    for i, agent in enumerate(game.agents):
        final.append(game.readings.exact(agent.player.end, agent))
        payoff = game.readings.exact(agent.player.payoff, agent)
        pieces = [expected(game, symbols, payoff), *weights]
        if agent.player.shocks != "0":
            pieces[0] += worth_of_shocks(game, agent, symbols)
        plain += pieces
        smooth += kinks.smooth_all(pieces, i)
    unknowns = [*symbols.choices.values(), *kinks.symbols]
    count = 1 + len(weights)
    first = [
        (row // count, row % count, column, slope)
        for row, column, slope in derivatives(smooth, unknowns)
    ]
    choices = list(owned.values())
    mine = [(i, c, k, slope) for i, c, k, slope in first if k < len(choices) and choices[k] == i]
    second = [
        (*mine[row][:3], column, slope)
        for row, column, slope in derivatives([slope for *_, slope in mine], unknowns)
    ]
    gaps = derivatives(kinks.gaps, unknowns)

    states, numbers = list(symbols.states.values()), symbols.numbers
    fixed = _Fixed(set(unknowns))
    parts = {
        "final": final,
        "plain": plain,
        "smooth": smooth,
        "first": [row[-1] for row in first],
        "second": [row[-1] for row in second],
        "gaps": kinks.gaps,
        "gap_slopes": [row[-1] for row in gaps],
    }
    parts = {name: [fixed.taken_out(part) for part in rows] for name, rows in parts.items()}

    def build(rows: Sequence[sympy.Expr], names: Sequence[sympy.Symbol]) -> Function:
        checkpoint()
        return compile_rows(rows, names)

    def names(part: str) -> list[sympy.Symbol]:
        given = [*states, *fixed.symbols, *numbers, *symbols.choices.values()]
        return given if part in ("final", "plain") else [*given, *kinks.symbols]

    def places(rows: Sequence[tuple[Any, ...]], width: int) -> NDArray[np.int_]:
        return np.array([row[:-1] for row in rows], dtype=int).reshape(-1, width)

    return _Code(
        fixed=build(list(fixed.known), [*states, *numbers]),
        **{name: build(rows, names(name)) for name, rows in parts.items()},
        owner=kinks.owner,
        kept=kept,
        places=Places(
            first=places(first, 3),
            second=places(second, 4),
            gaps=places(gaps, 2),
            jumps=any(steps(piece, {*symbols.choices.values()}) for piece in plain),
        ),
        formulas=Formulas(
            parts, fixed.known, states, numbers, [*symbols.choices.values()], kinks.symbols
        ),
    )


class _Fixed:
    """Takes out of formulas whatever does not depend on choices, to be worked out once."""

    def __init__(self, chosen: set[sympy.Symbol]) -> None:
        self.chosen = chosen
        self.known: dict[sympy.Expr, sympy.Symbol] = {}
        self.seen: dict[sympy.Basic, sympy.Basic] = {}

    @property
    def symbols(self) -> list[sympy.Symbol]:
        return list(self.known.values())

    def taken_out(self, part: sympy.Basic) -> sympy.Basic:
        """The same formula, each part that comes again looked at once."""
        if part not in self.seen:
            self.seen[part] = self._taken_out(part)
        return self.seen[part]

    def _taken_out(self, part: sympy.Basic) -> sympy.Basic:
        checkpoint()
        if not part.free_symbols & self.chosen:
            if part.is_Atom or part.is_number or not isinstance(part, sympy.Expr):
                return part
            return self.known.setdefault(part, sympy.Symbol(f"fixed_{len(self.known)}", real=True))
        if isinstance(part, sympy.Add | sympy.Mul):
            free, bound = part.as_independent(*self.chosen, as_Add=part.is_Add)
            if bound.args and free not in (0, 1):
                return part.func(self.taken_out(free), self.taken_out(bound))
        return part.func(*map(self.taken_out, part.args)) if part.args else part

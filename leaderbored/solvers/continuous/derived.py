"""What a continuous game's complementarity problem is made of: derived by sympy, compiled once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from leaderbored.games.compile import compile_rows
from leaderbored.games.continuous import Continuous, Player
from leaderbored.games.expression import equates, read, read_relation
from leaderbored.games.parameters import shape_of
from leaderbored.games.scopes import Group, Symbols
from leaderbored.late import late
from leaderbored.solvers.kinks import Kinks, derivatives, steps

if TYPE_CHECKING:
    import sympy
else:
    sympy = late("sympy")

Function = Callable[..., list[Any]]
MANY = 12  # payoffs of more players are compiled with numbers as arguments


class _Member(NamedTuple):
    """What of a group its formulas are made of; numbers aside."""

    name: str
    copies: int
    strategies: tuple[str, ...]
    known: tuple[Any, ...]
    payoff: str | None
    total: bool
    constraints: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """What a game's formulas are made of; games that differ in numbers alone share it."""

    members: tuple[_Member, ...]
    known: tuple[Any, ...]
    constraints: tuple[str, ...]
    game: Continuous = field(compare=False)

    @classmethod
    def of(cls, game: Continuous) -> Shape:
        """That of a game."""
        members = tuple(
            _Member(
                group.name,
                group.count,
                tuple(group.player.strategies),
                shape_of(group.player),
                None if callable(group.player.payoff) else group.player.payoff,
                group.player.total is not None,
                tuple(game.own_constraints(group.player)),
            )
            for group in game.groups
        )
        return cls(members, shape_of(game), game.constraints, game)


class Formulas(NamedTuple):
    """F of every unknown, (row, column, derivative), payoffs, and the symbols they are made of."""

    rows: list[sympy.Expr]
    slopes: list[tuple[int, int, sympy.Expr]]
    payoffs: list[sympy.Expr]
    chosen: list[sympy.Symbol]
    unknowns: list[sympy.Symbol]
    parameters: list[Any]


@dataclass(frozen=True)
class Compiled:
    """Functions of (own choices, unknowns, parameters); places are (row, column).

    ``affine``: F is linear; ``jumps``: ``floor`` is taken of what is decided; ``breaks``: of each
    group the gaps that are zero where a condition of its payoff changes or ``floor`` steps, and the
    payoff may jump;
    ``equal``, ``equal_own``: which constraints, shared and of each group, are equations;
    ``moving``: bounds of groups that others set: which strategy, 0 or 1 for its lower or upper
    one, and what.
    """

    residual: Function
    own: Function
    own_places: list[tuple[int, int]]
    rest: Function
    rest_places: list[tuple[int, int]]
    payoffs: list[Function]
    slacks: list[list[Function]]
    kinks: int
    kink_owner: list[int]
    shared: int
    equal: list[bool]
    equal_own: list[list[bool]]
    moving: list[tuple[int, list[tuple[int, int, Function]]]]
    numeric: list[int]
    affine: bool
    jumps: bool
    breaks: list[list[Function]]
    symbols: Symbols
    formulas: Formulas


@lru_cache(maxsize=64)
def compiled(shape: Shape) -> Compiled:
    """Derive the problem by sympy and compile it to numpy."""
    game, groups = shape.game, shape.game.groups
    symbols = Symbols.of(game, groups)
    own, played = symbols.own, symbols.played
    kinks = Kinks()
    payoffs, smooth, slacks, moving = [], [], [], []
    for g, group in enumerate(groups):
        scope = game.scope(group, groups, symbols)
        text = group.player.payoff
        payoffs.append(sympy.Integer(0) if callable(text) else read(text, *scope))
        smooth.append(kinks.smooth(payoffs[-1], g))
        texts = [*game.constraints, *game.own_constraints(group.player)]
        slacks.append([read_relation(text, *scope) for text in texts])
        moving.append((g, _moving(game, group.player, scope)))
    pinned = [g for g, group in enumerate(groups) if group.player.total is not None]
    level = {g: sympy.Dummy(f"nu{g}", real=True) for g in pinned}
    shared = len(game.constraints)
    price = [sympy.Dummy(f"mu{k}", real=True) for k in range(shared)]
    alone = [
        [sympy.Dummy(f"eta{g}", real=True) for _ in own[shared:]] for g, own in enumerate(slacks)
    ]
    f: list[sympy.Expr] = []
    for g, group in enumerate(groups):
        for strategy in group.player.strategies:
            x = own[group.name, strategy]
            prices = zip([*price, *alone[g]], slacks[g], strict=True)
            worth = smooth[g] + sum(m * slack for m, slack in prices)
            f.append(-sympy.diff(worth, x) - level.get(g, 0))
    f += kinks.gaps
    f += [sum(own[groups[g].name, s] for s in groups[g].player.strategies) for g in pinned]
    f += [slack for own_slacks in slacks for slack in own_slacks[shared:]]
    f += slacks[0][:shared]
    chosen, others = list(own.values()), list(played.values())
    unknowns = [*others, *kinks.symbols, *level.values(), *itertools.chain(*alone), *price]
    parameters = [*symbols.numbers]
    arguments = [*chosen, *unknowns, *parameters]
    mine, rest = derivatives(f, chosen), derivatives(f, unknowns)
    plain = [*chosen, *others, *parameters]
    jumps = any(steps(part, {*chosen, *others}) for part in (*payoffs, *itertools.chain(*slacks)))

    def build(parts: Sequence[sympy.Expr], names: list[sympy.Symbol]) -> Function:
        return compile_rows(parts, names)

    return Compiled(
        residual=build(f, arguments),
        own=build([value for *_, value in mine], arguments),
        own_places=[(row, column) for row, column, _ in mine],
        rest=build([value for *_, value in rest], arguments),
        rest_places=[(row, column) for row, column, _ in rest],
        payoffs=_each(payoffs, plain, [_places(symbols, group) for group in groups]),
        slacks=[[build([slack], plain) for slack in own_slacks] for own_slacks in slacks],
        kinks=len(kinks.symbols),
        kink_owner=kinks.owner,
        shared=shared,
        equal=[equates(text) for text in game.constraints],
        equal_own=[
            [equates(text) for text in game.own_constraints(group.player)] for group in groups
        ],
        moving=[
            (g, [(k, side, build([bound], plain)) for k, side, bound in those])
            for g, those in moving
            if those
        ],
        numeric=[g for g, group in enumerate(groups) if callable(group.player.payoff)],
        affine=not kinks.symbols
        and not jumps
        and not any(callable(group.player.payoff) for group in groups)
        and not any(value.free_symbols & {*chosen, *unknowns} for *_, value in [*mine, *rest]),
        jumps=jumps,
        breaks=[[build([gap], plain) for gap in _gaps(payoff)] for payoff in payoffs],
        symbols=symbols,
        formulas=Formulas(f, [*mine, *rest], payoffs, chosen, unknowns, parameters),
    )


def _places(symbols: Symbols, group: Group) -> list[sympy.Symbol]:
    """What is a group's own in formulas: its strategies, decided and played, and its parameters."""
    theirs = [(group.name, strategy) for strategy in group.player.strategies]
    decided, played = ([table[at] for at in theirs] for table in (symbols.own, symbols.played))
    return [
        *decided,
        *played,
        *(s for s, (owner, _) in symbols.numbers.items() if owner == group.name),
    ]


def _each(
    payoffs: Sequence[sympy.Expr], names: list[sympy.Symbol], places: Sequence[list[sympy.Symbol]]
) -> list[Function]:
    """Each player's payoff compiled; those that differ only in whose they are, once.

    Of many players those that differ in a number besides, as of costs, are compiled once, too.
    """
    found, at = list[Function](), {name: k for k, name in enumerate(names)}
    first: dict[Any, list[tuple[int, sympy.Expr, Function]]] = {}  # by numbers, or how many
    for g, payoff in enumerate(payoffs):
        numbers, bare = _numberless(payoff) if len(payoffs) > MANY else ([], payoff)
        symbols = [_number(k) for k in range(len(numbers))]
        like = first.setdefault((len(numbers), frozenset(bare.atoms(sympy.Number))), [])
        for r, other, function in like:
            pairs = [*zip(places[r], places[g], strict=False)]
            swap = dict(pairs) | {there: here for here, there in pairs}
            if len(places[r]) == len(places[g]) and other.xreplace(swap) == bare:
                found.append(_swapped(function, [at[swap.get(name, name)] for name in names]))
                break
        else:
            function = compile_rows([bare], [*names, *symbols])
            like.append((g, bare, function))
            found.append(function)
        if numbers:
            found[g] = _at_numbers(found[g], [float(number) for number in numbers])
    return found


@lru_cache(maxsize=32)
def _number(k: int) -> sympy.Symbol:
    """Stands for the k-th number of a payoff, whosever it is."""
    return sympy.Dummy(f"n{k}", real=True)


def _numberless(payoff: sympy.Expr) -> tuple[list[sympy.Number], sympy.Expr]:
    """The broken numbers and the places of tables in a payoff, and it with what stands for them."""
    from sympy.core.function import AppliedUndef

    numbers, instead = list[sympy.Number](), dict[sympy.Expr, sympy.Expr]()
    for entry in sorted(payoff.atoms(AppliedUndef), key=str):
        if all(place.is_Integer for place in entry.args):
            first, numbers = len(numbers), [*numbers, *entry.args]
            instead[entry] = entry.func(*map(_number, range(first, len(numbers))))
    for number in sorted(part for part in payoff.atoms(sympy.Number) if not part.is_Integer):
        instead[number] = _number(len(numbers))
        numbers.append(number)
    return numbers, payoff.xreplace(instead)


def _at_numbers(function: Function, numbers: list[float]) -> Function:
    return lambda *values: function(*values, *(np.full(np.shape(values[0]), n) for n in numbers))


def _swapped(function: Function, order: list[int]) -> Function:
    count = len(order)
    return lambda *values: function(*(values[k] for k in order), *values[count:])


def _gaps(payoff: sympy.Expr) -> list[sympy.Expr]:
    """What is zero where a condition of a payoff changes, or ``floor`` jumps."""
    from leaderbored.games.functions import Floor  # brings sympy

    conditions = sorted(payoff.atoms(sympy.core.relational.Relational), key=str)
    steps = sorted((part.args[0] for part in payoff.atoms(Floor)), key=str)
    half = sympy.Rational(1, 2)
    return [
        *(condition.lhs - condition.rhs for condition in conditions),
        *(whole - Floor(whole + half) for whole in steps),
    ]


def _moving(game: Continuous, player: Player, scope: Any) -> list[tuple[int, int, sympy.Expr]]:
    """The bounds of a player that what is played sets."""
    return [
        (k, side, read(ends[side], *scope))
        for k, (ends, known) in enumerate(
            zip(player.strategies.values(), game.bounds(player), strict=True)
        )
        for side in (0, 1)
        if isinstance(ends[side], str)
        and not np.isfinite(known[side])
        and ends[side].strip("+-") != "inf"
    ]

"""What a continuous game's complementarity problem is made of: derived by sympy, compiled once."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from leaderbored.games.continuous import Continuous, Player
from leaderbored.games.expression import equates, read, read_relation
from leaderbored.games.parameters import shape_of
from leaderbored.games.scopes import MANY, Group, Symbols
from leaderbored.late import late
from leaderbored.solvers.continuous.together import Alike, Each, Named, Rows
from leaderbored.solvers.kinks import Kinks, derivatives, steps

if TYPE_CHECKING:
    import sympy
else:
    sympy = late("sympy")

Function = Rows | Each
Rowwise = Mapping[int, Sequence[Any]]  # F of each first player, by what it decides


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


class Slopes(NamedTuple):
    """Derivatives that are not zero: where they are, what they are, and as one function."""

    places: list[tuple[int, int]]
    formulas: list[Named]
    function: Function

    @classmethod
    def of(cls, f: Sequence[sympy.Expr], by: Sequence[Any], names: Sequence[Any]) -> Slopes:
        """Derivatives of F in some unknowns, in terms of names."""
        found = derivatives(f, by)
        formulas = [slope for *_, slope in found]
        places = [(row, column) for row, column, _ in found]
        return cls(places, [*map(Named, formulas)], Rows.of(formulas, names))

    @classmethod
    def alike(cls, players: Alike, f: Rowwise, by: Sequence[Any], names: Sequence[Any]) -> Slopes:
        """The same, of F of players in order who are alike."""
        found = {
            r: [(j, by[k], slope) for j, k, slope in derivatives(own, by)] for r, own in f.items()
        }
        rows = {r: [slope for *_, slope in some] for r, some in found.items()}
        at, places, formulas, first = {x: k for k, x in enumerate(by)}, [], [], 0
        for r, mine in zip(players.first, players.names, strict=True):
            places += [(first + j, at[mine.get(x, x)]) for j, x, _ in found[r]]
            formulas += [Named(slope, mine) for slope in rows[r]]
            first += len(f[r])
        return cls(places, formulas, Each.of(players.compiled(rows, names)))

    def items(self) -> Iterator[tuple[tuple[int, int], Named]]:
        """Place and derivative of each."""
        return zip(self.places, self.formulas, strict=True)

    def hang(self, variables: set[sympy.Symbol], rows: Collection[int] | None = None) -> bool:
        """Whether any, or any in some rows, depends on some of these."""
        return any(
            slope.symbols & variables
            for (row, _), slope in self.items()
            if rows is None or row in rows
        )


class Formulas(NamedTuple):
    """F of every unknown, payoffs, and the symbols they are made of.

    ``totals``: what symbols of totals stand for, in terms of what is played.
    """

    rows: list[Named]
    payoffs: list[sympy.Expr]
    chosen: list[sympy.Symbol]
    unknowns: list[sympy.Symbol]
    parameters: list[Any]
    totals: list[tuple[sympy.Symbol, sympy.Expr]]
    alike: Alike


@dataclass(frozen=True)
class Compiled:
    """Functions of (own choices, unknowns, parameters, totals); places are (row, column).

    ``own``, ``rest``, ``by_totals``: derivatives of F in a player's own choices, in unknowns with
    totals held, and in totals; ``of_totals``: those of totals in unknowns.
    ``affine``: F is linear; ``jumps``: ``floor`` is taken of what is decided; ``breaks``: of each
    group the gaps that are zero where a condition of its payoff changes or ``floor`` steps, and the
    payoff may jump;
    ``equal``, ``equal_own``: which constraints, shared and of each group, are equations;
    ``moving``: bounds of groups that others set: which strategy, 0 or 1 for its lower or upper
    one, and what.

    Payoffs, slacks, breaks, bounds and totals are functions of strategies without multipliers.
    """

    residual: Function
    own: Slopes
    rest: Slopes
    by_totals: Slopes
    of_totals: Slopes
    totals: Function
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
    symbols = Symbols.of(game, groups, MANY)
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
    chosen, others = list(own.values()), list(played.values())
    unknowns = [*others, *kinks.symbols, *level.values(), *itertools.chain(*alone), *price]
    parameters, totals = [*symbols.numbers], symbols.sums.totals() if symbols.sums else []
    held = [symbol for symbol, _ in totals]
    arguments = [*chosen, *unknowns, *parameters, *held]
    plain = [*chosen, *others, *parameters, *held]
    alike = Alike.of(payoffs, [_places(symbols, group) for group in groups], bool(held))
    decided = [[own[group.name, s] for s in group.player.strategies] for group in groups]
    if held and len(unknowns) == len(others):  # payoffs are all there is
        own_rows = alike.differentiated(decided)
        rows = [
            Named(row, names)
            for r, names in zip(alike.first, alike.names, strict=True)
            for row in own_rows[r]
        ]
        residual: Function = Each.of(alike.compiled(own_rows, arguments))
        slopes = [Slopes.alike(alike, own_rows, by, arguments) for by in (chosen, unknowns, held)]
    else:
        f = []
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
        rows, residual = [*map(Named, f)], Rows.of(f, arguments)
        slopes = [Slopes.of(f, by, arguments) for by in (chosen, unknowns, held)]
    slopes.append(Slopes.of([total for _, total in totals], others, arguments))
    jumps = any(steps(part, {*symbols.decided}) for part in (*payoffs, *itertools.chain(*slacks)))

    def build(part: sympy.Expr) -> Function:
        return Rows.of([part], plain)

    return Compiled(
        residual=residual,
        own=slopes[0],
        rest=slopes[1],
        by_totals=slopes[2],
        of_totals=slopes[3],
        totals=Rows.of([total for _, total in totals], plain),
        payoffs=[*itertools.chain(*alike.compiled(_singly(alike.bare), plain))],
        slacks=[[build(slack) for slack in own_slacks] for own_slacks in slacks],
        kinks=len(kinks.symbols),
        kink_owner=kinks.owner,
        shared=shared,
        equal=[equates(text) for text in game.constraints],
        equal_own=[
            [equates(text) for text in game.own_constraints(group.player)] for group in groups
        ],
        moving=[
            (g, [(k, side, build(bound)) for k, side, bound in those])
            for g, those in moving
            if those
        ],
        numeric=[g for g, group in enumerate(groups) if callable(group.player.payoff)],
        affine=not kinks.symbols
        and not jumps
        and not any(callable(group.player.payoff) for group in groups)
        and not any(some.hang({*chosen, *unknowns, *held}) for some in slopes[:3])
        and not slopes[3].hang({*others}, {total for _, total in slopes[2].places}),
        jumps=jumps,
        breaks=[[build(gap) for gap in _gaps(payoff)] for payoff in payoffs],
        symbols=symbols,
        formulas=Formulas(rows, payoffs, chosen, unknowns, parameters, totals, alike),
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


def _singly(formulas: Mapping[int, sympy.Expr]) -> dict[int, list[sympy.Expr]]:
    return {r: [formula] for r, formula in formulas.items()}


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

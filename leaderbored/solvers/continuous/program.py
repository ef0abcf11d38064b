r"""A continuous game as one complementarity problem, derived and compiled once.

Unknowns z are the strategies x and multipliers. With :math:`F_x = -\partial u_i / \partial x_i` and
so on, z solves the problem on its box if every :math:`F_k` is zero, or points out of the box at a
bound (Harker and Pang, Mathematical Programming 48, 1990). Multipliers stand for

- each choice between two pieces of a formula, for each player: :math:`\max(a, b) = \lambda a +
  (1-\lambda) b` with :math:`0 \le \lambda \le 1` and :math:`F_\lambda = b - a`, with the other sign
  for min. A player's derivative at a kink is then every one between those on its sides, exactly;
- each total that a player's strategies add up to: :math:`\nu`, free;
- each shared constraint :math:`g \ge 0`: one :math:`\mu \ge 0` for all players.

Players that differ in nothing play alike; a player's own choice and its likes' are told apart, so
that derivatives are its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from leaderbored.games.compile import compile_rows
from leaderbored.games.continuous import Continuous
from leaderbored.games.expression import read, read_relation
from leaderbored.games.markov import Array
from leaderbored.games.parameters import shape_of, value_of
from leaderbored.games.scopes import Symbols
from leaderbored.late import late
from leaderbored.solvers.kinks import Kinks, derivatives, steps

if TYPE_CHECKING:
    import sympy
else:
    sympy = late("sympy")

DIFFERENCE_STEP = 6e-6  # relative step of numerical derivatives of payoffs given as functions
SECOND_DIFFERENCE_STEP = 1e-4  # of their second derivatives
CLEAR_EIGENVALUE = 1e-9  # of the largest entry: what rounding cannot have made positive

Function = Callable[..., list[Any]]


class Program:
    """The complementarity problem of a game.

    Parameters
    ----------
    game : Continuous

    Attributes
    ----------
    game : Continuous
    lower, upper : (m,) arrays
        Bounds of the unknowns, the n strategies first.
    owner : (n,) int array
        The group that decides each strategy.
    count : (G,) int array
        How many players each group has.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> Program(game).residual(np.array([[3.0, 3.0]])).tolist()
    [[0.0, 0.0]]
    """

    def __init__(self, game: Continuous) -> None:
        self.game, self.groups = game, game.groups
        self.code = _compiled(_Shape.of(game))
        bounds, totals, owner = [], [], []
        for g, group in enumerate(self.groups):
            given = game.given(group.player)
            bounds += [
                [value_of(e, given) for e in ends] for ends in group.player.strategies.values()
            ]
            owner += [g] * len(group.player.strategies)
            if group.player.total is not None:
                totals.append(value_of(group.player.total, given))
        self.owner, self.count = np.array(owner), np.array([group.count for group in self.groups])
        self.values = self.code.symbols.values(game, self.groups)
        self.totals = np.array(totals)
        self.n = len(owner)
        code = self.code
        rest = [(0.0, 1.0)] * code.kinks + [(-np.inf, np.inf)] * len(totals)
        rest += [(0.0, np.inf)] * code.shared
        self.lower, self.upper = np.array([*bounds, *rest], dtype=float).T
        self.m = len(self.lower)
        self.own = [np.flatnonzero(self.owner == g) for g in range(len(self.groups))]

    def residual(self, z: Array) -> Array:
        """(B, m) F of B points z (B, m)."""
        f = self._evaluated(self.code.residual, z)
        if len(self.totals):
            rows = slice(self.n + self.code.kinks, self.n + self.code.kinks + len(self.totals))
            f[:, rows] -= self.totals
        for g in self.code.numeric:
            f[:, self.own[g]] -= self._gradient(g, z[:, : self.n])
        return f

    def jacobian(self, z: Array) -> tuple[Array, Array]:
        """(B, m, m) derivatives of F in a player's own choice, and in all others' and the rest."""
        code: _Compiled = self.code
        parts = []
        for places, function in ((code.own_places, code.own), (code.rest_places, code.rest)):
            part = np.zeros((len(z), self.m, self.m))
            if places:
                rows, columns = zip(*places, strict=True)
                part[:, rows, columns] = self._evaluated(function, z)
            parts.append(part)
        for g in code.numeric:
            mine = self.own[g]
            for k in range(self.n):
                slope = self._second(g, z[:, : self.n], k)
                parts[0 if self.owner[k] == g else 1][:, mine, k] -= slope
        return parts[0], parts[1]

    def derivative(self, z: Array) -> Array:
        """(B, m, m) derivative of F."""
        own, rest = self.jacobian(z)
        with np.errstate(invalid="ignore"):
            return own + rest

    def payoff(self, g: int, own: Array, x: Array) -> Array:
        """(B,) payoff of a player of group g that chooses ``own`` (B, s) where x (n,) is played.

        x may be (n, B) too, for B points.
        """
        if g in self.code.numeric:
            return np.array([self._called(g, row, x) for row in own])
        return self._valued(self.code.payoffs[g], g, own, x)

    def slack(self, g: int, own: Array, x: Array) -> Array:
        """(B, K) shared constraints at such a deviation; not negative where they are met."""
        if not self.code.shared:
            return np.zeros((len(own), 0))
        values = [self._valued(function, g, own, x) for function in self.code.slacks[g]]
        return np.stack(values, axis=1)

    def payoffs(self, x: Array) -> Array:
        """(G,) payoff of a player of each group where x (n,) is played."""
        return np.array([self.payoff(g, x[None, mine], x)[0] for g, mine in enumerate(self.own)])

    def slacks(self, x: Array) -> Array:
        """(K,) shared constraints where x (n,) is played; not negative where they are met."""
        found: Array = self.slack(0, x[None, self.own[0]], x)[0]
        return found

    def monotone(self) -> bool:
        """Whether payoffs are quadratic, constraints linear, and F is strictly monotone.

        A game that is so has one equilibrium at common prices: with quadratic payoffs that are
        diagonally strictly concave (Rosen, Econometrica 33, 1965, theorems 4 and 6).
        """
        if not self.code.affine or (self.count > 1).any() or not self.n:
            return False
        own, rest = self.jacobian(np.zeros((1, self.m)))
        part = (own + rest)[0, : self.n, : self.n]
        if not np.isfinite(part).all():
            return False
        size = np.abs(part).max()
        return bool(np.linalg.eigvalsh((part + part.T) / 2)[0] > CLEAR_EIGENVALUE * size)

    def total(self, g: int) -> float | None:
        """What the strategies of a group's player add up to, if anything."""
        having = [k for k, group in enumerate(self.groups) if group.player.total is not None]
        return float(self.totals[having.index(g)]) if g in having else None

    def _valued(self, function: Function, g: int, own: Array, x: Array) -> Array:
        chosen = [np.broadcast_to(value, (len(own),)) for value in x]
        for column, k in zip(own.T, self.own[g], strict=True):
            chosen[k] = column
        with np.errstate(all="ignore"):
            at = [np.broadcast_to(value, (len(own),)) for value in x]
            found = function(*chosen, *at, *_alike(self.values, len(own)))[0]
        return np.broadcast_to(np.asarray(found, dtype=float), (len(own),))

    def _evaluated(self, function: Function, z: Array) -> Array:
        """(B, k) the k values of a function at B points, constant ones repeated."""
        columns = list(z.T)
        with np.errstate(all="ignore"):
            values = function(*columns[: self.n], *columns, *_alike(self.values, len(z)))
        return np.stack([np.broadcast_to(np.asarray(value, float), len(z)) for value in values], 1)

    # payoffs given as functions: differences

    def _called(self, g: int, own: Array, x: Array) -> float:
        whole = x.copy()
        whole[self.own[g]] = own
        parts = {
            group.name: whole[mine] if len(mine) > 1 else float(whole[mine[0]])
            for group, mine in zip(self.groups, self.own, strict=True)
        }
        return float(self.groups[g].player.payoff(parts))

    def _sides(self, x: Array, k: int, width: float) -> tuple[Array, Array]:
        """Points a little to the left and right of x in coordinate k, within bounds."""
        step = width * max(1.0, float(np.abs(x[k])))
        left, right = x.copy(), x.copy()
        left[k] = max(x[k] - step, self.lower[k])
        right[k] = min(x[k] + step, self.upper[k])
        return left, right

    def _slopes(self, g: int, x: Array, width: float) -> Array:
        slopes = []
        for k in self.own[g].tolist():
            left, right = self._sides(x, k, width)
            ends = [self._called(g, point[self.own[g]], point) for point in (left, right)]
            slopes.append((ends[1] - ends[0]) / (right[k] - left[k] or np.inf))
        return np.array(slopes)

    def _gradient(self, g: int, x: Array) -> Array:
        return np.array([self._slopes(g, row, DIFFERENCE_STEP) for row in x])

    def _second(self, g: int, x: Array, k: int) -> Array:
        found = []
        for row in x:
            left, right = self._sides(row, k, SECOND_DIFFERENCE_STEP)
            rise = self._slopes(g, right, SECOND_DIFFERENCE_STEP) - self._slopes(
                g, left, SECOND_DIFFERENCE_STEP
            )
            found.append(rise / (right[k] - left[k] or np.inf))
        return np.array(found)


def _alike(values: Sequence[Any], count: int) -> list[Array]:
    """Numbers as arrays of one length, for numpy joins conditions of one shape only; and tables."""
    return [np.broadcast_to(v, (count,)) if np.ndim(v) == 0 else v for v in values]


class _Member(NamedTuple):
    """What of a group its formulas are made of; numbers aside."""

    name: str
    copies: int
    strategies: tuple[str, ...]
    known: tuple[Any, ...]
    payoff: str | None
    total: bool


@dataclass(frozen=True)
class _Shape:
    """What a game's formulas are made of; games that differ in numbers alone share it."""

    members: tuple[_Member, ...]
    known: tuple[Any, ...]
    constraints: tuple[str, ...]
    game: Continuous = field(compare=False)

    @classmethod
    def of(cls, game: Continuous) -> _Shape:
        members = tuple(
            _Member(
                group.name,
                group.count,
                tuple(group.player.strategies),
                shape_of(group.player),
                None if callable(group.player.payoff) else group.player.payoff,
                group.player.total is not None,
            )
            for group in game.groups
        )
        return cls(members, shape_of(game), game.constraints, game)


@dataclass(frozen=True)
class _Compiled:
    """Functions of (own choices, unknowns, parameters); places are (row, column).

    ``affine``: F is linear; ``jumps``: ``floor`` is taken of what is decided.
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
    numeric: list[int]
    affine: bool
    jumps: bool
    symbols: Symbols


@lru_cache(maxsize=64)
def _compiled(shape: _Shape) -> _Compiled:
    """Derive the problem by sympy and compile it to numpy."""
    game, groups = shape.game, shape.game.groups
    symbols = Symbols.of(game, groups)
    own, played = symbols.own, symbols.played
    kinks = Kinks()
    payoffs, smooth, slacks = [], [], []
    for g, group in enumerate(groups):
        scope = game.scope(group, groups, symbols)
        text = group.player.payoff
        payoffs.append(sympy.Integer(0) if callable(text) else read(text, *scope))
        smooth.append(kinks.smooth(payoffs[-1], g))
        slacks.append([read_relation(text, *scope) for text in game.constraints])
    pinned = [g for g, group in enumerate(groups) if group.player.total is not None]
    level = {g: sympy.Dummy(f"nu{g}", real=True) for g in pinned}
    price = [sympy.Dummy(f"mu{k}", real=True) for k in range(len(game.constraints))]
    f: list[sympy.Expr] = []
    for g, group in enumerate(groups):
        for strategy in group.player.strategies:
            x = own[group.name, strategy]
            worth = smooth[g] + sum(m * slack for m, slack in zip(price, slacks[g], strict=True))
            f.append(-sympy.diff(worth, x) - level.get(g, 0))
    f += kinks.gaps
    f += [sum(own[groups[g].name, s] for s in groups[g].player.strategies) for g in pinned]
    f += slacks[0] if slacks else []
    chosen, others = list(own.values()), list(played.values())
    unknowns = [*others, *kinks.symbols, *level.values(), *price]
    parameters = [*symbols.numbers]
    arguments = [*chosen, *unknowns, *parameters]
    mine, rest = derivatives(f, chosen), derivatives(f, unknowns)
    plain = [*chosen, *others, *parameters]
    jumps = any(steps(part, {*chosen, *others}) for part in (*payoffs, *itertools.chain(*slacks)))

    def build(parts: Sequence[sympy.Expr], names: list[sympy.Symbol]) -> Function:
        return compile_rows(parts, names)

    return _Compiled(
        residual=build(f, arguments),
        own=build([value for *_, value in mine], arguments),
        own_places=[(row, column) for row, column, _ in mine],
        rest=build([value for *_, value in rest], arguments),
        rest_places=[(row, column) for row, column, _ in rest],
        payoffs=[build([payoff], plain) for payoff in payoffs],
        slacks=[[build([slack], plain) for slack in own_slacks] for own_slacks in slacks],
        kinks=len(kinks.symbols),
        kink_owner=kinks.owner,
        shared=len(price),
        numeric=[g for g, group in enumerate(groups) if callable(group.player.payoff)],
        affine=not kinks.symbols
        and not jumps
        and not any(callable(group.player.payoff) for group in groups)
        and not any(value.free_symbols & {*chosen, *unknowns} for *_, value in [*mine, *rest]),
        jumps=jumps,
        symbols=symbols,
    )

"""A race of two labs with one number left free: its conditions in balls and in power series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_series, ctx

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.kernels import rows
from leaderbored.solvers.markov.newton import pieces_at
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.numerics.outward import Entries

Place = tuple[int, int]  # a lab and a place on the line of leads


@dataclass(frozen=True)
class _Terms:
    """Numbers of a lab at a place: balls, or power series in the number that moves."""

    scale: Any
    base: Any
    price: Any
    demand: Any  # None where it has no limit
    capacity: Any
    low: Any
    high: Any
    idle: Any
    climb: Any
    leap: Any


class Freed:
    """The conditions of :mod:`.newton` on the pieces that are active at a point.

    Unknowns are the values place by place, the efforts on levels, and the number that moves.

    Parameters
    ----------
    game : Markov
        A race of two labs on the line of leads, at the number.
    row : (C,) array
        Its numbers, as of :func:`leaderbored.solvers.kernels.rows.row_of`.
    moves : int
        The place of the one that moves.
    value, build : (2, S) arrays
        The point.

    Attributes
    ----------
    start : list of float
        The unknowns at the point.
    count : int
        How many they are.
    scale : float
        The largest value.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> one = lb.solve(race).equilibria[0]
    >>> freed = Freed(race.markov(), rows.row_of(race), rows.DISCOUNT, one.value, one.build)
    >>> missed, _, _ = freed.conditions([arb(number) for number in freed.start])
    >>> freed.count, all(abs(each) < 1e-12 for each in missed)
    (11, True)
    """

    def __init__(self, game: Markov, row: Array, moves: int, value: Array, build: Array) -> None:
        self.known: tuple[Any, dict[Place, _Terms]] | None = None
        self.row, self.moves, self.rungs = row, moves, int(game.states.max())
        self.names = game.players
        self.size, order = 2 * self.rungs + 1, rows.by_state(self.rungs)
        pieces = pieces_at(System(game), value, build)
        self.kind: dict[Place, str] = {}
        self.column: dict[Place, int] = {}
        efforts, tables = game.effort(build), pieces
        for s, k in sorted(enumerate(order.tolist()), key=lambda pair: pair[1]):
            for i in range(2):
                if tables.level[i, s]:
                    self.kind[i, k] = "cost" if tables.target[i, s] > 0 else "level"
                elif not game.movable[i, s]:
                    self.kind[i, k] = "stays"
                elif tables.slope[i, s] > 0:
                    self.kind[i, k] = "inner"
                elif tables.build[i, s] >= game.upper[i, s]:
                    self.kind[i, k] = "high"
                else:
                    low = tables.build[i, s] < game.idle[i, s]
                    self.kind[i, k] = "low" if low else "idle"
        state = {k: s for s, k in enumerate(order.tolist())}
        x = [float(value[i, state[k]]) for k in range(self.size) for i in range(2)]
        for (i, k), kind in self.kind.items():
            if kind in ("cost", "level"):
                self.column[i, k] = len(x)
                x.append(float(efforts[i, state[k]]))
        self.start, self.count = [*x, float(row[moves])], len(x) + 1
        self.scale = float(np.abs(value).max())

    # --- the race

    def terms(self, number: Any) -> dict[Place, _Terms]:
        """All numbers of labs at places, where the one that moves is given; kept for a while."""
        if self.known is None or self.known[0] is not number:
            self.known = number, self._terms(number)
        return self.known[1]

    def _terms(self, number: Any) -> dict[Place, _Terms]:
        n: list[Any] = [arb(float(number)) for number in self.row]
        n[self.moves] = number
        gaps, found = range(self.rungs + 1), {}
        faster, slower, away, cheaper = (
            [_exp(n[rate] * sign * gap) for gap in gaps]
            for rate, sign in (
                (rows.FLYWHEEL, 1),
                (rows.HANDICAP, -1),
                (rows.SWITCHING, -1),
                (rows.PREMIUM, -1),
            )
        )
        mine = [n[rows.LAB + i * rows.OWN : rows.LAB + (i + 1) * rows.OWN] for i in range(2)]
        total = mine[0][rows.COMPUTE] + mine[1][rows.COMPUTE]
        ladder = len(n) > rows.NUMBERS
        for i in range(2):
            compute, talent, brand, low, high = mine[i]
            able = n[rows.PRODUCTIVITY] * talent * _power(compute, n[rows.RETURNS])
            for k in range(self.size):
                ahead = (k - self.rungs) * (1 - 2 * i)
                behind, lead = max(-ahead, 0), max(ahead, 0)
                demand, price = None, n[rows.NUMBERS + lead] if ladder else arb(0)
                if not ladder:
                    weight, rival = brand * away[behind], mine[1 - i][rows.BRAND] * away[lead]
                    demand = n[rows.SCARCITY] * total * weight / (weight + rival)
                    price = n[rows.PRICE] * cheaper[behind]
                leap = n[rows.LEAPFROG] if ahead < 0 else arb(0)
                found[i, k] = _Terms(
                    able * faster[lead] * slower[behind],
                    n[rows.DRAFTING] * behind,
                    price,
                    demand,
                    compute,
                    low,
                    high,
                    self._idle(demand, compute, low, high, (i, k)),
                    arb(0) if ahead >= self.rungs else 1 - leap,
                    leap,
                )
        return found

    def _idle(self, demand: Any, compute: Any, low: Any, high: Any, place: Place) -> Any:
        """Share that uses idle compute, certainly between the bounds or certainly at one."""
        if demand is None:
            return low
        idle = 1 - demand / compute
        if _head(idle) < _head(low) or (_head(idle) == _head(low)):
            return low
        if _head(idle) > _head(high):
            return high
        if not (_head(idle) > _head(low) and _head(idle) < _head(high)):
            raise UnprovedError(f"idle compute of {self._where(place)} may come or go there")
        return idle

    def _where(self, place: Place) -> str:
        i, k = place
        lead = (k - self.rungs) * (1 - 2 * i)
        return f"{self.names[i]} at a lead of {lead}"

    def conditions(self, x: Sequence[Any]) -> tuple[list[Any], dict[Place, Any], dict[Place, Any]]:
        """F at a point of balls or series, and hazards and the slopes of replies there."""
        checkpoint()
        terms, theta = self.terms(x[-1]), self._theta(x)
        hazard, earned, slope = {}, {}, {}
        for place, kind in self.kind.items():
            won, sold, slope[place] = self._reply(place, kind, x, terms[place], theta)
            hazard[place] = terms[place].scale * won + terms[place].base
            earned[place] = terms[place].price * sold
        discount = x[-1] if self.moves == rows.DISCOUNT else arb(float(self.row[rows.DISCOUNT]))
        found = []
        for k in range(self.size):
            for i in range(2):
                flow = earned[i, k] + sum(
                    (
                        hazard[j, k] * self.effect(x, i, (j, k), terms)
                        for j in range(2)
                        if not _nothing(hazard[j, k])
                    ),
                    arb(0),
                )
                found.append(discount * x[2 * k + i] - flow)
        for i, k in self.column:
            gain = self.effect(x, i, (i, k), terms)
            found.append(gain - self._target((i, k), terms))
        return found, hazard, slope

    def _theta(self, x: Sequence[Any]) -> Any:
        return x[-1] if self.moves == rows.RETURNS else arb(float(self.row[rows.RETURNS]))

    def _target(self, place: Place, terms: dict[Place, _Terms]) -> Any:
        here = terms[place]
        return here.price * here.capacity / here.scale if self.kind[place] == "cost" else arb(0)

    def effect(self, x: Sequence[Any], i: int, place: Place, terms: dict[Place, _Terms]) -> Any:
        """What a success of a lab at a place adds to the value of lab i."""
        total = arb(0)
        for t, chance in self._leads(place, terms):
            total = total + chance * (x[2 * t + i] - x[2 * place[1] + i])
        return total

    def _leads(self, place: Place, terms: dict[Place, _Terms]) -> list[tuple[int, Any]]:
        """Where a success leads, and with what chance."""
        j, k = place
        here, way = terms[place], 1 - 2 * j
        found = []
        if (k - self.rungs) * way < self.rungs:
            found.append((k + way, here.climb))
        if (k - self.rungs) * way < 0 and not _nothing(here.leap):
            found.append((self.rungs + way, here.leap))
        return found

    def _reply(
        self, place: Place, kind: str, x: Sequence[Any], here: _Terms, theta: Any
    ) -> tuple[Any, Any, Any]:
        """Effort, units sold and the slope of the hazard of a reply on its piece, for certain."""
        unserved = here.idle is not here.low  # some demand is met even by who builds the least
        rest = here.demand if unserved else (1 - here.low) * here.capacity
        if place in self.column:
            effort = x[self.column[place]]
            bottom, top = (here.idle, here.high) if kind == "cost" else (here.low, here.idle)
            if (
                not _power(_head(bottom), _head(theta))
                < _head(effort)
                < _power(_head(top), _head(theta))
            ):
                raise UnprovedError(f"{self._where(place)} stands at the end of its indifference")
            return effort, (1 - effort) * here.capacity if kind == "cost" else rest, arb(0)
        if kind == "stays":
            return _power(here.low, theta), rest, arb(0)
        gain = self.effect(x, place[0], place, {place: here})
        if kind == "low":
            if not _head(gain) < 0:
                raise UnprovedError(f"the gain of {self._where(place)} may be zero there")
            return _power(here.low, theta), rest, arb(0)
        if not _head(gain) > 0:
            raise UnprovedError(f"the gain of {self._where(place)} may be zero there")
        return self._upper(place, kind, gain, here, theta)

    def _upper(
        self, place: Place, kind: str, gain: Any, here: _Terms, theta: Any
    ) -> tuple[Any, Any, Any]:
        """A reply to a gain above zero."""
        cost, linear = here.price * here.capacity, bool(_head(theta) == 1)
        if linear:
            ratio = _head(here.scale * gain / cost)  # of a worth of building to its cost
            low, high, share = bool(ratio < 1), bool(ratio > 1), None
        else:
            share = _power(theta * here.scale * gain / cost, 1 / (1 - theta))
            low = bool(_head(share) < _head(here.idle))
            high = bool(_head(share) > _head(here.high))
        if kind == "inner" and share is not None:
            if not (_head(share) > _head(here.idle) and _head(share) < _head(here.high)):
                raise UnprovedError(f"the reply of {self._where(place)} may stand on a kink there")
            effort = _power(share, theta)
            steep = theta / (1 - theta) * here.scale * effort / gain
            return effort, (1 - share) * here.capacity, steep
        if not (high if kind == "high" else low):
            raise UnprovedError(f"the reply of {self._where(place)} may stand on a kink there")
        if kind == "high":
            return _power(here.high, theta), (1 - here.high) * here.capacity, arb(0)
        if here.idle is here.low:
            return _power(here.low, theta), (1 - here.low) * here.capacity, arb(0)
        return _power(here.idle, theta), here.demand, arb(0)

    # --- derivatives

    def jacobian(self, x: Sequence[Any], held: int) -> Entries:
        """Derivatives of F and of the value that is held, over a box."""
        _, hazard, slope = self.conditions(x)
        terms, last = self.terms(x[-1]), self.count - 1
        matrix: Entries = defaultdict(lambda: arb(0))
        discount = x[-1] if self.moves == rows.DISCOUNT else arb(float(self.row[rows.DISCOUNT]))
        for i in range(2):
            for k in range(self.size):
                row = 2 * k + i
                matrix[row, row] += discount
                for j in range(2):
                    push = arb(0)
                    if j != i and not _nothing(slope[j, k]):
                        push = slope[j, k] * self.effect(x, i, (j, k), terms)
                    for t, chance in self._leads((j, k), terms):
                        matrix[row, row] += hazard[j, k] * chance
                        matrix[row, 2 * t + i] -= hazard[j, k] * chance
                        if j != i:
                            matrix[row, 2 * k + j] += push * chance
                            matrix[row, 2 * t + j] -= push * chance
        for n, ((j, k), column) in enumerate(self.column.items()):
            here = terms[j, k]
            for i in range(2):
                matrix[2 * k + i, column] -= here.scale * self.effect(x, i, (j, k), terms)
            if self.kind[j, k] == "cost":
                matrix[2 * k + j, column] += here.price * here.capacity
            row = 2 * self.size + n
            for t, chance in self._leads((j, k), terms):
                matrix[row, 2 * t + j] += chance
                matrix[row, 2 * k + j] -= chance
        for row, change in enumerate(self.along(x, [arb(0)] * last + [arb(1)], 1)):
            matrix[row, last] += change
        matrix[last, held] += 1
        return matrix

    def along(self, x: Sequence[Any], move: Sequence[Any], order: int) -> list[Any]:
        """Derivatives of F of some order along a direction, over boxes of points and directions."""
        before, ctx.cap = ctx.cap, order + 1
        try:
            series = [
                a if _nothing(b) else arb_series([a, b]) for a, b in zip(x, move, strict=True)
            ]
            found, _, _ = self.conditions(series)
            return [
                each[order] * order if isinstance(each, arb_series) else arb(0) for each in found
            ]
        finally:
            ctx.cap = before


def _head(term: Any) -> Any:
    """The value of a term: of a power series where it begins."""
    return term[0] if isinstance(term, arb_series) else term


def _nothing(term: Any) -> bool:
    """Whether a term is zero, whatever moves."""
    return isinstance(term, arb) and bool(term.is_zero())


def _exp(term: Any) -> Any:
    return term.exp()


def _power(base: Any, exponent: Any) -> Any:
    """A power; of a base of zero nothing."""
    if _nothing(base):
        return arb(0)
    if isinstance(base, arb) and isinstance(exponent, arb):
        return base**exponent
    return (exponent * base.log()).exp()

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
class Terms:
    """Numbers of a lab at a place: balls, or power series in the number that moves."""

    scale: Any
    base: Any
    price: Any  # where prices clear: money per unit of taste
    demand: Any  # None where it has no limit
    capacity: Any
    low: Any
    high: Any
    idle: Any
    climb: Any
    leap: Any
    worth: Any = None  # where prices clear: of what the lab sells, in units of taste


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
    >>> missed = freed.conditions([arb(number) for number in freed.start])
    >>> freed.count, all(abs(each) < 1e-12 for each in missed)
    (11, True)
    """

    def __init__(self, game: Markov, row: Array, moves: int, value: Array, build: Array) -> None:
        self.known: tuple[Any, dict[Place, Terms]] | None = None
        self.row, self.moves, self.rungs = row, moves, int(game.states.max())
        self.names = game.players
        self.size, order = 2 * self.rungs + 1, rows.by_state(self.rungs)
        self.kind: dict[Place, str] = {}
        self.column: dict[Place, int] = {}
        state = {k: s for s, k in enumerate(order.tolist())}
        x = [float(value[i, state[k]]) for k in range(self.size) for i in range(2)]
        x += self._found(game, value, build, state)
        self.start, self.count = [*x, float(row[moves])], len(x) + 1
        self.scale = float(np.abs(value).max())

    def _found(
        self, game: Markov, value: Array, build: Array, state: dict[int, int]
    ) -> list[float]:
        """Find the pieces at the point, and the unknowns after the values."""
        pieces = pieces_at(System(game), value, build)
        efforts, beyond = game.effort(build), list[float]()
        for k, s in sorted(state.items()):
            for i in range(2):
                if pieces.level[i, s]:
                    self.kind[i, k] = "cost" if pieces.target[i, s] > 0 else "level"
                elif not game.movable[i, s]:
                    self.kind[i, k] = "stays"
                elif pieces.slope[i, s] > 0:
                    self.kind[i, k] = "inner"
                elif pieces.build[i, s] >= game.upper[i, s]:
                    self.kind[i, k] = "high"
                else:
                    low = pieces.build[i, s] < game.idle[i, s]
                    self.kind[i, k] = "low" if low else "idle"
        for (i, k), kind in self.kind.items():
            if kind in ("cost", "level"):
                self.column[i, k] = 2 * self.size + len(beyond)
                beyond.append(float(efforts[i, state[k]]))
        return beyond

    # --- the race

    def terms(self, number: Any) -> dict[Place, Terms]:
        """All numbers of labs at places, where the one that moves is given; kept for a while."""
        if self.known is None or self.known[0] is not number:
            self.known = number, self._terms(number)
        return self.known[1]

    def _terms(self, number: Any) -> dict[Place, Terms]:
        n: list[Any] = [arb(float(number)) for number in self.row]
        n[self.moves] = number
        gaps, found = range(self.rungs + 1), {}
        faster, slower = (
            [_exp(n[rate] * sign * gap) for gap in gaps]
            for rate, sign in ((rows.FLYWHEEL, 1), (rows.HANDICAP, -1))
        )
        for i in range(2):
            compute, talent, _, low, high = self._own(n, i)
            able = n[rows.PRODUCTIVITY] * talent * raised(compute, n[rows.RETURNS])
            for k in range(self.size):
                ahead = (k - self.rungs) * (1 - 2 * i)
                behind, lead = max(-ahead, 0), max(ahead, 0)
                leap = n[rows.LEAPFROG] if ahead < 0 else arb(0)
                price, demand, worth = self._market(n, i, ahead)
                found[i, k] = Terms(
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
                    worth,
                )
        return found

    def _own(self, n: Sequence[Any], i: int) -> Sequence[Any]:
        """Compute, talent, brand and bounds of a lab."""
        return n[rows.LAB + i * rows.OWN : rows.LAB + (i + 1) * rows.OWN]

    def _market(self, n: Sequence[Any], i: int, ahead: int) -> tuple[Any, Any, Any]:
        """Price, demand (None without a limit) and, where prices clear, worth, at a lead."""
        behind, lead = max(-ahead, 0), max(ahead, 0)
        if len(n) > rows.NUMBERS:
            return n[rows.NUMBERS + lead], None, None
        mine, other = self._own(n, i), self._own(n, 1 - i)
        weight = mine[rows.BRAND] * _exp(-n[rows.SWITCHING] * behind)
        rival = other[rows.BRAND] * _exp(-n[rows.SWITCHING] * lead)
        total = n[rows.SCARCITY] * (mine[rows.COMPUTE] + other[rows.COMPUTE])
        price = n[rows.PRICE] * _exp(-n[rows.PREMIUM] * behind)
        return price, total * weight / (weight + rival), None

    def _idle(self, demand: Any, compute: Any, low: Any, high: Any, place: Place) -> Any:
        """Share that uses idle compute, certainly between the bounds or certainly at one."""
        if demand is None:
            return low
        idle = 1 - demand / compute
        if head(idle) < head(low) or (head(idle) == head(low)):
            return low
        if head(idle) > head(high):
            return high
        if not (head(idle) > head(low) and head(idle) < head(high)):
            raise UnprovedError(f"idle compute of {self._where(place)} may come or go there")
        return idle

    def _where(self, place: Place) -> str:
        i, k = place
        lead = (k - self.rungs) * (1 - 2 * i)
        return f"{self.names[i]} at a lead of {lead}"

    def conditions(self, x: Sequence[Any]) -> list[Any]:
        """F at a point of balls or series."""
        return self._looked_at(x)[0]

    def _looked_at(self, x: Sequence[Any]) -> tuple[list[Any], dict[Place, Any], dict[Place, Any]]:
        """F, hazards and the slopes of replies."""
        checkpoint()
        terms, theta = self.terms(x[-1]), self.number(x, rows.RETURNS)
        hazard, earned, slope = {}, {}, {}
        for place, kind in self.kind.items():
            won, sold, slope[place] = self._reply(place, kind, x, terms[place], theta)
            hazard[place] = terms[place].scale * won + terms[place].base
            earned[place] = terms[place].price * sold
        discount = self.number(x, rows.DISCOUNT)
        found = []
        for k in range(self.size):
            for i in range(2):
                flow = earned[i, k] + sum(
                    (
                        hazard[j, k] * self.effect(x, i, (j, k), terms)
                        for j in range(2)
                        if not nothing(hazard[j, k])
                    ),
                    arb(0),
                )
                found.append(discount * x[2 * k + i] - flow)
        for i, k in self.column:
            gain = self.effect(x, i, (i, k), terms)
            found.append(gain - self._target((i, k), terms))
        return found, hazard, slope

    def number(self, x: Sequence[Any], which: int) -> Any:
        """A number of the race, by its place in the row: the last unknown if it is what moves."""
        return x[-1] if self.moves == which else arb(float(self.row[which]))

    def _target(self, place: Place, terms: dict[Place, Terms]) -> Any:
        here = terms[place]
        return here.price * here.capacity / here.scale if self.kind[place] == "cost" else arb(0)

    def effect(self, x: Sequence[Any], i: int, place: Place, terms: dict[Place, Terms]) -> Any:
        """What a success of a lab at a place adds to the value of lab i."""
        total = arb(0)
        for t, chance in self._leads(place, terms):
            total = total + chance * (x[2 * t + i] - x[2 * place[1] + i])
        return total

    def _leads(self, place: Place, terms: dict[Place, Terms]) -> list[tuple[int, Any]]:
        """Where a success leads, and with what chance."""
        j, k = place
        here, way = terms[place], 1 - 2 * j
        found = []
        if (k - self.rungs) * way < self.rungs:
            found.append((k + way, here.climb))
        if (k - self.rungs) * way < 0 and not nothing(here.leap):
            found.append((self.rungs + way, here.leap))
        return found

    def _reply(
        self, place: Place, kind: str, x: Sequence[Any], here: Terms, theta: Any
    ) -> tuple[Any, Any, Any]:
        """Effort, units sold and the slope of the hazard of a reply on its piece, for certain."""
        unserved = here.idle is not here.low  # some demand is met even by who builds the least
        rest = here.demand if unserved else (1 - here.low) * here.capacity
        if place in self.column:
            effort = x[self.column[place]]
            bottom, top = (here.idle, here.high) if kind == "cost" else (here.low, here.idle)
            if (
                not raised(head(bottom), head(theta))
                < head(effort)
                < raised(head(top), head(theta))
            ):
                raise UnprovedError(f"{self._where(place)} stands at the end of its indifference")
            return effort, (1 - effort) * here.capacity if kind == "cost" else rest, arb(0)
        if kind == "stays":
            return raised(here.low, theta), rest, arb(0)
        gain = self.effect(x, place[0], place, {place: here})
        if kind == "low":
            if not head(gain) < 0:
                raise UnprovedError(f"the gain of {self._where(place)} may be zero there")
            return raised(here.low, theta), rest, arb(0)
        if not head(gain) > 0:
            raise UnprovedError(f"the gain of {self._where(place)} may be zero there")
        return self._upper(place, kind, gain, here, theta)

    def _upper(
        self, place: Place, kind: str, gain: Any, here: Terms, theta: Any
    ) -> tuple[Any, Any, Any]:
        """A reply to a gain above zero."""
        cost, linear = here.price * here.capacity, bool(head(theta) == 1)
        if linear:
            ratio = head(here.scale * gain / cost)  # of a worth of building to its cost
            low, high, share = bool(ratio < 1), bool(ratio > 1), None
        else:
            share = raised(theta * here.scale * gain / cost, 1 / (1 - theta))
            low = bool(head(share) < head(here.idle))
            high = bool(head(share) > head(here.high))
        if kind == "inner" and share is not None:
            if not (head(share) > head(here.idle) and head(share) < head(here.high)):
                raise UnprovedError(f"the reply of {self._where(place)} may stand on a kink there")
            effort = raised(share, theta)
            steep = theta / (1 - theta) * here.scale * effort / gain
            return effort, (1 - share) * here.capacity, steep
        if not (high if kind == "high" else low):
            raise UnprovedError(f"the reply of {self._where(place)} may stand on a kink there")
        if kind == "high":
            return raised(here.high, theta), (1 - here.high) * here.capacity, arb(0)
        if here.idle is here.low:
            return raised(here.low, theta), (1 - here.low) * here.capacity, arb(0)
        return raised(here.idle, theta), here.demand, arb(0)

    # --- derivatives

    def jacobian(self, x: Sequence[Any], held: int) -> Entries:
        """Derivatives of F and of the value that is held, over a box."""
        _, hazard, slope = self._looked_at(x)
        terms, last = self.terms(x[-1]), self.count - 1
        matrix: Entries = defaultdict(lambda: arb(0))
        discount = self.number(x, rows.DISCOUNT)
        for i in range(2):
            for k in range(self.size):
                row = 2 * k + i
                matrix[row, row] += discount
                for j in range(2):
                    push = arb(0)
                    if j != i and not nothing(slope[j, k]):
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
            series = [a if nothing(b) else arb_series([a, b]) for a, b in zip(x, move, strict=True)]
            found = self.conditions(series)
            return [
                each[order] * order if isinstance(each, arb_series) else arb(0) for each in found
            ]
        finally:
            ctx.cap = before


def head(term: Any) -> Any:
    """The value of a term: of a power series where it begins."""
    return term[0] if isinstance(term, arb_series) else term


def nothing(term: Any) -> bool:
    """Whether a term is zero, whatever moves."""
    return isinstance(term, arb) and bool(term.is_zero())


def _exp(term: Any) -> Any:
    return term.exp()


def raised(base: Any, exponent: Any) -> Any:
    """A power; of a base of zero nothing."""
    if nothing(base):
        return arb(0)
    if isinstance(base, arb) and isinstance(exponent, arb):
        return base**exponent
    return (exponent * base.log()).exp()

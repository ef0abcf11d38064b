r"""Proof that a path of equilibria turns where it was found to, in ball arithmetic.

Let F(V, e, p) be the conditions of :mod:`.newton` of a race of two labs with one of its numbers, p,
left free. Near a fold the path is a curve over one of the values, s. If Krawczyk's test holds for F
and :math:`x_m = s` in a box X for every s within :math:`\delta` of :math:`s_0`, then for each there
is one x(s) in X, and with J the derivatives of both,

.. math:: J x' = e_m, \qquad J x'' = -F_{xx}[x', x'] .

Both are enclosed. If p'' has one sign all over X and :math:`|p'(s_0)| < |p''| \delta`, then p'
changes its sign once: the path turns in X, once and only once, and p at the turn is within

.. math:: \eta\, (|p'(s_0)| + |p''| \eta), \qquad \eta = |p'(s_0)| / |p''|

of :math:`p(s_0)`. Second derivatives along x' are those of power series in balls. The numbers of
the race are taken exactly as the computer holds them, and its formulas are carried out in balls.
Where a reply stands on a kink within the box the conditions have no second derivatives; at prices
that are set the proof is that of :mod:`.corner`. Where prices clear the market, the conditions are
those of :mod:`.freed_sellers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from flint import arb, ctx

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.markov.corner import Corner
from leaderbored.solvers.markov.freed import Freed
from leaderbored.solvers.markov.freed_sellers import FreedSellers
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.numerics.outward import Entries, above, excess, product, up

BITS = 128
STEPS = 4  # of Newton's method to the path, and as many to the turn
REACHES = tuple(10.0**-k for k in (7, 8, 9, 10))  # delta, over the largest value
ROOM = 1e-24  # of the largest value: boxes round a point
NEAR = 1e-6  # of the largest value: a point farther from the path is none of it
SHARPER = 3  # times that bounds of solutions are made sharper
ROUND, WIDE = 10.0, 1e5  # sides over what they must hold; of the number, over its second derivative
KINKED = "it turns at no smooth point: a reply may stand on a kink there"
SINGULAR = "the derivatives may be singular there: paths may cross"


@dataclass(frozen=True)
class TurnProof:
    """What was proved of a fold.

    Attributes
    ----------
    holds : bool
        Whether a path of equilibria turns within ``radius``, once and only once nearby. On a kink
        of two equal labs it is the path of equilibria in which they do alike.
    radius : float or None
        Largest distance of the number at the true turn from the one claimed, in its unit.
    reason : str
        Why there is no proof; empty if there is.
    """

    holds: bool
    radius: float | None
    reason: str


def certify_turn(
    game: Markov, ends: tuple[Array, Array], parameter: float, value: Array, build: Array
) -> TurnProof:
    """Prove that the path of equilibria turns next to a point, or say why not.

    Parameters
    ----------
    game : Markov
        A race of two labs on the line of leads, at the number.
    ends : two (C,) arrays
        Its numbers at two values of the one that moves, as of
        :func:`leaderbored.solvers.kernels.rows.row_of`.
    parameter : float
        The number at the turn.
    value, build : (2, S) arrays
        The equilibrium there.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import leaderbored as lb
    >>> from leaderbored.solvers.kernels.rows import row_of
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1, rungs=2)
    >>> one = lb.solve(race).equilibria[0]
    >>> ends = row_of(race), row_of(replace(race, discount=0.2))
    >>> certify_turn(race.markov(), ends, 0.1, one.value, one.build).holds  # it goes on
    False
    """
    moves = np.flatnonzero(ends[0] != ends[1])
    if len(moves) != 1:
        return TurnProof(False, None, "it moves several numbers at once")
    row, cleared = ends[0].copy(), isinstance(game, Cleared)
    row[moves[0]] = parameter
    with ctx.workprec(BITS):
        try:
            freed = (FreedSellers if cleared else Freed)(game, row, int(moves[0]), value, build)
            return _Turn(freed).proof()
        except UnprovedError as why:
            reason = str(why)
        if cleared:
            return _unproved(reason)
        try:
            corner = Corner(game, row, int(moves[0]), value, build)
            return TurnProof(True, corner.proof(), "") if corner.corners else _unproved(reason)
        except UnprovedError as why:
            return _unproved(f"{corner.named}: {why}" if corner.corners else reason)


def _unproved(reason: str) -> TurnProof:
    return TurnProof(False, None, reason)


class _Turn:
    """The search for a turn next to a point, and its proof."""

    def __init__(self, freed: Freed) -> None:
        self.freed = freed

    def proof(self) -> TurnProof:
        """Find the turn, and prove that it is one."""
        x = [arb(number) for number in self.freed.start]
        held = self._steepest(x)
        for _ in range(STEPS):
            inverse = self._inverse(x, held)
            x = self._onto(x, inverse, held)
            towards = inverse[:, -1]
            bend = self._bend(x, inverse, towards)
            step = -towards[-1] / bend[-1] if bend[-1] else np.nan
            if not abs(step) < NEAR * self.freed.scale:
                raise UnprovedError(KINKED)
            if abs(step) < ROOM**0.5 * self.freed.scale:
                break
            x = [(a + arb(step * m)).mid() for a, m in zip(x, towards.tolist(), strict=True)]
        x = self._onto(x, inverse, held)
        return self._proved(Around(x, inverse, held), towards, bend)

    def _steepest(self, x: Sequence[Any]) -> int:
        """The value that moves the most along the path."""
        whole = _middle(self.freed.jacobian(x, 0), self.freed.count)[:-1]
        way: Array = np.linalg.svd(whole)[2][-1]
        return int(np.abs(way[: 2 * self.freed.size]).argmax())

    def _inverse(self, x: Sequence[Any], held: int) -> Array:
        try:
            return np.asarray(
                np.linalg.inv(_middle(self.freed.jacobian(x, held), self.freed.count)), float
            )
        except np.linalg.LinAlgError:
            raise UnprovedError(SINGULAR) from None

    def _onto(self, x: list[Any], inverse: Array, held: int) -> list[Any]:
        """The point of the path at the same held value, by Newton's method with one inverse."""
        for _ in range(STEPS):
            shift, _ = product(inverse, [*self.freed.conditions(x), arb(0)])
            if not np.abs(shift).max() < NEAR * self.freed.scale:
                raise UnprovedError("the path is not found nearby")
            x = [(a - arb(c)).mid() for a, c in zip(x, shift.tolist(), strict=True)]
            if np.abs(shift).max() < ROOM * self.freed.scale:
                break
        return x

    def _bend(self, x: Sequence[Any], inverse: Array, towards: Array) -> Array:
        """The second derivatives along the path, in doubles."""
        change = self.freed.along(x, [arb(m) for m in towards.tolist()], 2)
        found, _ = product(inverse, [*(-one for one in change), arb(0)])
        return found

    def _proved(self, around: Around, towards: Array, bend: Array) -> TurnProof:
        """The proof that the path turns next to a point of it, from reaches that fall."""
        x = around.centre
        _, off = product(around.inverse, [*self.freed.conditions(x), arb(0)])
        close = off + ROOM * self.freed.scale * np.maximum(1.0, np.abs(towards))
        here = _Box(self.freed, around, close, ROUND * close)
        rate = up(
            abs(here.enclosed([arb(0)] * (self.freed.count - 1) + [arb(1)], towards)[-1]).upper()
        )
        reason = "no turn is proved nearby"
        for reach in REACHES:
            delta = reach * self.freed.scale
            moves = above(np.abs(towards) * delta + off, 2)
            wide = ROUND * moves
            wide[-1] += WIDE * abs(float(bend[-1])) * delta**2
            try:
                found = _Box(self.freed, around, moves, wide).bends(towards)
            except UnprovedError as why:
                reason = str(why)
                continue
            least, most = -up(-abs(found).lower()), up(abs(found).upper())
            if not ((found > 0 or found < 0) and rate < 0.99 * least * delta):
                reason = "the second derivative may be zero there: two turns may meet"
                continue
            eta = arb(rate) / arb(least)
            off_turn = eta * (arb(rate) + arb(most) * eta) + arb(float(here.sides[-1]))
            return TurnProof(True, up(abs(x[-1] - self.freed.start[-1]) + off_turn), "")
        raise UnprovedError(reason)


class Around(NamedTuple):
    """The centre of a box, the inverse of the derivatives there in doubles, and the value held."""

    centre: list[Any]
    inverse: Array
    held: int


class _Box:
    """A box in which the path is a curve over the value that is held.

    Parameters
    ----------
    freed : Freed
    around : Around
    moves : (n,) array
        Bounds on how far Newton's step from the centre leads, for every value that is held.
    wide : (n,) array
        Sides of a box in which to look at the derivatives.

    Raises
    ------
    UnprovedError
        If Krawczyk's test fails.
    """

    def __init__(self, freed: Freed, around: Around, moves: Array, wide: Array) -> None:
        x, inverse, held = around
        self.freed, self.inverse = freed, inverse
        box = [arb(a, float(r)) for a, r in zip(x, wide, strict=True)]
        self.jacobian = freed.jacobian(box, held)
        count = freed.count
        self.growth = excess(inverse, self.jacobian)
        try:
            self.sides = np.linalg.solve(np.eye(count) - ROUND * self.growth, 1.1 * moves)
        except np.linalg.LinAlgError:
            raise UnprovedError(SINGULAR) from None
        within = self.growth @ self.sides
        inside = (self.sides > 0) & (self.sides <= wide)
        inside &= above(within + moves, count + 4) < self.sides  # Krawczyk's inequality
        self.shrink = float(above(within / self.sides, count + 4).max())
        if not (inside.all() and self.shrink < 0.5):
            raise UnprovedError(SINGULAR)
        self.box = [arb(a, float(r)) for a, r in zip(x, self.sides, strict=True)]

    def enclosed(self, rhs: list[Any], near: Array) -> list[Any]:
        """Balls around all solutions of J y = rhs, J in the box; one is near in doubles."""
        left = list(rhs)
        for (row, column), entry in self.jacobian.items():
            left[row] -= entry * arb(float(near[column]))
        _, size = product(self.inverse, left)
        count = len(size)
        far = above(size / self.sides, 2).max() / (1 - self.shrink) * self.sides
        apart = above(far, 4)
        for _ in range(SHARPER):  # whatever bounds the distance of all solutions may be put in
            apart = np.minimum(apart, above(size + self.growth @ apart, count + 4))
        return [arb(float(m), float(r)) for m, r in zip(near, apart, strict=True)]

    def bends(self, towards: Array) -> Any:
        """A ball of the second derivatives of the number, along the path in the box."""
        way = self.enclosed([arb(0)] * (self.freed.count - 1) + [arb(1)], towards)
        change = [-one for one in self.freed.along(self.box, way, 2)] + [arb(0)]
        middle, _ = product(self.inverse, change)
        return self.enclosed(change, middle)[-1]


def _middle(jacobian: Entries, count: int) -> Array:
    matrix = np.zeros((count, count))
    for place, ball in jacobian.items():
        matrix[place] = float(ball.mid())
    return matrix

r"""Proof that a path of equilibria turns where a reply stands on a kink, in ball arithmetic.

On either side of the kink the path is smooth, with a piece of the reply each, and both pieces
agree on it. Let K(x) be by how much the inner piece of the share is above the corner. Krawczyk's
test shows that F(x) = 0 and K(x) = 0 have one solution near the point. With F of either side the
path through it is a curve over K, as the derivatives J of F and K are regular, and
:math:`J x' = e_K`. If the number rises with K along one curve and falls along the other, it is
largest or least on the kink: there the path turns, and nowhere else nearby.

Where labs are equal and do alike, both stand on the kink at once. The path is then that of
equilibria in which they do alike, with one unknown for each pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flint import arb, arb_series, ctx

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.kernels import rows
from leaderbored.solvers.markov.freed import Freed, Place
from leaderbored.solvers.numerics.krawczyk import (
    UnprovedError,
    approximate_inverse,
    only_zero,
)
from leaderbored.solvers.numerics.outward import Entries, above, excess, product, up

BESIDE = 1e-6  # of all compute: a share so near to a corner of its reply counts as on its kink
SAME = 1e-7  # of the largest value: by how much values of labs that do alike may differ
SEVERAL = "where several do at once that is not proved"
SINGULAR = "the derivatives may be singular there: paths may cross"
ONWARD = "the path goes on there, on the other side of a kink"


class Corner(Freed):
    """The conditions next to a kink.

    Parameters
    ----------
    game : Markov
        A race of two labs on the line of leads, at the number.
    row : (C,) array
        Its numbers.
    moves : int
        The place of the one that moves.
    value, build : (2, S) arrays
        The point.

    Attributes
    ----------
    corners : dict of Place to str
        Whose replies stand on kinks, and whether that is ``"idle"`` compute or ``"high"``.

    Examples
    --------
    >>> from dataclasses import replace
    >>> import leaderbored as lb
    >>> from leaderbored.solvers.kernels.rows import row_of
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1, rungs=2)
    >>> one = lb.solve(race).equilibria[0]
    >>> Corner(race.markov(), row_of(race), rows.HANDICAP, one.value, one.build).corners
    {}
    """

    def __init__(self, game: Markov, row: Array, moves: int, value: Array, build: Array) -> None:
        super().__init__(game, row, moves, value, build)
        self.inner = True  # the side on which replies on a kink are taken
        self.corners: dict[Place, str] = {}
        x = [arb(number) for number in self.start]
        for place, kind in self.kind.items():
            here = self.terms(x[-1])[place]
            gain = self.effect(x, place[0], place, {place: here})
            if kind not in ("inner", "idle", "high") or not (gain > 0 and here.price > 0):
                continue
            if row[rows.RETURNS] == 1 or here.idle is here.high:
                continue
            share = float(self._inner(gain, here, self.number(x, rows.RETURNS)))
            for name, corner in (("idle", here.idle), ("high", here.high)):
                if corner is not here.low and abs(share - float(corner)) < BESIDE:
                    self.corners[place] = name

    @property
    def named(self) -> str:
        """Who stands on kinks."""
        labs = " and ".join(map(self._where, self.corners))
        stands = "stands on a kink" if len(self.corners) == 1 else "stand on kinks"
        return f"{labs} {stands} there"

    def proof(self) -> float:
        """How far the number at the turn is from the one claimed at most.

        Raises
        ------
        UnprovedError
            If it is not proved that the path turns there.
        """
        merged = self._merged()
        first = [merged.index(k) for k in range(max(merged) + 1)]
        start = [self.start[k] for k in first]
        weights = [*[self.scale] * (len(start) - 1), max(1.0, abs(self.start[-1]))]
        for k in set(merged[2 * self.size : -1]):
            weights[k] = 1.0

        def whole(x: Sequence[Any]) -> list[Any]:
            return [x[k] for k in merged]

        def errors(x: list[Any]) -> list[Any]:
            found = self.conditions(whole(x))
            return [*(found[k] for k in first[:-1]), self._above(whole(x))]

        def slopes(x: list[Any], _: float) -> Entries:
            matrix: Entries = defaultdict(lambda: arb(0))
            place = {k: n for n, k in enumerate(first[:-1])}
            for (r, c), entry in self.jacobian(whole(x), 0).items():
                if r in place:
                    matrix[place[r], merged[c]] += entry
            for c, entry in self._rising(whole(x)).items():
                matrix[len(first) - 1, merged[c]] += entry
            return matrix

        self.inner, ways = False, []
        inverse = self._inverted(slopes([arb(number) for number in start], 0.0), len(start))
        found = only_zero(inverse, start, weights, errors, slopes)
        for self.inner in (False, True):
            ways.append(_last(slopes(found.box, 0.0), len(start)))
        if ways[0] * ways[1] > 0:
            raise UnprovedError(ONWARD)
        if not ways[0] * ways[1] < 0:
            raise UnprovedError(SINGULAR)
        return up(abs(found.box[-1] - arb(self.start[-1])))

    def _inverted(self, slopes: Entries, count: int) -> Array:
        if (inverse := approximate_inverse(slopes, count)) is None:
            raise UnprovedError(SINGULAR)
        return inverse

    def _merged(self) -> list[int]:
        """Of each unknown, the number of the one that stands for it."""
        if len(self.corners) == 1:
            return [*range(self.count)]
        mirror = {(1 - i, self.size - 1 - k): (i, k) for i, k in self.corners}
        own = [self.row[rows.LAB + i * rows.OWN : rows.LAB + (i + 1) * rows.OWN] for i in range(2)]
        if len(self.corners) != 2 or set(mirror) != set(self.corners) or (own[0] != own[1]).any():
            raise UnprovedError(SEVERAL)
        other = [2 * (self.size - 1 - n // 2) + 1 - n % 2 for n in range(2 * self.size)]
        for i, k in self.column:
            if (1 - i, self.size - 1 - k) not in self.column:
                raise UnprovedError(SEVERAL)
            other.append(self.column[1 - i, self.size - 1 - k])
        if any(abs(self.start[n] - self.start[m]) > SAME * self.scale for n, m in enumerate(other)):
            raise UnprovedError(SEVERAL)
        number: dict[int, int] = {}
        for n, m in enumerate(other):
            number.setdefault(min(n, m), len(number))
        return [*(number[min(n, m)] for n, m in enumerate(other)), len(number)]

    # --- the kink

    def _upper(
        self, place: Place, kind: str, gain: Any, here: Any, theta: Any
    ) -> tuple[Any, Any, Any]:
        """As always, but on a kink the piece of the side that is looked at."""
        if place not in self.corners:
            return super()._upper(place, kind, gain, here, theta)
        if self.inner:
            share = self._inner(gain, here, theta)
            effort = _power(share, theta)
            return (
                effort,
                (1 - share) * here.capacity,
                theta / (1 - theta) * here.scale * effort / gain,
            )
        if self.corners[place] == "idle":
            return _power(here.idle, theta), here.demand, arb(0)
        return _power(here.high, theta), (1 - here.high) * here.capacity, arb(0)

    def _inner(self, gain: Any, here: Any, theta: Any) -> Any:
        return _power(theta * here.scale * gain / (here.price * here.capacity), 1 / (1 - theta))

    def _above(self, x: Sequence[Any]) -> Any:
        """K: by how much the inner piece is above the corner."""
        place, name = next(iter(self.corners.items()))
        here = self.terms(x[-1])[place]
        gain = self.effect(x, place[0], place, {place: here})
        corner = here.idle if name == "idle" else here.high
        return self._inner(gain, here, self.number(x, rows.RETURNS)) - corner

    def _rising(self, x: Sequence[Any]) -> dict[int, Any]:
        """Derivatives of K in the unknowns that move it."""
        (i, k), last = next(iter(self.corners)), len(x) - 1
        ahead = (2 * t + i for t, _ in self._leads((i, k), self.terms(x[-1])))
        before, ctx.cap = ctx.cap, 2
        try:
            found = {}
            for c in {2 * k + i, *ahead, last}:
                moved = [*x]
                moved[c] = arb_series([x[c], 1])
                risen = self._above(moved)
                found[c] = risen[1] if isinstance(risen, arb_series) else arb(0)
            return found
        finally:
            ctx.cap = before


def _last(slopes: Entries, count: int) -> Any:
    """A ball of the last entry of all y with J y = e, e one in the last row alone."""
    inverse = approximate_inverse(slopes, count)
    if inverse is None:
        raise UnprovedError(SINGULAR)
    left = [arb(0)] * (count - 1) + [arb(1)]
    for (row, column), entry in slopes.items():
        left[row] -= entry * arb(float(inverse[column, -1]))
    growth, (_, size) = excess(inverse, slopes), product(inverse, left)
    shrink = float(above(growth.sum(axis=1), count + 1).max())
    if not shrink < 1:
        raise UnprovedError(SINGULAR)
    far = arb(float(size.max())) / (1 - arb(shrink))
    return arb(float(inverse[-1, -1]), up(far))


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, arb) and isinstance(exponent, arb):
        return base**exponent
    return (exponent * base.log()).exp()

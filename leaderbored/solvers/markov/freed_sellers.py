r"""Two labs on a market that clears with one number left free: the conditions of an equilibrium.

The share b that builds is an unknown where it is within its bounds, and all that does not build is
sold, :math:`S = (1 - b) K`. Of M customers :math:`S_0 = M - \sum_j S_j` go without. With
:math:`y = S / S_0`, m(y) what one more unit is worth to its seller
(:mod:`leaderbored.games.cleared`) and x what a success is worth,

.. math:: m(y)\, b^{1 - \theta} = \frac{\theta\, scale\, x}{K} .

The unknown is :math:`b^{1 - \theta}`, as shares may be tiny where it is not (b where theta is 1).
Where the share is at a bound and compute is idle, what is sold is the unknown, and m(y) = 0. A lab
that sells all that is left at a bound of its share has none. All of this is explicit in the
unknowns, so that derivatives are those of power series. At given worths of successes there is one
pair of replies (:mod:`.enclosed_seller`), so an equilibrium is nothing but a solution of these
conditions on the pieces that replies are on; that they stay there is made sure of over every box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb, arb_series, ctx
from typing_extensions import override

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.kernels import rows
from leaderbored.solvers.markov.freed import Freed, Place, Terms, head, nothing, raised
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.numerics.outward import Entries

BESIDE = 1e-6  # of what builds or sells at a bound: a share so near to it may stand there
KINK = "the reply of {} may stand on a kink there"
NOTHING = "{} may sell nothing there"


class FreedSellers(Freed):
    """See :class:`.freed.Freed`; unknowns after the values are parts of compute that build or sell.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.5),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> one = lb.solve(race).equilibria[0]
    >>> freed = FreedSellers(race.markov(), rows.row_of(race), rows.OPENNESS, one.value, one.build)
    >>> missed = freed.conditions([arb(number) for number in freed.start])
    >>> freed.count, all(abs(each) < 1e-12 for each in missed)
    (19, True)
    """

    @override
    def _found(
        self, game: Markov, value: Array, build: Array, state: dict[int, int]
    ) -> list[float]:
        assert isinstance(game, Cleared)
        self.share: dict[Place, str] = {}  # "stays", "low", "inner" or "high"
        sales, beyond = game.sales(build), list[float]()
        self.linear = game.returns == 1
        push = game.returns * game.scale / game.capacity * System(game).stakes(value)
        with np.errstate(divide="ignore", invalid="ignore"):
            below, above = (
                sales.margin - push * bound ** (game.returns - 1)
                for bound in (game.lower, game.upper)
            )
        for k, s in sorted(state.items()):
            for i in range(2):
                share, low, high = "inner", game.lower[i, s], game.upper[i, s]
                if not game.movable[i, s]:
                    share = "stays"
                elif build[i, s] - low <= BESIDE * low and below[i, s] > 0:
                    share = "low"
                elif high - build[i, s] <= BESIDE * (1 - high) and above[i, s] < 0:
                    share = "high"
                out = sales.margin[i, s] > 0
                self.share[i, k] = share
                self.kind[i, k] = "inner" if share == "inner" else "out" if out else "idle"
                if self.kind[i, k] != "out":
                    self.column[i, k] = 2 * self.size + len(beyond)
                    sold = sales.sold[i, s] / game.capacity[i, s]
                    power = 1.0 if self.linear else 1 - game.returns
                    beyond.append(float(build[i, s] ** power if share == "inner" else sold))
        return beyond

    @override
    def _market(self, n: Sequence[Any], i: int, ahead: int) -> tuple[Any, Any, Any]:
        secret = (1 - n[rows.OPENNESS]) * abs(ahead) - max(-ahead, 0)
        worth = n[rows.WORTH] + self._own(n, i)[rows.BRAND].log() + n[rows.SWITCHING] * secret
        compute = self._own(n, 0)[rows.COMPUTE] + self._own(n, 1)[rows.COMPUTE]
        return n[rows.PRICE], n[rows.SCARCITY] * compute, worth

    @override
    def _idle(self, demand: Any, compute: Any, low: Any, high: Any, place: Place) -> Any:
        return low  # what is idle depends on what is sold

    @override
    def conditions(self, x: Sequence[Any]) -> list[Any]:
        checkpoint()
        found: list[Any] = [arb(0)] * (self.count - 1)
        for k in range(self.size):
            for row, missed in self._at(k, x).items():
                found[row] = missed
        return found

    def _at(self, k: int, x: Sequence[Any]) -> dict[int, Any]:
        """The conditions at a place, by their numbers."""
        terms, theta, found = self.terms(x[-1]), self.number(x, rows.RETURNS), dict[int, Any]()
        here = [terms[i, k] for i in range(2)]
        builds, parts = zip(*(self._use((i, k), x, here[i]) for i in range(2)), strict=True)
        sold = [part * each.capacity for part, each in zip(parts, here, strict=True)]
        unserved = here[0].demand - sold[0] - sold[1]
        if not head(unserved) > 0:
            raise UnprovedError("nobody may be left unserved there")
        hazard, earned = [], []
        for i in range(2):
            place = (i, k)
            if not head(sold[i]) > 0:
                raise UnprovedError(NOTHING.format(self._where(place)))
            ratio = sold[i] / unserved
            price = here[i].price * (here[i].worth - ratio.log())
            tilt = 0 if self.row[rows.CONDUCT] == rows.TAKING else here[i].price * (1 + ratio)
            over = self._over(place, builds[i], price - tilt, x, here[i])
            if place in self.column:
                found[self.column[place]] = over
            hazard.append(here[i].scale * raised(builds[i], theta) + here[i].base)
            earned.append(price * sold[i])
        for i in range(2):
            won = [hazard[j] * self.effect(x, i, (j, k), terms) for j in range(2)]
            found[2 * k + i] = (
                self.number(x, rows.DISCOUNT) * x[2 * k + i] - earned[i] - won[0] - won[1]
            )
        return found

    def _use(self, place: Place, x: Sequence[Any], here: Terms) -> tuple[Any, Any]:
        """The parts of compute that build and that sell."""
        if self.kind[place] == "inner":
            build = x[self.column[place]]
            if not self.linear:
                if not head(build) > 0:
                    raise UnprovedError(f"{self._where(place)} may build nothing there")
                build = raised(build, 1 / (1 - self.number(x, rows.RETURNS)))
        else:
            build = here.high if self.share[place] == "high" else here.low
        return build, x[self.column[place]] if self.kind[place] == "idle" else 1 - build

    def _over(self, place: Place, build: Any, margin: Any, x: Sequence[Any], here: Terms) -> Any:
        """What one more unit sold is worth, over what it is worth to build with it.

        Raises
        ------
        UnprovedError
            If the reply may leave its piece.
        """
        share, idle = self.share[place], self.kind[place] == "idle"
        gain = self.effect(x, place[0], place, {place: here})
        infinite = nothing(build) and not self.linear  # worth of the first unit that builds
        losing = share == "low" and (idle or infinite)
        gaining = share in ("inner", "high")
        if (gaining and not head(gain) > 0) or (losing and not head(gain) < 0):
            raise UnprovedError(f"the gain of {self._where(place)} may be zero there")
        push = self.number(x, rows.RETURNS) * here.scale / here.capacity * gain
        if idle:
            over, holds = margin, head(1 - build - x[self.column[place]]) > 0
        elif share == "inner":
            over = margin * (1 if self.linear else x[self.column[place]]) - push
            holds = head(here.low) < head(build) < head(here.high)
        else:
            over = margin
            if share != "stays" and not losing:
                over = margin - push * (
                    1 if self.linear else raised(build, self.number(x, rows.RETURNS) - 1)
                )
            kept = head(over) < 0 if share == "high" else head(over) > 0
            holds = kept and head(margin) > 0
        if not holds:
            raise UnprovedError(KINK.format(self._where(place)))
        return over

    @override
    def jacobian(self, x: Sequence[Any], held: int) -> Entries:
        matrix: Entries = defaultdict(lambda: arb(0))
        self.terms(x[-1])
        before, ctx.cap = ctx.cap, 2
        try:
            for k in range(self.size):
                for c in self._moving(k, x):
                    moved = [*x]
                    moved[c] = arb_series([x[c], 1])
                    for row, missed in self._at(k, moved).items():
                        if isinstance(missed, arb_series):
                            matrix[row, c] += missed[1]
        finally:
            ctx.cap = before
        last = self.count - 1
        for row, change in enumerate(self.along(x, [arb(0)] * last + [arb(1)], 1)):
            matrix[row, last] += change
        matrix[last, held] += 1
        return matrix

    def _moving(self, k: int, x: Sequence[Any]) -> set[int]:
        """The unknowns that move the conditions at a place, but for the number."""
        terms = self.terms(x[-1])
        places = {k, *(t for j in range(2) for t, _ in self._leads((j, k), terms))}
        moving = {2 * t + i for t in places for i in range(2)}
        return moving | {self.column[i, k] for i in range(2) if (i, k) in self.column}

r"""Riccati equations that run to a horizon in continuous time, enclosed by Taylor series in balls.

Backward from the end, in the time t that is left, values obey :math:`\dot Y = f(Y)` with f
quadratic. For a step from :math:`Y_0` over a time h some box B is looked for with

.. math:: Y_0 + [0, h]\, f(B) \subset B .

Then there is one solution up to h, and it stays in B (Picard). With the terms of the Taylor series
of solutions through :math:`Y_0` and, of order n alone, through B,

.. math:: Y(t) \in \sum_{k < n} Y_k(Y_0)\, t^k + Y_n(B)\, t^n, \qquad 0 \le t \le h

(Moore, Interval Analysis, 1966; Nedialkov, Jackson and Corliss, Applied Mathematics and Computation
105, 1999). Balls grow from step to step as the equations are repeated with what is not known of the
last one, so that more digits are taken where they come to nothing.

In feedback the coupled equations have one solution, and what each player minimises is convex in
its controls (Basar and Olsder 1999, ch. 6). In open loop the equations of the costates
:math:`K_i x` have one, so that the boundary value problem of first order has one from every state
(Engwerda 2005, ch. 7), and what a player minimises is convex in all of its plan if its own
Riccati equation, the others' controls given, has a solution up to the horizon.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import floor, isfinite, log2
from typing import Any

import numpy as np
from flint import arb, arb_mat

from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.linear_quadratic.core import Core
from leaderbored.solvers.linear_quadratic.inequalities import balls, part, summed
from leaderbored.solvers.numerics.balls import positive
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.numerics.outward import up

PART = 8  # of the time within which the series seems to converge, one is the step at first
GROWTH = 2.0  # most that a step is longer than the last one
TRIES, WIDER, SHORTEST = 4, 1.25, 1e-5  # to find B, by how much wider each is; of the horizon
WORK = 4_000_000  # products of terms of series, at most
CONVEX = "what a player minimises over its controls may not be convex"
STEEP = "values move too fast to be enclosed: they may cease to be finite"
WIDE = 1e-3  # of the largest value: balls that say nothing
FAR = "it is not enclosed whether values stay finite: balls grow too wide"
LONG = "the horizon is long beside how fast values move: it takes more than {:,} products"


class Falling:
    """Values of some players of a game, and what they pay, as they fall towards the end.

    Parameters
    ----------
    game : LinearQuadratic
        In continuous time.
    players : sequence of int
        Who acts; others do nothing.
    open_loop : bool
        Whether equations are those of costates; what is paid is then beside them.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> game = LinearQuadratic(0.0, [Controller("1", 1.0, 1.0, 1.0)], horizon=1.0)
    >>> alone = Falling(game, [0], open_loop=False)
    >>> (_, values), = alone.at([arb(1)], terms=40)
    >>> bool(values[0][0, 0].contains(arb(1).tanh()))  # paid from x = 1 on
    True
    """

    def __init__(self, game: LinearQuadratic, players: Sequence[int], *, open_loop: bool) -> None:
        core = Core.of(game, affine=True, discounted=False)
        self.open_loop, self.size = open_loop, len(core.drift)
        self.horizon = float(game.horizon or 0.0)
        half = arb(float(game.discount or 0.0)) / 2
        one = balls(np.eye(self.size))
        self.drift = balls(core.drift) - one * half
        acting = [m for m in range(len(core.owner)) if core.owner[m] in players]
        rows = [*range(self.size)]
        self.inputs, self.noise = part(balls(core.inputs), rows, acting), balls(core.noise)
        self.state = [balls(core.state[i]) for i in players]
        self.final = [balls(core.final[i]) for i in players]
        self.mixed = [part(balls(core.mixed[i]), rows, acting) for i in players]
        self.weights = [part(balls(core.weights[i]), acting, acting) for i in players]
        self.own = [[k for k, m in enumerate(acting) if core.owner[m] == i] for i in players]
        effect = arb_mat(len(acting), len(acting))
        for own, weight in zip(self.own, self.weights, strict=True):
            if not positive(part(weight, own, own)):
                raise UnprovedError(CONVEX)
            for k in own:
                for m in range(len(acting)):
                    effect[k, m] = weight[k, m]
        try:
            self.effect = effect.inv()
        except ZeroDivisionError:
            raise UnprovedError("first-order conditions may be singular") from None
        self.count = len(players)

    def at(self, times: Sequence[Any], terms: int) -> Iterator[tuple[int, list[Any]]]:
        """Each of rising times before the end, by its number, with the matrices there.

        These are N values, in open loop N costates and what N players pay.

        Raises
        ------
        UnprovedError
            If balls grow too wide.
        """
        here = [*self.final, *self.final] if self.open_loop else [*self.final]
        now, waiting, work, step = arb(0), [*enumerate(times)], 0, arb("inf")
        while waiting:
            checkpoint()
            work += terms**2 * len(here)
            if work > WORK:
                raise UnprovedError(LONG.format(WORK))
            series = self._series(here, terms)
            step, rest = self._step(here, series, step * GROWTH)
            while waiting and waiting[0][1] <= now + step:
                number, time = waiting.pop(0)
                yield number, _summed(series, rest, time - now)
            here, now = _summed(series, rest, step), now + step

    def gains(self, values: Sequence[Any], first: bool = True) -> Any:
        """(M, d) F of values, or of a later term of their series."""
        right = arb_mat(self.inputs.ncols(), self.size)
        for i, own in enumerate(self.own):
            moved = self.inputs.transpose() * values[i]
            if first:
                moved = moved + self.mixed[i].transpose()
            for k in own:
                for d in range(self.size):
                    right[k, d] = moved[k, d]
        return self.effect * right

    def _series(self, here: list[Any], terms: int) -> list[list[Any]]:
        """The first terms of the series of each block."""
        blocks = [[block] for block in here]
        gains, moves = list[Any](), list[Any]()  # F and B F
        turned = self.drift.transpose()
        for k in range(terms):
            gains.append(self.gains([block[k] for block in blocks], first=k == 0))
            moves.append(self.inputs * gains[k])
            for n, block in enumerate(blocks):
                i = n % self.count
                cross = self.mixed[i] * gains[k]
                if self.open_loop and n < self.count:
                    fall = turned * block[k] + block[k] * self.drift - cross
                    for j in range(k + 1):
                        fall = fall - block[j] * moves[k - j]
                else:
                    half = block[k] * self.drift
                    paid = arb_mat(self.size, self.size)
                    for j in range(k + 1):
                        half = half - block[j] * moves[k - j]
                        paid = paid + gains[j].transpose() * self.weights[i] * gains[k - j]
                    half = half - cross
                    fall = half + half.transpose() + paid
                    self._shake(fall, block[k])
                if k == 0:
                    fall = fall + self.state[i]
                block.append(fall * (arb(1) / (k + 1)))
        return blocks

    def _shake(self, fall: Any, value: Any) -> None:
        """Add what noise makes of values: a cost of the constant 1, the last state."""
        last = self.size - 1
        spread = self.noise * self.noise.transpose()
        fall[last, last] = fall[last, last] + summed(value, spread)

    def _step(self, here: list[Any], series: list[list[Any]], most: Any) -> tuple[Any, list[Any]]:
        """A time h, and the terms of order n through B."""
        terms = len(series[0]) - 1
        size = _largest(term for block in series for term in block[:2]) or 1.0
        pace = 1 / (PART * self.horizon)  # of growing terms: one over how far the series converges
        for k in (terms - 1, terms):  # of odd functions every other term is zero
            pace = max(pace, (_largest(block[k] for block in series) / size) ** (1 / k))
        wide = max(up(x.rad()) for block in here for x in block.entries()) > WIDE * size
        if wide or not isfinite(pace):
            raise UnprovedError(FAR)
        step = arb(2.0 ** floor(-log2(PART * pace))).min(most)
        while step > SHORTEST * self.horizon:
            box = self._around(here, step)
            if box is not None:
                rest = [block[-1] for block in self._series(box, terms)]
                if up(_largest(rest) * step**terms) <= size * 4.0**-terms:
                    return step, rest
            step = step / 2
        raise UnprovedError(STEEP)

    def _around(self, here: list[Any], step: Any) -> list[Any] | None:
        """B, if it is found."""
        time, box = arb(0).union(step), here
        for _ in range(TRIES):
            moved = [
                start + series[1] * time
                for start, series in zip(here, self._series(box, 1), strict=True)
            ]
            if all(
                a.contains(b)
                for old, new in zip(box, moved, strict=True)
                for a, b in zip(old.entries(), new.entries(), strict=True)
            ):
                return box
            box = [_wider(block) for block in moved]
        return None


def _largest(matrices: Iterable[Any]) -> float:
    return max(up(abs(entry)) for matrix in matrices for entry in matrix.entries())


def _wider(block: Any) -> Any:
    rows = block.tolist()
    return arb_mat([[arb(x.mid(), up(x.rad() * WIDER)) for x in row] for row in rows])


def _summed(series: list[list[Any]], rest: list[Any], time: Any) -> list[Any]:
    """The blocks a time later."""
    found = []
    for block, last in zip(series, rest, strict=True):
        total = last
        for term in reversed(block[:-1]):
            total = total * time + term
        found.append(total)
    return found

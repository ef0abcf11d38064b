r"""Krawczyk's test of a complementarity problem: of equations whose unknowns have bounds.

Unknowns z within bounds solve it if every F is zero, or points out of the box at a bound. Those at
a bound are held there, and :mod:`leaderbored.solvers.numerics.krawczyk` proves that the other
equations have one solution in a box and only one. Over the whole box, in which all unknowns may
leave their bounds, the F of those at a bound keep their sign, so that they stand there in every
solution, and the others stay within their bounds.

Where F is next to zero at a bound l, the equation of that unknown is :math:`\min(z - l, F) = 0`,
with max at an upper bound. It has a kink, about which the slopes of both pieces are joined, with
which the mean value theorem holds (Clarke 1983).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import arb

from leaderbored.games.markov import Array, States
from leaderbored.solvers.numerics.krawczyk import (
    FOLD,
    RADII,
    Alone,
    UnprovedError,
    approximate_inverse,
    only_zero,
)
from leaderbored.solvers.numerics.outward import Entries

NEAR = 1e-6  # relative distance from the solution that exists of what is claimed to be it
AT_BOUND = 1e-9  # relative distance from a bound at which an unknown is taken to stand there
SLACK = 1e-6  # relative size of F at a bound below which it may be zero there
EDGE = "a strategy or a multiplier stands at its bound, where the conditions hold only just"

Forces = Callable[[list[Any], list[int]], list[Any]]
Slopes = Callable[[list[Any]], Entries]


class Bounded:
    """A complementarity problem around a computed solution.

    Parameters
    ----------
    lower, upper : (m,) arrays
    z : (m,) array
        The solution.
    weights : (m,) array
        Units in which distances are told.
    forces : callable
        F of some rows at m balls.
    slopes : callable
        Enclosure of the derivatives of F over m balls.

    Attributes
    ----------
    sign : (m,) int array
        1 of unknowns held at their lower bound, -1 at their upper one, 0 of those that are free.
    edge : dict of int to (int, float)
        Of free unknowns at a bound where F is next to zero: the sign, and the unit of F.

    Examples
    --------
    >>> two = Bounded(np.zeros(2), np.ones(2), np.array([0.5, 0.0]), np.ones(2),
    ...               forces=lambda z, rows: [[z[0] - 0.5, z[1] + 1][k] for k in rows],
    ...               slopes=lambda z: {(0, 0): arb(1), (1, 1): arb(1)})
    >>> found, radius = two.alone()
    >>> two.sign.tolist(), radius < 1e-15, found.unique
    ([0, 1], True, 0.01)
    """

    def __init__(
        self,
        lower: Array,
        upper: Array,
        z: Array,
        weights: Array,
        *,
        forces: Forces,
        slopes: Slopes,
    ) -> None:
        self.lower, self.upper, self.weights = lower, upper, weights
        self.forces, self.slopes = forces, slopes
        low = z <= lower + AT_BOUND * weights
        high = ~low & (z >= upper - AT_BOUND * weights)
        self.sign = low.astype(int) - high.astype(int)
        self.fixed: States = np.flatnonzero(lower == upper)
        self.z = np.where(low, lower, np.where(high, upper, z))
        self.moved = float((np.abs(self.z - z) / weights).max(initial=0.0))
        self.edge: dict[int, tuple[int, float]] = {}
        self._part()

    def _part(self) -> None:
        """Tell unknowns that are held from those that are free."""
        self.free = np.flatnonzero(self.sign == 0).tolist()
        self.place = {k: column for column, k in enumerate(self.free)}

    def _loosen(self) -> None:
        """Free the unknowns at a bound at which F is next to zero."""
        held = self._held
        self.place = {k: k for k in range(len(self.z))}
        here = self.at([arb(x) for x in self.z[self.free].tolist()], 0.0)
        rows: dict[int, float] = dict.fromkeys(held, 0.0)
        for (row, column), slope in self.slopes(here).items():
            if row in rows:
                rows[row] += float(abs(slope).upper()) * self.weights[column]
        for k, force in zip(held, self.forces(here, held), strict=True):
            unit = rows[k] / self.weights[k] or 1.0
            if not float(self.sign[k] * force.mid()) > SLACK * unit * self.weights[k]:
                self.edge[k] = int(self.sign[k]), unit
                self.sign[k] = 0
        self._part()

    @property
    def _held(self) -> list[int]:
        return sorted({*np.flatnonzero(self.sign).tolist()} - {*self.fixed.tolist()})

    def alone(self) -> tuple[Alone, float]:
        """The solution that exists and is alone, and how far what was computed is from it.

        Raises
        ------
        UnprovedError
            If that is not proved; the message says why.
        """
        if self._held:
            self._loosen()
        if not self.free:
            return self._held_alone(), self.moved
        start = self.z[self.free].tolist()
        slopes = self._inner(self.at([arb(x) for x in start], 0.0))
        if (inverse := approximate_inverse(slopes, len(start))) is None:
            raise UnprovedError(FOLD)
        weights = self.weights[self.free].tolist()
        found = only_zero(inverse, start, weights, self._errors, self._enclosed)
        away = max(self.moved, found.moved + found.reach)
        if not away < NEAR:
            raise UnprovedError(f"this is no solution: the nearest is {away:.0e} away")
        return found, away

    def _held_alone(self) -> Alone:
        """The point at which every unknown is held at a bound."""
        reason = ""
        for radius in RADII:
            try:
                self._enclosed([], radius)
            except UnprovedError as why:
                reason = str(why)
                continue
            return Alone([], [], 0.0, 0.0, radius)
        raise UnprovedError(reason)

    def at(self, x: Sequence[Any], radius: float) -> list[Any]:
        """(m,) all unknowns, those at a bound so far from it."""
        z = [arb(a, radius * w) for a, w in zip(self.z.tolist(), self.weights, strict=True)]
        for k in self.fixed.tolist():
            z[k] = arb(float(self.z[k]))
        for k, ball in zip(self.free, x, strict=True):
            z[k] = ball
        return z

    def _errors(self, x: list[Any]) -> list[Any]:
        z, found = self.at(x, 0.0), []
        for k, force in zip(self.free, self.forces(z, self.free), strict=True):
            sign, unit = self.edge.get(k, (0, 1.0))
            low, high = z[k] - arb(float(self.lower[k])), z[k] - arb(float(self.upper[k]))
            sized = force / arb(unit)
            found.append(low.min(sized) if sign > 0 else high.max(sized) if sign else sized)
        return found

    def _enclosed(self, box: list[Any], radius: float) -> Entries:
        """Derivatives over a box in which what stands at a bound stays there."""
        for k, ball in zip(self.free, box, strict=True):
            low, high = ball >= float(self.lower[k]), ball <= float(self.upper[k])
            sign, _ = self.edge.get(k, (0, 1.0))
            if not ((low or sign > 0) and (high or sign < 0)):
                raise UnprovedError(EDGE)
        held = self._held
        for k, force in zip(held, self.forces(self.at(box, radius), held), strict=True):
            if not int(self.sign[k]) * force > 0:
                raise UnprovedError(EDGE)
        return self._inner(self.at(box, 0.0))

    def _inner(self, z: list[Any]) -> Entries:
        """Derivatives of the F of free unknowns in free unknowns."""
        found = {(self.place[k], self.place[k]): arb(0) for k in self.edge}
        for (row, column), slope in self.slopes(z).items():
            if row in self.place and column in self.place:
                found[self.place[row], self.place[column]] = slope
        for (row, column), slope in found.items():
            k = self.free[row]
            if k in self.edge:
                other = arb(1) if row == column else arb(0)
                found[row, column] = other.union(slope / arb(self.edge[k][1]))
        return found

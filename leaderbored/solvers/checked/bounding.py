r"""That a list of one is whole, by bounds on all values, in balls: of any number of labs.

Let hazards lie between bounds in every equilibrium. If for numbers :math:`u` of a lab i

.. math:: \rho u \ge W_i(P_i u - u) + \max \sum_{j \ne i} h_j (P_j u - u) - r

in all states, the largest over hazards within their bounds, then :math:`V_i \le u + r / \rho` in
every equilibrium: where :math:`V_i - u` is largest, :math:`P_j V_i - V_i \le P_j u - u` for all j,
and W rises. From below likewise. Bounds on values are bounds on gains, and these on hazards, as
best hazards rise with gains. So bounds draw closer; when all values lie where a proved equilibrium
is alone there is no other. Numbers u are found in doubles, and nothing is assumed of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb

from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.checked.alone import Conditions
from leaderbored.solvers.checked.stage import Ball, Lab, power

ROUNDS = 100  # in which bounds draw closer, at most
STALLED = 0.98  # of the widths of all bounds on hazards, above which it has come to an end
TURNS = 30  # of policy iteration
SETTLED = 1e-14  # change of values, relative to the largest, after which it ends


def bounded(conditions: Conditions, values: Sequence[Sequence[float]], alone: float) -> bool:
    """Whether in every equilibrium all values (N, S) lie within ``alone`` of these.

    Parameters
    ----------
    conditions : Conditions
    values : N sequences of S floats
    alone : float
        In the units of values.

    Examples
    --------
    >>> from leaderbored.solvers.checked.stage import Lab
    >>> idle = Lab.of({"lower": 0, "upper": 0, "scale": 0, "base": 0, "price": 1, "capacity": 1,
    ...                "demand": None}, 0.5)
    >>> one = Conditions([[idle]], [[[(0, 1.0)]]], arb(0.5))
    >>> bounded(one, [[2.0]], 1e-9), bounded(one, [[2.1]], 1e-9)
    (True, False)
    """
    return _Bounds(conditions).drawn_to(values, arb(alone))


class _Bounds:
    """Bounds on hazards, and those on values that follow."""

    def __init__(self, conditions: Conditions) -> None:
        self.all, self.labs = conditions, conditions.labs
        self.players, self.size = range(conditions.players), range(conditions.size)
        self.hazard = [[_any(lab) for lab in row] for row in self.labs]
        self.moves = np.zeros((len(self.players), len(self.size), len(self.size)))
        for j in self.players:
            for s, row in enumerate(conditions.jumps[j]):
                for t, chance in row:
                    self.moves[j, s, t] += float(chance)
                    self.moves[j, s, s] -= float(chance)

    def drawn_to(self, values: Sequence[Sequence[float]], alone: Ball) -> bool:
        """Whether bounds on all values draw closer than that to these."""
        for _ in range(ROUNDS):
            above = [self.bound(i, 1) for i in self.players]
            below = [self.bound(i, -1) for i in self.players]
            near = all(
                above[i][s] - arb(values[i][s]) < alone and arb(values[i][s]) - below[i][s] < alone
                for i in self.players
                for s in self.size
            )
            if near:
                return True
            before = self.width()
            for j in self.players:
                gains = self.gains(j, below[j], above[j])
                for s in self.size:
                    best = self.labs[j][s].hazard(gains[s])
                    self.hazard[j][s] = self.hazard[j][s].intersection(best)
            if not self.width() < STALLED * before:
                return False
        return False

    def width(self) -> float:
        """How far apart bounds on hazards are."""
        return float(sum(float(ball.rad()) for row in self.hazard for ball in row))

    def gains(self, j: int, below: list[Ball], above: list[Ball]) -> list[Ball]:
        """Balls of what a success may add to what a lab is worth, in every state."""
        found = []
        for s, row in enumerate(self.all.jumps[j]):
            least = sum((p * below[t] for t, p in row), arb(0)) - above[s]
            most = sum((p * above[t] for t, p in row), arb(0)) - below[s]
            found.append(least.union(most) if row else arb(0))
        return found

    def bound(self, i: int, side: int) -> list[Ball]:
        """Balls that bound a lab's values from above (1) or below (-1), one in every state."""
        x = [arb(float(value)) for value in self._near(i, side)]
        left = arb(0)
        for s in self.size:
            flow = self.labs[i][s].worth(self._effect(x, i, s))
            for j in self.players:
                if j != i:
                    flow += self.hazard[j][s] * self._effect(x, j, s)
            missed = side * (flow - self.all.discount * x[s])
            left = left.max(missed.upper())
        return [value + side * left / self.all.discount for value in x]

    def _effect(self, x: list[Ball], j: int, s: int) -> Ball:
        row = self.all.jumps[j][s]
        return sum((p * x[t] for t, p in row), arb(0)) - x[s] if row else arb(0)

    def _near(self, i: int, side: int) -> Any:
        """(S,) values of a lab against others at their best or worst for it, in doubles."""
        checkpoint()
        ends = np.array(
            [[[float(b.lower()), float(b.upper())] for b in row] for row in self.hazard]
        )
        rho, size = float(self.all.discount), len(self.size)
        value = np.zeros(size)
        for _ in range(TURNS):
            effect = self.moves @ value
            rates = np.where(side * effect > 0, ends[..., 1], ends[..., 0])
            earned = np.zeros(size)
            for s, lab in enumerate(self.labs[i]):
                gain = arb(float(effect[i, s]))
                rates[i, s] = float(lab.hazard(gain).mid())
                earned[s] = float(lab.worth(gain).mid()) - rates[i, s] * effect[i, s]
            law = rho * np.eye(size) - np.einsum("js,jst->st", rates, self.moves)
            before, value = value, np.linalg.solve(law, earned)
            if np.abs(value - before).max() <= SETTLED * np.abs(value).max():
                break
        return value


def _any(lab: Lab) -> Ball:
    """All hazards that a lab may choose."""
    shares = lab.low.union(lab.high) if lab.free else lab.low
    return lab.base + lab.scale * power(shares, lab.theta)

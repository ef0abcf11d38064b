r"""Krawczyk's test of one equilibrium, in balls, apart from what proved it.

The conditions are those of Hamilton, Jacobi and Bellman,

.. math:: F_i(s) = \rho V_i - W_i(d_i) - \sum_{j \ne i} h_j(d_j) (P_j V_i - V_i) = 0,
          \quad d_j = P_j V_j - V_j ,

with W and h of :mod:`.stage`. If :math:`|C F(x)| + |I - C J|\, r < r` for some matrix C, J all
slopes of F within r of x, there is one zero there and only one (Krawczyk 1969).
"""

from __future__ import annotations

from typing import Any

from flint import arb, arb_mat

from leaderbored.solvers.checked.stage import Ball, Lab

SHAPE = 30  # steps towards the shape of the box for which the test is easiest
SHORTEST = (1.0, 0.3, 0.05)  # sides of boxes that are tried, over the longest
Jump = list[list[tuple[int, float]]]  # of each state, where a success leads and with what chance


class Conditions:
    """The conditions of a game of N labs and S states.

    Parameters
    ----------
    labs : N lists of S of Lab
    jumps : N of Jump
    discount : ball
        1/year.

    Examples
    --------
    A lab that is alone, and can change nothing, is worth what it earns for ever.

    >>> idle = Lab.of({"lower": 0, "upper": 0, "scale": 0, "base": 0, "price": 1, "capacity": 1,
    ...                "demand": None}, 0.5)
    >>> alone = Conditions([[idle]], [[[(0, 1.0)]]], arb(0.5))
    >>> alone.holds([2.0], 1e-3, 1e-9), alone.holds([2.1], 1e-3, 1e-9)
    (True, False)
    """

    def __init__(self, labs: list[list[Lab]], jumps: list[Jump], discount: Ball) -> None:
        self.discount, self.players, self.size = discount, len(labs), len(labs[0])
        self.jumps = [
            [[(t, arb(p)) for t, p in row if row != [(s, 1.0)]] for s, row in enumerate(jump)]
            for jump in jumps
        ]
        self.labs = [
            [lab if row else lab.stuck() for lab, row in zip(mine, jump, strict=True)]
            for mine, jump in zip(labs, self.jumps, strict=True)
        ]

    def holds(self, values: list[float], alone: float, near: float) -> bool:
        """Whether one zero lies within ``near`` of values (N times S), and no other in ``alone``.

        Both distances are in the units of values, and in every one of them.
        """
        x = [arb(value) for value in values]
        jacobian = self.slopes([arb(value, alone) for value in values])
        if jacobian is None:
            return False
        close = self.slopes([arb(value, near) for value in values])
        inverse = _middle_inverse(jacobian)
        if close is None or inverse is None:
            return False
        if not self._near(x, inverse, close, near):  # slopes may be others in the middle of both
            there = _middle_inverse(close)
            if there is None or not self._near(x, there, close, near):
                return False
        move, growth = self._moves(x, inverse), _growth(inverse, jacobian)
        return any(
            self._alone(x, move, inverse, [arb(alone) * side for side in _shape(growth, short)])
            for short in SHORTEST
        )

    def _moves(self, x: list[Ball], inverse: Any) -> list[Ball]:
        """Sizes of what is in C F(x)."""
        moves = inverse * arb_mat(len(x), 1, self.errors(x))
        return [abs(moves[k, 0]).upper() for k in range(len(x))]

    def _near(self, x: list[Ball], inverse: Any, slopes: Any, near: float) -> bool:
        """Whether one zero lies within ``near`` of x, by the slopes so close to it."""
        return _shrinks(self._moves(x, inverse), _growth(inverse, slopes), [arb(near)] * len(x))

    def inverse(self, values: list[float]) -> Any | None:
        """About the inverse of the derivatives of F at values, exact as it stands; if there is."""
        slopes = self.slopes([arb(value) for value in values])
        return None if slopes is None else _middle_inverse(slopes)

    def _alone(self, x: list[Ball], move: list[Ball], inverse: Any, sides: list[Ball]) -> bool:
        """Whether Krawczyk's test holds on a box about x."""
        slopes = self.slopes([a + arb(0, 1) * side for a, side in zip(x, sides, strict=True)])
        return slopes is not None and _shrinks(move, _growth(inverse, slopes), sides)

    def _effect(self, x: list[Ball], i: int, j: int, s: int) -> Ball:
        """What a success of j adds to what i is worth; nothing where it changes nothing."""
        row = self.jumps[j][s]
        if not row:
            return arb(0)
        return sum((p * x[i * self.size + t] for t, p in row), arb(0)) - x[i * self.size + s]

    def errors(self, x: list[Ball]) -> list[Ball]:
        """F at values; money/year."""
        found = []
        for i in range(self.players):
            for s in range(self.size):
                flow = self.labs[i][s].worth(self._effect(x, i, i, s))
                for j in range(self.players):
                    if j != i:
                        hazard = self.labs[j][s].hazard(self._effect(x, j, j, s))
                        flow += hazard * self._effect(x, i, j, s)
                found.append(self.discount * x[i * self.size + s] - flow)
        return found

    def slopes(self, x: list[Ball]) -> Any | None:
        """All slopes of F over balls of values; None where there are none."""
        n, size = len(x), self.size
        matrix = arb_mat(n, n)
        for s in range(size):
            gains = [self._effect(x, j, j, s) for j in range(self.players)]
            hazards = [self.labs[j][s].hazard(gains[j]) for j in range(self.players)]
            steep = [self.labs[j][s].steepness(gains[j]) for j in range(self.players)]
            for i in range(self.players):
                row = i * size + s
                matrix[row, row] += self.discount + sum(hazards, arb(0))
                for j in range(self.players):
                    for t, p in self.jumps[j][s]:
                        matrix[row, i * size + t] -= hazards[j] * p
                    slope = steep[j]
                    if j == i:
                        continue
                    if slope is None:
                        return None
                    push = slope * self._effect(x, i, j, s)
                    matrix[row, j * size + s] += push
                    for t, p in self.jumps[j][s]:
                        matrix[row, j * size + t] -= push * p
        return matrix


def _middle_inverse(matrix: Any) -> Any | None:
    """An approximate inverse, exact as it stands; None if there is none."""
    try:
        return matrix.mid().inv().mid()
    except ZeroDivisionError:
        return None


def _growth(inverse: Any, jacobian: Any) -> list[list[Ball]]:
    """Sizes of what is in I - C J."""
    product = inverse * jacobian
    n = product.nrows()
    return [[abs(arb(int(i == k)) - product[i, k]).upper() for k in range(n)] for i in range(n)]


def _shape(growth: list[list[Ball]], short: float) -> list[Ball]:
    """Sides of a box that is easy for the test, at least one and at most one over ``short``."""
    shape = [arb(1)] * len(growth)
    for _ in range(SHAPE if short < 1 else 0):
        following = [
            sum((a * b for a, b in zip(row, shape, strict=True)), arb(0)) for row in growth
        ]
        most = max(following, key=float)
        if not most > 0:
            break
        shape = [(a / most).mid().max(arb(short)).mid() for a in following]
    least = min(shape, key=float)
    return [(side / least).upper() for side in shape]


def _shrinks(move: list[Ball], growth: list[list[Ball]], sides: list[Ball]) -> bool:
    """Krawczyk's inequality."""
    return all(
        own + sum((a * b for a, b in zip(row, sides, strict=True)), arb(0)) < side
        for own, row, side in zip(move, growth, sides, strict=True)
    )

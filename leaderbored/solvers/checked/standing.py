r"""Of one equilibrium where Krawczyk's test fails: that two labs stand still at the tie.

Each earns there, and wherever it leads, the most that it can earn anywhere, and could build only by
earning less. So it is worth M, the most there is, and builds nothing; behind the tie it is worth
what one lab alone can make of the race. Another equilibrium would miss a part x of M at the tie for
the first lab, y for the second. The equations of the tie and of the leads beside it bound x by a
function of y, and y by one of x, that are zero at zero, and convex or concave with the best hazard:
so their slopes over the whole of a box say whether both can be above zero in it.
"""

from __future__ import annotations

from flint import arb

from leaderbored.solvers.checked.alone import Conditions
from leaderbored.solvers.checked.stage import Ball, Lab, power


def stands(
    conditions: Conditions, place: list[int], values: list[list[float]], alone: float, near: float
) -> bool:
    """Whether the labs stand still, within ``near`` of values (2, S), no other being in ``alone``.

    Parameters
    ----------
    conditions : Conditions
        Of two labs that move step by step.
    place : list of int
        States by lead, from where the second lab leads most.
    values : 2 lists of S floats
    alone, near : float
        In the units of values.

    Examples
    --------
    >>> numbers = {"lower": 0, "upper": 1, "scale": 1, "base": 0, "price": 1, "capacity": 1}
    >>> behind, ahead = (Lab.of({**numbers, "demand": of}, 0.5) for of in (0.5, None))
    >>> up, down = ([[(t, 1.0)] for t in to] for to in ([1, 2, 2], [0, 0, 1]))
    >>> race = Conditions([[behind, ahead, ahead], [ahead, ahead, behind]], [up, down], arb(1))
    >>> low = 0.5**0.5  # v = 0.5 + 0.5**0.5 (1 - v)
    >>> [stands(race, [0, 1, 2], [[v, 1, 1], [1, 1, v]], 0.01, 1e-9) for v in (low, low + 1e-6)]
    [True, False]
    """
    race = _Race(conditions, place, values)
    return race.earns_most() and race.holds(arb(near)) and race.alone(arb(alone))


class _Race:
    """Both labs and their values, by lead of their own."""

    def __init__(self, conditions: Conditions, place: list[int], values: list[list[float]]) -> None:
        self.discount, self.tie = conditions.discount, len(place) // 2
        orders = place, place[::-1]
        self.labs = [[conditions.labs[i][s] for s in orders[i]] for i in range(2)]
        self.values = [[arb(values[i][s]) for s in orders[i]] for i in range(2)]

    def earns_most(self) -> bool:
        """Whether each lab earns most from the tie on, and builds there at a loss alone."""
        return all(self._earns_most(row) for row in self.labs)

    def _earns_most(self, row: list[Lab]) -> bool:
        tie = row[self.tie]
        for lab in row[self.tie :]:
            sold_out = lab.demand is None or lab.demand >= lab.capacity
            like = lab.price == tie.price and lab.capacity == tie.capacity
            if not (sold_out and like and lab.low == 0 and lab.base == 0):
                return False
        most = tie.price * tie.capacity
        return bool(most > 0) and all(lab.worth(arb(0)) <= most for lab in row[: self.tie])

    def _most(self, i: int) -> Ball:
        tie = self.labs[i][self.tie]
        return tie.price * tie.capacity / self.discount

    def holds(self, near: Ball) -> bool:
        """Whether all values of the standstill are near those that are claimed."""
        for i, value in enumerate(self.values):
            if not all(abs(v - self._most(i)) < near for v in value[self.tie :]):
                return False
            for k in range(self.tie):
                too_high = self._over(i, k, value[k] + near, value[k + 1] + near)
                too_low = self._over(i, k, value[k] - near, value[k + 1] - near)
                if not (too_high > 0 and too_low < 0):
                    return False
        return True

    def _over(self, i: int, k: int, here: Ball, ahead: Ball) -> Ball:
        """By how much the worth of a lead is above what its equation says, times the discount."""
        return self.discount * here - self.labs[i][k].worth(ahead - here)

    def alone(self, far: Ball) -> bool:
        """Whether both labs miss nothing at the tie if all values are near those claimed."""
        tie = self.tie
        parts = [(self._most(i) - self.values[i][tie] + far).upper() for i in range(2)]
        falls = [self.values[i][tie] - self.values[i][tie - 1] for i in range(2)]
        falls = [fall + arb(0, 2) * far for fall in falls]
        if not all(part > 0 and fall > 0 for part, fall in zip(parts, falls, strict=True)):
            return False
        if not all(self._answers(i, parts[i]) for i in range(2)):
            return False
        most = least = arb(1)
        for i, j in ((0, 1), (1, 0)):
            x, y, fall, chaser = parts[i], parts[j], falls[i], self.labs[i][tie - 1]
            chase, rival = chaser.hazard(fall), self.labs[j][tie]
            rest = self.discount + self.labs[j][tie + 1].hazard(y).upper()
            gain = (y * rest / (rest + chase.lower())).upper()
            most *= fall.upper() * rival.hazard(gain) / (self.discount * y)
            gain = (y * self.discount / (self.discount + chase.upper())).lower()
            own = self.discount + self.labs[i][tie].hazard(x)
            least *= fall.lower() * rival.hazard(gain) / (own * y)
        convex = all(row[tie].theta >= 0.5 for row in self.labs)
        return bool(most < 1 if convex else least > 1)

    def _answers(self, i: int, gain: Ball) -> bool:
        """Whether a lab answers a gain at the tie with less than all that it may."""
        lab = self.labs[i][self.tie]
        return not lab.free or bool(lab.hazard(gain) < lab.scale * power(lab.high, lab.theta))

"""The race once more, written from its definition with dictionaries and searches, slow and plain.

Shares no code with the package beyond the records that hold the parameters.
"""

from itertools import product
from math import exp

import numpy as np
from scipy.optimize import minimize_scalar

import leaderbored as lb

State = tuple[int, ...]


class BruteForce:
    def __init__(self, race: lb.Race, revenue: list[float] | None = None) -> None:
        self.race, self.revenue = race, revenue
        self.n, self.top = len(race.labs), race.rungs
        ladder = range(self.top + 1)
        self.states = [s for s in product(ladder, repeat=self.n) if min(s) == 0]

    def lead(self, s: State) -> int:
        return sorted(s)[1]

    def earn(self, i: int, s: State, b: float) -> float:
        race, market = self.race, self.race.market
        capacity = (1 - b) * race.labs[i].compute
        if isinstance(market, lb.ScarceMarket):
            pull = [
                lab.brand * exp(-market.switching * d) for lab, d in zip(race.labs, s, strict=True)
            ]
            whole = market.scarcity * sum(lab.compute for lab in race.labs)
            demand = whole * pull[i] / sum(pull)
            return market.price * exp(-market.premium * s[i]) * min(capacity, demand)
        assert self.revenue is not None
        return capacity * self.revenue[self.lead(s) if s[i] == 0 else 0]

    def hazard(self, i: int, s: State, b: float) -> float:
        t, lab = self.race.technology, self.race.labs[i]
        h = t.productivity * lab.talent * (b * lab.compute) ** t.returns
        h *= exp(-t.handicap * s[i])
        if s[i] == 0 and self.lead(s) > 0:
            h *= exp(t.flywheel * self.lead(s))
        return h + t.drafting * s[i]

    def outcomes(self, i: int, s: State) -> list[tuple[float, State]]:
        above = tuple(0 if j == i else min(d + 1, self.top) for j, d in enumerate(s))
        if s[i] == 0:
            return [(1.0, above)]
        chi = self.race.technology.leapfrog
        step = tuple(d - 1 if j == i else d for j, d in enumerate(s))
        return [(chi, above), (1 - chi, step)]

    def worth(self, value: dict[State, np.ndarray], i: int, j: int, s: State) -> float:
        return sum(p * value[t][i] for p, t in self.outcomes(j, s)) - value[s][i]

    def best(self, i: int, s: State, gain: float) -> tuple[float, float]:
        """Highest flow plus expected gain, and a share that reaches it."""
        low, high = self.race.labs[i].build

        def objective(b: float) -> float:
            return self.earn(i, s, b) + self.hazard(i, s, b) * gain

        grid = np.linspace(low, high, 41)
        k = int(np.argmax([objective(b) for b in grid]))
        around = grid[max(k - 1, 0)], grid[min(k + 1, 40)]
        tries = [low, high, *around, grid[k]]
        if around[0] < around[1]:
            options = {"xatol": 1e-13}
            found = minimize_scalar(
                lambda b: -objective(b), bounds=around, options=options, method="bounded"
            )
            tries.append(float(found.x))
        tries.append(min(max(self._kink(i, s), low), high))
        winner = max(tries, key=objective)
        return objective(winner), winner

    def _kink(self, i: int, s: State) -> float:
        if not isinstance(self.race.market, lb.ScarceMarket):
            return -1.0
        price = self.race.market.price * exp(-self.race.market.premium * s[i])
        if price == 0:
            return -1.0
        return 1 - self.earn(i, s, -1e9) / price / self.race.labs[i].compute

    def bellman_error(self, build: np.ndarray, value: np.ndarray) -> float:
        """Largest error of rho V = max over own share, relative to rho times the largest value."""
        rho = self.race.discount
        values = {s: value[:, k] for k, s in enumerate(self.states)}
        worst = 0.0
        for k, s in enumerate(self.states):
            for i in range(self.n):
                others = sum(
                    self.hazard(j, s, build[j, k]) * self.worth(values, i, j, s)
                    for j in range(self.n)
                    if j != i
                )
                best, _ = self.best(i, s, self.worth(values, i, i, s))
                worst = max(worst, abs(rho * values[s][i] - best - others))
        return worst / (rho * max(np.abs(value).max(), 1e-300))

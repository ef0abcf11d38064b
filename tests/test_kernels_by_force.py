"""Equilibria that kernels find, judged by brute force: numpy on a line, nothing of the package.

A lab's best share in a state is looked for on a grid that closes in on it, and its best reply by
policy iteration on a dense matrix.
"""

import numpy as np
import pytest

from leaderbored.solvers.kernels import rows as at
from leaderbored.solvers.kernels.batch import SOLVED, solve_rows

GRID, ZOOMS = np.linspace(0, 1, 41)[:, None], 9
PER_RUNGS = 40


class Force:
    """A race by its row of numbers, whose order the module ``rows`` of the kernels states."""

    def __init__(self, row: np.ndarray, rungs: int, ladder: bool) -> None:
        self.rate, pace, self.theta, flywheel, handicap, drafting, leap = row[:7]
        lead, labs = np.arange(-rungs, rungs + 1), (row[7:12], row[12:17])
        self.pays, self.low, self.high, self.gift, self.price, self.asked, self.law = (
            [] for _ in range(7)
        )
        self.compute, self.conduct, self.worth = [lab[0] for lab in labs], at.SET, []
        for i, (compute, talent, brand, low, high) in enumerate(labs):
            own = lead if i == 0 else -lead
            ahead, behind = np.maximum(own, 0), np.maximum(-own, 0)
            self.low.append(low)
            self.high.append(high)
            scale = pace * talent * compute**self.theta
            self.pays.append(scale * np.exp(flywheel * ahead - handicap * behind))
            self.gift.append(drafting * behind)
            if ladder:
                self.price.append(row[at.NUMBERS :][ahead] * compute)
                self.asked.append(np.full(len(lead), np.inf))
            else:
                scarcity, switching, premium, price, worth, openness, conduct = row[at.MARKET :]
                mine = brand * np.exp(-switching * behind)
                share = mine / (mine + labs[1 - i][2] * np.exp(-switching * ahead))
                self.asked.append(scarcity * (labs[0][0] + labs[1][0]) * share / compute)
                self.price.append(price * np.exp(-premium * behind) * compute)
                self.conduct, self.customers = conduct, scarcity * (labs[0][0] + labs[1][0])
                secret = (1 - openness) * np.maximum(ahead, behind)
                self.worth.append(worth + np.log(brand) + switching * (secret - behind))
            law = np.zeros((len(lead), len(lead)))
            for k, here in enumerate(own):
                step = 1 if i == 0 else -1
                if here >= rungs:
                    law[k, k] = 1
                else:
                    law[k, k + step] += 1 - leap * (here < 0)
                    law[k, rungs + step] += leap * (here < 0)
            self.law.append(law)
        self.low_, self.high_ = np.array(self.low)[:, None], np.array(self.high)[:, None]
        self.idle = np.array(
            [np.clip(1 - self.asked[i], self.low[i], self.high[i]) for i in range(2)]
        )

    def meet(self, shares: np.ndarray) -> None:
        """What both sell where prices clear the market: prices, or what one leaves the other."""
        if self.conduct == at.SET:
            return
        low, high = np.full((2, 2, shares.shape[1]), [[[-60.0]], [[60.0]]])
        for _ in range(100):  # of the logarithm of sales over the unserved
            log = (low + high) / 2
            more = self.worth > (log if self.conduct == at.TAKING else log + 1 + np.exp(log))
            low, high = np.where(more, log, low), np.where(more, high, log)
        self.most, units = np.exp(low), (1 - shares) * np.array(self.compute)[:, None]
        none, all_ = np.zeros(shares.shape[1]), np.full(shares.shape[1], self.customers)
        for _ in range(200):
            unserved = (none + all_) / 2
            sold = np.minimum(units, self.most * unserved)
            few = unserved + sold.sum(axis=0) < self.customers
            none, all_ = np.where(few, unserved, none), np.where(few, all_, unserved)
        self.left = self.customers - sold[::-1]
        with np.errstate(divide="ignore"):
            price = self.worth - np.log(units / unserved)
        slack = (units >= self.most * unserved) | (price < 1e-12)  # idle, up to rounding
        self.cleared = np.where(slack, 0.0, price)
        self.idle = np.clip(1 - sold / np.array(self.compute)[:, None], self.low_, self.high_)

    def flow(self, i: int, share: np.ndarray) -> np.ndarray:
        if self.conduct == at.SET:
            return self.price[i] * np.minimum(1 - share, self.asked[i])
        units, price = (1 - share) * self.compute[i], self.price[i] / self.compute[i]
        if self.conduct == at.TAKING:
            return price * np.where(units > 0, self.cleared[i] * units, 0.0)
        sold = np.minimum(units, self.left[i] * self.most[i] / (1 + self.most[i]))
        with np.errstate(divide="ignore", invalid="ignore"):
            earned = price * sold * (self.worth[i] + np.log(self.left[i] / sold - 1))
        return np.where(sold > 0, earned, 0.0)

    def value(self, i: int, shares: np.ndarray) -> np.ndarray:
        hazard = [self.pays[j] * shares[j] ** self.theta + self.gift[j] for j in range(2)]
        matrix = np.diag(self.rate + sum(hazard))
        matrix -= sum(hazard[j][:, None] * self.law[j] for j in range(2))
        return np.linalg.solve(matrix, self.flow(i, shares[i]))

    def best(self, i: int, value: np.ndarray) -> np.ndarray:
        """The best shares of a lab to its values."""

        def worth(share: np.ndarray) -> np.ndarray:
            return self.flow(i, share) + self.pays[i] * share**self.theta * gain

        gain, idle = self.law[i] @ value - value, self.idle[i]
        low, high = np.full(len(value), self.low[i]), np.full(len(value), self.high[i])
        for _ in range(ZOOMS):
            grid = low + (high - low) * GRID
            top = np.take_along_axis(grid, worth(grid).argmax(axis=0)[None], 0)[0]
            width = (high - low) / 40
            low, high = np.maximum(top - width, self.low[i]), np.minimum(top + width, self.high[i])
        return np.where(worth(top) > worth(idle), top, idle)

    def regret(self, shares: np.ndarray) -> float:
        """The most that a lab gains by its best reply, relative to its largest value then."""
        worst = 0.0
        self.meet(shares)
        for i in range(2):
            reply, now = shares.copy(), self.value(i, shares)
            value = now
            for _ in range(60):
                reply[i] = self.best(i, value)
                last, value = value, self.value(i, reply)
                if np.abs(value - last).max() <= 1e-14 * np.abs(value).max():
                    break
            worst = max(worst, (value - now).max() / max(np.abs(value).max(), 1e-3))
        return worst


def rows(random: np.random.Generator, rungs: int, kind: str, count: int) -> np.ndarray:
    """Races anywhere in the box, on a market of a kind."""

    def off_or(high: float) -> np.ndarray:
        return random.uniform(0, high, count) * (random.random(count) < 0.5)

    returns = np.where(random.random(count) < 0.4, 0.5, random.uniform(0.1, 0.95, count))
    pace = [10 ** random.uniform(-2.5, 0.5, count), 10 ** random.uniform(-1.5, 1.5, count)]
    columns = [*pace, returns, off_or(0.5), off_or(1), off_or(1), off_or(1)]
    for _ in range(2):
        bounds = np.sort(random.random((2, count)), axis=0)
        free = random.random(count) < 0.5
        columns += [10 ** random.uniform(-1, 1, count) for _ in range(3)]
        columns += [np.where(free, 0, bounds[0]), np.where(free, 1, bounds[1])]
    if kind == "ladder":
        steps = np.cumsum(random.exponential(size=(rungs + 1, count)), axis=0)
        columns += [np.zeros(count)] * (at.NUMBERS - at.MARKET) + list(steps)
    else:
        premium = off_or(1) if kind == "scarce" else np.zeros(count)
        columns += [random.uniform(0.05, 3, count), random.uniform(0, 4, count), premium]
        columns.append(10 ** random.uniform(-1, 1, count))
        conduct = {"scarce": at.SET, "quantity": at.QUANTITY, "price-taking": at.TAKING}[kind]
        columns += [random.uniform(-1, 4, count), random.random(count), np.full(count, conduct)]
    return np.column_stack(columns)


@pytest.mark.slow
def test_brute_force_confirms_what_kernels_find() -> None:
    """Values are those of the shares, and no lab gains by any other."""
    random, solved = np.random.default_rng(1), 0
    kinds = ("scarce", "ladder", "scarce", "quantity", "price-taking")
    for rungs, kind in zip((2, 6, 9, 7, 4), kinds, strict=True):
        drawn = rows(random, rungs, kind, PER_RUNGS)
        found = solve_rows(drawn, rungs)
        for k in np.flatnonzero(found.status == SOLVED):
            force, shares = Force(drawn[k], rungs, kind == "ladder"), found.build[k]
            force.meet(shares)
            value = np.array([force.value(i, shares) for i in range(2)])
            close = 1e-9 * max(np.abs(value).max(), 1e-3)
            assert np.abs(value - found.value[k]).max() < close
            assert force.regret(shares) < 1e-9
            solved += 1
    assert solved >= 0.9 * 5 * PER_RUNGS

"""Every equilibrium of a race of two labs and few rungs, by brute force: root finding from a grid.

Written from the definitions in `brute_force`, with replies by ternary search; shares no code with
the package.
"""

import numpy as np
from brute_force import BruteForce
from scipy.optimize import root

import leaderbored as lb


class Exhaustive:
    def __init__(self, race: lb.Race) -> None:
        market = race.market
        ladder = None if isinstance(market, lb.ScarceMarket) else market.ladder(race.rungs).tolist()
        self.model = model = BruteForce(race, ladder)
        self.rho, self.theta = race.discount, race.technology.returns
        place = {s: k for k, s in enumerate(model.states)}
        size = len(model.states)
        self.low, self.high = np.array([lab.build for lab in race.labs]).T[:, :, None]
        one = np.array([[model.hazard(i, s, 1.0) for s in model.states] for i in range(2)])
        self.base = np.array([[model.hazard(i, s, 0.0) for s in model.states] for i in range(2)])
        self.scale = one - self.base
        self.full = np.array([[model.earn(i, s, -1e9) for s in model.states] for i in range(2)])
        self.rate = np.array(
            [[model.earn(i, s, 1 - 1e-9) * 1e9 for s in model.states] for i in range(2)]
        )
        self.jump = np.zeros((2, size, size))
        for i in range(2):
            for s in model.states:
                for chance, t in model.outcomes(i, s):
                    self.jump[i, place[s], place[t]] += chance
        self.stays = np.array([np.diag(self.jump[i]) == 1 for i in range(2)])

    def earn(self, b: np.ndarray) -> np.ndarray:
        return np.minimum((1 - b) * self.rate, self.full)

    def reply(self, b: np.ndarray) -> np.ndarray:
        hazard = self.scale * b**self.theta + self.base
        moves = self.jump - np.eye(self.jump.shape[1])
        matrix = self.rho * np.eye(len(moves[0])) - np.einsum("js,jst->st", hazard, moves)
        value = np.linalg.solve(matrix, self.earn(b).T).T
        gain = np.einsum("ist,it->is", moves, value)

        def worth(x: np.ndarray) -> np.ndarray:
            return self.earn(x) + self.scale * x**self.theta * gain

        idle = np.clip(1 - self.full / np.maximum(self.rate, 1e-300), self.low, self.high)
        tries = [np.broadcast_to(self.low, b.shape), np.broadcast_to(self.high, b.shape), idle]
        for left, right in ((tries[0], idle), (idle, tries[1])):
            lo, hi = left + 0.0, right + 0.0
            for _ in range(55):
                a, c = (2 * lo + hi) / 3, (lo + 2 * hi) / 3
                rises = worth(a) < worth(c)
                lo, hi = np.where(rises, a, lo), np.where(rises, hi, c)
            tries.append((lo + hi) / 2)
        values = np.array([worth(x) for x in tries])
        best = np.choose(values.argmax(axis=0), tries)
        return np.where(self.stays, self.low, best)

    def values(self, b: np.ndarray) -> np.ndarray:
        hazard = self.scale * b**self.theta + self.base
        moves = self.jump - np.eye(self.jump.shape[1])
        matrix = self.rho * np.eye(len(moves[0])) - np.einsum("js,jst->st", hazard, moves)
        return np.linalg.solve(matrix, self.earn(b).T).T

    def equilibria(self, starts: int, seed: int) -> list[np.ndarray]:
        """Values (2, S) of the distinct equilibria found from random starts."""
        random, found = np.random.default_rng(seed), []
        shape = self.base.shape

        def gap(x: np.ndarray) -> np.ndarray:
            b = np.clip(x.reshape(shape), self.low, self.high)
            return (x.reshape(shape) - self.reply(b)).ravel()

        for k in range(starts):
            corner = random.choice([0.0, 0.5, 1.0], size=shape)
            start = self.low + (self.high - self.low) * (
                corner if k % 2 else random.uniform(size=shape)
            )
            answer = root(gap, start.ravel(), method="hybr", options={"maxfev": 200})
            b = np.clip(answer.x.reshape(shape), self.low, self.high)
            if np.abs(gap(b.ravel())).max() > 1e-8:
                continue
            value = self.values(b)
            if all(np.abs(value - known).max() > 1e-5 * value.max() for known in found):
                found.append(value)
        return found

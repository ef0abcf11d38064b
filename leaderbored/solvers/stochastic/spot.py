"""The game in one state, when the values of all others are known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.hunt import Pool
from leaderbored.solvers.numerics.complementarity import Batch, Newton
from leaderbored.solvers.numerics.linear import sign_whichever
from leaderbored.solvers.order import ordered
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.slopes import staked, stakes
from leaderbored.solvers.stochastic.stability import SINGULAR_PIVOT, tied

RANDOM_STARTS = 32  # of Newton's method, where indices do not add up yet
NEWTON_STEPS = 25  # of Newton's method, from starts of which some will do
MOST_OBVIOUS = 243  # starts from ends, middles and single actions: all of five choices
FOLLOWED = 1e-6  # values of one solution, and what its choices are worth
ROUNDED_REGRET = 1e-9  # relative to payoffs: gain of a deviation that rounding may have made


class Spot:
    """The game in one state, the values of all others given; a problem for batches of points.

    Unknowns are the N values, X choices, K multipliers of kinks and levels of lists, in this order.
    """

    def __init__(self, problem: Problem, s: int, value: Array) -> None:
        self.problem, self.s = problem, s
        self.players = len(problem.game.agents)
        self.n = self.players + len(problem.stage.choices)  # what tells solutions apart
        ends = [rows[:, s] for rows in problem.slot.values()]
        where = np.concatenate(ends)
        self.lower, self.upper = problem.lower[where], problem.upper[where]
        self.m = len(where)
        self.sizes = np.cumsum([0, *(len(rows) for rows in ends)])
        there = problem.stage.destination[:, s]
        self.here, self.ahead = there == s, value[:, there]
        self.unit = problem.discount if problem.continuous else np.ones(self.players)
        # how worth changes with one's own value here
        self.own = self.here - 1.0 if problem.continuous else self.here * problem.discount[:, None]
        self.own = np.broadcast_to(self.own, (self.players, len(there)))
        self.ended = bool(problem.game.ended[s])
        self.idle = problem.idle[:, s]

    def solve(self, same: float) -> tuple[list[tuple[Array, Array]], int, bool]:
        """Values and choices of equilibria here; the sum of indices; whether all are regular.

        Of those that are not, as some player is indifferent, one of each value stands for all:
        they may lie in a continuum.
        """
        if self.ended:
            choice = np.zeros(len(self.problem.stage.choices))
            return [(self.problem.end[:, self.s], choice)], 1, True
        pool: Pool[Array] = Pool(same, 1.0, lambda z: z[: self.n])
        for x in (self._obvious(), self._random()):
            for z in Newton(steps=NEWTON_STEPS).run(Batch(self), self._started(x)):
                pool.add("Newton's method", z, self._index)
            if pool.total == 1:
                break
        solutions = ordered(pool, lambda z: -z[: self.n])
        best, loose = [], list[Array]()
        for z in (z for z in solutions if self._global(z)):
            known = pool.known(z)
            if known is None or known.index:
                best.append(z)
                continue
            values = z[: self.players]
            if not any(np.allclose(values, other, rtol=same, atol=same) for other in loose):
                best.append(z)
            loose.append(values)
        found = [(z[: self.players], z[self.players : self.n]) for z in best]
        return found, pool.total, not loose

    def _split(self, z: Array) -> tuple[Array, Array, Array, Array]:
        a, b, c, d, e = self.sizes
        columns = z.T
        return columns[a:b], columns[b:c], columns[c:d], columns[d:e]

    def _worth(self, value: Array) -> Array:
        """(N, 1 + C, B) what the payoff and each outcome are worth."""
        reached = np.where(self.here[None, :, None], value[:, None, :], self.ahead[:, :, None])
        if self.problem.continuous:
            worth = reached - value[:, None, :]
        else:
            worth = self.problem.discount[:, None, None] * reached
        ones = np.ones((self.players, 1, value.shape[1]))
        return np.concatenate([ones, worth], axis=1)

    def _at(self, count: int) -> np.ndarray:
        return np.full(count, self.s)

    def _slopes(self, x: Array, weight: Array, value: Array) -> Array:
        """(N, X + K, B) derivatives of payoffs."""
        places = self.problem.stage.places.first
        first = self.problem.stage.first(x, weight, self._at(x.shape[1]))
        found = np.zeros((self.players, len(x) + len(weight), x.shape[1]))
        stake = stakes(self.problem, places, self._worth(value), value)
        with np.errstate(invalid="ignore"):  # slopes may be infinite, and both ways
            np.add.at(found, (places[:, 0], places[:, 2]), staked(first, stake))
        return found

    def residual(self, z: Array) -> Array:
        """(B, m) F."""
        value, x, weight, level = self._split(z)
        stage, at = self.problem.stage, self._at(len(z))
        pieces = np.array(stage.values(x, weight, at))
        worth = self._worth(value)
        slopes = self._slopes(x, weight, value)
        rows = [self.unit[:, None] * value - (pieces * worth).sum(axis=1)]
        choice = np.array([-slopes[i, k] for k, (i, _) in enumerate(stage.choices)])
        sums = np.zeros_like(level)
        for row, i in enumerate(self.problem.level_of):
            mine = stage.listed(i)
            choice[mine] -= level[row]
            sums[row] = level[row] if self.idle[i] else x[mine].sum(axis=0) - 1
        gaps, _ = stage.gaps(x, weight, at)
        return np.concatenate([*rows, choice, gaps, sums]).T

    def derivative(self, z: Array) -> Array:
        """(B, m, m) derivative of F."""
        value, x, weight, _ = self._split(z)
        stage, at = self.problem.stage, self._at(len(z))
        pieces, worth = np.array(stage.values(x, weight, at)), self._worth(value)
        matrix = np.zeros((self.m, self.m, len(z)))
        after = self.players
        for i in range(self.players):
            matrix[i, i] = self.unit[i] - (pieces[i][1:] * self.own[i][:, None]).sum(axis=0)
        variables = len(x) + len(weight)
        matrix[:after, after : after + variables] = -self._slopes(x, weight, value)
        first = stage.first(x, weight, at)
        for (i, c, k), slope in zip(stage.places.first, first, strict=True):
            if c > 0 and k < len(x) and stage.choices[k][0] == i:
                matrix[after + k, i] -= staked(slope, self.own[i][c - 1])
        second = stage.second(x, weight, at)
        stake = stakes(self.problem, stage.places.second, worth, value)
        for (_, _, k, other), bend, much in zip(stage.places.second, second, stake, strict=True):
            matrix[after + k, after + other] -= staked(bend, much)
        base = after + variables
        for row, i in enumerate(self.problem.level_of):
            for k in stage.listed(i):
                matrix[after + k, base + row] = -1.0
                matrix[base + row, after + k] = 0.0 if self.idle[i] else 1.0
            matrix[base + row, base + row] = float(self.idle[i])
        _, slopes = stage.gaps(x, weight, at)
        for (k, other), slope in zip(stage.places.gaps, slopes, strict=True):
            matrix[after + len(x) + k, after + other] = slope
        return np.moveaxis(matrix, 2, 0)

    def _obvious(self) -> Array:
        """(B, X) choices: every combination of the ends of ranges and of single actions."""
        _, b, c, _, _ = self.sizes
        every: list[Array] = []
        for i in range(self.players):
            reals, listed = self.problem.stage.reals(i), self.problem.stage.listed(i)
            for k in reals:
                low, high = self.lower[b:c][k], self.upper[b:c][k]
                low = low if np.isfinite(low) else min(high, 1.0) - 1.0
                high = high if np.isfinite(high) else low + 1.0
                every.append(np.array([[low], [high], [(low + high) / 2]]))
            if listed:
                may = self.upper[b:c][listed] > 0
                even = may / max(may.sum(), 1)
                every.append(np.vstack([np.eye(len(listed))[may], even]))
        combined = islice(product(*every), MOST_OBVIOUS)
        return np.array([np.concatenate(parts) for parts in combined])

    def _random(self) -> Array:
        """(B, X) choices all over the place."""
        stage = self.problem.stage
        _, b, c, _, _ = self.sizes
        low, high = self.lower[b:c], self.upper[b:c]
        random = np.random.default_rng(1)
        unit = random.random((RANDOM_STARTS, c - b))
        mixed: list[int] = []
        for i in self.problem.level_of:
            mine = stage.listed(i)
            law = random.dirichlet(np.full(len(mine), 0.5), RANDOM_STARTS) * (high[mine] > 0)
            unit[:, mine] = law / np.maximum(law.sum(axis=1, keepdims=True), 1e-300)
            mixed += mine
        finite = np.isfinite(low) & np.isfinite(high)
        far = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 20.0, -10.0))
        with np.errstate(invalid="ignore"):
            x = np.where(finite, low + unit * (high - low), far + 20 * unit**2)
        x[:, mixed] = unit[:, mixed]
        return np.asarray(x)

    def _started(self, x: Array) -> Array:
        """(B, m) points with choices x (B, X), and values and levels that follow from them."""
        stage = self.problem.stage
        a, b, c, _, _ = self.sizes
        z = np.zeros((len(x), self.m))
        z[:, b:c] = x
        weight = stage.halfway(x.T, self._at(len(x)))
        z[:, c : self.sizes[3]] = weight.T
        z[:, a:b] = self.follow(x.T).T
        slopes = self._slopes(x.T, weight, z[:, a:b].T)
        for row, i in enumerate(self.problem.level_of):
            mine = stage.listed(i)
            level = -(x.T[mine] * slopes[i, mine]).sum(axis=0)
            z[:, self.sizes[3] + row] = 0.0 if self.idle[i] else level
        return z

    def follow(self, x: Array) -> Array:
        """(N, B) values here if choices (X, B) are made whenever the state is this one."""
        if self.ended:
            return np.repeat(self.problem.end[:, [self.s]], x.shape[1], axis=1)
        pieces = np.array(self.problem.stage.values(x, None, self._at(x.shape[1])))
        flow = self._worth(np.zeros((self.players, x.shape[1])))
        pull = self.unit[:, None] - (pieces[:, 1:] * self.own[:, :, None]).sum(axis=1)
        return np.asarray((pieces * flow).sum(axis=1) / pull)

    def _index(self, z: Array) -> int:
        at_bound = (z <= self.lower) | (z >= self.upper)
        scale = Batch(self).steps(z[None]).scale[0]
        jacobian = self.derivative(z[None])[0]
        loose = tied(self, z, self.residual(z[None])[0] / scale, jacobian)
        return sign_whichever(jacobian, at_bound, loose, SINGULAR_PIVOT if loose.any() else 0.0)

    def _global(self, z: Array) -> bool:
        """Whether nobody gains by another action now, however far (one-shot deviations).

        And whether values are what follows from the choices: Newton's method may end far away, at
        values beside which no error counts.
        """
        value, x, _, _ = self._split(z[None])
        if not np.allclose(self.follow(x), value, rtol=FOLLOWED, atol=FOLLOWED):
            return False
        size = float(np.abs(self.unit[:, None] * value).max())
        for i, own in self._deviations(x[:, 0]):
            tried = np.repeat(x, own.shape[1], axis=1)
            mine = self.problem.stage.owned[i]
            tried[mine] = own
            pieces = self.problem.stage.values(tried, None, self._at(own.shape[1]))[i]
            pays = (pieces * self._worth(value)[i]).sum(axis=0)
            room = ROUNDED_REGRET * (size + float(np.abs(pieces[0]).max()))
            if np.nanmax(pays) > self.unit[i] * value[i, 0] + room:
                return False
        return True

    def _deviations(self, x: Array) -> Iterator[tuple[int, Array]]:
        """For each player (k, B) actions to try."""
        _, b, c, _, _ = self.sizes
        for i in range(self.players):
            mine = self.problem.stage.owned[i]
            if self.idle[i]:
                continue
            few = len(self.problem.stage.reals(i))
            listed, low, high = mine[few:], self.lower[b:c], self.upper[b:c]
            options = np.eye(len(listed))[high[listed] > 0] if listed else np.zeros((1, 0))
            reals = self._grid(x[mine[:few]], low[mine[:few]], high[mine[:few]])
            pairs = product(reals.T, options)
            yield i, np.array([np.concatenate(pair) for pair in pairs]).reshape(-1, len(mine)).T

    def _grid(self, x: Array, low: Array, high: Array) -> Array:
        """(k, B) real actions to try, one after the other where there are several."""
        if not len(x):
            return np.zeros((0, 1))
        found = []
        for r in range(len(x)):
            least = low[r] if np.isfinite(low[r]) else x[r] - 1e3
            most = high[r] if np.isfinite(high[r]) else x[r] + 1e3
            near = x[r] + np.r_[-np.geomspace(1e-4, 10, 40), np.geomspace(1e-4, 10, 40)]
            line = np.r_[np.linspace(least, most, 301), np.clip(near, least, most)]
            some = np.repeat(x[:, None], len(line), axis=1)
            some[r] = line
            found.append(some)
        if len(x) > 1:
            ends = [
                np.linspace(max(a, v - 1e3), min(b, v + 1e3), 7)
                for a, v, b in zip(low, x, high, strict=True)
            ]
            found.append(np.array(list(product(*ends))).T)
        return np.concatenate(found, axis=1)

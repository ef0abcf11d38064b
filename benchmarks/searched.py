"""What searches for every equilibrium miss where no list can be proved, by another search.

Run with: python -m benchmarks.searched [--races 60] [--first 0] [--starts 2000]

Races of three labs, races with leapfrogging, and races of two labs with inertia, imitation or a
jackpot are drawn, six of ten with equal labs. Each is searched as usual, and by Newton's method
with halved steps in the values, from random policies and random values, in half of which equal labs
do alike. That search has a model of its own (:class:`Model`), written from the definitions of the
race. It tells what both found, and what one found alone.
"""

from __future__ import annotations

import argparse
from itertools import product
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

import leaderbored as lb

Array = NDArray[np.float64]

KINDS = ("three labs", "leapfrogging", "a mechanism")
SAME = 1e-5  # distance in values, relative to the largest, below which two equilibria are one


def drawn(k: int) -> lb.Race:
    """The k-th random race; kinds take turns."""
    random, kind = np.random.default_rng([22, k]), KINDS[k % 3]

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(random.uniform(np.log(low), np.log(high))))

    three = kind == KINDS[0] or (kind == KINDS[1] and random.random() < 0.3)
    rungs = int(random.choice([1, 1, 2])) if three else int(random.integers(1, 5))
    equal = random.random() < 0.6
    names = "ABC"[: 2 + three]
    labs = tuple(lb.Lab(name, 1.0 if equal else log_uniform(0.85, 1.15)) for name in names)
    mechanisms: Any = {}
    if kind == KINDS[2]:
        which = str(random.choice(["jackpot", "open_weights", "inertia"]))
        given = {
            "jackpot": {"chance": log_uniform(0.005, 0.2), "prize": log_uniform(0.5, 20)},
            "open_weights": {"imitation": log_uniform(0.02, 0.4)},
            "inertia": {"lag": log_uniform(0.1, 1.5)},
        }
        mechanisms, rungs = {which: given[which]}, min(rungs, 2)
    technology = lb.Technology(
        log_uniform(1, 8),
        float(random.uniform(0.35, 0.7)),
        handicap=log_uniform(0.03, 0.3),
        leapfrog=float(random.choice([0.2, 0.5, 0.8, 1])) if kind == KINDS[1] else 0.0,
    )
    market = lb.ScarceMarket(float(random.uniform(0.45, 0.95)))
    return lb.Race(labs, market, technology, log_uniform(0.04, 0.25), rungs, mechanisms=mechanisms)


class Model:
    """The values of a race as unknowns, and Newton's method in them."""

    def __init__(self, race: lb.Race) -> None:
        self.race, technology, market = race, race.technology, race.market
        assert isinstance(market, lb.ScarceMarket)
        self.labs, self.theta, self.rho = len(race.labs), technology.returns, race.discount
        ladder = range(race.rungs + 1)
        boards = [b for b in product(ladder, repeat=self.labs) if min(b) == 0]
        on: dict[str, Any] = race.mechanisms.given
        late, jackpot = on.get("inertia"), on.get("jackpot")
        self.states = [(b, seen) for b in boards for seen in (boards if late else [b])]
        place = {state: k for k, state in enumerate(self.states)}
        self.size = len(self.states)
        self.compute = np.array([lab.compute for lab in race.labs])
        whole = market.scarcity * self.compute.sum()
        shape = self.labs, self.size
        self.scale, self.demand = np.zeros(shape), np.zeros(shape)
        events = self.labs + 1  # labs, and what happens by itself
        self.law, self.rate = np.zeros((events, self.size, self.size)), np.zeros(self.size)
        self.won = np.zeros((events, self.labs))  # worth of the end, times its chance
        end = jackpot.chance if jackpot else 0.0
        for i in range(self.labs):
            self.won[i, i] = end * jackpot.prize if jackpot else 0.0
        for k, (board, seen) in enumerate(self.states):
            pull = np.exp(-market.switching * np.array(seen))
            self.demand[:, k] = whole * pull / pull.sum()
            for i in range(self.labs):
                slower = np.exp(-technology.handicap * board[i])
                self.scale[i, k] = technology.productivity * slower * self.compute[i] ** self.theta
                for chance, after in self._after(board, i):
                    there = place[after, seen if late else after]
                    self.law[i, k, there] += (1 - end) * chance
            if late:
                self.rate[k], self.law[-1, k, place[board, board]] = 1 / late.lag, 1.0
            elif "open_weights" in on:
                self.rate[k] = on["open_weights"].imitation
                self.law[-1, k, place[boards[0], boards[0]]] = 1.0
            else:
                self.law[-1, k, k] = 1.0
        self.idle = np.clip(1 - self.demand / self.compute[:, None], 0, 1)

    def _after(self, board: tuple[int, ...], i: int) -> list[tuple[float, tuple[int, ...]]]:
        top, chi = self.race.rungs, self.race.technology.leapfrog
        ahead = tuple(0 if j == i else min(d + 1, top) for j, d in enumerate(board))
        nearer = tuple(d - 1 if j == i else d for j, d in enumerate(board))
        return [(1.0, ahead)] if board[i] == 0 else [(chi, ahead), (1 - chi, nearer)]

    def replies(self, gain: Array) -> tuple[Array, Array]:
        """Best shares (B, N, S) against gains from success, and how hazards rise with these."""
        with np.errstate(all="ignore"):
            target = np.maximum(self.theta * self.scale * gain / self.compute[:, None], 0)
            inner = target ** (1 / (1 - self.theta))
        share = np.where(gain < 0, 0.0, np.clip(inner, self.idle, 1.0))
        moving = (gain > 0) & (inner > self.idle) & (inner < 1)
        slope = self.theta / (1 - self.theta) * self.scale * share**self.theta
        return share, np.where(moving, slope / np.where(gain > 0, gain, 1.0), 0.0)

    def flows(self, share: Array) -> tuple[Array, Array]:
        """Revenue (B, N, S) and rates (B, events, S) of shares."""
        revenue = np.minimum((1 - share) * self.compute[:, None], self.demand)
        by_itself = np.broadcast_to(self.rate, (len(share), 1, self.size))
        return revenue, np.concatenate([self.scale * share**self.theta, by_itself], axis=1)

    def values(self, share: Array) -> Array:
        """Values (B, N, S) of shares played for ever."""
        revenue, rate = self.flows(share)
        moves = self.law - np.eye(self.size)
        matrix = self.rho * np.eye(self.size) - np.einsum("bes,est->bst", rate, moves)
        paid = revenue + np.einsum("bes,ei->bis", rate, self.won)
        return np.linalg.solve(matrix[:, None], paid[..., None])[..., 0]

    def errors(self, value: Array) -> tuple[Array, Array]:
        """What the equations miss (B, n) at values, and derivatives (B, n, n)."""
        moves, count = self.law - np.eye(self.size), len(value)
        effect = np.einsum("est,bit->bies", moves, value) + self.won.T[:, :, None]
        gain = effect[:, np.arange(self.labs), np.arange(self.labs)]
        share, slope = self.replies(gain)
        revenue, rate = self.flows(share)
        error = self.rho * value - revenue - np.einsum("bes,bies->bis", rate, effect)
        slopes = np.zeros((count, self.labs, self.size, self.labs, self.size))
        law = self.rho * np.eye(self.size) - np.einsum("bes,est->bst", rate, moves)
        for i, j in product(range(self.labs), repeat=2):
            if i == j:
                slopes[:, i, :, i, :] = law
            else:
                weight = slope[:, j] * effect[:, i, j]
                slopes[:, i, :, j, :] = -weight[..., None] * moves[j]
        unknowns = self.labs * self.size
        return error.reshape(count, -1), slopes.reshape(count, unknowns, unknowns)

    def starts(self, random: np.random.Generator, count: int) -> Array:
        """(count, N, S) values of random policies, and random values; equal labs alike in half."""
        shape = count, self.labs, self.size
        even, steep = random.uniform(size=shape), random.beta(0.25, 0.25, shape)
        corner, law = random.integers(0, 3, shape), random.integers(0, 3, (count, 1, 1))
        corners = np.where(corner == 0, 0.0, np.where(corner == 1, self.idle, 1.0))
        share = np.where(law == 0, even, np.where(law == 1, steep, corners))
        if len(set(self.compute)) == 1:
            share[::2] = self.alike(share[::2])
        value = self.values(share)
        most = self.demand.max() / self.rho
        free = random.uniform(size=shape) * random.uniform(size=(count, 1, 1)) * most
        value[3::4] = free[3::4]
        return value

    def alike(self, table: Array) -> Array:
        """The same table (B, N, S) with what the first lab has for all, on boards seen from it."""
        place = {state: k for k, state in enumerate(self.states)}
        alike = table.copy()
        for i in range(self.labs):
            for k, state in enumerate(self.states):
                seen = tuple((part[i], *sorted(part[:i] + part[i + 1 :])) for part in state)
                alike[:, i, k] = table[:, 0, place[seen]]  # type: ignore[index]
        return alike

    def found(self, value: Array, rounds: int = 60) -> Array:
        """(A, N, S) where Newton's method leads, with steps halved while they do not help."""
        done, shape = [], value.shape[1:]
        error, slopes = self.errors(value)
        for _ in range(rounds):
            try:
                step = -np.linalg.solve(slopes, error[..., None])[..., 0].reshape(value.shape)
            except np.linalg.LinAlgError:
                step = -(np.linalg.pinv(slopes) @ error[..., None])[..., 0].reshape(value.shape)
            size = np.abs(error).max(axis=1)
            length = np.ones(len(value))
            for _ in range(6):
                tried = value + length[:, None, None] * step
                worse = ~(np.abs(self.errors(tried)[0]).max(axis=1) < size)
                if not worse.any():
                    break
                length[worse] /= 2
            value = value + length[:, None, None] * step
            error, slopes = self.errors(value)
            size = np.abs(error).max(axis=1)
            here = size <= 1e-11 * self.rho * np.abs(value).max(axis=(1, 2))
            done.append(value[here])
            going = ~here & np.isfinite(size)
            value, error, slopes = value[going], error[going], slopes[going]
            if not len(value):
                break
        return np.concatenate(done) if done else np.zeros((0, *shape))


def same(one: Array, other: Array) -> bool:
    """Whether two tables of values are of one equilibrium."""
    return bool(np.abs(one - other).max() <= SAME * np.abs(other).max())


def compared(k: int, starts: int) -> tuple[str, int, int, int]:
    """A sentence on a race, and how many both searches found, ours alone, and the other alone."""
    race, began = drawn(k), process_time()
    solution = lb.solve(race, all=True)
    between, model = process_time(), Model(race)
    count = max(200, min(starts, int(starts * (30 / (model.labs * model.size)) ** 2)))
    random = np.random.default_rng(k)
    other: list[Array] = []
    for value in model.found(model.starts(random, count)):
        if not any(same(value, known) for known in other):
            other.append(value)
    ours = [one.value[: model.labs, : model.size] for one in solution.equilibria]
    both = sum(any(same(one, two) for two in other) for one in ours)
    alone = [two for two in other if not any(same(one, two) for one in ours)]
    took = f"{between - began:.1f} s, {process_time() - between:.1f} s"
    name = f"{k} {KINDS[k % 3]} {'+'.join(race.mechanisms.on)}"
    said = (
        f"{name}: {solution.complete}, {len(ours)} found, {len(other)} of {count} starts ({took})"
    )
    return said, both, len(ours) - both, len(alone)


def main() -> None:
    """Draw, search both ways, and print what each found alone."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    asked.add_argument("--races", type=int, default=60)
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--starts", type=int, default=2000)
    given = asked.parse_args()
    for k in range(given.first, given.first + given.races):
        said, both, ours, other = compared(k, given.starts)
        print(f"{said}; both {both}, ours alone {ours}, other alone {other}", flush=True)


if __name__ == "__main__":
    main()

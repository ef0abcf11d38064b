"""Gains below the rounding of a double decide who builds far from the tie.

Held against fifty digits: two labs step by step are a birth-death chain in the signed lead, whose
values solve a tridiagonal system, and best replies from sleep in the far states lead back. Nothing
but the parameters is shared with the package.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import scipy.sparse as sp

import leaderbored as lb
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.precise import evaluate, gains, holds
from leaderbored.solvers.markov.system import System

DIGITS = 50


@dataclass
class Chain:
    """The race in numbers of many digits; columns are signed leads -G..G of the first lab."""

    race: lb.Race

    def __post_init__(self) -> None:
        race, tech, market = self.race, self.race.technology, self.race.market
        self.theta, self.rho = mp.mpf(tech.returns), mp.mpf(race.discount)
        self.size = 2 * race.rungs + 1
        self.scale, self.price, self.demand = ([[], []] for _ in range(3))
        self.compute = [mp.mpf(lab.compute) for lab in race.labs]
        for place in range(self.size):
            lead = place - race.rungs
            behind = max(-lead, 0), max(lead, 0)
            for i, lab in enumerate(race.labs):
                ahead = behind[1 - i] if behind[i] == 0 else 0
                self.scale[i].append(
                    tech.productivity
                    * mp.mpf(lab.compute) ** self.theta
                    * mp.exp(mp.mpf(tech.flywheel) * ahead - mp.mpf(tech.handicap) * behind[i])
                )
                if isinstance(market, lb.RevenueLadder):
                    self.price[i].append(mp.mpf(market.revenue[min(ahead, 2)]))
                    self.demand[i].append(mp.inf)
                else:
                    weight = [mp.exp(-mp.mpf(market.switching) * d) for d in behind]
                    self.price[i].append(mp.exp(-mp.mpf(market.premium) * behind[i]))
                    total = market.scarcity * mp.fsum(self.compute)
                    self.demand[i].append(total * weight[i] / mp.fsum(weight))

    def hazards(self, build: Any) -> Any:
        return [
            [s * b**self.theta for s, b in zip(*pair, strict=True)]
            for pair in zip(self.scale, build, strict=True)
        ]

    def values(self, build: Any) -> Any:
        up, down = self.hazards(build)
        up, down = [*up[:-1], mp.mpf(0)], [mp.mpf(0), *down[1:]]
        result = []
        for i, own in enumerate(build):
            diagonal = [self.rho + u + d for u, d in zip(up, down, strict=True)]
            rhs = [
                self.price[i][k] * min((1 - own[k]) * self.compute[i], self.demand[i][k])
                for k in range(self.size)
            ]
            for k in range(1, self.size):
                factor = down[k] / diagonal[k - 1]
                diagonal[k] -= factor * up[k - 1]
                rhs[k] += factor * rhs[k - 1]
            value = [mp.mpf(0)] * self.size
            for k in reversed(range(self.size)):
                after = value[k + 1] * up[k] if k + 1 < self.size else 0
                value[k] = (rhs[k] + after) / diagonal[k]
            result.append(value)
        return result

    def reply(self, build: Any) -> Any:
        value, best = self.values(build), []
        for i in (0, 1):
            row = []
            for k in range(self.size):
                to = min(k + 1, self.size - 1) if i == 0 else max(k - 1, 0)
                gain = value[i][to] - value[i][k]
                idle = max(1 - self.demand[i][k] / self.compute[i], mp.mpf(0))
                push = self.theta * self.scale[i][k] * gain / self.price[i][k] / self.compute[i]
                share = push ** (1 / (1 - self.theta)) if gain > 0 else mp.mpf(0)
                row.append(min(max(share, idle), mp.mpf(1)) if gain > 0 else mp.mpf(0))
            best.append(row)
        return best


def line(race: lb.Race, table: np.ndarray) -> np.ndarray:
    """A table over states as one over signed leads."""
    place = {tuple(state): k for k, state in enumerate(race.states().tolist())}
    leads = range(-race.rungs, race.rungs + 1)
    return table[:, [place[max(-lead, 0), max(lead, 0)] for lead in leads]]


def scarce(rungs: int, theta: float = 0.5, other: float = 1.0, **options: Any) -> lb.Race:
    handicap, scarcity = options.pop("handicap", 0.095), options.pop("scarcity", 0.6)
    labs = [lb.Lab("A", 1), lb.Lab("B", other)]
    technology = lb.Technology(3, theta, handicap=handicap)
    return lb.Race(labs, lb.ScarceMarket(scarcity, **options), technology, 0.1, rungs)


def ladder(rungs: int, theta: float, other: float = 1.0) -> lb.Race:
    labs = [lb.Lab("A", 1), lb.Lab("B", other)]
    market = lb.RevenueLadder([1, 1.5, 2])
    return lb.Race(labs, market, lb.Technology(1, theta, handicap=0.05), 0.1, rungs)


RACES = [
    scarce(24),
    scarce(96),
    scarce(48, scarcity=0.35, handicap=0.2),
    scarce(48, theta=0.4, other=2.0, scarcity=0.35, handicap=0.2, premium=0.1),
    ladder(48, 0.5),
    ladder(24, 0.25, 1.3),
    pytest.param(scarce(200), marks=pytest.mark.slow),
]


@pytest.mark.parametrize("race", RACES, ids=map(str, range(len(RACES))))
def test_hazards_are_those_of_many_digits(race: lb.Race) -> None:
    found = lb.solve(race).equilibria[0]
    with mp.workdps(DIGITS):
        chain = Chain(race)
        build = [[mp.mpf(b) for b in row] for row in line(race, found.build)]
        for row in build:  # asleep where gains are lost in a double
            for k in (*range(race.rungs // 2), *range(-(race.rungs // 2), 0)):
                row[k] = mp.mpf(0)
        for _ in range(race.rungs // 2 + 12):
            build = chain.reply(build)
        exact = np.array(chain.hazards(build), dtype=float)
    ours = line(race, found.game.hazard(found.build))
    seen = np.maximum(exact, ours) > 1e-8
    assert np.allclose(ours[seen], exact[seen], rtol=1e-5)


def test_the_lead_changes_hands_however_far_the_cap() -> None:
    """At 96 rungs all gains beyond a lead of sixty or so are below the rounding of a double."""
    statistics = lb.verdict(lb.solve(scarce(96)), check_cap=False).statistics
    assert statistics.mean_lead == pytest.approx(4.5967, abs=1e-4)
    assert statistics.lead_changes_per_year == pytest.approx(0.325, abs=1e-3)


def test_a_race_at_every_lead_does_not_end_where_digits_do() -> None:
    verdict = lb.verdict(lb.solve(scarce(48, scarcity=0.35, handicap=0.2)), check_cap=False)
    assert verdict.kind == "race"
    assert np.log(verdict.pace_ratio[30]) == pytest.approx(5.6, abs=0.1)


def test_a_success_that_does_harm_is_not_built_for() -> None:
    """Each step away from the rich first state costs a hundredth of the one before."""
    size = 16
    steps, ones = np.arange(size), np.ones((1, size))
    away, back = np.minimum(steps + 1, size - 1), np.maximum(steps - 1, 0)
    jump, drift = (sp.csr_array((ones[0], (steps, to)), shape=(size, size)) for to in (away, back))
    alone = lb.Markov(
        ("A",),
        steps[:, None],
        1.0,
        0.5,
        0 * ones,
        ones,
        ones,
        0 * ones,
        ones,
        ones,
        np.where(steps == 0, 0.9, 0.5) * ones,
        (jump,),
    )
    build = lb.solve(alone.joined("chance", 0.01, drift)).equilibria[0].build[0]
    assert (build[:13] == 0).all()  # at the last of these the gain is -1e-26 of the value


def test_values_in_two_doubles() -> None:
    race = scarce(96)
    system = System(race.markov())
    build = lb.solve(race).equilibria[0].build
    pair = evaluate(system, build)
    ours = line(race, gains(system, pair))[0]
    with mp.workdps(DIGITS):
        value = Chain(race).values([[mp.mpf(b) for b in row] for row in line(race, build)])[0]
        exact = [float(b - a) for a, b in pairwise(value)]
    seen = np.abs(exact) > 1e-22
    assert np.allclose(ours[:-1][seen], np.array(exact)[seen], rtol=1e-6)
    assert (np.abs(exact) < 1e-18).any()


def test_idle_compute_builds_where_a_success_is_worth_less_than_prices_are_rounded() -> None:
    """Of labs that take prices as given the one far behind has a price of nil, and idle compute.

    Whether it builds moves what the leader gets, as rivals who lag catch up by themselves too.
    """
    technology = lb.Technology(0.156, 0.8265, handicap=0.4446, drafting=0.0045)
    market = lb.ClearingMarket(0.8222, 1.79, 2.3833, 6.8, 0.0, "price-taking")
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], market, technology, discount=1.73, rungs=11)
    found = lb.solve(race, lb.Method(certify="regret")).equilibria[0]
    far = found.game.states >= 8  # (S, N): rungs behind
    idle = found.game.spare(found.build)
    for i in range(2):
        np.testing.assert_allclose(found.build[i, far[:, i]], idle[i, far[:, i]], rtol=1e-9)
        assert (found.build[i, far[:, i]] > 0.4).all()
    system, asleep = System(found.game), found.build.copy()
    asleep[0, found.game.states[:, 0] == 10] = 0.0
    assert holds(system, Point(system.evaluate(found.build), found.build, 0))
    assert not holds(system, Point(system.evaluate(asleep), asleep, 0))

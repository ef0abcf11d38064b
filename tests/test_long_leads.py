"""Races in which leads may be long: halved, solved, and started from there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.solvers.markov.nested import shorter

LABS = [lb.Lab("A", 1), lb.Lab("B", 1.1, brand=2)]
MARKETS = [lb.ScarceMarket(0.6, premium=0.2), lb.RevenueLadder("1 + g / (1 + g)")]
MECHANISMS: list[dict[str, Any]] = [
    {},
    {"jackpot": {"chance": 0.1, "prize": 3}},
    {"fungibility": {"home": 0.5, "loss": 0.2}},
    {"open_weights": {"imitation": 0.3}},
]


def race(rungs: int, market: Any = MARKETS[0], **given: Any) -> lb.Race:
    technology = lb.Technology(3, 0.5, handicap=0.1, leapfrog=0.5)
    return lb.Race(LABS, market, technology, discount=0.1, rungs=rungs, **given)


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("mechanisms", MECHANISMS)
def test_the_shorter_game_is_the_race_with_fewer_rungs(
    market: Any, mechanisms: dict[str, Any]
) -> None:
    half = shorter(race(44, market, mechanisms=mechanisms).markov())
    assert half is not None
    compiled = race(22, market, mechanisms=mechanisms).markov()
    assert (half.game.states == compiled.states).all()
    for name in compiled.TABLES:
        np.testing.assert_array_equal(getattr(half.game, name), getattr(compiled, name))
    for mine, its in zip(half.game.jump, compiled.jump, strict=True):
        assert abs(mine - its).max() < 1e-15


def test_short_games_and_states_that_look_alike_are_left_alone() -> None:
    assert shorter(race(20).markov()) is None
    lagged = race(21, mechanisms={"inertia": {"lag": 0.5}})
    assert shorter(lagged.markov()) is None


def test_it_is_the_equilibrium_that_idle_compute_leads_to() -> None:
    long = race(50)
    found = lb.solve(long).equilibria[0]
    plain = lb.solve(long, start=long.markov().idle).equilibria[0]
    assert found.regret < 1e-9
    np.testing.assert_allclose(found.value, plain.value, rtol=1e-9)


def test_leads_without_end() -> None:
    """Where best replies from idle compute cycle; leads of sixty rungs are never seen."""
    technology = lb.Technology(3, handicap=0.1)
    sixty = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1.1)], MARKETS[0], technology, 0.1, rungs=60)
    values = [
        lb.solve(replace(sixty, rungs=rungs), limit=100).equilibria[0].value[:, 0]
        for rungs in (60, 2_000)
    ]
    np.testing.assert_allclose(values[0], values[1], rtol=1e-12)


def test_three_labs_with_long_leads() -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1.1), lb.Lab("C", 0.8)]
    three = lb.Race(labs, MARKETS[0], lb.Technology(3, handicap=0.1), discount=0.1, rungs=24)
    assert lb.solve(three).equilibria[0].regret < 1e-9

"""Newton's method with pivoting, where replies come and go from rung to rung."""

from __future__ import annotations

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.pivoting import pivoted
from leaderbored.solvers.markov.policy_iteration import PolicyIteration
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.lemke import within_box


def alternating(rungs: int) -> lb.Race:
    """Two labs in front build little or nothing by turns as the third falls behind."""
    computes = {"A": 1.688595553449475, "B": 0.7973962611298222, "C": 0.7037718593304645}
    market = lb.ScarceMarket(
        1.047695235180057, switching=0.645521502325954, premium=0.15862770768601578
    )
    technology = lb.Technology(1.764145120323155, 0.47669551938883326, handicap=0.22610446565747822)
    labs = tuple(lb.Lab(name, compute) for name, compute in computes.items())
    return lb.Race(labs, market, technology, discount=0.3948785862054951, rungs=rungs)


def test_what_alternates_is_decided_together() -> None:
    game = alternating(21).markov()
    found = pivoted(System(game), game.idle, PolicyIteration())
    assert found is not None
    assert regret(game, found.build).max() < 1e-12
    behind = [int(np.flatnonzero((game.states == (k, 0, 0)).all(axis=1))[0]) for k in (14, 15, 16)]
    first, none, then = found.build[1, behind]
    assert first > 1e-5 < then
    assert none == 0


@pytest.mark.slow
def test_what_alternates_is_carried_over_from_shorter_leads() -> None:
    game = alternating(35).markov()
    found = pivoted(System(game), game.idle, PolicyIteration())
    assert found is not None
    assert regret(game, found.build).max() < 1e-12


def test_a_variational_inequality_on_a_box_has_a_solution_whatever_the_matrix() -> None:
    rng = np.random.default_rng(5)
    for _ in range(300):
        n = int(rng.integers(1, 9))
        matrix, q, top = rng.normal(size=(n, n)), rng.normal(size=n), rng.uniform(0.1, 2, n)
        x = within_box(matrix, q, top)
        assert x is not None
        moved = np.clip(x - (q + matrix @ x), 0, top)
        assert np.abs(moved - x).max() < 1e-8


def test_an_ordinary_race_gives_what_it_always_gave() -> None:
    race = alternating(10)
    found = pivoted(System(race.markov()), race.markov().idle, PolicyIteration())
    assert found is not None
    assert np.abs(found.build - lb.solve(race).equilibria[0].build).max() < 1e-8


def test_open_directions_need_no_dense_factors() -> None:
    """Of 2,163 values and a few levels; dense factors took twenty times as long, for nothing."""
    labs = [lb.Lab("A", 0.766), lb.Lab("B", 0.656), lb.Lab("C", 0.855)]
    technology = lb.Technology(2.1, returns=0.467, handicap=0.3)
    found = lb.solve(lb.Race(labs, lb.ScarceMarket(0.984), technology, discount=0.467, rungs=15))
    assert found.status.ok and found.equilibria[0].regret < 1e-9

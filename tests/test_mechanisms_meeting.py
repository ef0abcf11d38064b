"""Races in which the players of a state meet: slopes, index, stability, and every equilibrium."""

from dataclasses import replace

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.compiled import system_of
from leaderbored.solvers.markov.fixed_demand import by_fixed_demand
from leaderbored.solvers.markov.newton import Newton, linearise, pieces_at, residual

LABS = (lb.Lab("A", 1.0), lb.Lab("B", 1.3))
RACE = lb.Race(
    LABS,
    lb.ScarceMarket(0.8, premium=0.1),
    lb.Technology(1.5, 0.6, handicap=0.05),
    discount=0.2,
    rungs=3,
)
MET = {
    "spillover": {"spillover": {"share": 0.5}},
    "spillover, jackpot": {
        "spillover": {"share": 0.5},
        "jackpot": {"chance": 0.05, "prize": 5.0},
    },
    "hype": {"hype": {"effectiveness": 1.0}},
    "hype, inputs": {"hype": {"effectiveness": 1.0}, "inputs": {"weight": 0.6}},
    "lease": {"lease": {"friction": 0.1}},
}


def test_replies_to_a_move_of_all_labs_are_those_of_the_derivatives() -> None:
    """A lab's own too: the more it builds the more it is short, and the less rivals persuade."""
    labs = [lb.Lab(name, k) for name, k in zip("ABC", (1, 1.2, 1.4), strict=True)]
    race = lb.Race(
        *(labs, lb.ScarceMarket(0.8), lb.Technology(1), 0.2, 1),
        mechanisms={"hype": {"effectiveness": 10.0}},
    )
    found, system = lb.solve(race).equilibria[0], system_of(race)
    stage, stakes = system.stage, system.stakes(found.value)
    effort, nothing = stage.game.effort(found.build), np.zeros(stakes.shape[1])

    def reply(effort: np.ndarray) -> np.ndarray:
        return stage.game.effort(stage.alone(stakes, stage.game.share(effort), nothing, 1.0))

    move = 1e-4 * np.random.default_rng(2).uniform(-1, 1, effort.shape) * (found.build > 0)
    told = np.einsum("kjs,js->ks", stage._mutual(stakes, found.build, nothing, 1.0), move)
    seen = (reply(effort + move) - reply(effort - move)) / 2
    np.testing.assert_allclose(told, seen, atol=1e-2 * np.abs(seen).max())


@pytest.mark.parametrize("name", MET)
def test_the_jacobian_is_the_differences_of_the_conditions(name: str) -> None:
    """What rivals do to demand and to rents included, labs on kinks that others move too."""
    race = replace(RACE, mechanisms=MET[name])
    system, rng = system_of(race), np.random.default_rng(0)
    found = lb.solve(race).equilibria[0]
    value = found.value * (1 + 0.01 * rng.uniform(size=found.value.shape))

    def conditions(values: np.ndarray) -> np.ndarray:
        return residual(system, values, pieces_at(system, values, found.build))

    matrix, _ = linearise(system, value, pieces_at(system, value, found.build))
    for _ in range(2):
        way, step = rng.normal(size=value.shape), 1e-6
        moved = (conditions(value + step * way) - conditions(value - step * way)) / (2 * step)
        slope = matrix @ way.ravel()
        np.testing.assert_allclose(moved, slope, atol=1e-4 * np.abs(slope).max())


@pytest.mark.parametrize("name", MET)
def test_stability_is_that_of_values_and_replies_in_turns(name: str) -> None:
    """The radius against differences of the map from values to the values of replies."""
    race = replace(RACE, rungs=1, mechanisms=MET[name])
    found, system = lb.solve(race).equilibria[0], system_of(race)
    rows = system.earners

    def answered(values: np.ndarray) -> np.ndarray:
        pieces = pieces_at(system, values, found.build)
        matrix = system.dense_matrix(system.game.hazard(pieces.build))
        return np.linalg.solve(matrix, pieces.together.earned.T).T[rows].ravel()

    step, columns = 1e-6, []
    for place in range(system.unknowns):
        way = np.zeros((len(rows), system.size))
        way.flat[place] = step
        full = np.zeros_like(found.value)
        full[rows] = way
        columns.append((answered(found.value + full) - answered(found.value - full)) / (2 * step))
    radius = np.abs(np.linalg.eigvals(np.array(columns).T)).max()
    assert found.radius == pytest.approx(radius, rel=1e-3, abs=1e-5)
    assert found.index == np.sign(np.linalg.det(np.eye(system.unknowns) - np.array(columns).T))


@pytest.mark.parametrize("name", [name for name in MET if name != "lease"])
def test_two_engines_agree(name: str) -> None:
    race = replace(RACE, mechanisms=MET[name])
    one = lb.solve(race).equilibria[0]
    other = by_fixed_demand(race, lb.Method(), None, lambda *told: None)
    assert other is not None
    np.testing.assert_allclose(one.value, other.value, rtol=1e-10)
    np.testing.assert_allclose(one.build, other.build, atol=1e-9)


def test_where_hazards_are_linear_replies_jump_and_it_says_so() -> None:
    technology = lb.Technology(1.5, 1.0, handicap=0.05)
    race = replace(RACE, technology=technology, mechanisms=MET["spillover"])
    solution = lb.solve(race)
    assert solution.status.ok and solution.equilibria[0].regret < 1e-9
    known = solution.equilibria[0].index is not None
    assert known or "jumps" in solution.equilibria[0].stability_note


def test_symmetric_labs_have_the_images_of_every_equilibrium() -> None:
    race = replace(RACE, labs=(lb.Lab("A", 1), lb.Lab("B", 1)), rungs=1, mechanisms=MET["lease"])
    solution = lb.solve(race, lb.Method(search=lb.Search(starts=6)), all=True)
    values = [found.value for found in solution.equilibria]
    for value in values:
        image = value[::-1][:, [0, 2, 1]]
        assert min(np.abs(image - other).max() for other in values) < 1e-7
    # All 6 policies led to one: with a share p that does not, (1 - p)^6 is 5% at p = 39.3%.
    assert "at most 40% of other policies" in solution.census.message


@pytest.mark.slow
def test_a_market_for_compute_has_three_equilibria() -> None:
    """Of indices 1, -1 and 1; each is found again by Newton's method from beside it."""
    market = lb.ScarceMarket(0.9, premium=0.5)
    race = replace(RACE, market=market, rungs=4, mechanisms={"lease": {"friction": 0.05}})
    solution = lb.solve(race, all=True)
    assert [found.index for found in solution.equilibria] == [1, -1, 1]
    assert (solution.census.index_sum, solution.complete) == (1, "searched")
    system = system_of(race)
    for found in solution.equilibria:
        rent = system.stage.price(system.stakes(found.value), float(found.value.max()))
        assert regret(race, found.build, rent).max() < 1e-9
        again = Newton().polish(system, found.value * (1 + 1e-6), found.build)
        assert again is not None
        np.testing.assert_allclose(again[0], found.value, rtol=1e-9)
    one = lb.solve(race).equilibria[0]
    assert one.index == 1
    assert min(np.abs(one.value - found.value).max() for found in solution.equilibria) < 1e-8


@pytest.mark.parametrize("name", ["spillover", pytest.param("hype", marks=pytest.mark.slow)])
def test_rules_select_and_basins_lead_to_what_is_found(name: str) -> None:
    race = replace(RACE, rungs=1, mechanisms=MET[name])
    solution = lb.solve(race)
    for rule in ("from history", "risk"):
        chosen = lb.solve(race, select=rule)
        assert chosen.status.ok and chosen.equilibria[0].regret < 1e-9
        apart = np.abs(chosen.equilibria[0].value - solution.equilibria[0].value).max()
        assert apart < 1e-7 * solution.equilibria[0].value.max()
    assert lb.basin(solution, samples=5)[0].share == 1


@pytest.mark.parametrize("name", ["spillover", pytest.param("lease", marks=pytest.mark.slow)])
def test_a_trace_ends_at_what_is_solved_there(name: str) -> None:
    race = replace(RACE, rungs=1, mechanisms=MET[name])
    few = lb.Method(search=lb.Search(starts=1))
    found = lb.trace(race, "discount", 0.2, 0.25, few)
    assert found.counts() == [(0.2, 0.25, 1)]
    ends = sorted(found.branches[0].points, key=lambda point: point.parameter)
    for end in (ends[0], ends[-1]):
        there = lb.solve(replace(race, discount=end.parameter)).equilibria[0]
        np.testing.assert_allclose(end.equilibrium.value, there.value, rtol=1e-8)
        assert end.equilibrium.regret < 1e-9
    assert {end.parameter for end in (ends[0], ends[-1])} == {0.2, 0.25}

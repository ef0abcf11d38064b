"""Equilibria: against an independent brute force, a published closed form, and their own regret."""

import numpy as np
import pytest
from brute_force import BruteForce
from hypothesis import given, settings
from scipy.optimize import brentq, minimize_scalar
from strategies import races, relaxed

import leaderbored as lb
from leaderbored.games.formats.gamefile import load
from leaderbored.games.formats.gamefile import starter as starter_file
from leaderbored.solvers.markov.certificate import regret


def answer(race: lb.Race) -> lb.Solution:
    solution = lb.solve(race)
    assert solution.status.ok, solution.status
    return solution


@pytest.mark.slow
@settings(relaxed, max_examples=300)
@given(races())
def test_every_random_race_is_solved_to_a_regret_of_1e_9(race: lb.Race) -> None:
    equilibrium = answer(race).equilibria[0]
    assert 0 <= equilibrium.regret <= 1e-9


@pytest.mark.slow
@settings(relaxed, max_examples=25)
@given(races(labs=(2, 3, 4)))
def test_the_answer_satisfies_the_equations_written_from_their_definition(race: lb.Race) -> None:
    equilibrium = answer(race).equilibria[0]
    market = race.market
    revenue = None if isinstance(market, lb.ScarceMarket) else market.ladder(race.rungs).tolist()
    error = BruteForce(race, revenue).bellman_error(equilibrium.build, equilibrium.value)
    assert error < 1e-8


@pytest.mark.slow
@settings(relaxed, max_examples=60)
@given(races())
def test_counting_money_in_cents_or_time_in_months_changes_no_share(race: lb.Race) -> None:
    from dataclasses import replace

    base = answer(race)
    build, value = base.equilibria[0].build, base.equilibria[0].value
    if isinstance(race.market, lb.ScarceMarket):
        cents = replace(race, market=replace(race.market, price=100 * race.market.price))
        other = lb.solve(cents, start=build).equilibria[0]
        np.testing.assert_allclose(other.value, 100 * value, rtol=1e-7, atol=1e-7 * value.max())
    tech = replace(
        race.technology,
        productivity=race.technology.productivity / 12,
        drafting=race.technology.drafting / 12,
    )
    monthly = replace(race, technology=tech, discount=race.discount / 12)
    other = lb.solve(monthly, start=build).equilibria[0]
    # Revenue is per year in both, so values grow twelvefold when a period is a month.
    np.testing.assert_allclose(other.value, 12 * value, rtol=1e-7, atol=1e-7 * 12 * value.max())


@settings(relaxed, max_examples=30)
@given(races())
def test_an_equilibrium_stays_one_when_labs_are_renamed(race: lb.Race) -> None:
    from dataclasses import replace

    solution = answer(race)
    mirrored = replace(race, labs=race.labs[::-1])
    order = {tuple(s): k for k, s in enumerate(race.states().tolist())}
    swap = [order[tuple(s[::-1])] for s in mirrored.states().tolist()]
    build = solution.equilibria[0].build[::-1][:, swap]
    assert regret(mirrored.markov(), build).max() <= 1e-9


def test_an_impatient_lab_looks_only_at_today() -> None:
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 2)], lb.ScarceMarket(0.7), lb.Technology(2), 1e7, 5)
    equilibrium = answer(race).equilibria[0]
    np.testing.assert_allclose(equilibrium.build, np.maximum(race.markov().idle, 0), atol=1e-6)


def test_nothing_to_gain_and_nothing_idle_means_nothing_is_built() -> None:
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0]), lb.Technology(2), 0.1)
    equilibrium = answer(race).equilibria[0]
    assert equilibrium.build.max() == 0
    np.testing.assert_allclose(equilibrium.value, 10)


def test_leapfrogging_with_equal_labs_is_a_ladder_solved_by_one_root() -> None:
    """R5: laggards and leaders choose on one ladder discounted at rho plus the rivals' hazard."""
    labs, rungs, rho, theta = 3, 8, 0.2, 0.5
    ladder = [1 + 0.4 * g for g in range(rungs + 1)]

    def policies(rate: float) -> list[float]:
        value, shares = ladder[rungs] / rate, [0.0]
        for g in range(rungs - 1, -1, -1):

            def stay(u: float, above: float = value, r: float = ladder[g]) -> float:
                return (
                    -minimize_scalar(
                        lambda b: -((1 - b) * r + b**theta * (above - u)),
                        bounds=(0, 1),
                        method="bounded",
                        options={"xatol": 1e-14},
                    ).fun
                    - rate * u
                )

            u = brentq(stay, ladder[g] / rate * 0.5, value, xtol=1e-14)
            gain = value - u
            shares.append(min(1.0, (theta * gain / ladder[g]) ** (1 / (1 - theta))))
            value = u
        return shares[::-1]

    chase = brentq(lambda h: (labs - 1) * policies(rho + h)[0] ** theta - h, 1e-6, 5, xtol=1e-14)
    expected = policies(rho + chase)
    race = lb.Race(
        [lb.Lab(n, 1) for n in "ABC"],
        lb.RevenueLadder("1 + 0.4*g"),
        lb.Technology(1, theta, leapfrog=1),
        rho,
        rungs,
    )
    equilibrium = answer(race).equilibria[0]
    states = race.states()
    found = [equilibrium.build[1, 1 + np.flatnonzero((states[1:] == [0, 1, 1]).all(axis=1))[0]]]
    for g in range(1, rungs + 1):
        place = np.flatnonzero((states == [0, g, g]).all(axis=1))[0]
        found.append(equilibrium.build[0, place])
    np.testing.assert_allclose(found, expected, atol=1e-8)
    np.testing.assert_allclose(
        found[:4], [0.0692184219, 0.03666406, 0.02259342, 0.01528311], atol=1e-8
    )


def test_log_linear_revenue_is_neutral_and_has_a_closed_form() -> None:
    """R7: two labs, gamma = 1.6, lambda = 1, rho = .1, theta = 1/2: every lab builds .3446985."""
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.RevenueLadder("1.6**g"),
        lb.Technology(1, 0.5, leapfrog=1),
        0.1,
        60,
    )
    solution = answer(race)
    states = race.states()
    short = (states.max(axis=1) > 0) & (states.max(axis=1) <= 5)
    np.testing.assert_allclose(solution.equilibria[0].build[:, short], 0.3446985259, atol=1e-8)


@pytest.mark.parametrize(
    ("racing", "value", "stable"), [(-1, 5.0878, True), (10, 2.5285, True), (5, 4.6471, False)]
)
def test_expectations_alone_decide_between_three_equilibria(
    racing: int, value: float, stable: bool
) -> None:
    """The starter file; at first both labs build flat out while the lead is at most ``racing``."""
    race = load(starter_file("race"))
    start = np.where(race.states().max(axis=1) <= racing, 1.0, race.markov().idle)
    equilibrium = lb.solve(race, start=start).equilibria[0]
    assert equilibrium.value[:, 0] == pytest.approx([value, value], abs=5e-5)
    assert equilibrium.build[:, 0] == pytest.approx([1, 1] if racing == 10 else [0.4, 0.4])
    assert equilibrium.regret <= 1e-12
    assert equilibrium.stable is stable


@pytest.mark.parametrize("returns", [0.9, 0.95, 0.98, 1.0])
def test_the_linear_hazard_is_the_limit_of_concave_ones(returns: float) -> None:
    """R9: two equal labs, r_1 / f = 1.8 between 1 + rho/lambda and T: chasers mix.

    The rotation hazard is lambda (r_1 / f - 1) - rho = .7 in the limit.
    """
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.RevenueLadder([1, 1.8]),
        lb.Technology(1, returns, leapfrog=1),
        0.1,
        6,
    )
    equilibrium = answer(race).equilibria[0]
    place = np.flatnonzero((race.states() == [0, 1]).all(axis=1))[0]
    hazard = race.markov().hazard(equilibrium.build)[1, place]
    assert hazard == pytest.approx(0.7, abs=3 * (1 - returns) + 1e-9)


def test_certificate_rejects_a_profile_that_is_not_an_equilibrium() -> None:
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(1), 0.5, 5)
    build = answer(race).equilibria[0].build
    shifted = np.clip(build + 0.05, 0, 1)
    assert regret(race.markov(), build).max() < 1e-12
    assert regret(race.markov(), shifted).max() > 1e-5


def test_when_nothing_converges_the_status_says_so_with_advice() -> None:
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(3), 0.1)
    hopeless = lb.Method(iteration=lb.PolicyIteration(rounds=0), averaging=None, homotopy=None)
    solution = lb.solve(race, hopeless)
    assert solution.equilibria == ()
    assert solution.status.code == "not converged"
    assert solution.status.advice
    with pytest.raises(ValueError, match="no equilibrium"):
        lb.verdict(solution)


def test_continuation_finds_what_iteration_finds() -> None:
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 2)],
        lb.RevenueLadder("1.3**g"),
        lb.Technology(1, leapfrog=0.5),
        0.3,
        6,
    )
    only = lb.Method(iteration=lb.PolicyIteration(rounds=0), averaging=None)
    there, here = lb.solve(race, only), lb.solve(race)
    assert there.equilibria[0].method.startswith("continuation")
    np.testing.assert_allclose(there.equilibria[0].build, here.equilibria[0].build, atol=1e-9)


def test_a_start_of_the_wrong_shape_or_out_of_bounds_is_refused() -> None:
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 3)
    with pytest.raises(ValueError, match="shape"):
        lb.solve(race, start=np.zeros((2, 3)))
    with pytest.raises(ValueError, match="bounds"):
        lb.solve(race, start=np.full((2, 7), 1.5))


def test_large_games_are_solved_by_krylov_methods_to_the_same_answer() -> None:
    """Four labs at 1105 states leave the direct solver; two equal pairs must look alike."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 2), lb.Lab("C", 1), lb.Lab("D", 2)]
    race = lb.Race(labs, lb.ScarceMarket(0.8), lb.Technology(1, leapfrog=0.4), 0.2, 6)
    solution = answer(race)
    order = {tuple(s): k for k, s in enumerate(race.states().tolist())}
    swap = [order[s[2], s[3], s[0], s[1]] for s in race.states().tolist()]
    build = solution.equilibria[0].build
    np.testing.assert_allclose(build[:2], build[2:][:, swap], atol=1e-9)


def test_same_inputs_same_bytes() -> None:
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 2)], lb.ScarceMarket(0.7), lb.Technology(2), 0.1)
    first, second = lb.solve(race), lb.solve(race)
    assert first.equilibria[0].build.tobytes() == second.equilibria[0].build.tobytes()
    assert first.digest == second.digest

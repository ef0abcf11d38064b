"""Races in which money grows with the frontier: values, what is finite, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.linalg import expm

import leaderbored as lb
from leaderbored import theory
from leaderbored.solvers.fingerprint import digest
from leaderbored.solvers.kernels.rows import unfit
from leaderbored.solvers.markov.certificate import certificate
from leaderbored.solvers.markov.system import System
from leaderbored.verdicts.money import by_money
from leaderbored.views.data import race_report

Array = Any


def clearing(scarcity: float, growth: float, **given: Any) -> lb.Race:
    technology = {"productivity": 1, "handicap": 0.1, **given.pop("technology", {})}
    discount = given.pop("discount", 0.3)
    market = lb.ClearingMarket(scarcity, switching=0.5, **given)
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    return lb.Race(labs, market, technology, discount, rungs=6, growth=growth)


def tied(growth: float, returns: float = 0.5) -> lb.Race:
    """Two labs that are sold out, whom a lead brings nothing but the growth of money."""
    return lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.ScarceMarket(1.5, switching=0),
        lb.Technology(1, returns, leapfrog=1),
        discount=0.3,
        rungs=1,
        growth=growth,
    )


@pytest.mark.parametrize(
    ("race", "value", "build"),
    [
        (
            clearing(2, 1.02, discount=0.4, openness=1, technology={"handicap": 0, "leapfrog": 1}),
            [6.7328679514, 6.4504963318, 5.8418876013],
            [0, 0.0019725480, 0.1356907561],
        ),
        (
            clearing(1.5, 1.01, openness=0.5),
            [7.0255596091, 7.7972139679, 6.2443447992],
            [0.1942447383, 0.1578933293, 0.2201220994],
        ),
    ],
)
def test_values_of_another_program(race: lb.Race, value: list[float], build: list[float]) -> None:
    found = lb.solve(race).equilibria[0]
    places = [race.states().tolist().index(state) for state in ([0, 0], [0, 1], [1, 0])]
    np.testing.assert_allclose(found.value[0, places], value, atol=1e-8)
    np.testing.assert_allclose(found.build[0, places], build, atol=1e-8)
    assert found.regret < 1e-9
    assert found.mismatch == 0


def test_a_value_is_that_of_money_that_grows() -> None:
    """On the leaderboard and the number of advances, with revenue that is counted in money."""
    growth, most = 1.2, 80
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 0.6)],
        lb.ScarceMarket(0.8),
        lb.Technology(0.7, 0.6, handicap=0.2, drafting=0.1, leapfrog=0.3),
        discount=0.5,
        rungs=2,
        growth=growth,
    )
    found, states = lb.solve(race).equilibria[0], race.states().tolist()
    game = race.markov()
    hazard, earned = game.hazard(found.build), game.payoff(found.build)
    size = len(states)
    matrix, flow = np.zeros((size * most,) * 2), np.zeros((size * most, 2))
    for n in range(most):
        for s, (a, b) in enumerate(states):
            row = n * size + s
            matrix[row, row] += 0.5 + hazard[:, s].sum()
            flow[row] = growth**n * earned[:, s]
            for i, own in enumerate((a, b)):
                above = [min(a + 1, 2), min(b + 1, 2)]
                above[i] = 0
                closer = [a, b]
                closer[i] -= 1
                to_top = 1.0 if own == 0 else 0.3
                later = min(n + 1, most - 1)  # where there is nothing more to count
                for chance, board, then in ((to_top, above, later), (1 - to_top, closer, n)):
                    if chance:
                        column = then * size + states.index(board)
                        matrix[row, column] -= chance * hazard[i, s]
    counted = np.linalg.solve(matrix, flow)[:size]
    np.testing.assert_allclose(found.value, counted.T, rtol=1e-6)


def test_at_the_cap_the_frontier_still_advances() -> None:
    still, moving = (lb.solve(tied(growth)).equilibria[0] for growth in (1.0, 1.05))
    ahead = tied(1.0).states().tolist().index([0, 1])
    assert still.build[0, ahead] == 0
    assert moving.build[0, ahead] > 0.005


@pytest.mark.parametrize(
    "mechanisms",
    [
        {"inputs": {"migration": 0.2, "weight": 0.7, "substitution": 0.5}},
        {"fungibility": {"loss": 0.2, "home": 0.5}},
        {"open_weights": {"imitation": 0.2}},
        {"inertia": {"lag": 0.5}},
        {"lease": {"friction": 0.2}},
        {"hype": {"effectiveness": 0.5}},
        {"spillover": {"share": 0.5}},
        {"jackpot": {"chance": 0.05, "prize": 20}},
        {"accumulate": {"rate": 0.1, "points": 5}},
    ],
    ids=lambda mechanisms: next(iter(mechanisms)),
)
def test_mechanisms_with_growth_are_what_their_records_say(mechanisms: Any) -> None:
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 0.7)],
        lb.ScarceMarket(0.9),
        lb.Technology(1, leapfrog=0.5),
        discount=0.4,
        rungs=2,
        growth=1.1,
        mechanisms=mechanisms,
    )
    for game in (race, replace(race, growth=1.0)):
        found = lb.solve(game).equilibria[0]
        assert found.regret < 1e-9
        assert found.mismatch is not None
        assert found.mismatch < 1e-12
        assert found.value[0, 0] > 0


# --- what is finite


def test_values_are_finite_where_money_grows_slowly_enough() -> None:
    slow = tied(1.05).markov()
    assert slow.decay == pytest.approx(0.3 - 0.05 * 2)
    solution = lb.solve(tied(1.05), all=True)
    assert solution.census.complete == "proved"
    assert [found.proof.holds for found in solution.equilibria if found.proof] == [True]


def test_beyond_the_bound_equilibria_are_found_and_nothing_is_said_of_indices() -> None:
    """Two of one kind, of which best replies lead to the first."""
    race = tied(1.16)
    assert race.markov().decay < 0
    solution = lb.solve(race, all=True)
    assert solution.census.complete == "partial"
    assert "infinite values" in solution.census.message
    tie = [found.build[:, 0] for found in solution.equilibria]
    same = sorted(float(a) for a, b in tie if abs(a - b) < 1e-9)
    np.testing.assert_allclose(same, [0.1487206955, 0.747], atol=1e-3)
    assert same[0] == pytest.approx(0.1487206955, abs=1e-9)
    assert all(found.regret < 1e-9 and found.proof.holds for found in solution.equilibria)


@pytest.mark.parametrize("growth", [1.35, 3.0])
def test_infinite_values_are_refused(growth: float) -> None:
    solution = lb.solve(tied(growth))
    assert not solution.equilibria
    assert solution.status.code == "not converged"
    assert "faster than it is discounted" in solution.status.message
    assert "lower growth" in solution.status.advice


def test_a_policy_with_infinite_values_is_no_equilibrium() -> None:
    """Both flat out but for a little, which has no end; and selling for ever, which has one."""
    race = tied(1.35)
    for build in (0.9, 0.0):
        for game in (race, race.markov()):
            assert np.isinf(certificate(game, np.full((2, 3), build)).regret).all()


def test_kernels_know_no_growth() -> None:
    assert unfit(tied(1.0)) == ""
    assert unfit(tied(1.05)) == "its money grows"


def test_growth_below_one_is_refused() -> None:
    with pytest.raises(ValidationError, match="growth"):
        tied(0.99)


@pytest.mark.parametrize("returns", [0.3, 0.5, 1.0])
def test_without_growth_nothing_changes(returns: float) -> None:
    """Of a race that has the field and the tables, and of tables that have none."""
    race = replace(tied(1.0, returns), market=lb.ScarceMarket(0.7))
    game = race.markov()
    assert not game.grows
    assert game.worth_after is game.jump
    ones = replace(game, growth=np.ones_like(game.growth))
    assert digest(race) != digest(replace(race, growth=1.01))
    assert digest(game) == digest(ones) != digest(replace(race, growth=1.01).markov())
    one, other = (lb.solve(each).equilibria[0] for each in (race, ones))
    assert (one.value == other.value).all()
    assert (one.build == other.build).all()


@pytest.mark.parametrize("labs", [2, 3])
def test_laggards_chase_flat_out_from_a_revenue_on_that_growth_lowers(labs: int) -> None:
    """With a linear hazard, on a ladder flat from a lead of one on, whose leader sells.

    At a tie it takes more than that: labs there have advances of all their rivals to wait for.
    """
    lam, rho, growth = 0.8, 0.3, 1.05
    rivals = rho + (labs - 1) * lam
    behind = rivals - growth * (labs - 2) * lam
    edge = rivals * behind - (labs - 1) * lam**2 * growth**2
    edge /= lam * growth * (behind - lam)
    assert edge < labs + rho / lam  # R9's
    for side, best in ((0.999, False), (1.001, True)):
        race = lb.Race(
            [lb.Lab(str(k), 1) for k in range(labs)],
            lb.RevenueLadder([1.0, side * edge]),
            lb.Technology(lam, 1, leapfrog=1),
            rho,
            rungs=2,
            growth=growth,
        )
        states = race.states()
        ahead = (states.T == 0) & (np.sort(states, axis=1)[:, 1] > 0)
        system = System(race.markov())
        value = system.evaluate(np.where(ahead, 0.0, 1.0))
        reply = system.reply(value, float(value.max()))
        assert (reply[ahead] == 0).all()
        led = (states > 0).any(axis=1) & (np.sort(states, axis=1)[:, 1] > 0)
        assert (reply[:, led][~ahead[:, led]] == best).all()


# --- what the theory says


def test_all_build_alike_for_growth_alone() -> None:
    """R27: one share, two, or none; and leaders who build alone."""
    assert lb.solve(tied(1.05)).equilibria[0].build == pytest.approx(0.0072498046, abs=1e-9)
    said = theory.self_limits(tied(1.16)).sentence
    assert "14.9% or 74.7%" in said
    assert "beyond growth 1.17" in said
    assert "in no equilibrium do all labs build alike" in theory.self_limits(tied(1.18)).sentence
    race = tied(1.25)
    alone = [
        found
        for found in lb.solve(race, all=True).equilibria
        if found.build[0, 2] == 0 and found.build[1, 1] == 0
    ]
    assert alone
    for found in alone:
        assert found.regret < 1e-9
        assert found.build[0, 1] == pytest.approx(found.build[1, 2])
        assert 1.25 * (1 - found.build[0, 1]) < 1


def test_a_linear_hazard_stands_still_for_growth_alone() -> None:
    still = np.zeros((2, 3))
    for growth, best in ((1.29, True), (1.31, False)):
        gained = certificate(tied(growth, 1.0), still).regret.max()
        assert (gained < 1e-12) == best


def ladder(revenue: Any, rungs: int, growth: float) -> lb.Race:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    technology = lb.Technology(1, leapfrog=1)
    return lb.Race(labs, lb.RevenueLadder(revenue), technology, 0.3, rungs, growth=growth)


def test_a_constant_and_an_exponential_are_neutral_where_money_grows() -> None:
    """R28, and its numbers."""
    rungs, revenue = 40, [1.0]
    for _ in range(rungs):
        revenue.append(1.6326985600755 * revenue[-1] - 0.1004575726899)
    race = ladder(revenue, rungs, 1.05)
    found = lb.solve(race, start=np.full((2, 2 * rungs + 1), 0.3)).equilibria[0]
    np.testing.assert_allclose(found.build[0, :4], 0.3, atol=1e-5)
    assert "leads are neutral where all labs build 30%" in theory.self_limits(race).sentence


def test_log_linear_revenue_becomes_a_run_where_money_grows() -> None:
    rungs = 24
    still, moving = (lb.solve(ladder("1.3**g", rungs, g)).equilibria[0] for g in (1.0, 1.05))
    np.testing.assert_allclose(still.build[0, :4], 0.07794, atol=1e-5)
    np.testing.assert_allclose(moving.build[0, :3], [0.12877, 0.11867, 0.11126], atol=1e-5)
    assert moving.build[0, rungs + 1] == pytest.approx(0.13016, abs=1e-5)  # one behind
    assert theory.self_limits(ladder("1.3**g", rungs, 1.05)).result == "R28"


def test_log_concave_revenue_is_not_seen_to_make_leaders_build_more() -> None:
    """As R6 has it without growth; no proof."""
    rng = np.random.default_rng(3)
    for _ in range(12):
        steps = np.sort(rng.uniform(0, 0.6, 10))[::-1]
        revenue = np.exp(np.cumsum([0.0, *steps]))
        found = lb.solve(ladder(revenue.tolist(), 10, float(rng.uniform(1.01, 1.1)))).equilibria[0]
        assert found.regret < 1e-9
        assert (np.diff(found.build[0, :11]) < 1e-9).all()


def test_with_growth_no_tie_of_a_market_that_clears_stands_still() -> None:
    """R23b, whose outside option may follow all of a lead then."""
    for growth in (1.001, 1.02):
        race = clearing(1.5, growth, openness=1, technology={"handicap": 0})
        found = lb.solve(race).equilibria[0]
        value, game = found.value[0], race.markov()
        assert (found.build[:, 0] > 0).all()
        assert growth * value[1] - value[0] > (growth - 1) * game.payoff(0 * found.build)[0, 0]


@pytest.mark.slow
@pytest.mark.parametrize(("scarcity", "fold"), [(1.02, 1.00305), (1.5, 1.00395), (3.0, 1.0047)])
def test_the_quiet_equilibrium_folds_where_money_grows(scarcity: float, fold: float) -> None:
    """On a market that rations; beyond it only labs that build are found."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    technology = lb.Technology(3, handicap=0.2)
    race = lb.Race(labs, lb.ScarceMarket(scarcity), technology, 0.1, rungs=12)
    build = None
    for away in (-3e-4, -2e-4, -1e-4):
        build = lb.solve(replace(race, growth=fold + away), start=build).equilibria[0].build
        assert build[:, 0].max() < 0.1
    beyond = lb.solve(replace(race, growth=fold + 1e-4), start=build).equilibria[0]
    assert beyond.regret < 1e-9
    assert beyond.build[:, 0].min() > 0.9


# --- by money


def test_time_by_money_is_that_of_expected_money_in_the_long_run() -> None:
    race = clearing(1.5, 1.05, openness=0.3, technology={"leapfrog": 0.4})
    found = lb.solve(race).equilibria[0]
    weighed = by_money(found)
    assert weighed is not None
    game = race.markov()
    hazard = game.hazard(found.build)
    rates = np.zeros((len(game.states),) * 2)
    for i in range(2):
        law = game.jump[i].toarray()
        ahead = (game.states[:, i] == 0) & (game.states[:, 1 - i] > 0)
        rates += hazard[i][:, None] * (law * np.where(ahead, 1.05, 1.0) - np.eye(len(law)))
    then = expm(200 * rates)[0]
    later = expm(201 * rates)[0]
    assert weighed.growth == pytest.approx(float(np.log(later.sum() / then.sum())), rel=1e-9)
    share = then / then.sum()
    lead = np.abs(game.states[:, 0] - game.states[:, 1])
    assert weighed.mean_lead == pytest.approx(share @ lead, rel=1e-9)
    ahead = game.states[:, 0] < game.states[:, 1]
    assert weighed.time_in_lead["A"] == pytest.approx(share[ahead].sum(), rel=1e-9)


def test_the_league_table_by_money_is_that_by_the_clock_if_leaders_build_as_before() -> None:
    """R12 by money: of labs that succeed at rates of their own, wherever they stand."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 2), lb.Lab("C", 0.5)]
    technology = lb.Technology(1, 1, leapfrog=1)
    race = lb.Race(labs, lb.ScarceMarket(1.5), technology, 0.5, rungs=2, growth=1.1)
    found = lb.solve(replace(race, growth=1.0)).equilibria[0]
    game = race.markov()
    flat = replace(found, game=game, build=np.ones_like(found.build))
    weighed = by_money(flat)
    assert weighed is not None
    assert weighed.growth == pytest.approx(0.1 * 3.5)
    for name, share in {"A": 1 / 3.5, "B": 2 / 3.5, "C": 0.5 / 3.5}.items():
        assert weighed.time_in_lead[name] == pytest.approx(share, abs=1e-9)
    leading = (game.states.T == 0) & (np.sort(game.states, axis=1)[:, 1] > 0)
    selling = replace(flat, build=np.where(leading, 0.0, 1.0))
    weighed = by_money(selling)
    assert weighed is not None
    assert weighed.time_in_lead["B"] < 2 / 3.5 - 1e-3


def test_without_growth_nothing_is_said_by_money() -> None:
    assert by_money(lb.solve(tied(1.0)).equilibria[0]) is None
    solution = lb.solve(tied(1.05))
    data = race_report(solution)
    assert data["equilibria"][0]["by_money"]["growth"] > 0


# --- traces


@pytest.mark.slow
def test_a_trace_ends_where_values_are_infinite() -> None:
    """R27's two kinds of tie meet in a fold, and the second ends where it would build with all."""
    found = lb.trace(tied(1.05), "growth", 1.1, 1.2)
    assert found.folds[0].parameter == pytest.approx(1 + 0.3 / 3**0.5, abs=1e-6)
    assert found.census.complete == "partial"
    assert "infinite values" in found.census.message
    points = [point for branch in found.branches for point in branch.points]
    assert all(point.equilibrium.regret < 1e-9 for point in points)
    last = min(points, key=lambda point: -point.equilibrium.build[0, 0])
    assert last.parameter == pytest.approx(1.15, abs=1e-3)

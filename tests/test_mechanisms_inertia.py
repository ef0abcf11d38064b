"""Inertia: the limit, the equations written out, combinations, and how far revenue lags."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import leaderbored as lb
from leaderbored.games.formats.gamefile import loads
from leaderbored.games.problems import GameFileError
from leaderbored.race import landings, leads
from leaderbored.race.mechanisms.inertia import Inertia, perceived
from leaderbored.race.mechanisms.spillover import arrivals
from leaderbored.solvers.fingerprint import digest
from leaderbored.solvers.markov.compiled import system_of
from leaderbored.solvers.markov.symmetry import relabellings
from leaderbored.solvers.markov.system import System
from leaderbored.verdicts.correspondence.race_line import kind_at
from leaderbored.verdicts.law import stationary

LABS = (lb.Lab("A", 1.0, brand=1.2), lb.Lab("B", 1.4), lb.Lab("C", 0.8, talent=1.3))
RACE = lb.Race(
    LABS[:2], lb.ScarceMarket(0.9, premium=0.1), lb.Technology(1.5, handicap=0.1), 0.2, 3
)
LATE = {"inertia": {"lag": 0.5}}
OTHERS = {
    "inputs": {"migration": 0.2},
    "open_weights": {"imitation": 0.2, "labs": ["B"], "fraction": 0.3},
    "lease": {"friction": 0.1},
    "spillover": {"share": 0.6},
    "jackpot": {"chance": 0.03, "prize": 10.0},
}


def late(race: lb.Race, lag: float, **more: dict[str, object]) -> lb.Race:
    return replace(race, mechanisms={"inertia": {"lag": lag}, **more})


def true_and_perceived(size: int) -> np.ndarray:
    """Indices of the states in which customers perceive the true leaderboard."""
    return np.arange(size) * (size + 1)


def test_without_a_lag_the_race_is_the_plain_one() -> None:
    race = late(RACE, 0.0)
    assert digest(race) == digest(RACE) and digest(race.markov()) == digest(RACE.markov())


@pytest.mark.parametrize(("lag", "near"), [(1e-9, 1e-6), (1e-7, 1e-6), (1e-4, 1e-3)])
def test_a_short_lag_tends_to_the_plain_race(lag: float, near: float) -> None:
    plain, size = lb.solve(RACE).equilibria[0], len(RACE.states())
    found = lb.solve(late(RACE, lag)).equilibria[0]
    here = true_and_perceived(size)
    np.testing.assert_allclose(found.value[:2, here], plain.value, rtol=near)
    np.testing.assert_allclose(found.build[:2, here], plain.build, atol=10 * near)


def test_the_equations_written_out() -> None:
    race, lag = RACE, 0.7
    plain, found = race.markov(), lb.solve(late(race, lag)).equilibria[0]
    size = len(plain.states)
    value, build = (x[:2].reshape(2, size, size) for x in (found.value, found.build))
    for d in range(size):
        for seen in range(size):
            b = build[:, d, seen]
            hazard = plain.scale[:, d] * np.sqrt(b) + plain.base[:, d]
            sold = np.minimum((1 - b) * plain.capacity[:, d], plain.demand[:, seen])
            for i in range(2):
                flow = plain.price[i, seen] * sold[i]
                flow += (value[i, d, d] - value[i, d, seen]) / lag
                for j in range(2):
                    after = plain.jump[j][[d]] @ value[i, :, seen]
                    flow += hazard[j] * (after[0] - value[i, d, seen])
                assert flow == pytest.approx(0.2 * value[i, d, seen], rel=1e-9)


def test_the_verdict_and_the_statistics_are_those_of_the_true_leaderboard() -> None:
    """Held to shares that do not see the customers, boards move as in the plain race."""
    plain, race = RACE.markov(), late(RACE, 0.5)
    game, size = race.markov(), len(RACE.states())
    build = np.linspace(0.1, 0.9, 2 * size).reshape(2, size)
    everywhere = np.vstack([np.repeat(build, size, axis=1), np.zeros((1, size * size))])
    laws = [
        stationary(System(g).transitions(g.hazard(b)))
        for g, b in ((plain, build), (game, everywhere))
    ]
    weight = laws[1].weight.reshape(size, size).sum(axis=1)
    np.testing.assert_allclose(weight, laws[0].weight, rtol=1e-9)
    assert kind_at(race, game, everywhere) == kind_at(RACE, plain, build)
    from leaderbored.verdicts.advances import succession

    found, known = (
        succession(r, g, g.hazard(b), law.never).under(law.weight)
        for r, g, b, law in ((race, game, everywhere, laws[1]), (RACE, plain, build, laws[0]))
    )
    assert found[:2] == pytest.approx(known[:2], rel=1e-9)


def test_copies_of_a_leaderboard_lead_to_copies() -> None:
    states = RACE.states()
    above, one_up = landings(states, 3, 1)
    size = len(states)
    many = landings(np.repeat(states, size, axis=0), 3, 1)
    pairs = np.arange(size * size)
    np.testing.assert_array_equal(many[0], above[pairs // size] * size + pairs % size)
    np.testing.assert_array_equal(many[1], one_up[pairs // size] * size + pairs % size)


@pytest.mark.parametrize("name", OTHERS)
def test_it_combines_with_every_other(name: str) -> None:
    solution = lb.solve(replace(RACE, mechanisms={**LATE, name: OTHERS[name]}))
    assert solution.status.ok, solution.status
    assert solution.equilibria[0].regret < 1e-9
    found = lb.verdict(solution, check_cap=False)
    assert sum(found.statistics.lead_distribution) == pytest.approx(1)
    assert sum(found.statistics.time_in_lead.values()) <= 1 + 1e-9


@pytest.mark.parametrize("name", OTHERS)
def test_combinations_tend_to_the_race_without_a_lag(name: str) -> None:
    race = replace(RACE, rungs=2)
    size = len(race.states())
    plain = lb.solve(replace(race, mechanisms={name: OTHERS[name]})).equilibria[0]
    near = lb.solve(late(race, 1e-6, **{name: OTHERS[name]})).equilibria[0]
    here = true_and_perceived(size)
    np.testing.assert_allclose(near.value[:2, here], plain.value[:2, :size], rtol=1e-5)


def test_customers_who_are_turned_away_go_down_the_leaderboard_they_perceive() -> None:
    labs = LABS
    race = lb.Race(labs, lb.ScarceMarket(0.9), lb.Technology(1.5), 0.2, rungs=1)
    spill = {"spillover": {"share": 0.6}}
    plain = race.markov()
    game = late(race, 0.5, **spill).markov()
    size = len(plain.states)
    expected = plain.demand + arrivals(plain.states, plain.demand, plain.capacity, 0.6)
    np.testing.assert_allclose(game.demand[:3], np.tile(expected, size), rtol=1e-12)
    np.testing.assert_array_equal(perceived(game), np.tile(plain.states, (size, 1)))


def test_leads_are_those_of_the_true_leaderboard() -> None:
    game = late(RACE, 0.5).markov()
    size = len(RACE.states())
    np.testing.assert_array_equal(leads(game.states)[0], np.repeat(leads(RACE.states())[0], size))


def test_too_many_pairs_are_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="1,261 leaderboards make 1,590,121 pairs"):
        lb.Race(LABS, lb.ScarceMarket(0.9), lb.Technology(1), 0.2, mechanisms=LATE)
    text = """
    discount = 0.1
    technology = { productivity = 1 }
    market = { kind = "scarce", scarcity = 0.6 }
    labs = [{ name = "A", compute = 1 }, { name = "B", compute = 1 }, { name = "C", compute = 1 }]
    mechanisms = { inertia = { lag = 0.5 } }
    """
    with pytest.raises(GameFileError, match=r"mechanisms.inertia.lag = 0.5: .* lower rungs"):
        loads(text)


def test_a_negative_lag_is_refused() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        Inertia(-0.1)


@pytest.mark.parametrize("lag", [0.25, 1.0])
@pytest.mark.parametrize("start", [None, "A ahead by 1"])
def test_revenue_lags_by_what_the_lag_is_worth(lag: float, start: str | None) -> None:
    """Shares held fixed, revenue answers nu / (1 + rho nu) years later, in present value."""
    labs = [lb.Lab(name, 1.0, build=(0.3, 0.3)) for name in "AB"]
    race = lb.Race(labs, lb.RevenueLadder("1.3**g"), lb.Technology(2, drafting=0.3), 0.2, rungs=4)
    plain, found = (lb.impulse(lb.solve(r), "A", start=start) for r in (race, late(race, lag)))
    assert found.lag["capability"] == pytest.approx(plain.lag["capability"], rel=1e-9)
    assert found.revenue_lag - plain.revenue_lag == pytest.approx(lag / (1 + 0.2 * lag), rel=1e-8)
    assert found.response["revenue"][0] == pytest.approx(0, abs=1e-12)
    assert plain.response["revenue"][0] > 0.1


def test_the_effect_on_the_verdict_is_told() -> None:
    solution = lb.solve(late(RACE, 0.5))
    (effect,) = lb.effects(solution)
    assert effect.mechanism == "inertia" and effect.before == "run"


@pytest.mark.parametrize(
    "mechanisms",
    [
        {"inertia": {"lag": 1}},
        {"jackpot": {"chance": 0.1, "prize": 3}},
        {"open_weights": {"imitation": 0.1}},
        {"inertia": {"lag": 1}, "jackpot": {"chance": 0.1}},
        {"accumulate": {"rate": 0.1}},
    ],
)
def test_equal_labs_may_change_places_beside_mechanisms(mechanisms: dict[str, Any]) -> None:
    # by what labs are worth when they play at random, and when each plays as the other did
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    technology = lb.Technology(3, handicap=0.1)
    race = lb.Race(labs, lb.ScarceMarket(0.6), technology, 0.1, 2, mechanisms=mechanisms)
    system = system_of(race.markov())
    [(players, states)] = relabellings(system.game)
    assert players[:2].tolist() == [1, 0]
    random = np.random.default_rng(1)
    low, high = system.game.lower, system.game.upper
    build = low + (high - low) * random.uniform(size=low.shape)
    mirrored = build[players][:, states]
    value = system.evaluate(build)
    assert np.abs(mirrored - build).max() > 0.1
    assert np.allclose(system.evaluate(mirrored), value[players][:, states])
    other = replace(race, labs=[labs[0], lb.Lab("B", 1.001)])
    assert relabellings(other.markov()) == []


@pytest.mark.slow
def test_a_search_finds_truces_of_equal_labs_that_hardly_any_policy_leads_to() -> None:
    # one was found once, and the list said to be searched; a Newton's method from 6,000 policies
    # and values leads to others from about one in 500
    technology = lb.Technology(6.7, 0.38, handicap=0.08)
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    late = {"inertia": {"lag": 0.6}}
    race = lb.Race(labs, lb.ScarceMarket(0.7), technology, 0.066, 2, mechanisms=late)
    found = lb.solve(race, all=True).equilibria
    assert len(found) >= 3
    assert max(one.regret for one in found) <= 1e-9
    truce = [one for one in found if not one.build[:, 0].any()]  # nobody builds at the tie
    assert truce
    for one in truce:  # half of all customers, for ever
        assert np.allclose(one.value[:2, 0], 0.7 / 0.066)

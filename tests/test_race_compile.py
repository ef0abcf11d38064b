"""The race as a Markov game, against the definition written out by hand."""

from dataclasses import replace
from math import exp
from typing import Any

import numpy as np
import pytest
from brute_force import BruteForce
from hypothesis import given, settings
from pydantic import ValidationError
from strategies import races

import leaderbored as lb
from leaderbored.games.compile import compile_function
from leaderbored.race import count_states, ladder, leads


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=60)
@given(races(labs=(2, 3, 4)))
def test_hazards_payoffs_and_jumps_follow_the_definition(race: lb.Race) -> None:
    game = race.markov()
    market = race.market
    revenue = None if isinstance(market, lb.ScarceMarket) else market.ladder(race.rungs).tolist()
    plain = BruteForce(race, revenue)
    assert game.states.tolist() == [list(s) for s in plain.states]
    share = np.clip(np.full(game.scale.shape, 0.37), game.lower, game.upper)
    hazard, payoff = game.hazard(share), game.payoff(share)
    index = {s: k for k, s in enumerate(plain.states)}
    for k, s in enumerate(plain.states):
        for i in range(plain.n):
            assert hazard[i, k] == pytest.approx(plain.hazard(i, s, share[i, k]))
            assert payoff[i, k] == pytest.approx(plain.earn(i, s, share[i, k]))
            law = np.zeros(len(index))
            for chance, after in plain.outcomes(i, s):
                law[index[after]] += chance
            np.testing.assert_allclose(game.jump[i][[k]].toarray()[0], law, atol=1e-15)


def test_demand_follows_capability_and_adds_up_to_scarcity_times_compute() -> None:
    labs = [lb.Lab("A", 1, brand=2), lb.Lab("B", 3), lb.Lab("C", 2)]
    race = lb.Race(labs, lb.ScarceMarket(0.7, switching=1.2), lb.Technology(1), 0.1, 4)
    game = race.markov()
    np.testing.assert_allclose(game.demand.sum(axis=0), 0.7 * 6)
    place = np.flatnonzero((game.states == [0, 1, 3]).all(axis=1))[0]
    a, b, c = game.demand[:, place]
    assert a / b == pytest.approx(2 * exp(1.2))
    assert b / c == pytest.approx(exp(2.4))


def test_building_with_idle_compute_costs_nothing() -> None:
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.3), lb.Technology(1), 0.1, 2)
    game = race.markov()
    np.testing.assert_allclose(game.payoff(game.idle), game.payoff(np.zeros_like(game.idle)))


def test_ties_at_the_frontier_earn_what_laggards_earn() -> None:
    ladder = lb.RevenueLadder("exp(g) - 1", laggard=0.5)
    game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], ladder, lb.Technology(1), 0.1, 2).markov()
    tie, one_ahead = game.price[:, 0], game.price[:, 1]
    assert tie.tolist() == [0.5, 0.5]
    np.testing.assert_allclose(one_ahead, [exp(1) - 1, 0.5])


def test_the_last_entry_of_a_table_holds_for_longer_leads() -> None:
    assert lb.RevenueLadder([1.0, 1.5]).ladder(4).tolist() == [1.0, 1.5, 1.5, 1.5, 1.5]


def test_a_formula_is_compiled_once_however_often_its_race_is_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At the 37 splits of compute of three labs too."""
    compiled: list[object] = []

    def counting(*given: Any) -> Any:
        compiled.append(given)
        return compile_function(*given)

    monkeypatch.setattr(ladder, "compile_function", counting)
    market = lb.RevenueLadder("1 + h*g", parameters={"h": 0.4321})
    labs = [lb.Lab(name, 1) for name in "ABC"]
    race = lb.Race(labs, market, lb.Technology(1), 0.2, 2)
    owned = {"accumulate": {"rate": 0.1, "points": 7}}
    game = replace(race, discount=0.3, mechanisms=owned).markov()
    assert game.price.shape == (6, 19 * 37) and len(compiled) == 1
    twice = replace(race, market=replace(market, parameters={"h": 0.8642}))
    assert twice.market.ladder(2) == pytest.approx([1.0, 1.8642, 2.7284])


def test_leads_of_a_sole_leader_and_of_a_tie() -> None:
    lead, leader = leads(np.array([[2, 0, 3], [0, 0, 3], [0, 4, 4]]))
    assert lead.tolist() == [2, 0, 4]
    assert leader.tolist() == [1, -1, 0]


@pytest.mark.parametrize(("labs", "expected"), [(2, 20), (3, 20), (4, 8), (5, 4), (8, 1)])
def test_by_default_rungs_keep_the_race_small(labs: int, expected: int) -> None:
    race = lb.Race(
        [lb.Lab(str(i), 1) for i in range(labs)], lb.ScarceMarket(1), lb.Technology(1), 0.1
    )
    assert race.rungs == expected
    assert len(race.states()) == count_states(labs, expected)


def test_mistakes_in_python_are_listed_all_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        lb.Technology(productivity=-1, returns=2, leapfrog=float("nan"))
    assert caught.value.error_count() == 3


def test_records_are_frozen() -> None:
    with pytest.raises(AttributeError):
        lb.Lab("A", 1).compute = 2  # type: ignore[misc]

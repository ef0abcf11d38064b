"""Games of one state: against shares tried one by one, and what the search finds by them."""

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.solvers.markov.one_state import turns
from leaderbored.solvers.markov.system import System


def late(theta: float, rungs: int) -> lb.Race:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    technology = lb.Technology(2.4, theta, handicap=0.2)
    notice = {"inertia": {"lag": 1.15}}
    return lb.Race(labs, lb.ScarceMarket(0.816), technology, 0.122, rungs, mechanisms=notice)


@pytest.mark.parametrize("theta", [0.37, 0.6])
def test_nobody_does_better_in_the_state_than_in_what_is_found(theta: float) -> None:
    game = late(theta, 1).markov()
    system = System(game)
    random = np.random.default_rng(1)
    value = random.uniform(2, 6, size=(len(game.players), len(game.states)))  # of anything
    value[2:] = 0.0
    found = turns(system, value, game.idle)
    assert found
    for state, shares in found:
        for i in range(2):
            worth = []
            tried = np.linspace(game.lower[i, state], game.upper[i, state], 301)
            for share in [shares[i], *tried]:
                play = game.idle.copy()
                play[:, state] = shares
                play[i, state] = share
                hazard = game.hazard(play)[:, state]
                there = np.array([(jump @ value[i])[state] for jump in game.jump])
                earned = game.payoff(play)[i, state]
                stay = np.array([jump[state, state] for jump in game.jump])
                there -= stay * value[i, state]  # what is held is the value elsewhere
                rate = game.discount + (hazard * (1 - stay)).sum()
                worth.append((earned + hazard @ there) / rate)
            assert max(worth[1:]) <= worth[0] + 1e-6 * abs(worth[0])


def test_there_is_nothing_to_turn_where_players_meet() -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    race = lb.Race(labs, lb.ClearingMarket(1.5), lb.Technology(1), discount=0.1, rungs=1)
    one = lb.solve(race).equilibria[0]
    assert turns(System(race.markov()), one.value, one.build) == []


@pytest.mark.slow
def test_a_search_finds_what_other_play_in_one_state_leads_to() -> None:
    # three by policies at random alone, and their indices added up to one
    race = late(0.3668, 2)
    found = lb.solve(race, all=True)
    assert len(found.equilibria) >= 7
    assert max(one.regret for one in found.equilibria) <= 1e-9
    assert sum(one.index for one in found.equilibria) == 1
    values = np.array([one.value[:2, 0] for one in found.equilibria])
    assert any(a != pytest.approx(b) for a, b in values)  # labs that are equal and do not do alike
    for a, b in values:  # with each of these there is the one with the labs exchanged
        assert np.isclose(values, [b, a], rtol=1e-9).all(axis=1).any()

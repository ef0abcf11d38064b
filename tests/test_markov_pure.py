"""Equilibria of Markov games that rest on what players expect of each other."""

from io import StringIO

import numpy as np
import pytest
from rich.console import Console

import leaderbored as lb
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load
from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
from leaderbored.solvers.stochastic import MarkovMethod
from leaderbored.solvers.stochastic.images import exchanges
from leaderbored.solvers.stochastic.listing import each_equilibrium
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.pure import Comparison
from leaderbored.solvers.stochastic.search import Search
from leaderbored.verdicts.correspondence.markov_line import MarkovLine
from leaderbored.views.correspondence import trace_page


def remembered(discount: float) -> MarkovGame:
    """The prisoner's dilemma again and again, with what both did last as the state."""
    payoff = "3 * C * others(C) + 5 * D * others(C) + D * others(D)"
    players = [MarkovPlayer(name, payoff, actions=("C", "D")) for name in ("1", "2")]
    last = Event({"last1": "1.C", "last2": "2.C"}, chance="1")
    states = {"last1": (0, 1), "last2": (0, 1)}
    return MarkovGame(players, discount, time="discrete", states=states, events=[last])


def test_a_grim_trigger_is_an_equilibrium_of_the_patient() -> None:
    """Friedman (1971): cooperate while both have, if (T - R) / (T - P) = 1/2 is at most delta."""
    for discount, found in ((0.45, False), (0.6, True)):
        comparison = Comparison(Problem(remembered(discount)))
        problem = comparison.problem
        values = [problem.evaluate(x)[0] for x in comparison.equilibria()]
        assert comparison.every and comparison.profiles == 4**4
        cooperating = [v for v in values if np.isclose(v[3], 3 / (1 - discount))]
        assert bool(cooperating) == found
        assert any(np.allclose(v, 1 / (1 - discount)) for v in values)  # all defect


def test_the_search_shows_both_the_trigger_and_defection() -> None:
    solution = lb.solve(remembered(0.6), MarkovMethod(starts=1, back=0), all=True)
    ends = sorted({round(float(e.value[0, 3]), 6) for e in solution.equilibria})
    assert ends[0] == 2.5 and ends[-1] == 7.5
    assert all(e.regret < 1e-9 for e in solution.equilibria)


def test_triggers_are_tried_where_policies_are_too_many() -> None:
    """Collusion at 3 each: 180 against 20 and 160 after, where both make 16 in a period."""
    payoff = "(12 - q[1.k] - q[2.k]) * q[k]"
    players = [MarkovPlayer(name, payoff, actions={"k": [0, 1, 2]}) for name in ("1", "2")]
    game = MarkovGame(
        players,
        0.9,
        time="discrete",
        states={"l1": (0, 2), "l2": (0, 2)},
        parameters={"q": [3, 4, 6]},
        events=[Event({"l1": "1.k", "l2": "2.k"}, chance="1")],
    )
    problem = Problem(game)
    comparison = Comparison(problem)
    values = [problem.evaluate(x)[:, 0] for x in comparison.equilibria()]
    assert not comparison.every
    assert any(np.allclose(v, 180) for v in values)


def test_turns_and_actions_that_are_not_allowed_are_heeded() -> None:
    """A pile of three of which one or two are taken in turn: who moves second wins."""
    last = "last - others(last)"
    let = {"last": "take > 0 and take == pile"}
    players = [
        MarkovPlayer(
            name, last, actions={"take": [1, 2]}, turn=f"mover == {k}", allowed="take <= pile"
        )
        for k, name in enumerate("AB")
    ]
    events = [
        Event({"mover": "1 - mover"}, chance="1"),
        Event({"pile": "pile - 1"}, chance="sum(take) == 1", group="take"),
        Event({"pile": "pile - 2"}, chance="sum(take) == 2", group="take"),
    ]
    states = {"mover": (0, 1), "pile": (0, 3)}
    game = MarkovGame(
        players, 0.9, time="discrete", states=states, events=events, let=let, ends="pile == 0"
    )
    problem = Problem(game)
    values = [problem.evaluate(x) for x in Comparison(problem).equilibria()]
    assert values
    for value in values:
        assert np.allclose(value[:, 3], [-0.9, 0.9])  # the first mover, a pile of three


def test_tracing_starts_from_all_equilibria_of_games_that_only_lead_onwards() -> None:
    """Trust once broken stays so: cooperation from a factor of 1/2 on, beside defection."""
    game = load(find("friedman-1971"))
    line = MarkovLine(game, "discount", (0.4, 0.8), MarkovMethod(), None)
    first = [line.problem(u).slot["value"][0, 0] for u in (0.0, 1.0)]
    seeds = [sorted(float(seed.z[first[0]]) for seed in line.seeds(u)) for u in (0.0, 1.0)]
    assert np.allclose(seeds[0], [1 / 0.6])
    assert len(seeds[1]) == 3
    assert np.allclose(seeds[1][::2], [1 / 0.2, 3 / 0.2])


def test_a_value_of_nil_is_shown_as_nil_by_a_trace() -> None:
    """What B gets is a last digit of what A does."""
    players = [
        MarkovPlayer("A", "7.3 * a", actions=("a",)),
        MarkovPlayer("B", "1e-17 * b", actions=("b",)),
    ]
    page = Console(width=100, record=True, file=StringIO())
    game = MarkovGame(players, 0.5, time="discrete")
    page.print(trace_page(lb.trace(game, "discount", 0.4, 0.5)))
    assert "12.2/0 to 14.6/0" in page.export_text()


@pytest.mark.parametrize("states", [40, 2000])
def test_few_decisions_in_many_states_are_compared_or_left_alone(states: int) -> None:
    """A decides in one state, and B in another: each has a best action. Of 2,000 it takes long."""
    moves = [Event({"s": "s + 1"}, chance="0.5"), Event({"s": "s - 1"}, chance="0.3")]
    players = [
        MarkovPlayer("A", "x", actions=("x", "y"), turn="s == 5"),
        MarkovPlayer("B", "y", actions=("x", "y"), turn="s == 3"),
    ]
    line = {"s": (0, states - 1)}
    problem = Problem(MarkovGame(players, 0.9, states=line, events=moves, time="discrete"))
    comparison = Comparison(problem)
    found = [*comparison.equilibria()]
    assert comparison.profiles == (4 if states == 40 else 0)
    assert len(found) == (states == 40)
    for x in found:
        mine, other = (x[problem.stage.listed(i)] for i in (0, 1))
        assert mine[:, 5].tolist() == [1, 0] and other[:, 3].tolist() == [0, 1]


def adoption(**alike: int) -> list[MarkovPlayer]:
    """Firms that may adopt once, at a cost that falls."""
    names = ["firm"] if alike else ["A", "B"]
    alone, behind = "has * (1 - others(has) / 2)", "(1 - has) * (0.3 - 0.2 * others(has))"
    pays = f"{alone} + {behind} - (1 + 6 * 0.9**t) * adopt"
    leads = [Event({"has": "1"}, chance="adopt")]
    one = {"actions": ("adopt", "wait"), "allowed": "adopt <= 1 - has", "states": {"has": (0, 1)}}
    return [MarkovPlayer(name, pays, events=leads, **one, **alike) for name in names]


def adopting(last: int, **alike: int) -> MarkovGame:
    passes = Event({"t": "t + 1"}, chance="1")
    states = {"t": (0, last)}
    players = adoption(**alike)
    return MarkovGame(players, 0.9, time="discrete", states=states, events=[passes])


def test_triggers_that_are_not_allowed_are_none() -> None:
    """Who has adopted cannot do so again, so that always to adopt is no policy."""
    comparison = Comparison(Problem(adopting(12, count=2)))
    assert not comparison.every and not list(comparison.equilibria()) and not comparison.said


@pytest.mark.slow
def test_players_of_a_count_may_differ_where_time_runs_one_way() -> None:
    """As if each had a name: one leads and one follows (Fudenberg and Tirole 1985)."""
    several = [lb.solve(game, all=True) for game in (adopting(6, count=2), adopting(6))]
    found, named = ([e.value.round(9).tolist() for e in one.equilibria] for one in several)
    assert sorted(found) == sorted(named) and len(found) > 1
    assert any(abs(e.value[0, 0] - e.value[1, 0]) > 0.1 for e in several[0].equilibria)
    assert all(e.regret < 1e-9 for e in several[0].equilibria)
    assert [one.complete for one in several] == ["searched"] * 2
    assert len([*each_equilibrium(adopting(6, count=2))]) == len(found)


def test_what_changes_places_makes_of_a_solution_is_a_solution() -> None:
    """Chicken, of lists and of real actions, beside a state that is counted from either side."""
    chicken = "2 * go * others(stay) + stay - 5 * go * others(go)"
    sides = (("1", "a"), ("2", "(1 - a)"))
    listed = [MarkovPlayer(name, chicken, actions=("go", "stay")) for name, _ in sides]
    real = [
        MarkovPlayer(name, f"x * (1 - 3 * others(x)) + x * {side}", {"x": (0, 1)})
        for name, side in sides
    ]
    toss = Event({"a": "1 - a"}, chance="1/3")
    for players, first in ((listed, [1, 0, 0, 1]), (real, [1, 0])):
        game = MarkovGame(players, 0.5, time="discrete", states={"a": (0, 1)}, events=[toss])
        problem = Problem(game)
        search = Search(problem, MarkovMethod())
        x = np.repeat([first], 2, axis=0).T.astype(float)
        search.keep("by hand", problem.point(x))
        seen = [z[problem.slot["choice"]] for z in search.pool]
        second = np.roll(first, len(first) // 2)
        assert len(seen) == 2 and np.array_equal(seen[1], np.repeat([second], 2, axis=0).T)
        assert [found.regret < 1e-9 for found in search.assessed()] == [True, True]


def test_of_players_who_differ_nothing_is_made() -> None:
    payoffs = ("2 * go * others(stay) + stay - 5 * go * others(go)", "go")
    players = [MarkovPlayer(f"{k}", text, actions=("go", "stay")) for k, text in enumerate(payoffs)]
    assert exchanges(Problem(MarkovGame(players, 0.5, time="discrete"))) == []

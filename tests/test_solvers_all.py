"""All equilibria: against an exhaustive search, their indices, and their symmetries."""

from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
from brute_force import BruteForce
from exhaustive import Exhaustive
from hypothesis import given, settings
from strategies import races, relaxed

import leaderbored as lb
from leaderbored.games.formats.gamefile import load
from leaderbored.games.formats.gamefile import starter as starter_file
from leaderbored.solvers import Elimination
from leaderbored.solvers.hunt import most_others
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.system import System

TWO = (lb.Lab("A", 1), lb.Lab("B", 1))
CHASE = lb.Race(TWO, lb.RevenueLadder([1, 1.8]), lb.Technology(1, 0.8, leapfrog=1), 0.1, 2)


def starter() -> lb.Race:
    race = load(starter_file("race"))
    assert isinstance(race, lb.Race)
    return race


def small_races() -> list[lb.Race]:
    """Drawn at random once; between one and seven equilibria."""
    random = np.random.default_rng(7)
    drawn = [CHASE]
    for rungs in (1, 1, 1, 2, 2):
        ladder = np.exp(np.cumsum([0, *random.uniform(0, 1, 3)]))
        scarce = lb.ScarceMarket(random.uniform(0.3, 0.9), random.uniform(0, 2), 0.4)
        technology = lb.Technology(
            productivity=np.exp(random.uniform(0, 2.5)),
            returns=random.uniform(0.4, 0.85),
            leapfrog=random.choice([0.0, 1.0]),
        )
        market = scarce if random.uniform() < 0.5 else lb.RevenueLadder(ladder)
        drawn.append(lb.Race(TWO, market, technology, random.uniform(0.05, 0.2), rungs))
    # seven equilibria, most of which random starts hardly ever find
    drawn.append(
        lb.Race(
            (lb.Lab("A", 1), lb.Lab("B", 1.8349025026068402)),
            lb.ScarceMarket(0.4740483886137183, 0.021275485809498784, 0.6457208955749478),
            lb.Technology(8.57102874977459, 0.38413138131409463, leapfrog=0.8612834961776684),
            0.2275655027813914,
            2,
        )
    )
    return drawn


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 2, 4, 6])
def test_nothing_that_an_exhaustive_search_finds_is_missing(number: int) -> None:
    race = small_races()[number]
    solution = lb.solve(race, all=True)
    known = [equilibrium.value for equilibrium in solution.equilibria]
    for value in Exhaustive(race).equilibria(starts=24, seed=number):
        apart = [np.abs(value - other).max() for other in known]
        assert min(apart) < 1e-6 * value.max()
    assert solution.census.index_sum == 1
    assert solution.complete in ("searched", "proved")


@pytest.mark.slow
def test_a_race_with_seven_equilibria() -> None:
    """Most are found by continuation alone; each passes the brute force and its own regret."""
    race = small_races()[-1]
    solution = lb.solve(race, all=True)
    assert len(solution.equilibria) == 7
    for equilibrium in solution.equilibria:
        assert equilibrium.regret < 1e-12
        assert BruteForce(race).bellman_error(equilibrium.build, equilibrium.value) < 1e-8


@pytest.mark.slow
def test_saddles_reached_only_across_branch_points() -> None:
    """Equal labs: two equilibria in which one of them leads, and a saddle before each."""
    race = lb.Race(
        TWO,
        lb.RevenueLadder([1.0, 1.7588597191431974, 2.2896659820576932]),
        lb.Technology(
            3.212186789944168,
            0.9203072150070843,
            handicap=0.34341201349657435,
            drafting=0.32432630231335363,
            leapfrog=1.0,
        ),
        0.05634094869382525,
        2,
    )
    solution = lb.solve(race, all=True)
    assert sorted(equilibrium.index or 0 for equilibrium in solution.equilibria) == [
        -1,
        -1,
        1,
        1,
        1,
    ]
    for equilibrium in solution.equilibria:
        assert (
            BruteForce(race, [1.0, 1.7588597191431974, 2.2896659820576932]).bellman_error(
                equilibrium.build, equilibrium.value
            )
            < 1e-8
        )
        assert equilibrium.stable is (equilibrium.index == 1)


def test_a_truce_at_the_tie_is_an_equilibrium_too() -> None:
    """While tied nobody builds, though compute stands idle; and the level between."""
    race = lb.Race(
        TWO,
        lb.ScarceMarket(0.21571453572525506, 0.5957616884079782, 0.41212509429159216),
        lb.Technology(
            5.079235235203286,
            0.5594295528550512,
            handicap=0.7459063823156618,
            leapfrog=0.9174680145841102,
        ),
        0.0849760473347607,
        3,
    )
    solution = lb.solve(race, all=True)
    builds = [equilibrium.build[:, 0] for equilibrium in solution.equilibria]
    assert [equilibrium.index for equilibrium in solution.equilibria] == [1, -1, 1]
    assert builds[0].max() == 0
    assert 0 < builds[1].max() < builds[2].min()
    assert [equilibrium.stable for equilibrium in solution.equilibria] == [True, False, True]


@pytest.mark.parametrize(("returns", "stable"), [(0.4, False), (0.7, True)])
def test_nobody_builds_is_stable_only_if_small_gains_move_little(
    returns: float, stable: bool
) -> None:
    """All compute is sold, so a lead is worth what rivals' building makes it worth."""
    race = lb.Race(
        TWO,
        lb.ScarceMarket(1.1213472356634988, 2.086588992966101),
        lb.Technology(7.465822156775056, returns, handicap=0.09, drafting=0.098),
        0.33,
        4,
    )
    quiet = lb.solve(race, start=np.where(race.states()[:, :1].T == 0, 0.0, race.markov().idle))
    equilibrium = quiet.equilibria[0]
    assert equilibrium.build[:, 0].max() < 1e-9
    assert equilibrium.stable is stable


def test_the_starter_has_exactly_three() -> None:
    solution = lb.solve(starter(), all=True)
    ties = [equilibrium.value[:, 0] for equilibrium in solution.equilibria]
    np.testing.assert_allclose(ties, [[5.0878] * 2, [4.6471] * 2, [2.5285] * 2], atol=5e-5)
    assert [equilibrium.index for equilibrium in solution.equilibria] == [1, -1, 1]
    assert [equilibrium.stable for equilibrium in solution.equilibria] == [True, False, True]
    for engine in ("Newton from many policies", "continuation in productivity"):
        assert solution.census.engines[engine] == 3
    assert solution.complete == "searched"


def case(name: str) -> lb.Race:
    race = load(Path(__file__).parent / "cases" / "every" / name)
    assert isinstance(race, lb.Race)
    return race


def test_pairs_whose_indices_cancel_are_not_missed() -> None:
    """Three of the seven add up to one as well."""
    solution = lb.solve(case("seven.toml"), all=True)
    ties = sorted((e.value[:, 0].tolist(), e.index) for e in solution.equilibria)
    stable, saddle = (6.2803697541, 5.4880656647), (6.2803946724, 5.4880614276)
    assert len(ties) == 7
    for pair, index in ((stable, 1), (saddle, -1)):
        for tie in (pair, pair[::-1]):
            near = [k for value, k in ties if np.abs(np.subtract(value, tie)).max() < 1e-8]
            assert near == [index]
    assert solution.census.index_sum == 1
    assert max(equilibrium.regret for equilibrium in solution.equilibria) < 1e-12


def test_a_pair_beside_a_symmetric_equilibrium_is_found() -> None:
    solution = lb.solve(case("five.toml"), all=True)
    ties = [equilibrium.value[:, 0] for equilibrium in solution.equilibria]
    assert len(ties) == 5
    for tie in ([3.04883, 3.06533], [3.06533, 3.04883]):
        assert min(np.abs(value - tie).max() for value in ties) < 6e-6
    assert solution.census.index_sum == 1


@pytest.mark.slow
def test_the_census_says_in_numbers_what_was_done() -> None:
    message = lb.solve(case("seven.toml"), lb.Method(search=lb.Search(starts=40)), all=True).census
    assert "from 40 policies, each after 0, 1, 4 and 12 rounds" in message.message
    assert "may be missing" in message.message


def test_a_quarter_of_the_policies_does_where_prices_clear_and_nothing_else_is_found() -> None:
    """All are tried where a quarter leads to three, and where only what is near leads to them."""
    market, gentle = lb.ClearingMarket(1.21, openness=0.8), lb.Technology(1.63, 0.64)
    gentle = replace(gentle, handicap=0.05, leapfrog=1)
    one = lb.Race(TWO, market, gentle, 0.5, 3)
    labs, technology = (lb.Lab("A", 0.4695), lb.Lab("B", 0.5007)), lb.Technology(3.269, 0.6783)
    technology = replace(technology, handicap=0.3, leapfrog=0.5)
    near = lb.Race(labs, lb.ClearingMarket(2.8, openness=0.5), technology, 0.0704, 7)
    for race, several in ((one, 1), (replace(one, discount=0.0313), 3), (near, 3)):
        found = lb.solve(race, all=True)
        assert len(found.equilibria) == several
        assert "from 150 policies" in found.census.message
        assert ("; from 450 more; " in found.census.message) == (several > 1)


def test_a_search_that_is_stopped_shows_what_it_found() -> None:
    asked = count()
    solution = lb.solve(case("seven.toml"), all=True, limit=lambda: next(asked) > 600)
    assert solution.status.code == "stopped"
    assert solution.complete == "partial"
    assert "stopped" in solution.census.message
    assert all(equilibrium.regret < 1e-9 for equilibrium in solution.equilibria)
    assert {one.not_checked for one in solution.equilibria} == {("stability", "proof")}


def test_asymmetric_equilibria_of_equal_labs_come_in_mirror_images() -> None:
    values = [equilibrium.value for equilibrium in lb.solve(CHASE, all=True).equilibria]
    assert len(values) == 3
    tie = np.array([value[:, 0] for value in values])
    np.testing.assert_allclose(tie[0], tie[1][::-1], rtol=1e-12)
    assert tie[0, 0] > 1.4 * tie[0, 1]
    assert tie[2, 0] == pytest.approx(tie[2, 1])


@pytest.mark.slow
@settings(relaxed, max_examples=5)
@given(races(labs=(2,), linear=False))
def test_indices_add_up_to_one_or_the_list_is_called_partial(race: lb.Race) -> None:
    solution = lb.solve(race, all=True)
    assert solution.status.ok
    total = sum(equilibrium.index or 0 for equilibrium in solution.equilibria)
    assert total == solution.census.index_sum
    assert total == 1 or solution.complete == "partial"
    for equilibrium in solution.equilibria:
        assert regret(race.markov(), equilibrium.build).max() <= 1e-9
        if equilibrium.index == -1:
            assert not equilibrium.stable


def test_an_impatient_race_is_proved_to_have_one_equilibrium() -> None:
    race = lb.Race(TWO, lb.ScarceMarket(0.6), lb.Technology(1, handicap=0.1), 0.5)
    assert lb.solve(race, all=True).complete == "proved"


def test_the_proof_of_completeness_fails_when_an_equilibrium_is_held_back() -> None:
    race = lb.Race(TWO, lb.ScarceMarket(0.6), lb.Technology(1, handicap=0.1), 0.5, 1)
    found = lb.solve(race, all=True).equilibria
    assert Elimination().proves(race.markov(), found)
    assert not Elimination().proves(race.markov(), ())
    three = lb.solve(CHASE, all=True)
    for kept in range(3):
        rest = three.equilibria[:kept] + three.equilibria[kept + 1 :]
        assert not Elimination(boxes=200).proves(three.markov, rest)


def test_boxes_are_cut_until_none_is_left_or_there_are_too_many() -> None:
    labs, technology = (TWO[0], lb.Lab("B", 0.523)), lb.Technology(3.296, handicap=0.156)
    technology = replace(technology, leapfrog=0.5, drafting=0.5)
    race = lb.Race(labs, lb.RevenueLadder([1, 1.29]), technology, 0.3, 1)
    found = lb.solve(race).equilibria
    assert Elimination(boxes=400).proves(race.markov(), found)
    assert not Elimination(boxes=100).proves(race.markov(), found)


def test_newton_in_efforts_leads_from_many_policies_where_it_leads_from_each() -> None:
    race = lb.Race(TWO, lb.ScarceMarket(0.6), lb.Technology(3, 0.35, handicap=0.1), 0.1, 3)
    system, search = System(race.markov()), lb.Search()
    starts = np.array(list(islice(search.shares(system), 40)))
    many = list(search.batch.steeply(system, starts, search.steep))
    each = [search.steep.polish(system, system.evaluate(start), start) for start in starts]
    assert sum(point is not None for point in each) > 3
    for start, point in enumerate(each):
        if point is not None:
            led = [one for one in many if start in one.starts]
            assert led and np.abs(led[0].value - point[0]).max() < 1e-7


def test_a_continuum_is_called_partial() -> None:
    race = lb.Race(TWO, lb.RevenueLadder([1, 1.8]), lb.Technology(1, 1.0, leapfrog=1), 0.1, 6)
    assert lb.solve(race, all=True).complete == "partial"


def test_one_equilibrium_is_never_called_all() -> None:
    assert lb.solve(starter()).complete == "partial"


def test_the_search_is_deterministic() -> None:
    first, second = (lb.solve(CHASE, all=True).equilibria for _ in range(2))
    assert [e.value.tobytes() for e in first] == [e.value.tobytes() for e in second]


def test_all_and_select_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="not both"):
        lb.solve(CHASE, all=True, select="risk")
    with pytest.raises(ValueError, match="from history"):
        lb.solve(CHASE, select="by lot")  # type: ignore[arg-type]


@pytest.mark.parametrize("labs", [2, 3])
def test_where_nobody_ever_earns_there_is_nothing_to_divide_by(labs: int) -> None:
    race = lb.Race(
        [lb.Lab(name, 1) for name in "ABC"[:labs]],
        lb.RevenueLadder([0.0]),
        lb.Technology(3),
        discount=0.1,
        rungs=2,
    )
    solution = lb.solve(race, all=True)
    assert solution.status.ok
    assert not solution.equilibria[0].value.any()


@pytest.mark.parametrize("rare", [0.002, 0.01, 0.05])
def test_the_share_of_policies_that_lead_elsewhere_is_bounded_as_often_as_is_said(
    rare: float,
) -> None:
    """Policies are drawn of which few lead to a second equilibrium, fewer to a third."""
    random, law, bounded = np.random.default_rng(3), [1 - 1.5 * rare, rare, rare / 2], 0
    for _ in range(400):
        met = random.multinomial(100, law)
        missed = sum(p for p, count in zip(law, met, strict=True) if not count)
        bounded += missed <= most_others(int((met == 1).sum()), 100)
    assert bounded >= 0.94 * 400
    assert most_others(0, 100) == pytest.approx(1 - 0.05 ** (1 / 100))

"""Verdicts and statistics: closed forms of two labs, simulation, neutrality, limits."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.linalg as sl
import scipy.sparse as sp
from brute_force import BruteForce
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import races, relaxed

import leaderbored as lb
from leaderbored.motion import simulate
from leaderbored.race import leads
from leaderbored.verdicts import shape
from leaderbored.verdicts.birth_death import mean_reign, passage_time, stationary_lead
from leaderbored.verdicts.later import halving
from leaderbored.verdicts.law import NEVER, stationary
from leaderbored.verdicts.profile import law_of


def step_by_step(**change: float) -> lb.Race:
    technology = {"productivity": 1.5, "handicap": 0.1, "drafting": 0.1} | change
    labs = [lb.Lab("A", 1.5), lb.Lab("B", 1)]
    return lb.Race(labs, lb.ScarceMarket(0.7), lb.Technology(**technology), 0.1, 12)


def chain(solution: lb.Solution) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hazards up and down along the signed lead, and the order of the states on it."""
    states = solution.markov.states
    order = np.argsort(states[:, 1] - states[:, 0])
    hazard = solution.markov.hazard(solution.equilibria[0].build)[:, order]
    return hazard[0], hazard[1], order


@pytest.mark.parametrize("change", [{}, {"flywheel": 0.1}, {"returns": 0.8}, {"drafting": 0.5}])
def test_two_labs_have_closed_forms(change: dict[str, float]) -> None:
    solution = lb.solve(step_by_step(**change))
    up, down, order = chain(solution)
    law = law_of(solution.equilibria[0]).weight
    np.testing.assert_allclose(law[order], stationary_lead(up, down), rtol=1e-10)
    facts = lb.verdict(solution, check_cap=False).statistics
    assert facts.mean_reign == pytest.approx(mean_reign(up, down), rel=1e-10)
    assert facts.lead_changes_per_year == pytest.approx(1 / mean_reign(up, down), rel=1e-10)
    signed = np.abs(np.arange(-12, 13))
    assert facts.mean_lead == pytest.approx(stationary_lead(up, down) @ signed, rel=1e-10)


def test_half_life_and_autocorrelation_solve_their_definitions() -> None:
    solution = lb.solve(step_by_step())
    facts = lb.verdict(solution, check_cap=False).statistics
    up, down, _ = chain(solution)
    size, middle = len(up), len(up) // 2
    generator = np.diag(up[:-1], 1) + np.diag(down[1:], -1)
    generator -= np.diag(generator.sum(axis=1))
    law, signed = stationary_lead(up, down), np.arange(size) - middle
    g = facts.median_lead
    ahead = np.cumsum([law[middle + k] + law[middle - k] for k in range(1, middle + 1)])
    assert g == 1 + np.argmax(ahead >= ahead[-1] / 2)
    chance = law[middle + g] / (law[middle + g] + law[middle - g])
    later = sl.expm(generator * facts.half_life) @ signed
    expected = chance * later[middle + g] - (1 - chance) * later[middle - g]
    assert expected == pytest.approx(g / 2, rel=1e-9)
    top = np.array([signed > 0, signed < 0]).astype(float)
    share = top @ law
    after = np.array([(law * t) @ sl.expm(generator) @ t for t in top])
    correlation = (after - share**2).sum() / (share * (1 - share)).sum()
    assert facts.autocorrelation == pytest.approx(correlation, rel=1e-8)


def test_a_lead_of_ages_decays_at_twice_the_rate_of_crossing_to_the_other_side() -> None:
    """Two wells a passage time T apart: E[lead] = mean lead times exp(-2 t / T)."""
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.ScarceMarket(0.9),
        lb.Technology(3, flywheel=0.3, handicap=0.2),
        0.1,
        14,
    )
    solution = lb.solve(race)
    facts = lb.verdict(solution, check_cap=False).statistics
    up, down, _ = chain(solution)
    passage = passage_time(up, down, facts.median_lead, -facts.median_lead)
    assert passage > 1e4
    expected = passage / 2 * np.log(2 * facts.mean_lead / facts.median_lead)
    assert facts.half_life == pytest.approx(expected, rel=1e-2)


@pytest.mark.slow
@pytest.mark.parametrize("leapfrog", [0.0, 0.4, 1.0])
def test_statistics_agree_with_a_seeded_simulation(leapfrog: float) -> None:
    labs = [lb.Lab("A", 2), lb.Lab("B", 1), lb.Lab("C", 1)]
    technology = lb.Technology(1, drafting=0.2, leapfrog=leapfrog)
    race = lb.Race(labs, lb.ScarceMarket(0.8), technology, 0.2, 4)
    solution = lb.solve(race)
    facts = lb.verdict(solution, check_cap=False).statistics
    lead, leader = leads(race.states())
    means, changes, repeats, advances = [], [], 0, 0
    years, batches = 400.0, 60
    start = int(np.flatnonzero((race.states() == [0, 1, 1]).all(axis=1))[0])
    for seed in range(batches):
        path = simulate(
            solution.markov, solution.equilibria[0].build, years, seed=seed, start=start
        )
        means.append(path.occupancy(len(lead)) @ lead)
        incumbent, count, last = -1, 0, -1
        for state, after, lab in zip(path.states[:-1], path.states[1:], path.labs, strict=True):
            frontier = race.states()[state, lab] == 0
            advanced = frontier or (leader[after] == lab and lead[after] > 0)
            if leader[after] >= 0 and leader[after] != incumbent:
                count += incumbent >= 0
                incumbent = leader[after]
            if advanced:
                repeats += last == lab
                advances += last >= 0
                last = lab
        changes.append(count / years)
    error = np.std(means) / np.sqrt(batches)
    assert np.mean(means) == pytest.approx(facts.mean_lead, abs=4 * error + 1e-3)
    error = np.std(changes) / np.sqrt(batches)
    assert np.mean(changes) == pytest.approx(facts.lead_changes_per_year, abs=4 * error + 1e-3)
    error = np.sqrt(facts.repeat_win * (1 - facts.repeat_win) / advances)
    assert repeats / advances == pytest.approx(facts.repeat_win, abs=4 * error)


@pytest.mark.parametrize("labs", [2, 3, 4])
def test_log_linear_revenue_with_leapfrogging_is_neutral(labs: int) -> None:
    """R6, R8: repeat win 1/N, mean lead N/(N-1); the cap bends the far tail only."""
    race = lb.Race(
        [lb.Lab(str(i), 1) for i in range(labs)],
        lb.RevenueLadder("1.2**g"),
        lb.Technology(1, leapfrog=1),
        0.3,
        24 if labs < 4 else 12,
    )
    verdict = lb.verdict(lb.solve(race), check_cap=False)
    tolerance = 1e-6 if labs < 4 else 1e-4
    assert verdict.statistics.repeat_win == pytest.approx(1 / labs, abs=tolerance)
    assert verdict.statistics.mean_lead == pytest.approx(labs / (labs - 1), abs=tolerance)
    assert verdict.pace_ratio[0] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("revenue", "kind"), [("1 + 0.4*g", "run"), ("2 - exp(-g)", "run"), ("exp(0.02*g**2)", "race")]
)
def test_log_concave_revenue_makes_a_run_and_log_convex_a_race(revenue: str, kind: str) -> None:
    """R6, at leads away from the cap."""
    race = lb.Race(
        [lb.Lab(n, 1) for n in "AB"],
        lb.RevenueLadder(revenue),
        lb.Technology(1, leapfrog=1),
        0.3,
        30,
    )
    verdict = lb.verdict(lb.solve(race), check_cap=False)
    assert shape(np.array(verdict.pace_ratio[:8])).kind == kind


def test_linear_hazard_gives_time_in_the_lead_by_compute_share() -> None:
    """R12: with laggards flat out and leapfrogging, P(i leads) = K_i / K exactly."""
    labs = [lb.Lab("A", 2), lb.Lab("B", 1.5), lb.Lab("C", 1)]
    race = lb.Race(labs, lb.RevenueLadder([1, 30]), lb.Technology(1, 1.0, leapfrog=1), 0.1, 3)
    solution = lb.solve(race)
    facts = lb.verdict(solution, check_cap=False).statistics
    expected = np.array([2, 1.5, 1]) / 4.5
    np.testing.assert_allclose(list(facts.time_in_lead.values()), expected, atol=1e-9)
    herfindahl = (expected**2).sum()
    assert facts.lead_changes_per_year == pytest.approx(4.5 * (1 - herfindahl), rel=1e-9)
    assert facts.autocorrelation == pytest.approx(np.exp(-4.5), rel=1e-6)


@pytest.mark.slow
@settings(relaxed, max_examples=60)
@given(races())
def test_statistics_of_any_race_are_consistent(race: lb.Race) -> None:
    verdict = lb.verdict(lb.solve(race), check_cap=False)
    facts = verdict.statistics
    assert sum(facts.lead_distribution) == pytest.approx(1)
    assert sum(facts.time_in_lead.values()) == pytest.approx(1 - facts.lead_distribution[0])
    assert sum(end.chance for end in verdict.ends) == pytest.approx(1)
    if verdict.kind == "standstill":
        assert not any(end.moves for end in verdict.ends)
    if not any(end.moves for end in verdict.ends):
        assert facts.sold is facts.mean_lead is facts.lead_changes_per_year is None
        return
    if facts.repeat_win is not None:
        assert -1e-12 <= facts.repeat_win <= 1 + 1e-12
        expected = facts.advances_per_year * (1 - facts.repeat_win)
        never = NEVER * race.discount  # changes that are as rare as this count as none
        assert facts.lead_changes_per_year == pytest.approx(expected, abs=never + 1e-12)
    assert 0 <= facts.sold <= 1 + 1e-12


@settings(max_examples=200, derandomize=True)
@given(st.lists(st.sampled_from([0.5, 1.0, 2.0, 0.0, np.inf, np.nan]), min_size=1, max_size=9))
def test_shapes_follow_the_signs(pace: list[float]) -> None:
    """Leads at which the pace is even, or at which nobody succeeds, do not count."""
    signs = [1 if q > 1 else -1 for q in pace if q != 1 and not np.isnan(q)]
    changes = [(a, b) for a, b in pairwise(signs) if a != b]
    found = shape(np.array(pace))
    assert len(found.crossings) == len(changes)
    if np.isnan(pace).all():
        assert found.kind is None
    elif not signs:
        assert found.kind == "neutral"
    elif not changes:
        assert found.kind == ("race" if signs[0] == 1 else "run")
    elif len(changes) == 1:
        assert found.kind == ("peloton" if changes[0] == (1, -1) else "breakaway")
    else:
        assert found.kind == "mixed"
    assert list(found.crossings) == sorted(found.crossings)
    assert all(1 <= c <= len(pace) for c in found.crossings)


def test_a_crossing_is_interpolated_in_the_logarithm() -> None:
    assert shape(np.array([2.0, 0.25])).asymptote == pytest.approx(1 + 1 / 3)


def test_a_verdict_that_hangs_on_the_cap_says_so() -> None:
    """Log-convex revenue: the leader races on until the cap takes its reason away."""
    race = lb.Race(
        [lb.Lab(n, 1) for n in "AB"],
        lb.RevenueLadder("exp(0.1*g**2)"),
        lb.Technology(1, leapfrog=1),
        0.3,
        6,
    )
    assert lb.verdict(lb.solve(race)).cap_sensitive is True
    calm = lb.Race(
        [lb.Lab(n, 1) for n in "AB"],
        lb.RevenueLadder("2 - exp(-g)"),
        lb.Technology(1, leapfrog=1),
        0.3,
        6,
    )
    assert lb.verdict(lb.solve(calm)).cap_sensitive is False


def test_a_world_in_which_nobody_builds_stands_still() -> None:
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0]), lb.Technology(2), 0.1, 3
    )
    verdict = lb.verdict(lb.solve(race))
    facts = verdict.statistics
    assert verdict.kind == "standstill"
    assert verdict.headline == (
        "It is a standstill: at the tie nobody builds, and no lead ever opens."
    )
    assert (facts.mean_reign, facts.half_life, facts.repeat_win) == (None, None, None)
    assert facts.mean_lead is facts.lead_changes_per_year is None
    assert facts.lead_distribution[0] == 1
    assert verdict.pace_ratio == (None, None)
    assert lb.theory.self_limits(race).verdict in {None, "standstill"}


def test_labs_that_build_in_vain_are_not_said_to_be_idle() -> None:
    labs = [lb.Lab(name, 1, build=(0.5, 1)) for name in "AB"]
    race = lb.Race(labs, lb.RevenueLadder([1.0]), lb.Technology(0), 0.1, 3)
    verdict = lb.verdict(lb.solve(race), check_cap=False)
    assert verdict.headline == (
        "It is a standstill: at the tie no lab ever succeeds, and no lead ever opens."
    )


def test_two_absorbing_leads_are_weighted_by_the_chance_of_reaching_them() -> None:
    """Laggards that cannot build: whoever succeeds first stays ahead; A is three times as fast."""
    build = [(1.0, 1.0), (1.0, 1.0)]
    labs = [lb.Lab("A", 3, build=build[0]), lb.Lab("B", 1, build=build[1])]
    race = lb.Race(labs, lb.RevenueLadder([1.0]), lb.Technology(1, 1.0, handicap=800), 0.1, 3)
    verdict = lb.verdict(lb.solve(race), check_cap=False)
    assert verdict.statistics.time_in_lead["A"] == pytest.approx(0.75)
    assert verdict.statistics.half_life is None
    assert verdict.statistics.lead_changes_per_year == 0


def test_a_single_rung_has_no_pace_ratio_but_has_statistics() -> None:
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.5), lb.Technology(1), 0.1, 1)
    verdict = lb.verdict(lb.solve(race))
    assert verdict.pace_ratio == ()
    assert verdict.kind is None
    assert verdict.statistics.mean_lead > 0


def test_only_a_race_has_a_verdict() -> None:
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.5), lb.Technology(1), 0.1, 2)
    with pytest.raises(TypeError, match="not a race"):
        lb.verdict(lb.solve(race.markov()))


@pytest.mark.parametrize("leapfrog", [0.0, 0.4, 1.0])
def test_reigns_of_three_labs_on_the_chain_that_remembers_the_incumbent(leapfrog: float) -> None:
    """State and incumbent together, event by event from the definition, solved by brute force."""
    labs = [lb.Lab("A", 2), lb.Lab("B", 1), lb.Lab("C", 0.7)]
    technology = lb.Technology(1.2, drafting=0.2, handicap=0.1, flywheel=0.1, leapfrog=leapfrog)
    race = lb.Race(labs, lb.ScarceMarket(0.8, premium=0.3), technology, 0.2, 3)
    solution = lb.solve(race)
    plain, build = BruteForce(race), solution.equilibria[0].build
    pairs = [(s, last) for s in plain.states for last in range(3)]
    index = {pair: k for k, pair in enumerate(pairs)}
    generator = np.zeros((len(pairs), len(pairs)))
    advance, change, by_lab = np.zeros(len(pairs)), np.zeros(len(pairs)), np.zeros((3, len(pairs)))
    for k, (s, last) in enumerate(pairs):
        for i in range(3):
            rate = plain.hazard(i, s, build[i, plain.states.index(s)])
            for chance, after in plain.outcomes(i, s):
                tops = after[i] == 0 and all(after[j] > 0 for j in range(3) if j != i)
                wins = tops and (
                    s[i] == 0 or after != tuple(d - 1 if j == i else d for j, d in enumerate(s))
                )
                now = i if wins else last
                generator[k, index[after, now]] += rate * chance
                advance[k] += wins * rate * chance
                change[k] += (wins and i != last) * rate * chance
                by_lab[i, k] += wins * rate * chance
    generator -= np.diag(generator.sum(axis=1))
    system = np.vstack([generator.T, np.ones(len(pairs))])
    law = np.linalg.lstsq(system, np.r_[np.zeros(len(pairs)), 1.0])[0]
    facts = lb.verdict(solution, check_cap=False).statistics
    assert facts.advances_per_year == pytest.approx(law @ advance, rel=1e-9)
    assert facts.lead_changes_per_year == pytest.approx(law @ change, rel=1e-9)
    assert facts.repeat_win == pytest.approx(1 - law @ change / (law @ advance), rel=1e-9)
    shares = race.compute / race.compute.sum()
    neutral = shares @ (by_lab @ law) / (law @ advance)
    assert facts.repeat_win_neutral == pytest.approx(neutral, rel=1e-9)
    signed = np.array(
        [[min(s[j] for j in range(3) if j != i) - s[i] for i in range(3)] for s, _ in pairs]
    )
    lead = signed.max(axis=1)
    assert facts.mean_lead == pytest.approx(law @ lead, rel=1e-9)
    start = np.where(lead == facts.median_lead, law, 0)
    start /= start.sum()
    leading = signed.argmax(axis=1)
    later = sl.expm(generator * facts.half_life) @ signed
    expected = sum(w * later[k, leading[k]] for k, w in enumerate(start))
    assert expected == pytest.approx(facts.median_lead / 2, rel=1e-8)
    first = [k for k, w in enumerate(start) if w > 0]
    values = solution.equilibria[0].value
    state = [plain.states.index(s) for s, _ in pairs]
    top = sum(start[k] * values[leading[k], state[k]] for k in first)
    rest = sum(start[k] * np.delete(values[:, state[k]], leading[k]).mean() for k in first)
    assert facts.value_of_lead == pytest.approx(top - rest, rel=1e-9)
    assert facts.boredom == pytest.approx(1 - (top - rest) / (top + rest), rel=1e-9)


def test_the_half_life_of_a_lead_that_lasts_for_aeons() -> None:
    """Two leads in quick alternation, left at a rate e: half of 2 is reached at ln(5/2) / 1.5e."""
    e = 1e-13
    law = stationary(sp.csr_array([[0.0, 1.0, e], [1.0, 0.0, 0.0], [e, 0.0, 0.0]]))
    ahead, start = np.array([[1.0], [2.0], [-1.0]]), np.array([[0.0], [1.0], [0.0]])
    assert halving(law, ahead, start, 2) == pytest.approx(np.log(2.5) / (1.5 * e), rel=1e-9)


def test_hazards_next_to_nothing_break_no_statistic() -> None:
    """A bound on building of the smallest number there is."""
    labs = [
        lb.Lab("A", 0.7, brand=0.8),
        lb.Lab("B", 0.7, brand=0.8, build=(5e-324, 0.6)),
        lb.Lab("C", 1.0, 1.7, 1.7, build=(5e-324, 0.6)),
    ]
    race = lb.Race(
        labs,
        lb.ScarceMarket(1.36, 2e-308, 0.38),
        lb.Technology(4.0, 1.0, 0.03, 0.38, 0.096, leapfrog=0.0),
        0.038,
        4,
    )
    facts = lb.verdict(lb.solve(race), check_cap=False).statistics
    assert sum(facts.lead_distribution) == pytest.approx(1)


@pytest.mark.parametrize("planar", [True, False, None])
def test_the_law_of_a_walk_in_a_plane_is_geometric(planar: bool | None) -> None:
    """Two walks side by side, up at the rate 1 and down at 1.2: each state has 5/6 of the last."""
    size = 64
    up, down = np.ones(size - 1), np.full(size - 1, 1.2)
    line = sp.diags_array([up, down], offsets=[1, -1])
    one = sp.eye_array(size)
    rates = sp.csr_array(sp.kron(line, one) + sp.kron(one, line))
    alone = (5 / 6) ** np.arange(size)
    alone /= alone.sum()
    law = stationary(rates, planar=planar)
    assert law.weight == pytest.approx(np.outer(alone, alone).ravel(), rel=1e-8, abs=1e-15)

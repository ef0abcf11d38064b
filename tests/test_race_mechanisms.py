"""Mechanisms: neutral values, closed forms, brute force, pairs, and what they do to the verdict."""

import json
from dataclasses import replace
from itertools import combinations
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.optimize import linprog
from strategies import races

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import five_labs, load, loads
from leaderbored.games.problems import GameFileError
from leaderbored.motion.whiplash import whiplash
from leaderbored.race import leads
from leaderbored.race.mechanisms import leaderboard
from leaderbored.race.mechanisms.spillover import arrivals
from leaderbored.solvers.fingerprint import digest
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.leasing import Leasing
from leaderbored.solvers.markov.system import System
from leaderbored.theory.r15_whiplash import rightmost
from leaderbored.theory.r19_jackpot import RESULT as R19
from leaderbored.theory.races import ladder_race, laggards_and_leader
from leaderbored.verdicts.scarcity_path import scarcity_path

NEUTRAL = {
    "inputs": {"migration": 0.0},
    "open_weights": {"imitation": 0.0},
    "spillover": {"share": 0.0},
    "jackpot": {"chance": 0.0, "prize": 9.0},
}
MILD = {
    "inputs": {"migration": 0.2},
    "open_weights": {"imitation": 0.2, "labs": ["B"], "fraction": 0.3},
    "lease": {"friction": 0.1},
    "spillover": {"share": 0.6},
    "jackpot": {"chance": 0.03, "prize": 10.0},
}
MOST = {name: values for name, values in MILD.items() if name != "lease"}
LABS = (lb.Lab("A", 1.0, brand=1.2), lb.Lab("B", 1.4), lb.Lab("C", 0.8, talent=1.3))
RACE = lb.Race(LABS, lb.ScarceMarket(0.9), lb.Technology(1.5, handicap=0.1), 0.2, rungs=3)


def test_a_plain_race_is_fingerprinted_as_before() -> None:
    race = load(find("five-labs-rationed"), ["name=Five labs, end of 2025"])
    assert digest(race) == "cb9f12e82d1d6a43"


@pytest.mark.parametrize("name", NEUTRAL)
def test_a_neutral_mechanism_leaves_the_race_as_it_is(name: str) -> None:
    race = replace(RACE, mechanisms={name: NEUTRAL[name]})
    assert digest(race) == digest(RACE)
    assert digest(race.markov()) == digest(RACE.markov())


@pytest.mark.parametrize(
    ("name", "small"),
    [
        ("inputs", {"migration": 1e-13}),
        ("open_weights", {"imitation": 1e-13}),
        ("spillover", {"share": 1e-13}),
        ("jackpot", {"chance": 1e-13}),
    ],
)
def test_a_mechanism_tends_to_the_plain_race(name: str, small: dict[str, float]) -> None:
    plain = lb.solve(RACE).equilibria[0]
    near = lb.solve(replace(RACE, mechanisms={name: small})).equilibria[0]
    size = plain.value.shape
    np.testing.assert_allclose(near.value[: size[0], : size[1]], plain.value, rtol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("pair", list(combinations(MILD, 2)), ids="+".join)
def test_any_two_combine(pair: tuple[str, str]) -> None:
    if "lease" in pair and {"open_weights", "spillover"} & {*pair}:
        with pytest.raises(ValidationError, match=r"expected no (open labs|spillover)"):
            replace(RACE, mechanisms={name: MILD[name] for name in pair})
        return
    solution = lb.solve(replace(RACE, mechanisms={name: MILD[name] for name in pair}))
    assert solution.status.ok, solution.status
    assert solution.equilibria[0].regret < 1e-9
    verdict = lb.verdict(solution, check_cap=False)
    assert sum(verdict.statistics.lead_distribution) == pytest.approx(1)


def test_all_that_combine_together() -> None:
    solution = lb.solve(replace(RACE, mechanisms=MOST))
    assert solution.equilibria[0].regret < 1e-9
    assert [e.mechanism for e in lb.effects(solution)] == list(MOST)


def mechanisms() -> st.SearchStrategy[dict[str, dict[str, float]]]:
    def one(name: str, **values: st.SearchStrategy[float]) -> st.SearchStrategy[dict[str, object]]:
        return st.fixed_dictionaries(values).map(lambda found: {name: found})

    some = [
        one("inputs", migration=st.floats(-1, 1)),
        one("open_weights", imitation=st.floats(0, 2)),
        one("spillover", share=st.floats(0, 1)),
        one("jackpot", chance=st.floats(0, 0.3), prize=st.floats(0, 100)),
    ]
    return st.lists(st.sampled_from(some), min_size=2, max_size=2, unique_by=id).flatmap(
        lambda two: st.tuples(*two).map(lambda found: {**found[0], **found[1]})
    )


@pytest.mark.slow
@settings(deadline=None, derandomize=True, max_examples=25)
@given(races(labs=(2,), linear=False), mechanisms())
def test_random_pairs_are_solved_or_say_why(race: lb.Race, pair: dict) -> None:
    if isinstance(race.market, lb.RevenueLadder):
        pair = {name: value for name, value in pair.items() if name != "spillover"}
    solution = lb.solve(replace(race, mechanisms=pair))
    if solution.status.ok:
        assert solution.equilibria[0].regret < 1e-9
    else:
        assert solution.status.message and solution.status.advice


# Jackpot


@pytest.mark.slow
def test_the_leader_takes_the_jackpot_above_the_prize_of_r19() -> None:
    closed = R19.derive().closed["prize"]
    values = {"N": 2, "lambda": 1.0, "rho": 0.2, "epsilon": 0.05, "r_1": 1.5, "r_2": 2.1}
    numbers = {s: values[s.name] for s in closed.free_symbols}
    edge = float(closed.subs(numbers))
    race = ladder_race([0.0, 1.5, 2.1], 2, rho=0.2, lam=1.0, theta=1.0)
    for prize, sells in ((0.99 * edge, True), (1.01 * edge, False)):
        ends = replace(race, mechanisms={"jackpot": {"chance": 0.05, "prize": prize}}).markov()
        plan = laggards_and_leader(race.markov(), 1.0, [0.0, 0.0])
        gained = regret(ends, np.hstack([plan, np.zeros((2, 2))])).max()
        assert (gained < 1e-12) == sells, (prize, gained)


def test_the_jackpot_is_the_hamilton_jacobi_bellman_equation_written_out() -> None:
    race = replace(RACE, mechanisms={"jackpot": {"chance": 0.1, "prize": 7.0}})
    plain, found = RACE.markov(), lb.solve(race).equilibria[0]
    size = len(plain.states)
    build, value = found.build[:, :size], found.value[:, :size]
    hazard = plain.hazard(build)
    for i in range(3):
        flow = plain.payoff(build)[i]
        for j in range(3):
            after = 0.9 * (plain.jump[j] @ value[i]) + 0.1 * 7.0 * (i == j)
            flow = flow + hazard[j] * (after - value[i])
        np.testing.assert_allclose(0.2 * value[i], flow, atol=1e-12)
    np.testing.assert_allclose(found.value[:, size:], 7.0 * np.eye(3), atol=1e-12)


def test_the_leaderboard_goes_on_where_the_race_ends() -> None:
    race = replace(RACE, mechanisms={"jackpot": {"chance": 0.1}})
    board, plain = leaderboard(race.markov()), RACE.markov()
    for ours, theirs in zip(board.jump, plain.jump, strict=True):
        assert abs(ours - theirs).max() < 1e-15
    np.testing.assert_array_equal(board.scale, plain.scale)


# Open weights


def test_imitation_discounts_the_lead_as_r17_says() -> None:
    edge = 2 + (0.1 + 0.3) / 1.0  # N + (rho + h_o) / lambda
    for ratio, chase in ((0.99 * edge, False), (1.01 * edge, True)):
        race = ladder_race([1.0, ratio], 2, rho=0.1, lam=1.0, theta=1.0)
        race = replace(race, mechanisms={"open_weights": {"imitation": 0.3}})
        found = lb.solve(race).equilibria[0]
        assert found.regret < 1e-9
        laggard = found.build[0, np.flatnonzero((race.states() == [1, 0]).all(axis=1))[0]]
        assert (laggard > 1 - 1e-9) == chase


def test_an_open_lab_builds_with_all_it_has_and_earns_a_fraction() -> None:
    weights = {"labs": ["B"], "fraction": 0.25}
    race = replace(RACE, mechanisms={"open_weights": weights})
    game, plain = race.markov(), RACE.markov()
    everything = game.upper
    np.testing.assert_allclose(game.hazard(everything), plain.hazard(plain.upper), rtol=1e-15)
    np.testing.assert_array_equal(
        game.payoff(everything)[1], 0.25 * plain.price[1] * plain.demand[1]
    )
    found = lb.solve(race).equilibria[0]
    leading = leads(game.states)[1] == 1
    assert (found.build[1, ~leading] > 1 - 1e-11).all()


def test_imitation_is_no_advance_and_keeps_the_incumbent() -> None:
    """Two labs, one rung, leapfrog: changes happen at the laggard's rate, and from ties by half."""
    race = lb.Race(
        [lb.Lab("A", 1, build=(1, 1)), lb.Lab("B", 1, build=(1, 1))],
        lb.RevenueLadder([1.0, 2.0]),
        lb.Technology(1.0, leapfrog=1),
        0.1,
        1,
        mechanisms={"open_weights": {"imitation": 0.5}},
    )
    facts = lb.verdict(lb.solve(race), check_cap=False).statistics
    # Tied a share t of the time: t (1 + 1) = (1 - t) h_o, so t = .5 / 2.5.
    assert facts.lead_distribution[0] == pytest.approx(0.2)
    assert facts.advances_per_year == pytest.approx(2.0)
    assert facts.repeat_win == pytest.approx(0.5)


# Spillover


def test_spillover_closes_the_window_where_the_formula_says() -> None:
    beta, omega = 1.0, 0.6
    first = 1 / (1 + exp(-beta))
    edge = (1 + omega) / (2 * ((1 - first) + omega * first))
    for psi, idle in ((0.999 * edge, True), (1.001 * edge, False)):
        race = lb.Race(
            [lb.Lab("A", 1), lb.Lab("B", 1)],
            lb.ScarceMarket(psi, beta),
            lb.Technology(1),
            0.2,
            1,
            mechanisms={"spillover": {"share": omega}},
        )
        game = race.markov(np.zeros((2, 3)))
        assert (game.demand[1, 1] < 1) == idle
        assert 2 * psi * first > 1  # the leader is sold out


@given(st.integers(0, 10_000))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_no_customer_is_made_or_lost_at_a_share_of_one(seed: int) -> None:
    """Against a walk of the customers, one lab's and one rung's after the other."""
    rng = np.random.default_rng(seed)
    states = rng.integers(0, 3, (1, 4))
    states -= states.min()
    demand, room = rng.uniform(0, 2, (4, 1)), rng.uniform(0, 2, (4, 1))
    got = arrivals(states, demand, room, 1.0)[:, 0]
    d, behind = demand[:, 0], states[0]
    unserved = np.maximum(d - room[:, 0], 0)
    spare = np.maximum(room[:, 0] - d, 0)
    down = 0.0
    for rung in range(3):
        here = [i for i in range(4) if behind[i] == rung]
        if not here:
            continue
        total, arrived, lost = d[here].sum(), dict.fromkeys(here, 0.0), 0.0
        for i in here:
            arrived[i] += down * d[i] / total
        for i in here:
            peers = [j for j in here if j != i]
            if not peers:
                lost += unserved[i]
            for j in peers:
                arrived[j] += unserved[i] * d[j] / d[peers].sum()
        for i in here:
            assert got[i] == pytest.approx(arrived[i], abs=1e-12)
        down = lost + sum(max(arrived[i] - spare[i], 0) for i in here)


def test_own_demand_does_not_hang_on_the_own_share() -> None:
    race = replace(RACE, mechanisms={"spillover": {"share": 0.8}})
    rng = np.random.default_rng(1)
    play = rng.uniform(size=(3, len(RACE.states())))
    for lab in range(3):
        other = play.copy()
        other[lab] = rng.uniform(size=play.shape[1])
        ours, theirs = (race.markov(x).demand[lab] for x in (play, other))
        np.testing.assert_allclose(ours, theirs, rtol=1e-14)


def test_a_solved_race_with_spillover_is_certified_at_its_own_demand() -> None:
    race = replace(RACE, mechanisms={"spillover": {"share": 0.8}})
    found = lb.solve(race).equilibria[0]
    assert regret(race.markov(found.build), found.build).max() < 1e-9


# Lease

SHORT = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1.1), lb.Lab("C", 0.9)],
    lb.ScarceMarket(0.9, premium=0.4),
    lb.Technology(1.0),
    0.3,
    3,
)


def leased(friction: float, race: lb.Race = SHORT) -> lb.Race:
    return replace(race, mechanisms={"lease": {"friction": friction}})


def test_nobody_rents_at_a_friction_as_high_as_the_price() -> None:
    plain, found = (lb.solve(race).equilibria[0] for race in (SHORT, leased(1.0)))
    np.testing.assert_allclose(found.value, plain.value, rtol=1e-10)
    np.testing.assert_allclose(found.build, plain.build, atol=1e-10)
    assert found.regret < 1e-12
    assert lb.lease_market(lb.solve(leased(1.0))).rented.max() < 1e-9
    near = lb.solve(leased(1.0 - 1e-12)).equilibria[0]  # by the engine of the lease
    np.testing.assert_allclose(near.value, plain.value, rtol=1e-10)


@pytest.mark.parametrize("friction", [0.0, 0.05, 0.3])
def test_the_market_for_compute_clears(friction: float) -> None:
    solution = lb.solve(leased(friction))
    found, market = solution.equilibria[0], lb.lease_market(solution)
    game = solution.markov
    assert found.regret < 1e-9
    sell = (1 - found.build) * game.capacity
    lent, hired = market.rented.sum(axis=1), market.rented.sum(axis=0)
    assert (market.rented >= 0).all() and market.rented.max() > 0.1
    used = sell - lent + hired
    served = np.minimum(used, game.demand)
    idle = (used - served).sum(axis=0)
    assert idle[market.rent > 1e-6].max() < 1e-7  # at a positive rent nothing stands idle
    pays = game.price - market.rent - friction
    assert np.abs((game.demand - served)[pays > 1e-6]).max(initial=0) < 1e-7  # who can pay, has
    # Money: what is sold, less what the friction eats, is what labs earn.
    earned = (
        game.discount * found.value
        - np.einsum("js,ijs->is", game.hazard(found.build), System(game).effect(found.value))
    ).sum(axis=0)
    spent = (game.price * served).sum(axis=0) - friction * hired.sum(axis=0)
    np.testing.assert_allclose(earned, spent, atol=1e-6)


def test_a_laggard_gives_up_what_r4_says() -> None:
    """Both sold out and the leader short of computers: the rent is p_1 - tau."""
    friction = 0.2
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.ScarceMarket(1.6, premium=0.5),
        lb.Technology(0.3),
        0.3,
        1,
    )
    solution = lb.solve(leased(friction, race))
    ahead = int(np.flatnonzero((race.states() == [0, 1]).all(axis=1))[0])
    rent = lb.lease_market(solution).rent
    market = Leasing(solution.markov, friction)
    p_1, p_2 = solution.markov.price[:, ahead]
    assert rent[ahead] == pytest.approx(p_1 - friction, abs=1e-9)
    cost = market.worth(rent)[:, ahead]
    np.testing.assert_allclose(cost, [p_1, max(p_2, p_1 - friction)], atol=1e-9)


@given(st.integers(0, 10_000))
@settings(deadline=None, derandomize=True, max_examples=30)
def test_what_a_lab_earns_is_its_best_use_of_compute_at_the_rent(seed: int) -> None:
    """Against a linear programme: serve with own units, rent out, rent in."""
    rng = np.random.default_rng(seed)
    friction, rent = rng.uniform(0, 0.5), rng.uniform(0, 1)
    game = leased(friction).markov()
    build = rng.uniform(size=game.scale.shape)
    got = Leasing(game, friction).earned(build, np.full(len(game.states), rent))
    i, s = int(rng.integers(3)), int(rng.integers(len(game.states)))
    price, own = game.price[i, s], (1 - build[i, s]) * game.capacity[i, s]
    best = linprog(  # own units that serve, that are rented out; hired units that serve
        [-price, -rent, -(price - rent - friction)],
        A_ub=[[1, 1, 0], [1, 0, 1]],
        b_ub=[own, game.demand[i, s]],
    )
    assert got[i, s] == pytest.approx(-best.fun, abs=1e-9)


# Inputs


def test_talent_is_moved_and_not_lost() -> None:
    race = replace(RACE, mechanisms={"inputs": {"migration": 0.7}})
    factor = race.markov().scale / RACE.markov().scale
    talent = np.array([[lab.talent] for lab in LABS])
    np.testing.assert_allclose((talent * factor).sum(axis=0), talent.sum())
    place = np.flatnonzero((RACE.states() == [0, 1, 3]).all(axis=1))[0]
    assert log(factor[0, place] / factor[2, place]) == pytest.approx(0.7 * 3)


# Files and faces


def test_a_game_file_switches_mechanisms_on() -> None:
    text = five_labs().read_text() + "\n[mechanisms.jackpot]\nchance = 0.01\nprize = 50\n"
    assert loads(text).mechanisms.on == ("jackpot",)


def test_mistakes_in_mechanisms_are_listed_all_at_once() -> None:
    changes = ["mechanisms.jackpot={chance=1, prize=-2}", "mechanisms.spillover.shre=1"]
    with pytest.raises(GameFileError) as caught:
        load(five_labs(), changes)
    places = [mistake.place for mistake in caught.value.mistakes]
    assert "mechanisms.jackpot.chance" in places
    assert "mechanisms.jackpot.prize" in places
    assert "mechanisms.spillover.shre" in places


def test_spillover_needs_a_market_with_a_limit() -> None:
    with pytest.raises(ValidationError, match="no limit"):
        replace(ladder_race([1, 2], 2, rho=0.1, lam=1.0), mechanisms={"spillover": {"share": 1.0}})


def test_an_open_lab_is_one_of_the_race() -> None:
    with pytest.raises(ValidationError, match="names of labs"):
        replace(RACE, mechanisms={"open_weights": {"labs": ["Z"]}})


def test_relabelling_labs_relabels_the_answer() -> None:
    ours = lb.solve(replace(RACE, mechanisms=MOST)).equilibria[0]
    theirs = lb.solve(replace(RACE, labs=LABS[::-1], mechanisms=MOST)).equilibria[0]
    np.testing.assert_allclose(ours.value[:3, 0], theirs.value[2::-1, 0], rtol=1e-9)


# Whiplash


@pytest.mark.parametrize(("growth", "answer"), [(0.0, 1.0), (0.3, 1.2), (-0.4, 2.0)])
def test_leads_swing_from_the_boundary_of_r15_on(growth: float, answer: float) -> None:
    edge = whiplash(answer, 1.0, growth=growth).boundary
    frequency = (answer**2 - growth**2) ** 0.5
    below, at, above = (whiplash(answer, f * edge, growth=growth) for f in (0.98, 1.0, 1.02))
    assert below.growth < -1e-3 and above.growth > 1e-3
    assert at.growth == pytest.approx(0, abs=1e-6)
    assert at.period == pytest.approx(2 * np.pi / frequency, rel=1e-7)
    for found, delay in ((below, 0.98 * edge), (above, 1.02 * edge)):
        root = rightmost(growth, answer, delay)
        assert found.growth == pytest.approx(root.real, rel=1e-4)
        assert found.period == pytest.approx(2 * np.pi / abs(root.imag), rel=1e-4)


def test_the_limit_keeps_swings_finite() -> None:
    found = whiplash(1.0, 2.0, limit=1.0)
    assert 1 < found.amplitude < 2
    assert abs(found.growth) < 1e-3


@pytest.mark.parametrize(
    "wrong", [{"delay": 0}, {"answer": 0.1, "growth": 0.2}, {"years": -1}, {"years": 1e9}]
)
def test_whiplash_says_what_is_wrong(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="|".join(wrong)):
        whiplash(**{"answer": 1.0, "delay": 1.0, **wrong})


# Scarcity path

PAIR = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1.2)], lb.ScarceMarket(1), lb.Technology(3, flywheel=0.2), 0.2, 6
)


def test_a_constant_path_is_the_stationary_equilibrium() -> None:
    found = scarcity_path(PAIR, [0, 1, 5], [0.7, 0.7, 0.7])
    stationary = lb.solve(replace(PAIR, market=lb.ScarceMarket(0.7))).equilibria[0]
    assert np.abs(found.value - stationary.value).max() < 1e-10
    assert np.abs(found.build - stationary.build).max() < 1e-10
    assert found.regret < 1e-12
    assert found.changes == ()


@pytest.mark.slow
def test_falling_scarcity_turns_the_run_into_a_race() -> None:
    coarse = scarcity_path(PAIR, [0, 4], [0.9, 0.2])
    fine = scarcity_path(PAIR, [0, 4], [0.9, 0.2], steps=400)
    assert coarse.kinds[0] == "run" and coarse.kinds[-1] == "race"
    assert coarse.becomes_race == pytest.approx(fine.becomes_race, abs=0.03)
    assert fine.regret < coarse.regret / 4 < 1e-6
    assert np.abs(coarse.value - fine.value[::2]).max() < 1e-4


@pytest.mark.slow
def test_a_path_long_before_it_moves_is_stationary() -> None:
    race = replace(PAIR, discount=0.6)
    found = scarcity_path(race, [0, 20, 21], [0.7, 0.7, 0.6])
    stationary = lb.solve(replace(race, market=lb.ScarceMarket(0.7))).equilibria[0]
    assert np.abs(found.value[0] / stationary.value - 1).max() < 1e-4


def test_a_path_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"years.*scarcity"):
        scarcity_path(PAIR, [0, 0], [1])
    with pytest.raises(ValueError, match="no mechanisms"):
        scarcity_path(replace(PAIR, mechanisms=MOST), [0, 1], [1, 1])


def test_a_mechanism_is_not_switched_off_along_the_way() -> None:
    race = replace(RACE, rungs=1, mechanisms={"jackpot": {"chance": 0.0}})
    with pytest.raises(GameFileError, match="switches a mechanism off"):
        lb.trace(race, "mechanisms.jackpot.chance", 0.0, 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", MILD)
def test_five_unequal_labs_solve(name: str) -> None:
    values = MILD[name] | ({"labs": ["Meta"]} if name == "open_weights" else {})
    race = load(find("five-labs-rationed"))
    solution = lb.solve(replace(race, mechanisms={name: values}))
    assert solution.equilibria[0].regret < 1e-9
    (effect,) = lb.effects(solution)
    assert effect.mechanism == name and effect.sentence.endswith("a year.")


# What judges the compiled game alone


@pytest.mark.parametrize("name", ["lease", "spillover"])
def test_what_would_judge_another_game_refuses_by_name(name: str) -> None:
    race = replace(RACE, rungs=1, mechanisms={name: MILD[name]})
    solution = lb.solve(race)
    with pytest.raises(ValueError, match=f"expected a race without {name}"):
        lb.certify(solution.equilibria[0])


@pytest.mark.slow
def test_effects_stand_on_the_page_of_all_equilibria(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
    discount = 0.1
    rungs = 2
    technology = { productivity = 1, returns = 0.8, leapfrog = 1 }
    market = { kind = "ladder", revenue = [1, 1.8] }
    labs = [{ name = "A", compute = 1 }, { name = "B", compute = 1 }]
    mechanisms = { inputs = { migration = 0.001 } }
    """
    file = tmp_path / "race.toml"
    file.write_text(text)
    main(["race", str(file), "--all"])
    out = " ".join(capsys.readouterr().out.split())
    assert "compared with one without the mechanism: inputs leaves it a run" in out


SCHEDULE = """
discount = 0.2
rungs = 6
labs = [{name = "A", compute = 1}, {name = "B", compute = 1}]
market = {kind = "scarce", scarcity = 0.9}
technology = {productivity = 3, flywheel = 0.2}
[mechanisms.scarcity_path]
years = [0, 4]
scarcity = [0.9, 0.2]
"""


@pytest.mark.slow
def test_a_game_file_says_when_the_run_becomes_a_race(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "falls.toml"
    file.write_text(SCHEDULE)
    race = load(file)
    path = scarcity_path(replace(race, mechanisms=lb.Mechanisms()), [0, 4], [0.9, 0.2])
    assert path.becomes_race is not None
    assert main(["race", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["scarcity_path"]
    assert said["becomes_race"] == path.becomes_race and said["regret"] < 1e-6
    assert main(["race", str(file)]) == 0
    assert path.sentence in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[0, 4]", "[0, 4, 3]", "increasing"),
        ("[0, 4]", "[1, 4]", "from 0 on"),
        ("[0.9, 0.2]", "[0.9, 0.2, 0.1]", "each of 2 dates"),
        ("[0.9, 0.2]", "[0.9, -0.2]", "-0.2"),
        (
            "scarcity = [0.9, 0.2]",
            "scarcity = [0.9, 0.2]\n[mechanisms.jackpot]\nchance = 0.1",
            "no other mechanisms",
        ),
    ],
)
def test_a_schedule_that_is_none_is_refused(old: str, new: str, reason: str) -> None:
    with pytest.raises(GameFileError, match=reason):
        loads(SCHEDULE.replace(old, new))


@pytest.mark.parametrize("home", [0.0, 0.5, 1.0])
def test_the_prize_is_worth_what_it_is_whatever_compute_is_worth_elsewhere(home: float) -> None:
    """After the end nothing is sold, so that nothing is lost by selling away from home."""
    bent = {"fungibility": {"loss": 0.5, "home": home}, "jackpot": {"chance": 0.2, "prize": 12.0}}
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 2)],
        lb.RevenueLadder("1.3**g"),
        lb.Technology(0.5),
        discount=0.1,
        rungs=2,
        mechanisms=bent,
    )
    value = lb.solve(race).equilibria[0].value
    assert value[:, -2:] == pytest.approx(12.0 * np.eye(2), abs=1e-9)


LATE = lb.Race(LABS[:2], lb.ScarceMarket(0.8), lb.Technology(6, handicap=0.1), 0.2, 6)


def test_play_answers_a_lead_as_its_shares_say() -> None:
    """Hazards at the tie with shares of a rung ahead and behind; at other rungs with the tie's."""
    solution = lb.solve(LATE)
    first = solution.equilibria[0]
    rung = {tuple(d): k for k, d in enumerate(LATE.states().tolist())}
    tie, ahead, behind = rung[0, 0], rung[0, 1], rung[1, 0]
    power = [6 * lab.compute**0.5 * lab.talent for lab in LATE.labs]

    def drift(shares: int, a: float, b: float) -> float:
        x, y = first.build[0, shares] ** 0.5, first.build[1, shares] ** 0.5
        return float(power[0] * np.exp(-0.1 * a) * x - power[1] * np.exp(-0.1 * b) * y)

    found = lb.whiplash(solution, 0.5).read
    assert found is not None
    answer = (drift(behind, 0, 0) - drift(ahead, 0, 0)) / 2
    growth = (drift(tie, 0, 1) - drift(tie, 1, 0)) / 2
    assert [found.answer, found.growth] == pytest.approx([answer, growth])


def test_a_lead_of_a_race_swings_from_the_boundary_on_and_not_before() -> None:
    solution = lb.solve(LATE)
    edge = lb.whiplash(solution, 1.0).boundary
    for share, fate in ((0.5, "rung dies out"), (0.98, "rung dies out"), (1.02, "rung swings")):
        late = replace(LATE, mechanisms={"training_delay": {"years": share * edge}})
        found = lb.whiplash(late)
        assert found.delay == share * edge and fate in found.sentence
        assert "assumed rule" in found.sentence and "not in equilibrium" in found.sentence
        assert digest(late) == digest(LATE) and digest(late.markov()) == digest(LATE.markov())


def test_a_lead_that_play_does_not_answer_has_no_boundary() -> None:
    labs = [lb.Lab(name, 1, build=(0.5, 0.5)) for name in "AB"]
    for kind, fate in (({"flywheel": 0.3}, "grows even"), ({"handicap": 0.0}, "stays even")):
        race = lb.Race(labs, lb.ScarceMarket(0.8), lb.Technology(2, **kind), 0.2, 6)
        found = lb.whiplash(race, 0.7)
        assert found.read is not None and found.read.answer == pytest.approx(0)
        assert found.boundary == 0 and fate in found.sentence
    catching_up = lb.Technology(2, drafting=0.4)
    found = lb.whiplash(lb.Race(labs, lb.ScarceMarket(0.8), catching_up, 0.2, 6), 3.0)
    assert found.boundary == np.inf and "whatever the delay" in found.sentence


def test_a_lead_of_a_rung_may_outgrow_what_labs_can_close() -> None:
    """Where it grows nearly as fast as play answers it, and all compute together is little."""
    solution = lb.solve(LATE)
    read = lb.whiplash(solution, 0.01).read
    assert read is not None
    for limit, fate in ((9.0, "rung dies out"), (0.5, "grows beyond what labs can close")):
        found = lb.whiplash(
            solution, 0.01, growth=0.9 * read.answer, limit=limit * read.answer, years=15
        )
        assert found.boundary > 0.01 and fate in found.sentence, found.sentence


def test_the_page_of_a_race_says_what_a_delay_would_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "late.toml"
    file.write_text(
        SCHEDULE.partition("[mechanisms")[0] + "[mechanisms.training_delay]\nyears = 0.4\n"
    )
    assert main(["race", str(file)]) == 0
    assert lb.whiplash(load(file)).sentence in " ".join(capsys.readouterr().out.split())
    assert main(["race", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["training_delay"]
    assert [one["delay"] for one in said] == [0.4]
    with pytest.raises(GameFileError, match=r"training_delay = .* expected rungs >= 2"):
        load(file, ["rungs=1"])

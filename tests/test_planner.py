"""What is best for all labs together, and what equilibria are worth: closed forms, brute force."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from scipy.optimize import minimize_scalar

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.solvers.planner.certificate import Policy, bound, regret
from leaderbored.verdicts.planner import Planner
from leaderbored.views.race import page

EQUAL = [lb.Lab("A", 1), lb.Lab("B", 1)]
THREE = [lb.Lab("A", 1.0), lb.Lab("B", 0.8), lb.Lab("C", 0.6)]


def policy(found: Planner, **changes: np.ndarray) -> Policy:
    """What a planner does, as its certificate reads it."""
    unserved = np.zeros(found.build.shape[1])
    market = found.race.market
    if market.kind == "clearing":
        unserved = market.scarcity * found.race.compute.sum() - found.sold.sum(axis=0)
    parts = {"build": found.build, "sold": found.sold, "unserved": unserved, **changes}
    return Policy(**parts, aim=found.aim, advance=found.advance)


# --- closed forms


def test_on_a_flat_ladder_every_lab_builds_up_to_what_an_advance_is_worth() -> None:
    """Selling brings r, and with leapfrogging any success is an advance, worth v for ever."""
    lam, rho, v, r = 0.7, 0.3, 0.4, 2.0
    race = lb.Race(EQUAL, lb.RevenueLadder([r]), lb.Technology(lam, leapfrog=1), rho, 2)
    found = lb.planner(race, advance=v)
    share = (lam * v / (2 * rho * r)) ** 2
    assert share < 1
    np.testing.assert_allclose(found.build, share, rtol=1e-12)
    flow = 2 * ((1 - share) * r + lam * share**0.5 * v / rho)
    np.testing.assert_allclose(found.value, flow / rho, rtol=1e-12)
    np.testing.assert_allclose(found.welfare.present.advances, 2 * lam * share**0.5 / rho)


@pytest.mark.parametrize(("top", "lam", "rho"), [(1.8, 1.0, 0.1), (1.3, 0.6, 0.4)])
def test_a_cartel_on_a_flat_topped_ladder_builds_at_the_tie_alone(top, lam, rho) -> None:
    """At a lead R + f are earned for ever; at the tie u = V_1 - V_0 solves a quadratic."""
    race = lb.Race(EQUAL, lb.RevenueLadder([1.0, top]), lb.Technology(lam, leapfrog=1), rho, 3)
    found = lb.planner(race)
    lead = (top + 1) / rho
    u = (np.sqrt(rho**2 + 2 * lam**2 * (top - 1)) - rho) / lam**2
    assert lam * u / 2 < 1
    np.testing.assert_allclose(found.value[0], lead - u, rtol=1e-12)
    np.testing.assert_allclose(found.value[1:], lead, rtol=1e-12)
    np.testing.assert_allclose(found.build[:, 0], (lam * u / 2) ** 2, rtol=1e-9)
    assert not found.build[:, 1:].any()


def test_where_no_rung_is_worth_anything_a_planner_serves_all_at_a_price_of_zero() -> None:
    race = lb.Race(EQUAL, lb.ClearingMarket(0.1, switching=0), lb.Technology(1), 0.2, 2)
    found = lb.planner(race)
    customers = 0.2
    np.testing.assert_allclose(found.value, customers * np.log(1 + 2 * np.e**2) / 0.2, rtol=1e-12)
    np.testing.assert_allclose(found.sold, customers * np.e**2 / (1 + 2 * np.e**2), rtol=1e-12)
    assert abs(found.welfare.profits) < 1e-12
    alone = lb.planner(race, "profits")  # m = p - mu (1 + Y) = 0, Y e^Y = 2 e^(a - 1)
    y = 1.0
    for _ in range(50):
        y -= (y + np.log(y) - np.log(2) - 1) / (1 + 1 / y)
    np.testing.assert_allclose(alone.value, customers * y / 0.2, rtol=1e-12)


def test_a_full_chase_advances_the_frontier_as_the_league_table_says() -> None:
    """R12 and R18: the frontier moves lambda K (1 - H) times a year; no cartel would build."""
    race = lb.Race(
        THREE, lb.RevenueLadder([1.0, 12.0]), lb.Technology(1.0, 1.0, leapfrog=1), 0.1, 2
    )
    solution = lb.solve(race)
    found = lb.welfare(solution)
    size = race.compute.sum()
    speed = size * (1 - ((race.compute / size) ** 2).sum())
    assert found.advances == pytest.approx(speed, rel=1e-10)
    law = lb.planner(solution).law
    assert law.weight[0] == 0
    assert lb.verdict(solution, check_cap=False).statistics.sold == pytest.approx(
        ((race.compute / size) ** 2).sum()
    )


# --- brute force


def worths(race: lb.Race, states: list[tuple[int, int]]) -> dict[tuple[int, int], list[float]]:
    m = race.market
    return {
        d: [m.worth + m.switching * ((1 - m.openness) * max(d) - own) for own in d] for d in states
    }


def brute(race: lb.Race, customers: bool, parts: int, cuts: int) -> float:
    """Value of the tie by policy iteration over grids of shares and sales, two labs, one rung."""
    market, rho, tech = race.market, race.discount, race.technology
    states = [(0, 0), (0, 1), (1, 0)]
    total = market.scarcity * sum(lab.compute for lab in race.labs)
    shares, sells = np.linspace(0, 1, parts), np.linspace(0, 1, cuts)
    b1, b2, f1, f2 = np.meshgrid(shares, shares, sells, sells, indexing="ij")
    choices = []
    for d in states:
        s = [
            (1 - b) * f * lab.compute
            for b, f, lab in zip((b1, b2), (f1, f2), race.labs, strict=True)
        ]
        left = total - s[0] - s[1]
        fits = left > 0
        left = np.where(fits, left, 1.0)
        flow = np.zeros_like(b1)
        for sold, x in zip(s, worths(race, states)[d], strict=True):
            some = np.where(sold > 0, sold, 1.0)
            flow += np.where(sold > 0, market.price * sold * (x - np.log(some / left)), 0.0)
        if customers:
            flow += market.price * total * np.log(total / left)
        hazards, lands = [], []
        for own, b in enumerate((b1, b2)):
            speed = (
                tech.productivity * race.labs[own].talent * race.labs[own].compute ** tech.returns
            )
            hazards.append(speed * np.exp(-tech.handicap * d[own]) * b**tech.returns)
            alone = (0, 1) if own == 0 else (1, 0)
            if d[own] == 0:  # at the frontier: one rung more, the other at most one behind
                rise = market.openness if max(d) == 0 else 1.0
                lands.append([(1.0, alone, rise)])
            else:  # leapfrogs to a lead of one, or draws level
                up = tech.leapfrog
                lands.append([(up, alone, 1.0), (1 - up, (0, 0), 1 - market.openness)])
        choices.append((np.where(fits, flow, -np.inf), hazards, lands))
    bonus = market.price * market.switching * total / rho if customers else 0.0
    value = np.zeros(3)
    for _ in range(60):
        rows, flows = np.zeros((3, 3)), np.zeros(3)
        for k, (flow, hazards, lands) in enumerate(choices):
            best = flow.copy()
            for hazard, ways in zip(hazards, lands, strict=True):
                gain = sum(p * (value[states.index(t)] + r * bonus) for p, t, r in ways) - value[k]
                best = best + hazard * gain
            at = np.unravel_index(best.argmax(), best.shape)
            rows[k, k] += rho
            flows[k] = flow[at]
            for hazard, ways in zip(hazards, lands, strict=True):
                for p, t, r in ways:
                    rows[k, k] += hazard[at] * p
                    rows[k, states.index(t)] -= hazard[at] * p
                    flows[k] += hazard[at] * p * r * bonus
        after = np.linalg.solve(rows, flows)
        if np.allclose(after, value, rtol=1e-13):
            break
        value = after
    return float(value[0])


BRUTE = [
    (lb.ClearingMarket(1.2, 0.5), lb.Technology(1, handicap=0.1), 0.2, EQUAL),
    (
        lb.ClearingMarket(0.4, 1.0, worth=1.0, openness=0.6),
        lb.Technology(0.8, 0.7, leapfrog=0.4),
        0.4,
        [lb.Lab("A", 1), lb.Lab("B", 0.6, talent=1.4)],
    ),
    (lb.ClearingMarket(2.5, 0.8, openness=1, price=2), lb.Technology(0.5, 1.0), 0.5, EQUAL),
]


@pytest.mark.parametrize("aim", ["welfare", "profits"])
@pytest.mark.parametrize(("market", "technology", "discount", "labs"), BRUTE)
def test_no_policy_on_a_grid_does_better_and_a_fine_one_nearly_as_well(
    market, technology, discount, labs, aim
) -> None:
    race = lb.Race(labs, market, technology, discount, 1)
    found = lb.planner(race, aim)
    grid = brute(race, aim == "welfare", 29, 17)
    assert grid <= found.value[0] * (1 + 1e-12)
    assert grid >= found.value[0] * (1 - 4e-3)


# --- certificate


@pytest.mark.parametrize("aim", ["welfare", "profits"])
@pytest.mark.parametrize("conduct", ["quantity", "price-taking"])
def test_a_plan_carries_a_bound_and_a_worse_one_a_larger(aim, conduct) -> None:
    market = lb.ClearingMarket(1.5, openness=0.5, conduct=conduct)
    race = lb.Race(THREE, market, lb.Technology(1, handicap=0.2), 0.3, 2)
    found = lb.planner(race, aim)
    assert found.status.ok and found.regret < 1e-12
    np.testing.assert_allclose(bound(race, policy(found)).value, found.value, rtol=1e-11)
    for factor, least in ((0.98, 1e-9), (0.8, 1e-5)):
        worse = policy(found, build=factor * found.build)
        assert regret(race, worse) > least
        assert (bound(race, worse).value <= found.value + 1e-9).all()


def test_a_plan_that_sells_more_than_there_is_has_no_bound() -> None:
    labs = [lb.Lab("A", 1, build=(0.2, 1)), lb.Lab("B", 2)]
    race = lb.Race(labs, lb.ScarceMarket(2.0), lb.Technology(1), 0.3, 2)
    found = lb.planner(race)
    assert regret(race, policy(found)) < 1e-12
    assert regret(race, policy(found, sold=found.sold + 0.01)) == np.inf
    assert regret(race, policy(found, build=0.9 * found.build)) == np.inf


def test_what_a_bound_promises_holds() -> None:
    """The best plan beats any other by no more than the bound of that other."""
    race = lb.Race(EQUAL, lb.ClearingMarket(1.2), lb.Technology(1), 0.3, 3)
    best = lb.planner(race)
    for share in (0.0, 0.3, 0.9):
        build = np.full_like(best.build, share)
        sold = np.full_like(build, 1 - share)
        held = policy(best, build=build, sold=sold, unserved=2.4 - sold.sum(axis=0))
        found = bound(race, held)
        scale = np.abs(found.value).max()
        assert (best.value <= found.value + found.regret * scale + 1e-9).all()
        assert found.regret > 0.01


# --- equilibria beside it


def test_the_run_earns_more_moves_faster_and_serves_more_than_the_peloton() -> None:
    technology = lb.Technology(3, handicap=0.095)
    race = lb.Race(EQUAL, lb.ScarceMarket(0.6), technology, 0.1, rungs=20)
    solution = lb.solve(race, all=True)
    kinds = [lb.verdict(solution, k, check_cap=False).kind for k in range(3)]
    assert kinds == ["run", "mixed", "peloton"]
    run, _, peloton = (lb.welfare(solution, k) for k in range(3))
    assert (run.advances, peloton.advances) == pytest.approx((1.49958, 0.832905), abs=1e-5)
    assert run.present.profits[0] / 2 == pytest.approx(5.5396940874)
    assert peloton.present.profits[0] / 2 == pytest.approx(2.5385194270)
    assert run.served > peloton.served + 0.1
    assert run.present.advances[0] < peloton.present.advances[0]  # yet not so from the tie on
    gaps = lb.planner(solution).gaps
    assert [gap.kind for gap in gaps] == kinds
    assert gaps[0].loss == pytest.approx(1 - 2 * 5.5396940874 / 12)  # a cartel serves everybody


def test_a_standstill_earns_most_and_moves_not() -> None:
    """R23: no lab can have more anywhere, and nor can both together."""
    race = lb.Race(EQUAL, lb.ScarceMarket(1.02), lb.Technology(3, handicap=0.2), 0.1, rungs=4)
    solution = lb.solve(race, start=np.zeros((2, 9)))
    found = lb.welfare(solution)
    assert found.advances == 0 and found.dissipation == 0
    assert found.present.profits[0] == pytest.approx(20)
    assert lb.planner(solution).gaps[0].loss == pytest.approx(0, abs=1e-12)


def test_labs_that_take_prices_sell_as_a_planner_would_at_their_shares() -> None:
    for conduct, idle in (("price-taking", True), ("quantity", False)):
        market = lb.ClearingMarket(0.5, conduct=conduct)
        race = lb.Race(EQUAL, market, lb.Technology(1), 0.3, 4)
        (gap,) = lb.planner(lb.solve(race)).gaps
        assert gap.by_building > 0
        assert gap.by_sales == pytest.approx(0, abs=1e-12) if idle else gap.by_sales > 1e-4


def test_a_planner_runs_where_labs_race_and_races_where_they_run() -> None:
    """R29 and R24, far from their limit: a discount of .2 a year."""
    kinds = {}
    for openness in (0.02, 0.98):
        market = lb.ClearingMarket(10, openness=openness)
        race = lb.Race(EQUAL, market, lb.Technology(1), 0.2, 8)
        found = lb.planner(lb.solve(race))
        kinds[openness] = found.gaps[0].kind, found.kind
    assert kinds == {0.02: ("race", "run"), 0.98: ("run", "race")}


@pytest.mark.parametrize("openness", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("leapfrog", [0.0, 0.5])
def test_present_values_average_to_long_run_means(openness, leapfrog) -> None:
    market = lb.ClearingMarket(1.5, 0.7, openness=openness, price=3)
    race = lb.Race(THREE, market, lb.Technology(1, leapfrog=leapfrog, drafting=0.1), 0.3, 3)
    solution = lb.solve(race)
    found = lb.welfare(solution)
    from leaderbored.verdicts.profile import law_of

    weight, worth = law_of(solution.equilibria[0]).weight, found.present
    served = worth.surplus - worth.progress
    assert 0.3 * weight @ worth.profits == pytest.approx(found.profits)
    assert 0.3 * weight @ served == pytest.approx(found.surplus)
    assert 0.3 * weight @ worth.advances == pytest.approx(found.advances)
    rises = 3 * 0.7 * 1.5 * 2.4  # mu beta M
    assert found.progress == pytest.approx(rises * found.advances)
    assert 0.3**2 * weight @ worth.progress == pytest.approx(found.progress)
    facts = lb.verdict(solution, check_cap=False).statistics
    assert found.advances == pytest.approx(facts.advances_per_year or 0.0)


def drawn(seed: int) -> lb.Race:
    """A random race on a random market."""
    rng = np.random.default_rng(seed)

    def one_of(*values: float) -> float:
        return float(rng.choice(values))

    labs = [
        lb.Lab(
            name,
            float(np.exp(rng.normal(0, 0.7))),
            talent=float(np.exp(rng.normal(0, 0.4))),
            brand=float(np.exp(rng.normal(0, 0.4))),
            build=(one_of(0, 0, 0.1), one_of(1, 1, 0.7)),
        )
        for name in ("A", "B", "C")[: int(one_of(2, 2, 3))]
    ]
    market = (
        lb.ScarceMarket(
            float(rng.uniform(0.05, 2.5)), one_of(0, 1, 2), one_of(0, 0.3), float(rng.uniform(1, 3))
        ),
        lb.RevenueLadder(np.cumsum(rng.uniform(0, 1, 4)).tolist()),
        lb.ClearingMarket(
            float(np.exp(rng.normal(0, 1))),
            one_of(0, 0.5, 2),
            float(rng.uniform(-3, 6)),
            float(rng.uniform(0.2, 3)),
            one_of(0, 0.4, 1),
            "quantity" if rng.random() < 0.5 else "price-taking",
        ),
    )[int(rng.choice([0, 1, 2, 2]))]
    technology = lb.Technology(
        float(np.exp(rng.normal(0, 1))),
        one_of(1, 0.5, 0.3, 0.8),
        flywheel=one_of(0, 0.2),
        handicap=one_of(0, 0.3),
        drafting=one_of(0, 0.2),
        leapfrog=one_of(0, 0.5, 1),
    )
    rungs = int(rng.integers(1, 6)) if len(labs) == 2 else 2
    return lb.Race(labs, market, technology, float(np.exp(rng.normal(-1.5, 0.7))), rungs)


def judged(race: lb.Race) -> int:
    """How many equilibria were compared with planners of every aim."""
    solution = lb.solve(race)
    aims = ("welfare", "profits") if race.market.kind == "clearing" else ("profits",)
    for aim in aims:
        found = lb.planner(solution, aim)
        assert found.status.ok and found.regret < 1e-10
        scale = np.abs(found.value).max()
        for k, gap in enumerate(found.gaps):
            worth = lb.welfare(solution, k).present
            mine = worth.total if aim == "welfare" else worth.profits
            assert gap.value == pytest.approx(mine[0], rel=1e-7, abs=1e-9 * scale)
            assert (mine <= found.value + 1e-8 * scale).all()
            assert gap.loss is None or gap.loss >= -1e-8
            assert gap.loss is None or min(gap.by_sales, gap.by_building) >= -1e-8
            if race.market.kind == "clearing":
                assert (worth.progress >= -1e-9 * scale).all()
                assert (worth.surplus >= worth.progress - 1e-9 * scale).all()
    return len(solution.equilibria)


def test_no_equilibrium_of_random_races_is_worth_more_than_a_plan() -> None:
    assert sum(judged(drawn(seed)) for seed in range(10)) > 8


@pytest.mark.slow
def test_no_equilibrium_of_many_random_races_is_worth_more_than_a_plan() -> None:
    assert sum(judged(drawn(seed)) for seed in range(1000, 1150)) > 125


@pytest.mark.parametrize("growth", [1.02, 1.06, 1.1])
def test_a_cartel_builds_for_money_that_grows_up_to_what_one_share_earns_most(growth) -> None:
    """On a flat ladder with leapfrogging all leaderboards are alike: one share, one value."""
    race = lb.Race(
        EQUAL, lb.RevenueLadder([1.0]), lb.Technology(1, leapfrog=1), 0.3, 3, growth=growth
    )

    def earns(b: float) -> float:
        return 2 * (1 - b) / (0.3 - (growth - 1) * 2 * b**0.5)

    best = minimize_scalar(lambda b: -earns(b), bounds=(0, 1), method="bounded").x
    found = lb.planner(race)
    assert found.aim == "profits" and found.status.ok and found.regret < 1e-12
    np.testing.assert_allclose(found.value, earns(best), rtol=1e-9)
    np.testing.assert_allclose(found.build, best, atol=1e-5)


def test_no_equilibrium_earns_more_than_a_cartel_where_money_grows() -> None:
    random = np.random.default_rng(8)
    for _ in range(5):
        labs = [lb.Lab(name, float(random.uniform(0.5, 2))) for name in "AB"]
        market = lb.ClearingMarket(float(random.uniform(0.3, 3)), openness=float(random.uniform()))
        technology = lb.Technology(1, handicap=0.1, leapfrog=float(random.uniform()))
        race = lb.Race(labs, market, technology, 0.3, 3, growth=float(random.uniform(1, 1.05)))
        found = lb.planner(lb.solve(race, method=lb.Method(certify="regret")))
        assert found.status.ok
        assert all(gap.loss is not None and gap.loss >= -1e-12 for gap in found.gaps)


# --- words and faces


def test_what_is_not_defined_is_refused_by_name() -> None:
    scarce = lb.Race(EQUAL, lb.ScarceMarket(0.6), lb.Technology(1), 0.3, 2)
    with pytest.raises(ValueError, match=r"aim: prices are set, .*; expected 'profits'"):
        lb.planner(scarce, "welfare")
    with pytest.raises(ValueError, match=r"aim: 'growth', expected one of .*; advance: nan, expec"):
        lb.planner(scarce, "growth", float("nan"))  # type: ignore[arg-type]
    won = lb.Race(
        EQUAL,
        lb.ScarceMarket(0.6),
        lb.Technology(1),
        0.3,
        2,
        mechanisms={"jackpot": {"chance": 0.5}},
    )
    with pytest.raises(ValueError, match="of a race with jackpot; expected a race without"):
        lb.planner(won)
    assert lb.welfare(lb.solve(won)).surplus is None
    with pytest.raises(ValueError, match="welfare"):
        lb.welfare(lb.solve(scarce), 7)
    grown = lb.Race(EQUAL, lb.ClearingMarket(1.2), lb.Technology(1), 0.3, 2, growth=1.02)
    with pytest.raises(ValueError, match=r"aim: money grows .*; expected 'profits'"):
        lb.planner(grown, "welfare")
    with pytest.raises(ValueError, match=r"advance: .* as money grows .*; expected 0"):
        lb.planner(grown, advance=1.0)
    with pytest.raises(ValueError, match=r"discount: labs together .*; expected above 0\.6"):
        lb.planner(replace(grown, growth=1.3))
    solution = lb.solve(grown)
    found, plain = lb.welfare(solution), lb.solve(replace(grown, growth=1), all=False)
    assert "money grows" in found.undefined and found.surplus is None
    assert found.present.profits[0] == pytest.approx(solution.equilibria[0].value[:, 0].sum())
    rate = found.present.advances[0] / lb.welfare(plain).present.advances[0]
    assert 1 < rate < 1.5  # they build more, and an advance counts once


MECHANISMS = [
    {"open_weights": {"imitation": 0.3}},
    {"inputs": {"migration": 0.3}},
    {"inertia": {"lag": 0.5}},
    {"inertia": {"lag": 0.5}, "open_weights": {"imitation": 0.2}, "inputs": {"migration": 0.1}},
]


@pytest.mark.parametrize("mechanisms", MECHANISMS, ids=" ".join)
@pytest.mark.parametrize(
    "market",
    [lb.ClearingMarket(1.4, openness=0.4), lb.ScarceMarket(0.7), lb.RevenueLadder([1, 1.5, 1.8])],
    ids=lambda market: market.kind,
)
def test_mechanisms_that_leave_stages_plain_are_planned_with(market, mechanisms) -> None:
    labs, technology = [EQUAL[0], lb.Lab("B", 1.3)], lb.Technology(1.5, handicap=0.1, leapfrog=0.3)
    race = lb.Race(labs, market, technology, 0.3, 2, mechanisms=mechanisms)
    solution = lb.solve(race)
    aims = ["profits"]
    if market.kind == "clearing" and "inertia" not in mechanisms:
        aims.append("welfare")
    for aim in aims:
        found = lb.planner(solution, aim, 0.1)
        assert found.status.ok and found.regret < 1e-12
        assert found.build.shape == (2, len(race.board()[0]))
        assert found.gaps[0].loss > 0


def test_imitation_is_worth_to_customers_what_it_raises_the_outside_option_by() -> None:
    """Nobody can build: from a lead of one, imitation raises it by 1 - openness, once."""
    labs = [lb.Lab(name, 1, build=(0, 1e-12)) for name in "AB"]
    rho, rate, market = 0.3, 0.5, lb.ClearingMarket(1.4, 0.7, openness=0.2, price=2)
    weights = {"open_weights": {"imitation": rate}}
    race = lb.Race(labs, market, lb.Technology(1e-9, 1.0), rho, 1, mechanisms=weights)
    worth = lb.welfare(lb.solve(race)).present.progress
    once = 2 * 0.7 * 1.4 * 2 * 0.8 / rho * rate / (rate + rho)
    np.testing.assert_allclose(worth, [0, once, once], atol=1e-6)


@pytest.mark.parametrize(
    "mechanisms",
    [{"jackpot": {"chance": 0.1, "prize": 4.0}}, {"inertia": {"lag": 0.5}}],
)
def test_where_surplus_is_not_defined_on_a_market_that_clears_the_reason_is_said(mechanisms):
    market = lb.ClearingMarket(1.2)
    race = lb.Race(EQUAL, market, lb.Technology(1), 0.3, 1, mechanisms=mechanisms)
    found = lb.welfare(lb.solve(race))
    assert found.surplus is None and found.undefined and found.total is None
    assert np.isnan(found.present.total).all() and found.advances > 0
    assert len(found.present.profits) == len(found.present.advances)


def test_a_race_says_what_it_is_worth_on_its_page_and_in_its_data(tmp_path: Path) -> None:
    race = lb.Race(EQUAL, lb.ClearingMarket(1.5), lb.Technology(1), 0.3, 2)
    solution = lb.solve(race)
    solution.save(tmp_path / "page.txt")
    page = (tmp_path / "page.txt").read_text(encoding="utf-8")
    assert all(word in page for word in ("frontier advances", "customers gain", "rents dissipated"))
    (told,) = solution.data()["equilibria"]
    found = lb.welfare(solution)
    assert told["welfare"]["surplus"] == found.surplus
    assert told["welfare"]["present"]["total"] == found.present.total.tolist()
    assert told["welfare"]["undefined"] == ""
    several = lb.solve(lb.Race(EQUAL, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 2), all=True)
    data = several.data()["equilibria"][0]["welfare"]
    assert data["surplus"] is None and data["present"]["surplus"] is None
    assert data["present"]["advances"][0] > 0


def test_the_command_says_what_is_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    game = tmp_path / "game.toml"
    game.write_text(
        'kind = "race"\ndiscount = 0.2\nrungs = 1\n[[labs]]\nname = "A"\ncompute = 1\n'
        '[[labs]]\nname = "B"\ncompute = 1\n[[labs]]\nname = "C"\ncompute = 1\n'
        '[market]\nkind = "clearing"\nscarcity = 1.5\n'
        "[technology]\nproductivity = 1\n",
        encoding="utf-8",
    )
    assert main(["planner", str(game)]) == 0
    assert "of what a planner could reach" in capsys.readouterr().out
    assert main(["planner", str(game), "--aim", "profits", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["aim"] == "profits" and told["regret"] < 1e-10 and told["gaps"][0]["loss"] > 0
    assert len(told["welfare"]["present"]["surplus"]) == len(told["value"]) == 7
    assert main(["planner", str(game), "--set", "mechanisms.jackpot.chance=0.1"]) == 2
    assert "not known of a race with jackpot" in capsys.readouterr().err
    assert main(["planner", str(game), "--limit", "0"]) in (0, 3)
    capsys.readouterr()
    assert main(["planner", str(game), "--aim", "welfare", "--set", "market.kind=scarce"]) == 2
    assert "--aim = welfare: prices are set" in capsys.readouterr().err
    both = ["--aim", "welfare", "--advance", "nan", "--set", "market.kind=scarce"]
    assert main(["planner", str(game), *both]) == 2
    refused = capsys.readouterr().err
    assert refused.startswith("planner: 2 mistakes\n")
    assert "--advance = nan: expected a finite number" in refused


def test_what_many_equilibria_lose_is_said_in_one_sentence() -> None:
    """Those of one kind are told apart, and of many there is the span."""
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 2)
    found = lb.planner(lb.solve(race))
    gap = found.gaps[0]

    def told(kinds: list[str], losses: list[float]) -> str:
        gaps = [replace(gap, kind=k, loss=x) for k, x in zip(kinds, losses, strict=True)]
        return replace(found, gaps=tuple(gaps)).headline

    assert told(["mixed", "peloton", "mixed"], [0.15, 0.58, 0.23]) == (
        "One mixed race loses 15% of what a cartel would earn, the peloton 58%, another mixed "
        "race 23%."
    )
    assert told(["run"] * 5, [0.0, 0.2, 0.1, 0.3, 0.25]) == (
        "The 5 equilibria lose nothing to 30% of what a cartel would earn."
    )


def test_shares_of_states_that_a_planner_never_meets_stand_in_brackets() -> None:
    """Three labs that a cartel leaves tied: there is nobody behind, and so nobody who builds."""
    labs = [lb.Lab(name, 1) for name in "ABC"]
    found = lb.planner(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), 0.1, 2), "profits")
    assert found.lead_distribution[0] == 1
    leader, others = found.met
    assert leader.tolist() == [True, False, False] and not others.any()
    said = io.StringIO()
    Console(file=said, width=100).print(found)
    (tied,) = (x for x in map(str.split, said.getvalue().splitlines()) if x[:2] == ["0", "100.0%"])
    assert not tied[2].startswith("(") and tied[3].startswith("(")


def test_what_labs_get_of_a_planner_by_rounding_alone_is_nothing() -> None:
    """At a switching of nil a frontier is worth nothing to labs: prices are at what all pay."""
    labs = [lb.Lab("A", 1.9, talent=0.9, brand=0.3), lb.Lab("B", 0.4)]
    market = lb.ClearingMarket(0.15, switching=0, worth=0.73, openness=0.8)
    race = lb.Race(labs, market, lb.Technology(1.3, 0.8, flywheel=0.3, leapfrog=1), 0.04, rungs=3)
    best = lb.planner(race)
    assert abs(best.welfare.present.profits[0]) < 1e-14
    printed = io.StringIO()
    Console(file=printed, width=100).print(best.table())
    row = next(x.split() for x in printed.getvalue().splitlines() if x.split()[:1] == ["planner"])
    assert row[2] == "0"


def test_a_pace_that_is_beyond_words_is_bounded() -> None:
    labs = [lb.Lab("A", 0.2), lb.Lab("B", 0.3, build=(0.3, 1))]
    race = lb.Race(labs, lb.RevenueLadder([1, 1.1, 1.2]), lb.Technology(0.1), 0.05, rungs=3)
    solution = lb.solve(race)
    verdict = lb.verdict(solution, check_cap=False)
    for ratio, said in ((78_543_410.4, "over 1,000"), (12.5, "12.5")):
        told = replace(verdict, pace_ratio=(ratio, None))
        printed = io.StringIO()
        Console(file=printed, width=100).print(page(solution, solution.equilibria[0], told))
        assert said in printed.getvalue() and "78,543" not in printed.getvalue()


def test_where_nobody_builds_no_rents_are_lost_not_even_by_rounding() -> None:
    """On a market on which a frontier is worth nothing, for odd sizes."""
    for size in (0.3, 2.4, 9.6):
        labs = [lb.Lab("A", size, brand=0.83), lb.Lab("B", 9.6), lb.Lab("C", 0.33, brand=2.6)]
        market = lb.ClearingMarket(0.074, switching=0, worth=4.5)
        race = lb.Race(labs, market, lb.Technology(2.9, 0.4, leapfrog=1), 0.47, rungs=1)
        worth = lb.welfare(lb.solve(race))
        assert worth.profits > 0 and worth.dissipation == 0


def test_price_takers_who_get_a_price_of_nil_earn_nothing() -> None:
    labs = [lb.Lab("A", 2), lb.Lab("B", 2)]
    market = lb.ClearingMarket(0.07, switching=0, worth=1, price=3, conduct="price-taking")
    worth = lb.welfare(lb.solve(lb.Race(labs, market, lb.Technology(3, 0.5), 0.1, rungs=2)))
    assert worth.surplus is not None and worth.surplus > 0
    assert worth.profits == 0

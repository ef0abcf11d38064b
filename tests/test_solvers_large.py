"""The engines for large games give what the engines for small ones give."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse.linalg as spla

import leaderbored as lb
from leaderbored.race.alike import Alike
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.continuous.proof import prove
from leaderbored.solvers.markov import control, newton, selling, stability, system
from leaderbored.solvers.numerics import linear
from leaderbored.verdicts import later, law

LABS = [lb.Lab("A", 1), lb.Lab("B", 2), lb.Lab("C", 1.5), lb.Lab("D", 0.7)]
COSTS = [round(0.5 + 0.01 * k, 2) for k in range(16)]


def race(returns: float, market: lb.ScarceMarket | lb.RevenueLadder) -> lb.Race:
    return lb.Race(LABS, market, lb.Technology(1, returns, leapfrog=0.4), 0.2, 3)


@pytest.fixture
def small_means_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send even small games down the roads for large ones."""
    monkeypatch.setattr(linear, "DENSE", 10)
    monkeypatch.setattr(newton, "DENSE", 10)
    monkeypatch.setattr(system, "DIRECT_STATES", 10)
    monkeypatch.setattr(control, "DIRECT_STATES", 10)
    monkeypatch.setattr(stability, "FACTORISE", 10)
    monkeypatch.setattr(stability, "DENSE", 10)
    monkeypatch.setattr(law, "ELIMINATE", 10)
    monkeypatch.setattr(law, "FACTORISE", 10)
    monkeypatch.setattr(later, "SQUARE", 10)


MARKETS = [lb.ScarceMarket(0.8), lb.RevenueLadder("1.3**g")]


@pytest.mark.parametrize("market", MARKETS, ids=["scarce", "ladder"])
@pytest.mark.parametrize("returns", [0.5, 1.0])
def test_krylov_and_factorisation_agree(
    returns: float, market: lb.ScarceMarket | lb.RevenueLadder, request: pytest.FixtureRequest
) -> None:
    small = lb.solve(race(returns, market))
    verdict = lb.verdict(small, check_cap=False)
    request.getfixturevalue("small_means_large")
    large = lb.solve(race(returns, market), start=small.equilibria[0].build)
    a, b = small.equilibria[0], large.equilibria[0]
    np.testing.assert_allclose(b.value, a.value, rtol=1e-10)
    np.testing.assert_allclose(b.build, a.build, atol=1e-8)
    assert b.regret <= 1e-9
    assert b.radius == pytest.approx(a.radius, rel=1e-2, abs=1e-6)
    other = lb.verdict(large, check_cap=False)
    known = [(p, q) for p, q in zip(other.pace_ratio, verdict.pace_ratio, strict=True) if q]
    assert [p for p, _ in known] == pytest.approx([q for _, q in known], rel=1e-8)
    x, y = verdict.statistics, other.statistics
    assert y.lead_distribution == pytest.approx(x.lead_distribution, rel=1e-8)
    for ours, theirs in ((y.half_life, x.half_life), (y.repeat_win, x.repeat_win)):
        assert ours == (None if theirs is None else pytest.approx(theirs, rel=1e-8))


def test_many_levels_are_eliminated_where_factors_would_fill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(system, "DENSE", 10)
    here = system.System(race(0.5, MARKETS[0]).markov())
    value = here.evaluate(here.game.idle)
    pieces = newton.pieces_at(here, value, here.game.idle)
    some = np.random.default_rng(1).random(value.shape) < 0.1
    pieces = replace(pieces, level=some & here.game.movable)
    assert pieces.level.sum() > 40
    step, shift = newton.newton_step(here, value, pieces, schur=0)
    other, shifted = newton.newton_step(here, value, pieces, schur=300)
    np.testing.assert_allclose(other, step, atol=1e-4 * np.abs(step).max())
    np.testing.assert_allclose(shifted, shift, atol=1e-4 * np.abs(shift).max())

    def fills(*_: object) -> None:
        raise AssertionError("factorised")

    monkeypatch.setattr(newton, "FILLED", 0)
    monkeypatch.setattr(newton, "shortest", fills)
    monkeypatch.setattr(newton, "pieces_at", lambda *_: pieces)
    newton.Newton(steps=1, levels=0).polish(here, value, here.game.idle)
    monkeypatch.setattr(newton, "ELIMINATED", 1)
    assert newton.Newton(levels=0).polish(here, value, here.game.idle) is None


@pytest.mark.parametrize("kind", ["labs", "one alone", "roles"])
@pytest.mark.parametrize("conduct", ["quantity", "price-taking"])
def test_markets_clear_alike_one_by_one_and_together(
    conduct: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiled, market by market, and with arrays of all of them, step by step."""
    market = lb.ClearingMarket(0.9, openness=0.5, conduct=conduct)
    labs = [lb.Lab("A", 1), lb.Lab("B", 1), lb.Lab("C", 3, build=(0.1, 1.0))]
    whole = lb.Race(labs, market, lb.Technology(1, 0.4), 0.2, 3)
    game = Alike(whole).game if kind == "roles" else whole.markov()
    random = np.random.default_rng(5)
    build = random.uniform(game.lower, game.upper)
    game = game.alone(build) if kind == "one alone" and conduct == "quantity" else game
    push = random.lognormal(-1, 1, build.shape) * (random.random(build.shape) < 0.8)
    together = selling.meet(game, push, game.sales(build))
    monkeypatch.setattr(selling, "MANY", 0)
    apart = selling.meet(game, push, game.sales(build))
    np.testing.assert_allclose(apart.build, together.build, rtol=1e-12)
    np.testing.assert_allclose(apart.follows, together.follows, rtol=1e-6)
    np.testing.assert_array_equal(apart.free, together.free)
    for mine, theirs in zip(apart.sales, together.sales, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("count", [3, 4])
def test_rivals_that_mix_rotate_at_a_rate_that_their_number_does_not_move(count: int) -> None:
    """Linear hazard, partial chase: rivals mix at the hazard lambda (r_1 / f - 1) - rho (R9)."""
    labs = [lb.Lab(n, 1) for n in "ABCD"[:count]]
    market, technology = lb.RevenueLadder([1, 1.8]), lb.Technology(1, 1.0, leapfrog=1)
    labs_race = lb.Race(labs, market, technology, 0.1, 2)
    solution = lb.solve(labs_race)
    assert solution.status.ok
    assert solution.equilibria[0].regret <= 1e-9
    game = labs_race.markov()
    hazard = game.hazard(solution.equilibria[0].build)
    place = np.flatnonzero((game.states == [0, 1, 1, 1][:count]).all(axis=1))[0]
    assert hazard[1:, place].sum() == pytest.approx(0.7, abs=1e-8)


@pytest.mark.parametrize(("flywheel", "solved"), [(1.0, True), (2.0, False)])
def test_hazards_of_many_orders_are_solved_or_refused_with_a_reason(
    flywheel: float, solved: bool
) -> None:
    """A factor of 1e17 is within reach as gains are known to thirty digits; of 1e35 it is not."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 2)]
    race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1, flywheel=flywheel), 0.1, 40)
    method = lb.Method(lb.PolicyIteration(rounds=40), averaging=None, homotopy=None)
    solution = lb.solve(race, method)
    assert solution.status.ok == solved
    assert solution.status.advice or solution.equilibria[0].regret <= 1e-9


def test_a_large_game_nearby_makes_no_dense_arrays() -> None:
    """Of 14,625 states they would take gigabytes; only games of few states use them."""
    labs = [lb.Lab(name, 1) for name in "ABCD"]
    game = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), 0.5, 4).markov()
    assert "dense_moves" not in vars(system.System(game).along(game, noise=0.1))


def test_many_leaderboards_of_three_labs_are_solved_without_factors() -> None:
    """4,921 of them, valued as sparse factors value them; those of two labs lie on a line."""
    game = lb.Race(LABS[:3], lb.ScarceMarket(0.8), lb.Technology(1, leapfrog=0.4), 0.2, 40).markov()
    many = system.System(game)
    build = np.random.default_rng(3).uniform(game.lower, game.upper)
    direct = spla.spsolve(many.matrix(game.hazard(build)).tocsc(), game.payoff(build).T).T
    assert not many.by_factors
    np.testing.assert_allclose(many.evaluate(build), direct, rtol=1e-9)
    two = lb.Race(LABS[:2], lb.ScarceMarket(0.8), lb.Technology(1), 0.2, 3_000).markov()
    assert system.System(two).by_factors


@pytest.mark.parametrize("demand", ["100 / (1 + sum(q))", "100 - sum(q) - q^2 / 9"])
def test_many_different_firms_meet_the_conditions_of_each(demand: str) -> None:
    """20 firms of two forms of demand: profits as numbers, and slopes as differences of these."""
    costs = np.linspace(1, 2, 20)
    firms = [
        lb.Player(f"F{k}", {"q": [0, 100]}, f"({demand} - c) * q", parameters={"c": c})
        for k, c in enumerate(costs)
    ]
    (found,) = lb.solve(lb.Continuous(firms)).equilibria
    q = np.array([found.strategies[f"F{k}"][0] for k in range(20)])

    def profit(own: np.ndarray) -> np.ndarray:
        total = q.sum() - q + own
        price = 100 / (1 + total) if "/ (1" in demand else 100 - total - own**2 / 9
        return (price - costs) * own

    slope = (profit(q + 1e-5) - profit(np.maximum(q - 1e-5, 0))) / np.where(q > 0, 2e-5, 1e-5)
    assert np.abs(slope[q > 1e-4]).max() < 1e-5
    assert (slope[q <= 1e-4] < 1e-5).all()
    assert found.proof.holds


def test_prices_of_many_firms_are_found_from_where_payoffs_bend_up() -> None:
    """Logit demand (Anderson, de Palma and Thisse 1992): margins are 1 / (1 - share)."""
    payoff = "(p - c) * exp(-p) / (1 + sum(exp(-p)))"
    firms = [
        lb.Player(f"F{k}", {"p": [0, 50]}, payoff, parameters={"c": c})
        for k, c in enumerate(np.linspace(1, 2, 16))
    ]
    found = lb.solve(lb.Continuous(firms))
    (one,) = found.equilibria
    p = np.array([one.strategies[f"F{k}"][0] for k in range(16)])
    share = np.exp(-p) / (1 + np.exp(-p).sum())
    assert p - np.linspace(1, 2, 16) == pytest.approx(1 / (1 - share), abs=1e-9)
    assert found.complete == "searched" and "uphill: 1" in found.census.message
    assert one.proof.holds and one.proof.of == "equilibrium"  # each by its own cost


def test_proofs_see_whose_a_formula_is_and_its_numbers() -> None:
    """Firms that are alike but for a number in a formula: only what is right for each is proved."""
    firms = [
        lb.Player(f"F{k}", {"q": [0, 9]}, f"(10 - sum(q)) * q - {c} * q")
        for k, c in enumerate(COSTS)
    ]
    program = Program(lb.Continuous(firms))
    total = (10 * len(COSTS) - sum(COSTS)) / (1 + len(COSTS))
    right = 10 - total - np.array(COSTS)  # what each firm's own condition says
    proof = prove(program, right)
    assert proof.holds and proof.of == "equilibrium"
    assert not prove(program, right[::-1].copy()).holds


def test_searches_of_continuous_games_need_no_statistics(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes longer to import than they take."""
    monkeypatch.setitem(sys.modules, "scipy.stats", None)  # whoever imports it fails
    firms = [lb.Player(n, {"q": [0, 9], "e": [0, 1]}, "(8 - sum(q) + e) * q - e^2") for n in "AB"]
    assert lb.solve(lb.Continuous(firms)).status.ok
    gaps = {"A": "(x - B.x)^2", "B": "-((x - A.x)^2)"}
    duel = [lb.Player(name, {"x": [0, 1]}, gap) for name, gap in gaps.items()]
    assert lb.solve(lb.Continuous(duel)).status.ok

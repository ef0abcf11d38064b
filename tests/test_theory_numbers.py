"""Numbers of the theory that were worked out elsewhere, and claims that only numbers can test."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import leaderbored as lb
from leaderbored import theory
from leaderbored.theory import derivation
from leaderbored.theory.comparative import statics
from leaderbored.theory.ladder import climb, settle
from leaderbored.theory.quantities import settle as search
from leaderbored.theory.r22_clearing_window import free_sales
from leaderbored.theory.races import by_lead
from leaderbored.theory.records import draw
from leaderbored.theory.shortage import sold_out_from

ROUGH = {"R7": 1e-8, "R11": 5e-5, "R14": 1e-8, "R21": 2e-4}  # digits that are known


def value(id: str, form: str, **numbers: float) -> float:
    """A closed form by the names of its symbols."""
    expression = theory.derive(id).closed[form]
    names = {symbol: numbers[symbol.name] for symbol in expression.free_symbols}
    return float(sp.N(expression.subs(names).doit()))


@pytest.mark.parametrize(
    ("id", "form", "numbers", "expected"),
    [
        ("R2", "total", {"m": 3, "C": 4.5, "V": 1}, 36 / 81),
        ("R2", "build", {"m": 3, "C": 4.5, "V": 1, "c": 1}, 20 / 81),
        ("R2", "build", {"m": 3, "C": 4.5, "V": 1, "c": 1.5}, 12 / 81),
        ("R2", "build", {"m": 3, "C": 4.5, "V": 1, "c": 2}, 4 / 81),
        ("R2", "entry", {"m": 4, "C": 6.6}, 2.2),  # the fourth, of cost 3, stays out
        ("R2", "free", {"n": 2, "c": 1, "V": 1, "x_cap": 0.05}, 0.2479019945774904),
        ("R7", "build", {"N": 2, "gamma": 1.6, "lambda": 1, "rho": 0.1}, 0.3446985259),
        ("R7", "build", {"N": 2, "gamma": 1.2, "lambda": 1, "rho": 0.1}, 0.0797360338),
        ("R8", "neutral_mean", {"N": 3}, 1.5),
        ("R11", "escape", {"N": 2, "Phi": 1.5, "first": 0, "G": 80}, 0.091454),
        ("R11", "escape", {"N": 3, "Phi": 2.0, "first": 0, "G": 80}, 0.069904),
        ("R11", "escape", {"N": 5, "Phi": 2.0, "first": 0, "G": 80}, 0.013981),
        (
            "R14",
            "curvature",
            {"a": 0.7, "phi": 0.1, "kappa": 0.4, "rho": 0.2, "gamma": 1.5, "m_1": 0.4},
            0.0722753811,
        ),
        (
            "R14",
            "slope",
            {"a": 0.7, "phi": 0.1, "kappa": 0.4, "rho": 0.2, "gamma": 1.5, "m_1": 0.4},
            -0.6261134177,
        ),
        ("R15", "delay", {"A": 0, "k": 2}, np.pi / 4),
        ("R20", "blind", {"n": 2, "e": 1, "mu": 1}, 0.5),
        ("R20", "private_risk", {"n": 2, "e": 1, "mu": 1}, 2 / 3),
        ("R20", "public_risk", {"n": 2, "e": 1, "mu": 1}, 2 / 3),
        ("R21", "share", {"R": 1.8, "theta": 0.68755}, 0.8 * 0.31245 / 0.68755),
        ("R21", "patience", {"R": 1.8, "theta": 0.68755, "lambda": 1, "N": 2}, 0.1),
    ],
)
def test_numbers(id: str, form: str, numbers: dict[str, float], expected: float) -> None:
    assert value(id, form, **numbers) == pytest.approx(expected, rel=ROUGH.get(id, 1e-9))


@pytest.mark.parametrize(
    ("labs", "theta", "gamma", "expected"),
    [(3, 0.5, 1.5, 0.1228302055), (4, 0.3, 1.8, 0.0907221318)],
)
def test_log_linear_shares_by_the_ladder(
    labs: int, theta: float, gamma: float, expected: float
) -> None:
    build, _, _ = settle(gamma ** np.arange(60.0), labs, 0.1, 1.0, theta)
    assert build[0] == pytest.approx(expected, abs=1e-9)
    patience = value(
        "R7", "patience", N=labs, gamma=gamma, theta=theta, b=expected, **{"lambda": 1}
    )
    assert patience == pytest.approx(0.1, abs=1e-8)


def test_three_labs_repeat_wins_of_the_four_kinds_of_ladder() -> None:
    """Mean leads 1.5, below one and a half in a run, above in a race."""
    means = {}
    ladders = {"concave": 1 + 0.4 * np.arange(60.0), "linear": 1.4 ** np.arange(60.0)}
    for name, revenue in ladders.items():
        build, _, rivals = settle(revenue, 3, 0.1, 1.0, 0.5)
        h = np.sqrt(build)
        means[name] = 1 + np.cumprod(h[1:] / (h[1:] + rivals)).sum()
    assert means["linear"] == pytest.approx(1.5, abs=1e-6)
    assert means["concave"] < 1.5


def test_the_pitchfork_where_best_replies_part() -> None:
    """Two equal labs, r = (1, 1.8): one equilibrium below theta = .68755, three above."""
    for theta, count in ((0.66, 1), (0.67, 1), (0.72, 3)):
        race = lb.Race(
            [lb.Lab("A", 1), lb.Lab("B", 1)],
            lb.RevenueLadder([1, 1.8]),
            lb.Technology(1, theta, leapfrog=1),
            discount=0.1,
            rungs=2,
        )
        assert len(lb.solve(race, all=True).equilibria) == count


@given(
    growth=st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6),
    labs=st.integers(2, 3),
    lam=st.floats(0.3, 2.0),
    theta=st.one_of(st.floats(0.25, 0.6), st.just(1.0)),
    rho=st.floats(0.05, 0.5),
    sort=st.booleans(),
)
@settings(max_examples=30)
def test_where_a_result_covers_a_race_its_verdict_is_the_solvers(
    *, growth: list[float], labs: int, lam: float, theta: float, rho: float, sort: bool
) -> None:
    steps = sorted(growth, reverse=True) if sort else growth
    ladder = np.exp(np.cumsum([0.0, *steps]))
    race = lb.Race(
        [lb.Lab(str(k), 1.3) for k in range(labs)],
        lb.RevenueLadder(ladder.tolist()),
        lb.Technology(lam, theta, leapfrog=1),
        discount=rho,
        rungs=len(growth),
    )
    found = theory.self_limits(race)
    if found.verdict is None:
        assert found.reason
        return
    solution = lb.solve(race)
    assert lb.verdict(solution, check_cap=False).kind == found.verdict


@pytest.mark.parametrize(
    ("market", "technology"),
    [
        (lb.ScarceMarket(0.6), lb.Technology(1)),
        (lb.RevenueLadder([1, 2]), lb.Technology(1)),
        (lb.RevenueLadder([1, 2]), lb.Technology(1, leapfrog=1, flywheel=0.1)),
        (lb.RevenueLadder([2, 1]), lb.Technology(1, leapfrog=1)),
    ],
)
def test_where_no_result_covers_a_race_it_says_so(market: object, technology: object) -> None:
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], market, technology, discount=0.1, rungs=3)
    found = theory.self_limits(race)
    assert (found.result, found.verdict) == (None, None)
    assert found.reason in found.sentence


def test_scarcities_of_any_labs_are_those_at_which_search_finds_them_sold_out() -> None:
    rng = np.random.default_rng(2)
    for _ in range(12):
        worth = rng.uniform(-1, 4, int(rng.integers(2, 6)))
        sizes = rng.uniform(0.2, 2, len(worth))
        most = np.array([free_sales(x) for x in worth])
        for lab, edge in enumerate(sold_out_from(most, sizes)):
            for side, out in ((1 - 1e-4, False), (1 + 1e-4, True)):
                sold = search(worth, sizes, edge * side * sizes.sum())
                assert (sold[lab] > sizes[lab] * (1 - 1e-5)) == out


@pytest.mark.parametrize("leapfrog", [0.0, 1.0])
def test_what_is_said_of_shortage_holds_in_solved_races(leapfrog: float) -> None:
    rng = np.random.default_rng(int(leapfrog) + 5)
    heard = set()
    for _ in range(25):
        labs = [
            lb.Lab(n, k, brand=w)
            for n, k, w in zip("AB", *rng.uniform(0.3, 1.5, (2, 2)), strict=True)
        ]
        market = lb.ClearingMarket(
            float(rng.uniform(0.4, 4)),
            switching=float(rng.uniform(0.2, 1)),
            openness=float(rng.uniform(0, 0.6)),
        )
        returns = float(rng.choice([0.5, 1.0]))
        technology = lb.Technology(0.5, returns, leapfrog=leapfrog)
        race = lb.Race(labs, market, technology, discount=0.4, rungs=8)
        said = theory.self_limits(race).sentence
        assert said.startswith("Theory: no verdict. R22: with ")
        found, game = lb.solve(race).equilibria[0], race.markov()
        if "(R23b)" in said:
            heard.add("R23b")
            assert found.build[:, 0].max() > 0
        chain = by_lead(game)
        if "(R26)" in said and (found.build[1, chain[1:]] == 0).all():
            heard.add("R26")
            stop = int(said.split("grows up to ")[1].split()[0]) if "grows" in said else 0
            assert ((found.build[0, chain[1:]] > 0) == (np.arange(1, 9) < stop)).all()
    assert heard == ({"R26"} if leapfrog else {"R23b", "R26"})


def test_impatient_labs_close_leads_of_one_beyond_the_border_that_is_quoted() -> None:
    border = 0.4424
    for openness, closes in ((border - 2e-3, False), (border + 2e-3, True)):
        market = lb.ClearingMarket(3, switching=0.5, openness=openness)
        labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
        race = lb.Race(labs, market, lb.Technology(1, 0.5), discount=1e4, rungs=3)
        assert "from openness 0.442 on" in theory.self_limits(race).sentence
        hazard = race.markov().hazard(lb.solve(race).equilibria[0].build)[:, 1]
        assert (hazard.max() == hazard[1]) == closes


def test_a_race_that_may_stand_still_says_so() -> None:
    for scarcity, result in ((0.99, None), (1.0, "R23")):
        labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
        race = lb.Race(labs, lb.ScarceMarket(scarcity), lb.Technology(1), discount=0.1, rungs=3)
        assert theory.self_limits(race).result == result
    held = replace(race, labs=(lb.Lab("A", 1, build=(0.1, 1)), lb.Lab("B", 1)))
    assert theory.self_limits(held).result is None


@pytest.mark.slow
@pytest.mark.parametrize("id", theory.ids())
def test_signs_of_derivatives_hold_in_finite_differences(id: str) -> None:
    result = theory.result(id)
    rng = np.random.default_rng(5)
    for static in statics(id):
        form = result.derive().closed[static.form]
        if static.sign is None or static.parameter.is_integer or form.has(sp.Product, sp.Sum):
            continue
        function = sp.lambdify([*result.domain], form)
        for _ in range(20):
            point = draw(rng, result.domain)
            step = 1e-6 * max(1.0, abs(point[static.parameter]))
            ends = []
            for side in (-1, 1):
                moved = {**point, static.parameter: point[static.parameter] + side * step}
                ends.append(function(*moved.values()))
            slope = (ends[1] - ends[0]) / (2 * step)
            assert slope * static.sign >= -1e-6 * max(1.0, abs(ends[0])), static


def test_a_false_lemma_is_caught() -> None:
    x = sp.Symbol("x", positive=True)
    with pytest.raises(derivation.LemmaError):
        derivation.Proof().lemma("Wrong.", sp.sqrt(x**2 + 1), x + 1)


def test_the_ladder_by_hand() -> None:
    """One rung, theta = 1/2: D u_0 = (1 - b) + sqrt(b) (u_1 - u_0) solved as a quadratic."""
    build, _ = climb(np.array([1.0, 1.5]), np.array(0.8), 1.0, 0.5)
    top = 1.5 / 0.8
    s = float(np.roots([1.0, 2 * 0.8, 1 - 0.8 * top]).max())  # 0.8 (top - 2 s) = 1 + s^2
    assert build[0] == pytest.approx(s * s, abs=1e-12)


def test_best_replies_of_a_game_without_closed_form_come_as_numbers() -> None:
    payoff = "k * log(1 + q) - q * (1 + others(q)) ** 1.5"
    wants = {"A": 2.0, "B": 3.0}
    labs = [lb.Player(n, {"q": [0, 5]}, payoff, parameters={"k": k}) for n, k in wants.items()]
    found = theory.best_reply(lb.Continuous(labs))
    assert found.closed == ()
    assert "numeric answer follows" in found.note
    assert found.solution.equilibria
    assert len(found.conditions) == 2
    assert all(len(condition.corners) == 2 for condition in found.conditions)


def test_best_replies_of_a_contest_in_closed_form() -> None:
    labs = [
        lb.Player(n, {"x": [0, 10]}, "V * x / sum(x) - p * x", parameters={"p": p})
        for n, p in (("A", 1.0), ("B", 2.0))
    ]
    (form,) = theory.best_reply(lb.Continuous(labs, {"V": 3.0})).closed
    shown = {str(symbol): str(sp.factor(x)) for symbol, x in form.items()}
    assert shown == {"A.x": "B.p*V/(A.p + B.p)**2", "B.x": "A.p*V/(A.p + B.p)**2"}


def test_log_concavity_is_sufficient_not_necessary_where_the_curvature_changes() -> None:
    revenue = np.array([1, 1.5, 1.9, 2.42])
    build, _, _ = settle(revenue, 2, 0.1, 1.0, 0.5)
    assert revenue[2] ** 2 < revenue[1] * revenue[3]
    assert (np.diff(build) < 0).all()

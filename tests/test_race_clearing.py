"""A market that clears: prices, sales, equilibria, and what goes with it."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from rich.console import Console
from scipy.special import lambertw

import leaderbored as lb
from leaderbored.games.cleared import Cleared
from leaderbored.solvers.markov.certificate import certificate
from leaderbored.solvers.markov.noisy_selling import noisy_sales
from leaderbored.solvers.markov.selling import Selling, meet
from leaderbored.verdicts.correspondence.race_line import RaceLine
from leaderbored.views.data import race_report
from leaderbored.views.race import page

Array = Any
CONDUCTS = ["quantity", "price-taking"]


def race(scarcity: float = 1.2, rungs: int = 6, **given: Any) -> lb.Race:
    """Two labs alike on a market of a switching of one half, unless it is said otherwise."""
    compute, brand = given.pop("compute", (1, 1)), given.pop("brand", (1, 1, 1))
    technology = {"productivity": 1, "handicap": 0.1, **given.pop("technology", {})}
    discount = given.pop("discount", 0.2)
    labs = [lb.Lab(name, k, brand=w) for name, k, w in zip("ABC", compute, brand, strict=False)]
    market = lb.ClearingMarket(scarcity, **{"switching": 0.5, **given})
    return lb.Race(labs, market, technology, discount, rungs)


def random_race(random: np.random.Generator, rungs: int) -> lb.Race:
    """Anything that the records allow."""
    count = int(random.integers(2, 5))
    labs = [
        lb.Lab(
            "ABCD"[i],
            float(10 ** random.uniform(-0.7, 0.7)),
            talent=float(random.uniform(0.5, 2)),
            brand=float(10 ** random.uniform(-0.5, 0.5)),
            build=tuple(np.sort(random.uniform(size=2)).tolist())
            if random.uniform() < 0.3
            else (0, 1),
        )
        for i in range(count)
    ]
    market = lb.ClearingMarket(
        float(10 ** random.uniform(-1.3, 1.7)),
        switching=float(random.choice([0, 0.3, 1, 3])),
        worth=float(random.uniform(-2, 6)),
        price=float(10 ** random.uniform(-1, 1)),
        openness=float(random.uniform()),
        conduct=str(random.choice(CONDUCTS)),
    )
    technology = lb.Technology(
        float(random.uniform(0.3, 3)),
        float(random.choice([1, 0.8, 0.5, 0.3])),
        flywheel=float(random.choice([0, 0.1])),
        handicap=float(random.choice([0, 0.2])),
        drafting=float(random.choice([0, 0.1])),
        leapfrog=float(random.choice([0, 0.5, 1])),
    )
    return lb.Race(labs, market, technology, float(random.uniform(0.1, 0.6)), rungs)


# --- the stage


def test_the_stage_of_three_labs_of_which_one_has_no_use_for_a_success() -> None:
    """Figures of another program; those of price takers are of one method alone."""
    for conduct, sold, price in (
        ("quantity", [0.517502754166, 0.545569158341, 0.5], 3.038498779285),
        ("price-taking", [0.771582625696, 0.742511755661, 0.5], 2.166155312100),
    ):
        three = race(
            1.2,
            2,
            compute=(1, 0.8, 0.5),
            technology={"productivity": 2, "returns": 0.6, "handicap": 0},
            switching=0.7,
            worth=1.5,
            conduct=conduct,
        )
        game = three.markov()
        assert isinstance(game, Cleared)
        here = game.states.tolist().index([0, 1, 1])
        gain = np.array([[1.0], [0.4], [-0.2]]) * np.ones(game.scale.shape)
        build = Selling(game).reply(gain)
        sales = game.sales(build)
        np.testing.assert_allclose(sales.sold[:, here], sold, atol=2e-12)
        assert game.prices(sales)[0, here] == pytest.approx(price, abs=2e-12)


def alone(game: Cleared, i: int, s: int, gain: float, sold: Array) -> Any:
    """What one quantity setter earns and gains at a share and at sales, the others' sales given."""
    k, mu, x = game.capacity[i, s], game.price[i, s], game.worth[i, s]
    left = game.demand[0, s] - sold.sum() + sold[i]

    def brings(sales: float) -> float:
        if sales <= 0 or sales >= left:
            return 0.0 if sales <= 0 else -np.inf
        return float(sales * mu * (x - np.log(sales / (left - sales))))

    free = golden(brings, 0, left)

    def sells(b: float) -> float:
        return float(min((1 - b) * k, free))

    def worth(b: float) -> float:
        return float(brings(sells(b)) + gain * game.scale[i, s] * b**game.returns)

    return worth, sells


def golden(f: Any, a: float, b: float) -> float:
    part = (5**0.5 - 1) / 2
    for _ in range(60):
        c, d = b - part * (b - a), a + part * (b - a)
        a, b = (c, b) if f(d) > f(c) else (a, d)
    return (a + b) / 2


@pytest.mark.slow
def test_best_replies_of_quantity_setters_from_random_starts_lead_to_the_one_root() -> None:
    random = np.random.default_rng(3)
    for _ in range(12):
        one = random_race(random, 1)
        one = replace(one, market=replace(one.market, conduct="quantity"))
        game, s = one.markov(), int(random.integers(3))
        assert isinstance(game, Cleared)
        gain = random.normal(size=game.scale.shape) + 0.5
        gain = np.where(game.movable, gain, -1.0)
        build = Selling(game).reply(gain)
        sales = game.sales(build)
        labs = len(one.labs)
        sold = random.uniform(size=labs) * game.demand[0, s] / (labs + 1)
        for _ in range(400):
            before = sold.copy()
            for i in range(labs):
                worth, sells = alone(game, i, s, gain[i, s], sold)
                lower, upper = game.lower[i, s], game.upper[i, s]
                share = max((golden(worth, lower, upper), lower, upper), key=worth)
                sold[i] += 0.7 * (sells(share) - sold[i])
            if np.abs(sold - before).max() < 1e-10:
                break
        np.testing.assert_allclose(sold, sales.sold[:, s], atol=3e-6)


def test_price_takers_reply_to_their_prices_and_these_clear() -> None:
    random = np.random.default_rng(4)
    for _ in range(12):
        one = random_race(random, 1)
        one = replace(one, market=replace(one.market, conduct="price-taking"))
        game = one.markov()
        assert isinstance(game, Cleared)
        gain = np.where(game.movable, random.normal(size=game.scale.shape) + 0.5, -1.0)
        build = Selling(game).reply(gain)
        sales = game.sales(build)
        total = sales.unserved + sales.sold.sum(axis=0)
        np.testing.assert_allclose(total, game.demand[:1], rtol=1e-12)
        price = game.prices(sales)
        units = (1 - build) * game.capacity
        np.testing.assert_allclose(price * (units - sales.sold), 0, atol=1e-11)

        def worth(
            share: Array, price: Array = price, game: Cleared = game, gain: Array = gain
        ) -> Array:
            return price * (1 - share) * game.capacity + gain * (game.hazard(share) - game.base)

        held = worth(build)
        for part in np.linspace(0, 1, 101):
            assert (worth(game.lower + part * (game.upper - game.lower)) <= held + 1e-11).all()


@pytest.mark.parametrize("conduct", CONDUCTS)
def test_slopes_are_those_of_differences(conduct: str) -> None:
    random = np.random.default_rng(5)
    for _ in range(15):
        one = random_race(random, 2)
        one = replace(one, market=replace(one.market, conduct=conduct))
        game = one.markov()
        assert isinstance(game, Cleared)
        stage = Selling(game)
        stakes = np.where(game.movable, random.normal(size=game.scale.shape) + 0.5, 0.0)
        pieces = stage.pieces(stakes, stage.reply(stakes), 1.0)
        assert pieces.together is not None
        for j in range(len(one.labs)):
            moved = np.zeros_like(stakes)
            moved[j] = 1e-6 * (stakes[j] > 1e-3)
            up, down = (stage.pieces(stakes + k * moved, pieces.build, 1.0) for k in (1, -1))
            assert up.together is not None
            assert down.together is not None
            faster = (game.hazard(up.build) - game.hazard(down.build)) / 2e-6
            dearer = (up.together.earned - down.together.earned) / 2e-6
            here = stakes[j] > 1e-3
            close: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-5 * max(1, np.abs(dearer).max())}
            np.testing.assert_allclose(
                faster[:, here], pieces.together.cross[:, j][:, here], **close
            )
            np.testing.assert_allclose(
                dearer[:, here], pieces.together.spill[:, j][:, here], **close
            )


def test_in_plenty_nobody_is_sold_out_and_sales_are_those_of_lamberts_function() -> None:
    game = race(1e-3, 3).markov()
    assert isinstance(game, Cleared)
    sales = game.sales(game.lower)
    ratio = sales.sold / sales.unserved
    np.testing.assert_allclose(ratio, lambertw(np.exp(game.worth - 1)).real, rtol=1e-12)
    np.testing.assert_allclose(game.prices(sales), 1 + ratio, rtol=1e-12)


def test_in_famine_the_premium_of_a_rung_stays_and_prices_grow_with_the_log_of_customers() -> None:
    price = []
    for scarcity in (1e3, 1e6):
        game = race(scarcity, 3).markov()
        assert isinstance(game, Cleared)
        price.append(game.prices(game.sales(game.lower)))
    step = price[1] - price[0]
    np.testing.assert_allclose(step, np.log(1e3), rtol=1e-3)
    lead = game.states.tolist().index([0, 2])
    assert price[1][0, lead] - price[1][1, lead] == pytest.approx(0.5 * 2, rel=1e-9)


def test_without_switching_nobody_builds_but_what_is_idle() -> None:
    found = lb.solve(race(1.5, 3, switching=0, technology={"handicap": 0})).equilibria[0]
    assert float(found.build.max()) == 0.0
    np.testing.assert_allclose(found.value, found.value[0, 0], rtol=1e-12)


def test_the_window_in_which_a_leader_is_sold_out_and_laggards_are_idle() -> None:
    """Its ends are (1 + y1 + (N - 1) y2) / (N y1) and 1 + 1 / (N y2) at idle ratios y1, y2."""
    three = race(1.0, 2, compute=(1, 1, 1))
    game = three.markov()
    assert isinstance(game, Cleared)
    here = game.states.tolist().index([0, 2, 2])
    y1, y2 = game.most[:2, here]
    ends = (1 + y1 + 2 * y2) / (3 * y1), 1 + 1 / (3 * y2)
    for scarcity in np.linspace(0.9 * ends[0], 1.1 * ends[1], 23):
        now = replace(three, market=replace(three.market, scarcity=float(scarcity))).markov()
        assert isinstance(now, Cleared)
        sold = now.sales(now.lower).sold[:, here]
        assert (sold[0] == 1 and sold[1] < 1) == (ends[0] < scarcity < ends[1])


# --- equilibria


# Values at the tie and with a lead of one (A, B), and shares likewise, of another program.
LINEAR: dict[str, Any] = {"handicap": 0, "returns": 1, "leapfrog": 1}
FIGURES = {
    "quantities": (
        race(1.2),
        (9.9704617262, 11.4550439465, 9.0828736842),
        (0.3969953056, 0.3826787122, 0.2890204106),
    ),
    "leapfrog": (
        race(1.2, technology={"leapfrog": 1, "handicap": 0}),
        (9.4896919109, 10.0451094370, 9.4105757558),
        (0.2781705308, 0.1739030406, 0.3288960374),
    ),
    "prices": (
        race(1.5, conduct="price-taking"),
        (12.3659407372, 14.6461676293, 11.0387997363),
        (0.1988716591, 0.1842912861, 0.0683801854),
    ),
    "linear": (
        race(2, compute=(1, 0.6), brand=(1, 1.3), technology=LINEAR),
        (13.4925726188, 15.4323329653, 10.0572932820),
        (0.4126510138, 0.2980793217, 0.0),
    ),
    "plenty": (
        race(0.4),
        (3.5391176019, 4.2566077864, 3.0068762903),
        (0.7533307508, 0.7208005041, 0.7582069896),
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_equilibria_are_those_of_another_program(name: str) -> None:
    game, values, shares = FIGURES[name]
    solution = lb.solve(game)
    found = solution.equilibria[0]
    states = found.game.states.tolist()
    tie, ahead = states.index([0, 0]), states.index([0, 1])
    for table, wanted in ((found.value, values), (found.build, shares)):
        got = table[0, tie], table[0, ahead], table[1, ahead]
        np.testing.assert_allclose(got, wanted, atol=1.1e-10)
    assert found.regret < 1e-12
    assert found.residual < 1e-12
    assert found.index == 1


def test_three_labs_with_all_that_a_technology_has() -> None:
    made = {"flywheel": 0.05, "drafting": 0.1, "leapfrog": 0.5}
    found = lb.solve(race(1.0, 2, compute=(1, 1, 0.5), technology=made)).equilibria[0]
    states = found.game.states.tolist()
    tie, ahead = states.index([0, 0, 0]), states.index([0, 1, 1])
    close: dict[str, Any] = {"atol": 1.1e-10}
    np.testing.assert_allclose(found.value[1:, tie], (7.5121883705, 5.4182889319), **close)
    np.testing.assert_allclose(
        found.value[:, ahead], (7.9396670464, 7.3158917916, 5.3103359078), **close
    )
    np.testing.assert_allclose(found.build[1:, tie], (0.3681009011, 0.0468895617), **close)
    np.testing.assert_allclose(
        found.build[:, ahead], (0.2622825455, 0.4051469739, 0.0676341829), **close
    )


def test_statistics_of_leads() -> None:
    for name, advances, lead in (
        ("quantities", 0.3279158534, 4.4153072307),
        ("leapfrog", 0.9495555380, 1.5862238843),
    ):
        statistics = lb.verdict(lb.solve(FIGURES[name][0])).statistics
        assert statistics is not None
        assert statistics.advances_per_year == pytest.approx(advances, abs=1e-9)
        assert statistics.mean_lead == pytest.approx(lead, abs=1e-9)


def test_random_races_are_solved_and_judged_by_their_records() -> None:
    random = np.random.default_rng(6)
    for _ in range(12):
        one = random_race(random, 1)
        solution = lb.solve(one, method=lb.Method(certify="regret"))
        assert solution.status.code == "converged"
        found = solution.equilibria[0]
        judged = certificate(one, found.build)
        assert float(judged.regret.max()) < 1e-9
        np.testing.assert_allclose(
            judged.value, found.value, atol=1e-11 * float(np.abs(found.value).max())
        )


@pytest.mark.parametrize("conduct", CONDUCTS)
def test_another_policy_has_a_regret(conduct: str) -> None:
    one = race(1.2, 2, conduct=conduct)
    found = lb.solve(one).equilibria[0]
    beside = np.clip(found.build + np.where(found.build > 0, 0.05, 0.0), 0, 1)
    assert float(certificate(one, beside).regret.max()) > 1e-5
    assert float(certificate(one.markov(), beside).regret.max()) > 1e-5


def test_labs_may_change_their_names() -> None:
    one = race(1.3, 3, compute=(1, 0.7), brand=(1, 1.2), openness=0.4)
    other = replace(one, labs=tuple(reversed(one.labs)))
    first, second = (lb.solve(game).equilibria[0] for game in (one, other))
    states = first.game.states.tolist()
    order = [states.index(state[::-1]) for state in states]
    np.testing.assert_allclose(first.value, second.value[::-1][:, order], rtol=1e-11)


@pytest.mark.parametrize("rungs", [6, 12])
def test_with_a_linear_hazard_a_lead_grows_while_a_rung_is_worth_more_than_a_sale(
    rungs: int,
) -> None:
    """The leader A, who is sold out, stops at the least lead beyond the bound, whatever the cap."""
    one = race(2, rungs, compute=(1, 0.6), brand=(1, 1.3), technology=LINEAR)
    ratio = 1 / (2 * 1.6 - 1.6)  # of a leader that sells all it has
    bound = 1 / 0.2 - (2 - 1 - np.log(ratio) - ratio) / 0.5
    assert 3 < bound < 4
    verdict = lb.verdict(lb.solve(one))
    assert verdict.kind == "standstill"
    assert verdict.asymptote == 4


def best_of_many(one: lb.Race, found: Any, i: int, points: int = 4_001) -> Array:
    """(S,) value of lab i from the best of many sales and the shares that go with them."""
    states = [tuple(state) for state in found.game.states.tolist()]
    labs, market, technology, top = one.labs, one.market, one.technology, one.rungs
    assert isinstance(market, lb.ClearingMarket)
    sold = found.game.sales(found.build).sold
    customers = market.scarcity * sum(lab.compute for lab in labs)

    def hazard(j: int, state: tuple[int, ...], share: Array) -> Array:
        lead = sorted(state)[1] if state[j] == 0 else 0
        rate = technology.productivity * (share * labs[j].compute) ** technology.returns
        return rate * np.exp(technology.flywheel * lead - technology.handicap * state[j])

    def after(j: int, state: tuple[int, ...]) -> list[tuple[float, int]]:
        above = tuple(0 if k == j else min(d + 1, top) for k, d in enumerate(state))
        closer = tuple(max(d - 1, 0) if k == j else d for k, d in enumerate(state))
        jump = 1.0 if state[j] == 0 else technology.leapfrog
        return [(jump, states.index(above)), (1 - jump, states.index(closer))]

    value = np.zeros(len(states))
    for _ in range(60):
        matrix, flow = np.diag(np.full(len(states), one.discount)), np.zeros(len(states))
        for s, state in enumerate(states):
            left = customers - sold[:, s].sum() + sold[i, s]
            units = np.linspace(0, min(labs[i].compute, left * (1 - 1e-9)), points)[1:]
            ahead = (1 - market.openness) * sorted(state)[1] - state[i]
            worth = market.worth + np.log(labs[i].brand) + market.switching * ahead
            earned = units * market.price * (worth - np.log(units / (left - units)))
            gain = sum(part * value[t] for part, t in after(i, state)) - value[s]
            shares = [1 - units / labs[i].compute, np.zeros_like(units)]
            flows = np.array([earned + hazard(i, state, share) * gain for share in shares])
            way, best = np.unravel_index(flows.argmax(), flows.shape)
            flow[s] = earned[best]
            for j in range(len(labs)):
                rate = hazard(j, state, shares[way][best] if j == i else found.build[j, s])
                for part, t in after(j, state):
                    matrix[s, s] += rate * part
                    matrix[s, t] -= rate * part
        before, value = value, np.linalg.solve(matrix, flow)
        if np.abs(value - before).max() < 1e-12 * np.abs(value).max():
            break
    return value


@pytest.mark.parametrize("scarcity", [0.4, 1.5, 6.0])
def test_no_lab_gains_by_other_sales(scarcity: float) -> None:
    made = {"returns": 0.7, "leapfrog": 0.4, "flywheel": 0.1}
    one = race(
        scarcity, 2, compute=(1, 0.6), brand=(0.8, 1.3), openness=0.4, technology=made, price=2.0
    )
    found = lb.solve(one).equilibria[0]
    for i in range(2):
        best = best_of_many(one, found, i)
        np.testing.assert_allclose(best, found.value[i], rtol=3e-6)
        assert (best <= found.value[i] * (1 + 1e-12)).all()


@pytest.mark.slow
@pytest.mark.parametrize("scarcity", [0.3, 0.8])
def test_a_standstill_in_the_open_stands_beside_equilibria_that_build(scarcity: float) -> None:
    """Where all that a leader has is followed at once, and laggards leap, nobody need build."""
    made = {"leapfrog": 1, "handicap": 0}
    solution = lb.solve(race(scarcity, 2, switching=1.0, openness=1.0, technology=made), all=True)
    idle = float(lambertw(np.exp(1.0)).real)  # sales over the unserved
    nothing = (1 + idle) * idle * 2 * scarcity / ((1 + 2 * idle) * 0.2)
    values = [found.value[0, 0] for found in solution.equilibria]
    assert values[0] == pytest.approx(nothing, rel=1e-10)
    assert float(solution.equilibria[0].build[0, 0]) == 0.0
    assert [found.index for found in solution.equilibria] == [1, -1, 1]
    assert solution.census.complete == "searched"


def test_price_takers_with_idle_compute_earn_nothing_and_all_of_it_builds() -> None:
    solution = lb.solve(race(0.1, 3, conduct="price-taking", compute=(1, 0.7)))
    found = solution.equilibria[0]
    assert solution.status.code == "converged"
    assert float(np.abs(found.value).max()) == 0.0
    assert isinstance(found.game, Cleared)
    units = (1 - found.build) * found.game.capacity
    sold = found.game.sales(found.build).sold
    np.testing.assert_allclose(units[found.game.movable], sold[found.game.movable], rtol=1e-12)


# --- what goes with it


def test_what_is_out_of_range_is_named() -> None:
    given = {
        "kind": "clearing",
        "scarcity": 0,
        "switching": -1,
        "price": 0,
        "openness": 1.5,
        "conduct": "bertrand",
        "worth": 1e3,
    }
    with pytest.raises(ValidationError) as caught:
        lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], given, lb.Technology(1), 0.2)
    places = {error["loc"][-1] for error in caught.value.errors()} - {"rungs"}
    assert places == {"scarcity", "switching", "price", "openness", "conduct", "worth"}


@pytest.mark.parametrize(
    "mechanism",
    [
        {"jackpot": {"chance": 0.05, "prize": 7.0}},
        {"inertia": {"lag": 0.4}},
        {"open_weights": {"imitation": 0.3}},
        {"inputs": {"migration": 0.2}},
        {"inertia": {"lag": 0.4}, "jackpot": {"chance": 0.05, "prize": 7.0}},
    ],
    ids="-".join,
)
@pytest.mark.parametrize("conduct", CONDUCTS)
def test_mechanisms_that_go_with_it(mechanism: dict[str, Any], conduct: str) -> None:
    one = replace(race(1.2, 1, conduct=conduct), mechanisms=lb.Mechanisms(**mechanism))
    solution = lb.solve(one, method=lb.Method(certify="regret"))
    found = solution.equilibria[0]
    assert solution.status.code == "converged"
    judged = certificate(one, found.build)
    assert float(judged.regret.max()) < 1e-9
    count, size = judged.value.shape
    np.testing.assert_allclose(judged.value, found.value[:count, :size], rtol=1e-10)


@pytest.mark.parametrize(
    "mechanism",
    [
        {"fungibility": {"loss": 0.3}},
        {"lease": {"friction": 0.1}},
        {"hype": {"effectiveness": 1.0}},
        {"spillover": {"share": 0.5}},
        {"accumulate": {"rate": 0.1, "points": 3}},
        {"inputs": {"weight": 0.5}},
        {"open_weights": {"labs": ["A"]}},
        {"scarcity_path": {"years": [0, 1], "scarcity": [1.2, 0.7]}},
    ],
    ids="-".join,
)
def test_mechanisms_that_do_not_are_refused(mechanism: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"mechanisms\..*market"):
        replace(race(), mechanisms=lb.Mechanisms(**mechanism))


def test_its_report_says_prices_and_sales() -> None:
    one = replace(race(1.2, 1), mechanisms=lb.Mechanisms(jackpot={"chance": 0.1, "prize": 3.0}))
    solution = lb.solve(one)
    sales = race_report(solution)["equilibria"][0]["sales"]
    earned = solution.markov.payoff(solution.equilibria[0].build)
    for k, lab in enumerate("AB"):
        for price, sold, flow in zip(
            sales["price"][lab], sales["sold"][lab], earned[k], strict=True
        ):
            assert (price is None) == (sold is None)
            assert price is None or price * sold == pytest.approx(flow, rel=1e-12)
    assert sales["price"]["A"][-2:] == [None, None]  # the race is over


def test_what_is_worth_more_than_a_double_holds_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"lower rungs or market\.switching"):
        race(rungs=100, switching=10)


def test_the_root_is_found_to_all_digits_however_small_a_share() -> None:
    game = race(1.2, 2, technology={"returns": 0.3}).markov()
    assert isinstance(game, Cleared)
    push = np.full(game.scale.shape, 1e-12)
    root = meet(game, push)
    worth = root.sales.margin * root.build**0.7  # of the last unit, the same in either use
    np.testing.assert_allclose(worth, push, rtol=1e-12)
    assert 0 < float(root.build.min()) < 1e-16


@pytest.mark.parametrize(("along", "stop"), [("market.scarcity", 1.0), ("market.openness", 0.5)])
def test_a_curve_goes_on_where_a_lab_comes_to_build_with_more_than_would_be_idle(
    along: str, stop: float
) -> None:
    """What is idle when others do not build is more, or less, than when they do."""
    start = 0.5 if along == "market.scarcity" else 0.0
    line = RaceLine(race(rungs=3), along, (start, stop), lb.Method(), None)
    first = lb.solve(line.race(0.0)).equilibria[0]
    curve = line.follow(line.family.point(0.0, first.value, first.build), 1)
    assert curve.end == "border"
    assert curve.points[-1].u == 1


@pytest.mark.parametrize("conduct", CONDUCTS)
def test_noisy_replies_are_best_with_their_noise_and_their_slopes_those_of_differences(
    conduct: str,
) -> None:
    random = np.random.default_rng(6)
    for _ in range(6):
        one = random_race(random, 1)
        one = replace(one, market=replace(one.market, conduct=conduct))
        game = one.markov()
        assert isinstance(game, Cleared)
        stakes = random.normal(size=game.scale.shape)
        noise = float(10 ** random.uniform(-2, 1))
        pieces = noisy_sales(game, stakes, noise)
        assert pieces.together is not None
        np.testing.assert_allclose(pieces.together.earned, game.payoff(pieces.build), atol=1e-9)
        low, high = game.effort(game.lower), game.effort(game.upper)
        width = np.where(game.movable, high - low, 1)
        there = game.alone(pieces.build)

        def worth(
            build: Array, game: Cleared = game, there: Any = there, stakes: Array = stakes
        ) -> Array:
            part = np.clip((game.effort(build) - low) / width, 1e-300, 1 - 1e-16)  # noqa: B023
            doubt = part * np.log(part) + (1 - part) * np.log1p(-part)
            return there.payoff(build) + game.scale * game.effort(build) * stakes - noise * doubt  # noqa: B023

        held = worth(pieces.build)
        for part in np.linspace(0.01, 0.99, 25):
            other = worth(game.share(low + part * width))
            assert (other <= held + 1e-9)[game.movable].all()
        for j in range(len(one.labs)):
            moved = np.zeros_like(stakes)
            moved[j] = 1e-5
            up, down = (noisy_sales(game, stakes + k * moved, noise) for k in (1, -1))
            faster = (game.hazard(up.build) - game.hazard(down.build)) / 2e-5
            assert up.together is not None
            assert down.together is not None
            dearer = (up.together.earned - down.together.earned) / 2e-5
            np.testing.assert_allclose(pieces.together.cross[:, j], faster, rtol=1e-3, atol=1e-4)
            np.testing.assert_allclose(pieces.together.spill[:, j], dearer, rtol=1e-3, atol=1e-4)


def test_doubt_leaves_the_run_and_not_the_standstill() -> None:
    """With open models and leapfrogging both are equilibria in plenty."""
    open_race = race(0.6, 2, openness=1, switching=0.5, technology={"leapfrog": 1, "handicap": 0})
    selected = lb.solve(open_race, select="risk")
    assert selected.status.ok
    assert selected.equilibria[0].build[0, 0] > 0.5
    still = lb.solve(open_race, select="from history", start=np.zeros((2, 5))).equilibria[0]
    assert still.regret < 1e-9


def test_price_takers_who_sell_nothing_are_offered_a_price() -> None:
    """The first unit sold brings a price without bound, so that nobody builds with everything."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    market = lb.ClearingMarket(1.5, conduct="price-taking")
    race = lb.Race(labs, market, lb.Technology(1), discount=0.2, rungs=2)
    game = race.markov()
    assert certificate(race, np.ones_like(game.upper)).regret.min() > 0.9
    one = np.where(np.arange(2)[:, None] == 1, 1.0, 0.3 * np.ones_like(game.upper))
    assert certificate(race, one).regret[1].min() > 0.9  # B alone sells nothing
    found = lb.solve(race).equilibria[0]
    busy, idle = (lb.dynamics(race, "best-response", start, laps=80) for start in ("busy", "idle"))
    for motion in (busy, idle):
        assert motion.outcome == "converges" and motion.regret < 1e-6
        ends = np.array([motion.play[lab.name][-1] for lab in labs])
        np.testing.assert_allclose(ends, found.build, atol=1e-4)


def test_who_may_build_anything_at_a_price_of_nil_is_said_to() -> None:
    """C serves all customers at a price of nil, whatever it builds, and others care how much."""
    labs = [lb.Lab("A", 0.1), lb.Lab("B", 0.12), lb.Lab("C", 5)]
    market = lb.ClearingMarket(0.43, 0.5, worth=4, openness=0.9, conduct="price-taking")
    race = lb.Race(labs, market, lb.Technology(4, 0.25, leapfrog=0.9), 0.005, rungs=1)
    solution = lb.solve(race)
    found, verdict = solution.equilibria[0], lb.verdict(solution, check_cap=False)
    learned = lb.dynamics(race, laps=30)
    ends = np.array([learned.play[lab.name][-1] for lab in labs])
    for shares in (found.build, ends):  # two equilibria that differ in what C builds, and A
        assert certificate(race, shares).regret.max() < 1e-9
    assert (abs(found.build - ends)[[0, 2]].max(axis=1) > [0.02, 0.5]).all()
    printed = StringIO()
    Console(file=printed, width=200).print(page(solution, found, verdict))
    assert "Not unique: a gain of zero leaves" in printed.getvalue()


def test_lists_of_price_takers_who_may_build_anything_are_partial() -> None:
    labs = [lb.Lab("A", 0.1), lb.Lab("C", 5)]
    market = lb.ClearingMarket(0.43, 0.5, worth=4, openness=0.9, conduct="price-taking")
    race = lb.Race(labs, market, lb.Technology(4, 0.25, leapfrog=0.9), 0.005, rungs=2)
    listed = lb.solve(race, all=True)
    assert listed.complete == "partial" and "success is worth nothing" in listed.census.message
    scarce = lb.solve(replace(race, market=lb.ScarceMarket(0.43)), all=True)
    assert scarce.complete in ("searched", "proved")

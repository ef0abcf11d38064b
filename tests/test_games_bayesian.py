"""Games of private information: the agent form by hand, and auctions and firms of the textbooks."""

from fractions import Fraction
from io import StringIO
from itertools import product

import numpy as np
import pytest
from rich.console import Console
from scipy.optimize import linprog

import leaderbored as lb
from leaderbored.games.formats.gamefile import load, loads, starter
from leaderbored.games.problems import GameFileError
from leaderbored.games.rationals import number_of
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.finite.certificate import by_types, regret
from leaderbored.solvers.finite.method import FiniteMethod
from leaderbored.solvers.finite.types import certified, equilibria
from leaderbored.solvers.finite.types_of_many import OfTypes, of_many

WINS = "({0} - b) * ((b > {1}.b) + (b == {1}.b) / 2)"


@pytest.mark.parametrize("seed", range(6))
def test_agents_expect_what_their_players_do(seed: int) -> None:
    """Two players with two types and two actions, a joint prior, and one of three by hand."""
    rng = np.random.default_rng(seed)
    prior = rng.integers(0, 5, (2, 2)) + np.eye(2, dtype=int)
    game = lb.Bayesian(
        ["A", "B"],
        {"t": [0, 1]},
        {"x": [1, 3]},
        ["c * x * B.x + t * x - B.t * B.x", "x * A.t - t * A.x + x**2 / 7"],
        prior.tolist(),
        {"c": 0.5},
    )
    agents = game.agents
    assert agents.players == ("A (t = 0)", "A (t = 1)", "B (t = 0)", "B (t = 1)")

    def payoff(who: int, t: tuple[int, int], x: tuple[int, int]) -> Fraction:
        if who == 0:
            return Fraction(x[0] * x[1], 2) + t[0] * x[0] - t[1] * x[1]
        return Fraction(x[1] * t[0] - t[1] * x[0]) + Fraction(x[1] ** 2, 7)

    for profile in product(range(2), repeat=4):
        picks = [(1, 3)[a] for a in profile]
        for who, own in product(range(2), repeat=2):
            expected, weight = Fraction(0), 0
            for other in range(2):
                t = (own, other) if who == 0 else (other, own)
                x = (picks[t[0]], picks[2 + t[1]])
                expected += int(prior[t]) * payoff(who, t, x)
                weight += int(prior[t])
            found = number_of(agents.payoffs[(2 * who + own, *profile)])
            assert float(found) == pytest.approx(float(expected / weight), abs=1e-12)


def test_a_type_that_never_occurs_is_left_out() -> None:
    game = lb.Bayesian(["A", "B"], {"t": [0, 1]}, {"x": [0, 1]}, "x * t", [["1/3", 0], ["2/3", 0]])
    assert game.agents.players == ("A (t = 0)", "A (t = 1)", "B (t = 0)")


def test_a_firm_does_not_know_its_rival_s_costs() -> None:
    """Cournot with one-sided information (Gibbons 1992, 3.1.A): 3 against 2.5 and 3.5."""
    game = lb.Bayesian(
        ["one", "two"],
        [{"t": [0]}, {"c": [0, 2]}],
        {"q": {"from": 2, "to": 4, "step": 0.5}},
        ["(10 - q - two.q - 1) * q", "(10 - q - one.q - c) * q"],
    )
    solution = lb.solve(game)
    names = solution.game.strategies[0]
    found = {
        tuple(names[int(law.argmax())] for law in e.strategies.values())
        for e in solution.equilibria
        if all(law.max() == 1 for law in e.strategies.values())
    }
    assert ("3", "3.5", "2.5") in found


@pytest.mark.parametrize("first_price", [True, False])
def test_an_auction_of_two_who_want_it_or_not(first_price: bool) -> None:
    """Values 0 or 1, at even odds. Who wants it mixes over bids up to one half and gets one half.

    In the first-price auction by F(b) = b / (1 - b), in the all-pay auction evenly; on a grid of
    bids up to the size of a step.
    """
    step = 0.1
    pays = "v * ((b > {0}.b) + (b == {0}.b) / 2) - b"
    formula = WINS.replace("{0}", "v").replace("{1}", "{0}") if first_price else pays
    game = lb.Bayesian(
        ["A", "B"],
        {"v": [0, 1]},
        {"b": {"from": 0, "to": 0.6, "step": step}},
        [formula.format("B"), formula.format("A")],
    )
    solution = lb.solve(game, all=False)
    (found,) = solution.equilibria
    assert found.regret < 1e-9
    assert found.strategies["A (v = 1)"][-1] < 1e-9
    wants = dict(zip(solution.game.players, found.payoffs, strict=True))
    for who in "AB":
        assert wants[f"{who} (v = 1)"] == pytest.approx(0.5, abs=step)
        assert wants[f"{who} (v = 0)"] == pytest.approx(0.0, abs=1e-9)


def test_files_and_their_mistakes() -> None:
    game = load(starter("bayesian"))
    assert game.agents.shape == (3, 3, 3, 3)
    bad = """kind = "bayesian"
players = ["A", "B"]
types = { v = [1, 2] }
actions = { v = [0, 1] }
payoffs = ["v"]
"""
    with pytest.raises(GameFileError) as refused:
        loads(bad)
    assert "is a type too" in str(refused.value)
    assert "a formula for each of 2 players" in str(refused.value)


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        ("[[1, 2]]", "expected 2 x 2 numbers"),
        ("[[1, -2], [0, 1]]", "expected finite numbers of 0 or more"),
        ("[[0, 0], [0, 0]]", "expected some types that occur"),
        ('[[1, "x"], [0, 1]]', "expected numbers, nested"),
        ("[[1], [0, 1]]", "expected numbers, nested"),
        ('"w"', "unknown name 'w'"),
        ('"-v"', "0 or more"),
    ],
)
def test_what_is_no_prior(prior: str, words: str) -> None:
    text = f"""kind = "bayesian"
players = ["A", "B"]
types = {{ v = [1, 2] }}
actions = {{ b = [0, 1] }}
payoffs = "v * b"
prior = {prior}
"""
    with pytest.raises(GameFileError) as refused:
        loads(text)
    assert words in str(refused.value)


def test_one_player_knows_its_type_and_does_what_is_best() -> None:
    solution = lb.solve(lb.Bayesian(["A"], {"v": [-1, 2]}, {"b": [0, 1]}, "v * b"))
    (found,) = solution.equilibria
    assert found.payoffs.tolist() == [0, 2] and solution.complete == "proved"


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("types", "{ v = [1e300, 2] }"),
        ("types", '["' + 80 * "y" + '", "z"]'),
        ("players", '["' + 80 * "A" + '", "B"]'),
        ("actions", "{ b = [1e-300, 0, 2] }"),
    ],
)
def test_agents_of_long_names_and_large_numbers_have_names_that_fit(what: str, given: str) -> None:
    lines = {
        "players": '["A", "B"]',
        "types": "{ v = [1, 2] }",
        "actions": "{ b = [0, 1] }",
        "payoffs": '"b"',
    }
    text = "".join(f"{key} = {value}\n" for key, value in (lines | {what: given}).items())
    agents = loads('kind = "bayesian"\n' + text).agents
    assert len(set(agents.players)) == 4
    assert max(len(name) for name in agents.players) <= 80


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("finite", "strategies = { x = [1e300, 1] }", "no finite number"),
        ("finite", "strategies = { x = [1" + 400 * "0" + ", 1] }", "range of floating point"),
        ("finite", 'strategies = ["' + 81 * "x" + '", "y"]', "at most 80 characters"),
        ("bayesian", "types = { v = [1e300, 1] }\nactions = { x = [1, 2] }", "finite number"),
    ],
)
def test_numbers_and_names_beyond_bounds_are_refused(kind: str, given: str, told: str) -> None:
    payoffs = "x * x * sum(x)" if kind == "finite" else "v * v * v * x"
    with pytest.raises(GameFileError, match=told):
        loads(f'kind = "{kind}"\nplayers = ["A", "B"]\n{given}\npayoffs = "{payoffs}"\n')


BID = "(v - b) * ((b > others(b)) + (b == others(b)) / 2)"


def test_a_first_price_auction_of_many_types_is_solved_type_by_type() -> None:
    """Each regret is that of the definition: no bid of no value earns more against the others'."""
    values, bids = [1, 2, 3, 4, 5], [k / 4 for k in range(21)]
    game = lb.Bayesian(["A", "B"], {"v": values}, {"b": bids}, BID)
    solution = lb.solve(game)
    assert solution.game is game and solution.status.ok and solution.complete == "partial"
    for equilibrium in solution.equilibria:
        bid_of = np.sum([equilibrium.strategies[f"B (v = {v})"] for v in values], axis=0) / 5
        below = np.concatenate([[0.0], np.cumsum(bid_of)[:-1]])
        for value in values:
            earned = (value - np.array(bids)) * (below + bid_of / 2)
            law = equilibrium.strategies[f"A (v = {value})"]
            assert law @ earned == pytest.approx(earned.max(), abs=1e-12)
    best = max(float(e.payoffs[4]) for e in solution.equilibria)
    assert best == pytest.approx(2.0, abs=0.1)  # half of what the value exceeds the others' by


def test_type_by_type_is_what_the_agent_form_says() -> None:
    game = lb.Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 0.5, 1, 1.5]}, BID, "1 + A.v * B.v")
    for laws in lb.solve(game).equilibria:
        profile = [*laws.strategies.values()]
        found = certified(game, profile, "by hand")
        assert found.regret < 1e-12
        np.testing.assert_allclose(found.payoffs, laws.payoffs, atol=1e-12)
    uneven = [np.full(4, 0.25)] * 4
    form = regret(game.agents, uneven)
    assert certified(game, uneven, "by hand").regret > 0.01 and form.max() > 0.01
    np.testing.assert_allclose(
        certified(game, uneven, "by hand").payoffs, game.agents.expected(uneven)
    )


def test_kuhns_poker_is_worth_what_kuhn_found() -> None:
    """Kuhn 1950: the first player loses 1/18, however many ways there are to play well."""
    text = (
        "bet * (B.call * 2 * w + 1 - B.call)"
        " + (1 - bet) * (B.bluff * (later * 2 * w + later - 1) + (1 - B.bluff) * w)"
    )
    sign = "((A.c > B.c) - (A.c < B.c))"
    first = text.replace("w", sign).replace("A.c", "c")
    second = "-(" + text.replace("B.call", "call").replace("B.bluff", "bluff") + ")"
    second = second.replace("bet *", "A.bet *").replace("- bet)", "- A.bet)")
    second = second.replace("later", "A.later").replace("w", sign.replace("B.c", "c"))
    game = lb.Bayesian(
        ["A", "B"],
        {"c": [1, 2, 3]},
        [
            {"bet": [1, 0, 0], "later": [0, 0, 1]},
            {"call": [0, 0, 1, 1], "bluff": [0, 1, 0, 1]},
        ],
        [first, second],
        "A.c != B.c",
    )
    found = equilibria(game, None, all=None, budget=Budget(None), progress=None)
    assert found.value == pytest.approx(-1 / 18, abs=1e-12)
    for equilibrium in found.equilibria:
        king, jack = (equilibrium.strategies[f"A (c = {c})"][0] for c in (3, 1))
        assert king == pytest.approx(3 * jack, abs=1e-9)
        assert jack <= 1 / 3 + 1e-9


def test_three_bidders_of_whom_each_may_want_it_or_not() -> None:
    """If bids were fine, who wants it would get 1/4: it is alone so often."""
    bid = "(v - b) * (b == max(b)) / sum(b == max(b))"
    game = lb.Bayesian(3, {"v": [0, 1]}, {"b": {"from": 0, "to": 1, "step": 0.2}}, bid)
    assert game.form == "types"
    solution = lb.solve(game)
    first = solution.equilibria[0]
    assert first.regret < 1e-12 and solution.complete == "partial"
    assert first.payoffs[1] == pytest.approx(0.25, abs=0.03)
    low, high = first.strategies["2 (v = 0)"], first.strategies["2 (v = 1)"]
    assert low[0] == 1 and np.abs(high - first.strategies["3 (v = 1)"]).max() < 1e-9


@pytest.mark.slow
def test_many_types_of_three_are_what_the_agent_form_says() -> None:
    """Cournot of three whose costs are 1 or 2: about 2.375 and 1.875 (linear in the cost)."""
    quantities = {"q": {"from": 1.75, "to": 2.5, "step": 0.25}}
    weights = "1 + sum(c == 1)"
    game = lb.Bayesian(3, {"c": [1, 2]}, quantities, "(10 - sum(q) - c) * q", weights)
    random = np.random.default_rng(0)
    for laws in [random.dirichlet(np.ones(4), 6) for _ in range(4)]:
        found = certified(game, laws, "by hand")
        np.testing.assert_allclose(found.payoffs, game.agents.expected(laws), atol=1e-12)
        rewards, slopes = OfTypes(game).derivatives(laws)
        moved = np.array(laws)
        moved[4] += np.array([0.1, 0, -0.1, 0])
        gained = slopes[0][:, 16:20] @ (moved[4] - laws[4])
        np.testing.assert_allclose(OfTypes(game).derivatives(moved)[0][0] - rewards[0], gained)
    found, sought = of_many(game, FiniteMethod(), True, Budget(None))
    assert found and "best replies in turn" in sought
    for _, laws in found:
        assert regret(game.agents, laws).max() < 1e-10
        sold = [law @ np.arange(1.75, 2.6, 0.25) for law in laws]
        assert np.abs(np.array(sold) - [2.375, 1.875] * 3).max() < 0.26


def test_more_payoffs_than_can_be_worked_out_are_refused() -> None:
    with pytest.raises(ValueError, match="actions: expected at most 2,000,000"):
        lb.Bayesian(4, {"v": [*range(6)]}, {"b": [*range(9)]}, "b")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('prior = "prod(', 'prior = { low = 1, high = 2 }\nname = "', "such as prod(0.3 * low"),
        ('["low", "high"]', '{ v = ["low", "high"] }', "names stand in a list of their own"),
        ('["A", "B"]', '[{ name = "A" }, { name = "B" }]', "expected names of players; strategies"),
    ],
)
def test_what_is_written_elsewhere_is_told_where(old: str, new: str, words: str) -> None:
    text = """kind = "bayesian"
players = ["A", "B"]
types = ["low", "high"]
prior = "prod(low + 2 * high)"
actions = ["in", "out"]
payoffs = "in * (high - others(in) * low)"
"""
    assert loads(text).weights.tolist() == [[1, 2], [2, 4]]
    with pytest.raises(GameFileError) as refused:
        loads(text.replace(old, new))
    assert words in str(refused.value)


def test_definitions_may_be_of_actions_that_no_prior_knows() -> None:
    let = {"price": "(buyer.p + seller.p) / 2", "trade": "buyer.p >= seller.p", "w": "v + 1"}
    kinds, actions = [{"v": [0, 1]}, {"c": [0, 1]}], {"p": [0, 1]}
    payoffs = {"buyer": "(v - price) * trade", "seller": "(price - c) * trade"}
    game = lb.Bayesian(["buyer", "seller"], kinds, actions, payoffs, "w", let=let)
    assert [[int(x) for x in row] for row in game.weights] == [[1, 1], [2, 2]]
    assert float(game.tables[0][1, 1, 0, 0]) == 0.5  # worth 1, bid 1, asked 0: at a price of 1/2
    with pytest.raises(ValueError, match=r"unknown name .buyer\.p"):
        lb.Bayesian(["buyer", "seller"], kinds, actions, payoffs, "price", let=let)


def test_a_table_whose_places_run_out_is_named() -> None:
    with pytest.raises(ValueError, match=r"T\[2\] is looked up: it has 2 places"):
        lb.Bayesian(["A", "B"], {"v": [0, 1]}, {"p": [0, 2]}, "T[p] * v", parameters={"T": [1, 2]})


def test_what_types_expect_is_summed_over_all_that_may_happen() -> None:
    """Three players of whom some pairs of types never meet, by a loop over all of it."""
    random = np.random.default_rng(5)
    prior = random.integers(0, 3, (2, 3, 2)).astype(float)
    game = lb.Bayesian(
        ["A", "B", "C"],
        [{"s": [0, 1]}, {"t": [0, 1, 2]}, {"u": [0, 1]}],
        [{"x": [0, 1, 2]}, {"y": [0, 1]}, {"z": [0, 1]}],
        "sin(1 + A.s + 2 * B.t * A.x - 3 * C.u * B.y + A.x * C.z + B.y * C.z)",
        prior.tolist(),
    )
    laws = [random.dirichlet(np.ones(3 if i == 0 else 2)) for i, _ in game.who]
    law = dict(zip(game.who, laws, strict=True))
    expected = []
    for i, own in game.who:
        paid = weight = 0.0
        for types in product(range(2), range(3), range(2)):
            if types[i] != own or not prior[types]:
                continue
            weight += prior[types]
            for x, y, z in product(range(3), range(2), range(2)):
                chance = law[0, types[0]][x] * law[1, types[1]][y] * law[2, types[2]][z]
                (s, t, u), odds = types, prior[types] * chance
                paid += odds * np.sin(1 + s + 2 * t * x - 3 * u * y + x * z + y * z)
        expected.append(paid / weight)
    assert by_types(game, laws)[0] == pytest.approx(expected, abs=1e-13)


def test_poker_has_its_value_in_agent_form_too() -> None:
    """Borel's with hands 0, 1, 2, against a linear programme of what is bet and called."""
    text = """
    kind = "bayesian"
    players = ["I", "II"]
    types = { h = [0, 1, 2] }
    actions = [["bet", "check"], ["call", "fold"]]
    [payoffs]
    I = "check * sign(h - II.h) + bet * (II.fold + 2 * II.call * sign(h - II.h))"
    II = "-(I.check * sign(I.h - h) + I.bet * (fold + 2 * call * sign(I.h - h)))"
    """
    game = loads(text)
    assert game.form == "agents"
    solution = lb.solve(game)
    hands = 3
    better = np.sign(np.subtract.outer(range(hands), range(hands))) / hands**2
    chance = np.full((hands, hands), 1 / hands**2)
    aim = np.concatenate([-(chance - better).sum(axis=1), -np.ones(hands)])
    called = np.hstack([-(2 * better - chance).T, np.eye(hands)])
    bounds = [(0, 1)] * hands + [(None, 0)] * hands
    best = linprog(aim, A_ub=called, b_ub=np.zeros(hands), bounds=bounds)
    assert solution.value == pytest.approx(-best.fun, abs=1e-9)
    with StringIO() as out:
        Console(file=out, width=200).print(solution.table())
        said = f"the first player expects, before types are drawn, {solution.value:.9g} in every"
        assert said in " ".join(out.getvalue().split())

"""Markov games: numbers in lists, several actions, turns, what is allowed, private shocks."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.stats import norm

import leaderbored as lb
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load, loads
from leaderbored.games.problems import GameFileError
from leaderbored.solvers.solution import Census, Status
from leaderbored.solvers.stochastic import MarkovMethod, Search
from leaderbored.solvers.stochastic.certificate import regret
from leaderbored.solvers.stochastic.derived import Derived
from leaderbored.solvers.stochastic.outcome import unfound
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.steered import Steered
from leaderbored.solvers.stochastic.tabled import Tabled


def test_numbers_of_a_list_are_numbers_in_formulas() -> None:
    """A price each, the lower takes all: as the same game in tables."""
    payoff = "p * (1 if p < {0}.p else 0.5 if p == {0}.p else 0) + 0.1 * (p == 2)"
    prices = [1, 2.5, 4]
    players = [
        lb.MarkovPlayer(name, payoff.format(rival), actions={"p": prices})
        for name, rival in (("A", "B"), ("B", "A"))
    ]
    solution = lb.solve(lb.MarkovGame(players, 0.5, time="discrete"), all=True)

    def earns(p: float, q: float) -> float:
        return p * (1 if p < q else 0.5 if p == q else 0)

    table = [[earns(p, q) for q in prices] for p in prices]
    once = lb.solve(lb.NormalForm([table, np.transpose(table).tolist()]))
    expected = {tuple(np.concatenate([*e.strategies.values()]).round(6)) for e in once.equilibria}
    found = {
        tuple(np.concatenate([x[0] for x in e.policy.values()]).round(6))
        for e in solution.equilibria
    }
    assert found <= expected and (1, 0, 0, 1, 0, 0) in found
    assert all(e.regret < 1e-12 for e in solution.equilibria)


def test_several_real_actions_of_a_player() -> None:
    """(4 - x) x + x y - y y / 2: y = x, and x = 4, at which it earns 8 a year."""
    alone = lb.MarkovPlayer("A", "(4 - x) * x + x * y - y**2 / 2", {"x": (0, 9), "y": (-1, 9)})
    (found,) = lb.solve(lb.MarkovGame([alone], 0.5), all=True).equilibria
    np.testing.assert_allclose(found.policy["A"], [[4.0, 4.0]], atol=1e-9)
    assert found.value[0, 0] == pytest.approx(16.0) and found.regret < 1e-9


def test_regret_sees_a_jump_of_two_actions_at_once() -> None:
    """Either alone loses from (0, 0), both together gain."""
    alone = lb.MarkovPlayer("A", "3 * x * y - x - y", {"x": (0, 1), "y": (0, 1)})
    game = lb.MarkovGame([alone], 1.0)
    from leaderbored.solvers.stochastic.certificate import regret
    from leaderbored.solvers.stochastic.problem import Problem

    problem = Problem(game)
    assert regret(problem, np.zeros((2, 1))).max() > 0.5
    assert regret(problem, np.ones((2, 1))).max() < 1e-12


def test_a_list_and_a_real_action_of_one_player() -> None:
    """Who is in sells against B, which is worth it as long as Cournot's profit exceeds its cost."""
    text = """
    kind = "markov"
    time = "discrete"
    discount = 0.8
    [[players]]
    name = "A"
    action = {{ x = [0, 3] }}
    actions = ["in", "out"]
    payoff = "in * ((3 - x - B.x) * x - {cost}) - 0.01 * out * x**2"
    [[players]]
    name = "B"
    action = {{ x = [0, 3] }}
    payoff = "(3 - x - A.x * A.in) * x"
    """
    found = lb.solve(loads(text.format(cost=0.5))).equilibria[0]
    np.testing.assert_allclose(found.policy["A"], [[1, 1, 0]], atol=1e-9)
    np.testing.assert_allclose(found.policy["B"], [1.0], atol=1e-9)
    assert found.value[0, 0] == pytest.approx(0.5 / 0.2)
    (found,) = lb.solve(loads(text.format(cost=2.5))).equilibria
    np.testing.assert_allclose(found.policy["A"], [[0, 0, 1]], atol=1e-6)
    np.testing.assert_allclose(found.policy["B"], [1.5], atol=1e-6)


def documented(name: str) -> str:
    """The file of the documentation that has a name."""
    text = (Path(__file__).parents[1] / "docs" / "game-files.md").read_text()
    (found,) = [
        part for part in text.split("```toml")[1:] if f'name = "{name}"' in part.split("```")[0]
    ]
    return found.split("```")[0]


@pytest.mark.slow
def test_players_move_in_turn_and_take_what_is_there() -> None:
    """Who takes the last of a pile wins, one or two at a time: piles of three lose."""
    game = loads(documented("Take away"))
    solution = lb.solve(game, all=True)
    found = solution.equilibria[0]
    assert found.regret < 1e-12
    for s in range(game.size):
        spot = game.spot(s)
        if spot["pile"]:
            rounds, wins = (spot["pile"] - 1) // 3, spot["pile"] % 3 > 0
            late = 2 * rounds + (0 if wins else 1)  # the last move is so many periods away
            value = (1 if wins else -1) * 0.9**late
            assert found.value[spot["mover"], s] == pytest.approx(value)
            assert found.policy["AB"[1 - spot["mover"]]][s].sum() == 0  # it is not its turn
            if spot["pile"] == 1:
                np.testing.assert_allclose(found.policy["AB"[spot["mover"]]][s], [1, 0])
    assert solution.complete == "partial" and "indifferent" in solution.census.message


def test_bounds_may_depend_on_the_state() -> None:
    lab = lb.MarkovPlayer(
        "lab", "x", {"x": (0, "s + 1")}, events=[lb.Event({"s": "s + 1"}, hazard="1")]
    )
    (found,) = lb.solve(lb.MarkovGame([lab], 0.5, states={"s": (0, 3)}), all=True).equilibria
    np.testing.assert_allclose(found.policy["lab"], [1, 2, 3, 4])


REPLACE = documented("When to replace an engine").replace("shocks = 1.0", "shocks = 0.7")


def test_an_engine_is_replaced_as_often_as_value_iteration_says() -> None:
    """Private shocks of mean zero: values are the size times the log of the sum of exponentials."""
    (found,) = lb.solve(loads(REPLACE), all=True).equilibria
    value, k = np.zeros(5), np.arange(5)
    for _ in range(500):
        worn = value[np.minimum(k + 1, 4)]
        keep = -0.6 * k + 0.9 * (0.4 * worn + 0.6 * value)
        new = -3 + 0.9 * value[0]
        value = 0.7 * np.logaddexp(keep / 0.7, new / 0.7)
    np.testing.assert_allclose(found.value[0], value, atol=1e-9)
    odds = 1 / (1 + np.exp((keep - new) / 0.7))
    np.testing.assert_allclose(found.policy["owner"][:, 0], odds, atol=1e-9)
    assert found.regret < 1e-12


def test_regret_of_choice_probabilities_that_are_not_best() -> None:
    from leaderbored.solvers.stochastic.certificate import regret
    from leaderbored.solvers.stochastic.problem import Problem

    problem = Problem(loads(REPLACE))
    assert regret(problem, np.full((2, 5), 0.5)).max() > 0.01


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ('turn = "oops == 1"', "turn"),
        ('allowed = "buy > rival"', "allowed"),
        ('allowed = "wear > 5"', "allowed"),
        ("shocks = -1", "shocks"),
    ],
)
def test_what_cannot_be_is_named(change: str, place: str) -> None:
    text = REPLACE.replace("shocks = 0.7", change)
    with pytest.raises(GameFileError) as caught:
        loads(text)
    assert [mistake.place for mistake in caught.value.mistakes] == [f"players[0].{place}"]


def test_shocks_want_a_list_in_discrete_time() -> None:
    text = """
    kind = "markov"
    discount = 0.1
    players = [{ name = "A", actions = ["a", "b"], shocks = 1, payoff = "a" }]
    """
    with pytest.raises(GameFileError, match="expected in discrete time"):
        loads(text)


@pytest.mark.parametrize("name", ["Take away", "When to replace an engine", "ericson-pakes-1995"])
def test_tables_of_profiles_say_what_formulas_derived_by_symbols_say(name: str) -> None:
    """Chances, payoffs, and what every choice moves, at any probabilities of actions."""
    game = load(find(name)) if name == "ericson-pakes-1995" else loads(documented(name))
    tables, derived = Problem(game), Problem(game, Derived.of(game))
    assert isinstance(tables.stage, Tabled)
    random, x = np.random.default_rng(1), np.zeros((len(tables.stage.choices), game.size))
    for i in tables.level_of:
        own = tables.stage.listed(i)
        law = tables.lawful(i, 0.1 + random.random(x[own].shape))
        x[own] = np.where(tables.idle[i], 0.0, law)
    (moves, payoffs), (others, paid) = tables.chain(x), derived.chain(x)
    live = ~game.ended
    np.testing.assert_allclose((moves - others).toarray()[live], 0, atol=1e-12)
    np.testing.assert_allclose(payoffs[:, live], paid[:, live], atol=1e-12)
    one, other = (p.residual(p.point(x)) for p in (tables, derived))
    choices = tables.slot["choice"]
    for i in tables.level_of:  # what one action brings more than another
        own, free = choices[tables.stage.listed(i)], ~tables.idle[i]
        allowed = tables.upper[own] > 0
        gaps = [np.where(allowed, f[own], np.nan)[:, free] for f in (one, other)]
        gaps = [gap - np.nanmax(gap, axis=0) for gap in gaps]
        np.testing.assert_allclose(*gaps, atol=1e-9)


def test_chances_are_looked_at_for_every_profile_of_actions() -> None:
    """Where both do the same, nothing happens: no mixture of the two shows what is wrong."""
    players = [lb.MarkovPlayer(name, "go", actions=("go", "stay")) for name in "AB"]
    event = lb.Event({"s": "1 - s"}, chance="A.go - B.go")
    with pytest.raises(ValidationError, match=r"found -1, as at s = 0 with A\.go = 0") as caught:
        lb.MarkovGame(players, discount=0.9, time="discrete", states={"s": (0, 1)}, events=[event])
    assert "events[0].chance" in str(caught.value)


def test_a_group_whose_chances_are_too_large_together_says_with_whom() -> None:
    leaving = lb.Event({"s": "1"}, chance="go", group="all")
    players = [lb.MarkovPlayer(n, "go", actions=("go", "stay"), events=[leaving]) for n in "AB"]
    expected = r"in all of its group, found 2 together with players\[0\].events\[0\]"
    with pytest.raises(ValidationError, match=expected):
        lb.MarkovGame(players, discount=0.9, time="discrete", states={"s": (0, 1)})


def test_normal_shocks_against_value_iteration() -> None:
    """Of two actions: keep with the odds Phi(gap / (s sqrt 2)), by hand, again and again."""
    text = documented("When to replace an engine")
    solution = lb.solve(loads(text.replace("shocks = 1.0", 'shocks = 1.5\nshock_law = "normal"')))
    spread, wear, value = 1.5 * np.sqrt(2), np.arange(5), np.zeros(5)
    for _ in range(400):
        used = 0.4 * value[np.minimum(wear + 1, 4)] + 0.6 * value
        keep, replace = -0.6 * wear + 0.9 * used, -3 + 0.9 * value[0]
        gap = (keep - replace) / spread
        value = replace + spread * (gap * norm.cdf(gap) + norm.pdf(gap))
    (found,) = solution.equilibria
    np.testing.assert_allclose(found.value[0], value, rtol=1e-10)
    np.testing.assert_allclose(found.policy["owner"][:, 1], norm.cdf(gap), rtol=1e-9)


def test_normal_shocks_of_three_actions_are_answered_by_both() -> None:
    """What each does is what it would pick: drawn at random, from values of the answer."""
    firm = lb.MarkovPlayer(
        "firm",
        "(a + 1.5 * b) * (1 - others(a + b))",
        actions=("a", "b", "c"),
        shocks=0.8,
        shock_law="normal",
        count=2,
    )
    (found,) = lb.solve(lb.MarkovGame([firm], discount=0.9, time="discrete")).equilibria
    law = found.policy["firm 1"][0]
    rest = 1 - law[:2].sum()
    drawn = np.random.default_rng(1).standard_normal((400_000, 3)) * 0.8
    picks = (np.array([rest, 1.5 * rest, 0.0]) + drawn).argmax(axis=1)
    np.testing.assert_allclose(np.bincount(picks) / len(picks), law, atol=4e-3)
    assert found.regret < 1e-9


@pytest.mark.parametrize(
    ("payoff", "shocks", "complete"),
    [("2 * a + c", "0", "proved"), ("a + b", "0", "partial"), ("a + b", "1", "proved")],
)
def test_a_player_alone_has_one_best_policy_unless_there_are_ties(
    payoff: str, shocks: str, complete: str
) -> None:
    alone = lb.MarkovPlayer("A", payoff, actions=("a", "b", "c"), shocks=shocks)
    idle = lb.MarkovPlayer("B", "a", actions=("none",))
    solution = lb.solve(lb.MarkovGame([alone, idle], 0.5, time="discrete"), all=True)
    assert solution.complete == complete and len(solution.equilibria) == 1


def steered(time: str) -> lb.MarkovGame:
    """Two firms that invest, of which A gains a little by what B invests."""
    often = "chance" if time == "discrete" else "hazard"
    players = [
        lb.MarkovPlayer(
            name,
            "k * (4 - k - others(k)) - i**2",
            {"i": (0, 1)},
            states={"k": (0, 1)},
            events=[lb.Event({"k": text}, **{often: rate})],
        )
        for name, text, rate in (
            ("A", "max(0.7 * k, 0.5) + i + 0.1 * B.i", "0.7 + 0.1 * i"),
            ("B", "0.7 * k + i", "1"),
        )
    ]
    return lb.MarkovGame(players, discount=0.9, time=time)


@pytest.mark.parametrize("time", [pytest.param("discrete", marks=pytest.mark.slow), "continuous"])
def test_what_real_actions_steer_is_what_formulas_derived_by_symbols_say(time: str) -> None:
    game = steered(time)
    fast, slow = Problem(game), Problem(game, Derived.of(game))
    assert isinstance(fast.stage, Steered)
    low, high = fast.choice_bounds
    x = low + np.random.default_rng(2).random(low.shape) * (high - low)
    (moves, payoffs), (others, paid) = fast.chain(x), slow.chain(x)
    np.testing.assert_allclose(moves.toarray(), others.toarray(), atol=1e-12)
    np.testing.assert_allclose(payoffs, paid, atol=1e-12)
    z = fast.point(x)
    z[fast.slot["kink"]] = np.minimum(np.floor(z[fast.slot["kink"]]), 1) + 0.3  # at no corner
    step = 1e-6 * np.eye(len(z))
    slopes = np.array([(fast.residual(z + h) - fast.residual(z - h)) / 2e-6 for h in step]).T
    rows = np.concatenate([fast.slot["value"].ravel(), fast.slot["choice"].ravel()])
    np.testing.assert_allclose(fast.jacobian(z).toarray()[rows], slopes[rows], atol=1e-5)


def test_a_fine_grid_of_a_stock_gives_the_shares_of_the_closed_form() -> None:
    game = load(find("levhari-mirman-1980"), ["states.y=[0,24]", "parameters.step=0.125"])
    (found,) = lb.solve(game).equilibria
    assert found.regret < 1e-12
    np.testing.assert_allclose(found.policy["A"], 0.55 / 1.55, rtol=1e-9)


def test_investment_rests_where_the_value_of_capital_has_a_kink() -> None:
    """One firm, against value iteration over all that it can invest, on a fine grid."""
    firm = lb.MarkovPlayer(
        "firm",
        "sqrt(k) - i**2",
        {"i": (0, 2)},
        states={"k": (0, 6)},
        events=[lb.Event({"k": "0.8 * k + i"}, chance="1")],
    )
    (found,) = lb.solve(lb.MarkovGame([firm], discount=0.9, time="discrete")).equilibria
    k, i, value = np.arange(7.0), np.linspace(0, 2, 20_001), np.zeros(7)
    for _ in range(400):
        after = np.interp(0.8 * k[:, None] + i, k, value)
        paid = np.sqrt(k)[:, None] - i**2 + 0.9 * after
        value = paid.max(axis=1)
    np.testing.assert_allclose(found.value[0], value, rtol=1e-7)
    np.testing.assert_allclose(found.policy["firm"], i[paid.argmax(axis=1)], atol=2e-4)
    assert found.proof.holds and found.proof.of == "first-order point"


def test_a_proof_of_what_real_actions_steer_holds_the_closed_form() -> None:
    (found,) = lb.solve(load(find("levhari-mirman-1980"), ["states.y=[0,6]"]), all=False).equilibria
    assert found.proof.holds, found.proof.reason
    part = Fraction(0.5) * Fraction(0.9)
    share = (1 - part) / (2 - part)
    for policy in found.policy.values():
        apart = max(abs(Fraction(float(one)) - share) for one in np.ravel(policy))
        assert apart <= found.proof.radius < 1e-12
    assert found.regret < 1e-9


@pytest.mark.slow
def test_the_lowest_point_beside_a_bound_is_counted() -> None:
    """A root whose event is bad: the payoff falls from nothing, and then rises again."""
    a = lb.MarkovPlayer(
        "A",
        "1.3 * x - 0.35 * x**2 + 0.4 * x * B.x",
        {"x": (0, 1)},
        events=[lb.Event({"s": "s + 1"}, chance="0.4 * sqrt(x)")],
    )
    b = lb.MarkovPlayer(
        "B",
        "(1.2 + 0.2 * s) * x - 0.5 * x**2",
        {"x": (0, 1)},
        events=[lb.Event({"s": "s - 1"}, chance="0.1 * x")],
    )
    game = lb.MarkovGame([a, b], discount=0.8, time="discrete", states={"s": (0, 1)})
    solution = lb.solve(game, all=True)
    assert solution.complete == "searched" and len(solution.equilibria) == 1
    assert "of other starts lead to a new one (95% confidence)" in solution.census.message
    np.testing.assert_allclose(solution.equilibria[0].policy["A"], 1.0)


def test_three_fleets_take_the_shares_of_the_closed_form() -> None:
    fleet = lb.MarkovPlayer("F", "log(share) - 4 + 0.3 * y", {"share": (0.01, 0.32)}, count=3)
    left = "(0.5 * (-4 + 0.3 * y + log(1 - sum(share))) + 4) / 0.3"
    game = lb.MarkovGame(
        [fleet],
        discount=0.9,
        time="discrete",
        states={"y": (0, 12)},
        events=[lb.Event({"y": left}, chance="1")],
    )
    (found,) = lb.solve(game).equilibria
    np.testing.assert_allclose(found.policy["F 1"], 0.55 / 2.1, rtol=1e-9)


def test_the_big_match_with_discounting() -> None:
    """A stops with the chance r / (1 + r), r being one less the factor (Blackwell, 1968)."""
    a = lb.MarkovPlayer("A", "s == 1 or s == 0 and go == B.right", actions=("go", "stop"))
    b = lb.MarkovPlayer("B", "-(s == 1 or s == 0 and A.go == right)", actions=("left", "right"))
    events = [
        lb.Event({"s": str(to)}, chance=f"A.stop * B.{side} * (s == 0)", group="end")
        for side, to in (("left", 1), ("right", 2))
    ]
    game = lb.MarkovGame([a, b], 0.9, time="discrete", states={"s": (0, 2)}, events=events)
    (found,) = lb.solve(game).equilibria
    np.testing.assert_allclose(found.policy["A"][0], [1 / 1.1, 0.1 / 1.1], rtol=1e-9)
    assert found.value[0, 0] == pytest.approx(5.0)


def test_the_last_steps_of_a_patent_race() -> None:
    """Both a step from a prize of 10: e = 10 - V and r V = e**2 / 2 - e V, at quadratic costs."""
    players = [
        lb.MarkovPlayer(
            name,
            "-e^2 / 2",
            {"e": (0, 10)},
            states={"left": (0, 3)},
            end="10 * (left == 0)",
            events=[lb.Event({"left": "left - 1"}, hazard="e")],
        )
        for name in "AB"
    ]
    game = lb.MarkovGame(players, discount=0.05, ends="A.left == 0 or B.left == 0")
    solution = lb.solve(game, all=True)
    assert solution.complete == "searched" and len(solution.equilibria) == 1
    effort = max(np.roots([1.5, -9.95, -0.5]))
    assert solution.equilibria[0].policy["A"][5] == pytest.approx(effort)


@pytest.mark.slow
def test_kinks_are_written_out_where_the_staircase_is_not_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("leaderbored.solvers.stochastic.search.ROUNDS", 0)
    (found,) = lb.solve(load(find("levhari-mirman-1980"), ["states.y=[0,4]"])).equilibria
    assert found.regret < 1e-9


ENTRY = """
kind = "markov"
time = "discrete"
discount = 0.9
tables = { profit = [[0, 0, 0], [1.0, 0.5, 0.3], [2.0, 1.2, 0.8]] }

[[players]]
name = "firm"
count = 2
states = { w = [0, 2] } # 0 is out
action = { x = [0, "4 * (w > 0)"] }
actions = ["stay", "leave"] # who is out and stays, enters
shocks = 0.7
let = { lives = "stay * (w > 0)", success = "2 * x / (1 + 2 * x)" }
payoff = "profit[w, others(w)] - lives * x + leave * (w > 0) - 2 * stay * (w == 0)"
events = [
  { chance = "leave * (w > 0)", group = "{name} moves", next = { w = "0" } },
  { chance = "stay * (w == 0)", group = "{name} moves", next = { w = "1" } },
  { chance = "lives * 0.7 * success", group = "{name} moves", next = { w = "w + 1" } },
  { chance = "lives * 0.3 * (1 - success)", group = "{name} moves", next = { w = "max(1, w - 1)"} },
]
"""


@pytest.mark.slow
def test_entry_and_exit_with_private_costs_beside_investment_against_value_iteration() -> None:
    """Investment is decided before the private shocks are known, entry and exit after."""
    profit = np.array([[0, 0, 0], [1.0, 0.5, 0.3], [2.0, 1.2, 0.8]])
    value, chance, invested = np.zeros((3, 3)), np.full((3, 3), 0.5), np.full((3, 3), 0.5)

    def law(own: int, other: int) -> np.ndarray:
        found, stay, x = np.zeros(3), chance[own, other], invested[own, other]
        found[0] += 1 - stay
        if own == 0:
            found[1] += stay
            return found
        better, worse = 0.7 * 2 * x / (1 + 2 * x), 0.3 / (1 + 2 * x)
        found[min(own + 1, 2)] += stay * better
        found[max(own - 1, 1)] += stay * worse
        found[own] += stay * (1 - better - worse)
        return found

    for _ in range(400):
        new, reply, more = np.empty((3, 3)), np.empty((3, 3)), np.zeros((3, 3))
        for own, other in np.ndindex(3, 3):
            ahead = 0.9 * value @ law(other, own)
            stay, leave = ahead[1] - 2, ahead[0]
            if own > 0:
                up, here, down = ahead[min(own + 1, 2)], ahead[own], ahead[max(own - 1, 1)]
                gain = 0.7 * (up - here) + 0.3 * (here - down)
                x = max((np.sqrt(max(2 * gain, 0)) - 1) / 2, 0)
                success, more[own, other] = 2 * x / (1 + 2 * x), x
                stay = here - x + 0.7 * success * (up - here) + 0.3 * (1 - success) * (down - here)
                leave = ahead[0] + 1
            worth = np.exp(np.array([stay, leave]) / 0.7)
            reply[own, other] = worth[0] / worth.sum()
            new[own, other] = profit[own, other] + 0.7 * np.log(worth.sum())
        value, chance, invested = new, (chance + reply) / 2, (invested + more) / 2
    (found,) = lb.solve(loads(ENTRY)).equilibria
    assert found.regret < 1e-9
    assert found.choice_error is not None
    assert found.choice_error < 1e-9
    assert np.allclose(found.value[0].reshape(3, 3), value, rtol=0, atol=1e-8)
    assert np.allclose(found.policy["firm 1"][:, 0].reshape(3, 3), invested, rtol=0, atol=1e-7)


INSPECTION = """
kind = "markov"
time = "discrete"
discount = 0.8
[[players]]
name = "I"
actions = ["look", "rest"]
payoff = "look * (2 * {taken} - 0.6) - {taken}"
[[players]]
name = "T"
action = {{ x = [0, 1] }}
actions = ["run", "hide"]
payoff = "{earned}"
"""


def test_real_and_listed_actions_of_one_player_against_the_closed_form() -> None:
    """T runs for x (1 - 2 l) - .3 x^2, which is as good as hiding for .1 if 1 - 2 l = sqrt(.12)."""
    text = INSPECTION.format(
        taken="T.run * T.x", earned="run * (x - 2 * I.look * x - 0.3 * x ** 2) + 0.1 * hide"
    )
    (found,) = lb.solve(loads(text)).equilibria
    caught, taken = (1 - np.sqrt(0.12)) / 2, np.sqrt(0.12) / 0.6
    assert np.allclose(found.policy["I"], [[caught, 1 - caught]], rtol=0, atol=1e-9)
    assert np.allclose(found.policy["T"][0, :2], [taken, 0.3 / taken], rtol=0, atol=1e-9)


@pytest.mark.slow
def test_a_real_action_that_should_differ_by_the_action_of_the_list_has_no_equilibrium() -> None:
    """Nothing that is found is called one, and least of all odds that add up to nothing."""
    text = INSPECTION.format(
        taken="T.x", earned="run * (x - 2 * I.look * x) + 0.1 * hide - 0.3 * x ** 2"
    )
    solution = lb.solve(loads(text))
    assert not solution.equilibria
    assert "declare one for each" in solution.status.advice


@pytest.mark.slow
def test_large_games_are_solved_by_sweeps_and_block_by_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from leaderbored.solvers.numerics import linear
    from leaderbored.solvers.stochastic import alone, replies, slopes

    rises = lb.Event({"w": "w + 1"}, hazard="2 * x / (1 + 2 * x)")
    falls = lb.Event({"w": "w - 1"}, hazard="0.5")
    firms = [
        lb.MarkovPlayer(
            name,
            "2 * w / (1 + sum(w)) - x",
            {"x": (0, 3)},
            states={"w": (0, 3)},
            events=[rises, falls],
        )
        for name in "ABC"
    ]
    game = lb.MarkovGame(firms, discount=0.1)
    (plain,) = lb.solve(game, all=False).equilibria
    monkeypatch.setattr(linear, "SWEPT", 30)
    monkeypatch.setattr(slopes, "HELD", 500)
    monkeypatch.setattr(alone, "BLOCK", 100)
    monkeypatch.setattr(replies, "BLOCK", 100)
    (swept,) = lb.solve(game, all=False).equilibria
    assert np.allclose(plain.value, swept.value, rtol=1e-10, atol=0)
    assert max(plain.regret, swept.regret) < 1e-9
    assert np.allclose(plain.stationary, swept.stationary, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("prize", "gain"), [(-1, 1.0), (1, 0.0)])
def test_who_may_wait_for_ever_does_not_end_a_game_to_its_harm(prize: int, gain: float) -> None:
    """Everett (1957): nothing is paid until the game ends, and waiting costs nothing."""
    waits = lb.MarkovPlayer("A", "0", actions=("wait", "go"), end=f"{prize} * s")
    other = lb.MarkovPlayer("B", "0", actions=("a", "b"), end=f"-{prize} * s")
    go = lb.Event({"s": "1"}, chance="A.go")
    game = lb.MarkovGame(
        [waits, other], 1, time="discrete", states={"s": (0, 1)}, events=[go], ends="s == 1"
    )
    x = np.array([[0, 0], [1, 0], [1, 0], [0, 0]], dtype=float)
    found = regret(Problem(game), x)
    assert found.tolist() == [gain, 0.0]
    assert "below 1" in unfound(Problem(game), 0).advice


def test_a_certificate_counts_what_is_paid_while_a_game_goes_on() -> None:
    """Two periods of 1 each and then rest for ever, or an end at once that costs 1.5."""
    pay = lb.MarkovPlayer("A", "wait * (s < 2)", actions=("wait", "go"), end="-1.5 * (s == 3)")
    moves = [
        lb.Event({"s": "3"}, chance="A.go", group="move"),
        lb.Event({"s": "min(s + 1, 2)"}, chance="A.wait", group="move"),
    ]
    states = {"s": (0, 3)}
    game = lb.MarkovGame([pay], 1, time="discrete", states=states, events=moves, ends="s == 3")
    x = np.array([[0, 0, 0, 0], [1, 1, 1, 0]], dtype=float)
    assert regret(Problem(game), x).tolist() == pytest.approx([3.5 / 1.5])


def test_partners_who_wait_for_each_other_have_an_equilibrium_all_the_same() -> None:
    """Admati and Perry (1991): induction from the end goes back and forth for ever.

    Of six units that are to be given, x are; who moves gives c at c * c / 10, and each gets 4 once
    all are given. Every policy is compared with what it does best, by value iteration of its own.
    """

    def partner(name: str, turn: int) -> lb.MarkovPlayer:
        return lb.MarkovPlayer(
            name,
            "-c**2 / 10",
            actions={"c": [0, 1, 2, 3]},
            turn=f"m == {turn}",
            allowed="c <= 6 - x",
            end="4",
        )

    step = lb.Event({"x": "x + sum(c)", "m": "1 - m"}, chance="1")
    game = lb.MarkovGame(
        [partner("A", 0), partner("B", 1)],
        0.9,
        time="discrete",
        states={"x": (0, 6), "m": (0, 1)},
        events=[step],
        ends="x == 6",
    )
    (found,) = lb.solve(game, all=False).equilibria
    assert found.method == "best replies in turn"
    policy = np.array([found.policy[name] for name in "AB"]).reshape(2, 7, 2, 4)
    value = np.zeros((2, 7, 2))
    value[:, 6] = 4.0
    for _ in range(400):
        for x, m in np.ndindex(6, 2):
            many = range(min(3, 6 - x) + 1)
            best = [-c * c / 10 + 0.9 * value[m, x + c, 1 - m] for c in many]
            value[m, x, m] = max(best)
            given = policy[m, x, m][: len(best)]
            value[1 - m, x, m] = 0.9 * given @ value[1 - m, x : x + len(best), 1 - m]
    np.testing.assert_allclose(found.value, value.reshape(2, -1), atol=1e-9)


def test_a_real_action_beside_a_list_is_the_best_one_for_what_is_picked():
    """Neither is worth changing by itself where nothing is done; to go with x = 1 pays 0.05."""
    game = loads("""
kind = "markov"
time = "discrete"
discount = 0.5
[[players]]
name = "A"
action = { x = [0, 1] }
actions = ["rest", "go", "wait"]
payoff = "4 * x * go - 3.9 * x - 0.05 * go"
""")
    found = lb.solve(game)
    assert found.status.ok
    assert np.allclose(found.equilibria[0].policy["A"], [[1.0, 0.0, 1.0, 0.0]], atol=1e-9)
    assert np.allclose(found.equilibria[0].value, 2 * 0.05, rtol=1e-9)


def test_what_replies_came_nearest_to_is_an_equilibrium_if_nobody_gains() -> None:
    player = lb.MarkovPlayer("A", "2 * go", actions=("go", "stay"))
    search = Search(Problem(lb.MarkovGame([player], discount=0.1)), MarkovMethod())
    census = Census("partial", "", {}, None)
    for odds, code in ((1.0, "converged"), (0.999, "approximate"), (0.5, "not converged")):
        search.nearest = 0.1, np.array([[odds], [1 - odds]])
        found = search.nearest_to(Status("not converged", "none", ""), census)
        assert (found.status.code, len(found.equilibria)) == (code, int(odds > 0.9))
    search.nearest = 0.1, np.array([[1.0], [0.0]])
    late = search.nearest_to(Status("stopped", "none", ""), census).status
    assert late.code == "stopped" and "found by then: 1" in late.message


def test_multipliers_of_who_cannot_move_a_kink_make_no_second_equilibrium() -> None:
    """A decides at its bound, and B holds the stock at a number: of A's kink there any will do."""
    a = lb.MarkovPlayer("A", "1.67 * s + 2 * x - 0.31 * B.x", {"x": (0, 1)})
    b = lb.MarkovPlayer("B", "s - 0.6 * x - 0.1 * x**2 - 0.1 * x * A.x", {"x": (0, 1)})
    grows = lb.Event({"s": "0.5 * s + 0.75 * (A.x + B.x)"}, chance="1")
    game = lb.MarkovGame([a, b], 0.7, states={"s": (0, 3)}, time="discrete", events=[grows])
    problem = Problem(game)
    low, high = problem.choice_bounds
    x = np.vstack([high[:1], low[1:] + 1 / 3])  # which leads from 0 to 1, and from 2 to 2
    z, search = problem.point(x), Search(problem, MarkovMethod())
    other = z.copy()
    other[problem.slot["kink"][0]] += 0.3
    assert search.pool.add("one", z) and not search.pool.add("another", other)


@pytest.mark.slow
def test_what_one_player_gets_is_the_same_whatever_else_meets_its_first_order_conditions() -> None:
    """To invest as much as one can is a first-order point, too, and costs a third of the value."""
    firm = lb.MarkovPlayer("firm", "0.38 * s - 1.37 * x", {"x": (0, 0.81)})
    grows = lb.Event({"s": "0.95 * s + 0.43 * x - 0.06"}, chance="1")
    game = lb.MarkovGame([firm], 0.94, states={"s": (0, 3)}, time="discrete", events=[grows])
    solution = lb.solve(game, all=True)
    (found,) = solution.equilibria
    assert not found.policy["firm"].any()
    assert solution.complete == "searched"
    assert "one player decides" in solution.census.message

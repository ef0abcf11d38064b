"""Continuous games: closed forms, brute force, other solvers, kinks, false points, hostile text."""

import time
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.optimize import brentq, minimize_scalar
from strategies import relaxed

import leaderbored as lb
from leaderbored.games.formats.gamefile import load, loads
from leaderbored.games.formats.gamefile import starter as starter_file
from leaderbored.games.places import vary
from leaderbored.games.problems import GameFileError
from leaderbored.solvers import budget
from leaderbored.solvers.continuous import ContinuousMethod
from leaderbored.solvers.continuous.certificate import regret
from leaderbored.solvers.continuous.program import Program


def duel(first: str, second: str, bounds=((0, 1), (0, 1)), **fields) -> lb.Continuous:
    return lb.Continuous(
        [lb.Player("A", {"x": bounds[0]}, first), lb.Player("B", {"y": bounds[1]}, second)],
        **fields,
    )


def points(solution: lb.Solution) -> list[list[float]]:
    return [np.concatenate([*e.strategies.values()]).round(7).tolist() for e in solution.equilibria]


def by_definition(payoff, x, bounds) -> float:
    """Largest gain of one player over a fine grid, from plain Python payoffs."""
    gains = []
    for i, (low, high) in enumerate(bounds):
        others = [*x]
        here = payoff(i, x)
        for value in np.linspace(low, high, 2001):
            others[i] = value
            gains.append(payoff(i, others) - here)
    return max(gains)


# --- closed forms


@pytest.mark.parametrize("count", [2, 5, 12, 13, 1_000_000])
def test_cournot_with_like_firms_has_the_textbook_answer_and_stability(count: int) -> None:
    game = lb.Continuous([lb.Player("firm", {"q": [0, 10]}, "(11 - sum(q)) * q - q", count=count)])
    (found,) = lb.solve(game).equilibria
    for quantity in found.strategies.values():
        assert quantity[0] == pytest.approx(10 / (count + 1), rel=1e-9)
    assert found.radius == pytest.approx((count - 1) / 2, rel=1e-6)
    assert found.stable is (count == 2)


def test_paying_for_the_laboratory_at_the_start() -> None:
    """Loury 1979: one first-order condition for all firms, V (r + 2 h) / (r + 3 h)^2 = 2 h."""
    h = brentq(lambda h: (0.1 + 2 * h) / (0.1 + 3 * h) ** 2 - 2 * h, 0.01, 2, xtol=1e-14)
    (found,) = lb.solve(catalogue("loury-1979")).equilibria
    for hazard in found.strategies.values():
        assert hazard[0] == pytest.approx(h, abs=1e-9)


def catalogue(name: str) -> lb.Continuous:
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import load

    return load(find(name))


def test_an_incumbent_spends_less_than_its_challenger_unless_it_earns_nothing_meanwhile() -> None:
    game = catalogue("reinganum-1983")
    incumbent, challenger = (h[0] for h in lb.solve(game).equilibria[0].strategies.values())
    assert incumbent < challenger - 0.005
    free = lb.solve(vary(game, "parameters.R")(0.0)).equilibria[0]
    incumbent, challenger = (h[0] for h in free.strategies.values())
    assert incumbent == pytest.approx(challenger, abs=1e-9)


def test_budgets_are_split_as_the_prizes_are() -> None:
    """Contests for two prizes, budgets fixed: both spend in proportion to the prizes."""
    game = lb.Continuous(
        [
            lb.Player("A", {"x": [0, 1], "y": [0, 1]}, "2*x/(x + B.x) + y/(y + B.y)", total=1),
            lb.Player(
                "B", {"x": [0, 2], "y": [0, 2]}, "2*x/(x + A.x) + y/(y + A.y)", total="1 + 1"
            ),
        ]
    )
    assert points(lb.solve(game)) == [pytest.approx([2 / 3, 1 / 3, 4 / 3, 2 / 3], abs=1e-7)]


def test_a_shared_constraint_costs_both_the_same() -> None:
    """Rosen 1965: with one price mu of x + y <= 1, 4 - 2x = mu and 2 - 2y = mu."""
    game = duel("4*x - x**2", "2*y - y**2", ((0, 5), (0, 5)), constraints=["x + y <= 1"])
    assert points(lb.solve(game)) == [[1.0, 0.0]]
    game = duel("4*x - x**2", "2*y - y**2", ((0, 5), (0, 5)), constraints=["2 >= x + y"])
    (found,) = lb.solve(game).equilibria
    assert points(lb.solve(game)) == [[1.5, 0.5]]
    assert found.regret < 1e-9


def test_mixing_weights_as_strategies_find_the_equilibria_of_the_bimatrix() -> None:
    payoff = "a*x*y + b*(1 - x)*(1 - y)"
    game = duel(
        payoff,
        payoff.replace("a", "c").replace("b", "d"),
        parameters={"a": 2, "b": 1, "c": 1, "d": 2},
    )
    solution = lb.solve(game)
    assert points(solution) == [[0, 0], pytest.approx([2 / 3, 1 / 3], abs=1e-7), [1, 1]]
    assert [e.index for e in solution.equilibria] == [1, -1, 1]
    assert solution.complete == "searched"


# --- kinks


@pytest.mark.parametrize(
    ("payoff", "where"),
    [
        ("-abs(x - 0.3)", 0.3),
        ("min(x, 0.4) - 0.5*x", 0.4),
        ("x - 3*max(x - 0.6, 0)", 0.6),
        ("x if x < 0.7 else 1.4 - x", 0.7),
        ("min(x, 2*y, 0.5) - 0.1*x", 0.5),
        ("-abs(abs(x - 0.5) - 0.5) + 0.1*x", 1.0),
        ("x if 0.2 <= x <= 0.8 and 1 > 0 else 0".replace(" and 1 > 0", ""), 0.8),
    ],
)
def test_kinks_and_caps_are_found_exactly(payoff: str, where: float) -> None:
    solution = lb.solve(duel(payoff, "-(y - 0.9)**2"))
    assert solution.equilibria
    assert all(e.strategies["A"][0] == pytest.approx(where, abs=1e-9) for e in solution.equilibria)


def test_a_continuum_is_sampled_and_called_partial() -> None:
    """The weakest link: every common effort is an equilibrium."""
    solution = lb.solve(duel("min(x, y) - x/2", "min(x, y) - y/2"))
    efforts = np.array(points(solution))
    np.testing.assert_allclose(efforts[:, 0], efforts[:, 1], atol=1e-7)
    assert len(efforts) > 3
    assert solution.complete == "partial"
    assert all(e.index is None for e in solution.equilibria)


# --- false points


def contest(computes: list[float], r: float) -> tuple[lb.Continuous, lb.Contest]:
    names = "ABCDEFGH"[: len(computes)]
    total = " + ".join(f"{name}.x**{r}" for name in names)
    formula = f"3 * x**{r} / ({total}) - x"
    game = lb.Continuous(
        [lb.Player(name, {"x": [0, k]}, formula) for name, k in zip(names, computes, strict=True)]
    )
    labs = [lb.Contender(name, k) for name, k in zip(names, computes, strict=True)]
    return game, lb.Contest(labs, prize=3, decisiveness=r)


@pytest.mark.parametrize(
    ("computes", "r"),
    [
        pytest.param([1, 0.5, 0.3, 0.2], 1.2, marks=pytest.mark.slow),
        ([1, 0.9, 0.8, 0.5, 0.4], 1.2),
        ([1, 2, 3], 0.8),
        ([0.2, 9, 9], 1),
    ],
)
def test_convex_prizes_agree_with_share_functions_and_false_points_are_refused(
    computes: list[float], r: float
) -> None:
    game, same = contest(computes, r)
    ours, theirs = sorted(points(lb.solve(game))), sorted(points(lb.solve(same)))
    assert len(ours) == len(theirs)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_a_peak_nearby_is_no_equilibrium_where_a_higher_one_stands_far_away() -> None:
    hills = "exp(-(20*(x - 0.2))**2) + 1.01*exp(-(20*(x - 0.9))**2)"
    solution = lb.solve(duel(hills, "-(y - x)**2"))
    assert points(solution) == [pytest.approx([0.9, 0.9], abs=1e-6)]


def test_who_is_chased_mixes_between_the_ends() -> None:
    solution = lb.solve(duel("-(x - y)**2", "(x - y)**2"))
    (found,) = solution.equilibria
    assert solution.status.code == "converged" and "mixed" in solution.status.message
    assert found.strategies["A"].tolist() == [[0.5]] and found.strategies["B"].tolist() == [
        [0],
        [1],
    ]
    assert found.weights["B"] == pytest.approx([0.5, 0.5])
    assert found.payoffs == pytest.approx([-0.25, 0.25]) and found.epsilon is None


def test_where_mixed_strategies_are_not_looked_for_the_status_says_why() -> None:
    solution = lb.solve(duel("-(x - y)**2", "(x - y)**2", (("-inf", "inf"), (0, 1))))
    assert solution.equilibria == () and solution.status.code == "not converged"
    assert "bounded" in solution.status.advice


def test_payoffs_that_grow_for_ever_have_no_equilibrium() -> None:
    solution = lb.solve(duel("x - y", "y - x", ((0, "inf"), (0, 1))))
    assert solution.status.code == "not converged"


def test_undercutting_ends_at_the_bottom_though_payoffs_jump() -> None:
    game = duel("x*(1 - x) if x < y else 0", "y*(1 - y) if y < x else 0")
    assert [0, 0] in points(lb.solve(game))


# --- properties


@st.composite
def oligopolies(draw: st.DrawFn) -> tuple[list[float], list[float], float]:
    """Costs, capacities, and how close substitutes the goods are."""
    count = draw(st.integers(2, 4))
    numbers = st.floats(0.1, 3)
    return (
        draw(st.lists(numbers, min_size=count, max_size=count)),
        draw(st.lists(numbers, min_size=count, max_size=count)),
        draw(st.floats(0, 1)),
    )


def oligopoly(costs, caps, sigma, names="ABCD", money=1.0) -> lb.Continuous:
    return lb.Continuous(
        [
            lb.Player(
                name, {"q": [0, k]}, "m * (4 - q - sigma*others(q) - c) * q", parameters={"c": c}
            )
            for name, c, k in zip(names, costs, caps, strict=False)
        ],
        {"sigma": sigma, "m": money},
    )


@settings(relaxed, max_examples=40)
@given(oligopolies())
def test_linear_oligopolies_match_enumeration_of_who_is_where(case) -> None:
    costs, caps, sigma = case
    count, expected = len(costs), None
    for where in product("lmh", repeat=count):  # at the lowest, in the middle, at the highest
        inner = [i for i in range(count) if where[i] == "m"]
        q = np.array([caps[i] if where[i] == "h" else 0.0 for i in range(count)])
        slope = np.full((count, count), sigma) + (2 - sigma) * np.eye(count)
        a = 4 - np.array(costs)
        q[inner] = np.linalg.solve(slope[np.ix_(inner, inner)], (a - slope @ q)[inner])
        marginal = a - slope @ q
        fits = ((q >= -1e-12) & (q <= np.array(caps) + 1e-12)).all()
        wanted = {"l": marginal <= 1e-12, "m": np.abs(marginal) < 1e-9, "h": marginal >= -1e-12}
        if fits and all(wanted[side][i] for i, side in enumerate(where)):
            expected = q
    found = lb.solve(oligopoly(*case)).equilibria
    assert len(found) == 1
    np.testing.assert_allclose(np.concatenate([*found[0].strategies.values()]), expected, atol=1e-8)

    def payoff(i, x):
        return (4 - x[i] - sigma * (sum(x) - x[i]) - costs[i]) * x[i]

    at = [float(q[0]) for q in found[0].strategies.values()]
    assert by_definition(payoff, at, [(0, k) for k in caps]) < 1e-9


@pytest.mark.slow
@settings(relaxed, max_examples=25)
@given(oligopolies(), st.floats(1e-6, 1e6))
def test_money_and_the_order_of_players_change_no_quantity(case, money: float) -> None:
    costs, caps, sigma = case
    base = lb.solve(oligopoly(*case)).equilibria[0]
    rich = lb.solve(oligopoly(*case, money=money)).equilibria[0]
    turned = lb.solve(oligopoly(costs[::-1], caps[::-1], sigma, "ABCD"[: len(costs)][::-1]))
    for name, quantity in base.strategies.items():
        assert rich.strategies[name] == pytest.approx(quantity, abs=1e-8)
        assert turned.equilibria[0].strategies[name] == pytest.approx(quantity, abs=1e-8)
    np.testing.assert_allclose(rich.payoffs, money * base.payoffs, rtol=1e-7, atol=1e-9 * money)
    assert rich.radius == pytest.approx(base.radius, abs=1e-6)


@pytest.mark.slow
@settings(relaxed, max_examples=25)
@given(st.floats(0.02, 2), st.floats(0.2, 4), st.floats(0.3, 3))
def test_patent_races_leave_nothing_to_gain_by_plain_search(r, prize, productivity) -> None:
    game = catalogue("lee-wilde-1980")
    for name, value in (("r", r), ("V", prize), ("lambda_", productivity)):
        game = vary(game, f"parameters.{name}")(value)
    (found,) = lb.solve(game).equilibria
    x, y = (float(s[0]) for s in found.strategies.values())

    def loss(spend: float) -> float:
        speed = productivity * (np.sqrt(spend) + np.sqrt(y))
        return -(prize * productivity * np.sqrt(spend) - spend) / (r + speed)

    best = minimize_scalar(loss, bounds=(0, 100), method="bounded", options={"xatol": 1e-12})
    assert -best.fun <= -loss(x) * (1 + 1e-9)
    assert x == pytest.approx(y, rel=1e-6)


def test_a_function_is_solved_as_its_formula_is() -> None:
    formula = duel("(9 - x - y)*x", "(9 - x - y)*y - y", ((0, 9), (0, 9)))
    function = lb.Continuous(
        [
            lb.Player("A", {"x": [0, 9]}, lambda s: (9 - s["A"] - s["B"]) * s["A"]),
            lb.Player("B", {"y": [0, 9]}, lambda s: (8 - s["A"] - s["B"]) * s["B"]),
        ]
    )
    ours, theirs = lb.solve(function), lb.solve(formula)
    np.testing.assert_allclose(points(ours), points(theirs), atol=1e-6)
    assert ours.equilibria[0].regret <= 1e-9
    assert ours.digest == lb.solve(function).digest


def test_regret_of_a_profile_that_is_no_equilibrium_is_what_is_lost() -> None:
    game = duel("-(x - 0.5)**2 + 1", "-(y - x)**2 + 1")
    assert regret(Program(game), np.array([0.5, 0.5])).max() < 1e-12
    lost = regret(Program(game), np.array([0.25, 1.0]))
    assert lost == pytest.approx([0.0625 / 0.9375, 0.5625 / 0.4375], rel=1e-9)


# --- asking


def test_a_start_near_an_equilibrium_finds_that_one() -> None:
    game = duel("x*y + (1 - x)*(1 - y)", "x*y + (1 - x)*(1 - y)")
    for goal in ([0.0, 0.0], [1.0, 1.0]):
        start = [np.array([abs(value - 0.1)]) for value in goal]
        assert points(lb.solve(game, all=False, start=start)) == [goal]
    with pytest.raises(ValueError, match="bounds"):
        lb.solve(game, all=False, start=[np.array([2.0]), np.array([0.0])])
    with pytest.raises(ValueError, match="2 players"):
        lb.solve(game, all=False, start=[np.array([0.5])])


def test_starts_are_doubled_while_the_indices_do_not_add_up() -> None:
    """Where each likes to do what the other does: nine crossings, five of them stable."""
    wave = "-(x - 0.5 - 0.45*sin(12*({0}.x - 0.5)))**2"
    firms = [lb.Player(n, {"x": [0, 1]}, wave.format(m)) for n, m in ("AB", "BA")]
    game = lb.Continuous(firms)
    few = lb.solve(game, ContinuousMethod(starts=1, most_starts=1))
    more = lb.solve(game, ContinuousMethod(starts=1))
    assert len(more.equilibria) >= len(few.equilibria)
    assert more.census.index_sum == 1 and more.complete == "searched"
    for found in more.equilibria:
        x, y = (float(s[0]) for s in found.strategies.values())
        assert x == pytest.approx(0.5 + 0.45 * np.sin(12 * (y - 0.5)), abs=1e-7)


def test_being_told_to_stop_is_not_hidden() -> None:
    game = duel("x*y + (1 - x)*(1 - y)", "x*y + (1 - x)*(1 - y)")
    solution = lb.solve(game, limit=0.0)
    assert solution.complete == "partial"
    assert "stopped" in solution.census.message


def test_the_same_question_has_the_same_answer_to_the_last_digit() -> None:
    first, second = (lb.solve(catalogue("loury-1979")) for _ in range(2))
    for a, b in zip(first.equilibria, second.equilibria, strict=True):
        for name, value in a.strategies.items():
            assert value.tobytes() == b.strategies[name].tobytes()


# --- hostile and mistaken text

GOOD = """
kind = "continuous"
[[players]]
name = "A"
strategies = { x = [0, 1] }
payoff = "PAYOFF"
[[players]]
name = "B"
strategies = { x = [0, 1] }
payoff = "-x**2"
"""


@pytest.mark.parametrize(
    "payoff",
    [
        "__import__('os').system('true')",
        "x.__class__",
        "A.x.real",
        "open('f')",
        "9**9**9**9",
        "x**99999**99999",
        "(" * 500 + "x" + ")" * 500,
        "lambda: x",
        "[x]",
        "z",
        "C.x",
        "x @ x",
        "1/0",
        "log(-1)",
        "",
        "x +" * 400 + "x",
        "sum_z",
        "x; x",
        "exec('1')",
        "sqrt(x, x)",
    ],
)
def test_hostile_formulas_are_refused_at_once(payoff: str) -> None:
    began = time.monotonic()
    with pytest.raises(GameFileError) as error:
        loads(GOOD.replace("PAYOFF", payoff))
    assert "players[0].payoff" in str(error.value)
    assert time.monotonic() - began < 5


def test_all_mistakes_are_told_at_once() -> None:
    text = """
kind = "continuous"
constraints = ["A.x + B.x", "nobody <= 1"]
[[players]]
name = "A"
strategies = { x = [1, 0], y = [0, "k"] }
payoff = "x + w"
total = "q"
[[players]]
name = "B"
strategies = { x = ["-inf", "inf"] }
payoff = "x ** "
"""
    with pytest.raises(GameFileError) as error:
        loads(text)
    places = {mistake.place for mistake in error.value.mistakes}
    assert places == {
        "constraints[0]",
        "constraints[1]",
        "players[0].strategies.x",
        "players[0].strategies.y",
        "players[0].payoff",
        "players[0].total",
        "players[1].payoff",
    }


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"strategies": {"x": [float("nan"), 1]}}, "nan"),
        ({"strategies": {}}, "at least 1"),
        ({"strategies": {"max": [0, 1]}}, "name"),
        ({"strategies": {"sum(x)": [0, 1]}}, "name"),
        ({"count": 0}, "greater"),
        ({"parameters": {"x": 1}}, "parameter too"),
        ({"strategies": {"x": [True, 1]}}, "number"),
    ],
)
def test_fields_out_of_range_are_named(fields: dict, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        lb.Continuous(
            [lb.Player(**{"name": "A", "strategies": {"x": [0, 1]}, "payoff": "-x**2", **fields})]
        )


def test_two_players_of_one_name_and_too_many_players_are_refused() -> None:
    player = lb.Player("A", {"x": [0, 1]}, "-x**2")
    with pytest.raises(ValidationError, match="different"):
        lb.Continuous([player, player])
    with pytest.raises(ValidationError, match="count"):
        lb.Continuous([lb.Player(f"A{k}", {"x": [0, 1]}, "-x**2") for k in range(61)])


def test_the_starter_is_solved() -> None:
    from leaderbored.games.formats.gamefile import load

    solution = lb.solve(load(starter_file("continuous")))
    assert solution.status.ok
    assert solution.equilibria[0].regret < 1e-9


# --- formulas without a value, totals that cannot be met, jumps

CASES = Path(__file__).parent / "cases" / "static"


def test_who_undercuts_ends_at_cost() -> None:
    solution = lb.solve(load(CASES / "undercutting.toml"))
    assert points(solution) == [[0.2, 0.2]]
    assert solution.equilibria[0].regret < 1e-9


def test_where_no_reply_is_best_there_is_no_equilibrium() -> None:
    solution = lb.solve(load(CASES / "no-best-reply.toml"))
    assert (
        solution.status.code == "approximate" and "A has no best reply" in solution.status.message
    )
    assert solution.complete == "partial"
    (found,) = solution.equilibria
    assert found.epsilon is not None and 0 < found.epsilon.max() < 1e-9
    assert found.strategies["A"][0] < 3 and found.strategies["A"][0] == pytest.approx(3)


@pytest.mark.parametrize(("sign", "code"), [("<=", "converged"), ("<", "approximate")])
def test_whether_the_top_of_a_jump_is_on_it(sign: str, code: str) -> None:
    """Of x up to .3 the best is .3; of x below .3 there is none."""
    solution = lb.solve(lb.Continuous([lb.Player("A", {"x": [0, 1]}, f"x if x {sign} 0.3 else 0")]))
    assert solution.status.code == code
    (found,) = solution.equilibria
    assert found.strategies["A"][0] == pytest.approx(0.3, abs=1e-12)
    assert (found.epsilon is None) is (code == "converged")


def test_to_undercut_a_dearer_rival_by_nothing_is_no_equilibrium() -> None:
    """A firm with the lower cost sells all below the other's price: it has no best reply."""
    sells = "(p - {0}) * (1 - p) * (1 if p < {1}.p else (0.5 if p == {1}.p else 0))"
    firms = [
        lb.Player(name, {"p": [0, 1]}, sells.format(cost, rival))
        for name, cost, rival in (("A", 0.2, "B"), ("B", 0.4, "A"))
    ]
    solution = lb.solve(lb.Continuous(firms))
    assert solution.status.code == "approximate"
    assert all(found.epsilon is not None for found in solution.equilibria)


@pytest.mark.parametrize(
    ("payoff", "parameters"), [("x/k", {"k": 0}), ("exp(exp(x + 7))", {}), ("log(x - 2)", {})]
)
def test_a_formula_without_a_value_anywhere_is_named(payoff: str, parameters: dict) -> None:
    game = lb.Continuous([lb.Player("Firm", {"x": (0, 1)}, payoff)], parameters)
    status = lb.solve(game).status
    assert status.code == "not converged"
    assert payoff in status.message and "Firm" in status.message


def test_division_by_nothing_is_a_mistake_of_the_formula() -> None:
    with pytest.raises(ValidationError, match=r"players\[0\]\.payoff.*no"):
        lb.Continuous([lb.Player("Firm", {"x": (0, 1)}, "1 + x/0")])


@pytest.mark.parametrize(
    ("total", "ends", "right"),
    [
        (3, (0, 1), False),
        (-1, (0, 1), False),
        ("k", (0, 1), False),
        ("inf", (0, "inf"), False),
        (2, (0, 1), True),
        ("k/6", (0, 1), True),
        (1.1, (0.55, 0.7), True),
    ],
)
def test_a_total_that_cannot_be_met_is_a_mistake(total, ends, right: bool) -> None:
    def made() -> lb.Continuous:
        firm = lb.Player("A", {"x": ends, "y": ends}, "x - y**2", total=total)
        return lb.Continuous([firm], {"k": 9})

    if right:
        (found,) = lb.solve(made()).equilibria
        wanted = 9 / 6 if total == "k/6" else total
        assert found.strategies["A"].sum() == pytest.approx(wanted)
    else:
        with pytest.raises(ValidationError, match=r"players\[0\]\.total"):
            made()


def test_comparisons_of_choices_are_read() -> None:
    """What is compared may itself be a choice."""
    game = lb.Continuous([lb.Player("A", {"x": (0, 1)}, "x if (2 if x < 0.5 else 1) < 1.5 else 0")])
    assert points(lb.solve(game)) == [[1.0]]


def test_a_search_that_is_stopped_says_so() -> None:
    game = lb.Continuous([lb.Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    solution = lb.solve(game, limit=0.0)
    assert solution.status.code == "stopped" and solution.complete == "partial"


def test_alike_firms_with_concave_payoffs_are_proved_by_what_they_do_alike_and_apart() -> None:
    """Sixty firms sell (a - c) / 61 each; where copies move apart payoffs must bend down, too."""
    text = "(a - sum(q) - 1) * q"
    firms = lb.Continuous([lb.Player("firm", {"q": (0, 100)}, text, count=60)], {"a": 100})
    found = lb.solve(firms)
    assert found.complete == "proved"
    assert found.equilibria[0].strategies["firm"] == pytest.approx([99 / 61], abs=1e-12)
    # each likes to differ from the mean of the others: alike there is one point, apart many
    apart = "-q**2 / 2 - 2 * q * (sum(q) - q) / 13"
    others = lb.Continuous([lb.Player("P", {"q": (-1, 1)}, apart, count=14)])
    assert Program(others).monotone()
    steep = apart.replace("2 * q * (sum(q) - q) / 13", "2 * q * (sum(q) - q)")
    assert not Program(lb.Continuous([lb.Player("P", {"q": (-1, 1)}, steep, count=14)])).monotone()


def test_different_firms_are_compiled_once_and_keep_their_own_costs() -> None:
    costs = [1 + k / 10 for k in range(14)]
    firms = [
        lb.Player(f"f{k}", {"q": (0, 50)}, "(a - sum(q) - c) * q", parameters={"c": c})
        for k, c in enumerate(costs)
    ]
    firms.append(
        lb.Player("other", {"q": (0, 50)}, "(a - sum(q) - c * q) * q", parameters={"c": 2})
    )
    found = lb.solve(lb.Continuous(firms, {"a": 40})).equilibria[0]
    total = sum(float(q[0]) for q in found.strategies.values())
    for k, c in enumerate(costs):
        sold = float(found.strategies[f"f{k}"][0])
        assert sold == pytest.approx(40 - c - total, abs=1e-9)
        assert found.payoffs[k] == pytest.approx(sold**2, abs=1e-9)
    assert found.strategies["other"][0] * 5 == pytest.approx(40 - total, abs=1e-9)


def test_a_flat_equilibrium_is_counted_once() -> None:
    """At k = 4 the marginal chance of winning is at most the cost, and just that at equal effort:
    nobody spends, and next to nothing is as good to the last digit (Hirshleifer 1989)."""
    text = "1 / (1 + exp(4 * (others(x) - x))) - x"
    found = lb.solve(lb.Continuous([lb.Player(name, {"x": (0, 1)}, text) for name in "AB"]))
    (only,) = found.equilibria
    assert [float(x[0]) for x in only.strategies.values()] == pytest.approx([0, 0], abs=1e-6)
    assert found.complete == "partial"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("payoff", "top"), [("mod(x, 1)", 1), ("x - 2*floor(x)", 1), ("(x > 0.5) - x", 0.5)]
)
def test_the_top_of_a_jump_that_is_not_reached_is_no_best_reply(payoff: str, top: float) -> None:
    solution = lb.solve(lb.Continuous([lb.Player("A", {"x": [0, 1.8]}, payoff)]))
    assert solution.status.code == "approximate" and "no best reply" in solution.status.message
    assert solution.equilibria[0].strategies["A"][0] == pytest.approx(top, abs=1e-9)
    reached = lb.solve(lb.Continuous([lb.Player("A", {"x": [0, 1.8]}, "floor(x) - x / 2")]))
    assert reached.status.code == "converged"
    assert reached.equilibria[0].strategies["A"].tolist() == [1.0]


@pytest.mark.slow
def test_two_shops_too_close_together_mix_their_prices() -> None:
    """At 2/5 and 3/5 each would undercut the other (d'Aspremont, Gabszewicz and Thisse 1979)."""
    share = "(1 if p < {0}.p - d else 0 if p > {0}.p + d else 1/2 + ({0}.p - p)/2)"
    players = [
        lb.Player(name, {"p": [0, 2]}, f"p * {share.format(other)}") for name, other in ("LR", "RL")
    ]
    solution = lb.solve(lb.Continuous(players, parameters={"d": 0.6 - 0.4}))
    assert solution.status.code == "approximate"
    one = solution.equilibria[0]
    assert one.weights is not None and one.regret < 2e-3
    assert one.payoffs[0] == pytest.approx(one.payoffs[1], rel=1e-2)


def test_what_players_must_share_out_among_them() -> None:
    """With costs x^2, 2 x^2 and x^2/2 and one price they bear it as 2 : 1 : 4."""
    costs = {"A": "-x^2", "B": "-2*x^2", "C": "-x^2/2"}
    players = [lb.Player(name, {"x": [0, 10]}, cost) for name, cost in costs.items()]
    solution = lb.solve(lb.Continuous(players, constraints=["sum(x) == 7"]))
    assert solution.status.ok and len(solution.equilibria) == 1
    shares = np.concatenate([*solution.equilibria[0].strategies.values()])
    np.testing.assert_allclose(shares, [2, 1, 4], atol=1e-9)


def test_the_cheaper_of_two_firms_undercuts_the_other_at_its_cost() -> None:
    """Bertrand with costs 1 and 2: the price is 2, of all prices between the one that pays most."""
    share = "(1 if p < {0}.p else 1/2 if p == {0}.p else 0)"
    players = [
        lb.Player(name, {"p": [0, 10]}, f"(p - {cost}) * (10 - p) * {share.format(other)}")
        for name, cost, other in (("A", 1, "B"), ("B", 2, "A"))
    ]
    solution = lb.solve(lb.Continuous(players))
    assert (
        solution.status.code == "approximate" and "A has no best reply" in solution.status.message
    )
    prices = np.concatenate([*solution.equilibria[0].strategies.values()])
    np.testing.assert_allclose(prices, 2, atol=1e-6)
    assert prices[0] < prices[1] and "p of A is below p of B by" in solution.status.message
    assert solution.equilibria[0].payoffs == pytest.approx([8, 0], abs=1e-5)


@pytest.mark.parametrize(
    ("fixed", "known"),
    [
        (0.5, [(4 / 3, 4 / 3)]),
        (1.5, [(0, 2), (4 / 3, 4 / 3), (2, 0)]),  # 1 is the most that is earned beside a monopoly
        (2, [(0, 2), (2, 0)]),  # 16 / 9 is earned beside a rival
    ],
)
def test_a_fixed_cost_of_entry_and_what_indices_say_of_it(
    fixed: float, known: list[tuple[float, float]]
) -> None:
    payoff = "(4 - sum(q)) * q - F * (q > 0)"
    firms = [lb.Player(name, {"q": [0, 4]}, payoff) for name in "AB"]
    solution = lb.solve(lb.Continuous(firms, {"F": fixed}))
    found = [np.concatenate([*e.strategies.values()]) for e in solution.equilibria]
    assert np.abs(np.array(found) - known).max() < 1e-6
    assert solution.complete == "partial"
    assert "jumps" in solution.census.message


def test_firms_that_may_change_places_stay_out_in_every_order() -> None:
    """Novshek (1980): a fixed cost of 5 at which two firms are in, or all three with 9/4 each."""
    firm = lb.Player("firm", {"q": [0, 10]}, "(9 - sum(q)) * q - 5 * (q > 0)", count=3)
    found = lb.solve(lb.Continuous([firm])).equilibria
    outputs = {tuple(float(x[0].round(4)) for x in e.strategies.values()) for e in found}
    assert outputs == {(0, 3, 3), (3, 0, 3), (3, 3, 0), (2.25, 2.25, 2.25)}


def test_what_is_found_does_not_hang_on_the_speed_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More and more starts, until indices add up to one, are counted and not timed."""
    payoff = "-(x - 0.5 - 0.45 * sin(30 * {0}.x))^2"
    game = lb.Continuous([lb.Player(a, {"x": [0, 1]}, payoff.format(b)) for a, b in ("AB", "BA")])
    method = ContinuousMethod(starts=4)
    known = lb.solve(game, method)
    monkeypatch.setattr(budget, "LEAST", 0.0)
    monkeypatch.setattr(budget, "TIMES", 0.0)
    other = lb.solve(game, method)
    assert len(known.equilibria) == len(other.equilibria) > 9
    assert known.census == other.census


@pytest.mark.parametrize(("meeting", "alone"), [(0.5, True), (-1.5, True), (1.7, False)])
def test_what_might_as_well_leave_its_bound_leaves_an_index_while_replies_are_flat(
    meeting: float, alone: bool
) -> None:
    """x costs 0.8 x^2 + x^4 and brings d x y: nobody does anything, alone if |d| < 1.6.

    Else both may do x = y with d = 1.6 + 4 x^2, too.
    """
    rival = {"A": "B", "B": "A"}
    players = [
        lb.Player(name, {"x": (0, 1)}, f"-0.8 * x^2 - x^4 + {meeting} * x * {rival[name]}.x")
        for name in "AB"
    ]
    solution = lb.solve(lb.Continuous(players), all=True)
    indices = [e.index for e in solution.equilibria]
    assert (solution.complete, indices) == (("searched", [1]) if alone else ("partial", [None, 1]))
    found = [e.strategies["A"].item() for e in solution.equilibria]
    assert found == pytest.approx([0.0] if alone else [0.0, (0.1 / 4) ** 0.5], abs=1e-9)

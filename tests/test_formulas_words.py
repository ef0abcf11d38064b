"""What papers write: totals of every sort, definitions, lists, random numbers, and their answers by
hand."""

import math
from pathlib import Path

import numpy as np
import pytest
from sympy import Symbol

import leaderbored as lb
from leaderbored.games.compile import compile_function
from leaderbored.games.expression import ExpressionError, Law, Share, read
from leaderbored.games.formats.gamefile import loads
from leaderbored.games.problems import GameFileError
from leaderbored.games.randomness import Random
from leaderbored.games.words import FUNCTIONS, TOTALS
from leaderbored.theory.replies import best_reply


def solved(text: str, *changes: str) -> dict[str, list[float]]:
    """The only equilibrium, by player."""
    solution = lb.solve(loads(text, changes))
    assert len(solution.equilibria) == 1, solution.status
    assert solution.equilibria[0].regret < 1e-9
    return {name: part.tolist() for name, part in solution.equilibria[0].strategies.items()}


COURNOT = """
kind = "continuous"
parameters = { a = 10, c = [1, 2, 3], cap = "2 * a" }
let = { P = "a - Q", Q = "sum(q)" }
players = [
  { name = "1", strategies = { q = [0, "cap"] }, payoff = "(P - c[0]) * q" },
  { name = "2", strategies = { q = [0, "cap"] }, payoff = "(P - c[1]) * q" },
  { name = "3", strategies = { q = [0, "cap / 2"] }, payoff = "(P - c[2]) * q" },
]
"""


def test_costs_from_a_list_and_the_price_as_a_definition() -> None:
    """By hand: q_i = (a - (N + 1) c_i + sum of c) / (N + 1)... of N firms."""
    for change, a, c in (("", 10, [1, 2, 3]), ("parameters.c[1]=2.5", 10, [1, 2.5, 3])):
        found = solved(COURNOT, *([change] if change else []))
        right = [(a - 4 * own + sum(c)) / 4 for own in c]
        assert [found[name][0] for name in "123"] == pytest.approx(right)
    assert best_reply(loads(COURNOT.replace("c[0]", "1").replace("c[1]", "2").replace("c[2]", "3")))
    with pytest.raises(ValueError, match="looks up a table"):
        best_reply(loads(COURNOT))


BAYES = """
kind = "continuous"
parameters = { a = 10, p = 0.3, cost = [0.5, 2] }
random = { t = { values = [0, 1], probabilities = ["p", "1 - p"] } }
[[players]]
name = "A"
strategies = { q = [0, 10] }
payoff = "E[t]((a - q - B.q[t] - 1) * q)"
[[players]]
name = "B"
strategies = { "q[0]" = [0, 10], "q[1]" = [0, 10] }
payoff = "E[t]((a - A.q - q[t] - cost[t]) * q[t])"
"""


def test_a_firm_that_does_not_know_its_rivals_cost() -> None:
    """By hand: q_t = (10 - q - c_t) / 2 and q = (9 - E q_t) / 2."""
    for p in (0.3, 0.8):
        found = solved(BAYES, f"parameters.p={p}")
        mean = p * 0.5 + (1 - p) * 2
        q = (9 - (10 - mean) / 2) / 1.5
        assert found["A"] == pytest.approx([q])
        assert found["B"] == pytest.approx([(10 - q - 0.5) / 2, (10 - q - 2) / 2])


def test_types_that_are_drawn_together() -> None:
    """By hand: 2 x_t = th_t - (E of the rival's x given t) / 2; a definition of what is random."""
    text = """
    kind = "continuous"
    parameters = { th = [1, 2] }
    let = { mine = "th[t[0]] - x[t[0]]", never = "t[1] * u" }
    [random]
    u = { kind = "uniform" }
    [random.t]
    values = [[0, 0], [0, 1], [1, 0], [1, 1]]
    probabilities = [0.4, 0.1, 0.1, 0.4]
    [[players]]
    name = "A"
    strategies = { "x[0]" = [0, 9], "x[1]" = [0, 9] }
    payoff = "E[t]((mine - 0.5 * B.x[t[1]]) * x[t[0]])"
    [[players]]
    name = "B"
    strategies = { "x[0]" = [0, 9], "x[1]" = [0, 9] }
    payoff = "E[t]((th[t[1]] - x[t[1]] - 0.5 * A.x[t[0]]) * x[t[1]])"
    """
    right = np.linalg.solve([[2.4, 0.1], [0.1, 2.4]], [1, 2])
    found = solved(text)
    assert found["A"] == pytest.approx(right)
    assert found["B"] == pytest.approx(right)
    with pytest.raises(GameFileError, match=r"t is random: write E\[t\]"):
        loads(text.replace("E[t]((mine", "((mine"))


def test_a_tournament_is_won_by_effort_and_luck() -> None:
    """Lazear and Rosen: W phi(0) / (s sqrt 2) = c e, the noise of both being normal."""
    text = """
    kind = "continuous"
    parameters = { W = 2, s = 1.5, c = 3, spread = "s * sqrt(2)" }
    [[players]]
    name = "worker"
    count = 2
    strategies = { e = [0, 3] }
    payoff = "W * Phi((e - others(e)) / spread) - c * e²/2"
    """
    right = 2 / math.sqrt(2 * math.pi) / (1.5 * math.sqrt(2)) / 3
    found = solved(text)
    assert found["worker 1"] == found["worker 2"] == pytest.approx([right])
    # the same, with the rival's luck written out
    quadrature = text.replace("Phi((e - others(e)) / spread)", "E[u](Phi((e - others(e) - u) / s))")
    quadrature += 'random = { u = { kind = "normal", sd = "s", points = 16 } }'
    assert solved(quadrature)["worker 1"] == pytest.approx([right], rel=1e-6)


def test_a_term_of_each_player_against_one() -> None:
    """sum(x / (x + L.x)) over all, L itself included, for players declared once."""
    text = """
    kind = "continuous"
    [[players]]
    name = "F"
    count = 3
    strategies = { x = [0.1, 10] }
    payoff = "-(x - 2)^2"
    [[players]]
    name = "L"
    strategies = { x = [0.1, 10], y = [-50, 50] }
    payoff = "-(x - 1)^2 - (y - sum(x / (x + L.x)) - max(others(x)) - mean(x) * prod(x))^2"
    """
    found = solved(text)
    assert found["L"] == pytest.approx([1, 3 * 2 / 3 + 1 / 2 + 2 + 7 / 4 * 8])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sum(x)", 1 + 2 * 3),
        ("others(x)", 2 * 3),
        ("mean(x)", 7 / 3),
        ("prod(x)", 9),
        ("max(x)", 3),
        ("min(x)", 1),
        ("max(others(x))", 3),
        ("mean(others(x^2))", 9),
        ("sum(others(x))", 6),
        ("sum(0 + others(x))", 6 + 2 * 4),
        ("sum(x / (x + others(x)))", 1 / 7 + 2 * 3 / 7),
        ("sum(x / sum(x))", 1),
        ("sum((x - mean(x))^2) / 3", 8 / 9),
        ("sum(1)", 3),
        ("max(x, 5)", 5),
        ("max(sum(x), 5)", 7),
        ("E[t](t * x)", 2.5),
        ("E[t](max(x, t)) + E[t, u](t * u)", 2.5 + 2.5 * 1.5),
        ("E[t](sum(t * x))", 2.5 * 7),
        ("sum(E[t](t * x))", 2.5 * 7),
        ("E[t](t^2) - E[t](t)^2", 2.25),
        ("not x > 2", None),
        ("1 if not x > 2 else 0", 1),
        ("x² + x³·2", 3),
        ("3·x \u2212 1", 2),
        ("-x^2", -1),
        ("2^-x", 0.5),
        ("λ + lambda + in", 60),
        ("2^3^2", 512),
        ("ln(e) + log(e)", 2),
        ("sin(pi / 2) + cos(0)", 2),
        ("floor(-0.5) + floor(2)", 1),
        ("mod(7, 3) + mod(-1, 3) + mod(5 / 2, -1)", 2.5),
        ("ceil(-0.5) + ceil(2) + ceil(3 * x / 2)", 4),
        ("sign(-x) + sign(0) + 5 * sign(x - 0.5)", 4),
        ("gamma(5)", 24),
        ("log1p(0) + erf(0) + Phi(0)", 0.5),
        ("phi(0)^2 * 2 * pi", 1),
        ("(x\n + 1)", 2),
    ],
)
def test_words_mean_what_they_say(text: str, value: float | None) -> None:
    law = Law((1.0, 4.0), (0.5, 0.5), "random.t")
    other = Law((1.0, 2.0), ("1/2", 0.5), "random.u")
    common = {"t": law, "u": other, "λ": 10, "lambda": 20, "in": 30, "e": math.e, "pi": math.pi}
    totals = [Share({**common, "x": 1}, own=True), Share({**common, "x": 3}, count=2)]
    if value is None:
        assert read(text, {**common, "x": 1}, totals) == 1
        return
    assert float(read(text, {**common, "x": 1}, totals)) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2x", "write * between factors"),
        ("2 (x + 1)", "Call is not"),
        ("(x) (x)", None),
        ("x = 1", "write == to compare"),
        ("x & x", "only + - * / **"),
        ("x % 2", "write mod(a, b)"),
        ("x // 2", "write floor(a / b)"),
        ("mod(x)", "mod takes 2 terms"),
        ("mod(3, 0)", "no real value"),
        ("x && x", "write and"),
        ("\\frac{x}{2}", "not in LaTeX's"),
        ("x ? 1 : 2", "write a if condition else b"),
        ("5%", "per cent"),
        ("x!", "gamma(n + 1)"),
        ("x # times", "a comment stands outside"),
        ("0,5 * x", "decimals have a point"),
        ("t * x", "t is random: write E[t](...)"),
        ("E[y](x)", "unknown random number 'y'"),
        ("E[t]()", "an expectation has one term"),
        ("sum(y)", "unknown name 'y'"),
        ("sum(x, x)", "one term over players"),
        ("maxx(x, 1)", "did you mean 'max'"),
        ("mean * 2", "unknown name 'mean'"),
        ("gamma(x) * beta(x)", "unknown function 'beta'"),
        ("phi(x)", "phi is a name here: write phi * (...)"),
        ("others(z)", "unknown name 'z'"),
    ],
)
def test_what_is_no_formula_is_refused_with_what_to_write(text: str, says: str | None) -> None:
    law = Law((1.0, 4.0), (0.5, 0.5), "random.t")
    names = {"t": law, "x": 1, "phi": 2}
    with pytest.raises(ExpressionError) as caught:
        read(text, names, [Share(names, own=True)])
    assert str(caught.value).rstrip().endswith("^")
    if says is not None and "Call" not in says:
        assert says in str(caught.value)


def test_the_caret_stands_under_the_mistake_whatever_letters_come_before() -> None:
    with pytest.raises(ExpressionError) as caught:
        read("λ² · lambda + ηη", ["λ", "lambda"])
    first, shown, caret = str(caught.value).split("\n")
    assert shown[caret.index("^")] == "η"
    assert "unknown name 'ηη'" in first


def test_a_name_of_somebody_is_never_taken_for_a_constant() -> None:
    players = """
    kind = "continuous"
    players = [
      { name = "A", strategies = { e = [0, 1] }, payoff = "-(e - 0.5)^2" },
      { name = "B", strategies = { e = [0, 1] }, payoff = "-(e - 0.25)^2" },
      { name = "C", strategies = { x = [0, 5] }, payoff = "-(x - %s)^2" },
    ]
    """
    with pytest.raises(GameFileError, match="unknown name 'e'"):
        loads(players % "e")
    assert solved(players % "A.e")["C"] == pytest.approx([0.5])
    assert solved(players % "N")["C"] == pytest.approx([3])
    assert solved(players % "pi")["C"] == pytest.approx([math.pi])


def test_a_strategy_that_only_one_player_has_counts_once() -> None:
    text = """
    kind = "continuous"
    players = [
      { name = "A", strategies = { q = [0, 9] }, payoff = "(6 - sum(q)) * q" },
      { name = "B", strategies = { p = [0, 9] }, payoff = "-(p - sum(q))^2" },
    ]
    """
    assert solved(text) == {"A": pytest.approx([3]), "B": pytest.approx([3])}


def test_what_floor_does_at_its_jumps_is_said_not_to_be_known() -> None:
    """At its jumps floor(x) - x^2/4 is 1 - 1/4, 2 - 1 and 3 - 9/4: best at 2."""
    game = lb.Continuous([lb.Player("A", {"x": [0, 5]}, "floor(x) - x^2/4")])
    solution = lb.solve(game)
    assert solution.equilibria[0].strategies["A"] == pytest.approx([2])
    assert solution.complete == "partial"
    assert "floor jumps" in solution.census.message


MARKOV = """
kind = "markov"
time = "discrete"
discount = 0.9
states = { w = [0, 2] }
parameters = { prize = [1, 2, 4], k = "beta^2", beta = 0.6 }
let = { pay = "prize[w]" }
[[players]]
name = "A"
action = { b = [0, 1] }
payoff = "pay - b^2"
events = [
  { chance = "k * b", next = { w = "w + 1" } },
  { chance = 0.2, next = { w = "w - 1" } },
]
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("along", "start", "stop"), [("parameters.prize.2", 4, 4.3), ("parameters.beta", 0.6, 0.66)]
)
def test_a_trace_moves_entries_of_lists_and_what_is_made_of_a_number(
    along: str, start: float, stop: float
) -> None:
    game = loads(MARKOV)
    traced = lb.trace(game, along, start, stop)
    middle = (start + stop) / 2
    at = lb.solve(loads(MARKOV, [f"{along}={middle}"])).equilibria[0]
    branch = traced.branches[0]
    points = sorted(branch.points, key=lambda point: abs(point.parameter - middle))
    near = points[0]
    there = lb.solve(loads(MARKOV, [f"{along}={near.parameter!r}"])).equilibria[0]
    np.testing.assert_allclose(near.equilibrium.value, there.value, rtol=1e-6)
    assert not np.allclose(at.value, lb.solve(game).equilibria[0].value, rtol=1e-4)


def test_a_ladder_knows_lists_definitions_and_random_numbers() -> None:
    text = """
    discount = 0.1
    rungs = 3
    technology = { productivity = 1 }
    labs = [{ name = "A", compute = 1 }, { name = "B", compute = 1 }]
    [market]
    kind = "ladder"
    revenue = "base + E[z](z * r[g])"
    parameters = { r = [0, 1, 1.5, 1.75], base = "1 / k", k = 2 }
    let = { unused = "g^2" }
    random = { z = { values = [1, 3] } }
    """
    race = loads(text)
    assert race.market.ladder(3).tolist() == pytest.approx([0.5, 2.5, 3.5, 4.0])
    solution = lb.solve(race)
    assert solution.equilibria[0].regret < 1e-9
    with pytest.raises(GameFileError, match=r"r\[4\]") as caught:
        loads(text, ["rungs=4"])
    assert "4 places" in str(caught.value)


def test_the_examples_of_the_page_have_the_answers_it_gives() -> None:
    page = (Path(__file__).parent.parent / "docs" / "game-files.md").read_text(encoding="utf-8")
    section = page.split("## Formulas")[1].split("\n## ")[0]
    texts = [part.split("```")[0] for part in section.split("```toml")[1:]]
    found = {loads(text).name: solved(text) for text in texts}
    assert len(found) == 3
    assert found["Three firms"] == {
        "1": pytest.approx([3]),
        "2": pytest.approx([2]),
        "3": pytest.approx([1]),
    }
    rival = found["A firm that does not know its rival's cost"]
    assert rival["A"] == pytest.approx([3.1833], abs=1e-4)
    assert rival["B"] == pytest.approx([3.1583, 2.4083], abs=1e-4)
    assert found["A tournament"]["worker 1"] == pytest.approx([0.1254], abs=1e-4)
    words = {*FUNCTIONS, *TOTALS} - {"sum", "others", "mean", "prod"}
    assert all(f"`{word}" in section or f" {word}" in section for word in words)


def test_derivatives_of_new_functions_are_exact() -> None:
    import sympy

    x = sympy.Symbol("x", real=True)
    for text, slope in (
        ("Phi(x)", math.exp(-0.18) / math.sqrt(2 * math.pi)),
        ("phi(x)", -0.6 * math.exp(-0.18) / math.sqrt(2 * math.pi)),
        ("erf(x)", 2 * math.exp(-0.36) / math.sqrt(math.pi)),
        ("log1p(x)", 1 / 1.6),
        ("gamma(x + 1)", None),
        ("floor(x)", 0.0),
        ("mod(3 * x, 0.5)", 3.0),
    ):
        made = compile_function(sympy.diff(read(text, {"x": x}), x), [x])
        right = (math.gamma(1.6 + 1e-6) - math.gamma(1.6 - 1e-6)) / 2e-6 if slope is None else slope
        assert float(made(0.6)) == pytest.approx(right, rel=1e-7)


def test_totals_over_those_who_are_declared_together() -> None:
    """12 - S - a - a/2 = 0 of two who mind each other, 12 - S - b = 0 of one: 2.4, 2.4 and 3.6."""
    game = loads("""
kind = "continuous"
[[players]]
name = "a"
count = 2
strategies = { x = [0, 9] }
payoff = "(12 - sum(x) - others(a.x) / 2) * x"
[[players]]
name = "b"
strategies = { x = [0, 9] }
payoff = "(12 - sum(x)) * x"
""")
    (found,) = lb.solve(game).equilibria
    sold = [np.ravel(x)[0] for x in found.strategies.values()]
    assert np.allclose(sold, [2.4, 2.4, 3.6])


def test_totals_over_kinds_know_what_is_defined_for_them() -> None:
    game = loads("""
kind = "markov"
discount = 0.5
[[players]]
name = "big"
count = 2
states = { k = [1, 2] }
let = { twice = "2 * k" }
actions = ["a"]
payoff = "sum(big.k)"
[[players]]
name = "small"
states = { k = [1, 1] }
actions = ["a"]
payoff = "mean(big.twice) + max(big.k) + 0 * sum(k)"
""")
    (found,) = lb.solve(game).equilibria
    assert sorted(found.value[0].tolist()) == [4, 6, 6, 8]
    assert sorted(found.value[2].tolist()) == [6, 10, 10, 12]


@pytest.mark.parametrize(
    "text",
    ["(q + {a} * {b} - 2)**2 * ({b} - {a})", "{a} * {b}**2 / (1 + q**2) - q", "max({a}, 0) * q"],
)
def test_polynomials_in_what_is_random_are_averaged_as_if_written_out(text: str) -> None:
    laws = {
        "a": Law((-1.0, 0.5, "2/3", 4.0), (0.1, 0.2, 0.3, 0.4), "a"),
        "b": Law((1.0, 2.0, "-3", 5.0), (0.25, 0.25, "1/8", 0.375), "b"),
    }
    parts = [
        f"({p}) * ({r}) * ({text.format(a=f'({x})', b=f'({y})')})"
        for x, p in zip(laws["a"].values, laws["a"].chances, strict=True)
        for y, r in zip(laws["b"].values, laws["b"].chances, strict=True)
    ]
    found = read(f"E[a, b]({text.format(a='a', b='b')})", {"q": 1.5, **laws})
    written = sum(float(read(part, {"q": 1.5})) for part in parts)
    assert float(found) == pytest.approx(written, rel=1e-12)


def test_three_normal_laws_are_no_longer_to_write_out_than_one() -> None:
    """The square of a sum of three: of 729 outcomes a few moments are left."""
    laws = {
        name: Random(kind="normal", mean=m).law(name) for name, m in (("a", 1), ("b", 0), ("c", 2))
    }
    found = read(
        "E[a, b, c]((q + r * (a + b * c))**2)", {"q": Symbol("q"), "r": Symbol("r"), **laws}
    )
    at = found.subs({"q": 2, "r": 3})
    # the mean of a + b c is 1, its square 1 + 1 + (1 * 5)
    assert float(at) == pytest.approx(4 + 2 * 2 * 3 * 1 + 9 * 7, rel=1e-12)
    assert found.count_ops() < 40

"""Names are the user's: whatever they are called, a game has the same answer; and its fingerprint
is of what it says."""

import itertools
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leaderbored as lb
from leaderbored.games.compile import compile_function
from leaderbored.games.expression import ExpressionError, read
from leaderbored.games.formats.gamefile import load, loads
from leaderbored.games.problems import GameFileError
from leaderbored.solvers.fingerprint import digest

CASES = Path(__file__).parent / "cases" / "formulas"
NAMES = [
    "exp",
    "log",
    "sqrt",
    "less",
    "maximum",
    "minimum",
    "where",
    "select",
    "numpy",
    "e",
    "pi",
    "I",
    "E",
    "S",
    "N",
    "Q",
    "O",
    "oo",
    "zoo",
    "nan",
    "inf",
    "Max",
    "Min",
    "Pow",
    "Add",
    "Piecewise",
    "Symbol",
    "Function",
    "lambda0",
    "x0",
    "x1",
    "given_0",
    "state_0",
    "choice_0",
    "number_0",
    "fixed_0",
    "table_less",
    "float",
    "logical_and",
    "amax",
    "beta",
    "gamma",
    "zeta",
    "µ",
    "ﬁ",
    "lambda",
    "if",
    "sum",
    "others",
    "True",
    "self",
    "array",
    "_",
    "__class__",
    "select_",
]

GAME = """
kind = "markov"
discount = 0.5
time = "discrete"
states = {{ "{s}" = [0, 2] }}
tables = {{ "{t}" = [[7.0, 6.0, 5.0], [7.0, 4.0, 3.0], [1.0, 7.0, 2.0]] }}
parameters = {{ "{p}" = 1.5 }}
[[players]]
name = "{A}"
action = {{ "{x}" = [0, 1] }}
payoff = "sqrt(1 + {x}) + {p} * max({s}, 1) + {t}[{s}, {s}] - {x}**2 + 0.1 * {x} * {B}.{y}"
events = [{{ chance = "0.5 * {x}", next = {{ "{s}" = "{s} + 1 if {s} < 2 else 0" }} }}]
[[players]]
name = "{B}"
action = {{ "{y}" = [0, 1] }}
payoff = "min(exp({y}), 1.5) - {y}**2 + {p} * {s} - 0.2 * {A}.{x} * {y}"
"""
PLAIN = {"s": "s", "t": "t", "p": "p", "A": "A", "B": "B", "x": "x", "y": "y"}


def values(text: str) -> np.ndarray:
    game = loads(text)
    solution = lb.solve(game)
    return np.array(solution.equilibria[0].value)


def test_a_table_may_be_called_as_a_function_of_numpy_is() -> None:
    """By hand: 18 = (2 + 7) / (1 - 1/2), and backwards with one half of moving on."""
    solution = lb.solve(load(CASES / "table-called-maximum.toml"))
    assert solution.equilibria[0].value[0] == pytest.approx([16.0 + 2 / 9, 16.0 + 2 / 3, 18.0])
    solution = lb.solve(load(CASES / "table-called-less.toml"))
    assert solution.equilibria[0].value[0] == pytest.approx([9.0 + 1 / 9, 7.0 + 1 / 3, 2.0])


def test_a_parameter_may_be_called_exp_and_a_constant_may_be_large() -> None:
    race = load(CASES / "parameter-called-exp.toml")
    assert race.market.ladder(2).tolist() == pytest.approx(np.exp([0.0, 0.2, 0.4]).tolist())
    large = load(CASES / "log-of-1e30.toml")
    assert large.market.ladder(1).tolist() == pytest.approx([1.0, 1 + 30 * np.log(10)])


@pytest.fixture(scope="module")
def right() -> np.ndarray:
    return values(GAME.format(**PLAIN))


@settings(max_examples=12, derandomize=True, deadline=None)
@given(st.permutations(NAMES))
def test_renaming_everything_changes_nothing(right: np.ndarray, names: list[str]) -> None:
    names = names[: len(PLAIN)]
    renamed = dict(zip(PLAIN, names, strict=True))
    try:
        found = values(GAME.format(**renamed))
    except GameFileError as error:  # a sentence that says which name
        assert any(name in str(error) for name in names)
        return
    np.testing.assert_allclose(found, right, rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_parameter_is_right_or_refused(name: str) -> None:
    text = f"""
    discount = 0.1
    rungs = 2
    technology = {{ productivity = 1 }}
    market.kind = "ladder"
    market.revenue = "1 + {name} * g + exp(0) * 0"
    market.parameters = {{ "{name}" = 0.25 }}
    labs = [{{ name = "A", compute = 1 }}, {{ name = "B", compute = 1 }}]
    """
    try:
        race = loads(text)
    except GameFileError as error:
        assert name in str(error)
        return
    assert race.market.ladder(2).tolist() == [1.0, 1.25, 1.5]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("log(1e30)", 30 * np.log(10)),
        ("x * 1e30 * 1e30 / 1e60", 2.0),
        ("max(x, 10**30, 1)", 1e30),
        ("1e99 ** -3 * x", 2e-297),
        ("exp(700) * 0 + x", 2.0),
        ("9**300 / 9**299", 9.0),
        ("2**0.5 * 2**0.5", 2.0),
        ("(x > 1) and 3", 3.0),
        ("(x > (x < 1)) < (1 < x)", 0.0),
        ("x if (x if x > 1 else 0) > (0 < x < 1) else 7", 2.0),
        ("1 / (1 - 1)", None),
        ("0 / 0", None),
        ("log(0)", None),
        ("9**9**9", None),
        ("(9*x)**(9**9)", None),
        ("(2**0.5)**(9**9)", None),
        ("exp(exp(exp(exp(9)))) > 3", None),
        ("exp(1e50)", None),
        ("1e999", None),
        ("exp(" * 60 + "x" + ")" * 60, None),
        ("((" * 30 + "x" + "))" * 30, 2.0),
        ("1e-320 * x / 1e-320", 2.0),
        ("sqrt(4) == 2", 1.0),
    ],
)
def test_numbers_of_any_size_have_their_value_or_are_refused(
    text: str, value: float | None
) -> None:
    if value is None:
        with pytest.raises(ExpressionError):
            read(text, ["x"])
        return
    function = compile_function(read(text, ["x"]), ["x"])
    assert float(function(2.0)) == pytest.approx(value)
    # of parameters and states together: numbers and arrays
    np.testing.assert_allclose(np.broadcast_to(function(np.full(3, 2.0)), 3), value)


def test_conditions_of_numbers_and_of_arrays_go_together() -> None:
    function = compile_function(read("1 if a > 0 and x > 1 else max(a, x, 3)", ["a", "x"]), "ax")
    assert function(1.0, np.array([0.0, 2.0, 5.0])).tolist() == [3.0, 1.0, 1.0]


# --- fingerprints


def traced(k: float) -> lb.MarkovGame:
    lab = lb.MarkovPlayer("A", lambda at, m=k: m * at["b"] + k, {"b": (0, 1)})
    return lb.MarkovGame([lab], discount=0.1)


def test_fingerprints_are_of_what_a_game_says() -> None:
    thirds = [[[Fraction(1, 3), 0], [0, 1]], [[1, 0], [0, Fraction(2, 3)]]]
    games = [lb.NormalForm(thirds) for _ in range(2)]
    assert digest(games[0]) == digest(games[1])
    assert digest(lb.NormalForm([[1, 2]])) == digest(lb.NormalForm(np.array([[1.0, 2.0]])))
    assert digest(lb.NormalForm([[1, -0.0]])) == digest(lb.NormalForm([[1, 0]]))
    assert digest(lb.NormalForm([[1, 2]])) != digest(lb.NormalForm([[2, 1]]))
    ladder = lb.RevenueLadder("a + b*g", parameters={"a": 1.0, "b": 2.0})
    other = lb.RevenueLadder("a + b*g", parameters={"b": 2.0, "a": 1.0})
    assert digest(ladder) == digest(other)


def test_functions_are_told_apart_by_what_they_close_over() -> None:
    assert digest(traced(2.0)) == digest(traced(2.0)) != digest(traced(3.0))
    unknown = lb.Continuous([lb.Player("A", {"x": [0, 1]}, lambda chosen: -(chosen["A"] ** 2))])
    solution = lb.solve(unknown)
    assert solution.digest is None
    assert "game" not in solution.fingerprint


@pytest.mark.slow
def test_fingerprints_do_not_hang_on_the_process() -> None:
    code = (
        "import leaderbored as lb; from leaderbored.solvers.fingerprint import digest;"
        "lab = lb.MarkovPlayer('A', lambda at: at['b'] * at['k'] + at['m'], {'b': (0, 1)});"
        "print(digest(lb.MarkovGame([lab], 0.1, parameters={'k': 1.0, 'm': 2.0})))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_players_called_by_a_number_are_players() -> None:
    """Of Q = 1/P and costs 1 and 2 the first sells twice as much, 2/9 (Cournot)."""
    text = """kind = "continuous"
[[players]]
name = "1"
strategies = { q = [0, 9] }
payoff = "q / (q + 2.q) - 1.0*q"
[[players]]
name = "2"
strategies = { q = [0, 9] }
payoff = "q / (1.q + q) - 2.*q"
"""
    found = lb.solve(loads(text)).equilibria[0].strategies
    assert found["1"][0] == pytest.approx(2 / 9) and found["2"][0] == pytest.approx(1 / 9)
    for number, value in (("2.e1", 20), ("1.5e1", 15), (".5", Fraction(1, 2)), ("2.", 2)):
        assert read(number, []) == value
    with pytest.raises(ExpressionError, match=r"unknown name '3\.q'"):
        read("3.q", {"2.q": 1})


@pytest.mark.parametrize(
    "text",
    [
        "x and y",
        "x or 5",
        "x > 1 or y",
        "(x or y > 1) and not y",
        "x and y or 4",
        "1 if x + y else 2",
        "not (x - 1) and y",
    ],
)
def test_terms_that_compare_nothing_hold_unless_they_are_zero(text: str) -> None:
    """What Python makes of the same text."""
    function = compile_function(read(text, ["x", "y"]), ["x", "y"])
    for x, y in itertools.product((0.0, 1.0, 2.0), repeat=2):
        assert function(x, y) == eval(text, {}, {"x": x, "y": y})


def test_what_another_has_defined_is_called_by_its_name() -> None:
    """Cournot with what each sells and pays as definitions; B gets a tenth of what A pays."""

    def firm(name: str, cost: float, more: str = "") -> lb.Player:
        payoff = f"(10 - mine - rival) * mine - cost {more}"
        let = {"mine": "q", "rival": f"{'B' if name == 'A' else 'A'}.mine", "cost": "c * q"}
        return lb.Player(name, {"q": [0, 10]}, payoff, parameters={"c": cost}, let=let)

    found = lb.solve(lb.Continuous([firm("A", 1), firm("B", 2, "+ 0.1 * A.cost * A.c")]))
    (equilibrium,) = found.equilibria
    sold = [float(q[0]) for q in equilibrium.strategies.values()]
    assert sold == pytest.approx([10 / 3, 7 / 3])
    assert equilibrium.payoffs == pytest.approx([100 / 9, 49 / 9 + 1 / 3])


def test_a_definition_of_the_game_means_what_it_does_to_the_one_who_is_named() -> None:
    game = lb.FiniteGame(
        ["A", "B"],
        {"q": [0, 1, 2]},
        {"A": "(6 - sum(q)) * q - cost + B.cost / 2", "B": "(6 - sum(q)) * q - cost"},
        parameters={"c": 1},
        let={"cost": "c * q"},
    )
    sold = np.arange(3)
    a, b = np.meshgrid(sold, sold, indexing="ij")
    np.testing.assert_allclose(game.table.payoffs[0], (5 - a - b) * a + b / 2)


def test_definitions_of_two_players_that_need_each_other_are_named() -> None:
    a = lb.Player("A", {"q": [0, 1]}, "z * q", let={"z": "B.z"})
    b = lb.Player("B", {"q": [0, 1]}, "z * q", let={"z": "A.z"})
    with pytest.raises(ValueError, match=r"these need each other: A.z, B.z, A.z"):
        lb.Continuous([a, b])


def test_capacities_that_others_answer_in_a_game_over_time() -> None:
    """Besanko and Doraszelski (2004): what one sells, as the other reads it, or written out."""

    def game(theirs: str) -> lb.MarkovGame:
        def firm(name: str, other: str) -> lb.MarkovPlayer:
            let = {"q": f"min(k, max((4 - {other}.k) / 2, 4 / 3))"}
            payoff = f"(4 - q - {theirs.format(other=other, name=name)}) * q - x"
            moves = [
                lb.Event({"k": "k + 1"}, hazard="x / (1 + x)"),
                lb.Event({"k": "k - 1"}, hazard="0.2"),
            ]
            return lb.MarkovPlayer(
                name, payoff, {"x": (0, 9)}, states={"k": (0, 2)}, events=moves, let=let
            )

        return lb.MarkovGame([firm("1", "2"), firm("2", "1")], discount=0.1)

    written = game("min({other}.k, max((4 - {name}.k) / 2, 4 / 3))")
    values = [lb.solve(one).equilibria[0].value for one in (game("{other}.q"), written)]
    np.testing.assert_allclose(*values, atol=1e-9)

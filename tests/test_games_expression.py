"""The safe reader: what it reads, what it refuses, and that it never does anything else."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderbored.games.compile import compile_function
from leaderbored.games.expression import ExpressionError, read

HOSTILE = [
    "__import__('os').system('true')",
    "().__class__.__bases__",
    "lambda: 1",
    "[x for x in (1,)]",
    "open('f')",
    "x.y",
    "x[0]",
    "'a' * 9",
    "f'{x}'",
    "x if True else y",
    "x := 3",
    "True + 1",
    "1j",
    "9**9**9**9",
    "9**(9**99)",
    "((9**99)**99)**99",
    "1e999",
    "1e-999 ** -1 * 1/0",
    "2**-100000",
    "1/0",
    "0**-1",
    "log(-1)",
    "sqrt(0 - 2)",
    "exp(1, 2)",
    "max(1)",
    "exp(x=1)",
    "unknown + 1",
    "x y",
    "",
    "(" * 300,
    "(" * 300 + "x" + ")" * 300,
    "-" * 900 + "x",
    "x" * 2000,
    "+".join(["x"] * 450),
    "x\0",
    "min(*x)",
    "x < y < 'a'",
    "x and",
    "not",
    "~x",
    "x // 2",
    "x % 2",
    "x @ x",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_not_a_formula_is_refused_with_a_caret(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read(text, ["x", "y"])
    assert str(caught.value).rstrip().endswith("^")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x + 2*y", 1.5 + 2 * 0.25),
        ("-x**2", -2.25),
        ("exp(x) - log(y)", math.exp(1.5) - math.log(0.25)),
        ("min(x, y, 1) + max(x, 3)", 3.25),
        ("abs(y - x) + sqrt(y) + tanh(x)", 1.25 + 0.5 + math.tanh(1.5)),
        ("(x > 1) + 10*(y >= 1)", 1.0),
        ("0 < y < 1", 1.0),
        ("x if y < 1 else 7", 1.5),
        ("x if y == 1 else 7 if x > 9 else 8", 8.0),
        ("0.1 + 0.2 == 0.3", 1.0),  # decimals are exact
    ],
)
def test_formulas_have_the_value_that_arithmetic_gives(text: str, value: float) -> None:
    assert float(compile_function(read(text, ["x", "y"]), ["x", "y"])(1.5, 0.25)) == pytest.approx(
        value
    )


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.text(alphabet="x0123456789.+-*/()<>=,expmaxlog _e'[]{}:", max_size=40))
def test_any_text_is_a_formula_or_a_clean_refusal(text: str) -> None:
    try:
        expression = read(text, ["x"])
    except ExpressionError:
        return
    compile_function(expression, ["x"])(2.0)


def test_overflow_is_infinite_and_not_an_error() -> None:
    assert compile_function(read("2**(2**g)", ["g"]), ["g"])(40.0) == math.inf


@pytest.mark.parametrize(
    ("formula", "exactly"),
    [
        ("floor(s / 49)", lambda s: s // 49),
        ("mod(s, 49)", lambda s: s % 49),
        ("floor((s + 1) / 49)", lambda s: (s + 1) // 49),
        ("ceil(2 * s / 103 + 1 / 103)", lambda s: -((-2 * s - 1) // 103)),
        ("floor(0.29 * s)", lambda s: 29 * s // 100),
        ("s / 49 >= 1", lambda s: s >= 49),
        ("(s + 1) / 98 == s / 7", lambda s: 7 * (s + 1) == 98 * s),
        ("3 if 0.01 * s < 0.49 else floor(s / 49)", lambda s: 3 if s < 49 else s // 49),
    ],
)
def test_floors_and_comparisons_of_whole_numbers_are_exact(formula, exactly):
    states = np.arange(1_000)
    found = compile_function(read(formula, ["s"]), ["s"])(states)
    assert found.tolist() == [exactly(s) for s in states.tolist()]

"""Random formulas have the values of Python's own arithmetic, and exact derivatives; broken ones
are refused in a sentence that says where."""

import math
import random

import numpy as np
import pytest
import sympy
from formulas_drawn import Kit, NearError, Seat, formula

from leaderbored.games.compile import compile_function
from leaderbored.games.expression import Definition, ExpressionError, Grid, Law, Share, read

PLAYERS = ["A", "B", "C"]
LAW = [(0.5, 0.25), (2.0, 0.75)]
LIST = [1.5, 0.25, 3.0]


def table(drawn: random.Random) -> tuple[list[Seat], dict[str, float]]:
    """Three players, each with its own q and c; all with a."""
    common = {"a": drawn.uniform(0.2, 3)}
    seats = [
        Seat({**common, "q": drawn.uniform(0.1, 2), "c": drawn.uniform(-1, 1)}) for _ in PLAYERS
    ]
    for k, seat in enumerate(seats):
        seat.others = [Seat(other.names) for j, other in enumerate(seats) if j != k]
    return seats, {f"{p}.q": s.names["q"] for p, s in zip(PLAYERS, seats, strict=True)}


def evaluated(text: str, seats: list[Seat], kit: Kit) -> tuple[float, sympy.Expr, dict]:
    """The first player's value by the reader and the compiler."""
    symbols: dict = {}

    def symbol(name: str, value: float) -> sympy.Symbol:
        made = sympy.Dummy(name.replace(".", "_"), real=True)
        symbols[made] = value
        return made

    a = symbol("a", seats[0].names["a"])
    own = [{n: symbol(n, s.names[n]) for n in ("q", "c")} for s in seats]
    grid = Grid("0", (len(LIST),))
    common = {
        "a": a,
        "w": grid,
        "theta": Law(tuple(x for x, _ in LAW), tuple(p for _, p in LAW), "random.theta"),
        "pi": math.pi,
        "e": math.e,
        **{name: Definition(words, f"let.{name}") for name, (words, _) in kit.defined.items()},
        **{f"{p}.q": mine["q"] for p, mine in zip(PLAYERS, own, strict=True)},
    }
    totals = [Share({**common, **mine}, own=k == 0) for k, mine in enumerate(own)]
    expression = read(text, {**common, **own[0]}, totals)
    function = compile_function(expression, [*symbols, grid])
    return float(function(*symbols.values(), np.array(LIST))), expression, symbols


@pytest.mark.slow
def test_random_formulas_have_the_values_of_plain_arithmetic() -> None:
    drawn, compared, refused = random.Random(5), 0, 0
    for _ in range(300):
        seats, dotted = table(drawn)
        kit = Kit(True, {"theta": LAW}, {"w": LIST}, {}, dotted)
        kit.defined["Q"] = formula(drawn, ["a", "q", "c"], 2, kit)
        text, value = formula(drawn, ["a", "q", "c"], drawn.choice([1, 2, 3]), kit)
        if len(text) > 900:
            continue
        try:
            right = value(seats[0])
        except (ArithmeticError, ValueError, NearError):
            right = math.nan
        try:
            found, *_ = evaluated(text, seats, kit)
        except ExpressionError as error:
            refused += 1
            assert math.isnan(right) or "too large" in str(error) or "value" in str(error), text
            continue
        if math.isfinite(right) and abs(right) < 1e12:
            assert found == pytest.approx(right, rel=1e-6, abs=1e-9), text
            compared += 1
    assert compared > 200
    assert refused < 40


def test_derivatives_of_random_formulas_are_slopes() -> None:
    drawn, compared = random.Random(11), 0
    for _ in range(80):
        seats, dotted = table(drawn)
        kit = Kit(True, {"theta": LAW}, {"w": LIST}, {}, dotted)
        text, _ = formula(drawn, ["a", "q", "c"], 2, kit)
        try:
            _, expression, symbols = evaluated(text, seats, kit)
        except ExpressionError:
            continue
        q = next(symbol for symbol in symbols if symbol.name == "q")
        if expression.has(sympy.Piecewise, sympy.Max, sympy.Min, sympy.Abs):
            continue
        grid = Grid("0", (len(LIST),))
        function = compile_function(expression, [*symbols, grid])
        slope = compile_function(sympy.diff(expression, q), [*symbols, grid])
        values = dict(symbols)

        def at(x: float, values=values, function=function, q=q) -> float:
            return float(function(*(values | {q: x}).values(), np.array(LIST)))

        step = 1e-5
        points = [at(values[q] + k * step) for k in (-2, -1, 1, 2)]
        numeric = (points[0] - 8 * points[1] + 8 * points[2] - points[3]) / (12 * step)
        rough = (points[2] - points[1]) / (2 * step)
        if not np.isfinite(numeric) or abs(rough - numeric) > 1e-6 * (1 + abs(numeric)):
            continue  # steep, or a jump of floor near by
        exact = float(slope(*values.values(), np.array(LIST)))
        assert exact == pytest.approx(numeric, rel=1e-4, abs=1e-6), text
        compared += 1
    assert compared > 20

"""Formulas in balls hold every value that the same formulas have by numpy."""

from __future__ import annotations

import math
import random

import numpy as np
from flint import arb
from formulas_drawn import Kit, NearError, formula
from test_formulas_drawn import LAW, LIST, evaluated, table

from leaderbored.games.compile import compile_function
from leaderbored.games.expression import ExpressionError, Grid
from leaderbored.solvers.numerics.balls import Balls
from leaderbored.solvers.numerics.krawczyk import UnprovedError

GRID = Grid("0", (len(LIST),))
SLACK = 1e-9  # of what numpy rounds


def test_random_formulas_lie_in_their_balls() -> None:
    drawn, held, refused = random.Random(11), 0, 0
    for k in range(120):
        seats, dotted = table(drawn)
        kit = Kit(True, {"theta": LAW}, {"w": LIST}, {}, dotted)
        kit.defined["Q"] = formula(drawn, ["a", "q", "c"], 2, kit)
        text, value = formula(drawn, ["a", "q", "c"], drawn.choice([1, 2, 3]), kit)
        try:
            value(seats[0])
            _, expression, symbols = evaluated(text, seats, kit)
        except (ArithmeticError, ValueError, NearError, ExpressionError):
            continue
        wide = (1e-3, 1e-1, 1.0)[k % 3]
        known = {symbol: arb(float(x), wide * drawn.random()) for symbol, x in symbols.items()}
        try:
            ball = Balls(known | {GRID: np.array(LIST)}).finite(expression)
        except UnprovedError:
            refused += 1
            continue
        function = compile_function(expression, [*symbols, GRID])
        for t in (-1.0, -0.4, 0.0, 0.7, 1.0):
            ways = [t * drawn.choice((-1, 1)) for _ in known]
            point = [
                float(b.mid()) + way * float(b.rad()) * (1 - 1e-9)
                for b, way in zip(known.values(), ways, strict=True)
            ]
            found = float(function(*point, np.array(LIST)))
            if math.isfinite(found):
                held += 1
                room = SLACK * (1 + abs(found))
                assert float(ball.lower()) - room <= found <= float(ball.upper()) + room, text
    assert held > 150
    assert refused < 80

"""Shared constraints: one price for all, against every active set in rational numbers."""

from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from flint import fmpq, fmpq_mat

import leaderbored as lb
from leaderbored.games.formats.gamefile import load
from leaderbored.views.data import solution_report

CASES = Path(__file__).parent / "cases" / "static"


def played(solution: lb.Solution) -> list[list[float]]:
    return [np.concatenate([*e.strategies.values()]).tolist() for e in solution.equilibria]


@pytest.mark.parametrize(
    ("case", "point", "price"),
    [
        ("shared-cap-two", [1.5, 0.5], 6.5),
        ("shared-cap-three", [2, 1, 0], 5),
        ("shared-alike", [0.75, 0.75], 0.25),
    ],
)
def test_one_price_holds_one_point(case: str, point: list[float], price: float) -> None:
    solution = lb.solve(load(CASES / f"{case}.toml"))
    assert played(solution) == [pytest.approx(point, abs=1e-9)]
    (found,) = solution.equilibria
    assert [*found.prices.values()] == [pytest.approx(price, abs=1e-8)]
    assert solution.complete == "proved"
    assert found.regret < 1e-9
    assert found.stable is None  # with the rest of the cap taken, replies move one for one


def solved(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    a = fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in matrix])
    b = fmpq_mat([[fmpq(v.numerator, v.denominator)] for v in right])
    try:
        x = a.solve(b)
    except ZeroDivisionError:
        return None
    return [Fraction(int(v.p), int(v.q)) for v in x.entries()]


def every_active_set(q, c, upper, rows, caps) -> set[tuple[Fraction, ...]]:
    """The x in [0, upper] with rows x <= caps at which one price for all makes c + q x fit.

    Player i's slope is c_i + sum_j q_ij x_j minus what its unit costs at the prices.
    """
    n, k, found = len(c), len(caps), set()
    for sides in product((0, 1, None), repeat=n):
        for tight in product((False, True), repeat=k):
            matrix, right = [], []
            for i, side in enumerate(sides):
                if side is None:
                    matrix.append([-v for v in q[i]] + [rows[r][i] for r in range(k)])
                    right.append(c[i])
                else:
                    matrix.append([Fraction(int(i == j)) for j in range(n + k)])
                    right.append(side * upper[i])
            for r in range(k):
                if tight[r]:
                    matrix.append([*rows[r], *[Fraction(0)] * k])
                    right.append(caps[r])
                else:
                    matrix.append([Fraction(int(n + r == j)) for j in range(n + k)])
                    right.append(Fraction(0))
            z = solved(matrix, right)
            if z is None:
                continue
            x, price = z[:n], z[n:]
            slope = [
                c[i]
                + sum(q[i][j] * x[j] for j in range(n))
                - sum(price[r] * rows[r][i] for r in range(k))
                for i in range(n)
            ]
            fits = all(0 <= x[i] <= upper[i] for i in range(n))
            fits &= all(
                sum(a * b for a, b in zip(rows[r], x, strict=True)) <= caps[r] for r in range(k)
            )
            fits &= all(p >= 0 for p in price)
            for i in range(n):
                fits &= slope[i] <= 0 or x[i] == upper[i]
                fits &= slope[i] >= 0 or x[i] == 0
            if fits:
                found.add(tuple(x))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_random_quadratic_games_have_the_answer_of_every_active_set(seed: int) -> None:
    """Concave and diagonally strictly so: one answer, degenerate or not."""
    rng = np.random.default_rng(seed)
    n, k = int(rng.integers(2, 5)), int(rng.integers(1, 3))
    q = [[Fraction(int(v)) for v in row] for row in rng.integers(-2, 3, (n, n))]
    for i in range(n):
        q[i][i] = -Fraction(2 * n + int(rng.integers(0, 3)))
    c = [Fraction(int(v)) for v in rng.integers(-3, 12, n)]
    upper = [Fraction(int(v)) for v in rng.integers(1, 4, n)]
    rows = [[Fraction(int(v)) for v in row] for row in rng.integers(0, 3, (k, n))]
    caps = [Fraction(int(v)) for v in rng.integers(1, 4, k)]
    (right,) = every_active_set(q, c, upper, rows, caps)

    def payoff(i: int) -> str:
        terms = [f"({q[i][j]}) * P{j}.x" for j in range(n) if j != i]
        return f"x * ({' + '.join([str(c[i]), *terms])}) + ({q[i][i]}) * x**2 / 2"

    unit = 10.0 ** int(rng.integers(-6, 7))  # of payoffs: nothing may depend on it
    game = lb.Continuous(
        [
            lb.Player(f"P{i}", {"x": (0, float(upper[i]))}, f"({unit}) * ({payoff(i)})")
            for i in range(n)
        ],
        constraints=[
            " + ".join(f"{row[i]} * P{i}.x" for i in range(n)) + f" <= {cap}"
            for row, cap in zip(rows, caps, strict=True)
        ],
    )
    solution = lb.solve(game)
    assert played(solution) == [pytest.approx([float(v) for v in right], abs=1e-7)]
    assert solution.complete == "proved"


def test_what_one_price_does_not_hold_is_not_returned() -> None:
    """A bowl that players differ on: every point of the cap is a Nash point, one has one price."""
    game = lb.Continuous(
        [
            lb.Player("A", {"x": (0, 1)}, "log(1 + 3 * x)"),
            lb.Player("B", {"x": (0, 1)}, "log(1 + x)"),
        ],
        constraints=["A.x**2 + B.x**2 <= 1"],
    )
    ((a, b),) = played(lb.solve(game))
    assert a**2 + b**2 == pytest.approx(1, abs=1e-9)
    assert 3 / (1 + 3 * a) / a == pytest.approx(1 / (1 + b) / b, rel=1e-6)


def test_a_constraint_that_nothing_meets_is_named() -> None:
    game = lb.Continuous([lb.Player("A", {"x": (0, 1)}, "x")], constraints=["A.x >= 3"])
    solution = lb.solve(game)
    assert not solution.equilibria
    assert "A.x >= 3" in solution.status.message


def test_what_counts_as_one_equilibrium_is_said_by_the_method() -> None:
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.ScarceMarket(0.6),
        lb.Technology(3, handicap=0.1),
        discount=0.1,
    )
    table = lb.NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    coarse = lb.solve(race, lb.Method(search=lb.Search(same=10.0, starts=40)), all=True)
    fine = lb.solve(race, lb.Method(search=lb.Search(starts=40)), all=True)
    assert len(coarse.equilibria) == 1 < len(fine.equilibria)
    assert coarse.settings["search.same"] == "10.0"
    assert solution_report(lb.solve(table))["settings"]["tolerance"] == "1e-10"

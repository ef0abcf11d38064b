"""Games of two players: every equilibrium, against an exhaustive search in rational numbers."""

from fractions import Fraction
from io import StringIO
from itertools import combinations

import numpy as np
import pytest
from flint import fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

import leaderbored as lb

Laws = tuple[tuple[Fraction, ...], tuple[Fraction, ...]]


def corners(payoffs: list[list[Fraction]]) -> set[tuple[Fraction, ...]]:
    """Extreme points (law, value) of {x a law, v >= each column's payoff}, by all bases."""
    size, other = len(payoffs), len(payoffs[0])
    zero, one = Fraction(0), Fraction(1)
    plays = [[one if i == k else zero for i in range(size)] + [zero] for k in range(size)]
    replies = [[-payoffs[i][j] for i in range(size)] + [one] for j in range(other)]
    total = [one] * size + [zero]
    found = set()
    for tight in combinations(plays + replies, size):
        system = fmpq_mat([[(int(v.numerator)) for v in row] for row in [*tight, total]])
        right = fmpq_mat([[0]] * size + [[1]])
        try:
            point = [Fraction(int(v.p), int(v.q)) for v in system.solve(right).entries()]
        except ZeroDivisionError:
            continue
        if all(sum(a * b for a, b in zip(row, point, strict=True)) >= 0 for row in plays + replies):
            found.add(tuple(point))
    return found


def exhaustive(a: list[list[int]], b: list[list[int]]) -> set[Laws]:
    """All extreme equilibria of a game with whole payoffs."""
    left = corners([[Fraction(v) for v in row] for row in b])
    right = corners([[Fraction(v) for v in column] for column in zip(*a, strict=True)])
    found = set()
    for *x, v in left:
        for *y, u in right:
            rows = [sum(q * w for q, w in zip(row, y, strict=True)) for row in a]
            columns = [sum(p * w for p, w in zip(c, x, strict=True)) for c in zip(*b, strict=True)]
            best = all(p == 0 or r == u for p, r in zip(x, rows, strict=True))
            if best and all(q == 0 or c == v for q, c in zip(y, columns, strict=True)):
                found.add((tuple(x), tuple(y)))
    return found


def exact_set(solution: lb.Solution) -> set[Laws]:
    return {tuple(e.exact.values()) for e in solution.equilibria}


@st.composite
def bimatrix(draw: st.DrawFn, most: int = 4) -> tuple[list[list[int]], list[list[int]]]:
    """Small games with many ties."""
    m, n = draw(st.integers(1, most)), draw(st.integers(1, most))
    top = draw(st.sampled_from([1, 2, 3, 50]))
    row = st.lists(st.integers(-top, top), min_size=n, max_size=n)
    table = st.lists(row, min_size=m, max_size=m)
    return draw(table), draw(table)


@settings(max_examples=150, deadline=None)
@given(bimatrix())
def test_extreme_equilibria_are_those_of_an_exhaustive_search(game) -> None:
    solution = lb.solve(lb.NormalForm(game), exact=True)
    assert exact_set(solution) == exhaustive(*game)
    assert len(solution.equilibria) == len(exact_set(solution))
    assert solution.complete == "proved" and solution.status.ok


@pytest.mark.parametrize("seed", range(6))
def test_generic_five_by_five(seed: int) -> None:
    game = np.random.default_rng(seed).integers(0, 99, (2, 5, 5)).tolist()
    solution = lb.solve(lb.NormalForm(game), exact=True)
    assert exact_set(solution) == exhaustive(*game)


@settings(max_examples=60, deadline=None)
@given(bimatrix(), st.randoms(use_true_random=False))
def test_every_mixture_within_a_subset_is_an_equilibrium(game, random) -> None:
    form = lb.NormalForm(game)
    solution = lb.solve(form)
    spans = 0
    for component in solution.components:
        for rows, columns in component.subsets:
            spans += len(rows) * len(columns) >= 1
            laws = []
            for chosen, corner in (
                (rows, component.row_vertices),
                (columns, component.column_vertices),
            ):
                weights = np.array([random.random() + 1e-3 for _ in chosen])
                laws.append(weights / weights.sum() @ np.array([corner[k] for k in chosen]))
            a, b = form.tables
            assert (a @ laws[1]).max() - laws[0] @ a @ laws[1] < 1e-12 * (1 + np.abs(a).max())
            assert (laws[0] @ b).max() - laws[0] @ b @ laws[1] < 1e-12 * (1 + np.abs(b).max())
    assert spans >= 1
    assert sum(component.index for component in solution.components) == 1


def test_a_whole_component() -> None:
    """A degenerate game: an edge beside a point (as in von Stengel 2007, section 3.6)."""
    a, b = [[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]]
    solution = lb.solve(lb.NormalForm([a, b]), exact=True)
    assert exact_set(solution) == exhaustive(a, b)
    third = Fraction(1, 3)
    assert exact_set(solution) == {
        ((0, third, 2 * third), (third, 2 * third)),
        ((1, 0, 0), (1, 0)),
        ((1, 0, 0), (2 * third, third)),
    }
    point, edge = sorted(solution.components, key=lambda c: -c.index)
    assert point.isolated and point.index == 1
    assert edge.subsets == (((0,), (0, 1)),) and edge.index == 0


def test_coordination_has_all_supports() -> None:
    solution = lb.solve(lb.NormalForm([np.eye(5), np.eye(5)]))
    assert len(solution.equilibria) == 2**5 - 1
    assert sum(e.stable is True for e in solution.equilibria) == 5
    for equilibrium in solution.equilibria:
        support = int((equilibrium.strategies["1"] > 0).sum())
        assert equilibrium.index == (-1) ** (support + 1)


def test_all_payoffs_equal_is_one_component() -> None:
    solution = lb.solve(lb.NormalForm(np.zeros((2, 4, 3))))
    assert len(solution.equilibria) == 12
    (component,) = solution.components
    assert component.subsets == (((0, 1, 2, 3), (0, 1, 2)),)
    assert component.index == 1 and not component.isolated


@settings(max_examples=40, deadline=None)
@given(bimatrix(), st.integers(1, 10**9), st.integers(-(10**6), 10**6))
def test_payoffs_may_be_scaled_and_shifted(game, factor: int, shift: int) -> None:
    a, b = game
    moved = [[v * factor + shift for v in row] for row in a]
    first, second = (lb.solve(lb.NormalForm([x, b]), exact=True) for x in (a, moved))
    assert exact_set(first) == exact_set(second)


@settings(max_examples=40, deadline=None)
@given(bimatrix(), st.randoms(use_true_random=False))
def test_players_and_strategies_may_be_relabelled(game, random) -> None:
    a, b = (np.array(table) for table in game)
    rows, columns = list(range(len(a))), list(range(a.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    order = np.ix_(rows, columns)
    first = exact_set(lb.solve(lb.NormalForm([a, b]), exact=True))
    second = exact_set(lb.solve(lb.NormalForm([b[order].T, a[order].T]), exact=True))
    back = {
        (
            tuple(x[rows.index(i)] for i in range(len(rows))),
            tuple(y[columns.index(j)] for j in range(len(columns))),
        )
        for y, x in second
    }
    assert first == back


def test_decimals_are_what_they_print() -> None:
    """A tie between .3 and .1 + .2 written as .3, and none with the sum of doubles."""
    tie = lb.solve(lb.NormalForm([[["0.3"], ["3/10"]], [[1], [1]]]))
    assert len(tie.equilibria) == 2
    sums = lb.solve(lb.NormalForm([[[0.3], [0.1 + 0.2]], [[1], [1]]]))
    assert len(sums.equilibria) == 1


def test_payoffs_of_very_different_sizes() -> None:
    game = lb.NormalForm([[[10**40, 0], [0, 1]], [[1, 0], [0, 10**40]]])
    solution = lb.solve(game, exact=True)
    assert len(solution.equilibria) == 3
    mixed = next(e for e in solution.equilibria if 0 < e.exact["1"][0] < 1)
    assert mixed.exact["1"] == (Fraction(10**40, 10**40 + 1), Fraction(1, 10**40 + 1))


def test_payoffs_beyond_the_precision_of_floating_point() -> None:
    solution = lb.solve(lb.NormalForm([[[1e300, 1e-300], [0, 1]], [[1, 2], [3, 1]]]), exact=True)
    (mixed,) = solution.equilibria
    assert mixed.exact["1"] == (Fraction(2, 3), Fraction(1, 3))
    assert np.allclose(mixed.strategies["1"], [2 / 3, 1 / 3])
    assert mixed.strategies["2"].tolist() == [1e-300, 1.0]


def test_stability_under_perturbed_best_replies() -> None:
    pennies = lb.solve(lb.NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]))
    assert [e.stable for e in pennies.equilibria] == [True]
    shapley = [[[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 1], [1, 0, 0]]]
    (mixed,) = lb.solve(lb.NormalForm(shapley)).equilibria
    assert mixed.stable is False


def test_one_equilibrium_of_a_large_game() -> None:
    tables = np.random.default_rng(3).random((2, 120, 90))
    solution = lb.solve(lb.NormalForm(tables), all=False)
    (found,) = solution.equilibria
    x, y = found.strategies.values()
    assert (tables[0] @ y).max() - x @ tables[0] @ y < 1e-12
    assert (x @ tables[1]).max() - x @ tables[1] @ y < 1e-12
    assert solution.complete == "partial"


def test_a_limit_stops_and_says_so() -> None:
    tables = np.random.default_rng(3).integers(0, 100, (2, 14, 14))
    solution = lb.solve(lb.NormalForm(tables), limit=lambda: True)
    assert solution.status.code == "stopped" and solution.complete == "partial"
    assert all(e.regret < 1e-10 for e in solution.equilibria)


def test_one_player_picks_the_best() -> None:
    solution = lb.solve(lb.NormalForm([[1, 3, 3]]), exact=True)
    assert sorted(e.exact["1"] for e in solution.equilibria) == [(0, 0, 1), (0, 1, 0)]
    assert solution.equilibria[0].payoffs.tolist() == [3]


def test_nashpy_games_come_and_go() -> None:
    nashpy = pytest.importorskip("nashpy")
    game = nashpy.Game([[3, 0], [0, 2]], [[2, 0], [0, 3]])
    solution = lb.solve(game)
    ours = {tuple(np.concatenate([*e.strategies.values()]).round(9)) for e in solution.equilibria}
    theirs = {tuple(np.concatenate(pair).round(9)) for pair in game.support_enumeration()}
    assert ours == theirs
    again = lb.NormalForm.of(game).nashpy()
    assert np.array_equal(again.payoff_matrices[0], game.payoff_matrices[0])


@pytest.mark.parametrize("seed", range(2))
def test_a_game_too_large_for_the_time_there_is_has_an_equilibrium_all_the_same(seed: int) -> None:
    """Pivoting goes before the enumeration of millions of vertices."""
    tables = np.random.default_rng(seed).random((2, 20, 20))
    asked = iter(range(300))
    solution = lb.solve(lb.NormalForm(tables), limit=lambda: next(asked, None) is None)
    assert solution.status.code == "stopped" and solution.complete == "partial"
    assert solution.equilibria
    for found in solution.equilibria:
        x, y = found.strategies.values()
        assert (tables[0] @ y).max() - x @ tables[0] @ y < 1e-9
        assert (x @ tables[1]).max() - x @ tables[1] @ y < 1e-9


def test_an_enumeration_that_takes_too_much_memory_is_given_up(monkeypatch) -> None:
    from leaderbored.solvers.finite import polytope

    monkeypatch.setattr(polytope, "MOST_BYTES", 20_000)
    tables = np.random.default_rng(1).random((2, 13, 13))
    solution = lb.solve(lb.NormalForm(tables))
    assert solution.complete == "partial" and solution.equilibria
    assert "memory" in solution.census.message
    assert all(found.regret < 1e-9 for found in solution.equilibria)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (
            [[[3, 2, 3], [4, 5, 2], [3, 3, 0]], [[3, 2, 3], [2, 6, 2], [0, 1, 0]]],
            "its 3 maximal Nash subsets are",
        ),
        ([[[1, 1], [1, 1]], [[2, 2], [2, 2]]], "its maximal Nash subset is"),
    ],
)
def test_maximal_nash_subsets_are_counted_in_plain_words(
    tables: list[list[list[int]]], said: str
) -> None:
    with StringIO() as out:
        Console(file=out, width=200).print(lb.solve(lb.NormalForm(tables)).table())
        assert said in out.getvalue()

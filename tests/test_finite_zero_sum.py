"""Games of opposed interests: the program, the value, and whether there is one equilibrium."""

import json
from fractions import Fraction

import numpy as np
import pytest
from test_solvers_bimatrix import exhaustive

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.solvers.finite.zero_sum import Opposed, alone, only, solve_opposed


def opposed(seed: int, shape: tuple[int, int], most: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-most, most + 1, shape)


def gains(a: np.ndarray, b: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    return max((a @ y).max() - x @ a @ y, (x @ b).max() - x @ b @ y)


@pytest.mark.parametrize("seed", range(40))
def test_the_only_equilibrium_is_proved_just_where_there_is_one(seed: int) -> None:
    """Against an exhaustive search in rational numbers; small numbers make ties."""
    a = opposed(seed, [(3, 3), (4, 3), (2, 4)][seed % 3], 2 + seed % 9)
    game = lb.NormalForm([a, -a])
    every = exhaustive(a.tolist(), (-a).tolist())
    mixed = solve_opposed(game, Opposed.of(game))
    assert gains(a, -a, *mixed) < 1e-9
    assert alone(game, mixed) == (len(every) == 1)
    if len(every) == 1:
        found = only(game, lb.FiniteMethod(), True).equilibria[0]
        assert tuple(found.exact.values()) == next(iter(every))
    x, y = next(iter(every))
    value = sum(x[i] * int(a[i, j]) * y[j] for i in range(len(x)) for j in range(len(y)))
    assert lb.solve(game).value == pytest.approx(float(value), abs=1e-12)


def test_payoffs_that_add_up_to_a_constant_in_other_units() -> None:
    a = opposed(3, (4, 4), 9)
    game = lb.NormalForm([3 * a + 1, 5 - 2 * a])
    assert Opposed.of(game).constant and Opposed.of(game).exact
    plain, moved = lb.solve(lb.NormalForm([a, -a])), lb.solve(game)
    assert moved.value == pytest.approx(3 * plain.value + 1)


def test_strategically_zero_sum() -> None:
    """Best replies are opposed though payoffs are not: what the other does alone adds to them."""
    rng = np.random.default_rng(5)
    a = rng.integers(-50, 51, (15, 15))
    by_column, by_row = rng.integers(0, 20, 15), rng.integers(0, 20, 15)
    game = lb.NormalForm([a + by_column[None], -2 * a + by_row[:, None]])
    found = Opposed.of(game)
    assert not found.constant and found.exact
    solution, plain = lb.solve(game, exact=True), lb.solve(lb.NormalForm([a, -a]), exact=True)
    assert solution.value is None and solution.complete == plain.complete == "proved"
    assert solution.equilibria[0].method == "linear program"
    assert solution.equilibria[0].exact == plain.equilibria[0].exact
    assert Opposed.of(lb.NormalForm([a, 2 * a])) is None
    assert Opposed.of(lb.NormalForm([a, np.where(np.eye(15) == 1, -a - 1, -a)])) is None


def test_a_tenth_is_a_tenth() -> None:
    """Sums of decimals are constant as they print, though sums of doubles are not."""
    a = [[0.1, 0.7], [0.3, 0.2]]
    b = [[0.9, 0.3], [0.7, 0.8]]
    assert lb.solve(lb.NormalForm([a, b])).value == pytest.approx(0.19 / 0.7)
    b[1][1] = 0.8 + 1e-15
    assert lb.solve(lb.NormalForm([a, b])).value is None


def test_a_large_game() -> None:
    a = np.random.default_rng(2).random((150, 120))
    solution = lb.solve(lb.NormalForm([a, -a]))
    (found,) = solution.equilibria
    assert solution.complete == "proved" and found.index == 1 and found.stable
    x, y = found.strategies.values()
    assert gains(a, -a, x, y) < 1e-12
    assert (x @ a).min() == pytest.approx(solution.value, abs=1e-12)
    assert (a @ y).max() == pytest.approx(solution.value, abs=1e-12)


def test_a_large_game_with_ties_is_not_called_the_only_one() -> None:
    a = np.random.default_rng(2).random((40, 40))
    twice = np.vstack([a, a])  # every row has a twin
    solution = lb.solve(lb.NormalForm([twice, -twice]))
    assert solution.complete == "partial" and solution.status.ok
    assert solution.equilibria and all(e.regret < 1e-10 for e in solution.equilibria)
    assert solution.value == pytest.approx(lb.solve(lb.NormalForm([a, -a])).value)


def test_the_value_is_said(tmp_path, capsys) -> None:
    path = tmp_path / "game.toml"
    path.write_text('kind = "normal-form"\npayoffs = [[[2, -1], [-1, 1]], [[-2, 1], [1, -1]]]\n')
    assert main(["solve", str(path)]) == 0
    assert "Payoffs add up to a constant: 1 gets 0.2 in every equilibrium." in " ".join(
        capsys.readouterr().out.split()
    )
    assert main(["solve", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert Fraction(told["value"]).limit_denominator(1000) == Fraction(1, 5)


def test_a_common_sum_of_many_payoffs_leaves_no_trace() -> None:
    """Payoffs are worked out exactly where rounding would show."""
    tenths = np.random.default_rng(3).integers(-1000, 1000, (120, 120))
    plain, moved = (lb.NormalForm([(tenths + 10 * more) / 10, -tenths / 10]) for more in (0, 2**40))
    assert np.abs(plain.utility - moved.utility).max() <= 7 * 2.0**-53
    assert plain.utility.min() == 0 and plain.utility.max() == 1


@pytest.mark.parametrize(("common", "proved"), [(0.0, True), (1e6, False)])
def test_proofs_of_large_tables_leave_room_for_the_decimals_that_are_read(
    common: float, proved: bool
) -> None:
    margin, size = 2e-10, 320  # two roundings of a payoff that is a million
    payoffs = common + np.random.default_rng(3).uniform(0, 1, (size, size))
    payoffs[0, :], payoffs[:, 0] = common + 0.5 + margin, common + 0.5 - margin
    payoffs[0, 0] = common + 0.5
    game = lb.NormalForm(np.stack([payoffs, -payoffs]))
    first = np.eye(1, size).ravel()
    assert alone(game, [first, first]) is proved

"""Games of three and more players: pure, one and every equilibrium."""

import json
from itertools import permutations, product
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import leaderbored as lb
from leaderbored.games.formats.gamefile import load
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.finite import boxes
from leaderbored.solvers.finite.alike import symmetries
from leaderbored.solvers.finite.boxes import every_mixed
from leaderbored.solvers.finite.continua import continua
from leaderbored.solvers.finite.pure import pure_equilibria
from leaderbored.solvers.finite.quantal import logit_path
from leaderbored.solvers.finite.ranges import range_of

CASES = Path(__file__).parent / "cases" / "static"


def gains(tables: np.ndarray, laws: list[np.ndarray]) -> float:
    """Largest gain from a pure deviation, by summing over all profiles."""
    worst = 0.0
    for player, table in enumerate(tables):
        earned = np.zeros(table.shape[player])
        for profile in product(*map(range, table.shape)):
            weight = np.prod([laws[j][a] for j, a in enumerate(profile) if j != player])
            earned[profile[player]] += weight * table[profile]
        worst = max(worst, float(earned.max() - earned @ laws[player]) / np.ptp(table))
    return worst


def points(solution: lb.Solution) -> set[tuple[float, ...]]:
    return {
        tuple((np.concatenate([*e.strategies.values()]).round(7) + 0.0).tolist())
        for e in solution.equilibria
    }


def random_game(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(seed).random((len(shape), *shape))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("shape", [(2, 2, 2), (2, 3, 2), (3, 3)])
def test_every_equilibrium_is_one_and_their_number_is_odd(
    seed: int, shape: tuple[int, ...]
) -> None:
    tables = random_game(seed, shape)
    solution = lb.solve(lb.NormalForm(tables))
    assert solution.complete == "proved" and len(solution.equilibria) % 2 == 1
    for equilibrium in solution.equilibria:
        assert gains(tables, [*equilibrium.strategies.values()]) < 1e-10


@pytest.mark.parametrize("seed", range(4))
def test_boxes_find_what_vertices_find(seed: int) -> None:
    """A third player without a choice turns a game of two players into one of three."""
    pair = random_game(seed, (3, 3))
    dummy = np.stack([pair[0][..., None], pair[1][..., None], np.zeros((3, 3, 1))])
    two = lb.solve(lb.NormalForm(pair))
    searched = every_mixed(lb.NormalForm(dummy), 1e-7, Budget(None))
    assert searched.complete
    three = {
        tuple((np.concatenate(laws[:2]).round(7) + 0.0).tolist()) for laws in searched.profiles
    }
    assert three == points(two)


def invariant(rng: np.random.Generator, size: int, swaps: list[tuple[int, ...]]) -> np.ndarray:
    """Random whole numbers that permutations of players, a group of them, leave as they are."""
    count = len(swaps[0])
    tables = np.zeros((count, *(size,) * count))
    for player, profile in product(range(count), product(range(size), repeat=count)):
        if not tables[player][profile]:
            payoff = rng.integers(1, 1000)
            for swap in swaps:
                to = np.argsort(swap)
                tables[to[player]][tuple(profile[k] for k in swap)] = payoff
    return tables


PAIRS = [(0, 1, 2, 3), (2, 3, 0, 1)]  # two players of two types each


@pytest.mark.parametrize(
    ("size", "swaps"), [(2, [*permutations(range(3))]), (3, [*permutations(range(3))]), (2, PAIRS)]
)
@pytest.mark.parametrize("seed", range(2))
def test_alike_players_are_searched_for_once(
    size: int, swaps: list[tuple[int, ...]], seed: int
) -> None:
    """The same game in other units of payoff, in which no two players are alike."""
    tables = invariant(np.random.default_rng(seed), size, swaps)
    game, other = lb.NormalForm(tables), lb.NormalForm([(k + 1) * t for k, t in enumerate(tables)])
    assert [*sorted(symmetries(game))] == sorted(swaps)
    assert symmetries(other) == [tuple(range(len(swaps[0])))]
    found, apart = lb.solve(game), lb.solve(other)
    assert found.complete == apart.complete == "proved"
    assert points(found) == points(apart)


def test_an_irrational_equilibrium() -> None:
    """Each of three players wants to be the only one to volunteer: 1 - (1 - p)^2 = c."""
    cost = 0.3
    table = np.zeros((3, 2, 2, 2))
    for profile in product(range(2), repeat=3):
        for player in range(3):
            helped = any(profile)
            table[(player, *profile)] = helped - cost * profile[player]
    solution = lb.solve(lb.NormalForm(table))
    expected = 1 - sqrt(cost)
    symmetric = [
        e for e in solution.equilibria if len({x.round(9)[1] for x in e.strategies.values()}) == 1
    ]
    (mixed,) = symmetric
    assert all(abs(law[1] - expected) < 1e-12 for law in mixed.strategies.values())


def test_nine_equilibria_of_three_players() -> None:
    """The example of McKelvey and McLennan (Handbook of Computational Economics 1, 1996)."""
    game = [
        [[[9, 0], [0, 3]], [[0, 3], [9, 0]]],
        [[[8, 0], [0, 4]], [[0, 4], [8, 0]]],
        [[[12, 0], [0, 6]], [[0, 6], [2, 0]]],
    ]
    solution = lb.solve(lb.NormalForm(game))
    tables = np.array(game, dtype=float)
    for equilibrium in solution.equilibria:
        assert gains(tables, [*equilibrium.strategies.values()]) < 1e-10
    assert solution.complete == "proved" and len(solution.equilibria) == 9
    assert len(pure_equilibria(lb.NormalForm(game))) == 4


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.permutations([0, 1, 2]))
def test_players_may_be_relabelled(seed: int, order: list[int]) -> None:
    tables = random_game(seed, (2, 2, 2))
    turned = np.stack([tables[i].transpose(order) for i in order])
    first, second = lb.solve(lb.NormalForm(tables)), lb.solve(lb.NormalForm(turned))
    back = {
        tuple(x for i in range(3) for x in point[2 * order.index(i) : 2 * order.index(i) + 2])
        for point in points(second)
    }
    assert points(first) == back


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-50, 50))
def test_payoffs_may_be_scaled_and_shifted(seed: int, factor: float, shift: float) -> None:
    tables = random_game(seed, (2, 2, 2))
    moved = tables.copy()
    moved[1] = factor * moved[1] + shift
    first, second = lb.solve(lb.NormalForm(tables)), lb.solve(lb.NormalForm(moved))
    assert len(first.equilibria) == len(second.equilibria)
    for one, other in zip(sorted(points(first)), sorted(points(second)), strict=True):
        assert np.allclose(one, other, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(2, 2, 2), (3, 3, 3), (2, 2, 2, 2), (4, 5)]))
def test_the_logit_path_ends_at_an_equilibrium(seed: int, shape: tuple[int, ...]) -> None:
    tables = np.random.default_rng(seed).integers(0, 10, (len(shape), *shape)).astype(float)
    laws = logit_path(lb.NormalForm(tables), budget=Budget(None))
    assert laws is not None
    assert gains(tables, laws) < 1e-10 or any(np.ptp(t) == 0 for t in tables)


def test_pure_equilibria_are_exact_about_ties() -> None:
    game = lb.NormalForm([[["1/3", 0], ["1/3", 0]], [[0, 0], [0, 0]]])
    assert len(pure_equilibria(game)) == 4


def test_degenerate_games_are_not_called_complete() -> None:
    tables = np.random.default_rng(6).integers(0, 3, (3, 2, 2, 2))
    solution = lb.solve(lb.NormalForm(tables))
    assert solution.complete == "partial" and "degenerate" in solution.census.message
    assert all(e.regret <= 1e-10 for e in solution.equilibria)


def test_larger_games_give_the_pure_ones_and_a_mixed_one() -> None:
    solution = lb.solve(lb.NormalForm(random_game(5, (4, 4, 4, 4))))
    assert solution.complete == "partial" and solution.equilibria
    assert all(e.regret <= 1e-10 for e in solution.equilibria)


def test_start_and_limit() -> None:
    tables = random_game(1, (3, 3, 3))
    stopped = lb.solve(lb.NormalForm(tables), limit=lambda: True)
    assert stopped.status.code == "stopped" and stopped.complete == "partial"
    one = lb.solve(lb.NormalForm(tables), all=False, start=[np.ones(3) / 3] * 3)
    assert len(one.equilibria) == 1 and one.status.ok
    with pytest.raises(ValueError, match="start"):
        lb.solve(lb.NormalForm(tables), start=[np.ones(2)] * 3)
    with pytest.raises(TypeError, match="select"):
        lb.solve(lb.NormalForm(tables), select="risk")


# --- only some


def symmetric_game(seed: int, players: int, size: int) -> lb.NormalForm:
    """A random game that is the same for all its players."""
    random = np.random.default_rng(seed)
    table = random.integers(0, 20, (size,) * players).astype(float)
    orders = permutations(range(1, players))  # no matter who of the others does what
    first = np.sum([np.transpose(table, (0, *order)) for order in orders], axis=0)
    return lb.NormalForm([np.swapaxes(first, 0, k) for k in range(players)])


@pytest.mark.parametrize(("seed", "players", "size"), [(1, 2, 4), (2, 2, 5), (3, 3, 2), (4, 3, 3)])
def test_symmetric_equilibria_are_those_of_the_whole_list(seed, players, size) -> None:
    game = symmetric_game(seed, players, size)
    every = [list(e.strategies.values()) for e in lb.solve(game).equilibria]
    expected = [laws for laws in every if all(np.allclose(law, laws[0]) for law in laws)]
    found = lb.solve(game, lb.FiniteMethod(symmetric=True))
    assert len(found.equilibria) == len(expected) >= 1
    one = lb.solve(game, lb.FiniteMethod(symmetric=True), all=False).equilibria[0]
    assert one.regret < 1e-10
    assert all(np.allclose(law, one.strategies["1"]) for law in one.strategies.values())


def test_pure_equilibria_alone() -> None:
    chicken = lb.NormalForm([[[0, 7], [2, 6]], [[0, 2], [7, 6]]])
    found = lb.solve(chicken, lb.FiniteMethod(pure=True))
    assert found.complete == "proved" and len(found.equilibria) == 2
    none = lb.solve(chicken, lb.FiniteMethod(pure=True, symmetric=True))
    assert not none.equilibria and "no symmetric pure" in none.status.message
    with pytest.raises(ValueError, match="same for all"):
        lb.solve(
            lb.NormalForm([[[1, 0], [0, 2]], [[1, 2], [3, 4]]]), lb.FiniteMethod(symmetric=True)
        )


# --- units and common sums


def shifted(seed: int, offset: int, factor: int) -> tuple[lb.NormalForm, lb.NormalForm]:
    """A random table of whole numbers, and the same in another unit and from another zero."""
    rng = np.random.default_rng(seed)
    shape = [(2, 2, 2), (3, 4), (6, 5)][seed % 3]
    tables = rng.integers(0, 50 if seed % 4 else 3, (len(shape), *shape)).tolist()

    def moved(tree):
        return [moved(t) for t in tree] if isinstance(tree, list) else tree * factor + offset

    return lb.NormalForm(tables), lb.NormalForm([moved(tables[0]), *tables[1:]])


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([0, 1, -7, 10**16, -(10**30), 10**100]),
    st.sampled_from([1, 3, 10**12, 10**60]),
)
def test_no_unit_and_no_common_sum_of_payoffs_changes_the_answer(
    seed: int, offset: int, factor: int
) -> None:
    """To the last digit, and in what is claimed of it."""
    plain, moved = map(lb.solve, shifted(seed, offset, factor))
    assert plain.complete == moved.complete
    assert len(plain.equilibria) == len(moved.equilibria)
    for one, other in zip(plain.equilibria, moved.equilibria, strict=True):
        assert one.regret == other.regret
        assert (one.stable, one.index) == (other.stable, other.index)
        for name, law in one.strategies.items():
            assert law.tolist() == other.strategies[name].tolist()


@pytest.mark.parametrize("seed", range(10))
def test_what_is_proved_with_a_large_common_sum_is_what_is_there(seed: int) -> None:
    """Tables of two strategies each, against a table without the sum, by exact arithmetic."""
    tables = np.random.default_rng(seed).integers(0, 9, (3, 2, 2, 2))
    exact = [[[[int(v) + 10**16 for v in row] for row in m] for m in t] for t in tables]
    solution = lb.solve(lb.NormalForm(exact))
    for equilibrium in solution.equilibria:
        laws = [*equilibrium.strategies.values()]
        assert gains(tables.astype(float), laws) < 1e-9
    pure = {p for p in product(range(2), repeat=3) if stays(tables, p)}
    found = {
        tuple(int(law.argmax()) for law in e.strategies.values())
        for e in solution.equilibria
        if all(law.max() == 1 for law in e.strategies.values())
    }
    assert found == pure


def stays(tables: np.ndarray, profile: tuple[int, ...]) -> bool:
    """Whether nobody gains by the other strategy, in whole numbers."""
    for i, own in enumerate(profile):
        other = (*profile[:i], 1 - own, *profile[i + 1 :])
        if tables[i][other] > tables[i][profile]:
            return False
    return True


def test_a_common_sum_of_a_table_that_was_called_complete() -> None:
    def less(tree):
        return [less(t) for t in tree] if isinstance(tree, list) else tree - 3 * 10**16

    text = (CASES / "common-sum.json").read_text(encoding="utf-8")
    small = lb.NormalForm(less(json.loads(text)["payoffs"]))
    plain, moved = lb.solve(small), lb.solve(load(CASES / "common-sum.json"))
    assert points(plain) == points(moved) and plain.complete == moved.complete
    assert lb.NormalForm(np.array(json.loads(text)["payoffs"])).payoffs.tolist() == (
        load(CASES / "common-sum.json").payoffs.tolist()
    )


def test_players_without_a_choice_leave_a_smaller_game() -> None:
    solution = lb.solve(load(CASES / "one-who-cares.toml"), exact=True)
    (part,) = solution.components
    assert solution.complete == "proved" and not part.isolated
    assert [law.tolist() for law in part.row_vertices] == [[1, 0], [0, 1]]
    assert {tuple(e.strategies["2"]) for e in solution.equilibria} == {(1, 0), (0, 1)}
    assert solution.equilibria[0].exact["1"] == (1,)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_a_third_player_with_a_dominant_strategy_leaves_a_game_of_two(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tables = rng.integers(0, 4, (3, 2, 3, 2))
    tables[2, :, :, 1] = tables[2, :, :, 0].max() + 1
    whole = lb.solve(lb.NormalForm(tables))
    two = lb.solve(lb.NormalForm(tables[:2, :, :, 1]))
    assert whole.complete == "proved"
    assert {p[:5] for p in points(whole)} == points(two)
    assert all(e.strategies["3"].tolist() == [0, 1] for e in whole.equilibria)
    assert [c.index for c in whole.components] == [c.index for c in two.components]


# --- continua


def edge() -> lb.NormalForm:
    """The second player may mix as it likes up to one half, if the others do what they do.

    The first and the third player gain by the first strategy as long as the second plays its
    second one at most half of the time; the second is indifferent if they do.
    """
    tables = np.zeros((3, 2, 2, 2))
    for a, b, c in product(range(2), repeat=3):
        tables[0, a, b, c] = (1 - a) * (1 if b == 0 else -1) + 0.1 * (1 - a) * c
        tables[1, a, b, c] = 0.0 if a == c == 0 else b + a * (1 - b) * (c - 0.5)
        tables[2, a, b, c] = (1 - c) * (2 if b == 0 else -2) + 0.1 * (1 - c) * a
    return lb.NormalForm(tables)


def test_points_of_a_continuum_are_not_counted_as_equilibria_that_stand_alone() -> None:
    game = edge()
    solution = lb.solve(game)
    assert solution.complete == "partial" and "degenerate" in solution.census.message
    (part,) = [part for part in solution.components if not part.isolated]
    number = solution.components.index(part)
    assert part.sampled and part.dimension == 1
    samples = [e for e in solution.equilibria if e.component == number]
    assert len(samples) >= 2
    for equilibrium in solution.equilibria:
        assert gains(game.tables, [*equilibrium.strategies.values()]) < 1e-9
    for sample in samples:
        x, y, z = sample.strategies.values()
        assert sample.stable is None and sample.method == "samples"
        assert x[0] == z[0] == 1 and y[1] <= 0.5 + 1e-9
    assert "of one continuum of equilibria found" in solution.data()["headline"]
    assert solution.data()["components"][number]["sampled"] is True


def test_points_on_the_curved_edge_of_a_continuum_are_of_one() -> None:
    """If B plays its third strategy, A and C are indifferent along a line of A's, whatever C does.

    B keeps to it as long as C plays its first one no more often than the smaller of two functions
    of A's third probability t, and not at all for t = .05; but again at t = 0, for two thirds.
    """
    pay = [
        [[[-3, -3], [-3, -2], [2, 1]], [[3, 0], [1, 3], [2, 1]], [[0, 0], [3, -2], [2, 1]]],
        [[[-3, -1], [3, 0], [-3, 2]], [[2, 2], [-2, -3], [3, -3]], [[0, -3], [-1, 0], [-1, -1]]],
        [[[-3, -3], [-3, -3], [1, 0]], [[1, -2], [1, 2], [-1, 0]], [[3, 2], [3, -1], [1, 3]]],
    ]
    game = lb.NormalForm(pay)

    def at(t: float, c: float) -> list[np.ndarray]:
        line = np.array([(1 + t) / 2, (1 - 3 * t) / 2, t])
        return [line, np.array([0.0, 0.0, 1.0]), np.array([c, 1 - c])]

    def most(t: float) -> float:
        """Of C's first strategy, so that neither other strategy of B pays more."""
        a, b = at(t, 0.0)[0], game.tables[1]
        gap = [(a @ (b[:, 2] - b[:, k])) for k in (0, 1)]  # at C's first and second strategy
        return min(own[1] / (own[1] - own[0]) for own in gap if own[1] > own[0])

    along = [at(t, most(t)) for t in (0.07, 0.1, 0.16, 0.25, 0.3)]
    inside = [at(0.12, 0.2), at(0.3, 0.1), at(0.2, 0.15)]
    profiles = [*along, *inside, at(0.0, 2 / 3)]
    for profile in profiles:
        assert gains(game.tables, profile) < 1e-9
    found = continua(game, profiles)
    assert found.part == [0] * 8 + [1]
    assert found.dimension == [2, 0]


@pytest.mark.parametrize("seed", range(8))
def test_games_with_ties_say_what_is_isolated(seed: int) -> None:
    """A strict equilibrium is isolated; what another table of payoffs leaves alone stays so."""
    tables = np.random.default_rng(seed).integers(0, 3, (3, 2, 2, 2))
    solution = lb.solve(lb.NormalForm(tables))
    parts = solution.components
    for equilibrium in solution.equilibria:
        laws = [*equilibrium.strategies.values()]
        assert gains(tables.astype(float), laws) < 1e-9
        strict = all(
            all(
                table[tuple(int(law.argmax()) for law in laws)]
                > np.take(table, a, axis=i)[
                    tuple(int(law.argmax()) for j, law in enumerate(laws) if j != i)
                ]
                for a in range(2)
                if a != laws[i].argmax()
            )
            for i, table in enumerate(tables)
        ) and all(law.max() == 1 for law in laws)
        if strict:
            assert equilibrium.stable
            assert not parts or parts[equilibrium.component].isolated
        elif parts and not parts[equilibrium.component].isolated:
            assert equilibrium.stable is None


def test_generic_games_have_no_continua() -> None:
    for seed in range(6):
        solution = lb.solve(lb.NormalForm(random_game(seed, (2, 2, 2, 2))))
        assert all(part.isolated for part in solution.components)


def test_a_degenerate_game_is_sampled_for_so_many_boxes_and_not_for_so_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Unanimity among five: whoever is not alone in voting against is indifferent."""
    monkeypatch.setattr(boxes, "MOST_MORE", 200)
    table = np.zeros((2,) * 5)
    table[(1,) * 5] = 1.0
    game = lb.NormalForm([table] * 5)
    found = every_mixed(game, 1e-7, Budget(None))
    assert "the search was ended after" in found.reason and not found.complete
    for laws in found.profiles:
        for i, law in enumerate(laws):
            others = np.prod([other[1] for j, other in enumerate(laws) if j != i])
            assert others * (1 - law[1]) <= 1e-9


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_bounds_of_a_payoff_over_laws_in_a_box_are_those_of_a_program(size: int) -> None:
    rng = np.random.default_rng(size)
    payoffs, law = rng.uniform(-1, 1, (4, size)), rng.dirichlet(np.ones(size), 4)
    low = np.maximum(law - rng.uniform(0, 0.4, (4, size)), 0)
    high = np.minimum(law + rng.uniform(0, 0.4, (4, size)), 1)
    least, most = range_of(payoffs[:, None], [(low, high)])
    for k, payoff in enumerate(payoffs):
        box, all_of_it = list(zip(low[k], high[k], strict=True)), np.ones((1, size))
        ends = [linprog(c, A_eq=all_of_it, b_eq=[1], bounds=box).fun for c in (payoff, -payoff)]
        assert [least[k, 0], -most[k, 0]] == pytest.approx(ends, abs=1e-9)

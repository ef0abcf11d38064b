"""What strict dominance and dummy players take out of a finite game, and that nothing is lost."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from test_solvers_bimatrix import exhaustive

import leaderbored as lb
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.finite.bimatrix import enumerate_equilibria
from leaderbored.solvers.finite.boxes import every_mixed
from leaderbored.solvers.finite.dominance import survivors
from leaderbored.solvers.finite.reduction import DOMINANCE, Undominated

Exact = set[tuple[tuple[Fraction, ...], ...]]


def exact(solution: lb.Solution) -> Exact:
    return {tuple(e.exact[name] for name in solution.game.players) for e in solution.equilibria}


def whole(seed: int, shape: tuple[int, ...], most: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, most, (len(shape), *shape))


def test_a_mixture_dominates_where_no_strategy_does() -> None:
    """The middle row is worse than both others at even odds, and so never played."""
    game = lb.NormalForm([[[4, 0], [1, 1], [0, 4]], [[0, 1], [9, 9], [1, 0]]])
    (gone,) = survivors(game).out
    assert (gone.player, gone.strategy, gone.round) == (0, 1, 1)
    assert sum(gone.better.values()) == 1
    for column in range(2):
        mixed = sum(w * int(game.payoffs[0][b][column]) for b, w in gone.better.items())
        assert mixed > int(game.payoffs[0][1][column])


def test_what_is_only_weakly_dominated_stays() -> None:
    """A mixture that ties with it somewhere keeps a strategy: it is played in an equilibrium."""
    a = [[4, 0], [2, 2], [0, 4]]
    assert not survivors(lb.NormalForm([a, [[1, 1]] * 3])).out
    weak = lb.NormalForm([[[1, 1], [1, 0]], [[1, 1], [1, 0]]])
    assert not survivors(weak).out
    assert exact(lb.solve(weak, exact=True)) == exhaustive(*weak.payoffs.astype(int).tolist())


@pytest.mark.parametrize("seed", range(60))
def test_the_equilibria_of_two_players_stay_the_same(seed: int) -> None:
    shape = [(2, 3), (3, 3), (4, 3), (4, 4)][seed % 4]
    tables = whole(seed, shape, 3 + seed % 7)
    solution = lb.solve(lb.NormalForm(tables), exact=True)
    assert exact(solution) == exhaustive(*tables.tolist())
    direct = enumerate_equilibria(lb.NormalForm(tables), Budget(None))
    assert sorted(direct.index) == sorted(part.index for part in solution.components)
    before = sorted(part.dimension for part in direct.components())
    assert before == sorted(part.dimension for part in solution.components)


def enlarged(seed: int) -> tuple[lb.NormalForm, lb.NormalForm]:
    """A game of three, and the same with a strategy more of each that a mixture dominates."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 20, (3, 2, 2, 2)).astype(float)
    large = np.zeros((3, 3, 3, 3))
    for i in range(3):
        large[i] = rng.integers(0, 20, (3, 3, 3))
        large[i][:2, :2, :2] = small[i]
        mean = np.moveaxis(large[i], i, 0)
        mean[2] = (mean[0] + mean[1]) / 2 - 1
    return lb.NormalForm(small), lb.NormalForm(large)


@pytest.mark.parametrize("seed", range(6))
def test_three_players_without_what_is_dominated_by_mixtures(seed: int) -> None:
    small, large = enlarged(seed)
    assert Undominated.of(large).smaller.shape <= (2, 2, 2)
    first, second = lb.solve(small), lb.solve(large)
    assert first.complete == second.complete
    assert len(first.equilibria) == len(second.equilibria)
    for one, other in zip(first.equilibria, second.equilibria, strict=True):
        for mine, theirs in zip(one.strategies.values(), other.strategies.values(), strict=True):
            assert np.allclose(mine, theirs[:2], atol=1e-9) and theirs[2] == 0
        assert other.regret < 1e-9


def with_dummy(tables: np.ndarray, choices: int) -> lb.NormalForm:
    """A further player, whose choice moves nobody's payoff, but whom the others' moves."""
    count = len(tables)
    mine = np.arange(tables[0].size).reshape(tables[0].shape) % 5
    every = np.concatenate([tables, mine[None]])
    return lb.NormalForm(np.repeat(every[..., None], choices, axis=count + 1))


@pytest.mark.parametrize("shape", [(2, 3), (2, 2, 2)])
def test_a_dummy_player_is_taken_out_and_may_do_anything(shape: tuple[int, ...]) -> None:
    tables = whole(13, shape, 50)
    alone, more = lb.solve(lb.NormalForm(tables)), lb.solve(with_dummy(tables, 3))
    assert alone.complete == more.complete == "proved"
    assert len(more.equilibria) == 3 * len(alone.equilibria)
    assert "moves no payoff" in more.census.message
    assert all(e.stable is None and e.regret < 1e-9 for e in more.equilibria)
    before = [part.dimension for part in alone.components] or [0] * len(alone.equilibria)
    assert [part.dimension for part in more.components] == [size + 2 for size in before]
    assert all(part.dummies == (str(len(shape) + 1),) for part in more.components)
    laws = [*more.equilibria[0].strategies.values()]
    laws[-1] = np.array([0.2, 0.5, 0.3])  # a mixture of what it may do
    game = more.game
    for i, table in enumerate(game.tables):
        earned = np.zeros(game.shape[i])
        for profile in product(*map(range, game.shape)):
            others = np.prod([laws[j][a] for j, a in enumerate(profile) if j != i])
            earned[profile[i]] += others * table[profile]
        assert earned.max() - earned @ laws[i] < 1e-9


def test_a_reduction_that_is_explained() -> None:
    game = lb.NormalForm([[[4, 0], [1, 1], [0, 4]], [[0, 1], [9, 9], [1, 0]]])
    assert DOMINANCE.accept(game) and DOMINANCE.apply(game).shape == (2, 2)
    steps = lb.explain(game).steps
    assert "dominated" in steps[-1].what and steps[-1].size["profiles"] == 4
    message = lb.solve(game).census.message
    assert message.startswith("strategies set aside: 1 strictly dominated, 1 of them by mixtures")


def test_units_do_not_matter_to_dominance() -> None:
    """What a mixture exceeds by one part in 10^40 it exceeds, and is found or left, not broken."""
    base = 10**40
    game = lb.NormalForm([[[4 * base, 0], [base, base], [0, 4 * base]], [[0, 1], [9, 9], [1, 0]]])
    assert [one.strategy for one in survivors(game).out] == [1]
    near = lb.NormalForm([[[2, 0], [1 - 1e-12, 1 - 1e-12], [0, 2]], [[0, 1], [9, 9], [1, 0]]])
    assert exact(lb.solve(near, exact=True)) == {
        ((Fraction(1, 2), 0, Fraction(1, 2)), (Fraction(1, 2), Fraction(1, 2)))
    }


def test_nothing_found_is_lost_when_the_time_is_up() -> None:
    tables = np.random.default_rng(4).random((3, 4, 4, 4))
    stopped = lb.solve(lb.NormalForm(tables), lb.FiniteMethod(profiles=100), limit=lambda: True)
    assert stopped.status.code == "stopped" and stopped.complete == "partial"


def test_a_search_that_is_broken_off_keeps_its_first_equilibria(monkeypatch) -> None:
    """As when the command line ends what does not look at its limit."""
    from leaderbored.solvers import finite
    from leaderbored.solvers.budget import StoppedError

    def broken(*_):
        raise StoppedError

    monkeypatch.setattr(finite, "enumerate_equilibria", broken)
    tables = np.random.default_rng(4).random((2, 20, 20))
    solution = lb.solve(lb.NormalForm(tables))
    assert solution.status.code == "stopped" and solution.complete == "partial"
    assert solution.equilibria and all(e.regret < 1e-9 for e in solution.equilibria)


def test_dominance_agrees_with_boxes() -> None:
    """The reduced search and the search of the whole table find the same points."""
    tables = whole(5, (2, 3, 2), 30)
    game = lb.NormalForm(tables)
    found = every_mixed(game, 1e-7, Budget(None))
    assert found.complete
    solved = lb.solve(game)
    ours = {tuple(np.concatenate([*e.strategies.values()]).round(6)) for e in solved.equilibria}
    assert ours == {tuple(np.concatenate(laws).round(6)) for laws in found.profiles}


def test_a_game_in_which_nothing_matters() -> None:
    solution = lb.solve(lb.NormalForm(np.zeros((3, 2, 2, 2))))
    (part,) = solution.components
    assert len(solution.equilibria) == 8 and part.dimension == 3

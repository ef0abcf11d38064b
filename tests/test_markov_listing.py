"""Every equilibrium of a game whose state never comes back: counted, bounded and listed."""

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load
from leaderbored.solvers.stochastic import recursion
from leaderbored.solvers.stochastic.counts import Selections
from leaderbored.solvers.stochastic.directional import backwards, each, select_all
from leaderbored.solvers.stochastic.listing import each_equilibrium
from leaderbored.solvers.stochastic.motion import stationary
from leaderbored.solvers.stochastic.problem import Problem

NAME = "iskhakov-rust-schjerning-2016"


@pytest.mark.slow
def test_what_is_listed_is_what_is_solved() -> None:
    game = load(find(NAME))
    solution = lb.solve(game, all=True)
    listed = [*each_equilibrium(game)]
    assert solution.count == len(listed) == len(solution.equilibria) == 3
    found = sorted(e.value.round(8).ravel().tolist() for e in solution.equilibria)
    again = sorted(np.concatenate([*one.value.values()]).round(8).tolist() for one in listed)
    np.testing.assert_allclose(found, again, atol=1e-7)
    assert max(one.regret for one in listed) < 1e-9
    values = np.array([e.value for e in solution.equilibria])
    for i, name in enumerate("ab"):
        ends = np.array(solution.census.ranges[name])
        np.testing.assert_allclose(ends[:, 0], values[:, i].min(axis=0), atol=1e-9)
        np.testing.assert_allclose(ends[:, 1], values[:, i].max(axis=0), atol=1e-9)


def test_every_equilibrium_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "all.jsonl"
    assert main(["solve", NAME, "--list", str(out)]) == 0
    head, *lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert head["states"]["names"] == ["c", "a.k", "b.k"] and len(lines) == 3
    assert set(lines[0]) == {"policy", "value", "regret"}
    assert "3 Markov-perfect equilibria" in capsys.readouterr().out
    assert main(["solve", NAME, "--list", str(out)]) != 0  # never over a file


def test_a_list_that_there_is_not_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "all.jsonl"
    assert main(["solve", "shapley-1964", "--list", str(out)]) == 2
    assert (
        main(["solve", "besanko-doraszelski-kryukov-satterthwaite-2010", "--list", str(out)]) == 2
    )
    assert not out.exists()


def leapfrogging(levels: int) -> lb.MarkovGame:
    game = load(find(NAME))
    return replace(
        game,
        states={"c": (0, levels - 1)},
        players=[replace(player, states={"k": (0, levels - 1)}) for player in game.players],
        tables={"cost": np.linspace(5, 0, levels).tolist()},
    )


@pytest.mark.slow
@pytest.mark.parametrize(("levels", "count"), [(3, 127), (4, 46_707)])
def test_leapfrogging_counts_as_published(levels: int, count: int) -> None:
    solution = lb.solve(leapfrogging(levels), all=True)
    census = solution.census
    assert (solution.count, census.isolated, census.continua) == (count, count, 0)
    assert solution.complete == "searched"
    # a firm that rents to the other for ever, and together no more than one that buys when it pays
    (low, high), best = census.total[0], census.best[0]
    assert abs(low) < 1e-9 and high == pytest.approx(best)


def test_all_that_are_counted_are_listed_once_each_with_its_regret() -> None:
    listed = [*each_equilibrium(leapfrogging(3))]
    seen = {
        np.concatenate([law.ravel() for law in one.policy.values()]).tobytes() for one in listed
    }
    assert len(listed) == len(seen) == 127
    assert max(one.regret for one in listed) < 1e-12
    problem = Problem(leapfrogging(3))
    counted = select_all(problem, backwards(problem), 1e-7, 10)
    every = np.array([[one.value[name] for name in "ab"] for one in listed])
    together = every.sum(axis=1)
    np.testing.assert_allclose(counted.lowest, every.min(axis=0), atol=1e-9)
    np.testing.assert_allclose(counted.highest, every.max(axis=0), atol=1e-9)
    expected = [together.min(axis=0), together.max(axis=0)]
    np.testing.assert_allclose(counted.total, expected, atol=1e-9)


@pytest.mark.slow
def test_the_recursion_bounds_what_it_does_not_keep_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem(leapfrogging(3))
    order = backwards(problem)
    counted = select_all(problem, order, 1e-7, 10)
    monkeypatch.setattr(recursion, "STORED", 3)
    found = recursion.Recursion(problem, order, 1e-7, 10, lambda: False).run()
    assert found.count == counted.count == 127
    for name in ("lowest", "highest", "total"):
        expected = getattr(counted, name)
        np.testing.assert_allclose(getattr(found, name), expected, atol=1e-8)


@pytest.mark.parametrize("stored", [2, 1_000])
def test_ranges_over_all_of_games_of_three_actions(
    stored: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two meet on one of three in each of two periods, each worth something else.

    They may also be mixed by the odds 1 / w among any of the three, which is worth 1 / sum(1 / w).
    """
    monkeypatch.setattr(recursion, "STORED", stored)
    worth = {"x": (1.0, 3.0), "y": (2.0, 1.5), "z": (4.0, 0.5)}

    def meet(other: str, times: float) -> str:
        at = "({} * (t == 0) + {} * (t == 1))"
        return " + ".join(f"{times} * {a} * {other}.{a} * {at.format(*worth[a])}" for a in worth)

    players = [
        lb.MarkovPlayer(name, meet(other, times), actions=tuple(worth), end="0")
        for name, other, times in (("A", "B", 1.0), ("B", "A", 2.0))
    ]
    clock = lb.Event({"t": "t + 1"}, chance="1")
    game = lb.MarkovGame(players, 0.5, {"t": (0, 2)}, [clock], "discrete", ends="t == 2")
    problem = Problem(game)
    found = select_all(problem, backwards(problem), 1e-7, 10)
    assert found.count == 49
    first, second = np.array([*worth.values()]).T
    low = 1 / (1 / first).sum() + 0.5 / (1 / second).sum()
    high = 4.0 + 0.5 * 3.0
    assert (found.lowest[0, 0], found.highest[0, 0]) == pytest.approx((low, high))
    assert found.total[:, 0] == pytest.approx([3 * low, 3 * high])
    assert found.best[0] == pytest.approx(3 * high)


def staying(seed: int) -> tuple[lb.MarkovGame, np.ndarray, np.ndarray, float]:
    """One state that may stay as it is, by what both do, before one where the best is obvious."""
    rng = np.random.default_rng(seed)
    paid, stay, discount = rng.normal(size=(2, 2, 2)), rng.random((2, 2)), rng.uniform(0.5, 0.95)

    def mean(table: np.ndarray) -> str:
        terms = [f"{table[i, j]!r} * a.{'xy'[i]} * b.{'xy'[j]}" for i in (0, 1) for j in (0, 1)]
        return " + ".join(terms).replace("np.float64", "")

    players = [
        lb.MarkovPlayer(name, f"({mean(paid[k])}) * (1 - s) + s * {name}.x", actions=("x", "y"))
        for k, name in enumerate("ab")
    ]
    leave = lb.Event({"s": "s + 1"}, chance=mean(1 - stay))
    game = lb.MarkovGame(players, float(discount), {"s": (0, 1)}, [leave], "discrete")
    return game, paid, stay, float(discount)


def roots(paid: np.ndarray, stay: np.ndarray, discount: float) -> tuple[int, np.ndarray]:
    """At how many mixtures of the other one is indifferent, and what its first action gains."""
    y = np.linspace(0, 1, 20_001)
    worth = [
        (paid[k, 0] * y + paid[k, 1] * (1 - y))
        / (1 - discount * (stay[k, 0] * y + stay[k, 1] * (1 - y)))
        for k in (0, 1)
    ]
    gain = worth[0] - worth[1]
    return int((gain[1:] * gain[:-1] < 0).sum()), gain[[-1, 0]]


@pytest.mark.parametrize("first", [0, 40])
def test_states_that_may_stay_have_every_equilibrium(first: int) -> None:
    """Also pairs whose indices cancel, which no sum of indices gives away."""
    counts = []
    for seed in range(first, first + 30):
        game, paid, stay, discount = staying(seed)
        paid = paid + discount * (1 - stay) / (1 - discount)
        many_a, gain_a = roots(paid[0], stay, discount)
        many_b, gain_b = roots(paid[1].T, stay.T, discount)
        pure = sum(
            (gain_a[j] > 0) == (i == 0) and (gain_b[i] > 0) == (j == 0)
            for i in (0, 1)
            for j in (0, 1)
        )
        problem = Problem(game)
        found = select_all(problem, backwards(problem), 1e-7, 10)
        assert found.complete and found.count == pure + many_a * many_b, seed
        counts.append(found.count)
    assert max(counts) >= 3


def test_three_actions_are_counted_too() -> None:
    payoffs = " + ".join(f"a.{x} * b.{x}" for x in "xyz")
    players = [lb.MarkovPlayer(name, payoffs, actions=("x", "y", "z")) for name in "ab"]
    game = lb.MarkovGame(players, 0.5, {"s": (0, 0)})
    assert lb.solve(game, all=True).count == len([*each_equilibrium(game)]) == 7


def test_a_continuum_is_counted_by_its_ends_and_said() -> None:
    """Whoever is indifferent may do anything, as long as the other's best reply is the same."""
    a = lb.MarkovPlayer("a", "a.x * (2 * b.x - 1)", actions=("x", "y"))
    b = lb.MarkovPlayer("b", "b.x * a.y", actions=("x", "y"))
    solution = lb.solve(lb.MarkovGame([a, b], 0.5, {"s": (0, 0)}), all=True)
    census = solution.census
    assert (census.continua, census.isolated, solution.complete) == (1, 0, "partial")
    assert "continuum" in census.message
    low, high = np.array(census.ranges["a"][0])  # b plays x at least half of the time, or all
    assert (low, high) == pytest.approx((0.0, 2.0))


def test_an_equilibrium_that_is_worth_nothing_is_certified_as_well() -> None:
    """War of attrition: where all mix, what they may win is lost in waiting."""
    players = [
        lb.MarkovPlayer(name, f"stay * (6 * {other}.quit - 1)", actions=("stay", "quit"))
        for name, other in ("AB", "BA")
    ]
    goes_on = lb.Event({"t": "t + 1"}, chance="A.stay * B.stay", group="g")
    over = lb.Event({"t": "5"}, chance="1 - A.stay * B.stay", group="g")
    game = lb.MarkovGame(players, 0.9, {"t": (0, 5)}, [goes_on, over], "discrete", ends="t == 5")
    solution = lb.solve(game, all=True)
    assert solution.count == len(solution.equilibria) == 11
    assert min(float(np.abs(e.value).max()) for e in solution.equilibria) < 1e-9
    assert max(e.regret for e in solution.equilibria) < 1e-9
    assert max(one.regret for one in each_equilibrium(game)) < 1e-9


def test_a_count_that_is_stopped_says_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PLAIN", "AT_ONCE"):
        monkeypatch.setattr(f"leaderbored.solvers.stochastic.selections.{name}", 200)
    problem = Problem(leapfrogging(3))
    found = select_all(problem, backwards(problem), 1e-7, 10, lambda: True)
    assert 0 < found.count < 127 and len(found.found) == 127 and not found.complete


def test_a_recursion_that_is_stopped_has_an_equilibrium_to_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two race for a prize in steps; time runs out after five of sixteen states."""
    steps, seen = 3, list[int]()
    runs = {"A": "B", "B": "A"}
    players = [
        lb.MarkovPlayer(
            name,
            f"5 * (n == {steps}) - x^2 / 2",
            {"x": (0, 3)},
            states={"n": (0, steps)},
            events=[lb.Event({"n": "n + 1"}, hazard=f"x * (n < {steps}) * ({rival}.n < {steps})")],
        )
        for name, rival in runs.items()
    ]
    at = recursion.Recursion.at

    def counted(self: recursion.Recursion, s: int, value: np.ndarray) -> list:
        seen.append(s)
        return at(self, s, value)

    monkeypatch.setattr(recursion.Recursion, "at", counted)
    game = lb.MarkovGame(players, discount=0.1)
    solution = lb.solve(game, all=True, limit=lambda: len(seen) > 4)
    assert (solution.status.code, solution.complete) == ("stopped", "partial")
    (shown,) = solution.equilibria
    seen.clear()
    (whole,) = lb.solve(game, all=True).equilibria
    assert shown.regret < 1e-9 and len(seen) >= (steps + 1) ** 2
    np.testing.assert_allclose(shown.value, whole.value, atol=1e-7)


@pytest.mark.slow
def test_five_levels_of_which_many_states_stay_for_ever_are_certified() -> None:
    """Long-run shares of time depend on the start there: their equations have no factors."""
    problem = Problem(leapfrogging(5))
    order = backwards(problem)
    assert order is not None
    for choices, _, _ in islice(each(problem, order, 1e-7, 10), 20):
        assert stationary(problem.chain(choices)[0], continuous=False) is None


def test_what_all_are_worth_is_not_told_of_a_search_that_was_stopped() -> None:
    """The least and the greatest are those of nothing yet in states that were not come to."""
    one, none = np.ones((1, 2)), np.array([[2.0, np.inf]])
    found = Selections(3, [one], False, 0, none, -none, total=np.array([none[0], -none[0]]))
    census = found.census(["A"], 1)
    assert census.ranges is None and census.total is None and census.count == 3
    assert census.message.startswith("3 equilibria, of which 1 is shown")

"""Generalised Nash games, and listed strategies: constraints, moving bounds, equations, lists."""

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.games.formats.gamefile import loads
from leaderbored.games.problems import GameFileError
from leaderbored.solvers.continuous.certificate import gain
from leaderbored.solvers.continuous.program import Program


def played(solution: lb.Solution) -> list[float]:
    (found,) = solution.equilibria
    assert solution.status.code == "converged" and found.regret < 1e-9
    return np.concatenate([*found.strategies.values()]).tolist()


def test_a_bound_that_a_rival_sets_is_kept() -> None:
    """A would like 5, and may do 2 - y; B does a half whatever A does."""
    game = lb.Continuous(
        [
            lb.Player("A", {"x": [0, "2 - y"]}, "x - x**2/10"),
            lb.Player("B", {"y": [0, 5]}, "-(y - 0.5)**2"),
        ]
    )
    assert played(lb.solve(game)) == pytest.approx([1.5, 0.5], abs=1e-8)


def test_a_bound_that_each_sets_the_other_leaves_a_continuum() -> None:
    game = lb.Continuous(
        [lb.Player("A", {"x": [0, "1 - y"]}, "x"), lb.Player("B", {"y": [0, "1 - x"]}, "y")]
    )
    solution = lb.solve(game)
    assert len(solution.equilibria) > 3 and solution.complete == "partial"
    for found in solution.equilibria:
        assert sum(float(x[0]) for x in found.strategies.values()) == pytest.approx(1, abs=1e-8)


def test_an_equation_of_one_player_binds_it_alone() -> None:
    """A must sell twice what B sells, which replies: 10 - 2 b - a = 0 and a = 2 b."""
    firm = "(10 - sum(q)) * q"
    game = lb.Continuous(
        [
            lb.Player("A", {"q": [0, 10]}, firm, constraints=["q == 2 * B.q"]),
            lb.Player("B", {"q": [0, 10]}, firm),
        ]
    )
    assert played(lb.solve(game)) == pytest.approx([5, 2.5], abs=1e-8)


def test_a_budget_that_is_spent_whole() -> None:
    """Of x z - x b / 10 with x + 2 z = 4 and b = 1: x = 1.9."""
    game = lb.Continuous(
        [
            lb.Player(
                "A", {"x": [0, 10], "z": [0, 10]}, "x*z - b*x/10", constraints=["x + 2*z == 4"]
            ),
            lb.Player("B", {"b": [0, 10]}, "-(b - 1)**2"),
        ]
    )
    assert played(lb.solve(game)) == pytest.approx([1.9, 1.05, 1], abs=1e-8)
    # what is not best along the equation is seen: x = 1 and z = 1.5 pay 1.4 instead of 1.805
    lost = gain(Program(game), np.array([1.0, 1.5, 1.0]))
    assert lost == pytest.approx([0.405, 0], abs=1e-7)


def test_a_shared_equation_has_one_price() -> None:
    """10 - 2 a - b = 9 - 2 b - a = price, and a + b = 5."""
    game = lb.Continuous(
        [
            lb.Player("A", {"q": [0, 10]}, "(10 - sum(q)) * q"),
            lb.Player("B", {"q": [0, 10]}, "(10 - sum(q)) * q - q"),
        ],
        constraints=["A.q + B.q == 5"],
    )
    solution = lb.solve(game)
    assert played(solution) == pytest.approx([3, 2], abs=1e-8)
    assert [*solution.equilibria[0].prices.values()] == pytest.approx([2], abs=1e-7)
    assert solution.complete == "proved"


FILE = """
kind = "continuous"
[[players]]
name = "A"
strategies = { x = [0, "UPPER"] }
payoff = "x"
constraints = ["OWN"]
[[players]]
name = "B"
strategies = { y = [0, 1] }
payoff = "y"
"""


@pytest.mark.parametrize(
    ("upper", "own", "place"),
    [
        ("1 - w", "x <= y", "players[0].strategies.x"),
        ("1 - y", "x + y", "players[0].constraints[0]"),
        ("1 - y", "x < y", "players[0].constraints[0]"),
        ("1 - y", "v == y", "players[0].constraints[0]"),
    ],
)
def test_mistakes_are_named_where_they_are(upper: str, own: str, place: str) -> None:
    with pytest.raises(GameFileError) as caught:
        loads(FILE.replace("UPPER", upper).replace("OWN", own))
    assert [mistake.place for mistake in caught.value.mistakes] == [place]


# --- listed strategies and whole numbers


def every(solution: lb.Solution) -> list[list[float]]:
    return [np.concatenate([*e.strategies.values()]).tolist() for e in solution.equilibria]


def test_listed_quantities_have_the_equilibria_of_their_table() -> None:
    listed = lb.Continuous(
        [lb.Player(n, {"q": [0, 1, 2, 3, 4, 5]}, "(10 - sum(q)) * q - q") for n in "AB"]
    )
    whole = lb.Continuous(
        [lb.Player(n, {"q": [0, 5]}, "(10 - sum(q)) * q - q", integer=["q"]) for n in "AB"]
    )
    table = lb.FiniteGame(["A", "B"], {"q": [0, 1, 2, 3, 4, 5]}, "(10 - sum(q)) * q - q")
    pure = lb.solve(table, lb.FiniteMethod(pure=True)).equilibria
    right = [[float(law.argmax()) for law in e.strategies.values()] for e in pure]
    assert every(lb.solve(listed)) == every(lb.solve(whole)) == sorted(right)


def test_whole_numbers_beside_real_strategies() -> None:
    """Plants n at 1 each make a unit of x cheaper: of n x - x**2 - n**2 / 8 - y x, y = 0.5.

    With n plants x = (n - 0.5) / 2 and the payoff is (n - 0.5)**2 / 4 - n**2 / 8: n = 3 is best.
    """
    game = lb.Continuous(
        [
            lb.Player(
                "A", {"n": [0, 3], "x": [0, 3]}, "n*x - x**2 - n**2/8 - B.y*x", integer=["n"]
            ),
            lb.Player("B", {"y": [0, 1]}, "-(y - 0.5)**2"),
        ]
    )
    (found,) = lb.solve(game).equilibria
    assert found.strategies["A"].tolist() == pytest.approx([3, 1.25], abs=1e-7)
    assert found.payoffs[0] == pytest.approx(2.5**2 / 4 - 9 / 8)
    # what another number of plants would bring, with the best x for it, is seen
    lost = gain(Program(game), np.array([2.0, 0.75, 0.5]))
    assert lost[0] == pytest.approx(2.5**2 / 4 - 9 / 8 - (1.5**2 / 4 - 4 / 8), abs=1e-7)


def test_pennies_in_whole_numbers_are_mixed() -> None:
    game = lb.Continuous(
        [
            lb.Player("A", {"x": [0, 1]}, "(2*x - 1) * (2*y - 1)", integer=["x"]),
            lb.Player("B", {"y": [0, 1]}, "-(2*x - 1) * (2*y - 1)", integer=["y"]),
        ]
    )
    solution = lb.solve(game)
    (found,) = solution.equilibria
    assert solution.status.code == "converged" and found.epsilon is None
    assert found.weights["A"] == pytest.approx([0.5, 0.5])
    assert found.strategies["A"].tolist() == [[0], [1]]


@pytest.mark.parametrize(
    ("upper", "more", "place"),
    [
        ("1, w", "", "players[0].strategies.x[2]"),
        ("0.5", 'integer = ["z"]', "players[0].integer[0]"),
        ("'inf'", 'integer = ["x"]', "players[0].strategies.x"),
        ("2, 3", "total = 3", "players[0].total"),
    ],
)
def test_mistaken_lists_are_named_where_they_are(upper: str, more: str, place: str) -> None:
    upper = upper.replace("w", "'w'")
    text = FILE.replace('"UPPER"', upper).replace('constraints = ["OWN"]', more)
    with pytest.raises(GameFileError) as caught:
        loads(text)
    assert [mistake.place for mistake in caught.value.mistakes] == [place]

"""Continuous games without an equilibrium in pure strategies, against closed forms."""

import json

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load
from leaderbored.solvers.continuous.lattices import _exchangeable
from leaderbored.solvers.continuous.laws import Law, gains
from leaderbored.solvers.continuous.program import Program
from leaderbored.views.data import solution_report


def reached(found: lb.solvers.StaticEquilibrium, name: str, at: float, axis: int = 0) -> float:
    """The probability with which a player's strategy is at most a number."""
    return float(found.weights[name][found.strategies[name][:, axis] <= at].sum())


def epsilon(solution: lb.Solution) -> lb.solvers.StaticEquilibrium:
    """The epsilon-equilibrium of a solution, with what is said of it."""
    (found,) = solution.equilibria
    assert solution.status.code == "approximate" and solution.status.ok
    assert solution.complete == "partial" and "epsilon" in solution.status.message
    assert all(law.sum() == pytest.approx(1) for law in found.weights.values())
    return found


def gained(payoff, found, names: tuple[str, str]) -> float:
    """The largest gain of the first of two players over a fine grid, from plain Python payoffs."""
    mine, theirs = (found.strategies[name][:, 0] for name in names)
    p, q = (found.weights[name] for name in names)
    grid = np.linspace(0, 1, 3001)
    here = sum(p[a] * q @ payoff(mine[a], theirs) for a in range(len(p)))
    return max(float(q @ payoff(x, theirs)) for x in grid) - float(here)


@pytest.mark.slow
def test_an_all_pay_auction_between_unequals() -> None:
    """Hillman and Riley 1989: G(b) = b / v2, F(b) = 1 - v2 / v1 + b / v1 up to v2."""
    game = load(find("hillman-riley-1989"))
    found = epsilon(lb.solve(game))
    for bid in (0.05, 0.2, 0.35, 0.5, 0.65):
        assert reached(found, "strong", bid) == pytest.approx(bid / 0.7, abs=0.01)
        assert reached(found, "weak", bid) == pytest.approx(0.3 + bid, abs=0.01)
    assert found.payoffs == pytest.approx([0.3, 0], abs=0.005)
    assert found.epsilon.max() < 0.01

    def payoff(value):
        return lambda own, rival: value * (1.0 * (own > rival) + 0.5 * (own == rival)) - own

    for names, value in ((("strong", "weak"), 1), (("weak", "strong"), 0.7)):
        assert gained(payoff(value), found, names) <= found.epsilon.max() + 1e-9


@pytest.mark.slow
def test_prices_of_firms_with_limited_capacities() -> None:
    """Indifference of the rival, p min(k, D) (1 - F) + p (1 - p - k') F = const, gives F.

    The large firm is sure of max p (1 - p - k2) = 1/16, and both ask at least 1/16 over k1.
    """
    k1, k2, least = 0.7, 0.5, 0.0625 / 0.7
    found = epsilon(lb.solve(load(find("levitan-shubik-1972"))))
    for price in np.linspace(0.1, 0.24, 8):
        small = (k1 - 0.0625 / price) / (k1 + k2 - 1 + price)
        large = (k2 - least * k2 / price) / (k1 + k2 - 1 + price)
        assert reached(found, "small", price) == pytest.approx(small, abs=0.01)
        assert reached(found, "large", price) == pytest.approx(large, abs=0.01)
    assert found.payoffs == pytest.approx([1 / 16, 5 / 112], abs=5e-4)
    assert found.regret < 0.01


@pytest.mark.slow
def test_three_firms_on_a_line() -> None:
    """Shaked 1982: each picks its place evenly between the quarters, and has a third."""
    found = epsilon(lb.solve(load(find("shaked-1982"))))
    for name in found.strategies:
        for place in (0.3, 0.4, 0.5, 0.6, 0.7):
            assert reached(found, name, place) == pytest.approx(2 * place - 0.5, abs=0.03)
    assert found.payoffs == pytest.approx([1 / 3] * 3, abs=0.003)
    assert found.regret < 0.02


@pytest.mark.slow
def test_blotto_on_three_fields() -> None:
    """Gross and Wagner 1950: each field gets a part that is even between 0 and 2/3."""
    found = epsilon(lb.solve(load(find("gross-wagner-1950"))))
    assert found.regret < 0.0125
    assert found.payoffs == pytest.approx([1.5, 1.5], abs=0.01)
    for axis in range(3):
        points = found.strategies["Blotto"][:, axis]
        mean = found.weights["Blotto"] @ points
        assert mean == pytest.approx(1 / 3, abs=1e-6)  # fields may change places
        assert points.max() < 0.69
        for part in (0.2, 0.35, 0.5):
            assert reached(found, "Blotto", part, axis) == pytest.approx(1.5 * part, abs=0.04)


def test_fields_that_are_worth_the_same_are_told_from_others() -> None:
    """A prize that is larger, or a tie that pays otherwise, is another field."""

    def duel(prize: float, tie: float) -> lb.Continuous:
        def won(rival: str) -> str:
            ties = {"a": 0.5, "b": 0.5 * prize, "c": tie}
            wins = {"a": 1, "b": prize, "c": 1}
            return " + ".join(
                f"{wins[k]} * ({k} > {rival}.{k}) + {ties[k]} * ({k} == {rival}.{k})" for k in "abc"
            )

        armies = {"a": [0, 1], "b": [0, 1], "c": [0, 1]}
        return lb.Continuous(
            [lb.Player("A", armies, won("B"), total=1), lb.Player("B", armies, won("A"), total=1)]
        )

    def places(prize: float, tie: float) -> list[list[int]]:
        return _exchangeable(Program(duel(prize, tie)))

    assert places(1, 0.5) == [[0, 1, 2]]
    assert places(0.3, 0.5) == [[0, 2], [1]]
    assert places(1, 0.2) == [[0, 1], [2]]
    assert places(2, 0.2) == [[0], [1], [2]]


def test_matching_pennies_on_a_square_is_solved_to_rounding() -> None:
    """Who wants to be near mixes nothing, who wants to be far mixes the ends."""
    game = lb.Continuous(
        [
            lb.Player("A", {"x": [0, 1]}, "(x - y)**2"),
            lb.Player("B", {"y": [0, 1]}, "-(x - y)**2"),
        ]
    )
    solution = lb.solve(game)
    (found,) = solution.equilibria
    assert solution.status.code == "converged" and found.epsilon is None
    assert found.regret < 1e-12 and found.payoffs == pytest.approx([0.25, -0.25])
    assert found.strategies["A"].ravel().tolist() == [0, 1]
    assert "mixed" in solution_report(solution)["headline"]


def test_a_polynomial_game_has_its_published_value() -> None:
    """Parrilo 2006, section 4: x = 0.2, and y = 1 and -1 with odds 0.78 and 0.22."""
    payoff = "5*x*y - 2*x**2 - 2*x*y**2 - y"
    game = lb.Continuous(
        [
            lb.Player("max", {"x": [-1, 1]}, payoff),
            lb.Player("min", {"y": [-1, 1]}, f"-({payoff})"),
        ]
    )
    (found,) = lb.solve(game).equilibria
    assert found.payoffs[0] == pytest.approx(-0.48, abs=1e-6)
    assert found.strategies["max"].ravel() == pytest.approx(0.2, abs=1e-3)
    assert found.strategies["min"].ravel().tolist() == [-1, 1]
    assert found.weights["min"] == pytest.approx([0.22, 0.78], abs=1e-3)


def test_gains_of_laws_are_what_is_lost() -> None:
    game = lb.Continuous(
        [lb.Player("A", {"x": [0, 1]}, "x*y"), lb.Player("B", {"y": [0, 1]}, "-(y - x)**2")]
    )
    half = Law(np.array([[0.0], [1.0]]), np.array([0.5, 0.5]))
    found = gains(Program(game), [half, half])
    assert found.gain == pytest.approx([0.25, 0.25], abs=1e-9)  # x = 1, and y = 1/2
    assert found.payoffs == pytest.approx([0.25, -0.5])


@pytest.mark.slow
def test_the_page_and_the_data_say_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "hillman-riley-1989"]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "epsilon-equilibrium in mixed strategies: no player gains more than" in page
    assert main(["solve", "hillman-riley-1989", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    (found,) = data["equilibria"]
    assert set(found["weights"]) == {"strong", "weak"} == set(found["epsilon"])
    assert len(found["weights"]["weak"]) == len(found["strategies"]["weak"])
    assert data["status"]["code"] == "approximate"


def test_a_search_for_mixed_strategies_keeps_its_limit() -> None:
    solution = lb.solve(load(find("levitan-shubik-1972")), limit=3.0)
    assert solution.seconds < 30
    assert solution.status.code in ("stopped", "approximate")


def test_what_was_found_in_time_is_said_to_be_an_epsilon_equilibrium() -> None:
    """No time is left once no equilibrium in pure strategies was found."""
    seen = list[str]()
    alone = lb.Player("A", {"x": [0, 1]}, "x if x < 0.3 else 0")
    solution = lb.solve(
        lb.Continuous([alone]),
        limit=lambda: "mixed strategies" in seen,
        progress=lambda phase, *_: seen.append(phase),
    )
    assert solution.status.code == "stopped"
    assert "epsilon-equilibrium" in solution.status.message
    assert solution.equilibria[0].epsilon is not None


@pytest.mark.slow
def test_a_narrow_simplex_has_strategies_to_mix() -> None:
    """A flees from B in the corner that a total leaves: to its ends, and B stays in the middle."""
    away = "(x - {0}.x)**2 + (y - {0}.y)**2"
    room = {"x": [0, 0.01], "y": [0, 0.01], "z": [0, 1]}
    solution = lb.solve(
        lb.Continuous(
            [
                lb.Player("A", room, away.format("B"), total=1),
                lb.Player("B", room, f"-({away.format('A')})", total=1),
            ]
        )
    )
    (found,) = solution.equilibria
    assert found.payoffs[0] == pytest.approx(2 * 0.005**2, rel=0.01)
    for points in found.strategies.values():
        assert points.sum(axis=1) == pytest.approx(1)


@pytest.mark.slow
def test_a_total_of_zero_is_kept_by_what_is_mixed() -> None:
    """Of the distance from the middle of [-1, 1/2], the square."""
    room = {"x": [-1, 0.5], "y": [-1, 1]}
    players = [
        lb.Player("A", room, "(x - B.x)**2", total=0),
        lb.Player("B", room, "-(x - A.x)**2", total=0),
    ]
    (found,) = lb.solve(lb.Continuous(players)).equilibria
    assert found.payoffs == pytest.approx([0.5625, -0.5625])
    for points in found.strategies.values():
        assert points.sum(axis=1) == pytest.approx(0, abs=1e-12)


def test_what_a_player_may_not_do_is_no_law_of_its() -> None:
    room = {"x": [-1, 0.5], "y": [-1, 1]}
    players = [
        lb.Player("A", room, "(x - B.x)**2 - y", total=0),
        lb.Player("B", room, "-(x - A.x)**2", total=0),
    ]
    still = Law(np.array([[0.0, 0.0]]), np.ones(1))
    off = Law(np.array([[0.5, -0.6]]), np.ones(1))
    program = Program(lb.Continuous(players))
    assert np.isfinite(gains(program, [still, still]).gain).all()
    assert np.isinf(gains(program, [off, still]).gain).all()

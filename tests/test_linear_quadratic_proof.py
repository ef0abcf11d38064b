"""Proofs of linear-quadratic equilibria: what is true is proved, and nothing else is."""

from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import ctx
from test_linear_quadratic_products import crossed

import leaderbored as lb
from leaderbored.games.formats.gamefile import loads
from leaderbored.solvers.linear_quadratic.core import Core
from leaderbored.solvers.linear_quadratic.horizon import backward
from leaderbored.solvers.linear_quadratic.proof import proved
from leaderbored.solvers.linear_quadratic.proof_to_the_end import proved_to_the_end
from leaderbored.views.data.linear_quadratic import linear_quadratic_report


def team(*names: str, cost: float = 1.0, **options: Any) -> list[lb.Controller]:
    return [lb.Controller(name, 1.0, 1.0, cost, **options) for name in names]


@pytest.mark.parametrize("information", ["feedback", "open-loop"])
@pytest.mark.parametrize(
    ("time", "more"),
    [("continuous", {}), ("discrete", {}), ("continuous", {"noise": [[0.3, 0.1], [0.0, 0.5]]})],
)
def test_random_games_of_three_players_are_proved(
    time: str, more: dict[str, Any], information: Any
) -> None:
    game = crossed(2, time, **more)
    if game.meaningless(information):
        pytest.skip("plans do not answer noise")
    for point in lb.solve(game, all=False, information=information).equilibria:
        assert point.proof.holds and point.proof.of == "equilibrium"
        assert point.proof.radius is not None and point.proof.unique is not None
        assert point.proof.radius < 1e-10 and point.proof.unique > 1e-6


def test_the_true_gain_lies_within_the_radius() -> None:
    """Engwerda's scalar game: the gain 2 + 2/sqrt(3) - 1 of the symmetric equilibrium."""
    true = 1 + 2 / np.sqrt(3)
    near = true * (1 + 3e-8)
    game = lb.LinearQuadratic(3.0, team("A", "B"))
    proof = proved(game, np.full((2, 1, 1), near), np.full((2, 1), near), plans=False)
    assert proof.holds and proof.radius == pytest.approx(3e-8, rel=1e-6)
    far = true * (1 + 3e-4)
    proof = proved(game, np.full((2, 1, 1), far), np.full((2, 1), far), plans=False)
    assert not proof.holds and "the nearest is 3e-04 away" in proof.reason


@pytest.mark.parametrize("plans", [False, True])
def test_who_pays_nothing_for_the_state_is_not_proved_to_steer_it(plans: bool) -> None:
    """P = 2 solves 2 P - P^2 = 0 and brings the state to rest, but doing nothing is free."""
    game = lb.LinearQuadratic(1.0, team("A", cost=0.0))
    proof = proved(game, np.full((1, 1, 1), 2.0), np.full((1, 1), 2.0), plans=plans)
    assert (proof.holds, proof.of) == (True, "first-order point")


def test_where_three_equilibria_meet_none_is_proved_to_be_alone() -> None:
    """With y_A y_B = 1 or y_A = y_B, 3 y^2 - 2 a y = 1, all are y = 1 at a = 1."""
    values = np.full((2, 1, 1), 1.0)
    game = lb.LinearQuadratic(1.0, team("A", "B"))
    assert "fold" in proved(game, values, values[:, :, 0], plans=False).reason


def test_reports_say_what_is_proved_or_why_not() -> None:
    text = 'kind = "linear-quadratic"\ndrift = -1.0\n{}\n' + "".join(
        f'[[players]]\nname = "{name}"\ncontrol = 1\ncontrol_cost = 1\nstate_cost = 1\n'
        for name in "AB"
    )
    endless, ending = (lb.solve(loads(text.format(line))) for line in ("", "horizon = 2"))
    (proof,) = (one["proof"] for one in linear_quadratic_report(endless)["equilibria"])
    assert proof["holds"] and proof["radius"] < 1e-12 and proof["of"] == "equilibrium"
    (proof,) = (one["proof"] for one in linear_quadratic_report(ending)["equilibria"])
    assert proof["holds"] and proof["unique"] is None  # without bound


def in_fractions(
    numbers: list[Fraction], information: str, stages: int
) -> tuple[list[Fraction], list[list[Fraction]]]:
    """What two players pay from the first stage on, per x^2, and their gains at every stage.

    With y the next state, player i's first-order condition is r_i u_i + b_i k_i y = 0, with k_i the
    derivative of what it pays later: its costate in open loop, its value in feedback.
    """
    a, b, q, r = numbers[0], numbers[1:3], numbers[3:5], numbers[5:7]
    paid, later, found = [Fraction(1)] * 2, [Fraction(1)] * 2, list[list[Fraction]]()
    for _ in range(stages):
        y = a / (1 + sum(k * c * c / w for k, c, w in zip(later, b, r, strict=True)))
        if information == "stackelberg":  # the second answers: y = kept (a x + b u)
            kept = r[1] / (r[1] + paid[1] * b[1] ** 2)
            pull = paid[0] * kept**2 * b[0]
            first = pull * a / (r[0] + pull * b[0])
            y = kept * (a - b[0] * first)
            gains = [first, paid[1] * b[1] * y / r[1]]
        else:
            gains = [k * c * y / w for k, c, w in zip(later, b, r, strict=True)]
        paid = [c + w * f * f + p * y * y for c, w, f, p in zip(q, r, gains, paid, strict=True)]
        later = [c + a * k * y for c, k in zip(q, later, strict=True)]
        later = later if information == "open-loop" else paid
        found.insert(0, gains)
    return paid, found


@pytest.mark.parametrize("information", ["feedback", "open-loop", "stackelberg"])
def test_games_that_end_are_proved_stage_by_stage(information: Any) -> None:
    random = np.random.default_rng(0)
    for stages in (1, 2, 4):
        numbers = random.uniform(0.5, 1.5, 7).tolist()
        a, b, q, r = numbers[0], numbers[1:3], numbers[3:5], numbers[5:]
        players = [
            lb.Controller(name, b[i], r[i], q[i], final_cost=1.0) for i, name in enumerate("AB")
        ]
        game = lb.LinearQuadratic(a, players, time="discrete", horizon=stages)
        (point,) = lb.solve(game, information=information).equilibria
        assert point.proof.holds and point.proof.radius < 1e-14
        paid, gains = in_fractions([Fraction(x) for x in numbers], information, stages)
        claimed = point.quadratic[:, 0, 0].tolist()
        apart = max(abs(Fraction(x) - y) for x, y in zip(claimed, paid, strict=True))
        assert apart <= Fraction(point.proof.radius) * Fraction(max(claimed))
        for t, row in enumerate(gains):
            for name, gain in zip("AB", row, strict=True):
                told = float(np.ravel(point.gains[name][t])[0])
                assert abs(Fraction(told) - gain) <= 2 * Fraction(point.proof.radius)


def test_balls_that_grow_get_more_digits() -> None:
    """The gain of 30 stages of three players needs more than the first balls have."""
    random = np.random.default_rng(3)
    players = [
        lb.Controller(name, random.normal(size=(2, 1)), np.eye(1), np.eye(2)) for name in "ABC"
    ]
    game = lb.LinearQuadratic(np.eye(2), players, time="discrete", horizon=30)
    (point,) = lb.solve(game).equilibria
    assert point.proof.holds and ctx.prec < 100


def test_a_game_that_ends_is_not_proved_elsewhere_nor_where_nothing_is_best() -> None:
    players = [lb.Controller(name, 1.0, 1.0, 1.0) for name in "AB"]
    game = lb.LinearQuadratic(1.0, players, time="discrete", horizon=3)
    (point,) = lb.solve(game).equilibria
    costs = np.zeros((2, 2, 2))
    costs[:, :1, :1] = point.quadratic
    gains = np.stack([np.hstack([point.gains[n][:, 0], 0 * point.gains[n][:, 0]]) for n in "AB"], 1)
    assert proved_to_the_end(game, costs, gains, "feedback").holds
    assert "no equilibrium" in proved_to_the_end(game, costs, gains + 1e-5, "feedback").reason
    greedy = [lb.Controller(name, 1.0, 1.0, 1.0, final_cost=-3.0) for name in "AB"]
    game = lb.LinearQuadratic(1.0, greedy, time="discrete", horizon=3)
    assert "convex" in proved_to_the_end(game, costs, gains, "feedback").reason


@pytest.mark.parametrize(("information", "rivals"), [("feedback", 3), ("open-loop", 2)])
def test_riccati_equations_that_run_to_a_horizon_are_enclosed(
    information: Any, rivals: int
) -> None:
    """Of two equal players P' = 1 - 2 P - c P^2 from 0, c three, or two in open loop.

    With roots p and n, (P - p) / (P - n) falls at the rate c (p - n).
    """
    game = lb.LinearQuadratic(-1.0, team("A", "B"), horizon=1.5)
    (point,) = lb.solve(game, information=information).equilibria
    proof = point.proof
    assert proof.holds and proof.radius is not None and proof.radius < 1e-9
    with mpmath.workdps(50):
        root = mpmath.sqrt(1 + rivals)
        p, n = (root - 1) / rivals, (-root - 1) / rivals
        for moment in (0, 37):
            left = mpmath.mpf(1.5) - mpmath.mpf(float(point.times[moment]))
            u = p / n * mpmath.exp(-rivals * (p - n) * left)
            true, told = (p - n * u) / (1 - u), float(point.gains["A"][moment].item())
            assert abs(true - told) <= proof.radius * float(np.abs(point.gains["A"]).max())


def at_moments(game: lb.LinearQuadratic, information: str) -> tuple[Any, Any]:
    """What is paid, and gains at 101 moments, as the solver has them."""
    assert game.horizon is not None
    path = backward(Core.of(game, affine=True), game.horizon, information)
    times = np.linspace(0, game.horizon, 101).tolist()
    return path.costs, np.array([path.gains(t) for t in times])


def test_in_continuous_time_nothing_else_is_proved() -> None:
    game = lb.LinearQuadratic(-1.0, team("A", "B"), horizon=0.5)
    costs, gains = at_moments(game, "feedback")
    gains[50] += 1e-5
    assert "no equilibrium" in proved_to_the_end(game, costs, gains, "feedback").reason
    # A alone gains without bound by letting the state grow, beyond a horizon of pi / 2.
    pair = [lb.Controller("A", 1.0, 1.0, -1.0), lb.Controller("B", 2.0, 1.0, 1.0)]
    for horizon, convex in ((1.0, True), (1.8, False)):
        game = lb.LinearQuadratic(0.0, pair, horizon=horizon)
        proof = proved_to_the_end(game, *at_moments(game, "open-loop"), "open-loop")
        assert proof.holds == convex

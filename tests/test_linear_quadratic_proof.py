"""Proofs of linear-quadratic equilibria: what is true is proved, and nothing else is."""

from typing import Any

import numpy as np
import pytest
from test_linear_quadratic_products import crossed

import leaderbored as lb
from leaderbored.games.formats.gamefile import loads
from leaderbored.solvers.linear_quadratic.proof import proved
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
    assert not proof["holds"] and "run to a horizon" in proof["reason"]

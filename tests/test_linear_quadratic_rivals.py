"""Costs that controls of others have with the state and by themselves, against one player alone."""

import numpy as np
import pytest
from pydantic import ValidationError

import leaderbored as lb

PATIENCE = {"continuous": 0.1, "discrete": 0.9}
DRIFT = {"continuous": 0.2, "discrete": 1.1}


def policies(time: str, **changes: object) -> lb.LinearQuadratic:
    """Two policies push a gap x and output y = x + u_A + u_B - 1; both pay x^2 + y^2 + u^2."""
    common = {
        "control": 0.5,
        "control_cost": 2.0,
        "state_cost": 2.0,
        "state_linear": [-1.0],
        "control_linear": [-1.0],
        "fixed_cost": 1.0,
        "mixed_cost": 1.0,
    }
    players = [
        lb.Controller(
            name,
            **common,
            rival_costs={other: 2.0},
            rival_mixed={other: 1.0},
            rival_linear={other: [-1.0]},
            product_costs={other: 1.0},
        )
        for name, other in ("AB", "BA")
    ]
    settings = {"time": time, "discount": PATIENCE[time], "initial": [2.0]} | changes
    return lb.LinearQuadratic(DRIFT[time], players, **settings)


def one_policy(time: str, **changes: object) -> lb.LinearQuadratic:
    """The same with both controls in one hand."""
    only = lb.Controller(
        "both",
        [[0.5, 0.5]],
        [[2.0, 1.0], [1.0, 2.0]],
        2.0,
        state_linear=[-1.0],
        control_linear=[-1.0, -1.0],
        fixed_cost=1.0,
        mixed_cost=[[1.0, 1.0]],
    )
    settings = {"time": time, "discount": PATIENCE[time], "initial": [2.0]} | changes
    return lb.LinearQuadratic(DRIFT[time], [only], **settings)


@pytest.mark.parametrize(
    ("time", "information", "horizon"),
    [
        ("continuous", "feedback", None),
        ("continuous", "open-loop", None),
        ("continuous", "open-loop", 2.0),
        ("discrete", "feedback", None),
        ("discrete", "feedback", 4),
        ("discrete", "open-loop", None),
        ("discrete", "stackelberg", None),
    ],
)
def test_players_who_want_the_same_do_what_one_would_do(
    time: str, information: str, horizon: float | None
) -> None:
    team = lb.solve(one_policy(time, horizon=horizon), all=False).equilibria[0]
    found = lb.solve(policies(time, horizon=horizon), information=information).equilibria
    best = min(found, key=lambda point: point.costs.sum())
    assert best.regret < 1e-8
    assert best.costs == pytest.approx(np.repeat(team.costs, 2), rel=1e-6)
    both = np.concatenate([best.gains[name] for name in "AB"], axis=-2)
    assert both == pytest.approx(team.gains["both"], rel=1e-5)


def test_what_a_rival_does_to_one_moves_nobody_who_cannot_answer() -> None:
    """B steers x alone to -F x; A, who cannot move it, pays 2 x u_B = -2 F x^2 more."""
    steering = lb.Controller("B", 1.0, 1.0, 1.0)
    idle = lb.Controller("A", 0.0, 1.0, 1.0, rival_mixed={"B": 1.0})
    (found,) = lb.solve(lb.LinearQuadratic(0.0, [idle, steering])).equilibria
    assert found.gains["B"].item() == pytest.approx(1.0)  # and x falls like exp(-t)
    assert found.quadratic.ravel() == pytest.approx([-0.5, 1.0])


def test_controls_that_nobody_has() -> None:
    players = [
        lb.Controller("A", 1.0, 1.0, rival_mixed={"C": 1.0}, rival_linear={"B": [1.0, 2.0]}),
        lb.Controller("B", 1.0, 1.0),
    ]
    with pytest.raises(ValidationError) as raised:
        lb.LinearQuadratic(-1.0, players)
    said = str(raised.value)
    assert "rival_mixed.C" in said and "known: B" in said
    assert "rival_linear.B" in said and "expected 1 numbers, found 2" in said

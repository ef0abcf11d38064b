"""Equilibria of markets that clear are proved in balls, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from flint import arb
from test_race_clearing import race, random_race

import leaderbored as lb
from leaderbored.solvers.markov.newton import pieces_at
from leaderbored.solvers.markov.selling import Selling
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.krawczyk import UnprovedError

RACES = {
    "step by step": race(),
    "leapfrogging": race(technology={"leapfrog": 1, "handicap": 0}),
    "price takers": race(1.5, conduct="price-taking"),
    "a linear hazard": race(
        2, compute=(1, 0.6), brand=(1, 1.3), technology={"returns": 1, "leapfrog": 1}
    ),
    "three labs": race(1, 2, compute=(1, 1, 0.5), technology={"leapfrog": 0.5, "drafting": 0.1}),
    "plenty": race(0.4),
    "money that grows": replace(race(1.5, openness=0.5, discount=0.3), growth=1.01),
}


@pytest.mark.parametrize("name", RACES)
def test_an_equilibrium_is_proved_and_no_other_point(name: str) -> None:
    found = lb.solve(RACES[name]).equilibria[0]
    assert found.proof is not None
    assert found.proof.holds, found.proof.reason
    assert found.proof.radius is not None
    assert found.proof.unique is not None
    assert found.proof.radius < 1e-9 < found.proof.unique
    away = replace(found, build=np.clip(found.build + 1e-4, 0, 1))
    assert not lb.certify(away).holds
    assert not lb.certify(replace(found, value=found.value * (1 + 1e-4))).holds


def test_who_is_indifferent_is_said_to_be_in_the_way() -> None:
    """Where no rung is worth a thing nothing says how much of idle compute builds."""
    found = lb.solve(race(0.6, 2, switching=0.0)).equilibria[0]
    assert found.proof is not None
    assert not found.proof.holds
    assert "may be zero" in found.proof.reason or "indifferent" in found.proof.reason


@pytest.mark.parametrize("seed", range(4))
def test_balls_hold_replies_to_all_their_stakes_and_slopes_between_any_two(seed: int) -> None:
    random, enclosed = np.random.default_rng(seed), 0
    for _ in range(25):
        one = random_race(random, 1)
        system = System(one.markov())
        game, stage = system.game, system.stage
        assert isinstance(stage, Selling)
        middle = random.normal(size=game.scale.shape) * float(10 ** random.uniform(-2, 1))
        side = float(10 ** random.uniform(-6, -0.7))
        pieces = pieces_at(system, np.zeros_like(middle), game.lower)
        try:
            balls = stage.enclosed(pieces).everywhere(
                [[arb(float(stake), side) for stake in row] for row in middle], {}
            )
        except UnprovedError:
            continue
        enclosed += 1
        found = []
        for _ in range(3):
            stakes = middle + side * random.uniform(-1, 1, size=middle.shape)
            build = stage.reply(stakes)
            found.append((stakes, build, game.hazard(build), game.payoff(build)))
        for i, s in np.ndindex(middle.shape):
            ball = balls[i][s]
            for _, build, hazard, earned in found:
                assert holds(ball.share, build[i, s])
                assert holds(ball.hazard, hazard[i, s])
                assert holds(ball.earns, earned[i, s])
            (x, _, fast, rich), (y, _, slow, poor), _ = found
            apart = [float(step) for step in (x - y)[:, s]]
            for moved, slopes in ((fast - slow, ball.cross), (rich - poor, ball.spill)):
                rise = sum((a * d for a, d in zip(slopes, apart, strict=True)), arb(0))
                assert holds(rise, moved[i, s])
    assert enclosed > 5


def holds(ball: arb, number: float) -> bool:
    """Whether a number lies in a ball, up to what doubles know of it."""
    slack = 1e-9 * (1 + abs(number))
    return float(ball.lower()) - slack <= number <= float(ball.upper()) + slack

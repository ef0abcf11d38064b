"""Equilibria of races whose mechanisms bend the replies are proved, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flint import arb

import leaderbored as lb
from leaderbored.solvers.markov.bent import Bent
from leaderbored.solvers.markov.bent_enclosure import BentReplies
from leaderbored.solvers.markov.newton import pieces_at
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.krawczyk import UnprovedError

MECHANISMS: list[dict[str, Any]] = [
    {"fungibility": {"home": 0.5, "loss": 0.2}},
    {"fungibility": {"home": 0.3, "loss": 0.5}, "jackpot": {"chance": 0.05, "prize": 3}},
    {"inputs": {"weight": 0.6, "substitution": 0.5}},
    {
        "inputs": {"migration": 0.1, "weight": 0.9, "substitution": 0.8},
        "fungibility": {"home": 0.5, "loss": 0.1},
    },
]


def race(mechanisms: dict[str, Any], **technology: float) -> lb.Race:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1.2, build=(0.0, 0.9))]
    known = {"productivity": 3, "returns": 0.5, "handicap": 0.1, **technology}
    return lb.Race(
        labs,
        lb.ScarceMarket(0.6),
        lb.Technology(**known),
        discount=0.1,
        rungs=5,
        mechanisms=mechanisms,
    )


@pytest.mark.parametrize("mechanisms", MECHANISMS)
def test_an_equilibrium_is_proved_and_no_other_point(mechanisms: dict[str, Any]) -> None:
    found = lb.solve(race(mechanisms)).equilibria[0]
    assert found.proof is not None and found.proof.holds
    assert found.proof.radius < 1e-11 < found.proof.unique
    away = replace(found, build=np.clip(found.build + 1e-4, 0, 0.9))
    assert not lb.certify(away).holds
    assert not lb.certify(replace(found, value=found.value * (1 + 1e-4))).holds


@pytest.mark.parametrize("seed", range(6))
def test_balls_hold_the_replies_to_all_their_stakes(seed: int) -> None:
    """Best shares by search over a fine grid of shares, at stakes within the ball."""
    random = np.random.default_rng(seed)
    mechanisms = MECHANISMS[seed % len(MECHANISMS)]
    game = race(mechanisms, returns=float(random.uniform(0.3, 0.9))).markov()
    system = System(game)
    assert isinstance(system.stage, Bent)
    value = system.evaluate(game.idle)
    replies = BentReplies(game, pieces_at(system, value, game.idle))
    shares = np.linspace(game.lower, game.upper, 4_001)
    for _ in range(12):
        stake, width = 10 ** random.uniform(-2, 1.5), 10 ** random.uniform(-6, -1)
        i, s = random.integers(2), random.integers(len(game.states))
        try:
            reply = replies.over(i, s, arb(stake, width * stake), None)
        except UnprovedError:
            continue
        for t in (1 - 0.99 * width, 1.0, 1 + 0.99 * width):
            worth = game.payoff(shares) + t * stake * game.scale * game.effort(shares)
            best = shares[worth[:, i, s].argmax(), i, s]
            step = float(shares[1, i, s] - shares[0, i, s])
            low, high = float(reply.share.lower()), float(reply.share.upper())
            if game.movable[i, s]:
                assert low - 2 * step <= best <= high + 2 * step
                hazard = game.hazard(np.full_like(game.scale, np.clip(best, low, high)))[i, s]
                assert hazard + 1e-12 >= float(reply.hazard.lower())
                assert hazard - 1e-12 <= float(reply.hazard.upper())


def test_what_is_not_enclosed_says_so() -> None:
    hyped = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.ScarceMarket(0.6),
        lb.Technology(1, 0.5),
        discount=0.2,
        rungs=1,
        mechanisms={"accumulate": {"rate": 0.1, "points": 3}},
    )
    proof = lb.solve(hyped).equilibria[0].proof
    assert proof is not None and "where revenue buys compute" in proof.reason

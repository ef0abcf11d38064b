"""Proofs of equilibria of races in which the labs of a state meet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import mpmath
import numpy as np
import pytest

import leaderbored as lb
from leaderbored.solvers.markov.compiled import meeting
from leaderbored.solvers.markov.met_race import prove_met


def race(mechanisms: dict[str, Any], scarcity: float = 0.9, **technology: float) -> lb.Race:
    """One of unequal labs."""
    return lb.Race(
        [lb.Lab("A", 1.0), lb.Lab("B", 1.3)],
        lb.ScarceMarket(scarcity, premium=0.5),
        lb.Technology(2.0, **technology),
        discount=0.2,
        rungs=2,
        mechanisms=mechanisms,
    )


MEETING = [
    {"spillover": {"share": 0.7}},
    {"spillover": {"share": 1.0}, "jackpot": {"chance": 0.1, "prize": 3.0}},
    {"spillover": {"share": 0.5}, "inertia": {"lag": 0.5}},
    {"lease": {"friction": 0.1}},
    {"lease": {"friction": 0.0}},
    {"lease": {"friction": 0.3}, "open_weights": {"imitation": 0.2}},
    {"hype": {"effectiveness": 2.0}, "jackpot": {"chance": 0.1, "prize": 3.0}},
]


@pytest.mark.parametrize("mechanisms", MEETING, ids=" ".join)
def test_an_equilibrium_is_proved_and_no_other_point(mechanisms: dict[str, Any]) -> None:
    game = race(mechanisms)
    found = lb.solve(game).equilibria[0]
    assert found.proof.holds and found.proof.radius < 1e-9 < found.proof.unique
    stage = meeting(game)
    moved = np.where(found.game.movable, np.clip(found.build + 1e-5, 0, 1), found.build)
    assert not prove_met(game, replace(found, build=moved), stage).holds
    away = replace(found, value=found.value * (1 + 1e-4))
    assert not prove_met(game, away, stage).holds


def by_hand(game: lb.Race, values: list[Any]) -> list[Any]:
    """What is left of the Bellman equations of two labs with one rung, under spillover; 50 digits.

    States are the tie, A ahead and B ahead. Written from the page of the mechanism.
    """
    m, theta = mpmath.mpf, mpmath.mpf(game.technology.returns)
    compute = [m(lab.compute) for lab in game.labs]
    total, price = m(game.market.scarcity) * sum(compute), [m(1), mpmath.exp(-m(1) / 2)]
    looking, left = m(game.mechanisms.spillover.share), []
    pull, speed = mpmath.exp(-1), [2 * k**theta for k in compute]
    for state, behind in enumerate(([0, 0], [0, 1], [1, 0])):
        weight = [pull if late else m(1) for late in behind]
        own = [total * w / sum(weight) for w in weight]
        after = [1 if state in (0, 1) else 0, 2 if state in (0, 2) else 0]
        gain = [values[i][after[i]] - values[i][state] for i in range(2)]
        asked = list(own)
        for _ in range(60):
            share = []
            for i in range(2):
                idle = min(max(1 - asked[i] / compute[i], m(0)), m(1))
                rate = theta * speed[i] * max(gain[i], m(0)) / (price[behind[i]] * compute[i])
                share.append(idle if gain[i] == 0 else max(idle, min(rate ** (1 / (1 - theta)), 1)))
            lost = [max(own[i] - (1 - share[i]) * compute[i], m(0)) for i in range(2)]
            comes = [(not behind[i] and not behind[1 - i]) or behind[i] for i in range(2)]
            asked = [own[i] + (looking * lost[1 - i] if comes[i] else 0) for i in range(2)]
        for i in range(2):
            sold = min((1 - share[i]) * compute[i], asked[i])
            won = sum(
                speed[j] * share[j] ** theta * (values[i][after[j]] - values[i][state])
                for j in range(2)
            )
            left.append(price[behind[i]] * sold + won - m(game.discount) * values[i][state])
    return left


@pytest.mark.parametrize("scarcity", [0.5, 0.8, 1.0])
def test_the_true_equilibrium_is_within_the_radius(scarcity: float) -> None:
    game = replace(race({"spillover": {"share": 0.7}}, scarcity, returns=0.6), rungs=1)
    found = lb.solve(game).equilibria[0]
    assert found.proof.holds
    with mpmath.workdps(50):

        def missed(*flat: Any) -> list[Any]:
            return by_hand(game, [list(flat[:3]), list(flat[3:])])

        near = [mpmath.mpf(number) for number in found.value.ravel().tolist()]
        true = mpmath.findroot(missed, near, tol=1e-60)
        apart = max(abs(a - b) for a, b in zip(true, near, strict=True))
        rounding = 1e-15  # of exponentials and powers, which the compiled game has as doubles
        assert apart <= (found.proof.radius + rounding) * float(np.abs(found.value).max())


def by_hand_persuading(game: lb.Race, found: Any, flat: list[Any]) -> list[Any]:
    """What is left of the conditions of two labs with one rung, under hype; 50 digits.

    Unknown are values, shares, and units that persuade, of A and B at the tie, with A ahead and
    with B ahead; which condition a share meets is read off what was ``found``. Written from the
    page of the mechanism.
    """
    m, theta = mpmath.mpf, mpmath.mpf(game.technology.returns)
    compute = [m(lab.compute) for lab in game.labs]
    speed = [2 * k**theta for k in compute]
    effect = m(game.mechanisms.hype.effectiveness) / m(float(game.compute.mean()))
    total, left = m(game.market.scarcity) * sum(compute), []
    table = [[flat[3 * k + s] for s in range(3)] for k in range(6)]
    values, shares, units = table[:2], table[2:4], table[4:]
    spent = found.game.persuades(found.build)  # on kinks rounding
    for s, behind in enumerate(([0, 0], [0, 1], [1, 0])):
        pull = [mpmath.exp(-m(late)) for late in behind]
        price = [mpmath.exp(-m(late) / 2) for late in behind]  # a premium of a half
        after = [1 if s in (0, 1) else 0, 2 if s in (0, 2) else 0]
        for i in range(2):
            others = pull[1 - i] * (1 + effect * units[1 - i][s])
            share, y, gain = shares[i][s], units[i][s], values[i][after[i]] - values[i][s]

            def come(y: Any, own: Any = pull[i], others: Any = others) -> Any:
                return total * own * (1 + effect * y) / (own * (1 + effect * y) + others)

            idle = (1 - share) * compute[i]
            persuades = bool(spent[i, s] > 1e-9)
            left.append(idle - y - come(y) if persuades else y)
            build = float(found.build[i, s])
            kink = not persuades and abs((1 - build) * compute[i] - come(m(0))) < 1e-8
            if build in (0, 1):
                left.append(share - build)
            elif kink:
                left.append(idle - come(m(0)))
            else:
                slope = mpmath.diff(come, y) if persuades else mpmath.inf
                costs = price[i] * compute[i] * (1 - 1 / (1 + slope))
                left.append(gain * theta * speed[i] * share ** (theta - 1) - costs)
            won = sum(
                speed[j] * shares[j][s] ** theta * (values[i][after[j]] - values[i][s])
                for j in range(2)
            )
            left.append(price[i] * (idle - y) + won - m(game.discount) * values[i][s])
    return left


@pytest.mark.parametrize(("scarcity", "returns"), [(0.5, 0.6), (0.8, 0.5), (1.0, 0.4)])
def test_labs_that_persuade_are_within_the_radius(scarcity: float, returns: float) -> None:
    hype = {"hype": {"effectiveness": 1.5}}
    game = replace(race(hype, scarcity, returns=returns), rungs=1)
    found = lb.solve(game).equilibria[0]
    spent = found.game.persuades(found.build)
    assert found.proof.holds and (spent > 1e-9).any()
    with mpmath.workdps(50):
        tables = np.concatenate([found.value, found.build, spent])
        near = [mpmath.mpf(number) for number in tables.ravel().tolist()]
        true = mpmath.findroot(lambda *flat: by_hand_persuading(game, found, flat), near, tol=1e-60)
        apart = [float(abs(a - b)) for a, b in zip(true, near, strict=True)]
    assert max(apart[:6]) <= (found.proof.radius + 1e-15) * float(np.abs(found.value).max())
    assert max(apart[6:12]) <= found.proof.radius + 1e-15


def test_nobody_trades_where_labs_are_alike_and_the_rent_may_be_any_of_many() -> None:
    labs = [lb.Lab(name, 1.0) for name in "AB"]
    market = lb.ScarceMarket(0.9, premium=0.5)
    mechanisms = {"lease": {"friction": 0.1}}
    game = lb.Race(labs, market, lb.Technology(1), discount=0.2, rungs=1, mechanisms=mechanisms)
    found = lb.solve(game).equilibria[0]
    assert found.build[:, 0].tolist() == pytest.approx([0.1, 0.1])  # with idle compute alone
    assert found.proof.holds


def test_what_is_not_enclosed_says_so() -> None:
    for mechanisms, why in (
        ({"hype": {"effectiveness": 1.0}, "inputs": {"weight": 0.6}}, "bend"),
        ({"spillover": {"share": 1.0}, "fungibility": {"loss": 0.2}}, "bend"),
    ):
        found = lb.solve(race(mechanisms)).equilibria[0]
        assert not found.proof.tried and why in found.proof.reason
    grown = replace(race({"spillover": {"share": 1.0}}), growth=1.02)
    assert "money grows" in lb.solve(grown).equilibria[0].proof.reason

"""What may happen together in a period: outcomes that lead to the same place are one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.games.formats.gamefile import loads
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.together import together


def firms(count: int, top: int) -> lb.MarkovGame:
    """Firms that move up by their own efforts, and down by chance."""
    events = [
        lb.Event({"w": "w + 1"}, chance="x / (1 + x)"),
        lb.Event({"w": "w - 1"}, chance="0.3"),
    ]
    firm = lb.MarkovPlayer(
        "f",
        "w - 0.2 * others(w) - x",
        {"x": (0, 2)},
        states={"w": (0, top)},
        events=events,
        count=count,
    )
    return lb.MarkovGame([firm], 0.8, time="discrete")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_up_and_down_is_to_stay(count: int) -> None:
    game = firms(count, 3)
    assert len(together(game).destination) == 3**count
    assert Problem(game).stage.outcomes == 3**count


def mixed_up() -> lb.MarkovGame:
    """Groups whose events stand between each other, order that matters, and a game's own event."""
    return loads("""
kind = "markov"
time = "discrete"
discount = 0.7
states = { s = [-2, 2], t = [0, 1] }
events = [{ chance = "0.2", next = { s = "max(s, 0) - 1", t = "1 - t" } }]

[[players]]
name = "A"
payoff = "s - x"
action = { x = [0, 1] }
events = [
  { chance = "x / 4", group = "one", next = { s = "s + 1" } },
  { chance = "0.1 + x / 5", next = { s = "2 * s" } },
  { chance = "0.5 - y / 4", group = "one", next = { s = "s - 1" } },
]

[[players]]
name = "B"
payoff = "t * s - y"
action = { y = [0, 1] }
events = [{ chance = "y / 2", next = { t = "t + 1" } }]
""")


def test_chances_are_those_of_all_combinations_one_by_one() -> None:
    game = mixed_up()
    problem = Problem(game)
    x, y = 0.3, 0.8
    moves = problem.chain(np.array([[x] * game.size, [y] * game.size]))[0].toarray()
    group, doubled, up, flipped = [x / 4, 0.5 - y / 4], 0.1 + x / 5, y / 2, 0.2
    expected = np.zeros_like(moves)
    where = {tuple(point): k for k, point in enumerate(game.grid.tolist())}
    for (s0, t0), k in where.items():
        for first, second, third, last in product((0, 1, 2), (0, 1), (0, 1), (0, 1)):
            s, t = s0, t0
            chance = [1 - sum(group), *group][first]
            chance *= (doubled if second else 1 - doubled) * (up if third else 1 - up)
            chance *= flipped if last else 1 - flipped
            s = s + 1 if first == 1 else s
            s = 2 * s if second else s
            s = s - 1 if first == 2 else s
            t = t + third
            if last:
                s, t = max(s, 0) - 1, 1 - t
            expected[k, where[min(max(s, -2), 2), min(max(t, 0), 1)]] += chance
    assert np.allclose(moves, expected, rtol=0, atol=1e-14)


def test_estimates_count_what_may_happen() -> None:
    up = lb.Event({"w": "w + 1"}, chance="x / (1 + x)")
    few = lb.MarkovPlayer("f", "w - x", {"x": (0, 2)}, states={"w": (0, 40)}, events=[up], count=3)
    more = firms(3, 40)
    game = lb.MarkovGame([few], 0.8, time="discrete")
    assert lb.estimate(game).seconds < 0.5 * lb.estimate(more).seconds

"""What searches for equilibria of races share: order, status, and what indices say."""

from __future__ import annotations

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.solvers.markov.answer import by_first_value
from leaderbored.solvers.order import ordered
from leaderbored.views.race import _indifference

RACE = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1)],
    lb.ScarceMarket(0.6),
    lb.Technology(3, handicap=0.1),
    discount=0.1,
    rungs=2,
)


def test_mirror_images_do_not_change_places_by_a_last_digit() -> None:
    """Two that are each other's image have one sum of values, but for rounding."""
    one, other = np.array([[0.1 + 0.2], [0.7]]), np.array([[0.7], [0.3]])
    for pair in ((one, other), (other, one)):
        assert ordered(pair, by_first_value)[0][0, 0] == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("count", "said"), [(1, "leaves 1 best reply open"), (2, "leaves 2 best replies open")]
)
def test_one_reply_is_not_several(count: int, said: str) -> None:
    assert said in _indifference(RACE, count)


def test_every_engine_that_finds_an_equilibrium_of_a_coupled_race_is_named() -> None:
    spilling = lb.Race(
        RACE.labs,
        RACE.market,
        RACE.technology,
        0.1,
        rungs=2,
        mechanisms={"spillover": {"share": 0.5}},
    )
    solution = lb.solve(spilling, all=True)
    assert solution.complete == "searched"
    assert solution.census.index_sum == 1
    assert sum(solution.census.engines.values()) >= len(solution.equilibria)

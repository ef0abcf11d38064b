"""Dynamic games of one's own that once had no answer, a wrong one, or no end."""

from pathlib import Path

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.games.gamefile import GameFileError, load, loads

CASES = Path(__file__).parent / "cases" / "dynamic"


def test_an_end_that_is_no_number_is_named_with_its_state() -> None:
    with pytest.raises(GameFileError, match=r"players\.A\.end = 'log\(left - 1\)'.*'left': 1"):
        load(CASES / "end_nan.toml")  # log(0) where A has left
    with pytest.raises(GameFileError, match=r"ends = 'log\(gap\)'.*'gap': -2"):
        load(CASES / "ends_nan.toml")


def test_all_mistakes_of_a_game_are_listed_at_once() -> None:
    text = """
    kind = "markov"
    discount = 0.1
    states = { s = [0, 1] }
    parameters = { max = 1.0 }
    [[players]]
    name = "A"
    action = { b = [1, 0] }
    payoff = "1 - c"
    events = [{ hazard = "sqrt(", next = { t = "1" } }]
    """
    with pytest.raises(GameFileError) as caught:
        loads(text)
    places = {problem.place for problem in caught.value.problems}
    assert {"parameters.max", "players[0].action.b", "players[0].payoff",
            "players[0].events[0].hazard", "players[0].events[0].next.t"} <= places  # fmt: skip


@pytest.mark.slow
def test_harvests_rest_on_kinks_of_the_grid() -> None:
    """Levhari and Mirman (1980): with y' = y**(1/2) each takes (1 - ab) / (2 - ab) of it."""
    solution = lb.solve(load(CASES / "lm7.toml"))
    share = (1 - 0.9 / 2) / (2 - 0.9 / 2)
    for policy in solution.equilibria[0].policy.values():
        np.testing.assert_allclose(policy, share, atol=1e-9)

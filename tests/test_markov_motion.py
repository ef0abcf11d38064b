"""Markov games whose actions say where the state goes, against the same games written out."""

from pathlib import Path

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.games.formats.gamefile import loads
from leaderbored.games.problems import GameFileError

INVEST = """
kind = "markov"
time = "discrete"
discount = 0.8
states = {{ k = [0, 2] }}
[[players]]
name = "A"
actions = {{ i = [0, 1.5, 2] }}
payoff = "3 * sqrt(k) - i - 0.3 * B.rob * k"
events = {events}
[[players]]
name = "B"
actions = ["rob", "rest"]
payoff = "0.5 * rob * k - rob"
"""
HATS = ", ".join(
    f'{{ group = "g", next = {{ k = "{g}" }}, '
    f'chance = "max(0, 1 - abs(min(2, max(0, 0.7 * k + i - rob)) - {g}))" }}'
    for g in range(3)
)


def answer(text: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    (found,) = lb.solve(loads(text)).equilibria
    assert found.regret < 1e-9
    return found.value, found.policy


@pytest.mark.slow
def test_capital_between_two_numbers_is_either_with_the_right_odds() -> None:
    """0.7 k + i - rob, stopped at 0 and 2, as three events with odds of their own."""
    event = '[{ chance = "1", next = { k = "0.7 * k + i - rob" } }]'
    short, long = (answer(INVEST.format(events=e)) for e in (event, f"[{HATS}]"))
    np.testing.assert_allclose(short[0], long[0], atol=1e-9)
    for who, law in short[1].items():
        np.testing.assert_allclose(law, long[1][who], atol=1e-7)


def test_who_is_in_is_what_they_chose() -> None:
    """A state that becomes the action: as one event for each action."""
    text = """
    kind = "markov"
    time = "discrete"
    discount = 0.9
    [[players]]
    name = "firm"
    count = 2
    states = { a = [0, 1] }
    actions = ["in", "out"]
    shocks = 1
    payoff = "in * (2 - 1.5 * others(in) - 1.2 * (1 - a))"
    """
    short = text + 'events = [{ chance = "1", next = { a = "in" } }]'
    enter = '{ chance = "in", group = "{name} moves", next = { a = "1" } }'
    leave = '{ chance = "out", group = "{name} moves", next = { a = "0" } }'
    long = f"{text}events = [{enter}, {leave}]"
    np.testing.assert_allclose(answer(short)[0], answer(long)[0], atol=1e-9)
    value, _ = answer(short)
    odds = np.full((2, 2), 0.5)  # of being in, by own state and the other's: plain iteration
    mine = np.zeros((2, 2))
    for _ in range(3000):
        pays = np.zeros((2, 2, 2))
        for a in range(2):
            for b in range(2):
                q = odds[b, a]
                ahead = q * mine[:, 1] + (1 - q) * mine[:, 0]  # by own next state
                pays[a, b] = [0.9 * ahead[0], 2 - 1.5 * q - 1.2 * (1 - a) + 0.9 * ahead[1]]
        mine = np.logaddexp(pays[..., 0], pays[..., 1])
        odds = 0.5 * odds + 0.5 / (1 + np.exp(pays[..., 0] - pays[..., 1]))
    np.testing.assert_allclose(value[0].reshape(2, 2), mine, atol=1e-8)


@pytest.mark.slow
def test_two_fleets_take_the_shares_of_levhari_and_mirman() -> None:
    text = (Path(__file__).parents[1] / "docs" / "game-files.md").read_text()
    (fleet,) = [part for part in text.split("```toml")[1:] if "The great fish war" in part]
    found = lb.solve(loads(fleet.split("```")[0])).equilibria[0]
    assert found.regret < 1e-9
    for share in found.policy.values():
        np.testing.assert_allclose(share, (1 - 0.45) / (2 - 0.45), atol=1e-7)


def test_a_jump_in_continuous_time_may_be_as_long_as_one_likes() -> None:
    """One player: the best jump x of a value that is linear between 0, 1 and 2, at a cost x x."""
    lab = lb.MarkovPlayer(
        "lab", "2 * k - x**2", {"x": (0, 2)}, events=[lb.Event({"k": "k + x"}, hazard="0.5")]
    )
    (found,) = lb.solve(lb.MarkovGame([lab], 0.25, states={"k": (0, 2)})).equilibria
    assert found.regret < 1e-9
    value = found.value[0]
    for k in range(3):
        x = found.policy["lab"][k]
        worth = np.interp(np.minimum(k + np.linspace(0, 2, 20001), 2), range(3), value)
        flow = 2 * k - np.linspace(0, 2, 20001) ** 2 + 0.5 * (worth - value[k])
        assert flow.max() == pytest.approx(0.25 * value[k], abs=1e-6)
        assert np.linspace(0, 2, 20001)[flow.argmax()] == pytest.approx(x, abs=2e-4)


def test_where_actions_lead_nowhere_is_said() -> None:
    text = """
    kind = "markov"
    discount = 0.1
    states = { k = [0, 2] }
    [[players]]
    name = "A"
    action = { x = [0, 1] }
    payoff = "x"
    events = [{ hazard = "1", next = { k = "k + log(x - 2)" } }]
    """
    with pytest.raises(GameFileError, match=r"players\[0\].events\[0\].next.k .*found nan"):
        loads(text)

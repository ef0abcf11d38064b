"""Private costs of one action, uniform or exponential, against iterations by hand."""

import numpy as np
import pytest
from pydantic import ValidationError

import leaderbored as lb
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load
from leaderbored.solvers.budget import LATE, Budget
from leaderbored.solvers.proof import Proof, unproved
from leaderbored.solvers.stochastic import search
from leaderbored.solvers.stochastic.method import MarkovMethod
from leaderbored.solvers.stochastic.problem import Problem


def entrants(law: str, size: str = "1.5 * away * a + 2 * go * (1 - a)") -> lb.MarkovGame:
    """Two firms, in the market (a = 1) or not, with private costs of entry, values of exit."""
    firm = lb.MarkovPlayer(
        "firm",
        "go * (2.2 - 1.6 * others(go)) - 3 * go * (1 - a) + 4.5 * away * a",
        actions=("go", "away"),
        states={"a": (0, 1)},
        events=[lb.Event({"a": "go"}, chance="1")],
        count=2,
        shocks=size,
        shock_law=law,
    )
    return lb.MarkovGame([firm], discount=0.7, time="discrete")


def taken(law: str, gap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often a shock of size one beats a gap, and E max(gap + shock, 0), by quadrature."""
    u = (np.arange(20_000) + 0.5) / 20_000  # quantiles of the shock
    shock = 2 * u - 1 if law == "uniform" else -np.log1p(-u) - 1
    gain = np.maximum(gap[..., None] + shock, 0)
    return (gain > 0).mean(axis=-1), gain.mean(axis=-1)


@pytest.mark.parametrize("law", ["uniform", "exponential"])
def test_private_costs_against_value_iteration(law: str) -> None:
    (found,) = lb.solve(entrants(law)).equilibria
    own, rival = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    value, often = np.zeros(4), np.full(4, 0.5)
    for _ in range(80):
        other = often[2 * rival + own]  # the rival's chance to be there, in each state
        ahead = [0.7 * ((1 - other) * value[2 * k] + other * value[2 * k + 1]) for k in (0, 1)]
        go = 2.2 - 1.6 * other - 3 * (1 - own) + ahead[1]
        away = 4.5 * own + ahead[0]
        size = np.where(own == 1, 1.5, 2.0)
        plain, gap = np.where(own == 1, go, away), np.where(own == 1, away - go, go - away) / size
        chance, gain = taken(law, gap)
        value, often = (
            plain + size * gain,
            0.6 * often + 0.4 * np.where(own == 1, 1 - chance, chance),
        )
    assert ((often > 0.02) & (often < 0.98)).any()
    np.testing.assert_allclose(found.value[0], value, rtol=1e-3)
    np.testing.assert_allclose(found.policy["firm 1"][:, 0], often, atol=1e-3)
    assert found.regret < 1e-9 and found.choice_error is not None and found.choice_error < 1e-9


@pytest.mark.parametrize(
    ("law", "size", "said"),
    [
        ("uniform", "1", "expected shocks to one action alone"),
        ("extreme value", "go", "the same for all actions"),
        ("uniform", "go - away", "expected a number above 0"),
        ("uniform", "0 * go", "expected a number above 0"),
    ],
)
def test_sizes_that_a_law_does_not_go_with(law: str, size: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        entrants(law, size)
    assert "players[0].shocks" in str(caught.value)


@pytest.mark.slow
def test_entry_investment_and_exit_with_uniform_costs_against_value_iteration() -> None:
    """Bajari, Benkard and Levin's model: the best investment has a closed form by hand."""
    game = load(find("bajari-benkard-levin-2007"))
    solution = lb.solve(game)
    (found,) = solution.equilibria
    profit, factor = np.array(game.tables["profit"]), 0.8
    value, active, invested = np.zeros((4, 4)), np.full((4, 4), 0.5), np.zeros((4, 4))

    def moves(z: int, often: float, effort: float) -> np.ndarray:
        success = 1.25 * effort / (1 + 1.25 * effort)
        up = often * (1.0 if z == 0 else 0.6 * success)
        down = often * 0.4 * (1 - success) * (z > 1)
        law = np.zeros(4)
        for to, chance in (
            (min(z + 1, 3), up),
            (z - 1, down),
            (z, often - up - down),
            (0, 1 - often),
        ):
            law[to] += chance
        return law

    for _ in range(1_500):
        new = [value.copy(), active.copy(), invested.copy()]
        for z in range(4):
            for w in range(4):
                ahead = factor * value @ moves(w, active[w, z], invested[w, z])
                if z == 0:
                    gap = (ahead[1] - 9 - ahead[0]) / 2
                    often = min(max((1 + gap) / 2, 0), 1)
                    new[0][z, w] = ahead[0] + 2 * (often * gap + often * (1 - often))
                    new[1][z, w] = often
                    continue
                below = ahead[z - 1] if z > 1 else ahead[z]
                slope = 0.6 * (ahead[min(z + 1, 3)] - ahead[z]) + 0.4 * (ahead[z] - below)
                effort = max((np.sqrt(max(1.25 * slope, 0)) - 1) / 1.25, 0)
                success = 1.25 * effort / (1 + 1.25 * effort)
                stays = ahead[z] + 0.4 * (below - ahead[z]) + slope * success - effort
                gap = 6 + ahead[0] - stays
                often = min(max((1 + gap) / 2, 0), 1)
                new[0][z, w] = profit[z, w] + stays + often * gap + often * (1 - often)
                new[1][z, w], new[2][z, w] = 1 - often, effort
        value, active, invested = (
            0.6 * old + 0.4 * one for old, one in zip((value, active, invested), new, strict=True)
        )
    np.testing.assert_allclose(found.value[0], value.ravel(), rtol=1e-9)
    np.testing.assert_allclose(found.policy["firm 1"][:, 1], active.ravel(), atol=1e-9)
    np.testing.assert_allclose(found.policy["firm 1"][:, 0], invested.ravel(), atol=1e-7)
    assert found.regret < 1e-9 and 0 < active[1, 3] < 1 and 0 < active[0, 1] < 1


@pytest.mark.slow
def test_entry_of_five_different_firms_against_their_own_iteration() -> None:
    """Aguirregabiria and Mira's second experiment, by best replies in choice probabilities."""
    (found,) = lb.solve(load(find("aguirregabiria-mira-2007"))).equilibria
    states = np.array([*np.ndindex(5, 2, 2, 2, 2, 2)])
    size, was, acts = states[:, 0] + 1, states[:, 1:], np.array([*np.ndindex(2, 2, 2, 2, 2)])
    stays = np.where((size == 1) | (size == 5), 0.8, 0.6)
    drift = 0.2 * (np.abs(size[:, None] - size) == 1) + stays * (size[:, None] == size)
    leads = acts[:, None, None, :] == was  # (profile, 1, state, firm)
    likely, value = np.full((160, 5), 0.5), np.zeros((5, 160))
    for _ in range(90):
        for i in range(5):
            law = np.where(acts[:, None], likely, 1 - likely)  # (profile, state, firm)
            paid, moves = [], []
            for a in (0, 1):
                chance = np.delete(law, i, axis=2).prod(axis=2) * (acts[:, i] == a)[:, None]
                rivals = acts.sum(axis=1) - acts[:, i]
                cost = 1.9 - 0.1 * i + (1 - was[:, i])
                paid.append(a * ((size - np.log1p(rivals)[:, None] - cost) * chance).sum(axis=0))
                moves.append(np.einsum("ps,pt->st", chance, leads.all(axis=3)[:, 0]) * drift)
            for _ in range(2):
                worth = [
                    flow + 0.95 * move @ value[i] for flow, move in zip(paid, moves, strict=True)
                ]
                value[i] = np.logaddexp(*worth)
            likely[:, i] = 1 / (1 + np.exp(worth[0] - worth[1]))
    played = np.array([found.policy[f"firm {i + 1}"][:, 0] for i in range(5)]).T
    assert found.stationary is not None
    assert found.stationary @ played.sum(axis=1) == pytest.approx(2.7669, abs=1e-4)
    np.testing.assert_allclose(played, likely, atol=2e-4)


def test_a_proof_that_takes_all_the_time_that_is_left_takes_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    player = lb.MarkovPlayer("A", "a", actions=("a", "b"), shocks=1)
    problem = Problem(lb.MarkovGame([player], discount=0.5, time="discrete"))
    late: list[bool] = []

    def prove(*_: object) -> Proof:
        late.append(True)
        return unproved(LATE)

    monkeypatch.setattr(search, "prove", prove)
    law = np.exp([[1.0], [0.0]]) / (1 + np.e)
    with Budget(lambda: bool(late)).running():
        found = search.Search(problem, MarkovMethod()).certified(problem.point(law), "by hand")
    assert late and found.regret < 1e-12 and found.choice_error < 1e-12

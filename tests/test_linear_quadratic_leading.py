"""Linear-quadratic games whose first player leads at every stage."""

import json
from pathlib import Path

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.record import RefusedError
from leaderbored.solvers.linear_quadratic.leading import Stage, regret
from leaderbored.views.linear_quadratic import linear_quadratic_headline


def game(n: int, players: int, seed: int, **changes: object) -> lb.LinearQuadratic:
    """Symmetric positive definite costs, and products of controls."""
    rng = np.random.default_rng(seed)

    def form(size: int) -> np.ndarray:
        root = rng.normal(size=(size, size))
        return root @ root.T + 0.5 * np.eye(size)

    names = "ABC"[:players]
    made = []
    for name in names:
        others = [other for other in names if other != name]
        made.append(
            lb.Controller(
                name,
                rng.normal(size=(n, 2)),
                form(2),
                form(n),
                state_linear=rng.normal(size=n),
                rival_costs={others[0]: 0.3 * form(2)},
                product_costs={others[-1]: 0.2 * rng.normal(size=(2, 2))},
            )
        )
    settings = {"time": "discrete", "discount": 0.9, "initial": np.ones(n)} | changes
    return lb.LinearQuadratic(rng.normal(size=(n, n)), made, **settings)


def scalar(a: float, q: tuple[float, float], **changes: object) -> lb.LinearQuadratic:
    players = [lb.Controller(name, 1.0, 1.0, cost) for name, cost in zip("AB", q, strict=True)]
    return lb.LinearQuadratic(a, players, time="discrete", **changes)


def test_one_stage_by_hand() -> None:
    """The follower halves what is left; the leader knows it, and does less than half as much."""
    players = [lb.Controller(name, 1.0, 1.0, final_cost=1.0) for name in "AB"]
    one = lb.LinearQuadratic(1.0, players, time="discrete", horizon=1, initial=[1.0])
    (found,) = lb.solve(one, information="stackelberg").equilibria
    assert found.gains["A"].item() == pytest.approx(0.2)
    assert found.gains["B"].item() == pytest.approx(0.4)
    assert found.answers["B"].item() == pytest.approx(0.5)
    assert found.costs == pytest.approx([0.2, 0.32])
    assert found.regret < 1e-14


def test_without_end_as_iterated_by_hand() -> None:
    a, discount, costs = 1.2, 0.9, (1.0, 0.5)
    p, q = 0.0, 0.0
    for _ in range(2_000):
        answer = discount * q / (1 + discount * q)  # u_B = -answer (a x + u_A)
        left = 1 - answer
        lead = discount * p * left**2 * a / (1 + discount * p * left**2)
        after = left * (a - lead)
        p, q = (
            costs[0] + lead**2 + discount * p * after**2,
            costs[1] + (answer * (a - lead)) ** 2 + discount * q * after**2,
        )
    (found,) = lb.solve(scalar(a, costs, discount=discount), information="stackelberg").equilibria
    assert found.gains["A"].item() == pytest.approx(lead)
    assert found.gains["B"].item() == pytest.approx(answer * (a - lead))
    assert found.quadratic.ravel() == pytest.approx([p, q])


@pytest.mark.parametrize(
    ("n", "players", "horizon"), [(1, 2, 3), (2, 3, 4), (3, 2, None), (2, 3, None)]
)
def test_nobody_gains_at_any_stage(n: int, players: int, horizon: int | None) -> None:
    for seed in range(5):
        drawn = game(n, players, seed, horizon=horizon)
        solution = lb.solve(drawn, information="stackelberg")
        (found,) = solution.equilibria
        assert found.regret < 1e-10
        assert solution.complete == ("partial" if horizon is None else "proved")


def test_what_is_no_equilibrium_has_regret() -> None:
    drawn = game(2, 2, 1)
    (found,) = lb.solve(drawn, information="stackelberg").equilibria
    (nash,) = lb.solve(drawn, all=False).equilibria
    for point in (nash, found):
        gains = np.vstack(
            [np.hstack([point.gains[k], point.offsets[k][:, None]]) for k in point.gains]
        )
        answers = np.vstack([np.zeros((2, 2)), found.answers["B"]])
        gained = regret(drawn, [Stage(gains, answers)])
        assert (gained < 1e-10) == (point is found)
    answers[2:] += 0.01  # an answer that is not the best to what is never announced
    assert regret(drawn, [Stage(gains, answers)]) > 1e-8


def test_the_leader_pays_no_more_for_one_stage_than_if_both_act_at_once() -> None:
    for seed in range(5):
        drawn = game(2, 2, seed, horizon=1)
        led = lb.solve(drawn, information="stackelberg").equilibria[0]
        nash = lb.solve(drawn).equilibria[0]
        assert led.costs[0] <= nash.costs[0] + 1e-12


def test_the_page_and_the_data_say_who_leads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    solution = lb.solve(scalar(1.1, (1.0, 1.0), discount=0.9), information="stackelberg")
    assert "A leading at every stage" in linear_quadratic_headline(solution)
    file = tmp_path / "game.toml"
    file.write_text(
        'kind = "linear-quadratic"\ntime = "discrete"\ndiscount = 0.9\ndrift = 1.1\n'
        + "".join(
            f'[[players]]\nname = "{name}"\ncontrol = 1.0\ncontrol_cost = 1.0\nstate_cost = 1.0\n'
            for name in "AB"
        )
    )
    assert main(["solve", str(file), "--information", "stackelberg"]) == 0
    out = capsys.readouterr().out
    assert "A leading at every stage" in out and "B changes its own by" in out
    assert main(["solve", str(file), "--information", "stackelberg", "--json"]) == 0
    (point,) = json.loads(capsys.readouterr().out)["equilibria"]
    assert point["answers"]["B"][0][0] == pytest.approx(solution.equilibria[0].answers["B"].item())


def test_a_file_says_who_knows_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Quantity leadership sells 1/2 and 1/4; with both acting at once, a third each."""
    assert main(["solve", "von-stackelberg-1934", "--json"]) == 0
    (led,) = json.loads(capsys.readouterr().out)["equilibria"]
    sold = {"leader": 0.5, "follower": 0.25}
    assert {who: -f[0][0] for who, f in led["offsets"].items()} == pytest.approx(sold)
    assert main(["solve", "von-stackelberg-1934", "--information", "feedback", "--json"]) == 0
    (nash,) = json.loads(capsys.readouterr().out)["equilibria"]
    assert {who: -f[0][0] for who, f in nash["offsets"].items()} == pytest.approx(
        {"leader": 1 / 3, "follower": 1 / 3}
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (["--set", "time=continuous"], "information = 'stackelberg': expected discrete time"),
        (["--set", "information=leading"], "information = 'leading': expected 'feedback'"),
        (
            ["--set", "noise=1", "--set", "information=open-loop"],
            "information = 'open-loop': plans do not answer noise",
        ),
        (["--set", "noise=1", "--information", "open-loop"], "--information = open-loop: plans"),
    ],
)
def test_what_nobody_can_know_is_a_mistake_of_the_file(
    change: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["solve", "von-stackelberg-1934", *change]) == 2
    assert expected in capsys.readouterr().err


def test_games_without_stages_are_refused() -> None:
    players = [lb.Controller(name, 1.0, 1.0, 1.0) for name in "AB"]
    with pytest.raises(RefusedError, match="discrete time"):
        lb.solve(lb.LinearQuadratic(-1.0, players), information="stackelberg")

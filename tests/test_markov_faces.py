"""Markov games of one's own as a user meets them: files, tables, JSON, figures, paths."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.figures import draw, drawable
from leaderbored.games.formats.gamefile import loads
from leaderbored.solvers.stochastic.motion import drift, expected_path
from leaderbored.views.markov import mixed

DOCS = Path(__file__).parent.parent / "docs" / "game-files.md"


def documented() -> str:
    section = DOCS.read_text("utf-8").split('## `kind = "markov"`')[1]
    return section.split("```toml")[1].split("```")[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ladder.toml"
    path.write_text(documented())
    return path


def test_the_documented_file_is_the_built_in_race() -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    race = lb.Race(labs, lb.RevenueLadder("1.3**g"), lb.Technology(1, leapfrog=1), 0.3, 5)
    theirs = lb.solve(race).equilibria[0]
    (ours,) = lb.solve(loads(documented()), all=True).equilibria
    states = race.states()
    np.testing.assert_allclose(
        ours.value[:, states[:, 1] - states[:, 0] + 5], theirs.value, rtol=1e-10
    )


def test_solve_shows_and_dumps(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "One Markov-perfect equilibrium, stable; 11 states." in shown and "regret" in shown
    assert main(["solve", str(file), "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    (found,) = out["equilibria"]
    assert {"policy", "value", "stationary", "regret", "residual", "stable", "index"} <= set(found)
    assert out["states"]["names"] == ["gap"] and len(found["policy"]["A"]) == 11
    path = found["expected_path"]
    assert path["times"][0] == 0 and len(path["states"]) == len(path["times"])
    assert path["states"][0] == [-5]


@pytest.mark.slow
def test_trace_along_a_parameter(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = tmp_path / "out.svg"
    along = ["trace", str(file), "--along", "parameters.gamma", "--from", "1.1", "--to", "1.5"]
    assert main([*along, "--figure", str(figure)]) == 0
    assert "one equilibrium throughout" in capsys.readouterr().out and figure.exists()
    assert main([*along, "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert [row["equilibria"] for row in out["counts"]] == [1]
    point = out["branches"][0]["points"][0]
    changed = loads(documented().replace("1.3 }", f"{point['parameter']} }}"))
    fresh = lb.solve(changed).equilibria[0]
    assert point["value"]["A"] == pytest.approx(fresh.value[0, 0], rel=1e-9)


def test_a_mistake_in_the_file_is_one_clean_message(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(documented().replace('"sqrt(b)"', '"sqrt(b) - 1"').replace("0.3", "-0.3"))
    assert main(["solve", str(file)]) == 2
    error = capsys.readouterr().err
    assert "discount" in error and "Traceback" not in error


def test_functions_on_arrays_are_the_formulas_they_compute() -> None:
    """Traced once, and exact: the same equilibrium to the last digits."""
    firm = lb.MarkovPlayer(
        "f",
        lambda at: at["profit"][at["w"]] * (1 + (at["w"] > at.others("w"))) - at["x"] ** 2,
        {"x": (0, 2)},
        states={"w": (0, 3)},
        count=2,
        events=[
            lb.Event(
                {"w": lambda at: np.where(at["w"] < 3, at["w"] + 1, 3)},
                hazard=lambda at: np.sqrt(at["x"]) * at["k"],
            )
        ],
    )
    text = lb.MarkovPlayer(
        "f",
        "profit[w] * (1 + (w > others(w))) - x**2",
        {"x": (0, 2)},
        states={"w": (0, 3)},
        events=[lb.Event({"w": "w + 1 if w < 3 else 3"}, hazard="sqrt(x) * k")],
        count=2,
    )
    rest = {
        "discount": 0.3,
        "events": [lb.Event({"w": "w - 1"}, hazard="0.4")],
        "parameters": {"k": 0.7},
        "tables": {"profit": [1.0, 1.4, 1.7, 1.9]},
    }
    traced, read = (lb.solve(lb.MarkovGame([player], **rest)) for player in (firm, text))
    np.testing.assert_allclose(traced.equilibria[0].value, read.equilibria[0].value, rtol=1e-13)
    other = replace(firm, payoff=lambda at: at["w"] - at["x"] ** 2)
    assert lb.solve(lb.MarkovGame([other], **rest)).digest != traced.digest


def test_functions_that_make_no_formula_are_refused_together() -> None:
    players = [
        lb.MarkovPlayer("A", lambda at: at["nothing"] + 1, {"b": (0, 1)}),
        lb.MarkovPlayer("B", lambda at: 1 if at["c"] > 0 else 2, {"c": (0, 1)}),
        lb.MarkovPlayer("C", lambda at: np.cbrt(at["d"]), {"d": (0, 1)}),
    ]
    with pytest.raises(ValueError, match="KeyError") as error:
        lb.MarkovGame(players, 0.3)
    for words in ("players[0].payoff", "numpy.where", "numpy.cbrt has no formula"):
        assert words in str(error.value)


def plane() -> lb.MarkovGame:
    lab = lb.MarkovPlayer(
        "lab",
        "(1 - b) * (1 + w)",
        {"b": (0, 1)},
        states={"w": (0, 4)},
        events=[lb.Event({"w": "w + 1"}, hazard="sqrt(b)")],
        count=2,
    )
    return lb.MarkovGame([lab], 0.3, events=[lb.Event({"w": "w - 1"}, hazard="0.4")])


def test_pictures_of_one_and_two_state_variables(tmp_path: Path) -> None:
    line, two = lb.solve(loads(documented())), lb.solve(plane())
    above, below, _ = draw(line).axes
    np.testing.assert_allclose(above.lines[0].get_ydata(), line.equilibria[0].policy["A"])
    np.testing.assert_allclose(below.lines[1].get_ydata(), line.equilibria[0].value[1])
    first, second = draw(two).axes[:2]
    shown = np.asarray(first.images[0].get_array()).T.ravel()
    np.testing.assert_allclose(shown, two.equilibria[0].policy["lab 1"])
    assert second.get_xlabel() == "lab 1.w" and second.get_ylabel() == "lab 2.w"
    assert drawable(lb.MarkovGame([lb.MarkovPlayer("A", "1 - x", {"x": (0, 1)})], 0.1))


def test_linear_quadratic_games_are_drawn_over_one_or_two_states(tmp_path: Path) -> None:
    figure = tmp_path / "duel.svg"
    assert main(["solve", "judd-1998", "--figure", str(figure)]) == 0 and figure.exists()
    one = lb.LinearQuadratic(-1.0, [lb.Controller(n, 1.0, 1.0, 1.0) for n in "AB"], initial=2.0)
    found = lb.solve(one)
    above, below = draw(found).axes
    x, u = above.lines[0].get_data()
    np.testing.assert_allclose(u, -x / 3, atol=1e-9)
    x, cost = below.lines[1].get_data()
    assert cost[0] == pytest.approx(found.equilibria[0].cost([x[0]])[1])
    two = lb.LinearQuadratic(
        [[-1.0, 0.5], [0.0, -1.0]],
        [lb.Controller("A", [1.0, 0.0], 1.0, [[1.0, 0.0], [0.0, 1.0]])],
        time="continuous",
    )
    assert "costs A" in draw(lb.solve(two)).axes[0].get_title(loc="left")
    assert drawable(replace(one, horizon=1.0))


@pytest.mark.parametrize("time", ["continuous", "discrete"])
def test_the_expected_path_is_that_of_many_histories(time: str) -> None:
    rate = {"hazard": "0.3 + x"} if time == "continuous" else {"chance": "0.1 + x / 2"}
    player = lb.MarkovPlayer(
        "A", "s - x", {"x": (0, 1)}, events=[lb.Event({"s": "s + 1 if s < 3 else 0"}, **rate)]
    )
    discount = 0.5 if time == "continuous" else 0.7
    game = lb.MarkovGame([player], discount, {"s": (0, 3)}, time=time)
    found = lb.solve(game).equilibria[0]
    x = found.policy["A"]
    random = np.random.default_rng(3)
    step, rounds = (0.02, 100) if time == "continuous" else (1.0, 6)
    go = 1 - np.exp(-(0.3 + x) * step) if time == "continuous" else 0.1 + x / 2
    state = np.zeros(200_000, dtype=int)
    for _ in range(rounds):
        moves = random.random(len(state)) < go[state]
        state = np.where(moves, (state + 1) % 4, state)
    times = np.linspace(0, step * rounds, 2 if time == "continuous" else rounds + 1)
    path = expected_path(game, found, times)
    error = state.std() / np.sqrt(len(state))
    slack = 0.02 if time == "continuous" else 0.0  # steps of the simulation
    assert path[-1, 0] == pytest.approx(state.mean(), abs=4 * error + slack)
    now = drift(game, found)[0, 0]
    assert now == pytest.approx(0.3 + x[0] if time == "continuous" else 0.1 + x[0] / 2)
    with pytest.raises(ValueError, match="times"):
        expected_path(game, found, np.array([0.0, 1.0, 5.0]))


def test_large_work_is_announced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Estimates grow with the game, and are said before the work that a limit cuts short."""

    def firms(top: int) -> lb.MarkovGame:
        firm = lb.MarkovPlayer(
            "f",
            "w - x**2",
            {"x": (0, "inf")},
            states={"w": (0, top)},
            events=[lb.Event({"w": "w + 1"}, hazard="x")],
            count=2,
        )
        return lb.MarkovGame([firm], 0.2)

    small, large = lb.estimate(firms(20)), lb.estimate(firms(200))
    assert small.seconds < large.seconds < lb.estimate(firms(200), all=True).seconds
    assert small.megabytes < large.megabytes < 4000
    assert lb.estimate(lb.Contest([lb.Contender("A", 1), lb.Contender("B", 1)], 1.0)) is None
    sides = [lb.estimate(lb.NormalForm(np.zeros((2, n, n))), all=True) for n in (5, 16, 32)]
    assert [side.seconds > 3 for side in sides] == [False, True, True]
    table = np.random.default_rng(0).integers(0, 99, (2, 18, 18))
    file = tmp_path / "large.json"
    file.write_text(json.dumps({"kind": "normal-form", "payoffs": table.tolist()}))
    assert main(["solve", str(file), "--limit", "0.2"]) == 3
    assert "18 x 18 strategies: about" in capsys.readouterr().err


def test_a_long_list_of_actions_has_one_column_for_each_player() -> None:
    """What is taken; a dash where it is not one's turn, or the game has ended."""
    levels = [0, 1, 2, 3, 4]
    player = lb.MarkovPlayer("A", "-((q - 3)**2)", actions={"q": levels}, turn="z == 0")
    other = lb.MarkovPlayer("B", "-((p - 1 - z)**2)", actions={"p": levels})
    on = lb.Event({"z": "z + 1"}, chance="1")
    game = lb.MarkovGame(
        [player, other], 0.5, time="discrete", states={"z": (0, 2)}, events=[on], ends="z == 2"
    )
    with StringIO() as out:
        Console(file=out, width=100).print(lb.solve(game).table())
        rows = [line.split() for line in out.getvalue().splitlines()]
    assert ["z", "A:", "q", "B:", "p", "value", "A", "value", "B", "time"] in rows
    assert [row[:3] for row in rows if row[:1] in (["0"], ["1"], ["2"])] == [
        ["0", "3", "1"],
        ["1", "-", "2"],
        ["2", "-", "-"],
    ]


def test_what_is_mixed_is_told_with_its_probabilities() -> None:
    assert mixed(["0", "1", "2"], [0.25, 1e-12, 0.75]) == "0: 0.25, 2: 0.75"
    assert mixed(["0", "1"], [0, 0]) == "-"


LONG = """kind = "markov"
discount = 0.1
states = { d = [0, 29] }
[[players]]
name = "A"
action = { b = [0, 1] }
payoff = "-(b - 0.5)^2"
events = [{ hazard = "1", next = { d = "d + 1" } }]
"""


@pytest.mark.parametrize("form", ["table", "md", "tex", "html"])
def test_every_form_says_that_some_states_alone_are_shown(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "long.toml"
    path.write_text(LONG)
    assert main(["solve", str(path), "--format", form]) == 0
    out = " ".join(capsys.readouterr().out.replace("\\", "").split())
    assert "The first equilibrium (24 of 30 states;" in out


def test_a_table_of_values_has_all_states(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "long.toml"
    path.write_text(LONG)
    assert main(["solve", str(path), "--format", "csv"]) == 0
    lines = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    heads, rows = lines[0], lines[1:]
    assert heads[0] == "d"
    assert [row[0] for row in rows] == [str(k) for k in range(30)]
    assert {float(row[1]) for row in rows} == {0.5}

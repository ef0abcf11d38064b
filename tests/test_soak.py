"""The soak runs, finds nothing in a few games, and its judge does find what is wrong."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.soak import faces, games
from benchmarks.soak.__main__ import main
from benchmarks.soak.broken import broken
from benchmarks.soak.judge import faults

ROOT = Path(__file__).parents[1]


def solved(game, tmp_path):
    path = tmp_path / "game.toml"
    path.write_text(games.text(game), encoding="utf-8")
    told = faces.run(["solve", str(path), "--one", "--json"], 20.0)
    assert not list(faces.misdeeds(told, 20.0))
    return json.loads(told.out)


@pytest.mark.slow
def test_a_few_games_and_broken_files_show_no_fault(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(faces, "GRACE", 60.0)  # how quick a machine is, is no fault
    assert main(["--seed", "4", "--cases", "18", "--keep", str(tmp_path)]) == 0
    assert "0 faults with seed 4" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_it_is_a_command(tmp_path):
    words = [sys.executable, "-m", "benchmarks.soak", "--cases", "2", "--kinds", "normal-form"]
    words += ["--keep", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("soak with seed 1;")
    assert not list(tmp_path.iterdir())  # no file of a game that was not tried


def test_the_same_seed_draws_the_same():
    for k in range(20):
        first, second = (games.draw(np.random.default_rng([7, k])) for _ in range(2))
        assert games.text(first) == games.text(second)
        one, two = (broken(games.text(first), np.random.default_rng(k)) for _ in range(2))
        assert one == two


RACE = {
    "kind": "race",
    "discount": 0.2,
    "rungs": 3,
    "labs": [{"name": "A", "compute": 1.0}, {"name": "B", "compute": 1.4}],
    "market": {"kind": "scarce", "scarcity": 0.7, "switching": 1.0, "premium": 0.2, "price": 1.0},
    "technology": {
        "productivity": 2.0,
        "returns": 0.6,
        "flywheel": 0.1,
        "handicap": 0.2,
        "drafting": 0.1,
        "leapfrog": 0.5,
    },
}


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    return solved(RACE, tmp_path_factory.mktemp("race"))


def spoiled(answer, what):
    answer = copy.deepcopy(answer)
    first = answer["equilibria"][0]
    if what == "build":
        first["build"]["A"][1] += 0.05
    elif what == "value":
        first["value"]["B"] = [1.01 * x for x in first["value"]["B"]]
    elif what == "verdict":
        first["verdict"] = {"run": "race", "race": "run"}[first["verdict"]]
    else:
        first["statistics"][what] *= 1.1
    return answer


@pytest.mark.parametrize(
    "what", ["build", "value", "verdict", "mean_lead", "lead_changes_per_year"]
)
def test_a_spoiled_answer_is_noticed(what, answer):
    assert not faults(RACE, answer)
    assert faults(RACE, spoiled(answer, what))


SHARES = ("contest", "continuous", "markov")


@pytest.mark.parametrize(
    "kind", ["normal-form", "finite", "bayesian", "contest", "continuous", "markov"]
)
def test_strategies_that_are_not_best_are_noticed(kind, tmp_path):
    draw = games.KINDS[kind][1]
    for seed in range(20):
        game = draw(np.random.default_rng(seed))
        small = kind == "markov" and game["states"]["gap"] == [-1, 1]
        wide = kind == "normal-form" and min(np.shape(game["payoffs"][0])) > 1
        listed = game.get("strategies", []) + game.get("actions", [])
        many = listed and all(len(x) > 1 for own in listed for x in own.values())
        if small or wide or many or kind in ("contest", "continuous"):
            break
    answer = solved(game, tmp_path)
    assert answer["equilibria"] and not faults(game, answer)
    part = "policy" if kind == "markov" else "strategies"
    for equilibrium in answer["equilibria"]:
        for name, law in equilibrium[part].items():
            flat = np.ravel(law)
            moved = 0.5 * flat + 0.2 if kind in SHARES else np.roll(flat, 1)
            equilibrium[part][name] = moved.tolist()
    assert faults(game, answer)


@pytest.mark.slow
def test_a_game_and_a_broken_file_show_no_fault(tmp_path, capsys):
    assert main(["--seed", "4", "--cases", "4", "--keep", str(tmp_path)]) == 0
    assert "0 faults with seed 4" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())

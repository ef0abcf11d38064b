"""What answers depend on: shares of verdicts over draws, Sobol indices, files that say so."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.formats.gamefile import five_labs, load, loads, spreads, starter
from leaderbored.games.problems import GameFileError
from leaderbored.solvers import digest
from leaderbored.sweeps import many, uncertainty
from leaderbored.sweeps.designs import Drawn
from leaderbored.sweeps.uncertainty import _indices, uncertainty_of

RACE = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1)],
    lb.ScarceMarket(0.6),
    lb.Technology(3, handicap=0.1),
    discount=0.2,
    rungs=6,
)
OVER = {"market.scarcity": (0.3, 1.1), "technology.handicap": {"triangular": [0, 0.1, 0.4]}}


def blocks(function: Any, over: dict[str, Any], draws: int, seed: int = 1) -> np.ndarray:
    made = Drawn.of(over, draws, "saltelli", seed)
    x = np.stack(list(made.values().values()), axis=1)
    found = np.asarray(function(x.T))
    return (found[:, None] if found.ndim == 1 else found).reshape(-1, made.width, found[0].size)


def test_indices_of_a_function_whose_indices_are_known() -> None:
    """Ishigami and Homma (1990), with the usual constants."""

    def ishigami(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))

    over = {name: (-np.pi, np.pi) for name in "abc"}
    known = [(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)]
    made = blocks(ishigami, over, 5 * 4096)
    for k, (first, total) in enumerate(known):
        found = _indices(made, k)
        assert abs(found[0] - first) < 0.02 and abs(found[2] - total) < 0.02
        assert 0 < found[1] < 0.05 and 0 < found[3] < 0.05


def test_standard_errors_are_those_of_many_repetitions() -> None:
    over, found = {"a": (0.0, 1.0), "b": (0.0, 1.0)}, []
    for seed in range(60):
        random = Drawn.of(over, 4 * 200, "saltelli", seed)
        rng = np.random.default_rng(seed)  # independent blocks, of which the errors are
        u = rng.random((200, 2, 2))
        a, b = u[:, 0], u[:, 1]
        rows = np.stack([a, b, np.c_[b[:, 0], a[:, 1]], np.c_[a[:, 0], b[:, 1]]], axis=1)
        assert rows.shape[1] == random.width
        found.append(_indices(rows[:, :, :1] * (1 + rows[:, :, 1:]), 0))
    first, first_error, total, total_error = np.array(found).T
    assert 0.7 < first.std() / first_error.mean() < 1.3
    assert 0.7 < total.std() / total_error.mean() < 1.3


def test_of_a_verdict_the_indices_are_those_of_its_indicators() -> None:
    """Three kinds that one number decides, and another that does nothing."""

    def kinds(x: np.ndarray) -> np.ndarray:
        which = np.digitize(x[0], [0.2, 0.5])
        return np.eye(3)[which]

    made = blocks(kinds, {"a": (0.0, 1.0), "b": (0.0, 1.0)}, 4 * 1024)
    assert _indices(made, 0)[0] == pytest.approx(1, abs=0.02)
    assert _indices(made, 0)[2] == pytest.approx(1, abs=0.02)
    assert abs(_indices(made, 1)[0]) < 0.02 and _indices(made, 1)[2] == 0
    assert np.isnan(_indices(np.ones((9, 4, 1)), 0)).all()  # nothing to explain


@pytest.mark.slow
def test_shares_are_those_of_a_plain_loop() -> None:
    found = lb.uncertainty(RACE, OVER, draws=40, design="random", seed=5)
    values = Drawn.of(OVER, 40, "random", 5).values()
    kinds = []
    for scarcity, handicap in zip(*values.values(), strict=True):
        race = lb.Race(
            RACE.labs,
            lb.ScarceMarket(float(scarcity)),
            lb.Technology(3, handicap=float(handicap)),
            discount=0.2,
            rungs=6,
        )
        kinds.append(lb.verdict(lb.solve(race), check_cap=False).kind)
    assert {one.outcome: one.share for one in found.shares} == {
        kind: kinds.count(kind) / 40 for kind in set(kinds)
    }
    first = found.shares[0]
    assert first.error == pytest.approx(np.sqrt(first.share * (1 - first.share) / 39))
    assert found.headline.startswith(f"A {first.outcome} in {100 * first.share:.0f}% of the draws")
    assert all(np.isnan(one.total) for one in found.influences)


def test_a_number_that_does_nothing_and_one_that_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "FEWEST", 1)
    race = lb.Race(RACE.labs, RACE.market, lb.Technology(1), discount=0.5, rungs=6)
    over = {"market.price": (1.0, 2.0), "technology.flywheel": (0.0, 1.5)}
    found = lb.uncertainty(race, over, draws=400)
    verdict = {one.numbers: one for one in found.influences if one.answer == "verdict"}
    assert verdict["technology.flywheel",].total == pytest.approx(1, abs=0.2)
    assert verdict["market.price",].total == 0
    assert "depends most on technology.flywheel" in found.headline
    assert found.influences[0].numbers == ("technology.flywheel",)
    page, report = found._printed().export_text(), found.data()
    assert "technology.flywheel" in page and report["shares"][0]["outcome"] in page
    assert len(found.plot().axes) == 2


def test_where_all_verdicts_are_the_same_there_is_nothing_to_explain() -> None:
    found = lb.uncertainty(RACE, {"market.scarcity": (0.6, 0.61)}, draws=9)
    assert [one.share for one in found.shares] == [1.0]
    assert np.isnan(found.influences[0].total) and "depends most" not in found.headline
    assert found.headline.startswith("A ") and "in 100% of the draws" in found.headline


def test_points_without_an_answer_are_counted() -> None:
    found = lb.uncertainty(RACE, {"market.scarcity": (-0.5, 0.5)}, draws=24, design="random")
    by = {one.outcome: one.share for one in found.shares}
    assert by["no such game"] > 0.2 and sum(by.values()) == pytest.approx(1)
    assert "o such game in" in found.headline


@pytest.mark.parametrize(
    ("game", "over"),
    [
        ("contest", {"prize": (0.5, 1.0)}),
        ("normal-form", {"payoffs.0.1.1": (4.0, 5.0)}),
        ("continuous", {"parameters.a": (9.0, 10.0)}),
        ("markov", {"discount": (0.1, 0.2)}),
    ],
)
def test_games_of_other_kinds(game: str, over: dict[str, Any]) -> None:
    found = lb.uncertainty(load(starter(game)), over, draws=6)
    assert found.headline.startswith("The value of ") and "nine of ten draws" in found.headline
    assert found.plot().axes and found.data()["means"]


def test_only_draws_are_summed_up() -> None:
    with pytest.raises(ValueError, match="expected a sweep over draws"):
        uncertainty_of(lb.sweep(RACE, {"market.scarcity": [0.5, 0.6]}))
    assert uncertainty.__name__ == "uncertainty"


# --- game files

FILE = starter("race").read_text(encoding="utf-8")


def told(table: str, *overrides: str) -> str:
    with pytest.raises(GameFileError) as error:
        loads(f"{FILE}\n[uncertainty]\n{table}", overrides)
    return str(error.value)


def test_a_file_with_ranges_is_the_game_of_its_numbers() -> None:
    plain = loads(FILE)
    table = '\n[uncertainty]\nmarket.scarcity = { normal = [0.6, 0.1], low = 0.2 }\n"discount" = '
    with_ranges = loads(FILE + table + "{ uniform = [0.05, 0.4] }\n")
    assert with_ranges == plain and digest(with_ranges) == digest(plain)


def test_all_mistakes_of_ranges_at_once_each_with_its_line() -> None:
    said = told(
        "market.scarcty = { uniform = [0.1, 0.9] }\n"
        "discount = { gauss = [0.1, 0.2] }\n"
        "technology.returns = { uniform = [0.4, 1.4] }\n"
        "labs.A.compute = { uniform = [0.9, 1.1] }\n"
        "market.switching = 0.3\n"
    )
    assert said.startswith("game: 4 mistakes") and "technology.returns = 1.4" in said
    assert "uncertainty.market.scarcty" in said and "did you mean 'scarcity'" in said
    assert "uncertainty.discount" in said and "unknown distribution" in said
    assert "uncertainty.market.switching = 0.3: expected a distribution" in said
    line = FILE.count("\n") + 3
    assert f"line {line}, uncertainty.market.scarcty" in said
    assert "line" in told("discount = {}", "discount=-1") and "discount = -1" in told(
        "discount = {}", "discount=-1"
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("technology.returns = { uniform = [0.4, 1.4] }", "uncertainty.technology.returns = 1.4"),
        ("market.scarcity = { uniform = [7.0, 9.0] }", "the number itself"),
        ("labs.Z.compute = { uniform = [1, 2] }", "unknown entry"),
        ("rungs = { uniform = [2, 12] }", "uncertainty.rungs"),
        ("rungs = { draws = [0, 12] }", "uncertainty.rungs = 0"),
        ("name = { draws = [1, 2] }", "no number in this place"),
        ("market = { uniform = [1, 2] }", "uncertainty.market"),
        ('discount = { draws = ["a"] }', "list of numbers"),
        ("mechanisms.jackpot.chance = { uniform = [0, 2] }", "uncertainty.mechanisms.jackpot"),
    ],
)
def test_ranges_that_are_of_no_number_of_the_game(table: str, words: str) -> None:
    assert words in told(table)


def test_a_number_that_is_set_is_known() -> None:
    assert "market.scarcity" in spreads(five_labs())
    left = spreads(five_labs(), ["market.scarcity=2.5", "labs[0].compute=1", "discount=0.2"])
    assert set(spreads(five_labs())) - set(left) == {
        "market.scarcity",
        "labs.Google.compute",
        "discount",
    }


def test_the_shipped_ranges_are_those_that_its_comments_give() -> None:
    found, text = spreads(five_labs()), five_labs().read_text(encoding="utf-8")
    for words, path in (
        ("unit of compute: 0.3 to 0.9", "market.scarcity"),
        ("taste per rung: 0.14 to 1.", "market.switching"),
        ("units of taste: 1.4 to 3.", "market.worth"),
        ("follow at once: 0 to 0.4.", "market.openness"),
    ):
        assert words in text
        low, high = words.rstrip(".").split(": ")[1].split(" to ")
        assert found[path].bounds == (float(low), float(high))
    pace = load(five_labs()).technology.productivity
    assert found["technology.productivity"].bounds == pytest.approx(
        (pace * 3.1 / 3.5, pace * 5.3 / 3.5), abs=0.05
    )


def test_the_command_answers_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    game = tmp_path / "mine.toml"
    game.write_text(
        f"{FILE}\n[uncertainty]\nmarket.scarcity = {{ uniform = [0.3, 0.9] }}\n"
        "technology.flywheel = { uniform = [0, 0.2] }\n",
        encoding="utf-8",
    )
    command = ["sweep", str(game), "--draws", "24", "--set", "rungs=3"]
    assert main([*command, "--figure", str(tmp_path / "tornado.png")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "of the draws (standard error" in said and "24 draws, saltelli design" in said
    assert (tmp_path / "tornado.png").read_bytes().startswith(b"\x89PNG")
    assert main([*command, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["draws"] == 24 and data["digest"] and data["headline"].endswith(".")
    assert main(["sweep", str(game)]) == 2
    assert "or --draws" in capsys.readouterr().err
    assert main(["sweep", str(starter("race")), "--draws", "9"]) == 2
    assert "game file with [uncertainty]" in capsys.readouterr().err
    assert main([*command, "--over", "discount=0.1:0.3", "--set", "market.scarcity=0.5"]) == 0
    said = capsys.readouterr().out
    assert "discount" in said and "market.scarcity" not in said


# --- the page

PAGE = Path(__file__).parent.parent / "docs" / "sweeps.md"


def test_commands_of_the_page_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All but that of the five labs, which takes minutes: it is read, and its options are known."""
    text = PAGE.read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in [block]]
    monkeypatch.chdir(tmp_path)
    assert main(["new", "race", "mine.toml"]) == 0
    for line in lines:
        words = line.split()[1:]
        if "five-labs" in words:
            few = ["9", "--design", "sobol", "--set", "rungs=1"]
            words = [*words[: words.index("--draws") + 1], *few]
        assert main([*words, *(["--set", "rungs=4"] if "mine.toml" in words else [])]) == 0, line
    said = capsys.readouterr().out
    assert (tmp_path / "map.png").exists() and "technology.handicap" in said


def test_the_table_of_the_page_is_read_by_files() -> None:
    (table,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    text = five_labs().read_text(encoding="utf-8").split("[uncertainty]")[0] + table
    assert loads(text) == load(five_labs())

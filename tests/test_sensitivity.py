"""What the verdict depends on: every claim against the race solved there."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.formats.gamefile import starter
from leaderbored.games.places import alter
from leaderbored.sweeps.sensitivity import Moved, Side
from leaderbored.theory.borders import borders
from leaderbored.views.sensitivity import side_words

LABS = [lb.Lab("A", 1), lb.Lab("B", 1)]
MARKET = lb.ClearingMarket(0.9, switching=0.5)
RACES = {
    "growing": lb.Race(LABS, MARKET, lb.Technology(3), 0.1, 2, growth=1.001),
    "cleared": lb.Race(LABS, MARKET, lb.Technology(3), 0.1, 2),
    "rationed": lb.Race(LABS, lb.ScarceMarket(0.6), lb.Technology(3, handicap=0.1), 0.1, 5),
}


@cache
def sensitivity(name):
    return lb.sensitivity(RACES[name])


def verdict(race):
    return str(lb.verdict(lb.solve(race), check_cap=False).kind)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["growing", "cleared", "rationed"])
def test_the_verdict_is_as_said_on_both_sides_of_where_it_turns(name):
    """Solved again by the single solver: the same while it is said to hold, another beyond."""
    race, found = RACES[name], sensitivity(name)
    assert found.base.verdict == verdict(race) and found.late == 0
    assert found.kernels is (name != "growing")
    turning = 0
    for moved in found.inputs:
        for side in (moved.down, moved.up):
            if side.turns is None:
                continue
            turning += 1
            assert verdict(alter(race, {moved.place: side.held})) == found.base.verdict
            assert verdict(alter(race, {moved.place: side.turns})) == side.verdict
            width = abs(side.turns - side.held)
            assert width < 0.006 * max(abs(side.turns), abs(side.held)) or width < 1e-3
    assert turning >= 3
    assert [m.change for m in found.inputs] == sorted(m.change for m in found.inputs)


@pytest.mark.slow
def test_what_a_tenth_does_is_what_races_say_that_have_it():
    race, found = RACES["cleared"], sensitivity("cleared")
    moved = next(each for each in found.inputs if each.place == "market.scarcity")
    for lead, part in zip(moved.swing["mean_lead"], (0.9, 1.1), strict=True):
        there = alter(race, {"market.scarcity": 0.9 * part})
        alone = lb.verdict(lb.solve(there), check_cap=False).statistics.mean_lead
        assert lead == pytest.approx(alone, rel=1e-6)


def test_no_time_is_said_and_nothing_is_claimed():
    found = lb.sensitivity(RACES["growing"], limit=0)
    assert found.solved == 1 and found.late > 0
    assert all(m.nearest is None for m in found.inputs)
    assert "No change of a single number that was looked at" in found.headline


def test_the_race_as_it_is_has_its_time_though_kernels_do_not_solve_it(monkeypatch):
    """What kernels leave over is solved alone, however little time there is for the rest."""
    race = RACES["rationed"]
    monkeypatch.setattr("leaderbored.solvers.kernels.batch.SOLVED", -1)
    found = lb.sensitivity(race, limit=0)
    assert found.base.verdict == verdict(race) and found.late > 0


@pytest.mark.slow
def test_explain_ends_in_time_where_the_race_takes_longer(capsys):
    """Five labs on twelve rungs take minutes; how they are solved is said all the same."""
    assert main(["explain", "five-labs", "--set", "rungs=12", "--limit", "5"]) == 0
    said = capsys.readouterr()
    assert "what the verdict depends on: not computed, the time was up" in said.err
    assert "states" in said.out


def test_borders_are_where_results_put_them():
    """A rationed market of two equal labs: sold out at the tie, one ahead, far ahead (R3)."""
    race = RACES["rationed"]
    at = {border.what.split(" is ")[0]: border.at for border in borders(race)}
    assert sorted(at.values()) == pytest.approx([0.5, (1 + np.exp(-1)) / 2, 1.0])
    for border in borders(race):
        assert border.distance == pytest.approx(border.at - 0.6)
        price, demand = replace(race.market, scarcity=border.at).terms(
            np.array([[0, 0], [0, 1], [0, 50]]), np.ones(2), np.ones(2)
        )
        assert np.isclose(demand[0], 1).any() and price.shape == demand.shape
    unlike = replace(race, labs=(LABS[0], lb.Lab("B", 2)))
    assert borders(unlike) == ()


def test_the_command_joins_how_and_what(capsys, tmp_path):
    path, drawn = str(starter("race")), tmp_path / "t.svg"
    small = ["--set", "rungs=3", "--set", "discount=0.3"]
    assert main(["explain", path, *small, "--json", "--figure", str(drawn)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["method"] == "Method" and told["depends_on"]["inputs"] and drawn.exists()
    unknown = tmp_path / "unknown.toml"
    text = starter("race").read_text(encoding="utf-8")
    unknown.write_text(f"{text}\n[uncertainty]\nmarket.scarcity = {{ uniform = [0.5, 0.9] }}\n")
    assert main(["explain", str(unknown), "--set", "rungs=3", "--json"]) == 0
    shares = json.loads(capsys.readouterr().out)["uncertainty"]
    assert shares["draws"] >= 1000
    assert main(["explain", path, "--limit", "0", "--json"]) == 0
    assert "depends_on" not in json.loads(capsys.readouterr().out)
    assert main(["explain", str(starter("contest")), "--figure", str(drawn)]) == 2
    assert "expected with a race" in capsys.readouterr().err
    assert main(["explain", path, "--limit", "-1"]) == 2


def test_what_is_printed_lies_where_the_verdict_has_turned() -> None:
    """Digits that are left out never lead back; nouns have their articles."""
    flywheel = Moved("technology.flywheel", "1/rung", 0.0, Side(0.0), Side(1.6e-4, 1.6845e-4, ""))
    talent = Moved("labs.A.talent", "1", 1.0, Side(0.93, 0.92549, "run"), Side(1.0))
    found = lb.sensitivity(RACES["growing"], limit=0.0)
    mixed = replace(found.base, verdict="mixed")
    said = replace(found, base=mixed, inputs=(flywheel, talent)).headline
    assert "turns it from a mixed race: technology.flywheel from 0 to 0.000169, which" in said
    assert "which makes it no verdict" in said
    assert side_words(talent.down, 1.0) == "run at 0.925"

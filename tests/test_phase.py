"""Where several equilibria of a race coexist, on a map."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import PolyCollection

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.figures.gallery.examples import duel
from leaderbored.games.problems import GameFileError
from leaderbored.sweeps import following, many, phase

OVER = {
    "market.scarcity": [0.55, 0.6, 0.9, 1.02],
    "technology.handicap": [0.05, 0.08, 0.096, 0.11, 0.14, 0.2],
}


@pytest.fixture(scope="module")
def found() -> phase.Phase:
    return lb.phase(duel(0.6, 0.1), OVER)


def test_regions_are_those_of_all_equilibria(found: phase.Phase) -> None:
    """Counts and values that the search for every equilibrium gives."""
    at = {  # values of a lab at the tie, of stable equilibria
        (0.55, 0.096): [4.517, 2.516],
        (0.6, 0.096): [5.523, 2.533],
        (1.02, 0.2): [10.0, 3.379],
        (0.9, 0.2): [3.371],
    }
    counts = {
        (x, y): found.counts[i, j]
        for i, x in enumerate(found.x.tolist())
        for j, y in enumerate(found.y.tolist())
    }
    assert all((counts[point] > 1) == (len(values) > 1) for point, values in at.items())
    first = found.regions[0]
    assert found.regret < 1e-9 and first.x == (0.55, 1.02)
    values = [v for v, stable in zip(first.values, first.stable, strict=True) if stable]
    if first.at in at:
        assert values == pytest.approx(at[first.at], abs=2e-3)
    assert len(values) >= 2 and "coexist" in found.headline


def test_standstill_and_run_coexist_where_technology_is_open() -> None:
    """At openness 1 with leapfrogs labs that never build earn 4 psi / (3 rho): result R23b."""
    labs, technology = [lb.Lab("A", 1), lb.Lab("B", 1)], lb.Technology(1, leapfrog=1)
    race = lb.Race(labs, lb.ClearingMarket(0.5), technology, discount=0.2, rungs=8)
    over = {"market.scarcity": [0.5, 0.8, 3.0], "market.openness": [0.0, 1.0]}
    found = lb.phase(race, over)
    assert found.counts.tolist() == [[1, 2], [1, 2], [1, 1]] and found.regret < 1e-9
    assert found.kinds[2, 1] == "standstill"
    (region,) = found.regions
    still = dict(zip(region.verdicts, region.values, strict=True))["standstill"]
    assert region.at == (0.5, 1.0) and still == pytest.approx(10 / 3, rel=1e-9)
    assert set(region.verdicts) == {"standstill", "run"} and all(region.stable)


def test_a_run_is_followed_up_and_a_peloton_down(found: phase.Phase) -> None:
    """At scarcity .9 both hold from between .08 and .11 to between .14 and .17, or .2."""
    column = found.counts[2].tolist()
    assert [n > 1 for n in column] == [False, False, True, True, True, False]
    ((low, high),) = found.spans[2]
    assert 0.08 < low < 0.096 and 0.14 < high < 0.2
    narrow = found.spans[0]  # between .09 and .1: narrower than the grid
    assert len(narrow) == 1 and 0.09 < narrow[0][0] < 0.096 < narrow[0][1] < 0.1


@pytest.mark.slow
def test_edges_are_those_of_all_equilibria(found: phase.Phase) -> None:
    """Beside each edge, by a step of the fine grid, fewer are found than inside."""
    for i, scarcity in ((1, 0.6), (2, 0.9)):
        ((low, high),) = found.spans[i]
        for inside, outside in ((low + 1e-3, low - 4e-3), (high - 2e-3, high + 8e-3)):
            counts = [
                len(lb.solve(duel(scarcity, float(y)), all=True).equilibria)
                for y in (inside, outside)
            ]
            assert counts[0] > counts[1] == 1


def test_the_first_equilibrium_is_that_of_a_sweep(found: phase.Phase) -> None:
    swept = lb.sweep(duel(0.6, 0.1), OVER)
    assert found.kinds.tolist() == swept["verdict"].values.tolist()


def test_kernels_and_the_single_solver_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    race = duel(0.6, 0.1, rungs=6)
    over = {"market.scarcity": [0.6, 1.02], "technology.handicap": [0.05, 0.3]}
    quick = lb.phase(race, over, starts=1)
    monkeypatch.setattr(following, "lines", lambda grid: None)
    slow = lb.phase(race, over, starts=1)
    assert many.lines is not following.lines
    assert (quick.kinds == slow.kinds).all() and (quick.counts >= slow.counts).all()
    assert (quick.counts > 1).tolist() == (slow.counts > 1).tolist()


def test_order_of_values_makes_no_difference() -> None:
    race = duel(0.6, 0.1, rungs=4)
    over = {"market.scarcity": [0.6, 1.02], "technology.handicap": [0.05, 0.3]}
    again = lb.phase(race, {path: values[::-1] for path, values in over.items()})
    once = lb.phase(race, over)
    assert once.data() == again.data()


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({"market.scarcity": [0.5, 0.6]}, "1 numbers, expected two"),
        ({"market.scarcity": [0.5, 0.6], "discount": [0.1]}, "two values or more"),
        ({"market.scarcity": [0.5, 0.6], "rungs": [2, 3]}, "leave the leads"),
        ({"market.scarcty": [0.5, 0.6], "discount": [0.1, 0.2]}, "did you mean"),
        ({}, "expected a path"),
    ],
)
def test_what_is_no_map_is_said(over: dict[str, Any], words: str) -> None:
    with pytest.raises(GameFileError, match=words):
        lb.phase(duel(0.6, 0.1, rungs=3), over)


def test_points_where_there_is_no_race_are_said() -> None:
    over = {"market.scarcity": [-1.0, 0.6], "discount": [0.1, 0.2]}
    found = lb.phase(duel(0.6, 0.1, rungs=3), over, starts=0)
    assert found.kinds[0].tolist() == ["?", "?"] and found.counts.tolist() == [[0, 0], [1, 1]]
    assert "none found" in found._printed().export_text() and found.plot().axes


def test_hatches_end_half_way_between_columns_on_either_scale(found: phase.Phase) -> None:
    """Where the lines between verdicts stand, too: at equal ratios at the geometric mean."""
    spans = (((0.05, 0.2),), (), (), ())
    for x, end in (((1.0, 4.0, 16.0, 64.0), 2.0), ((1.0, 4.0, 5.0, 6.0), 2.5)):
        figure = replace(found, x=np.array(x), spans=spans).plot()
        (hatched,) = (c for c in figure.axes[0].collections if isinstance(c, PolyCollection))
        (box,) = hatched.get_paths()
        assert box.vertices[:, 0].max() == pytest.approx(end)


def test_the_command_maps(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    game = tmp_path / "race.toml"
    assert main(["new", "race", str(game)]) == 0
    capsys.readouterr()
    over = ["--over", "market.scarcity=0.6,1.1", "--over", "technology.handicap=0.05:0.3:3"]
    command = ["sweep", str(game), *over, "--set", "rungs=4", "--several"]
    assert main([*command, "--json", "--figure", str(tmp_path / "map.png")]) == 0
    data = json.loads(capsys.readouterr().out)
    assert np.shape(data["counts"]) == (2, 3) and data["headline"].startswith("Several equilibria")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    assert main([*command, "--contours", "reign", "--out", str(tmp_path / "out")]) == 2
    assert "--out: expected without --several" in capsys.readouterr().err
    assert main(["sweep", "prisoners-dilemma", "--over", "payoffs.0.0.0=1,2", "--several"]) == 2

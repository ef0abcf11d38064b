"""Designs: points drawn from what is thought of numbers, the same for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.formats.gamefile import load, starter
from leaderbored.games.problems import GameFileError
from leaderbored.games.spreads import Spread
from leaderbored.sweeps import many, opened, stored, sweep_to
from leaderbored.sweeps.designs import Drawn

RACE = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=3
)
OVER = {"market.scarcity": (0.3, 1.2), "technology.handicap": {"triangular": [0, 0.1, 0.4]}}


@pytest.mark.parametrize(
    ("given", "law"),
    [
        ({"uniform": [1, 3]}, stats.uniform(1, 2)),
        ({"log_uniform": [0.1, 10]}, stats.loguniform(0.1, 10)),
        ({"normal": [2, 0.5]}, stats.norm(2, 0.5)),
        ({"normal": [2, 0.5], "low": 1.5, "high": 4}, stats.truncnorm(-1, 4, 2, 0.5)),
        ({"triangular": [1, 2, 5]}, stats.triang(0.25, 1, 4)),
        ({"triangular": [1, 1, 5]}, stats.triang(0, 1, 4)),
    ],
)
def test_quantiles_are_those_of_the_distribution(given: dict[str, Any], law: Any) -> None:
    chances = np.linspace(0.001, 0.999, 41)
    np.testing.assert_allclose(Spread.of(given).at(chances), law.ppf(chances), rtol=1e-9)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"uniform": [3, 1]}, "low below high"),
        ({"uniform": [1, 1]}, "low below high"),
        ({"uniform": [1]}, "2 numbers of at most 1e\\+300: low, high"),
        ({"uniform": "ab"}, "2 numbers"),
        ({"uniform": [1, float("inf")]}, "2 numbers"),
        ({"uniform": [1, 10**400]}, "2 numbers"),
        ({"uniform": [0, 1], "low": 0}, "uniform takes no low"),
        ({"log_uniform": [0, 1]}, "above 0"),
        ({"normal": [0, 0]}, "standard deviation above 0"),
        ({"normal": [0, 1], "low": 2, "high": 1}, "low below high"),
        ({"normal": [0, 1], "low": 9}, "less than a thousandth"),
        ({"normal": [0, 1], "low": "x"}, "low, high: expected numbers"),
        ({"triangular": [0, 2, 1]}, "most likely"),
        ({"uniforn": [0, 1]}, "did you mean 'uniform'"),
        ({"uniform": [0, 1], "normal": [0, 1]}, "one distribution"),
        ({"draws": []}, "list of numbers"),
        ({"draws": [1, True]}, "list of numbers"),
        ({"draws": [1, 2], "table": 3}, "expected a name"),
        ({}, "unknown distribution"),
        (3, "expected a distribution"),
        (None, "expected a distribution"),
    ],
)
def test_what_is_no_distribution_is_said(given: Any, said: str) -> None:
    with pytest.raises(GameFileError, match=said) as error:
        lb.sweep(RACE, {"discount": given}, draws=9)
    assert "discount" in str(error.value)


def test_all_mistakes_of_a_design_at_once() -> None:
    over = {"discount": (0.5, 0.1), "market.scarcity": {"gauss": [1, 2]}}
    with pytest.raises(GameFileError) as error:
        lb.sweep(RACE, over, draws=0, design="sobl", seed=-1)
    assert len(error.value.mistakes) == 5
    for said in ("draws = 0", "design = 'sobl'", "did you mean 'sobol'", "seed = -1", "discount"):
        assert said in str(error.value)
    for draws in (10**7, 2.5, True, "9"):
        with pytest.raises(GameFileError, match="whole number from 1 to 1,000,000"):
            lb.sweep(RACE, OVER, draws=draws)  # type: ignore[arg-type]
    with pytest.raises(GameFileError, match="at least 8 for 2 numbers"):
        lb.sweep(RACE, OVER, draws=7)
    with pytest.raises(GameFileError, match="did you mean 'scarcity'"):
        lb.sweep(RACE, {"market.scarcty": (0, 1)}, draws=9)
    with pytest.raises(GameFileError, match="same table"):
        table = {"draws": [0.1, 0.2], "table": "t"}
        lb.sweep(RACE, {"discount": table, "market.scarcity": {**table, "draws": [1]}}, draws=9)


def test_columns_of_a_table_are_drawn_row_by_row() -> None:
    rows = {0.1: 0.5, 0.2: 0.9, 0.3: 0.7}
    found = Drawn.of(
        {
            "discount": {"draws": list(rows), "table": "fit"},
            "market.switching": (0, 1),
            "market.scarcity": {"draws": list(rows.values()), "table": "fit"},
        },
        600,
        "random",
    )
    values = found.values()
    assert {rows[d] == s for d, s in zip(*(values[p] for p in list(values)[::2]), strict=True)} == {
        True
    }
    assert found.width == 1 and len(set(found.inputs.values())) == 2
    counts = np.unique(values["discount"], return_counts=True)[1]
    assert (np.abs(counts - 200) < 5 * np.sqrt(200)).all()


def test_a_saltelli_design_changes_one_number_at_a_time() -> None:
    made = Drawn.of({**OVER, "discount": (0.1, 0.5)}, 52, "saltelli", 4)
    rows = np.stack(list(made.values().values()), axis=1).reshape(-1, made.width, 3)
    assert rows.shape == (10, 5, 3)
    for a, b, *mixed in rows:
        assert (a != b).all()
        for k, row in enumerate(mixed):
            assert row[k] == b[k] and (np.delete(row, k) == np.delete(a, k)).all()


@pytest.mark.parametrize("design", ["saltelli", "sobol", "random"])
def test_the_same_seed_draws_the_same(design: str) -> None:
    first, again, other = (
        lb.sweep(RACE, OVER, draws=12, design=design, seed=seed) for seed in (3, 3, 4)
    )
    assert first.identical(again) and not first.identical(other)
    assert first.attrs["design"] == design and first.attrs["seed_of_draws"] == 3
    assert first["market.scarcity"].attrs == {
        "units": "1",
        "law": "uniform, low 0.3, high 1.2",
        "input": 0,
    }
    assert first["market.scarcity"].dims == ("draw",)
    grid = lb.sweep(
        RACE,
        {path: [float(first[path][5])] for path in OVER},
    )
    assert grid["value"].values.ravel().tolist() == first["value"].values[5].tolist()


@pytest.mark.parametrize(
    ("game", "over"),
    [
        ("contest", {"prize": (0.5, 1.0)}),
        ("normal-form", {"payoffs.0.1.1": (4.0, 5.0)}),
        ("linear-quadratic", {"discount": {"log_uniform": [0.1, 0.2]}}),
        ("continuous", {"parameters.a": {"normal": [10, 0.1]}}),
        ("race", {"rungs": {"draws": [2, 3, 4]}}),
    ],
)
def test_games_of_other_kinds(game: str, over: dict[str, Any]) -> None:
    found = lb.sweep(load(starter(game)), over, draws=6, design="random")
    assert (found["status"] == "converged").all() and np.isfinite(found["value"]).all()


def test_kernels_and_single_solver_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    over = {
        "market.scarcity": (0.3, 1.2),
        "labs.A.compute": {"log_uniform": [0.5, 2]},
        "discount": {"draws": [0.2, 0.3]},
    }
    alone = lb.sweep(RACE, over, draws=60, design="sobol")
    monkeypatch.setattr(many, "FEWEST", 1)
    together = lb.sweep(RACE, over, draws=60, design="sobol")
    assert together.attrs["by_kernels"] == 60 and alone.attrs["by_kernels"] == 0
    assert (alone["verdict"] == together["verdict"]).all()
    for name in ("value", "mean_lead", "reign"):
        np.testing.assert_allclose(together[name], alone[name], rtol=1e-9)


def test_numbers_that_rows_hold_as_they_are_need_no_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = {"market.scarcity": (0.3, 1.2), "technology.returns": (0.3, 0.9)}
    monkeypatch.setattr(many, "FEWEST", 1)
    quick = lb.sweep(RACE, over, draws=80, design="random")
    monkeypatch.setattr(many, "MANY", 1000)
    assert quick.identical(lb.sweep(RACE, over, draws=80, design="random"))
    bad = lb.sweep(RACE, {"technology.returns": {"normal": [0.9, 0.1]}}, draws=80, design="random")
    assert {"converged", "invalid"} == set(bad["status"].values.tolist())


def test_a_design_on_disk_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "BLOCK", 4)
    run = {"draws": 13, "design": "saltelli", "seed": 2}
    assert list(sweep_to(tmp_path / "a", RACE, OVER, **run))[-1] == (12, 12)
    assert opened(tmp_path / "a").identical(lb.sweep(RACE, OVER, **run))  # type: ignore[arg-type]
    steps = sweep_to(tmp_path / "b", RACE, OVER, **run)
    next(steps)
    steps.close()
    list(sweep_to(tmp_path / "b", RACE, OVER, **run, resume=True))
    whole = [(tmp_path / name / "sweep.nc").read_bytes() for name in "ab"]
    assert whole[0] == whole[1]
    for other in ({"seed": 3}, {"draws": 17}, {"design": "sobol"}):
        with pytest.raises(GameFileError, match="another sweep"):
            list(sweep_to(tmp_path / "a", RACE, OVER, **{**run, **other}, resume=True))


def test_the_command_draws(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    game = tmp_path / "race.toml"
    assert main(["new", "race", str(game)]) == 0
    over = ["--over", "market.scarcity=0.4:0.9", "--over", "technology.flywheel=0.01:0.1"]
    command = ["sweep", str(game), *over, "--log", "technology.flywheel", "--draws", "16"]
    assert main([*command, "--set", "rungs=4", "--out", str(tmp_path / "out"), "--csv"]) == 0
    said = capsys.readouterr().out
    assert "log-uniform, low 0.01, high 0.1" in said and "saltelli design, seed 1" in said
    assert "of the draws (standard error" in said
    rows = (tmp_path / "out" / "sweep.csv").read_text().splitlines()
    assert len(rows) == 17 and rows[0].startswith("draw,market.scarcity,technology.flywheel,status")


def test_mistakes_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    def said(*options: str) -> str:
        assert main(["sweep", "five-labs", *options]) == 2
        return capsys.readouterr().err

    assert "as 0.3:1.5, is of --draws" in said("--over", "discount=0.1:0.3")
    assert "with --draws" in said("--over", "discount=0.1:0.3:5", "--draws", "9")
    assert "low below high" in said("--over", "discount=0.3:0.1", "--draws", "9")
    assert "draws = 0" in said("--over", "discount=0.1:0.3", "--draws", "0")
    assert "--contours: expected --figure" in said("--over", "rungs=2,3", "--contours", "reign")
    assert "expected PATH=VALUES" in said()


def test_lines_of_the_theory_are_where_verdicts_and_demand_change() -> None:
    from dataclasses import replace

    from leaderbored.figures.boundaries import boundaries

    race = lb.Race([lb.Lab(n, 1) for n in "ABC"], RACE.market, RACE.technology, 0.5, rungs=6)
    side = np.array([0.1, 0.5])
    far, tie = boundaries(race, ("market.scarcity", np.array([0.2, 1.2])), ("discount", side))
    for level, leads in ((far.x[0], (0, 6, 6)), (tie.x[0], (0, 0, 0))):
        game = replace(race, market=lb.ScarceMarket(float(level), switching=50.0)).markov()
        state = int(np.flatnonzero((game.states == leads).all(axis=1))[0])
        assert game.demand[0, state] == pytest.approx(1.0)
    (turned, _) = boundaries(race, ("discount", side), ("market.scarcity", np.array([0.2, 1.2])))
    assert turned.y.tolist() == far.x.tolist()
    (edge, _) = boundaries(
        RACE, ("market.scarcity", np.array([0.4, 1.2])), ("market.switching", np.array([0.2, 2.0]))
    )
    for scarcity, switching in zip(edge.x[::50], edge.y[::50], strict=True):
        game = replace(RACE, market=lb.ScarceMarket(scarcity, switching=switching)).markov()
        state = int(np.flatnonzero((game.states == [0, 1]).all(axis=1))[0])
        assert game.demand[0, state] == pytest.approx(1.0)
    unlike = replace(race, labs=(lb.Lab("A", 2), *race.labs[1:]))
    assert not boundaries(unlike, ("market.scarcity", side), ("discount", side))
    assert not boundaries(race, ("market.scarcity", side), ("labs.A.compute", side))
    assert not boundaries(race, ("market.scarcity", side), ("labs[0].compute", side))
    assert not boundaries(race, ("market.scarcity", side), ("mechanisms.jackpot.chance", side))


def test_a_map_of_many_points_draws_evenly_chosen_ones(monkeypatch) -> None:
    from leaderbored.figures import sweep as pictures

    over = {"market.scarcity": [0.9, 0.4, 0.5, 0.6, 0.8], "technology.handicap": [0.0, 0.1, 0.5]}
    found = lb.sweep(RACE, over)
    whole = pictures.sweep_figure(found, RACE).axes[0]
    monkeypatch.setattr(pictures, "SEEN", 9)
    thinned = pictures.sweep_figure(found, RACE).axes[0]
    assert [axes.collections[0].get_array().shape for axes in (whole, thinned)] == [(3, 5), (3, 3)]
    assert thinned.get_xlim() == whole.get_xlim() == (0.4, 0.9)
    kept = thinned.collections[0].get_array()
    assert kept.tolist() == whole.collections[0].get_array()[:, [0, 2, 4]].tolist()


def test_contours_are_of_answers_of_a_map() -> None:
    from leaderbored.figures.sweep import sweep_figure

    over = {"market.scarcity": [0.4, 0.6, 0.8], "technology.handicap": [0.0, 0.1, 0.2]}
    found = lb.sweep(RACE, over)
    for name in ("reign", "asymptote", "welfare", "mean_lead"):
        figure = sweep_figure(found, RACE, contours=name)
        (legend,) = figure.legends
        assert any(name.replace("_", " ") in text.get_text() for text in legend.get_texts())
    for wrong in ("verdict", "lead"):
        with pytest.raises(ValueError, match="known: "):
            sweep_figure(found, contours=wrong)
    reign = found["reign"].values
    np.testing.assert_allclose(reign, 1 / found["lead_changes"].values)

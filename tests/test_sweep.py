"""Sweeps: each point is what solving it alone gives, mistakes are listed, failures are data."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
import pytest
import xarray

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load, starter
from leaderbored.games.problems import GameFileError
from leaderbored.sweeps import Grid, many, solve_point
from leaderbored.sweeps.point import NUMBERS, Point

RACE = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1.5)],
    lb.ScarceMarket(0.6),
    lb.Technology(3, handicap=0.1),
    discount=0.1,
    rungs=4,
)
OVER = {"market.scarcity": [0.3, 0.6, 0.9], "labs.B.compute": [1.0, 2.0]}


def same(a: xarray.Dataset, b: xarray.Dataset) -> bool:
    return all(a[name].values.tobytes() == b[name].values.tobytes() for name in (*a, *a.coords))


def test_each_point_is_what_solving_it_alone_gives() -> None:
    found = lb.sweep(RACE, OVER)
    grid = Grid.of(RACE, OVER)
    for k, point in enumerate(grid.points()):
        here = found.isel(dict(zip(OVER, np.unravel_index(k, grid.shape), strict=True)))
        solution = lb.solve(grid.at(point))
        verdict = lb.verdict(solution, check_cap=False)
        assert here["verdict"] == verdict.kind
        assert here["lead_changes"] == pytest.approx(verdict.statistics.lead_changes_per_year)
        np.testing.assert_allclose(here["value"], solution.equilibria[0].value[:, 0], rtol=1e-12)
        assert here["regret"] <= 1e-9
        assert here["advances"] == pytest.approx(lb.welfare(solution).advances)
        assert np.isnan(here["surplus"]) and np.isnan(here["welfare"])
    assert dict(found.sizes) == {"market.scarcity": 3, "labs.B.compute": 2, "lab": 2}


def test_the_table_says_what_it_is() -> None:
    found = lb.sweep(RACE, {"discount": [0.1]})
    assert found.attrs["digest"] == lb.solve(RACE).digest
    assert found.attrs["leaderbored"] == lb.__version__
    assert found["discount"].attrs["units"] == "1/year"
    assert {found[name].attrs["units"] for name in NUMBERS} == {
        "rungs",
        "1/year",
        "1",
        "years",
        "money",
        "money/year",
    }


@pytest.mark.slow
def test_processes_and_backends_make_no_difference() -> None:
    over = {"market.scarcity": np.linspace(0.2, 0.9, 30)}
    alone = lb.sweep(RACE, over)
    assert same(alone, lb.sweep(RACE, over, n_jobs=2))
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert same(alone, lb.sweep(RACE, over))


def test_points_of_a_coarse_and_a_fine_grid_agree_to_the_bit() -> None:
    fine = lb.sweep(RACE, {"market.scarcity": [0.3, 0.45, 0.6, 0.9]})
    coarse = lb.sweep(RACE, {"market.scarcity": [0.9, 0.45]})
    picked = fine.sel({"market.scarcity": [0.9, 0.45]})
    assert same(picked, coarse)


def test_every_equilibrium_of_a_point() -> None:
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.RevenueLadder([1, 1.8]),
        lb.Technology(1, 0.8, leapfrog=1),
        discount=0.1,
        rungs=2,
    )
    found = lb.sweep(race, {"discount": [0.1]}, all=True)
    assert found["equilibria"].values.tolist() == [3]
    assert found.attrs["all"] == 1 and found.attrs["seed"] == 1


def test_a_point_where_there_is_no_game_does_not_stop_the_others() -> None:
    found = lb.sweep(RACE, {"market.scarcity": [-1.0, 0.6]})
    assert found["status"].values.tolist() == ["invalid", "converged"]
    assert "market.scarcity" in str(found["message"].values[0])
    assert np.isnan(found["value"][0]).all() and np.isfinite(found["value"][1]).all()


def test_a_point_that_breaks_off_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from leaderbored.sweeps import point

    solve = point.solve

    def breaks(game: lb.Race, *rest: object, **options: object) -> object:
        if game.discount == 0.2:
            raise ZeroDivisionError("by nothing")
        return solve(game, *rest, **options)

    monkeypatch.setattr(point, "solve", breaks)
    found = lb.sweep(RACE, {"discount": [0.1, 0.2]})
    assert found["status"].values.tolist() == ["converged", "failed"]
    assert found["message"].values.tolist() == ["", "ZeroDivisionError: by nothing"]


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({}, ["over"]),
        ({"market.scarcty": [0.5]}, ["market.scarcty", "did you mean 'scarcity'"]),
        (
            {"labs.C.compute": [1], "discount": ["a"]},
            ["labs.C", "known: A, B", "discount: expected a list of numbers"],
        ),
        ({"market.kind": [1.0]}, ["market.kind", "no number"]),
        ({"discount": [0.1, 0.1], "rungs": []}, ["no number twice", "rungs: expected a list"]),
        ({"discount": [float("nan")]}, ["finite"]),
        ({"discount": [-1.0, -2.0]}, ["discount"]),
        ({"market.scarcity": np.arange(2000), "discount": np.arange(2000)}, ["4,000,000 points"]),
    ],
)
def test_all_mistakes_at_once(over: dict[str, Sequence[float]], said: list[str]) -> None:
    with pytest.raises(GameFileError) as error:
        lb.sweep(RACE, over)
    for text in said:
        assert text in str(error.value)


def test_mechanisms_that_the_race_leaves_out_can_be_swept() -> None:
    over = {"mechanisms.jackpot.chance": [0.0, 0.05], "mechanisms.jackpot.prize": [10.0]}
    found = lb.sweep(RACE, over)
    plain = lb.sweep(RACE, {"discount": [0.1]})
    assert found["value"].values[0, 0].tolist() == plain["value"].values[0].tolist()
    assert found["value"].values[1, 0, 0] != found["value"].values[0, 0, 0]


@pytest.mark.parametrize(
    ("game", "path", "values"),
    [
        ("contest", "prize", [0.5, 1.0]),
        ("normal-form", "payoffs.0.1.1", [4.0, 5.0]),
        ("linear-quadratic", "discount", [0.1, 0.2]),
        ("continuous", "parameters.a", [9.0, 10.0]),
    ],
)
def test_games_of_other_kinds(game: str, path: str, values: list[float]) -> None:
    found = lb.sweep(load(starter(game)), {path: values})
    assert (found["status"] == "converged").all()
    assert (found["regret"] < 1e-6).all() and (found["equilibria"] >= 1).all()
    assert found["value"].dims == (path, "player") and np.isfinite(found["value"]).all()
    assert "verdict" not in found


def test_markov_games_of_ones_own() -> None:
    found = lb.sweep(
        load(find("aghion-bloom-blundell-griffith-howitt-2005")), {"discount": [0.04, 0.05]}
    )
    assert (found["status"] == "converged").all() and np.isfinite(found["value"]).all()


def test_progress_is_told() -> None:
    told: list[tuple[str, int, float]] = []
    lb.sweep(RACE, {"discount": np.linspace(0.1, 0.5, 25)}, progress=lambda *x: told.append(x))
    assert told[-1] == ("sweep", 25, 0.0) and len(told) == 2


def test_a_table_can_be_solved_at_a_point() -> None:
    point = solve_point(lb.NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]]))
    assert point.equilibria == 3 and point.value == (2.0, 1.0)


def test_no_processes_are_refused() -> None:
    with pytest.raises(ValueError, match="n_jobs"):
        lb.sweep(RACE, {"discount": [0.1]}, n_jobs=0)


@pytest.mark.slow
def test_kernels_and_single_solver_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Point by point; what kernels do not take is solved one by one, and both are counted."""
    over = {
        "market.scarcity": [0.4, 0.8, -1.0],  # the last is no race
        "technology.productivity": [3.0, 1e9],  # the last is too fast for ten digits
        "technology.handicap": np.linspace(0, 0.5, 4),
        "technology.leapfrog": [0.0, 0.6],
    }
    alone = lb.sweep(RACE, over)
    monkeypatch.setattr(many, "FEWEST", 1)
    told: list[tuple[str, int, float]] = []
    together = lb.sweep(RACE, over, progress=lambda *news: told.append(news))
    assert alone.attrs["by_kernels"] == 0 and together.attrs["by_kernels"] == 16
    assert together.attrs["one_by_one"] == 32
    assert told[-1][1:] == (32, 0.0)
    assert (together["status"].sel({"market.scarcity": -1.0}) == "invalid").all()
    for name in ("status", "message", "verdict", "verdicts", "equilibria"):
        assert (alone[name] == together[name]).all(), name
    for name in ("value", *NUMBERS):
        np.testing.assert_allclose(together[name], alone[name], rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(together["value"], alone["value"], rtol=1e-10)


def test_axes_that_kernels_do_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "FEWEST", 1)
    ladder = lb.Race(
        RACE.labs,
        lb.RevenueLadder("a * gamma**g", parameters={"gamma": 1.2, "a": 1.0}),
        RACE.technology,
        discount=0.2,
        rungs=3,
    )
    both = {"market.parameters.gamma": [1.1, 1.3], "market.parameters.a": [1.0, 2.0]}
    assert lb.sweep(ladder, both).attrs["by_kernels"] == 0  # each revenue depends on both
    one = lb.sweep(ladder, {"market.parameters.gamma": [1.1, 1.3], "discount": [0.2, 0.3]})
    assert one.attrs["by_kernels"] == 4
    assert lb.sweep(RACE, {"rungs": [2, 3]}).attrs["by_kernels"] == 0
    bounds = {"labs.A.build.0": [0.0, 0.6], "labs.A.build.1": [0.5, 1.0]}
    found = lb.sweep(RACE, bounds)
    assert found["status"].values.tolist() == [["converged"] * 2, ["invalid", "converged"]]
    assert found.attrs["by_kernels"] == 3


@pytest.mark.parametrize("stored", [False, True])
def test_no_point_is_begun_when_a_sweep_has_been_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    file, begun = tmp_path / "game.json", []
    file.write_text('{"kind": "normal-form", "payoffs": [[[1, 0], [0, 1]], [[1, 0], [0, 1]]]}')

    def interrupted(*_: object) -> Point:
        begun.append(1)
        os.kill(os.getpid(), signal.SIGINT)
        return Point("stopped", "the search was stopped")

    monkeypatch.setattr("leaderbored.cli.commands.sweep._announce", lambda *_, **__: None)
    monkeypatch.setattr(sys.modules["leaderbored.sweeps.sweep"], "solve_point", interrupted)
    folder = tmp_path / "kept"
    where = ["--out", str(folder)] if stored else []
    assert main(["sweep", str(file), "--over", "payoffs.0.0.0=0:1:30", *where]) == 130
    assert len(begun) == 1
    assert not [*folder.glob("*.nc")]

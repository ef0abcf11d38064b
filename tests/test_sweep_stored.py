"""Sweeps on disk: nothing is lost, nothing is written over, and the end is the same to the byte."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.problems import GameFileError
from leaderbored.sweeps import columns, opened, stored, sweep_to
from leaderbored.views import sweep as views
from leaderbored.views.data import plainly, written

RACE = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1)],
    lb.ScarceMarket(0.6),
    lb.Technology(1),
    discount=0.5,
    rungs=6,
)
OTHER = lb.Race(RACE.labs, RACE.market, RACE.technology, discount=0.4, rungs=6)
OVER = {"technology.handicap": [0.0, 0.2], "market.scarcity": [0.5, 0.6, 0.7, 0.8, 0.9]}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(stored, "BLOCK", 4)


def run(folder, **options):
    return list(sweep_to(folder, RACE, OVER, **options))


def whole(folder: Path) -> bytes:
    return (folder / "sweep.nc").read_bytes()


def test_what_is_stored_is_what_a_sweep_returns(tmp_path):
    assert run(tmp_path / "a") == [(4, 10), (8, 10), (10, 10)]
    kept, straight = opened(tmp_path / "a"), lb.sweep(RACE, OVER)
    assert kept.identical(straight)
    assert {k: v for k, v in kept.attrs.items() if k != "all"} == {
        k: v for k, v in straight.attrs.items() if k != "all"
    }


def test_answers_that_stay_on_disk_are_the_same(tmp_path, monkeypatch):
    """Read whole, in part, backwards and one by one, a few records of the file at a time."""
    monkeypatch.setattr(columns, "MAPPED", 600)
    run(tmp_path / "a")
    kept, there = opened(tmp_path / "a"), opened(tmp_path / "a", lazy=True)
    assert there.identical(kept)
    for part in (slice(1, 4), slice(None, None, -2), 3, [4, 0]):
        some = {"market.scarcity": part}
        assert there.isel(some).identical(kept.isel(some))
    for some in ([1, 0], [0, 4]), ([1, 0], 2), (1, [2, 3]):
        both = dict(zip(OVER, some, strict=True))
        assert there.isel(both).identical(kept.isel(both))
    assert there["value"][1, 2, 0] == kept["value"][1, 2, 0]


def test_rows_and_json_are_written_a_part_at_a_time(tmp_path, monkeypatch):
    run(tmp_path / "a")
    found = opened(tmp_path / "a", lazy=True)
    monkeypatch.setattr(views, "TOGETHER", 5)  # of ten points
    pieces = list(views.csv_of(found))
    assert len(pieces) == 2
    assert b"".join(pieces) == views.rows_of(found).to_csv(index=False).encode()
    report = views.sweep_report(found)
    told = json.loads("".join(written(report)))
    assert told["answers"]["verdict"] == found["verdict"].values.tolist()
    assert json.dumps(plainly(report)) == "".join(written(report, plain_letters=True))


def test_a_short_rest_goes_with_the_block_before(tmp_path, monkeypatch):
    """A block of its own it would be solved point by point, where kernels take the others."""
    monkeypatch.setattr(stored, "BLOCK", 8)
    over = {"market.scarcity": [0.5 + 0.01 * k for k in range(18)]}
    assert list(sweep_to(tmp_path / "two", RACE, over)) == [(8, 18), (16, 18), (18, 18)]
    over = {"market.scarcity": over["market.scarcity"][:17]}
    assert list(sweep_to(tmp_path / "one", RACE, over)) == [(8, 17), (17, 17)]
    assert opened(tmp_path / "one").identical(lb.sweep(RACE, over))


def test_a_sweep_goes_on_where_it_was_stopped(tmp_path):
    run(tmp_path / "whole")
    for stop in (1, 2):
        folder = tmp_path / f"stopped-{stop}"
        steps = sweep_to(folder, RACE, OVER)
        for _ in range(stop):
            next(steps)
        steps.close()
        assert not (folder / "sweep.nc").exists()
        assert run(folder, resume=True)[0] == (4 * stop, 10)
        assert whole(folder) == whole(tmp_path / "whole")


KILLED = """
import os, pathlib, random, signal, sys, time
import leaderbored as lb
from leaderbored.sweeps import stored, sweep_to

stored.BLOCK = 2
labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=6)
over = {"technology.handicap": [0.0, 0.2], "market.scarcity": [0.5 + 0.05 * k for k in range(8)]}
home = pathlib.Path(sys.argv[1])
list(sweep_to(home / "warm", race, over))
begun = time.process_time()
list(sweep_to(home / "straight", race, over))
lasts, moments, through = time.process_time() - begun, random.Random(5), 0
whole = (home / "straight" / "sweep.nc").read_bytes()
for k in range(20):
    out = home / f"killed-{k}"
    child = os.fork()
    moment = moments.uniform(1e-6, lasts if k else 1e-4)
    if not child:
        signal.setitimer(signal.ITIMER_PROF, moment)  # dies so on any machine, however busy
        list(sweep_to(out, race, over))
        os._exit(0)
    through += os.waitpid(child, 0)[1] == 0
    kept = len(list(out.glob("blocks/*.nc")))
    assert next(sweep_to(out, race, over, resume=True))[0] >= 2 * kept
    list(sweep_to(out, race, over, resume=True))
    assert (out / "sweep.nc").read_bytes() == whole, k
print(through)
"""


@pytest.mark.slow
def test_a_sweep_that_is_killed_loses_no_finished_block(tmp_path):
    """Killed at twenty moments of its own work, and resumed; the bytes are those of one in a go."""
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    assert int(said) < 10  # most of them were in the middle


def test_a_damaged_block_is_named_and_left(tmp_path):
    steps = sweep_to(tmp_path / "a", RACE, OVER)
    next(steps)
    steps.close()
    (block,) = (tmp_path / "a" / "blocks").iterdir()
    content = block.read_bytes()
    block.write_bytes(content[:-8] + b"\0" * 8)
    with pytest.raises(GameFileError, match="damaged: delete it"):
        run(tmp_path / "a", resume=True)
    block.unlink()
    assert run(tmp_path / "a", resume=True)[-1] == (10, 10)


def test_a_damaged_end_is_named_and_left(tmp_path):
    run(tmp_path / "a")
    before = whole(tmp_path / "a")
    for damaged in (before[:-8] + b"\0" * 8, before[: len(before) // 2], b"CDF"):
        (tmp_path / "a" / "sweep.nc").write_bytes(damaged)
        with pytest.raises(GameFileError, match=r"sweep\.nc: damaged: delete it"):
            run(tmp_path / "a", resume=True)
        assert whole(tmp_path / "a") == damaged
    with pytest.raises(GameFileError, match=r"sweep\.nc: damaged: delete it"):
        opened(tmp_path / "a")
    (tmp_path / "a" / "sweep.nc").unlink()
    run(tmp_path / "a", resume=True)
    assert whole(tmp_path / "a") == before


def test_a_sweep_that_was_killed_as_it_began_can_be_begun_again(tmp_path):
    """Before anything was told of the game; and before there was a place for blocks."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".0123456789abcdef.json").write_text('{"game"')
    run(tmp_path / "a", resume=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "sweep.json").write_bytes((tmp_path / "a" / "sweep.json").read_bytes())
    run(tmp_path / "b", resume=True)
    assert whole(tmp_path / "a") == whole(tmp_path / "b")


def test_a_full_disk_leaves_finished_blocks_and_is_said(tmp_path, capsys):
    """A limit on the length of files stands for the disk: what is written last does not fit."""
    run(tmp_path / "whole")
    out = tmp_path / "out"
    steps = sweep_to(out, RACE, OVER)
    next(steps)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(OSError, match="finished blocks stay") as told:
            list(steps)
        assert told.value.filename == str(out)
        with pytest.raises(GameFileError, match="--out"):
            run(tmp_path / "whole" / "sweep.nc" / "below")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(list((out / "blocks").iterdir())) == 1
    run(out, resume=True)
    assert whole(out) == whole(tmp_path / "whole")


def test_nothing_is_written_over(tmp_path):
    run(tmp_path / "a")
    before = {path: path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()}
    with pytest.raises(GameFileError, match="--resume goes on"):
        run(tmp_path / "a")
    with pytest.raises(GameFileError, match="another sweep was begun here: other digest"):
        list(sweep_to(tmp_path / "a", OTHER, OVER, resume=True))
    with pytest.raises(GameFileError, match="other over"):
        list(sweep_to(tmp_path / "a", RACE, {"market.scarcity": [0.5]}, resume=True))
    assert before == {path: path.read_bytes() for path in before}
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.txt").write_text("mine")
    with pytest.raises(GameFileError, match="expected an empty folder"):
        run(tmp_path / "b")
    with pytest.raises(GameFileError, match="expected an empty folder"):
        run(tmp_path / "b" / "mine.txt")


def test_names_may_hold_what_netcdf_may_not(tmp_path):
    labs = (lb.Lab("A/x [1] é", 1), lb.Lab("B", 1))
    race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=3)
    list(sweep_to(tmp_path / "a", race, {"discount": [0.5, 0.6]}))
    assert opened(tmp_path / "a")["lab"].values.tolist() == ["A/x [1] é", "B"]


def test_mistakes_of_the_command_are_said_at_once(capsys, tmp_path):
    over = ["--over", "market.scarcity=1:1:5", "--over", "discount=x", "--over", "rungs=3,6"]
    assert main(["sweep", "five-labs", *over, "--resume", "--jobs", "0"]) == 2
    said = capsys.readouterr().err
    assert (
        said.count("--over = ") == 2 and "--resume: expected --out" in said and "--jobs = 0" in said
    )
    assert main(["sweep", "five-labs", "--over", "rungs=2", "--log", "discount"]) == 2


def test_the_command_writes_rows_and_a_figure(capsys, tmp_path):
    game = tmp_path / "race.toml"
    assert main(["new", "race", str(game)]) == 0
    out, figure = tmp_path / "out", tmp_path / "map.png"
    over = ["--over", "market.scarcity=0.4:0.9:3", "--over", "technology.flywheel=0.01:0.1:2"]
    command = ["sweep", str(game), *over, "--log", "technology.flywheel", "--set", "rungs=4"]
    assert main([*command, "--out", str(out), "--csv", "--figure", str(figure)]) == 0
    assert "6 of 6 points were solved" in " ".join(capsys.readouterr().out.split())
    rows = (out / "sweep.csv").read_text().splitlines()
    assert len(rows) == 7 and rows[0].startswith("market.scarcity,technology.flywheel")
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert main([*command, "--out", str(out)]) == 2
    assert main([*command, "--out", str(out), "--resume"]) == 0


@pytest.mark.parametrize("values", [[-1, -2, -3, -4, 0.5, 0.6], [0.5, 0.6, -1, -2, -3, -4, -5, -6]])
def test_a_block_of_which_no_point_is_a_game_is_one_like_others(tmp_path, values):
    """Such points are invalid, as in a sweep in one go; labs keep their order."""
    labs = (lb.Lab("Z", 1), lb.Lab("A", 1.2))
    race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=3)
    list(sweep_to(tmp_path / "a", race, {"market.scarcity": values}))
    kept = opened(tmp_path / "a")
    assert kept.identical(lb.sweep(race, {"market.scarcity": values}))
    assert (kept["status"].values == "invalid").sum() == len(values) - 2

"""Sweeps on a Dask scheduler: real processes on this machine, killed in mid-run; the same bytes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.problems import GameFileError
from leaderbored.sweeps import cluster, stored, sweep_to

RACE = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=6
)
OVER = {
    "technology.handicap": [0.0, 0.2],
    "market.scarcity": [0.4 + 0.03 * k for k in range(12)],
}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(stored, "BLOCK", 2)


def started(*words: str) -> subprocess.Popen:
    """A process of Dask, which finds the package where this one does."""
    path = os.pathsep.join([str(Path(lb.__file__).parents[1]), *filter(None, sys.path)])
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{words[0]}", *words[1:]],
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def worker(address: str) -> subprocess.Popen:
    return started("worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard")


@pytest.fixture
def scheduler() -> Iterator[tuple[str, subprocess.Popen]]:
    process = started("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    address = None
    while address is None:
        line = process.stderr.readline()
        assert line, "no scheduler"
        address = re.search(r"Scheduler at:\s+(tcp://\S+)", line)
    yield address[1], process
    process.kill()
    process.wait()
    process.stderr.close()


@pytest.fixture
def workers(scheduler) -> Iterator[list[subprocess.Popen]]:
    processes = [worker(scheduler[0]) for _ in range(2)]
    yield processes
    for process in processes:
        process.kill()
        process.wait()
        process.stderr.close()


def whole(folder: Path) -> bytes:
    return (folder / "sweep.nc").read_bytes()


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_its_block_only(tmp_path, scheduler, workers, monkeypatch):
    address, head = scheduler
    list(sweep_to(tmp_path / "here", RACE, OVER))
    there = tmp_path / "there"
    for step, _ in enumerate(sweep_to(there, RACE, OVER, cluster=address)):
        if step == 2:
            workers[0].send_signal(signal.SIGKILL)
    assert whole(there) == whole(tmp_path / "here")
    # A block that others ran, and then the scheduler gone in mid-run: a sentence, nothing lost.
    with monkeypatch.context() as other:
        other.setattr(cluster, "versions", lambda: {**dict.fromkeys(cluster.DECIDING), "python": 1})
        with pytest.raises(GameFileError, match=r"expected the same versions .* numpy \d"):
            list(sweep_to(tmp_path / "other", RACE, OVER, cluster=address))
    steps = sweep_to(tmp_path / "half", RACE, OVER, cluster=address)
    next(steps)
    head.kill()
    with pytest.raises(ConnectionError, match="the scheduler is gone") as told:
        list(steps)
    assert told.value.filename == address
    kept = len(list((tmp_path / "half" / "blocks").iterdir()))
    assert 0 < kept < 12
    assert next(iter(sweep_to(tmp_path / "half", RACE, OVER, resume=True)))[0] == 2 * kept


@pytest.mark.slow
def test_the_command_starts_workers_of_its_own(tmp_path, capsys):
    game = tmp_path / "race.toml"
    assert main(["new", "race", str(game)]) == 0
    words = ["sweep", str(game), "--over", "market.scarcity=0.4:1.2:9", "--set", "rungs=6"]
    assert main([*words, "--out", str(tmp_path / "here")]) == 0
    assert main([*words, "--out", str(tmp_path / "there"), "--cluster", "local:2"]) == 0
    assert whole(tmp_path / "there") == whole(tmp_path / "here")
    assert capsys.readouterr().err == ""


def test_a_cluster_that_is_not_there_is_said_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        begun = time.monotonic()
        with pytest.raises(GameFileError, match="there is no scheduler"):
            list(sweep_to(tmp_path / "a", RACE, OVER, cluster=address))
        assert time.monotonic() - begun < 30
    assert not (tmp_path / "a").exists()


def test_what_is_wrong_with_a_cluster_is_said_before_it_is_asked_for(tmp_path, monkeypatch, capsys):
    words = ["sweep", "five-labs", "--over", "discount=0.1,0.2", "--jobs", "2"]
    assert main([*words, "--cluster", "http://elsewhere"]) == 2
    said = capsys.readouterr().err
    assert "--cluster = http://elsewhere: expected tcp://HOST:PORT" in said
    assert "--cluster: expected --out, too" in said and "--jobs = 2: expected no --cl" in said
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(GameFileError, match=r"the extra cluster: pip install 'leaderbored\[cl"):
        list(sweep_to(tmp_path / "a", RACE, OVER, cluster="local:1"))
    assert not (tmp_path / "a").exists()


def test_other_versions_are_named():
    ours = {**dict.fromkeys(cluster.DECIDING, "1.0"), "python": "3.12.1"}
    theirs = {**ours, "numpy": "2.0", "leaderbored": None}
    workers = cluster.Cluster("tcp://127.0.0.1:1", Told(ours, theirs))
    with pytest.raises(GameFileError, match=r"found leaderbored missing, not 1\.0, numpy 2\.0, no"):
        workers.check()


class Told:
    """A client whose scheduler runs what is run here, and whose one worker does not."""

    def __init__(self, ours: dict, theirs: dict) -> None:
        self.ours, self.theirs = ours, theirs

    def wait_for_workers(self, *_: object, **__: object) -> None: ...

    def get_versions(self, packages: object) -> dict:
        ours = {"packages": self.ours}
        return {"client": ours, "scheduler": ours, "workers": {"": {"packages": self.theirs}}}

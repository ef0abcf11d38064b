"""Outputs that end early, disks that are full, time that is up, signals, faults: no answer lost."""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_games_gamefile import GOOD

from leaderbored import files
from leaderbored.cli import console, main

PYTHON = [sys.executable, "-m", "leaderbored"]
SIGNALLED = """
import os, sys
from leaderbored.cli import main
from leaderbored.cli.console import Bar
number, told = int(sys.argv[1]), []
def show(self, *_):
    if not told:
        told.append(os.kill(os.getpid(), number))
Bar.show = show
sys.exit(main(sys.argv[2:]))
"""
TRACE = ["--along", "technology.handicap", "--from", "0.2", "--to", "0.4"]
WORK = [["race"], ["solve"], ["trace", *TRACE], ["dynamics"]]


@pytest.fixture
def game(tmp_path: Path) -> Path:
    path = tmp_path / "game.toml"
    path.write_text(GOOD.replace("rungs = 20", "rungs = 3").replace('"A"', '"\u00c5, 1"'))
    return path


def run(arguments: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run([*PYTHON, *arguments], text=True, check=False, timeout=120, **options)


def test_a_reader_who_has_seen_enough_is_no_mistake(game: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    done = run(["race", str(game)], stdout=writer, env=environment)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_an_output_of_few_characters_gets_what_it_can_show(game: Path) -> None:
    for json_too in ([], ["--json"]):
        done = run(["race", str(game), *json_too], env={**os.environ, "PYTHONIOENCODING": "ascii"})
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.isascii()
        assert "It is a" in done.stdout
    assert json.loads(done.stdout)["game"]["labs"][0]["name"] == "\u00c5, 1"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", pytest.param("1", marks=pytest.mark.slow)])
def test_a_full_disk_is_told(game: Path, unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        done = run(["race", str(game)], stdout=full, env=environment)
    assert done.returncode == 1
    assert done.stderr == "the answer could not be printed: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_figure_that_cannot_be_written_comes_after_the_answer(
    game: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (figure := game.with_suffix(".png")).symlink_to("/dev/full")
    assert main(["race", str(game), "--figure", str(figure)]) == 1
    said = capsys.readouterr()
    assert "It is a" in said.out
    assert said.err == f"{figure}: not written: No space left on device\n"
    assert sorted(path.name for path in game.parent.iterdir()) == ["game.png", "game.toml"]


@pytest.mark.parametrize(
    ("command", "number"),
    [*((command, signal.SIGINT) for command in WORK), (WORK[0], signal.SIGTERM)],
)
def test_a_signal_ends_the_work_and_what_there_is_is_printed(
    game: Path, command: list[str], number: int
) -> None:
    name, *options = command
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED, str(int(number)), name, str(game), *options, "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 128 + number
    assert "Traceback" not in done.stderr
    assert done.stdout == "" if "before anything" in done.stderr else json.loads(done.stdout)
    assert [path.name for path in game.parent.iterdir()] == ["game.toml"]


@pytest.mark.parametrize("command", WORK, ids=" ".join)
def test_no_time_is_an_answer_too(
    game: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, *options = command
    assert main([name, str(game), *options, "--limit", "0", "--json"]) == 3
    said = capsys.readouterr()
    assert "stopped" in said.err
    if said.out:
        assert json.loads(said.out).get("equilibria", []) == []


def broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError("one\x1b[31m\ntwo")


@pytest.mark.parametrize(
    ("place", "answered"),
    [
        ("leaderbored.solve", False),
        ("leaderbored.verdict", True),
        ("leaderbored.figures.race.race_figure", True),
    ],
)
def test_a_fault_is_one_sentence_after_the_answer(
    game: Path,
    place: str,
    answered: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(place, broken)
    assert main(["race", str(game), "--figure", str(game.with_suffix(".svg"))]) == 1
    said = capsys.readouterr()
    assert bool(said.out) == answered
    (first, *_) = said.err.splitlines()
    assert "broke off: ZeroDivisionError: one\\x1b[31m. Please report this" in first
    assert [path.name for path in game.parent.iterdir()] == ["game.toml"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_figures_end_with_their_workers(tmp_path: Path, number: int) -> None:
    arguments = ["figures", "pace", "headwind", "openness", "--jobs", "2", "--out", str(tmp_path)]
    with subprocess.Popen(
        [*PYTHON, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as figures:
        assert figures.stdout is not None
        first = figures.stdout.readline().split()[0]
        figures.send_signal(number)
        _, err = figures.communicate(timeout=60)
    assert figures.returncode == 128 + number
    assert "Traceback" not in err
    assert f"{first}.pdf" in [path.name for path in tmp_path.iterdir()]
    whole = {"pdf", "caption.txt", "data.csv"}  # and no draft of any
    assert {path.name.partition(".")[2] for path in tmp_path.iterdir()} == whole
    wait_until(lambda: not alive(figures.pid))


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(done: Callable[[], bool]) -> None:
    from time import sleep

    for _ in range(600):
        if done():
            return
        sleep(0.05)
    raise AssertionError("still alive")


def test_a_signal_as_soon_as_the_draft_exists_leaves_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def interrupted(path: Path, *words: object, **rest: object) -> None:
        opened(path, *words, **rest).close()  # type: ignore[call-overload]
        raise KeyboardInterrupt

    (tmp_path / "old.txt").write_bytes(b"as it was")
    monkeypatch.setattr(Path, "open", interrupted)
    for name in ("old.txt", "new.txt"):
        with pytest.raises(KeyboardInterrupt):
            files.write(tmp_path / name, b"whole")
    monkeypatch.undo()
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("old.txt", b"as it was")]


def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    old = tmp_path / "old.txt"
    old.write_bytes(b"as it was")
    old.chmod(0o640)
    files.write(old, b"whole")
    assert (old.stat().st_mode & 0o777, old.read_bytes()) == (0o640, b"whole")


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarm can be set")
def test_an_alarm_that_rings_in_a_finalizer_is_not_printed_and_rings_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", heard.append)
    monkeypatch.setattr(console, "GRACE", 0.05)
    monkeypatch.setattr(console, "AGAIN", 0.05)

    class Busy:
        def __del__(self) -> None:
            while True:
                pass

    def made() -> None:
        Busy()
        while True:
            pass

    with console.Work(0.0) as work:
        assert work.within(made) is None
    assert not heard

    class Broken:
        def __del__(self) -> None:
            raise ValueError("something else")

    with console.Work(0.0):
        Broken()
    assert [type(raised.exc_value) for raised in heard] == [ValueError]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarm can be set")
def test_an_alarm_is_not_taken_for_a_mistake_of_the_library_in_which_it_rings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(console, "GRACE", 0.05)

    def compiled() -> None:
        try:
            while True:
                pass
        except Exception as error:  # as numba's compiler does
            raise TypeError("cannot type this") from error

    with console.Work(0.0) as work:
        assert work.within(compiled) is None
        assert work.attempt("it", compiled) is None
    assert work.notes == ["it: not computed, the time was up"] and not work.failed


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarm can be set")
def test_an_alarm_does_not_leave_half_a_module(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(console, "GRACE", 0.02)
    monkeypatch.syspath_prepend(str(tmp_path))
    slow = "import time\nfor _ in range(10):\n    time.sleep(0.01)\nwhole = True\n"
    (tmp_path / "imported_slowly.py").write_text(slow, encoding="utf-8")

    def made() -> None:
        module = importlib.import_module("imported_slowly")
        assert module.whole
        while True:
            pass

    with console.Work(0.0) as work:
        assert work.within(made) is None
    assert sys.modules["imported_slowly"].whole


def test_a_limit_counts_the_reading_of_the_file(monkeypatch, capsys):
    from leaderbored.cli import alarm
    from leaderbored.games.formats import gamefile

    def slow(*_):
        while True:
            pass

    monkeypatch.setattr(gamefile, "load", slow)
    monkeypatch.setattr(alarm, "GRACE", 0.05)
    assert main(["solve", "aumann-1974", "--limit", "0"]) == 3
    assert "before the game was read" in capsys.readouterr().err


def test_what_reading_took_of_a_limit_is_not_there_for_the_work(monkeypatch):
    from leaderbored.cli import alarm
    from leaderbored.cli.console import Work

    with alarm.over():
        alarm.start(100.0)
        monkeypatch.setattr(alarm.RUNNING, "end", alarm.RUNNING.end - 40.0)
        with Work(100.0) as work:
            assert 59 < work.end - work.clock() <= 60
    with Work(100.0) as work:
        assert work.end - work.clock() > 99


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarm can be set")
def test_no_limit_runs_while_machine_code_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    from time import monotonic

    from leaderbored.cli import alarm
    from leaderbored.solvers import budget

    monkeypatch.setattr(alarm, "GRACE", 0.02)
    monkeypatch.setattr(console, "GRACE", 0.02)
    monkeypatch.setattr(alarm, "AGAIN", 0.02)

    def compiled(then: bool) -> bool:
        until = monotonic() + 0.3
        with budget.stopped():
            while monotonic() < until:
                budget.checkpoint()
        while then:
            pass
        return True

    with alarm.over():  # before the work begins, and in it
        alarm.start(0.05)
        assert compiled(False) and alarm.left(0.05) > 0
        with pytest.raises(budget.StoppedError):
            compiled(True)
    for then, made in ((False, True), (True, None)):
        with console.Work(0.05) as work, budget.Budget(work.stop).running():
            assert work.within(lambda then=then: compiled(then)) is made
    with budget.Budget(0.2).running() as limited:
        assert compiled(False) and not limited.spent()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no alarm can be set")
def test_a_program_that_calls_a_command_keeps_its_own_handler_of_alarms(capsys):
    def own(*_: object) -> None:
        raise AssertionError("no alarm was set")

    before = signal.signal(signal.SIGALRM, own)
    try:
        assert main(["solve", "aumann-1974", "--limit", "60"]) == 0
        assert main(["solve", "no-such-file.toml", "--limit", "60"]) == 2
        assert signal.getsignal(signal.SIGALRM) is own
    finally:
        signal.signal(signal.SIGALRM, before)
    assert capsys.readouterr().out

"""Property tests draw the same games in every run: a failure is a change, not a draw."""

import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import settings

from leaderbored.games.formats.gamefile import starter

sys.path.insert(0, str(Path(__file__).parents[1]))  # benchmarks, which are not installed

settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

PROOFS = (
    "race {} --rungs 2 --prove",
    "sweep {} --over technology.handicap=0:0.4:41 --over market.scarcity=0.3:1.3:41",
)
TRACES = ("trace {} --along discount --from 0.1 --to 0.11",)  # takes as long as the others


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile side by side, once, what the workers of a whole run would each compile."""
    config = session.config
    whole = config.args_source is config.ArgsSource.TESTPATHS
    if not whole or not config.getoption("numprocesses", None):
        return
    race = starter("race")
    others = Thread(target=_used, args=(TRACES, race))
    others.start()
    _used(PROOFS, race)
    others.join()


def _used(commands: tuple[str, ...], race: Path) -> None:
    for command in commands:
        words = [sys.executable, "-m", "leaderbored", *command.format(race).split()]
        subprocess.run(words, capture_output=True, check=False)  # the tests tell what is wrong

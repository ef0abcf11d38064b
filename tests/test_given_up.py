"""A program that stops waiting for a factorisation ends as it should while that is at work."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from threading import Event
from time import sleep

import pytest

import leaderbored

PACKAGE = Path(leaderbored.__file__).parent
SCRIPT = """
import sys
import numpy as np
import scipy.sparse as sp
from leaderbored.solvers.budget import Budget, StoppedError
from leaderbored.solvers.numerics.linear import factorise

n = 16
line = sp.diags_array([np.ones(n - 1), -2 * np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1])
one = sp.eye_array(n)
cube = sp.kron(sp.kron(line, one), one) + sp.kron(sp.kron(one, line), one)
cube = (cube + sp.kron(sp.kron(one, one), line)).tocsc()
first = factorise(cube)
try:
    with Budget(0.02).running():
        for _ in range(50):
            factorise(cube)
except StoppedError:
    print("stopped")
sys.exit(3)
"""


def test_a_program_that_gives_up_a_factorisation_keeps_its_output_and_exit_code() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "stopped\n", "")


def test_threads_that_were_given_up_are_used_again() -> None:
    """Each keeps the memory that it was given, so that a new one every time would use it all up."""
    from leaderbored.solvers.budget import Budget, StoppedError
    from leaderbored.solvers.numerics import apart

    asleep = Event()
    for _ in range(3):
        before = len(apart._WORKERS)
        asleep.clear()
        with pytest.raises(StoppedError), Budget(0.01).running():
            apart.watched(lambda: asleep.wait(10), 10_000)
        assert sum(not worker.idle for worker in apart._WORKERS) == 1
        asleep.set()
        while not all(worker.idle for worker in apart._WORKERS):
            sleep(0.01)
    assert len(apart._WORKERS) == before >= 1


def test_laws_of_large_chains_are_given_up_when_there_is_no_time_left(monkeypatch) -> None:
    """States in a row, from each of which play may end: found by sparse factors."""
    import numpy as np
    import scipy.sparse as sp

    from leaderbored.solvers.budget import Budget, StoppedError
    from leaderbored.solvers.numerics import linear
    from leaderbored.verdicts import stationary

    asleep, size = Event(), 2_000
    here = np.tile(np.arange(size), 2)
    there = np.concatenate([np.arange(size) + 1, np.full(size, size + 1)])
    rates = sp.csr_array((np.repeat([9.0, 1.0], size), (here, there)), shape=(size + 2,) * 2)
    assert stationary(rates).times[1] == pytest.approx(1.0)  # the way out is taken at that rate
    monkeypatch.setattr(linear.spla, "splu", lambda *args, **options: asleep.wait(10))
    try:
        with pytest.raises(StoppedError), Budget(0.5).running():
            stationary(rates)
    finally:
        asleep.set()


def test_nothing_is_factorised_that_does_not_heed_the_budget() -> None:
    """But in proofs of the theory, of which systems are small."""
    for file in sorted(PACKAGE.rglob("*.py")):
        if file.parent.name != "theory" and file != PACKAGE / "solvers" / "numerics" / "linear.py":
            used = re.findall(r"\b(?:splu|spilu|spsolve|factorized)\b", file.read_text("utf8"))
            assert not used, file

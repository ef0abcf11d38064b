"""A program that stops waiting for a factorisation ends as it should while that is at work."""

from __future__ import annotations

import subprocess
import sys
from threading import Event
from time import sleep

import pytest

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

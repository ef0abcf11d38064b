"""A program that stops waiting for a factorisation ends as it should while that is at work."""

from __future__ import annotations

import subprocess
import sys

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

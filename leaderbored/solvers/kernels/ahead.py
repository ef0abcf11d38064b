"""Compiling a kernel in a process of its own, while another one is compiled in this.

Numba compiles one function at a time in a process, whatever the number of threads.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leaderbored.solvers.budget import checkpoint

LOOK = 0.05  # seconds between two looks at the clock
_going: dict[str, subprocess.Popen[bytes]] = {}


def begin(function: Callable[..., Any], *given: Any) -> None:
    """Have a kernel compiled that will be asked for by ``_kernel(*given)`` of its module.

    That is done where there is another processor, by a process that this one has started; and not
    by one that others have started to share their work. Who asks for the kernel waits for it.
    """
    alone = multiprocessing.parent_process() is None
    if not (alone and sys.executable and (os.cpu_count() or 1) > 1) or function.__name__ in _going:
        return
    code = f"from {function.__module__} import _kernel; _kernel(*{given!r})"
    home = str(Path(__file__).parents[3])
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    nothing = subprocess.DEVNULL
    try:
        _going[function.__name__] = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            env={**os.environ, "PYTHONPATH": path},
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
        )
    except OSError:  # then it is compiled here
        return


def awaited(function: Callable[..., Any]) -> None:
    """Wait until a kernel is compiled elsewhere, if it is; its machine code is kept then.

    Raises
    ------
    StoppedError
        If the time is up before that.
    """
    if (process := _going.get(function.__name__)) is None:
        return
    while True:
        try:
            process.wait(LOOK)
        except subprocess.TimeoutExpired:
            checkpoint()
        else:
            break
    del _going[function.__name__]


@atexit.register
def _end() -> None:
    """Leave no process behind."""
    for process in _going.values():
        process.terminate()
        process.wait()

"""A limit runs from the start of a command: an alarm for what happens before its work begins."""

from __future__ import annotations

import math
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

GRACE = 1.0  # seconds after the time is up in which the work may stop by itself
AGAIN = 0.5  # seconds until it is told again
LONGEST = 1e7  # seconds: a longer limit is none


class _Running:
    """The limit that runs: its end by the clock of :mod:`leaderbored.solvers.budget`."""

    end = math.inf


RUNNING = _Running()


def start(limit: float | None) -> None:
    """Let a limit run from now on, as a file may take long to read.

    Where it ends before a :class:`leaderbored.cli.console.Work` takes it over, a
    :class:`leaderbored.solvers.budget.StoppedError` is raised wherever the program is.
    """
    here = threading.current_thread() is threading.main_thread()
    if limit is not None and limit <= LONGEST and here and hasattr(signal, "setitimer"):
        from leaderbored.solvers.budget import now

        RUNNING.end = now() + limit
        signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, limit + GRACE, AGAIN)


def left(limit: float) -> float:
    """Seconds that are left of a limit, some of which may have passed since :func:`start`.

    Examples
    --------
    >>> left(2.0)
    2.0
    """
    if not hasattr(signal, "setitimer") or signal.getsignal(signal.SIGALRM) is not _ring:
        return limit
    from leaderbored.solvers.budget import now

    return min(limit, max(0.0, RUNNING.end - now()))


def early(end: float) -> bool:
    """Whether an alarm rings before its time, as none is counted while machine code is compiled.

    It is set to ring again then, but not if no limit runs and what rings was set before.

    Examples
    --------
    >>> early(0.0), early(math.inf)
    (False, True)
    """
    from leaderbored.solvers.budget import is_stopped, now

    if 0 < (rest := end - now()) <= LONGEST:
        signal.setitimer(signal.ITIMER_REAL, rest + GRACE, AGAIN)
    return rest > 0 or is_stopped()


@contextmanager
def over() -> Iterator[None]:
    """An alarm that rings within it does not ring afterwards; a caller's own handler is back."""
    before = signal.getsignal(signal.SIGALRM) if hasattr(signal, "setitimer") else None
    try:
        yield
    finally:
        if hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is _ring:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before or signal.SIG_DFL)


def importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported, half of which would stay if that were stopped."""
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def _ring(_: int, frame: FrameType | None) -> None:
    from leaderbored.solvers.budget import StoppedError

    if not early(RUNNING.end) and not importing(frame):
        raise StoppedError

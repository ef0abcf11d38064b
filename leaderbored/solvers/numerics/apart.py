"""Work that cannot be interrupted, in threads of its own: a budget that is spent ends the wait."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

import numpy as np

from leaderbored.solvers.budget import checkpoint

WATCHED = 1_000  # unknowns from which on a factorisation may take longer than a moment
WATCHER = "leaderbored factorisation"  # name of the thread
WAIT = 0.05  # seconds between looks at the budget meanwhile

T = TypeVar("T")


def watched(work: Callable[[], T], size: int) -> tuple[T, Worker | None]:
    """What a routine that cannot be interrupted finds; of large systems in a thread of its own.

    Parameters
    ----------
    work : callable
        Without arguments.
    size : int
        Number of unknowns.

    Returns
    -------
    found : object
    worker : Worker or None
        Whose thread it was. One that is not waited for is left to itself until it is idle.

    Raises
    ------
    StoppedError
        If a running budget is spent meanwhile.

    Examples
    --------
    >>> watched(lambda: 3, 10), watched(lambda: 3, 10_000)[0]
    ((3, None), 3)
    """
    if size < WATCHED:
        return work(), None
    home, answer = _worker(), SimpleQueue[T | Exception]()

    def run() -> None:
        try:
            answer.put(work())
        except (RuntimeError, MemoryError, np.linalg.LinAlgError) as error:
            answer.put(error)

    home.put(run)
    found = _awaited(answer)
    if isinstance(found, Exception):
        raise found
    return found, home


def _awaited(answer: SimpleQueue[T]) -> T:
    while True:
        checkpoint()
        try:
            return answer.get(timeout=WAIT)
        except Empty:
            continue


class Worker:
    """A thread for what cannot be interrupted, one task after the other."""

    def __init__(self) -> None:
        self.tasks = SimpleQueue[Callable[[], Any]]()
        self.asked = self.done = 0
        self.thread = Thread(target=self._serve, name=WATCHER, daemon=True)
        self.thread.start()

    def put(self, task: Callable[[], Any]) -> None:
        """Ask for a task, which is done after those that were asked for before."""
        self.asked += 1
        self.tasks.put(task)

    @property
    def idle(self) -> bool:
        """Whether it may take a task; after a fork its thread is gone."""
        return self.asked <= self.done and self.tasks.empty() and self.thread.is_alive()

    def _serve(self) -> None:
        while (task := self.tasks.get()) is not _leave:
            task()
            del task  # with what it holds, here and now
            self.done += 1


_WORKERS: list[Worker] = []  # more than one where some were not waited for


def _worker() -> Worker:
    """One that is idle; a new one if there is none: memory that threads let go stays with them."""
    found = next((worker for worker in _WORKERS if worker.idle), None)
    if found is None:
        found = Worker()
        _WORKERS.append(found)
    return found


def _leave() -> None:
    """The last task."""


def _unheard(raised: Any) -> None:
    """What fails while the interpreter ends under a thread at work has no meaning."""


@atexit.register
def _finish() -> None:
    """Let threads give back what they hold before the interpreter ends, if they have the time.

    Where one was given up and is still at work, the interpreter cannot write out what is printed,
    and would end with an error whatever the answer was: so that is done here.
    """
    for worker in _WORKERS:
        worker.put(_leave)
    for worker in _WORKERS:
        worker.thread.join(WAIT)
    if any(worker.thread.is_alive() for worker in _WORKERS):
        for name in ("stdout", "stderr"):
            if (stream := getattr(sys, name)) is not None:
                stream.flush()
                setattr(sys, name, None)
        sys.unraisablehook = _unheard

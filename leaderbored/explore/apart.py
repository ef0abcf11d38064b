"""Work that takes seconds, in processes of its own, so that what is quick need not wait for it.

Each piece of work has a flag that tells it to stop, which it asks where it looks at its budget.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from queue import SimpleQueue
from time import monotonic
from typing import Any, TypeVar

from leaderbored.solvers.budget import Budget

T = TypeVar("T")
FLAGS = 64  # pieces of work that may wait or run at once
WORKERS = 2
LONGEST = 60.0  # seconds of a piece of work

_flags: Any = None  # of a worker: shared with the server


class Apart:
    """Workers.

    Examples
    --------
    >>> with Apart(1) as workers:  # processes begin with the first piece of work
    ...     workers.free.qsize()
    64
    """

    def __init__(self, workers: int = WORKERS) -> None:
        context = get_context("spawn")
        self.flags = context.Array("b", FLAGS, lock=False)
        self.free: SimpleQueue[int] = SimpleQueue()
        for flag in range(FLAGS):
            self.free.put(flag)
        self.pool = ProcessPoolExecutor(
            workers, mp_context=context, initializer=_begun, initargs=(self.flags,)
        )

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *_: object) -> None:
        for flag in range(FLAGS):
            self.flags[flag] = 1
        self.pool.shutdown(cancel_futures=True)

    def begin(self, make: Callable[..., T], *given: Any) -> tuple[Future[T], Callable[[], None]]:
        """Begin a piece of work: what it will have made, and what tells it to stop."""
        flag = self.free.get(timeout=LONGEST)
        self.flags[flag] = 0
        future = self.pool.submit(_done, flag, make, given)
        future.add_done_callback(lambda _: self.free.put(flag))

        def stop() -> None:
            self.flags[flag] = 1
            future.cancel()

        return future, stop


def _begun(flags: Any) -> None:
    """Make a process a worker, which the terminal does not interrupt."""
    global _flags  # noqa: PLW0603  # a worker has one set of flags
    _flags = flags
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _done(flag: int, make: Callable[..., T], given: tuple[Any, ...]) -> T:
    end = monotonic() + LONGEST
    with Budget(lambda: bool(_flags[flag]) or monotonic() >= end).running():
        return make(*given)

"""Work that takes seconds, in a process of its own, so that what is quick need not wait for it.

Each piece of work has a flag that tells it to stop, which it asks where it looks at its budget.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, TypeVar

from leaderbored.games.record import RefusedError
from leaderbored.solvers.budget import Budget

T = TypeVar("T")
FLAGS = 64  # pieces of work that may wait or run at once
LONGEST = 60.0  # seconds of a piece of work

_flags: Any = None  # of a worker: shared with the server


class Apart:
    """A worker, whose process begins with the first piece of work.

    Examples
    --------
    >>> with Apart() as worker:
    ...     worker.free.qsize()
    64
    """

    def __init__(self) -> None:
        context = get_context("spawn")
        self.flags = context.Array("b", FLAGS, lock=False)
        self.free: SimpleQueue[int] = SimpleQueue()
        for flag in range(FLAGS):
            self.free.put(flag)
        self.pool = ProcessPoolExecutor(
            1, mp_context=context, initializer=_begun, initargs=(self.flags,)
        )

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *_: object) -> None:
        workers = [*(getattr(self.pool, "_processes", None) or {}).values()]
        self.pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:  # nobody waits for them any more
            worker.terminate()

    def begin(self, make: Callable[..., T], *given: Any) -> tuple[Future[T], Callable[[], None]]:
        """Begin a piece of work: what it will have made, and what tells it to stop.

        Raises
        ------
        RefusedError
            If too much is waiting.
        """
        try:
            flag = self.free.get_nowait()
        except Empty:
            raise RefusedError("Too much is being worked out; try again in a moment.") from None
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

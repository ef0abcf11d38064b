"""How long a computation may take, and who may stop it.

A budget is handed to the work by ``with budget.running():``, and every inner loop below asks
:func:`checkpoint`, which raises :class:`StoppedError` once the budget, or one round it, is spent:
the scopes of Smith, "Timeouts and cancellation for humans" (2018), in one thread. What nobody
would wait for runs on ``budget.share(seconds)`` or ``budget.spare()``; who started it catches the
error and says "not checked". A limit is in seconds by the clock. Shares of it are in seconds of
work, so that what is checked does not depend on what else the machine is doing. Neither counts the
compiling of machine code, which happens once on a machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic, process_time
from typing import TypeVar

T = TypeVar("T")

Limit = float | Callable[[], bool]
Progress = Callable[[str, int, float], None]
"""Called with the phase, the round, and a distance that falls from 1 to 0."""

LATE = "it takes too long"
"""Why something was not checked, where it ran out of its budget."""

TIMES, LEAST = 3.0, 2.0  # of the time spent so far, and seconds: what an optional check may take


class StoppedError(BaseException):
    """Raised where a computation that has nothing to show yet has to stop.

    No Exception, as an interruption is none: an alarm may raise it in a library that takes whatever
    exception there is for a mistake of its own, as numba's compiler does.
    """


class _Uncounted:
    """What was read off both clocks where they were stopped, and what they have missed so far."""

    def __init__(self) -> None:
        self.since: tuple[float, float] | None = None
        self.missed = (0.0, 0.0)


_uncounted = _Uncounted()


def now() -> float:
    """Seconds by a clock that stands still while it is :func:`stopped`."""
    return (monotonic() if _uncounted.since is None else _uncounted.since[0]) - _uncounted.missed[0]


def worked() -> float:
    """Seconds of work of this process, but for those that are not counted either."""
    since = _uncounted.since
    return (process_time() if since is None else since[1]) - _uncounted.missed[1]


def is_stopped() -> bool:
    """Whether time is not counted now, as machine code is being compiled."""
    return _uncounted.since is not None


@contextmanager
def stopped() -> Iterator[None]:
    """While it lasts, no limit runs: for what is done once on a machine, and not for this answer.

    Examples
    --------
    >>> with stopped():
    ...     now() == now(), is_stopped()
    (True, True)
    >>> is_stopped()
    False
    """
    if _uncounted.since is not None:
        yield
        return
    _uncounted.since = monotonic(), process_time()
    try:
        yield
    finally:
        clock, work = _uncounted.since
        before = _uncounted.missed
        _uncounted.missed = before[0] + monotonic() - clock, before[1] + process_time() - work
        _uncounted.since = None


class Budget:
    """Seconds to spend, or a question to ask again and again: shall I stop?

    Parameters
    ----------
    limit : float, callable or None
        Seconds from now; or a function that says True when to stop; None for no limit.

    Examples
    --------
    >>> Budget(None).spent(), Budget(0.0).spent(), Budget(lambda: True).spent()
    (False, True, True)
    """

    def __init__(self, limit: Limit | None = None) -> None:
        self.began = worked()
        self.stop: Callable[[], bool] = lambda: False
        if callable(limit):
            self.stop = limit
        elif limit is not None:
            end = now() + limit
            self.stop = lambda: now() >= end

    def spent(self) -> bool:
        """Whether to stop now."""
        return self.stop()

    def check(self) -> None:
        """Go on, or stop.

        Raises
        ------
        StoppedError
            If the budget is spent.

        Examples
        --------
        >>> Budget(60.0).check()
        """
        if self.stop():
            raise StoppedError

    def share(self, seconds: float) -> Budget:
        """A budget of at most so many seconds of work from now, within this one.

        Examples
        --------
        >>> Budget(60.0).share(0.0).spent(), Budget(0.0).share(60.0).spent()
        (True, True)
        """
        early, end = now() + seconds, worked() + seconds

        def spent() -> bool:  # a thread works no faster than the clock, which is quicker to read
            return (now() >= early and worked() >= end) or self.stop()

        return Budget(spent)

    def spare(self) -> Budget:
        """What a check that is not needed for the answer may take, within this budget.

        A few times what was worked since this budget began, and at least two seconds of work.

        Examples
        --------
        >>> Budget(60.0).spare().spent()
        False
        """
        return self.share(max(LEAST, TIMES * (worked() - self.began)))

    @contextmanager
    def running(self) -> Iterator[Budget]:
        """While it lasts, :func:`checkpoint` asks this budget, and those already running.

        Examples
        --------
        >>> with Budget(0.0).running():
        ...     checkpoint()
        Traceback (most recent call last):
        ...
        leaderbored.solvers.budget.StoppedError
        """
        token = _running.set((*_running.get(), self))
        try:
            yield self
        finally:
            _running.reset(token)


@contextmanager
def unhurried() -> Iterator[None]:
    """While it lasts, :func:`checkpoint` asks nobody: for the few steps that show what was found.

    Examples
    --------
    >>> with Budget(0.0).running(), unhurried():
    ...     checkpoint()
    """
    token = _running.set(())
    try:
        yield
    finally:
        _running.reset(token)


_running: ContextVar[tuple[Budget, ...]] = ContextVar("running", default=())


def checkpoint() -> None:
    """Called in every inner loop: go on unless a running budget is spent.

    Raises
    ------
    StoppedError
        If one is.

    Examples
    --------
    >>> checkpoint()  # no budget is running
    """
    for budget in _running.get():
        budget.check()


def spared(work: Callable[[], T], otherwise: T) -> T:
    """What a check that is not needed for the answer finds in its spare time; see `Budget.spare`.

    The time counts from the start of the running budget, so that in a solve the check takes at
    most a few times what the answer took, and never less than two seconds unless that is stopped.

    Examples
    --------
    >>> spared(lambda: 3, 0)
    3
    >>> with Budget(0.0).running():
    ...     spared(checkpoint, "not checked")
    'not checked'
    """
    first = next(iter(_running.get()), Budget())
    try:
        with first.spare().running():
            return work()
    except StoppedError:
        return otherwise

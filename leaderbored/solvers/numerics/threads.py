"""One thread for linear algebra: matrices here are small, and threads that wait take all cores.

The limit is one of the whole process, so that it is set by the first who asks and lifted by the
last, whatever threads they are in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

import scipy.linalg  # noqa: F401  (its library of linear algebra is another than that of numpy)
from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
T = TypeVar("T")

_lock, _within, _limits = Lock(), [0], list[Any]()


@contextmanager
def one_thread() -> Iterator[None]:
    """While it lasts, linear algebra is done by one thread, in all of the process.

    Examples
    --------
    >>> with one_thread():
    ...     sorted({each["num_threads"] for each in _controller().select(user_api="blas").info()})
    [1]
    """
    with _lock:
        _within[0] += 1
        if _within[0] == 1:
            _limits.append(_controller().limit(limits=1, user_api="blas"))
    try:
        yield
    finally:
        with _lock:
            _within[0] -= 1
            if _within[0] == 0:
                _limits.pop().restore_original_limits()


def unthreaded(function: Callable[P, T]) -> Callable[P, T]:
    """A function that does its linear algebra by one thread.

    Examples
    --------
    >>> unthreaded(abs)(-2)
    2
    """

    @wraps(function)
    def alone(*given: P.args, **named: P.kwargs) -> T:
        with one_thread():
            return function(*given, **named)

    return alone


@cache
def _controller() -> ThreadpoolController:
    """What knows the libraries that are loaded: to look for them takes a millisecond."""
    return ThreadpoolController()

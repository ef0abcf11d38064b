"""How long a computation may take, and who may stop it."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

Limit = float | Callable[[], bool]
Progress = Callable[[str, int, float], None]
"""Called with the phase, the round, and a distance that falls from 1 to 0."""


class StoppedError(Exception):
    """Raised where a computation that has nothing to show yet has to stop."""


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

    def __init__(self, limit: Limit | None) -> None:
        self.stop: Callable[[], bool] = lambda: False
        if callable(limit):
            self.stop = limit
        elif limit is not None:
            end = monotonic() + limit
            self.stop = lambda: monotonic() >= end

    def spent(self) -> bool:
        """Whether to stop now."""
        return self.stop()

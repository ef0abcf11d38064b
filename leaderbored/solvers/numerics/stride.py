"""Follow a solution as a parameter rises, each solution the start of the next; without turning."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

P = TypeVar("P")

GROWTH = 1.5  # of a step that did


def advance(
    solve: Callable[[float, P], P | None],
    point: P,
    span: tuple[float, float],
    step: float,
    smallest: float,
) -> P | None:
    """The solution at the end of a span; None where steps are cut too short, as at a fold.

    Parameters
    ----------
    solve : callable
        From a parameter and a point near its solution to that, or None.
    point : object
        Near the first solutions.
    span : (float, float)
        Where the parameter starts and ends.
    step, smallest : float
        First and shortest step; one that fails is cut in half.

    Examples
    --------
    >>> def root(u, x):  # of x^3 - x = u, by a few steps of Newton's method
    ...     for _ in range(4):
    ...         x = x - (x**3 - x - u) / (3 * x**2 - 1)
    ...     return x if abs(x**3 - x - u) < 1e-9 else None
    >>> round(advance(root, 1.0, (0.0, 6.0), 3.0, 1e-3), 9)
    2.0
    """
    here, stop = span
    while here < stop:
        there = min(stop, here + step)
        found = solve(there, point)
        if found is not None:
            here, point, step = there, found, GROWTH * step
        elif step < 2 * smallest:
            return None
        else:
            step /= 2
    return point

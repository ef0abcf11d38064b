"""Histories of a Markov chain in steps of equal length, drawn with given random numbers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from leaderbored.solvers.kernels.jit import ready

Array = Any


def histories(heaps: Array, start: Array, uniform: Array) -> Array:
    """Draw histories.

    Parameters
    ----------
    heaps : (S, S) array
        Law of the next state, row by row, added up from the left.
    start : (S,) array
        Law of the first state, added up.
    uniform : (R, T) array
        Random numbers between 0 and 1, for each history and step; the first draws the first state.

    Returns
    -------
    (R, T) array of int

    Examples
    --------
    >>> heaps = np.array([[0.0, 1.0], [1.0, 1.0]])  # from each state to the other
    >>> histories(heaps, np.array([1.0, 1.0]), np.full((1, 4), 0.5)).tolist()
    [[0, 1, 0, 1]]
    """
    return _kernel()(heaps, start, uniform)


@cache
def _kernel() -> Any:
    return ready(_drawn, np.ones((1, 1)), np.ones(1), np.ones((0, 1)))


def _drawn(heaps: Array, start: Array, uniform: Array) -> Array:
    found = np.empty(uniform.shape, dtype=np.int64)
    last = heaps.shape[0] - 1
    for r in range(uniform.shape[0]):
        state = min(np.searchsorted(start, uniform[r, 0], side="right"), last)
        found[r, 0] = state
        for t in range(1, uniform.shape[1]):
            state = min(np.searchsorted(heaps[state], uniform[r, t], side="right"), last)
            found[r, t] = state
    return found

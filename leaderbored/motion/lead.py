"""Leads as numbers: of each lab over its best rival, and their quantiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leaderbored.games.markov import Array, States


def signed_leads(states: States) -> Array:
    """(S, N) each lab's lead over its best rival, negative if behind; rungs.

    Examples
    --------
    >>> signed_leads(np.array([[0, 0, 1], [2, 0, 3]])).tolist()
    [[0.0, 0.0, -1.0], [-2.0, 2.0, -3.0]]
    """
    ordered = np.sort(states, axis=1)
    alone = (states == 0) & (ordered[:, [1]] > 0)
    return np.asarray(np.where(alone, ordered[:, [1]], 0) - states, dtype=float)


def quantiles(laws: Array, values: Array, levels: Sequence[float]) -> Array:
    """(Q, T) quantiles of ``values`` (S,) under laws (T, S).

    Examples
    --------
    >>> quantiles(np.array([[0.25, 0.5, 0.25]]), np.array([-1.0, 0.0, 1.0]), [0.1, 0.6]).tolist()
    [[-1.0], [0.0]]
    """
    order = np.argsort(values, kind="stable")
    heap = np.cumsum(laws[:, order], axis=1)
    heap /= heap[:, -1:]
    places = [np.argmax(heap >= level - 1e-12, axis=1) for level in levels]
    return np.array([values[order][place] for place in places])

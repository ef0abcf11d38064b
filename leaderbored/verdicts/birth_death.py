r"""Two labs, step by step: the lead is a birth-death chain, and its long run has closed forms.

The signed lead x runs from -G (the second lab G rungs ahead) to G; the first lab's success moves
it up at the rate :math:`u_x`, the second's down at :math:`v_x`. Detailed balance gives the
stationary law, and the classical sums the passage times (Karlin and Taylor, A First Course in
Stochastic Processes, 2nd ed. 1975, chapter 4):

.. math::
    \frac{\pi_{x+1}}{\pi_x} = \frac{u_x}{v_{x+1}}, \qquad
    E[\text{time from } x \text{ to } x - 1] = \frac{1}{v_x \pi_x} \sum_{y \ge x} \pi_y .
"""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array


def stationary_lead(up: Array, down: Array) -> Array:
    """Stationary law of the signed lead.

    Parameters
    ----------
    up, down : (2 G + 1,) arrays
        Hazards of the first and of the second lab at x = -G, ..., G; positive inside. 1/year.

    Returns
    -------
    (2 G + 1,) array

    Examples
    --------
    >>> stationary_lead(np.array([2.0, 1.0, 0.0]), np.array([0.0, 1.0, 2.0])).tolist()
    [0.25, 0.5, 0.25]
    """
    with np.errstate(divide="ignore"):
        log = np.concatenate([[0.0], np.cumsum(np.log(up[:-1]) - np.log(down[1:]))])
    law = np.exp(log - log.max())
    return np.asarray(law / law.sum())


def passage_time(up: Array, down: Array, start: int, target: int) -> float:
    """Expected time for the signed lead to get from ``start`` to ``target``; years.

    Parameters
    ----------
    up, down : (2 G + 1,) arrays
        As in :func:`stationary_lead`.
    start, target : int
        Signed leads.

    Examples
    --------
    >>> rates = np.ones(3)
    >>> passage_time(rates, rates, 1, -1)
    3.0
    """
    if start < target:
        return passage_time(down[::-1], up[::-1], -start, -target)
    law, middle = stationary_lead(up, down), len(up) // 2
    tail = np.cumsum(law[::-1])[::-1]
    passed = np.arange(target + 1, start + 1) + middle
    return float((tail[passed] / (down[passed] * law[passed])).sum())


def mean_reign(up: Array, down: Array) -> float:
    """Mean time from a lab's becoming sole leader until the other does; years.

    Parameters
    ----------
    up, down : (2 G + 1,) arrays
        As in :func:`stationary_lead`.

    Examples
    --------
    >>> rates = np.ones(3)
    >>> mean_reign(rates, rates)
    3.0
    """
    return (passage_time(up, down, 1, -1) + passage_time(up, down, -1, 1)) / 2

r"""Laws of a Markov chain after some time, and when an expected lead has halved.

Uniformization: with events at the fastest rate v, most of which change nothing,

.. math:: e^{Q t} = \sum_k e^{-v t} \frac{(v t)^k}{k!} (I + Q / v)^k ,

a sum without a single subtraction, so that even the slowest rates keep their digits (Jensen,
Skandinavisk Aktuarietidskrift 36, 1953). Long times square the transition matrix, whose columns
are scaled to add up to one, or rounding would double with each square.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np
import scipy.sparse as sp

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Progress, checkpoint
from leaderbored.verdicts.law import Law

SQUARE = 1_500  # states up to which transition matrices are squared where time is so long that
SMALL = 300  # states of which the powers for short times are kept too
EVENTS = 500  # more events than these happen
STRIDE = 16.0  # events a step
MOST = 80  # events in a step of which chances are not below rounding
FINE = 1e-13  # of the time, to which a crossing is found
SETTLED = 1e-9  # of the lead: how near to its limit it stays there
SQUARES = 1_100  # halvings of the longest time there is


def after(law: Law, start: Array, years: float) -> Array:
    """Laws after some years.

    Parameters
    ----------
    law : Law
        Of the motion of S states.
    start : (S, M) array
        Laws, or parts of laws, at the start.
    years : float

    Returns
    -------
    (S, M) array

    Examples
    --------
    >>> from leaderbored.verdicts import stationary
    >>> law = stationary(sp.csr_array([[0.0, 1.0], [3.0, 0.0]]))
    >>> after(law, np.eye(2), 0.25).T.round(6).tolist()  # 3/4 + 1/4 exp(-4 t), ...
    [[0.84197, 0.15803], [0.47409, 0.52591]]
    """
    speed = _speed(law)
    if speed * years <= EVENTS or len(start) > SQUARE:
        return _step(law, start, years)
    return np.asarray(_kernel(law, years) @ start)


def halving(
    law: Law, ahead: Array, start: Array, median: int, progress: Progress | None = None
) -> float | None:
    """Time until an expected lead has halved; years.

    Parameters
    ----------
    law : Law
        Of the motion of S states.
    ahead : (S, M) array
        Leads.
    start : (S, M) array
        Weights at the start, which add up to one; each column moves by itself.
    median : int
        The lead to be halved.
    progress : callable, optional
        Called with (phase, round, rungs by which the lead is still more than half).

    Returns
    -------
    float or None
        None if never.
    """
    rounds = count(1)

    def excess(laws: Array) -> float:
        return float((ahead * laws).sum()) - median / 2

    def lost(laws: Array) -> bool:
        left = excess(laws)
        if progress is not None:
            progress("half-life of a lead", next(rounds), max(left, 0.0))
        return left <= 0

    if excess(start) <= 0:
        return 0.0
    limit = excess(law.settled(start))

    def never(now: float) -> bool:
        return limit > 0 and abs(now - limit) < SETTLED * median

    speed = _speed(law)
    if speed == 0:
        return None
    reached, years, step = start, 0.0, 0.5 / speed
    while step * speed <= EVENTS or len(start) > SQUARE:
        later = _step(law, reached, step)
        if lost(later):
            return years + _crossing(law, reached, step, excess)
        if never(excess(later)) or not np.isfinite(2 * step):
            return None
        reached, years, step = later, years + step, 2 * step
    # A slow lead: square the transition matrix until it is lost, then halve back to the day.
    small, finest = len(start) <= SMALL, step
    while small and finest * speed > 1:
        finest /= 2
    powers = [_kernel(law, finest)]
    while finest < step:
        finest *= 2
        powers.append(_squared(powers[-1]))
    while not lost(powers[-1] @ reached):
        checkpoint()
        later = powers[-1] @ reached
        if never(excess(later)) or not np.isfinite(2 * step):
            return None
        reached, years, step = later, years + step, 2 * step
        powers.append(_squared(powers[-1]))
    for power in reversed(powers[:-1]):
        step /= 2
        later = power @ reached
        if excess(later) > 0:
            reached, years = later, years + step
    return years + _crossing(law, reached, step, excess)


def _speed(law: Law) -> float:
    """The fastest rate at which any state is left; 1/year."""
    return float(law.rates.sum(axis=1).max(initial=0.0))


def _step(law: Law, start: Array, years: float) -> Array:
    """Laws after some years, event by event."""
    speed = _speed(law)
    events = speed * years
    if events == 0 or not np.isfinite(events):
        return start
    into, stay = _events(law)
    strides = int(np.ceil(events / STRIDE))
    for _ in range(strides):
        checkpoint()
        start = _stride(into, stay, start, events / strides)
    return start


def _events(law: Law) -> tuple[sp.csr_array, Array]:
    """Chances that an event leads to a state, from each, and (S, 1) that it changes nothing."""
    speed = _speed(law)
    stay = (1 - np.asarray(law.rates.sum(axis=1)) / speed)[:, None]
    return (law.rates.T / speed).tocsr(), stay


def _stride(into: sp.csr_array, stay: Array, start: Array, events: float) -> Array:
    """A Poisson number of events, of this mean."""
    term, chance, left, k = start, np.exp(-events), 1.0, 0
    total = np.zeros_like(start)
    while left > 0 and chance > 0:
        total += chance * term
        left -= chance
        k += 1
        chance *= events / k
        if k > events and chance < 1e-18:
            break
        term = into @ term + stay * term
    return total


def _kernel(law: Law, years: float) -> Array:
    """(S, S) transition matrix over some years; its columns are laws."""
    events = _speed(law) * years
    halvings = int(np.clip(np.ceil(np.log2(max(events, 1.0))) + 1, 0, SQUARES))
    kernel = _step(law, np.eye(len(law.weight)), float(np.ldexp(years, -halvings)))
    for _ in range(halvings):
        checkpoint()
        kernel, before = _squared(kernel), kernel
        if np.array_equal(kernel, before):
            break
    return kernel


def _squared(kernel: Array) -> Array:
    squared = kernel @ kernel
    return np.asarray(squared / squared.sum(axis=0))


def _crossing(law: Law, start: Array, years: float, excess: Callable[[Array], float]) -> float:
    """Time, at most ``years``, at which the excess of the moving laws is zero.

    Stride by stride until it has been passed; within a stride the excess is a mixture of those
    after 0, 1, 2, ... events, which are worked out once.
    """
    if excess(start) <= 0:
        return 0.0
    speed, passed = _speed(law), 0.0
    events = speed * years
    if events == 0 or not np.isfinite(events):
        return years
    into, stay = _events(law)
    strides = int(np.ceil(events / STRIDE))
    for _ in range(strides):
        checkpoint()
        later = _stride(into, stay, start, events / strides)
        if excess(later) <= 0:
            break
        start, passed = later, passed + years / strides
    else:  # rounding: the other way of reckoning had it below
        return years
    terms, term = [], start
    for _ in range(MOST):
        terms.append(excess(term))
        term = into @ term + stay * term
    low, high = 0.0, events / strides
    while high - low > FINE * events:
        middle = (low + high) / 2
        if float(poisson(middle) @ terms) > 0:
            low = middle
        else:
            high = middle
    return passed + low / speed


def poisson(events: float) -> Array:
    """(80,) chances of 0, 1, 2, ... events, of a mean of 16 at most.

    Examples
    --------
    >>> poisson(2.0)[:3].round(6).tolist(), round(float(poisson(16.0).sum()), 12)
    ([0.135335, 0.270671, 0.270671], 1.0)
    """
    steps = np.full(MOST, events)
    steps[0], steps[1:] = np.exp(-events), events / np.arange(1, MOST)
    return np.cumprod(steps)

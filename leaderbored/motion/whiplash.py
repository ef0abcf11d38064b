r"""Whiplash: compute moved to training today is a model only a delay later.

A lead g grows at the rate A of itself, and is closed by what was started a delay :math:`\tau` ago
in answer to the lead of then:

.. math:: g'(t) = A g(t) - c \tanh\frac{k\, g(t - \tau)}{c} ,

where c is the fastest that all compute together can close leads; without that limit the answer is
:math:`k g(t - \tau)`. Leads die out iff
:math:`\tau < \tau^* = \arccos(A / k) / \sqrt{k^2 - A^2}`; beyond this Hopf boundary the lead
swings, at onset with the period :math:`2 \pi / \sqrt{k^2 - A^2}` (result R15 of
:mod:`leaderbored.theory`), and the limit keeps the swings finite.

The equation is integrated step by step with the classical Runge-Kutta formula and cubic Hermite
interpolation of the past, both of fourth order, on a grid that the delay is a multiple of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import acos, ceil, inf, isfinite, log, pi, sqrt, tanh

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.shown import Shown


@dataclass(frozen=True, eq=False)
class Whiplash(Shown):
    """A lead that is answered late.

    Attributes
    ----------
    time, lead : (T,) arrays
        Years, and the lead then; rungs.
    delay : float
        tau; years.
    boundary : float
        tau*, the delay up to which leads die out; years.
    onset_period : float
        Period of the swings at the boundary; years.
    period : float or None
        Mean time between every other change of hands in the second half; None where there are
        fewer than three. Years.
    amplitude : float
        Largest lead, either way, in the last quarter; rungs.
    growth : float or None
        Mean growth of the swings between extremes of the second half; 1/year. Negative: they die
        out. None where there are fewer than three extremes.
    """

    time: Array
    lead: Array
    delay: float
    boundary: float
    onset_period: float
    period: float | None
    amplitude: float
    growth: float | None

    @property
    def sentence(self) -> str:
        """What the delay does.

        Examples
        --------
        >>> print(whiplash(answer=1.0, delay=2.0, limit=1.0).sentence)
        The lead swings: it changes hands every 4 years and reaches 1.1 rungs.
        """
        if self.growth is None or (self.growth < 0 and self.period is None):
            return "The lead dies out."
        if self.growth < -STEADY:
            return f"The lead dies out in swings of {self.period:.2g} years."
        if self.period is None:
            return "The lead grows."
        half = self.period / 2
        return (
            f"The lead swings: it changes hands every {half:.2g} years and reaches "
            f"{self.amplitude:.2g} rungs."
        )


STEPS = 100  # a delay
STEADY = 1e-3  # 1/year: growth below counts as none
MOST = 2_000_000  # steps


def whiplash(
    answer: float,
    delay: float,
    *,
    growth: float = 0.0,
    limit: float = inf,
    start: float = 1.0,
    years: float | None = None,
) -> Whiplash:
    """Integrate a lead that is answered with a delay.

    Parameters
    ----------
    answer : float
        k > |growth|, by how much a lead of one rung is closed per year once the answer is there.
    delay : float
        tau > 0, time from the answer to the model; years.
    growth : float, default 0
        A, by how much a lead grows by itself; 1/year.
    limit : float, default infinity
        c > 0, the fastest that a lead can be closed; rungs/year.
    start : float, default 1
        Lead at time zero and before; rungs.
    years : float, optional
        How long; by default 40 delays or periods at onset, whichever is longer.

    Returns
    -------
    Whiplash

    Raises
    ------
    ValueError
        If a number is out of its range; the message says which.

    Notes
    -----
    The boundary and the period are those of Hale and Verduyn Lunel (1993), Introduction to
    Functional Differential Equations, for one delay.

    Examples
    --------
    >>> found = whiplash(answer=1.0, delay=1.5)
    >>> round(found.boundary, 6), found.growth < 0  # pi / 2
    (1.570796, True)
    """
    mistakes = {
        "delay: expected a number above 0": not 0 < delay < inf,
        "growth: expected a finite number": not isfinite(growth),
        "answer: expected a number above the size of growth": not abs(growth) < answer < inf,
        "limit: expected a number above 0": not limit > 0,
        "start: expected a finite number": not isfinite(start),
        "years: expected a number above 0": years is not None and not 0 < years < inf,
    }
    if wrong := [mistake for mistake, made in mistakes.items() if made]:
        raise ValueError("; ".join(wrong))
    frequency = sqrt(answer**2 - growth**2)
    onset = 2 * pi / frequency
    years = 40 * max(delay, onset) if years is None else years
    per_delay = max(STEPS, ceil(delay * (answer + abs(growth)) * 20))
    step = delay / per_delay
    count = ceil(years / step)
    if count > MOST:
        raise ValueError(f"years: {count:,} steps, expected at most {MOST:,}")

    def closing(past: float) -> float:
        return answer * past if limit == inf else limit * tanh(answer * past / limit)

    lead = _integrate(closing, growth, start, step=step, back=per_delay, count=count)
    time: Array = step * np.arange(count + 1.0)
    period, rate = _swings(time, lead)
    return Whiplash(
        time=time,
        lead=lead,
        delay=delay,
        boundary=acos(growth / answer) / frequency,
        onset_period=onset,
        period=period,
        amplitude=float(np.abs(lead[3 * count // 4 :]).max()),
        growth=rate,
    )


def _integrate(
    closing: Callable[[float], float],
    growth: float,
    start: float,
    *,
    step: float,
    back: int,
    count: int,
) -> Array:
    """Lead on the grid; ``back`` steps make a delay."""
    past = [start] * (back + 1)  # from a delay ago to now
    slope = [0.0] * back + [growth * start - closing(start)]
    for n in range(count):
        a, b = past[n], past[n + 1]
        middle = (a + b) / 2 + step * (slope[n] - slope[n + 1]) / 8
        early, half, late = closing(a), closing(middle), closing(b)
        now = past[-1]
        k1 = growth * now - early
        k2 = growth * (now + step / 2 * k1) - half
        k3 = growth * (now + step / 2 * k2) - half
        k4 = growth * (now + step * k3) - late
        past.append(now + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
        slope.append(growth * past[-1] - late)
    return np.array(past[back:])


def _swings(time: Array, lead: Array) -> tuple[float | None, float | None]:
    """Period and growth of the swings in the second half."""
    time, lead = time[len(time) // 2 :], lead[len(lead) // 2 :]
    change = np.flatnonzero(lead[:-1] * lead[1:] < 0)
    weight = lead[change] / (lead[change] - lead[change + 1])
    crossings = time[change] + weight * (time[change + 1] - time[change])
    period = 2 * float(np.diff(crossings).mean()) if len(crossings) > 2 else None
    turns = np.flatnonzero(np.diff(lead[:-1]) * np.diff(lead[1:]) < 0) + 1
    if len(turns) > 2 and period is not None:
        first, last = turns[0], turns[-1]
        ratio = abs(lead[last] / lead[first])
        return period, log(ratio) / float(time[last] - time[first])
    if lead[0] == 0 or lead[-1] == 0:
        return period, None
    return period, log(abs(lead[-1] / lead[0])) / float(time[-1] - time[0])

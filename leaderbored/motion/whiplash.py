r"""Whiplash: compute moved to training today is a model only a delay later.

A lead g grows at the rate A of itself, and is closed by what was started a delay :math:`\tau` ago
in answer to the lead of then:

.. math:: g'(t) = A g(t) - c \tanh\frac{k\, g(t - \tau)}{c} ,

where c is the fastest that all compute together can close leads; without that limit the answer is
:math:`k g(t - \tau)`. Leads die out iff
:math:`\tau < \tau^* = \arccos(A / k) / \sqrt{k^2 - A^2}`; beyond this Hopf boundary the lead
swings, at onset with the period :math:`2 \pi / \sqrt{k^2 - A^2}` (result R15 of
:mod:`leaderbored.theory`), and the limit keeps the swings finite.

The rule is assumed and no part of an equilibrium. Of a race k, A and c are read off an equilibrium
of labs that answer at once, near the tie (:mod:`leaderbored.motion.answer`). Where k is not above
the size of A, leads grow whatever the delay (:math:`k \le A`), or die out whatever it is
(:math:`k \le -A`).

The equation is integrated step by step with the classical Runge-Kutta formula and cubic Hermite
interpolation of the past, both of fourth order, on a grid that the delay is a multiple of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import acos, ceil, inf, isfinite, isinf, log, pi, sqrt, tanh
from numbers import Real
from typing import Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.record import RefusedError
from leaderbored.motion.answer import Answer, answers
from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers import Solution, solve
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.solution import game_of


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
        tau*, the delay up to which leads die out; years. Zero where they grow even without delay,
        infinite where they die out whatever it is.
    onset_period : float or None
        Period of the swings at the boundary; years. None where there is none.
    period : float or None
        Mean time between every other change of hands in the second half; None where there are
        fewer than three. Years.
    amplitude : float
        Largest lead, either way, in the last quarter; rungs.
    growth : float or None
        Mean growth of the swings between extremes of the second half; 1/year. Negative: they die
        out. None where there are fewer than three extremes.
    read : Answer or None
        How play answers leads, where that is read off an equilibrium.
    """

    time: Array
    lead: Array
    delay: float
    boundary: float
    onset_period: float | None
    period: float | None
    amplitude: float
    growth: float | None
    read: Answer | None = None

    @property
    def sentence(self) -> str:
        """What the delay does.

        Examples
        --------
        >>> print(whiplash(answer=1.0, delay=2.0, limit=1.0).sentence)
        The lead swings: it changes hands every 4 years and reaches 1.1 rungs.
        """
        if self.read is None:
            return f"The lead {self._fate()}."
        lab, answer, growth = self.read.lab, self.read.answer, self.read.growth
        if self.boundary == 0:
            even = abs(answer - growth) <= ROUNDING * (abs(answer) + abs(growth))
            return f"{ASSUMED} {lab}'s lead {'stays' if even else 'grows'} even without delay."
        if isinf(self.boundary):
            return f"{ASSUMED} {lab}'s lead dies out, whatever the delay."
        return (
            f"{ASSUMED} a small lead of {lab}, which play answers at {answer:.2g} a year, dies out "
            f"up to a delay of {self.boundary:.2g} years; at {self.delay:.2g} years one of a rung "
            f"{self._fate_of_a_rung()}."
        )

    def _fate_of_a_rung(self) -> str:
        if abs(self.lead[-1]) > FAR:
            return "grows beyond what labs can close"
        seen, late = self._fate(), self.delay > self.boundary
        if late:  # or the delay is too near the boundary, or too far beyond, for it to be seen
            return seen if seen.startswith("swings") else "swings"
        return seen if seen.startswith("dies out") else "dies out"

    def _fate(self) -> str:
        if self.growth is None or (self.growth < 0 and self.period is None):
            return "dies out"
        if self.growth < -STEADY:
            return f"dies out in swings of {self.period:.2g} years"
        if self.period is None:
            return "grows"
        half = self.period / 2
        return (
            f"swings: it changes hands every {half:.2g} years and reaches "
            f"{self.amplitude:.2g} rungs"
        )


ROUNDING = 1e-12  # relative
ASSUMED = "By an assumed rule (R15), not in equilibrium:"
FARTHEST, FAR = 1e100, 1e3  # rungs up to which a lead is followed, and one of a race is
STEPS = 100  # a delay
STEADY = 1e-3  # 1/year: growth below counts as none
MOST = 2_000_000  # steps,
ENOUGH = 200_000  # and of a lead of a race, by default


@unthreaded
def whiplash(
    answer: float | Race | Solution,
    delay: float | None = None,
    *,
    growth: float | None = None,
    limit: float | None = None,
    start: float = 1.0,
    years: float | None = None,
    equilibrium: int = 0,
) -> Whiplash:
    """Integrate a lead that is answered with a delay, by an assumed rule.

    Parameters
    ----------
    answer : float, Race or Solution
        ``k > |growth|``, by how much a lead of one rung is closed per year once the answer is
        there.
        Of a race, which is solved, or of its solution, k and by default ``growth`` and ``limit``
        are read off an equilibrium: of the lab whose lead swings at the least delay.
    delay : float, optional
        tau > 0, time from the answer to the model; years. By default that of the race's mechanism
        ``training_delay``.
    growth : float, default 0
        A, by how much a lead grows by itself; 1/year.
    limit : float, default infinity
        c > 0, the fastest that a lead can be closed; rungs/year.
    start : float, default 1
        Lead at time zero and before; rungs.
    years : float, optional
        How long; by default 40 delays or periods at onset, whichever is longer. It is followed
        for as many years as two million steps make, of a race 200,000, and up to 1,000 rungs there.
    equilibrium : int, default 0
        Which of the solution's.

    Returns
    -------
    Whiplash

    Raises
    ------
    TypeError
        If the game is not a race.
    ValueError
        If a number is out of its range; the message says which. Of a race: if it has no
        equilibrium or no such one, or but one rung, or if there is no delay.

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
    read = None
    if not isinstance(answer, Real):
        given: Any = answer
        delay, read = _read(given, delay, equilibrium)
        answer, growth = read.answer, read.growth if growth is None else growth
        limit = (read.limit or inf) if limit is None else limit
    answer, growth = float(answer), 0.0 if growth is None else growth
    limit = inf if limit is None else limit
    mistakes = {
        "delay: expected a number above 0": delay is None or not 0 < delay < inf,
        "growth: expected a finite number": not isfinite(growth),
        "answer: expected a number above the size of growth": read is None
        and not abs(growth) < answer < inf,
        "limit: expected a number above 0": not limit > 0,
        "start: expected a finite number": not isfinite(start),
        "years: expected a number above 0": years is not None and not 0 < years < inf,
    }
    if wrong := [mistake for mistake, made in mistakes.items() if made]:
        raise ValueError("; ".join(wrong))
    assert delay is not None
    boundary, onset = _onset(answer, growth)
    per_delay = max(STEPS, ceil(delay * (abs(answer) + abs(growth)) * 20))
    step = delay / per_delay
    if years is None:
        most = MOST if read is None else ENOUGH
        count = ceil(min(40 * max(delay, onset or 0.0) / step, most))
    else:
        count = ceil(min(years / step, 2 * MOST))
    if count > MOST:
        raise ValueError(f"years: {years:g}, expected at most {MOST * step:.3g}, {MOST:,} steps")

    def closing(past: float) -> float:
        return answer * past if limit == inf else limit * tanh(answer * past / limit)

    reach = FARTHEST if read is None else FAR
    lead = _integrate(closing, growth, start, step=step, back=per_delay, count=count, reach=reach)
    time: Array = step * np.arange(float(len(lead)))
    period, rate = _swings(time, lead)
    return Whiplash(
        time=time,
        lead=lead,
        delay=delay,
        boundary=boundary,
        onset_period=onset,
        period=period,
        amplitude=float(np.abs(lead[3 * (len(lead) - 1) // 4 :]).max()),
        growth=rate,
        read=read,
    )


def _read(
    given: Race | Solution, delay: float | None, equilibrium: int
) -> tuple[float | None, Answer]:
    """The delay, and how play answers the lead that swings at the least delay."""
    solution = solve(given) if isinstance(given, Race) else given
    race: Race = game_of(solution, "whiplash", limits=False)
    if not solution.equilibria:
        raise RefusedError(f"whiplash: {solution.status.message}; {solution.status.advice}")
    if not 0 <= equilibrium < len(solution.equilibria):
        known = f"the solution has {len(solution.equilibria)}"
        raise ValueError(f"equilibrium: {equilibrium}; {known}, counted from 0")
    if race.rungs < 2:
        raise RefusedError(
            "rungs: whether a lead of one rung grows is not distinguished; expected 2"
        )
    if delay is None:
        if race.mechanisms.training_delay is None:
            raise RefusedError("mechanisms.training_delay: not given; expected it, or a delay")
        delay = race.mechanisms.training_delay.years
    every = answers(race, solution.equilibria[equilibrium])
    return delay, min(every, key=lambda one: float(f"{_onset(one.answer, one.growth)[0]:.6g}"))


def _onset(answer: float, growth: float) -> tuple[float, float | None]:
    """The delay up to which leads die out, and the period of swings there."""
    if answer <= growth:
        return 0.0, None
    if answer <= -growth:
        return inf, None
    frequency = sqrt((answer - growth) * (answer + growth))
    return acos(growth / answer) / frequency, 2 * pi / frequency


def _integrate(
    closing: Callable[[float], float],
    growth: float,
    start: float,
    *,
    step: float,
    back: int,
    count: int,
    reach: float,
) -> Array:
    """Lead on the grid; ``back`` steps make a delay."""
    past = [start] * (back + 1)  # from a delay ago to now
    slope = [0.0] * back + [growth * start - closing(start)]
    for n in range(count):
        if abs(past[-1]) > reach:
            break
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

r"""Race or run: who builds faster per unit of compute, the leader or the chasers?

The pace ratio at a lead g is

.. math:: q(g) = E\Big[ \frac{h_i / K_i}{\sum_{j \ne i} h_j / \sum_{j \ne i} K_j} \Big],

i the sole leader, over the states with that lead under the stationary law; where the law gives
the lead no weight, over the N states reached from a tie by one lab's unbroken successes.
Below one the lead tends to close, above one to grow.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race import Race, leads
from leaderbored.verdicts.law import Law

Kind = Literal["run", "race", "neutral", "peloton", "breakaway", "mixed"]
EVEN = 1e-9  # |ln q| below which leader and chasers keep pace


@dataclass(frozen=True)
class Shape:
    """What the pace ratio says.

    Attributes
    ----------
    kind : str or None
        ``run`` (every lead closes), ``race`` (every lead grows), ``neutral`` (none does either),
        ``peloton`` (leads grow up to an asymptote), ``breakaway`` (leads close unless one gets
        past the point of escape) or ``mixed``. Leads at which the pace is even do not count.
        None where no lead has a pace: nobody builds, or there is but one rung.
    crossings : tuple of float
        Leads, in rungs, at which ln q changes sign, interpolated.
    """

    kind: Kind | None
    crossings: tuple[float, ...]

    @property
    def asymptote(self) -> float | None:
        """The lead at which a peloton stalls, in rungs."""
        return self.crossings[0] if self.kind == "peloton" else None

    @property
    def escape(self) -> float | None:
        """The lead beyond which a breakaway grows, in rungs."""
        return self.crossings[0] if self.kind == "breakaway" else None


def pace_ratio(race: Race, hazard: Array, law: Law) -> Array:
    """Pace ratio q(g) for g = 1, ..., G - 1.

    Parameters
    ----------
    race : Race
        N labs.
    hazard : (N, S) array
        Success hazards, 1/year; rows of players that are no labs are left out. Of a race with
        inertia S is the number of pairs of leaderboards.
    law : Law
        Stationary law of the states.

    Returns
    -------
    (G - 1,) array
        Infinite where only the leader builds, nan where nobody does.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.5),
    ...                lb.Technology(1), discount=0.1, rungs=3)
    >>> verdict = lb.verdict(lb.solve(race))
    >>> len(verdict.pace_ratio), verdict.pace_ratio[0] < 1
    (2, True)
    """
    states, compute = race.board()
    lead, leader = leads(states)
    hazard, own = hazard[: len(race.labs)], np.maximum(leader, 0)
    here = np.arange(len(states))
    first, owned = hazard[own, here], compute[own, here]
    with np.errstate(divide="ignore", invalid="ignore"):
        chase = (hazard.sum(axis=0) - first) / (compute.sum(axis=0) - owned)
        ratio = first / owned / chase
    chain = (states == lead[:, None]).sum(axis=1) == len(race.labs) - 1
    result = np.empty(race.rungs - 1)
    for g in range(1, race.rungs):
        here = lead == g
        weight = np.where(here, law.weight, 0)
        if weight.sum() == 0:
            weight = np.where(here & chain, 1.0, 0.0)
        result[g - 1] = weight[weight > 0] @ ratio[weight > 0] / weight.sum()
    return result


def shape(pace: Array) -> Shape:
    """Read the verdict off the pace ratio.

    Parameters
    ----------
    pace : (G - 1,) array
        q(1), ..., q(G - 1).

    Returns
    -------
    Shape

    Examples
    --------
    >>> shape(np.array([0.9, 0.8, 0.7])).kind
    'run'
    >>> shape(np.array([2.0, 1.0, 0.5])).asymptote
    2.0
    >>> shape(np.array([0.5, 2.0])).escape
    1.5
    """
    with np.errstate(divide="ignore"):
        log = np.log(pace)
    log = np.where(np.abs(log) < EVEN, 0.0, log)
    votes = np.flatnonzero(np.abs(log) > 0)
    pairs = [(a, b) for a, b in pairwise(votes) if log[a] * log[b] < 0]
    crossings = tuple(_zero(log, int(a), int(b)) for a, b in pairs)
    if len(votes) == 0:
        return Shape("neutral" if (log == 0).any() else None, ())
    grows_first = bool(log[votes[0]] > 0)
    if len(crossings) == 0:
        return Shape("race" if grows_first else "run", ())
    if len(crossings) == 1:
        return Shape("peloton" if grows_first else "breakaway", crossings)
    return Shape("mixed", crossings)


def _zero(log: Array, a: int, b: int) -> float:
    """Lead at which ln q is zero between the entries a and b, whose signs differ."""
    if b - a > 1 or (np.isinf(log[a]) and np.isinf(log[b])):
        return 1 + (a + b) / 2
    if np.isinf(log[a]) or np.isinf(log[b]):
        return 1.0 + (b if np.isinf(log[a]) else a)
    return float(1 + a + log[a] / (log[a] - log[b]))

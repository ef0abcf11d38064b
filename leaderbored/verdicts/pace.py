r"""Race or run: who builds faster per unit of compute, the leader or the chasers?

The pace ratio at a lead g is

.. math:: q(g) = E\Big[ \frac{h_i / K_i}{\sum_{j \ne i} h_j / \sum_{j \ne i} K_j} \Big],

i the sole leader, over the states with that lead under the stationary law; where the law gives
the lead no weight, over the N states reached from a tie by one lab's unbroken successes. States in
which nobody succeeds have no ratio and are left out. Below one the lead tends to close, above one
to grow; at leads that have no ratio at all it stands still, and so it does, or grows, where play
shows that it never closes, whatever labs further behind do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.race import Race, leads
from leaderbored.verdicts.ends import End
from leaderbored.verdicts.law import Law, grouped

Kind = Literal["run", "race", "neutral", "peloton", "breakaway", "mixed", "standstill"]
Move = Literal["closes", "even", "grows", "stands"]
EVEN = 1e-9  # |ln q| below which leader and chasers keep pace
LEAST, MOST = 1e-300, 1e300  # of ratios of which no part is zero


@dataclass(frozen=True)
class Shape:
    """What the pace ratio says.

    Attributes
    ----------
    kind : str or None
        ``run`` (every lead closes), ``race`` (every lead grows), ``neutral`` (none does either),
        ``peloton`` (leads grow up to an asymptote), ``breakaway`` (leads close unless one gets
        past the point of escape), ``mixed``, or ``standstill`` (from a tie play comes to a state
        in which no lab ever succeeds again). Leads at which the pace is even do not count, and
        leads that stand still are asymptotes: what grows comes to a stop there.
        None where no lead has a pace, as there is but one rung.
    crossings : tuple of float
        Leads, in rungs, at which ln q changes sign, interpolated; a lead that stands still is
        one itself if shorter leads grow, else the boundary lies half a rung below it. Of a
        standstill, the leads at which play comes to rest.
    moves : tuple of str
        What a lead of 1, 2, ... rungs does: closes, even, grows or stands.
    """

    kind: Kind | None
    crossings: tuple[float, ...]
    moves: tuple[Move, ...] = ()

    @property
    def asymptote(self) -> float | None:
        """The lead at which a peloton stalls, or where a standstill rests; rungs."""
        stalls = self.kind in ("peloton", "standstill") and len(self.crossings) == 1
        return self.crossings[0] if stalls else None

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
        Infinite where only the leader succeeds, nan where nobody does.

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
    hazard = np.where(hazard < law.never, 0.0, hazard)
    here = np.arange(len(states))
    others = own != np.arange(len(race.labs))[:, None]
    mine = hazard[own, here], compute[own, here]
    theirs = np.where(others, hazard, 0.0).sum(axis=0), np.where(others, compute, 0.0).sum(axis=0)
    chain = (states == lead[:, None]).sum(axis=1) == len(race.labs) - 1
    ratio = _ratio(*mine, *theirs)
    moving = ~np.isnan(ratio)
    spent = np.bincount(lead, weights=law.weight, minlength=race.rungs + 1)
    weight = np.where(moving, np.where(spent[lead] > 0, law.weight, chain), 0.0)
    return grouped(lead, weight, ratio, race.rungs + 1)[1:-1]


def _ratio(first: Array, owned: Array, chase: Array, rest: Array) -> Array:
    """(first / owned) / (chase / rest), whatever the size of the numbers; nan if nobody moves."""
    with np.errstate(all="ignore"):
        plain = (first / owned) / (chase / rest)
        log = np.log(first) - np.log(chase) + np.log(rest) - np.log(owned)
        careful = np.exp(np.clip(log, *np.log([LEAST, MOST])))
    both = (first > 0) & (chase > 0)
    ratio = np.where(both & ~((plain > LEAST) & (plain < MOST)), careful, plain)
    return np.where(both, ratio, np.where(first > 0, np.inf, np.where(chase > 0, 0.0, np.nan)))


def visited(race: Race, law: Law) -> NDArray[np.bool_]:
    """(G,) whether play from a tie spends any time at leads 1, ..., G in the long run."""
    lead, _ = leads(race.board()[0])
    time = np.bincount(lead, weights=law.weight, minlength=race.rungs + 1)
    return np.asarray(time[1:] > 0)


def shape(pace: Array, ends: Sequence[End] = ()) -> Shape:
    """Read the verdict off the pace ratio, and off where play ends.

    Parameters
    ----------
    pace : (G - 1,) array
        q(1), ..., q(G - 1).
    ends : sequence of End, optional
        Where play from a tie ends: whether any lab moves there, and which leads never close.

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
    >>> shape(np.array([3.0, np.nan, np.nan])).asymptote  # at two rungs nobody moves
    2.0
    """
    with np.errstate(divide="ignore"):
        log = np.log(pace)
    log = np.where(np.abs(log) < EVEN, 0.0, log)
    moves = _moves(log, ends)
    marks = [
        mark
        for move, group in groupby(enumerate(moves, 1), key=lambda pair: pair[1])
        for mark in _marks(move, [g for g, _ in group], log)
    ]
    turns = [(a, b) for a, b in pairwise(marks) if a[1] != b[1]]
    crossings = tuple(_zero(*turn) for turn in turns)
    kind = _kind(moves, marks, ends)
    if kind == "standstill" and ends:
        crossings = tuple(sorted({float(end.most) for end in ends if end.most}))
    return Shape(kind, crossings, moves)


def _moves(log: Array, ends: Sequence[End]) -> tuple[Move, ...]:
    """What a lead of 1, ..., G - 1 rungs does, and of G if it never closes."""
    words: dict[int, Move] = {
        g: "stands" if np.isnan(x) else "grows" if x > 0 else "closes" if x < 0 else "even"
        for g, x in enumerate(log.tolist(), 1)
    }
    for end in ends:
        if end.held and len(log) and words.get(end.least, "closes") == "closes":
            words[end.least] = "grows" if end.moves else "stands"
    return tuple(words[g] for g in sorted(words))


Mark = tuple[int, int, float]
"""A lead, whether it grows (1) or closes (-1), and how fast: |ln q|, nan if no ratio says so."""


def _kind(moves: Sequence[Move], marks: Sequence[Mark], ends: Sequence[End]) -> Kind | None:
    still = bool(ends) and not any(end.moves for end in ends)
    if still or (moves and set(moves) == {"stands"}):
        return "standstill"
    if not marks:
        return "neutral" if moves else None
    signs = [sign for sign, _ in groupby(sign for _, sign, _ in marks)]
    if len(signs) > 2:
        return "mixed"
    if len(signs) == 2:
        return "peloton" if signs[0] > 0 else "breakaway"
    return "race" if signs[0] > 0 else "run"


def _marks(move: Move, places: Sequence[int], log: Array) -> list[Mark]:
    """The marks of neighbouring leads that do alike; to stand still is to grow, then to close."""
    if move == "stands":
        return [(places[0], 1, np.nan), (places[0], -1, np.nan)]
    sign = {"grows": 1, "closes": -1, "even": 0}[move]
    logs = [float(log[g - 1]) if g <= len(log) else np.nan for g in places]
    return [
        (g, sign, abs(x) if x * sign > 0 else np.nan)
        for g, x in zip(places, logs, strict=True)
        if sign
    ]


def _zero(a: Mark, b: Mark) -> float:
    """Lead at which ln q is zero between two marks whose signs differ."""
    (left, _, x), (right, _, y) = a, b
    if right - left > 1 or np.isnan(x + y) or np.isinf(min(x, y)):
        return (left + right) / 2
    if np.isinf(max(x, y)):
        return float(right if np.isinf(x) else left)
    return float(left + x / (x + y))

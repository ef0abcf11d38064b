r"""Race or run: who builds faster per unit of compute, the leader or the chasers?

The pace ratio at a lead g is

.. math:: q(g) = E\Big[ \frac{h_i / K_i}{\sum_{j \ne i} h_j / \sum_{j \ne i} K_j} \Big],

i the sole leader, over the states with that lead under the law of the leaderboard where play ends;
where that gives the lead no weight, over the N states reached from a tie by one lab's unbroken
successes. States in which nobody succeeds have no ratio and are left out. Below one the lead tends
to close, above one to grow.

The verdict is read off leads at which play spends time. Of these the last two before the cap G
have no say if there are others: at the cap no lead gets longer, so that just below it leads close
for no other reason, and where they begin to moves with the cap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.race import Race, leads
from leaderbored.verdicts.board import board_of
from leaderbored.verdicts.law import Law, grouped

Kind = Literal[
    "run",
    "race",
    "neutral",
    "peloton",
    "breakaway",
    "mixed",
    "standstill",
    "escape",
    "depends on the start",
]
Move = Literal["closes", "even", "grows", "stands"]
EVEN = 1e-9  # |ln q| below which leader and chasers keep pace
SEEN = 1e-12  # share of time up to which a lead is off the path of play
CAPPED = 2  # leads below the cap that have no say if there are others
LEAST, MOST = 1e-300, 1e300  # of ratios of which no part is zero


@dataclass(frozen=True)
class Shape:
    """What the pace ratio says.

    Attributes
    ----------
    kind : str or None
        Where leads come and go: ``run`` (every lead closes), ``race`` (every lead grows),
        ``neutral`` (none does either), ``peloton`` (leads grow up to an asymptote), ``breakaway``
        (leads close unless one gets past the point of escape) or ``mixed``, of the leads that
        vote; leads at which the pace is even do not count. ``standstill`` where the leaderboard
        comes to stay as it is, and ``escape`` where one lab comes to lead for ever by as much as
        is distinguished. ``depends on the start`` if play may end in different ways. None where no
        lead has a pace, such as where there is but one rung.
    crossings : tuple of float
        Leads, in rungs, at which ln q changes sign, interpolated. Of a standstill, the leads at
        which play comes to rest.
    moves : tuple of str
        What a lead of 1, 2, ... rungs does: closes, even, grows or stands, the latter where no
        lab succeeds.
    votes : tuple of int
        The leads that the kind is read off; rungs.
    """

    kind: Kind | None
    crossings: tuple[float, ...]
    moves: tuple[Move, ...] = ()
    votes: tuple[int, ...] = ()

    @property
    def asymptote(self) -> float | None:
        """The lead at which a peloton stalls, or where a standstill rests; rungs."""
        stalls = self.kind in ("peloton", "standstill") and len(self.crossings) == 1
        return self.crossings[0] if stalls else None

    @property
    def escape(self) -> float | None:
        """The lead beyond which a breakaway grows, in rungs."""
        return self.crossings[0] if self.kind == "breakaway" else None


def pace_ratio(race: Race, hazard: Array, law: Law, game: Markov | None = None) -> Array:
    """Pace ratio q(g) for g = 1, ..., G - 1.

    Parameters
    ----------
    race : Race
        N labs.
    hazard : (N, S) array
        Success hazards, 1/year; rows of players that are no labs are left out. Of a race with
        inertia S is the number of pairs of leaderboards.
    law : Law
        Of the states.
    game : Markov, optional
        That the race was compiled to, if alike labs are not distinguished.

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
    states, compute, copies, _ = board_of(race, game)
    lead, leader = leads(states)
    hazard, own = hazard[: len(race.labs)], np.maximum(leader, 0)
    hazard = np.where(hazard < law.never, 0.0, hazard)
    here = np.arange(len(states))
    others = own != np.arange(len(race.labs))[:, None]
    mine = hazard[own, here], compute[own, here]
    theirs = np.where(others, hazard, 0.0).sum(axis=0), np.where(others, compute, 0.0).sum(axis=0)
    chain = copies * ((states == lead[:, None]).sum(axis=1) == len(race.labs) - 1)
    ratio = _ratio(*mine, *theirs)
    moving = ~np.isnan(ratio)
    spent = np.bincount(lead, weights=law.weight, minlength=race.rungs + 1)
    weight = np.where(moving, np.where(spent[lead] > SEEN, law.weight, chain), 0.0)
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


def voters(time: Array) -> tuple[int, ...]:
    """The leads that a verdict is read off.

    Parameters
    ----------
    time : (G + 1,) array
        Share of time at leads 0, ..., G where play ends.

    Examples
    --------
    >>> voters(np.full(7, 1 / 7)), voters(np.full(3, 1 / 3)), voters(np.array([0.5, 0.5, 0, 0, 0]))
    ((1, 2, 3), (1,), (1,))
    """
    cap, inner = len(time) - 1, time[1:-1].sum()
    seen = [g for g in range(1, cap) if time[g] > SEEN]
    if not seen:  # play is nearly always at a tie or at the cap: of the time in between
        seen = [g for g in range(1, cap) if time[g] > SEEN * inner]
    return tuple([g for g in seen if g < cap - CAPPED] or seen)


def shape(pace: Array, votes: Sequence[int] | None = None) -> Shape:
    """Read the verdict off the pace ratio.

    Parameters
    ----------
    pace : (G - 1,) array
        q(1), ..., q(G - 1).
    votes : sequence of int, optional
        The leads to read it off, at each of which play spends time but does not stay; where no
        lab succeeds there, something else closes it. By default all at which any lab succeeds.

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
    >>> shape(np.array([2.0, 3.0, 0.5]), votes=[1, 2]).kind
    'race'
    """
    with np.errstate(divide="ignore"):
        log = np.log(pace)
    log = np.where(np.abs(log) < EVEN, 0.0, log)
    if votes is None:
        votes = (np.flatnonzero(~np.isnan(log)) + 1).tolist()
    else:
        log[[g - 1 for g in votes if np.isnan(log[g - 1])]] = -np.inf
    moves = _moves(log)
    signs = {"grows": 1, "closes": -1}
    marks = [(g, signs[moves[g - 1]], log[g - 1]) for g in votes if moves[g - 1] in signs]
    turns = [(a, b) for a, b in pairwise(marks) if a[1] != b[1]]
    kind = _kind([sign for _, sign, _ in marks]) if votes else None
    return Shape(kind, tuple(_zero(*turn) for turn in turns), moves, tuple(votes))


def _moves(log: Array) -> tuple[Move, ...]:
    """What a lead of 1, ..., G - 1 rungs does."""
    return tuple(
        "stands" if np.isnan(x) else "grows" if x > 0 else "closes" if x < 0 else "even"
        for x in log.tolist()
    )


Mark = tuple[int, int, float]
"""A lead, whether it grows (1) or closes (-1), and ln q."""


def _kind(signs: Sequence[int]) -> Kind:
    turns = [sign for sign, _ in groupby(signs)]
    if not turns:
        return "neutral"
    if len(turns) > 2:
        return "mixed"
    if len(turns) == 2:
        return "peloton" if turns[0] > 0 else "breakaway"
    return "race" if turns[0] > 0 else "run"


def _zero(a: Mark, b: Mark) -> float:
    """Lead at which ln q is zero between two marks whose signs differ."""
    (left, _, x), (right, _, y) = a, b
    if right - left > 1 or x * y >= 0 or np.isinf([x, y]).all():
        return (left + right) / 2
    if np.isinf(x) or np.isinf(y):
        return float(right if np.isinf(x) else left)
    return float(left + abs(x) / (abs(x) + abs(y)))

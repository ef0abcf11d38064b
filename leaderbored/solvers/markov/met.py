r"""Proof that an equilibrium exists where the players of a state meet, in ball arithmetic.

What one earns depends on what the others do in the same state. That has no closed form, so what
the players meet there, customers or rents, is unknown beside the values. With stakes
:math:`x_i = P_i V_i - V_i` and what is met, w, each player's share :math:`b_i(x_i, w)` is its best
reply alone, and

.. math:: \rho V_i = R_i(b_i, w) + \sum_j h_j(b_j)\,(P_j V_i - V_i), \qquad G(b, w) = 0

hold at equilibria and nowhere else. They are put to Krawczyk's test
(:mod:`leaderbored.solvers.numerics.krawczyk`). Derivatives within a state are those of power
series in balls, of which one is needed for every stake and every number that is met: as a share is
the best, it moves nothing in the equation of its own player, at what is met. Replies are held to
their pieces (:mod:`.on_pieces`), and where one may leave its piece there is no proof.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from flint import arb, arb_series, ctx

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.on_pieces import Reply
from leaderbored.solvers.numerics.krawczyk import (
    FOLD,
    NEAR,
    UnprovedError,
    approximate_inverse,
    only_zero,
)
from leaderbored.solvers.numerics.outward import Entries, up
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.proof import UNTRIED, Proof, unproved
from leaderbored.solvers.solution import Equilibrium

BITS = 128
QUICK = 700  # values up to which a proof takes a fraction of a second
LARGE = "it has {:,} values, more than {}"
GROWS = "where money grows, it is not enclosed whether values are finite"
INDIFFERENT = "{} is indifferent, which is not enclosed where payoffs depend on what rivals do"


class Met(NamedTuple):
    """What comes of stakes in a state: replies and payoffs of all, and what is left of G."""

    replies: list[Reply]
    earned: list[Any]
    missed: list[Any]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of a player in a state; see :class:`.on_pieces.Numbers`."""

    scale: Any
    low: Any
    high: Any
    idle: Any


class Meeting(ABC):
    """What the players of a state meet, in balls.

    Attributes
    ----------
    game : Markov
        With the tables at the play of the equilibrium.
    kinds : list of N lists of S str
        On which piece each reply lies; see :mod:`.on_pieces`.
    unknowns : list of S lists of float
        What is met in each state, w.
    unit : float
        Of w.
    """

    MOVING: ClassVar[tuple[str, ...]] = ("low", "spare", "inner")  # where stakes may move shares

    game: Markov
    kinds: list[list[str]]
    unknowns: list[list[float]]
    unit: float

    @abstractmethod
    def at(self, s: int, stakes: Sequence[Any], met: Sequence[Any]) -> Met:
        """What comes of stakes (N,) and what is met in state s, in balls or series.

        Raises
        ------
        UnprovedError
            If a reply may leave its piece, or what is met jump.
        """

    def where(self, i: int, s: int) -> str:
        """What a player in a state is called."""
        return f"{self.game.players[i]} in state {self.game.states[s].tolist()}"


@unthreaded
def prove(claim: Equilibrium, meeting: Meeting) -> Proof:
    """Prove that a true equilibrium lies next to a computed one, or say why not.

    Parameters
    ----------
    claim : Equilibrium
    meeting : Meeting

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=5,
    ...                mechanisms={"spillover": {"share": 0.5}})
    >>> proof = lb.solve(race).equilibria[0].proof
    >>> proof.holds, proof.radius < 1e-12 < proof.unique
    (True, True)
    """
    if claim.value.size > QUICK:
        return unproved(f"{UNTRIED} {LARGE.format(claim.value.size, QUICK)}")
    if meeting.game.grows:
        return unproved(f"{UNTRIED} {GROWS}")
    before = ctx.cap
    with ctx.workprec(BITS):
        ctx.cap = 2  # of series: values and first derivatives
        try:
            return _Conditions(claim, meeting).prove()
        except UnprovedError as reason:
            return unproved(str(reason))
        finally:
            ctx.cap = before


class _Conditions:
    """F and G over boxes of values and of what is met, for one test."""

    def __init__(self, claim: Equilibrium, meeting: Meeting) -> None:
        self.claim, self.meeting, self.game = claim, meeting, meeting.game
        self.players, self.size = claim.value.shape
        self.scale = float(np.abs(claim.value).max()) or 1.0
        earners = np.flatnonzero(self.game.price.any(axis=1)).tolist()
        self.row = {i: k * self.size for k, i in enumerate(earners)}  # of the first unknown
        count = len(earners) * self.size
        self.place: list[list[int]] = []  # of what is met in each state, among unknowns
        for met in meeting.unknowns:
            self.place.append([*range(count, count + len(met))])
            count += len(met)
        self.count = count
        self.laws = [
            [[*zip(*_row(jump, s), strict=True)] for s in range(self.size)]
            for jump in self.game.jump
        ]
        tables = (self.game.scale, self.game.base)
        self.scales, self.bases = ([[arb(float(x)) for x in row] for row in t] for t in tables)

    def prove(self) -> Proof:
        """Look for a box, and compare shares with those claimed."""
        values = self.claim.value[[*self.row]].ravel()
        start = [*values.tolist(), *(x for met in self.meeting.unknowns for x in met)]
        weights = [self.scale] * len(values) + [self.meeting.unit] * (self.count - len(values))
        point = [arb(x) for x in start]
        inverse = approximate_inverse(self._slopes(point, 0.0), self.count)
        if inverse is None:
            return unproved(FOLD)
        found = only_zero(inverse, start, weights, self._errors, self._slopes)
        apart = self._apart(found.box)
        if not max(found.moved, apart) < NEAR:
            return unproved(f"this is no equilibrium: the nearest is {apart:.0e} of shares away")
        return Proof(True, max(found.moved + found.reach, apart), found.unique, 0, "")

    def _apart(self, box: list[Any]) -> float:
        """How far shares are from those claimed at most."""
        claimed, most = self.claim.build, 0.0
        for s in range(self.size):
            replies = self._met(box, s).replies
            gaps = (up(abs(r.share - arb(float(claimed[i, s])))) for i, r in enumerate(replies))
            most = max(most, *gaps)
        return most

    # --- the conditions

    def _value(self, z: list[Any], i: int, s: int) -> Any:
        return z[self.row[i] + s] if i in self.row else arb(0)

    def _effect(self, z: list[Any], i: int, j: int, s: int) -> Any:
        """P_j V_i - V_i in s."""
        here = self._value(z, i, s)
        return sum((p * (self._value(z, i, t) - here) for t, p in self.laws[j][s]), arb(0))

    def _stakes(self, z: list[Any], s: int) -> list[Any]:
        return [self._effect(z, i, i, s) for i in range(self.players)]

    def _met(self, z: list[Any], s: int, moved: int | None = None) -> Met:
        """What comes of a state: as power series in one stake, or in what is met after stakes."""
        checkpoint()
        local = [*self._stakes(z, s), *(z[k] for k in self.place[s])]
        if moved is not None:
            local[moved] = arb_series([local[moved], 1])
        return self.meeting.at(s, local[: self.players], local[self.players :])

    def _hazards(self, met: Met, s: int) -> list[Any]:
        return [
            self.scales[j][s] * reply.effort + self.bases[j][s]
            for j, reply in enumerate(met.replies)
        ]

    def _errors(self, z: list[Any]) -> list[Any]:
        found: list[Any] = [None] * self.count
        rho = arb(self.game.discount)
        for s in range(self.size):
            met = self._met(z, s)
            hazards = self._hazards(met, s)
            for i, row in self.row.items():
                won = (h * self._effect(z, i, j, s) for j, h in enumerate(hazards))
                found[row + s] = rho * self._value(z, i, s) - met.earned[i] - sum(won, arb(0))
            for k, missed in zip(self.place[s], met.missed, strict=True):
                found[k] = missed
        return found

    def _slopes(self, z: list[Any], _: float) -> Entries:
        """Enclosure of the derivatives over a box."""
        matrix: Entries = defaultdict(lambda: arb(0))
        for s in range(self.size):
            hazards = self._hazards(self._met(z, s), s)
            for row in self.row.values():
                matrix[row + s, row + s] += arb(self.game.discount)
                for j, hazard in enumerate(hazards):
                    for t, p in self.laws[j][s]:
                        matrix[row + s, row + s] += hazard * p
                        matrix[row + s, row + t] -= hazard * p
            for j in self.row:
                if self.meeting.kinds[j][s] in Meeting.MOVING:
                    self._by_stake(z, j, s, matrix)
            for k, column in enumerate(self.place[s]):
                self._by_met(z, s, self.players + k, column, matrix)
        return matrix

    def _by_stake(self, z: list[Any], j: int, s: int, matrix: Entries) -> None:
        """Derivatives by the stake of a player, which moves its own share alone."""
        met = self._met(z, s, j)
        push = _slope(self._hazards(met, s)[j])
        felt = {row + s: -push * self._effect(z, i, j, s) for i, row in self.row.items() if i != j}
        felt |= {k: _slope(m) for k, m in zip(self.place[s], met.missed, strict=True)}
        for row, change in felt.items():
            for t, p in self.laws[j][s]:
                matrix[row, self.row[j] + t] += change * p
                matrix[row, self.row[j] + s] -= change * p

    def _by_met(self, z: list[Any], s: int, local: int, column: int, matrix: Entries) -> None:
        """Derivatives by a number that is met."""
        met = self._met(z, s, local)
        pushes = [_slope(hazard) for hazard in self._hazards(met, s)]
        for i, row in self.row.items():
            won = (push * self._effect(z, i, j, s) for j, push in enumerate(pushes))
            matrix[row + s, column] -= _slope(met.earned[i]) + sum(won, arb(0))
        for k, missed in zip(self.place[s], met.missed, strict=True):
            matrix[k, column] += _slope(missed)


def _row(jump: Any, s: int) -> tuple[list[int], list[Any]]:
    begin, end = jump.indptr[s], jump.indptr[s + 1]
    chances: Array = jump.data[begin:end]
    return jump.indices[begin:end].tolist(), [arb(float(p)) for p in chances]


def _slope(term: Any) -> Any:
    """The first derivative in a power series; nothing moves what is none."""
    return term[1] if isinstance(term, arb_series) else arb(0)

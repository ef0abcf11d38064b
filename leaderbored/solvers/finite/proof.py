r"""Proof that an equilibrium of a finite game exists where one was computed, and is alone.

With the supports as they are, the conditions are polynomial: each player's strategies in its
support pay alike, and their probabilities add up to one,

.. math:: u_{ia}(x) = u_{if}(x) \;\text{for } a \ne f \text{ in the support}, \qquad
          \sum_a x_{ia} = 1 .

:mod:`leaderbored.solvers.numerics.krawczyk` proves that they have one solution in a box and only
one. Over the whole box, in which strategies off the supports may be played as well, every
probability on a support is above zero and every other strategy pays less than the support: so what
is an equilibrium in the box solves these equations, and their solution is an equilibrium. Payoffs
are read as they were given, rational ones exactly, and carried in balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import LATE, spared
from leaderbored.solvers.numerics.krawczyk import SINGULAR, UnprovedError, only_zero
from leaderbored.solvers.numerics.outward import Entries
from leaderbored.solvers.proof import Proof, unproved
from leaderbored.solvers.solution import Found, StaticEquilibrium

BITS = 128  # of the centre of a ball
PLAYED = 1e-9  # probability from which a strategy is of the support
NEAR = 1e-6  # largest distance from the equilibrium that exists of what is claimed to be it
MOST_PAYOFFS = 40_000  # times players: beyond, a proof takes seconds
MOST = 200  # equilibria of one game that are proved
CONTINUUM = "it is one of a continuum of equilibria"
TOUCHING = "a strategy that is not played is as good, so that others may touch this equilibrium"


def proved(game: NormalForm, found: Found[StaticEquilibrium]) -> Found[StaticEquilibrium]:
    """The same answer, its equilibria each with a proof, or with why there is none.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[1, 1], [0, 0]], [[1, 1], [1, 1]]])  # the second may do anything
    >>> [one.proof.reason for one in lb.solve(game).equilibria]
    ['it is one of a continuum of equilibria', 'it is one of a continuum of equilibria']
    """

    def proof(number: int, one: StaticEquilibrium) -> Proof:
        parts = found.components
        if one.component is not None and parts and not parts[one.component].isolated:
            return unproved(CONTINUUM)
        if number >= MOST:
            return unproved(f"only the first {MOST} equilibria are proved")
        return spared(lambda: prove(game, [*one.strategies.values()]), unproved(LATE))

    each = [replace(one, proof=proof(k, one)) for k, one in enumerate(found.equilibria)]
    return replace(found, equilibria=each)


def prove(game: NormalForm, mixed: Sequence[Array]) -> Proof:
    """Prove that an equilibrium lies next to a computed one, with no other near, or say why not.

    Parameters
    ----------
    game : NormalForm
    mixed : sequence of N arrays
        The law of each player.

    Returns
    -------
    Proof
        Distances are of probabilities.

    Examples
    --------
    >>> game = NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    >>> proof = prove(game, [np.array([2 / 3, 1 / 3]), np.array([1 / 3, 2 / 3])])
    >>> proof.holds, proof.radius < 1e-15, proof.unique
    (True, True, 0.01)
    >>> prove(game, [np.array([0.6, 0.4]), np.array([1 / 3, 2 / 3])]).reason
    'this is no equilibrium: the nearest is 7e-02 away'
    """
    if game.profiles * len(game.shape) ** 2 > MOST_PAYOFFS:
        return unproved(f"{game.profiles:,} profiles are too many to enclose")
    with ctx.workprec(BITS):
        return _Conditions(game, mixed).prove()


class _Conditions:
    """The equations on some supports, and the inequalities off them."""

    def __init__(self, game: NormalForm, mixed: Sequence[Array]) -> None:
        self.game, self.mixed = game, [np.asarray(law, dtype=float) for law in mixed]
        self.supports: list[States] = [np.flatnonzero(law > PLAYED) for law in self.mixed]
        self.starts = [0, *accumulate(map(len, self.supports))]

    @cached_property
    def tables(self) -> list[Any]:
        """Payoffs in balls, by player."""
        return [np.vectorize(_exact, otypes=[object])(table) for table in self.game.payoffs]

    def prove(self) -> Proof:
        """Look for a box."""
        start = [
            float(law[a])
            for law, own in zip(self.mixed, self.supports, strict=True)
            for a in own.tolist()
        ]
        middle = self._dense(self._slopes(self._laws([arb(x) for x in start], arb(0))))
        if not np.isfinite(middle).all() or not np.linalg.cond(middle) < SINGULAR:
            return unproved("the equations are singular here: a fold, or a continuum of equilibria")
        try:
            found = only_zero(
                np.linalg.inv(middle), start, [1.0] * len(start), self._errors, self._enclosed
            )
        except UnprovedError as reason:
            return unproved(str(reason))
        away = found.moved + found.reach
        away = max([away, *(float(law[law <= PLAYED].max(initial=0.0)) for law in self.mixed)])
        if not away < NEAR:
            return unproved(f"this is no equilibrium: the nearest is {away:.0e} away")
        return Proof(True, away, found.unique, 0, "")

    def _laws(self, x: Sequence[Any], off: Any) -> list[list[Any]]:
        """Probabilities of all strategies, those off the supports in a ball."""
        laws = [[off] * size for size in self.game.shape]
        for law, own, start in zip(laws, self.supports, self.starts, strict=False):
            for k, a in enumerate(own.tolist()):
                law[a] = x[start + k]
        return laws

    def _pays(self, i: int, laws: list[list[Any]], j: int | None = None) -> Any:
        """(m_i,) what strategies of i pay on average; (m_i, m_j) by what j does."""
        table = self.tables[i]
        for other in reversed(range(len(laws))):
            if other not in (i, j):
                table = np.tensordot(table, np.array(laws[other], dtype=object), ([other], [0]))
        return table if j is None or i < j else table.T

    def _errors(self, x: list[Any]) -> list[Any]:
        laws, found = self._laws(x, arb(0)), list[Any]()
        for i, own in enumerate(self.supports):
            pays = self._pays(i, laws)
            first, *others = own.tolist()
            found.append(sum((laws[i][a] for a in own.tolist()), arb(-1)))
            found += [pays[a] - pays[first] for a in others]
        return found

    def _enclosed(self, box: list[Any], radius: float) -> Entries:
        """Derivatives over a box in which all that is not played stays worse."""
        laws = self._laws(box, arb(0, radius))
        if not all(ball > 0 for ball in box):
            raise UnprovedError("some strategy is hardly played, so that others may be near")
        for i, own in enumerate(self.supports):
            pays = self._pays(i, laws)
            for b in set(range(len(pays))) - {*own.tolist()}:
                if not pays[b] < pays[own[0]]:
                    raise UnprovedError(TOUCHING)
        return self._slopes(self._laws(box, arb(0)))

    def _slopes(self, laws: list[list[Any]]) -> Entries:
        matrix: Entries = {}
        for i, own in enumerate(self.supports):
            row = self.starts[i]
            matrix |= {(row, row + k): arb(1) for k in range(len(own))}
            for j, theirs in enumerate(self.supports):
                if j == i or len(own) == 1:
                    continue
                pays = self._pays(i, laws, j)
                for k, a in enumerate(own.tolist()[1:], 1):
                    for m, b in enumerate(theirs.tolist()):
                        matrix[row + k, self.starts[j] + m] = pays[a, b] - pays[own[0], b]
        return matrix

    def _dense(self, entries: Entries) -> Array:
        matrix = np.zeros((self.starts[-1], self.starts[-1]))
        for place, ball in entries.items():
            matrix[place] = float(ball.mid())
        return matrix


def _exact(payoff: Any) -> Any:
    """A payoff in a ball: a fraction, a whole number or a double."""
    if hasattr(payoff, "numerator"):
        return arb(fmpq(int(payoff.numerator), int(payoff.denominator)))
    return arb(float(payoff))

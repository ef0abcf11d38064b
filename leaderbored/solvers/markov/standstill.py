r"""Proof that a race of two labs stands still at the tie, and that no equilibrium is near.

Where both labs earn most, at once, at a tie and at every lead of their own, and any building there
forgoes revenue, nobody builds there: each is worth M, the most it can be, and whoever is behind
chases it, alone. There replies are at a kink, gains are exactly zero, and
:mod:`leaderbored.solvers.markov.proof` fails: slopes on both sides of zero are too different, or
infinite. But the equations say enough by themselves. Let a and b be by how much A and B are worth
less than M at the tie, :math:`b_1` the same of B at its lead of one, where A chases at the hazard
:math:`h_A`, and F the fall of A's value from the tie to there. What a lab earns and success adds
is between :math:`\rho M` and :math:`\rho M + h(d) d`, h being the hazard that answers a gain d:

.. math:: \rho a \le h_B(b - b_1) F, \quad
          b - b_1 \le \frac{\rho + h_B(b)}{\rho + h_A + h_B(b)} b,

.. math:: (\rho + h_A(a))\, a \ge h_B(b - b_1) F, \quad
          b - b_1 \ge \frac{\rho}{\rho + h_A} b,

and with A and B exchanged. For theta of a half and more, h is convex from zero up to the largest
share: the first line gives a at most some r b for all b in a box, and b at most r' a. If r r' is
below one, both are zero. For theta below a half h is concave, and the second line gives a at least
r b, and b at least r' a: if r r' is above one, both are zero. Then so is what is missing at all
leads, and those behind have one best reply each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.complete.line import leads
from leaderbored.solvers.markov.enclosure import Replies, Reply
from leaderbored.solvers.markov.newton import pieces_at
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.krawczyk import NEAR, RADII
from leaderbored.solvers.numerics.outward import up
from leaderbored.solvers.proof import Proof
from leaderbored.solvers.solution import Equilibrium

CLOSE = tuple(10.0**-k for k in range(15, 8, -1))  # distances from what was computed; tuning
Ball = Any


def stands_still(equilibrium: Equilibrium) -> Proof | None:
    """Prove that a race stands still at the tie where that was computed; None if it is not proved.

    Balls are as precise as the caller says.

    Parameters
    ----------
    equilibrium : Equilibrium

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(1.2),
    ...                lb.Technology(1.4), discount=0.45, rungs=1)
    >>> proof = stands_still(lb.solve(race).equilibria[0])
    >>> proof.holds, proof.radius < 1e-12, proof.unique
    (True, True, 0.01)
    """
    place = leads(equilibrium.game)
    if place is None or isinstance(equilibrium.game, Cleared):
        return None
    own = place, place[::-1]
    if not all(_most_from_the_tie_on(equilibrium.game, i, own[i]) for i in range(2)):
        return None
    return _Standstill(equilibrium, own).proof()


def _most_from_the_tie_on(game: Markov, i: int, order: Array) -> bool:
    """Whether a lab earns most at the tie and ahead, where all that it builds forgoes revenue.

    ``order`` holds states from its lowest lead to its highest.
    """
    tie = len(order) // 2
    ahead, behind = order[tie:], order[:tie]
    price, capacity, demand = (of[i] for of in (game.price, game.capacity, game.demand))
    same = all((of[ahead] == of[order[tie]]).all() for of in (price, capacity))
    still = not (game.lower[i, ahead].any() or game.base[i, ahead].any())
    short = bool((demand[ahead] >= capacity[ahead]).all())
    most = arb(float(price[order[tie]])) * arb(float(capacity[order[tie]]))
    if not (same and still and short and most > 0):
        return False
    return all(
        arb(float(price[s])) * arb(float(min(capacity[s], demand[s]))) <= most for s in behind
    )


class _Standstill:
    """The conditions of one that was computed, over boxes about its values."""

    def __init__(self, equilibrium: Equilibrium, own: tuple[Array, Array]) -> None:
        self.game, self.build, self.own = equilibrium.game, equilibrium.build, own
        self.value = [[arb(float(equilibrium.value[i, s])) for s in own[i]] for i in range(2)]
        self.tie = len(own[0]) // 2
        self.scale = float(np.abs(equilibrium.value).max())
        system = System(self.game)
        pieces = pieces_at(system, equilibrium.value, equilibrium.build)
        self.replies = Replies(self.game, pieces)
        self.discount = arb(self.game.discount)
        self.most = [self._most(i) for i in range(2)]

    def proof(self) -> Proof | None:
        """How far the equilibrium is at most, and within what there is no other."""
        close = next((c for c in CLOSE if self._holds(arb(c * self.scale))), None)
        if close is None:
            return None
        apart = self._shares_apart(arb(close * self.scale))
        unique = next((far for far in RADII if self._alone(arb(far * self.scale))), None)
        if unique is None or not apart < NEAR or not 2 * close < unique:
            return None
        kinks = sum(int(self.game.movable[i, self.own[i][self.tie :]].sum()) for i in range(2))
        return Proof(True, max(close, apart), unique, kinks, "")

    def _most(self, i: int) -> Ball:
        """The most that a lab can be worth."""
        *_, price, capacity = self.replies.numbers[i][int(self.own[i][self.tie])]
        return price * capacity / self.discount

    def _reply(self, i: int, k: int, gain: Ball) -> Reply:
        return self.replies.over(i, int(self.own[i][k]), gain, None)

    # --- that it exists next to what was computed

    def _holds(self, close: Ball) -> bool:
        """Whether all values of the equilibrium are that close to what was computed.

        What is left of the equation of one who chases alone rises with its value and falls with the
        value ahead, so that the value is where it changes its sign.
        """
        for i in range(2):
            value = self.value[i]
            if not all(abs(v - self.most[i]) < close for v in value[self.tie :]):
                return False
            for k in range(self.tie):
                here, ahead = value[k], value[k + 1]
                if not ahead - here > 2 * close:
                    return False
                above = self._left(i, k, here + close, ahead + close)
                below = self._left(i, k, here - close, ahead - close)
                if not (above > 0 and below < 0):
                    return False
        return True

    def _left(self, i: int, k: int, here: Ball, ahead: Ball) -> Ball:
        gain = ahead - here
        reply = self._reply(i, k, gain)
        earned = self.replies.earned(i, int(self.own[i][k]), reply)
        return self.discount * here - earned - reply.hazard * gain

    def _shares_apart(self, close: Ball) -> float:
        """How far at most a share that was computed is from the equilibrium's."""
        most = 0.0
        for i in range(2):
            for k, s in enumerate(self.own[i]):
                share = arb(0)
                if k < self.tie:
                    gain = self.value[i][k + 1] - self.value[i][k] + arb(0, 1) * 2 * close
                    share = self._reply(i, k, gain).share
                most = max(most, up(abs(share - arb(float(self.build[i, s])))))
        return most

    # --- that no other is near

    def _alone(self, far: Ball) -> bool:
        """Whether no other equilibrium has all its values within a distance."""
        tie, spread = self.tie, arb(0, 1) * 2 * far
        missing = [(self.most[i] - self.value[i][tie] + far).upper() for i in range(2)]
        falls = [self.value[i][tie] - self.value[i][tie - 1] + spread for i in range(2)]
        if not all(fall > 0 and short > 0 for fall, short in zip(falls, missing, strict=True)):
            return False
        if not all(self._unbounded(i, missing[i]) for i in range(2)):
            return False
        convex = self.game.returns >= 0.5
        bound = self._at_most if convex else self._at_least
        turned = bound(0, falls[0], missing) * bound(1, falls[1], missing)
        return bool(turned < 1 if convex else turned > 1)

    def _at_most(self, i: int, fall: Ball, missing: list[Ball]) -> Ball:
        """What a lab misses at the tie, over what the other does, at most."""
        other, tie = 1 - i, self.tie
        chase = self._reply(i, tie - 1, fall).hazard
        rest = self.discount + self._reply(other, tie + 1, missing[other]).hazard.upper()
        gain = missing[other] * rest / (rest + chase.lower())
        hazard = self._reply(other, tie, gain.upper()).hazard
        return fall.upper() * hazard / (self.discount * missing[other])

    def _at_least(self, i: int, fall: Ball, missing: list[Ball]) -> Ball:
        """The same at least."""
        other, tie = 1 - i, self.tie
        chase = self._reply(i, tie - 1, fall).hazard
        gain = missing[other] * self.discount / (self.discount + chase.upper())
        hazard = self._reply(other, tie, gain.lower()).hazard
        own = self._reply(i, tie, missing[i]).hazard
        return fall.lower() * hazard / ((self.discount + own) * missing[other])

    def _unbounded(self, i: int, gain: Ball) -> bool:
        """Whether a lab answers a gain at the tie with less than all that it may."""
        high = self.replies.numbers[i][int(self.own[i][self.tie])][1]
        return bool(self._reply(i, self.tie, gain).share < high)

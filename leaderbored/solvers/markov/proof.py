r"""Proof that an equilibrium exists where one was computed, in interval arithmetic.

The conditions (F, G) = 0 of :mod:`leaderbored.solvers.markov.newton` hold exactly at a
Markov-perfect equilibrium and nowhere else; where money grows with successes, if values are finite
as well, which a positive solution of :mod:`leaderbored.solvers.markov.control` in balls proves.
They are put to Krawczyk's test (:mod:`leaderbored.solvers.numerics.krawczyk`) in balls. Where a
reply has a kink within the box, J holds the slopes on both sides
(:mod:`leaderbored.solvers.markov.enclosure`), and the test is as good: the mean value theorem
holds with them (Clarke 1983). Where a reply jumps, the test cannot hold, and the reason is given.
Where it fails another proof is tried, that of :mod:`leaderbored.solvers.markov.standstill`.
C is the inverse in doubles of the Jacobian with mean slopes. What is proved concerns the compiled
game with its numbers exactly as the computer holds them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from flint import arb, ctx

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.apart import told_apart, values_told_apart
from leaderbored.solvers.markov.content import contented
from leaderbored.solvers.markov.enclosure import Replies, Reply
from leaderbored.solvers.markov.newton import linearise, pieces_at
from leaderbored.solvers.markov.stage import sides
from leaderbored.solvers.markov.stages import stage_of
from leaderbored.solvers.markov.standstill import stands_still
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.krawczyk import (
    NEAR,
    Alone,
    UnprovedError,
    inverse_of,
    only_zero,
)
from leaderbored.solvers.numerics.outward import Entries, above, excess, perron, product, up
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.proof import Proof, unproved
from leaderbored.solvers.solution import Equilibrium

BITS = 128  # of the centre of a ball: tuning, as what follows
MAX_UNKNOWNS = 4_000  # whose inverse fills a gigabyte


@unthreaded
def certify(equilibrium: Equilibrium) -> Proof:
    """Prove that a true equilibrium lies next to a computed one, or say why not.

    Parameters
    ----------
    equilibrium : Equilibrium
        Of a game with at most 4,000 values (N times S).

    Returns
    -------
    Proof

    Raises
    ------
    TypeError
        If it is not an equilibrium of a race or of another :class:`leaderbored.Markov` game.
    ValueError
        If payoffs depend on the rivals' play, as under a lease or spillover: that takes the race
        itself, so ``solve`` does it, where it can (:mod:`.met`).

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1)
    >>> proof = certify(lb.solve(race).equilibria[0])
    >>> proof.holds, proof.radius < 1e-12 < proof.unique
    (True, True)
    """
    if not isinstance(equilibrium, Equilibrium):
        given = type(equilibrium).__name__
        raise TypeError(f"certify: {given} given, expected an equilibrium of a race")
    if equilibrium.coupled:
        names = ", ".join(equilibrium.coupled)
        raise ValueError(
            f"certify: expected a race without {names}; see its proof as solve gives it"
        )
    if obstacle := stage_of(equilibrium.game).obstacle:
        return unproved(obstacle)
    if not equilibrium.value.any():
        return unproved("nobody earns anything: whatever labs do is an equilibrium")
    if (count := values_told_apart(equilibrium)) > MAX_UNKNOWNS:
        return unproved(f"{count:,} values are too many: at most {MAX_UNKNOWNS} are enclosed")
    with ctx.workprec(BITS):
        whole = told_apart(equilibrium)
        whole = replace(whole, game=contented(whole.game))
        proof = _Conditions(whole).prove()
        return proof if proof.holds else stands_still(whole) or proof


@unthreaded
def only_one_within(equilibrium: Equilibrium, low: Array, high: Array) -> bool:
    r"""Whether a box of values that holds an equilibrium is proved to hold no other.

    Parameters
    ----------
    equilibrium : Equilibrium
        One that is proved, as :func:`certify` does.
    low, high : (N, S) arrays
        Bounds on values.

    Returns
    -------
    bool
        False if the test fails, and where a player of the equilibrium is indifferent.

    Notes
    -----
    For two zeros x and y of F in a box, F(x) - F(y) = J (x - y) = 0 with a matrix J within the
    enclosure of the derivatives over the box. With any matrix C then
    :math:`|x - y| = |(I - C J) (x - y)| \le |I - C J|\,|x - y|`, and x = y if there are sides
    r above zero with :math:`|I - C J|\, r < r`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1, rungs=2)
    >>> found = lb.solve(race).equilibria[0]
    >>> [only_one_within(found, found.value - far, found.value + far) for far in (1e-3, 9.0)]
    [True, False]
    """
    with ctx.workprec(BITS):
        return _Conditions(equilibrium).only_one(low, high)


@unthreaded
def none_within(near: Equilibrium, low: Array, high: Array) -> bool:
    """Whether a box of values is proved to hold no equilibrium.

    Parameters
    ----------
    near : Equilibrium
        One of the same game, not far away.
    low, high : (N, S) arrays
        Bounds on values.

    Returns
    -------
    bool
        False if the test fails, and where a player of the equilibrium is indifferent.

    Notes
    -----
    With m in the middle of the box, any zero x of F in it satisfies, for any matrix C,
    x - m + C F(m) = (I - C J)(x - m), J as in :func:`only_one_within` (Krawczyk 1969). So there is
    none if C F(m) is larger, in one component, than the sides and what the right side can be.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1, rungs=2)
    >>> found = lb.solve(race).equilibria[0]
    >>> [none_within(found, found.value + off - 1e-4, found.value + off + 1e-4)
    ...  for off in (0.0, 1e-3)]
    [False, True]
    """
    with ctx.workprec(BITS):
        return _Conditions(near).none(low, high)


class _Conditions:
    """(F, G) and its derivatives over boxes around a computed equilibrium, for one test."""

    def __init__(self, equilibrium: Equilibrium) -> None:
        self.claim, game = equilibrium, equilibrium.game
        self.game = game
        self.players, self.size = equilibrium.value.shape
        system = System(game)
        gain = system.gain(equilibrium.value)
        self.pieces = pieces_at(system, equilibrium.value, equilibrium.build)
        both = [side.slope for side in sides(system.stage, gain, self.pieces)]
        middle = replace(self.pieces, slope=(both[0] + both[-1]) / 2)  # flat and steep at a kink
        matrix, error = linearise(system, equilibrium.value, middle)
        self.matrix, self.scale = matrix, float(np.abs(equilibrium.value).max()) or 1.0
        rates = game.discount + game.hazard(self.pieces.build).sum(axis=0)
        self.earners = system.earners.tolist()
        self.row = {i: k * self.size for k, i in enumerate(self.earners)}  # of the first unknown
        self.count = system.unknowns
        failure = np.abs(error[: self.count].reshape(-1, self.size))
        self.residual = float((failure / rates).max()) / self.scale
        self.levels = list(zip(*map(list, np.nonzero(self.pieces.level)), strict=True))
        self.jumps = [
            [
                [(int(t), arb(float(p))) for t, p in zip(*_row(jump, s), strict=True)]
                for s in range(self.size)
            ]
            for jump in game.worth_after
        ]
        self.certain = [
            [law[0][0] if len(law) == 1 and law[0][1] == 1 else -1 for law in laws]
            for laws in self.jumps
        ]
        self.replies: Replies = system.stage.enclosed(self.pieces)

    def prove(self) -> Proof:
        """Refuse what can be no equilibrium, correct the centre, and look for a box."""
        claim, count = self.claim, self.count
        effort, value = self.game.effort(claim.build), claim.value[self.earners]
        start = [*value.ravel().tolist(), *(float(effort[place]) for place in self.levels)]
        if not self.residual < NEAR:
            return unproved(f"this is no equilibrium: the conditions fail by {self.residual:.0e}")
        if (inverse := inverse_of(self.matrix)) is None:
            return unproved("the Jacobian is singular here: a fold, or a continuum of equilibria")
        weights = [self.scale] * count + [1.0] * len(self.levels)
        try:
            found = only_zero(inverse, start, weights, self._errors, self._jacobian)
        except UnprovedError as reason:
            return unproved(str(reason))
        if not found.moved < NEAR:
            away = f"the nearest is {found.moved:.0e} of the value away"
            return unproved(f"this is no equilibrium: {away}")
        return self._near(found)

    def only_one(self, low: Array, high: Array) -> bool:
        """Whether there are no two zeros in a box of values."""
        if (slopes := self._over(low, high)) is None:
            return False
        box, _, left = slopes
        sides = np.array([up(ball.rad()) for ball in box]) + 1e-12 * self.scale
        growth = above(left * sides / sides[:, None], 2)
        shape = perron(growth)
        return bool(arb(float(above(growth @ shape / shape, len(box) + 1).max())) < 1)

    def none(self, low: Array, high: Array) -> bool:
        """Whether there is no zero in a box of values."""
        if (slopes := self._over(low, high)) is None:
            return False
        box, inverse, left = slopes
        try:
            moved, sizes = product(inverse, self._errors([ball.mid() for ball in box]))
        except UnprovedError:
            return False
        sides = np.array([up(ball.rad()) for ball in box])
        most = above(sides + left @ sides, len(box) + 8)  # and what the next line rounds
        least = np.abs(moved) - above(sizes - np.abs(moved), 1)  # of C F(m)
        return bool((least > most).any())

    def _over(self, low: Array, high: Array) -> tuple[list[Any], Array, Array] | None:
        """A box in balls, C, and bounds on I - C J over the box; None where there is no such C."""
        if self.levels:
            return None
        ends = zip(low[self.earners].ravel(), high[self.earners].ravel(), strict=True)
        box = [arb(float(a)).union(arb(float(b))) for a, b in ends]
        try:
            jacobian = self._jacobian(box, 0.0)
        except UnprovedError:
            return None
        middle = np.zeros((len(box), len(box)))
        for place, ball in jacobian.items():
            middle[place] = float(ball.mid())
        inverse = inverse_of(middle)
        return None if inverse is None else (box, inverse, excess(inverse, jacobian))

    def _finite(self, box: list[Any]) -> bool:
        """Whether values of the shares in a box are finite: whether lasting is, with its sign."""
        replies, hazard = self._replying(box), self.game.hazard(self.pieces.build)
        time = np.linalg.solve(System(self.game).dense_matrix(hazard), np.ones(self.size))
        if not (time > 0).all():
            return False
        last = [arb(number) for number in time.tolist()]
        for s in range(self.size):
            left = arb(self.game.discount) * last[s]
            for j in range(self.players):
                after = sum((p * last[t] for t, p in self.jumps[j][s]), arb(0))
                left -= replies[j][s].hazard * (after - last[s])
            if not left > 0:
                return False
        return True

    def _near(self, found: Alone) -> Proof:
        """The proof, if the shares claimed are those of the equilibrium that exists.

        Values nearby are not enough: where a reply is steep, shares may be far off.
        """
        box = found.box
        replies = self._replying(box)
        apart = np.array(
            [
                [
                    up(abs(replies[i][s].share - arb(float(self.claim.build[i, s]))))
                    for s in range(self.size)
                ]
                for i in range(self.players)
            ]
        )
        worst = np.unravel_index(int(apart.argmax()), apart.shape)
        if self.game.grows and not self._finite(box):
            return unproved("money may grow too fast here for values to be finite")
        if not apart.max() < NEAR:
            place = f"{self.game.players[worst[0]]} in state {self.game.states[worst[1]].tolist()}"
            return unproved(
                f"this is no equilibrium: the share of {place} is off by {apart.max():.0e}"
            )
        radius = max(found.moved + found.reach, float(apart.max()))
        return Proof(True, radius, found.unique, self.kinks, "")

    # --- the conditions over a box

    def _value(self, box: list[Any], i: int, s: int) -> Any:
        return box[self.row[i] + s] if i in self.row else arb(0)

    def _effect(self, box: list[Any], i: int, j: int, s: int) -> Any:
        """P_j V_i - V_i in s."""
        if (after := self.certain[j][s]) >= 0:
            return self._value(box, i, after) - self._value(box, i, s) if after != s else arb(0)
        ahead = sum((p * self._value(box, i, t) for t, p in self.jumps[j][s]), arb(0))
        return ahead - self._value(box, i, s)

    def _replying(self, box: list[Any]) -> list[list[Reply]]:
        checkpoint()
        count = self.count
        efforts = {place: box[count + k] for k, place in enumerate(self.levels)}
        stakes = [
            [self._effect(box, i, i, s) for s in range(self.size)] for i in range(self.players)
        ]
        return self.replies.everywhere(stakes, efforts)

    def _errors(self, x: list[Any]) -> list[Any]:
        """(F, G) at a point."""
        game, replies = self.game, self._replying(x)
        values = []
        for i in self.earners:
            for s in range(self.size):
                flow = sum(
                    (replies[j][s].hazard * self._effect(x, i, j, s) for j in range(self.players)),
                    arb(0),
                )
                earned = self.replies.earned(i, s, replies[i][s])
                values.append(arb(game.discount) * self._value(x, i, s) - earned - flow)
        return values + [self._effect(x, i, i, s) - self._target(i, s) for i, s in self.levels]

    def _target(self, i: int, s: int) -> Any:
        """Gain that leaves the player indifferent."""
        if self.pieces.target[i, s] == 0:
            return arb(0)
        cost = arb(float(self.game.price[i, s])) * arb(float(self.game.capacity[i, s]))
        return cost / arb(float(self.game.scale[i, s]))

    def _jacobian(self, box: list[Any], _: float) -> Entries:
        """Enclosure of the derivatives of (F, G) over a box; the number of kinks in it is kept."""
        game, replies, size = self.game, self._replying(box), self.size
        matrix: Entries = defaultdict(lambda: arb(0))
        for i in self.earners:
            for s in range(size):
                row = self.row[i] + s
                matrix[row, row] += arb(game.discount)
                for j in range(self.players):
                    hazard = replies[j][s].hazard
                    matrix[row, row] += hazard
                    for t, p in self.jumps[j][s]:
                        matrix[row, self.row[i] + t] -= hazard * p
                    if j not in self.row:
                        continue
                    effect = partial(self._effect, box, i, s=s)
                    push = self.replies.push(effect, [row[s] for row in replies], i, j)
                    if not push.is_zero():
                        matrix[row, self.row[j] + s] += push
                        for t, p in self.jumps[j][s]:
                            matrix[row, self.row[j] + t] -= push * p
        for k, (j, s) in enumerate(self.levels):
            column = self.count + k
            for i in self.earners:
                scale = arb(float(game.scale[j, s]))
                matrix[self.row[i] + s, column] -= scale * self._effect(box, i, j, s)
            if j not in self.row:
                continue
            if self.pieces.target[j, s] > 0:
                cost = arb(float(game.price[j, s])) * arb(float(game.capacity[j, s]))
                matrix[self.row[j] + s, column] += cost
            matrix[column, self.row[j] + s] -= 1
            for t, p in self.jumps[j][s]:
                matrix[column, self.row[j] + t] += p
        self.kinks = sum(reply.kink for row in replies for reply in row)
        return matrix


def _row(jump: Any, s: int) -> tuple[Array, Array]:
    begin, end = jump.indptr[s], jump.indptr[s + 1]
    return jump.indices[begin:end], jump.data[begin:end]

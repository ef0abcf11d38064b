r"""Proof of the equilibrium of a linear-quadratic game that ends, backward in balls.

In discrete time every stage is a game that is played once. Given what later stages are worth, what
each player minimises is quadratic in its controls. If it is convex there and the linear equations
of first order are regular, the stage has one equilibrium, and so has the game: in feedback, in open
loop, and where the first player announces at every stage what it does. Both are shown in balls,
stage by stage (Basar and Olsder 1999, chapters 6 and 7). In open loop what each player minimises
must be convex in all of its controls at all times: it is if its own Riccati equation, with the
others' controls given, has a positive definite weight at every stage. In continuous time see
:mod:`leaderbored.solvers.linear_quadratic.proof_in_time`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from leaderbored.games.linear_quadratic import Information, LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import LATE, checkpoint, spared
from leaderbored.solvers.linear_quadratic.core import Core
from leaderbored.solvers.linear_quadratic.inequalities import balls, part, summed
from leaderbored.solvers.linear_quadratic.proof_in_time import STEEP, Falling
from leaderbored.solvers.numerics.balls import positive
from leaderbored.solvers.numerics.krawczyk import NEAR, UnprovedError
from leaderbored.solvers.numerics.outward import up
from leaderbored.solvers.proof import UNTRIED, Proof, unproved

BITS = (128, 1024, 8192)  # of balls, which grow from stage to stage
IN_TIME = (128, 256, 512)  # the same in continuous time
MOST = 200_000  # entries of gains at all stages
LARGE = f"{UNTRIED} gains have more than {MOST:,} entries at all stages"
CONVEX = "what a player minimises over its controls may not be convex {} stages before the end"
SINGULAR = "first-order conditions may be singular {} stages before the end"
WIDE = "balls grow too wide towards the first stage"
AWAY = "this is no equilibrium: the nearest is {:.0e} away"


def proved_to_the_end(
    game: LinearQuadratic,
    costs: Array,
    gains: Array,
    information: Information,
    answers: Array | None = None,
) -> Proof:
    """Prove that the equilibrium of a game that ends is next to what was computed, or say why not.

    Parameters
    ----------
    game : LinearQuadratic
        With a horizon of T stages, or T moments from 0 to it; of N players, n states and M controls
        in all.
    costs : (N, n + 1, n + 1) array
        Of the first stage and all later ones, in the state and the constant 1.
    gains : (T, M, n + 1) array
    information : "feedback", "open-loop" or "stackelberg"
    answers : (T, M, m) array, optional
        To what the first player announces.

    Returns
    -------
    Proof
        ``unique`` is infinite: there is no other equilibrium at all, in feedback in continuous time
        none that is linear in the state.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> players = [Controller("A", 1.0, 1.0, final_cost=1.0)]
    >>> game = LinearQuadratic(1.0, players, time="discrete", horizon=1)
    >>> cost, gain = np.array([[[0.5, 0], [0, 0]]]), np.array([[[0.5, 0.0]]])
    >>> proof = proved_to_the_end(game, cost, gain, "feedback")
    >>> proof.holds, proof.radius < 1e-15, proof.unique
    (True, True, inf)
    >>> proved_to_the_end(game, cost, gain + 0.1, "feedback").reason
    'this is no equilibrium: the nearest is 2e-01 away'
    """
    if gains.size > MOST:
        return unproved(LARGE)
    claimed = gains if answers is None else np.concatenate([gains, answers], axis=2)

    def found() -> Proof:
        for bits in IN_TIME if game.continuous else BITS:
            with ctx.workprec(bits):
                try:
                    if game.continuous:
                        paid, off = _in_time(game, claimed, information == "open-loop", bits)
                    else:
                        paid, off = _Backward(game, information).compared(claimed)
                    proof = _compared(paid, off, costs, claimed)
                except UnprovedError as reason:
                    proof = unproved(str(reason))
            if proof.holds or proof.reason == STEEP:
                break
        return proof

    return spared(found, unproved(LATE))


class _Backward:
    """Values in balls, stage by stage from the last."""

    def __init__(self, game: LinearQuadratic, information: Information) -> None:
        self.game, self.information = game, information
        self.core = core = Core.of(game, affine=True, discounted=False)
        self.factor = arb(1.0 if game.discount is None else game.discount)
        self.drift, self.inputs, self.noise = map(balls, (core.drift, core.inputs, core.noise))
        self.weights, self.state = [*map(balls, core.weights)], [*map(balls, core.state)]
        self.mixed = [*map(balls, core.mixed)]
        self.players, self.d = range(core.players), len(core.drift)
        self.own = [np.flatnonzero(own).tolist() for own in core.own]

    def compared(self, claimed: Array) -> tuple[list[Any], Any]:
        """What players pay, and how far gains are from the equilibrium's."""
        ahead = [*map(balls, self.core.final)]  # costates in open loop
        paid, own = ahead, ahead
        off = arb(0)
        for before, here in enumerate(claimed[::-1], 1):
            checkpoint()
            if self.information == "stackelberg":
                gains, answers = self._led(ahead, before)
                off = off.max(_apart(answers, here[:, self.d :]))
            else:
                gains = self._gains(ahead, before)
            off = off.max(_apart(gains, here[:, : self.d]))
            loop = self.drift - self.inputs * gains
            paid = [self._paid(i, value, gains, loop) for i, value in enumerate(paid)]
            if self.information == "open-loop":
                own = [self._alone(i, value, before) for i, value in enumerate(own)]
                ahead = [self._costate(i, value, gains, loop) for i, value in enumerate(ahead)]
            else:
                ahead = paid
        return paid, off

    # --- a stage

    def _ahead(self, i: int, value: Any) -> tuple[Any, Any]:
        """(M, M) and (M, d): half the derivative in all controls, by controls and by the state."""
        pushed = self.inputs.transpose() * value * self.factor
        return self.weights[i] + pushed * self.inputs, self.mixed[
            i
        ].transpose() + pushed * self.drift

    def _gains(self, ahead: list[Any], before: int) -> Any:
        """Everybody's gains at once."""
        controls = [*range(len(self.core.owner))]
        effect, right = arb_mat(len(controls), len(controls)), arb_mat(len(controls), self.d)
        for i, value in enumerate(ahead):
            weight, held = self._ahead(i, value)
            own = self.own[i]
            if self.information == "feedback" and not positive(part(weight, own, own)):
                raise UnprovedError(CONVEX.format(before))
            for m in own:
                _set(effect, m, [weight[m, k] for k in controls])
                _set(right, m, [held[m, k] for k in range(self.d)])
        return _solved(effect, right, before)

    def _led(self, ahead: list[Any], before: int) -> tuple[Any, Any]:
        """Gains, and answers to what the first player announces."""
        leads = self.own[0]
        follows = [m for own in self.own[1:] for m in own]
        effect, right = (
            arb_mat(len(follows), len(follows)),
            arb_mat(len(follows), len(leads) + self.d),
        )
        for i in self.players[1:]:
            weight, held = self._ahead(i, ahead[i])
            if not positive(part(weight, self.own[i], self.own[i])):
                raise UnprovedError(CONVEX.format(before))
            for m in self.own[i]:
                row = follows.index(m)
                _set(effect, row, [weight[m, k] for k in follows])
                told = [weight[m, k] for k in leads]
                _set(right, row, told + [held[m, k] for k in range(self.d)])
        reply = _solved(effect, right, before)
        known = arb_mat(len(self.core.owner), len(leads))
        rest = arb_mat(len(self.core.owner), self.d)
        for k, m in enumerate(leads):
            known[m, k] = arb(1)
        for row, m in enumerate(follows):
            _set(known, m, [-reply[row, k] for k in range(len(leads))])
            _set(rest, m, [reply[row, len(leads) + k] for k in range(self.d)])
        weight, held = self._ahead(0, ahead[0])
        whole = known.transpose() * weight * known
        if not positive(whole):
            raise UnprovedError(CONVEX.format(before))
        first = _solved(whole, known.transpose() * (held - weight * rest), before)
        answers = known * arb(-1)
        for m in leads:
            _set(answers, m, [arb(0)] * len(leads))
        return known * first + rest, answers

    def _paid(self, i: int, value: Any, gains: Any, loop: Any) -> Any:
        """What a player pays from a stage on."""
        cross = self.mixed[i] * gains
        earlier = self.state[i] + gains.transpose() * self.weights[i] * gains
        earlier = earlier - cross - cross.transpose()
        earlier = earlier + loop.transpose() * value * loop * self.factor
        last = self.d - 1
        spread = self.noise * self.noise.transpose() * self.factor
        earlier[last, last] = earlier[last, last] + summed(value, spread)
        return earlier

    def _costate(self, i: int, value: Any, gains: Any, loop: Any) -> Any:
        ahead = self.drift.transpose() * value * loop * self.factor
        return self.state[i] - self.mixed[i] * gains + ahead

    def _alone(self, i: int, value: Any, before: int) -> Any:
        """What a player pays at best from a stage on, alone; convex in all of its plan."""
        own = self.own[i]
        weight, held = self._ahead(i, value)
        weight, held = part(weight, own, own), part(held, own, range(self.d))
        if not positive(weight):
            raise UnprovedError(CONVEX.format(before))
        best = _solved(weight, held, before)
        free = self.drift.transpose() * value * self.drift * self.factor
        return self.state[i] + free - held.transpose() * best


def _in_time(
    game: LinearQuadratic, claimed: Array, open_loop: bool, bits: int
) -> tuple[list[Any], Any]:
    """The same in continuous time, where gains are of moments from 0 to the horizon."""
    assert game.horizon is not None
    horizon, players, terms = arb(float(game.horizon)), range(len(game.players)), bits // 4
    moments = np.linspace(0.0, game.horizon, len(claimed))[::-1]
    falling, paid, off = Falling(game, players, open_loop=open_loop), [], arb(0)
    for number, values in falling.at([horizon - arb(t) for t in moments.tolist()], terms):
        off = off.max(_apart(falling.gains(values), claimed[len(claimed) - 1 - number]))
        paid = values[-len(players) :]
    if open_loop:
        for i in players:
            [*Falling(game, [i], open_loop=False).at([horizon], terms)]
    return paid, off


def _compared(paid: list[Any], off: Any, costs: Array, claimed: Array) -> Proof:
    """How far what was computed is from the equilibrium."""
    largest, scale = float(np.abs(claimed).max()) or 1.0, float(np.abs(costs).max()) or 1.0
    far = arb(0)
    for value, cost in zip(paid, costs, strict=True):
        far = far.max(_apart(value, cost))
    apart = (far / scale).max(off / largest)
    if up(apart) < NEAR:
        return Proof(True, up(apart), float("inf"), 0, "")
    return unproved(AWAY.format(float(apart)) if apart > NEAR else WIDE)


def _set(matrix: Any, row: int, entries: list[Any]) -> None:
    for column, entry in enumerate(entries):
        matrix[row, column] = entry


def _solved(matrix: Any, right: Any, before: int) -> Any:
    try:
        return matrix.solve(right)
    except ZeroDivisionError:
        raise UnprovedError(SINGULAR.format(before)) from None


def _apart(matrix: Any, claimed: Array) -> Any:
    """Largest distance of the entries of a matrix of balls from doubles, in a ball."""
    rows, columns = claimed.shape
    far = arb(0)
    for a in range(rows):
        for b in range(columns):
            far = far.max(abs(matrix[a, b] - arb(float(claimed[a, b]))))
    return far

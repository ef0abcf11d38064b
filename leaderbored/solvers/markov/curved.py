r"""Equilibria of Markov games with curved stages, :class:`leaderbored.games.curved.Curved`.

The engine is that of the plain game, policy iteration with a Newton polish, with replies found by
bisection instead of in closed form. Where revenue moves the state a lab looks at two prices: the
gain :math:`\Delta_i` from a success, and the worth of a unit of revenue, one plus what the compute
that it buys adds to the value. Both are linear in the lab's own value; its share follows them at
the slopes of its reply, and Newton's method needs nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from leaderbored.games.curved import Curved, Reply
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.policy_iteration import Point, PolicyIteration
from leaderbored.solvers.markov.precise import settle
from leaderbored.solvers.markov.reply import ZERO
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import solve_linear
from leaderbored.solvers.solution import Equilibrium, Status

BENT = "it is not computed where mechanisms bend the replies or couple the payoffs"

if TYPE_CHECKING:
    from leaderbored.solvers.markov import Method

ROUNDS = 100
PLANAR = 3  # labs up to which sparse factorisation is cheapest
INEXACT = 1e-9  # of Krylov solves for a step; the next step mends what is left
NEAR = 1e-9  # relative size of a step from which on one that does not shrink is rounding


class CurvedSystem(System):
    """The linear maps of a game with curved stages, and its best replies."""

    def __init__(self, game: Curved) -> None:
        super().__init__(game)
        self.curved = game
        self.buyers = 0 if game.speed is None else len(game.speed)
        self.planar = game.states.shape[1] <= PLANAR

    def evaluate(self, build: Array) -> Array:
        """(N, S) values when the players build the shares ``build`` (N, S) for ever."""
        matrix = self.matrix(self.game.hazard(build))
        return solve_linear(matrix, self.game.payoff(build).T, direct=self.planar).T

    def stakes(self, value: Array) -> tuple[Array, Array, Array]:
        """Effects (N, N, S) of jumps on values, gains (N, S), and worth of revenue (N, S)."""
        effect = self.effect(value)
        return effect, *self.prices(effect, float(np.abs(value).max()))

    def prices(self, effect: Array, scale: float) -> tuple[Array, Array]:
        """Gains and worth of revenue (N, S) from what jumps do (N, N, S) to values of a scale."""
        own = np.arange(self.players)
        gain, worth = _cleared(effect[own, own], scale), np.ones(effect.shape[1:])
        if self.curved.speed is not None:
            lab = own[: self.buyers]
            worth[lab] += self.curved.speed * effect[lab, lab + self.players - self.buyers]
        return gain, worth

    def best(self, value: Array) -> Reply:
        """Best replies when values are as given."""
        _, gain, worth = self.stakes(value)
        return self.curved.reply(gain, worth)

    def answer(self, value: Array, gain: Array, scale: float) -> Array:
        """(N, S) best replies to values, and to gains right to within rounding of ``scale``."""
        return self.curved.reply(_cleared(gain, scale), self.stakes(value)[2]).build


def _cleared(gain: Array, scale: float) -> Array:
    return np.where(np.abs(gain) > ZERO * scale, gain, 0.0)


@dataclass(frozen=True)
class CurvedNewton:
    """Newton's method on values, shares following them.

    Parameters
    ----------
    tolerance : float
        Accepted size of the last step relative to the largest value.
    steps : int
        Largest number of steps.
    """

    tolerance: float = 1e-12
    steps: int = 30

    def polish(
        self, system: CurvedSystem, value: Array, build: Array
    ) -> tuple[Array, Array] | None:
        """Values and shares (N, S) of an equilibrium near; None where steps do not die out."""
        least = np.inf
        for k in range(self.steps):
            step = _step(system, value)
            size = float(np.abs(step).max()) / max(float(np.abs(value).max()), 1e-300)
            if not np.isfinite(size) or (k > 5 and size > 10 * least > 10 * NEAR):
                return None
            value = value + step
            if size <= self.tolerance or (size < NEAR and size >= least):
                return value, system.best(value).build
            least = min(least, size)
        return None


def _step(system: CurvedSystem, value: Array) -> Array:
    """Newton's step in the values of the labs (N, S).

    By the envelope theorem a lab's own share moves none of its own value.
    """
    game, labs = system.curved, range(system.players - system.buyers)
    effect, gain, worth = system.stakes(value)
    reply = game.reply(gain, worth)
    hazard = game.hazard(reply.build)
    evaluation = system.matrix(hazard)
    flow = np.einsum("js,ijs->is", hazard, effect)
    error = game.discount * value - game.payoff(reply.build) - flow
    push = _pushes(system, effect, reply)
    moved = [_moved(system, reply, j) for j in labs]
    blocks = [
        [evaluation if i == j else -sp.diags_array(push[i, j]) @ moved[j] for j in labs]
        for i in labs
    ]
    matrix = sp.block_array(blocks, format="csr")
    matrix.eliminate_zeros()
    rhs = -error[: len(labs)].ravel()
    found = solve_linear(matrix, rhs, direct=system.planar, relative=INEXACT)
    step = np.zeros_like(value)
    step[: len(labs)] = found.reshape(len(labs), -1)
    return step


def _pushes(system: CurvedSystem, effect: Array, reply: Reply) -> Array:
    """(N, N, S) how fast the value of i rises as the share of j does, by way of what j moves."""
    slope = system.curved.slopes(reply.build, reply.build)
    hazard, payoff = (
        np.nan_to_num(part, nan=0.0, posinf=0.0, neginf=0.0)
        for part in (slope.hazard, slope.payoff)
    )
    push = effect * hazard
    if system.curved.speed is not None:
        buys = effect[:, -system.buyers :] * system.curved.speed * payoff[: system.buyers]
        push[:, : system.buyers] += buys
    return np.asarray(push)


def _moved(system: CurvedSystem, reply: Reply, j: int) -> sp.csr_array:
    """Sparse (S, S) derivative of the share of lab j in its values."""
    moved = sp.diags_array(reply.by_gain[j]) @ system.moves[j]
    if system.curved.speed is not None and j < system.buyers:
        by_worth = reply.by_worth[j] * system.curved.speed[j]
        moved = moved + sp.diags_array(by_worth) @ system.moves[j - system.buyers]
    return sp.csr_array(moved)


CURVED = PolicyIteration(rounds=ROUNDS, newton=CurvedNewton())


def solve_curved(
    game: Curved, method: Method, start: Array | None, progress: Progress | None
) -> tuple[list[Equilibrium], Status | None]:
    """Solve a game with curved stages.

    Parameters
    ----------
    game : Curved
    method : Method
        Of which the tolerance counts, and whether to certify.
    start : array, optional
        Shares of all players (N, S).
    progress : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    equilibria : list of Equilibrium
        One, or none. Its radius and index are not known.
    status : Status or None
        Why there is none.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=5,
    ...                mechanisms={"inputs": {"weight": 0.6}})
    >>> lb.solve(race).equilibria[0].regret < 1e-9
    True
    """
    system, found = CurvedSystem(game), []
    for first in _starts(game, start):
        point = CURVED.run(system, first, progress)
        if point is None:
            continue
        found.append(assess_curved(system, point, method))
        if not found[-1].regret > method.tolerance:
            return found[-1:], None
    if found:
        return sorted(found, key=lambda equilibrium: equilibrium.regret)[:1], None
    return [], Status(
        "not converged",
        "best replies cycle from every start",
        "lower rungs, returns or mechanisms.accumulate.rate, raise discount, or pass start= from "
        "a nearby game's answer",
    )


def _starts(game: Curved, start: Array | None) -> Iterator[Array]:
    if start is not None:
        yield start
    yield game.idle
    yield game.upper
    yield (game.lower + game.upper) / 2
    yield game.lower


def assess_curved(system: CurvedSystem, point: Point, method: Method) -> Equilibrium:
    """Describe a solved point: regret and residual."""
    point = settle(system, point)
    game, value, build = system.curved, point.value, point.build
    flow = np.einsum("js,ijs->is", game.hazard(build), system.effect(value))
    error = np.abs(game.discount * value - game.payoff(build) - flow).max()
    unknown, scale = float("nan"), float(np.abs(value).max())
    return Equilibrium(
        game=game,
        build=build,
        value=value,
        regret=float(regret(game, build).max()) if method.certify else unknown,
        residual=float(error) / (game.discount * scale or 1.0),
        radius=unknown,
        indifferent=0,
        method="policy iteration + Newton, by bisection",
        rounds=point.rounds,
        stability_note=BENT,
    )

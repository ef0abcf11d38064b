r"""Proof that a list of equilibria is complete, by iterated elimination.

Suppose all hazards lie in a box. Then each player's value lies between what it can get when the
others, within the box, do their worst and when they do their best; its gains lie between the
differences of these values, its replies between the replies to those gains, and the box shrinks:
the strategies left out are not rationalisable (Bernheim, Econometrica 52, 1984; Milgrom and
Roberts, Econometrica 58, 1990, use the same bounds). A box that becomes empty holds no equilibrium;
one within the neighbourhood in which a proved equilibrium is the only one holds no other. Any
other box is cut in two. When none is left, the list is complete.

It is tried where replies have a closed form and revenue buys nothing: then they rise with gains,
and are right to a few roundings. The arithmetic is floating point with every bound moved outwards
by a margin that exceeds its rounding error a thousandfold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.proved import alone_within
from leaderbored.solvers.markov.reply import Plain
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.solution import Equilibrium

MARGIN = 1e-12  # relative; some hundred operations of relative error 1e-16 each come to 1e-14
STALLED = 0.98  # of a box's volume, above which elimination has come to an end
ROUNDS = 100


@dataclass(frozen=True)
class Elimination:
    """Settings of the proof.

    Parameters
    ----------
    boxes : int
        Largest number of boxes looked at; 1 does not cut.
    choices : int
        Largest number of choices (labs times states, where there is one) for which boxes are cut.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=1.0)
    >>> Elimination().proves(race.markov(), lb.solve(race).equilibria)
    True
    """

    boxes: int = 1_000
    choices: int = 6

    def proves(self, game: Markov, equilibria: Sequence[Equilibrium]) -> bool:
        """Whether the game is proved to have no equilibria but these.

        Parameters
        ----------
        game : Markov
        equilibria : sequence of Equilibrium
            Each with its proof; without one, or on a level, the answer is no.
        """
        if not equilibria or any(alone_within(equilibrium) is None for equilibrium in equilibria):
            return False
        system = System(game)
        if not isinstance(system.stage, Plain) or game.speed is not None or game.decay <= 0:
            return False
        low = game.hazard(game.lower)
        boxes = [(low, np.where(game.movable, game.hazard(game.upper), low))]
        budget = self.boxes if game.movable.sum() <= self.choices else 1
        for _ in range(budget):
            if not boxes:
                return True
            found = _shrunk(system, *boxes.pop(), equilibria)
            if found is not None:
                boxes += _halves(*found)
        return not boxes


def _shrunk(
    system: System, low: Array, high: Array, equilibria: Sequence[Equilibrium]
) -> tuple[Array, Array] | None:
    """The box after elimination; None if it holds no equilibrium but those known."""
    game, moves = system.game, system.dense_moves
    jumps = moves + np.eye(system.size)
    most = game.payoff(game.lower).max(axis=1) / game.decay
    worst = np.zeros(low.shape)
    best = np.repeat(most[:, None], system.size, axis=1)
    for _ in range(ROUNDS):
        checkpoint()
        before = (high - low).sum()
        for player in range(system.players):
            worst[player] = _extreme(system, player, worst[player], (low, high), -1)
            best[player] = _extreme(system, player, best[player], (low, high), 1)
        if any(_within(worst, best, equilibrium) for equilibrium in equilibria):
            return None
        pad = MARGIN * float(best.max())
        least = np.einsum("ist,it->is", jumps, worst) - best - pad
        largest = np.einsum("ist,it->is", jumps, best) - worst + pad
        low = np.maximum(low, game.hazard(system.stage.reply(least)) * (1 - MARGIN))
        top = game.hazard(system.stage.reply(largest)) * (1 + MARGIN)
        high = np.where(game.movable, np.minimum(high, top), low)
        if (low > high).any():
            return None
        if (high - low).sum() > STALLED * before:
            break
    return low, high


def _extreme(
    system: System, player: int, value: Array, box: tuple[Array, Array], side: int
) -> Array:
    """A bound on a player's value when the others do their best (1) or their worst (-1) for it.

    Policy iteration on the player's own share and, with or against it, the others' hazards; what
    the last policy leaves of the Bellman equation, over the discount rate less the fastest growth
    of money, moves the bound out.
    """
    (low, high), game, moves = box, system.game, system.dense_moves
    movable, capacity = game.movable[player], game.capacity[player]
    scale, base = game.scale[player], game.base[player]
    bound = value
    for _ in range(ROUNDS):
        effect = moves @ value
        hazard = np.where(effect * side > 0, high, low)
        share = system.stage.reply(np.tile(effect[player], (system.players, 1)))[player]
        share = np.where(movable, share, game.lower[player])
        hazard[player] = scale * share**game.returns + base
        payoff = game.price[player] * np.minimum((1 - share) * capacity, game.demand[player])
        flow = payoff + np.einsum("js,js->s", hazard, effect)
        left = float(np.max(side * (flow - game.discount * value)))
        rounding = MARGIN * (1 + hazard.sum(axis=0).max() / game.decay) * np.abs(value).max()
        bound = value + side * (max(left, 0.0) / game.decay + rounding)
        following = np.linalg.solve(system.dense_matrix(hazard), payoff)
        if np.abs(following - value).max() <= 1e-13 * np.abs(following).max():
            break
        value = following
    return np.asarray(bound)


def _within(worst: Array, best: Array, equilibrium: Equilibrium) -> bool:
    """Whether all values between two bounds are so near an equilibrium that there is no other."""
    reach = alone_within(equilibrium)
    above, below = best - equilibrium.value, equilibrium.value - worst
    return reach is not None and bool(above.max() < reach and below.max() < reach)


def _halves(low: Array, high: Array) -> list[tuple[Array, Array]]:
    """The box cut across its longest side."""
    place = np.unravel_index(int(np.argmax(high - low)), low.shape)
    middle = (low[place] + high[place]) / 2
    left, right = high.copy(), low.copy()
    left[place] = right[place] = middle
    return [(low, left), (right, high)]

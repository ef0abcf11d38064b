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
from numpy.typing import NDArray

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
        budget = self.boxes if game.movable.sum() <= self.choices else 1
        if budget == 1 and len(equilibria) > 1:  # no other is where one is proved to be alone
            return False
        low = game.hazard(game.lower)
        low, high = low[None], np.where(game.movable, game.hazard(game.upper), low)[None]
        while len(low):
            budget -= len(low)
            if budget < 0:
                return False
            low, high = _halves(*_shrunk(system, low, high, equilibria))
        return True


def _shrunk(
    system: System, low: Array, high: Array, equilibria: Sequence[Equilibrium]
) -> tuple[Array, Array]:
    """What elimination leaves of boxes (B, N, S), without those of no equilibrium but the known."""
    game, jumps = system.game, system.dense_moves + np.eye(system.size)
    most = game.payoff(game.lower).max(axis=1) / game.decay
    worst, best = np.zeros_like(low), np.zeros_like(low) + most[:, None]
    kept, going = np.ones(len(low), dtype=bool), np.arange(len(low))
    players = range(system.players)
    for _ in range(ROUNDS):
        checkpoint()
        box = low[going], high[going]
        bottom, top = (
            np.stack([_extreme(system, i, start[going, i], box, side) for i in players], axis=1)
            for start, side in ((worst, -1), (best, 1))
        )
        worst[going], best[going] = bottom, top
        pad = MARGIN * top.max(axis=(1, 2), keepdims=True)
        least = np.einsum("ist,bit->bis", jumps, bottom) - top - pad
        largest = np.einsum("ist,bit->bis", jumps, top) - bottom + pad
        low[going] = np.maximum(box[0], game.hazard(system.stage.reply(least)) * (1 - MARGIN))
        reply = game.hazard(system.stage.reply(largest)) * (1 + MARGIN)
        high[going] = np.where(game.movable, np.minimum(box[1], reply), low[going])
        out = (low[going] > high[going]).any(axis=(1, 2))
        for equilibrium in equilibria:
            out |= _within(bottom, top, equilibrium)
        kept[going[out]] = False
        stalled = _sides(low[going], high[going]) > STALLED * _sides(*box)
        going = going[~(out | stalled)]
        if not len(going):
            break
    return low[kept], high[kept]


def _sides(low: Array, high: Array) -> Array:
    """(B,) sums of the sides of boxes."""
    return np.asarray((high - low).sum(axis=(1, 2)))


def _extreme(
    system: System, player: int, value: Array, box: tuple[Array, Array], side: int
) -> Array:
    """(B, S) bounds on a player's value when the others do their best (1) or their worst (-1).

    Policy iteration on the player's own share and, with or against it, the others' hazards; what
    the last policy leaves of the Bellman equation, over the discount rate less the fastest growth
    of money, moves the bound out.
    """
    (low, high), game, moves = box, system.game, system.dense_moves
    movable, capacity = game.movable[player], game.capacity[player]
    scale, base = game.scale[player], game.base[player]
    bound, going = value.copy(), np.arange(len(value))
    for _ in range(ROUNDS):
        effect = np.einsum("jst,bt->bjs", moves, value)
        hazard = np.where(effect * side > 0, high[going], low[going])
        stakes = np.repeat(effect[:, player, None], system.players, axis=1)
        share = np.where(movable, system.stage.reply(stakes)[:, player], game.lower[player])
        hazard[:, player] = scale * share**game.returns + base
        payoff = game.price[player] * np.minimum((1 - share) * capacity, game.demand[player])
        flow = payoff + np.einsum("bjs,bjs->bs", hazard, effect)
        left = np.maximum((side * (flow - game.discount * value)).max(axis=1), 0.0)
        fast = 1 + hazard.sum(axis=1).max(axis=1) / game.decay
        rounding = MARGIN * fast * np.abs(value).max(axis=1)
        bound[going] = value + side * (left / game.decay + rounding)[:, None]
        rates = np.einsum("bjs,jst->bst", hazard, moves)
        following = np.linalg.solve(
            game.discount * np.eye(system.size) - rates, payoff[:, :, None]
        )[:, :, 0]
        moved = np.abs(following - value).max(axis=1)
        on = moved > 1e-13 * np.abs(following).max(axis=1)
        going, value = going[on], following[on]
        if not len(going):
            break
    return bound


def _within(worst: Array, best: Array, equilibrium: Equilibrium) -> NDArray[np.bool_]:
    """(B,) whether all values between bounds are so near an equilibrium that there is no other."""
    reach = alone_within(equilibrium)
    above, below = best - equilibrium.value, equilibrium.value - worst
    return np.asarray(np.maximum(above, below).max(axis=(1, 2)) < (reach or 0.0))


def _halves(low: Array, high: Array) -> tuple[Array, Array]:
    """Boxes cut across their longest sides."""
    if not len(low):
        return low, high
    each = np.arange(len(low))
    places = np.unravel_index((high - low).reshape(len(low), -1).argmax(axis=1), low.shape[1:])
    middle = (low[each, *places] + high[each, *places]) / 2
    left, right = high.copy(), low.copy()
    left[each, *places] = right[each, *places] = middle
    return np.concatenate([low, right]), np.concatenate([left, high])

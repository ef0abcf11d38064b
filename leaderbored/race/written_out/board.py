"""The states of a race, written out: leaderboards, and where events lead."""

from __future__ import annotations

from functools import cached_property
from math import log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from leaderbored.race.race import Race

Array = NDArray[np.float64]
Places = NDArray[np.int64]


def leaderboards(labs: int, rungs: int) -> Places:
    """(B, N) rungs behind the frontier, 0 for one lab at least, in lexicographic order.

    Examples
    --------
    >>> leaderboards(2, 1).tolist()
    [[0, 0], [0, 1], [1, 0]]
    """
    parts = []
    for first in range(labs):  # the first lab at the frontier
        ranges = (
            [range(1, rungs + 1)] * first + [range(1)] + [range(rungs + 1)] * (labs - 1 - first)
        )
        grids = np.meshgrid(*(np.array(r, dtype=np.int64) for r in ranges), indexing="ij")
        parts.append(np.stack([grid.ravel() for grid in grids], axis=1))
    every = np.concatenate(parts)
    return np.asarray(every[np.lexsort(every.T[::-1])])


class Board:
    """Every state of a race, and where events lead from it.

    Parameters
    ----------
    race : Race

    Attributes
    ----------
    count, size : int
        N labs, S states.
    behind, seen : (N, S) arrays
        Rungs behind the true frontier, and behind the one that customers perceive.
    owned : (N, S) array
        Compute of each lab.

    Examples
    --------
    >>> import leaderbored as lb
    >>> board = Board(lb.Race([lb.Lab("A", 1), lb.Lab("B", 4)], lb.ScarceMarket(0.6),
    ...                       lb.Technology(3, leapfrog=0.2), discount=0.1, rungs=2))
    >>> board.behind.T.tolist()
    [[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 0.0], [2.0, 0.0]]
    >>> [(chance[2].item(), place[2].item()) for chance, place in board.lands(1)]  # B, two behind
    [(0.2, 3), (0.8, 1)]
    """

    def __init__(self, race: Race) -> None:
        self.race, self.labs, self.on = race, race.labs, race.mechanisms
        self.count, self.rungs = len(race.labs), race.rungs
        self.boards = leaderboards(self.count, self.rungs)
        self._power = (self.rungs + 1) ** np.arange(self.count, dtype=np.int64)[::-1]
        self._keys = self.boards @ self._power
        size = len(self.boards)
        self.copies = size if self._lag > 0 else 1
        split, true, seen = np.indices((len(self.splits), size, self.copies)).reshape(3, -1)
        self._split, self._true = split, true
        self._seen = seen if self._lag > 0 else true
        self.size = len(true)
        self.behind = self.boards[true].T.astype(float)
        self.seen = self.boards[self._seen].T.astype(float)
        self.owned = self.splits[split].T

    # --- states

    @property
    def _lag(self) -> float:
        return self.on.inertia.lag if self.on.inertia else 0.0

    @cached_property
    def splits(self) -> Array:
        """(L, N) compute of the labs at every split, that of the game file first."""
        compute = np.array([lab.compute for lab in self.labs])
        if len(self._ahead) == 1:
            return compute[None]
        owned = compute * np.exp(self._step * self._ahead)
        return np.asarray(owned * compute.sum() / owned.sum(axis=1, keepdims=True))

    @cached_property
    def _ahead(self) -> Places:
        """(L, N) steps of compute that each lab is ahead of the one with the fewest."""
        moves = self.on.accumulate
        if moves is None or (moves.rate == 0 and moves.elasticity is None):
            return np.zeros((1, self.count), dtype=np.int64)
        ahead = leaderboards(self.count, moves.points // 2).tolist()
        return np.array(sorted(ahead, key=lambda row: (any(row), [n - row[-1] for n in row])))

    @property
    def _step(self) -> float:
        moves = self.on.accumulate
        return 0.0 if moves is None else log(moves.reach) / (moves.points // 2)

    def _place(self, boards: Places) -> Places:
        """Positions of leaderboards (M, N) in the list of them."""
        return np.asarray(np.searchsorted(self._keys, boards @ self._power), dtype=np.int64)

    def _at(self, true: Places, seen: Places, split: Places) -> Places:
        """Positions of states."""
        inner = seen if self._lag > 0 else 0
        return np.asarray((split * len(self.boards) + true) * self.copies + inner)

    # --- where events lead: pairs of a weight (S,) and a state (S,)

    def lands(self, i: int) -> list[tuple[Array, Places]]:
        """After a success of lab i that does not end the race.

        Weights are chances, times the factor by which money grows where the frontier advances.
        """
        above = np.minimum(self.boards + 1, self.rungs)
        above[:, i] = 0
        closer = self.boards.copy()
        closer[:, i] = np.maximum(closer[:, i] - 1, 0)
        leads, leapfrog = self.boards[:, i] == 0, self.race.technology.leapfrog
        to_top = np.where(leads, 1.0, leapfrog)[self._true]
        return [
            (
                to_top * self.race.growth,
                self._at(self._place(above)[self._true], self._seen, self._split),
            ),
            (1 - to_top, self._at(self._place(closer)[self._true], self._seen, self._split)),
        ]

    def by_nature(self) -> list[tuple[float, Places]]:
        """Rates of what nobody decides, and where it leads: all draw level, customers look."""
        weights, moves = self.on.open_weights, []
        tie = np.zeros_like(self._true)
        if weights and weights.imitation > 0:
            moves.append((weights.imitation, self._at(tie, self._seen, self._split)))
        if self._lag > 0:
            moves.append((1 / self._lag, self._at(self._true, self._true, self._split)))
        return moves

    def buys(self, i: int) -> tuple[Array, Places] | None:
        """Rate (S,) per unit of lab i's revenue at which it buys a step of compute; to where."""
        moves = self.on.accumulate
        if len(self._ahead) == 1 or moves is None or moves.rate == 0:
            return None
        place = {tuple(row): k for k, row in enumerate(self._ahead.tolist())}
        there = []
        for k, row in enumerate(self._ahead.tolist()):
            row[i] += 1
            there.append(place.get(tuple(n - min(row) for n in row), k))  # or as far as it goes
        speed = moves.rate / (self.owned[i] * self._step)
        return speed, self._at(self._true, self._seen, np.array(there)[self._split])

    @property
    def last(self) -> tuple[float, float]:
        """Chance that a success is the last, and its prize."""
        jackpot = self.on.jackpot
        return (jackpot.chance, jackpot.prize) if jackpot else (0.0, 0.0)

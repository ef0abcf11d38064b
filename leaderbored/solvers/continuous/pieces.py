"""Mixed strategies of players with one strategy each, on pieces of their ranges.

Each player picks a piece, and spreads evenly over it. Pieces that are played are cut in two, those
between them that are not are joined, and so on.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget, checkpoint
from leaderbored.solvers.continuous.grids import PLAYED, paid_by, solved, table, trimmed
from leaderbored.solvers.continuous.images import interchangeable
from leaderbored.solvers.continuous.laws import Law
from leaderbored.solvers.continuous.program import Program

PIECES = {2: (24, 160), 3: (12, 22), 4: (6, 8)}  # at first and at last, by players
WITHIN = {2: 8, 3: 4, 4: 3}  # points of a piece while pieces are chosen
ATOMS = {2: 1024, 3: 128, 4: 28}  # points of a law at the end
GRID = {2: 601, 3: 301, 4: 101}  # deviations that are looked at on the way
CUTS, PATIENCE = 9, 2  # rounds of cutting pieces, and without progress


class Pieces:
    """Pieces of each player's range, cut where they are played; the ends are pieces too.

    Parameters
    ----------
    program : Program
        Of two to four players of one bounded strategy each.
    budget : Budget

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "(x > B.x) - x"),
    ...                       Player("B", {"x": [0, 1]}, "(x > A.x) - x")])
    >>> first, _ = next(Pieces(Program(game), Budget(None)).laws())
    >>> round(float(first.weights[first.points[:, 0] < 0.25].sum()), 2)
    0.25
    """

    def __init__(self, program: Program, budget: Budget) -> None:
        self.program, self.budget, self.players = program, budget, len(program.own)
        self.low, self.high = program.lower[: program.n], program.upper[: program.n]
        self.first, self.last = PIECES[self.players]
        self.alike = self.players > 2 and interchangeable(program)
        self.edges = [
            np.linspace(low, high, self.first + 1)
            for low, high in zip(self.low, self.high, strict=True)
        ]

    def laws(self) -> Iterator[list[Law]]:
        """The best that was found."""
        best, least, tired = None, np.inf, 0
        for _ in range(CUTS):
            checkpoint()
            found = solved(self._averaged(), self.budget)
            if found is None:
                break
            laws = [self._law(g, law) for g, law in enumerate(found)]
            worst, replies = self._gains(laws)
            tired = 0 if worst < 0.8 * least else tired + 1
            if worst < least:
                best, least = laws, worst
            if least < 1 / ATOMS[self.players] or tired > PATIENCE:
                break
            for g, law in enumerate(found):
                self.edges[g] = self.edges[0] if g and self.alike else self._cut(g, law, replies[g])
        if best is not None:
            yield best

    def _inside(self, g: int, k: int | slice, count: int) -> Array:
        """(..., count) points of pieces, of no two players the same; the ends as they are."""
        edges = self.edges[g]
        left, right = np.r_[edges[:-1], edges[[0, -1]]], np.r_[edges[1:], edges[[0, -1]]]
        part = (np.arange(count) + (g + 1) / (self.players + 1)) / count
        inside: Array = left[k, None] + part * (right - left)[k, None]
        return inside

    def _averaged(self) -> Array:
        """(G, K_1, ..., K_G) payoffs where each player spreads over one of its pieces."""
        count = WITHIN[self.players]
        inside = [self._inside(g, slice(None), count) for g in range(self.players)]
        payoffs = table(self.program, [points.reshape(-1, 1) for points in inside])
        split = [size for points in inside for size in points.shape]
        parts = payoffs.reshape(len(payoffs), *split)
        mean = np.asarray(parts.mean(axis=tuple(range(2, 2 * self.players + 1, 2))))
        return _evened(mean) if self.alike else mean

    def _law(self, g: int, law: Array) -> Law:
        """Points of a law on pieces, each of about the same probability."""
        counts = np.maximum(np.round(ATOMS[self.players] * law), law > PLAYED).astype(int)
        counts[-2:] = np.minimum(counts[-2:], 1)
        points, weights = list[Array](), list[Array]()
        for k in np.flatnonzero(counts):
            points.append(self._inside(g, slice(k, k + 1), counts[k])[0])
            weights.append(np.full(counts[k], law[k] / counts[k]))
        return trimmed(Law(np.concatenate(points)[:, None], np.concatenate(weights)))

    def _gains(self, laws: list[Law]) -> tuple[float, list[float]]:
        """The largest gain of a player, relative to payoffs, and everybody's best reply."""
        worst, replies = 0.0, []
        for g, law in enumerate(laws):
            grid = np.linspace(self.low[g], self.high[g], GRID[self.players])
            rivals = [other.points.ravel() for h, other in enumerate(laws) if h != g]
            beside = np.concatenate(rivals)[::4]
            width = 1e-9 * (self.high[g] - self.low[g])
            grid = np.r_[grid, beside + width, beside - width]
            grid = np.unique(np.clip(grid, self.low[g], self.high[g]))
            paid, span = paid_by(self.program, g, grid[:, None], laws)
            here = float(paid_by(self.program, g, law.points, laws)[0] @ law.weights)
            worst = max(worst, (float(paid.max()) - here) / (span or 1.0))
            replies.append(float(grid[paid.argmax()]))
        return worst, replies

    def _cut(self, g: int, law: Array, reply: float) -> Array:
        """Edges of new pieces: those played, their neighbours and that of the best reply halved."""
        edges, law = self.edges[g], law[:-2]
        played = law > PLAYED
        near = played | np.r_[played[1:], False] | np.r_[False, played[:-1]]
        near[np.clip(np.searchsorted(edges, reply) - 1, 0, len(law) - 1)] = True
        middles = (edges[:-1] + edges[1:]) / 2
        order = np.argsort(-np.where(near, law + 1e-3 * np.diff(edges) / np.ptp(edges), -1))
        room = max(0, self.last - int(near.sum()))
        chosen = [k for k in order[: int(near.sum())] if near[k]][: max(room, self.last // 8)]
        kept = np.r_[True, near[1:] | near[:-1], True]
        apart = np.flatnonzero(~kept)[::2]  # every other edge between pieces that nobody plays
        kept[apart[: len(apart) if (~near).sum() <= self.first // 2 else len(apart) // 2]] = True
        return np.unique(np.r_[edges[kept], middles[chosen]])


def _evened(payoffs: Array) -> Array:
    """(G, K, ..., K) payoffs of players who may change places, free of who is who."""
    players, mean = len(payoffs), np.zeros_like(payoffs[0])
    orders = [*permutations(range(players))]
    for order in orders:  # of the axes, the player's own first
        mean += payoffs[order[0]].transpose(order) / len(orders)
    return np.array([np.moveaxis(mean, 0, g) for g in range(players)])

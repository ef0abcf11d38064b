r"""Mixed strategies of continuous games, and what a player gains by any other against them.

A law is a list of points with probabilities. Deviations are searched over everything that a player
may do, on its payoff function itself: one strategy on a grid over the whole range, next to each of
the rivals' points on both sides, where payoffs may jump, and on ever narrower grids around the best
of these; several from many points by looking around. Nothing of it is the solver's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.continuous.certificate import TOTAL_SLACK, climbed_best, line_best
from leaderbored.solvers.continuous.program import Program

CHUNK = 1_000_000  # payoffs worked out at once
PAYOFFS = 18_000_000  # about so many for each player: of how many deviations, depends on them
MANY = 4096  # profiles of the rivals above which fewer peaks are refined
FEWEST, FINEST = 201, 4001  # points across the range
BESIDE = 1e-9  # of the range: how far next to a rival's point


class Law(NamedTuple):
    """A mixed strategy: k points (k, s) with probabilities (k,)."""

    points: Array
    weights: Array


class Gains(NamedTuple):
    """What deviations bring.

    Attributes
    ----------
    payoffs : (G,) array
        Of each player where the laws are played.
    gain : (G,) array
        By its best deviation, in units of payoff; infinite where a point is not allowed.
    regret : (G,) array
        The same relative to the range of its payoffs that was seen.
    searched : int
        How many deviations of each player were looked at, at least, before the best were refined.
    """

    payoffs: Array
    gain: Array
    regret: Array
    searched: int


def gains(program: Program, laws: Sequence[Law]) -> Gains:
    """What each player gains by its best deviation from mixed strategies.

    Parameters
    ----------
    program : Program
        Of G players, none of them several at once, without shared constraints.
    laws : sequence of G Law

    Returns
    -------
    Gains

    Raises
    ------
    StoppedError
        If a running budget is spent.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "(x - y)**2"),
    ...                       Player("B", {"y": [0, 1]}, "-(x - y)**2")])
    >>> laws = [Law(np.array([[0.0], [1.0]]), np.full(2, 0.5)), Law(np.array([[0.5]]), np.ones(1))]
    >>> found = gains(Program(game), laws)
    >>> found.payoffs.tolist(), found.gain.round(12).tolist()
    ([0.25, -0.25], [0.0, 0.0])
    """
    made = [_Against(program, g, laws) for g in range(len(laws))]
    payoffs = np.array(
        [one.expected(law.points) @ law.weights for one, law in zip(made, laws, strict=True)]
    )
    best = np.array([one.best(laws[g]) for g, one in enumerate(made)])
    span = np.array([one.high - one.low for one in made])
    allowed = all(_allowed(program, g, law.points) for g, law in enumerate(laws))
    gain = np.maximum(best - payoffs, 0.0) if allowed else np.full(len(laws), np.inf)
    regret = gain / np.where(span > 0, span, 1.0)
    return Gains(payoffs, gain, regret, min(one.looked for one in made))


def expected(program: Program, g: int, own: Array, laws: Sequence[Law]) -> Array:
    """(B,) what strategies (B, s) of a player pay against the others' laws.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "x*y"), Player("B", {"y": [0, 1]}, "x")])
    >>> half = Law(np.array([[0.0], [1.0]]), np.full(2, 0.5))
    >>> expected(Program(game), 0, np.array([[1.0], [0.5]]), [half, half]).tolist()
    [0.5, 0.25]
    """
    return _Against(program, g, laws).expected(own)


def _allowed(program: Program, g: int, points: Array) -> bool:
    """Whether a player may do what it mixes: its bounds, its lists, its total."""
    mine, total = program.own[g], program.total(g)
    inside = (points >= program.lower[mine]) & (points <= program.upper[mine])
    listed = (program.snapped(points, g) == points).all()
    off = 0.0 if total is None else points.sum(axis=1) - total
    added = np.abs(off) <= TOTAL_SLACK * (1 + np.abs(points).sum(axis=1))
    return bool(inside.all() and listed and added.all())


class _Against:
    """A player's payoffs against the others' laws."""

    def __init__(self, program: Program, g: int, laws: Sequence[Law]) -> None:
        self.program, self.g = program, g
        self.rivals = [law for h, law in enumerate(laws) if h != g]
        others = [h for h in range(len(laws)) if h != g]
        places = [*product(*(range(len(laws[h].weights)) for h in others))]
        at = np.array(places, dtype=int).reshape(len(places), len(others))
        self.x = np.zeros((program.n, len(places)))
        self.weights = np.ones(len(places))
        for column, h in enumerate(others):
            self.x[program.own[h]] = laws[h].points[at[:, column]].T
            self.weights = self.weights * laws[h].weights[at[:, column]]
        self.low, self.high, self.looked = np.inf, -np.inf, 0

    def expected(self, own: Array) -> Array:
        """(B,) expected payoffs of strategies (B, s); none is better than one not defined."""
        own = self.program.snapped(own, self.g)
        step = max(1, CHUNK // len(self.weights))
        found = list[Array]()
        for first in range(0, len(own), step):
            checkpoint()
            part = own[first : first + step]
            rows = np.repeat(part, len(self.weights), axis=0)
            x = np.tile(self.x, len(part))
            payoff = self.program.payoff(self.g, rows, x).reshape(len(part), -1)
            seen = payoff[np.isfinite(payoff)]
            self.low = min(self.low, float(seen.min(initial=np.inf)))
            self.high = max(self.high, float(seen.max(initial=-np.inf)))
            mean = payoff @ self.weights
            found.append(np.where(np.isnan(mean), -np.inf, mean))
        return np.concatenate(found)

    def best(self, law: Law) -> float:
        """The most that a deviation brings."""
        program, mine = self.program, self.program.own[self.g]
        low, high = program.lower[mine], program.upper[mine]
        most = max(FEWEST, PAYOFFS // len(self.weights))
        if len(mine) > 1 or program.total(self.g) is not None:
            found, self.looked = climbed_best(program, self.g, self.expected, law.points, most)
            return found
        width = BESIDE * float(high[0] - low[0])
        beside = [rival.points.ravel() for rival in self.rivals if rival.points.shape[1] == 1]
        near = [law.points.ravel(), *(p + k * width for p in beside for k in (-1, 0, 1))]
        count = min(FINEST, max(FEWEST, most - sum(map(len, near))))
        grid = np.unique(np.clip(np.r_[np.linspace(low[0], high[0], count), *near], low, high))
        self.looked = len(grid)
        return line_best(self.expected, grid, 2 if len(self.weights) > MANY else 6)

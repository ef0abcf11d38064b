r"""Mixed strategies of continuous games, where no equilibrium in pure ones is found.

Three searches, each of finite games that the solvers of :mod:`leaderbored.solvers.finite` solve:

- *points*: each player has a few strategies, and each round its best reply of all to what was
  found joins them (the double oracle: McMahan, Gordon and Blum, ICML 2003; for continuous games
  Adam, Horčík, Kasl and Kroupa, AAAI 2021). Laws on finitely many points are found to rounding.
- *pieces*, of players with one strategy each: a player's choice is among pieces of its range,
  over which it spreads evenly. Pieces that are played are cut, the others joined, round after
  round. Where payoffs jump as one overtakes the other, as in auctions, a law on points is always
  overtaken, and one on pieces is not.
- *lattices*, of two players with several strategies each and opposed interests, by a linear
  program (:mod:`leaderbored.solvers.continuous.lattices`). Few points that answer each other
  serve such players badly where payoffs jump, as in Blotto.

In the end each piece becomes points, each of about the same probability. Whether that is an
equilibrium, or how far from one, is for :mod:`leaderbored.solvers.continuous.laws` to say.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget, checkpoint
from leaderbored.solvers.continuous.grids import paid_by, solved, table, trimmed
from leaderbored.solvers.continuous.lattices import on_lattices
from leaderbored.solvers.continuous.laws import Law
from leaderbored.solvers.continuous.pieces import GRID, Pieces
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.continuous.replies import spread_out
from leaderbored.solvers.numerics.halton import halton

MOST_PLAYERS = 4
ROUNDS, FIRST = 24, 5  # of points; how many of one strategy there are at first
SPREAD = {2: 200, 3: 24, 4: 10}  # points of players with several strategies, by players


def unmixed(program: Program) -> str:
    """Why mixed strategies are not looked for in a game; empty if they are.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> unmixed(Program(lb.Continuous([Player("A", {"x": [0, 1]}, "x")])))
    'one player gains nothing by mixing'
    """
    ends = np.array([program.lower[: program.n], program.upper[: program.n]])
    if len(program.groups) == 1 and program.count[0] == 1:
        return "one player gains nothing by mixing"
    if len(program.groups) > MOST_PLAYERS or (program.count > 1).any():
        return f"mixed strategies are looked for with up to {MOST_PLAYERS} players"
    if program.code.numeric:
        return "mixed strategies are looked for where payoffs are formulas"
    if program.bound:
        return "mixed strategies are not defined where strategies constrain each other"
    if not np.isfinite(ends).all():
        return "mixed strategies are looked for where strategies are bounded"
    return ""


def mixed(program: Program, tolerance: float, budget: Budget) -> Iterator[list[Law]]:
    """Laws that may be close to an equilibrium, those on points first.

    Parameters
    ----------
    program : Program
        Of which :func:`unmixed` says nothing.
    tolerance : float
        Regret at which the search for points ends.
    budget : Budget

    Yields
    ------
    list of Law
        One for each player.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "(x - y)**2"),
    ...                       Player("B", {"y": [0, 1]}, "-(x - y)**2")])
    >>> first, second = next(mixed(Program(game), 1e-9, Budget(None)))
    >>> first.points.ravel().tolist(), first.weights.round(9).tolist(), second.points.tolist()
    ([0.0, 1.0], [0.5, 0.5], [[0.5]])
    """
    yield from _Points(program, budget).laws(tolerance)
    if len(program.own) == 2 and max(map(len, program.own)) > 1 and not program.discrete:
        yield from on_lattices(program, budget)
    plain = program.n == len(program.groups) and not len(program.totals) and not program.discrete
    if plain and (program.lower < program.upper)[: program.n].any():
        yield from Pieces(program, budget).laws()


class _Points:
    """Few strategies of each player, and best replies that join them."""

    def __init__(self, program: Program, budget: Budget) -> None:
        self.program, self.budget, self.players = program, budget, len(program.own)
        self.points = [self._first(g) for g in range(self.players)]
        self.spread = [self._all(g) for g in range(self.players)]

    def _first(self, g: int) -> Array:
        """What a player picks among at first."""
        return self._among(g, FIRST, SPREAD[self.players], seed=0)

    def _all(self, g: int) -> Array:
        """What replies are looked for among."""
        return self._among(g, GRID[self.players], 2 * GRID[self.players], seed=1)

    def _among(self, g: int, line: int, several: int, seed: int) -> Array:
        """All listed choices, so many points of one strategy, or so many of several."""
        mine = self.program.own[g]
        if not np.isnan(choices := self.program.choices(g)).any():
            return choices
        if len(mine) == 1 and self.program.total(g) is None:
            low, high = self.program.lower[mine], self.program.upper[mine]
            return np.asarray(low + np.linspace(0, 1, line)[:, None] * (high - low))
        return self._random(g, several, seed)

    def _random(self, g: int, count: int, seed: int) -> Array:
        """About so many points all over a player's strategies."""
        mine, total = self.program.own[g], self.program.total(g)
        low, high = self.program.lower[mine], self.program.upper[mine]
        unit = halton(count, len(mine), seed)
        if total is None:
            corners = np.vstack([low, high, (low + high) / 2])
            return self.program.snapped(np.vstack([corners, low + unit * (high - low)]), g)
        parts = -np.log(1 - unit)
        points = low + (total - low.sum()) * parts / parts.sum(axis=1, keepdims=True)
        kept = points[((points >= low) & (points <= high)).all(axis=1)]
        return np.vstack([spread_out(total, low, high), kept])

    def laws(self, tolerance: float) -> Iterator[list[Law]]:
        """What was found, the better the later; the last one only if it is no equilibrium."""
        best, least, tired = None, np.inf, 0
        for _ in range(ROUNDS):
            checkpoint()
            found = solved(table(self.program, self.points), self.budget)
            if found is None:
                return
            laws = [trimmed(Law(own, law)) for own, law in zip(self.points, found, strict=True)]
            worst = self._replied(laws)
            tired = 0 if worst < 0.5 * least else tired + 1
            if worst < least:
                best, least = laws, worst
            if least <= tolerance or tired > 8:
                break
        if best is not None:
            yield best

    def _replied(self, laws: list[Law]) -> float:
        """Each player's best replies join its points; the largest gain, relative to payoffs."""
        worst = 0.0
        for g in range(self.players):
            tried = np.vstack([self.points[g], self.spread[g]])
            paid, span = paid_by(self.program, g, tried, laws)
            here = float(paid_by(self.program, g, laws[g].points, laws)[0] @ laws[g].weights)
            reply, most = self._refined(g, tried, paid, laws)
            worst = max(worst, (most - here) / (span or 1.0))
            apart = np.abs(self.points[g] - reply).max(axis=1)
            if apart.min() > 1e-12 * (1 + np.abs(reply).max()):
                self.points[g] = np.vstack([self.points[g], reply])
        return worst

    def _refined(self, g: int, tried: Array, paid: Array, laws: list[Law]) -> tuple[Array, float]:
        """The best of some strategies, and of narrower and narrower grids around it."""
        mine = self.program.own[g]
        low, high = self.program.lower[mine], self.program.upper[mine]
        best, most = tried[paid.argmax()], float(paid.max())
        total, random = self.program.total(g), np.random.default_rng(0)
        width = (high - low) / (len(self.spread[g]) if len(mine) == 1 else 8)
        for _ in range(24):
            steps = np.linspace(-1, 1, 17)[:, None] * np.eye(len(mine))[:, None, :]
            moves = np.vstack([*steps, random.uniform(-1, 1, (17, len(mine)))]) * width
            near = best + moves
            if total is not None:
                near -= moves.mean(axis=1, keepdims=True)
                near = near[((near >= low) & (near <= high)).all(axis=1)]
            near = self.program.snapped(np.vstack([best, np.clip(near, low, high)]), g)
            worth, _ = paid_by(self.program, g, near, laws)
            if worth.max() > most:
                best, most = near[worth.argmax()], float(worth.max())
            width = width / 3
        return best, most

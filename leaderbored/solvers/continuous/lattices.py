"""Mixed strategies of two players with several strategies each and opposed interests, on lattices.

A player may cut its ranges, or its total, into equal parts in all ways. What is best for both in
that game is one linear program. Where strategies may change places, both players' at once, as
fields of Blotto that are worth the same, there is a solution in which each player plays a point as
often as those that are the same up to such places, so that only one of these stands in the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import Budget, checkpoint
from leaderbored.solvers.continuous.grids import table, trimmed
from leaderbored.solvers.continuous.laws import Law
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.finite.zero_sum import Opposed, solve_opposed

LATTICES = (78, 60, 48, 36, 24, 18, 12, 9, 6)  # parts of a range, or of a total
MOST_CELLS = 1_000_000  # of the box around a lattice
MOST_ROWS, MOST_PAYOFFS = 750, 3_000_000  # of the program, and that are averaged in it
ROUNDED = 1e-12  # of the largest payoff
COARSE, DRAWN = 6, 256  # parts, and points of so many, by which is seen what may change places


def on_lattices(program: Program, budget: Budget) -> Iterator[list[Law]]:
    """Laws on the finest lattice that is not too large, if interests are opposed on it.

    Parameters
    ----------
    program : Program
        Of two players.
    budget : Budget

    Yields
    ------
    list of Law
        One for each player.

    Examples
    --------
    >>> import leaderbored as lb
    >>> fields = {"a": [0, 1], "b": [0, 1]}
    >>> duel = lb.Continuous(
    ...     [lb.Player("A", fields, "a * B.b + b * B.a", total=1),
    ...      lb.Player("B", fields, "-(b * A.a + a * A.b)", total=1)])
    >>> first, second = next(on_lattices(Program(duel), Budget(None)))
    >>> first.points.tolist(), first.weights.tolist()
    ([[0.0, 1.0], [1.0, 0.0]], [0.5, 0.5])
    """
    places = _exchangeable(program)
    for parts in LATTICES:
        checkpoint()
        if (parts + 1) ** max(map(len, program.own)) > MOST_CELLS:
            continue
        every = [lattice(program, g, parts) for g in range(2)]
        alike = [_Orbits(points, places) for points in every]
        rows = [len(one.first) for one in alike]
        if 0 < max(rows) <= MOST_ROWS and rows[0] * len(every[1]) <= MOST_PAYOFFS:
            break
    else:
        return
    payoffs = table(program, [every[0][alike[0].first], every[1]])
    if not np.isfinite(payoffs).all() or budget.spent():
        return
    game = NormalForm(alike[1].averaged(payoffs))
    opposed = Opposed.of(game)
    if opposed is not None:
        laws = zip(every, alike, solve_opposed(game, opposed), strict=True)
        yield [trimmed(Law(own, one.spread(law))) for own, one, law in laws]


def lattice(program: Program, g: int, parts: int) -> Array:
    """(k, s) strategies of a player whose ranges, or whose total, are cut in equal parts.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1], "y": [0, 1]}, "x*y", total=1)])
    >>> lattice(Program(game), 0, 2).tolist()
    [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]
    """
    mine, total = program.own[g], program.total(g)
    low, high = program.lower[mine], program.upper[mine]
    steps = np.indices([parts + 1] * len(mine)).reshape(len(mine), -1).T
    if total is None:
        return np.asarray(low + steps / parts * (high - low))
    points = low + steps[steps.sum(axis=1) == parts] / parts * (total - low.sum())
    return np.asarray(points[(points <= high).all(axis=1)])


class _Orbits:
    """Points that are the same up to what may change places.

    Attributes
    ----------
    first : (r,) int array
        A point of each orbit.
    where : (k,) int array
        The orbit of each point.
    count : (r,) int array
        How many points each has.
    """

    def __init__(self, points: Array, places: Sequence[Sequence[int]]) -> None:
        sorted_points = points.copy()
        for some in places:
            sorted_points[:, some] = np.sort(points[:, some], axis=1)
        _, self.first, where, self.count = np.unique(
            sorted_points, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        self.where = where.ravel()

    def averaged(self, payoffs: Array) -> Array:
        """(..., r) means over orbits of payoffs (..., k)."""
        order, ends = self.where.argsort(kind="stable"), np.cumsum(self.count)
        sums = np.add.reduceat(payoffs[..., order], np.r_[0, ends[:-1]], axis=-1)
        return np.asarray(sums / self.count)

    def spread(self, law: Array) -> Array:
        """(k,) probabilities of points, given those (r,) of orbits."""
        return np.asarray((law / self.count)[self.where])


def _exchangeable(program: Program) -> list[list[int]]:
    """Places of strategies, in groups within which they may change places in both players.

    It is seen at points at which many strategies are equal, so that rules for ties count.
    """
    size, other = map(len, program.own)
    if size != other:
        return []
    low, high = ([bound[mine] for mine in program.own] for bound in (program.lower, program.upper))
    random = np.random.default_rng(0)
    x = np.zeros((program.n, DRAWN))
    for g, mine in enumerate(program.own):
        steps = random.integers(0, COARSE + 1, (size, DRAWN)) / COARSE
        x[mine] = low[g][:, None] + steps * (high[g] - low[g])[:, None]
    before, groups = _payoffs(program, x, np.arange(size)), list[list[int]]()
    near = ROUNDED * np.nanmax(np.abs(before), initial=0.0)
    for k in range(size):
        for group in groups:
            order = np.arange(size)
            order[[group[0], k]] = k, group[0]
            same = all((end[g] == end[g][order]).all() for g in range(2) for end in (low, high))
            after = _payoffs(program, x, order)
            if same and np.allclose(after, before, rtol=0.0, atol=near, equal_nan=True):
                group.append(k)
                break
        else:
            groups.append([k])
    return groups


def _payoffs(program: Program, x: Array, order: NDArray[np.int_]) -> Array:
    """(2, B) payoffs where strategies of both players stand in some order."""
    moved = x.copy()
    for mine in program.own:
        moved[mine] = x[mine[order]]
    return np.array([program.payoff(g, moved[mine].T, moved) for g, mine in enumerate(program.own)])

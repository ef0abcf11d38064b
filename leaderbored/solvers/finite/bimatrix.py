r"""Every equilibrium of a game of two players, degenerate ones included.

With payoffs made positive, (x, y) is an equilibrium just if, scaled, x is in
:math:`P = \{x \ge 0, B^\top x \le 1\}`, y in :math:`Q = \{y \ge 0, A y \le 1\}`, neither is zero,
and each of the m + n strategies is a label of x or y: unplayed, or a best reply. Such pairs of
*vertices* are the extreme equilibria. The set of all equilibria is the union of the maximal Nash
subsets, each of them all pairs from the hull of some extreme x and the hull of some extreme y:
the maximal bicliques of the graph that extreme equilibria are the edges of (Mangasarian 1964;
Winkels 1979; Jansen 1981; Avis, Rosenberg, Savani and von Stengel, Economic Theory 42, 2010).

The ties of :mod:`leaderbored.solvers.finite.polytope` are broken as a small change of the payoffs
would. The equilibria of the changed game are regular, each near one of these, and the index of a
component is the sum of theirs,

.. math:: (-1)^{k+1} \operatorname{sign} (\det A_{IJ} \det B_{IJ}), \qquad |I| = |J| = k

(Shapley 1974). Over all components it is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from flint import fmpz_mat
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.rationals import Table
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.finite.assess import least
from leaderbored.solvers.finite.polytope import Keys, Vertices, vertices
from leaderbored.solvers.solution import Component

MOST_SUBSETS = 20_000
DELICATE = 1e6  # weights further apart than this are worked out in rational numbers
Exact = tuple[Fraction, ...]
Pairs = list[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Enumeration:
    """The extreme equilibria of a game of two players.

    Attributes
    ----------
    game : NormalForm
    rows, columns : Vertices
        Of P and of Q, one basis a vertex.
    pairs : list of (int, int)
        The extreme equilibria: numbers into ``rows`` and ``columns``.
    component : list of int
        Of each pair.
    index : list of int
        Of each component; empty if the list of vertices is not complete.
    complete : bool
        Whether the list is proved to be complete.
    """

    game: NormalForm
    rows: Vertices
    columns: Vertices
    pairs: Pairs
    component: list[int]
    index: list[int]
    complete: bool

    def mixed(self, pair: tuple[int, int]) -> list[Array]:
        """The strategies of an extreme equilibrium."""
        return [self._law(side, number) for side, number in enumerate(pair)]

    def exact(self, pair: tuple[int, int]) -> list[Exact]:
        """The same in rational numbers."""
        return [self._rational(side, number) for side, number in enumerate(pair)]

    def _law(self, side: int, number: int) -> Array:
        weights = (self.rows, self.columns)[side].points[number]
        played = weights[weights > 0]
        if not played.max() < DELICATE * played.min():
            weights = np.array([float(weight) for weight in self._rational(side, number)])
        law: Array = weights / weights.sum()
        return law

    def _rational(self, side: int, number: int) -> Exact:
        a, b = self._matrices
        return _solved((self.rows, self.columns)[side], number, (b.T, a)[side])

    def components(self, budget: Budget | None = None) -> list[Component]:
        """The connected components, with their maximal Nash subsets if there is time for them."""
        grouped: list[Pairs] = [[] for _ in range(max(self.component, default=-1) + 1)]
        for pair, number in zip(self.pairs, self.component, strict=True):
            grouped[number].append(pair)
        some = budget or Budget(None)
        return [self._component(pairs, number, some) for number, pairs in enumerate(grouped)]

    def _component(self, pairs: Pairs, number: int, budget: Budget) -> Component:
        left, right = (sorted({pair[side] for pair in pairs}) for side in (0, 1))
        edges = [(left.index(v), right.index(w)) for v, w in pairs]
        rows, columns = tuple(self._law(0, v) for v in left), tuple(self._law(1, w) for w in right)
        subsets = tuple(_bicliques(edges, budget))
        return Component(
            subsets=subsets,
            row_vertices=rows,
            column_vertices=columns,
            index=self.index[number] if self.index else None,
            dimension=max((_span(rows, x) + _span(columns, y) for x, y in subsets), default=None),
        )

    @cached_property
    def _matrices(self) -> tuple[Table, Table]:
        return _positive(self.game)


def _span(vertices: Sequence[Array], chosen: Sequence[int]) -> int:
    """Dimension of the hull of some strategies."""
    if len(chosen) == 1:
        return 0
    edges = np.array([vertices[k] - vertices[chosen[0]] for k in chosen[1:]])
    return int(np.linalg.matrix_rank(edges, tol=1e-9))


def enumerate_equilibria(game: NormalForm, budget: Budget, most: float = np.inf) -> Enumeration:
    """Find all extreme equilibria of a game of two players.

    Parameters
    ----------
    game : NormalForm
        Of m by n strategies, m + n at most 64.
    budget : Budget
        When to stop; the pairs found until then are equilibria, but perhaps not all.
    most : float
        As of :func:`leaderbored.solvers.finite.polytope.vertices`, for each of the two polytopes.

    Returns
    -------
    Enumeration

    Raises
    ------
    ValueError
        If the game is too large.

    Examples
    --------
    >>> found = enumerate_equilibria(NormalForm([[[1, 1], [1, 1]], [[0, 0], [0, 0]]]), Budget(None))
    >>> len(found.pairs), found.complete, found.components()[0].subsets, found.index
    (4, True, (((0, 1), (0, 1)),), [1])
    """
    a, b = _positive(game)
    m, n = a.shape
    p = vertices(np.ascontiguousarray(b.T), budget, most)
    q = vertices(a, budget, most if p.complete else min(most, 0))
    rows, columns = _distinct(p), _distinct(q)
    pairs, every = _complementary(rows.tight, _swapped(columns.tight, n, m), (m, n), budget)
    complete = p.complete and q.complete and every
    component = _connected(pairs, (len(rows.bases), len(columns.bases)))
    index: list[int] = []
    if complete:
        places = _places(rows, p), _places(columns, q)
        index = _indices((p, q), (a, b), places, dict(zip(pairs, component, strict=True)))
        complete = sum(index) == 1  # cannot fail, but then nothing is called proved
    return Enumeration(game, rows, columns, pairs, component, index, complete)


def _positive(game: NormalForm) -> tuple[Table, Table]:
    """Both payoff matrices as positive Python integers, the least there are for these games.

    Equilibria stay the same, and payoffs in another unit lead to the same matrices.
    """
    (a, _), (b, _) = game.integers
    return least(a) + 1, least(b) + 1


def _distinct(found: Vertices) -> Vertices:
    """One basis for each vertex."""
    _, first = np.unique(found.tight, return_index=True)
    return Vertices(
        found.bases[first],
        found.tight[first],
        found.points[first],
        found.complete,
    )


def _places(distinct: Vertices, every: Vertices) -> dict[int, int]:
    """From a basis to the number of its vertex."""
    at = np.searchsorted(distinct.tight, every.tight)
    return dict(zip(every.bases.tolist(), at.tolist(), strict=True))


def _swapped(keys: Keys, n: int, m: int) -> Keys:
    """Labels of y: its own n strategies, which its polytope counts first, after the other m."""
    own = keys & np.uint64(2**n - 1)
    swapped: Keys = (own << np.uint64(m)) | (keys >> np.uint64(n))
    return swapped


def _complementary(
    left: Keys, right: Keys, shape: tuple[int, int], budget: Budget
) -> tuple[Pairs, bool]:
    """Pairs of vertices that have all labels between them, without zeros; whether these are all."""
    m, n = shape
    full = np.uint64(2 ** (m + n) - 1)
    nothing = np.uint64(2**m - 1), np.uint64(2 ** (m + n) - 2**m)
    pairs, every = Pairs(), True
    simple = np.bitwise_count(left).max() == m and np.bitwise_count(right).max() == n
    if simple:
        _, first, second = np.intersect1d(full ^ left, right, return_indices=True)
        candidates = list(zip(first.tolist(), second.tolist(), strict=True))
    else:
        candidates = []
        for w, labels in enumerate(right):
            if w % 64 == 63 and budget.spent():
                every = False
                break
            candidates += [(v, w) for v in np.flatnonzero((left | labels) == full).tolist()]
    for v, w in sorted(candidates):
        if left[v] != nothing[0] and right[w] != nothing[1]:
            pairs.append((v, w))
    return pairs, every


def _connected(pairs: Pairs, counts: tuple[int, int]) -> list[int]:
    """The component of each pair, numbered in the order of the pairs."""
    if not pairs:
        return []
    v, w = np.array(pairs).T
    size = counts[0] + counts[1]
    graph = csr_array((np.ones(len(pairs)), (v, w + counts[0])), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    order: dict[int, int] = {}
    return [order.setdefault(number, len(order)) for number in label[v].tolist()]


def _indices(
    found: tuple[Vertices, Vertices],
    matrices: tuple[Table, Table],
    places: tuple[dict[int, int], dict[int, int]],
    component: dict[tuple[int, int], int],
) -> list[int]:
    """Index of each component, from the equilibria of the perturbed game."""
    m, n = matrices[0].shape
    left, right = found[0].bases, _swapped(found[1].bases, n, m)
    full = np.uint64(2 ** (m + n) - 1)
    _, v, w = np.intersect1d(full ^ left, right, return_indices=True)
    index = [0] * (max(component.values(), default=-1) + 1)
    for one, other in zip(v.tolist(), w.tolist(), strict=True):
        unplayed = int(left[one])
        rows = [i for i in range(m) if not unplayed >> i & 1]
        columns = [j for j in range(n) if not int(right[other]) >> (m + j) & 1]
        if rows:
            sign = _sign(matrices[0], rows, columns) * _sign(matrices[1], rows, columns)
            pair = places[0][unplayed], places[1][int(found[1].bases[other])]
            index[component[pair]] += sign * (-1) ** (len(rows) + 1)
    return index


def _sign(matrix: Table, rows: list[int], columns: list[int]) -> int:
    """Sign of a minor, exactly."""
    determinant = fmpz_mat(matrix[np.ix_(rows, columns)].tolist()).det()
    return int(determinant > 0) - int(determinant < 0)


def _solved(found: Vertices, number: int, matrix: Table) -> Exact:
    """A vertex in rational numbers, from its labels."""
    size, labels = matrix.shape[1], int(found.bases[number])
    support = [i for i in range(size) if not labels >> i & 1]
    tight = [j for j in range(len(matrix)) if labels >> (size + j) & 1]
    solved = fmpz_mat(matrix[np.ix_(tight, support)].tolist()).solve(fmpz_mat([[1]] * len(tight)))
    weights = [Fraction(0)] * size
    for place, value in zip(support, solved.entries(), strict=True):
        weights[place] = Fraction(int(value.p), int(value.q))
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def _bicliques(
    edges: Sequence[tuple[int, int]], budget: Budget
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Maximal bicliques, by closing sets of neighbours under intersection; none if too many."""
    neighbours: dict[int, int] = {}
    for v, w in edges:
        neighbours[v] = neighbours.get(v, 0) | 1 << w
    closed = set[int]()
    for mask in neighbours.values():
        closed |= {mask} | {mask & other for other in closed}
        closed.discard(0)
        if len(closed) > MOST_SUBSETS or (len(closed) > 100 and budget.spent()):
            return []
    cliques = [
        (
            tuple(sorted(v for v, near in neighbours.items() if mask & ~near == 0)),
            tuple(w for w in range(mask.bit_length()) if mask >> w & 1),
        )
        for mask in closed
    ]
    return sorted(cliques)

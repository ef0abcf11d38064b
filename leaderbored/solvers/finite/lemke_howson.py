r"""One equilibrium of a game of two players, by complementary pivoting.

From the pair of zeros one label is let go; each pivot then picks up a label and drops its twin in
the other polytope, until the first is found again (Lemke and Howson 1964). Ties are broken by a
random change of the right-hand sides, one part in a million, so that the path cannot come back on
itself; the supports at its end are solved without that change.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import Budget

TIES = 1e-6
PIVOTS = 20_000
SMALL = 1e-11


class _Dictionary:
    """The polytope of C x <= 1 in the names of its labels, pivoted in place."""

    def __init__(self, matrix: Array, own: list[int], other: list[int], noise: Array) -> None:
        right = 1 + TIES * noise
        self.table = np.hstack([matrix, right[:, None]])
        self.basis, self.cobasis = list(other), list(own)

    def enter(self, label: int) -> int | None:
        """Let a label's variable enter; the label of the variable that leaves."""
        table, column = self.table, self.cobasis.index(label)
        body = table[:, column].copy()
        positive = body > SMALL
        if not positive.any():
            return None
        ratio = np.where(positive, table[:, -1] / np.where(positive, body, 1), np.inf)
        row = int(ratio.argmin())
        pivot = body[row]
        body[row] = 0
        table[row] /= pivot
        table[:, column] = 0
        table[row, column] = 1 / pivot
        table -= np.outer(body, table[row])
        leaves = self.basis[row]
        self.basis[row], self.cobasis[column] = label, leaves
        return leaves


def lemke_howson(
    game: NormalForm, label: int = 0, *, seed: int = 0, budget: Budget
) -> list[Array] | None:
    """Follow the path that lets one label go.

    Parameters
    ----------
    game : NormalForm
        Of m by n strategies.
    label : int
        In 0 .. m + n - 1: the strategy that may be unplayed and yet no best reply.
    seed : int
        Of the change that breaks ties.
    budget : Budget
        When to give up.

    Returns
    -------
    list of two arrays, or None
        Mixed strategies; None if rounding got the better of the pivots or time ran out. The
        caller checks the regret.

    Examples
    --------
    >>> pennies = NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    >>> [law.round(6).tolist() for law in lemke_howson(pennies, budget=Budget(None))]
    [[0.5, 0.5], [0.5, 0.5]]
    """
    a, b = game.utility + 1
    m, n = a.shape
    noise = np.random.default_rng(seed).random(m + n)
    rows, columns = list(range(m)), list(range(m, m + n))
    mine = _Dictionary(b.T, rows, columns, noise[m:])
    theirs = _Dictionary(a, columns, rows, noise[:m])
    turn, entering = (mine, label) if label < m else (theirs, label)
    for _ in range(PIVOTS):
        leaving = turn.enter(entering)
        if leaving is None or budget.spent():
            return None
        if leaving == label:
            supports = sorted(set(mine.basis) & {*rows}), sorted(set(theirs.basis) & {*columns})
            return on_supports(game, supports[0], [j - m for j in supports[1]])
        turn, entering = (theirs if turn is mine else mine), leaving
    return None


def on_supports(game: NormalForm, rows: Sequence[int], columns: Sequence[int]) -> list[Array]:
    """The strategies that make the other's support indifferent, as nearly as there are any.

    Examples
    --------
    >>> game = NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    >>> [law.round(4).tolist() for law in on_supports(game, [0, 1], [0, 1])]
    [[0.6667, 0.3333], [0.3333, 0.6667]]
    """
    a, b = (matrix[np.ix_([*rows], [*columns])] for matrix in game.utility + 1)
    laws = []
    for system, support, size in zip((b.T, a), (rows, columns), game.shape, strict=True):
        law = np.zeros(size)
        law[[*support]] = np.linalg.lstsq(system, np.ones(len(system)), rcond=None)[0]
        law = np.maximum(law, 0)
        laws.append(law / (law.sum() or 1))
    return laws

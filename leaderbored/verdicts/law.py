r"""The long run of the leaderboard: stationary law and motion of the states under given hazards.

The law is the one reached from a tie. Where the chain has one closed class the start does not
matter; where it has several (say, a lead that nobody can close any more) each is weighted by the
chance of ending in it. Within a class of moderate size the law is found by elimination without
a single subtraction, which gives even the rarest state all its digits (Grassmann, Taksar and
Heyman, Operations Research 33, 1985); in larger classes by inverse iteration.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.markov.system import solve_linear

ELIMINATE = 500  # states up to which elimination is quick
FACTORISE = 3_000  # states; beyond, inverse iteration uses Krylov solves
NEVER = 1e-20  # of the fastest rate: not once in the age of the universe


@dataclass(frozen=True, eq=False)
class Law:
    """Stationary law of a finite Markov chain in continuous time, started in state 0.

    Attributes
    ----------
    rates : sparse (S, S) array
        Rates of moving, zero diagonal; 1/year.
    weight : (S,) array
        Long-run share of time in each state.
    classes : tuple of (C,) int arrays
        The closed classes that can be reached.
    """

    rates: sp.csr_array
    weight: Array
    classes: tuple[NDArray[np.int64], ...]

    @property
    def generator(self) -> sp.csr_array:
        """Sparse (S, S) generator: rates off the diagonal, rows that sum to zero."""
        return (self.rates - sp.diags_array(self.rates.sum(axis=1))).tocsr()

    def mean(self, values: Array, where: NDArray[np.bool_] | None = None) -> float:
        """Long-run mean of ``values`` (S,), given ``where`` (S,); nan if that has no weight.

        Examples
        --------
        >>> law = stationary(sp.csr_array([[0.0, 1.0], [3.0, 0.0]]))
        >>> round(law.mean(np.array([0.0, 1.0])), 12)
        0.25
        """
        weight = self.weight if where is None else np.where(where, self.weight, 0)
        total = float(weight.sum())
        return float(weight @ np.where(weight > 0, values, 0)) / total if total > 0 else np.nan


def stationary(rates: sp.csr_array) -> Law:
    """Stationary law reached from state 0.

    Parameters
    ----------
    rates : sparse (S, S) array
        Rates of moving between states, not negative; the diagonal is ignored, and so are
        rates below 1e-20 of the fastest. 1/year.

    Returns
    -------
    Law

    Examples
    --------
    >>> stationary(sp.csr_array([[0.0, 1.0], [3.0, 0.0]])).weight.round(12).tolist()
    [0.75, 0.25]
    """
    rates = (rates - sp.diags_array(rates.diagonal())).tocsr()
    rates.data[rates.data < NEVER * rates.data.max(initial=0.0)] = 0.0
    rates.eliminate_zeros()
    count, label = sp.csgraph.connected_components(rates, connection="strong")
    entries = rates.tocoo()
    leaves = np.zeros(count, dtype=bool)
    leaves[label[entries.row[label[entries.row] != label[entries.col]]]] = True
    reached = np.zeros(rates.shape[0], dtype=bool)
    reached[sp.csgraph.breadth_first_order(rates, 0, return_predecessors=False)] = True
    closed = [k for k in np.unique(label[reached]) if not leaves[k]]
    classes = tuple(np.flatnonzero(label == k) for k in closed)
    weight = np.zeros(rates.shape[0])
    for members, chance in zip(classes, _absorption(rates, classes), strict=True):
        weight[members] = chance * _within(rates[members][:, members])
    return Law(rates, weight, classes)


def _absorption(rates: sp.csr_array, classes: tuple[NDArray[np.int64], ...]) -> Array:
    """Chance of ending in each closed class from state 0."""
    if len(classes) == 1:
        return np.ones(1)
    for k, members in enumerate(classes):
        if 0 in members:
            return np.asarray(np.eye(len(classes))[k])
    absorbing = np.concatenate(classes)
    passing = np.setdiff1d(np.arange(rates.shape[0]), absorbing)
    exits = rates.sum(axis=1)[passing]
    free = exits > 0
    passing, exits = passing[free], exits[free]
    inner = sp.diags_array(exits) - rates[passing][:, passing]
    ends = np.column_stack([rates[passing][:, members].sum(axis=1) for members in classes])
    chance = spla.splu(inner.tocsc()).solve(ends)[int(np.searchsorted(passing, 0))]
    return np.asarray(chance / chance.sum())


def _within(rates: sp.csr_array) -> Array:
    """Stationary law of an irreducible chain."""
    if rates.shape[0] <= ELIMINATE:
        return _eliminate(rates.toarray())
    return _inverse_iteration(rates)


def _eliminate(rates: Array) -> Array:
    """Strike out one state after the other, never subtracting, and fold back."""
    size = len(rates)
    exits = np.empty(size)
    for k in range(size - 1, 0, -1):
        exits[k] = rates[k, :k].sum()
        rates[:k, :k] += np.outer(rates[:k, k], rates[k, :k] / exits[k])
    law = np.ones(size)
    for k in range(1, size):
        law[k] = law[:k] @ rates[:k, k] / exits[k]
        law[: k + 1] /= law[: k + 1].max()
    return np.asarray(law / law.sum())


def _inverse_iteration(rates: sp.csr_array) -> Array:
    """Large chains: solve (shift - Q)^T law = shift law until it stands still, then clean up."""
    exits = rates.sum(axis=1)
    factorise = rates.shape[0] <= FACTORISE
    shift = float(np.mean(exits)) * (1e-4 if factorise else 0.02)
    matrix = (sp.diags_array(exits + shift) - rates).T.tocsr()
    if factorise:
        solve = spla.splu(matrix.tocsc(), "MMD_AT_PLUS_A", diag_pivot_thresh=0.0).solve
    else:
        solve = partial(solve_linear, matrix, direct=False)
    law = np.full(rates.shape[0], 1 / rates.shape[0])
    for _ in range(100):
        better = np.maximum(solve(shift * law), 1e-300)
        better /= better.sum()
        done = float(np.abs(better - law).max()) <= 1e-13
        law = better
        if done:
            break
    into = rates.T.tocsr()
    for _ in range(50):  # sweeps without subtraction give rare states their correct digits
        law = into @ law / exits
        law /= law.sum()
    return law

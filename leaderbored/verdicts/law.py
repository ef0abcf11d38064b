r"""The long run of the leaderboard: stationary law and motion of the states under given hazards.

The law is the one reached from a tie. Where the chain has one closed class the start does not
matter; where it has several (say, a lead that nobody can close any more) each is weighted by the
chance of ending in it.

A chain whose classes are all but separate has a stationary law that is reached too late to
matter. So a rate counts as never where it is lost when added to the discount rate in double
precision, as the equations of the equilibrium add it: what happens so seldom moves no value. Where
even the fastest rate is slower than that, it takes the place of the discount rate, so that the law
depends on no unit of time.

Within a class of moderate size the law is found by elimination without
a single subtraction, which gives even the rarest state all its digits (Grassmann, Taksar and
Heyman, Operations Research 33, 1985); in larger classes by inverse iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.linear import solve_linear

ELIMINATE = 500  # states up to which elimination is quick
FACTORISE = 3_000  # states; beyond, inverse iteration uses Krylov solves
NEVER = 2.0**-53  # of the discount rate, or of the fastest rate if that is slower: lost in rounding
SHIFTS = (1e-4, 1e-8, 1e-12)  # of the mean rate, for inverse iteration: smaller for slow chains


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
    chances : (number of classes,) array
        Chance of ending in each.
    never : float
        Rates below this count as zero; 1/year.
    """

    rates: sp.csr_array
    weight: Array
    classes: tuple[NDArray[np.int64], ...]
    chances: Array
    never: float

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
        return float(grouped(np.zeros(len(weight), dtype=int), weight, values, 1)[0])

    def settled(self, start: Array) -> Array:
        """Laws (S, M) in the long run from laws ``start`` (S, M), which need not begin at a tie.

        Examples
        --------
        >>> law = stationary(sp.csr_array([[0.0, 1.0, 0.0], [0.0] * 3, [2.0, 6.0, 0.0]]))
        >>> law.settled(np.array([[0.0], [0.0], [1.0]])).ravel().tolist()
        [0.0, 1.0, 0.0]
        """
        classes = self.classes
        inside = np.isin(np.arange(len(start)), np.concatenate(classes))
        reached = start[inside].sum() < start.sum()
        if reached:
            _, classes = _closed(self.rates)
            inside = np.isin(np.arange(len(start)), np.concatenate(classes))
        passing = np.flatnonzero(~inside)
        through = np.zeros((len(passing), start.shape[1]))
        if reached and len(passing):
            exits = sp.diags_array(self.rates.sum(axis=1)[passing])
            matrix = (exits - self.rates[passing][:, passing]).T.tocsc()
            through = np.maximum(spla.splu(matrix).solve(start[passing]), 0.0)
        found = np.zeros_like(start)
        for members in classes:
            into = self.rates[passing][:, members].sum(axis=1) @ through
            chance = start[members].sum(axis=0) + into
            if chance.any():
                found[members] = np.outer(_within(self.rates[members][:, members]), chance)
        return found


def grouped(group: NDArray[np.int_], weight: Array, values: Array, count: int) -> Array:
    """Weighted means of ``values`` (S,) in groups 0, ..., count - 1; nan where no weight is.

    Examples
    --------
    >>> grouped(np.array([0, 0, 2]), np.ones(3), np.array([1.0, 2.0, 5.0]), 3).tolist()
    [1.5, nan, 5.0]
    """
    here = weight > 0
    total = np.bincount(group[here], weights=weight[here], minlength=count)
    with np.errstate(over="ignore", invalid="ignore"):
        parts = weight[here] / total[group[here]] * values[here]
        mean = np.bincount(group[here], weights=parts, minlength=count)
    return np.where(total > 0, mean, np.nan)


def stationary(rates: sp.csr_array, discount: float = np.inf) -> Law:
    """Stationary law reached from state 0.

    Parameters
    ----------
    rates : sparse (S, S) array
        Rates of moving between states, not negative; the diagonal is ignored, and so are
        rates that are lost beside the discount rate or the fastest rate. 1/year.
    discount : float, optional
        Of the players, 1/year; by default the fastest rate alone is the measure.

    Returns
    -------
    Law

    Examples
    --------
    >>> stationary(sp.csr_array([[0.0, 1.0], [3.0, 0.0]])).weight.round(12).tolist()
    [0.75, 0.25]
    """
    rates = (rates - sp.diags_array(rates.diagonal())).tocsr()
    never = NEVER * min(discount, float(rates.data.max(initial=0.0)))
    rates.data[rates.data < never] = 0.0
    rates.eliminate_zeros()
    reached, closed = _closed(rates)
    classes = tuple(members for members in closed if reached[members[0]])
    weight = np.zeros(rates.shape[0])
    chances = _absorption(rates, classes, reached)
    for members, chance in zip(classes, chances, strict=True):
        weight[members] = chance * _within(rates[members][:, members])
    return Law(rates, weight, classes, chances, never)


def _closed(rates: sp.csr_array) -> tuple[NDArray[np.bool_], tuple[NDArray[np.int64], ...]]:
    """Which states (S,) can be reached from state 0, and all closed classes."""
    count, label = sp.csgraph.connected_components(rates, connection="strong")
    entries = rates.tocoo()
    leaves = np.zeros(count, dtype=bool)
    leaves[label[entries.row[label[entries.row] != label[entries.col]]]] = True
    reached = np.zeros(rates.shape[0], dtype=bool)
    reached[sp.csgraph.breadth_first_order(rates, 0, return_predecessors=False)] = True
    order = np.argsort(label, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    closed = (part for part in parts if not leaves[label[part[0]]])
    return reached, tuple(sorted(closed, key=lambda part: int(part[0])))


def _absorption(
    rates: sp.csr_array, classes: tuple[NDArray[np.int64], ...], reached: NDArray[np.bool_]
) -> Array:
    """Chance of ending in each closed class from state 0."""
    for k, members in enumerate(classes):
        if 0 in members or len(classes) == 1:
            return np.asarray(np.eye(len(classes))[k])
    passing = np.setdiff1d(np.flatnonzero(reached), np.concatenate(classes))
    inner = rates[passing][:, passing]
    ends = np.column_stack([rates[passing][:, members].sum(axis=1) for members in classes])
    if len(passing) <= ELIMINATE:
        chance = _censor(inner.toarray(), ends)
    else:
        matrix = (sp.diags_array(rates.sum(axis=1)[passing]) - inner).tocsc()
        chance = np.maximum(spla.splu(matrix).solve(ends)[0], 0.0)
    return np.asarray(chance / chance.sum())


def _censor(inner: Array, ends: Array) -> Array:
    """Rates from the first of the passing states to each end, with the others struck out."""
    for k in range(len(inner) - 1, 0, -1):
        leaves = inner[k, :k].sum() + ends[k].sum()
        share = inner[:k, k] / leaves
        inner[:k, :k] += np.outer(share, inner[k, :k])
        ends[:k] += np.outer(share, ends[k])
    return np.asarray(ends[0])


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
    law = np.full(rates.shape[0], 1 / rates.shape[0])
    for relative in SHIFTS if factorise else (0.02,):
        shift = float(np.mean(exits)) * relative
        matrix = (sp.diags_array(exits + shift) - rates).T.tocsr()
        if factorise:
            solve = spla.splu(matrix.tocsc(), "MMD_AT_PLUS_A", diag_pivot_thresh=0.0).solve
        else:
            solve = partial(solve_linear, matrix, direct=False)
        law, done = _iterate(solve, shift, law)
        if done:
            break
    into = rates.T.tocsr()
    for _ in range(50):  # sweeps without subtraction give rare states their correct digits
        law = into @ law / exits
        law /= law.sum()
    return law


def _iterate(solve: Callable[[Array], Array], shift: float, law: Array) -> tuple[Array, bool]:
    """Inverse iteration with one shift, and whether it stood still."""
    for _ in range(100):
        checkpoint()
        better = np.maximum(solve(shift * law), 1e-300)
        better /= better.sum()
        done = float(np.abs(better - law).max()) <= 1e-13
        law = better
        if done:
            return law, True
    return law, False

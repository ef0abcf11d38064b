r"""The long run of the leaderboard: where play ends, and its law there, under given hazards.

*Live* moves are those to another state at a rate above :math:`10^{-9}` of the discount rate. They
alone count: what happens less than once in a billion of the players' horizons moves no value that
could be told, and a chain whose parts are all but separate has a law that is reached too late to
matter. Nothing of this depends on a unit of time.

Play that starts in some state ends in one of the *closed classes* of states under live moves. The
chances of ending in each, the mean times until then, and the laws within are found one by one,
never from one system of equations for the whole chain. A set of states from which play does get
away by live moves, but by an unlikely string of them and on the whole less often than a live
move, is closed like one that it does not leave.

Chances, times and laws of moderate size are found by elimination without a single subtraction,
which gives even the rarest state all its digits (Grassmann, Taksar and Heyman, Operations Research
33, 1985); of larger sets by sparse factors and inverse iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.linear import RELATIVE, factorise, solve_linear

ELIMINATE = 500  # states up to which elimination is quick
PLANE, FACTORISE = 30_000, 3_000  # states in a plane, and others, up to which factors are quick
NEVER = 1e-9  # of the discount rate: moves at lower rates are none
SHIFTS = (1e-4, 1e-8, 1e-12)  # of the mean rate, for inverse iteration: smaller for slow chains
NEARBY = 2e-3  # the same where steps are found by Krylov solves
INEXACT = 1e-3  # of the last step, to which the next one is found then
STEADY = 0.5  # of the last step, that the next one is at most in a chain that is not slow
STILL, BLURRED = 1e-13, 1e-11  # steps of an iteration that stands still, and that rounding blurs


@dataclass(frozen=True, eq=False)
class Law:
    """Long run of a finite Markov chain in continuous time from a given start.

    Attributes
    ----------
    rates : sparse (S, S) array
        Rates of live moves, zero diagonal; 1/year.
    weight : (S,) array
        Long-run share of time in each state.
    classes : tuple of (C,) int arrays
        The closed classes that can be reached.
    within : tuple of (C,) arrays
        The law in each of them.
    chances, times : (number of classes,) arrays
        Chance of ending in each, and mean time until then if it does; years.
    start : (S,) array
        Chances of starting in each state.
    never : float
        Moves at this rate or below count as none; 1/year.
    """

    rates: sp.csr_array
    weight: Array
    classes: tuple[NDArray[np.int64], ...]
    within: tuple[Array, ...]
    chances: Array
    times: Array
    start: Array
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

    def on_path(self, members: NDArray[np.int64], within: Array) -> Array:
        """Share of time (C,) in each state of a closed class, if only at first.

        If play starts in the class, and it has no more than thousands of states, that is its share
        in the long run or, where that is more, in a billion of the players' horizons: leads that
        are hardly ever lost leave next to no time to those through which play gets there.

        Examples
        --------
        >>> law = stationary(sp.csr_array([[0.0, 1.0], [2e-3, 0.0]]), 1e6)
        >>> law.weight.round(6).tolist()
        [0.001996, 0.998004]
        >>> law.on_path(law.classes[0], law.within[0]).round(6).tolist()
        [0.002991, 0.998004]
        """
        if self.never == 0 or len(members) > FACTORISE or not self.start[members].any():
            return within
        inner = _among(self.rates, members)
        matrix = sp.diags_array(inner.sum(axis=1) + self.never) - inner
        spent = self.never * factorise(matrix.T).solve(self.start[members])
        return np.asarray(np.maximum(within, spent))

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
            _, classes, _ = parts(self.rates, np.eye(1, len(start)).ravel())
            inside = np.isin(np.arange(len(start)), np.concatenate(classes))
        passing = np.flatnonzero(~inside)
        through = np.zeros((len(passing), start.shape[1]))
        if reached and len(passing):
            exits = sp.diags_array(self.rates.sum(axis=1)[passing])
            matrix = (exits - self.rates[passing][:, passing]).T
            through = np.maximum(factorise(matrix).solve(start[passing]), 0.0)
        found = np.zeros_like(start)
        for k, members in enumerate(classes):
            into = self.rates[passing][:, members].sum(axis=1) @ through
            chance = start[members].sum(axis=0) + into
            if chance.any():
                law = _within(_among(self.rates, members)) if reached else self.within[k]
                found[members] = np.outer(law, chance)
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


def stationary(
    rates: sp.csr_array,
    discount: float = 0.0,
    start: Array | None = None,
    *,
    planar: bool | None = None,
) -> Law:
    """Long run from a start.

    Parameters
    ----------
    rates : sparse (S, S) array
        Rates of moving between states, not negative; the diagonal is ignored. 1/year.
    discount : float, default 0
        Of the players, 1/year; moves of which there is less than one in a billion of their
        horizons are ignored.
    start : (S,) array, optional
        Chances of starting in each state; by default it is the first.
    planar : bool, optional
        Whether states lie in a plane, so that factors of the rates are sparse, if it is known.

    Returns
    -------
    Law

    Examples
    --------
    >>> stationary(sp.csr_array([[0.0, 1.0], [3.0, 0.0]])).weight.round(12).tolist()
    [0.75, 0.25]
    >>> law = stationary(sp.csr_array([[0.0, 1.0, 3.0], [0.0] * 3, [0.0] * 3]))
    >>> law.chances.tolist(), law.times.tolist()
    ([0.25, 0.75], [0.25, 0.25])
    """
    size = rates.shape[0]
    start = np.eye(1, size).ravel() if start is None else start / start.sum()
    never = NEVER * discount
    rates, (reached, closed, _) = _kept(_live(rates, never), start, never)
    classes = tuple(members for members in closed if reached[members[0]])
    within = tuple(_within(_among(rates, members), planar) for members in classes)
    chances, times = _absorption(rates, classes, reached, start)
    weight = np.zeros(size)
    for members, law, chance in zip(classes, within, chances, strict=True):
        weight[members] = chance * law
    return Law(rates, weight, classes, within, chances, times, start, never)


def _live(rates: sp.csr_array, never: float) -> sp.csr_array:
    """The moves to other states that count."""
    entries = rates.tocoo()
    counts = (entries.row != entries.col) & (entries.data > never)
    where = (entries.row[counts], entries.col[counts])
    return sp.csr_array((entries.data[counts], where), shape=rates.shape)


def _kept(rates: sp.csr_array, start: Array, never: float) -> tuple[sp.csr_array, Split]:
    """The same without the ways out of sets that are left less often than a live move is made.

    And the parts that are left.
    """
    given, split = rates, parts(rates, start)
    reached, _, open_ = split
    for members in open_:
        if len(members) == 1 or not reached[members[0]]:
            continue
        entries = rates.tocoo()
        leaves = np.isin(entries.row, members) & ~np.isin(entries.col, members)
        law = np.zeros(len(start))
        law[members] = _within(_among(rates, members))
        if float(law[entries.row[leaves]] @ entries.data[leaves]) <= never:
            where = (entries.row[~leaves], entries.col[~leaves])
            rates = sp.csr_array((entries.data[~leaves], where), shape=rates.shape)
    return rates, split if rates is given else parts(rates, start)


Classes: TypeAlias = tuple[NDArray[np.int64], ...]
Split: TypeAlias = tuple[NDArray[np.bool_], Classes, Classes]


def parts(rates: sp.csr_array, start: Array) -> Split:
    """Which states (S,) can be reached, the classes that are closed, and those that are not.

    Examples
    --------
    >>> reached, closed, open_ = parts(sp.csr_array([[0.0, 1.0], [0.0, 0.0]]), np.array([1.0, 0]))
    >>> reached.tolist(), closed, open_
    ([True, True], (array([1]),), (array([0]),))
    """
    count, label = sp.csgraph.connected_components(rates, connection="strong")
    entries = rates.tocoo()
    leaves = np.zeros(count, dtype=bool)
    leaves[label[entries.row[label[entries.row] != label[entries.col]]]] = True
    reached = np.zeros(rates.shape[0], dtype=bool)
    for first in np.flatnonzero(start):
        if not reached[first]:
            reached[sp.csgraph.breadth_first_order(rates, first, return_predecessors=False)] = True
    order = np.argsort(label, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    parts.sort(key=lambda part: int(part[0]))
    closed = tuple(part for part in parts if not leaves[label[part[0]]])
    return reached, closed, tuple(part for part in parts if leaves[label[part[0]]])


def leading_to(moves: sp.sparray, there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(S,) states from which moves, the entries (S, S), may lead to some, which are among them.

    Examples
    --------
    >>> moves = sp.csr_array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    >>> leading_to(moves, np.array([True, False, False])).tolist()
    [True, False, True]
    """
    size = len(there)
    back = sp.csr_array(sp.vstack([moves.T, 1.0 * there[None]]))  # one state leads to all of these
    back.resize(size + 1, size + 1)
    found = np.zeros(size + 1, dtype=bool)
    found[sp.csgraph.breadth_first_order(back, size, return_predecessors=False)] = True
    return found[:size]


def _absorption(
    rates: sp.csr_array, classes: Classes, reached: NDArray[np.bool_], start: Array
) -> tuple[Array, Array]:
    """Chances (K,) of ending in each closed class, and mean times (K,) if so."""
    inside = np.concatenate(classes)
    passing = np.setdiff1d(np.flatnonzero(reached), inside)
    at_once = np.array([start[members].sum() for members in classes])
    if len(passing) == 0:
        return at_once, np.zeros(len(classes))
    inner = rates[passing][:, passing]
    ends = np.column_stack([rates[passing][:, members].sum(axis=1) for members in classes])
    solve = _censored if len(passing) <= ELIMINATE else _factored
    chance, spent = solve(inner, ends, start[passing])
    chances = at_once + start[passing] @ chance
    with np.errstate(invalid="ignore"):
        times = np.where(chances > 0, spent @ chance / chances, 0.0)
    return np.asarray(chances / chances.sum()), times


def _censored(inner: sp.csr_array, ends: Array, start: Array) -> tuple[Array, Array]:
    """Chances (P, K) of each end from each passing state, and time (P,) spent in each of them.

    The states are struck out one after the other, the last being one that stands for the start,
    and folded back.
    """
    size = len(start) + 1
    within, out = np.zeros((size, size)), np.vstack([np.zeros(ends.shape[1]), ends])
    within[0, 1:], within[1:, 1:] = start, inner.toarray()
    exits = np.ones(size)
    for k in range(size - 1, 0, -1):
        exits[k] = within[k, :k].sum() + out[k].sum()
        share = within[:k, k] / exits[k]
        within[:k, :k] += np.outer(share, within[k, :k])
        out[:k] += np.outer(share, out[k])
    chance, spent = np.zeros_like(out), np.eye(1, size).ravel()
    for k in range(1, size):
        chance[k] = (within[k, :k] @ chance[:k] + out[k]) / exits[k]
        spent[k] = spent[:k] @ within[:k, k] / exits[k]
    return chance[1:], spent[1:]


def _factored(inner: sp.csr_array, ends: Array, start: Array) -> tuple[Array, Array]:
    """The same for many states."""
    exits = inner.sum(axis=1) + ends.sum(axis=1)
    factors = factorise(sp.diags_array(exits) - inner)
    return np.maximum(factors.solve(ends), 0.0), np.maximum(factors.solve_turned(start), 0.0)


def _among(rates: sp.csr_array, members: NDArray[np.int64]) -> sp.csr_array:
    """Rates of moving between some states, in rising order; most often these are all."""
    return rates if len(members) == rates.shape[0] else rates[members][:, members]


def _within(rates: sp.csr_array, planar: bool | None = None) -> Array:
    """Stationary law of an irreducible chain."""
    if rates.shape[0] <= ELIMINATE:
        return _eliminate(rates.toarray())
    return _inverse_iteration(rates, planar)


def _eliminate(rates: Array) -> Array:
    """Strike out one state after the other, never subtracting, and fold back."""
    size = len(rates)
    exits = np.empty(size)
    for k in range(size - 1, 0, -1):
        exits[k] = rates[k, :k].sum()
        rates[:k, :k] += rates[:k, k, None] * (rates[k, :k] / exits[k])
    law = np.ones(size)
    for k in range(1, size):
        law[k] = law[:k] @ rates[:k, k] / exits[k]
        law[: k + 1] /= law[: k + 1].max()
    return np.asarray(law / law.sum())


def _inverse_iteration(rates: sp.csr_array, planar: bool | None) -> Array:
    """Large chains: solve (shift - Q)^T law = shift law until it stands still, then clean up."""
    exits, into = rates.sum(axis=1), rates.T.tocsr()
    law = np.full(rates.shape[0], 1 / rates.shape[0])
    most = PLANE if planar else FACTORISE
    tries = [(_nearby, NEARBY, STEADY)] * (planar is False or len(law) > most)
    tries += [(_factored_in, shift, np.inf) for shift in SHIFTS] * (len(law) <= most)
    for solver, relative, steady in tries:
        shift = float(np.mean(exits)) * relative
        solve = solver(sp.csr_array(sp.diags_array(exits + shift) - into))
        law, done = _iterate(solve, shift, law, steady)
        if done:
            break
    for _ in range(50):  # sweeps without subtraction give rare states their correct digits
        law = into @ law / exits
        law /= law.sum()
    return law


Shifted = Callable[[Array, Array, float], Array]  # of shift times a law, that, and how well


def _factored_in(matrix: sp.csr_array) -> Shifted:
    """Solve with a shift by factors."""
    factors = factorise(matrix, "MMD_AT_PLUS_A", 0.0)
    return lambda part, law, relative: factors.solve(part)


def _nearby(matrix: sp.csr_array) -> Shifted:
    """Solve with a shift for that part of a law, which is near to the law that it is a part of."""
    return lambda part, law, relative: solve_linear(
        matrix, part, direct=False, guess=law, relative=relative
    )


def _iterate(solve: Shifted, shift: float, law: Array, steady: float) -> tuple[Array, bool]:
    """Inverse iteration, and whether it stood still, each step at most ``steady`` of the last."""
    moved, slow = 1.0, False
    for _ in range(100):
        checkpoint()
        better = np.maximum(solve(shift * law, law, max(RELATIVE, moved * INEXACT)), 1e-300)
        better /= better.sum()
        before, moved = moved, float(np.abs(better - law).max())
        law, slow = better, slow or moved > max(steady * before, BLURRED)
        if moved <= STILL:
            return law, not slow
    return law, False

"""A grid of races of two labs, each with many histories as long as a record.

Every point is a hypothesis: a race and one of its equilibria. Unless all equilibria are asked for
it is the one that is found first, from idle compute on; where they are, a race with several stands
in the atlas once for each. What is done with it: :mod:`leaderbored.evidence.fit`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import scipy.linalg as sl

from leaderbored.evidence.boards import YEAR, Board
from leaderbored.evidence.family import EQUAL, Family
from leaderbored.games.markov import Array
from leaderbored.race import Race

GRID: dict[str, tuple[float, ...]] = {
    "productivity": tuple(float(x) for x in np.geomspace(0.5, 30, 12)),
    "handicap": (0.0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6),
    "scarcity": (0.3, 0.5, 0.7, 0.9, 1.1, 1.5),
}
MONTH = 4  # weeks
HISTORIES = 200
RIDGE = 1e-6  # of the variances, so that a moment that never varies has a weight


@dataclass(frozen=True, eq=False)
class Atlas:
    """The grid, solved, with histories as long as a record.

    Attributes
    ----------
    names : tuple of str
    values : (P, K) array
        Numbers of each point.
    mean_lead : (P,) array
        Of the race, over its histories; rungs.
    moments : (P, R, 4) array
        Of every history.
    centre, weight : (P, 4), (P, 4, 4) arrays
        Means, and inverse covariances.
    races : tuple of Race
    build : (P, 2, S) array
        Shares that build, by lab and signed lead.
    several : int
        Races with more than one equilibrium.
    unsolved : int
        Races that are left out because no equilibrium was found.
    """

    names: tuple[str, ...]
    values: Array
    mean_lead: Array
    moments: Array
    centre: Array
    weight: Array
    races: tuple[Race, ...]
    build: Array
    several: int
    unsolved: int

    def deviances(self, moments: Array) -> Array:
        """(..., P) minus twice the log likelihoods of moments (..., 4) at every point."""
        return np.asarray(self.distances(moments) - np.linalg.slogdet(self.weight)[1])

    def distances(self, moments: Array) -> Array:
        """(..., P) squared distances of moments (..., 4) from every point."""
        off = moments[..., None, :] - self.centre
        made: Array = np.einsum("...pi,pij,...pj->...p", off, self.weight, off)
        return made


def moments_of(lead: Array, leader: Array, weeks: int = 52) -> Array:
    """Four moments of weekly leads.

    Parameters
    ----------
    lead, leader : (..., T) arrays
        Lead of the best lab over the next, and who led alone last.
    weeks : int, default 52
        In a year.

    Returns
    -------
    (..., 4) array

    Examples
    --------
    >>> lead = np.array([1.0, 2.0, 0.0, 1.0, 2.0, 3.0, 1.0, 2.0])
    >>> moments_of(lead, np.array([0, 0, 0, 1, 1, 1, 1, 1])).round(2).tolist()
    [2.55, -0.55, 1.0, -2.49]
    """
    lost = leader[..., 1:] != leader[..., :-1]
    changes = lost.sum(axis=-1)
    mean, spread = lead.mean(axis=-1), lead.std(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.log(np.maximum(spread, 1e-9) / np.maximum(mean, 1e-9))
        before, after = lead[..., :-MONTH], lead[..., MONTH:]
        a, b = (x - x.mean(axis=-1, keepdims=True) for x in (before, after))
        size = np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
        again = np.where(size > 0, (a * b).sum(axis=-1) / size, 1.0)
        first = lead[..., :-1]
        when = np.where(lost, first, 0).sum(axis=-1) / np.maximum(changes, 1)
        else_ = np.where(lost, 0, first).sum(axis=-1) / np.maximum((~lost).sum(axis=-1), 1)
        unit = np.maximum(mean, 1e-9)
        ratio = np.where(changes > 0, np.log((0.1 + when / unit) / (0.1 + else_ / unit)), 0.0)
    years = lead.shape[-1] / weeks
    return np.stack([np.sqrt(changes / years), relative, again, ratio], axis=-1)


def record(board: Board) -> tuple[Array, Array]:
    """Weekly leads on a board, and who led.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> lead, leader = record(board("eci"))
    >>> len(lead) == len(leader)
    True
    """
    weeks = board.weeks()
    starts = np.array([spell.start for spell in board.spells])
    spell = np.maximum(np.searchsorted(starts, weeks, side="right") - 1, 0)
    labs = board.labs
    return board.lead_at(weeks), np.array([labs.index(board.spells[k].leader) for k in spell])


def atlas(
    weeks: int,
    grid: Mapping[str, Sequence[float]] | None = None,
    seed: int = 0,
    family: Family = EQUAL,
) -> Atlas:
    """Solve the races of a grid, and draw histories of each.

    Parameters
    ----------
    weeks : int
        Of a history.
    grid : mapping of str to sequence of float, optional
        Values of productivity, handicap and scarcity, and of switching, leapfrog, flywheel and
        drafting if they are to be found, too.
    seed : int, default 0
    family : Family, optional
        What the races share; two equal labs and a scarce market by default.

    Examples
    --------
    >>> small = {"productivity": (1.0, 3.0), "handicap": (0.1,), "scarcity": (0.5, 0.9)}
    >>> atlas(100, small).moments.shape
    (4, 200, 4)
    """
    grid = dict(grid or GRID)
    return _atlas(weeks, tuple((n, tuple(values)) for n, values in grid.items()), seed, family)


@cache
def _atlas(
    weeks: int, grid: tuple[tuple[str, tuple[float, ...]], ...], seed: int, family: Family
) -> Atlas:
    from leaderbored.solvers.kernels.histories import histories

    names = tuple(name for name, _ in grid)
    values = np.array(list(product(*(values for _, values in grid))))
    races = [family.race(**dict(zip(names, row, strict=True))) for row in values.tolist()]
    solved = family.solve(races)
    pairs = [(p, build) for p, builds in enumerate(solved) for build in builds]
    uniform = np.random.default_rng(seed).random((HISTORIES, weeks))
    moments, mean = [], []
    for p, build in pairs:
        step, start, lead, holder = _chain(races[p], build, weeks)
        path = histories(np.cumsum(step, axis=1), np.cumsum(start), uniform)
        moments.append(moments_of(lead[path], holder[path]))
        mean.append(lead[path].mean())
    every = np.array(moments)
    weight = np.asarray(np.linalg.inv([_covariance(each) for each in every]), dtype=float)
    kept = [p for p, _ in pairs]
    return Atlas(
        names,
        values[kept],
        np.array(mean),
        every,
        every.mean(axis=1),
        weight,
        tuple(races[p] for p in kept),
        np.array([build for _, build in pairs]),
        sum(len(builds) > 1 for builds in solved),
        sum(not builds for builds in solved),
    )


def _chain(race: Race, build: Array, weeks: int) -> tuple[Array, Array, Array, Array]:
    """Law of a week, stationary law, and lead and holder in each state.

    States are signed leads with who led alone last, the ties twice.
    """
    tech, rungs = race.technology, race.rungs
    size, x = 2 * rungs + 1, np.arange(-rungs, rungs + 1)
    game = race.markov()
    places = game.states[:, 1] - game.states[:, 0] + rungs
    hazards = np.empty((2, size))
    hazards[:, places] = game.hazard(build[:, places])
    rates = np.zeros((size + 1, size + 1))  # the last state is the tie that the second lab holds
    tie, other = rungs, size
    for k in range(size):
        for i, sign in ((0, 1), (1, -1)):
            behind, hazard = sign * x[k] < 0, hazards[i][k]
            leap = tech.leapfrog if behind else 0.0
            ahead = k + sign
            if 0 <= ahead < size:
                rates[k, ahead] += (1 - leap) * hazard
            if behind:
                rates[k, tie + sign] += leap * hazard
    rates[other] = np.append(rates[tie, :size], 0.0)  # at a tie both play as they do at any
    rates[tie - 1, other], rates[tie - 1, tie] = rates[tie - 1, tie], 0.0
    generator = rates - np.diag(rates.sum(axis=1))
    step = np.maximum(sl.expm(generator * 7 / YEAR), 0)
    step /= step.sum(axis=1, keepdims=True)
    start = np.linalg.matrix_power(step, 1 << 14)[tie]  # where play from the tie is in the long run
    lead = np.append(np.abs(x), 0).astype(float)
    holder = np.append(np.where(x >= 0, 0, 1), 1)
    return step, start / start.sum(), lead, holder


def _covariance(moments: Array) -> Array:
    made = np.cov(moments, rowvar=False)
    return np.asarray(made + RIDGE * np.diag(1 + np.diag(made)))

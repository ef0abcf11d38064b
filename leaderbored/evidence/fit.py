r"""Which races would have shown this record? Two labs, by simulated moments on a grid.

The lead of the best lab over the next, week by week, is held against a race of two labs. Its
numbers run over a grid: pace (productivity), handicap and scarcity; compute, market and which
equilibria are hypotheses is as :class:`leaderbored.evidence.family.Family` says. At each point of
the grid the race is solved, and many histories as long as the record are drawn, all points with the
same random numbers. Four moments of each history do not depend on how many points a rung is:

- lead changes a year, as a square root;
- the spread of the lead over its mean, in logs;
- the correlation of the lead with itself four weeks later;
- the mean lead in weeks in which it is lost over that in others, in logs, a tenth of the mean lead
  added to both.

The points of a rung are then the mean lead on the board over that of the race. The likelihood of a
record at a point is that of its moments under a normal law with the mean and the covariance of the
point's histories (a synthetic likelihood, Wood, Nature 466, 2010; simulated moments, Duffie and
Singleton, Econometrica 61, 1993, with a weight of each point's own). The estimate is the point at
which it is largest.

A value of a number is in the confidence set if the least deviance (minus twice the log likelihood)
among the points that have it exceeds the least of all by no more than in nine of ten histories of
the best of these points: a likelihood ratio whose law is drawn, not assumed (Dufour, Journal of
Econometrics 133, 2006). Where a set reaches from one end of the grid to the other the number is
*not identified*. The race as a whole is tested by the share of histories, at the estimate, that lie
as far from the race estimated from them as the record does from its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from leaderbored.evidence.atlas import Atlas, atlas, moments_of, record
from leaderbored.evidence.boards import Board
from leaderbored.evidence.family import EQUAL, Family
from leaderbored.games.markov import Array
from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.text import percent
from leaderbored.verdicts.reading import kind_at

COVERAGE = 0.9


@dataclass(frozen=True, eq=False)
class Fit(Shown):
    """Races that would have shown a record.

    Attributes
    ----------
    board : str
    names : tuple of str
        Of the numbers.
    grid : tuple of tuple of float
        Their values.
    at : tuple of float
        The estimate.
    sets : tuple of tuple of float
        Values of each number in its confidence set of 90%.
    rung : float
        Points of a rung at the estimate, in the board's unit.
    moments, fitted : (4,) arrays
        Of the board, and their means at the estimate.
    p_value : float
        Share of histories of the race at the estimate that are as far from it as the record.
    verdicts : dict of str to float
        Of the races that are estimated from histories of the estimate, by how often: the verdict's
        share. Standing still counts as one.
    family : Family
        What the races share.
    several, unsolved : int
        Races of the grid with more than one equilibrium, and without any that was found.
    """

    board: str
    names: tuple[str, ...]
    grid: tuple[tuple[float, ...], ...]
    at: tuple[float, ...]
    sets: tuple[tuple[float, ...], ...]
    rung: float
    moments: Array
    fitted: Array
    p_value: float
    verdicts: dict[str, float]
    family: Family = EQUAL
    several: int = 0
    unsolved: int = 0

    def identified(self, name: str) -> bool:
        """Whether the confidence set of a number leaves out a value at either end of the grid."""
        k = self.names.index(name)
        return not {self.grid[k][0], self.grid[k][-1]} <= set(self.sets[k])

    @property
    def headline(self) -> str:
        """Whether any race fits, what it is, and what the record cannot tell."""
        if self.p_value < 1 - COVERAGE:
            fit = f"No race of the grid shows such a record (p = {self.p_value:.2g})"
        else:
            fit = f"Races of the grid show such records (p = {self.p_value:.2g})"
        most = max(self.verdicts, key=lambda kind: self.verdicts[kind])
        loose = [name for name in self.names if not self.identified(name)]
        edge = [
            name
            for name, at, grid in zip(self.names, self.at, self.grid, strict=True)
            if at in (grid[0], grid[-1]) and name not in loose and at != 0
        ]
        ends = [
            f"; {_together(names)} {'is' if len(names) == 1 else 'are'} {what}"
            for names, what in ((edge, "at an end of the grid"), (loose, "not identified"))
            if names
        ]
        return f"{fit}: {most} in {percent(self.verdicts[most], 2)} of estimates{''.join(ends)}."


def _together(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def fit(
    of: Board | tuple[Array, Array],
    grid: Mapping[str, Sequence[float]] | None = None,
    seed: int = 0,
    name: str = "",
    family: Family = EQUAL,
) -> Fit:
    """Which races would have shown a record.

    Parameters
    ----------
    of : Board, or two (T,) arrays
        A board, or weekly leads and who led.
    grid : mapping of str to sequence of float, optional
        Values of productivity, handicap, scarcity, switching, leapfrog, flywheel and drafting. Of
        the last four, those left out are 0.5, 0.5, 0 and 0.
    seed : int, default 0
        Of the histories.
    name : str, optional
        Of the record.
    family : Family, optional
        What the races share; two equal labs and a scarce market by default.

    Raises
    ------
    ValueError
        If the record is shorter than half a year.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> small = {"productivity": (1.0, 3.0, 9.0), "handicap": (0.0, 0.2), "scarcity": (0.5, 0.9)}
    >>> found = fit(board("eci"), small)
    >>> found.at[0] in (1.0, 3.0, 9.0), 0 < found.p_value <= 1
    (True, True)
    """
    lead, leader = record(of) if isinstance(of, Board) else of
    if len(lead) < 26:
        raise ValueError(
            f"{name or 'record'}: {len(lead)} weeks: expected a record of half a year or more"
        )
    chart = atlas(len(lead), grid, seed, family)
    moments = moments_of(lead, leader)
    far = chart.deviances(moments)
    best = int(far.argmin())
    sets = tuple(
        tuple(sorted({float(value) for value in kept}))
        for kept in (confident(chart, k, far) for k in range(len(chart.names)))
    )
    drawn = chart.deviances(chart.moments[best])  # (R, P)
    return Fit(
        name or (of.name if isinstance(of, Board) else ""),
        chart.names,
        tuple(tuple(np.unique(column).tolist()) for column in chart.values.T),
        tuple(chart.values[best].tolist()),
        sets,
        float(lead.mean() / chart.mean_lead[best]),
        moments,
        chart.centre[best],
        _p_value(chart, moments, drawn),
        _verdicts(chart, drawn.argmin(axis=1)),
        family,
        chart.several,
        chart.unsolved,
    )


def _p_value(chart: Atlas, moments: Array, drawn: Array) -> float:
    """Share of histories that are as far as the record from the points estimated from them."""
    off = chart.distances(moments)[chart.deviances(moments).argmin()]
    own = chart.moments[int(chart.deviances(moments).argmin())]
    every = chart.distances(own)[np.arange(len(drawn)), drawn.argmin(axis=1)]
    return float((1 + (every >= off).sum()) / (1 + len(every)))


def confident(chart: Atlas, k: int, far: Array) -> list[float]:
    """Values of the k-th number in its confidence set, given deviances (P,) at every point.

    Examples
    --------
    >>> chart = atlas(100, {"productivity": (1.0, 9.0), "handicap": (0.1,), "scarcity": (0.5,)})
    >>> confident(chart, 1, chart.deviances(chart.centre[0]))
    [0.1]
    """
    kept, least = [], float(far.min())
    for value in np.unique(chart.values[:, k]):
        there = np.flatnonzero(chart.values[:, k] == value)
        best = there[far[there].argmin()]
        drawn = chart.deviances(chart.moments[best])
        excess = drawn[:, there].min(axis=1) - drawn.min(axis=1)
        if far[best] - least <= np.quantile(excess, COVERAGE, method="higher"):
            kept.append(float(value))
    return kept


def _verdicts(chart: Atlas, chosen: Array) -> dict[str, float]:
    shares: dict[str, float] = {}
    points, counts = np.unique(chosen, return_counts=True)
    for point, count in zip(points.tolist(), counts.tolist(), strict=True):
        kind = _verdict(chart.races[point], chart.build[point])
        shares[kind] = shares.get(kind, 0.0) + count / len(chosen)
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


def _verdict(race: Race, build: Array) -> str:
    """The verdict at shares (2, S) by signed lead."""
    game = race.markov()
    lead = game.states[:, 1] - game.states[:, 0]
    return str(kind_at(race, game, build[:, race.rungs + lead]) or "none")

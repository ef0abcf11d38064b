"""What decides where prices clear: how scarce compute is, and how open the technology."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator
from numpy.typing import NDArray

from leaderbored.figures.gallery.areas import areas, edges, fineness
from leaderbored.figures.gallery.examples import SECRETS
from leaderbored.figures.named import name_lines
from leaderbored.figures.style import COLOURS, INK, QUIET, Picture, style
from leaderbored.games.markov import Array
from leaderbored.games.places import alter
from leaderbored.games.record import RefusedError
from leaderbored.race import ClearingMarket, Race
from leaderbored.solvers import Method, solve
from leaderbored.sweeps.sweep import sweep
from leaderbored.verdicts import Verdict, verdict
from leaderbored.verdicts.pace import CAPPED

LEAST, MOST = 0.3, 4.0  # scarcity
QUARTERS = (0.0, 0.25, 0.5, 1.0)  # openness that has a line beside the map
DASHES = ("-", (0, (6, 1.5)), (0, (3, 1.5)), (0, (1, 1.2)))
LONGEST = 3  # leads that count as longest, or if fewer half of all
ALONE = 0.1  # weight of the longest leads above which the cap decides the frontier's speed
CROWDED = "the longest leads told apart\nwould decide it"
TICKS = (0.3, 0.5, 1.0, 2.0, 4.0)
DECADES = (0.03, 0.1, 0.3, 1.0, 2.0)
ROOM = 0.03  # as of areas: names may stand in flat ones


class Map(NamedTuple):
    """Equilibria over scarcity and openness.

    Attributes
    ----------
    scarcity : (X,) array
    openness : (Y,) array
    kinds : (X, Y) object array
        Verdicts; "?" where no equilibrium was found.
    pace : (4, X) array
        Pace ratio at a lead of one rung, at each openness that has a line.
    speed : (4, X) array
        Advances of the frontier a year; nan where the longest leads decide them.
    regret : float
        The largest.
    """

    scarcity: Array
    openness: Array
    kinds: NDArray[np.object_]
    pace: Array
    speed: Array
    regret: float


def openness(race: Race | None = None, *, points: int | None = None) -> Figure:
    """Draw the verdict over scarcity and openness, the headwind and the speed of the frontier.

    One equilibrium is solved for at each point, of two labs by kernels. The headwind is the pace
    ratio of a leader one rung ahead. Where leads grow without end the speed of the frontier would
    depend on the longest lead that the model distinguishes; the line breaks off there.

    Parameters
    ----------
    race : Race, optional
        On a clearing market, whose scarcity and openness are not used; by default two equal labs
        that climb step by step, with neither handicap nor flywheel.
    points : int, optional
        Of scarcity; nearly as many of openness, most of them below a half. By default 31, and 7
        of three or more labs.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    RefusedError
        If prices do not clear the market.

    Examples
    --------
    >>> from dataclasses import replace
    >>> len(openness(replace(SECRETS, rungs=4), points=3).axes)
    3
    """
    race = race or SECRETS
    found = survey(race, fineness(race, points, 31))
    with style():
        figure = Picture(figsize=(7.2, 4.3))
        chart, above, below = _panels(figure)
        _map(chart, found)
        _lines(above, found.scarcity, found.pace)
        above.axhline(1, color=QUIET, linewidth=1)
        above.set(title="Headwind", ylabel="pace ratio at lead 1")
        above.tick_params(labelbottom=False)
        _lines(below, found.scarcity, found.speed)
        below.set(title="Frontier", xlabel="scarcity ψ", ylabel="advances a year")
        if not np.isfinite(found.speed).any():
            below.text(0.5, 0.5, CROWDED, transform=below.transAxes, ha="center", va="center")
    return figure


def _panels(figure: Picture) -> Sequence[Axes]:
    """The map, and beside it the two panels of lines; in a narrow figure all below one another."""
    if figure.narrow:
        panels: Sequence[Axes] = figure.subplots(1, 3)
        return panels
    grid = figure.add_gridspec(1, 2, width_ratios=(1.35, 1))
    beside = grid[1].subgridspec(2, 1)
    above = figure.add_subplot(beside[0])
    return figure.add_subplot(grid[0]), above, figure.add_subplot(beside[1], sharex=above)


def survey(race: Race, points: int) -> Map:
    """Solve the race over scarcity and openness.

    Raises
    ------
    RefusedError
        If prices do not clear the market.

    Examples
    --------
    >>> from dataclasses import replace
    >>> found = survey(replace(SECRETS, rungs=8), 3)
    >>> found.kinds[:, 0].tolist(), found.kinds[:, -1].tolist(), found.regret < 1e-9
    (['run', 'peloton', 'race'], ['run', 'run', 'run'], True)
    """
    if not isinstance(race.market, ClearingMarket):
        raise RefusedError("race: expected a market that clears")
    x = np.geomspace(LEAST, MOST, points)
    y = np.r_[np.linspace(0, 0.5, 2 * ceil(points / 3) + 1), np.linspace(0.5, 1, 6)[1:]]
    found = sweep(race, {"market.scarcity": x.tolist(), "market.openness": y.tolist()})
    known = (found.status == "converged").values
    kinds = np.where(known, found.verdict.values, "?").astype(object)
    worst = float(found.regret.values[known].max(initial=0.0))
    pace, speed = np.full((2, len(QUARTERS), len(x)), np.nan)
    for i, scarcity in enumerate(x):
        for k, share in enumerate(QUARTERS):
            here = alter(race, {"market.scarcity": scarcity, "market.openness": share})
            solution = solve(here, Method(certify="regret"))
            if solution.status.ok:
                made = verdict(solution, check_cap=False)
                pace[k, i], speed[k, i] = _pace(made), _speed(made)
    return Map(x, y, kinds, pace, speed, worst)


def _pace(made: Verdict) -> float:
    """Pace ratio at a lead of one rung, if there is one."""
    known = [q for q in made.pace_ratio[:1] if q]
    return known[0] if known else np.nan


def _speed(made: Verdict) -> float:
    """Advances a year, unless leads crowd at the longest distinguished."""
    facts = made.statistics
    rungs = len(facts.lead_distribution) - 1
    longest = facts.lead_distribution[-min(LONGEST, rungs // 2) :]
    crowded = rungs <= CAPPED or sum(longest) > ALONE
    return np.nan if crowded else facts.advances_per_year or np.nan


def _map(axes: Axes, found: Map) -> None:
    _across(axes)
    areas(axes, found.scarcity, found.openness, found.kinds, room=ROOM)
    edges(axes, found.scarcity, found.openness, found.kinds)
    for level, dashes in zip(QUARTERS, DASHES, strict=True):
        axes.axhline(level, color=INK, linewidth=0.7, linestyle=dashes, alpha=0.5)
    axes.set(
        title="Race or run?",
        xlabel="scarcity ψ (customers per unit of compute)",
        ylabel="openness ω (0 secret, 1 open)",
        xlim=(LEAST, MOST),
        ylim=(0, 1),
    )


def _across(axes: Axes) -> None:
    axes.set_xscale("log")
    _ticked(axes.xaxis, TICKS)


def _ticked(axis: Axis, places: Sequence[float]) -> None:
    axis.set_major_locator(FixedLocator(places))
    axis.set_major_formatter(FixedFormatter([f"{place:g}" for place in places]))
    axis.set_minor_locator(NullLocator())


def _lines(axes: Axes, x: Array, rows: Array) -> None:
    """A line for each openness, on a logarithmic scale, named where it is apart from the others."""
    _across(axes)
    axes.set_yscale("log")
    _ticked(axes.yaxis, DECADES)
    named = []
    for k, (level, row) in enumerate(zip(QUARTERS, rows, strict=True)):
        axes.plot(x, row, color=COLOURS[k], linestyle=DASHES[k])
        there = np.isfinite(row)
        named.append((f"ω = {level:g}", x[there], row[there], COLOURS[k]))
    axes.set_xlim(LEAST, MOST)
    name_lines(axes, [line for line in named if len(line[1]) > 1])

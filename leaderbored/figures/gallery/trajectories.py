"""Capability over the years: two labs in a run, and two in a race."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leaderbored.figures.gallery.examples import SHAPES
from leaderbored.figures.named import name_lines
from leaderbored.figures.style import COLOURS, Picture, style
from leaderbored.motion import leaderboards
from leaderbored.race import Race
from leaderbored.solvers import solve

LONG = 40  # rungs, so that nobody is too far behind to be distinguished
DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), (0, (6, 1.5, 1.5, 1.5)))


def trajectories(
    races: Mapping[str, Race] | None = None, *, years: float = 8.0, seed: int = 1
) -> Figure:
    """Draw one simulated history of each race: the rung that each lab has reached.

    Parameters
    ----------
    races : mapping of str to Race, optional
        By title; one panel each, on one scale. By default a run and a race of equal labs.
    years : float, default 8
        Length of the histories, which start from a tie.
    seed : int, default 1

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(trajectories(years=1).axes)
    2
    """
    races = races or {
        "A run (ψ = 0.6, η = 0.05)": replace(SHAPES["run"], rungs=LONG),
        "A race (ψ = 0.35, η = 0.2)": replace(SHAPES["race"], rungs=LONG),
    }
    with style():
        figure = Picture(figsize=(7.2, 3.2))
        panels = figure.subplots(1, len(races), sharey=True, squeeze=False)[0]
        for axes, (title, race) in zip(panels, races.items(), strict=True):
            _history(axes, race, years, seed)
            axes.set(title=title, xlabel="years")
        panels[0].set_ylabel("capability (rungs climbed)")
    return figure


def _history(axes: Axes, race: Race, years: float, seed: int) -> None:
    boards = leaderboards(solve(race), years, 1, seed=seed, start="tied", every=years / 400)
    climbed = boards.rung(0)
    for lab in range(len(boards.labs)):
        colour = COLOURS[lab % len(COLOURS)]
        axes.step(
            boards.times,
            climbed[:, lab],
            where="post",
            color=colour,
            linestyle=DASHES[lab % len(DASHES)],
        )
    axes.set_xlim(0, years)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    steps = np.repeat(boards.times, 2)[1:]
    rows = zip(boards.labs, climbed.T, COLOURS * len(boards.labs), strict=False)
    name_lines(axes, [(name, steps, np.repeat(row, 2)[:-1], colour) for name, row, colour in rows])

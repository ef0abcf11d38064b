"""Where it is a run and where a race: verdicts over scarcity and handicap, and where both hold."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from leaderbored.figures.gallery.areas import fineness
from leaderbored.figures.gallery.examples import duel
from leaderbored.figures.phase import draw_phase
from leaderbored.figures.style import Picture, style
from leaderbored.figures.sweep import explained, theory_lines
from leaderbored.race import Race
from leaderbored.sweeps.phase import phase as mapped

SIDES = ("market.scarcity", (0.3, 1.3)), ("technology.handicap", (0.0, 0.4))


def phase(race: Race | None = None, *, points: int | None = None) -> Figure:
    """Draw the verdict over scarcity and handicap; hatched where several equilibria coexist.

    Dotted lines, for equal labs, are the exact scarcities above which a leader far ahead is sold
    out, and all labs are at a tie (result R3 of :mod:`leaderbored.theory`).

    Parameters
    ----------
    race : Race, optional
        On a scarce market, whose scarcity and handicap are not used; by default two equal labs.
    points : int, optional
        Along each side; by default 60, and 15 of three or more labs.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(phase(duel(0.6, 0.1, rungs=3), points=3).axes)
    1
    """
    race = race or duel(0.6, 0.1)
    many = fineness(race, points, 60)
    found = mapped(race, {path: np.linspace(*ends, many).tolist() for path, ends in SIDES})
    with style():
        figure = Picture(figsize=(6.4, 4.2))
        axes = figure.subplots()
        axes.set(xlim=(found.x[0], found.x[-1]), ylim=(found.y[0], found.y[-1]))
        explained(figure, draw_phase(axes, found))
        theory_lines(axes, race, *zip(found.paths, (found.x, found.y), strict=True))
        axes.set(
            title="Race or run?",
            xlabel="scarcity ψ (demand / compute)",
            ylabel="handicap η (hazard lost per rung)",
        )
    return figure

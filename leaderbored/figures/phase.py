"""A map of a race: verdicts as areas, hatched where several equilibria coexist."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from leaderbored.figures.gallery.areas import areas, edges, halfway
from leaderbored.figures.style import INK, Picture, style
from leaderbored.figures.sweep import explained, scaled, theory_lines, unnamed
from leaderbored.games.markov import Array
from leaderbored.games.places import in_words, unit_of
from leaderbored.sweeps.phase import Phase


def phase_figure(found: Phase, game: Any = None) -> Figure:
    """Draw a map.

    Parameters
    ----------
    found : Phase
    game : Race, optional
        The race, of which dotted lines show what the theory knows in closed form.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> over = {"market.scarcity": [0.5, 0.9], "technology.handicap": [0.0, 0.1]}
    >>> len(phase_figure(lb.phase(race, over), race).axes)
    1
    """
    with style():
        figure = Picture(figsize=(6.4, 4.4))
        axes = figure.subplots()
        scaled(axes.xaxis, found.x)
        scaled(axes.yaxis, found.y)
        units = ["" if game is None else unit_of(game, path) for path in found.paths]
        across, along = map(in_words, found.paths, units)
        axes.set(xlabel=across, ylabel=along, title=found.title)
        axes.set(xlim=(found.x[0], found.x[-1]), ylim=(found.y[0], found.y[-1]))
        below = draw_phase(axes, found)
        if game is not None:
            sides = zip(found.paths, (found.x, found.y), strict=True)
            below += theory_lines(axes, game, *sides)
        explained(figure, below)
    return figure


def draw_phase(axes: Axes, found: Phase) -> list[tuple[Any, str]]:
    """Draw it into axes whose scales are set; what is to be explained below.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> over = {"market.scarcity": [0.5, 0.9], "technology.handicap": [0.0, 0.1]}
    >>> draw_phase(Figure().subplots(), lb.phase(race, over))
    []
    """
    areas(axes, found.x, found.y, found.kinds, unnamed=found.several)
    edges(axes, found.x, found.y, found.kinds)
    below = unnamed(axes, found.kinds)
    boxes = _boxes(axes, found)
    if not boxes:
        return below
    hatched = PolyCollection(
        boxes, facecolors="none", edgecolors=INK, hatch="////", linewidths=0, zorder=2.5
    )
    axes.add_collection(hatched, autolim=False)
    one = Patch(facecolor="none", edgecolor=INK, hatch="////", linewidth=0)
    return [*below, (one, "several equilibria: expectations decide")]


def _boxes(axes: Axes, found: Phase) -> list[Array]:
    """Stretches of columns as boxes, as wide as columns lie apart."""
    sides = halfway(axes.xaxis, found.x)
    return [
        np.array([(sides[i], low), (sides[i + 1], low), (sides[i + 1], high), (sides[i], high)])
        for i, column in enumerate(found.spans)
        for low, high in column
    ]

"""Where it is a run and where a race: verdicts over scarcity and handicap, and where both hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.figures.gallery.areas import INK, areas
from leaderbored.figures.gallery.examples import duel
from leaderbored.figures.style import Picture, style
from leaderbored.race import Race
from leaderbored.verdicts.phase import Phase, chart


def phase(race: Race | None = None, *, points: int = 40) -> Figure:
    """Draw the verdict over scarcity and handicap; hatched where several equilibria coexist.

    Dotted lines, for equal labs, are the exact scarcities above which a leader far ahead is sold
    out, and all labs are at a tie (result R3 of :mod:`leaderbored.theory`).

    Parameters
    ----------
    race : Race, optional
        On a scarce market, whose scarcity and handicap are not used; by default two equal labs.
    points : int, default 40
        Along each side; at least twice as many equilibria are solved for as the grid has points.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(phase(duel(0.6, 0.1, rungs=3), points=3).axes)
    1
    """
    race = race or duel(0.6, 0.1)
    found = chart(
        race,
        ("market.scarcity", np.linspace(0.3, 1.05, points).tolist()),
        ("technology.handicap", np.linspace(0.0, 0.4, points).tolist()),
    )
    with style():
        figure = Picture(figsize=(6.4, 4.2))
        axes = figure.subplots()
        _areas(axes, found, _sold_out(race))
        axes.set_title(
            "hatched: which one, expectations decide",
            loc="right",
            fontsize=8.5,
            weight="normal",
            color=INK,
        )
        axes.set(
            title="Race or run?",
            xlabel="scarcity ψ (demand / compute)",
            ylabel="handicap η (loss of hazard per rung behind)",
        )
    return figure


def _areas(axes: Axes, found: Phase, levels: Sequence[float]) -> None:
    areas(axes, found.x, found.y, found.up, unnamed=found.several)
    if found.several.any():
        _hatched(axes, found)
    for level in levels:
        axes.axvline(level, color=INK, linewidth=0.8, linestyle=(0, (1, 2)))


def _sold_out(race: Race) -> tuple[float, ...]:
    """Scarcity at which a far leader, and all at a tie, are sold out, for labs that are equal."""
    alike = len({(lab.compute, lab.brand) for lab in race.labs}) == 1
    return (1 / len(race.labs), 1.0) if alike else ()


def _hatched(axes: Axes, found: Phase) -> None:
    """The wedge between the folds, which may reach beyond the grid."""
    known = np.isfinite(found.edges[:, 0])
    low, high = (np.clip(edge[known], found.y[0], found.y[-1]) for edge in found.edges.T)
    axes.fill_between(
        found.x[known], low, high, facecolor="none", edgecolor=INK, hatch="////", linewidth=0
    )
    for edge in (low, high):
        axes.plot(found.x[known], edge, color=INK, linewidth=1.2)

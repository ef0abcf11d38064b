"""Scarcity that changes over the years: the path, the verdict of each date, and who builds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.figures.style import (
    CHASER,
    INK,
    LEADER,
    QUIET,
    Picture,
    headed,
    in_percent,
    label,
    style,
)
from leaderbored.figures.verdicts import PALE
from leaderbored.games.markov import Array
from leaderbored.race import leads
from leaderbored.verdicts import NOUNS
from leaderbored.verdicts.pace import Kind
from leaderbored.verdicts.scarcity_path import ScarcityPath

NARROW = 0.13  # of the years: a band too narrow for its name in one line
Band = tuple[float, float, Kind | None]


def scarcity_figure(path: ScarcityPath) -> Figure:
    """Draw scarcity over time on bands of the verdict, and what labs one rung apart build.

    Parameters
    ----------
    path : ScarcityPath

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(1),
    ...                lb.Technology(3), discount=0.2, rungs=3)
    >>> len(scarcity_figure(lb.scarcity_path(race, [0, 2], [0.9, 0.2])).axes)
    2
    """
    ends = [0.0, *(date for date, _ in path.changes), float(path.years[-1])]
    kinds = [path.kinds[0], *(kind for _, kind in path.changes)]
    bands = [*zip(ends[:-1], ends[1:], kinds, strict=True)]
    with style():
        figure = Picture(figsize=(7.2, 5.6))
        above, below = figure.subplots(2, 1, sharex=True)
        for axes in (above, below):
            _bands(axes, bands)
        _scarcity(above, path, bands)
        _builds(below, path)
        below.set_xlabel("years from now")
        below.set_xlim(0, ends[-1])
        headed(figure, path.sentence)
    return figure


def _bands(axes: Axes, bands: Sequence[Band]) -> None:
    for start, stop, kind in bands:
        axes.axvspan(start, stop, color=PALE[kind], linewidth=0, zorder=0)
        if start > 0:
            axes.axvline(start, color=QUIET, linewidth=0.8)


def _scarcity(axes: Axes, path: ScarcityPath, bands: Sequence[Band]) -> None:
    axes.plot(path.years, path.scarcity, color=INK)
    axes.set(title="Scarcity", ylabel="demand over capacity")
    top = 1.35 * float(path.scarcity.max()) or 1.0
    axes.set_ylim(0, top)
    span = float(path.years[-1])
    for start, stop, kind in bands:
        upright = stop - start < NARROW * span
        axes.text(
            (start + stop) / 2,
            0.97 * top,
            NOUNS[kind],
            color=INK,
            fontsize="medium",
            ha="center",
            va="top",
            rotation=90 if upright else 0,
        )
    date = path.becomes_race
    if date is not None:
        psi = float(np.interp(date, path.years, path.scarcity))
        axes.plot(date, psi, "o", color=INK, zorder=5)
        left = date > span / 2
        label(
            axes,
            0.04 if left else date,
            0.06 if left else psi,
            f"a race from year {date:.1f}, at {psi:.2f}",
            INK,
            ha="left",
            va="bottom" if left else "center",
            xycoords="axes fraction" if left else "data",
            xytext=(0, 0) if left else (10, 12),
            textcoords="offset points",
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5},
        )


def _builds(axes: Axes, path: ScarcityPath) -> None:
    ahead, behind = one_rung_apart(path)
    axes.plot(path.years, ahead, color=LEADER)
    axes.plot(path.years, behind, color=CHASER)
    axes.set(title="Builds, one rung apart", ylabel="share of compute that builds")
    axes.set_ylim(-0.04, 1.04)
    axes.yaxis.set_major_formatter(in_percent)
    spot = len(path.years) // 8
    for row, other, name, colour in (
        (ahead, behind, "leader", LEADER),
        (behind, ahead, "laggards", CHASER),
    ):
        up = (row[spot] >= other[spot] and row[spot] < 0.88) or row[spot] < 0.1
        label(
            axes,
            float(path.years[spot]),
            float(row[spot]),
            name,
            colour,
            ha="center",
            va="bottom" if up else "top",
            xytext=(0, 6 if up else -7),
            textcoords="offset points",
        )


def one_rung_apart(path: ScarcityPath) -> tuple[Array, Array]:
    """(T,) mean shares of leaders and of laggards over the states with a lead of one rung."""
    lead, leader = leads(path.terminal.game.states)
    here = np.flatnonzero(lead == 1)
    first = path.build[:, leader[here], here]
    total = path.build[:, :, here].sum(axis=1)
    return first.mean(axis=1), ((total - first) / (path.build.shape[1] - 1)).mean(axis=1)

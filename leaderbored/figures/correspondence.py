"""The equilibrium correspondence: branches, their stability, and the verdicts along them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from leaderbored.figures.style import INK, Picture, in_percent, style
from leaderbored.figures.verdicts import TINTS
from leaderbored.games.markov import Array
from leaderbored.games.places import in_words, unit_of
from leaderbored.games.stochastic import MarkovGame
from leaderbored.kinds import kind_of
from leaderbored.verdicts import Branch, Correspondence


def correspondence_figure(found: Correspondence) -> Figure:
    """Draw value and choices at the tie, or in the first state, against the parameter.

    Stable stretches are solid and unstable ones dashed; the broad pale stroke beneath shows the
    verdict; dots are folds, diamonds branch points. Where labs differ, each has its line.

    Parameters
    ----------
    found : Correspondence

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> few = lb.Method(search=lb.Search(starts=1))
    >>> len(correspondence_figure(lb.trace(race, "discount", 0.3, 0.5, few)).axes)
    2
    """
    with style():
        figure = Picture(figsize=(6.4, 6.2))
        above, below = figure.subplots(2, 1, sharex=True)
        _panel(above, found, "value")
        _panel(below, found, "choice")
        if kind_of(found.game).board:
            above.set(title="Value of the game at the tie", ylabel="money")
            below.set(title="Share of compute that builds at the tie", ylabel="")
            below.yaxis.set_major_formatter(in_percent)
        else:
            game: Any = found.game
            where = _first_state(game)
            above.set(title=f"Value {where}", ylabel="")
            names = dict.fromkeys(c for p in game.players for c in p.choices)
            below.set(title=f"{', '.join(names)} {where}", ylabel="")
        below.set_xlabel(in_words(found.along, unit_of(found.game, found.along)))
        below.set_xlim(min(found.start, found.stop), max(found.start, found.stop))
        _key(figure, found)
    return figure


def _panel(axes: Axes, found: Correspondence, what: str) -> None:
    for branch in found.branches:
        x = np.array([point.parameter for point in branch.points])
        for y in _lines(branch, what):
            if kind_of(found.game).board:
                _verdicts(axes, branch, x, y)
            _stability(axes, branch, x, y)
    for points, marker in ((found.folds, "o"), (found.branch_points, "D")):
        for point in points:
            for height in dict.fromkeys(getattr(point, what).round(9)):
                axes.plot(point.parameter, height, marker, color=INK, markersize=4, zorder=5)
    axes.margins(y=0.08)


def _lines(branch: Branch, what: str) -> list[Array]:
    """One line for each lab, equal ones once."""
    table = np.array([getattr(point, what) for point in branch.points]).T
    return list({line.round(7).tobytes(): line for line in table}.values())


def _first_state(game: MarkovGame) -> str:
    cells = (f"{name} = {value}" for name, value in zip(game.labels, game.grid[0], strict=True))
    return "at " + ", ".join(cells)


def _verdicts(axes: Axes, branch: Branch, x: Array, y: Array) -> None:
    kinds = [point.verdict for point in branch.points]
    for kind, group in groupby(range(len(kinds)), key=lambda k: kinds[k]):
        part = list(group)
        part = part + [part[-1] + 1] * (part[-1] + 1 < len(kinds))
        axes.plot(
            x[part],
            y[part],
            color=TINTS[kind],
            linewidth=9,
            solid_capstyle="butt",
            zorder=1,
        )


def _stability(axes: Axes, branch: Branch, x: Array, y: Array) -> None:
    """Solid where stable; the point at a fold belongs to neither side and follows its neighbour."""
    stable = [point.equilibrium.stable is not False for point in branch.points]
    if len(stable) > 2:
        stable[0], stable[-1] = stable[1], stable[-2]
    elif branch.index < 0:
        stable = [False] * len(stable)
    for solid, group in groupby(range(len(stable)), key=lambda k: stable[k]):
        part = list(group)
        part = part + [part[-1] + 1] * (part[-1] + 1 < len(stable))
        axes.plot(
            x[part],
            y[part],
            color=INK,
            linewidth=1.4,
            zorder=3,
            linestyle="solid" if solid else (0, (2.5, 1.5)),
        )


def _key(figure: Figure, found: Correspondence) -> None:
    kinds = dict.fromkeys(point.verdict for branch in found.branches for point in branch.points)
    handles = [
        Line2D([], [], color=TINTS[kind], linewidth=9, label=kind or "no verdict")
        for kind in TINTS
        if kind in kinds and kind_of(found.game).board
    ]
    unknown = any(p.equilibrium.stable is None for b in found.branches for p in b.points)
    solid = "stable, or not known" if unknown else "stable"
    handles.append(Line2D([], [], color=INK, linewidth=1.4, label=solid))
    if any(point.equilibrium.stable is False for b in found.branches for point in b.points):
        handles.append(
            Line2D([], [], color=INK, linewidth=1.4, linestyle=(0, (2.5, 1.5)), label="unstable")
        )
    if found.folds:
        handles.append(Line2D([], [], color=INK, marker="o", linestyle="none", label="fold"))
    if found.branch_points:
        handles.append(
            Line2D([], [], color=INK, marker="D", linestyle="none", label="branch point")
        )
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=min(len(handles), 6),
        frameon=False,
        fontsize="medium",
        handlelength=2.2,
    )

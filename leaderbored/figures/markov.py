"""A solved Markov game of one's own: what is done, what it is worth, where play goes."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leaderbored.figures.style import COLOURS, MARKERS, QUIET, Picture, legend, style
from leaderbored.games.markov import Array
from leaderbored.games.stochastic import Agent, MarkovGame
from leaderbored.solvers import MarkovEquilibrium, Solution
from leaderbored.solvers.stochastic.motion import drift

MARKED = 30  # states up to which each has a marker
ARROWS = 14  # in each direction
SHADES = "cividis"


def drawable(game: MarkovGame) -> str:
    """Why a game has no picture; empty if it has one.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovPlayer
    >>> drawable(MarkovGame([MarkovPlayer("A", "1 - x", {"x": (0, 1)})], 0.1))
    'drawn are games of one or two state variables'
    """
    return "" if len(game.axes) in (1, 2) else "drawn are games of one or two state variables"


def markov_figure(solution: Solution[MarkovEquilibrium]) -> Figure:
    """Draw the first equilibrium over its one or two state variables.

    Parameters
    ----------
    solution : Solution
        Of a :class:`leaderbored.MarkovGame`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> lab = lb.MarkovPlayer("lab", "1 - b + d", {"b": (0, 1)},
    ...                       events=[lb.Event({"d": "d + 1"}, hazard="sqrt(b)")])
    >>> len(markov_figure(lb.solve(lb.MarkovGame([lab], 0.1, states={"d": (0, 3)}))).axes)
    3
    """
    game, found = solution.game, solution.equilibria[0]
    with style():
        return (_line if len(game.axes) == 1 else _plane)(game, found)


def _choices(game: MarkovGame, found: MarkovEquilibrium) -> list[tuple[Agent, str, Array]]:
    """(agent, label, (S,) numbers) of all that is decided."""
    rows = []
    for agent in game.agents:
        law = np.atleast_2d(found.policy[agent.name].T)
        last = -1 if len(agent.player.options) == 2 else None  # one of two says it all
        for name, row in list(zip(agent.player.choices, law, strict=True))[:last]:
            label = f"{agent.name}: {name}" if len(game.agents) > 1 else name
            rows.append((agent, label, np.where(game.ended, np.nan, row)))
    return rows


def _line(game: MarkovGame, found: MarkovEquilibrium) -> Figure:
    time = found.stationary
    figure = Picture(figsize=(6.4, 6.6 if time is not None else 5.4))
    heights = (3, 3, 1.1)[: 2 + (time is not None)]
    panels = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    x = game.grid[:, 0]
    values = zip((agent.name for agent in game.agents), found.value, strict=True)
    done = ((name, row) for _, name, row in _choices(game, found))
    for axes, curves in zip(panels, (done, values), strict=False):
        names = []
        for k, (name, row) in enumerate(curves):
            marker = MARKERS[k % len(MARKERS)] if len(x) <= MARKED else None
            colour = COLOURS[k % len(COLOURS)]
            axes.plot(x, row, color=colour, marker=marker, zorder=3 + k)
            names.append(name)
        legend(axes, names)
    panels[0].set_title("What is done")
    panels[1].set_title("What it is worth")
    for axes in panels[:2]:
        axes.margins(x=0.03)
    if time is not None:
        panels[2].bar(x, time, width=0.8, color=QUIET)
        panels[2].set_title("Share of time")
        panels[2].spines["left"].set_visible(False)
        panels[2].yaxis.set_major_locator(MaxNLocator(2, steps=[1, 2, 5, 10]))
    panels[-1].set_xlabel(game.labels[0])
    panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _plane(game: MarkovGame, found: MarkovEquilibrium) -> Figure:
    figure = Picture(figsize=(11.4, 3.7))
    panels = figure.subplots(1, 3)
    agent, name, choice = _choices(game, found)[0]
    still = found.stationary is None
    share = np.zeros(game.size) if still else np.asarray(found.stationary)
    shown = (
        (f"What is done ({name})", choice, SHADES),
        (f"What it is worth to {agent.name}", found.value[0], SHADES),
        ("Where play drifts" if still else "Share of time, and where play drifts", share, "Greys"),
    )
    for axes, (title, row, shades) in zip(panels, shown, strict=True):
        axes.set_title(title)
        heat = _heat(axes, game, row, shades)
        if still and row is share:  # nothing but arrows is shown
            heat.set_clim(0, 1)
        else:
            figure.colorbar(heat, ax=axes, pad=0.02, shrink=0.92)
    _arrows(panels[-1], game, drift(game, found))
    return figure


def _heat(axes: Axes, game: MarkovGame, row: Array, shades: str) -> Any:
    (a, b), (c, d) = game.axes.values()
    table = row.reshape(b - a + 1, d - c + 1).T
    picture = axes.imshow(
        table,
        origin="lower",
        aspect="auto",
        cmap=shades,
        extent=(a - 0.5, b + 0.5, c - 0.5, d + 0.5),
    )
    axes.set(xlabel=game.labels[0], ylabel=game.labels[1])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6, integer=True))
    return picture


def _arrows(axes: Axes, game: MarkovGame, pull: Array) -> None:
    """Directions of expected change; longer where it is faster."""
    kept = np.ones(game.size, dtype=bool)
    for column, (low, high) in zip(game.grid.T, game.axes.values(), strict=True):
        apart = -(-(high - low + 1) // ARROWS)
        kept &= (column - low - apart // 2) % apart == 0
    speed = np.hypot(*pull.T)
    kept &= speed > 1e-9 * max(float(speed.max()), 1e-300)
    if kept.any():
        room = max(-(-(high - low + 1) // ARROWS) for low, high in game.axes.values())
        size = 0.85 * room * np.sqrt(speed[kept] / speed[kept].max()) / speed[kept]
        axes.quiver(
            *game.grid[kept].T,
            *(pull[kept] * size[:, None]).T,
            color=COLOURS[1],
            angles="xy",
            scale_units="xy",
            scale=1,
            width=0.006,
        )

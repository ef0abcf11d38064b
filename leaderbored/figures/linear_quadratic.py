"""A solved linear-quadratic game: controls and costs over one state, or the flow over two."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from leaderbored.figures.style import COLOURS, Picture, legend, style
from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.solvers import Solution
from leaderbored.solvers.linear_quadratic.equilibrium import LinearQuadraticEquilibrium

POINTS = 201
GRID = 41
DASHES = ("solid", (0, (4, 2.5)), (0, (1.2, 1.6)))  # so that one line shows below another
ROOM = 1.5  # times the initial state that is shown


def drawable(game: LinearQuadratic) -> str:
    """Why a game has no picture; empty if it has one.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> drawable(LinearQuadratic(1.0, [Controller("A", 1.0, 1.0, 1.0)], horizon=2.0))
    'drawn are games without end, of one or two states'
    """
    fits = game.horizon is None and len(game.drift) <= 2
    return "" if fits else "drawn are games without end, of one or two states"


def linear_quadratic_figure(solution: Solution[LinearQuadraticEquilibrium]) -> Figure:
    """Draw the first equilibrium of a game without end.

    Parameters
    ----------
    solution : Solution
        Of a :class:`leaderbored.LinearQuadratic` of one or two states.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from leaderbored import Controller, solve
    >>> game = LinearQuadratic(-1.0, [Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> [axes.get_title(loc="left") for axes in linear_quadratic_figure(solve(game)).axes]
    ['What is done', 'What it costs']
    """
    game, found = solution.game, solution.equilibria[0]
    start = np.zeros(len(game.drift)) if game.initial is None else np.abs(game.initial)
    size = ROOM * np.where(start > 0, start, 1.0)
    with style():
        return (_line if len(game.drift) == 1 else _plane)(game, found, size)


def _costs(found: LinearQuadraticEquilibrium, states: Array) -> Array:
    """(N, points) costs from states (points, n) on."""
    bend = np.einsum("sa,iab,sb->is", states, found.quadratic, states)
    return np.asarray(bend + 2 * found.linear @ states.T + found.constant[:, None])


def _line(game: LinearQuadratic, found: LinearQuadraticEquilibrium, size: Array) -> Figure:
    x = np.linspace(-size[0], size[0], POINTS)
    figure = Picture(figsize=(6.4, 5.4))
    above, below = figure.subplots(2, 1, sharex=True)
    done = []
    for k, (player, cost) in enumerate(zip(game.players, _costs(found, x[:, None]), strict=True)):
        gains, offsets = found.gains[player.name], found.offsets[player.name]
        look: dict[str, Any] = {
            "color": COLOURS[k % len(COLOURS)],
            "linestyle": DASHES[k % len(DASHES)],
        }
        for j, (gain, offset) in enumerate(zip(gains, offsets, strict=True)):
            done.append(f"{player.name}: u{j + 1}" if len(gains) > 1 else player.name)
            above.plot(x, -gain[0] * x - offset, zorder=3 + k, **look)
        below.plot(x, cost, zorder=3 + k, **look)
    above.set_title("What is done")
    below.set(title="What it costs", xlabel="state")
    for axes, names in ((above, done), (below, [player.name for player in game.players])):
        legend(axes, names)
        axes.margins(x=0)
    return figure


def _plane(game: LinearQuadratic, found: LinearQuadraticEquilibrium, size: Array) -> Figure:
    a, b = (np.linspace(-end, end, GRID) for end in size)
    mesh = np.stack(np.meshgrid(a, b), axis=-1)
    states = mesh.reshape(-1, 2)
    still = np.zeros((2, 2)) if game.continuous else np.eye(2)
    flow = (states @ (found.closed_loop - still).T + found.shift).reshape(mesh.shape)
    cost = _costs(found, states)[0].reshape(GRID, GRID)
    figure = Picture(figsize=(6.4, 5.2))
    axes = figure.subplots()
    shades = axes.contourf(a, b, cost, levels=14, cmap="cividis", alpha=0.85)
    figure.colorbar(shades, ax=axes, pad=0.02, shrink=0.92)
    axes.streamplot(a, b, flow[..., 0], flow[..., 1], color="white", linewidth=0.9, density=0.9)
    first = game.players[0].name
    axes.set(
        title=f"Where the state goes, and what it costs {first}",
        xlabel="first state",
        ylabel="second state",
        xlim=(a[0], a[-1]),
        ylim=(b[0], b[-1]),
    )
    return figure

"""What each mechanism does to the pace at which the lead changes hands, and to the verdict."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.figures.style import INK, QUIET, Picture, label, style
from leaderbored.figures.verdicts import VERDICTS
from leaderbored.verdicts.effects import Effects

APART = 0.03  # of the axis: an arrow that can be seen


def effects_figure(effects: Effects) -> Figure:
    """Draw an arrow for each mechanism, from the race without it to the race with it.

    Parameters
    ----------
    effects : Effects

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If no mechanism is on.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=3,
    ...                mechanisms={"inputs": {"migration": 0.5}})
    >>> len(effects_figure(lb.effects(lb.solve(race))).axes)
    1
    """
    if not effects:
        raise ValueError("plot: no mechanism is on, and there is nothing to compare")
    rows = np.arange(len(effects))
    with style():
        figure = Picture((7.2, 1.9 + 0.6 * len(rows)), rows=True)
        axes = figure.subplots()
        rates = [x for e in effects for x in (e.changes_before, e.changes_after) if x is not None]
        reach = 1.15 * max(rates, default=0.0) or 1.0
        arrow = {"arrowstyle": "->", "color": QUIET, "linewidth": 1.4}
        for row, effect in enumerate(effects):
            now, before = effect.changes_after, effect.changes_before
            ends = ((before, effect.before, "without", 8), (now, effect.after, "with", -8))
            if now is not None and before is not None and abs(now - before) > APART * reach:
                axes.annotate("", (now, row), (before, row), zorder=2, arrowprops=arrow)
            for rate, kind, side, up in ends:
                word = kind or ("no verdict" if effect.checked else "not checked")
                if rate is None:  # nobody moves, or it is not known: named, at the edge
                    _kind(axes, (0.0, row), f"{side}: {word}", reach, up)
                    continue
                inside = "white" if side == "without" else VERDICTS[kind]
                axes.plot(
                    rate,
                    row,
                    "o",
                    color=VERDICTS[kind],
                    markerfacecolor=inside,
                    markersize=8,
                    zorder=3,
                )
                _kind(axes, (rate, row), f"{side}: {word}", reach, up)
        axes.set(title="What each mechanism does to the pace", xlabel="lead changes a year")
        axes.set_yticks(rows, [effect.mechanism.replace("_", " ") for effect in effects])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0, reach)
    return figure


def _kind(axes: Axes, spot: tuple[float, int], text: str, reach: float, up: int) -> None:
    """Name the verdict above or below a dot, within the axes."""
    rate, row = spot
    side = "left" if rate < 0.12 * reach else "right" if rate > 0.9 * reach else "center"
    label(
        axes,
        rate,
        row,
        text,
        INK,
        ha=side,
        va="bottom" if up > 0 else "top",
        xytext=(0, up),
        textcoords="offset points",
    )

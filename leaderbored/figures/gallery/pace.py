"""The pace ratio by lead: the four shapes that a verdict can have."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from leaderbored.figures.gallery.examples import SHAPES
from leaderbored.figures.named import Line, name_lines
from leaderbored.figures.style import CHASER, LEADER, MARKERS, QUIET, Picture, style
from leaderbored.figures.verdicts import VERDICTS
from leaderbored.race import Race
from leaderbored.solvers import solve
from leaderbored.verdicts import verdict

FAR = float(np.log(20))  # pace ratios further from one are cut off


def pace(races: Mapping[str, Race] | None = None) -> Figure:
    """Draw the pace ratio q(g) of races: below one the lead closes, above one it grows.

    Parameters
    ----------
    races : mapping of str to Race, optional
        By label. By default one of each shape.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(pace().axes)
    1
    """
    races = races or SHAPES
    found = {name: verdict(solve(race), check_cap=False) for name, race in races.items()}
    with style():
        figure = Picture(figsize=(7.2, 3.4))
        axes = figure.subplots()
        drawn = list[Line]()
        for k, (name, made) in enumerate(found.items()):
            q = np.array([x or np.nan for x in made.pace_ratio], float)
            lead = np.arange(1, len(q) + 1)
            colour = VERDICTS[made.kind]
            axes.plot(lead, q, color=colour, marker=MARKERS[k % len(MARKERS)])
            for place in made.crossings:
                axes.plot(
                    place, 1.0, "o", markersize=8, markerfacecolor="white", color=colour, zorder=5
                )
            drawn.append((name, lead, q, colour))
        reach = np.concatenate([q for *_, q, _ in drawn])
        reach = np.abs(np.log(reach[np.isfinite(reach) & (reach > 0)]))
        edge = float(np.exp(min(1.05 * reach.max(initial=0.7), FAR)))
        axes.set_yscale("log")
        axes.set_ylim(1 / edge, edge)
        axes.axhline(1, color=QUIET, linewidth=1, zorder=0)
        for height, side, text, colour in (
            (0.97, "top", "leads grow", LEADER),
            (0.03, "bottom", "leads close", CHASER),
        ):
            axes.text(
                0.01,
                height,
                text,
                transform=axes.transAxes,
                va=side,
                fontsize="medium",
                color=colour,
            )
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlim(0.6, max(int(lead[-1]) for _, lead, _, _ in drawn) + 0.2)
        axes.set(
            title="Whose compute succeeds more often, the leader's or the chasers'?",
            xlabel="lead (rungs)",
            ylabel="pace ratio q (log scale)",
        )
        name_lines(axes, drawn)
    return figure

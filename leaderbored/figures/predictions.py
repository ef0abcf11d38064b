"""A board beside the histories of a race and those of independent labs."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from leaderbored.evidence.predictions import Predictions
from leaderbored.figures.style import COLOURS, INK, Picture, style


def predictions_figure(found: Predictions) -> Figure:
    """Draw each statistic over the median of independent labs, and where nine of ten histories lie.

    Parameters
    ----------
    found : Predictions

    Examples
    --------
    >>> from leaderbored.evidence.predictions import Prediction
    >>> spread = np.array([1.0, 2.0, 3.0])
    >>> one = Prediction("lead changes", "Lead changes a year", 9.0, spread, spread, 0.01, 0.5)
    >>> len(predictions_figure(Predictions("eci", "labs", 99, (one,))).axes)
    1
    """
    rows = len(found.every)
    with style():
        figure = Picture((6.4, 1.3 + 0.52 * rows), rows=True)
        axes = figure.subplots()
        for k, each in enumerate(found.every):
            unit = abs(float(each.shuffled[1])) or 1.0
            for spread, shift, colour, marker in (
                (each.race, -0.14, COLOURS[0], "s"),
                (each.shuffled, 0.14, COLOURS[1], "D"),
            ):
                low, middle, high = np.asarray(spread) / unit
                axes.plot([low, high], [k + shift] * 2, color=colour, linewidth=3.2, alpha=0.5)
                axes.plot(middle, k + shift, marker=marker, color=colour, linestyle="none")
            axes.plot(each.observed / unit, k, marker="|", color=INK, markersize=20, mew=2.4)
        axes.set_yticks(range(rows), [each.name for each in found.every])
        axes.set_ylim(rows - 0.4, -0.6)
        axes.axvline(1, color="#bbbbbb", linewidth=0.8, zorder=0)
        axes.set(xlabel="over the median of shuffled records", title=f"{found.board} and the race")
        looks: Any = (("|", INK, "none", 12), ("s", COLOURS[0], "-", 4), ("D", COLOURS[1], "-", 4))
        handles = [
            Line2D([], [], marker=marker, color=colour, linestyle=line, markersize=size)
            for marker, colour, line, size in looks
        ]
        names = ["the board", "the race, nine of ten", "shuffled records, nine of ten"]
        figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
    return figure

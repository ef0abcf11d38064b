"""Verdicts as bands behind a curve."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from leaderbored.figures.look import look
from leaderbored.figures.style import INK
from leaderbored.figures.verdicts import PALE
from leaderbored.games.markov import Array
from leaderbored.verdicts.pace import Kind

LETTER = 7.0  # points of a letter of a name: a narrower band has its name upright


def bands(axes: Axes, x: Array, kinds: Sequence[Kind | None]) -> None:
    """Colour the background by verdicts at rising x, which change half way between two points.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> bands(Figure().subplots(), np.array([0.0, 1.0, 2.0]), ["run", "run", "race"])
    """
    edges = np.r_[x[0], (x[1:] + x[:-1]) / 2, x[-1]]
    assert axes.figure is not None
    room = axes.bbox.width * 72 / axes.figure.dpi / look().size
    for kind, group in groupby(range(len(kinds)), key=lambda k: kinds[k]):
        part = list(group)
        left, right = edges[part[0]], edges[part[-1] + 1]
        axes.axvspan(left, right, color=PALE[kind], linewidth=0, zorder=0)
        name = kind or "no verdict"
        upright = room * (right - left) / (edges[-1] - edges[0]) < LETTER * len(name)
        axes.annotate(
            name,
            ((left + right) / 2, 1),
            xytext=(0, -3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="top",
            rotation=90 if upright else 0,
            fontsize="medium",
            weight="bold",
            color=INK,
            path_effects=[withStroke(linewidth=3, foreground="white")],  # where curves cross
        )

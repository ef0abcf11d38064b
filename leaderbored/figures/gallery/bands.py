"""Verdicts as bands behind a curve."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from matplotlib.axes import Axes

from leaderbored.figures.correspondence import VERDICTS
from leaderbored.games.markov import Array
from leaderbored.verdicts.pace import Kind

NARROW = 0.09  # of the axis: bands below have small letters


def bands(axes: Axes, x: Array, kinds: Sequence[Kind | None]) -> None:
    """Colour the background by verdicts at rising x, which change half way between two points.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> bands(Figure().subplots(), np.array([0.0, 1.0, 2.0]), ["run", "run", "race"])
    """
    edges = np.r_[x[0], (x[1:] + x[:-1]) / 2, x[-1]]
    for kind, group in groupby(range(len(kinds)), key=lambda k: kinds[k]):
        part = list(group)
        left, right = edges[part[0]], edges[part[-1] + 1]
        axes.axvspan(left, right, color=VERDICTS[kind], alpha=0.25, linewidth=0)
        wide = right - left > NARROW * (edges[-1] - edges[0])
        axes.annotate(
            kind or "no verdict",
            ((left + right) / 2, 1),
            xytext=(0, -12),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            fontsize=9 if wide else 7,
            weight="bold",
            color="#222222",
        )

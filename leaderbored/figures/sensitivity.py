"""A tornado: how mean lead and lead changes move with each number of a race."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from leaderbored.figures.style import LESS, MORE, QUIET, Picture, headed, style
from leaderbored.games.places import in_words
from leaderbored.sweeps.sensitivity import Moved, VerdictSensitivity

MOST = 10  # numbers
PANELS = (("mean_lead", "mean lead (rungs)"), ("lead_changes", "lead changes a year"))


def sensitivity_figure(found: VerdictSensitivity) -> Figure:
    """Draw how much a tenth of each number does, those that do most at the top.

    Parameters
    ----------
    found : VerdictSensitivity

    Raises
    ------
    ValueError
        If nothing is known of what a tenth does.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=4)
    >>> len(sensitivity_figure(lb.sensitivity(race)).axes)
    2
    """
    known = {name: _ordered(found.inputs, name) for name, _ in PANELS}
    if not any(known.values()):
        raise ValueError("plot: no number was moved by a tenth with a mean lead on both sides")
    rows = max(map(len, known.values()))
    with style():
        figure = Picture((9.2, 1.5 + 0.28 * rows), rows=True)
        for axes, (name, label) in zip(figure.subplots(1, 2), PANELS, strict=True):
            _bars(axes, known[name], name, found.base.numbers.get(name, math.nan))
            axes.set_xlabel(label)
        figure.legend(
            [Patch(color=LESS), Patch(color=MORE, hatch="///", fill=False)],
            ["a tenth less", "a tenth more"],
            loc="outside lower center",
            ncols=2,
            frameon=False,
            fontsize="medium",
        )
        headed(figure, found.headline)
    return figure


def _ordered(inputs: Sequence[Moved], name: str) -> list[Moved]:
    def span(moved: Moved) -> float:
        low, high = moved.swing[name]
        return float(f"{abs(high - low):.4g}") if math.isfinite(high - low) else 0.0  # ties by name

    moving = [moved for moved in inputs if span(moved) > 0]
    return sorted(moving, key=lambda moved: (-span(moved), moved.place))[:MOST]


def _bars(axes: Axes, inputs: Sequence[Moved], name: str, base: float) -> None:
    for row, moved in enumerate(inputs):
        less, more = moved.swing[name]
        axes.barh(row, less - base, left=base, color=LESS, height=0.7)
        axes.barh(row, more - base, left=base, fill=False, edgecolor=MORE, hatch="///", height=0.7)
    if math.isfinite(base):
        axes.axvline(base, color=QUIET, linewidth=1)
    axes.set_yticks(range(len(inputs)), [in_words(moved.place) for moved in inputs])
    axes.set_ylim(max(len(inputs), 1) - 0.5, -0.5)
    axes.margins(x=0.06)
    axes.xaxis.set_major_locator(MaxNLocator(5))

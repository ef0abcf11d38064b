"""What an answer depends on, as a tornado: how far it moves with each number, the widest on top."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from leaderbored.figures.style import INK, LESS, MORE, QUIET, Picture, headed, in_percent, style
from leaderbored.games.places import in_words
from leaderbored.sweeps.uncertainty import VERDICT, Influence, Uncertainty

PANELS = 2
PALE = 0.4  # how strong the colour of the lowest fifth is, to be told in grey, too
SLIM = 0.62  # height of a bar
ROW, REST = 0.36, 1.9  # inches of a number, and of all else


def tornado(found: Uncertainty) -> Figure:
    """Draw how the verdict and the mean lead move with each number, and their total indices.

    A bar goes from the mean answer over the fifth of the draws in which the number is lowest to
    that over the fifth in which it is highest. What it does together with others, or up and down,
    is not in the bar, and is in the total Sobol index beside it.

    Parameters
    ----------
    found : Uncertainty

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[1, 0], [0, 1]]] * 2)
    >>> len(tornado(lb.uncertainty(game, {"payoffs.0.0.0": (1, 2)}, draws=30)).axes)
    2
    """
    answers = list(dict.fromkeys(one.answer for one in found.influences))[:PANELS]
    order = [one.numbers for one in found.influences if one.answer == answers[0]]
    with style():
        figure = Picture((7.0, REST + ROW * len(order)), rows=True)
        panels = np.atleast_1d(figure.subplots(1, len(answers), sharey=True))
        for axes, answer in zip(panels, answers, strict=True):
            mine = {one.numbers: one for one in found.influences if one.answer == answer}
            _panel(axes, found, answer, [mine[numbers] for numbers in order])
        names = [" and ".join(map(in_words, numbers)) for numbers in order]
        panels[0].set_yticks(range(len(order)), names)
        panels[0].set_ylim(len(order) - 0.5, -0.5)
        ends = [Patch(facecolor=LESS, alpha=PALE), Patch(facecolor=MORE)]
        words = ["where the number is in its lowest fifth", "in its highest fifth"]
        figure.legend(
            ends, words, loc="outside lower center", ncols=2, frameon=False, fontsize="small"
        )
        headed(figure, found.headline)
    return figure


def _panel(axes: Axes, found: Uncertainty, answer: str, rows: list[Influence]) -> None:
    share = answer == VERDICT
    middle = found.shares[0].share if share else found.means.get(answer, (np.nan,))[0]
    for k, one in enumerate(rows):
        beside = (one.low - middle) * (one.high - middle) > 0  # one would hide the other
        ends = ((one.low, LESS, PALE, -1), (one.high, MORE, 1.0, 1))
        for end, colour, alpha, side in ends:
            height, place = (SLIM / 2, k + side * SLIM / 4) if beside else (SLIM, float(k))
            axes.barh(place, end - middle, left=middle, height=height, color=colour, alpha=alpha)
        if not np.isnan(one.total):
            axes.annotate(
                f"{max(one.total, 0):.2f}",
                (1.0, k),
                xycoords=("axes fraction", "data"),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize="small",
                annotation_clip=False,
            )
    if any(not np.isnan(one.total) for one in rows):
        axes.annotate(
            "total\nindex",
            (1.0, 1.0),
            xycoords="axes fraction",
            xytext=(4, 2),
            textcoords="offset points",
            fontsize="small",
            color=QUIET,
            annotation_clip=False,
        )
    axes.axvline(middle, color=INK, linewidth=0.8)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    if share:
        axes.xaxis.set_major_formatter(in_percent)
        axes.set_xlabel(f"share of draws that are: {found.shares[0].outcome}")
    else:
        axes.set_xlabel(answer + (", rungs" if answer == "mean lead" else ""))

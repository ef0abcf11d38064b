"""A lead that is answered late: how it swings, with the boundary and the period by name."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.figures.style import CHASER, INK, LEADER, QUIET, Picture, headed, label, style
from leaderbored.motion.whiplash import Whiplash

TURNS = 6  # periods at the boundary, or delays, that are shown
FAINT = 0.02  # of the first lead: what has died out


def whiplash_figure(found: Whiplash) -> Figure:
    """Draw the lead over time.

    Parameters
    ----------
    found : Whiplash

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> len(whiplash_figure(lb.whiplash(answer=1.0, delay=2.0, limit=1.0)).axes)
    1
    """
    end = min(float(found.time[-1]), TURNS * max(found.onset_period or 0.0, found.delay))
    if found.period is None:
        end = min(end, 1.5 * float(found.time[np.abs(found.lead) > FAINT * found.lead[0]][-1]))
    shown = found.time <= end
    time, lead = found.time[shown], found.lead[shown]
    with style():
        figure = Picture(figsize=(7.6, 3.9))
        axes = figure.subplots()
        axes.axhline(0, color=QUIET, linewidth=1)
        for sign, colour in ((1, LEADER), (-1, CHASER)):
            axes.fill_between(
                time,
                0,
                lead,
                where=sign * lead >= 0,
                color=colour,
                alpha=0.18,
                linewidth=0,
                interpolate=True,
            )
        axes.plot(time, lead, color=INK)
        reach = 1.6 * float(np.abs(lead).max()) or 1.0
        low = -reach if lead.min() < -FAINT * reach else -0.08 * reach
        axes.set(xlabel="years", ylabel="lead (rungs)", ylim=(low, reach), xlim=(0, end))
        _sides(axes, lead)
        if found.period is not None:
            _period(axes, found, end, reach)
        axes.set_title(_about(found), fontsize="medium", fontweight="normal")
        headed(figure, found.sentence)
    return figure


def _about(found: Whiplash) -> str:
    """The delay beside the boundary."""
    delay = f"delay {found.delay:.2g} years"
    if found.onset_period is None:
        fate = "grow even without one" if found.boundary == 0 else "die out whatever it is"
        return f"{delay}; leads {fate}"
    way = "below" if found.delay < found.boundary else "above"
    return (
        f"{delay}, {way} the boundary of {found.boundary:.2g} years up to which leads die out, and "
        f"where the period is {found.onset_period:.2g} years"
    )


def _sides(axes: Axes, lead: np.ndarray) -> None:
    corner = {"xycoords": "axes fraction", "fontsize": "medium", "ha": "left"}
    axes.annotate("ahead", (0.012, 0.97), color=LEADER, va="top", **corner)  # type: ignore[arg-type]
    if lead.min() < -FAINT * lead.max():
        axes.annotate("behind", (0.012, 0.03), color=CHASER, va="bottom", **corner)  # type: ignore[arg-type]


def _period(axes: Axes, found: Whiplash, end: float, reach: float) -> None:
    """Mark one period between two upward crossings of zero."""
    shown = found.time <= end
    lead, time = found.lead[shown], found.time[shown]
    up = np.flatnonzero((lead[:-1] < 0) & (lead[1:] >= 0))
    if len(up) < 2 or found.period is None:
        return
    first, last = float(time[up[-2]]), float(time[up[-1]])
    height = 0.74 * reach
    for place in (first, last):
        axes.plot([place, place], [0, height], color=QUIET, linewidth=0.8, linestyle=":")
    arrow = {"arrowstyle": "<->", "color": INK, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (first, height), (last, height), arrowprops=arrow)
    label(
        axes,
        (first + last) / 2,
        height,
        f"period {found.period:.2g} years",
        INK,
        ha="right" if last > 0.8 * end else "center",
        va="bottom",
        xytext=(40 if last > 0.8 * end else 0, 3),
        textcoords="offset points",
    )

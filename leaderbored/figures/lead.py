"""What becomes of a lead, and what one success sets off, as pictures."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leaderbored.figures.named import name_lines
from leaderbored.figures.style import (
    CHASER,
    COLOURS,
    INK,
    LEADER,
    QUIET,
    Picture,
    headed,
    in_percent,
    label,
    style,
)
from leaderbored.motion.impulse import UNITS, Impulse
from leaderbored.motion.lead import LeadPath

TITLES = {
    "capability": "Lead",
    "rank": "Rank (down is better)",
    "build": "Builds",
    "sell": "Sells",
    "revenue": "Revenue",
    "value": "Value",
}


def lead_figure(path: LeadPath) -> Figure:
    """Draw the course of a lead with its band, and when it is lost or overtaken.

    Parameters
    ----------
    path : LeadPath

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=4)
    >>> len(lead_figure(lb.lead_path(lb.solve(race), "A ahead by 2")).axes)
    2
    """
    with style():
        figure = Picture(figsize=(9.2, 3.9))
        left, right = figure.subplots(1, 2)
        _course(left, path)
        _passages(right, path)
        headed(figure, path.name, path.headline)
    return figure


def _course(axes: Axes, path: LeadPath) -> None:
    end = float(path.times[-1])
    axes.axhline(0, color=QUIET, linewidth=1)
    axes.fill_between(
        path.times, path.low, path.high, step="mid", color=LEADER, alpha=0.13, linewidth=0
    )
    axes.plot(path.times, path.mean, color=LEADER)
    spot = int(0.6 * len(path.times))
    label(
        axes,
        float(path.times[spot]),
        float(path.mean[spot]),
        "expected",
        LEADER,
        ha="center",
        xytext=(0, 6),
        textcoords="offset points",
    )
    label(
        axes,
        end,
        float(path.high[-1]),
        "four in five cases ",
        LEADER,
        ha="right",
        va="top",
        xytext=(0, -4),
        textcoords="offset points",
    )
    if path.half_life is not None and path.half_life <= end:
        at = (path.half_life, path.lead / 2)
        axes.plot(*at, "o", color=INK)
        label(
            axes,
            *at,
            "half-life",
            INK,
            xytext=(0, -13),
            textcoords="offset points",
            ha="center",
        )
    axes.set(title=f"{path.lab}'s lead", xlabel="years", ylabel="rungs over the best rival")
    axes.set_xlim(0, end)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _passages(axes: Axes, path: LeadPath) -> None:
    end = float(path.times[-1])
    rows = [(path.caught, CHASER), (path.overtaken, COLOURS[2]), (path.extended, LEADER)]
    drawn = [(p.event, path.times, p.by, colour) for p, colour in rows if p is not None]
    for _, times, by, colour in drawn:
        axes.plot(times, by, color=colour)
    axes.set(title="Has it happened yet?", xlabel="years", ylabel="probability")
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.0)
    axes.yaxis.set_major_formatter(in_percent)
    name_lines(axes, drawn)


def impulse_figure(impulse: Impulse) -> Figure:
    """Draw the responses to one success, one panel each.

    Parameters
    ----------
    impulse : Impulse

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=4)
    >>> len(impulse_figure(lb.impulse(lb.solve(race))).axes)
    6
    """
    with style():
        figure = Picture(figsize=(9.2, 5.0))
        panels = figure.subplots(2, 3, sharex=True).ravel()
        for k, (axes, (name, course)) in enumerate(
            zip(panels, impulse.response.items(), strict=True)
        ):
            axes.axhline(0, color=QUIET, linewidth=1)
            axes.fill_between(impulse.times, 0, course, color=COLOURS[0], alpha=0.12, linewidth=0)
            axes.plot(impulse.times, course, color=COLOURS[0])
            lag = impulse.lag[name]
            if lag is not None and 0 <= lag <= impulse.times[-1]:
                height = float(np.interp(lag, impulse.times, course))
                axes.plot(lag, height, "o", color=INK)
            axes.set(title=TITLES[name], ylabel=UNITS[name])
            axes.set_xlim(0, impulse.times[-1])
            if k >= len(panels) - (1 if figure.narrow else 3):
                axes.set_xlabel("years after the success")
        lag = impulse.lag["capability"]
        if lag is not None and 0 <= lag <= impulse.times[-1]:
            height = float(np.interp(lag, impulse.times, impulse.response["capability"]))
            label(
                panels[0],
                lag,
                height,
                "comes on average",
                INK,
                xytext=(7, 3),
                textcoords="offset points",
            )
        headed(figure, impulse.name, impulse.headline)
    return figure

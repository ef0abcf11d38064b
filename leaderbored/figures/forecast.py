"""Who will lead, and how past forecasts fared."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.evidence.backtest import Backtest
from leaderbored.evidence.forecast import Forecast
from leaderbored.figures.style import COLOURS, MARKERS, Picture, in_percent, label, style


def forecast_figure(found: Forecast, past: Backtest | None = None) -> Figure:
    """Draw chances of leading by horizon, and beside them how often what was said came true.

    Parameters
    ----------
    found : Forecast
    past : Backtest, optional

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.evidence.forecast import forecast
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=3)
    >>> len(forecast_figure(forecast(lb.solve(race), {"A": 0, "B": 2})).axes)
    1
    """
    with style():
        figure = Picture(figsize=(3.6 if past is None else 7.2, 3.1))
        every = figure.subplots(1, 1 if past is None else 2, squeeze=False)[0]
        _chances(every[0], found)
        if past is not None:
            _reliability(every[1], past)
    return figure


def reliability_figure(past: Backtest) -> Figure:
    """Draw how often what the race said came true.

    Examples
    --------
    >>> made = Backtest("x", np.array([3.0]), np.array([0]), ("the race",), *4 * [np.ones((1, 1))])
    >>> len(reliability_figure(made).axes)
    1
    """
    with style():
        figure = Picture(figsize=(3.6, 3.1))
        _reliability(figure.subplots(), past)
    return figure


def _chances(axes: Axes, found: Forecast) -> None:
    level = [float(rung == 0) for rung in found.behind]
    known = [float(lab == found.leader) for lab in found.labs]
    now = known if found.leader else level
    start = np.array(now) / sum(now)
    months = np.append(0.0, found.months)
    rows = np.vstack([start, found.chances])
    order = np.argsort(-rows[-1], kind="stable")
    places = np.sort(rows[-1])[::-1]
    for k in range(1, len(places)):  # names are kept apart
        places[k] = min(places[k], places[k - 1] - 0.055)
    for i, height in zip(order, places, strict=True):
        colour = COLOURS[i % len(COLOURS)]
        axes.plot(months, rows[:, i], color=colour, marker=MARKERS[i % len(MARKERS)])
        label(axes, months[-1], float(height), f"  {found.labs[i]}", colour, va="center")
    axes.set(xlabel="months ahead", title="Who leads", ylim=(min(0.0, places[-1]), 1.02))
    axes.set_xticks(months)
    axes.yaxis.set_major_formatter(in_percent)


def _reliability(axes: Axes, past: Backtest) -> None:
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
    there = np.isfinite(past.said)
    axes.plot(past.said[there], past.came[there], color=COLOURS[0], marker="o")
    axes.set(
        xlabel="chance that was given",
        ylabel="how often it came true",
        title="Past forecasts of the race",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(in_percent)

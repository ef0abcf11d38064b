"""The market for compute: the rent at each lead, and who rents to whom."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leaderbored.figures.named import name_lines
from leaderbored.figures.style import (
    CHASER,
    COLOURS,
    QUIET,
    Picture,
    headed,
    label,
    style,
    ticks,
)
from leaderbored.games.markov import Array
from leaderbored.verdicts.lease_market import LeaseMarket
from leaderbored.verdicts.rents import flows, long_run, sentence

MOST = 10  # pairs


def lease_figure(market: LeaseMarket) -> Figure:
    """Draw the rent by lead beside the compute rented between each pair of labs.

    Parameters
    ----------
    market : LeaseMarket

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9, premium=0.5),
    ...                lb.Technology(1), discount=0.2, rungs=2,
    ...                mechanisms={"lease": {"friction": 0.1}})
    >>> len(lease_figure(lb.lease_market(lb.solve(race))).axes)
    2
    """
    weight, lead = long_run(market)
    with style():
        figure = Picture(figsize=(9.2, 3.9))
        left, right = figure.subplots(1, 2)
        _rents(left, market, weight, lead)
        _trades(right, market, weight)
        headed(figure, sentence(market))
    return figure


def _rents(axes: Axes, market: LeaseMarket, weight: Array, lead: Array) -> None:
    size, rungs = len(weight), np.arange(int(lead.max()) + 1)
    rent = market.rent[:size]
    price = market.equilibrium.game.price[: len(market.labs), :size]
    groups = [lead == g for g in rungs]
    mean = np.array([np.average(rent[here], weights=weight[here] + 1e-300) for here in groups])
    low, high = (np.array([pick(rent[here]) for here in groups]) for pick in (np.min, np.max))
    worst = np.array([price[:, here].min(axis=0).mean() for here in groups])
    axes.fill_between(rungs, low, high, color=COLOURS[0], alpha=0.15, linewidth=0)
    axes.plot(rungs, mean, color=COLOURS[0], marker="o")
    axes.plot(rungs, worst, color=CHASER, linestyle=(0, (4, 2)))
    axes.set(title="Rent", xlabel="lead (rungs), 0 = tied", ylabel="money per unit and year")
    axes.set_ylim(0, 1.2 * max(float(high.max()), float(worst.max())))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    name_lines(
        axes,
        [
            ("rent", rungs, mean, COLOURS[0]),
            ("price of the lab farthest behind", rungs, worst, CHASER),
        ],
    )


def _trades(axes: Axes, market: LeaseMarket, weight: Array) -> None:
    found = flows(market, weight)[:MOST]
    axes.set(title="Who rents to whom", xlabel="units of compute, long-run mean")
    if not found:
        axes.set_yticks([])
        label(axes, 0.5, 0.5, "nobody", QUIET, ha="center", xycoords="axes fraction")
        return
    rows = np.arange(len(found))
    colours = [COLOURS[market.labs.index(landlord) % len(COLOURS)] for landlord, _, _ in found]
    axes.barh(rows, [units for *_, units in found], color=colours, height=0.62, alpha=0.85)
    for row, (_, _, units), colour in zip(rows, found, colours, strict=True):
        label(axes, units, float(row), f"  {units:.2g}", colour, va="center")
    ticks(axes, [f"{landlord} to {tenant}" for landlord, tenant, _ in found])
    axes.set_ylim(max(len(rows), 3) - 0.5, -0.5)
    axes.set_xlim(0, 1.2 * found[0][2])

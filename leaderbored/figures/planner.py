"""What a planner or a cartel builds at each lead, beside an equilibrium, and who gains what."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leaderbored.figures.style import (
    CHASER,
    COLOURS,
    LEADER,
    QUIET,
    Picture,
    headed,
    in_percent,
    label,
    legend,
    style,
    ticks,
)
from leaderbored.games.markov import Array
from leaderbored.verdicts.planner import WORDS, Planner
from leaderbored.verdicts.profile import by_lead
from leaderbored.verdicts.welfare import Welfare, welfare

DASHES = (0, (4, 2))
LABS, CUSTOMERS = COLOURS[1], COLOURS[0]
CORNER: dict[str, Any] = {"xycoords": "axes fraction", "va": "top"}
MOST = 6  # equilibria that are drawn


def planner_figure(found: Planner) -> Figure:
    """Draw who builds at each lead, the leader and the others, and what each outcome is worth.

    Parameters
    ----------
    found : Planner

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> len(planner_figure(lb.planner(lb.solve(race))).axes)
    3
    """
    with style():
        figure = Picture(figsize=(10.8, 3.9))
        first, second, third = figure.subplots(1, 3, gridspec_kw={"width_ratios": [1, 1, 0.9]})
        own = found.by_lead
        solution = found.solution
        theirs: tuple[Array, Array] | None = None
        if solution is not None and solution.equilibria:
            theirs = by_lead(solution, solution.equilibria[0])
        for axes, k, colour, title in (
            (first, 0, LEADER, "Leader, or tied"),
            (second, 1, CHASER, "Those behind"),
        ):
            _shares(axes, found, own[k], theirs[k] if theirs else None, colour)
            axes.set(title=title, xlabel="lead (rungs), 0 = tied")
        first.set_ylabel("share of compute that builds")
        _worth(third, found)
        headed(figure, found.race.name, found.headline)
    return figure


def _shares(axes: Axes, found: Planner, own: Array, theirs: Array | None, colour: str) -> None:
    """The planner's shares, and those of the first equilibrium in dashes."""
    lead, seen = np.arange(len(own)), np.array(found.lead_distribution) > 0
    names = [WORDS[found.aim].removeprefix("a ")]
    axes.plot(lead, own, color=colour, marker="o")
    if theirs is not None:
        axes.plot(lead, theirs, color=colour, linestyle=DASHES)
        names.append(found.gaps[0].kind or "equilibrium")
    axes.plot(lead[~seen], own[~seen], "o", color=colour, markerfacecolor="white")
    legend(axes, names)
    axes.set_ylim(-0.06, 1.3)
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.yaxis.set_major_formatter(in_percent)
    axes.set_xlim(-0.4, len(own) - 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    if not seen.all():
        note = "hollow: no time is spent there"
        axes.annotate(note, (0.02, 0.98), fontsize="small", color=QUIET, **CORNER)


def _worth(axes: Axes, found: Planner) -> None:
    """Present values from the tie, of labs and customers, for the planner and each equilibrium."""
    names = [WORDS[found.aim].removeprefix("a ")]
    each: list[Welfare] = [found.welfare]
    for k, gap in enumerate(found.gaps[:MOST]):
        assert found.solution is not None
        names.append(gap.kind or "equilibrium")
        each.append(welfare(found.solution, k))
    rows = np.arange(len(each))
    labs = np.array([one.present.profits[0] for one in each])
    customers = np.nan_to_num([one.present.surplus[0] for one in each])
    axes.barh(rows, labs, color=LABS, height=0.55)
    axes.barh(rows, customers, left=np.maximum(labs, 0.0), color=CUSTOMERS, height=0.55)
    ticks(axes, names)
    axes.set_ylim(max(len(rows), 3) - 0.5, -1.1)
    axes.set(title="Worth from the tie", xlabel="money, discounted")
    top = float((np.maximum(labs, 0.0) + customers).max())
    axes.set_xlim(min(0.0, float(labs.min())), 1.06 * top if top > 0 else 1.0)
    label(axes, 0.0, -0.62, " labs", LABS, va="center")
    if customers.any():
        label(axes, top, -0.62, "customers", CUSTOMERS, va="center", ha="right")

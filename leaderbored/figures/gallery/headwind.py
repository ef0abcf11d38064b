"""A one-shot contest: what the leader gives up to build, and where its headwind blows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.figures.gallery.examples import duel
from leaderbored.figures.static import curves, of_contest
from leaderbored.figures.style import CHASER, LEADER, QUIET, Picture, style
from leaderbored.games.record import RefusedError
from leaderbored.race import Contender, Contest, Race, ScarceMarket, leads
from leaderbored.solvers import solve

SOLD_OUT = Contest((Contender("leader", 1.0, price=2.0), Contender("laggard", 1.0)), prize=1.0)


def headwind(contest: Contest = SOLD_OUT, race: Race | None = None) -> Figure:
    """Draw best replies of a one-shot contest, and the scarcity at which the leader is held back.

    On the left, a contest whose first lab earns more by selling, so that building costs it more.
    On the right, for each lead, the scarcity between which the leader is sold out and its rival has
    compute to spare: result R3 of :mod:`leaderbored.theory`.

    Parameters
    ----------
    contest : Contest
        Of two labs.
    race : Race, optional
        Of two labs on a scarce market, whose own scarcity is not used; by default two equal ones.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are not two labs, or the market is not scarce.

    Examples
    --------
    >>> len(headwind().axes)
    2
    """
    race = race or duel(1.0, 0.0, rungs=6)
    if len(race.labs) != 2 or not isinstance(race.market, ScarceMarket):
        raise RefusedError("race: expected two labs on a scarce market")
    with style():
        figure = Picture(figsize=(7.2, 3.5))
        left, right = figure.subplots(1, 2)
        curves(left, solve(contest), of_contest(contest), (LEADER, CHASER))
        left.set_title("One-shot contest: who replies how")
        left.set_aspect("equal")
        _window(right, race)
    return figure


def _window(axes: Axes, race: Race) -> None:
    """Scarcity at which each lab's demand is its compute, when the first lab leads by g."""
    states = race.states()
    lead, leader = leads(states)
    chain = np.flatnonzero((leader == 0) | (lead == 0))
    chain = chain[np.argsort(lead[chain])]
    brand = np.array([lab.brand for lab in race.labs])
    assert isinstance(race.market, ScarceMarket)
    _, demand = replace(race.market, scarcity=1.0).terms(states[chain], race.compute, brand)
    first, second = race.compute[:, None] / demand
    g = lead[chain]
    top = 2.6
    axes.fill_between(g, first, second, color=LEADER, alpha=0.16, linewidth=0)
    axes.plot(g, first, color=LEADER)
    axes.plot(g, second, color=CHASER)
    axes.set_ylim(0, top)
    axes.set_xlim(0, g[-1])
    middle = 0.62 * g[-1]
    axes.text(
        middle,
        1.25,
        "headwind\nleader sold out,\nlaggard has computers to spare",
        ha="center",
        va="center",
        fontsize="medium",
        color=LEADER,
    )
    axes.text(
        middle,
        0.25,
        "plenty: both have some to spare",
        ha="center",
        va="center",
        fontsize="small",
        color=QUIET,
    )
    axes.text(0.01 * g[-1], 2.05, "famine:\nboth\nsold out", fontsize="small", color=QUIET)
    axes.set(
        title="The headwind is a window in scarcity",
        xlabel="lead (rungs)",
        ylabel="scarcity ψ (demand / compute)",
    )

"""Computers arrive: the date at which the run ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from leaderbored.figures.gallery.bands import bands
from leaderbored.figures.gallery.examples import RELIEF
from leaderbored.figures.style import CHASER, LEADER, label, style
from leaderbored.race import Race, leads
from leaderbored.race.mechanisms.scarcity_path import scarcity_path


def scarcity(
    race: Race = RELIEF, years: Sequence[float] = (0.0, 4.0), levels: Sequence[float] = (0.9, 0.2)
) -> Figure:
    """Draw what labs do while scarcity moves along a path that all foresee, over the verdicts.

    Parameters
    ----------
    race : Race
        On a scarce market, whose own scarcity is not used.
    years, levels : sequences of float
        Dates from 0 on and scarcity at them; see :func:`leaderbored.scarcity_path`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(scarcity(years=(0, 1), levels=(0.9, 0.8)).axes)
    2
    """
    found = scarcity_path(race, years, levels)
    states = race.states()
    lead, leader = leads(states)
    ahead = int(np.flatnonzero((lead == 1) & (leader == 0))[0])
    with style():
        figure = Figure(figsize=(7.2, 3.9))
        top, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [1, 2]})
        top.plot(found.years, found.scarcity, color="#222222")
        top.set(title="Scarcity falls, and all foresee it", ylabel="scarcity ψ")
        top.set_ylim(bottom=0)
        bands(below, found.years, found.kinds)
        spot = len(found.years) // 3
        for lab, name, colour, dash in ((0, "leader by one", LEADER, "-"),
                                        (1, "its laggard", CHASER, "--")):  # fmt: skip
            course = found.build[:, lab, ahead]
            below.plot(found.years, course, color=colour, linestyle=dash)
            label(below, float(found.years[spot]), float(course[spot]), name, colour,
                  ha="center", xytext=(0, 6), textcoords="offset points")  # fmt: skip
        below.set(title=found.sentence, xlabel="years from now", ylabel="share that builds")
        below.set_xlim(0, float(found.years[-1]))
        below.set_ylim(0, 1.16)
        below.yaxis.set_major_formatter(PercentFormatter(1))
    return figure

"""Whiplash: with a delay between compute and model, leads swing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.figures.named import Line, name_lines
from leaderbored.figures.style import COLOURS, INK, QUIET, Picture, label, style
from leaderbored.motion.whiplash import whiplash as integrate


def whiplash(
    answer: float = 1.0,
    *,
    growth: float = 0.2,
    limit: float = 2.0,
    delays: Sequence[float] = (1.0, 2.4),
    years: float = 40.0,
) -> Figure:
    """Draw leads that are answered late, and how far they swing against the delay.

    Parameters
    ----------
    answer, growth, limit : float
        k, A and c of :func:`leaderbored.whiplash`.
    delays : sequence of float
        Delays tau of the courses on the left; years.
    years : float, default 40
        How long they are drawn.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(whiplash(delays=(1.0,), years=10).axes)
    2
    """
    with style():
        figure = Picture(figsize=(7.2, 3.2))
        left, right = figure.subplots(1, 2)
        drawn = list[Line]()
        for k, delay in enumerate(delays):
            found = integrate(answer, delay, growth=growth, limit=limit, years=years)
            colour = COLOURS[k % len(COLOURS)]
            left.plot(found.time, found.lead, color=colour, linestyle=("-", "--", ":")[k % 3])
            drawn.append((f"delay {delay:g}", found.time, found.lead, colour))
        left.axhline(0, color=QUIET, linewidth=1)
        left.set(title="A lead answered late", xlabel="years", ylabel="lead (rungs)")
        left.set_xlim(0, years)
        name_lines(left, drawn)
        _bifurcation(right, answer, growth, limit)
    return figure


def _bifurcation(axes: Axes, answer: float, growth: float, limit: float) -> None:
    boundary = integrate(answer, 1.0, growth=growth, limit=limit, years=1.0).boundary
    delays = boundary * np.linspace(0.2, 2.0, 37)
    found = [
        integrate(answer, float(d), growth=growth, limit=limit, years=400 * boundary)
        for d in delays
    ]
    swing = np.array([made.amplitude for made in found])
    alive = np.array([made.growth is not None and made.growth > -1e-3 for made in found])
    axes.plot(delays, np.where(alive, swing, 0.0), color=INK, marker="o", markersize=3)
    axes.axvline(boundary, color=INK, linewidth=1, linestyle=":")
    label(
        axes,
        boundary,
        0.8 * float(swing.max()),
        f"Hopf  \nboundary  \n{boundary:.2f} years  ",
        INK,
        ha="right",
    )
    axes.set(title="How far it swings", xlabel="delay τ (years)", ylabel="largest lead (rungs)")
    axes.set_xlim(float(delays[0]), float(delays[-1]))
    axes.set_ylim(bottom=-0.03 * float(swing.max()))

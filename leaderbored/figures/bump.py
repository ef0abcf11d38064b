"""Bump charts: who is where on the leaderboard, month by month; and many leaderboards at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.figures.style import (
    COLOURS,
    INK,
    MARKERS,
    Picture,
    headed,
    in_percent,
    label,
    style,
    ticks,
)
from leaderbored.games.markov import Array
from leaderbored.motion.leaderboards import Leaderboards

STEPS = 20  # of a curve from one rank to the next


def bump(axes: Axes, names: Sequence[str], ranks: Array, years: float) -> None:
    """Draw ranks (T, N) at evenly spaced times over some years as smooth curves.

    Examples
    --------
    >>> bump(Figure().subplots(), ["A", "B"], np.array([[1.0, 2.0], [2.0, 1.0]]), 1.0)
    """
    spans = len(ranks) - 1
    fine = np.linspace(0, spans, STEPS * spans + 1)
    begun = np.minimum(fine.astype(int), spans - 1)
    t = np.clip(fine - begun, 0, 1)[:, None]
    curve = ranks[begun] + (ranks[begun + 1] - ranks[begun]) * t**2 * (3 - 2 * t)
    for lab, name in enumerate(names):
        colour, marker = COLOURS[lab % len(COLOURS)], MARKERS[lab % len(MARKERS)]
        last = float(ranks[-1, lab])
        axes.plot(
            fine * years / spans, curve[:, lab], color=colour, linewidth=2.6, solid_capstyle="round"
        )
        axes.plot(years, last, marker=marker, color=colour, clip_on=False, linestyle="none")
        label(axes, years, last, f"  {name}", colour, va="center", annotation_clip=False)
    axes.set(xlabel="years", ylabel="rank")
    axes.set_xlim(0, years)
    axes.set_ylim(len(names) + 0.4, 0.6)
    axes.set_yticks(range(1, len(names) + 1))


def untied(rungs: Array) -> Array:
    """(T, N) ranks from rungs (T, N), 1 for the highest; ties go to who was ahead before.

    Examples
    --------
    >>> untied(np.array([[1, 2], [2, 2]])).tolist()
    [[2.0, 1.0], [2.0, 1.0]]
    """
    order, ranks = np.arange(rungs.shape[1]), np.empty(rungs.shape)
    for now, row in zip(ranks, rungs, strict=True):
        order = order[np.argsort(-row[order], kind="stable")]
        now[order] = np.arange(1, len(order) + 1)
    return ranks


def leaderboards_figure(boards: Leaderboards, path: int = 0, years: float = 5.0) -> Figure:
    """Draw one simulated leaderboard, and how long each lab leads in all of them.

    Parameters
    ----------
    boards : Leaderboards
    path : int, default 0
        Which.
    years : float, default 5
        How much of it, at most.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=3)
    >>> len(leaderboards_figure(lb.leaderboards(lb.solve(race), years=2, paths=5)).axes)
    2
    """
    shown = boards.times <= years + 1e-9
    with style():
        figure = Picture(figsize=(9.2, 3.9))
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [2.1, 1]})
        span = float(boards.times[shown][-1])
        bump(left, boards.labs, untied(boards.rung(path)[shown]), span)
        left.set_title(f"One of {boards.paths:,} simulated leaderboards")
        _leading(right, boards)
        headed(figure, boards.name, boards.headline)
    return figure


def _leading(axes: Axes, boards: Leaderboards) -> None:
    rows = np.arange(len(boards.labs))
    found = [boards.estimates[f"{lab} leads"] for lab in boards.labs]
    colours = [COLOURS[i % len(COLOURS)] for i in rows]
    axes.barh(
        rows,
        [e.mean for e in found],
        xerr=[3 * e.error for e in found],
        color=colours,
        height=0.62,
        alpha=0.85,
        error_kw={"elinewidth": 1},
    )
    exact = [e.exact for e in found if e.exact is not None]
    known = len(exact) == len(found)
    if known:
        axes.plot(exact, rows, "|", color=INK, markersize=16, markeredgewidth=1.6)
    most = max(e.mean + 3 * e.error for e in found)
    for row, e, colour in zip(rows, found, colours, strict=True):
        label(axes, e.mean + 3 * e.error, float(row), f"  {e.mean:.1%}", colour, va="center")
    title = "Time in the lead (mark: exact)" if known else "Time in the lead"
    axes.set(title=title, xlabel="share of time, with 3 standard errors")
    ticks(axes, boards.labs)
    axes.set_xlim(0, 1.25 * most or 1.0)
    axes.xaxis.set_major_formatter(in_percent)

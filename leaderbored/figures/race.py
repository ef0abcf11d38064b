"""A solved race in four panels: who builds, who closes, how large leads are, how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from leaderbored.figures.bump import bump
from leaderbored.figures.style import (
    BARS,
    CHASER,
    INK,
    LEADER,
    QUIET,
    Picture,
    headed,
    in_percent,
    label,
    style,
)
from leaderbored.motion import simulate
from leaderbored.motion.simulate import behind
from leaderbored.race import Race
from leaderbored.solvers import Solution
from leaderbored.verdicts import Verdict
from leaderbored.verdicts import verdict as verdict_on
from leaderbored.verdicts.profile import by_lead, on_board

SEED = 1
REACH = 0.12  # of the width of a panel: about half a name
CLOSE = 0.1  # difference of shares at which the labels of two lines may meet
BUSY = 1e4  # successes a year, up to which a history is drawn
BURN_IN = 10.0  # years simulated before those shown, so that the start is forgotten


def first_figure(solution: Solution) -> Figure:
    """Draw the first equilibrium of a race, with the verdict on it; see :func:`race_figure`."""
    return race_figure(solution, verdict_on(solution, check_cap=False))


def race_figure(solution: Solution, verdict: Verdict, *, years: int = 4) -> Figure:
    """Draw a solved race.

    Parameters
    ----------
    solution : Solution
        Of a race; its first equilibrium is drawn.
    verdict : Verdict
        On that equilibrium.
    years : int, default 4
        Length of the simulated history in the last panel.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=3)
    >>> solution = lb.solve(race)
    >>> len(race_figure(solution, lb.verdict(solution)).axes)
    4
    """
    race: Race = solution.game
    with style():
        figure = Picture(figsize=(9.2, 6.4))
        axes = figure.subplots(2, 2, gridspec_kw={"width_ratios": [1, 1]})
        _builds(axes[0, 0], solution)
        _pace(axes[0, 1], verdict, race.rungs)
        _leads(axes[1, 0], verdict)
        _ranks(axes[1, 1], solution, years)
        missing = (*solution.equilibria[0].not_checked, *verdict.not_checked)
        headed(figure, race.name, verdict.headline, _left_out(missing))
    return figure


def verdict_figure(verdict: Verdict) -> Figure:
    """Draw who closes in at each lead, and how large leads are.

    Parameters
    ----------
    verdict : Verdict

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=3)
    >>> len(verdict_figure(lb.verdict(lb.solve(race), check_cap=False)).axes)
    2
    """
    with style():
        figure = Picture(figsize=(9.2, 3.6))
        left, right = figure.subplots(1, 2)
        _pace(left, verdict, len(verdict.pace_ratio) + 1)
        _leads(right, verdict)
        headed(figure, verdict.headline, _left_out(verdict.not_checked))
    return figure


def _left_out(missing: Sequence[str]) -> str:
    """What would have taken too long to check; nothing if nothing would."""
    words = {"half_life": "half-life", "cap": "twice the rungs"}
    names = [words.get(name, name) for name in missing]
    return f"Not checked, as it takes too long: {', '.join(names)}." if names else ""


def _builds(axes: Axes, solution: Solution) -> None:
    leader, others = by_lead(solution, solution.equilibria[0])
    lead = np.arange(len(leader))
    tied = np.where(lead == 0, leader, np.nan)
    ahead = np.where(lead > 0, leader, np.nan)
    behind = np.where(lead > 0, others, np.nan)
    axes.plot(lead, ahead, color=LEADER, marker="o")
    axes.plot(lead, behind, color=CHASER, marker="s")
    axes.plot(lead, tied, color=QUIET, marker="D", linestyle="none")
    near = bool(np.nanmin(np.abs(ahead - behind), initial=1.0) < CLOSE)
    _name(axes, lead, ahead, "leader", LEADER, further=12 * near)
    _name(axes, lead, behind, "laggards", CHASER)
    if np.isfinite(leader[0]):
        shift = (6, 0) if leader[0] < 0.85 else (-4, -16)
        label(
            axes, 0, leader[0], "tied", QUIET, xytext=shift, textcoords="offset points", va="center"
        )
    axes.set(title="Who builds", xlabel="lead (rungs)", ylabel="share of compute that builds")
    axes.set_ylim(-0.04, 1.04)
    axes.yaxis.set_major_formatter(in_percent)
    _whole(axes, len(leader) - 1)


def _name(
    axes: Axes, x: np.ndarray, y: np.ndarray, text: str, colour: str, *, further: int = 0
) -> None:
    """Label a line above its middle, or below where it runs high."""
    known = np.flatnonzero(np.isfinite(y))
    if len(known) == 0:
        return
    middle = int(known[len(known) // 2])
    near = known[np.abs(x[known] - x[middle]) <= REACH * float(np.ptp(x))]
    above = y[middle] < 0.85
    height = np.max(y[near]) if above else np.min(y[near])
    away = (0, 8 + further if above else -14 - further)
    label(
        axes,
        float(x[middle]),
        float(height),
        text,
        colour,
        ha="center",
        xytext=away,
        textcoords="offset points",
    )


def _pace(axes: Axes, verdict: Verdict, rungs: int) -> None:
    q = np.array([np.nan if x is None or x <= 0 else x for x in verdict.pace_ratio])
    lead = np.arange(1, rungs)
    axes.set(title="Who closes in", xlabel="lead (rungs)", ylabel="pace ratio q (log scale)")
    axes.set_yscale("log")
    spread = float(np.nanmax(np.abs(np.log(q)), initial=np.log(1.5))) * 1.5
    low, high = float(np.exp(-spread)), float(np.exp(spread))
    axes.set_ylim(low, high)
    axes.axhspan(low, 1, color=CHASER, alpha=0.09, linewidth=0)
    axes.axhspan(1, high, color=LEADER, alpha=0.09, linewidth=0)
    axes.axhline(1, color=QUIET, linewidth=1)
    axes.plot(lead, q, color=INK)
    seen = ~np.isin(lead, verdict.unvisited)
    votes = seen & (np.isin(lead, verdict.votes) if verdict.votes else True)
    axes.plot(lead[votes], q[votes], "o", color=INK)
    axes.plot(lead[seen & ~votes], q[seen & ~votes], "o", color=QUIET)
    axes.plot(lead[~seen], q[~seen], "o", color=INK, markerfacecolor="white")
    notes = {
        "grey: next to the cap,\nnot counted": seen & ~votes,
        "hollow: play spends\nno time there": ~seen,
    }
    first = np.log(q[: max(1, len(q) // 2)])
    high_at_first = bool(np.sum(first[np.isfinite(first)]) > 0)
    told = [note for note, where in notes.items() if (np.isfinite(q) & where).any()]
    if told:
        axes.annotate(
            "\n".join(told),
            (0.02, 0.04 if high_at_first else 0.96),
            fontsize="small",
            color="#666666",
            xycoords="axes fraction",
            va="bottom" if high_at_first else "top",
        )
    corner: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "axes fraction"}
    axes.annotate(
        "leads grow", (0.98, 0.96), color=LEADER, fontsize="medium", ha="right", va="top", **corner
    )
    axes.annotate(
        "leads close",
        (0.98, 0.04),
        color=CHASER,
        fontsize="medium",
        ha="right",
        va="bottom",
        **corner,
    )
    for place in () if verdict.kind == "standstill" else verdict.crossings:
        axes.axvline(place, color=INK, linewidth=1, linestyle=":")
        label(
            axes,
            place,
            low if not high_at_first else high,
            f" {place:.1f}",
            INK,
            va="bottom" if not high_at_first else "top",
            xytext=(2, 20 if not high_at_first else -20),
            textcoords="offset points",
        )
    axes.yaxis.set_major_locator(
        LogLocator(subs=(1, 2, 5) if spread > 1.2 else (1, 1.5, 2, 3, 5, 7))
    )
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    _whole(axes, rungs, first=1)


def _leads(axes: Axes, verdict: Verdict) -> None:
    share = np.array(verdict.statistics.lead_distribution)
    bars = axes.bar(np.arange(len(share)), share, color=BARS, width=0.7)
    bars[0].set_color(QUIET)
    mean = verdict.statistics.mean_lead
    axes.set(title="How large leads are", xlabel="lead (rungs), 0 = tied", ylabel="share of time")
    if mean is None:
        rests = all(end.kind == "standstill" for end in verdict.ends)
        axes.set(title=f"Where play {'comes to rest' if rests else 'ends'}", ylabel="chance")
    else:
        axes.axvline(mean, color=INK, linewidth=1, linestyle=":")
        side = "left" if mean < 0.7 * len(share) else "right"
        text = f" mean {mean:.2g} "
        label(axes, mean, float(share.max()), text, INK, va="bottom", ha=side)
    axes.set_ylim(0, 1.12 * float(share.max()))
    axes.yaxis.set_major_formatter(in_percent)
    _whole(axes, len(share) - 1)


def _ranks(axes: Axes, solution: Solution, years: int) -> None:
    """A simulated leaderboard month by month; ties are ranked by who was ahead before."""
    board = on_board(solution.equilibria[0])
    game, labs = board.game, board.game.states.shape[1]
    axes.set(title=f"One simulated leaderboard (seed\N{NO-BREAK SPACE}{SEED})")
    speed = float(np.minimum(game.hazard(board.build).sum(axis=0).max(), np.finfo(float).max))
    if speed > BUSY:
        axes.text(
            0.5,
            0.5,
            f"over {BUSY:,.0f} successes a year: too many to draw",
            color=QUIET,
            transform=axes.transAxes,
            ha="center",
            va="center",
        )
        axes.set_axis_off()
        return
    path = simulate(game, board.build, BURN_IN + years, seed=SEED)
    order = np.arange(labs)
    ranks = np.empty((len(path.times), len(order)))
    for k, rungs in enumerate(behind(game, path)):
        order = order[np.argsort(rungs[order], kind="stable")]
        ranks[k, order] = np.arange(1, len(order) + 1)
    months = np.arange(12 * years + 1) / 12
    monthly = ranks[np.searchsorted(path.times, BURN_IN + months, side="right") - 1]
    bump(axes, game.players[:labs], monthly, years)


def _whole(axes: Axes, last: int, first: int = 0) -> None:
    axes.set_xlim(first - 0.4, last + 0.4)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10))

"""The league-table law: computers endure. Time in the lead against the share of compute."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.figures.gallery.examples import FOUR
from leaderbored.figures.style import COLOURS, INK, QUIET, Picture, in_percent, label, style
from leaderbored.games.record import RefusedError
from leaderbored.motion import Leaderboards, leaderboards
from leaderbored.race import Race
from leaderbored.solvers import Solution, solve
from leaderbored.verdicts.profile import law_of

SIMULATED, EXACT = COLOURS[2], COLOURS[3]


def league_table(
    race: Race = FOUR, *, years: float = 20.0, paths: int = 400, seed: int = 1
) -> Figure:
    """Draw the share of time that each lab leads against its share of compute.

    Where laggards build flat out with a linear hazard the two shares are equal, and t years later
    the same lab leads with probability H + (1 - H) e^(-M t): H is the Herfindahl index of compute,
    M the hazard of all (result R12 of :mod:`leaderbored.theory`).

    Parameters
    ----------
    race : Race
    years, paths, seed : optional
        Of the simulation; see :func:`leaderbored.leaderboards`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(league_table(years=2, paths=10).axes)
    2
    """
    solution = solve(race)
    boards = leaderboards(solution, years, paths, seed=seed, every=1 / 24)
    share = race.compute / race.compute.sum()
    chasing = _chasing(solution)
    if not chasing.sum() > 0:
        raise RefusedError("nobody succeeds who does not lead; expected a race whose lead changes")
    with style():
        figure = Picture(figsize=(7.2, 3.4))
        left, right = figure.subplots(1, 2)
        _time(left, boards, share)
        _again(right, boards, chasing)
    return figure


def _chasing(solution: Solution) -> np.ndarray:
    """(N,) hazards of the labs where they do not lead, on average; 1/year."""
    found = solution.equilibria[0]
    weight = law_of(found).weight
    hazard = found.game.hazard(found.build)[: len(solution.game.labs)]
    chasing = weight * (found.game.states.T != 0)
    time = chasing.sum(axis=1)
    return np.asarray((hazard * chasing).sum(axis=1) / np.where(time > 0, time, 1.0))


def _time(axes: Axes, boards: Leaderboards, share: np.ndarray) -> None:
    found = [boards.estimates[f"{lab} leads"] for lab in boards.labs]
    top = 1.15 * max(share.max(), *(e.mean for e in found))
    axes.plot([0, top], [0, top], color=QUIET, linewidth=1)
    label(axes, 0.6 * top, 0.66 * top, "time = compute", QUIET, ha="right")
    axes.errorbar(
        share,
        [e.mean for e in found],
        yerr=[3 * e.error for e in found],
        fmt="o",
        color=SIMULATED,
        capsize=3,
        linewidth=1.2,
    )
    if all(e.exact is not None for e in found):
        axes.plot(
            share,
            [e.exact or 0.0 for e in found],
            "_",
            color=EXACT,
            markersize=14,
            markeredgewidth=1.6,
        )
    for x, e, lab in zip(share, found, boards.labs, strict=True):
        label(
            axes,
            float(x),
            e.mean,
            f"  {lab}",
            INK,
            va="top",
            xytext=(4, -3),
            textcoords="offset points",
        )
    axes.set(
        title="Who leads, and how long", xlabel="share of compute", ylabel="share of time ahead"
    )
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(in_percent)
    axes.text(
        0.98,
        0.03,
        "• simulated, three standard errors",
        transform=axes.transAxes,
        ha="right",
        color=SIMULATED,
        fontsize="medium",
    )


def _again(axes: Axes, boards: Leaderboards, hazard: np.ndarray) -> None:
    """How often the same lab leads some time later, simulated and by law."""
    ahead = boards.tables["rank"][boards.state] == 1  # (P, T, N)
    last = min(ahead.shape[1] - 1, int(np.ceil(2.5 / hazard.sum() / boards.times[1])))
    lags = np.unique(np.linspace(0, last, 16).astype(int))
    same = [
        (ahead[:, : ahead.shape[1] - lag] & ahead[:, lag:]).any(axis=2).mean(axis=1) for lag in lags
    ]
    mean = np.array([paths.mean() for paths in same])
    error = np.array([paths.std(ddof=1) for paths in same]) / np.sqrt(boards.paths)
    axes.errorbar(
        boards.times[lags], mean, yerr=3 * error, fmt="o", color=SIMULATED, capsize=3, linewidth=1.2
    )
    t = np.linspace(0, float(boards.times[last]), 200)
    again = float(((hazard / hazard.sum()) ** 2).sum())
    axes.plot(t, again + (1 - again) * np.exp(-hazard.sum() * t), color=EXACT)
    axes.axhline(again, color=QUIET, linewidth=1, linestyle=":")
    label(
        axes,
        float(t[-1]),
        again,
        "Herfindahl index of compute",
        QUIET,
        ha="right",
        va="top",
        xytext=(0, -4),
        textcoords="offset points",
    )
    middle = float(t[60])
    label(
        axes,
        middle,
        again + (1 - again) * float(np.exp(-hazard.sum() * middle)),
        "H + (1 - H) exp(-Mt)",
        EXACT,
        xytext=(6, 6),
        textcoords="offset points",
    )
    axes.set(title="Does the leader still lead?", xlabel="years later", ylabel="probability")
    axes.set_ylim(0, 1.03)
    axes.set_xlim(left=0)
    axes.yaxis.set_major_formatter(in_percent)

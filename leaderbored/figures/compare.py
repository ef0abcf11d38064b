"""Scenarios in one figure: races by who builds and how large leads are, other games by values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from leaderbored.figures.style import (
    COLOURS,
    MARKERS,
    QUIET,
    Picture,
    headed,
    in_percent,
    style,
    ticks,
)
from leaderbored.kinds import kind_of
from leaderbored.race import leads
from leaderbored.solvers import Solution
from leaderbored.sweeps.compare import Comparison
from leaderbored.verdicts.profile import by_lead, law_of, on_board

LONGEST = 24  # characters of a name in the key
SEEN = 1e-3  # weight of a lead, from which on it is drawn


def compare_figure(found: Comparison) -> Figure:
    """Draw scenarios over one another.

    Parameters
    ----------
    found : Comparison

    Raises
    ------
    ValueError
        If nothing was found to draw.

    Examples
    --------
    >>> import leaderbored as lb
    >>> games = {"a": lb.NormalForm([[1, 2]]), "b": lb.NormalForm([[1, 3]])}
    >>> len(compare_figure(lb.compare(games)).axes)
    1
    """
    if not found.solved:
        raise ValueError("plot: no scenario was solved")
    race = bool(kind_of(found.solutions[0].game).board)
    with style():
        figure = Picture(figsize=(9.2, 4.4 if race else 3.0))
        if race:
            left, right = figure.subplots(1, 2)
            _builds(left, found.solutions)
            _leads(right, found.solutions)
        else:
            axes = figure.subplots()
            _values(axes, found)
        _key(figure, found, race)
        headed(figure, found.headline)
    return figure


def _key(figure: Figure, found: Comparison, race: bool) -> None:
    lines = [
        Line2D([], [], color=COLOURS[k], marker=MARKERS[k], linestyle="-" if race else "none")
        for k in range(len(found.names))
    ]
    names = [name if len(name) <= LONGEST else f"{name[:LONGEST]}…" for name in found.names]
    if race:
        lines += [Line2D([], [], color=QUIET), Line2D([], [], color=QUIET, linestyle=":")]
        names += ["leader", "laggards"]
    key = figure.legend(
        lines,
        [str(k) for k in range(len(lines))],
        loc="outside lower center",
        ncols=min(len(lines), 4),
        frameon=False,
        fontsize="medium",
    )
    for text, name in zip(key.get_texts(), names, strict=True):
        text.set_text(name)  # set afterwards, as names may begin with an underscore


def _builds(axes: Axes, solutions: Sequence[Solution[Any]]) -> None:
    for k, solution in enumerate(solutions):
        if not solution.equilibria:
            continue
        leader, others = by_lead(solution, solution.equilibria[0])
        lead, colour, marker = np.arange(len(leader)), COLOURS[k], MARKERS[k]
        axes.plot(lead, leader, color=colour, marker=marker)
        axes.plot(lead[1:], others[1:], color=colour, marker=marker, linestyle=":")
    axes.set(title="Who builds", xlabel="lead (rungs)", ylabel="share of compute that builds")
    axes.set_ylim(-0.04, 1.04)
    axes.yaxis.set_major_formatter(in_percent)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _leads(axes: Axes, solutions: Sequence[Solution[Any]]) -> None:
    most = 1
    for k, solution in enumerate(solutions):
        if not solution.equilibria:
            continue
        here = solution.equilibria[0]
        law, (lead, _) = law_of(here), leads(on_board(here).game.states)
        weight = np.bincount(lead, law.weight, int(lead.max()) + 1)
        axes.plot(np.arange(len(weight)), weight, color=COLOURS[k], marker=MARKERS[k])
        most = max(most, int(np.flatnonzero(weight > SEEN).max(initial=1)))
    axes.set(title="How large leads are", xlabel="lead (rungs)", ylabel="share of the time")
    axes.set_xlim(-0.4, most + 0.6)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(in_percent)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _values(axes: Axes, found: Comparison) -> None:
    rows = [row for row in found.answers if row.what.startswith("value of ")]
    for k in range(len(found.names)):
        shift = 0.12 * (k - (len(found.names) - 1) / 2)
        for place, row in enumerate(rows):
            if row.values[k] is not None:
                axes.plot(row.values[k], place + shift, color=COLOURS[k], marker=MARKERS[k])
    ticks(axes, [row.what.removeprefix("value of ") for row in rows])
    axes.set(title="Values in the first equilibrium", xlabel="value")

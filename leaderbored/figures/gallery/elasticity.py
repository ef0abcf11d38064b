"""One elasticity, two races: whether compute spreads or concentrates while models rotate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.figures.gallery.examples import REINVESTING
from leaderbored.figures.named import name_lines
from leaderbored.figures.style import COLOURS, INK, QUIET, Picture, in_percent, label, style
from leaderbored.games.record import RefusedError
from leaderbored.race import Race
from leaderbored.race.mechanisms import Accumulate
from leaderbored.solvers import solve
from leaderbored.verdicts.computers import Computers, computers

SHOWN = (0.6, 1.0, 2.0)
GRID = tuple(float(x) for x in np.geomspace(0.5, 3.0, 13))


def elasticity(
    race: Race = REINVESTING,
    elasticities: Sequence[float] = GRID,
    shown: Sequence[float] = SHOWN,
) -> Figure:
    """Draw where compute drifts at each split of it, and how concentrated it is in the long run.

    Parameters
    ----------
    race : Race
        Of two labs; how fast revenue buys compute is that of its mechanism ``accumulate``, if it
        has one, and the elasticity is not used. Inelastic demand needs labs that must sell, with
        an upper bound on building below one.
    elasticities : sequence of float
        epsilon of demand, rising, of the right panel.
    shown : sequence of float
        Of the curves on the left.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab("A", 1, build=(0, 0.9)), lb.Lab("B", 1, build=(0, 0.9))]
    >>> race = lb.Race(labs, lb.RevenueLadder([0, 1]), lb.Technology(9, 1, leapfrog=1), 0.2, 2,
    ...                mechanisms={"accumulate": {"rate": 0.1, "elasticity": 2, "points": 5}})
    >>> len(elasticity(race, (0.8, 1.5), (1.5,)).axes)
    2
    """
    if len(race.labs) != 2:
        raise RefusedError(f"drawn is the split of two labs; expected two, not {len(race.labs)}")
    base = race.mechanisms.accumulate or Accumulate(rate=0.1)

    def at(epsilon: float) -> Computers:
        grown = replace(base, elasticity=epsilon)
        return computers(
            solve(replace(race, mechanisms=replace(race.mechanisms, accumulate=grown)))
        )

    with style():
        figure = Picture(figsize=(7.2, 3.3))
        left, right = figure.subplots(1, 2)
        _drift(left, {epsilon: at(epsilon) for epsilon in shown})
        _long_run(right, {epsilon: at(epsilon) for epsilon in elasticities}, race)
    return figure


def _drift(axes: Axes, found: dict[float, Computers]) -> None:
    axes.axhline(0, color=QUIET, linewidth=1)
    for k, made in enumerate(found.values()):
        axes.plot(made.share, made.drift, color=COLOURS[k % 7], linestyle=("-", "--", ":")[k % 3])
    right = float(next(iter(found.values())).share[-1])
    axes.set(
        title="Where compute drifts",
        xlabel="first lab's share of compute",
        ylabel="drift of ln(K₁ / K₂) (1/year)",
    )
    axes.set_xlim(1 - right, right)
    axes.xaxis.set_major_formatter(in_percent)
    name_lines(
        axes,
        [
            (f"ε = {epsilon:g}", made.share, made.drift, COLOURS[k % 7])
            for k, (epsilon, made) in enumerate(found.items())
        ],
    )


def _long_run(axes: Axes, found: dict[float, Computers], race: Race) -> None:
    epsilon = np.array(list(found))
    axes.plot(epsilon, [made.larger for made in found.values()], color=INK, marker="o")
    edge = 1 / race.technology.returns
    axes.axvline(edge, color=INK, linewidth=1, linestyle=":")
    label(axes, edge, 0.97, "  1 / θ", INK, va="top")
    axes.set(
        title="What it comes to",
        xlabel="elasticity ε of demand",
        ylabel="larger lab's share, long run",
    )
    axes.set_ylim(0.5, 1.0)
    axes.yaxis.set_major_formatter(in_percent)

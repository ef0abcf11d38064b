"""Leases: what friction between the laggard's computers and the leader's customers decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from leaderbored.figures.gallery.bands import bands
from leaderbored.figures.gallery.examples import LEASING
from leaderbored.figures.named import name_lines
from leaderbored.figures.style import INK, QUIET, Picture, style
from leaderbored.games.record import RefusedError
from leaderbored.race import Race
from leaderbored.race.mechanisms import Lease
from leaderbored.solvers import solve
from leaderbored.verdicts import Verdict, verdict

FRICTIONS = tuple(float(x) for x in np.linspace(0.0, 1.0, 26))


def leasing(race: Race = LEASING, frictions: Sequence[float] = FRICTIONS) -> Figure:
    """Draw the pace ratio at several leads against the friction of leases, over the verdicts.

    Parameters
    ----------
    race : Race
        On a scarce market; what it says of leases is not used.
    frictions : sequence of float
        tau, money per unit of compute and year, rising. Points without an equilibrium are left
        out.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(leasing(frictions=(0.2, 0.6)).axes)
    1
    """
    found: dict[float, Verdict] = {}
    for friction in frictions:
        on = replace(race.mechanisms, lease=Lease(friction))
        solution = solve(replace(race, mechanisms=on))
        if solution.status.ok:
            found[friction] = verdict(solution, check_cap=False)
    if race.rungs < 2 or len(found) < 2:
        raise RefusedError("expected two rungs or more, and equilibria under two frictions or more")
    tau = np.array(list(found))
    pace = np.array([[q or np.nan for q in v.pace_ratio] for v in found.values()], float)
    with style():
        figure = Picture(figsize=(7.2, 3.4))
        axes = figure.subplots()
        axes.set_yscale("log")
        leads = sorted({1, race.rungs // 2, race.rungs - 1})
        for k, g in enumerate(leads):
            axes.plot(tau, pace[:, g - 1], color=INK, linestyle=("-", "--", ":")[k % 3])
        axes.axhline(1, color=QUIET, linewidth=1)
        axes.set_ylim(top=2 * np.nanmax(pace))  # room for the names of the bands
        bands(axes, tau, [v.kind for v in found.values()])
        axes.set(
            title="Renting compute to the leader takes its headwind away",
            xlabel="friction τ of a lease (money per unit of compute and year)",
            ylabel="pace ratio q (log scale)",
        )
        axes.set_xlim(tau[0], tau[-1])
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        name_lines(axes, [(f"lead {g}", tau, pace[:, g - 1], INK) for g in leads])
    return figure

"""Revenue ladders and what they induce: leads limit themselves where revenue is log-concave."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from leaderbored.figures.gallery.examples import LADDERS
from leaderbored.figures.named import Line, name_lines
from leaderbored.figures.style import MARKERS, Picture, in_percent, style
from leaderbored.figures.verdicts import VERDICTS
from leaderbored.games.markov import Array
from leaderbored.games.record import RefusedError
from leaderbored.race import Race, RevenueLadder
from leaderbored.solvers import solve

COLOURS = tuple(VERDICTS[kind] for kind in ("run", "neutral", "race"))


def ladders(races: Mapping[str, Race] | None = None, *, shown: int = 6) -> Figure:
    """Draw revenue by lead on a log scale, and the share that a leader builds with.

    Parameters
    ----------
    races : mapping of str to Race, optional
        By label, of equal labs on revenue ladders. By default one log-concave, one log-linear and
        one log-convex ladder.
    shown : int, default 6
        Leads that are drawn; ladders are flat from their cap on, which bends them.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a market is no revenue ladder.

    Examples
    --------
    >>> len(ladders().axes)
    2
    """
    races = races or LADDERS
    with style():
        figure = Picture(figsize=(7.2, 3.2))
        left, right = figure.subplots(1, 2)
        earned, built = list[Line](), list[Line]()
        for k, (name, race) in enumerate(races.items()):
            revenue, build = _ladder(name, race)
            last = min(shown, race.rungs - 1)
            lead = np.arange(last + 1)
            look = {"color": COLOURS[k % 3], "marker": MARKERS[k % len(MARKERS)]}
            left.plot(lead, revenue[: last + 1], **look)
            right.plot(lead, build[: last + 1], **look)
            earned.append((name, lead, revenue[: last + 1], COLOURS[k % 3]))
            built.append((name, lead, build[: last + 1], COLOURS[k % 3]))
        left.set_yscale("log")
        for axes in (left, right):
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.set_xlim(-0.2, shown + 0.1)
            axes.set_xlabel("lead (rungs)")
        left.set(title="What a lead earns", ylabel="revenue per unit of compute (log scale)")
        left.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        left.yaxis.set_minor_locator(NullLocator())
        left.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        right.set(title="What it makes the leader do", ylabel="share of compute that builds")
        right.set_ylim(bottom=0)
        right.yaxis.set_major_formatter(in_percent)
        for axes, named in ((left, earned), (right, built)):
            name_lines(axes, named)
    return figure


def _ladder(name: str, race: Race) -> tuple[Array, Array]:
    """Revenue and share by lead, where the first lab leads and all others are as far behind."""
    if not isinstance(race.market, RevenueLadder):
        raise RefusedError(f"{name}: expected a market of the kind 'ladder'")
    found = solve(race).equilibria[0]
    others = np.delete(found.game.states, 0, axis=1)
    chain = (found.game.states[:, 0] == 0) & (others == others[:, :1]).all(axis=1)
    place = np.flatnonzero(chain)[np.argsort(others[chain, 0])]
    return np.asarray(race.market.ladder(race.rungs)), found.build[0, place]

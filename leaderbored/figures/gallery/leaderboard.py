"""A leaderboard over the years: who is where, and for how long."""

from __future__ import annotations

from matplotlib.figure import Figure

from leaderbored.figures.bump import leaderboards_figure
from leaderbored.games.formats.gamefile import five_labs, load
from leaderbored.motion import leaderboards
from leaderbored.race import Race
from leaderbored.solvers import solve


def leaderboard(
    race: Race | None = None, *, years: float = 20.0, paths: int = 1_000, seed: int = 1
) -> Figure:
    """Draw one simulated leaderboard, and how long each lab leads in all of them.

    Parameters
    ----------
    race : Race, optional
        By default five labs at the end of 2025.
    years, paths, seed : optional
        Of the simulation; see :func:`leaderbored.leaderboards`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from leaderbored.figures.gallery.examples import duel
    >>> len(leaderboard(duel(0.6, 0.1, rungs=3), years=2, paths=5).axes)
    2
    """
    race = race or load(five_labs())
    return leaderboards_figure(leaderboards(solve(race), years, paths, seed=seed))

"""The equilibrium correspondence: a run and a peloton that coexist between two folds."""

from __future__ import annotations

from matplotlib.figure import Figure

from leaderbored.figures.correspondence import correspondence_figure
from leaderbored.figures.gallery.examples import duel
from leaderbored.games.record import RefusedError
from leaderbored.race import Race
from leaderbored.solvers import Method, Search
from leaderbored.verdicts import trace

HANDICAP = "technology.handicap"


def folds(
    race: Race | None = None,
    along: str = HANDICAP,
    start: float = 0.085,
    stop: float = 0.105,
    starts: int = 16,
) -> Figure:
    """Draw every equilibrium that is followed along a parameter; see :func:`leaderbored.trace`.

    Parameters
    ----------
    race : Race, optional
        By default two equal labs.
    along : str
        Path of the parameter.
    start, stop : float
        Its range.
    starts : int, default 16
        Random starts of the searches; see :class:`leaderbored.Search`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(folds(duel(0.6, 0.1, rungs=1), stop=0.086, starts=1).axes)
    2
    """
    method = Method(search=Search(starts=starts))
    race = race or duel(0.6, 0.1, rungs=20)
    found = trace(race, along, start, stop, method)
    if not found.branches:
        raise RefusedError(f"{found.status.message}; {found.status.advice}")
    figure = correspondence_figure(found)
    if along == HANDICAP:
        figure.axes[-1].set_xlabel("handicap η (loss of hazard per rung behind)")
    return figure

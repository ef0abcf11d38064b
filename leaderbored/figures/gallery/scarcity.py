"""Computers arrive: the date at which the run ends."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from leaderbored.figures.gallery.examples import RELIEF
from leaderbored.figures.scarcity import scarcity_figure
from leaderbored.race import Race
from leaderbored.verdicts.scarcity_path import scarcity_path


def scarcity(
    race: Race = RELIEF, years: Sequence[float] = (0.0, 4.0), levels: Sequence[float] = (0.9, 0.2)
) -> Figure:
    """Draw what labs do while scarcity moves along a path that all foresee, over the verdicts.

    Parameters
    ----------
    race : Race
        On a scarce market, whose own scarcity is not used.
    years, levels : sequences of float
        Dates from 0 on and scarcity at them; see :func:`leaderbored.scarcity_path`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(scarcity(years=(0, 1), levels=(0.9, 0.8)).axes)
    2
    """
    return scarcity_figure(scarcity_path(race, years, levels))

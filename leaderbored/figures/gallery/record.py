"""The record: who led on public leaderboards, and by how much."""

from __future__ import annotations

from matplotlib.figure import Figure

from leaderbored.evidence.account import account
from leaderbored.evidence.boards import SHIPPED
from leaderbored.figures.timeline import timeline


def record() -> Figure:
    """Draw who led when on the boards that are shipped, and by how much.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(record().axes)
    2
    """
    return timeline([account(name) for name in SHIPPED])

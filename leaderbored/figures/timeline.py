"""Who led when, and by how much: boards one above the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from leaderbored.evidence.account import Account
from leaderbored.figures.look import look
from leaderbored.figures.style import COLOURS, INK, Picture, style

HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "++++", "oo")


def timeline(of: Account | Sequence[Account]) -> Figure:
    """Draw who led when, and by how much.

    Parameters
    ----------
    of : Account or sequence of Account

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from leaderbored.evidence.account import account
    >>> len(timeline(account("eci")).axes)
    1
    """
    found = [of] if isinstance(of, Account) else list(of)
    labs = list(dict.fromkeys(lab for each in found for lab in each.board.labs))
    with style():
        figure = Picture((7.2, 0.9 + 1.75 * len(found)), rows=True)
        every = figure.subplots(len(found), 1, sharex=True, squeeze=False)[:, 0]
        for axes, each in zip(every, found, strict=True):
            _draw(axes, each, labs)
        handles = [
            Patch(facecolor=COLOURS[k % 7], alpha=0.55, hatch=HATCHES[k % 7], edgecolor="white")
            for k in range(len(labs))
        ]
        figure.legend(
            handles, labs, loc="outside lower center", ncols=min(len(labs), 6), frameon=False
        )
    return figure


def _draw(axes: Axes, found: Account, labs: Sequence[str]) -> None:
    board = found.board
    days = np.append(board.dates, board.spells[-1].end)
    top = 1.06 * float(board.lead.max()) or 1.0
    for spell in board.spells:
        k = labs.index(spell.leader)
        axes.axvspan(
            date2num(spell.start),  # type: ignore[no-untyped-call]
            date2num(spell.end),  # type: ignore[no-untyped-call]
            facecolor=COLOURS[k % 7],
            alpha=0.55,
            hatch=HATCHES[k % 7],
            edgecolor="white",
            linewidth=0.0,
        )
    axes.step(
        date2num(days),  # type: ignore[no-untyped-call]
        np.append(board.lead, board.lead[-1]),
        where="post",
        color=INK,
        linewidth=1.5,
    )
    axes.xaxis_date()
    few = 4 if look().width else 9
    axes.xaxis.set_major_locator(AutoDateLocator(maxticks=few, minticks=2))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%Y-%m"))  # type: ignore[no-untyped-call]
    axes.margins(x=0.01)
    axes.set_ylim(0, top)
    axes.set(ylabel=f"lead, {board.unit}", title=board.title)

"""Motion as a picture: what everybody does round by round, and how the lead fares meanwhile."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from leaderbored.figures.named import Line, name_lines
from leaderbored.figures.style import (
    COLOURS,
    MARKERS,
    QUIET,
    Picture,
    headed,
    in_percent,
    label,
    style,
)
from leaderbored.kinds import kind_of
from leaderbored.motion.motion import Motion
from leaderbored.views.motion import board_sentence, visible

FEW = 60  # rounds up to which each is marked
MOST = 12  # lines
STILL = 1e-2  # of its size: the least range of an axis of real strategies
TURNS, SHOWN = 3, 12  # of a cycle, and rounds, that are drawn at least
DASHES = ("-", "--", ":", "-.")


def motion_figure(motion: Motion) -> Figure:
    """Draw what is played round by round, and of a race the lead.

    Parameters
    ----------
    motion : Motion

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> len(motion_figure(lb.dynamics(lb.NormalForm([[[1, 0], [0, 1]]] * 2))).axes)
    1
    """
    board = motion.board
    with style():
        figure = Picture(figsize=(9.2, 3.9) if board else (7.0, 3.9))
        panels = figure.subplots(1, 2) if board else [figure.subplots()]
        _played(panels[0], motion)
        if board:
            _lead(panels[1], motion)
        name = getattr(motion.game, "name", "")
        about = f"{name}, {motion.rule}" if name else motion.rule
        headed(figure, about, motion.headline, board_sentence(motion) if board else "")
    return figure


def _played(axes: Axes, motion: Motion) -> None:
    last = _last(motion)
    laps = np.arange(last + 1)
    shown = {name: (labels, play[: last + 1]) for name, (labels, play) in visible(motion).items()}
    finite = kind_of(motion.game).get("arena").finite
    race = motion.board is not None
    drawn = list[Line]()
    for i, (name, (labels, play)) in enumerate(shown.items()):
        two = finite and len(labels) == 2
        for k, (what, course) in enumerate(zip(labels, play.T, strict=True)):
            if len(drawn) == MOST or (two and k == 1):
                continue
            colour = COLOURS[i % len(COLOURS)]
            mark = MARKERS[i % len(MARKERS)] if last <= FEW else ""
            axes.plot(
                laps,
                course,
                DASHES[k % len(DASHES)],
                color=colour,
                marker=mark,
                markersize=3.2,
                clip_on=False,
            )
            plain = race or len(labels) == 1
            drawn.append((name if plain else f"{name}: {what}", laps, course, colour))
    axes.set(xlabel="round", title="What they do")
    if race:
        axes.set(title="Who builds", ylabel=f"share that builds{_where(motion)}")
    elif finite:
        axes.set(ylabel="average so far" if motion.rule == "fictitious" else "probability")
    if race or finite:
        axes.set_ylim(-0.02, 1.02)
        axes.yaxis.set_major_formatter(in_percent)
    else:
        _widened(axes)
    _frame(axes, last)
    name_lines(axes, drawn)


def _widened(axes: Axes) -> None:
    """Moves that are ever so small are drawn as none, not blown up."""
    low, high = axes.get_ylim()
    middle, half = (low + high) / 2, STILL * max(abs(low), abs(high), STILL)
    if high - low < half:
        axes.set_ylim(middle - half, middle + half)


def _last(motion: Motion) -> int:
    """The last round to draw: of a cycle three turns are enough, where there is no lead beside."""
    if motion.board is not None or motion.outcome != "cycles" or motion.period is None:
        return motion.laps
    turns = (motion.since or 0) + TURNS * motion.period
    return min(motion.laps, max(SHOWN, int(np.ceil(turns))))


def _where(motion: Motion) -> str:
    board = motion.board
    lead = 0 if board is None else int(board.mean[0])
    return f", {board.lab} {lead} ahead" if board and lead else " at a tie"


def _lead(axes: Axes, motion: Motion) -> None:
    board = motion.board
    assert board is not None
    laps = np.arange(motion.laps + 1)
    colour = COLOURS[motion.players.index(board.lab) % len(COLOURS)]
    axes.axhline(0, color=QUIET, linewidth=1)
    low, high = (np.r_[edge[0], (edge[1:] + edge[:-1]) / 2] for edge in (board.low, board.high))
    # Two rounds at a time: step by step a lead is odd after odd rounds and even after even ones.
    axes.fill_between(laps, low, high, color=colour, alpha=0.14, linewidth=0)
    axes.plot(
        laps, board.mean, color=colour, marker="o" if motion.laps <= FEW else "", markersize=3.2
    )
    spot = int(0.55 * motion.laps)
    label(
        axes,
        spot,
        float(board.mean[spot]),
        "expected",
        colour,
        ha="center",
        xytext=(0, 7),
        textcoords="offset points",
    )
    label(
        axes,
        motion.laps,
        float(high[-1]),
        "four in five cases ",
        colour,
        ha="right",
        va="top",
        xytext=(0, -5),
        textcoords="offset points",
    )
    axes.set(
        title=f"{board.lab}'s lead meanwhile",
        xlabel="round (one success each)",
        ylabel="rungs over the best rival",
    )
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _frame(axes, motion.laps)


def _frame(axes: Axes, laps: int) -> None:
    axes.set_xlim(0, max(laps, 1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))

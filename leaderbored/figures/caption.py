"""What a figure shows, in words: for those who do not see it, and to set beside it."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure


def panels_of(figure: Figure) -> list[str]:
    """Each panel in words: its title, and what is drawn along its axes.

    Examples
    --------
    >>> figure = Figure()
    >>> _ = figure.subplots().set(title="Who builds", xlabel="lead", ylabel="share")
    >>> panels_of(figure)
    ['Who builds, share against lead']
    """
    found = []
    for axes in figure.axes:
        x, y = axes.get_xlabel(), axes.get_ylabel()
        along = f"{y} against {x}" if x and y else x or y
        found.append(" ".join(", ".join(filter(None, (title_of(axes), along))).split()))
    return [panel for panel in found if panel]


def title_of(axes: Any) -> str:
    """The title of a panel, wherever it stands, in one line; empty if it has none."""
    title = axes.get_title(loc="left") or axes.get_title() or axes.get_title(loc="right")
    return " ".join(str(title).split())


def caption_of(figure: Figure) -> str:
    """The caption of a figure: the answer in a sentence, then what each panel shows.

    Examples
    --------
    >>> figure = Figure()
    >>> _ = figure.subplots().set(title="Who builds", xlabel="lead", ylabel="share")
    >>> caption_of(figure)
    'Who builds, share against lead.'
    """
    headline = getattr(figure, "headline", "") or figure.get_suptitle()
    told = [sentence for line in headline.splitlines() if (sentence := _ended(line))]
    panels = panels_of(figure)
    if len(panels) > 1:
        panels = [f"({letter}) {panel}" for letter, panel in zip(LETTERS, panels, strict=False)]
    return " ".join([*told, _ended("; ".join(panels))]).strip()


LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _ended(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text[-1] in ".!?:" else f"{text}."

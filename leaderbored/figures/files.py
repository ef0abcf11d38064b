"""Figures as files, and beside each its caption and the numbers that are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import BytesIO
from pathlib import Path
from shutil import which
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text

from leaderbored.figures.caption import caption_of
from leaderbored.figures.numbers import numbers_of
from leaderbored.figures.style import style
from leaderbored.files import write
from leaderbored.text import in_tex

PICTURES = (".png", ".pdf", ".svg", ".pgf")
METADATA = {"png": {"Software": None}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}


def save(figure: Figure, path: Path) -> None:
    """Write a figure whole or not at all, with the same bytes for the same figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : Path
        Ends in .png, .pdf, .svg or .pgf; the last, for LaTeX, needs one to measure letters.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "empty.svg"
    >>> save(Figure(), path)
    >>> path.exists()
    True
    """
    kind = path.suffix.lower().lstrip(".")
    drawn = BytesIO()
    about: dict[str, Any] = {"metadata": METADATA[kind]} if kind in METADATA else {}
    with style(), texed(figure) if kind == "pgf" else nullcontext():
        figure.savefig(drawn, format=kind, **about)
    write(path, drawn.getvalue())


def save_all(figure: Figure, path: Path) -> None:
    """Write a figure, its caption and the numbers that it draws.

    Beside ``lead.pdf`` stand ``lead.caption.txt`` and ``lead.data.csv``.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> save_all(Figure(), folder / "empty.svg")
    >>> sorted(path.name for path in folder.iterdir())
    ['empty.caption.txt', 'empty.data.csv', 'empty.svg']
    """
    save(figure, path)
    write(path.with_suffix(".caption.txt"), f"{caption_of(figure)}\n".encode())
    write(path.with_suffix(".data.csv"), numbers_of(figure).encode())


TEX = ("pdflatex", "lualatex", "xelatex")


def texless() -> str:
    """Why no figure can be written as .pgf here; empty if one can."""
    if any(map(which, TEX)):
        return ""
    return f"not without LaTeX, which measures the letters: expected {' or '.join(TEX)}"


@contextmanager
def texed(figure: Figure) -> Iterator[None]:
    """While it lasts, texts are written for LaTeX, in the font of the paper that takes them in."""
    program = next(filter(which, TEX), TEX[0])
    own = {text: text.get_text() for text in figure.findobj(Text)}
    for text, words in own.items():
        text.set_text(in_tex(words))
    try:
        with mpl.rc_context({"pgf.texsystem": program, "pgf.rcfonts": False}):
            yield
    finally:
        for text, words in own.items():
            text.set_text(words)

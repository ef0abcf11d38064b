"""One style for all figures: colours safe for colour-blind readers, direct labels, same bytes."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import TextToPath

from leaderbored.files import write

# Okabe and Ito's palette (2008), without its yellow, which vanishes in print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
LEADER, CHASER, QUIET = COLOURS[1], COLOURS[0], "#8a8a8a"
LABEL = 0.3  # of the width of a figure: the longest line of a label
ROW = 18  # characters of the name of a row
SHORT = 12  # characters of a line that is never broken
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

HINTED = 0.94  # letters are drawn up to so much wider than measured, to fit whole pixels
EDGE, SPACING, POINTS = 0.008, 1.4, 72.0  # margin of a headline, its lines, points of an inch

_RC: dict[Any, Any] = {
    "axes.grid": False,
    "axes.labelcolor": "#222222",
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",  # ships with matplotlib, so every machine draws the same
    "font.size": 9,
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
    "svg.fonttype": "none",
    "svg.hashsalt": "leaderbored",
    "text.parse_math": False,  # names are data: dollars in them are dollars
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
}


class Picture(Figure):
    """A figure that notebooks show without pyplot, and in which no text is cut off."""

    def draw(self, renderer: Any) -> None:
        """Draw it, with lines of text broken where they are too long for their place."""
        with _boxes():
            for text in self.findobj(Text):
                _fit(self, text, renderer)
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        drawn = BytesIO()
        with style():
            self.savefig(drawn, format="png", metadata={"Software": None})
        return drawn.getvalue()


@contextmanager
def _boxes() -> Iterator[None]:
    """A box stands for a character that the font has not, without a word."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        yield


def _fit(figure: Figure, text: Any, renderer: Any) -> None:
    """Break the lines of a text that is longer than there is room, whatever names are in it."""
    room, written = _room(figure, text), text.get_text().split("\n")
    most = max(map(len, written))
    while most > SHORT and (length := _length(text, renderer)) > room:
        most = max(SHORT, int(min(0.95, room / length) * most))
        text.set_text("\n".join(part for line in written for part in _broken(line, most)))


def _broken(line: str, most: int) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(line, most, subsequent_indent=indent) or [line]


def _length(text: Any, renderer: Any) -> float:
    """Pixels along the lines."""
    extent = text.get_window_extent(renderer)
    return float(extent.height if text.get_rotation() == 90 else extent.width)


def _room(figure: Figure, text: Any) -> float:
    """Pixels that a text may take: of titles and labels of axes their panel's, of others less."""
    if text in figure.texts or text is figure._suptitle:  # type: ignore[attr-defined]
        return 0.98 * figure.bbox.width
    for axes in figure.axes:
        grid = axes.get_subplotspec()
        rows, columns = (1, 1) if grid is None else grid.get_gridspec().get_geometry()
        if text in (axes.title, axes._left_title, axes._right_title, axes.xaxis.label):  # type: ignore[attr-defined]
            return 0.92 * figure.bbox.width / columns
        if text is axes.yaxis.label:
            return 0.8 * figure.bbox.height / rows
    return LABEL * figure.bbox.width


@contextmanager
def style() -> Iterator[None]:
    """Draw what is inside in the project's style.

    Examples
    --------
    >>> with style():
    ...     mpl.rcParams["axes.spines.top"]
    False
    """
    with mpl.rc_context(_RC):
        yield


def save(figure: Figure, path: Path) -> None:
    """Write a figure whole or not at all, with the same bytes for the same figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : Path
        Ends in .png, .pdf or .svg.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "empty.svg"
    >>> save(Figure(), path)
    >>> path.exists()
    True
    """
    kind = path.suffix.lower().lstrip(".")
    metadata = {"png": {"Software": None}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
    drawn = BytesIO()
    with style():
        figure.savefig(drawn, format=kind, metadata=metadata[kind])
    write(path, drawn.getvalue())


def headed(figure: Figure, *paragraphs: str, size: float = 10.5) -> None:
    """Write a headline over a figure, in as many lines as it takes; the figure grows with them.

    Examples
    --------
    >>> figure = Figure(figsize=(2, 2))
    >>> headed(figure, "a lead that stays for ever and a day, whatever the others do")
    >>> figure.get_suptitle().count(chr(10)) > 0, bool(figure.get_figheight() > 2)
    (True, True)
    """
    width = HINTED * (1 - 2 * EDGE) * figure.get_figwidth() * POINTS
    with _boxes():
        lines = [line for text in paragraphs if text for line in _lines(text, width, size)]
    room = 2 * SPACING * size / POINTS  # what figures leave for a headline
    taller = max(0.0, len(lines) * SPACING * size / POINTS - room)
    figure.set_figheight(figure.get_figheight() + taller)
    figure.suptitle("\n".join(lines), x=EDGE, ha="left", fontsize=size, linespacing=SPACING)


def _lines(text: str, width: float, size: float) -> list[str]:
    """A text in lines of at most ``width`` points; a word that is longer is cut."""
    font = FontProperties(family="DejaVu Sans", size=size)

    def fits(line: str) -> bool:
        measured = TextToPath().get_text_width_height_descent(line, font, ismath=False)
        return bool(measured[0] <= width)

    lines, words = [""], text.split()
    while words:
        word = words.pop(0)
        longer = f"{lines[-1]} {word}".strip()
        if fits(longer):
            lines[-1] = longer
        elif lines[-1]:
            lines.append("")
            words.insert(0, word)
        else:
            cut = next(k for k in range(len(word) - 1, 0, -1) if k == 1 or fits(word[:k]))
            lines[-1] = word[:cut]
            words.insert(0, word[cut:])
    return lines


def label(axes: Axes, x: float, y: float, text: str, colour: str, **where: object) -> None:
    """Write a direct label in the colour of its line."""
    axes.annotate(text, (x, y), color=colour, fontsize=8.5, **where)  # type: ignore[arg-type]


def legend(axes: Axes, names: Sequence[str]) -> None:
    """Name the lines of a panel in the order in which they were drawn.

    The names are set afterwards, as matplotlib leaves out those that begin with an underscore.

    Examples
    --------
    >>> axes = Figure().subplots()
    >>> _ = axes.plot([0, 1])
    >>> legend(axes, ["_A"])
    >>> axes.get_legend().get_texts()[0].get_text()
    '_A'
    """
    lines = axes.get_lines()[: len(names)]
    numbers = [str(k) for k in range(len(lines))]
    key = axes.legend(lines, numbers, frameon=False, fontsize=8.5, handlelength=1.6)
    for text, name in zip(key.get_texts(), names, strict=True):
        text.set_text(name)


def ticks(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows of a panel, from the top.

    Examples
    --------
    >>> axes = Figure().subplots()
    >>> ticks(axes, ["A" * 30])
    >>> axes.get_yticklabels()[0].get_text().count("A"), bool(axes.yaxis_inverted())
    (30, True)
    """
    axes.set_yticks(range(len(names)), [textwrap.fill(name, ROW) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)

"""One style for all figures: colours safe for colour-blind readers, direct labels, same bytes."""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from io import BytesIO
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.textpath import TextToPath
from matplotlib.ticker import MaxNLocator

from leaderbored.figures.grey import greyed
from leaderbored.figures.look import look

# Blue and orange of Okabe and Ito (2008) have one meaning each; all else is told apart by the rest.
LEADER, CHASER, QUIET, INK = "#D55E00", "#0072B2", "#8a8a8a", "#222222"
COLOURS = ("#117733", "#C65A9B", "#332288", "#B07C00", "#2A9D8F", "#882255", "#5C5C5C")
BARS, LESS, MORE = "#5a6472", COLOURS[3], COLOURS[2]
LABEL, LEAST = 0.3, 1.4  # of the width of a figure, and inches: the longest line of a label
ROW = 18  # characters of the name of a row
SHORT_KEY = 22  # letters of a legend that stands beside the title of its panel
TITLED, LETTER = 16, 0.082  # letters of a title that is set later, and inches of one
SHORT = 12  # characters of a line that is never broken
SQUARE = 0.85  # of its width: the most that a panel below others is high
NARROWEST = 2.3  # inches of a panel
BESIDE, GAP = 0.75, 4.0  # inches of numbers and label beside a panel, pixels between numbers
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

HINTED = 0.94  # letters are drawn up to so much wider than measured, to fit whole pixels
EDGE, SPACING, POINTS = 0.008, 1.4, 72.0  # margin of a headline, its lines, points of an inch

SIZE = 9.0  # points of letters

_RC: dict[Any, Any] = {
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "font.family": "DejaVu Sans",  # ships with matplotlib, so every machine draws the same
    "font.size": SIZE,
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
    """A figure that notebooks show without pyplot, and in which no text is cut off.

    It is as wide as the look asks for, panels that would be too narrow stand one below another, and
    what is written over all of them is kept as its headline, whether it is drawn or not.

    Parameters
    ----------
    figsize : (float, float)
        Inches, where no width is asked for.
    rows : bool, default False
        Whether the height is that of rows of text, which stay as high in a narrow figure.
    """

    def __init__(self, figsize: tuple[float, float], *, rows: bool = False) -> None:
        width, height = figsize
        self.asked, self.headline = look(), ""
        self.natural = figsize
        wide = self.asked.width or width
        shrunk = 1.0 if rows else flatter(wide / width)
        super().__init__(figsize=(wide, height * shrunk * self.asked.size**0.5))

    @property
    def narrow(self) -> bool:
        """Whether panels that stand side by side by default would be too narrow."""
        return self.get_figwidth() < 2 * NARROWEST * self.asked.size

    def subplots(self, nrows: int = 1, ncols: int = 1, **options: Any) -> Any:
        """Panels, as of matplotlib; in fewer columns where they would be too narrow."""
        wide = self.get_figwidth()
        least = NARROWEST * self.asked.size
        columns = max(1, min(ncols, int(wide / least)))
        if columns == ncols or self.asked.width is None:
            return super().subplots(nrows, ncols, **options)
        count = nrows * ncols
        rows = -(-count // columns)
        before, now = self.natural[0] / ncols, wide / columns
        height = self.natural[1] / nrows * flatter(now / before) * self.asked.size**0.5
        height = min(height, SQUARE * now)
        self.set_figheight(rows * height)
        kept = {name: options[name] for name in ("sharex", "sharey") if name in options}
        made = super().subplots(rows, columns, squeeze=False, **kept)
        for spare in made.ravel()[count:]:
            spare.remove()
        panels = made.ravel()[:count].reshape(nrows, ncols)
        squeeze = options.get("squeeze", True)
        return panels if not squeeze or min(nrows, ncols) > 1 else panels.ravel()

    def draw(self, renderer: Any) -> None:
        """Draw it, with lines of text broken where they are too long for their place."""
        with _boxes():
            for key in self.findobj(Legend):
                _narrow(self, key, renderer)
            engine = self.get_layout_engine()
            if self.asked.width is not None and self.axes and engine is not None:
                engine.execute(self)  # which says how much room there is
            for axes in self.axes:
                _thin(axes.xaxis, renderer)
            for text in self.findobj(Text):
                _fit(self, text, renderer)
            with greyed(self) if self.asked.grey else nullcontext():
                super().draw(renderer)

    def _repr_png_(self) -> bytes:
        drawn = BytesIO()
        with style():
            self.savefig(drawn, format="png", metadata={"Software": None})
        return drawn.getvalue()


def flatter(scale: float) -> float:
    """By how much a figure is lower when it is narrower: by less, as letters stay as they are."""
    return scale**0.5 if scale < 1 else 1.0


def _narrow(figure: Figure, key: Any, renderer: Any) -> None:
    """Set a key in fewer columns until it is no wider than the figure, which grows with it."""
    before = key.get_window_extent(renderer).height
    while key._ncols > 1 and key.get_window_extent(renderer).width > figure.bbox.width:
        handles, names = key.legend_handles, [text.get_text() for text in key.get_texts()]
        key.set_ncols(key._ncols - 1)
        key._init_legend_box(handles, [str(k) for k in range(len(names))])
        key._set_loc(key._loc_real)
        for text, name in zip(key.get_texts(), names, strict=True):
            text.set_text(name)
    if key in figure.legends:
        more = (key.get_window_extent(renderer).height - before) / figure.dpi
        figure.set_figheight(figure.get_figheight() + more)


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
    """A line in parts, between words or else within the place of a number.

    Examples
    --------
    >>> _broken("technology.handicap=0.3", 14), _broken("one two", 4)
    (['technology.', 'handicap=0.3'], ['one', 'two'])
    """
    indent = line[: len(line) - len(line.lstrip())]
    return _Wrapper(most, subsequent_indent=indent).wrap(line) or [line]


class _Wrapper(textwrap.TextWrapper):
    """A line may end after the dots and signs of a place such as ``market.scarcity=0.5``, too."""

    wordsep_re = re.compile(r"( +)|(?<=[^\W\d][._/])(?=\w)|(?<==)(?=\S)|(?<=\w-)(?=[^\W\d])")


def _length(text: Any, renderer: Any) -> float:
    """Pixels along the lines."""
    extent = text.get_window_extent(renderer)
    return float(extent.height if text.get_rotation() == 90 else extent.width)


def _room(figure: Figure, text: Any) -> float:
    """Pixels that a text may take: of titles and labels of axes their panel's, of others less."""
    if text in figure.texts or text is figure._suptitle:  # type: ignore[attr-defined]
        return 0.98 * figure.bbox.width
    keys: list[Any] = figure.legends
    for key in keys:
        if text in key.get_texts():
            return (
                0.95 * float(figure.bbox.width) / int(key._ncols) - 0.5 * look().size * figure.dpi
            )
    for axes in figure.axes:
        if text in (axes.title, axes._left_title, axes._right_title, axes.xaxis.label):  # type: ignore[attr-defined]
            return _across(figure, axes, text is axes.xaxis.label)
        if text is axes.yaxis.label:
            return 0.7 * _part(axes, 1) * figure.bbox.height
    return max(LABEL * figure.bbox.width, LEAST * look().size * figure.dpi)


def _across(figure: Figure, axes: Axes, centred: bool) -> float:
    """Pixels for a title of a panel, which begins where it does, or for the label below it."""
    place, part = axes.get_position(), _part(axes, 0)
    own = part - BESIDE * look().size / figure.get_figwidth()
    if part == 1:
        middle = (place.x0 + place.x1) / 2
        own = 2 * min(middle, 1 - middle) if centred else 1 - place.x0
    return 0.98 * own * figure.bbox.width


def _part(axes: Axes, side: int) -> float:
    """The part of the width, or height, of a figure that the cell of a panel takes."""
    grid = axes.get_subplotspec()
    if grid is None:
        return 1.0
    sizes, span = grid.get_gridspec(), grid.rowspan if side else grid.colspan
    parts = np.asarray(sizes.get_height_ratios() if side else sizes.get_width_ratios(), float)
    return float(parts[span.start : span.stop].sum() / parts.sum())


def _thin(axis: Any, renderer: Any) -> None:
    """Set fewer numbers along an axis until none touches the next."""
    locator = axis.get_major_locator()
    if not isinstance(locator, MaxNLocator):
        return
    for count in range(9, 1, -1):
        labels = [tick.label1 for tick in axis._update_ticks() if tick.label1.get_visible()]
        boxes = sorted((t.get_window_extent(renderer) for t in labels), key=lambda box: box.x0)
        if all(b.x0 - a.x1 > GAP for a, b in pairwise(boxes)):
            return
        locator.set_params(nbins=count)


@contextmanager
def style() -> Iterator[None]:
    """Draw what is inside in the project's style.

    Examples
    --------
    >>> with style():
    ...     mpl.rcParams["axes.spines.top"]
    False
    """
    with mpl.rc_context(_RC | look().settings()):
        yield


def headed(figure: Figure, *paragraphs: str, size: float = 10.5) -> None:
    """Write a headline over a figure, in as many lines as it takes; the figure grows with them.

    Where none is wanted over figures it is kept for their captions.

    Examples
    --------
    >>> figure = Figure(figsize=(2, 2))
    >>> headed(figure, "a lead that stays for ever and a day, whatever the others do")
    >>> figure.get_suptitle().count(chr(10)) > 0, bool(figure.get_figheight() > 2)
    (True, True)
    """
    told = [text for text in paragraphs if text]
    if isinstance(figure, Picture):
        figure.headline = "\n".join(told)
    if not look().title:
        return
    size *= look().size
    width = HINTED * (1 - 2 * EDGE) * figure.get_figwidth() * POINTS
    with _boxes():
        lines = [line for text in told for line in _lines(text, width, size)]
    room = 2 * SPACING * size / POINTS  # what figures leave for a headline
    taller = max(0.0, len(lines) * SPACING * size / POINTS - room)
    figure.set_figheight(figure.get_figheight() + taller)
    figure.suptitle("\n".join(lines), x=EDGE, ha="left", fontsize=size, linespacing=SPACING)


def _lines(text: str, width: float, size: float) -> list[str]:
    """A text in lines of at most ``width`` points; a word that is longer is cut."""
    font = FontProperties(family=look().font or "DejaVu Sans", size=size)

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
    axes.annotate(text, (x, y), color=colour, fontsize="medium", **where)  # type: ignore[arg-type]


def in_percent(share: float, _: float = 0.0) -> str:
    """A number along an axis of shares, with the digits that it needs.

    Examples
    --------
    >>> in_percent(0.3), in_percent(0.075), in_percent(-0.1)
    ('30%', '7.5%', '-10%')
    """
    return f"{round(100 * share, 6) + 0.0:g}%"


def legend(axes: Axes, names: Sequence[str]) -> None:
    """Name the lines of a panel in the order in which they were drawn.

    Short names stand beside the title, others where there is most room. They are set afterwards, as
    matplotlib leaves out those that begin with an underscore.

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
    letters = sum(len(name) + 4 for name in names)
    room = axes.bbox.width / axes.figure.dpi / LETTER - max(TITLED, len(axes.get_title("left")))
    beside = letters <= min(SHORT_KEY, room)
    where: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 0.98)}
    where["ncols"] = len(lines)
    key = axes.legend(
        lines,
        numbers,
        framealpha=0.85,
        fontsize="medium",
        handlelength=1.6,
        columnspacing=1.2,
        **(where if beside and lines else {}),
    )
    key.get_frame().set_linewidth(0)
    key.set_zorder(50)
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

"""Where the letters of a figure stand: what is cut off, and what lies on something else."""

from itertools import combinations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

TOUCH = 2.0  # pixels by which two texts may overlap: their boxes are higher than their letters


def faults(figure: Figure) -> list[str]:
    """Texts that are cut off or overlap, as drawn."""
    figure.draw_without_rendering()
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in shown(figure)]
    width, height = figure.bbox.width, figure.bbox.height
    found = [
        f"cut off: {words!r}"
        for words, box in boxes
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]
    for (one, a), (other, b) in combinations(boxes, 2):
        common = Bbox.intersection(a, b)
        if common is not None and min(common.width, common.height) > TOUCH:
            found.append(f"{one!r} lies on {other!r}")
    return found


def shown(figure: Figure) -> list[Text]:
    """Texts that are drawn, with the numbers along axes that are inside their limits."""
    hidden = {id(text) for axes in figure.axes for text in _left_out(axes)}
    return [
        text
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in hidden
    ]


def _left_out(axes: Axes) -> list[Text]:
    found = []
    for axis in (axes.xaxis, axes.yaxis):
        drawn = {id(tick) for tick in axis._update_ticks()} if axes.axison else set()
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            if id(tick) not in drawn:
                found += [tick.label1, tick.label2]
        if not axes.axison:
            found += [axis.label, axis.offsetText]
    return found

"""The numbers that a figure draws, as rows: read off its lines, bars, bands and maps."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

import numpy as np
from matplotlib.collections import PathCollection, PolyCollection, QuadMesh
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from leaderbored.figures.caption import title_of

HEADS = ("panel", "x axis", "y axis", "series", "x", "y", "value")
Row = tuple[Any, Any, Any]  # x, y, value


def numbers_of(figure: Figure) -> str:
    """What is drawn, as CSV: a line for each point of a line, bar or map.

    The columns are the panel, what its axes are of, the line, bar or band, and the numbers:
    x and y, and of a map the value there.

    Examples
    --------
    >>> figure = Figure()
    >>> axes = figure.subplots()
    >>> _ = axes.plot([0, 1], [2, 4], label="A")
    >>> print(numbers_of(figure).rstrip())
    panel,x axis,y axis,series,x,y,value
    ,,,A,0,2,
    ,,,A,1,4,
    """
    out = StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(HEADS)
    for axes in figure.axes:
        about = [
            title_of(axes),
            *(" ".join(a.split()) for a in (axes.get_xlabel(), axes.get_ylabel())),
        ]
        for name, rows in _series(axes):
            for row in rows:
                lines.writerow([*about, name, *map(_number, row)])
    return out.getvalue()


def _number(value: Any) -> Any:
    if isinstance(value, float | np.floating | int | np.integer):
        return f"{float(value) + 0.0:.10g}" if np.isfinite(value) else ""
    return "" if value is None else value


def _series(axes: Any) -> Iterator[tuple[str, list[Row]]]:
    """Everything in a panel that stands for numbers, each with its name."""
    names = {
        to_hex(text.get_color()): " ".join(text.get_text().split())
        for text in reversed(axes.texts)
        if text.get_text().strip()
    }
    for line in axes.lines:
        if all(line.get_transform().contains_branch_seperately(axes.transData)):
            rows = [(x, y, None) for x, y in zip(*line.get_data(orig=False), strict=True)]
            yield _name(line, line.get_color(), names), rows
    for bars in axes.containers:
        if hasattr(bars, "patches"):
            yield from _bars(axes, bars, names)
    for drawn in axes.collections:
        if isinstance(drawn, QuadMesh):
            yield str(drawn.get_label()).lstrip("_"), _mesh(drawn)
        elif isinstance(drawn, PathCollection):
            yield (
                _name(drawn, "", names),
                [(x, y, None) for x, y in np.asarray(drawn.get_offsets()).tolist()],
            )
        elif isinstance(drawn, PolyCollection) and drawn.get_array() is None:
            corners = [
                corner
                for path in drawn.get_paths()
                for corner in np.asarray(path.vertices).tolist()
            ]
            label = str(drawn.get_label())
            yield "area" if label[:1] == "_" else label, [(x, y, None) for x, y in corners]
    for image in axes.images:
        yield "", _image(image)


def _name(artist: Any, colour: Any, names: dict[str, str]) -> str:
    """The name of a line: its own, or the text in its colour."""
    label = str(artist.get_label())
    if not label.startswith("_"):
        return label
    return names.get(to_hex(colour), "") if colour else ""


def _bars(axes: Any, bars: Any, names: dict[str, str]) -> Iterator[tuple[str, list[Row]]]:
    across = bars.orientation == "horizontal"
    axis = axes.yaxis if across else axes.xaxis
    ticks = dict(
        zip(axis.get_ticklocs(), (t.get_text() for t in axis.get_ticklabels()), strict=False)
    )
    rows: list[Row] = []
    for bar in bars.patches:
        low, size = (bar.get_y(), bar.get_height()) if across else (bar.get_x(), bar.get_width())
        start, length = (
            (bar.get_x(), bar.get_width()) if across else (bar.get_y(), bar.get_height())
        )
        place, end = low + size / 2, start + length
        named = ticks.get(round(place)) if across else None
        rows.append((end, named or place, None) if across else (place, end, None))
    first = to_hex(bars.patches[0].get_facecolor()) if bars.patches else ""
    label = str(bars.get_label())
    yield (names.get(first, "") if label.startswith("_") else label), rows


def _mesh(mesh: Any) -> list[Row]:
    """A map, point by point; words where its colours stand for words."""
    corners = mesh.get_coordinates()
    middle = (corners[:-1, :-1] + corners[1:, 1:]) / 2
    told = getattr(mesh, "words", None)
    values = mesh.get_array() if told is None else told
    flat = np.asarray(values, dtype=object).reshape(middle.shape[:2])
    return [
        (float(x), float(y), value)
        for (x, y), value in zip(middle.reshape(-1, 2), flat.ravel(), strict=True)
    ]


def _image(image: Any) -> list[Row]:
    values = np.asarray(image.get_array(), dtype=float)
    left, right, low, high = image.get_extent()
    rows, columns = values.shape[:2]
    xs = left + (np.arange(columns) + 0.5) * (right - left) / columns
    ys = low + (np.arange(rows) + 0.5) * (high - low) / rows
    return [(x, y, values[j, i]) for j, y in enumerate(ys) for i, x in enumerate(xs)]

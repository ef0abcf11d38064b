"""Names of lines, each where it can be told whose it is: at the line's end, or along it.

Lines that end apart are named at their ends. Where ends come together a name stands above or below
its line, at the place where the other lines are farthest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from leaderbored.figures.look import look
from leaderbored.figures.style import LABEL, SHORT, label
from leaderbored.games.markov import Array

SIZE = 9.0  # of a name in print, points
WIDTH, HEIGHT = 0.62, 1.25  # of a letter and of a line, in sizes
ASIDE = 5.0  # points between the end of a line and its name
SHIFTS = (0.0, 0.25, -0.25, 0.5, -0.5)  # of a name at an end, in heights
CLEAR = 3.0  # points by which a name must be nearer to its own line than to any other
DENSE = 2.0  # points between places of a line that are looked at
ALONG = np.linspace(0.06, 0.94, 23)  # of the width, where names may stand
OFF = 0.85  # of the height, from a line to the middle of the name beside it


Line = tuple[str, Any, Any, str]  # name, x, y, colour


class _Spot(NamedTuple):
    """Where a name may stand, in points: left and right end of its middle line."""

    left: float
    right: float
    y: float
    at_end: bool
    height: float


def name_lines(axes: Axes, lines: Sequence[Line]) -> None:
    """Name lines, once they are drawn and the axes have their scales and limits.

    Parameters
    ----------
    axes : Axes
    lines : sequence of (str, (n,) array, (n,) array, str)
        Name, x and y in data, and colour of each.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> x = np.linspace(0, 1, 9)
    >>> for y in (x, 1 - x):
    ...     _ = axes.plot(x, y)
    >>> name_lines(axes, [("up", x, x, "k"), ("down", x, 1 - x, "k")])
    >>> [(text.get_text(), round(text.xy[1], 9)) for text in axes.texts]
    [('down', 0.0), ('up', 1.0)]
    """
    axes.figure.draw_without_rendering()  # type: ignore[union-attr]
    unit = 72 / axes.figure.dpi  # points in a pixel
    box = axes.bbox
    frame = (box.x0 * unit, box.x1 * unit, box.y0 * unit, box.y1 * unit)
    paths = [
        _seen(_path(axes, np.asarray(x, float), np.asarray(y, float), unit), frame)
        for _, x, y, _ in lines
    ]
    most = max(SHORT, int(LABEL * axes.figure.bbox.width * unit / (WIDTH * letter())))
    taken: list[_Spot] = []
    shown = [k for k in range(len(lines)) if len(paths[k])]
    for k in sorted(shown, key=lambda k: (paths[k][-1, 1], k)):
        name, colour = "\n".join(wrap(lines[k][0], most)) or lines[k][0], lines[k][3]
        others = [path for j, path in enumerate(paths) if j != k and len(path)]
        spot = _best(name, paths[k], others, taken, frame)
        taken.append(spot)
        _write(axes, name, colour, spot, paths[k])


def letter() -> float:
    """Size of a name, points."""
    return SIZE * look().size


def _seen(path: Array, frame: tuple[float, float, float, float]) -> Array:
    """The places of a line that are inside the frame; all where none is."""
    low, high = frame[2:]
    inside = path[(path[:, 1] >= low - 1) & (path[:, 1] <= high + 1)] if len(path) else path
    return inside if len(inside) else path


def _path(axes: Axes, x: Array, y: Array, unit: float) -> Array:
    """(m, 2) places close together along a line, in points; none where it is not finite."""
    with np.errstate(invalid="ignore", divide="ignore"):
        corners = axes.transData.transform(np.column_stack([x, y])) * unit
    corners = corners[np.isfinite(corners).all(axis=1)]
    if len(corners) == 0:
        return corners
    parts = [corners[:1]]
    for a, b in pairwise(corners):
        count = min(400, max(1, int(np.hypot(*(b - a)) / DENSE)))
        parts.append(a + np.linspace(0, 1, count + 1)[1:, None] * (b - a))
    return np.concatenate(parts)


def _best(
    name: str,
    own: Array,
    others: list[Array],
    taken: list[_Spot],
    frame: tuple[float, float, float, float],
) -> _Spot:
    """The end if the name is clear of other lines there, or else where it is clearest."""
    spots = [s for s in _spots(name, own, frame) if not any(_overlap(s, t) for t in taken)]
    ranked = [(_clearance(spot, own, others), spot) for spot in spots]
    for clear, spot in ranked:
        if spot.at_end and clear >= CLEAR:
            return spot
    if ranked and max(clear for clear, _ in ranked) >= CLEAR:
        return max(ranked, key=lambda pair: pair[0])[1]
    spot = next(iter(_spots(name, own, frame)))  # lines lie on each other: one name over the other
    while any(_overlap(spot, other) for other in taken):
        spot = spot._replace(y=spot.y + 0.1 * HEIGHT * letter())
    return spot


def _spots(name: str, own: Array, frame: tuple[float, float, float, float]) -> Iterator[_Spot]:
    written = name.split("\n")
    width = WIDTH * letter() * max(map(len, written))
    height = HEIGHT * letter() * len(written)
    x, y = own[-1]
    left, right, low, high = frame
    for shift in SHIFTS:
        up = max(y + shift * height, low + 0.4 * height)  # not across the axis
        yield _Spot(x + ASIDE, x + ASIDE + width, up, True, height)
    for part in ALONG:
        x = left + part * (right - left)
        beneath = own[np.abs(own[:, 0] - x) <= width / 2, 1]
        if len(beneath) == 0:
            continue
        for y in (beneath.max() + OFF * height, beneath.min() - OFF * height):
            spot = _Spot(x - width / 2, x + width / 2, float(y), False, height)
            inside = spot.left >= left + ASIDE and spot.right <= right
            if inside and low + height / 2 <= spot.y <= high - height / 2:
                yield spot


def _overlap(a: _Spot, b: _Spot) -> bool:
    return abs(a.y - b.y) < (a.height + b.height) / 2 and a.left < b.right and b.left < a.right


def _apart(spot: _Spot, path: Array) -> float:
    """Distance from the middle line of a name to a line; none if the name lies on it."""
    across = path[:, 0] - np.clip(path[:, 0], spot.left, spot.right)
    up = path[:, 1] - spot.y
    if not spot.at_end and ((across == 0) & (np.abs(up) < 0.45 * spot.height)).any():
        return 0.0
    return float(np.hypot(across, up).min())


def _clearance(spot: _Spot, own: Array, others: list[Array]) -> float:
    mine = _apart(spot, own)
    if mine == 0:
        return -np.inf
    return min((_apart(spot, path) for path in others), default=np.inf) - mine


def _write(axes: Axes, name: str, colour: str, spot: _Spot, own: Array) -> None:
    """Anchored to the line, so that it stays there when the axes change their size."""
    x = spot.left if spot.at_end else (spot.left + spot.right) / 2
    near = own[-1] if spot.at_end else own[np.abs(own[:, 0] - x).argmin()]
    unit = 72 / axes.figure.dpi
    at = axes.transData.inverted().transform(near / unit)
    label(
        axes,
        float(at[0]),
        float(at[1]),
        name,
        colour,
        va="center",
        annotation_clip=False,
        ha="left" if spot.at_end else "center",
        textcoords="offset points",
        xytext=(float(x - near[0]), float(spot.y - near[1])),
    )

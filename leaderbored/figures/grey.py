"""Figures in grey: every colour becomes the grey that is as light."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection
from matplotlib.colors import ListedColormap, to_rgba_array
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

WEIGHTS = (0.2126, 0.7152, 0.0722)  # of red, green and blue in the light of a colour: sRGB
SHADES = 256


def grey(colours: Any) -> Any:
    """Colours as greys, (n, 4) rgba; as light as they are.

    Examples
    --------
    >>> grey("#000000").tolist(), [round(float(x), 2) for x in grey("#D55E00")[0]]
    ([[0.0, 0.0, 0.0, 1.0]], [0.51, 0.51, 0.51, 1.0])
    """
    found = to_rgba_array(colours).copy()
    rgb = found[:, :3]
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    light = linear @ WEIGHTS
    shade = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    found[:, :3] = np.clip(shade, 0, 1)[:, None]
    return found


@contextmanager
def greyed(figure: Figure) -> Iterator[None]:
    """While it lasts, all that a figure is made of is grey.

    Examples
    --------
    >>> figure = Figure()
    >>> line = figure.subplots().plot([0, 1], color="#D55E00")[0]
    >>> with greyed(figure):
    ...     len({round(float(part), 6) for part in line.get_color()[:3]})
    1
    >>> line.get_color()
    '#D55E00'
    """
    with ExitStack() as back:
        for artist in figure.findobj():
            for name in _colours(artist):
                _swap(back, artist, name)
            if isinstance(artist, ScalarMappable) and artist.get_array() is not None:
                own = artist.get_cmap()
                back.callback(artist.set_cmap, own)
                artist.set_cmap(ListedColormap(grey(own(np.linspace(0, 1, SHADES)))))
        yield


def _colours(artist: Any) -> tuple[str, ...]:
    """Which colours an artist has."""
    if isinstance(artist, Line2D):
        return ("color", "markerfacecolor", "markeredgecolor")
    if isinstance(artist, Text):
        return ("color",)
    if isinstance(artist, Patch):
        return ("facecolor", "edgecolor")
    if isinstance(artist, Collection):
        return ("edgecolor",) if artist.get_array() is not None else ("facecolor", "edgecolor")
    return ()


def _swap(back: ExitStack, artist: Any, name: str) -> None:
    own = getattr(artist, f"get_{name}")()
    if own is None or (isinstance(own, str) and own in ("none", "auto")):
        return
    shades = grey(own)
    if len(shades) == 0:
        return
    back.callback(getattr(artist, f"set_{name}"), own)
    getattr(artist, f"set_{name}")(shades if isinstance(artist, Collection) else tuple(shades[0]))

"""A sweep drawn: verdicts over two numbers as areas, or answers over one as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from leaderbored.figures.correspondence import VERDICTS
from leaderbored.figures.gallery.areas import PALE, areas
from leaderbored.figures.gallery.bands import bands
from leaderbored.figures.named import name_lines
from leaderbored.figures.style import COLOURS, Picture, style

if TYPE_CHECKING:
    import xarray


def sweep_figure(found: xarray.Dataset) -> Figure:
    """Draw a sweep over one or two numbers.

    Parameters
    ----------
    found : xarray.Dataset
        As :func:`leaderbored.sweep` returns it.

    Raises
    ------
    ValueError
        If it is over more numbers.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=6)
    >>> over = {"market.scarcity": [0.6, 0.9], "technology.handicap": [0.0, 0.5]}
    >>> len(sweep_figure(lb.sweep(race, over)).axes)
    1
    """
    dims = [dim for dim in found["status"].dims if found.sizes[dim] > 1]
    if not 1 <= len(dims) <= 2:
        raise ValueError(f"figure: a sweep over {len(dims)} numbers, expected one or two")
    left = {dim: 0 for dim in found["status"].dims if dim not in dims}
    here = found.isel(left)
    with style():
        figure = Picture(figsize=(4.6, 3.6))
        axes = figure.subplots()
        x = here[dims[0]].values.astype(float)
        axes.set(xlabel=_label(here, dims[0]), title=found.attrs["title"])
        if _at_ratios(x):
            axes.set_xscale("log")
        if len(dims) == 1:
            _lines(here, x, axes)
        else:
            y = here[dims[1]].values.astype(float)
            axes.set(ylabel=_label(here, dims[1]), xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
            if "verdict" in here:
                kinds = here["verdict"].values.astype(object)
                kinds[kinds == ""] = None
                areas(axes, x, y, kinds)
                _unnamed(figure, axes, kinds)
            else:
                axis = here["value"].dims[-1]
                first = here["value"].isel({axis: 0})
                drawn = axes.pcolormesh(x, y, first.values.T, cmap="Greys", shading="nearest")
                figure.colorbar(drawn, label=f"value of {here[axis].values[0]}")
    return figure


def _lines(here: xarray.Dataset, x: np.ndarray, axes: object) -> None:
    """Values along one number, over bands of verdicts where there are any."""
    names = here[here["value"].dims[-1]].values.tolist()
    lines = []
    for i, name in enumerate(names):
        y, colour = here["value"].values[:, i], COLOURS[i % len(COLOURS)]
        axes.plot(x, y, color=colour)  # type: ignore[attr-defined]
        lines.append((str(name), x, y, colour))
    axes.set_xlim(x.min(), x.max())  # type: ignore[attr-defined]
    axes.set_ylabel("value")  # type: ignore[attr-defined]
    if "verdict" in here:
        bands(axes, x, [str(kind) or None for kind in here["verdict"].values])  # type: ignore
    name_lines(axes, lines)  # type: ignore[arg-type]


def _unnamed(figure: Figure, axes: Axes, kinds: Any) -> None:
    """Name below the map what has no room for a name in it."""
    named = {text.get_text() for text in axes.texts}
    left = [k for k in VERDICTS if (kinds == k).any() and (k or "no verdict") not in named]
    if left:
        handles = [Patch(facecolor=VERDICTS[k], alpha=PALE) for k in left]
        names = [str(k or "no verdict") for k in left]
        figure.legend(handles, names, loc="outside lower center", ncols=4, frameon=False)


def _at_ratios(x: np.ndarray) -> bool:
    """Whether values rise at equal ratios."""
    return len(x) > 2 and bool((x > 0).all()) and float(np.ptp(np.diff(np.log(x)))) < 1e-9


def _label(here: xarray.Dataset, path: object) -> str:
    unit = here[path].attrs.get("units", "")
    words = str(path).rpartition(".")[2].replace("_", " ")
    return f"{words}, {unit}" if unit and unit != "1" else words

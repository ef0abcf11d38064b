"""A sweep drawn: verdicts over two numbers as areas, or answers over one as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from leaderbored.figures.boundaries import boundaries
from leaderbored.figures.gallery.areas import areas, edges
from leaderbored.figures.gallery.bands import bands
from leaderbored.figures.named import name_lines
from leaderbored.figures.style import COLOURS, INK, Picture, style
from leaderbored.figures.verdicts import TINTS, VERDICTS
from leaderbored.games.places import in_words

if TYPE_CHECKING:
    import xarray

LONGEST = 1000.0  # years: nobody plans for more
LONG = 24  # letters of a name below a map
SEEN = 62_500  # points of a picture: 250 a side of a map
LEVELS, WIDE = 6, 100.0  # contour lines, about; and the ratio from which on they are at decades
DOTS = ((0, (1, 2)), (0, (5, 1.5, 1, 1.5)))  # of the lines of the theory


def contoured(found: xarray.Dataset) -> tuple[str, ...]:
    """The answers that contour lines can show.

    Examples
    --------
    >>> import leaderbored as lb
    >>> contoured(lb.sweep(lb.NormalForm([[[1, 0], [0, 1]]] * 2), {"payoffs.0.0.0": [1, 2]}))
    ('regret', 'equilibria')
    """
    shape = found["status"].dims
    return tuple(
        str(name)
        for name, column in found.data_vars.items()
        if column.dims == shape and column.dtype.kind in "fi"
    )


def undrawn(found: xarray.Dataset, contours: str | None = None) -> str:
    """Why a sweep has no such picture; empty if it has.

    Examples
    --------
    >>> import leaderbored as lb
    >>> undrawn(lb.sweep(lb.NormalForm([[[1, 0], [0, 1]]] * 2), {"payoffs.0.0.0": [1, 2]}))
    ''
    """
    if "design" in found.attrs:
        return "points that were drawn; expected a grid"
    dims = [dim for dim in found["status"].dims if found.sizes[dim] > 1]
    if not 1 <= len(dims) <= 2:
        return f"a sweep over {len(dims)} numbers, expected one or two"
    if contours is not None and len(dims) != 2:
        return "contours are of a sweep over two numbers"
    if contours is not None and contours not in contoured(found):
        return f"unknown answer {contours!r}, known: {', '.join(contoured(found))}"
    return ""


def sweep_figure(found: xarray.Dataset, game: Any = None, *, contours: str | None = None) -> Figure:
    """Draw a sweep over one or two numbers.

    Of more than 62,500 points, on a map of more than 250 along a side, evenly chosen ones are
    drawn, so that a picture takes no more memory however large the sweep is.

    Parameters
    ----------
    found : xarray.Dataset
        As :func:`leaderbored.sweep` returns it.
    game : Race, optional
        The game that was swept, of which dotted lines show what the theory knows in closed form.
    contours : str, optional
        An answer that contour lines show over the map, such as ``"reign"`` or ``"asymptote"``.

    Raises
    ------
    ValueError
        If it is over more numbers, or there is no such answer.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=6)
    >>> over = {"market.scarcity": [0.6, 0.9], "technology.handicap": [0.0, 0.5]}
    >>> len(sweep_figure(lb.sweep(race, over), race, contours="reign").axes)
    1
    """
    if reason := undrawn(found, contours):
        raise ValueError(f"figure: {reason}")
    dims = [str(dim) for dim in found["status"].dims if found.sizes[dim] > 1]
    shown = [name for name in ("verdict", contours) if name is not None and name in found]
    if len(dims) == 1 or "verdict" not in found:
        shown.append("value")
    here = found[shown].isel(_drawn(found, dims))
    with style():
        figure = Picture(figsize=(5.4, 4.2))
        axes = figure.subplots()
        x = here[dims[0]].values.astype(float)
        axes.set(xlabel=label_of(here, dims[0]), title=found.attrs["title"])
        scaled(axes.xaxis, x)
        if len(dims) == 1:
            _lines(here, x, axes)
        else:
            below = _map(axes, here, dims, contours)
            if game is not None:
                below += theory_lines(axes, game, *((dim, here[dim].values) for dim in dims))
            explained(figure, below)
    return figure


def _drawn(found: xarray.Dataset, dims: list[str]) -> dict[Any, Any]:
    """Places of points in rising order; of too many to see evenly chosen ones, ends included."""
    places: dict[Any, Any] = {dim: 0 for dim in found["status"].dims if dim not in dims}
    most = round(SEEN ** (1 / len(dims)))
    for dim in dims:
        order = np.argsort(found[dim].values, kind="stable")
        evenly = np.linspace(0, len(order) - 1, min(len(order), most)).round()
        places[dim] = order[evenly.astype(int)]
    return places


Below = list[tuple[Any, str]]
"""What is explained below a map: handles and words."""


def _map(axes: Axes, here: xarray.Dataset, dims: list[str], contours: str | None) -> Below:
    x, y = (here[dim].values.astype(float) for dim in dims)
    scaled(axes.yaxis, y)
    axes.set(ylabel=label_of(here, dims[1]), xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
    below: Below = []
    if "verdict" in here:
        kinds = here["verdict"].values.astype(object)
        kinds[kinds == ""] = None
        areas(axes, x, y, kinds)
        edges(axes, x, y, kinds)
        below += unnamed(axes, kinds)
    else:
        axis = here["value"].dims[-1]
        first = here["value"].isel({axis: 0})
        drawn = axes.pcolormesh(x, y, first.values.T, cmap="Greys", shading="nearest")
        axes.figure.colorbar(drawn, ax=axes, label=f"value of {here[axis].values[0]}")
    if contours is not None:
        below += _contours(axes, x, y, here[contours])
    return below


def explained(figure: Figure, below: Below) -> None:
    """Explain below a map what has no name in it.

    Examples
    --------
    >>> figure = Figure()
    >>> explained(figure, [(Patch(), "run")])
    >>> len(figure.legends)
    1
    """
    if below:
        handles, names = zip(*below, strict=True)
        columns = 2 if any(len(name) > LONG for name in names) else 3
        place: Any = "outside lower center"
        figure.legend(handles, names, loc=place, ncols=columns, frameon=False, fontsize="small")


def _contours(axes: Axes, x: np.ndarray, y: np.ndarray, answer: xarray.DataArray) -> Below:
    """Contour lines of an answer, each with its number; what they are of."""
    values = answer.values.astype(float).T
    unit = answer.attrs.get("units", "")
    words = str(answer.name).replace("_", " ") + (f", {unit}" if unit not in ("", "1") else "")
    known = values[np.isfinite(values)]
    if len(known) == 0 or known.min() == known.max():
        what = (
            f"nowhere known: {words}" if len(known) == 0 else f"{words}: {known[0]:.3g} throughout"
        )
        return [(Line2D([], [], linestyle="none"), what)]
    drawn = axes.contour(
        x,
        y,
        np.ma.masked_invalid(values),
        levels=_levels(known, LONGEST if unit == "years" else np.inf),
        colors=INK,
        linewidths=0.8,
    )
    for name in axes.texts:
        name.set(zorder=5, bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 1.0})
    axes.clabel(drawn, fontsize="small", fmt="%g")
    return [(Line2D([], [], color=INK, linewidth=0.8), words)]


def _levels(known: np.ndarray, most: float) -> list[float]:
    """Round numbers up to the most: powers of ten where answers differ by a hundredfold."""
    low, high = float(known.min()), float(known.max())
    steps: list[float] = []
    if low > 0 and high > WIDE * low:
        steps = [10.0**k for k in range(int(np.ceil(np.log10(low))), int(np.log10(high)) + 1)]
    else:
        steps = list(MaxNLocator(LEVELS).tick_values(low, high))
    inside = [level for level in steps if low < level < high]
    return [level for level in inside if level <= most] or inside[:1] or [(low + high) / 2]


def theory_lines(
    axes: Axes, game: Any, x: tuple[str, np.ndarray], y: tuple[str, np.ndarray]
) -> Below:
    """Draw lines of the theory; what they say.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game, side = lb.NormalForm([[[1, 0], [0, 1]]] * 2), np.array([0.0, 1.0])
    >>> theory_lines(Figure().subplots(), game, ("payoffs.0.0.0", side), ("payoffs.0.0.1", side))
    []
    """
    below = []
    for line, dots in zip(boundaries(game, x, y), DOTS, strict=False):
        (drawn,) = axes.plot(line.x, line.y, color=INK, linewidth=1.2, linestyle=dots)
        below.append((drawn, line.name))
    return below


def _lines(here: xarray.Dataset, x: np.ndarray, axes: Axes) -> None:
    """Values along one number, over bands of verdicts where there are any."""
    names = here[here["value"].dims[-1]].values.tolist()
    lines = []
    for i, name in enumerate(names):
        y, colour = here["value"].values[:, i], COLOURS[i % len(COLOURS)]
        axes.plot(x, y, color=colour)
        lines.append((str(name), x, y, colour))
    axes.set_xlim(x.min(), x.max())
    axes.set_ylabel("value")
    if "verdict" in here:
        bands(axes, x, [str(kind) or None for kind in here["verdict"].values])  # type: ignore[misc]
    name_lines(axes, lines)


def unnamed(axes: Axes, kinds: Any) -> Below:
    """Verdicts that have no room for a name in the map.

    Examples
    --------
    >>> kinds = np.array([["run", None]], dtype=object)
    >>> [name for _, name in unnamed(Figure().subplots(), kinds)]
    ['run', 'no verdict']
    """
    named = {text.get_text() for text in axes.texts}
    left = [k for k in VERDICTS if (kinds == k).any() and (k or "no verdict") not in named]
    return [
        (Patch(facecolor=TINTS[k], edgecolor=INK, linewidth=0.5), str(k or "no verdict"))
        for k in left
    ]


def scaled(axis: Axis, x: np.ndarray) -> None:
    """Make a scale logarithmic where values rise at equal ratios, with numbers as they are.

    Examples
    --------
    >>> axes = Figure().subplots()
    >>> scaled(axes.xaxis, np.array([1.0, 10.0, 100.0]))
    >>> axes.get_xscale()
    'log'
    """
    if len(x) > 2 and (x > 0).all() and float(np.ptp(np.diff(np.log(x)))) < 1e-9:
        axis._set_axes_scale("log")  # type: ignore[attr-defined]
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_locator(NullLocator())


def label_of(here: xarray.Dataset, path: str) -> str:
    """A number of a sweep in words, with its unit.

    Examples
    --------
    >>> import leaderbored as lb
    >>> label_of(lb.sweep(lb.NormalForm([[[1, 0], [0, 1]]] * 2), {"payoffs.0.0.0": [1]}), "labs.x")
    'x'
    """
    unit = here[path].attrs.get("units", "") if path in here.coords else ""
    return in_words(str(path), unit)

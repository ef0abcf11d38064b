"""Verdicts as areas of a map: their colours, their edges, and their names where there is room."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from leaderbored.figures.look import look
from leaderbored.figures.style import INK
from leaderbored.figures.verdicts import TINTS
from leaderbored.games.markov import Array
from leaderbored.race import Race

KINDS = tuple(TINTS)
LETTER, HIGH = 7.2, 11.0  # points of a letter of a name across, and of a name up
FITS = 0.9  # of the length of a name, that its area must have
UPRIGHT = 0.1  # of the width: a name of a narrower area stands upright
ROOM = 0.05
ASIDE = 0.15  # of the width: a name nearer to a side would stick out, and stands at the side
COARSER = 4  # maps of more than two labs


def fineness(race: Race, points: int | None, usual: int) -> int:
    """How many points a side: those asked for or the usual, of three or more labs a quarter of it.

    Each point of these is a large game, which no kernel solves by the thousand.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab(name, 1) for name in "ABC"]
    >>> race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), discount=0.1, rungs=2)
    >>> fineness(race, None, 60), fineness(race, 20, 60)
    (15, 20)
    """
    return points or (usual if len(race.labs) == 2 else usual // COARSER)


def areas(
    axes: Axes,
    x: Array,
    y: Array,
    kinds: NDArray[np.object_],
    *,
    unnamed: NDArray[np.bool_] | None = None,
    room: float = ROOM,
) -> None:
    """Colour a map by verdicts (X, Y), and name each where it is widest.

    Parameters
    ----------
    axes : Axes
        Whose scales are set.
    x, y : (X,), (Y,) arrays
    kinds : (X, Y) object array
        Verdicts; others stay white.
    unnamed : (X, Y) bool array, optional
        Where no name may stand.
    room : float, default 0.05
        How deep an area must be to have a name in it, in sides of the map.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> kinds = np.array([["run", "race"]] * 2, dtype=object)
    >>> areas(axes, np.array([0.0, 1.0]), np.array([0.0, 1.0]), kinds)
    >>> [text.get_text() for text in axes.texts]
    ['run', 'race']
    """
    code = np.array([[KINDS.index(k) if k in KINDS else np.nan for k in row] for row in kinds])
    mesh = axes.pcolormesh(
        x,
        y,
        code.T,
        cmap=ListedColormap([TINTS[kind] for kind in KINDS]),
        vmin=-0.5,
        vmax=len(KINDS) - 0.5,
        shading="nearest",
        linewidth=0,
        rasterized=True,
        label="verdict",
    )
    mesh.words = np.where(np.isnan(code), "", kinds.astype(str)).T  # type: ignore[attr-defined]
    for k, kind in enumerate(KINDS):
        where = code == k if unnamed is None else (code == k) & ~unnamed
        deep = distance_transform_edt(np.pad(where, 1))[1:-1, 1:-1]
        if deep.max() >= room * max(where.shape):
            _named(axes, (x, y), where, deep, kind or "no verdict")


def edges(axes: Axes, x: Array, y: Array, kinds: NDArray[np.object_]) -> None:
    """Draw lines half way between points of a map (X, Y) with different verdicts.

    Parameters
    ----------
    axes : Axes
        Whose scales are set.
    x, y : (X,), (Y,) arrays
    kinds : (X, Y) object array

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> kinds = np.array([["run", "race"]] * 2, dtype=object)
    >>> edges(axes, np.array([0.0, 1.0]), np.array([0.0, 1.0]), kinds)
    >>> [line.tolist() for line in axes.collections[0].get_segments()]
    [[[0.0, 0.5], [0.5, 0.5]], [[0.5, 0.5], [1.0, 0.5]]]
    """
    across, along = halfway(axes.xaxis, x), halfway(axes.yaxis, y)
    lines = [
        [(across[i + 1], along[j]), (across[i + 1], along[j + 1])]
        for i, j in np.argwhere(kinds[1:] != kinds[:-1])
    ]
    lines += [
        [(across[i], along[j + 1]), (across[i + 1], along[j + 1])]
        for i, j in np.argwhere(kinds[:, 1:] != kinds[:, :-1])
    ]
    axes.add_collection(LineCollection(lines, colors=INK, linewidths=1), autolim=False)


def halfway(axis: Axis, x: Array) -> Array:
    """Both ends, and the places half way between points on a scale.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> halfway(Figure().subplots().xaxis, np.array([0.0, 1.0, 3.0])).tolist()
    [0.0, 0.5, 2.0, 3.0]
    """
    log = axis.get_scale() == "log"
    at = np.log(x) if log else x
    found = np.concatenate([at[:1], (at[1:] + at[:-1]) / 2, at[-1:]])
    return np.asarray(np.exp(found) if log else found, dtype=float)


def _run(where: NDArray[np.bool_], at: int) -> NDArray[np.bool_]:
    """The places of a row that hang together with one of them."""
    other = np.flatnonzero(~where)
    first = int(other[other < at].max(initial=-1)) + 1
    last = int(other[other > at].min(initial=len(where)))
    found = np.zeros_like(where)
    found[first:last] = True
    return found


def _points(axes: Axes, upright: bool) -> float:
    """How wide axes are, or how high, in points."""
    assert axes.figure is not None
    return float(axes.bbox.height if upright else axes.bbox.width) * 72 / axes.figure.dpi


def _named(
    axes: Axes, along: tuple[Array, Array], where: NDArray[np.bool_], deep: Array, text: str
) -> None:
    """A name as deep inside its area as can be."""
    x, y = along
    deepest = np.argwhere(deep == deep.max())
    i, j = deepest[np.abs(deepest - deepest.mean(axis=0)).sum(axis=1).argmin()]
    side = 0 if i < ASIDE * len(x) else -1 if i >= (1 - ASIDE) * len(x) else None
    place, hold = (x[i if side is None else side], y[j]), "center"
    if side is not None:
        hold = "left" if side == 0 else "right"
    across, up = _run(where[:, j], i), _run(where[i], j)
    turned = side != 0 and across.sum() <= UPRIGHT * len(x) and up.sum() > across.sum()
    length = _points(axes, turned) * (up.mean() if turned else across.mean())
    thick = _points(axes, not turned) * (across.mean() if turned else up.mean())
    if length < FITS * LETTER * len(text) * look().size or thick < HIGH * look().size:
        return
    if turned:
        place, hold, side = (x[across].mean(), y[up].mean()), "center", None
    axes.annotate(
        text,
        place,
        ({None: 0, 0: 3, -1: -3}[side], 0),
        textcoords="offset points",
        ha=hold,
        va="bottom" if j == 0 else "center",
        fontsize="large",
        weight="bold",
        color=INK,
        rotation=90 if turned else 0,
    )

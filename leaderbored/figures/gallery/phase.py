"""Where it is a run and where a race: verdicts over scarcity and handicap, and where both hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from leaderbored.figures.correspondence import VERDICTS
from leaderbored.figures.gallery.examples import duel
from leaderbored.figures.style import style
from leaderbored.games.gamefile import vary
from leaderbored.games.markov import Array
from leaderbored.race import Race
from leaderbored.solvers import Method, regret, solve
from leaderbored.verdicts import trace
from leaderbored.verdicts.pace import Kind
from leaderbored.verdicts.race_line import kind_at

KINDS = tuple(VERDICTS)
APART = 1e-6  # relative distance of values from which two equilibria are two
TOLERANCE = 1e-9
ROOM = 0.05  # of the side: how deep an area must be to have a name in it
PALE = 0.45  # how strong the colours of areas are
INK = "#222222"


@dataclass(frozen=True, eq=False)
class Phase:
    """Verdicts on a grid of two parameters, from equilibria followed up and down the second.

    Attributes
    ----------
    x, y : (X,), (Y,) arrays
    up, down : (X, Y) object arrays
        Verdict on the equilibrium that is followed as y rises, and as it falls; "?" where none was
        found.
    several : (X, Y) bool array
        Whether the two equilibria differ.
    regret : float
        Largest of all equilibria.
    folds : tuple of (float, float)
        Points (x, y) at which an equilibrium ends, exact.
    """

    x: Array
    y: Array
    up: NDArray[np.object_]
    down: NDArray[np.object_]
    several: NDArray[np.bool_]
    regret: float
    folds: tuple[tuple[float, float], ...]


def chart(
    race: Race, x: tuple[str, Sequence[float]], y: tuple[str, Sequence[float]], traces: int = 6
) -> Phase:
    """Solve a race over a grid, following equilibria up and down the second parameter.

    What is found on the way up and on the way down differs between two folds: there, expectations
    alone decide. Folds are computed by continuation of the equilibrium correspondence at some x.

    Parameters
    ----------
    race : Race
    x, y : (str, sequence of float)
        Paths of parameters, as of :func:`leaderbored.trace`, and their values.
    traces : int, default 6
        Number of x at which folds are computed.

    Returns
    -------
    Phase

    Examples
    --------
    >>> found = chart(duel(0.6, 0.1, rungs=4), ("market.scarcity", [0.5, 0.9]),
    ...               ("technology.handicap", [0.0, 0.1]), traces=0)
    >>> found.up.tolist(), found.regret < 1e-9
    ([['run', 'run'], ['run', 'run']], True)
    """
    (across, xs), (upward, ys) = x, y
    along = vary(race, across)
    lines = [vary(along(float(here)), upward) for here in xs]
    down, up = (
        [_followed(line, [float(v) for v in ys[::step]])[::step] for line in lines]
        for step in (-1, 1)
    )
    value = np.array([[[stop.value for stop in row] for row in way] for way in (up, down)])
    apart = np.abs(value[0] - value[1]) > APART * np.nanmax(np.abs(value), axis=0)
    folds = []
    for here in np.linspace(xs[0], xs[-1], traces + 2)[1:-1]:
        line = trace(along(float(here)), upward, float(ys[0]), float(ys[-1]))
        folds += [(float(here), fold.parameter) for fold in line.folds]
    worst = max(stop.regret for row in (*up, *down) for stop in row)
    grid = np.asarray(xs), np.asarray(ys)
    return Phase(*grid, _kinds(up), _kinds(down), apart, worst, tuple(folds))


class _Stop(NamedTuple):
    """An equilibrium on the way: verdict, the first lab's value at the tie, and regret."""

    kind: Kind | Literal["?"] | None
    value: float
    regret: float


def _followed(line: Callable[[float], Race], stops: Sequence[float]) -> list[_Stop]:
    """Equilibria along a line, each sought from the shares of the one before."""
    found, start = [], None
    for place in stops:
        race = line(place)
        solution = solve(race, Method(certify=False), start=start)
        stop = _Stop("?", np.nan, 0.0)
        for made in solution.equilibria:
            left = float(regret(made.game, made.build).max())
            if left <= TOLERANCE:
                start = made.build
                kind = kind_at(race, made.game, made.build)
                stop = _Stop(kind, float(made.value[0, 0]), left)
        found.append(stop)
    return found


def _kinds(way: list[list[_Stop]]) -> NDArray[np.object_]:
    table = np.empty((len(way), len(way[0])), dtype=object)
    for i, row in enumerate(way):
        table[i] = [stop.kind for stop in row]
    return table


def phase(race: Race | None = None, *, points: int = 40, traces: int = 6) -> Figure:
    """Draw the verdict over scarcity and handicap; hatched where several equilibria coexist.

    Dotted lines, for equal labs, are the exact scarcities above which a leader far ahead is sold
    out, and all labs are at a tie (result R3 of :mod:`leaderbored.theory`).

    Parameters
    ----------
    race : Race, optional
        On a scarce market, whose scarcity and handicap are not used; by default two equal labs.
    points : int, default 40
        Along each side; twice as many equilibria in all are solved for, as the grid has points.
    traces : int, default 6
        Number of scarcities at which folds are computed exactly, and dotted in.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(phase(duel(0.6, 0.1, rungs=3), points=3, traces=0).axes)
    1
    """
    race = race or duel(0.6, 0.1)
    found = chart(
        race,
        ("market.scarcity", np.linspace(0.3, 1.05, points).tolist()),
        ("technology.handicap", np.linspace(0.0, 0.4, points).tolist()),
        traces,
    )
    with style():
        figure = Figure(figsize=(6.4, 4.2))
        axes = figure.subplots()
        _areas(axes, found, _edges(race))
        note = "hatched: which one, expectations decide"
        if found.folds:
            note += "; dots: folds, exact"
        axes.set_title(note, loc="right", fontsize=8.5, weight="normal", color=INK)
        axes.set(title="Race or run?", xlabel="scarcity ψ (demand / compute)",
                 ylabel="handicap η (loss of hazard per rung behind)")  # fmt: skip
    return figure


def _areas(axes: Axes, found: Phase, edges: Sequence[float]) -> None:
    code = np.array([[KINDS.index(kind) if kind in KINDS else np.nan for kind in row]
                     for row in found.up])  # fmt: skip
    colours = ListedColormap([VERDICTS[kind] for kind in KINDS])
    axes.pcolormesh(found.x, found.y, code.T, cmap=colours, vmin=-0.5, vmax=len(KINDS) - 0.5,
                    alpha=PALE, shading="nearest", linewidth=0, rasterized=True)  # fmt: skip
    if found.several.any():
        _hatched(axes, found)
    for place in edges:
        axes.axvline(place, color=INK, linewidth=0.8, linestyle=(0, (1, 2)))
    for place in found.folds:
        axes.plot(*place, ".", color=INK, markersize=5)
    for k, kind in enumerate(KINDS):
        _named(axes, found, (code == k) & ~found.several, kind or "nobody builds")


def _edges(race: Race) -> tuple[float, ...]:
    """Scarcity at which a far leader, and all at a tie, are sold out, for labs that are equal."""
    alike = len({(lab.compute, lab.brand) for lab in race.labs}) == 1
    return (1 / len(race.labs), 1.0) if alike else ()


def _hatched(axes: Axes, found: Phase) -> None:
    wide, high = found.x[1] - found.x[0], found.y[1] - found.y[0]
    for i, j in zip(*np.nonzero(found.several), strict=True):
        axes.fill_between([found.x[i] - wide / 2, found.x[i] + wide / 2],
                          found.y[j] - high / 2, found.y[j] + high / 2, facecolor="none",
                          edgecolor=INK, hatch="////", linewidth=0)  # fmt: skip


def _named(axes: Axes, found: Phase, where: NDArray[np.bool_], text: str) -> None:
    """A name as deep inside its area as can be, if there is room."""
    deep = distance_transform_edt(np.pad(where, 1))[1:-1, 1:-1]
    if deep.max() < ROOM * max(where.shape):
        return
    i, j = np.unravel_index(int(deep.argmax()), deep.shape)
    beside = i < 0.15 * len(found.x)  # a name in the middle would stick out
    x = found.x[0] if beside else found.x[i]
    axes.text(x, found.y[j], text, ha="left" if beside else "center", va="center", fontsize=10,
              weight="bold", color=INK)  # fmt: skip

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
from leaderbored.figures.style import Picture, style
from leaderbored.games.gamefile import vary
from leaderbored.games.markov import Array
from leaderbored.race import Race
from leaderbored.solvers import Continuation, Method, Search, regret, solve
from leaderbored.solvers.markov.system import System
from leaderbored.verdicts.pace import Kind
from leaderbored.verdicts.reading import kind_at

KINDS = tuple(VERDICTS)
APART = 1e-6  # relative distance of values from which two equilibria are two
TOLERANCE = 1e-9
HALVINGS = 8
LOOKED = 5  # places in a column at which all equilibria are looked for
SHORT = Search(starts=80, around=40, continuation=Continuation(steps=0))
UPRIGHT = 0.1  # of the width: a name of a narrower area stands upright
ROOM = 0.05  # of the side: how deep an area must be to have a name in it
PALE = 0.45  # how strong the colours of areas are
INK = "#222222"


@dataclass(frozen=True, eq=False)
class Phase:
    """Verdicts on a grid of two parameters, from equilibria followed along the second.

    Attributes
    ----------
    x, y : (X,), (Y,) arrays
    up, down : (X, Y) object arrays
        Verdict on the equilibrium that is followed as y rises, and as it falls; "?" where none was
        found.
    several : (X, Y) bool array
        Whether different equilibria were found.
    edges : (X, 2) array
        Least and largest y at which they do, to a hundredth of the step; nan where they never
        do, and beyond the grid where they do up to its end.
    regret : float
        Largest of all equilibria.
    """

    x: Array
    y: Array
    up: NDArray[np.object_]
    down: NDArray[np.object_]
    several: NDArray[np.bool_]
    edges: Array
    regret: float


def chart(race: Race, x: tuple[str, Sequence[float]], y: tuple[str, Sequence[float]]) -> Phase:
    """Solve a race over a grid, following equilibria up and down the second parameter.

    What is found on the way up and on the way down differs between the folds at which one
    equilibrium and the other end: there, expectations alone decide. In each column all equilibria
    are looked for at five places and where a verdict changes, and what is new is followed both
    ways, too. Where several begin and cease to coexist is bisected.

    Parameters
    ----------
    race : Race
    x, y : (str, sequence of float)
        Paths of parameters, as of :func:`leaderbored.trace`, and their values.

    Returns
    -------
    Phase

    Examples
    --------
    >>> found = chart(duel(0.6, 0.1, rungs=4), ("market.scarcity", [0.5, 0.9]),
    ...               ("technology.handicap", [0.0, 0.1]))
    >>> found.up.tolist(), found.regret < 1e-9
    ([['run', 'run'], ['run', 'run']], True)
    """
    (across, xs), upward, ys = x, y[0], np.asarray(y[1], dtype=float)
    along = vary(race, across)
    lines = [vary(along(float(here)), upward) for here in xs]
    columns = [_column(line, ys) for line in lines]
    several = np.array([[_several(row) for row in zip(*ways, strict=True)] for ways in columns])
    edges = [_edges(*column, ys) for column in zip(lines, columns, several, strict=True)]
    worst = max(stop.regret for ways in columns for way in ways for stop in way)
    up, down = ([ways[k] for ways in columns] for k in (0, 1))
    return Phase(np.asarray(xs), ys, _kinds(up), _kinds(down), several, np.array(edges), worst)


class _Stop(NamedTuple):
    """An equilibrium on the way: its shares, verdict, value of the first lab at the tie, regret."""

    build: Array | None
    kind: Kind | Literal["?"] | None
    value: float
    regret: float


Line = Callable[[float], Race]


def _followed(line: Line, stops: Array, start: Array | None = None) -> list[_Stop]:
    """Equilibria along a line, each sought from the shares of the one before."""
    found: list[_Stop] = []
    for place in stops:
        found.append(_near(line(float(place)), start))
        start = start if found[-1].build is None else found[-1].build
    return found


def _column(line: Line, ys: Array) -> list[list[_Stop]]:
    """Equilibria followed along a column: up, down, and what else is found on the way."""
    ways = [_followed(line, ys), _followed(line, ys[::-1])[::-1]]
    changes = [k for way in ways for k in range(1, len(ys)) if way[k].kind != way[k - 1].kind]
    places = {*np.linspace(0, len(ys) - 1, LOOKED).astype(int).tolist(), *changes}
    for k in sorted(places):
        for build in _all(line(float(ys[k]))):
            stop = _near(line(float(ys[k])), build)
            if all(_differ(stop, way[k]) for way in ways):
                above = _followed(line, ys[k:], build)
                ways.append([*_followed(line, ys[k::-1], build)[:0:-1], *above])
    return ways


def _all(race: Race) -> list[Array]:
    """Shares of the equilibria that a short search finds."""
    system = System(race.markov())
    found = SHORT.run(system, lambda build: float(regret(system.game, build).max()), TOLERANCE)
    return [one.build for one in found.found]


def _several(row: tuple[_Stop, ...]) -> bool:
    return any(_differ(row[0], other) for other in row[1:])


def _near(race: Race, start: Array | None) -> _Stop:
    """An equilibrium sought from given shares."""
    for made in solve(race, Method(certify=False), start=start).equilibria:
        left = float(regret(made.game, made.build).max())
        if left <= TOLERANCE:
            kind = kind_at(race, made.game, made.build)
            return _Stop(made.build, kind, float(made.value[0, 0]), left)
    return _Stop(None, "?", np.nan, 0.0)


def _differ(one: _Stop, other: _Stop) -> bool:
    return abs(one.value - other.value) > APART * max(abs(one.value), abs(other.value))


def _edges(
    line: Line, ways: list[list[_Stop]], several: NDArray[np.bool_], ys: Array
) -> tuple[float, float]:
    """Where the equilibria of a column begin and cease to differ."""
    inside = np.flatnonzero(several)
    if len(inside) == 0:
        return _between(line, ways, ys)
    ends = []
    for k, step in ((int(inside[0]), -1), (int(inside[-1]), 1)):
        if not 0 <= k + step < len(ys):
            ends.append(float(ys[k]) + step * float(ys[1] - ys[0]))
            continue
        starts = [way[k].build for way in ways]
        ends.append(_edge(line, starts, float(ys[k]), float(ys[k + step])))
    return ends[0], ends[1]


def _between(line: Line, ways: list[list[_Stop]], ys: Array) -> tuple[float, float]:
    """The same where they differ between two places of the grid alone, if the verdict changes."""
    for way, step in zip(ways[:2], (1, -1), strict=True):
        for k in range(len(ys)):
            if not 0 <= k + step < len(ys) or way[k].kind == way[k + step].kind:
                continue
            here, there = float(ys[k]), float(ys[k + step])
            for _ in range(HALVINGS):  # up to where this equilibrium ends, or its verdict changes
                middle = (here + there) / 2
                kept = _near(line(middle), way[k].build).kind == way[k].kind
                here, there = (middle, there) if kept else (here, middle)
            starts: list[Array | None] = [*_all(line(here))]
            if len(starts) > 1:
                low, high = sorted((float(ys[k]), float(ys[k + step])))
                return _edge(line, starts, here, low), _edge(line, starts, here, high)
    return np.nan, np.nan


def _edge(line: Line, starts: Sequence[Array | None], both: float, one: float) -> float:
    """Where equilibria that differ at the first place become one, on the way to the second."""
    for _ in range(HALVINGS):
        middle = (both + one) / 2
        apart = _several(tuple(_near(line(middle), start) for start in starts))
        both, one = (middle, one) if apart else (both, middle)
    return (both + one) / 2


def _kinds(way: list[list[_Stop]]) -> NDArray[np.object_]:
    table = np.empty((len(way), len(way[0])), dtype=object)
    for i, row in enumerate(way):
        table[i] = [stop.kind for stop in row]
    return table


def phase(race: Race | None = None, *, points: int = 40) -> Figure:
    """Draw the verdict over scarcity and handicap; hatched where several equilibria coexist.

    Dotted lines, for equal labs, are the exact scarcities above which a leader far ahead is sold
    out, and all labs are at a tie (result R3 of :mod:`leaderbored.theory`).

    Parameters
    ----------
    race : Race, optional
        On a scarce market, whose scarcity and handicap are not used; by default two equal labs.
    points : int, default 40
        Along each side; at least twice as many equilibria are solved for as the grid has points.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(phase(duel(0.6, 0.1, rungs=3), points=3).axes)
    1
    """
    race = race or duel(0.6, 0.1)
    found = chart(
        race,
        ("market.scarcity", np.linspace(0.3, 1.05, points).tolist()),
        ("technology.handicap", np.linspace(0.0, 0.4, points).tolist()),
    )
    with style():
        figure = Picture(figsize=(6.4, 4.2))
        axes = figure.subplots()
        _areas(axes, found, _sold_out(race))
        axes.set_title(
            "hatched: which one, expectations decide",
            loc="right",
            fontsize=8.5,
            weight="normal",
            color=INK,
        )
        axes.set(
            title="Race or run?",
            xlabel="scarcity ψ (demand / compute)",
            ylabel="handicap η (loss of hazard per rung behind)",
        )
    return figure


def _areas(axes: Axes, found: Phase, levels: Sequence[float]) -> None:
    code = np.array(
        [[KINDS.index(kind) if kind in KINDS else np.nan for kind in row] for row in found.up]
    )
    colours = ListedColormap([VERDICTS[kind] for kind in KINDS])
    axes.pcolormesh(
        found.x,
        found.y,
        code.T,
        cmap=colours,
        vmin=-0.5,
        vmax=len(KINDS) - 0.5,
        alpha=PALE,
        shading="nearest",
        linewidth=0,
        rasterized=True,
    )
    if found.several.any():
        _hatched(axes, found)
    for level in levels:
        axes.axvline(level, color=INK, linewidth=0.8, linestyle=(0, (1, 2)))
    for k, kind in enumerate(KINDS):
        _named(axes, found, (code == k) & ~found.several, kind or "no verdict")


def _sold_out(race: Race) -> tuple[float, ...]:
    """Scarcity at which a far leader, and all at a tie, are sold out, for labs that are equal."""
    alike = len({(lab.compute, lab.brand) for lab in race.labs}) == 1
    return (1 / len(race.labs), 1.0) if alike else ()


def _hatched(axes: Axes, found: Phase) -> None:
    """The wedge between the folds, which may reach beyond the grid."""
    known = np.isfinite(found.edges[:, 0])
    low, high = (np.clip(edge[known], found.y[0], found.y[-1]) for edge in found.edges.T)
    axes.fill_between(
        found.x[known], low, high, facecolor="none", edgecolor=INK, hatch="////", linewidth=0
    )
    for edge in (low, high):
        axes.plot(found.x[known], edge, color=INK, linewidth=1.2)


def _named(axes: Axes, found: Phase, where: NDArray[np.bool_], text: str) -> None:
    """A name as deep inside its area as can be, if there is room."""
    deep = distance_transform_edt(np.pad(where, 1))[1:-1, 1:-1]
    if deep.max() < ROOM * max(where.shape):
        return
    i, j = np.unravel_index(int(deep.argmax()), deep.shape)
    beside = i < 0.15 * len(found.x)  # a name in the middle would stick out
    x = found.x[0] if beside else found.x[i]
    across, along = where[:, j], where[i]
    if not beside and across.sum() < UPRIGHT * len(found.x) and along.sum() > across.sum():
        x, y = found.x[across].mean(), found.y[along].mean()
        axes.text(
            x, y, text, ha="center", va="center", fontsize=10, weight="bold", color=INK, rotation=90
        )
        return
    axes.text(
        x,
        found.y[j],
        text,
        ha="left" if beside else "center",
        va="center",
        fontsize=10,
        weight="bold",
        color=INK,
    )

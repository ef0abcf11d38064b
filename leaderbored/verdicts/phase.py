"""Verdicts over two numbers of a race, and where several equilibria coexist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.games.places import vary
from leaderbored.race import Race
from leaderbored.solvers import Continuation, Method, Search, regret, solve
from leaderbored.solvers.markov.system import System
from leaderbored.verdicts.pace import Kind
from leaderbored.verdicts.reading import kind_at

APART = 1e-6  # relative distance of values from which two equilibria are two


TOLERANCE = 1e-9


HALVINGS = 8


LOOKED = 5  # places in a column at which all equilibria are looked for


SHORT = Search(starts=80, around=40, continuation=Continuation(steps=0))


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
    >>> import leaderbored as lb
    >>> duel = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=4)
    >>> found = chart(duel, ("market.scarcity", [0.5, 0.9]), ("technology.handicap", [0.0, 0.1]))
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
    return [one.point.build for one in found.found]


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

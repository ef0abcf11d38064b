"""How many equilibria, on a map: verdicts over two numbers of a race, and where several coexist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.kinds import kind_of, offering
from leaderbored.shown import Shown
from leaderbored.solvers import solve
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.sweeps.following import Stop, seeker
from leaderbored.sweeps.grid import Grid
from leaderbored.sweeps.spreading import Map, Spans, spans_of
from leaderbored.sweeps.sweep import gridded
from leaderbored.text import percent
from leaderbored.verdicts.words import NOUNS

REGIONS = 6  # of which the largest are looked at closely

Coexisting = tuple[int, tuple[float, float], tuple[float, float], int]
"""How many points a region has, its ends, and the place of the point deepest inside."""


@dataclass(frozen=True)
class Region:
    """Points of a map that hang together, at each of which several equilibria were found.

    Attributes
    ----------
    points : int
        How many.
    x, y : (float, float)
        Least and largest of either number.
    at : (float, float)
        The point deepest inside, at which the rest is said.
    verdicts : tuple of str
        Of the equilibria there, each with a different value, the largest first.
    values : tuple of float
        Of the first lab at the tie.
    stable : tuple of (bool or None)
        Whether best replies return to each; None where it is not known.
    searched : int or None
        How many the search for every equilibrium finds there; None if it was not asked for.
    """

    points: int
    x: tuple[float, float]
    y: tuple[float, float]
    at: tuple[float, float]
    verdicts: tuple[str, ...]
    values: tuple[float, ...]
    stable: tuple[bool | None, ...]
    searched: int | None = None


@dataclass(frozen=True, eq=False)
class Phase(Shown):
    """A map of a race over two numbers.

    Attributes
    ----------
    title : str
    paths : (str, str)
        Of the numbers across and along.
    x, y : (X,), (Y,) arrays
        Their values, rising.
    kinds : (X, Y) object array
        Verdict on the equilibrium that a sweep finds; "?" where none was found, and None where
        there is no verdict on it.
    counts : (X, Y) int array
        Equilibria found at each point.
    spans : tuple of tuple of (float, float)
        For each x, the stretches of y in which several were found, to a ninth of a step; at the
        ends of the map they end there.
    regions : tuple of Region
        The largest first.
    regret : float
        The largest of all equilibria.
    tried : int
        Starts from which each point was sought, besides the equilibria of its neighbours.
    """

    title: str
    paths: tuple[str, str]
    x: Array
    y: Array
    kinds: NDArray[np.object_]
    counts: NDArray[np.int64]
    spans: tuple[tuple[tuple[float, float], ...], ...]
    regions: tuple[Region, ...]
    regret: float
    tried: int

    @property
    def several(self) -> NDArray[np.bool_]:
        """(X, Y) where several equilibria were found."""
        return np.asarray(self.counts > 1)

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        share, size = float(self.several.mean()), self.counts.size
        sought = f"from {self.tried} starts and from the equilibria beside"
        if not self.regions:
            there = sum(map(bool, self.spans))
            between = f", and between points in {there} of {len(self.x)} columns" * bool(there)
            found = f"Several equilibria were found at none of {size:,} points{between}"
            return f"{found}, sought {sought}."
        first = self.regions[0]
        nouns = {str(kind): noun for kind, noun in NOUNS.items()}
        kinds = [nouns.get(kind, kind) for kind in dict.fromkeys(first.verdicts)]
        where = f"{percent(share)} of {size:,} points"
        held = sum(one is True for one in first.stable)
        stable = f", {held} of them stable" if any(s is not None for s in first.stable) else ""
        ends = (
            f"{path} from {low:.4g} to {high:.4g}"
            for path, (low, high) in zip(self.paths, (first.x, first.y), strict=True)
        )
        return (
            f"Several equilibria were found at {where}, sought {sought}; most with "
            f"{' and '.join(ends)}, where {len(first.values)} coexist{stable}: {', '.join(kinds)}."
        )


@unthreaded
def phase(
    race: Any,
    over: Mapping[str, Sequence[float]],
    *,
    starts: int = 4,
    seed: int = 1,
    all: bool = False,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Phase:
    """Map a race over two numbers, and say where several equilibria coexist.

    At each point an equilibrium is sought as in a sweep, then from shares of none, half and all,
    from one lab's all, and from random ones. Each equilibrium is then followed to the four points
    beside, and on from there as long as it is a new one: what passes up and down either number
    would find, and more. Nothing proves that there are no others.

    Parameters
    ----------
    race : Race
        N labs; of two labs all points are solved at once.
    over : dict of str to sequence of float
        Two numbers by their paths, as of :func:`leaderbored.sweep`, and their values.
    starts : int, default 4
        Random starts at each point.
    seed : int, default 1
        Of these.
    all : bool, default False
        Look for every equilibrium at the middle of each region, and say how many there are.
    n_jobs : int, optional
        Threads of kernels; by default one on each core.
    progress : callable, optional
        Called with ("phase", points, share of the work that is left, about).

    Returns
    -------
    Phase

    Raises
    ------
    GameFileError
        As of :func:`leaderbored.sweep`; or if there are not two numbers with two values or more.
    TypeError
        If it is no race.

    Examples
    --------
    >>> import leaderbored as lb
    >>> duel = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=4)
    >>> over = {"market.scarcity": [0.5, 0.9], "technology.handicap": [0.0, 0.1]}
    >>> found = phase(duel, over)
    >>> found.kinds.tolist(), found.several.any().item(), found.regret < 1e-9
    ([['run', 'run'], ['run', 'run']], False, True)
    """
    offering(race, "phase")
    grid = _sorted(gridded(race, over))
    made = Map(grid, seeker(grid, n_jobs), progress)
    made.sow(_starts(grid.game, starts, seed))
    made.spread()
    xs, ys = (np.asarray(values, dtype=float) for values in grid.over.values())
    spans = spans_of(made, xs, ys, n_jobs)
    regions = tuple(_close(one, made, all) for one in _regions(made, xs, ys, spans))
    across, along = grid.over
    size = grid.shape
    kinds, first = np.full(grid.size, "?", dtype=object), made.first
    for k, one in enumerate(first):
        if one is not None:
            kinds[k] = one.kind or None
    return Phase(
        title=str(grid.game.name or kind_of(grid.game).name),
        paths=(across, along),
        x=xs,
        y=ys,
        kinds=kinds.reshape(size),
        counts=np.array([len(found) for found in made.found]).reshape(size),
        spans=spans,
        regions=regions,
        regret=max((one.regret for found in made.found for one in found), default=np.nan),
        tried=made.tried,
    )


def _sorted(grid: Grid) -> Grid:
    """The grid with rising values, of two numbers."""
    if "rungs" in grid.over:
        said = "expected numbers that leave the leads as they are"
        raise GameFileError("phase", [Mistake("rungs", "", said)])
    if len(grid.over) != 2 or min(grid.shape) < 2:
        said = f"{len(grid.over)} numbers, expected two with two values or more each"
        raise GameFileError("phase", [Mistake("over", "", said)])
    return Grid(grid.game, {path: tuple(sorted(values)) for path, values in grid.over.items()})


def _starts(race: Any, count: int, seed: int) -> list[Array]:
    """Shares (N, S) to start from."""
    game = race.markov()
    players, size = game.lower.shape[0], len(game.states)
    shape = (players, size)
    made: list[Array] = [np.full(shape, share) for share in (0.0, 0.5, 1.0)]
    for k in range(len(race.labs)):
        alone = np.zeros(shape)
        alone[k] = 1.0
        made.append(alone)
    random = np.random.default_rng(seed)
    return [*made, *(random.random(shape) for _ in range(count))]


def _regions(made: Map, xs: Array, ys: Array, spans: Spans) -> list[Coexisting]:
    """Points with several equilibria that hang together: the largest regions."""
    from scipy.ndimage import distance_transform_edt, label

    several = np.array([len(known) > 1 for known in made.found]).reshape(len(xs), len(ys))
    names, count = label(several, structure=np.ones((3, 3)))
    deep = distance_transform_edt(np.pad(several, 1, mode="edge"))[1:-1, 1:-1]
    found = list[Coexisting]()
    for name in range(1, count + 1):
        points = np.argwhere(names == name)
        best = points[int(np.argmax(deep[names == name]))]
        columns = sorted(set(points[:, 0].tolist()))
        low, high = float(ys[points[:, 1].min()]), float(ys[points[:, 1].max()])
        for i in columns:
            touching = [s for s in spans[i] if s[0] <= high and s[1] >= low]
            low = min([low, *(s[0] for s in touching)])
            high = max([high, *(s[1] for s in touching)])
        wide = (float(xs[columns[0]]), float(xs[columns[-1]]))
        found.append((len(points), wide, (low, high), int(best[0] * len(ys) + best[1])))
    found.sort(key=lambda one: (-one[0], one[3]))
    return found[:REGIONS]


def _close(one: Coexisting, made: Map, all: bool) -> Region:
    """A region, with what holds in its middle."""
    points, x, y, place = one
    across, along = next(made.grid.points(np.array([place])))
    here = made.grid.at((across, along))
    stops = sorted(made.found[place], key=lambda stop: -float(stop.tie[0]))
    searched = len(solve(here, all=True).equilibria) if all else None
    return Region(
        points=points,
        x=x,
        y=y,
        at=(float(across), float(along)),
        verdicts=tuple(stop.kind for stop in stops),
        values=tuple(float(stop.tie[0]) for stop in stops),
        stable=tuple(_stable(here, stop) for stop in stops),
        searched=searched,
    )


def _stable(race: Any, stop: Stop) -> bool | None:
    """Whether best replies return to an equilibrium; None if it is not known."""
    for found in solve(race, start=stop.build).equilibria:
        tie = found.value[: len(race.labs), 0]
        same = Stop(found.build, tie, "", 0.0)
        return None if same.differs(stop) else found.stable
    return None

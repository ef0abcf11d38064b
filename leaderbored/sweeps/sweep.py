"""The verb: ``sweep(game, over)``, and the table of answers that it returns.

Every point is solved by itself, from the same start whatever was solved before: the answer at a
point depends neither on the order of points nor on how many processes share the work. Hundreds of
points of a race of two labs are solved together by kernels, see
:mod:`leaderbored.solvers.kernels`. What these do not take, or are not sure of, and all other games
go out in parcels through joblib, so that any of its backends can take them
(``with joblib.parallel_config(backend=...)``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from joblib import Parallel, delayed

from leaderbored.games.problems import GameFileError
from leaderbored.kinds import offering
from leaderbored.solvers import Method
from leaderbored.solvers.budget import Progress, checkpoint
from leaderbored.solvers.numerics.threads import one_thread, unthreaded
from leaderbored.solvers.reductions import chain as reduced
from leaderbored.sweeps.answers import Answers
from leaderbored.sweeps.grid import Grid
from leaderbored.sweeps.many import solve_many
from leaderbored.sweeps.point import Point, solve_point

if TYPE_CHECKING:
    import xarray

PARCEL = 20  # points that a process takes at a time


@unthreaded
def sweep(
    game: Any,
    over: Mapping[str, Any],
    method: Any = None,
    *,
    draws: int | None = None,
    design: str = "saltelli",
    seed: int = 1,
    all: bool | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> xarray.Dataset:
    """Solve a game over a grid of its numbers, or at random draws of them.

    Parameters
    ----------
    game : Race, MarkovGame, LinearQuadratic, NormalForm, Continuous or Contest
        N labs or players.
    over : dict of str to sequence of float
        Values of each number that moves, by its path: ``"market.scarcity"``,
        ``"labs.OpenAI.compute"``, ``"mechanisms.jackpot.chance"``; every combination is solved.
        With ``draws`` what is thought of each number: two ends, or a distribution as in game
        files, ``{"normal": [0.1, 0.03], "low": 0}``; also ``log_uniform``, ``triangular``, and
        ``draws`` of it, of several numbers those under one name of a ``table`` row by row.
    method : Method, FiniteMethod and so on, optional
        As in :func:`leaderbored.solve`. By default a race's regret is computed at every point
        and its stability is not.
    draws : int, optional
        Points to draw. By default every combination of values is solved.
    design : {"saltelli", "sobol", "random"}
        How: see :class:`leaderbored.sweeps.designs.Drawn`. From the first Sobol indices are
        estimated, see :func:`leaderbored.sensitivity`; it has whole blocks of points, so that
        there may be a few less than were asked for.
    seed : int, default 1
        Of the draws.
    all : bool, optional
        Look for every equilibrium, as in :func:`leaderbored.solve`.
    n_jobs : int, optional
        Processes, -1 for one on each core; by default one, or as
        :func:`joblib.parallel_config` says; threads of kernels, by default one on each core. It
        makes no difference to the answer.
    progress : callable, optional
        Called with ("sweep", points done, share of points left).

    Returns
    -------
    xarray.Dataset
        With a dimension for each number (of points that are drawn with one, ``draw``, along which
        the numbers are) and, for all games, ``status`` and ``message``, ``regret``
        (the largest, relative), ``equilibria`` (how many were found) and ``value`` (of each lab or
        player, in the first equilibrium: a race's at a tie, payoffs of a game played once, less
        the costs of a linear-quadratic one). For races also ``verdict``, ``verdicts`` (the kinds
        of all equilibria), ``mean_lead``, ``lead_changes``, ``reign``, ``repeat_win``,
        ``asymptote``, ``escape``, and what :func:`leaderbored.welfare` says of the first:
        ``advances``, ``served``, ``profits``, ``dissipation``, ``surplus`` and ``welfare``. Units
        are in the attributes of each; where there is no number there is nan. The attributes
        ``by_kernels`` and ``one_by_one`` say how many points were solved in which way. From 500
        points on races of two labs without mechanisms and growth go by kernels; their values are
        the same to ten digits.

    Raises
    ------
    GameFileError
        Listing every mistake in ``over``. A point at which there is no game is a mistake only if
        there is one at no point; otherwise its status is "invalid".
    TypeError, ValueError
        If there is no such game to solve, or no such number of processes.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=6)
    >>> found = lb.sweep(race, {"market.scarcity": [0.6, 0.9], "technology.flywheel": [0, 1]})
    >>> found["verdict"].values.tolist()
    [['run', 'race'], ['run', 'breakaway']]
    >>> found["value"].dims, bool(found["regret"].max() < 1e-9)
    (('market.scarcity', 'technology.flywheel', 'lab'), True)
    >>> drawn = lb.sweep(race, {"market.scarcity": (0.5, 0.9)}, draws=9, design="sobol")
    >>> drawn["market.scarcity"].attrs["law"], drawn.sizes["draw"]
    ('uniform, low 0.5, high 0.9', 9)
    """
    if n_jobs == 0:
        raise ValueError("n_jobs: 0, expected 1 or more, or -1 for all cores")
    grid = gridded(game, over, draws=draws, design=design, seed=seed)
    return solved(grid, method, all=all, n_jobs=n_jobs, progress=progress)


def gridded(game: Any, over: Mapping[str, Any], **drawn: Any) -> Grid:
    """The grid of a sweep over a game that can be swept, in the form that files have.

    Raises
    ------
    GameFileError, TypeError
        As of :func:`sweep`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> gridded(lb.NormalForm([[[1, 0], [0, 1]]] * 2), {"payoffs.0.0.0": [1, 2]}).size
    2
    """
    game = reduced(game, "file").game
    offering(game, "sweep")
    return Grid.of(game, over, **drawn)


def solved(
    grid: Grid,
    method: Any = None,
    *,
    all: bool | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> xarray.Dataset:
    """Solve the games of a grid; of a part of one there may be games at no point.

    What it takes and returns is that of :func:`sweep`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> solved(Grid(race, {"market.scarcity": (-1.0,)}))["status"].values.tolist()
    ['invalid']
    """
    kind = offering(grid.game, "sweep")
    answers, places = Answers(grid), np.arange(grid.size)
    if method is None and kind.sweep_method and not all:
        method = kind.get("sweep_method")
        threads = None if n_jobs is None or n_jobs < 0 else n_jobs
        places = solve_many(answers, threads, progress)
    points, size = grid.points(places), 1 if all else PARCEL
    parcels = [places[k : k + size] for k in range(0, len(places), size)]
    work = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_parcel)(grid, list(islice(points, len(parcel))), method, all) for parcel in parcels
    )
    for parcel, found in zip(parcels, _watched(work, len(places), progress), strict=True):
        answers.put(parcel, found)
    return answers.table(
        all=int(bool(all)),
        seed=_seed(method),
        by_kernels=grid.size - len(places),
        one_by_one=len(places),
    )


def one_of(grid: Grid, all: bool | None = None) -> Point:
    """The answer at the first point of a grid, as if it were solved one by one.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[1, 0], [0, 1]]] * 2)
    >>> one_of(gridded(game, {"payoffs.0.0.0": [1, 2]})).status
    'converged'
    """
    kind = offering(grid.game, "sweep")
    method = kind.get("sweep_method") if kind.sweep_method and not all else None
    return _parcel(grid, [next(grid.points())], method, all)[0]


def _parcel(grid: Grid, points: Sequence[Sequence[float]], method: Any, all: Any) -> list[Point]:
    """Solve some points, on one thread: the number of threads would show in the last digits."""
    with one_thread():
        return [_one(grid, point, method, all) for point in points]


def _one(grid: Grid, point: Sequence[float], method: Any, all: bool | None) -> Point:
    checkpoint()  # no game is begun when there is no time left
    try:
        game = grid.at(point)
    except GameFileError as error:
        return Point("invalid", "; ".join(f"{p.place}: {p.expected}" for p in error.mistakes))
    return solve_point(game, method, all)


def _watched(
    work: Iterable[list[Point]], count: int, progress: Progress | None
) -> Iterable[list[Point]]:
    done = 0
    for parcel in work:
        done += len(parcel)
        if progress is not None:
            progress("sweep", done, 1 - done / count)
        yield parcel


def _seed(method: Any) -> int:
    """Of the searches for every equilibrium."""
    home = getattr(method, "search", method)
    return int(getattr(home, "seed", Method().search.seed))

"""Where a solved Markov game goes: expected change of its states, and their expected path."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import expm_multiply

from leaderbored.games.markov import Array
from leaderbored.games.stochastic import MarkovGame
from leaderbored.solvers.numerics.linear import solve_sparse
from leaderbored.solvers.solution import MarkovEquilibrium
from leaderbored.solvers.stochastic.problem import Problem

GUESSES = 100  # periods, or so, after which a state is taken in which much time is spent


def drift(game: MarkovGame, equilibrium: MarkovEquilibrium) -> Array:
    """(S, D) expected change of the state variables, per year or per period.

    Examples
    --------
    >>> import leaderbored as lb
    >>> lab = lb.MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                       events=[lb.Event({"d": "1"}, hazard="0.5")])
    >>> game = MarkovGame([lab], 0.1, states={"d": (0, 1)})
    >>> drift(game, lb.solve(game).equilibria[0]).ravel().tolist()
    [0.5, 0.0]
    """
    grid = game.grid.astype(float)
    return np.asarray(_generator(game, equilibrium) @ grid)


def expected_path(
    game: MarkovGame, equilibrium: MarkovEquilibrium, times: Array, start: int = 0
) -> Array:
    """(T, D) expected state variables at times from now.

    Parameters
    ----------
    game : MarkovGame
    equilibrium : MarkovEquilibrium
    times : (T,) array
        Years, or numbers of periods; rising by equal steps from zero.
    start : int, default 0
        Index of the state now.

    Raises
    ------
    ValueError
        If times are not as described.

    Examples
    --------
    >>> import leaderbored as lb
    >>> lab = lb.MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                       events=[lb.Event({"d": "1"}, hazard="0.5")])
    >>> game = MarkovGame([lab], 0.1, states={"d": (0, 1)})
    >>> path = expected_path(game, lb.solve(game).equilibria[0], np.array([0.0, 2.0]))
    >>> path.ravel().round(6).tolist()  # 1 - exp(-1)
    [0.0, 0.632121]
    """
    steps = np.diff(times)
    even = len(times) > 1 and times[0] == 0 and steps[0] > 0 and np.allclose(steps, steps[0])
    whole = game.time == "continuous" or np.allclose(times, np.rint(times))
    if not (even and whole):
        raise ValueError("times: expected 0 and equal steps up, of whole periods in discrete time")
    grid, law = game.grid.astype(float), np.zeros(game.size)
    law[start] = 1.0
    moves = _generator(game, equilibrium).T
    if game.time == "continuous":
        laws = expm_multiply(moves, law, start=0.0, stop=float(times[-1]), num=len(times))
        return np.asarray(laws @ grid)
    laws = [law]
    for _ in range(round(float(times[-1]))):
        law = law + moves @ law
        laws.append(law)
    return np.asarray(np.array(laws)[np.rint(times).astype(int)] @ grid)


def horizon(game: MarkovGame, equilibrium: MarkovEquilibrium) -> float:
    """A time, in years, that shows where play goes: three of discounting, or a thousand events.

    Examples
    --------
    >>> import leaderbored as lb
    >>> lab = lb.MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                       events=[lb.Event({"d": "1 - d"}, hazard="0.5")])
    >>> game = MarkovGame([lab], 0.1, states={"d": (0, 1)})
    >>> horizon(game, lb.solve(game).equilibria[0])
    30.0
    """
    fastest = float(-_generator(game, equilibrium).diagonal().min())
    return min(3 / game.discount, 1000 / max(fastest, 1e-300))


def _generator(game: MarkovGame, equilibrium: MarkovEquilibrium) -> sp.csr_array:
    """(S, S) rates of change of the law of the state, rows adding up to zero."""
    problem = Problem(game)
    laws = (np.atleast_2d(law.T) for law in equilibrium.policy.values())
    moves, _ = problem.chain(np.concatenate(list(laws)))
    out = np.asarray(moves.sum(axis=1)).ravel()
    return sp.csr_array(moves - sp.diags_array(out))


def stationary(moves: sp.csr_array, continuous: bool) -> Array | None:
    """(S,) long-run shares of time from rates or chances; None if they depend on the start."""
    size = moves.shape[0]
    count, classes = connected_components(moves, connection="strong")
    rows, columns = (moves > 0).nonzero()
    left = {*classes[rows[classes[rows] != classes[columns]]].tolist()}
    if count - len(left) > 1:  # where it ends depends on the start; SuperLU may crash on that
        return None
    out = np.asarray(moves.sum(axis=1)).ravel()
    flow = (sp.diags_array(out if continuous else np.ones(size)) - moves).T.tocsr()
    mark = _frequent(flow, ~np.isin(classes, [*left]))
    others = np.flatnonzero(np.arange(size) != mark)
    inner = flow[others]
    within = solve_sparse(inner[:, others], -inner[:, [mark]].toarray().ravel())
    if within is None:
        return None
    found = np.insert(within, mark, 1.0)
    found /= np.abs(found).sum()
    if not found.min() > -1e-9:
        return None
    found = np.maximum(found, 0.0)
    return np.asarray(found / found.sum())


def _frequent(flow: sp.csr_array, stays: NDArray[np.bool_]) -> int:
    """A state of those that play returns to, in which much time is spent."""
    fastest = float(flow.diagonal().max()) or 1.0
    law = stays / stays.sum()
    for _ in range(GUESSES):
        law = law - flow @ law / (2 * fastest)
    return int(np.where(stays, law, -1.0).argmax())

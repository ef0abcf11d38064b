"""Exact simulation of a leaderboard, event by event.

The direct method: the time to the next success is exponential with the total hazard, and the lab
that succeeds is drawn in proportion to its hazard (Gillespie, J. Physical Chemistry 81, 1977).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array, Markov, States
from leaderbored.race.alike import Ordered


@dataclass(frozen=True, eq=False)
class Path:
    """One simulated history of E successes.

    Attributes
    ----------
    times : (E + 1,) array
        When each state began; the first is 0. Years.
    states : (E + 1,) int array
        Index of the state.
    labs : (E,) int array
        Which lab succeeded.
    years : float
        End of the history.
    """

    times: Array
    states: States
    labs: States
    years: float

    def occupancy(self, size: int) -> Array:
        """(size,) share of time in each state.

        Examples
        --------
        >>> Path(np.array([0.0, 3.0]), np.array([0, 1]), np.array([0]), 4.0).occupancy(2).tolist()
        [0.75, 0.25]
        """
        stays = np.diff(self.times, append=self.years)
        return np.bincount(self.states, weights=stays, minlength=size) / self.years


def behind(game: Markov, path: Path) -> States:
    """(E + 1, N) rungs that each lab is behind the frontier, date by date.

    Where alike labs are not told apart, one that succeeds is followed, and so are the others, from
    the first state on, in which they stand in the order of the game file.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.race.alike import Alike
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> path = Path(np.arange(3.0), np.array([0, 1, 2]), np.array([1, 0]), 3.0)
    >>> behind(Alike(race).ordered, path).tolist()  # B gets ahead, and stays so
    [[0, 0], [1, 0], [2, 0]]
    """
    found = game.states[path.states]
    if not isinstance(game, Ordered):
        return found
    alike, who = game.alike, np.arange(found.shape[1])  # the lab that stands in each place
    told = [found[0]]
    for here, seat, to in zip(path.states, path.labs, path.states[1:], strict=False):
        board = alike.after_success(int(here), int(seat), int(to))
        rungs = np.empty_like(board)
        rungs[who] = board
        told.append(rungs)
        for labs in alike.sorts:
            who[list(labs)] = who[np.array(labs)[np.argsort(board[list(labs)], kind="stable")]]
    return np.array(told)


def simulate(game: Markov, build: Array, years: float, *, seed: int, start: int = 0) -> Path:
    """Simulate the states under fixed shares.

    Parameters
    ----------
    game : Markov
        N players, S states.
    build : (N, S) array
        Shares.
    years : float
        Length of the history; positive.
    seed : int
        Of numpy's PCG64 generator; the same seed gives the same history.
    start : int, default 0
        Index of the first state; 0 is the tie.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If ``years`` is not positive.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> solution = lb.solve(race)
    >>> path = simulate(solution.markov, solution.equilibria[0].build, years=10, seed=1)
    >>> len(path.times) == len(path.labs) + 1
    True
    """
    if not years > 0:
        raise ValueError(f"years = {years}: expected a positive number")
    rng = np.random.default_rng(seed)
    hazard = game.hazard(build)
    total = hazard.sum(axis=0)
    ladder = np.cumsum(hazard, axis=0).T
    bounds = [jump.indptr for jump in game.jump]
    times, states, labs = [0.0], [start], list[int]()
    now, state = 0.0, start
    while total[state] > 0:
        wait, lab_draw, landing = rng.exponential(), rng.random(), rng.random()
        if wait >= (years - now) * total[state]:
            break
        now += wait / total[state]
        lab = int(np.searchsorted(ladder[state], lab_draw * total[state], side="right"))
        first, last = bounds[lab][state], bounds[lab][state + 1]
        chances = np.cumsum(game.jump[lab].data[first:last])
        spot = min(int(np.searchsorted(chances, landing, side="right")), last - first - 1)
        state = int(game.jump[lab].indices[first + spot])
        times.append(now)
        states.append(state)
        labs.append(lab)
    return Path(np.array(times), np.array(states), np.array(labs, dtype=np.int64), years)

r"""Basins of attraction: from which policies do best replies lead where?

Start policies are drawn at random, each is followed by best-response dynamics, and each ends at a
known equilibrium or at none. The shares depend on the law of the starts, which is this: every
player draws a reach (a number of successes from the first state, uniform up to the farthest), a
temper and a thrift (uniform between 0 and 1). In each state within its reach it builds flat out
with a chance equal to its temper; everywhere else it leaves idle compute unused with a chance
equal to its thrift, and builds with it otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from leaderbored.games.markov import Array, Markov, States
from leaderbored.solvers.budget import Budget, Limit, Progress
from leaderbored.solvers.markov.apart import told_apart
from leaderbored.solvers.markov.compiled import system_of
from leaderbored.solvers.markov.rounds import Rounds
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.solution import Equilibrium, Solution, game_of


@dataclass(frozen=True)
class Basin:
    """How often best-response dynamics led to one equilibrium.

    Attributes
    ----------
    share : float
        Of the starts.
    error : float
        Its standard error (with half a success and half a failure added, so that it is not
        zero where all starts agree).
    start : float or None
        Mean share of building in the policies that led there; None if none did.
    settings : dict of str to str
        The numbers by which it was found: samples, seed, adjustment, rounds and arrived.

    Examples
    --------
    >>> Basin(1.0, 0.01, 0.3).share
    1.0
    """

    share: float
    error: float
    start: float | None
    settings: dict[str, str] = field(default_factory=dict, hash=False)


@unthreaded
def basin(
    solution: Solution,
    samples: int = 100,
    seed: int = 1,
    *,
    adjustment: float = 1.0,
    rounds: int = 1_000,
    arrived: float = 1e-4,
    limit: Limit | None = None,
    progress: Progress | None = None,
) -> tuple[Basin, ...]:
    """Estimate from which share of random policies best replies lead to each equilibrium.

    Parameters
    ----------
    solution : Solution
        Best solved with ``all=True``.
    samples : int, default 100
        Number of starts.
    seed : int, default 1
    adjustment : float, default 1
        Fraction of the way to the best reply in each round.
    rounds : int, default 1000
        After which a start counts as leading nowhere.
    arrived : float, default 1e-4
        Distance of all hazards from those of an equilibrium, relative to the largest hazard, at
        which a start has led there.
    limit : float or callable, optional
        Seconds after which no further start is drawn, or a function that says True when to stop;
        the shares are then of fewer samples, as ``error`` tells.
    progress : callable, optional

    Returns
    -------
    tuple of Basin
        One for each equilibrium, and a last one for starts that lead to none of them: to a
        cycle, to an equilibrium not in the list, or too slowly.

    Raises
    ------
    ValueError
        If there are no samples.
    TypeError
        If it is not the solution of a race or of another :class:`leaderbored.Markov` game.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1, 1.8]),
    ...                lb.Technology(1, 0.8, leapfrog=1), discount=0.1, rungs=2)
    >>> found = lb.basin(lb.solve(race, all=True), samples=20, adjustment=0.5)
    >>> [round(basin.share, 2) for basin in found]  # A leads, B leads, both chase, nowhere
    [0.5, 0.35, 0.15, 0.0]
    """
    if samples < 1:
        raise ValueError(f"samples: {samples}, expected 1 or more")
    game_of(solution, "basin", limits=False)
    replies, random = Rounds(system_of(solution.game)), np.random.default_rng(seed)
    targets = [_seen(replies, _rest(told_apart(one))) for one in solution.equilibria]
    builds: list[list[float]] = [[] for _ in range(len(targets) + 1)]
    budget, drawn = Budget(limit), 0
    for k in range(samples):
        if drawn and budget.spent():
            break
        if progress:
            progress("basins of attraction", k, 1 - k / samples)
        start = random_shares(replies.system.game, random)
        end = _end(replies, start, targets, adjustment=adjustment, most=rounds, arrived=arrived)
        builds[end].append(float(start.mean()))
        drawn += 1
    numbers = {
        "samples": drawn,
        "seed": seed,
        "adjustment": adjustment,
        "rounds": rounds,
        "arrived": arrived,
    }
    settings = {name: str(number) for name, number in numbers.items()}
    return tuple(_summary(group, drawn, settings) for group in builds)


def random_shares(game: Markov, random: np.random.Generator, away: States | None = None) -> Array:
    """(N, S) start policy, drawn as the head of this module says.

    ``away`` (S,) are the numbers of :func:`jumps_away`, if they are known.
    """
    players = len(game.players)
    away = jumps_away(game) if away is None else away
    temper, thrift = random.uniform(size=(2, players, 1))
    flat_out = random.uniform(size=game.lower.shape) < temper
    wasteful = random.uniform(size=game.lower.shape) < thrift
    within = away <= random.integers(0, int(away.max()) + 1, size=(players, 1))
    return np.where(flat_out & within, game.upper, np.where(wasteful, game.lower, game.idle))


def jumps_away(game: Markov) -> States:
    """(S,) least number of successes that lead from the first state to each."""
    graph = csr_matrix(sum(game.jump[1:], game.jump[0]))
    away = dijkstra(graph, indices=0, unweighted=True)
    steps: States = np.where(np.isfinite(away), away, away[np.isfinite(away)].max()).astype(int)
    return steps


def _rest(found: Equilibrium) -> Array:
    """The play of an equilibrium."""
    return found.build if found.rent is None else np.vstack([found.build, found.rent])


def _seen(rounds: Rounds, play: Array) -> Array:
    """(N, S) hazards of a play over the largest; where compute is rented, its rents likewise."""
    game = rounds.system.game
    hazard = game.hazard(rounds.shares(play)) / (float(game.hazard(game.upper).max()) or 1.0)
    return np.vstack([hazard, play[rounds.players :] / rounds.dearest])


def _end(
    rounds: Rounds,
    build: Array,
    targets: Sequence[Array],
    *,
    adjustment: float,
    most: int,
    arrived: float,
) -> int:
    """Index of the equilibrium reached, or one past the last."""
    play = rounds.first(build)
    for _ in range(most if targets else 0):
        here = _seen(rounds, play)
        apart = [float(np.abs(target - here).max()) for target in targets]
        if min(apart) <= arrived:
            return int(np.argmin(apart))
        play = play + adjustment * (rounds.reply(play, rounds.value(play)) - play)
    return len(targets)


def _summary(builds: list[float], samples: int, settings: dict[str, str]) -> Basin:
    count = len(builds)
    guess = (count + 0.5) / (samples + 1)
    error = float(np.sqrt(guess * (1 - guess) / samples))
    return Basin(count / samples, error, float(np.mean(builds)) if builds else None, settings)

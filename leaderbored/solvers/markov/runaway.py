r"""Games in which money grows faster than it is discounted, and what is to be said of them.

With :math:`Q` the rates of a policy, weighed by the growth of money, values are finite iff the
largest real part of its eigenvalues, its abscissa, is below :math:`\rho`. The largest rise of money
in any state is an upper bound on it, and so

* where :math:`\rho` is above the largest rise at full build, all values are finite
  (:attr:`leaderbored.games.Markov.decay`);
* and where some :math:`v > 0` has :math:`Q v \ge a v`, with :math:`a > \rho`, for one policy of a
  player and every policy of the others, that player's value is infinite whatever they do (Collatz
  and Wielandt: Berman and Plemmons, Nonnegative Matrices in the Mathematical Sciences, 1994,
  ch. 2). It builds a little less, and earns without end. Such a v is looked for by power steps.

In between equilibria with finite values may exist or not, and are looked for.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.solution import Found, Status

INFINITE = Status(
    "not converged",
    "no equilibrium with finite values was found: money may grow faster than it is discounted",
    "lower growth or technology.productivity, or raise discount",
)
STEPS = 400  # of the power method
SURE = 1e-9  # relative, by which growth must exceed the discount rate


def runaway(game: Markov) -> Status | None:
    """Why no equilibrium has finite values; None where some may.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(1.5),
    ...                lb.Technology(1), discount=0.1, rungs=2, growth=1.05)
    >>> runaway(race.markov())
    >>> print(runaway(replace(race, growth=1.2).markov()).message)
    A alone can make money grow faster than it is discounted, whatever the others do
    """
    if game.decay > 0 or game.speed is not None:
        return None
    system, least = System(game), game.payoff(game.lower).min(axis=1)
    low, high = game.hazard(game.lower), game.hazard(game.upper)
    for i in np.flatnonzero((least > 0) & (game.upper > game.lower).all(axis=1)).tolist():
        if _fastest(system, i, low, high) > game.discount * (1 + SURE):
            why = "alone can make money grow faster than it is discounted, whatever the others do"
            return replace(INFINITE, message=f"{game.players[i]} {why}")
    return None


def _fastest(system: System, i: int, low: Array, high: Array) -> float:
    """A rate at which player i can make money grow whatever the others do; 1/year."""
    value, found = np.ones(system.size), 0.0
    step = 1 / float(high.sum(axis=0).max() or 1.0)
    for _ in range(STEPS):
        effect = np.array([move @ value for move in system.moves])
        hazard = np.where(effect > 0, low, high)
        hazard[i] = np.where(effect[i] > 0, high[i], low[i])
        flow = (hazard * effect).sum(axis=0)
        found = max(found, float((flow / value).min()))
        if found > system.game.discount * (1 + SURE):
            break
        value = value + step * flow
        value = value / value.max()
        if not value.min() > 0:
            break
    return found


def finite(game: Markov, found: Found) -> Found:
    """What was found, without that at which values are infinite.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(1.5),
    ...                lb.Technology(1), discount=0.1, rungs=2, growth=1.05)
    >>> solution = lb.solve(race)
    >>> kept = finite(race.markov(), Found(solution.equilibria, solution.status, solution.census))
    >>> len(kept.equilibria), kept.status.code
    (1, 'converged')
    """
    if game.decay > 0 or (found.status.code == "stopped" and found.equilibria):
        return found
    if found.status.code == "stopped":
        message = f"{found.status.message}; money may grow faster than it is discounted"
        return replace(found, status=Status("stopped", message, INFINITE.advice))
    kept = [
        one
        for one in found.equilibria
        if not np.isinf(one.regret) and System(one.game).lasts(one.build)
    ]
    if kept:
        return replace(found, equilibria=kept)
    return Found([], INFINITE, replace(found.census, complete="partial"))

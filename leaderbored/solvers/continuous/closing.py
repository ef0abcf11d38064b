"""Where payoffs jump: grids that close in on the profile with the least regret.

At an equilibrium on a jump, as where two firms undercut each other down to cost, no first-order
condition holds and best replies are not attained. Of a few strategies in all the profile whose
regret is least is found on a grid, and a finer grid is laid around it, again and again. Deviations
are always to the whole range.
"""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.continuous.program import Program

MOST_STRATEGIES = 3  # strategies of all players together
WHOLE, NEAR = 25, 9  # points across the range, and across what is closed in on
CLOSER, ROUNDS = 0.6, 72  # 0.6^72 is rounding
STARTS_PER_BOX = 3


def closing_grids(program: Program, budget: Budget) -> Array:
    """Profiles on which the grids close in.

    Parameters
    ----------
    program : Program
        With n strategies.
    budget : Budget
        When to stop.

    Returns
    -------
    (K, n) array
        Whether they are equilibria is not looked at. Empty unless each player has one bounded
        strategy, and there are no more than three players.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> sells = "(p - 0.2) * (1 - p) * (1 if p < {0}.p else (0.5 if p == {0}.p else 0))"
    >>> game = lb.Continuous([Player(n, {"p": [0, 1]}, sells.format(m)) for n, m in ("AB", "BA")])
    >>> closing_grids(Program(game), Budget(None))[0].round(9).tolist()
    [0.2, 0.2]
    """
    low, high = program.lower[: program.n], program.upper[: program.n]
    plain = program.n == len(program.groups) and not program.bound and not len(program.totals)
    if (
        not plain
        or program.n > MOST_STRATEGIES
        or program.code.numeric
        or not np.isfinite([low, high]).all()
    ):
        return np.zeros((0, program.n))
    whole = low + np.linspace(0, 1, WHOLE)[:, None] * (high - low)
    regret = _regret(program, whole, whole)
    found: list[Array] = []
    for k in np.argsort(regret, axis=None, kind="stable").tolist():
        at = whole[np.unravel_index(k, regret.shape), np.arange(program.n)]
        if all((np.abs(at - other) > 2 * (high - low) / WHOLE).any() for other in found):
            found.append(at)
        if len(found) == STARTS_PER_BOX:
            break
    return np.array([_closed(program, at, whole, budget) for at in found])


def _closed(program: Program, at: Array, whole: Array, budget: Budget) -> Array:
    """Where finer and finer grids around a profile lead."""
    low, high = whole[0], whole[-1]
    width = (high - low) / WHOLE
    for _ in range(ROUNDS):
        if budget.spent():
            break
        near = np.clip(at + np.linspace(-1, 1, NEAR)[:, None] * width, low, high)
        regret = _regret(program, near, np.vstack([near, whole]))
        best = np.unravel_index(int(regret.argmin()), regret.shape)
        at, width = near[best, np.arange(program.n)], CLOSER * width
    return at


def _regret(program: Program, grid: Array, deviations: Array) -> Array:
    """(K, ..., K) the largest gain of one player from a deviation, at each profile on a grid."""
    worst = np.zeros((len(grid),) * program.n)
    for g in range(program.n):
        axes = [*grid.T]
        axes[g] = np.concatenate([grid[:, g], deviations[:, g]])
        mesh = np.meshgrid(*axes, indexing="ij")
        x = np.array([axis.ravel() for axis in mesh])
        payoff = program.payoff(g, x[g][:, None], x).reshape(mesh[0].shape)
        payoff = np.moveaxis(np.where(np.isnan(payoff), -np.inf, payoff), g, 0)
        here, best = payoff[: len(grid)], payoff.max(axis=0)
        size = np.ptp(payoff[np.isfinite(payoff)]) if np.isfinite(payoff).any() else 0.0
        with np.errstate(invalid="ignore"):
            gain = np.where(np.isfinite(here), (best - here) / (size or 1.0), np.inf)
        worst = np.maximum(worst, np.moveaxis(gain, 0, g))
    return worst

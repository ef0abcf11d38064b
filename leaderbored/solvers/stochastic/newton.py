"""Engines for one equilibrium of a Markov game, and the path from impatience.

Newton's method on the whole problem comes first. Where that fails, values and choices take turns
(policy iteration), and where that fails too, the game is solved for players that only look at today
and followed as they grow patient.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.complementarity import Newton
from leaderbored.solvers.numerics.sparse import Single, linearise
from leaderbored.solvers.numerics.stride import advance
from leaderbored.solvers.stochastic.problem import Problem

LARGE = 20_000  # unknowns from which steps are dear
LEAST = -6.0  # power of ten of the patience at which players only look at today
Watch = Callable[[str, int, float], None]


def newton(
    problem: Problem,
    z: Array,
    steps: int = 40,
    avoid: list[Array] | None = None,
    watch: Watch | None = None,
) -> Array | None:
    """Solve the problem from a point.

    Parameters
    ----------
    problem : Problem
    z : (size,) array
    steps : int
        Largest number of steps.
    avoid : list of (size,) arrays, optional
        Solutions to keep away from (deflation).
    watch : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    (size,) array or None
        None where the steps do not die out.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b + d", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> problem = Problem(MarkovGame([lab], discount=0.5, states={"d": (0, 1)}))
    >>> z = newton(problem, problem.point(np.full((1, 2), 0.5)))
    >>> value = z[problem.slot["value"]][0]
    >>> bool(np.isclose(0.5 * value[0], 1 + (value[1] - value[0]) ** 2 / 4))  # the maximum over b
    True
    """
    told = np.unique(problem.slot["choice"])
    settings = Newton(steps, patience=12 if problem.size < LARGE else 4, enough=1e-11)
    known = np.array(avoid) if avoid else None
    tell = partial(watch, "Newton's method") if watch else None
    found = settings.run(Single(problem), z[None], known, told=told, watch=tell)
    return found[0] if len(found) else None


def take_turns(
    problem: Problem, z: Array, rounds: int = 60, watch: Watch | None = None
) -> Array | None:
    """Policy iteration: choices take a Newton step against values, values follow choices.

    Returns
    -------
    (size,) array or None
        A solution, from where Newton's method takes over now and then.
    """
    stage = np.setdiff1d(np.arange(problem.size), problem.slot["value"])
    omega, last = 1.0, np.inf
    for k in range(rounds):
        checkpoint()
        here = linearise(problem, z)
        step = here.part(stage).step(z[stage])
        if step is None or not np.isfinite(here.error):
            return None
        distance = float(np.abs(step).max(initial=0.0))
        omega = max(omega / 2, 0.05) if distance > 0.95 * last else min(1.0, 1.2 * omega)
        last = distance
        z = z.copy()
        z[stage] = np.clip(z[stage] + omega * step, problem.lower[stage], problem.upper[stage])
        values = problem.evaluate(z[problem.slot["choice"]])
        z[problem.slot["value"]] = values
        if watch:
            watch("policy iteration", k, min(1.0, distance))
        if distance < 1e-2 or k % 10 == 9:
            found = newton(problem, z, 12)
            if found is not None:
                return found
    return None


def from_impatience(problem: Problem, x: Array, watch: Watch | None = None) -> Array | None:
    """The game solved with little patience, and followed as patience grows; None if it folds."""

    def solve(there: float, near: Array | None) -> Array | None:
        patience = 10.0**there if problem.continuous else 1 - (1 - 10.0**-6) * (-there / 6)
        rates = problem.discount / patience if problem.continuous else problem.discount * patience
        beside = problem.shifted(rates) if there < 0 else problem
        start = beside.point(x) if near is None else near
        found = newton(beside, start, 30)
        if found is None:
            found = take_turns(beside, start, 30)
        if watch:
            watch("path from impatience", 0, -there / 6)
        return found

    first = solve(LEAST, None)
    return None if first is None else advance(solve, first, (LEAST, 0.0), 1.5, 1e-3)

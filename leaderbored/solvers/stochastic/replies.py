"""Best-reply iteration of Markov games: values follow choices, choices move to best replies.

Slower than Newton's method and in need of nobody's derivatives: it finds which choices rest at a
bound where payoffs are infinitely steep there, as success is at no effort under a hazard that is a
root. What it comes near to is solved by Newton's method, which may be led astray where choices
rest on kinks; then it goes on until replies no longer move.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.stochastic.assess import best_reply
from leaderbored.solvers.stochastic.newton import Watch, newton
from leaderbored.solvers.stochastic.problem import Problem

ROUNDS = 120
NEAR = 0.03  # largest change of a choice from which Newton's method is tried
LEAST = 0.05  # of the way to the best reply
STILL = 1e-13  # change of a choice at which it rests


def best_replies(problem: Problem, x: Array, watch: Watch | None = None) -> Iterator[Array]:
    """Iterate from choices; solutions of the problem on the way, and where it comes to rest.

    Parameters
    ----------
    problem : Problem
    x : (X, S) array
    watch : callable, optional
        Called with (phase, round, distance).

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b + d", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> problem = Problem(MarkovGame([lab], discount=0.5, states={"d": (0, 1)}))
    >>> z = next(best_replies(problem, np.zeros((1, 2))))
    >>> z[problem.slot["choice"]].round(6).tolist()
    [[0.381966, 0.0]]
    """
    step, last, x = 1.0, np.inf, x.copy()
    for k in range(ROUNDS):
        value, z = problem.evaluate(x), problem.point(x)
        for i in problem.leads:
            mine = [c for c, (owner, _) in enumerate(problem.stage.choices) if owner == i]
            z[problem.slot["choice"][mine]] = best_reply(problem, i, x, value[i])
        replies = z[problem.slot["choice"]]
        apart = float((np.abs(replies - x) / (1 + np.abs(x))).max())
        if watch:
            watch("best replies", k, min(1.0, apart))
        if apart < NEAR or k % 20 == 19:
            found = newton(problem, problem.point(replies), 12)
            if found is not None:
                yield found
        if apart < STILL:
            yield problem.point(replies)
            return
        step = max(step / 1.5, LEAST) if apart > 0.9 * last else min(1.0, 1.1 * step)
        x, last = x + step * (replies - x), apart

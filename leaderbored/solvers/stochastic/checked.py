"""A solution of the conditions of a Markov game as an answer, with its certificate."""

from __future__ import annotations

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import LATE
from leaderbored.solvers.numerics.sparse import linearise
from leaderbored.solvers.proof import UNTRIED, unproved
from leaderbored.solvers.solution import MarkovEquilibrium
from leaderbored.solvers.stochastic.certificate import choice_error, regret
from leaderbored.solvers.stochastic.method import MarkovMethod
from leaderbored.solvers.stochastic.motion import stationary
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.replies import away
from leaderbored.solvers.stochastic.stability import index, radius

EQUATION_ERROR = 1e-9  # error of the equations from which multipliers of kinks are not known


def sign(problem: Problem, z: Array) -> int:
    """The index of a solution (size,); 0 where it is not known.

    Examples
    --------
    >>> import numpy as np
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> problem = Problem(MarkovGame([MarkovPlayer("A", "-b", {"b": (0, 1)})], discount=0.1))
    >>> sign(problem, problem.point(np.zeros((1, 1))))
    1
    """
    return index(problem, z) if linearise(problem, z).error <= EQUATION_ERROR else 0


def checked(
    problem: Problem, z: Array, name: str, method: MarkovMethod, known: int | None = None
) -> MarkovEquilibrium:
    """A solution with its certificate, before anything is proved of it.

    Parameters
    ----------
    problem : Problem
    z : (size,) array
    name : str
        Of the engine that found it.
    method : MarkovMethod
    known : int, optional
        Its index, where that is known; 0 if it has none.

    Examples
    --------
    >>> import numpy as np
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> problem = Problem(MarkovGame([MarkovPlayer("A", "1 - b", {"b": (0, 1)})], discount=0.1))
    >>> checked(problem, problem.point(np.ones((1, 1))), "by hand", MarkovMethod()).regret > 1
    True
    """
    x = z[problem.slot["choice"]]
    policy = {}
    for i, agent in enumerate(problem.game.agents):
        mine = problem.stage.owned[i]
        one = len(mine) == 1 and not agent.player.options
        policy[agent.name] = x[mine[0]] if one else x[mine].T
    moves, _ = problem.chain(x)
    error, gain = linearise(problem, z).error, float(regret(problem, x).max())
    # else choices rest on kinks with multipliers that are not known
    solved = error <= EQUATION_ERROR
    good = gain <= method.tolerance
    if known is None:
        known = sign(problem, z) if good else 0
    return MarkovEquilibrium(
        policy=policy,
        value=problem.evaluate(x),
        regret=gain,
        residual=error if solved else away(problem, x),
        radius=radius(problem, z, method.slopes) if solved and good else None,
        index=known or None,
        stationary=stationary(moves, problem.continuous),
        method=name,
        choice_error=choice_error(problem, x),
        proof=unproved(LATE if good else f"{UNTRIED} its regret is too large"),
    )

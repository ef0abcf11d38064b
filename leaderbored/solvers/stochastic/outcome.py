"""What is said where a search for equilibria of a Markov game ends without one."""

from __future__ import annotations

from leaderbored.solvers.solution import Status
from leaderbored.solvers.stochastic.problem import Problem


def undiscounted(problem: Problem) -> str:
    """What may help where nothing is discounted; empty where something is.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> undiscounted(Problem(MarkovGame([MarkovPlayer("A", "-b", {"b": (0, 2)})], discount=0.1)))
    ''
    """
    if problem.continuous or problem.discount.max() < 1:
        return ""
    return "take a discount below 1, so that play which never ends is an answer, too"


def unfound(problem: Problem, candidates: int) -> Status:
    """How a search ended that found no equilibrium, and what may help.

    Parameters
    ----------
    problem : Problem
    candidates : int
        Number of solutions of the first-order conditions that are no equilibria.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> problem = Problem(MarkovGame([MarkovPlayer("A", "-b", {"b": (0, 2)})], discount=0.1))
    >>> unfound(problem, 2).advice
    'there may be none without mixing: give lists of actions instead'
    """
    if advice := undiscounted(problem):
        ending = "no equilibrium was found in which the game ends sooner or later"
        return Status("not converged", ending, advice)
    if not candidates:
        return Status(
            "not converged",
            "no equilibrium was found, from random policies or on the path from impatience",
            "lower the patience, narrow the bounds, or pass start= from a nearby game's answer",
        )
    advice = "there may be none without mixing: give lists of actions instead"
    if any(a.player.action and a.player.options for a in problem.game.agents):
        advice = (
            "there may be none, as a real action is the same whichever action of the list is "
            "taken: declare one for each"
        )
    return Status(
        "not converged",
        f"none of {candidates} solutions of the first-order conditions is an equilibrium: some "
        "player gains by a jump",
        advice,
    )

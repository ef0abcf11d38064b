"""Every equilibrium of a game whose state never comes back, one by one: none is kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from warnings import catch_warnings

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.record import RefusedError
from leaderbored.games.stochastic import MarkovGame
from leaderbored.solvers.stochastic.directional import backwards, each
from leaderbored.solvers.stochastic.method import MarkovMethod
from leaderbored.solvers.stochastic.problem import Problem


@dataclass(frozen=True, eq=False)
class Listed:
    """One of many equilibria.

    Attributes
    ----------
    policy : dict of str to (S, m) array
        Of each player by name, the probabilities of its m actions in each of S states.
    value : dict of str to (S,) array
        What each state is worth to it.
    regret : float
        Bound on what any player gains by any other policy, relative to its largest value: from its
        gains by another action now alone, worked out from the formulas.
    """

    policy: dict[str, Array]
    value: dict[str, Array]
    regret: float


def each_equilibrium(game: MarkovGame, method: MarkovMethod | None = None) -> Iterator[Listed]:
    """List every equilibrium of a game whose state never comes back, by backward recursion.

    Parameters
    ----------
    game : MarkovGame
        Of players that pick from lists and are declared one by one.
    method : MarkovMethod, optional

    Raises
    ------
    RefusedError
        Of other games.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovPlayer
    >>> a = MarkovPlayer("A", "2 * a * B.a + b * B.b", actions=("a", "b"))
    >>> b = MarkovPlayer("B", "2 * a * A.a + b * A.b", actions=("a", "b"))
    >>> [one.value["A"].round(3).tolist() for one in each_equilibrium(MarkovGame([a, b], 0.5))]
    [[4.0], [2.0], [1.333]]
    """
    problem, method = Problem(game, apart=True), method or MarkovMethod()
    order = backwards(problem)
    if order is None:
        raise RefusedError("list: some chain of events leads back to where it was; expected none")
    if any(agent.player.action for agent in game.agents):
        raise RefusedError("list: expected players that pick from lists of actions alone")
    with np.errstate(all="ignore"), catch_warnings(action="ignore"):
        for x, value, regret in each(problem, order, method.same, method.digits):
            laws = {agent.name: x[problem.stage.listed(i)].T for i, agent in enumerate(game.agents)}
            values = {agent.name: value[i] for i, agent in enumerate(game.agents)}
            yield Listed(laws, values, regret)

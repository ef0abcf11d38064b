"""Exchanges of players and states that leave a Markov game as it is: they take equilibria along."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import permutations, product
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.stochastic.newton import newton
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.starts import POLISHED, policies

WORK = 2_000_000  # states times exchanges: beyond, none is looked for
SAME = 1e-9  # of numbers that are the same after an exchange, relative to the largest


class Exchange(NamedTuple):
    """If policies ``x`` (X, S) are an equilibrium, so are ``x[choices][:, states]``."""

    choices: NDArray[np.int_]
    states: NDArray[np.int_]


def exchanges(problem: Problem) -> list[Exchange]:
    """Exchanges after which every player earns what the one earned whose place it took.

    Players declared one by one change places, state variables of the same range change places or
    are counted from the other end. Whether that leaves the game as it is, is judged by payoffs and
    values of one random policy; what an exchange makes of an equilibrium is checked as ever.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> a, b = (MarkovPlayer(name, f"{state} - x", {"x": (0, 1)}) for name, state in ("Am", "Bn"))
    >>> game = MarkovGame([a, b], discount=0.1, states={"m": (0, 1), "n": (0, 1)})
    >>> [(one.choices.tolist(), one.states.tolist()) for one in exchanges(Problem(game))]
    [([1, 0], [0, 2, 1, 3])]
    """
    *_, x = policies(problem, 4, seed=1)
    value, low, high = problem.evaluate(x), *problem.choice_bounds
    if not np.isfinite(value).all():
        return []
    payoff = np.array([part[0] for part in problem.stage.values(x)])
    close = SAME * (np.abs(value).max() + np.abs(payoff).max())
    found = []
    for players, states in _candidates(problem):
        choices = np.array([k for i in players for k in problem.stage.owned[i]], dtype=int)
        image = x[choices][:, states]
        if not all(np.array_equal(end[choices][:, states], end) for end in (low, high)):
            continue
        earned = np.array([part[0] for part in problem.stage.values(image)])
        if np.abs(earned - payoff[players][:, states]).max() > close:
            continue
        if np.abs(problem.evaluate(image) - value[players][:, states]).max() <= close:
            found.append(Exchange(choices, states))
    return found


class Images:
    """What exchanges make of the solutions of a problem; exchanges are looked for once, if at all.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> players = [MarkovPlayer(of, f"-(x - {of})**2", {"x": (0, 1)}) for of in ("m", "n")]
    >>> game = MarkovGame(players, discount=0.1, states={"m": (0, 1), "n": (0, 1)})
    >>> problem = Problem(game)
    >>> solution = problem.point(np.array([[0, 0, 1, 1], [0, 1, 0, 0.5]]))
    >>> [z[problem.slot["choice"]].tolist() for z in Images(problem).of(solution)]
    [[[0.0, 0.0, 1.0, 0.5], [0.0, 1.0, 0.0, 1.0]]]
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """The exchanges that leave the game as it is."""
        return exchanges(self.problem)

    def of(self, z: Array) -> Iterator[Array]:
        """The images (size,) of a solution, sharpened where they may rest on kinks."""
        x = z[self.problem.slot["choice"]]
        for choices, states in self.exchanges:
            image = self.problem.point(x[choices][:, states])
            kinks = len(self.problem.slot["kink"])
            sharper = newton(self.problem, image, POLISHED) if kinks else None
            yield image if sharper is None else sharper


def _candidates(problem: Problem) -> Iterator[tuple[NDArray[np.int_], NDArray[np.int_]]]:
    """Orders of players (N,) and of states (S,), but for the one that changes nothing."""
    agents, grid = problem.game.agents, problem.game.grid
    names = [agent.player.name for agent in agents]
    alone = [i for i, name in enumerate(names) if names.count(name) == 1]
    low, high = grid.min(axis=0, initial=0), grid.max(axis=0, initial=0)
    columns = grid.shape[1]
    many = factorial(len(alone)) * factorial(columns) * 2**columns
    if many * problem.states > WORK:
        return
    kinds = [(len(problem.stage.reals(i)), len(problem.stage.listed(i))) for i in range(len(names))]
    stay = np.arange(problem.states)
    for order in permutations(alone):
        players = np.arange(len(names))
        players[alone] = order
        if any(kinds[i] != kinds[k] for i, k in enumerate(players)):
            continue
        for moved in permutations(range(columns)):
            if any(low[k] != low[j] or high[k] != high[j] for k, j in enumerate(moved)):
                continue
            for turned in product((False, True), repeat=columns):
                there = np.where(turned, low + high - grid[:, moved], grid[:, moved])
                states = problem.game.place(there.astype(float))
                if not (
                    np.array_equal(players, range(len(names))) and np.array_equal(states, stay)
                ):
                    yield players, states

"""Where searches of a Markov game start from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.stochastic.derived import Derived
from leaderbored.solvers.stochastic.newton import newton
from leaderbored.solvers.stochastic.problem import Problem

HUGE = 100_000  # unknowns from which the first equilibrium is all that is looked for
DEAR = 4_000  # unknowns of games of lists from which paths take long
LEAST_ODDS = 1e-3  # least odds of an action
POLISHED = 20  # steps of Newton's method that find multipliers of kinks
AT_KINK = 1e-8  # distance from a kink of what rests there
SAME = 1e-8  # distance of choices that are the same, relative to the largest
ASIDE = (1e-1, 1e-2, 1e-3, 1e-4)  # of its range, how far a choice is put off its bound


def policies(problem: Problem, count: int, seed: int) -> Iterator[Array]:
    """Policies (X, S): in the middle, at the ends, and random ones.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> problem = Problem(MarkovGame([MarkovPlayer("A", "-b", {"b": (0, 2)})], discount=0.1))
    >>> [x.ravel().tolist() for x in policies(problem, 3, 1)]
    [[1.0], [0.04], [1.96]]
    """
    random = np.random.default_rng(seed)
    low, high = problem.choice_bounds
    end_low = np.where(np.isfinite(low), low, np.minimum(high, 1.0) - 1.0)
    end_high = np.where(np.isfinite(high), high, end_low + 1.0)
    for k in range(count):
        unit = random.random(low.shape) if k > 2 else np.full(low.shape, (0.5, 0.02, 0.98)[k])
        x = end_low + unit * (end_high - end_low)
        for i in problem.level_of:
            mine = problem.stage.listed(i)
            law = random.dirichlet(np.full(len(mine), 0.7), low.shape[1]).T
            x[mine] = problem.lawful(i, law if k > 0 else np.ones(law.shape))
        yield np.clip(x, low, high)


def huge(problem: Problem) -> bool:
    """Whether one equilibrium is all that is looked for.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> huge(Problem(MarkovGame([MarkovPlayer("A", "-b", {"b": (0, 2)})], discount=0.1)))
    False
    """
    return problem.size > HUGE


def dear(problem: Problem) -> bool:
    """Whether paths of falling noise take so long that one answer from a start will do.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> dear(Problem(MarkovGame([MarkovPlayer("A", "a", actions=("a", "b"))], discount=0.1)))
    False
    """
    return bool(problem.level_of) and problem.size > DEAR


def replying(problem: Problem) -> bool:
    """Whether best replies come before paths of falling noise.

    Those are dear, or these smooth, or the best policy of a player to whom nobody replies.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> player = MarkovPlayer("A", "a", actions=("a", "b"), shocks=1)
    >>> replying(Problem(MarkovGame([player], discount=0.1, time="discrete")))
    True
    """
    lists = [agent.player for agent in problem.game.agents if agent.player.options]
    return dear(problem) or single(problem) or all(player.shocks != "0" for player in lists)


def single(problem: Problem) -> bool:
    """Whether at most one agent has anything to decide.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> players = [MarkovPlayer(name, "a", actions=("a", "b")) for name in "AB"]
    >>> [single(Problem(MarkovGame(players[:n], discount=0.1))) for n in (1, 2)]
    [True, False]
    """
    return sum(_decides(problem, i) for i in range(len(problem.game.agents))) <= 1


def _decides(problem: Problem, i: int) -> bool:
    """Whether an agent has more than one action anywhere."""
    listed, reals = problem.stage.listed(i), problem.stage.reals(i)
    several = (problem.upper[problem.slot["choice"][listed]] > 0).sum(axis=0) > 1
    several |= problem.free[reals].any(axis=0)
    return bool(several[~problem.idle[i]].any())


def alternating(problem: Problem) -> bool:
    """Whether in each state one agent at most has a choice, from a list, in discrete time.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> players = [MarkovPlayer(name, "a", actions=("a", "b")) for name in "AB"]
    >>> alternating(Problem(MarkovGame(players, discount=0.1, time="discrete")))
    False
    """
    game = problem.game
    if game.time == "continuous" or any(agent.player.action for agent in game.agents):
        return False
    movers = np.zeros(problem.states, dtype=int)
    for i in range(len(game.agents)):
        allowed = problem.upper[problem.slot["choice"][problem.stage.listed(i)]] > 0
        movers += (allowed.sum(axis=0) > 1) & ~problem.idle[i]
    return bool((movers <= 1).all())


def odds(problem: Problem, x: Array) -> Array:
    """Choices (X, S) at which no action has no chance.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> problem = Problem(MarkovGame([MarkovPlayer("A", "a", actions=("a", "b"))], discount=0.1))
    >>> odds(problem, np.array([[1.0], [0.0]])).round(4).tolist()
    [[0.999], [0.001]]
    """
    x = x.copy()
    for i in problem.level_of:
        mine = problem.stage.listed(i)
        x[mine] = problem.lawful(i, np.maximum(x[mine], LEAST_ODDS))
    return x


def aside(problem: Problem, z: Array) -> Iterator[Array]:
    """Choices (X, S) a little off the bounds at which those of a solution rest.

    A payoff that falls steeply from a bound, as with a root, and rises again has its lowest point
    between: a solution of the first-order conditions, which belongs to the sum of indices.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> problem = Problem(MarkovGame([MarkovPlayer("A", "-b", {"b": (0, 1)})], discount=0.1))
    >>> [x.ravel().tolist() for x in aside(problem, problem.point(np.zeros((1, 1))))]
    [[0.1], [0.01], [0.001], [0.0001]]
    """
    x, (low, high) = z[problem.slot["choice"]], problem.choice_bounds
    span = np.where(np.isfinite(low) & np.isfinite(high), high - low, 0.0)
    for part in ASIDE:
        yield np.clip(x, low + part * span, high - part * span)


def written_out(problem: Problem) -> Problem:
    """The problem with one multiplier for each kink, where formulas steer the state.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> grows = Event({"s": "s + b"}, chance="1")
    >>> player = MarkovPlayer("A", "s - b", {"b": (0, 1)}, events=[grows])
    >>> game = MarkovGame([player], 0.5, time="discrete", states={"s": (0, 2)})
    >>> problem = Problem(game)
    >>> problem.size < written_out(problem).size
    True
    """
    return Problem(problem.game, Derived.of(problem.game), problem.apart)


def settled(problem: Problem, z: Array) -> tuple[Problem, Array]:
    """A solution with a multiplier for each kink, where formulas steer the state.

    Raises
    ------
    UnprovedError
        If Newton's method does not find the multipliers beside the same choices.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> grows = Event({"s": "s + b"}, chance="1")
    >>> player = MarkovPlayer("A", "s - 3 * b", {"b": (0, 1)}, events=[grows])
    >>> game = MarkovGame([player], 0.5, time="discrete", states={"s": (0, 2)})
    >>> problem = Problem(game)
    >>> other, found = settled(problem, problem.point(np.zeros((1, 3))))
    >>> found[other.slot["choice"]].tolist(), len(found) > problem.size
    ([[0.0, 0.0, 0.0]], True)
    """
    if not problem.game.motions:
        return problem, z
    other, x = written_out(problem), z[problem.slot["choice"]]
    near, kinks = retold(problem, z, other), other.slot["kink"]
    above = -other.residual(near)[kinks]  # the kink, by so much
    side = np.where(above > 0, other.upper[kinks], other.lower[kinks])
    near[kinks] = np.where(np.abs(above) > AT_KINK, side, near[kinks])
    found = newton(other, near, POLISHED)
    moved = np.inf if found is None else np.abs(found[other.slot["choice"]] - x).max()
    if found is None or moved > SAME * (1 + np.abs(x).max()):
        raise UnprovedError("multipliers of kinks, where real actions steer the state, not found")
    return other, found


def retold(problem: Problem, z: Array, other: Problem) -> Array:
    """A solution of a problem as the unknowns of another of the same game.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> problem = Problem(MarkovGame([MarkovPlayer("A", "-b", {"b": (0, 1)})], discount=0.1))
    >>> z = problem.point(np.zeros((1, 1)))
    >>> retold(problem, z, problem) is z
    True
    """
    return z if problem is other else other.point(z[problem.slot["choice"]])

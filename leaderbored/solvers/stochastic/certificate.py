r"""Certificates of Markov games: what one agent gains from its best policy, however far.

Against the others' policies one agent faces a Markov decision problem, :mod:`.alone`, whose values
and replies are not the solver's.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leaderbored.games.markov import Array, States
from leaderbored.solvers.stochastic.alone import Alone
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.shocks import POINTS, choice
from leaderbored.solvers.stochastic.stage import sizes_of
from leaderbored.solvers.stochastic.tabled import Tabled

LEAST_SCALE = 1e-3  # of the largest value or payoff of any: what gains are at least compared with
ADD_UP = 1e-6  # by which probabilities that are evaluated as they are may miss one
LAWFUL = 1e-12  # by which probabilities may miss one


def regret(problem: Problem, x: Array) -> Array:
    """(N,) largest gain over states of each agent from its best policy, relative to its values.

    Infinite throughout where what stands for probabilities does not add up to one.

    Parameters
    ----------
    problem : Problem
        Of N agents and S states.
    x : (X, S) array
        Choices.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> problem = Problem(MarkovGame([lab], discount=0.1, states={"d": (0, 1)}))
    >>> regret(problem, np.zeros((1, 2))).round(6).tolist(), regret(problem, np.ones((1, 2))) > 1
    ([0.0], array([ True]))
    """
    agents = range(len(problem.game.agents))
    if not all(_lawful(problem, i, x) for i in problem.level_of):
        return np.full(len(agents), np.inf)
    alone = {i: Alone(problem, i, x) for i in problem.leads}
    with np.errstate(all="ignore"):
        value = {i: one.value for i, one in alone.items()}
        most = max(float(np.abs(held).max()) for held in value.values())
        paid = float(_at_stake(problem, x).max(initial=0.0))
        least = LEAST_SCALE * max(most, paid)
        size = {i: max(float(np.abs(held).max()), least) for i, held in value.items()}
        best = {i: np.maximum(one.optimum(), one.forever()) for i, one in alone.items()}
        found = {i: float((best[i] - one.value).max()) for i, one in alone.items()}
    regrets = {i: max(gain, 0.0) / max(size[i], 1e-300) for i, gain in found.items()}
    leads = (i if i in alone else i - problem.game.agents[i].copy for i in agents)
    return np.array([np.inf if np.isnan(regrets[i]) else regrets[i] for i in leads])


def _lawful(problem: Problem, i: int, x: Array) -> bool:
    """Whether an agent's probabilities (X, S) are such wherever it decides."""
    law, decides = x[problem.stage.listed(i)], ~problem.idle[i]
    return bool((law >= 0).all() and np.allclose(law.sum(axis=0)[decides], 1.0, atol=ADD_UP))


def _at_stake(problem: Problem, x: Array, at: States | None = None) -> Array:
    """(N, B) mean sizes of the payoffs of a period, which may cancel; nothing of real actions."""
    stage = problem.stage
    if not isinstance(stage, Tabled):
        return np.zeros((len(problem.game.agents), x.shape[1]))
    tables = stage.tables._replace(payoffs=np.abs(stage.tables.payoffs))
    return np.array([pieces[0] for pieces in replace(stage, tables=tables).values(x, at=at)])


def one_shot(problem: Problem, value: Array, x: Array) -> Array:
    """(B,) bounds on what any agent gains by any other policy, relative to its largest value.

    They are gains by another action of its list now alone, over the part of the future that is not
    discounted away: the distance from the optimum is at most the largest such gain over one less
    the factor, or over the rate. What each state is worth to each in B equilibria, ``value``
    (B, N, S), is taken as given, and that it is not what the choices ``x`` (B, X, S) make of it
    counts as a gain; infinite where the choices are no probabilities.

    Raises
    ------
    ValueError
        If some agent has real actions.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> player = MarkovPlayer("A", "2 * a", actions=("a", "b"))
    >>> problem = Problem(MarkovGame([player], discount=0.1))
    >>> one_shot(problem, np.array([[[20.0]]]), np.array([[[1.0], [0.0]]])).tolist()
    [0.0]
    """
    if any(agent.player.action for agent in problem.game.agents):
        raise ValueError("expected lists of actions alone")
    stage, (many, players, size) = problem.stage, value.shape
    at, played = np.tile(np.arange(size), many), np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)
    worst, most = np.zeros(many), np.abs(value).max(axis=(1, 2))
    paid = np.abs(_at_stake(problem, played, at)).reshape(players, many, size).max(axis=(0, 2))
    least = np.maximum(LEAST_SCALE * np.maximum(most, paid), 1e-300)
    for i in range(players):
        mine, rate = stage.listed(i), problem.discount[i]
        allowed = (problem.upper[problem.slot["choice"][mine]] > 0) & ~problem.idle[i]
        here = value[:, i] * (rate if problem.continuous else 1.0)
        ahead = value[:, i][:, stage.destination]  # (B, C, S)
        ahead = ahead - value[:, i][:, None] if problem.continuous else rate * ahead

        def pays(tried: Array, i: int = i, ahead: Array = ahead) -> Array:
            pieces = stage.values(tried, at=at)[i].reshape(-1, many, size)
            return np.asarray(pieces[0] + (pieces[1:] * np.moveaxis(ahead, 1, 0)).sum(axis=0))

        gains = np.where(problem.game.ended, 0.0, np.abs(pays(played) - here))
        for k in range(len(mine)):
            tried = played.copy()
            tried[mine] = np.eye(len(mine))[k][:, None]
            gains = np.maximum(gains, np.where(allowed[k], pays(tried) - here, 0.0))
        law, decides = x[:, mine], ~problem.idle[i]
        lawful = (law >= 0).all(axis=1) & (np.abs(law.sum(axis=1) - decides) <= LAWFUL)
        gains = np.where(lawful, gains, np.inf)
        patience = rate if problem.continuous else 1 - rate
        scale = np.maximum(np.abs(value[:, i]).max(axis=1), least)
        worst = np.maximum(worst, gains.max(axis=1) / patience / scale)
    return worst


def choice_error(problem: Problem, x: Array) -> float | None:
    """Largest distance of choices (X, S) from the odds that follow from what actions are worth.

    Of actions to which there are shocks; None if there are none. Integrals over normal shocks are
    taken at twice as many points.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> player = MarkovPlayer("A", "a", actions=("a", "b"), shocks=1)
    >>> problem = Problem(MarkovGame([player], discount=0.5, time="discrete"))
    >>> round(choice_error(problem, np.array([[0.5], [0.5]])), 6)  # right is e / (1 + e)
    0.231059
    """
    stage, worst = problem.stage, -np.inf
    for i in problem.leads:
        sizes, mine = sizes_of(stage, i), stage.listed(i)
        if sizes is None:
            continue
        one, law = Alone(problem, i, x), problem.game.agents[i].player.shock_law
        tried = np.tile(x[one.own], (len(mine), 1, 1))
        tried[:, len(stage.reals(i)) :] = np.eye(len(mine))[:, :, None]
        allowed = problem.upper[problem.slot["choice"][mine]] > 0
        paid = np.where(allowed, one.now(tried), -np.inf)
        apart = np.abs(choice(law, paid, sizes, 2 * POINTS - 1) - x[mine])
        apart = np.where(sizes > 0, apart, 0.0)[:, ~problem.idle[i]]
        worst = max(worst, float(apart.max(initial=0.0)))
    return worst if worst >= 0 else None


def lead(problem: Problem, x: Array) -> float:
    """By how much what is done beats every other action of the lists, where only one agent decides.

    In the state in which that is least, relative to its largest value; zero if it mixes anywhere.
    Where it is above zero and nothing is gained by another policy, there is no other best policy.
    Private shocks to all actions make the best choice probabilities the only ones: then it is
    infinite. Of shocks to one action the others are compared, if any of these is taken.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> player = MarkovPlayer("A", "2 * a + c", actions=("a", "b", "c"))
    >>> problem = Problem(MarkovGame([player], discount=0.5))
    >>> lead(problem, np.array([[1.0], [0.0], [0.0]]))  # one less a year, of four
    0.25
    """
    stage, least = problem.stage, np.inf
    for i in range(len(problem.game.agents)):
        one, mine, sizes = Alone(problem, i, x), stage.listed(i), sizes_of(stage, i)
        paid = one.now(np.eye(len(mine))[:, :, None] * np.ones(problem.states))
        allowed = problem.upper[problem.slot["choice"][mine]] > 0
        plain = allowed if sizes is None else allowed & (sizes == 0)
        used = plain & (x[mine] > 0)
        here = np.where(used, paid, -np.inf).max(axis=0)
        behind = np.where(plain & ~used & used.any(axis=0), here - paid, np.inf)
        behind = np.where(used.sum(axis=0) > 1, 0.0, behind)[:, ~problem.idle[i]]
        size = max(float(np.abs(one.value).max()), 1e-300)
        least = min(least, float(behind.min(initial=np.inf)) / size)
    return least

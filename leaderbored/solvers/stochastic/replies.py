"""Best-reply iteration of Markov games: values follow choices, choices move to best replies.

All players reply at once, and one after the other from when that no longer helps.
Slower than Newton's method and in need of nobody's derivatives: it finds which choices rest at a
bound where payoffs are infinitely steep there, as success is at no effort under a hazard that is a
root. What it comes near to is solved by Newton's method, which may be led astray where choices
rest on kinks; then it goes on until replies no longer move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from leaderbored.games.markov import Array, States
from leaderbored.solvers.numerics.bracket import golden
from leaderbored.solvers.stochastic.newton import Watch, newton
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.shocks import choice
from leaderbored.solvers.stochastic.stage import BLOCK, sizes_of

GRID_POINTS = 121
GOLDEN_SECTIONS = 40
UNBOUNDED_REACH = 1e3  # where an action without bound is searched, relative to where it stands
SAME_CHOICE = 1e-13  # of the range
REPLY_ROUNDS = 120
TURNS = 60  # rounds of replies in turn
HORIZON = 300  # periods of backward induction
NEWTON_DISTANCE = 0.03  # largest change of a choice from which Newton's method is tried
FEWER = 3.0  # times smaller that change is when it is tried again
PATIENCE = 5  # rounds without gain after which players take turns, or go only a part of the way
CLOSE = 1e-4  # change of a choice from which on replies at once are near where they rest
LEAST_PART = 0.05  # of the way to the best reply
RESTING_CHANGE = 1e-13  # change of a choice at which it rests


def best_replies(
    problem: Problem,
    x: Array,
    watch: Watch | None = None,
    rounds: int = REPLY_ROUNDS,
    near: Callable[[Array, float], None] | None = None,
) -> Iterator[Array]:
    """Iterate from choices; solutions of the problem on the way, and where it comes to rest.

    Parameters
    ----------
    problem : Problem
    x : (X, S) array
    watch : callable, optional
        Called with (phase, round, distance).
    rounds : int, optional
        At most.
    near : callable, optional
        Called in every round with choices, and how far replies to these are from them.

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
    step, least, tried, stalled, x = 1.0, np.inf, np.inf, 0, x.copy()
    together = len(problem.leads) > 1
    for k in range(rounds):
        replies = _replies(problem, x) if together else _in_turn(problem, x, step)
        apart = float((np.abs(replies - x) / (1 + np.abs(x))).max()) / (1 if together else step)
        if watch:
            watch("best replies", k, min(1.0, apart))
        if near:
            near(x, apart)
        if apart < min(NEWTON_DISTANCE, tried / FEWER) or k % 20 == 19:
            tried = apart
            found = newton(problem, problem.point(replies), 12)
            if found is not None:
                yield found
        if apart < RESTING_CHANGE:
            yield problem.point(replies)
            return
        x = x + step * (replies - x) if together else replies
        if apart <= 0.9 * least:
            step, least, stalled = min(1.0, 1.1 * step), apart, 0
        elif stalled < PATIENCE:
            stalled += 1
        elif together and least > CLOSE:  # nearer, turns would lead away from where all do alike
            together, least, stalled = False, np.inf, 0
        elif together and step == LEAST_PART:
            return
        else:
            step, stalled = max(step / 2, LEAST_PART), 0


def backward_induction(
    problem: Problem, x: Array, watch: Watch | None = None, rounds: int = HORIZON
) -> Iterator[Array]:
    """Best actions where the game lasts one period, two, and so on: where they no longer change.

    For games in discrete time in which one player at most decides in each state.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> player = MarkovPlayer("A", "2 * a", actions=("a", "b"))
    >>> problem = Problem(MarkovGame([player], discount=0.5, time="discrete"))
    >>> z = next(backward_induction(problem, np.full((2, 1), 0.5)))
    >>> z[problem.slot["choice"]].ravel().tolist(), z[problem.slot["value"]].round(9).tolist()
    ([1.0, 0.0], [[4.0]])
    """
    ended, rested, tried = problem.game.ended, False, set[bytes]()
    value = np.where(ended, problem.end, 0.0)
    for k in range(rounds):
        z = np.zeros(problem.size)
        for i in problem.leads:
            mine = problem.stage.owned[i]
            z[problem.slot["choice"][mine]] = best_reply(problem, i, x, value[i])
        replies = z[problem.slot["choice"]]
        pieces, worth = problem.stage.values(replies), problem.worth(value)
        now = [
            part[0] + (part[1:] * reached).sum(axis=0)
            for part, reached in zip(pieces, worth, strict=True)
        ]
        value = np.where(ended, problem.end, np.array(now))
        apart = float(np.abs(replies - x).max())
        if watch:
            watch("backward induction", k, min(1.0, apart))
        rests, x = apart == 0, replies
        begins = rests and not rested
        if (begins or k == rounds - 1) and x.tobytes() not in tried:  # actions may come back
            tried.add(x.tobytes())
            found = newton(problem, problem.point(x), 12)
            if found is not None:
                yield found
        rested = rests


def replies_in_turn(
    problem: Problem, x: Array, leads: Sequence[int], watch: Watch | None = None
) -> Iterator[Array]:
    """One agent after the other does what is best for it, until nobody has anything to change.

    Where several would rather wait for each other, who comes last waits.

    Parameters
    ----------
    problem : Problem
    x : (X, S) array
        Choices to begin with.
    leads : sequence of int
        The agents, in the order in which they reply.
    watch : callable, optional

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> a = MarkovPlayer("A", "-give + 3 * max(give, B.give)", actions=("give", "wait"))
    >>> b = MarkovPlayer("B", "-give + 3 * max(give, A.give)", actions=("give", "wait"))
    >>> problem = Problem(MarkovGame([a, b], discount=1, time="continuous"))
    >>> (z,) = replies_in_turn(problem, np.array([[0.0], [1.0], [0.0], [1.0]]), [1, 0])
    >>> z[problem.slot["choice"]].ravel().tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    for k in range(TURNS):
        before = x
        for i in leads:
            x = _replied(problem, x, i, 1.0)
        apart = float(np.abs(x - before).max())
        if watch:
            watch("best replies in turn", k, min(1.0, apart))
        if apart == 0:
            yield problem.point(x)
            return


def _replies(problem: Problem, x: Array) -> Array:
    """(X, S) best replies of all at once."""
    value, z = problem.evaluate(x), np.zeros(problem.size)
    for i in problem.leads:
        mine = problem.stage.owned[i]
        z[problem.slot["choice"][mine]] = best_reply(problem, i, x, value[i])
    return np.asarray(z[problem.slot["choice"]])


def _in_turn(problem: Problem, x: Array, step: float) -> Array:
    """(X, S) choices after one by one has gone a part of the way to its best reply."""
    for i in problem.leads:
        x = _replied(problem, x, i, step)
    return x


def _replied(problem: Problem, x: Array, i: int, step: float) -> Array:
    """(X, S) choices after agent i has gone a part of the way to its best reply.

    Agents of its kind, declared by a count, share its slots and go with it.
    """
    mine, x = problem.stage.owned[i], x.copy()
    reply, z = best_reply(problem, i, x, problem.evaluate(x)[i]), np.zeros(problem.size)
    z[problem.slot["choice"]] = x
    z[problem.slot["choice"][mine]] = x[mine] + step * (reply - x[mine])
    return np.asarray(z[problem.slot["choice"]])


def away(problem: Problem, x: Array) -> float:
    """Largest distance of choices (X, S) from the best replies to them, relative to their size.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> problem = Problem(MarkovGame([MarkovPlayer("A", "-b", {"b": (0, 1)})], discount=0.1))
    >>> away(problem, np.array([[1.0]]))
    0.5
    """
    value, far = problem.evaluate(x), 0.0
    for i in problem.leads:
        mine = problem.stage.owned[i]
        gap = np.abs(best_reply(problem, i, x, value[i]) - x[mine]) / (1 + np.abs(x[mine]))
        far = max(far, float(gap.max(initial=0.0)))
    return far


def best_reply(problem: Problem, i: int, x: Array, value: Array) -> Array:
    """(k, S) actions of agent i that are best where its values (S,) are given.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> problem = Problem(MarkovGame([lab], discount=0.1, states={"d": (0, 1)}))
    >>> best_reply(problem, 0, np.zeros((1, 2)), np.array([0.0, 1.0])).round(6).tolist()
    [[0.25, 0.0]]
    """
    size = problem.states
    many = max(1, BLOCK // (1 + problem.stage.outcomes))
    parts = [
        _best_reply(problem, i, x, value, np.arange(s, min(s + many, size)))
        for s in range(0, size, many)
    ]
    return np.concatenate(parts, axis=1)


def _best_reply(problem: Problem, i: int, x: Array, value: Array, here: States) -> Array:
    """The same (k, B) in B states ``here``."""
    mine = np.array(problem.stage.owned[i])
    worth = problem.worth_to(i, value, here)

    def payoff(own: Array) -> Array:
        pieces = problem.stage.tried(i, x, mine, own, here)
        found = pieces[0] + (pieces[1:] * worth[:, None]).sum(axis=0)
        return np.asarray(np.where(np.isnan(found), -np.inf, found))

    reals, listed = problem.stage.reals(i), problem.stage.listed(i)
    held = x[mine][:, here]

    def with_reals(own: Array) -> Array:
        """The same with the best real actions, one after the other, the others as they are."""
        own = own.copy()
        for r in range(len(reals)):

            def of_one(some: Array, r: int = r) -> Array:
                tried = np.tile(own, (len(some), 1, 1))
                tried[:, r] = some
                return payoff(tried)

            places = problem.slot["choice"][mine[r], here]
            own[r] = _best_real((problem.lower[places], problem.upper[places]), own[r], of_one)
        return own

    own = with_reals(held)
    if listed:
        allowed = problem.upper[problem.slot["choice"][listed][:, here]] > 0
        sizes = sizes_of(problem.stage, i)
        tried = np.tile(own, (len(listed) + 1, 1, 1))
        tried[1:, len(reals) :] = np.eye(len(listed))[:, :, None]
        if reals and sizes is None:  # each with the real actions that are best beside it
            tried[1:] = [with_reals(one) for one in tried[1:]]
        paid = payoff(tried)
        pure = np.where(allowed, paid[1:], -np.inf)
        if sizes is None:
            best = np.where(paid[0] >= pure.max(axis=0), 0, 1 + pure.argmax(axis=0))
            own = np.take_along_axis(tried, best[None, None], axis=0)[0]
        else:
            law = problem.game.agents[i].player.shock_law
            own[len(reals) :] = choice(law, pure, sizes[:, here])
    return np.asarray(np.where(problem.idle[i, here], held, own))


def _best_real(bounds: tuple[Array, Array], here: Array, payoff: Callable[[Array], Array]) -> Array:
    """(S,) best values of one real action: on a grid, and between the points round the best."""
    low, high = bounds
    far = UNBOUNDED_REACH * (1 + np.abs(here))
    low = np.where(np.isfinite(low), low, np.maximum(here - far, -far))
    high = np.where(np.isfinite(high), high, here + far)
    span = np.r_[np.linspace(0, 1, GRID_POINTS), np.geomspace(1e-9, 0.1, 40)]
    span = np.unique(np.r_[span, 1 - span])[:, None]
    near = np.geomspace(1e-7, 1, 15)
    near = np.r_[-near, near][:, None] * (1 + np.abs(here))
    points = np.vstack([here, low + span * (high - low), np.clip(here + near, low, high)])
    points.sort(axis=0)
    peak = payoff(points).argmax(axis=0)[None]
    best = np.take_along_axis(points, peak, axis=0)[0]
    apart = SAME_CHOICE * (high - low)  # points that are equal but for rounding
    a = np.where(points < best - apart, points, -np.inf).max(axis=0)
    b = np.where(points > best + apart, points, np.inf).min(axis=0)
    a, b = np.where(np.isfinite(a), a, best), np.where(np.isfinite(b), b, best)
    inner, _ = golden(lambda own: payoff(own[None])[0], a, b, GOLDEN_SECTIONS)
    several = np.stack([here, best, inner])  # the first of those that pay alike
    top = payoff(several).argmax(axis=0)[None]
    return np.asarray(np.take_along_axis(several, top, axis=0)[0])

r"""Races whose demand depends on the play, by rounds of games of fixed demand.

Let :math:`\Gamma(x)` be the game compiled at a play x of all labs. A lab's own share moves none of
its own tables, so x is an equilibrium of the race iff it is one of :math:`\Gamma(x)`. So solve
:math:`\Gamma`, compile anew at the answer, and repeat, from what the last rounds say of how answers
move with the play (Anderson, J. ACM 12, 1965); where that overshoots, go part of the way.

It is the slower way (:mod:`leaderbored.solvers.markov.clearing` has the quick one), and the one
that finds equilibria in which replies jump, as with linear hazards.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.precise import settle
from leaderbored.solvers.markov.system import System

if TYPE_CHECKING:
    from leaderbored.race import Race

OUTER_ROUNDS = 60
REGRET_DISTANCE = 1e-8  # distance of shares between rounds from which on regret is looked at,
ENOUGH_DISTANCE = 1e-10  # and at which no more is asked if it is small enough
SETTLED_DISTANCE = 1e-12  # distance of shares between rounds at which there is nothing left to gain
MEMORY_ROUNDS = 3  # rounds before the last that tell how answers move with the play
LEAST_PART = 0.1  # part of the way that is gone at least


def by_fixed_demand(
    race: Race, method: Any, start: Array | None, progress: Progress
) -> Point | None:
    """An equilibrium of a race whose demand depends on the play; None if the play does not settle.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=5,
    ...                mechanisms={"spillover": {"share": 0.5}})
    >>> point = by_fixed_demand(race, lb.Method(), None, lambda *told: None)
    >>> float(np.abs(point.build - lb.solve(race).equilibria[0].build).max()) < 1e-9
    True
    """
    game = race.markov(start)
    play = np.clip(game.idle if start is None else start, game.lower, game.upper)
    part, last, best = 1.0, np.inf, (np.inf, play)
    plays, misses = list[Array](), list[Array]()
    for k in range(1, OUTER_ROUNDS + 1):
        game = race.markov(play)
        reply = _solved(game, method, play, progress)
        if reply is None:
            break
        distance = float(np.abs(reply - play).max())
        progress("rounds of fixed demand", k, distance)
        part = max(part / 2, LEAST_PART) if distance > last else min(1.0, 1.2 * part)
        plays, misses = [*plays[-MEMORY_ROUNDS:], play], [*misses[-MEMORY_ROUNDS:], reply - play]
        last, play = distance, np.clip(_mixed(plays, misses, part), game.lower, game.upper)
        if distance < REGRET_DISTANCE or k == OUTER_ROUNDS:
            gained = float(regret(race, play).max())
            best = min(best, (gained, play), key=lambda pair: pair[0])
        if distance <= SETTLED_DISTANCE or (
            best[0] <= method.tolerance and distance < ENOUGH_DISTANCE
        ):
            break
    if not best[0] <= method.tolerance:
        return None
    return Point(System(race.markov(best[1])).evaluate(best[1]), best[1], k)


def _mixed(plays: list[Array], misses: list[Array], part: float) -> Array:
    """The next play: where a line through the last ones misses least, and part of its miss on."""
    play, miss = plays[-1], misses[-1]
    if len(plays) > 1:
        moved = np.array([(b - a).ravel() for a, b in pairwise(plays)]).T
        changed = np.array([(b - a).ravel() for a, b in pairwise(misses)]).T
        weight = np.linalg.lstsq(changed, miss.ravel(), rcond=1e-10)[0]
        play = play - (moved @ weight).reshape(play.shape)
        miss = miss - (changed @ weight).reshape(play.shape)
    return np.asarray(play + part * miss)


def _solved(game: Markov, method: Any, play: Array, progress: Progress) -> Array | None:
    """The equilibrium at fixed demand that iteration from the play leads to."""
    system = System(game)
    iteration = replace(method.iteration, warm=True)
    point = iteration.run(system, play, progress)
    if point is None:
        for _, point in method.points(system, play, progress):
            if float(regret(system.game, point.build).max()) <= method.tolerance:
                break
    return None if point is None else np.asarray(settle(system, point).build)

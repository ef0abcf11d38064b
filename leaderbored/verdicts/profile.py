"""Who builds when: shares averaged over the stationary law, by lead and by lab."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from leaderbored.games.curved import Curved
from leaderbored.games.markov import Array
from leaderbored.race import Race, leads
from leaderbored.race.mechanisms import leaderboard
from leaderbored.solvers import Equilibrium, Solution
from leaderbored.solvers.markov.system import System
from leaderbored.verdicts.law import Law, stationary


@dataclass(frozen=True)
class LabProfile:
    """A lab's mean share of building compute ahead, tied at the top and behind; mean value.

    A share is nan where the lab is never seen in that place.
    """

    ahead: float
    tied: float
    behind: float
    value: float


def on_board(equilibrium: Equilibrium) -> Equilibrium:
    """The equilibrium of a race where the race is not over, as if it always went on.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2,
    ...                mechanisms={"jackpot": {"chance": 0.1}})
    >>> equilibrium = lb.solve(race).equilibria[0]
    >>> equilibrium.build.shape, on_board(equilibrium).build.shape
    ((2, 7), (2, 5))
    """
    game = leaderboard(equilibrium.game)
    if game is equilibrium.game:
        return equilibrium
    ongoing = len(game.states)
    build, value = (
        np.ascontiguousarray(x[:, :ongoing]) for x in (equilibrium.build, equilibrium.value)
    )
    return replace(equilibrium, game=game, build=build, value=value)


@lru_cache(maxsize=16)
def law_of(equilibrium: Equilibrium) -> Law:
    """Stationary law of the states at an equilibrium.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> solution = lb.solve(race)
    >>> round(law_of(solution.equilibria[0]).weight.sum().item(), 12)
    1.0
    """
    here = on_board(equilibrium)
    system = System(here.game)
    rates = system.transitions(here.game.hazard(here.build))
    return stationary(rates, here.game.discount, planar=system.planar)


def by_lab(solution: Solution, equilibrium: Equilibrium) -> tuple[LabProfile, ...]:
    """Shares and value of each lab.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> solution = lb.solve(race)
    >>> first, second = by_lab(solution, solution.equilibria[0])
    >>> first.behind > first.ahead
    True
    """
    law, equilibrium = law_of(equilibrium), on_board(equilibrium)
    states = equilibrium.game.states
    lead, leader = leads(states)
    return tuple(
        LabProfile(
            ahead=law.mean(equilibrium.build[i], leader == i),
            tied=law.mean(equilibrium.build[i], (states[:, i] == 0) & (lead == 0)),
            behind=law.mean(equilibrium.build[i], states[:, i] > 0),
            value=law.mean(equilibrium.value[i]),
        )
        for i in range(states.shape[1])
    )


def persuading(solution: Solution, equilibrium: Equilibrium) -> float:
    """Mean share of all compute that persuades customers.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=3,
    ...                mechanisms={"hype": {"effectiveness": 2.0}})
    >>> solution = lb.solve(race)
    >>> 0 < persuading(solution, solution.equilibria[0]) < 0.1
    True
    """
    law, here = law_of(equilibrium), on_board(equilibrium)
    assert isinstance(here.game, Curved)
    return law.mean(here.game.persuades(here.build).sum(axis=0)) / float(
        solution.game.compute.sum()
    )


def by_lead(solution: Solution, equilibrium: Equilibrium) -> tuple[Array, Array]:
    """Mean share that the leader builds with, and that the others do, by compute.

    Returns
    -------
    leader, others : (G + 1,) arrays
        For leads 0, ..., G; at a tie, of the labs at the frontier and of those behind; nan where
        there are none or the lead has no weight.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> solution = lb.solve(race)
    >>> leader, others = by_lead(solution, solution.equilibria[0])
    >>> bool(np.isnan(others[0])), bool(others[1] > leader[1])
    (True, True)
    """
    return shares_by_lead(solution.game, law_of(equilibrium), on_board(equilibrium).build)


def shares_by_lead(race: Race, law: Law, build: Array) -> tuple[Array, Array]:
    """The same of any shares (N or more, S) under their law of the leaderboards."""
    states, owned = race.board()
    lead, _ = leads(states)
    build = build[: states.shape[1]]
    front = (states == 0).T
    groups = []
    for members in (front, ~front):
        compute = np.where(members, owned, 0)
        total = compute.sum(axis=0)
        share = (compute * build).sum(axis=0) / np.where(total > 0, total, 1)
        here = [(lead == g) & (total > 0) for g in range(int(lead.max()) + 1)]
        groups.append(np.array([law.mean(share, place) for place in here]))
    return groups[0], groups[1]

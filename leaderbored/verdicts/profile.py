"""Who builds when: shares averaged over the stationary law, by lead and by lab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.curved import Curved
from leaderbored.games.markov import Array, Markov
from leaderbored.race import Race, leads
from leaderbored.race.mechanisms import leaderboard
from leaderbored.solvers import Equilibrium, Solution
from leaderbored.verdicts.board import board_of, long_run
from leaderbored.verdicts.law import Law, grouped


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
    return long_run(here.game, here.game.hazard(here.build))


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
    states, _, _, sorts = board_of(solution.game, equilibrium.game)
    lead, leader = leads(states)
    leading = leader[:, None] == np.arange(states.shape[1])
    level = (states == 0) & (lead == 0)[:, None]

    def of(labs: Sequence[int]) -> LabProfile:
        weight, own = np.tile(law.weight, len(labs)), list(labs)

        def mean(table: Array, where: NDArray[np.bool_]) -> float:
            here = np.where(where.T[own].ravel(), weight, 0)
            return float(grouped(np.zeros(len(here), dtype=int), here, table[own].ravel(), 1)[0])

        build = equilibrium.build
        return LabProfile(
            ahead=mean(build, leading),
            tied=mean(build, level),
            behind=mean(build, states > 0),
            value=mean(equilibrium.value, states >= 0),
        )

    each = {lab: made for labs in sorts for made in [of(labs)] for lab in labs}
    return tuple(each[lab] for lab in range(states.shape[1]))


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
    board = on_board(equilibrium)
    return shares_by_lead(solution.game, law_of(equilibrium), board.build, board.game)


def shares_by_lead(
    race: Race, law: Law, build: Array, game: Markov | None = None
) -> tuple[Array, Array]:
    """The same of any shares (N or more, S) under their law of the leaderboards.

    The game is needed where alike labs are not distinguished.
    """
    states, owned, _, _ = board_of(race, game)
    lead, _ = leads(states)
    build = build[: states.shape[1]]
    front = (states == 0).T
    groups = []
    for members in (front, ~front):
        compute = np.where(members, owned, 0)
        total = compute.sum(axis=0)
        share = (compute * build).sum(axis=0) / np.where(total > 0, total, 1)
        weight = np.where(total > 0, law.weight, 0)
        groups.append(grouped(lead, weight, share, int(lead.max()) + 1))
    return groups[0], groups[1]

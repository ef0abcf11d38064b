r"""How play answers a lead: the drift of the lead near the tie, taken apart.

The lead :math:`x_i` of lab i over the others' average moves by the drift

.. math:: m_i(s, s') = \sum_j h_j(s, b(s'))\, (P_j x_i - x_i)(s),

with hazards and landings as the leaderboard s has them and shares that answer the leaderboard
:math:`s'`. Without delay both are the same. Between lab i one rung behind the others
(:math:`-`) and one rung ahead of them (:math:`+`), with the tie 0 in the middle, its slopes are

.. math:: A = \tfrac12 [m_i(+, 0) - m_i(-, 0)], \qquad k = \tfrac12 [m_i(0, -) - m_i(0, +)] :

a lead grows at the rate A by itself, by technology, and is closed at the rate k by what labs build
in answer to it. At a tie labs can close leads by as much as
:math:`c = m_i(0, 0) - \min_b m_i`, lab i building as little as it may and the others as much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.race import Race
from leaderbored.race.mechanisms import leaderboard
from leaderbored.solvers import Equilibrium
from leaderbored.solvers.markov.apart import told_apart


@dataclass(frozen=True)
class Answer:
    """How play answers the lead of a lab.

    Attributes
    ----------
    lab : str
    answer : float
        k, by how much a lead of one rung is closed per year in answer to it; negative where labs
        feed leads.
    growth : float
        A, by how much it grows per year by itself; 1/year.
    limit : float
        c, by how much all labs together can close leads; rungs/year.
    """

    lab: str
    answer: float
    growth: float
    limit: float


def answers(race: Race, equilibrium: Equilibrium) -> tuple[Answer, ...]:
    """How play at an equilibrium answers leads of one rung, of each lab.

    Parameters
    ----------
    race : Race
        N labs, two rungs or more.
    equilibrium : Equilibrium
        Of the race; where a success may end it, as if it went on.

    Returns
    -------
    tuple of N Answer

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(6), discount=0.2, rungs=6)
    >>> first, second = answers(race, lb.solve(race).equilibria[0])
    >>> first.growth, round(first.answer, 3), round(first.answer - second.answer, 9)
    (0.0, 3.661, 0.0)
    """
    equilibrium = told_apart(equilibrium)
    return tuple(_answer(race, equilibrium, i) for i in range(len(race.labs)))


def _answer(race: Race, equilibrium: Equilibrium, lab: int) -> Answer:
    game, build = leaderboard(equilibrium.game), equilibrium.build
    rest = np.arange(len(race.labs)) != lab
    tie = _place(race, np.zeros(len(rest), dtype=int))
    ahead, behind = _place(race, 1 * rest), _place(race, 1 * ~rest)
    states = game.states
    lead = states[:, rest].mean(axis=1) - states[:, lab]
    slowest = np.where(rest, game.upper[: len(rest), tie], game.lower[: len(rest), tie])

    def drift(at: int, shares: Array) -> float:
        return _drift(game, build[:, : len(states)], lead, at, shares)

    labs = build[: len(rest)]
    return Answer(
        lab=race.labs[lab].name,
        answer=(drift(tie, labs[:, behind]) - drift(tie, labs[:, ahead])) / 2,
        growth=(drift(ahead, labs[:, tie]) - drift(behind, labs[:, tie])) / 2,
        limit=drift(tie, labs[:, tie]) - drift(tie, slowest),
    )


def _place(race: Race, behind: Array) -> int:
    """The first state with this leaderboard, perceived as it is."""
    boards, copies = race.states(), race.copies
    board = int(np.flatnonzero((boards == behind).all(axis=1))[0])
    return board * copies + (board if copies == len(boards) else 0)


def _drift(game: Markov, build: Array, lead: Array, at: int, shares: Array) -> float:
    """Expected change of a lead per year in a state, when labs build shares; rungs/year."""
    there = build.copy()
    there[: len(shares), at] = shares
    moves = np.array([(law[[at]] @ lead)[0] - lead[at] for law in game.jump])
    return float(game.hazard(there)[:, at] @ moves)

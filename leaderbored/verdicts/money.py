r"""The long run by money: where it grows with the frontier, later and better times weigh more.

By the clock a state counts for the share of time in it. By money it counts for the money that there
is then: if n advances were made until t, and money grows by :math:`\Gamma` with each, the law

.. math:: \nu_t(s) \propto E[\Gamma^{n_t}\, 1\{s_t = s\}]

tends to the left eigenvector of Q, the rates weighed by the growth of money, that belongs to its
largest eigenvalue a (Perron and Frobenius): expected money grows at the rate a in the long run.
Values are finite iff a, over all states that can be reached, is below the discount rate.

The law of the league table (R12) is the same by money if every lab, leader or not, succeeds at a
rate of its own. Otherwise it is not: a leader who builds less than as a laggard makes money grow
more slowly while it leads, and its time in the lead weighs less than that of others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla

from leaderbored.games.markov import Array, Markov
from leaderbored.race import leads
from leaderbored.race.alike import Ordered
from leaderbored.solvers import Equilibrium
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import DENSE
from leaderbored.text import percent
from leaderbored.verdicts.board import board_of, followed
from leaderbored.verdicts.law import Law
from leaderbored.verdicts.profile import law_of, on_board

ROUNDING = 1e-9  # of an eigenvector, in large games
STILL = 1e-12  # 1/year: growth that is none


@dataclass(frozen=True)
class ByMoney:
    """Statistics weighed by money.

    Attributes
    ----------
    growth : float
        Rate at which expected money grows in the long run; 1/year.
    mean_lead : float
        Rungs, ties count zero.
    time_in_lead : dict of str to float
        Share of money-weighted time in which each lab leads alone.
    """

    growth: float
    mean_lead: float
    time_in_lead: dict[str, float]

    @property
    def sentence(self) -> str:
        """One line for a person.

        Examples
        --------
        >>> print(ByMoney(0.02, 1.25, {"A": 0.4, "B": 0.3}).sentence)
        Money grows 2% a year in the long run; weighed by it the mean lead is 1.25 rungs.
        """
        amount = f"{self.mean_lead:.3g}"
        lead = f"the mean lead is {amount} rung{'s' * (amount != '1')}"
        much = f"grows {percent(self.growth)} a year" if self.growth > STILL else "does not grow"
        return f"Money {much} in the long run; weighed by it {lead}."


def by_money(equilibrium: Equilibrium) -> ByMoney | None:
    """The long run of a race by money; None where none grows, or play may end in several ways.

    Parameters
    ----------
    equilibrium : Equilibrium
        Of a race. Where a success may end it, as if it went on.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2, growth=1.05)
    >>> found = by_money(lb.solve(race).equilibria[0])
    >>> 0 < found.growth < 0.1, round(found.time_in_lead["A"] - found.time_in_lead["B"], 9)
    (True, 0.0)
    """
    if not equilibrium.game.grows:
        return None
    law, here = law_of(equilibrium), on_board(equilibrium)
    game = here.game
    if len(law.classes) != 1 or _held(game, game.hazard(here.build), law):
        return None
    members = law.classes[0]
    matrix = System(game).matrix(game.hazard(here.build))[members][:, members]
    least, weight = _perron(matrix)
    lead, leader = leads(game.states[members])
    names = game.players[: game.states.shape[1]]
    time = np.array([weight[leader == i].sum() for i in range(len(names))])
    if isinstance(game, Ordered):
        time = board_of(game.alike.race, game).pooled(time)
    return ByMoney(
        growth=game.discount - least,
        mean_lead=float(weight @ lead),
        time_in_lead=dict(zip(names, time.tolist(), strict=True)),
    )


def _held(game: Markov, hazard: Array, law: Law) -> bool:
    """Whether alike labs that are not distinguished keep apart for ever, as one ahead."""
    if not isinstance(game, Ordered):
        return False
    return len(followed(game, hazard, law).law.classes) > len(game.alike.sorts)


def _perron(matrix: sp.csr_array) -> tuple[float, Array]:
    """The least eigenvalue of an M-matrix, and its left eigenvector, of sum one."""
    if matrix.shape[0] <= DENSE:
        values, vectors = np.linalg.eig(matrix.toarray().T)
        k = int(values.real.argmin())
        least, vector = values[k].real, vectors[:, k].real
    else:
        values, vectors = spla.eigs(matrix.T, k=1, which="SR", tol=ROUNDING)
        least, vector = values[0].real, vectors[:, 0].real
    weight = np.abs(vector)
    return float(least), weight / weight.sum()

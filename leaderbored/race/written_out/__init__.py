r"""A race once more, written out from its record: slow, plain, and apart from all that compiles it.

What is certified must not be what was compiled, or a mistake in compiling would pass. This is the
second reading: for every lab and leaderboard what it earns at a share, at what hazard it succeeds,
and where a success leads, straight from the equations at the heads of :mod:`.market`,
:mod:`.technology` and the files of :mod:`.mechanisms`. It reads the fields of these records and
calls none of their functions.

A state is a leaderboard :math:`d`; with inertia a pair of a true and a perceived leaderboard, the
latter moving fastest; and where compute accumulates all that for every split of compute, that of
the game file first, then the others by rising compute of the first lab. A race that a jackpot has
ended is no state here: the prize is paid at once, and nothing comes after it.

Building with the share b a lab trains with :math:`u K` and keeps :math:`v K` units to sell. It
succeeds at the hazard

.. math:: h = \lambda\, a\, x^{\theta} e^{\varphi g} e^{-\eta d} + \kappa d, \qquad
          x = \big[ w (u K)^r + (1 - w) Q^r \big]^{1/r} ,

and earns :math:`p \min\{v K, D\}` where nothing else is on.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from leaderbored.race.written_out.board import Array
from leaderbored.race.written_out.market import Market, Met

if TYPE_CHECKING:
    from leaderbored.race.race import Race

__all__ = ["WRITTEN", "Met", "WrittenOut", "unwritten"]

WRITTEN = frozenset(
    {
        "inputs",
        "fungibility",
        "open_weights",
        "inertia",
        "lease",
        "hype",
        "spillover",
        "jackpot",
        "accumulate",
        "scarcity_path",
    }
)
"""Mechanisms that are written out here."""


def unwritten(race: Race) -> list[str]:
    """Mechanisms of a race that are not written out here, as those added from outside.

    Examples
    --------
    >>> import leaderbored as lb
    >>> unwritten(lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                   lb.Technology(3), discount=0.1, mechanisms={"jackpot": {"chance": 0.1}}))
    []
    """
    return sorted(set(race.mechanisms.on) - WRITTEN)


class WrittenOut(Market):
    """The states of a race, and what labs earn and move in them.

    Parameters
    ----------
    race : Race
        Whose mechanisms are all among :data:`WRITTEN`.

    Attributes
    ----------
    count, size : int
        N labs, S states.
    behind, seen : (N, S) arrays
        Rungs behind the true frontier, and the one that customers perceive.
    owned : (N, S) array
        Compute of each lab.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 4)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1)
    >>> written = WrittenOut(race)
    >>> written.behind.T.tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    >>> half = np.full((2, 3), 0.5)
    >>> written.earns(1, half[1], written.met(half)).round(4).tolist()  # half of its four units
    [1.5, 0.8068, 2.0]
    """

    def trains(self, share: Array) -> Array:
        """u, compute that trains, as a share."""
        bent = self.on.fungibility
        if bent is None:
            return share
        away = np.maximum(share - bent.home, 0)
        return np.asarray(np.minimum(share, bent.home) + (1 - bent.loss) * away)

    def succeeds(self, i: int, share: Array) -> Array:
        """(..., S) hazard of lab i, 1/year, at the shares ``share`` (..., S)."""
        technology = self.race.technology
        made = self._with_research(self.trains(share) * self.owned[i])
        return np.asarray(
            self._drive[i] * made**technology.returns + technology.drafting * self.behind[i]
        )

    @cached_property
    def _drive(self) -> Array:
        """(N, S) hazard of a unit of effective compute."""
        technology, d = self.race.technology, self.behind
        order = np.sort(d, axis=0)
        lead = np.where((d == 0) & (order[1] > 0), order[1], 0.0)
        growth = technology.flywheel * lead - technology.handicap * d
        return np.asarray(technology.productivity * self._talent * np.exp(growth))

    @property
    def _talent(self) -> Array:
        """(N, S) researchers: in proportion to a e^(-mu d), and as many together as before."""
        talent = np.array([[lab.talent] for lab in self.labs])
        if self.on.inputs is None:
            return talent * np.ones(self.size)
        here = talent * np.exp(-self.on.inputs.migration * self.behind)
        return np.asarray(here * talent.sum() / here.sum(axis=0))

    def _with_research(self, units: Array) -> Array:
        """x, what compute and research come to together, in units of compute."""
        inputs = self.on.inputs
        if inputs is None or inputs.weight == 1:
            return units
        research = inputs.research
        if research is None:
            research = float(np.mean([lab.compute for lab in self.labs]))
        r = 1 - 1 / inputs.substitution
        scarcer = np.minimum(units, research)  # both are divided by it: nothing overflows
        some = scarcer > 0
        least = np.where(some, scarcer, 1.0)
        mixed = inputs.weight * (np.where(some, units, 1.0) / least) ** r
        mixed = mixed + (1 - inputs.weight) * (research / least) ** r
        return np.where(some, least * mixed ** (1 / r), 0.0)

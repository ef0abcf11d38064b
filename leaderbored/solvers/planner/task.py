r"""What one who decides for all labs is asked to do: states, payoffs, and what a success is worth.

The frontier counts as F rungs high, and the labs' customers may all do without at the *outside
option*, which on a market that clears follows the leader at a distance: it is
:math:`O = F - (1 - \omega) g` rungs high. A rung more of it is worth :math:`\mu\beta` a year, for
ever, to each of the M customers, as all offers are priced against it. So a success that takes the
leaderboard from a lead of g to one of g' is worth to customers at once

.. math:: \frac{\mu \beta M}{\rho} \big[ f - (1 - \omega)(g' - g) \big] ,

with f = 1 if it advances the frontier, else 0. No part of this is negative. At the cap those who
are farthest behind are taken along by an advance, and so is the outside option.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.race import Race, leads

Aim = Literal["welfare", "profits"]


@dataclass(frozen=True, eq=False)
class Task:
    """A game that one decides for all.

    Attributes
    ----------
    game : Markov
        N players, S states.
    award : (N, S) array
        What a success of each is worth at once, over what it does to payoffs later; money.
    customers : bool
        Whether what customers gain by what they are sold counts, besides payoffs.
    """

    game: Markov
    award: Array
    customers: bool


def task_of(race: Race, aim: Aim, advance: float = 0.0, game: Markov | None = None) -> Task:
    """What is asked for a race.

    Parameters
    ----------
    race : Race
    aim : {"welfare", "profits"}
        Whether customers count, or the labs' profits alone.
    advance : float, default 0
        What each frontier advance is worth to others, for ever; money/year.
    game : Markov, optional
        What the race is compiled to, if it is known, or if alike labs are not told apart.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.5, openness=0.25),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> task_of(race, "welfare").award.tolist()  # at the cap the outside option is taken along
    [[1.5, 6.0, 4.5], [1.5, 4.5, 6.0]]
    """
    game = race.markov() if game is None else game
    award = advances(race, game) * advance / race.discount
    if aim == "welfare":
        award = award + rises(race, game) * rung(race) / race.discount
    return Task(game, award, aim == "welfare")


def advances(race: Race, game: Markov) -> Array:
    """(N, S) chance that a success of a player advances the frontier; nature never does.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1, leapfrog=0.2), discount=0.5, rungs=1)
    >>> advances(race, race.markov()).tolist()
    [[1.0, 1.0, 0.2], [1.0, 0.2, 1.0]]
    """
    made = np.zeros(game.scale.shape)
    behind, labs = game.states.T, len(race.labs)
    made[:labs] = np.where(behind == 0, 1.0, race.technology.leapfrog)
    return np.where((behind >= 0).all(axis=0), made, 0.0)  # nobody advances what is over


def rises(race: Race, game: Markov) -> Array:
    """(N, S) rungs by which a success raises the outside option, on average.

    Raises
    ------
    AttributeError
        If the market has none.
    """
    openness: float = race.market.openness  # type: ignore[union-attr]
    lead = leads(game.states)[0].astype(float)
    longer = np.array([jump @ lead - lead for jump in game.jump])
    return advances(race, game) - (1 - openness) * longer


def rung(race: Race) -> float:
    """What a rung more of the outside option is worth to all customers; money/year."""
    market = race.market
    assert market.kind == "clearing"
    return market.price * market.switching * market.scarcity * float(race.compute.sum())

r"""Inputs: researchers who move toward the leader, or away from it.

Hazards are in proportion to talent :math:`a_i`. With migration :math:`\mu` researchers follow the
leaderboard, at once and without one getting lost:

.. math:: a_i(d) = a_i e^{-\mu d_i} \frac{\sum_j a_j}{\sum_j a_j e^{-\mu d_j}} .

At :math:`\mu > 0` they want to work for the leader, and a lead feeds itself; at :math:`\mu < 0`
they leave it, as founders of the next lab do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.lab import Lab


@dataclass(frozen=True, config=CONFIG)
class Inputs:
    """Talent that migrates with the leaderboard.

    Parameters
    ----------
    migration : float
        mu, by how much talent thins out per rung behind; 1/rung. Positive: toward the leader,
        negative: away from it, 0: the plain race. Between -5 and 5.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9),
    ...                lb.Technology(1), discount=0.2, rungs=1,
    ...                mechanisms={"inputs": {"migration": 1.0}})
    >>> race.markov().scale.round(3).tolist()  # at the tie, A ahead, B ahead
    [[1.0, 1.462, 0.538], [1.0, 0.538, 1.462]]
    """

    migration: Annotated[
        float, quantity("1/rung", "mu, talent that follows the leader", ge=-5, le=5), NUMBER
    ]
    coupled: ClassVar[bool] = False

    @property
    def neutral(self) -> bool:
        """Whether talent stays where it is."""
        return self.migration == 0

    def apply(self, game: Markov, labs: tuple[Lab, ...] = (), play: Array | None = None) -> Markov:
        """Move talent, and the hazards with it."""
        talent = np.array([[lab.talent] for lab in labs])
        stays = np.exp(-self.migration * game.states.T)
        factor = stays * talent.sum() / (talent * stays).sum(axis=0)
        return replace(game, scale=game.scale * factor)

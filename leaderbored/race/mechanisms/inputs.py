r"""Inputs: researchers, who move with the leaderboard and whom compute cannot replace.

*Migration.* Hazards are in proportion to talent :math:`a_i`. With migration :math:`\mu` researchers
follow the leaderboard, at once and without one getting lost:

.. math:: a_i(d) = a_i e^{-\mu d_i} \frac{\sum_j a_j}{\sum_j a_j e^{-\mu d_j}} .

At :math:`\mu > 0` they want to work for the leader, and a lead feeds itself; at :math:`\mu < 0`
they leave it, as founders of the next lab do.

*Complements.* Compute that builds works together with research, researchers and data, of which
each lab has Q, measured in units of compute:

.. math:: h_i = \lambda a_i \big[ w\, (b_i K_i)^r + (1 - w)\, Q^r \big]^{\theta / r} \dots,
          \qquad r = 1 - 1 / \sigma < 0 .

With an elasticity of substitution :math:`\sigma` below one research is a bottleneck: however much
compute builds, the bracket stays below :math:`(1 - w)^{1/r} Q`. A lab that has as much compute as
the average and builds with all of it has the hazard of the plain race, if Q is left at that.
At the weight w = 1 compute alone counts. The aggregate is that of Arrow, Chenery, Minhas and Solow
(1961), Review of Economics and Statistics 43.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from leaderbored.games.curved import curve
from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.mechanisms.mechanism import Mechanism, bent

if TYPE_CHECKING:
    from leaderbored.race.race import Race


@dataclass(frozen=True, config=CONFIG)
class Inputs(Mechanism):
    """Talent that migrates with the leaderboard, and research that compute cannot replace.

    Parameters
    ----------
    migration : float, default 0
        mu, by how much talent thins out per rung behind; 1/rung. Positive: toward the leader,
        negative: away from it, 0: the plain race. Between -5 and 5.
    weight : float, default 1
        w in (0, 1], weight of compute beside research; 1: the plain race.
    substitution : float, default 0.5
        sigma in (0, 1), elasticity of substitution between compute and research.
    research : float, optional
        Q > 0, research of each lab; units of compute. By default the labs' average compute.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, and by the race, if compute has a weight
        below one where a lease is on too.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9),
    ...                lb.Technology(1), discount=0.2, rungs=1,
    ...                mechanisms={"inputs": {"migration": 1.0}})
    >>> race.markov().scale.round(3).tolist()  # at the tie, A ahead, B ahead
    [[1.0, 1.462, 0.538], [1.0, 0.538, 1.462]]
    >>> short = replace(race, mechanisms={"inputs": {"weight": 0.5}})
    >>> quarter = np.full((2, 3), 0.25)  # (1/2 / (1/4) + 1/2)^-1 = 0.4 instead of 0.25
    >>> (short.markov().hazard(quarter)[0, 0] ** 2).round(6).item()
    0.4
    """

    migration: Annotated[
        float,
        quantity(
            "1/rung",
            "mu, migration of talent towards the leader; negative: away from it",
            ge=-5,
            le=5,
        ),
        NUMBER,
    ] = 0.0
    weight: Annotated[
        float, quantity("1", "w, weight of compute against research", gt=0, le=1), NUMBER
    ] = 1.0
    substitution: Annotated[
        float,
        quantity(
            "1", "sigma, elasticity of substitution between compute and research", gt=0.01, lt=1
        ),
        NUMBER,
    ] = 0.5
    research: Annotated[
        float | None,
        quantity("compute", "Q, research of each lab; by default the average compute", gt=0),
        NUMBER,
    ] = None
    adds: ClassVar[str] = (
        "hazards times `e^(-mu d)`, the sum of talents kept; a CES aggregate of compute and "
        "research in place of compute"
    )
    plain_at: ClassVar[str] = "`migration = 0`, `weight = 1`"

    @property
    def neutral(self) -> bool:
        """Whether talent stays where it is and compute alone counts."""
        return self.migration == 0 and self.weight == 1

    @property
    def plain(self) -> bool:
        """Whether compute alone builds; researchers may come and go."""
        return self.weight == 1

    def obstacles(self, race: Race) -> Iterator[tuple[str, str]]:
        """Why it does not fit the rest of the race."""
        if self.weight < 1:
            yield from bent(race, "researchers limit what compute builds")

    def apply(self, game: Markov, race: Race, play: Array | None = None) -> Markov:
        """Move talent, and the hazards with it; bend hazards where research is short."""
        talent = np.array([[lab.talent] for lab in race.labs])
        stays = np.exp(-self.migration * game.states.T)
        factor = stays * talent.sum() / (talent * stays).sum(axis=0)
        game = replace(game, scale=game.scale * factor)
        if self.weight == 1:
            return game
        compute = np.array([[lab.compute] for lab in race.labs])
        amount = compute.mean() if self.research is None else self.research
        research = amount / compute * np.ones(game.scale.shape)
        return curve(game, weight=self.weight, substitution=self.substitution, research=research)

r"""Hype: idle compute that persuades customers to take the second best.

Customers see capability with noise, which is what the switching :math:`\beta` of a logit stands
for. A lab that persuades with y units of compute, by demonstrations and free use, looks better by
:math:`\ln(1 + e y) / \beta` rungs:

.. math:: D_i = \psi \sum_j K_j
          \frac{w_i e^{-\beta d_i} (1 + e y_i)}{\sum_j w_j e^{-\beta d_j} (1 + e y_j)} ,

concave in :math:`y_i`, with e the effectiveness over the labs' average compute. Persuading moves no
state, so a lab that has settled what it builds with chooses y for the day's sales alone. If it is
sold out it does not persuade; if not, with as many units as leave none idle. Building is then never
free: what is idle in the plain race has a use, and laggards build less for nothing.

Labs' persuasion, given what they build with, is a game of strategic complements: the more rivals
persuade, the fewer customers come, the more is idle to persuade with. It has a least solution
(Topkis 1979, SIAM Journal on Control and Optimization 17), which solves one equation. With
:math:`a_j = w_j e^{-\beta d_j}`, demand :math:`M` in all and :math:`k_j` units not trained with,
none is idle at the total attraction T if

.. math:: y_j(T) = \max\Bigl(0, \frac{k_j T - M a_j}{T + e M a_j}\Bigr) ,
          \qquad T = \sum_j a_j (1 + e\, y_j(T)) ,

whose right-hand side rises in T and is concave between the points :math:`M a_j / k_j` at which a
lab begins to persuade. In the first piece at whose end it is at most T, Newton's method from that
end goes down to the least solution without leaving the piece. Each lab takes the rivals'
persuasion as given in every state, and the game is compiled at a play.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic.dataclasses import dataclass

from leaderbored.games.curved import curve
from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.ladder import RevenueLadder
from leaderbored.race.market import ScarceMarket
from leaderbored.race.mechanisms.mechanism import LIMITLESS, Mechanism, bent, kinked, open_labs

if TYPE_CHECKING:
    from leaderbored.race.race import Race

ROUNDS = 100
STILL = 4 * np.finfo(float).eps  # change of the total attraction, relative, that ends the iteration


@dataclass(frozen=True, config=CONFIG)
class Hype(Mechanism):
    """Compute that persuades.

    Parameters
    ----------
    effectiveness : float
        By how much a lab of average compute that persuades with all of it multiplies its
        attraction, less one; 0 is the plain race.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, and by the race, where demand has no limit,
        the hazard is linear, or other mechanisms that move demand are on too.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=3,
    ...                mechanisms={"hype": {"effectiveness": 2.0}})
    >>> solution = lb.solve(race)
    >>> solution.equilibria[0].regret < 1e-9
    True
    >>> lb.persuasion(solution)[:, 1].round(4).tolist()  # A leads by a rung: only B persuades
    [0.0, 0.1715]
    """

    effectiveness: Annotated[
        float,
        quantity(
            "1",
            "effect on demand of persuading with as much compute as the average lab has",
            ge=0,
            le=1e6,
        ),
        NUMBER,
    ]
    coupled: ClassVar[bool] = True
    adds: ClassVar[str] = (
        "idle compute persuades: demand in proportion to `w e^(-beta d) (1 + e y)`, `y` units of it"
    )
    plain_at: ClassVar[str] = "`effectiveness = 0`"

    @property
    def neutral(self) -> bool:
        """Whether nobody can be persuaded."""
        return self.effectiveness == 0

    def obstacles(self, race: Race) -> Iterator[tuple[str, str]]:
        """Why it does not fit the rest of the race."""
        yield from bent(race, "persuasion moves customers")
        yield from kinked(race)
        if isinstance(race.market, RevenueLadder):
            yield "", LIMITLESS
        if open_labs(race):
            yield "", "an open lab has no use for its compute; expected no open labs"
        if isinstance(race.market, ScarceMarket) and race.market.scarcity == 0:
            yield "", "nobody is persuaded at a demand of zero; expected market.scarcity > 0"
        if "spillover" in race.mechanisms.on:
            yield "", "customers move by persuasion alone; expected no spillover"
        if "accumulate" in race.mechanisms.on:
            yield "", "demand and compute move at once; expected no accumulate"

    def apply(self, game: Markov, race: Race, play: Array | None = None) -> Markov:
        """Split demand anew at what rivals persuade with when all build the shares ``play``."""
        count = game.states.shape[1]
        size = game.scale.shape
        share = game.idle if play is None else play[: size[0], : size[1]]
        each = self.effectiveness / float(np.mean([lab.compute for lab in race.labs]))
        own, left = game.demand[:count], (game.sells(share) * game.capacity)[:count]
        pulled = own * (1 + each * _persuades(own, left, each))
        others = pulled.sum(axis=0) - pulled
        demand, rivals = game.demand.copy(), np.ones_like(game.demand)
        demand[:count] = own.sum(axis=0) * own / (own + others)
        rivals[:count] = others / own
        return curve(game, demand=demand, rivals=rivals, persuasion=each)


def _persuades(own: Array, left: Array, e: float) -> Array:
    """(N, S) least y: (N, S) demands without persuasion, and units that are not trained with."""
    met = own.sum(axis=0) * own  # M a, with a in units of demand

    def units(total: Array) -> Array:
        return np.asarray(np.maximum(left * total - met, 0) / (total + e * met))

    def beyond(total: Array) -> Array:
        return np.asarray((own * (1 + e * units(total))).sum(axis=0) - total)

    least, most = own.sum(axis=0), (own * (1 + e * left)).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        begins = met / left
    total = most
    for end in np.sort(np.vstack([np.clip(begins, least, most), least]), axis=0)[::-1]:
        total = np.where(beyond(end) <= 0, end, total)
    persuade = begins < total  # in the piece that ends there
    for _ in range(ROUNDS):
        each = np.where(persuade, own * e * met * (1 + e * left) / (total + e * met) ** 2, 0)
        slope = np.minimum(each.sum(axis=0), 1) - 1
        step = np.divide(beyond(total), -slope, out=np.zeros_like(total), where=slope < 0)
        total = total + np.minimum(step, 0)
        if bool((-step <= STILL * total).all()):
            break
    return units(total)

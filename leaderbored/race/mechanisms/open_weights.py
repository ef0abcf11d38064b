r"""Open weights: imitation that levels every lead, and labs whose users run the model themselves.

*Imitation.* At the rate :math:`h_o` everybody draws level with the frontier. With leapfrogging and
a linear hazard a leader then chases as if it discounted at :math:`\rho + h_o`: laggards chase iff
:math:`r_1 / f \ge N + (\rho + h_o) / \lambda` (result R17 of :mod:`leaderbored.theory`). Imitation
enters the game as one more player, without compute and without a choice, and is no lab's advance.

*Open labs.* The customers of an open lab find computers of their own. It serves all of its demand
whatever it builds with, earns a fraction :math:`f` of the price, and builds with all it has:

.. math:: R_i = f\, price_i\, D_i .

Where demand has no limit it is taken to be :math:`K_i`, what the lab would sell if it sold all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from pydantic import Field
from pydantic.dataclasses import dataclass

from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.lab import Name
from leaderbored.race.mechanisms.mechanism import CLEARED, Mechanism

if TYPE_CHECKING:
    from leaderbored.race.race import Race

SLIVER = 2.0**-39  # of its compute, which an open lab keeps to serve from; hazards are as without


@dataclass(frozen=True, config=CONFIG)
class OpenWeights(Mechanism):
    """Everybody draws level now and then; open labs serve customers without own compute.

    Parameters
    ----------
    imitation : float, default 0
        h_o >= 0, how often everybody draws level with the frontier; 1/year.
    labs : sequence of str, default ()
        Names of the open labs.
    fraction : float, default 0
        f in [0, 1], share of the price that an open lab earns.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, and by the race, labs that it does not have.

    Notes
    -----
    Imitation to parity is that of Acemoglu and Akcigit (2012), Journal of the European Economic
    Association 10, where patents expire at a rate.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9),
    ...                lb.Technology(1), discount=0.2, rungs=3,
    ...                mechanisms={"open_weights": {"labs": ["B"], "fraction": 0.3}})
    >>> [round(share, 9) for share in lb.solve(race).equilibria[0].build[1, :4].tolist()]
    [1.0, 1.0, 1.0, 1.0]
    """

    imitation: Annotated[
        float, quantity("1/year", "h_o, rate at which all labs draw level", ge=0), NUMBER
    ] = 0.0
    labs: Annotated[tuple[Name, ...], Field(description="names of the open labs")] = ()
    fraction: Annotated[
        float, quantity("1", "f, share of the price that open labs earn", ge=0, le=1), NUMBER
    ] = 0.0
    adds: ClassVar[str] = "jumps to a tie; open labs earn `f p D` and build with all they have"
    plain_at: ClassVar[str] = "`imitation = 0`, no `labs`"

    @property
    def neutral(self) -> bool:
        """Whether nobody imitates and no lab is open."""
        return self.imitation == 0 and not self.labs

    @property
    def plain(self) -> bool:
        """Whether no lab is open; imitation is nobody's share."""
        return not self.labs

    def obstacles(self, race: Race) -> Iterator[tuple[str, str]]:
        """Why it does not fit the rest of the race."""
        names = [lab.name for lab in race.labs]
        if any(name not in names for name in self.labs):
            yield "labs", f"expected names of labs: {', '.join(names)}"
        if self.labs and race.market.kind == "clearing":
            served = "customers of an open lab are those of a set price"
            yield "labs", f"{served}; {CLEARED}, or no open labs but market.openness"

    def apply(self, game: Markov, race: Race, play: Array | None = None) -> Markov:
        """Rework the tables of the open labs; add imitation as a player."""
        if self.labs:
            game = self._opened(game)
        return self._imitated(game) if self.imitation > 0 else game

    def _opened(self, game: Markov) -> Markov:
        is_open = np.isin(game.players, self.labs)[:, None]
        served = np.where(np.isfinite(game.demand), game.demand, game.capacity)
        upper = np.minimum(game.upper, 1 - SLIVER)
        lower = np.minimum(game.lower, upper)
        rescaled = (np.minimum(game.upper, 1) / np.maximum(upper, SLIVER)) ** game.returns
        plenty = 2 * np.maximum(served.sum(axis=0), game.capacity.sum(axis=0)) / SLIVER
        return replace(
            game,
            upper=np.where(is_open, upper, game.upper),
            lower=np.where(is_open, lower, game.lower),
            scale=np.where(is_open & (game.upper > upper), rescaled, 1.0) * game.scale,
            price=np.where(is_open, self.fraction, 1.0) * game.price,
            demand=np.where(is_open, served, game.demand),
            capacity=np.where(is_open, plenty, game.capacity),
        )

    def _imitated(self, game: Markov) -> Markov:
        size = len(game.states)
        tie = int(np.flatnonzero((game.states == 0).all(axis=1))[0])
        to_tie = (np.ones(size), (np.arange(size), np.full(size, tie)))
        jump = sp.csr_array(to_tie, shape=(size, size))
        return game.joined("(imitation)", self.imitation, jump)

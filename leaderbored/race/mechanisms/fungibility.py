r"""Fungibility: compute has a native use, and is worth less in the other one.

Of each lab's compute a share m, its home share, is native to training: chips, networks and places
chosen for it. The rest is native to serving. Units in the other use lose the fraction c, so that a
lab that builds with the share b trains with :math:`u K` and can sell :math:`v K` units,

.. math:: u(b) = \min\{b, m\} + (1 - c)(b - m)^+, \qquad
          v(b) = \min\{1 - b, 1 - m\} + (1 - c)(m - b)^+ ,

the native units first. Up to m a unit of training gives up 1 - c units of sales, beyond it
1 / (1 - c): replies get a second kink, at m, on which labs sit that would rather move than convert.
With c = 0 it is the plain race.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic.dataclasses import dataclass

from leaderbored.games.curved import curve
from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.mechanisms.mechanism import Mechanism, bent, kinked

if TYPE_CHECKING:
    from leaderbored.race.race import Race


@dataclass(frozen=True, config=CONFIG)
class Fungibility(Mechanism):
    """Compute that is worth less away from its native use.

    Parameters
    ----------
    loss : float
        c in [0, 1), fraction lost in the other use; 0 is the plain race.
    home : float, default 0.5
        m in [0, 1], share of each lab's compute that is native to training.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, and by the race, where the hazard is linear,
        or a lease is on too.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder("1.5**g"),
    ...                lb.Technology(1, leapfrog=1), discount=0.2, rungs=3,
    ...                mechanisms={"fungibility": {"loss": 0.5, "home": 0.18}})
    >>> lb.solve(race).equilibria[0].build[0, :3].round(6).tolist()  # all on the kink
    [0.18, 0.18, 0.18]
    """

    loss: Annotated[
        float,
        quantity("1", "c, share of compute that is lost in its other use", ge=0, lt=1),
        NUMBER,
    ]
    home: Annotated[
        float, quantity("1", "m, share of compute that is native to training", ge=0, le=1), NUMBER
    ] = 0.5
    adds: ClassVar[str] = "compute beyond its native use is worth `1 - loss`"
    plain_at: ClassVar[str] = "`loss = 0`"

    @property
    def neutral(self) -> bool:
        """Whether compute moves without loss."""
        return self.loss == 0

    def obstacles(self, race: Race) -> Iterator[tuple[str, str]]:
        """Why it does not fit the rest of the race."""
        yield from bent(race, "compute loses between building and selling")
        yield from kinked(race)

    def apply(self, game: Markov, race: Race, play: Array | None = None) -> Markov:
        """Bend what the labs train and sell with."""
        return curve(game, home=self.home, loss=self.loss)

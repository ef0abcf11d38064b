r"""Training delay: what is built answers the lead of when its training began.

Labs of the race answer a lead at once. Where a model takes the time :math:`\tau` to train, they
answer that of :math:`\tau` years ago. Equilibria with such a delay are not computed: the delay
leaves the race as it is, and :func:`leaderbored.whiplash` says by an assumed rule, linear with a
delay (result R15 of :mod:`leaderbored.theory`), whether leads would die out or swing if labs kept
answering as they do at the equilibrium without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic.dataclasses import dataclass

from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.mechanisms.mechanism import Mechanism

if TYPE_CHECKING:
    from leaderbored.race.race import Race


@dataclass(frozen=True, config=CONFIG)
class TrainingDelay(Mechanism):
    """How late what is built answers a lead.

    Parameters
    ----------
    years : float
        tau > 0, from the start of training to the model; years.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, and by the race, if no lead of two rungs is
        distinguished from one of one.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(6), discount=0.2, rungs=6,
    ...                mechanisms={"training_delay": {"years": 0.5}})
    >>> race.mechanisms.on  # the race is solved as without it
    ()
    >>> round(lb.whiplash(race).boundary, 3)  # up to this delay leads would die out
    0.429
    """

    years: Annotated[float, quantity("years", "tau, time of training", gt=0, le=1e3), NUMBER]
    apart: ClassVar[bool] = True
    adds: ClassVar[str] = (
        "whether leads would die out or swing if play answered them late, by an assumed rule (R15)"
    )
    plain_at: ClassVar[str] = "any: the race is solved as without"

    def obstacles(self, race: Race) -> Iterator[tuple[str, str]]:
        """Why it does not fit the rest of the race."""
        if race.rungs < 2:
            yield "", "whether a lead of one rung grows is not distinguished; expected rungs >= 2"

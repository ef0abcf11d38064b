"""Schedule: scarcity that moves along a path which all foresee.

A schedule changes when, not what: the race of a date is the race at the scarcity of that date, and
``solve`` answers for the scarcity of the market as if it stayed. What labs do on the way, and when
the verdict changes, is :func:`leaderbored.scarcity_path`'s to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.record import CONFIG, NUMBER, field_error
from leaderbored.race.market import ScarceMarket
from leaderbored.race.mechanisms.mechanism import Mechanism

if TYPE_CHECKING:
    from leaderbored.race.race import Race

Date = Annotated[float, Field(ge=0), NUMBER]


@dataclass(frozen=True, config=CONFIG)
class Schedule(Mechanism):
    """Scarcity at some dates, linear in between; it stays at the last.

    Parameters
    ----------
    years : sequence of float
        Two dates or more, from 0 on, increasing; years from now.
    scarcity : sequence of float
        psi at them; not negative.

    Raises
    ------
    pydantic.ValidationError
        Naming what is out of its range, and by the race, a market without scarcity or other
        mechanisms beside it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9),
    ...                lb.Technology(3, flywheel=0.2), discount=0.2, rungs=6,
    ...                mechanisms={"scarcity_path": {"years": [0, 4], "scarcity": [0.9, 0.2]}})
    >>> print(lb.scarcity_path(race).sentence)
    It is a run, from year 3.0 on a breakaway, from year 3.4 on a race.
    """

    years: Annotated[tuple[Date, ...], Field(min_length=2, description="years from now; rising")]
    scarcity: Annotated[tuple[Date, ...], Field(min_length=2, description="psi at these dates")]
    apart: ClassVar[bool] = True
    adds: ClassVar[str] = "when the verdict changes while scarcity moves along a foreseen path"
    plain_at: ClassVar[str] = "any: the race at the market's own scarcity is as without"

    @model_validator(mode="after")
    def _a_path(self) -> Schedule:
        if self.years[0] != 0 or any(later <= date for date, later in pairwise(self.years)):
            raise field_error("years", self.years, "expected dates from 0 on, increasing")
        if len(self.scarcity) != len(self.years):
            reason = f"expected a number for each of {len(self.years)} dates"
            raise field_error("scarcity", self.scarcity, reason)
        return self

    def obstacles(self, race: Race) -> Iterator[tuple[str, str]]:
        """Why it does not fit the rest of the race."""
        if not (isinstance(race.market, ScarceMarket) and race.mechanisms.off):
            yield "", "expected market.kind = 'scarce' and no other mechanisms"

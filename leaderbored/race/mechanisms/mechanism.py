"""What every mechanism is: a record that turns the game of a race into another one.

How to write one, and how to make it known from outside, is in ``docs/extending.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from leaderbored.games.markov import Array, Markov, States

if TYPE_CHECKING:
    from leaderbored.race.race import Race

LIMITLESS = "demand has no limit on a revenue ladder; expected market.kind = 'scarce'"
CLEARED = "expected market.kind = 'scarce'"


class Mechanism:
    """An extension of the race; the base class of all mechanisms, which itself changes nothing.

    Attributes
    ----------
    adds, plain_at : str
        What it adds, and the values at which the race is the plain one; for tables.
    after : str or None
        Of a mechanism from outside: the name of the one that it follows in the order in which
        they apply. None: it comes first, and is given the plain game.
    coupled : bool
        Whether tables depend on the rivals' play. A lab's own play must move none of its
        own tables.
    apart : bool
        Whether the race is solved as without it, and something else reads it.

    Examples
    --------
    >>> Mechanism().neutral
    False
    """

    adds: ClassVar[str] = ""
    plain_at: ClassVar[str] = ""
    after: ClassVar[str | None] = None
    coupled: ClassVar[bool] = False
    apart: ClassVar[bool] = False

    @property
    def neutral(self) -> bool:
        """Whether the race is as without it."""
        return False

    @property
    def plain(self) -> bool:
        """Whether a lab sells and succeeds at a share as labs of a plain race do.

        In what state it is found, and at which hazard all of its compute succeeds, may differ.
        """
        return self.neutral

    def apply(self, game: Markov, race: Race, play: Array | None = None) -> Markov:
        """The game with the mechanism.

        Parameters
        ----------
        game : Markov
            With the mechanisms that come before; its first players are the labs of the race.
        race : Race
        play : (N, S) array, optional
            Shares at which a coupled mechanism works its tables out; by default those of labs
            that sell all they can.
        """
        return game

    def obstacles(self, race: Race) -> Iterable[tuple[str, str]]:
        """Why it does not fit the rest of the race: the field to blame, and what was expected.

        An empty field blames the mechanism as a whole.
        """
        return ()

    def board(self, states: States, compute: Array) -> tuple[States, Array]:
        """The leaderboards of its states: copies side by side, or all over again in blocks.

        Parameters
        ----------
        states : (S, N) int array
            Rungs behind the frontier in each state of the game without it.
        compute : (N, S) array
            Compute of each lab there.

        Returns
        -------
        states, compute
            The same in each state of the game with it, but for those in which the race is over.
        """
        return states, compute


def open_labs(race: Race) -> tuple[str, ...]:
    """Names of the labs that are open."""
    weights = race.mechanisms.open_weights
    return tuple(weights.labs) if weights else ()


def bent(race: Race, where: str) -> Iterator[tuple[str, str]]:
    """What does not fit beside a mechanism that bends the replies of labs, and where it does."""
    if "lease" in race.mechanisms.on:
        yield "", "replies to a rent are known in closed form alone; expected no lease"
    if race.market.kind == "clearing":
        reason = f"prices that clear the market are not known where {where}"
        yield "", f"{reason}; expected another market.kind"


def kinked(race: Race) -> Iterator[tuple[str, str]]:
    """What does not fit beside a mechanism that gives replies a kink."""
    if race.technology.returns == 1:
        reason = "a linear hazard leaves replies at a kink open; expected technology.returns < 1"
        yield "", reason

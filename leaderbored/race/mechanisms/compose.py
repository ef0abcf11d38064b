r"""Mechanisms: what a race may have on top of labs, market and technology, and how they combine.

A mechanism is a record that turns a Markov game into another one. A race compiles to its plain
game, and the mechanisms that are switched on then rework it, always in this order:

=============  ==========================================================================
inputs         who has which researchers, and what compute is without them: hazards
fungibility    what compute loses away from its native use: hazards and sales
open_weights   what an open lab earns and needs; imitation, a player without compute
inertia        states are pairs of a true leaderboard and the one that customers perceive
lease          tables stay; the rent is found with the equilibrium
hype           whom idle compute persuades: demand, which hangs on the play
spillover      where customers go that a lab turns away: demand, which hangs on the play
jackpot        successes that end the race: absorbing states
accumulate     the race at every split of compute, and revenue that moves it
scarcity_path  tables stay; the path is solved backward in time, apart
=============  ==========================================================================

So an open lab has its room before others' customers arrive, customers whom a lab turns away go
down the leaderboard that they perceive, and only a success of a lab, not imitation, can end the
race. A mechanism at its neutral value leaves the game as it is.

Where a mechanism makes demand hang on the rivals' play, the game is compiled at a given play. No
share of a lab moves its own tables, so an equilibrium of the game compiled at the equilibrium
itself is an equilibrium of the race, and its certificate, a deviation of one lab, is exact; see
:mod:`leaderbored.solvers.markov.clearing`.

Mechanisms that bend hazards or sales turn the game into a :class:`leaderbored.games.curved.Curved`
one, which has an engine of its own, :mod:`leaderbored.solvers.markov.curved`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import scipy.sparse as sp
from pydantic.dataclasses import dataclass

from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import CONFIG
from leaderbored.race.mechanisms.accumulate import Accumulate
from leaderbored.race.mechanisms.fungibility import Fungibility
from leaderbored.race.mechanisms.hype import Hype
from leaderbored.race.mechanisms.inertia import Inertia
from leaderbored.race.mechanisms.inputs import Inputs
from leaderbored.race.mechanisms.jackpot import Jackpot
from leaderbored.race.mechanisms.lease import Lease
from leaderbored.race.mechanisms.open_weights import OpenWeights
from leaderbored.race.mechanisms.schedule import Schedule
from leaderbored.race.mechanisms.spillover import Spillover

if TYPE_CHECKING:
    from leaderbored.race.race import Race


class Mechanism(Protocol):
    """What every mechanism can do."""

    coupled: ClassVar[bool]

    @property
    def neutral(self) -> bool:
        """Whether the race is the plain one."""

    def apply(self, game: Markov, race: Race, play: Array | None = None) -> Markov:
        """The game with the mechanism, at the shares ``play`` where it is coupled."""


@dataclass(frozen=True, config=CONFIG)
class Mechanisms:
    """The mechanisms of a race, each off by default.

    Parameters
    ----------
    inputs : Inputs, optional
        Researchers who move toward the leader, or away from it, and whom compute cannot replace.
    fungibility : Fungibility, optional
        Compute that is worth less away from its native use.
    open_weights : OpenWeights, optional
        Imitation to parity, and labs whose users run the model themselves.
    inertia : Inertia, optional
        Customers notice with a lag who is ahead.
    lease : Lease, optional
        Labs rent compute to each other.
    hype : Hype, optional
        Idle compute persuades customers.
    spillover : Spillover, optional
        Customers whom a lab turns away go to the next best lab with room.
    jackpot : Jackpot, optional
        A success may end the race, for a prize.
    accumulate : Accumulate, optional
        Revenue buys compute.
    scarcity_path : Schedule, optional
        Scarcity moves along a path that all foresee.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range.

    Examples
    --------
    >>> Mechanisms(jackpot=Jackpot(chance=0.01, prize=50)).on
    ('jackpot',)
    >>> Mechanisms(jackpot=Jackpot(chance=0)).off
    True
    """

    inputs: Inputs | None = None
    fungibility: Fungibility | None = None
    open_weights: OpenWeights | None = None
    inertia: Inertia | None = None
    lease: Lease | None = None
    hype: Hype | None = None
    spillover: Spillover | None = None
    jackpot: Jackpot | None = None
    accumulate: Accumulate | None = None
    scarcity_path: Schedule | None = None

    @property
    def on(self) -> tuple[str, ...]:
        """Names of the mechanisms that change the race, in the order in which they apply."""
        given = ((part.name, getattr(self, part.name)) for part in fields(self))
        return tuple(name for name, mechanism in given if mechanism and not mechanism.neutral)

    @property
    def off(self) -> bool:
        """Whether the race is the plain one."""
        return not self.on

    @property
    def hanging(self) -> tuple[str, ...]:
        """Names of the mechanisms by which what a lab can sell hangs on what its rivals do."""
        return tuple(name for name in self.on if getattr(self, name).coupled)

    @property
    def coupled(self) -> bool:
        """Whether there are any such."""
        return bool(self.hanging)

    def without(self, name: str) -> Mechanisms:
        """The others.

        Examples
        --------
        >>> Mechanisms(inputs=Inputs(0.1), jackpot=Jackpot(0.01)).without("inputs").on
        ('jackpot',)
        """
        return replace(self, **{name: None})

    def steps(
        self, game: Markov, race: Race, play: Array | None = None
    ) -> Iterator[tuple[str, Markov]]:
        """Rework the plain game of a race, one mechanism after the other.

        Parameters
        ----------
        game : Markov
            N labs, S states.
        race : Race
        play : array, optional
            Shares of the reworked game at which demand is worked out; by default all labs sell
            all they can.

        Yields
        ------
        name : str
            Of the mechanism.
        game : Markov
            With a player more under imitation, one more and S squared states under inertia, N
            states more under a jackpot, and N players more under accumulation.

        Examples
        --------
        >>> import leaderbored as lb
        >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(3), discount=0.1, rungs=2)
        >>> [(name, ends)] = Mechanisms(jackpot=Jackpot(0.1)).steps(race.markov(), race)
        >>> name, ends.states.tolist()[-3:]
        ('jackpot', [[2, 0], [-1, -1], [-1, -1]])
        """
        for name in self.on:
            game = getattr(self, name).apply(game, race, play)
            yield name, game


def leaderboard(game: Markov) -> Markov:
    """The game without the states in which the race is over: as if it went on.

    Every success is a rung, those included that would end the race. A game without such states is
    returned as it is.

    Examples
    --------
    >>> import leaderbored as lb
    >>> ends = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=2,
    ...                mechanisms={"jackpot": {"chance": 0.1}}).markov()
    >>> len(ends.states), len(leaderboard(ends).states)
    (7, 5)
    """
    lasts = int((game.states >= 0).all(axis=1).sum())
    if lasts == len(game.states):
        return game
    jump = []
    for law in game.jump:
        going = sp.csr_array(law[:lasts][:, :lasts])
        jump.append(sp.csr_array(sp.diags_array(1 / going.sum(axis=1)) @ going))
    cut: dict[str, Any] = {
        name: np.ascontiguousarray(getattr(game, name)[:, :lasts]) for name in game.TABLES
    }
    return replace(game, states=game.states[:lasts], jump=tuple(jump), **cut)

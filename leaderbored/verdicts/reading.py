"""How the labs' shares read: the law of the leaderboard, the pace at each lead, where play ends."""

from __future__ import annotations

from dataclasses import dataclass

from leaderbored.games.markov import Array, Markov
from leaderbored.race import Race
from leaderbored.race.mechanisms import leaderboard
from leaderbored.solvers.markov.system import System
from leaderbored.verdicts.ends import End, ends
from leaderbored.verdicts.law import Law, stationary
from leaderbored.verdicts.pace import Kind, Shape, pace_ratio, shape


@dataclass(frozen=True, eq=False)
class Reading:
    """What the shares that labs build say about their race.

    Attributes
    ----------
    law : Law
        Of the S states in which the race goes on.
    hazard : (N, S) array
        Success hazards there, 1/year; rows of players that are no labs come last.
    pace : (G - 1,) array
        As of :func:`leaderbored.verdicts.pace_ratio`.
    ends : tuple of End
    shape : Shape
    """

    law: Law
    hazard: Array
    pace: Array
    ends: tuple[End, ...]
    shape: Shape


def read(race: Race, game: Markov, build: Array, law: Law | None = None) -> Reading:
    """Read the verdict off the shares.

    Parameters
    ----------
    race : Race
    game : Markov
        The race compiled.
    build : (N, S) array
        Shares; states in which the race is over are left out.
    law : Law, optional
        Of the states under these shares, if it is known.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> found = lb.solve(race).equilibria[0]
    >>> read(race, found.game, found.build).shape.kind
    'run'
    """
    game = leaderboard(game)
    build = build[:, : len(game.states)]
    hazard = game.hazard(build)
    law = law or stationary(System(game).transitions(hazard), game.discount)
    pace, found = pace_ratio(race, hazard, law), ends(race, hazard, build, law)
    return Reading(law, hazard, pace, found, shape(pace, found))


def kind_at(race: Race, game: Markov, build: Array) -> Kind | None:
    """Kind of the verdict on a race in which the labs build the shares ``build`` (N, S)."""
    return read(race, game, build).shape.kind

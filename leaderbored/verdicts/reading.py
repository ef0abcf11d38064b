"""How the labs' shares read: the law of the leaderboard, the pace at each lead, where play ends.

This is the one place that decides a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.race import Race
from leaderbored.race.mechanisms import leaderboard
from leaderbored.solvers.markov.system import System
from leaderbored.verdicts.advances import Succession, above, succession
from leaderbored.verdicts.board import long_run
from leaderbored.verdicts.ends import End, ends, verdict_of
from leaderbored.verdicts.law import Law
from leaderbored.verdicts.pace import Kind, Shape, pace_ratio


@dataclass(frozen=True, eq=False)
class Reading:
    """What the shares that labs build say about their race.

    Attributes
    ----------
    law : Law
        Of the S states in which the race goes on, from a tie.
    hazard : (N, S) array
        Success hazards there, 1/year; rows of players that are no labs come last.
    pace : (G - 1,) array
        As of :func:`leaderbored.verdicts.pace_ratio`.
    ends : tuple of End
        Where play from a tie ends.
    shape : Shape
        The verdict.
    succession : Succession or None
        Who advances next, if that was asked for.
    """

    law: Law
    hazard: Array
    pace: Array
    ends: tuple[End, ...]
    shape: Shape
    succession: Succession | None = None

    @property
    def bounded(self) -> bool:
        """Whether leads come and go somewhere, and escape nowhere: if so they have a mean."""
        kinds = {end.kind for end in self.ends}
        return "escape" not in kinds and kinds != {"standstill"}


def read(
    race: Race, game: Markov, build: Array, law: Law | None = None, *, changes: bool = False
) -> Reading:
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
    changes : bool, default False
        Whether to tell lead changes wherever play ends.

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
    law = law or long_run(game, hazard)
    pace = pace_ratio(race, hazard, law, game)
    who = succession(race, game, hazard, law.never) if changes else None
    found = ends(race, game, hazard, build, law, succession=who)
    return Reading(law, hazard, pace, found, verdict_of(found, pace), who)


def from_a_lead(race: Race, game: Markov, build: Array) -> Reading:
    """The same of play that starts with a lead of one rung, each lab being as likely to have it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(1.5),
    ...                lb.Technology(3, leapfrog=1), discount=0.1, rungs=6)
    >>> found = lb.solve(race).equilibria[0]
    >>> read(race, found.game, found.build).shape.kind
    'standstill'
    >>> from_a_lead(race, found.game, found.build).shape.kind
    'run'
    """
    game = leaderboard(game)
    start = np.zeros(len(game.states))
    for lab in range(len(race.labs)):
        start[above(race, game, lab)[0][0]] += 1.0
    law = long_run(game, game.hazard(build[:, : len(game.states)]), start)
    return read(race, game, build, law, changes=True)


def kind_at(race: Race, game: Markov, build: Array, system: System | None = None) -> Kind | None:
    """Kind of the verdict on a race in which the labs build the shares ``build`` (N, S).

    The system of the game, if it is known, need not be assembled again.
    """
    law = None
    if system is not None and leaderboard(game) is game:
        law = long_run(game, game.hazard(build), system=system)
    return read(race, game, build, law).shape.kind

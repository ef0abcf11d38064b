"""Lines of a map that the theory knows in closed form."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.places import alter
from leaderbored.games.problems import GameFileError
from leaderbored.race import ClearingMarket, Race, ScarceMarket
from leaderbored.theory.borders import window
from leaderbored.theory.shortage import closing_from

SCARCITY, SWITCHING, OPENNESS = "market.scarcity", "market.switching", "market.openness"
FINE = 200  # places along a line


class Boundary(NamedTuple):
    """A line of the theory on a map.

    Attributes
    ----------
    name : str
        What changes there, and the result that says so.
    x, y : (n,) arrays
    """

    name: str
    x: Array
    y: Array

    def turned(self) -> Boundary:
        """The same with the axes changed."""
        return Boundary(self.name, self.y, self.x)


def boundaries(game: Any, x: tuple[str, Array], y: tuple[str, Array]) -> list[Boundary]:
    """The lines that the theory draws on a map of a race; none where it knows of none.

    Parameters
    ----------
    game : Race
        Or a game of another kind, of which there are none.
    x, y : (str, (n,) array)
        Path and values of the number along each side.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(1),
    ...                discount=0.5)
    >>> sides = ("market.scarcity", np.array([0.3, 1.2])), ("discount", np.array([0.1, 0.9]))
    >>> for line in boundaries(race, *sides):
    ...     print(line.name, line.x.tolist())
    leader far ahead sold out (R3) [0.5, 0.5]
    all sold out at the tie (R3) [1.0, 1.0]
    """
    if y[0] == SCARCITY:
        return [line.turned() for line in boundaries(game, y, x)]
    if x[0] != SCARCITY or not isinstance(game, Race) or y[0].startswith(("labs", "mechanisms")):
        return []
    if isinstance(game.market, ScarceMarket):
        found = _rationed(game, game.market, y)
    else:
        found = _clearing(game, x, y) if isinstance(game.market, ClearingMarket) else []
    low, high = float(np.min(x[1])), float(np.max(x[1]))
    return [line for line in found if (line.x <= high).any() and (line.x >= low).any()]


def _rationed(race: Race, market: ScarceMarket, y: tuple[str, Array]) -> list[Boundary]:
    """Where labs that are equal are sold out, far ahead, one rung ahead, and at the tie."""
    found = window(race, market.switching)
    if found is None:
        return []
    ends = np.array([np.min(y[1]), np.max(y[1])], dtype=float)
    far, _, at_tie = found
    tie = Boundary("all sold out at the tie (R3)", np.full(2, at_tie), ends)
    if y[0] == SWITCHING and len(race.labs) == 2:
        along = np.linspace(ends[0], ends[1], FINE)
        one = np.array([window(race, switching) for switching in along.tolist()])[:, 1]
        return [Boundary("leader one rung ahead sold out (R3)", one, along), tie]
    if far == at_tie:
        return [tie]
    return [Boundary("leader far ahead sold out (R3)", np.full(2, far), ends), tie]


def _clearing(race: Race, x: tuple[str, Array], y: tuple[str, Array]) -> list[Boundary]:
    """The border between race and run in famine."""
    if y[0] != OPENNESS:
        return []
    places = np.linspace(float(np.min(x[1])), float(np.max(x[1])), FINE)
    along, border = [], []
    for scarcity in places.tolist():
        try:
            found = closing_from(alter(race, {SCARCITY: scarcity}))
        except GameFileError:
            continue
        if found is not None and np.min(y[1]) <= found <= np.max(y[1]):
            along.append(scarcity)
            border.append(found)
    if len(along) < 2:
        return []
    name = "border for impatient labs (R24)"
    return [Boundary(name, np.array(along), np.array(border))]

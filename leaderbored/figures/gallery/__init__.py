"""The gallery: figures of the theory and of solved races, each from one function.

Every function draws the figure of the paper when called without arguments, and the same figure of
your own race, or parameters, when given them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from pydantic import ValidationError

from leaderbored.games.problems import GameFileError
from leaderbored.games.record import RefusedError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from leaderbored.race import Race


@dataclass(frozen=True)
class Entry:
    """A figure of the gallery.

    Attributes
    ----------
    name : str
        Of the figure, of its function and of its module.
    title : str
        What it shows.
    """

    name: str
    title: str

    @property
    def function(self) -> Callable[..., Figure]:
        """The function that draws it."""
        home = import_module(f"leaderbored.figures.gallery.{self.name.replace('-', '_')}")
        function: Callable[..., Figure] = getattr(home, self.name.replace("-", "_"))
        return function

    @property
    def takes(self) -> str:
        """What it can be drawn of: "race", "races", or "" if of parameters alone.

        Examples
        --------
        >>> [entry.takes for entry in (find("phase"), find("pace"), find("whiplash"))]
        ['race', 'races', '']
        """
        names = inspect.signature(self.function).parameters
        return next((name for name in ("race", "races") if name in names), "")

    def draw(self, race: Race | None = None) -> Figure:
        """Draw the figure, of a race of one's own if there is one.

        Raises
        ------
        RefusedError
            If the figure is not one of a race, or not of such a race.

        Examples
        --------
        >>> len(find("pace").draw().axes)
        1
        """
        if race is None:
            return self.function()
        if not self.takes:
            raise RefusedError(f"{self.name}: drawn from parameters, expected no race")
        try:
            if self.takes == "races":
                return self.function({race.name or "this race": race})
            return self.function(race=race)
        except ValidationError as error:  # there is no such race with what the figure varies
            reasons = [found["msg"].removeprefix("Value error, ") for found in error.errors()]
        except GameFileError as error:
            reasons = [f"{mistake.place}: {mistake.expected}" for mistake in error.mistakes]
        raise RefusedError("; ".join(reasons))


GALLERY = (
    Entry("trajectories", "capability over the years, in a run and in a race"),
    Entry(
        "headwind", "best replies of a one-shot contest, and the scarcity that holds leaders back"
    ),
    Entry("pace", "the pace ratio by lead, in the four shapes of a verdict"),
    Entry("phase", "race or run over scarcity and handicap, and where both are equilibria"),
    Entry(
        "openness",
        "race or run where prices clear: scarcity, openness, headwind, speed of the frontier",
    ),
    Entry("folds", "the equilibrium correspondence along a parameter, with its folds"),
    Entry("ladders", "revenue ladders bent three ways, and what leaders build"),
    Entry("leaderboard", "a leaderboard of five labs over five years, and time in the lead"),
    Entry("league-table", "time in the lead against compute, simulated and exact"),
    Entry("elasticity", "whether compute spreads or concentrates, by the elasticity of demand"),
    Entry("leasing", "what friction between lessor and lessee does to the verdict"),
    Entry("whiplash", "leads that are answered with a delay, and their swings"),
    Entry("scarcity", "computers arrive: the date at which the run ends"),
    Entry("record", "who led on public leaderboards, and by how much"),
)


def find(name: str) -> Entry:
    """The entry of this name.

    Raises
    ------
    KeyError
        If there is none.

    Examples
    --------
    >>> find("pace").title
    'the pace ratio by lead, in the four shapes of a verdict'
    """
    return {entry.name: entry for entry in GALLERY}[name]

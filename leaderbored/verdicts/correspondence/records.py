"""What a correspondence is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.stochastic import MarkovGame
from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers import Census, Equilibrium, MarkovEquilibrium, Status
from leaderbored.solvers.markov.turning import TurnProof
from leaderbored.solvers.numerics.curve import Curve, CurvePoint
from leaderbored.verdicts.pace import Kind

NARROW = 1e-6  # of the range, a stretch in which nothing is looked for


@dataclass(frozen=True, eq=False)
class Waypoint:
    """An equilibrium at one value of the parameter.

    Attributes
    ----------
    parameter : float
    equilibrium : Equilibrium or MarkovEquilibrium
    verdict : str or None
        None if it is not one of a race.
    turn : TurnProof or None
        Of a fold: whether it is proved that the curve turns there.
    """

    parameter: float
    equilibrium: Equilibrium | MarkovEquilibrium
    verdict: Kind | None
    turn: TurnProof | None = None

    @property
    def _deciding(self) -> int | None:
        """How many players decide: of a race its labs, which come first; else all."""
        if isinstance(self.equilibrium, Equilibrium):
            return int(self.equilibrium.game.states.shape[1])
        return None

    @property
    def value(self) -> Array:
        """(N,) values in the first state: of a race those of its labs, where all are tied."""
        return self.equilibrium.value[: self._deciding, 0]

    @property
    def choice(self) -> Array:
        """(X,) what is done there: shares that build, real actions, or probabilities."""
        if isinstance(self.equilibrium, Equilibrium):
            return self.equilibrium.build[: self._deciding, 0]
        return np.concatenate([np.atleast_1d(x[0]) for x in self.equilibrium.policy.values()])


@dataclass(frozen=True, eq=False)
class Branch:
    """An equilibrium over a stretch of the parameter, between folds and branch points.

    Attributes
    ----------
    points : tuple of Waypoint
        In order along the curve; the parameter rises or falls throughout.
    index : int
        1 or -1, of every equilibrium on it.
    """

    points: tuple[Waypoint, ...]
    index: int

    @property
    def span(self) -> tuple[float, float]:
        """Least and largest parameter."""
        ends = self.points[0].parameter, self.points[-1].parameter
        return min(ends), max(ends)


@dataclass(frozen=True)
class Counted:
    """How many equilibria there are at one value of the parameter.

    Attributes
    ----------
    parameter : float
    equilibria : int
    complete : str
        Whether these are all: "proved", "searched" or "partial".
    message : str
        What that rests on.
    """

    parameter: float
    equilibria: int
    complete: str
    message: str


@dataclass(frozen=True, eq=False)
class Correspondence(Shown):
    """The answer to :func:`leaderbored.trace`.

    Attributes
    ----------
    game : Race or MarkovGame
        As given.
    along : str
        The parameter.
    start, stop : float
        Its range.
    branches : tuple of Branch
    folds, branch_points : tuple of Waypoint
        Where curves turn back in the parameter, and where they cross.
    counted : tuple of Counted
        In the middle of every stretch between events, where a proof of the whole list was asked
        for by ``method.search.transfer``; of races.
    census : Census
        Whether these are all equilibria along the way.
    status : Status
    digest : str or None
        Fingerprint of the game.
    seconds : float
    settings : dict of str to str
        The numbers of the method that were used, those of its parts with dots.
    """

    game: Race | MarkovGame
    along: str
    start: float
    stop: float
    branches: tuple[Branch, ...]
    folds: tuple[Waypoint, ...]
    branch_points: tuple[Waypoint, ...]
    census: Census
    status: Status
    digest: str | None
    seconds: float
    settings: dict[str, str] = field(default_factory=dict)
    counted: tuple[Counted, ...] = ()

    def counts(self) -> list[tuple[float, float, int]]:
        """Stretches of the parameter, each with its number of equilibria.

        Examples
        --------
        >>> import leaderbored as lb
        >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(1), discount=0.5, rungs=1)
        >>> few = lb.Method(search=lb.Search(starts=1))
        >>> lb.trace(race, "discount", 0.3, 0.5, few).counts()
        [(0.3, 0.5, 1)]
        """
        low, high = sorted((self.start, self.stop))
        events = sorted(p.parameter for p in (*self.folds, *self.branch_points))
        wide = NARROW * (high - low)  # mirror images fold together, but for the last digits
        ends = [low, *(x for x, y in pairwise([*events, high]) if y - x > wide and x > low), high]
        found: list[tuple[float, float, int]] = []
        for a, b in pairwise(ends):
            middle = (a + b) / 2
            count = sum(x <= middle <= y for x, y in (branch.span for branch in self.branches))
            if found and found[-1][2] == count:
                found[-1] = (found[-1][0], b, count)
            else:
                found.append((a, b, count))
        return found


class Line(Protocol):
    """A game along one of its numbers, and how its equilibria are found and followed."""

    alike: bool  # whether only equilibria are found in which players of one kind do alike
    unbounded: bool  # whether some policies have infinite values somewhere

    def parameter(self, u: float) -> float:
        """The number at u."""

    def seeds(self, u: float) -> Iterator[CurvePoint]:
        """Points at u to start from."""

    def follow(self, seed: CurvePoint, towards: int) -> Curve:
        """The curve from a point, with u rising (1) or falling (-1) at first."""

    def leave(self, crossing: CurvePoint, known: Callable[[CurvePoint], bool]) -> Iterator[Curve]:
        """The curve that crosses at a branch point, both ways; none whose start is known."""

    def passes(self, curve: Curve, u: float) -> Iterator[Array]:
        """Points wherever a curve passes u."""

    def coordinates(self, point: CurvePoint) -> Array:
        """What tells a point from others at the same u."""

    def apart(self, a: Array, b: Array) -> float:
        """How far two points are from each other; relative."""

    def waypoint(self, point: CurvePoint) -> Waypoint:
        """A point with its certificate."""

    def turn(self, fold: Waypoint) -> TurnProof:
        """Whether it is proved that the curve turns at a fold."""

    def counted(self, u: float) -> Counted | None:
        """How many equilibria there are at u, where a proof was asked for."""


def apart(a: Array, b: Array) -> float:
    """The largest difference of entries, relative to the largest entry.

    Examples
    --------
    >>> apart(np.array([1.0, 2.0]), np.array([1.0, 4.0])), apart(np.zeros(2), np.zeros(2))
    (0.5, 0.0)
    """
    largest = max(float(np.abs(a).max(initial=0.0)), float(np.abs(b).max(initial=0.0)))
    return float(np.abs(a - b).max(initial=0.0)) / (largest or 1.0)

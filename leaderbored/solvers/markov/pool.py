"""The equilibria of a race that a search found, each verified once, with their images."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.hunt import Candidate, Pool, sampled_others
from leaderbored.solvers.markov.index import index
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.precise import holds, settle
from leaderbored.solvers.markov.symmetry import relabellings
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import DENSE

SAME = 1e-7  # distance, relative to the largest value, below which two equilibria are one

Engine = str


class Verified(NamedTuple):
    """Values and shares (N, S), and their regret."""

    value: Array
    build: Array
    regret: float = np.nan


Found = Candidate[Verified]


@dataclass(frozen=True, eq=False)
class Searched:
    """What a search found, what was done, and whether it had to stop before its end.

    ``policies`` were told apart, and it is ``closed`` if its last rounds found nothing new.
    """

    found: tuple[Found, ...]
    engines: dict[str, int]
    done: tuple[str, ...]
    stopped: bool
    policies: int = 0
    closed: bool = True

    @property
    def never(self) -> int:
        """How many of those found no policy led to."""
        return sum(not one.starts for one in self.found)

    @property
    def often(self) -> str:
        """How many of the policies that are told apart led to what was found.

        Also the share of others that may lead to a new one. Those that are images of each other
        count once, as they have one set of policies.

        Examples
        --------
        >>> met = tuple(Candidate(None, starts=starts) for starts in ({0, 1}, {2}))
        >>> Searched(met, {}, (), stopped=False, policies=200).often.split("; ")[1]
        'at most 2.4% of other policies lead to a new one (95% confidence)'
        """
        return sampled_others([one.starts for one in self.found], self.policies, "policy")


class Kept:
    """The distinct equilibria, each verified once."""

    def __init__(
        self,
        system: System,
        verify: Callable[[Array], float],
        tolerance: float,
        same: float,
    ) -> None:
        self.system, self.verify, self.tolerance = system, verify, tolerance
        self.same, self.kept = same, Pool[Verified](same, key=lambda point: point.value)
        self.done: list[str] = []
        self.policies = 0  # that were told apart
        self.closed = True  # whether what led to new ones one by one has come to an end
        self.swaps = relabellings(system.game)

    @property
    def found(self) -> list[Found]:
        """The equilibria in the order in which they were found."""
        return self.kept.candidates

    @property
    def builds(self) -> list[Array]:
        """Shares (N, S) of each."""
        return [found.point.build for found in self.found]

    @property
    def total(self) -> int:
        """Sum of the indices."""
        return self.kept.total

    @property
    def alone(self) -> bool:
        """Whether there is one that may well be the only one, as its index is 1."""
        return len(self.found) == 1 and self.total == 1

    @property
    def steep(self) -> bool:
        """Whether efforts are taken for unknowns, too, to find what is missing."""
        steep = self.system.game.returns < 0.5 or self.total != 1
        return self.system.stage.steepens and steep

    def searched(self, stopped: bool) -> Searched:
        """What was found and done so far."""
        return Searched(
            tuple(self.found),
            self.kept.engines,
            tuple(self.done),
            stopped,
            self.policies,
            self.closed,
        )

    def add(self, engine: Engine, value: Array, build: Array, starts: Iterable[int] = ()) -> None:
        """Count a candidate, if it is an equilibrium, with its images under relabelling.

        ``starts`` are the numbers of the policies that led to it, and so to its images.
        """
        known = self.kept.known(Verified(value, build))
        if known is None:
            point = settle(self.system, Point(value, build, 0))
            value, build = point.value, point.build
            known = self.kept.known(Verified(value, build)) or self._verified(point)
        if known is None:
            return
        known.engines[engine] = known.engines.get(engine, 0) + 1
        known.starts |= {*starts}
        for players, states in self.swaps:
            image = Verified(value[players][:, states], build[players][:, states])
            twin = self.kept.known(image)
            if twin is not known and known.engines[engine] == 1:
                self.add(engine, image.value, image.build)
                twin = self.kept.known(image)
            if twin is not None and twin.starts is not known.starts:
                twin.starts |= known.starts
                known.starts = twin.starts

    def _verified(self, point: Point) -> Found | None:
        """A new candidate, or the continuum of which it is a part; None if no equilibrium."""
        regret = self.verify(point.build)
        if not regret <= self.tolerance or not holds(self.system, point):
            return None
        small = self.system.unknowns <= DENSE
        sign = index(self.system, point.value, point.build) if small else 0
        known = self._continuum(point.value) if small and sign == 0 else None
        return known or self.kept.keep(Verified(point.value, point.build, regret), sign)

    def _continuum(self, value: Array) -> Found | None:
        """A continuum counts once: its points differ in states off the path of play."""
        scale = float(np.abs(value).max()) or 1.0
        for known in self.found:
            gap = float(np.abs(known.point.value[:, 0] - value[:, 0]).max())
            if known.index == 0 and gap <= self.same * scale:
                return known
        return None

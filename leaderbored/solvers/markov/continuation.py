r"""Families of games, and their equilibria as a follower of paths takes them.

A family u -> game, 0 <= u <= 1, has curves of equilibria, here in values and efforts, z = (V, e).
On the active pieces the values move, and the efforts on levels; all other efforts are replies, and
follow. The index of an equilibrium is the sign of det A, times -1 for every level; over all
equilibria of a game it adds up to one, as the degree of the map does not change on the way to the
game of impatient players, whose equilibrium is unique.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from leaderbored.games.markov import Array
from leaderbored.solvers.markov.along import Along, along_factors
from leaderbored.solvers.markov.machine import is_worth
from leaderbored.solvers.markov.newton import Newton, linearise, pieces_at, residual
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.markov.symmetry import Relabelling, asymmetry, relabellings
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.curve import Corrected, Curve, CurvePoint, Family, Local
from leaderbored.solvers.numerics.path import EXACT, Path

PARAMETER_STEP = 1e-7  # of the range of u, for the derivative in u
LEAST_LEAP = 1e-4  # in efforts: narrower levels are stepped over
LARGEST_EFFORT_STEP = 0.25  # in one step: more, and the curve may have been lost
ALIKE_VALUES, UNLIKE_VALUES = 1e-11, 1e-8  # of the largest value: alike to rounding, and not alike
ROUNDING = 1e-12  # of shares
SHORT_OF = 0.99  # of the productivity or patience at which values may be infinite
SYMMETRY_PROBES = (0.381966, 0.723607)  # in u, where players that are alike throughout are alike


class Profile(NamedTuple):
    """Values and shares (N, S)."""

    value: Array
    build: Array


class Equilibria(Family):
    """The equilibria of a family of games.

    Parameters
    ----------
    at : callable
        From u in [0, 1] to the :class:`System` of the game there; all of one shape.
    along : Along, optional
        The same for machine code, of a race of two labs.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> family = Equilibria(lambda u: System(replace(race.markov(), discount=0.5 + u)))
    >>> start = lb.solve(race).equilibria[0]
    >>> point = family.point(0.0, start.value, start.build)
    >>> local = family.near(point.u, point.z)
    >>> local.matrix.shape, bool(abs(local.error).max() < 1e-9), len(point.z)
    ((10, 10), True, 20)
    """

    dear = True  # a game is compiled for it

    def __init__(self, at: Callable[[float], System], along: Along | None = None) -> None:
        self.along = along
        self.at = lru_cache(maxsize=8)(lambda u: at(min(max(u, 0.0), 1.0)))
        somewhere = self.at(SYMMETRY_PROBES[0])
        game = somewhere.game
        self.shape, self.count = game.lower.shape, game.lower.size
        columns = np.arange(self.count).reshape(self.shape)
        self.values = columns[somewhere.earners].ravel()  # of those who ever earn anything
        self.money = float(np.max(game.payoff(game.lower), initial=0.0)) or 1.0
        self.swaps = self._swaps()

    def _swaps(self) -> list[Relabelling]:
        """Changes of places that leave the game as it is all along."""
        first, second = (relabellings(self.at(u).game) for u in SYMMETRY_PROBES)
        kept = {players.tobytes() for players, _ in second}
        return [swap for swap in first if swap[0].tobytes() in kept]

    # --- points

    def point(self, u: float, value: Array, build: Array, index: int = 0) -> CurvePoint:
        """The point of an equilibrium."""
        effort = self.at(u).game.effort(build)
        return CurvePoint(u, np.concatenate([value.ravel(), effort.ravel()]), index)

    def value(self, z: Array) -> Array:
        """(N, S) values at a point."""
        return z[: self.count].reshape(self.shape)

    def effort(self, z: Array) -> Array:
        """(N, S) efforts at a point."""
        return z[self.count :].reshape(self.shape)

    def profile(self, point: CurvePoint) -> Profile:
        """Values and shares at a point."""
        return Profile(self.value(point.z), self.at(point.u).game.share(self.effort(point.z)))

    def passes(self, curve: Curve, u: float, newton: Newton) -> Iterator[Profile]:
        """The equilibrium wherever a curve passes u."""
        system = self.at(u)
        for z in curve.passes(u):
            point = newton.polish(system, self.value(z), system.game.share(self.effort(z)))
            if point is not None:
                yield Profile(*point)

    # --- what a path follower needs

    @override
    def near(self, u: float, z: Array, slope: Array | None = None) -> Local | None:
        if not np.isfinite(z).all() or np.isnan(u):
            return None
        system, pieces = self._pieces(u, z)
        value, effort = self.value(z), self.effort(z)
        matrix, error = linearise(system, value, pieces)
        level = np.flatnonzero(pieces.level)
        if slope is None or len(slope) != len(error):
            slope = self._slope(u, z, pieces, error)
        replies = np.where(pieces.level, effort, system.game.effort(pieces.build))
        return Local(
            matrix,
            error,
            slope,
            np.concatenate([self.values, self.count + level]),
            np.concatenate([value.ravel(), replies.ravel()]),
            self._weights(system.game.discount, pieces.level),
            (pieces.slope > 0).tobytes() + pieces.level.tobytes(),
            (-1) ** len(level),
            _rank(system, pieces),
        )

    def _pieces(self, u: float, z: Array) -> tuple[System, Pieces]:
        system = self.at(u)
        build = system.game.share(self.effort(z))
        return system, pieces_at(system, self.value(z), build)

    @property
    @override
    def quick(self) -> bool:  # type: ignore[override]
        return self.along is not None

    @override
    def corrected(
        self, ahead: Array, tangent: Array | None, guess: Array, precision: float, order: float
    ) -> Corrected | None:
        assert self.along is not None
        found = self.along.corrected(ahead, tangent, guess, (self.money, precision, order))
        if found is None:
            return None
        levels = int(found.level.sum())
        return Corrected(
            found.point,
            found.tangent,
            found.sign,
            self._weights(found.discount, found.level),
            (found.slope > 0).tobytes() + found.level.tobytes(),
            (-1) ** levels,
            found.rank,
        )

    def phase(self, what: str) -> str:
        """What is said while paths are followed, or that this waits for its compiling."""
        waits = self.along is not None and self.along.waits
        return "compiling paths of equilibria, once on this machine" if waits else what

    def _weights(self, discount: float, level: NDArray[np.bool_]) -> Array:
        """Annual values relative to the largest payoff, and efforts on levels."""
        annual = float(np.square(discount / self.money))
        efforts = level.ravel() / self.count
        return np.concatenate([np.full(self.count, annual / self.count), efforts, [1.0]])

    def _slope(self, u: float, z: Array, pieces: Pieces, error: Array) -> Array:
        """Derivative of the conditions in u, the set of levels kept."""
        delta = PARAMETER_STEP if u < 0.5 else -PARAMETER_STEP
        here, beside = self.at(u), self.at(u + delta)
        value, build = self.value(z), beside.game.share(self.effort(z))
        if beside.noise > 0:
            moved = pieces_at(beside, value, build)
        else:
            moved = beside.stage.prolonged(pieces, here.stage, beside.stakes(value))
        build = np.where(pieces.level, build, moved.build)
        moved = replace(moved, build=build, level=pieces.level)
        return np.asarray((residual(beside, value, moved) - error) / delta)

    @override
    def leapt(self, before: CurvePoint, after: CurvePoint) -> bool:
        """Whether some reply went from one side of a level to the other without crossing it.

        Sides change without a leap where a level opens or closes.
        """
        moved = np.abs(self.effort(after.z) - self.effort(before.z))
        leap = (np.abs(after.rank - before.rank) > 1) & (moved > LEAST_LEAP)
        return bool(leap.any() or moved.max() > LARGEST_EFFORT_STEP)

    @override
    def tilted(self, u: float, z: Array) -> bool | None:
        """Whether players that may change places do differently."""
        value, effort = self.value(z), self.effort(z)
        tables = (value / (float(np.abs(value).max()) or 1.0), effort)
        apart = max((asymmetry(x, swap) for swap in self.swaps for x in tables), default=0.0)
        return True if apart > UNLIKE_VALUES else False if apart < ALIKE_VALUES else None


def families(system: System, widen: float, worth: int) -> Iterator[tuple[str, Equilibria, float]]:
    """One-parameter families through the game, from where its equilibrium is unique.

    Races of two labs of so many values or more are followed by machine code.

    Yields
    ------
    name, family, u : the game itself stands at u
    """
    game, few = system.game, 1e-3
    if game.grows:
        widen = min(widen, max(1, SHORT_OF * game.discount / (game.discount - game.decay)))
    u = -np.log(few) / (np.log(widen) - np.log(few))

    def at(t: float, **factors: float) -> System:
        if t == u:
            return system
        changed = {
            name: float(np.exp(sign * np.log(few) * (1 - t / u))) for name, sign in factors.items()
        }
        return system.along(game.beside(**changed))

    def along(quicker: float, sooner: float) -> Along | None:
        if not is_worth(system, worth):
            return None
        return along_factors(game, float(u), quicker * np.log(few), sooner * np.log(few))

    yield "productivity", Equilibria(partial(at, scale=1.0), along(1, 0)), float(u)
    if game.base.any():  # otherwise the same curve, in another unit of time
        yield "discount", Equilibria(partial(at, discount=-1.0), along(0, -1)), float(u)


def _rank(system: System, pieces: Pieces) -> Array:
    """Place of each reply among the corners and levels it passes in order as its gain rises."""
    game = system.game
    idle = game.spare(pieces.build)
    low = np.where(idle > game.lower, 2.0 * (pieces.build >= idle - ROUNDING), 2.0)
    high = 2.0 * ((pieces.build >= game.upper) & (game.upper > idle))
    inside = np.where(pieces.target > 0, 3.0, 1.0)
    jumps = game.returns == 1 and not pieces.together  # prices that clear leave no jump
    rank = np.where(pieces.level, inside, low + high * jumps)
    return np.where(game.movable, rank, 0.0) * (system.noise == 0)


@dataclass(frozen=True)
class Continuation:
    """Settings of pseudo-arclength continuation.

    Parameters
    ----------
    step, smallest, largest : float
        First, shortest and longest step. Length one is the whole range of the parameter, or a
        change of all values by the largest flow payoff for ever.
    steps : int
        Largest number of steps, those given up included.
    newton : Newton
        Finishes where a curve passes the parameter asked for.
    fold : float
        Length within which a fold is located.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> start = lb.solve(race).equilibria[0]
    >>> family = Equilibria(lambda u: System(replace(race.markov(), discount=0.5 + u)))
    >>> curve = Continuation().follow(family, family.point(0.0, start.value, start.build), 1)
    >>> curve.end, curve.points[-1].u, curve.points[-1].index
    ('border', 1.0, 1)
    """

    step: float = 0.01
    smallest: float = 1e-9
    largest: float = 0.04
    steps: int = 1_500
    newton: Newton = field(default_factory=Newton)
    fold: float = EXACT

    @property
    def path(self) -> Path:
        """The same for the follower of paths: long steps must turn little and rise evenly."""
        return Path(
            self.step,
            self.smallest,
            self.largest,
            self.steps,
            precision=1e-12,
            order=2,
            sharp=0.9,
            astray=np.inf,
            uneven=0.2,
            growth=1.5,
            fold=self.fold,
        )

    def follow(self, family: Equilibria, start: CurvePoint, towards: int) -> Curve:
        """Follow the curve through an equilibrium; 1 sets out with u rising, -1 falling."""
        return self.path.follow(family, start.z, start.u, towards)

    def leave(
        self,
        family: Equilibria,
        crossing: CurvePoint,
        known: Callable[[CurvePoint], bool] | None = None,
    ) -> Iterator[Curve]:
        """Follow the curve that crosses at a branch point, both ways; none whose start is known."""
        return self.path.leave(family, crossing, known)

r"""Which number would change the verdict on a race, and by how much.

Each number is moved alone, down and up, in steps that grow (:data:`DOWN`, :data:`UP`, in parts of
the number; of a number that is nothing, :data:`FROM_NOTHING`), until the verdict is another. The
place where it turns is then bisected. Races of two labs that kernels take are solved all at once;
others one by one, in fewer steps, those near the number first, until the time is up. The verdict is
that on the equilibrium which is found first, from idle compute on, as in sweeps: where a race has
several, it may turn because another is found, and not because one ceases to be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import cast

import numpy as np

from leaderbored.games.leaves import leaves
from leaderbored.games.places import unit_of, vary
from leaderbored.games.problems import GameFileError
from leaderbored.kinds import offering
from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers.budget import Budget, Limit, Progress
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.sweeps.point import Point
from leaderbored.sweeps.variants import Variants
from leaderbored.theory.borders import Border, borders
from leaderbored.verdicts.pace import Kind
from leaderbored.verdicts.words import NOUNS

SWING = 0.1  # of a number, for the tornado; of one that is nothing, as much
DOWN = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0)
UP = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 9.0)
FROM_NOTHING = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
COARSE = {0.1, 0.5, 1.0, 2.0, 4.0, 9.0}  # of these steps, where races are solved one by one
HALVINGS, FINE = 12, 0.005  # of a step, at most, and part of a value that is distinguished
NO_GAME, UNSOLVED, LATE, END = "no such race", "no answer", "the time was up", "as far as looked"
NUMBERS = ("mean_lead", "lead_changes")


@dataclass(frozen=True)
class Side:
    """What happens to the verdict as a number is moved one way.

    Attributes
    ----------
    held : float
        The furthest value up to which, at every value looked at, the verdict was the same.
    turns : float or None
        The nearest value at which another was found, bisected; None if none was.
    verdict : str
        What it is there.
    why : str
        Why nothing was looked at further out, where it does not turn.
    """

    held: float
    turns: float | None = None
    verdict: str = ""
    why: str = ""


@dataclass(frozen=True)
class Moved:
    """What a number of the race does.

    Attributes
    ----------
    place, unit : str
    value : float
    down, up : Side
    swing : dict of str to tuple of two float
        Mean lead and lead changes a year with the number a tenth down and up; not a number where
        there are none.
    """

    place: str
    unit: str
    value: float
    down: Side
    up: Side
    swing: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def nearest(self) -> Side | None:
        """The side with the smaller change that turns the verdict; None if neither does."""
        turning = [side for side in (self.down, self.up) if side.turns is not None]
        return min(turning, key=lambda side: abs((side.turns or 0) - self.value), default=None)

    @property
    def span(self) -> float:
        """How far mean lead moves between a tenth less and a tenth more; 0 if that is not known."""
        low, high = self.swing.get("mean_lead", (np.nan, np.nan))
        return abs(high - low) if np.isfinite(high - low) else 0.0

    @property
    def change(self) -> float:
        """The smallest change that turns the verdict, in parts of the number; else infinite.

        Of a number that is nothing, as it is.
        """
        side = self.nearest
        if side is None or side.turns is None:
            return float("inf")
        return abs(side.turns - self.value) / (abs(self.value) or 1.0)


@dataclass(frozen=True, eq=False)
class VerdictSensitivity(Shown):
    """Which numbers the verdict on a race depends on.

    Attributes
    ----------
    race : Race
    base : Point
        The answer to the race as it is.
    inputs : tuple of Moved
        Every number of it that can change by a little; those that turn the verdict with the
        smallest change come first.
    borders : tuple of Border
        Of the theory.
    solved : int
        Races that were solved.
    kernels : bool
        Whether kernels solved them.
    late : int
        Sides on which the time was up.
    """

    race: Race
    base: Point
    inputs: tuple[Moved, ...]
    borders: tuple[Border, ...]
    solved: int
    kernels: bool
    late: int

    @property
    def headline(self) -> str:
        """It in a sentence: what turns the verdict with the smallest change."""
        if not self.base.verdict:
            return f"There is no verdict that could change: {self.base.message or 'none was read'}."
        turning = [moved for moved in self.inputs if moved.nearest is not None]
        if not turning:
            return (
                "No change of a single number that was looked at turns it from "
                f"{_noun(self.base.verdict)}."
            )
        first = turning[0]
        side = first.nearest
        assert side is not None
        part = f" ({_signed(side.turns, first.value)})" if first.value else ""
        return (
            f"The smallest change that turns it from {_noun(self.base.verdict)}: {first.place} "
            f"from {first.value:.4g} to {beyond(side.turns or 0.0, first.value)}{part}, which "
            f"makes it {_noun(side.verdict)}; "
            f"{len(turning)} of {len(self.inputs)} numbers can turn it alone."
        )

    @property
    def swings(self) -> bool:
        """Whether it is known of any number what a tenth of it does to the mean lead."""
        return any(moved.span > 0 for moved in self.inputs)


def _noun(verdict: str) -> str:
    return NOUNS.get(cast("Kind", verdict or None), verdict)


def beyond(value: float, other: float) -> str:
    """To three digits, or as many as tell how far it is from another number; never nearer to that.

    So that what is said of a value holds of the number as it is printed, too.

    Examples
    --------
    >>> beyond(0.00016845, 0.0), beyond(0.4993, 0.5), beyond(1.0047, 1.0), beyond(1234.5, 900.0)
    ('0.000169', '0.4993', '1.005', '1,240')
    """
    rounding = ROUND_CEILING if value > other else ROUND_FLOOR
    for digits in range(3, 18):
        found = float(Context(digits, rounding).plus(Decimal(repr(value))))
        if abs(found - other) <= 1.1 * abs(value - other):
            break
    return f"{found:,.{digits}g}" if abs(found) < 1000 else f"{found:,.{max(digits - 4, 0)}f}"


def _signed(to: float | None, value: float) -> str:
    return f"{((to or 0.0) - value) / abs(value):+.1%}"


@unthreaded
def sensitivity(
    race: Race, *, limit: Limit | None = None, progress: Progress | None = None
) -> VerdictSensitivity:
    """Which number would change the verdict on a race, and by how much.

    Parameters
    ----------
    race : Race
    limit : float or callable, optional
        Seconds; what was not looked at by then is said.
    progress : callable, optional
        As of :func:`leaderbored.solve`.

    Returns
    -------
    VerdictSensitivity

    Raises
    ------
    TypeError
        If it is not a race.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=6)
    >>> found = sensitivity(race)
    >>> found.base.verdict, found.inputs[0].change < 1
    ('run', True)
    """
    offering(race, "sensitivity")
    if not isinstance(race, Race):  # of a kind that becomes one, whose own numbers are not known
        raise TypeError(f"sensitivity: {type(race).__name__} given, expected a Race")
    budget = Budget(limit)
    solver = Variants(race, budget, progress)
    base = solver.base(race)
    ways = [
        way for place in _numbers(race) for way in (_Way(race, place, -1), _Way(race, place, 1))
    ]
    steps = (lambda way: way.steps) if solver.kernels else (lambda way: way.few)
    swings = solver.at([(way, way.swung) for way in ways])
    if base.verdict:
        _walk(ways, steps, solver, base.verdict)
        _bisect(ways, solver, base.verdict)
    inputs = []
    for k in range(0, len(ways), 2):
        down, up = ways[k], ways[k + 1]
        swing = {name: (_told(swings[k], name), _told(swings[k + 1], name)) for name in NUMBERS}
        unit = unit_of(race, down.place)
        inputs.append(Moved(down.place, unit, down.value, down.side(), up.side(), swing))
    inputs.sort(key=lambda moved: (moved.change, moved.place))
    late = sum(side.why == LATE for moved in inputs for side in (moved.down, moved.up))
    return VerdictSensitivity(
        race, base, tuple(inputs), borders(race), solver.count, solver.kernels, late
    )


def _told(point: Point | None, name: str) -> float:
    return float("nan") if point is None else point.numbers.get(name, float("nan"))


def _numbers(race: Race) -> list[str]:
    """Places of numbers of a race that can change by a little."""
    found = []
    for place, value in leaves(race).items():
        if type(value) is not float or not np.isfinite(value):
            continue
        try:
            vary(race, place)
        except GameFileError:
            continue
        found.append(place)
    return sorted(found, key=lambda place: (_turn(place), place))


def _turn(place: str) -> int:
    """Which numbers come first, where time is short: of all labs, then compute, then the rest."""
    if not place.startswith("labs."):
        return 0
    return 1 if place.endswith(".compute") else 2


class _Way:
    """A number that is moved one way, and how far the verdict held."""

    def __init__(self, race: Race, place: str, sign: int) -> None:
        self.place, self.sign = place, sign
        self.game = vary(race, place)
        self.value = float(leaves(race)[place])
        parts = (DOWN if sign < 0 else UP) if self.value else FROM_NOTHING
        self.steps = [self._moved(part) for part in parts]
        self.few = [self._moved(part) for part in parts if part in COARSE]
        self.swung = self._moved(SWING)
        self.held, self.verdict, self.why = self.value, "", ""
        self.beyond: float | None = None

    def _moved(self, part: float) -> float:
        return self.value + self.sign * part * (abs(self.value) or 1.0)

    @property
    def wide(self) -> bool:
        """Whether the place where the verdict turns is not yet known well."""
        beyond = self.beyond or 0.0
        return abs(beyond - self.held) > FINE * max(abs(beyond), abs(self.held))

    def at(self, value: float) -> Race | None:
        """The race there; None if there is none."""
        try:
            made: Race = self.game(value)
        except GameFileError:
            return None
        return made

    def side(self) -> Side:
        """What was found."""
        return Side(self.held, self.beyond, self.verdict, self.why)


def _walk(
    ways: Sequence[_Way],
    steps: Callable[[_Way], list[float]],
    solver: Variants,
    verdict: str,
) -> None:
    """Move each number out until the verdict turns, all of them step by step."""
    going = [(way, iter(steps(way))) for way in ways]
    while going:
        asked = [(way, next(rest, None)) for way, rest in going]
        for way, value in asked:
            if value is None:
                way.why = END
        points = iter(solver.at([(way, value) for way, value in asked if value is not None]))
        still = []
        for (way, rest), (_, value) in zip(going, asked, strict=True):
            if value is None:
                continue
            point = next(points)
            if _held(way, value, point, verdict, solver.late):
                still.append((way, rest))
        going = still


def _held(way: _Way, value: float, point: Point | None, verdict: str, late: bool) -> bool:
    """Whether the verdict is the same there; if not, what it is, or why none is known."""
    if point is None:
        way.why = LATE if late and way.at(value) is not None else NO_GAME
        return False
    if not point.verdict:
        way.why = UNSOLVED
        return False
    if point.verdict != verdict:
        way.beyond, way.verdict = value, point.verdict
        return False
    way.held = value
    return True


def _bisect(ways: Sequence[_Way], solver: Variants, verdict: str) -> None:
    """Halve the steps in which the verdict turns."""
    for _ in range(HALVINGS):
        turning = [way for way in ways if way.beyond is not None and way.wide]
        middles = [(way, (way.held + (way.beyond or 0.0)) / 2) for way in turning]
        for (way, middle), point in zip(middles, solver.at(middles), strict=True):
            if point is None or not point.verdict:
                continue
            if point.verdict == verdict:
                way.held = middle
            else:
                way.beyond, way.verdict = middle, point.verdict

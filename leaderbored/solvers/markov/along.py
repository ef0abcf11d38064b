"""Families of races of two labs for machine code: what corrects a point of their paths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov, States
from leaderbored.race import Race
from leaderbored.solvers.kernels.lines import leapfrog_of, tables_of
from leaderbored.solvers.kernels.rows import by_state, row_of, unfit

if TYPE_CHECKING:
    from leaderbored.solvers.kernels.course import Line

STRAIGHT = 1e-13  # of a number: how far from a straight line it may be for rounding
PROBES = (0.381966, 0.723607)  # in u, where numbers that move evenly stand on their lines


class Step(NamedTuple):
    """What is found: a point and a tangent (4 S + 1,), and (2, S) pieces and ranks."""

    point: Array
    tangent: Array
    sign: int
    discount: float
    slope: Array
    level: NDArray[np.bool_]
    rank: Array


@dataclass(frozen=True, eq=False)
class Along:
    """A family of races of two labs.

    Parameters
    ----------
    line : Line
    order : (S,) int array
        The place of every state on the line of leads.
    """

    line: Line
    order: States

    def corrected(
        self,
        ahead: Array,
        tangent: Array | None,
        guess: Array,
        sizes: tuple[float, float, float],
    ) -> Step | None:
        """See :meth:`leaderbored.solvers.numerics.curve.Family.corrected`.

        ``sizes`` are the unit of values over the discount rate, the precision and the order.
        """
        from leaderbored.solvers.kernels.path import Plane, correct  # brings numba

        (money, precision, order), across = sizes, tangent
        if across is None:
            across = np.zeros(len(ahead))
            across[-1] = 1.0
        plane = Plane(
            self._placed(ahead),
            float(ahead[-1]),
            self._placed(across),
            float(across[-1]),
            money,
            precision,
            bool(np.isinf(order)),
        )
        point = self._placed(guess)
        found = correct(self.line, plane, point, float(guess[-1]))
        if found is None:
            return None
        u, rise, sign, discount, seen = found
        u = float(ahead[-1]) if tangent is None else u  # held, to the last digit
        parts = (part[:, self.order] for part in (seen.slope, seen.level, seen.rank))
        slope, level, rank = parts
        whole, along = self._stated(point, u), self._stated(seen.tangent, rise)
        return Step(whole, along, sign, discount, slope, level, rank)

    @property
    def waits(self) -> bool:
        """Whether the kernel is to be compiled first."""
        from leaderbored.solvers.kernels.path import is_ready  # brings numba

        return not is_ready(self.line.game)

    def _placed(self, point: Array) -> Array:
        """(2, 2, S) values and efforts by places, of a point (4 S + 1,)."""
        line = np.empty((2, 2, len(self.order)))
        line[..., self.order] = point[:-1].reshape(line.shape)
        return line

    def _stated(self, line: Array, u: float) -> Array:
        """The point of values and efforts by places."""
        return np.append(line[..., self.order].ravel(), u)


def along_factors(game: Markov, own: float, quicker: float, sooner: float) -> Along | None:
    """Games beside one of two labs, which stands at ``own``; None of others.

    Hazards of efforts and the discount rate move by powers of factors, whose logarithms at u = 0
    are given.
    """
    if (chance := leapfrog_of(game)) is None or not _worthwhile():
        return None
    from leaderbored.solvers.kernels.course import Line  # brings numba

    none = np.empty(0)
    line = Line(none, none, tables_of(game, chance), own, quicker, sooner)
    return Along(line, by_state(int(game.states.max())))


def along_numbers(at: Callable[[float], Race]) -> Along | None:
    """Races of two labs from u = 0 to u = 1; None where kernels do not know them, or not evenly."""
    races = [at(u) for u in (0.0, 1.0, *PROBES)]
    if any(unfit(race) for race in races):
        return None
    game = races[0].markov()
    first, last, *between = map(row_of, races)
    for u, row in zip(PROBES, between, strict=True):
        straight = first + u * (last - first)
        if (np.abs(straight - row) > STRAIGHT * np.abs(row)).any():
            return None
    if (chance := leapfrog_of(game)) is None or not _worthwhile():
        return None
    from leaderbored.solvers.kernels.course import Line  # brings numba

    line = Line(first, last, tables_of(game, chance), 1.0, 0.0, 0.0)
    return Along(line, by_state(races[0].rungs))


def _worthwhile() -> bool:
    from leaderbored.solvers.kernels.starts import is_worthwhile  # brings numba

    return is_worthwhile()

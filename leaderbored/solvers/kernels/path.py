r"""Steps along a path of equilibria of a race of two labs, while one of its numbers moves.

Newton's method in the plane through a prediction, as in :mod:`leaderbored.solvers.numerics.path`
with the equations of :class:`leaderbored.solvers.markov.continuation.Equilibria`, which are the
twin. At folds the derivative A in the values is singular and what is bordered with the number u is
not. So a little, :math:`\alpha e e^T`, is added to A at the tie before it is eliminated as a band,
and taken away, together with what leapfrogs and the border add, in a small system behind it:

.. math:: x = y - X_b\, du - X_l\, l + \alpha X_e\, t, \qquad l = x_l, \quad t = x_e,

(Woodbury). The sign of the determinant of all is the product of those of the band and of the small
system.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from leaderbored.solvers.kernels import ahead
from leaderbored.solvers.kernels.course import Line, Seen, active, at, moved_by_u, ranks
from leaderbored.solvers.kernels.jit import also, cache_folder, compiled, is_kept, ready
from leaderbored.solvers.kernels.linear import eliminated
from leaderbored.solvers.kernels.newton import band_of, largest
from leaderbored.solvers.kernels.rows import SET
from leaderbored.solvers.kernels.tables import HERE, MET, OWN, Tables, effects, flows, power

Array = Any
CORRECTIONS = 12  # as those of the twin, and what follows
FAR = 10.0
FAILED = 0


class Plane(NamedTuple):
    """Where a step is to end: in the plane through a point (2, 2, S), u across a tangent."""

    values: Array  # and efforts of the point
    u: float
    along: Array  # the tangent in these
    rise: float  # and in u
    money: float  # unit of values over the discount rate
    precision: float
    largest: bool  # whether lengths are the largest move of an unknown


def correct(
    line: Line, plane: Plane, point: Array, u: float
) -> tuple[float, float, int, float, Seen] | None:
    """Move a point (2, 2, S), u to the path: its u, that of the tangent, the sign, the discount.

    The sign is that of the determinant of what is solved; None where it does not converge.
    """
    shape = point.shape[1:]
    seen = Seen(np.zeros(point.shape), np.empty(shape), np.empty(shape, np.bool_), np.empty(shape))
    cleared = True if line.game.conduct != SET else None
    kernel = _kernel(cleared)
    u, rise, sign, discount = kernel(line, plane, point, u, seen, cleared)
    return None if sign == FAILED else (u, rise, sign, discount, seen)


def is_ready(game: Tables) -> bool:
    """Whether the kernel need not be compiled first; that of markets that clear is another."""
    return is_kept(_correct_cleared if game.conduct != SET else _correct)


def begin_compiling(cleared: bool) -> None:
    """Have the kernel compiled by another process, if it is not and can be kept."""
    entry = _correct_cleared if cleared else _correct
    if cache_folder() is not None and not is_kept(entry):
        ahead.begin(entry, cleared or None)


@cache
def _kernel(cleared: bool | None) -> Callable[..., tuple[float, float, int, float]]:
    here, met = np.zeros((2, 3), HERE), np.zeros((2, 0), MET)
    game = Tables(1, 1.0, 0.5, 0.0, 0, np.zeros(2, OWN), here, met)
    point, flat, none = np.full((2, 2, 3), np.nan), np.zeros((2, 3)), np.empty(0)
    line = Line(none, none, game, 1.0, 0.0, 0.0)
    plane = Plane(point, 0.0, point, 1.0, 1.0, 1.0, False)
    seen = Seen(np.zeros((2, 2, 3)), flat, np.zeros((2, 3), np.bool_), flat)
    entry = _correct_cleared if cleared else _correct
    return ready(entry, line, plane, point, np.nan, seen, cleared)


def _correct(
    line: Line, plane: Plane, point: Array, u: float, seen: Seen, cleared: bool | None
) -> tuple[float, float, int, float]:
    """Newton's method; what is found is left in the arrays.

    Whether the market clears is None, not False, where it does not: so that what it has to do with
    is left out when this is compiled.
    """
    value, effort, last = point[0], point[1], np.inf
    shape = value.shape
    build, won, felt = np.empty(shape), np.empty(shape), np.empty((2, *shape))
    gains, target, push = np.empty(shape), np.empty(shape), np.empty((2, *shape))
    for step in range(CORRECTIONS):
        scale = largest(value)
        if not (np.isfinite(u) and np.isfinite(scale) and np.isfinite(largest(effort))):
            break
        game = at(line, u)
        effects(game, value, felt)
        for i in range(2):
            for k in range(shape[1]):
                gains[i, k] = felt[i, i, k]
                share = power(min(max(effort[i, k], 0.0), 1.0), 1 / game.returns)
                build[i, k] = min(max(share, game.lab[i].lower), game.lab[i].upper)
                won[i, k] = power(build[i, k], game.returns)
        levels = active(game, felt, gains, scale, build, won, push, target, seen, cleared)
        size, du, rise, sign = _move(
            line,
            game,
            plane,
            value,
            effort,
            u,
            felt,
            build,
            won,
            push,
            target,
            levels,
            seen,
            cleared,
        )
        if sign == FAILED:
            break
        u += du
        rounding = step > 2 and last / 2 < size < 100 * plane.precision
        if size < plane.precision or rounding:
            ranks(game, build, target, seen, cleared)
            return u, rise, sign, game.discount
        if not size < FAR or (step > 1 and size > last):
            break
        last = size
    return u, 0.0, FAILED, 0.0


_correct_cleared = also(_correct, "_correct_cleared")


@compiled
def _move(
    line: Line,
    game: Tables,
    plane: Plane,
    value: Array,
    effort: Array,
    u: float,
    felt: Array,
    build: Array,
    won: Array,
    push: Array,
    target: Array,
    levels: int,
    seen: Seen,
    cleared: bool | None,
) -> tuple[float, float, float, int]:
    """Move values and efforts by Newton's step; its size, that of u, the rise, and the sign."""
    size, full = value.shape[1], 4 if game.leapfrog > 0 else 0
    hazard, earned = np.empty(value.shape), np.empty(value.shape)
    flows(game, build, won, hazard, earned)
    border, tie = 1 + full, 2 + full
    first, width, band, rhs = band_of(
        game, value, felt, hazard, earned, push, seen.level, target, levels, 3 + full
    )
    moved_by_u(line, game, value, u, build, won, target, first, rhs, border, seen, cleared)
    middle, apart = first[game.rungs], band.shape[1] // 2
    shift = abs(band[middle, apart])
    band[middle, apart] += shift
    rhs[middle, tie] = -shift
    pivots, sign = eliminated(band, width, rhs)
    if pivots == 0:
        return np.nan, 0.0, 0.0, FAILED
    # The small system: what leapfrogs lead to, the tie, and u.
    places, count = np.empty(full + 1, dtype=np.int64), full + 2
    if full:
        places[0], places[2] = first[game.rungs + 1], first[game.rungs - 1]
        places[1], places[3] = places[0] + 1, places[2] + 1
    places[full] = middle
    columns = np.empty(count, dtype=np.int64)
    for c in range(full):
        columns[c] = 1 + c
    columns[full], columns[full + 1] = tie, border
    small = np.zeros((count, count + 2))
    for r in range(full + 1):
        for c in range(count):
            small[r, c] = rhs[places[r], columns[c]] + (1.0 if r == c else 0.0)
        small[r, count] = rhs[places[r], 0]
    off = _across(plane, game, value, effort, u, first, rhs, columns, seen.level, small)
    if off != 0 and not np.isfinite(off):
        return np.nan, 0.0, 0.0, FAILED
    sign *= _solved(small)
    if sign == 0:
        return np.nan, 0.0, 0.0, FAILED
    last, values = count - 1, _annual(plane, game)
    length, most, du = small[last, count] ** 2, abs(small[last, count]), small[last, count]
    for k in range(size):
        row = first[k]
        for i in range(2):
            here, along = _back(rhs, row + i, columns, small)
            value[i, k] += here
            seen.tangent[0, i, k] = along
            move = np.sqrt(values) * abs(here)
            length, most = length + move * move, max(most, move)
        row += 2
        for i in range(2):
            seen.tangent[1, i, k] = 0.0
            if levels and seen.level[i, k]:
                here, along = _back(rhs, row, columns, small)
                effort[i, k] += here
                seen.tangent[1, i, k] = along
                move = abs(here) / np.sqrt(value.size)
                length, most = length + move * move, max(most, move)
                row += 1
            else:
                effort[i, k] = won[i, k]
    return most if plane.largest else np.sqrt(length), du, small[last, count + 1], sign


@compiled
def _annual(plane: Plane, game: Tables) -> float:
    """The square of the length of a unit of value."""
    return float((game.discount / plane.money) ** 2 / game.at.size)


@compiled
def _back(rhs: Array, row: int, columns: Array, small: Array) -> tuple[float, float]:
    """An unknown in the step and in the tangent, from the solution of the small system."""
    count = len(columns)
    here, along = rhs[row, 0], 0.0
    for c in range(count):
        here -= rhs[row, columns[c]] * small[c, count]
        along -= rhs[row, columns[c]] * small[c, count + 1]
    return here, along


@compiled
def _across(
    plane: Plane,
    game: Tables,
    value: Array,
    effort: Array,
    u: float,
    first: Array,
    rhs: Array,
    columns: Array,
    level: Array,
    small: Array,
) -> float:
    """Last row of the small system: the plane across the tangent; how far the point is off."""
    last, unit = len(columns) - 1, _annual(plane, game)
    count = last + 1
    off = plane.rise * (u - plane.u)
    small[last, last], small[last, count + 1] = plane.rise, 1.0
    for k in range(value.shape[1]):
        row = first[k]
        for i in range(2):
            weight = unit * plane.along[0, i, k]
            off += weight * (value[i, k] - plane.values[0, i, k])
            small[last, count] -= weight * rhs[row + i, 0]
            for c in range(count):
                small[last, c] -= weight * rhs[row + i, columns[c]]
        row += 2
        for i in range(2):
            if row < first[k + 1] and level[i, k]:
                weight = plane.along[1, i, k] / value.size
                off += weight * (effort[i, k] - plane.values[1, i, k])
                small[last, count] -= weight * rhs[row, 0]
                for c in range(count):
                    small[last, c] -= weight * rhs[row, columns[c]]
                row += 1
    small[last, count] -= off
    return off


@compiled
def _solved(small: Array) -> int:
    """Solve a small system for its last two columns, left there; the sign of the determinant."""
    count, sign = small.shape[0], 1
    for k in range(count):
        best = k
        for r in range(k + 1, count):
            if abs(small[r, k]) > abs(small[best, k]):
                best = r
        if not (abs(small[best, k]) > 0 and np.isfinite(small[best, k])):
            return 0
        if best != k:
            sign = -sign
            for c in range(count + 2):
                small[k, c], small[best, c] = small[best, c], small[k, c]
        if small[k, k] < 0:
            sign = -sign
        for r in range(count):
            if r != k:
                factor = small[r, k] / small[k, k]
                for c in range(k, count + 2):
                    small[r, c] -= factor * small[k, c]
    for k in range(count):
        for c in range(count, count + 2):
            small[k, c] /= small[k, k]
    return sign

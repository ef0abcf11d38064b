r"""Cells of values that the game beyond a lead allows, in balls, and one step to the lead below.

A cell holds x = (A(g), B(g)) and y = (A(g + 1), B(g + 1)) with y within e of y_0 + M (x - c). With
x' = (A(g - 1), B(g - 1)) the conditions at g are two equations in x,

.. math:: \rho A - W_A(A_1 - A) - h_B(B' - B) (A' - A) = 0, \quad
          \rho B - W_B(B' - B) - h_A(A_1 - A) (B_1 - B) = 0 ,

whose solutions Krawczyk's step encloses as an affine function of x'. Where a best hazard jumps or
is vertical it counts as some number between its ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import arb, arb_mat

from leaderbored.solvers.checked.stage import Ball, Lab, meet, side

Pair = tuple[Ball, Ball]
TURNS = 3  # of Krawczyk's step at most: tuning
ZERO = arb(0)


@dataclass(frozen=True)
class Cell:
    """See the head of this module; ``matrix`` has its rows in one tuple."""

    x: Pair
    y: Pair
    centre: Pair
    image: Pair
    matrix: tuple[Ball, Ball, Ball, Ball]
    error: Pair

    def at(self, i: int, x: Pair) -> Ball:
        """Where y_i lies by the affine bound."""
        da, db = x[0] - self.centre[0], x[1] - self.centre[1]
        moved = self.matrix[2 * i] * da + self.matrix[2 * i + 1] * db
        return self.image[i] + moved + self.error[i]

    def ahead(self, i: int, x: Pair) -> Ball:
        """Where y_i - x_i lies, by the affine bound."""
        slopes = [self.matrix[2 * i], self.matrix[2 * i + 1]]
        slopes[i] -= 1
        da, db = x[0] - self.centre[0], x[1] - self.centre[1]
        start = self.image[i] - self.centre[i]
        return start + slopes[0] * da + slopes[1] * db + self.error[i]


def flat(x: Pair, y: Pair) -> Cell:
    """A cell without a slope.

    Examples
    --------
    >>> cell = flat((arb(0, 1), arb(0, 1)), (arb(3, 1), arb(4, 1)))
    >>> bool(cell.at(1, cell.x).contains(4.9))
    True
    """
    middle = (y[0].mid(), y[1].mid())
    error = (y[0] - middle[0], y[1] - middle[1])
    return Cell(x, y, (x[0].mid(), x[1].mid()), middle, (ZERO, ZERO, ZERO, ZERO), error)


def joined(one: Cell, two: Cell) -> Cell:
    """A cell that holds two.

    Examples
    --------
    >>> at = (arb(0, 1), arb(0, 1))
    >>> both = joined(flat(at, (arb(0), arb(0))), flat(at, (arb(2), arb(2))))
    >>> bool(both.y[0].contains(0)) and bool(both.y[0].contains(2))
    True
    """
    x = one.x[0].union(two.x[0]), one.x[1].union(two.x[1])
    y = one.y[0].union(two.y[0]), one.y[1].union(two.y[1])
    centre = x[0].mid(), x[1].mid()
    matrix = tuple(((a + b) / 2).mid() for a, b in zip(one.matrix, two.matrix, strict=True))
    image, error = [], []
    for i in range(2):
        rest = _rest(one, i, centre, matrix).union(_rest(two, i, centre, matrix))
        image.append(rest.mid())
        error.append(rest - image[i])
        if error[i].rad() > y[i].rad():
            matrix = (*matrix[:2], ZERO, ZERO) if i else (ZERO, ZERO, *matrix[2:])
            image[i] = y[i].mid()
            error[i] = y[i] - image[i]
    return Cell(x, y, centre, (image[0], image[1]), matrix, (error[0], error[1]))


def _rest(one: Cell, i: int, centre: Pair, matrix: Any) -> Ball:
    """What y_i of a cell is beyond another affine function."""
    rest = one.image[i] + one.error[i]
    for k in range(2):
        mine, other = one.matrix[2 * i + k], matrix[2 * i + k]
        rest += (mine - other) * (one.x[k] - centre[k]) + mine * (centre[k] - one.centre[k])
    return rest


Case = tuple[int | None, Lab, bool]  # sign of gains, the lab there, and whether it is indifferent
Cases = tuple[Case, Case]


@dataclass
class _Terms:
    """F at the centre, its slopes in x and in x'."""

    value: list[Ball]
    slope: list[list[Ball]]
    back: list[list[Ball]]


def _terms(
    rho: Ball, cases: Cases, cell: Cell, x: Pair, *, c: Pair, r: Pair, r0: Pair
) -> _Terms | None:
    """None if gains or the equations exclude that there is a solution.

    Of a lab that is indifferent the gain is zero, which stands for the other's equation: this holds
    for some hazard, and is only tested.
    """
    (sign_a, a, level_a), (sign_b, b, level_b) = cases
    own, loss = meet(cell.ahead(0, x), cell.y[0] - x[0]), meet(cell.ahead(1, x), cell.y[1] - x[1])
    gain, own = side(r[1] - x[1], sign_b), side(own, sign_a)
    if own is None or loss is None or gain is None:
        return None
    lost = r[0] - x[0]
    ha, hb = a.level() if level_a else a.hazard(own), b.level() if level_b else b.hazard(gain)
    if not (rho * x[0] - a.worth(own) - hb * lost).overlaps(ZERO):
        return None
    if not (rho * x[1] - b.worth(gain) - ha * loss).overlaps(ZERO):
        return None
    own0, loss0 = cell.ahead(0, c), cell.ahead(1, c)
    gain0, lost0 = r0[1] - c[1], r0[0] - c[0]
    own, loss, gain, lost = own.union(own0), loss.union(loss0), gain.union(gain0), lost.union(lost0)
    aa, ab, ba, bb = cell.matrix
    wa, wb = a.hazard(own), b.hazard(gain)  # slopes of what gains are worth
    ha, hb = ha if level_a else wa, hb if level_b else wb
    sa, sb = a.steepness(own), b.steepness(gain)
    ha0 = ha if sa is None or level_a else a.hazard(own0)
    hb0 = hb if sb is None or level_b else b.hazard(gain0)
    sa, sb = ZERO if sa is None or level_a else sa, ZERO if sb is None or level_b else sb
    terms = _Terms(
        [rho * c[0] - a.worth(own0) - hb0 * lost0, rho * c[1] - b.worth(gain0) - ha0 * loss0],
        [
            [rho - wa * (aa - 1) + hb, -wa * ab + sb * lost],
            [-sa * (aa - 1) * loss - ha * ba, rho + wb - sa * ab * loss - ha * (bb - 1)],
        ],
        [[-hb, -sb * lost], [ZERO, -wb]],
    )
    if level_a:
        terms.value[1], terms.slope[1], terms.back[1] = own0, [aa - 1, ab], [ZERO, ZERO]
    if level_b:
        terms.value[0], terms.slope[0], terms.back[0] = gain0, [ZERO, arb(-1)], [ZERO, arb(1)]
    return terms


@dataclass(frozen=True)
class Solved:
    """What is left of x, and x as an affine function of x' - ``centre``, within ``error``."""

    x: Pair
    centre: Pair
    image: Pair
    matrix: tuple[Ball, Ball, Ball, Ball]
    error: Pair


def solved(rho: Ball, cases: Cases, cell: Cell, x: Pair, back: Pair | Cell) -> Solved | None:
    """Solutions x of the two equations, in x; None if there are none.

    ``back`` holds x', or at the tie a cell that has x' as a function of x.
    """
    other = back if isinstance(back, Cell) else None
    left: Solved | None = None
    for _ in range(TURNS):
        if other is None:
            r: Any = back
        else:
            r = meet(other.at(0, x), other.y[0]), meet(other.at(1, x), other.y[1])
            if r[0] is None or r[1] is None:
                return None
        c = x[0].mid(), x[1].mid()
        r0 = (r[0].mid(), r[1].mid()) if other is None else (other.at(0, c), other.at(1, c))
        terms = _terms(rho, cases, cell, x, c=c, r=r, r0=r0)
        if terms is None:
            return None
        if other is not None:
            for i in range(2):
                for k in range(2):
                    terms.slope[i][k] += (
                        terms.back[i][0] * other.matrix[k] + terms.back[i][1] * other.matrix[2 + k]
                    )
        try:
            inverse = arb_mat(terms.slope).mid().inv().mid()
        except ZeroDivisionError:
            return left or Solved(x, r0, (x[0].mid(), x[1].mid()), (ZERO,) * 4, _about(x))
        before = x[0].rad() + x[1].rad()
        left = _shrunk(terms, inverse, x, c, None if other is not None else (r, r0))
        if left is None:
            return None
        x = left.x
        if not x[0].rad() + x[1].rad() < 0.7 * before:
            break
    return left


def _about(x: Pair) -> Pair:
    return x[0] - x[0].mid(), x[1] - x[1].mid()


def _shrunk(terms: _Terms, inverse: Any, x: Pair, c: Pair, moving: Any) -> Solved | None:
    c_slope, c_back = inverse * arb_mat(terms.slope), inverse * arb_mat(terms.back)
    found, image, error, matrix = [], [], [], []
    for i in range(2):
        at = c[i] - inverse[i, 0] * terms.value[0] - inverse[i, 1] * terms.value[1]
        for k in range(2):
            at += (int(i == k) - c_slope[i, k]) * (x[k] - c[k])
        image.append(at.mid())
        rest, whole = at - at.mid(), at
        for k in range(2):
            slope = -c_back[i, k].mid() if moving else ZERO
            matrix.append(slope)
            if moving:
                far = moving[0][k] - moving[1][k]
                rest += (-c_back[i, k] - slope) * far
                whole -= c_back[i, k] * far
        error.append(rest)
        inner = meet(x[i], whole)
        if inner is None:
            return None
        found.append(inner)
    r0 = moving[1] if moving else c
    a, b = found[0], found[1]
    return Solved(
        (a, b),
        r0,
        (image[0], image[1]),
        (matrix[0], matrix[1], matrix[2], matrix[3]),
        (error[0], error[1]),
    )


def cell_of(left: Solved, back: Pair) -> Cell:
    """The cell (x', x) of what is left of x."""
    image, matrix, error = list(left.image), list(left.matrix), list(left.error)
    for i in range(2):
        if not error[i].rad() < left.x[i].rad():
            image[i] = left.x[i].mid()
            error[i] = left.x[i] - image[i]
            matrix[2 * i] = matrix[2 * i + 1] = ZERO
    return Cell(
        back,
        left.x,
        left.centre,
        (image[0], image[1]),
        (matrix[0], matrix[1], matrix[2], matrix[3]),
        (error[0], error[1]),
    )

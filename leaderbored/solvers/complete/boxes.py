"""Boxes of values, what a sweep leaves of them, and how they are parted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.complete.cells import NUMBERS, X
from leaderbored.solvers.complete.tie import touching
from leaderbored.solvers.kernels.jit import ready

# All of these are tuning: they decide whether a proof is found, not what it is worth.
LEAST, MOST = 4, 128  # squares along an axis of a grid: of a smaller box fewer
NARROWER = 2  # by how much, where prices clear, in one value, and how much wider in the other
FEW = 20_000  # rows at the tie up to which it is asked which touch
STILL = 0.9  # of the width of bounds: where they are no narrower they are left as they were


class Box(NamedTuple):
    """Bounds (2, S) on the values of both labs at the leads -G..G, and squares along each axis.

    ``whole`` is the box it was taken from, with what was swept there.
    """

    low: Array
    high: Array
    squares: Array
    whole: Swept | None = None

    @property
    def width(self) -> Array:
        """(2, S) of the bounds."""
        width: Array = self.high - self.low
        return width

    @property
    def flipped(self) -> Box:
        """The same with the labs' names exchanged, and every lead turned round."""
        low, high, squares = (np.ascontiguousarray(side[::-1, ::-1]) for side in self[:3])
        return Box(low, high, squares)

    def even_out(self) -> bool:
        """Cut bounds, in place, to what they share with the flipped ones; whether any is left."""
        other = self.flipped
        np.maximum(self.low, other.low, out=self.low)
        np.minimum(self.high, other.high, out=self.high)
        return bool((self.low <= self.high).all())

    def alike(self, other: Box) -> Array:
        """(S,) of leads whether bounds and squares are the same as in another box."""
        pairs = zip(self[:3], other[:3], strict=True)
        alike: Array = np.all([(one == two).all(axis=0) for one, two in pairs], axis=0)
        return alike

    def unmoved(self) -> Box:
        """As wide as what it was taken from at the leads outside of all that moved much.

        What was swept there need not be swept again.
        """
        if self.whole is None:
            return self
        low, high, old = self.low.copy(), self.high.copy(), self.whole.box
        still = (self.width >= STILL * old.width) & (self.squares == old.squares)
        last, tie = low.shape[1] - 1, low.shape[1] // 2
        for order in (range(last, tie, -1), range(tie)):
            for k in order:
                if not still[:, k].all():
                    break
                low[:, k], high[:, k] = old.low[:, k], old.high[:, k]
        return self._replace(low=low, high=high)

    def halves(self) -> Iterator[Box]:
        """The box cut across its longest side."""
        spot = np.unravel_index(int(np.argmax(self.width)), self.low.shape)
        low, high, squares = self.low.copy(), self.high.copy(), self.squares.copy()
        low[spot] = high[spot] = (self.low[spot] + self.high[spot]) / 2
        squares[spot] = max(LEAST, squares[spot] // 2)
        yield self._replace(high=high, squares=squares)
        yield self._replace(low=low, squares=squares)


class Swept(NamedTuple):
    """A box, its cells by lead from the longest on, of both sides, and what fits at the tie."""

    box: Box
    right: dict[int, Array]
    left: dict[int, Array]
    found: Array

    @property
    def flipped(self) -> Swept:
        """The same with the labs' names exchanged, but for what fits at the tie."""
        return Swept(self.box.flipped, self.left, self.right, self.found)


def whole_box(high: Array, grid: int, sells: bool) -> Box:
    """All values from zero up, with squares that are narrow in one of them where prices clear.

    That is the value of the lab behind, with which its effort, and so what the lead is worth, bends
    most.

    Examples
    --------
    >>> whole_box(np.ones((2, 3)), 32, sells=True).squares.tolist()
    [[64, 32, 16], [16, 32, 64]]
    """
    squares, tie = np.full(high.shape, grid), high.shape[1] // 2
    if sells:
        squares[0, :tie] *= NARROWER
        squares[1, :tie] //= NARROWER
        squares[:, tie + 1 :] = squares[::-1, :tie][:, ::-1]
    return Box(np.zeros_like(high), high, squares)


def as_wide(squares: Array, shrunk: Array) -> Array:
    """Squares (2, S) of a box so much smaller that are as wide as before, or less.

    Examples
    --------
    >>> as_wide(np.array([[32, 32]]), np.array([[0.3, 0.01]])).tolist()
    [[16, 4]]
    """
    enough = 2.0 ** np.ceil(np.log2(np.maximum(squares * shrunk, 1.0)))
    number: Array = np.clip(enough, LEAST, MOST).astype(np.int64)
    return number


def cells_over(low: Array, high: Array, n: Array) -> Array:
    """Cells (-1, NUMBERS) over n (2,) squares at the longest lead: there is nothing beyond."""
    edges = [
        np.append(a + (b - a) * (np.arange(m) / m), b) for a, b, m in zip(low, high, n, strict=True)
    ]
    cells = np.zeros((*n, NUMBERS))
    cells[:, :, X], cells[:, :, X + 1] = edges[0][:-1, None], edges[0][1:, None]
    cells[:, :, X + 2], cells[:, :, X + 3] = edges[1][None, :-1], edges[1][None, 1:]
    return cells.reshape(-1, NUMBERS)


def parted(rows: Array) -> list[Array]:
    """Rows of bounds in two halves, by the middles of the most spread of their values.

    Examples
    --------
    >>> [half.tolist() for half in parted(np.array([[0, 1, 5, 9], [0, 2, 4, 5.0]]))]
    [[[0.0, 2.0, 4.0, 5.0]], [[0.0, 1.0, 5.0, 9.0]]]
    """
    middle = (rows[:, 0::2] + rows[:, 1::2]) / 2
    axis = int(np.argmax(np.ptp(middle, axis=0)))
    order = np.argsort(middle[:, axis], kind="stable")
    half = len(rows) // 2
    return [rows[order[:half]], rows[order[half:]]]


def groups(found: Array) -> Iterator[Array]:
    """Rows that touch each other, directly or by others; of many rows parts of them."""
    waiting = [found] if len(found) else []
    while waiting:
        part = waiting.pop()
        if len(part) > FEW:
            waiting += parted(part)
            continue
        name = _touching()(part)
        for number in range(int(name.max()) + 1):
            yield part[name == number]


@cache
def _touching() -> Any:
    return ready(touching, np.empty((0, 12)))

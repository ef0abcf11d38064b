"""Covers of all values of a step-by-step race of two labs: made once, and then checked.

A cover is a tree of boxes. One sweep over all leads, of the values in a box (:mod:`.sweeps`), shows
what may fit the equations at the tie and beside it; all that lies in the parts that are written
down. So every equilibrium lies in a box without parts, and such a box must lie where an equilibrium
of the list is the only one. To make a cover it must be found how fine a grid and which parts serve;
to check it takes one sweep for every box that has parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.checked import machine
from leaderbored.solvers.checked.fixed import BITS, ends, table
from leaderbored.solvers.checked.reply import Rows
from leaderbored.solvers.checked.stage import Ball
from leaderbored.solvers.checked.steps import CENTRE, NUMBERS, PLACE, X

Array = Any

# Tuning: it decides whether a cover is found, and how long it takes.
GRIDS = (4, 8, 16)
ROUNDS, AGAIN = 300, 20  # of tightening bounds, at first and for each box
SETTLED = 1 << (BITS - 17)  # below which bounds that move count as still
SHRUNK = 0.7  # of the width of a box, above which it is parted
FEW = 1 << 16  # units, below which a box is given up
COARSE = 14  # bits that are left out of numbers in a file
MOST = 64  # squares along an axis that a file may ask for


class Near(NamedTuple):
    """Bounds (2, S, 2) within which there is no equilibrium but one."""

    bounds: Array

    def holds(self, box: Array) -> bool:
        """Whether a box lies within."""
        inside = (self.bounds[..., 0] <= box[..., 0]) & (box[..., 1] <= self.bounds[..., 1])
        return bool(inside.all())


def near(values: list[list[Ball]], alone: Ball, unit: Ball) -> Near:
    """Bounds about the values (2, S) of an equilibrium, rounded inwards."""
    made = np.empty((2, len(values[0]), 2), dtype=np.int64)
    for i, row in enumerate(values):
        for k, value in enumerate(row):
            made[i, k] = ends((value - alone) / unit)[1], ends((value + alone) / unit)[0]
    return Near(made)


class Swept(NamedTuple):
    """Cells by lead, of both sides, and what fits at the tie: rows (n, 6, 2)."""

    right: dict[int, Array]
    left: dict[int, Array]
    found: Array


@dataclass(frozen=True)
class Node:
    """A box of a cover.

    Attributes
    ----------
    within : int
        The number of the box it is part of; -1 for the first.
    squares : int
        Along an axis of the grid of the sweep; 0 without one.
    middle : (6, 2) array
        Bounds on the values of both labs at the tie, where the first leads by one, and where the
        second does.
    """

    within: int
    squares: int
    middle: Array


@dataclass
class Cover:
    """Sweeps until no box is left but about known equilibria.

    Attributes
    ----------
    game : Rows
    known : list of Near
    """

    game: Rows
    known: list[Near]
    swept: int = 0
    steps: Array = field(default_factory=lambda: np.zeros(1, dtype=np.int64))

    def __post_init__(self) -> None:
        self.size = self.game.rows.shape[1]
        self.tie = self.size // 2
        flipped = self.game.rows[::-1, ::-1], self.game.cases[::-1, ::-1]
        self.mirrored = tuple(np.ascontiguousarray(one) for one in flipped)

    # --- making a cover

    def made(self, most: int) -> tuple[bool | None, list[Node]]:
        """Whether there is no equilibrium but those known, None if it takes too long; a cover."""
        first = self.whole()
        nodes = [Node(-1, 0, self.middle(first))]
        waiting = [(0, first, GRIDS[0])]
        while waiting:
            checkpoint()
            number, box, grid = waiting.pop()
            if not self.tightened(box, AGAIN if number else ROUNDS) or self.settled(box):
                continue
            if int((box[..., 1] - box[..., 0]).max()) < FEW:
                return False, []
            parted = self._parted(box, grid, most)
            if parted is None:
                return None, []
            squares, parts, boxes = parted
            nodes[number] = replace(nodes[number], squares=squares)
            for part, inner in zip(parts, boxes, strict=True):
                if inner is not None:
                    waiting.append((len(nodes), inner, max(squares // 2, GRIDS[0])))
                nodes.append(Node(number, 0, part))
        return True, nodes

    def _parted(
        self, box: Array, grid: int, most: int
    ) -> tuple[int, list[Array], list[Array | None]] | None:
        """The coarsest grid on which a box falls into smaller parts, and these."""
        for squares in (n for n in GRIDS if n >= grid):
            swept = self.sweep(box, squares, most)
            if swept is None:
                return None
            last = squares == GRIDS[-1]
            parts = self._parts(box, swept, last)
            if parts is not None:
                boxes = self.parts(box, swept, parts)
                assert boxes is not None
                return squares, parts, boxes
        raise AssertionError

    def _parts(self, box: Array, swept: Swept, last: bool) -> list[Array] | None:
        """Bounds (6, 2) of parts; None if the sweep was too coarse and may be made again."""
        made: list[Array] = []
        waiting = [swept.found] if len(swept.found) else []
        wide = np.maximum(box[..., 1] - box[..., 0], 1)
        while waiting:
            rows = waiting.pop()
            part = rounded(hull_of(rows))
            inner = self.narrowed(box, part, swept)
            if inner is None:
                continue
            ratio = (inner[..., 1] - inner[..., 0]) / wide
            shrinking = ratio.max() if not last else min(ratio.max(), ratio[:, self.tie].max())
            if shrinking <= SHRUNK or self.settled(inner):
                made.append(part)
            elif len(rows) > 1:
                waiting += halves(rows)
            elif not last:
                return None
            else:
                made.append(part)
        return made

    # --- checking one

    def checked(self, nodes: list[Node], most: int) -> str | None:
        """What is wrong with a cover; empty if all equilibria are among those known.

        None if that takes more than so many steps.
        """
        parts: list[list[int]] = [[] for _ in nodes]
        for number, node in enumerate(nodes[1:], 1):
            parts[node.within].append(number)
        first = self.whole()
        if not _within(self.middle(first), nodes[0].middle):
            return "the first box does not hold all values that labs can have"
        waiting = [(0, first)]
        while waiting:
            checkpoint()
            number, box = waiting.pop()
            if not self.tightened(box, AGAIN if number else ROUNDS) or self.settled(box):
                continue
            node = nodes[number]
            if not node.squares:
                return f"box {number} is not about one equilibrium alone"
            swept = self.sweep(box, node.squares, most)
            if swept is None:
                return None
            boxes = self.parts(box, swept, [nodes[k].middle for k in parts[number]])
            if boxes is None:
                return f"the parts of box {number} do not hold all that fits the equations"
            for k, inner in zip(parts[number], boxes, strict=True):
                if inner is not None:
                    waiting.append((k, inner))
        return ""

    # --- what both need

    def whole(self) -> Array:
        """Bounds on all values: between nothing and the most a lab can earn."""
        box = np.zeros((2, self.size, 2), dtype=np.int64)
        box[..., 1] = 1 << BITS
        return box

    def middle(self, box: Array) -> Array:
        """Bounds (6, 2) at the tie and on both sides."""
        at = self.tie
        return np.concatenate([box[:, at], box[:, at + 1], box[:, at - 1]])

    def settled(self, box: Array) -> bool:
        """Whether a box lies where a known equilibrium is the only one."""
        return any(one.holds(box) for one in self.known)

    def tightened(self, box: Array, rounds: int) -> bool:
        """Move bounds on values towards each other, in place; whether anything is left."""
        game = self.game
        return bool(
            machine.tighten()(game.discount, game.rows, game.cases, box, rounds, SETTLED, table())
        )

    def sweep(self, box: Array, squares: int, most: int) -> Swept | None:
        """Both sweeps and where they meet; None if they take too many steps."""
        self.swept += 1
        none = np.empty((0, 6, 2), dtype=np.int64)
        game, at = self.game, self.tie
        right = self._side((game.rows, game.cases), box, squares, most)
        if right is None or not len(right[at]):
            return None if right is None else Swept(right, {}, none)
        left = self._side(self.mirrored, flipped(box), squares, most)
        if left is None or not len(left[at]):
            return None if left is None else Swept(right, left, none)
        rows, cases = game.rows[:, at].copy(), game.cases[:, at].copy()
        found = machine.meeting()(
            game.discount,
            rows,
            cases,
            right[at],
            left[at],
            squares,
            machine.work(),
            self.steps,
            table(),
        )
        return Swept(right, left, found.reshape(-1, 6, 2))

    def _side(self, game: Any, box: Array, squares: int, most: int) -> dict[int, Array] | None:
        """Cells by lead, from the longest down to the tie."""
        rows, cases = game
        last = self.size - 1
        cells = {last: _grid(box[:, last], squares)}
        for k in range(last, self.tie, -1):
            cells[k - 1], count = machine.advance()(
                self.game.discount,
                rows[:, k].copy(),
                cases[:, k].copy(),
                cells[k],
                box[:, k - 1].copy(),
                squares,
                most,
                machine.work(),
                self.steps,
                table(),
            )
            if count < 0:
                return None
            if not count:
                return cells | {self.tie: cells[k - 1]}
        return cells

    def parts(self, box: Array, swept: Swept, parts: list[Array]) -> list[Array | None] | None:
        """Bounds on all values within each part; None if the parts do not hold all that fits."""
        held: list[list[Array]] = [[] for _ in parts]
        left = swept.found
        for part, rows in zip(parts, held, strict=True):
            inside = _within(left, part)
            if inside.any():
                rows.append(hull_of(left[inside]))
            left = left[~inside]
        if not all(_shared(row, parts, held) for row in left):
            return None
        return [
            self.narrowed(box, hull_of(np.array(rows)), swept) if rows else None for rows in held
        ]

    def narrowed(self, box: Array, part: Array, swept: Swept) -> Array | None:
        """Bounds on all values within bounds (6, 2) in the middle; None if there are none."""
        inner, at = box.copy(), self.tie
        for k, m in ((at, 0), (at + 1, 2), (at - 1, 4)):
            inner[:, k, 0] = np.maximum(inner[:, k, 0], part[m : m + 2, 0])
            inner[:, k, 1] = np.minimum(inner[:, k, 1], part[m : m + 2, 1])
        if (inner[..., 0] > inner[..., 1]).any() or not self._outwards(inner, swept.right):
            return None
        other = flipped(inner)
        return flipped(other) if self._outwards(other, swept.left) else None

    def _outwards(self, box: Array, cells: dict[int, Array]) -> bool:
        for k in range(self.tie + 1, self.size - 1):
            hull, count = machine.hull()(cells[k], box[:, k].copy())
            if not count:
                return False
            box[:, k + 1, 0] = np.maximum(box[:, k + 1, 0], hull[:, 0])
            box[:, k + 1, 1] = np.minimum(box[:, k + 1, 1], hull[:, 1])
            if (box[:, k + 1, 0] > box[:, k + 1, 1]).any():
                return False
        return True


def flipped(box: Array) -> Array:
    """The same with the labs exchanged, and every lead turned round."""
    return np.ascontiguousarray(box[::-1, ::-1])


def rounded(part: Array) -> Array:
    """Bounds outwards to numbers that are short in a file."""
    low, high = part[..., 0] >> COARSE, -(-part[..., 1] >> COARSE)
    return np.stack([low << COARSE, high << COARSE], axis=-1)


def halves(rows: Array) -> list[Array]:
    """Rows in two halves, by the number in which they are most spread."""
    middles = (rows[..., 0] + rows[..., 1]) // 2
    axis = int(np.argmax(np.ptp(middles, axis=0)))
    order = np.argsort(middles[:, axis], kind="stable")
    half = len(rows) // 2
    return [rows[order[:half]], rows[order[half:]]]


def hull_of(rows: Array) -> Array:
    """Bounds (6, 2) that hold all rows."""
    return np.stack([rows[..., 0].min(axis=0), rows[..., 1].max(axis=0)], axis=-1)


def _shared(row: Array, parts: list[Array], held: list[list[Array]]) -> bool:
    """Put what of a row is in the parts with what they hold; whether nothing is left over."""
    waiting = [row]
    while waiting:
        left = waiting.pop()
        spot = next((k for k, part in enumerate(parts) if _meets(left, part)), None)
        if spot is None:
            return False
        for side in range(6):
            for piece in _outside(left[side], parts[spot][side]):
                rest = left.copy()
                rest[side] = piece
                waiting.append(rest)
            left = left.copy()
            left[side, 0] = max(left[side, 0], parts[spot][side, 0])
            left[side, 1] = min(left[side, 1], parts[spot][side, 1])
        held[spot].append(left)
    return True


def _within(inner: Array, outer: Array) -> Array:
    """Of bounds (..., 6, 2), which lie within others."""
    inside = (outer[..., 0] <= inner[..., 0]) & (inner[..., 1] <= outer[..., 1])
    return np.asarray(inside.all(axis=-1))


def _meets(row: Array, part: Array) -> bool:
    """Whether two bounds have more in common than a face, unless a side is as narrow as that."""
    low, high = np.maximum(row[:, 0], part[:, 0]), np.minimum(row[:, 1], part[:, 1])
    return bool((low <= high).all() and ((low < high) | (row[:, 0] == row[:, 1])).all())


def _outside(row: Array, part: Array) -> list[Array]:
    """What of an interval lies beyond another, below and above."""
    made = []
    if row[0] < part[0]:
        made.append(np.array([row[0], part[0]]))
    if row[1] > part[1]:
        made.append(np.array([part[1], row[1]]))
    return made


def _grid(bounds: Array, n: int) -> Array:
    """Cells at the longest lead, beyond which there is nothing."""
    cells = np.zeros((n * n, NUMBERS), dtype=np.int64)
    for place in range(n * n):
        for i, k in enumerate(divmod(place, n)):
            low, high = int(bounds[i, 0]), int(bounds[i, 1])
            cells[place, X + 2 * i] = low + (high - low) * k // n
            cells[place, X + 2 * i + 1] = low + (high - low) * (k + 1) // n
            cells[place, CENTRE + i] = cells[place, X + 2 * i]
        cells[place, PLACE] = place
    return cells

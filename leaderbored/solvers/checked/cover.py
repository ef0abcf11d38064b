"""Covers of all values of a step-by-step race of two labs: made once, and then checked.

A cover is a tree of boxes. One sweep over all leads, of the values in a box (:mod:`.sweeps`), shows
what may fit the equations at the tie and beside it; all that lies in the parts that are written
down. So every equilibrium lies in a box without parts, and such a box must hold none but one of the
list: it lies where that is the only one, or Krawczyk's test of all leads at once leaves no room for
another (:mod:`.only`). To make a cover it must be found how fine a grid and which parts serve; to
check it takes one sweep for every box that has parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.checked import machine
from leaderbored.solvers.checked.cells import CENTRE, NUMBERS, PLACE, X
from leaderbored.solvers.checked.fixed import BITS, ends, table
from leaderbored.solvers.checked.parts import (
    FIRST,
    MOST,
    cut,
    enough,
    flipped,
    halves,
    hull_of,
    rounded,
    shared,
    within,
)
from leaderbored.solvers.checked.reply import Rows
from leaderbored.solvers.checked.stage import Ball

Array = Any

# Tuning: it decides whether a cover is found, and how long it takes.
ROUNDS, AGAIN = 300, 20  # of tightening bounds, at first and for each box
SETTLED = 1 << (BITS - 17)  # below which bounds that move count as still
WIDE = 1 << (BITS - 4)  # width at the tie above which a grid may be too coarse
SHRUNK = 0.6  # of the width of a box at the tie, above which what fits is parted
STUCK = 0.8  # of it, above which the grid was too coarse
FEW = 1 << 16  # units, below which a box is given up


class Near(NamedTuple):
    """A known equilibrium: where it is, and bounds (2, S, 2) within which it is the only one.

    Attributes
    ----------
    spot : (2, S, 2) array
        Bounds within which it lies.
    bounds : (2, S, 2) array
    inverse : (2 S, 2 S) array, or None
        About an inverse of the derivatives of its conditions, in units of one over ``one``.
    one : int
    """

    spot: Array
    bounds: Array
    inverse: Array | None
    one: int

    def holds(self, box: Array) -> bool:
        """Whether a box lies within the bounds."""
        inside = (self.bounds[..., 0] <= box[..., 0]) & (box[..., 1] <= self.bounds[..., 1])
        return bool(inside.all())

    def far(self, box: Array) -> int:
        """How far a box is away, at the lead where that is most."""
        gaps = np.maximum(box[..., 0] - self.spot[..., 1], self.spot[..., 0] - box[..., 1])
        return int(gaps.max())


def near(
    values: list[list[Ball]], alone: Ball, within: Ball, inverse: tuple[Array, int] | None
) -> Near:
    """An equilibrium within a distance of values (2, S), where it is alone as far as that."""
    spot, bounds = (np.empty((2, len(values[0]), 2), dtype=np.int64) for _ in range(2))
    for i, row in enumerate(values):
        for k, value in enumerate(row):
            spot[i, k] = ends(value - within)[0], ends(value + within)[1]
            bounds[i, k] = ends(value - alone)[1], ends(value + alone)[0]
    return Near(spot, bounds, *(inverse or (None, 0)))


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
        waiting = [(0, first, FIRST)]
        while waiting:
            checkpoint()
            number, box, squares = waiting.pop()
            if not self.tightened(box, AGAIN if number else ROUNDS) or self.settled(box):
                continue
            if int((box[..., 1] - box[..., 0]).max()) < FEW:
                return False, []
            squares, swept = self._fine(box, squares, most)
            if swept is None:
                return None, []
            nodes[number] = replace(nodes[number], squares=squares)
            made = self._parts(box, swept, squares)
            boxes = self.parts(box, swept, [part for part, _ in made])
            assert boxes is not None
            for (part, finer), inner in zip(made, boxes, strict=True):
                if inner is not None:
                    waiting.append((len(nodes), inner, finer))
                nodes.append(Node(number, 0, part))
        return True, nodes

    def _fine(self, box: Array, squares: int, most: int) -> tuple[int, Swept | None]:
        """A sweep on the coarsest grid, from a given one on, that leaves few rows in a wide box."""
        wide = int((box[:, self.tie, 1] - box[:, self.tie, 0]).max()) > WIDE
        while True:
            swept = self.sweep(box, squares, most)
            fits = swept is None or len(swept.found) <= squares**2
            if fits or not wide or squares >= MOST:
                return squares, swept
            squares *= 2

    def _parts(self, box: Array, swept: Swept, squares: int) -> list[tuple[Array, int]]:
        """Bounds (6, 2) of parts of a box that are smaller, and the grids for them."""
        made: list[tuple[Array, int]] = []
        waiting = [swept.found] if len(swept.found) else []
        before = np.maximum(box[:, self.tie, 1] - box[:, self.tie, 0], 1)
        while waiting:
            rows = waiting.pop()
            part = rounded(hull_of(rows))
            inner = self.narrowed(box, part, swept)
            if inner is None:
                continue
            ratio = float(((inner[:, self.tie, 1] - inner[:, self.tie, 0]) / before).max())
            if len(rows) > 1 and ratio > SHRUNK and not self.settled(inner.copy()):
                waiting += halves(rows)
            elif ratio <= STUCK:
                made.append((part, enough(squares * ratio)))
            elif squares < MOST:
                made.append((part, 2 * squares))
            else:
                made += [(half, squares) for half in cut(part)]
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
        if not within(self.middle(first), nodes[0].middle):
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
        """Whether no equilibrium but a known one lies in a box, which is narrowed in place."""
        if any(one.holds(box) for one in self.known):
            return True
        close = min(self.known, key=lambda one: one.far(box), default=None)
        if close is None or close.inverse is None:
            return False
        game = self.game
        numbers = game.discount, game.rows, game.cases, box, close.spot
        return bool(machine.settled()(*numbers, close.inverse, close.one, table()))

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
            inside = within(left, part)
            if inside.any():
                rows.append(hull_of(left[inside]))
            left = left[~inside]
        if not all(shared(row, parts, held) for row in left):
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

"""Sweep boxes of values until none is left but those of the equilibria on a list."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import Progress, checkpoint
from leaderbored.solvers.complete import bounds, lab, sweep, tie
from leaderbored.solvers.complete.boxes import (
    MOST,
    Box,
    Swept,
    as_wide,
    cells_over,
    groups,
    parted,
    whole_box,
)
from leaderbored.solvers.complete.cells import NUMBERS
from leaderbored.solvers.complete.line import leads
from leaderbored.solvers.complete.outcome import Outcome
from leaderbored.solvers.complete.rows import bounded, most_earned, rising, rows
from leaderbored.solvers.complete.step import scratch
from leaderbored.solvers.kernels.jit import ready
from leaderbored.solvers.markov.proof import none_within, only_one_within
from leaderbored.solvers.markov.proved import MARGIN, alone_within
from leaderbored.solvers.solution import Equilibrium

ELSEWHERE = (
    "only step-by-step races of two labs are treated, with theta below one, at set prices or where "
    "prices clear and labs set quantities, without growth and without mechanisms that change what "
    "a share earns or builds"
)
BOUNDED = (
    "where prices clear only labs are treated that may build with all of their compute, or none"
)
EXTREME = "a lab's compute earns nothing somewhere, or its numbers are too large or too small"
DOUBTFUL = (
    "nothing is left but near those that are proved locally unique, which not all on the list are"
)
PHASE = "proof that no equilibrium is missing"
UNPROVED = (
    "nothing is left but near those on the list, of which one is not proved locally unique: {}"
)
INDIFFERENT = "a lab is indifferent among shares"
# These, too, are tuning: they decide whether a proof is found, not what it is worth.
WIDE, VAGUE = 0.1, 1.0  # of a wide box's squares, rows at the tie above which its grid is halved
RELEVANT = 0.5  # of the widest bounds of a box, from which on bounds matter
SHRUNK = 0.3  # of a box's width at the tie, above which its rows are parted
STUCK = 0.8  # of a box's width, above which its grids are halved
FINE = 32  # squares along an axis, from which on the box is cut instead
ROUNDS = 3_000  # of tightening bounds at first, and for each box
AGAIN = 20
SETTLED = 1e-5  # of the largest value, below which bounds that move count as still
CLOSE = 1e-3  # of the largest value: how far from an equilibrium a box is tested together with it
EACH = 4  # steps for a square and lead, above which a grid counts as too coarse
FINER = 3  # times as many squares along an axis of a grid that is not
NARROW = 1e-10  # of the largest value: a box as narrow as that is given up
# The numbers of a cell with the labs exchanged.
SWAPPED = [2, 3, 0, 1, 6, 7, 4, 5, 9, 8, 11, 10, 15, 14, 13, 12, 17, 16, 18]


def prove(
    game: Markov,
    equilibria: Sequence[Equilibrium],
    steps: int,
    grid: int,
    progress: Progress | None = None,
) -> Outcome:
    """Prove that a game has no equilibria but these; what :class:`.settings.Transfer` runs.

    Parameters
    ----------
    game : Markov
    equilibria : sequence of Equilibrium
        Each with its proof.
    steps, grid, progress
        As in the settings.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1, leapfrog=0.5), discount=1.0, rungs=2)
    >>> prove(race.markov(), [], 100, 16).message == ELSEWHERE
    True
    """
    place = leads(game)
    if place is None:
        return Outcome(False, ELSEWHERE)
    if bounded(game):
        return Outcome(False, BOUNDED)
    table = rows(game, place)
    if table is None:
        return Outcome(False, EXTREME)
    within = [(one, alone_within(one)) for one in equilibria]
    known = [_Near(one, place, reach) for one, reach in within if reach is not None]
    unproved = [one for one, reach in within if reach is None]
    tries, used = [(steps, grid)], 0
    if isinstance(game, Cleared):
        # Replies bend more: where a coarse grid leaves many cells a fine one takes fewer steps.
        tries = [(min(steps, EACH * grid**2 * len(place)), grid), (steps, FINER * grid)]
    for limit, squares in tries:
        proof = _Proof(game, table, place, (known, unproved), (limit, squares))
        proof.work[0] = used
        outcome = proof.run(progress)
        used = outcome.steps
        if outcome.proved or used <= limit:
            break
    if outcome.proved and unproved:
        return replace(outcome, proved=False, message=DOUBTFUL)
    return outcome


class _Near(NamedTuple):
    """An equilibrium, the states of its leads, and how far from its values there is no other."""

    one: Equilibrium
    place: Array
    reach: float

    def holds(self, box: Box) -> bool:
        """Whether there is no other equilibrium in the box."""
        value = self.one.value[:, self.place]
        above, below = box.high - value, value - box.low
        if max(above.max(), below.max()) < self.reach:
            return True
        if np.minimum(above, below).min() < -CLOSE * np.abs(value).max():
            return False
        # Together with all around the computed values in which the equilibrium is.
        low = np.minimum(box.low, value - self.reach)
        high = np.maximum(box.high, value + self.reach)
        back = np.argsort(self.place)
        if only_one_within(self.one, low[:, back], high[:, back]):
            return True
        return none_within(self.one, box.low[:, back], box.high[:, back])


class _Proof:
    """One proof: the boxes that are left, and the steps that were taken."""

    def __init__(
        self,
        game: Markov,
        table: Array,
        place: Array,
        listed: tuple[list[_Near], list[Equilibrium]],
        settings: tuple[int, int],
    ) -> None:
        self.discount, self.place = game.discount, place
        self.known, self.unproved = listed
        self.steps, self.grid = settings
        self.plain, self.table = table, rising(table, game, place)
        self.mirrored = np.ascontiguousarray(self.table[::-1, ::-1])
        self.same = bool((self.mirrored == self.table).all())
        self.size, self.sells = table.shape[1], bool(table[0, 0, lab.SELLS])
        self.tie = self.size // 2
        self.work, self.boxes = np.zeros(1, dtype=np.int64), 0
        self.scratch = scratch()
        most = most_earned(game, table).max(axis=1) / self.discount * (1 + MARGIN)
        self.high = np.repeat(most[:, None], self.size, axis=1)
        self.scale = float(most.max())
        self.joint = np.stack([self._sum(weight) for weight in bounds.WEIGHTS], axis=1)
        # for the other lab, weight (B + A / weight): weights come in pairs, one over the other
        self.joint_mirrored = np.ascontiguousarray((self.joint / bounds.WEIGHTS)[::-1, ::-1])

    def _sum(self, weight: float) -> Array:
        """Bounds (S,) on A + weight B."""
        most: Array = (self.high[0] + weight * self.high[1]) * (1 + MARGIN)
        _sums()(self.discount, self.plain, weight, most, ROUNDS, SETTLED * self.scale)
        return most

    def run(self, progress: Progress | None) -> Outcome:
        first = whole_box(self.high, self.grid, self.sells)
        if not self._tightened(first, ROUNDS):
            return Outcome(False, "no values satisfy the equations, which cannot be")
        doubt = ""
        left = [(1.0, first)]  # each with its share of the values
        while left:
            if progress:
                progress(PHASE, self.boxes, sum(share for share, _ in left))
            share, box = left.pop()
            if any(near.holds(box) for near in self.known):
                continue
            if not self._tightened(box, AGAIN):
                continue
            least = NARROW * self.scale
            if float(box.width.max()) < least:  # the next one may hold what is missing
                around = Box(box.low - least, box.high + least, box.squares)
                if reason := self._doubt(around):
                    doubt = reason
                    continue
                return self._failed("a box that does not shrink is left", around)
            swept = self._swept(box.unmoved())
            if swept is None:
                return self._failed(f"it takes more than {self.steps:,} steps", box)
            if self._vague(box, swept):
                parts = [box._replace(squares=2 * box.squares, whole=None)]
            else:
                parts = list(self._parts(box, swept))
            left += [(share / len(parts), part) for part in parts]
        if doubt:
            return self._failed(UNPROVED.format(doubt), None)
        count, steps = len(self.known), int(self.work[0])
        near = "one that is" if count == 1 else f"{count} that are"
        message = (
            "interval arithmetic leaves no values that satisfy the equations at all leads but near "
            f"the {near} proved locally unique ({self.boxes:,} boxes, {steps:,} Krawczyk steps)"
        )
        return Outcome(True, message, None, steps, self.boxes)

    def _doubt(self, box: Box) -> str:
        """Why an equilibrium on the list that lies in the box is not proved; else nothing."""
        for one in self.unproved:
            value = one.value[:, self.place]
            if ((box.low <= value) & (value <= box.high)).all():
                return one.proof.reason or INDIFFERENT
        return ""

    def _failed(self, reason: str, box: Box | None) -> Outcome:
        back = np.argsort(self.place)
        rest = None if box is None else (box.low[:, back], box.high[:, back])
        return Outcome(False, reason, rest, int(self.work[0]), self.boxes)

    def _vague(self, box: Box, swept: Swept) -> bool:
        """Whether so much fits that a finer grid says more than the boxes would."""
        wide = box.width[:, self.tie].max() > WIDE * self.scale
        many = len(swept.found) > VAGUE * box.squares[:, self.tie].prod()
        return bool(wide and many and box.squares.max() < MOST)

    def _tightened(self, box: Box, rounds: int) -> bool:
        even = self.same and bool(box.flipped.alike(box).all())
        least = SETTLED * self.scale
        some = bool(_tighten()(self.discount, self.table, box.low, box.high, rounds, least))
        return some and (not even or box.even_out())

    def _swept(self, box: Box) -> Swept | None:
        """Both sweeps and where they meet; None if they take too many steps."""
        self.boxes += 1
        none = np.empty((0, 12))
        at, whole = self.tie, box.whole
        box = box._replace(whole=None)  # else all that was ever swept were kept
        right = self._side(self.table, self.joint, box, whole)
        if right is None or not len(right[at]):
            return None if right is None else Swept(box, right, {}, none)
        mirrored, flipped = (self.mirrored, self.joint_mirrored), box.flipped
        alike = self.same and flipped.alike(box).all()  # then the cells are the same
        left = right if alike else self._side(*mirrored, flipped, whole and whole.flipped)
        if left is None or not len(left[at]):
            return None if left is None else Swept(box, right, left, none)
        found = _meeting()(
            self.discount,
            self.table[0, at],
            self.table[1, at],
            right[at],
            np.ascontiguousarray(left[at][:, SWAPPED]),
            self.scratch,
            self.work,
            box.squares[:, at].copy(),
        )
        return Swept(box, right, left, found)

    def _side(
        self, table: Array, joint: Array, box: Box, whole: Swept | None
    ) -> dict[int, Array] | None:
        """Cells (n, NUMBERS) by lead, from the longest down to the tie.

        Those of a whole that was swept before are taken, from the longest lead to where it differs.
        """
        last, cells = self.size - 1, {}
        if whole is not None:
            alike = box.alike(whole.box)
            same = itertools.takewhile(lambda k: alike[k], range(last, self.tie, -1))
            cells = {k: whole.right[k] for k in same}
        if not cells:
            cells[last] = cells_over(box.low[:, last], box.high[:, last], box.squares[:, last])
        for k in range(min(cells), self.tie, -1):
            checkpoint()
            width = box.width[:, k] / box.squares[:, k]
            width = np.maximum(width, NARROW * 1e-3 * self.scale)
            cells[k - 1], count = _advance()(
                self.discount,
                table[0, k],
                table[1, k],
                cells[k],
                box.low[:, k - 1].copy(),
                box.high[:, k - 1].copy(),
                joint[k - 1],
                width,
                box.squares[:, k - 1].copy(),
                self.steps,
                self.scratch,
                self.work,
            )
            if count < 0:
                return None
            if count == 0:
                return cells | {self.tie: cells[k - 1]}
        return cells

    def _parts(self, box: Box, swept: Swept) -> Iterator[Box]:
        """Boxes in which all that fits lies, smaller than the one that was swept."""
        around, least = slice(self.tie - 1, self.tie + 2), NARROW * self.scale
        for rows_left in groups(swept.found):
            waiting = [rows_left]
            while waiting:
                part = waiting.pop()
                inner = self._narrowed(part, swept, box)
                if (inner.low > inner.high).any():
                    continue
                shrunk = np.ones_like(box.width)
                np.divide(inner.width, box.width, out=shrunk, where=box.width > least)
                matters = inner.width >= RELEVANT * inner.width.max()
                inner = inner._replace(squares=as_wide(box.squares, shrunk), whole=swept)
                if any(near.holds(inner) for near in self.known):
                    continue
                if len(part) > 1 and (matters & (shrunk > SHRUNK))[:, around].any():
                    waiting += parted(part)
                elif min(shrunk[matters].max(), shrunk[:, around].min()) <= STUCK:
                    yield inner
                elif box.squares.max() < FINE:
                    squares = np.where(shrunk > STUCK, 2 * box.squares, inner.squares)
                    yield inner._replace(squares=squares)
                else:
                    yield from inner.halves()

    def _narrowed(self, part: Array, swept: Swept, box: Box) -> Box:
        """Hull at every lead of what is consistent with some rows at the tie."""
        low, high = part[:, 0::2].min(axis=0), part[:, 1::2].max(axis=0)
        inner, at = Box(box.low.copy(), box.high.copy(), box.squares), self.tie
        for k, m in ((at, 0), (at + 1, 2), (at - 1, 4)):
            inner.low[:, k], inner.high[:, k] = low[m : m + 2], high[m : m + 2]
        self._outwards(inner, swept.right)
        other = inner.flipped
        self._outwards(other, swept.left)
        inner = other.flipped
        low, high = np.maximum(box.low, inner.low), np.minimum(box.high, inner.high)
        return Box(low, high, box.squares)

    def _outwards(self, box: Box, cells: dict[int, Array]) -> None:
        for k in range(self.tie + 1, self.size - 1):
            hull = _cut()(cells[k], box.low[:, k].copy(), box.high[:, k].copy())
            box.low[:, k + 1], box.high[:, k + 1] = hull[:, 0], hull[:, 1]


# --- kernels, compiled when they are first needed


def _row() -> Array:
    """A row of a lab without a choice, for compiling."""
    return np.zeros(lab.FIELDS)


@cache
def _advance() -> Any:
    flat, none = np.zeros(2), np.empty((0, NUMBERS))
    work, row = np.zeros(1, dtype=np.int64), _row()
    numbers = (flat, flat, np.zeros(len(bounds.WEIGHTS)), flat, np.ones(2, dtype=np.int64))
    return ready(sweep.advance, 1.0, row, row, none, *numbers, 1, scratch(), work)


@cache
def _meeting() -> Any:
    none, row, work = np.empty((0, NUMBERS)), _row(), np.zeros(1, dtype=np.int64)
    one = np.ones(2, dtype=np.int64)
    return ready(tie.meeting, 1.0, row, row, none, none, scratch(), work, one)


@cache
def _cut() -> Any:
    return ready(sweep.cut, np.empty((0, NUMBERS)), np.zeros(2), np.zeros(2))


@cache
def _sums() -> Any:
    return ready(bounds.together, 1.0, np.zeros((2, 1, lab.FIELDS)), 1.0, np.zeros(1), 0, 1.0)


@cache
def _tighten() -> Any:
    table, flat = np.zeros((2, 1, lab.FIELDS)), np.zeros((2, 1))
    return ready(bounds.tighten, 1.0, table, flat, flat, 0, 1.0)

"""The whole list of a step-by-step race of two labs once more, in balls, by sweeps of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, pairwise, product

from flint import arb

from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.checked.cells import Cases, Cell, Pair, cell_of, flat, joined, solved
from leaderbored.solvers.checked.stage import Ball, Lab, meet, side

# Tuning: it decides how long it takes, not what it is worth.
GRID = 8  # squares along either axis
ALIKE = 0.05  # of a square, what the error of a cell may always be
SEVERAL = 8  # cells over a square, from which on two become one, however different
ROUNDS = 200  # of tightening bounds at first
AGAIN = 10
SETTLED = 1e-4  # of the largest value, below which bounds that move count as still
SHRUNK = 0.7  # of the width of a box, above which it is parted
Place = tuple[int, int]
Cells = dict[Place, list[Cell]]  # by squares
Box = list[list[Ball]]  # (2, S) values of both labs at the leads -G..G


@dataclass
class Known:
    """Values (2, S) of an equilibrium, exact, and how far from them there is no other."""

    value: Box
    alone: Ball
    met: bool = False

    def holds(self, box: Box) -> bool:
        """Whether there is no equilibrium but this in a box."""
        return all(
            abs(a - b) < self.alone
            for mine, theirs in zip(self.value, box, strict=True)
            for a, b in zip(mine, theirs, strict=True)
        )


@dataclass
class Listing:
    """Sweeps until no box is left but about known equilibria.

    Attributes
    ----------
    labs : (2, S) lists of Lab, at the leads -G..G
    discount : ball
    known : list of Known
    steps : int
        Krawczyk steps so far.
    """

    labs: list[list[Lab]]
    discount: Ball
    known: list[Known]
    steps: int = 0
    boxes: int = 0
    mirrored: list[list[Lab]] = field(init=False)

    def __post_init__(self) -> None:
        self.size, self.tie = len(self.labs[0]), len(self.labs[0]) // 2
        self.mirrored = [row[::-1] for row in self.labs[::-1]]

    def complete(self, most: int) -> bool | None:
        """Whether there is no equilibrium but those known; None if it takes too many steps."""
        top = [max((lab.worth(arb(0)) / self.discount).upper() for lab in row) for row in self.labs]
        first = [[arb(0).union(top[i])] * self.size for i in range(2)]
        waiting = [first] if self._tightened(first, ROUNDS) else []
        while waiting:
            checkpoint()
            box = waiting.pop()
            near = next((one for one in self.known if one.holds(box)), None)
            if near is not None:
                near.met = True
                continue
            if not self._tightened(box, AGAIN):
                continue
            if max(float(ball.rad()) for row in box for ball in row) < 1e-9 * float(max(top)):
                return False
            if self.steps > most:
                return None
            waiting += self._parts(box)
        return True

    # --- bounds at one lead, given those at the leads beside it

    def _tightened(self, box: Box, rounds: int) -> bool:
        least = SETTLED * max(float(ball.upper()) for row in box for ball in row)
        for _ in range(rounds):
            moved = 0.0
            for k in [*range(self.size), *range(self.size - 1, -1, -1)]:
                for i in range(2):
                    before = box[i][k]
                    after = self._inner(box, i, k)
                    if after is None:
                        return False
                    moved = max(moved, float(before.rad() - after.rad()))
                    box[i][k] = after
            if not moved > least:
                break
        return True

    def _inner(self, box: Box, i: int, k: int) -> Ball | None:
        """Bounds on one value: what is left of its equation rises with it alone."""
        step, j = (1, 1) if i == 0 else (-1, 0)
        forth = box[i][min(max(k + step, 0), self.size - 1)]
        back = box[i][min(max(k - step, 0), self.size - 1)]
        own, rival = self.labs[i][k], self.labs[j][k]
        if not 0 <= k + step < self.size:
            forth = None
        stuck = not 0 <= k - step < self.size  # the rival's success changes nothing
        beside = box[j][k if stuck else k - step]
        hazard = arb(0) if stuck else rival.hazard(beside - box[j][k])
        ball = box[i][k]
        fastest = (self.discount + own.base + own.scale + hazard).upper()

        def rest(t: Ball, upper: bool) -> Ball:
            ahead = t if forth is None else (forth.upper() if upper else forth.lower())
            behind = t if stuck else (back.upper() if upper else back.lower())
            return self.discount * t - own.worth(ahead - t) - hazard * (behind - t)

        high, low = ball.upper(), ball.lower()
        if (over := rest(high, True)) > 0:
            t = (high - over.lower() / fastest).mid()
            high = t if rest(t, True) > 0 else high
        if (under := rest(low, False)) < 0:
            t = (low - under.upper() / fastest).mid()
            low = t if rest(t, False) < 0 else low
        return None if low > high else meet(ball, low.union(high))

    # --- sweeps

    def _parts(self, box: Box) -> list[Box]:
        self.boxes += 1
        right = self._side(self.labs, box)
        left = self._side(self.mirrored, _flipped(box)) if right else {}
        rows = self._meeting(right[self.tie], left[self.tie]) if right and left else []
        made: list[Box] = []
        waiting = [rows] if rows else []
        while waiting:
            part = waiting.pop()
            inner = self._narrowed(box, part, right, left)
            if inner is None:
                continue
            widest = self._shrinking(inner, box)
            if widest <= SHRUNK or any(one.holds(inner) for one in self.known):
                made.append(inner)
            elif len(part) > 1:
                waiting += _halves(part)
            else:
                made += _cut(inner)
        return made

    def _shrinking(self, inner: Box, box: Box) -> float:
        return max(
            float(a.rad()) / max(float(b.rad()), 1e-300)
            for mine, theirs in zip(inner, box, strict=True)
            for a, b in zip(mine, theirs, strict=True)
        )

    def _side(self, labs: list[list[Lab]], box: Box) -> dict[int, Cells]:
        """Cells from the longest lead down to the tie; none at all if they end before."""
        last = self.size - 1
        nothing = arb(0), arb(0)
        cells = {last: {place: [flat(x, nothing)] for place, x in _grid(box, last).items()}}
        for k in range(last, self.tie, -1):
            found = self._advance((labs[0][k], labs[1][k]), cells[k], box, k - 1)
            if not found:
                return {}
            cells[k - 1] = found
        return cells

    def _advance(self, labs: tuple[Lab, Lab], cells: Cells, box: Box, to: int) -> Cells:
        """Cells at the lead ``to`` from those at the lead above."""
        squares = _grid(box, to)
        width = [float(box[i][to].rad()) / GRID for i in range(2)]
        kept: Cells = {}
        for cell in chain.from_iterable(cells.values()):
            for cases, place in self._possible(labs, cell, squares):
                self.steps += 1
                left = solved(self.discount, cases, cell, cell.x, squares[place])
                if left is not None:
                    _keep(kept.setdefault(place, []), cell_of(left, squares[place]), width)
        return kept

    def _possible(
        self, labs: tuple[Lab, Lab], cell: Cell, squares: dict[Place, Pair]
    ) -> Iterator[tuple[Cases, Place]]:
        """Cases of both labs, and squares at the lead below, that no equation excludes at sight."""
        x = cell.x
        ahead, loss = (meet(cell.ahead(i, x), cell.y[i] - x[i]) for i in range(2))
        for one, two in product(labs[0].cases(), labs[1].cases()):
            own = side(ahead, one[0])
            if own is None or loss is None:
                continue
            wanted = self.discount * x[0] - one[1].worth(own)
            hazard = one[1].level() if one[2] else one[1].hazard(own)
            rest = self.discount * x[1] - hazard * loss
            for column in range(GRID):
                gain = side(squares[0, column][1] - x[1], two[0])
                if gain is None or not two[1].worth(gain).overlaps(rest):
                    continue
                hazard = two[1].level() if two[2] else two[1].hazard(gain)
                for line in range(GRID):
                    if (hazard * (squares[line, column][0] - x[0])).overlaps(wanted):
                        yield (one, two), (line, column)

    def _meeting(self, right: Cells, left: Cells) -> list[list[Ball]]:
        """What is possible at the tie: x, and y on both sides."""
        a, b = self.labs[0][self.tie], self.labs[1][self.tie]
        cases, rows = list(product(a.cases(), b.cases())), []
        for (line, column), cells in right.items():
            others = [_turned(cell) for cell in left.get((column, line), [])]
            for cell, other, case in product(cells, others, cases):
                self.steps += 1
                x = meet(cell.x[0], other.x[0]), meet(cell.x[1], other.x[1])
                found = None if None in x else solved(self.discount, case, cell, x, other)
                if found is not None:
                    beside = [
                        meet(at.at(i, found.x), at.y[i]) for at in (cell, other) for i in (0, 1)
                    ]
                    if None not in beside:
                        rows.append([*found.x, *beside])
        return rows

    def _narrowed(
        self,
        box: Box,
        rows: list[list[Ball]],
        right: dict[int, Cells],
        left: dict[int, Cells],
    ) -> Box | None:
        """Hull at every lead of what is consistent with some rows at the tie."""
        hulls = list(rows[0])
        for row in rows[1:]:
            hulls = [a.union(b) for a, b in zip(hulls, row, strict=True)]
        inner = [list(row) for row in box]
        for k, m in ((self.tie, 0), (self.tie + 1, 2), (self.tie - 1, 4)):
            for i in range(2):
                both = meet(inner[i][k], hulls[m + i])
                if both is None:
                    return None
                inner[i][k] = both
        if not self._outwards(inner, right):
            return None
        other = _flipped(inner)
        return _flipped(other) if self._outwards(other, left) else None

    def _outwards(self, box: Box, cells: dict[int, Cells]) -> bool:
        for k in range(self.tie + 1, self.size - 1):
            hull: list[Ball] | None = None
            for cell in chain.from_iterable(cells[k].values()):
                x = meet(cell.x[0], box[0][k]), meet(cell.x[1], box[1][k])
                if x[0] is None or x[1] is None:
                    continue
                y = [meet(cell.at(i, x), cell.y[i]) for i in range(2)]
                if None in y:
                    continue
                hull = y if hull is None else [a.union(b) for a, b in zip(hull, y, strict=True)]
            if hull is None:
                return False
            for i in range(2):
                both = meet(box[i][k + 1], hull[i])
                if both is None:
                    return False
                box[i][k + 1] = both
        return True


def _grid(box: Box, k: int) -> dict[Place, Pair]:
    """Squares that cover the values at a lead, by line and column."""
    sides = []
    for i in range(2):
        low, high = box[i][k].lower(), box[i][k].upper()
        edges = [low, *((low + (high - low) * m / GRID).mid() for m in range(1, GRID)), high]
        sides.append([a.union(b) for a, b in pairwise(edges)])
    return {(m, n): (a, b) for m, a in enumerate(sides[0]) for n, b in enumerate(sides[1])}


def _keep(place: list[Cell], new: Cell, width: list[float]) -> None:
    """Put a cell over a square, in one with a like one if there is."""
    best, chosen, at = float("inf"), None, -1
    for k, old in enumerate(place):
        both = joined(old, new)
        grown = [float(both.error[i].rad()) for i in range(2)]
        own = [max(float(old.error[i].rad()), float(new.error[i].rad())) for i in range(2)]
        fits = all(g <= max(ALIKE * w, 1.1 * o) for g, w, o in zip(grown, width, own, strict=True))
        size = max(g / max(w, 1e-300) for g, w in zip(grown, width, strict=True))
        if size < best and (fits or len(place) >= SEVERAL):
            best, chosen, at = size, both, k
    if chosen is None:
        place.append(new)
    else:
        place[at] = chosen


def _turned(cell: Cell) -> Cell:
    """A cell with the labs exchanged."""
    aa, ab, ba, bb = cell.matrix
    return Cell(
        cell.x[::-1],
        cell.y[::-1],
        cell.centre[::-1],
        cell.image[::-1],
        (bb, ba, ab, aa),
        cell.error[::-1],
    )


def _flipped(box: Box) -> Box:
    """The same with the labs exchanged, and every lead turned round."""
    return [row[::-1] for row in box[::-1]]


def _halves(rows: list[list[Ball]]) -> list[list[list[Ball]]]:
    """Rows in two halves, by the number in which they are most spread."""
    middles = [[float(ball.mid()) for ball in row] for row in rows]
    spread = [max(column) - min(column) for column in zip(*middles, strict=True)]
    axis = spread.index(max(spread))
    order = sorted(range(len(rows)), key=lambda k: middles[k][axis])
    half = len(rows) // 2
    return [[rows[k] for k in order[:half]], [rows[k] for k in order[half:]]]


def _cut(box: Box) -> list[Box]:
    """The box cut across its longest side."""
    widths = [(float(ball.rad()), i, k) for i, row in enumerate(box) for k, ball in enumerate(row)]
    _, i, k = max(widths)
    ball = box[i][k]
    made = []
    for part in (ball.lower().union(ball.mid()), ball.mid().union(ball.upper())):
        new = [list(row) for row in box]
        new[i][k] = part
        made.append(new)
    return made

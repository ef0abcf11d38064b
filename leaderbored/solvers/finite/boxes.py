r"""Every equilibrium of a small game of three or more players, by interval branch and prune.

For each choice of supports the equilibria are the zeros, within the product of simplices, of the
differences :math:`u_{ia}(x) - u_{ib}(x)` on the supports. Boxes of mixed profiles are cut, those of
all supports together, one of those that alike players carry into each other, and

* discarded where some strategy is certainly better than one of its player's support, because the
  differences are multilinear and a linear function has its extremes over a box cut with the
  simplex at its corners, one opponent after the other;
* contracted by Krawczyk's operator, preconditioned at the middle (Krawczyk 1969; Neumaier,
  Interval Methods for Systems of Equations, 1990), which proves that a box that it maps into its
  inside holds one zero and only one.

Payoffs are scaled to [0, 1], exactly but for one rounding; a difference of them is a sum of
products that adds up to at most one, so its rounding is below 1e-13 for the sizes admitted here,
and each bound is widened by that.

A box that can be neither discarded nor proved when it is small marks a degenerate game; the list
is then not called complete.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, pairwise, product

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import Budget, StoppedError, checkpoint
from leaderbored.solvers.finite.alike import Order, orbits, symmetries
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.finite.pure import Profile, degenerate, pooled, pure_equilibria
from leaderbored.solvers.finite.quantal import OfTables, on_support
from leaderbored.solvers.finite.ranges import point_values, range_of
from leaderbored.solvers.finite.waiting import Boxes, halves, popped

ROUNDING = 1e-13
SMALL = 1e-6  # a box this narrow that nothing decides is degenerate
ENOUGH = 5  # such boxes with the same supports: there may be a continuum of them
MOST_BOXES = 40_000  # for one choice of supports
MOST_MORE = 20_000  # of all, once the game is known to be degenerate
SAMPLE = 5  # equilibria with the same supports that are shown of the boxes that are left
TOLERANCE = 1e-10
NARROW = 1e-8  # half the width of the box about a zero in which it is proved to be an equilibrium
Mask = NDArray[np.bool_]
Supports = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Searched:
    """What a search by boxes finds.

    Attributes
    ----------
    profiles : list of lists of N arrays
        Mixed strategies, each with a regret of at most 1e-10.
    doubtful : list of bool
        Of each: whether it lies in a box that could not be decided, perhaps with others.
    complete : bool
        Whether it is proved that there are no others.
    reason : str
        What was done, or why it is not complete.
    """

    profiles: list[Profile]
    doubtful: list[bool]
    complete: bool
    reason: str


def every_mixed(
    game: NormalForm, same: float, budget: Budget, known: Sequence[Profile] = ()
) -> Searched:
    """Find every equilibrium of a small game.

    Parameters
    ----------
    game : NormalForm
        Of N players; some hundred combinations of supports at most are reasonable.
    same : float
        Distance of probabilities below which two profiles are one.
    budget : Budget
        When to stop.
    known : sequence of lists of N arrays, optional
        Equilibria that are known already.

    Returns
    -------
    Searched

    Examples
    --------
    >>> game = NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    >>> found = every_mixed(game, 1e-7, Budget(None))
    >>> len(found.profiles), found.complete
    (3, True)
    """
    found = pooled((degenerate(game, pure) for pure in pure_equilibria(game)), same)
    for profile in known:
        found.add("found before", profile)
    search = _Search(game)
    try:
        finished = search.run(budget)
    except StoppedError:
        finished = False
    for profile in search.everywhere(search.proved):
        found.add("interval boxes", profile)
    sure = len(found)
    for profile in search.everywhere(search.sampled):
        found.add("samples", profile)
    doubtful = [k >= sure for k in range(len(found))]
    if not finished:
        reason = "the search was stopped; equilibria may be missing"
    elif search.ended:
        reason = (
            "the game is degenerate: some boxes can neither be discarded nor proved, and the "
            f"search was ended after {search.ended:,}; equilibria may be missing"
        )
    elif search.open:
        reason = "the game is degenerate: some boxes can neither be discarded nor proved"
    else:
        reason = "interval boxes over all supports were discarded or proved to hold one"
    return Searched([*found], doubtful, finished and not search.open, reason)


def _subsets(size: int) -> list[tuple[int, ...]]:
    every = (combinations(range(size), count) for count in range(1, size + 1))
    return [*chain.from_iterable(every)]


class _Search:
    """The boxes of all choices of supports, with M probabilities in all, P choices.

    Attributes
    ----------
    proved, sampled : list of (int, lists of N arrays)
        Numbers of supports and equilibria in boxes that are decided, and in some that are not.
    open : int
        Number of boxes that are not decided.
    ended : int
        After how many boxes the search of a degenerate game was ended; 0 if it was not.
    """

    def __init__(self, game: NormalForm) -> None:
        self.game = game
        ends = np.cumsum([0, *game.shape]).tolist()
        self.parts = [slice(a, b) for a, b in pairwise(ends)]
        self.tensors = [np.moveaxis(table, i, 0) for i, table in enumerate(game.utility)]
        self.proved: list[tuple[int, Profile]] = []
        self.sampled: list[tuple[int, Profile]] = []
        self.open = self.ended = 0
        self.tired = set[int]()  # supports that are given up

    @cached_property
    def orbits(self) -> list[tuple[Supports, list[Order]]]:
        """Supports, one of all that alike players carry into each other, and what carries it."""
        each = [own for own in product(*map(_subsets, self.game.shape)) if max(map(len, own)) > 1]
        return [(each[k], images) for k, images in orbits(each, symmetries(self.game))]

    @cached_property
    def supports(self) -> list[Supports]:
        """Those that are searched; pure ones are not."""
        return [supports for supports, _ in self.orbits]

    def everywhere(self, found: Sequence[tuple[int, Profile]]) -> Iterator[Profile]:
        """Equilibria with the supports that are searched, and those that they are carried to."""
        for number, profile in found:
            for order in self.orbits[number][1]:
                yield [profile[place] for place in order]

    @cached_property
    def masks(self) -> Mask:
        """(P, M) which strategies are in each choice of supports."""
        masks = np.zeros((len(self.supports), self.parts[-1].stop), dtype=bool)
        for row, supports in zip(masks, self.supports, strict=True):
            for part, support in zip(self.parts, supports, strict=True):
                row[part.start + np.array(support)] = True
        return masks

    @cached_property
    def first(self) -> States:
        """(P, N) the first strategy in each support, with which others are compared."""
        return np.array([[own[0] for own in supports] for supports in self.supports])

    @cached_property
    def free(self) -> Mask:
        """(P, M) the others in the supports."""
        free = self.masks.copy()
        for i, part in enumerate(self.parts):
            free[np.arange(len(free)), part.start + self.first[:, i]] = False
        return free

    def run(self, budget: Budget) -> bool:
        """Decide all boxes that can be; whether there was time for it."""
        count = len(self.supports)
        which = np.arange(count)
        pending = [(np.zeros(self.masks.shape), self.masks.astype(float), which)]
        seen, left = np.zeros(count, dtype=int), np.zeros(count, dtype=int)
        regular = 0  # boxes that were looked at before the game was known to be degenerate
        while pending:
            regular = regular if self.open else int(seen.sum())
            if not self.ended and seen.sum() - regular > MOST_MORE:
                self.ended, left[:] = int(seen.sum()), ENOUGH + 1
            boxes = self._alive(popped(pending), seen, left)
            if budget.spent():
                return False
            seen += np.bincount(boxes[2], minlength=count)
            boxes = self._kept(*boxes)
            if not len(boxes[2]):
                continue
            low, high, which, single, smear = self._krawczyk(*boxes)
            done = single.copy()
            if single.any():
                done[single] = self._settle((low[single], high[single], which[single]))
            tiny = ~done & ((high - low).max(axis=1, initial=0) < SMALL)
            if tiny.any():
                self._undecided((low[tiny], high[tiny], which[tiny]))
                left += np.bincount(which[tiny], minlength=count)
            wide = ~(tiny | done)
            pending.append(halves((low[wide], high[wide], which[wide]), smear[wide]))
        return True

    def _alive(self, boxes: Boxes, seen: States, left: States) -> Boxes:
        """Without those of supports that are given up; of each, those next in line are sampled."""
        left[(seen > MOST_BOXES) & (left <= ENOUGH)] = ENOUGH + 1
        kept = left[boxes[2]] <= ENOUGH
        for number in np.setdiff1d(boxes[2][~kept], [*self.tired]).tolist():
            mine = boxes[2] == number
            self._undecided((boxes[0][mine], boxes[1][mine], boxes[2][mine]))
            self.tired.add(number)
        return boxes[0][kept], boxes[1][kept], boxes[2][kept]

    def _undecided(self, boxes: Boxes) -> None:
        """Count boxes as undecided, and look for equilibria in some of each support."""
        self.open += len(boxes[2])
        for number in np.unique(boxes[2]).tolist():
            mine = np.flatnonzero(boxes[2] == number)
            more = SAMPLE - sum(known == number for known, _ in self.sampled)
            for k in np.unique(np.linspace(0, len(mine) - 1, max(0, more)).astype(int)):
                middle = (boxes[0][mine[k]] + boxes[1][mine[k]]) / 2
                profile = self._profile(middle, number)
                if profile is not None:
                    self.sampled.append((number, profile))

    def _kept(self, low: Array, high: Array, which: States) -> Boxes:
        """Boxes cut to the simplices, without those that hold no equilibrium."""
        low, high = low.copy(), high.copy()
        for part in self.parts:
            rest_high = high[:, part].sum(axis=1, keepdims=True) - high[:, part]
            rest_low = low[:, part].sum(axis=1, keepdims=True) - low[:, part]
            low[:, part] = np.maximum(low[:, part], 1 - rest_high - ROUNDING)
            high[:, part] = np.minimum(high[:, part], 1 - rest_low + ROUNDING)
        high[~self.masks[which]] = 0.0  # no rounding where nothing is played
        low[~self.masks[which]] = 0.0
        kept = (low <= high).all(axis=1)
        low, high, which = low[kept], high[kept], which[kept]
        for i, tensor in enumerate(self.tensors):
            if not len(which):
                break
            gains = tensor[:, None] - tensor[None]
            least, _ = self._range(gains[None], i, low, high)
            played = self.masks[which][:, None, self.parts[i]]
            kept = ~((least > 0) & played).any(axis=(1, 2))
            low, high, which = low[kept], high[kept], which[kept]
        return low, high, which

    def _range(
        self, tensor: Array, player: int, low: Array, high: Array, keep: int | None = None
    ) -> tuple[Array, Array]:
        """Bounds of (1 or B, ..., others) tensors, contracted with all others but ``keep``."""
        checkpoint()
        others = [j for j in range(len(self.parts)) if j != player]
        sides = [(low[:, self.parts[j]], high[:, self.parts[j]]) for j in others]
        least, most = range_of(tensor, sides, None if keep is None else others.index(keep))
        return least - ROUNDING, most + ROUNDING

    def _equations(self, x: Array, which: States) -> Array:
        """(B, M) payoff differences to the first in the support at points; zero elsewhere."""
        found = np.zeros_like(x)
        for i, tensor in enumerate(self.tensors):
            others = [x[:, self.parts[j]] for j in range(len(self.parts)) if j != i]
            rewards = point_values(tensor, others)
            first = np.take_along_axis(rewards, self.first[which][:, [i]], axis=1)
            found[:, self.parts[i]] = rewards - first
        return np.where(self.free[which], found, 0.0)

    def _derivatives(self, low: Array, high: Array, which: States) -> tuple[Array, Array]:
        """(B, M, M) bounds of the derivatives by what is free; as of ``x = 0`` elsewhere."""
        size, free = self.parts[-1].stop, self.free[which]
        least, most = np.zeros((2, len(which), size, size))
        for i, tensor in enumerate(self.tensors):
            gains = tensor[None] - tensor[self.first[which][:, i]][:, None]
            others = [k for k in range(len(self.parts)) if k != i]
            for axis, j in enumerate(others):
                place = self.first[which][:, j].reshape(-1, *[1] * (gains.ndim - 1))
                slopes = gains - np.take_along_axis(gains, place, axis=2 + axis)
                block = (slice(None), self.parts[i], self.parts[j])
                least[block], most[block] = self._range(slopes, i, low, high, keep=j)
        both = free[:, :, None] & free[:, None, :]
        one = np.eye(size)[None] * ~free[:, :, None]
        return np.where(both, least, one), np.where(both, most, one)

    def _krawczyk(
        self, low: Array, high: Array, which: States
    ) -> tuple[Array, Array, States, Mask, Array]:
        """Boxes contracted, which of them hold one zero and only one, and where to cut others."""
        free, middle = self.free[which], (low + high) / 2
        for i, part in enumerate(self.parts):
            rest = (middle[:, part] * free[:, part]).sum(axis=1)
            middle[np.arange(len(which)), part.start + self.first[which][:, i]] = 1 - rest
        least, most = self._derivatives(low, high, which)
        centre, spread = (least + most) / 2, (most - least) / 2
        inverse = _inverses(centre)
        step = (inverse @ self._equations(middle, which)[:, :, None])[:, :, 0]
        error = np.abs(inverse).sum(axis=2) * 3 * ROUNDING
        off = np.abs(np.eye(centre.shape[1]) - inverse @ centre) + np.abs(inverse) @ spread
        radius = np.where(free, high - low, 0.0) / 2
        reach = (off @ radius[:, :, None])[:, :, 0] * (1 + 1e-9) + error
        new_low, new_high = middle - step - reach, middle - step + reach
        single = (((new_low > low) & (new_high < high)) | ~free).all(axis=1)
        low = np.where(free, np.maximum(low, new_low), low)
        high = np.where(free, np.minimum(high, new_high), high)
        smear = off.sum(axis=1) * radius
        kept = (low <= high).all(axis=1)
        return low[kept], high[kept], which[kept], single[kept], smear[kept]

    def _settle(self, boxes: Boxes) -> Mask:
        """Find the equilibrium in each box that holds one zero; (B,) of which it is certain."""
        decided = np.zeros(len(boxes[2]), dtype=bool)
        tight = [array.copy() for array in boxes[:2]]
        found = [self._zero(*box) for box in zip(*boxes, strict=True)]
        for k, point in enumerate(found):
            if point is not None:  # a narrow box about the zero, inside the one that holds one
                tight[0][k] = np.maximum(boxes[0][k], point - NARROW)
                tight[1][k] = np.minimum(boxes[1][k], point + NARROW)
        low, high, which = tight[0], tight[1], boxes[2]
        clear = ((low > 0) | ~self.masks[which]).all(axis=1) & self._no_better(low, high, which)
        for k in np.flatnonzero(clear).tolist():
            one, point = (low[[k]], high[[k]], which[[k]]), found[k]
            if point is not None and self._krawczyk(*one)[3].all():
                profile = self._profile(point, int(which[k]))
                decided[k] = profile is not None
                self.proved += [(int(which[k]), profile)] if profile is not None else []
        return decided

    def _zero(self, low: Array, high: Array, number: int) -> Array | None:
        """The zero in a box, or None if it is no equilibrium."""
        profile = self._profile((low + high) / 2, number)
        if profile is None:
            return None
        point = np.concatenate(profile)
        inside = (point >= low - NARROW).all() and (point <= high + NARROW).all()
        return point if inside else None

    def _profile(self, point: Array, number: int) -> Profile | None:
        """The equilibrium nearest to a point, if there is one."""
        mixed = [np.zeros(size) for size in self.game.shape]
        supports = [np.array(own) for own in self.supports[number]]
        for law, support, part in zip(mixed, supports, self.parts, strict=True):
            weights = np.maximum(point[part][support], 0)
            law[support] = weights / weights.sum() if weights.sum() > 0 else 1 / len(support)
        better = on_support(OfTables(self.game), mixed, supports) or mixed
        return better if regret(self.game, better).max() <= TOLERANCE else None

    def _no_better(self, low: Array, high: Array, which: States) -> Mask:
        """(B,) whether no strategy off the support is as good as the support, for certain."""
        fine = np.ones(len(which), dtype=bool)
        for i, tensor in enumerate(self.tensors):
            gains = tensor[None] - tensor[self.first[which][:, i]][:, None]
            _, most = self._range(gains, i, low, high)
            fine &= ((most < 0) | self.masks[which][:, self.parts[i]]).all(axis=1)
        return fine


def _inverses(matrices: Array) -> Array:
    """Inverses, or what comes near where there is none."""
    try:
        inverse = np.asarray(np.linalg.inv(matrices), dtype=float)
    except np.linalg.LinAlgError:
        inverse = np.full(matrices.shape, np.nan)
    wrong = ~np.isfinite(inverse).all(axis=(1, 2))
    if wrong.any():
        inverse[wrong] = np.linalg.pinv(matrices[wrong])
    return inverse

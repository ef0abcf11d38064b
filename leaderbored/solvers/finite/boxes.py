r"""Every equilibrium of a small game of three or more players, by interval branch and prune.

For each choice of supports the equilibria are the zeros, within the product of simplices, of the
differences :math:`u_{ia}(x) - u_{ib}(x)` on the supports. Boxes of mixed profiles are cut, and

* discarded where some strategy is certainly better than one of its player's support, because the
  differences are multilinear and a linear function has its extremes over a box cut with the
  simplex by a greedy choice, one opponent after the other;
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

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise, product

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.finite.pure import degenerate, pooled, pure_equilibria
from leaderbored.solvers.finite.quantal import on_support

ROUNDING = 1e-13
SMALL = 1e-6  # a box this narrow that nothing decides is degenerate
ENOUGH = 5  # such boxes with the same supports: there may be a continuum of them
MOST_BOXES = 10_000  # for one choice of supports
BATCH = 512
CUT = 0.4937  # a zero on a cut cannot be proved, and simple fractions are common zeros
SAMPLE = 5  # of the boxes that are left, to show an equilibrium in
TOLERANCE = 1e-10
Supports = tuple[States, ...]
Bounds = tuple[Array, Array]


def every_mixed(
    game: NormalForm, same: float, budget: Budget, known: Sequence[list[Array]] = ()
) -> tuple[list[list[Array]], bool, str]:
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
    profiles : list of lists of N arrays
        Mixed strategies, each with a regret of at most 1e-10.
    complete : bool
        Whether it is proved that there are no others.
    reason : str
        What was done, or why it is not complete.

    Examples
    --------
    >>> game = NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    >>> profiles, complete, _ = every_mixed(game, 1e-7, Budget(None))
    >>> len(profiles), complete
    (3, True)
    """
    found = pooled((degenerate(game, pure) for pure in pure_equilibria(game)), same)
    for profile in known:
        found.add("found before", profile)
    open_boxes = 0
    each = [_subsets(size) for size in game.shape]
    for supports in product(*each):
        if all(len(support) == 1 for support in supports):
            continue
        if budget.spent():
            return [*found], False, "the search was stopped; equilibria may be missing"
        points, undecided = _Search(game, supports).run(budget)
        open_boxes += undecided
        for profile in points:
            found.add("interval boxes", profile)
    if open_boxes:
        reason = "the game is degenerate: some boxes can neither be discarded nor proved"
        return [*found], False, reason
    return [*found], True, "interval boxes over all supports were discarded or proved to hold one"


def _subsets(size: int) -> list[States]:
    every = (combinations(range(size), count) for count in range(1, size + 1))
    return [np.array(subset) for subset in chain.from_iterable(every)]


@dataclass(frozen=True, eq=False)
class _Search:
    """The boxes of one choice of supports; box arrays are (B, M), M probabilities in all."""

    game: NormalForm
    supports: Supports

    def __post_init__(self) -> None:
        sizes = [len(support) for support in self.supports]
        ends = np.cumsum([0, *sizes])
        parts = [slice(int(a), int(b)) for a, b in pairwise(ends)]
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "tensors", [self._tensor(i) for i in range(len(sizes))])

    parts: list[slice] = None  # type: ignore[assignment]
    tensors: list[Array] = None  # type: ignore[assignment]

    def _tensor(self, player: int) -> Array:
        """Payoffs of a player, its own strategies first, the others' supports after."""
        everything = [
            np.arange(self.game.shape[player]) if j == player else support
            for j, support in enumerate(self.supports)
        ]
        tensor: Array = np.moveaxis(self.game.utility[player][np.ix_(*everything)], player, 0)
        return tensor

    def run(self, budget: Budget) -> tuple[list[list[Array]], int]:
        """Equilibria with these supports, and the number of boxes left undecided."""
        size = self.parts[-1].stop
        pending = [(np.zeros((1, size)), np.ones((1, size)))]
        points: list[list[Array]] = []
        undecided = seen = 0
        while pending:
            low, high = pending.pop()
            seen += len(low)
            if seen > MOST_BOXES or budget.spent():
                points += self._sampled(low, high)
                return points, undecided + len(low) + sum(len(box[0]) for box in pending)
            low, high = self._kept(low, high)
            if not len(low):
                continue
            low, high, single = self._krawczyk(low, high)
            for number in np.flatnonzero(single):
                profile, decided = self._settle(low[number], high[number])
                undecided += not decided
                points += [profile] if profile is not None else []
            low, high = low[~single], high[~single]
            tiny = (high - low).max(axis=1, initial=0) < SMALL
            if tiny.any():
                points += self._sampled(low[tiny], high[tiny])
                undecided += int(tiny.sum())
                if undecided > ENOUGH:
                    return points, undecided
            low, high = _halves(low[~tiny], high[~tiny])
            starts = range(0, len(low), BATCH)
            pending += [(low[at : at + BATCH], high[at : at + BATCH]) for at in starts]
        return points, undecided

    def _kept(self, low: Array, high: Array) -> Bounds:
        """Boxes cut to the simplices, without those that hold no equilibrium."""
        low, high = low.copy(), high.copy()
        for part in self.parts:
            rest_high = high[:, part].sum(axis=1, keepdims=True) - high[:, part]
            rest_low = low[:, part].sum(axis=1, keepdims=True) - low[:, part]
            low[:, part] = np.maximum(low[:, part], 1 - rest_high - ROUNDING)
            high[:, part] = np.minimum(high[:, part], 1 - rest_low + ROUNDING)
        kept = (low <= high).all(axis=1)
        low, high = low[kept], high[kept]
        for player, support in enumerate(self.supports):
            if not len(low):
                break
            tensor = self.tensors[player]
            gains = tensor[:, None] - tensor[support][None]
            least, _ = self._range(gains, player, low, high)
            kept = (least <= 0).all(axis=(1, 2))
            low, high = low[kept], high[kept]
        return low, high

    def _range(
        self, tensor: Array, player: int, low: Array, high: Array, keep: int | None = None
    ) -> Bounds:
        """Bounds of a tensor whose last axes are the others', contracted with all but ``keep``."""
        others = [j for j in range(len(self.supports)) if j != player]
        extra = tensor.ndim - len(others)
        least = most = tensor[None]
        for axis, j in reversed(list(enumerate(others))):
            if j != keep:
                place = 1 + extra + axis
                least, most = _linear(
                    np.moveaxis(least, place, -1),
                    np.moveaxis(most, place, -1),
                    low[:, self.parts[j]],
                    high[:, self.parts[j]],
                )
        if len(least) == 1:
            least, most = (np.broadcast_to(x, (len(low), *x.shape[1:])) for x in (least, most))
        return least - ROUNDING, most + ROUNDING

    def _equations(self, x: Array) -> Array:
        """(B, n) payoff differences on the supports at points."""
        parts = []
        for player, support in enumerate(self.supports):
            rows = self.tensors[player][support]
            least, most = self._range(rows[1:] - rows[:1], player, x, x)
            parts.append((least + most) / 2)
        return np.concatenate(parts, axis=1)

    def _derivatives(self, low: Array, high: Array) -> Bounds:
        """(B, n, n) bounds of the derivatives by all probabilities but each player's first."""
        rows_low, rows_high = [], []
        for player, support in enumerate(self.supports):
            rows = self.tensors[player][support]
            gains = rows[1:] - rows[:1]
            blocks_low, blocks_high = [], []
            others = [k for k in range(len(self.supports)) if k != player]
            for j in range(len(self.supports)):
                size = len(self.supports[j]) - 1
                if j == player:
                    least = most = np.zeros((len(low), len(support) - 1, size))
                else:
                    axis = 1 + others.index(j)
                    first = np.take(gains, [0], axis=axis)
                    slopes = np.delete(gains, 0, axis=axis) - first
                    least, most = self._range(slopes, player, low, high, keep=j)
                blocks_low.append(least)
                blocks_high.append(most)
            rows_low.append(np.concatenate(blocks_low, axis=2))
            rows_high.append(np.concatenate(blocks_high, axis=2))
        return np.concatenate(rows_low, axis=1), np.concatenate(rows_high, axis=1)

    def _krawczyk(self, low: Array, high: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Boxes contracted, and which of them hold one zero and only one."""
        free = np.concatenate([np.arange(part.start + 1, part.stop) for part in self.parts])
        middle = (low + high) / 2
        for part in self.parts:
            rest = slice(part.start + 1, part.stop)
            middle[:, part.start] = 1 - middle[:, rest].sum(axis=1)
        least, most = self._derivatives(low, high)
        centre, spread = (least + most) / 2, (most - least) / 2
        inverse = np.linalg.pinv(centre)
        step = (inverse @ self._equations(middle)[:, :, None])[:, :, 0]
        error = np.abs(inverse).sum(axis=2) * 3 * ROUNDING
        off = np.abs(np.eye(len(free)) - inverse @ centre) + np.abs(inverse) @ spread
        radius = (high - low)[:, free] / 2
        reach = (off @ radius[:, :, None])[:, :, 0] * (1 + 1e-9) + error
        new_low, new_high = middle[:, free] - step - reach, middle[:, free] - step + reach
        single = ((new_low > low[:, free]) & (new_high < high[:, free])).all(axis=1)
        low, high = low.copy(), high.copy()
        low[:, free] = np.maximum(low[:, free], new_low)
        high[:, free] = np.minimum(high[:, free], new_high)
        kept = (low <= high).all(axis=1)
        return low[kept], high[kept], single[kept]

    def _settle(self, low: Array, high: Array) -> tuple[list[Array] | None, bool]:
        """The equilibrium in a box, if there is one, and whether that is certain."""
        box = low[None], high[None]
        for _ in range(30):
            before = float((box[1] - box[0]).max())
            first, second, _single = self._krawczyk(*self._kept(*box))
            if not len(first):
                return None, True
            box = first, second
            if float((second - first).max()) > 0.5 * before:
                break
        mixed = self._profile(((box[0] + box[1]) / 2)[0])
        return mixed, mixed is not None and bool((box[0] > 0).all()) and self._no_better(*box)

    def _sampled(self, low: Array, high: Array) -> list[list[Array]]:
        """Equilibria near a few boxes that are left."""
        some = np.unique(np.linspace(0, len(low) - 1, SAMPLE).astype(int)) if len(low) else ()
        found = (self._profile(((low + high) / 2)[number]) for number in some)
        return [profile for profile in found if profile is not None]

    def _profile(self, point: Array) -> list[Array] | None:
        """The equilibrium nearest to a point, if there is one."""
        mixed = [np.zeros(size) for size in self.game.shape]
        for law, support, part in zip(mixed, self.supports, self.parts, strict=True):
            weights = np.maximum(point[part], 0)
            law[support] = weights / weights.sum()
        better = on_support(self.game, mixed, self.supports) or mixed
        return better if regret(self.game, better).max() <= TOLERANCE else None

    def _no_better(self, low: Array, high: Array) -> bool:
        """Whether no strategy off the support is as good as the support, for certain."""
        for player, support in enumerate(self.supports):
            tensor = self.tensors[player]
            off = np.setdiff1d(np.arange(len(tensor)), support)
            _, most = self._range(tensor[off] - tensor[support[:1]], player, low, high)
            if (most >= 0).any():
                return False
        return True


def _linear(least: Array, most: Array, low: Array, high: Array) -> Bounds:
    """Bounds of a linear function of a law in a box; coefficients on the last axis."""
    return _smallest(least, low, high), -_smallest(-most, low, high)


def _smallest(coefficients: Array, low: Array, high: Array) -> Array:
    """The least of c x over laws x between bounds: what is free goes to the cheapest first."""
    shape = (len(low),) + (1,) * (coefficients.ndim - 2) + (low.shape[1],)
    floor, room = low.reshape(shape), (high - low).reshape(shape)
    shape = np.broadcast_shapes(coefficients.shape, shape)
    full = np.broadcast_to(coefficients, shape)
    order = np.argsort(full, axis=-1)
    sorted_room = np.take_along_axis(np.broadcast_to(room, shape), order, axis=-1)
    before = np.cumsum(sorted_room, axis=-1) - sorted_room
    free = 1 - floor.sum(axis=-1, keepdims=True)
    given = np.clip(free - before, 0, sorted_room)
    value: Array = (full * floor).sum(axis=-1)
    value += (np.take_along_axis(full, order, axis=-1) * given).sum(axis=-1)
    return value


def _halves(low: Array, high: Array) -> Bounds:
    """Each box cut in two across its widest side, off the middle."""
    side = (high - low).argmax(axis=1) if len(low) else np.zeros(0, dtype=int)
    each = np.arange(len(low))
    cut = low[each, side] + CUT * (high[each, side] - low[each, side])
    left, right = high.copy(), low.copy()
    left[each, side], right[each, side] = cut, cut
    return np.concatenate([low, right]), np.concatenate([left, high])

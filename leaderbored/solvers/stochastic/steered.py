r"""The stage game of a Markov game whose real actions steer its state.

Where a formula f of what is decided says to which number a state moves, the two numbers next to it
are reached, the nearer with the larger chance: number k at the tent :math:`h_k(f) = \max(0, 1 -
|f - k|)`, and the ends of the range from beyond them. What an outcome's chance is made of, rates of
events and tents, is derived and compiled apart from each other; outcomes and their derivatives are
put together by the product rule. So a game is read as fast on a fine grid as on a coarse one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, States
from leaderbored.games.stochastic import MarkovGame
from leaderbored.games.stochastic.branches import Branch, Motion, destination
from leaderbored.solvers.stochastic.derived import Derived
from leaderbored.solvers.stochastic.stage import Ints, Places, Stage
from leaderbored.solvers.stochastic.staircase import Taylor, projected, tents
from leaderbored.solvers.stochastic.together import rates

NEAR = 1e-3  # distance of a formula from a number at which it is taken to rest there


@dataclass(frozen=True, eq=False)
class Steered(Stage):
    """A stage whose outcomes are put together of rates and tents.

    Attributes
    ----------
    parts : Derived
        Payoffs, rates of events, and formulas of motion, as pieces.
    members : (C, D) int array
        The factors of each outcome: one, rates of events, what is left of each group, and tents.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovPlayer
    >>> fleet = MarkovPlayer("fleet", "c", {"c": (0, "s")})
    >>> grows = Event({"s": "1.5 * (s - fleet.c)"}, chance="1")
    >>> game = MarkovGame([fleet], 0.9, states={"s": (0, 2)}, time="discrete", events=[grows])
    >>> stage = Steered.of(game)
    >>> stage.values(np.array([[0.0, 0.0, 1.0]]))[0].tolist()  # payoffs, and chances of each stock
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.0, 0.5, 0.5]]
    """

    parts: Derived
    members: Ints

    @classmethod
    def of(cls, game: MarkovGame) -> Steered:
        """Derive and compile the parts of a game in which nobody picks from a list."""
        parts = Derived.of(game, apart=True)
        members, there = _outcomes(game)
        players = np.arange(len(game.agents))
        owner = np.concatenate([parts.owner, np.repeat(players, len(game.motions))])
        return cls(game, owner, there, parts.numbers, parts.symbols, parts, members)

    def at(self, numbers: Array) -> Steered:
        """The same stage at other values of parameters and tables."""
        return replace(self, numbers=numbers, parts=self.parts.at(numbers))

    @property
    def ends(self) -> tuple[Array, Array]:
        """(K,) lowest and highest multipliers: where f is on the staircase it says itself.

        Those of staircases end a step beyond them, where no solution is.
        """
        low, high = self.parts.ends
        most = np.tile([n + 1.0 for _, n in self._ranges], len(self.game.agents))
        return np.concatenate([low, np.full(len(most), -1.0)]), np.concatenate([high, most])

    def halfway(self, x: Array, at: States | None = None) -> Array:
        """(K, S) multipliers to start from at choices (X, S)."""
        formulas = self.parts.values(x, None, at)[0][1 + len(self.game.happenings) :]
        found = []
        for f, (low, n) in zip(formulas, self._ranges, strict=True):
            whole = (np.abs(f - np.rint(f)) < NEAR) / 2
            passed = np.where(whole > 0, np.rint(f - low) + whole, np.ceil(f - low))
            found.append(np.nan_to_num(np.clip(passed, 0, n)))
        every = found * len(self.game.agents)
        return np.vstack([self.parts.halfway(x, at), *every])

    def finals(self) -> Array:
        """(N, S) what each agent gets where the game ends."""
        return self.parts.finals()

    def values(
        self, x: Array, weight: Array | None = None, at: States | None = None
    ) -> list[Array]:
        """For each agent (1 + C, S) values of the pieces at choices (X, S)."""
        few = len(self.parts.owner)
        every = self.parts.values(x, None if weight is None else weight[:few], at)
        found: list[Array] = []
        for i, pieces in enumerate(every):
            if weight is None and i:  # formulas as they are lead where they lead, for everybody
                found.append(np.vstack([pieces[:1], found[0][1:]]))
                continue
            passed = None if weight is None else weight[self._mine(i)]
            factors = self._factors(pieces, passed)
            found.append(np.vstack([pieces[:1], factors[self.members].prod(axis=1)]))
        return found

    def first(self, x: Array, weight: Array, at: States | None = None) -> Array:
        """(entries, S) derivatives of pieces, in the order of ``places.first``."""
        found = []
        for i, (parts, factors) in enumerate(self._expanded(x, weight, at, bends=False)):
            slopes = np.concatenate([parts.slope[:1], self._slopes(factors)])
            _, c, k = self.places.first[self.places.first[:, 0] == i].T
            found.append(slopes[c, self._local(i)[k]])
        return np.vstack(found)

    def second(self, x: Array, weight: Array, at: States | None = None) -> Array:
        """(entries, S) second derivatives, in the order of ``places.second``."""
        found = []
        for i, (parts, factors) in enumerate(self._expanded(x, weight, at)):
            local, own = self._local(i), self.owned[i]
            bends = np.concatenate([parts.bend[:1], self._bends(factors, own)])
            _, c, k, other = self.places.second[self.places.second[:, 0] == i].T
            found.append(bends[c, k - own[0], local[other]])
        return np.vstack(found)

    def gaps(self, x: Array, weight: Array, at: States | None = None) -> tuple[Array, Array]:
        """(K, S) F of the multipliers, and their derivatives at ``places.gaps``."""
        few = len(self.parts.owner)
        gaps, slopes = self.parts.gaps(x, weight[:few], at)
        found, steep = [gaps], [slopes]
        for i, (parts, _) in enumerate(self._expanded(x, weight, at, bends=False)):
            for m, (f, slope) in enumerate(self._motions(parts)):
                low, n = self._ranges[m]
                passed = weight[self._mine(i)[m]]
                to, turns = projected(passed + f - low, n)
                turns = turns * self._steers(i, slope, x, at)
                found.append((passed - to)[None])
                steep.append(np.vstack([-turns * slope[self._hanging(i, m)], 1 - turns]))
        return np.vstack(found), np.vstack(steep)

    # --- what they are made of

    @cached_property
    def _ranges(self) -> list[tuple[int, int]]:
        """The lowest number of each range that is steered, and how many numbers it has."""
        ends = [self.game.axes[motion.axis] for motion in self.game.motions]
        return [(low, high - low + 1) for low, high in ends]

    def _steers(self, i: int, slope: Array, x: Array, at: States | None) -> NDArray[np.bool_]:
        """(S,) whether an agent's own choices, those that rest at no bound, move a formula."""
        low, high = self._bounds[i] if at is None else self._bounds[i][:, :, at]
        own = self.owned[i]
        free = (x[own] > low) & (x[own] < high)
        return np.asarray(((slope[own] != 0) & free).any(axis=0))

    @cached_property
    def _bounds(self) -> list[Array]:
        """(2, k, S) bounds of the choices of each agent."""
        return [np.array(self.limits(i)[:2]) for i in range(len(self.game.agents))]

    def _mine(self, i: int) -> list[int]:
        """Multipliers of an agent's staircases."""
        few, motions = len(self.parts.owner), len(self._ranges)
        return [few + i * motions + m for m in range(motions)]

    @cached_property
    def _variables(self) -> list[Ints]:
        """What the pieces of each agent may depend on: choices, its kinks, its staircases."""
        x = len(self.choices)
        return [
            np.r_[:x, x + np.flatnonzero(self.owner == i)] for i in range(len(self.game.agents))
        ]

    def _local(self, i: int) -> Ints:
        """Where each variable is among those of an agent."""
        place = np.full(len(self.choices) + len(self.owner), -1)
        place[self._variables[i]] = np.arange(len(self._variables[i]))
        return place

    def _hanging(self, i: int, m: int) -> list[int]:
        """Variables of an agent, among its own, on which a formula of motion depends."""
        piece = 1 + len(self.game.happenings) + m
        places = self.parts.places.first
        return [int(self._local(i)[v]) for j, c, v in places.tolist() if (j, c) == (i, piece)]

    @cached_property
    def places(self) -> Places:
        """What the entries of derivatives are."""
        inner, first, second, gaps = self.parts.places, [], [], []
        x = len(self.choices)
        for i in range(len(self.game.agents)):
            own, variables = self.owned[i], self._variables[i]
            first += [row for row in inner.first.tolist() if row[:2] == [i, 0]]
            second += [row for row in inner.second.tolist() if row[:2] == [i, 0]]
            moved = self._moved(i)
            for c, members in enumerate(self.members):
                moving = variables[moved[members].any(axis=0)].tolist()
                first += [(i, c + 1, v) for v in moving]
                second += [(i, c + 1, k, v) for k in own if k in moving for v in moving]
            for m, row in enumerate(self._mine(i)):
                gaps += [(row, int(variables[v])) for v in self._hanging(i, m)]
                gaps.append((row, x + row))
        return Places(
            np.array(first, dtype=int).reshape(-1, 3),
            np.array(second, dtype=int).reshape(-1, 4),
            np.array([*inner.gaps.tolist(), *gaps], dtype=int).reshape(-1, 2),
            inner.jumps,
        )

    def _moved(self, i: int) -> NDArray[np.bool_]:
        """(F, V) on which variables of an agent each factor depends."""
        events, width = len(self.game.happenings), len(self._variables[i])
        parts = np.zeros((1 + events + len(self._ranges), width), dtype=bool)
        for j, c, v in self.parts.places.first.tolist():
            if j == i:
                parts[c, self._local(i)[v]] = True
        rows = [np.zeros(width, dtype=bool), *parts[1 : 1 + events]]
        rows += [parts[[1 + k for k in group]].any(axis=0) for group in self.game.groups]
        for m, (_, n) in enumerate(self._ranges):
            own = parts[1 + events + m].copy()
            own[width - len(self._ranges) + m] = True
            rows += [own] * n
        return np.array(rows)

    def _factors(self, pieces: Array, passed: Array | None) -> Array:
        """(F, S) one, rates, what is left of each group, and tents."""
        events = len(self.game.happenings)
        rates, formulas = pieces[1 : 1 + events], pieces[1 + events :]
        rows = [np.ones((1, pieces.shape[1])), rates]
        rows += [1 - rates[[*group]].sum(axis=0, keepdims=True) for group in self.game.groups]
        for m, (f, (low, n)) in enumerate(zip(formulas, self._ranges, strict=True)):
            rows.append(tents(f - low, n, None if passed is None else passed[m]).value)
        return np.vstack(rows)

    def _expanded(
        self, x: Array, weight: Array, at: States | None, bends: bool = True
    ) -> list[tuple[Taylor, Taylor]]:
        """For each agent its parts and factors, with derivatives; the last are kept."""
        key = (x.tobytes(), weight.tobytes(), None if at is None else at.tobytes())
        for deep in (bends, True):
            if self._kept.get(deep, (None,))[0] == key:
                return list(self._kept[deep][1])
        found = [*self._worked_out(x, weight, at, bends)]
        self._kept[bends] = key, found
        return found

    @cached_property
    def _kept(self) -> dict[bool, Any]:
        return {}

    def _worked_out(
        self, x: Array, weight: Array, at: States | None, bends: bool
    ) -> Iterator[tuple[Taylor, Taylor]]:
        few = len(self.parts.owner)
        every = self.parts.values(x, weight[:few], at)
        first = self.parts.first(x, weight[:few], at)
        second = self.parts.second(x, weight[:few], at) if bends else None
        places = self.parts.places
        for i, pieces in enumerate(every):
            own, local = self.owned[i], self._local(i)
            shape = len(pieces), len(self._variables[i]), x.shape[1]
            slope = np.zeros(shape)
            bend = np.zeros((shape[0], len(own) if bends else 0, *shape[1:]))
            rows = places.first[:, 0] == i
            _, c, v = places.first[rows].T
            slope[c, local[v]] = first[rows]
            if second is not None:
                rows = places.second[:, 0] == i
                _, c, k, v = places.second[rows].T
                bend[c, k - own[0], local[v]] = second[rows]
            parts = Taylor(pieces, slope, bend)
            yield parts, self._together(i, parts, weight[self._mine(i)])

    def _motions(self, parts: Taylor) -> Iterator[tuple[Array, Array]]:
        """Values (S,) and slopes (V, S) of the formulas of motion."""
        start = 1 + len(self.game.happenings)
        yield from zip(parts.value[start:], parts.slope[start:], strict=True)

    def _together(self, i: int, parts: Taylor, passed: Array) -> Taylor:
        """An agent's factors with derivatives."""
        events = len(self.game.happenings)
        start, own = 1 + events, self.owned[i]
        slopes = [np.zeros((1, *parts.slope.shape[1:])), parts.slope[1:start]]
        bends = [np.zeros((1, *parts.bend.shape[1:])), parts.bend[1:start]]
        for group in self.game.groups:
            rows = [1 + k for k in group]
            slopes.append(-parts.slope[rows].sum(axis=0, keepdims=True))
            bends.append(-parts.bend[rows].sum(axis=0, keepdims=True))
        for m, (low, n) in enumerate(self._ranges):
            peaks = tents(parts.value[start + m] - low, n, passed[m])
            f, column = parts.slope[start + m], len(parts.slope[0]) - len(self._ranges) + m
            slope = peaks.slope[:, 0, None] * f
            slope[:, column] = peaks.slope[:, 1]
            bend = peaks.slope[:, 0, None, None] * parts.bend[start + m]
            if bend.shape[1]:
                bend[:, :, column] = peaks.bend[:, 0, 1, None] * f[own]
            slopes.append(slope)
            bends.append(bend)
        return Taylor(
            self._factors(parts.value, passed), np.concatenate(slopes), np.concatenate(bends)
        )

    def _rest(self, value: Array, *without: int) -> Array:
        """(C, S) products of the factors of each outcome but some."""
        kept = [d for d in range(self.members.shape[1]) if d not in without]
        return np.asarray(value[self.members[:, kept]].prod(axis=1))

    def _slopes(self, factors: Taylor) -> Array:
        """(C, V, S) derivatives of the chances of outcomes."""
        depth = range(self.members.shape[1])
        return np.asarray(
            sum(
                factors.slope[self.members[:, d]] * self._rest(factors.value, d)[:, None]
                for d in depth
            )
        )

    def _bends(self, factors: Taylor, own: list[int]) -> Array:
        """(C, O, V, S) second derivatives."""
        slope, depth = factors.slope, range(self.members.shape[1])
        found = np.zeros((len(self.members), *factors.bend.shape[1:]))
        for d in depth:
            rest = self._rest(factors.value, d)[:, None, None]
            found += factors.bend[self.members[:, d]] * rest
            for e in (e for e in depth if e != d):
                rest = self._rest(factors.value, d, e)[:, None, None]
                mine = slope[self.members[:, d]][:, own]
                found += mine[:, :, None] * slope[self.members[:, e]][:, None] * rest
        return found


def _outcomes(game: MarkovGame) -> tuple[Ints, NDArray[np.int64]]:
    """Factors (C, D) of all that may happen together, and the states (C, S) it leads to."""
    events = len(game.happenings)
    start = 1 + events + len(game.groups)
    ways: dict[int, list[tuple[list[int], Branch]]] = {}
    first = {}
    for motion in game.motions:
        first[motion] = start
        start += game.axes[motion.axis][1] - game.axes[motion.axis][0] + 1
    for k in range(events):
        mine = [motion for motion in game.motions if motion.happening == k]
        sizes = [range(*_range(game, motion)) for motion in mine]
        ways[k] = []
        for places in product(*sizes):
            lows = [game.axes[motion.axis][0] for motion in mine]
            moves = tuple((m.axis, False, to) for m, to in zip(mine, places, strict=True))
            tents = [first[m] + to - low for m, to, low in zip(mine, places, lows, strict=True)]
            ways[k].append(([1 + k, *tents], Branch(k, moves, None)))
    chances = rates(game)
    if game.time == "continuous":
        every = [[way] for k in range(events) if chances[k] != 0 for way in ways[k]]
    else:
        groups = []
        for g, group in enumerate(game.groups):
            rest = 1 - sum(chances[k] for k in group)
            none: list[Any] = [([1 + events + g], None)] if rest != 0 else []
            groups.append([*none, *(way for k in group if chances[k] != 0 for way in ways[k])])
        every = [list(together) for together in product(*groups)]
    factors = [[f for some, _ in outcome for f in some] for outcome in every]
    depth = max(map(len, factors), default=1)
    members = np.array([row + [0] * (depth - len(row)) for row in factors], dtype=int)
    there = [
        game.place(destination(game, [branch for _, branch in outcome if branch is not None]))
        for outcome in every
    ]
    return members.reshape(-1, depth), np.array(there, dtype=np.int64).reshape(-1, game.size)


def _range(game: MarkovGame, motion: Motion) -> tuple[int, int]:
    low, high = game.axes[motion.axis]
    return low, high + 1

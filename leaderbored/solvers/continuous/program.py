r"""A continuous game as one complementarity problem, derived and compiled once.

Unknowns z are the strategies x and multipliers. With :math:`F_x = -\partial u_i / \partial x_i` and
so on, z solves the problem on its box if every :math:`F_k` is zero, or points out of the box at a
bound (Harker and Pang, Mathematical Programming 48, 1990). Multipliers stand for

- each choice between two pieces of a formula, for each player: :math:`\max(a, b) = \lambda a +
  (1-\lambda) b` with :math:`0 \le \lambda \le 1` and :math:`F_\lambda = b - a`, with the other sign
  for min. A player's derivative at a kink is then every one between those on its sides, exactly;
- each total that a player's strategies add up to: :math:`\nu`, free;
- each constraint of one player, such as a bound that rivals set: one :math:`\mu \ge 0` of its own;
- each shared constraint :math:`g \ge 0`: one :math:`\mu \ge 0` for all players.

Of an equation the multiplier has any sign.

Players that differ in nothing play alike; a player's own choice and its likes' are told apart, so
that derivatives are its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from leaderbored.games.continuous import Continuous
from leaderbored.games.markov import Array
from leaderbored.games.parameters import value_of
from leaderbored.solvers.continuous.derived import Compiled, Function, Shape, Slopes, compiled

DIFFERENCE_STEP = 6e-6  # relative step of numerical derivatives of payoffs given as functions
SECOND_DIFFERENCE_STEP = 1e-4  # of their second derivatives
ONTO_STEPS = 8  # of Newton's method onto equations
WIDER = 0.1  # by how much of their sizes bounds that others set are widened for searches
CLEAR_EIGENVALUE = 1e-9  # of the largest entry: what rounding cannot have made positive


class Program:
    """The complementarity problem of a game.

    Parameters
    ----------
    game : Continuous

    Attributes
    ----------
    game : Continuous
    lower, upper : (m,) arrays
        Bounds of the unknowns, the n strategies first.
    owner : (n,) int array
        The group that decides each strategy.
    count : (G,) int array
        How many players each group has.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> Program(game).residual(np.array([[3.0, 3.0]])).tolist()
    [[0.0, 0.0]]
    """

    def __init__(self, game: Continuous) -> None:
        self.game, self.groups = game, game.groups
        self.code = compiled(Shape.of(game))
        bounds, totals, owner = [], [], []
        for g, group in enumerate(self.groups):
            given = game.given(group.player)
            bounds += [[*ends] for ends in game.bounds(group.player)]
            owner += [g] * len(group.player.strategies)
            if group.player.total is not None:
                totals.append(value_of(group.player.total, given))
        self.owner, self.count = np.array(owner), np.array([group.count for group in self.groups])
        self.values = self.code.symbols.values(game, self.groups)
        self.totals = np.array(totals)
        self.n = len(owner)
        code = self.code
        rest = [(0.0, 1.0)] * code.kinks + [(-np.inf, np.inf)] * len(totals)
        rest += [(-np.inf if equal else 0.0, np.inf) for equal in itertools.chain(*code.equal_own)]
        rest += [(-np.inf if equal else 0.0, np.inf) for equal in code.equal]
        self.lower, self.upper = np.array([*bounds, *rest], dtype=float).T
        self.m = len(self.lower)
        self.own = [np.flatnonzero(self.owner == g) for g in range(len(self.groups))]
        lists = [own for group in self.groups for own in game.values(group.player)]
        self.listed = [None if own is None else np.array(own) for own in lists]
        if any(code.equal_own):
            self._box()

    def _box(self) -> None:
        """Finite bounds in place of those that others set, from what these are at random."""
        low, high = self.lower[: self.n], self.upper[: self.n]
        random = np.random.default_rng(0)
        for g, moving in self.code.moving:
            left = np.where(np.isfinite(low), low, np.minimum(high - 1, 0.0))
            right = np.where(np.isfinite(high), high, np.maximum(left + 1, 1.0))
            ends = random.integers(0, 2, (self.n, 256)) * 1.0
            x = (
                left[:, None]
                + np.hstack([ends, random.random((self.n, 256))]) * (right - left)[:, None]
            )
            for k, side, function in moving:
                at, seen = self.own[g][k], self._valued(function, g, x[self.own[g]].T, x)
                seen = seen[np.isfinite(seen)]
                if len(seen):
                    room = WIDER * (float(np.ptp(seen)) + np.abs(seen).max())
                    bounds = self.lower if side == 0 else self.upper
                    bounds[at] = seen.min() - room if side == 0 else seen.max() + room
            low, high = self.lower[: self.n], self.upper[: self.n]

    def residual(self, z: Array) -> Array:
        """(B, m) F of B points z (B, m)."""
        f = self._evaluated(self.code.residual, z)
        if len(self.totals):
            rows = slice(self.n + self.code.kinks, self.n + self.code.kinks + len(self.totals))
            f[:, rows] -= self.totals
        for g in self.code.numeric:
            f[:, self.own[g]] -= self._gradient(g, z[:, : self.n])
        return f

    def jacobian(self, z: Array) -> tuple[Array, Array]:
        """(B, m, m) derivatives of F in a player's own choice, and in all others' and the rest."""
        code: Compiled = self.code
        parts = [self._matrix(slopes, z, self.m, self.m) for slopes in (code.own, code.rest)]
        if count := len(code.formulas.totals):
            by, of = code.by_totals, code.of_totals
            parts[1] += self._matrix(by, z, self.m, count) @ self._matrix(of, z, count, self.m)
        for g in code.numeric:
            mine = self.own[g]
            for k in range(self.n):
                slope = self._second(g, z[:, : self.n], k)
                parts[0 if self.owner[k] == g else 1][:, mine, k] -= slope
        return parts[0], parts[1]

    def by_totals(self, z: Array) -> tuple[Array, Array, Array]:
        """Derivatives of F where players meet in K totals alone.

        Returns
        -------
        (B, m) array
            Of each F in its own unknown, totals held.
        (B, m, K) array
            Of each F in the totals.
        (B, K, m) array
            Of the totals.
        """
        code, count = self.code, len(self.code.formulas.totals)
        alone = np.zeros((len(z), self.m))
        for slopes in (code.own, code.rest):
            if slopes.places:
                alone[:, [row for row, _ in slopes.places]] += self._evaluated(slopes.function, z)
        by = self._matrix(code.by_totals, z, self.m, count)
        return alone, by, self._matrix(code.of_totals, z, count, self.m)

    def _matrix(self, slopes: Slopes, z: Array, rows: int, columns: int) -> Array:
        """(B, rows, columns) some derivatives."""
        part = np.zeros((len(z), rows, columns))
        if slopes.places:
            at, to = (list(ends) for ends in zip(*slopes.places, strict=True))
            part[:, at, to] = self._evaluated(slopes.function, z)
        return part

    def derivative(self, z: Array) -> Array:
        """(B, m, m) derivative of F."""
        own, rest = self.jacobian(z)
        with np.errstate(invalid="ignore"):
            return own + rest

    def payoff(self, g: int, own: Array, x: Array) -> Array:
        """(B,) payoff of a player of group g that chooses ``own`` (B, s) where x (n,) is played.

        x may be (n, B) too, for B points.
        """
        if g in self.code.numeric:
            return np.array([self._called(g, row, x) for row in own])
        return self._valued(self.code.payoffs[g], g, own, x)

    def slack(self, g: int, own: Array, x: Array) -> Array:
        """(B, K) constraints at such a deviation, shared ones first; not negative where met.

        Of an equation, less how far it is from being met.
        """
        equal, found = [*self.code.equal, *self.code.equal_own[g]], self.gaps(g, own, x)
        return np.where(equal, -np.abs(found), found) if equal else found

    def gaps(self, g: int, own: Array, x: Array) -> Array:
        """(B, K) by how much what binds from above is more than what is bound, of equations too."""
        values = [self._valued(function, g, own, x) for function in self.code.slacks[g]]
        return np.stack(values, axis=1) if values else np.zeros((len(own), 0))

    @property
    def discrete(self) -> bool:
        """Whether a strategy has a list of values."""
        return any(own is not None for own in self.listed)

    def choices(self, g: int) -> Array:
        """(C, s) every choice of a player's listed values, nan where its strategies are real."""
        known = (self.listed[k] for k in self.own[g])
        lists = [[np.nan] if values is None else values.tolist() for values in known]
        return np.array([*itertools.product(*lists)])

    def snapped(self, own: Array, g: int) -> Array:
        """(B, s) strategies of a player, listed ones at the nearest of their values."""
        if all(self.listed[k] is None for k in self.own[g]):
            return own
        own = own.copy()
        for column, k in enumerate(self.own[g].tolist()):
            if (values := self.listed[k]) is not None:
                middles = (values[1:] + values[:-1]) / 2
                own[:, column] = values[np.searchsorted(middles, own[:, column])]
        return own

    @property
    def bound(self) -> bool:
        """Whether there are constraints, shared or of one player."""
        return bool(self.code.shared or any(self.code.equal_own))

    def free(self, x: Array, room: float) -> bool:
        """Whether every constraint leaves some room where x (n,) is played."""
        return all((self.slack(g, x[None, m], x) > room).all() for g, m in enumerate(self.own))

    def onto(self, g: int, own: Array, x: Array) -> Array:
        """(B, s) strategies moved onto the equations that bind them, as far as bounds let them."""
        equal = np.array([*self.code.equal, *self.code.equal_own[g]], dtype=bool)
        if not equal.any():
            return own
        functions = [f for f, e in zip(self.code.slacks[g], equal, strict=True) if e]
        low, high = self.lower[self.own[g]], self.upper[self.own[g]]
        for _ in range(ONTO_STEPS):
            for function in functions:
                here = self._valued(function, g, own, x)
                slopes = []
                for k in range(own.shape[1]):
                    step = DIFFERENCE_STEP * (1 + np.abs(own[:, k]))
                    moved = own.copy()
                    moved[:, k] += step
                    back = own.copy()
                    back[:, k] -= step
                    rise = self._valued(function, g, moved, x) - self._valued(function, g, back, x)
                    free = (own[:, k] > low[k]) | (rise * here < 0)
                    free &= (own[:, k] < high[k]) | (rise * here > 0)
                    slopes.append(np.where(free, rise / (2 * step), 0.0))
                slope = np.stack(slopes, axis=1)
                size = np.maximum((slope**2).sum(axis=1), 1e-300)
                with np.errstate(all="ignore"):
                    shift = np.where(here != 0, here / size, 0.0)[:, None] * slope
                own = np.clip(np.where(np.isfinite(shift), own - shift, own), low, high)
        return own

    def breaks(self, g: int, k: int, at: float, x: Array) -> Array:
        """Gaps of the conditions in a player's payoff, where its k-th strategy is moved."""
        own = x[self.own[g]][None].copy()
        own[0, k] = at
        return np.array([self._valued(gap, g, own, x)[0] for gap in self.code.breaks[g]])

    def payoffs(self, x: Array) -> Array:
        """(G,) payoff of a player of each group where x (n,) is played."""
        return np.array([self.payoff(g, x[None, mine], x)[0] for g, mine in enumerate(self.own)])

    def slacks(self, x: Array) -> Array:
        """(K,) shared constraints where x (n,) is played; not negative where they are met."""
        found: Array = self.slack(0, x[None, self.own[0]], x)[0, : self.code.shared]
        return found

    def monotone(self) -> bool:
        """Whether payoffs are quadratic in reals, constraints linear, and F strictly monotone.

        A game that is so has one equilibrium at common prices: with quadratic payoffs that are
        diagonally strictly concave (Rosen, Econometrica 33, 1965, theorems 4 and 6). Copies of a
        player count each: what they do is what they do alike, and what they do apart.
        """
        alone = any(self.code.equal_own) or self.discrete
        if not self.code.affine or not self.n or alone:
            return False
        own, rest = (part[0, : self.n, : self.n] for part in self.jacobian(np.zeros((1, self.m))))
        if not np.isfinite(own + rest).all():
            return False
        copies = self.count[self.owner]
        together = (own + rest) * np.sqrt(copies[:, None] / copies)  # where copies move alike
        among = np.where(self.owner[:, None] == self.owner, rest / np.maximum(copies - 1, 1), 0.0)
        apart = (own - among)[copies > 1][:, copies > 1]  # where one copy moves against another
        size = np.abs(own + rest).max()
        return all(
            np.linalg.eigvalsh((part + part.T) / 2).min(initial=np.inf) > CLEAR_EIGENVALUE * size
            for part in (together, apart)
        )

    def total(self, g: int) -> float | None:
        """What the strategies of a group's player add up to, if anything."""
        having = [k for k, group in enumerate(self.groups) if group.player.total is not None]
        return float(self.totals[having.index(g)]) if g in having else None

    def _valued(self, function: Function, g: int, own: Array, x: Array) -> Array:
        at = [*x] if x.ndim > 1 else [*x.tolist()]
        chosen = at.copy()
        for column, k in zip(own.T, self.own[g], strict=True):
            chosen[k] = column
        found = function([*chosen, *at, *self.values, *self._totals(at, x.shape[1:])], len(own))[0]
        return np.broadcast_to(np.asarray(found, dtype=float), (len(own),))

    def _evaluated(self, function: Function, z: Array) -> Array:
        """(B, k) the k values of a function at B points, constant ones repeated."""
        columns = list(z.T)
        chosen = columns[: self.n]
        totals = self._totals(chosen, z.shape[:1])
        values = function([*chosen, *columns, *self.values, *totals], len(z))
        found = np.empty((len(values), len(z)))
        for row, value in zip(found, values, strict=True):
            row[:] = value
        return found.T

    def _totals(self, at: Sequence[Any], shape: tuple[int, ...] = ()) -> list[Any]:
        """Totals that have symbols, where strategies are these."""
        if not self.code.formulas.totals:
            return []
        return self.code.totals([*at, *at, *self.values], *shape)

    # payoffs given as functions: differences

    def _called(self, g: int, own: Array, x: Array) -> float:
        whole = x.copy()
        whole[self.own[g]] = own
        parts = {
            group.name: whole[mine] if len(mine) > 1 else float(whole[mine[0]])
            for group, mine in zip(self.groups, self.own, strict=True)
        }
        return float(self.groups[g].player.payoff(parts))

    def _sides(self, x: Array, k: int, width: float) -> tuple[Array, Array]:
        """Points a little to the left and right of x in coordinate k, within bounds."""
        step = width * max(1.0, float(np.abs(x[k])))
        left, right = x.copy(), x.copy()
        left[k] = max(x[k] - step, self.lower[k])
        right[k] = min(x[k] + step, self.upper[k])
        return left, right

    def _slopes(self, g: int, x: Array, width: float) -> Array:
        slopes = []
        for k in self.own[g].tolist():
            left, right = self._sides(x, k, width)
            ends = [self._called(g, point[self.own[g]], point) for point in (left, right)]
            slopes.append((ends[1] - ends[0]) / (right[k] - left[k] or np.inf))
        return np.array(slopes)

    def _gradient(self, g: int, x: Array) -> Array:
        return np.array([self._slopes(g, row, DIFFERENCE_STEP) for row in x])

    def _second(self, g: int, x: Array, k: int) -> Array:
        found = []
        for row in x:
            left, right = self._sides(row, k, SECOND_DIFFERENCE_STEP)
            rise = self._slopes(g, right, SECOND_DIFFERENCE_STEP) - self._slopes(
                g, left, SECOND_DIFFERENCE_STEP
            )
            found.append(rise / (right[k] - left[k] or np.inf))
        return np.array(found)

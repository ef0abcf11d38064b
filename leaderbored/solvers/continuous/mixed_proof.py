r"""Proof of an equilibrium in which players with one strategy each mix among few points.

Each player g plays points :math:`x_{gk}` with probabilities :math:`p_{gk}`, and all pay alike: with
:math:`\varphi_g(x)` what x pays against the others' laws,

.. math:: \varphi_g(x_{gk}) = \varphi_g(x_{g0}), \qquad \sum_k p_{gk} = 1, \qquad
          \varphi_g'(x_{gk}) = 0 \ \text{between the bounds}.

These are as many equations as unknowns, and put to Krawczyk's test
(:mod:`leaderbored.solvers.numerics.krawczyk`), the formulas and their derivatives carried in balls.
That nothing else pays more is shown over pieces of the range, as for pure strategies
(:mod:`leaderbored.solvers.continuous.proof`): about a point between the bounds :math:`\varphi''` is
below zero, next to one at a bound :math:`\varphi'` points to it, and elsewhere :math:`\varphi` is
below what is played.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from flint import arb, ctx

from leaderbored.late import late
from leaderbored.solvers.budget import LATE, checkpoint, spared
from leaderbored.solvers.continuous.laws import Law
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.numerics.balls import Balls, everywhere
from leaderbored.solvers.numerics.krawczyk import (
    FOLD,
    NEAR,
    UnprovedError,
    approximate_inverse,
    only_zero,
)
from leaderbored.solvers.numerics.outward import Entries
from leaderbored.solvers.proof import Proof, unproved

sympy = late("sympy")

BITS = 128
PROFILES = 400  # of points of all players, at most
APART = (1e-3, 0.03)  # of the range: how far apart points are that may be one
FARTHEST, NEAREST = (
    0.3,
    1e-15,
)  # of a step of Newton's method, in units: one that leads nowhere, and the last
AT_BOUND = 1e-6  # of the range: how close to a bound a point is taken to stand there
STEPS = 8  # of Newton's method
PIECES, FIRST = 2000, 32  # of a player's range that are looked at, and at first
MANY = f"points of all players make more than {PROFILES} profiles"
ALONE = "mixed strategies are enclosed of players that decide one number each"
HIGHER = "it is not shown that no other strategy of {} pays more"
OUTSIDE = "a point may lie beyond its bounds within the box"
PLAYED = "a point may be played with probability zero within the box"


def prove_mixed(program: Program, laws: Sequence[Law]) -> Proof:
    """Prove that an equilibrium in mixed strategies is next to a computed one, or say why not.

    Parameters
    ----------
    program : Program
        Without constraints that players share.
    laws : sequence of G Law

    Returns
    -------
    Proof
        Distances are of points, relative to the player's range, and of probabilities; ``unique`` is
        one among equilibria in which each player mixes among so many points, the same ones of them
        at bounds.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "(x - y)**2"),
    ...                       Player("B", {"y": [0, 1]}, "-(x - y)**2")])
    >>> laws = [Law(np.array([[0.0], [1.0]]), np.full(2, 0.5)), Law(np.array([[0.5]]), np.ones(1))]
    >>> proof = prove_mixed(Program(game), laws)
    >>> proof.holds, proof.radius < 1e-15, proof.of
    (True, True, 'equilibrium')
    """
    if reason := _refusal(program) or _many(laws):
        return unproved(reason)

    def found() -> Proof:
        with ctx.workprec(BITS):
            try:
                return _Mixing(program, laws).prove()
            except UnprovedError as why:
                return unproved(str(why))

    return spared(found, unproved(LATE))


def sharpened(program: Program, laws: Sequence[Law]) -> Iterator[list[Law]]:
    """Laws to which Newton's steps lead, after points that are next to each other are made one.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "(x - y)**2"),
    ...                       Player("B", {"y": [0, 1]}, "-(x - y)**2")])
    >>> rough = Law(np.array([[0.49999], [0.50001]]), np.full(2, 0.5))
    >>> ends = Law(np.array([[0.0], [1.0]]), np.array([0.500001, 0.499999]))
    >>> [law.points.ravel().tolist() for law in next(sharpened(Program(game), [ends, rough]))]
    [[0.0, 1.0], [0.5]]
    """
    for apart in () if _refusal(program) else APART:
        merged = [_merged(program, g, law, apart) for g, law in enumerate(laws)]
        if _many(merged):
            continue
        with ctx.workprec(BITS):
            try:
                found = _Mixing(program, merged).near()
            except UnprovedError:
                continue
        if found is not None:
            yield found


def _refusal(program: Program) -> str:
    """Why nothing is proved of a game; empty if something may be."""
    code = program.code
    if program.discrete:
        return "strategies are picked from lists"
    if code.jumps or any(code.breaks):
        return "a payoff may jump, of which no derivative knows"
    if code.numeric:
        return "a payoff is a function of which no formula is known"
    if any(len(mine) > 1 for mine in program.own) or len(program.totals) or program.bound:
        return ALONE
    return ""


def _many(laws: Sequence[Law]) -> str:
    """That there are too many profiles; empty if there are not."""
    return MANY if np.prod([float(len(law.weights)) for law in laws]) > PROFILES else ""


def _merged(program: Program, g: int, law: Law, apart: float) -> Law:
    """Points within a part of the range made one, those next to a bound set there."""
    k = program.own[g][0]
    low, high = program.lower[k], program.upper[k]
    order = law.points.ravel().argsort()
    points, weights = law.points.ravel()[order], law.weights[order]
    starts = np.flatnonzero(np.diff(points, prepend=-np.inf) > apart * (high - low))
    mass = np.add.reduceat(weights, starts)
    means = np.add.reduceat(points * weights, starts) / mass
    for end in (low, high):
        means = np.where(np.abs(means - end) <= apart * (high - low), end, means)
    return Law(means[:, None], mass / mass.sum())


class _Mixing:
    """The equations, their derivatives and the payoffs, over boxes around computed laws."""

    def __init__(self, program: Program, laws: Sequence[Law]) -> None:
        self.program, self.players = program, range(len(laws))
        forms = program.code.formulas
        self.given = dict(zip(forms.parameters, program.values, strict=True))
        self.own = [forms.chosen[mine[0]] for mine in program.own]
        played = dict(zip(forms.unknowns, forms.chosen, strict=False))
        kinks = sympy.Max, sympy.Min, sympy.Abs
        self.bare = [payoff.subs(forms.totals).subs(played) for payoff in forms.payoffs]
        self.payoffs = [u.rewrite(sympy.Piecewise) if u.has(*kinks) else u for u in self.bare]
        self.slopes = [sympy.diff(u, x) for u, x in zip(self.payoffs, self.own, strict=True)]
        bounds = [program.game.bounds(group.player)[0] for group in program.groups]
        self.ends = [(float(low), float(high)) for low, high in bounds]
        self.points = [law.points.ravel().tolist() for law in laws]
        self.inside = [[self._inside(g, x) for x in own] for g, own in enumerate(self.points)]
        self.start, self.units, self.moved = list[float](), list[float](), 0.0
        self.place: dict[tuple[str, int, int], int] = {}
        for g, law in enumerate(laws):
            low, high = self.ends[g]
            for k, (x, p) in enumerate(zip(self.points[g], law.weights.tolist(), strict=True)):
                if self.inside[g][k]:
                    self._add("point", g, k, x, high - low)
                else:
                    self.points[g][k] = end = low if 2 * x < low + high else high
                    self.moved = max(self.moved, abs(end - x) / (high - low))
                self._add("chance", g, k, p, 1.0)

    def _add(self, what: str, g: int, k: int, x: float, unit: float) -> None:
        self.place[what, g, k] = len(self.start)
        self.start.append(x)
        self.units.append(unit)

    def _inside(self, g: int, x: float) -> bool:
        low, high = self.ends[g]
        return min(x - low, high - x) > AT_BOUND * (high - low)

    def prove(self) -> Proof:
        """Look for a box in which there is one, and for better strategies outside."""
        exact = [arb(x) for x in self.start]
        inverse = approximate_inverse(self._slopes(exact, 0.0), len(exact))
        if inverse is None:
            raise UnprovedError(FOLD)
        found = only_zero(inverse, self.start, self.units, self._errors, self._slopes)
        away = max(found.moved + found.reach, self.moved)
        if not away < NEAR:
            raise UnprovedError(f"this is no solution: the nearest is {away:.0e} away")
        for (what, g, _), at in self.place.items():
            low, high = self.ends[g]
            if what == "point" and not low < found.box[at] < high:
                raise UnprovedError(OUTSIDE)
        for g in self.players:
            if not self._highest(found.box, g):
                raise UnprovedError(HIGHER.format(self.program.groups[g].name))
        return Proof(True, away, found.unique, 0, "")

    def near(self) -> list[Law] | None:
        """What Newton's steps lead to, if these are laws."""
        z = np.array(self.start)
        for _ in range(STEPS):
            exact = [arb(x) for x in z.tolist()]
            inverse = approximate_inverse(self._slopes(exact, 0.0), len(exact))
            if inverse is None:
                return None
            step = inverse @ np.array([float(miss.mid()) for miss in self._errors(exact)])
            z, size = z - step, float((np.abs(step) / self.units).max())
            if not size < FARTHEST:
                return None
            if size < NEAREST:
                break
        laws = []
        for g in self.players:
            low, high = self.ends[g]
            places = [self.place.get(("point", g, k)) for k in range(len(self.points[g]))]
            points = [
                x if at is None else float(z[at])
                for x, at in zip(self.points[g], places, strict=True)
            ]
            chances = z[self._chances(g)]
            if not (all(low <= x <= high for x in points) and (chances > 0).all()):
                return None
            laws.append(Law(np.array(points)[:, None], chances / chances.sum()))
        return laws

    # --- payoffs against the others' laws

    def _point(self, z: list[Any], g: int, k: int) -> Any:
        at = self.place.get(("point", g, k))
        return arb(self.points[g][k]) if at is None else z[at]

    def _rivals(self, z: list[Any], g: int, x: Any) -> Iterator[tuple[dict[int, int], Any, Balls]]:
        """What each of the others plays, its chance, and formulas where player g plays x."""
        others = [h for h in self.players if h != g]
        for played in product(*(range(len(self.points[h])) for h in others)):
            which, chance = dict(zip(others, played, strict=True)), arb(1)
            known = {**self.given, self.own[g]: x}
            for h, m in which.items():
                chance *= z[self.place["chance", h, m]]
                known[self.own[h]] = self._point(z, h, m)
            yield which, chance, Balls(known)

    def _sum(self, z: list[Any], g: int, x: Any, formulas: Sequence[Any]) -> list[Any]:
        """What formulas are on average where player g plays x."""
        found = [arb(0)] * len(formulas)
        for _, chance, balls in self._rivals(z, g, x):
            found = [a + chance * balls.finite(f) for a, f in zip(found, formulas, strict=True)]
        return found

    def _rows(self) -> Iterator[tuple[int, int, int, int, Any]]:
        """Of all rows but one of each player: player, point, sign and the formula averaged there.

        A point pays as much as the player's first one; between the bounds it has no slope.
        """
        for g in self.players:
            for k in range(len(self.points[g])):
                if k:
                    yield self.place["chance", g, k], g, k, 1, self.payoffs[g]
                    yield self.place["chance", g, k], g, 0, -1, self.payoffs[g]
                if self.inside[g][k]:
                    yield self.place["point", g, k], g, k, 1, self.slopes[g]

    def _errors(self, z: list[Any]) -> list[Any]:
        found = [arb(0)] * len(z)
        for row, g, k, sign, formula in self._rows():
            found[row] += sign * self._sum(z, g, self._point(z, g, k), [formula])[0]
        for g in self.players:
            first, *others = (z[at] for at in self._chances(g))
            found[self.place["chance", g, 0]] = sum(others, first - 1)
        return found

    def _slopes(self, z: list[Any], radius: float) -> Entries:
        """Derivatives over a box in which all points are played."""
        checkpoint()
        chances = [z[at] for g in self.players for at in self._chances(g)]
        if radius and not all(chance > 0 for chance in chances):
            raise UnprovedError(PLAYED)
        matrix: Entries = defaultdict(lambda: arb(0))
        for row, g, k, sign, formula in self._rows():
            here = self.place.get(("point", g, k))
            for which, chance, balls in self._rivals(z, g, self._point(z, g, k)):
                if here is not None:
                    matrix[row, here] += sign * chance * self._slope(balls, formula, g)
                for h, m in which.items():
                    rest = arb(sign)
                    for other, n in which.items():
                        rest *= z[self.place["chance", other, n]] if other != h else 1
                    matrix[row, self.place["chance", h, m]] += rest * balls.finite(formula)
                    if (there := self.place.get(("point", h, m))) is not None:
                        matrix[row, there] += sign * chance * self._slope(balls, formula, h)
        for g in self.players:
            for at in self._chances(g):
                matrix[self.place["chance", g, 0], at] += 1
        return matrix

    def _chances(self, g: int) -> list[int]:
        return [self.place["chance", g, k] for k in range(len(self.points[g]))]

    def _slope(self, balls: Balls, formula: Any, g: int) -> Any:
        return balls.finite(sympy.diff(formula, self.own[g]))

    # --- whether nothing else pays more

    def _highest(self, z: list[Any], g: int) -> bool:
        """Whether no strategy in a player's range pays more than those that it plays."""
        (worth,) = self._sum(z, g, self._point(z, g, 0), [self.payoffs[g]])
        low, high = (arb(end) for end in self.ends[g])

        def below(piece: Any) -> bool:
            return self._below(z, g, piece, worth) or self._falls(z, g, piece)

        return everywhere(low, high, below, FIRST, PIECES)

    def _below(self, z: list[Any], g: int, piece: Any, worth: Any) -> bool:
        """Whether all of a piece pays less than what is played."""
        try:
            (paid,) = self._sum(z, g, piece, [self.bare[g]])
            if paid < worth:
                return True
            (middle,) = self._sum(z, g, piece.mid(), [self.bare[g]])
            (slope,) = self._sum(z, g, piece, [self.slopes[g]])
        except UnprovedError:
            return False
        return bool(middle + slope * (piece - piece.mid()) < worth)

    def _falls(self, z: list[Any], g: int, piece: Any) -> bool:
        """Whether payoffs fall away from the point that is next to a piece."""
        around = arb(piece.mid(), 5 * float(piece.rad()))
        for k in range(len(self.points[g])):
            point = self._point(z, g, k)
            if not around.overlaps(point):
                continue
            near = piece.union(point)
            formulas = [self.slopes[g], sympy.diff(self.slopes[g], self.own[g])]
            try:
                slope, bend = self._sum(z, g, near, formulas)
            except UnprovedError:
                return False
            if self.inside[g][k]:
                return bool(bend < 0)
            return bool(slope < 0 if self.points[g][k] == self.ends[g][0] else slope > 0)
        return False

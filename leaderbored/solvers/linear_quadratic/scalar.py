r"""Every equilibrium in linear feedback of a game of one state: exactly, and provably all.

With :math:`s_i = B_i R_i^{-1} B_i'`, :math:`y_i = s_i P_i`, :math:`\kappa_i = s_i \tilde Q_i`
and :math:`-\lambda` the closed loop, the equations of continuous time are

.. math:: y_i^2 = 2 \lambda y_i - \kappa_i, \qquad \lambda = \sum_j y_j - \tilde a .

Hence :math:`\lambda` times a product :math:`y_I` of some of the :math:`y_i` is a linear
combination of such products, and :math:`\lambda` is an eigenvalue of a matrix of :math:`2^N` rows
(Engwerda 2005, section 8.5). In discrete time the closed loop :math:`\alpha` obeys

.. math:: \beta\alpha^2 y_i^2 = (1 - \beta\alpha^2) y_i - \kappa_i, \qquad
          \alpha (1 + \sum_j y_j) = \tilde a, \qquad y_i = \beta s_i P_i,

and likewise. Players with the same :math:`\kappa` need only be counted, not told apart. The
determinant is a polynomial with rational coefficients, whose roots are enclosed in balls
(python-flint; Johansson 2017): none is missed, however close to another it lies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice, product
from math import prod
from typing import Any

import numpy as np
from flint import acb, arb, ctx, fmpq, fmpq_mat, fmpq_poly

from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget, StoppedError

MOST_ROWS = 72  # of the matrix of products
MOST_EQUILIBRIA = 4096
BITS = 400
TINY = fmpq(1, 10**30)  # numbers this small beside the others are beyond that precision


@dataclass(frozen=True)
class Reduced:
    """A game of one state in rational numbers.

    Attributes
    ----------
    continuous : bool
    drift : fmpq
        The tilde a, with the discount rate in it.
    factor : fmpq
        Beta, of discrete time.
    strength : tuple of fmpq
        s, of each player.
    cost : tuple of fmpq
        The tilde Q, of each player.
    """

    continuous: bool
    drift: fmpq
    factor: fmpq
    strength: tuple[fmpq, ...]
    cost: tuple[fmpq, ...]

    @classmethod
    def of(cls, game: LinearQuadratic) -> Reduced:
        """Complete the squares, so that no cost mixes state and controls."""
        strength, cost, drift = [], [], _exact(game.drift)[0, 0]
        for player in game.players:
            b, s, r = map(_exact, (player.control, player.mixed_cost, player.control_cost))
            strength.append((b * r.solve(b.transpose()))[0, 0])
            drift -= (b * r.solve(s.transpose()))[0, 0]
            taken = (s * r.solve(s.transpose()))[0, 0]
            cost.append(_exact(player.state_cost)[0, 0] - taken)
        factor = fmpq(1)
        if game.continuous:
            drift -= _rational(game.discount or 0.0) / 2
        elif game.discount is not None:
            factor = _rational(game.discount)
        return cls(game.continuous, drift, factor, tuple(strength), tuple(cost))

    @property
    def tame(self) -> bool:
        """Whether its numbers are near enough to each other for roots to be told apart."""
        kappas = [abs(s * q) for s, q in zip(self.strength, self.cost, strict=True)]
        square = self.drift * self.drift
        scale = max(square, *kappas, fmpq(0) if self.continuous else fmpq(1))
        near = all(part == 0 or part > TINY * scale for part in (square, *kappas))
        return near and self.factor > TINY and scale * TINY < 1

    @property
    def grows(self) -> bool:
        """Whether the state grows too fast for costs to be finite, if left to itself."""
        if self.continuous:
            return bool(self.drift >= 0)
        return bool(self.drift * self.drift * self.factor >= 1)

    def groups(self) -> list[tuple[fmpq, list[int]]]:
        """Players who move the state, by their kappa."""
        found: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, (s, q) in enumerate(zip(self.strength, self.cost, strict=True)):
            if s != 0:
                kappa = s * q * self.factor
                found[int(kappa.p), int(kappa.q)].append(i)
        return [(fmpq(p, q), members) for (p, q), members in found.items()]


def rows(game: LinearQuadratic) -> int:
    """Number of rows of the matrix that :func:`every_value` needs.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> rows(LinearQuadratic(1.0, [Controller(name, 1.0, 1.0, 1.0) for name in "ABC"]))
    4
    """
    return prod(len(members) + 1 for _, members in Reduced.of(game).groups())


def every_value(game: LinearQuadratic, budget: Budget) -> tuple[list[Array], bool]:
    """(N, 1, 1) values of every equilibrium in stationary linear feedback, and if these are all.

    Parameters
    ----------
    game : LinearQuadratic
        Of one state, without end and without costs of others' controls; constants do not matter.
    budget : Budget

    Raises
    ------
    StoppedError
        If the budget ran out.
    ArithmeticError
        If any closed loop solves the equations, or numbers are of sizes too different.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> game = LinearQuadratic(3.0, [Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> sorted(p.ravel().round(6).tolist() for p in every_value(game, Budget(None))[0])
    [[0.171573, 5.828427], [2.154701, 2.154701], [5.828427, 0.171573]]
    """
    reduced = Reduced.of(game)
    if not reduced.tame:
        raise ArithmeticError("numbers of sizes too different")
    groups = reduced.groups()
    with ctx.workprec(BITS):
        solved = (
            values
            for root in _roots(reduced, groups, budget)
            for values in _values(reduced, groups, root)
        )
        found = list(islice(solved, MOST_EQUILIBRIA + 1))
    if not all(np.isfinite(values).all() for values in found):
        raise ArithmeticError("values beyond floating point")
    if not any(reduced.cost) and reduced.grows:  # the state may be left to itself
        found.insert(0, np.zeros((len(reduced.cost), 1, 1)))
    return found[:MOST_EQUILIBRIA], len(found) <= MOST_EQUILIBRIA


def _exact(matrix: Array) -> fmpq_mat:
    return fmpq_mat([[_rational(entry) for entry in row] for row in matrix.tolist()])


def _rational(number: float) -> fmpq:
    """The number that it prints: 0.1 is one tenth."""
    exact = Fraction(repr(float(number)))
    return fmpq(exact.numerator, exact.denominator)


def _roots(reduced: Reduced, groups: list[tuple[fmpq, list[int]]], budget: Budget) -> Iterator[arb]:
    """Enclosures of every closed loop under which costs are finite; as lambda, or alpha."""
    degree = prod(len(members) + 1 for _, members in groups)
    points = [fmpq(k) for k in range(degree + 1 if reduced.continuous else 2 * degree)]
    heights = []
    for point in points:
        if budget.spent():
            raise StoppedError
        heights.append(_products(reduced, groups, point).det())
    polynomial = _through(points, heights)
    if polynomial.degree() < 0:
        raise ArithmeticError("a continuum of closed loops")
    roots: Any = polynomial.numer().complex_roots()
    for root, _ in roots:
        if root.imag == 0 and _finite(reduced, root):
            yield root.real


def _finite(reduced: Reduced, root: acb) -> bool:
    if reduced.continuous:
        return bool(root.real > 0)
    return bool(root.real**2 * reduced.factor < 1)


def _products(reduced: Reduced, groups: list[tuple[fmpq, list[int]]], at: fmpq) -> fmpq_mat:
    """Coefficients, at a closed loop, of the linear equations for the products of the y."""
    sizes = [len(members) for _, members in groups]
    orbits = list(product(*(range(size + 1) for size in sizes)))
    number = {orbit: k for k, orbit in enumerate(orbits)}
    matrix = fmpq_mat(len(orbits), len(orbits))
    squared = reduced.factor * at * at
    for row, orbit in enumerate(orbits):
        count = sum(orbit)
        if reduced.continuous:
            own, up = at * (1 - 2 * count) + reduced.drift, fmpq(-1)
        elif count:
            own = count + squared * (1 - count) - reduced.factor * at * reduced.drift
            up = squared
        else:
            own, up = at - reduced.drift, at
        matrix[row, row] = own
        for g, (kappa, _) in enumerate(groups):
            more = (*orbit[:g], orbit[g] + 1, *orbit[g + 1 :])
            less = (*orbit[:g], orbit[g] - 1, *orbit[g + 1 :])
            if more in number:
                matrix[row, number[more]] = up * more[g]
            if less in number:
                down = kappa * (sizes[g] - less[g])
                matrix[row, number[less]] = down if reduced.continuous else -down
    return matrix


def _through(points: list[fmpq], heights: list[fmpq]) -> fmpq_poly:
    """The polynomial through points, by divided differences."""
    table = list(heights)
    for order in range(1, len(points)):
        for k in reversed(range(order, len(points))):
            table[k] = (table[k] - table[k - 1]) / (points[k] - points[k - order])
    polynomial = fmpq_poly([0])
    for point, coefficient in zip(reversed(points), reversed(table), strict=True):
        polynomial = polynomial * fmpq_poly([-point, 1]) + coefficient
    return polynomial


def _values(reduced: Reduced, groups: list[tuple[fmpq, list[int]]], root: arb) -> Iterator[Array]:
    """Values of every choice of branches whose sum gives the closed loop."""
    branches = [_branches(reduced, kappa, root) for kappa, _ in groups]
    if not all(branches):
        return
    spread = [
        range(len(members) + 1 if len(pair) == 2 else 1)
        for (_, members), pair in zip(groups, branches, strict=True)
    ]
    for counts in product(*spread):
        total = arb(0)
        for count, (_, members), pair in zip(counts, groups, branches, strict=True):
            total += count * pair[-1] + (len(members) - count) * pair[0]
        gap = total - reduced.drift - root
        if not reduced.continuous:
            gap = root * (1 + total) - reduced.drift
        if gap.contains(0):
            yield from _assigned(reduced, groups, root, branches, counts)


def _branches(reduced: Reduced, kappa: fmpq, root: arb) -> list[arb]:
    """The real y of a player, lower first, at a closed loop."""
    if reduced.continuous:
        square, half, tail = arb(1), root, arb(kappa)
    else:
        square = reduced.factor * root * root
        half, tail = (1 - square) / 2, arb(kappa)
        if square.contains(0):
            return [tail]
    inside = half * half - square * tail
    if inside.contains(0):  # only zero itself is this close: roots of rational polynomials
        return [half / square]
    if inside < 0:
        return []
    upper = half + inside.sqrt()
    return [tail / upper, upper / square]  # the lower as it does not cancel


def _assigned(
    reduced: Reduced,
    groups: list[tuple[fmpq, list[int]]],
    root: arb,
    branches: list[list[arb]],
    counts: tuple[int, ...],
) -> Iterator[Array]:
    """Who of each group takes the upper branch, in every way."""
    flat = 2 * root if reduced.continuous else 1 - reduced.factor * root * root
    base = [cost / flat for cost in reduced.cost]
    choices = [
        combinations(members, count) for (_, members), count in zip(groups, counts, strict=True)
    ]
    for uppers in product(*choices):
        values = list(base)
        for upper, (_, members), pair in zip(uppers, groups, branches, strict=True):
            for i in members:
                y = pair[-1] if i in upper else pair[0]
                values[i] = y / (reduced.strength[i] * reduced.factor)
        yield np.array([float(value) for value in values]).reshape(-1, 1, 1)
